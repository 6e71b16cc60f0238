use super::*;
use fisc_shared::Parameters;
use serde_json::{Value, json};

const CLASS: &str = "fisc:data-class";

/// An item as Config delivers it, with these tags at its top.
fn item(resource_type: &str, tags: Value, configuration: Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": resource_type, "resourceId": "r",
        "tags": tags, "configuration": configuration, "supplementaryConfiguration": {},
    })
}

fn judge(item: &Value, parameters: Value) -> Result<Verdict, Error> {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        offline: false,
        home: true,
    };
    evaluate(&ConfigurationItem::from_json(&item.to_string()).unwrap(), &run)
}

/// The codes of the verdict; none for a compliant one.
fn codes(item: &Value, parameters: Value) -> Vec<&'static str> {
    judge(item, parameters).unwrap().reasons().iter().map(|reason| reason.code).collect()
}

#[test]
fn every_store_needs_an_accepted_class() {
    for store in STORES {
        let with = |tags| item(store.name, tags, json!({}));
        for (tags, expected) in [
            (json!({CLASS: "confidential"}), vec![]),
            (json!({}), vec!["CLASS_TAG_MISSING"]),
            (json!({CLASS: ""}), vec!["CLASS_TAG_MISSING"]),
            (json!({CLASS: " "}), vec!["CLASS_TAG_MISSING"]),
            // Keys and values are case sensitive.
            (json!({"FISC:data-class": "confidential"}), vec!["CLASS_TAG_MISSING"]),
            (json!({CLASS: "Confidential"}), vec!["CLASS_TAG_INVALID"]),
            (json!({CLASS: "secret"}), vec!["CLASS_TAG_INVALID"]),
            (json!({CLASS: "confidential,public"}), vec!["CLASS_TAG_INVALID"]),
        ] {
            assert_eq!(codes(&with(tags.clone()), json!({})), expected, "{} {tags}", store.name);
        }
    }
    let verdict = judge(&item(STORES[0].name, json!({CLASS: "secret"}), json!({})), json!({}));
    let verdict = verdict.unwrap();
    assert!(verdict.reasons()[0].message.ja.contains("\"secret\""), "{verdict:?}");
}

#[test]
fn key_and_classes_are_the_institutions() {
    let table = item("AWS::DynamoDB::Table", json!({"データ分類": "顧客情報"}), json!({}));
    assert_eq!(codes(&table, json!({"dataClassTagKey": "データ分類"})), ["CLASS_TAG_INVALID"]);
    let own = json!({"dataClassTagKey": "データ分類", "allowedDataClasses": "公開, 顧客情報"});
    assert!(codes(&table, own).is_empty());
    let any = json!({"dataClassTagKey": "データ分類", "allowedDataClasses": ""});
    assert!(codes(&table, any).is_empty());
    assert!(codes(&table, json!({"dataClassTagKey": ""})).is_empty());
}

#[test]
fn further_tags_are_asked_for_only_when_named() {
    let bucket = item("AWS::S3::Bucket", json!({CLASS: "public", "Owner": ""}), json!({}));
    assert!(codes(&bucket, json!({})).is_empty());
    let parameters = json!({"retentionTagKey": "retention", "requiredTagKeys": "Owner,System"});
    assert_eq!(
        codes(&bucket, parameters.clone()),
        ["RETENTION_TAG_MISSING", "REQUIRED_TAG_MISSING"]
    );
    let tags = json!({CLASS: "public", "Owner": "a", "System": "b", "retention": "P7Y"});
    assert!(codes(&item("AWS::S3::Bucket", tags, json!({})), parameters.clone()).is_empty());
    // Every requirement that fails is told, with the keys that are missing.
    let bare = item("AWS::S3::Bucket", json!({}), json!({}));
    assert_eq!(
        codes(&bare, parameters.clone()),
        ["CLASS_TAG_MISSING", "RETENTION_TAG_MISSING", "REQUIRED_TAG_MISSING"]
    );
    let verdict = judge(&bucket, parameters).unwrap();
    assert_eq!(verdict.reasons()[1].message.en, "Missing tags: Owner, System");
}

#[test]
fn instances_and_groups_only_need_the_required_tags() {
    for kind in ["AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup"] {
        let bare = item(kind, json!({}), json!({"tags": []}));
        assert_eq!(codes(&bare, json!({})), ["NO_REQUIRED_TAGS"], "{kind}");
        let required = json!({"requiredTagKeys": "Owner", "retentionTagKey": "retention"});
        assert_eq!(codes(&bare, required.clone()), ["REQUIRED_TAG_MISSING"], "{kind}");
        // An Auto Scaling group has its tags inside the configuration only.
        let inside = json!({"tags": [{"resourceId": "asg1", "key": "Owner", "value": "core",
            "propagateAtLaunch": true, "resourceType": "auto-scaling-group"}]});
        assert!(codes(&item(kind, json!({}), inside), required).is_empty(), "{kind}");
    }
}

#[test]
fn the_types_can_be_limited() {
    let bucket = item("AWS::S3::Bucket", json!({}), json!({}));
    let only = |types: &str| json!({"resourceTypes": types, "requiredTagKeys": "Owner"});
    assert_eq!(codes(&bucket, only("AWS::EC2::Volume")), ["TYPE_NOT_CHOSEN"]);
    assert_eq!(
        codes(&bucket, only("AWS::EC2::Volume,AWS::S3::Bucket")),
        ["CLASS_TAG_MISSING", "REQUIRED_TAG_MISSING"]
    );
    let instance = item("AWS::EC2::Instance", json!({}), json!({}));
    assert_eq!(codes(&instance, only("AWS::S3::Bucket")), ["TYPE_NOT_CHOSEN"]);
    let error = judge(&bucket, only("AWS::S3::Buckets")).unwrap_err();
    assert_eq!(error.kind(), "WrongParameter");
    assert!(error.to_string().contains("\"AWS::S3::Buckets\""), "{error}");
}

#[test]
fn members_of_a_cluster_are_judged_on_the_cluster() {
    let instance = |cluster: Value| {
        item("AWS::RDS::DBInstance", json!({}), json!({"dBClusterIdentifier": cluster}))
    };
    assert_eq!(codes(&instance(json!("ib")), json!({})), ["JUDGED_ON_CLUSTER"]);
    assert_eq!(codes(&instance(Value::Null), json!({})), ["CLASS_TAG_MISSING"]);
    assert_eq!(codes(&instance(json!("")), json!({})), ["CLASS_TAG_MISSING"]);
}

#[test]
fn tags_may_stand_in_the_supplementary_configuration_only() {
    let mut table = item("AWS::DynamoDB::Table", json!({}), json!({}));
    table["supplementaryConfiguration"] = json!({"Tags": [{"key": CLASS, "value": "restricted"}]});
    assert!(codes(&table, json!({})).is_empty());
    table["tags"] = Value::Null;
    assert!(codes(&table, json!({})).is_empty());
    // An item without tags anywhere is no untagged resource.
    table["supplementaryConfiguration"] = json!({});
    let error = judge(&table, json!({})).unwrap_err();
    assert_eq!(error.kind(), "IncompleteItem");
    assert!(error.to_string().contains("tags is missing"), "{error}");
}
