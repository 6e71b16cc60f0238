//! The detection domain: who looks at the records, and whom an alarm reaches.

pub mod config_recorder;
mod scope;
pub mod security_alerting;
pub mod security_hub_status;
pub mod security_services;
pub mod threat_detection;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &threat_detection::CONTROL,
    &security_hub_status::CONTROL,
    &security_services::CONTROL,
    &config_recorder::CONTROL,
    &security_alerting::CONTROL,
];
