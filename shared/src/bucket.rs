//! What the configuration item of an S3 bucket tells of who may reach it, how its data is kept,
//! and where its logs go.

mod lifecycle;

pub use lifecycle::{LifecycleRule, lifecycle_rules};
pub use replication::{Destination, replication_destinations};

pub mod network;
mod replication;

use serde_json::Value;

use crate::error::Error;
use crate::item::{ConfigurationItem, Fields, ItemError};
use crate::policy::{Effect, Party, PolicyDocument, PolicyError, Universe};

/// A part of the supplementary configuration that every whole item has.
fn part<'a>(item: &'a ConfigurationItem, name: &str) -> Result<Fields<'a>, ItemError> {
    item.supplementary(name)?
        .ok_or_else(|| ItemError::Missing { field: format!("supplementaryConfiguration.{name}") })
}

/// The bucket policy; `None` when the bucket has none. An item that does not tell is an error: a
/// query that left the policy out must not look like a bucket without one.
///
/// # Errors
/// When the item does not tell, or the policy cannot be read.
pub fn policy(item: &ConfigurationItem) -> Result<Option<PolicyDocument>, Error> {
    let policy = part(item, "BucketPolicy")?;
    let text = policy.text("policyText")?.filter(|text| !text.trim().is_empty());
    Ok(text.map(PolicyDocument::from_text).transpose()?)
}

/// Every action of S3 on whatever a bucket policy names: it is about the bucket that has it.
#[must_use]
pub fn everything() -> Universe {
    Universe::new("s3:?*", "*")
}

/// Whether a bucket policy lets everybody do something.
///
/// # Errors
/// As [`PolicyDocument::admits`].
pub fn is_public(policy: &PolicyDocument) -> Result<bool, PolicyError> {
    policy.admits(&Party::Stranger, &everything())
}

/// Whether some Allow of a bucket policy names one of these services, whatever it allows.
#[must_use]
pub fn names_service(policy: &PolicyDocument, services: &[&str]) -> bool {
    policy
        .with_effect(Effect::Allow)
        .filter_map(|statement| statement.principals.as_ref())
        .filter(|principals| !principals.negated)
        .flat_map(|principals| &principals.service)
        .any(|service| services.contains(&service.as_str()))
}

/// Who a grant of an access control list is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    /// A predefined group, such as `AllUsers`, `AuthenticatedUsers` or `LogDelivery`.
    Group(String),
    /// A canonical user id.
    User(String),
}

/// The access control list of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessControlList {
    /// The canonical user id of the owner.
    pub owner: String,
    /// Whom it grants anything.
    pub grantees: Vec<Grantee>,
}

/// The groups of an access control list that are everybody, with or without an AWS account.
const PUBLIC_GROUPS: [&str; 2] = ["AllUsers", "AuthenticatedUsers"];

impl AccessControlList {
    fn groups(&self) -> impl Iterator<Item = &str> {
        self.grantees.iter().filter_map(|grantee| match grantee {
            Grantee::Group(name) => Some(name.as_str()),
            Grantee::User(_) => None,
        })
    }

    /// The groups of everybody that it grants anything, as the item names them: by their names,
    /// or by URIs that end so.
    #[must_use]
    pub fn public_groups(&self) -> Vec<&str> {
        self.groups().filter(|name| PUBLIC_GROUPS.iter().any(|end| name.ends_with(end))).collect()
    }

    /// Whether S3 may deliver access logs by it.
    #[must_use]
    pub fn takes_access_logs(&self) -> bool {
        self.groups().any(|name| name.ends_with("LogDelivery"))
    }
}

/// The access control list, which an item holds as an object or as JSON in a string.
///
/// # Errors
/// When the item lacks it, or it has another shape.
pub fn access_control_list(item: &ConfigurationItem) -> Result<AccessControlList, ItemError> {
    let list = part(item, "AccessControlList")?;
    let owner = list.at("owner")?.ok_or_else(|| list.missing("owner"))?;
    let owner = owner.text("id")?.ok_or_else(|| owner.missing("id"))?.to_owned();
    let grants = list.list("grantList")?.ok_or_else(|| list.missing("grantList"))?;
    let grantees = grants.iter().map(grantee).collect::<Result<_, _>>()?;
    Ok(AccessControlList { owner, grantees })
}

/// Groups are named, users are objects with an id.
fn grantee(grant: &Fields<'_>) -> Result<Grantee, ItemError> {
    let grantee = grant.value().get("grantee");
    if let Some(Value::String(group)) = grantee {
        return Ok(Grantee::Group(group.clone()));
    }
    let user = grant.at("grantee")?.ok_or_else(|| grant.missing("grantee"))?;
    Ok(Grantee::User(user.text("id")?.ok_or_else(|| user.missing("id"))?.to_owned()))
}

/// The four flags of S3's block public access, for a bucket, an access point or an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PublicAccessBlock {
    /// New public access control lists are refused.
    pub block_acls: bool,
    /// Public access control lists have no effect.
    pub ignore_acls: bool,
    /// New public policies are refused.
    pub block_policy: bool,
    /// Public policies have no effect for strangers.
    pub restrict_buckets: bool,
}

impl PublicAccessBlock {
    /// The block of a bucket's item; without one, nothing is blocked.
    ///
    /// # Errors
    /// When the item tells nothing besides its main configuration, or has a flag that is none.
    pub fn of_bucket(item: &ConfigurationItem) -> Result<Self, ItemError> {
        let Some(block) = item.supplementary("PublicAccessBlockConfiguration")? else {
            return Ok(Self::default());
        };
        let flag = |name: &str| Ok::<_, ItemError>(block.flag(name)?.unwrap_or(false));
        Ok(Self {
            block_acls: flag("blockPublicAcls")?,
            ignore_acls: flag("ignorePublicAcls")?,
            block_policy: flag("blockPublicPolicy")?,
            restrict_buckets: flag("restrictPublicBuckets")?,
        })
    }

    /// What either of two blocks blocks: that of the account holds for every bucket.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            block_acls: self.block_acls || other.block_acls,
            ignore_acls: self.ignore_acls || other.ignore_acls,
            block_policy: self.block_policy || other.block_policy,
            restrict_buckets: self.restrict_buckets || other.restrict_buckets,
        }
    }

    /// The flags that are off, by the names that the API has for them.
    #[must_use]
    pub fn off(self) -> Vec<&'static str> {
        [
            (self.block_acls, "BlockPublicAcls"),
            (self.ignore_acls, "IgnorePublicAcls"),
            (self.block_policy, "BlockPublicPolicy"),
            (self.restrict_buckets, "RestrictPublicBuckets"),
        ]
        .into_iter()
        .filter_map(|(on, name)| (!on).then_some(name))
        .collect()
    }
}

/// Whether objects are kept when they are overwritten or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Versioning {
    /// Versioning is on, and not suspended.
    pub enabled: bool,
    /// Versions are deleted with MFA only.
    pub mfa_delete: bool,
}

impl Versioning {
    /// The versioning of a bucket's item, which says `Off` or nothing at all where it was never on;
    /// `None` when the item lacks the part.
    ///
    /// # Errors
    /// When the part has another shape.
    pub fn of_bucket(item: &ConfigurationItem) -> Result<Option<Self>, ItemError> {
        let Some(part) = item.supplementary("BucketVersioningConfiguration")? else {
            return Ok(None);
        };
        let enabled = part.text("status")? == Some("Enabled");
        let mfa_delete = part.flag("isMfaDeleteEnabled")? == Some(true);
        Ok(Some(Self { enabled, mfa_delete: enabled && mfa_delete }))
    }
}

/// The retention that object lock gives every new object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultRetention<'a> {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: &'a str,
    /// For how long; a year counts 365 days.
    pub days: i64,
}

/// The default retention of a bucket; `None` without object lock, or without a default.
///
/// # Errors
/// When the item has another shape.
pub fn default_retention(
    item: &ConfigurationItem,
) -> Result<Option<DefaultRetention<'_>>, ItemError> {
    // A bucket without object lock has no such part.
    let Some(lock) = item.supplementary("ObjectLockConfiguration")? else { return Ok(None) };
    if lock.text("objectLockEnabled")? != Some("Enabled") {
        return Ok(None);
    }
    let Some(rule) = lock.at("rule")? else { return Ok(None) };
    let Some(retention) = rule.at("defaultRetention")? else { return Ok(None) };
    let Some(mode) = retention.text("mode")? else { return Ok(None) };
    let years = retention.integer("years")?.unwrap_or(0).saturating_mul(365);
    let days = retention.integer("days")?.unwrap_or(0).max(years);
    Ok(Some(DefaultRetention { mode, days }))
}

/// How new objects are encrypted when their writer asks for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultEncryption<'a> {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: &'a str,
    /// The KMS key that it names; without one it is the key that AWS manages for S3.
    pub key: Option<&'a str>,
}

/// The default encryption of a bucket; `None` in items of before January 2023, when a bucket could
/// be without.
///
/// # Errors
/// When the item has another shape.
pub fn default_encryption(
    item: &ConfigurationItem,
) -> Result<Option<DefaultEncryption<'_>>, ItemError> {
    let Some(configuration) = item.supplementary("ServerSideEncryptionConfiguration")? else {
        return Ok(None);
    };
    for rule in configuration.list("rules")?.unwrap_or_default() {
        const ALGORITHM: &str = "sseAlgorithm";
        let Some(default) = rule.at("applyServerSideEncryptionByDefault")? else { continue };
        let algorithm = default.text(ALGORITHM)?.ok_or_else(|| default.missing(ALGORITHM))?;
        let key = default.text("kmsMasterKeyID")?.filter(|key| !key.trim().is_empty());
        return Ok(Some(DefaultEncryption { algorithm, key }));
    }
    Ok(None)
}

/// The bucket that server access logs go to; `None` when they are off.
///
/// # Errors
/// When the item does not tell.
pub fn access_log_destination(item: &ConfigurationItem) -> Result<Option<&str>, ItemError> {
    let logging = part(item, "BucketLoggingConfiguration")?;
    Ok(logging.text("destinationBucketName")?.filter(|name| !name.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bucket(supplementary: &Value) -> ConfigurationItem {
        let item = json!({
            "resourceType": "AWS::S3::Bucket", "resourceId": "b", "awsAccountId": "111122223333",
            "awsRegion": "ap-northeast-1", "configurationItemStatus": "OK",
            "configurationItemCaptureTime": "2026-11-21T00:00:00Z",
            "configuration": {"name": "b"}, "supplementaryConfiguration": supplementary,
        });
        ConfigurationItem::from_json(&item.to_string()).unwrap()
    }

    #[test]
    fn access_control_lists_come_as_objects_and_as_text() {
        let list = json!({
            "grantSet": null,
            "grantList": [
                {"grantee": {"id": "owner-id", "displayName": null}, "permission": "FullControl"},
                {"grantee": "AllUsers", "permission": "Read"},
            ],
            "owner": {"displayName": null, "id": "owner-id"},
        });
        for value in [list.clone(), json!(list.to_string())] {
            let list =
                access_control_list(&bucket(&json!({ "AccessControlList": value }))).unwrap();
            assert_eq!(list.owner, "owner-id");
            let expected = [Grantee::User("owner-id".into()), Grantee::Group("AllUsers".into())];
            assert_eq!(list.grantees, expected);
            assert_eq!(list.public_groups(), ["AllUsers"]);
            assert!(!list.takes_access_logs());
        }
        let error = access_control_list(&bucket(&json!({}))).unwrap_err();
        assert_eq!(error.to_string(), "supplementaryConfiguration.AccessControlList is missing");
    }

    #[test]
    fn a_bucket_without_a_block_blocks_nothing() {
        let block = |value: Value| PublicAccessBlock::of_bucket(&bucket(&value)).unwrap();
        assert_eq!(block(json!({})).off().len(), 4);
        let partly = json!({"PublicAccessBlockConfiguration": {"blockPublicAcls": true, "ignorePublicAcls": true}});
        assert_eq!(block(partly.clone()).off(), ["BlockPublicPolicy", "RestrictPublicBuckets"]);
        let account = PublicAccessBlock { restrict_buckets: true, ..Default::default() };
        assert_eq!(block(partly).or(account).off(), ["BlockPublicPolicy"]);
    }

    #[test]
    fn an_unknown_policy_is_no_missing_policy() {
        assert_eq!(policy(&bucket(&json!({"BucketPolicy": {"policyText": null}}))).unwrap(), None);
        assert!(policy(&bucket(&json!({}))).is_err());
    }

    #[test]
    fn a_retention_counts_where_object_lock_is_on() {
        let lock = |enabled: &str, retention: Value| {
            bucket(&json!({"ObjectLockConfiguration":
                {"objectLockEnabled": enabled, "rule": {"defaultRetention": retention}}}))
        };
        let item = lock("Enabled", json!({"mode": "COMPLIANCE", "days": null, "years": 7}));
        let expected = DefaultRetention { mode: "COMPLIANCE", days: 2555 };
        assert_eq!(default_retention(&item).unwrap(), Some(expected));
        for item in [
            bucket(&json!({})),
            bucket(
                &json!({"ObjectLockConfiguration": {"objectLockEnabled": "Enabled", "rule": null}}),
            ),
            lock("Enabled", Value::Null),
            lock("Disabled", json!({"mode": "COMPLIANCE", "days": 1})),
        ] {
            assert_eq!(default_retention(&item).unwrap(), None);
        }
    }

    #[test]
    fn mfa_delete_needs_versioning() {
        let of = |part: Value| {
            Versioning::of_bucket(&bucket(&json!({"BucketVersioningConfiguration": part}))).unwrap()
        };
        let on = json!({"status": "Enabled", "isMfaDeleteEnabled": true});
        assert_eq!(of(on), Some(Versioning { enabled: true, mfa_delete: true }));
        for status in [json!("Suspended"), json!("Off"), Value::Null] {
            let part = json!({"status": status, "isMfaDeleteEnabled": true});
            assert_eq!(of(part), Some(Versioning::default()), "{status}");
        }
        assert_eq!(Versioning::of_bucket(&bucket(&json!({}))).unwrap(), None);
    }

    #[test]
    fn the_destination_of_access_logs_must_be_told() {
        let to = |name: Value| {
            bucket(&json!({"BucketLoggingConfiguration": {"destinationBucketName": name}}))
        };
        assert_eq!(access_log_destination(&to(json!("logs"))).unwrap(), Some("logs"));
        assert_eq!(access_log_destination(&to(Value::Null)).unwrap(), None);
        assert!(access_log_destination(&bucket(&json!({}))).is_err());
    }
}
