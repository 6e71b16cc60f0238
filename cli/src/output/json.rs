//! `--format json`: one object, for machines.

use std::io::{self, Write};

use fisc_shared::exemption::Exemption;
use fisc_shared::{Language, Verdict};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::OutputError;
use crate::report::{Evaluation, Problem, Report, Subject, Tally, Undecided};
use crate::results::{self, Results};

/// Writes the report as one JSON object on one line. The lists are written row by row: what is
/// on disk is never in memory as a whole.
///
/// # Errors
/// When it cannot be written, or results cannot be read back from disk.
pub fn write(out: &mut impl Write, report: &Report, language: Language) -> Result<(), OutputError> {
    out.write_all(b"{\"evaluations\":")?;
    list(out, &report.evaluations, |out, one| serde_json::to_writer(out, &Row::of(one, language)))?;
    out.write_all(b",\"notEvaluated\":")?;
    list(out, &report.not_evaluated, |out, one| serde_json::to_writer(out, &Open::of(one)))?;
    out.write_all(b",\"errors\":")?;
    list(out, &report.errors, |out, one| serde_json::to_writer(out, &ErrorRow::of(one)))?;
    out.write_all(b",\"summary\":")?;
    serde_json::to_writer(&mut *out, &Summary::of(report)).map_err(io::Error::from)?;
    Ok(out.write_all(b"}\n")?)
}

/// Writes a list, each row by `write`.
fn list<W: Write, T: results::Row>(
    out: &mut W,
    rows: &Results<T>,
    write: impl Fn(&mut W, &T) -> serde_json::Result<()>,
) -> Result<(), OutputError> {
    let mut before = b"[";
    for one in rows.iter() {
        out.write_all(before)?;
        write(out, one?.as_ref()).map_err(io::Error::from)?;
        before = b",";
    }
    Ok(out.write_all(if before == b"[" { b"[]" } else { b"]" })?)
}

/// Rows that are made while they are written: a million of them take no memory.
pub(crate) struct Rows<'a, T, F>(pub(crate) &'a [T], pub(crate) F);

impl<'a, T, R: Serialize, F: Fn(&'a T) -> R> Serialize for Rows<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.len()))?;
        for one in self.0 {
            rows.serialize_element(&self.1(one))?;
        }
        rows.end()
    }
}

/// A resource, as every row names it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceRow<'a> {
    resource_type: &'a str,
    resource_id: Option<&'a str>,
    resource_arn: Option<&'a str>,
    account_id: Option<&'a str>,
    region: Option<&'a str>,
}

impl<'a> From<&'a Subject> for ResourceRow<'a> {
    fn from(subject: &'a Subject) -> Self {
        let known = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Self {
            resource_type: &subject.resource_type,
            resource_id: known(&subject.id),
            resource_arn: subject.arn.as_deref(),
            account_id: known(&subject.account_id),
            region: known(&subject.region),
        }
    }
}

/// An evaluation.
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    control: &'static str,
    #[serde(flatten)]
    resource: ResourceRow<'a>,
    compliance: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<ExemptionRow<'a>>,
    reasons: Reasons<'a>,
    criteria: Vec<&'static str>,
    severity: &'static str,
}

impl<'a> Row<'a> {
    /// The row of an evaluation.
    pub(crate) fn of(one: &'a Evaluation, language: Language) -> Self {
        Self {
            control: one.control.id,
            resource: one.subject.as_ref().into(),
            compliance: one.verdict.compliance().as_str(),
            exemption: one.verdict.exemption().map(ExemptionRow::from),
            reasons: Reasons(&one.verdict, language),
            criteria: one.control.criteria.all().collect(),
            severity: one.control.severity.as_str(),
        }
    }
}

/// Who answers for a failing resource.
#[derive(Serialize)]
struct ExemptionRow<'a> {
    until: String,
    reason: &'a str,
    by: &'a str,
    source: &'static str,
}

impl<'a> From<&'a Exemption> for ExemptionRow<'a> {
    fn from(exemption: &'a Exemption) -> Self {
        let Exemption { until, reason, by, source } = exemption;
        Self { until: until.to_string(), reason, by, source: source.as_str() }
    }
}

struct Reasons<'a>(&'a Verdict, Language);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Reason<'a> {
            code: &'static str,
            message: &'a str,
        }
        serializer.collect_seq(
            self.0
                .reasons()
                .iter()
                .map(|reason| Reason { code: reason.code, message: reason.message.get(self.1) }),
        )
    }
}

#[derive(Serialize)]
struct Open<'a> {
    control: &'static str,
    #[serde(flatten)]
    resource: ResourceRow<'a>,
    actions: Vec<&'static str>,
    criteria: Vec<&'static str>,
    severity: &'static str,
}

impl<'a> Open<'a> {
    fn of(one: &'a Undecided) -> Self {
        Self {
            control: one.control.id,
            resource: one.subject.as_ref().into(),
            actions: one.control.actions.iter().map(|action| action.name).collect(),
            criteria: one.control.criteria.all().collect(),
            severity: one.control.severity.as_str(),
        }
    }
}

/// What could not be evaluated.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorRow<'a> {
    file: Option<&'a str>,
    offset: Option<u64>,
    control: Option<&'static str>,
    resource_type: Option<&'a str>,
    resource_id: Option<&'a str>,
    region: Option<&'a str>,
    message: &'a str,
}

impl<'a> ErrorRow<'a> {
    /// The row of a problem.
    pub(crate) fn of(problem: &'a Problem) -> Self {
        Self {
            file: problem.file.as_deref(),
            offset: problem.offset,
            control: problem.control,
            resource_type: problem.resource_type.as_deref(),
            resource_id: problem.resource_id.as_deref(),
            region: problem.region.as_deref(),
            message: &problem.message,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    #[serde(flatten)]
    total: Counts,
    controls: Vec<ControlCounts>,
    severities: Vec<SeverityCounts>,
    files: Vec<FileCounts>,
    items: u64,
    types: Vec<TypeCounts>,
    accounts: Vec<String>,
    warnings: Vec<String>,
    evaluated_at: String,
    version: &'static str,
    edition: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    non_compliant: usize,
    compliant: usize,
    not_applicable: usize,
    not_evaluated: usize,
    errors: usize,
}

impl From<Tally> for Counts {
    fn from(tally: Tally) -> Self {
        let Tally { non_compliant, compliant, not_applicable, not_evaluated, errors } = tally;
        Self { non_compliant, compliant, not_applicable, not_evaluated, errors }
    }
}

#[derive(Serialize)]
struct ControlCounts {
    control: &'static str,
    severity: &'static str,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize)]
struct SeverityCounts {
    severity: &'static str,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize)]
struct FileCounts {
    file: String,
    items: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypeCounts {
    resource_type: String,
    items: u64,
    judged: bool,
}

impl Summary {
    fn of(report: &Report) -> Self {
        Self {
            total: report.total().into(),
            controls: report
                .tallies()
                .into_iter()
                .map(|(control, tally)| ControlCounts {
                    control: control.id,
                    severity: control.severity.as_str(),
                    counts: tally.into(),
                })
                .collect(),
            severities: report
                .by_severity()
                .into_iter()
                .map(|(severity, tally)| SeverityCounts {
                    severity: severity.as_str(),
                    counts: tally.into(),
                })
                .collect(),
            files: report
                .files
                .iter()
                .map(|read| FileCounts { file: read.name.clone(), items: read.items })
                .collect(),
            items: report.items,
            types: report
                .types
                .iter()
                .map(|(name, read)| TypeCounts {
                    resource_type: name.clone(),
                    items: read.items,
                    judged: read.judged,
                })
                .collect(),
            accounts: report.accounts.clone(),
            warnings: report.warnings.clone(),
            evaluated_at: report.at.to_string(),
            version: env!("CARGO_PKG_VERSION"),
            edition: fisc_shared::asff::EDITION.en,
        }
    }
}
