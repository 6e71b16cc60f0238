//! File systems and buckets.

use fisc_shared::item::required::{text, unknown};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Error, Run, Verdict};

use super::declared::{BUCKET_SINGLE_AZ_CLASS, REPRODUCIBLE_TAG_KEY};
use super::kinds::{Ask, Told};
use super::remarks::REPRODUCIBLE;
use fisc_shared::item::has_tag;

pub(super) fn file_system(_: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    // The item tells neither the class nor the mount targets.
    Ok(Told::Ask(Ask::MountTargets))
}

pub(super) fn bucket(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    // A bucket without rules has no lifecycle configuration.
    let Some(lifecycle) = item.supplementary("BucketLifecycleConfiguration")? else {
        return Ok(Told::Decided(Verdict::compliant()));
    };
    let mut single = false;
    for rule in lifecycle.list("rules")?.ok_or_else(|| lifecycle.missing("rules"))? {
        single |= moves_to_one_zone(&rule)?;
    }
    judged(item, single, run)
}

pub(super) fn directory_bucket(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    judged(item, true, run)
}

fn judged(item: &ConfigurationItem, single: bool, run: &Run<'_>) -> Result<Told, Error> {
    let key = run.parameters.get(&REPRODUCIBLE_TAG_KEY);
    if single && has_tag(&item.all_tags()?, &key) {
        return Ok(Told::left_out(&REPRODUCIBLE));
    }
    Ok(Told::fails_if(single, &BUCKET_SINGLE_AZ_CLASS))
}

/// Whether a lifecycle rule is in force and moves data to a class of one zone.
fn moves_to_one_zone(rule: &Fields<'_>) -> Result<bool, ItemError> {
    match text(rule, "status")? {
        "Enabled" => {}
        "Disabled" => return Ok(false),
        other => return Err(unknown(rule, "status", other)),
    }
    for key in ["transitions", "noncurrentVersionTransitions"] {
        for transition in rule.list(key)?.unwrap_or_default() {
            // Config writes the API's name; its SDK has another for the same.
            if matches!(
                text(&transition, "storageClass")?,
                "ONEZONE_IA" | "OneZoneInfrequentAccess"
            ) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
