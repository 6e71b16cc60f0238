//! End-to-end: the real `transport` binary, from the Config event to the evaluation and, through
//! the real `findings` binary, to the finding.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support.rs"]
mod support;

use fisc_testkit::aws::{ACCOUNT, FakeAws, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{Lambda, sibling};
use fisc_transport::s3_tls_only::CONTROL;
use serde_json::{Value, json};
use support::{actions_of, assert_all_needed, aws_for};

const RULE: &str = "fisc-s3-tls-only";

fn start(aws: &FakeAws) -> Lambda {
    Lambda::start(env!("CARGO_BIN_EXE_transport"), aws, &[("FISC_CONTROL", CONTROL.id)])
}

fn bucket(name: &str, policy: &Value) -> Value {
    let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
    item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
    let text = if policy.is_null() { Value::Null } else { json!(policy.to_string()) };
    item["supplementaryConfiguration"] = json!({"BucketPolicy": {"policyText": text}});
    item
}

fn tls_only(condition: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": "*", "Condition": condition}]})
}

fn good() -> Value {
    tls_only(json!({"Bool": {"aws:SecureTransport": "false"}}))
}

#[test]
fn buckets_are_judged_by_their_item_alone() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let inverted = tls_only(json!({"Bool": {"aws:SecureTransport": "true"}}));
    for (name, policy, compliance, code) in [
        ("good", good(), "COMPLIANT", ""),
        ("none", Value::Null, "NON_COMPLIANT", "NO_BUCKET_POLICY"),
        ("inverted", inverted, "NON_COMPLIANT", "NO_TLS_DENY"),
    ] {
        lambda.invoke(events::change(&rule, &bucket(name, &policy), &Value::Null)).unwrap();
        let result = aws.config().result(RULE, name).unwrap();
        assert_eq!(result.compliance, compliance, "{name}");
        assert!(result.annotation.unwrap_or_default().starts_with(code), "{name}");
    }
    // What was judged is the state at the item's capture.
    let call = &aws.calls_of("PutEvaluations")[0];
    let ordering = call.body["Evaluations"][0]["OrderingTimestamp"].as_f64().unwrap();
    assert!((ordering - 1_793_496_994.043).abs() < 0.001, "{ordering}");

    let large = bucket("large", &good());
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_eq!(aws.config().result(RULE, "large").unwrap().compliance, "COMPLIANT");
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn what_cannot_be_judged_fails_the_run() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut bare = bucket("bare", &good());
    bare["supplementaryConfiguration"] = Value::Null;
    let mut broken = bucket("broken", &good());
    broken["supplementaryConfiguration"]["BucketPolicy"]["policyText"] = json!("{\"Statement\"");
    for (event, error_type, expected) in [
        (
            events::change(&rule, &bare, &Value::Null),
            "IncompleteItem",
            "supplementaryConfiguration",
        ),
        (events::change(&rule, &broken, &Value::Null), "UnreadablePolicy", "not JSON"),
        (events::scheduled(&rule, &Value::Null), "MalformedEvent", "s3-tls-only does not run on"),
    ] {
        let error = lambda.invoke(event).unwrap_err();
        assert_eq!(error.error_type, error_type, "{}", error.message);
        assert!(error.message.contains(expected), "{}", error.message);
    }
    assert_eq!(aws.count("PutEvaluations"), 0);
}

#[test]
fn a_type_beside_the_control_is_not_applicable() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let topic = events::item("AWS::SNS::Topic", "topic", json!({}));
    start(&aws).invoke(events::change(&rule, &topic, &Value::Null)).unwrap();
    assert_eq!(aws.config().result(RULE, "topic").unwrap().compliance, "NOT_APPLICABLE");
}

#[test]
fn a_result_becomes_a_finding_and_a_deleted_bucket_archives_it() {
    let aws = FakeAws::start();
    let rule = aws.config().rule(RULE);
    let mut control = start(&aws);
    let mut findings = Lambda::start(sibling("findings"), &aws, &[("FISC_RULE_PREFIX", "fisc")]);
    let mut forward = |aws: &FakeAws| {
        let events = aws.config().take_compliance_events();
        assert_eq!(events.len(), 1);
        let answer = findings.invoke(events::sqs_batch(&events)).unwrap();
        assert_eq!(answer, json!({"batchItemFailures": []}));
        let mut held = aws.securityhub().findings();
        assert_eq!(held.len(), 1, "one resource, one finding");
        held.remove(0)
    };

    let bad = bucket("customer-documents", &Value::Null);
    control.invoke(events::change(&rule, &bad, &Value::Null)).unwrap();
    let finding = forward(&aws);
    assert_eq!(finding["Compliance"]["Status"], "FAILED");
    assert_eq!(finding["RecordState"], "ACTIVE");
    assert_eq!(finding["AwsAccountId"], ACCOUNT);
    assert_eq!(finding["Resources"][0]["Type"], "AwsS3Bucket");
    assert_eq!(finding["Resources"][0]["Id"], "arn:aws:s3:::customer-documents");
    assert_eq!(finding["Resources"][0]["Region"], REGION);
    assert_eq!(finding["FindingProviderFields"]["Severity"]["Label"], "HIGH");
    let criteria = finding["Compliance"]["RelatedRequirements"].as_array().unwrap();
    assert!(criteria.contains(&json!("実4")), "{criteria:?}");
    assert!(finding["Description"].as_str().unwrap().contains("NO_BUCKET_POLICY"));

    let mut fixed = bucket("customer-documents", &good());
    fixed["configurationItemCaptureTime"] = json!("2026-11-02T00:00:00.000Z");
    control.invoke(events::change(&rule, &fixed, &Value::Null)).unwrap();
    assert_eq!(forward(&aws)["Compliance"]["Status"], "PASSED");

    let mut gone = fixed.clone();
    gone["configurationItemCaptureTime"] = json!("2026-11-03T00:00:00.000Z");
    control.invoke(events::deleted(&rule, &gone, &Value::Null)).unwrap();
    assert_eq!(forward(&aws)["RecordState"], "ARCHIVED");
}
