//! The detection domain: who looks at the records, and whom an alarm reaches.

pub mod config_recorder;
pub mod security_alerting;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&config_recorder::CONTROL, &security_alerting::CONTROL];
