use super::account::{Planned, decide};
use super::*;
use fisc_shared::{Parameters, runner};
use serde_json::json;

const RETAIN: &str = "fisc:retain";

fn with_run<T>(parameters: &Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-30T12:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        offline: false,
        home: true,
    })
}

fn judge(item: &Value, parameters: Value) -> Result<Verdict, Error> {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    with_run(&parameters, |run| {
        runner::preview(&CONTROL, &item, run).map(|verdict| verdict.expect("the item decides"))
    })
}

fn codes(item: &Value, parameters: Value) -> Vec<&'static str> {
    judge(item, parameters).unwrap().reasons().iter().map(|reason| reason.code).collect()
}

/// A volume as Config delivers it.
fn volume(captured: &str, state: Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": captured,
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": "AWS::EC2::Volume",
        "resourceId": "vol-1", "tags": {}, "supplementaryConfiguration": {},
        "resourceCreationTime": "2024-03-02T01:00:00.000Z",
        "configuration": {"volumeId": "vol-1", "state": state, "attachments": [], "tags": [],
            "createTime": "2024-03-02T01:00:00.000Z"},
    })
}

#[test]
fn a_volume_may_stay_detached_for_some_days() {
    for (captured, state, parameters, fails) in [
        // Detaching writes an item: a volume that was just detached never fails at once, however
        // old it is.
        ("2026-11-30T11:59:00Z", "available", json!({}), false),
        ("2026-10-31T12:00:00Z", "available", json!({}), false),
        ("2026-10-31T11:59:59Z", "available", json!({}), true),
        ("2024-03-02T01:00:00Z", "in-use", json!({}), false),
        ("2024-03-02T01:00:00Z", "creating", json!({}), false),
        ("2024-03-02T01:00:00Z", "deleting", json!({}), false),
        ("2026-11-29T11:00:00Z", "available", json!({"maxUnattachedDays": 1}), true),
        ("2026-11-29T13:00:00Z", "available", json!({"maxUnattachedDays": 1}), false),
        ("2026-11-30T12:00:00Z", "available", json!({"maxUnattachedDays": 0}), true),
        ("2026-11-30T12:00:00Z", "in-use", json!({"maxUnattachedDays": 0}), false),
    ] {
        let expected = if fails { vec!["VOLUME_UNATTACHED"] } else { vec![] };
        // Text as it is delivered, an object in the results of queries.
        for written in [json!(state), json!({"value": state})] {
            let found = codes(&volume(captured, written), parameters.clone());
            assert_eq!(found, expected, "{captured} {state} {parameters}");
        }
    }
    let verdict = judge(&volume("2026-10-01T00:00:00Z", json!("available")), json!({})).unwrap();
    assert!(verdict.reasons()[0].message.en.contains("at least 60 days"), "{verdict:?}");
}

#[test]
fn a_volume_that_is_kept_on_purpose_does_not_fail() {
    let tagged = |value: &str| {
        let mut item = volume("2026-01-01T00:00:00Z", json!("available"));
        item["tags"] = json!({ RETAIN: value });
        item
    };
    assert_eq!(codes(&tagged("forensics until 2027"), json!({})), ["RETAINED"]);
    assert_eq!(codes(&tagged(""), json!({})), ["RETAINED"]);
    assert_eq!(codes(&tagged("False"), json!({})), ["VOLUME_UNATTACHED"]);
    assert_eq!(codes(&tagged("x"), json!({"retainTagKey": ""})), ["VOLUME_UNATTACHED"]);
    assert_eq!(codes(&tagged("x"), json!({"retainTagKey": "keep"})), ["VOLUME_UNATTACHED"]);
    // One that passes needs no tag, and none is looked for.
    let mut attached = volume("2026-01-01T00:00:00Z", json!("in-use"));
    attached["tags"] = Value::Null;
    attached["configuration"]["tags"] = Value::Null;
    assert!(codes(&attached, json!({})).is_empty());
    attached["configuration"]["state"] = json!("available");
    assert!(judge(&attached, json!({})).unwrap_err().to_string().contains("tags is missing"));
}

/// A bucket as Config delivers it, with these lifecycle rules.
fn bucket(versioning: &str, rules: Value) -> Value {
    let mut parts = json!({
        "BucketVersioningConfiguration": {"status": versioning, "isMfaDeleteEnabled": null},
    });
    if !rules.is_null() {
        parts["BucketLifecycleConfiguration"] = json!({"rules": rules});
    }
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": "AWS::S3::Bucket", "resourceId": "b",
        "tags": {}, "configuration": {"name": "b"}, "supplementaryConfiguration": parts,
    })
}

/// A rule as Config records it: -1 stands for what is not set.
fn rule(changes: Value) -> Value {
    let mut rule = json!({
        "id": "r", "prefix": null, "status": "Enabled", "filter": {"predicate": null},
        "expirationInDays": -1, "expiredObjectDeleteMarker": false,
        "noncurrentVersionExpirationInDays": -1, "transitions": null,
        "noncurrentVersionTransitions": null,
    });
    for (name, value) in changes.as_object().unwrap() {
        rule[name] = value.clone();
    }
    rule
}

#[test]
fn objects_must_expire() {
    for (changes, passes) in [
        (json!({"expirationInDays": 365}), true),
        (json!({"expirationDate": "2027-01-01T00:00:00.000Z"}), true),
        (json!({"expirationDate": 1_798_761_600_000_u64}), true),
        (json!({"expirationInDays": 365, "status": "Disabled"}), false),
        // What was not set, only moves data, or only removes markers expires nothing.
        (json!({}), false),
        (json!({"expirationInDays": null}), false),
        (json!({"expiredObjectDeleteMarker": true}), false),
        (json!({"transitions": [{"days": 90, "date": null, "storageClass": "GLACIER"}]}), false),
        (json!({"noncurrentVersionExpirationInDays": 30}), false),
        (json!({"abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}), false),
    ] {
        let bucket = bucket("Off", json!([rule(json!({})), rule(changes.clone())]));
        let expected = if passes { vec![] } else { vec!["NO_EXPIRATION_RULE"] };
        assert_eq!(codes(&bucket, json!({})), expected, "{changes}");
        assert!(codes(&bucket, json!({"requireExpiration": false})).is_empty(), "{changes}");
    }
    for rules in [Value::Null, json!([])] {
        assert_eq!(codes(&bucket("Off", rules), json!({})), ["NO_EXPIRATION_RULE"]);
    }
}

#[test]
fn noncurrent_versions_must_expire_where_there_are_any() {
    let expiring = |changes: Value| json!([rule(json!({"expirationInDays": 365})), rule(changes)]);
    for (versioning, changes, passes) in [
        ("Off", json!({}), true),
        ("Enabled", json!({}), false),
        // Suspending versioning leaves the versions that there are.
        ("Suspended", json!({}), false),
        ("Enabled", json!({"noncurrentVersionExpirationInDays": 30}), true),
        ("Enabled", json!({"noncurrentVersionExpiration": {"noncurrentDays": 30}}), true),
        (
            "Enabled",
            json!({"noncurrentVersionExpiration": {"noncurrentDays": -1, "newerNoncurrentVersions": 3}}),
            false,
        ),
        ("Enabled", json!({"noncurrentVersionExpirationInDays": 30, "status": "Disabled"}), false),
        (
            "Enabled",
            json!({"noncurrentVersionTransitions": [{"days": 30, "storageClass": "GLACIER"}]}),
            false,
        ),
    ] {
        let bucket = bucket(versioning, expiring(changes.clone()));
        let expected = if passes { vec![] } else { vec!["NO_NONCURRENT_EXPIRATION"] };
        assert_eq!(codes(&bucket, json!({})), expected, "{versioning} {changes}");
        let off = json!({"requireNoncurrentExpiration": "false"});
        assert!(codes(&bucket, off).is_empty(), "{versioning} {changes}");
    }
    assert_eq!(
        codes(&bucket("Enabled", Value::Null), json!({})),
        ["NO_EXPIRATION_RULE", "NO_NONCURRENT_EXPIRATION"]
    );
}

#[test]
fn incomplete_uploads_are_only_judged_when_asked() {
    let abort = |days: i64| {
        let abort = json!({"daysAfterInitiation": days});
        json!([rule(json!({"expirationInDays": 1, "abortIncompleteMultipartUpload": abort}))])
    };
    let asked = json!({"requireMultipartAbort": true});
    assert!(codes(&bucket("Off", abort(7)), asked.clone()).is_empty());
    let without = bucket("Off", json!([rule(json!({"expirationInDays": 1}))]));
    assert_eq!(codes(&without, asked.clone()), ["NO_MULTIPART_ABORT"]);
    assert_eq!(codes(&bucket("Off", abort(-1)), asked), ["NO_MULTIPART_ABORT"]);
    assert!(codes(&without, json!({})).is_empty());
}

#[test]
fn buckets_that_must_or_shall_keep_their_data_are_not_judged() {
    let locked = |mode: &str| {
        let mut bucket = bucket("Enabled", Value::Null);
        bucket["supplementaryConfiguration"]["ObjectLockConfiguration"] = json!({
            "objectLockEnabled": "Enabled",
            "rule": {"defaultRetention": {"mode": mode, "days": null, "years": 7}}});
        bucket
    };
    assert_eq!(codes(&locked("COMPLIANCE"), json!({})), ["LOCKED_BUCKET"]);
    // Governance mode can be lifted, and a lock without a default keeps nothing by itself.
    assert_eq!(codes(&locked("GOVERNANCE"), json!({})).len(), 2);
    let mut without_default = locked("COMPLIANCE");
    without_default["supplementaryConfiguration"]["ObjectLockConfiguration"]["rule"] = Value::Null;
    assert_eq!(codes(&without_default, json!({})).len(), 2);
    let mut kept = bucket("Enabled", Value::Null);
    kept["tags"] = json!({ RETAIN: "yes" });
    assert_eq!(codes(&kept, json!({})), ["RETAINED"]);
}

#[test]
fn what_an_item_must_tell_is_an_error_when_missing() {
    let mut no_state = volume("2026-01-01T00:00:00Z", Value::Null);
    no_state["tags"] = json!({});
    let mut no_time = volume("2026-01-01T00:00:00Z", json!("available"));
    no_time["configurationItemCaptureTime"] = Value::Null;
    let mut no_parts = bucket("Off", Value::Null);
    no_parts["supplementaryConfiguration"] = Value::Null;
    let mut no_versioning = bucket("Off", Value::Null);
    no_versioning["supplementaryConfiguration"]["BucketVersioningConfiguration"] = Value::Null;
    let mut no_rules = bucket("Off", json!([]));
    no_rules["supplementaryConfiguration"]["BucketLifecycleConfiguration"] = json!({});
    for (item, expected) in [
        (no_state, "configuration.state is missing"),
        (volume("2026-01-01T00:00:00Z", json!({})), "configuration.state.value is missing"),
        (no_time, "configurationItemCaptureTime is missing"),
        (no_parts, "supplementaryConfiguration is missing"),
        (no_versioning, "BucketVersioningConfiguration is missing"),
        (bucket("Sometimes", json!([])), "unknown value \"Sometimes\""),
        (no_rules, "BucketLifecycleConfiguration.rules is missing"),
        (bucket("Off", json!([rule(json!({"status": null}))])), "rules[0].status is missing"),
        (bucket("Off", json!([rule(json!({"status": "On"}))])), "unknown value \"On\""),
    ] {
        let error = judge(&item, json!({})).unwrap_err();
        assert_eq!(error.kind(), "IncompleteItem", "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

fn planned(day: &str) -> Planned {
    Planned {
        arn: "arn:aws:rds:ap-northeast-1:111122223333:db:old".to_owned(),
        day: day.to_owned(),
        retained: false,
    }
}

#[test]
fn a_resource_is_overdue_after_its_day() {
    for (day, parameters, overdue) in [
        ("2026-11-29", json!({}), true),
        // On the day itself it may still be there.
        ("2026-11-30", json!({}), false),
        ("2026-12-01", json!({}), false),
        (" 2026-11-29 ", json!({}), true),
        ("2026-11-29", json!({"disposalGraceDays": 1}), false),
        ("2026-11-28", json!({"disposalGraceDays": 1}), true),
        ("9999-12-31", json!({"disposalGraceDays": 3650}), false),
        // What is no day says nothing of when the resource goes.
        ("", json!({}), true),
        ("never", json!({}), true),
        ("2026/12/31", json!({}), true),
        ("20261231", json!({}), true),
        ("2026-02-30", json!({}), true),
        ("2027-12-31T00:00:00Z", json!({}), true),
    ] {
        let found = with_run(&parameters, |run| planned(day).is_overdue(run));
        assert_eq!(found, overdue, "{day:?} {parameters}");
    }
    let kept = Planned { retained: true, ..planned("2020-01-01") };
    assert!(!with_run(&json!({}), |run| kept.is_overdue(run)));
}

#[test]
fn only_keys_of_kms_are_asked_about() {
    let key = |arn: &str| Planned { arn: arn.to_owned(), ..planned("") }.key().map(str::to_owned);
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    assert_eq!(
        key(&format!("arn:aws:kms:ap-northeast-1:111122223333:key/{id}")).as_deref(),
        Some(id)
    );
    assert_eq!(key("arn:aws:kms:ap-northeast-1:111122223333:alias/a"), None);
    assert_eq!(key("arn:aws:s3:::key/b"), None);
    assert_eq!(key("nothing"), None);
}

#[test]
fn the_account_fails_with_the_resources_that_outlived_their_date() {
    let codes = |verdict: &Verdict| -> Vec<&'static str> {
        verdict.reasons().iter().map(|reason| reason.code).collect()
    };
    assert_eq!(codes(&decide(0, &[])), ["NO_DISPOSAL_DATE"]);
    assert_eq!(decide(3, &[]), Verdict::compliant());
    let many = vec![planned("2026-01-01"); 7];
    let verdict = decide(9, &many);
    assert_eq!(codes(&verdict), ["DISPOSAL_DATE_PASSED"]);
    let message = &verdict.reasons()[0].message.en;
    assert!(message.starts_with("7 resource(s)"), "{message}");
    assert_eq!(message.matches("rds db:old (2026-01-01)").count(), 5, "{message}");
    assert!(!message.contains("111122223333"), "{message}");
}
