//! End-to-end: the real `network` binary, by what Network Firewall, Shield and Config's inventory
//! answer.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_network::{ddos_protection, network_firewall};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const FIREWALL: &Control = &network_firewall::CONTROL;
const SHIELD: &Control = &ddos_protection::CONTROL;
const RULE: &str = "fisc-protection";

fn start_in(aws: &FakeAws, control: &Control, home: &str) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2"), ("FISC_HOME_REGION", home)];
    Lambda::start(env!("CARGO_BIN_EXE_network"), aws, &env)
}

fn start(aws: &FakeAws, control: &Control) -> Lambda {
    start_in(aws, control, REGION)
}

fn assert_held(aws: &FakeAws, id: &str, expected: &[&str]) {
    let result = aws.config().result(RULE, id).expect(id);
    let held = format!("{} {}", result.compliance, result.annotation.unwrap_or_default());
    let fits = |one: &&str| held.contains(one) && (*one != "COMPLIANT" || held.starts_with(one));
    assert!(expected.iter().all(fits), "{id}: {held}");
}

fn recorded(resource_type: &str, id: &str, arn: &str, configuration: Value) -> Value {
    let mut item = events::item(resource_type, id, configuration);
    item["ARN"] = json!(arn);
    item
}

fn firewall_arn(name: &str) -> String {
    format!("arn:aws:network-firewall:{REGION}:{ACCOUNT}:firewall/{name}")
}

fn firewall(name: &str) -> Value {
    let arn = firewall_arn(name);
    let configuration = json!({"firewall": {"firewallName": name, "firewallArn": arn}});
    recorded("AWS::NetworkFirewall::Firewall", name, &arn, configuration)
}

fn vpc(id: &str) -> Value {
    events::item("AWS::EC2::VPC", id, json!({"vpcId": id}))
}

fn logging(name: &str, types: &[&str]) -> Value {
    let destinations: Vec<Value> = types
        .iter()
        .map(|kind| {
            json!({"LogType": kind, "LogDestinationType": "CloudWatchLogs",
                   "LogDestination": {"logGroup": format!("/hbg/{name}")}})
        })
        .collect();
    json!({"FirewallArn": firewall_arn(name),
           "LoggingConfiguration": {"LogDestinationConfigs": destinations}})
}

fn firewalls(aws: &FakeAws) {
    let stub = aws.stub("network-firewall");
    for (name, types) in [("full", &["ALERT", "FLOW"][..]), ("alerts", &["ALERT"]), ("none", &[])] {
        let of = json!({"FirewallArn": firewall_arn(name)});
        stub.when("DescribeLoggingConfiguration", of, logging(name, types));
        aws.config().record(&firewall(name));
    }
    // One that was never configured has no such member.
    let of = json!({"FirewallArn": firewall_arn("bare")});
    stub.when("DescribeLoggingConfiguration", of, json!({"FirewallArn": firewall_arn("bare")}));
    aws.config().record(&firewall("bare"));
    let of = json!({"FirewallArn": firewall_arn("gone")});
    stub.fails_when("DescribeLoggingConfiguration", of, "ResourceNotFoundException", 400);
    aws.config().record(&firewall("gone"));

    aws.config().page(2);
    let gateway = |id: &str, vpc: &str| {
        let attachments = json!([{"vpcId": vpc, "state": "available"}]);
        events::item("AWS::EC2::InternetGateway", id, json!({"attachments": attachments}))
    };
    let endpoint = |id: &str, vpc: &str| {
        events::item(
            "AWS::EC2::VPCEndpoint",
            id,
            json!({"vpcEndpointId": id, "vpcEndpointType": "GatewayLoadBalancer", "vpcId": vpc,
                   "state": "available"}),
        )
    };
    let table = |id: &str, vpc: &str, gateway: &str| {
        events::item(
            "AWS::EC2::RouteTable",
            id,
            json!({"vpcId": vpc, "associations": [{"main": true}], "routes": [
                {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway, "state": "active"}]}),
        )
    };
    for item in [
        vpc("vpc-good"),
        vpc("vpc-aside"),
        vpc("vpc-open"),
        vpc("vpc-inner"),
        gateway("igw-1", "vpc-good"),
        gateway("igw-2", "vpc-aside"),
        gateway("igw-3", "vpc-open"),
        endpoint("vpce-1", "vpc-good"),
        endpoint("vpce-2", "vpc-aside"),
        table("rtb-1", "vpc-good", "vpce-1"),
        table("rtb-2", "vpc-aside", "igw-2"),
        table("rtb-3", "vpc-open", "igw-3"),
    ] {
        aws.config().record(&item);
    }
}

#[test]
fn firewalls_log_and_vpcs_are_inspected_on_request() {
    let aws = aws_for(FIREWALL);
    firewalls(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, FIREWALL);
    let on = json!({"requireInspection": true, "requiredLogTypes": "ALERT"});
    // A change of a VPC, and of a firewall.
    let mut tagged = vpc("vpc-open");
    tagged["tags"] = json!({"fisc:no-inspection": "hub"});
    lambda.invoke(events::change(&rule, &tagged, &on)).unwrap();
    assert_held(&aws, "vpc-open", &["NOT_APPLICABLE INSPECTED_ELSEWHERE"]);
    lambda.invoke(events::oversized(&rule, &vpc("vpc-aside"), &on)).unwrap();
    assert_held(&aws, "vpc-aside", &["NON_COMPLIANT ENDPOINT_NOT_IN_PATH"]);
    lambda.invoke(events::change(&rule, &firewall("alerts"), &Value::Null)).unwrap();
    assert_held(&aws, "alerts", &["NON_COMPLIANT FIREWALL_LOGGING_INCOMPLETE"]);

    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    for (id, expected) in [
        ("full", vec!["COMPLIANT"]),
        ("alerts", vec!["NON_COMPLIANT FIREWALL_LOGGING_INCOMPLETE", "FLOW"]),
        ("none", vec!["NON_COMPLIANT FIREWALL_LOGGING_INCOMPLETE", "ALERT", "FLOW"]),
        ("bare", vec!["NON_COMPLIANT FIREWALL_LOGGING_INCOMPLETE"]),
    ] {
        assert_held(&aws, id, &expected);
    }
    // Without the opt-in, VPCs are not judged again; and what is gone is left out.
    assert_held(&aws, "vpc-aside", &["NOT_APPLICABLE"]);
    assert_eq!(aws.config().results(RULE).len(), 6);

    lambda.invoke(events::scheduled(&rule, &on)).unwrap();
    for (id, expected) in [
        ("alerts", vec!["COMPLIANT"]),
        ("vpc-good", vec!["COMPLIANT"]),
        ("vpc-aside", vec!["NON_COMPLIANT ENDPOINT_NOT_IN_PATH"]),
        ("vpc-open", vec!["NON_COMPLIANT NO_INSPECTION_ENDPOINT"]),
        ("vpc-inner", vec!["NOT_APPLICABLE INSPECTION_NOT_REQUIRED"]),
    ] {
        assert_held(&aws, id, &expected);
    }
    assert_all_needed(FIREWALL, &actions_of(&aws.calls()));
}

#[test]
fn denied_calls_and_wrong_parameters_are_no_verdict_on_firewalls() {
    for (service, operation, action) in [
        (
            "network-firewall",
            "DescribeLoggingConfiguration",
            "network-firewall:DescribeLoggingConfiguration",
        ),
        ("config", "SelectResourceConfig", "config:SelectResourceConfig"),
    ] {
        let aws = aws_for(FIREWALL);
        firewalls(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let asked = events::scheduled(&rule, &Value::Null);
        let error = start(&aws, FIREWALL).invoke(asked).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
    let aws = aws_for(FIREWALL);
    firewalls(&aws);
    let rule = aws.config().rule(RULE);
    let wrong = events::scheduled(&rule, &json!({"requiredLogTypes": "ALERTS"}));
    let error = start(&aws, FIREWALL).invoke(wrong).unwrap_err();
    assert!(error.message.contains("requiredLogTypes"), "{}", error.message);
}

fn load_balancer(name: &str) -> Value {
    let arn = format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/{name}/1");
    let configuration = json!({"type": "application", "scheme": "internet-facing"});
    recorded("AWS::ElasticLoadBalancingV2::LoadBalancer", &arn, &arn, configuration)
}

fn address(id: &str, association: &Value) -> Value {
    events::item("AWS::EC2::EIP", id, json!({"allocationId": id, "associationId": association}))
}

fn protection(id: &str, arn: &Value, response: Option<&str>) -> Value {
    let mut protection = json!({"Id": id, "Name": id, "ResourceArn": arn});
    if let Some(status) = response {
        protection["ApplicationLayerAutomaticResponseConfiguration"] =
            json!({"Status": status, "Action": {"Block": {}}});
    }
    protection
}

/// Shield answers in us-east-1 only.
fn shield(aws: &FakeAws) {
    let stub = aws.stub("shield").in_region("us-east-1");
    let eip = format!("arn:aws:ec2:{REGION}:{ACCOUNT}:eip-allocation/eipalloc-good");
    let distribution = format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E1");
    stub.page_size(2);
    stub.returns("GetSubscriptionState", json!({"SubscriptionState": "ACTIVE"}))
        .returns(
            "DescribeSubscription",
            json!({"Subscription": {"AutoRenew": "ENABLED", "SubscriptionLimits": {
                "ProtectionLimits": {"ProtectedResourceTypeLimits": []},
                "ProtectionGroupLimits": {"MaxProtectionGroups": 1, "PatternTypeLimits": {
                    "ArbitraryPatternLimits": {"MaxMembers": 1}}}}}}),
        )
        .returns(
            "ListProtections",
            json!({"Protections": [
                protection("p-eip", &json!(eip), None),
                protection("p-front", &json!(distribution), Some("DISABLED")),
                protection("p-good", &load_balancer("good")["ARN"], Some("ENABLED")),
                protection("p-late", &load_balancer("late")["ARN"], None),
            ]}),
        );
    aws.config().page(2);
    let nat = json!({"natGatewayAddresses": [{"allocationId": "eipalloc-nat"}]});
    let used = json!("eipassoc-1");
    for item in [
        load_balancer("good"),
        load_balancer("late"),
        load_balancer("bare"),
        address("eipalloc-good", &used),
        address("eipalloc-bare", &used),
        address("eipalloc-idle", &Value::Null),
        address("eipalloc-nat", &used),
        events::item("AWS::EC2::NatGateway", "nat-1", nat),
        events::item("AWS::Route53::HostedZone", "Z1", json!({"VPCs": []})),
    ] {
        aws.config().record(&item);
    }
}

#[test]
fn what_faces_the_internet_is_protected_where_the_institution_opted_in() {
    let aws = aws_for(SHIELD);
    shield(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, SHIELD);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, ACCOUNT, &["NOT_APPLICABLE NOT_OPTED_IN"]);
    assert!(aws.calls().iter().all(|call| call.service != "shield"));

    let on = json!({"requireShieldAdvanced": true});
    lambda.invoke(events::scheduled(&rule, &on)).unwrap();
    let id = |name: &str| load_balancer(name)["resourceId"].as_str().unwrap().to_owned();
    for (id, expected) in [
        (ACCOUNT.to_owned(), vec!["COMPLIANT"]),
        (id("good"), vec!["COMPLIANT"]),
        // On the second page of the protections.
        (id("late"), vec!["COMPLIANT"]),
        (id("bare"), vec!["NON_COMPLIANT RESOURCE_NOT_PROTECTED"]),
        ("eipalloc-good".to_owned(), vec!["COMPLIANT"]),
        ("eipalloc-bare".to_owned(), vec!["NON_COMPLIANT RESOURCE_NOT_PROTECTED"]),
        ("Z1".to_owned(), vec!["NON_COMPLIANT RESOURCE_NOT_PROTECTED"]),
    ] {
        assert_held(&aws, &id, &expected);
    }
    assert_eq!(aws.config().results(RULE).len(), 7);

    let responding = json!({"requireShieldAdvanced": true, "requireAutoResponse": true,
                            "protectedResourceTypes": "ALB"});
    lambda.invoke(events::scheduled(&rule, &responding)).unwrap();
    assert_held(&aws, "p-good", &["COMPLIANT"]);
    assert_held(&aws, "p-late", &["NON_COMPLIANT AUTO_RESPONSE_OFF"]);
    // Of a distribution in us-east-1, of an address never.
    assert!(aws.config().result(RULE, "p-front").is_none());
    assert!(aws.config().result(RULE, "p-eip").is_none());
    assert_held(&aws, "eipalloc-bare", &["NOT_APPLICABLE"]);

    let mut tagged = load_balancer("tagged");
    tagged["tags"] = json!({"exposed": "yes"});
    aws.config().record(&tagged);
    let scoped = json!({"requireShieldAdvanced": true, "scopeTagKey": "exposed"});
    lambda.invoke(events::scheduled(&rule, &scoped)).unwrap();
    assert_held(&aws, &id("tagged"), &["NON_COMPLIANT RESOURCE_NOT_PROTECTED"]);
    assert_held(&aws, &id("bare"), &["NOT_APPLICABLE"]);
    assert_all_needed(SHIELD, &actions_of(&aws.calls()));
}

#[test]
fn the_subscription_is_told_of_once() {
    let on = json!({"requireShieldAdvanced": true});
    for (home, subscription, renewal, expected) in [
        (REGION, "INACTIVE", "ENABLED", Some("NON_COMPLIANT SUBSCRIPTION_INACTIVE")),
        (REGION, "ACTIVE", "DISABLED", Some("NON_COMPLIANT AUTO_RENEW_OFF")),
        ("us-east-1", "ACTIVE", "DISABLED", None),
        ("us-east-1", "INACTIVE", "ENABLED", Some("NOT_APPLICABLE NOTHING_IN_SCOPE")),
    ] {
        let aws = aws_for(SHIELD);
        shield(&aws);
        let stub = aws.stub("shield").in_region("us-east-1");
        stub.returns("GetSubscriptionState", json!({"SubscriptionState": subscription}));
        stub.returns(
            "DescribeSubscription",
            json!({"Subscription": {"AutoRenew": renewal, "SubscriptionLimits": {
                "ProtectionLimits": {"ProtectedResourceTypeLimits": []},
                "ProtectionGroupLimits": {"MaxProtectionGroups": 1, "PatternTypeLimits": {
                    "ArbitraryPatternLimits": {"MaxMembers": 1}}}}}}),
        );
        let rule = aws.config().rule(RULE);
        start_in(&aws, SHIELD, home).invoke(events::scheduled(&rule, &on)).unwrap();
        match expected {
            Some(expected) => assert_held(&aws, ACCOUNT, &[expected]),
            None => assert!(aws.config().result(RULE, ACCOUNT).is_none(), "{home}"),
        }
        // Without a subscription, nothing can be protected, and one failure tells enough.
        let others = aws.config().results(RULE).len() > 1;
        assert_eq!(others, subscription == "ACTIVE");
    }
}

#[test]
fn denied_calls_are_no_verdict_on_protections() {
    let on = json!({"requireShieldAdvanced": true});
    for (service, operation, action) in [
        ("shield", "GetSubscriptionState", "shield:GetSubscriptionState"),
        ("shield", "DescribeSubscription", "shield:DescribeSubscription"),
        ("shield", "ListProtections", "shield:ListProtections"),
        ("config", "SelectResourceConfig", "config:SelectResourceConfig"),
    ] {
        let aws = aws_for(SHIELD);
        shield(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let error = start(&aws, SHIELD).invoke(events::scheduled(&rule, &on)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}
