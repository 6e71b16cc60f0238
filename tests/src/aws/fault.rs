//! Failures on demand.

use std::time::Duration;

use super::protocol::ApiError;

/// How an emulated call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Access denied, in the service's own shape.
    Denied,
    /// Throttled, with the code that the service uses.
    Throttled,
    /// An internal error of the service (HTTP 500).
    ServerError,
    /// Success by its status, with a body that is cut off.
    MalformedBody,
    /// The answer comes only after this time.
    Hang(Duration),
    /// The connection is closed; the call had no effect.
    Reset,
    /// The call takes effect, then the connection is closed before the answer.
    LostAnswer,
    /// An error with this HTTP status, code and message.
    Error(u16, String, String),
}

impl Fault {
    /// An error with a code of choice.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::Error(status, code.to_owned(), message.to_owned())
    }

    /// This fault for `n` calls only.
    #[must_use]
    pub fn times(self, n: usize) -> FaultPlan {
        FaultPlan { times: Some(n), ..FaultPlan::from(self) }
    }

    /// This fault for every call but the first `n`.
    #[must_use]
    pub fn after(self, n: usize) -> FaultPlan {
        FaultPlan { after: n, ..FaultPlan::from(self) }
    }
}

/// A fault and when it strikes; from a bare [`Fault`]: always.
#[derive(Debug, Clone)]
pub struct FaultPlan {
    pub(crate) fault: Fault,
    after: usize,
    times: Option<usize>,
}

impl FaultPlan {
    /// For `n` calls only.
    #[must_use]
    pub fn times(self, n: usize) -> Self {
        Self { times: Some(n), ..self }
    }

    /// Only after `n` calls that go through.
    #[must_use]
    pub fn after(self, n: usize) -> Self {
        Self { after: n, ..self }
    }

    /// Counts one call; true if it is struck.
    pub(crate) fn strike(&mut self) -> bool {
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        match &mut self.times {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

impl From<Fault> for FaultPlan {
    fn from(fault: Fault) -> Self {
        Self { fault, after: 0, times: None }
    }
}

/// The error that a fault or a missing permission (`missing` names it) makes of a call; none if the
/// call is answered.
pub(crate) fn refusal(
    service: &str,
    fault: Option<&Fault>,
    missing: Option<&str>,
    account: &str,
    action: &str,
) -> Option<ApiError> {
    Some(match (fault, missing) {
        (Some(Fault::Denied), _) => denied(service, account, action),
        (Some(Fault::Throttled), _) => throttled(service),
        (Some(Fault::ServerError), _) => server_error(service),
        (Some(Fault::Error(status, code, message)), _) => ApiError::new(*status, code, message),
        (_, Some(action)) => denied(service, account, action),
        _ => return None,
    })
}

/// Access denied, in the words of the service.
pub(crate) fn denied(service: &str, account: &str, action: &str) -> ApiError {
    let (status, code) = match service {
        "iam" | "sts" | "s3" => (403, "AccessDenied"),
        "securityhub" | "account" => (403, "AccessDeniedException"),
        _ => (400, "AccessDeniedException"),
    };
    ApiError::new(
        status,
        code,
        format!(
            "User: arn:aws:sts::{account}:assumed-role/fisc-role/fisc is not authorized to perform: {action} because no identity-based policy allows the {action} action"
        ),
    )
}

/// Throttling, with the code that the service uses.
fn throttled(service: &str) -> ApiError {
    match service {
        "iam" | "sts" => ApiError::bad("Throttling", "Rate exceeded"),
        "s3" => ApiError::new(503, "SlowDown", "Please reduce your request rate."),
        "securityhub" | "account" => {
            ApiError::new(429, "TooManyRequestsException", "Too Many Requests")
        }
        "organizations" => ApiError::bad(
            "TooManyRequestsException",
            "AWS Organizations can't complete your request because another request is already in progress. Try again later.",
        ),
        _ => ApiError::bad("ThrottlingException", "Rate exceeded"),
    }
}

/// An internal error, with the code that the service uses.
fn server_error(service: &str) -> ApiError {
    let code = match service {
        "kms" => "KMSInternalException",
        "iam" => "ServiceFailure",
        "s3" => "InternalError",
        "securityhub" => "InternalException",
        "account" => "InternalServerException",
        _ => "InternalFailure",
    };
    ApiError::new(500, code, "We encountered an internal error. Please try again.")
}
