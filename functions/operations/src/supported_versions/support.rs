//! Judging a version by the end of its support, by the rules that the parameters set.

use std::collections::BTreeMap;

use fisc_shared::item::{ItemError, has_tag};
use fisc_shared::verdict::{Failures, Reason};
use fisc_shared::{ConfigurationItem, Error, Message, Remark, Requirement, Run, Verdict, message};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::requirements::{AUTO_MINOR_UPGRADE_OFF, MANAGED_PATCHING, VERSION_UNKNOWN};
use super::table::{Row, Table};
use super::{
    ACCEPT_EXTENDED_SUPPORT, KINDS, MANAGED_PATCHING_TAG, MAX_TABLE_AGE_DAYS,
    SERVICE_SOFTWARE_GRACE_DAYS, UNKNOWN_VERSION, WARN_DAYS, WARN_DAYS_BY_KIND,
};

/// When the support of a version ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Life {
    /// The end of what everybody gets; none announced otherwise.
    pub(super) standard: Option<Date>,
    /// The end of what is paid for.
    pub(super) extended: Option<Date>,
}

impl From<&Row> for Life {
    fn from(row: &Row) -> Self {
        Self { standard: row.standard, extended: row.extended }
    }
}

/// The day of an instant, in UTC.
#[must_use]
pub(super) fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// The parameters of a run, and the table.
#[derive(Debug)]
pub(super) struct Rules {
    /// The table of support ends.
    pub(super) table: &'static Table,
    /// The clock.
    pub(super) now: Timestamp,
    /// Whether only what Config recorded is at hand.
    pub(super) offline: bool,
    /// The day of it, in UTC.
    pub(super) today: Date,
    /// The tag of resources whose minor upgrades are planned by people; empty: none.
    patching: String,
    /// How old the table may be.
    pub(super) max_table_age: i32,
    /// How long a required software update may wait.
    pub(super) grace: SignedDuration,
    /// Whether a version that nobody knows fails.
    pub(super) unknown_fails: bool,
    extended: bool,
    warn: i32,
    warn_of: BTreeMap<&'static str, i32>,
}

/// Days of a parameter, whose range is far smaller.
fn days(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

impl Rules {
    /// The rules that the parameters of a run set.
    ///
    /// # Errors
    /// When `warnDaysByKind` names no kind, or no number of days.
    pub(super) fn of(run: &Run<'_>) -> Result<Self, Error> {
        let parameters = run.parameters;
        let mut warn_of = BTreeMap::new();
        for entry in parameters.get(&WARN_DAYS_BY_KIND) {
            let named = entry.split_once('=').and_then(|(kind, days)| {
                let kind = KINDS.iter().find(|known| **known == kind.trim())?;
                let days = days.trim().parse().ok().filter(|days| (0..=3650).contains(days))?;
                Some((*kind, days))
            });
            let (kind, days) = named.ok_or_else(|| {
                Error::Control(format!(
                    "parameter \"warnDaysByKind\": {entry:?} is not one of {KINDS:?} with = and a \
                     number of days"
                ))
            })?;
            warn_of.insert(kind, days);
        }
        Ok(Self {
            table: Table::bundled()?,
            now: run.now,
            offline: run.offline,
            today: day(run.now),
            patching: parameters.get(&MANAGED_PATCHING_TAG),
            max_table_age: days(parameters.get(&MAX_TABLE_AGE_DAYS)),
            grace: SignedDuration::from_hours(24 * parameters.get(&SERVICE_SOFTWARE_GRACE_DAYS)),
            extended: parameters.get(&ACCEPT_EXTENDED_SUPPORT),
            unknown_fails: parameters.get(&UNKNOWN_VERSION) == "NON_COMPLIANT",
            warn: days(parameters.get(&WARN_DAYS)),
            warn_of,
        })
    }

    /// The support of a version by the table.
    #[must_use]
    pub(super) fn life(&self, kind: &str, name: &str, version: &str) -> Option<Life> {
        self.table.find(kind, name, version).map(Life::from)
    }

    /// What is wrong with a version: that its support has ended or ends soon.
    #[must_use]
    pub(super) fn ending(&self, kind: &str, subject: &str, life: Life) -> Option<Message> {
        let paid = if self.extended { life.extended } else { None };
        let end = paid.or(life.standard)?;
        let left = days_between(self.today, end);
        let warn = self.warn_of.get(kind).copied().unwrap_or(self.warn);
        if left <= 0 {
            Some(message!(
                "Support of {subject} ended on {end}",
                "{subject} のサポートは {end} に終了しました"
            ))
        } else if left <= warn {
            Some(message!(
                "Support of {subject} ends on {end}, in {left} days",
                "{subject} のサポートは {end} に終了します(残り {left} 日)"
            ))
        } else {
            None
        }
    }

    /// Whether somebody plans the minor upgrades of a resource.
    ///
    /// # Errors
    /// When the tags of the item are not known.
    pub(super) fn is_patched_by_hand(&self, item: &ConfigurationItem) -> Result<bool, ItemError> {
        if self.patching.is_empty() {
            return Ok(false);
        }
        Ok(has_tag(&item.all_tags()?, &self.patching))
    }
}

/// The days from one day to another; negative when that is past.
#[must_use]
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// The verdict on one resource, as it comes together.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    rules: &'a Rules,
    failures: Failures,
    notes: Vec<Reason>,
    holds: bool,
}

impl<'a> Judged<'a> {
    /// Nothing judged yet.
    #[must_use]
    pub(super) fn by(rules: &'a Rules) -> Self {
        Self { rules, failures: Failures::new(), notes: Vec::new(), holds: false }
    }

    /// Judges a version by the end of its support, if that is known.
    pub(super) fn version(
        &mut self,
        requirement: &Requirement,
        kind: &str,
        subject: &str,
        life: Option<Life>,
    ) {
        match life {
            None => self.unknown(requirement, subject),
            Some(life) => match self.rules.ending(kind, subject, life) {
                Some(message) => self.fails(requirement, message),
                None => self.holds(),
            },
        }
    }

    /// Nobody says whether a version is supported.
    pub(super) fn unknown(&mut self, requirement: &Requirement, subject: &str) {
        let message = message!(
            "When support of {subject} ends is not known",
            "{subject} のサポート終了日を確認できません"
        );
        if self.rules.unknown_fails {
            self.fails(requirement, message);
        } else {
            self.notes.push(VERSION_UNKNOWN.because(message));
        }
    }

    /// A requirement holds.
    pub(super) fn holds(&mut self) {
        self.holds = true;
    }

    /// A requirement fails.
    pub(super) fn fails(&mut self, requirement: &Requirement, message: Message) {
        self.failures.because(requirement, message);
    }

    /// A note, or the reason of a verdict when nothing was judged.
    pub(super) fn note(&mut self, remark: &Remark) {
        self.notes.push(remark.reason());
    }

    /// Judges whether minor upgrades come by themselves.
    ///
    /// # Errors
    /// When they do not, and the tags of the item are not known.
    pub(super) fn minor_upgrades(
        &mut self,
        on: bool,
        item: &ConfigurationItem,
    ) -> Result<(), ItemError> {
        if on {
            self.holds();
        } else if self.rules.is_patched_by_hand(item)? {
            self.holds();
            self.note(&MANAGED_PATCHING);
        } else {
            self.failures.add(&AUTO_MINOR_UPGRADE_OFF);
        }
        Ok(())
    }

    /// The verdict: compliant where something was judged and nothing fails, else not applicable
    /// for the first of the notes.
    #[must_use]
    pub(super) fn verdict(self) -> Verdict {
        let Self { failures, mut notes, holds, .. } = self;
        match failures.into_verdict() {
            Verdict::Compliant(_) if holds || notes.is_empty() => Verdict::Compliant(notes),
            Verdict::Compliant(_) => Verdict::NotApplicable(notes.swap_remove(0)),
            failed => failed,
        }
    }

    /// The verdict if something fails already, whatever a service would say of the rest.
    #[must_use]
    pub(super) fn failed(self) -> Option<Verdict> {
        let verdict = self.failures.into_verdict();
        matches!(verdict, Verdict::NonCompliant(_)).then_some(verdict)
    }
}
