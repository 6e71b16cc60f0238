use super::*;
use fisc_shared::{Language, Parameters, runner};
use serde_json::{Value, json};

/// A key as Config records it.
fn key(changes: Value) -> ConfigurationItem {
    let mut configuration = json!({
        "keyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn": "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "creationDate": 1_746_057_600_000_u64, "enabled": true, "description": "勘定系",
        "keyUsage": "ENCRYPT_DECRYPT", "keyState": "Enabled", "origin": "AWS_KMS",
        "keyManager": "CUSTOMER", "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "keySpec": "SYMMETRIC_DEFAULT", "encryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "signingAlgorithms": [], "multiRegion": false, "awsaccountId": "111122223333",
    });
    let mut supplementary = json!({"Tags": []});
    for (name, value) in changes.as_object().unwrap() {
        if name == "KeyRotationStatus" {
            supplementary[name] = value.clone();
        } else if value.is_null() {
            configuration.as_object_mut().unwrap().remove(name);
        } else {
            configuration[name] = value.clone();
        }
    }
    let item = json!({
        "configurationItemCaptureTime": "2026-10-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::KMS::Key", "resourceId": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "configuration": configuration, "supplementaryConfiguration": supplementary,
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn with_run<T>(parameters: Value, offline: bool, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

/// What the item alone decides, by the code.
fn previewed(changes: Value, parameters: Value, offline: bool) -> Option<&'static str> {
    with_run(parameters, offline, |run| {
        runner::preview(&CONTROL, &key(changes), run)
            .unwrap()
            .map(|verdict| verdict.reasons().first().map_or("", |reason| reason.code))
    })
}

#[test]
fn keys_that_kms_cannot_rotate_are_not_judged() {
    for (changes, code) in [
        (json!({"keyManager": "AWS"}), "AWS_MANAGED_KEY"),
        (json!({"keyState": "Disabled"}), "KEY_NOT_ENABLED"),
        (json!({"keyState": "PendingDeletion"}), "KEY_NOT_ENABLED"),
        (json!({"keyState": "PendingImport", "origin": "EXTERNAL"}), "KEY_NOT_ENABLED"),
        (json!({"keyState": "Unavailable", "origin": "AWS_CLOUDHSM"}), "KEY_NOT_ENABLED"),
        (json!({"keySpec": "RSA_2048", "customerMasterKeySpec": "RSA_2048"}), "KEY_NOT_SYMMETRIC"),
        (json!({"keySpec": "HMAC_256"}), "KEY_NOT_SYMMETRIC"),
        (json!({"keySpec": null, "customerMasterKeySpec": "ECC_NIST_P256"}), "KEY_NOT_SYMMETRIC"),
        (json!({"origin": "AWS_CLOUDHSM"}), "CUSTOM_KEY_STORE"),
        (json!({"origin": "EXTERNAL_KEY_STORE"}), "CUSTOM_KEY_STORE"),
        (json!({"origin": "EXTERNAL"}), "IMPORTED_MATERIAL"),
        (
            json!({"multiRegion": true, "multiRegionConfiguration": {"multiRegionKeyType": "REPLICA",
                "primaryKey": {"arn": "arn:aws:kms:ap-northeast-3:111122223333:key/mrk-1", "region": "ap-northeast-3"}}}),
            "MULTI_REGION_REPLICA",
        ),
    ] {
        assert_eq!(previewed(changes.clone(), json!({}), false), Some(code), "{changes}");
    }
}

#[test]
fn the_annotation_of_a_replica_names_the_primary_region() {
    let replica = key(json!({"multiRegion": true, "multiRegionConfiguration": {
        "multiRegionKeyType": "REPLICA",
        "primaryKey": {"arn": "arn:aws:kms:ap-northeast-3:111122223333:key/mrk-1"}}}));
    let verdict = with_run(json!({}), false, |run| preview(&replica, run).unwrap().unwrap());
    assert!(verdict.reasons()[0].message.get(Language::Ja).contains("ap-northeast-3"));
}

#[test]
fn keys_that_rotate_are_asked_about() {
    for changes in [
        json!({}),
        json!({"multiRegion": true, "multiRegionConfiguration": {"multiRegionKeyType": "PRIMARY"}}),
        // What the item does not tell, KMS does: an incomplete item is no verdict.
        json!({"keyManager": null}),
        json!({"keyState": null}),
        json!({"keySpec": null, "customerMasterKeySpec": null}),
        json!({"origin": null}),
        json!({"multiRegion": true}),
        json!({"KeyRotationStatus": true}),
    ] {
        assert_eq!(previewed(changes.clone(), json!({}), false), None, "{changes}");
        assert_eq!(previewed(changes.clone(), json!({}), true), None, "{changes}");
    }
    assert_eq!(
        previewed(json!({"origin": "EXTERNAL"}), json!({"evaluateImported": true}), false),
        None
    );
}

#[test]
fn a_recorded_off_decides_only_where_kms_cannot_be_asked() {
    for status in [json!(false), json!("false")] {
        let off = json!({ "KeyRotationStatus": status });
        assert_eq!(previewed(off.clone(), json!({}), true), Some("ROTATION_DISABLED"));
        assert_eq!(previewed(off, json!({}), false), None);
    }
    // A query that left the supplementary configuration out says nothing.
    let item = json!({"resourceType": "AWS::KMS::Key", "resourceId": "k", "configuration": {
        "keyManager": "CUSTOMER", "keyState": "Enabled", "keySpec": "SYMMETRIC_DEFAULT",
        "origin": "AWS_KMS"}});
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    assert_eq!(with_run(json!({}), true, |run| preview(&item, run).unwrap()), None);
    let imported = json!({"origin": "EXTERNAL", "KeyRotationStatus": false});
    assert_eq!(previewed(imported, json!({"evaluateImported": true}), true), None);
}

fn codes(rotation: Rotation, parameters: Value) -> Vec<&'static str> {
    with_run(parameters, false, |run| {
        decide(rotation, run).reasons().iter().map(|reason| reason.code).collect()
    })
}

#[test]
fn rotation_must_be_on_and_often_enough() {
    let rotation = |enabled, period| Rotation::Automatic { enabled, period };
    let none: [&str; 0] = [];
    assert_eq!(codes(rotation(true, None), json!({})), none);
    assert_eq!(codes(rotation(true, Some(365)), json!({})), none);
    assert_eq!(codes(rotation(true, Some(366)), json!({})), ["ROTATION_PERIOD_TOO_LONG"]);
    assert_eq!(codes(rotation(false, None), json!({})), ["ROTATION_DISABLED"]);
    // A period left from when rotation was on says nothing while it is off.
    assert_eq!(codes(rotation(false, Some(2560)), json!({})), ["ROTATION_DISABLED"]);
    let strict = json!({"maxRotationPeriodDays": "180"});
    assert_eq!(codes(rotation(true, None), strict.clone()), ["ROTATION_PERIOD_TOO_LONG"]);
    assert_eq!(codes(rotation(true, Some(180)), strict), none);
    assert_eq!(codes(rotation(true, Some(730)), json!({"maxRotationPeriodDays": 730})), none);
}

#[test]
fn imported_keys_are_judged_by_age() {
    let rotated = |time: &str| Rotation::Imported { newest: time.parse().unwrap() };
    let none: [&str; 0] = [];
    assert_eq!(codes(rotated("2025-11-02T00:00:00Z"), json!({})), none);
    assert_eq!(codes(rotated("2025-10-31T00:00:00Z"), json!({})), ["MANUAL_ROTATION_OVERDUE"]);
    let strict = json!({"maxManualRotationAgeDays": 30});
    assert_eq!(codes(rotated("2026-09-30T00:00:00Z"), strict), ["MANUAL_ROTATION_OVERDUE"]);
}

#[test]
fn metadata_and_item_tell_the_same() {
    let metadata = KeyMetadata::builder()
        .key_id("k")
        .key_manager("CUSTOMER".into())
        .key_state("Enabled".into())
        .key_spec("SYMMETRIC_DEFAULT".into())
        .origin("AWS_KMS".into())
        .creation_date(aws_sdk_kms::primitives::DateTime::from_millis(1_746_057_600_000))
        .build()
        .unwrap();
    let described = Key::from_metadata(&metadata).unwrap();
    assert_eq!(Some(described), Key::from_item(&key(json!({}))).unwrap());
    let bare = KeyMetadata::builder().key_id("k").build().unwrap();
    let error = Key::from_metadata(&bare).unwrap_err().to_string();
    assert_eq!(error, "the answer of kms:DescribeKey lacks KeyMetadata.KeyManager");
}
