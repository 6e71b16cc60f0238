//! End-to-end: the real `network` binary, from the Config event to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_network::{network_acl, security_group_egress, security_group_ingress};
use fisc_shared::Control;
use fisc_testkit::aws::{FakeAws, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

fn start(aws: &FakeAws, control: &Control) -> Lambda {
    Lambda::start(env!("CARGO_BIN_EXE_network"), aws, &[("FISC_CONTROL", control.id)])
}

fn group(id: &str, inbound: &Value, outbound: &Value) -> Value {
    let configuration = json!({
        "groupId": id, "groupName": "hbg-app", "description": "Application servers",
        "ownerId": "111122223333", "vpcId": "vpc-0a1b2c3d4e5f60718", "tags": [],
        "ipPermissions": inbound, "ipPermissionsEgress": outbound,
    });
    let mut item = events::item("AWS::EC2::SecurityGroup", id, configuration);
    item["ARN"] = json!(format!("arn:aws:ec2:{REGION}:111122223333:security-group/{id}"));
    item
}

fn rule(protocol: &str, network: &str) -> Value {
    json!({"ipProtocol": protocol, "ipRanges": [network], "ipv4Ranges": [{"cidrIp": network}],
           "ipv6Ranges": [], "prefixListIds": [], "userIdGroupPairs": []})
}

fn tcp(port: u16, network: &str) -> Value {
    let mut rule = rule("tcp", network);
    rule["fromPort"] = json!(port);
    rule["toPort"] = json!(port);
    rule
}

fn acl(id: &str, entries: &Value) -> Value {
    let configuration = json!({
        "networkAclId": id, "vpcId": "vpc-0a1b2c3d4e5f60718", "isDefault": false, "tags": [],
        "associations": [{"networkAclAssociationId": "aclassoc-1", "networkAclId": id,
                          "subnetId": "subnet-1"}],
        "entries": entries,
    });
    events::item("AWS::EC2::NetworkAcl", id, configuration)
}

/// Sends the change of each item and expects the compliance and the beginning of the annotation.
fn judge(control: &Control, parameters: &Value, cases: &[(Value, &str, &str)]) {
    let aws = aws_for(control);
    let name = format!("fisc-{}", control.id);
    let rule = aws.config().rule(&name);
    let mut lambda = start(&aws, control);
    let mut called = Vec::new();
    for (item, compliance, expected) in cases {
        lambda.invoke(events::change(&rule, item, parameters)).unwrap();
        let id = item["resourceId"].as_str().unwrap();
        let result = aws.config().result(&name, id).unwrap();
        let annotation = result.annotation.unwrap_or_default();
        assert_eq!(result.compliance, *compliance, "{id}: {annotation}");
        assert!(annotation.starts_with(expected), "{id}: {annotation}");
        called.extend(aws.calls());
    }
    // An item too large for the event is fetched.
    let (item, compliance, _) = &cases[0];
    aws.config().record(item);
    lambda.invoke(events::oversized(&rule, item, parameters)).unwrap();
    let id = item["resourceId"].as_str().unwrap();
    assert_eq!(aws.config().result(&name, id).unwrap().compliance, *compliance);
    called.extend(aws.calls());
    assert_all_needed(control, &actions_of(&called));
}

#[test]
fn ingress_of_a_security_group() {
    judge(
        &security_group_ingress::CONTROL,
        &json!({"authorizedTcpPorts": "80,443"}),
        &[
            (
                group("sg-web", &json!([tcp(443, "0.0.0.0/0"), tcp(80, "0.0.0.0/0")]), &json!([])),
                "COMPLIANT",
                "",
            ),
            (
                group("sg-ssh", &json!([tcp(22, "0.0.0.0/1"), tcp(22, "128.0.0.0/1")]), &json!([])),
                "NON_COMPLIANT",
                "ADMIN_PORT_OPEN",
            ),
            (
                group("sg-all", &json!([rule("-1", "0.0.0.0/0")]), &json!([])),
                "NON_COMPLIANT",
                "ALL_TRAFFIC",
            ),
        ],
    );
}

#[test]
fn egress_of_a_security_group() {
    judge(
        &security_group_egress::CONTROL,
        &Value::Null,
        &[
            (group("sg-app", &json!([]), &json!([tcp(443, "0.0.0.0/0")])), "COMPLIANT", ""),
            (
                group("sg-new", &json!([]), &json!([rule("-1", "0.0.0.0/0")])),
                "NON_COMPLIANT",
                "EGRESS_ALL_TRAFFIC",
            ),
        ],
    );
}

#[test]
fn entries_of_a_network_acl() {
    let allow = json!({"ruleNumber": 100, "egress": false, "ruleAction": "allow", "protocol": "-1",
                       "cidrBlock": "0.0.0.0/0"});
    let deny = |number: i64, port: u16| {
        json!({"ruleNumber": number, "egress": false, "ruleAction": "deny", "protocol": "6",
               "cidrBlock": "0.0.0.0/0", "portRange": {"from": port, "to": port}})
    };
    let mut unused = acl("acl-unused", &json!([allow]));
    unused["configuration"]["associations"] = json!([]);
    judge(
        &network_acl::CONTROL,
        &Value::Null,
        &[
            (acl("acl-db", &json!([allow, deny(80, 22), deny(90, 3389)])), "COMPLIANT", ""),
            (
                acl("acl-late", &json!([deny(80, 22), allow, deny(110, 3389)])),
                "NON_COMPLIANT",
                "ADMIN_PORT_ALLOWED",
            ),
            (unused, "NOT_APPLICABLE", "NO_SUBNET"),
        ],
    );
}

#[test]
fn what_cannot_be_judged_fails_the_run() {
    let aws = aws_for(&security_group_ingress::CONTROL);
    let rule = aws.config().rule("fisc-security-group-ingress");
    let mut lambda = start(&aws, &security_group_ingress::CONTROL);
    let mut bare = group("sg-bare", &json!([]), &json!([]));
    bare["configuration"].as_object_mut().unwrap().remove("ipPermissions");
    let error = lambda.invoke(events::change(&rule, &bare, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "IncompleteItem", "{}", error.message);
    let wrong = json!({"adminPorts": "ssh"});
    let good = group("sg-good", &json!([]), &json!([]));
    let error = lambda.invoke(events::change(&rule, &good, &wrong)).unwrap_err();
    assert_eq!(error.error_type, "WrongParameter", "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}
