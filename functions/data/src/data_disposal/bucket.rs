//! Whether the lifecycle rules of a bucket get rid of what it holds.

use fisc_shared::bucket::{default_retention, lifecycle_rules};
use fisc_shared::item::ItemError;
use fisc_shared::item::required::unknown;
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
    Ok(default_retention(item)?.is_some_and(|retention| retention.mode == "COMPLIANCE"))
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
    let mut removed = Removed::default();
    for rule in lifecycle_rules(item)? {
        removed.current |= rule.expiration_days.is_some() || rule.expires_on_date;
        removed.noncurrent |= rule.noncurrent_days.is_some();
        removed.uploads |= rule.aborts_uploads;
    }
    Ok(removed)
}
