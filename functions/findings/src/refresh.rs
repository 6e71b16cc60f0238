//! Keeps open findings alive: Security Hub deletes a finding 90 days after its last update, but
//! AWS Config only reports changes.

use std::collections::BTreeSet;

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::types::builders::AwsSecurityFindingFiltersBuilder;
use aws_sdk_securityhub::types::{
    AwsSecurityFinding, AwsSecurityFindingFilters, DateFilter, SortCriterion, SortOrder,
    StringFilter, StringFilterComparison,
};
use fisc_shared::asff::{Finding, PRODUCT, product_field};
use fisc_shared::error::{Call, ServiceError};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::time::Instant;

use crate::controls::Controls;
use crate::convert::from_sdk;
use crate::error::{Error, late};
use crate::import::import;
use crate::owner::Owner;

const ACTION: &str = "securityhub:GetFindings";

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How long a finding must have been left alone before it is refreshed.
const DUE_DAYS: i32 = 30;

/// How far behind the clock the new UpdatedAt stays: more than the 14 days that SQS keeps a
/// message. A change that waits in the queue, or in the dead-letter queue, still has a later
/// time than the refresh, so Security Hub takes it when it comes; with the time of the refresh
/// itself it would be ignored as outdated, and the refreshed, outdated state would stay.
const BEHIND_DAYS: i32 = 15;

/// How many findings one run refreshes, the oldest first; the next run takes the others. They
/// are held in memory, since importing while listing would move the pages.
const MAX_FINDINGS: usize = 10_000;

/// Before this there was no finding format.
const BEGINNING: &str = "2018-01-01T00:00:00.000Z";

/// What a refresh did.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefreshAnswer {
    /// Findings with a new UpdatedAt.
    pub refreshed: usize,
    /// Findings of controls that this release no longer has: they are left to expire.
    pub expiring: usize,
}

/// Refreshes what is open and has not been updated for a while.
///
/// # Errors
/// When findings cannot be listed, or some cannot be imported; the others are refreshed all the
/// same.
pub async fn refresh(
    client: &Client,
    controls: &Controls,
    owner: &Owner,
    now: Timestamp,
    until: Instant,
) -> Result<RefreshAnswer, Error> {
    let due = list(client, filters(owner, now), until, MAX_FINDINGS, Some).await;
    let due = due.map_err(Error::List)?;
    if due.len() == MAX_FINDINGS {
        tracing::warn!(limit = MAX_FINDINGS, "more findings may be due than one run refreshes");
    }
    let updated_at = format!("{:.3}", refreshed_at(now));
    let of = due.len();
    let mut expiring = 0;
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    let mut problems = Vec::new();
    for held in due {
        match from_sdk(&held) {
            Ok(finding) if !is_current(controls, &finding) => expiring += 1,
            Ok(finding) => {
                if seen.insert(finding.id.clone()) {
                    findings.push(Finding { updated_at: updated_at.clone(), ..finding });
                }
            }
            Err(attribute) => {
                let id = held.id().unwrap_or("a finding without Id").to_owned();
                problems.push((id, format!("{attribute} is missing or unknown")));
            }
        }
    }
    let report = import(client, &findings, until).await;
    tracing::info!(due = of, refreshed = report.imported, expiring, "refreshed open findings");
    if report.imported == 0
        && let Some(source) = report.error
    {
        return Err(Error::Import { count: findings.len(), source });
    }
    problems.extend(report.failed);
    let count = problems.len();
    match problems.into_iter().next() {
        Some((id, problem)) => Err(Error::Refresh { count, of, id, problem }),
        None => Ok(RefreshAnswer { refreshed: report.imported, expiring }),
    }
}

fn is_current(controls: &Controls, finding: &Finding) -> bool {
    finding.product_fields.get(product_field::CONTROL).is_some_and(|id| controls.knows(id))
}

/// Until when a finding must have been left alone to be refreshed.
pub(crate) fn due_before(now: Timestamp) -> Timestamp {
    now - DAY * DUE_DAYS
}

/// UpdatedAt of a finding that is refreshed now, in whole milliseconds as Security Hub holds it.
pub(crate) fn refreshed_at(now: Timestamp) -> Timestamp {
    let exact = now - DAY * BEHIND_DAYS;
    Timestamp::from_millisecond(exact.as_millisecond()).unwrap_or(exact)
}

/// What `read` makes of the findings that the filters let through, those that were left alone
/// longest first; at most so many.
pub(crate) async fn list<T>(
    client: &Client,
    filters: AwsSecurityFindingFilters,
    until: Instant,
    most: usize,
    read: impl Fn(AwsSecurityFinding) -> Option<T>,
) -> Result<Vec<T>, ServiceError> {
    let mut pages = client
        .get_findings()
        .filters(filters)
        .sort_criteria(
            SortCriterion::builder().field("UpdatedAt").sort_order(SortOrder::Ascending).build(),
        )
        .into_paginator()
        .page_size(100)
        .send();
    let mut found = Vec::new();
    while found.len() < most {
        let page = tokio::time::timeout_at(until, pages.next()).await.map_err(|_| late(ACTION))?;
        let Some(page) = page else { break };
        let page = page.call(ACTION)?;
        found.extend(page.findings.unwrap_or_default().into_iter().filter_map(&read));
    }
    found.truncate(most);
    Ok(found)
}

fn text(value: &str, comparison: StringFilterComparison) -> StringFilter {
    StringFilter::builder().value(value).comparison(comparison).build()
}

pub(crate) fn equals(value: &str) -> StringFilter {
    text(value, StringFilterComparison::Equals)
}

/// What is of this account, Region and its own product. An administrator's or aggregating Region's
/// answer would else hold findings of others.
pub(crate) fn own(owner: &Owner) -> AwsSecurityFindingFiltersBuilder {
    AwsSecurityFindingFilters::builder()
        .product_arn(equals(&owner.product_arn()))
        .aws_account_id(equals(&owner.account_id))
        .region(equals(&owner.region))
}

/// The open findings that have not been updated for a while.
fn filters(owner: &Owner, now: Timestamp) -> AwsSecurityFindingFilters {
    own(owner)
        .generator_id(text(&format!("{PRODUCT}/"), StringFilterComparison::Prefix))
        .record_state(equals("ACTIVE"))
        .updated_at(
            DateFilter::builder().start(BEGINNING).end(format!("{:.3}", due_before(now))).build(),
        )
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refreshed_finding_is_older_than_any_message_and_not_due_again_at_once() {
        const SQS_RETENTION_DAYS: i32 = 14;
        assert!((SQS_RETENTION_DAYS + 1..DUE_DAYS).contains(&BEHIND_DAYS));
    }

    #[test]
    fn only_the_own_open_and_old_findings_are_asked_for() {
        let owner =
            Owner { account_id: "111122223333".to_owned(), region: "ap-northeast-1".to_owned() };
        let filters = filters(&owner, "2026-11-01T00:00:00Z".parse().unwrap());
        let value = |filters: &[StringFilter]| filters[0].value.clone().unwrap();
        assert_eq!(value(filters.product_arn()), owner.product_arn());
        assert_eq!(value(filters.aws_account_id()), owner.account_id);
        assert_eq!(value(filters.region()), owner.region);
        assert_eq!(value(filters.generator_id()), "fisc-config-rules/");
        assert_eq!(filters.generator_id()[0].comparison, Some(StringFilterComparison::Prefix));
        assert_eq!(value(filters.record_state()), "ACTIVE");
        assert_eq!(filters.updated_at()[0].end(), Some("2026-10-02T00:00:00.000Z"));
    }
}
