use fisc_shared::ec2::SecurityGroup;
use fisc_shared::network::{ALL_PORTS, Protocol, Rule, parse_network};
use fisc_shared::{Parameters, runner};
use fisc_testkit::events;
use serde_json::{Value, json};

use super::managed::Contact;
use super::*;

mod templates;

const NONE: [&str; 0] = [];
const ID: &str = "i-0a1b2c3d4e5f60718";
const NOW: &str = "2026-11-21T00:00:00Z";

/// An instance as Config records it: private, with a role, IMDSv2 and one security group.
fn item() -> Value {
    let interface = json!({
        "networkInterfaceId": "eni-0a1b2c3d4e5f60718", "subnetId": "subnet-1", "vpcId": "vpc-1",
        "description": "", "ownerId": "111122223333", "status": "in-use",
        "privateIpAddress": "10.20.10.21", "sourceDestCheck": true,
        "groups": [{"groupName": "hbg-app", "groupId": "sg-app"}],
        "attachment": {"attachmentId": "eni-attach-1", "deviceIndex": 0, "status": "attached"},
        "privateIpAddresses": [{"privateIpAddress": "10.20.10.21", "primary": true}],
        "ipv6Addresses": [], "interfaceType": "interface",
    });
    let mut item = events::item(
        ResourceType::EC2_INSTANCE.name,
        ID,
        json!({
            "instanceId": ID, "imageId": "ami-1", "state": {"code": 16, "name": "running"},
            "metadataOptions": {"state": "applied", "httpTokens": "required",
                "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"},
            "publicDnsName": "", "publicIpAddress": null, "keyName": null,
            "launchTime": "2026-11-01T00:00:00.000Z", "subnetId": "subnet-1", "vpcId": "vpc-1",
            "privateIpAddress": "10.20.10.21", "securityGroups":
                [{"groupName": "hbg-app", "groupId": "sg-app"}],
            "networkInterfaces": [interface], "tags": [],
            "iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/hbg-app",
                "id": "AIPAEXAMPLE"},
        }),
    );
    item["ARN"] = json!(format!("arn:aws:ec2:ap-northeast-1:111122223333:instance/{ID}"));
    item
}

fn changed(path: &str, value: Value) -> Value {
    let mut item = item();
    *item.pointer_mut(path).expect(path) = value;
    item
}

fn configured(key: &str, value: Value) -> Value {
    let mut item = item();
    item["configuration"][key] = value;
    item
}

fn tagged(mut item: Value, key: &str, value: &str) -> Value {
    item["tags"][key] = json!(value);
    item
}

fn rule(protocol: Protocol, ports: (u16, u16), networks: &[&str]) -> Rule {
    let networks = networks.iter().map(|text| parse_network(text).expect("a network"));
    Rule::new(protocol, ports, networks.collect())
}

fn tcp(ports: (u16, u16), networks: &[&str]) -> Rule {
    rule(Protocol::TCP, ports, networks)
}

fn group(id: &str, inbound: Vec<Rule>) -> SecurityGroup {
    SecurityGroup {
        id: id.to_owned(),
        name: format!("hbg-{id}"),
        vpc_id: Some("vpc-1".to_owned()),
        inbound,
        prefix_lists: vec![],
        peers: vec![],
    }
}

/// Surroundings with this group, an agent that is online, and another default VPC.
fn around(app: SecurityGroup) -> Surroundings {
    Surroundings {
        groups: [("sg-app".to_owned(), app)].into(),
        contacts: contact("Online", Some("2026-11-20T23:58:00Z")),
        default_vpcs: ["vpc-default".to_owned()].into(),
    }
}

fn contact(status: &str, last: Option<&str>) -> managed::Contacts {
    let last = last.map(|text| text.parse().expect("a time"));
    [(ID.to_owned(), Contact { status: status.to_owned(), last })].into()
}

fn closed() -> Surroundings {
    around(group("sg-app", vec![tcp((443, 443), &["0.0.0.0/0"])]))
}

fn open(rules: Vec<Rule>) -> Surroundings {
    around(group("sg-app", rules))
}

fn read_item(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).expect("an item")
}

fn running<T>(parameters: &Value, offline: bool, work: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    work(&Run {
        parameters: &parameters,
        now: NOW.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn judged(item: &Value, around: &Surroundings, parameters: &Value) -> Result<Verdict, Error> {
    running(parameters, false, |run| {
        let instance = instance::read(&read_item(item))?;
        let verdict = instance::decide(&instance, around, &Bars::of(run)?, run)?;
        assert!(verdict.reasons().iter().all(|reason| {
            let code = reason.code;
            CONTROL.requirement(code).is_some() || CONTROL.remarks.iter().any(|r| r.code == code)
        }));
        Ok(verdict)
    })
}

fn codes_with(item: &Value, around: &Surroundings, parameters: &Value) -> Vec<&'static str> {
    let verdict = judged(item, around, parameters).unwrap();
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn codes(item: &Value, around: &Surroundings) -> Vec<&'static str> {
    codes_with(item, around, &json!({}))
}

fn message(item: &Value, around: &Surroundings) -> String {
    judged(item, around, &json!({})).unwrap().reasons()[0].message.en.clone()
}

#[test]
fn a_hardened_instance_passes() {
    assert_eq!(judged(&item(), &closed(), &json!({})).unwrap(), Verdict::compliant());
}

#[test]
fn a_public_address_is_found_wherever_it_is() {
    let association = json!({"association": {"publicIp": "203.0.113.9", "ipOwnerId": "amazon"}});
    let with = |path: &str| {
        let mut item = item();
        let part = item.pointer_mut(path).expect(path);
        part["association"] = association["association"].clone();
        item
    };
    let mut second = item();
    let mut interface = second["configuration"]["networkInterfaces"][0].clone();
    interface["association"] = association["association"].clone();
    second["configuration"]["networkInterfaces"].as_array_mut().unwrap().push(interface);
    for public in [
        configured("publicIpAddress", json!("203.0.113.9")),
        // An Elastic IP of a second interface leaves publicIpAddress empty.
        second,
        with("/configuration/networkInterfaces/0"),
        with("/configuration/networkInterfaces/0/privateIpAddresses/0"),
    ] {
        assert_eq!(codes(&public, &closed()), ["PUBLIC_IP_ASSIGNED"]);
        assert_eq!(message(&public, &closed()), "The instance has a public address: 203.0.113.9");
        let approved = tagged(public.clone(), "fisc:public-ip-approved", "RITM0012");
        assert_eq!(codes(&approved, &closed()), ["PUBLIC_IP_APPROVED"]);
        let taken_back = tagged(public.clone(), "fisc:public-ip-approved", "false");
        assert_eq!(codes(&taken_back, &closed()), ["PUBLIC_IP_ASSIGNED"]);
        let none = codes_with(&approved, &closed(), &json!({"publicIpExemptTagKey": ""}));
        assert_eq!(none, ["PUBLIC_IP_ASSIGNED"], "an empty key exempts nobody");
    }
    assert_eq!(codes(&configured("publicIpAddress", json!("")), &closed()), NONE);
}

#[test]
fn metadata_need_a_token_unless_they_are_off() {
    let options = |tokens: &str, endpoint: &str| {
        let options = json!({"state": "applied", "httpTokens": tokens, "httpEndpoint": endpoint});
        codes(&configured("metadataOptions", options), &closed())
    };
    assert_eq!(options("required", "enabled"), NONE);
    assert_eq!(options("optional", "disabled"), NONE);
    assert_eq!(options("optional", "enabled"), ["IMDSV1_ALLOWED"]);
    // Items of before 2019 lack the options: EC2 is asked, and without its answer nothing is said.
    let old = configured("metadataOptions", Value::Null);
    let error = judged(&old, &closed(), &json!({})).unwrap_err().to_string();
    assert!(error.contains("metadataOptions"), "{error}");
    let cut = configured("metadataOptions", json!({"httpTokens": "required"}));
    let error = judged(&cut, &closed(), &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("metadataOptions.httpEndpoint is missing"), "{error}");
}

#[test]
fn an_instance_has_a_role_unless_it_needs_none() {
    for bare in [Value::Null, json!({"arn": ""}), json!({"id": "AIPAEXAMPLE"})] {
        let bare = configured("iamInstanceProfile", bare);
        assert_eq!(codes(&bare, &closed()), ["INSTANCE_PROFILE_MISSING"]);
        let exempt = tagged(bare, "fisc:no-aws-api", "");
        assert_eq!(codes(&exempt, &closed()), ["ROLE_NOT_NEEDED"]);
    }
}

#[test]
fn whether_systems_manager_reaches_others_is_judged_elsewhere() {
    let unknown = Surroundings { contacts: managed::Contacts::new(), ..closed() };
    assert_eq!(codes(&item(), &unknown), NONE);
    // Without a profile of its own, an instance may be managed all the same.
    let bare = configured("iamInstanceProfile", Value::Null);
    assert_eq!(codes(&bare, &closed()), ["INSTANCE_PROFILE_MISSING"]);
}

#[test]
fn administration_ports_are_closed_to_every_address() {
    for rules in [
        vec![tcp((22, 22), &["10.20.0.0/16"])],
        vec![tcp((22, 22), &["203.0.113.7/32"])],
        vec![tcp((3380, 3400), &["::/0"])],
        vec![rule(Protocol::All, ALL_PORTS, &["10.0.0.0/8"])],
        vec![rule(Protocol::UDP, (3389, 3389), &["10.0.0.0/8"])],
    ] {
        assert_eq!(codes(&item(), &open(rules.clone())), ["INBOUND_ADMIN_PORT"], "{rules:?}");
    }
    for rules in [
        vec![],
        vec![tcp((443, 443), &["0.0.0.0/0", "::/0"])],
        vec![tcp((22, 22), &[])],
        // Type and code of ICMP are no ports.
        vec![rule(Protocol::ICMP, ALL_PORTS, &["0.0.0.0/0"])],
    ] {
        assert_eq!(codes(&item(), &open(rules.clone())), NONE, "{rules:?}");
    }
    let rules = vec![tcp((22, 22), &["10.20.0.0/16", "198.51.100.0/24"])];
    assert_eq!(
        message(&item(), &open(rules.clone())),
        "Administration ports of the instance are open: TCP 22 from 10.20.0.0/16, \
         198.51.100.0/24 (sg-app)"
    );
    let allowed =
        |list: &str| codes_with(&item(), &open(rules.clone()), &json!({"allowedCidrs": list}));
    assert_eq!(allowed("10.0.0.0/8,198.51.100.0/24"), NONE);
    assert_eq!(allowed("10.0.0.0/8"), ["INBOUND_ADMIN_PORT"]);
    assert_eq!(codes_with(&item(), &open(rules), &json!({"adminPorts": "3389"})), NONE);
}

#[test]
fn the_groups_of_every_interface_count() {
    let mut second = item();
    let mut interface = second["configuration"]["networkInterfaces"][0].clone();
    interface["groups"] = json!([{"groupName": "ops", "groupId": "sg-ops"}]);
    second["configuration"]["networkInterfaces"].as_array_mut().unwrap().push(interface);
    let mut around = closed();
    let missing = judged(&second, &around, &json!({})).unwrap_err().to_string();
    assert!(missing.contains("the security group sg-ops"), "{missing}");
    around.groups.insert("sg-ops".to_owned(), group("sg-ops", vec![tcp((22, 22), &["0.0.0.0/0"])]));
    assert_eq!(codes(&second, &around), ["INBOUND_ADMIN_PORT"]);
    assert!(message(&second, &around).ends_with("(sg-ops)"));
    assert_eq!(codes(&item(), &around), NONE, "a group of somebody else");
}

#[test]
fn groups_and_prefix_lists_are_no_addresses() {
    let mut referring = group("sg-app", vec![]);
    referring.peers = vec!["sg-alb".to_owned()];
    assert_eq!(codes(&item(), &around(referring.clone())), NONE);
    referring.prefix_lists = vec!["pl-1".to_owned()];
    assert_eq!(codes(&item(), &around(referring.clone())), ["PREFIX_LIST_NOT_JUDGED"]);
    assert!(message(&item(), &around(referring)).ends_with(": pl-1"));
}

#[test]
fn bastions_are_reached_from_named_ranges_or_through_systems_manager() {
    let bastion = tagged(item(), "Role", "bastion");
    let office = || open(vec![tcp((22, 22), &["203.0.113.0/24"])]);
    let allowed = json!({"allowedCidrs": "203.0.113.0/24"});
    assert_eq!(codes_with(&bastion, &office(), &allowed), NONE);
    assert_eq!(codes(&bastion, &office()), ["BASTION_PATH_TOO_WIDE"], "no range was named");
    // Any port is a path, not only those of administration.
    let wide = open(vec![tcp((443, 443), &["203.0.113.0/24", "198.51.100.0/24"])]);
    assert_eq!(codes_with(&bastion, &wide, &allowed), ["BASTION_PATH_TOO_WIDE"]);
    assert!(message(&bastion, &wide).contains("TCP 443 from 198.51.100.0/24, 203.0.113.0/24"));
    // Without any way in, Systems Manager must be one.
    let sealed = |contacts| Surroundings { contacts, ..open(vec![]) };
    assert_eq!(codes(&bastion, &open(vec![])), NONE);
    let lost = sealed(managed::Contacts::new());
    assert_eq!(codes(&bastion, &lost), ["BASTION_PATH_TOO_WIDE"]);
    let mut peered = group("sg-app", vec![]);
    peered.peers = vec!["sg-vpn".to_owned()];
    let peered = Surroundings { contacts: managed::Contacts::new(), ..around(peered) };
    assert_eq!(codes(&bastion, &peered), NONE, "a group is a way in");
    let changed = |key: &str, value: Value| tagged(configured(key, value), "Role", "bastion");
    for state in ["stopped", "stopping", "pending"] {
        let idle = changed("state", json!({"code": 80, "name": state}));
        assert_eq!(codes(&idle, &lost), NONE, "{state}");
    }
    // The agent needs some minutes after a start.
    let young = changed("launchTime", json!("2026-11-20T23:46:00.000Z"));
    assert_eq!(codes(&young, &lost), NONE);
    let grown = changed("launchTime", json!("2026-11-20T23:45:00.000Z"));
    assert_eq!(codes(&grown, &lost), ["BASTION_PATH_TOO_WIDE"]);
    for status in ["ConnectionLost", "Inactive"] {
        let lost = sealed(contact(status, Some("2026-11-20T23:58:00Z")));
        assert_eq!(codes(&bastion, &lost), ["BASTION_PATH_TOO_WIDE"]);
    }
    let heard = sealed(contact("Online", Some("2026-11-20T00:00:00Z")));
    assert_eq!(codes(&bastion, &heard), NONE);
    let silent = sealed(contact("Online", Some("2026-11-19T23:59:59Z")));
    assert_eq!(codes(&bastion, &silent), ["BASTION_PATH_TOO_WIDE"]);
    assert_eq!(codes_with(&bastion, &silent, &json!({"maxPingAgeHours": "25"})), NONE);
    let error = judged(&bastion, &sealed(contact("Online", None)), &json!({})).unwrap_err();
    assert!(error.to_string().contains("LastPingDateTime"), "{error}");

    // The tag decides, by key and value or by key alone.
    let other = tagged(item(), "Role", "web");
    assert_eq!(codes(&other, &office()), ["INBOUND_ADMIN_PORT"]);
    let by_key = json!({"bastionTag": "Role"});
    assert_eq!(codes_with(&other, &office(), &by_key), ["BASTION_PATH_TOO_WIDE"]);
    let off = json!({"bastionTag": ""});
    assert_eq!(codes_with(&bastion, &office(), &off), ["INBOUND_ADMIN_PORT"]);
}

#[test]
fn the_default_vpc_is_not_for_workloads() {
    let around = Surroundings { default_vpcs: ["vpc-1".to_owned()].into(), ..closed() };
    assert_eq!(codes(&item(), &around), ["IN_DEFAULT_VPC"]);
    assert_eq!(codes_with(&item(), &around, &json!({"allowDefaultVpc": true})), NONE);
}

#[test]
fn the_state_has_three_spellings() {
    let previewed = |state: Value| {
        let item = read_item(&configured("state", state));
        running(&json!({}), false, |run| runner::preview(&CONTROL, &item, run))
    };
    for state in [
        json!({"code": 48, "name": "terminated"}),
        json!({"code": "48", "value": "shutting-down"}),
        json!("terminated"),
    ] {
        let verdict = previewed(state.clone()).unwrap().expect("a verdict");
        assert_eq!(verdict.reasons()[0].code, "INSTANCE_TERMINATED", "{state}");
    }
    for state in [json!({"code": 16, "name": "running"}), json!("running")] {
        assert_eq!(previewed(state).unwrap(), None);
    }
    for state in [Value::Null, json!({"code": 16})] {
        assert!(previewed(state.clone()).is_err(), "{state}");
    }
}

#[test]
fn a_terminated_instance_has_no_parts_left() {
    let gone = json!({"instanceId": ID, "state": {"code": 48, "name": "terminated"}});
    let item = read_item(&events::item("AWS::EC2::Instance", ID, gone));
    let verdict = running(&json!({}), true, |run| preview(&item, run)).unwrap();
    assert_eq!(verdict.unwrap().reasons()[0].code, "INSTANCE_TERMINATED");
}

#[test]
fn what_the_item_lacks_is_an_error() {
    for key in ["state", "launchTime", "vpcId", "networkInterfaces"] {
        let error = judged(&configured(key, Value::Null), &closed(), &json!({})).unwrap_err();
        assert!(error.to_string().ends_with(&format!("configuration.{key} is missing")), "{error}");
    }
    let unnamed = changed("/configuration/networkInterfaces/0/groups/0/groupId", Value::Null);
    assert!(judged(&unnamed, &closed(), &json!({})).is_err());
    let mut untagged = item();
    untagged["tags"] = Value::Null;
    untagged["configuration"]["tags"] = Value::Null;
    let error = judged(&untagged, &closed(), &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("tags is missing"), "{error}");
    for (name, value) in [("adminPorts", "ssh"), ("allowedCidrs", "office")] {
        let error = judged(&item(), &closed(), &json!({name: value})).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn offline_only_failures_of_the_item_are_sure() {
    let previewed = |item: &Value| {
        let item = read_item(item);
        let verdict = running(&json!({}), true, |run| preview(&item, run)).unwrap();
        verdict.map(|verdict| verdict.reasons().iter().map(|one| one.code).collect::<Vec<_>>())
    };
    assert_eq!(previewed(&item()), None);
    assert_eq!(previewed(&configured("metadataOptions", Value::Null)), None);
    let mut bad = configured("iamInstanceProfile", Value::Null);
    bad["configuration"]["publicIpAddress"] = json!("203.0.113.9");
    bad["configuration"]["metadataOptions"]["httpTokens"] = json!("optional");
    let expected = vec!["PUBLIC_IP_ASSIGNED", "IMDSV1_ALLOWED", "INSTANCE_PROFILE_MISSING"];
    assert_eq!(previewed(&bad), Some(expected));
    // Asked, the verdict is not given before all of it is known.
    let item = read_item(&bad);
    assert_eq!(running(&json!({}), false, |run| preview(&item, run)).unwrap(), None);
}
