//! `fisc report`: the evidence by criterion.

use std::process::ExitCode;

use fisc_shared::Language;

use crate::CommandError;
use crate::args::ReportArgs;
use crate::evidence::{Evidence, ReportWriter, compare, results, source};
use crate::progress;
use crate::report::Problem;

/// Gathers, compares and writes.
///
/// # Errors
/// When nothing could be gathered, or the report cannot be written.
pub fn run(args: &ReportArgs, language: Language) -> Result<ExitCode, CommandError> {
    // What to compare with is read first: a wrong file must not cost a long evaluation.
    let old = args.compare.as_ref().map(|file| results::read(std::slice::from_ref(file)));
    let old = old.transpose().map_err(source::SourceError::from)?.map(Evidence::build);
    let old = old.transpose()?;
    let now = crate::now();
    let evidence = Evidence::build(source::gather(args, now)?)?;
    let changes = old.map(|old| compare::compare(&old, &evidence));
    let writer =
        ReportWriter { format: args.format, path: args.output.clone(), language, made: now };
    let spinner = progress::spinner();
    spinner.set_message("writing the report");
    let written = writer.write(&evidence, changes.as_ref());
    spinner.finish_and_clear();
    match written {
        Err(error) if error.is_broken_pipe() => {}
        written => written?,
    }
    let notes = evidence.source.notes.iter().map(|note| note.get(language).to_owned());
    let problems: Vec<&Problem> = evidence.source.problems.iter().collect();
    crate::tell_all(notes, &problems, problems.len());
    Ok(evidence.exit_code())
}
