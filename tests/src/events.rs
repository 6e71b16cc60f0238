//! The events that AWS sends: by Config to rules, and by EventBridge through SQS.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::aws::{ACCOUNT, REGION, Rule};

/// The capture time of items that set none.
pub const CAPTURED: &str = "2026-11-01T01:36:34.043Z";

/// A configuration item in the dialect of events; change it with `item["…"] = …`.
#[must_use]
pub fn item(resource_type: &str, resource_id: &str, configuration: Value) -> Value {
    json!({
        "relatedEvents": [],
        "relationships": [],
        "configuration": configuration,
        "supplementaryConfiguration": {},
        "tags": {},
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": CAPTURED,
        "configurationStateId": 1_793_496_994_043_i64,
        "awsAccountId": ACCOUNT,
        "configurationItemStatus": "OK",
        "resourceType": resource_type,
        "resourceId": resource_id,
        "resourceName": resource_id,
        "ARN": format!("arn:aws:test:{REGION}:{ACCOUNT}:{resource_id}"),
        "awsRegion": REGION,
        "availabilityZone": "Not Applicable",
        "configurationStateMd5Hash": "",
        "resourceCreationTime": "2024-04-01T00:00:00.000Z",
    })
}

/// The event around an invoking event. `parameters` null: there is no `ruleParameters`.
#[must_use]
pub fn envelope(rule: &Rule, invoking: &Value, parameters: &Value, left_scope: bool) -> Value {
    let mut event = json!({
        "version": "1.0",
        "invokingEvent": invoking.to_string(),
        "resultToken": rule.token,
        "eventLeftScope": left_scope,
        "executionRoleArn": format!("arn:aws:iam::{}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", rule.account),
        "configRuleArn": rule.arn,
        "configRuleName": rule.name,
        "configRuleId": rule.id,
        "accountId": rule.account,
        "evaluationMode": "DETECTIVE",
    });
    if !parameters.is_null() {
        event["ruleParameters"] = json!(texts(parameters).to_string());
    }
    event
}

/// Config hands every parameter over as text.
fn texts(parameters: &Value) -> Value {
    let text =
        |value: &Value| json!(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    parameters.as_object().map_or_else(
        || parameters.clone(),
        |map| {
            Value::Object(
                map.iter().map(|(name, value)| (name.clone(), text(value))).collect::<Map<_, _>>(),
            )
        },
    )
}

fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

/// A resource was created or changed.
#[must_use]
pub fn change(rule: &Rule, item: &Value, parameters: &Value) -> Value {
    envelope(rule, &change_notification(item), parameters, false)
}

fn change_notification(item: &Value) -> Value {
    json!({
        "configurationItemDiff": null,
        "configurationItem": item,
        "notificationCreationTime": now(),
        "messageType": "ConfigurationItemChangeNotification",
        "recordVersion": "1.3",
    })
}

/// A resource was deleted: its item has no configuration any more.
#[must_use]
pub fn deleted(rule: &Rule, item: &Value, parameters: &Value) -> Value {
    let mut item = item.clone();
    item["configuration"] = Value::Null;
    item["configurationItemStatus"] = json!("ResourceDeleted");
    change(rule, &item, parameters)
}

/// A resource left the rule's scope, as when its tag was taken away.
#[must_use]
pub fn left_scope(rule: &Rule, item: &Value, parameters: &Value) -> Value {
    envelope(rule, &change_notification(item), parameters, true)
}

/// A resource changed whose item is too large for the event: only a summary comes.
#[must_use]
pub fn oversized(rule: &Rule, item: &Value, parameters: &Value) -> Value {
    let mut summary = json!({"changeType": "UPDATE"});
    for name in [
        "configurationItemVersion",
        "configurationItemCaptureTime",
        "configurationStateId",
        "awsAccountId",
        "configurationItemStatus",
        "resourceType",
        "resourceId",
        "resourceName",
        "ARN",
        "awsRegion",
        "availabilityZone",
        "configurationStateMd5Hash",
        "resourceCreationTime",
    ] {
        summary[name] = item[name].clone();
    }
    let invoking = json!({
        "configurationItemSummary": summary,
        "s3DeliverySummary": {"s3BucketLocation": null, "errorCode": null, "errorMessage": null},
        "notificationCreationTime": now(),
        "messageType": "OversizedConfigurationItemChangeNotification",
        "recordVersion": "1.0",
    });
    envelope(rule, &invoking, parameters, false)
}

/// The rule's schedule came round.
#[must_use]
pub fn scheduled(rule: &Rule, parameters: &Value) -> Value {
    // Times have milliseconds: without the pause, a result recorded just before could bear the
    // same one, and would count as recorded during the run.
    std::thread::sleep(std::time::Duration::from_millis(2));
    scheduled_at(rule, &now(), parameters)
}

/// The rule's schedule came round at this time.
#[must_use]
pub fn scheduled_at(rule: &Rule, time: &str, parameters: &Value) -> Value {
    let invoking = json!({
        "awsAccountId": rule.account,
        "notificationCreationTime": time,
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    });
    envelope(rule, &invoking, parameters, false)
}

/// A snapshot was delivered, for rules that run on its delivery.
#[must_use]
pub fn snapshot_delivered(rule: &Rule, bucket: &str, key: &str, parameters: &Value) -> Value {
    let invoking = json!({
        "configSnapshotId": "16da64e4-cb65-4846-b061-e6c3ba43cb96",
        "s3ObjectKey": key,
        "s3Bucket": bucket,
        "notificationCreationTime": now(),
        "messageType": "ConfigurationSnapshotDeliveryCompleted",
        "recordVersion": "1.1",
    });
    envelope(rule, &invoking, parameters, false)
}

/// What EventBridge puts into the queue when AWS Config has a new result for a control of the stack
/// `fisc`.
#[must_use]
pub fn compliance_change(
    control: &str,
    kind: &str,
    resource: &str,
    result: &str,
    recorded: &str,
) -> Value {
    let rule = format!("fisc-{control}");
    let evaluation = |result: &str, recorded: &str| {
        json!({
            "evaluationResultIdentifier": {
                "evaluationResultQualifier": {
                    "configRuleName": rule,
                    "resourceType": kind,
                    "resourceId": resource,
                },
                "orderingTimestamp": recorded,
            },
            "complianceType": result,
            "resultRecordedTime": recorded,
            "configRuleInvokedTime": recorded,
            "annotation": format!("SOME_CODE: {result}"),
        })
    };
    json!({
        "version": "0",
        "id": "51677f1d-1ae8-5357-cc9b-387ac98e26ab",
        "detail-type": "Config Rules Compliance Change",
        "source": "aws.config",
        "account": ACCOUNT,
        "time": "2026-11-01T01:36:35Z",
        "region": REGION,
        "resources": [],
        "detail": {
            "resourceId": resource,
            "awsRegion": REGION,
            "awsAccountId": ACCOUNT,
            "configRuleName": rule,
            "recordVersion": "1.0",
            "configRuleARN": format!("arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-a"),
            "messageType": "ComplianceChangeNotification",
            "newEvaluationResult": evaluation(result, recorded),
            "oldEvaluationResult": evaluation("COMPLIANT", "2026-10-01T00:00:00.000Z"),
            "notificationCreationTime": recorded,
            "resourceType": kind,
        },
    })
}

/// The id that [`sqs_batch`] gives the message at a position.
#[must_use]
pub fn message_id(position: usize) -> String {
    format!("059f36b4-87a3-44ab-83d2-{position:012}")
}

/// Messages of an SQS queue as Lambda hands them over, one for each body.
#[must_use]
pub fn sqs_batch(bodies: &[Value]) -> Value {
    let texts: Vec<String> = bodies.iter().map(Value::to_string).collect();
    sqs_batch_raw(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Like [`sqs_batch`], for bodies that need not be JSON.
#[must_use]
pub fn sqs_batch_raw(bodies: &[&str]) -> Value {
    let sent = Timestamp::now().as_millisecond().to_string();
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(position, body)| {
            json!({
                "messageId": message_id(position),
                "receiptHandle": format!("AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{position}"),
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": sent,
                    "SenderId": "AIDAJXNJGGKNS7OSV23OI",
                    "ApproximateFirstReceiveTimestamp": sent,
                },
                "messageAttributes": {},
                "md5OfBody": "7b270e59b47ff90a553787216d55d91d",
                "eventSource": "aws:sqs",
                "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:fisc-findings"),
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({"Records": records})
}

/// An EventBridge Scheduler or rule event of a schedule.
#[must_use]
pub fn eventbridge_schedule(rule_name: &str) -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": format!("{:.0}", Timestamp::now()),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule_name}")],
        "detail": {},
    })
}
