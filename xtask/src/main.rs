//! Tasks of the project, run as `cargo xtask …`.

mod bench;
#[cfg(test)]
mod catalogue;
mod controls_doc;
mod coverage_doc;
#[cfg(test)]
mod declarations;
mod events;
mod files;
mod findings_table;
mod limits;
mod template;

use std::fmt::Display;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of the project.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write everything that follows from the declarations of the controls: template.yaml, the
    /// sample events, the documentation, the findings Lambda's table.
    Generate {
        /// Write nothing; fail when a file is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Measure the release binaries beside their peers and limits, and write docs/performance.md.
    Bench(bench::BenchArgs),
}

fn main() -> ExitCode {
    match Args::parse().task {
        Task::Generate { check } => ended(
            files::generated()
                .and_then(|files| if check { files::check(&files) } else { files::write(&files) }),
        ),
        Task::Bench(args) => ended(bench::run(&args)),
    }
}

fn ended<E: Display>(done: Result<(), E>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command-line task tells its error there")]
fn report(error: &impl Display) {
    eprintln!("xtask: {error}");
}
