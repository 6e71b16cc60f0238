//! docs/performance.md: the figures beside their goals.

mod machine;
mod notes;
mod table;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, at};
use crate::{logs, scan, size, start};
use machine::Machine;
use table::{Goal, Table, bytes, megabytes, milliseconds, ratio, seconds};

/// The figures of one part, and the machine that they are from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Part<T> {
    /// When.
    pub(crate) at: String,
    /// Where.
    pub(crate) machine: Machine,
    /// The figures.
    pub(crate) figures: T,
}

impl<T> Part<T> {
    /// Figures of this machine, now.
    pub(crate) fn here(figures: T) -> Self {
        Self {
            at: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            machine: Machine::here(),
            figures,
        }
    }
}

/// What `cargo xtask bench calls` counted of a control.
#[derive(Debug, Deserialize)]
struct Counted {
    control: String,
    calls: Result<[usize; 3], String>,
    twice: Vec<String>,
}

/// Writes the report from the figures in a folder; of parts that were not measured it says so.
///
/// # Errors
/// When figures are damaged or the report cannot be written.
pub(crate) fn write(folder: &Path) -> Result<(), Error> {
    let mut report = Report { text: notes::HEAD.to_owned(), goals: Vec::new() };
    let start: Option<Part<start::Figures>> = read(folder, "start")?;
    let scan: Option<Part<Vec<scan::Row>>> = read(folder, "scan")?;
    let logs: Option<Part<logs::Figures>> = read(folder, "logs")?;
    let sizes: Option<Part<Vec<size::Row>>> = read(folder, "size")?;
    let calls: Option<Vec<Counted>> = read(folder, "calls")?;
    report.part("1. Cold start", start.as_ref(), notes::START, Report::cold);
    report.part("2. A warm event", start.as_ref(), notes::WARM, Report::warm);
    report.part("3. Snapshot scan", scan.as_ref(), notes::SCAN, Report::scan);
    report.part("4. verify-logs", logs.as_ref(), notes::LOGS, Report::logs);
    report.part("5. Artifact size", sizes.as_ref(), notes::SIZE, Report::sizes);
    report.calls(calls.as_deref());
    let text = report.finish();
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md"));
    fs::write(file, text).map_err(at(&file.display()))
}

fn read<T: DeserializeOwned>(folder: &Path, part: &str) -> Result<Option<T>, Error> {
    let file = folder.join(format!("{part}.json"));
    if !file.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&file).map_err(at(&file.display()))?;
    Ok(Some(serde_json::from_str(&text)?))
}

struct Report {
    text: String,
    goals: Vec<Goal>,
}

impl Report {
    /// A section: what is measured and how, the figures, and the machine.
    fn part<T>(
        &mut self,
        title: &str,
        part: Option<&Part<T>>,
        method: &str,
        write: fn(&mut Self, &T),
    ) {
        self.say(&format!("\n## {title}\n\n{method}\n"));
        match part {
            None => self.say("Not measured yet.\n"),
            Some(part) => {
                write(self, &part.figures);
                self.say(&format!("Measured {} on {}.\n", part.at, part.machine));
            }
        }
    }

    fn say(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn table(&mut self, table: &Table) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{table}");
    }

    fn goal(&mut self, goal: Goal) {
        self.goals.push(goal);
    }

    fn cold(&mut self, figures: &start::Figures) {
        let rows = figures.rows.as_slice();
        let mut table = Table::new(&[
            "function",
            "control",
            "to first `/next`",
            "Python",
            "times",
            "to the evaluation put",
            "Python",
            "times",
            "peak memory",
            "Python",
            "times",
        ]);
        for ours in own(rows) {
            let python = twin(rows, ours);
            let mut cells = vec![ours.what.clone(), ours.control.clone()];
            let measures: [(Pick, fn(f64) -> String); 3] =
                [(NEXT, milliseconds), (PUT, milliseconds), (PEAK, megabytes)];
            for (pick, write) in measures {
                cells.push(write(pick(ours)));
                cells.push(python.map_or_else(String::new, |python| write(pick(python))));
                let times = python.map(|python| pick(python) / pick(ours));
                cells.push(times.map_or_else(String::new, ratio));
            }
            table.row(cells);
        }
        self.table(&table);
        for failure in &figures.failed {
            self.say(&format!("Not measured: {}\n\n", first_line(failure)));
        }
        for (what, wanted, pick) in [
            ("faster to the first `/next`", 25.0, NEXT),
            ("faster to the evaluation put", 20.0, PUT),
            ("less memory", 6.0, PEAK),
        ] {
            self.least(1, what, wanted, rows, |row| Some(pick(row)));
        }
    }

    /// The goal that every domain has to meet, by the one that is furthest from it.
    fn least(
        &mut self,
        measurement: u8,
        what: &str,
        wanted: f64,
        rows: &[start::Row],
        pick: impl Fn(&start::Row) -> Option<f64>,
    ) {
        let mut ratios: Vec<(f64, &str)> = own(rows)
            .filter_map(|ours| Some((pick(twin(rows, ours)?)? / pick(ours)?, ours.what.as_str())))
            .collect();
        ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
        let met = ratios.iter().filter(|(ratio, _)| *ratio >= wanted).count();
        if let Some((least, name)) = ratios.first() {
            let of = ratios.len();
            let text = format!(
                "{what} than Python: the least of all domains, {name} ({met} of {of} meet it)"
            );
            self.goal(Goal::at_least(measurement, text, wanted, *least));
        }
    }

    fn warm(&mut self, figures: &start::Figures) {
        let rows = figures.rows.as_slice();
        let mut table = Table::new(&[
            "function",
            "control",
            "CPU of a warm event",
            "Python",
            "times",
            "CPU of a cold start and one event",
            "Python",
        ]);
        for ours in own(rows) {
            let Some(cpu) = ours.warm_cpu else { continue };
            let python = twin(rows, ours);
            let theirs = python.and_then(|python| python.warm_cpu);
            let write = |figure: Option<f64>| figure.map_or_else(String::new, milliseconds);
            table.row([
                ours.what.clone(),
                ours.control.clone(),
                milliseconds(cpu),
                write(theirs),
                theirs.map_or_else(String::new, |theirs| ratio(theirs / cpu)),
                milliseconds(ours.cold_cpu),
                write(python.map(|python| python.cold_cpu)),
            ]);
        }
        self.table(&table);
        self.least(2, "less CPU for a warm event", 20.0, rows, |row| row.warm_cpu);
    }

    fn scan(&mut self, rows: &Vec<scan::Row>) {
        let mut table = Table::new(&[
            "items",
            "what",
            "cores",
            "CPU",
            "wall",
            "items/s (CPU)",
            "MB/s (CPU)",
            "peak memory",
        ]);
        for row in rows {
            let (items, size) = (count(row.items), count64(row.bytes));
            table.row([
                row.items.to_string(),
                row.what.clone(),
                row.cores.to_string(),
                seconds(row.took.cpu),
                seconds(row.took.wall),
                format!("{:.0}", items / row.took.cpu),
                format!("{:.1}", size / row.took.cpu / 1e6),
                megabytes(row.took.peak),
            ]);
        }
        self.table(&table);
        let find = |items: usize, what: &str, cores: usize| {
            rows.iter()
                .find(|row| row.items == items && row.what.starts_with(what) && row.cores == cores)
        };
        let mut sizes: Vec<usize> = rows.iter().map(|row| row.items).collect();
        sizes.dedup();
        for &items in &sizes {
            if let (Some(ours), Some(floor)) = (
                find(items, "fisc scan, all controls, CSV", 1),
                find(items, "serde_json, into values", 1),
            ) {
                let what = format!("{items} items: CPU over the floor (values)");
                self.goal(Goal::at_most(3, what, 2.5, ours.took.cpu / floor.took.cpu));
            }
            if let (Some(ours), Some(guard)) =
                (find(items, "fisc scan, the compared", 1), find(items, "cfn-guard", 1))
            {
                let what = format!("{items} items: less CPU than cfn-guard, the same controls");
                self.goal(Goal::at_least(3, what, 10.0, guard.took.cpu / ours.took.cpu));
            }
            if let (Some(ours), Some(guard)) =
                (find(items, "fisc scan, all controls, JSON", 1), find(items, "cfn-guard", 1))
            {
                let what =
                    format!("{items} items: less CPU than cfn-guard, although with all controls");
                self.goal(Goal::at_least(3, what, 10.0, guard.took.cpu / ours.took.cpu));
            }
        }
        if let (Some(first), Some(last)) = (sizes.first(), sizes.last())
            && first < last
            && let (Some(small), Some(large)) = (
                find(*first, "fisc scan, all controls, CSV", 1),
                find(*last, "fisc scan, all controls, CSV", 1),
            )
        {
            let what = format!("peak memory at {last} items over that at {first}");
            self.goal(Goal::at_most(3, what, 1.5, large.took.peak / small.took.peak));
        }
    }

    fn logs(&mut self, figures: &logs::Figures) {
        let logs::Figures { files, packed, inflated, digests, rows } = figures;
        self.say(&format!(
            "{files} log files in {digests} hourly digests: {} as they lie in S3, {} inflated.\n\n",
            bytes(*packed),
            bytes(*inflated)
        ));
        let mut table =
            Table::new(&["what", "cores", "CPU", "wall", "MB/s inflated (CPU)", "peak memory"]);
        for (what, cores, took) in rows {
            table.row([
                what.clone(),
                cores.to_string(),
                seconds(took.cpu),
                seconds(took.wall),
                format!("{:.1}", count64(*inflated) / took.cpu / 1e6),
                megabytes(took.peak),
            ]);
        }
        self.table(&table);
        let find = |what: &str| {
            let mut rows = rows.iter();
            rows.find(|(name, cores, _)| name.starts_with(what) && *cores == 1).map(|row| row.2)
        };
        let (s3, folder) =
            (find("fisc verify-logs, from S3"), find("fisc verify-logs, from a folder"));
        if let (Some(ours), Some(cli)) = (s3, find("aws cloudtrail")) {
            let what = "less CPU than the AWS CLI, from the same S3".to_owned();
            self.goal(Goal::at_least(4, what, 10.0, cli.cpu / ours.cpu));
        }
        if let Some(floor) = find("gunzip") {
            for (from, ours) in [("a folder", folder), ("S3", s3)] {
                let Some(ours) = ours else { continue };
                let what = format!("CPU over the floor, from {from}");
                self.goal(Goal::at_most(4, what, 1.5, ours.cpu / floor.cpu));
            }
        }
    }

    fn sizes(&mut self, rows: &Vec<size::Row>) {
        let mut table = Table::new(&["binary", "bytes", "zipped"]);
        for row in rows {
            table.row([row.name.clone(), bytes(row.binary), bytes(row.zipped)]);
            let what = format!("{}: megabytes zipped", row.name);
            self.goals.push(Goal::at_most(5, what, 3.0, count64(row.zipped) / 1e6));
        }
        self.table(&table);
    }

    fn calls(&mut self, counted: Option<&[Counted]>) {
        self.say(&format!("\n## 6. AWS calls of a periodic run\n\n{}\n", notes::CALLS));
        let Some(counted) = counted else {
            self.say("Not counted yet.\n");
            return;
        };
        let mut table = Table::new(&["control", "n = 6", "n = 12", "n = 24", "calls per resource"]);
        let mut left = Vec::new();
        for one in counted {
            match &one.calls {
                Ok([few, double, more]) => {
                    let each = count(more.saturating_sub(*double)) / 12.0;
                    table.row([
                        one.control.clone(),
                        few.to_string(),
                        double.to_string(),
                        more.to_string(),
                        format!("{each:.1}"),
                    ]);
                }
                Err(error) => left.push(format!("- `{}`: {}", one.control, first_line(error))),
            }
        }
        self.table(&table);
        let twice = counted.iter().filter(|one| !one.twice.is_empty()).count();
        self.goal(Goal::at_most(
            6,
            "controls that ask the same twice in a run".to_owned(),
            0.0,
            count(twice),
        ));
        if !left.is_empty() {
            self.say("Not counted, because the made-up account does not satisfy them:\n\n");
            self.say(&left.join("\n"));
            self.say("\n");
        }
    }

    /// The text, with the goals at its top.
    fn finish(self) -> String {
        let mut table = Table::new(&["measurement", "goal", "wanted", "measured", "met"]);
        for goal in &self.goals {
            table.row([
                goal.measurement.to_string(),
                goal.what.clone(),
                goal.wanted(),
                ratio(goal.measured),
                if goal.met() { "yes" } else { "**no**" }.to_owned(),
            ]);
        }
        let missed: Vec<u8> =
            self.goals.iter().filter(|goal| !goal.met()).map(|goal| goal.measurement).collect();
        let why = notes::WHY.iter().filter(|(measurement, _)| missed.contains(measurement));
        let why: String =
            why.map(|(number, text)| format!("- Measurement {number}: {text}\n")).collect();
        let why = if why.is_empty() { why } else { format!("\nWhat is missed, and why:\n\n{why}") };
        self.text.replace("{goals}", &format!("{table}{why}"))
    }
}

/// A figure of a row.
type Pick = fn(&start::Row) -> f64;

const NEXT: Pick = |row| row.next;
const PUT: Pick = |row| row.put;
const PEAK: Pick = |row| row.peak;

/// The rows of our functions.
fn own(rows: &[start::Row]) -> impl Iterator<Item = &start::Row> {
    rows.iter().filter(|row| row.what != "Python")
}

/// Python's row for the same control.
fn twin<'a>(rows: &'a [start::Row], ours: &start::Row) -> Option<&'a start::Row> {
    rows.iter().find(|row| row.what == "Python" && row.control == ours.control)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(160).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
const fn count(number: usize) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
const fn count64(number: u64) -> f64 {
    number as f64
}
