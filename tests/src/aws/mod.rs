//! An emulated AWS: one endpoint for every service, as strict as the real ones.

mod account;
mod clock;
mod cloudformation;
mod cloudtrail;
mod config;
mod fault;
mod iam;
mod kms;
mod organizations;
mod protocol;
mod s3;
mod securityhub;
pub(crate) mod server;
mod stub;
mod validate;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

pub use account::Account;
pub use cloudformation::CloudFormation;
pub use cloudtrail::{CloudTrail, PublicKey, Trail};
pub use config::{Config, Evaluation, Rule};
pub use fault::{Fault, FaultPlan};
pub use iam::{CredentialUser, GroupDetail, Iam, PolicyDetail, Report, RoleDetail, UserDetail};
pub use kms::{Key, Kms, MultiRegion};
pub use organizations::Organizations;
pub use s3::{Object, S3};
pub use securityhub::SecurityHub;
pub use stub::Stub;

use protocol::{ApiError, Caller, Protocol};
use server::{Reply, Request, Response, Server};

/// The account behind any access key that no test registered.
pub const ACCOUNT: &str = "111122223333";
/// The Region that setters and child processes use unless told otherwise.
pub const REGION: &str = "ap-northeast-1";
/// The access key that child processes get.
pub const ACCESS_KEY: &str = "ASIATESTKIT000000000";

/// One call that arrived.
#[derive(Debug, Clone)]
pub struct Call {
    /// The signing name of the service: `config`, `kms`, …
    pub service: String,
    /// The service among those with this signing name: `apigatewayv2` that signs as `apigateway`;
    /// else the same.
    pub api: String,
    /// The operation: `PutEvaluations`; or what was asked, if no operation fits.
    pub operation: String,
    /// The IAM action that the operation needs; empty where it needs none.
    pub action: String,
    /// The Region of the credential scope.
    pub region: String,
    /// The account behind the access key.
    pub account: String,
    /// The input: the JSON body, the form parameters, or for S3 path and query; of an operation
    /// that stubs answer: its members by their names in the model.
    pub body: Value,
    /// The HTTP status of the answer; 0 if there was none.
    pub status: u16,
    /// The error code of the answer.
    pub error: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    accounts: BTreeMap<String, String>,
    calls: Vec<Call>,
    unknown: Vec<String>,
    faults: Vec<(String, String, FaultPlan)>,
    allowed: Option<Vec<String>>,
    /// How far the services' clocks are ahead of this machine's.
    ahead: SignedDuration,
    account: account::State,
    cloudformation: cloudformation::State,
    cloudtrail: cloudtrail::State,
    config: config::State,
    iam: iam::State,
    kms: kms::State,
    organizations: organizations::State,
    s3: s3::State,
    securityhub: securityhub::State,
    stubs: stub::State,
}

/// The emulated AWS. Dropping it fails the test if something was called that it does not know.
#[derive(Debug)]
pub struct FakeAws {
    state: Arc<Mutex<State>>,
    server: Server,
}

impl Default for FakeAws {
    fn default() -> Self {
        Self::start()
    }
}

impl FakeAws {
    /// Starts listening on a free local port.
    #[must_use]
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| answer(&shared, &request));
        Self { state, server }
    }

    /// The URL for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The same for SDKs that put an account id before the host, as those of S3 control do:
    /// `http://111122223333.127.0.0.1` has no address, but in `http://111122223333.kit@127.0.0.1`
    /// the prefix goes into the user part, which nobody looks at.
    #[must_use]
    pub fn prefixed_endpoint(&self) -> String {
        format!("http://kit@{}", self.server.address())
    }

    /// The environment with which a process uses this AWS and nothing else.
    #[must_use]
    pub fn env(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.endpoint().as_str()),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
            ("AWS_SESSION_TOKEN", "not-a-token"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Puts an account behind an access key.
    pub fn add_account(&self, access_key: &str, account: &str) -> &Self {
        self.state().accounts.insert(access_key.to_owned(), account.to_owned());
        self
    }

    /// The account behind an access key.
    pub(crate) fn account_of(&self, access_key: &str) -> String {
        let account = self.state().accounts.get(access_key).cloned();
        account.unwrap_or_else(|| ACCOUNT.to_owned())
    }

    /// Makes calls of an operation (`"*"`: of any; the service likewise) fail. The plan set last is
    /// asked first.
    pub fn fault(&self, service: &str, operation: &str, plan: impl Into<FaultPlan>) -> &Self {
        self.state().faults.push((service.to_owned(), operation.to_owned(), plan.into()));
        self
    }

    /// Lets modelled operations for which no answer was set answer as in an account that has `n`
    /// of everything, with made-up values: for counting calls, not for verdicts.
    pub fn has_everything(&self, n: usize) -> &Self {
        self.state().stubs.everything = Some(n);
        self
    }

    /// Ends all faults.
    pub fn clear_faults(&self) -> &Self {
        self.state().faults.clear();
        self
    }

    /// Sets the services' clocks ahead of this machine's (or behind it): what is signed more than
    /// five minutes off is refused, as by the real ones.
    pub fn set_clocks_ahead(&self, ahead: SignedDuration) -> &Self {
        self.state().ahead = ahead;
        self
    }

    /// From now on only these IAM actions are allowed; `kms:*` stands for a whole service.
    pub fn allow_only(&self, actions: &[&str]) -> &Self {
        self.state().allowed = Some(actions.iter().map(|&action| action.to_owned()).collect());
        self
    }

    /// Every call so far, refused ones too, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Every call so far, and forgets them.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state().calls)
    }

    /// The calls of one operation.
    #[must_use]
    pub fn calls_of(&self, operation: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.operation == operation).collect()
    }

    /// How often an operation was called.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.calls_of(operation).len()
    }

    /// What was called that is not emulated, and forgets it: so dropping does not fail the test.
    #[must_use]
    pub fn take_unknown(&self) -> Vec<String> {
        std::mem::take(&mut self.state().unknown)
    }

    /// AWS Config, in the default account and Region.
    #[must_use]
    pub fn config(&self) -> Config<'_> {
        Config::new(self)
    }

    /// KMS, in the default account and Region.
    #[must_use]
    pub fn kms(&self) -> Kms<'_> {
        Kms::new(self)
    }

    /// IAM, in the default account.
    #[must_use]
    pub fn iam(&self) -> Iam<'_> {
        Iam::new(self)
    }

    /// CloudTrail, in the default account and Region.
    #[must_use]
    pub fn cloudtrail(&self) -> CloudTrail<'_> {
        CloudTrail::new(self)
    }

    /// S3.
    #[must_use]
    pub fn s3(&self) -> S3<'_> {
        S3::new(self)
    }

    /// Security Hub, in the default account and Region.
    #[must_use]
    pub fn securityhub(&self) -> SecurityHub<'_> {
        SecurityHub::new(self)
    }

    /// Account management, in the default account.
    #[must_use]
    pub fn account(&self) -> Account<'_> {
        Account::new(self)
    }

    /// CloudFormation: stacks that exist and can be updated. Its other operations, and stacks
    /// that are only read, are stubs: `stub("cloudformation")`.
    #[must_use]
    pub fn cloudformation(&self) -> CloudFormation<'_> {
        CloudFormation::new(self)
    }

    /// AWS Organizations, in the default account.
    #[must_use]
    pub fn organizations(&self) -> Organizations<'_> {
        Organizations::new(self)
    }

    /// A service by its model, named as in botocore (`efs`, `elbv2`) or by its signing name where
    /// no other service has the same. In any account and Region unless told otherwise.
    #[must_use]
    #[track_caller]
    pub fn stub(&self, service: &str) -> Stub<'_> {
        Stub::new(self, service)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        let unknown = self.take_unknown();
        if !unknown.is_empty() && !thread::panicking() {
            panic!("the emulated AWS was asked for what it does not know: {}", unknown.join("; "));
        }
    }
}

/// A panic in one handler must not hide behind a poisoned lock in the next.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The id of the n-th invocation of a function.
pub(crate) fn request_id(serial: usize) -> String {
    protocol::uuid(&format!("invocation {serial}"))
}

/// The access key, Region and service of a SigV4 Authorization header.
fn credential_scope(request: &Request) -> Option<(String, String, String)> {
    let header = request.header("authorization")?;
    let (_, scope) = header.split_once("Credential=")?;
    let mut parts = scope.split(',').next()?.trim().split('/');
    let (key, _date, region, service) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (parts.next()? == "aws4_request")
        .then(|| (key.to_owned(), region.to_owned(), service.to_owned()))
}

fn answer(shared: &Mutex<State>, request: &Request) -> Reply {
    let mut state = lock(shared);
    let id = protocol::uuid(&format!("request {}", state.calls.len()));
    let Some((key, region, service)) = credential_scope(request) else {
        state.unknown.push(format!("unsigned {} {}", request.method, request.path));
        let error = ApiError::new(
            403,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        );
        return Reply::Send(protocol::error_response("config", &error, &id));
    };
    let account = state.accounts.get(&key).cloned().unwrap_or_else(|| ACCOUNT.to_owned());
    let caller = Caller { account, region };
    let target = stub::Target::of(&service, request);
    let (operation, known) = operation(&service, request, target.as_ref());
    let action = match &target {
        Some(target) => Some(target.operation.action.clone()),
        None => protocol::action_of(&service, &operation),
    };
    let api = target.as_ref().map_or(&service, |target| &target.model.service).clone();
    let index = state.calls.len();
    state.calls.push(Call {
        service: service.clone(),
        api: api.clone(),
        operation: operation.clone(),
        action: action.clone().unwrap_or_default(),
        region: caller.region.clone(),
        account: caller.account.clone(),
        body: target.as_ref().map_or_else(|| input(&service, request), stub::Target::body),
        status: 0,
        error: None,
    });

    let fault = state
        .faults
        .iter_mut()
        .rev()
        .filter(|(of, op, _)| {
            (of == "*" || *of == service || *of == api) && (op == "*" || *op == operation)
        })
        .find_map(|(_, _, plan)| plan.strike().then(|| plan.fault.clone()));
    let denied =
        action.as_ref().filter(|action| known && !allowed(state.allowed.as_deref(), action));

    let protocol = protocol::protocol_of(&service)
        .or_else(|| Some(stub::model_of(&service, target.as_ref())?.protocol));
    let date = clock::http_date(state.ahead);
    let result = match &fault {
        Some(Fault::Reset) => return Reply::Reset,
        Some(Fault::Silence) => return Reply::Silence,
        Some(Fault::Killed(pid)) => {
            fault::kill(*pid);
            return Reply::Reset;
        }
        fault => {
            if let Some(response) = fault.as_ref().and_then(|fault| fault.instead(protocol)) {
                state.calls[index].status = 200;
                return Reply::Send(response.with("x-amzn-RequestId", id));
            }
            let denied = denied.map(String::as_str);
            let refused = match &target {
                Some(target) => target.refusal(fault.as_ref(), denied, &caller.account),
                None => fault::refusal(
                    &service,
                    fault.as_ref(),
                    denied,
                    &caller.account,
                    action.as_deref().unwrap_or(&operation),
                ),
            };
            match clock::refusal(&service, protocol, request, state.ahead).or(refused) {
                Some(error) => Err(error),
                None if known => dispatch(
                    &mut state,
                    &caller,
                    &service,
                    &operation,
                    request,
                    target.as_ref(),
                    &id,
                ),
                None => Ok(None),
            }
        }
    };
    let error_response = |error: &ApiError| match stub::model_of(&service, target.as_ref()) {
        Some(model) => stub::wire::error(model, error, &id),
        None => protocol::error_response(&service, error, &id),
    };
    let response = match result {
        Ok(Some(response)) => response,
        Ok(None) => {
            state.unknown.push(format!("{service}: {operation}"));
            let message = format!("the emulated AWS does not know {service}: {operation}");
            state.calls[index].error = Some("NotEmulated".to_owned());
            error_response(&ApiError::new(501, "NotEmulated", message))
        }
        Err(error) => {
            state.calls[index].error = Some(error.code.clone());
            error_response(&error)
        }
    };
    // A fault is a refusal from before S3, such as an endpoint's policy: it names no Region.
    let response = if service == "s3" && operation == "HeadBucket" && fault.is_none() {
        s3::locate(&state.s3, request, &caller.region, response)
    } else {
        response
    };
    state.calls[index].status = response.status;
    drop(state);
    let response = response.with("Date", date);
    match fault {
        Some(Fault::Hang(time)) => thread::sleep(time),
        Some(Fault::LostAnswer) => return Reply::Reset,
        Some(Fault::CutAnswer) => return Reply::Cut(response),
        Some(Fault::KilledAfter(pid)) => {
            fault::kill(pid);
            return Reply::Reset;
        }
        Some(fault) => return Reply::Send(fault.reshape(protocol, response)),
        None => {}
    }
    Reply::Send(response)
}

/// The operation of a request, and whether it is one that hand-written services or models have.
fn operation(service: &str, request: &Request, target: Option<&stub::Target>) -> (String, bool) {
    let modelled = target.map(|target| target.operation.name.clone());
    // To S3's emulation every path is one of a bucket, those of S3 control too.
    let by_hand = match (&modelled, service) {
        (Some(_), "s3") => Err(String::new()),
        _ => protocol::operation_of(service, request),
    };
    match (by_hand, modelled) {
        (Ok(operation), _) => (operation, true),
        (Err(_), Some(operation)) => (operation, true),
        (Err(asked), None) => (stub::asked(service, request).unwrap_or(asked), false),
    }
}

fn allowed(actions: Option<&[String]>, action: &str) -> bool {
    actions.is_none_or(|actions| {
        actions.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(prefix) => action.starts_with(prefix),
            None => allowed == action,
        })
    })
}

/// The input of a call as JSON.
fn input(service: &str, request: &Request) -> Value {
    let object = |pairs: Vec<(String, String)>| {
        Value::Object(
            pairs
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect::<Map<_, _>>(),
        )
    };
    match protocol::protocol_of(service) {
        Some(Protocol::Query) => object(server::form(&String::from_utf8_lossy(&request.body))),
        Some(Protocol::RestXml) => json!({
            "path": server::decode(&request.path),
            "query": object(request.query.clone()),
        }),
        _ if request.body.is_empty() => json!({}),
        _ => serde_json::from_slice(&request.body).unwrap_or(Value::Null),
    }
}

/// Asks the hand-written service, then the stubs. `Ok(None)`: neither knows the operation.
fn dispatch(
    state: &mut State,
    caller: &Caller,
    service: &str,
    operation: &str,
    request: &Request,
    target: Option<&stub::Target>,
    id: &str,
) -> Result<Option<Response>, ApiError> {
    let of_s3 = service == "s3" && target.is_some();
    if protocol::protocol_of(service).is_some() && !of_s3 {
        let response = by_hand(state, caller, service, operation, request, id)?;
        if response.is_some() {
            return Ok(response);
        }
    }
    match target {
        Some(target) => target.handle(&state.stubs, caller, id),
        None => Ok(None),
    }
}

fn by_hand(
    state: &mut State,
    caller: &Caller,
    service: &str,
    operation: &str,
    request: &Request,
    id: &str,
) -> Result<Option<Response>, ApiError> {
    let body = &input(service, request);
    if body.is_null() {
        return Err(ApiError::bad("SerializationException", "the body is not JSON"));
    }
    let output = match service {
        "config" => config::handle(&mut state.config, caller, operation, body)?,
        "kms" => kms::handle(&mut state.kms, caller, operation, body)?,
        "cloudtrail" => cloudtrail::handle(&mut state.cloudtrail, caller, operation, body)?,
        "organizations" => {
            organizations::handle(&mut state.organizations, caller, operation, body)?
        }
        "account" => account::handle(&mut state.account, caller, operation, body)?,
        "securityhub" => securityhub::handle(&mut state.securityhub, caller, operation, body)?,
        "iam" | "sts" | "cloudformation" => {
            let xml = match service {
                "iam" => iam::handle(&mut state.iam, caller, operation, body)?,
                "sts" => account::identity(caller, operation),
                _ => cloudformation::handle(&mut state.cloudformation, caller, operation, body)?,
            };
            return Ok(xml.map(|xml| protocol::query_response(service, operation, &xml, id)));
        }
        "s3" => return s3::handle(&mut state.s3, operation, request).map(Some),
        _ => None,
    };
    Ok(output.map(|output| {
        let mut response = protocol::json_response(200, &output, id);
        if protocol::protocol_of(service) == Some(Protocol::RestJson) {
            response.headers[0].1 = "application/json".to_owned();
        }
        response
    }))
}

#[cfg(test)]
mod tests;
