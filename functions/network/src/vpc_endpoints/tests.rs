use super::*;

use fisc_testkit::events;
use serde_json::{Value, json};

use crate::vpcs::testing::{ACCOUNT, codes, preview as preview_of, previewed, with_run};

/// An available endpoint of `vpc-1` in the Region.
fn endpoint(kind: &str, service: &str) -> VpcEndpoint {
    VpcEndpoint {
        id: format!("vpce-{service}"),
        vpc_id: "vpc-1".to_owned(),
        service: Some(format!("com.amazonaws.ap-northeast-1.{service}")),
        kind: kind.to_owned(),
        state: "available".to_owned(),
        private_dns: kind == "Interface",
        route_tables: if kind == "Gateway" { vec!["rtb-1".to_owned()] } else { Vec::new() },
        subnets: Vec::new(),
    }
}

const SERVICES: [&str; 6] = ["ssm", "ssmmessages", "kms", "secretsmanager", "logs", "sts"];

/// What a VPC with everything has.
fn complete() -> Vec<VpcEndpoint> {
    let mut endpoints: Vec<VpcEndpoint> =
        SERVICES.iter().map(|service| endpoint("Interface", service)).collect();
    endpoints.push(endpoint("Gateway", "s3"));
    endpoints
}

/// All endpoints but those for S3, and these.
fn with_s3(own: Vec<VpcEndpoint>) -> Vec<VpcEndpoint> {
    let mut endpoints = complete();
    endpoints.pop();
    endpoints.extend(own);
    endpoints
}

/// A complete VPC of which one endpoint, that for KMS, is changed.
fn with_kms(change: impl FnOnce(&mut VpcEndpoint)) -> Vec<VpcEndpoint> {
    let mut endpoints = complete();
    change(&mut endpoints[2]);
    endpoints
}

fn judged(endpoints: &[VpcEndpoint], parameters: &Value) -> Vec<&'static str> {
    let verdict = with_run(&CONTROL, parameters, |run| decide::vpc("vpc-1", endpoints, run));
    codes(&CONTROL, &verdict)
}

#[test]
fn a_vpc_reaches_s3_through_an_endpoint() {
    let changed = |kind: &str, change: &dyn Fn(&mut VpcEndpoint)| {
        let mut one = endpoint(kind, "s3");
        change(&mut one);
        one
    };
    let missing: &[&str] = &["S3_ENDPOINT_MISSING"];
    let unused: &[&str] = &["GATEWAY_ENDPOINT_NO_ROUTE_TABLE"];
    let no_table = || changed("Gateway", &|one| one.route_tables.clear());
    for (own, expected) in [
        (vec![endpoint("Gateway", "s3")], &[][..]),
        (vec![endpoint("Interface", "s3")], &[]),
        (vec![], missing),
        (vec![endpoint("Gateway", "dynamodb"), endpoint("Interface", "s3-outposts")], missing),
        (vec![endpoint("Gateway", "s3express")], missing),
        (vec![changed("Gateway", &|one| one.state = "deleting".to_owned())], missing),
        (vec![changed("Gateway", &|one| one.vpc_id = "vpc-2".to_owned())], missing),
        (
            vec![changed("Gateway", &|one| {
                one.service = Some("com.amazonaws.us-east-1.s3".to_owned());
            })],
            missing,
        ),
        (vec![no_table()], unused),
        (vec![no_table(), endpoint("Gateway", "s3")], &[]),
        (vec![no_table(), endpoint("Interface", "s3")], &[]),
    ] {
        assert_eq!(judged(&with_s3(own.clone()), &json!({})), expected, "{own:?}");
    }
}

#[test]
fn a_vpc_has_an_interface_endpoint_for_each_service() {
    let missing: &[&str] = &["INTERFACE_ENDPOINT_MISSING"];
    let off: &[&str] = &["PRIVATE_DNS_DISABLED"];
    let none = json!({});
    for (endpoints, parameters, expected) in [
        (complete(), &none, &[][..]),
        (with_kms(|one| one.state = "pending".to_owned()), &none, missing),
        (with_kms(|one| one.vpc_id = "vpc-2".to_owned()), &none, missing),
        (with_kms(|one| one.kind = "GatewayLoadBalancer".to_owned()), &none, missing),
        (
            with_kms(|one| one.service = Some("com.amazonaws.ap-northeast-1.kms-fips".to_owned())),
            &none,
            missing,
        ),
        (with_kms(|one| one.private_dns = false), &none, off),
        (with_kms(|one| one.private_dns = false), &json!({"requirePrivateDns": false}), &[]),
        // One of two is enough.
        ([with_kms(|one| one.private_dns = false), complete()].concat(), &none, &[]),
        (complete(), &json!({"interfaceServices": "kms,ecr.api"}), missing),
        (vec![endpoint("Gateway", "s3")], &json!({"interfaceServices": ""}), &[]),
        (vec![], &none, &["S3_ENDPOINT_MISSING", "INTERFACE_ENDPOINT_MISSING"]),
        (
            with_s3(with_kms(|one| one.private_dns = false)[2..3].to_vec()),
            &json!({"interfaceServices": "kms,athena"}),
            &["S3_ENDPOINT_MISSING", "INTERFACE_ENDPOINT_MISSING"],
        ),
    ] {
        assert_eq!(judged(&endpoints, parameters), expected, "{endpoints:?} {parameters}");
    }
    let verdict =
        with_run(&CONTROL, &none, |run| decide::vpc("vpc-1", &[endpoint("Gateway", "s3")], run));
    let message = &verdict.reasons()[0].message.en;
    assert_eq!(message, "No endpoint for ssm, ssmmessages, kms and 3 more");
}

#[test]
fn vpcs_of_others_unused_and_centrally_served_ones_are_not_judged() {
    let vpc = |owner: &str, tag: Option<&str>| {
        let tags: Vec<(&str, &str)> = tag.map(|key| (key, "hub")).into_iter().collect();
        vpcs::testing::vpc("vpc-1", owner, &tags)
    };
    let tag = "fisc:central-endpoints";
    let used = Some(BTreeSet::from(["vpc-1".to_owned()]));
    let unused = Some(BTreeSet::from(["vpc-2".to_owned()]));
    let failing: &[&str] = &["S3_ENDPOINT_MISSING", "INTERFACE_ENDPOINT_MISSING"];
    let none = json!({});
    for (vpc, used, parameters, expected) in [
        (vpc(ACCOUNT, None), &used, &none, failing),
        (vpc(ACCOUNT, Some(tag)), &used, &none, &["CENTRALLY_SERVED"][..]),
        (vpc(ACCOUNT, Some(tag)), &used, &json!({"centralEndpointVpcTagKey": ""}), failing),
        (vpc(ACCOUNT, Some("")), &used, &json!({"centralEndpointVpcTagKey": ""}), failing),
        (
            vpc(ACCOUNT, Some("spoke")),
            &used,
            &json!({"centralEndpointVpcTagKey": "spoke"}),
            &["CENTRALLY_SERVED"],
        ),
        (vpc(ACCOUNT, None), &unused, &none, &["UNUSED_VPC"]),
        (vpc(ACCOUNT, None), &None, &none, failing),
        (vpc("444455556666", None), &used, &none, &["SHARED_VPC"]),
    ] {
        let around = Surroundings { endpoints: Vec::new(), used: used.clone() };
        let verdict = with_run(&CONTROL, parameters, |run| around.verdict(&vpc, run).unwrap());
        assert_eq!(codes(&CONTROL, &verdict), expected, "{vpc:?} {parameters}");
    }
}

fn bucket(policy: &Value, class: Option<&str>) -> Value {
    let mut item = events::item("AWS::S3::Bucket", "reports", json!({"name": "reports"}));
    item["ARN"] = json!("arn:aws:s3:::reports");
    item["supplementaryConfiguration"] = json!({"BucketPolicy": {"policyText": policy}});
    if let Some(class) = class {
        item["tags"] = json!({"DataClassification": class});
    }
    item
}

fn deny(action: &Value, condition: &Value) -> Value {
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": action,
        "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"], "Condition": condition,
    }});
    json!(policy.to_string())
}

const SENSITIVE: Option<&str> = Some("CRITICAL");

#[test]
fn only_sensitive_buckets_are_judged() {
    let open: &[&str] = &["BUCKET_NOT_NETWORK_RESTRICTED"];
    let plain: &[&str] = &["NOT_SENSITIVE"];
    let none = json!({});
    for (class, parameters, expected) in [
        (None, &none, plain),
        (Some("INTERNAL"), &none, plain),
        (Some("CRITICAL"), &none, open),
        (Some("Confidential"), &none, open),
        (Some("CRITICAL"), &json!({"sensitiveTagKey": "class"}), plain),
        (Some("INTERNAL"), &json!({"sensitiveTagValues": "internal"}), open),
    ] {
        let codes = previewed(&CONTROL, &bucket(&Value::Null, class), parameters).unwrap();
        assert_eq!(codes, expected, "{class:?} {parameters}");
    }
    let mut bare = bucket(&Value::Null, None);
    bare["tags"] = Value::Null;
    assert!(preview_of(&CONTROL, &bare, &none).is_err(), "its tags are not known");
    let mut bare = bucket(&Value::Null, SENSITIVE);
    bare["supplementaryConfiguration"] = json!({});
    assert!(preview_of(&CONTROL, &bare, &none).is_err(), "its policy is not known");
}

#[test]
fn a_sensitive_bucket_answers_to_approved_networks_only() {
    let all = json!("s3:*");
    let vpce = json!({"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}});
    let carved = json!({
        "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
    });
    let open: &[&str] = &["BUCKET_NOT_NETWORK_RESTRICTED"];
    let allowed = |sources: &str| json!({"allowedSources": sources});
    let none = json!({});
    for (policy, parameters, expected) in [
        (deny(&all, &vpce), &none, &[][..]),
        (deny(&json!(["s3:GetObject", "s3:PutObject"]), &vpce), &none, &[]),
        (deny(&all, &json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}})), &none, &[]),
        (deny(&all, &json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})), &none, &[]),
        // Carve-outs for services are no holes.
        (deny(&all, &carved), &none, &[]),
        (deny(&json!("s3:GetObject"), &vpce), &none, open),
        (deny(&all, &json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}})), &none, open),
        (deny(&all, &json!({"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}})), &none, open),
        (deny(&all, &json!({"Bool": {"aws:SecureTransport": "false"}})), &none, open),
        (deny(&all, &vpce), &allowed("vpce-1,vpce-2,vpc-9"), &[]),
        (deny(&all, &vpce), &allowed("vpce-1"), open),
        (Value::Null, &none, open),
    ] {
        let codes = previewed(&CONTROL, &bucket(&policy, SENSITIVE), parameters).unwrap();
        assert_eq!(codes, expected, "{policy} {parameters}");
    }
}
