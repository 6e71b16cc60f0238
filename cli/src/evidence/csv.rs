//! `fisc report --format csv`: one table to filter and pivot by the column `level`: `criterion`
//! (every criterion once, with its resources and room for the evidence), `control` (each control
//! of a criterion, with its resources), `finding` (what fails, is exempt, or could not be
//! evaluated, each once) and `change` (with `--compare`). UTF-8 with a byte order mark, and cells
//! that no spreadsheet takes for a formula, as the CSV of a scan.

use std::io::{self, Write};

use fisc_shared::Language;

use super::compare::{Changed, Changes};
use super::finding::{Counts, Finding, State};
use super::model::{ControlLine, CriterionLine, Evidence};
use crate::output::csv::{table, write_row};
use crate::output::text::Words;

/// The columns.
#[derive(Debug, Default)]
struct Row {
    level: &'static str,
    criterion: String,
    part: &'static str,
    duty: &'static str,
    disposition: &'static str,
    topic: String,
    control: &'static str,
    relation: &'static str,
    severity: &'static str,
    state: &'static str,
    resource_type: String,
    resource_id: String,
    region: String,
    account: String,
    arn: String,
    codes: String,
    message: String,
    fix: &'static str,
    counts: Option<Counts>,
    until: String,
    reason: String,
    by: String,
    change: &'static str,
    before: String,
    after: String,
    evidence: &'static str,
}

impl Row {
    fn head(words: Words) -> [&'static str; 35] {
        [
            words.level(),
            words.criterion(),
            words.part(),
            words.duty(),
            words.disposition(),
            words.name(),
            words.control(),
            words.relation(),
            words.severity(),
            words.conclusion(),
            words.resource_type(),
            words.resource_id(),
            words.region(),
            words.account(),
            words.arn(),
            words.codes(),
            words.message(),
            words.fix(),
            State::Failing.label(words.0),
            State::Error.label(words.0),
            State::NotEvaluated.label(words.0),
            State::Exempt.label(words.0),
            State::Passing.label(words.0),
            State::NotApplicable.label(words.0),
            words.until(),
            words.exemption_reason(),
            words.by(),
            words.change(),
            words.before(),
            words.after(),
            words.attach(),
            words.blank_name(),
            words.blank_date(),
            words.blank_document(),
            words.blank_signature(),
        ]
    }

    fn write(&self, csv: &mut csv::Writer<impl Write>) -> io::Result<()> {
        let counts = self.counts.map(|counts| counts.all().map(|count| count.to_string()));
        let counts = counts.unwrap_or_default();
        let before = [
            self.level,
            &self.criterion,
            self.part,
            self.duty,
            self.disposition,
            &self.topic,
            self.control,
            self.relation,
            self.severity,
            self.state,
            &self.resource_type,
            &self.resource_id,
            &self.region,
            &self.account,
            &self.arn,
            &self.codes,
            &self.message,
            self.fix,
        ];
        let after = [
            &self.until,
            &self.reason,
            &self.by,
            self.change,
            &self.before,
            &self.after,
            self.evidence,
            "",
            "",
            "",
            "",
        ];
        let cells = before.into_iter().chain(counts.iter().map(String::as_str)).chain(after);
        write_row(csv, cells)
    }
}

/// Writes the report as CSV.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    out: &mut dyn Write,
    evidence: &Evidence,
    changes: Option<&Changes>,
    language: Language,
) -> io::Result<()> {
    let mut csv = table(out)?;
    csv.write_record(Row::head(Words(language)))?;
    for (index, line) in evidence.criteria.iter().enumerate() {
        let mut row = criterion(line, language);
        if let Some(change) = changes.and_then(|changes| changes.criteria.get(index)) {
            row.change = if change.is_change() { "changed" } else { "" };
            row.before = change.failing_before.to_string();
            row.after = change.failing_after.to_string();
        }
        row.write(&mut csv)?;
        for one in &line.controls {
            control(line, one, language).write(&mut csv)?;
        }
    }
    let told = |one: &&Finding| !matches!(one.state, State::Passing | State::NotApplicable);
    for one in evidence.findings.iter().filter(told) {
        finding(one, language).write(&mut csv)?;
    }
    for one in changes.into_iter().flat_map(|changes| &changes.findings) {
        changed(one).write(&mut csv)?;
    }
    csv.flush()
}

fn criterion(line: &CriterionLine, language: Language) -> Row {
    let criterion = line.coverage.criterion;
    Row {
        level: "criterion",
        criterion: criterion.number.to_owned(),
        part: criterion.part.label(language),
        duty: criterion.subject.label(language),
        disposition: criterion.disposition.label(language),
        topic: criterion.topic.get(language).to_owned(),
        state: line.conclusion.label(language),
        counts: Some(line.resources),
        evidence: criterion.evidence.get(language),
        ..Row::default()
    }
}

fn control(line: &CriterionLine, one: &ControlLine, language: Language) -> Row {
    let criterion = line.coverage.criterion;
    Row {
        level: "control",
        criterion: criterion.number.to_owned(),
        part: criterion.part.label(language),
        duty: criterion.subject.label(language),
        disposition: criterion.disposition.label(language),
        topic: one.control.title.get(language).to_owned(),
        control: one.control.id,
        relation: one.relation.label(language),
        severity: one.control.severity.as_str(),
        state: one.silence.map_or("", |silence| silence.label(language)),
        counts: Some(one.counts),
        ..Row::default()
    }
}

fn finding(one: &Finding, language: Language) -> Row {
    let subject = one.subject.as_ref();
    let messages: Vec<&str> = one.messages(language).filter(|text| !text.is_empty()).collect();
    let criteria: Vec<&str> = one.control.criteria.all().collect();
    let codes: Vec<&str> = one.codes().collect();
    let exemption = one.exemption.as_deref().cloned().unwrap_or_default();
    Row {
        level: "finding",
        criterion: criteria.join(", "),
        topic: one.control.title.get(language).to_owned(),
        control: one.control.id,
        severity: one.control.severity.as_str(),
        state: one.state.code(),
        resource_type: subject.resource_type.as_ref().into(),
        resource_id: subject.id.as_ref().into(),
        region: subject.region.as_ref().into(),
        account: subject.account_id.as_ref().into(),
        arn: subject.arn.as_deref().unwrap_or_default().into(),
        codes: codes.join(" / "),
        message: messages.join(" / "),
        fix: if one.state == State::Failing { one.control.fix.get(language) } else { "" },
        until: exemption.until,
        reason: exemption.reason,
        by: exemption.by,
        ..Row::default()
    }
}

fn changed(one: &Changed) -> Row {
    let subject = one.subject.as_ref();
    let criteria: Vec<&str> = one.control.criteria.all().collect();
    let was = |state: Option<State>| state.map_or("", State::code).to_owned();
    Row {
        level: "change",
        criterion: criteria.join(", "),
        control: one.control.id,
        severity: one.control.severity.as_str(),
        resource_type: subject.resource_type.as_ref().into(),
        resource_id: subject.id.as_ref().into(),
        region: subject.region.as_ref().into(),
        account: subject.account_id.as_ref().into(),
        arn: subject.arn.as_deref().unwrap_or_default().into(),
        codes: if one.codes_after.is_empty() { &one.codes_before } else { &one.codes_after }
            .join(" / "),
        change: one.change.as_str(),
        before: was(one.before),
        after: was(one.after),
        ..Row::default()
    }
}
