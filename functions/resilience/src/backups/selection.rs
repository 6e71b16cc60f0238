//! Which resources a selection of a backup plan selects.
//!
//! Source: AWS Backup developer guide, "Assign resources with AWS CLI", and the API reference of
//! BackupSelection, Conditions and Condition. A selection names resources by ARN patterns or by
//! tags (`ListOfTags`); one match is enough, and without any of both it names everything. Of
//! these, the resources that meet all conditions are selected, except those that `NotResources`
//! matches. The types that the Region has not opted in are left out, unless a pattern names the
//! type itself (`arn:aws:ec2:*:*:volume/*`, not `arn:aws:ec2:*`); that exception does not hold for
//! types that share their ARNs with others.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_backup::types::{BackupSelection, ConditionParameter};

/// The tags of a resource.
pub(crate) type Tags = BTreeMap<String, String>;

/// The tag that every instance of an Auto Scaling group has.
const AUTO_SCALING_TAG: &str = "aws:autoscaling:groupName";

/// What the keys of conditions begin with.
const TAG: &str = "aws:ResourceTag/";

/// A resource type by AWS Backup's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Aurora,
    DocumentDb,
    DynamoDb,
    Ebs,
    Ec2,
    Efs,
    Fsx,
    Neptune,
    Rds,
    Redshift,
    S3,
}

impl Service {
    /// The name in the settings of the Region.
    const fn name(self) -> &'static str {
        match self {
            Self::Aurora => "Aurora",
            Self::DocumentDb => "DocumentDB",
            Self::DynamoDb => "DynamoDB",
            Self::Ebs => "EBS",
            Self::Ec2 => "EC2",
            Self::Efs => "EFS",
            Self::Fsx => "FSx",
            Self::Neptune => "Neptune",
            Self::Rds => "RDS",
            Self::Redshift => "Redshift",
            Self::S3 => "S3",
        }
    }

    /// The service of a cluster that the API of RDS shows, by its engine.
    pub(crate) fn of_cluster(engine: &str) -> Self {
        match engine {
            "docdb" => Self::DocumentDb,
            "neptune" => Self::Neptune,
            one if one.starts_with("aurora") => Self::Aurora,
            _ => Self::Rds,
        }
    }

    /// Whether a pattern that names the type selects it though the Region has not opted in.
    const fn may_be_named(self) -> bool {
        !matches!(self, Self::Aurora | Self::DocumentDb | Self::Neptune | Self::Fsx)
    }
}

/// A resource in front of a selection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) service: Service,
    pub(crate) arn: &'a str,
    pub(crate) tags: &'a Tags,
}

/// The types that the Region backs up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OptIn(BTreeMap<String, bool>);

impl OptIn {
    pub(crate) fn of(preferences: HashMap<String, bool>) -> Self {
        Self(preferences.into_iter().collect())
    }

    fn has(&self, service: Service) -> bool {
        self.0.get(service.name()) == Some(&true)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    Like,
    NotEquals,
    NotLike,
}

/// A condition on a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    operator: Operator,
    key: String,
    value: String,
}

impl Test {
    /// A resource without the tag meets the negated operators, as in policies.
    fn holds(&self, tags: &Tags) -> bool {
        let value = tags.get(&self.key);
        match self.operator {
            Operator::Equals => value == Some(&self.value),
            Operator::Like => value.is_some_and(|value| like(&self.value, value)),
            Operator::NotEquals => value != Some(&self.value),
            Operator::NotLike => !value.is_some_and(|value| like(&self.value, value)),
        }
    }
}

/// A selection of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    resources: Vec<String>,
    not_resources: Vec<String>,
    /// Tags of which one is enough.
    tags: Vec<Test>,
    /// All of them must hold.
    conditions: Vec<Test>,
}

impl From<BackupSelection> for Selection {
    fn from(selection: BackupSelection) -> Self {
        let tags = selection.list_of_tags.unwrap_or_default().into_iter().map(|one| Test {
            operator: Operator::Equals,
            key: tag_key(&one.condition_key),
            value: one.condition_value,
        });
        let mut conditions = Vec::new();
        if let Some(given) = selection.conditions {
            for (operator, tests) in [
                (Operator::Equals, given.string_equals),
                (Operator::Like, given.string_like),
                (Operator::NotEquals, given.string_not_equals),
                (Operator::NotLike, given.string_not_like),
            ] {
                let read = |one: ConditionParameter| Test {
                    operator,
                    key: tag_key(&one.condition_key.unwrap_or_default()),
                    value: one.condition_value.unwrap_or_default(),
                };
                conditions.extend(tests.unwrap_or_default().into_iter().map(read));
            }
        }
        Self {
            resources: selection.resources.unwrap_or_default(),
            not_resources: selection.not_resources.unwrap_or_default(),
            tags: tags.collect(),
            conditions,
        }
    }
}

impl Selection {
    /// Whether AWS Backup would back the resource up.
    pub(crate) fn selects(&self, subject: &Subject<'_>, opted_in: &OptIn) -> bool {
        let Subject { service, arn, tags } = *subject;
        if self.not_resources.iter().any(|pattern| like(pattern, arn)) {
            return false;
        }
        if !self.conditions.iter().all(|test| test.holds(tags)) {
            return false;
        }
        let matching = || self.resources.iter().filter(|pattern| like(pattern, arn));
        if service.may_be_named() && matching().any(|pattern| names_type(pattern)) {
            return true;
        }
        let everything = self.resources.is_empty() && self.tags.is_empty();
        let named = everything
            || matching().next().is_some()
            || self.tags.iter().any(|test| test.holds(tags));
        named && opted_in.has(service)
    }
}

/// Whether an instance is of an Auto Scaling group, which makes a new one instead of restoring it.
pub(crate) fn scales(tags: &Tags) -> bool {
    tags.contains_key(AUTO_SCALING_TAG)
}

fn tag_key(key: &str) -> String {
    key.strip_prefix(TAG).unwrap_or(key).to_owned()
}

/// Whether a pattern spells out the resource type, not only the service.
fn names_type(pattern: &str) -> bool {
    let mut parts = pattern.splitn(6, ':');
    let service = parts.nth(2).unwrap_or_default();
    let Some(resource) = parts.nth(2) else { return false };
    // S3 knows nothing but buckets here, and their ARNs name no type.
    if service == "s3" {
        return true;
    }
    let kind = resource.split(['/', ':']).next().unwrap_or_default();
    !kind.is_empty() && kind.len() < resource.len() && !kind.contains('*')
}

/// Whether the whole text matches a pattern in which `*` stands for any run of characters.
fn like(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let rest: Vec<&str> = pieces.collect();
    let Some((last, middle)) = rest.split_last() else { return text == first };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    for piece in middle {
        // The earliest place leaves the most to the pieces that follow.
        let Some((_, after)) = left.split_once(piece) else { return false };
        left = after;
    }
    left.ends_with(last)
}

#[cfg(test)]
pub(crate) mod tests;
