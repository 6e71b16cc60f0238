use super::*;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::account_details::{Group, ManagedPolicy, Role, User};
use crate::credential_report::Row;
use crate::testing;
use crate::users::tests::user;

/// The clock is 2026-11-21T00:00:00Z: these are exactly 90 days and one second more.
const AT_LIMIT: &str = "2026-08-23T00:00:00+00:00";
const OVER: &str = "2026-08-22T23:59:59+00:00";
const LONG_AGO: &str = "2024-01-01T00:00:00+00:00";
const LATELY: &str = "2026-11-20T00:00:00+00:00";

fn with<T>(given: &Value, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = testing::parameters(&CONTROL, given);
    judge(&testing::run(&parameters))
}

/// The verdict on a user of 2020 with these columns in the report.
fn credentials(columns: &[(&str, &str)]) -> Verdict {
    let row = Row::sample("yamada", columns);
    with(&json!({}), |run| rules::user(&row, &user("yamada", "2020-04-01T00:00:00Z"), run)).unwrap()
}

fn codes(verdict: &Verdict) -> String {
    testing::summary(&CONTROL, verdict)
}

#[test]
fn a_password_rests_since_its_last_use_or_since_it_was_set() {
    const UNUSED: &str = "NON_COMPLIANT USER_CREDENTIAL_UNUSED";
    for (changed, used, expected) in [
        (LONG_AGO, AT_LIMIT, "COMPLIANT"),
        (LONG_AGO, OVER, UNUSED),
        // Enabled, but never used.
        (AT_LIMIT, "no_information", "COMPLIANT"),
        (OVER, "no_information", UNUSED),
        (OVER, "N/A", UNUSED),
        // The last use was with an earlier password.
        (LATELY, LONG_AGO, "COMPLIANT"),
        (OVER, LONG_AGO, UNUSED),
        // Nothing is known but when the user was made.
        ("N/A", "no_information", UNUSED),
    ] {
        let columns = [
            ("password_enabled", "true"),
            ("password_last_changed", changed),
            ("password_last_used", used),
        ];
        assert_eq!(codes(&credentials(&columns)), expected, "{changed} {used}");
    }
}

#[test]
fn each_active_key_counts_by_itself() {
    const UNUSED: &str = "NON_COMPLIANT USER_CREDENTIAL_UNUSED";
    for number in [1, 2] {
        let column = |name: &str| format!("access_key_{number}_{name}");
        let (active, rotated, used) =
            (column("active"), column("last_rotated"), column("last_used_date"));
        for (flag, made, last, expected) in [
            ("true", LONG_AGO, AT_LIMIT, "COMPLIANT"),
            ("true", LONG_AGO, OVER, UNUSED),
            ("true", AT_LIMIT, "N/A", "COMPLIANT"),
            ("true", OVER, "N/A", UNUSED),
            // Used before it was made: that was the key before the rotation.
            ("true", LATELY, LONG_AGO, "COMPLIANT"),
            ("true", "N/A", LATELY, "COMPLIANT"),
            // Inactive keys open nothing, whatever their dates are.
            ("false", LONG_AGO, LONG_AGO, "NOT_APPLICABLE NO_ENABLED_CREDENTIAL"),
        ] {
            let columns = [(active.as_str(), flag), (&rotated, made), (&used, last)];
            assert_eq!(codes(&credentials(&columns)), expected, "{columns:?}");
        }
    }
}

#[test]
fn a_used_credential_does_not_excuse_an_unused_one() {
    let verdict = credentials(&[
        ("password_enabled", "true"),
        ("password_last_changed", LONG_AGO),
        ("password_last_used", LATELY),
        ("access_key_1_active", "true"),
        ("access_key_1_last_rotated", LONG_AGO),
        ("access_key_2_active", "true"),
        ("access_key_2_last_rotated", LONG_AGO),
        ("access_key_2_last_used_date", OVER),
    ]);
    let [reason] = verdict.reasons() else { panic!("{verdict:?}") };
    assert_eq!(
        reason.message.en,
        "Unused credentials of user yamada: access key 1 for 1055 days, access key 2 for 90 days; \
         at most 90 days are accepted"
    );
    assert!(reason.message.ja.contains("アクセスキー 1(1055 日間)、アクセスキー 2(90 日間)"));
}

#[test]
fn a_user_younger_than_the_window_is_not_judged_yet() {
    let row = |created: &str| {
        let columns = [
            ("password_enabled", "true"),
            ("password_last_changed", created),
            ("password_last_used", "no_information"),
        ];
        Row::sample("yamada", &columns)
    };
    for (created, days, expected) in [
        ("2026-11-12T00:00:00Z", 10, "NOT_APPLICABLE YOUNGER_THAN_WINDOW"),
        ("2026-11-11T00:00:01Z", 10, "NOT_APPLICABLE YOUNGER_THAN_WINDOW"),
        ("2026-11-11T00:00:00Z", 10, "COMPLIANT"),
        ("2026-11-10T23:59:59Z", 10, "NON_COMPLIANT USER_CREDENTIAL_UNUSED"),
    ] {
        let given = json!({"maxCredentialUnusedDays": days});
        let verdict =
            with(&given, |run| rules::user(&row(created), &user("yamada", created), run)).unwrap();
        assert_eq!(codes(&verdict), expected, "{created}");
    }
    // Without a credential there is nothing to wait for.
    let verdict = with(&json!({}), |run| {
        rules::user(&Row::sample("yamada", &[]), &user("yamada", "2026-11-12T00:00:00Z"), run)
    });
    assert_eq!(codes(&verdict.unwrap()), "NOT_APPLICABLE NO_ENABLED_CREDENTIAL");
}

#[test]
fn a_row_that_does_not_tell_is_an_error() {
    let judge = |columns: &[(&str, &str)]| {
        let row = Row::sample("yamada", columns);
        let user = User { created: None, ..user("yamada", "2020-04-01T00:00:00Z") };
        with(&json!({}), |run| rules::user(&row, &user, run)).unwrap_err().to_string()
    };
    let undated = ("user_creation_time", "N/A");
    for (columns, part) in [
        (&[("password_enabled", "not_supported")][..], "password_enabled of user yamada"),
        (&[("access_key_2_active", "N/A")], "access_key_2_active of user yamada"),
        (&[("password_enabled", "true"), undated], "password_last_changed of user yamada"),
        (&[("access_key_1_active", "true"), undated], "access_key_1_last_rotated of user yamada"),
        (&[("user_creation_time", "long ago")], "a date in user_creation_time"),
    ] {
        let error = judge(columns);
        assert!(error.ends_with(part), "{error}");
    }
}

fn resting(path: &str, created: &str, last_used: Option<&str>) -> Role {
    Role {
        id: "AROATESTKIT000000001".to_owned(),
        arn: format!("arn:aws:iam::111122223333:role{path}batch"),
        name: "batch".to_owned(),
        path: path.to_owned(),
        created: created.parse().unwrap(),
        last_used: last_used.map(|time| time.parse().unwrap()),
    }
}

#[test]
fn a_role_rests_since_its_last_use_or_its_creation() {
    const UNUSED: &str = "NON_COMPLIANT ROLE_UNUSED";
    const YOUNG: &str = "NOT_APPLICABLE YOUNGER_THAN_WINDOW";
    for (created, last_used, days, expected) in [
        (LONG_AGO, Some(AT_LIMIT), 90, "COMPLIANT"),
        (LONG_AGO, Some(OVER), 90, UNUSED),
        (LONG_AGO, Some(OVER), 91, "COMPLIANT"),
        (LONG_AGO, None, 90, UNUSED),
        (LONG_AGO, None, 400, UNUSED),
        (AT_LIMIT, None, 90, "COMPLIANT"),
        (OVER, None, 90, UNUSED),
        // It cannot have rested for so long.
        (OVER, None, 91, YOUNG),
        (LATELY, None, 90, YOUNG),
        (LATELY, Some(LATELY), 90, YOUNG),
    ] {
        let role = resting("/", created, last_used);
        let verdict = with(&json!({"maxRoleUnusedDays": days}), |run| rules::role(&role, run));
        assert_eq!(codes(&verdict), expected, "{created} {last_used:?} {days}");
    }
}

#[test]
fn what_is_said_of_a_role_is_what_iam_knows() {
    for (created, last_used, start) in [
        (LONG_AGO, Some(OVER), "Role batch was last used 90 days ago"),
        (OVER, None, "Role batch was made 90 days ago and never used"),
        // IAM forgets uses after 400 days: "never" would be a guess.
        (LONG_AGO, None, "Role batch was not used in the last 400 days"),
    ] {
        let role = resting("/", created, last_used);
        let verdict = with(&json!({}), |run| rules::role(&role, run));
        let [reason] = verdict.reasons() else { panic!("{verdict:?}") };
        assert!(reason.message.en.starts_with(start), "{}", reason.message.en);
    }
}

#[test]
fn a_window_longer_than_iam_remembers_is_refused() {
    let given = json!({"maxRoleUnusedDays": 401});
    let parsed =
        fisc_shared::parameter::Parameters::from_value(CONTROL.id, CONTROL.parameters, &given);
    assert!(parsed.unwrap_err().to_string().contains("from 1 to 400"));
}

#[test]
fn roles_of_aws_and_under_excluded_paths_are_not_judged() {
    const UNUSED: &str = "NON_COMPLIANT ROLE_UNUSED";
    const EXCLUDED: &str = "NOT_APPLICABLE ROLE_PATH_EXCLUDED";
    const LINKED: &str = "NOT_APPLICABLE SERVICE_LINKED_ROLE";
    let linked = "/aws-service-role/config.amazonaws.com/";
    let sso = "/aws-reserved/sso.amazonaws.com/ap-northeast-1/";
    let own = json!({"excludedRolePathPrefixes": "/break-glass/, /dr/"});
    for (path, given, expected) in [
        (linked, &json!({}), LINKED),
        (sso, &json!({}), EXCLUDED),
        ("/service-role/", &json!({}), UNUSED),
        ("/", &json!({}), UNUSED),
        // Nobody but the service can delete a service-linked role, whatever the list says.
        (linked, &own, LINKED),
        (sso, &own, UNUSED),
        ("/break-glass/", &own, EXCLUDED),
        ("/dr/osaka/", &own, EXCLUDED),
        ("/app/dr/", &own, UNUSED),
        ("/", &json!({"excludedRolePathPrefixes": []}), UNUSED),
        ("/", &json!({"excludedRolePathPrefixes": [""]}), UNUSED),
    ] {
        let role = resting(path, LONG_AGO, None);
        assert_eq!(codes(&with(given, |run| rules::role(&role, run))), expected, "{path} {given}");
    }
}

#[test]
fn a_policy_is_used_when_it_is_attached_or_bounds() {
    const UNUSED: &str = "NON_COMPLIANT POLICY_UNATTACHED";
    for (attachments, boundaries, updated, expected) in [
        (0, 0, LONG_AGO, UNUSED),
        (1, 0, LONG_AGO, "COMPLIANT"),
        (0, 1, LONG_AGO, "COMPLIANT"),
        (0, 0, "2026-10-22T00:00:00Z", "COMPLIANT WITHIN_GRACE"),
        (0, 0, "2026-10-21T23:59:59Z", UNUSED),
        (2, 0, LATELY, "COMPLIANT"),
    ] {
        let policy = ManagedPolicy {
            id: "ANPATESTKIT000000001".to_owned(),
            arn: "arn:aws:iam::111122223333:policy/batch".to_owned(),
            name: "batch".to_owned(),
            updated: updated.parse().unwrap(),
            attachments,
            boundaries,
        };
        let verdict = with(&json!({}), |run| rules::policy(&policy, run));
        assert_eq!(codes(&verdict), expected, "{attachments} {boundaries} {updated}");
    }
}

fn group(name: &str, created: &str) -> Group {
    Group {
        id: format!("AGPA-{name}"),
        arn: format!("arn:aws:iam::111122223333:group/{name}"),
        name: name.to_owned(),
        created: created.parse().unwrap(),
    }
}

#[test]
fn groups_are_empty_without_a_user_in_them() {
    let mut members = BTreeMap::new();
    // Also a user that the report does not know yet is a member.
    let newcomer = User { groups: vec!["ops".to_owned()], ..user("newcomer", LATELY) };
    members.insert("newcomer".to_owned(), newcomer);
    let details = AccountDetails {
        users: members,
        groups: vec![
            group("ops", LONG_AGO),
            group("op", LONG_AGO),
            group("at-limit", "2026-10-22T00:00:00Z"),
            group("over", "2026-10-21T23:59:59Z"),
        ],
        ..AccountDetails::default()
    };
    let report = CredentialReport::of(Vec::new(), None);
    let evaluated = with(&json!({}), |run| evaluate(&report, &details, run)).unwrap();
    let found: Vec<_> =
        evaluated.iter().map(|one| (one.resource.id.as_str(), codes(&one.verdict))).collect();
    let expected = [
        ("AGPA-ops", "COMPLIANT"),
        ("AGPA-op", "NON_COMPLIANT GROUP_EMPTY"),
        ("AGPA-at-limit", "COMPLIANT WITHIN_GRACE"),
        ("AGPA-over", "NON_COMPLIANT GROUP_EMPTY"),
    ];
    assert_eq!(found, expected.map(|(id, codes)| (id, codes.to_owned())));
}
