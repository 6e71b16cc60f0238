//! Soak: changes at a steady rate through the real binaries and an emulated queue, for as long as
//! asked; memory is sampled, and at the end every event is accounted for.
//!
//! ```text
//! cargo build -p fisc-transport -p fisc-findings
//! cargo run -p fisc-testkit --example soak -- --minutes 60
//! ```
//!
//! Changes of buckets (some twice, some late, as AWS delivers them) go to `s3-tls-only`. What AWS
//! Config then says goes through the queue, some of it twice, to the findings function. Once in a
//! while a call is throttled, fails, or loses its answer. Exit 1 when anything was lost, doubled
//! or wrong.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a tool of the tests: it fails by panicking"
)]

mod ledger;
mod load;
mod report;
mod workers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// What to run.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// How long changes arrive, in minutes.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// Changes a second.
    #[arg(long, default_value_t = 50.0)]
    rate: f64,
    /// How many buckets change.
    #[arg(long, default_value_t = 5_000)]
    buckets: u32,
    /// Every how many calls one fails; 0: none does.
    #[arg(long, default_value_t = 2_000)]
    fault_every: u64,
    /// Seconds between samples of the memory.
    #[arg(long, default_value_t = 10)]
    sample: u64,
    /// The folder with the binaries; by default beside this program.
    #[arg(long)]
    binaries: Option<PathBuf>,
    /// Where to write the report as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = workers::run(&options);
    println!("{}", report::table(&options, &outcome));
    if let Some(path) = &options.json {
        let text = format!("{:#}\n", report::json(&options, &outcome));
        std::fs::write(path, text).expect("the report can be written");
    }
    ExitCode::from(u8::from(!outcome.passed()))
}
