use super::*;
use fisc_shared::Parameters;
use serde_json::{Value, json};

fn judge(item: &Value, parameters: &Value) -> Result<Verdict, Error> {
    let item = ConfigurationItem::from_json(&item.to_string())?;
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters)?;
    let run = Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        home: true,
        deadline: None,
        offline: false,
    };
    evaluate(&item, &run)
}

/// The reasons, each with its compliance: `VERIFICATION_OFF: The verify mode is NONE`.
fn reasons(item: &Value, parameters: &Value) -> Vec<String> {
    let verdict = judge(item, parameters).unwrap();
    let reasons = verdict.reasons().iter();
    reasons.map(|reason| format!("{}: {}", reason.code, reason.message.en)).collect()
}

const NONE: [&str; 0] = [];

/// A task as Config records it.
fn task_item(options: Value) -> Value {
    let arn = "arn:aws:datasync:ap-northeast-1:111122223333:task/task-08de6e6697796f026";
    let location =
        |id: &str| format!("arn:aws:datasync:ap-northeast-1:111122223333:location/loc-{id}");
    json!({
        "configurationItemVersion": "1.3", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-10-01T00:00:00.000Z",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::DataSync::Task", "resourceId": arn, "resourceName": "zengin-files",
        "ARN": arn, "tags": {}, "supplementaryConfiguration": {},
        "configuration": {
            "TaskArn": arn, "Name": "zengin-files", "Status": "AVAILABLE",
            "SourceLocationArn": location("07db7abfc326c50fb"),
            "DestinationLocationArn": location("0a1b2c3d4e5f60718"),
            "CloudWatchLogGroupArn":
                "arn:aws:logs:ap-northeast-1:111122223333:log-group:/aws/datasync",
            "Options": options,
        },
    })
}

fn options(mode: &str) -> Value {
    json!({
        "VerifyMode": mode, "OverwriteMode": "ALWAYS", "Atime": "BEST_EFFORT",
        "Mtime": "PRESERVE", "Uid": "INT_VALUE", "Gid": "INT_VALUE",
        "PreserveDeletedFiles": "PRESERVE", "PreserveDevices": "NONE",
        "PosixPermissions": "PRESERVE", "BytesPerSecond": -1, "TaskQueueing": "ENABLED",
        "LogLevel": "TRANSFER", "TransferMode": "CHANGED",
    })
}

#[test]
fn a_task_verifies_unless_it_says_not_to() {
    let strict = json!({"allowedVerifyModes": "POINT_IN_TIME_CONSISTENT"});
    let off = ["VERIFICATION_OFF: The verify mode is NONE"];
    let other = ["VERIFICATION_OFF: The verify mode is ONLY_FILES_TRANSFERRED"];
    assert_eq!(reasons(&task_item(options("NONE")), &json!({})), off);
    for mode in ["POINT_IN_TIME_CONSISTENT", "ONLY_FILES_TRANSFERRED"] {
        assert_eq!(reasons(&task_item(options(mode)), &json!({})), NONE);
    }
    assert_eq!(reasons(&task_item(options("ONLY_FILES_TRANSFERRED")), &strict), other);
    assert_eq!(reasons(&task_item(options("POINT_IN_TIME_CONSISTENT")), &strict), NONE);

    // Without an option, the default of the task's mode counts.
    for absent in [json!({"LogLevel": "OFF"}), json!({"VerifyMode": null}), Value::Null] {
        assert_eq!(reasons(&task_item(absent.clone()), &json!({})), NONE);
        assert_eq!(reasons(&task_item(absent.clone()), &strict), NONE);
        let mut enhanced = task_item(absent);
        enhanced["configuration"]["TaskMode"] = json!("ENHANCED");
        assert_eq!(reasons(&enhanced, &json!({})), NONE);
        assert_eq!(reasons(&enhanced, &strict), other);
    }
}

#[test]
fn logging_is_judged_when_it_is_asked_for() {
    let asked = json!({"requireTaskLogging": "true"});
    let good = task_item(options("ONLY_FILES_TRANSFERRED"));
    assert_eq!(reasons(&good, &asked), NONE);
    let mut silent = good.clone();
    silent["configuration"]["Options"]["LogLevel"] = json!("OFF");
    assert_eq!(reasons(&silent, &asked), ["TASK_LOGGING_OFF: The log level is OFF"]);
    assert_eq!(reasons(&silent, &json!({})), NONE);
    for absent in [Value::Null, json!("")] {
        let mut nowhere = good.clone();
        nowhere["configuration"]["CloudWatchLogGroupArn"] = absent;
        let expected = ["TASK_LOGGING_OFF: The task has no log group"];
        assert_eq!(reasons(&nowhere, &asked), expected);
    }
    let mut both = task_item(options("NONE"));
    both["configuration"]["CloudWatchLogGroupArn"] = Value::Null;
    assert_eq!(reasons(&both, &asked).len(), 2);

    let mut bare = good;
    bare["configuration"]["Options"] = Value::Null;
    let error = judge(&bare, &asked).unwrap_err();
    assert!(error.to_string().ends_with("configuration.Options.LogLevel is missing"), "{error}");
}

const BUCKET: &str = "arn:aws:s3:::hbg-core-if-files";
const OBJECTS: &str = "arn:aws:s3:::hbg-core-if-files/*";

fn bucket_item(policy: &Value, tag: &Value) -> Value {
    let text = if policy.is_null() { Value::Null } else { json!(policy.to_string()) };
    json!({
        "configurationItemVersion": "1.3", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-10-01T00:00:00.000Z",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::S3::Bucket", "resourceId": "hbg-core-if-files",
        "resourceName": "hbg-core-if-files", "ARN": BUCKET, "tags": tag,
        "configuration": {"name": "hbg-core-if-files"},
        "supplementaryConfiguration": {"BucketPolicy": {"policyText": text}},
    })
}

fn tagged() -> Value {
    json!({"fisc:integrity-required": "true"})
}

fn deny(condition: &Value) -> Value {
    json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": OBJECTS,
           "Condition": condition})
}

fn no_unsigned() -> Value {
    deny(&json!({"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}}))
}

fn no_version_2() -> Value {
    deny(&json!({"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}))
}

fn of_policy(statements: Value) -> Vec<String> {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    reasons(&bucket_item(&policy, &tagged()), &json!({}))
}

#[test]
fn a_tagged_bucket_must_deny_both_kinds_of_weak_uploads() {
    const UNSIGNED: &str = "UNSIGNED_PAYLOAD_ALLOWED: Uploads with UNSIGNED-PAYLOAD are not denied";
    const OLD: &str = "UNSIGNED_PAYLOAD_ALLOWED: Uploads with signature version 2 are not denied";
    assert_eq!(of_policy(json!([no_unsigned(), no_version_2()])), NONE);
    assert_eq!(of_policy(json!([no_unsigned()])), [OLD]);
    assert_eq!(of_policy(json!([no_version_2()])), [UNSIGNED]);
    let exact = deny(&json!({"StringEquals": {"S3:SignatureVersion": ["AWS"]}}));
    assert_eq!(of_policy(json!([no_unsigned(), exact])), NONE);

    // Conditions in one statement must hold together: it denies neither kind by itself.
    let both = deny(&json!({
        "StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"},
        "StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"},
    }));
    assert_eq!(of_policy(json!([both])), [UNSIGNED, OLD]);
    // A Deny for some principals, some objects, or another action leaves a hole.
    for (key, value) in [
        ("Principal", json!({"AWS": "arn:aws:iam::111122223333:role/app"})),
        ("Resource", json!("arn:aws:s3:::hbg-core-if-files/inbox/*")),
        ("Resource", json!(BUCKET)),
        ("Action", json!("s3:GetObject")),
        ("Effect", json!("Allow")),
    ] {
        let (mut one, mut two) = (no_unsigned(), no_version_2());
        one[key] = value.clone();
        two[key] = value;
        assert_eq!(of_policy(json!([one, two])), [UNSIGNED, OLD], "{key}");
    }
    // Nor does a Deny of plain HTTP say anything about signatures.
    let tls = deny(&json!({"Bool": {"aws:SecureTransport": "false"}}));
    assert_eq!(of_policy(json!([tls])), [UNSIGNED, OLD]);
}

#[test]
fn only_buckets_with_the_tag_are_judged() {
    let skipped = ["INTEGRITY_NOT_REQUIRED: No tag asks for signed uploads to the bucket"];
    let failing = ["UNSIGNED_PAYLOAD_ALLOWED: The bucket has no bucket policy"];
    let own = json!({"integrityTagKey": "integrity"});
    for (tags, parameters, expected) in [
        (json!({}), json!({}), skipped),
        (json!({"fisc:integrity-required": "False"}), json!({}), skipped),
        (json!({"fisc:integrity-required": ""}), json!({}), failing),
        (tagged(), json!({}), failing),
        (tagged(), own.clone(), skipped),
        (json!({"integrity": "yes"}), own, failing),
        (tagged(), json!({"integrityTagKey": ""}), skipped),
    ] {
        assert_eq!(reasons(&bucket_item(&Value::Null, &tags), &parameters), expected, "{tags}");
    }
    let verdict = judge(&bucket_item(&Value::Null, &json!({})), &json!({})).unwrap();
    assert!(matches!(verdict, Verdict::NotApplicable(_)));
}

#[test]
fn what_an_item_leaves_out_is_an_error() {
    let mut bare = bucket_item(&Value::Null, &tagged());
    bare["supplementaryConfiguration"] = json!({});
    let error = judge(&bare, &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("supplementaryConfiguration.BucketPolicy is missing"), "{error}");
    let mut task = task_item(options("NONE"));
    task["configuration"] = Value::Null;
    let error = judge(&task, &json!({})).unwrap_err().to_string();
    assert!(error.contains("configuration"), "{error}");
    task["configuration"] = json!({"Options": {"VerifyMode": 1}});
    let error = judge(&task, &json!({})).unwrap_err().to_string();
    assert!(error.contains("configuration.Options.VerifyMode is a number"), "{error}");
}

#[test]
fn every_declared_type_has_its_judge() {
    let judged: Vec<_> = TYPES.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(judged, CONTROL.resources);
}
