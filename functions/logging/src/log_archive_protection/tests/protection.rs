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

mod service_control_policies {
    use super::*;
    use crate::log_archive_protection::guardrails::{Place, open};

    const ACTIONS: [&str; 2] = ["cloudtrail:StopLogging", "config:DeleteDeliveryChannel"];

    fn full_access() -> Value {
        json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
    }

    fn place(statements: &[Value]) -> Place {
        let documents: Vec<PolicyDocument> = statements
            .iter()
            .map(|one| PolicyDocument::from_value(&json!({ "Statement": one })).unwrap())
            .collect();
        Place::new(&documents)
    }

    fn left_open(places: &[&Place]) -> Vec<String> {
        open(&ACTIONS.map(str::to_owned), places).unwrap()
    }

    fn deny(changes: &Value) -> Value {
        let mut statement = json!({"Effect": "Deny", "Action": ACTIONS, "Resource": "*"});
        for (name, value) in changes.as_object().unwrap() {
            statement[name] = value.clone();
        }
        statement
    }

    #[test]
    fn what_one_place_denies_no_other_gives_back() {
        let full = place(&[full_access()]);
        assert_eq!(left_open(&[&full]), ACTIONS);
        let denying = place(&[full_access(), deny(&json!({}))]);
        assert_eq!(left_open(&[&denying]), NONE);
        assert_eq!(left_open(&[&full, &denying]), NONE);
        let one = place(&[full_access(), deny(&json!({"Action": "cloudtrail:*"}))]);
        assert_eq!(left_open(&[&full, &one]), ["config:DeleteDeliveryChannel"]);
        // What is not allowed is denied; where no policy is attached, nothing is.
        let only_s3 = place(&[json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})]);
        assert_eq!(left_open(&[&only_s3]), NONE);
        assert_eq!(left_open(&[&place(&[])]), ACTIONS);
    }

    #[test]
    fn named_exceptions_are_accepted_and_wide_ones_are_not() {
        let unless = |condition: Value| {
            left_open(&[&place(&[full_access(), deny(&json!({"Condition": condition}))])])
        };
        for condition in [
            json!({"ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/AWSControlTowerExecution"}}),
            json!({"StringNotEquals": {"aws:PrincipalAccount": ARCHIVE}}),
            json!({"StringNotEquals": {"aws:PrincipalTag/role": "log-admin"}}),
        ] {
            assert_eq!(unless(condition.clone()), NONE, "{condition}");
        }
        for condition in [
            json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
            json!({"ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/*"}}),
            json!({"ArnLike": {"aws:PrincipalARN": "arn:aws:iam::*:root"}}),
        ] {
            assert_eq!(unless(condition.clone()), ACTIONS, "{condition}");
        }
        // The trails of a landing zone.
        let some = deny(&json!({"Resource": "arn:aws:cloudtrail:*:*:trail/aws-controltower-*"}));
        assert_eq!(left_open(&[&place(&[full_access(), some])]), NONE);
    }
}
