//! Whether the service control policies of the organization keep members from turning their
//! audit services off.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::types::PolicyType;
use aws_types::SdkConfig;
use fisc_services::Organizations;
use fisc_shared::error::Call;
use fisc_shared::policy::{Context, Effect, Grants, Known, PolicyDocument, PolicyError, Universe};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, message};

use super::parameters::PROTECTED_ACTIONS;
use super::protection::UNNAMED;
use super::requirements::AUDIT_SCP_MISSING;

pub(super) const LIST_ROOTS: &str = "organizations:ListRoots";
pub(super) const LIST_POLICIES: &str = "organizations:ListPoliciesForTarget";
pub(super) const DESCRIBE_POLICY: &str = "organizations:DescribePolicy";
pub(super) const LIST_UNITS: &str = "organizations:ListOrganizationalUnitsForParent";
pub(super) const LIST_ACCOUNTS: &str = "organizations:ListAccountsForParent";

/// What the service control policies at one place leave somebody whom they do not name. Places
/// count one by one: what one of them does not allow, no other gives back.
pub(super) struct Place {
    /// `None`: no policies bind anybody here, as before the organization turned them on.
    grants: Option<Grants>,
}

impl Place {
    pub(super) fn new(policies: &[PolicyDocument]) -> Self {
        let statements = |effect| policies.iter().flat_map(move |one| one.with_effect(effect));
        let tests = policies.iter().flat_map(|one| &one.statements);
        let tags: BTreeSet<&str> = tests
            .flat_map(|statement| &statement.conditions.tests)
            .map(|test| test.key.as_str())
            .filter(|key| key.starts_with("aws:principaltag/"))
            .collect();
        let member = "arn:aws:iam::000000000000:role/";
        let context = tags
            .into_iter()
            .fold(Context::new(), |context, key| context.with(key, &[Known::Absent]))
            .with("aws:PrincipalArn", &[Known::Value(format!("{member}{UNNAMED}"))])
            .with("aws:PrincipalAccount", &[Known::Value("000000000000".to_owned())])
            .with("aws:PrincipalIsAWSService", &[Known::Value("false".to_owned())]);
        let allows = statements(Effect::Allow).filter(|one| one.conditions.admit(&context));
        let denies = statements(Effect::Deny).filter(|one| one.conditions.surely_hold(&context));
        let bound = !policies.is_empty();
        Self { grants: bound.then(|| Grants::new(allows, denies)) }
    }

    /// Whether the action is denied here, be it on some resources only: a Deny for the trails of
    /// a landing zone is about the trails that matter.
    pub(super) fn denies(&self, action: &str) -> Result<bool, PolicyError> {
        let granted = |grants: &Grants| grants.all(&Universe::new(action, "*"));
        Ok(self.grants.as_ref().map(granted).transpose()? == Some(false))
    }
}

/// The actions that neither the root nor the place below it denies.
pub(super) fn open(actions: &[String], places: &[&Place]) -> Result<Vec<String>, PolicyError> {
    let mut open = Vec::new();
    for action in actions {
        let mut denied = false;
        for place in places {
            denied = denied || place.denies(action)?;
        }
        if !denied {
            open.push(action.clone());
        }
    }
    Ok(open)
}

/// Asks AWS Organizations.
pub(super) struct Guardrails {
    organizations: Organizations,
}

impl Guardrails {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { organizations: Organizations::new(sdk) }
    }

    /// Judges the organization that the account manages; nothing in other accounts and outside of
    /// the home Region.
    pub(super) async fn judge(&self, run: &Run<'_>, failures: &mut Failures) -> Result<(), Error> {
        if !run.home {
            return Ok(());
        }
        let organization = self.organizations.own().await?;
        if organization.is_none_or(|one| one.management_account != run.account_id) {
            return Ok(());
        }
        let actions = run.parameters.get(&PROTECTED_ACTIONS);
        let mut documents = BTreeMap::new();
        let mut unprotected: BTreeSet<String> = BTreeSet::new();
        let mut holes: Vec<String> = Vec::new();
        for root in self.roots().await? {
            let at_root = self.place(&root, &mut documents).await?;
            if open(&actions, &[&at_root])?.is_empty() {
                continue;
            }
            for child in self.children(&root, run.account_id).await? {
                let below = self.place(&child, &mut documents).await?;
                let left = open(&actions, &[&at_root, &below])?;
                if !left.is_empty() {
                    holes.push(child);
                    unprotected.extend(left);
                }
            }
        }
        if !unprotected.is_empty() {
            let unprotected: Vec<String> = unprotected.into_iter().collect();
            let (actions, holes) = (Message::named(&unprotected), Message::named(&holes));
            let (en, ja, en_at, ja_at) = (actions.en, actions.ja, holes.en, holes.ja);
            failures.because(
                &AUDIT_SCP_MISSING,
                message!(
                    "No SCP denies {en} at {en_at}",
                    "{ja_at} で {ja} が SCP で拒否されていません"
                ),
            );
        }
        Ok(())
    }

    async fn roots(&self) -> Result<Vec<String>, Error> {
        let mut pages = self.organizations.client().list_roots().into_paginator().send();
        let mut roots = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.call(LIST_ROOTS)?.roots.unwrap_or_default();
            roots.extend(page.into_iter().filter_map(|root| root.id));
        }
        Ok(roots)
    }

    /// The organizational units and the accounts directly below a root, but for the management
    /// account, which no policy binds.
    async fn children(&self, root: &str, management: &str) -> Result<Vec<String>, Error> {
        let client = self.organizations.client();
        let mut children = Vec::new();
        let units = client.list_organizational_units_for_parent().parent_id(root);
        let mut units = units.into_paginator().send();
        while let Some(page) = units.next().await {
            let page = page.call(LIST_UNITS)?.organizational_units.unwrap_or_default();
            children.extend(page.into_iter().filter_map(|unit| unit.id));
        }
        let accounts = client.list_accounts_for_parent().parent_id(root);
        let mut accounts = accounts.into_paginator().send();
        while let Some(page) = accounts.next().await {
            let page = page.call(LIST_ACCOUNTS)?.accounts.unwrap_or_default();
            let ids = page.into_iter().filter_map(|account| account.id);
            children.extend(ids.filter(|id| id != management));
        }
        Ok(children)
    }

    /// The policies at a root, unit or account; each document is asked for once.
    async fn place(
        &self,
        target: &str,
        documents: &mut BTreeMap<String, PolicyDocument>,
    ) -> Result<Place, Error> {
        let client = self.organizations.client();
        let request = client
            .list_policies_for_target()
            .target_id(target)
            .filter(PolicyType::ServiceControlPolicy);
        let mut pages = request.into_paginator().send();
        let mut policies = Vec::new();
        while let Some(page) = pages.next().await {
            policies.extend(page.call(LIST_POLICIES)?.policies.unwrap_or_default());
        }
        let mut attached = Vec::new();
        for policy in policies {
            let id = policy.id.ok_or_else(|| Error::Answer {
                action: LIST_POLICIES,
                field: "Policies[].Id".to_owned(),
            })?;
            let document = match documents.get(&id) {
                Some(document) => document.clone(),
                None => {
                    let answer = client.describe_policy().policy_id(&id).send().await;
                    let content = answer.call(DESCRIBE_POLICY)?.policy.and_then(|one| one.content);
                    let content = content.ok_or_else(|| Error::Answer {
                        action: DESCRIBE_POLICY,
                        field: "Policy.Content".to_owned(),
                    })?;
                    let document = PolicyDocument::from_text(&content)?;
                    documents.insert(id, document.clone());
                    document
                }
            };
            attached.push(document);
        }
        Ok(Place::new(&attached))
    }
}
