//! What IAM tells of roles and users: whom the roles trust, and which users there are.

use std::collections::BTreeSet;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, RoleDetail, UserDetail};
use fisc_shared::Error;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::policy::{Effect, PolicyDocument};
use jiff::Timestamp;

pub(super) const GET_ACCOUNT_AUTHORIZATION_DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// Every role comes with all its policies: not the most that a page may hold.
const PAGE: i32 = 500;
/// The path of the roles that IAM Identity Center keeps in the accounts that it opens.
const IDENTITY_CENTER_PATH: &str = "/aws-reserved/sso.amazonaws.com/";

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    /// `AIDA…`
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) created: Option<Timestamp>,
}

/// What was asked for; the rest is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Identities {
    /// The identity providers that roles trust.
    pub(super) trusted: BTreeSet<String>,
    /// IAM Identity Center gives access to the account.
    pub(super) identity_center: bool,
    pub(super) users: Vec<User>,
}

impl Identities {
    pub(super) async fn fetch(client: &Client, kinds: Vec<EntityType>) -> Result<Self, Error> {
        let mut identities = Self::default();
        if kinds.is_empty() {
            return Ok(identities);
        }
        let mut pages = client
            .get_account_authorization_details()
            .set_filter(Some(kinds))
            .into_paginator()
            .page_size(PAGE)
            .send();
        while let Some(page) = pages.next().await {
            let page = page.call(GET_ACCOUNT_AUTHORIZATION_DETAILS)?;
            for role in page.role_detail_list.unwrap_or_default() {
                identities.add_role(role)?;
            }
            for user in page.user_detail_list.unwrap_or_default() {
                identities.users.push(User::read(user)?);
            }
        }
        Ok(identities)
    }

    pub(super) fn add_role(&mut self, role: RoleDetail) -> Result<(), Error> {
        let lacks = |name: &str| missing("RoleDetailList", name);
        let path = role.path.ok_or_else(|| lacks("Path"))?;
        self.identity_center |= path.starts_with(IDENTITY_CENTER_PATH);
        let document =
            role.assume_role_policy_document.ok_or_else(|| lacks("AssumeRolePolicyDocument"))?;
        let document = PolicyDocument::from_text(&document)?;
        for statement in document.with_effect(Effect::Allow) {
            // A statement for everybody but a provider does not use it.
            if let Some(principals) = statement.principals.as_ref().filter(|one| !one.negated) {
                self.trusted.extend(principals.federated.iter().cloned());
            }
        }
        Ok(())
    }
}

impl User {
    fn read(user: UserDetail) -> Result<Self, Error> {
        let lacks = |name: &str| missing("UserDetailList", name);
        Ok(Self {
            created: user.create_date.as_ref().and_then(from_sdk),
            name: user.user_name.ok_or_else(|| lacks("UserName"))?,
            id: user.user_id.ok_or_else(|| lacks("UserId"))?,
            arn: user.arn.ok_or_else(|| lacks("Arn"))?,
        })
    }
}

fn missing(list: &str, name: &str) -> Error {
    Error::Answer { action: GET_ACCOUNT_AUTHORIZATION_DETAILS, field: format!("{list}[].{name}") }
}
