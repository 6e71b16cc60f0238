//! Which buckets hold logs, and where in them.

use fisc_shared::bucket;
use fisc_shared::item::{ItemError, has_tag};
use fisc_shared::policy::{Effect, Grants, PolicyDocument, PolicyError, Statement, Universe};
use fisc_shared::{ConfigurationItem, Error, Run};

use super::parameters::{LOG_BUCKET_NAMES, LOG_BUCKET_TAG};
use fisc_shared::policy::matches_any;

/// Services whose logs are audit logs: a bucket that lets them write is a log store, also where the
/// trail or the recorder is in another account and not seen from here.
const AUDIT_SERVICES: [&str; 2] = ["cloudtrail.amazonaws.com", "config.amazonaws.com"];

/// Services that deliver logs. CloudWatch Logs exports through a principal of its Region.
const LOG_SERVICES: [&str; 6] = [
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "logging.s3.amazonaws.com",
    "logs.amazonaws.com",
];

/// Whether a service delivers logs.
pub(super) fn is_log_service(name: &str) -> bool {
    LOG_SERVICES.contains(&name) || (name.starts_with("logs.") && name.ends_with(".amazonaws.com"))
}

/// Writing any object.
pub(super) fn writing() -> Universe {
    Universe::new("s3:PutObject", "*")
}

/// The Allow statements of a bucket policy that let somebody write, whatever its Denies.
pub(super) fn writes(policy: &PolicyDocument) -> Result<Vec<&Statement>, PolicyError> {
    let mut found = Vec::new();
    for statement in policy.with_effect(Effect::Allow) {
        if Grants::new([statement], []).any(&writing())? {
            found.push(statement);
        }
    }
    Ok(found)
}

/// The services that a statement names as principals.
pub(super) fn services(statement: &Statement) -> impl Iterator<Item = &str> {
    let named = statement.principals.iter().filter(|principals| !principals.negated);
    named.flat_map(|principals| &principals.service).map(String::as_str)
}

/// Whether the bucket has the tag of log stores.
pub(super) fn is_tagged(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, ItemError> {
    let tag = run.parameters.get(&LOG_BUCKET_TAG);
    if tag.is_empty() {
        return Ok(false);
    }
    Ok(has_tag(&item.all_tags()?, &tag))
}

/// Whether a parameter, a tag or the bucket's own policy says that it holds logs.
pub(super) fn tells_so(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    if matches_any(&run.parameters.get(&LOG_BUCKET_NAMES), &item.resource_id)
        || is_tagged(item, run)?
    {
        return Ok(true);
    }
    let Some(policy) = bucket::policy(item)? else { return Ok(false) };
    let writers = writes(&policy)?;
    Ok(writers.into_iter().flat_map(services).any(|service| AUDIT_SERVICES.contains(&service)))
}

/// The prefixes under which the policy lets log services write; the whole bucket when it does not
/// tell.
pub(super) fn prefixes(
    policy: Option<&PolicyDocument>,
    bucket: &str,
) -> Result<Vec<String>, PolicyError> {
    let mut prefixes = Vec::new();
    for statement in policy.map(writes).transpose()?.unwrap_or_default() {
        if !services(statement).any(is_log_service) {
            continue;
        }
        let resources = statement.resources.iter().filter(|resources| !resources.negated);
        for pattern in resources.flat_map(|resources| &resources.patterns) {
            let object = pattern.splitn(6, ':').nth(5).and_then(|path| path.split_once('/'));
            let key = match object {
                Some((name, key)) if name == bucket => key,
                // Another spelling, such as a wildcard in the name: anywhere.
                _ => "",
            };
            let fixed = key.split(['*', '?', '$']).next().unwrap_or_default();
            prefixes.push(fixed.to_owned());
        }
    }
    if prefixes.is_empty() {
        prefixes.push(String::new());
    }
    Ok(prefixes)
}
