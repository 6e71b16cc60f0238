//! What the configuration item of an S3 bucket tells of who may reach it.

pub mod network;

use serde_json::Value;

use crate::error::Error;
use crate::item::{ConfigurationItem, Fields, ItemError};
use crate::policy::PolicyDocument;

/// The bucket policy; `None` when the bucket has none. An item that does not tell is an error: a
/// query that left the policy out must not look like a bucket without one.
///
/// # Errors
/// When the item does not tell, or the policy cannot be read.
pub fn policy(item: &ConfigurationItem) -> Result<Option<PolicyDocument>, Error> {
    const PART: &str = "BucketPolicy";
    let policy = item.supplementary(PART)?.ok_or_else(|| ItemError::Missing {
        field: format!("supplementaryConfiguration.{PART}"),
    })?;
    let text = policy.text("policyText")?.filter(|text| !text.trim().is_empty());
    Ok(text.map(PolicyDocument::from_text).transpose()?)
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

/// The access control list, which an item holds as an object or as JSON in a string.
///
/// # Errors
/// When the item lacks it, or it has another shape.
pub fn access_control_list(item: &ConfigurationItem) -> Result<AccessControlList, ItemError> {
    const PART: &str = "AccessControlList";
    let list = item.supplementary(PART)?.ok_or_else(|| ItemError::Missing {
        field: format!("supplementaryConfiguration.{PART}"),
    })?;
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
}
