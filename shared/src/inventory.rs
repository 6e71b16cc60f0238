//! The recorded items of an account, read from AWS Config.

use std::collections::BTreeMap;

use aws_sdk_config::types::{BaseConfigurationItem, ResourceKey, ResourceType as SdkResourceType};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::Value;

use crate::aws::CONCURRENCY;
use crate::config_service::{ConfigService, item_json};
use crate::control::{Action, Control, ServiceCheck};
use crate::error::{Call, Error};
use crate::item::ConfigurationItem;
use crate::resource::{Resource, ResourceType};
use crate::runner::{Run, preview};
use crate::verdict::Evaluated;

/// The most keys that one BatchGetResourceConfig takes.
const BATCH: usize = 100;
const LIST: &str = "config:ListDiscoveredResources";
const GET: &str = "config:BatchGetResourceConfig";
const SELECT: &str = "config:SelectResourceConfig";

/// The actions of [`ConfigService::recorded`] and [`sweep_recorded`].
pub const ACTIONS: [Action; 2] = [Action::any(LIST), Action::any(GET)];
/// The action of [`ConfigService::select`] and [`ConfigService::recorded_with_tags`].
pub const SELECT_ACTION: Action = Action::any(SELECT);

/// Judges every recorded resource of these types as a change of it would be judged: for
/// requirements that time or another service changes, without an item of the resource.
///
/// # Errors
/// As [`ConfigService::recorded`] and [`ServiceCheck::judge`]; one resource that could not be
/// judged fails the whole.
pub async fn sweep_recorded(
    config: &ConfigService,
    types: &[ResourceType],
    control: &Control,
    check: &dyn ServiceCheck,
    run: &Run<'_>,
) -> Result<Vec<Evaluated>, Error> {
    let mut evaluated = Vec::new();
    for kind in types {
        let items = config.recorded(kind.name).await?;
        let judged: Vec<Evaluated> = stream::iter(items)
            .map(|item| async move {
                let verdict = match preview(control, &item, run)? {
                    Some(verdict) => verdict,
                    None => check.judge(&item, run).await?,
                };
                Ok::<_, Error>(Evaluated { resource: Resource::from(&item), verdict, at: run.now })
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        evaluated.extend(judged);
    }
    Ok(evaluated)
}

impl ConfigService {
    /// The current items of all recorded resources of a type.
    ///
    /// # Errors
    /// When a call fails, or Config does not answer for some resource after asking again.
    pub async fn recorded(&self, resource_type: &str) -> Result<Vec<ConfigurationItem>, Error> {
        let sdk_type = SdkResourceType::from(resource_type);
        let mut pages = self
            .client()
            .list_discovered_resources()
            .resource_type(sdk_type.clone())
            .into_paginator()
            .items()
            .send();
        let mut keys = Vec::new();
        while let Some(found) = pages.next().await {
            let found = found.call(LIST)?;
            let Some(id) = found.resource_id else { continue };
            let key =
                ResourceKey::builder().resource_type(sdk_type.clone()).resource_id(id).build();
            keys.push(key.map_err(|error| Error::Control(error.to_string()))?);
        }
        let batches: Vec<Vec<ResourceKey>> = keys.chunks(BATCH).map(<[_]>::to_vec).collect();
        let items: Vec<Vec<ConfigurationItem>> = stream::iter(batches)
            .map(|batch| self.batch(batch))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(items.into_iter().flatten().collect())
    }

    /// The current items of all recorded resources of a type, with their tags, which
    /// [`Self::recorded`] does not have.
    ///
    /// # Errors
    /// When a call fails, or an answer is not an item.
    pub async fn recorded_with_tags(
        &self,
        resource_type: ResourceType,
    ) -> Result<Vec<ConfigurationItem>, Error> {
        let query = format!(
            "SELECT accountId, awsRegion, arn, resourceType, resourceId, resourceName, tags, \
             configurationItemCaptureTime, configurationItemStatus, resourceCreationTime, \
             configuration, supplementaryConfiguration WHERE resourceType = '{}'",
            resource_type.name
        );
        let answers = self.select(&query).await?;
        answers.iter().map(|one| Ok(ConfigurationItem::from_json(&one.to_string())?)).collect()
    }

    /// The tags of all recorded resources of a type, by the resources' ids: what
    /// [`Self::recorded`] leaves out.
    ///
    /// # Errors
    /// When the call fails, or an answer has another shape.
    pub async fn recorded_tags(
        &self,
        resource_type: &str,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Row {
            resource_id: String,
            #[serde(default)]
            tags: Option<Vec<Tag>>,
        }
        #[derive(Deserialize)]
        struct Tag {
            key: String,
            #[serde(default)]
            value: String,
        }
        let query = format!("SELECT resourceId, tags WHERE resourceType = '{resource_type}'");
        let rows = self.select(&query).await?.into_iter().map(|row| {
            let row: Row = serde_json::from_value(row).map_err(|error| Error::Answer {
                action: SELECT,
                field: format!("Results[]: {error}"),
            })?;
            let tags = row.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
            Ok((row.resource_id, tags.collect()))
        });
        rows.collect()
    }

    /// The answers of an advanced query over the recorded resources of this account and Region,
    /// each a JSON object with the selected fields. `query` must not hold text from outside.
    ///
    /// # Errors
    /// When a call fails, or an answer is not JSON.
    pub async fn select(&self, query: &str) -> Result<Vec<Value>, Error> {
        let mut pages = self
            .client()
            .select_resource_config()
            .expression(query)
            .into_paginator()
            .items()
            .send();
        let mut answers = Vec::new();
        while let Some(answer) = pages.next().await {
            let answer = answer.call(SELECT)?;
            let value = serde_json::from_str(&answer).map_err(|error| Error::Answer {
                action: SELECT,
                field: format!("Results[]: {error}"),
            })?;
            answers.push(value);
        }
        Ok(answers)
    }

    async fn batch(&self, mut keys: Vec<ResourceKey>) -> Result<Vec<ConfigurationItem>, Error> {
        let mut items = Vec::with_capacity(keys.len());
        for _ in 0..3 {
            let answer = self
                .client()
                .batch_get_resource_config()
                .set_resource_keys(Some(keys))
                .send()
                .await
                .call(GET)?;
            for item in answer.base_configuration_items() {
                items.push(from_batch(item)?);
            }
            keys = answer.unprocessed_resource_keys.unwrap_or_default();
            if keys.is_empty() {
                return Ok(items);
            }
        }
        Err(Error::Answer { action: GET, field: format!("{} resource(s)", keys.len()) })
    }
}

fn from_batch(item: &BaseConfigurationItem) -> Result<ConfigurationItem, Error> {
    Ok(ConfigurationItem::from_json(&item_json!(item).to_string())?)
}
