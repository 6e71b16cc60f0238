//! Whether log groups are handed on to where they are kept.

use std::collections::BTreeSet;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{ExportTaskStatusCode, PolicyType, SubscriptionFilter};
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use fisc_shared::{Error, Run};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{LogGroup, MAX_EXPORT_AGE_DAYS};

pub(super) const DESCRIBE_SUBSCRIPTION_FILTERS: &str = "logs:DescribeSubscriptionFilters";
pub(super) const DESCRIBE_ACCOUNT_POLICIES: &str = "logs:DescribeAccountPolicies";
pub(super) const DESCRIBE_EXPORT_TASKS: &str = "logs:DescribeExportTasks";

/// What a subscription feeds that can write to S3: `logs` is a destination of another account,
/// with Kinesis or Firehose behind it.
const FED: [&str; 4] = ["firehose", "kinesis", "lambda", "logs"];

/// What was found of the groups that must be archived.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    /// Nothing archives them.
    pub(super) missing: Vec<&'a LogGroup>,
    /// Some are archived by a subscription, of which only the first step is seen.
    pub(super) presumed: bool,
}

/// A subscription of the whole account.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AccountSubscription {
    archives: bool,
    /// The groups that it leaves out.
    except: BTreeSet<String>,
}

impl AccountSubscription {
    /// Reads a policy: what it does, and to which groups.
    pub(super) fn read(document: &str, criteria: Option<&str>) -> Result<Self, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_ACCOUNT_POLICIES,
            field: format!("accountPolicies[].{field}"),
        };
        let document: Value =
            serde_json::from_str(document).map_err(|_| lacks("policyDocument as JSON"))?;
        let text = |key: &str| document.get(key).and_then(Value::as_str);
        let destination = text("DestinationArn").ok_or_else(|| lacks("DestinationArn"))?;
        let archives = archives(destination, text("FilterPattern"));
        let criteria = criteria.map(str::trim).filter(|criteria| !criteria.is_empty());
        let except = match criteria {
            None => BTreeSet::new(),
            // The one form that there is: LogGroupName NOT IN ["a", "b"].
            Some(criteria) => criteria
                .strip_prefix("LogGroupName NOT IN")
                .and_then(|list| serde_json::from_str(list).ok())
                .ok_or_else(|| lacks("selectionCriteria in a known form"))?,
        };
        Ok(Self { archives, except })
    }

    fn covers(&self, group: &str) -> bool {
        self.archives && !self.except.contains(group)
    }
}

/// Whether a subscription hands on all that is logged, to something that can keep it.
fn archives(destination: &str, pattern: Option<&str>) -> bool {
    let everything = pattern.is_none_or(|pattern| pattern.trim().is_empty());
    everything && destination.split(':').nth(2).is_some_and(|service| FED.contains(&service))
}

/// Whether a filter of one group does.
pub(super) fn filter_archives(filter: &SubscriptionFilter) -> bool {
    let every_source = filter.field_selection_criteria().is_none_or(|one| one.trim().is_empty());
    every_source
        && filter.destination_arn().is_some_and(|arn| archives(arn, filter.filter_pattern()))
}

/// Asks CloudWatch Logs.
pub(super) struct Archive {
    client: Client,
}

impl Archive {
    pub(super) const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Looks for what archives these groups: policies of the account, then subscriptions of the
    /// groups that are left, then exports.
    pub(super) async fn look<'a>(
        &self,
        groups: &[&'a LogGroup],
        run: &Run<'_>,
    ) -> Result<Found<'a>, Error> {
        let policies = self.account_subscriptions().await?;
        let covered = |group: &LogGroup| policies.iter().any(|policy| policy.covers(&group.name));
        let (by_policy, left): (Vec<&LogGroup>, Vec<&'a LogGroup>) =
            groups.iter().partition(|group| covered(group));
        let mut presumed = !by_policy.is_empty();
        let names: Vec<String> = left.iter().map(|group| group.name.clone()).collect();
        let subscribed: Vec<bool> = stream::iter(names)
            .map(|name| async move { self.subscribed(&name).await })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        presumed |= subscribed.contains(&true);
        let mut missing: Vec<&'a LogGroup> = left
            .into_iter()
            .zip(subscribed)
            .filter_map(|(group, subscribed)| (!subscribed).then_some(group))
            .collect();
        if !missing.is_empty() {
            let exported = self.exported(run).await?;
            missing.retain(|group| !exported.contains(&group.name));
        }
        Ok(Found { missing, presumed })
    }

    async fn subscribed(&self, group: &str) -> Result<bool, Error> {
        let request = self.client.describe_subscription_filters().log_group_name(group);
        let mut filters = request.into_paginator().items().send();
        while let Some(filter) = filters.next().await {
            if filter_archives(&filter.call(DESCRIBE_SUBSCRIPTION_FILTERS)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The SDK has no paginator for it.
    async fn account_subscriptions(&self) -> Result<Vec<AccountSubscription>, Error> {
        let mut subscriptions = Vec::new();
        let mut token = None;
        loop {
            let request = self
                .client
                .describe_account_policies()
                .policy_type(PolicyType::SubscriptionFilterPolicy)
                .set_next_token(token);
            let page = request.send().await.call(DESCRIBE_ACCOUNT_POLICIES)?;
            for policy in page.account_policies.unwrap_or_default() {
                let document = policy.policy_document().ok_or_else(|| Error::Answer {
                    action: DESCRIBE_ACCOUNT_POLICIES,
                    field: "accountPolicies[].policyDocument".to_owned(),
                })?;
                let criteria = policy.selection_criteria();
                subscriptions.push(AccountSubscription::read(document, criteria)?);
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(subscriptions);
            }
        }
    }

    /// The groups of which an export was completed lately. The SDK has no paginator for it.
    async fn exported(&self, run: &Run<'_>) -> Result<BTreeSet<String>, Error> {
        let age = SignedDuration::from_hours(24 * run.parameters.get(&MAX_EXPORT_AGE_DAYS));
        let mut exported = BTreeSet::new();
        let mut token = None;
        loop {
            let request = self
                .client
                .describe_export_tasks()
                .status_code(ExportTaskStatusCode::Completed)
                .set_next_token(token);
            let page = request.send().await.call(DESCRIBE_EXPORT_TASKS)?;
            for task in page.export_tasks.unwrap_or_default() {
                let completed = task.execution_info.and_then(|info| info.completion_time);
                let completed = completed.and_then(|time| Timestamp::from_millisecond(time).ok());
                if completed.is_some_and(|time| run.now.duration_since(time) <= age) {
                    exported.extend(task.log_group_name);
                }
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(exported);
            }
        }
    }
}
