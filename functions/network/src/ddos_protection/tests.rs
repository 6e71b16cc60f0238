#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use fisc_shared::{ConfigurationItem, Parameters, Run};
use fisc_testkit::events;
use serde_json::{Value, json};

use super::CONTROL;
use super::exposed::{Addresses, Kind, is_protected, kinds};

fn read(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn kinds_of(parameters: &Value) -> Result<Vec<&'static Kind>, String> {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    };
    kinds(&run).map_err(|error| error.to_string())
}

fn kind_of(resource_type: &str) -> &'static Kind {
    let all = kinds_of(&json!({})).unwrap();
    all.into_iter().find(|kind| kind.resource.name == resource_type).unwrap()
}

#[test]
fn the_kinds_are_those_of_the_parameter() {
    assert_eq!(kinds_of(&json!({})).unwrap().len(), 6);
    let some = kinds_of(&json!({"protectedResourceTypes": ["EIP", "ALB"]})).unwrap();
    let names: Vec<&str> = some.iter().map(|kind| kind.resource.name).collect();
    assert_eq!(names, ["AWS::EC2::EIP", "AWS::ElasticLoadBalancingV2::LoadBalancer"]);
    let error = kinds_of(&json!({"protectedResourceTypes": ["NLB"]})).err().unwrap();
    assert!(error.contains("protectedResourceTypes") && error.contains("NLB"), "{error}");
}

#[test]
fn only_what_the_internet_reaches_must_be_protected() {
    let nat = events::item(
        "AWS::EC2::NatGateway",
        "nat-1",
        json!({"natGatewayAddresses": [{"allocationId": "eipalloc-nat", "publicIp": "203.0.113.1"}]}),
    );
    let addresses = Addresses::read(&[read(&nat)]).unwrap();
    let balancer = |kind: &str, scheme: &str| json!({"type": kind, "scheme": scheme});
    let enabled = |on: bool| json!({"distributionConfig": {"enabled": on}});
    const V2: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    const CLASSIC: &str = "AWS::ElasticLoadBalancing::LoadBalancer";
    const DISTRIBUTION: &str = "AWS::CloudFront::Distribution";
    const ACCELERATOR: &str = "AWS::GlobalAccelerator::Accelerator";
    const ZONE: &str = "AWS::Route53::HostedZone";
    const EIP: &str = "AWS::EC2::EIP";
    for (resource_type, id, configuration, expected) in [
        (V2, "a", balancer("application", "internet-facing"), true),
        (V2, "a", balancer("application", "internal"), false),
        // Protected by their addresses.
        (V2, "a", balancer("network", "internet-facing"), false),
        (CLASSIC, "c", json!({"scheme": "internet-facing"}), true),
        (CLASSIC, "c", json!({"scheme": "internal"}), false),
        (DISTRIBUTION, "E1", enabled(true), true),
        (DISTRIBUTION, "E1", enabled(false), false),
        (ACCELERATOR, "g", json!({"Enabled": true}), true),
        (ACCELERATOR, "g", json!({"Enabled": false}), false),
        (ZONE, "Z1", json!({"Name": "hbg.example.", "VPCs": []}), true),
        (ZONE, "Z1", json!({"Name": "hbg.example."}), true),
        (ZONE, "Z1", json!({"VPCs": [{"VPCId": "vpc-1"}]}), false),
        (EIP, "eipalloc-1", json!({"associationId": "eipassoc-1"}), true),
        (EIP, "eipalloc-1", json!({"instanceId": "i-1"}), true),
        (EIP, "eipalloc-1", json!({"publicIp": "203.0.113.2"}), false),
        (EIP, "eipalloc-nat", json!({"associationId": "eipassoc-2"}), false),
    ] {
        let item = read(&events::item(resource_type, id, configuration.clone()));
        let exposed = (kind_of(resource_type).exposed)(&item, &addresses).unwrap();
        assert_eq!(exposed, expected, "{resource_type} {configuration}");
    }
    for (resource_type, field) in [
        (V2, "configuration.type"),
        (CLASSIC, "configuration.scheme"),
        (DISTRIBUTION, "configuration.distributionConfig"),
        (ACCELERATOR, "configuration.Enabled"),
    ] {
        let item = read(&events::item(resource_type, "x", json!({})));
        let error = (kind_of(resource_type).exposed)(&item, &addresses).unwrap_err().to_string();
        assert_eq!(error, format!("{field} is missing"));
    }
}

#[test]
fn protections_name_resources_by_their_arn() {
    let of = |arns: &[&str]| arns.iter().map(|arn| (*arn).to_owned()).collect::<BTreeSet<_>>();
    let eip = read(&events::item("AWS::EC2::EIP", "eipalloc-1", json!({})));
    for (arn, expected) in [
        ("arn:aws:ec2:ap-northeast-1:111122223333:eip-allocation/eipalloc-1", true),
        ("arn:aws:ec2:ap-northeast-1:111122223333:elastic-ip/eipalloc-1", true),
        ("arn:aws:ec2:ap-northeast-1:111122223333:eip-allocation/eipalloc-12", false),
        ("arn:aws:ec2:ap-northeast-1:111122223333:eip-allocation/xeipalloc-1", false),
    ] {
        assert_eq!(is_protected(kind_of("AWS::EC2::EIP"), &eip, &of(&[arn])), expected, "{arn}");
    }
    // By the ARN of the item, by Config's id where that is the ARN, by the ARN that follows.
    let kind = kind_of("AWS::ElasticLoadBalancing::LoadBalancer");
    let mut item = events::item(kind.resource.name, "web", json!({}));
    item["ARN"] = Value::Null;
    let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/web";
    assert!(is_protected(kind, &read(&item), &of(&[arn])));
    assert!(!is_protected(kind, &read(&item), &of(&[&format!("{arn}-2")])));
    let kind = kind_of("AWS::GlobalAccelerator::Accelerator");
    let arn = "arn:aws:globalaccelerator::111122223333:accelerator/1a2b";
    let mut item = events::item(kind.resource.name, arn, json!({}));
    assert!(is_protected(kind, &read(&item), &of(&[arn])));
    item["resourceId"] = json!("1a2b");
    item["ARN"] = json!(arn);
    assert!(is_protected(kind, &read(&item), &of(&[arn])));
    assert!(!is_protected(kind, &read(&item), &of(&[])));
}
