//! Protocols of rules.

use std::fmt;

/// The protocol that a rule is about. Numbers are those of IANA's list of protocol numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// -1: every protocol, and with it every port.
    All,
    /// One protocol.
    One(u8),
}

impl Protocol {
    /// ICMP for IPv4.
    pub const ICMP: Self = Self::One(1);
    /// TCP.
    pub const TCP: Self = Self::One(6);
    /// UDP.
    pub const UDP: Self = Self::One(17);
    /// ICMP for IPv6.
    pub const ICMPV6: Self = Self::One(58);

    /// Reads `-1`, a name that EC2 uses (`tcp`, `udp`, `icmp`, `icmpv6`) or a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "-1" | "all" => Some(Self::All),
            "icmp" => Some(Self::ICMP),
            "tcp" => Some(Self::TCP),
            "udp" => Some(Self::UDP),
            "icmpv6" => Some(Self::ICMPV6),
            number => number.parse().ok().map(Self::One),
        }
    }

    /// Whether a rule about this protocol is about traffic of protocol `number`.
    #[must_use]
    pub fn covers(self, number: u8) -> bool {
        self == Self::All || self == Self::One(number)
    }

    /// Whether its rules carry ports. EC2 ignores the port range of every other protocol.
    #[must_use]
    pub fn has_ports(self) -> bool {
        self == Self::TCP || self == Self::UDP
    }

    /// Whether its rules carry a type and a code.
    #[must_use]
    pub fn is_icmp(self) -> bool {
        self == Self::ICMP || self == Self::ICMPV6
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::All => f.write_str("-1"),
            Self::ICMP => f.write_str("ICMP"),
            Self::TCP => f.write_str("TCP"),
            Self::UDP => f.write_str("UDP"),
            Self::ICMPV6 => f.write_str("ICMPv6"),
            Self::One(number) => write!(f, "protocol {number}"),
        }
    }
}
