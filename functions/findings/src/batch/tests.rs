use super::*;
use fisc_shared::asff::Status;
use serde_json::{Value, json};

fn event(rule: &str, resource: &str, result: &str, recorded: &str) -> Value {
    json!({
        "source": "aws.config",
        "detail-type": "Config Rules Compliance Change",
        "account": "111122223333",
        "region": "ap-northeast-1",
        "detail": {
            "messageType": "ComplianceChangeNotification",
            "awsAccountId": "111122223333",
            "awsRegion": "ap-northeast-1",
            "configRuleName": rule,
            "resourceType": "AWS::S3::Bucket",
            "resourceId": resource,
            "newEvaluationResult": {"complianceType": result, "resultRecordedTime": recorded},
        }
    })
}

fn batch(bodies: &[Value]) -> (BTreeMap<String, Pending>, BTreeSet<String>) {
    let controls = Controls::new("fisc").unwrap();
    let owner =
        Owner { account_id: "111122223333".to_owned(), region: "ap-northeast-1".to_owned() };
    let records: Vec<Record> = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| Record { message_id: n.to_string(), body: Some(body.to_string()) })
        .collect();
    collect(&controls, Language::Ja, &owner, &records)
}

const RULE: &str = "fisc-s3-tls-only";

#[test]
fn the_newest_result_of_a_finding_wins_whatever_the_order() {
    let (pending, failed) = batch(&[
        event(RULE, "a", "COMPLIANT", "2026-11-01T00:00:02Z"),
        event(RULE, "a", "NON_COMPLIANT", "2026-11-01T00:00:03Z"),
        event(RULE, "a", "COMPLIANT", "2026-11-01T00:00:01Z"),
        event(RULE, "b", "COMPLIANT", "2026-11-01T00:00:01Z"),
        event(RULE, "b", "COMPLIANT", "2026-11-01T00:00:01Z"),
    ]);
    assert!(failed.is_empty());
    let found: Vec<_> = pending
        .values()
        .map(|pending| (pending.finding.compliance.status, pending.messages.join(" ")))
        .collect();
    assert_eq!(found, [(Status::Failed, "0 1 2".to_owned()), (Status::Passed, "3 4".to_owned())]);
}

#[test]
fn only_messages_that_cannot_be_forwarded_fail() {
    let mut foreign_account = event(RULE, "a", "COMPLIANT", "2026-11-01T00:00:01Z");
    foreign_account["account"] = json!("444455556666");
    foreign_account["detail"]["awsAccountId"] = json!("444455556666");
    let mut foreign_region = event(RULE, "a", "COMPLIANT", "2026-11-01T00:00:01Z");
    foreign_region["region"] = json!("us-east-1");
    foreign_region["detail"]["awsRegion"] = json!("us-east-1");
    let (pending, failed) = batch(&[
        foreign_account,
        foreign_region,
        event("fisc-no-such-control", "a", "COMPLIANT", "2026-11-01T00:00:01Z"),
        json!("not an event"),
        event("other-rule", "a", "COMPLIANT", "2026-11-01T00:00:01Z"),
        event(RULE, "a", "INSUFFICIENT_DATA", "2026-11-01T00:00:01Z"),
        event(RULE, "a", "NOT_APPLICABLE", "2026-11-01T00:00:01Z"),
    ]);
    assert_eq!(failed.iter().map(String::as_str).collect::<Vec<_>>(), ["0", "1", "2", "3"]);
    assert_eq!(pending.values().map(|one| one.messages.concat()).collect::<Vec<_>>(), ["6"]);
}
