use super::*;
use aws_sdk_rds::types::{Option as GroupOption, OptionSetting};
use serde_json::{Value, json};

fn item(kind: ResourceType, changes: Value) -> ConfigurationItem {
    let mut configuration = if kind == ResourceType::RDS_DB_CLUSTER {
        json!({"engine": "aurora-mysql", "status": "available", "activityStreamStatus": "stopped",
               "dbclusterParameterGroup": "hbg"})
    } else {
        json!({"engine": "postgres", "dBInstanceStatus": "available",
               "dBParameterGroups": [{"dBParameterGroupName": "hbg", "parameterApplyStatus": "in-sync"}],
               "optionGroupMemberships": [{"optionGroupName": "og", "status": "in-sync"}]})
    };
    for (name, value) in changes.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    let item = json!({
        "configurationItemCaptureTime": "2026-10-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1", "resourceType": kind.name,
        "resourceId": "db-1", "configuration": configuration, "supplementaryConfiguration": {},
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

#[test]
fn every_engine_has_its_question() {
    let group = |of_cluster| ParameterGroup { of_cluster, name: "hbg".to_owned() };
    let of_instance = |switch| Some(Question::Switch(group(false), switch));
    let of_cluster = |switch| Some(Question::Switch(group(true), switch));
    let option = |name| Some(Question::Option(vec!["og".to_owned()], name));
    for (engine, expected) in [
        ("postgres", of_instance(Switch::PgAudit)),
        ("oracle-ee", of_instance(Switch::Oracle)),
        ("oracle-se2-cdb", of_instance(Switch::Oracle)),
        ("mysql", option("MARIADB_AUDIT_PLUGIN")),
        ("mariadb", option("MARIADB_AUDIT_PLUGIN")),
        ("sqlserver-se", option("SQLSERVER_AUDIT")),
        ("db2-se", None),
        ("custom-oracle-ee", None),
    ] {
        let item = item(ResourceType::RDS_DB_INSTANCE, json!({ "engine": engine }));
        assert_eq!(question(&item).unwrap(), expected, "{engine}");
    }
    for (engine, expected) in [
        ("aurora-mysql", of_cluster(Switch::AuroraMySql)),
        ("aurora-postgresql", of_cluster(Switch::PgAudit)),
        ("postgres", of_cluster(Switch::PgAudit)),
        ("docdb", of_cluster(Switch::DocumentDb)),
        ("neptune", of_cluster(Switch::Neptune)),
        ("mysql", None),
    ] {
        let item = item(ResourceType::RDS_DB_CLUSTER, json!({ "engine": engine }));
        assert_eq!(question(&item).unwrap(), expected, "{engine}");
    }
}

#[test]
fn what_the_item_decides_is_not_asked() {
    for (kind, changes) in [
        (ResourceType::RDS_DB_INSTANCE, json!({"dBClusterIdentifier": "hbg-ib"})),
        (ResourceType::RDS_DB_INSTANCE, json!({"dBInstanceStatus": "creating"})),
        (ResourceType::RDS_DB_INSTANCE, json!({"dBInstanceStatus": "deleting"})),
        (ResourceType::RDS_DB_INSTANCE, json!({"activityStreamStatus": "started"})),
        (ResourceType::RDS_DB_CLUSTER, json!({"activityStreamStatus": "started"})),
        (ResourceType::RDS_DB_CLUSTER, json!({"status": "creating"})),
    ] {
        assert_eq!(question(&item(kind, changes.clone())).unwrap(), None, "{changes}");
    }
    let starting = item(ResourceType::RDS_DB_CLUSTER, json!({"activityStreamStatus": "starting"}));
    assert!(question(&starting).unwrap().is_some());
    for (kind, changes) in [
        (ResourceType::RDS_DB_INSTANCE, json!({"engine": null})),
        (ResourceType::RDS_DB_INSTANCE, json!({"dBParameterGroups": []})),
        (ResourceType::RDS_DB_INSTANCE, json!({"engine": "mysql", "optionGroupMemberships": []})),
        (ResourceType::RDS_DB_CLUSTER, json!({"dbclusterParameterGroup": null})),
        (ResourceType::RDS_DB_CLUSTER, json!({"status": null})),
    ] {
        question(&item(kind, changes)).unwrap_err();
    }
}

#[test]
fn an_option_turns_auditing_on_unless_it_says_otherwise() {
    let group = |options: &[(&str, Option<&str>)]| {
        let options = options.iter().map(|(name, logging)| {
            let settings = logging.map(|value| {
                vec![OptionSetting::builder().name("SERVER_AUDIT_LOGGING").value(value).build()]
            });
            GroupOption::builder().option_name(*name).set_option_settings(settings).build()
        });
        OptionGroup::builder().set_options(Some(options.collect())).build()
    };
    const PLUGIN: &str = "MARIADB_AUDIT_PLUGIN";
    for (options, on) in [
        (vec![(PLUGIN, None)], true),
        (vec![(PLUGIN, Some("ON"))], true),
        (vec![(PLUGIN, Some("OFF"))], false),
        (vec![("MEMCACHED", None)], false),
        (vec![], false),
        (vec![("MEMCACHED", None), (PLUGIN, Some("ON"))], true),
    ] {
        let found = by_option(&group(&options), "og", PLUGIN);
        assert_eq!(found == Found::On, on, "{options:?}");
    }
}

#[test]
fn values_that_turn_auditing_off_are_known() {
    for value in ["", " ", "0", "OFF", "none", "disabled", "FALSE"] {
        assert!(is_off(value), "{value:?}");
    }
    for value in ["1", "ON", "all", "ddl,role", "db,extended", "enabled", "CONNECT,QUERY"] {
        assert!(!is_off(value), "{value:?}");
    }
    let group = ParameterGroup { of_cluster: true, name: "hbg".to_owned() };
    let told = |value| match off(&group, "audit_logs", value) {
        Found::Off(message) => message.en,
        other => panic!("{other:?}"),
    };
    assert_eq!(told("disabled"), "audit_logs is disabled in the parameter group hbg");
    assert_eq!(told(""), "audit_logs is not set in the parameter group hbg");
    // A family that has always had the parameter must answer it.
    let error = super::value(&group, "audit_logs", None).unwrap_err().to_string();
    assert!(error.contains("rds:DescribeDBClusterParameters"), "{error}");
}
