//! Verdicts on secrets and databases, as the services describe them.

use aws_sdk_rds::types::{DbCluster, DbInstance, MasterUserSecret, Tag, WriteForwardingStatus};
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::primitives::DateTime;
use aws_sdk_secretsmanager::types::{SecretListEntry, SecretVersionsListEntry};
use aws_sdk_ssm::types::{ParameterMetadata, ParameterType};
use fisc_shared::Parameters;
use fisc_testkit::events;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::database::{Database, Stores, parameter_name};
use super::secret::Secret;
use super::*;

const NOW: &str = "2026-11-21T09:00:00Z";
const ARN: &str = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:hbg/core/db-9172fE";
const NONE: [&str; 0] = [];

fn with_run<T>(parameters: &Value, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    judge(&Run {
        parameters: &parameters,
        now: NOW.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn time(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|one| one.code).collect()
}

/// A secret that rotates every month.
fn good() -> Secret {
    Secret {
        arn: ARN.to_owned(),
        name: "hbg/core/db".to_owned(),
        tags: Vec::new(),
        owner: None,
        primary_region: None,
        deleted: false,
        rotates: true,
        next: time("2026-12-10T23:59:59Z"),
        rotated: time("2026-11-10T02:00:00Z"),
        created: time("2024-04-01T00:00:00Z").unwrap(),
        accessed: time("2026-11-20T00:00:00Z"),
    }
}

/// A secret that was made lately and that nobody ever set up for rotation.
fn fresh() -> Secret {
    Secret {
        rotates: false,
        next: None,
        rotated: None,
        accessed: None,
        created: time("2026-11-01T00:00:00Z").unwrap(),
        ..good()
    }
}

fn exempt(reason: &str) -> Vec<(String, String)> {
    vec![("fisc:rotation-exempt".to_owned(), reason.to_owned())]
}

fn judged(secret: &Secret, parameters: &Value) -> Vec<&'static str> {
    with_run(parameters, |run| codes(&secret.verdict(run)))
}

fn of(secret: &Secret) -> Vec<&'static str> {
    judged(secret, &json!({}))
}

#[test]
fn a_secret_must_rotate_unless_a_tag_gives_the_reason() {
    assert_eq!(of(&good()), NONE);
    assert_eq!(of(&fresh()), ["ROTATION_DISABLED"]);
    // One that RDS manages and somebody switched off.
    let managed = Secret { owner: Some("rds".to_owned()), rotates: false, next: None, ..good() };
    assert_eq!(of(&managed), ["ROTATION_DISABLED"]);
    // An API key of an outside service.
    let outside = Secret { tags: exempt("rotated by hand at the card network"), ..fresh() };
    assert_eq!(of(&outside), ["ROTATION_EXEMPT"]);
    let verdict = with_run(&json!({}), |run| outside.verdict(run));
    assert!(matches!(verdict, Verdict::Compliant(_)), "{verdict:?}");
    assert_eq!(of(&Secret { tags: exempt(" "), ..fresh() }), ["ROTATION_DISABLED"]);
    let other = json!({"rotationExemptTagKey": "manual"});
    assert_eq!(judged(&outside, &other), ["ROTATION_DISABLED"]);
}

#[test]
fn an_exempt_secret_still_grows_old() {
    let old = Secret {
        tags: exempt("an outside service"),
        created: time("2026-01-01T00:00:00Z").unwrap(),
        ..fresh()
    };
    assert_eq!(of(&old), ["SECRET_TOO_OLD"]);
    // Its value may have been put by hand: asked for only where that decides.
    let asks = |secret: &Secret| with_run(&json!({}), |run| secret.may_be_younger(run));
    assert!(asks(&old));
    assert!(!asks(&Secret { created: time("2026-11-01T00:00:00Z").unwrap(), ..old.clone() }));
    assert!(!asks(&Secret { tags: Vec::new(), ..old.clone() }));
    assert!(!asks(&Secret { rotates: true, ..old.clone() }));
    assert!(!asks(&Secret { owner: Some("appflow".to_owned()), ..old.clone() }));

    let version = |stage: &str, date: &str| {
        SecretVersionsListEntry::builder()
            .version_stages(stage)
            .created_date(DateTime::from_secs(time(date).unwrap().as_second()))
            .build()
    };
    let mut put = old.clone();
    put.has_version(&version("AWSPREVIOUS", "2026-11-20T00:00:00Z"));
    put.has_version(&version("AWSPENDING", "2026-11-20T00:00:00Z"));
    assert_eq!(of(&put), ["SECRET_TOO_OLD"], "only the current version is in use");
    put.has_version(&version("AWSCURRENT", "2026-11-01T00:00:00Z"));
    assert_eq!(of(&put), ["ROTATION_EXEMPT"]);
}

#[test]
fn a_rotation_may_be_late_by_the_grace_only() {
    for (next, grace, found) in [
        ("2026-11-21T09:00:01Z", 0, &NONE[..]),
        ("2026-11-21T08:59:59Z", 0, &["ROTATION_FAILED"]),
        ("2026-11-20T09:00:00Z", 1, &NONE),
        ("2026-11-20T08:59:59Z", 1, &["ROTATION_FAILED"]),
        ("2026-11-20T08:59:59Z", 2, &NONE),
    ] {
        let secret = Secret { next: time(next), ..good() };
        assert_eq!(judged(&secret, &json!({"rotationGraceDays": grace})), found, "{next} {grace}");
    }
    // The first rotation of all failed.
    let first = Secret {
        rotated: None,
        next: time("2026-11-15T00:00:00Z"),
        created: time("2026-11-10T00:00:00Z").unwrap(),
        ..good()
    };
    assert_eq!(of(&first), ["ROTATION_FAILED"]);
    // Of a secret that does not rotate an old date says nothing.
    let off = Secret { rotates: false, next: time("2026-01-01T00:00:00Z"), ..good() };
    assert_eq!(of(&off), ["ROTATION_DISABLED"]);
}

/// The date that Secrets Manager computes counts, not the number of days, which an expression
/// need not have.
#[test]
fn schedules_in_expressions_are_judged_by_their_date() {
    let rules = aws_sdk_secretsmanager::types::RotationRulesType::builder()
        .schedule_expression("cron(0 16 1 */3 ? *)")
        .duration("2h")
        .build();
    let date = |text: &str| DateTime::from_secs(time(text).unwrap().as_second());
    let described = |next: &str| {
        let answer = DescribeSecretOutput::builder()
            .arn(ARN)
            .name("hbg/core/db")
            .rotation_enabled(true)
            .rotation_rules(rules.clone())
            .last_rotated_date(date("2026-10-01T16:00:00Z"))
            .next_rotation_date(date(next))
            .created_date(date("2024-04-01T00:00:00Z"))
            .build();
        Secret::described(&answer).unwrap()
    };
    assert_eq!(of(&described("2027-01-01T17:59:59Z")), NONE);
    assert_eq!(of(&described("2026-11-01T17:59:59Z")), ["ROTATION_FAILED"]);
}

#[test]
fn the_last_rotation_counts_else_the_creation() {
    for (rotated, most, found) in [
        ("2026-08-23T09:00:00Z", 90, &NONE[..]),
        ("2026-08-23T08:59:59Z", 90, &["SECRET_TOO_OLD"]),
        ("2026-08-23T08:59:59Z", 91, &NONE),
    ] {
        let secret = Secret { rotated: time(rotated), ..good() };
        assert_eq!(judged(&secret, &json!({"maxDaysSinceRotation": most})), found, "{rotated}");
    }
    let never = Secret { created: time("2026-01-01T00:00:00Z").unwrap(), ..fresh() };
    assert_eq!(of(&never), ["ROTATION_DISABLED", "SECRET_TOO_OLD"]);
    let verdict = with_run(&json!({}), |run| never.verdict(run));
    let message = &verdict.reasons()[1].message.en;
    assert_eq!(message, "Never rotated in 324 days; at most 90 days are accepted");
}

#[test]
fn disuse_is_judged_when_asked_for() {
    let strict = json!({"unusedForDays": 30});
    for (accessed, found) in [
        // Read at some time of that day: a full day more.
        ("2026-10-22T00:00:00Z", &NONE[..]),
        ("2026-10-21T00:00:00Z", &["SECRET_UNUSED"]),
        ("2026-11-21T00:00:00Z", &NONE),
    ] {
        let secret = Secret { accessed: time(accessed), ..good() };
        assert_eq!(judged(&secret, &strict), found, "{accessed}");
        assert_eq!(of(&secret), NONE, "{accessed}");
    }
    let never = Secret { accessed: None, ..good() };
    assert_eq!(judged(&never, &strict), ["SECRET_UNUSED"]);
    let young = Secret { created: time("2026-11-01T00:00:00Z").unwrap(), ..never };
    assert_eq!(judged(&young, &strict), NONE);
}

#[test]
fn secrets_of_others_are_not_judged() {
    let named = |text: &str| Some(text.to_owned());
    for (secret, code) in [
        (Secret { deleted: true, ..fresh() }, "SECRET_BEING_DELETED"),
        (Secret { primary_region: named("us-east-1"), ..fresh() }, "REPLICA_SECRET"),
        (Secret { owner: named("appflow"), ..fresh() }, "OWNED_BY_SERVICE"),
        (Secret { owner: named("redshift"), ..fresh() }, "OWNED_BY_SERVICE"),
    ] {
        let verdict = with_run(&json!({}), |run| secret.verdict(run));
        assert!(matches!(verdict, Verdict::NotApplicable(_)), "{verdict:?}");
        assert_eq!(codes(&verdict), [code]);
    }
    // A primary with replicas names its own Region.
    let primary = Secret { primary_region: named("ap-northeast-1"), ..fresh() };
    assert_eq!(of(&primary), ["ROTATION_DISABLED"]);
}

#[test]
fn both_answers_are_read_alike_and_absence_is_what_the_api_says() {
    let date = |text: &str| DateTime::from_secs(time(text).unwrap().as_second());
    let tag = aws_sdk_secretsmanager::types::Tag::builder().key("k").value("v").build();
    let expected = Secret {
        tags: vec![("k".to_owned(), "v".to_owned())],
        owner: Some("rds".to_owned()),
        primary_region: Some("ap-northeast-1".to_owned()),
        deleted: true,
        ..good()
    };
    macro_rules! full {
        ($builder:expr) => {
            $builder
                .arn(ARN)
                .name("hbg/core/db")
                .tags(tag.clone())
                .owning_service("rds")
                .primary_region("ap-northeast-1")
                .deleted_date(date("2026-12-01T00:00:00Z"))
                .rotation_enabled(true)
                .next_rotation_date(date("2026-12-10T23:59:59Z"))
                .last_rotated_date(date("2026-11-10T02:00:00Z"))
                .created_date(date("2024-04-01T00:00:00Z"))
                .last_accessed_date(date("2026-11-20T00:00:00Z"))
                .build()
        };
    }
    assert_eq!(Secret::described(&full!(DescribeSecretOutput::builder())).unwrap(), expected);
    assert_eq!(Secret::listed(&full!(SecretListEntry::builder())).unwrap(), expected);

    // No rotation was ever set up, and nobody read it: the API leaves those members out.
    let bare = SecretListEntry::builder().arn(ARN).name("hbg/core/db");
    let bare = bare.created_date(date("2026-11-01T00:00:00Z"));
    assert_eq!(Secret::listed(&bare.build()).unwrap(), fresh());
    let error = Secret::listed(&SecretListEntry::builder().arn(ARN).name("x").build()).unwrap_err();
    assert_eq!(error.to_string(), "the answer of secretsmanager:ListSecrets lacks CreatedDate");
}

fn managed(status: &str) -> MasterUserSecret {
    MasterUserSecret::builder().secret_arn(ARN).secret_status(status).build()
}

fn tagged(value: &str) -> Tag {
    Tag::builder().key("fisc:db-credential-store").value(value).build()
}

/// A builder of an instance with an id.
macro_rules! instance {
    ($($set:ident($value:expr)),*) => {
        Database::of_instance(
            &DbInstance::builder().dbi_resource_id("db-1").engine("mysql")$(.$set($value))*.build(),
            &["fisc:db-credential-store".to_owned()],
        )
    };
}

macro_rules! cluster {
    ($($set:ident($value:expr)),*) => {
        Database::of_cluster(
            &DbCluster::builder().db_cluster_resource_id("cluster-1").engine_mode("provisioned")
                $(.$set($value))*.build(),
            &["fisc:db-credential-store".to_owned()],
        )
    };
}

/// One secret and two parameters exist.
fn stores() -> Stores {
    let mut stores = Stores::of(&[
        good(),
        Secret {
            name: "ending".to_owned(),
            arn: "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:ending-000000"
                .to_owned(),
            deleted: true,
            ..good()
        },
    ]);
    for (name, kind) in [
        ("/core/db/password", ParameterType::SecureString),
        ("flat", ParameterType::SecureString),
        ("/core/db/open", ParameterType::String),
    ] {
        stores.add(&ParameterMetadata::builder().name(name).r#type(kind).build());
    }
    stores
}

fn database(database: Result<Database, Error>, parameters: &Value) -> Vec<&'static str> {
    let verdict = with_run(parameters, |run| database.unwrap().verdict(&stores(), run));
    codes(&verdict)
}

const NOT_MANAGED: [&str; 1] = ["MASTER_CREDENTIAL_NOT_MANAGED"];

#[test]
fn a_secret_of_rds_must_work() {
    let plain = json!({});
    assert_eq!(database(instance!(), &plain), NOT_MANAGED);
    assert_eq!(database(cluster!(), &plain), NOT_MANAGED);
    for status in ["active", "rotating", "creating"] {
        assert_eq!(database(instance!(master_user_secret(managed(status))), &plain), NONE);
        assert_eq!(database(cluster!(master_user_secret(managed(status))), &plain), NONE);
    }
    let impaired = instance!(master_user_secret(managed("impaired")));
    let verdict = with_run(&plain, |run| impaired.unwrap().verdict(&stores(), run));
    assert_eq!(codes(&verdict), NOT_MANAGED);
    assert!(verdict.reasons()[0].message.en.ends_with("in status impaired"));
    // A secret of which the status is not told.
    let error = instance!(master_user_secret(MasterUserSecret::builder().build())).unwrap_err();
    assert!(error.to_string().contains("MasterUserSecret.SecretStatus"), "{error}");
}

#[test]
fn a_tag_is_evidence_when_its_store_exists() {
    let arn_of = |name: &str| format!("arn:aws:ssm:ap-northeast-1:111122223333:parameter{name}");
    for store in [
        ARN,
        "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:hbg/core/db",
        "hbg/core/db",
        " hbg/core/db ",
        "/core/db/password",
        &arn_of("/core/db/password"),
        "flat",
        &arn_of("/flat"),
    ] {
        let found = database(instance!(tag_list(tagged(store))), &json!({}));
        assert_eq!(found, ["EVIDENCE_FOUND"], "{store}");
    }
    for store in [
        "",
        "yes",
        "ending",
        "hbg/core",
        // Not a SecureString.
        "/core/db/open",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:hbg/core/db-9172fE",
        "arn:aws:ssm:ap-northeast-1:999900001111:parameter/flat",
    ] {
        let verdict = with_run(&json!({}), |run| {
            instance!(tag_list(tagged(store))).unwrap().verdict(&stores(), run)
        });
        assert_eq!(codes(&verdict), NOT_MANAGED, "{store}");
        let message = &verdict.reasons()[0].message.en;
        assert!(store.is_empty() || !message.contains(store), "{message}");
    }
    // Another tag is none.
    let other = Tag::builder().key("store").value("hbg/core/db").build();
    assert_eq!(database(instance!(tag_list(other)), &json!({})), NOT_MANAGED);
}

#[test]
fn only_what_may_be_a_parameter_is_asked_for() {
    let name = |store: &str| with_run(&json!({}), |run| parameter_name(store, run));
    for (store, expected) in [
        ("/core/db/password", Some("/core/db/password")),
        ("flat-1.x_y", Some("flat-1.x_y")),
        ("arn:aws:ssm:ap-northeast-1:111122223333:parameter/core/db", Some("/core/db")),
        ("arn:aws:ssm:ap-northeast-1:111122223333:parameter/flat", Some("flat")),
        ("arn:aws:ssm:us-east-1:111122223333:parameter/flat", None),
        (ARN, None),
        ("see the wiki", None),
        ("p@ssw0rd!", None),
        ("", None),
    ] {
        assert_eq!(name(store).as_deref(), expected, "{store}");
    }
    let tagged = [
        instance!(tag_list(tagged("/core/db/password"))).unwrap(),
        instance!(tag_list(tagged("hbg/core/db"))).unwrap(),
        instance!(tag_list(tagged("/unused")), master_user_secret(managed("active"))).unwrap(),
        instance!(tag_list(tagged("/member")), db_cluster_identifier("c")).unwrap(),
        instance!(tag_list(tagged("/core/db/password"))).unwrap(),
    ];
    let tagged: Vec<&Database> = tagged.iter().collect();
    let asked = with_run(&json!({}), |run| Stores::of(&[good()]).parameters_named(&tagged, run));
    assert_eq!(asked, ["/core/db/password"]);
}

#[test]
fn iam_authentication_counts_when_accepted() {
    let accept = json!({"acceptIamAuthentication": true});
    let iam = || instance!(iam_database_authentication_enabled(true));
    assert_eq!(database(iam(), &json!({})), NOT_MANAGED);
    assert_eq!(database(iam(), &accept), ["IAM_AUTHENTICATION"]);
    assert_eq!(
        database(cluster!(iam_database_authentication_enabled(true)), &accept),
        ["IAM_AUTHENTICATION"]
    );
    assert_eq!(database(instance!(), &accept), NOT_MANAGED);
}

#[test]
fn parts_and_replicas_have_no_credential_of_their_own() {
    let plain = json!({});
    assert_eq!(database(instance!(db_cluster_identifier("core")), &plain), ["CLUSTER_MEMBER"]);
    for replica in [
        instance!(read_replica_source_db_instance_identifier("core")),
        instance!(read_replica_source_db_cluster_identifier("core")),
        cluster!(replication_source_identifier("arn:aws:rds:us-east-1:111122223333:cluster:core")),
    ] {
        assert_eq!(database(replica, &plain), ["READ_REPLICA"]);
    }
    assert_eq!(database(instance!(db_cluster_identifier("")), &plain), NOT_MANAGED);
}

#[test]
fn databases_that_rds_cannot_manage_are_judged_by_their_tag() {
    type Tagged = fn(Option<Tag>) -> Result<Database, Error>;
    let kinds: [Tagged; 6] = [
        |tag| instance!(engine("custom-oracle-ee"), set_tag_list(tag.map(|tag| vec![tag]))),
        |tag| cluster!(engine_mode("serverless"), set_tag_list(tag.map(|tag| vec![tag]))),
        |tag| cluster!(global_cluster_identifier("g"), set_tag_list(tag.map(|tag| vec![tag]))),
        |tag| cluster!(engine("docdb"), set_tag_list(tag.map(|tag| vec![tag]))),
        |tag| cluster!(engine("neptune"), set_tag_list(tag.map(|tag| vec![tag]))),
        |tag| {
            cluster!(
                global_write_forwarding_status(WriteForwardingStatus::Enabling),
                set_tag_list(tag.map(|tag| vec![tag]))
            )
        },
    ];
    for kind in kinds {
        assert_eq!(database(kind(None), &json!({})), ["CANNOT_BE_MANAGED"]);
        assert_eq!(database(kind(Some(tagged("hbg/core/db"))), &json!({})), ["EVIDENCE_FOUND"]);
        assert_eq!(database(kind(Some(tagged("nowhere"))), &json!({})), NOT_MANAGED);
    }
    // Serverless v2 is provisioned, and forwarding that is off tells of no global database.
    let off = WriteForwardingStatus::Disabled;
    assert_eq!(database(cluster!(global_write_forwarding_status(off)), &json!({})), NOT_MANAGED);
}

#[test]
fn databases_are_known_by_the_id_that_config_records() {
    let database = instance!(db_instance_arn("arn:aws:rds:ap-northeast-1:111122223333:db:core"));
    let database = database.unwrap();
    assert_eq!((database.kind, database.id.as_str()), (ResourceType::RDS_DB_INSTANCE, "db-1"));
    assert!(database.arn.is_some());
    assert_eq!(cluster!().unwrap().id, "cluster-1");
    let error = Database::of_instance(&DbInstance::builder().build(), &[]).unwrap_err();
    assert!(error.to_string().contains("DbiResourceId"), "{error}");
    let error = Database::of_cluster(&DbCluster::builder().build(), &[]).unwrap_err();
    assert!(error.to_string().contains("DbClusterResourceId"), "{error}");
}

#[test]
fn items_tell_what_is_not_judged() {
    let preview_of = |kind: ResourceType, configuration: &Value| {
        let item = events::item(kind.name, "id", configuration.clone());
        let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
        with_run(&json!({}), |run| preview(&item, run))
            .map(|verdict| verdict.map(|verdict| codes(&verdict)))
    };
    let secret = |deleted: Value| json!({"ARN": ARN, "Name": "hbg/core/db", "RotationEnabled": false, "Deleted": deleted});
    let (instance, cluster) = (ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER);
    let of_secret = ResourceType::SECRETS_MANAGER_SECRET;
    for (kind, configuration, expected) in [
        (of_secret, secret(json!(true)), Some("SECRET_BEING_DELETED")),
        // Whose secret it is, the item does not tell.
        (of_secret, secret(json!(false)), None),
        (of_secret, secret(Value::Null), None),
        (instance, json!({"dBClusterIdentifier": "core"}), Some("CLUSTER_MEMBER")),
        (instance, json!({"readReplicaSourceDBInstanceIdentifier": "core"}), Some("READ_REPLICA")),
        (instance, json!({"dBClusterIdentifier": null, "engine": "mysql"}), None),
        (cluster, json!({"replicationSourceIdentifier": "arn:x"}), Some("READ_REPLICA")),
        (cluster, json!({"engine": "aurora-mysql"}), None),
    ] {
        let found = preview_of(kind, &configuration).unwrap();
        assert_eq!(found, expected.map(|code| vec![code]), "{configuration}");
    }
    let error = preview_of(of_secret, &json!({"Deleted": "maybe"})).unwrap_err();
    assert!(error.to_string().contains("configuration.Deleted"), "{error}");
    assert!(preview_of(instance, &Value::Null).is_err());
}
