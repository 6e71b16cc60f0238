//! What changed since an earlier report: what became better, worse, new and gone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use fisc_shared::{Control, Language, Text};
use jiff::Timestamp;

use super::finding::{Finding, Key, State};
use super::model::{Conclusion, Evidence};
use crate::report::Subject;

/// How a finding changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It did not fail, and now does.
    Worse,
    /// It was not there, and fails.
    New,
    /// It failed or was known, and now cannot be told.
    Unknown,
    /// It failed, and now is exempt: nothing was mended.
    Exempted,
    /// It failed, and no longer does.
    Better,
    /// It failed, and the resource is no longer there.
    Gone,
}

impl Change {
    /// Every kind, the gravest first.
    pub const ALL: [Self; 6] =
        [Self::Worse, Self::New, Self::Unknown, Self::Exempted, Self::Better, Self::Gone];

    /// How often it is in the counts; for templates, which hold references.
    #[must_use]
    pub const fn counted_in(self, counts: &ChangeCounts) -> usize {
        counts.of(self)
    }

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::New => "new",
            Self::Unknown => "unknown",
            Self::Exempted => "exempted",
            Self::Better => "better",
            Self::Gone => "gone",
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn label(self, language: Language) -> &'static str {
        match self {
            Self::Worse => Text::new("worse", "悪化"),
            Self::New => Text::new("new", "新規"),
            Self::Unknown => Text::new("no longer known", "確認不能"),
            Self::Exempted => Text::new("exempted", "適用除外へ"),
            Self::Better => Text::new("better", "改善"),
            Self::Gone => Text::new("gone", "消滅"),
        }
        .get(language)
    }

    /// What it means, for people.
    #[must_use]
    pub const fn meaning(self, language: Language) -> &'static str {
        match self {
            Self::Worse => {
                Text::new("did not fail before, fails now", "以前は不適合でなく、今回は不適合")
            }
            Self::New => {
                Text::new("was not there before, fails now", "以前の結果になく、今回は不適合")
            }
            Self::Unknown => Text::new(
                "failed before, not evaluated now",
                "以前は不適合で、今回は未評価またはエラー",
            ),
            Self::Exempted => {
                Text::new("failed before, exempt now", "以前は不適合で、今回は適用除外")
            }
            Self::Better => {
                Text::new("failed before, no longer does", "以前は不適合で、今回は解消")
            }
            Self::Gone => Text::new(
                "failed before, the resource is gone",
                "以前は不適合で、今回はリソースなし",
            ),
        }
        .get(language)
    }
}

/// How many findings changed in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeCounts {
    /// See [`Change::Worse`].
    pub worse: usize,
    /// See [`Change::New`].
    pub new: usize,
    /// See [`Change::Unknown`].
    pub unknown: usize,
    /// See [`Change::Exempted`].
    pub exempted: usize,
    /// See [`Change::Better`].
    pub better: usize,
    /// See [`Change::Gone`].
    pub gone: usize,
}

impl ChangeCounts {
    const fn add(&mut self, change: Change) {
        match change {
            Change::Worse => self.worse += 1,
            Change::New => self.new += 1,
            Change::Unknown => self.unknown += 1,
            Change::Exempted => self.exempted += 1,
            Change::Better => self.better += 1,
            Change::Gone => self.gone += 1,
        }
    }

    /// The count of a kind.
    #[must_use]
    pub const fn of(&self, change: Change) -> usize {
        match change {
            Change::Worse => self.worse,
            Change::New => self.new,
            Change::Unknown => self.unknown,
            Change::Exempted => self.exempted,
            Change::Better => self.better,
            Change::Gone => self.gone,
        }
    }

    /// All counts, in the order of [`Change::ALL`].
    #[must_use]
    pub fn all(&self) -> [usize; 6] {
        Change::ALL.map(|change| self.of(change))
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A finding that changed.
#[derive(Debug, Clone)]
pub struct Changed {
    /// How.
    pub change: Change,
    /// The control.
    pub control: &'static Control,
    /// The resource.
    pub subject: Arc<Subject>,
    /// What it was; none where it was not there.
    pub before: Option<State>,
    /// What it is; none where it is no longer there.
    pub after: Option<State>,
    /// The reason codes that failed before.
    pub codes_before: Vec<String>,
    /// The reason codes that fail now.
    pub codes_after: Vec<String>,
}

/// How a criterion changed.
#[derive(Debug, Clone, Copy)]
pub struct CriterionChange {
    /// Its number.
    pub number: &'static str,
    /// The conclusion before.
    pub before: Conclusion,
    /// The conclusion now.
    pub after: Conclusion,
    /// Resources that failed before.
    pub failing_before: usize,
    /// Resources that fail now.
    pub failing_after: usize,
    /// Its findings that changed.
    pub findings: ChangeCounts,
}

impl CriterionChange {
    /// Whether anything changed.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.before != self.after
            || self.failing_before != self.failing_after
            || !self.findings.is_empty()
    }
}

/// Everything that changed.
#[derive(Debug)]
pub struct Changes {
    /// The clock of the earlier report.
    pub old_at: Timestamp,
    /// Its accounts.
    pub old_accounts: Vec<String>,
    /// Its version of the product.
    pub old_version: String,
    /// The findings that changed, the gravest first.
    pub findings: Vec<Changed>,
    /// How many changed in which way.
    pub counts: ChangeCounts,
    /// Findings that failed before and fail now.
    pub still_failing: usize,
    /// Every criterion, in the order of the reference.
    pub criteria: Vec<CriterionChange>,
}

/// Compares with an earlier report.
#[must_use]
pub fn compare(old: &Evidence, new: &Evidence) -> Changes {
    let before: HashMap<Key<'_>, &Finding> =
        old.findings.iter().map(|finding| (finding.key(), finding)).collect();
    let seen = Seen::of(new);
    let mut findings = Vec::new();
    let mut still_failing = 0;
    let mut met: BTreeSet<Key<'_>> = BTreeSet::new();
    for after in &new.findings {
        let before = before.get(&after.key()).copied();
        if before.is_some_and(|one| one.state == State::Failing) {
            met.insert(after.key());
        }
        if let Some(change) = change(before.map(|one| one.state), after.state) {
            findings.push(changed(change, after, before, Some(after)));
        } else if after.state == State::Failing {
            still_failing += 1;
        }
    }
    for before in old.findings.iter().filter(|one| one.state == State::Failing) {
        if !met.contains(&before.key()) {
            let change = if seen.covers(before) { Change::Gone } else { Change::Unknown };
            findings.push(changed(change, before, Some(before), None));
        }
    }
    findings.sort_by(|a, b| {
        (a.change, a.control.id, &a.subject).cmp(&(b.change, b.control.id, &b.subject))
    });
    let mut counts = ChangeCounts::default();
    for one in &findings {
        counts.add(one.change);
    }
    Changes {
        old_at: old.source.at,
        old_accounts: old.source.accounts.iter().cloned().collect(),
        old_version: old.source.version.clone(),
        counts,
        still_failing,
        criteria: criteria(old, new, &findings),
        findings,
    }
}

/// How a finding that is still there changed; none where nothing did that matters.
const fn change(before: Option<State>, after: State) -> Option<Change> {
    match (before, after) {
        (Some(State::Failing), State::Failing) => None,
        (None, State::Failing) => Some(Change::New),
        (Some(_), State::Failing) => Some(Change::Worse),
        (Some(State::Failing), State::Exempt) => Some(Change::Exempted),
        (Some(State::Failing), State::Error | State::NotEvaluated) => Some(Change::Unknown),
        (Some(State::Failing), State::Passing | State::NotApplicable) => Some(Change::Better),
        _ => None,
    }
}

/// `shown` is the finding as it is now, or as it was where it is no longer there.
fn changed(
    change: Change,
    shown: &Finding,
    before: Option<&Finding>,
    after: Option<&Finding>,
) -> Changed {
    let failing = |one: Option<&Finding>| -> Vec<String> {
        let one = one.filter(|one| matches!(one.state, State::Failing | State::Exempt));
        one.into_iter().flat_map(Finding::codes).map(str::to_owned).collect()
    };
    Changed {
        change,
        control: shown.control,
        subject: Arc::clone(&shown.subject),
        before: before.map(|one| one.state),
        after: after.map(|one| one.state),
        codes_before: failing(before),
        codes_after: failing(after),
    }
}

/// Where the new report looked: only there a finding that is missing is gone.
struct Seen<'a> {
    /// Control and account of results that say something.
    judged: BTreeSet<(&'static str, &'a str)>,
    /// Control and account of which something could not be judged; without an account: of any.
    doubtful: BTreeSet<(&'static str, &'a str)>,
    accounts: &'a BTreeSet<String>,
    regions: &'a BTreeSet<String>,
    asked: BTreeSet<&'static str>,
    /// Some file could not be read to its end.
    damaged: bool,
}

impl<'a> Seen<'a> {
    fn of(new: &'a Evidence) -> Self {
        let of = |wanted: fn(State) -> bool| {
            let found = new.findings.iter().filter(move |one| wanted(one.state));
            found.map(|one| (one.control.id, one.subject.account_id.as_ref())).collect()
        };
        Self {
            judged: of(|state| !matches!(state, State::Error | State::NotEvaluated)),
            doubtful: of(|state| matches!(state, State::Error | State::NotEvaluated)),
            accounts: &new.source.accounts,
            regions: &new.source.regions,
            asked: new.source.controls.iter().map(|control| control.id).collect(),
            damaged: new.file_problems().next().is_some(),
        }
    }

    fn covers(&self, old: &Finding) -> bool {
        let (id, account) = (old.control.id, old.subject.account_id.as_ref());
        let region = old.subject.region.as_ref();
        let doubtful = self.doubtful.contains(&(id, account)) || self.doubtful.contains(&(id, ""));
        let there = self.accounts.contains(account)
            && (matches!(region, "" | "global") || self.regions.contains(region));
        // A file without any resource of the control's types says that they are gone only when
        // the control was asked and nothing stood in its way.
        let judged = self.judged.contains(&(id, account)) || self.asked.contains(id);
        judged && there && !doubtful && !self.damaged
    }
}

fn criteria(old: &Evidence, new: &Evidence, findings: &[Changed]) -> Vec<CriterionChange> {
    let mut by_criterion: BTreeMap<&str, ChangeCounts> = BTreeMap::new();
    for one in findings {
        for number in one.control.criteria.all() {
            by_criterion.entry(number).or_default().add(one.change);
        }
    }
    let pairs = old.criteria.iter().zip(&new.criteria);
    pairs
        .map(|(before, after)| CriterionChange {
            number: after.number(),
            before: before.conclusion,
            after: after.conclusion,
            failing_before: before.resources.failing,
            failing_after: after.resources.failing,
            findings: by_criterion.get(after.number()).copied().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
