//! `fisc scan --live` and `fisc invoke` against an emulated AWS.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fs;

use common::{AT, Said, events, fisc};
use fisc_testkit::aws::{ACCOUNT, CredentialUser, FakeAws, Fault, Key, REGION};
use serde_json::{Value, json};

fn bucket(id: &str) -> Value {
    let text = fs::read_to_string(events("config-snapshot.json")).unwrap();
    let snapshot: Value = serde_json::from_str(&text).unwrap();
    let items = snapshot["configurationItems"].as_array().unwrap();
    items.iter().find(|item| item["resourceId"] == id).unwrap().clone()
}

fn run(aws: &FakeAws, arguments: &[&str]) -> Said {
    let mut command = fisc(arguments);
    command.envs(aws.env()).env("AWS_MAX_ATTEMPTS", "1");
    command.output().unwrap().into()
}

fn live(aws: &FakeAws, more: &[&str]) -> Said {
    let arguments = ["scan", "--live", "--at", AT, "--format", "json"];
    run(aws, &[&arguments[..], more].concat())
}

fn of<'a>(json: &'a Value, id: &str) -> &'a Value {
    let rows = json["evaluations"].as_array().unwrap();
    rows.iter().find(|row| row["resourceId"] == id).unwrap_or_else(|| panic!("no {id}: {json}"))
}

#[test]
fn recorded_items_and_services_are_judged_together() {
    let aws = FakeAws::start();
    aws.config()
        .record(&bucket("hbg-ib-contents-111122223333"))
        .record(&bucket("hbg-ib-upload-111122223333"));
    aws.kms().add_key(Key::symmetric("good").rotating(365)).add_key(Key::symmetric("off"));
    aws.iam()
        .set_summary(&[("AccountMFAEnabled", 1), ("AccountAccessKeysPresent", 0)])
        .set_report(&[CredentialUser::root()]);
    let controls = ["root-mfa", "kms-key-rotation", "s3-tls-only"];
    let options: Vec<&str> = controls.into_iter().flat_map(|id| ["--control", id]).collect();
    let said = live(&aws, &options);
    let json = said.json();
    assert_eq!(said.code, 1, "{}", said.err);
    assert_eq!(json["errors"], json!([]));
    assert_eq!(json["notEvaluated"], json!([]));
    assert_eq!(of(&json, "hbg-ib-contents-111122223333")["compliance"], "COMPLIANT");
    assert_eq!(of(&json, "hbg-ib-upload-111122223333")["compliance"], "NON_COMPLIANT");
    assert_eq!(of(&json, "good")["compliance"], "COMPLIANT");
    assert_eq!(of(&json, "off")["compliance"], "NON_COMPLIANT");
    assert_eq!(of(&json, ACCOUNT)["compliance"], "COMPLIANT");
    assert_eq!(of(&json, "off")["accountId"], ACCOUNT);
    assert_eq!(of(&json, "off")["region"], REGION);
    assert_eq!(aws.count("PutEvaluations"), 0, "nothing is reported");
}

#[test]
fn a_denied_call_is_an_error_and_the_others_are_judged() {
    let aws = FakeAws::start();
    aws.config().record(&bucket("hbg-ib-contents-111122223333"));
    let denied = Fault::error(400, "AccessDeniedException", "not today");
    aws.fault("kms", "*", denied.times(100));
    let said = live(&aws, &["--control", "kms-key-rotation", "--control", "s3-tls-only"]);
    let json = said.json();
    assert_eq!(said.code, 2);
    assert_eq!(of(&json, "hbg-ib-contents-111122223333")["compliance"], "COMPLIANT");
    assert_eq!(json["errors"][0]["control"], "kms-key-rotation");
    let message = json["errors"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("kms:ListKeys failed (AccessDenied"), "{message}");
    assert!(said.err.contains("kms:ListKeys"), "{}", said.err);
}

#[test]
fn the_account_must_be_known_and_the_right_one() {
    let aws = FakeAws::start();
    let said = live(&aws, &["--control", "root-mfa"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("give it with --account-id"), "{}", said.err);

    aws.config().record(&bucket("hbg-ib-contents-111122223333"));
    let said = live(&aws, &["--control", "s3-tls-only", "--account-id", "444455556666"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("the credentials are of account 111122223333"), "{}", said.err);
    let said = live(&aws, &["--control", "s3-tls-only", "--account-id", ACCOUNT]);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn without_credentials_nothing_is_tried() {
    let said: Said = fisc(&["scan", "--live"]).output().unwrap().into();
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no Region is set"), "{}", said.err);
    let said: Said = fisc(&["scan", "--live", "--region", REGION]).output().unwrap().into();
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no usable AWS credentials"), "{}", said.err);
}

#[test]
fn invoke_asks_services_and_reports_nothing() {
    let aws = FakeAws::start();
    aws.iam()
        .set_summary(&[("AccountMFAEnabled", 0), ("AccountAccessKeysPresent", 1)])
        .set_report(&[CredentialUser::root()]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("event.json");
    let invoking = json!({
        "messageType": "ScheduledNotification", "awsAccountId": ACCOUNT,
        "notificationCreationTime": "2026-11-21T00:00:00Z",
    });
    let event = json!({
        "invokingEvent": invoking.to_string(), "resultToken": "TESTMODE", "accountId": ACCOUNT,
        "configRuleName": "fisc-root-mfa",
    });
    fs::write(&file, event.to_string()).unwrap();
    let arguments = ["invoke", "root-mfa", "--event", file.to_str().unwrap(), "--format", "json"];
    let said = run(&aws, &arguments);
    assert_eq!(said.code, 1, "{}", said.err);
    let json = said.json();
    let row = of(&json, ACCOUNT);
    assert_eq!(row["compliance"], "NON_COMPLIANT");
    assert_eq!(row["orderingTimestamp"], "2026-11-21T00:00:00Z");
    assert_eq!(json["testMode"], true);
    assert_eq!(aws.count("PutEvaluations"), 0);
}
