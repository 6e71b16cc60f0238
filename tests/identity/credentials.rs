//! End-to-end: the controls about credentials of IAM users, and about what nobody uses.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_shared::Control;
use fisc_testkit::aws::{
    CredentialUser, FakeAws, Fault, GroupDetail, PolicyDetail, Report, RoleDetail, UserDetail,
};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn start(control: &Control, aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("FISC_LANGUAGE", "en"), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_identity"), aws, &env)
}

fn rule(control: &Control) -> String {
    format!("fisc-{}", control.id)
}

fn run(
    control: &Control,
    aws: &FakeAws,
    lambda: &mut Lambda,
    parameters: &Value,
) -> Result<Value, FunctionError> {
    lambda.invoke(events::scheduled(&aws.config().rule(&rule(control)), parameters))
}

/// What Config holds of a resource: its type, the compliance and the annotation.
fn held(control: &Control, aws: &FakeAws, id: &str) -> [String; 3] {
    let result = aws.config().result(&rule(control), id).expect("a result");
    [result.resource_type, result.compliance, result.annotation.unwrap_or_default()]
}

/// Fails unless Config holds this of a resource, with an annotation that starts so.
fn assert_held(control: &Control, aws: &FakeAws, id: &str, expected: [&str; 3]) {
    let [kind, compliance, annotation] = held(control, aws, id);
    assert_eq!([kind.as_str(), &compliance], expected[..2], "{id}: {annotation}");
    let start = expected[2];
    let fits = if start.is_empty() { annotation.is_empty() } else { annotation.starts_with(start) };
    assert!(fits, "{id}: {annotation}");
}

fn ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * days)
}

/// A time some days ago, as the credential report writes it.
fn date(days: i64) -> String {
    ago(days).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// An id of IAM, which does not show the name.
fn id(prefix: &str, name: &str) -> String {
    format!("{prefix}TESTKIT{name:0>10}")
}

fn user(name: &str) -> UserDetail {
    UserDetail::new(name, &id("AIDA", name))
}

fn row(name: &str, columns: &[(&str, &str)]) -> CredentialUser {
    columns.iter().fold(CredentialUser::user(name), |row, (column, value)| row.set(column, value))
}

/// The root user has old keys and an old password: taken for a user, it would fail everywhere.
fn root() -> CredentialUser {
    CredentialUser::root()
        .set("access_key_1_active", "true")
        .set("access_key_1_last_rotated", "2016-01-01T00:00:00+00:00")
}

/// Runs with each call denied in turn: each ends the run with an error and without a result.
fn assert_denials_end_the_run(control: &Control, actions: &[&str], set: impl Fn(&FakeAws)) {
    for action in actions {
        let aws = aws_for(control);
        set(&aws);
        aws.fault("iam", action, Fault::Denied);
        let error = run(control, &aws, &mut start(control, &aws), &json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{action}");
        assert!(error.message.contains(&format!("iam:{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
    }
}

const REPORT_AND_DETAILS: [&str; 3] =
    ["GenerateCredentialReport", "GetCredentialReport", "GetAccountAuthorizationDetails"];

mod access_keys {
    use super::*;
    use fisc_identity::iam_access_keys::CONTROL;

    const USER: &str = "AWS::IAM::User";

    fn key(number: u8, days: i64) -> [(String, String); 2] {
        [
            (format!("access_key_{number}_active"), "true".to_owned()),
            (format!("access_key_{number}_last_rotated"), date(days)),
        ]
    }

    /// A row with active keys that were made so many days ago.
    fn keys(name: &str, days: &[i64]) -> CredentialUser {
        (1..)
            .zip(days)
            .flat_map(|(number, &days)| key(number, days))
            .fold(CredentialUser::user(name), |row, (column, value)| row.set(&column, &value))
    }

    fn set(aws: &FakeAws) {
        let approved = |name| user(name).tag("fisc:long-term-key-approved", "vendor tool");
        let quarantine = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
        aws.iam().set_report(&[
            root(),
            keys("keyless", &[]),
            keys("unapproved", &[10]),
            keys("approved", &[10]),
            keys("stale", &[91]),
            keys("rotating", &[80, 3]),
            keys("hoarder", &[80, 30]),
            keys("leaked", &[]),
            keys("deleted", &[400]),
        ]);
        aws.iam().set_users(&[
            user("keyless"),
            user("unapproved").tag("team", "ops"),
            approved("approved"),
            approved("stale"),
            approved("rotating"),
            approved("hoarder"),
            user("leaked").policy("arn:aws:iam::aws:policy/ReadOnlyAccess").policy(quarantine),
            user("newcomer"),
        ]);
    }

    #[test]
    fn each_user_reaches_config_under_its_id() {
        let aws = aws_for(&CONTROL);
        let mut lambda = start(&CONTROL, &aws);
        set(&aws);
        aws.iam().page(3).set_report_state(Report::NotPresent).report_takes(1);
        run(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        for (name, compliance, annotation) in [
            ("keyless", "NOT_APPLICABLE", "NO_ACTIVE_KEY"),
            ("unapproved", "NON_COMPLIANT", "LONG_TERM_KEY_ACTIVE: User unapproved has"),
            ("approved", "COMPLIANT", "KEY_APPROVED"),
            ("stale", "NON_COMPLIANT", "KEY_NOT_ROTATED: An access key of user stale is 91 days"),
            ("rotating", "COMPLIANT", "KEY_APPROVED"),
            ("hoarder", "NON_COMPLIANT", "MULTIPLE_ACTIVE_KEYS: User hoarder has two"),
            ("leaked", "NON_COMPLIANT", "KEY_EXPOSED"),
        ] {
            assert_held(&CONTROL, &aws, &id("AIDA", name), [USER, compliance, annotation]);
        }
        // Neither the root user, nor users that only one of the answers knows.
        assert_eq!(aws.config().results(&rule(&CONTROL)).len(), 7);
        let calls = aws.calls_of("GetAccountAuthorizationDetails");
        assert_eq!(calls.len(), 3);
        assert!(calls.iter().all(|call| call.body["Filter.member.1"] == "User"
            && call.body.get("Filter.member.2").is_none()));
        assert_all_needed(&CONTROL, &actions_of(&aws.take_calls()));

        let given = json!({"requireNoLongTermKeys": "false", "maxAccessKeyAgeDays": "180",
            "rotationOverlapDays": "60", "approvedKeyTagKey": "team"});
        run(&CONTROL, &aws, &mut lambda, &given).unwrap();
        for name in ["unapproved", "stale", "hoarder"] {
            assert_held(&CONTROL, &aws, &id("AIDA", name), [USER, "COMPLIANT", ""]);
        }
    }

    #[test]
    fn what_cannot_be_read_fails_the_run_and_writes_nothing() {
        assert_denials_end_the_run(&CONTROL, &REPORT_AND_DETAILS, set);
        let aws = aws_for(&CONTROL);
        set(&aws);
        // The second page of users is denied: the first alone is no result.
        aws.iam().page(5);
        aws.fault("iam", "GetAccountAuthorizationDetails", Fault::Denied.after(1));
        let mut lambda = start(&CONTROL, &aws);
        let error = run(&CONTROL, &aws, &mut lambda, &json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied");
        aws.clear_faults();
        aws.iam().set_report(&[row("approved", &[("access_key_1_active", "true")])]);
        let error = run(&CONTROL, &aws, &mut lambda, &json!({})).unwrap_err();
        assert!(error.message.contains("access_key_1_last_rotated of user approved"));
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}

mod unused_access {
    use super::*;
    use fisc_identity::iam_unused_access::CONTROL;

    fn role(name: &str) -> RoleDetail {
        RoleDetail::new(name, &id("AROA", name))
    }

    fn group(name: &str) -> GroupDetail {
        GroupDetail::new(name, &id("AGPA", name))
    }

    fn policy(name: &str) -> PolicyDetail {
        PolicyDetail::new(name, &id("ANPA", name))
    }

    fn set(aws: &FakeAws) {
        let password = |name, used: &str| {
            let columns = [
                ("password_enabled", "true"),
                ("password_last_changed", "2021-04-01T00:00:00+00:00"),
                ("password_last_used", used),
            ];
            row(name, &columns)
        };
        let rotated = row("rotated", &[("access_key_2_active", "true")])
            .set("access_key_2_last_rotated", &date(20))
            .set("access_key_2_last_used_date", &date(200));
        aws.iam()
            .set_report(&[
                root(),
                password("active", &date(5)),
                password("idle", &date(91)),
                password("never", "no_information"),
                password("newhire", "no_information"),
                rotated,
                row("bare", &[]),
            ])
            .set_users(&[
                user("active").group("ops"),
                user("idle"),
                user("never"),
                user("newhire").created(ago(3)),
                user("rotated"),
                user("bare"),
            ])
            .set_roles(&[
                role("app").last_used(ago(1)),
                role("old").last_used(ago(91)),
                role("forgotten").path("/batch/"),
                role("fresh").created(ago(10)),
                role("dr").path("/dr/"),
                role("linked").path("/aws-service-role/config.amazonaws.com/"),
                role("sso").path("/aws-reserved/sso.amazonaws.com/"),
            ])
            .set_groups(&[group("ops"), group("empty"), group("planned").created(ago(30 - 1))])
            .set_policies(&[
                policy("used").attached(2),
                policy("boundary").bounds(1),
                policy("loose"),
                policy("draft").updated(ago(5)),
            ]);
    }

    #[test]
    fn each_identity_reaches_config_under_its_id() {
        let aws = aws_for(&CONTROL);
        let mut lambda = start(&CONTROL, &aws);
        set(&aws);
        // Pages end within one kind of identity and the next.
        aws.iam().page(8).set_report_state(Report::Expired);
        let given = json!({"excludedRolePathPrefixes": "/aws-reserved/,/dr/"});
        run(&CONTROL, &aws, &mut lambda, &given).unwrap();
        for (prefix, kind, results) in [
            (
                "AIDA",
                "AWS::IAM::User",
                &[
                    ("active", "COMPLIANT", ""),
                    ("idle", "NON_COMPLIANT", "USER_CREDENTIAL_UNUSED: Unused credentials of user"),
                    ("never", "NON_COMPLIANT", "USER_CREDENTIAL_UNUSED"),
                    ("newhire", "NOT_APPLICABLE", "YOUNGER_THAN_WINDOW"),
                    ("rotated", "COMPLIANT", ""),
                    ("bare", "NOT_APPLICABLE", "NO_ENABLED_CREDENTIAL"),
                ][..],
            ),
            (
                "AROA",
                "AWS::IAM::Role",
                &[
                    ("app", "COMPLIANT", ""),
                    ("old", "NON_COMPLIANT", "ROLE_UNUSED: Role old was last used 91 days ago"),
                    ("forgotten", "NON_COMPLIANT", "ROLE_UNUSED: Role forgotten was not used"),
                    ("fresh", "NOT_APPLICABLE", "YOUNGER_THAN_WINDOW"),
                    ("dr", "NOT_APPLICABLE", "ROLE_PATH_EXCLUDED"),
                    ("linked", "NOT_APPLICABLE", "SERVICE_LINKED_ROLE"),
                    ("sso", "NOT_APPLICABLE", "ROLE_PATH_EXCLUDED"),
                ],
            ),
            (
                "AGPA",
                "AWS::IAM::Group",
                &[
                    ("ops", "COMPLIANT", ""),
                    ("empty", "NON_COMPLIANT", "GROUP_EMPTY"),
                    ("planned", "COMPLIANT", "WITHIN_GRACE"),
                ],
            ),
            (
                "ANPA",
                "AWS::IAM::Policy",
                &[
                    ("used", "COMPLIANT", ""),
                    ("boundary", "COMPLIANT", ""),
                    ("loose", "NON_COMPLIANT", "POLICY_UNATTACHED: Policy loose"),
                    ("draft", "COMPLIANT", "WITHIN_GRACE"),
                ],
            ),
        ] {
            for &(name, compliance, annotation) in results {
                assert_held(&CONTROL, &aws, &id(prefix, name), [kind, compliance, annotation]);
            }
        }
        assert_eq!(aws.config().results(&rule(&CONTROL)).len(), 20);
        let calls = aws.calls_of("GetAccountAuthorizationDetails");
        assert_eq!(calls.len(), 3);
        let filters = ["User", "Role", "Group", "LocalManagedPolicy"];
        for (number, filter) in (1..).zip(filters) {
            assert_eq!(calls[0].body[format!("Filter.member.{number}")], filter);
        }
        assert_all_needed(&CONTROL, &actions_of(&aws.take_calls()));

        // By default the path of disaster recovery is not excluded; what is gone is said to be.
        aws.iam().set_groups(&[]);
        run(&CONTROL, &aws, &mut lambda, &json!({"maxRoleUnusedDays": 400})).unwrap();
        let gone = ["AWS::IAM::Group", "NOT_APPLICABLE", "RESOURCE_GONE"];
        assert_held(&CONTROL, &aws, &id("AGPA", "empty"), gone);
        let role = |name: &str| held(&CONTROL, &aws, &id("AROA", name))[1].clone();
        assert_eq!((role("dr"), role("old")), ("NON_COMPLIANT".into(), "COMPLIANT".into()));
    }

    #[test]
    fn what_cannot_be_read_fails_the_run_and_writes_nothing() {
        assert_denials_end_the_run(&CONTROL, &REPORT_AND_DETAILS, set);
        let aws = aws_for(&CONTROL);
        set(&aws);
        let mut lambda = start(&CONTROL, &aws);
        for (given, part) in [
            (json!({"maxRoleUnusedDays": 500}), "\"maxRoleUnusedDays\""),
            (json!({"checkServicePermissions": true}), "\"checkServicePermissions\""),
        ] {
            let error = run(&CONTROL, &aws, &mut lambda, &given).unwrap_err();
            assert_eq!(error.error_type, "WrongParameter");
            assert!(error.message.contains(part), "{}", error.message);
        }
        let unclear = row("idle", &[("password_enabled", "true"), ("password_last_used", "?")]);
        aws.iam().set_report(&[unclear]);
        let error = run(&CONTROL, &aws, &mut lambda, &json!({})).unwrap_err();
        assert!(error.message.contains("a date in password_last_used"), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}

mod password_policy {
    use super::*;
    use fisc_identity::iam_password_policy::CONTROL;
    use fisc_testkit::aws::ACCOUNT;

    const STRONG: &[(&str, &str)] = &[
        ("MinimumPasswordLength", "14"),
        ("RequireSymbols", "true"),
        ("RequireNumbers", "true"),
        ("RequireUppercaseCharacters", "true"),
        ("RequireLowercaseCharacters", "true"),
        ("AllowUsersToChangePassword", "true"),
        ("ExpirePasswords", "true"),
        ("MaxPasswordAge", "90"),
        ("PasswordReusePrevention", "24"),
        ("HardExpiry", "false"),
    ];
    /// What IAM answers of a policy that was set without any options.
    const WEAK: &[(&str, &str)] = &[
        ("MinimumPasswordLength", "6"),
        ("RequireSymbols", "false"),
        ("RequireNumbers", "false"),
        ("RequireUppercaseCharacters", "false"),
        ("RequireLowercaseCharacters", "false"),
        ("AllowUsersToChangePassword", "false"),
        ("ExpirePasswords", "false"),
    ];

    fn password(name: &str, changed: Timestamp) -> CredentialUser {
        let changed = changed.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
        row(name, &[("password_enabled", "true"), ("password_last_changed", &changed)])
    }

    fn set(aws: &FakeAws) {
        let issued = ago(30);
        aws.iam()
            .set_password_policy(Some(STRONG))
            .set_report(&[
                root().set("password_enabled", "true"),
                password("own", ago(20)),
                password("initial", issued),
                password("forced", issued),
                password("lately", ago(0)),
                password("gone", issued),
                row("machine", &[]),
            ])
            .set_users(&["own", "initial", "forced", "lately", "gone", "machine"].map(user));
        aws.iam()
            .set_login_profile("own", issued, false)
            .set_login_profile("initial", issued, false)
            .set_login_profile("forced", issued, true)
            .set_login_profile("lately", ago(0), false);
    }

    fn account(aws: &FakeAws, expected: [&str; 2]) {
        let [compliance, annotation] = expected;
        assert_held(&CONTROL, aws, ACCOUNT, ["AWS::::Account", compliance, annotation]);
    }

    #[test]
    fn the_account_and_its_users_reach_config() {
        let aws = aws_for(&CONTROL);
        let mut lambda = start(&CONTROL, &aws);
        set(&aws);
        aws.iam().page(4).set_report_state(Report::NotPresent);
        run(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        account(&aws, ["COMPLIANT", ""]);
        for (name, compliance, annotation) in [
            ("own", "COMPLIANT", ""),
            ("initial", "NON_COMPLIANT", "INITIAL_PASSWORD_NOT_CHANGED: User initial still has"),
            ("forced", "COMPLIANT", "PASSWORD_RESET_REQUIRED"),
            ("lately", "COMPLIANT", "PASSWORD_ISSUED_LATELY"),
            ("gone", "NOT_APPLICABLE", "NO_CONSOLE_PASSWORD"),
            ("machine", "NOT_APPLICABLE", "NO_CONSOLE_PASSWORD"),
        ] {
            let expected = ["AWS::IAM::User", compliance, annotation];
            assert_held(&CONTROL, &aws, &id("AIDA", name), expected);
        }
        assert_eq!(aws.config().results(&rule(&CONTROL)).len(), 7);
        // Users without a password are not asked about.
        assert_eq!(aws.count("GetLoginProfile"), 5);
        assert_eq!(aws.count("GetAccountAuthorizationDetails"), 2);
        assert_all_needed(&CONTROL, &actions_of(&aws.take_calls()));

        aws.iam().set_password_policy(Some(WEAK));
        run(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        let [_, compliance, annotation] = held(&CONTROL, &aws, ACCOUNT);
        assert_eq!(compliance, "NON_COMPLIANT");
        let codes = "PASSWORD_TOO_SHORT, CHARACTER_CLASS_NOT_REQUIRED, PASSWORD_EXPIRY_WEAK, \
                     PASSWORD_REUSE_ALLOWED, SELF_CHANGE_DISALLOWED";
        assert!(annotation.starts_with(codes), "{annotation}");
        aws.iam().set_password_policy(None);
        run(&CONTROL, &aws, &mut lambda, &json!({"skipIfNoConsoleUsers": true})).unwrap();
        account(&aws, ["NON_COMPLIANT", "PASSWORD_POLICY_MISSING"]);

        aws.iam().set_report(&[root(), row("machine", &[])]);
        run(&CONTROL, &aws, &mut lambda, &json!({"skipIfNoConsoleUsers": true})).unwrap();
        account(&aws, ["NOT_APPLICABLE", "NO_CONSOLE_USERS"]);
        run(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        account(&aws, ["NON_COMPLIANT", "PASSWORD_POLICY_MISSING"]);
    }

    #[test]
    fn what_cannot_be_read_fails_the_run_and_writes_nothing() {
        let actions = [&["GetAccountPasswordPolicy", "GetLoginProfile"][..], &REPORT_AND_DETAILS];
        assert_denials_end_the_run(&CONTROL, &actions.concat(), set);
        let aws = aws_for(&CONTROL);
        set(&aws);
        aws.iam().set_password_policy(Some(&STRONG[1..]));
        let mut lambda = start(&CONTROL, &aws);
        let error = run(&CONTROL, &aws, &mut lambda, &json!({})).unwrap_err();
        assert!(error.message.contains("MinimumPasswordLength"), "{}", error.message);
        let error = run(&CONTROL, &aws, &mut lambda, &json!({"minPasswordLength": 6})).unwrap_err();
        assert_eq!(error.error_type, "WrongParameter");
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}
