//! The operations domain: keeping systems current, watched and under control.

pub mod automation_quality;
pub mod change_control;
pub mod health_events;
pub mod machines;
pub mod malware_protection;
pub mod monitoring_alarms;
pub mod nodes;
pub mod patch_compliance;
pub mod service_quotas;
pub mod supported_versions;
pub mod vulnerability_scanning;
pub mod workload_tracing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &malware_protection::CONTROL,
    &patch_compliance::CONTROL,
    &vulnerability_scanning::CONTROL,
    &supported_versions::CONTROL,
    &change_control::CONTROL,
    &monitoring_alarms::CONTROL,
    &workload_tracing::CONTROL,
    &service_quotas::CONTROL,
    &health_events::CONTROL,
    &automation_quality::CONTROL,
];
