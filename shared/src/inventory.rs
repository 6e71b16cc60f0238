//! The recorded items of an account, read from AWS Config.

use aws_sdk_config::types::{BaseConfigurationItem, ResourceKey, ResourceType as SdkResourceType};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::aws::CONCURRENCY;
use crate::config_service::{ConfigService, item_json};
use crate::error::{Call, Error};
use crate::item::ConfigurationItem;

/// The most keys that one BatchGetResourceConfig takes.
const BATCH: usize = 100;
const LIST: &str = "config:ListDiscoveredResources";
const GET: &str = "config:BatchGetResourceConfig";

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
