//! What Security Hub answers, Region by Region, and once for the whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_securityhub::Client;
use aws_types::SdkConfig;
use fisc_services::regions::{each, in_region, offered};
use fisc_services::{Organization, Organizations, Regions};
use fisc_shared::control::{AccountCheck, OfAccount};
use fisc_shared::error::Call;
use fisc_shared::{Error, Run, ServiceCheck, Verdict};
use jiff::{SignedDuration, Timestamp};

use super::ALL_REGIONS;
use super::judge::{Aggregator, Bars, Hub, Role, Standard, Told, Whole, decide};
use super::organization::{accounts, role};
use crate::scope::Scope;

pub(super) const DESCRIBE_HUB: &str = "securityhub:DescribeHub";
pub(super) const DESCRIBE_SECURITY_HUB_V2: &str = "securityhub:DescribeSecurityHubV2";
pub(super) const GET_ENABLED_STANDARDS: &str = "securityhub:GetEnabledStandards";
pub(super) const LIST_ENABLED_PRODUCTS: &str = "securityhub:ListEnabledProductsForImport";
pub(super) const LIST_FINDING_AGGREGATORS: &str = "securityhub:ListFindingAggregators";
pub(super) const GET_FINDING_AGGREGATOR: &str = "securityhub:GetFindingAggregator";

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(Services {
        sdk: sdk.clone(),
        regions: Regions::new(sdk),
        organizations: Organizations::new(sdk),
    }))
}

struct Services {
    /// Of which the settings of each Region are made.
    sdk: SdkConfig,
    regions: Regions,
    organizations: Organizations,
}

#[async_trait]
impl AccountCheck for Services {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let bars = Bars::new(run)?;
        let regions = match Scope::of(run, &ALL_REGIONS, &self.regions).await? {
            Scope::Regions(regions) => regions,
            Scope::Nothing(why) => return Ok(Verdict::not_applicable(why)),
        };
        let organization = self.organizations.own().await?;
        let (bars, organization) = (&bars, organization.as_ref());
        let told = each(&self.sdk, regions, |sdk| async move {
            let told = offered(ask(&Client::new(&sdk), organization, bars, run).await)?;
            Ok(told.unwrap_or(Told::NotOffered))
        });
        let told = told.await?;
        let whole = self.whole(&told, bars, run).await?;
        Ok(decide(&told, &whole, bars))
    }
}

impl Services {
    async fn whole(
        &self,
        told: &BTreeMap<String, Told>,
        bars: &Bars,
        run: &Run<'_>,
    ) -> Result<Whole, Error> {
        let administers =
            |told: &Told| matches!(told, Told::On(Hub { role: Role::Administrator(_), .. }));
        let mut whole = Whole::default();
        if bars.all_members && told.values().any(administers) {
            whole.accounts = accounts(&self.organizations).await?;
        }
        // Members leave the aggregation to their administrator; where Security Hub is off, there
        // is nothing to aggregate.
        let own = told.get(run.region);
        let alone = matches!(own, Some(Told::On(Hub { role: Role::Alone, .. })));
        if bars.aggregator && (alone || own.is_some_and(administers)) {
            whole.aggregators = Some(self.aggregators().await?);
        }
        Ok(whole)
    }

    async fn aggregators(&self) -> Result<Vec<Aggregator>, Error> {
        let lacks = |action, field: &str| Error::Answer { action, field: field.to_owned() };
        let client = Client::new(&self.sdk);
        let mut pages = client.list_finding_aggregators().into_paginator().items().send();
        let mut aggregators = Vec::new();
        while let Some(one) = pages.next().await {
            let arn = one.call(LIST_FINDING_AGGREGATORS)?.finding_aggregator_arn;
            let arn = arn.ok_or_else(|| {
                lacks(LIST_FINDING_AGGREGATORS, "FindingAggregators[].FindingAggregatorArn")
            })?;
            // Every Region lists it, but it lives in one.
            let home = arn.split(':').nth(3).filter(|region| !region.is_empty());
            let client = match home {
                Some(region) => Client::new(&in_region(&self.sdk, region)),
                None => client.clone(),
            };
            let request = client.get_finding_aggregator().finding_aggregator_arn(&arn);
            let answer = request.send().await.call(GET_FINDING_AGGREGATOR)?;
            let lacks = |field| lacks(GET_FINDING_AGGREGATOR, field);
            aggregators.push(Aggregator {
                region: answer
                    .finding_aggregation_region
                    .ok_or_else(|| lacks("FindingAggregationRegion"))?,
                mode: answer.region_linking_mode.ok_or_else(|| lacks("RegionLinkingMode"))?,
                regions: answer.regions.unwrap_or_default(),
            });
        }
        Ok(aggregators)
    }
}

/// All that one Region tells.
async fn ask(
    client: &Client,
    organization: Option<&Organization>,
    bars: &Bars,
    run: &Run<'_>,
) -> Result<Told, Error> {
    let hub = match client.describe_hub().send().await.call(DESCRIBE_HUB) {
        // "Account … is not subscribed to AWS Security Hub"
        // (https://github.com/prowler-cloud/prowler/pull/1590); a denial by IAM is
        // AccessDeniedException, and an error.
        Err(error)
            if error.is("InvalidAccessException") || error.is("ResourceNotFoundException") =>
        {
            return off(client, bars).await;
        }
        hub => hub?,
    };
    let since = hub.subscribed_at().and_then(|time| time.parse::<Timestamp>().ok());
    let is_new =
        since.is_some_and(|since| run.now.duration_since(since) < SignedDuration::from_hours(24));
    Ok(Told::On(Hub {
        is_new,
        standards: standards(client).await?,
        products: products(client).await?,
        role: role(client, organization, run.account_id, bars).await?,
    }))
}

/// Security Hub CSPM is off; the newer Security Hub may be on without it.
async fn off(client: &Client, bars: &Bars) -> Result<Told, Error> {
    if !bars.accept_v2 {
        return Ok(Told::Off);
    }
    match client.describe_security_hub_v2().send().await.call(DESCRIBE_SECURITY_HUB_V2) {
        // https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeSecurityHubV2.html
        Err(error) if error.is("ResourceNotFoundException") => Ok(Told::Off),
        answer => Ok(answer.map(|_| Told::Newer)?),
    }
}

async fn standards(client: &Client) -> Result<Vec<Standard>, Error> {
    let mut pages = client.get_enabled_standards().into_paginator().items().send();
    let mut standards = Vec::new();
    let lacks = |field: &str| Error::Answer {
        action: GET_ENABLED_STANDARDS,
        field: format!("StandardsSubscriptions[].{field}"),
    };
    while let Some(one) = pages.next().await {
        let one = one.call(GET_ENABLED_STANDARDS)?;
        let status = one.standards_status.ok_or_else(|| lacks("StandardsStatus"))?;
        standards.push(Standard {
            arn: one.standards_arn.ok_or_else(|| lacks("StandardsArn"))?,
            status: status.as_str().to_owned(),
        });
    }
    Ok(standards)
}

async fn products(client: &Client) -> Result<Vec<String>, Error> {
    let mut pages = client.list_enabled_products_for_import().into_paginator().items().send();
    let mut products = Vec::new();
    while let Some(one) = pages.next().await {
        products.push(one.call(LIST_ENABLED_PRODUCTS)?);
    }
    Ok(products)
}
