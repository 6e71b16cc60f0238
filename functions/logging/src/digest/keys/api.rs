//! Public keys from CloudTrail's API.

use async_trait::async_trait;
use aws_sdk_cloudtrail::{Client, config::Region, primitives::DateTime};
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use futures::lock::Mutex;
use jiff::Timestamp;

use super::{KeyError, KeySource, PublicKey};

/// The IAM action of the call.
pub(crate) const LIST_PUBLIC_KEYS: &str = "cloudtrail:ListPublicKeys";

/// ListPublicKeys, asked in the Region whose digests are verified. Answers are kept: the chains of
/// many accounts share a Region and a window.
pub struct ApiKeys {
    config: SdkConfig,
    answers: Mutex<Vec<Answer>>,
}

struct Answer {
    region: String,
    start: Timestamp,
    end: Timestamp,
    keys: Vec<PublicKey>,
}

impl ApiKeys {
    /// Asks with the credentials and the endpoint of `config`.
    pub fn new(config: &SdkConfig) -> Self {
        Self { config: config.clone(), answers: Mutex::new(Vec::new()) }
    }

    async fn ask(
        &self,
        region: &str,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<PublicKey>, KeyError> {
        let config = aws_sdk_cloudtrail::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .build();
        let mut pages = Client::from_conf(config)
            .list_public_keys()
            .start_time(DateTime::from_secs(start.as_second()))
            .end_time(DateTime::from_secs(end.as_second()))
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page
                .call(LIST_PUBLIC_KEYS)
                .map_err(|error| KeyError::Api { region: region.to_owned(), error })?;
            keys.extend(page.public_key_list.unwrap_or_default().into_iter().filter_map(|key| {
                Some(PublicKey { fingerprint: key.fingerprint?, der: key.value?.into_inner() })
            }));
        }
        Ok(keys)
    }
}

#[async_trait]
impl KeySource for ApiKeys {
    async fn keys(
        &self,
        region: &str,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<PublicKey>, KeyError> {
        let mut answers = self.answers.lock().await;
        let known = answers
            .iter()
            .find(|answer| answer.region == region && answer.start == start && answer.end == end);
        if let Some(answer) = known {
            return Ok(answer.keys.clone());
        }
        let keys = self.ask(region, start, end).await?;
        answers.push(Answer { region: region.to_owned(), start, end, keys: keys.clone() });
        Ok(keys)
    }
}
