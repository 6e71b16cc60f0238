//! The logging domain: records of what happened.

pub mod access_logging;
pub mod digest;
pub mod log_integrity;
pub mod time_sync;
pub mod trails;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] =
    &[&log_integrity::CONTROL, &access_logging::CONTROL, &time_sync::CONTROL];
