//! The operations domain: keeping systems current, watched and under control.

pub mod monitoring_alarms;
pub mod service_quotas;
mod tags;
pub mod workload_tracing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] =
    &[&monitoring_alarms::CONTROL, &service_quotas::CONTROL, &workload_tracing::CONTROL];
