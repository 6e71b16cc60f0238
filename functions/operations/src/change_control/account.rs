//! The account as a whole: calendars, what they gate, and maintenance windows.

use fisc_shared::verdict::Failures;
use fisc_shared::{Message, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::parameters::MAX_DAYS_SINCE_WINDOW_RUN;
use super::requirements::{
    AUTOMATION_NOT_GATED, CHANGE_CALENDAR_MISSING, MAINTENANCE_WINDOW_MISSING,
};

/// What Systems Manager told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) calendars: Calendars,
    /// The associations that run a gated document without a calendar.
    pub(super) ungated: Vec<String>,
    /// The enabled maintenance windows that have a task.
    pub(super) windows: Vec<Window>,
}

/// Which calendars can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Calendars {
    /// All that must be, or any one.
    Readable,
    /// None at all.
    None,
    /// These must be and cannot.
    Unreadable(Vec<String>),
}

/// A maintenance window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) name: String,
    /// The last run that came to an end: when it began, and whether it failed.
    pub(super) last: Option<(Timestamp, bool)>,
    pub(super) next: Option<Timestamp>,
}

impl Window {
    /// Whether it ran not too long ago. Systems Manager forgets runs: a window without known ones
    /// is new or rarely runs, which its next run tells.
    fn is_alive(&self, run: &Run<'_>) -> bool {
        let limit = longest(run);
        match (self.last, self.next) {
            (Some((began, _)), _) => run.now.duration_since(began) <= limit,
            (None, Some(next)) => next.duration_since(run.now) <= limit,
            (None, None) => false,
        }
    }
}

/// The time within which a window must have run.
pub(super) fn longest(run: &Run<'_>) -> SignedDuration {
    SignedDuration::from_hours(run.parameters.get(&MAX_DAYS_SINCE_WINDOW_RUN) * 24)
}

pub(super) fn decide(facts: &Facts, run: &Run<'_>) -> Verdict {
    let mut failures = Failures::new();
    match &facts.calendars {
        Calendars::Readable => {}
        Calendars::None => failures.add(&CHANGE_CALENDAR_MISSING),
        Calendars::Unreadable(names) => {
            failures.because(&CHANGE_CALENDAR_MISSING, CHANGE_CALENDAR_MISSING.naming(names));
        }
    }
    if !facts.ungated.is_empty() {
        failures.because(&AUTOMATION_NOT_GATED, AUTOMATION_NOT_GATED.naming(&facts.ungated));
    }
    if let Some(message) = window_problem(&facts.windows, run) {
        failures.because(&MAINTENANCE_WINDOW_MISSING, message);
    }
    failures.into_verdict()
}

fn window_problem(windows: &[Window], run: &Run<'_>) -> Option<Message> {
    if windows.is_empty() {
        return Some(message!(
            "No enabled maintenance window has a task",
            "タスクを持つ有効なメンテナンスウィンドウがありません"
        ));
    }
    let failed = windows.iter().filter(|one| one.last.is_some_and(|(_, failed)| failed));
    let failed: Vec<&str> = failed.map(|window| window.name.as_str()).collect();
    if !failed.is_empty() {
        let Message { en, ja } = Message::named(&failed);
        return Some(message!(
            "The last run of maintenance windows failed: {en}",
            "メンテナンスウィンドウの最後の実行が失敗しています: {ja}"
        ));
    }
    let days = run.parameters.get(&MAX_DAYS_SINCE_WINDOW_RUN);
    (!windows.iter().any(|window| window.is_alive(run))).then(|| {
        message!(
            "No maintenance window ran within {days} days",
            "{days} 日以内に実行されたメンテナンスウィンドウがありません"
        )
    })
}
