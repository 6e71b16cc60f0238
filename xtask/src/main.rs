//! Tasks of the project, run as `cargo xtask …`.

#[cfg(test)]
mod any_resource;
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
#[cfg(test)]
mod guides;
mod limits;
#[cfg(test)]
mod markdown;
mod new_control;
mod organization;
mod package;
#[cfg(test)]
mod pipeline;
mod template;
mod unfinished;

use std::fmt::Display;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use new_control::NewControl;

/// Tasks of the project.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write everything that follows from the declarations of the controls: template.yaml,
    /// member.yaml, organization.yaml, the sample events, the documentation, the findings Lambda's table.
    Generate {
        /// Write nothing; fail when a file is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Make a control to start from: its file with a failing test, and its place in its domain.
    NewControl(NewControl),
    /// Build a release and, with --bucket, upload it and roll it out to the Organization.
    Package(Box<package::PackageArgs>),
    /// Go forward or back to a release that was uploaded before, or list the releases.
    Rollout(package::RolloutArgs),
    /// Measure the release binaries beside their peers and limits, and write docs/performance.md.
    Bench(bench::BenchArgs),
}

fn main() -> ExitCode {
    match Args::parse().task {
        Task::Generate { check } => ended(generate(check)),
        Task::NewControl(given) => {
            ended(new_control::make(&given).map(|made| tell(&made.next_steps())))
        }
        Task::Package(args) => ended(package::package(&args)),
        Task::Rollout(args) => ended(package::rollout(&args)),
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

fn generate(check: bool) -> Result<(), files::Error> {
    let files = files::generated()?;
    if check { files::check(&files) } else { files::write(&files) }
}

#[expect(clippy::print_stdout, reason = "a command-line task tells its result there")]
fn tell(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "a command-line task tells its error there")]
fn report(error: &impl Display) {
    eprintln!("xtask: {error}");
}
