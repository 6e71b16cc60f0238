//! What AWS tells an account of itself, and where what it tells goes.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_account::types::AlternateContactType;
use aws_sdk_controltower::types::{LandingZoneDriftStatus, LandingZoneStatus};
use aws_sdk_iam::types::PolicyUsageType;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use aws_types::SdkConfig;
use fisc_services::regions::{each, in_region};
use fisc_services::{Organization, Organizations, Regions};
use fisc_shared::error::Call;
use fisc_shared::resource::is_account_id;
use fisc_shared::resource::partition;
use fisc_shared::{AccountCheck, Error, Run, Verdict};

use fisc_services::global::{global, in_north};

use super::judge::{Facts, LandingZone, Stranger, Support, Whole, decide};
use super::organization::{delegates, environments, policies, tree};
use super::parameters::{
    ACCOUNT_ENVIRONMENT, ALLOWED_MANAGEMENT_TYPES, CONTROL_TOWER, CONTROL_TOWER_REGION,
    DELEGATED_ADMINS, ENVIRONMENT_TAG_KEY, EXCLUDED_REGIONS, EXPECTED_MANAGEMENT_ACCOUNT_ID,
    GOVERNANCE_TOOL, MIN_SEVERITY_CODE, ORGANIZATION_ACCOUNT_ID, REQUIRED_CONTACTS,
};

pub(super) const GET_ALTERNATE_CONTACT: &str = "account:GetAlternateContact";
pub(super) const DESCRIBE_SEVERITY_LEVELS: &str = "support:DescribeSeverityLevels";
pub(super) const LIST_ENTITIES_FOR_POLICY: &str = "iam:ListEntitiesForPolicy";
pub(super) const GET_RESOURCES: &str = "tag:GetResources";
pub(super) const GET_COUNTS: &str = "config:GetDiscoveredResourceCounts";
pub(super) const LIST_LANDING_ZONES: &str = "controltower:ListLandingZones";
pub(super) const GET_LANDING_ZONE: &str = "controltower:GetLandingZone";

/// Compute and databases. Functions are left out: those of these controls run everywhere.
const WORKLOADS: [&str; 11] = [
    "AWS::DynamoDB::Table",
    "AWS::EC2::Instance",
    "AWS::ECS::Service",
    "AWS::EKS::Cluster",
    "AWS::ElasticBeanstalk::Environment",
    "AWS::Elasticsearch::Domain",
    "AWS::OpenSearch::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::SageMaker::NotebookInstance",
];

/// Asks AWS about an account.
pub(super) struct Services {
    sdk: SdkConfig,
    organizations: Organizations,
    regions: Regions,
    account: aws_sdk_account::Client,
    support: aws_sdk_support::Client,
    iam: aws_sdk_iam::Client,
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            sdk: sdk.clone(),
            organizations: Organizations::new(sdk),
            regions: Regions::new(sdk),
            account: aws_sdk_account::Client::new(&global(sdk)),
            support: aws_sdk_support::Client::new(&in_north(sdk)),
            iam: aws_sdk_iam::Client::new(sdk),
        }
    }

    async fn whole(&self, run: &Run<'_>) -> Result<Whole, Error> {
        let tree = tree(&self.organizations).await?;
        let policies =
            if tree.policies_enabled { policies(&self.organizations).await? } else { Vec::new() };
        let key = run.parameters.get(&ENVIRONMENT_TAG_KEY);
        let environments = if key.is_empty() {
            BTreeMap::new()
        } else {
            environments(&self.organizations, &tree.accounts, &key).await?
        };
        let mut undelegated = Vec::new();
        for wanted in run.parameters.get(&DELEGATED_ADMINS) {
            let (service, account) = delegation(&wanted)?;
            let found = delegates(&self.organizations, service).await?;
            let as_wanted = match account {
                Some(account) => found.iter().any(|one| one == account),
                None => !found.is_empty(),
            };
            if !as_wanted {
                undelegated.push(service.to_owned());
            }
        }
        Ok(Whole { tree, policies, environments, undelegated })
    }

    /// The Regions that are looked at.
    async fn regions(&self, run: &Run<'_>) -> Result<Vec<String>, Error> {
        let excluded = run.parameters.get(&EXCLUDED_REGIONS);
        let mut regions = self.regions.enabled().await?;
        regions.retain(|region| !excluded.contains(region));
        Ok(regions)
    }

    /// The resources that carry another environment than the account's.
    async fn strangers(
        &self,
        regions: &[String],
        key: &str,
        own: &str,
    ) -> Result<Vec<Stranger>, Error> {
        let found = each(&self.sdk, regions.to_vec(), |sdk| strangers_in(sdk, key, own)).await?;
        Ok(found.into_values().flatten().collect())
    }

    /// The compute and the databases that AWS Config records.
    async fn workloads(
        &self,
        regions: &[String],
        allowed: &[String],
    ) -> Result<Vec<(String, i64)>, Error> {
        let types: Vec<String> = WORKLOADS
            .iter()
            .filter(|name| !allowed.iter().any(|one| one == *name))
            .map(|&name| name.to_owned())
            .collect();
        if types.is_empty() {
            return Ok(Vec::new());
        }
        let found = each(&self.sdk, regions.to_vec(), |sdk| counts_in(sdk, types.clone())).await?;
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for (name, count) in found.into_values().flatten().filter(|(_, count)| *count > 0) {
            *counts.entry(name).or_default() += count;
        }
        Ok(counts.into_iter().collect())
    }

    async fn landing_zone(&self, run: &Run<'_>) -> Result<LandingZone, Error> {
        let region = run.parameters.get(&CONTROL_TOWER_REGION);
        let region = if region.is_empty() { run.region } else { &region };
        let client = aws_sdk_controltower::Client::new(&in_region(&self.sdk, region));
        let mut pages = client.list_landing_zones().into_paginator().items().send();
        let mut arn = None;
        while let Some(zone) = pages.next().await {
            arn = arn.or(zone.call(LIST_LANDING_ZONES)?.arn);
        }
        let Some(arn) = arn else { return Ok(LandingZone::Missing) };
        let answer = client.get_landing_zone().landing_zone_identifier(arn).send().await;
        let zone = answer.call(GET_LANDING_ZONE)?.landing_zone.ok_or_else(|| Error::Answer {
            action: GET_LANDING_ZONE,
            field: "landingZone".to_owned(),
        })?;
        let drift = zone.drift_status.and_then(|drift| drift.status);
        Ok(match zone.status {
            None => {
                return Err(Error::Answer {
                    action: GET_LANDING_ZONE,
                    field: "landingZone.status".to_owned(),
                });
            }
            Some(LandingZoneStatus::Failed) => LandingZone::Failed,
            _ if drift == Some(LandingZoneDriftStatus::Drifted) => LandingZone::Drifted,
            _ => LandingZone::Healthy,
        })
    }

    async fn contact(&self, contact: &str) -> Result<Option<String>, Error> {
        let contact = AlternateContactType::from(contact);
        let answer =
            self.account.get_alternate_contact().alternate_contact_type(contact).send().await;
        match answer.call(GET_ALTERNATE_CONTACT) {
            Ok(answer) => Ok(answer.alternate_contact.and_then(|one| one.email_address)),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn severities(&self) -> Result<Support, Error> {
        let answer = self.support.describe_severity_levels().language("en").send().await;
        match answer.call(DESCRIBE_SEVERITY_LEVELS) {
            Ok(answer) => {
                let levels = answer.severity_levels.unwrap_or_default().into_iter();
                Ok(Support::Severities(levels.filter_map(|level| level.code).collect()))
            }
            // The answer to the question which plan the account has.
            Err(error) if error.is("SubscriptionRequiredException") => Ok(Support::NoPlan),
            Err(error) => Err(error.into()),
        }
    }

    async fn support_role(&self, region: &str) -> Result<bool, Error> {
        let arn = format!("arn:{}:iam::aws:policy/AWSSupportAccess", partition(region));
        let request = self
            .iam
            .list_entities_for_policy()
            .policy_arn(arn)
            .policy_usage_filter(PolicyUsageType::PermissionsPolicy);
        let mut pages = request.into_paginator().send();
        let mut found = false;
        while let Some(page) = pages.next().await {
            let page = page.call(LIST_ENTITIES_FOR_POLICY)?;
            found |= !page.policy_roles().is_empty() || !page.policy_groups().is_empty();
        }
        Ok(found)
    }
}

/// The resources of one Region that carry another environment than the account's.
async fn strangers_in(sdk: SdkConfig, key: &str, own: &str) -> Result<Vec<Stranger>, Error> {
    let client = aws_sdk_resourcegroupstagging::Client::new(&sdk);
    let request = client.get_resources().tag_filters(TagFilter::builder().key(key).build());
    let mut pages = request.into_paginator().items().send();
    let mut strangers = Vec::new();
    while let Some(resource) = pages.next().await {
        let resource = resource.call(GET_RESOURCES)?;
        let tag = resource.tags().iter().find(|tag| tag.key() == key);
        let Some(environment) = tag.map(|tag| tag.value().trim()) else { continue };
        if environment.to_lowercase() != own.to_lowercase() {
            strangers.push(Stranger {
                arn: resource.resource_arn().unwrap_or_default().to_owned(),
                environment: environment.to_owned(),
            });
        }
    }
    Ok(strangers)
}

/// How many resources of each type AWS Config records in one Region.
async fn counts_in(sdk: SdkConfig, types: Vec<String>) -> Result<Vec<(String, i64)>, Error> {
    let client = aws_sdk_config::Client::new(&sdk);
    let request = client.get_discovered_resource_counts().set_resource_types(Some(types));
    let mut pages = request.into_paginator().send();
    let mut counts = Vec::new();
    while let Some(page) = pages.next().await {
        for count in page.call(GET_COUNTS)?.resource_counts.unwrap_or_default() {
            let name = count.resource_type().map(|name| name.as_str().to_owned());
            counts.extend(name.map(|name| (name, count.count())));
        }
    }
    Ok(counts)
}

/// A service and the account that must administer it, as `delegatedAdmins` writes them.
fn delegation(text: &str) -> Result<(&str, Option<&str>), Error> {
    match text.split_once('=') {
        None => Ok((text.trim(), None)),
        Some((service, account)) if is_account_id(account.trim()) => {
            Ok((service.trim(), Some(account.trim())))
        }
        Some(_) => Err(DELEGATED_ADMINS
            .spec
            .refuse("takes services, each alone or with = and a 12-digit account id", text)
            .into()),
    }
}

/// The contacts that must be set.
fn contacts(run: &Run<'_>) -> Result<Vec<String>, Error> {
    let known = AlternateContactType::values();
    Ok(run.parameters.words(&REQUIRED_CONTACTS, known)?)
}

/// Whether the account judges the organization as a whole.
fn answers_for(organization: &Organization, account: &str, delegate: Option<&str>) -> bool {
    account == delegate.unwrap_or(&organization.management_account)
}

#[async_trait]
impl AccountCheck for Services {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let expected = run.parameters.account_id(&EXPECTED_MANAGEMENT_ACCOUNT_ID)?;
        let delegate = run.parameters.account_id(&ORGANIZATION_ACCOUNT_ID)?;
        let required = contacts(run)?;
        let organization = self.organizations.own().await?;
        let answers = organization
            .as_ref()
            .is_some_and(|one| answers_for(one, run.account_id, delegate.as_deref()));
        let whole = if answers { Some(self.whole(run).await?) } else { None };
        let manages =
            organization.as_ref().is_some_and(|one| one.management_account == run.account_id);
        let key = run.parameters.get(&ENVIRONMENT_TAG_KEY);
        let environment = Some(run.parameters.get(&ACCOUNT_ENVIRONMENT))
            .filter(|own| !own.is_empty())
            .or_else(|| whole.as_ref()?.environments.get(run.account_id).cloned())
            .filter(|_| !key.is_empty());
        let regions =
            if manages || environment.is_some() { self.regions(run).await? } else { Vec::new() };
        let strangers = match &environment {
            Some(own) => Some(self.strangers(&regions, &key, own).await?),
            None => None,
        };
        let workloads = if manages {
            self.workloads(&regions, &run.parameters.get(&ALLOWED_MANAGEMENT_TYPES)).await?
        } else {
            Vec::new()
        };
        let landing_zone = if manages && run.parameters.get(&GOVERNANCE_TOOL) == CONTROL_TOWER {
            Some(self.landing_zone(run).await?)
        } else {
            None
        };
        let mut addresses = Vec::new();
        for contact in required {
            let address = self.contact(&contact).await?;
            addresses.push((contact, address));
        }
        let support = if run.parameters.get(&MIN_SEVERITY_CODE).is_empty() {
            None
        } else {
            Some(self.severities().await?)
        };
        let facts = Facts {
            organization,
            whole,
            workloads,
            landing_zone,
            strangers,
            contacts: addresses,
            support,
            support_role: self.support_role(run.region).await?,
        };
        Ok(decide(&facts, expected.as_deref(), run)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_names_a_service_and_perhaps_its_account() {
        assert_eq!(delegation("guardduty.amazonaws.com").unwrap().1, None);
        assert_eq!(
            delegation("config.amazonaws.com = 111122223333").unwrap(),
            ("config.amazonaws.com", Some("111122223333"))
        );
        assert!(delegation("config.amazonaws.com=audit").is_err());
    }

    #[test]
    fn the_management_account_or_its_delegate_answers_for_the_organization() {
        let organization = Organization {
            id: "o-1".to_owned(),
            management_account: "111122223333".to_owned(),
            all_features: true,
        };
        assert!(answers_for(&organization, "111122223333", None));
        assert!(!answers_for(&organization, "444455556666", None));
        assert!(answers_for(&organization, "444455556666", Some("444455556666")));
        assert!(!answers_for(&organization, "111122223333", Some("444455556666")));
    }
}
