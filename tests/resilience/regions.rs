//! End-to-end: copies in other Regions and capacity that follows load, through the real
//! `resilience` binary.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_resilience::{auto_scaling, cross_region_recovery};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const OSAKA: &str = "ap-northeast-3";

fn start(aws: &FakeAws, control: &Control) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_resilience"), aws, &env)
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

fn hours_ago(hours: i64) -> String {
    (Timestamp::now() - SignedDuration::from_hours(hours)).to_string()
}

const COPIES: &str = "fisc-cross-region-recovery";

/// A resource that is tagged for recovery.
fn tagged(resource_type: &str, id: &str, configuration: Value) -> Value {
    let mut item = events::item(resource_type, id, configuration);
    let tag = if resource_type == "AWS::EC2::Instance" { "drs" } else { "multi-region" };
    item["tags"] = json!({"fisc:dr": tag});
    item
}

fn bucket(name: &str, target: Option<&str>) -> Value {
    let mut item = tagged("AWS::S3::Bucket", name, json!({"name": name}));
    item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
    let rules = target.map(|target| {
        json!({"rules": {"all": {"status": "Enabled", "prefix": "",
            "destinationConfig": {"bucketARN": format!("arn:aws:s3:::{target}")}}}})
    });
    item["supplementaryConfiguration"] = json!({"BucketVersioningConfiguration": {"status": "Enabled"},
        "BucketReplicationConfiguration": rules});
    item
}

fn cluster(name: &str) -> Value {
    let mut item = tagged("AWS::RDS::DBCluster", name, json!({"dbclusterIdentifier": name}));
    item["ARN"] = json!(format!("arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{name}"));
    item
}

fn secret(name: &str) -> Value {
    let arn = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}");
    let mut item = tagged("AWS::SecretsManager::Secret", name, json!({"ARN": arn}));
    item["ARN"] = json!(arn);
    item
}

/// A global table of the first version.
fn old_table(name: &str) -> Value {
    let configuration = json!({"tableName": name, "globalTableVersion": "2017.11.29"});
    tagged("AWS::DynamoDB::Table", name, configuration)
}

fn copy_job(bucket: &str, region: &str, state: &str, hours: i64) -> Value {
    json!({
        "CopyJobId": "j", "ResourceArn": format!("arn:aws:s3:::{bucket}"), "State": state,
        "DestinationBackupVaultArn": format!("arn:aws:backup:{region}:{ACCOUNT}:backup-vault:dr"),
        "CreationDate": hours_ago(hours),
    })
}

fn replication(source: &str, status: &str, region: &str) -> Value {
    let arn = format!("arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{source}");
    json!({
        "SourceFileSystemId": source, "SourceFileSystemRegion": REGION,
        "SourceFileSystemArn": arn, "OriginalSourceFileSystemArn": arn,
        "CreationTime": "2026-01-01T00:00:00Z",
        "Destinations": [{"Status": status, "FileSystemId": "fs-0d", "Region": region}],
    })
}

fn source_server(instance: &str, state: &str, lag: Option<&str>) -> Value {
    let mut server = json!({
        "sourceServerID": format!("s-{instance}"),
        "sourceProperties": {"identificationHints": {"awsInstanceID": instance}},
        "dataReplicationInfo": {"dataReplicationState": state},
    });
    if let Some(lag) = lag {
        server["dataReplicationInfo"]["lagDuration"] = json!(lag);
    }
    server
}

/// An account with one good and one bad resource of each kind.
fn bank(aws: &FakeAws) -> Vec<Value> {
    aws.s3().bucket("osaka", OSAKA).bucket("tokyo", REGION);
    let jobs = |name: &str, jobs: Value| {
        let arn = format!("arn:aws:s3:::{name}");
        aws.stub("backup").when(
            "ListCopyJobs",
            json!({"ByResourceArn": arn, "ByState": "COMPLETED"}),
            json!({"CopyJobs": jobs}),
        );
    };
    aws.stub("backup").page_size(1).empty("ListCopyJobs");
    // Pages of one: the newest is not the first.
    jobs(
        "copied",
        json!([
            copy_job("copied", OSAKA, "COMPLETED", 100),
            copy_job("copied", OSAKA, "COMPLETED", 5),
            copy_job("copied", REGION, "COMPLETED", 1),
        ]),
    );
    jobs("stale", json!([copy_job("stale", OSAKA, "COMPLETED", 100)]));
    jobs("within", json!([copy_job("within", REGION, "COMPLETED", 1)]));
    let operation = "DescribeReplicationConfigurations";
    let of = |id: &str| json!({"FileSystemId": id});
    let told = |all: Value| json!({"Replications": all});
    aws.stub("efs")
        .when(operation, of("fs-good"), told(json!([replication("fs-good", "ENABLED", OSAKA)])))
        .when(operation, of("fs-error"), told(json!([replication("fs-error", "ERROR", OSAKA)])))
        .when(operation, of("fs-near"), told(json!([replication("fs-near", "ENABLED", REGION)])))
        .fails_when(operation, of("fs-none"), "ReplicationNotFound", 404);
    let mut from_osaka = replication("fs-source", "ENABLED", REGION);
    from_osaka["SourceFileSystemRegion"] = json!(OSAKA);
    aws.stub("efs").when(operation, of("fs-copy"), told(json!([from_osaka])));
    let member = |region: &str, name: &str, writer: bool| {
        json!({"DBClusterArn": format!("arn:aws:rds:{region}:{ACCOUNT}:cluster:{name}"),
            "IsWriter": writer})
    };
    aws.stub("rds").page_size(1).returns(
        "DescribeGlobalClusters",
        json!({"GlobalClusters": [
            {"GlobalClusterIdentifier": "one", "GlobalClusterMembers": [member(REGION, "alone", true)]},
            {"GlobalClusterIdentifier": "two", "GlobalClusterMembers":
                [member(REGION, "wide", true), member(OSAKA, "wide-2", false)]},
            {"GlobalClusterIdentifier": "three", "GlobalClusterMembers":
                [member(OSAKA, "main", true), member(REGION, "second", false)]},
        ]}),
    );
    let members = |regions: &[&str]| {
        let all: Vec<_> = regions.iter().map(|region| json!({"RegionName": region})).collect();
        json!({"GlobalTableDescription": {"ReplicationGroup": all}})
    };
    let (operation, of) = ("DescribeGlobalTable", |name: &str| json!({"GlobalTableName": name}));
    aws.stub("dynamodb")
        .when(operation, of("old-wide"), members(&[REGION, OSAKA]))
        .when(operation, of("old-alone"), members(&[REGION]))
        .fails_when(operation, of("old-none"), "GlobalTableNotFoundException", 400);
    let mut partly = bucket("partly", Some("osaka"));
    partly["supplementaryConfiguration"]["BucketReplicationConfiguration"]["rules"]["all"]["prefix"] =
        json!("ledger/");
    let mut items = vec![
        old_table("old-wide"),
        old_table("old-alone"),
        old_table("old-none"),
        bucket("to-osaka", Some("osaka")),
        partly,
        bucket("to-tokyo", Some("tokyo")),
        bucket("to-nowhere", Some("nowhere")),
        bucket("copied", None),
        bucket("stale", None),
        bucket("within", None),
        cluster("alone"),
        cluster("wide"),
        cluster("second"),
        secret("good"),
        secret("failed"),
        secret("abroad"),
        secret("replica"),
    ];
    let replica = |region: &str, status: &str| json!({"Region": region, "Status": status});
    for (name, primary, replicas) in [
        ("good", REGION, json!([replica(OSAKA, "InSync")])),
        ("failed", REGION, json!([replica(OSAKA, "Failed")])),
        ("abroad", REGION, json!([replica(OSAKA, "InSync"), replica("us-east-1", "InSync")])),
        ("replica", OSAKA, json!([])),
    ] {
        let arn = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}");
        aws.stub("secretsmanager").when(
            "DescribeSecret",
            json!({"SecretId": arn}),
            json!({"ARN": arn, "Name": name, "PrimaryRegion": primary, "ReplicationStatus": replicas}),
        );
    }
    aws.stub("drs").in_region(OSAKA).page_size(1).returns(
        "DescribeSourceServers",
        json!({"items": [
            source_server("i-good", "CONTINUOUS", None),
            source_server("i-late", "BACKLOG", Some("PT1H")),
            source_server("i-cut", "DISCONNECTED", None),
        ]}),
    );
    for id in ["fs-good", "fs-error", "fs-near", "fs-none", "fs-copy"] {
        items.push(tagged("AWS::EFS::FileSystem", id, json!({"FileSystemId": id})));
    }
    for id in ["i-good", "i-late", "i-cut", "i-none"] {
        items.push(tagged("AWS::EC2::Instance", id, json!({"instanceId": id})));
    }
    items
}

const EXPECTED: &[(&str, &str, &str)] = &[
    ("old-wide", "COMPLIANT", ""),
    ("old-alone", "NON_COMPLIANT", "DYNAMODB_NO_REPLICA"),
    ("old-none", "NON_COMPLIANT", "DYNAMODB_NO_REPLICA"),
    ("to-osaka", "COMPLIANT", ""),
    ("partly", "COMPLIANT", "PARTLY_REPLICATED"),
    ("to-tokyo", "NON_COMPLIANT", "S3_NOT_REPLICATED"),
    ("to-nowhere", "NON_COMPLIANT", "S3_NOT_REPLICATED"),
    ("copied", "COMPLIANT", "BACKUP_COPY"),
    ("stale", "NON_COMPLIANT", "COPY_STALE"),
    ("within", "NON_COMPLIANT", "S3_NOT_REPLICATED"),
    ("alone", "NON_COMPLIANT", "AURORA_NO_GLOBAL_SECONDARY"),
    ("wide", "COMPLIANT", ""),
    ("second", "NOT_APPLICABLE", "COPY_ITSELF"),
    ("good", "COMPLIANT", ""),
    ("failed", "NON_COMPLIANT", "SECRET_NOT_REPLICATED"),
    ("abroad", "NON_COMPLIANT", "TARGET_REGION_NOT_APPROVED"),
    ("replica", "NOT_APPLICABLE", "COPY_ITSELF"),
    ("fs-good", "COMPLIANT", ""),
    ("fs-error", "NON_COMPLIANT", "EFS_NOT_REPLICATED"),
    ("fs-near", "NON_COMPLIANT", "EFS_NOT_REPLICATED"),
    ("fs-none", "NON_COMPLIANT", "EFS_NOT_REPLICATED"),
    ("fs-copy", "NOT_APPLICABLE", "COPY_ITSELF"),
    ("i-good", "COMPLIANT", ""),
    ("i-late", "NON_COMPLIANT", "DRS_LAG_OVER_RPO"),
    ("i-cut", "NON_COMPLIANT", "DRS_NOT_REPLICATING"),
    ("i-none", "NON_COMPLIANT", "DRS_NOT_REPLICATING"),
];

#[test]
fn a_change_tells_where_the_copies_of_a_resource_are() {
    let control = &cross_region_recovery::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(COPIES);
    let mut lambda = start(&aws, control);
    for item in bank(&aws) {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    expect(&aws, COPIES, EXPECTED);
    // What no tag names costs no call.
    aws.take_calls();
    let mut plain = bucket("plain", Some("nowhere"));
    plain["tags"] = json!({"owner": "core"});
    lambda.invoke(events::change(&rule, &plain, &Value::Null)).unwrap();
    expect(&aws, COPIES, &[("plain", "NOT_APPLICABLE", "NOT_TAGGED_FOR_RECOVERY")]);
    assert!(aws.calls().iter().all(|call| call.operation == "PutEvaluations"));
}

fn repository(name: &str, dr: bool) -> Value {
    let mut item = events::item("AWS::ECR::Repository", name, json!({"RepositoryName": name}));
    item["tags"] = if dr { json!({"fisc:dr": "multi-region"}) } else { json!({}) };
    item
}

fn registry(aws: &FakeAws, rules: Value) {
    aws.stub("ecr").returns(
        "DescribeRegistry",
        json!({"registryId": ACCOUNT, "replicationConfiguration": {"rules": rules}}),
    );
}

#[test]
fn a_sweep_judges_what_is_tagged_and_the_registry() {
    let control = &cross_region_recovery::CONTROL;
    let aws = aws_for(control);
    for item in bank(&aws) {
        aws.config().record(&item);
    }
    let mut plain = bucket("plain", None);
    plain["tags"] = json!({});
    aws.config().record(&plain).record(&repository("core/api", true)).page(2);
    let to = |region: &str| json!({"region": region, "registryId": ACCOUNT});
    let filter = |prefix: &str| json!([{"filter": prefix, "filterType": "PREFIX_MATCH"}]);
    registry(&aws, json!([{"destinations": [to(OSAKA)], "repositoryFilters": filter("core/")}]));
    let rule = aws.config().rule(COPIES);
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(&aws, COPIES, EXPECTED);
    expect(&aws, COPIES, &[(ACCOUNT, "COMPLIANT", "")]);
    assert!(aws.config().result(COPIES, "plain").is_none());
    // Asked once for all instances, in the one other Region, on three pages.
    assert_eq!(aws.count("DescribeSourceServers"), 3);

    let large = bucket("to-osaka", Some("osaka"));
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_all_needed(control, &actions_of(&aws.calls()));
}

#[test]
fn replication_of_the_registry_must_cover_what_needs_it() {
    let control = &cross_region_recovery::CONTROL;
    let to = |region: &str| json!([{"region": region, "registryId": ACCOUNT}]);
    let filter = |prefix: &str| json!([{"filter": prefix, "filterType": "PREFIX_MATCH"}]);
    let prefixes = json!({"ecrPrefixes": "core/"});
    let none = json!([]);
    for (dr, rules, parameters, compliance, code) in [
        (true, none.clone(), Value::Null, "NON_COMPLIANT", "ECR_NOT_REPLICATED"),
        (true, json!([{"destinations": to(OSAKA)}]), Value::Null, "COMPLIANT", ""),
        // To another account in the same Region is no second Region.
        (
            true,
            json!([{"destinations": to(REGION)}]),
            Value::Null,
            "NON_COMPLIANT",
            "ECR_NOT_REPLICATED",
        ),
        (
            true,
            json!([{"destinations": to(OSAKA), "repositoryFilters": filter("web/")}]),
            Value::Null,
            "NON_COMPLIANT",
            "ECR_NOT_REPLICATED",
        ),
        (false, none.clone(), Value::Null, "NOT_APPLICABLE", "NO_REPOSITORY_IN_SCOPE"),
        (false, none, prefixes, "NON_COMPLIANT", "ECR_NOT_REPLICATED"),
        (
            false,
            json!([{"destinations": to("us-east-1")}]),
            Value::Null,
            "NON_COMPLIANT",
            "TARGET_REGION_NOT_APPROVED",
        ),
    ] {
        let aws = aws_for(control);
        aws.config().record(&repository("core/api", dr));
        registry(&aws, rules.clone());
        let rule = aws.config().rule(COPIES);
        start(&aws, control).invoke(events::scheduled(&rule, &parameters)).unwrap();
        let found = held(&aws, COPIES, ACCOUNT);
        assert_eq!(found, (compliance.to_owned(), code.to_owned()), "{rules}");
    }
    let aws = aws_for(control);
    let rule = aws.config().rule(COPIES);
    start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(&aws, COPIES, &[(ACCOUNT, "NOT_APPLICABLE", "NO_REPOSITORY_IN_SCOPE")]);
}

#[test]
fn a_call_about_copies_that_fails_is_no_verdict() {
    let control = &cross_region_recovery::CONTROL;
    for (service, operation) in [
        ("config", "SelectResourceConfig"),
        ("backup", "ListCopyJobs"),
        ("elasticfilesystem", "DescribeReplicationConfigurations"),
        ("rds", "DescribeGlobalClusters"),
        ("dynamodb", "DescribeGlobalTable"),
        ("secretsmanager", "DescribeSecret"),
        ("drs", "DescribeSourceServers"),
        ("ecr", "DescribeRegistry"),
        ("s3", "HeadBucket"),
    ] {
        let aws = aws_for(control);
        for item in bank(&aws) {
            aws.config().record(&item);
        }
        aws.config().record(&repository("core/api", true));
        registry(&aws, json!([]));
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(COPIES);
        let answer = start(&aws, control).invoke(events::scheduled(&rule, &Value::Null));
        let error = answer.expect_err(operation);
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn a_region_without_disaster_recovery_has_no_source_servers() {
    let control = &cross_region_recovery::CONTROL;
    let aws = aws_for(control);
    aws.stub("drs").in_region(OSAKA).fails(
        "DescribeSourceServers",
        "UninitializedAccountException",
        400,
    );
    let rule = aws.config().rule(COPIES);
    let instance = tagged("AWS::EC2::Instance", "i-1", json!({"instanceId": "i-1"}));
    start(&aws, control).invoke(events::change(&rule, &instance, &Value::Null)).unwrap();
    expect(&aws, COPIES, &[("i-1", "NON_COMPLIANT", "DRS_NOT_REPLICATING")]);
}

const SCALING: &str = "fisc-auto-scaling";

fn group(name: &str) -> Value {
    events::item(
        "AWS::AutoScaling::AutoScalingGroup",
        name,
        json!({
            "autoScalingGroupName": name, "minSize": 2, "maxSize": 6, "desiredCapacity": 2,
            "healthCheckType": "ELB", "targetGroupARNs": ["arn:aws:elasticloadbalancing:x"],
            "loadBalancerNames": [], "suspendedProcesses": [], "tags": [],
            "newInstancesProtectedFromScaleIn": false,
        }),
    )
}

fn policy(group: &str, target: u8) -> Value {
    events::item(
        "AWS::AutoScaling::ScalingPolicy",
        &format!("policy-{group}"),
        json!({
            "autoScalingGroupName": group, "policyName": "p", "enabled": true,
            "policyType": "TargetTrackingScaling", "targetTrackingConfiguration": {
                "targetValue": target, "disableScaleIn": false,
                "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"},
            },
        }),
    )
}

fn service(name: &str) -> Value {
    let arn = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:service/core/{name}");
    events::item(
        "AWS::ECS::Service",
        &arn,
        json!({"ServiceArn": arn, "ServiceName": name, "Cluster": "core", "DesiredCount": 2,
            "SchedulingStrategy": "REPLICA"}),
    )
}

fn table(name: &str, mode: &str) -> Value {
    let configuration = json!({"tableName": name, "billingModeSummary": {"billingMode": mode}});
    events::item("AWS::DynamoDB::Table", name, configuration)
}

fn aurora(name: &str) -> Value {
    let configuration = json!({"dbclusterIdentifier": name, "engine": "aurora-postgresql",
        "engineMode": "provisioned", "dbclusterMembers": [{"dbinstanceIdentifier": "one"}]});
    events::item("AWS::RDS::DBCluster", name, configuration)
}

fn target(namespace: &str, id: &str, dimension: &str, max: u8) -> Value {
    json!({
        "ServiceNamespace": namespace, "ResourceId": id, "ScalableDimension": dimension,
        "MinCapacity": 2, "MaxCapacity": max, "RoleARN": "arn:aws:iam::111122223333:role/scaling",
        "CreationTime": "2026-01-01T00:00:00Z",
    })
}

fn tracking(namespace: &str, id: &str, dimension: &str) -> Value {
    json!({
        "PolicyARN": "arn:aws:autoscaling:x", "PolicyName": "p", "ServiceNamespace": namespace,
        "ResourceId": id, "ScalableDimension": dimension, "PolicyType": "TargetTrackingScaling",
        "CreationTime": "2026-01-01T00:00:00Z",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 60.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}},
    })
}

/// Services, tables and clusters of which some scale.
fn fleet(aws: &FakeAws) -> Vec<Value> {
    const TASKS: &str = "ecs:service:DesiredCount";
    const READS: &str = "dynamodb:table:ReadCapacityUnits";
    const WRITES: &str = "dynamodb:table:WriteCapacityUnits";
    const READERS: &str = "rds:cluster:ReadReplicaCount";
    let mut suspended = target("ecs", "service/core/paused", TASKS, 9);
    suspended["SuspendedState"] = json!({"DynamicScalingInSuspended": false,
        "DynamicScalingOutSuspended": true, "ScheduledScalingSuspended": false});
    let scaling = aws.stub("application-autoscaling");
    scaling.page_size(1);
    for (namespace, targets, policies) in [
        (
            "ecs",
            vec![
                target("ecs", "service/core/api", TASKS, 9),
                target("ecs", "service/core/stuck", TASKS, 2),
                target("ecs", "service/core/lonely", TASKS, 9),
                suspended,
            ],
            vec![
                tracking("ecs", "service/core/api", TASKS),
                tracking("ecs", "service/core/stuck", TASKS),
                tracking("ecs", "service/core/paused", TASKS),
            ],
        ),
        (
            "dynamodb",
            vec![
                target("dynamodb", "table/both", READS, 9),
                target("dynamodb", "table/both", WRITES, 9),
                target("dynamodb", "table/half", READS, 9),
            ],
            vec![
                tracking("dynamodb", "table/both", READS),
                tracking("dynamodb", "table/both", WRITES),
                tracking("dynamodb", "table/half", READS),
            ],
        ),
        (
            "rds",
            vec![target("rds", "cluster:grows", READERS, 9)],
            vec![tracking("rds", "cluster:grows", READERS)],
        ),
    ] {
        scaling
            .when(
                "DescribeScalableTargets",
                json!({"ServiceNamespace": namespace}),
                json!({"ScalableTargets": targets}),
            )
            .when(
                "DescribeScalingPolicies",
                json!({"ServiceNamespace": namespace}),
                json!({"ScalingPolicies": policies}),
            );
    }
    vec![
        group("web"),
        group("batch"),
        service("api"),
        service("stuck"),
        service("lonely"),
        service("paused"),
        service("plain"),
        table("both", "PROVISIONED"),
        table("half", "PROVISIONED"),
        table("free", "PAY_PER_REQUEST"),
        aurora("grows"),
        aurora("stays"),
    ]
}

fn expect_fleet(aws: &FakeAws) {
    let not = ["stuck", "lonely", "paused", "plain"];
    for (name, code) in
        [("api", "")].into_iter().chain(not.map(|one| (one, "ECS_SERVICE_NOT_SCALING")))
    {
        let arn = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:service/core/{name}");
        assert_eq!(held(aws, SCALING, &arn).1, code, "{name}");
    }
    expect(
        aws,
        SCALING,
        &[
            ("web", "COMPLIANT", ""),
            ("batch", "NON_COMPLIANT", "NO_SCALING_POLICY"),
            ("both", "COMPLIANT", ""),
            ("half", "NON_COMPLIANT", "DYNAMODB_NOT_SCALING"),
            ("free", "NOT_APPLICABLE", "ON_DEMAND_TABLE"),
            ("grows", "COMPLIANT", ""),
            ("stays", "NON_COMPLIANT", "AURORA_REPLICAS_NOT_SCALING"),
        ],
    );
}

#[test]
fn changes_are_judged_with_the_policies_of_the_moment() {
    let control = &auto_scaling::CONTROL;
    let aws = aws_for(control);
    aws.config().record(&policy("web", 60));
    let rule = aws.config().rule(SCALING);
    let mut lambda = start(&aws, control);
    for item in fleet(&aws) {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    expect_fleet(&aws);
    // A service is asked for by its own id.
    let first = &aws.calls_of("DescribeScalableTargets")[0];
    assert_eq!(first.body["ResourceIds"], json!(["service/core/api"]));
    aws.take_calls();
    for item in [policy("hot", 90), policy("warm", 60)] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    expect(
        &aws,
        SCALING,
        &[
            ("policy-hot", "NON_COMPLIANT", "SCALING_TARGET_UNSUITABLE"),
            ("policy-warm", "COMPLIANT", ""),
        ],
    );
    assert!(aws.calls().iter().all(|call| call.operation == "PutEvaluations"));
}

#[test]
fn a_sweep_asks_each_service_once() {
    let control = &auto_scaling::CONTROL;
    let aws = aws_for(control);
    aws.config().record(&policy("web", 60)).record(&policy("other", 60)).page(2);
    for item in fleet(&aws) {
        aws.config().record(&item);
    }
    let rule = aws.config().rule(SCALING);
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect_fleet(&aws);
    // 4, 3 and 1 targets, and 3, 3 and 1 policies, one a page.
    assert_eq!(aws.count("DescribeScalableTargets"), 8);
    assert_eq!(aws.count("DescribeScalingPolicies"), 7);
    lambda.invoke(events::oversized(&rule, &group("web"), &Value::Null)).unwrap();
    let mut called = actions_of(&aws.calls());

    // Without any policy, the question is whether Config looks for them.
    for (types, code) in [
        (json!(["AWS::AutoScaling::AutoScalingGroup"]), "POLICIES_NOT_RECORDED"),
        (json!(["AWS::AutoScaling::ScalingPolicy"]), "NO_SCALING_POLICY"),
    ] {
        let aws = aws_for(control);
        let recorder = json!({"name": "default", "recordingGroup": {"allSupported": false,
            "includeGlobalResourceTypes": false, "resourceTypes": types}});
        let answer = json!({"ConfigurationRecorders": [recorder]});
        aws.stub("config").returns("DescribeConfigurationRecorders", answer);
        aws.config().record(&group("web"));
        let rule = aws.config().rule(SCALING);
        start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
        assert_eq!(held(&aws, SCALING, "web").1, code);
        called.extend(actions_of(&aws.calls()));
    }
    assert_all_needed(control, &called);
}

#[test]
fn a_call_about_scaling_that_fails_is_no_verdict() {
    let control = &auto_scaling::CONTROL;
    for (service, operation, after) in [
        ("config", "SelectResourceConfig", 0),
        ("config", "SelectResourceConfig", 1),
        ("config", "DescribeConfigurationRecorders", 0),
        ("application-autoscaling", "DescribeScalableTargets", 0),
        ("application-autoscaling", "DescribeScalableTargets", 1),
        ("application-autoscaling", "DescribeScalingPolicies", 0),
    ] {
        let aws = aws_for(control);
        for item in fleet(&aws) {
            aws.config().record(&item);
        }
        // Without a policy, it is asked whether they are recorded.
        if operation != "DescribeConfigurationRecorders" {
            aws.config().record(&policy("web", 60));
        }
        aws.fault(service, operation, Fault::Denied.after(after));
        let rule = aws.config().rule(SCALING);
        let answer = start(&aws, control).invoke(events::scheduled(&rule, &Value::Null));
        let error = answer.expect_err(operation);
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn an_account_without_anything_that_scales_asks_nothing_more() {
    let control = &auto_scaling::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(SCALING);
    start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(&aws, SCALING, &[(ACCOUNT, "NOT_APPLICABLE", "NOTHING_ON_SCHEDULE")]);
    assert_eq!(aws.count("DescribeScalableTargets"), 0);
}
