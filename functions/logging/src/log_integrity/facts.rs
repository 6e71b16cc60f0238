//! What CloudTrail, Organizations and the account say about trails.

use aws_sdk_account::types::RegionOptStatus;
use aws_sdk_cloudtrail::types::Trail as SdkTrail;
use aws_types::SdkConfig;
use aws_types::region::Region;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::{ConfigurationItem, Error, Resource, ResourceType, Run};
use jiff::Timestamp;

use crate::digest::TrailArn;

pub(super) const DESCRIBE_TRAILS: &str = "cloudtrail:DescribeTrails";
pub(super) const GET_TRAIL_STATUS: &str = "cloudtrail:GetTrailStatus";
pub(super) const DESCRIBE_ORGANIZATION: &str = "organizations:DescribeOrganization";
pub(super) const LIST_REGIONS: &str = "account:ListRegions";

/// The configuration of a trail: from its item, or from DescribeTrails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trail {
    pub(super) arn: TrailArn,
    pub(super) bucket: String,
    pub(super) prefix: Option<String>,
    pub(super) is_multi_region: bool,
    pub(super) is_organization: bool,
    pub(super) validation_enabled: bool,
}

impl Trail {
    pub(super) fn from_item(item: &ConfigurationItem) -> Result<Self, Error> {
        let fields = item.configuration()?;
        let text = |key: &str| -> Result<String, Error> {
            Ok(fields.text(key)?.ok_or_else(|| fields.missing(key))?.to_owned())
        };
        let arn = text("trailARN")?;
        Ok(Self {
            arn: parse_arn("the configuration item", &arn)?,
            bucket: text("s3BucketName")?,
            prefix: fields.text("s3KeyPrefix")?.filter(|text| !text.is_empty()).map(str::to_owned),
            is_multi_region: fields
                .flag("isMultiRegionTrail")?
                .ok_or_else(|| fields.missing("isMultiRegionTrail"))?,
            // Items of before organization trails lack the field.
            is_organization: fields.flag("isOrganizationTrail")?.unwrap_or(false),
            // Whatever is not true does not validate; that the item is whole is known from above.
            validation_enabled: fields.flag("logFileValidationEnabled")? == Some(true),
        })
    }

    fn from_sdk(trail: &SdkTrail) -> Result<Self, Error> {
        let missing = |field: &str| Error::Answer {
            action: DESCRIBE_TRAILS,
            field: format!("trailList[].{field}"),
        };
        Ok(Self {
            arn: parse_arn(DESCRIBE_TRAILS, trail.trail_arn().ok_or_else(|| missing("TrailARN"))?)?,
            bucket: trail.s3_bucket_name().ok_or_else(|| missing("S3BucketName"))?.to_owned(),
            prefix: trail.s3_key_prefix().filter(|text| !text.is_empty()).map(str::to_owned),
            is_multi_region: trail
                .is_multi_region_trail()
                .ok_or_else(|| missing("IsMultiRegionTrail"))?,
            is_organization: trail.is_organization_trail().unwrap_or(false),
            validation_enabled: trail
                .log_file_validation_enabled()
                .ok_or_else(|| missing("LogFileValidationEnabled"))?,
        })
    }

    /// The resource as Config knows it: by the trail's name.
    pub(super) fn resource(&self, run: &Run<'_>) -> Resource {
        let mut resource = Resource::of(
            ResourceType::CLOUDTRAIL_TRAIL,
            self.arn.name(),
            run.account_id,
            run.region,
        );
        // An organization trail belongs to the account in its ARN.
        resource.arn = Some(self.arn.as_str().to_owned());
        resource
    }
}

fn parse_arn(source: &str, arn: &str) -> Result<TrailArn, Error> {
    arn.parse().map_err(|error| Error::Control(format!("{source}: {error}")))
}

/// An entry of the parameter `archivedTrails`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArchivedTrail {
    pub(super) arn: TrailArn,
    pub(super) bucket: String,
    pub(super) prefix: Option<String>,
    pub(super) organization_id: Option<String>,
}

impl ArchivedTrail {
    pub(super) fn parse(entry: &str) -> Result<Self, Error> {
        let mut parts = entry.split('|').map(str::trim);
        let arn = parts.next().unwrap_or_default();
        let mut optional = || parts.next().filter(|text| !text.is_empty()).map(str::to_owned);
        let bucket = optional().ok_or_else(|| {
            Error::Control(
                "parameter \"archivedTrails\": an entry has the form trail ARN|bucket|key \
                 prefix|organization id, and the bucket is missing"
                    .to_owned(),
            )
        })?;
        let (prefix, organization_id) = (optional(), optional());
        Ok(Self {
            arn: parse_arn("parameter \"archivedTrails\"", arn)?,
            bucket,
            prefix,
            organization_id,
        })
    }
}

/// How a trail is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) is_logging: bool,
    pub(super) started: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    pub(super) digest_delivered: Option<Timestamp>,
    pub(super) digest_error: Option<String>,
}

/// Asks about trails.
pub(super) struct CloudTrail {
    cloudtrail: aws_sdk_cloudtrail::Client,
    organizations: aws_sdk_organizations::Client,
    account: aws_sdk_account::Client,
}

impl CloudTrail {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        // Account management answers in one Region of each partition only, under its own name.
        let region = sdk.region().map_or("us-east-1", |region| match region.as_ref() {
            region if region.starts_with("cn-") => "cn-northwest-1",
            region if region.starts_with("us-gov-") => "us-gov-west-1",
            _ => "us-east-1",
        });
        let global = sdk.to_builder().region(Region::new(region)).build();
        Self {
            cloudtrail: aws_sdk_cloudtrail::Client::new(sdk),
            organizations: aws_sdk_organizations::Client::new(&global),
            account: aws_sdk_account::Client::new(&global),
        }
    }

    /// All trails that the Region knows, copies of others included.
    pub(super) async fn trails(&self) -> Result<Vec<Trail>, Error> {
        let answer = self
            .cloudtrail
            .describe_trails()
            .include_shadow_trails(true)
            .send()
            .await
            .call(DESCRIBE_TRAILS)?;
        answer.trail_list().iter().map(Trail::from_sdk).collect()
    }

    pub(super) async fn status(&self, trail: &Trail) -> Result<Status, Error> {
        let answer = self
            .cloudtrail
            .get_trail_status()
            .name(trail.arn.as_str())
            .send()
            .await
            .call(GET_TRAIL_STATUS)?;
        Ok(Status {
            is_logging: answer.is_logging.ok_or_else(|| Error::Answer {
                action: GET_TRAIL_STATUS,
                field: "IsLogging".to_owned(),
            })?,
            started: answer.start_logging_time.as_ref().and_then(from_sdk),
            stopped: answer.stop_logging_time.as_ref().and_then(from_sdk),
            digest_delivered: answer.latest_digest_delivery_time.as_ref().and_then(from_sdk),
            digest_error: answer.latest_digest_delivery_error,
        })
    }

    pub(super) async fn organization_id(&self) -> Result<String, Error> {
        let answer =
            self.organizations.describe_organization().send().await.call(DESCRIBE_ORGANIZATION)?;
        answer.organization.and_then(|organization| organization.id).ok_or_else(|| Error::Answer {
            action: DESCRIBE_ORGANIZATION,
            field: "Organization.Id".to_owned(),
        })
    }

    /// The Regions in which the account can act. `ec2:DescribeRegions` tells the same, at the
    /// price of the largest of all SDK crates.
    pub(super) async fn enabled_regions(&self) -> Result<Vec<String>, Error> {
        let mut pages = self
            .account
            .list_regions()
            .region_opt_status_contains(RegionOptStatus::Enabled)
            .region_opt_status_contains(RegionOptStatus::EnabledByDefault)
            .into_paginator()
            .items()
            .send();
        let mut regions = Vec::new();
        while let Some(region) = pages.next().await {
            regions.extend(region.call(LIST_REGIONS)?.region_name);
        }
        Ok(regions)
    }
}
