//! End-to-end: the real `encryption` binary, from the Config event to the evaluation.

use std::collections::BTreeSet;

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_encryption::kms_key_rotation::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Key};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-kms-key-rotation";
const TYPE: &str = "AWS::KMS::Key";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "3")];
    Lambda::start(env!("CARGO_BIN_EXE_encryption"), aws, &env)
}

/// A key as Config records it.
fn item(id: &str) -> Value {
    events::item(
        TYPE,
        id,
        json!({
            "keyId": id, "keyManager": "CUSTOMER", "keyState": "Enabled", "origin": "AWS_KMS",
            "keySpec": "SYMMETRIC_DEFAULT", "creationDate": 1_746_057_600_000_u64,
            "multiRegion": false, "enabled": true,
        }),
    )
}

/// Compliance and annotation that Config holds of a key.
fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result for the key");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[test]
fn a_changed_key_is_judged_with_one_call() {
    let aws = aws_for(&CONTROL);
    aws.kms().add_key(Key::symmetric("good").rotating(365)).add_key(Key::symmetric("off"));
    aws.kms().add_key(Key::symmetric("slow").rotating(730));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut judge = |id: &str, parameters: Value| {
        lambda.invoke(events::change(&rule, &item(id), &parameters)).unwrap();
        held(&aws, id)
    };
    assert_eq!(judge("good", json!({})), ("COMPLIANT".to_owned(), String::new()));
    let (compliance, annotation) = judge("off", json!({}));
    assert_eq!(compliance, "NON_COMPLIANT");
    assert_eq!(annotation, "ROTATION_DISABLED: 自動ローテーションが無効です");
    let (compliance, annotation) = judge("slow", json!({}));
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.contains("730 日です(上限 365 日)"), "{annotation}");
    // The item tells what DescribeKey would.
    assert_eq!((aws.count("DescribeKey"), aws.count("GetKeyRotationStatus")), (0, 3));
}

#[test]
fn what_needs_no_look_asks_nothing() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut managed = item("managed");
    managed["configuration"]["keyManager"] = json!("AWS");
    for (event, id, code) in [
        (events::change(&rule, &managed, &Value::Null), "managed", "AWS_MANAGED_KEY"),
        (events::deleted(&rule, &item("gone"), &Value::Null), "gone", "RESOURCE_DELETED"),
        (events::left_scope(&rule, &item("left"), &Value::Null), "left", "OUT_OF_SCOPE"),
        (
            events::oversized(
                &rule,
                &{
                    let mut item = item("large");
                    item["configurationItemStatus"] = json!("ResourceDeleted");
                    item
                },
                &Value::Null,
            ),
            "large",
            "RESOURCE_DELETED",
        ),
    ] {
        lambda.invoke(event).unwrap();
        let (compliance, annotation) = held(&aws, id);
        assert_eq!(compliance, "NOT_APPLICABLE");
        assert!(annotation.starts_with(code), "{annotation}");
    }
    let called: BTreeSet<String> = actions_of(&aws.calls());
    assert_eq!(called, BTreeSet::from(["config:PutEvaluations".to_owned()]));
}

#[test]
fn an_oversized_item_is_fetched_from_the_history() {
    let aws = aws_for(&CONTROL);
    aws.kms().add_key(Key::symmetric("large").rotating(365));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let large = item("large");
    // Config may announce an item before its history shows it: that is no verdict.
    let error = lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap_err();
    assert!(error.message.contains("config:GetResourceConfigHistory"), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);

    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_eq!(held(&aws, "large").0, "COMPLIANT");
}

#[test]
fn a_sweep_reports_every_key_once_and_cleans_up() {
    let aws = aws_for(&CONTROL);
    aws.kms().page(100);
    let key = |n: usize| match n % 10 {
        0 => Key::symmetric(&format!("key-{n:03}")).aws_managed(),
        1 => Key::symmetric(&format!("key-{n:03}")),
        2 => Key::symmetric(&format!("key-{n:03}")).state("Disabled"),
        3 => Key::symmetric(&format!("key-{n:03}")).spec("RSA_2048", "SIGN_VERIFY"),
        _ => Key::symmetric(&format!("key-{n:03}")).rotating(365),
    };
    (0..250).for_each(|n| {
        aws.kms().add_key(key(n));
    });
    // A key that was reported once and is no more.
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    aws.kms().add_key(Key::symmetric("old").rotating(365));
    lambda.invoke(events::change(&rule, &item("old"), &Value::Null)).unwrap();
    aws.kms().remove_key("old");
    aws.take_calls();

    let answer = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!(
        answer,
        json!({"control": CONTROL.id, "compliant": 150, "nonCompliant": 25, "notApplicable": 76,
               "ruleGone": false})
    );
    assert_eq!(aws.config().results(RULE).len(), 251);
    assert_eq!(held(&aws, "old").0, "NOT_APPLICABLE");
    let sizes: Vec<usize> = aws
        .calls_of("PutEvaluations")
        .iter()
        .map(|call| call.body["Evaluations"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 100, 51]);
    // Only keys that could rotate are asked about.
    let count = |operation| aws.count(operation);
    assert_eq!(
        (count("ListKeys"), count("DescribeKey"), count("GetKeyRotationStatus")),
        (3, 250, 175)
    );

    // The next pass has nothing to clean up any more.
    aws.take_calls();
    let again = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!(again["notApplicable"], 75);
}

#[test]
fn a_result_of_a_key_made_during_the_sweep_stays() {
    let aws = aws_for(&CONTROL);
    aws.kms().add_key(Key::symmetric("old").rotating(365));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    aws.kms().add_key(Key::symmetric("new").rotating(365));
    lambda.invoke(events::change(&rule, &item("new"), &Value::Null)).unwrap();
    aws.kms().remove_key("new");
    // The schedule's notification is older than the result of the change.
    let event = events::scheduled_at(&rule, "2026-01-01T00:00:00Z", &Value::Null);
    lambda.invoke(event).unwrap();
    assert_eq!(held(&aws, "new").0, "COMPLIANT");
}

#[test]
fn an_account_without_keys_says_so() {
    let aws = aws_for(&CONTROL);
    aws.kms().add_key(Key::symmetric("last").rotating(365));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::change(&rule, &item("last"), &Value::Null)).unwrap();
    aws.kms().remove_key("last");
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert!(held(&aws, "last").1.starts_with("RESOURCE_GONE"));
    let (compliance, annotation) = held(&aws, ACCOUNT);
    assert_eq!(compliance, "NOT_APPLICABLE");
    assert!(annotation.starts_with("NOTHING_IN_SCOPE"), "{annotation}");
}

#[test]
fn one_denied_key_fails_the_whole_sweep() {
    for operation in ["ListKeys", "DescribeKey", "GetKeyRotationStatus", "ListKeyRotations"] {
        let aws = aws_for(&CONTROL);
        (0..20).for_each(|n| {
            aws.kms().add_key(Key::symmetric(&format!("key-{n}")).rotating(365));
        });
        aws.kms().add_key(Key::symmetric("imported").origin("EXTERNAL"));
        let rule = aws.config().rule(RULE);
        aws.fault("kms", operation, Fault::Denied.times(1));
        let event = events::scheduled(&rule, &json!({"evaluateImported": true}));
        let error = start(&aws).invoke(event).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied");
        assert!(error.message.contains(&format!("kms:{operation} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn the_role_holds_exactly_what_is_called() {
    let aws = aws_for(&CONTROL);
    aws.kms().add_key(Key::symmetric("rotating").rotating(90));
    aws.kms().add_key(
        Key::symmetric("imported").origin("EXTERNAL").rotated("2026-09-01T00:00:00Z", "ON_DEMAND"),
    );
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::scheduled(&rule, &json!({"evaluateImported": "true"}))).unwrap();
    assert_eq!(held(&aws, "imported").0, "COMPLIANT");
    let strict = json!({"evaluateImported": "true", "maxManualRotationAgeDays": 1});
    lambda.invoke(events::scheduled(&rule, &strict)).unwrap();
    assert!(held(&aws, "imported").1.starts_with("MANUAL_ROTATION_OVERDUE"));

    // An item that lacks what decides is completed by KMS.
    let mut bare = item("rotating");
    bare["configuration"] = json!({"keyId": "rotating"});
    lambda.invoke(events::change(&rule, &bare, &Value::Null)).unwrap();
    assert_eq!(held(&aws, "rotating").0, "COMPLIANT");
    aws.config().record(&bare);
    lambda.invoke(events::oversized(&rule, &bare, &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}
