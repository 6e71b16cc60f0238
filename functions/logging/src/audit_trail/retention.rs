//! How long events are kept: in event data stores, and in the bucket of a trail.

use aws_sdk_s3::types::{ExpirationStatus, LifecycleRule};
use aws_types::SdkConfig;
use fisc_services::regions::in_region;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::{Error, Message, Run, message};
use jiff::Timestamp;

use super::{MIN_RETENTION_DAYS, REQUIRE_LAKE};
use crate::lake::EventDataStore;
use crate::trails::Trail;

/// The IAM action of ListBuckets.
pub(super) const LIST_BUCKETS: &str = "s3:ListAllMyBuckets";
/// The IAM action of GetBucketLifecycleConfiguration.
pub(super) const GET_LIFECYCLE: &str = "s3:GetLifecycleConfiguration";

/// Whether the bucket of some trail keeps its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    LongEnough,
    /// The bucket is in another account, which judges it.
    Elsewhere,
    /// And why.
    NotLongEnough(Message),
}

/// The retention that is demanded, in days.
pub(super) fn demanded(run: &Run<'_>) -> i64 {
    run.parameters.get(&MIN_RETENTION_DAYS)
}

/// The longest retention among event data stores, in days.
pub(super) fn longest(stores: &[&EventDataStore]) -> i64 {
    stores.iter().map(|one| one.retention_days).max().unwrap_or_default()
}

/// Asks S3 about the buckets of trails.
pub(super) struct Buckets {
    sdk: SdkConfig,
}

impl Buckets {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { sdk: sdk.clone() }
    }

    fn at(&self, region: Option<&str>) -> aws_sdk_s3::Client {
        let sdk = region.map(|region| in_region(&self.sdk, region));
        let sdk = sdk.as_ref().unwrap_or(&self.sdk);
        // A name like bucket.localhost does not resolve.
        let config =
            aws_sdk_s3::config::Builder::from(sdk).force_path_style(sdk.endpoint_url().is_some());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// Whether the bucket of one of these trails keeps their files long enough.
    pub(super) async fn kept<'a>(
        &self,
        trails: impl Iterator<Item = &'a Trail>,
        run: &Run<'_>,
    ) -> Result<Kept, Error> {
        let limit = demanded(run);
        let none = message!(
            "Neither an event data store nor the bucket of a trail keeps events for {limit} days",
            "イベントを {limit} 日間保持するイベントデータストアも証跡のバケットもありません"
        );
        let mut kept = Kept::NotLongEnough(none);
        if run.parameters.get(&REQUIRE_LAKE) {
            return Ok(kept);
        }
        for trail in trails {
            match self.of(trail, run).await? {
                Kept::LongEnough => return Ok(Kept::LongEnough),
                Kept::Elsewhere => kept = Kept::Elsewhere,
                found if kept != Kept::Elsewhere => kept = found,
                Kept::NotLongEnough(_) => {}
            }
        }
        Ok(kept)
    }

    async fn of(&self, trail: &Trail, run: &Run<'_>) -> Result<Kept, Error> {
        if trail.arn.account_id() != run.account_id {
            return Ok(Kept::Elsewhere);
        }
        let Some(region) = self.region_of(&trail.bucket).await? else {
            return Ok(Kept::Elsewhere);
        };
        let answer = self
            .at(Some(&region))
            .get_bucket_lifecycle_configuration()
            .bucket(&trail.bucket)
            .expected_bucket_owner(run.account_id)
            .send()
            .await;
        let answer = match answer.call(GET_LIFECYCLE) {
            Err(error) if error.is("NoSuchLifecycleConfiguration") => return Ok(Kept::LongEnough),
            other => other?,
        };
        let limit = demanded(run);
        let shortest = shortest(answer.rules(), trail, run.now);
        Ok(match shortest {
            Some(days) if days < limit => {
                let bucket = &trail.bucket;
                Kept::NotLongEnough(message!(
                    "Bucket {bucket} deletes log files after {days} days; at least {limit} are \
                     demanded",
                    "バケット {bucket} はログファイルを {days} 日で削除します(必要な日数: {limit})"
                ))
            }
            _ => Kept::LongEnough,
        })
    }

    /// The Region of a bucket of this account; `None` when it is of another account.
    async fn region_of(&self, bucket: &str) -> Result<Option<String>, Error> {
        let mut pages =
            self.at(None).list_buckets().prefix(bucket).into_paginator().page_size(1000).send();
        while let Some(page) = pages.next().await {
            let page = page.call(LIST_BUCKETS)?;
            let found = page.buckets().iter().find(|one| one.name() == Some(bucket));
            if let Some(found) = found {
                let region = found.bucket_region().map(str::to_owned);
                return region.map(Some).ok_or_else(|| Error::Answer {
                    action: LIST_BUCKETS,
                    field: "Buckets[].BucketRegion".to_owned(),
                });
            }
        }
        Ok(None)
    }
}

/// After how many days a lifecycle deletes some of a trail's log files; `None` when it does not.
pub(super) fn shortest(rules: &[LifecycleRule], trail: &Trail, now: Timestamp) -> Option<i64> {
    let folder = trail.prefix.as_ref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let files = if trail.is_organization {
        // After it come the id of the organization and the accounts.
        format!("{folder}AWSLogs/o-")
    } else {
        format!("{folder}AWSLogs/{}/CloudTrail/", trail.arn.account_id())
    };
    // Digests lie beside the log files, and are not what is to be kept here.
    let digests = "/CloudTrail-Digest/";
    let days = rules.iter().filter(|rule| *rule.status() == ExpirationStatus::Enabled).filter_map(
        |rule| {
            let filter = rule.filter();
            let both = filter.and_then(|filter| filter.and());
            // CloudTrail puts no tags on its files.
            let tagged = filter.is_some_and(|filter| filter.tag().is_some())
                || both.is_some_and(|both| !both.tags().is_empty());
            #[expect(deprecated, reason = "rules of before filters still have it")]
            let prefix = rule.prefix();
            let prefix = filter
                .and_then(|filter| filter.prefix())
                .or_else(|| both.and_then(|both| both.prefix()))
                .or(prefix)
                .unwrap_or_default();
            let meets = files.starts_with(prefix) || prefix.starts_with(&files);
            if tagged || !meets || prefix.contains(digests) {
                return None;
            }
            let expiration = rule.expiration()?;
            // From a date on, everything is deleted that is there on that day.
            let date = expiration.date().and_then(from_sdk);
            let date = date.map(|date| (date.duration_since(now).as_hours() / 24).max(0));
            expiration.days().map(i64::from).or(date)
        },
    );
    days.min()
}
