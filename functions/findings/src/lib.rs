//! Forwards what AWS Config says of this product's rules to Security Hub.
//!
//! AWS Config sends "Config Rules Compliance Change" to EventBridge; a rule there puts the events
//! of this stack into an SQS queue, and this function takes them in batches, makes a finding of
//! each and imports it. A message is done only when its result, or a newer one, is in Security
//! Hub; every other one goes back to the queue, and to the dead-letter queue in the end. A
//! message may come twice or late: Security Hub itself ignores an update whose UpdatedAt is not
//! newer than what it holds, so nothing is doubled and nothing falls back.
//!
//! Once a day the function refreshes open findings, which Security Hub else deletes after 90 days,
//! and imports what Security Hub does not show as AWS Config holds it: an event may be lost on its
//! way to the queue, and there is none when only the reasons change. It needs
//! `securityhub:BatchImportFindings`, `securityhub:GetFindings` and
//! `config:GetComplianceDetailsByConfigRule`.

pub mod batch;
pub mod controls;
pub mod convert;
pub mod error;
pub mod import;
pub mod message;
pub mod owner;
pub mod reconcile;
pub mod refresh;

pub use error::Error;

use std::time::Duration;

use aws_sdk_securityhub::Client;
use fisc_shared::config_service::ConfigService;
use fisc_shared::lambda::{init_logs, language_from_env, time_left};
use fisc_shared::{Language, aws};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::batch::BatchAnswer;
use crate::controls::Controls;
use crate::error::failed;
use crate::message::Invocation;
use crate::owner::Owner;
use crate::reconcile::CatchUp;
use crate::refresh::RefreshAnswer;

/// The environment variable with the prefix of this stack's rules, which are named
/// `<prefix>-<control>`.
pub const RULE_PREFIX: &str = "FISC_RULE_PREFIX";

/// Kept back from the time limit, to answer and to log.
const MARGIN: Duration = Duration::from_secs(2);

/// Serves events until Lambda stops the process.
///
/// # Errors
/// When the environment is incomplete.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    init_logs();
    let server = Server::from_env().inspect_err(|error| {
        tracing::error!(error_kind = error.kind(), %error, "the function cannot start");
    })?;
    let server = &server;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        server.handle(event).await.map_err(|error| failed(&error))
    }))
    .await
}

struct Server {
    client: Client,
    config: ConfigService,
    controls: Controls,
    language: Language,
}

/// What an invocation answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answer {
    Batch(BatchAnswer),
    Schedule(ScheduleAnswer),
}

/// What a schedule's run did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScheduleAnswer {
    #[serde(flatten)]
    refresh: RefreshAnswer,
    /// Findings that did not show what AWS Config holds, and do now.
    caught_up: usize,
}

impl Server {
    fn from_env() -> Result<Self, Error> {
        let sdk = aws::few_calls(&aws::lambda_config()?);
        let prefix = std::env::var(RULE_PREFIX).ok().filter(|prefix| !prefix.is_empty());
        let prefix = prefix.ok_or_else(|| {
            fisc_shared::Error::Environment(format!(
                "{RULE_PREFIX} is not set: the prefix of this stack's Config rules"
            ))
        })?;
        Ok(Self {
            client: Client::new(&sdk),
            config: ConfigService::new(&sdk),
            controls: Controls::new(&prefix)?,
            language: language_from_env()?,
        })
    }

    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Answer, Error> {
        let now = Timestamp::now();
        let until = Instant::now() + time_left(event.context.deadline, now, MARGIN);
        let owner = Owner::of_function(&event.context.invoked_function_arn)?;
        let Self { client, config, controls, language } = self;
        match Invocation::from_value(event.payload)? {
            Invocation::Batch(records) => {
                batch::forward(client, controls, *language, &owner, &records, until)
                    .await
                    .map(Answer::Batch)
            }
            Invocation::Schedule => {
                // First, since a listing may be a little behind: what was just caught up could else
                // be refreshed in its old state.
                let refreshed = refresh::refresh(client, controls, &owner, now, until).await;
                let language = *language;
                let owner = &owner;
                let sides = CatchUp { client, config, controls, language, owner, now, until };
                // What could not be refreshed must not keep the rest from being compared.
                let caught_up = sides.run().await;
                Ok(Answer::Schedule(ScheduleAnswer { refresh: refreshed?, caught_up: caught_up? }))
            }
        }
    }
}
