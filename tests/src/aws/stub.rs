//! Services that are only read: a test says what an operation answers, a model of the service
//! checks and serialises.
//!
//! The models are in `tests/models/`; a script there adds operations. Operations that the
//! hand-written services know are answered by those, everything else of a modelled service is
//! answered by stubs, and fails the test if no stub was set for it.
//!
//! Members are named as in the service's model (and in botocore and the AWS CLI), also where the
//! wire has other names: `Snapshots`, not `snapshotSet`. A member that does not exist panics
//! where the test sets it.
//!
//! ```
//! use fisc_testkit::aws::FakeAws;
//! use serde_json::json;
//!
//! let aws = FakeAws::start();
//! aws.stub("rds")
//!     .returns("DescribeDBInstances", json!({"DBInstances": [{"DBInstanceIdentifier": "a"}]}))
//!     .when(
//!         "DescribeDBParameters",
//!         json!({"DBParameterGroupName": "pg"}),
//!         json!({"Parameters": [{"ParameterName": "ssl", "ParameterValue": "1"}]}),
//!     )
//!     .fails("DescribeOptionGroups", "OptionGroupNotFoundFault", 404);
//! aws.stub("ec2").in_region("us-east-1").empty("DescribeSnapshots");
//! ```

pub(crate) mod cbor;
pub(crate) mod check;
pub(crate) mod model;
pub(crate) mod synthetic;
pub(crate) mod wire;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::FakeAws;
use super::fault::Fault;
use super::protocol::{self, ApiError, Caller, Protocol};
use super::server::{Request, Response};
use model::{Kind, Model, Operation, Paging};

/// Errors that any service may answer, whatever its model says.
const COMMON: [&str; 20] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "AuthorizationError",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InvalidParameterValue",
    "OptInRequired",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "SubscriptionRequiredException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnauthorizedOperation",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationError",
    "ValidationException",
];

#[derive(Debug)]
struct Answer {
    service: &'static str,
    operation: String,
    region: Option<String>,
    account: Option<String>,
    subset: Value,
    outcome: Result<Value, ApiError>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    answers: Vec<Answer>,
    sizes: BTreeMap<&'static str, usize>,
    /// How many of everything there is where no answer was set; none: no answer.
    pub(crate) everything: Option<usize>,
}

/// What tests set of a service by its model.
#[derive(Debug)]
pub struct Stub<'a> {
    aws: &'a FakeAws,
    model: &'static Model,
    region: Option<String>,
    account: Option<String>,
}

impl<'a> Stub<'a> {
    #[track_caller]
    pub(crate) fn new(aws: &'a FakeAws, service: &str) -> Self {
        let model = model::named(service).unwrap_or_else(|| {
            panic!("no model of {service:?}; there are: {}", model::names().join(", "))
        });
        Self { aws, model, region: None, account: None }
    }

    /// What is set next is answered in this Region only.
    #[must_use]
    pub fn in_region(self, region: &str) -> Self {
        Self { region: Some(region.to_owned()), ..self }
    }

    /// What is set next is answered to this account and in this Region only.
    #[must_use]
    pub fn at(self, account: &str, region: &str) -> Self {
        Self { account: Some(account.to_owned()), ..self.in_region(region) }
    }

    /// Sets the whole answer of an operation. A list is cut into pages by itself: give all of it.
    #[track_caller]
    pub fn returns(&self, operation: &str, answer: Value) -> &Self {
        self.when(operation, json!({}), answer)
    }

    /// Sets the answer to requests whose input contains `subset`. The answer with the largest
    /// subset is taken; of equals one for a Region, then the one that was set last.
    #[track_caller]
    pub fn when(&self, operation: &str, subset: Value, answer: Value) -> &Self {
        let of = self.operation(operation);
        let output = of.output.as_deref().map(|name| self.model.shape(name));
        if let Some(output) = output {
            self.check(operation, output, &answer);
        }
        let token = of.paging.as_ref().filter(|paging| !answer[&paging.output].is_null());
        assert!(token.is_none(), "{operation}: pages and tokens are the emulator's");
        self.set(operation, subset, Ok(answer))
    }

    /// Lets an operation answer that there is nothing: with empty lists.
    #[track_caller]
    pub fn empty(&self, operation: &str) -> &Self {
        let of = self.operation(operation);
        let output = of.output.as_deref().map(|name| self.model.shape(name));
        let members = output.into_iter().flat_map(model::Shape::members);
        let lists = members
            .filter(|member| matches!(self.model.shape(&member.shape).kind, Kind::List { .. }))
            .map(|member| (member.name.clone(), json!([])));
        let answer = Value::Object(lists.collect());
        self.returns(operation, answer)
    }

    /// Lets an operation fail, with an error's code (or the name of its shape) and HTTP status.
    #[track_caller]
    pub fn fails(&self, operation: &str, code: &str, status: u16) -> &Self {
        self.fails_when(operation, json!({}), code, status)
    }

    /// Lets requests fail whose input contains `subset`.
    #[track_caller]
    pub fn fails_when(&self, operation: &str, subset: Value, code: &str, status: u16) -> &Self {
        let of = self.operation(operation);
        let modelled =
            of.errors.iter().find(|name| *name == code || self.model.errors[*name].0 == code);
        let code = match modelled {
            Some(name) => &self.model.errors[name].0,
            None if of.errors.is_empty() || COMMON.contains(&code) => code,
            None => panic!(
                "{operation} has no error {code:?}, but: {}; for another one use a fault",
                of.errors.join(", ")
            ),
        };
        let message = format!("{operation} failed as the test wanted");
        self.set(operation, subset, Err(ApiError::new(status, code, message)))
    }

    /// Lets the listings of the service return at most `size` entries a page, whatever is asked.
    pub fn page_size(&self, size: usize) -> &Self {
        self.aws.state().stubs.sizes.insert(&self.model.service, size);
        self
    }

    #[track_caller]
    fn operation(&self, name: &str) -> &'static Operation {
        let operations = &self.model.operations;
        operations.get(name).unwrap_or_else(|| {
            let known: Vec<&str> = operations.keys().map(String::as_str).collect();
            panic!("no model of {} {name}; there are: {}", self.model.service, known.join(", "))
        })
    }

    #[track_caller]
    fn check(&self, operation: &str, shape: &model::Shape, value: &Value) {
        if let Err(message) = check::written(self.model, shape, value, "") {
            panic!("{} {operation}: {message}", self.model.service);
        }
    }

    #[track_caller]
    fn set(&self, operation: &str, subset: Value, outcome: Result<Value, ApiError>) -> &Self {
        let of = self.operation(operation);
        match &of.input {
            Some(name) => self.check(operation, self.model.shape(name), &subset),
            None => assert_eq!(subset, json!({}), "{operation} has no input"),
        }
        self.aws.state().stubs.answers.push(Answer {
            service: &self.model.service,
            operation: operation.to_owned(),
            region: self.region.clone(),
            account: self.account.clone(),
            subset,
            outcome,
        });
        self
    }
}

/// A request for a modelled operation.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) model: &'static Model,
    pub(crate) operation: &'static Operation,
    input: Result<Value, ApiError>,
}

impl Target {
    /// What a request asks of a modelled service; none if no model has it.
    pub(crate) fn of(service: &str, request: &Request) -> Option<Self> {
        let (model, operation) = model::operation_of(service, request)?;
        Some(Self { model, operation, input: wire::input(model, operation, request) })
    }

    /// The input, by the names of the model's members; null if it could not be read.
    pub(crate) fn body(&self) -> Value {
        self.input.as_ref().cloned().unwrap_or_default()
    }

    /// `Ok(None)`: no stub answers.
    pub(crate) fn handle(
        &self,
        state: &State,
        caller: &Caller,
        id: &str,
    ) -> Result<Option<Response>, ApiError> {
        let Self { model, operation, .. } = self;
        let input = self.input.clone()?;
        check::input(model, operation, &input)?;
        let mut output = match (find(state, self, caller, &input), state.everything) {
            (Some(answer), _) => answer.outcome.clone()?,
            (None, Some(n)) => synthetic::answer(model, operation, &input, n, &caller.region),
            (None, None) => return Ok(None),
        };
        if let Some(paging) = &operation.paging {
            let size = state.sizes.get(model.service.as_str()).copied();
            cut(self, paging, &input, &mut output, size)?;
        }
        Ok(Some(wire::output(model, operation, &output, id)))
    }

    /// The error that a fault or a missing permission makes of the call, in the words of the
    /// service; none if the call is answered.
    pub(crate) fn refusal(
        &self,
        fault: Option<&Fault>,
        missing: Option<&str>,
        account: &str,
    ) -> Option<ApiError> {
        Some(match fault {
            Some(Fault::Denied) => self.denied(account),
            Some(Fault::Throttled) => {
                let (code, status) = match self.model.protocol {
                    Protocol::Json | Protocol::Cbor => ("ThrottlingException", 400),
                    Protocol::RestJson => ("ThrottlingException", 429),
                    Protocol::Query => ("Throttling", 400),
                    Protocol::Ec2 => ("RequestLimitExceeded", 503),
                    Protocol::RestXml => ("SlowDown", 503),
                };
                let codes = ["ThrottlingException", "TooManyRequestsException", "Throttled"];
                self.modelled(&codes, (code, status), "Rate exceeded")
            }
            Some(Fault::ServerError) => {
                let codes = ["InternalServerException", "InternalError", "ServiceException"];
                let code = match self.model.protocol {
                    Protocol::Ec2 | Protocol::RestXml => "InternalError",
                    _ => "InternalFailure",
                };
                let message = "We encountered an internal error. Please try again.";
                ApiError { status: 500, ..self.modelled(&codes, (code, 500), message) }
            }
            Some(Fault::Error(status, code, message)) => ApiError::new(*status, code, message),
            _ if missing.is_some() => self.denied(account),
            _ => return None,
        })
    }

    /// Access denied, in the words of the service.
    fn denied(&self, account: &str) -> ApiError {
        let action = &self.operation.action;
        let (status, code) = match self.model.protocol {
            _ if self.model.service == "sns" => (403, "AuthorizationError"),
            _ if self.model.query_compatible => (403, "AccessDenied"),
            Protocol::Json | Protocol::Cbor => (400, "AccessDeniedException"),
            Protocol::RestJson => (403, "AccessDeniedException"),
            Protocol::Query | Protocol::RestXml => (403, "AccessDenied"),
            Protocol::Ec2 => (403, "UnauthorizedOperation"),
        };
        ApiError::new(
            status,
            code,
            format!(
                "User: arn:aws:sts::{account}:assumed-role/fisc-role/fisc is not authorized to perform: {action} because no identity-based policy allows the {action} action"
            ),
        )
    }

    /// The first of these errors that the operation has, or the usual one of the protocol.
    fn modelled(&self, names: &[&str], usual: (&str, u16), message: &str) -> ApiError {
        let errors = &self.operation.errors;
        let name = names.iter().find_map(|name| errors.iter().find(|error| error == name));
        match name.map(|name| &self.model.errors[name]) {
            Some((code, status)) => ApiError::new(*status, code, message),
            None => ApiError::new(usual.1, usual.0, message),
        }
    }
}

/// The model in whose form a service's errors are: none for services that are all hand-written.
pub(crate) fn model_of(service: &str, target: Option<&Target>) -> Option<&'static Model> {
    match target {
        Some(target) => Some(target.model),
        None if protocol::protocol_of(service).is_some() => None,
        None => model::signed_for(service).next(),
    }
}

/// What a request asked for that no model has, in words.
pub(crate) fn asked(service: &str, request: &Request) -> Option<String> {
    match model_of(service, None)?.protocol {
        Protocol::Json => request.header("x-amz-target").map(str::to_owned),
        Protocol::Query | Protocol::Ec2 => {
            let form = super::server::form(&String::from_utf8_lossy(&request.body));
            form.into_iter().find(|(name, _)| name == "Action").map(|(_, action)| action)
        }
        Protocol::Cbor | Protocol::RestJson | Protocol::RestXml => None,
    }
}

fn find<'a>(
    state: &'a State,
    target: &Target,
    caller: &Caller,
    input: &Value,
) -> Option<&'a Answer> {
    let fits = |want: &Option<String>, have: &String| want.as_ref().is_none_or(|want| want == have);
    let answers = state.answers.iter().filter(|answer| {
        (answer.service, &answer.operation) == (&target.model.service, &target.operation.name)
            && fits(&answer.region, &caller.region)
            && fits(&answer.account, &caller.account)
            && contains(input, &answer.subset)
    });
    // Of equal keys the last one is the greatest.
    answers.max_by_key(|answer| {
        (leaves(&answer.subset), answer.account.is_some(), answer.region.is_some())
    })
}

/// Whether a value has everything that another one has; lists in any order.
fn contains(value: &Value, subset: &Value) -> bool {
    match (value, subset) {
        (Value::Object(value), Value::Object(subset)) => {
            subset.iter().all(|(key, want)| value.get(key).is_some_and(|have| contains(have, want)))
        }
        (Value::Array(value), Value::Array(subset)) => {
            subset.iter().all(|want| value.iter().any(|have| contains(have, want)))
        }
        _ => value == subset,
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(leaves).sum(),
        Value::Array(items) => items.iter().map(leaves).sum(),
        _ => 1,
    }
}

/// Cuts a listing down to the page that was asked for.
fn cut(
    target: &Target,
    paging: &Paging,
    input: &Value,
    output: &mut Value,
    size: Option<usize>,
) -> Result<(), ApiError> {
    let limit = paging.limit.as_ref().and_then(|name| match &input[name] {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|limit| usize::try_from(limit).ok()),
    });
    let silent = paging.needs_limit && limit.is_none();
    let usual = if silent { 1000 } else { 100 };
    let size = size.unwrap_or(usize::MAX).min(limit.unwrap_or(size.unwrap_or(usual)));
    // A token is good for the same question only.
    let mut question = input.as_object().cloned().unwrap_or_else(Map::new);
    question.remove(&paging.input);
    paging.limit.as_ref().map(|name| question.remove(name));
    let question = format!("{} {question:?}", target.operation.name);
    let all = output[&paging.result].as_array().cloned().unwrap_or_default();
    // An empty token is none, as in GetResources.
    let token = input[&paging.input].as_str().filter(|token| !token.is_empty());
    let (items, next) = protocol::page(&all, token, size, &protocol::digest(&question))
        .ok_or_else(|| check::wrong_token(target.model, target.operation, &paging.input))?;
    output[&paging.result] = Value::Array(items);
    if let Some(more) = &paging.more {
        output[more] = json!(next.is_some());
    }
    match next.filter(|_| !silent) {
        Some(next) => output[&paging.output] = json!(next),
        // This one service ends with an empty token.
        None if paging.output == "PaginationToken" => output[&paging.output] = json!(""),
        None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
