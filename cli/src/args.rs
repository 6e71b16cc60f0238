//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use fisc_shared::Language;
use fisc_shared::resource::is_account_id;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::aws::AwsArgs;
use crate::evidence::ReportFormat;
use crate::output::Format;
use crate::registry;
use crate::verify_logs;

/// Checks AWS configurations by the criteria of the FISC security guidelines, with the same
/// controls that run as AWS Config rules
#[derive(Debug, Parser)]
#[command(
    name = "fisc",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 no failure, 1 at least one failure, 2 something could not be \
                  evaluated."
)]
pub struct Cli {
    /// Language of the output, ja or en [default: ja where LC_ALL, LC_MESSAGES or LANG begins
    /// with ja, else en]
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub lang: Option<Language>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Evaluate files of configuration items, or the account behind the credentials
    Scan(Box<ScanArgs>),
    /// Write what rules show of every criterion, and what a person attaches, for an examiner
    Report(Box<ReportArgs>),
    /// Run one control on an event of AWS Config, and show what it would report
    Invoke(Box<InvokeArgs>),
    /// List the controls
    Controls(ListArgs),
    /// Tell all about one control
    Explain(ExplainArgs),
    /// Tell for every criterion which controls speak to it, and what a person attaches
    Coverage(CoverageArgs),
    /// Verify the digest chain of a CloudTrail trail
    VerifyLogs(Box<VerifyLogsArgs>),
}

/// Options of `fisc scan`.
#[derive(Debug, Args)]
#[command(after_help = "\
FILE is a snapshot or history file of AWS Config, the result of `aws configservice` \
batch-get-resource-config, select-resource-config or get-resource-config-history, a list of \
items, or one item; plain or gzip. Of several states of a resource the newest counts.

Exit codes: 0 no failure, 1 at least one failure, 2 something could not be evaluated.")]
pub struct ScanArgs {
    /// Files of configuration items; - is standard input
    #[arg(value_name = "FILE", required_unless_present = "live", conflicts_with = "live")]
    pub files: Vec<PathBuf>,
    /// Evaluate the account behind the AWS credentials
    #[arg(long)]
    pub live: bool,
    /// Profile of the AWS configuration files (as AWS_PROFILE)
    #[arg(long, value_name = "NAME", requires = "live")]
    pub profile: Option<String>,
    /// Region to evaluate (as AWS_REGION)
    #[arg(long, value_name = "REGION", requires = "live")]
    pub region: Option<String>,
    /// Number of the account, where no recorded resource tells it
    #[arg(long, value_name = "ID", requires = "live", value_parser = account_id)]
    pub account_id: Option<String>,
    /// Only this control (may be repeated)
    #[arg(
        long = "control",
        value_name = "ID",
        value_parser = PossibleValuesParser::new(registry::ids()),
        hide_possible_values = true
    )]
    pub controls: Vec<String>,
    /// Rule parameters: {"control-id": {"parameter": value}}
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// Which exemptions count.
    #[command(flatten)]
    pub exemptions: ExemptionArgs,
    /// Judge ages and expiries as of this time: 2026-11-21T00:00:00Z, or a date (0:00 UTC)
    /// [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub at: Option<Timestamp>,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Format,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// List passes too, not only failures (table)
    #[arg(long)]
    pub all: bool,
}

/// Options that say which exemptions count; by default none do.
#[derive(Debug, Clone, Default, Args)]
pub struct ExemptionArgs {
    /// Honour the exemptions of this reviewed file (JSON)
    #[arg(long, value_name = "FILE")]
    pub exemptions: Option<PathBuf>,
    /// Honour the tags fisc:exempt:CONTROL of resources
    #[arg(long)]
    pub exemption_tags: bool,
}

/// Options of `fisc report`.
#[derive(Debug, Args)]
#[command(after_help = "\
FILE is what `fisc scan` reads, which is evaluated as `fisc scan` does, or the JSON of `fisc scan` \
or `fisc report`; plain or gzip.

Exit codes: 0 no failure, 1 at least one failure, 2 something could not be evaluated.")]
pub struct ReportArgs {
    /// Files of configuration items, or of results in JSON; - is standard input
    #[arg(
        value_name = "FILE",
        required_unless_present_any = ["live", "aggregator"],
        conflicts_with_all = ["live", "aggregator"]
    )]
    pub files: Vec<PathBuf>,
    /// Evaluate the account behind the AWS credentials
    #[arg(long, conflicts_with = "aggregator")]
    pub live: bool,
    /// Read the results of an Organization from this aggregator of AWS Config
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with_all = ["parameters", "at", "exemptions", "exemption_tags"]
    )]
    pub aggregator: Option<String>,
    /// What the names of the rules begin with, as the stack parameter RulePrefix
    #[arg(long, value_name = "PREFIX", default_value = "fisc", conflicts_with_all = ["files", "live"])]
    pub prefix: String,
    /// Profile of the AWS configuration files (as AWS_PROFILE)
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    pub profile: Option<String>,
    /// Region to ask (as AWS_REGION)
    #[arg(long, value_name = "REGION", conflicts_with = "files")]
    pub region: Option<String>,
    /// Number of the account, where no recorded resource tells it
    #[arg(long, value_name = "ID", requires = "live", value_parser = account_id)]
    pub account_id: Option<String>,
    /// Only this control (may be repeated)
    #[arg(
        long = "control",
        value_name = "ID",
        value_parser = PossibleValuesParser::new(registry::ids()),
        hide_possible_values = true
    )]
    pub controls: Vec<String>,
    /// Rule parameters: {"control-id": {"parameter": value}}
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// Which exemptions count.
    #[command(flatten)]
    pub exemptions: ExemptionArgs,
    /// Judge ages and expiries as of this time: 2026-11-21T00:00:00Z, or a date (0:00 UTC)
    /// [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub at: Option<Timestamp>,
    /// Tell what changed since this earlier report or scan (its JSON)
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,
    /// Format of the report
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options of `fisc invoke`.
#[derive(Debug, Args)]
pub struct InvokeArgs {
    /// Id of the control
    #[arg(
        value_name = "CONTROL",
        value_parser = PossibleValuesParser::new(registry::ids()),
        hide_possible_values = true
    )]
    pub control: String,
    /// The event, as AWS Config sends it to a rule's function; - is standard input
    #[arg(long, value_name = "FILE")]
    pub event: PathBuf,
    /// Credentials and Region, for controls that ask a service.
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Which exemptions count.
    #[command(flatten)]
    pub exemptions: ExemptionArgs,
    /// Judge ages and expiries as of this time: 2026-11-21T00:00:00Z, or a date (0:00 UTC)
    /// [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub at: Option<Timestamp>,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ListFormat,
}

/// Options of `fisc controls`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ListFormat,
}

/// Options of `fisc explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Id of the control
    #[arg(
        value_name = "CONTROL",
        value_parser = PossibleValuesParser::new(registry::ids()),
        hide_possible_values = true
    )]
    pub control: String,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ListFormat,
}

/// Options of `fisc coverage`.
#[derive(Debug, Args)]
pub struct CoverageArgs {
    /// List criteria too of which the reference says nothing (table)
    #[arg(long)]
    pub all: bool,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ListFormat,
}

/// Options of `fisc verify-logs`.
#[derive(Debug, Args)]
pub struct VerifyLogsArgs {
    /// What to verify.
    #[command(flatten)]
    pub options: verify_logs::Options,
    /// Credentials and Region.
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ListFormat,
}

/// How listings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ListFormat {
    /// Text for people
    #[default]
    Table,
    /// One JSON object
    Json,
}

/// The language that is asked for, or the one of the environment: `ja` where the locale begins
/// with it, else `en`.
#[must_use]
pub fn language(asked: Option<Language>, variable: impl Fn(&str) -> Option<String>) -> Language {
    asked.unwrap_or_else(|| {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty());
        match locale {
            Some(locale) if locale.starts_with("ja") => Language::Ja,
            _ => Language::En,
        }
    })
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let date: Date = text.parse().map_err(|_| EXPECTED_TIME.to_owned())?;
    // A date parser also takes a date with a time and drops the time.
    if date.to_string() != text {
        return Err(EXPECTED_TIME.to_owned());
    }
    date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|error| error.to_string())
}

const EXPECTED_TIME: &str =
    "write a time with its offset, 2026-11-21T09:00:00+09:00, or a date, 2026-11-21";

fn account_id(text: &str) -> Result<String, String> {
    if is_account_id(text) {
        Ok(text.to_owned())
    } else {
        Err("the number of an AWS account has 12 digits".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_language_follows_option_then_locale() {
        let from = |asked, variables: &'static [(&str, &str)]| {
            language(asked, |name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(from(None, &[]), Language::En);
        assert_eq!(from(None, &[("LANG", "ja_JP.UTF-8")]), Language::Ja);
        assert_eq!(from(None, &[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C")]), Language::En);
        assert_eq!(from(None, &[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "")]), Language::Ja);
        assert_eq!(from(None, &[("LANG", "en_US"), ("LC_MESSAGES", "ja_JP")]), Language::Ja);
        assert_eq!(from(Some(Language::En), &[("LANG", "ja_JP")]), Language::En);
    }

    #[test]
    fn times_are_instants_or_dates() {
        let instant: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        for text in ["2026-11-21", "2026-11-21T00:00:00Z", "2026-11-21T09:00:00+09:00"] {
            assert_eq!(parse_time(text), Ok(instant), "{text}");
        }
        for text in ["", "yesterday", "2026-11-21T00:00:00", "2026-13-01", "1790000000"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn accounts_have_twelve_digits() {
        assert!(account_id("111122223333").is_ok());
        assert!(account_id("1111-2222-3333").is_err());
    }
}
