use fisc_shared::{ConfigurationItem, Parameters, Run, Verdict, runner};
use serde_json::{Value, json};

use super::judge::{Coverage, Live, Recovery, Source, decide, source};
use super::reading::{self, Data, Reading};
use super::*;
use crate::backups::selection::Tags;
use crate::backups::selection::tests::tags;

const NOW: &str = "2026-11-20T00:00:00Z";

fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:ap-northeast-1:111122223333:{rest}")
}

fn item(kind: &str, id: &str, arn: &str, configuration: Value, supplementary: Value) -> Value {
    json!({
        "configurationItemCaptureTime": "2026-11-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1", "ARN": arn,
        "resourceType": kind, "resourceId": id, "tags": {}, "configuration": configuration,
        "supplementaryConfiguration": supplementary,
    })
}

fn instance() -> Value {
    item(
        "AWS::EC2::Instance",
        "i-1",
        &arn("ec2", "instance/i-1"),
        json!({
            "instanceId": "i-1", "state": {"code": 16, "name": "running"},
            // Started this morning, made long ago.
            "launchTime": "2026-11-19T23:00:00.000Z", "rootDeviceType": "ebs",
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeId": "vol-1",
                "attachTime": "2025-04-01T00:00:00.000Z", "deleteOnTermination": true}}],
        }),
        json!({}),
    )
}

fn volume() -> Value {
    item(
        "AWS::EC2::Volume",
        "vol-1",
        &arn("ec2", "volume/vol-1"),
        json!({
            "volumeId": "vol-1", "state": {"value": "in-use"}, "volumeType": "gp3",
            "createTime": "2025-04-01T00:00:00.000Z",
            "attachments": [{"volumeId": "vol-1", "instanceId": "i-1", "device": "/dev/sdf"}],
        }),
        json!({}),
    )
}

fn database() -> Value {
    item(
        "AWS::RDS::DBInstance",
        "db-ABC",
        &arn("rds", "db:core"),
        json!({
            "dBInstanceIdentifier": "core", "dBInstanceStatus": "available", "engine": "postgres",
            "backupRetentionPeriod": 7, "instanceCreateTime": "2025-04-01T00:00:00.000Z",
            "readReplicaDBInstanceIdentifiers": ["core-replica"], "dBClusterIdentifier": null,
        }),
        json!({}),
    )
}

fn cluster() -> Value {
    item(
        "AWS::RDS::DBCluster",
        "cluster-ABC",
        &arn("rds", "cluster:ledger"),
        json!({
            "dbclusterIdentifier": "ledger", "status": "available", "engine": "aurora-postgresql",
            "backupRetentionPeriod": 7, "clusterCreateTime": 1_743_465_600_000_u64,
            "readReplicaIdentifiers": [],
            "dbclusterMembers": [
                {"dbinstanceIdentifier": "ledger-1", "isClusterWriter": true},
                {"dbinstanceIdentifier": "ledger-2", "isClusterWriter": false}],
        }),
        json!({}),
    )
}

fn table() -> Value {
    item(
        "AWS::DynamoDB::Table",
        "limits",
        &arn("dynamodb", "table/limits"),
        json!({"tableName": "limits", "tableStatus": "ACTIVE",
               "creationDateTime": 1_743_465_600_000_u64}),
        json!({"ContinuousBackupsDescription": {"continuousBackupsStatus": "ENABLED",
               "pointInTimeRecoveryDescription": {"pointInTimeRecoveryStatus": "ENABLED"}}}),
    )
}

fn file_system() -> Value {
    item(
        "AWS::EFS::FileSystem",
        "fs-1",
        &arn("elasticfilesystem", "file-system/fs-1"),
        json!({"FileSystemId": "fs-1", "BackupPolicy": {"Status": "DISABLED"},
               "FileSystemTags": []}),
        json!({}),
    )
}

fn bucket() -> Value {
    let mut bucket = item(
        "AWS::S3::Bucket",
        "statements",
        "arn:aws:s3:::statements",
        json!({"name": "statements", "creationDate": "2025-04-01T00:00:00.000Z"}),
        json!({"BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null}}),
    );
    bucket["tags"] = json!({"fisc:data-role": "source"});
    bucket
}

fn warehouse() -> Value {
    item(
        "AWS::Redshift::Cluster",
        "dwh",
        &arn("redshift", "cluster:dwh"),
        json!({"clusterIdentifier": "dwh", "clusterStatus": "available",
               "automatedSnapshotRetentionPeriod": 7,
               "clusterCreateTime": "2025-04-01T00:00:00.000Z"}),
        json!({}),
    )
}

fn read(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn with_run<T>(parameters: Value, offline: bool, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: NOW.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

/// What the item alone decides: compliance and codes.
fn previewed(item: &Value, parameters: Value, offline: bool) -> Option<Vec<&'static str>> {
    with_run(parameters, offline, |run| {
        let verdict = runner::preview(&CONTROL, &read(item), run).unwrap();
        verdict.map(|verdict| codes(&verdict))
    })
}

fn data(item: &Value) -> Data {
    match reading::read(&read(item)).unwrap() {
        Reading::Data(data) => data,
        Reading::NotJudged(remark) => panic!("{}", remark.code),
    }
}

/// What is missing of a resource with this coverage and this newest recovery point.
fn failing(
    item: &Value,
    coverage: &Coverage,
    newest: Option<&str>,
    live: Live,
    parameters: Value,
) -> Vec<&'static str> {
    let tags: Tags = read(item).all_tags().unwrap();
    let newest = newest.map(|time| time.parse().unwrap());
    with_run(parameters, false, |run| {
        match decide(&data(item), &tags, coverage, newest, live, run) {
            Verdict::Compliant(_) => Vec::new(),
            verdict => codes(&verdict),
        }
    })
}

fn planned() -> Coverage {
    Coverage { plans: vec!["daily".to_owned()], continuous: false, policy: None }
}

fn alive(retention: i64, latest: &str) -> Live {
    Live::Database { retention, latest: latest.parse().ok() }
}

const FRESH: Option<&str> = Some("2026-11-19T20:00:00Z");
const OLD: Option<&str> = Some("2026-11-18T20:00:00Z");

fn with(mut item: Value, path: &str, value: Value) -> Value {
    *item.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
    item
}

#[test]
fn what_the_control_does_not_apply_to_is_told_apart() {
    let mut member = database();
    member["configuration"]["dBClusterIdentifier"] = json!("ledger");
    let mut replica = database();
    replica["configuration"]["readReplicaSourceDBInstanceIdentifier"] = json!("other");
    let mut copy = cluster();
    copy["configuration"]["replicationSourceIdentifier"] =
        json!("arn:aws:rds:us-east-1:1:cluster:x");
    for (item, code) in [
        (with(instance(), "/configuration/state/name", json!("terminated")), "NOT_AVAILABLE"),
        (with(instance(), "/configuration/blockDeviceMappings", json!([])), "NO_VOLUME"),
        (
            with(instance(), "/tags", json!({"aws:autoscaling:groupName": "web"})),
            "AUTO_SCALING_MEMBER",
        ),
        (with(volume(), "/configuration/state/value", json!("deleting")), "NOT_AVAILABLE"),
        (with(volume(), "/configuration/state", json!("creating")), "NOT_AVAILABLE"),
        (with(volume(), "/configuration/attachments", json!([])), "VOLUME_NOT_ATTACHED"),
        (member, "CLUSTER_MEMBER"),
        (replica, "READ_REPLICA"),
        (copy, "READ_REPLICA"),
        (with(database(), "/configuration/dBInstanceStatus", json!("stopped")), "NOT_AVAILABLE"),
        (with(cluster(), "/configuration/status", json!("creating")), "NOT_AVAILABLE"),
        (with(table(), "/configuration/tableStatus", json!("DELETING")), "NOT_AVAILABLE"),
        (with(warehouse(), "/configuration/clusterStatus", json!("creating")), "NOT_AVAILABLE"),
        (with(bucket(), "/tags", json!({"fisc:data-role": "log"})), "NOT_IN_SCOPE"),
        (
            with(volume(), "/configuration/createTime", json!("2026-11-19T12:00:00Z")),
            "NEWLY_CREATED",
        ),
        (with(database(), "/tags", json!({"fisc:backup-exempt": "core-replica"})), "EXEMPT"),
        (with(table(), "/tags", json!({"fisc:backup-exempt": "the core ledger"})), "EXEMPT"),
    ] {
        assert_eq!(previewed(&item, json!({}), false), Some(vec![code]), "{item}");
    }
    // These are judged.
    for item in [instance(), volume(), database(), cluster(), table(), file_system(), bucket()] {
        assert_eq!(previewed(&item, json!({}), false), None, "{item}");
    }
    assert_eq!(
        previewed(&database(), json!({"scopeTag": "tier=core"}), false),
        Some(vec!["NOT_IN_SCOPE"])
    );
    let tagged = with(database(), "/tags", json!({"tier": "core"}));
    assert_eq!(previewed(&tagged, json!({"scopeTag": "tier=core"}), false), None);
    let free = with(volume(), "/configuration/attachments", json!([]));
    assert_eq!(previewed(&free, json!({"onlyAttachedVolumes": false}), false), None);
    // Volumes whose state is recorded as text.
    assert_eq!(
        previewed(&with(volume(), "/configuration/state", json!("in-use")), json!({}), false),
        None
    );
}

#[test]
fn a_missing_field_is_no_verdict() {
    for (item, path) in [
        (instance(), "/configuration/state"),
        (instance(), "/configuration/blockDeviceMappings"),
        (volume(), "/configuration/state"),
        (database(), "/configuration/backupRetentionPeriod"),
        (cluster(), "/configuration/engine"),
        (table(), "/configuration/tableStatus"),
        (bucket(), "/supplementaryConfiguration/BucketVersioningConfiguration"),
        (warehouse(), "/configuration/automatedSnapshotRetentionPeriod"),
        (database(), "/ARN"),
    ] {
        let item = with(item, path, Value::Null);
        let error = reading::read(&read(&item));
        assert!(error.is_err(), "{path}");
    }
    let mut untagged = database();
    untagged["tags"] = Value::Null;
    with_run(json!({}), false, |run| {
        assert!(runner::preview(&CONTROL, &read(&untagged), run).is_err());
    });
}

#[test]
fn offline_the_items_show_what_they_prove() {
    let none = with(database(), "/configuration/backupRetentionPeriod", json!(0));
    assert_eq!(previewed(&none, json!({}), true), Some(vec!["RDS_BACKUP_OFF"]));
    assert_eq!(previewed(&none, json!({}), false), None);
    assert_eq!(previewed(&database(), json!({}), true), None);
    let path = "/supplementaryConfiguration/ContinuousBackupsDescription\
                /pointInTimeRecoveryDescription/pointInTimeRecoveryStatus";
    let off = with(table(), path, json!("DISABLED"));
    assert_eq!(previewed(&off, json!({}), true), Some(vec!["DYNAMODB_PITR_OFF"]));
    assert_eq!(previewed(&table(), json!({}), true), None);
}

#[test]
fn snapshots_of_redshift_are_judged_by_the_item() {
    assert_eq!(previewed(&warehouse(), json!({}), false), Some(vec!["BY_SERVICE"]));
    let short = with(warehouse(), "/configuration/automatedSnapshotRetentionPeriod", json!(1));
    assert_eq!(previewed(&short, json!({}), false), Some(vec!["REDSHIFT_SNAPSHOT_SHORT"]));
    assert_eq!(previewed(&short, json!({"minRetentionDays": 1}), false), Some(vec!["BY_SERVICE"]));
}

#[test]
fn something_must_back_a_resource_up() {
    let none = Coverage::default();
    let policy = Coverage { policy: Some("policy-1".to_owned()), ..Coverage::default() };
    for item in [instance(), volume(), file_system()] {
        let of = |coverage: &Coverage, newest| {
            failing(&item, coverage, newest, Live::Unasked, json!({}))
        };
        // What exists proves the past, not the future.
        assert_eq!(of(&none, FRESH), ["NOT_IN_BACKUP_PLAN"]);
        assert_eq!(of(&none, None), ["NOT_IN_BACKUP_PLAN", "RECOVERY_POINT_TOO_OLD"]);
        assert!(of(&planned(), FRESH).is_empty());
        assert!(of(&policy, FRESH).is_empty());
        // A plan proves nothing of what exists.
        assert_eq!(of(&planned(), OLD), ["RECOVERY_POINT_TOO_OLD"]);
        assert_eq!(of(&planned(), None), ["RECOVERY_POINT_TOO_OLD"]);
    }
    let automatic = with(file_system(), "/configuration/BackupPolicy/Status", json!("ENABLED"));
    assert!(failing(&automatic, &none, FRESH, Live::Unasked, json!({})).is_empty());
    assert_eq!(
        failing(&automatic, &none, None, Live::Unasked, json!({})),
        ["RECOVERY_POINT_TOO_OLD"]
    );
}

#[test]
fn the_rpo_may_be_set_by_a_tag() {
    let of = |hours: &str, parameters| {
        let item = with(volume(), "/tags", json!({"fisc:rpo-hours": hours}));
        failing(&item, &planned(), OLD, Live::Unasked, parameters)
    };
    assert!(of("48", json!({})).is_empty());
    assert_eq!(of("27", json!({"rpoHours": 100})), ["RECOVERY_POINT_TOO_OLD"]);
    assert!(of("28", json!({})).is_empty());
    // What is no number of hours changes nothing.
    for wrong in ["", "a day", "0", "-5"] {
        assert_eq!(of(wrong, json!({})), ["RECOVERY_POINT_TOO_OLD"], "{wrong}");
    }
    assert!(failing(&volume(), &planned(), OLD, Live::Unasked, json!({"rpoHours": 28})).is_empty());
}

#[test]
fn databases_are_judged_by_what_rds_answers() {
    let none = Coverage::default();
    for item in [database(), cluster()] {
        let of = |live, newest| failing(&item, &none, newest, live, json!({}));
        let soon = "2026-11-19T23:50:00Z";
        assert!(of(alive(7, soon), None).is_empty());
        assert_eq!(of(alive(6, soon), None), ["RDS_BACKUP_OFF"]);
        assert_eq!(
            of(alive(0, ""), None),
            ["RDS_BACKUP_OFF", "NOT_IN_BACKUP_PLAN", "RECOVERY_POINT_TOO_OLD"]
        );
        assert_eq!(of(alive(7, "2026-11-19T23:00:00Z"), None), ["RESTORABLE_TIME_LAGS"]);
        assert_eq!(of(alive(7, ""), FRESH), ["RESTORABLE_TIME_LAGS"]);
        assert_eq!(
            of(alive(7, "2026-11-10T00:00:00Z"), None),
            ["RESTORABLE_TIME_LAGS", "RECOVERY_POINT_TOO_OLD"]
        );
        // A plan of AWS Backup does not replace what restores to a point in time.
        assert_eq!(failing(&item, &planned(), FRESH, alive(0, ""), json!({})), ["RDS_BACKUP_OFF"]);
        let lag = json!({"maxRestorableLagMinutes": 60});
        assert!(failing(&item, &none, None, alive(7, "2026-11-19T23:00:00Z"), lag).is_empty());
    }
}

#[test]
fn tables_need_point_in_time_recovery_that_reaches_back() {
    let none = Coverage::default();
    let of = |days, parameters| {
        let latest = "2026-11-19T23:55:00Z".parse().ok();
        let live = Live::Table(Some(Recovery { days, latest }));
        failing(&table(), &none, None, live, parameters)
    };
    assert!(of(Some(35), json!({})).is_empty());
    assert_eq!(of(Some(1), json!({})), ["DYNAMODB_PITR_OFF"]);
    // Without a period of its own, it is the longest.
    assert!(of(None, json!({"minPitrDays": 35})).is_empty());
    assert_eq!(
        failing(&table(), &none, None, Live::Table(None), json!({})),
        ["DYNAMODB_PITR_OFF", "NOT_IN_BACKUP_PLAN", "RECOVERY_POINT_TOO_OLD"]
    );
    assert_eq!(
        failing(&table(), &planned(), FRESH, Live::Table(None), json!({})),
        ["DYNAMODB_PITR_OFF"]
    );
}

#[test]
fn buckets_need_a_plan_or_versions() {
    let none = Coverage::default();
    let plain = with(
        bucket(),
        "/supplementaryConfiguration/BucketVersioningConfiguration/status",
        json!("Suspended"),
    );
    let of = |item: &Value, coverage: &Coverage, newest| {
        failing(item, coverage, newest, Live::Unasked, json!({}))
    };
    assert!(of(&bucket(), &none, None).is_empty());
    assert_eq!(of(&plain, &none, None), ["S3_NOT_PROTECTED"]);
    assert!(of(&plain, &planned(), FRESH).is_empty());
    assert_eq!(of(&bucket(), &planned(), OLD), ["RECOVERY_POINT_TOO_OLD"]);
    // A continuous backup began long ago and goes on; one that never began does not.
    let continuous = Coverage { continuous: true, ..planned() };
    assert!(of(&bucket(), &continuous, OLD).is_empty());
    assert_eq!(of(&bucket(), &continuous, None), ["RECOVERY_POINT_TOO_OLD"]);
}

#[test]
fn a_pass_says_what_covers_the_resource() {
    let notes = |item: &Value, coverage: &Coverage, live| {
        let newest = FRESH.map(|time| time.parse().unwrap());
        with_run(json!({}), false, |run| {
            let verdict = decide(&data(item), &tags(&[]), coverage, newest, live, run);
            assert!(matches!(verdict, Verdict::Compliant(_)), "{verdict:?}");
            codes(&verdict)
        })
    };
    let none = Coverage::default();
    let policy = Coverage { policy: Some("policy-1".to_owned()), ..Coverage::default() };
    assert_eq!(notes(&volume(), &planned(), Live::Unasked), ["BY_PLAN"]);
    assert_eq!(notes(&volume(), &policy, Live::Unasked), ["BY_LIFECYCLE_POLICY"]);
    assert_eq!(
        notes(&database(), &planned(), alive(7, "2026-11-19T23:59:00Z")),
        ["BY_PLAN", "BY_SERVICE"]
    );
    assert_eq!(notes(&bucket(), &none, Live::Unasked), ["VERSIONED_ONLY"]);
}

#[test]
fn an_exemption_names_its_source() {
    let replicas = ["core-replica".to_owned(), "arn:aws:rds:us-east-1:1:db:far".to_owned()];
    for (value, expected) in [
        ("core-replica", Source::Named),
        ("Core-Replica", Source::Named),
        ("arn:aws:rds:ap-northeast-1:111122223333:db:core-replica", Source::Named),
        ("far", Source::Named),
        ("core", Source::Nothing),
        ("", Source::Nothing),
        ("s3://extracts/core", Source::Bucket("extracts".to_owned())),
        ("arn:aws:s3:::extracts/core/*", Source::Bucket("extracts".to_owned())),
    ] {
        assert_eq!(source(value, Some(&replicas)), expected, "{value}");
    }
    assert_eq!(source("", None), Source::Nothing);
    assert_eq!(source("the mainframe", None), Source::Named);
    // The writer of a cluster is no source of itself; its readers are.
    for (member, code) in [("ledger-1", "EXEMPTION_WITHOUT_SOURCE"), ("ledger-2", "EXEMPT")] {
        let item = with(cluster(), "/tags", json!({"fisc:backup-exempt": member}));
        assert_eq!(previewed(&item, json!({}), false), Some(vec![code]));
    }
    for item in [database(), table()] {
        let item = with(item, "/tags", json!({"fisc:backup-exempt": ""}));
        assert_eq!(previewed(&item, json!({}), false), Some(vec!["EXEMPTION_WITHOUT_SOURCE"]));
        // Whether the account has a bucket, the item does not tell.
        let item = with(item, "/tags", json!({"fisc:backup-exempt": "s3://extracts"}));
        assert_eq!(previewed(&item, json!({}), false), None);
    }
}
