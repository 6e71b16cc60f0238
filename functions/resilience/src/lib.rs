//! The resilience domain: staying up, and coming back.

pub mod auto_scaling;
pub mod backup_coverage;
pub mod backup_plan;
pub mod backup_vault;
mod backups;
pub mod cross_region_recovery;
pub mod instance_recovery;
pub mod load_balancer_resilience;
pub mod multi_az;
pub mod network_redundancy;
pub mod restore_testing;
mod scope;
mod states;
#[cfg(test)]
mod testing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &backup_coverage::CONTROL,
    &backup_plan::CONTROL,
    &backup_vault::CONTROL,
    &restore_testing::CONTROL,
    &multi_az::CONTROL,
    &cross_region_recovery::CONTROL,
    &auto_scaling::CONTROL,
    &load_balancer_resilience::CONTROL,
    &network_redundancy::CONTROL,
    &instance_recovery::CONTROL,
];
