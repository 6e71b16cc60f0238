//! What the services of Cost Management tell.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_budgets::types::{Budget, BudgetType, Notification};
use aws_sdk_costexplorer::types::{CostAllocationTagStatus, DateInterval, Granularity};
use aws_types::SdkConfig;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::verdict::Failures;
use fisc_shared::{AccountCheck, Error, Run, Verdict};
use jiff::{SignedDuration, Timestamp};

use fisc_services::global::{global, in_north};

use super::reports::Needed;
use super::{
    BUDGET_ALERT_MISSING, COST_TAG_INACTIVE, COSTS_NOT_ASKED, HOURLY_COST_DATA_OFF,
    NOT_PAYER_ACCOUNT, PAYER_ACCOUNT_ID, REQUIRE_BUDGET_ALERT, REQUIRE_HOURLY,
    REQUIRE_RESOURCE_IDS, REQUIRED_COST_TAGS, USAGE_REPORT_MISSING,
};

pub(super) const GET_COST_AND_USAGE: &str = "ce:GetCostAndUsage";
pub(super) const LIST_TAGS: &str = "ce:ListCostAllocationTags";
pub(super) const DESCRIBE_REPORTS: &str = "cur:DescribeReportDefinitions";
pub(super) const LIST_EXPORTS: &str = "bcm-data-exports:ListExports";
pub(super) const GET_EXPORT: &str = "bcm-data-exports:GetExport";
/// All reading calls of AWS Budgets have this one action.
pub(super) const VIEW_BUDGET: &str = "budgets:ViewBudget";

/// Asks the services of Cost Management.
pub(super) struct Services {
    explorer: aws_sdk_costexplorer::Client,
    reports: aws_sdk_costandusagereport::Client,
    exports: aws_sdk_bcmdataexports::Client,
    budgets: aws_sdk_budgets::Client,
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        let global = global(sdk);
        Self {
            explorer: aws_sdk_costexplorer::Client::new(&global),
            reports: aws_sdk_costandusagereport::Client::new(&in_north(sdk)),
            exports: aws_sdk_bcmdataexports::Client::new(&global),
            budgets: aws_sdk_budgets::Client::new(&global),
        }
    }

    /// Whether Cost Explorer has data by the hour.
    async fn has_hours(&self, now: Timestamp) -> Result<bool, Error> {
        let hour = |ago: i64| {
            let time = now - SignedDuration::from_hours(ago);
            time.strftime("%Y-%m-%dT%H:00:00Z").to_string()
        };
        let days = DateInterval::builder().start(hour(48)).end(hour(0)).build();
        let days = days.map_err(|error| Error::Control(error.to_string()))?;
        let answer = self
            .explorer
            .get_cost_and_usage()
            .granularity(Granularity::Hourly)
            .time_period(days)
            .metrics("UnblendedCost")
            .send()
            .await;
        match answer.call(GET_COST_AND_USAGE) {
            Ok(answer) => Ok(answer.results_by_time().iter().any(|hour| {
                hour.total.as_ref().is_some_and(|total| !total.is_empty())
                    || !hour.groups().is_empty()
            })),
            Err(error) if is_without_hours(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn has_report(&self, needed: Needed) -> Result<bool, Error> {
        let mut pages = self.reports.describe_report_definitions().into_paginator().send();
        let mut found = false;
        while let Some(page) = pages.next().await {
            let reports = page.call(DESCRIBE_REPORTS)?.report_definitions.unwrap_or_default();
            found |= reports.iter().any(|report| needed.met_by_report(report));
        }
        Ok(found)
    }

    async fn has_export(&self, needed: Needed) -> Result<bool, Error> {
        let mut pages = self.exports.list_exports().into_paginator().items().send();
        while let Some(export) = pages.next().await {
            let arn = export.call(LIST_EXPORTS)?.export_arn;
            let answer = self.exports.get_export().export_arn(arn).send().await.call(GET_EXPORT)?;
            let export = answer
                .export
                .ok_or_else(|| Error::Answer { action: GET_EXPORT, field: "Export".to_owned() })?;
            if needed.met_by_export(&export, answer.export_status.as_ref()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn active_tags(&self) -> Result<BTreeSet<String>, Error> {
        let request = self.explorer.list_cost_allocation_tags();
        let mut pages =
            request.status(CostAllocationTagStatus::Active).into_paginator().items().send();
        let mut active = BTreeSet::new();
        while let Some(tag) = pages.next().await {
            active.insert(tag.call(LIST_TAGS)?.tag_key);
        }
        Ok(active)
    }

    /// Whether some current cost budget alerts somebody.
    async fn alerts(&self, account: &str, now: Timestamp) -> Result<bool, Error> {
        let request = self.budgets.describe_budgets().account_id(account);
        let mut pages = request.into_paginator().items().send();
        while let Some(budget) = pages.next().await {
            let budget = match budget.call(VIEW_BUDGET) {
                Err(error) if error.is("NotFoundException") => return Ok(false),
                budget => budget?,
            };
            if is_current(&budget, now) && self.is_heard(account, &budget.budget_name).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_heard(&self, account: &str, budget: &str) -> Result<bool, Error> {
        let request = self
            .budgets
            .describe_notifications_for_budget()
            .account_id(account)
            .budget_name(budget);
        let mut pages = request.into_paginator().items().send();
        while let Some(notification) = pages.next().await {
            let notification = match notification.call(VIEW_BUDGET) {
                Err(error) if error.is("NotFoundException") => return Ok(false),
                notification => notification?,
            };
            if self.has_subscriber(account, budget, notification).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn has_subscriber(
        &self,
        account: &str,
        budget: &str,
        notification: Notification,
    ) -> Result<bool, Error> {
        let mut pages = self
            .budgets
            .describe_subscribers_for_notification()
            .account_id(account)
            .budget_name(budget)
            .notification(notification)
            .into_paginator()
            .items()
            .send();
        match pages.next().await.map(|one| one.call(VIEW_BUDGET)).transpose() {
            Err(error) if error.is("NotFoundException") => Ok(false),
            subscriber => Ok(subscriber?.is_some()),
        }
    }
}

/// Whether Cost Explorer says that it has no data by the hour. It has two ways to.
fn is_without_hours(error: &ServiceError) -> bool {
    error.is("DataUnavailableException")
        || error.is("ValidationException") && error.message.to_lowercase().contains("hourly")
}

/// Whether a budget is about costs, and its time is not over.
fn is_current(budget: &Budget, now: Timestamp) -> bool {
    let end = budget.time_period.as_ref().and_then(|period| period.end.as_ref());
    budget.budget_type == BudgetType::Cost && end.and_then(from_sdk).is_none_or(|end| end > now)
}

#[async_trait]
impl AccountCheck for Services {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let Some(payer) = run.parameters.account_id(&PAYER_ACCOUNT_ID)? else {
            return Ok(Verdict::not_applicable(&COSTS_NOT_ASKED));
        };
        if payer != run.account_id {
            return Ok(Verdict::not_applicable(&NOT_PAYER_ACCOUNT));
        }
        let mut failures = Failures::new();
        let needed = Needed {
            hourly: run.parameters.get(&REQUIRE_HOURLY),
            resource_ids: run.parameters.get(&REQUIRE_RESOURCE_IDS),
        };
        if needed.hourly && !self.has_hours(run.now).await? {
            failures.add(&HOURLY_COST_DATA_OFF);
        }
        if !self.has_report(needed).await? && !self.has_export(needed).await? {
            failures.add(&USAGE_REPORT_MISSING);
        }
        let mut tags = run.parameters.get(&REQUIRED_COST_TAGS);
        if !tags.is_empty() {
            let active = self.active_tags().await?;
            tags.retain(|tag| !active.contains(tag));
        }
        if !tags.is_empty() {
            failures.because(&COST_TAG_INACTIVE, COST_TAG_INACTIVE.naming(&tags));
        }
        let alert = run.parameters.get(&REQUIRE_BUDGET_ALERT);
        if alert && !self.alerts(run.account_id, run.now).await? {
            failures.add(&BUDGET_ALERT_MISSING);
        }
        Ok(failures.into_verdict())
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_budgets::types::{TimePeriod, TimeUnit};
    use aws_smithy_types::DateTime;
    use fisc_shared::error::Failure;

    use super::*;

    #[test]
    fn a_budget_counts_while_it_lasts() {
        let budget = |kind: BudgetType, end: Option<i64>| {
            let period = TimePeriod::builder().set_end(end.map(DateTime::from_secs)).build();
            Budget::builder()
                .budget_name("all")
                .budget_type(kind)
                .time_unit(TimeUnit::Monthly)
                .time_period(period)
                .build()
                .unwrap()
        };
        let now = Timestamp::from_second(1_000).unwrap();
        assert!(is_current(&budget(BudgetType::Cost, None), now));
        assert!(is_current(&budget(BudgetType::Cost, Some(3_000)), now));
        assert!(!is_current(&budget(BudgetType::Cost, Some(999)), now));
        assert!(!is_current(&budget(BudgetType::Usage, None), now));
    }

    #[test]
    fn only_an_answer_on_hours_is_a_verdict() {
        let error = |code: &str, message: &str| ServiceError {
            action: GET_COST_AND_USAGE,
            failure: Failure::of_code(code),
            code: Some(code.to_owned()),
            message: message.to_owned(),
        };
        assert!(is_without_hours(&error("DataUnavailableException", "")));
        assert!(is_without_hours(&error("ValidationException", "Hourly data is not enabled")));
        assert!(!is_without_hours(&error("ValidationException", "Start date is wrong")));
        assert!(!is_without_hours(&error("AccessDeniedException", "hourly")));
    }
}
