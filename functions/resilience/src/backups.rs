//! What backs up a resource: plans of AWS Backup, and lifecycle policies of EBS (Data Lifecycle
//! Manager).
//!
//! Plans name resources by selections; [`selection`] decides which of them selects a resource as
//! AWS Backup would. The recorded item of a selection has neither its tags nor its conditions, so
//! that the API is asked, once a run. What AWS Backup lists as protected proves a backup of the
//! past, not that a plan still covers the resource: the two are read and judged apart.

pub(crate) mod lifecycle;
pub(crate) mod selection;

use std::collections::BTreeMap;

use aws_sdk_backup::Client;
use aws_types::SdkConfig;
use fisc_shared::Action;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::{Call, Error, ServiceError};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use self::selection::{OptIn, Selection, Subject};

const LIST_PLANS: &str = "backup:ListBackupPlans";
const GET_PLAN: &str = "backup:GetBackupPlan";
const LIST_SELECTIONS: &str = "backup:ListBackupSelections";
const GET_SELECTION: &str = "backup:GetBackupSelection";
const DESCRIBE_REGION_SETTINGS: &str = "backup:DescribeRegionSettings";
const LIST_PROTECTED_RESOURCES: &str = "backup:ListProtectedResources";

const PLANS: &str = "arn:${AWS::Partition}:backup:${AWS::Region}:${AWS::AccountId}:backup-plan:*";

/// The actions of [`Backups::plans`].
pub(crate) const PLAN_ACTIONS: [Action; 5] = [
    Action::any(LIST_PLANS),
    Action::on(GET_PLAN, PLANS),
    Action::on(LIST_SELECTIONS, PLANS),
    Action::on(GET_SELECTION, PLANS),
    Action::any(DESCRIBE_REGION_SETTINGS),
];

/// The action of [`Backups::last_backups`].
pub(crate) const PROTECTED_ACTION: Action = Action::any(LIST_PROTECTED_RESOURCES);

/// A client of AWS Backup.
#[derive(Debug, Clone)]
pub(crate) struct Backups {
    pub(crate) client: Client,
}

/// A backup plan, with what it selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Some rule makes continuous backups.
    pub(crate) continuous: bool,
    /// Its selections.
    pub(crate) selections: Vec<Selection>,
}

/// The plans of an account and Region.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plans {
    pub(crate) plans: Vec<Plan>,
    pub(crate) opted_in: OptIn,
}

impl Plans {
    /// The plans that select a resource.
    pub(crate) fn selecting(&self, subject: &Subject<'_>) -> Vec<&Plan> {
        let selects = |plan: &&Plan| {
            plan.selections.iter().any(|selection| selection.selects(subject, &self.opted_in))
        };
        self.plans.iter().filter(selects).collect()
    }
}

impl Backups {
    pub(crate) fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// All plans that have a rule, with their selections, and the types that the Region backs up.
    pub(crate) async fn plans(&self) -> Result<Plans, Error> {
        let mut pages = self.client.list_backup_plans().into_paginator().items().send();
        let mut ids = Vec::new();
        while let Some(plan) = pages.next().await {
            ids.extend(plan.call(LIST_PLANS)?.backup_plan_id);
        }
        let plans: Vec<Option<Plan>> =
            stream::iter(ids).map(|id| self.plan(id)).buffered(CONCURRENCY).try_collect().await?;
        let plans: Vec<Plan> = plans.into_iter().flatten().collect();
        // Without a selection nothing depends on the settings.
        if plans.iter().all(|plan| plan.selections.is_empty()) {
            return Ok(Plans { plans, opted_in: OptIn::default() });
        }
        Ok(Plans { plans, opted_in: self.opted_in().await? })
    }

    /// The types that the Region backs up.
    pub(crate) async fn opted_in(&self) -> Result<OptIn, Error> {
        let settings =
            self.client.describe_region_settings().send().await.call(DESCRIBE_REGION_SETTINGS)?;
        Ok(OptIn::of(settings.resource_type_opt_in_preference.unwrap_or_default()))
    }

    /// A plan; `None` when it was deleted since it was listed, or has no rule.
    async fn plan(&self, id: String) -> Result<Option<Plan>, Error> {
        let answer = self.client.get_backup_plan().backup_plan_id(&id).send().await.call(GET_PLAN);
        let Some(answer) = unless_gone(answer)? else { return Ok(None) };
        let plan = answer
            .backup_plan
            .ok_or_else(|| Error::Answer { action: GET_PLAN, field: "BackupPlan".to_owned() })?;
        if plan.rules.is_empty() {
            return Ok(None);
        }
        let continuous = plan.rules.iter().any(|rule| rule.enable_continuous_backup == Some(true));
        let selections = self.selections(&id).await?;
        Ok(Some(Plan { id, name: plan.backup_plan_name, continuous, selections }))
    }

    /// The selections of a plan.
    pub(crate) async fn selections(&self, plan: &str) -> Result<Vec<Selection>, Error> {
        let mut pages = self
            .client
            .list_backup_selections()
            .backup_plan_id(plan)
            .into_paginator()
            .items()
            .send();
        let mut selections = Vec::new();
        while let Some(listed) = pages.next().await {
            let Some(listed) = unless_gone(listed.call(LIST_SELECTIONS))? else { break };
            let Some(id) = listed.selection_id else { continue };
            let answer = self
                .client
                .get_backup_selection()
                .backup_plan_id(plan)
                .selection_id(id)
                .send()
                .await
                .call(GET_SELECTION);
            let Some(answer) = unless_gone(answer)? else { continue };
            let selection = answer.backup_selection.ok_or_else(|| Error::Answer {
                action: GET_SELECTION,
                field: "BackupSelection".to_owned(),
            })?;
            selections.push(Selection::from(selection));
        }
        Ok(selections)
    }

    /// When each resource was last backed up, by its ARN: what exists, whatever the plans say.
    pub(crate) async fn last_backups(&self) -> Result<BTreeMap<String, Timestamp>, Error> {
        let mut pages = self.client.list_protected_resources().into_paginator().items().send();
        let mut last = BTreeMap::new();
        while let Some(resource) = pages.next().await {
            let resource = resource.call(LIST_PROTECTED_RESOURCES)?;
            let time = resource.last_backup_time().and_then(from_sdk);
            if let (Some(arn), Some(time)) = (resource.resource_arn, time) {
                last.insert(arn, time);
            }
        }
        Ok(last)
    }
}

/// An answer, unless what was asked about is gone.
pub(crate) fn unless_gone<T>(answer: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}
