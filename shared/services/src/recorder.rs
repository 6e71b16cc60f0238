//! What the configuration recorder of a Region records.
//!
//! Source: the API reference of AWS Config, data types RecordingGroup, RecordingStrategy and
//! ExclusionByResourceTypes.

use std::collections::BTreeSet;

use aws_sdk_config::Client;
use aws_sdk_config::types::{
    ConfigurationRecorder, RecordingStrategyType, ResourceType as SdkType,
};
use aws_types::SdkConfig;
use fisc_shared::Error;
use fisc_shared::error::Call;

/// The IAM action of the call.
pub const DESCRIBE_RECORDERS: &str = "config:DescribeConfigurationRecorders";

/// The IAM types that a recorder of all types leaves out unless told otherwise.
pub const GLOBAL_TYPES: [&str; 4] =
    ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// Which types a recorder records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// All that AWS supports, also those that it will; the global IAM types only if so said.
    All {
        /// Whether the global IAM types are among them.
        global: bool,
    },
    /// All but these. The flag for global types means nothing here.
    AllExcept(BTreeSet<String>),
    /// These and no other.
    Only(BTreeSet<String>),
}

impl Recorded {
    /// What a recorder records.
    ///
    /// # Errors
    /// When the answer does not tell, or in a form that is not known.
    pub fn of(recorder: &ConfigurationRecorder) -> Result<Self, Error> {
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
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        match self {
            Self::All { global } => *global || !GLOBAL_TYPES.contains(&kind),
            Self::AllExcept(excluded) => !excluded.contains(kind),
            Self::Only(included) => included.contains(kind),
        }
    }

    /// The types that it leaves out, the global IAM types aside, in the order of their names. Of
    /// a recorder with a list these are the types that this version knows; there are more.
    #[must_use]
    pub fn left_out(&self) -> Vec<&str> {
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

/// Asks AWS Config for its recorder.
#[derive(Debug, Clone)]
pub struct Recorders {
    config: Client,
}

impl Recorders {
    /// A client with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { config: Client::new(sdk) }
    }

    /// Whether the Region's recorder records a type; without a recorder, none is. Without
    /// arguments the call tells of the customer's own recorder, of which there is at most one.
    ///
    /// # Errors
    /// When the call fails, or its answer does not tell.
    pub async fn record(&self, kind: &str) -> Result<bool, Error> {
        let answer = self.config.describe_configuration_recorders().send().await;
        let answer = answer.call(DESCRIBE_RECORDERS)?;
        let mut recorders = answer.configuration_recorders().iter();
        let own = recorders.find(|one| one.service_principal().is_none());
        Ok(own.map(Recorded::of).transpose()?.is_some_and(|recorded| recorded.has(kind)))
    }
}
