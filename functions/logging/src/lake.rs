//! The event data stores of CloudTrail Lake.

use aws_sdk_cloudtrail::types::EventDataStoreStatus;
use fisc_shared::Error;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::selectors::Selectors;
use crate::trails::CloudTrail;

/// The IAM action of the call.
pub const LIST_EVENT_DATA_STORES: &str = "cloudtrail:ListEventDataStores";
/// The IAM action of the call.
pub const GET_EVENT_DATA_STORE: &str = "cloudtrail:GetEventDataStore";

/// An event data store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDataStore {
    /// Its name.
    pub name: String,
    /// The Region that it was created in.
    pub region: String,
    /// It takes in events now.
    pub is_enabled: bool,
    /// It takes in the events of every Region.
    pub is_multi_region: bool,
    /// For how many days it keeps them.
    pub retention_days: i64,
    /// Which events it records.
    pub selectors: Selectors,
}

impl CloudTrail {
    /// The event data stores of these Regions; those of an organization are seen by the account
    /// that owns them only.
    ///
    /// # Errors
    /// When a call fails, or an answer lacks what it must have.
    pub async fn event_data_stores(
        &self,
        regions: &[String],
    ) -> Result<Vec<EventDataStore>, Error> {
        let mut stores = Vec::new();
        for region in regions {
            let client = self.at(region);
            let mut pages = client.list_event_data_stores().into_paginator().send();
            let mut arns = Vec::new();
            while let Some(page) = pages.next().await {
                let page = match page.call(LIST_EVENT_DATA_STORES) {
                    // Not every Region has CloudTrail Lake.
                    Err(error) if error.is("UnsupportedOperationException") => break,
                    other => other?,
                };
                for store in page.event_data_stores() {
                    arns.push(store.event_data_store_arn().map(str::to_owned).ok_or_else(
                        || Error::Answer {
                            action: LIST_EVENT_DATA_STORES,
                            field: "EventDataStores[].EventDataStoreArn".to_owned(),
                        },
                    )?);
                }
            }
            let found: Vec<Option<EventDataStore>> = stream::iter(arns)
                .map(|arn| event_data_store(&client, region, arn))
                .buffered(CONCURRENCY)
                .try_collect()
                .await?;
            stores.extend(found.into_iter().flatten());
        }
        Ok(stores)
    }
}

/// One event data store; `None` when it was deleted since it was listed.
async fn event_data_store(
    client: &aws_sdk_cloudtrail::Client,
    region: &str,
    arn: String,
) -> Result<Option<EventDataStore>, Error> {
    let answer = client.get_event_data_store().event_data_store(&arn).send().await;
    let answer = match answer.call(GET_EVENT_DATA_STORE) {
        Err(error) if error.is("EventDataStoreNotFoundException") => return Ok(None),
        other => other?,
    };
    let lacks =
        |field: &str| Error::Answer { action: GET_EVENT_DATA_STORE, field: field.to_owned() };
    Ok(Some(EventDataStore {
        name: answer.name().map_or(arn, str::to_owned),
        region: region.to_owned(),
        is_enabled: *answer.status().ok_or_else(|| lacks("Status"))?
            == EventDataStoreStatus::Enabled,
        is_multi_region: answer
            .multi_region_enabled()
            .ok_or_else(|| lacks("MultiRegionEnabled"))?,
        retention_days: i64::from(
            answer.retention_period().ok_or_else(|| lacks("RetentionPeriod"))?,
        ),
        selectors: Selectors::advanced(GET_EVENT_DATA_STORE, answer.advanced_event_selectors())?,
    }))
}
