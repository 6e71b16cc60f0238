//! The logging domain: records of what happened.

pub mod access_logging;
pub mod audit_trail;
pub mod digest;
pub mod dns_query_logging;
pub mod lake;
pub mod log_archive_protection;
pub mod log_integrity;
pub mod log_retention;
pub mod recorders;
pub mod selectors;
pub mod session_logging;
pub mod time_sync;
pub mod trails;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &audit_trail::CONTROL,
    &log_integrity::CONTROL,
    &log_archive_protection::CONTROL,
    &log_retention::CONTROL,
    &access_logging::CONTROL,
    &dns_query_logging::CONTROL,
    &session_logging::CONTROL,
    &time_sync::CONTROL,
];
