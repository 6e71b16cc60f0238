//! Standard logging v2 of CloudFront: a delivery of CloudWatch Logs, of which the distribution's
//! item tells nothing. Deliveries of distributions are in us-east-1, and come and go without a
//! change of the distribution: the schedule asks too. Where a delivery writes is not judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::Client;
use aws_types::SdkConfig;
use fisc_services::PerRun;
use fisc_services::regions::in_region;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::{ConfigurationItem, Error, Remark, Requirement, ResourceType, Run, Verdict};

use super::services::{Answer, Ask};
use super::{CLOUDFRONT_LOG_OFF, edge};

pub(super) const DESCRIBE_DELIVERY_SOURCES: &str = "logs:DescribeDeliverySources";
pub(super) const DESCRIBE_DELIVERIES: &str = "logs:DescribeDeliveries";

pub(super) const V2_LOGGING: Remark = Remark::new(
    "V2_LOGGING",
    "Standard logging v2 delivers the access logs",
    "標準ログ記録 v2 でアクセスログを出力しています",
);

/// The Region of what is CloudFront's.
const REGION: &str = "us-east-1";

pub(super) fn asks(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    if item.resource_type != ResourceType::CLOUDFRONT_DISTRIBUTION.name {
        return Ok(false);
    }
    // Standard logs to a bucket that is not allowed are not excused by others.
    let failed = matches!(edge::distribution(item, run)?, Verdict::NonCompliant(_));
    Ok(failed && !edge::has_legacy_logging(item)?)
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn Ask> {
    Arc::new(Deliveries {
        logs: Client::new(&in_region(sdk, REGION)),
        config: ConfigService::new(sdk),
        known: PerRun::default(),
    })
}

struct Deliveries {
    logs: Client,
    config: ConfigService,
    known: PerRun<(), BTreeSet<String>>,
}

#[async_trait]
impl Ask for Deliveries {
    async fn refuted(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Vec<&'static Requirement>, Error> {
        Ok(if self.is_delivered(item, run).await? { vec![&CLOUDFRONT_LOG_OFF] } else { Vec::new() })
    }

    async fn resource(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Answer, Error> {
        let mut answer = Answer::default();
        if self.is_delivered(item, run).await? {
            answer.notes.push(V2_LOGGING.reason());
        }
        Ok(answer)
    }

    async fn scheduled(&self, run: &Run<'_>) -> Result<Vec<ConfigurationItem>, Error> {
        // Config records distributions in the Region of CloudFront only.
        if run.region != REGION {
            return Ok(Vec::new());
        }
        let mut items = Vec::new();
        for item in self.config.recorded_with_tags(ResourceType::CLOUDFRONT_DISTRIBUTION).await? {
            if asks(&item, run)? {
                items.push(item);
            }
        }
        Ok(items)
    }
}

impl Deliveries {
    async fn is_delivered(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
        let delivered = self.known.get(run, (), || self.delivered()).await?;
        let name = format!(":distribution/{}", item.resource_id);
        Ok(delivered.iter().any(|arn| arn.ends_with(&name)))
    }

    /// The ARNs of the distributions whose access logs are delivered somewhere.
    async fn delivered(&self) -> Result<BTreeSet<String>, Error> {
        let mut deliveries = self.logs.describe_deliveries().into_paginator().items().send();
        let mut names = BTreeSet::new();
        while let Some(delivery) = deliveries.next().await {
            names.extend(delivery.call(DESCRIBE_DELIVERIES)?.delivery_source_name);
        }
        let mut sources = self.logs.describe_delivery_sources().into_paginator().items().send();
        let mut arns = BTreeSet::new();
        while let Some(source) = sources.next().await {
            let source = source.call(DESCRIBE_DELIVERY_SOURCES)?;
            let name = source.name.as_ref().ok_or_else(|| Error::Answer {
                action: DESCRIBE_DELIVERY_SOURCES,
                field: "deliverySources[].name".to_owned(),
            })?;
            // A source without a delivery goes nowhere; connection logs tell no requests.
            if names.contains(name) && source.log_type() == Some("ACCESS_LOGS") {
                arns.extend(source.resource_arns.unwrap_or_default());
            }
        }
        Ok(arns)
    }
}
