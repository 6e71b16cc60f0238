//! End-to-end: `kms-key-lifecycle`, from the Config event to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_encryption::kms_key_lifecycle::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Key};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-kms-key-lifecycle";
const APPROVED: &str = "fisc:key-deletion-approved";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_encryption"), aws, &env)
}

/// A key as Config records it, with changes.
fn item(id: &str, changes: Value) -> Value {
    let mut item = events::item(
        "AWS::KMS::Key",
        id,
        json!({
            "keyId": id, "keyManager": "CUSTOMER", "keyState": "Enabled", "origin": "AWS_KMS",
            "keySpec": "SYMMETRIC_DEFAULT", "creationDate": 1_746_057_600_000_u64,
            "multiRegion": false, "enabled": true,
        }),
    );
    for (name, value) in changes.as_object().unwrap() {
        item["configuration"][name] = value.clone();
    }
    item
}

fn volume(id: &str, key: &str) -> Value {
    events::item("AWS::EC2::Volume", id, json!({"encrypted": true, "kmsKeyId": key}))
}

/// Compliance and annotation that Config holds of a key, or of the account.
fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[test]
fn a_usable_key_is_judged_by_its_item() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::change(&rule, &item("good", json!({})), &Value::Null)).unwrap();
    assert_eq!(held(&aws, "good"), ("COMPLIANT".to_owned(), String::new()));
    let weak = item("weak", json!({"keySpec": "RSA_2048"}));
    lambda.invoke(events::change(&rule, &weak, &Value::Null)).unwrap();
    assert_eq!(held(&aws, "weak").1, "KEY_SPEC_NOT_APPROVED: キー仕様が RSA_2048 です");
    assert_eq!(aws.calls().len(), aws.count("PutEvaluations"));
}

#[test]
fn a_disabled_key_fails_while_something_names_it() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let arn = |id: &str| aws.kms().arn(id);
    let s3 = |key: &str| {
        let rules = json!([{"applyServerSideEncryptionByDefault":
            {"sseAlgorithm": "aws:kms", "kmsMasterKeyID": key}}]);
        let mut item = events::item("AWS::S3::Bucket", "some-bucket", json!({}));
        item["supplementaryConfiguration"] =
            json!({"ServerSideEncryptionConfiguration": {"rules": rules}});
        item
    };
    let queue = events::item("AWS::SQS::Queue", "queue", json!({"KmsMasterKeyId": "alias/core"}));
    let alias = json!({"AliasName": "alias/core", "TargetKeyId": "by-alias"});
    for other in [
        volume("vol-1", &arn("by-arn")),
        volume("vol-2", &arn("unrelated")),
        s3("by-id"),
        queue,
        events::item("AWS::KMS::Alias", "alias/core", alias),
    ] {
        aws.config().record(&other);
    }
    let mut lambda = start(&aws);
    let mut judge = |id: &str| {
        let disabled = item(id, json!({"keyState": "Disabled"}));
        lambda.invoke(events::change(&rule, &disabled, &Value::Null)).unwrap();
        held(&aws, id)
    };
    for (id, user) in [
        ("by-arn", "AWS::EC2::Volume vol-1"),
        ("by-id", "AWS::S3::Bucket some-bucket"),
        ("by-alias", "AWS::SQS::Queue queue"),
    ] {
        let (compliance, annotation) = judge(id);
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with("UNUSABLE_WHILE_IN_USE"), "{annotation}");
        assert!(annotation.contains(&format!("リソースが使用しています: {user}")), "{annotation}");
    }
    assert_eq!(judge("alone").0, "COMPLIANT");
}

#[test]
fn an_id_that_is_none_never_gets_into_a_query() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let evil = item("k' OR resourceType = 'AWS::IAM::User", json!({"keyState": "Disabled"}));
    let error = start(&aws).invoke(events::change(&rule, &evil, &Value::Null)).unwrap_err();
    assert!(error.message.contains("the id of the key"), "{}", error.message);
    assert_eq!(aws.calls().len(), 0);
}

#[test]
fn a_sweep_judges_recorded_keys_and_the_stores() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    for n in 0..120 {
        aws.config().record(&item(&format!("key-{n:03}"), json!({})));
    }
    let pending = json!({"keyState": "PendingDeletion", "deletionDate": 1_796_428_800_000_u64});
    let imported = |valid: &str| json!({"origin": "EXTERNAL", "expirationModel": "KEY_MATERIAL_EXPIRES", "validTo": valid});
    aws.config().record(&item("approved", pending.clone()));
    aws.config().record(&item("unapproved", pending.clone()));
    aws.config().record(&item("deleted", pending));
    aws.config().record(&item("expired", imported("2026-01-01T00:00:00Z")));
    aws.config().record(&item("lasting", imported("2999-01-01T00:00:00Z")));
    // An item that does not tell all is completed by KMS.
    aws.config().record(&item("bare", json!({"keyState": null})));
    aws.kms()
        .add_key(
            Key::symmetric("approved")
                .state("PendingDeletion")
                .tag("部署", "IT")
                .tag(APPROVED, "R-1"),
        )
        .add_key(Key::symmetric("unapproved").state("PendingDeletion"))
        .add_key(Key::symmetric("bare").expiring("2026-01-01T00:00:00Z"))
        .add_key_store("hsm", "CONNECTED")
        .add_key_store("starting", "CONNECTING")
        .page(1);
    let mut lambda = start(&aws);
    let answer = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!(
        answer,
        json!({"control": CONTROL.id, "compliant": 123, "nonCompliant": 3, "notApplicable": 1,
               "ruleGone": false})
    );
    assert!(held(&aws, "approved").1.starts_with("DELETION_APPROVED"));
    assert!(held(&aws, "unapproved").1.starts_with("PENDING_DELETION_UNAPPROVED"));
    assert!(held(&aws, "deleted").1.starts_with("RESOURCE_GONE"));
    for id in ["expired", "bare"] {
        assert!(held(&aws, id).1.starts_with("IMPORTED_MATERIAL_EXPIRING"), "{id}");
    }
    assert_eq!(held(&aws, "lasting").0, "COMPLIANT");
    assert_eq!(held(&aws, ACCOUNT).0, "COMPLIANT");
    assert_all_needed_of(&aws, &rule, &mut lambda);
}

/// A change whose item came as a summary only, for the last of the role's actions.
fn assert_all_needed_of(aws: &FakeAws, rule: &fisc_testkit::aws::Rule, lambda: &mut Lambda) {
    let large = item("key-000", json!({}));
    lambda.invoke(events::oversized(rule, &large, &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn key_stores_must_be_connected() {
    for (stores, compliance, annotation) in [
        (vec![], "NOT_APPLICABLE", "NO_KEY_STORE"),
        (vec![("hsm", "CONNECTED")], "COMPLIANT", ""),
        (
            vec![("hsm", "CONNECTED"), ("xks", "DISCONNECTED"), ("old", "FAILED")],
            "NON_COMPLIANT",
            "KEY_STORE_DISCONNECTED: 接続されていないカスタムキーストア: xks (DISCONNECTED)、old (FAILED)",
        ),
        (vec![("hsm", "DISCONNECTING")], "NON_COMPLIANT", "KEY_STORE_DISCONNECTED"),
    ] {
        let aws = aws_for(&CONTROL);
        aws.kms().page(2);
        for (name, state) in stores {
            aws.kms().add_key_store(name, state);
        }
        let rule = aws.config().rule(RULE);
        start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
        let (found, text) = held(&aws, ACCOUNT);
        assert_eq!(found, compliance, "{text}");
        assert!(text.starts_with(annotation), "{text}");
    }
}

#[test]
fn one_denied_call_fails_the_whole_sweep() {
    for (service, operation) in [
        ("config", "ListDiscoveredResources"),
        ("config", "BatchGetResourceConfig"),
        ("config", "SelectResourceConfig"),
        ("kms", "ListResourceTags"),
        ("kms", "DescribeKey"),
        ("kms", "DescribeCustomKeyStores"),
    ] {
        let aws = aws_for(&CONTROL);
        aws.config().record(&item("good", json!({})));
        aws.config().record(&item("bare", json!({"keyState": null})));
        aws.config().record(&item("pending", json!({"keyState": "PendingDeletion"})));
        aws.kms().add_key(Key::symmetric("bare"));
        aws.kms().add_key(Key::symmetric("pending").state("PendingDeletion"));
        let rule = aws.config().rule(RULE);
        aws.fault(service, operation, Fault::Denied.times(1));
        let error = start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied");
        assert!(
            error.message.contains(&format!("{service}:{operation} failed")),
            "{}",
            error.message
        );
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
