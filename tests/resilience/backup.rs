//! End-to-end: the controls of backups, from the event to the evaluation.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_resilience::{backup_coverage, backup_plan, backup_vault};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Key, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RULE: &str = "fisc-backup";

fn start(control: &Control, aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2"), ("FISC_LANGUAGE", "en")];
    Lambda::start(env!("CARGO_BIN_EXE_resilience"), aws, &env)
}

fn sweep(aws: &FakeAws, lambda: &mut Lambda, parameters: Value) -> Result<Value, FunctionError> {
    lambda.invoke(events::scheduled(&aws.config().rule(RULE), &parameters))
}

fn change(aws: &FakeAws, lambda: &mut Lambda, item: &Value) -> Result<Value, FunctionError> {
    lambda.invoke(events::change(&aws.config().rule(RULE), &now(item), &json!({})))
}

/// The item as captured now: an older one changes no result of a sweep.
fn now(item: &Value) -> Value {
    let mut item = item.clone();
    item["configurationItemCaptureTime"] = json!(format!("{:.3}", Timestamp::now()));
    item
}

/// Compliance and codes that Config holds, by the ids of the resources.
fn held(aws: &FakeAws) -> BTreeMap<String, String> {
    let of = |one: fisc_testkit::aws::Evaluation| {
        let annotation = one.annotation.unwrap_or_default();
        let codes: BTreeSet<&str> = annotation
            .split([' ', ':', ';', ','])
            .filter(|word| {
                word.contains('_')
                    && word
                        .chars()
                        .all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
            })
            .collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        (one.resource_id, format!("{} {}", one.compliance, codes.join(" ")).trim().to_owned())
    };
    aws.config().results(RULE).into_iter().map(of).collect()
}

fn expected(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(id, verdict)| ((*id).to_owned(), (*verdict).to_owned())).collect()
}

fn ago(hours: i64) -> String {
    (Timestamp::now() - SignedDuration::from_hours(hours))
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}")
}

fn item(kind: &str, id: &str, arn: &str, configuration: Value, tags: Value) -> Value {
    let mut item = events::item(kind, id, configuration);
    item["ARN"] = json!(arn);
    item["tags"] = tags;
    item
}

fn instance(id: &str, volumes: &[&str], tags: Value) -> Value {
    let devices: Vec<Value> = volumes
        .iter()
        .map(|id| json!({"deviceName": "/dev/sdf", "ebs": {"volumeId": id, "attachTime": "2025-04-01T00:00:00.000Z"}}))
        .collect();
    let configuration = json!({"instanceId": id, "state": {"name": "running"},
        "launchTime": ago(1), "blockDeviceMappings": devices});
    item("AWS::EC2::Instance", id, &arn("ec2", &format!("instance/{id}")), configuration, tags)
}

fn volume(id: &str, instance: &str, tags: Value) -> Value {
    let configuration = json!({"volumeId": id, "state": {"value": "in-use"}, "volumeType": "gp3",
        "createTime": "2025-04-01T00:00:00.000Z",
        "attachments": [{"volumeId": id, "instanceId": instance, "device": "/dev/sdf"}]});
    item("AWS::EC2::Volume", id, &arn("ec2", &format!("volume/{id}")), configuration, tags)
}

fn database(name: &str, tags: Value) -> Value {
    let configuration = json!({"dBInstanceIdentifier": name, "dBInstanceStatus": "available",
        "engine": "postgres", "backupRetentionPeriod": 7,
        "instanceCreateTime": "2025-04-01T00:00:00.000Z"});
    item(
        "AWS::RDS::DBInstance",
        &format!("db-{name}"),
        &arn("rds", &format!("db:{name}")),
        configuration,
        tags,
    )
}

fn cluster(name: &str, tags: Value) -> Value {
    let configuration = json!({"dbclusterIdentifier": name, "status": "available",
        "engine": "aurora-mysql", "backupRetentionPeriod": 7,
        "clusterCreateTime": "2025-04-01T00:00:00.000Z", "dbclusterMembers": []});
    item(
        "AWS::RDS::DBCluster",
        &format!("cluster-{name}"),
        &arn("rds", &format!("cluster:{name}")),
        configuration,
        tags,
    )
}

fn table(name: &str) -> Value {
    let configuration = json!({"tableName": name, "tableStatus": "ACTIVE",
        "creationDateTime": 1_743_465_600_000_u64});
    let mut table = item(
        "AWS::DynamoDB::Table",
        name,
        &arn("dynamodb", &format!("table/{name}")),
        configuration,
        json!({}),
    );
    table["supplementaryConfiguration"] = json!({"ContinuousBackupsDescription": {
        "pointInTimeRecoveryDescription": {"pointInTimeRecoveryStatus": "ENABLED"}}});
    table
}

fn bucket(name: &str, status: &str, tags: Value) -> Value {
    let configuration = json!({"name": name, "creationDate": "2025-04-01T00:00:00.000Z"});
    let mut bucket =
        item("AWS::S3::Bucket", name, &format!("arn:aws:s3:::{name}"), configuration, tags);
    bucket["supplementaryConfiguration"] =
        json!({"BucketVersioningConfiguration": {"status": status}});
    bucket
}

/// A plan that backs up what is tagged backup=daily, and one that backs up a bucket.
fn plans(aws: &FakeAws) {
    let plan = |name: &str| {
        json!({"BackupPlan": {"BackupPlanName": name, "Rules": [
            {"RuleName": "r", "TargetBackupVaultName": "core", "ScheduleExpression": "cron(0 18 * * ? *)"}]}})
    };
    let selection = |selects: Value| {
        let mut selection = json!({"SelectionName": "s", "IamRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/backup")});
        for (name, value) in selects.as_object().unwrap() {
            selection[name] = value.clone();
        }
        json!({ "BackupSelection": selection })
    };
    let by_tag = json!({"Conditions": {"StringEquals": [
        {"ConditionKey": "aws:ResourceTag/backup", "ConditionValue": "daily"}]}});
    let by_arn = json!({"Resources": ["arn:aws:s3:::*"], "NotResources": ["arn:aws:s3:::plain*"]});
    let backup = aws.stub("backup");
    backup
        .returns(
            "ListBackupPlans",
            json!({"BackupPlansList": [
            {"BackupPlanId": "p-1"}, {"BackupPlanId": "p-2"}, {"BackupPlanId": "gone"}]}),
        )
        .when("GetBackupPlan", json!({"BackupPlanId": "p-1"}), plan("daily"))
        .when("GetBackupPlan", json!({"BackupPlanId": "p-2"}), plan("buckets"))
        .fails_when(
            "GetBackupPlan",
            json!({"BackupPlanId": "gone"}),
            "ResourceNotFoundException",
            400,
        )
        .when(
            "ListBackupSelections",
            json!({"BackupPlanId": "p-1"}),
            json!({"BackupSelectionsList": [{"SelectionId": "s-1"}]}),
        )
        .when(
            "ListBackupSelections",
            json!({"BackupPlanId": "p-2"}),
            json!({"BackupSelectionsList": [{"SelectionId": "s-2"}]}),
        )
        .when("GetBackupSelection", json!({"SelectionId": "s-1"}), selection(by_tag))
        .when("GetBackupSelection", json!({"SelectionId": "s-2"}), selection(by_arn))
        .returns(
            "DescribeRegionSettings",
            json!({"ResourceTypeOptInPreference": {
            "EC2": true, "EBS": true, "RDS": true, "Aurora": true, "S3": false, "EFS": false}}),
        )
        .page_size(2);
}

/// The services behind what [`coverage_items`] records.
fn services(aws: &FakeAws) {
    plans(aws);
    aws.stub("backup").returns(
        "ListProtectedResources",
        json!({"Results": [
            {"ResourceArn": arn("ec2", "instance/i-1"), "LastBackupTime": ago(5)},
            {"ResourceArn": arn("ec2", "volume/vol-4"), "LastBackupTime": ago(5)},
            {"ResourceArn": "arn:aws:s3:::statements", "LastBackupTime": ago(40)},
            {"ResourceArn": arn("elasticfilesystem", "file-system/fs-1"), "LastBackupTime": ago(5)},
            {"ResourceArn": arn("fsx", "file-system/fs-plan"), "LastBackupTime": ago(90)},
        ]}),
    );
    aws.stub("dlm")
        .returns("GetLifecyclePolicies", json!({"Policies": [{"PolicyId": "policy-1"}]}))
        .returns(
            "GetLifecyclePolicy",
            json!({"Policy": {"PolicyId": "policy-1", "State": "ENABLED",
            "PolicyDetails": {"PolicyType": "EBS_SNAPSHOT_MANAGEMENT", "ResourceTypes": ["VOLUME"],
                "TargetTags": [{"Key": "snapshots", "Value": "on"}],
                "Schedules": [{"Name": "s", "CreateRule": {"Interval": 12, "IntervalUnit": "HOURS"},
                               "RetainRule": {"Count": 7}}]}}}),
        );
    let snapshot = |id: &str, volume: &str, hours: i64, state: &str| {
        json!({"SnapshotId": id, "VolumeId": volume, "StartTime": ago(hours), "State": state,
               "Encrypted": true, "KmsKeyId": "k"})
    };
    aws.stub("ec2")
        .returns(
            "DescribeSnapshots",
            json!({"Snapshots": [
                snapshot("snap-1", "vol-2", 30, "completed"),
                snapshot("snap-2", "vol-2", 6, "completed"),
                snapshot("snap-3", "vol-3", 30, "completed"),
                // Not yet: nothing can be restored of it.
                snapshot("snap-4", "vol-3", 1, "pending"),
            ]}),
        )
        .page_size(2);
    let live = |name: &str, minutes: i64| {
        let latest = Timestamp::now() - SignedDuration::from_mins(minutes);
        json!({"DBInstanceIdentifier": name, "DBInstanceArn": arn("rds", &format!("db:{name}")),
               "DBInstanceStatus": "available", "BackupRetentionPeriod": 7,
               "LatestRestorableTime": latest.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()})
    };
    let mut stopped = live("stopped", 5000);
    stopped["DBInstanceStatus"] = json!("stopped");
    aws.stub("rds")
        .returns(
            "DescribeDBInstances",
            json!({"DBInstances": [live("core", 4), live("late", 60), stopped]}),
        )
        .returns(
            "DescribeDBClusters",
            json!({"DBClusters": [{
            "DBClusterIdentifier": "ledger", "DBClusterArn": arn("rds", "cluster:ledger"),
            "Status": "available", "BackupRetentionPeriod": 1, "LatestRestorableTime": ago(0)}]}),
        );
    aws.stub("dynamodb")
        .when(
            "DescribeContinuousBackups",
            json!({"TableName": "limits"}),
            json!({"ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": {
                "PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 35,
                "LatestRestorableDateTime": ago(0)}}}),
        )
        .when(
            "DescribeContinuousBackups",
            json!({"TableName": "sessions"}),
            json!({"ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": {
                "PointInTimeRecoveryStatus": "DISABLED"}}}),
        )
        .fails_when(
            "DescribeContinuousBackups",
            json!({"TableName": "gone"}),
            "TableNotFoundException",
            400,
        );
    aws.stub("s3").returns("ListBuckets", json!({"Buckets": [{"Name": "extracts"}]}));
    aws.stub("fsx").empty("DescribeFileSystems");
    aws.stub("elasticache").empty("DescribeReplicationGroups");
}

/// What Config records, in the order of nothing.
fn coverage_items(aws: &FakeAws) {
    let daily = || json!({"backup": "daily"});
    let exempt = |source: &str| json!({"fisc:backup-exempt": source});
    let efs = item(
        "AWS::EFS::FileSystem",
        "fs-1",
        &arn("elasticfilesystem", "file-system/fs-1"),
        json!({"FileSystemId": "fs-1", "BackupPolicy": {"Status": "DISABLED"}}),
        daily(),
    );
    let redshift = item(
        "AWS::Redshift::Cluster",
        "dwh",
        &arn("redshift", "cluster:dwh"),
        json!({"clusterStatus": "available", "automatedSnapshotRetentionPeriod": 7,
               "clusterCreateTime": "2025-04-01T00:00:00.000Z"}),
        json!({}),
    );
    let source =
        |name: &str, status: &str| bucket(name, status, json!({"fisc:data-role": "source"}));
    for item in [
        instance("i-1", &["vol-1"], daily()),
        // Nothing selects it, but all that it has is backed up.
        instance("i-2", &["vol-2", "vol-4"], json!({})),
        instance("i-3", &["vol-3"], json!({})),
        instance("i-asg", &["vol-5"], json!({"aws:autoscaling:groupName": "web"})),
        volume("vol-1", "i-1", json!({})),
        volume("vol-2", "i-2", json!({"snapshots": "on"})),
        volume("vol-3", "i-3", json!({})),
        volume("vol-4", "i-2", daily()),
        volume("vol-5", "i-asg", json!({})),
        database("core", json!({})),
        database("late", json!({})),
        database("stopped", json!({})),
        database("gone", json!({})),
        database("copy", exempt("s3://extracts/core")),
        database("lost", exempt("s3://nowhere")),
        cluster("ledger", json!({})),
        table("limits"),
        table("sessions"),
        table("gone"),
        efs,
        source("statements", "Enabled"),
        source("plain-1", "Enabled"),
        source("plain-2", "Suspended"),
        bucket("logs", "Suspended", json!({})),
        redshift,
    ] {
        aws.config().record(&item);
    }
}

#[test]
fn every_source_of_backups_counts() {
    let control = &backup_coverage::CONTROL;
    let aws = aws_for(control);
    services(&aws);
    coverage_items(&aws);
    aws.config().page(2);
    let mut lambda = start(control, &aws);
    sweep(&aws, &mut lambda, json!({})).unwrap();
    let rows = [
        ("i-1", "COMPLIANT BY_PLAN"),
        ("i-2", "COMPLIANT BY_PLAN"),
        ("i-3", "NON_COMPLIANT NOT_IN_BACKUP_PLAN RECOVERY_POINT_TOO_OLD"),
        ("vol-1", "COMPLIANT BY_PLAN"),
        ("vol-2", "COMPLIANT BY_LIFECYCLE_POLICY"),
        ("vol-3", "NON_COMPLIANT NOT_IN_BACKUP_PLAN RECOVERY_POINT_TOO_OLD"),
        ("vol-4", "COMPLIANT BY_PLAN"),
        ("db-core", "COMPLIANT BY_SERVICE"),
        ("db-late", "NON_COMPLIANT RESTORABLE_TIME_LAGS"),
        ("db-lost", "NON_COMPLIANT EXEMPTION_WITHOUT_SOURCE"),
        ("cluster-ledger", "NON_COMPLIANT RDS_BACKUP_OFF"),
        ("limits", "COMPLIANT BY_SERVICE"),
        ("sessions", "NON_COMPLIANT DYNAMODB_PITR_OFF NOT_IN_BACKUP_PLAN RECOVERY_POINT_TOO_OLD"),
        // Its tag is selected, but the Region does not back EFS up.
        ("fs-1", "NON_COMPLIANT NOT_IN_BACKUP_PLAN"),
        // Its ARN is selected, though the Region does not back S3 up.
        ("statements", "NON_COMPLIANT RECOVERY_POINT_TOO_OLD"),
        ("plain-1", "COMPLIANT VERSIONED_ONLY"),
        ("plain-2", "NON_COMPLIANT S3_NOT_PROTECTED"),
        ("dwh", "COMPLIANT BY_SERVICE"),
    ];
    let mut all = expected(&rows);
    for (id, code) in [
        ("i-asg", "AUTO_SCALING_MEMBER"),
        ("vol-5", "AUTO_SCALING_MEMBER"),
        ("db-stopped", "NOT_AVAILABLE"),
        ("db-gone", "RESOURCE_GONE"),
        ("db-copy", "EXEMPT"),
        ("gone", "RESOURCE_GONE"),
        ("logs", "NOT_IN_SCOPE"),
        (ACCOUNT, "NOTHING_OF_ACCOUNT"),
    ] {
        let code = if code.contains('_') { format!(" {code}") } else { String::new() };
        all.insert(id.to_owned(), format!("NOT_APPLICABLE{code}"));
    }
    assert_eq!(held(&aws), all);
    // One call each, however many resources there are.
    assert_eq!(aws.count("DescribeRegionSettings"), 1);
    assert_eq!(aws.count("GetBackupSelection"), 2);
    assert_eq!(aws.count("GetLifecyclePolicies"), 1);
    let mut called = actions_of(&aws.take_calls());

    // File systems and caches are reported on the account.
    let system = |id: &str, days: i64, tags: Value| {
        json!({"FileSystemId": id, "FileSystemType": "WINDOWS", "Lifecycle": "AVAILABLE",
               "ResourceARN": arn("fsx", &format!("file-system/{id}")), "CreationTime": ago(900),
               "Tags": tags, "WindowsConfiguration": {"AutomaticBackupRetentionDays": days}})
    };
    let scratch = json!({"FileSystemId": "fs-scratch", "FileSystemType": "LUSTRE",
        "Lifecycle": "AVAILABLE", "ResourceARN": arn("fsx", "file-system/fs-scratch"),
        "CreationTime": ago(900), "LustreConfiguration": {"DeploymentType": "SCRATCH_2"}});
    let young = {
        let mut young = system("fs-young", 0, json!([]));
        young["CreationTime"] = json!(ago(1));
        young
    };
    let none = || json!([]);
    aws.stub("fsx").returns(
        "DescribeFileSystems",
        json!({"FileSystems": [
        system("fs-good", 7, none()), scratch, young]}),
    );
    let group = |id: &str, limit: i64| {
        json!({"ReplicationGroupId": id, "Status": "available", "SnapshotRetentionLimit": limit,
               "ARN": arn("elasticache", &format!("replicationgroup:{id}")),
               "MemberClusters": [format!("{id}-001"), format!("{id}-002")]})
    };
    aws.stub("elasticache")
        .returns(
            "DescribeReplicationGroups",
            json!({"ReplicationGroups": [
            group("rates", 1), group("sessions", 0)]}),
        )
        .returns(
            "ListTagsForResource",
            json!({"TagList": [
            {"Key": "fisc:backup-exempt", "Value": "sessions-002"}]}),
        );
    sweep(&aws, &mut lambda, json!({})).unwrap();
    assert_eq!(held(&aws)[ACCOUNT], "COMPLIANT");
    aws.stub("fsx")
        .returns(
            "DescribeFileSystems",
            json!({"FileSystems": [
        system("fs-good", 7, none()), system("fs-bad", 0, none()),
        // Selected, but its last backup is old. FSx must be opted in: by tag alone it is not.
        system("fs-plan", 0, json!([{"Key": "backup", "Value": "daily"}]))]}),
        )
        .page_size(1);
    aws.stub("backup").returns(
        "DescribeRegionSettings",
        json!({"ResourceTypeOptInPreference": {
        "EC2": true, "EBS": true, "FSx": true}}),
    );
    aws.stub("elasticache").returns("ListTagsForResource", json!({"TagList": []}));
    sweep(&aws, &mut lambda, json!({})).unwrap();
    assert_eq!(
        held(&aws)[ACCOUNT],
        "NON_COMPLIANT CACHE_BACKUP_OFF FSX_BACKUP_OFF RECOVERY_POINT_TOO_OLD"
    );
    aws.stub("elasticache").returns(
        "ListTagsForResource",
        json!({"TagList": [
        {"Key": "fisc:backup-exempt", "Value": "rates-001"}]}),
    );
    aws.stub("fsx").empty("DescribeFileSystems");
    sweep(&aws, &mut lambda, json!({})).unwrap();
    assert_eq!(held(&aws)[ACCOUNT], "NON_COMPLIANT EXEMPTION_WITHOUT_SOURCE");

    called.extend(actions_of(&aws.take_calls()));
    let item = volume("vol-3", "i-3", json!({"backup": "daily"}));
    change(&aws, &mut lambda, &item).unwrap();
    assert_eq!(held(&aws)["vol-3"], "NON_COMPLIANT RECOVERY_POINT_TOO_OLD");
    change_oversized(&aws, &mut lambda, &item);
    called.extend(actions_of(&aws.take_calls()));
    assert_all_needed(control, &called);
}

/// The rule machinery fetches what was too large for its event.
fn change_oversized(aws: &FakeAws, lambda: &mut Lambda, item: &Value) {
    let item = now(item);
    aws.config().record(&item);
    lambda.invoke(events::oversized(&aws.config().rule(RULE), &item, &json!({}))).unwrap();
}

#[test]
fn a_denied_call_of_coverage_is_an_error() {
    for (service, operation, action) in [
        ("backup", "ListBackupPlans", "backup:ListBackupPlans"),
        ("backup", "GetBackupSelection", "backup:GetBackupSelection"),
        ("backup", "DescribeRegionSettings", "backup:DescribeRegionSettings"),
        ("backup", "ListProtectedResources", "backup:ListProtectedResources"),
        ("dlm", "GetLifecyclePolicy", "dlm:GetLifecyclePolicy"),
        ("ec2", "DescribeSnapshots", "ec2:DescribeSnapshots"),
        ("rds", "DescribeDBInstances", "rds:DescribeDBInstances"),
        ("dynamodb", "DescribeContinuousBackups", "dynamodb:DescribeContinuousBackups"),
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
        ("fsx", "DescribeFileSystems", "fsx:DescribeFileSystems"),
    ] {
        let control = &backup_coverage::CONTROL;
        let aws = aws_for(control);
        services(&aws);
        coverage_items(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(&aws, &mut start(control, &aws), json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{action}: {}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
    }
}

fn plan(id: &str, tags: Value, changes: Value) -> Value {
    let mut rule = json!({"RuleName": "daily", "TargetBackupVault": "core",
        "ScheduleExpression": "cron(0 18 * * ? *)", "Lifecycle": {"DeleteAfterDays": 35}});
    for (name, value) in changes.as_object().unwrap() {
        rule[name] = value.clone();
    }
    let configuration = json!({"BackupPlanId": id,
        "BackupPlan": {"BackupPlanName": id, "BackupPlanRule": [rule]}});
    item(
        "AWS::Backup::BackupPlan",
        id,
        &arn("backup", &format!("backup-plan:{id}")),
        configuration,
        tags,
    )
}

#[test]
fn plans_run_copy_and_cover() {
    let control = &backup_plan::CONTROL;
    let aws = aws_for(control);
    plans(&aws);
    let copies = json!({"CopyActions": [{
        "DestinationBackupVaultArn": format!("arn:aws:backup:ap-northeast-3:{ACCOUNT}:backup-vault:dr"),
        "Lifecycle": {"DeleteAfterDays": 35}}]});
    let critical = || json!({"fisc:tier": "critical"});
    for item in [
        plan("p-1", critical(), copies.clone()),
        plan("p-2", json!({}), copies),
        plan("p-3", json!({}), json!({"ScheduleExpression": "cron(0 18 ? * SAT *)"})),
        plan("p-4", json!({"fisc:backup-exempt": "test"}), json!({"Lifecycle": null})),
        database("core", json!({"backup": "daily"})),
        cluster("ledger", json!({})),
        bucket("statements", "Enabled", json!({})),
        volume("vol-1", "i-1", json!({})),
        instance("i-1", &["vol-1"], json!({"backup": "daily"})),
        // Nothing is lost with these.
        volume("vol-asg", "i-asg", json!({})),
        instance("i-asg", &["vol-asg"], json!({"aws:autoscaling:groupName": "web"})),
        volume("vol-exempt", "i-9", json!({"fisc:backup-exempt": "scratch"})),
    ] {
        aws.config().record(&item);
    }
    let job = |plan: &str, state: &str, hours: i64| {
        json!({"CopyJobId": "j", "State": state, "CreationDate": ago(hours),
               "CreatedBy": {"BackupPlanId": plan}})
    };
    aws.stub("backup").returns("ListCopyJobs", json!({"CopyJobs": [
        job("p-1", "COMPLETED", 10), job("p-1", "FAILED", 30), job("p-2", "FAILED", 10),
        job("p-2", "COMPLETED", 30), {"CopyJobId": "by hand", "State": "COMPLETED", "CreationDate": ago(1)}]}));
    aws.stub("dlm").empty("GetLifecyclePolicies");
    aws.config().page(2);
    let mut lambda = start(control, &aws);
    sweep(&aws, &mut lambda, json!({})).unwrap();
    assert_eq!(
        held(&aws),
        expected(&[
            // It selects a database.
            ("p-1", "NON_COMPLIANT CONTINUOUS_BACKUP_OFF"),
            ("p-2", "NON_COMPLIANT COPY_JOB_FAILING"),
            ("p-3", "NON_COMPLIANT FREQUENCY_OR_RETENTION_SHORT"),
            ("p-4", "NOT_APPLICABLE"),
            // The volume goes with its instance.
            (ACCOUNT, "NOT_APPLICABLE VOLUMES_COVERED"),
        ])
    );
    assert_eq!(aws.count("ListCopyJobs"), 3);
    let mut called = actions_of(&aws.take_calls());

    aws.config().record(&volume("vol-2", "i-9", json!({})));
    sweep(&aws, &mut lambda, json!({})).unwrap();
    assert_eq!(held(&aws)[ACCOUNT], "NON_COMPLIANT DLM_POLICY_INEFFECTIVE");
    aws.stub("dlm")
        .returns("GetLifecyclePolicies", json!({"Policies": [{"PolicyId": "policy-1"}]}))
        .returns("GetLifecyclePolicy", json!({"Policy": {"PolicyId": "policy-1", "State": "ENABLED",
            "PolicyDetails": {"ResourceTypes": ["VOLUME"], "TargetTags": [{"Key": "a", "Value": "b"}],
                "Schedules": [{"CreateRule": {"Interval": 12, "IntervalUnit": "HOURS"}, "RetainRule": {"Count": 7},
                    "CrossRegionCopyRules": [{"TargetRegion": "us-east-1", "Encrypted": true}]}]}}}));
    sweep(&aws, &mut lambda, json!({})).unwrap();
    assert_eq!(held(&aws)[ACCOUNT], "NON_COMPLIANT DLM_COPY_NOT_ALLOWED");

    let item = plan("p-3", json!({}), json!({}));
    change(&aws, &mut lambda, &item).unwrap();
    assert_eq!(held(&aws)["p-3"], "COMPLIANT");
    change_oversized(&aws, &mut lambda, &item);
    called.extend(actions_of(&aws.take_calls()));
    assert_all_needed(control, &called);
}

#[test]
fn a_denied_call_of_plans_is_an_error() {
    for (service, operation, action) in [
        ("backup", "ListCopyJobs", "backup:ListCopyJobs"),
        ("dlm", "GetLifecyclePolicies", "dlm:GetLifecyclePolicies"),
    ] {
        let control = &backup_plan::CONTROL;
        let aws = aws_for(control);
        plans(&aws);
        aws.stub("dlm").empty("GetLifecyclePolicies");
        aws.stub("backup").empty("ListCopyJobs");
        let copies = json!({"CopyActions": [{
            "DestinationBackupVaultArn": "arn:aws:backup:ap-northeast-3:1:backup-vault:dr"}]});
        aws.config().record(&plan("p-1", json!({}), copies));
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(&aws, &mut start(control, &aws), json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
    }
}

fn vault(name: &str, notifications: Value) -> Value {
    let vault_arn = arn("backup", &format!("backup-vault:{name}"));
    let configuration = json!({"BackupVaultName": name, "BackupVaultArn": vault_arn,
        "EncryptionKeyArn": arn("kms", "key/customer"), "Notifications": notifications});
    item("AWS::Backup::BackupVault", name, &vault_arn, configuration, json!({}))
}

/// Vaults by their names: good, open (no policy), keyed (an AWS managed key), empty, locked.
fn vaults(aws: &FakeAws) {
    aws.kms().add_key(Key::symmetric("customer")).add_key(Key::symmetric("managed").aws_managed());
    let describe = |name: &str, changes: Value| {
        let mut answer = json!({"BackupVaultName": name, "NumberOfRecoveryPoints": 3,
            "EncryptionKeyArn": arn("kms", "key/customer"), "Locked": false});
        for (name, value) in changes.as_object().unwrap() {
            answer[name] = value.clone();
        }
        aws.stub("backup").when("DescribeBackupVault", json!({"BackupVaultName": name}), answer);
    };
    describe("good", json!({}));
    describe("open", json!({}));
    describe("keyed", json!({"EncryptionKeyArn": arn("kms", "key/managed")}));
    describe("empty", json!({"NumberOfRecoveryPoints": 0}));
    aws.stub("backup").fails_when(
        "DescribeBackupVault",
        json!({"BackupVaultName": "gone"}),
        "ResourceNotFoundException",
        400,
    );
    describe("locked", json!({"Locked": true, "MinRetentionDays": 7, "LockDate": ago(100)}));
    let deny = json!({"Statement": [{"Effect": "Deny", "Principal": "*", "Resource": "*",
        "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle",
                   "backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy"]}]});
    let share = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Resource": "*", "Action": "backup:CopyIntoBackupVault"}]});
    aws.stub("backup")
        .returns("GetBackupVaultAccessPolicy", json!({"Policy": deny.to_string()}))
        .when(
            "GetBackupVaultAccessPolicy",
            json!({"BackupVaultName": "locked"}),
            json!({"Policy": share.to_string()}),
        )
        .fails_when(
            "GetBackupVaultAccessPolicy",
            json!({"BackupVaultName": "open"}),
            "ResourceNotFoundException",
            400,
        );
    for name in ["good", "open", "keyed", "empty", "locked", "gone"] {
        aws.config().record(&vault(name, Value::Null));
    }
}

/// A rule that sends failed jobs to a topic with a subscription.
fn alarms(aws: &FakeAws) {
    let pattern = json!({"source": ["aws.backup"],
        "detail-type": ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"]});
    aws.stub("events")
        .returns(
            "ListRules",
            json!({"Rules": [{"Name": "jobs", "State": "ENABLED",
            "EventBusName": "default", "EventPattern": pattern.to_string()}]}),
        )
        .returns("ListTargetsByRule", json!({"Targets": [{"Id": "1", "Arn": arn("sns", "jobs")}]}));
    aws.stub("sns").returns(
        "ListSubscriptionsByTopic",
        json!({"Subscriptions": [
        {"SubscriptionArn": arn("sns", "jobs:1"), "Protocol": "email", "Owner": ACCOUNT,
         "TopicArn": arn("sns", "jobs")}]}),
    );
}

#[test]
fn vaults_are_protected() {
    let control = &backup_vault::CONTROL;
    let aws = aws_for(control);
    vaults(&aws);
    alarms(&aws);
    aws.config().page(2);
    let mut lambda = start(control, &aws);
    sweep(&aws, &mut lambda, json!({})).unwrap();
    assert_eq!(
        held(&aws),
        expected(&[
            ("good", "COMPLIANT"),
            ("open", "NON_COMPLIANT MANUAL_DELETION_ALLOWED VAULT_POLICY_MISSING"),
            ("keyed", "NON_COMPLIANT VAULT_KEY_NOT_CUSTOMER_MANAGED"),
            ("empty", "NOT_APPLICABLE VAULT_EMPTY"),
            ("locked", "COMPLIANT"),
            ("gone", "NOT_APPLICABLE RESOURCE_GONE"),
        ])
    );
    let mut called = actions_of(&aws.take_calls());

    // A rule for some jobs only, with a function that is there; and a vault that tells the rest.
    let some = json!({"source": ["aws.backup"], "detail-type": ["Backup Job State Change"],
        "detail": {"state": ["FAILED"], "resourceType": ["RDS"]}});
    aws.stub("events")
        .returns(
            "ListRules",
            json!({"Rules": [{"Name": "jobs", "State": "ENABLED",
            "EventBusName": "default", "EventPattern": some.to_string()}]}),
        )
        .returns(
            "ListTargetsByRule",
            json!({"Targets": [{"Id": "1", "Arn": arn("lambda", "function:tell")}]}),
        );
    aws.stub("lambda")
        .returns("GetFunctionConfiguration", json!({"FunctionName": "tell", "State": "Active"}));
    change(&aws, &mut lambda, &vault("good", Value::Null)).unwrap();
    assert_eq!(
        held(&aws)["good"],
        "NON_COMPLIANT COPY_JOB_FAILED JOB_NOTIFICATION_MISSING RESTORE_JOB_FAILED"
    );
    let told = json!({"SNSTopicArn": arn("sns", "jobs"),
        "BackupVaultEvents": ["COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"]});
    change(&aws, &mut lambda, &vault("good", told.clone())).unwrap();
    assert_eq!(held(&aws)["good"], "COMPLIANT");
    // A topic that nobody has subscribed to.
    aws.stub("sns").returns("ListSubscriptionsByTopic", json!({"Subscriptions": []}));
    change(&aws, &mut lambda, &vault("good", told)).unwrap();
    assert!(held(&aws)["good"].contains("JOB_NOTIFICATION_MISSING"));
    called.extend(actions_of(&aws.take_calls()));

    // Recovery points and buckets are judged by their items, keys of points only when asked for.
    let point = |id: &str, key: &str| {
        let configuration = json!({"RecoveryPointArn": id, "Status": "COMPLETED", "IsEncrypted": true,
            "EncryptionKeyArn": arn("kms", &format!("key/{key}")), "Lifecycle": {"DeleteAfterDays": 35}});
        item("AWS::Backup::RecoveryPoint", id, id, configuration, json!({}))
    };
    let strict = json!({"requireCmkOnRecoveryPoints": true});
    for (key, expected) in [
        ("customer", "COMPLIANT"),
        ("managed", "NON_COMPLIANT RECOVERY_POINT_UNENCRYPTED"),
        ("gone", "NON_COMPLIANT RECOVERY_POINT_UNENCRYPTED"),
    ] {
        let event = events::change(&aws.config().rule(RULE), &now(&point(key, key)), &strict);
        lambda.invoke(event).unwrap();
        assert_eq!(held(&aws)[key], expected);
    }
    called.extend(actions_of(&aws.take_calls()));
    change(&aws, &mut lambda, &point("plain", "gone")).unwrap();
    assert_eq!(held(&aws)["plain"], "COMPLIANT");
    change(&aws, &mut lambda, &bucket("store", "Enabled", json!({"fisc:data-role": "backup"})))
        .unwrap();
    assert_eq!(held(&aws)["store"], "NON_COMPLIANT BACKUP_BUCKET_NOT_ARCHIVED");
    assert_eq!(aws.count("DescribeKey"), 0);
    change_oversized(&aws, &mut lambda, &point("plain", "gone"));
    called.extend(actions_of(&aws.take_calls()));
    assert_all_needed(control, &called);
}

#[test]
fn a_denied_call_of_vaults_is_an_error() {
    for (service, operation, action) in [
        ("backup", "DescribeBackupVault", "backup:DescribeBackupVault"),
        ("backup", "GetBackupVaultAccessPolicy", "backup:GetBackupVaultAccessPolicy"),
        ("kms", "DescribeKey", "kms:DescribeKey"),
        ("events", "ListRules", "events:ListRules"),
    ] {
        let control = &backup_vault::CONTROL;
        let aws = aws_for(control);
        vaults(&aws);
        alarms(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(&aws, &mut start(control, &aws), json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
    }
}
