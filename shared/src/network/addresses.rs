//! Sets of addresses, and how much of the internet they are.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::ranges::Ranges;

/// Addresses that no one on the internet has: RFC 1918 and unique local ones (RFC 4193).
const PRIVATE_V4: [([u8; 4], u8); 3] =
    [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16)];
const PRIVATE_V6: (u16, u8) = (0xfc00, 7);

static PRIVATE: LazyLock<AddressSet> = LazyLock::new(|| {
    let v4 = PRIVATE_V4
        .iter()
        .filter_map(|&(address, length)| Ipv4Net::new(address.into(), length).ok().map(IpNet::V4));
    let (first, length) = PRIVATE_V6;
    let v6 = Ipv6Net::new([first, 0, 0, 0, 0, 0, 0, 0].into(), length).ok().map(IpNet::V6);
    v4.chain(v6).collect()
});

/// The private addresses: RFC 1918, and the unique local ones of IPv6.
#[must_use]
pub fn private() -> &'static AddressSet {
    &PRIVATE
}

/// A range of addresses as EC2 writes it; a single address is a range of one.
#[must_use]
pub fn parse_network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// From where on a set of addresses counts as the internet: when it holds more public addresses
/// than one range with this prefix length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breadth {
    /// Prefix length for IPv4.
    pub v4: u8,
    /// Prefix length for IPv6.
    pub v6: u8,
}

impl Default for Breadth {
    /// One /8 of IPv4 (a 256th of it), one /16 of IPv6 (more than any registry holds by itself).
    fn default() -> Self {
        Self { v4: 8, v6: 16 }
    }
}

/// A set of addresses of both families.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressSet {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

impl FromIterator<IpNet> for AddressSet {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for network in networks {
            match network {
                IpNet::V4(net) => v4.push((net.network().to_bits(), net.broadcast().to_bits())),
                IpNet::V6(net) => v6.push((net.network().to_bits(), net.broadcast().to_bits())),
            }
        }
        Self { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() }
    }
}

impl AddressSet {
    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether it holds this address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => self.v4.contains(v4.to_bits()),
            IpAddr::V6(v6) => self.v6.contains(v6.to_bits()),
        }
    }

    /// What is in any of them.
    #[must_use]
    pub fn union_of<'a>(sets: impl Iterator<Item = &'a Self> + Clone) -> Self {
        Self {
            v4: sets.clone().flat_map(|set| set.v4.as_slice()).copied().collect(),
            v6: sets.flat_map(|set| set.v6.as_slice()).copied().collect(),
        }
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self { v4: self.v4.minus(&other.v4), v6: self.v6.minus(&other.v6) }
    }

    /// Whether it is as wide as the internet, in one family or the other.
    #[must_use]
    pub fn is_internet(&self, breadth: Breadth) -> bool {
        let public = self.minus(private());
        let size = |bits: u32, length: u8| 1_u128.checked_shl(bits.saturating_sub(length.into()));
        // A range of length 0 is larger than what can be counted, and nothing is larger.
        public.v4.count() > size(32, breadth.v4).unwrap_or(u128::MAX)
            || public.v6.count() > size(128, breadth.v6).unwrap_or(u128::MAX)
    }
}
