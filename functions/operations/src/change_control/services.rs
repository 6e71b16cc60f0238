//! What is asked of Systems Manager, CloudFormation and CloudWatch.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_cloudwatch::types::AlarmType;
use aws_sdk_ssm::types::{
    DocumentKeyValuesFilter, DocumentPermissionType, MaintenanceWindowExecutionStatus,
    MaintenanceWindowFilter, MaintenanceWindowIdentity,
};
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::item::required::text;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};
use futures::try_join;
use jiff::Timestamp;

use super::account::{Calendars, Facts, Window, decide, longest};
use super::parameters::{
    CALENDAR_REQUIRED_ACCOUNTS, EXEMPT_DOCUMENTS, GATED_DOCUMENT_TYPES, REQUIRED_CALENDARS,
};
use super::requirements::CHANGE_CALENDAR_SHARING;
use super::stack::Stack;
use super::{
    DESCRIBE_ALARMS, DESCRIBE_ASSOCIATION, DESCRIBE_DOCUMENT, DESCRIBE_PERMISSION, DESCRIBE_STACKS,
    DESCRIBE_WINDOW_EXECUTIONS, DESCRIBE_WINDOW_TASKS, DESCRIBE_WINDOWS, GET_CALENDAR_STATE,
    LIST_ASSOCIATIONS, LIST_DOCUMENTS, deployment,
};

/// Alarms that one call may name.
const ALARM_PAGE: usize = 100;

pub(super) struct Services {
    ssm: aws_sdk_ssm::Client,
    cloudformation: aws_sdk_cloudformation::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            ssm: aws_sdk_ssm::Client::new(sdk),
            cloudformation: aws_sdk_cloudformation::Client::new(sdk),
            cloudwatch: aws_sdk_cloudwatch::Client::new(sdk),
        }
    }
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        match item.resource_type.as_str() {
            "AWS::SSM::Document" => self.sharing(text(&item.configuration()?, "Name")?, run).await,
            "AWS::CloudFormation::Stack" => self.stack(&item.resource_id, run).await,
            _ => self.environment(item, run).await,
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let (account, stacks, calendars) =
            try_join!(self.account(run), self.stacks(run), self.own_calendars(run))?;
        let account = Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: account,
            at: run.now,
        };
        Ok([account].into_iter().chain(stacks).chain(calendars).collect())
    }
}

// Calendars and what they gate.
impl Services {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let facts = Facts {
            calendars: self.calendars(run).await?,
            ungated: self.ungated(run).await?,
            windows: self.windows(run).await?,
        };
        Ok(decide(&facts, run))
    }

    async fn calendars(&self, run: &Run<'_>) -> Result<Calendars, Error> {
        let required = run.parameters.get(&REQUIRED_CALENDARS);
        if !required.is_empty() {
            let mut unreadable = Vec::new();
            for name in required {
                if !self.is_readable(&name).await? {
                    unreadable.push(name);
                }
            }
            return Ok(if unreadable.is_empty() {
                Calendars::Readable
            } else {
                Calendars::Unreadable(unreadable)
            });
        }
        // What is public is somebody else's, and no calendar of the institution.
        for owner in ["Self", "Private"] {
            for name in self.calendars_of(owner).await? {
                if self.is_readable(&name).await? {
                    return Ok(Calendars::Readable);
                }
            }
        }
        Ok(Calendars::None)
    }

    /// The names of calendars; those of other accounts are ARNs.
    async fn calendars_of(&self, owner: &str) -> Result<Vec<String>, Error> {
        let filter = |key: &str, value: &str| {
            DocumentKeyValuesFilter::builder().key(key).values(value).build()
        };
        let mut pages = self
            .ssm
            .list_documents()
            .filters(filter("DocumentType", "ChangeCalendar"))
            .filters(filter("Owner", owner))
            .into_paginator()
            .items()
            .send();
        let mut names = Vec::new();
        while let Some(document) = pages.next().await {
            names.push(document.call(LIST_DOCUMENTS)?.name.ok_or_else(|| Error::Answer {
                action: LIST_DOCUMENTS,
                field: "DocumentIdentifiers[].Name".to_owned(),
            })?);
        }
        Ok(names)
    }

    async fn is_readable(&self, calendar: &str) -> Result<bool, Error> {
        let answer = self.ssm.get_calendar_state().calendar_names(calendar).send().await;
        match answer.call(GET_CALENDAR_STATE) {
            Ok(_) => Ok(true),
            Err(error)
                if ["InvalidDocument", "InvalidDocumentType", "UnsupportedCalendarException"]
                    .iter()
                    .any(|code| error.is(code)) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// With whom the account's own calendars are shared, where somebody must be.
    async fn own_calendars(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        if run.parameters.get(&CALENDAR_REQUIRED_ACCOUNTS).is_empty() {
            return Ok(Vec::new());
        }
        let names = self.calendars_of("Self").await?;
        stream::iter(names)
            .map(|name| async move {
                let verdict = self.sharing(&name, run).await?;
                let kind = ResourceType::SSM_DOCUMENT;
                let resource = Resource::of(kind, &name, run.account_id, run.region);
                Ok(Evaluated { resource, verdict, at: run.now })
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }

    async fn sharing(&self, calendar: &str, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut shared = BTreeSet::new();
        let mut token: Option<String> = None;
        loop {
            let request = self.ssm.describe_document_permission().name(calendar);
            let request = request.permission_type(DocumentPermissionType::Share);
            let page = request.set_next_token(token.clone()).send().await;
            let page = match page.call(DESCRIBE_PERMISSION) {
                Err(error) if error.is("InvalidDocument") => {
                    return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
                }
                other => other?,
            };
            shared.extend(page.account_ids.unwrap_or_default());
            match page.next_token.filter(|next| !next.is_empty()) {
                Some(next) if token.as_ref() == Some(&next) => {
                    return Err(Error::Answer {
                        action: DESCRIBE_PERMISSION,
                        field: "NextToken other than the last one".to_owned(),
                    });
                }
                Some(next) => token = Some(next),
                None => break,
            }
        }
        let mut failures = Failures::new();
        let everybody = shared.iter().any(|account| account.eq_ignore_ascii_case("all"));
        let mut missing = run.parameters.get(&CALENDAR_REQUIRED_ACCOUNTS);
        missing.retain(|one| !everybody && one != run.account_id && !shared.contains(one));
        if !missing.is_empty() {
            failures.because(&CHANGE_CALENDAR_SHARING, CHANGE_CALENDAR_SHARING.naming(&missing));
        }
        Ok(failures.into_verdict())
    }

    /// The associations that run a gated document without a calendar.
    async fn ungated(&self, run: &Run<'_>) -> Result<Vec<String>, Error> {
        let gated = run.parameters.get(&GATED_DOCUMENT_TYPES);
        let exempt = run.parameters.get(&EXEMPT_DOCUMENTS);
        let lacks = |field: &str| Error::Answer {
            action: LIST_ASSOCIATIONS,
            field: format!("Associations[].{field}"),
        };
        let mut types: BTreeMap<String, bool> = BTreeMap::new();
        let mut ungated = Vec::new();
        let mut pages = self.ssm.list_associations().into_paginator().items().send();
        while let Some(association) = pages.next().await {
            let association = association.call(LIST_ASSOCIATIONS)?;
            let document = association.name.ok_or_else(|| lacks("Name"))?;
            if exempt.contains(&document) {
                continue;
            }
            let is_gated = match types.get(&document) {
                Some(known) => *known,
                None => {
                    let kind = self.document_type(&document).await?;
                    let is_gated = kind.is_some_and(|kind| gated.contains(&kind));
                    types.insert(document.clone(), is_gated);
                    is_gated
                }
            };
            let id = association.association_id.ok_or_else(|| lacks("AssociationId"))?;
            if is_gated && !self.names_calendar(&id).await? {
                ungated.push(association.association_name.unwrap_or(document));
            }
        }
        Ok(ungated)
    }

    /// `None` when the document is gone: nothing runs it then.
    async fn document_type(&self, name: &str) -> Result<Option<String>, Error> {
        let answer = self.ssm.describe_document().name(name).send().await;
        let document = match answer.call(DESCRIBE_DOCUMENT) {
            Err(error) if error.is("InvalidDocument") => return Ok(None),
            other => other?.document,
        };
        let kind = document.and_then(|document| document.document_type);
        let kind = kind.ok_or_else(|| Error::Answer {
            action: DESCRIBE_DOCUMENT,
            field: "Document.DocumentType".to_owned(),
        })?;
        Ok(Some(kind.to_string()))
    }

    async fn names_calendar(&self, association: &str) -> Result<bool, Error> {
        let answer = self.ssm.describe_association().association_id(association).send().await;
        let description = match answer.call(DESCRIBE_ASSOCIATION) {
            // Deleted since it was listed.
            Err(error) if error.is("AssociationDoesNotExist") => return Ok(true),
            other => other?.association_description,
        };
        let description = description.ok_or_else(|| Error::Answer {
            action: DESCRIBE_ASSOCIATION,
            field: "AssociationDescription".to_owned(),
        })?;
        Ok(!description.calendar_names().is_empty())
    }
}

// Maintenance windows.
impl Services {
    async fn windows(&self, run: &Run<'_>) -> Result<Vec<Window>, Error> {
        let mut pages = self.ssm.describe_maintenance_windows().into_paginator().items().send();
        let mut enabled = Vec::new();
        while let Some(window) = pages.next().await {
            let window = window.call(DESCRIBE_WINDOWS)?;
            if window.enabled {
                enabled.push(window);
            }
        }
        let windows: Vec<Option<Window>> = stream::iter(enabled)
            .map(|window| self.window(window, run))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(windows.into_iter().flatten().collect())
    }

    /// `None` for a window that has nothing to do.
    async fn window(
        &self,
        window: MaintenanceWindowIdentity,
        run: &Run<'_>,
    ) -> Result<Option<Window>, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_WINDOWS,
            field: format!("WindowIdentities[].{field}"),
        };
        let id = window.window_id.ok_or_else(|| lacks("WindowId"))?;
        let tasks = self.ssm.describe_maintenance_window_tasks().window_id(&id);
        let mut tasks = tasks.into_paginator().items().send();
        if tasks.next().await.transpose().call(DESCRIBE_WINDOW_TASKS)?.is_none() {
            return Ok(None);
        }
        // Times come without seconds too.
        let next = window.next_execution_time.map(|text| text.parse::<Timestamp>());
        let next = next.transpose().map_err(|_| lacks("NextExecutionTime as a time"))?;
        let last = self.last_run(&id, run).await?;
        Ok(Some(Window { name: window.name.unwrap_or(id), last, next }))
    }

    /// The last run within the accepted time that came to an end: when it began, and whether it
    /// failed.
    async fn last_run(
        &self,
        window: &str,
        run: &Run<'_>,
    ) -> Result<Option<(Timestamp, bool)>, Error> {
        use MaintenanceWindowExecutionStatus as Status;
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_WINDOW_EXECUTIONS,
            field: format!("WindowExecutions[].{field}"),
        };
        let since = Timestamp::from_second((run.now - longest(run)).as_second())
            .map_err(|error| Error::Control(error.to_string()))?;
        let after = MaintenanceWindowFilter::builder();
        let after = after.key("ExecutedAfter").values(since.to_string()).build();
        let executions = self.ssm.describe_maintenance_window_executions().window_id(window);
        let mut executions = executions.filters(after).into_paginator().items().send();
        let mut last: Option<(Timestamp, bool)> = None;
        while let Some(execution) = executions.next().await {
            let execution = execution.call(DESCRIBE_WINDOW_EXECUTIONS)?;
            let failed = match execution.status.ok_or_else(|| lacks("Status"))? {
                Status::Success | Status::Cancelled => false,
                Status::Failed | Status::TimedOut => true,
                // Under way, or never begun.
                Status::Pending
                | Status::InProgress
                | Status::Cancelling
                | Status::SkippedOverlapping => continue,
                other => return Err(lacks(&format!("Status other than {other}"))),
            };
            let began = execution.start_time.as_ref().and_then(from_sdk);
            let began = began.ok_or_else(|| lacks("StartTime"))?;
            if last.is_none_or(|(latest, _)| began > latest) {
                last = Some((began, failed));
            }
        }
        Ok(last)
    }
}

// Stacks and AppConfig.
impl Services {
    async fn stack(&self, id: &str, run: &Run<'_>) -> Result<Verdict, Error> {
        let answer = self.cloudformation.describe_stacks().stack_name(id).send().await;
        let answer = answer.call(DESCRIBE_STACKS)?;
        let stack = answer.stacks().first().ok_or_else(|| Error::Answer {
            action: DESCRIBE_STACKS,
            field: "Stacks[]".to_owned(),
        })?;
        Stack::of_sdk(stack, run)?.verdict(run)
    }

    async fn stacks(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut pages = self.cloudformation.describe_stacks().into_paginator().items().send();
        let mut evaluated = Vec::new();
        while let Some(stack) = pages.next().await {
            let stack = stack.call(DESCRIBE_STACKS)?;
            let verdict = Stack::of_sdk(&stack, run)?.verdict(run)?;
            let id = stack.stack_id.ok_or_else(|| Error::Answer {
                action: DESCRIBE_STACKS,
                field: "Stacks[].StackId".to_owned(),
            })?;
            let kind = ResourceType::CLOUDFORMATION_STACK;
            let resource = Resource::of(kind, &id, run.account_id, run.region);
            let resource = Resource { arn: Some(id), ..resource };
            evaluated.push(Evaluated { resource, verdict, at: run.now });
        }
        Ok(evaluated)
    }

    /// Whether one of the monitored alarms exists.
    async fn environment(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let start = format!(":cloudwatch:{}:{}:alarm:", run.region, run.account_id);
        let name = |arn: &String| arn.split_once(&start).map(|(_, name)| name.to_owned());
        let names: Vec<String> = deployment::alarms(item)?.iter().filter_map(name).collect();
        for names in names.chunks(ALARM_PAGE) {
            let mut pages = self
                .cloudwatch
                .describe_alarms()
                .set_alarm_names(Some(names.to_vec()))
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.call(DESCRIBE_ALARMS)?;
                if !page.metric_alarms().is_empty() || !page.composite_alarms().is_empty() {
                    return Ok(Verdict::compliant());
                }
            }
        }
        Ok(deployment::without_alarm())
    }
}
