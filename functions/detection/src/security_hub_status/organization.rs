//! What Security Hub and AWS Organizations tell of the account's place in the organization.

use std::collections::BTreeSet;

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::types::{
    AdminStatus, AutoEnableStandards, OrganizationConfigurationConfigurationType,
};
use fisc_services::{Organization, Organizations};
use fisc_shared::Error;
use fisc_shared::error::Call;

use super::judge::{Administration, Bars, Role, is_enabled};

pub(super) const LIST_ACCOUNTS: &str = "organizations:ListAccounts";
pub(super) const GET_ADMINISTRATOR_ACCOUNT: &str = "securityhub:GetAdministratorAccount";
pub(super) const LIST_ORGANIZATION_ADMIN_ACCOUNTS: &str =
    "securityhub:ListOrganizationAdminAccounts";
pub(super) const DESCRIBE_ORGANIZATION_CONFIGURATION: &str =
    "securityhub:DescribeOrganizationConfiguration";
pub(super) const LIST_MEMBERS: &str = "securityhub:ListMembers";

/// The role of the account in a Region.
pub(super) async fn role(
    client: &Client,
    organization: Option<&Organization>,
    account: &str,
    bars: &Bars,
) -> Result<Role, Error> {
    let Some(organization) = organization else { return Ok(Role::Alone) };
    if organization.management_account == account {
        let delegated = delegated(client).await?;
        // It may have named itself.
        if !delegated.iter().any(|one| one == account) {
            return Ok(Role::Management(delegated));
        }
    } else if let Some((administrator, status)) = administrator(client).await? {
        return Ok(Role::Member { administrator, status });
    }
    Ok(match administration(client, bars).await? {
        Some(administration) => Role::Administrator(administration),
        None => Role::Nobody,
    })
}

/// The administrator of the account with the status of the membership; none for the administrator
/// itself and for an account that nobody manages.
async fn administrator(client: &Client) -> Result<Option<(String, String)>, Error> {
    let answer = client.get_administrator_account().send().await;
    let answer = match answer.call(GET_ADMINISTRATOR_ACCOUNT) {
        // https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetAdministratorAccount.html
        Err(error) if error.is("ResourceNotFoundException") => return Ok(None),
        answer => answer?,
    };
    let administrator = answer.administrator;
    Ok(administrator.and_then(|one| Some((one.account_id?, one.member_status.unwrap_or_default()))))
}

/// Whom the organization named in this Region; only the management account may ask.
async fn delegated(client: &Client) -> Result<Vec<String>, Error> {
    let mut pages = client.list_organization_admin_accounts().into_paginator().items().send();
    let mut accounts = Vec::new();
    while let Some(account) = pages.next().await {
        let account = account.call(LIST_ORGANIZATION_ADMIN_ACCOUNTS)?;
        if account.status == Some(AdminStatus::Enabled) {
            accounts.extend(account.account_id);
        }
    }
    Ok(accounts)
}

/// What the administrator sees; none when the account is no administrator.
async fn administration(client: &Client, bars: &Bars) -> Result<Option<Administration>, Error> {
    let answer = client.describe_organization_configuration().send().await;
    let answer = match answer.call(DESCRIBE_ORGANIZATION_CONFIGURATION) {
        // "Account … is not an administrator for this organization":
        // https://github.com/hashicorp/terraform-provider-aws/issues/23079
        Err(error) if error.is("InvalidAccessException") => return Ok(None),
        answer => answer?,
    };
    let kind = answer.organization_configuration.and_then(|one| one.configuration_type);
    let central = kind == Some(OrganizationConfigurationConfigurationType::Central);
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_ORGANIZATION_CONFIGURATION,
        field: field.to_owned(),
    };
    let standards = match answer.auto_enable_standards {
        Some(standards) => standards == AutoEnableStandards::Default,
        None if central => false,
        None => return Err(lacks("AutoEnableStandards")),
    };
    Ok(Some(Administration {
        central,
        auto_enable: answer
            .auto_enable
            .or(central.then_some(false))
            .ok_or_else(|| lacks("AutoEnable"))?,
        standards,
        members: if bars.all_members { members(client).await? } else { BTreeSet::new() },
    }))
}

/// The members that are enabled.
async fn members(client: &Client) -> Result<BTreeSet<String>, Error> {
    let mut pages = client.list_members().only_associated(true).into_paginator().items().send();
    let mut members = BTreeSet::new();
    while let Some(member) = pages.next().await {
        let member = member.call(LIST_MEMBERS)?;
        if member.member_status.as_deref().is_some_and(is_enabled) {
            members.extend(member.account_id);
        }
    }
    Ok(members)
}

/// The active accounts of the organization. The delegated administrator of a service may ask.
pub(super) async fn accounts(organizations: &Organizations) -> Result<Vec<String>, Error> {
    let lacks =
        |field: &str| Error::Answer { action: LIST_ACCOUNTS, field: format!("Accounts[].{field}") };
    let mut pages = organizations.client().list_accounts().into_paginator().send();
    let mut accounts = Vec::new();
    while let Some(page) = pages.next().await {
        for account in page.call(LIST_ACCOUNTS)?.accounts.unwrap_or_default() {
            // State took the place of Status, which AWS retired in September 2026:
            // https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
            let state = account.state.ok_or_else(|| lacks("State"))?;
            if state.as_str() == "ACTIVE" {
                accounts.push(account.id.ok_or_else(|| lacks("Id"))?);
            }
        }
    }
    Ok(accounts)
}
