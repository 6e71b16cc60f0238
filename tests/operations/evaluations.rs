//! End-to-end: the real `operations` binary, from the Config event to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_operations::workload_tracing;
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::json;

#[test]
fn changes_of_functions_and_workflows_are_judged() {
    let control = &workload_tracing::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule("fisc-workload-tracing");
    let mut lambda =
        Lambda::start(env!("CARGO_BIN_EXE_operations"), &aws, &[("FISC_CONTROL", control.id)]);
    for (kind, id, configuration, compliance, start) in [
        (
            "AWS::Lambda::Function",
            "transfer",
            json!({"tracingConfig": {"mode": "Active"}}),
            "COMPLIANT",
            "",
        ),
        (
            "AWS::Lambda::Function",
            "report",
            json!({"tracingConfig": {"mode": "PassThrough"}}),
            "NON_COMPLIANT",
            "LAMBDA_TRACING_OFF",
        ),
        (
            "AWS::StepFunctions::StateMachine",
            "arn:aws:states:ap-northeast-1:111122223333:stateMachine:settle",
            json!({"StateMachineName": "settle"}),
            "NON_COMPLIANT",
            "STATE_MACHINE_TRACING_OFF",
        ),
    ] {
        let item = events::item(kind, id, configuration);
        lambda.invoke(events::change(&rule, &item, &json!({}))).unwrap();
        let result = aws.config().result("fisc-workload-tracing", id).unwrap();
        let annotation = result.annotation.unwrap_or_default();
        assert_eq!(result.compliance, compliance, "{id}: {annotation}");
        assert!(annotation.starts_with(start), "{id}: {annotation}");
    }
    // An item too large for the event is fetched.
    let item = events::item(
        "AWS::Lambda::Function",
        "large",
        json!({"tracingConfig": {"mode": "Active"}}),
    );
    aws.config().record(&item);
    lambda.invoke(events::oversized(&rule, &item, &json!({}))).unwrap();
    assert_eq!(
        aws.config().result("fisc-workload-tracing", "large").unwrap().compliance,
        "COMPLIANT"
    );
    assert_all_needed(control, &actions_of(&aws.calls()));
}
