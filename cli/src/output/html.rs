//! `--format html`: one page that needs nothing else, filters without a network, and prints on A4.

use std::io::Write;

use askama::Template;
use fisc_shared::verdict::Compliance;
use fisc_shared::{Control, Language};

use super::OutputError;
use super::row::{FlatRow, State, rows};
use super::text::Words;
use crate::report::{Report, Tally};

/// Writes the report as a page.
///
/// # Errors
/// When it cannot be made or written.
pub fn write(out: &mut impl Write, report: &Report, language: Language) -> Result<(), OutputError> {
    let words = Words(language);
    let rows: Vec<FlatRow> = rows(report, language).collect::<Result<_, _>>()?;
    let page = Page {
        lang: language.as_str(),
        words,
        total: report.total(),
        controls: report
            .tallies()
            .into_iter()
            .map(|(control, tally)| ControlRow {
                control,
                title: control.title.get(language),
                tally,
            })
            .collect(),
        severities: report
            .by_severity()
            .into_iter()
            .map(|(severity, tally)| (severity.as_str(), tally))
            .collect(),
        states: [
            State::Error,
            State::Judged(Compliance::NonCompliant),
            State::NotEvaluated,
            State::Judged(Compliance::Compliant),
            State::Judged(Compliance::NotApplicable),
        ],
        warnings: &report.warnings,
        files: report.files.iter().map(|read| (read.name.as_str(), read.items)).collect(),
        accounts: report.accounts.join(", "),
        items: report.items,
        at: report.at.to_string(),
        edition: fisc_shared::asff::EDITION.get(language),
        version: env!("CARGO_PKG_VERSION"),
        rows: &rows,
    };
    page.write_into(out)?;
    Ok(())
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    lang: &'static str,
    words: Words,
    total: Tally,
    controls: Vec<ControlRow>,
    severities: Vec<(&'static str, Tally)>,
    states: [State; 5],
    warnings: &'a [String],
    files: Vec<(&'a str, u64)>,
    accounts: String,
    items: u64,
    at: String,
    edition: &'static str,
    version: &'static str,
    rows: &'a [FlatRow],
}

struct ControlRow {
    control: &'static Control,
    title: &'static str,
    tally: Tally,
}
