//! One flat row per result, for the formats that are tables: CSV, HTML and Excel.

use std::sync::Arc;

use fisc_shared::verdict::Compliance;
use fisc_shared::{Control, Language};

use super::text::Words;
use crate::report::{Evaluation, Problem, Report, Subject, Undecided};
use crate::spill::SpillError;

/// What became of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A verdict.
    Judged(Compliance),
    /// A service must be asked.
    NotEvaluated,
    /// It could not be judged.
    Error,
}

impl State {
    /// The name for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Judged(compliance) => compliance.as_str(),
            Self::NotEvaluated => "NOT_EVALUATED",
            Self::Error => "ERROR",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn label(self, words: Words) -> &'static str {
        match self {
            Self::Judged(compliance) => words.compliance(compliance),
            Self::NotEvaluated => words.not_evaluated(),
            Self::Error => words.error(),
        }
    }
}

/// A result, flat.
#[derive(Debug, Clone)]
pub struct FlatRow {
    /// What became of the resource.
    pub state: State,
    /// The control; none for a damaged file.
    pub control: Option<&'static Control>,
    /// Type of the resource.
    pub resource_type: String,
    /// Id of the resource.
    pub resource_id: String,
    /// ARN of the resource.
    pub resource_arn: String,
    /// Account of the resource.
    pub account_id: String,
    /// Region of the resource.
    pub region: String,
    /// Reason codes.
    pub codes: Vec<&'static str>,
    /// What was found, one entry per reason.
    pub messages: Vec<String>,
}

impl FlatRow {
    /// The id of the control, where there is one.
    #[must_use]
    pub fn control_id(&self) -> &'static str {
        self.control.map_or("", |control| control.id)
    }

    /// The severity of the control, where there is one.
    #[must_use]
    pub fn severity(&self) -> &'static str {
        self.control.map_or("", |control| control.severity.as_str())
    }

    /// All criteria of the control.
    #[must_use]
    pub fn criteria(&self) -> String {
        self.criteria_list().join(", ")
    }

    /// The criteria of the control, the explicit ones first.
    #[must_use]
    pub fn criteria_list(&self) -> Vec<&'static str> {
        self.control.iter().flat_map(|control| control.criteria.all()).collect()
    }

    /// The reasons: code and message; the code is empty where the message stands alone.
    pub fn reasons(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let codes = self.codes.iter().copied().chain(std::iter::repeat(""));
        codes.zip(self.messages.iter().map(String::as_str))
    }

    fn of(state: State, control: &'static Control, subject: &Arc<Subject>) -> Self {
        Self {
            state,
            control: Some(control),
            resource_type: subject.resource_type.as_ref().into(),
            resource_id: subject.id.as_ref().into(),
            resource_arn: subject.arn.as_deref().unwrap_or_default().into(),
            account_id: subject.account_id.as_ref().into(),
            region: subject.region.as_ref().into(),
            codes: Vec::new(),
            messages: Vec::new(),
        }
    }

    fn judged(one: &Evaluation, language: Language) -> Self {
        let reasons = one.verdict.reasons();
        Self {
            codes: reasons.iter().map(|reason| reason.code).collect(),
            messages: reasons.iter().map(|reason| reason.message.get(language).into()).collect(),
            ..Self::of(State::Judged(one.verdict.compliance()), one.control, &one.subject)
        }
    }

    fn open(one: &Undecided, words: Words) -> Self {
        let actions: Vec<_> = one.control.actions.iter().map(|action| action.name).collect();
        Self {
            messages: vec![format!("{}: {}", words.actions(), actions.join(", "))],
            ..Self::of(State::NotEvaluated, one.control, &one.subject)
        }
    }

    fn error(problem: &Problem, controls: &[&'static Control]) -> Self {
        let control = controls.iter().copied().find(|control| Some(control.id) == problem.control);
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        Self {
            state: State::Error,
            control,
            resource_type: text(&problem.resource_type),
            resource_id: text(&problem.resource_id),
            resource_arn: String::new(),
            account_id: String::new(),
            region: text(&problem.region),
            codes: Vec::new(),
            messages: vec![match (&problem.file, problem.offset) {
                (Some(file), Some(offset)) => {
                    format!("{file}, byte {offset}: {}", problem.message)
                }
                (Some(file), None) => format!("{file}: {}", problem.message),
                (None, _) => problem.message.clone(),
            }],
        }
    }
}

/// Every result of a report: errors and failures first. Rows are made while they are read.
pub fn rows(
    report: &Report,
    language: Language,
) -> impl Iterator<Item = Result<FlatRow, SpillError>> {
    let words = Words(language);
    let errors = report.errors.iter();
    let errors = errors.map(|one| Ok(FlatRow::error(one?.as_ref(), &report.controls)));
    let judged = report.evaluations.iter();
    let judged = judged.map(move |one| Ok(FlatRow::judged(one?.as_ref(), language)));
    let open = report.not_evaluated.iter();
    let open = open.map(move |one| Ok(FlatRow::open(one?.as_ref(), words)));
    errors.chain(judged).chain(open)
}

/// How many rows that is.
#[must_use]
pub fn count(report: &Report) -> usize {
    report.errors.len() + report.evaluations.len() + report.not_evaluated.len()
}
