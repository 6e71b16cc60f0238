//! Whether code manages a resource, by its tags.

use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, ResourceType, Run, Verdict};

use super::MADE_BY_SERVICE;
use super::parameters::IAC_TAG_KEYS;
use super::requirements::NOT_MANAGED_BY_IAC;

/// Beginnings of the keys of tags that services, and controllers that run inside clusters, put on
/// what they make by themselves.
const SERVICE_TAGS: [&str; 13] = [
    "aws:autoscaling:groupName",
    "aws:batch:",
    "aws:ec2:fleet-id",
    "aws:ec2spot:fleet-request-id",
    "aws:elasticmapreduce:",
    "aws:servicecatalog:",
    "application-autoscaling:resourceId",
    "eks:cluster-name",
    "eks:nodegroup-name",
    "elasticbeanstalk:environment-",
    "elbv2.k8s.aws/cluster",
    "karpenter.sh/",
    "kubernetes.io/cluster/",
];

/// Beginnings of the names of buckets that AWS makes: for templates that were uploaded in the
/// console, and for Elastic Beanstalk.
const SERVICE_BUCKETS: [&str; 2] = ["cf-templates-", "elasticbeanstalk-"];

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let keys = run.parameters.get(&IAC_TAG_KEYS);
    let tags = item.all_tags()?;
    if keys.iter().any(|key| tags.contains_key(key)) {
        return Ok(Some(Verdict::compliant()));
    }
    let by_service = tags.keys().any(|key| SERVICE_TAGS.iter().any(|tag| key.starts_with(tag)));
    if by_service || has_name_of_service(item) {
        return Ok(Some(Verdict::not_applicable(&MADE_BY_SERVICE)));
    }
    let mut failures = Failures::new();
    failures.add(&NOT_MANAGED_BY_IAC);
    Ok(Some(failures.into_verdict()))
}

fn has_name_of_service(item: &ConfigurationItem) -> bool {
    let name = item.resource_name.as_deref().unwrap_or(&item.resource_id);
    let begins = |names: &[&str]| names.iter().any(|one| name.starts_with(one));
    let kind = item.resource_type.as_str();
    // Replicas of Lambda@Edge functions carry their home in their name.
    kind == ResourceType::S3_BUCKET.name && begins(&SERVICE_BUCKETS)
        || kind == ResourceType::LAMBDA_FUNCTION.name && begins(&["us-east-1."])
}
