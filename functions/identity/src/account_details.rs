//! The identities of the account as GetAccountAuthorizationDetails shows them: the one answer
//! that knows them by the ids under which AWS Config records them, with tags, attached policies
//! and the last use of roles.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{
    AttachedPolicy, EntityType, GroupDetail, ManagedPolicyDetail, RoleDetail, Tag, UserDetail,
};
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::{ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, Verdict};
use jiff::Timestamp;

pub(crate) const GET_ACCOUNT_AUTHORIZATION_DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// Many on a page, since the account's rate limit is the scarcer good; not the most that are
/// allowed, since every role comes with all its policies.
const PAGE: i32 = 500;

/// What was asked for; the rest is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AccountDetails {
    /// The users by name: the credential report has names only.
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) roles: Vec<Role>,
    pub(crate) groups: Vec<Group>,
    /// Customer managed policies.
    pub(crate) policies: Vec<ManagedPolicy>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// `AIDA...`
    pub(crate) id: String,
    pub(crate) created: Option<Timestamp>,
    /// Keys of the tags.
    pub(crate) tags: Vec<String>,
    /// Names of the managed policies that are attached to the user itself.
    pub(crate) policies: Vec<String>,
    /// Names of the groups.
    pub(crate) groups: Vec<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// `AROA...`
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) created: Timestamp,
    /// `None`: not used within IAM's tracking period.
    pub(crate) last_used: Option<Timestamp>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// `AGPA...`
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
}

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManagedPolicy {
    /// `ANPA...`
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    /// When its newest version was made.
    pub(crate) updated: Timestamp,
    /// How many users, groups and roles it is attached to.
    pub(crate) attachments: i32,
    /// How many users and roles it bounds.
    pub(crate) boundaries: i32,
}

impl AccountDetails {
    /// Asks for the kinds that a control needs.
    pub(crate) async fn fetch(client: &Client, kinds: &[EntityType]) -> Result<Self, Error> {
        let mut pages = client
            .get_account_authorization_details()
            .set_filter(Some(kinds.to_vec()))
            .into_paginator()
            .page_size(PAGE)
            .send();
        let mut details = Self::default();
        while let Some(page) = pages.next().await {
            let page = page.call(GET_ACCOUNT_AUTHORIZATION_DETAILS)?;
            for user in page.user_detail_list.unwrap_or_default() {
                let (name, user) = User::read(user)?;
                details.users.insert(name, user);
            }
            let roles = page.role_detail_list.unwrap_or_default().into_iter().map(Role::read);
            details.roles.extend(roles.collect::<Result<Vec<_>, _>>()?);
            let groups = page.group_detail_list.unwrap_or_default().into_iter().map(Group::read);
            details.groups.extend(groups.collect::<Result<Vec<_>, _>>()?);
            let policies = page.policies.unwrap_or_default().into_iter().map(ManagedPolicy::read);
            details.policies.extend(policies.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(details)
    }
}

/// Takes fields that every entry of a list has; without one the entry cannot be judged.
struct Entry(&'static str);

impl Entry {
    fn field<T>(&self, name: &str, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| Error::Answer {
            action: GET_ACCOUNT_AUTHORIZATION_DETAILS,
            field: format!("{}[].{name}", self.0),
        })
    }

    fn time(
        &self,
        name: &str,
        value: Option<&aws_sdk_iam::primitives::DateTime>,
    ) -> Result<Timestamp, Error> {
        self.field(name, value.and_then(from_sdk))
    }
}

impl User {
    fn read(user: UserDetail) -> Result<(String, Self), Error> {
        let entry = Entry("UserDetailList");
        let name = entry.field("UserName", user.user_name)?;
        let read = Self {
            id: entry.field("UserId", user.user_id)?,
            created: user.create_date.as_ref().and_then(from_sdk),
            tags: keys(user.tags),
            policies: names(user.attached_managed_policies),
            groups: user.group_list.unwrap_or_default(),
        };
        Ok((name, read))
    }
}

fn keys(tags: Option<Vec<Tag>>) -> Vec<String> {
    tags.unwrap_or_default().into_iter().map(|tag| tag.key).collect()
}

fn names(policies: Option<Vec<AttachedPolicy>>) -> Vec<String> {
    policies.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_name).collect()
}

impl Role {
    fn read(role: RoleDetail) -> Result<Self, Error> {
        let entry = Entry("RoleDetailList");
        Ok(Self {
            created: entry.time("CreateDate", role.create_date.as_ref())?,
            id: entry.field("RoleId", role.role_id)?,
            arn: entry.field("Arn", role.arn)?,
            name: entry.field("RoleName", role.role_name)?,
            path: entry.field("Path", role.path)?,
            // IAM documents that a role without a use in the tracking period has no date.
            last_used: role
                .role_last_used
                .and_then(|used| used.last_used_date)
                .map(|date| entry.time("RoleLastUsed.LastUsedDate", Some(&date)))
                .transpose()?,
        })
    }
}

impl Group {
    fn read(group: GroupDetail) -> Result<Self, Error> {
        let entry = Entry("GroupDetailList");
        Ok(Self {
            created: entry.time("CreateDate", group.create_date.as_ref())?,
            id: entry.field("GroupId", group.group_id)?,
            arn: entry.field("Arn", group.arn)?,
            name: entry.field("GroupName", group.group_name)?,
        })
    }
}

impl ManagedPolicy {
    fn read(policy: ManagedPolicyDetail) -> Result<Self, Error> {
        let entry = Entry("Policies");
        Ok(Self {
            updated: entry.time("UpdateDate", policy.update_date.as_ref())?,
            attachments: entry.field("AttachmentCount", policy.attachment_count)?,
            boundaries: entry
                .field("PermissionsBoundaryUsageCount", policy.permissions_boundary_usage_count)?,
            id: entry.field("PolicyId", policy.policy_id)?,
            arn: entry.field("Arn", policy.arn)?,
            name: entry.field("PolicyName", policy.policy_name)?,
        })
    }
}

/// An identity as AWS Config knows it; `global`, as Config records IAM.
pub(crate) fn identity(kind: ResourceType, id: &str, arn: &str, run: &Run<'_>) -> Resource {
    Resource { arn: Some(arn.to_owned()), ..Resource::of(kind, id, run.account_id, "global") }
}

/// The verdict on one resource out of those on all: IAM answers for the whole account at once.
pub(crate) fn verdict_on(
    item: &ConfigurationItem,
    evaluated: Vec<Evaluated>,
) -> Result<Verdict, Error> {
    let (kind, id) = (&item.resource_type, &item.resource_id);
    evaluated
        .into_iter()
        .find(|one| one.resource.resource_type == *kind && one.resource.id == *id)
        .map(|one| one.verdict)
        .ok_or_else(|| {
            Error::Control(format!(
                "{id} is in no answer of IAM: the credential report may be older, or it is gone"
            ))
        })
}

#[cfg(test)]
mod tests;
