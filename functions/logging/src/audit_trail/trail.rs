//! A trail of the account.

use fisc_shared::verdict::{Failures, Reason};
use fisc_shared::{Requirement, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::account::Seen;
use super::{
    CLOUDWATCH_DELIVERY_UNHEALTHY, CLOUDWATCH_LOGS_NOT_INTEGRATED, DELIVERY_UNHEALTHY, FEW_EVENTS,
    INSIGHTS_DISABLED, KEY_OF_OTHER_ACCOUNT, LOGGING_JUST_STARTED, MAX_DELIVERY_AGE_HOURS,
    OTHER_OWNER, REQUIRE_CLOUDWATCH_LOGS, REQUIRE_CUSTOMER_MANAGED_KEY, TRAIL_KEY_UNUSABLE,
    TRAIL_NOT_KMS_ENCRYPTED, TRAIL_NOT_LOGGING,
};
use crate::recorders::Selection;
use crate::selectors::Events;
use crate::trails::Trail;

/// Files come some five minutes after the events, at times later.
const FIRST_DELIVERY_DUE: SignedDuration = SignedDuration::from_hours(1);

/// The Insights events that together are demanded.
const INSIGHTS: [&str; 2] = ["ApiCallRateInsight", "ApiErrorRateInsight"];

/// The key of a trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// There is none.
    None,
    /// It belongs to another account.
    Foreign,
    /// The trail names a key that does not exist.
    Gone,
    /// What KMS says of it.
    Known { by_aws: bool, state: String },
}

/// What of a trail is asked besides its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) key: Key,
    /// The kinds of Insights events that it records, if that is demanded.
    pub(super) insights: Option<Vec<String>>,
}

/// Why a trail that is at home in the Region is not judged.
pub(super) fn by_owner(trail: &Trail, run: &Run<'_>) -> Option<Verdict> {
    let owner = trail.arn.account_id();
    (owner != run.account_id).then(|| {
        Verdict::NotApplicable(OTHER_OWNER.because(message!(
            "An organization trail of account {owner}, where it is judged",
            "アカウント {owner} が所有する組織の証跡です(所有アカウントで評価)"
        )))
    })
}

pub(super) fn judge(seen: &Seen, details: &Details, run: &Run<'_>) -> Verdict {
    let Seen { trail, status, .. } = seen;
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    if !status.is_logging {
        failures.add(&TRAIL_NOT_LOGGING);
    }
    let age = judge_age(seen, run, &mut notes);
    delivery(
        &DELIVERY_UNHEALTHY,
        status.delivery_error.as_deref(),
        &mut failures,
        || age.then_some(status.delivered),
        run,
    );
    key(&details.key, run, &mut failures, &mut notes);
    if trail.log_group.is_some() {
        let error = status.logs_error.as_deref();
        delivery(
            &CLOUDWATCH_DELIVERY_UNHEALTHY,
            error,
            &mut failures,
            || age.then_some(status.logs_delivered),
            run,
        );
    } else if run.parameters.get(&REQUIRE_CLOUDWATCH_LOGS) {
        failures.add(&CLOUDWATCH_LOGS_NOT_INTEGRATED);
    }
    if let Some(insights) = &details.insights {
        let missing: Vec<&str> =
            INSIGHTS.into_iter().filter(|kind| !insights.iter().any(|one| one == kind)).collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            failures.because(
                &INSIGHTS_DISABLED,
                message!(
                    "Insights events are not recorded: {missing}",
                    "記録されていない Insights イベント: {missing}"
                ),
            );
        }
    }
    failures.into_verdict_with(notes)
}

/// Whether the age of the latest delivery says something: the trail logs, not since a moment ago,
/// and what it selects happens every day.
fn judge_age(seen: &Seen, run: &Run<'_>, notes: &mut Vec<Reason>) -> bool {
    let status = &seen.status;
    if !status.is_logging {
        return false;
    }
    let started = status.started.map(|started| run.now.duration_since(started));
    if started.is_some_and(|since| since < FIRST_DELIVERY_DUE) {
        notes.push(LOGGING_JUST_STARTED.reason());
        return false;
    }
    // The run of this very control, and its report to Config, are a read and a write.
    if !records_management(seen) {
        notes.push(FEW_EVENTS.reason());
        return false;
    }
    true
}

/// Whether all management events that read, or all that write, are recorded, but for the sources
/// that CloudTrail lets everybody leave out.
pub(super) fn records_management(seen: &Seen) -> bool {
    let events =
        Events::management().but_of_sources(["kms.amazonaws.com", "rdsdata.amazonaws.com"]);
    match seen.recorder.as_ref().map(|recorder| &recorder.selection) {
        Some(Selection::Known(selectors)) => {
            [true, false].iter().any(|&reading| selectors.record(&events.clone().reading(reading)))
        }
        _ => false,
    }
}

/// One way of delivery. `latest` is `None` where its age says nothing.
fn delivery(
    requirement: &Requirement,
    error: Option<&str>,
    failures: &mut Failures,
    latest: impl FnOnce() -> Option<Option<Timestamp>>,
    run: &Run<'_>,
) {
    let limit = run.parameters.get(&MAX_DELIVERY_AGE_HOURS);
    let found = match (error, latest()) {
        (Some(error), _) => message!("Delivery fails: {error}", "配信エラー: {error}"),
        (None, Some(None)) => {
            message!("Nothing was ever delivered", "一度も配信されていません")
        }
        (None, Some(Some(time))) => {
            // In whole hours: a Region may be so quiet that the daily run is all that happens.
            let hours = run.now.duration_since(time).as_hours();
            if hours <= limit {
                return;
            }
            message!(
                "The latest delivery was {hours} hours ago",
                "最新の配信から {hours} 時間が経過しています"
            )
        }
        (None, None) => return,
    };
    failures.because(requirement, found);
}

fn key(key: &Key, run: &Run<'_>, failures: &mut Failures, notes: &mut Vec<Reason>) {
    match key {
        Key::None => failures.add(&TRAIL_NOT_KMS_ENCRYPTED),
        Key::Foreign => notes.push(KEY_OF_OTHER_ACCOUNT.reason()),
        Key::Gone => failures.because(
            &TRAIL_KEY_UNUSABLE,
            message!("The KMS key does not exist", "KMS キーが存在しません"),
        ),
        Key::Known { state, .. } if !matches!(state.as_str(), "Enabled" | "Updating") => failures
            .because(
                &TRAIL_KEY_UNUSABLE,
                message!("The KMS key is {state}", "KMS キーの状態が {state} です"),
            ),
        Key::Known { by_aws: true, .. } if run.parameters.get(&REQUIRE_CUSTOMER_MANAGED_KEY) => {
            failures.because(
                &TRAIL_KEY_UNUSABLE,
                message!(
                    "The KMS key is managed by AWS, not by the customer",
                    "KMS キーがカスタマー管理ではなく AWS マネージドキーです"
                ),
            );
        }
        Key::Known { .. } => {}
    }
}
