//! What a configuration recorder records, and how often.
//!
//! Source: the API reference of AWS Config, data types RecordingGroup, RecordingStrategy,
//! ExclusionByResourceTypes and RecordingMode.

use std::collections::BTreeSet;

use aws_sdk_config::types::{
    ConfigurationRecorder, RecordingFrequency, RecordingMode, RecordingStrategyType,
    ResourceType as SdkType,
};
use fisc_shared::Error;

use super::DESCRIBE_RECORDERS;

/// The IAM types that a recorder of all types leaves out unless told otherwise.
pub(super) const GLOBAL_TYPES: [&str; 4] =
    ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// The types of the networkTypes parameter that AWS Config holds in us-east-1 only.
pub(super) const IN_US_EAST_1: [&str; 2] =
    ["AWS::CloudFront::Distribution", "AWS::Route53::HostedZone"];

/// Which types a recorder records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Recorded {
    /// All that AWS supports, also those that it will; the global IAM types only if so said.
    All { global: bool },
    /// All but these. The flag for global types means nothing here.
    AllExcept(BTreeSet<String>),
    /// These and no other.
    Only(BTreeSet<String>),
}

impl Recorded {
    pub(super) fn of(recorder: &ConfigurationRecorder) -> Result<Self, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_RECORDERS,
            field: format!("ConfigurationRecorders[].recordingGroup{field}"),
        };
        let group = recorder.recording_group().ok_or_else(|| lacks(""))?;
        let names = |types: &[SdkType]| types.iter().map(|one| one.as_str().to_owned()).collect();
        let strategy = group.recording_strategy().and_then(|strategy| strategy.use_only());
        let all = Self::All { global: group.include_global_resource_types };
        // Recorders of before there were strategies have none.
        Ok(match strategy {
            Some(RecordingStrategyType::AllSupportedResourceTypes) => all,
            Some(RecordingStrategyType::ExclusionByResourceTypes) => {
                let excluded = group.exclusion_by_resource_types();
                Self::AllExcept(names(excluded.map_or(&[][..], |one| one.resource_types())))
            }
            Some(RecordingStrategyType::InclusionByResourceTypes) => {
                Self::Only(names(group.resource_types()))
            }
            None if group.all_supported => all,
            None => Self::Only(names(group.resource_types())),
            Some(_) => return Err(lacks(".recordingStrategy.useOnly in a form that is known")),
        })
    }

    /// Whether it records a type.
    pub(super) fn has(&self, kind: &str) -> bool {
        match self {
            Self::All { global } => *global || !GLOBAL_TYPES.contains(&kind),
            Self::AllExcept(excluded) => !excluded.contains(kind),
            Self::Only(included) => included.contains(kind),
        }
    }

    /// The types that it leaves out, the global IAM types aside, in the order of their names. Of
    /// a recorder with a list these are the types that this version knows; there are more.
    pub(super) fn left_out(&self) -> Vec<&str> {
        let mut types = match self {
            Self::All { .. } => Vec::new(),
            Self::AllExcept(excluded) => excluded.iter().map(String::as_str).collect(),
            Self::Only(included) => {
                let known = SdkType::values().iter().copied();
                known.filter(|kind| !included.contains(*kind)).collect()
            }
        };
        types.retain(|kind| !GLOBAL_TYPES.contains(kind));
        types.sort_unstable();
        types
    }
}

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
