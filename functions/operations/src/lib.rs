//! The operations domain: keeping systems current, watched and under control.

pub mod machines;
pub mod malware_protection;
pub mod nodes;
pub mod patch_compliance;
pub mod supported_versions;
pub mod vulnerability_scanning;
pub mod workload_tracing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &malware_protection::CONTROL,
    &patch_compliance::CONTROL,
    &supported_versions::CONTROL,
    &vulnerability_scanning::CONTROL,
    &workload_tracing::CONTROL,
];
