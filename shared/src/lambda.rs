//! The Lambda entry point of a domain's binary.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::aws;
use crate::config_service::ConfigService;
use crate::control::Control;
use crate::error::Error;
use crate::event::ConfigEvent;
use crate::exemption::{Exemptions, Reviewed, SHIPPED};
use crate::reporter::Report;
use crate::runner::{self, Connected, Surroundings};
use crate::text::Language;

/// The environment variable that names the control to run.
pub const CONTROL: &str = "FISC_CONTROL";
/// The environment variable with the language of annotations, `ja` or `en`.
pub const LANGUAGE: &str = "FISC_LANGUAGE";
/// The environment variable that names the account's home Region, in which global resources are
/// judged; not set or empty: every Region is one.
pub const HOME_REGION: &str = "FISC_HOME_REGION";
/// The environment variable that says whether tags of resources may exempt them, `true` or
/// `false`; not set or empty: they may not.
pub const EXEMPTION_TAGS: &str = "FISC_EXEMPTION_TAGS";

/// Kept back from the time limit, to answer and to log: a run that Lambda kills says nothing of why,
/// and takes the warm process along.
const MARGIN: Duration = Duration::from_secs(1);

/// Serves the control that the environment names, until Lambda stops the process. Clients are
/// built here, before the first event.
///
/// # Errors
/// When the environment is incomplete or names no control of `controls`.
pub async fn serve(controls: &'static [&'static Control]) -> Result<(), lambda_runtime::Error> {
    init_logs();
    let server = Server::from_env(controls).inspect_err(|error| {
        tracing::error!(error_kind = error.kind(), %error, "the function cannot start");
    })?;
    let server = &server;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        server.handle(event).await.map_err(|error| failed(&error))
    }))
    .await
}

/// Structured logs on standard output: one JSON object a line, at the levels of `RUST_LOG` (by
/// default `info`; `target=level` directives, without spans and fields, whose filter would bring
/// a whole engine of regular expressions into every function).
pub fn init_logs() {
    let wanted = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let mut filter: Targets = wanted
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    // At "trace", which only debug builds have, these write whole events and answers, with the
    // environment values in them.
    for most in ["lambda_runtime", "aws_smithy_runtime"] {
        if filter.would_enable(most, &Level::TRACE) {
            filter = filter.with_target(most, LevelFilter::DEBUG);
        }
    }
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false);
    // A second initialisation only happens in tests; the first one stays.
    let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
}

/// How long work may take, from the deadline that Lambda gives in milliseconds since the epoch; less
/// the `margin` that answering and logging take.
#[must_use]
pub fn time_left(deadline: u64, now: Timestamp, margin: Duration) -> Duration {
    let now = u64::try_from(now.as_millisecond()).unwrap_or_default();
    Duration::from_millis(deadline.saturating_sub(now)).saturating_sub(margin)
}

/// Logs the error that ends an invocation, and gives it to Lambda.
#[must_use]
pub fn failed(error: &Error) -> Diagnostic {
    tracing::error!(error_kind = error.kind(), %error, "the invocation failed");
    Diagnostic { error_type: error.kind().to_owned(), error_message: error.to_string() }
}

/// The language that the environment asks for.
///
/// # Errors
/// When it is neither `ja` nor `en`.
pub fn language_from_env() -> Result<Language, Error> {
    match std::env::var(LANGUAGE) {
        Ok(text) if !text.is_empty() => {
            text.parse().map_err(|error| Error::Environment(format!("{LANGUAGE}: {error}")))
        }
        _ => Ok(Language::default()),
    }
}

struct Server {
    connected: Connected,
    config: Arc<ConfigService>,
    region: String,
    home: bool,
    language: Language,
    exemptions: Arc<Exemptions>,
}

/// What an invocation answers; nobody waits for it, but it helps when one is run by hand.
#[derive(Debug, Serialize)]
struct Answer {
    control: &'static str,
    #[serde(flatten)]
    report: Report,
}

impl Server {
    fn from_env(controls: &'static [&'static Control]) -> Result<Self, Error> {
        let control = control_from_env(controls)?;
        let sdk = aws::lambda_config()?;
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let home = std::env::var(HOME_REGION).unwrap_or_default();
        Ok(Self {
            connected: Connected::new(control, &sdk),
            config: Arc::new(ConfigService::new(&aws::few_calls(&sdk))),
            home: home.is_empty() || home == region,
            region,
            language: language_from_env()?,
            exemptions: Arc::new(exemptions(control)?),
        })
    }

    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Answer, Error> {
        let deadline = i64::try_from(event.context.deadline)
            .ok()
            .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok());
        let now = Timestamp::now();
        let left = time_left(event.context.deadline, now, MARGIN);
        let surroundings = Surroundings {
            region: self.region.clone(),
            home: self.home,
            language: self.language,
            deadline,
            now,
            exemptions: Arc::clone(&self.exemptions),
        };
        let event = ConfigEvent::from_value(event.payload)?;
        let run = runner::run(&self.connected, &event, &self.config, &surroundings);
        let report = tokio::time::timeout(left, Box::pin(run)).await.map_err(|_| {
            let seconds = left.as_secs();
            Error::Deadline { what: format!("AWS had not answered all calls after {seconds} s") }
        })??;
        let control = self.connected.control.id;
        tracing::info!(
            control,
            compliant = report.compliant,
            non_compliant = report.non_compliant,
            not_applicable = report.not_applicable,
            rule_gone = report.rule_gone,
            "evaluated"
        );
        Ok(Answer { control, report })
    }
}

/// The exemptions that this deployment honours: those of the file that was compiled in, and tags
/// where the environment allows them.
fn exemptions(control: &Control) -> Result<Exemptions, Error> {
    let reviewed =
        Reviewed::parse(SHIPPED).map_err(|error| Error::Environment(error.to_string()))?;
    for problem in reviewed.problems_of(control) {
        tracing::warn!(%problem, "an exemption of the shipped file does not count");
    }
    let tags = match std::env::var(EXEMPTION_TAGS).unwrap_or_default().as_str() {
        "true" => true,
        "" | "false" => false,
        other => {
            return Err(Error::Environment(format!(
                "{EXEMPTION_TAGS}={other:?}: write true or false"
            )));
        }
    };
    Ok(Exemptions { reviewed, tags })
}

fn control_from_env(controls: &'static [&'static Control]) -> Result<&'static Control, Error> {
    let known: Vec<&str> = controls.iter().map(|control| control.id).collect();
    let known = known.join(", ");
    let id = std::env::var(CONTROL).map_err(|_| {
        Error::Environment(format!("{CONTROL} is not set; this binary has: {known}"))
    })?;
    controls.iter().copied().find(|control| control.id == id).ok_or_else(|| {
        Error::Environment(format!("{CONTROL}={id:?} is not in this binary, which has: {known}"))
    })
}
