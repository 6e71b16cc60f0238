//! End-to-end: the real `logging` binary and the access logs that items tell of.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support.rs"]
mod support;

use fisc_logging::access_logging::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};
use support::{actions_of, assert_all_needed, aws_for};

const RULE: &str = "fisc-access-logging";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_logging"), aws, &env)
}

fn stage(level: &str, access_logs: &Value) -> Value {
    let id = format!("arn:aws:apigateway:{REGION}::/restapis/hbg/stages/prod");
    let mut item = events::item(
        "AWS::ApiGateway::Stage",
        &id,
        json!({
            "stageName": "prod", "methodSettings": {"*/*": {"loggingLevel": level}},
            "accessLogSettings": access_logs,
        }),
    );
    item["ARN"] = json!(id);
    item
}

#[test]
fn logs_are_judged_by_items_alone() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let destination =
        json!({"destinationArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:/hbg"});
    let good = stage("ERROR", &destination);
    let id = good["resourceId"].as_str().unwrap().to_owned();
    lambda.invoke(events::change(&rule, &good, &Value::Null)).unwrap();
    assert_eq!(aws.config().result(RULE, &id).unwrap().compliance, "COMPLIANT");

    // The next change turns both kinds of logs off; its item is too large for the event.
    let mut bad = stage("OFF", &Value::Null);
    bad["configurationItemCaptureTime"] = json!("2026-11-02T01:36:34.043Z");
    aws.config().record(&bad);
    lambda.invoke(events::oversized(&rule, &bad, &Value::Null)).unwrap();
    let result = aws.config().result(RULE, &id).unwrap();
    assert_eq!(result.compliance, "NON_COMPLIANT");
    let annotation = result.annotation.unwrap_or_default();
    assert!(annotation.contains("API_EXECUTION_LOG_OFF"), "{annotation}");
    assert!(annotation.contains("API_ACCESS_LOG_OFF"), "{annotation}");

    // An item that does not tell fails the run and leaves the result alone.
    let mut broken = bad.clone();
    broken["configuration"] = json!({"stageName": "prod"});
    let failure = lambda.invoke(events::change(&rule, &broken, &Value::Null)).unwrap_err();
    assert_eq!(failure.error_type, "IncompleteItem");
    assert!(failure.message.contains("methodSettings is missing"), "{}", failure.message);
    assert_eq!(aws.config().result(RULE, &id).unwrap().compliance, "NON_COMPLIANT");

    let parameters = json!({"apiLogLevels": "OFF", "requireApiAccessLog": false});
    lambda.invoke(events::change(&rule, &bad, &parameters)).unwrap();
    assert_eq!(aws.config().result(RULE, &id).unwrap().compliance, "COMPLIANT");
    // No resource is left to the schedule.
    lambda.invoke(events::scheduled(&rule, &json!({}))).unwrap();
    assert_eq!(aws.config().result(RULE, ACCOUNT).unwrap().compliance, "NOT_APPLICABLE");
    assert_eq!(aws.config().result(RULE, &id).unwrap().compliance, "COMPLIANT");
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}
