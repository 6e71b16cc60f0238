//! The detection domain: who looks at the records, and whom an alarm reaches.

pub mod security_alerting;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&security_alerting::CONTROL];
