//! The policies behind a role or a user: its item has the inline ones, IAM knows the managed ones
//! and those of its groups.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use fisc_shared::item::required::text;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::policy::PolicyDocument;
use fisc_shared::{Action, ConfigurationItem, Error, ResourceType};
use futures::stream::{self, StreamExt, TryStreamExt};

const GET_POLICY: &str = "iam:GetPolicy";
const GET_POLICY_VERSION: &str = "iam:GetPolicyVersion";
const LIST_ATTACHED: &str = "iam:ListAttachedGroupPolicies";
const LIST_INLINE: &str = "iam:ListGroupPolicies";
const GET_GROUP_POLICY: &str = "iam:GetGroupPolicy";

/// Policies of the account and of AWS.
const POLICIES: &str = "arn:${AWS::Partition}:iam::*:policy/*";
const GROUPS: &str = "arn:${AWS::Partition}:iam::${AWS::AccountId}:group/*";

/// What [`Policies::library`] calls.
pub const ACTIONS: [Action; 5] = [
    Action::on(GET_POLICY, POLICIES),
    Action::on(GET_POLICY_VERSION, POLICIES),
    Action::on(LIST_ATTACHED, GROUPS),
    Action::on(LIST_INLINE, GROUPS),
    Action::on(GET_GROUP_POLICY, GROUPS),
];

/// A role or a user, as its item tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The ARN.
    pub arn: String,
    inline: Vec<PolicyDocument>,
    /// ARNs of the managed policies that are attached.
    managed: Vec<String>,
    /// Names of the user's groups.
    groups: Vec<String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
}

impl Principal {
    /// Reads a role or a user.
    ///
    /// # Errors
    /// When the item lacks a part, or has a policy that cannot be read.
    pub fn from_item(item: &ConfigurationItem) -> Result<Self, Error> {
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
        Ok(Self {
            arn: text(&fields, "arn")?.to_owned(),
            inline: documents.collect::<Result<_, Error>>()?,
            managed: managed.collect::<Result<_, ItemError>>()?,
            groups: groups.collect::<Result<_, ItemError>>()?,
            boundary: boundary(&fields)?.map(str::to_owned),
        })
    }

    fn policies(&self) -> impl Iterator<Item = &String> {
        self.managed.iter().chain(&self.boundary)
    }

    /// Whether its item tells all of its policies.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.policies().next().is_none() && self.groups.is_empty()
    }

    /// Whether what it may do can change without a change of itself: with a policy of the
    /// account, or with a group.
    #[must_use]
    pub fn drifts(&self) -> bool {
        !self.groups.is_empty() || self.policies().any(|arn| !arn.contains(":iam::aws:policy/"))
    }
}

/// ARN of the permissions boundary; without one the item of a role or user has no such part.
///
/// # Errors
/// When the part is there and names no policy.
pub fn boundary<'a>(fields: &Fields<'a>) -> Result<Option<&'a str>, ItemError> {
    let boundary = fields.at("permissionsBoundary")?;
    boundary.map(|boundary| text(&boundary, "permissionsBoundaryArn")).transpose()
}

fn list<'a>(fields: &Fields<'a>, key: &str) -> Result<Vec<Fields<'a>>, ItemError> {
    fields.list(key)?.ok_or_else(|| fields.missing(key))
}

/// The policies that items only name.
#[derive(Debug, Default)]
pub struct Library {
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
    /// The document of a managed policy.
    ///
    /// # Errors
    /// When the policy was not asked for.
    pub fn document(&self, arn: &str) -> Result<&PolicyDocument, Error> {
        self.managed.get(arn).ok_or_else(|| Error::Answer {
            action: GET_POLICY_VERSION,
            field: format!("the document of {arn}"),
        })
    }

    /// All policies that give a principal rights.
    ///
    /// # Errors
    /// When one of them was not asked for.
    pub fn policies_of<'a>(
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

/// Asks IAM for policies.
#[derive(Debug)]
pub struct Policies {
    client: Client,
}

impl Policies {
    /// A client of the account.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// The policies and groups that these principals name, each asked for once.
    ///
    /// # Errors
    /// Any call that fails, a group or policy that is gone among them, and documents that cannot
    /// be read.
    pub async fn library(&self, principals: &[Principal]) -> Result<Library, Error> {
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
