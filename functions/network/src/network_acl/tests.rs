use fisc_shared::verdict::Compliance;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;
use crate::testing;

const NONE: [&str; 0] = [];
const OPEN: [&str; 1] = ["ADMIN_PORT_ALLOWED"];

/// An entry for everything from everywhere; members of `extra` replace its own, null takes one away.
fn entry(number: i64, action: &str, extra: &Value) -> Value {
    let mut entry = json!({"ruleNumber": number, "egress": false, "ruleAction": action,
                           "protocol": "-1", "cidrBlock": "0.0.0.0/0"});
    for (key, value) in extra.as_object().unwrap() {
        entry[key] = value.clone();
    }
    if entry["ipv6CidrBlock"].is_string() {
        entry.as_object_mut().unwrap().remove("cidrBlock");
    }
    entry
}

fn allow(number: i64, extra: &Value) -> Value {
    entry(number, "allow", extra)
}

fn deny(number: i64, extra: &Value) -> Value {
    entry(number, "deny", extra)
}

fn tcp(from: u16, to: u16) -> Value {
    json!({"protocol": "6", "portRange": {"from": from, "to": to}})
}

/// An ACL of one subnet with these entries and the implicit ones.
fn acl(entries: &[Value]) -> Value {
    let mut entries = entries.to_vec();
    entries.push(deny(32767, &json!({})));
    entries.push(deny(32768, &json!({"ipv6CidrBlock": "::/0"})));
    entries.push(deny(32767, &json!({"egress": true})));
    let mut item = events::item(
        "AWS::EC2::NetworkAcl",
        "acl-0a1b2c3d4e5f60718",
        json!({
            "networkAclId": "acl-0a1b2c3d4e5f60718", "vpcId": "vpc-0a1b2c3d4e5f60718", "tags": [],
            "isDefault": false, "ownerId": "111122223333", "entries": entries,
            "associations": [{"networkAclAssociationId": "aclassoc-1", "networkAclId": "acl-0a1b2c3d4e5f60718",
                              "subnetId": "subnet-1"}],
        }),
    );
    item["resourceName"] = Value::Null;
    item
}

fn codes_with(entries: &[Value], parameters: &Value) -> Vec<&'static str> {
    testing::codes(&CONTROL, &acl(entries), parameters)
}

fn codes(entries: &[Value]) -> Vec<&'static str> {
    codes_with(entries, &json!({}))
}

#[test]
fn the_first_match_decides() {
    let all = json!({});
    assert_eq!(codes(&[]), NONE);
    assert_eq!(codes(&[allow(100, &all)]), OPEN);
    assert_eq!(codes(&[allow(100, &tcp(22, 22))]), OPEN);
    assert_eq!(codes(&[allow(100, &tcp(443, 443))]), NONE);
    let both = [deny(80, &tcp(22, 22)), deny(90, &tcp(3389, 3389)), allow(100, &all)];
    assert_eq!(codes(&both), NONE);
    let listed_backwards = [allow(100, &all), deny(90, &tcp(3389, 3389)), deny(80, &tcp(0, 1000))];
    assert_eq!(codes(&listed_backwards), NONE);
    assert_eq!(codes(&[deny(80, &tcp(22, 22)), allow(100, &all)]), OPEN, "3389 is left");
    assert_eq!(codes(&[allow(70, &tcp(22, 22)), deny(80, &tcp(0, 65535)), allow(100, &all)]), OPEN);
    let udp = json!({"protocol": "17", "portRange": {"from": 0, "to": 65535}});
    assert_eq!(codes(&[deny(80, &udp), allow(100, &all)]), OPEN, "a deny for UDP");
    assert_eq!(codes(&[allow(100, &udp)]), NONE);
    assert_eq!(codes(&[deny(80, &all), allow(100, &all)]), NONE);
}

#[test]
fn returning_traffic_holds_3389() {
    let verdict =
        testing::judge(&CONTROL, &acl(&[allow(100, &tcp(1024, 65535))]), &json!({})).unwrap();
    assert_eq!(verdict.reasons()[0].message.en, "Admitted from the internet: TCP 3389");
    assert_eq!(codes(&[deny(90, &tcp(3389, 3389)), allow(100, &tcp(1024, 65535))]), NONE);
}

#[test]
fn a_deny_for_a_part_of_the_addresses() {
    let of = |cidr: &str| json!({"cidrBlock": cidr});
    assert_eq!(codes(&[deny(90, &of("203.0.113.0/24")), allow(100, &json!({}))]), OPEN);
    assert_eq!(codes(&[deny(90, &of("0.0.0.0/1")), allow(100, &json!({}))]), OPEN);
    let halves = [deny(80, &of("0.0.0.0/1")), deny(90, &of("128.0.0.0/1")), allow(100, &json!({}))];
    assert_eq!(codes(&halves), NONE);
    assert_eq!(codes(&[allow(90, &of("0.0.0.0/1")), allow(100, &of("128.0.0.0/1"))]), OPEN);
    assert_eq!(codes(&[allow(100, &of("10.0.0.0/8"))]), NONE);
    assert_eq!(codes(&[allow(100, &of("203.0.113.0/24"))]), NONE);
}

#[test]
fn each_family_by_itself() {
    let v6 = json!({"ipv6CidrBlock": "::/0"});
    assert_eq!(codes(&[allow(101, &v6)]), OPEN);
    assert_eq!(codes(&[deny(90, &json!({})), allow(101, &v6)]), OPEN);
    assert_eq!(codes(&[deny(90, &v6), allow(100, &json!({}))]), OPEN);
    assert_eq!(codes(&[deny(90, &v6), allow(101, &v6)]), NONE);
}

#[test]
fn icmp_and_outbound_entries_open_no_port() {
    let icmp = json!({"protocol": "1", "icmpTypeCode": {"type": 22, "code": -1}});
    assert_eq!(codes(&[allow(100, &icmp)]), NONE);
    assert_eq!(codes(&[deny(90, &icmp), allow(100, &json!({}))]), OPEN);
    assert_eq!(codes(&[allow(100, &json!({"egress": true}))]), NONE);
    assert_eq!(codes(&[deny(90, &json!({"egress": true})), allow(100, &json!({}))]), OPEN);
}

#[test]
fn the_ports_are_a_parameter() {
    let winrm = json!({"adminPorts": "5985-5986"});
    assert_eq!(codes_with(&[allow(100, &tcp(5986, 5986))], &winrm), OPEN);
    assert_eq!(codes_with(&[allow(100, &tcp(22, 22))], &winrm), NONE);
    let wrong = testing::judge(&CONTROL, &acl(&[]), &json!({"adminPorts": "ssh"})).unwrap_err();
    assert!(wrong.to_string().contains("adminPorts"));
}

#[test]
fn open_for_everything() {
    let enforced = json!({"enforceNotAllowAll": true});
    let codes = |entries: &[Value]| codes_with(entries, &enforced);
    let without_admin = json!({"enforceNotAllowAll": true, "adminPorts": ""});
    assert_eq!(codes(&[allow(100, &json!({}))]), ["ADMIN_PORT_ALLOWED", "ALLOW_ALL_INBOUND"]);
    let v6 = allow(101, &json!({"ipv6CidrBlock": "::/0"}));
    assert_eq!(codes_with(&[v6], &without_admin), ["ALLOW_ALL_INBOUND"]);
    let of = |cidr: &str| json!({"cidrBlock": cidr});
    let halves = [allow(90, &of("0.0.0.0/1")), allow(100, &of("128.0.0.0/1"))];
    assert_eq!(codes_with(&halves, &without_admin), ["ALLOW_ALL_INBOUND"]);
    // One address less is still everything for the others.
    let but_one = [deny(90, &of("203.0.113.7/32")), allow(100, &json!({}))];
    assert_eq!(codes_with(&but_one, &without_admin), ["ALLOW_ALL_INBOUND"]);
    // A kind of traffic less is not everything; a deny behind the allow changes nothing.
    let ping = json!({"protocol": "1", "icmpTypeCode": {"type": 8, "code": 0}});
    for first in [tcp(23, 23), ping, json!({"protocol": "47"})] {
        assert_eq!(codes_with(&[deny(90, &first), allow(100, &json!({}))], &without_admin), NONE);
        assert_eq!(
            codes_with(&[deny(110, &first), allow(100, &json!({}))], &without_admin),
            ["ALLOW_ALL_INBOUND"]
        );
    }
    assert_eq!(codes(&[allow(100, &tcp(443, 443))]), NONE);
    assert_eq!(codes_with(&[allow(100, &tcp(0, 65535))], &without_admin), NONE, "TCP alone");
}

#[test]
fn outbound_on_request_only() {
    let entries = [allow(100, &json!({"egress": true}))];
    assert_eq!(codes(&entries), NONE);
    assert_eq!(codes_with(&entries, &json!({"enforceNotAllowAll": true})), NONE);
    assert_eq!(codes_with(&entries, &json!({"checkEgress": true})), NONE);
    let both = json!({"enforceNotAllowAll": true, "checkEgress": true});
    assert_eq!(codes_with(&entries, &both), ["ALLOW_ALL_OUTBOUND"]);
    let limited = [
        deny(90, &json!({"egress": true, "protocol": "6", "portRange": {"from": 25, "to": 25}})),
        entries[0].clone(),
    ];
    assert_eq!(codes_with(&limited, &both), NONE);
}

#[test]
fn the_default_acl_is_told_as_such() {
    let message = |item: &Value| {
        testing::judge(&CONTROL, item, &json!({})).unwrap().reasons()[0].message.en.clone()
    };
    let mut shipped = acl(&[allow(100, &json!({})), allow(101, &json!({"ipv6CidrBlock": "::/0"}))]);
    assert_eq!(message(&shipped), "Admitted from the internet: TCP 22, 3389");
    shipped["configuration"]["isDefault"] = json!(true);
    assert!(
        message(&shipped).ends_with("default ACL, which admits everything until it is changed")
    );
    let mut changed = acl(&[allow(100, &tcp(22, 22))]);
    changed["configuration"]["isDefault"] = json!(true);
    assert_eq!(message(&changed), "Admitted from the internet: TCP 22");
}

#[test]
fn an_acl_without_subnet_filters_nothing() {
    let mut item = acl(&[allow(100, &json!({}))]);
    item["configuration"]["associations"] = json!([]);
    let verdict = testing::judge(&CONTROL, &item, &json!({})).unwrap();
    assert_eq!(verdict.compliance(), Compliance::NotApplicable);
    assert_eq!(verdict.reasons()[0].code, "NO_SUBNET");
}

#[test]
fn what_is_missing_is_an_error() {
    let error = |item: &Value| testing::judge(&CONTROL, item, &json!({})).unwrap_err().to_string();
    for key in ["entries", "associations"] {
        let mut item = acl(&[]);
        item["configuration"].as_object_mut().unwrap().remove(key);
        assert!(error(&item).contains(&format!("configuration.{key} is missing")));
    }
    let without_ports = acl(&[allow(100, &json!({"protocol": "6"}))]);
    assert!(error(&without_ports).contains("entries[0].portRange is missing"));
}
