use super::*;

use fisc_testkit::events;
use serde_json::{Value, json};

use crate::vpcs::testing::{ACCOUNT, codes, preview as preview_of, previewed, with_run};

/// A flow log of a VPC: its traffic type, and what came of its last delivery.
fn log(id: &str, traffic: &str, delivery: Option<&str>) -> FlowLog {
    FlowLog {
        id: id.to_owned(),
        resource_id: "vpc-1".to_owned(),
        status: "ACTIVE".to_owned(),
        traffic_type: Some(traffic.to_owned()),
        delivery: delivery.map(str::to_owned),
        destination_type: Some("s3".to_owned()),
        ..FlowLog::default()
    }
}

const OK: Option<&str> = Some("SUCCESS");
const FAILED: Option<&str> = Some("FAILED");

fn of_vpc(logs: &[FlowLog], parameters: &Value) -> Result<Vec<&'static str>, Error> {
    let verdict = with_run(&CONTROL, parameters, |run| vpc_verdict("vpc-1", logs, run))?;
    Ok(codes(&CONTROL, &verdict))
}

#[test]
fn a_vpc_needs_an_active_flow_log_of_its_own() {
    let none = json!({});
    assert_eq!(of_vpc(&[log("fl-1", "ALL", OK)], &none).unwrap(), [""; 0]);
    assert_eq!(of_vpc(&[], &none).unwrap(), ["FLOW_LOG_MISSING"]);
    let mut stopped = log("fl-1", "ALL", OK);
    stopped.status = "INACTIVE".to_owned();
    assert_eq!(of_vpc(&[stopped.clone()], &none).unwrap(), ["FLOW_LOG_MISSING"]);
    // Those of other VPCs, subnets, interfaces and transit gateways do not count.
    for id in ["vpc-11", "vpc-2", "subnet-1", "eni-1", "tgw-1"] {
        let mut other = log("fl-1", "ALL", OK);
        other.resource_id = id.to_owned();
        assert_eq!(of_vpc(&[other.clone()], &none).unwrap(), ["FLOW_LOG_MISSING"], "{id}");
        let both = [other, stopped.clone(), log("fl-2", "ALL", OK)];
        assert_eq!(of_vpc(&both, &none).unwrap(), [""; 0], "{id}");
    }
}

#[test]
fn flow_logs_together_record_the_required_traffic() {
    let short = ["TRAFFIC_TYPE_INSUFFICIENT"].as_slice();
    let fine = [].as_slice();
    for (types, wanted, expected) in [
        (&["ALL"][..], "ALL", fine),
        (&["REJECT"], "ALL", short),
        (&["ACCEPT"], "ALL", short),
        (&["ACCEPT", "ACCEPT"], "ALL", short),
        (&["ACCEPT", "REJECT"], "ALL", fine),
        (&["REJECT"], "REJECT", fine),
        (&["REJECT"], "ACCEPT,REJECT", fine),
        (&["ACCEPT"], "REJECT", short),
        // Who records everything records what is rejected.
        (&["ALL"], "REJECT", fine),
        (&["ALL"], "ACCEPT", fine),
        // A type that is not known yet records nothing for certain.
        (&["SOME"], "ALL", short),
    ] {
        let logs: Vec<FlowLog> = types.iter().map(|name| log("fl-1", name, OK)).collect();
        let parameters = json!({"trafficTypes": wanted});
        assert_eq!(of_vpc(&logs, &parameters).unwrap(), expected, "{types:?} {wanted}");
    }
}

#[test]
fn what_is_required_must_arrive() {
    let lost = ["ALL_DELIVERIES_FAILING"].as_slice();
    let fine = [].as_slice();
    for (logs, expected) in [
        (vec![log("fl-1", "ALL", FAILED)], lost),
        (vec![log("fl-1", "ALL", FAILED), log("fl-2", "ALL", FAILED)], lost),
        (vec![log("fl-1", "ALL", FAILED), log("fl-2", "ALL", OK)], fine),
        // A new one has not delivered yet.
        (vec![log("fl-1", "ALL", None)], fine),
        // What arrives is not what is required.
        (vec![log("fl-1", "ALL", FAILED), log("fl-2", "REJECT", OK)], lost),
        (vec![log("fl-1", "ACCEPT", FAILED), log("fl-2", "REJECT", OK)], lost),
        (
            vec![log("fl-1", "REJECT", FAILED)],
            &["TRAFFIC_TYPE_INSUFFICIENT", "ALL_DELIVERIES_FAILING"],
        ),
        (
            vec![log("fl-1", "REJECT", FAILED), log("fl-2", "REJECT", OK)],
            &["TRAFFIC_TYPE_INSUFFICIENT"],
        ),
    ] {
        assert_eq!(of_vpc(&logs, &json!({})).unwrap(), expected, "{logs:?}");
    }
}

#[test]
fn messages_name_what_is_there() {
    let verdict = |logs: &[FlowLog]| {
        let verdict = with_run(&CONTROL, &json!({}), |run| vpc_verdict("vpc-1", logs, run));
        verdict.unwrap().reasons()[0].message.en.clone()
    };
    let rejects = [log("fl-1", "REJECT", OK), log("fl-2", "REJECT", OK)];
    assert_eq!(verdict(&rejects), "Only REJECT is recorded");
    let mixed = [log("fl-1", "ACCEPT", FAILED), log("fl-2", "REJECT", OK)];
    assert_eq!(verdict(&mixed), "Delivery fails: fl-1");
}

#[test]
fn a_flow_log_of_a_vpc_without_a_traffic_type_is_an_error() {
    let mut odd = log("fl-1", "ALL", OK);
    odd.traffic_type = None;
    let error = of_vpc(&[odd.clone()], &json!({})).unwrap_err().to_string();
    assert_eq!(error, "the answer of ec2:DescribeFlowLogs lacks trafficType of fl-1");
    // Those of transit gateways have none.
    odd.resource_id = "tgw-1".to_owned();
    assert_eq!(of_vpc(&[odd, log("fl-2", "ALL", OK)], &json!({})).unwrap(), [""; 0]);
}

#[test]
fn wrong_traffic_types_are_refused() {
    for wrong in ["", "all", "ALL,ACCEPTED"] {
        let error = of_vpc(&[], &json!({"trafficTypes": wrong})).unwrap_err();
        assert_eq!(error.kind(), "WrongParameter", "{wrong}: {error}");
        let item = item(&json!({}));
        let error = preview_of(&CONTROL, &item, &json!({"trafficTypes": wrong})).unwrap_err();
        assert_eq!(error.kind(), "WrongParameter", "{wrong}: {error}");
    }
}

/// The item of a flow log to a bucket; `changes` replace fields, null takes one away.
fn item(changes: &Value) -> Value {
    let mut configuration = json!({
        "creationTime": 1_661_828_400_000_i64, "deliverLogsStatus": "SUCCESS",
        "flowLogId": "fl-1", "flowLogStatus": "ACTIVE", "resourceId": "vpc-1",
        "trafficType": "ALL", "logDestinationType": "s3",
        "logDestination": "arn:aws:s3:::hbg-log-archive/vpc/", "tags": [],
        "maxAggregationInterval": 60,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        configuration[name] = value.clone();
    }
    events::item("AWS::EC2::FlowLog", "fl-1", configuration)
}

fn to_log_group(changes: &Value) -> Value {
    let mut all = json!({
        "logDestinationType": "cloud-watch-logs", "logGroupName": "/hbg/vpc",
        "logDestination": null, "deliverLogsPermissionArn": "arn:aws:iam::111122223333:role/flow",
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    item(&all)
}

#[test]
fn the_item_of_a_flow_log_to_a_bucket_decides_alone() {
    let no_s3 = json!({"allowedDestinations": "cloud-watch-logs"});
    let none = json!({});
    for (changes, parameters, expected) in [
        (json!({}), &none, &[][..]),
        (json!({"deliverLogsStatus": null}), &none, &[]),
        (json!({"deliverLogsStatus": "FAILED"}), &none, &["DELIVERY_FAILED"]),
        (json!({"flowLogStatus": "INACTIVE"}), &none, &["DELIVERY_FAILED"]),
        (json!({}), &no_s3, &["DESTINATION_TYPE_NOT_ALLOWED"]),
        (
            json!({"deliverLogsStatus": "FAILED"}),
            &no_s3,
            &["DELIVERY_FAILED", "DESTINATION_TYPE_NOT_ALLOWED"],
        ),
        (json!({"logDestinationType": "kinesis-data-firehose"}), &none, &[]),
        // A log group of another account cannot be looked for.
        (
            json!({"logDestinationType": "cloud-watch-logs", "logGroupName": "/hbg/vpc",
                   "logDestination": "arn:aws:logs:ap-northeast-1:444455556666:log-group:/hbg/vpc:*"}),
            &none,
            &[],
        ),
    ] {
        let codes = previewed(&CONTROL, &item(&changes), parameters).unwrap();
        assert_eq!(codes, expected, "{changes}");
    }
    let failed = json!({"deliverLogsStatus": "FAILED", "deliverLogsErrorMessage": "Access error"});
    let verdict = preview_of(&CONTROL, &item(&failed), &json!({})).unwrap().unwrap();
    assert_eq!(verdict.reasons()[0].message.en, "The delivery fails: Access error");
}

#[test]
fn a_log_group_must_exist() {
    let arn = |name: &str| {
        json!({"logGroupName": null,
               "logDestination": format!("arn:aws:logs:ap-northeast-1:{ACCOUNT}:log-group:{name}")})
    };
    for (changes, existing, expected) in [
        (json!({}), "/hbg/vpc", &[][..]),
        (json!({}), "/hbg/vpc-2", &["DESTINATION_MISSING"]),
        (arn("/hbg/vpc:*"), "/hbg/vpc", &[]),
        (arn("/hbg/vpc"), "/hbg/vpc", &[]),
        (arn("/hbg/vpc:*"), "/hbg/other", &["DESTINATION_MISSING"]),
        // From before there was a choice of destinations.
        (json!({"logDestinationType": null}), "/hbg/vpc", &[]),
        (json!({"logDestinationType": null}), "/hbg/other", &["DESTINATION_MISSING"]),
        (
            json!({"deliverLogsStatus": "FAILED"}),
            "/hbg/other",
            &["DELIVERY_FAILED", "DESTINATION_MISSING"],
        ),
    ] {
        let item = to_log_group(&changes);
        assert_eq!(previewed(&CONTROL, &item, &json!({})), None, "{changes}");
        let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
        let groups = BTreeSet::from([existing.to_owned()]);
        let verdict = with_run(&CONTROL, &json!({}), |run| {
            flow_log_verdict(&of_item(&item).unwrap(), &groups, run)
        });
        assert_eq!(codes(&CONTROL, &verdict.unwrap()), expected, "{changes} {existing}");
    }
}

#[test]
fn an_item_that_does_not_tell_is_an_error() {
    for (item, field) in [
        (item(&json!({"flowLogStatus": null})), "configuration.flowLogStatus"),
        (item(&json!({"logDestinationType": null})), "configuration.logDestinationType"),
        (to_log_group(&json!({"logGroupName": null})), "configuration.logGroupName"),
    ] {
        let error = preview_of(&CONTROL, &item, &json!({})).unwrap_err().to_string();
        assert!(error.ends_with(&format!("{field} is missing")), "{error}");
    }
}

#[test]
fn a_shared_vpc_is_judged_by_its_owner() {
    let vpc = |owner: Value| {
        let configuration = json!({"vpcId": "vpc-1", "ownerId": owner});
        previewed(&CONTROL, &events::item("AWS::EC2::VPC", "vpc-1", configuration), &json!({}))
    };
    assert_eq!(vpc(json!(ACCOUNT)), None);
    assert_eq!(vpc(Value::Null), None, "EC2 is asked whose it is");
    assert_eq!(vpc(json!("444455556666")).unwrap(), ["SHARED_VPC"]);
}
