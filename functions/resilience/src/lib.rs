//! The resilience domain: staying up, and coming back.

pub mod backup_coverage;
pub mod backup_plan;
pub mod backup_vault;
mod backups;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] =
    &[&backup_coverage::CONTROL, &backup_plan::CONTROL, &backup_vault::CONTROL];
