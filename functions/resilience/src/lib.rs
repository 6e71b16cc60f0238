//! The resilience domain: staying up, and coming back.

pub mod auto_scaling;
pub mod backup_coverage;
pub mod backup_plan;
pub mod backup_vault;
mod backups;
pub mod cross_region_recovery;
pub mod restore_testing;
mod scope;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &backup_coverage::CONTROL,
    &backup_plan::CONTROL,
    &backup_vault::CONTROL,
    &restore_testing::CONTROL,
    &cross_region_recovery::CONTROL,
    &auto_scaling::CONTROL,
];
