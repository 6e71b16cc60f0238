//! Resource types and the resources that a verdict is about.

mod types;

use crate::item::ConfigurationItem;

/// A resource type by its AWS Config (CloudFormation) name, such as `AWS::S3::Bucket`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceType {
    /// The name that AWS Config records.
    pub name: &'static str,
    /// The name that the AWS Security Finding Format has for it, `Other` where it has none.
    pub asff: &'static str,
    /// How the ARN follows from the id that Config records, with `{partition}`, `{region}`,
    /// `{account}` and `{id}`; empty where the id is not enough.
    pub arn: &'static str,
}

impl ResourceType {
    const fn new(name: &'static str, asff: &'static str, arn: &'static str) -> Self {
        Self { name, asff, arn }
    }

    /// The ARN of the resource that Config records under `id`, where the type's id is enough for
    /// it.
    #[must_use]
    pub fn arn_of(&self, id: &str, account_id: &str, region: &str) -> Option<String> {
        arn(self.arn, id, account_id, region)
    }
}

/// The ARN that follows from a pattern like [`ResourceType::arn`]; `None` for an empty one.
#[must_use]
pub fn arn(pattern: &str, id: &str, account_id: &str, region: &str) -> Option<String> {
    (!pattern.is_empty()).then(|| {
        pattern
            .replace("{partition}", partition(region))
            .replace("{region}", region)
            .replace("{account}", account_id)
            .replace("{id}", id)
    })
}

/// Whether a text is the id of an account.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The partition that a Region belongs to, by the Region's prefix.
#[must_use]
pub fn partition(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        r if r.starts_with("us-iso-") => "aws-iso",
        r if r.starts_with("us-isob-") => "aws-iso-b",
        r if r.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// The resource that a verdict is about, by the keys that AWS Config knows it by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource {
    /// Type name, such as `AWS::KMS::Key`.
    pub resource_type: String,
    /// Id as Config records it; for the account its number.
    pub id: String,
    /// ARN where it is known.
    pub arn: Option<String>,
    /// Account that holds the resource.
    pub account_id: String,
    /// Region that holds it; `global` for global resources, as Config records them.
    pub region: String,
}

impl Resource {
    /// The account itself, for account-level controls.
    #[must_use]
    pub fn account(account_id: &str, region: &str) -> Self {
        Self::of(ResourceType::ACCOUNT, account_id, account_id, region)
    }

    /// A resource by its type and Config id; the ARN follows from them where the type allows it.
    #[must_use]
    pub fn of(resource_type: ResourceType, id: &str, account_id: &str, region: &str) -> Self {
        Self {
            resource_type: resource_type.name.to_owned(),
            id: id.to_owned(),
            arn: resource_type.arn_of(id, account_id, region),
            account_id: account_id.to_owned(),
            region: region.to_owned(),
        }
    }
}

impl From<&ConfigurationItem> for Resource {
    fn from(item: &ConfigurationItem) -> Self {
        Self {
            resource_type: item.resource_type.clone(),
            id: item.resource_id.clone(),
            arn: item.arn.clone(),
            account_id: item.account_id.clone(),
            region: item.region.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_follow_the_partition_of_the_region() {
        let bucket = |region| ResourceType::S3_BUCKET.arn_of("b", "111122223333", region);
        assert_eq!(bucket("ap-northeast-1").as_deref(), Some("arn:aws:s3:::b"));
        assert_eq!(bucket("cn-north-1").as_deref(), Some("arn:aws-cn:s3:::b"));
        assert_eq!(bucket("us-gov-west-1").as_deref(), Some("arn:aws-us-gov:s3:::b"));
    }
}
