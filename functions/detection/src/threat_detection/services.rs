//! What GuardDuty, account management and AWS Organizations answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{AdminStatus, DetectorStatus, FeatureStatus};
use aws_types::SdkConfig;
use fisc_services::regions::{each, offered};
use fisc_services::{Organization, Organizations, Regions};
use fisc_shared::control::{AccountCheck, OfAccount};
use fisc_shared::error::Call;
use fisc_shared::{Error, Run, ServiceCheck, Verdict};

use super::ALL_REGIONS;
use super::findings::overdue;
use super::judge::{Bars, Detector, Feature, Role, Told, decide};
use crate::scope::Scope;

pub(super) const LIST_DETECTORS: &str = "guardduty:ListDetectors";
pub(super) const GET_DETECTOR: &str = "guardduty:GetDetector";
pub(super) const GET_ADMINISTRATOR_ACCOUNT: &str = "guardduty:GetAdministratorAccount";
pub(super) const LIST_ORGANIZATION_ADMIN_ACCOUNTS: &str = "guardduty:ListOrganizationAdminAccounts";
pub(super) const DESCRIBE_ORGANIZATION_CONFIGURATION: &str =
    "guardduty:DescribeOrganizationConfiguration";

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(Services {
        sdk: sdk.clone(),
        regions: Regions::new(sdk),
        organizations: Organizations::new(sdk),
    }))
}

struct Services {
    /// Of which the settings of other Regions are made.
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
            offered(ask(&Client::new(&sdk), organization, bars, run).await)
        });
        Ok(decide(&told.await?, bars))
    }
}

/// All that one Region tells.
async fn ask(
    client: &Client,
    organization: Option<&Organization>,
    bars: &Bars,
    run: &Run<'_>,
) -> Result<Told, Error> {
    // A Region in which GuardDuty is off has no detector, which is no error:
    // https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListDetectors.html
    let mut ids = client.list_detectors().into_paginator().items().send();
    let id = match ids.next().await {
        Some(id) => Some(id.call(LIST_DETECTORS)?),
        None => None,
    };
    let detector = match &id {
        Some(id) => Some(detector(client, id, bars, run).await?),
        None => None,
    };
    let (role, auto_enable) = administration(client, id.as_deref(), organization, run).await?;
    Ok(Told { detector, role, auto_enable })
}

async fn detector(
    client: &Client,
    id: &str,
    bars: &Bars,
    run: &Run<'_>,
) -> Result<Detector, Error> {
    let answer = client.get_detector().detector_id(id).send().await.call(GET_DETECTOR)?;
    let mut detector = read(&answer)?;
    if let Some(ages) = bars.ages {
        detector.overdue = overdue(client, id, ages, run).await?;
    }
    Ok(detector)
}

fn read(answer: &GetDetectorOutput) -> Result<Detector, Error> {
    let status = answer.status().ok_or_else(|| lacks("Status"))?;
    let enabled = *status == DetectorStatus::Enabled;
    let mut features = BTreeMap::new();
    for feature in answer.features() {
        let name = feature.name().ok_or_else(|| lacks("Features[].Name"))?;
        let status = feature.status().ok_or_else(|| lacks("Features[].Status"))?;
        let agents = feature.additional_configuration().iter().filter_map(|agent| {
            let managed = agent.status() == Some(&FeatureStatus::Enabled);
            agent.name().map(|name| (name.as_str().to_owned(), managed))
        });
        let feature =
            Feature { enabled: *status == FeatureStatus::Enabled, agents: agents.collect() };
        features.insert(name.as_str().to_owned(), feature);
    }
    // Every detector that works has the basic data sources among its features.
    if enabled && features.is_empty() {
        return Err(lacks("Features"));
    }
    let publishing = answer.finding_publishing_frequency();
    let publishing = publishing.ok_or_else(|| lacks("FindingPublishingFrequency"))?;
    Ok(Detector { enabled, publishing: publishing.as_str().to_owned(), features, overdue: 0 })
}

fn lacks(field: &str) -> Error {
    Error::Answer { action: GET_DETECTOR, field: field.to_owned() }
}

/// The role of the account, and how an administrator takes in new accounts.
async fn administration(
    client: &Client,
    detector: Option<&str>,
    organization: Option<&Organization>,
    run: &Run<'_>,
) -> Result<(Role, Option<String>), Error> {
    let Some(organization) = organization else { return Ok((Role::Alone, None)) };
    if organization.management_account == run.account_id {
        let delegated = delegated(client).await?;
        // It may have named itself.
        let itself = delegated.iter().any(|one| one == run.account_id);
        let auto_enable = match detector.filter(|_| itself) {
            Some(detector) => auto_enable(client, detector).await?,
            None => None,
        };
        return Ok((Role::Management(delegated), auto_enable));
    }
    let Some(detector) = detector else { return Ok((Role::Unknown, None)) };
    let request = client.get_administrator_account().detector_id(detector);
    let answer = request.send().await.call(GET_ADMINISTRATOR_ACCOUNT)?;
    // "When the GuardDuty administrator account runs this API, it will return success but no
    // content"; an account without administrator gets the same. Source:
    // https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetAdministratorAccount.html
    let administrator =
        answer.administrator.and_then(|one| Some((one.account_id?, one.relationship_status)));
    if let Some((administrator, status)) = administrator {
        let status = status.unwrap_or_default();
        return Ok((Role::Member { administrator, status }, None));
    }
    let auto_enable = auto_enable(client, detector).await?;
    let role = if auto_enable.is_some() { Role::Administrator } else { Role::Nobody };
    Ok((role, auto_enable))
}

/// Whom the organization named in this Region; only the management account may ask.
async fn delegated(client: &Client) -> Result<Vec<String>, Error> {
    let mut pages = client.list_organization_admin_accounts().into_paginator().items().send();
    let mut accounts = Vec::new();
    while let Some(account) = pages.next().await {
        let account = account.call(LIST_ORGANIZATION_ADMIN_ACCOUNTS)?;
        if account.admin_status == Some(AdminStatus::Enabled) {
            accounts.extend(account.admin_account_id);
        }
    }
    Ok(accounts)
}

/// How the administrator takes in accounts; none when the account is no administrator.
async fn auto_enable(client: &Client, detector: &str) -> Result<Option<String>, Error> {
    let answer = client.describe_organization_configuration().detector_id(detector).send().await;
    let answer = match answer.call(DESCRIBE_ORGANIZATION_CONFIGURATION) {
        // To all others GuardDuty answers so: "The request failed because you do not have required
        // AWS Organization master permission"; the detector is certainly the account's own. Seen
        // in https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/141
        // (a denial by IAM is AccessDeniedException).
        Err(error) if error.is("BadRequestException") => return Ok(None),
        answer => answer?,
    };
    let members = answer.auto_enable_organization_members.ok_or_else(|| Error::Answer {
        action: DESCRIBE_ORGANIZATION_CONFIGURATION,
        field: "AutoEnableOrganizationMembers".to_owned(),
    })?;
    Ok(Some(members.as_str().to_owned()))
}
