//! What is decided from what the services told.

use fisc_shared::ec2::InstanceStatus;
use fisc_shared::verdict::Failures;
use fisc_shared::{Message, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::parameters::{LEAD_DAYS, MAX_PENDING_MAINTENANCE_DAYS};
use super::requirements::{
    EC2_MAINTENANCE_OPEN, HEALTH_EVENT_UNHANDLED, HEALTH_EVENTS_NOT_KEPT,
    HEALTH_NOTIFICATION_MISSING, ORGANIZATION_VIEW_OFF, RDS_MAINTENANCE_OVERDUE,
};
use super::routing::Routed;
use super::{
    BACKUP_REGION_ONLY, CENTRAL_RECEIVES, HEALTH_API_NEEDS_SUPPORT_PLAN, MAINTENANCE_WITHOUT_DATE,
    SENT_TO_OTHER_ACCOUNT,
};

/// Maintenance windows recur every week.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The answer of the AWS Health API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer<T> {
    /// It is not asked here.
    NotAsked,
    /// The account's support plan does not include the API.
    NoPlan,
    /// The answer.
    Told(T),
}

/// What was told of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// None when a central account receives the events.
    pub(super) routed: Option<Routed>,
    /// The near changes for which resources wait.
    pub(super) unhandled: Answer<Vec<String>>,
    /// Whether the organizational view is on.
    pub(super) view: Answer<bool>,
    /// Databases that AWS Config does not record, with overdue maintenance.
    pub(super) overdue: Vec<String>,
}

pub(super) fn decide(facts: &Facts) -> Verdict {
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    match &facts.routed {
        Some(routed) => {
            for (requirement, names) in [
                (&HEALTH_NOTIFICATION_MISSING, &routed.unheard),
                (&HEALTH_EVENTS_NOT_KEPT, &routed.unkept),
            ] {
                if !names.is_empty() {
                    failures.because(requirement, requirement.naming(names));
                }
            }
            if routed.elsewhere {
                notes.push(SENT_TO_OTHER_ACCOUNT.reason());
            }
            if routed.backup_only {
                notes.push(BACKUP_REGION_ONLY.reason());
            }
        }
        None => notes.push(CENTRAL_RECEIVES.reason()),
    }
    if let Answer::Told(events) = &facts.unhandled
        && !events.is_empty()
    {
        failures.because(&HEALTH_EVENT_UNHANDLED, HEALTH_EVENT_UNHANDLED.naming(events));
    }
    if facts.view == Answer::Told(false) {
        failures.add(&ORGANIZATION_VIEW_OFF);
    }
    if facts.unhandled == Answer::NoPlan || facts.view == Answer::NoPlan {
        notes.push(HEALTH_API_NEEDS_SUPPORT_PLAN.reason());
    }
    if !facts.overdue.is_empty() {
        let message = RDS_MAINTENANCE_OVERDUE.naming(&facts.overdue);
        failures.because(&RDS_MAINTENANCE_OVERDUE, message);
    }
    failures.into_verdict_with(notes)
}

/// Before when something must have been dealt with now.
pub(super) fn horizon(run: &Run<'_>) -> Timestamp {
    run.now + SignedDuration::from_hours(run.parameters.get(&LEAD_DAYS) * 24)
}

/// The verdict on an instance; `None` for one that is no more.
pub(super) fn instance(status: &InstanceStatus, run: &Run<'_>) -> Option<Verdict> {
    if matches!(status.state.as_str(), "terminated" | "shutting-down") {
        return None;
    }
    let near = |limit: Timestamp| {
        let open = status.events.iter().filter(move |one| !one.over && one.not_before <= limit);
        open.min_by_key(|event| event.not_before)
    };
    let mut failures = Failures::new();
    if let Some(event) = near(horizon(run)) {
        let (code, begins) = (&event.code, event.not_before);
        failures.because(
            &EC2_MAINTENANCE_OPEN,
            message!("{code} is planned for {begins}", "{code} が {begins} に予定されています"),
        );
    }
    Some(failures.into_verdict())
}

/// A maintenance action that waits for an RDS resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) action: String,
    /// The first window after this time applies it.
    pub(super) automatic: Option<Timestamp>,
    pub(super) forced: Option<Timestamp>,
    /// When it is applied as things are.
    pub(super) current: Option<Timestamp>,
}

impl Pending {
    pub(super) fn is_overdue(&self, run: &Run<'_>) -> bool {
        let days = run.parameters.get(&MAX_PENDING_MAINTENANCE_DAYS);
        let past = |date: Option<Timestamp>, limit: SignedDuration| {
            date.is_some_and(|date| run.now.duration_since(date) > limit)
        };
        past(self.current, WEEK)
            || past(self.forced, WEEK)
            || past(self.automatic, SignedDuration::from_hours(days * 24))
    }

    const fn has_date(&self) -> bool {
        self.automatic.is_some() || self.forced.is_some() || self.current.is_some()
    }
}

/// The verdict on a database or a cluster.
pub(super) fn database(pending: &[Pending], run: &Run<'_>) -> Verdict {
    let overdue = pending.iter().filter(|one| one.is_overdue(run));
    let overdue: Vec<&str> = overdue.map(|one| one.action.as_str()).collect();
    let mut failures = Failures::new();
    if !overdue.is_empty() {
        failures.because(&RDS_MAINTENANCE_OVERDUE, RDS_MAINTENANCE_OVERDUE.naming(&overdue));
    }
    let open: Vec<&str> =
        pending.iter().filter(|one| !one.has_date()).map(|one| one.action.as_str()).collect();
    let notes = if open.is_empty() {
        Vec::new()
    } else {
        let Message { en, ja } = Message::named(&open);
        let (text_en, text_ja) =
            (MAINTENANCE_WITHOUT_DATE.text.en, MAINTENANCE_WITHOUT_DATE.text.ja);
        vec![MAINTENANCE_WITHOUT_DATE.because(message!("{text_en}: {en}", "{text_ja}: {ja}"))]
    };
    failures.into_verdict_with(notes)
}
