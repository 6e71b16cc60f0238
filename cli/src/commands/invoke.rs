//! `fisc invoke`: one control on one event, as Lambda would run it, without reporting.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use comfy_table::Cell;
use fisc_shared::annotation::annotation;
use fisc_shared::config_service::ConfigService;
use fisc_shared::event::{ConfigEvent, EventError, Message};
use fisc_shared::exemption::Exemptions;
use fisc_shared::runner::{
    Connected, by_event, evaluated_change, evaluated_sweep, preview, summary_is_enough,
};
use fisc_shared::{ConfigurationItem, Control, Error, Evaluated, Language, Parameters, Run};
use jiff::Timestamp;
use serde::Serialize;

use crate::aws::{Account, AccountError, AwsArgs};
use crate::output::json::Row;
use crate::output::table::{heading, resource, table};
use crate::output::text::Words;
use crate::report::{Evaluation, Subject};
use crate::terminal::Look;

/// Why an event could not be run.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not JSON.
    #[error("{file}: not JSON: {source}")]
    NotJson {
        /// The file.
        file: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The event is not one of AWS Config, or could not be judged.
    #[error("{file}: {control}: {source}")]
    Run {
        /// The file.
        file: PathBuf,
        /// The control.
        control: &'static str,
        /// Why.
        source: Error,
    },
    /// A service must be asked, and cannot be.
    #[error("{control} must ask AWS here ({actions}): {source}")]
    Account {
        /// The control.
        control: &'static str,
        /// What it calls.
        actions: String,
        /// Why it cannot.
        source: AccountError,
    },
}

/// What an event came to.
#[derive(Debug)]
pub struct Invoked {
    /// The evaluations that would be put.
    pub evaluations: Vec<Evaluation>,
    /// Whether the event is a test run, which stores nothing.
    pub test_mode: bool,
}

/// How an event is run.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// Credentials and Region, if a service must be asked.
    pub aws: &'a AwsArgs,
    /// The clock.
    pub now: Timestamp,
    /// The exemptions that count.
    pub exemptions: &'a Exemptions,
}

/// Runs an event.
///
/// # Errors
/// [`InvokeError`].
pub async fn invoke(
    control: &'static Control,
    file: &Path,
    how: How<'_>,
) -> Result<Invoked, InvokeError> {
    let event = read(file)?;
    let failed = |source| InvokeError::Run { file: file.to_owned(), control: control.id, source };
    let event = ConfigEvent::from_value(event).map_err(|error| failed(error.into()))?;
    let specs = control.parameters;
    let parameters = Parameters::parse(control.id, specs, event.rule_parameters.as_deref())
        .map_err(|error| failed(error.into()))?;
    let invocation = Invocation { control, event: &event, parameters: &parameters, how };
    let evaluated = invocation.run().await.map_err(|failure| match failure {
        Failure::Run(source) => failed(source),
        Failure::Account(source) => {
            let mut actions: Vec<&str> = control.actions.iter().map(|action| action.name).collect();
            if matches!(event.message, Message::Oversized(_)) {
                actions
                    .insert(0, fisc_shared::config_service::actions::GET_RESOURCE_CONFIG_HISTORY);
            }
            InvokeError::Account { control: control.id, actions: actions.join(", "), source }
        }
    })?;
    let evaluations = evaluated
        .into_iter()
        .map(|Evaluated { resource, verdict, at }| Evaluation {
            control,
            subject: Subject::from(resource).into(),
            verdict: verdict.into(),
            at,
        })
        .collect();
    Ok(Invoked { evaluations, test_mode: event.is_test() })
}

fn read(file: &Path) -> Result<serde_json::Value, InvokeError> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    read.map_err(|source| InvokeError::Read { file: file.to_owned(), source })?;
    serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes))
        .map_err(|source| InvokeError::NotJson { file: file.to_owned(), source })
}

enum Failure {
    Run(Error),
    Account(AccountError),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Run(error.into())
    }
}

struct Invocation<'a> {
    control: &'static Control,
    event: &'a ConfigEvent,
    parameters: &'a Parameters,
    how: How<'a>,
}

impl Invocation<'_> {
    async fn run(&self) -> Result<Vec<Evaluated>, Failure> {
        match &self.event.message {
            Message::Changed(item) => Ok(vec![self.changed(item).await?]),
            Message::Oversized(summary) if summary_is_enough(self.control, self.event, summary) => {
                Ok(vec![self.changed(&summary.item).await?])
            }
            Message::Oversized(summary) => {
                let account = self.account().await?;
                let item = ConfigService::new(&account.sdk).item_at(summary).await?;
                Ok(vec![self.changed(&item).await?])
            }
            Message::Periodic { message_type } => {
                if !self.control.trigger.on_schedule() {
                    return Err(self.not_for(message_type).into());
                }
                let account = self.account().await?;
                let connected = Connected::new(self.control, &account.sdk);
                let evaluated = connected.sweep(&self.run_in(&account.region)).await?;
                let config = ConfigService::new(&account.sdk);
                let How { exemptions, now, .. } = self.how;
                let evaluated =
                    exemptions.apply_to_sweep(self.control, &config, evaluated, now).await?;
                Ok(evaluated_sweep(self.control, self.event, &account.region, evaluated))
            }
        }
    }

    async fn changed(&self, item: &ConfigurationItem) -> Result<Evaluated, Failure> {
        let verdict = match by_event(self.control, self.event, item)? {
            Some(verdict) => verdict,
            None => match preview(self.control, item, &self.run_in(&item.region))? {
                Some(verdict) => verdict,
                // Only here are credentials needed.
                None => {
                    let account = self.account().await?;
                    let connected = Connected::new(self.control, &account.sdk);
                    connected.judge(item, &self.run_in(&account.region)).await?
                }
            },
        };
        let evaluated = evaluated_change(self.event, item, verdict);
        let How { exemptions, now, .. } = self.how;
        Ok(exemptions.apply_to_item(self.control, item, evaluated, now))
    }

    fn run_in<'b>(&'b self, region: &'b str) -> Run<'b> {
        Run {
            parameters: self.parameters,
            now: self.how.now,
            account_id: &self.event.account_id,
            region,
            deadline: None,
            home: true,
            offline: false,
        }
    }

    async fn account(&self) -> Result<Account, Failure> {
        Account::load(self.how.aws).await.map_err(Failure::Account)
    }

    const fn not_for(&self, message: &'static str) -> EventError {
        EventError::Trigger { control: self.control.id, message }
    }
}

/// Writes what would be put, for people.
///
/// # Errors
/// When it cannot be written.
pub fn write_table(
    out: &mut impl Write,
    invoked: &Invoked,
    language: Language,
    look: Look,
) -> io::Result<()> {
    let words = Words(language);
    let mut table = table(look);
    let header = [words.verdict(), words.resource(), words.annotation(), words.evaluated_at()];
    table.set_header(header.map(heading));
    for one in &invoked.evaluations {
        table.add_row([
            Cell::new(one.verdict.compliance().as_str()),
            Cell::new(resource(&one.subject)),
            Cell::new(annotation(&one.verdict, language).unwrap_or_default()),
            Cell::new(one.at),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())
}

/// Writes what would be put, as JSON.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(out: &mut impl Write, invoked: &Invoked, language: Language) -> io::Result<()> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document<'a> {
        evaluations: Vec<Put<'a>>,
        test_mode: bool,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Put<'a> {
        #[serde(flatten)]
        row: Row<'a>,
        annotation: Option<String>,
        ordering_timestamp: String,
    }
    let evaluations = invoked.evaluations.iter().map(|one| Put {
        row: Row::of(one, language),
        annotation: annotation(&one.verdict, language),
        ordering_timestamp: one.at.to_string(),
    });
    let document = Document { evaluations: evaluations.collect(), test_mode: invoked.test_mode };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
