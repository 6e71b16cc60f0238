use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

use super::*;

/// What the item alone decides.
fn decided(kind: &str, configuration: Value, tags: Value, offline: bool) -> Result<String, Error> {
    let mut item = fisc_testkit::events::item(kind, "id", configuration);
    item["tags"] = tags;
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let parameters = Parameters::default();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-23T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    };
    Ok(runner::preview(&CONTROL, &item, &run)?.map_or_else(String::new, |verdict| {
        let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code).collect();
        codes.join(" ")
    }))
}

fn critical() -> Value {
    json!({"fisc:tier": "critical"})
}

#[test]
fn the_item_decides_what_it_can() {
    let alarm = |name: &str, actions: Value, enabled: bool| json!({"alarmName": name, "alarmActions": actions, "actionsEnabled": enabled});
    let sns = json!(["arn:aws:sns:ap-northeast-1:111122223333:ops"]);
    let kind = "AWS::CloudWatch::Alarm";
    for (configuration, live, offline) in [
        (alarm("a", sns.clone(), true), "", ""),
        // A composite alarm or a rule may make it heard.
        (alarm("a", sns.clone(), false), "", "ALARM_WITHOUT_ACTION"),
        (alarm("a", json!([]), true), "", "ALARM_WITHOUT_ACTION"),
        (alarm("TargetTracking-table/t", sns, true), "SCALING_ALARM", "SCALING_ALARM"),
    ] {
        let of = |offline| decided(kind, configuration.clone(), json!({}), offline).unwrap();
        assert_eq!((of(false).as_str(), of(true).as_str()), (live, offline), "{configuration}");
    }
    decided(kind, json!({"alarmName": "a"}), json!({}), false).unwrap_err();
}

#[test]
fn details_are_judged_of_critical_resources() {
    let instance = |state: &str, monitoring: &str| json!({"state": {"name": state}, "monitoring": {"state": monitoring}});
    let database =
        |engine: &str, interval: i64| json!({"engine": engine, "monitoringInterval": interval});
    let cluster = |class: &str, interval: i64| json!({"engine": "mysql", "dbclusterInstanceClass": class, "monitoringInterval": interval});
    let (ec2, db, db_cluster) =
        ("AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster");
    for (kind, configuration, tags, expected) in [
        (ec2, instance("running", "disabled"), critical(), "DETAILED_MONITORING_OFF"),
        (ec2, instance("running", "pending"), critical(), ""),
        (ec2, instance("running", "disabled"), json!({}), ""),
        (ec2, instance("stopped", "disabled"), critical(), "NOT_RUNNING"),
        (db, database("postgres", 0), critical(), "RDS_ENHANCED_MONITORING_OFF"),
        (db, database("postgres", 61), critical(), "RDS_ENHANCED_MONITORING_OFF"),
        (db, database("postgres", 60), critical(), ""),
        (db, database("neptune", 0), critical(), ""),
        (db, database("postgres", 0), json!({"fisc:tier": "low"}), "NOT_CRITICAL"),
        (db_cluster, cluster("db.r6gd.large", 0), critical(), "RDS_ENHANCED_MONITORING_OFF"),
        (db_cluster, cluster("db.r6gd.large", 15), critical(), ""),
        (db_cluster, cluster("", 0), critical(), ""),
        ("AWS::SQS::Queue", json!({}), json!({}), "NOT_CRITICAL"),
    ] {
        assert_eq!(
            decided(kind, configuration.clone(), tags, true).unwrap(),
            expected,
            "{kind} {configuration}"
        );
    }
    for (kind, configuration) in [
        (ec2, json!({"state": {"name": "running"}})),
        (ec2, json!({})),
        (db, json!({"engine": "postgres"})),
        (db, json!({"monitoringInterval": 60})),
    ] {
        decided(kind, configuration, critical(), true).unwrap_err();
    }
}
