use super::*;
use crate::data_service_tls::tests::{item_of, read_item, told};
use serde_json::{Value, json};

/// The verdict on a database whose parameter group answers this value.
pub(crate) fn judged(item: &Value, value: Option<&str>) -> Result<Verdict, Error> {
    judged_by(item, Some(&Setting { value: value.map(str::to_owned) }))
}

fn judged_by(item: &Value, setting: Option<&Setting>) -> Result<Verdict, Error> {
    match read(&read_item(item))? {
        Told::Verdict(verdict) => Ok(verdict),
        Told::Ask(question) => decide(&question, setting),
        Told::AskOptions(names) => panic!("asks for {names:?}"),
    }
}

fn instance(engine: &str, version: &str) -> Value {
    item_of(
        ResourceType::RDS_DB_INSTANCE,
        "db-A",
        "arn:aws:rds:ap-northeast-1:111122223333:db:a",
        &json!({
            "dBInstanceIdentifier": "a", "engine": engine, "engineVersion": version,
            "dBParameterGroups": [
                {"dBParameterGroupName": "group-a", "parameterApplyStatus": "in-sync"}
            ],
        }),
    )
}

fn cluster(engine: &str, version: &str) -> Value {
    item_of(
        ResourceType::RDS_DB_CLUSTER,
        "cluster-A",
        "arn:aws:rds:ap-northeast-1:111122223333:cluster:a",
        &json!({
            "dbclusterIdentifier": "a", "engine": engine, "engineVersion": version,
            "dbclusterParameterGroup": "group-a",
            "dbclusterMembers": [
                {"dbinstanceIdentifier": "a-1", "dbclusterParameterGroupStatus": "in-sync"},
                {"dbinstanceIdentifier": "a-2", "dbclusterParameterGroupStatus": "in-sync"},
            ],
        }),
    )
}

fn reasons(item: &Value, value: Option<&str>) -> Vec<String> {
    told(&judged(item, value).unwrap())
}

const NONE: [&str; 0] = [];

#[test]
fn each_engine_has_its_parameter_and_its_values() {
    for (item, parameter, on, off) in [
        (instance("postgres", "16.4"), "rds.force_ssl", &["1", "on"][..], &["0"][..]),
        (cluster("aurora-postgresql", "17.4"), "rds.force_ssl", &["1"], &["0"]),
        (cluster("postgres", "15.7"), "rds.force_ssl", &["1"], &["0"]),
        (instance("sqlserver-se", "16.00.4135.4.v1"), "rds.force_ssl", &["1"], &["0"]),
        (instance("mysql", "8.0.39"), "require_secure_transport", &["1", "ON"], &["0", "OFF"]),
        (instance("mariadb", "10.11.9"), "require_secure_transport", &["1"], &["0"]),
        (
            cluster("aurora-mysql", "8.0.mysql_aurora.3.07.1"),
            "require_secure_transport",
            &["ON", "1"],
            &["OFF", "0"],
        ),
        (
            cluster("docdb", "5.0.0"),
            "tls",
            &["enabled", "tls1.2+", "tls1.3+", "fips-140-3"],
            &["disabled"],
        ),
        (cluster("neptune", "1.0.3.0.R2"), "neptune_enforce_ssl", &["1"], &["0"]),
    ] {
        for value in on {
            assert_eq!(reasons(&item, Some(value)), NONE, "{parameter} {value}");
        }
        for value in off {
            let expected =
                format!("DB_TLS_NOT_FORCED: {parameter} is {value} in the parameter group group-a");
            assert_eq!(reasons(&item, Some(value)), [expected]);
        }
        let error = judged(&item, Some("perhaps")).unwrap_err().to_string();
        assert!(error.contains(parameter) && error.contains("\"perhaps\""), "{error}");
    }
}

#[test]
fn only_an_engine_default_may_come_without_a_value() {
    for item in [instance("mysql", "8.0.39"), instance("mariadb", "10.6.19")] {
        for value in [None, Some("")] {
            assert_eq!(
                reasons(&item, value),
                ["DB_TLS_NOT_FORCED: require_secure_transport is not set, which is off in the \
                  parameter group group-a"]
            );
        }
    }
    for item in [instance("postgres", "15.7"), cluster("docdb", "4.0.0")] {
        let error = judged(&item, None).unwrap_err().to_string();
        assert!(error.contains("ParameterValue"), "{error}");
    }
}

#[test]
fn a_family_without_the_parameter_is_an_error_unless_there_are_such_versions() {
    let old = judged_by(&instance("mysql", "5.6.51"), None).unwrap();
    assert_eq!(told(&old), ["NO_TLS_SWITCH: The engine version has no setting that requires TLS"]);
    assert!(matches!(old, Verdict::NotApplicable(_)));
    for item in [instance("postgres", "16.4"), instance("sqlserver-ex", "15.00")] {
        let error = judged_by(&item, None).unwrap_err().to_string();
        assert!(error.contains("rds:DescribeDBParameters lacks rds.force_ssl"), "{error}");
    }
    let error = judged_by(&cluster("docdb", "5.0.0"), None).unwrap_err().to_string();
    assert!(error.contains("rds:DescribeDBClusterParameters lacks tls"), "{error}");
}

#[test]
fn a_pending_reboot_is_said() {
    let mut waiting = instance("postgres", "14.12");
    waiting["configuration"]["dBParameterGroups"][0]["parameterApplyStatus"] =
        json!("pending-reboot");
    let set = judged(&waiting, Some("1")).unwrap();
    assert!(matches!(set, Verdict::Compliant(_)));
    let note = "REBOOT_PENDING: The parameter group group-a is set, but waits for a reboot \
                (pending-reboot)";
    assert_eq!(told(&set), [note]);
    let off = reasons(&waiting, Some("0"));
    assert!(off[0].ends_with("group-a; the database waits for a reboot (pending-reboot)"));

    // One member is enough.
    let mut waiting = cluster("docdb", "5.0.0");
    waiting["configuration"]["dbclusterMembers"][1]["dbclusterParameterGroupStatus"] =
        json!("pending-reboot");
    assert_eq!(reasons(&waiting, Some("enabled")), [note]);
    // A cluster without members is judged all the same.
    waiting["configuration"]["dbclusterMembers"] = json!([]);
    assert_eq!(reasons(&waiting, Some("enabled")), NONE);
}

#[test]
fn members_are_judged_on_their_cluster() {
    for engine in ["aurora-mysql", "aurora-postgresql", "docdb", "neptune", "mysql", "postgres"] {
        let mut member = instance(engine, "1");
        member["configuration"]["dBClusterIdentifier"] = json!("ib");
        let expected =
            ["JUDGED_ON_CLUSTER: The cluster of the instance holds the setting and is judged"];
        // Its own group would say off, or nothing.
        assert_eq!(reasons(&member, Some("0")), expected, "{engine}");
    }
    for engine in ["aurora-mysql", "aurora-postgresql", "docdb", "neptune"] {
        let error = judged(&instance(engine, "1"), Some("1")).unwrap_err().to_string();
        assert!(error.ends_with("configuration.dBClusterIdentifier is missing"), "{error}");
    }
}

#[test]
fn newer_neptune_knows_nothing_but_tls() {
    for (version, always) in [
        ("1.0.3.0", false),
        ("1.0.4.0", true),
        ("1.0.4.0.R1", true),
        ("1.2.0.0.R5", true),
        ("1.10.0.0", true),
        ("2.0.0.0", true),
    ] {
        let verdict = judged(&cluster("neptune", version), Some("0")).unwrap();
        assert_eq!(matches!(verdict, Verdict::Compliant(_)), always, "{version}");
        let code = if always { "ENGINE_ALWAYS_TLS" } else { "DB_TLS_NOT_FORCED" };
        assert_eq!(verdict.reasons()[0].code, code);
    }
    assert!(judged(&cluster("neptune", "latest"), Some("1")).is_err());
    let mut bare = cluster("neptune", "");
    bare["configuration"]["engineVersion"] = Value::Null;
    assert!(judged(&bare, Some("1")).is_err());
}

#[test]
fn engines_that_are_not_judged_say_so() {
    for engine in ["db2-se", "db2-ae", "custom-oracle-ee", "custom-sqlserver-ee"] {
        let verdict = judged(&instance(engine, "19"), Some("1")).unwrap();
        assert!(matches!(verdict, Verdict::NotApplicable(_)));
        assert_eq!(
            told(&verdict),
            [format!(
                "ENGINE_NOT_JUDGED: TLS of {engine} is not judged: look at its options and \
                 listeners"
            )]
        );
    }
    let error = judged(&instance("novadb", "1"), Some("1")).unwrap_err().to_string();
    assert!(error.contains("configuration.engine") && error.contains("novadb"), "{error}");
}

#[test]
fn oracle_asks_for_its_option_groups() {
    let mut oracle = instance("oracle-se2", "19.0.0.0.ru-2026-07.rur-2026-07.r1");
    let error = judged(&oracle, None).unwrap_err().to_string();
    assert!(error.ends_with("configuration.optionGroupMemberships is missing"), "{error}");
    oracle["configuration"]["optionGroupMemberships"] = json!([]);
    assert!(judged(&oracle, None).is_err());
    oracle["configuration"]["optionGroupMemberships"] = json!([
        {"optionGroupName": "old", "status": "pending-removal"},
        {"optionGroupName": "new", "status": "applying"},
    ]);
    let Told::AskOptions(names) = read(&read_item(&oracle)).unwrap() else { panic!("asks") };
    assert_eq!(names, ["old", "new"]);
    oracle["configuration"]["optionGroupMemberships"] = json!([{"status": "in-sync"}]);
    let error = judged(&oracle, None).unwrap_err().to_string();
    assert!(error.ends_with("optionGroupMemberships[0].optionGroupName is missing"), "{error}");
}
