//! What is asked, and of whom.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::{Alerts, Organizations};
use fisc_shared::config_service::{ConfigService, from_sdk};
use fisc_shared::ec2::Ec2;
use fisc_shared::error::Call;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};

use super::DESCRIBE_PENDING;
use super::judge::{Answer, Facts, Pending, database, decide, instance};
use super::parameters::{ACCEPT_ORGANIZATION_VIEW, HEALTH_ADMIN_ACCOUNT_ID};
use super::planned::Planned;
use super::routing::{Routed, Ways};

pub(super) struct Services {
    sdk: SdkConfig,
    alerts: Alerts,
    planned: Planned,
    organizations: Organizations,
    ec2: Ec2,
    rds: aws_sdk_rds::Client,
    config: ConfigService,
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            sdk: sdk.clone(),
            alerts: Alerts::new(sdk),
            planned: Planned::new(sdk),
            organizations: Organizations::new(sdk),
            ec2: Ec2::new(sdk),
            rds: aws_sdk_rds::Client::new(sdk),
            config: ConfigService::new(sdk),
        }
    }
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let (kind, id) = (&item.resource_type, &item.resource_id);
        let mut all = self.sweep(run).await?.into_iter();
        let one = all.find(|one| (&one.resource.resource_type, &one.resource.id) == (kind, id));
        one.map(|one| one.verdict).ok_or_else(|| Error::Control(format!("there is no {kind} {id}")))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = self.instances(run).await?;
        let mut pending = self.pending().await?;
        for kind in [ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER] {
            for item in self.config.recorded(kind.name).await? {
                let actions = item.arn.as_ref().and_then(|arn| pending.remove(arn));
                let verdict = database(&actions.unwrap_or_default(), run);
                evaluated.push(Evaluated { resource: Resource::from(&item), verdict, at: run.now });
            }
        }
        // What is left, AWS Config does not record.
        let overdue = pending.iter().filter(|(_, all)| all.iter().any(|one| one.is_overdue(run)));
        let overdue = overdue.map(|(arn, _)| name(arn).to_owned()).collect();
        let facts = Facts {
            routed: self.routed(run).await?,
            unhandled: if run.home { self.planned.unhandled(run).await? } else { Answer::NotAsked },
            view: self.view(run).await?,
            overdue,
        };
        let resource = Resource::account(run.account_id, run.region);
        evaluated.push(Evaluated { resource, verdict: decide(&facts), at: run.now });
        Ok(evaluated)
    }
}

impl Services {
    async fn instances(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let statuses = self.ec2.instance_statuses().await?;
        let evaluated = statuses.iter().filter_map(|status| {
            let kind = ResourceType::EC2_INSTANCE;
            let resource = Resource::of(kind, &status.id, run.account_id, run.region);
            Some(Evaluated { resource, verdict: instance(status, run)?, at: run.now })
        });
        Ok(evaluated.collect())
    }

    /// The maintenance that waits, by the ARN of the resource.
    async fn pending(&self) -> Result<BTreeMap<String, Vec<Pending>>, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_PENDING,
            field: format!("PendingMaintenanceActions[].{field}"),
        };
        let mut pages =
            self.rds.describe_pending_maintenance_actions().into_paginator().items().send();
        let mut pending: BTreeMap<String, Vec<Pending>> = BTreeMap::new();
        while let Some(resource) = pages.next().await {
            let resource = resource.call(DESCRIBE_PENDING)?;
            let arn = resource.resource_identifier.ok_or_else(|| lacks("ResourceIdentifier"))?;
            let actions = pending.entry(arn).or_default();
            for one in resource.pending_maintenance_action_details.unwrap_or_default() {
                actions.push(Pending {
                    action: one.action.ok_or_else(|| lacks("Action"))?,
                    automatic: one.auto_applied_after_date.as_ref().and_then(from_sdk),
                    forced: one.forced_apply_date.as_ref().and_then(from_sdk),
                    current: one.current_apply_date.as_ref().and_then(from_sdk),
                });
            }
        }
        Ok(pending)
    }

    async fn routed(&self, run: &Run<'_>) -> Result<Option<Routed>, Error> {
        let admin = run.parameters.account_id(&HEALTH_ADMIN_ACCOUNT_ID)?;
        let central = run.parameters.get(&ACCEPT_ORGANIZATION_VIEW)
            && admin.is_some_and(|admin| admin != run.account_id);
        if central {
            return Ok(None);
        }
        Ways::new(&self.sdk, &self.alerts, run).routed().await.map(Some)
    }

    /// Asked where the answer is the account's own: in the account that administers AWS Health,
    /// and in the one that manages the organization.
    async fn view(&self, run: &Run<'_>) -> Result<Answer<bool>, Error> {
        if !run.home {
            return Ok(Answer::NotAsked);
        }
        let admin = run.parameters.account_id(&HEALTH_ADMIN_ACCOUNT_ID)?;
        let is_admin = admin.is_some_and(|admin| admin == run.account_id);
        let manages = match self.organizations.own().await? {
            Some(organization) => is_admin || organization.management_account == run.account_id,
            None => false,
        };
        if manages { self.planned.view().await } else { Ok(Answer::NotAsked) }
    }
}

/// The name of a database, from its ARN.
fn name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
