//! `fisc coverage`: every criterion of the reference, and the controls that speak to it.

use std::io::{self, Write};

use comfy_table::{Cell, Color, ColumnConstraint, Width};
use fisc_shared::{Control, Language};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::coverage::{self, Coverage};
use crate::criteria::Disposition;
use crate::output::table::{dense_table, heading, table};
use crate::output::text::{Words, wrap};
use crate::terminal::Look;

/// Writes tables for people: the counts, and the criteria; those of which the reference says
/// nothing only with `all`.
///
/// # Errors
/// When it cannot be written.
pub fn write_table(
    out: &mut impl Write,
    coverage: &[Coverage],
    language: Language,
    look: Look,
    all: bool,
) -> io::Result<()> {
    let words = Words(language);
    let mut counts = dense_table(look);
    counts.set_header(
        [words.disposition(), words.criteria(), words.covered(), words.meaning()].map(heading),
    );
    for count in coverage::counts(coverage) {
        counts.add_row([
            disposition(count.disposition, language),
            Cell::new(count.criteria),
            Cell::new(if count.disposition.is_checked() {
                count.covered.to_string()
            } else {
                "-".to_owned()
            }),
            Cell::new(meaning(count.disposition, words)),
        ]);
    }
    let mut criteria = table(look);
    criteria.set_header(
        [words.criterion(), words.disposition(), words.topic(), words.controls(), words.evidence()]
            .map(heading),
    );
    let listed: Vec<&Coverage> = coverage
        .iter()
        .filter(|one| all || one.criterion.disposition != Disposition::NotDescribed)
        .collect();
    let columns = Columns::of(&listed, language, look);
    if let Some(column) = criteria.column_mut(3) {
        let whole = u16::try_from(columns.controls + PADDING).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(whole)));
    }
    for one in listed {
        let criterion = one.criterion;
        criteria.add_row([
            Cell::new(fitted(criterion.number, NUMBER).replace(' ', UNBROKEN)),
            disposition(criterion.disposition, language),
            Cell::new(fitted(criterion.topic.get(language), columns.topic)),
            Cell::new(controls(one, words, columns.controls)),
            Cell::new(fitted(criterion.evidence.get(language), columns.evidence)),
        ]);
    }
    writeln!(out, "{}\n", criteria.trim_fmt())?;
    writeln!(out, "{}\n", counts.trim_fmt())?;
    let edition = fisc_shared::asff::EDITION.get(language);
    let mut notes = vec![format!("{}: {edition}", words.edition()), words.caution().to_owned()];
    if !all {
        notes.push(words.see_not_described().to_owned());
    }
    for line in notes.iter().flat_map(|note| wrap(note, look.width.into())) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn disposition(disposition: Disposition, language: Language) -> Cell {
    let cell = Cell::new(disposition.label(language));
    match disposition {
        Disposition::Automated => cell.fg(Color::Green),
        Disposition::Partial => cell.fg(Color::Yellow),
        Disposition::Process | Disposition::Aws | Disposition::NotDescribed => cell,
    }
}

const fn meaning(disposition: Disposition, words: Words) -> &'static str {
    match disposition {
        Disposition::Automated => words.means_automated(),
        Disposition::Partial => words.means_partial(),
        Disposition::Process => words.means_process(),
        Disposition::Aws => words.means_aws(),
        Disposition::NotDescribed => words.means_not_described(),
    }
}

/// A space at which no line breaks: the number of a criterion has one in it.
const UNBROKEN: &str = "\u{a0}";
/// The width of almost every number; one carries a remark.
const NUMBER: usize = 11;
/// Borders and padding of the five columns.
const FRAME: usize = 12;
/// Padding of a column.
const PADDING: usize = 2;
/// The width of the longest ids of controls, with a comma.
const ID: usize = 24;

/// Widths of the columns with long texts. The table itself would break Japanese lines in the
/// middle of Latin words.
struct Columns {
    topic: usize,
    controls: usize,
    evidence: usize,
}

impl Columns {
    fn of(listed: &[&Coverage], language: Language, look: Look) -> Self {
        let labels = listed.iter().map(|one| one.criterion.disposition.label(language).width());
        let fixed = NUMBER + labels.max().unwrap_or_default() + FRAME;
        let room = usize::from(look.width).saturating_sub(fixed).max(ID * 2);
        let controls = (room * 4 / 10).max(ID);
        let topic = (room - controls) / 2;
        Self { topic, controls, evidence: room - topic - controls }
    }
}

fn fitted(text: &str, width: usize) -> String {
    wrap(text, width).join("\n")
}

/// The controls for a cell: those that are asked for, then those that follow from the criterion
/// or, where they do not cover it, are merely related to it.
fn controls(one: &Coverage, words: Words, width: usize) -> String {
    let explicit = list(&one.explicit, words);
    let implied = list(&one.implied, words);
    let mark = if one.is_covered() { words.implied() } else { words.related() };
    let mut lines = Vec::new();
    if !explicit.is_empty() {
        lines.push(fitted(&explicit, width));
    }
    if !implied.is_empty() {
        lines.push(fitted(&format!("({mark}) {implied}"), width));
    }
    lines.join("\n")
}

fn list(controls: &[&Control], words: Words) -> String {
    let named = controls.iter().map(|control| {
        let optional = coverage::is_optional(control);
        let mark = if optional { format!(" ({})", words.opt_in()) } else { String::new() };
        format!("{}{mark}", control.id)
    });
    named.collect::<Vec<_>>().join(", ")
}

/// Writes the coverage of every criterion as JSON.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(
    out: &mut impl Write,
    coverage: &[Coverage],
    language: Language,
) -> io::Result<()> {
    let list = List {
        edition: fisc_shared::asff::EDITION.get(language),
        criteria: coverage.iter().map(|one| Row::of(one, language)).collect(),
        summary: coverage::counts(coverage)
            .iter()
            .map(|count| Summary {
                disposition: count.disposition.as_str(),
                criteria: count.criteria,
                covered: count.covered,
            })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &list)?;
    writeln!(out)
}

#[derive(Serialize)]
struct List {
    edition: &'static str,
    criteria: Vec<Row>,
    summary: Vec<Summary>,
}

#[derive(Serialize)]
struct Row {
    criterion: &'static str,
    part: &'static str,
    subject: &'static str,
    disposition: &'static str,
    covered: bool,
    /// Everything that covers it is off until a parameter turns it on.
    opt_in: bool,
    topic: &'static str,
    controls: Controls,
    evidence: &'static str,
}

#[derive(Serialize)]
struct Controls {
    explicit: Vec<&'static str>,
    implied: Vec<&'static str>,
}

#[derive(Serialize)]
struct Summary {
    disposition: &'static str,
    criteria: usize,
    covered: usize,
}

impl Row {
    fn of(one: &Coverage, language: Language) -> Self {
        let ids = |controls: &[&'static Control]| controls.iter().map(|one| one.id).collect();
        let criterion = one.criterion;
        Self {
            criterion: criterion.number,
            part: criterion.part.as_str(),
            subject: criterion.subject.as_str(),
            disposition: criterion.disposition.as_str(),
            covered: one.is_covered(),
            opt_in: one.is_optional(),
            topic: criterion.topic.get(language),
            controls: Controls { explicit: ids(&one.explicit), implied: ids(&one.implied) },
            evidence: criterion.evidence.get(language),
        }
    }
}
