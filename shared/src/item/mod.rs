//! Configuration items: what AWS Config recorded of a resource.
//!
//! The same item comes in several dialects: in events and snapshot or history files (`ARN`,
//! `awsAccountId`, `configuration` an object), from the history API (`arn`, `accountId`,
//! `configuration` JSON in a string), from BatchGetResourceConfig, and from SelectResourceConfig
//! (only the selected fields, tags as a list). All become one [`ConfigurationItem`]. Source:
//! AWS Config API reference (ConfigurationItem, BaseConfigurationItem), the sample items of the
//! Rule Development Kit, and the published item schemas.

mod document;
mod fields;
mod forms;
pub mod required;
mod tags;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::text::{brief, json_problem};

pub use document::Document;
pub use fields::Fields;
use forms::{Tags, Time};
pub use tags::{has_tag, in_scope, is_marked};

/// What is wrong with a configuration item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// The text is not a configuration item.
    #[error("not a configuration item: {0}")]
    Malformed(String),
    /// A key that every item must have is absent.
    #[error("{field} is missing")]
    Missing {
        /// Path of the field.
        field: String,
    },
    /// A field has another type than expected.
    #[error("{field} is {found}, expected {expected}")]
    WrongType {
        /// Path of the field.
        field: String,
        /// What was expected.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A field holds a value that cannot be.
    #[error("{} cannot be read: {}", brief(field), brief(problem))]
    Unreadable {
        /// Path of the field.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// What became of the resource when the item was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemStatus {
    /// `OK` or `ResourceDiscovered`: the item describes an existing resource.
    Recorded,
    /// `ResourceDeleted` or `ResourceDeletedNotRecorded`.
    Deleted,
    /// `ResourceNotRecorded`.
    NotRecorded,
}

impl ItemStatus {
    fn parse(text: &str) -> Result<Self, ItemError> {
        match text {
            "OK" | "ResourceDiscovered" => Ok(Self::Recorded),
            "ResourceDeleted" | "ResourceDeletedNotRecorded" => Ok(Self::Deleted),
            "ResourceNotRecorded" => Ok(Self::NotRecorded),
            other => Err(ItemError::Unreadable {
                field: "configurationItemStatus".to_owned(),
                problem: format!("unknown status {:?}", brief(other)),
            }),
        }
    }
}

/// A configuration item, whatever dialect it came in.
///
/// `configuration` and the supplementary values stay unparsed until a control asks for them: most
/// items of a snapshot are of no interest to most controls. Related resources are not read at all.
#[derive(Debug, Clone)]
pub struct ConfigurationItem {
    /// Account that holds the resource.
    pub account_id: String,
    /// Region, or `global`.
    pub region: String,
    /// Type name, such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// Id by which Config knows the resource.
    pub resource_id: String,
    /// Name, where it has one.
    pub resource_name: Option<String>,
    /// ARN, where it has one.
    pub arn: Option<String>,
    /// What became of the resource.
    pub status: ItemStatus,
    /// When the state was captured; a query's result may lack it.
    pub captured: Option<Timestamp>,
    /// When the resource was created.
    pub created: Option<Timestamp>,
    /// Tags by key, as far as the item has them at its top; see [`Self::all_tags`].
    pub tags: BTreeMap<String, String>,
    /// Whether the item has tags at its top, be it none.
    tagged: bool,
    configuration: Option<Document>,
    supplementary: Option<BTreeMap<String, Document>>,
}

impl ConfigurationItem {
    /// Reads an item from JSON, in any dialect.
    ///
    /// # Errors
    /// [`ItemError::Malformed`] when it is not JSON or not an item at all, and the field's error
    /// when a key that every item has is missing or wrong.
    pub fn from_json(text: &str) -> Result<Self, ItemError> {
        // Serde would also read a struct from a list, member by member.
        if !text.trim_start().starts_with('{') {
            return Err(ItemError::Malformed("expected a JSON object".to_owned()));
        }
        let raw: RawItem<'_> = serde_json::from_str(text)
            .map_err(|error| ItemError::Malformed(json_problem(&error)))?;
        raw.try_into()
    }

    /// The resource's own configuration.
    ///
    /// # Errors
    /// When the item has none, or it is not an object (or JSON of one in a string).
    pub fn configuration(&self) -> Result<Fields<'_>, ItemError> {
        let document = self
            .configuration
            .as_ref()
            .ok_or_else(|| ItemError::Missing { field: "configuration".to_owned() })?;
        Fields::of("configuration", document.value("configuration")?)
    }

    /// A part of the supplementary configuration: `None` when the item has supplementary
    /// configuration without this part.
    ///
    /// # Errors
    /// When the item carries no supplementary configuration at all (a query that did not select
    /// it), so that nothing can be said of the part; or when the part is not readable.
    pub fn supplementary(&self, key: &str) -> Result<Option<Fields<'_>>, ItemError> {
        let parts = self
            .supplementary
            .as_ref()
            .ok_or_else(|| ItemError::Missing { field: "supplementaryConfiguration".to_owned() })?;
        let Some(document) = parts.get(key) else { return Ok(None) };
        let path = format!("supplementaryConfiguration.{key}");
        let value = document.value(&path)?;
        if value.is_null() { Ok(None) } else { Fields::any(&path, value).map(Some) }
    }
}

/// The union of the dialects.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawItem<'a> {
    #[serde(default)]
    aws_account_id: Option<String>,
    #[serde(default)]
    account_id: Option<String>,
    #[serde(default)]
    aws_region: Option<String>,
    #[serde(default)]
    resource_type: Option<String>,
    #[serde(default)]
    resource_id: Option<String>,
    #[serde(default)]
    resource_name: Option<String>,
    #[serde(default)]
    arn: Option<String>,
    #[serde(default, rename = "ARN")]
    arn_in_events: Option<String>,
    #[serde(default)]
    configuration_item_status: Option<String>,
    #[serde(default)]
    configuration_item_capture_time: Option<Time>,
    #[serde(default)]
    resource_creation_time: Option<Time>,
    #[serde(default)]
    tags: Option<Tags>,
    #[serde(default, borrow)]
    configuration: Option<&'a RawValue>,
    #[serde(default, borrow)]
    supplementary_configuration: Option<&'a RawValue>,
}

impl TryFrom<RawItem<'_>> for ConfigurationItem {
    type Error = ItemError;

    fn try_from(raw: RawItem<'_>) -> Result<Self, ItemError> {
        let required = |value: Option<String>, field: &str| {
            value
                .filter(|text| !text.is_empty())
                .ok_or_else(|| ItemError::Missing { field: field.to_owned() })
        };
        let time = |value: Option<Time>, field| value.map(|time| time.read(field)).transpose();
        Ok(Self {
            account_id: raw.aws_account_id.or(raw.account_id).unwrap_or_default(),
            region: raw.aws_region.unwrap_or_default(),
            resource_type: required(raw.resource_type, "resourceType")?,
            resource_id: required(raw.resource_id, "resourceId")?,
            resource_name: raw.resource_name,
            arn: raw.arn_in_events.or(raw.arn).filter(|arn| !arn.is_empty()),
            // A query's result has no status: it only finds resources that exist.
            status: raw
                .configuration_item_status
                .map_or(Ok(ItemStatus::Recorded), |status| ItemStatus::parse(&status))?,
            captured: time(raw.configuration_item_capture_time, "configurationItemCaptureTime")?,
            created: time(raw.resource_creation_time, "resourceCreationTime")?,
            tagged: raw.tags.is_some(),
            tags: raw.tags.map(|tags| tags.0).unwrap_or_default(),
            configuration: raw.configuration.map(Document::new),
            supplementary: raw
                .supplementary_configuration
                .map(document::parts)
                .transpose()?
                .flatten(),
        })
    }
}

#[cfg(test)]
mod tests;
