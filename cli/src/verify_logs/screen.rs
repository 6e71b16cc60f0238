//! What people see: the invalid files as they are found, a progress bar, a summary.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use fisc_logging::digest::{
    ChainKind, FileKind, FileStatus, Observer, Problem, Progress, Report, Request, Tally,
};
use fisc_shared::Language;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text;

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const DIM: Style = AnsiColor::Yellow.on_default();

/// Writes to standard output; the bar is on standard error, if that is a terminal.
pub(super) struct Screen {
    language: Language,
    /// No lines, only the bar.
    silent: bool,
    verbose: bool,
    bar: ProgressBar,
    /// The first failure to write, kept because an observer cannot answer.
    failure: Mutex<Option<io::Error>>,
}

impl Screen {
    pub(super) fn new(language: Language, verbose: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        if let Ok(style) = ProgressStyle::with_template(text::bar(language)) {
            bar.set_style(style);
        }
        Self { language, silent: false, verbose, bar, failure: Mutex::new(None) }
    }

    /// Only the bar.
    pub(super) fn silent(language: Language) -> Self {
        Self { silent: true, ..Self::new(language, false) }
    }

    pub(super) fn header(&self, request: &Request) -> io::Result<()> {
        if self.silent {
            return Ok(());
        }
        writeln!(anstream::stdout(), "{}\n", text::header(self.language, request))
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, line: &str) {
        if self.silent {
            return;
        }
        let written = self.bar.suspend(|| writeln!(anstream::stdout(), "{line}"));
        if let (Err(error), Ok(mut failure)) = (written, self.failure.lock()) {
            failure.get_or_insert(error);
        }
    }

    /// The numbers, in the AWS CLI's classes.
    pub(super) fn summary(&self, report: &Report) -> io::Result<()> {
        if let Some(failure) = self.failure.lock().ok().and_then(|mut failure| failure.take()) {
            return Err(failure);
        }
        let mut out = anstream::stdout().lock();
        let language = self.language;
        for gap in report.chains().iter().flat_map(|chain| &chain.gaps).filter(|gap| gap.restart) {
            writeln!(out, "{DIM}{}{DIM:#}", text::restart(language, gap))?;
        }
        for key in report.chains().iter().flat_map(|chain| &chain.unverifiable_digests) {
            writeln!(out, "{DIM}{}{DIM:#}", text::unverifiable(language, key))?;
        }
        writeln!(out, "\n{}", text::requested(language, report.start, report.end))?;
        if report.digests().total() == 0 {
            return writeln!(out, "{}", text::no_digests(language));
        }
        writeln!(out, "{}\n", text::found(language, report.found()))?;
        for (tally, name) in [
            (report.standard.digests, text::DIGESTS),
            (report.backfill.digests, text::BACKFILL_DIGESTS),
            (report.logs(), text::LOGS),
        ] {
            ratio(&mut out, language, tally, name.get(language))?;
        }
        Ok(())
    }
}

fn ratio(out: &mut impl Write, language: Language, tally: Tally, name: &str) -> io::Result<()> {
    let Tally { valid, invalid, unverifiable } = tally;
    let total = tally.total();
    if total == 0 {
        return Ok(());
    }
    write!(out, "{name}: {GOOD}{valid}/{total} {}{GOOD:#}", text::VALID.get(language))?;
    if invalid > 0 {
        write!(out, ", {BAD}{invalid}/{total} {}{BAD:#}", text::INVALID.get(language))?;
    }
    if unverifiable > 0 {
        write!(out, ", {DIM}{unverifiable}/{total} {}{DIM:#}", text::UNVERIFIABLE.get(language))?;
    }
    writeln!(out)
}

impl Observer for Screen {
    fn file(
        &self,
        chain: ChainKind,
        kind: FileKind,
        bucket: &str,
        key: &str,
        status: FileStatus<'_>,
    ) {
        let file = text::file(self.language, chain, kind);
        match status {
            FileStatus::Invalid(problems) => {
                let word = text::INVALID.get(self.language);
                for problem in problems {
                    let why = problem.cause.message().get(self.language).to_owned();
                    let code = problem.code;
                    self.line(&format!(
                        "{file} s3://{bucket}/{key} {BAD}{word}{BAD:#}: {why} [{code}]"
                    ));
                }
            }
            FileStatus::Valid if self.verbose => {
                let word = text::VALID.get(self.language);
                self.line(&format!("{file} s3://{bucket}/{key} {GOOD}{word}{GOOD:#}"));
            }
            FileStatus::Unverifiable if self.verbose => {
                let word = text::UNVERIFIABLE.get(self.language);
                self.line(&format!("{file} s3://{bucket}/{key} {DIM}{word}{DIM:#}"));
            }
            _ => {}
        }
    }

    fn chain(&self, _chain: ChainKind, problem: &Problem) {
        let why = problem.cause.message().get(self.language).to_owned();
        self.line(&format!("{BAD}{why}{BAD:#} [{}]", problem.code));
    }

    fn progress(&self, progress: Progress) {
        self.bar.set_length(progress.digests_listed);
        self.bar.set_position(progress.digests);
        self.bar.set_message(text::progress(self.language, &progress));
    }
}
