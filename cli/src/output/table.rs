//! The table for people: failures in full, passes summarised by control.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Table,
    Width, presets,
};
use fisc_shared::text::tame;
use fisc_shared::verdict::Compliance;
use fisc_shared::{Control, Language, Severity};
use itertools::Itertools;

use super::OutputError;
use super::text::{Words, criteria, wrap};
use crate::report::{Evaluation, Report, Subject, Tally};
use crate::terminal::Look;

const HEADING: Style = Style::new().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Writes the report for people; with `all`, passes too.
///
/// # Errors
/// When it cannot be written, or results cannot be read back from disk.
pub fn write(
    out: &mut impl Write,
    report: &Report,
    language: Language,
    look: Look,
    all: bool,
) -> Result<(), OutputError> {
    let writer = Tables { words: Words(language), language, look };
    writer.findings(out, report, all)?;
    writer.not_evaluated(out, report)?;
    writer.summary(out, report)?;
    Ok(writer.read(out, report)?)
}

/// An empty table that fits.
#[must_use]
pub fn table(look: Look) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(look.width);
    if look.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// An empty table for rows of one line each.
#[must_use]
pub fn dense_table(look: Look) -> Table {
    let mut table = table(look);
    table.style_mut().row_separator = LineStyle::none();
    table
}

/// A heading cell.
#[must_use]
pub fn heading(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Bold)
}

/// A severity in its colour.
#[must_use]
pub fn severity(severity: Severity) -> Cell {
    let cell = Cell::new(severity.as_str());
    match severity {
        Severity::Critical => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Severity::High => cell.fg(Color::Red),
        Severity::Medium => cell.fg(Color::Yellow),
        Severity::Low => cell,
    }
}

/// Writes a line in a style, where there are colours.
pub(crate) fn styled(look: Look, style: Style, text: &str) -> String {
    if look.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

/// The resource of a row: type, id, and where it is.
#[must_use]
pub fn resource(subject: &Subject) -> String {
    let mut lines = vec![subject.resource_type.to_string()];
    if !subject.id.is_empty() {
        lines.push(subject.id.to_string());
    }
    let place: Vec<&str> = [subject.region.as_ref(), subject.account_id.as_ref()]
        .into_iter()
        .filter(|text| !text.is_empty() && *text != subject.id.as_ref())
        .collect();
    if !place.is_empty() {
        lines.push(place.join(" "));
    }
    tame(&lines.join("\n"))
}

struct Tables {
    words: Words,
    language: Language,
    look: Look,
}

impl Tables {
    fn head(&self, out: &mut impl Write, text: &str) -> io::Result<()> {
        for line in wrap(text, self.look.width.into()) {
            writeln!(out, "{}", styled(self.look, HEADING, &line))?;
        }
        Ok(())
    }

    fn findings(
        &self,
        out: &mut impl Write,
        report: &Report,
        all: bool,
    ) -> Result<(), OutputError> {
        let kept = |one: &Evaluation| all || one.verdict.compliance() == Compliance::NonCompliant;
        let shown = report.evaluations.iter();
        // Column widths depend on all rows: a table is in memory as a whole.
        let shown: Vec<Cow<'_, Evaluation>> =
            shown.filter_ok(|one| kept(one)).collect::<Result<_, _>>()?;
        if shown.is_empty() {
            let nothing = report.evaluations.is_empty();
            let text = if nothing { self.words.nothing() } else { self.words.no_findings() };
            return Ok(writeln!(out, "{text}\n")?);
        }
        let words = self.words;
        let mut table = table(self.look);
        table.set_header(
            [words.verdict(), words.control(), words.criteria(), words.resource(), words.reasons()]
                .map(heading),
        );
        // Ids are read and copied: they stay whole where there is room.
        let longest = shown.iter().map(|one| one.subject.id.len()).max().unwrap_or_default();
        let room = u16::try_from(longest).unwrap_or(u16::MAX).min(self.look.width * 3 / 10);
        let constraint = ColumnConstraint::LowerBoundary(Width::Fixed(room + PADDING));
        if let Some(column) = table.column_mut(3) {
            column.set_constraint(constraint);
        }
        for one in shown {
            table.add_row([
                self.verdict(one.verdict.compliance()),
                Cell::new(format!("{}\n{}", one.control.id, one.control.severity.as_str())),
                Cell::new(criteria(one.control)),
                Cell::new(resource(&one.subject)),
                Cell::new(self.reasons(&one)),
            ]);
        }
        Ok(writeln!(out, "{}\n", table.trim_fmt())?)
    }

    fn verdict(&self, compliance: Compliance) -> Cell {
        let cell = Cell::new(self.words.compliance(compliance));
        match compliance {
            Compliance::NonCompliant => cell.fg(Color::Red).add_attribute(Attribute::Bold),
            Compliance::Compliant => cell.fg(Color::Green),
            Compliance::NotApplicable => cell.fg(Color::DarkGrey),
        }
    }

    fn reasons(&self, one: &Evaluation) -> String {
        let reasons: Vec<String> = one
            .verdict
            .reasons()
            .iter()
            .map(|reason| format!("{}\n{}", reason.code, reason.message.get(self.language)))
            .collect();
        tame(&reasons.join("\n"))
    }

    fn not_evaluated(&self, out: &mut impl Write, report: &Report) -> Result<(), OutputError> {
        if report.not_evaluated.is_empty() {
            return Ok(());
        }
        let words = self.words;
        let mut by_control: BTreeMap<&str, (&Control, usize, Vec<String>)> = BTreeMap::new();
        for one in report.not_evaluated.iter() {
            let one = one?;
            let empty = (one.control, 0, Vec::new());
            let (_, count, names) = by_control.entry(one.control.id).or_insert(empty);
            *count += 1;
            if names.len() < SOME {
                let subject = &one.subject;
                names.push(if subject.id.is_empty() {
                    subject.resource_type.to_string()
                } else {
                    subject.id.to_string()
                });
            }
        }
        self.head(out, words.open_heading())?;
        let mut table = table(self.look);
        let header = [words.control(), words.resources(), words.resource(), words.actions()];
        table.set_header(header.map(heading));
        for (control, count, mut names) in by_control.into_values() {
            if count > SOME {
                names.push(format!("… (+{})", count - SOME));
            }
            let actions: Vec<&str> = control.actions.iter().map(|action| action.name).collect();
            table.add_row([
                Cell::new(control.id),
                number(count, None),
                Cell::new(tame(&names.join("\n"))),
                Cell::new(actions.join("\n")),
            ]);
        }
        Ok(writeln!(out, "{}\n", table.trim_fmt())?)
    }

    fn summary(&self, out: &mut impl Write, report: &Report) -> io::Result<()> {
        let words = self.words;
        self.head(out, words.summary())?;
        let mut table = dense_table(self.look);
        let mut header = vec![heading(words.control()), heading(words.severity())];
        header.extend(counted(words).map(|text| heading(text).set_alignment(CellAlignment::Right)));
        table.set_header(header);
        for (control, tally) in report.tallies() {
            let mut row = vec![Cell::new(control.id), severity(control.severity)];
            row.extend(counts(tally));
            table.add_row(row);
        }
        for (label, tally) in report.by_severity() {
            let mut row = vec![Cell::new(words.total()), severity(label)];
            row.extend(counts(tally));
            table.add_row(row);
        }
        let mut row = vec![heading(words.total()), Cell::new("")];
        row.extend(counts(report.total()));
        table.add_row(row);
        writeln!(out, "{}\n", table.trim_fmt())
    }

    fn read(&self, out: &mut impl Write, report: &Report) -> io::Result<()> {
        let words = self.words;
        let mut lines = Vec::new();
        let of = |judged: bool| -> Vec<String> {
            let types = report.types.iter().filter(|(_, read)| read.judged == judged);
            types.map(|(name, read)| format!("{name} {}", read.items)).collect()
        };
        let (judged, left) = (of(true), of(false));
        if !report.files.is_empty() {
            lines.push(format!("{}: {}", words.files(), report.files.len()));
        }
        lines.push(format!("{}: {}", words.items(), report.items));
        if !judged.is_empty() {
            lines.push(format!("{}: {}", words.types_judged(), judged.join(", ")));
        }
        if !left.is_empty() {
            let some: Vec<&str> = left.iter().take(SOME_TYPES).map(String::as_str).collect();
            let more = if left.len() > SOME_TYPES {
                format!(", … (+{})", left.len() - SOME_TYPES)
            } else {
                String::new()
            };
            lines.push(format!(
                "{} ({}): {}{more}",
                words.types_left(),
                left.len(),
                some.join(", ")
            ));
        }
        lines.push(format!("{}: {}", words.evaluated_at(), report.at));
        let edition = fisc_shared::asff::EDITION.get(self.language);
        lines.push(format!("{}: {edition}", words.edition()));
        lines.push(words.caution().to_owned());
        for line in lines.iter().flat_map(|line| wrap(line, self.look.width.into())) {
            writeln!(out, "{line}")?;
        }
        if !report.errors.is_empty() {
            let text = format!("{}: {}", words.errors(), report.errors.len());
            writeln!(out, "{}", styled(self.look, BAD, &text))?;
        }
        Ok(())
    }
}

/// The blanks at both sides of a column.
const PADDING: u16 = 2;
/// How many names a list shows before it is cut.
const SOME: usize = 8;
/// How many types without a control are named.
const SOME_TYPES: usize = 12;

/// The headings of the numbers of a tally.
const fn counted(words: Words) -> [&'static str; 5] {
    [words.failing(), words.passing(), words.not_applicable(), words.not_evaluated(), words.error()]
}

fn counts(tally: Tally) -> [Cell; 5] {
    [
        number(tally.non_compliant, Some(Color::Red)),
        number(tally.compliant, Some(Color::Green)),
        number(tally.not_applicable, None),
        number(tally.not_evaluated, Some(Color::Yellow)),
        number(tally.errors, Some(Color::Red)),
    ]
}

/// A number, coloured where it is not zero.
fn number(count: usize, colour: Option<Color>) -> Cell {
    let cell = Cell::new(count).set_alignment(CellAlignment::Right);
    match colour {
        Some(colour) if count > 0 => cell.fg(colour),
        _ => cell,
    }
}
