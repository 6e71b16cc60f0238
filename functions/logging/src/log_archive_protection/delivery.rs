//! Where trails and AWS Config deliver to, and whose buckets those are.

use std::collections::BTreeSet;

use aws_sdk_s3::error::SdkError;
use aws_types::SdkConfig;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Remark, Requirement, Run, Verdict, message};

use super::parameters::{LOG_ARCHIVE_ACCOUNT_IDS, LOG_BUCKET_NAMES};
use super::requirements::{
    ARCHIVE_NOT_DECLARED, IS_LOG_ARCHIVE, OTHER_OWNER, SHADOW_TRAIL, TRAIL_BUCKET_NOT_CENTRAL,
};
use crate::trails::{CloudTrail, Trail};
use fisc_shared::policy::matches_any;

pub(super) const DESCRIBE_DELIVERY_CHANNELS: &str = "config:DescribeDeliveryChannels";
pub(super) const LIST_BUCKETS: &str = "s3:ListAllMyBuckets";
/// The IAM action of HeadBucket.
pub(super) const HEAD_BUCKET: &str = "s3:ListBucket";

/// Buckets on a page of ListBuckets; without a number it refuses to list more than 10,000.
const PAGE: i32 = 1000;

/// The log archive accounts, where the buckets of this account must be; or why there are none.
pub(super) fn archives(run: &Run<'_>) -> Result<Vec<String>, &'static Remark> {
    let archives = run.parameters.get(&LOG_ARCHIVE_ACCOUNT_IDS);
    if archives.is_empty() {
        Err(&ARCHIVE_NOT_DECLARED)
    } else if archives.iter().any(|one| one == run.account_id) {
        Err(&IS_LOG_ARCHIVE)
    } else {
        Ok(archives)
    }
}

/// What the configuration of a trail alone decides.
pub(super) fn by_configuration(trail: &Trail, run: &Run<'_>) -> Option<Verdict> {
    if trail.arn.home_region() != run.region {
        let home = trail.arn.home_region();
        return Some(Verdict::NotApplicable(SHADOW_TRAIL.because(message!(
            "A copy of a multi-Region trail; it is judged in {home}",
            "マルチリージョンの証跡の複製です({home} で評価)"
        ))));
    }
    if trail.arn.account_id() != run.account_id {
        let owner = trail.arn.account_id();
        return Some(Verdict::NotApplicable(OTHER_OWNER.because(message!(
            "An organization trail of account {owner}, where it is judged",
            "アカウント {owner} が所有する組織の証跡です(所有アカウントで評価)"
        ))));
    }
    archives(run).err().map(Verdict::not_applicable)
}

/// Whose a bucket is, seen from an account that delivers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The account itself.
    Own,
    /// One of the log archive accounts.
    Archive,
    /// There is no such bucket.
    Nobody,
    /// S3 does not tell: it refuses in the same way who may not look and who looks for the wrong
    /// owner.
    Untold,
}

/// Asks where logs go.
pub(super) struct Delivery {
    cloudtrail: CloudTrail,
    config: aws_sdk_config::Client,
    s3: aws_sdk_s3::Client,
}

impl Delivery {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            cloudtrail: CloudTrail::new(sdk),
            config: aws_sdk_config::Client::new(sdk),
            s3: aws_sdk_s3::Client::new(sdk),
        }
    }

    /// The buckets that AWS Config delivers to.
    pub(super) async fn channels(&self) -> Result<Vec<String>, Error> {
        let answer = self.config.describe_delivery_channels().send().await;
        let channels = answer.call(DESCRIBE_DELIVERY_CHANNELS)?.delivery_channels;
        let buckets = channels.unwrap_or_default().into_iter().map(|channel| {
            channel.s3_bucket_name.ok_or_else(|| Error::Answer {
                action: DESCRIBE_DELIVERY_CHANNELS,
                field: "DeliveryChannels[].s3BucketName".to_owned(),
            })
        });
        buckets.collect()
    }

    /// The buckets that trails and AWS Config deliver to, of whatever account; `channels` are
    /// those of AWS Config.
    pub(super) async fn targets(&self, channels: Vec<String>) -> Result<BTreeSet<String>, Error> {
        let trails = self.cloudtrail.trails().await?;
        let mut targets: BTreeSet<String> = trails.into_iter().map(|trail| trail.bucket).collect();
        targets.extend(channels);
        Ok(targets)
    }

    /// The verdict on a trail whose configuration did not decide.
    pub(super) async fn trail(&self, trail: &Trail, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        self.central(
            std::slice::from_ref(&trail.bucket),
            &TRAIL_BUCKET_NOT_CENTRAL,
            run,
            &mut failures,
        )
        .await?;
        Ok(failures.into_verdict())
    }

    /// Judges whether all of `buckets` belong to a log archive account.
    pub(super) async fn central(
        &self,
        buckets: &[String],
        requirement: &Requirement,
        run: &Run<'_>,
        failures: &mut Failures,
    ) -> Result<(), Error> {
        let Ok(archives) = archives(run) else { return Ok(()) };
        if buckets.is_empty() {
            return Ok(());
        }
        let own = self.own().await?;
        for bucket in buckets {
            let Message { en, ja } = match self.owner(bucket, &own, &archives).await? {
                Owner::Archive => continue,
                Owner::Untold if matches_any(&run.parameters.get(&LOG_BUCKET_NAMES), bucket) => {
                    continue;
                }
                Owner::Own => message!("belongs to this account", "このアカウントにあります"),
                Owner::Nobody => message!("does not exist", "存在しません"),
                Owner::Untold => message!(
                    "cannot be shown to belong to a log archive account; list it in logBucketNames \
                     if it does",
                    "ログ集約アカウントの所有と確認できません(該当する場合は logBucketNames に指定)"
                ),
            };
            failures.because(
                requirement,
                message!("The bucket {bucket} {en}", "バケット {bucket} は{ja}"),
            );
        }
        Ok(())
    }

    /// The buckets of the own account, in all Regions.
    pub(super) async fn own(&self) -> Result<BTreeSet<String>, Error> {
        let mut pages = self.s3.list_buckets().max_buckets(PAGE).into_paginator().send();
        let mut own = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.call(LIST_BUCKETS)?;
            own.extend(page.buckets.unwrap_or_default().into_iter().filter_map(|one| one.name));
        }
        Ok(own)
    }

    async fn owner(
        &self,
        bucket: &str,
        own: &BTreeSet<String>,
        archives: &[String],
    ) -> Result<Owner, Error> {
        if own.contains(bucket) {
            return Ok(Owner::Own);
        }
        for archive in archives {
            let request = self.s3.head_bucket().bucket(bucket).expected_bucket_owner(archive);
            let error = match request.send().await {
                Ok(_) => return Ok(Owner::Archive),
                Err(error) => error,
            };
            let status = match &error {
                SdkError::ServiceError(context) => context.raw().status().as_u16(),
                _ => 0,
            };
            match status {
                404 => return Ok(Owner::Nobody),
                // Refused, or in another Region, which S3 tells before it looks at the owner.
                301 | 307 | 403 => {}
                _ => return Err(ServiceError::new(HEAD_BUCKET, &error).into()),
            }
        }
        Ok(Owner::Untold)
    }
}
