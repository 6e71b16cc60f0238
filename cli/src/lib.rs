//! `fisc`: the controls on a laptop, over files of AWS Config or a live account.

pub mod args;
pub mod aws;
pub mod commands;
pub mod cost;
pub mod coverage;
pub mod criteria;
pub mod evidence;
pub mod exemptions;
pub mod input;
pub mod output;
pub mod plan;
pub mod progress;
pub mod registry;
pub mod report;
pub mod results;
pub mod scan;
pub mod spill;
pub mod terminal;
pub mod verify_logs;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use fisc_shared::verdict::Compliance;
use fisc_shared::{Control, Language};
use jiff::{Timestamp, Unit};

use args::{
    Cli, Command, CoverageArgs, ExemptionArgs, ExplainArgs, InvokeArgs, ListArgs, ListFormat,
    ScanArgs, VerifyLogsArgs,
};
use aws::{Account, AccountError, AwsArgs};
use commands::invoke::InvokeError;
use commands::{controls, explain, invoke};
use criteria::CriteriaError;
use evidence::source::SourceError;
use exemptions::ExemptionsFileError;
use input::Source;
use output::{OutputError, Writer};
use plan::{ParametersFileError, Plan};
use progress::Progress;
use report::{Problem, Report};
use scan::live::{LiveError, scan_live};
use scan::{Room, scan_files};
use spill::SpillError;
use terminal::Look;

/// How many errors of a scan are told on standard error.
const TOLD: usize = 50;
/// Something could not be evaluated.
const CANNOT: u8 = 2;

/// Why a command ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The file of parameters is wrong.
    #[error(transparent)]
    Parameters(#[from] ParametersFileError),
    /// The file of exemptions is wrong.
    #[error(transparent)]
    Exemptions(#[from] ExemptionsFileError),
    /// Results that have no room in memory could not be kept on disk.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// AWS cannot be asked.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The live scan could not begin.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The event could not be run.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The results of a report could not be got.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The logs could not be verified.
    #[error(transparent)]
    VerifyLogs(#[from] verify_logs::Error),
    /// The table of criteria is damaged.
    #[error(transparent)]
    Criteria(#[from] CriteriaError),
    /// A control is not there.
    #[error("no control is called {0:?}; `fisc controls` lists them")]
    NoControl(String),
    /// The system gave no threads or sockets.
    #[error("the asynchronous runtime cannot start: {0}")]
    Runtime(io::Error),
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::Output(error.into())
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let language = args::language(cli.lang, |name| std::env::var(name).ok());
    let result = match cli.command {
        Command::Scan(args) => scan(&args, language),
        Command::Report(args) => commands::report::run(&args, language),
        Command::Invoke(args) => run_invoke(&args, language),
        Command::Controls(args) => list(&args, language),
        Command::Explain(args) => run_explain(&args, language),
        Command::Coverage(args) => run_coverage(&args, language),
        Command::VerifyLogs(args) => run_verify_logs(&args, language),
    };
    match result {
        Ok(code) => code,
        Err(CommandError::Output(error)) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain([format!("error: {error}")]);
            ExitCode::from(CANNOT)
        }
    }
}

fn scan(args: &ScanArgs, language: Language) -> Result<ExitCode, CommandError> {
    let report = evaluate(&Evaluating {
        files: &args.files,
        live: args.live,
        aws: AwsArgs { profile: args.profile.clone(), region: args.region.clone() },
        account_id: args.account_id.as_deref(),
        controls: &args.controls,
        parameters: args.parameters.as_deref(),
        exemptions: &args.exemptions,
        at: args.at,
        room: Room::default(),
    })?;
    let writer = Writer { format: args.format, path: args.output.clone(), language, all: args.all };
    match writer.write(&report) {
        Err(error) if error.is_broken_pipe() => {}
        written => written?,
    }
    tell(&report)?;
    Ok(report.exit_code())
}

/// What the options of a command say about evaluating.
struct Evaluating<'a> {
    files: &'a [PathBuf],
    /// The account instead of files.
    live: bool,
    aws: AwsArgs,
    account_id: Option<&'a str>,
    /// Ids of controls; all without any.
    controls: &'a [String],
    parameters: Option<&'a Path>,
    exemptions: &'a ExemptionArgs,
    at: Option<Timestamp>,
    room: Room,
}

/// Evaluates files or the account.
fn evaluate(asked: &Evaluating<'_>) -> Result<Report, CommandError> {
    let all = registry::all();
    let mut plan = Plan::new(&chosen(asked.controls), asked.at.unwrap_or_else(now));
    if let Some(file) = asked.parameters {
        plan.read_parameters(file, &all)?;
    }
    let (honoured, warnings) = exemptions::read(asked.exemptions, &all)?;
    plan.exemptions = honoured;
    let mut report = if asked.live {
        runtime()?.block_on(live(&asked.aws, asked.account_id, &plan))?
    } else {
        let sources: Vec<Source> = asked.files.iter().cloned().map(Source::from).collect();
        let total = sources.iter().map(Source::size).sum();
        scan_files(&sources, &plan, &Progress::over(total), &asked.room)?
    };
    report.warnings.extend(warnings);
    Ok(report)
}

async fn live(
    aws: &AwsArgs,
    account_id: Option<&str>,
    plan: &Plan,
) -> Result<Report, CommandError> {
    let account = Account::load(aws).await?;
    let spinner = progress::spinner();
    let report = scan_live(&account, account_id, plan, &spinner).await;
    spinner.finish_and_clear();
    Ok(report?)
}

/// The controls with these ids; all without any.
fn chosen(ids: &[String]) -> Vec<&'static Control> {
    let mut chosen = registry::all();
    if !ids.is_empty() {
        chosen.retain(|control| ids.iter().any(|id| id == control.id));
    }
    chosen
}

/// Tells warnings and errors on standard error, whatever the format is.
fn tell(report: &Report) -> Result<(), SpillError> {
    let some = report.errors.iter().take(TOLD).collect::<Result<Vec<_>, _>>()?;
    let some: Vec<&Problem> = some.iter().map(AsRef::as_ref).collect();
    tell_all(report.warnings.iter().cloned(), &some, report.errors.len());
    Ok(())
}

/// Tells the first of `all` errors.
fn tell_all(warnings: impl Iterator<Item = String>, errors: &[&Problem], all: usize) {
    let warnings = warnings.map(|warning| format!("warning: {warning}"));
    let told = errors.iter().take(TOLD).map(|error| format!("error: {error}"));
    let more = all.saturating_sub(TOLD);
    let more = (more > 0).then(|| format!("{more} more errors: --format json lists them all"));
    terminal::complain(warnings.chain(told).chain(more));
}

fn run_invoke(args: &InvokeArgs, language: Language) -> Result<ExitCode, CommandError> {
    let control = control(&args.control)?;
    let now = args.at.unwrap_or_else(now);
    let (honoured, warnings) = exemptions::read(&args.exemptions, &registry::all())?;
    terminal::complain(warnings.iter().map(|warning| format!("warning: {warning}")));
    let how = invoke::How { aws: &args.aws, now, exemptions: &honoured };
    let invoked = runtime()?.block_on(invoke::invoke(control, &args.event, how))?;
    show(args.format, |out, look| match look {
        Some(look) => invoke::write_table(out, &invoked, language, look),
        None => invoke::write_json(out, &invoked, language),
    })?;
    let failed =
        invoked.evaluations.iter().any(|one| one.verdict.compliance() == Compliance::NonCompliant);
    Ok(ExitCode::from(u8::from(failed)))
}

fn list(args: &ListArgs, language: Language) -> Result<ExitCode, CommandError> {
    let all = registry::all();
    show(args.format, |out, look| match look {
        Some(look) => controls::write_table(out, &all, language, look),
        None => controls::write_json(out, &all, language),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn run_explain(args: &ExplainArgs, language: Language) -> Result<ExitCode, CommandError> {
    let control = control(&args.control)?;
    show(args.format, |out, look| match look {
        Some(look) => explain::write_text(out, control, language, look),
        None => explain::write_json(out, control, language),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn run_coverage(args: &CoverageArgs, language: Language) -> Result<ExitCode, CommandError> {
    let coverage = coverage::coverage(&registry::all())?;
    show(args.format, |out, look| match look {
        Some(look) => commands::coverage::write_table(out, &coverage, language, look, args.all),
        None => commands::coverage::write_json(out, &coverage, language),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn run_verify_logs(args: &VerifyLogsArgs, language: Language) -> Result<ExitCode, CommandError> {
    let code = runtime()?.block_on(async {
        let sdk =
            if args.options.needs_aws() { Some(aws::settings(&args.aws).await?) } else { None };
        let settings = verify_logs::Settings {
            language,
            json: args.format == ListFormat::Json,
            region: args.aws.region.as_deref(),
        };
        Ok::<u8, CommandError>(verify_logs::run(&args.options, settings, sdk.as_ref()).await?)
    })?;
    Ok(ExitCode::from(code))
}

/// Writes to standard output: with a look for people, without one for machines.
fn show(
    format: ListFormat,
    write: impl FnOnce(&mut Vec<u8>, Option<Look>) -> io::Result<()>,
) -> io::Result<()> {
    let mut text = Vec::new();
    let look = (format == ListFormat::Table).then(Look::of_stdout);
    write(&mut text, look)?;
    terminal::print(&text)
}

/// Now, to the second: nothing is judged more finely.
fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now)
}

fn control(id: &str) -> Result<&'static Control, CommandError> {
    registry::find(id).ok_or_else(|| CommandError::NoControl(id.to_owned()))
}

fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(CommandError::Runtime)
}
