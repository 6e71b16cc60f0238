//! Security groups: rules that only allow, in no order. What a group lets through is the union of
//! its rules.
//!
//! Source: EC2 API reference, IpPermission: ports are absent, or without meaning, unless the
//! protocol is TCP or UDP; for ICMP the two fields are type and code. Config writes IPv4 ranges
//! twice: as plain texts (`ipRanges`), and, in newer items, as objects (`ipv4Ranges`).

use ipnet::IpNet;

use super::addresses::{AddressSet, Breadth, parse_network, private};
use super::ports::{ALL_PORTS, Ports, ports_where};
use super::protocol::Protocol;
use crate::item::{Fields, ItemError};
use crate::text::brief;

/// A rule of a security group, as far as it names address ranges.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The protocol.
    pub protocol: Protocol,
    /// First and last port; every port where the protocol has none.
    pub ports: (u16, u16),
    /// The ranges at the other end.
    pub networks: Vec<IpNet>,
    addresses: AddressSet,
}

impl Rule {
    /// A rule.
    #[must_use]
    pub fn new(protocol: Protocol, ports: (u16, u16), mut networks: Vec<IpNet>) -> Self {
        networks.sort_unstable();
        networks.dedup();
        let addresses = networks.iter().copied().collect();
        Self { protocol, ports, networks, addresses }
    }

    fn is_about(&self, protocol: u8, port: u16) -> bool {
        self.protocol.covers(protocol) && (self.ports.0..=self.ports.1).contains(&port)
    }
}

/// The rules of a security group in one direction.
#[derive(Debug, Clone, Default)]
pub struct Permissions {
    rules: Vec<Rule>,
    prefix_lists: Vec<String>,
}

impl Permissions {
    /// These rules.
    #[must_use]
    pub const fn of(rules: Vec<Rule>) -> Self {
        Self { rules, prefix_lists: Vec::new() }
    }

    /// Reads `ipPermissions` or `ipPermissionsEgress` of a group's configuration.
    ///
    /// # Errors
    /// When the list or a part of a rule that must be there is missing, or cannot be read.
    pub fn read(group: &Fields<'_>, key: &str) -> Result<Self, ItemError> {
        let mut permissions = Self::default();
        for entry in group.list(key)?.ok_or_else(|| group.missing(key))? {
            let protocol = protocol(&entry, "ipProtocol")?;
            let ports = if protocol.has_ports() {
                port_fields(&entry, "fromPort", "toPort")?
            } else {
                ALL_PORTS
            };
            permissions.rules.push(Rule::new(protocol, ports, networks(&entry)?));
            for list in entry.list("prefixListIds")?.unwrap_or_default() {
                let id = list.text("prefixListId")?.ok_or_else(|| list.missing("prefixListId"))?;
                permissions.prefix_lists.push(id.to_owned());
            }
        }
        permissions.prefix_lists.sort_unstable();
        permissions.prefix_lists.dedup();
        Ok(permissions)
    }

    /// The prefix lists that rules name. The item does not tell which addresses they hold.
    #[must_use]
    pub fn prefix_lists(&self) -> &[String] {
        &self.prefix_lists
    }

    /// The addresses to which this port is open.
    #[must_use]
    pub fn addresses(&self, protocol: u8, port: u16) -> AddressSet {
        let rules = self.rules.iter().filter(|rule| rule.is_about(protocol, port));
        AddressSet::union_of(rules.map(|rule| &rule.addresses))
    }

    /// The addresses to which all protocols are open, by rules for all of them.
    #[must_use]
    pub fn unlimited(&self) -> AddressSet {
        let rules = self.rules.iter().filter(|rule| rule.protocol == Protocol::All);
        AddressSet::union_of(rules.map(|rule| &rule.addresses))
    }

    /// The ports of a protocol whose addresses satisfy `test`. Between the ends of rules all ports
    /// have the same addresses: one test serves them all.
    pub fn ports_where(&self, protocol: u8, test: impl Fn(&AddressSet) -> bool) -> Ports {
        let rules = self.rules.iter();
        let rules =
            rules.filter(|rule| rule.protocol.covers(protocol) && !rule.addresses.is_empty());
        let starts = rules.flat_map(|rule| [Some(rule.ports.0), rule.ports.1.checked_add(1)]);
        ports_where(starts.flatten(), |port| test(&self.addresses(protocol, port)))
    }

    /// The ranges outside `except` of the rules about one of these ports: the widest first, and
    /// none inside another.
    #[must_use]
    pub fn networks(&self, ports: &[(Protocol, Ports)], except: &AddressSet) -> Vec<IpNet> {
        let is_about = |rule: &&Rule| {
            let range: Ports = [rule.ports].into_iter().collect();
            ports.iter().any(|(protocol, ports)| {
                (rule.protocol == Protocol::All || rule.protocol == *protocol)
                    && !ports.intersection(&range).is_empty()
            })
        };
        let rules = self.rules.iter().filter(is_about);
        let mut networks: Vec<IpNet> = rules
            .flat_map(|rule| rule.networks.iter().copied())
            .filter(|network| !AddressSet::from_iter([*network]).minus(except).is_empty())
            .collect();
        networks.sort_unstable_by_key(|network| (network.prefix_len(), *network));
        let mut widest: Vec<IpNet> = Vec::new();
        for network in networks {
            if !widest.iter().any(|wider| wider.contains(&network)) {
                widest.push(network);
            }
        }
        widest
    }

    /// The public ranges of the rules about one of these ports, of the families that are open to
    /// the internet.
    #[must_use]
    pub fn internet_networks(&self, ports: &[(Protocol, Ports)], breadth: Breadth) -> Vec<IpNet> {
        let is_v4 = |network: &IpNet| matches!(network, IpNet::V4(_));
        let (mut v4, mut v6): (Vec<IpNet>, Vec<IpNet>) =
            self.networks(ports, private()).into_iter().partition(is_v4);
        for family in [&mut v4, &mut v6] {
            if !family.iter().copied().collect::<AddressSet>().is_internet(breadth) {
                family.clear();
            }
        }
        v4.append(&mut v6);
        v4
    }
}

/// The protocol in a field that every rule has.
pub(super) fn protocol(rule: &Fields<'_>, key: &str) -> Result<Protocol, ItemError> {
    let text = rule.text(key)?.ok_or_else(|| rule.missing(key))?;
    Protocol::parse(text).ok_or_else(|| ItemError::Unreadable {
        field: format!("{}.{key}", rule.path()),
        problem: format!("unknown protocol {:?}", brief(text)),
    })
}

/// First and last port; -1 at either end leaves that end open.
pub(super) fn port_fields(
    rule: &Fields<'_>,
    from: &str,
    to: &str,
) -> Result<(u16, u16), ItemError> {
    let port = |key: &str, open: u16| {
        let number = rule.integer(key)?.ok_or_else(|| rule.missing(key))?;
        if number == -1 {
            return Ok(open);
        }
        u16::try_from(number).map_err(|_| unreadable(rule, key, &format!("no port: {number}")))
    };
    let (first, last) = (port(from, ALL_PORTS.0)?, port(to, ALL_PORTS.1)?);
    if first > last {
        return Err(unreadable(rule, from, &format!("{first} is above {to} {last}")));
    }
    Ok((first, last))
}

/// A range of addresses in a text.
pub(super) fn network(text: &str, path: &str) -> Result<IpNet, ItemError> {
    parse_network(text).ok_or_else(|| ItemError::Unreadable {
        field: path.to_owned(),
        problem: format!("no address range: {:?}", brief(text)),
    })
}

pub(super) fn unreadable(fields: &Fields<'_>, key: &str, problem: &str) -> ItemError {
    ItemError::Unreadable { field: format!("{}.{key}", fields.path()), problem: problem.to_owned() }
}

/// The address ranges of a rule, in both ways of writing.
fn networks(rule: &Fields<'_>) -> Result<Vec<IpNet>, ItemError> {
    const RANGES: [(&str, &str); 3] =
        [("ipv4Ranges", "cidrIp"), ("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6")];
    let mut networks = Vec::new();
    let mut written = false;
    for (list, key) in RANGES {
        let Some(ranges) = rule.list(list)? else { continue };
        written = true;
        for range in ranges {
            let text = if range.value().is_string() {
                range.as_text()?
            } else {
                range.text(key)?.ok_or_else(|| range.missing(key))?
            };
            networks.push(network(text, range.path())?);
        }
    }
    // Groups and prefix lists are other ends too; a rule without any is a part of an item.
    if !written && rule.list("userIdGroupPairs")?.is_none() && rule.list("prefixListIds")?.is_none()
    {
        return Err(rule.missing("ipv4Ranges"));
    }
    Ok(networks)
}
