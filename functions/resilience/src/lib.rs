//! The resilience domain: staying up, and coming back.

pub mod instance_recovery;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&instance_recovery::CONTROL];
