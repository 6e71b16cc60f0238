//! What CloudTrail, Organizations and the account say about trails: for controls, and for
//! `fisc verify-logs`.

use aws_sdk_cloudtrail::types::Trail as SdkTrail;
use aws_types::SdkConfig;
use fisc_services::organization::DESCRIBE_ORGANIZATION;
use fisc_services::{Organizations, Regions};
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::{ConfigurationItem, Error, Resource, ResourceType, Run};
use jiff::Timestamp;

use crate::digest::TrailArn;

/// The IAM action of the call.
pub const DESCRIBE_TRAILS: &str = "cloudtrail:DescribeTrails";
/// The IAM action of the call.
pub const GET_TRAIL_STATUS: &str = "cloudtrail:GetTrailStatus";

/// The configuration of a trail: from its item, or from DescribeTrails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Names the home Region and the owner.
    pub arn: TrailArn,
    /// The bucket that it delivers to.
    pub bucket: String,
    /// The prefix of its keys.
    pub prefix: Option<String>,
    /// It covers every enabled Region.
    pub is_multi_region: bool,
    /// It covers every account of the organization.
    pub is_organization: bool,
    /// CloudTrail writes digests.
    pub validation_enabled: bool,
}

impl Trail {
    /// From the item that Config recorded.
    ///
    /// # Errors
    /// When the item lacks what it must carry.
    pub fn from_item(item: &ConfigurationItem) -> Result<Self, Error> {
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
    #[must_use]
    pub fn resource(&self, run: &Run<'_>) -> Resource {
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

/// Reads a trail's ARN; `source` says where it is from.
pub(crate) fn parse_arn(source: &str, arn: &str) -> Result<TrailArn, Error> {
    arn.parse().map_err(|error| Error::Control(format!("{source}: {error}")))
}

/// How a trail is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// It logs now.
    pub is_logging: bool,
    /// When logging was last started.
    pub started: Option<Timestamp>,
    /// When logging was last stopped.
    pub stopped: Option<Timestamp>,
    /// When the latest digest was delivered.
    pub digest_delivered: Option<Timestamp>,
    /// Why the latest digest could not be delivered.
    pub digest_error: Option<String>,
}

/// Asks about trails.
pub struct CloudTrail {
    cloudtrail: aws_sdk_cloudtrail::Client,
    organizations: Organizations,
    regions: Regions,
}

impl CloudTrail {
    /// Clients with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self {
            cloudtrail: aws_sdk_cloudtrail::Client::new(sdk),
            organizations: Organizations::new(sdk),
            regions: Regions::new(sdk),
        }
    }

    /// All trails that the Region knows, copies of others included.
    ///
    /// # Errors
    /// When the call fails, or a trail lacks what it must have.
    pub async fn trails(&self) -> Result<Vec<Trail>, Error> {
        let answer = self
            .cloudtrail
            .describe_trails()
            .include_shadow_trails(true)
            .send()
            .await
            .call(DESCRIBE_TRAILS)?;
        answer.trail_list().iter().map(Trail::from_sdk).collect()
    }

    /// How a trail is doing; asked in its home Region.
    ///
    /// # Errors
    /// When the call fails, or does not tell whether the trail logs.
    pub async fn status(&self, trail: &Trail) -> Result<Status, Error> {
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

    /// The id of the organization that the account is in.
    ///
    /// # Errors
    /// When the call fails, or the account is in none.
    pub async fn organization_id(&self) -> Result<String, Error> {
        let own = self.organizations.own().await?;
        own.map(|organization| organization.id).ok_or_else(|| Error::Answer {
            action: DESCRIBE_ORGANIZATION,
            field: "Organization, and yet the trail is of one".to_owned(),
        })
    }

    /// The Regions in which the account can act.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn enabled_regions(&self) -> Result<Vec<String>, Error> {
        self.regions.enabled().await
    }
}
