//! `--format csv`: one row per result, for Excel: UTF-8 with a byte order mark, without which
//! Excel in Japan reads Shift_JIS, and cells that no spreadsheet takes for a formula.

use std::borrow::Cow;
use std::io::{self, Write};

use fisc_shared::Language;

use super::OutputError;
use super::row::rows;
use super::text::Words;
use crate::report::Report;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Writes the report as CSV.
///
/// # Errors
/// When it cannot be written, or results cannot be read back from disk.
pub fn write(out: &mut impl Write, report: &Report, language: Language) -> Result<(), OutputError> {
    let words = Words(language);
    let mut csv = table(out)?;
    let head = [
        words.verdict(),
        words.control(),
        words.severity(),
        words.criteria(),
        words.resource_type(),
        words.resource_id(),
        words.region(),
        words.account(),
        words.arn(),
        words.codes(),
        words.message(),
    ];
    csv.write_record(head).map_err(io::Error::from)?;
    for row in rows(report, language) {
        let row = row?;
        let criteria = row.criteria();
        let codes = row.codes.join(" / ");
        let messages = row.messages.join(" / ");
        write_row(
            &mut csv,
            [
                row.state.code(),
                row.control_id(),
                row.severity(),
                &criteria,
                &row.resource_type,
                &row.resource_id,
                &row.region,
                &row.account_id,
                &row.resource_arn,
                &codes,
                &messages,
            ],
        )?;
    }
    Ok(csv.flush()?)
}

/// Begins a table for Excel.
///
/// # Errors
/// When it cannot be written.
pub fn table<W: Write>(mut out: W) -> io::Result<csv::Writer<W>> {
    out.write_all(BOM)?;
    Ok(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out))
}

/// Writes cells, none of which a spreadsheet takes for a formula.
///
/// # Errors
/// When they cannot be written.
pub fn write_row<'a>(
    csv: &mut csv::Writer<impl Write>,
    cells: impl IntoIterator<Item = &'a str>,
) -> io::Result<()> {
    for cell in cells {
        csv.write_field(safe(cell).as_ref())?;
    }
    Ok(csv.write_record(None::<&[u8]>)?)
}

/// A cell that no spreadsheet takes for a formula: names of resources are in the hands of
/// whoever may create them. A leading apostrophe makes it text.
#[must_use]
pub fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(safe(formula), format!("'{formula}"));
        }
        for text in ["", "bucket", "実4", "a=b"] {
            assert_eq!(safe(text), text);
        }
    }
}
