use super::*;
use aws_sdk_kms::types::KeyMetadata;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const APPROVED: &str = "fisc:key-deletion-approved";

/// A key as Config records it, with changes; null takes a field away.
fn item(changes: Value, tags: Value, supplementary: Value) -> ConfigurationItem {
    let mut configuration = json!({
        "keyId": ID, "arn": format!("arn:aws:kms:ap-northeast-1:111122223333:key/{ID}"),
        "creationDate": 1_746_057_600_000_u64, "enabled": true, "description": "",
        "keyUsage": "ENCRYPT_DECRYPT", "keyState": "Enabled", "origin": "AWS_KMS",
        "keyManager": "CUSTOMER", "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "keySpec": "SYMMETRIC_DEFAULT", "multiRegion": false, "awsaccountId": "111122223333",
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            configuration.as_object_mut().unwrap().remove(name);
        } else {
            configuration[name] = value.clone();
        }
    }
    let item = json!({
        "configurationItemCaptureTime": "2026-10-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::KMS::Key", "resourceId": ID, "tags": tags,
        "configuration": configuration, "supplementaryConfiguration": supplementary,
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn key(changes: Value) -> ConfigurationItem {
    item(changes, json!({}), json!({"Tags": []}))
}

fn with_run<T>(parameters: Value, offline: bool, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        home: true,
        deadline: None,
        offline,
    })
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

/// What the item alone decides; `None` when something must be asked.
fn previewed(
    item: &ConfigurationItem,
    parameters: Value,
    offline: bool,
) -> Option<Vec<&'static str>> {
    with_run(parameters, offline, |run| runner::preview(&CONTROL, item, run))
        .unwrap()
        .as_ref()
        .map(codes)
}

fn judged(changes: Value) -> Option<Vec<&'static str>> {
    previewed(&key(changes), json!({}), false)
}

/// The verdict with everything known.
fn decided(changes: Value, approved: bool, users: &[&str]) -> Verdict {
    let key = Key::from_item(&key(changes)).unwrap().unwrap();
    let users: Vec<String> = users.iter().map(|user| (*user).to_owned()).collect();
    with_run(json!({}), false, |run| verdict(&key, approved, &users, run))
}

const NONE: Option<Vec<&str>> = Some(Vec::new());

#[test]
fn a_usable_approved_key_passes_by_its_item() {
    assert_eq!(judged(json!({})), NONE);
    for (spec, origin) in [
        ("RSA_3072", "AWS_KMS"),
        ("HMAC_256", "AWS_KMS"),
        ("ML_DSA_65", "AWS_KMS"),
        ("SYMMETRIC_DEFAULT", "AWS_CLOUDHSM"),
        ("SYMMETRIC_DEFAULT", "EXTERNAL_KEY_STORE"),
    ] {
        assert_eq!(judged(json!({"keySpec": spec, "origin": origin})), NONE, "{spec} {origin}");
    }
}

#[test]
fn keys_of_aws_and_keys_in_transition_are_not_judged() {
    assert_eq!(judged(json!({"keyManager": "AWS"})), Some(vec!["AWS_MANAGED_KEY"]));
    for state in ["Creating", "Updating"] {
        assert_eq!(judged(json!({ "keyState": state })), Some(vec!["KEY_IN_TRANSITION"]));
    }
}

#[test]
fn specs_and_origins_must_be_approved() {
    for spec in ["RSA_2048", "ECC_SECG_P256K1", "SM2"] {
        assert_eq!(judged(json!({ "keySpec": spec })), Some(vec!["KEY_SPEC_NOT_APPROVED"]));
    }
    // The old name of the spec.
    let old = json!({"keySpec": null, "customerMasterKeySpec": "RSA_2048"});
    assert_eq!(judged(old), Some(vec!["KEY_SPEC_NOT_APPROVED"]));
    let own = json!({"allowedOrigins": "EXTERNAL", "allowedKeySpecs": ["RSA_2048"]});
    assert_eq!(
        previewed(&key(json!({})), own.clone(), false),
        Some(vec!["KEY_SPEC_NOT_APPROVED", "KEY_ORIGIN_NOT_APPROVED"])
    );
    let fits = key(json!({
        "keySpec": "RSA_2048", "origin": "EXTERNAL",
        "expirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }));
    assert_eq!(previewed(&fits, own, false), NONE);
}

#[test]
fn imported_material_must_not_expire_soon() {
    let imported = |model: &str, valid: Value| json!({"origin": "EXTERNAL", "expirationModel": model, "validTo": valid});
    let failed = Some(vec!["IMPORTED_MATERIAL_EXPIRING"]);
    for (valid, codes) in [
        // 2026-12-01T00:00:00Z is 30 days from now.
        (json!("2026-12-01T00:00:00Z"), failed.clone()),
        (json!("2026-12-01T00:00:01Z"), NONE),
        (json!(1_796_083_200_000_u64), failed.clone()),
        // Expired, and not recorded since.
        (json!("2026-10-01T00:00:00Z"), failed.clone()),
    ] {
        assert_eq!(judged(imported("KEY_MATERIAL_EXPIRES", valid.clone())), codes, "{valid}");
    }
    let soon = imported("KEY_MATERIAL_EXPIRES", json!("2026-11-30T00:00:00Z"));
    let parameters = json!({"daysToExpiration": "7"});
    assert_eq!(previewed(&key(soon.clone()), parameters, false), NONE);
    let expired = imported("KEY_MATERIAL_EXPIRES", json!("2026-10-01T00:00:00Z"));
    let message = |changes| decided(changes, false, &[]).reasons()[0].message.en.clone();
    assert_eq!(message(soon), "The key material expires on 2026-11-30");
    assert_eq!(message(expired), "The key material expired on 2026-10-01");
    // A time that is left from earlier material counts for nothing.
    let lasting = imported("KEY_MATERIAL_DOES_NOT_EXPIRE", json!("2026-11-02T00:00:00Z"));
    assert_eq!(judged(lasting), NONE);
    // What the item does not tell, KMS does.
    assert_eq!(judged(imported("KEY_MATERIAL_EXPIRES", Value::Null)), None);
    assert_eq!(judged(json!({"origin": "EXTERNAL"})), None);
}

#[test]
fn items_that_do_not_tell_are_completed_by_kms() {
    for changes in [
        json!({"keyManager": null}),
        json!({"keyState": null}),
        json!({"keySpec": null, "customerMasterKeySpec": null}),
        json!({"origin": null}),
    ] {
        assert_eq!(judged(changes), None);
    }
    let strange = key(json!({"keyState": "Molten"}));
    let error = with_run(json!({}), false, |run| preview(&strange, run)).unwrap_err().to_string();
    assert!(error.contains("unknown state \"Molten\""), "{error}");
}

#[test]
fn keys_that_cannot_be_used_are_looked_into() {
    let user = ["AWS::EC2::Volume vol-1"];
    for state in ["Disabled", "Unavailable", "PendingDeletion", "PendingReplicaDeletion"] {
        let changes = json!({ "keyState": state });
        assert_eq!(judged(changes.clone()), None, "{state}");
        let verdict = decided(changes.clone(), true, &user);
        assert_eq!(codes(&verdict), ["UNUSABLE_WHILE_IN_USE"], "{state}");
        let pending = state.starts_with("Pending");
        let note: &[&str] = if pending { &["DELETION_APPROVED"] } else { &[] };
        assert_eq!(codes(&decided(changes.clone(), true, &[])), note);
        assert!(matches!(decided(changes.clone(), true, &[]), Verdict::Compliant(_)));
        let unapproved: &[&str] = if pending { &["PENDING_DELETION_UNAPPROVED"] } else { &[] };
        assert_eq!(codes(&decided(changes, false, &[])), unapproved);
    }
    let users = ["a 1", "b 2", "c 3", "d 4"];
    let verdict = decided(json!({"keyState": "Disabled"}), false, &users);
    let message = &verdict.reasons()[0].message.en;
    assert_eq!(message, "The key is Disabled, and resources name it: a 1, b 2, c 3 and 1 more");
    // A key that can be used may have users.
    assert_eq!(codes(&decided(json!({}), false, &users)), [""; 0]);
    let deletion = json!({"keyState": "PendingDeletion", "deletionDate": 1_796_428_800_000_u64});
    let verdict = decided(deletion, false, &[]);
    assert!(verdict.reasons()[0].message.ja.contains("2026-12-05"), "{verdict:?}");
}

#[test]
fn a_key_without_material_fails() {
    let waiting = json!({"origin": "EXTERNAL", "keyState": "PendingImport"});
    assert_eq!(codes(&decided(waiting.clone(), false, &[])), ["IMPORTED_MATERIAL_MISSING"]);
    assert_eq!(
        codes(&decided(waiting, false, &["AWS::S3::Bucket b"])),
        ["UNUSABLE_WHILE_IN_USE", "IMPORTED_MATERIAL_MISSING"]
    );
}

#[test]
fn an_approved_disposal_does_not_fail_for_what_it_disposes_of() {
    let old = json!({
        "keyState": "PendingDeletion", "keySpec": "RSA_2048", "origin": "EXTERNAL",
        "expirationModel": "KEY_MATERIAL_EXPIRES", "validTo": "2026-11-02T00:00:00Z",
    });
    assert_eq!(codes(&decided(old.clone(), true, &[])), ["DELETION_APPROVED"]);
    assert_eq!(
        codes(&decided(old, false, &[])),
        ["PENDING_DELETION_UNAPPROVED", "IMPORTED_MATERIAL_EXPIRING", "KEY_SPEC_NOT_APPROVED"]
    );
}

#[test]
fn the_approval_is_a_tag_of_any_value() {
    let told = |tags: Value, supplementary: Value, parameters: Value| {
        let item = item(json!({}), tags, supplementary);
        with_run(parameters, true, |run| approval(&item, run)).unwrap()
    };
    let none = json!({});
    assert_eq!(told(json!({APPROVED: "2026-10"}), none.clone(), json!({})), Some(true));
    assert_eq!(told(json!({APPROVED: ""}), none.clone(), json!({})), Some(true));
    assert_eq!(told(json!({"部署": APPROVED}), none.clone(), json!({})), Some(false));
    assert_eq!(told(json!({}), json!({"Tags": []}), json!({})), Some(false));
    let own = json!({"deletionApprovalTagKey": "廃棄承認"});
    assert_eq!(told(json!({"廃棄承認": "R-1"}), none.clone(), own.clone()), Some(true));
    assert_eq!(told(json!({APPROVED: "yes"}), none.clone(), own), Some(false));
    // Nothing of tags at all, as in a batch.
    assert_eq!(told(json!({}), none, json!({})), None);
    assert_eq!(told(json!({}), Value::Null, json!({})), None);
}

#[test]
fn without_anybody_to_ask_failures_count_and_passes_do_not() {
    let offline = |changes: Value, tags: Value| {
        previewed(&item(changes, tags, json!({"Tags": []})), json!({}), true)
    };
    let pending = json!({"keyState": "PendingDeletion"});
    let failed = Some(vec!["PENDING_DELETION_UNAPPROVED"]);
    assert_eq!(offline(pending.clone(), json!({})), failed);
    assert_eq!(offline(pending.clone(), json!({APPROVED: "R-1"})), None);
    assert_eq!(offline(json!({"keyState": "Disabled"}), json!({})), None);
    let waiting = json!({"origin": "EXTERNAL", "keyState": "PendingImport"});
    assert_eq!(offline(waiting, json!({})), Some(vec!["IMPORTED_MATERIAL_MISSING"]));
    // A batch tells nothing of tags.
    let item = item(pending, json!({}), json!({}));
    assert_eq!(previewed(&item, json!({}), true), None);
}

#[test]
fn metadata_and_item_tell_the_same() {
    let metadata = KeyMetadata::builder()
        .key_id(ID)
        .key_manager("CUSTOMER".into())
        .key_state("Enabled".into())
        .key_spec("SYMMETRIC_DEFAULT".into())
        .origin("EXTERNAL".into())
        .expiration_model("KEY_MATERIAL_EXPIRES".into())
        .valid_to(aws_sdk_kms::primitives::DateTime::from_millis(1_796_083_200_000));
    let described = Key::from_metadata(&metadata.clone().build().unwrap()).unwrap();
    let recorded = key(json!({
        "origin": "EXTERNAL", "expirationModel": "KEY_MATERIAL_EXPIRES",
        "validTo": 1_796_083_200_000_u64,
    }));
    assert_eq!(Some(described), Key::from_item(&recorded).unwrap());
    for (metadata, field) in [
        (metadata.clone().set_valid_to(None), "ValidTo"),
        (metadata.clone().set_expiration_model(None).set_valid_to(None), "ExpirationModel"),
        (metadata.clone().key_state("Molten".into()), "KeyState"),
        (KeyMetadata::builder().key_id(ID), "KeyState"),
    ] {
        let error = Key::from_metadata(&metadata.build().unwrap()).unwrap_err().to_string();
        assert_eq!(error, format!("the answer of kms:DescribeKey lacks KeyMetadata.{field}"));
    }
}
