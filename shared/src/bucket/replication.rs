//! Replication rules, as Config records them.
//!
//! Source of the field names: sample items and the published item schema of AWS Config, November
//! 2026.

use serde_json::Value;

use crate::ConfigurationItem;
use crate::item::required::{part, text, unknown};
use crate::item::{Fields, ItemError};

/// Where an enabled replication rule of a bucket leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The name of the bucket.
    pub bucket: String,
    /// Whether the rule is for every object.
    pub whole: bool,
}

/// Where the enabled replication rules of a bucket lead to: nowhere, if it has none.
///
/// # Errors
/// When the item cannot be read, or a rule lacks its state or destination.
pub fn replication_destinations(item: &ConfigurationItem) -> Result<Vec<Destination>, ItemError> {
    const STATUS: &str = "status";
    const BUCKET: &str = "bucketARN";
    let Some(replication) = item.supplementary("BucketReplicationConfiguration")? else {
        return Ok(Vec::new());
    };
    let mut destinations = Vec::new();
    for rule in rules(&replication)? {
        match text(&rule, STATUS)? {
            "Enabled" => {}
            "Disabled" => continue,
            other => return Err(unknown(&rule, STATUS, other)),
        }
        let destination = part(&rule, "destinationConfig")?;
        let arn = text(&destination, BUCKET)?;
        let name = arn.strip_prefix("arn:").and_then(|arn| arn.split_once(":s3:::"));
        let (_, name) = name
            .filter(|(_, name)| !name.is_empty())
            .ok_or_else(|| unknown(&destination, BUCKET, arn))?;
        destinations.push(Destination { bucket: name.to_owned(), whole: is_whole(&rule)? });
    }
    Ok(destinations)
}

/// The rules of a replication configuration: a map by the rules' ids.
fn rules<'a>(replication: &Fields<'a>) -> Result<Vec<Fields<'a>>, ItemError> {
    let rules = part(replication, "rules")?;
    let Value::Object(map) = rules.value() else {
        return replication.list("rules").map(Option::unwrap_or_default);
    };
    map.keys().map(|id| part(&rules, id)).collect()
}

/// Whether a rule is for every object: it has no prefix and no filter, or empty ones.
fn is_whole(rule: &Fields<'_>) -> Result<bool, ItemError> {
    let no_prefix = rule.text("prefix")?.is_none_or(str::is_empty);
    Ok(no_prefix && rule.at("filter")?.is_none_or(|filter| is_blank(filter.value())))
}

/// Whether nothing is said anywhere in a value, except by the names of types.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.iter().all(is_blank),
        Value::Object(map) => map.iter().all(|(key, value)| key == "type" || is_blank(value)),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
