//! The operations domain: keeping systems current, watched and under control.

pub mod change_control;
mod tags;
pub mod workload_tracing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&change_control::CONTROL, &workload_tracing::CONTROL];
