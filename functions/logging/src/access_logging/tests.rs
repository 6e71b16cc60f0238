use std::collections::BTreeSet;

use super::*;
use fisc_shared::verdict::Compliance;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

mod fixtures;

use fixtures::{Fixture, attributes, fixtures, item};

fn with_run<T>(parameters: Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        home: true,
        deadline: None,
        offline: false,
    })
}

fn result(item: &Value, parameters: Value) -> Result<Verdict, Error> {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    with_run(parameters, |run| evaluate(&item, run))
}

fn judged(item: &Value, parameters: Value) -> (Compliance, Vec<&'static str>) {
    let verdict = result(item, parameters).unwrap_or_else(|error| panic!("{error} in {item}"));
    (verdict.compliance(), verdict.reasons().iter().map(|reason| reason.code).collect())
}

/// The codes of a verdict, whichever.
fn codes(item: &Value, parameters: Value) -> Vec<&'static str> {
    judged(item, parameters).1
}

fn error(item: &Value, parameters: Value) -> String {
    match result(item, parameters) {
        Err(error) => error.to_string(),
        Ok(verdict) => panic!("{verdict:?} for {item}"),
    }
}

/// The first message, in English.
fn message(item: &Value, parameters: Value) -> String {
    result(item, parameters).unwrap().reasons()[0].message.en.clone()
}

/// The item with a value at a path replaced; null takes it away.
fn with(item: &Value, path: &str, value: Value) -> Value {
    let mut item = item.clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let object = item.pointer_mut(parent).expect(path).as_object_mut().unwrap();
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
    item
}

fn fixture(resource: ResourceType) -> Fixture {
    fixtures().into_iter().find(|one| one.resource == resource).expect(resource.name)
}

const NONE: [&str; 0] = [];

#[test]
fn every_type_of_the_table_has_fixtures_and_is_declared() {
    let table: Vec<ResourceType> = TYPES.iter().map(|(kind, _)| *kind).collect();
    let recorded = CONTROL.resources.iter().filter(|one| **one != ResourceType::ACCOUNT);
    assert_eq!(table, recorded.copied().collect::<Vec<_>>());
    let fixtures = fixtures();
    assert_eq!(table, fixtures.iter().map(|one| one.resource).collect::<Vec<_>>());
    for one in &fixtures {
        // Of instances and tables no item tells a failure.
        let asked = [ResourceType::EC2_INSTANCE, ResourceType::DYNAMODB_TABLE];
        let fails = !one.bad.is_empty() || asked.contains(&one.resource);
        assert!(fails && !one.needed.is_empty(), "{}", one.resource.name);
    }
}

#[test]
fn every_requirement_and_remark_is_seen_on_its_types() {
    let fixtures = fixtures();
    let failing: BTreeSet<(&str, &str)> = fixtures
        .iter()
        .flat_map(|one| one.bad.iter().map(|(_, code)| (*code, one.resource.name)))
        .collect();
    let asked = [
        "CLASSIFIED_DATA_ACCESS_NOT_LOGGED",
        "DB_AUDIT_DISABLED",
        "OS_LOGS_NOT_DELIVERED",
        "AUTOMATION_LOG_OFF",
    ];
    let declared: BTreeSet<(&str, &str)> = CONTROL
        .requirements
        .iter()
        .filter(|one| !asked.contains(&one.code))
        .flat_map(|one| one.resources.iter().map(|resource| (one.code, resource.name)))
        .collect();
    assert_eq!(failing, declared);
    for requirement in CONTROL.requirements {
        let Text { en, ja } = requirement.rule;
        assert!(en.is_ascii() && !ja.is_ascii(), "{}", requirement.code);
    }
}

#[test]
fn logs_that_are_on_pass_and_others_fail() {
    for one in fixtures() {
        assert_eq!(judged(&one.good(), json!({})), (Compliance::Compliant, NONE.to_vec()));
        for changes in &one.also_good {
            let item = one.changed(changes);
            assert_eq!(judged(&item, json!({})).0, Compliance::Compliant, "{item}");
        }
        for (changes, code) in &one.bad {
            let item = one.changed(changes);
            assert_eq!(judged(&item, json!({})), (Compliance::NonCompliant, vec![*code]), "{item}");
        }
    }
}

#[test]
fn every_dialect_is_judged_alike() {
    // The history API and S3 files hold configuration and supplementary parts as text.
    let as_text = |item: &Value| {
        let mut item = item.clone();
        item["configuration"] = item["configuration"].to_string().into();
        let parts = item["supplementaryConfiguration"].as_object_mut().unwrap();
        for part in parts.values_mut().filter(|part| !part.is_string()) {
            *part = part.to_string().into();
        }
        item
    };
    for one in fixtures() {
        assert_eq!(codes(&as_text(&one.good()), json!({})), NONE, "{}", one.resource.name);
        for (changes, code) in &one.bad {
            let item = as_text(&one.changed(changes));
            assert_eq!(codes(&item, json!({})), [*code], "{item}");
        }
    }
}

#[test]
fn what_an_item_must_tell_is_an_error_when_missing() {
    for one in fixtures() {
        for path in &one.needed {
            let message = error(&with(&one.good(), path, Value::Null), json!({}));
            let field = path.rsplit_once('/').unwrap().1;
            assert!(message.contains(&format!("{field} is missing")), "{path}: {message}");
        }
        for changes in &one.unreadable {
            error(&one.changed(changes), json!({}));
        }
        let bare = item(one.resource, Value::Null, Value::Null);
        error(&bare, json!({}));
        let empty = item(one.resource, json!({}), json!({}));
        error(&empty, json!({}));
    }
}

#[test]
fn what_the_control_does_not_apply_to_is_not_judged() {
    for one in fixtures() {
        for (changes, code) in &one.not_judged {
            let item = one.changed(changes);
            assert_eq!(
                judged(&item, json!({})),
                (Compliance::NotApplicable, vec![*code]),
                "{item}"
            );
        }
    }
}

#[test]
fn only_allowed_buckets_may_receive_logs() {
    for (resource, code) in [
        (ResourceType::S3_BUCKET, "S3_ACCESS_LOG_OFF"),
        (ResourceType::ELBV2_LOAD_BALANCER, "LB_ACCESS_LOG_OFF"),
        (ResourceType::CLOUDFRONT_DISTRIBUTION, "CLOUDFRONT_LOG_OFF"),
        (ResourceType::REDSHIFT_CLUSTER, "REDSHIFT_AUDIT_LOG_OFF"),
    ] {
        let good = fixture(resource).good();
        for allowed in ["hbg-log-archive", "other,hbg-log-archive", "hbg-log-*"] {
            let allowed = json!({ "allowedLogBuckets": allowed });
            assert_eq!(codes(&good, allowed), NONE, "{}", resource.name);
        }
        for allowed in ["hbg-log", "other", "hbg-log-archive-2"] {
            let allowed = json!({ "allowedLogBuckets": allowed });
            assert_eq!(codes(&good, allowed.clone()), [code], "{}", resource.name);
            assert!(message(&good, allowed).contains("hbg-log-archive"));
        }
    }
    // The domain of a bucket outside us-east-1 may name its Region.
    let regional = with(
        &fixture(ResourceType::CLOUDFRONT_DISTRIBUTION).good(),
        "/configuration/distributionConfig/logging/bucket",
        json!("hbg.s3.logs.s3.ap-northeast-1.amazonaws.com"),
    );
    assert_eq!(codes(&regional, json!({"allowedLogBuckets": "hbg.s3.logs"})), NONE);
}

#[test]
fn buckets_may_be_declared_log_targets_or_logged_by_data_events() {
    let bucket = fixture(ResourceType::S3_BUCKET).changed(&[(
        "/supplementaryConfiguration/BucketLoggingConfiguration/destinationBucketName",
        Value::Null,
    )]);
    let off = ["S3_ACCESS_LOG_OFF"];
    for (parameters, expected) in [
        (json!({"logBucketNames": "hbg-ib"}), ["LOG_TARGET"]),
        (json!({"logBucketNames": "hbg-*"}), ["LOG_TARGET"]),
        (json!({"logBucketNames": "hbg"}), off),
        (json!({"dataEventBuckets": "hbg-ib"}), ["DATA_EVENTS_DECLARED"]),
        (json!({"dataEventBuckets": "*"}), ["DATA_EVENTS_DECLARED"]),
        (json!({"dataEventBuckets": "hbg-ib-upload"}), off),
    ] {
        assert_eq!(codes(&bucket, parameters.clone()), expected, "{parameters}");
    }
    // A destination that is not allowed is not excused by data events.
    let elsewhere = fixture(ResourceType::S3_BUCKET).good();
    let parameters = json!({"dataEventBuckets": "*", "allowedLogBuckets": "other"});
    assert_eq!(codes(&elsewhere, parameters), off);
}

#[test]
fn network_load_balancers_are_demanded_logs_of_by_parameter() {
    let network = fixture(ResourceType::ELBV2_LOAD_BALANCER).changed(&[
        ("/configuration/type", json!("network")),
        (
            "/supplementaryConfiguration/LoadBalancerAttributes",
            attributes(&[("access_logs.s3.enabled", "false"), ("access_logs.s3.bucket", "")]),
        ),
    ]);
    assert_eq!(codes(&network, json!({})), ["NLB_LISTENERS_UNKNOWN"]);
    assert_eq!(codes(&network, json!({"requireNlbAccessLog": true})), ["LB_ACCESS_LOG_OFF"]);
}

#[test]
fn every_failure_of_a_load_balancer_or_stage_is_told() {
    let balancer = fixture(ResourceType::ELBV2_LOAD_BALANCER).changed(&[(
        "/supplementaryConfiguration/LoadBalancerAttributes",
        attributes(&[
            ("access_logs.s3.enabled", "false"),
            ("routing.http.xff_header_processing.mode", "remove"),
        ]),
    )]);
    assert_eq!(codes(&balancer, json!({})), ["LB_ACCESS_LOG_OFF", "CLIENT_IP_DROPPED"]);
    // A stage as it was created.
    let stage = fixture(ResourceType::API_GATEWAY_STAGE).changed(&[
        ("/configuration/methodSettings", json!({})),
        ("/configuration/accessLogSettings", Value::Null),
    ]);
    assert_eq!(codes(&stage, json!({})), ["API_EXECUTION_LOG_OFF", "API_ACCESS_LOG_OFF"]);
    let parameters = json!({"requireApiAccessLog": false});
    assert_eq!(codes(&stage, parameters.clone()), ["API_EXECUTION_LOG_OFF"]);
    let http = fixture(ResourceType::API_GATEWAY_V2_STAGE).good();
    assert_eq!(codes(&http, parameters), ["API_ACCESS_LOG_NOT_REQUIRED"]);
}

#[test]
fn standard_logging_v2_is_declared_by_distribution() {
    let off = fixture(ResourceType::CLOUDFRONT_DISTRIBUTION).changed(&[(
        "/configuration/distributionConfig/logging",
        json!({"enabled": false, "includeCookies": false, "bucket": "", "prefix": ""}),
    )]);
    for (ids, expected) in [
        ("hbg-ib", "V2_LOGGING_DECLARED"),
        ("*", "V2_LOGGING_DECLARED"),
        ("hbg-other", "CLOUDFRONT_LOG_OFF"),
    ] {
        assert_eq!(codes(&off, json!({ "cloudFrontV2Distributions": ids })), [expected]);
    }
}

#[test]
fn only_accepted_levels_log_executions() {
    let stage = fixture(ResourceType::API_GATEWAY_STAGE).good();
    assert_eq!(codes(&stage, json!({"apiLogLevels": "INFO"})), ["API_EXECUTION_LOG_OFF"]);
    assert!(message(&stage, json!({"apiLogLevels": "INFO"})).ends_with("ERROR"));
    let overridden = with(
        &stage,
        "/configuration/methodSettings",
        json!({"*/*": {"loggingLevel": "INFO"}, "~1transfers~1{id}/POST": {"loggingLevel": "OFF"}}),
    );
    let told = message(&overridden, json!({}));
    assert!(told.contains("/transfers/{id}/POST"), "{told}");
    let machine = fixture(ResourceType::STEP_FUNCTIONS_STATE_MACHINE).good();
    for (least, passing) in [("FATAL", 3), ("ERROR", 2), ("ALL", 1)] {
        let passes = |level: &str| {
            let item = with(&machine, "/configuration/LoggingConfiguration/Level", json!(level));
            codes(&item, json!({ "sfnMinLevel": least })).is_empty()
        };
        for (place, level) in ["ALL", "ERROR", "FATAL", "OFF"].into_iter().enumerate() {
            assert_eq!(passes(level), place < passing, "{least} {level}");
        }
    }
}

#[test]
fn log_types_go_by_the_engine() {
    let database = |engine: &str, exports: &[&str]| {
        let clustered = ["aurora", "docdb", "neptune"].iter().any(|one| engine.starts_with(one));
        let kind =
            if clustered { ResourceType::RDS_DB_CLUSTER } else { ResourceType::RDS_DB_INSTANCE };
        fixture(kind).changed(&[
            ("/configuration/engine", json!(engine)),
            ("/configuration/enabledCloudwatchLogsExports", json!(exports)),
        ])
    };
    for (engine, exports) in [
        ("mysql", vec!["error", "slowquery", "audit"]),
        ("mariadb", vec!["error", "slowquery", "audit"]),
        ("postgres", vec!["postgresql"]),
        ("aurora-mysql", vec!["audit", "error"]),
        ("aurora-postgresql", vec!["postgresql"]),
        ("oracle-ee", vec!["alert", "audit", "listener", "trace"]),
        ("oracle-se2-cdb", vec!["alert", "audit", "listener", "trace"]),
        ("sqlserver-se", vec!["error", "agent"]),
        // SQL Server Express has no agent.
        ("sqlserver-ex", vec!["error"]),
        ("docdb", vec!["audit"]),
        ("neptune", vec!["audit"]),
    ] {
        assert_eq!(codes(&database(engine, &exports), json!({})), NONE, "{engine}");
        for left_out in &exports {
            let rest: Vec<&str> = exports.iter().copied().filter(|one| one != left_out).collect();
            let item = database(engine, &rest);
            assert_eq!(codes(&item, json!({})), ["DB_LOG_EXPORT_MISSING"], "{engine}");
            assert!(message(&item, json!({})).ends_with(&format!(": {left_out}")));
        }
    }
    for engine in ["custom-sqlserver-ee", "aurora", "mysqlx", "db2-ae"] {
        assert_eq!(codes(&database(engine, &[]), json!({})), ["ENGINE_WITHOUT_EXPORTS"]);
    }
    let own = json!({"rdsLogTypes": "db2:diag.log, aurora-mysql:audit"});
    assert_eq!(codes(&database("db2-ae", &[]), own.clone()), ["DB_LOG_EXPORT_MISSING"]);
    assert_eq!(codes(&database("aurora-mysql", &["audit"]), own.clone()), NONE);
    assert_eq!(codes(&database("postgres", &[]), own), ["ENGINE_WITHOUT_EXPORTS"]);
    // A Multi-AZ DB cluster of MySQL has no audit log to export.
    let cluster = |exports: &[&str]| {
        fixture(ResourceType::RDS_DB_CLUSTER).changed(&[
            ("/configuration/engine", json!("mysql")),
            ("/configuration/enabledCloudwatchLogsExports", json!(exports)),
        ])
    };
    assert_eq!(codes(&cluster(&["error", "slowquery"]), json!({})), NONE);
    assert_eq!(codes(&cluster(&["error"]), json!({})), ["DB_LOG_EXPORT_MISSING"]);
    // A malformed entry would silently demand nothing.
    for wrong in ["mysql", "mysql:", ":error"] {
        let told = error(&database("mysql", &[]), json!({ "rdsLogTypes": wrong }));
        assert!(told.contains("rdsLogTypes"), "{told}");
    }
}

#[test]
fn container_and_cluster_demands_are_parameters() {
    let task = fixture(ResourceType::ECS_TASK_DEFINITION).good();
    assert_eq!(codes(&task, json!({"ecsLogDrivers": "splunk"})), ["CONTAINER_LOG_MISSING"]);
    assert!(message(&task, json!({"ecsLogDrivers": "splunk"})).ends_with("app (awslogs)"));
    let cluster = fixture(ResourceType::EKS_CLUSTER).good();
    let demanded = json!({"eksLogTypes": "audit,scheduler"});
    assert_eq!(codes(&cluster, demanded.clone()), ["EKS_CONTROL_PLANE_LOG_OFF"]);
    assert!(message(&cluster, demanded).ends_with(": scheduler"));
}

#[test]
fn other_types_are_refused() {
    let queue = item(ResourceType::SQS_QUEUE, json!({}), json!({}));
    let queue = ConfigurationItem::from_json(&queue.to_string()).unwrap();
    let refused = with_run(json!({}), |run| evaluate(&queue, run)).unwrap_err();
    assert!(refused.to_string().contains("AWS::SQS::Queue"), "{refused}");
}

#[test]
fn what_a_service_decides_is_left_open_by_the_item() {
    let previewed = |item: &Value, parameters: Value, offline: bool| {
        let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
        with_run(parameters, |run| {
            let run = Run { offline, ..*run };
            runner::preview(&CONTROL, &item, &run).unwrap()
        })
    };
    let codes = |verdict: Option<Verdict>| {
        verdict.map(|one| one.reasons().iter().map(|reason| reason.code).collect::<Vec<_>>())
    };
    let database = fixture(ResourceType::RDS_DB_INSTANCE).changed(&[
        ("/configuration/dBParameterGroups", json!([{"dBParameterGroupName": "hbg"}])),
        ("/configuration/optionGroupMemberships", json!([{"optionGroupName": "hbg"}])),
    ]);
    assert_eq!(previewed(&database, json!({}), false), None);
    assert_eq!(previewed(&database, json!({}), true), None);
    // What already fails needs no groups to be told.
    let failing = fixture(ResourceType::RDS_DB_INSTANCE)
        .changed(&[("/configuration/enabledCloudwatchLogsExports", json!([]))]);
    let told = codes(previewed(&failing, json!({}), true));
    assert_eq!(told, Some(vec!["DB_LOG_EXPORT_MISSING"]));
    let unaudited = json!({"requireDbAudit": false});
    assert_eq!(codes(previewed(&database, unaudited, false)), Some(Vec::new()));
    let instance = fixture(ResourceType::EC2_INSTANCE).good();
    assert_eq!(previewed(&instance, json!({}), false), None);

    // Standard logging v2 may refute the failure; offline nobody can be asked.
    let silent = fixture(ResourceType::CLOUDFRONT_DISTRIBUTION).changed(&[(
        "/configuration/distributionConfig/logging",
        json!({"enabled": false, "includeCookies": false, "bucket": "", "prefix": ""}),
    )]);
    assert_eq!(previewed(&silent, json!({}), false), None);
    assert_eq!(codes(previewed(&silent, json!({}), true)), Some(vec!["CLOUDFRONT_LOG_OFF"]));
    let declared = json!({"cloudFrontV2Distributions": "*"});
    assert_eq!(codes(previewed(&silent, declared, false)), Some(vec!["V2_LOGGING_DECLARED"]));
    // A bucket that is not allowed is none the better for a second delivery.
    let elsewhere = fixture(ResourceType::CLOUDFRONT_DISTRIBUTION).good();
    let allowed = json!({"allowedLogBuckets": "other"});
    assert_eq!(codes(previewed(&elsewhere, allowed, false)), Some(vec!["CLOUDFRONT_LOG_OFF"]));
}
