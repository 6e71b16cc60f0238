//! The users of the account, by name: the credential report has names only, AWS Config knows
//! users by their ids.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::EntityType;
use fisc_shared::Error;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use jiff::Timestamp;

pub(crate) const GET_ACCOUNT_AUTHORIZATION_DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// The most that one page may hold: the account's rate limit is the scarcer good.
const PAGE: i32 = 1000;

/// A user as IAM knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// `AIDA…`
    pub(crate) id: String,
    pub(crate) created: Option<Timestamp>,
}

/// The users of the account, by name.
pub(crate) async fn fetch(client: &Client) -> Result<BTreeMap<String, User>, Error> {
    let mut pages = client
        .get_account_authorization_details()
        .filter(EntityType::User)
        .into_paginator()
        .page_size(PAGE)
        .send();
    let mut users = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.call(GET_ACCOUNT_AUTHORIZATION_DETAILS)?;
        for user in page.user_detail_list.unwrap_or_default() {
            let created = user.create_date.as_ref().and_then(from_sdk);
            let name = user.user_name.ok_or_else(|| missing("UserName"))?;
            let id = user.user_id.ok_or_else(|| missing("UserId"))?;
            users.insert(name, User { id, created });
        }
    }
    Ok(users)
}

fn missing(field: &str) -> Error {
    Error::Answer {
        action: GET_ACCOUNT_AUTHORIZATION_DETAILS,
        field: format!("UserDetailList[].{field}"),
    }
}
