//! The resilience domain: staying up, and coming back.

pub mod backup_coverage;
mod backups;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&backup_coverage::CONTROL];
