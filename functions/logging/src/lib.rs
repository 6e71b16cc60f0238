//! The logging domain: records of what happened.

pub mod access_logging;
pub mod digest;
pub mod log_archive_protection;
pub mod log_integrity;
pub mod log_retention;
mod patterns;
pub mod trails;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &log_integrity::CONTROL,
    &log_archive_protection::CONTROL,
    &access_logging::CONTROL,
    &log_retention::CONTROL,
];
