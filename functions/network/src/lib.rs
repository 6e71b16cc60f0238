//! The network domain: what reaches what.

pub mod ec2_instance_access;
mod exposure;
mod lists;
pub mod network_acl;
pub mod security_group_egress;
pub mod security_group_ingress;
#[cfg(test)]
mod testing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &security_group_ingress::CONTROL,
    &security_group_egress::CONTROL,
    &network_acl::CONTROL,
    &ec2_instance_access::CONTROL,
];
