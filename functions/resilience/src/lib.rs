//! The resilience domain: staying up, and coming back.

pub mod auto_scaling;
pub mod cross_region_recovery;
pub mod restore_testing;
mod scope;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] =
    &[&auto_scaling::CONTROL, &cross_region_recovery::CONTROL, &restore_testing::CONTROL];
