//! Catches up on results that Security Hub does not show.
//!
//! An event of AWS Config may be lost on its way to the queue, and Config sends one when a
//! resource's compliance changes, not when its reasons do. So once a day what Config holds is
//! compared with what Security Hub shows. Where they differ, the finding is imported that the event
//! of the same evaluation would have given; so one that comes late after all changes nothing.
//!
//! Compared are `Compliance.Status`, `RecordState` and `Description`, which carries the reasons:
//! nobody but the importer sets them. Left alone are
//!
//! - a finding of the same evaluation or a newer one than Config tells,
//! - a finding without a result in Config: it may have been deleted to be judged anew, and a
//!   resource that is gone has the result `NOT_APPLICABLE`, which archives its finding,
//! - an archived finding that is missing: Security Hub itself deletes those after 30 days.
//!
//! Calls of a run, which AWS does not charge for: `GetComplianceDetailsByConfigRule` for each
//! control and each further 100 results of it; `GetFindings` for each [`GROUP`] controls with
//! results and each further 100 findings of them; `BatchImportFindings` for each started 100
//! differences of a group. With 81 controls and 2,000 results that are evenly spread: 81, 20 to 25,
//! and none on most days. Security Hub answers three `GetFindings` a second in the long run, which
//! makes 30,000 findings the most that a run of two minutes can compare. What a run has no time for
//! is told by its error, and the groups take turns at being the first.

use std::collections::BTreeMap;

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::types::{AwsSecurityFinding, AwsSecurityFindingFilters};
use fisc_shared::Language;
use fisc_shared::asff::{Facts, Finding, RecordState, product_field};
use fisc_shared::config_service::actions::GET_COMPLIANCE_DETAILS;
use fisc_shared::config_service::{ConfigService, Reported};
use fisc_shared::error::{Failure, ServiceError};
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::controls::Controls;
use crate::error::{Advice, Error, is_hopeless, late};
use crate::import::{Report, import};
use crate::message::Change;
use crate::owner::Owner;
use crate::refresh::{due_before, equals, list, own, refreshed_at};

/// How many controls are compared at a time: Security Hub takes this many values of an attribute.
pub const GROUP: usize = 20;

/// Rules of which AWS Config is asked at the same time.
const CONCURRENCY: usize = 4;

/// The least by which UpdatedAt can grow.
const STEP: SignedDuration = SignedDuration::from_millis(1);

/// The two sides that are compared, and what a comparison goes by.
#[derive(Debug, Clone, Copy)]
pub struct CatchUp<'a> {
    /// Security Hub.
    pub client: &'a Client,
    /// AWS Config.
    pub config: &'a ConfigService,
    /// The controls whose rules are asked for.
    pub controls: &'a Controls,
    /// The language of findings.
    pub language: Language,
    /// The account and Region.
    pub owner: &'a Owner,
    /// The time of the run.
    pub now: Timestamp,
    /// When the run must end.
    pub until: Instant,
}

/// What Security Hub shows of a result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Shown {
    status: String,
    state: String,
    description: String,
    /// When the result was recorded.
    evaluated: Option<Timestamp>,
    updated: Option<Timestamp>,
}

/// What a run came to.
#[derive(Debug, Default)]
struct Tally {
    results: usize,
    without_result: usize,
    findings: usize,
    imported: usize,
    failed: usize,
    unread: usize,
    /// The first problem: with what, and the failed call if it was one.
    first: Option<(String, Option<ServiceError>)>,
    /// Why no further group is tried.
    stop: Option<ServiceError>,
}

impl CatchUp<'_> {
    /// Imports what Security Hub does not show as Config holds it; gives how many findings that
    /// were.
    ///
    /// # Errors
    /// [`Error::CatchUp`] when a rule could not be compared, or a finding not be imported; the
    /// others are brought up to date all the same.
    pub async fn run(&self) -> Result<usize, Error> {
        let controls: Vec<&Facts> = self.controls.all().collect();
        let mut tally = Tally::default();
        for group in turns(&controls, self.now) {
            let over = Instant::now() >= self.until;
            let over = over.then(|| late(GET_COMPLIANCE_DETAILS));
            match tally.stop.clone().or(over) {
                Some(reason) => tally.leave_out(&self.rules(group.iter().copied()), &reason),
                None => self.compare(group, &mut tally).await,
            }
        }
        tally.finish(controls.len())
    }

    fn rules<'f>(&self, controls: impl Iterator<Item = &'f Facts>) -> Vec<String> {
        controls.map(|facts| self.controls.rule_name(facts)).collect()
    }

    async fn compare(&self, group: &[&Facts], tally: &mut Tally) {
        let answers: Vec<_> = stream::iter(group.iter().copied())
            .map(|facts| async move { (facts, self.results(facts).await) })
            .buffered(CONCURRENCY)
            .collect()
            .await;
        let mut held = Vec::new();
        for (facts, results) in answers {
            match results {
                Ok(results) if results.is_empty() => {}
                Ok(results) => held.push((facts, results)),
                Err(error) => {
                    tally.leave_out(&[self.controls.rule_name(facts)], &error);
                    // Another rule may be readable all the same.
                    if error.failure == Failure::Throttled {
                        tally.stop = Some(error);
                    }
                }
            }
        }
        if held.is_empty() {
            return;
        }
        // Config was read first: should a result come meanwhile, Security Hub shows a newer
        // evaluation, which is left alone.
        let filters = self.filters(held.iter().map(|(facts, _)| *facts));
        let mut shown = match list(self.client, filters, self.until, usize::MAX, read).await {
            Ok(shown) => shown.into_iter().collect::<BTreeMap<_, _>>(),
            Err(error) => {
                tally.leave_out(&self.rules(held.iter().map(|(facts, _)| *facts)), &error);
                tally.stop = tally.stop.take().or(Some(error).filter(is_hopeless));
                return;
            }
        };
        let mut findings = Vec::new();
        for (facts, results) in &held {
            tally.results += results.len();
            for result in results {
                let Some(finding) = result.finding(facts, self.language) else { continue };
                let held = shown.remove(&finding.id);
                findings.extend(missing(finding, result.recorded, held.as_ref(), self.now));
            }
        }
        let open = |shown: &&Shown| shown.state == RecordState::Active.as_str();
        tally.without_result += shown.values().filter(open).count();
        let report = import(self.client, &findings, self.until).await;
        tally.take(findings.len(), report);
    }

    /// What Config holds of a control; nothing where its rule is not deployed.
    async fn results(&self, facts: &Facts) -> Result<Vec<Change>, ServiceError> {
        let rule_name = self.controls.rule_name(facts);
        let reported = tokio::time::timeout_at(self.until, self.config.reported(&rule_name)).await;
        let reported = reported.map_err(|_| late(GET_COMPLIANCE_DETAILS))??;
        let reported = reported.unwrap_or_default().into_iter();
        reported.map(|one| self.result(&rule_name, one)).collect()
    }

    fn result(&self, rule_name: &str, reported: Reported) -> Result<Change, ServiceError> {
        let Some(recorded) = reported.recorded else {
            return Err(ServiceError {
                action: GET_COMPLIANCE_DETAILS,
                failure: Failure::Malformed,
                code: None,
                message: format!("the result of {} has no time", reported.resource_id),
            });
        };
        Ok(Change {
            rule_name: rule_name.to_owned(),
            account_id: self.owner.account_id.clone(),
            region: self.owner.region.clone(),
            resource_type: reported.resource_type,
            resource_id: reported.resource_id,
            compliance: reported.compliance,
            annotation: reported.annotation,
            recorded,
        })
    }

    /// All findings of these controls, archived ones too.
    fn filters<'f>(&self, controls: impl Iterator<Item = &'f Facts>) -> AwsSecurityFindingFilters {
        let generators = controls.map(|facts| equals(&facts.generator_id())).collect();
        own(self.owner).set_generator_id(Some(generators)).build()
    }
}

/// The finding of a result that was recorded then, if Security Hub does not show it so.
fn missing(
    wanted: Finding,
    recorded: Timestamp,
    held: Option<&Shown>,
    now: Timestamp,
) -> Option<Finding> {
    let done = match held {
        None => wanted.record_state == RecordState::Archived,
        Some(held) => held.evaluated.is_some_and(|time| time >= recorded) || held.shows(&wanted),
    };
    let updated = updated_at(recorded, held.and_then(|held| held.updated), now);
    (!done).then(|| Finding { updated_at: format!("{updated:.3}"), ..wanted })
}

/// UpdatedAt of a finding that is caught up on: the time of its evaluation, as from an event, and
/// what a refresh makes of that when it is due. It is more only where a refresh gave the outdated
/// finding a later time: what is not newer, Security Hub ignores.
fn updated_at(recorded: Timestamp, held: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let own = if recorded <= due_before(now) { refreshed_at(now) } else { recorded };
    let next = held.and_then(|held| held.checked_add(STEP).ok());
    next.map_or(own, |next| next.max(own))
}

/// The controls in groups, of which another one is the first each day.
fn turns<'c, 'f>(controls: &'c [&'f Facts], now: Timestamp) -> Vec<&'c [&'f Facts]> {
    const DAY_SECONDS: i64 = 86_400;
    let mut groups: Vec<_> = controls.chunks(GROUP).collect();
    let day = usize::try_from(now.as_second() / DAY_SECONDS).unwrap_or_default();
    let first = day.checked_rem(groups.len()).unwrap_or_default();
    groups.rotate_left(first);
    groups
}

fn read(held: AwsSecurityFinding) -> Option<(String, Shown)> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let time = |text: &str| text.parse().ok();
    let updated = held.updated_at().and_then(time);
    let recorded = held.product_fields().and_then(|fields| fields.get(product_field::RECORDED));
    let status = held.compliance().and_then(|compliance| compliance.status());
    let shown = Shown {
        status: text(status.map(|status| status.as_str())),
        state: text(held.record_state().map(|state| state.as_str())),
        description: text(held.description()),
        evaluated: recorded.and_then(|recorded| time(recorded)).or(updated),
        updated,
    };
    held.id.map(|id| (id, shown))
}

impl Shown {
    fn shows(&self, wanted: &Finding) -> bool {
        self.status == wanted.compliance.status.as_str()
            && self.state == wanted.record_state.as_str()
            && self.description == wanted.description
    }
}

impl Tally {
    /// These rules were not compared.
    fn leave_out(&mut self, rules: &[String], error: &ServiceError) {
        tracing::error!(
            ?rules,
            %error,
            "not compared with Security Hub{}",
            Advice(error)
        );
        self.unread += rules.len();
        let rule = rules.first().map_or("", String::as_str);
        let problem = || (format!("{rule}: {error}{}", Advice(error)), Some(error.clone()));
        self.first.get_or_insert_with(problem);
    }

    /// What became of the differences of a group. The importer has logged the failures.
    fn take(&mut self, findings: usize, report: Report) {
        self.findings += findings;
        self.imported += report.imported;
        self.failed += report.failed.len();
        if let Some((id, problem)) = report.failed.into_iter().next() {
            let source = report.error.clone();
            self.first.get_or_insert_with(|| (format!("{id}: {problem}"), source));
        }
        self.stop = self.stop.take().or(report.error.filter(is_hopeless));
    }

    fn finish(self, rules: usize) -> Result<usize, Error> {
        let Self { results, without_result, findings, imported, failed, unread, first, .. } = self;
        tracing::info!(results, without_result, caught_up = imported, "compared with AWS Config");
        match first {
            None => Ok(imported),
            Some((first, source)) => {
                let source = source.map(Box::new);
                Err(Error::CatchUp { rules, unread, findings, failed, first, source })
            }
        }
    }
}

#[cfg(test)]
mod tests;
