//! The detection domain: who looks at the records, and whom an alarm reaches.

use fisc_shared::Control;

mod scope;
pub mod security_hub_status;
pub mod security_services;
pub mod threat_detection;

/// The controls of this domain.
pub const CONTROLS: &[&Control] =
    &[&threat_detection::CONTROL, &security_hub_status::CONTROL, &security_services::CONTROL];
