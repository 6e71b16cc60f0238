//! The analysers against slow and obvious ones: every rule, for every address and port of a small
//! world that is spread over the real one (sixteen /4 ranges, sixteen blocks of 4096 ports).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
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
        {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": ["203.0.113.0/24", "10.0.0.0/8", "0.0.0.0/1"]},
        {"ipProtocol": "-1", "ipRanges": ["128.0.0.0/1"]},
        {"ipProtocol": "udp", "fromPort": 22, "toPort": 22, "ipRanges": ["198.51.100.0/24"]},
        {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "ipRanges": ["192.0.2.0/24"]},
    ]))
    .unwrap();
    let ports = [(Protocol::TCP, [(22, 22)].into_iter().collect())];
    assert_eq!(group.public_networks(&ports), ["0.0.0.0/1", "128.0.0.0/1", "203.0.113.0/24"]);
    assert_eq!(group.networks(&ports, &set(&["0.0.0.0/1"])), ["128.0.0.0/1", "203.0.113.0/24"]);
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

/// Blocks of the small world: an address in the middle of each, first and last port of each.
fn addresses(v6: bool) -> impl Iterator<Item = (u8, IpAddr)> {
    (0..16_u8).map(move |block| {
        let address: IpAddr = if v6 {
            Ipv6Addr::from_bits((u128::from(block) << 124) + 7).into()
        } else {
            Ipv4Addr::from_bits((u32::from(block) << 28) + 7).into()
        };
        (block, address)
    })
}

fn cidr(v6: bool, block: u8, length: u8) -> String {
    let first = block & !(0xf_u8.checked_shr(length.into()).unwrap_or(0));
    if v6 { format!("{first:x}000::/{length}") } else { format!("{}.0.0.0/{length}", first << 4) }
}

fn in_cidr(block: u8, length: u8, address: u8) -> bool {
    let drop = 4 - u32::from(length);
    block >> drop == address >> drop
}

fn block_ports(first: u8, last: u8) -> (u16, u16) {
    (u16::from(first) * 4096, u16::from(last) * 4096 + 4095)
}

/// A range of blocks of ports.
fn blocks() -> impl Strategy<Value = (u8, u8)> {
    (0..16_u8, 0..16_u8).prop_map(|(one, two)| (one.min(two), one.max(two)))
}

fn network_of_world() -> impl Strategy<Value = (bool, u8, u8)> {
    (any::<bool>(), 0..16_u8, 0..=4_u8)
}

/// Protocols as rules write them.
const PROTOCOLS: [&str; 6] = ["-1", "tcp", "6", "udp", "icmp", "47"];

fn covers(protocol: &str, number: u8) -> bool {
    match protocol {
        "-1" => true,
        "tcp" | "6" => number == 6,
        "udp" | "17" => number == 17,
        "icmp" | "1" => number == 1,
        other => other == number.to_string(),
    }
}

#[derive(Debug, Clone)]
struct AclRule {
    number: i64,
    allows: bool,
    protocol: &'static str,
    ports: (u8, u8),
    icmp: (i64, i64),
    network: (bool, u8, u8),
}

impl AclRule {
    fn json(&self) -> Value {
        let (v6, block, length) = self.network;
        let (from, to) = block_ports(self.ports.0, self.ports.1);
        let mut rule = json!({"ruleNumber": self.number, "egress": false, "protocol": self.protocol,
                              "ruleAction": if self.allows { "allow" } else { "deny" }});
        rule[if v6 { "ipv6CidrBlock" } else { "cidrBlock" }] = json!(cidr(v6, block, length));
        if ["6", "17"].contains(&self.protocol) {
            rule["portRange"] = json!({"from": from, "to": to});
        }
        if self.protocol == "1" {
            rule["icmpTypeCode"] = json!({"type": self.icmp.0, "code": self.icmp.1});
        }
        rule
    }

    fn matches(&self, traffic: Traffic, v6: bool, address: u8) -> bool {
        let (number, detail) = match traffic {
            Traffic::Port(number, port) => {
                let (from, to) = block_ports(self.ports.0, self.ports.1);
                (number, self.protocol == "-1" || (from <= port && port <= to))
            }
            Traffic::Icmp(number, kind, code) => (
                number,
                self.protocol == "-1"
                    || ([-1, kind.into()].contains(&self.icmp.0)
                        && [-1, code.into()].contains(&self.icmp.1)),
            ),
            Traffic::Other(number) => (number, true),
        };
        covers(self.protocol, number)
            && detail
            && self.network.0 == v6
            && in_cidr(self.network.1, self.network.2, address)
    }
}

fn acl_rules() -> impl Strategy<Value = Vec<AclRule>> {
    let rule = (
        any::<bool>(),
        prop::sample::select(&["-1", "-1", "6", "6", "17", "1", "47"][..]),
        blocks(),
        (-1..3_i64, -1..3_i64),
        network_of_world(),
    );
    prop::collection::vec(rule, 0..8)
        .prop_map(|rules| {
            let numbered = rules.into_iter().enumerate().map(
                |(place, (allows, protocol, ports, icmp, network))| AclRule {
                    number: i64::try_from(place).unwrap() * 10 + 1,
                    allows,
                    protocol,
                    ports,
                    icmp,
                    network,
                },
            );
            numbered.collect::<Vec<_>>()
        })
        .prop_shuffle()
}

fn all_traffic() -> Vec<Traffic> {
    let ports = (0..16).flat_map(|block| {
        let (first, last) = block_ports(block, block);
        [6, 17]
            .into_iter()
            .flat_map(move |number| [Traffic::Port(number, first), Traffic::Port(number, last)])
    });
    let icmp = (0..4).flat_map(|kind| (0..4).map(move |code| Traffic::Icmp(1, kind, code)));
    let other = [Traffic::Icmp(58, 0, 0), Traffic::Other(47), Traffic::Other(50)];
    ports.chain(icmp).chain(other).collect()
}

type GroupRule = (&'static str, (u8, u8), Vec<(bool, u8, u8)>);

fn group_rules() -> impl Strategy<Value = Vec<GroupRule>> {
    let networks = prop::collection::vec(network_of_world(), 0..4);
    prop::collection::vec((prop::sample::select(&PROTOCOLS[..]), blocks(), networks), 0..7)
}

fn ends() -> impl Strategy<Value = Vec<(u16, u16)>> {
    let end = (0..40_u16).prop_map(|n| if n < 20 { n } else { u16::MAX - (n - 20) });
    prop::collection::vec((end.clone(), end), 0..6)
}

proptest! {
    #[test]
    fn sets_of_ranges_are_sets(one in ends(), two in ends()) {
        let (a, b): (Ports, Ports) = (one.iter().copied().collect(), two.iter().copied().collect());
        let within = |list: &[(u16, u16)], point| list.iter().any(|(first, last)| (*first..=*last).contains(&point));
        for point in (0..21).chain([1000]).chain(u16::MAX - 21..=u16::MAX) {
            let (in_a, in_b) = (within(&one, point), within(&two, point));
            prop_assert_eq!(a.contains(point), in_a);
            prop_assert_eq!(a.union(&b).contains(point), in_a || in_b);
            prop_assert_eq!(a.intersection(&b).contains(point), in_a && in_b);
            prop_assert_eq!(a.minus(&b).contains(point), in_a && !in_b);
        }
        for set in [&a, &a.union(&b), &a.minus(&b), &a.intersection(&b)] {
            // One way to write each set, and its size is that of its members.
            prop_assert!(set.as_slice().windows(2).all(|pair| u32::from(pair[0].1) + 1 < u32::from(pair[1].0)));
            let members = (0..=u16::MAX).filter(|point| set.contains(*point)).count();
            prop_assert_eq!(set.count(), u128::try_from(members).unwrap());
        }
    }

    #[test]
    fn a_group_lets_through_the_union_of_its_rules(rules in group_rules()) {
        let permissions: Vec<Value> = rules
            .iter()
            .map(|(protocol, (first, last), networks)| {
                let of = |family: bool, key: &str| -> Vec<Value> {
                    networks.iter().filter(|one| one.0 == family)
                        .map(|(v6, block, length)| json!({key: cidr(*v6, *block, *length)})).collect()
                };
                let (from, to) = block_ports(*first, *last);
                json!({"ipProtocol": protocol, "fromPort": from, "toPort": to,
                       "ipv4Ranges": of(false, "cidrIp"), "ipv6Ranges": of(true, "cidrIpv6")})
            })
            .collect();
        let group = group(&json!(permissions)).unwrap();
        // More than four of the sixteen blocks; the private part of a block is less than a block.
        let breadth = Breadth { v4: 2, v6: 2 };
        for number in [6, 17] {
            let open = group.ports_where(number, |set| set.is_internet(breadth));
            for unit in 0..16_u8 {
                let reaches = |v6: bool, address: u8| rules.iter().any(|(protocol, (first, last), networks)| {
                    covers(protocol, number)
                        && (*protocol == "-1" || (*first..=*last).contains(&unit))
                        && networks.iter().any(|one| one.0 == v6 && in_cidr(one.1, one.2, address))
                });
                let (first, last) = block_ports(unit, unit);
                let mut counts = [0, 0];
                for (family, count) in [false, true].into_iter().zip(&mut counts) {
                    for (block, address) in addresses(family) {
                        let expected = reaches(family, block);
                        prop_assert_eq!(group.addresses(number, first).contains(address), expected);
                        *count += u32::from(expected);
                    }
                }
                let expected = counts.iter().any(|count| *count > 4);
                prop_assert_eq!([open.contains(first), open.contains(last)], [expected, expected]);
            }
        }
    }

    #[test]
    fn an_acl_lets_through_what_its_first_match_allows(rules in acl_rules()) {
        let acl = acl(&rules.iter().map(AclRule::json).collect()).unwrap();
        let mut sorted = rules;
        sorted.sort_by_key(|rule| rule.number);
        let all = all_traffic();
        let sets: Vec<AddressSet> = all.iter().map(|traffic| acl.admitted(*traffic)).collect();
        let unlimited = acl.unlimited();
        for number in [6, 17] {
            let some = acl.ports_where(number, |admitted| !admitted.is_empty());
            for (traffic, admitted) in all.iter().zip(&sets) {
                if let Traffic::Port(protocol, port) = traffic && *protocol == number {
                    prop_assert_eq!(some.contains(*port), !admitted.is_empty());
                }
            }
        }
        for v6 in [false, true] {
            for (block, address) in addresses(v6) {
                let mut everything = true;
                for (traffic, admitted) in all.iter().zip(&sets) {
                    let first = sorted.iter().find(|rule| rule.matches(*traffic, v6, block));
                    let expected = first.is_some_and(|rule| rule.allows);
                    prop_assert_eq!(admitted.contains(address), expected, "{:?} {}", traffic, address);
                    everything &= expected;
                }
                prop_assert_eq!(unlimited.contains(address), everything, "{}", address);
            }
        }
    }
}
