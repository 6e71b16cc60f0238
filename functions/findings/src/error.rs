//! The errors that end an invocation.

use std::fmt;

use fisc_shared::error::{Failure, ServiceError};
use lambda_runtime::Diagnostic;

/// Why an invocation ended without doing its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither a batch of messages nor a schedule.
    #[error(
        "the event cannot be read: {0}; expected a batch of an SQS queue, or a Scheduled Event of \
         EventBridge"
    )]
    Event(String),
    /// The table of controls in this binary is damaged.
    #[error("the table of controls cannot be read: {0}")]
    Table(#[from] serde_json::Error),
    /// Security Hub took nothing of a batch.
    #[error("none of {count} finding(s) was imported: {source}{}", Advice(.source))]
    Import {
        /// How many findings.
        count: usize,
        /// The first failed call.
        source: ServiceError,
    },
    /// Security Hub did not list the findings to refresh.
    #[error("the findings to refresh cannot be listed: {0}{advice}", advice = Advice(.0))]
    List(ServiceError),
    /// Some findings could not be refreshed.
    #[error(
        "{count} of {of} finding(s) could not be refreshed, the first one {id}: {problem}; the \
         next schedule tries again"
    )]
    Refresh {
        /// How many failed.
        count: usize,
        /// How many were due.
        of: usize,
        /// Id of the first one.
        id: String,
        /// What was wrong with it.
        problem: String,
    },
    /// Security Hub could not be compared with AWS Config as a whole.
    #[error(
        "Security Hub may not show all that AWS Config holds: {unread} of {rules} rule(s) could \
         not be compared, {failed} of {findings} finding(s) not be imported, the first one \
         {first}; the next schedule tries again"
    )]
    CatchUp {
        /// How many rules there are.
        rules: usize,
        /// How many of them could not be compared.
        unread: usize,
        /// How many findings differed, of the rules that were compared.
        findings: usize,
        /// How many of them could not be imported.
        failed: usize,
        /// The first rule or finding, and what was wrong with it.
        first: String,
        /// The call that failed, if one did.
        source: Option<Box<ServiceError>>,
    },
    /// The environment, or the time limit.
    #[error(transparent)]
    Shared(#[from] fisc_shared::Error),
}

impl Error {
    /// A short name of the kind, for the error type of a failed invocation.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "MalformedEvent",
            Self::Table(_) => "WrongTable",
            Self::Import { source, .. } | Self::List(source) => kind_of(source),
            Self::CatchUp { source: Some(source), .. } => kind_of(source),
            Self::Refresh { .. } => "RefreshIncomplete",
            Self::CatchUp { source: None, .. } => "CatchUpIncomplete",
            Self::Shared(error) => error.kind(),
        }
    }
}

fn kind_of(source: &ServiceError) -> &'static str {
    if is_disabled(source) {
        return "SecurityHubDisabled";
    }
    fisc_shared::Error::Service(source.clone()).kind()
}

/// Logs the error that ends an invocation, and gives it to Lambda.
#[must_use]
pub fn failed(error: &Error) -> Diagnostic {
    tracing::error!(error_kind = error.kind(), %error, "the invocation failed");
    Diagnostic { error_type: error.kind().to_owned(), error_message: error.to_string() }
}

/// Whether Security Hub said that it is off: `InvalidAccessException` for a call,
/// `InvalidAccess` for a single finding.
#[must_use]
pub fn is_disabled(error: &ServiceError) -> bool {
    error.is("InvalidAccessException") || error.is("InvalidAccess")
}

/// Whether every further call to Security Hub would get the same answer.
#[must_use]
pub(crate) fn is_hopeless(error: &ServiceError) -> bool {
    matches!(error.failure, Failure::Denied | Failure::Throttled) || is_disabled(error)
}

/// A call that was given up because the function's time is over.
pub(crate) fn late(action: &'static str) -> ServiceError {
    ServiceError {
        action,
        failure: Failure::NoAnswer,
        code: None,
        message: "no answer before the function's time limit".to_owned(),
    }
}

/// What to do about a failed call beyond what [`ServiceError`] says itself.
pub(crate) struct Advice<'a>(pub(crate) &'a ServiceError);

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_disabled(self.0) {
            f.write_str(" (enable Security Hub in this account and Region)")?;
        }
        Ok(())
    }
}
