use fisc_shared::policy::PolicyDocument;
use fisc_shared::{ConfigurationItem, Parameters, Run, Verdict, runner};
use serde_json::{Value, json};

use super::vault::{Key, Lock, Vault, decide};
use super::*;

const VAULT: &str = "arn:aws:backup:ap-northeast-1:111122223333:backup-vault:core";
const BREAK_GLASS: &str = "arn:aws:iam::111122223333:role/break-glass";

fn with_run<T>(parameters: Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-20T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn deny() -> Value {
    json!({
        "Effect": "Deny", "Principal": "*", "Resource": "*",
        "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle",
                   "backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy"],
    })
}

fn changed(name: &str, value: Value) -> Value {
    let mut statement = deny();
    statement[name] = value;
    statement
}

fn vault(statements: &Value) -> Vault {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    Vault {
        arn: VAULT.to_owned(),
        policy: Some(PolicyDocument::from_value(&policy).unwrap()),
        lock: None,
        key: Key::Known { customer: true, state: "Enabled".to_owned() },
        critical: false,
        untold: Vec::new(),
    }
}

fn judged(vault: &Vault, parameters: Value) -> Vec<&'static str> {
    with_run(parameters, |run| codes(&decide(vault, run).unwrap()))
}

#[test]
fn deletion_by_hand_is_denied_to_everybody() {
    let not_like = |values: Value| json!({"ArnNotLike": {"aws:PrincipalArn": values}});
    let both = [
        changed("Action", json!(["backup:Delete*"])),
        changed("Action", json!(["backup:Update*", "backup:Put*"])),
    ];
    for (statements, exceptions, holes) in [
        (json!([deny()]), "", false),
        (json!(both), "", false),
        (json!([changed("Action", json!("backup:*"))]), "", false),
        (json!([changed("Principal", json!({"AWS": "*"}))]), "", false),
        // One of the four is left.
        (json!([both[0]]), "", true),
        (json!([changed("Action", json!("backup:DeleteRecoveryPoint"))]), "", true),
        (json!([changed("Principal", json!({"AWS": "arn:aws:iam::111122223333:root"}))]), "", true),
        // The recovery points of a vault have ARNs of many services.
        (json!([changed("Resource", json!(VAULT))]), "", true),
        // Exceptions count only when they are known.
        (json!([changed("Condition", not_like(json!(BREAK_GLASS)))]), "", true),
        (json!([changed("Condition", not_like(json!(BREAK_GLASS)))]), BREAK_GLASS, false),
        (
            json!([changed("Condition", not_like(json!([BREAK_GLASS, "arn:aws:iam::*:role/*"])))]),
            BREAK_GLASS,
            true,
        ),
        // A condition that names the exceptions as those who are denied.
        (
            json!([changed("Condition", json!({"ArnLike": {"aws:PrincipalArn": BREAK_GLASS}}))]),
            BREAK_GLASS,
            true,
        ),
        (
            json!([changed("Condition", json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}))]),
            "",
            true,
        ),
    ] {
        let expected: &[&str] = if holes { &["MANUAL_DELETION_ALLOWED"] } else { &[] };
        let parameters = json!({"deletionExceptionPrincipals": exceptions});
        assert_eq!(judged(&vault(&statements), parameters), expected, "{statements}");
    }
    let mut others = deny();
    others.as_object_mut().unwrap().remove("Principal");
    others["NotPrincipal"] = json!({"AWS": BREAK_GLASS});
    assert_eq!(judged(&vault(&json!([others])), json!({})), ["MANUAL_DELETION_ALLOWED"]);
    let parameters = json!({"deletionExceptionPrincipals": BREAK_GLASS});
    assert!(judged(&vault(&json!([others])), parameters).is_empty());
}

#[test]
fn a_vault_has_a_policy_and_no_strangers() {
    let none = Vault { policy: None, ..vault(&json!([])) };
    assert_eq!(judged(&none, json!({})), ["VAULT_POLICY_MISSING", "MANUAL_DELETION_ALLOWED"]);
    let allow = |condition: Value| {
        let mut statement = json!({"Effect": "Allow", "Principal": "*",
            "Action": "backup:CopyIntoBackupVault", "Resource": "*"});
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        judged(&vault(&json!([deny(), statement])), json!({}))
    };
    assert_eq!(allow(Value::Null), ["VAULT_POLICY_PUBLIC"]);
    assert!(allow(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})).is_empty());
    assert!(allow(json!({"StringEquals": {"aws:PrincipalAccount": "444455556666"}})).is_empty());
    assert_eq!(allow(json!({"StringLike": {"aws:PrincipalOrgID": "*"}})), ["VAULT_POLICY_PUBLIC"]);
}

#[test]
fn locks_protect_and_critical_vaults_have_one() {
    let lock = |min_days: Option<i64>, date: Option<&str>| {
        Some(Lock { min_days, date: date.map(|date| date.parse().unwrap()) })
    };
    let of = |lock: Option<Lock>, critical: bool, parameters: Value| {
        let allow_all = vault(&json!([]));
        judged(&Vault { lock, critical, ..allow_all }, parameters)
    };
    let governance = || lock(Some(7), None);
    let cooling = || lock(Some(7), Some("2026-11-23T00:00:00Z"));
    let settled = || lock(Some(7), Some("2026-11-01T00:00:00Z"));
    assert_eq!(of(None, false, json!({})), ["MANUAL_DELETION_ALLOWED"]);
    assert_eq!(of(governance(), false, json!({})), ["LOCK_REMOVABLE"]);
    assert_eq!(of(cooling(), false, json!({})), ["LOCK_REMOVABLE"]);
    assert!(of(settled(), false, json!({})).is_empty());
    let strict = json!({"acceptVaultLock": false});
    assert_eq!(of(settled(), false, strict), ["MANUAL_DELETION_ALLOWED"]);
    assert_eq!(of(None, true, json!({})), ["MANUAL_DELETION_ALLOWED", "VAULT_NOT_LOCKED"]);
    assert_eq!(of(governance(), true, json!({})), ["LOCK_REMOVABLE"]);
    assert_eq!(of(lock(None, None), true, json!({})), ["VAULT_NOT_LOCKED"]);
    assert_eq!(of(settled(), true, json!({"lockMinRetentionDays": 8})), ["VAULT_NOT_LOCKED"]);
    let compliance = || json!({"lockMode": "compliance"});
    assert_eq!(of(governance(), true, compliance()), ["VAULT_NOT_LOCKED"]);
    assert_eq!(of(cooling(), true, compliance()), ["VAULT_NOT_LOCKED"]);
    assert!(of(settled(), true, compliance()).is_empty());
}

#[test]
fn the_key_of_a_vault_is_the_customers_and_enabled() {
    let known = |customer, state: &str| Key::Known { customer, state: state.to_owned() };
    let of =
        |key: Key, parameters: Value| judged(&Vault { key, ..vault(&json!([deny()])) }, parameters);
    let allow = || json!({"allowAwsManagedKey": true});
    let fails = ["VAULT_KEY_NOT_CUSTOMER_MANAGED"];
    assert!(of(known(true, "Enabled"), json!({})).is_empty());
    assert!(of(Key::NotJudged, json!({})).is_empty());
    for key in [known(false, "Enabled"), Key::AwsOwned] {
        assert_eq!(of(key.clone(), json!({})), fails);
        assert!(of(key, allow()).is_empty());
    }
    for key in [known(true, "Disabled"), known(true, "PendingDeletion"), Key::Gone] {
        assert_eq!(of(key.clone(), json!({})), fails);
        assert_eq!(of(key, allow()), fails);
    }
}

#[test]
fn somebody_is_told_of_failed_jobs() {
    let untold = vec!["COPY_JOB_FAILED".to_owned()];
    let vault = Vault { untold, ..vault(&json!([deny()])) };
    assert_eq!(judged(&vault, json!({})), ["JOB_NOTIFICATION_MISSING"]);
}

fn item(kind: &str, configuration: Value, supplementary: Value, tags: Value) -> ConfigurationItem {
    let item = json!({
        "configurationItemCaptureTime": "2026-11-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": kind, "resourceId": "r", "tags": tags, "configuration": configuration,
        "supplementaryConfiguration": supplementary,
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn previewed(item: &ConfigurationItem, parameters: Value) -> Option<Vec<&'static str>> {
    with_run(parameters, |run| {
        runner::preview(&CONTROL, item, run).unwrap().map(|verdict| codes(&verdict))
    })
}

fn point(changes: Value) -> ConfigurationItem {
    let mut configuration = json!({
        "RecoveryPointArn": "arn:aws:backup:ap-northeast-1:111122223333:recovery-point:1",
        "Status": "COMPLETED", "IsEncrypted": true, "VaultType": "BACKUP_VAULT",
        "EncryptionKeyArn": "arn:aws:kms:ap-northeast-1:111122223333:key/1",
        "CreationDate": "2026-11-01T00:00:00Z", "Lifecycle": {"DeleteAfterDays": 35},
    });
    for (name, value) in changes.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    item("AWS::Backup::RecoveryPoint", configuration, json!({}), json!({}))
}

#[test]
fn recovery_points_are_encrypted_and_kept() {
    let continuous = "arn:aws:backup:ap-northeast-1:111122223333:recovery-point:continuous:1";
    let delete = |day: &str| json!({"Lifecycle": null, "CalculatedLifecycle": {"DeleteAt": day}});
    for (changes, expected) in [
        (json!({}), vec![]),
        (json!({"IsEncrypted": false}), vec!["RECOVERY_POINT_UNENCRYPTED"]),
        (json!({"Lifecycle": {"DeleteAfterDays": 34}}), vec!["RECOVERY_POINT_RETENTION_SHORT"]),
        (json!({"Lifecycle": null}), vec![]),
        (json!({"Lifecycle": {"DeleteAfterDays": -1}}), vec![]),
        (delete("2026-12-06T00:00:00Z"), vec![]),
        (delete("2026-12-05T20:00:00Z"), vec![]),
        (delete("2026-11-08T00:00:00Z"), vec!["RECOVERY_POINT_RETENTION_SHORT"]),
        (json!({"Status": "CREATING"}), vec!["RECOVERY_POINT_NOT_COMPLETED"]),
        (json!({"Status": "EXPIRED"}), vec!["RECOVERY_POINT_NOT_COMPLETED"]),
        // A continuous backup ends after 35 days at the latest, but must be encrypted.
        (
            json!({"Status": "AVAILABLE", "Lifecycle": {"DeleteAfterDays": 7}}),
            vec!["CONTINUOUS_BACKUP"],
        ),
        (
            json!({"RecoveryPointArn": continuous, "Lifecycle": {"DeleteAfterDays": 7}}),
            vec!["CONTINUOUS_BACKUP"],
        ),
        (json!({"Status": "STOPPED", "IsEncrypted": false}), vec!["RECOVERY_POINT_UNENCRYPTED"]),
    ] {
        assert_eq!(previewed(&point(changes.clone()), json!({})), Some(expected), "{changes}");
    }
    let short = point(json!({"Lifecycle": {"DeleteAfterDays": 34}}));
    assert_eq!(previewed(&short, json!({"requiredRetentionDays": 30})), Some(vec![]));
    for changes in [
        json!({"Status": null}),
        json!({"Status": "NEW"}),
        json!({"IsEncrypted": null}),
        json!({"Lifecycle": null, "CalculatedLifecycle": {"DeleteAt": "2026-12-01T00:00:00Z"}, "CreationDate": null}),
    ] {
        with_run(json!({}), |run| {
            assert!(runner::preview(&CONTROL, &point(changes.clone()), run).is_err(), "{changes}");
        });
    }
}

#[test]
fn recovery_points_may_need_a_customer_key() {
    let strict = || json!({"requireCmkOnRecoveryPoints": true});
    // KMS must be asked.
    assert_eq!(previewed(&point(json!({})), strict()), None);
    let unnamed = point(json!({"EncryptionKeyArn": null}));
    assert_eq!(previewed(&unnamed, strict()), Some(vec!["RECOVERY_POINT_UNENCRYPTED"]));
    let plain = point(json!({"IsEncrypted": false}));
    assert_eq!(previewed(&plain, strict()), Some(vec!["RECOVERY_POINT_UNENCRYPTED"]));
    let made = point(json!({"Status": "CREATING"}));
    assert_eq!(previewed(&made, strict()), Some(vec!["RECOVERY_POINT_NOT_COMPLETED"]));
}

fn bucket(rules: Value, replication: Value, role: &str) -> ConfigurationItem {
    let mut supplementary = json!({"BucketVersioningConfiguration": {"status": "Enabled"}});
    if !rules.is_null() {
        supplementary["BucketLifecycleConfiguration"] = json!({ "rules": rules });
    }
    if !replication.is_null() {
        supplementary["BucketReplicationConfiguration"] =
            json!({"roleARN": "arn:aws:iam::111122223333:role/r", "rules": replication});
    }
    item("AWS::S3::Bucket", json!({"name": "b"}), supplementary, json!({"fisc:data-role": role}))
}

fn rule(days: i64, class: &str) -> Value {
    json!({"id": "r", "status": "Enabled", "filter": {"predicate": null},
           "transitions": [{"days": days, "date": null, "storageClass": class}],
           "noncurrentVersionTransitions": null})
}

#[test]
fn backup_buckets_are_archived_in_time() {
    let fails = Some(vec!["BACKUP_BUCKET_NOT_ARCHIVED"]);
    let of = |rules: Value| previewed(&bucket(rules, Value::Null, "backup"), json!({}));
    assert_eq!(of(json!([rule(90, "GLACIER")])), Some(vec![]));
    assert_eq!(of(json!([rule(365, "DEEP_ARCHIVE")])), Some(vec![]));
    assert_eq!(of(Value::Null), fails);
    assert_eq!(of(json!([])), fails);
    assert_eq!(of(json!([rule(366, "GLACIER")])), fails);
    assert_eq!(of(json!([rule(30, "STANDARD_IA")])), fails);
    let mut disabled = rule(90, "GLACIER");
    disabled["status"] = json!("Disabled");
    assert_eq!(of(json!([disabled])), fails);
    let tag = json!({"type": "LifecycleTagPredicate", "tag": {"key": "a", "value": "b"}});
    let mut some = rule(90, "GLACIER");
    some["filter"] = json!({"predicate": {"type": "LifecycleAndOperator", "operands": [
        {"type": "LifecyclePrefixPredicate", "prefix": "a/"}, tag]}});
    assert_eq!(of(json!([some])), fails);
    let other = bucket(Value::Null, Value::Null, "log");
    assert_eq!(previewed(&other, json!({})), Some(vec!["NOT_A_BACKUP_BUCKET"]));
    assert_eq!(previewed(&other, json!({"backupBucketTag": "fisc:data-role=log"})), fails);
    with_run(json!({}), |run| {
        let mut unknown = rule(90, "GLACIER");
        unknown["status"] = json!("Paused");
        let item = bucket(json!([unknown]), Value::Null, "backup");
        assert!(runner::preview(&CONTROL, &item, run).is_err());
    });
}

#[test]
fn backups_keep_their_redundancy() {
    let frail = Some(vec!["BACKUP_BUCKET_SINGLE_AZ_CLASS"]);
    let of = |rules: Value, replication: Value| {
        previewed(&bucket(rules, replication, "backup"), json!({}))
    };
    let archive = || rule(90, "GLACIER");
    assert_eq!(of(json!([archive(), rule(30, "ONEZONE_IA")]), Value::Null), frail);
    let mut versions = archive();
    versions["noncurrentVersionTransitions"] = json!([{"days": 30, "storageClass": "ONEZONE_IA"}]);
    assert_eq!(of(json!([versions]), Value::Null), frail);
    let to = |class: Value, status: &str| {
        json!({"one": {"status": status, "destinationConfig":
            {"bucketARN": "arn:aws:s3:::copy", "storageClass": class}}})
    };
    assert_eq!(of(json!([archive()]), to(json!("REDUCED_REDUNDANCY"), "Enabled")), frail);
    assert_eq!(of(json!([archive()]), to(json!("ONEZONE_IA"), "Disabled")), Some(vec![]));
    assert_eq!(of(json!([archive()]), to(Value::Null, "Enabled")), Some(vec![]));
}
