//! `fisc report --format json`: one object, for machines and for a later `--compare`.
//!
//! The members, all of them always there but `changes`, which `--compare` adds:
//!
//! - `fiscReport`: the version of this form, now 1. Members may be added within a version.
//! - `report`: `{"madeAt", "origin", "aggregator", "accounts", "regions", "edition", "version",
//!   "language", "notes"}`; `origin` is `items`, `live`, `results` or `aggregator`.
//! - `criteria`: every criterion of the reference, in its order: `{"number", "part", "subject",
//!   "disposition", "topic": {"en", "ja"}, "evidence": {"en", "ja"}, "attached": [],
//!   "conclusion", "resources": COUNTS, "controls": [{"control", "relation", "counts": COUNTS,
//!   "silence"}]}`. `attached` is empty: people fill it with `{"name", "date", "document",
//!   "signature"}`.
//! - `evaluations`, `notEvaluated`, `errors`, `summary`: as `fisc scan --format json` writes
//!   them; an evaluation of an exempt resource has `exemption`, and `notEvaluated` its
//!   `reasons`.
//! - `changes`: `{"since", "accounts", "version", "counts", "stillFailing", "criteria": [{"number",
//!   "before", "after", "failingBefore", "failingNow", "findings"}], "findings": [{"change",
//!   "control", …, "before", "after", "codesBefore", "codesNow"}]}`; of `criteria` only those that
//!   changed.
//!
//! COUNTS are `{"nonCompliant", "errors", "notEvaluated", "exempt", "compliant",
//! "notApplicable"}`: in `criteria` each resource once, in its gravest state; elsewhere one for
//! each control and resource.

use std::io::{self, Write};

use fisc_shared::{Language, Text};
use jiff::Timestamp;
use serde::Serialize;

use super::compare::{ChangeCounts, Changed, Changes};
use super::finding::{Counts, Exemption, Finding, State};
use super::gathered::Origin;
use super::model::{ControlLine, CriterionLine, Evidence};
use crate::output::json::{ErrorRow, ResourceRow, Rows};

/// The version of the form.
pub const FORM: u8 = 1;

/// Writes the report as one JSON object on one line.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    out: &mut dyn Write,
    evidence: &Evidence,
    changes: Option<&Changes>,
    language: Language,
    made: Timestamp,
) -> io::Result<()> {
    let (open, judged): (Vec<&Finding>, Vec<&Finding>) = evidence
        .findings
        .iter()
        // Errors stand in `errors`.
        .filter(|one| one.state != State::Error)
        .partition(|one| one.state == State::NotEvaluated);
    let document = Document {
        fisc_report: FORM,
        report: Head::of(evidence, language, made),
        criteria: Rows(&evidence.criteria, Criterion::of),
        changes: changes.map(ChangesRow::of),
        evaluations: Rows(&judged, |one| Row::of(one, language)),
        not_evaluated: Rows(&open, |one| Row::of(one, language)),
        errors: Rows(&evidence.source.problems, ErrorRow::of),
        summary: Summary::of(evidence, language),
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a, C: Serialize, E: Serialize, N: Serialize, P: Serialize> {
    fisc_report: u8,
    report: Head<'a>,
    criteria: C,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<ChangesRow<'a>>,
    evaluations: E,
    not_evaluated: N,
    errors: P,
    summary: Summary<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    made_at: String,
    origin: &'static str,
    aggregator: Option<&'a str>,
    accounts: Vec<&'a str>,
    regions: Vec<&'a str>,
    edition: &'static str,
    version: &'static str,
    language: &'static str,
    notes: Vec<&'a str>,
}

impl<'a> Head<'a> {
    fn of(evidence: &'a Evidence, language: Language, made: Timestamp) -> Self {
        let source = &evidence.source;
        Self {
            made_at: made.to_string(),
            origin: source.origin.as_str(),
            aggregator: match &source.origin {
                Origin::Aggregator(name) => Some(name),
                _ => None,
            },
            accounts: source.accounts.iter().map(String::as_str).collect(),
            regions: source.regions.iter().map(String::as_str).collect(),
            edition: fisc_shared::asff::EDITION.get(language),
            version: env!("CARGO_PKG_VERSION"),
            language: language.as_str(),
            notes: source.notes.iter().map(|note| note.get(language)).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CountsRow {
    non_compliant: usize,
    errors: usize,
    not_evaluated: usize,
    exempt: usize,
    compliant: usize,
    not_applicable: usize,
}

impl From<Counts> for CountsRow {
    fn from(counts: Counts) -> Self {
        Self {
            non_compliant: counts.failing,
            errors: counts.errors,
            not_evaluated: counts.not_evaluated,
            exempt: counts.exempt,
            compliant: counts.passing,
            not_applicable: counts.not_applicable,
        }
    }
}

#[derive(Serialize)]
struct Both {
    en: &'static str,
    ja: &'static str,
}

impl From<Text> for Both {
    fn from(Text { en, ja }: Text) -> Self {
        Self { en, ja }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Criterion {
    number: &'static str,
    part: &'static str,
    subject: &'static str,
    disposition: &'static str,
    topic: Both,
    evidence: Both,
    attached: [(); 0],
    conclusion: &'static str,
    resources: CountsRow,
    controls: Vec<ControlRow>,
}

#[derive(Serialize)]
struct ControlRow {
    control: &'static str,
    relation: &'static str,
    counts: CountsRow,
    #[serde(skip_serializing_if = "Option::is_none")]
    silence: Option<&'static str>,
}

impl Criterion {
    fn of(line: &CriterionLine) -> Self {
        let criterion = line.coverage.criterion;
        Self {
            number: criterion.number,
            part: criterion.part.as_str(),
            subject: criterion.subject.as_str(),
            disposition: criterion.disposition.as_str(),
            topic: criterion.topic.into(),
            evidence: criterion.evidence.into(),
            attached: [],
            conclusion: line.conclusion.as_str(),
            resources: line.resources.into(),
            controls: line
                .controls
                .iter()
                .map(|ControlLine { control, relation, counts, silence }| ControlRow {
                    control: control.id,
                    relation: relation.as_str(),
                    counts: (*counts).into(),
                    silence: silence.map(|silence| silence.as_str()),
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct Row<'a> {
    control: &'static str,
    #[serde(flatten)]
    resource: ResourceRow<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compliance: Option<&'static str>,
    reasons: Vec<ReasonRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<&'a Exemption>,
    criteria: Vec<&'static str>,
    severity: &'static str,
}

#[derive(Serialize)]
struct ReasonRow<'a> {
    code: &'a str,
    message: &'a str,
}

/// Stands where an exemption is known of, but not its particulars.
static BARE: Exemption = Exemption {
    until: String::new(),
    reason: String::new(),
    by: String::new(),
    source: String::new(),
};

impl<'a> Row<'a> {
    fn of(one: &&'a Finding, language: Language) -> Self {
        let exempt = one.state == State::Exempt;
        Self {
            control: one.control.id,
            resource: one.subject.as_ref().into(),
            compliance: match one.state {
                State::NotEvaluated | State::Error => None,
                State::Exempt => Some(State::NotApplicable.code()),
                state => Some(state.code()),
            },
            reasons: one
                .reasons
                .iter()
                .map(|reason| ReasonRow {
                    code: &reason.code,
                    message: reason.message.get(language),
                })
                .collect(),
            exemption: exempt.then(|| one.exemption.as_deref().unwrap_or(&BARE)),
            criteria: one.control.criteria.all().collect(),
            severity: one.control.severity.as_str(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    #[serde(flatten)]
    total: CountsRow,
    controls: Vec<SummaryControl>,
    files: Vec<SummaryFile<'a>>,
    types: Vec<SummaryType<'a>>,
    accounts: Vec<&'a str>,
    regions: Vec<&'a str>,
    warnings: Vec<&'a str>,
    evaluated_at: String,
    version: &'a str,
    edition: &'static str,
}

#[derive(Serialize)]
struct SummaryControl {
    control: &'static str,
    severity: &'static str,
    #[serde(flatten)]
    counts: CountsRow,
}

#[derive(Serialize)]
struct SummaryFile<'a> {
    file: &'a str,
    items: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryType<'a> {
    resource_type: &'a str,
    items: u64,
    judged: bool,
}

impl<'a> Summary<'a> {
    fn of(evidence: &'a Evidence, language: Language) -> Self {
        let source = &evidence.source;
        let asked = evidence
            .controls
            .iter()
            .filter(|line| source.controls.iter().any(|one| one.id == line.control.id));
        Self {
            total: evidence.total.into(),
            controls: asked
                .map(|line| SummaryControl {
                    control: line.control.id,
                    severity: line.control.severity.as_str(),
                    counts: line.counts.into(),
                })
                .collect(),
            files: source
                .files
                .iter()
                .map(|read| SummaryFile { file: &read.name, items: read.items })
                .collect(),
            types: source
                .types_left
                .iter()
                .map(|(name, items)| SummaryType {
                    resource_type: name,
                    items: *items,
                    judged: false,
                })
                .collect(),
            accounts: source.accounts.iter().map(String::as_str).collect(),
            regions: source.regions.iter().map(String::as_str).collect(),
            warnings: source.notes.iter().map(|note| note.get(language)).collect(),
            evaluated_at: source.at.to_string(),
            version: &source.version,
            edition: fisc_shared::asff::EDITION.en,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangesRow<'a> {
    since: String,
    accounts: &'a [String],
    version: &'a str,
    counts: ChangeCountsRow,
    still_failing: usize,
    criteria: Vec<CriterionChangeRow>,
    findings: Rows<'a, Changed, fn(&'a Changed) -> ChangedRow<'a>>,
}

#[derive(Serialize)]
struct ChangeCountsRow {
    worse: usize,
    new: usize,
    unknown: usize,
    exempted: usize,
    better: usize,
    gone: usize,
}

impl From<ChangeCounts> for ChangeCountsRow {
    fn from(counts: ChangeCounts) -> Self {
        let ChangeCounts { worse, new, unknown, exempted, better, gone } = counts;
        Self { worse, new, unknown, exempted, better, gone }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CriterionChangeRow {
    number: &'static str,
    before: &'static str,
    after: &'static str,
    failing_before: usize,
    failing_now: usize,
    findings: ChangeCountsRow,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangedRow<'a> {
    change: &'static str,
    control: &'static str,
    #[serde(flatten)]
    resource: ResourceRow<'a>,
    before: Option<&'static str>,
    after: Option<&'static str>,
    codes_before: &'a [String],
    codes_now: &'a [String],
}

impl<'a> ChangesRow<'a> {
    fn of(changes: &'a Changes) -> Self {
        Self {
            since: changes.old_at.to_string(),
            accounts: &changes.old_accounts,
            version: &changes.old_version,
            counts: changes.counts.into(),
            still_failing: changes.still_failing,
            criteria: changes
                .criteria
                .iter()
                .filter(|one| one.is_change())
                .map(|one| CriterionChangeRow {
                    number: one.number,
                    before: one.before.as_str(),
                    after: one.after.as_str(),
                    failing_before: one.failing_before,
                    failing_now: one.failing_after,
                    findings: one.findings.into(),
                })
                .collect(),
            findings: Rows(&changes.findings, |one| ChangedRow {
                change: one.change.as_str(),
                control: one.control.id,
                resource: one.subject.as_ref().into(),
                before: one.before.map(State::code),
                after: one.after.map(State::code),
                codes_before: &one.codes_before,
                codes_now: &one.codes_after,
            }),
        }
    }
}
