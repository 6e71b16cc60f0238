//! The analysers against slow and obvious ones: every rule, for every address and port of a small
//! world that is spread over the real one (sixteen /4 ranges, sixteen blocks of 4096 ports).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{acl, group};
use crate::network::{AddressSet, Breadth, Ports, Traffic};

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
