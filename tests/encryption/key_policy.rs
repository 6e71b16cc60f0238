//! End-to-end: `kms-key-policy` in the real `encryption` binary.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_encryption::kms_key_policy::CONTROL;
use fisc_testkit::aws::{FakeAws, Fault};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-kms-key-policy";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_encryption"), aws, &env)
}

/// A key as Config records it; without its policy where that is null.
fn key(id: &str, policy: &Value) -> Value {
    let mut item = events::item(
        "AWS::KMS::Key",
        id,
        json!({"keyId": id, "keyManager": "CUSTOMER", "keyState": "Enabled", "origin": "AWS_KMS"}),
    );
    item["ARN"] = json!(format!("arn:aws:kms:ap-northeast-1:111122223333:key/{id}"));
    if !policy.is_null() {
        item["supplementaryConfiguration"] = json!({"Policy": policy.to_string()});
    }
    item
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(principal: &str, action: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"})
}

fn root() -> Value {
    allow("arn:aws:iam::111122223333:root", &json!("kms:*"))
}

/// One role for everything.
fn mixed() -> Value {
    let actions = json!(["kms:PutKeyPolicy", "kms:Decrypt"]);
    policy(&[root(), allow("arn:aws:iam::111122223333:role/App", &actions)])
}

fn partner() -> Value {
    policy(&[root(), allow("arn:aws:iam::999900001111:root", &json!("kms:Decrypt"))])
}

fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result for the key");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[track_caller]
fn assert_held(aws: &FakeAws, id: &str, compliance: &str, start: &str) {
    let (found, annotation) = held(aws, id);
    assert_eq!(found, compliance, "{id}: {annotation}");
    assert!(annotation.starts_with(start), "{id}: {annotation}");
}

fn answer(aws: &FakeAws, id: &str, policy: &Value) {
    aws.stub("kms").when(
        "GetKeyPolicy",
        json!({"KeyId": id}),
        json!({"Policy": policy.to_string(), "PolicyName": "default"}),
    );
}

#[test]
fn an_item_with_its_policy_needs_no_call() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let trusted = json!({"trustedAccountIds": "999900001111"});
    let everybody = policy(&[root(), allow("*", &json!("kms:Decrypt"))]);
    let full = policy(&[allow("arn:aws:iam::111122223333:role/Admin", &json!("kms:*"))]);
    let mut managed = key("managed", &Value::Null);
    managed["configuration"]["keyManager"] = json!("AWS");
    let mut ending = key("ending", &Value::Null);
    ending["configuration"]["keyState"] = json!("PendingDeletion");
    for (item, parameters, compliance, code) in [
        (key("good", &policy(&[root()])), &Value::Null, "COMPLIANT", ""),
        (key("open", &everybody), &Value::Null, "NON_COMPLIANT", "PUBLIC_PRINCIPAL"),
        (key("partner", &partner()), &Value::Null, "NON_COMPLIANT", "UNTRUSTED_ACCOUNT"),
        (key("trusted", &partner()), &trusted, "COMPLIANT", ""),
        (key("full", &full), &Value::Null, "NON_COMPLIANT", "FULL_ACCESS_GRANTED"),
        (key("mixed", &mixed()), &Value::Null, "NON_COMPLIANT", "ADMIN_AND_USER_NOT_SEPARATED"),
        (managed, &Value::Null, "NOT_APPLICABLE", "AWS_MANAGED_KEY"),
        (ending, &Value::Null, "NOT_APPLICABLE", "BEING_DELETED"),
    ] {
        lambda.invoke(events::change(&rule, &item, parameters)).unwrap();
        assert_held(&aws, item["resourceId"].as_str().unwrap(), compliance, code);
    }
    let called: Vec<String> = actions_of(&aws.calls()).into_iter().collect();
    assert_eq!(called, ["config:PutEvaluations"]);
}

#[test]
fn an_item_without_its_policy_is_completed_by_kms() {
    let aws = aws_for(&CONTROL);
    answer(&aws, "good", &policy(&[root()]));
    answer(&aws, "partner", &partner());
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for (id, compliance, code) in
        [("good", "COMPLIANT", ""), ("partner", "NON_COMPLIANT", "UNTRUSTED_ACCOUNT")]
    {
        lambda.invoke(events::change(&rule, &key(id, &Value::Null), &Value::Null)).unwrap();
        assert_held(&aws, id, compliance, code);
    }
    assert_eq!(aws.count("GetKeyPolicy"), 2);

    // An oversized item comes without its configuration; its history has it.
    let large = key("good", &Value::Null);
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn a_policy_that_nobody_may_read_is_no_verdict() {
    let aws = aws_for(&CONTROL);
    answer(&aws, "broken", &json!("no policy"));
    answer(&aws, "denied", &policy(&[root()]));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut fails = |id: &str| {
        let event = events::change(&rule, &key(id, &Value::Null), &Value::Null);
        lambda.invoke(event).unwrap_err()
    };
    assert_eq!(fails("broken").error_type, "UnreadablePolicy");
    aws.fault("kms", "GetKeyPolicy", Fault::Denied);
    let error = fails("denied");
    assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
    assert!(error.message.contains("kms:GetKeyPolicy failed"), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);

    // A schedule only looks at exemptions, of which there are none.
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!(aws.count("PutEvaluations"), 0);
}
