//! How often a configuration recorder records.
//!
//! Source: the API reference of AWS Config, data type RecordingMode.

use std::collections::BTreeSet;

use aws_sdk_config::types::{ConfigurationRecorder, RecordingFrequency, RecordingMode};
pub(super) use fisc_services::recorder::{GLOBAL_TYPES, Recorded};

/// The types of the networkTypes parameter that AWS Config holds in us-east-1 only.
pub(super) const IN_US_EAST_1: [&str; 2] =
    ["AWS::CloudFront::Distribution", "AWS::Route53::HostedZone"];

/// The types that a recorder records once a day only: of a recorder that does so by default,
/// `everything`, and which types are exempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Daily {
    /// Daily by default.
    pub(super) everything: bool,
    /// Daily by an override, or, when everything is daily, continuous by one.
    pub(super) overridden: BTreeSet<String>,
}

impl Daily {
    /// A recorder without a mode records continuously.
    pub(super) fn of(recorder: &ConfigurationRecorder) -> Self {
        let mode = recorder.recording_mode();
        let is_daily =
            |frequency: &RecordingFrequency| *frequency != RecordingFrequency::Continuous;
        let everything = mode.is_some_and(|mode| is_daily(mode.recording_frequency()));
        let overridden = mode
            .map_or(&[][..], RecordingMode::recording_mode_overrides)
            .iter()
            .filter(|one| is_daily(one.recording_frequency()) != everything)
            .flat_map(|one| one.resource_types())
            .map(|kind| kind.as_str().to_owned())
            .collect();
        Self { everything, overridden }
    }

    /// Whether a type is recorded once a day only.
    pub(super) fn has(&self, kind: &str) -> bool {
        self.everything != self.overridden.contains(kind)
    }
}
