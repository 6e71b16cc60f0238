//! The verdict on a bucket that holds backups, from its item.

use fisc_shared::item::required::{part, text, unknown};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Run, Verdict};
use serde_json::Value;

use super::requirements::{BACKUP_BUCKET_NOT_ARCHIVED, BACKUP_BUCKET_SINGLE_AZ_CLASS};
use super::{ARCHIVE_WITHIN_DAYS, BACKUP_BUCKET_TAG, NOT_A_BACKUP_BUCKET};
use fisc_shared::item::in_scope;

const ARCHIVES: [&str; 3] = ["GLACIER", "DEEP_ARCHIVE", "GLACIER_IR"];
const FRAIL: [&str; 3] = ["ONEZONE_IA", "EXPRESS_ONEZONE", "REDUCED_REDUNDANCY"];

/// A transition: after how many days, and to which class.
type Transition = (i64, String);

pub(super) fn judge(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, ItemError> {
    if !in_scope(&item.all_tags()?, &run.parameters.get(&BACKUP_BUCKET_TAG)) {
        return Ok(Verdict::not_applicable(&NOT_A_BACKUP_BUCKET));
    }
    let limit = run.parameters.get(&ARCHIVE_WITHIN_DAYS);
    let mut archived = false;
    let mut frail = Vec::new();
    for rule in lifecycle(item)? {
        let current = transitions(&rule, "transitions")?;
        archived |= !by_tag(&rule)?
            && current.iter().any(|(days, class)| *days <= limit && is_one_of(&ARCHIVES, class));
        frail.extend(current);
        frail.extend(transitions(&rule, "noncurrentVersionTransitions")?);
    }
    let mut frail: Vec<String> = frail.into_iter().map(|(_, class)| class).collect();
    frail.extend(replicated_to(item)?);
    frail.retain(|class| is_one_of(&FRAIL, class));
    frail.sort_unstable();
    frail.dedup();
    let mut failures = Failures::new();
    if !archived {
        failures.add(&BACKUP_BUCKET_NOT_ARCHIVED);
    }
    if !frail.is_empty() {
        let message = BACKUP_BUCKET_SINGLE_AZ_CLASS.naming(&frail);
        failures.because(&BACKUP_BUCKET_SINGLE_AZ_CLASS, message);
    }
    Ok(failures.into_verdict())
}

fn is_one_of(classes: &[&str], class: &str) -> bool {
    classes.contains(&class)
}

fn is_enabled(rule: &Fields<'_>) -> Result<bool, ItemError> {
    const STATUS: &str = "status";
    match text(rule, STATUS)? {
        "Enabled" => Ok(true),
        "Disabled" => Ok(false),
        other => Err(unknown(rule, STATUS, other)),
    }
}

/// The enabled lifecycle rules.
fn lifecycle(item: &ConfigurationItem) -> Result<Vec<Fields<'_>>, ItemError> {
    // A bucket without rules has no lifecycle configuration.
    let Some(lifecycle) = item.supplementary("BucketLifecycleConfiguration")? else {
        return Ok(Vec::new());
    };
    let rules = lifecycle.list("rules")?.ok_or_else(|| lifecycle.missing("rules"))?;
    rules
        .into_iter()
        .filter_map(|rule| is_enabled(&rule).map(|on| on.then_some(rule)).transpose())
        .collect()
}

/// Whether a rule is only for objects with certain tags.
fn by_tag(rule: &Fields<'_>) -> Result<bool, ItemError> {
    fn tests_tags(predicate: &Value) -> bool {
        let is_tag = predicate.get("type").and_then(Value::as_str) == Some("LifecycleTagPredicate");
        let operands = predicate.get("operands").and_then(Value::as_array);
        is_tag || operands.is_some_and(|operands| operands.iter().any(tests_tags))
    }
    let Some(filter) = rule.at("filter")? else { return Ok(false) };
    Ok(filter.at("predicate")?.is_some_and(|predicate| tests_tags(predicate.value())))
}

fn transitions(rule: &Fields<'_>, key: &str) -> Result<Vec<Transition>, ItemError> {
    let read = |transition: Fields<'_>| {
        // One on a date moves everything that is older by then.
        let days = transition.integer("days")?.unwrap_or(0);
        Ok((days, text(&transition, "storageClass")?.to_owned()))
    };
    rule.list(key)?.unwrap_or_default().into_iter().map(read).collect()
}

/// The classes that enabled replication rules ask for; one without keeps the object's own.
fn replicated_to(item: &ConfigurationItem) -> Result<Vec<String>, ItemError> {
    let Some(replication) = item.supplementary("BucketReplicationConfiguration")? else {
        return Ok(Vec::new());
    };
    let rules = part(&replication, "rules")?;
    // A map by the ids of the rules.
    let rules: Vec<Fields<'_>> = match rules.value() {
        Value::Object(map) => {
            map.keys().map(|id| part(&rules, id)).collect::<Result<_, ItemError>>()?
        }
        _ => replication.list("rules")?.unwrap_or_default(),
    };
    let mut classes = Vec::new();
    for rule in rules {
        if is_enabled(&rule)? {
            let destination = part(&rule, "destinationConfig")?;
            classes.extend(destination.text("storageClass")?.map(str::to_owned));
        }
    }
    Ok(classes)
}
