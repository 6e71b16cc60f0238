//! Tasks of the project, run as `cargo xtask …`.

#[cfg(test)]
mod any_resource;
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
}

fn main() -> ExitCode {
    let Task::Generate { check } = Args::parse().task;
    let done = files::generated()
        .and_then(|files| if check { files::check(&files) } else { files::write(&files) });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command-line task tells its error there")]
fn report(error: &files::Error) {
    eprintln!("xtask: {error}");
}
