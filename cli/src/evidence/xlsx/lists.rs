//! The sheets with a row for each finding.

use fisc_shared::Language;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::{Book, Table};
use crate::evidence::compare::Changes;
use crate::evidence::finding::{Finding, State};
use crate::output::sheet::{Value, fit_row, write_row};

impl Book<'_> {
    pub(super) fn failures(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (words, language) = (self.words, self.language);
        let columns = [
            (words.control(), 24),
            (words.severity(), 11),
            (words.criteria(), 26),
            (words.resource_type(), 24),
            (words.resource_id(), 38),
            (words.account(), 15),
            (words.region(), 15),
            (words.codes(), 32),
            (words.message(), 56),
            (words.fix(), 60),
            (words.arn(), 50),
        ];
        let name = words.fail_list();
        let rows = self.evidence.total.failing;
        let fitting = self.table(sheet, &Table { name, columns: &columns, frozen: 1, rows })?;
        for (at, (_, one)) in (1_u32..).zip(self.evidence.in_state(State::Failing).take(fitting)) {
            let (criteria, codes, messages) = texts(one, language);
            let subject = one.subject.as_ref();
            let cells = [
                one.control.id,
                one.control.severity.as_str(),
                &criteria,
                &subject.resource_type,
                &subject.id,
                &subject.account_id,
                &subject.region,
                &codes,
                &messages,
                one.control.fix.get(language),
                subject.arn.as_deref().unwrap_or_default(),
            ];
            let cells = cells.map(Value::Text);
            write_row(sheet, at, &cells, &self.styles.text)?;
            fit_row(sheet, at, &cells, &columns)?;
        }
        Ok(())
    }

    pub(super) fn exemptions(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (words, language) = (self.words, self.language);
        let columns = [
            (words.control(), 24),
            (words.severity(), 11),
            (words.criteria(), 26),
            (words.resource_type(), 24),
            (words.resource_id(), 38),
            (words.account(), 15),
            (words.region(), 15),
            (words.until(), 13),
            (words.exemption_reason(), 22),
            (words.by(), 18),
            (words.exemption_source(), 14),
            (words.codes(), 32),
            (words.message(), 56),
        ];
        let name = words.exemptions();
        let rows = self.evidence.total.exempt;
        let fitting = self.table(sheet, &Table { name, columns: &columns, frozen: 1, rows })?;
        for (at, (_, one)) in (1_u32..).zip(self.evidence.in_state(State::Exempt).take(fitting)) {
            let (criteria, codes, messages) = texts(one, language);
            let subject = one.subject.as_ref();
            let exemption = one.exemption.as_deref().cloned().unwrap_or_default();
            let cells = [
                one.control.id,
                one.control.severity.as_str(),
                &criteria,
                &subject.resource_type,
                &subject.id,
                &subject.account_id,
                &subject.region,
                &exemption.until,
                &exemption.reason,
                &exemption.by,
                &exemption.source,
                &codes,
                &messages,
            ];
            let cells = cells.map(Value::Text);
            write_row(sheet, at, &cells, &self.styles.text)?;
            fit_row(sheet, at, &cells, &columns)?;
        }
        Ok(())
    }

    pub(super) fn open(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (words, language) = (self.words, self.language);
        let columns = [
            (words.conclusion(), 13),
            (words.control(), 24),
            (words.severity(), 11),
            (words.criteria(), 26),
            (words.resource_type(), 24),
            (words.resource_id(), 38),
            (words.account(), 15),
            (words.region(), 15),
            (words.reasons(), 80),
        ];
        let problems: Vec<String> =
            self.evidence.file_problems().map(ToString::to_string).collect();
        let silent: Vec<_> = self
            .evidence
            .controls
            .iter()
            .filter_map(|line| Some((line.control, line.silence?)))
            .collect();
        let findings = || {
            let found = self.evidence.findings.iter();
            found.filter(|one| matches!(one.state, State::Error | State::NotEvaluated))
        };
        let total = &self.evidence.total;
        let rows = problems.len() + silent.len() + total.errors + total.not_evaluated;
        let name = words.not_evaluated_sheet();
        let fitting = self.table(sheet, &Table { name, columns: &columns, frozen: 2, rows })?;
        let error = State::Error.label(language);
        let mut at = 1;
        for problem in &problems {
            let cells = [error, "", "", "", "", "", "", "", problem].map(Value::Text);
            write_row(sheet, at, &cells, &self.tone(0x00FD_EEEE))?;
            at += 1;
        }
        for (control, silence) in &silent {
            let cells = [
                words.no_result(),
                control.id,
                control.severity.as_str(),
                &control.criteria.all().collect::<Vec<_>>().join(", "),
                "",
                "",
                "",
                "",
                silence.label(language),
            ];
            let cells = cells.map(Value::Text);
            write_row(sheet, at, &cells, &self.styles.text)?;
            fit_row(sheet, at, &cells, &columns)?;
            at += 1;
        }
        let room = fitting.saturating_sub(problems.len() + silent.len());
        for one in findings().take(room) {
            let (criteria, _, messages) = texts(one, language);
            let subject = one.subject.as_ref();
            let cells = [
                one.state.label(language),
                one.control.id,
                one.control.severity.as_str(),
                &criteria,
                &subject.resource_type,
                &subject.id,
                &subject.account_id,
                &subject.region,
                &messages,
            ];
            let cells = cells.map(Value::Text);
            write_row(sheet, at, &cells, &self.styles.text)?;
            fit_row(sheet, at, &cells, &columns)?;
            at += 1;
        }
        Ok(())
    }

    pub(super) fn changes(
        &self,
        sheet: &mut Worksheet,
        changes: &Changes,
    ) -> Result<(), XlsxError> {
        let (words, language) = (self.words, self.language);
        let columns = [
            (words.change(), 14),
            (words.control(), 24),
            (words.severity(), 11),
            (words.criteria(), 26),
            (words.resource_type(), 24),
            (words.resource_id(), 38),
            (words.account(), 15),
            (words.region(), 15),
            (words.before(), 14),
            (words.after(), 14),
            (words.codes(), 40),
        ];
        let (name, rows) = (words.changes_short(), changes.findings.len());
        let fitting = self.table(sheet, &Table { name, columns: &columns, frozen: 2, rows })?;
        let label =
            |state: Option<State>| state.map_or(words.not_there(), |state| state.label(language));
        for (at, one) in (1_u32..).zip(changes.findings.iter().take(fitting)) {
            let subject = one.subject.as_ref();
            let criteria: Vec<&str> = one.control.criteria.all().collect();
            let codes = match (one.codes_before.join(", "), one.codes_after.join(", ")) {
                (before, after) if before == after => after,
                (before, after) => format!("{before} → {after}"),
            };
            let cells = [
                one.change.label(language),
                one.control.id,
                one.control.severity.as_str(),
                &criteria.join(", "),
                &subject.resource_type,
                &subject.id,
                &subject.account_id,
                &subject.region,
                label(one.before),
                label(one.after),
                &codes,
            ];
            let cells = cells.map(Value::Text);
            write_row(sheet, at, &cells, &self.styles.text)?;
            fit_row(sheet, at, &cells, &columns)?;
        }
        Ok(())
    }
}

/// Criteria, codes and messages of a finding.
fn texts(one: &Finding, language: Language) -> (String, String, String) {
    let criteria: Vec<&str> = one.control.criteria.all().collect();
    let codes: Vec<&str> = one.codes().collect();
    let messages: Vec<&str> = one.messages(language).filter(|text| !text.is_empty()).collect();
    (criteria.join(", "), codes.join("\n"), messages.join("\n"))
}
