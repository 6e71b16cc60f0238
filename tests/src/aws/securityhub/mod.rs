//! Security Hub: importing findings and finding them again.

mod asff;
mod query;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::protocol::{ApiError, Caller};
use super::validate as check;
use super::{ACCOUNT, FakeAws, REGION};

type Key = (String, String, String);

#[derive(Debug, Default)]
pub(crate) struct State {
    /// By account, Region and Id.
    findings: BTreeMap<Key, Value>,
    disabled: Vec<(String, String)>,
    failing: BTreeMap<String, usize>,
    ignored: Vec<String>,
    page: Option<usize>,
}

/// What tests set and see of Security Hub.
#[derive(Debug)]
pub struct SecurityHub<'a> {
    aws: &'a FakeAws,
    account: String,
    region: String,
}

impl<'a> SecurityHub<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws, account: ACCOUNT.to_owned(), region: REGION.to_owned() }
    }

    /// Security Hub in another account and Region.
    #[must_use]
    pub fn at(self, account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned(), ..self }
    }

    /// Switches Security Hub off here.
    pub fn disable(&self) -> &Self {
        self.aws.state().securityhub.disabled.push((self.account.clone(), self.region.clone()));
        self
    }

    /// Switches Security Hub on again here.
    pub fn enable(&self) -> &Self {
        let here = (self.account.clone(), self.region.clone());
        self.aws.state().securityhub.disabled.retain(|off| *off != here);
        self
    }

    /// Answers the next `times` imports of a finding in FailedFindings.
    pub fn fail_finding(&self, id: &str, times: usize) -> &Self {
        self.aws.state().securityhub.failing.insert(id.to_owned(), times);
        self
    }

    /// Lets listings return at most `size` entries a page, whatever is asked.
    pub fn page(&self, size: usize) -> &Self {
        self.aws.state().securityhub.page = Some(size);
        self
    }

    /// Every finding here, by Id.
    #[must_use]
    pub fn findings(&self) -> Vec<Value> {
        let state = self.aws.state();
        let here = |key: &Key| key.0 == self.account && key.1 == self.region;
        state
            .securityhub
            .findings
            .iter()
            .filter(|(key, _)| here(key))
            .map(|(_, finding)| finding.clone())
            .collect()
    }

    /// One finding.
    #[must_use]
    pub fn finding(&self, id: &str) -> Option<Value> {
        self.findings().into_iter().find(|finding| finding["Id"] == id)
    }

    /// Changes a finding behind the importer's back, as customers and AWS do.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Value)) -> &Self {
        let key = (self.account.clone(), self.region.clone(), id.to_owned());
        let mut state = self.aws.state();
        change(
            state.securityhub.findings.get_mut(&key).unwrap_or_else(|| panic!("no finding {id}")),
        );
        drop(state);
        self
    }

    /// The Ids of updates that were accepted without effect, since their UpdatedAt was not newer.
    #[must_use]
    pub fn ignored(&self) -> Vec<String> {
        self.aws.state().securityhub.ignored.clone()
    }
}

pub(crate) fn handle(
    state: &mut State,
    caller: &Caller,
    operation: &str,
    body: &Value,
) -> Result<Option<Value>, ApiError> {
    if state
        .disabled
        .iter()
        .any(|(account, region)| (account, region) == (&caller.account, &caller.region))
    {
        let message = format!("Account {} is not subscribed to AWS Security Hub", caller.account);
        return Err(ApiError::new(401, "InvalidAccessException", message));
    }
    let output = match operation {
        "BatchImportFindings" => import(state, caller, body)?,
        "GetFindings" => query::get(state, caller, body)?,
        _ => return Ok(None),
    };
    Ok(Some(output))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::bad("InvalidInputException", message)
}

fn import(state: &mut State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let shape = |error: ApiError| invalid(error.message);
    let input = check::members(body, "", &["Findings"], &[]).map_err(shape)?;
    let findings = check::list(input, "Findings", 100).map_err(shape)?;
    if findings.is_empty() {
        return Err(invalid(
            "Invalid parameter 'Findings'. data.Findings should NOT have fewer than 1 items",
        ));
    }
    if body.to_string().len() > 6 * 1024 * 1024 {
        return Err(ApiError::new(413, "RequestEntityTooLargeException", "Request Too Long"));
    }
    // The owner and the product are judged for the whole call, the format for each finding.
    for finding in findings {
        owner(caller, finding)?;
    }
    let (mut imported, mut failed) = (0, Vec::new());
    for finding in findings {
        let id = finding["Id"].as_str().unwrap_or_default();
        let problem = match state.failing.get_mut(id).filter(|left| **left > 0) {
            Some(left) => {
                *left -= 1;
                Some(("InternalError", "Internal error".to_owned()))
            }
            None => asff::problem(finding).map(|problem| {
                (
                    "InvalidInput",
                    format!("Finding does not adhere to Amazon Finding Format. {problem}."),
                )
            }),
        };
        match problem {
            Some((code, message)) => failed.push(json!({
                "Id": if id.is_empty() { "UNKNOWN" } else { id },
                "ErrorCode": code,
                "ErrorMessage": message,
            })),
            None => {
                imported += 1;
                store(state, caller, finding);
            }
        }
    }
    Ok(json!({"FailedCount": failed.len(), "SuccessCount": imported, "FailedFindings": failed}))
}

fn owner(caller: &Caller, finding: &Value) -> Result<(), ApiError> {
    let (account, region) = (&caller.account, &caller.region);
    let partition = if region.starts_with("cn-") { "aws-cn" } else { "aws" };
    let expected =
        format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default");
    let product = finding["ProductArn"].as_str().unwrap_or_default();
    if finding["AwsAccountId"].as_str().is_some_and(|owner| owner != account) {
        return Err(super::fault::denied(
            "securityhub",
            account,
            "securityhub:BatchImportFindings",
        ));
    }
    if product != expected {
        return Err(invalid(format!("Invalid parameter 'Findings'. productArn: \"{product}\"")));
    }
    Ok(())
}

fn time(finding: &Value, name: &str) -> Timestamp {
    finding[name].as_str().and_then(|time| time.parse().ok()).unwrap_or_default()
}

fn store(state: &mut State, caller: &Caller, finding: &Value) {
    let id = finding["Id"].as_str().unwrap_or_default().to_owned();
    let key = (caller.account.clone(), caller.region.clone(), id.clone());
    let mut new = finding.clone();
    let old = state.findings.get(&key);
    if old.is_some_and(|old| time(old, "UpdatedAt") >= time(finding, "UpdatedAt")) {
        // Security Hub ignores the update and still counts it as a success.
        state.ignored.push(id);
        return;
    }
    if let Some(old) = old {
        // These belong to the customer: an import sets them at most once.
        for name in ["Note", "UserDefinedFields", "VerificationState", "Workflow"] {
            new[name] = old[name].clone();
        }
        let again = old["Compliance"]["Status"] == "PASSED"
            && new["Compliance"]["Status"] == "FAILED"
            || old["RecordState"] == "ARCHIVED" && new["RecordState"] != "ARCHIVED";
        let status = old["Workflow"]["Status"].as_str().unwrap_or_default();
        if again && ["NOTIFIED", "RESOLVED"].contains(&status) {
            new["Workflow"] = json!({"Status": "NEW"});
        }
    }
    let mut default = |name: &str, value: Value| {
        if new.get(name).is_none_or(Value::is_null) {
            new[name] = value;
        }
    };
    default("Workflow", json!({"Status": "NEW"}));
    default("RecordState", json!("ACTIVE"));
    default("Region", json!(caller.region));
    default("ProductName", json!("Default"));
    let provided = new["FindingProviderFields"].clone();
    if provided["Severity"].is_object() {
        new["Severity"] = provided["Severity"].clone();
    }
    if provided["Types"].is_array() {
        new["Types"] = provided["Types"].clone();
    }
    if let Some(map) = new.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    state.findings.insert(key, new);
}
