//! End-to-end: the real `logging` binary and the trails and event data stores of an emulated AWS.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_logging::audit_trail::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Key, REGION, Trail};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RULE: &str = "fisc-audit-trail";
const MANAGEMENT: &str = "999988887777";
const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn start_in(aws: &FakeAws, home: &str) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2"), ("FISC_HOME_REGION", home)];
    Lambda::start(env!("CARGO_BIN_EXE_logging"), aws, &env)
}

fn run(aws: &FakeAws, parameters: &Value) -> Result<Value, FunctionError> {
    let rule = aws.config().rule(RULE);
    start_in(aws, REGION).invoke(events::scheduled(&rule, parameters))
}

fn held(aws: &FakeAws, resource: &str) -> (String, String) {
    let result = aws.config().result(RULE, resource).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

fn hours_ago(hours: i64) -> i64 {
    (Timestamp::now() - SignedDuration::from_hours(hours)).as_second()
}

/// A trail that is well.
fn trail(name: &str) -> Trail {
    let mut trail = Trail::new(name);
    trail.bucket = "hbg-audit-logs".to_owned();
    trail.kms_key = Some(format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY}"));
    trail.log_group = Some(format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*"));
    trail.status = json!({
        "StartLoggingTime": hours_ago(1000), "LatestDeliveryTime": hours_ago(1),
        "LatestCloudWatchLogsDeliveryTime": hours_ago(1),
    });
    trail
}

/// Selectors for everything that is demanded.
fn everything() -> Value {
    json!({"AdvancedEventSelectors": [
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
        {"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        ]},
    ]})
}

fn selects(aws: &FakeAws, trail: &Trail, selectors: Value) {
    let stub = aws.stub("cloudtrail").in_region(&trail.home);
    stub.when("GetEventSelectors", json!({"TrailName": trail.arn()}), selectors);
}

/// An account with the trail's bucket and key, and without a lake.
fn account() -> FakeAws {
    let aws = aws_for(&CONTROL);
    aws.kms().add_key(Key::symmetric(KEY));
    aws.stub("cloudtrail").empty("ListEventDataStores");
    let bucket = json!({"Name": "hbg-audit-logs", "BucketRegion": REGION});
    aws.stub("s3").returns("ListBuckets", json!({"Buckets": [bucket]}));
    aws.stub("s3").fails("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration", 404);
    aws
}

fn with_trail(trail: Trail, selectors: Value) -> FakeAws {
    let aws = account();
    selects(&aws, &trail, selectors);
    aws.cloudtrail().add_trail(trail);
    aws
}

#[test]
fn a_complete_trail_passes_with_all_that_is_asked() {
    let aws = with_trail(trail("hbg-audit"), everything());
    run(&aws, &json!({})).unwrap();
    assert_eq!(held(&aws, ACCOUNT), ("COMPLIANT".to_owned(), String::new()));
    assert_eq!(held(&aws, "hbg-audit"), ("COMPLIANT".to_owned(), String::new()));

    // Of an account of an organization, its own trail is not enough.
    aws.organizations().join(MANAGEMENT);
    run(&aws, &json!({})).unwrap();
    assert!(held(&aws, ACCOUNT).1.starts_with("ORGANIZATION_TRAIL_MISSING"));
}

#[test]
fn no_trail_at_all_fails_the_account() {
    let aws = account();
    run(&aws, &json!({})).unwrap();
    let (compliance, annotation) = held(&aws, ACCOUNT);
    assert_eq!(compliance, "NON_COMPLIANT");
    for code in ["NO_MULTI_REGION_TRAIL", "DATA_EVENTS_MISSING", "LOG_QUERY_MISSING"] {
        assert!(annotation.contains(code), "{annotation}");
    }
    assert_eq!(aws.count("PutEvaluations"), 1);
}

#[test]
fn what_is_wrong_with_a_trail_is_told_of_the_trail() {
    let mut bad = trail("hbg-audit");
    bad.kms_key = None;
    bad.log_group = None;
    bad.status["LatestDeliveryError"] = json!("AccessDenied");
    let aws = with_trail(bad, everything());
    run(&aws, &json!({})).unwrap();
    let (compliance, annotation) = held(&aws, "hbg-audit");
    assert_eq!(compliance, "NON_COMPLIANT");
    for code in ["DELIVERY_UNHEALTHY", "TRAIL_NOT_KMS_ENCRYPTED", "CLOUDWATCH_LOGS_NOT_INTEGRATED"]
    {
        assert!(annotation.contains(code), "{annotation}");
    }
    assert!(held(&aws, ACCOUNT).1.starts_with("LOG_QUERY_MISSING"), "{}", held(&aws, ACCOUNT).1);

    let mut stopped = trail("hbg-audit");
    stopped.logging = false;
    let aws = with_trail(stopped, everything());
    aws.kms().remove_key(KEY);
    run(&aws, &json!({})).unwrap();
    let (_, annotation) = held(&aws, "hbg-audit");
    assert!(annotation.contains("TRAIL_NOT_LOGGING"), "{annotation}");
    assert!(annotation.contains("TRAIL_KEY_UNUSABLE"), "{annotation}");
    assert!(held(&aws, ACCOUNT).1.contains("NO_MULTI_REGION_TRAIL"));
    assert_eq!(aws.count("GetEventSelectors"), 0, "what a stopped trail selects is not asked");
}

#[test]
fn a_trail_at_home_elsewhere_is_asked_there_and_judged_there() {
    let mut far = trail("hbg-global").at(ACCOUNT, "us-east-1");
    far.kms_key = None;
    let aws = with_trail(far, everything());
    run(&aws, &json!({})).unwrap();
    assert_eq!(held(&aws, ACCOUNT).0, "COMPLIANT", "{}", held(&aws, ACCOUNT).1);
    assert_eq!(aws.config().result(RULE, "hbg-global"), None);
    for operation in ["GetTrailStatus", "GetEventSelectors"] {
        assert!(aws.calls_of(operation).iter().all(|call| call.region == "us-east-1"));
    }

    // Elsewhere the account is left to its home Region, and a trail of that Region judged.
    let aws = with_trail(trail("hbg-local"), everything());
    let rule = aws.config().rule(RULE);
    start_in(&aws, "us-east-1").invoke(events::scheduled(&rule, &json!({}))).unwrap();
    assert_eq!(held(&aws, ACCOUNT).0, "NOT_APPLICABLE");
    assert!(held(&aws, ACCOUNT).1.starts_with("JUDGED_IN_HOME_REGION"));
    assert_eq!(held(&aws, "hbg-local").0, "COMPLIANT");
    assert_eq!(aws.count("ListEventDataStores"), 0);
}

/// A member of an organization whose trail is the only one.
fn member() -> (FakeAws, Trail) {
    let aws = account();
    aws.organizations().join(MANAGEMENT);
    let trail = trail("hbg-organization").at(MANAGEMENT, REGION).organization(&[ACCOUNT]);
    aws.cloudtrail().add_trail(trail.clone());
    (aws, trail)
}

#[test]
fn the_trail_of_the_organization_satisfies_its_members() {
    let (aws, trail) = member();
    selects(&aws, &trail, everything());
    run(&aws, &json!({})).unwrap();
    assert_eq!(held(&aws, ACCOUNT).0, "COMPLIANT", "{}", held(&aws, ACCOUNT).1);
    assert!(held(&aws, ACCOUNT).1.contains("RETENTION_ELSEWHERE"));
    let (compliance, annotation) = held(&aws, "hbg-organization");
    assert_eq!(compliance, "NOT_APPLICABLE");
    assert!(annotation.contains(MANAGEMENT), "{annotation}");
    // Neither key nor bucket of another account is asked for.
    assert_eq!(aws.count("DescribeKey") + aws.count("ListBuckets"), 0);

    let writes = json!({"EventSelectors": [
        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true, "DataResources": []},
    ]});
    selects(&aws, &trail, writes);
    run(&aws, &json!({})).unwrap();
    let (_, annotation) = held(&aws, ACCOUNT);
    assert!(annotation.contains("MANAGEMENT_EVENTS_INCOMPLETE"), "{annotation}");
}

#[test]
fn what_members_may_not_see_is_trusted_and_what_they_are_denied_only_when_named() {
    let (aws, trail) = member();
    let stub = aws.stub("cloudtrail");
    stub.fails("GetEventSelectors", "TrailNotFoundException", 400);
    run(&aws, &json!({})).unwrap();
    assert_eq!(held(&aws, ACCOUNT).0, "COMPLIANT");
    assert!(held(&aws, ACCOUNT).1.contains("SELECTORS_TRUSTED"), "{}", held(&aws, ACCOUNT).1);

    let (aws, _) = member();
    aws.fault("cloudtrail", "GetEventSelectors", Fault::Denied);
    let error = run(&aws, &json!({})).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied");
    assert!(error.message.contains("cloudtrail:GetEventSelectors"), "{}", error.message);
    assert!(error.message.contains(&trail.arn()), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);

    run(&aws, &json!({"requiredTrailArn": trail.arn()})).unwrap();
    assert_eq!(held(&aws, ACCOUNT).0, "COMPLIANT");
    assert!(held(&aws, ACCOUNT).1.contains("SELECTORS_TRUSTED"));

    // Of a trail of its own, neither is an answer.
    let aws = with_trail(Trail::new("hbg-audit"), everything());
    aws.fault("cloudtrail", "GetEventSelectors", Fault::error(400, "TrailNotFoundException", "?"));
    assert_eq!(run(&aws, &json!({})).unwrap_err().error_type, "ServiceError");
}

fn store_arn(number: usize) -> String {
    format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:eventdatastore/{number}")
}

/// Three event data stores on two pages; the last one holds what is demanded.
fn lake(aws: &FakeAws, last: Value) {
    let stub = aws.stub("cloudtrail");
    let listed: Vec<Value> =
        (1..=3).map(|number| json!({"EventDataStoreArn": store_arn(number)})).collect();
    stub.returns("ListEventDataStores", json!({"EventDataStores": listed})).page_size(2);
    for number in 1..=3 {
        let mut store = json!({
            "EventDataStoreArn": store_arn(number), "Name": format!("lake-{number}"),
            "Status": "STOPPED_INGESTION", "MultiRegionEnabled": true, "RetentionPeriod": 2557,
            "AdvancedEventSelectors": everything()["AdvancedEventSelectors"],
        });
        if number == 3 {
            store["Status"] = json!("ENABLED");
            store.as_object_mut().unwrap().extend(last.as_object().unwrap().clone());
        }
        stub.when("GetEventDataStore", json!({"EventDataStore": store_arn(number)}), store);
    }
}

#[test]
fn an_event_data_store_records_is_searched_and_keeps() {
    let mut plain = trail("hbg-audit");
    plain.log_group = None;
    let selectors = json!({"EventSelectors": [{
        "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [],
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    }]});
    let aws = with_trail(plain, selectors);
    let rule = json!({
        "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90},
    });
    aws.stub("s3").returns("GetBucketLifecycleConfiguration", json!({"Rules": [rule]}));
    run(&aws, &json!({"requireCloudWatchLogs": false})).unwrap();
    let (_, annotation) = held(&aws, ACCOUNT);
    for code in [
        "KMS_EVENTS_EXCLUDED",
        "DATA_EVENTS_MISSING",
        "LOG_QUERY_MISSING",
        "LONG_TERM_RETENTION_MISSING",
    ] {
        assert!(annotation.contains(code), "{annotation}");
    }
    lake(&aws, json!({}));
    run(&aws, &json!({"requireLake": true})).unwrap();
    assert_eq!(held(&aws, ACCOUNT), ("COMPLIANT".to_owned(), String::new()));
    lake(&aws, json!({"RetentionPeriod": 90}));
    run(&aws, &json!({})).unwrap();
    let (_, annotation) = held(&aws, ACCOUNT);
    assert!(annotation.starts_with("LONG_TERM_RETENTION_MISSING"), "{annotation}");
    assert!(annotation.contains("hbg-audit-logs"), "{annotation}");
    // Where there is no lake, there is no store.
    aws.stub("cloudtrail").fails("ListEventDataStores", "UnsupportedOperationException", 400);
    run(&aws, &json!({})).unwrap();
    assert!(held(&aws, ACCOUNT).1.contains("LOG_QUERY_MISSING"));
}

#[test]
fn a_denied_call_reports_nothing() {
    for (service, operation, action) in [
        ("cloudtrail", "DescribeTrails", "cloudtrail:DescribeTrails"),
        ("cloudtrail", "GetTrailStatus", "cloudtrail:GetTrailStatus"),
        ("cloudtrail", "GetEventSelectors", "cloudtrail:GetEventSelectors"),
        ("cloudtrail", "GetInsightSelectors", "cloudtrail:GetInsightSelectors"),
        ("cloudtrail", "ListEventDataStores", "cloudtrail:ListEventDataStores"),
        ("cloudtrail", "GetEventDataStore", "cloudtrail:GetEventDataStore"),
        ("organizations", "DescribeOrganization", "organizations:DescribeOrganization"),
        ("kms", "DescribeKey", "kms:DescribeKey"),
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ] {
        let aws = with_trail(trail("hbg-audit"), everything());
        lake(&aws, json!({"RetentionPeriod": 90}));
        aws.stub("cloudtrail").returns("GetInsightSelectors", json!({"InsightSelectors": []}));
        aws.fault(service, operation, Fault::Denied);
        let error = run(&aws, &json!({"requireInsights": true})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(action), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
    }
    let aws = with_trail(trail("hbg-audit"), everything());
    let error = run(&aws, &json!({"requiredTrailArn": "hbg-audit"})).unwrap_err();
    assert!(error.message.contains("requiredTrailArn"), "{}", error.message);
}

#[test]
fn the_role_holds_exactly_what_is_called() {
    let aws = with_trail(trail("hbg-audit"), everything());
    lake(&aws, json!({"RetentionPeriod": 90}));
    let off = "InsightNotEnabledException";
    aws.stub("cloudtrail").fails("GetInsightSelectors", off, 400);
    run(&aws, &json!({"requireInsights": true})).unwrap();
    assert!(held(&aws, "hbg-audit").1.starts_with("INSIGHTS_DISABLED"));
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}
