//! Whether the lifecycle rules of a bucket get rid of what it holds.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict};

use super::{
    LOCKED_BUCKET, NO_EXPIRATION_RULE, NO_MULTIPART_ABORT, NO_NONCURRENT_EXPIRATION,
    REQUIRE_EXPIRATION, REQUIRE_MULTIPART_ABORT, REQUIRE_NONCURRENT_EXPIRATION,
};

/// What the enabled rules of a bucket remove, taken together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Removed {
    current: bool,
    noncurrent: bool,
    uploads: bool,
}

pub(super) fn judge(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    if is_locked(item)? {
        return Ok(Verdict::not_applicable(&LOCKED_BUCKET));
    }
    let removed = removed(item)?;
    let mut failures = Failures::new();
    if run.parameters.get(&REQUIRE_EXPIRATION) && !removed.current {
        failures.add(&NO_EXPIRATION_RULE);
    }
    if run.parameters.get(&REQUIRE_NONCURRENT_EXPIRATION)
        && !removed.noncurrent
        && keeps_versions(item)?
    {
        failures.add(&NO_NONCURRENT_EXPIRATION);
    }
    if run.parameters.get(&REQUIRE_MULTIPART_ABORT) && !removed.uploads {
        failures.add(&NO_MULTIPART_ABORT);
    }
    Ok(failures.into_verdict())
}

/// Whether every new object is locked by default, in the mode that nobody can lift.
fn is_locked(item: &ConfigurationItem) -> Result<bool, ItemError> {
    let Some(lock) = item.supplementary("ObjectLockConfiguration")? else { return Ok(false) };
    let Some(rule) = lock.at("rule")? else { return Ok(false) };
    let Some(retention) = rule.at("defaultRetention")? else { return Ok(false) };
    Ok(retention.text("mode")? == Some("COMPLIANCE"))
}

/// Whether deleted objects stay as versions: also while versioning is suspended.
fn keeps_versions(item: &ConfigurationItem) -> Result<bool, ItemError> {
    const PART: &str = "BucketVersioningConfiguration";
    const STATUS: &str = "status";
    let versioning = item.supplementary(PART)?.ok_or_else(|| ItemError::Missing {
        field: format!("supplementaryConfiguration.{PART}"),
    })?;
    match versioning.text(STATUS)?.ok_or_else(|| versioning.missing(STATUS))? {
        "Enabled" | "Suspended" => Ok(true),
        "Off" => Ok(false),
        other => Err(unknown(&versioning, STATUS, other)),
    }
}

fn removed(item: &ConfigurationItem) -> Result<Removed, ItemError> {
    const STATUS: &str = "status";
    let mut removed = Removed::default();
    // A bucket without rules has no lifecycle configuration.
    let Some(lifecycle) = item.supplementary("BucketLifecycleConfiguration")? else {
        return Ok(removed);
    };
    for rule in lifecycle.list("rules")?.ok_or_else(|| lifecycle.missing("rules"))? {
        match rule.text(STATUS)?.ok_or_else(|| rule.missing(STATUS))? {
            "Enabled" => {}
            "Disabled" => continue,
            other => return Err(unknown(&rule, STATUS, other)),
        }
        removed.current |= days(&rule, "expirationInDays")? || rule.at("expirationDate")?.is_some();
        removed.noncurrent |= days(&rule, "noncurrentVersionExpirationInDays")?;
        if let Some(expiration) = rule.at("noncurrentVersionExpiration")? {
            removed.noncurrent |= days(&expiration, "noncurrentDays")?;
        }
        if let Some(abort) = rule.at("abortIncompleteMultipartUpload")? {
            removed.uploads |= days(&abort, "daysAfterInitiation")?;
        }
    }
    Ok(removed)
}

/// Whether a number of days is set; Config records -1 (and S3 knows no 0) where none is.
fn days(fields: &Fields<'_>, key: &str) -> Result<bool, ItemError> {
    Ok(fields.integer(key)?.is_some_and(|days| days > 0))
}

/// A value that was not known when this was written must not pass for a good one.
fn unknown(fields: &Fields<'_>, key: &str, value: &str) -> ItemError {
    ItemError::Unreadable {
        field: format!("{}.{key}", fields.path()),
        problem: format!("unknown value {value:?}"),
    }
}
