//! `fisc report --format xlsx`: a workbook as banks file it: overview, criteria with room for the
//! evidence, controls, failures, exemptions, what was not evaluated, and with `--compare` what
//! changed.

mod lists;
mod overview;

use std::io::Write;

use fisc_shared::Language;
use jiff::Timestamp;
use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use super::compare::{Change, Changes};
use super::finding::{Counts, State};
use super::model::{Conclusion, Evidence};
use crate::output::OutputError;
use crate::output::sheet::{MOST_ROWS, Styles, Value, fit_row, index, print_on_a4, write_row};
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
            fit_row(sheet, at, &cells, &columns)?;
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
            fit_row(sheet, at, &cells, &columns)?;
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
