//! The network domain: what reaches what.

pub mod ddos_protection;
mod exposure;
mod lists;
pub mod network_acl;
pub mod network_firewall;
pub mod security_group_egress;
pub mod security_group_ingress;
#[cfg(test)]
mod testing;
pub mod web_acl;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &security_group_ingress::CONTROL,
    &security_group_egress::CONTROL,
    &network_acl::CONTROL,
    &web_acl::CONTROL,
    &network_firewall::CONTROL,
    &ddos_protection::CONTROL,
];
