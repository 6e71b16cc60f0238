//! Measures the release binaries beside their peers and limits.
//!
//! `cargo xtask bench` runs this. Each part leaves its figures in `target/bench/<part>.json`, so
//! that one part can be measured anew; `report` writes docs/performance.md from all of them.

mod endpoint;
mod error;
mod http;
mod logs;
mod measure;
mod report;
mod runtime;
mod sample;
mod scan;
mod size;
mod start;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use error::{Error, at};

/// Measures the release binaries beside their peers and limits.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Cold starts and warm events of every domain's function
    Start(Options),
    /// Snapshot scans
    Scan(Options),
    /// Verification of a day of CloudTrail logs
    Logs(Options),
    /// Sizes of the artifacts
    Size(Options),
    /// All of these, and the report
    All(Options),
    /// Write docs/performance.md from the figures of the last measurements
    Report {
        /// Where the figures are
        #[arg(long, default_value = "target/bench")]
        figures: PathBuf,
    },
    /// Write a snapshot of generated items
    Sample {
        /// How many items
        items: usize,
        /// The file
        file: PathBuf,
    },
    #[command(hide = true)]
    Timed {
        result: PathBuf,
        output: PathBuf,
        #[arg(last = true)]
        command: Vec<String>,
    },
    #[command(hide = true)]
    FloorJson {
        file: PathBuf,
        #[arg(long)]
        how: sample::Floor,
    },
    #[command(hide = true)]
    FloorLogs { folder: PathBuf },
}

/// What is measured, and beside what.
#[derive(Debug, Args)]
struct Options {
    /// Where the figures go
    #[arg(long, default_value = "target/bench")]
    figures: PathBuf,
    /// The folder of the functions' release binaries
    #[arg(long, default_value = "target/release")]
    functions: PathBuf,
    /// The `fisc` of the profile dist
    #[arg(long, default_value = "target/dist/fisc")]
    fisc: PathBuf,
    #[command(flatten)]
    peers: Peers,
    /// How often each is measured
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Items of the snapshots
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    items: Vec<usize>,
    /// Log files of an hour, of 24
    #[arg(long, default_value_t = 200)]
    logs: usize,
    /// Bytes of a log file, inflated
    #[arg(long, default_value_t = 150_000)]
    payload: usize,
    /// Warm events in a process
    #[arg(long, default_value_t = 200)]
    events: usize,
}

/// The programs that do the same; what is not named is not measured, and the report says so.
#[derive(Debug, Args)]
struct Peers {
    /// cfn-guard (`cargo install cfn-guard`)
    #[arg(long)]
    cfn_guard: Option<PathBuf>,
    /// The largest snapshot that cfn-guard gets; it holds all of it in memory several times over
    #[arg(long, default_value_t = 10_000)]
    guard_most: usize,
    /// A Python with awslambdaric, boto3 and rdklib
    #[arg(long)]
    python: Option<PathBuf>,
    /// The AWS CLI
    #[arg(long)]
    aws: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command-line task tells its error there")]
fn tell(error: &Error) {
    eprintln!("bench: {error}");
}

fn run(task: Task) -> Result<ExitCode, Error> {
    match task {
        Task::Start(options) => start(&options)?,
        Task::Scan(options) => scan(&options)?,
        Task::Logs(options) => logs(&options)?,
        Task::Size(options) => size(&options)?,
        Task::All(options) => {
            size(&options)?;
            start(&options)?;
            logs(&options)?;
            scan(&options)?;
            report::write(&options.figures)?;
        }
        Task::Report { figures } => report::write(&figures)?,
        Task::Sample { items, file } => sample::write(&file, items)?,
        Task::Timed { result, output, command } => {
            return measure::timed(&result, &output, &command);
        }
        Task::FloorJson { file, how } => sample::parse(&file, how)?,
        Task::FloorLogs { folder } => return logs::floor(&folder),
    }
    Ok(ExitCode::SUCCESS)
}

fn start(options: &Options) -> Result<(), Error> {
    let rows = start::measure(&options.functions, &options.peers, options.rounds, options.events)?;
    keep(&options.figures, "start", &rows)
}

fn scan(options: &Options) -> Result<(), Error> {
    let rows = scan::measure(&options.fisc, &options.peers, &options.items, options.rounds)?;
    keep(&options.figures, "scan", &rows)
}

fn logs(options: &Options) -> Result<(), Error> {
    let Options { fisc, peers, logs, payload, rounds, .. } = options;
    keep(&options.figures, "logs", &logs::measure(fisc, peers, *logs, *payload, *rounds)?)
}

fn size(options: &Options) -> Result<(), Error> {
    keep(&options.figures, "size", &size::measure(&options.functions)?)
}

/// Leaves the figures of a part, with the machine that they are from.
fn keep(folder: &Path, part: &str, figures: &impl Serialize) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(at(&folder.display()))?;
    let file = folder.join(format!("{part}.json"));
    let text = serde_json::to_string_pretty(&report::Part::here(figures))?;
    fs::write(&file, text).map_err(at(&file.display()))
}
