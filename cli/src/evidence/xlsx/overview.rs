//! The first sheet: what the report is about, and the totals.

use fisc_shared::Language;
use jiff::Timestamp;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::{Book, numbers};
use crate::evidence::compare::Change;
use crate::evidence::finding::{Counts, Finding};
use crate::evidence::head;
use crate::evidence::model::Conclusion;
use crate::output::sheet::{Value, index, print_on_a4};

impl Book<'_> {
    pub(super) fn overview(&self, sheet: &mut Worksheet, made: Timestamp) -> Result<(), XlsxError> {
        let (words, language) = (self.words, self.language);
        sheet.set_name(words.overview())?;
        print_on_a4(sheet);
        sheet.set_footer("&L&9&F  &A&R&9&P / &N");
        for (column, width) in [30, 14, 14, 14, 14, 14, 14, 14].into_iter().enumerate() {
            sheet.set_column_width(index(column), width)?;
        }
        let wide = |sheet: &mut Worksheet, at: u32, from: u16, text: &str| {
            let height = 17.0 * f64::from(u32::try_from(lines_of(text, from)).unwrap_or(1));
            sheet.merge_range(at, from, at, 7, text, &self.styles.text)?;
            sheet.set_row_height(at, height)?;
            Ok::<(), XlsxError>(())
        };
        sheet.write_with_format(0, 0, words.report_title(), &self.styles.title)?;
        sheet.set_row_height(0, 24)?;
        let mut at = 1;
        for (name, value) in head::lines(self.evidence, self.changes, language, made) {
            sheet.write_with_format(at, 0, name, &self.styles.text)?;
            wide(sheet, at, 1, &value)?;
            at += 1;
        }
        let mut notes = vec![words.caution(), words.results_note(), words.count_note()];
        notes.extend(self.evidence.source.notes.iter().map(|note| note.get(language)));
        if self.evidence.findings.iter().any(|one| too_long(one, language)) {
            notes.push(words.text_cut());
        }
        for note in notes {
            wide(sheet, at, 0, note)?;
            at += 1;
        }
        at += 1;
        let heads: Vec<&str> = [words.criteria_by_state(), words.all_criteria()]
            .into_iter()
            .chain(Conclusion::ALL.map(|one| one.label(language)))
            .collect();
        self.row(sheet, at, heads.iter().map(|head| Value::Text(head)), &self.styles.head)?;
        at += 1;
        for part in crate::criteria::Part::ALL {
            let of = || {
                let lines = self.evidence.criteria.iter();
                lines.filter(|line| line.coverage.criterion.part == *part)
            };
            let by = Conclusion::ALL
                .map(|one| Value::Number(of().filter(|line| line.conclusion == one).count()));
            let cells = [Value::Text(part.label(language)), Value::Number(of().count())];
            self.row(sheet, at, cells.into_iter().chain(by), &self.styles.text)?;
            at += 1;
        }
        let by = Conclusion::ALL.map(|one| Value::Number(self.evidence.criteria_with(one)));
        let cells = [Value::Text(words.total()), Value::Number(self.evidence.criteria.len())];
        self.row(sheet, at, cells.into_iter().chain(by), &self.styles.text)?;
        at += 2;
        let heads = [words.results(), words.severity()].into_iter().chain(self.state_heads());
        self.row(sheet, at, heads.map(Value::Text), &self.styles.head)?;
        at += 1;
        for (severity, counts) in self.by_severity() {
            let cells = [Value::Text(""), Value::Text(severity)];
            self.row(sheet, at, cells.into_iter().chain(numbers(counts)), &self.styles.text)?;
            at += 1;
        }
        let cells = [Value::Text(words.total()), Value::Text("")];
        let total = numbers(self.evidence.total);
        self.row(sheet, at, cells.into_iter().chain(total), &self.styles.text)?;
        if let Some(changes) = self.changes {
            at += 2;
            let heads = [words.changes(), words.count()].map(Value::Text);
            self.row(sheet, at, heads, &self.styles.head)?;
            for change in Change::ALL {
                at += 1;
                let cells =
                    [Value::Text(change.label(language)), Value::Number(changes.counts.of(change))];
                self.row(sheet, at, cells, &self.styles.text)?;
                sheet.merge_range(at, 2, at, 7, change.meaning(language), &self.styles.text)?;
            }
            at += 1;
            let cells = [Value::Text(words.still_failing()), Value::Number(changes.still_failing)];
            self.row(sheet, at, cells, &self.styles.text)?;
        }
        Ok(())
    }

    fn by_severity(&self) -> Vec<(&'static str, Counts)> {
        let mut severities = std::collections::BTreeMap::new();
        for finding in &self.evidence.findings {
            let counts: &mut Counts = severities.entry(finding.control.severity).or_default();
            counts.add(finding.state);
        }
        severities.into_iter().rev().map(|(one, counts)| (one.as_str(), counts)).collect()
    }
}

/// Whether a cell cannot hold the texts of a finding.
fn too_long(one: &Finding, language: Language) -> bool {
    let length = one.messages(language).map(|text| text.len() + 1).sum::<usize>();
    length > crate::output::sheet::MOST_CHARACTERS
        || one.subject.id.len() > crate::output::sheet::MOST_CHARACTERS
}

/// How many lines a merged cell takes from this column on: Excel does not grow such rows.
fn lines_of(text: &str, from: u16) -> usize {
    use unicode_width::UnicodeWidthStr;
    let columns = if from == 0 { 120 } else { 92 };
    text.width().div_ceil(columns).max(1)
}
