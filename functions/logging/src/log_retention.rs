//! `log-retention`: CloudWatch log groups keep logs for the required time, or hand them to S3
//! where long retention applies.
//!
//! AWS Config neither records log groups nor takes results on them, so that the account is judged,
//! once for each Region, and a failure names the first groups and their number. A group that never
//! expires keeps its logs for ever and passes, unless a parameter asks for a period.
//!
//! A group is archived when everything in it goes on: by a subscription without a filter pattern,
//! of its own or of the whole account, or by a recent export to S3. That what a subscription feeds
//! writes to S3 is presumed; a note says so.
//!
//! Criteria: 実16, 実46 2, 実72, 実101, 実101 3 ask for it. To fix a group, set its retention; to
//! archive it, subscribe a Firehose stream that delivers to S3.

mod archive;
mod requirements;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::{LogGroup as SdkLogGroup, LogGroupClass};
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    AccountCheck, Action, Check, Control, Criteria, Domain, Error, Limits, Message, OfAccount,
    Placement, Remedy, Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
    no_item_tells,
};

use archive::Archive;
use fisc_shared::policy::matches_any;
use requirements::*;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "log-retention",
    domain: Domain::Logging,
    severity: Severity::Medium,
    title: Text::new(
        "CloudWatch log groups keep logs for the required time, or hand them to S3",
        "CloudWatch Logs のロググループが必要な期間ログを保存し、または S3 へ保管している",
    ),
    why: Text::new(
        "Intrusions and frauds are often found months later. Logs that have expired by then \
         cannot be had again, and nobody can tell what was done.",
        "不正アクセスや不正取引は、数か月後に発覚することが少なくありません。それまでに失効したログは\
         取り戻せず、何が行われたのかを確かめられなくなります。",
    ),
    fix: Text::new(
        "In CloudWatch > Log groups > the group > Actions > Edit retention setting choose 400 \
         days, for example. For logs that must be kept in S3, create a Firehose subscription filter \
         with an empty pattern (Subscription filters; as an account policy for all groups), or \
         export the group regularly.",
        "CloudWatch の「ロググループ」>「アクション」>「保持設定を編集」で、たとえば 400 日を\
         選びます。S3 で保管すべきログには、パターンを空にした Firehose への\
         サブスクリプションフィルターを作成するか(全グループにはアカウントポリシー)、定期的に\
         エクスポートします。",
    ),
    remedy: Remedy::new(
        include_str!("log_retention/remedy.sh"),
        include_str!("log_retention/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    criteria: Criteria {
        explicit: &["実16", "実46 2", "実72", "実101", "実101 3"],
        implied: &["実10 8", "実19", "実37", "実43 1"],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(DESCRIBE_LOG_GROUPS),
        Action::on(archive::DESCRIBE_SUBSCRIPTION_FILTERS, fisc_shared::grant::LOG_GROUPS),
        Action::any(archive::DESCRIBE_ACCOUNT_POLICIES),
        Action::any(archive::DESCRIBE_EXPORT_TASKS),
    ],
    parameters: &[
        MIN_RETENTION_DAYS.spec,
        ALLOW_NEVER_EXPIRE.spec,
        MAX_RETENTION_DAYS.spec,
        LOG_GROUP_PATTERNS.spec,
        EXCLUDED_PATTERNS.spec,
        SECURITY_GROUP_PATTERNS.spec,
        ARCHIVE_PATTERNS.spec,
        IGNORE_EMPTY.spec,
        MAX_EXPORT_AGE_DAYS.spec,
    ],
    requirements: &[
        &RETENTION_TOO_SHORT,
        &RETENTION_UNDEFINED,
        &RETENTION_TOO_LONG,
        &NOT_ARCHIVED_TO_S3,
    ],
    remarks: &[&NO_LOG_GROUP, &ARCHIVE_PRESUMED],
    limits: Limits::SWEEP,
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const DESCRIBE_LOG_GROUPS: &str = "logs:DescribeLogGroups";

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LogGroup {
    name: String,
    /// Days; `None` for ever.
    retention: Option<i64>,
    /// It holds nothing.
    is_empty: bool,
    /// It only hands logs on, and keeps them for a day or two.
    is_delivery: bool,
}

impl LogGroup {
    fn read(group: SdkLogGroup) -> Result<Self, Error> {
        Ok(Self {
            name: group.log_group_name.ok_or_else(|| Error::Answer {
                action: DESCRIBE_LOG_GROUPS,
                field: "logGroups[].logGroupName".to_owned(),
            })?,
            // The API leaves it out for groups that never expire.
            retention: group.retention_in_days.map(i64::from),
            is_empty: group.stored_bytes == Some(0),
            is_delivery: group.log_group_class == Some(LogGroupClass::Delivery),
        })
    }

    fn is_in_scope(&self, run: &Run<'_>) -> bool {
        let matches =
            |patterns: &Param<Vec<String>>| matches_any(&run.parameters.get(patterns), &self.name);
        if self.is_delivery {
            return false;
        }
        matches(&SECURITY_GROUP_PATTERNS)
            || (matches(&LOG_GROUP_PATTERNS)
                && !matches(&EXCLUDED_PATTERNS)
                && !(self.is_empty && run.parameters.get(&IGNORE_EMPTY)))
    }

    fn is_to_be_archived(&self, run: &Run<'_>) -> bool {
        matches_any(&run.parameters.get(&ARCHIVE_PATTERNS), &self.name)
    }

    /// As a message names it.
    fn named(&self) -> String {
        let name = &self.name;
        self.retention.map_or_else(|| name.clone(), |days| format!("{name} ({days})"))
    }
}

/// Judges how long the groups keep their logs.
fn retention(groups: &[LogGroup], run: &Run<'_>, failures: &mut Failures) {
    let least = run.parameters.get(&MIN_RETENTION_DAYS);
    let most = run.parameters.get(&MAX_RETENTION_DAYS);
    let undefined_fails = !run.parameters.get(&ALLOW_NEVER_EXPIRE);
    let such = |fails: &dyn Fn(Option<i64>) -> bool| -> Vec<&LogGroup> {
        groups.iter().filter(|group| fails(group.retention)).collect()
    };
    fail(
        &RETENTION_TOO_SHORT,
        &such(&|days| days.is_some_and(|days| days < least)),
        |count, Message { en, ja }| {
            message!(
                "{count} log group(s) keep logs for less than {least} days: {en}",
                "保存期間が {least} 日未満のロググループが {count} 件あります: {ja}"
            )
        },
        failures,
    );
    fail(
        &RETENTION_UNDEFINED,
        &such(&|days| undefined_fails && days.is_none()),
        |count, Message { en, ja }| {
            message!(
                "{count} log group(s) have no retention: {en}",
                "保存期間が未設定のロググループが {count} 件あります: {ja}"
            )
        },
        failures,
    );
    fail(
        &RETENTION_TOO_LONG,
        &such(&|days| most > 0 && days.is_none_or(|days| days > most)),
        |count, Message { en, ja }| {
            message!(
                "{count} log group(s) keep logs for more than {most} days: {en}",
                "保存期間が {most} 日を超えるロググループが {count} 件あります: {ja}"
            )
        },
        failures,
    );
}

/// Fails for these groups, if there are any, with the first of them and their number.
fn fail(
    requirement: &Requirement,
    groups: &[&LogGroup],
    say: impl FnOnce(usize, Message) -> Message,
    failures: &mut Failures,
) {
    if groups.is_empty() {
        return;
    }
    let names: Vec<String> = groups.iter().map(|group| group.named()).collect();
    failures.because(requirement, say(groups.len(), Message::named(&names)));
}

fn connect(sdk: &SdkConfig) -> Arc<dyn fisc_shared::ServiceCheck> {
    let client = aws_sdk_cloudwatchlogs::Client::new(sdk);
    Arc::new(OfAccount(Logs { archive: Archive::new(client.clone()), client }))
}

struct Logs {
    client: aws_sdk_cloudwatchlogs::Client,
    archive: Archive,
}

#[async_trait]
impl AccountCheck for Logs {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut groups = self.groups().await?;
        groups.retain(|group| group.is_in_scope(run));
        if groups.is_empty() {
            return Ok(Verdict::not_applicable(&NO_LOG_GROUP));
        }
        let mut failures = Failures::new();
        retention(&groups, run, &mut failures);
        let mut notes = Vec::new();
        let archived: Vec<&LogGroup> =
            groups.iter().filter(|group| group.is_to_be_archived(run)).collect();
        if !archived.is_empty() {
            let found = self.archive.look(&archived, run).await?;
            fail(
                &NOT_ARCHIVED_TO_S3,
                &found.missing,
                |count, Message { en, ja }| {
                    message!(
                        "{count} log group(s) are not archived to S3: {en}",
                        "S3 へ保管されていないロググループが {count} 件あります: {ja}"
                    )
                },
                &mut failures,
            );
            if found.presumed {
                notes.push(ARCHIVE_PRESUMED.reason());
            }
        }
        Ok(failures.into_verdict_with(notes))
    }
}

impl Logs {
    /// The log groups of the account, without those of accounts that it monitors.
    async fn groups(&self) -> Result<Vec<LogGroup>, Error> {
        let mut pages = self.client.describe_log_groups().into_paginator().items().send();
        let mut groups = Vec::new();
        while let Some(group) = pages.next().await {
            groups.push(LogGroup::read(group.call(DESCRIBE_LOG_GROUPS)?)?);
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests;
