//! Verdicts on versioning, sharing and locks.

use fisc_shared::Parameters;
use serde_json::{Value, json};

use super::*;
use crate::buckets_sample::{ACCOUNT, OWNER, acl, bucket, bucket_with, policy};

fn judge(item: &ConfigurationItem, parameters: &Value) -> Result<Verdict, Error> {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: true,
    };
    evaluate(item, &run)
}

fn codes_with(item: &ConfigurationItem, parameters: &Value) -> Vec<&'static str> {
    judge(item, parameters).unwrap().reasons().iter().map(|one| one.code).collect()
}

fn codes(members: &Value) -> Vec<&'static str> {
    codes_with(&bucket(members), &json!({}))
}

const NONE: [&str; 0] = [];

#[test]
fn versioning_must_be_enabled() {
    assert_eq!(codes(&json!({})), NONE);
    for part in [
        json!({"status": "Suspended"}),
        json!({"status": "Off"}),
        json!({"status": null}),
        json!({}),
        Value::Null,
    ] {
        let members = json!({ "BucketVersioningConfiguration": part });
        assert_eq!(codes(&members), ["VERSIONING_DISABLED"], "{members}");
    }
}

#[test]
fn some_buckets_need_no_versions() {
    let off = json!({"BucketVersioningConfiguration": {"status": "Off"}});
    let tagged = bucket_with(&off, &json!({"fisc:reproducible": "true"}));
    assert_eq!(codes_with(&tagged, &json!({})), ["VERSIONING_NOT_NEEDED"]);
    assert_eq!(judge(&tagged, &json!({})).unwrap().compliance().as_str(), "COMPLIANT");
    let named = json!({"versioningExemptBuckets": "other,reports"});
    assert_eq!(codes_with(&bucket(&off), &named), ["VERSIONING_NOT_NEEDED"]);
    let near = json!({"versioningExemptBuckets": "report"});
    assert_eq!(codes_with(&bucket(&off), &near), ["VERSIONING_DISABLED"]);
    // One exempt part exempts nothing else.
    let mut shared = off;
    shared["BucketPolicy"] =
        policy(&json!([allow(&json!({"AWS": "444455556666"}), "s3:GetObject")]));
    let tagged = bucket_with(&shared, &json!({"fisc:reproducible": "true"}));
    assert_eq!(codes_with(&tagged, &json!({})), ["UNTRUSTED_PRINCIPAL"]);
}

fn allow(principal: &Value, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "arn:aws:s3:::reports/*"})
}

fn allow_if(principal: &Value, action: &str, condition: &Value) -> Value {
    let mut statement = allow(principal, action);
    statement["Condition"] = condition.clone();
    statement
}

fn shared(statements: &Value, parameters: &Value) -> Vec<&'static str> {
    codes_with(&bucket(&json!({"BucketPolicy": policy(statements)})), parameters)
}

#[test]
fn who_is_not_trusted_is_found() {
    let untrusted = ["UNTRUSTED_PRINCIPAL"];
    for statement in [
        allow(&json!({"AWS": "arn:aws:iam::444455556666:role/batch"}), "s3:GetObject"),
        allow(&json!("*"), "s3:GetObject"),
        allow(&json!({"AWS": "AIDAEXAMPLEEXAMPLE"}), "s3:GetObject"),
        allow(
            &json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}),
            "s3:GetObject",
        ),
        allow(&json!({"Service": "logging.s3.amazonaws.com"}), "s3:PutObject"),
        allow_if(
            &json!("*"),
            "s3:GetObject",
            &json!({"StringEquals": {"aws:PrincipalOrgID": "o-theirs"}}),
        ),
        allow_if(
            &json!({"Service": "cloudtrail.amazonaws.com"}),
            "s3:PutObject",
            &json!({"StringEquals": {"aws:SourceAccount": "444455556666"}}),
        ),
    ] {
        assert_eq!(shared(&json!([statement]), &json!({})), untrusted, "{statement}");
    }
    for statement in [
        allow(&json!({"AWS": "arn:aws:iam::111122223333:role/app"}), "s3:*"),
        // Load balancers of Tokyo.
        allow(&json!({"AWS": "arn:aws:iam::582318560864:root"}), "s3:PutObject"),
        allow_if(
            &json!({"Service": "cloudtrail.amazonaws.com"}),
            "s3:PutObject",
            &json!({"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/t"}}),
        ),
        allow_if(
            &json!({"Service": "cloudfront.amazonaws.com"}),
            "s3:GetObject",
            &json!({"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"}}),
        ),
        json!({"Effect": "Deny", "Principal": {"AWS": "444455556666"}, "Action": "s3:*", "Resource": "*"}),
    ] {
        assert_eq!(shared(&json!([statement]), &json!({})), NONE, "{statement}");
    }
    let partner = json!([allow(&json!({"AWS": "444455556666"}), "s3:GetObject")]);
    assert_eq!(shared(&partner, &json!({"trustedAccountIds": "444455556666"})), NONE);
    let member = json!([allow_if(
        &json!({"AWS": "444455556666"}),
        "s3:GetObject",
        &json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}})
    )]);
    assert_eq!(shared(&member, &json!({"orgId": "o-ours"})), NONE);
    assert_eq!(shared(&member, &json!({})), untrusted);
}

#[test]
fn control_of_the_bucket_stays_in_the_account() {
    let trusted = json!({"trustedAccountIds": "444455556666"});
    let to = |principal: Value, action: &str| shared(&json!([allow(&principal, action)]), &trusted);
    let partner = || json!({"AWS": "444455556666"});
    for action in ["s3:PutBucketPolicy", "s3:Put*", "s3:*", "*", "S3:putobjectacl"] {
        assert_eq!(to(partner(), action), ["SENSITIVE_ACTION_TO_OTHERS"], "{action}");
    }
    assert_eq!(to(partner(), "s3:PutObject"), NONE);
    assert_eq!(to(json!({"AWS": ACCOUNT}), "s3:*"), NONE);
    assert_eq!(
        to(json!("*"), "s3:PutBucketAcl"),
        ["UNTRUSTED_PRINCIPAL", "SENSITIVE_ACTION_TO_OTHERS"]
    );
    let denied = json!([
        allow(&partner(), "s3:*"),
        {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
         "Action": ["s3:Put*Acl", "s3:*BucketPolicy", "s3:PutEncryptionConfiguration"], "Resource": "*"},
    ]);
    assert_eq!(shared(&denied, &trusted), NONE);
    let none = json!({"trustedAccountIds": "444455556666", "deniedActionsForOthers": []});
    assert_eq!(shared(&json!([allow(&partner(), "s3:*")]), &none), NONE);
}

#[test]
fn grants_to_others_than_the_owner() {
    let with = |grantees: &[Value]| codes(&json!({"AccessControlList": acl(grantees)}));
    let owner = json!({"id": OWNER, "displayName": null});
    assert_eq!(with(&[owner.clone(), json!("LogDelivery")]), NONE);
    assert_eq!(with(&[owner.clone(), json!({"id": "other"})]), ["UNTRUSTED_ACL_GRANT"]);
    assert_eq!(with(&[owner, json!("AllUsers")]), ["UNTRUSTED_ACL_GRANT"]);
}

#[test]
fn locks_are_judged_where_the_role_asks_for_them() {
    let with = |configuration: Value, parameters: &Value| {
        let members = json!({ "ObjectLockConfiguration": configuration });
        codes_with(&bucket_with(&members, &json!({"fisc:data-role": "log"})), parameters)
    };
    let locked = |mode: &str, days: Value, years: Value| {
        json!({"objectLockEnabled": "Enabled",
               "rule": {"defaultRetention": {"mode": mode, "days": days, "years": years}}})
    };
    let log = json!({"lockDataRoles": "log,backup"});
    assert_eq!(with(Value::Null, &json!({})), NONE);
    assert_eq!(with(Value::Null, &json!({"lockDataRoles": "backup"})), NONE);
    assert_eq!(with(Value::Null, &log), ["OBJECT_LOCK_MISSING"]);
    assert_eq!(with(json!({"objectLockEnabled": "Enabled"}), &log), ["OBJECT_LOCK_MISSING"]);
    assert_eq!(with(locked("GOVERNANCE", json!(1), Value::Null), &log), NONE);
    let strict = json!({"lockDataRoles": "log", "lockModes": "COMPLIANCE", "minLockDays": 730});
    assert_eq!(
        with(locked("GOVERNANCE", json!(3650), Value::Null), &strict),
        ["OBJECT_LOCK_MISSING"]
    );
    assert_eq!(
        with(locked("COMPLIANCE", json!(729), Value::Null), &strict),
        ["OBJECT_LOCK_TOO_SHORT"]
    );
    assert_eq!(with(locked("COMPLIANCE", Value::Null, json!(2)), &strict), NONE);
}

#[test]
fn mfa_delete_on_request() {
    let strict = json!({"requireMfaDelete": true});
    let with = |flag: Value| {
        let part = json!({"status": "Enabled", "isMfaDeleteEnabled": flag});
        codes_with(&bucket(&json!({ "BucketVersioningConfiguration": part })), &strict)
    };
    assert_eq!(with(json!(true)), NONE);
    assert_eq!(with(json!(false)), ["MFA_DELETE_DISABLED"]);
    assert_eq!(with(Value::Null), ["MFA_DELETE_DISABLED"]);
}

#[test]
fn an_item_that_does_not_tell_is_an_error() {
    for member in ["BucketPolicy", "AccessControlList"] {
        let error = judge(&bucket(&json!({ member: null })), &json!({})).unwrap_err().to_string();
        assert!(error.contains(&format!("{member} is missing")), "{error}");
    }
}
