//! ARNs that roles of several controls grant actions on, as templates write them.
//!
//! Source: the Service Authorization Reference, "Resource types" of each service.

/// The account itself.
pub const OWN_ACCOUNT: &str = "arn:${AWS::Partition}:account::${AWS::AccountId}:account";
/// Any bucket, but no object: in which account a bucket is, its ARN does not tell.
pub const BUCKETS: &str = "arn:${AWS::Partition}:s3:::*";
/// What AWS services deliver to buckets as logs, below whatever prefix.
pub const DELIVERED_LOGS: &str = "arn:${AWS::Partition}:s3:::*/AWSLogs/*";
/// Security Hub of this account, in all Regions.
pub const HUB: &str = "arn:${AWS::Partition}:securityhub:*:${AWS::AccountId}:hub/default";
/// Log groups of this account, in all Regions.
pub const LOG_GROUPS: &str = "arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:*";
