//! Results by criterion. Pure: the same results give the same report.

use std::collections::{BTreeMap, HashMap};
use std::process::ExitCode;
use std::sync::Arc;

use fisc_shared::{Control, Language, Text};

use super::finding::{Counts, Finding, State};
use super::gathered::{Gathered, Origin};
use crate::coverage::{Coverage, coverage};
use crate::criteria::{CriteriaError, Disposition};
use crate::registry;
use crate::report::Subject;

/// How a control belongs to a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The reference asks for it.
    Asked,
    /// It follows from the reference.
    Implied,
    /// It touches on a criterion that settings cannot show.
    Related,
}

impl Relation {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "explicit",
            Self::Implied => "implied",
            Self::Related => "related",
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn label(self, language: Language) -> &'static str {
        match self {
            Self::Asked => Text::new("asked for", "明示"),
            Self::Implied => Text::new("implied", "含意"),
            Self::Related => Text::new("related", "関連"),
        }
        .get(language)
    }
}

/// Why a control has no result at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It was left out of the run, by `--control`.
    NotAsked,
    /// None of the resources that it judges was seen.
    NothingSeen,
}

impl Silence {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "notAsked",
            Self::NothingSeen => "nothingSeen",
        }
    }

    /// The words for people.
    #[must_use]
    pub const fn label(self, language: Language) -> &'static str {
        match self {
            Self::NotAsked => Text::new("left out of this run", "今回の実行では対象外の指定"),
            Self::NothingSeen => Text::new(
                "no resource that it judges was seen",
                "評価対象のリソースが見つかりませんでした",
            ),
        }
        .get(language)
    }
}

/// What the results say of a criterion. It is about settings on AWS only: whether the criterion
/// is met is for the institution to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conclusion {
    /// At least one resource fails.
    Failing,
    /// None fails, but not everything was evaluated.
    Incomplete,
    /// None fails but those that are exempt.
    Exempt,
    /// Everything was evaluated and none fails.
    NoFailure,
    /// Nothing that the controls judge was found.
    NothingFound,
    /// Settings do not show it: people attach evidence.
    ByEvidence,
}

impl Conclusion {
    /// Every conclusion, the gravest first.
    pub const ALL: [Self; 6] = [
        Self::Failing,
        Self::Incomplete,
        Self::Exempt,
        Self::NoFailure,
        Self::NothingFound,
        Self::ByEvidence,
    ];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Incomplete => "incomplete",
            Self::Exempt => "exempt",
            Self::NoFailure => "noFailure",
            Self::NothingFound => "nothingFound",
            Self::ByEvidence => "byEvidence",
        }
    }

    /// The words for people.
    #[must_use]
    pub const fn label(self, language: Language) -> &'static str {
        match self {
            Self::Failing => Text::new("failures", "不適合あり"),
            Self::Incomplete => Text::new("not all evaluated", "未評価あり"),
            Self::Exempt => Text::new("exemptions only", "適用除外あり"),
            Self::NoFailure => Text::new("no failure", "不適合なし"),
            Self::NothingFound => Text::new("nothing in scope", "対象リソースなし"),
            Self::ByEvidence => Text::new("by evidence", "証跡で確認"),
        }
        .get(language)
    }
}

/// A control within a criterion.
#[derive(Debug, Clone, Copy)]
pub struct ControlLine {
    /// The control.
    pub control: &'static Control,
    /// How it belongs to the criterion.
    pub relation: Relation,
    /// Its resources, over the whole report.
    pub counts: Counts,
    /// Why it has no result, where it has none.
    pub silence: Option<Silence>,
}

/// A criterion with everything that rules show of it.
#[derive(Debug, Clone)]
pub struct CriterionLine {
    /// What is asked, and the controls that name it.
    pub coverage: Coverage,
    /// What the results say.
    pub conclusion: Conclusion,
    /// The controls, those that are asked for first.
    pub controls: Vec<ControlLine>,
    /// Its resources, each once, in the gravest state that any of the controls gave it.
    pub resources: Counts,
    /// The failing findings, by their index in [`Evidence::findings`].
    pub failing: Vec<usize>,
}

impl CriterionLine {
    /// The printed number.
    #[must_use]
    pub const fn number(&self) -> &'static str {
        self.coverage.criterion.number
    }

    /// What can be checked of it.
    #[must_use]
    pub const fn disposition(&self) -> Disposition {
        self.coverage.criterion.disposition
    }
}

/// The whole report.
#[derive(Debug)]
pub struct Evidence {
    /// Where results come from, and what must be known about them. Its findings are in
    /// [`Self::findings`].
    pub source: Gathered,
    /// Every result: the gravest first, then by control and resource.
    pub findings: Vec<Finding>,
    /// Every criterion, in the order of the reference.
    pub criteria: Vec<CriterionLine>,
    /// Every control, in the order of the registry, with its resources; the relation means
    /// nothing here.
    pub controls: Vec<ControlLine>,
    /// All findings: one for each control and resource.
    pub total: Counts,
}

impl Evidence {
    /// Puts results together by criterion.
    ///
    /// # Errors
    /// When the table of criteria, which is part of this program, is damaged.
    pub fn build(mut source: Gathered) -> Result<Self, CriteriaError> {
        let all = registry::all();
        let order: HashMap<&str, usize> =
            all.iter().enumerate().map(|(index, control)| (control.id, index)).collect();
        let mut findings = std::mem::take(&mut source.findings);
        findings.sort_by(|a, b| {
            a.state
                .cmp(&b.state)
                .then_with(|| order.get(a.control.id).cmp(&order.get(b.control.id)))
                .then_with(|| a.subject.cmp(&b.subject))
        });
        let by_control = ByControl::of(&findings);
        let controls: Vec<ControlLine> =
            all.iter().map(|&control| by_control.line(control, Relation::Asked, &source)).collect();
        let criteria = coverage(&all)?
            .into_iter()
            .map(|coverage| criterion(coverage, &by_control, &source))
            .collect();
        let mut total = Counts::default();
        for finding in &findings {
            total.add(finding.state);
        }
        drop(by_control);
        Ok(Self { source, findings, criteria, controls, total })
    }

    /// How many criteria have a conclusion.
    #[must_use]
    pub fn criteria_with(&self, conclusion: Conclusion) -> usize {
        self.criteria.iter().filter(|one| one.conclusion == conclusion).count()
    }

    /// The findings in a state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = (usize, &Finding)> {
        self.findings.iter().enumerate().filter(move |(_, finding)| finding.state == state)
    }

    /// The problems that belong to no control: damaged files.
    pub fn file_problems(&self) -> impl Iterator<Item = &crate::report::Problem> {
        self.source.problems.iter().filter(|problem| problem.control.is_none())
    }

    /// What could not be evaluated in words: why resources are not evaluated, by control.
    #[must_use]
    pub fn open(&self) -> Vec<Open<'_>> {
        let mut open: BTreeMap<(usize, State), Open<'_>> = BTreeMap::new();
        let order: HashMap<&str, usize> =
            self.controls.iter().enumerate().map(|(at, line)| (line.control.id, at)).collect();
        for finding in &self.findings {
            if !matches!(finding.state, State::NotEvaluated | State::Error) {
                continue;
            }
            let at = order.get(finding.control.id).copied().unwrap_or(usize::MAX);
            let entry = open.entry((at, finding.state)).or_insert_with(|| Open {
                control: finding.control,
                state: finding.state,
                resources: 0,
                first: finding,
            });
            entry.resources += 1;
        }
        open.into_values().collect()
    }

    /// 0: no failure; 1: at least one; 2: something could not be evaluated.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match (self.source.problems.is_empty(), self.total.failing) {
            (false, _) => 2,
            (true, 0) => 0,
            (true, _) => 1,
        })
    }
}

/// Resources of a control of which nothing is known, for one kind of reason.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    /// The control.
    pub control: &'static Control,
    /// Not evaluated, or an error.
    pub state: State,
    /// How many.
    pub resources: usize,
    /// The first of them, with its reason.
    pub first: &'a Finding,
}

/// Findings by control, and the resources of all of them by number.
struct ByControl {
    /// Index of the finding, number of the resource, state.
    findings: HashMap<&'static str, Vec<(usize, usize, State)>>,
    resources: usize,
}

impl ByControl {
    fn of(findings: &[Finding]) -> Self {
        let mut numbers: HashMap<&Subject, usize> = HashMap::new();
        let mut by_control: HashMap<&'static str, Vec<(usize, usize, State)>> = HashMap::new();
        for (index, finding) in findings.iter().enumerate() {
            let next = numbers.len();
            let number = *numbers.entry(&finding.subject).or_insert(next);
            by_control.entry(finding.control.id).or_default().push((index, number, finding.state));
        }
        Self { findings: by_control, resources: numbers.len() }
    }

    fn line(
        &self,
        control: &'static Control,
        relation: Relation,
        source: &Gathered,
    ) -> ControlLine {
        let mut counts = Counts::default();
        let found = self.findings.get(control.id).map(Vec::as_slice).unwrap_or_default();
        for (_, _, state) in found {
            counts.add(*state);
        }
        let asked = source.controls.iter().any(|one| one.id == control.id);
        let silence = found.is_empty().then_some(if asked {
            Silence::NothingSeen
        } else {
            Silence::NotAsked
        });
        ControlLine { control, relation, counts, silence }
    }
}

fn criterion(coverage: Coverage, by_control: &ByControl, source: &Gathered) -> CriterionLine {
    let checked = coverage.criterion.disposition.is_checked();
    let implied = if checked { Relation::Implied } else { Relation::Related };
    let asked = coverage.explicit.iter().map(|&control| (control, Relation::Asked));
    let all = asked.chain(coverage.implied.iter().map(|&control| (control, implied)));
    let controls: Vec<ControlLine> =
        all.map(|(control, relation)| by_control.line(control, relation, source)).collect();
    // The gravest state of every resource.
    let mut states: Vec<Option<State>> = vec![None; by_control.resources];
    let mut failing = Vec::new();
    for line in &controls {
        for &(index, number, state) in
            by_control.findings.get(line.control.id).into_iter().flatten()
        {
            if let Some(known) = states.get_mut(number) {
                *known = Some(known.map_or(state, |known| known.min(state)));
            }
            if state == State::Failing {
                failing.push(index);
            }
        }
    }
    let mut resources = Counts::default();
    for state in states.into_iter().flatten() {
        resources.add(state);
    }
    let left_out = controls.iter().any(|line| line.silence == Some(Silence::NotAsked));
    let conclusion = conclusion(checked, left_out, &resources);
    CriterionLine { coverage, conclusion, controls, resources, failing }
}

/// What the states of resources say of a criterion.
const fn conclusion(checked: bool, left_out: bool, resources: &Counts) -> Conclusion {
    if !checked {
        Conclusion::ByEvidence
    } else if resources.failing > 0 {
        Conclusion::Failing
    } else if resources.errors > 0 || resources.not_evaluated > 0 || left_out {
        Conclusion::Incomplete
    } else if resources.exempt > 0 {
        Conclusion::Exempt
    } else if resources.passing > 0 {
        Conclusion::NoFailure
    } else {
        Conclusion::NothingFound
    }
}

/// Where the results come from, for people.
#[must_use]
pub fn origin(source: &Gathered, language: Language) -> String {
    match &source.origin {
        Origin::Items => {
            Text::new("evaluated from files of AWS Config", "AWS Config のファイルを評価")
                .get(language)
                .to_owned()
        }
        Origin::Live => Text::new(
            "evaluated from the account's services",
            "アカウントのサービスに問い合わせて評価",
        )
        .get(language)
        .to_owned(),
        Origin::Results => Text::new("read from results of fisc", "fisc の結果ファイルから集計")
            .get(language)
            .to_owned(),
        Origin::Aggregator(name) => match language {
            Language::En => format!("read from the AWS Config aggregator {name}"),
            Language::Ja => format!("AWS Config アグリゲータ {name} から集計"),
        },
    }
}

/// A resource in one line.
#[must_use]
pub fn resource_name(subject: &Arc<Subject>) -> &str {
    if subject.id.is_empty() { &subject.resource_type } else { &subject.id }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
