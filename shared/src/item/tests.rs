use proptest::prelude::*;
use serde_json::json;

use super::*;

/// One bucket in every dialect.
fn dialects() -> Vec<(&'static str, String)> {
    let configuration = json!({"name": "audit-log", "owner": {"id": "o"}});
    let policy = json!({"policyText": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"});
    let shared = json!({
        "configurationItemCaptureTime": "2026-10-01T00:00:00.123Z",
        "configurationItemStatus": "OK", "resourceType": "AWS::S3::Bucket",
        "resourceId": "audit-log", "resourceName": "audit-log", "awsRegion": "ap-northeast-1",
    });
    let with = |extra: serde_json::Value| {
        let mut item = shared.clone();
        for (key, value) in extra.as_object().unwrap() {
            item[key] = value.clone();
        }
        item.to_string()
    };
    vec![
        (
            "event, snapshot file",
            with(json!({
                "configurationItemVersion": "1.3", "awsAccountId": "111122223333",
                "ARN": "arn:aws:s3:::audit-log", "tags": {"部署": "監査部"},
                "configuration": configuration, "supplementaryConfiguration": {"BucketPolicy": policy},
                "configurationStateId": 1_549_956_556_288_u64,
            })),
        ),
        (
            "history API",
            with(json!({
                "version": "1.3", "accountId": "111122223333", "arn": "arn:aws:s3:::audit-log",
                "tags": {"部署": "監査部"}, "configuration": configuration.to_string(),
                "supplementaryConfiguration": {"BucketPolicy": policy.to_string()},
            })),
        ),
        (
            "query",
            with(json!({
                "accountId": "111122223333", "arn": "arn:aws:s3:::audit-log",
                "tags": [{"tag": "部署=監査部", "key": "部署", "value": "監査部"}],
                "configuration": configuration,
                "supplementaryConfiguration": {"BucketPolicy": policy},
            })),
        ),
        (
            "strings in strings",
            with(json!({
                "accountId": "111122223333", "arn": "arn:aws:s3:::audit-log",
                "tags": {"部署": "監査部"}, "configuration": json!(configuration.to_string()).to_string(),
                "supplementaryConfiguration":
                    json!({"BucketPolicy": policy.to_string()}).to_string(),
            })),
        ),
    ]
}

#[test]
fn every_dialect_gives_the_same_item() {
    for (dialect, text) in dialects() {
        let item = ConfigurationItem::from_json(&text).unwrap();
        assert_eq!(item.account_id, "111122223333", "{dialect}");
        assert_eq!(item.arn.as_deref(), Some("arn:aws:s3:::audit-log"), "{dialect}");
        assert_eq!(item.tags.get("部署").map(String::as_str), Some("監査部"), "{dialect}");
        assert_eq!(item.captured, Some("2026-10-01T00:00:00.123Z".parse().unwrap()), "{dialect}");
        let name = item.configuration().unwrap().text("name").unwrap();
        assert_eq!(name, Some("audit-log"), "{dialect}");
        let policy = item.supplementary("BucketPolicy").unwrap().unwrap();
        assert!(policy.text("policyText").unwrap().unwrap().contains("Statement"), "{dialect}");
    }
}

#[test]
fn what_is_absent_is_not_what_is_null() {
    let item = |extra: &str| {
        let text = format!(r#"{{"resourceType":"AWS::S3::Bucket","resourceId":"b"{extra}}}"#);
        ConfigurationItem::from_json(&text).unwrap()
    };
    assert!(item("").configuration().is_err());
    assert!(item("").supplementary("BucketPolicy").is_err());
    assert!(item(r#","supplementaryConfiguration":null"#).supplementary("BucketPolicy").is_err());
    let without = item(r#","supplementaryConfiguration":{}"#);
    assert!(without.supplementary("BucketPolicy").unwrap().is_none());
}

#[test]
fn errors_name_the_field() {
    let error = |text: &str| ConfigurationItem::from_json(text).unwrap_err().to_string();
    assert_eq!(error(r#"{"resourceType":"AWS::S3::Bucket"}"#), "resourceId is missing");
    assert!(error("{").starts_with("not a configuration item: "));
    assert!(error("[]").starts_with("not a configuration item: "));
    let text = r#"{"resourceType":"t","resourceId":"i","configurationItemStatus":"Odd"}"#;
    assert_eq!(error(text), "configurationItemStatus cannot be read: unknown status \"Odd\"");
    let text = r#"{"resourceType":"t","resourceId":"i","configurationItemCaptureTime":"soon"}"#;
    assert!(error(text).starts_with("configurationItemCaptureTime cannot be read: "));

    let text = r#"{"resourceType":"t","resourceId":"i","configuration":{"enabled":[1]}}"#;
    let item = ConfigurationItem::from_json(text).unwrap();
    let error = item.configuration().unwrap().flag("enabled").unwrap_err().to_string();
    assert_eq!(error, "configuration.enabled is an array, expected a boolean");
}

#[test]
fn lists_and_numbers_name_their_place() {
    let text = r#"{"resourceType":"t","resourceId":"i","configuration":
        {"names":["a",1],"none":null,"parts":[{"size":3},{"size":"x"}]}}"#;
    let item = ConfigurationItem::from_json(text).unwrap();
    let fields = item.configuration().unwrap();
    assert!(fields.list("none").unwrap().is_none());
    assert!(fields.list("absent").unwrap().is_none());
    let names = fields.list("names").unwrap().unwrap();
    assert_eq!(names[0].as_text(), Ok("a"));
    let error = names[1].as_text().unwrap_err().to_string();
    assert_eq!(error, "configuration.names[1] is a number, expected a string");
    let parts = fields.list("parts").unwrap().unwrap();
    assert_eq!(parts[0].integer("size"), Ok(Some(3)));
    assert_eq!(parts[0].integer("absent"), Ok(None));
    let error = parts[1].integer("size").unwrap_err().to_string();
    assert_eq!(error, "configuration.parts[1].size is a string, expected a whole number");
    let error = parts[0].list("size").unwrap_err().to_string();
    assert_eq!(error, "configuration.parts[0].size is a number, expected an array");
}

#[test]
fn every_status_is_known() {
    for (text, status) in [
        ("OK", ItemStatus::Recorded),
        ("ResourceDiscovered", ItemStatus::Recorded),
        ("ResourceDeleted", ItemStatus::Deleted),
        ("ResourceDeletedNotRecorded", ItemStatus::Deleted),
        ("ResourceNotRecorded", ItemStatus::NotRecorded),
    ] {
        assert_eq!(ItemStatus::parse(text), Ok(status));
    }
}

proptest! {
    /// Whatever comes, reading it ends in an item or an error.
    #[test]
    fn reading_never_panics(text in ".{0,200}") {
        let _ = ConfigurationItem::from_json(&text);
    }

    /// An item that was cut off anywhere is an error, never half an item.
    #[test]
    fn a_truncated_item_is_an_error(cut in 0_usize..400) {
        for (_, text) in dialects() {
            let kept: String = text.chars().take(cut).collect();
            if kept.len() < text.len() {
                prop_assert!(ConfigurationItem::from_json(&kept).is_err());
            }
        }
    }
}
