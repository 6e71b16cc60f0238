//! What CloudTrail, Organizations and the account say about trails: for controls, and for
//! `fisc verify-logs`.

use aws_sdk_cloudtrail::types::Trail as SdkTrail;
use aws_types::SdkConfig;
use fisc_services::organization::DESCRIBE_ORGANIZATION;
use fisc_services::regions::in_region;
use fisc_services::{Organization, Organizations, Regions};
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::{ConfigurationItem, Error, Resource, ResourceType, Run};
use jiff::Timestamp;

use crate::digest::TrailArn;
use crate::selectors::Selectors;

/// The IAM action of the call.
pub const DESCRIBE_TRAILS: &str = "cloudtrail:DescribeTrails";
/// The IAM action of the call.
pub const GET_TRAIL_STATUS: &str = "cloudtrail:GetTrailStatus";
/// The IAM action of the call.
pub const GET_EVENT_SELECTORS: &str = "cloudtrail:GetEventSelectors";
/// The IAM action of the call.
pub const GET_INSIGHT_SELECTORS: &str = "cloudtrail:GetInsightSelectors";

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
    /// It records the events of global services, such as IAM.
    pub includes_global: bool,
    /// CloudTrail writes digests.
    pub validation_enabled: bool,
    /// The KMS key that encrypts its files.
    pub kms_key: Option<String>,
    /// The ARN of the log group in CloudWatch Logs that it also delivers to.
    pub log_group: Option<String>,
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
            prefix: filled(fields.text("s3KeyPrefix")?),
            is_multi_region: fields
                .flag("isMultiRegionTrail")?
                .ok_or_else(|| fields.missing("isMultiRegionTrail"))?,
            // Items of before organization trails lack the field.
            is_organization: fields.flag("isOrganizationTrail")?.unwrap_or(false),
            includes_global: fields
                .flag("includeGlobalServiceEvents")?
                .ok_or_else(|| fields.missing("includeGlobalServiceEvents"))?,
            // Whatever is not true does not validate; that the item is whole is known from above.
            validation_enabled: fields.flag("logFileValidationEnabled")? == Some(true),
            kms_key: filled(fields.text("kmsKeyId")?),
            log_group: filled(fields.text("cloudWatchLogsLogGroupArn")?),
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
            prefix: filled(trail.s3_key_prefix()),
            is_multi_region: trail
                .is_multi_region_trail()
                .ok_or_else(|| missing("IsMultiRegionTrail"))?,
            is_organization: trail.is_organization_trail().unwrap_or(false),
            includes_global: trail
                .include_global_service_events()
                .ok_or_else(|| missing("IncludeGlobalServiceEvents"))?,
            validation_enabled: trail
                .log_file_validation_enabled()
                .ok_or_else(|| missing("LogFileValidationEnabled"))?,
            kms_key: filled(trail.kms_key_id()),
            log_group: filled(trail.cloud_watch_logs_log_group_arn()),
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

/// A text that says something.
fn filled(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
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
    /// When log files were last delivered.
    pub delivered: Option<Timestamp>,
    /// Why log files could not be delivered.
    pub delivery_error: Option<String>,
    /// When events were last delivered to CloudWatch Logs.
    pub logs_delivered: Option<Timestamp>,
    /// Why events could not be delivered to CloudWatch Logs.
    pub logs_error: Option<String>,
    /// When the latest digest was delivered.
    pub digest_delivered: Option<Timestamp>,
    /// Why the latest digest could not be delivered.
    pub digest_error: Option<String>,
}

/// Asks about trails.
pub struct CloudTrail {
    sdk: SdkConfig,
    cloudtrail: aws_sdk_cloudtrail::Client,
    organizations: Organizations,
    regions: Regions,
}

impl CloudTrail {
    /// Clients with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self {
            sdk: sdk.clone(),
            cloudtrail: aws_sdk_cloudtrail::Client::new(sdk),
            organizations: Organizations::new(sdk),
            regions: Regions::new(sdk),
        }
    }

    /// The client for a Region. Of copies and of what is delivered from another Region, only the
    /// home Region of a trail tells.
    pub(crate) fn at(&self, region: &str) -> aws_sdk_cloudtrail::Client {
        if self.sdk.region().is_some_and(|own| own.as_ref() == region) {
            return self.cloudtrail.clone();
        }
        aws_sdk_cloudtrail::Client::new(&in_region(&self.sdk, region))
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
            .at(trail.arn.home_region())
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
            delivered: answer.latest_delivery_time.as_ref().and_then(from_sdk),
            delivery_error: filled(answer.latest_delivery_error()),
            logs_delivered: answer
                .latest_cloud_watch_logs_delivery_time
                .as_ref()
                .and_then(from_sdk),
            logs_error: filled(answer.latest_cloud_watch_logs_delivery_error()),
            digest_delivered: answer.latest_digest_delivery_time.as_ref().and_then(from_sdk),
            digest_error: answer.latest_digest_delivery_error,
        })
    }

    /// Which events a trail records; asked in its home Region.
    ///
    /// # Errors
    /// When the call fails, or its answer cannot be read.
    pub async fn selectors(&self, trail: &Trail) -> Result<Selectors, Error> {
        let answer = self
            .at(trail.arn.home_region())
            .get_event_selectors()
            .trail_name(trail.arn.as_str())
            .send()
            .await
            .call(GET_EVENT_SELECTORS)?;
        Selectors::of_trail(
            GET_EVENT_SELECTORS,
            answer.event_selectors(),
            answer.advanced_event_selectors(),
        )
    }

    /// The kinds of Insights events that a trail records; asked in its home Region.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn insights(&self, trail: &Trail) -> Result<Vec<String>, Error> {
        let answer = self
            .at(trail.arn.home_region())
            .get_insight_selectors()
            .trail_name(trail.arn.as_str())
            .send()
            .await;
        match answer.call(GET_INSIGHT_SELECTORS) {
            Ok(answer) => Ok(answer
                .insight_selectors()
                .iter()
                .filter_map(|one| Some(one.insight_type()?.as_str().to_owned()))
                .collect()),
            Err(error) if error.is("InsightNotEnabledException") => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// The organization that the account is in, if it is in one.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn organization(&self) -> Result<Option<Organization>, Error> {
        self.organizations.own().await
    }

    /// The id of the organization that the account is in.
    ///
    /// # Errors
    /// When the call fails, or the account is in none.
    pub async fn organization_id(&self) -> Result<String, Error> {
        let own = self.organization().await?;
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
