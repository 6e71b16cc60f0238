//! End-to-end: `encryption-at-rest`, from the Config event to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_encryption::encryption_at_rest::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Key};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-encryption-at-rest";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_encryption"), aws, &env)
}

fn volume(id: &str, key: Option<&str>) -> Value {
    let configuration = json!({
        "volumeId": id, "size": 20, "state": "in-use", "volumeType": "gp3",
        "encrypted": key.is_some(), "kmsKeyId": key,
    });
    events::item("AWS::EC2::Volume", id, configuration)
}

fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[test]
fn the_item_decides_where_no_customer_key_is_demanded() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let arn = aws.kms().arn("1234abcd-12ab-34cd-56ef-1234567890ab");
    for item in [volume("vol-good", Some(&arn)), volume("vol-bad", None)] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    assert_eq!(held(&aws, "vol-good"), ("COMPLIANT".to_owned(), String::new()));
    let failed =
        ("NON_COMPLIANT".to_owned(), "NOT_ENCRYPTED: 保管時に暗号化されていません".to_owned());
    assert_eq!(held(&aws, "vol-bad"), failed);
    assert_eq!(aws.calls().len(), 2);
}

#[test]
fn a_demanded_key_is_described() {
    let aws = aws_for(&CONTROL);
    aws.kms()
        .add_key(Key::symmetric("own"))
        .add_key(Key::symmetric("default").aws_managed())
        .add_key(Key::symmetric("off").state("Disabled"))
        .add_alias("alias/core", "own");
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut judge = |id: &str, key: &str, parameters: Value| {
        let mut item = volume(id, Some(key));
        item["tags"] = json!({"fisc:data-class": "personal"});
        lambda.invoke(events::change(&rule, &item, &parameters)).unwrap();
        held(&aws, id)
    };
    let arn = |id: &str| aws.kms().arn(id);
    let passed = ("COMPLIANT".to_owned(), String::new());
    assert_eq!(judge("vol-1", &arn("own"), Value::Null), passed);
    assert_eq!(judge("vol-2", "alias/core", Value::Null), passed);
    // An alias stands for an allowed key.
    let only_own = json!({"allowedKmsKeyArns": arn("own")});
    assert_eq!(judge("vol-3", "alias/core", only_own.clone()), passed);
    for (id, key, parameters, text) in [
        ("vol-4", arn("default"), Value::Null, "AWS マネージドキー"),
        ("vol-5", arn("off"), Value::Null, "キーは有効な状態ではありません(Disabled)"),
        ("vol-6", arn("deleted"), Value::Null, "キーはすでに存在しません"),
        ("vol-7", arn("off"), only_own, "allowedKmsKeyArns"),
    ] {
        let (compliance, annotation) = judge(id, &key, parameters);
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with("CUSTOMER_KEY_REQUIRED"), "{annotation}");
        assert!(annotation.contains(text), "{annotation}");
    }
    assert_eq!(aws.count("DescribeKey"), 6);
    // What names the key decides: another account's may not even be described.
    let other = "arn:aws:kms:ap-northeast-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let (compliance, annotation) = judge("vol-8", other, Value::Null);
    assert_eq!(compliance, "COMPLIANT");
    assert!(annotation.starts_with("OTHER_ACCOUNT_KEY: アカウント 444455556666"), "{annotation}");
    assert_eq!(judge("vol-9", "alias/aws/ebs", Value::Null).0, "NON_COMPLIANT");
    assert_eq!(aws.count("DescribeKey"), 6);
}

#[test]
fn a_key_that_cannot_be_described_is_no_verdict() {
    let aws = aws_for(&CONTROL);
    aws.kms().add_key(Key::symmetric("own"));
    let rule = aws.config().rule(RULE);
    let strict = json!({"requireCustomerManagedKey": true});
    let mut lambda = start(&aws);
    aws.fault("kms", "DescribeKey", Fault::Denied.times(1));
    let item = volume("vol-1", Some(&aws.kms().arn("own")));
    let error = lambda.invoke(events::change(&rule, &item, &strict)).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied");
    assert!(error.message.contains("kms:DescribeKey failed"), "{}", error.message);
    // A key in another Region is not found here: that does not mean that it was deleted.
    let osaka = "arn:aws:kms:ap-northeast-3:111122223333:key/mrk-1";
    let error = lambda.invoke(events::change(&rule, &volume("vol-2", Some(osaka)), &strict));
    assert!(error.unwrap_err().message.contains("NotFoundException"));
    assert_eq!(aws.count("PutEvaluations"), 0);
}

fn snapshot(id: &str, encrypted: bool, state: &str) -> Value {
    json!({
        "SnapshotId": id, "VolumeId": "vol-ffffffff", "Encrypted": encrypted, "State": state,
        "StartTime": "2026-10-31T17:05:00Z", "OwnerId": ACCOUNT, "VolumeSize": 50,
    })
}

#[test]
fn snapshots_are_judged_on_the_account() {
    let many = (0..40).map(|n| snapshot(&format!("snap-{n:02}"), n % 10 != 7, "completed"));
    for (snapshots, compliance, annotation) in [
        (vec![], "NOT_APPLICABLE", "NO_SNAPSHOT"),
        // What failed to be made holds nothing.
        (vec![snapshot("snap-1", false, "error")], "NOT_APPLICABLE", "NO_SNAPSHOT"),
        (vec![snapshot("snap-1", true, "completed")], "COMPLIANT", ""),
        (vec![snapshot("snap-1", false, "pending")], "NON_COMPLIANT", "SNAPSHOT_NOT_ENCRYPTED"),
        (
            many.collect(),
            "NON_COMPLIANT",
            "SNAPSHOT_NOT_ENCRYPTED: 暗号化されていない EBS スナップショットが 4 個あります: \
             snap-07、snap-17、snap-27 ほか 1 件",
        ),
    ] {
        let aws = aws_for(&CONTROL);
        let pages = snapshots.len().div_ceil(25).max(1);
        aws.stub("ec2").returns("DescribeSnapshots", json!({"Snapshots": snapshots})).page_size(25);
        let rule = aws.config().rule(RULE);
        let mut lambda = start(&aws);
        lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
        let (found, text) = held(&aws, ACCOUNT);
        assert_eq!(found, compliance, "{text}");
        assert!(text.starts_with(annotation), "{text}");
        // Only the account's own, page by page.
        let calls = aws.calls_of("DescribeSnapshots");
        assert_eq!(calls.len(), pages);
        assert!(calls.iter().all(|call| call.body["OwnerIds"] == json!(["self"])), "{calls:?}");
    }
}

#[test]
fn a_sweep_leaves_the_results_of_changes() {
    let aws = aws_for(&CONTROL);
    aws.kms().add_key(Key::symmetric("own"));
    aws.stub("ec2").empty("DescribeSnapshots");
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let strict = json!({"requireCustomerManagedKey": true});
    let item = volume("vol-1", Some(&aws.kms().arn("own")));
    lambda.invoke(events::change(&rule, &item, &strict)).unwrap();
    lambda.invoke(events::scheduled(&rule, &strict)).unwrap();
    assert_eq!(held(&aws, "vol-1").0, "COMPLIANT");
    aws.config().record(&item);
    lambda.invoke(events::oversized(&rule, &item, &strict)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn snapshots_that_may_not_be_listed_are_no_verdict() {
    let aws = aws_for(&CONTROL);
    aws.stub("ec2").empty("DescribeSnapshots");
    let rule = aws.config().rule(RULE);
    aws.fault("ec2", "DescribeSnapshots", Fault::Denied.times(1));
    let error = start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied");
    assert!(error.message.contains("ec2:DescribeSnapshots failed"), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}
