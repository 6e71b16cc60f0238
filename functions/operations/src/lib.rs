//! The operations domain: keeping systems current, watched and under control.

pub mod nodes;
pub mod workload_tracing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&workload_tracing::CONTROL];
