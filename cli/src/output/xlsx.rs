//! `--format xlsx`: a workbook with an overview and the findings.

use std::io::Write;

use fisc_shared::Language;
use fisc_shared::annotation::cut;
use fisc_shared::verdict::Compliance;
use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use super::OutputError;
use super::row::{self, State};
use super::sheet::{MOST_CHARACTERS, MOST_ROWS, Styles, Value, index, print_on_a4, write_row};
use super::text::Words;
use crate::report::{Report, Tally};

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

impl Sheets {
    fn new(language: Language) -> Self {
        let Styles { text, head, title } = Styles::default();
        Self { words: Words(language), language, text, head, title }
    }

    fn overview(&self, sheet: &mut Worksheet, report: &Report) -> Result<(), XlsxError> {
        let words = self.words;
        sheet.set_name(words.overview())?;
        print_on_a4(sheet);
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
        write_row(sheet, at, &heads.map(Value::Text), &self.head)?;
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
        write_row(sheet, at, &cells, &self.text)
    }

    fn findings(&self, sheet: &mut Worksheet, report: &Report) -> Result<(), OutputError> {
        let words = self.words;
        sheet.set_name(words.findings())?;
        print_on_a4(sheet);
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
            let row = row?;
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
                &row.messages.join("\n"),
                &row.resource_arn,
            ];
            write_row(sheet, at, &cells.map(Value::Text), &self.text)?;
            let verdict = colours.iter().find(|(state, _)| *state == row.state);
            if let Some((state, format)) = verdict {
                sheet.write_with_format(at, 0, state.label(words), format)?;
            }
        }
        Ok(())
    }
}
