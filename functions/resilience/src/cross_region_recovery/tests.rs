use std::slice::from_ref;

use super::servers::{Server, seconds};
use super::*;
use fisc_shared::bucket::Destination;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

const TOKYO: &str = "ap-northeast-1";
const FAR: &str = "arn:aws:rds:ap-northeast-3:111122223333:db:copy";
const NEAR: &str = "arn:aws:rds:ap-northeast-1:111122223333:db:copy";

/// A tagged item as Config delivers it.
fn item(resource: ResourceType, configuration: Value) -> Value {
    let tag = if resource == ResourceType::EC2_INSTANCE { "drs" } else { "multi-region" };
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333", "awsRegion": TOKYO,
        "resourceType": resource.name, "resourceId": "r", "resourceName": "r",
        "ARN": "arn:aws:test:ap-northeast-1:111122223333:r", "tags": {"fisc:dr": tag},
        "configuration": configuration, "supplementaryConfiguration": {},
    })
}

fn read(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn with_run<T>(parameters: &Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: TOKYO,
        deadline: None,
        offline: false,
        home: true,
    })
}

fn previewed(item: &Value, parameters: &Value) -> Result<Option<Verdict>, Error> {
    with_run(parameters, |run| runner::preview(&CONTROL, &read(item), run))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

/// The compliance and the codes of what the item decides; `ask` when it does not.
fn told(item: &Value, parameters: &Value) -> String {
    match previewed(item, parameters).unwrap() {
        Some(verdict) => format!("{} {}", verdict.compliance().as_str(), codes(&verdict).join(" ")),
        None => "ask".to_owned(),
    }
}

#[test]
fn the_table_is_what_is_declared() {
    let mut table: Vec<_> = KINDS.iter().map(|kind| kind.resource).collect();
    table.push(ResourceType::ACCOUNT);
    assert_eq!(table, CONTROL.resources);
    for kind in KINDS {
        assert_eq!(kind.missing.resources, [kind.resource]);
        assert_eq!(kind.backed_up, COPY_STALE.resources.contains(&kind.resource));
    }
}

#[test]
fn only_what_is_tagged_is_judged() {
    let tags = |resource, tags: Value| {
        let mut item = item(resource, json!({}));
        item["tags"] = tags;
        item
    };
    let not = "NOT_APPLICABLE NOT_TAGGED_FOR_RECOVERY";
    let secret = ResourceType::SECRETS_MANAGER_SECRET;
    let instance = ResourceType::EC2_INSTANCE;
    let own = json!({"drTags": "tier=gold", "drsTag": "drs"});
    let off = json!({"drTags": [], "drsTag": ""});
    let default = json!({});
    for (item, parameters, expected) in [
        (tags(secret, json!({})), &default, not),
        (tags(secret, json!({"fisc:dr": "multi-region"})), &default, "ask"),
        (tags(secret, json!({"fisc:data-role": "config-docs"})), &default, "ask"),
        (tags(secret, json!({"fisc:data-role": "scratch"})), &default, not),
        (tags(secret, json!({"tier": "gold"})), &own, "ask"),
        (tags(secret, json!({"tier": "silver"})), &own, not),
        (tags(secret, json!({"fisc:dr": "multi-region"})), &off, not),
        (tags(instance, json!({"fisc:dr": "drs"})), &default, "ask"),
        (tags(instance, json!({"fisc:dr": "multi-region"})), &default, not),
        (tags(instance, json!({"drs": ""})), &own, "ask"),
        (tags(instance, json!({"drs": ""})), &off, not),
    ] {
        assert_eq!(told(&item, parameters), expected, "{} {parameters}", item["tags"]);
    }
    // No tags is known, nothing about tags is not.
    let mut untold = item(secret, json!({}));
    untold["tags"] = Value::Null;
    assert!(previewed(&untold, &default).unwrap_err().to_string().contains("tags is missing"));
}

#[test]
fn items_tell_the_copies_of_databases_and_tables() {
    use ResourceType as Type;
    let replica =
        |region: &str, status: &str| json!({"regionName": region, "replicaStatus": status});
    let backups = |arn: &str| {
        json!({"dBInstanceAutomatedBackupsReplications":
        [{"dBInstanceAutomatedBackupsArn": arn}]})
    };
    let (passes, fails) = ("COMPLIANT ", "NON_COMPLIANT");
    for (resource, configuration, expected) in [
        (Type::DYNAMODB_TABLE, json!({"replicas": [replica("ap-northeast-3", "ACTIVE")]}), passes),
        (
            Type::DYNAMODB_TABLE,
            json!({"replicas": [replica("ap-northeast-3", "UPDATING")]}),
            passes,
        ),
        (Type::DYNAMODB_TABLE, json!({"replicas": [replica("ap-northeast-3", "CREATING")]}), fails),
        (
            Type::DYNAMODB_TABLE,
            json!({"replicas": [replica("ap-northeast-3", "REGION_DISABLED")]}),
            fails,
        ),
        // The table itself may be among its replicas.
        (Type::DYNAMODB_TABLE, json!({"replicas": [replica(TOKYO, "ACTIVE")]}), fails),
        (Type::DYNAMODB_TABLE, json!({"tableName": "t"}), fails),
        (Type::RDS_DB_INSTANCE, json!({"readReplicaDBInstanceIdentifiers": [FAR]}), passes),
        (Type::RDS_DB_INSTANCE, json!({"readReplicaDBClusterIdentifiers": [FAR]}), passes),
        (Type::RDS_DB_INSTANCE, json!({"readReplicaDBInstanceIdentifiers": [NEAR]}), fails),
        // A replica in the same Region has no ARN, whatever its name looks like.
        (Type::RDS_DB_INSTANCE, json!({"readReplicaDBInstanceIdentifiers": ["osaka"]}), fails),
        (Type::RDS_DB_INSTANCE, backups(FAR), passes),
        (Type::RDS_DB_INSTANCE, backups(NEAR), fails),
        (
            Type::RDS_DB_INSTANCE,
            json!({"dBClusterIdentifier": "c"}),
            "NOT_APPLICABLE CLUSTER_MEMBER",
        ),
        (
            Type::RDS_DB_INSTANCE,
            json!({"readReplicaSourceDBInstanceIdentifier": FAR}),
            "NOT_APPLICABLE COPY_ITSELF",
        ),
        (Type::RDS_DB_INSTANCE, json!({"readReplicaSourceDBInstanceIdentifier": "main"}), fails),
        (Type::RDS_DB_CLUSTER, json!({"readReplicaIdentifiers": [FAR]}), passes),
        (
            Type::RDS_DB_CLUSTER,
            json!({"replicationSourceIdentifier": FAR}),
            "NOT_APPLICABLE COPY_ITSELF",
        ),
        (
            Type::REDSHIFT_CLUSTER,
            json!({"clusterSnapshotCopyStatus": {"destinationRegion": "ap-northeast-3"}}),
            passes,
        ),
        (Type::REDSHIFT_CLUSTER, json!({"clusterSnapshotCopyStatus": null}), fails),
    ] {
        let kind = KINDS.iter().find(|kind| kind.resource == resource).unwrap();
        let item = item(resource, configuration);
        let expected = match expected {
            "NON_COMPLIANT" => format!("{expected} {}", kind.missing.code),
            other => other.to_owned(),
        };
        let alone = json!({"acceptBackupCopy": false});
        assert_eq!(told(&item, &alone), expected, "{}", item["configuration"]);
        // A copy of a backup may replace it, which only AWS Backup knows.
        let open = kind.backed_up && expected.starts_with(fails);
        let expected = if open { "ask".to_owned() } else { expected };
        assert_eq!(told(&item, &json!({})), expected, "{}", item["configuration"]);
    }
    let alone = json!({"acceptBackupCopy": false});
    assert_eq!(
        told(&item(Type::RDS_DB_CLUSTER, json!({"readReplicaIdentifiers": [NEAR]})), &alone),
        "ask"
    );
    assert_eq!(told(&item(Type::EFS_FILE_SYSTEM, json!({})), &alone), "ask");
    // Of a global table of the first version the item does not tell the replicas.
    let old = json!({"globalTableVersion": "2017.11.29"});
    assert_eq!(told(&item(Type::DYNAMODB_TABLE, old), &alone), "ask");
}

#[test]
fn what_an_item_must_tell_and_does_not_is_an_error() {
    use ResourceType as Type;
    for (resource, configuration, missing) in [
        (Type::DYNAMODB_TABLE, json!({"replicas": [{"replicaStatus": "ACTIVE"}]}), "regionName"),
        (Type::DYNAMODB_TABLE, json!({"replicas": [{"regionName": "x"}]}), "replicaStatus"),
        (
            Type::RDS_DB_INSTANCE,
            json!({"dBInstanceAutomatedBackupsReplications": [{}]}),
            "BackupsArn",
        ),
        (Type::RDS_DB_INSTANCE, json!({"readReplicaDBInstanceIdentifiers": ["arn:x"]}), "no ARN"),
        (Type::REDSHIFT_CLUSTER, json!({"clusterSnapshotCopyStatus": {}}), "destinationRegion"),
    ] {
        let error = previewed(&item(resource, configuration), &json!({})).unwrap_err().to_string();
        assert!(error.contains(missing), "{error}");
    }
    let mut nowhere = item(Type::DYNAMODB_TABLE, json!({"replicas": []}));
    nowhere["awsRegion"] = json!("");
    let error = previewed(&nowhere, &json!({})).unwrap_err().to_string();
    assert!(error.contains("awsRegion"), "{error}");
}

/// A bucket with these replication rules.
fn replicated(rules: Value) -> Value {
    let mut item = item(ResourceType::S3_BUCKET, json!({"name": "r"}));
    item["supplementaryConfiguration"] = json!({
        "BucketVersioningConfiguration": {"status": "Enabled"},
        "BucketReplicationConfiguration":
            {"roleARN": "arn:aws:iam::111122223333:role/replication", "rules": rules},
    });
    item
}

fn rule(status: &str, more: Value) -> Value {
    let mut rule = json!({"status": status,
        "destinationConfig": {"bucketARN": "arn:aws:s3:::osaka", "storageClass": null}});
    for (key, value) in more.as_object().unwrap() {
        rule[key] = value.clone();
    }
    rule
}

#[test]
fn enabled_rules_of_a_bucket_count_and_part_of_it_is_noticed() {
    let live = |rules: Value| copies::bucket(&read(&replicated(rules)));
    let to = |whole: &[bool]| {
        let one = |whole: &bool| Destination { bucket: "osaka".to_owned(), whole: *whole };
        Live::Buckets(whole.iter().map(one).collect())
    };
    let nothing = Live::In(Vec::new());
    for (rules, expected) in [
        (json!({"a": rule("Enabled", json!({"prefix": ""}))}), to(&[true])),
        (json!([rule("Enabled", json!({}))]), to(&[true])),
        (json!({"a": rule("Enabled", json!({"prefix": "logs/"}))}), to(&[false])),
        (
            json!({"a": rule("Enabled", json!({"filter": {"predicate": {"type": "prefix", "prefix": ""}}}))}),
            to(&[true]),
        ),
        (
            json!({"a": rule("Enabled", json!({"filter": {"predicate": {"tag": {"key": "k", "value": "v"}}}}))}),
            to(&[false]),
        ),
        (json!({"a": rule("Disabled", json!({}))}), nothing.clone()),
        (json!({}), nothing.clone()),
    ] {
        assert_eq!(live(rules.clone()).unwrap(), expected, "{rules}");
    }
    let mut bare = replicated(json!({}));
    bare["supplementaryConfiguration"] =
        json!({"BucketVersioningConfiguration": {"status": "Off"}});
    assert_eq!(copies::bucket(&read(&bare)).unwrap(), nothing);
    bare["supplementaryConfiguration"] = Value::Null;
    copies::bucket(&read(&bare)).unwrap_err();
    live(json!({"a": rule("Paused", json!({}))})).unwrap_err();
    live(json!({"a": {"status": "Enabled"}})).unwrap_err();
    let no_arn = json!({"a": {"status": "Enabled", "destinationConfig": {"bucketARN": "osaka"}}});
    live(no_arn).unwrap_err();
}

#[test]
fn a_backup_copy_must_be_recent() {
    let kind = &KINDS[0];
    let judged = |copy: Option<&str>, parameters: Value| {
        let copy = copy
            .map(|at| BackupCopy { region: "ap-northeast-3".to_owned(), at: at.parse().unwrap() });
        with_run(&parameters, |run| decide(kind, copy.as_ref(), run))
    };
    let verdict = judged(Some("2026-10-30T00:00:00Z"), json!({}));
    assert_eq!(verdict.compliance().as_str(), "COMPLIANT");
    assert_eq!(codes(&verdict), ["BACKUP_COPY"]);
    assert!(verdict.reasons()[0].message.en.contains("ap-northeast-3, 48 hours old"));
    let verdict = judged(Some("2026-10-29T23:59:59Z"), json!({}));
    assert_eq!(verdict.compliance().as_str(), "NON_COMPLIANT");
    assert_eq!(codes(&verdict), ["COPY_STALE"]);
    let verdict = judged(Some("2026-10-29T23:59:59Z"), json!({"maxCopyAgeHours": 49}));
    assert_eq!(verdict.compliance().as_str(), "COMPLIANT");
    assert_eq!(codes(&judged(None, json!({}))), ["S3_NOT_REPLICATED"]);
}

#[test]
fn lags_are_iso_durations() {
    for (text, expected) in [
        ("PT0S", Some(0)),
        ("PT1M", Some(60)),
        ("PT1M0.5S", Some(61)),
        ("P1DT2H", Some(93_600)),
        ("a minute", None),
    ] {
        assert_eq!(seconds(text), expected, "{text}");
    }
}

#[test]
fn an_instance_needs_one_region_that_follows_it() {
    let server = |instance: &str, region: &str, broken: Option<&str>, lag_seconds| Server {
        instance: instance.to_owned(),
        region: region.to_owned(),
        broken: broken.map(str::to_owned),
        lag_seconds,
    };
    let judged = |servers: &[Server], parameters: Value| {
        codes(&with_run(&parameters, |run| servers::decide("i-1", servers, run)))
    };
    let good = server("i-1", "ap-northeast-3", None, 60);
    let late = server("i-1", "ap-northeast-3", None, 61);
    let bad = server("i-1", "us-west-2", Some("DISCONNECTED"), 7200);
    let other = server("i-2", "ap-northeast-3", None, 0);
    let default = json!({});
    assert_eq!(judged(from_ref(&other), default.clone()), ["DRS_NOT_REPLICATING"]);
    assert_eq!(judged(&[other, good.clone()], default.clone()), [""; 0]);
    assert_eq!(judged(from_ref(&late), default.clone()), ["DRS_LAG_OVER_RPO"]);
    assert_eq!(judged(&[late], json!({"maxDrsLagSeconds": 120})), [""; 0]);
    assert_eq!(
        judged(from_ref(&bad), default.clone()),
        ["DRS_NOT_REPLICATING", "DRS_LAG_OVER_RPO"]
    );
    assert_eq!(judged(&[bad, good], default), [""; 0]);
}
