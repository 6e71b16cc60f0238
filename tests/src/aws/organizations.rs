//! AWS Organizations: whether an account is in one, and who manages it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::protocol::{ApiError, Caller};
use super::validate as check;
use super::{ACCOUNT, FakeAws};

#[derive(Debug, Default)]
pub(crate) struct State {
    /// The management account of each member.
    management: BTreeMap<String, String>,
}

/// What tests set of AWS Organizations.
#[derive(Debug)]
pub struct Organizations<'a> {
    aws: &'a FakeAws,
    account: String,
}

impl<'a> Organizations<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws, account: ACCOUNT.to_owned() }
    }

    /// Another account.
    #[must_use]
    pub fn at(self, account: &str) -> Self {
        Self { account: account.to_owned(), ..self }
    }

    /// Puts the account into the organization that `management` manages; it may be itself.
    pub fn join(&self, management: &str) -> &Self {
        self.aws
            .state()
            .organizations
            .management
            .insert(self.account.clone(), management.to_owned());
        self
    }
}

pub(crate) fn handle(
    state: &mut State,
    caller: &Caller,
    operation: &str,
    body: &Value,
) -> Result<Option<Value>, ApiError> {
    if operation != "DescribeOrganization" {
        return Ok(None);
    }
    check::members(body, "", &[], &[])?;
    let Some(management) = state.management.get(&caller.account) else {
        let message = "Your account is not a member of an organization.";
        return Err(ApiError::bad("AWSOrganizationsNotInUseException", message));
    };
    let id = "o-testkit0001";
    Ok(Some(json!({"Organization": {
        "Id": id,
        "Arn": format!("arn:aws:organizations::{management}:organization/{id}"),
        "FeatureSet": "ALL",
        "MasterAccountArn": format!("arn:aws:organizations::{management}:account/{id}/{management}"),
        "MasterAccountId": management,
        "MasterAccountEmail": "management@example.com",
        "AvailablePolicyTypes": [],
    }})))
}
