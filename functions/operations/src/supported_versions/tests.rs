use fisc_shared::Parameters;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2026-11-23T03:00:00Z";

fn with<T>(parameters: &Value, check: impl FnOnce(&Run<'_>) -> T) -> T {
    at(parameters, false, check)
}

fn at<T>(parameters: &Value, offline: bool, check: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    check(&Run {
        parameters: &parameters,
        now: NOW.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn item(kind: &str, configuration: Value, tags: Value) -> ConfigurationItem {
    let mut item = events::item(kind, "res-1", configuration);
    item["tags"] = tags;
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

/// What the item alone decides: the compliance and the codes; nothing where a service must be
/// asked.
fn previewed(item: &ConfigurationItem, parameters: &Value) -> Result<Option<String>, Error> {
    with(parameters, |run| Ok(runner::preview(&CONTROL, item, run)?.map(|verdict| told(&verdict))))
}

fn told(verdict: &Verdict) -> String {
    let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code).collect();
    format!("{} {}", verdict.compliance().as_str(), codes.join(" ")).trim().to_owned()
}

fn says(kind: &str, configuration: &Value, parameters: &Value) -> String {
    let item = item(kind, configuration.clone(), json!({}));
    previewed(&item, parameters).unwrap().unwrap_or_else(|| "ask".to_owned())
}

const LAMBDA: &str = "AWS::Lambda::Function";

#[test]
fn runtimes_fail_before_and_after_their_end() {
    let says = |runtime: &str, parameters: Value| {
        says(LAMBDA, &json!({"runtime": runtime, "packageType": "Zip"}), &parameters)
    };
    let fails = "NON_COMPLIANT LAMBDA_RUNTIME_UNSUPPORTED";
    for (runtime, expected) in [
        ("nodejs24.x", "COMPLIANT"),
        ("provided.al2023", "COMPLIANT"),
        ("python3.13", "COMPLIANT"),
        // Rolling runtimes end, too.
        ("provided.al2", fails),
        ("nodejs18.x", fails),
        ("go1.x", fails),
        ("nodejs99.x", "NOT_APPLICABLE VERSION_UNKNOWN"),
        // Not to be taken for java8.
        ("java8.al2023", "COMPLIANT"),
    ] {
        assert_eq!(says(runtime, json!({})), expected, "{runtime}");
    }
    // Ruby 3.3 ends on 2027-03-31, in 128 days.
    assert_eq!(says("ruby3.3", json!({})), "COMPLIANT");
    assert_eq!(says("ruby3.3", json!({"warnDays": 127})), "COMPLIANT");
    assert_eq!(says("ruby3.3", json!({"warnDays": 128})), fails);
    assert_eq!(says("ruby3.3", json!({"warnDaysByKind": "os=400"})), "COMPLIANT");
    assert_eq!(says("ruby3.3", json!({"warnDaysByKind": "os=1, lambda=180"})), fails);
    assert_eq!(
        says("ruby3.3", json!({"warnDays": 180, "warnDaysByKind": "lambda=0"})),
        "COMPLIANT"
    );
    assert_eq!(says("nodejs99.x", json!({"unknownVersion": "NON_COMPLIANT"})), fails);
    // Lambda sells no longer support.
    assert_eq!(says("nodejs18.x", json!({"acceptExtendedSupport": true})), fails);
}

#[test]
fn images_have_no_runtime_and_everything_else_must_have_one() {
    let image = json!({"packageType": "Image", "functionName": "f"});
    assert_eq!(says(LAMBDA, &image, &json!({})), "NOT_APPLICABLE CONTAINER_IMAGE");
    let old = json!({"runtime": "nodejs24.x"});
    assert_eq!(says(LAMBDA, &old, &json!({})), "COMPLIANT");
    for configuration in [json!({"packageType": "Zip"}), json!({})] {
        let item = item(LAMBDA, configuration, json!({}));
        assert!(matches!(previewed(&item, &json!({})), Err(Error::Item(_))));
    }
}

#[test]
fn days_by_kind_must_name_a_kind_and_days() {
    let item = item(LAMBDA, json!({"runtime": "nodejs24.x"}), json!({}));
    for wrong in ["lambda", "lambada=3", "lambda=soon", "os=-1", "os=9999"] {
        let error = previewed(&item, &json!({"warnDaysByKind": wrong})).unwrap_err().to_string();
        assert!(error.contains("warnDaysByKind") && error.contains(wrong), "{error}");
    }
}

#[test]
fn jobs_are_judged_by_their_type_and_version() {
    let says = |name: &str, version: Value, parameters: Value| {
        let job = json!({"Name": "etl", "Command": {"Name": name}, "GlueVersion": version});
        says("AWS::Glue::Job", &job, &parameters)
    };
    let fails = "NON_COMPLIANT GLUE_VERSION_UNSUPPORTED";
    let unknown = "NOT_APPLICABLE VERSION_UNKNOWN";
    for (name, version, expected) in [
        ("glueetl", json!("5.0"), "COMPLIANT"),
        ("gluestreaming", json!("4.0"), "COMPLIANT"),
        ("glueetl", json!("2.0"), fails),
        ("gluestreaming", json!("0.9"), fails),
        // Python shell jobs have versions of their own.
        ("pythonshell", json!("1.0"), unknown),
        ("glueetl", Value::Null, unknown),
    ] {
        assert_eq!(says(name, version, json!({})), expected, "{name}");
    }
    let strict = json!({"unknownVersion": "NON_COMPLIANT"});
    assert_eq!(says("glueetl", Value::Null, strict), fails);
    let cut = item("AWS::Glue::Job", json!({"GlueVersion": "5.0"}), json!({}));
    assert!(matches!(previewed(&cut, &json!({})), Err(Error::Item(_))));
}

#[test]
fn services_on_fargate_are_not_pinned_to_an_old_platform() {
    let says = |service: Value| says("AWS::ECS::Service", &service, &json!({}));
    let spot = json!([{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]);
    let own = json!([{"CapacityProvider": "own-instances", "Weight": 1}]);
    let fails = "NON_COMPLIANT FARGATE_PLATFORM_OLD";
    for (service, expected) in [
        (json!({"LaunchType": "FARGATE", "PlatformVersion": "LATEST"}), "COMPLIANT"),
        (json!({"LaunchType": "FARGATE"}), "COMPLIANT"),
        (json!({"LaunchType": "FARGATE", "PlatformVersion": "1.4.0"}), "COMPLIANT"),
        // Current on Windows.
        (json!({"LaunchType": "FARGATE", "PlatformVersion": "1.0.0"}), "COMPLIANT"),
        (json!({"LaunchType": "FARGATE", "PlatformVersion": "1.3.0"}), fails),
        (json!({"LaunchType": "FARGATE", "PlatformVersion": "1.2.0"}), fails),
        // Newer than the table.
        (
            json!({"LaunchType": "FARGATE", "PlatformVersion": "1.10.0"}),
            "NOT_APPLICABLE VERSION_UNKNOWN",
        ),
        (json!({"CapacityProviderStrategy": spot, "PlatformVersion": "1.3.0"}), fails),
        (json!({"CapacityProviderStrategy": own}), "NOT_APPLICABLE NOT_ON_FARGATE"),
        (json!({"LaunchType": "EC2"}), "NOT_APPLICABLE NOT_ON_FARGATE"),
        (json!({"LaunchType": "EXTERNAL"}), "NOT_APPLICABLE NOT_ON_FARGATE"),
    ] {
        assert_eq!(says(service.clone()), expected, "{service}");
    }
}

#[test]
fn minor_upgrades_are_automatic_or_planned() {
    let aurora = |on: bool| {
        json!({"engine": "aurora-mysql", "engineVersion": "8.0.mysql_aurora.3.05.2",
               "dBClusterIdentifier": "core", "autoMinorVersionUpgrade": on})
    };
    let managed = json!({"fisc:patching": "managed"});
    let on = |kind, configuration: Value, tags: &Value, parameters: Value| {
        previewed(&item(kind, configuration, tags.clone()), &parameters).unwrap().unwrap()
    };
    for (kind, good, bad, note) in [
        (
            "AWS::DMS::ReplicationInstance",
            json!({"AutoMinorVersionUpgrade": true}),
            json!({"AutoMinorVersionUpgrade": false}),
            "",
        ),
        (
            "AWS::Redshift::Cluster",
            json!({"allowVersionUpgrade": true}),
            json!({"allowVersionUpgrade": false}),
            "",
        ),
        ("AWS::RDS::DBInstance", aurora(true), aurora(false), "JUDGED_ON_CLUSTER"),
    ] {
        let fails = "NON_COMPLIANT AUTO_MINOR_UPGRADE_OFF";
        let holds = format!("COMPLIANT {note}").trim().to_owned();
        let planned = format!("{holds} MANAGED_PATCHING");
        assert_eq!(on(kind, good, &json!({}), json!({})), holds);
        assert_eq!(on(kind, bad.clone(), &json!({}), json!({})), fails);
        assert_eq!(on(kind, bad.clone(), &managed, json!({})), planned);
        let other = json!({"fisc:patching": "none"});
        assert_eq!(on(kind, bad.clone(), &other, json!({})), fails);
        let any = json!({"managedPatchingTag": "fisc:patching"});
        assert_eq!(on(kind, bad.clone(), &other, any), planned);
        let never = json!({"managedPatchingTag": ""});
        assert_eq!(on(kind, bad, &managed, never), fails);
        let cut = item(
            kind,
            json!({"engine": "aurora-mysql", "engineVersion": "8.0",
            "dBClusterIdentifier": "core"}),
            json!({}),
        );
        assert!(matches!(previewed(&cut, &json!({})), Err(Error::Item(_))), "{kind}");
    }
    // Without tags nobody knows; with the setting on nobody needs to.
    let kind = "AWS::Redshift::Cluster";
    let untagged = |on: bool| item(kind, json!({"allowVersionUpgrade": on}), Value::Null);
    assert!(matches!(previewed(&untagged(false), &json!({})), Err(Error::Item(_))));
    assert_eq!(previewed(&untagged(true), &json!({})).unwrap().as_deref(), Some("COMPLIANT"));
}

#[test]
fn what_a_service_must_tell_is_asked_and_what_is_outside_is_not() {
    let aws = "arn:aws:elasticbeanstalk:ap-northeast-1::platform/Corretto 17/4.1.0";
    let own = "arn:aws:elasticbeanstalk:ap-northeast-1:111122223333:platform/own/1.0.0";
    for (kind, configuration, expected) in [
        ("AWS::EKS::Cluster", json!({"Version": "1.34"}), "ask"),
        (
            "AWS::EKS::Cluster",
            json!({"ConnectorConfig": {"Provider": "OTHER"}}),
            "NOT_APPLICABLE CONNECTED_CLUSTER",
        ),
        ("AWS::RDS::DBInstance", json!({"engine": "postgres", "engineVersion": "16.4"}), "ask"),
        (
            "AWS::RDS::DBInstance",
            json!({"engine": "docdb", "engineVersion": "5.0.0", "dBClusterIdentifier": "d"}),
            "NOT_APPLICABLE JUDGED_ON_CLUSTER",
        ),
        ("AWS::RDS::DBCluster", json!({"engine": "docdb", "engineVersion": "5.0.0"}), "ask"),
        ("AWS::OpenSearch::Domain", json!({"EngineVersion": "OpenSearch_2.11"}), "ask"),
        ("AWS::AmazonMQ::Broker", json!({"EngineType": "ActiveMQ"}), "ask"),
        ("AWS::MSK::Cluster", json!({"KafkaVersion": "3.8.x"}), "ask"),
        ("AWS::ElasticBeanstalk::Environment", json!({"platformArn": aws}), "ask"),
        (
            "AWS::ElasticBeanstalk::Environment",
            json!({"platformArn": own}),
            "NOT_APPLICABLE CUSTOM_PLATFORM",
        ),
        ("AWS::EC2::Instance", json!({"state": {"name": "stopped"}}), "ask"),
        (
            "AWS::EC2::Instance",
            json!({"state": {"name": "terminated"}}),
            "NOT_APPLICABLE INSTANCE_TERMINATED",
        ),
    ] {
        assert_eq!(says(kind, &configuration, &json!({})), expected, "{kind} {configuration}");
    }
    for (kind, configuration) in [
        ("AWS::ElasticBeanstalk::Environment", json!({"solutionStackName": "old"})),
        ("AWS::EC2::Instance", json!({"imageId": "ami-1"})),
        ("AWS::RDS::DBInstance", json!({"engine": "postgres"})),
    ] {
        let cut = item(kind, configuration, json!({}));
        assert!(matches!(previewed(&cut, &json!({})), Err(Error::Item(_))), "{kind}");
    }
}

#[test]
fn without_the_services_the_table_decides_what_it_can() {
    let rds = |engine: &str, version: &str, on: bool| json!({"engine": engine, "engineVersion": version, "autoMinorVersionUpgrade": on});
    let broker = |on: bool| json!({"EngineType": "ACTIVEMQ", "EngineVersion": "5.18", "AutoMinorVersionUpgrade": on});
    for (kind, configuration, expected) in [
        ("AWS::EKS::Cluster", json!({"Version": "1.36"}), "COMPLIANT"),
        ("AWS::EKS::Cluster", json!({"Version": "1.29"}), "NON_COMPLIANT EKS_VERSION_UNSUPPORTED"),
        ("AWS::EKS::Cluster", json!({"Version": "1.99"}), "ask"),
        // Whether the exact version is deprecated is not in the table.
        ("AWS::RDS::DBInstance", rds("postgres", "16.4", true), "ask"),
        (
            "AWS::RDS::DBInstance",
            rds("mysql", "5.7.44", false),
            "NON_COMPLIANT RDS_MAJOR_UNSUPPORTED AUTO_MINOR_UPGRADE_OFF",
        ),
        (
            "AWS::OpenSearch::Domain",
            json!({"EngineVersion": "Elasticsearch_6.5"}),
            "NON_COMPLIANT OPENSEARCH_OUTDATED",
        ),
        ("AWS::OpenSearch::Domain", json!({"EngineVersion": "OpenSearch_3.1"}), "ask"),
        ("AWS::AmazonMQ::Broker", broker(true), "ask"),
        ("AWS::AmazonMQ::Broker", broker(false), "NON_COMPLIANT AUTO_MINOR_UPGRADE_OFF"),
        ("AWS::MSK::Cluster", json!({"KafkaVersion": "2.8.1"}), "ask"),
    ] {
        let item = item(kind, configuration.clone(), json!({}));
        let is = at(&json!({}), true, |run| runner::preview(&CONTROL, &item, run).unwrap());
        let is = is.as_ref().map_or_else(|| "ask".to_owned(), told);
        assert_eq!(is, expected, "{kind} {configuration}");
        // With the services at hand, they are asked.
        assert_eq!(says(kind, &configuration, &json!({})), "ask", "{kind} {configuration}");
    }
}

#[test]
fn every_type_is_judged_and_those_of_the_schedule_are_among_them() {
    let known = |one: &ResourceType| TYPES.iter().any(|kind| kind.resource == *one);
    let account = |one: &ResourceType| *one == ResourceType::ACCOUNT;
    assert!(CONTROL.resources.iter().all(|one| known(one) || account(one)));
    assert!(SWEPT.iter().all(|one| CONTROL.resources.contains(one)));
    assert_eq!(TYPES.len() + 1, CONTROL.resources.len());
    // Every kind of the table is used by something.
    with(&json!({}), |run| {
        let rules = Rules::of(run).unwrap();
        let kinds = TYPES.iter().map(|kind| kind.table).filter(|kind| !kind.is_empty());
        for kind in kinds.chain(["elasticache", "emr"]) {
            assert!(rules.table.checked(kind).is_some(), "{kind}");
        }
    });
}
