//! What all workbooks share: fonts and formats, cells, and how sheets print.

use fisc_shared::annotation::cut;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr;

/// A font that every Windows and Office in Japan has.
const FONT: &str = "Yu Gothic";
/// The most rows of a sheet, its heading left out.
pub const MOST_ROWS: usize = 1_048_575;
/// The most characters of a cell are 32,767.
pub const MOST_CHARACTERS: usize = 32_000;
/// Excel's number of the paper size.
const A4: u8 = 9;

/// The formats of a workbook.
#[derive(Debug, Clone)]
pub struct Styles {
    /// Text and numbers in tables: wrapped, at the top.
    pub text: Format,
    /// Headings of columns.
    pub head: Format,
    /// The heading of a sheet.
    pub title: Format,
}

/// A cell: text or a number.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Text; stays text, whatever it looks like.
    Text(&'a str),
    /// A count.
    Number(usize),
}

impl Default for Styles {
    fn default() -> Self {
        let base = Format::new().set_font_name(FONT).set_font_size(10);
        Self {
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
}

/// Makes a sheet print on A4 across, as wide as the page.
pub fn print_on_a4(sheet: &mut Worksheet) {
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
}

/// Writes a row of cells from the first column on. Text is written as text: what looks like a
/// formula stays what it is. Text that no cell holds is cut.
///
/// # Errors
/// When the workbook refuses it.
pub fn write_row(
    sheet: &mut Worksheet,
    at: u32,
    cells: &[Value<'_>],
    format: &Format,
) -> Result<(), XlsxError> {
    for (column, cell) in cells.iter().enumerate() {
        match cell {
            Value::Text(text) if text.len() > MOST_CHARACTERS => {
                let text = cut(text, MOST_CHARACTERS);
                sheet.write_string_with_format(at, index(column), text, format)?
            }
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

/// Points that a line of text takes.
const LINE: f64 = 13.5;
/// The most lines that a row shows; who wants to see the rest opens the cell.
const MOST_LINES: usize = 12;

/// Makes a row as high as its texts in columns of these widths. Programs differ in whether they
/// do so themselves.
///
/// # Errors
/// When the workbook refuses it.
pub fn fit_row(
    sheet: &mut Worksheet,
    at: u32,
    cells: &[Value<'_>],
    columns: &[(&str, u8)],
) -> Result<(), XlsxError> {
    let lines = |(cell, (_, width)): (&Value<'_>, &(&str, u8))| match cell {
        Value::Text(text) => {
            let wrapped = |line: &str| line.width().div_ceil(usize::from(*width).max(1)).max(1);
            text.lines().take(MOST_LINES).map(wrapped).sum()
        }
        Value::Number(_) => 1,
    };
    let most: usize = cells.iter().zip(columns).map(lines).max().unwrap_or(1);
    if most > 1 {
        #[expect(clippy::cast_precision_loss, reason = "at most a dozen")]
        sheet.set_row_height(at, LINE * most.min(MOST_LINES) as f64)?;
    }
    Ok(())
}

/// A column's number; there are never more than some dozens.
#[must_use]
pub fn index(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}
