//! End-to-end: the real `identity` binary, from the Config event to the evaluation.

use std::collections::BTreeSet;

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_identity::root_mfa::CONTROL;
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, CredentialUser, FakeAws, Fault, Report, UserDetail};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RULE: &str = "fisc-root-mfa";
const WITH_PASSWORD: &[(&str, i64)] =
    &[("AccountMFAEnabled", 0), ("AccountAccessKeysPresent", 0), ("AccountPasswordPresent", 1)];
const WITH_MFA: &[(&str, i64)] = &[("AccountMFAEnabled", 1), ("AccountPasswordPresent", 1)];
const SILENT: &[(&str, i64)] = &[("AccountMFAEnabled", 0), ("AccountAccessKeysPresent", 0)];

fn start(aws: &FakeAws) -> Lambda {
    start_with(aws, &[])
}

fn start_with(aws: &FakeAws, env: &[(&str, &str)]) -> Lambda {
    start_control(&CONTROL, aws, env)
}

fn start_control(control: &Control, aws: &FakeAws, env: &[(&str, &str)]) -> Lambda {
    let mut all = vec![("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "3")];
    all.extend(env);
    Lambda::start(env!("CARGO_BIN_EXE_identity"), aws, &all)
}

fn run(aws: &FakeAws, lambda: &mut Lambda, parameters: &Value) -> Result<Value, FunctionError> {
    run_rule(RULE, aws, lambda, parameters)
}

fn run_rule(
    rule: &str,
    aws: &FakeAws,
    lambda: &mut Lambda,
    parameters: &Value,
) -> Result<Value, FunctionError> {
    let rule = aws.config().rule(rule);
    lambda.invoke(events::scheduled(&rule, parameters))
}

/// A time some days ago, as the credential report writes it.
fn days_ago(days: i64) -> String {
    ago(days, "%Y-%m-%dT%H:%M:%S+00:00")
}

fn ago(days: i64, format: &str) -> String {
    (Timestamp::now() - SignedDuration::from_hours(24 * days)).strftime(format).to_string()
}

/// Compliance and annotation that Config holds of the account.
fn held(aws: &FakeAws) -> (String, String) {
    held_by(aws, RULE)
}

fn held_by(aws: &FakeAws, rule: &str) -> (String, String) {
    let result = aws.config().result(rule, ACCOUNT).expect("a result for the account");
    assert_eq!(result.resource_type, "AWS::::Account");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[test]
fn each_state_of_the_root_user_reaches_config() {
    let aws = aws_for(&CONTROL);
    let mut lambda = start(&aws);
    let mut called = BTreeSet::new();

    aws.iam().set_summary(WITH_MFA);
    let answer = run(&aws, &mut lambda, &json!({})).unwrap();
    assert_eq!(answer["compliant"], 1);
    assert_eq!(held(&aws), ("COMPLIANT".to_owned(), String::new()));
    // The summary says it all: nothing else of IAM is asked.
    let calls = aws.take_calls();
    assert_eq!(calls.iter().filter(|call| call.service == "iam").count(), 1);
    called.extend(actions_of(&calls));

    aws.iam().set_summary(WITH_PASSWORD);
    run(&aws, &mut lambda, &json!({})).unwrap();
    let (compliance, annotation) = held(&aws);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("ROOT_MFA_DISABLED: ルートユーザー"), "{annotation}");

    // Root credentials that were removed centrally; the report is made while we wait.
    let gone = CredentialUser::root().set("password_enabled", "false");
    aws.iam().set_summary(SILENT).set_report(&[gone]);
    aws.iam().set_report_state(Report::NotPresent).report_takes(2);
    run(&aws, &mut lambda, &json!({})).unwrap();
    let (compliance, annotation) = held(&aws);
    assert_eq!(compliance, "COMPLIANT");
    assert!(annotation.starts_with("ROOT_CREDENTIALS_REMOVED"), "{annotation}");

    // A report that is too old is made anew; silence about the password is no proof of removal.
    aws.iam().set_report(&[CredentialUser::root()]).set_report_state(Report::Expired);
    run(&aws, &mut lambda, &json!({})).unwrap();
    assert_eq!(held(&aws).0, "NON_COMPLIANT");
    // A report without the root row is no proof either.
    aws.iam().set_report(&[CredentialUser::user("operator")]).set_report_state(Report::Ready);
    run(&aws, &mut lambda, &json!({})).unwrap();
    assert_eq!(held(&aws).0, "NON_COMPLIANT");

    // Root's virtual device is on the second page, with a name of its own.
    aws.iam().set_summary(WITH_MFA).page(1);
    let arn = |name: &str| format!("arn:aws:iam::{ACCOUNT}:mfa/{name}");
    aws.iam()
        .add_virtual_mfa(&arn("operator"), Some(&format!("arn:aws:iam::{ACCOUNT}:user/operator")));
    run(&aws, &mut lambda, &json!({"requireHardwareMfa": true})).unwrap();
    assert_eq!(held(&aws).0, "COMPLIANT");
    aws.iam()
        .add_virtual_mfa(&arn("executive-phone"), Some(&format!("arn:aws:iam::{ACCOUNT}:root")));
    run(&aws, &mut lambda, &json!({"requireHardwareMfa": true})).unwrap();
    assert!(held(&aws).1.starts_with("ROOT_MFA_NOT_HARDWARE"));
    run(&aws, &mut lambda, &json!({})).unwrap();
    assert_eq!(held(&aws).0, "COMPLIANT");

    called.extend(actions_of(&aws.take_calls()));
    assert_all_needed(&CONTROL, &called);
}

#[test]
fn a_denied_call_fails_the_run_and_writes_nothing() {
    for (action, summary, parameters) in [
        ("GetAccountSummary", WITH_MFA, json!({})),
        ("ListVirtualMFADevices", WITH_MFA, json!({"requireHardwareMfa": "true"})),
        ("GetCredentialReport", SILENT, json!({})),
        ("GenerateCredentialReport", SILENT, json!({})),
    ] {
        let aws = aws_for(&CONTROL);
        aws.iam().set_summary(summary).set_report(&[CredentialUser::root()]);
        aws.iam().set_report_state(Report::NotPresent);
        aws.fault("iam", action, Fault::Denied);
        let error = run(&aws, &mut start(&aws), &parameters).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied");
        assert!(error.message.contains(&format!("iam:{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
    }
}

#[test]
fn throttling_is_waited_out_or_fails_the_run() {
    let aws = aws_for(&CONTROL);
    aws.iam().set_summary(WITH_PASSWORD);
    aws.fault("iam", "GetAccountSummary", Fault::Throttled.times(1));
    aws.fault("config", "PutEvaluations", Fault::Throttled.times(1));
    // The adaptive mode waits some ten seconds before each retry after throttling.
    let mut lambda = start_with(&aws, &[("AWS_MAX_ATTEMPTS", "2")]);
    run(&aws, &mut lambda, &json!({})).unwrap();
    assert_eq!(held(&aws).0, "NON_COMPLIANT");

    aws.take_calls();
    aws.fault("iam", "GetAccountSummary", Fault::Throttled);
    let error = run(&aws, &mut lambda, &json!({})).unwrap_err();
    assert_eq!(error.error_type, "Throttled");
    assert!(error.message.contains("iam:GetAccountSummary failed"), "{}", error.message);
    assert_eq!((aws.count("GetAccountSummary"), aws.count("PutEvaluations")), (2, 0));
}

#[test]
fn other_faults_are_retried_and_named() {
    for (fault, error_type) in [
        (Fault::ServerError, "ServiceError"),
        (Fault::Reset, "NoAnswer"),
        (Fault::MalformedBody, "UnexpectedAnswer"),
    ] {
        let aws = aws_for(&CONTROL);
        aws.iam().set_summary(WITH_PASSWORD);
        aws.fault("iam", "GetAccountSummary", fault);
        let error = run(&aws, &mut start(&aws), &json!({})).unwrap_err();
        assert_eq!(error.error_type, error_type, "{}", error.message);
        assert!(error.message.contains("iam:GetAccountSummary"), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}

#[test]
fn bad_events_and_parameters_are_errors_that_name_the_field() {
    let aws = aws_for(&CONTROL);
    aws.iam().set_summary(WITH_MFA);
    let mut lambda = start(&aws);
    let rule = aws.config().rule(RULE);

    let error = run(&aws, &mut lambda, &json!({"requireHardwareMFA": true})).unwrap_err();
    assert_eq!(error.error_type, "WrongParameter");
    assert!(error.message.contains("\"requireHardwareMFA\""), "{}", error.message);
    let error = run(&aws, &mut lambda, &json!({"requireHardwareMfa": "maybe"})).unwrap_err();
    assert!(error.message.contains("\"requireHardwareMfa\": takes true or false"));

    let mut event = events::scheduled(&rule, &json!({}));
    let cut: String = event["invokingEvent"].as_str().unwrap().chars().take(30).collect();
    event["invokingEvent"] = json!(cut);
    let error = lambda.invoke(event).unwrap_err();
    assert_eq!(error.error_type, "MalformedEvent");
    assert!(error.message.contains("invokingEvent"), "{}", error.message);

    let whole = events::scheduled(&rule, &json!({})).to_string();
    let half: String = whole.chars().take(whole.len() / 2).collect();
    lambda.invoke_raw(half).unwrap_err();

    // A change has nothing to say about the root user.
    let item = events::item("AWS::::Account", ACCOUNT, json!({}));
    let error = lambda.invoke(events::change(&rule, &item, &json!({}))).unwrap_err();
    assert!(error.message.contains("root-mfa does not run on"), "{}", error.message);

    // The function still works, and nothing was written on the way.
    assert_eq!(aws.count("PutEvaluations"), 0);
    run(&aws, &mut lambda, &Value::Null).unwrap();
    assert_eq!(held(&aws).0, "COMPLIANT");
}

#[test]
fn config_may_refuse_forget_or_only_test() {
    let aws = aws_for(&CONTROL);
    aws.iam().set_summary(WITH_PASSWORD);
    let mut lambda = start(&aws);

    let dry = aws.config().rule(RULE).dry_run();
    lambda.invoke(events::scheduled(&dry, &json!({}))).unwrap();
    assert_eq!(aws.calls_of("PutEvaluations")[0].body["TestMode"], true);
    assert!(aws.config().results(RULE).is_empty());

    aws.config().fail_evaluation("AWS::::Account", ACCOUNT, 2);
    run(&aws, &mut lambda, &json!({})).unwrap();
    assert_eq!(held(&aws).0, "NON_COMPLIANT");

    aws.config().fail_evaluation("AWS::::Account", ACCOUNT, 100);
    let error = run(&aws, &mut lambda, &json!({})).unwrap_err();
    assert_eq!(error.error_type, "EvaluationsRefused");

    let rule = aws.config().rule("fisc-root-mfa-2");
    aws.config().delete_rule("fisc-root-mfa-2");
    let answer = lambda.invoke(events::scheduled(&rule, &json!({})));
    // The rule is gone: that ends the run quietly, whichever call finds out.
    assert_eq!(answer.unwrap()["ruleGone"], true);
}

#[test]
fn the_environment_is_checked_before_the_first_event() {
    let aws = aws_for(&CONTROL);
    for (control, expected) in [("root-mfaa", "FISC_CONTROL"), ("kms-key-rotation", "root-mfa")] {
        let mut lambda =
            Lambda::start(env!("CARGO_BIN_EXE_identity"), &aws, &[("FISC_CONTROL", control)]);
        let error = lambda.wait_ready().unwrap_err();
        assert!(error.message.contains(expected), "{}", error.message);
    }
}

#[test]
fn annotations_follow_the_language_and_logs_are_json_without_secrets() {
    let aws = aws_for(&CONTROL);
    aws.iam().set_summary(WITH_PASSWORD);
    let mut lambda = start_with(&aws, &[("FISC_LANGUAGE", "en"), ("RUST_LOG", "trace")]);
    run(&aws, &mut lambda, &json!({})).unwrap();
    let expected = "ROOT_MFA_DISABLED: The root user has credentials but no MFA device";
    assert_eq!(held(&aws).1, expected);

    let mut lambda = start(&aws);
    run(&aws, &mut lambda, &json!({})).unwrap();
    let logs = lambda.logs();
    let line = logs.lines().find(|line| line.contains("evaluated")).expect("a log line");
    let line: Value = serde_json::from_str(line).expect("a JSON log line");
    assert_eq!(
        (line["control"].as_str(), line["non_compliant"].as_i64()),
        (Some("root-mfa"), Some(1))
    );
    for (name, value) in aws.env() {
        if name.contains("SECRET") || name.contains("TOKEN") {
            assert!(!logs.contains(&value), "{name} is in the logs");
        }
    }
}

mod root_usage {
    use super::*;
    use fisc_identity::root_usage::CONTROL;

    const RULE: &str = "fisc-root-usage";
    const NO_KEYS: &[(&str, i64)] = &[("AccountAccessKeysPresent", 0), ("AccountMFAEnabled", 1)];
    const KEYS: &[(&str, i64)] = &[("AccountAccessKeysPresent", 1), ("AccountMFAEnabled", 1)];

    fn held(aws: &FakeAws) -> (String, String) {
        held_by(aws, RULE)
    }

    #[test]
    fn each_state_of_the_root_user_reaches_config() {
        let aws = aws_for(&CONTROL);
        let mut lambda = start_control(&CONTROL, &aws, &[("FISC_LANGUAGE", "en")]);
        let mut run = |parameters: Value| {
            run_rule(RULE, &aws, &mut lambda, &parameters).unwrap();
            held(&aws)
        };

        // Never used: the report says so in its own words. It is made while we wait.
        aws.iam().set_summary(NO_KEYS).set_report(&[CredentialUser::root()]);
        aws.iam().set_report_state(Report::NotPresent).report_takes(2);
        assert_eq!(run(json!({})), ("COMPLIANT".to_owned(), String::new()));

        // A key, and nothing else; in the report it may be inactive.
        aws.iam().set_summary(KEYS);
        let (compliance, annotation) = run(json!({}));
        assert_eq!(compliance, "NON_COMPLIANT");
        assert_eq!(annotation, "ROOT_ACCESS_KEY_PRESENT: The root user has an access key");

        // The second key was used yesterday, the password long ago.
        let used = CredentialUser::root()
            .set("password_last_used", &days_ago(200))
            .set("access_key_2_last_used_date", &days_ago(1));
        aws.iam().set_summary(NO_KEYS).set_report(&[used]);
        let (compliance, annotation) = run(json!({}));
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with("ROOT_USED_RECENTLY"), "{annotation}");
        let today = ago(0, "%F");
        assert_eq!(run(json!({"approvedUseUntil": today})).0, "COMPLIANT");
        assert_eq!(run(json!({"approvedUseUntil": ago(2, "%F")})).0, "NON_COMPLIANT");

        // Around the end of the window.
        let used = |days| [CredentialUser::root().set("password_last_used", &days_ago(days))];
        aws.iam().set_report(&used(29));
        assert_eq!(run(json!({})).0, "NON_COMPLIANT");
        aws.iam().set_report(&used(31));
        assert_eq!(run(json!({})).0, "COMPLIANT");
        assert_eq!(run(json!({"maxRootUsageDays": "90"})).0, "NON_COMPLIANT");

        // A new account.
        aws.iam().set_report(&[CredentialUser::root().set("user_creation_time", &days_ago(3))]);
        assert!(run(json!({})).1.contains("The account was made on"));
        assert_eq!(run(json!({"approvedUseUntil": today})).0, "COMPLIANT");

        // Credentials that were removed centrally.
        aws.iam().set_report(&[CredentialUser::root()
            .set("password_enabled", "false")
            .set("user_creation_time", &days_ago(3))]);
        assert!(run(json!({})).1.starts_with("ROOT_CREDENTIALS_REMOVED"));

        assert_all_needed(&CONTROL, &actions_of(&aws.take_calls()));
    }

    #[test]
    fn what_cannot_be_read_fails_the_run_and_writes_nothing() {
        for action in ["GetAccountSummary", "GetCredentialReport", "GenerateCredentialReport"] {
            let aws = aws_for(&CONTROL);
            // The key alone would fail the account: no part is reported as the whole.
            aws.iam().set_summary(KEYS).set_report(&[CredentialUser::root()]);
            aws.fault("iam", action, Fault::Denied);
            let mut lambda = start_control(&CONTROL, &aws, &[]);
            let error = run_rule(RULE, &aws, &mut lambda, &json!({})).unwrap_err();
            assert_eq!(error.error_type, "AccessDenied");
            assert!(error.message.contains(&format!("iam:{action} failed")), "{}", error.message);
            assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
        }
        let root = CredentialUser::root;
        for (summary, rows, parameters, part) in [
            (&[("AccountMFAEnabled", 1)][..], root(), json!({}), "AccountAccessKeysPresent"),
            (NO_KEYS, CredentialUser::user("operator"), json!({}), "the row of the root user"),
            (NO_KEYS, root().set("password_last_used", "soon"), json!({}), "password_last_used"),
            (NO_KEYS, root(), json!({"approvedUseUntil": "30/11/2026"}), "\"approvedUseUntil\""),
            (NO_KEYS, root(), json!({"maxRootUsageDays": 0}), "\"maxRootUsageDays\""),
        ] {
            let aws = aws_for(&CONTROL);
            aws.iam().set_summary(summary).set_report(&[rows]);
            let mut lambda = start_control(&CONTROL, &aws, &[]);
            let error = run_rule(RULE, &aws, &mut lambda, &parameters).unwrap_err();
            assert!(error.message.contains(part), "{}", error.message);
            assert_eq!(aws.count("PutEvaluations"), 0, "{part}");
        }
    }
}

mod iam_user_mfa {
    use super::*;
    use fisc_identity::iam_user_mfa::CONTROL;

    const RULE: &str = "fisc-iam-user-mfa";

    fn id(name: &str) -> String {
        format!("AIDATESTKIT{name:0>10}")
    }

    /// A row of the report with the columns that are true.
    fn row(name: &str, columns: &[&str]) -> CredentialUser {
        columns.iter().fold(CredentialUser::user(name), |row, column| row.set(column, "true"))
    }

    /// Sets the report, and an account that holds just its users.
    fn set(aws: &FakeAws, rows: &[(&str, &[&str])]) {
        let users: Vec<_> = rows.iter().map(|(name, _)| UserDetail::new(name, &id(name))).collect();
        aws.iam().set_users(&users).set_report(&report(rows));
    }

    fn report(rows: &[(&str, &[&str])]) -> Vec<CredentialUser> {
        // Were the root user taken for a user, it would fail.
        let root = CredentialUser::root().set("password_enabled", "true");
        let rows = rows.iter().map(|(name, columns)| row(name, columns));
        std::iter::once(root).chain(rows).collect()
    }

    /// Compliance and annotation that Config holds of a user.
    fn held(aws: &FakeAws, name: &str) -> (String, String) {
        let result = aws.config().result(RULE, &id(name)).expect("a result for the user");
        assert_eq!(result.resource_type, "AWS::IAM::User");
        (result.compliance, result.annotation.unwrap_or_default())
    }

    #[test]
    fn each_state_of_a_user_reaches_config_under_its_id() {
        let aws = aws_for(&CONTROL);
        let mut lambda = start_control(&CONTROL, &aws, &[("FISC_LANGUAGE", "en")]);
        let mut run = |parameters: Value| run_rule(RULE, &aws, &mut lambda, &parameters).unwrap();
        let rows: [(&str, &[&str]); 5] = [
            ("good", &["password_enabled", "mfa_active"]),
            ("bad", &["password_enabled"]),
            ("batch", &["access_key_2_active"]),
            ("keyholder", &["access_key_1_active", "mfa_active"]),
            ("idle", &[]),
        ];
        set(&aws, &rows);
        aws.iam().set_report_state(Report::NotPresent).report_takes(1);

        let answer = run(json!({}));
        assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(1), &json!(1)));
        assert_eq!(aws.config().results(RULE).len(), 5, "the root user is none of them");
        assert_eq!(held(&aws, "good"), ("COMPLIANT".to_owned(), String::new()));
        let (compliance, annotation) = held(&aws, "bad");
        assert_eq!(compliance, "NON_COMPLIANT");
        let expected = "CONSOLE_MFA_DISABLED: User bad has a console password but no MFA device";
        assert_eq!(annotation, expected);
        for name in ["batch", "keyholder", "idle"] {
            let (compliance, annotation) = held(&aws, name);
            assert_eq!(compliance, "NOT_APPLICABLE");
            assert!(annotation.starts_with("NO_CONSOLE_PASSWORD"), "{annotation}");
        }

        run(json!({"scope": "all"}));
        assert!(held(&aws, "batch").1.starts_with("PROGRAMMATIC_MFA_DISABLED: User batch has"));
        assert_eq!(held(&aws, "keyholder").0, "COMPLIANT");
        assert!(held(&aws, "idle").1.starts_with("NO_CREDENTIALS"));
        assert_eq!(held(&aws, "bad").1, expected);

        // One is deleted, one is new and not in the report, one was mended.
        let mended: [(&str, &[&str]); 2] =
            [("good", &["password_enabled", "mfa_active"]), ("bad", rows[0].1)];
        set(&aws, &mended);
        let names = ["good", "bad", "newcomer"];
        aws.iam().set_users(&names.map(|name| UserDetail::new(name, &id(name))));
        run(json!({}));
        assert_eq!(held(&aws, "bad").0, "COMPLIANT");
        assert!(aws.config().result(RULE, &id("newcomer")).is_none());
        for name in ["batch", "keyholder"] {
            let (compliance, annotation) = held(&aws, name);
            assert_eq!(compliance, "NOT_APPLICABLE");
            assert!(annotation.starts_with("RESOURCE_GONE"), "{annotation}");
        }

        // The report's row is about a user of the same name who was deleted since.
        let again = UserDetail::new("good", &id("good2"))
            .created(Timestamp::now() + SignedDuration::from_hours(1));
        aws.iam().set_users(&[again]);
        run(json!({}));
        assert!(aws.config().result(RULE, &id("good2")).is_none());
        assert!(held(&aws, "good").1.starts_with("RESOURCE_GONE"));

        assert_all_needed(&CONTROL, &actions_of(&aws.take_calls()));
    }

    #[test]
    fn many_users_come_in_pages_and_go_in_batches() {
        let aws = aws_for(&CONTROL);
        let mut lambda = start_control(&CONTROL, &aws, &[]);
        let names: Vec<String> = (0..250).map(|number| format!("user{number}")).collect();
        let columns: [&[&str]; 2] = [&["password_enabled"], &["password_enabled", "mfa_active"]];
        let rows: Vec<(&str, &[&str])> = names
            .iter()
            .enumerate()
            .map(|(number, name)| (name.as_str(), columns[number % 2]))
            .collect();
        set(&aws, &rows);
        aws.iam().page(125);
        let answer = run_rule(RULE, &aws, &mut lambda, &json!({})).unwrap();
        assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(125), &json!(125)));
        assert_eq!(aws.config().results(RULE).len(), 250);
        assert_eq!(held(&aws, "user248").0, "NON_COMPLIANT");
        assert_eq!(held(&aws, "user249").0, "COMPLIANT");
        let calls = aws.calls_of("GetAccountAuthorizationDetails");
        assert_eq!(calls.len(), 2);
        assert!(calls.iter().all(|call| call.body["Filter.member.1"] == "User"));
        assert_eq!(aws.count("PutEvaluations"), 3);

        // No part is reported as the whole.
        aws.fault("iam", "GetAccountAuthorizationDetails", Fault::Denied.after(1));
        aws.take_calls();
        let error = run_rule(RULE, &aws, &mut lambda, &json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied");
        assert_eq!(aws.count("PutEvaluations"), 0);
    }

    #[test]
    fn what_cannot_be_read_fails_the_run_and_writes_nothing() {
        for action in
            ["GetAccountAuthorizationDetails", "GetCredentialReport", "GenerateCredentialReport"]
        {
            let aws = aws_for(&CONTROL);
            set(&aws, &[("bad", &["password_enabled"])]);
            aws.fault("iam", action, Fault::Denied);
            let mut lambda = start_control(&CONTROL, &aws, &[]);
            let error = run_rule(RULE, &aws, &mut lambda, &json!({})).unwrap_err();
            assert_eq!(error.error_type, "AccessDenied");
            assert!(error.message.contains(&format!("iam:{action} failed")), "{}", error.message);
            assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
        }
        let aws = aws_for(&CONTROL);
        set(&aws, &[("bad", &["password_enabled"])]);
        let mut lambda = start_control(&CONTROL, &aws, &[]);
        let error = run_rule(RULE, &aws, &mut lambda, &json!({"scope": "keys"})).unwrap_err();
        assert!(error.message.contains("\"scope\": takes one of"), "{}", error.message);
        let unclear = CredentialUser::user("bad").set("mfa_active", "N/A");
        aws.iam().set_report(&[unclear]);
        let error = run_rule(RULE, &aws, &mut lambda, &json!({})).unwrap_err();
        assert!(error.message.contains("mfa_active of user bad"), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}
