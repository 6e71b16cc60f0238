//! The operations domain: keeping systems current, watched and under control.

pub mod automation_quality;
pub mod change_control;
pub mod health_events;
pub mod machines;
pub mod malware_protection;
pub mod nodes;
pub mod patch_compliance;
pub mod supported_versions;
mod tags;
pub mod vulnerability_scanning;
pub mod workload_tracing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &malware_protection::CONTROL,
    &patch_compliance::CONTROL,
    &supported_versions::CONTROL,
    &vulnerability_scanning::CONTROL,
    &automation_quality::CONTROL,
    &change_control::CONTROL,
    &health_events::CONTROL,
    &workload_tracing::CONTROL,
];
