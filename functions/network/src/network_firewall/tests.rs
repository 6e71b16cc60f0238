#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use fisc_shared::{ConfigurationItem, Error, Parameters, Run, Verdict};
use fisc_testkit::events;
use serde_json::{Value, json};

use super::CONTROL;
use super::inspection::Surroundings;
use super::services::preview;

const VPC: &str = "vpc-0a1b2c3d4e5f60718";

fn with<T>(parameters: &Value, work: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    work(&Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn read(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn told(item: &Value, parameters: &Value) -> Result<Option<Verdict>, Error> {
    with(parameters, |run| preview(&read(item), run))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn policy(changes: &Value) -> Value {
    let arn = "arn:aws:network-firewall:ap-northeast-1:111122223333:firewall-policy/hbg";
    let mut policy = json!({
        "statelessDefaultActions": ["aws:forward_to_sfe"],
        "statelessFragmentDefaultActions": ["aws:forward_to_sfe"],
        "statefulRuleGroupReferences": [
            {"resourceArn": "arn:aws:network-firewall:ap-northeast-1:aws-managed:stateful-rulegroup/ThreatSignaturesBotnetStrictOrder",
             "priority": 1},
        ],
    });
    for (name, value) in changes.as_object().unwrap() {
        policy[name] = value.clone();
    }
    events::item(
        "AWS::NetworkFirewall::FirewallPolicy",
        arn,
        json!({"firewallPolicy": policy, "firewallPolicyResponse": {
            "firewallPolicyArn": arn, "firewallPolicyName": "hbg", "numberOfAssociations": 1}}),
    )
}

#[test]
fn policies_must_inspect_statefully() {
    let managed = "arn:aws:network-firewall:ap-northeast-1:aws-managed:stateful-rulegroup/x";
    let alert = json!({"resourceArn": managed, "override": {"action": "DROP_TO_ALERT"}});
    let own = json!({"resourceArn": "arn:aws:network-firewall:ap-northeast-1:111122223333:stateful-rulegroup/own"});
    for (changes, expected) in [
        (json!({}), vec![]),
        (json!({"statefulRuleGroupReferences": []}), vec!["NO_STATEFUL_INSPECTION"]),
        (json!({"statefulRuleGroupReferences": null}), vec!["NO_STATEFUL_INSPECTION"]),
        (json!({"statelessDefaultActions": ["aws:drop"]}), vec![]),
        (json!({"statelessDefaultActions": ["aws:pass"]}), vec!["DEFAULT_ACTION_PASSES"]),
        // A metric beside it changes nothing.
        (
            json!({"statelessFragmentDefaultActions": ["count", "aws:pass"]}),
            vec!["DEFAULT_ACTION_PASSES"],
        ),
        (json!({"statelessDefaultActions": ["aws:forward_to_sfe", "aws:pass-metric"]}), vec![]),
        (json!({"statefulRuleGroupReferences": [alert, alert]}), vec!["ALERT_ONLY_OVERRIDE"]),
        // Some group still drops.
        (json!({"statefulRuleGroupReferences": [alert, own]}), vec![]),
    ] {
        let verdict = told(&policy(&changes), &json!({})).unwrap().unwrap();
        assert_eq!(codes(&verdict), expected, "{changes}");
    }
    for field in ["statelessDefaultActions", "statelessFragmentDefaultActions"] {
        let error = told(&policy(&json!({field: null})), &json!({})).unwrap_err();
        assert!(error.to_string().contains(&format!("{field} is missing")), "{error}");
    }
}

#[test]
fn policies_that_no_firewall_uses_are_left_out() {
    let mut item = policy(&json!({"statelessDefaultActions": ["aws:pass"]}));
    item["configuration"]["firewallPolicyResponse"]["numberOfAssociations"] = json!(0);
    assert_eq!(codes(&told(&item, &json!({})).unwrap().unwrap()), ["POLICY_NOT_USED"]);
    let every = json!({"onlyAssociatedPolicy": false});
    assert_eq!(codes(&told(&item, &every).unwrap().unwrap()), ["DEFAULT_ACTION_PASSES"]);
    item["configuration"]["firewallPolicyResponse"]["numberOfAssociations"] = Value::Null;
    assert!(told(&item, &json!({})).is_err());
    item["configuration"]["firewallPolicy"] = Value::Null;
    assert!(told(&item, &every).is_err());
}

#[test]
fn vpcs_are_inspected_on_request_only() {
    let mut vpc = events::item("AWS::EC2::VPC", VPC, json!({"vpcId": VPC}));
    let code = |vpc: &Value, parameters: &Value| {
        told(vpc, parameters).unwrap().map(|verdict| codes(&verdict)[0])
    };
    assert_eq!(code(&vpc, &json!({})), Some("INSPECTION_NOT_REQUIRED"));
    let on = json!({"requireInspection": true});
    assert_eq!(code(&vpc, &on), None);
    let named = |id: &str| json!({"requireInspection": true, "requiredVpcIds": [id]});
    assert_eq!(code(&vpc, &named(VPC)), None);
    assert_eq!(code(&vpc, &named("vpc-other")), Some("INSPECTION_NOT_REQUIRED"));
    vpc["tags"] = json!({"fisc:no-inspection": "hub"});
    assert_eq!(code(&vpc, &on), Some("INSPECTED_ELSEWHERE"));
    vpc["tags"] = Value::Null;
    assert!(told(&vpc, &on).is_err());
}

fn gateway(vpc: &str) -> Value {
    let attachments = json!([{"vpcId": vpc, "state": "available"}]);
    events::item("AWS::EC2::InternetGateway", "igw-1", json!({"attachments": attachments}))
}

fn endpoint(kind: &str, vpc: &str, state: &Value, firewall: bool) -> Value {
    let mut item = events::item(
        "AWS::EC2::VPCEndpoint",
        "vpce-1",
        json!({"vpcEndpointId": "vpce-1", "vpcEndpointType": kind, "vpcId": vpc, "state": state}),
    );
    if firewall {
        item["tags"] = json!({"AWSNetworkFirewallManaged": "true", "Firewall": "hbg"});
    }
    item
}

fn table(vpc: &str, gateway: &str, state: &str, associations: &Value) -> Value {
    events::item(
        "AWS::EC2::RouteTable",
        "rtb-1",
        json!({"vpcId": vpc, "associations": associations, "routes": [
            {"destinationCidrBlock": "10.0.0.0/16", "gatewayId": "local", "state": "active"},
            {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway, "state": state},
            {"destinationCidrBlock": "10.1.0.0/16", "transitGatewayId": "tgw-1", "state": "active"},
        ]}),
    )
}

#[test]
fn the_path_of_a_vpc_leads_through_an_endpoint() {
    let on = json!({"requireInspection": true});
    let firewalls = json!({"requireInspection": true, "acceptGatewayLoadBalancer": false});
    let named = json!({"requireInspection": true, "requiredVpcIds": [VPC]});
    let available = json!("available");
    let subnet = json!([{"subnetId": "subnet-1", "main": false}]);
    let good = || endpoint("GatewayLoadBalancer", VPC, &json!("available"), false);
    let way = |gateway: &str| table(VPC, gateway, "active", &subnet);
    for (gateways, endpoints, tables, parameters, expected) in [
        (vec![gateway(VPC)], vec![good()], vec![way("vpce-1")], &on, None),
        (vec![], vec![], vec![], &on, Some("INSPECTION_NOT_REQUIRED")),
        (vec![gateway("vpc-2")], vec![], vec![], &on, Some("INSPECTION_NOT_REQUIRED")),
        (vec![], vec![], vec![], &named, Some("NO_INSPECTION_ENDPOINT")),
        (vec![gateway(VPC)], vec![], vec![way("igw-1")], &on, Some("NO_INSPECTION_ENDPOINT")),
        // Other endpoints inspect nothing.
        (
            vec![gateway(VPC)],
            vec![endpoint("Gateway", VPC, &available, false)],
            vec![way("vpce-1")],
            &on,
            Some("NO_INSPECTION_ENDPOINT"),
        ),
        // One of another VPC, and one that is not there yet.
        (
            vec![gateway(VPC)],
            vec![endpoint("GatewayLoadBalancer", "vpc-2", &available, false)],
            vec![way("vpce-1")],
            &on,
            Some("NO_INSPECTION_ENDPOINT"),
        ),
        (
            vec![gateway(VPC)],
            vec![endpoint("GatewayLoadBalancer", VPC, &json!({"value": "pending"}), false)],
            vec![way("vpce-1")],
            &on,
            Some("NO_INSPECTION_ENDPOINT"),
        ),
        (
            vec![gateway(VPC)],
            vec![endpoint("GatewayLoadBalancer", VPC, &json!({"value": "Available"}), true)],
            vec![way("vpce-1")],
            &firewalls,
            None,
        ),
        (
            vec![gateway(VPC)],
            vec![good()],
            vec![way("vpce-1")],
            &firewalls,
            Some("NO_INSPECTION_ENDPOINT"),
        ),
        // No route, one that leads nowhere, one that nobody uses, one of another VPC.
        (vec![gateway(VPC)], vec![good()], vec![way("igw-1")], &on, Some("ENDPOINT_NOT_IN_PATH")),
        (
            vec![gateway(VPC)],
            vec![good()],
            vec![table(VPC, "vpce-1", "blackhole", &subnet)],
            &on,
            Some("ENDPOINT_NOT_IN_PATH"),
        ),
        (
            vec![gateway(VPC)],
            vec![good()],
            vec![table(VPC, "vpce-1", "active", &json!([]))],
            &on,
            Some("ENDPOINT_NOT_IN_PATH"),
        ),
        (
            vec![gateway(VPC)],
            vec![good()],
            vec![table("vpc-2", "vpce-1", "active", &subnet)],
            &on,
            Some("ENDPOINT_NOT_IN_PATH"),
        ),
    ] {
        let all = |items: &[Value]| items.iter().map(read).collect::<Vec<_>>();
        let around = Surroundings::read(&all(&gateways), &all(&endpoints), &all(&tables)).unwrap();
        let verdict = with(parameters, |run| around.judge(VPC, run));
        assert_eq!(codes(&verdict).first().copied(), expected, "{endpoints:?} {tables:?}");
    }
}

#[test]
fn endpoints_that_lack_what_they_must_tell_are_no_verdict() {
    for field in ["vpcEndpointType", "vpcId", "state"] {
        let mut item = endpoint("GatewayLoadBalancer", VPC, &json!("available"), false);
        item["configuration"][field] = Value::Null;
        let error = Surroundings::read(&[], &[read(&item)], &[]).unwrap_err().to_string();
        assert!(error.contains(&format!("configuration.{field} is missing")), "{error}");
    }
    let mut item = table(VPC, "vpce-1", "active", &json!([{"main": true}]));
    item["configuration"]["vpcId"] = Value::Null;
    assert!(Surroundings::read(&[], &[], &[read(&item)]).is_err());
}
