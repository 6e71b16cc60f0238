//! What a security group or a network ACL lets through: decided on sets of addresses and ports,
//! not on how a rule is written.
//!
//! "The internet" is every public address of IPv4 or of IPv6. A rule, or several together, is
//! open to it when the public addresses that it admits are more than one range of a given width
//! holds ([`Breadth`]; by default an IPv4 /8 or an IPv6 /16). So 0.0.0.0/0 is open, and equally
//! 0.0.0.0/1 with 128.0.0.0/1, or everything but a few excepted addresses.

mod acl;
mod addresses;
mod group;
mod ports;
mod protocol;
mod ranges;
#[cfg(test)]
mod tests;

pub use acl::{Acl, Direction, Traffic};
pub use addresses::{AddressSet, Breadth, parse_network, private};
pub use group::{Permissions, Rule};
pub use ports::{ALL_PORTS, Ports, USABLE_PORTS, port_range, text_of};
pub use protocol::Protocol;
pub use ranges::{Point, Ranges};
