//! The users and roles of the account with all their policies, in one answer of IAM.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    RoleDetail, Tag, UserDetail,
};
use fisc_shared::Error;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::policy::{
    Conditions, Effect, Element, Grants, PolicyDocument, PolicyError, Statement, Universe,
};
use fisc_shared::resource::is_account_id;

use super::sources::Principal;
use crate::account_details::{GET_ACCOUNT_AUTHORIZATION_DETAILS, User};
use crate::managed_policies::aws_managed;

/// Every role comes with all its policies: not the most that a page may hold.
const PAGE: i32 = 500;

/// What the account has.
#[derive(Debug, Clone, Default)]
pub(super) struct Identities {
    pub(super) users: BTreeMap<String, User>,
    pub(super) roles: Vec<Role>,
    /// Of users, by name.
    held: BTreeMap<String, Held>,
    /// Of groups, by name.
    groups: BTreeMap<String, Held>,
    /// The documents of managed policies in force, by ARN.
    documents: BTreeMap<String, String>,
}

/// The policies of a user, a group or a role.
#[derive(Debug, Clone, Default)]
struct Held {
    /// Documents.
    inline: Vec<String>,
    /// ARNs.
    attached: Vec<String>,
    /// ARN.
    boundary: Option<String>,
    tags: BTreeMap<String, String>,
}

/// A role.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) path: String,
    trust: String,
    held: Held,
}

fn missing(field: impl Into<String>) -> Error {
    Error::Answer { action: GET_ACCOUNT_AUTHORIZATION_DETAILS, field: field.into() }
}

fn field<T>(list: &str, name: &str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| missing(format!("{list}[].{name}")))
}

impl Held {
    fn read(
        list: &str,
        inline: Option<Vec<PolicyDetail>>,
        attached: Option<Vec<AttachedPolicy>>,
        boundary: Option<AttachedPermissionsBoundary>,
        tags: Option<Vec<Tag>>,
    ) -> Result<Self, Error> {
        let inline = inline.unwrap_or_default().into_iter();
        let attached = attached.unwrap_or_default().into_iter();
        Ok(Self {
            inline: inline
                .map(|one| field(list, "PolicyDocument", one.policy_document))
                .collect::<Result<_, _>>()?,
            attached: attached
                .map(|one| field(list, "PolicyArn", one.policy_arn))
                .collect::<Result<_, _>>()?,
            boundary: boundary
                .map(|one| field(list, "PermissionsBoundaryArn", one.permissions_boundary_arn))
                .transpose()?,
            tags: tags
                .unwrap_or_default()
                .into_iter()
                .map(|tag| (tag.key.to_lowercase(), tag.value))
                .collect(),
        })
    }
}

impl Identities {
    pub(super) async fn fetch(client: &Client) -> Result<Self, Error> {
        let request = client.get_account_authorization_details();
        let mut pages = request.into_paginator().page_size(PAGE).send();
        let mut identities = Self::default();
        while let Some(page) = pages.next().await {
            let page = page.call(GET_ACCOUNT_AUTHORIZATION_DETAILS)?;
            for user in page.user_detail_list.unwrap_or_default() {
                identities.add_user(user)?;
            }
            for group in page.group_detail_list.unwrap_or_default() {
                identities.add_group(group)?;
            }
            for role in page.role_detail_list.unwrap_or_default() {
                identities.roles.push(Role::read(role)?);
            }
            for policy in page.policies.unwrap_or_default() {
                identities.add_policy(policy)?;
            }
        }
        Ok(identities)
    }

    pub(super) fn add_user(&mut self, user: UserDetail) -> Result<(), Error> {
        const LIST: &str = "UserDetailList";
        let name = field(LIST, "UserName", user.user_name)?;
        let (inline, attached) = (user.user_policy_list, user.attached_managed_policies);
        let held = Held::read(LIST, inline, attached, user.permissions_boundary, user.tags)?;
        let read = User {
            id: field(LIST, "UserId", user.user_id)?,
            created: user.create_date.as_ref().and_then(from_sdk),
            tags: Vec::new(),
            policies: Vec::new(),
            groups: user.group_list.unwrap_or_default(),
        };
        self.held.insert(name.clone(), held);
        self.users.insert(name, read);
        Ok(())
    }

    pub(super) fn add_group(&mut self, group: GroupDetail) -> Result<(), Error> {
        const LIST: &str = "GroupDetailList";
        let (inline, attached) = (group.group_policy_list, group.attached_managed_policies);
        let held = Held::read(LIST, inline, attached, None, None)?;
        self.groups.insert(field(LIST, "GroupName", group.group_name)?, held);
        Ok(())
    }

    pub(super) fn add_policy(&mut self, policy: ManagedPolicyDetail) -> Result<(), Error> {
        const LIST: &str = "Policies";
        let arn = field(LIST, "Arn", policy.arn)?;
        let mut versions = policy.policy_version_list.unwrap_or_default().into_iter();
        let version = versions.find(|version| version.is_default_version);
        let document = version.and_then(|version| version.document);
        let document = field(LIST, "PolicyVersionList[].Document of the default", document)?;
        self.documents.insert(arn, document);
        Ok(())
    }

    /// A user with all policies.
    pub(super) fn user(&self, name: &str, arn: &str, user: &User) -> Result<Principal, Error> {
        let held = self.held.get(name).ok_or_else(|| missing(format!("user {name}")))?;
        let mut statements = self.statements(held)?;
        for group in &user.groups {
            // Without the group it is not known what it allows and denies.
            let held = self.groups.get(group).ok_or_else(|| missing(format!("group {group}")))?;
            statements.extend(self.statements(held)?);
        }
        Ok(Principal {
            user: Some(name.to_owned()),
            id: user.id.clone(),
            arn: arn.to_owned(),
            tags: Some(held.tags.clone()),
            statements,
            boundary: self.boundary(held)?,
        })
    }

    /// A role with all policies.
    pub(super) fn role(&self, role: &Role) -> Result<Principal, Error> {
        Ok(Principal {
            user: None,
            id: role.id.clone(),
            arn: role.arn.clone(),
            tags: (!role.admits("sts:TagSession")?).then(|| role.held.tags.clone()),
            statements: self.statements(&role.held)?,
            boundary: self.boundary(&role.held)?,
        })
    }

    fn statements(&self, held: &Held) -> Result<Vec<Statement>, Error> {
        let mut statements = Vec::new();
        for document in &held.inline {
            statements.extend(PolicyDocument::from_text(document)?.statements);
        }
        for arn in &held.attached {
            // A policy of AWS that is not shown: none restricts sources, so it may allow anything.
            let shown = self.managed(arn)?;
            statements.extend(shown.unwrap_or_else(|| vec![everything()]));
        }
        Ok(statements)
    }

    fn boundary(&self, held: &Held) -> Result<Option<Vec<Statement>>, Error> {
        let Some(arn) = &held.boundary else { return Ok(None) };
        // Likewise: a boundary of AWS that is not shown is taken as none.
        self.managed(arn)
    }

    /// The statements of a managed policy; `None` when it is one of AWS that is not shown.
    fn managed(&self, arn: &str) -> Result<Option<Vec<Statement>>, Error> {
        match self.documents.get(arn) {
            Some(document) => Ok(Some(PolicyDocument::from_text(document)?.statements)),
            None if aws_managed(arn).is_some() => Ok(None),
            None => Err(missing(format!("Policies[] {arn}"))),
        }
    }
}

fn everything() -> Statement {
    let all = || Element { negated: false, patterns: vec!["*".to_owned()] };
    Statement {
        effect: Effect::Allow,
        principals: None,
        actions: all(),
        resources: Some(all()),
        conditions: Conditions::default(),
    }
}

impl Role {
    pub(super) fn read(role: RoleDetail) -> Result<Self, Error> {
        const LIST: &str = "RoleDetailList";
        let (inline, attached) = (role.role_policy_list, role.attached_managed_policies);
        Ok(Self {
            id: field(LIST, "RoleId", role.role_id)?,
            arn: field(LIST, "Arn", role.arn)?,
            path: field(LIST, "Path", role.path)?,
            trust: field(LIST, "AssumeRolePolicyDocument", role.assume_role_policy_document)?,
            held: Held::read(LIST, inline, attached, role.permissions_boundary, role.tags)?,
        })
    }

    /// Whether people can assume the role: users, accounts, SAML providers, everybody; on request
    /// other roles too.
    pub(super) fn admits_people(&self, roles_too: bool) -> Result<bool, PolicyError> {
        let assuming = Universe::new("sts:AssumeRole*", "*");
        for statement in PolicyDocument::from_text(&self.trust)?.with_effect(Effect::Allow) {
            let people = statement.principals.as_ref().is_some_and(|principals| {
                principals.negated
                    || principals.aws.iter().any(|one| is_person(one, roles_too))
                    || principals.federated.iter().any(|one| one.contains(":saml-provider/"))
            });
            if people && Grants::new([statement], []).any(&assuming)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the trust policy allows this action to anybody.
    fn admits(&self, action: &str) -> Result<bool, PolicyError> {
        let trust = PolicyDocument::from_text(&self.trust)?;
        Grants::new(trust.with_effect(Effect::Allow), []).any(&Universe::new(action, "*"))
    }
}

/// Whether a principal is, or stands for, people. An id instead of an ARN is what is left of a
/// deleted user or role.
fn is_person(principal: &str, roles_too: bool) -> bool {
    match principal.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) {
        Some(name) if name.starts_with("role/") || name.starts_with("assumed-role/") => roles_too,
        Some(_) => true,
        None => principal == "*" || is_account_id(principal),
    }
}
