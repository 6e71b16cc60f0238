use super::*;
use serde_json::json;

fn event() -> Value {
    json!({
        "version": "0",
        "id": "51677f1d-1ae8-5357-cc9b-387ac98e26ab",
        "detail-type": "Config Rules Compliance Change",
        "source": "aws.config",
        "account": "111122223333",
        "time": "2026-11-01T01:36:35Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": {
            "resourceId": "ledger",
            "awsRegion": "ap-northeast-1",
            "awsAccountId": "111122223333",
            "configRuleName": "fisc-s3-tls-only",
            "recordVersion": "1.0",
            "configRuleARN": "arn:aws:config:ap-northeast-1:111122223333:config-rule/config-rule-a",
            "messageType": "ComplianceChangeNotification",
            "newEvaluationResult": {
                "evaluationResultIdentifier": {
                    "evaluationResultQualifier": {
                        "configRuleName": "fisc-s3-tls-only",
                        "resourceType": "AWS::S3::Bucket",
                        "resourceId": "ledger"
                    },
                    "orderingTimestamp": "2026-11-01T01:36:30.000Z"
                },
                "complianceType": "NON_COMPLIANT",
                "resultRecordedTime": "2026-11-01T01:36:34.043Z",
                "configRuleInvokedTime": "2026-11-01T01:36:33.900Z",
                "annotation": "NO_BUCKET_POLICY: none"
            },
            "notificationCreationTime": "2026-11-01T01:36:34.500Z",
            "resourceType": "AWS::S3::Bucket"
        }
    })
}

fn read(event: &Value) -> Result<Change, MessageError> {
    Change::from_body(&event.to_string())
}

#[test]
fn a_change_is_read() {
    assert_eq!(
        read(&event()),
        Ok(Change {
            rule_name: "fisc-s3-tls-only".to_owned(),
            account_id: "111122223333".to_owned(),
            region: "ap-northeast-1".to_owned(),
            resource_type: "AWS::S3::Bucket".to_owned(),
            resource_id: "ledger".to_owned(),
            compliance: Some(Compliance::NonCompliant),
            annotation: Some("NO_BUCKET_POLICY: none".to_owned()),
            recorded: "2026-11-01T01:36:34.043Z".parse().unwrap(),
        })
    );
}

#[test]
fn annotation_and_result_may_be_absent() {
    let mut event = event();
    event["detail"]["newEvaluationResult"]["annotation"] = Value::Null;
    event["detail"]["newEvaluationResult"]["complianceType"] = json!("INSUFFICIENT_DATA");
    let change = read(&event).unwrap();
    assert_eq!((change.annotation, change.compliance), (None, None));
}

#[test]
fn every_wrong_field_is_named() {
    for (pointer, value, message) in [
        ("/source", json!("aws.s3"), "source is \"aws.s3\", expected aws.config"),
        (
            "/detail-type",
            json!("x"),
            "detail-type is \"x\", expected Config Rules Compliance Change",
        ),
        (
            "/detail/messageType",
            json!("ConfigurationItemChangeNotification"),
            "detail.messageType is \"ConfigurationItemChangeNotification\", expected ComplianceChangeNotification",
        ),
        ("/detail/resourceId", json!(7), "detail.resourceId is of another type, expected a text"),
        ("/detail/resourceId", json!(" "), "detail.resourceId is missing"),
        ("/detail/awsAccountId", Value::Null, "detail.awsAccountId is missing"),
        (
            "/detail/newEvaluationResult",
            Value::Null,
            "detail.newEvaluationResult.complianceType is missing",
        ),
        (
            "/detail/newEvaluationResult/complianceType",
            json!("OK"),
            "detail.newEvaluationResult.complianceType is \"OK\", expected COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE or INSUFFICIENT_DATA",
        ),
        (
            "/detail/newEvaluationResult/resultRecordedTime",
            json!("yesterday"),
            "detail.newEvaluationResult.resultRecordedTime is \"yesterday\", expected a time such as 2026-11-01T01:36:34.043Z",
        ),
        (
            "/account",
            json!("444455556666"),
            "account is \"444455556666\", expected the same as in the event's detail",
        ),
    ] {
        let mut event = event();
        *event.pointer_mut(pointer).unwrap() = value;
        assert_eq!(read(&event).unwrap_err().to_string(), message);
    }
    assert!(matches!(Change::from_body("{"), Err(MessageError::Body(_))));
    assert_eq!(Change::from_body("[]"), Err(MessageError::Missing("source")));
}

#[test]
fn invocations_are_told_apart() {
    let read = Invocation::from_value;
    let batch =
        json!({"Records": [{"messageId": "a", "body": "x"}, {"messageId": "b", "body": 1}]});
    let Ok(Invocation::Batch(records)) = read(batch) else { panic!("a batch") };
    assert_eq!(records[0].body.as_deref(), Some("x"));
    assert_eq!(records[1], Record { message_id: "b".to_owned(), body: None });
    assert!(matches!(read(json!({"Records": []})), Ok(Invocation::Batch(_))));
    assert!(matches!(read(json!({"detail-type": "Scheduled Event"})), Ok(Invocation::Schedule)));
    for wrong in [
        json!({"Records": [{"body": "x"}]}),
        json!({"Records": 1}),
        json!({"detail-type": "Config Rules Compliance Change"}),
        json!({}),
        json!(null),
    ] {
        assert!(matches!(read(wrong), Err(Error::Event(_))));
    }
}
