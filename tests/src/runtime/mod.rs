//! Runs a Lambda binary as Lambda does: a child process that asks a Runtime API for events.

use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::aws::server::{Reply, Request, Response, Server};
use crate::aws::{FakeAws, lock};

/// The name that every function has.
pub const FUNCTION: &str = "fisc-under-test";

/// How an invocation fails, as Lambda reports it to the caller.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionError {
    /// The `errorType`; `Runtime.ExitError` if the process died, `Sandbox.Timedout` if it was late.
    pub error_type: String,
    /// The `errorMessage`.
    pub message: String,
    /// All that the function reported.
    pub raw: Value,
}

impl fmt::Display for FunctionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for FunctionError {}

impl FunctionError {
    fn reported(raw: Value) -> Self {
        let text = |name: &str| raw[name].as_str().unwrap_or_default().to_owned();
        Self { error_type: text("errorType"), message: text("errorMessage"), raw }
    }

    fn of_lambda(error_type: &str, message: String) -> Self {
        let raw = json!({"errorType": error_type, "errorMessage": message});
        Self { error_type: error_type.to_owned(), message, raw }
    }
}

type Outcome = Result<Value, FunctionError>;

#[derive(Debug, Default)]
struct Exchange {
    waiting: VecDeque<Invocation>,
    running: Option<String>,
    outcome: Option<Outcome>,
    asked: bool,
    /// Counts the processes: what a former one waits for must not take the event of the next.
    process: usize,
    serial: usize,
}

#[derive(Debug, Clone)]
struct Invocation {
    id: String,
    deadline: SystemTime,
    event: String,
}

#[derive(Debug, Default)]
struct Shared {
    exchange: Mutex<Exchange>,
    changed: Condvar,
    logs: Mutex<String>,
    /// The function's ARN: of the account and Region that its environment is for.
    arn: String,
}

/// A Lambda function: the process is started anew if it died, as Lambda does.
#[derive(Debug)]
pub struct Lambda {
    shared: Arc<Shared>,
    child: Option<Child>,
    server: Server,
    program: PathBuf,
    env: Vec<(String, String)>,
    deadline: Duration,
}

impl Lambda {
    /// Starts the binary with an environment that holds `PATH`, what Lambda sets, the emulated
    /// AWS, and `env`, which wins; nothing of the test's own environment comes along.
    #[must_use]
    pub fn start(program: impl AsRef<Path>, aws: &FakeAws, env: &[(&str, &str)]) -> Self {
        let mut all = aws.env();
        let set = |name: &str| {
            let own = env.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| *value);
            let usual = all.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            own.or(usual).unwrap_or_default().to_owned()
        };
        let account = aws.account_of(&set("AWS_ACCESS_KEY_ID"));
        let arn = format!("arn:aws:lambda:{}:{account}:function:{FUNCTION}", set("AWS_REGION"));
        let shared = Arc::new(Shared { arn, ..Shared::default() });
        let server = {
            let shared = Arc::clone(&shared);
            Server::start(move |request| runtime_api(&shared, &request))
        };
        let api = server.address().to_string();
        let lambda = [
            ("AWS_LAMBDA_RUNTIME_API", api.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", FUNCTION),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/fisc-under-test"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/01/[$LATEST]0123456789abcdef0123456789abcdef"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
        ];
        let own =
            lambda.iter().chain(env).map(|&(name, value)| (name.to_owned(), value.to_owned()));
        all.extend(own);
        let program = program.as_ref().to_owned();
        let mut lambda = Self {
            shared,
            child: None,
            server,
            program,
            env: all,
            deadline: Duration::from_secs(60),
        };
        lambda.spawn();
        lambda
    }

    /// Sets the function's time-out, for the invocations that follow; 60 s at first.
    pub fn set_deadline(&mut self, deadline: Duration) -> &mut Self {
        self.deadline = deadline;
        self
    }

    fn spawn(&mut self) {
        let mut command = Command::new(&self.program);
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", self.program.display()));
        self.collect(child.stdout.take().expect("a pipe"));
        self.collect(child.stderr.take().expect("a pipe"));
        self.child = Some(child);
    }

    fn collect(&self, pipe: impl Read + Send + 'static) {
        let shared = Arc::clone(&self.shared);
        thread::spawn(move || {
            let mut reader = BufReader::new(pipe);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                lock(&shared.logs).push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
    }

    /// Sends one event and waits for the answer.
    ///
    /// # Errors
    ///
    /// What the function reports; `Runtime.ExitError` if it dies and `Sandbox.Timedout` if it is
    /// not done at its deadline, with its logs in the message.
    pub fn invoke(&mut self, event: Value) -> Outcome {
        self.invoke_raw(event.to_string())
    }

    /// Like [`Lambda::invoke`], for an event that need not be JSON.
    ///
    /// # Errors
    ///
    /// As [`Lambda::invoke`].
    pub fn invoke_raw(&mut self, event: String) -> Outcome {
        if self.exit_status().is_some() {
            self.kill();
            // What the former process reported is no answer to this event.
            lock(&self.shared.exchange).outcome = None;
            self.spawn();
        }
        let end = Instant::now() + self.deadline;
        let mut exchange = lock(&self.shared.exchange);
        // An event that a failed start left behind is not this one.
        exchange.waiting.clear();
        exchange.serial += 1;
        let id = crate::aws::request_id(exchange.serial);
        let deadline = SystemTime::now() + self.deadline;
        exchange.waiting.push_back(Invocation { id, deadline, event });
        drop(exchange);
        self.shared.changed.notify_all();
        loop {
            let exchange = lock(&self.shared.exchange);
            let pause = Duration::from_millis(20);
            let (mut exchange, _) = self
                .shared
                .changed
                .wait_timeout_while(exchange, pause, |exchange| exchange.outcome.is_none())
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(outcome) = exchange.outcome.take() {
                return outcome;
            }
            drop(exchange);
            let exited = self.exit_status();
            let late = Instant::now() >= end;
            if exited.is_none() && !late {
                continue;
            }
            self.kill();
            let outcome = lock(&self.shared.exchange).outcome.take();
            if let Some(outcome) = outcome {
                return outcome;
            }
            let logs = self.logs();
            return Err(match exited {
                Some(status) => FunctionError::of_lambda(
                    "Runtime.ExitError",
                    format!("the process ended with {status}; its output:\n{logs}"),
                ),
                None => FunctionError::of_lambda(
                    "Sandbox.Timedout",
                    format!(
                        "the function timed out after {:?}; its output:\n{logs}",
                        self.deadline
                    ),
                ),
            });
        }
    }

    fn exit_status(&mut self) -> Option<String> {
        match self.child.as_mut().map(Child::try_wait) {
            Some(Ok(None)) => None,
            Some(Ok(Some(status))) => Some(status.to_string()),
            Some(Err(error)) => Some(error.to_string()),
            None => Some("nothing".to_owned()),
        }
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let mut exchange = lock(&self.shared.exchange);
        exchange.process += 1;
        exchange.asked = false;
        exchange.running = None;
        exchange.waiting.clear();
        drop(exchange);
        self.shared.changed.notify_all();
    }

    /// Ends the process: the next invocation is a cold start.
    pub fn recycle(&mut self) -> &mut Self {
        self.kill();
        self
    }

    /// Waits until the process asks for its first event.
    ///
    /// # Errors
    ///
    /// If it dies or reports a failed start before.
    pub fn wait_ready(&mut self) -> Result<(), FunctionError> {
        let end = Instant::now() + self.deadline;
        loop {
            let mut exchange = lock(&self.shared.exchange);
            if let Some(Err(error)) = exchange.outcome.take() {
                return Err(error);
            }
            if exchange.asked {
                return Ok(());
            }
            drop(exchange);
            if let Some(status) = self.exit_status() {
                let logs = self.logs();
                return Err(FunctionError::of_lambda(
                    "Runtime.ExitError",
                    format!("the process ended with {status}; its output:\n{logs}"),
                ));
            }
            if Instant::now() >= end {
                return Err(FunctionError::of_lambda(
                    "Sandbox.Timedout",
                    format!("not ready; its output:\n{}", self.logs()),
                ));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// All that the process wrote so far to its standard output and error.
    #[must_use]
    pub fn logs(&self) -> String {
        // What was written before the answer may still be in the pipe.
        thread::sleep(Duration::from_millis(50));
        lock(&self.shared.logs).clone()
    }

    /// The logs as [`Lambda::logs`] has them, and forgets them: for runs of hours.
    #[must_use]
    pub fn take_logs(&self) -> String {
        std::mem::take(&mut lock(&self.shared.logs))
    }

    /// The id of the running process; `None` before a start and after an end.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The address of the Runtime API.
    #[must_use]
    pub fn runtime_api(&self) -> String {
        self.server.address().to_string()
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.kill();
    }
}

fn runtime_api(shared: &Shared, request: &Request) -> Reply {
    let accepted = || Reply::Send(Response::new(202, "application/json", "{\"status\":\"OK\"}"));
    let refused = |message: &str| {
        let body = json!({"errorType": "InvalidRequestID", "errorMessage": message});
        Reply::Send(Response::new(400, "application/json", body.to_string()))
    };
    let path = request.path.strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
    let body = || String::from_utf8_lossy(&request.body).into_owned();
    match (request.method.as_str(), path) {
        ("GET", "invocation/next") => next(shared),
        ("POST", "init/error") => {
            let raw = serde_json::from_slice(&request.body)
                .unwrap_or_else(|_| json!({"errorMessage": body()}));
            lock(&shared.exchange).outcome = Some(Err(FunctionError::reported(raw)));
            shared.changed.notify_all();
            accepted()
        }
        ("POST", path) => {
            let Some((id, kind)) =
                path.strip_prefix("invocation/").and_then(|rest| rest.split_once('/'))
            else {
                return refused("no such path");
            };
            let mut exchange = lock(&shared.exchange);
            if exchange.running.as_deref() != Some(id) {
                return refused("this invocation is not running");
            }
            let outcome = match kind {
                "response" if request.body.is_empty() => Ok(Value::Null),
                "response" => serde_json::from_slice(&request.body).map_err(|error| {
                    FunctionError::of_lambda(
                        "Runtime.InvalidResponse",
                        format!("not JSON ({error}): {}", body()),
                    )
                }),
                "error" => Err(FunctionError::reported(
                    serde_json::from_slice(&request.body)
                        .unwrap_or_else(|_| json!({"errorMessage": body()})),
                )),
                _ => return refused("no such path"),
            };
            exchange.running = None;
            exchange.outcome = Some(outcome);
            drop(exchange);
            shared.changed.notify_all();
            accepted()
        }
        _ => refused("no such path"),
    }
}

fn next(shared: &Shared) -> Reply {
    let mut exchange = lock(&shared.exchange);
    exchange.asked = true;
    let process = exchange.process;
    let mut exchange = shared
        .changed
        .wait_while(exchange, |exchange| exchange.waiting.is_empty() && exchange.process == process)
        .unwrap_or_else(PoisonError::into_inner);
    if exchange.process != process {
        return Reply::Reset;
    }
    let Some(invocation) = exchange.waiting.pop_front() else {
        return Reply::Reset;
    };
    exchange.running = Some(invocation.id.clone());
    drop(exchange);
    let deadline = invocation.deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
    Reply::Send(
        Response::new(200, "application/json", invocation.event)
            .with("Lambda-Runtime-Aws-Request-Id", invocation.id)
            .with("Lambda-Runtime-Deadline-Ms", deadline.to_string())
            .with("Lambda-Runtime-Invoked-Function-Arn", &shared.arn)
            .with("Lambda-Runtime-Trace-Id", trace),
    )
}

/// The path of another binary of the workspace, in the target folder of the running test.
///
/// Cargo builds the binaries of the test's own package only: the others must be built before.
#[must_use]
pub fn sibling(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let beside = |path: &&Path| path.ends_with("deps") || path.ends_with("examples");
    let folder = test.ancestors().find(beside).and_then(Path::parent);
    let path = folder.expect("tests run from target/<profile>/deps").join(name);
    assert!(path.exists(), "{} is missing: build it first (cargo build --bins)", path.display());
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECHO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/runtime/echo.sh");

    #[test]
    fn answers_errors_and_logs_come_back() {
        let aws = FakeAws::start();
        let mut lambda = Lambda::start(ECHO, &aws, &[("FISC_CONTROL", "root-mfa")]);
        lambda.wait_ready().unwrap();
        assert_eq!(lambda.invoke(json!({"n": 1})).unwrap(), json!({"n": 1}));
        let error = lambda.invoke(json!("fail")).unwrap_err();
        assert_eq!((error.error_type.as_str(), error.message.as_str()), ("Named", "why"));
        assert_eq!(lambda.invoke(json!([2])).unwrap(), json!([2]));
        let logs = lambda.logs();
        assert!(logs.contains("home is '', control is 'root-mfa'"), "{logs}");
        assert!(logs.contains("event [2]"), "{logs}");
    }

    #[test]
    fn a_dead_or_late_process_is_an_error_and_is_replaced() {
        let aws = FakeAws::start();
        let mut lambda = Lambda::start(ECHO, &aws, &[]);
        let error = lambda.invoke(json!("die")).unwrap_err();
        assert_eq!(error.error_type, "Runtime.ExitError");
        assert!(error.message.contains("event \"die\""), "{error}");
        lambda.set_deadline(Duration::from_millis(500));
        assert_eq!(lambda.invoke(json!("hang")).unwrap_err().error_type, "Sandbox.Timedout");
        lambda.set_deadline(Duration::from_secs(60));
        assert_eq!(lambda.invoke(json!(3)).unwrap(), json!(3));
        lambda.recycle();
        assert_eq!(lambda.invoke(json!(4)).unwrap(), json!(4));
    }
}
