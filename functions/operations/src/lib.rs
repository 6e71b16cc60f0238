//! The operations domain: keeping systems current, watched and under control.

pub mod automation_quality;
pub mod change_control;
pub mod health_events;
pub mod nodes;
pub mod supported_versions;
mod tags;
pub mod workload_tracing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &automation_quality::CONTROL,
    &change_control::CONTROL,
    &health_events::CONTROL,
    &supported_versions::CONTROL,
    &workload_tracing::CONTROL,
];
