//! The errors that end a run. None of them ever becomes a verdict.

use std::fmt;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::event::EventError;
use crate::item::ItemError;
use crate::parameter::ParameterError;
use crate::policy::PolicyError;

/// Why a run of a control ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The event is not one that AWS Config sends.
    #[error("the event cannot be read: {0}")]
    Event(#[from] EventError),
    /// The configuration item lacks something, or has it in another shape.
    #[error("the configuration item cannot be judged: {0}")]
    Item(#[from] ItemError),
    /// The rule's parameters are wrong.
    #[error("the rule's parameters are wrong: {0}")]
    Parameter(#[from] ParameterError),
    /// A policy document cannot be read or decided.
    #[error("the policy cannot be judged: {0}")]
    Policy(#[from] PolicyError),
    /// An AWS call failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// An AWS answer lacks something that it must carry.
    #[error("the answer of {action} lacks {field}")]
    Answer {
        /// The IAM name of the call.
        action: &'static str,
        /// What is missing or malformed.
        field: String,
    },
    /// PutEvaluations kept refusing some evaluations.
    #[error(
        "AWS Config refused {count} evaluation(s), the first of {resource_type} {resource_id}: \
         retry the run; if it stays, the rule's scope holds a type that Config does not take"
    )]
    Refused {
        /// How many.
        count: usize,
        /// Type of the first one.
        resource_type: String,
        /// Id of the first one.
        resource_id: String,
    },
    /// The time limit came near before the work was done.
    #[error(
        "the run cannot finish within the time limit: {what}; raise the function's Timeout or \
         MemorySize, or narrow the scope by parameters"
    )]
    Deadline {
        /// What was not finished.
        what: String,
    },
    /// The environment of the process is incomplete.
    #[error("{0}")]
    Environment(String),
    /// Something else that a control could not do, in its own words.
    #[error("{0}")]
    Control(String),
}

impl Error {
    /// A short name of the kind, for the error type of a failed invocation and for metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "MalformedEvent",
            Self::Item(_) => "IncompleteItem",
            Self::Parameter(_) => "WrongParameter",
            Self::Policy(_) => "UnreadablePolicy",
            Self::Service(error) => error.failure.name(),
            Self::Answer { .. } => "UnexpectedAnswer",
            Self::Refused { .. } => "EvaluationsRefused",
            Self::Deadline { .. } => "DeadlineNear",
            Self::Environment(_) => "WrongEnvironment",
            Self::Control(_) => "ControlFailed",
        }
    }
}

/// What went wrong with an AWS call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The caller may not do it.
    Denied,
    /// Too many requests, after all retries.
    Throttled,
    /// No answer: connection, time-out.
    NoAnswer,
    /// The service answered with another error.
    Refused,
    /// The answer could not be read.
    Malformed,
}

impl Failure {
    /// What an error code of a service means.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        if is_denied(code) {
            Self::Denied
        } else if is_throttled(code) {
            Self::Throttled
        } else {
            Self::Refused
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Denied => "AccessDenied",
            Self::Throttled => "Throttled",
            Self::NoAnswer => "NoAnswer",
            Self::Refused => "ServiceError",
            Self::Malformed => "UnexpectedAnswer",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Denied => "allow the action in the function's role (and in the SCPs above it)",
            Self::Throttled => "the account's request rate is used up; the run is tried again",
            Self::NoAnswer => "check the network path from the function to the service",
            Self::Refused | Self::Malformed => "see the service's message",
        }
    }
}

/// An AWS call that failed, after the SDK's retries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    /// The IAM name of the call, such as `iam:GetAccountSummary`.
    pub action: &'static str,
    /// What kind of failure it is.
    pub failure: Failure,
    /// The service's error code, where it sent one.
    pub code: Option<String>,
    /// The service's message, or the transport's.
    pub message: String,
}

impl std::error::Error for ServiceError {}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, failure, code, message } = self;
        write!(f, "{action} failed ({}", failure.name())?;
        if let Some(code) = code.as_deref().filter(|code| *code != failure.name()) {
            write!(f, ", {code}")?;
        }
        write!(f, "): {message}; {}", failure.advice())
    }
}

impl ServiceError {
    /// Classifies an SDK error. `action` is the IAM name of the call.
    pub fn new<E, R>(action: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: fmt::Debug + 'static,
    {
        let (failure, code, message) = match error {
            SdkError::ServiceError(context) => {
                let code = context.err().code();
                // Every service names its errors: an error without a name is no answer of its.
                let failure = code.map_or(Failure::Malformed, Failure::of_code);
                (failure, code, context.err().message().map(str::to_owned))
            }
            SdkError::ResponseError(_) => (Failure::Malformed, None, None),
            _ => (Failure::NoAnswer, None, None),
        };
        Self {
            action,
            failure,
            code: code.map(str::to_owned),
            message: message.unwrap_or_else(|| chain(error)),
        }
    }

    /// Whether the service answered with this error code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

/// What an error and its causes say. Their debug form would repeat whole answers.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Turns SDK errors into [`ServiceError`]s that name the action.
pub trait Call<T> {
    /// Names the call by its IAM action.
    ///
    /// # Errors
    /// [`ServiceError`], when the call failed.
    fn call(self, action: &'static str) -> Result<T, ServiceError>;
}

impl<T, E, R> Call<T> for Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug + 'static,
{
    fn call(self, action: &'static str) -> Result<T, ServiceError> {
        self.map_err(|error| ServiceError::new(action, &error))
    }
}

/// The codes with which AWS services deny a call.
fn is_denied(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "AccessDeniedException"
            | "AuthFailure"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "Forbidden"
            | "InvalidClientTokenId"
            | "NotAuthorized"
            | "UnauthorizedOperation"
            | "UnrecognizedClientException"
    )
}

/// The codes with which AWS services throttle, as the SDK's retry classifier knows them.
fn is_throttled(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "ProvisionedThroughputExceededException"
            | "TransactionInProgressException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "LimitExceededException"
            | "RequestThrottled"
            | "SlowDown"
            | "PriorRequestNotComplete"
            | "EC2ThrottledException"
    )
}
