//! Failures on demand.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::protocol::{ApiError, Protocol};
use super::server::Response;

/// How an emulated call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Access denied, in the service's own shape.
    Denied,
    /// Throttled, with the code that the service uses.
    Throttled,
    /// An internal error of the service (HTTP 500).
    ServerError,
    /// Success by its status, with a body that ends in the middle; the call had no effect.
    MalformedBody,
    /// Success by its status, with a page of HTML, as a proxy in between sends it; the call had no
    /// effect.
    ForeignBody,
    /// Success in the service's own format, but every member is of another type (in XML: another
    /// element is there instead).
    WrongShape,
    /// The call takes effect, then the connection is closed in the middle of the answer.
    CutAnswer,
    /// The answer comes only after this time.
    Hang(Duration),
    /// No answer ever comes; the call had no effect.
    Silence,
    /// The process with this id is killed (SIGKILL) when the call arrives; the call had no effect.
    Killed(u32),
    /// The call takes effect, then the process with this id is killed.
    KilledAfter(u32),
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

    /// This fault for the calls beyond a rate: `burst` at once, then so many a second, as the
    /// services count them. Calls that are struck do not count.
    #[must_use]
    pub fn beyond(self, per_second: f64, burst: f64) -> FaultPlan {
        let rate = Rate { per_second, burst, left: burst, last: Instant::now() };
        FaultPlan { rate: Some(rate), ..FaultPlan::from(self) }
    }
}

/// A token bucket.
#[derive(Debug, Clone)]
struct Rate {
    per_second: f64,
    burst: f64,
    left: f64,
    last: Instant,
}

impl Rate {
    fn exceeded(&mut self) -> bool {
        let now = Instant::now();
        let refilled = self.left + (now - self.last).as_secs_f64() * self.per_second;
        self.left = refilled.min(self.burst);
        self.last = now;
        let exceeded = self.left < 1.0;
        if !exceeded {
            self.left -= 1.0;
        }
        exceeded
    }
}

/// A fault and when it strikes; from a bare [`Fault`]: always.
#[derive(Debug, Clone)]
pub struct FaultPlan {
    pub(crate) fault: Fault,
    after: usize,
    times: Option<usize>,
    rate: Option<Rate>,
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
        if self.rate.as_mut().is_some_and(|rate| !rate.exceeded()) {
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
        Self { fault, after: 0, times: None, rate: None }
    }
}

impl Fault {
    /// What is answered instead of asking the service, with success as status.
    pub(crate) fn instead(&self, protocol: Option<Protocol>) -> Option<Response> {
        let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
        match (self, protocol) {
            (Self::ForeignBody, _) => Some(Response::new(200, "text/html", page)),
            (Self::MalformedBody, Some(Protocol::Query | Protocol::Ec2 | Protocol::RestXml)) => {
                Some(Response::new(200, "text/xml", "<?xml version=\"1.0\"?><Cut><Off"))
            }
            (Self::MalformedBody, Some(Protocol::Cbor)) => {
                // A map whose first key says that it is longer than what follows.
                let response = Response::new(200, "application/cbor", *b"\xbf\x6aCut");
                Some(response.with("smithy-protocol", "rpc-v2-cbor"))
            }
            (Self::MalformedBody, _) => {
                Some(Response::new(200, "application/x-amz-json-1.1", "{\"cut\": ["))
            }
            _ => None,
        }
    }

    /// Changes a successful answer for [`Fault::WrongShape`].
    pub(crate) fn reshape(&self, protocol: Option<Protocol>, mut response: Response) -> Response {
        if *self != Self::WrongShape || response.status != 200 {
            return response;
        }
        response.body = match protocol {
            Some(Protocol::Query | Protocol::Ec2 | Protocol::RestXml) => {
                b"<?xml version=\"1.0\"?><Other><Thing>1</Thing></Other>".to_vec()
            }
            // A list of one number, where every operation answers with a map.
            Some(Protocol::Cbor) => vec![0x81, 0x01],
            _ => match serde_json::from_slice(&response.body) {
                Ok(Value::Object(map)) if !map.is_empty() => {
                    let wrong = map.into_iter().map(|(name, value)| (name, other_type(&value)));
                    Value::Object(wrong.collect()).to_string().into_bytes()
                }
                _ => b"[1]".to_vec(),
            },
        };
        response
    }
}

fn other_type(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => json!("text"),
        Value::String(_) | Value::Null => json!([1]),
    }
}

/// Kills a process of the test, as the kernel does with one that took too much memory.
pub(crate) fn kill(pid: u32) {
    let status = Command::new("/bin/sh").args(["-c", &format!("kill -KILL {pid}")]).status();
    assert!(status.is_ok_and(|status| status.success()), "process {pid} is not there to be killed");
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
