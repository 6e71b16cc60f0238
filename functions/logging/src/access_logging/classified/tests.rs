use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType};
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

use super::*;
use crate::access_logging::CONTROL;
use crate::recorders::Selection;
use crate::selectors::Selectors;

fn with_run<T>(parameters: &Value, offline: bool, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        home: true,
        deadline: None,
        offline,
    })
}

const TABLE: &str = "arn:aws:dynamodb:ap-northeast-1:111122223333:table/hbg-ib";

/// A bucket with access logs, or a table, with tags.
fn item(kind: ResourceType, tags: Value) -> ConfigurationItem {
    let item = json!({
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": kind.name, "resourceId": "hbg-ib",
        "tags": tags, "configuration": {"name": "hbg-ib", "tableArn": TABLE},
        "supplementaryConfiguration": {
            "BucketLoggingConfiguration": {"destinationBucketName": "hbg-logs"},
        },
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

#[test]
fn only_classified_stores_are_asked_about() {
    let asked = |kind, tags: Value, parameters: &Value| {
        with_run(parameters, false, |run| asks(&item(kind, tags), run).unwrap())
    };
    let bucket = ResourceType::S3_BUCKET;
    for (tags, expected) in [
        (json!({}), false),
        (json!({"fisc:data-class": "personal"}), true),
        (json!({"fisc:data-class": "sensitive"}), true),
        (json!({"fisc:data-role": "backup"}), true),
        (json!({"fisc:data-class": "internal"}), false),
        (json!({"fisc:data-class": "Personal"}), false),
        (json!({"data-class": "personal"}), false),
    ] {
        assert_eq!(asked(bucket, tags.clone(), &json!({})), expected, "{tags}");
        assert_eq!(asked(ResourceType::DYNAMODB_TABLE, tags, &json!({})), expected);
    }
    let personal = || json!({"fisc:data-class": "personal"});
    assert!(!asked(bucket, personal(), &json!({"classifiedTags": ""})));
    assert!(asked(bucket, personal(), &json!({"classifiedTags": "fisc:data-class"})));
    assert!(asked(bucket, json!({"k": "a=b"}), &json!({"classifiedTags": "k=a=b"})));
    assert!(!asked(ResourceType::SQS_QUEUE, personal(), &json!({})));
}

#[test]
fn the_item_decides_where_nothing_is_to_be_asked() {
    let previewed = |item: &ConfigurationItem, offline| {
        with_run(&json!({}), offline, |run| runner::preview(&CONTROL, item, run).unwrap())
    };
    let personal = || json!({"fisc:data-class": "personal"});
    let plain = item(ResourceType::S3_BUCKET, json!({}));
    assert_eq!(previewed(&plain, false), Some(Verdict::compliant()));
    let classified = item(ResourceType::S3_BUCKET, personal());
    assert_eq!(previewed(&classified, false), None);
    assert_eq!(previewed(&classified, true), None, "a pass would be a guess");
    let table = item(ResourceType::DYNAMODB_TABLE, json!({}));
    assert_eq!(previewed(&table, false), Some(Verdict::not_applicable(&NOT_CLASSIFIED)));
    assert_eq!(previewed(&item(ResourceType::DYNAMODB_TABLE, personal()), false), None);
}

#[test]
fn tags_that_are_not_known_are_not_absent() {
    let mut untold = json!({
        "resourceType": "AWS::S3::Bucket", "resourceId": "hbg-ib",
        "supplementaryConfiguration": {
            "BucketLoggingConfiguration": {"destinationBucketName": "hbg-logs"},
        },
    });
    let asked = |item: &Value| {
        let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
        with_run(&json!({}), false, |run| asks(&item, run))
    };
    assert!(asked(&untold).unwrap_err().to_string().contains("tags is missing"));
    untold["tags"] = json!({});
    assert!(!asked(&untold).unwrap());
}

fn recorder(read_write: ReadWriteType, kind: &str, value: &str) -> Recorder {
    let resource = DataResource::builder().r#type(kind).values(value).build();
    let selector = EventSelector::builder()
        .read_write_type(read_write)
        .include_management_events(false)
        .data_resources(resource)
        .build();
    let selectors = Selectors::of_trail("", &[selector], &[]).unwrap();
    Recorder { region: None, selection: Selection::Known(selectors) }
}

#[test]
fn reads_and_writes_of_the_whole_store_must_be_recorded() {
    let personal = json!({"fisc:data-class": "personal"});
    let told = |kind, trails: &[Recorder], stores: &[Recorder]| {
        let accesses = accesses(&item(kind, personal.clone())).unwrap();
        let answer = judge(trails, stores, &accesses).unwrap();
        answer.failures.first().map(|reason| {
            assert_eq!(reason.code, "CLASSIFIED_DATA_ACCESS_NOT_LOGGED");
            reason.message.en.split(' ').next().unwrap().to_owned()
        })
    };
    let s3 = |read_write, value| recorder(read_write, "AWS::S3::Object", value);
    let bucket = |trails: &[Recorder]| told(ResourceType::S3_BUCKET, trails, &[]);
    let words = |word: &str| Some(word.to_owned());
    for value in ["arn:aws:s3", "arn:aws:s3:::hbg-ib/"] {
        assert_eq!(bucket(&[s3(ReadWriteType::All, value)]), None, "{value}");
        assert_eq!(bucket(&[s3(ReadWriteType::WriteOnly, value)]), words("Reads"));
        assert_eq!(bucket(&[s3(ReadWriteType::ReadOnly, value)]), words("Writes"));
    }
    for value in ["arn:aws:s3:::hbg-ib/in/", "arn:aws:s3:::hbg-ib-2/"] {
        assert_eq!(bucket(&[s3(ReadWriteType::All, value)]), words("Neither"), "{value}");
    }
    assert_eq!(bucket(&[]), words("Neither"));
    // A trail and an event data store complete each other.
    let reads = [s3(ReadWriteType::ReadOnly, "arn:aws:s3")];
    let writes = [s3(ReadWriteType::WriteOnly, "arn:aws:s3")];
    assert_eq!(told(ResourceType::S3_BUCKET, &reads, &writes), None);

    let table = |value| {
        let trails = [recorder(ReadWriteType::All, "AWS::DynamoDB::Table", value)];
        told(ResourceType::DYNAMODB_TABLE, &trails, &[])
    };
    assert_eq!(table("arn:aws:dynamodb"), None);
    assert_eq!(table(TABLE), None);
    assert_eq!(table(&format!("{TABLE}-2")), words("Neither"));
    let objects = [s3(ReadWriteType::All, "arn:aws:s3")];
    assert_eq!(told(ResourceType::DYNAMODB_TABLE, &objects, &[]), words("Neither"));
}

#[test]
fn what_is_taken_on_trust_is_noted() {
    let trusted = [Recorder { region: None, selection: Selection::Trusted }];
    let accesses = accesses(&item(ResourceType::S3_BUCKET, json!({}))).unwrap();
    let answer = judge(&trusted, &[], &accesses).unwrap();
    assert!(answer.failures.is_empty());
    assert_eq!(answer.notes, [SELECTORS_TRUSTED.reason()]);
}
