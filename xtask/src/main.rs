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
#[cfg(test)]
mod guides;
mod limits;
#[cfg(test)]
mod markdown;
mod new_control;
mod template;
mod unfinished;

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
    /// Write everything that follows from the declarations of the controls: template.yaml, the
    /// sample events, the documentation, the findings Lambda's table.
    Generate {
        /// Write nothing; fail when a file is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Make a control to start from: its file with a failing test, and its place in its domain.
    NewControl(NewControl),
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Generate { check } => generate(check).map_err(|error| error.to_string()),
        Task::NewControl(given) => new_control::make(&given)
            .map(|made| tell(&made.next_steps()))
            .map_err(|error| error.to_string()),
    };
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
fn report(error: &str) {
    eprintln!("xtask: {error}");
}
