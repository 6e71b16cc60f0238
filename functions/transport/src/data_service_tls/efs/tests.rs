use super::*;
use crate::data_service_tls::tests::{item_of, parameters, read_item, run_with, told};
use fisc_shared::ResourceType;
use serde_json::{Value, json};

const FILE_SYSTEM: &str = "arn:aws:elasticfilesystem:ap-northeast-1:111122223333:file-system/fs-1";

/// The verdict on a file system with this policy.
pub(crate) fn judged(policy: &Value) -> Verdict {
    decide(&PolicyDocument::from_value(policy).unwrap(), FILE_SYSTEM).unwrap()
}

fn policy(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Id": "efs-policy-wizard", "Statement": statements})
}

fn reasons(statements: Value) -> Vec<String> {
    told(&judged(&policy(statements)))
}

/// The Allow that the console puts into every policy.
fn allow() -> Value {
    json!({
        "Sid": "efs-statement-allow", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": ["elasticfilesystem:ClientRootAccess", "elasticfilesystem:ClientWrite",
                   "elasticfilesystem:ClientMount"],
        "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
    })
}

fn deny() -> Value {
    json!({
        "Sid": "efs-statement-tls", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*",
        "Resource": FILE_SYSTEM, "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

/// What the console makes, with or without "enforce in-transit encryption".
pub(crate) fn console(encrypted: bool) -> Value {
    if encrypted { policy(json!([allow(), deny()])) } else { policy(json!([allow()])) }
}

fn with(mut statement: Value, key: &str, value: Value) -> Value {
    statement[key] = value;
    statement
}

const NONE: [&str; 0] = [];
const ALL: &str = "EFS_TLS_NOT_ENFORCED: The policy leaves to clients without TLS: ClientMount, \
                   ClientWrite, ClientRootAccess";
const NOTE: &str = "NO_PLAINTEXT_GRANT: No statement of the policy allows clients without TLS";

#[test]
fn a_deny_for_everybody_enforces_tls() {
    for statement in [
        deny(),
        with(deny(), "Principal", json!("*")),
        with(deny(), "Action", json!("elasticfilesystem:*")),
        with(deny(), "Action", json!("elasticfilesystem:Client*")),
        with(deny(), "Action", allow()["Action"].clone()),
        with(deny(), "Resource", json!("*")),
        // The resource may be left out: it is the file system.
        with(deny(), "Resource", Value::Null),
        with(deny(), "Condition", json!({"BoolIfExists": {"AWS:SecureTransport": false}})),
    ] {
        assert_eq!(reasons(json!([allow(), statement])), NONE, "{statement}");
        // Another Allow does not undo a Deny.
        let open = with(allow(), "Condition", Value::Null);
        assert_eq!(reasons(json!([open, statement])), NONE, "{statement}");
    }
}

#[test]
fn what_the_console_makes_without_the_option_enforces_nothing() {
    assert_eq!(told(&judged(&console(false))), [ALL]);
    assert_eq!(told(&judged(&console(true))), NONE);
}

#[test]
fn a_deny_with_a_hole_lets_plaintext_in() {
    for statement in [
        with(deny(), "Principal", json!({"AWS": "arn:aws:iam::111122223333:role/batch"})),
        with(deny(), "Condition", json!({"Bool": {"aws:SecureTransport": "true"}})),
        with(
            deny(),
            "Condition",
            json!({"Bool": {"aws:SecureTransport": "false"},
                   "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        ),
        with(deny(), "Action", json!("elasticfilesystem:DescribeFileSystems")),
        with(deny(), "Resource", json!(format!("{FILE_SYSTEM}0"))),
        with(deny(), "Effect", json!("Allow")),
    ] {
        assert_eq!(reasons(json!([allow(), statement])), [ALL], "{statement}");
    }
    let reading_only = with(deny(), "Action", json!("elasticfilesystem:ClientMount"));
    assert_eq!(
        reasons(json!([allow(), reading_only])),
        ["EFS_TLS_NOT_ENFORCED: The policy leaves to clients without TLS: ClientWrite, \
          ClientRootAccess"]
    );
}

#[test]
fn without_an_allow_for_anonymous_plaintext_nothing_need_be_denied() {
    let secure = json!({"Bool": {"aws:SecureTransport": "true"}});
    for statement in [
        // The example of AWS's white paper on encrypted file systems.
        with(allow(), "Condition", secure.clone()),
        // Somebody must sign, and IAM authorization needs TLS.
        with(allow(), "Principal", json!({"AWS": "arn:aws:iam::111122223333:role/batch"})),
        with(allow(), "Principal", json!({"AWS": "arn:aws:iam::111122223333:root"})),
        with(
            allow(),
            "Condition",
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-hibari12345"}}),
        ),
        with(allow(), "Action", json!("elasticfilesystem:DescribeMountTargets")),
    ] {
        let verdict = judged(&policy(json!([statement])));
        assert!(matches!(verdict, Verdict::Compliant(_)), "{statement}");
        assert_eq!(told(&verdict), [NOTE], "{statement}");
    }
    for statement in [
        with(allow(), "Condition", Value::Null),
        with(allow(), "Condition", json!({"Bool": {"aws:SecureTransport": ["true", "false"]}})),
        with(allow(), "Condition", json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}})),
        with(
            allow(),
            "Condition",
            json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-hibari12345"}}),
        ),
        with(allow(), "Action", json!("*")),
    ] {
        let signed = with(allow(), "Condition", secure.clone());
        assert_eq!(reasons(json!([signed, statement])), [ALL], "{statement}");
    }
    // Whom NotPrincipal leaves are the anonymous.
    let mut statement = allow();
    statement.as_object_mut().unwrap().remove("Principal");
    statement["NotPrincipal"] = json!({"AWS": "arn:aws:iam::111122223333:role/batch"});
    assert_eq!(reasons(json!([statement])), [ALL]);
    // What is allowed and what is denied may meet.
    let read = with(allow(), "Action", json!("elasticfilesystem:ClientMount"));
    let no_read = with(deny(), "Action", json!("elasticfilesystem:ClientMount"));
    assert_eq!(reasons(json!([read, no_read])), [NOTE]);
}

#[test]
fn a_recorded_policy_counts_only_offline() {
    let configuration = |policy: Value| {
        json!({"FileSystemId": "fs-1", "Arn": FILE_SYSTEM, "Encrypted": true,
               "FileSystemPolicy": policy})
    };
    let given = parameters(&json!({}));
    let told = |configuration: Value, offline| {
        let item = item_of(ResourceType::EFS_FILE_SYSTEM, "fs-1", FILE_SYSTEM, &configuration);
        preview(&read_item(&item), &run_with(&given, offline)).unwrap()
    };
    assert_eq!(told(configuration(console(true)), false), None);
    assert_eq!(told(configuration(console(true)), true), Some(Verdict::compliant()));
    let open = told(configuration(console(false)), true).unwrap();
    assert!(matches!(open, Verdict::NonCompliant(_)));
    // Whether there is none, or it was not recorded, is not known.
    assert_eq!(told(configuration(json!({})), true), None);
    assert_eq!(told(configuration(Value::Null), true), None);
}
