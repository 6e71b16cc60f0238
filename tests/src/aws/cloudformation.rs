//! CloudFormation: stacks that exist, and updates that change their parameters.
//!
//! Templates are not read: an update must keep the template. Each look at a stack that is being
//! updated brings it one step further.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::protocol::{ApiError, Caller, escape};
use super::{ACCOUNT, FakeAws, REGION};

type Key = (String, String, String);

#[derive(Debug)]
struct Event {
    resource: String,
    kind: String,
    status: String,
    reason: Option<String>,
}

#[derive(Debug)]
struct Stack {
    parameters: BTreeMap<String, String>,
    /// Those of the update that is under way.
    wanted: Option<BTreeMap<String, String>>,
    capabilities: Vec<String>,
    status: String,
    /// What the next looks will see.
    steps: VecDeque<String>,
    /// The newest last.
    events: Vec<Event>,
    failure: Option<(String, String)>,
    /// Looks that an update takes before it ends.
    looks: usize,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    stacks: BTreeMap<Key, Stack>,
}

/// What tests set and see of CloudFormation, in the default account and Region.
#[derive(Debug)]
pub struct CloudFormation<'a> {
    aws: &'a FakeAws,
}

impl<'a> CloudFormation<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws }
    }

    /// A stack that was created with these parameters, all of which its template names, and with
    /// the capability for named IAM resources.
    pub fn stack(&self, name: &str, parameters: &[(&str, &str)]) -> &Self {
        let stack = Stack {
            parameters: parameters
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            wanted: None,
            capabilities: vec!["CAPABILITY_NAMED_IAM".to_owned()],
            status: "CREATE_COMPLETE".to_owned(),
            steps: VecDeque::new(),
            events: Vec::new(),
            failure: None,
            looks: 2,
        };
        self.aws.state().cloudformation.stacks.insert(key(ACCOUNT, REGION, name), stack);
        self
    }

    /// Lets the next update of a stack fail at a resource, and roll back.
    pub fn fail_update(&self, name: &str, resource: &str, reason: &str) -> &Self {
        self.with(name, |stack| {
            stack.failure = Some((resource.to_owned(), reason.to_owned()));
        });
        self
    }

    /// Puts a stack into a state.
    pub fn set_status(&self, name: &str, status: &str) -> &Self {
        self.with(name, |stack| status.clone_into(&mut stack.status));
        self
    }

    /// Lets updates of a stack take this many looks.
    pub fn set_looks(&self, name: &str, looks: usize) -> &Self {
        self.with(name, |stack| stack.looks = looks);
        self
    }

    /// A parameter of a stack, as the last update that succeeded left it.
    #[must_use]
    pub fn parameter(&self, name: &str, parameter: &str) -> Option<String> {
        self.with(name, |stack| stack.parameters.get(parameter).cloned())
    }

    fn with<T>(&self, name: &str, work: impl FnOnce(&mut Stack) -> T) -> T {
        let mut state = self.aws.state();
        let stack = state.cloudformation.stacks.get_mut(&key(ACCOUNT, REGION, name));
        work(stack.unwrap_or_else(|| panic!("no stack {name}")))
    }
}

fn key(account: &str, region: &str, name: &str) -> Key {
    (account.to_owned(), region.to_owned(), name.to_owned())
}

fn arn(key: &Key) -> String {
    let (account, region, name) = key;
    format!(
        "arn:aws:cloudformation:{region}:{account}:stack/{name}/11112222-3333-4444-5555-666677778888"
    )
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::bad("ValidationError", message)
}

/// `Ok(None)`: nobody set a stack here, or the operation is another one.
pub(crate) fn handle(
    state: &mut State,
    caller: &Caller,
    operation: &str,
    form: &Value,
) -> Result<Option<String>, ApiError> {
    if state.stacks.is_empty()
        || !["DescribeStacks", "DescribeStackEvents", "UpdateStack"].contains(&operation)
    {
        return Ok(None);
    }
    let name = form["StackName"].as_str().ok_or_else(|| invalid("StackName is missing"))?;
    let key = key(&caller.account, &caller.region, name);
    let missing = || invalid(format!("Stack with id {name} does not exist"));
    let stack = state.stacks.get_mut(&key).ok_or_else(missing)?;
    Ok(Some(match operation {
        "DescribeStacks" => describe(&key, stack),
        "DescribeStackEvents" => events(&key, stack),
        _ => {
            update(&key, stack, form)?;
            format!("<StackId>{}</StackId>", arn(&key))
        }
    }))
}

fn describe(key: &Key, stack: &mut Stack) -> String {
    if let Some(status) = stack.steps.pop_front() {
        stack.status = status;
        let wanted = stack.wanted.take_if(|_| stack.steps.is_empty());
        if let Some(wanted) = wanted.filter(|_| stack.status == "UPDATE_COMPLETE") {
            stack.parameters = wanted;
        }
    }
    let parameters = stack.wanted.as_ref().unwrap_or(&stack.parameters);
    let parameters: String = parameters
        .iter()
        .map(|(name, value)| {
            format!(
                "<member><ParameterKey>{}</ParameterKey><ParameterValue>{}</ParameterValue></member>",
                escape(name),
                escape(value)
            )
        })
        .collect();
    let capabilities: String =
        stack.capabilities.iter().map(|one| format!("<member>{one}</member>")).collect();
    format!(
        "<Stacks><member><StackName>{}</StackName><StackId>{}</StackId><CreationTime>2026-11-01T00:00:00.000Z</CreationTime><StackStatus>{}</StackStatus><Parameters>{parameters}</Parameters><Capabilities>{capabilities}</Capabilities></member></Stacks>",
        key.2,
        arn(key),
        stack.status,
    )
}

fn events(key: &Key, stack: &Stack) -> String {
    let events = stack.events.iter().enumerate().rev().map(|(number, event)| {
        let reason = event.reason.as_deref().map_or_else(String::new, |reason| {
            format!("<ResourceStatusReason>{}</ResourceStatusReason>", escape(reason))
        });
        format!(
            "<member><EventId>{number}</EventId><StackId>{}</StackId><StackName>{}</StackName><LogicalResourceId>{}</LogicalResourceId><ResourceType>{}</ResourceType><Timestamp>2026-11-01T00:00:00.000Z</Timestamp><ResourceStatus>{}</ResourceStatus>{reason}</member>",
            arn(key),
            key.2,
            event.resource,
            event.kind,
            event.status
        )
    });
    format!("<StackEvents>{}</StackEvents>", events.collect::<String>())
}

fn update(key: &Key, stack: &mut Stack, form: &Value) -> Result<(), ApiError> {
    if stack.status.ends_with("_IN_PROGRESS") {
        return Err(invalid(format!(
            "Stack:{} is in {} state and can not be updated.",
            arn(key),
            stack.status
        )));
    }
    assert_eq!(form["UsePreviousTemplate"], "true", "templates are not read here");
    let given: Vec<&str> = members(form, "Capabilities.member.{}").collect();
    if let Some(lacking) = stack.capabilities.iter().find(|one| !given.contains(&one.as_str())) {
        let message = format!("Requires capabilities : [{lacking}]");
        return Err(ApiError::bad("InsufficientCapabilitiesException", message));
    }
    let mut wanted = BTreeMap::new();
    for (number, name) in members(form, "Parameters.member.{}.ParameterKey").enumerate() {
        let at = format!("Parameters.member.{}", number + 1);
        let old = stack
            .parameters
            .get(name)
            .ok_or_else(|| invalid(format!("Parameters: [{name}] do not exist in the template")))?;
        let value = match form[format!("{at}.UsePreviousValue")].as_str() {
            Some("true") => old.as_str(),
            _ => form[format!("{at}.ParameterValue")].as_str().unwrap_or_default(),
        };
        wanted.insert(name.to_owned(), value.to_owned());
    }
    if let Some(lacking) = stack.parameters.keys().find(|name| !wanted.contains_key(*name)) {
        return Err(invalid(format!("Parameters: [{lacking}] must have values")));
    }
    if wanted == stack.parameters {
        return Err(invalid("No updates are to be performed."));
    }
    let mut event = |resource: &str, kind: &str, status: &str, reason: Option<String>| {
        let (resource, kind, status) = (resource.to_owned(), kind.to_owned(), status.to_owned());
        stack.events.push(Event { resource, kind, status, reason });
    };
    event(&key.2, "AWS::CloudFormation::Stack", "UPDATE_IN_PROGRESS", None);
    let end = match stack.failure.take() {
        Some((resource, reason)) => {
            event(&resource, "AWS::CloudFormation::StackSet", "UPDATE_FAILED", Some(reason));
            event(&key.2, "AWS::CloudFormation::Stack", "UPDATE_ROLLBACK_COMPLETE", None);
            ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
        }
        None => {
            event(&key.2, "AWS::CloudFormation::Stack", "UPDATE_COMPLETE", None);
            ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
        }
    };
    "UPDATE_IN_PROGRESS".clone_into(&mut stack.status);
    stack.steps = std::iter::repeat_n("UPDATE_IN_PROGRESS", stack.looks.saturating_sub(2))
        .chain(end)
        .map(str::to_owned)
        .collect();
    stack.wanted = Some(wanted);
    Ok(())
}

/// The values of a list whose elements are numbered from 1.
fn members<'a>(form: &'a Value, pattern: &'a str) -> impl Iterator<Item = &'a str> {
    (1..).map_while(move |number| form[pattern.replace("{}", &number.to_string())].as_str())
}
