//! `fisc report --format xlsx`: a workbook as banks file it: overview, criteria with room for the
//! evidence, controls, failures, exemptions, what was not evaluated, and with `--compare` what
//! changed.

use std::io::Write;

use fisc_shared::Language;
use jiff::Timestamp;
use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use super::compare::{Change, Changes};
use super::finding::{Counts, Finding, State};
use super::head;
use super::model::{Conclusion, Evidence};
use crate::output::OutputError;
use crate::output::sheet::{MOST_ROWS, Styles, Value, index, print_on_a4, write_row};
use crate::output::text::Words;

/// Writes the report as a workbook.
///
/// # Errors
/// When it cannot be made or written.
pub fn write(
    out: &mut dyn Write,
    evidence: &Evidence,
    changes: Option<&Changes>,
    language: Language,
    made: Timestamp,
) -> Result<(), OutputError> {
    let mut workbook = Workbook::new();
    let book = Book::new(evidence, changes, language);
    book.overview(workbook.add_worksheet(), made)?;
    book.criteria(workbook.add_worksheet())?;
    book.controls(workbook.add_worksheet())?;
    book.failures(workbook.add_worksheet())?;
    book.exemptions(workbook.add_worksheet())?;
    book.open(workbook.add_worksheet())?;
    if let Some(changes) = changes {
        book.changes(workbook.add_worksheet(), changes)?;
    }
    out.write_all(&workbook.save_to_buffer()?)?;
    Ok(())
}

struct Book<'a> {
    evidence: &'a Evidence,
    changes: Option<&'a Changes>,
    words: Words,
    language: Language,
    styles: Styles,
}

/// A table: its sheet's name, its columns with widths, and how many columns on the left stay.
struct Table<'t> {
    name: &'t str,
    columns: &'t [(&'t str, u8)],
    frozen: u16,
    rows: usize,
}

impl<'a> Book<'a> {
    fn new(evidence: &'a Evidence, changes: Option<&'a Changes>, language: Language) -> Self {
        let styles = Styles::default();
        Self { evidence, changes, words: Words(language), language, styles }
    }

    fn tone(&self, colour: u32) -> Format {
        self.styles.text.clone().set_background_color(Color::RGB(colour))
    }

    fn conclusion_tone(&self, conclusion: Conclusion) -> Format {
        self.tone(match conclusion {
            Conclusion::Failing => 0x00FD_EEEE,
            Conclusion::Incomplete => 0x00FF_F6E3,
            Conclusion::Exempt => 0x00F3_EFFA,
            Conclusion::NoFailure => 0x00ED_F8F0,
            Conclusion::NothingFound => 0x00F4_F6F9,
            Conclusion::ByEvidence => 0x00EE_F3FA,
        })
    }

    /// Begins a table: frozen headings, filters, widths, print titles. Returns how many rows fit.
    fn table(&self, sheet: &mut Worksheet, table: &Table<'_>) -> Result<usize, XlsxError> {
        sheet.set_name(table.name)?;
        print_on_a4(sheet);
        sheet.set_repeat_rows(0, 0)?.set_freeze_panes(1, table.frozen)?;
        sheet.set_footer("&L&9&F  &A&R&9&P / &N");
        for (column, (name, width)) in table.columns.iter().enumerate() {
            sheet.set_column_width(index(column), *width)?;
            sheet.write_with_format(0, index(column), *name, &self.styles.head)?;
        }
        // The last row is kept for the note that there are more.
        let fitting = table.rows.min(MOST_ROWS - 1);
        let last = u32::try_from(fitting).unwrap_or(u32::MAX).max(1);
        sheet.autofilter(0, 0, last, index(table.columns.len().saturating_sub(1)))?;
        if fitting < table.rows {
            let left_out = format!("+{} {}", table.rows - fitting, self.words.rows_cut());
            let at = u32::try_from(MOST_ROWS).unwrap_or(u32::MAX);
            sheet.write_with_format(
                at,
                0,
                left_out,
                &self.styles.text.clone().unset_text_wrap(),
            )?;
        }
        Ok(fitting)
    }

    fn overview(&self, sheet: &mut Worksheet, made: Timestamp) -> Result<(), XlsxError> {
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

    fn criteria(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (words, language) = (self.words, self.language);
        let heads: Vec<&str> = self.state_heads().collect();
        let mut columns = vec![
            (words.criterion(), 12),
            (words.part(), 9),
            (words.topic(), 36),
            (words.disposition(), 14),
            (words.duty(), 10),
            (words.conclusion(), 15),
        ];
        columns.extend(heads.iter().map(|head| (*head, 9)));
        columns.extend([
            (words.controls(), 44),
            (words.codes(), 36),
            (words.attach(), 46),
            (words.blank_name(), 22),
            (words.blank_date(), 12),
            (words.blank_document(), 16),
            (words.blank_signature(), 16),
        ]);
        if self.changes.is_some() {
            columns.extend([(words.failing_before(), 12), (words.changes_short(), 30)]);
        }
        let rows = self.evidence.criteria.len();
        let table = Table { name: words.by_criterion(), columns: &columns, frozen: 1, rows };
        self.table(sheet, &table)?;
        for (index, line) in self.evidence.criteria.iter().enumerate() {
            let at = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let criterion = line.coverage.criterion;
            let controls: Vec<String> = line
                .controls
                .iter()
                .map(|one| {
                    let mut text = format!("{} ({})", one.control.id, one.relation.label(language));
                    if one.counts.failing > 0 {
                        text.push_str(&format!(" {} {}", words.failing(), one.counts.failing));
                    }
                    text
                })
                .collect();
            let (controls, codes) = (controls.join("\n"), self.codes(&line.failing));
            let mut cells = vec![
                Value::Text(criterion.number),
                Value::Text(criterion.part.label(language)),
                Value::Text(criterion.topic.get(language)),
                Value::Text(criterion.disposition.label(language)),
                Value::Text(criterion.subject.label(language)),
                Value::Text(line.conclusion.label(language)),
            ];
            cells.extend(numbers(line.resources));
            cells.extend([
                Value::Text(&controls),
                Value::Text(&codes),
                Value::Text(criterion.evidence.get(language)),
                Value::Text(""),
                Value::Text(""),
                Value::Text(""),
                Value::Text(""),
            ]);
            let change = self.changes.and_then(|changes| changes.criteria.get(index));
            let kinds: Vec<String> = change
                .into_iter()
                .flat_map(|change| Change::ALL.map(|kind| (kind, change.findings.of(kind))))
                .filter(|(_, count)| *count > 0)
                .map(|(kind, count)| format!("{} {count}", kind.label(language)))
                .collect();
            let kinds = kinds.join(", ");
            if let Some(change) = change {
                cells.extend([Value::Number(change.failing_before), Value::Text(&kinds)]);
            }
            write_row(sheet, at, &cells, &self.styles.text)?;
            let tone = self.conclusion_tone(line.conclusion);
            sheet.write_with_format(at, 5, line.conclusion.label(language), &tone)?;
        }
        Ok(())
    }

    /// Reason codes with how often they are there, in the order of their first one.
    fn codes(&self, failing: &[usize]) -> String {
        let mut codes: Vec<(&str, usize)> = Vec::new();
        for finding in failing.iter().filter_map(|at| self.evidence.findings.get(*at)) {
            for code in finding.codes() {
                match codes.iter_mut().find(|(known, _)| *known == code) {
                    Some((_, count)) => *count += 1,
                    None => codes.push((code, 1)),
                }
            }
        }
        let codes: Vec<String> =
            codes.into_iter().map(|(code, count)| format!("{code} {count}")).collect();
        codes.join("\n")
    }

    fn controls(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (words, language) = (self.words, self.language);
        let heads: Vec<&str> = self.state_heads().collect();
        let mut columns = vec![(words.control(), 28), (words.severity(), 11), (words.name(), 50)];
        columns.extend(heads.iter().map(|head| (*head, 9)));
        columns.extend([(words.criteria(), 34), (words.fix(), 70), (words.notes(), 30)]);
        let rows = self.evidence.controls.len();
        self.table(sheet, &Table { name: words.by_control(), columns: &columns, frozen: 1, rows })?;
        for (at, line) in (1_u32..).zip(&self.evidence.controls) {
            let control = line.control;
            let criteria: Vec<&str> = control.criteria.all().collect();
            let criteria = criteria.join(", ");
            let mut cells = vec![
                Value::Text(control.id),
                Value::Text(control.severity.as_str()),
                Value::Text(control.title.get(language)),
            ];
            cells.extend(numbers(line.counts));
            cells.extend([
                Value::Text(&criteria),
                Value::Text(control.fix.get(language)),
                Value::Text(line.silence.map_or("", |silence| silence.label(language))),
            ]);
            write_row(sheet, at, &cells, &self.styles.text)?;
        }
        Ok(())
    }

    fn failures(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
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
            write_row(sheet, at, &cells.map(Value::Text), &self.styles.text)?;
        }
        Ok(())
    }

    fn exemptions(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
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
            write_row(sheet, at, &cells.map(Value::Text), &self.styles.text)?;
        }
        Ok(())
    }

    fn open(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
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
            write_row(sheet, at, &cells.map(Value::Text), &self.styles.text)?;
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
            write_row(sheet, at, &cells.map(Value::Text), &self.styles.text)?;
            at += 1;
        }
        Ok(())
    }

    fn changes(&self, sheet: &mut Worksheet, changes: &Changes) -> Result<(), XlsxError> {
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
            write_row(sheet, at, &cells.map(Value::Text), &self.styles.text)?;
        }
        Ok(())
    }

    fn state_heads(&self) -> impl Iterator<Item = &'static str> {
        State::ALL.map(|state| state.label(self.language)).into_iter()
    }

    fn row<'v>(
        &self,
        sheet: &mut Worksheet,
        at: u32,
        cells: impl IntoIterator<Item = Value<'v>>,
        format: &Format,
    ) -> Result<(), XlsxError> {
        let cells: Vec<Value<'v>> = cells.into_iter().collect();
        write_row(sheet, at, &cells, format)
    }
}

fn numbers<'v>(counts: Counts) -> impl Iterator<Item = Value<'v>> {
    counts.all().map(Value::Number).into_iter()
}

/// Criteria, codes and messages of a finding.
fn texts(one: &Finding, language: Language) -> (String, String, String) {
    let criteria: Vec<&str> = one.control.criteria.all().collect();
    let codes: Vec<&str> = one.codes().collect();
    let messages: Vec<&str> = one.messages(language).filter(|text| !text.is_empty()).collect();
    (criteria.join(", "), codes.join("\n"), messages.join("\n"))
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
