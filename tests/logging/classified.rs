//! End-to-end: the real `logging` binary asks whether accesses to classified data are recorded.

use crate::support::aws_for;
use fisc_logging::access_logging::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION, Trail};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-access-logging";
const CODE: &str = "CLASSIFIED_DATA_ACCESS_NOT_LOGGED";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_logging"), aws, &env)
}

/// A bucket that writes access logs.
fn bucket(name: &str, class: &str) -> Value {
    let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
    item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
    item["tags"] = json!({"fisc:data-class": class});
    item["supplementaryConfiguration"] =
        json!({"BucketLoggingConfiguration": {"destinationBucketName": "hbg-logs"}});
    item
}

fn table(name: &str, class: &str) -> Value {
    let arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}");
    let mut item = events::item(
        "AWS::DynamoDB::Table",
        name,
        json!({"tableName": name, "tableArn": arn, "tableStatus": "ACTIVE"}),
    );
    item["ARN"] = json!(arn);
    item["tags"] = json!({"fisc:data-class": class});
    item
}

/// An account with a trail that records the data events of these types.
fn account(types: &[&str]) -> FakeAws {
    let aws = aws_for(&CONTROL);
    let management =
        json!({"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]});
    let data = types.iter().map(|kind| {
        json!({"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": [kind]},
        ]})
    });
    let selectors: Vec<Value> = std::iter::once(management).chain(data).collect();
    aws.stub("cloudtrail")
        .returns("GetEventSelectors", json!({"AdvancedEventSelectors": selectors}))
        .empty("ListEventDataStores");
    aws.cloudtrail().add_trail(Trail::new("hbg-audit"));
    // The schedule also looks at this.
    let setting = json!({"SettingValue": "CloudWatch"});
    aws.stub("ssm").returns("GetServiceSetting", json!({"ServiceSetting": setting}));
    aws
}

fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect(id);
    (result.compliance, result.annotation.unwrap_or_default())
}

fn calls(aws: &FakeAws) -> usize {
    aws.calls().iter().filter(|call| call.service == "cloudtrail").count()
}

#[test]
fn a_change_of_a_classified_store_asks_and_of_another_does_not() {
    let aws = account(&["AWS::S3::Object"]);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut change = |item: &Value| lambda.invoke(events::change(&rule, item, &Value::Null));
    change(&bucket("hbg-public", "public")).unwrap();
    change(&table("hbg-rates", "public")).unwrap();
    assert_eq!(held(&aws, "hbg-public").0, "COMPLIANT");
    assert_eq!(held(&aws, "hbg-rates").0, "NOT_APPLICABLE");
    assert_eq!(calls(&aws), 0);

    change(&bucket("hbg-customers", "personal")).unwrap();
    assert_eq!(held(&aws, "hbg-customers").0, "COMPLIANT");
    assert_eq!(aws.count("ListEventDataStores"), 0, "the trail was enough");
    change(&table("hbg-accounts", "personal")).unwrap();
    let (compliance, annotation) = held(&aws, "hbg-accounts");
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with(CODE), "{annotation}");

    // What the item tells is told too.
    let mut silent = bucket("hbg-silent", "personal");
    silent["supplementaryConfiguration"]["BucketLoggingConfiguration"] = json!({});
    silent["supplementaryConfiguration"]["BucketPolicy"] = json!({"policyText": null});
    silent["supplementaryConfiguration"]["AccessControlList"] =
        json!({"grantSet": null, "grantList": [], "owner": {"id": "o"}});
    // Data events record more than access logs would.
    change(&silent).unwrap();
    assert_eq!(held(&aws, "hbg-silent").0, "COMPLIANT");
    assert!(held(&aws, "hbg-silent").1.starts_with("DATA_EVENTS_RECORDED"));
    let mut unclassified = silent.clone();
    unclassified["resourceId"] = json!("hbg-unclassified");
    unclassified["tags"] = json!({});
    change(&unclassified).unwrap();
    assert!(held(&aws, "hbg-unclassified").1.starts_with("S3_ACCESS_LOG_OFF"));
    silent["resourceId"] = json!("hbg-silent-2");
    aws.stub("cloudtrail").returns(
        "GetEventSelectors",
        json!({"EventSelectors": [
            {"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": []},
        ]}),
    );
    change(&silent).unwrap();
    let (_, annotation) = held(&aws, "hbg-silent-2");
    assert!(annotation.contains("S3_ACCESS_LOG_OFF") && annotation.contains(CODE), "{annotation}");
}

#[test]
fn the_schedule_renews_classified_stores_only_and_asks_once() {
    let aws = account(&["AWS::DynamoDB::Table"]);
    aws.config().page(2);
    for name in ["hbg-a", "hbg-b", "hbg-c"] {
        aws.config().record(&bucket(name, "personal"));
    }
    aws.config().record(&bucket("hbg-public", "public"));
    aws.config().record(&table("hbg-accounts", "sensitive"));
    aws.config().record(&table("hbg-rates", "public"));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::scheduled(&rule, &json!({}))).unwrap();
    for name in ["hbg-a", "hbg-b", "hbg-c"] {
        assert!(held(&aws, name).1.starts_with(CODE), "{}", held(&aws, name).1);
    }
    assert_eq!(held(&aws, "hbg-accounts").0, "COMPLIANT");
    assert_eq!(aws.config().result(RULE, "hbg-public"), None);
    assert_eq!(aws.config().result(RULE, "hbg-rates"), None);
    for operation in ["DescribeTrails", "GetEventSelectors", "ListEventDataStores"] {
        assert_eq!(aws.count(operation), 1, "{operation}");
    }

    // Somebody turned the recording on: the buckets did not change.
    let arn = format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:eventdatastore/1");
    let data = json!({"FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]});
    aws.stub("cloudtrail")
        .returns("ListEventDataStores", json!({"EventDataStores": [{"EventDataStoreArn": arn}]}))
        .returns(
            "GetEventDataStore",
            json!({
                "EventDataStoreArn": arn, "Name": "lake", "Status": "ENABLED",
                "MultiRegionEnabled": false, "RetentionPeriod": 2557,
                "AdvancedEventSelectors": [data],
            }),
        );
    lambda.invoke(events::scheduled(&rule, &json!({}))).unwrap();
    assert_eq!(held(&aws, "hbg-a").0, "COMPLIANT");
}

#[test]
fn a_trail_elsewhere_or_stopped_records_nothing_here_and_a_denial_is_an_error() {
    let aws = account(&["AWS::S3::Object"]);
    let mut stopped = Trail::new("hbg-audit");
    stopped.logging = false;
    aws.cloudtrail().add_trail(stopped);
    let rule = aws.config().rule(RULE);
    let customers = bucket("hbg-customers", "personal");
    start(&aws).invoke(events::change(&rule, &customers, &Value::Null)).unwrap();
    assert!(held(&aws, "hbg-customers").1.starts_with(CODE));

    for (operation, types) in [
        ("DescribeTrails", vec!["AWS::S3::Object"]),
        ("GetTrailStatus", vec!["AWS::S3::Object"]),
        ("GetEventSelectors", vec!["AWS::S3::Object"]),
        ("ListEventDataStores", Vec::new()),
    ] {
        let aws = account(&types);
        aws.fault("cloudtrail", operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let event = events::change(&rule, &customers, &Value::Null);
        let error = start(&aws).invoke(event).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn members_are_covered_by_the_trail_of_the_organization() {
    let aws = aws_for(&CONTROL);
    aws.stub("cloudtrail").empty("ListEventDataStores");
    let trail = Trail::new("hbg-organization").at("999988887777", REGION).organization(&[ACCOUNT]);
    aws.cloudtrail().add_trail(trail.clone());
    aws.fault("cloudtrail", "GetEventSelectors", Fault::Denied);
    let rule = aws.config().rule(RULE);
    let customers = bucket("hbg-customers", "personal");
    let mut lambda = start(&aws);
    let error = lambda.invoke(events::change(&rule, &customers, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied");
    let parameters = json!({"trustedTrailArns": trail.arn()});
    lambda.invoke(events::change(&rule, &customers, &parameters)).unwrap();
    assert_eq!(held(&aws, "hbg-customers").0, "COMPLIANT");
    assert!(held(&aws, "hbg-customers").1.starts_with("SELECTORS_TRUSTED"));
    // Access logs in a bucket that is not allowed are not excused by data events.
    let parameters = json!({"trustedTrailArns": trail.arn(), "allowedLogBuckets": "other"});
    lambda.invoke(events::change(&rule, &customers, &parameters)).unwrap();
    assert!(held(&aws, "hbg-customers").1.starts_with("S3_ACCESS_LOG_OFF"));
}
