use std::collections::BTreeSet;

use super::copies::Place;
use super::*;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

const TOKYO: &str = "ap-northeast-1";

/// An item as Config delivers it.
fn item(resource_type: &str, region: &str, configuration: Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333", "awsRegion": region,
        "resourceType": resource_type, "resourceId": "r", "resourceName": "r", "tags": {},
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

fn previewed(item: &Value, parameters: Value) -> Result<Option<Verdict>, Error> {
    with_run(&parameters, |run| runner::preview(&CONTROL, &read(item), run))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

/// The codes of what the item alone decides.
fn decided(item: &Value) -> Vec<&'static str> {
    codes(&previewed(item, json!({})).unwrap().expect("the item decides"))
}

/// The verdict once a service told the copies.
fn told(item: &Value, copies: &[Copy], parameters: Value) -> Verdict {
    let item = read(item);
    with_run(&parameters, |run| decide(&item, kind_of(&item).unwrap(), copies, run).unwrap())
}

#[test]
fn the_table_is_what_is_declared() {
    let names = |kinds: &[ResourceType]| kinds.iter().copied().collect::<BTreeSet<_>>();
    let table = |keep: fn(&Kind) -> bool| {
        KINDS.iter().filter(|kind| keep(kind)).map(|kind| kind.resource).collect::<BTreeSet<_>>()
    };
    let mut declared = names(CONTROL.resources);
    assert!(declared.remove(&ResourceType::ACCOUNT));
    assert_eq!(table(|_| true), declared);
    assert_eq!(table(|kind| kind.holds_data), names(RESOURCE_REGION.resources));
    assert_eq!(
        table(|kind| kind.copied.code == BACKUP_COPY_REGION.code),
        names(BACKUP_COPY_REGION.resources)
    );
    let copied: BTreeSet<_> = names(REPLICATION_REGION.resources);
    assert!(copied.is_subset(&table(|kind| kind.copied.code == REPLICATION_REGION.code)));
}

#[test]
fn every_store_must_be_in_an_approved_region() {
    for kind in KINDS.iter().filter(|kind| kind.holds_data) {
        let configuration = json!({"keyManager": "CUSTOMER", "multiRegion": false});
        let name = kind.resource.name;
        for (region, expected) in
            [(TOKYO, vec![]), ("ap-northeast-3", vec![]), ("eu-west-1", vec!["RESOURCE_REGION"])]
        {
            let item = item(name, region, configuration.clone());
            let found = told(&item, &[], json!({}));
            assert_eq!(codes(&found), expected, "{name} {region}");
        }
        let missing = item(name, "", configuration);
        let error = with_run(&json!({}), |run| {
            decide(&read(&missing), kind, &[], run).unwrap_err().to_string()
        });
        assert!(error.contains("awsRegion is missing"), "{name}: {error}");
    }
}

#[test]
fn topics_of_global_services_are_tolerated_where_these_notify() {
    for (kind, region, expected) in [
        ("AWS::SNS::Topic", "us-east-1", vec![]),
        ("AWS::SNS::Topic", "us-west-2", vec!["RESOURCE_REGION"]),
        ("AWS::SQS::Queue", "us-east-1", vec!["RESOURCE_REGION"]),
        ("AWS::SecretsManager::Secret", "us-east-1", vec!["RESOURCE_REGION"]),
    ] {
        assert_eq!(decided(&item(kind, region, json!({}))), expected, "{kind} {region}");
    }
    let topic = item("AWS::SNS::Topic", "us-east-1", json!({}));
    let strict = previewed(&topic, json!({"globalServiceRegions": ""})).unwrap().unwrap();
    assert_eq!(codes(&strict), ["RESOURCE_REGION"]);
}

fn plan(rules: Value) -> Value {
    item(
        "AWS::Backup::BackupPlan",
        TOKYO,
        json!({"BackupPlan": {"BackupPlanName": "daily", "BackupPlanRule": rules},
            "BackupPlanId": "r"}),
    )
}

fn vault(region: &str, account: &str) -> Value {
    json!({"DestinationBackupVaultArn": format!("arn:aws:backup:{region}:{account}:backup-vault:dr"),
        "Lifecycle": {"DeleteAfterDays": 35}})
}

#[test]
fn backup_copies_are_judged_by_the_region_of_their_vault() {
    for (rules, expected) in [
        (
            json!([{"RuleName": "a", "CopyActions": [vault("ap-northeast-3", "111122223333")]}]),
            vec![],
        ),
        // Another account in the same Region is no transfer.
        (json!([{"RuleName": "a", "CopyActions": [vault(TOKYO, "444455556666")]}]), vec![]),
        (
            json!([{"RuleName": "a", "CopyActions": []},
                {"RuleName": "b", "CopyActions":
                    [vault("ap-northeast-3", "111122223333"), vault("us-west-2", "111122223333")]}]),
            vec!["BACKUP_COPY_REGION"],
        ),
        (json!([{"RuleName": "a", "CopyActions": []}, {"RuleName": "b"}]), vec!["NO_COPY"]),
    ] {
        assert_eq!(decided(&plan(rules.clone())), expected, "{rules}");
    }
    let verdict = previewed(&plan(json!([{"CopyActions": [vault("us-west-2", "1")]}])), json!({}));
    let verdict = verdict.unwrap().unwrap();
    assert!(verdict.reasons()[0].message.ja.ends_with("dr (us-west-2)"), "{verdict:?}");
    // A plan in a Region that is not approved is no data: only its copies count.
    let mut abroad = plan(json!([{"CopyActions": [vault(TOKYO, "111122223333")]}]));
    abroad["awsRegion"] = json!("us-east-1");
    assert!(decided(&abroad).is_empty());
}

#[test]
fn items_tell_the_copies_of_most_types() {
    let backups = |region: &str| {
        json!({"readReplicaDBInstanceIdentifiers": [], "dBInstanceAutomatedBackupsReplications":
            [{"dBInstanceAutomatedBackupsArn":
                format!("arn:aws:rds:{region}:111122223333:auto-backup:ab-x")}]})
    };
    let replica = |key: &str, name: &str| json!({ key: [name] });
    let far = "arn:aws:rds:eu-west-1:111122223333:db:copy";
    let near = "arn:aws:rds:ap-northeast-3:111122223333:db:copy";
    let table = |regions: &[&str]| {
        let replicas: Vec<_> = regions
            .iter()
            .map(|region| json!({"regionName": region, "replicaStatus": "ACTIVE"}))
            .collect();
        json!({"tableName": "t", "globalTableVersion": "2019.11.21", "replicas": replicas})
    };
    let redshift =
        |region: &str| json!({"clusterSnapshotCopyStatus": {"destinationRegion": region}});
    let key = |primary: &str, replicas: &[&str]| {
        let replicas: Vec<_> = replicas.iter().map(|region| json!({"region": region})).collect();
        json!({"keyManager": "CUSTOMER", "multiRegion": true, "multiRegionConfiguration": {
            "multiRegionKeyType": "PRIMARY", "primaryKey": {"region": primary},
            "replicaKeys": replicas}})
    };
    let instance = "AWS::RDS::DBInstance";
    let by_instance = "readReplicaDBInstanceIdentifiers";
    for (kind, configuration, fails) in [
        (instance, backups("us-west-2"), true),
        (instance, backups("ap-northeast-3"), false),
        (instance, replica(by_instance, far), true),
        (instance, replica(by_instance, near), false),
        // A replica in the same Region has no ARN.
        (instance, replica(by_instance, "eu-west-1-copy"), false),
        (instance, replica("readReplicaDBClusterIdentifiers", far), true),
        (instance, json!({}), false),
        ("AWS::RDS::DBCluster", replica("readReplicaIdentifiers", far), true),
        ("AWS::RDS::DBCluster", replica("readReplicaIdentifiers", near), false),
        ("AWS::DynamoDB::Table", table(&["ap-northeast-3", "us-east-1"]), true),
        ("AWS::DynamoDB::Table", table(&["ap-northeast-3"]), false),
        ("AWS::DynamoDB::Table", json!({"tableName": "t"}), false),
        ("AWS::Redshift::Cluster", redshift("us-east-1"), true),
        ("AWS::Redshift::Cluster", redshift("ap-northeast-3"), false),
        ("AWS::Redshift::Cluster", json!({"clusterSnapshotCopyStatus": null}), false),
        ("AWS::KMS::Key", key(TOKYO, &["us-east-1"]), true),
        ("AWS::KMS::Key", key("eu-west-1", &[TOKYO]), true),
        ("AWS::KMS::Key", key(TOKYO, &["ap-northeast-3"]), false),
        ("AWS::KMS::Key", json!({"keyManager": "CUSTOMER", "multiRegion": false}), false),
    ] {
        let expected = if fails { vec!["REPLICATION_REGION"] } else { vec![] };
        assert_eq!(decided(&item(kind, TOKYO, configuration.clone())), expected, "{configuration}");
    }
    // Both may fail, and then both are told.
    let both = item("AWS::Redshift::Cluster", "us-west-2", redshift("us-east-1"));
    assert_eq!(decided(&both), ["REPLICATION_REGION", "RESOURCE_REGION"]);
}

#[test]
fn keys_of_aws_are_not_judged() {
    let key = item("AWS::KMS::Key", "us-west-2", json!({"keyManager": "AWS"}));
    assert_eq!(decided(&key), ["AWS_MANAGED_KEY"]);
}

fn replicated(rules: Value) -> Value {
    let mut bucket = item("AWS::S3::Bucket", TOKYO, json!({"name": "r"}));
    bucket["supplementaryConfiguration"] = json!({
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
        "BucketReplicationConfiguration":
            {"roleARN": "arn:aws:iam::111122223333:role/replication", "rules": rules},
    });
    bucket
}

fn rule(status: &str, bucket: &str) -> Value {
    json!({"prefix": "", "status": status, "destinationConfig":
        {"bucketARN": format!("arn:aws:s3:::{bucket}"), "storageClass": "STANDARD_IA"}})
}

#[test]
fn the_targets_of_enabled_rules_are_asked_about_once() {
    let bucket = replicated(json!({
        "a": rule("Enabled", "dr"), "b": rule("Enabled", "dr"), "c": rule("Disabled", "old"),
        "d": rule("Enabled", "far"),
    }));
    assert_eq!(previewed(&bucket, json!({})).unwrap(), None);
    let copies = copies::bucket(&read(&bucket)).unwrap();
    assert_eq!(copies, Copies::Buckets(vec!["dr".to_owned(), "far".to_owned()]));
    // Without an enabled rule nothing is asked.
    for bucket in [replicated(json!({"c": rule("Disabled", "old")})), replicated(json!({})), {
        let mut bucket = replicated(json!({}));
        bucket["supplementaryConfiguration"] = json!({});
        bucket
    }] {
        assert!(decided(&bucket).is_empty());
    }
    let china = {
        let mut rule = rule("Enabled", "dr");
        rule["destinationConfig"]["bucketARN"] = json!("arn:aws-cn:s3:::dr");
        read(&replicated(json!({ "a": rule })))
    };
    assert_eq!(copies::bucket(&china).unwrap(), Copies::Buckets(vec!["dr".to_owned()]));
}

#[test]
fn a_target_that_is_not_there_fails_and_says_so() {
    let bucket = replicated(json!({"a": rule("Enabled", "dr")}));
    let at = |place| Copy { name: "dr".to_owned(), place };
    let verdict = told(&bucket, &[at(Place::NoBucket)], json!({}));
    assert_eq!(codes(&verdict), ["REPLICATION_REGION"]);
    assert!(verdict.reasons()[0].message.en.contains("Region unreadable"), "{verdict:?}");
    assert_eq!(told(&bucket, &[at(Place::Vouched)], json!({})), Verdict::compliant());
    let far = told(&bucket, &[at(Place::Region("us-east-1".to_owned()))], json!({}));
    assert_eq!(codes(&far), ["REPLICATION_REGION"]);
}

#[test]
fn file_systems_and_global_databases_are_asked_about() {
    for kind in ["AWS::EFS::FileSystem", "AWS::RDS::GlobalCluster"] {
        assert_eq!(previewed(&item(kind, TOKYO, json!({})), json!({})).unwrap(), None, "{kind}");
    }
    let global = item("AWS::RDS::GlobalCluster", "us-east-1", json!({}));
    assert_eq!(codes(&told(&global, &[], json!({}))), ["NO_COPY"]);
    // Where the database is recorded says nothing of where its members are.
    let home = [Copy::in_region("a", TOKYO)];
    assert_eq!(told(&global, &home, json!({})), Verdict::compliant());
    let away = [Copy::in_region("a", TOKYO), Copy::in_region("b", "us-east-1")];
    assert_eq!(codes(&told(&global, &away, json!({}))), ["REPLICATION_REGION"]);
}

#[test]
fn an_approved_transfer_needs_a_number() {
    for (tags, expected) in [
        (json!({"fisc:region-exception": "RINGI-2026-014"}), "EXCEPTION_APPROVED"),
        (json!({"fisc:region-exception": ""}), "RESOURCE_REGION"),
        (json!({"fisc:region-exception": " "}), "RESOURCE_REGION"),
        (json!({"Fisc:Region-Exception": "RINGI-2026-014"}), "RESOURCE_REGION"),
        (json!({}), "RESOURCE_REGION"),
    ] {
        let mut queue = item("AWS::SQS::Queue", "us-west-2", json!({}));
        queue["tags"] = tags.clone();
        assert_eq!(decided(&queue), [expected], "{tags}");
    }
    let mut queue = item("AWS::SQS::Queue", "us-west-2", json!({}));
    queue["tags"] = json!({"fisc:region-exception": "RINGI-2026-014"});
    let verdict = previewed(&queue, json!({})).unwrap().unwrap();
    assert!(verdict.reasons()[0].message.ja.contains("RINGI-2026-014"));
    let without = previewed(&queue, json!({"regionExceptionTagKey": ""})).unwrap().unwrap();
    assert_eq!(codes(&without), ["RESOURCE_REGION"]);
    // What stays at home needs no approval, and no tags.
    queue["awsRegion"] = json!(TOKYO);
    assert!(decided(&queue).is_empty());
    queue["tags"] = Value::Null;
    assert!(decided(&queue).is_empty());
    // Without tags nobody can say that there is no approval.
    queue["awsRegion"] = json!("us-west-2");
    assert!(previewed(&queue, json!({})).unwrap_err().to_string().contains("tags is missing"));
}

#[test]
fn the_approved_regions_are_the_institutions() {
    let queue = item("AWS::SQS::Queue", "eu-west-1", json!({}));
    let own = previewed(&queue, json!({"allowedRegions": "eu-west-1"})).unwrap().unwrap();
    assert_eq!(own, Verdict::compliant());
    let error = previewed(&queue, json!({"allowedRegions": ""})).unwrap_err();
    assert_eq!(error.kind(), "WrongParameter");
}

#[test]
fn opt_in_regions_must_be_approved() {
    let account = |enabled: &[&str], parameters: Value| {
        let enabled: Vec<String> = enabled.iter().map(|&region| region.to_owned()).collect();
        with_run(&parameters, |run| decide_account(&enabled, run).unwrap())
    };
    assert_eq!(account(&[], json!({})), Verdict::compliant());
    let verdict = account(&["ap-east-1", "eu-south-1"], json!({}));
    assert_eq!(codes(&verdict), ["UNAPPROVED_REGION_ENABLED"]);
    assert!(verdict.reasons()[0].message.en.ends_with("ap-east-1, eu-south-1"), "{verdict:?}");
    let own = json!({"allowedRegions": "ap-northeast-1,ap-east-1"});
    assert_eq!(account(&["ap-east-1"], own), Verdict::compliant());
}

#[test]
fn what_an_item_must_tell_is_an_error_when_missing() {
    let wrong = |name: &str| {
        let mut rule = rule("Enabled", "dr");
        rule["destinationConfig"]["bucketARN"] = json!(name);
        replicated(json!({ "a": rule }))
    };
    let mut bare_bucket = replicated(json!({}));
    bare_bucket["supplementaryConfiguration"] = Value::Null;
    for (item, expected) in [
        (bare_bucket, "supplementaryConfiguration is missing"),
        (wrong("dr"), "bucketARN cannot be read"),
        (wrong("arn:aws:s3:::"), "bucketARN cannot be read"),
        (wrong(""), "bucketARN is missing"),
        (replicated(json!({"a": rule("Paused", "dr")})), "unknown value \"Paused\""),
        (replicated(Value::Null), "BucketReplicationConfiguration.rules is missing"),
        (item("AWS::Backup::BackupPlan", TOKYO, json!({})), "configuration.BackupPlan is missing"),
        (plan(Value::Null), "BackupPlanRule is missing"),
        (plan(json!([{"CopyActions": [{}]}])), "DestinationBackupVaultArn is missing"),
        (
            plan(json!([{"CopyActions": [{"DestinationBackupVaultArn": "vault"}]}])),
            "no ARN with a Region",
        ),
        (item("AWS::KMS::Key", TOKYO, json!({})), "keyManager is missing"),
        (item("AWS::KMS::Key", TOKYO, json!({"keyManager": "CUSTOMER"})), "multiRegion is missing"),
        (
            item("AWS::KMS::Key", TOKYO, json!({"keyManager": "CUSTOMER", "multiRegion": true})),
            "multiRegionConfiguration is missing",
        ),
        (
            item("AWS::DynamoDB::Table", TOKYO, json!({"replicas": [{}]})),
            "replicas[0].regionName is missing",
        ),
        // The replicas of a global table of the first version are not in its item.
        (
            item("AWS::DynamoDB::Table", TOKYO, json!({"globalTableVersion": "2017.11.29"})),
            "replicas is missing",
        ),
        (
            item("AWS::Redshift::Cluster", TOKYO, json!({"clusterSnapshotCopyStatus": {}})),
            "destinationRegion is missing",
        ),
    ] {
        let error = previewed(&item, json!({})).unwrap_err();
        assert_eq!(error.kind(), "IncompleteItem", "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}
