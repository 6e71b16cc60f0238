//! What rules let through, case by case.

mod small_world;

use serde_json::{Value, json};

use super::*;
use crate::item::ConfigurationItem;

const TCP: u8 = 6;

fn item(configuration: &Value) -> ConfigurationItem {
    let item = json!({"resourceType": "t", "resourceId": "i", "configuration": configuration});
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn group(permissions: &Value) -> Result<Permissions, String> {
    let item = item(&json!({"ipPermissions": permissions}));
    Permissions::read(&item.configuration().unwrap(), "ipPermissions")
        .map_err(|error| error.to_string())
}

fn acl(entries: &Value) -> Result<Acl, String> {
    let item = item(&json!({"entries": entries}));
    Acl::read(&item.configuration().unwrap(), Direction::Inbound).map_err(|error| error.to_string())
}

fn set(networks: &[&str]) -> AddressSet {
    networks.iter().map(|text| parse_network(text).unwrap()).collect()
}

fn internet(networks: &[&str]) -> bool {
    set(networks).is_internet(Breadth::default())
}

#[test]
fn the_internet_is_what_addresses_make_of_it() {
    for open in [
        &["0.0.0.0/0"][..],
        &["::/0"],
        &["0.0.0.0/1", "128.0.0.0/1"],
        &["0.0.0.0/1"],
        &["128.0.0.0/2"],
        &["::/1", "8000::/1"],
        &["2000::/3"],
        &["2400::/12"],
        &["4.0.0.0/7"],
        // Written with bits of a host.
        &["203.0.113.7/0"],
        &["10.0.0.0/8", "2000::/15"],
    ] {
        assert!(internet(open), "{open:?}");
    }
    for closed in [
        &[][..],
        &["203.0.113.0/24", "198.51.100.7", "2001:db8::/32"],
        &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
        &["10.0.0.0/9", "10.128.0.0/9", "fc00::/7", "fd00::/8"],
        &["8.0.0.0/8"],
        // The same addresses again make no more of them.
        &["8.0.0.0/8", "8.0.0.0/9", "8.8.8.8/32"],
        // Half of it is private.
        &["10.0.0.0/7"],
    ] {
        assert!(!internet(closed), "{closed:?}");
    }
    let most: Vec<String> = (1..=200).map(|n| format!("{n}.0.0.0/9")).collect();
    assert!(internet(&most.iter().map(String::as_str).collect::<Vec<_>>()));
    let breadth = |v4, v6| Breadth { v4, v6 };
    assert!(set(&["8.0.0.0/8"]).is_internet(breadth(9, 16)));
    assert!(!set(&["0.0.0.0/1"]).is_internet(breadth(1, 16)));
    assert!(set(&["0.0.0.0/0"]).is_internet(breadth(1, 1)));
    assert!(set(&["::/0"]).is_internet(breadth(1, 1)));
    assert!(!set(&["0.0.0.0/0", "::/0"]).is_internet(breadth(0, 0)));
}

#[test]
fn protocols_come_by_name_and_by_number() {
    for (text, expected) in [
        ("-1", Some(Protocol::All)),
        ("tcp", Some(Protocol::TCP)),
        ("TCP", Some(Protocol::TCP)),
        ("6", Some(Protocol::TCP)),
        ("17", Some(Protocol::UDP)),
        ("udp", Some(Protocol::UDP)),
        ("1", Some(Protocol::ICMP)),
        ("icmpv6", Some(Protocol::ICMPV6)),
        ("58", Some(Protocol::ICMPV6)),
        ("47", Some(Protocol::One(47))),
        ("256", None),
        ("gre", None),
        ("", None),
    ] {
        assert_eq!(Protocol::parse(text), expected, "{text}");
    }
}

#[test]
fn port_ranges_of_parameters() {
    assert_eq!(port_range("443"), Some((443, 443)));
    assert_eq!(port_range(" 1024 - 65535 "), Some((1024, 65535)));
    for wrong in ["", "-1", "65536", "443-80", "http", "1-2-3", "+5"] {
        assert_eq!(port_range(wrong), None, "{wrong}");
    }
    assert_eq!([text_of((1, 1)), text_of((1, 9))], ["1", "1-9"]);
}

#[test]
fn both_ways_of_writing_ranges_are_read() {
    let rule = |extra: Value| {
        let mut rule = json!({"ipProtocol": "tcp", "fromPort": 22, "toPort": 22});
        rule.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!([rule])
    };
    for ranges in [
        json!({"ipRanges": ["0.0.0.0/0"]}),
        json!({"ipRanges": [{"cidrIp": "0.0.0.0/0"}]}),
        json!({"ipv4Ranges": [{"cidrIp": "0.0.0.0/0", "description": "any"}], "ipRanges": ["0.0.0.0/0"]}),
        json!({"ipv6Ranges": [{"cidrIpv6": "::/0"}]}),
    ] {
        let group = group(&rule(ranges)).unwrap();
        assert!(group.addresses(TCP, 22).is_internet(Breadth::default()));
        assert!(group.addresses(TCP, 23).is_empty());
        assert!(group.addresses(17, 22).is_empty());
    }
    let referring = json!({"userIdGroupPairs": [{"groupId": "sg-1"}],
                           "prefixListIds": [{"prefixListId": "pl-1"}, {"prefixListId": "pl-1"}]});
    let group = group(&rule(referring)).unwrap();
    assert!(group.addresses(TCP, 22).is_empty());
    assert_eq!(group.prefix_lists(), ["pl-1"]);
}

#[test]
fn what_a_group_must_carry() {
    let ranges = json!(["0.0.0.0/0"]);
    for (rule, expected) in [
        (json!({"ipRanges": ranges}), "ipPermissions[0].ipProtocol is missing"),
        (json!({"ipProtocol": "tcp", "ipRanges": ranges}), "fromPort is missing"),
        (json!({"ipProtocol": "6", "fromPort": 1, "ipRanges": ranges}), "toPort is missing"),
        (json!({"ipProtocol": "-1"}), "ipv4Ranges is missing"),
        (json!({"ipProtocol": "any", "ipRanges": ranges}), "unknown protocol \"any\""),
        (json!({"ipProtocol": "-1", "ipRanges": ["anywhere"]}), "ipRanges[0] cannot be read"),
        (json!({"ipProtocol": "-1", "ipv6Ranges": [{}]}), "cidrIpv6 is missing"),
        (
            json!({"ipProtocol": "-1", "ipv4Ranges": [], "prefixListIds": [{}]}),
            "prefixListId is missing",
        ),
        (json!({"ipProtocol": "tcp", "fromPort": 9, "toPort": 8, "ipRanges": []}), "above toPort"),
        (
            json!({"ipProtocol": "tcp", "fromPort": 0, "toPort": 65536, "ipRanges": []}),
            "no port: 65536",
        ),
    ] {
        let error = group(&json!([rule])).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let nothing = item(&json!({}));
    let error = Permissions::read(&nothing.configuration().unwrap(), "ipPermissions").unwrap_err();
    assert_eq!(error.to_string(), "configuration.ipPermissions is missing");
}

#[test]
fn ports_that_are_none_and_ports_that_are_all() {
    let open = |rule: Value| {
        let group = group(&json!([rule])).unwrap();
        group.ports_where(TCP, |set| set.is_internet(Breadth::default()))
    };
    let all: Ports = [ALL_PORTS].into_iter().collect();
    let any = json!(["0.0.0.0/0"]);
    assert_eq!(open(json!({"ipProtocol": "-1", "ipRanges": any})), all);
    // Some tools leave ports at a rule for everything.
    assert_eq!(
        open(json!({"ipProtocol": "-1", "fromPort": 443, "toPort": 443, "ipRanges": any})),
        all
    );
    assert_eq!(
        open(json!({"ipProtocol": "tcp", "fromPort": -1, "toPort": -1, "ipRanges": any})),
        all
    );
    assert_eq!(
        open(json!({"ipProtocol": "tcp", "fromPort": 0, "toPort": 65535, "ipRanges": any})),
        all
    );
    // Type 3 and code 22 are no ports.
    assert!(
        open(json!({"ipProtocol": "icmp", "fromPort": 3, "toPort": 22, "ipRanges": any}))
            .is_empty()
    );
    assert!(
        open(json!({"ipProtocol": "icmp", "fromPort": -1, "toPort": -1, "ipRanges": any}))
            .is_empty()
    );
    assert!(open(json!({"ipProtocol": "47", "ipRanges": any})).is_empty());
    let zero = open(json!({"ipProtocol": "tcp", "fromPort": 0, "toPort": 0, "ipRanges": any}));
    assert_eq!(zero.as_slice(), [(0, 0)]);
}

#[test]
fn networks_are_named_by_width() {
    let group = group(&json!([
        {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
         "ipRanges": ["203.0.113.0/24", "10.0.0.0/8", "0.0.0.0/1", "8.8.8.0/24"],
         "ipv6Ranges": [{"cidrIpv6": "2001:db8::/64"}]},
        {"ipProtocol": "-1", "ipRanges": ["128.0.0.0/2"]},
        {"ipProtocol": "udp", "fromPort": 22, "toPort": 22, "ipRanges": ["198.51.100.0/24"]},
        {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "ipRanges": ["192.0.2.0/24"]},
    ]))
    .unwrap();
    let ports = [(Protocol::TCP, [(22, 22)].into_iter().collect())];
    let text =
        |networks: Vec<ipnet::IpNet>| networks.iter().map(ToString::to_string).collect::<Vec<_>>();
    // 8.8.8.0/24 is inside the first one, and 10.0.0.0/8 too.
    assert_eq!(
        text(group.networks(&ports, private())),
        ["0.0.0.0/1", "128.0.0.0/2", "203.0.113.0/24", "2001:db8::/64"]
    );
    let internet = text(group.internet_networks(&ports, Breadth::default()));
    assert_eq!(internet, ["0.0.0.0/1", "128.0.0.0/2", "203.0.113.0/24"]);
    let outside = text(group.networks(&ports, &set(&["0.0.0.0/1", "2001:db8::/32"])));
    assert_eq!(outside, ["128.0.0.0/2", "203.0.113.0/24"]);
}

fn entry(number: i64, action: &str, extra: Value) -> Value {
    let mut entry = json!({"ruleNumber": number, "egress": false, "ruleAction": action,
                           "protocol": "-1", "cidrBlock": "0.0.0.0/0"});
    for (key, value) in extra.as_object().unwrap() {
        entry[key] = value.clone();
    }
    entry
}

fn ssh(acl: &Acl) -> AddressSet {
    acl.admitted(Traffic::Port(TCP, 22))
}

#[test]
fn the_first_match_decides() {
    let ports =
        |from: u16, to: u16| json!({"protocol": "6", "portRange": {"from": from, "to": to}});
    let everything = set(&["0.0.0.0/0"]);
    let denied_first = json!([entry(100, "allow", json!({})), entry(90, "deny", ports(22, 22))]);
    assert!(
        ssh(&acl(&denied_first).unwrap()).is_empty(),
        "the order is the numbers', not the list's"
    );
    let denied_late = json!([entry(100, "allow", json!({})), entry(110, "deny", ports(22, 22))]);
    assert_eq!(ssh(&acl(&denied_late).unwrap()), everything);
    let other_port = json!([entry(90, "deny", ports(0, 21)), entry(100, "allow", json!({}))]);
    assert_eq!(ssh(&acl(&other_port).unwrap()), everything);
    let half = json!([
        entry(90, "deny", json!({"cidrBlock": "0.0.0.0/1"})),
        entry(100, "allow", json!({}))
    ]);
    assert_eq!(ssh(&acl(&half).unwrap()), set(&["128.0.0.0/1"]));
    let implicit = json!([entry(32767, "deny", json!({})), entry(32766, "allow", json!({}))]);
    assert_eq!(ssh(&acl(&implicit).unwrap()), everything);
    let outbound = json!([entry(100, "allow", json!({"egress": true}))]);
    assert!(ssh(&acl(&outbound).unwrap()).is_empty());
    // A deny for one family says nothing of the other.
    let mut v6 = entry(100, "allow", json!({"ipv6CidrBlock": "::/0"}));
    v6.as_object_mut().unwrap().remove("cidrBlock");
    assert_eq!(ssh(&acl(&json!([entry(90, "deny", json!({})), v6])).unwrap()), set(&["::/0"]));
    let icmp =
        entry(100, "allow", json!({"protocol": "1", "icmpTypeCode": {"type": 22, "code": -1}}));
    assert!(ssh(&acl(&json!([icmp])).unwrap()).is_empty());
}

#[test]
fn what_an_acl_must_carry() {
    for (entries, expected) in [
        (json!([{"ruleNumber": 1}]), "egress is missing"),
        (json!([{"egress": false}]), "ruleNumber is missing"),
        (json!([entry(1, "permit", json!({}))]), "unknown action \"permit\""),
        (json!([entry(1, "allow", json!({"protocol": null}))]), "protocol is missing"),
        (json!([entry(1, "allow", json!({"protocol": "6"}))]), "portRange is missing"),
        (
            json!([entry(1, "allow", json!({"protocol": "6", "portRange": {"from": 1}}))]),
            "portRange.to is missing",
        ),
        (json!([entry(1, "allow", json!({"cidrBlock": null}))]), "cidrBlock is missing"),
        (
            json!([entry(1, "allow", json!({"cidrBlock": "x"}))]),
            "entries[0].cidrBlock cannot be read",
        ),
        (
            json!([entry(1, "allow", json!({"protocol": "1", "icmpTypeCode": {"type": 256}}))]),
            "no type or code",
        ),
    ] {
        let error = acl(&entries).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let nothing = item(&json!({}));
    assert!(Acl::read(&nothing.configuration().unwrap(), Direction::Inbound).is_err());
}
