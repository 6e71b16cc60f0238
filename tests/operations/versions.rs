//! End-to-end: the real `operations` binary and `supported-versions`: what services tell of their
//! versions, and the table for the rest. The clock is the real one: only versions without an end,
//! or with one long past, have a place here.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_operations::supported_versions;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-supported-versions";

/// The age of the table is the business of its own tests.
fn parameters() -> Value {
    json!({"maxTableAgeDays": "3650"})
}

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", supported_versions::CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_operations"), aws, &env)
}

fn assert_held(aws: &FakeAws, id: &str, expected: &[&str]) {
    let result = aws.config().result(RULE, id).expect(id);
    let held = format!("{} {}", result.compliance, result.annotation.unwrap_or_default());
    assert!(expected.iter().all(|one| held.contains(one)), "{id}: {held}");
}

const PAST: &str = "2024-01-31T00:00:00Z";
const FUTURE: &str = "2120-01-31T00:00:00Z";

fn cluster(name: &str, version: &str) -> Value {
    events::item("AWS::EKS::Cluster", name, json!({"Name": name, "Version": version}))
}

fn database(id: &str, engine: &str, version: &str) -> Value {
    events::item(
        "AWS::RDS::DBInstance",
        id,
        json!({
            "dBInstanceIdentifier": id, "engine": engine, "engineVersion": version,
            "autoMinorVersionUpgrade": true,
        }),
    )
}

fn member(id: &str) -> Value {
    let mut item = database(id, "aurora-mysql", "8.0.mysql_aurora.3.05.2");
    item["configuration"]["dBClusterIdentifier"] = json!("core");
    item["configuration"]["autoMinorVersionUpgrade"] = json!(false);
    item
}

fn db_cluster(id: &str, engine: &str, version: &str, upgrades: bool) -> Value {
    events::item(
        "AWS::RDS::DBCluster",
        id,
        json!({
            "dbclusterIdentifier": id, "engine": engine, "engineVersion": version,
            "autoMinorVersionUpgrade": upgrades,
        }),
    )
}

fn domain(id: &str, engine: &str, software: Value) -> Value {
    let item = json!({"EngineVersion": engine, "ServiceSoftwareOptions": software});
    let mut item = events::item("AWS::OpenSearch::Domain", id, item);
    // What was recorded long ago waits for long.
    item["configurationItemCaptureTime"] = json!(jiff::Timestamp::now().to_string());
    item
}

fn update(optional: bool, date: &str) -> Value {
    json!({
        "UpdateAvailable": true, "OptionalDeployment": optional, "Cancellable": false,
        "AutomatedUpdateDate": date, "UpdateStatus": "PENDING_UPDATE",
    })
}

fn broker(id: &str, engine: &str, version: &str, upgrades: bool) -> Value {
    events::item(
        "AWS::AmazonMQ::Broker",
        id,
        json!({"EngineType": engine, "EngineVersion": version, "AutoMinorVersionUpgrade": upgrades}),
    )
}

fn kafka(id: &str, version: &str) -> Value {
    events::item("AWS::MSK::Cluster", id, json!({"ClusterName": id, "KafkaVersion": version}))
}

const GOOD_PLATFORM: &str = "arn:aws:elasticbeanstalk:ap-northeast-1::platform/Corretto 21/4.5.0";
const OLD_PLATFORM: &str = "arn:aws:elasticbeanstalk:ap-northeast-1::platform/Java 8/2.10.0";

fn environment(id: &str, platform: &str) -> Value {
    let item = json!({"environmentId": id, "platformArn": platform});
    events::item("AWS::ElasticBeanstalk::Environment", id, item)
}

fn instance(id: &str, image: &str, state: &str) -> Value {
    let item = json!({"instanceId": id, "imageId": image, "state": {"code": 16, "name": state}});
    events::item("AWS::EC2::Instance", id, item)
}

fn function(name: &str) -> Value {
    let item = json!({"functionName": name, "packageType": "Zip", "runtime": "nodejs18.x"});
    events::item("AWS::Lambda::Function", name, item)
}

fn node(id: &str, name: &str, version: &str) -> Value {
    json!({
        "InstanceId": id, "PingStatus": "Online", "PlatformType": "Linux", "PlatformName": name,
        "PlatformVersion": version,
    })
}

/// What the services tell, in pages of two.
fn services(aws: &FakeAws) {
    let version = |version: &str, end: &str, extended: &str| {
        json!({"clusterVersion": version, "clusterType": "eks",
               "endOfStandardSupportDate": end, "endOfExtendedSupportDate": extended})
    };
    let mut local = version("1.90", PAST, PAST);
    local["clusterType"] = json!("eks-local-outposts");
    aws.stub("eks").page_size(2).when(
        "DescribeClusterVersions",
        json!({"includeAll": true}),
        json!({"clusterVersions": [
            version("1.24", PAST, PAST), version("1.30", PAST, FUTURE),
            version("1.90", FUTURE, FUTURE), local,
        ]}),
    );

    let rds = aws.stub("rds");
    rds.page_size(2);
    let major = |engine: &str, version: &str, end: &str| {
        let cycle = |name: &str, end: &str| {
            json!({"LifecycleSupportName": name, "LifecycleSupportStartDate": PAST,
                   "LifecycleSupportEndDate": end})
        };
        json!({"Engine": engine, "MajorEngineVersion": version, "SupportedEngineLifecycles": [
            cycle("open-source-rds-extended-support", FUTURE),
            cycle("open-source-rds-standard-support", end),
        ]})
    };
    for (engine, versions) in [
        ("postgres", vec![("9.6", PAST), ("11", PAST), ("16", FUTURE)]),
        ("aurora-mysql", vec![("5.7", PAST), ("8.0", FUTURE)]),
        ("mysql", vec![("8.4", FUTURE)]),
        ("oracle-ee", vec![]),
    ] {
        let versions: Vec<Value> =
            versions.into_iter().map(|(version, end)| major(engine, version, end)).collect();
        let of = json!({"Engine": engine});
        rds.when("DescribeDBMajorEngineVersions", of, json!({"DBMajorEngineVersions": versions}));
    }
    for (engine, version, status) in [
        ("postgres", "16.4", "available"),
        ("postgres", "16.1", "deprecated"),
        ("postgres", "11.22", "available"),
        ("aurora-mysql", "8.0.mysql_aurora.3.05.2", "available"),
        ("mysql", "8.4.3", "available"),
        ("oracle-ee", "19.0.0.0.ru-2025-10.rur-2025-10.r1", "available"),
        ("docdb", "3.6.0", "available"),
    ] {
        rds.when(
            "DescribeDBEngineVersions",
            json!({"Engine": engine, "EngineVersion": version, "IncludeAll": true}),
            json!({"DBEngineVersions": [
                {"Engine": engine, "EngineVersion": version, "Status": status}
            ]}),
        );
    }
    // Gone from the list.
    let of = json!({"Engine": "postgres", "EngineVersion": "16.0"});
    rds.when("DescribeDBEngineVersions", of, json!({"DBEngineVersions": []}));

    aws.stub("opensearch").page_size(2).returns(
        "ListVersions",
        json!({"Versions": ["OpenSearch_3.1", "OpenSearch_2.3", "Elasticsearch_7.10"]}),
    );
    aws.stub("mq").page_size(1).returns(
        "DescribeBrokerEngineTypes",
        json!({"BrokerEngineTypes": [
            {"EngineType": "ACTIVEMQ", "EngineVersions": [{"Name": "5.18"}, {"Name": "5.17.6"}]},
            {"EngineType": "RABBITMQ", "EngineVersions": [{"Name": "3.13"}]},
        ]}),
    );
    aws.stub("kafka").page_size(1).returns(
        "ListKafkaVersions",
        json!({"KafkaVersions": [
            {"Version": "3.8.x", "Status": "ACTIVE"}, {"Version": "2.8.1", "Status": "DEPRECATED"},
        ]}),
    );
    for (arn, state) in [(GOOD_PLATFORM, "Supported"), (OLD_PLATFORM, "Retired")] {
        aws.stub("elasticbeanstalk").when(
            "DescribePlatformVersion",
            json!({"PlatformArn": arn}),
            json!({"PlatformDescription": {
                "PlatformArn": arn, "PlatformBranchLifecycleState": state,
            }}),
        );
    }
    aws.stub("ssm").page_size(1).returns(
        "DescribeInstanceInformation",
        json!({"InstanceInformationList": [
            node("i-00000000000000001", "Bottlerocket", "1.20"),
            node("i-00000000000000002", "CentOS Linux", "7.9"),
        ]}),
    );
    aws.stub("ec2").page_size(1).when(
        "DescribeImages",
        json!({"IncludeDeprecated": true, "IncludeDisabled": true}),
        json!({"Images": [
            {"ImageId": "ami-00000000000000001", "State": "available", "DeprecationTime": FUTURE},
            {"ImageId": "ami-00000000000000002", "State": "available", "DeprecationTime": PAST},
        ]}),
    );
    other_services(aws, "5.0.6", "emr-7.4.0", "syn-nodejs-puppeteer-3.0");
}

fn other_services(aws: &FakeAws, redis: &str, release: &str, runtime: &str) {
    let member = |id: &str, version: &str| {
        json!({"CacheClusterId": id, "ReplicationGroupId": "session", "Engine": "redis",
               "EngineVersion": version})
    };
    let plain = json!({"CacheClusterId": "plain", "Engine": "redis", "EngineVersion": "7.1.0"});
    aws.stub("elasticache").page_size(1).returns(
        "DescribeCacheClusters",
        json!({"CacheClusters": [
            member("session-001", redis), member("session-002", redis), plain,
        ]}),
    );
    aws.stub("emr")
        .when(
            "ListClusters",
            json!({"ClusterStates": ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"]}),
            json!({"Clusters": [{"Id": "j-BATCH", "Name": "batch"}]}),
        )
        .when(
            "DescribeCluster",
            json!({"ClusterId": "j-BATCH"}),
            json!({"Cluster": {"Id": "j-BATCH", "Name": "batch", "ReleaseLabel": release}}),
        );
    aws.stub("synthetics")
        .returns(
            "DescribeCanaries",
            json!({"Canaries": [{"Name": "login", "RuntimeVersion": runtime}]}),
        )
        .returns(
            "DescribeRuntimeVersions",
            json!({"RuntimeVersions": [
                {"VersionName": "syn-nodejs-puppeteer-3.0", "DeprecationDate": PAST},
                {"VersionName": "syn-nodejs-puppeteer-13.0"},
            ]}),
        );
}

/// What Config holds, and what is expected of it.
fn workload() -> Vec<(Value, Vec<&'static str>)> {
    let epoch = "1970-01-01T00:00:00.000Z";
    vec![
        (function("old"), vec!["NON_COMPLIANT LAMBDA_RUNTIME_UNSUPPORTED", "2025-09-01"]),
        (cluster("eks-good", "1.90"), vec!["COMPLIANT"]),
        (cluster("eks-old", "1.24"), vec!["NON_COMPLIANT EKS_VERSION_UNSUPPORTED", "2024-01-31"]),
        (cluster("eks-paid", "1.30"), vec!["NON_COMPLIANT EKS_VERSION_UNSUPPORTED"]),
        (cluster("eks-new", "1.99"), vec!["NOT_APPLICABLE VERSION_UNKNOWN"]),
        (database("db-good", "postgres", "16.4"), vec!["COMPLIANT"]),
        (database("db-copy", "postgres", "16.4"), vec!["COMPLIANT"]),
        (database("db-gone", "postgres", "16.0"), vec!["NON_COMPLIANT RDS_ENGINE_DEPRECATED"]),
        (
            database("db-minor", "postgres", "16.1"),
            vec!["NON_COMPLIANT RDS_ENGINE_DEPRECATED", "deprecated"],
        ),
        (
            database("db-major", "postgres", "11.22"),
            vec!["NON_COMPLIANT RDS_MAJOR_UNSUPPORTED", "postgres 11.22"],
        ),
        (
            database("db-oracle", "oracle-ee", "19.0.0.0.ru-2025-10.rur-2025-10.r1"),
            vec!["COMPLIANT VERSION_UNKNOWN"],
        ),
        (member("db-member"), vec!["NON_COMPLIANT AUTO_MINOR_UPGRADE_OFF"]),
        (
            db_cluster("cluster-core", "aurora-mysql", "8.0.mysql_aurora.3.05.2", false),
            vec!["COMPLIANT"],
        ),
        (
            db_cluster("cluster-multi-az", "mysql", "8.4.3", false),
            vec!["NON_COMPLIANT AUTO_MINOR_UPGRADE_OFF"],
        ),
        // RDS has no dates of this engine, and is not asked for them.
        (
            db_cluster("cluster-docs", "docdb", "3.6.0", true),
            vec!["NON_COMPLIANT RDS_MAJOR_UNSUPPORTED", "2026-03-30"],
        ),
        (domain("search-good", "OpenSearch_3.1", json!({})), vec!["COMPLIANT"]),
        (
            domain("search-old", "OpenSearch_2.3", json!({})),
            vec!["NON_COMPLIANT OPENSEARCH_OUTDATED", "2025-11-07"],
        ),
        (
            domain("search-gone", "OpenSearch_3.9", json!({})),
            vec!["NON_COMPLIANT OPENSEARCH_OUTDATED", "OpenSearch 3.9"],
        ),
        (
            domain("search-late", "OpenSearch_3.1", update(false, PAST)),
            vec!["NON_COMPLIANT OPENSEARCH_OUTDATED"],
        ),
        (domain("search-optional", "OpenSearch_3.1", update(true, PAST)), vec!["COMPLIANT"]),
        (domain("search-planned", "OpenSearch_3.1", update(false, FUTURE)), vec!["COMPLIANT"]),
        (domain("search-undated", "OpenSearch_3.1", update(false, epoch)), vec!["COMPLIANT"]),
        (broker("mq-good", "ACTIVEMQ", "5.18.4", true), vec!["COMPLIANT"]),
        (
            broker("mq-old", "ActiveMQ", "5.15.16", false),
            vec!["NON_COMPLIANT MQ_ENGINE_UNSUPPORTED", "AUTO_MINOR_UPGRADE_OFF"],
        ),
        (broker("mq-rabbit", "RABBITMQ", "3.13", true), vec!["COMPLIANT"]),
        (kafka("msk-good", "3.8.x"), vec!["COMPLIANT"]),
        (kafka("msk-old", "2.8.1"), vec!["NON_COMPLIANT KAFKA_VERSION_DEPRECATED"]),
        (kafka("msk-odd", "9.9.9"), vec!["NOT_APPLICABLE VERSION_UNKNOWN"]),
        (environment("e-good", GOOD_PLATFORM), vec!["COMPLIANT"]),
        (environment("e-old", OLD_PLATFORM), vec!["NON_COMPLIANT BEANSTALK_PLATFORM_RETIRED"]),
        (environment("e-old-too", OLD_PLATFORM), vec!["NON_COMPLIANT", "Java 8/2.10.0"]),
        (
            events::item(
                "AWS::Glue::Job",
                "etl",
                json!({"Command": {"Name": "glueetl"}, "GlueVersion": "1.0"}),
            ),
            vec!["NON_COMPLIANT GLUE_VERSION_UNSUPPORTED"],
        ),
        (
            events::item(
                "AWS::ECS::Service",
                "web",
                json!({"LaunchType": "FARGATE", "PlatformVersion": "1.3.0"}),
            ),
            vec!["NON_COMPLIANT FARGATE_PLATFORM_OLD"],
        ),
        (
            instance("i-00000000000000001", "ami-00000000000000001", "running"),
            vec!["COMPLIANT VERSION_UNKNOWN"],
        ),
        (
            instance("i-00000000000000002", "ami-00000000000000002", "running"),
            vec!["NON_COMPLIANT OS_UNSUPPORTED", "2024-06-30", "AMI_DEPRECATED"],
        ),
        (
            instance("i-00000000000000003", "ami-00000000000000001", "stopped"),
            vec!["COMPLIANT INSTANCE_NOT_MANAGED"],
        ),
        (
            instance("i-00000000000000004", "ami-00000000000000009", "running"),
            vec!["NON_COMPLIANT AMI_DEPRECATED", "ami-00000000000000009"],
        ),
    ]
}

fn record(aws: &FakeAws, workload: &[(Value, Vec<&str>)]) {
    aws.config().page(3);
    for (item, _) in workload {
        aws.config().record(item);
    }
}

#[test]
fn the_schedule_judges_everything_by_one_question_to_each_service() {
    let control = &supported_versions::CONTROL;
    let aws = aws_for(control);
    services(&aws);
    let workload = workload();
    record(&aws, &workload);
    // Judged when it changes, not by the schedule.
    let warehouse = json!({"allowVersionUpgrade": false});
    aws.config().record(&events::item("AWS::Redshift::Cluster", "dwh", warehouse));
    let rule = aws.config().rule(RULE);
    start(&aws).invoke(events::scheduled(&rule, &parameters())).unwrap();
    for (item, expected) in &workload {
        assert_held(&aws, item["resourceId"].as_str().unwrap(), expected);
    }
    assert_held(
        &aws,
        ACCOUNT,
        &["NON_COMPLIANT OTHER_ENGINE_UNSUPPORTED", "session", "j-BATCH", "login"],
    );
    assert!(aws.config().result(RULE, "dwh").is_none());
    // Pages, not resources.
    for (operation, calls) in [
        ("DescribeClusterVersions", 2),
        ("ListVersions", 2),
        ("DescribeBrokerEngineTypes", 2),
        ("ListKafkaVersions", 2),
        ("DescribePlatformVersion", 2),
        ("DescribeInstanceInformation", 2),
        // Instances and clusters have four engines with majors, one of which has two pages.
        ("DescribeDBMajorEngineVersions", 5),
        ("DescribeDBEngineVersions", 8),
    ] {
        assert_eq!(aws.count(operation), calls, "{operation}");
    }
    assert_all_needed_but_history(&aws);
}

/// What only changes call is called by them: see the other test.
fn assert_all_needed_but_history(aws: &FakeAws) {
    let mut called = actions_of(&aws.calls());
    called.insert("config:GetResourceConfigHistory".to_owned());
    assert_all_needed(&supported_versions::CONTROL, &called);
}

#[test]
fn changes_are_judged_one_by_one() {
    let control = &supported_versions::CONTROL;
    let aws = aws_for(control);
    services(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let of = json!({"Filters": [{"Key": "InstanceIds", "Values": ["i-00000000000000004"]}]});
    aws.stub("ssm").when("DescribeInstanceInformation", of, json!({"InstanceInformationList": []}));
    for (item, expected) in workload() {
        lambda.invoke(events::change(&rule, &item, &parameters())).unwrap();
        assert_held(&aws, item["resourceId"].as_str().unwrap(), &expected);
    }
    aws.take_calls();
    // One database asks for its own engine.
    lambda
        .invoke(events::change(&rule, &database("one", "mysql", "8.4.3"), &parameters()))
        .unwrap();
    let asked: Vec<String> = aws
        .calls()
        .iter()
        .filter(|call| call.service != "config")
        .map(|call| call.operation.clone())
        .collect();
    assert_eq!(asked, ["DescribeDBMajorEngineVersions", "DescribeDBEngineVersions"]);
    // Paid support counts where the parameter says so.
    let mut paid = parameters();
    paid["acceptExtendedSupport"] = json!("true");
    lambda.invoke(events::change(&rule, &cluster("eks-paid", "1.30"), &paid)).unwrap();
    assert_held(&aws, "eks-paid", &["COMPLIANT"]);
    // An item too large for the event is fetched.
    let large = cluster("eks-large", "1.24");
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &parameters())).unwrap();
    assert_held(&aws, "eks-large", &["NON_COMPLIANT EKS_VERSION_UNSUPPORTED"]);
}

#[test]
fn an_account_of_current_versions_passes() {
    let aws = aws_for(&supported_versions::CONTROL);
    other_services(&aws, "7.1.0", "emr-9.9.9", "syn-nodejs-puppeteer-13.0");
    let rule = aws.config().rule(RULE);
    start(&aws).invoke(events::scheduled(&rule, &parameters())).unwrap();
    assert_held(&aws, ACCOUNT, &["COMPLIANT VERSION_UNKNOWN", "j-BATCH"]);
    // Services of which nothing is there are not asked.
    let asked = ["DescribeClusterVersions", "ListVersions", "DescribeDBEngineVersions"];
    assert!(asked.iter().all(|operation| aws.count(operation) == 0));
}

#[test]
fn a_denied_call_fails_the_schedule_and_writes_nothing() {
    for (service, operation, action) in [
        ("config", "SelectResourceConfig", "config:SelectResourceConfig"),
        ("eks", "DescribeClusterVersions", "eks:DescribeClusterVersions"),
        ("rds", "DescribeDBMajorEngineVersions", "rds:DescribeDBMajorEngineVersions"),
        ("rds", "DescribeDBEngineVersions", "rds:DescribeDBEngineVersions"),
        ("es", "ListVersions", "es:ListVersions"),
        ("mq", "DescribeBrokerEngineTypes", "mq:DescribeBrokerEngineTypes"),
        ("kafka", "ListKafkaVersions", "kafka:ListKafkaVersions"),
        ("elasticbeanstalk", "DescribePlatformVersion", "elasticbeanstalk:DescribePlatformVersion"),
        ("ssm", "DescribeInstanceInformation", "ssm:DescribeInstanceInformation"),
        ("ec2", "DescribeImages", "ec2:DescribeImages"),
        ("elasticache", "DescribeCacheClusters", "elasticache:DescribeCacheClusters"),
        ("elasticmapreduce", "ListClusters", "elasticmapreduce:ListClusters"),
        ("elasticmapreduce", "DescribeCluster", "elasticmapreduce:DescribeCluster"),
        ("synthetics", "DescribeCanaries", "synthetics:DescribeCanaries"),
        ("synthetics", "DescribeRuntimeVersions", "synthetics:DescribeRuntimeVersions"),
    ] {
        let aws = aws_for(&supported_versions::CONTROL);
        services(&aws);
        record(&aws, &workload());
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let error = start(&aws).invoke(events::scheduled(&rule, &parameters())).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{service} {operation}");
    }
}
