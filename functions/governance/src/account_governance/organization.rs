//! What AWS Organizations tells: its tree, its policies, tags and delegated administrators.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::types::{PolicyType, PolicyTypeStatus};
use fisc_services::Organizations;
use fisc_shared::Error;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use fisc_shared::policy::PolicyDocument;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::guardrails::Policy;

pub(super) const LIST_ROOTS: &str = "organizations:ListRoots";
pub(super) const LIST_UNITS: &str = "organizations:ListOrganizationalUnitsForParent";
pub(super) const LIST_ACCOUNTS: &str = "organizations:ListAccountsForParent";
pub(super) const LIST_POLICIES: &str = "organizations:ListPolicies";
pub(super) const LIST_TARGETS: &str = "organizations:ListTargetsForPolicy";
pub(super) const DESCRIBE_POLICY: &str = "organizations:DescribePolicy";
pub(super) const LIST_TAGS: &str = "organizations:ListTagsForResource";
pub(super) const LIST_DELEGATES: &str = "organizations:ListDelegatedAdministrators";

/// An active account of the organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub(super) id: String,
    /// The root, the organizational units below it, and last the one that holds the account.
    pub(super) path: Vec<String>,
}

/// The accounts of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tree {
    /// Whether service control policies are enabled in the root.
    pub(super) policies_enabled: bool,
    /// The active accounts, the management account among them.
    pub(super) accounts: Vec<Member>,
}

/// The roots, units and accounts, from the top down: two calls for each unit, not for each
/// account.
pub(super) async fn tree(organizations: &Organizations) -> Result<Tree, Error> {
    let client = organizations.client();
    let mut tree = Tree::default();
    let mut waiting: Vec<Vec<String>> = Vec::new();
    let mut roots = client.list_roots().into_paginator().send();
    while let Some(page) = roots.next().await {
        for root in page.call(LIST_ROOTS)?.roots.unwrap_or_default() {
            tree.policies_enabled |= root.policy_types().iter().any(|one| {
                one.r#type == Some(PolicyType::ServiceControlPolicy)
                    && one.status == Some(PolicyTypeStatus::Enabled)
            });
            waiting.push(vec![root.id.ok_or_else(|| lacks(LIST_ROOTS, "Roots[].Id"))?]);
        }
    }
    while let Some(path) = waiting.pop() {
        let Some(parent) = path.last() else { continue };
        let units = client.list_organizational_units_for_parent().parent_id(parent);
        let mut units = units.into_paginator().send();
        while let Some(page) = units.next().await {
            for unit in page.call(LIST_UNITS)?.organizational_units.unwrap_or_default() {
                let id = unit.id.ok_or_else(|| lacks(LIST_UNITS, "OrganizationalUnits[].Id"))?;
                waiting.push(path.iter().cloned().chain([id]).collect());
            }
        }
        let accounts = client.list_accounts_for_parent().parent_id(parent);
        let mut accounts = accounts.into_paginator().send();
        while let Some(page) = accounts.next().await {
            for account in page.call(LIST_ACCOUNTS)?.accounts.unwrap_or_default() {
                // State took the place of Status, which AWS retired in September 2026:
                // https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
                let state =
                    account.state.ok_or_else(|| lacks(LIST_ACCOUNTS, "Accounts[].State"))?;
                if state.as_str() == "ACTIVE" {
                    let id = account.id.ok_or_else(|| lacks(LIST_ACCOUNTS, "Accounts[].Id"))?;
                    tree.accounts.push(Member { id, path: path.clone() });
                }
            }
        }
    }
    tree.accounts.sort_unstable();
    Ok(tree)
}

/// The service control policies, with the places they are attached to. There are far fewer of
/// them than accounts.
pub(super) async fn policies(organizations: &Organizations) -> Result<Vec<Policy>, Error> {
    let client = organizations.client();
    let request = client.list_policies().filter(PolicyType::ServiceControlPolicy);
    let mut pages = request.into_paginator().send();
    let mut policies = Vec::new();
    while let Some(page) = pages.next().await {
        for policy in page.call(LIST_POLICIES)?.policies.unwrap_or_default() {
            let id = policy.id.ok_or_else(|| lacks(LIST_POLICIES, "Policies[].Id"))?;
            let targets = targets(organizations, &id).await?;
            if targets.is_empty() {
                continue;
            }
            let answer = client.describe_policy().policy_id(&id).send().await;
            let content = answer.call(DESCRIBE_POLICY)?.policy.and_then(|one| one.content);
            let content = content.ok_or_else(|| lacks(DESCRIBE_POLICY, "Policy.Content"))?;
            policies.push(Policy { document: PolicyDocument::from_text(&content)?, targets });
        }
    }
    Ok(policies)
}

async fn targets(organizations: &Organizations, policy: &str) -> Result<BTreeSet<String>, Error> {
    let request = organizations.client().list_targets_for_policy().policy_id(policy);
    let mut pages = request.into_paginator().send();
    let mut targets = BTreeSet::new();
    while let Some(page) = pages.next().await {
        for target in page.call(LIST_TARGETS)?.targets.unwrap_or_default() {
            let id = target.target_id.ok_or_else(|| lacks(LIST_TARGETS, "Targets[].TargetId"))?;
            targets.insert(id);
        }
    }
    Ok(targets)
}

/// The value of one tag of each account that has it.
pub(super) async fn environments(
    organizations: &Organizations,
    accounts: &[Member],
    key: &str,
) -> Result<BTreeMap<String, String>, Error> {
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
    let tags: Vec<(String, Option<String>)> = stream::iter(ids)
        .map(|id| tag(organizations, id, key))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    Ok(tags.into_iter().filter_map(|(account, value)| Some((account, value?))).collect())
}

async fn tag(
    organizations: &Organizations,
    account: String,
    key: &str,
) -> Result<(String, Option<String>), Error> {
    let request = organizations.client().list_tags_for_resource().resource_id(&account);
    let mut pages = request.into_paginator().send();
    let mut found = None;
    while let Some(page) = pages.next().await {
        let tags = page.call(LIST_TAGS)?.tags.unwrap_or_default();
        found = found.or_else(|| tags.into_iter().find(|tag| tag.key == key).map(|tag| tag.value));
    }
    let value = found.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    Ok((account, value))
}

/// The delegated administrators of a service.
pub(super) async fn delegates(
    organizations: &Organizations,
    service: &str,
) -> Result<Vec<String>, Error> {
    let request = organizations.client().list_delegated_administrators().service_principal(service);
    let mut pages = request.into_paginator().send();
    let mut accounts = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.call(LIST_DELEGATES)?.delegated_administrators.unwrap_or_default();
        accounts.extend(page.into_iter().filter_map(|one| one.id));
    }
    Ok(accounts)
}

fn lacks(action: &'static str, field: &str) -> Error {
    Error::Answer { action, field: field.to_owned() }
}
