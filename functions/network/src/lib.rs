//! The network domain: what reaches what.

pub mod ddos_protection;
pub mod ec2_instance_access;
mod exposure;
mod lists;
pub mod network_acl;
pub mod network_firewall;
pub mod private_routing;
pub mod security_group_egress;
pub mod security_group_ingress;
#[cfg(test)]
mod testing;
pub mod vpc_endpoints;
pub mod vpc_flow_logs;
mod vpcs;
pub mod web_acl;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &security_group_ingress::CONTROL,
    &security_group_egress::CONTROL,
    &network_acl::CONTROL,
    &vpc_flow_logs::CONTROL,
    &vpc_endpoints::CONTROL,
    &private_routing::CONTROL,
    &ec2_instance_access::CONTROL,
    &web_acl::CONTROL,
    &network_firewall::CONTROL,
    &ddos_protection::CONTROL,
];
