//! Tasks of the project, run as `cargo xtask …`.

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
mod package;
#[cfg(test)]
mod pipeline;
mod template;

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
    /// Build a release and, with --bucket, upload it and roll it out to the Organization.
    Package(Box<package::PackageArgs>),
    /// Go forward or back to a release that was uploaded before, or list the releases.
    Rollout(package::RolloutArgs),
}

fn main() -> ExitCode {
    let done: Result<(), Box<dyn std::error::Error>> = match Args::parse().task {
        Task::Generate { check } => files::generated()
            .and_then(|files| if check { files::check(&files) } else { files::write(&files) })
            .map_err(Into::into),
        Task::Package(args) => package::package(&args).map_err(Into::into),
        Task::Rollout(args) => package::rollout(&args).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command-line task tells its error there")]
fn report(error: &dyn std::error::Error) {
    eprintln!("xtask: {error}");
}
