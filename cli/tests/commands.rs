//! `fisc controls`, `fisc explain` and `fisc invoke`.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fs;

use common::{events, field, run, run_with};
use serde_json::{Value, json};

#[test]
fn controls_are_listed_for_people_and_machines() {
    let said = run(&["controls"]);
    assert_eq!(said.code, 0);
    for id in ["root-mfa", "kms-key-rotation", "s3-tls-only", "log-integrity"] {
        assert!(said.out.contains(id), "{id}");
    }
    let json = run(&["controls", "--format", "json"]).json();
    assert_eq!(json.as_object().unwrap().len(), 1);
    for control in json["controls"].as_array().unwrap() {
        let mut keys: Vec<_> = control.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            [
                "criteria",
                "domain",
                "id",
                "parameters",
                "requirements",
                "resources",
                "severity",
                "trigger",
            ]
        );
        assert!(control["criteria"]["explicit"].is_array());
        assert!(control["criteria"]["implied"].is_array());
        for parameter in control["parameters"].as_array().unwrap() {
            assert!(parameter["name"].is_string() && parameter["type"].is_string());
            assert!(parameter.get("default").is_some() && parameter["meaning"].is_string());
        }
        let requirements = &control["requirements"];
        assert!(!requirements.as_array().unwrap().is_empty(), "{control}");
        for resource in field(requirements, "resource") {
            assert!(control["resources"].as_array().unwrap().contains(&json!(resource)));
        }
    }
}

#[test]
fn every_control_explains_itself_in_both_languages() {
    let json = run(&["controls", "--format", "json"]).json();
    for id in field(&json["controls"], "id") {
        for language in ["ja", "en"] {
            let said = run(&["explain", id, "--lang", language]);
            assert_eq!(said.code, 0);
            for code in field(
                &run(&["explain", id, "--lang", language, "--format", "json"]).json()["requirements"],
                "code",
            ) {
                assert!(said.out.contains(code), "{id}: {code}");
            }
            assert!(said.out.contains("https://docs.aws.amazon.com/"), "{id}");
        }
    }
    let said = run(&["explain", "s3-tls-onl"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("'s3-tls-only'"), "{}", said.err);
}

/// What no CloudFormation resource can set.
const WITHOUT_TEMPLATE: [&str; 6] = [
    // A setting of the Region.
    "ebs-default-encryption",
    // Settings of the account.
    "iam-password-policy",
    // Nothing to make, only to delete.
    "iam-unused-access",
    // A device in somebody's hand.
    "iam-user-mfa",
    "root-mfa",
    // Only root itself deletes its keys.
    "root-usage",
];

#[test]
fn every_control_has_its_remedies() {
    let json = run(&["controls", "--format", "json"]).json();
    for id in field(&json["controls"], "id") {
        let said = run(&["explain", id, "--lang", "en", "--format", "json"]).json();
        let remedy = |name: &str| said["remedy"][name].as_str().unwrap().to_owned();
        assert!(remedy("cli").contains("aws "), "{id}");
        for code in field(&said["requirements"], "code") {
            assert!(remedy("cli").contains(code), "{id}: {code}");
        }
        assert_eq!(remedy("iac").is_empty(), WITHOUT_TEMPLATE.contains(&id), "{id}");
        assert!(
            remedy("iac").is_empty()
                || remedy("iac").contains("\nResources:\n")
                || remedy("iac").starts_with("Resources:\n"),
            "{id}"
        );
        // Longer ones are cut off in findings of Security Hub.
        assert!(said["fix"].as_str().unwrap().chars().count() <= 512, "{id}");
    }
}

#[test]
fn coverage_names_every_criterion_and_its_controls() {
    let json = run(&["coverage", "--format", "json", "--lang", "ja"]).json();
    let criteria = json["criteria"].as_array().unwrap();
    assert_eq!(criteria.len(), 277);
    let of = |number: &str| criteria.iter().find(|one| one["criterion"] == number).unwrap();
    let rotation = of("実3 参考3");
    assert_eq!(rotation["disposition"], "automated");
    assert_eq!(rotation["covered"], true);
    let explicit = &rotation["controls"]["explicit"];
    assert!(explicit.as_array().unwrap().contains(&json!("kms-key-rotation")), "{explicit}");
    // What a rule merely touches on is not covered by it.
    let education = of("統14 参考");
    assert_eq!(
        (&education["disposition"], &education["covered"], &education["evidence"]),
        (&json!("process"), &json!(false), &json!("研修の受講記録"))
    );
    assert_eq!(of("実49")["controls"], json!({"explicit": [], "implied": []}));
    let summary: Vec<(&str, u64)> = json["summary"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["disposition"].as_str().unwrap(), one["criteria"].as_u64().unwrap()))
        .collect();
    let dispositions =
        [("automated", 37), ("partial", 88), ("process", 18), ("aws", 26), ("not-described", 108)];
    assert_eq!(summary, dispositions);
}

#[test]
fn coverage_reads_in_both_languages() {
    let said = run(&["coverage", "--lang", "ja"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("kms-key-rotation") && said.out.contains("自動評価"), "{}", said.out);
    assert!(!said.out.contains("統10 "), "{}", said.out);
    let said = run(&["coverage", "--lang", "en", "--all"]);
    assert!(said.out.contains("統10 ") && said.out.contains("not described"), "{}", said.out);
}

fn event(invoking: &Value) -> Value {
    json!({
        "version": "1.0", "invokingEvent": invoking.to_string(), "ruleParameters": "{}",
        "resultToken": "token", "eventLeftScope": false, "accountId": "111122223333",
        "configRuleName": "fisc", "configRuleId": "config-rule-a",
    })
}

fn change(item: Value) -> Value {
    event(&json!({
        "messageType": "ConfigurationItemChangeNotification", "configurationItem": item,
        "notificationCreationTime": "2026-11-21T00:00:00Z",
    }))
}

fn invoke(control: &str, event: &Value, more: &[&str]) -> common::Said {
    let arguments = ["invoke", control, "--event", "-", "--format", "json"];
    run_with(&[&arguments[..], more].concat(), event.to_string().as_bytes())
}

fn key() -> Value {
    serde_json::from_str(&fs::read_to_string(events("samples/single-item.json")).unwrap()).unwrap()
}

/// A bucket without a policy.
fn bucket() -> Value {
    let text = fs::read_to_string(events("config-snapshot.json")).unwrap();
    let snapshot: Value = serde_json::from_str(&text).unwrap();
    let items = snapshot["configurationItems"].as_array().unwrap();
    let found = items.iter().find(|item| item["resourceId"] == "hbg-ib-upload-111122223333");
    found.unwrap().clone()
}

#[test]
fn a_change_is_judged_without_aws_where_the_item_decides() {
    let said = invoke("s3-tls-only", &change(bucket()), &["--lang", "en"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let json = said.json();
    let [row] = json["evaluations"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(row["compliance"], "NON_COMPLIANT");
    assert!(row["annotation"].as_str().unwrap().starts_with("NO_BUCKET_POLICY"));
    assert!(row["orderingTimestamp"].is_string());
    assert_eq!(json["testMode"], false);

    let mut deleted = bucket();
    deleted["configurationItemStatus"] = json!("ResourceDeleted");
    let said = invoke("s3-tls-only", &change(deleted), &[]);
    assert_eq!(said.code, 0);
    assert_eq!(said.json()["evaluations"][0]["compliance"], "NOT_APPLICABLE");

    let mut left = change(bucket());
    left["eventLeftScope"] = json!(true);
    let json = invoke("s3-tls-only", &left, &[]).json();
    assert_eq!(field(&json["evaluations"][0]["reasons"], "code"), ["OUT_OF_SCOPE"]);

    let event = change(bucket()).to_string();
    let table = run_with(&["invoke", "s3-tls-only", "--event", "-"], event.as_bytes());
    assert!(table.out.contains("NON_COMPLIANT"), "{}", table.out);
}

#[test]
fn without_credentials_a_service_is_not_asked() {
    let scheduled = event(&json!({
        "messageType": "ScheduledNotification", "awsAccountId": "111122223333",
        "notificationCreationTime": "2026-11-21T00:00:00Z",
    }));
    let said = invoke("root-mfa", &scheduled, &["--region", "ap-northeast-1"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    for part in ["root-mfa must ask AWS", "iam:GetAccountSummary", "no usable AWS credentials"] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    let said = invoke("root-mfa", &scheduled, &[]);
    assert!(said.err.contains("no Region is set"), "{}", said.err);
    let said = invoke("kms-key-rotation", &change(key()), &[]);
    assert!(said.err.contains("kms-key-rotation must ask AWS"), "{}", said.err);
}

#[test]
fn events_that_are_wrong_are_named() {
    let said = invoke("s3-tls-only", &json!({"resultToken": "t"}), &[]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("invokingEvent is missing"), "{}", said.err);
    let said = invoke("root-mfa", &change(key()), &[]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("does not run on ConfigurationItemChangeNotification"));
    let mut wrong = change(key());
    wrong["ruleParameters"] = json!("{\"days\":1}");
    let said = invoke("kms-key-rotation", &wrong, &[]);
    assert!(said.err.contains("unknown parameter \"days\""), "{}", said.err);
    let said = run(&["invoke", "s3-tls-only", "--event", "no-such-file.json"]);
    assert!(said.err.contains("no-such-file.json: cannot be read"), "{}", said.err);
    let said = run_with(&["invoke", "s3-tls-only", "--event", "-"], b"{");
    assert_eq!(said.code, 2);
}
