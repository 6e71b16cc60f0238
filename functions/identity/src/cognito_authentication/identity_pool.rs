//! Identity pools: guests, the classic flow, and the roles that identities get.

use std::collections::BTreeMap;

use aws_sdk_cognitoidentity::operation::describe_identity_pool::DescribeIdentityPoolOutput;
use aws_sdk_cognitoidentity::operation::get_identity_pool_roles::GetIdentityPoolRolesOutput;
use fisc_shared::error::Call;
use fisc_shared::policy::PolicyDocument;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::trust::{Holes, Kind, holes};
use super::{
    ALLOW_CLASSIC_FLOW, AUTHENTICATED_ROLE_MISSING, CLASSIC_FLOW_ALLOWED, Cognito, GET_ROLE,
    GROUP_ROLES_NOT_READ, NO_IDENTITY_PROVIDER, ROLE_TRUST_NOT_PINNED, UNAUTHENTICATED_ALLOWED,
};

pub(super) const LIST_IDENTITY_POOLS: &str = "cognito-identity:ListIdentityPools";
pub(super) const DESCRIBE_IDENTITY_POOL: &str = "cognito-identity:DescribeIdentityPool";
pub(super) const GET_IDENTITY_POOL_ROLES: &str = "cognito-identity:GetIdentityPoolRoles";

/// The most that one page may hold.
const PAGE: i32 = 60;
/// Roles that a message names.
const NAMED: usize = 3;

/// How identities get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    /// Some provider signs users in.
    pub(super) provider: bool,
    pub(super) guests: bool,
    pub(super) classic_flow: bool,
}

impl Settings {
    pub(super) fn read(pool: &DescribeIdentityPoolOutput) -> Self {
        let developer = pool.developer_provider_name().is_some_and(|name| !name.is_empty());
        Self {
            provider: developer
                || pool.supported_login_providers().is_some_and(|map| !map.is_empty())
                || !pool.open_id_connect_provider_arns().is_empty()
                || !pool.cognito_identity_providers().is_empty()
                || !pool.saml_provider_arns().is_empty(),
            guests: pool.allow_unauthenticated_identities,
            classic_flow: pool.allow_classic_flow.unwrap_or(false),
        }
    }

    fn judge(self, run: &Run<'_>) -> Failures {
        let mut failures = Failures::new();
        if self.guests {
            failures.add(&UNAUTHENTICATED_ALLOWED);
        }
        if self.classic_flow && !run.parameters.get(&ALLOW_CLASSIC_FLOW) {
            failures.add(&CLASSIC_FLOW_ALLOWED);
        }
        failures
    }
}

/// What the item shows: guests and the classic flow. It lacks the roles.
pub(super) fn recorded(item: &ConfigurationItem, run: &Run<'_>) -> Result<Failures, Error> {
    let fields = item.configuration()?;
    let guests = fields
        .flag("AllowUnauthenticatedIdentities")?
        .ok_or_else(|| fields.missing("AllowUnauthenticatedIdentities"))?;
    let classic_flow = fields.flag("AllowClassicFlow")?.unwrap_or(false);
    Ok(Settings { provider: true, guests, classic_flow }.judge(run))
}

/// The roles that a pool gives, by their ARNs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Roles {
    /// Each role with the kinds of identity that it is for.
    pub(super) given: BTreeMap<String, Vec<Kind>>,
    /// The token of a user names the role, which is one of its groups'.
    pub(super) by_token: bool,
}

impl Roles {
    pub(super) fn read(answer: &GetIdentityPoolRolesOutput) -> Self {
        let mut roles = Self::default();
        for (key, arn) in answer.roles().into_iter().flatten() {
            let guest = key == "unauthenticated";
            roles.give(arn, if guest { Kind::Guest } else { Kind::Authenticated });
        }
        for mapping in answer.role_mappings().into_iter().flat_map(|map| map.values()) {
            roles.by_token |= mapping.r#type().as_str() == "Token";
            for rule in mapping.rules_configuration().into_iter().flat_map(|one| one.rules()) {
                roles.give(rule.role_arn(), Kind::Authenticated);
            }
        }
        roles
    }

    fn give(&mut self, arn: &str, kind: Kind) {
        let kinds = self.given.entry(arn.to_owned()).or_default();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
}

/// A role of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) kinds: Vec<Kind>,
    /// `None`: there is no such role.
    pub(super) trust: Option<PolicyDocument>,
}

/// What decides about an identity pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdentityPool {
    pub(super) settings: Settings,
    pub(super) roles: Vec<Role>,
    pub(super) by_token: bool,
}

impl IdentityPool {
    pub(super) fn decide(&self, id: &str, run: &Run<'_>) -> Verdict {
        let mut failures = self.settings.judge(run);
        if !self.settings.provider {
            self.trust(id, &mut failures);
            return failures.into_verdict_with(vec![NO_IDENTITY_PROVIDER.reason()]);
        }
        let authenticated =
            || self.roles.iter().filter(|role| role.kinds.contains(&Kind::Authenticated));
        if !self.by_token && authenticated().all(|role| role.trust.is_none()) {
            match authenticated().next() {
                None => failures.add(&AUTHENTICATED_ROLE_MISSING),
                Some(Role { name, .. }) => failures.because(
                    &AUTHENTICATED_ROLE_MISSING,
                    message!(
                        "The role {name} that authenticated identities get does not exist",
                        "認証済み ID に割り当てるロール {name} が存在しません"
                    ),
                ),
            }
        }
        self.trust(id, &mut failures);
        let notes = if self.by_token { vec![GROUP_ROLES_NOT_READ.reason()] } else { Vec::new() };
        failures.into_verdict_with(notes)
    }

    /// A role of the pool is open to others whether or not anybody can sign in to the pool.
    fn trust(&self, id: &str, failures: &mut Failures) {
        let (mut to_pools, mut to_kinds) = (Vec::new(), Vec::new());
        for role in &self.roles {
            let Some(trust) = &role.trust else { continue };
            let found = role.kinds.iter().map(|kind| holes(trust, id, *kind)).fold(
                Holes::default(),
                |all, one| Holes {
                    other_pools: all.other_pools || one.other_pools,
                    other_kind: all.other_kind || one.other_kind,
                },
            );
            if found.other_pools {
                to_pools.push(role.name.as_str());
            }
            if found.other_kind {
                to_kinds.push(role.name.as_str());
            }
        }
        if let Some(message) = open_roles(&to_pools, &to_kinds) {
            failures.because(&ROLE_TRUST_NOT_PINNED, message);
        }
    }
}

fn open_roles(to_pools: &[&str], to_kinds: &[&str]) -> Option<Message> {
    let (pools, kinds) = (few(to_pools), few(to_kinds));
    match (to_pools.is_empty(), to_kinds.is_empty()) {
        (true, true) => None,
        (false, true) => Some(message!(
            "Open to identities of other pools (aud): {pools}",
            "他のプールの ID を受け入れるロール(aud): {pools}"
        )),
        (true, false) => Some(message!(
            "Not limited to authenticated or guest identities (amr): {kinds}",
            "認証済みとゲストを区別しないロール(amr): {kinds}"
        )),
        (false, false) => Some(message!(
            "Open to identities of other pools (aud): {pools}; not limited to authenticated or guest identities (amr): {kinds}",
            "他のプールの ID を受け入れるロール(aud): {pools}、認証済みとゲストを区別しないロール(amr): {kinds}"
        )),
    }
}

/// The first few names, and how many more there are.
fn few(names: &[&str]) -> String {
    let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} (+{more})"),
    }
}

impl Cognito {
    pub(super) async fn list_identity_pools(&self) -> Result<Vec<String>, Error> {
        let request = self.identity_pools.list_identity_pools().max_results(PAGE);
        let mut pages = request.into_paginator().items().send();
        let mut ids = Vec::new();
        while let Some(pool) = pages.next().await {
            let id = pool.call(LIST_IDENTITY_POOLS)?.identity_pool_id;
            ids.push(id.ok_or_else(|| Error::Answer {
                action: LIST_IDENTITY_POOLS,
                field: "IdentityPools[].IdentityPoolId".to_owned(),
            })?);
        }
        Ok(ids)
    }

    /// A pool with its roles. After a change it is described too: its item does not tell of
    /// social sign-in.
    pub(super) async fn identity_pool(
        &self,
        id: &str,
        run: &Run<'_>,
    ) -> Result<IdentityPool, Error> {
        let pool = self.identity_pools.describe_identity_pool().identity_pool_id(id).send();
        let pool = pool.await.call(DESCRIBE_IDENTITY_POOL)?;
        let roles = self.identity_pools.get_identity_pool_roles().identity_pool_id(id).send();
        let Roles { given, by_token } = Roles::read(&roles.await.call(GET_IDENTITY_POOL_ROLES)?);
        let mut roles = Vec::with_capacity(given.len());
        for (arn, kinds) in given {
            let name = role_name(&arn, run.account_id)?;
            let trust = self.trusts.get(run, name.to_owned(), || self.trust(name)).await?;
            roles.push(Role { name: name.to_owned(), kinds, trust });
        }
        Ok(IdentityPool { settings: Settings::read(&pool), roles, by_token })
    }

    async fn trust(&self, name: &str) -> Result<Option<PolicyDocument>, Error> {
        match self.iam.get_role().role_name(name).send().await.call(GET_ROLE) {
            Ok(answer) => {
                let document = answer.role.and_then(|role| role.assume_role_policy_document);
                let document = document.ok_or_else(|| Error::Answer {
                    action: GET_ROLE,
                    field: "Role.AssumeRolePolicyDocument".to_owned(),
                })?;
                Ok(Some(PolicyDocument::from_text(&document)?))
            }
            Err(error) if error.is("NoSuchEntity") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The name of a role of the account: what follows the path. A role of the same name in this
/// account says nothing of one in another.
pub(super) fn role_name<'a>(arn: &'a str, account: &str) -> Result<&'a str, Error> {
    let own = arn.split(':').nth(4) == Some(account);
    let name = arn.rsplit_once('/').map(|(_, name)| name).filter(|_| own);
    name.ok_or_else(|| Error::Answer {
        action: GET_IDENTITY_POOL_ROLES,
        field: format!("a role of this account, but names {arn}"),
    })
}
