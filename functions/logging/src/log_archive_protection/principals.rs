//! Roles and users that may turn the audit trail off, or delete logs.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use fisc_shared::item::required::text;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::policy::{
    Context, Effect, Grants, PolicyDocument, PolicyError, Statement, Universe,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, ResourceType, Run, Verdict, message};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::parameters::{ALLOWED_ADMIN_ARNS, LOG_ARCHIVE_ACCOUNT_IDS, PROTECTED_ACTIONS};
use super::protection::removals;
use super::requirements::{
    JUDGED_IN_HOME_REGION, LOG_ADMIN_UNRESTRICTED, LOG_ADMINISTRATOR, SERVICE_LINKED_ROLE,
    TRAIL_ADMIN_UNRESTRICTED,
};
use fisc_shared::policy::matches_any;

pub(super) const GET_POLICY: &str = "iam:GetPolicy";
pub(super) const GET_POLICY_VERSION: &str = "iam:GetPolicyVersion";
pub(super) const LIST_ATTACHED: &str = "iam:ListAttachedGroupPolicies";
pub(super) const LIST_INLINE: &str = "iam:ListGroupPolicies";
pub(super) const GET_GROUP_POLICY: &str = "iam:GetGroupPolicy";

/// A role or a user, as its item tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Principal {
    arn: String,
    inline: Vec<PolicyDocument>,
    /// ARNs of the managed policies that are attached.
    managed: Vec<String>,
    /// Names of the user's groups.
    groups: Vec<String>,
    /// ARN of the permissions boundary.
    boundary: Option<String>,
}

impl Principal {
    pub(super) fn from_item(item: &ConfigurationItem) -> Result<Self, Error> {
        let fields = item.configuration()?;
        let is_user = item.resource_type == ResourceType::IAM_USER.name;
        let inline = if is_user { "userPolicyList" } else { "rolePolicyList" };
        let documents = list(&fields, inline)?.into_iter().map(|policy| {
            let document = policy.at("policyDocument")?;
            Ok(document.ok_or_else(|| policy.missing("policyDocument"))?.as_policy()?)
        });
        let managed = list(&fields, "attachedManagedPolicies")?;
        let managed = managed.iter().map(|policy| Ok(text(policy, "policyArn")?.to_owned()));
        let groups = if is_user { list(&fields, "groupList")? } else { Vec::new() };
        let groups = groups.iter().map(|group| Ok(group.as_text()?.to_owned()));
        // Without a boundary the item has no such part.
        let boundary = fields.at("permissionsBoundary")?;
        let boundary =
            boundary.map(|boundary| text(&boundary, "permissionsBoundaryArn").map(str::to_owned));
        Ok(Self {
            arn: text(&fields, "arn")?.to_owned(),
            inline: documents.collect::<Result<_, Error>>()?,
            managed: managed.collect::<Result<_, ItemError>>()?,
            groups: groups.collect::<Result<_, ItemError>>()?,
            boundary: boundary.transpose()?,
        })
    }

    fn policies(&self) -> impl Iterator<Item = &String> {
        self.managed.iter().chain(&self.boundary)
    }

    /// Whether what it may do can change without a change of itself: with a policy of the
    /// account, or with a group.
    pub(super) fn drifts(&self) -> bool {
        !self.groups.is_empty() || self.policies().any(|arn| !arn.contains(":iam::aws:policy/"))
    }
}

fn list<'a>(fields: &Fields<'a>, key: &str) -> Result<Vec<Fields<'a>>, ItemError> {
    fields.list(key)?.ok_or_else(|| fields.missing(key))
}

/// What the item of a role or user alone decides.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if !run.home {
        return Ok(Some(Verdict::not_applicable(&JUDGED_IN_HOME_REGION)));
    }
    let fields = item.configuration()?;
    if text(&fields, "path")?.starts_with("/aws-service-role/") {
        return Ok(Some(Verdict::not_applicable(&SERVICE_LINKED_ROLE)));
    }
    let principal = Principal::from_item(item)?;
    if matches_any(&run.parameters.get(&ALLOWED_ADMIN_ARNS), &principal.arn) {
        return Ok(Some(Verdict::Compliant(vec![LOG_ADMINISTRATOR.reason()])));
    }
    let needs_no_policies = principal.policies().next().is_none() && principal.groups.is_empty();
    if needs_no_policies && !is_archive(run) {
        return Ok(Some(decide(&principal, &Library::default(), &[], run)?));
    }
    Ok(None)
}

/// Whether the evaluated account keeps the logs of others.
pub(super) fn is_archive(run: &Run<'_>) -> bool {
    run.parameters.get(&LOG_ARCHIVE_ACCOUNT_IDS).iter().any(|one| one == run.account_id)
}

/// The policies that items only name.
#[derive(Debug, Default)]
pub(super) struct Library {
    /// By ARN.
    managed: BTreeMap<String, PolicyDocument>,
    /// By name.
    groups: BTreeMap<String, Group>,
}

#[derive(Debug, Default)]
struct Group {
    inline: Vec<PolicyDocument>,
    managed: Vec<String>,
}

impl Library {
    fn document(&self, arn: &str) -> Result<&PolicyDocument, Error> {
        self.managed.get(arn).ok_or_else(|| Error::Answer {
            action: GET_POLICY_VERSION,
            field: format!("the document of {arn}"),
        })
    }

    /// All policies that give a principal rights.
    fn policies_of<'a>(
        &'a self,
        principal: &'a Principal,
    ) -> Result<Vec<&'a PolicyDocument>, Error> {
        let mut policies: Vec<&PolicyDocument> = principal.inline.iter().collect();
        for arn in &principal.managed {
            policies.push(self.document(arn)?);
        }
        for group in principal.groups.iter().filter_map(|name| self.groups.get(name)) {
            policies.extend(&group.inline);
            for arn in &group.managed {
                policies.push(self.document(arn)?);
            }
        }
        Ok(policies)
    }
}

/// What policies allow some request in the account, less what they deny every one.
fn grants<'a>(policies: impl IntoIterator<Item = &'a PolicyDocument>, account: &str) -> Grants {
    let nothing_known = Context::new();
    let mut statements: Vec<Statement> =
        policies.into_iter().flat_map(|policy| policy.statements.iter().cloned()).collect();
    // A wildcard for the Region would reach over the account behind it.
    let named = statements.iter_mut().filter_map(|one| one.resources.as_mut());
    for resources in named.filter(|resources| !resources.negated) {
        resources.patterns.retain(|pattern| !is_of_another(pattern, account));
    }
    let with = |effect| statements.iter().filter(move |one| one.effect == effect);
    Grants::new(
        with(Effect::Allow).filter(|one| one.conditions.admit(&nothing_known)),
        with(Effect::Deny).filter(|one| one.conditions.surely_hold(&nothing_known)),
    )
}

/// Whether an ARN spells out another account.
fn is_of_another(pattern: &str, account: &str) -> bool {
    let owner = pattern.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3));
    owner.is_some_and(|owner| {
        owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit()) && owner != account
    })
}

/// The verdict on a role or user: `buckets` are those that hold logs, in a log archive account.
pub(super) fn decide(
    principal: &Principal,
    library: &Library,
    buckets: &[String],
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let policies = library.policies_of(principal)?;
    let rights = grants(policies, run.account_id);
    let boundary = principal.boundary.as_deref().map(|arn| library.document(arn)).transpose()?;
    let boundary = boundary.map(|document| grants([document], run.account_id));
    let may = |universe: &Universe| -> Result<bool, PolicyError> {
        let within = boundary.as_ref().map_or(Ok(true), |boundary| boundary.any(universe))?;
        Ok(within && rights.any(universe)?)
    };
    let mut failures = Failures::new();
    let trails = format!("arn:aws:cloudtrail:*:{}:trail/?*", run.account_id);
    let mut found = Vec::new();
    for action in run.parameters.get(&PROTECTED_ACTIONS) {
        let is_trails = action.to_ascii_lowercase().starts_with("cloudtrail:");
        if is_trails && may(&Universe::new(&action, &trails))? {
            found.push(action);
        }
    }
    if !found.is_empty() {
        let Message { en, ja } = Message::named(&found);
        failures.because(
            &TRAIL_ADMIN_UNRESTRICTED,
            message!("The principal is allowed {en}", "{ja} が許可されています"),
        );
    }
    let mut found: Vec<&str> = Vec::new();
    let mut on: Vec<&str> = Vec::new();
    for bucket in buckets {
        for (action, universe) in removals(bucket) {
            if may(&universe)? {
                found.push(action);
                on.push(bucket);
            }
        }
    }
    if !found.is_empty() {
        for names in [&mut found, &mut on] {
            names.sort_unstable();
            names.dedup();
        }
        let (actions, buckets) = (Message::named(&found), Message::named(&on));
        let (en, ja, en_on, ja_on) = (actions.en, actions.ja, buckets.en, buckets.ja);
        failures.because(
            &LOG_ADMIN_UNRESTRICTED,
            message!(
                "The principal is allowed {en} on the log bucket {en_on}",
                "ログバケット {ja_on} に対する {ja} が許可されています"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// Asks IAM.
pub(super) struct Iam {
    client: Client,
}

impl Iam {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// The policies and groups that these principals name, each asked for once.
    pub(super) async fn library(&self, principals: &[Principal]) -> Result<Library, Error> {
        let names: BTreeSet<String> =
            principals.iter().flat_map(|one| one.groups.iter().cloned()).collect();
        let groups: BTreeMap<String, Group> = stream::iter(names)
            .map(|name| async move {
                let group = self.group(&name).await?;
                Ok::<_, Error>((name, group))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let mut arns: BTreeSet<String> =
            principals.iter().flat_map(|one| one.policies().cloned()).collect();
        arns.extend(groups.values().flat_map(|group| group.managed.iter().cloned()));
        let managed = stream::iter(arns)
            .map(|arn| async move {
                let document = self.document(&arn).await?;
                Ok::<_, Error>((arn, document))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(Library { managed, groups })
    }

    /// The document of the default version of a managed policy.
    async fn document(&self, arn: &str) -> Result<PolicyDocument, Error> {
        let answer = self.client.get_policy().policy_arn(arn).send().await.call(GET_POLICY)?;
        let version = answer.policy().and_then(|policy| policy.default_version_id());
        let version = version.ok_or_else(|| Error::Answer {
            action: GET_POLICY,
            field: "Policy.DefaultVersionId".to_owned(),
        })?;
        let call = self.client.get_policy_version().policy_arn(arn).version_id(version);
        let answer = call.send().await.call(GET_POLICY_VERSION)?;
        let document = answer.policy_version().and_then(|version| version.document());
        let document = document.ok_or_else(|| Error::Answer {
            action: GET_POLICY_VERSION,
            field: "PolicyVersion.Document".to_owned(),
        })?;
        Ok(PolicyDocument::from_text(document)?)
    }

    async fn group(&self, name: &str) -> Result<Group, Error> {
        let mut group = Group::default();
        let attached = self.client.list_attached_group_policies().group_name(name);
        let mut attached = attached.into_paginator().items().send();
        while let Some(policy) = attached.next().await {
            let arn = policy.call(LIST_ATTACHED)?.policy_arn;
            group.managed.push(arn.ok_or_else(|| Error::Answer {
                action: LIST_ATTACHED,
                field: "AttachedPolicies[].PolicyArn".to_owned(),
            })?);
        }
        let inline = self.client.list_group_policies().group_name(name);
        let mut inline = inline.into_paginator().items().send();
        while let Some(policy) = inline.next().await {
            let policy = policy.call(LIST_INLINE)?;
            let call = self.client.get_group_policy().group_name(name).policy_name(policy);
            let answer = call.send().await.call(GET_GROUP_POLICY)?;
            group.inline.push(PolicyDocument::from_text(answer.policy_document())?);
        }
        Ok(group)
    }
}
