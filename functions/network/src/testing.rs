//! Items in the shape in which AWS Config records them, and runs of a control, for tests.

use fisc_shared::control::Check;
use fisc_shared::{ConfigurationItem, Control, Error, Parameters, Run, Verdict};
use fisc_testkit::events;
use serde_json::{Value, json};

/// A security group with these rules in and out.
pub(crate) fn group(inbound: &Value, outbound: &Value) -> Value {
    let mut item = events::item(
        "AWS::EC2::SecurityGroup",
        "sg-0f1e2d3c4b5a69788",
        json!({
            "description": "Application servers", "groupName": "hbg-app", "ownerId": "111122223333",
            "groupId": "sg-0f1e2d3c4b5a69788", "vpcId": "vpc-0a1b2c3d4e5f60718", "tags": [],
            "ipPermissions": inbound, "ipPermissionsEgress": outbound,
        }),
    );
    item["ARN"] =
        "arn:aws:ec2:ap-northeast-1:111122223333:security-group/sg-0f1e2d3c4b5a69788".into();
    item
}

/// A rule for a protocol, its ports if there are any, and the ranges at the other end.
pub(crate) fn rule(protocol: &str, ports: Option<(i32, i32)>, networks: &[&str]) -> Value {
    let (v6, v4): (Vec<&str>, Vec<&str>) =
        networks.iter().copied().partition(|text| text.contains(':'));
    let mut rule = json!({
        "ipProtocol": protocol, "userIdGroupPairs": [], "prefixListIds": [], "ipRanges": v4,
        "ipv4Ranges": v4.iter().map(|text| json!({"cidrIp": text})).collect::<Vec<_>>(),
        "ipv6Ranges": v6.iter().map(|text| json!({"cidrIpv6": text})).collect::<Vec<_>>(),
    });
    if let Some((from, to)) = ports {
        rule["fromPort"] = from.into();
        rule["toPort"] = to.into();
    }
    rule
}

/// A rule for one TCP port.
pub(crate) fn tcp(port: i32, networks: &[&str]) -> Value {
    rule("tcp", Some((port, port)), networks)
}

/// Runs a control on an item.
pub(crate) fn judge(control: &Control, item: &Value, parameters: &Value) -> Result<Verdict, Error> {
    let item = ConfigurationItem::from_json(&item.to_string()).expect("an item");
    let parameters = Parameters::from_value(control.id, control.parameters, parameters).unwrap();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: true,
    };
    match control.check {
        Check::Item(check) => check(&item, &run),
        Check::Service { .. } => panic!("the controls of this domain judge items"),
    }
}

/// The codes of the verdict.
pub(crate) fn codes(control: &Control, item: &Value, parameters: &Value) -> Vec<&'static str> {
    let verdict = judge(control, item, parameters).unwrap();
    let declared = |code| {
        control.requirement(code).is_some() || control.remarks.iter().any(|one| one.code == code)
    };
    assert!(verdict.reasons().iter().all(|reason| declared(reason.code)));
    verdict.reasons().iter().map(|reason| reason.code).collect()
}
