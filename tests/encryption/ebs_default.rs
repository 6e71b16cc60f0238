//! End-to-end: `ebs-default-encryption`, from the schedule to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_encryption::ebs_default_encryption::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Key};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-ebs-default-encryption";
const OTHER: &str =
    "arn:aws:kms:ap-northeast-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_encryption"), aws, &env)
}

/// A Region with this setting and default key, and three keys: `own`, `off` and `default`.
fn region(on: bool, key: &str) -> FakeAws {
    let aws = aws_for(&CONTROL);
    aws.stub("ec2")
        .returns("GetEbsEncryptionByDefault", json!({"EbsEncryptionByDefault": on}))
        .returns("GetEbsDefaultKmsKeyId", json!({"KmsKeyId": key}));
    aws.kms()
        .add_key(Key::symmetric("own"))
        .add_key(Key::symmetric("off").state("Disabled"))
        .add_key(Key::symmetric("default").aws_managed())
        .add_alias("alias/ebs", "own");
    aws
}

fn judged(aws: &FakeAws, parameters: &Value) -> (String, String) {
    let rule = aws.config().rule(RULE);
    start(aws).invoke(events::scheduled(&rule, parameters)).unwrap();
    let result = aws.config().result(RULE, ACCOUNT).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[test]
fn encryption_by_default_must_be_on() {
    let passed = ("COMPLIANT".to_owned(), String::new());
    let aws = region(true, "alias/aws/ebs");
    assert_eq!(judged(&aws, &Value::Null), passed);
    // No key is looked at where none is demanded.
    assert_eq!((aws.count("GetEbsDefaultKmsKeyId"), aws.count("DescribeKey")), (0, 0));
    let (compliance, annotation) = judged(&region(false, "alias/aws/ebs"), &Value::Null);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("DEFAULT_ENCRYPTION_DISABLED"), "{annotation}");
}

#[test]
fn the_default_key_must_be_an_approved_one() {
    let strict = json!({"requireCustomerManagedKey": true});
    let own = "arn:aws:kms:ap-northeast-1:111122223333:key/own";
    let only = |arn: &str| json!({ "allowedKmsKeyArns": arn });
    for (key, parameters, called) in [
        // By id, ARN and alias.
        ("own", &strict, 1),
        (own, &strict, 1),
        ("alias/ebs", &strict, 1),
        ("alias/ebs", &only(own), 1),
        (own, &only(own), 1),
        (OTHER, &strict, 0),
        (OTHER, &only(OTHER), 0),
    ] {
        let aws = region(true, key);
        let (compliance, annotation) = judged(&aws, parameters);
        assert_eq!(compliance, "COMPLIANT", "{key} {annotation}");
        assert_eq!(annotation.starts_with("OTHER_ACCOUNT_KEY"), key == OTHER);
        assert_eq!(aws.count("DescribeKey"), called, "{key}");
    }
    for (key, parameters) in [
        ("alias/aws/ebs", &strict),
        ("default", &strict),
        ("off", &strict),
        ("gone", &strict),
        ("own", &only(OTHER)),
        (own, &only(OTHER)),
        (OTHER, &only(own)),
    ] {
        let (compliance, annotation) = judged(&region(true, key), parameters);
        assert_eq!(compliance, "NON_COMPLIANT", "{key}");
        assert!(annotation.starts_with("DEFAULT_KEY_NOT_APPROVED"), "{annotation}");
    }
    // Both are told.
    let (_, annotation) = judged(&region(false, "alias/aws/ebs"), &strict);
    assert!(annotation.contains("DEFAULT_ENCRYPTION_DISABLED"), "{annotation}");
    assert!(annotation.contains("DEFAULT_KEY_NOT_APPROVED"), "{annotation}");
}

#[test]
fn a_denied_call_is_no_verdict_and_every_action_is_needed() {
    let strict = json!({"requireCustomerManagedKey": true});
    for (service, operation) in [
        ("ec2", "GetEbsEncryptionByDefault"),
        ("ec2", "GetEbsDefaultKmsKeyId"),
        ("kms", "DescribeKey"),
    ] {
        let aws = region(true, "own");
        let rule = aws.config().rule(RULE);
        aws.fault(service, operation, Fault::Denied.times(1));
        let error = start(&aws).invoke(events::scheduled(&rule, &strict)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied");
        assert!(
            error.message.contains(&format!("{service}:{operation} failed")),
            "{}",
            error.message
        );
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
    let aws = region(true, "own");
    judged(&aws, &strict);
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}
