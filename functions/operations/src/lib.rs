//! The operations domain: keeping systems current, watched and under control.

pub mod monitoring_alarms;
mod tags;
pub mod workload_tracing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&monitoring_alarms::CONTROL, &workload_tracing::CONTROL];
