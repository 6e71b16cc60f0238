use super::*;
use crate::log_archive_protection::protection::denies_removal;
use fisc_shared::policy::PolicyDocument;

const ADMIN: &str = "arn:aws:iam::111122223333:role/LogAdmin";

fn denies_to(statements: &Value, admins: &[&str]) -> bool {
    let policy = PolicyDocument::from_value(&json!({ "Statement": statements })).unwrap();
    let admins: Vec<String> = admins.iter().map(|&one| one.to_owned()).collect();
    denies_removal(&policy, "logs", ACCOUNT, &admins).unwrap()
}

fn denies(statements: &Value) -> bool {
    denies_to(statements, &[ADMIN])
}

/// A Deny of every removal, with these elements changed.
fn deny(changes: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Deny", "Principal": "*",
        "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutBucketPolicy",
                   "s3:PutLifecycleConfiguration"],
        "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            statement.as_object_mut().unwrap().remove(name);
        } else {
            statement[name] = value.clone();
        }
    }
    statement
}

fn unless(operator: &str, arns: &Value) -> Value {
    deny(&json!({"Condition": {operator: {"aws:PrincipalArn": arns}}}))
}

#[test]
fn a_deny_for_everybody_but_the_administrators_protects() {
    for statements in [
        json!([deny(&json!({}))]),
        json!([deny(&json!({"Principal": {"AWS": "*"}, "Action": "s3:*"}))]),
        json!([deny(&json!({"Action": ["s3:delete*", "s3:Put*"], "Resource": "*"}))]),
        json!([unless("ArnNotLike", &json!(ADMIN))]),
        json!([unless("ArnNotEquals", &json!([ADMIN]))]),
        json!([unless("StringNotLike", &json!(ADMIN))]),
        json!([unless("StringNotEquals", &json!(ADMIN))]),
        // AWS wants the account beside the principal that NotPrincipal leaves out.
        json!([deny(&json!({"Principal": null, "NotPrincipal":
            {"AWS": [ADMIN, "arn:aws:iam::111122223333:root"]}}))]),
        json!([deny(&json!({"Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}}}))]),
        // In several statements.
        json!([
            deny(&json!({"Action": "s3:DeleteObject*", "Resource": "arn:aws:s3:::logs/*"})),
            deny(&json!({"Action": ["s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"],
                         "Resource": "arn:aws:s3:::logs"}))
        ]),
    ] {
        assert!(denies(&statements), "{statements}");
    }
    let pattern = unless("ArnNotLike", &json!("arn:aws:iam::111122223333:role/Log*"));
    assert!(denies_to(&json!([pattern]), &["arn:aws:iam::111122223333:role/Log*"]));
}

#[test]
fn a_deny_with_a_hole_does_not() {
    for statements in [
        json!([]),
        json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]),
        // Some action is left out.
        json!([deny(&json!({"Action": ["s3:DeleteObject", "s3:PutBucketPolicy",
                                       "s3:PutLifecycleConfiguration"]}))]),
        json!([deny(&json!({"Action": ["s3:DeleteObject*", "s3:PutBucketPolicy"]}))]),
        json!([deny(&json!({"Action": ["s3:DeleteObject*", "s3:PutLifecycleConfiguration"]}))]),
        // The objects, the bucket, or some of the objects.
        json!([deny(&json!({"Resource": "arn:aws:s3:::logs"}))]),
        json!([deny(&json!({"Resource": "arn:aws:s3:::logs/*"}))]),
        json!([deny(&json!({"Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/AWSLogs/*"]}))]),
        json!([deny(&json!({"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]}))]),
        // Only some are denied, or only at times.
        json!([deny(&json!({"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}}))]),
        json!([deny(&json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}))]),
        json!([deny(
            &json!({"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}})
        )]),
        json!([deny(
            &json!({"Condition": {"StringNotEquals": {"aws:PrincipalTag/role": "admin"}}})
        )]),
        json!([deny(&json!({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-bank"}}}))]),
        json!([unless("ArnLike", &json!(ADMIN))]),
        // Whom it leaves out is no administrator of logs.
        json!([unless("ArnNotLike", &json!([ADMIN, "arn:aws:iam::111122223333:role/app"]))]),
        json!([unless("ArnNotLike", &json!("arn:aws:iam::111122223333:role/*"))]),
        json!([unless("ArnNotLike", &json!("arn:aws:iam::*:role/LogAdmin*"))]),
        json!([unless("StringNotLike", &json!("*"))]),
        json!([deny(&json!({"Principal": null, "NotPrincipal":
            {"AWS": ["arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:root"]}}))]),
        json!([deny(&json!({"Principal": null, "NotPrincipal":
            {"AWS": "arn:aws:iam::111122223333:root"}}))]),
    ] {
        assert!(!denies(&statements), "{statements}");
    }
    // Without administrators, nobody may be left out.
    assert!(denies_to(&json!([deny(&json!({}))]), &[]));
    assert!(!denies_to(&json!([unless("ArnNotLike", &json!(ADMIN))]), &[]));
}
