//! S3 buckets.

use fisc_shared::bucket;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::{
    DATA_EVENT_BUCKETS, DATA_EVENTS_DECLARED, LOG_BUCKET_NAMES, LOG_TARGET, S3_ACCESS_LOG_OFF,
    is_allowed_destination, lists,
};

/// Who delivers access logs to buckets: S3, Elastic Load Balancing and, for the other services,
/// CloudWatch Logs. CloudTrail is not among them: accesses to its bucket are worth a log.
const LOG_SERVICES: [&str; 3] = [
    "logging.s3.amazonaws.com",
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "delivery.logs.amazonaws.com",
];

pub(super) fn bucket(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    if let Some(destination) = bucket::access_log_destination(item)? {
        if !is_allowed_destination(run, destination) {
            failures.because(
                &S3_ACCESS_LOG_OFF,
                message!(
                    "Access logs go to the bucket {destination}, which is not allowed",
                    "アクセスログの保存先 {destination} は認められていません"
                ),
            );
        }
        return Ok(failures.into_verdict());
    }
    if is_log_target(item, run)? {
        return Ok(Verdict::not_applicable(&LOG_TARGET));
    }
    if lists(&run.parameters.get(&DATA_EVENT_BUCKETS), &item.resource_id) {
        return Ok(Verdict::not_applicable(&DATA_EVENTS_DECLARED));
    }
    failures.add(&S3_ACCESS_LOG_OFF);
    Ok(failures.into_verdict())
}

/// Whether access logs are delivered to the bucket: somebody who delivers them is let in.
fn is_log_target(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    if lists(&run.parameters.get(&LOG_BUCKET_NAMES), &item.resource_id) {
        return Ok(true);
    }
    let policy = bucket::policy(item)?;
    let by_policy = policy.is_some_and(|policy| bucket::names_service(&policy, &LOG_SERVICES));
    Ok(by_policy || bucket::access_control_list(item)?.takes_access_logs())
}
