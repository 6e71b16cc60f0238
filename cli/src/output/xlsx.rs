//! `--format xlsx`: a workbook with an overview and the findings.

use std::io::Write;

use fisc_shared::Language;
use fisc_shared::annotation::cut;
use fisc_shared::verdict::Compliance;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::OutputError;
use super::row::{self, State};
use super::text::Words;
use crate::report::{Report, Tally};

/// A font that every Windows and Office in Japan has.
const FONT: &str = "Yu Gothic";
/// The most rows of a sheet, its heading left out.
const MOST_ROWS: usize = 1_048_575;
/// The most characters of a cell are 32,767.
const MOST_CHARACTERS: usize = 32_000;

/// Writes the report as a workbook.
///
/// # Errors
/// When it does not fit into a workbook, or cannot be written.
pub fn write(out: &mut impl Write, report: &Report, language: Language) -> Result<(), OutputError> {
    let rows = row::count(report);
    if rows > MOST_ROWS {
        return Err(OutputError::TooManyRows { rows, most: MOST_ROWS });
    }
    let mut workbook = Workbook::new();
    let sheets = Sheets::new(language);
    sheets.overview(workbook.add_worksheet(), report)?;
    sheets.findings(workbook.add_worksheet(), report)?;
    out.write_all(&workbook.save_to_buffer()?)?;
    Ok(())
}

struct Sheets {
    words: Words,
    language: Language,
    text: Format,
    head: Format,
    title: Format,
}

/// A cell: text or a number.
enum Value<'a> {
    Text(&'a str),
    Number(usize),
}

impl Sheets {
    fn new(language: Language) -> Self {
        let base = Format::new().set_font_name(FONT).set_font_size(10);
        Self {
            words: Words(language),
            language,
            text: base.clone().set_text_wrap().set_align(FormatAlign::Top),
            head: base
                .clone()
                .set_bold()
                .set_background_color(Color::RGB(0x00E8_ECF2))
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::VerticalCenter),
            title: base.set_bold().set_font_size(14),
        }
    }

    fn overview(&self, sheet: &mut Worksheet, report: &Report) -> Result<(), XlsxError> {
        let words = self.words;
        sheet.set_name(words.overview())?;
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        for (column, width) in [18, 12, 46, 30, 10, 10, 10, 10, 10].into_iter().enumerate() {
            sheet.set_column_width(index(column), width)?;
        }
        sheet.write_with_format(0, 0, words.title(), &self.title)?;
        let mut at = 1;
        let files: Vec<String> =
            report.files.iter().map(|read| format!("{} ({})", read.name, read.items)).collect();
        let lines = [
            (words.account(), report.accounts.join(", ")),
            (words.evaluated_at(), report.at.to_string()),
            (words.items(), report.items.to_string()),
            (words.files(), cut(&files.join(", "), MOST_CHARACTERS)),
            (words.edition(), fisc_shared::asff::EDITION.get(self.language).to_owned()),
        ];
        let plain = self.text.clone().unset_text_wrap();
        for (name, value) in &lines {
            sheet.write_with_format(at, 0, *name, &plain)?;
            sheet.write_with_format(at, 1, value, &plain)?;
            at += 1;
        }
        sheet.write_with_format(at, 0, words.caution(), &plain)?;
        at += 1;
        for warning in &report.warnings {
            sheet.write_with_format(at, 0, warning, &plain)?;
            at += 1;
        }
        at += 1;
        let heads = [
            words.control(),
            words.severity(),
            words.name(),
            words.criteria(),
            words.failing(),
            words.passing(),
            words.not_applicable(),
            words.not_evaluated(),
            words.errors(),
        ];
        self.row(sheet, at, &heads.map(Value::Text), &self.head)?;
        at += 1;
        for (control, tally) in report.tallies() {
            let criteria: Vec<&str> = control.criteria.all().collect();
            let criteria = criteria.join(", ");
            let cells = [control.id, control.severity.as_str(), control.title.get(self.language)];
            let cells: Vec<Value<'_>> =
                cells.into_iter().chain([criteria.as_str()]).map(Value::Text).collect();
            self.tally(sheet, at, cells, tally)?;
            at += 1;
        }
        for (severity, tally) in report.by_severity() {
            let cells = [words.total(), severity.as_str(), "", ""].map(Value::Text);
            self.tally(sheet, at, cells.into(), tally)?;
            at += 1;
        }
        self.tally(sheet, at, [words.total(), "", "", ""].map(Value::Text).into(), report.total())
    }

    fn tally(
        &self,
        sheet: &mut Worksheet,
        at: u32,
        mut cells: Vec<Value<'_>>,
        tally: Tally,
    ) -> Result<(), XlsxError> {
        let Tally { non_compliant, compliant, not_applicable, not_evaluated, errors } = tally;
        let counts = [non_compliant, compliant, not_applicable, not_evaluated, errors];
        cells.extend(counts.map(Value::Number));
        self.row(sheet, at, &cells, &self.text)
    }

    fn findings(&self, sheet: &mut Worksheet, report: &Report) -> Result<(), XlsxError> {
        let words = self.words;
        sheet.set_name(words.findings())?;
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(0, 0)?.set_freeze_panes(1, 0)?;
        let columns = [
            (words.verdict(), 12),
            (words.control(), 20),
            (words.severity(), 11),
            (words.criteria(), 26),
            (words.resource_type(), 22),
            (words.resource_id(), 38),
            (words.region(), 15),
            (words.account(), 15),
            (words.codes(), 32),
            (words.message(), 60),
            (words.arn(), 50),
        ];
        for (column, (name, width)) in columns.into_iter().enumerate() {
            sheet.set_column_width(index(column), width)?;
            sheet.write_with_format(0, index(column), name, &self.head)?;
        }
        let last = u32::try_from(row::count(report)).unwrap_or(u32::MAX);
        sheet.autofilter(0, 0, last, index(columns.len() - 1))?;
        let colours = [
            (State::Error, 0x00FD_EEEE),
            (State::Judged(Compliance::NonCompliant), 0x00FD_EEEE),
            (State::Judged(Compliance::Compliant), 0x00ED_F8F0),
            (State::Judged(Compliance::NotApplicable), 0x00F4_F6F9),
            (State::NotEvaluated, 0x00FF_F6E3),
        ]
        .map(|(state, colour)| (state, self.text.clone().set_background_color(Color::RGB(colour))));
        for (at, row) in (1_u32..).zip(row::rows(report, self.language)) {
            let criteria = row.criteria();
            let cells = [
                row.state.label(words),
                row.control_id(),
                row.severity(),
                &criteria,
                &row.resource_type,
                &row.resource_id,
                &row.region,
                &row.account_id,
                &row.codes.join("\n"),
                &cut(&row.messages.join("\n"), MOST_CHARACTERS),
                &row.resource_arn,
            ];
            self.row(sheet, at, &cells.map(Value::Text), &self.text)?;
            let verdict = colours.iter().find(|(state, _)| *state == row.state);
            if let Some((state, format)) = verdict {
                sheet.write_with_format(at, 0, state.label(words), format)?;
            }
        }
        Ok(())
    }

    /// Text is written as text: what looks like a formula stays what it is.
    fn row(
        &self,
        sheet: &mut Worksheet,
        at: u32,
        cells: &[Value<'_>],
        format: &Format,
    ) -> Result<(), XlsxError> {
        for (column, cell) in cells.iter().enumerate() {
            match cell {
                Value::Text(text) => {
                    sheet.write_string_with_format(at, index(column), *text, format)?
                }
                Value::Number(number) => {
                    #[expect(
                        clippy::cast_precision_loss,
                        reason = "Excel's numbers are floats; counts stay far below 2^53"
                    )]
                    let number = *number as f64;
                    sheet.write_number_with_format(at, index(column), number, format)?
                }
            };
        }
        Ok(())
    }
}

/// Excel's number of the paper size.
const A4: u8 = 9;

/// A column's number; there are never more than a dozen.
fn index(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}
