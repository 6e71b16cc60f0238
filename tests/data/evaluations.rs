//! End-to-end: the real `data` binary, from the Config event to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_data::{data_classification, data_disposal, data_residency};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Key, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const EFS: &str = "AWS::EFS::FileSystem";
const GLOBAL_CLUSTER: &str = "AWS::RDS::GlobalCluster";
const VOLUME: &str = "AWS::EC2::Volume";

fn start(aws: &FakeAws, control: &Control) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_data"), aws, &env)
}

/// Compliance and the first code of the annotation that Config holds of a resource.
fn held(aws: &FakeAws, rule: &str, id: &str) -> (String, String) {
    let result = aws.config().result(rule, id);
    assert!(result.is_some(), "no result for {id}");
    let result = result.unwrap();
    let annotation = result.annotation.unwrap_or_default();
    let code = annotation.split([':', ',', ' ']).next().unwrap_or_default().to_owned();
    (result.compliance, code)
}

fn expect(aws: &FakeAws, rule: &str, expected: &[(&str, &str, &str)]) {
    for (id, compliance, code) in expected {
        let found = held(aws, rule, id);
        assert_eq!(found, ((*compliance).to_owned(), (*code).to_owned()), "{id}");
    }
}

/// A bucket with an enabled replication rule for each of these buckets.
fn replicated(name: &str, targets: &[&str]) -> Value {
    let rules: serde_json::Map<String, Value> = targets
        .iter()
        .map(|target| {
            let arn = format!("arn:aws:s3:::{target}");
            let rule = json!({"status": "Enabled", "prefix": "",
                "destinationConfig": {"bucketARN": arn, "storageClass": "STANDARD"}});
            ((*target).to_owned(), rule)
        })
        .collect();
    let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
    item["supplementaryConfiguration"] = json!({
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
        "BucketReplicationConfiguration":
            {"roleARN": format!("arn:aws:iam::{ACCOUNT}:role/replication"), "rules": rules},
    });
    item
}

fn file_system(id: &str) -> Value {
    events::item(EFS, id, json!({"FileSystemId": id, "Encrypted": true}))
}

fn global_cluster(name: &str) -> Value {
    events::item(GLOBAL_CLUSTER, name, json!({"GlobalClusterIdentifier": name}))
}

/// An EFS replication as the API answers it.
fn replication(source: &str, region: &str) -> Value {
    json!({
        "SourceFileSystemId": source, "SourceFileSystemRegion": REGION,
        "SourceFileSystemArn": format!("arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{source}"),
        "OriginalSourceFileSystemArn":
            format!("arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{source}"),
        "CreationTime": "2026-01-01T00:00:00Z",
        "Destinations": [{"Status": "ENABLED", "FileSystemId": "fs-0d", "Region": region}],
    })
}

/// A global database as the API answers it.
fn global_answer(name: &str, regions: &[&str]) -> Value {
    let members: Vec<Value> = regions
        .iter()
        .map(|region| {
            json!({"DBClusterArn": format!("arn:aws:rds:{region}:{ACCOUNT}:cluster:{name}"),
                "IsWriter": false})
        })
        .collect();
    json!({"GlobalClusterIdentifier": name, "GlobalClusterMembers": members})
}

#[test]
fn copies_that_the_item_tells_need_no_call() {
    const RULE: &str = "fisc-data-residency";
    let control = &data_residency::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    let table = |name: &str, region: &str| {
        let replicas = json!([{"regionName": region, "replicaStatus": "ACTIVE"}]);
        let configuration = json!({"tableName": name, "replicas": replicas});
        events::item("AWS::DynamoDB::Table", name, configuration)
    };
    let mut abroad = events::item("AWS::SQS::Queue", "abroad", json!({}));
    abroad["awsRegion"] = json!("us-west-2");
    let mut approved = abroad.clone();
    approved["resourceId"] = json!("approved");
    approved["tags"] = json!({"fisc:region-exception": "RINGI-2026-014"});
    for item in [table("osaka", "ap-northeast-3"), table("oregon", "us-west-2"), abroad, approved] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    expect(
        &aws,
        RULE,
        &[
            ("osaka", "COMPLIANT", ""),
            ("oregon", "NON_COMPLIANT", "REPLICATION_REGION"),
            ("abroad", "NON_COMPLIANT", "RESOURCE_REGION"),
            ("approved", "NOT_APPLICABLE", "EXCEPTION_APPROVED"),
        ],
    );
    let own = json!({"allowedRegions": "ap-northeast-1,us-west-2"});
    lambda.invoke(events::change(&rule, &table("oregon", "us-west-2"), &own)).unwrap();
    expect(&aws, RULE, &[("oregon", "COMPLIANT", "")]);
    assert!(aws.calls().iter().all(|call| call.operation == "PutEvaluations"));
}

#[test]
fn s3_tells_the_region_of_a_bucket_to_everybody() {
    const RULE: &str = "fisc-data-residency";
    let control = &data_residency::CONTROL;
    // Once with a role that may nothing in S3, once with one that may everything.
    for (aws, home, away) in [(aws_for(control), 403, 403), (FakeAws::start(), 200, 301)] {
        aws.s3().bucket("home", REGION).bucket("osaka", "ap-northeast-3");
        aws.s3().bucket("virginia", "us-east-1");
        let rule = aws.config().rule(RULE);
        let mut lambda = start(&aws, control);
        let mut judge = |targets: &[&str], parameters: Value| {
            let bucket = replicated("source", targets);
            lambda.invoke(events::change(&rule, &bucket, &parameters)).unwrap();
            held(&aws, RULE, "source")
        };
        let passes = ("COMPLIANT".to_owned(), String::new());
        let fails = ("NON_COMPLIANT".to_owned(), "REPLICATION_REGION".to_owned());
        assert_eq!(judge(&["home", "osaka"], Value::Null), passes);
        assert_eq!(judge(&["home", "virginia"], Value::Null), fails);
        // Vouching for a bucket does not hide where it is.
        let vouched = json!({"allowedDestinationBuckets": "virginia, nowhere"});
        assert_eq!(judge(&["virginia"], vouched.clone()), fails);
        // Anybody may create a bucket that is not there, in any Region.
        assert_eq!(judge(&["nowhere"], Value::Null), fails);
        assert_eq!(judge(&["nowhere"], vouched), passes);
        let statuses: Vec<u16> =
            aws.calls_of("HeadBucket").iter().map(|call| call.status).collect();
        assert!([home, away, 404].iter().all(|one| statuses.contains(one)), "{statuses:?}");
    }
}

#[test]
fn a_region_that_cannot_be_read_is_no_verdict() {
    const RULE: &str = "fisc-data-residency";
    let control = &data_residency::CONTROL;
    for (fault, kind) in [
        (Fault::Denied, "AccessDenied"),
        (Fault::Throttled, "Throttled"),
        (Fault::ServerError, "ServiceError"),
        (Fault::Reset, "NoAnswer"),
    ] {
        let aws = aws_for(control);
        aws.s3().bucket("osaka", "ap-northeast-3");
        aws.fault("s3", "HeadBucket", fault);
        let rule = aws.config().rule(RULE);
        let mut lambda = start(&aws, control);
        let bucket = replicated("source", &["osaka"]);
        let error = lambda.invoke(events::change(&rule, &bucket, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, kind, "{}", error.message);
        assert!(error.message.contains("HeadBucket of osaka told no Region"), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0);
        // Unless the institution answers for the bucket.
        let vouched = json!({"allowedDestinationBuckets": ["osaka"]});
        lambda.invoke(events::change(&rule, &bucket, &vouched)).unwrap();
        expect(&aws, RULE, &[("source", "COMPLIANT", "")]);
    }
}

#[test]
fn what_the_item_does_not_tell_is_asked_of_the_service() {
    const RULE: &str = "fisc-data-residency";
    let control = &data_residency::CONTROL;
    let aws = aws_for(control);
    let operation = "DescribeReplicationConfigurations";
    aws.stub("efs")
        .when(
            operation,
            json!({"FileSystemId": "fs-far"}),
            json!({"Replications": [replication("fs-far", "us-east-1")]}),
        )
        // Asked of the destination, EFS answers with the replication of its source.
        .when(
            operation,
            json!({"FileSystemId": "fs-target"}),
            json!({"Replications": [replication("fs-elsewhere", "us-east-1")]}),
        )
        .fails_when(operation, json!({"FileSystemId": "fs-plain"}), "ReplicationNotFound", 404);
    let by_name = |name: &str| json!({ "GlobalClusterIdentifier": name });
    aws.stub("rds")
        .when(
            "DescribeGlobalClusters",
            by_name("wide"),
            json!({"GlobalClusters": [global_answer("wide", &[REGION, "eu-west-1"])]}),
        )
        .when(
            "DescribeGlobalClusters",
            by_name("home"),
            json!({"GlobalClusters": [global_answer("home", &[REGION, "ap-northeast-3"])]}),
        )
        .when(
            "DescribeGlobalClusters",
            by_name("empty"),
            json!({"GlobalClusters": [global_answer("empty", &[])]}),
        )
        .fails_when("DescribeGlobalClusters", by_name("gone"), "GlobalClusterNotFoundFault", 404);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    let systems = ["fs-far", "fs-target", "fs-plain"].map(file_system);
    let clusters = ["wide", "home", "empty"].map(global_cluster);
    for item in systems.iter().chain(&clusters) {
        lambda.invoke(events::change(&rule, item, &Value::Null)).unwrap();
    }
    expect(
        &aws,
        RULE,
        &[
            ("fs-far", "NON_COMPLIANT", "REPLICATION_REGION"),
            ("fs-target", "COMPLIANT", ""),
            ("fs-plain", "COMPLIANT", ""),
            ("wide", "NON_COMPLIANT", "REPLICATION_REGION"),
            ("home", "COMPLIANT", ""),
            ("empty", "NOT_APPLICABLE", "NO_COPY"),
        ],
    );
    let gone = events::change(&rule, &global_cluster("gone"), &Value::Null);
    let error = lambda.invoke(gone).unwrap_err();
    assert!(error.message.contains("rds:DescribeGlobalClusters failed"), "{}", error.message);
}

/// An account with replicated file systems, global databases and opt-in Regions.
fn spread_out(aws: &FakeAws) {
    aws.stub("efs").page_size(1).returns(
        "DescribeReplicationConfigurations",
        json!({"Replications":
            [replication("fs-far", "us-east-1"), replication("fs-approved", "us-east-1")]}),
    );
    aws.stub("rds").page_size(1).returns(
        "DescribeGlobalClusters",
        json!({"GlobalClusters":
            [global_answer("home", &[REGION]), global_answer("wide", &[REGION, "eu-west-1"])]}),
    );
    aws.account().page(1).set_regions(&[
        ("ap-east-1", "DISABLED"),
        (REGION, "ENABLED_BY_DEFAULT"),
        ("us-east-1", "ENABLED_BY_DEFAULT"),
        ("af-south-1", "ENABLED"),
        ("eu-south-1", "ENABLING"),
        ("me-south-1", "DISABLING"),
    ]);
    let mut approved = file_system("fs-approved");
    approved["tags"] = json!({"fisc:region-exception": "RINGI-2026-014"});
    for item in [file_system("fs-far"), file_system("fs-plain"), approved] {
        aws.config().record(&item);
    }
    for name in ["home", "wide", "deleted"] {
        aws.config().record(&global_cluster(name));
    }
    aws.config().page(2);
}

#[test]
fn a_sweep_sees_replicas_that_no_change_told() {
    const RULE: &str = "fisc-data-residency";
    let control = &data_residency::CONTROL;
    let aws = aws_for(control);
    spread_out(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    // Reported by a change; the schedule leaves it alone.
    let queue = events::item("AWS::SQS::Queue", "queue", json!({}));
    lambda.invoke(events::change(&rule, &queue, &Value::Null)).unwrap();
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(
        &aws,
        RULE,
        &[
            ("fs-far", "NON_COMPLIANT", "REPLICATION_REGION"),
            ("fs-approved", "NOT_APPLICABLE", "EXCEPTION_APPROVED"),
            ("fs-plain", "COMPLIANT", ""),
            ("home", "COMPLIANT", ""),
            ("wide", "NON_COMPLIANT", "REPLICATION_REGION"),
            (ACCOUNT, "NON_COMPLIANT", "UNAPPROVED_REGION_ENABLED"),
            ("queue", "COMPLIANT", ""),
        ],
    );
    assert!(aws.config().result(RULE, "deleted").is_none());
    let account = aws.config().result(RULE, ACCOUNT).unwrap().annotation.unwrap();
    assert!(account.ends_with("af-south-1, eu-south-1"), "{account}");
    assert_eq!(aws.count("DescribeReplicationConfigurations"), 2);
    assert_eq!(aws.count("DescribeGlobalClusters"), 2);
    assert_eq!(aws.count("ListRegions"), 2);
    assert_eq!(aws.count("HeadBucket"), 0);

    let large = file_system("fs-far");
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_all_needed(control, &actions_of(&aws.calls()));
}

#[test]
fn an_account_without_replicas_asks_nothing_of_their_services() {
    const RULE: &str = "fisc-data-residency";
    let control = &data_residency::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(RULE);
    start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(&aws, RULE, &[(ACCOUNT, "COMPLIANT", "")]);
    assert_eq!(aws.config().results(RULE).len(), 1);
}

#[test]
fn one_denied_call_fails_the_whole_residency_sweep() {
    const RULE: &str = "fisc-data-residency";
    let control = &data_residency::CONTROL;
    for (service, operation, after) in [
        ("config", "SelectResourceConfig", 0),
        ("config", "SelectResourceConfig", 1),
        ("efs", "DescribeReplicationConfigurations", 1),
        ("rds", "DescribeGlobalClusters", 1),
        ("account", "ListRegions", 1),
    ] {
        let aws = aws_for(control);
        spread_out(&aws);
        aws.fault(service, operation, Fault::Denied.after(after));
        let rule = aws.config().rule(RULE);
        let event = events::scheduled(&rule, &Value::Null);
        let error = start(&aws, control).invoke(event).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!(":{operation} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

/// A volume as Config delivers it, captured a number of days ago.
fn volume(id: &str, state: &str, days: i64) -> Value {
    let captured = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(days * 24);
    let mut item =
        events::item(VOLUME, id, json!({"volumeId": id, "state": state, "attachments": []}));
    item["configurationItemCaptureTime"] = json!(format!("{captured:.3}"));
    item
}

fn tagged(arn: &str, tags: Value) -> Value {
    let tags: Vec<Value> = tags
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    json!({"ResourceARN": arn, "Tags": tags})
}

const DAY: &str = "fisc:disposal-date";

/// An account with leftovers of every kind.
fn leftovers(aws: &FakeAws) {
    for item in [
        volume("vol-old", "available", 31),
        volume("vol-new", "available", 29),
        volume("vol-used", "in-use", 400),
    ] {
        aws.config().record(&item);
    }
    let mut kept = volume("vol-kept", "available", 400);
    kept["tags"] = json!({"fisc:retain": "forensics"});
    aws.config().record(&kept);
    // Queries write the state as an object.
    let mut queried = volume("vol-queried", "", 31);
    queried["configuration"]["state"] = json!({"value": "available"});
    aws.config().record(&queried);
    aws.config().page(2);

    let key = |id: &str| format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{id}");
    aws.kms().add_key(Key::symmetric("going").state("PendingDeletion"));
    aws.kms().add_key(Key::symmetric("staying").state("Disabled"));
    aws.stub("resourcegroupstaggingapi").page_size(2).returns(
        "GetResources",
        json!({"ResourceTagMappingList": [
            tagged("arn:aws:s3:::future", json!({DAY: "2999-12-31", "Name": "x"})),
            tagged("arn:aws:s3:::past", json!({"Name": "x", DAY: "2020-01-01"})),
            tagged("arn:aws:s3:::kept", json!({DAY: "2020-01-01", "fisc:retain": "claim"})),
            tagged("arn:aws:s3:::undated", json!({DAY: "someday"})),
            tagged(&key("going"), json!({DAY: "2020-01-01"})),
            tagged(&key("gone"), json!({DAY: "2020-01-01"})),
            tagged(&key("staying"), json!({DAY: "2020-01-01"})),
        ]}),
    );
}

#[test]
fn leftovers_are_found_as_time_passes() {
    const RULE: &str = "fisc-data-disposal";
    let control = &data_disposal::CONTROL;
    let aws = aws_for(control);
    leftovers(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(
        &aws,
        RULE,
        &[
            ("vol-old", "NON_COMPLIANT", "VOLUME_UNATTACHED"),
            ("vol-queried", "NON_COMPLIANT", "VOLUME_UNATTACHED"),
            ("vol-new", "COMPLIANT", ""),
            ("vol-used", "COMPLIANT", ""),
            ("vol-kept", "NOT_APPLICABLE", "RETAINED"),
            (ACCOUNT, "NON_COMPLIANT", "DISPOSAL_DATE_PASSED"),
        ],
    );
    let annotation = aws.config().result(RULE, ACCOUNT).unwrap().annotation.unwrap();
    assert!(annotation.contains("3 件"), "{annotation}");
    for named in ["s3 past", "s3 undated", "kms key/staying"] {
        assert!(annotation.contains(named), "{annotation}");
    }
    // Only what decides is asked, and only of keys that are overdue.
    assert_eq!(aws.count("GetResources"), 4);
    assert_eq!(aws.count("DescribeKey"), 3);
    let filters = &aws.calls_of("GetResources")[0].body["TagFilters"];
    assert_eq!(*filters, json!([{"Key": DAY}]));

    let large = volume("vol-old", "available", 31);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_all_needed(control, &actions_of(&aws.calls()));
}

#[test]
fn volumes_and_buckets_are_judged_as_they_change() {
    const RULE: &str = "fisc-data-disposal";
    let control = &data_disposal::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    let bucket = |name: &str, rules: Value| {
        let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
        item["supplementaryConfiguration"] = json!({
            "BucketVersioningConfiguration": {"status": "Enabled"},
            "BucketLifecycleConfiguration": {"rules": rules}});
        item
    };
    let rules = json!([{"id": "r", "status": "Enabled", "expirationInDays": 365,
        "noncurrentVersionExpirationInDays": 30}]);
    for item in [
        volume("vol-just", "available", 0),
        volume("vol-long", "available", 40),
        bucket("tidy", rules),
        bucket("untidy", json!([])),
    ] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    expect(
        &aws,
        RULE,
        &[
            ("vol-just", "COMPLIANT", ""),
            ("vol-long", "NON_COMPLIANT", "VOLUME_UNATTACHED"),
            ("tidy", "COMPLIANT", ""),
            ("untidy", "NON_COMPLIANT", "NO_EXPIRATION_RULE"),
        ],
    );
    assert!(aws.calls().iter().all(|call| call.operation == "PutEvaluations"));
}

#[test]
fn an_account_without_disposal_dates_says_so() {
    const RULE: &str = "fisc-data-disposal";
    let control = &data_disposal::CONTROL;
    let aws = aws_for(control);
    aws.stub("resourcegroupstaggingapi").empty("GetResources");
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(&aws, RULE, &[(ACCOUNT, "NOT_APPLICABLE", "NO_DISPOSAL_DATE")]);
    // Switched off, nothing is asked.
    aws.take_calls();
    lambda.invoke(events::scheduled(&rule, &json!({"disposalTagKey": ""}))).unwrap();
    expect(&aws, RULE, &[(ACCOUNT, "NOT_APPLICABLE", "NO_DISPOSAL_DATE")]);
    assert_eq!(aws.count("GetResources"), 0);
}

#[test]
fn one_denied_call_fails_the_whole_disposal_sweep() {
    const RULE: &str = "fisc-data-disposal";
    let control = &data_disposal::CONTROL;
    for (service, operation, after, fault, kind) in [
        ("config", "SelectResourceConfig", 1, Fault::Denied, "AccessDenied"),
        ("tagging", "GetResources", 1, Fault::Denied, "AccessDenied"),
        ("tagging", "GetResources", 0, Fault::Throttled, "Throttled"),
        ("kms", "DescribeKey", 2, Fault::Denied, "AccessDenied"),
    ] {
        let aws = aws_for(control);
        leftovers(&aws);
        aws.fault(service, operation, fault.after(after));
        let rule = aws.config().rule(RULE);
        let event = events::scheduled(&rule, &Value::Null);
        let error = start(&aws, control).invoke(event).unwrap_err();
        assert_eq!(error.error_type, kind, "{}", error.message);
        assert!(error.message.contains(&format!(":{operation} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn stores_are_classified_by_their_tags_alone() {
    const RULE: &str = "fisc-data-classification";
    let control = &data_classification::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    let volume = |id: &str, tags: Value| {
        let mut item = volume(id, "in-use", 1);
        item["tags"] = tags;
        item
    };
    for item in [
        volume("vol-good", json!({"fisc:data-class": "personal"})),
        volume("vol-bare", json!({})),
        volume("vol-odd", json!({"fisc:data-class": "Personal"})),
        events::item("AWS::EC2::Instance", "i-1", json!({})),
    ] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    expect(
        &aws,
        RULE,
        &[
            ("vol-good", "COMPLIANT", ""),
            ("vol-bare", "NON_COMPLIANT", "CLASS_TAG_MISSING"),
            ("vol-odd", "NON_COMPLIANT", "CLASS_TAG_INVALID"),
            ("i-1", "NOT_APPLICABLE", "NO_REQUIRED_TAGS"),
        ],
    );
    let large = volume("vol-large", json!({"fisc:data-class": "public"}));
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    expect(&aws, RULE, &[("vol-large", "COMPLIANT", "")]);
    assert_all_needed(control, &actions_of(&aws.calls()));

    let answered = aws.count("PutEvaluations");
    let mut untold = volume("vol-untold", Value::Null);
    untold["tags"] = Value::Null;
    let error = lambda.invoke(events::change(&rule, &untold, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "IncompleteItem", "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), answered);
}
