//! The lifecycle rules of a bucket.

use crate::item::required::unknown;
use crate::item::{ConfigurationItem, Fields, ItemError};

/// A lifecycle rule that is enabled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifecycleRule {
    /// The prefix of the keys that it is for; empty: all.
    pub prefix: String,
    /// It looks at more than the key: at tags or the size of an object.
    pub narrowed: bool,
    /// After how many days it expires objects.
    pub expiration_days: Option<i64>,
    /// It expires objects on a date, whatever their age.
    pub expires_on_date: bool,
    /// After how many days it deletes versions that are no longer current.
    pub noncurrent_days: Option<i64>,
    /// It aborts uploads that were never completed.
    pub aborts_uploads: bool,
    /// The storage classes that it moves objects to, such as `DEEP_ARCHIVE`.
    pub transitions: Vec<String>,
}

/// The enabled lifecycle rules of a bucket.
///
/// # Errors
/// When the item has another shape.
pub fn lifecycle_rules(item: &ConfigurationItem) -> Result<Vec<LifecycleRule>, ItemError> {
    // A bucket without rules has no lifecycle configuration.
    let Some(lifecycle) = item.supplementary("BucketLifecycleConfiguration")? else {
        return Ok(Vec::new());
    };
    let rules = lifecycle.list("rules")?.ok_or_else(|| lifecycle.missing("rules"))?;
    rules.iter().filter_map(|rule| read(rule).transpose()).collect()
}

/// A rule; `None` when it is disabled.
fn read(rule: &Fields<'_>) -> Result<Option<LifecycleRule>, ItemError> {
    const STATUS: &str = "status";
    match rule.text(STATUS)?.ok_or_else(|| rule.missing(STATUS))? {
        "Enabled" => {}
        "Disabled" => return Ok(None),
        other => return Err(unknown(rule, STATUS, other)),
    }
    let mut read = LifecycleRule {
        expiration_days: days(rule, "expirationInDays")?,
        expires_on_date: rule.at("expirationDate")?.is_some(),
        noncurrent_days: days(rule, "noncurrentVersionExpirationInDays")?,
        ..LifecycleRule::default()
    };
    // The number of days has an old and a new place.
    if let Some(expiration) = rule.at("noncurrentVersionExpiration")? {
        read.noncurrent_days = days(&expiration, "noncurrentDays")?.or(read.noncurrent_days);
    }
    if let Some(abort) = rule.at("abortIncompleteMultipartUpload")? {
        read.aborts_uploads = days(&abort, "daysAfterInitiation")?.is_some();
    }
    for transition in rule.list("transitions")?.unwrap_or_default() {
        const CLASS: &str = "storageClass";
        let class = transition.text(CLASS)?.ok_or_else(|| transition.missing(CLASS))?;
        read.transitions.push(class.to_owned());
    }
    let filter = rule.at("filter")?;
    match filter.map(|filter| filter.at("predicate")).transpose()?.flatten() {
        Some(predicate) => filtered(&predicate, &mut read)?,
        // Rules of before filters have their prefix here.
        None => read.prefix = rule.text("prefix")?.unwrap_or_default().to_owned(),
    }
    Ok(Some(read))
}

/// Reads the condition of a filter: a prefix, a tag, a size, or several of them.
fn filtered(predicate: &Fields<'_>, rule: &mut LifecycleRule) -> Result<(), ItemError> {
    const TYPE: &str = "type";
    match predicate.text(TYPE)?.ok_or_else(|| predicate.missing(TYPE))? {
        "LifecyclePrefixPredicate" => {
            rule.prefix = predicate.text("prefix")?.unwrap_or_default().to_owned();
        }
        "LifecycleAndOperator" => {
            const OPERANDS: &str = "operands";
            let operands = predicate.list(OPERANDS)?;
            for operand in operands.ok_or_else(|| predicate.missing(OPERANDS))? {
                filtered(&operand, rule)?;
            }
        }
        // Tags, sizes, and whatever may come: fewer objects than the prefix says.
        _ => rule.narrowed = true,
    }
    Ok(())
}

/// A number of days, if one is set: Config records -1 (and S3 knows no 0) where none is.
fn days(fields: &Fields<'_>, key: &str) -> Result<Option<i64>, ItemError> {
    Ok(fields.integer(key)?.filter(|days| *days > 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn rules(rules: &Value) -> Result<Vec<LifecycleRule>, ItemError> {
        let item = json!({
            "resourceType": "AWS::S3::Bucket", "resourceId": "b",
            "supplementaryConfiguration": {"BucketLifecycleConfiguration": {"rules": rules}},
        });
        lifecycle_rules(&ConfigurationItem::from_json(&item.to_string()).unwrap())
    }

    fn rule(changes: &Value) -> Value {
        let mut rule = json!({
            "id": "r", "prefix": null, "status": "Enabled", "filter": {"predicate": null},
            "expirationInDays": -1, "expiredObjectDeleteMarker": false,
            "noncurrentVersionExpirationInDays": -1, "transitions": null,
            "noncurrentVersionTransitions": null, "abortIncompleteMultipartUpload": null,
        });
        for (name, value) in changes.as_object().unwrap() {
            rule[name] = value.clone();
        }
        rule
    }

    fn only(changes: &Value) -> LifecycleRule {
        let mut read = rules(&json!([rule(changes)])).unwrap();
        assert_eq!(read.len(), 1);
        read.remove(0)
    }

    #[test]
    fn filters_are_read_in_every_form() {
        let prefix = json!({"type": "LifecyclePrefixPredicate", "prefix": "AWSLogs/"});
        let tag = json!({"type": "LifecycleTagPredicate", "tag": {"key": "a", "value": "b"}});
        let size =
            json!({"type": "LifecycleObjectSizeGreaterThanPredicate", "objectSizeGreaterThan": 1});
        let both = json!({"type": "LifecycleAndOperator", "operands": [prefix, tag]});
        for (changes, expected, narrowed) in [
            (json!({}), "", false),
            (json!({"prefix": "old/", "filter": null}), "old/", false),
            (json!({"filter": {"predicate": prefix}}), "AWSLogs/", false),
            (json!({"filter": {"predicate": tag}}), "", true),
            (json!({"filter": {"predicate": size}}), "", true),
            (json!({"filter": {"predicate": both}}), "AWSLogs/", true),
        ] {
            let rule = only(&changes);
            assert_eq!((rule.prefix.as_str(), rule.narrowed), (expected, narrowed), "{changes}");
        }
    }

    #[test]
    fn days_have_an_old_and_a_new_place_and_minus_one_is_none() {
        assert_eq!(only(&json!({})), LifecycleRule::default());
        let old = only(&json!({"noncurrentVersionExpirationInDays": 30, "expirationInDays": 365}));
        assert_eq!((old.noncurrent_days, old.expiration_days), (Some(30), Some(365)));
        let new = only(&json!({
            "noncurrentVersionExpirationInDays": -1,
            "noncurrentVersionExpiration": {"noncurrentDays": 40, "newerNoncurrentVersions": null},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            "expirationDate": "2026-12-01T00:00:00.000Z",
            "transitions": [{"days": 90, "date": null, "storageClass": "GLACIER"}],
        }));
        assert_eq!(new.noncurrent_days, Some(40));
        assert!(new.aborts_uploads && new.expires_on_date);
        assert_eq!(new.transitions, ["GLACIER"]);
    }

    #[test]
    fn disabled_rules_do_nothing_and_unknown_ones_are_errors() {
        assert_eq!(rules(&json!([rule(&json!({"status": "Disabled"}))])).unwrap(), []);
        assert!(rules(&json!([rule(&json!({"status": "Paused"}))])).is_err());
        assert!(rules(&Value::Null).is_err());
        let predicate = json!({"filter": {"predicate": {"prefix": "a"}}});
        assert!(rules(&json!([rule(&predicate)])).is_err());
    }
}
