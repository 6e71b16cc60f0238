//! Network ACLs: rules in the order of their numbers, of which the first that matches decides.
//! What an ACL lets through is what its allow rules admit and no earlier deny rule takes away.
//!
//! Source: Amazon VPC user guide, "Network ACLs"; EC2 API reference, NetworkAclEntry: ports only
//! with TCP and UDP, type and code only with ICMP, -1 for every type or code.

use ipnet::IpNet;

use super::addresses::AddressSet;
use super::group::{network, port_fields, protocol, unreadable};
use super::ports::{ALL_PORTS, Ports, ports_where};
use super::protocol::Protocol;
use crate::item::{Fields, ItemError};
use crate::text::brief;

/// The first number that users cannot give: from here on, entries are the implicit denies.
const IMPLICIT: i64 = 32767;

/// To the subnets, or from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the subnets.
    Inbound,
    /// Out of them.
    Outbound,
}

/// A kind of packet, as rules tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// TCP or UDP, by its number, to a port.
    Port(u8, u16),
    /// ICMP or ICMPv6, by its number, of a type and a code.
    Icmp(u8, u8, u8),
    /// Another protocol.
    Other(u8),
}

/// What a rule says beyond its protocol.
#[derive(Debug, Clone, Copy)]
enum Detail {
    /// Nothing.
    None,
    Ports(u16, u16),
    /// Type and code; without one, all of them.
    Icmp(Option<u8>, Option<u8>),
}

#[derive(Debug, Clone)]
struct Entry {
    number: i64,
    allows: bool,
    protocol: Protocol,
    detail: Detail,
    addresses: AddressSet,
}

impl Entry {
    fn is_about(&self, traffic: Traffic) -> bool {
        let (number, detail) = match (traffic, self.detail) {
            (Traffic::Port(number, port), Detail::Ports(first, last)) => {
                (number, (first..=last).contains(&port))
            }
            (Traffic::Icmp(number, kind, code), Detail::Icmp(kinds, codes)) => {
                (number, kinds.is_none_or(|one| one == kind) && codes.is_none_or(|one| one == code))
            }
            (
                Traffic::Port(number, _) | Traffic::Icmp(number, ..) | Traffic::Other(number),
                detail,
            ) => (number, matches!(detail, Detail::None)),
        };
        detail && self.protocol.covers(number)
    }
}

/// The rules of a network ACL in one direction, in order.
#[derive(Debug, Clone, Default)]
pub struct Acl {
    entries: Vec<Entry>,
}

impl Acl {
    /// Reads the `entries` of an ACL's configuration that are about one direction.
    ///
    /// # Errors
    /// When the list or a part of an entry that must be there is missing, or cannot be read.
    pub fn read(acl: &Fields<'_>, direction: Direction) -> Result<Self, ItemError> {
        let mut entries = Vec::new();
        for entry in acl.list("entries")?.ok_or_else(|| acl.missing("entries"))? {
            let egress = entry.flag("egress")?.ok_or_else(|| entry.missing("egress"))?;
            let number = entry.integer("ruleNumber")?.ok_or_else(|| entry.missing("ruleNumber"))?;
            if egress == (direction == Direction::Outbound) && number < IMPLICIT {
                entries.push(read_entry(&entry, number)?);
            }
        }
        entries.sort_by_key(|entry| entry.number);
        Ok(Self { entries })
    }

    /// The addresses whose traffic of this kind is let through.
    #[must_use]
    pub fn admitted(&self, traffic: Traffic) -> AddressSet {
        let mut admitted = AddressSet::default();
        let mut denied = AddressSet::default();
        for entry in self.entries.iter().filter(|entry| entry.is_about(traffic)) {
            if entry.allows {
                admitted = admitted.union(&entry.addresses.minus(&denied));
            } else {
                // What an earlier rule admitted stays so.
                denied = denied.union(&entry.addresses);
            }
        }
        admitted
    }

    /// The ports of TCP or UDP, by its number, whose admitted addresses satisfy `test`.
    pub fn ports_where(&self, protocol: u8, test: impl Fn(&AddressSet) -> bool) -> Ports {
        ports_where(self.starts(protocol), |port| {
            test(&self.admitted(Traffic::Port(protocol, port)))
        })
    }

    /// The ports at which a rule begins, and those behind the end of one.
    fn starts(&self, protocol: u8) -> impl Iterator<Item = u16> {
        let about = move |entry: &&Entry| entry.protocol == Protocol::One(protocol);
        let starts = self.entries.iter().filter(about).flat_map(|entry| match entry.detail {
            Detail::Ports(first, last) => [Some(first), last.checked_add(1)],
            Detail::None | Detail::Icmp(..) => [None, None],
        });
        starts.flatten()
    }

    /// The addresses whose traffic of every kind is let through.
    #[must_use]
    pub fn unlimited(&self) -> AddressSet {
        self.kinds()
            .into_iter()
            .map(|kind| self.admitted(kind))
            .reduce(|all, one| all.intersection(&one))
            .unwrap_or_default()
    }

    /// One kind of traffic for all those that no rule tells apart.
    fn kinds(&self) -> Vec<Traffic> {
        let mut kinds = Vec::new();
        for number in [6, 17] {
            let ports = self.starts(number).chain([ALL_PORTS.0]);
            kinds.extend(ports.map(|port| Traffic::Port(number, port)));
        }
        for number in [1, 58] {
            let icmp = self.entries.iter().filter(|entry| entry.protocol == Protocol::One(number));
            let (mut types, mut codes) = (Vec::new(), Vec::new());
            for entry in icmp {
                if let Detail::Icmp(kind, code) = entry.detail {
                    types.extend(kind);
                    codes.extend(code);
                }
            }
            types.extend(unnamed(&types));
            codes.extend(unnamed(&codes));
            kinds.extend(types.iter().flat_map(|kind| {
                codes.iter().map(move |code| Traffic::Icmp(number, *kind, *code))
            }));
        }
        let with_detail = [6, 17, 1, 58];
        let mut others: Vec<u8> = self
            .entries
            .iter()
            .filter_map(|entry| match entry.protocol {
                Protocol::One(number) if !with_detail.contains(&number) => Some(number),
                Protocol::One(_) | Protocol::All => None,
            })
            .collect();
        let named: Vec<u8> = others.iter().copied().chain(with_detail).collect();
        others.extend(unnamed(&named));
        kinds.extend(others.into_iter().map(Traffic::Other));
        kinds
    }
}

/// A number that is not in the list, if there is one.
fn unnamed(list: &[u8]) -> Option<u8> {
    (0..=u8::MAX).find(|number| !list.contains(number))
}

fn read_entry(entry: &Fields<'_>, number: i64) -> Result<Entry, ItemError> {
    const ACTION: &str = "ruleAction";
    let allows = match entry.text(ACTION)?.ok_or_else(|| entry.missing(ACTION))? {
        "allow" => true,
        "deny" => false,
        other => {
            return Err(unreadable(entry, ACTION, &format!("unknown action {:?}", brief(other))));
        }
    };
    let protocol = protocol(entry, "protocol")?;
    let detail = if protocol.has_ports() {
        let range = entry.at("portRange")?.ok_or_else(|| entry.missing("portRange"))?;
        let (first, last) = port_fields(&range, "from", "to")?;
        Detail::Ports(first, last)
    } else if protocol.is_icmp() {
        match entry.at("icmpTypeCode")? {
            Some(icmp) => Detail::Icmp(octet(&icmp, "type")?, octet(&icmp, "code")?),
            None => Detail::Icmp(None, None),
        }
    } else {
        Detail::None
    };
    let mut networks: Vec<IpNet> = Vec::with_capacity(1);
    for key in ["cidrBlock", "ipv6CidrBlock"] {
        if let Some(text) = entry.text(key)? {
            networks.push(network(text, &format!("{}.{key}", entry.path()))?);
        }
    }
    if networks.is_empty() {
        return Err(entry.missing("cidrBlock"));
    }
    let addresses = networks.into_iter().collect();
    Ok(Entry { number, allows, protocol, detail, addresses })
}

/// A type or code of ICMP; -1 is every one.
fn octet(fields: &Fields<'_>, key: &str) -> Result<Option<u8>, ItemError> {
    match fields.integer(key)? {
        None | Some(-1) => Ok(None),
        Some(number) => u8::try_from(number)
            .map(Some)
            .map_err(|_| unreadable(fields, key, &format!("no type or code: {number}"))),
    }
}
