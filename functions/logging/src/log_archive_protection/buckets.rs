//! Whether a log bucket is closed, locked, kept and encrypted: all by its item, but for the
//! account's block.

use fisc_shared::bucket::{self, LifecycleRule, PublicAccessBlock, Versioning};
use fisc_shared::item::ItemError;
use fisc_shared::policy::{ORG_ID, Party, PolicyDocument, PolicyError, TRUSTED_ACCOUNT_IDS, Trust};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::parameters::{
    AWS_SERVICE_ACCOUNT_IDS, LOG_ARCHIVE_ACCOUNT_IDS, MAX_RETENTION_DAYS, MIN_RETENTION_DAYS,
    REQUIRE_ARCHIVE_TRANSITION, SSE_S3_ONLY_BUCKETS,
};
use super::protection::is_protected;
use super::requirements::{
    ACCESS_LOGGING_OFF, BUCKET_PUBLIC, LIFECYCLE_MISSING, NOT_KMS_ENCRYPTED, NOT_WRITE_PROTECTED,
    RETENTION_TOO_SHORT, VERSIONING_OFF, WRITER_NOT_RESTRICTED,
};
use super::scope::{is_log_service, is_tagged, prefixes, services, writes, writing};

/// The verdict on a bucket that is known to hold logs, if the account's block cannot change it.
pub(super) fn alone(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if PublicAccessBlock::of_bucket(item)?.off().is_empty() {
        return decide(item, PublicAccessBlock::default(), run).map(Some);
    }
    Ok(None)
}

/// The verdict on a bucket that holds logs.
pub(super) fn decide(
    item: &ConfigurationItem,
    account: PublicAccessBlock,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let policy = bucket::policy(item)?;
    let policy = policy.as_ref();
    let versioning = Versioning::of_bucket(item)?.ok_or_else(|| ItemError::Missing {
        field: "supplementaryConfiguration.BucketVersioningConfiguration".to_owned(),
    })?;
    let mut failures = Failures::new();
    public(item, policy, account, &mut failures)?;
    if !versioning.enabled {
        failures.add(&VERSIONING_OFF);
    }
    if !is_protected(item, policy, versioning, run)? {
        failures.add(&NOT_WRITE_PROTECTED);
    }
    if let Some(policy) = policy {
        writers(policy, item, run, &mut failures)?;
    }
    let rules = bucket::lifecycle_rules(item)?;
    let prefixes = prefixes(policy, &item.resource_id)?;
    retention(&rules, &prefixes, run, &mut failures);
    lifecycle(&rules, &prefixes, is_tagged(item, run)?, run, &mut failures);
    if bucket::access_log_destination(item)?.is_none() && !takes_access_logs(item, policy)? {
        failures.add(&ACCESS_LOGGING_OFF);
    }
    encryption(item, run, &mut failures)?;
    Ok(failures.into_verdict())
}

fn public(
    item: &ConfigurationItem,
    policy: Option<&PolicyDocument>,
    account: PublicAccessBlock,
    failures: &mut Failures,
) -> Result<(), Error> {
    let (mut en, mut ja) = (Vec::new(), Vec::new());
    let off = PublicAccessBlock::of_bucket(item)?.or(account).off().join(", ");
    if !off.is_empty() {
        en.push(format!("block public access is off ({off})"));
        ja.push(format!("ブロックパブリックアクセスが無効です({off})"));
    }
    // A block makes these void; a log bucket must not depend on it.
    if policy.map(bucket::is_public).transpose()? == Some(true) {
        en.push("the bucket policy admits everybody".to_owned());
        ja.push("バケットポリシーがすべての相手に許可しています".to_owned());
    }
    let list = bucket::access_control_list(item)?;
    let groups = list.public_groups().join(", ");
    if !groups.is_empty() {
        en.push(format!("the access control list grants to {groups}"));
        ja.push(format!("ACL が {groups} に許可しています"));
    }
    if !en.is_empty() {
        let (en, ja) = (en.join("; "), ja.join("、"));
        failures.because(&BUCKET_PUBLIC, message!("Log bucket: {en}", "ログバケット: {ja}"));
    }
    Ok(())
}

fn writers(
    policy: &PolicyDocument,
    item: &ConfigurationItem,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let mut trust = Trust {
        accounts: run.parameters.get(&TRUSTED_ACCOUNT_IDS),
        organizations: run.parameters.get(&ORG_ID),
    };
    trust.accounts.push(item.account_id.clone());
    trust.accounts.extend(run.parameters.get(&LOG_ARCHIVE_ACCOUNT_IDS));
    trust.accounts.extend(run.parameters.get(&AWS_SERVICE_ACCOUNT_IDS));
    let mut others: Vec<String> = Vec::new();
    if policy.admits(&Party::Stranger, &writing())? {
        others.push("*".to_owned());
    }
    // A service that delivers no logs, tied to its source or not.
    for statement in writes(policy)? {
        others.extend(services(statement).filter(|name| !is_log_service(name)).map(str::to_owned));
    }
    for party in policy.parties().iter().filter(|party| !trust.covers(party)) {
        let name = match party {
            Party::Account(name) | Party::Organization(name) | Party::Federated(name) => {
                name.as_str()
            }
            Party::Service(name) if is_log_service(name) => name.as_str(),
            Party::CanonicalUser(_) => "CanonicalUser",
            // The other services are above; nobody is a principal that was deleted.
            Party::Service(_) | Party::Deleted(_) | Party::Stranger => continue,
        };
        if policy.admits(party, &writing())? {
            others.push(name.to_owned());
        }
    }
    others.sort_unstable();
    others.dedup();
    if !others.is_empty() {
        let Message { en, ja } = Message::named(&others);
        failures.because(
            &WRITER_NOT_RESTRICTED,
            message!(
                "Unrestricted writers of the log bucket: {en}",
                "制限なくログバケットに書き込めます: {ja}"
            ),
        );
    }
    Ok(())
}

/// Whether a rule may be about logs.
fn may_match(rule: &LifecycleRule, prefixes: &[String]) -> bool {
    prefixes.iter().any(|logs| rule.prefix.starts_with(logs) || logs.starts_with(&rule.prefix))
}

/// Whether a rule is about all logs.
fn covers(rule: &LifecycleRule, prefixes: &[String]) -> bool {
    !rule.narrowed && prefixes.iter().all(|logs| logs.starts_with(&rule.prefix))
}

fn retention(rules: &[LifecycleRule], prefixes: &[String], run: &Run<'_>, failures: &mut Failures) {
    let least = run.parameters.get(&MIN_RETENTION_DAYS);
    let most = run.parameters.get(&MAX_RETENTION_DAYS);
    let about_logs: Vec<&LifecycleRule> =
        rules.iter().filter(|rule| may_match(rule, prefixes)).collect();
    let shortest = |days: fn(&LifecycleRule) -> Option<i64>| {
        about_logs.iter().filter_map(|rule| days(rule)).min().filter(|days| *days < least)
    };
    let too_long = about_logs.iter().filter_map(|rule| rule.expiration_days).max();
    let reason = if let Some(days) = shortest(|rule| rule.expiration_days) {
        message!(
            "Logs expire after {days} days; at least {least} are required",
            "ログが {days} 日で失効します(下限 {least} 日)"
        )
    } else if about_logs.iter().any(|rule| rule.expires_on_date) {
        message!(
            "A lifecycle rule expires logs on a date, whatever their age",
            "ライフサイクルルールが、経過日数にかかわらず日付指定でログを失効させます"
        )
    } else if let Some(days) = shortest(|rule| rule.noncurrent_days) {
        message!(
            "Deleted or overwritten logs are gone after {days} days; at least {least} are required",
            "削除・上書きされたログ(非現行バージョン)が {days} 日で失われます(下限 {least} 日)"
        )
    } else if let Some(days) = too_long.filter(|days| most > 0 && *days > most) {
        message!(
            "Logs expire after {days} days; at most {most} are accepted",
            "ログの失効が {days} 日後です(上限 {most} 日)"
        )
    } else {
        return;
    };
    failures.because(&RETENTION_TOO_SHORT, reason);
}

fn lifecycle(
    rules: &[LifecycleRule],
    prefixes: &[String],
    tagged: bool,
    run: &Run<'_>,
    failures: &mut Failures,
) {
    let all_logs: Vec<&LifecycleRule> =
        rules.iter().filter(|rule| covers(rule, prefixes)).collect();
    let moves_or_expires = all_logs.iter().any(|rule| {
        rule.expiration_days.is_some() || rule.expires_on_date || !rule.transitions.is_empty()
    });
    let archives = || {
        let mut classes = all_logs.iter().flat_map(|rule| &rule.transitions);
        classes.any(|class| ["GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"].contains(&class.as_str()))
    };
    if tagged && !moves_or_expires {
        failures.add(&LIFECYCLE_MISSING);
    } else if run.parameters.get(&REQUIRE_ARCHIVE_TRANSITION) && !archives() {
        failures.because(
            &LIFECYCLE_MISSING,
            message!(
                "No lifecycle rule moves all logs to an archive storage class",
                "すべてのログをアーカイブ用ストレージクラスへ移行させるルールがありません"
            ),
        );
    }
}

/// Whether server access logs are delivered to the bucket: whoever logs them to itself, or in a
/// circle, only makes more logs.
fn takes_access_logs(
    item: &ConfigurationItem,
    policy: Option<&PolicyDocument>,
) -> Result<bool, ItemError> {
    const SERVICE: [&str; 1] = ["logging.s3.amazonaws.com"];
    Ok(policy.is_some_and(|policy| bucket::names_service(policy, &SERVICE))
        || bucket::access_control_list(item)?.takes_access_logs())
}

fn encryption(
    item: &ConfigurationItem,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), ItemError> {
    if run.parameters.get(&SSE_S3_ONLY_BUCKETS).contains(&item.resource_id) {
        return Ok(());
    }
    let default = bucket::default_encryption(item)?;
    let algorithm = default.map_or("-", |default| default.algorithm);
    if !["aws:kms", "aws:kms:dsse"].contains(&algorithm) {
        failures.because(
            &NOT_KMS_ENCRYPTED,
            message!(
                "Default encryption of the log bucket is {algorithm}, not KMS",
                "ログバケットのデフォルト暗号化が KMS ではなく {algorithm} です"
            ),
        );
    }
    Ok(())
}
