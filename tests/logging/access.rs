//! End-to-end: the real `logging` binary and the access logs that items tell of.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_logging::access_logging::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-access-logging";
/// The calls that logging_classified sees.
const CLASSIFIED: [&str; 5] = [
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:ListEventDataStores",
    "cloudtrail:GetEventDataStore",
];

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_logging"), aws, &env)
}

fn stage(level: &str, access_logs: &Value) -> Value {
    let id = format!("arn:aws:apigateway:{REGION}::/restapis/hbg/stages/prod");
    let mut item = events::item(
        "AWS::ApiGateway::Stage",
        &id,
        json!({
            "stageName": "prod", "methodSettings": {"*/*": {"loggingLevel": level}},
            "accessLogSettings": access_logs,
        }),
    );
    item["ARN"] = json!(id);
    item
}

#[test]
fn logs_are_judged_by_items_alone() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let destination =
        json!({"destinationArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:/hbg"});
    let good = stage("ERROR", &destination);
    let id = good["resourceId"].as_str().unwrap().to_owned();
    lambda.invoke(events::change(&rule, &good, &Value::Null)).unwrap();
    assert_eq!(aws.config().result(RULE, &id).unwrap().compliance, "COMPLIANT");

    // The next change turns both kinds of logs off; its item is too large for the event.
    let mut bad = stage("OFF", &Value::Null);
    bad["configurationItemCaptureTime"] = json!("2026-11-02T01:36:34.043Z");
    aws.config().record(&bad);
    lambda.invoke(events::oversized(&rule, &bad, &Value::Null)).unwrap();
    let result = aws.config().result(RULE, &id).unwrap();
    assert_eq!(result.compliance, "NON_COMPLIANT");
    let annotation = result.annotation.unwrap_or_default();
    assert!(annotation.contains("API_EXECUTION_LOG_OFF"), "{annotation}");
    assert!(annotation.contains("API_ACCESS_LOG_OFF"), "{annotation}");

    // An item that does not tell fails the run and leaves the result alone.
    let mut broken = bad.clone();
    broken["configuration"] = json!({"stageName": "prod"});
    let failure = lambda.invoke(events::change(&rule, &broken, &Value::Null)).unwrap_err();
    assert_eq!(failure.error_type, "IncompleteItem");
    assert!(failure.message.contains("methodSettings is missing"), "{}", failure.message);
    assert_eq!(aws.config().result(RULE, &id).unwrap().compliance, "NON_COMPLIANT");

    let parameters = json!({"apiLogLevels": "OFF", "requireApiAccessLog": false});
    lambda.invoke(events::change(&rule, &bad, &parameters)).unwrap();
    assert_eq!(aws.config().result(RULE, &id).unwrap().compliance, "COMPLIANT");
    // No resource is left to the schedule, only the account.
    automation(&aws, "CloudWatch");
    lambda.invoke(events::scheduled(&rule, &json!({}))).unwrap();
    assert_eq!(aws.config().result(RULE, ACCOUNT).unwrap().compliance, "COMPLIANT");
    assert_eq!(aws.config().result(RULE, &id).unwrap().compliance, "COMPLIANT");
    automation(&aws, "");
    lambda.invoke(events::scheduled(&rule, &json!({}))).unwrap();
    assert!(held(&aws, ACCOUNT).starts_with("NON_COMPLIANT AUTOMATION_LOG_OFF"));
}

fn held(aws: &FakeAws, id: &str) -> String {
    let result = aws.config().result(RULE, id).expect(id);
    format!("{} {}", result.compliance, result.annotation.unwrap_or_default())
}

fn automation(aws: &FakeAws, value: &str) {
    const SETTING: &str = "/ssm/automation/customer-script-log-destination";
    let answer = json!({"ServiceSetting": {"SettingId": SETTING, "SettingValue": value}});
    aws.stub("ssm").when("GetServiceSetting", json!({"SettingId": SETTING}), answer);
}

fn database(id: &str, engine: &str, group: &str, exports: &[&str]) -> Value {
    events::item(
        "AWS::RDS::DBInstance",
        id,
        json!({
            "dBInstanceIdentifier": id, "dBInstanceStatus": "available", "engine": engine,
            "enabledCloudwatchLogsExports": exports,
            "dBParameterGroups": [{"dBParameterGroupName": group}],
            "optionGroupMemberships": [{"optionGroupName": group, "status": "in-sync"}],
        }),
    )
}

fn cluster(id: &str, group: &str) -> Value {
    events::item(
        "AWS::RDS::DBCluster",
        id,
        json!({
            "dbclusterIdentifier": id, "status": "available", "engine": "aurora-mysql",
            "enabledCloudwatchLogsExports": ["audit", "error"], "activityStreamStatus": "stopped",
            "dbclusterParameterGroup": group, "dbclusterMembers": [],
        }),
    )
}

fn distribution(id: &str) -> Value {
    events::item(
        "AWS::CloudFront::Distribution",
        id,
        json!({"id": id, "distributionConfig": {
            "enabled": true, "logging": {"enabled": false, "bucket": ""},
            "defaultCacheBehavior": {"viewerProtocolPolicy": "https-only"},
        }}),
    )
}

fn instance(id: &str, state: &str) -> Value {
    events::item(
        "AWS::EC2::Instance",
        id,
        json!({"instanceId": id, "state": {"code": 16, "name": state},
               "launchTime": "2026-04-01T00:00:00.000Z"}),
    )
}

/// Databases, distributions and instances of which services tell, with listings of two pages.
fn workload(aws: &FakeAws) {
    automation(aws, "CloudWatch");
    let rds = aws.stub("rds");
    rds.page_size(2);
    let parameters = |settings: &[(&str, &str)]| {
        let parameter =
            |(name, value): &(&str, &str)| json!({"ParameterName": name, "ParameterValue": value});
        json!({"Parameters": settings.iter().map(parameter).collect::<Vec<_>>()})
    };
    let libraries = ("shared_preload_libraries", "rdsutils,pgaudit");
    let filler = [("a", "1"), ("b", "1")];
    for (group, settings) in [
        ("audited", [filler[0], filler[1], ("pgaudit.log", "ddl,role"), libraries]),
        ("silent", [filler[0], filler[1], ("pgaudit.log", "none"), libraries]),
    ] {
        let of = json!({"DBParameterGroupName": group});
        rds.when("DescribeDBParameters", of, parameters(&settings));
    }
    for (group, events) in [("audited", "CONNECT,QUERY"), ("eventless", "")] {
        let of = json!({"DBClusterParameterGroupName": group});
        let settings = [("server_audit_logging", "1"), ("server_audit_events", events)];
        rds.when("DescribeDBClusterParameters", of, parameters(&settings));
    }
    let options = |group: &str, options: Value| json!({"OptionGroupsList": [{"OptionGroupName": group, "Options": options}]});
    for (group, names) in [
        ("plugged", json!([{"OptionName": "MARIADB_AUDIT_PLUGIN", "OptionSettings": []}])),
        ("bare", json!([])),
    ] {
        let of = json!({"OptionGroupName": group});
        rds.when("DescribeOptionGroups", of, options(group, names));
    }

    let edge = aws.stub("logs").in_region("us-east-1");
    edge.page_size(2);
    let source = |name: &str, id: &str, kind: &str| {
        json!({"name": name, "service": "cloudfront", "logType": kind,
               "resourceArns": [format!("arn:aws:cloudfront::{ACCOUNT}:distribution/{id}")]})
    };
    edge.returns(
        "DescribeDeliverySources",
        json!({"deliverySources": [
            source("undelivered", "EUNDELIVERED", "ACCESS_LOGS"),
            source("connections", "ECONNECTIONS", "CONNECTION_LOGS"),
            source("delivered", "EDELIVERED", "ACCESS_LOGS"),
        ]}),
    );
    let delivery = |source: &str| json!({"id": source, "deliverySourceName": source});
    edge.returns(
        "DescribeDeliveries",
        json!({"deliveries": [delivery("other"), delivery("connections"), delivery("delivered")]}),
    );

    let logs = aws.stub("logs").in_region(REGION);
    logs.returns("DescribeLogGroups", json!({"logGroups": []}));
    logs.when(
        "DescribeLogGroups",
        json!({"logGroupNamePrefix": "/var/log/"}),
        json!({"logGroups": [
            {"logGroupName": "/var/log/audit"}, {"logGroupName": "/var/log/messages"},
            {"logGroupName": "/var/log/secure"},
        ]}),
    );
    logs.empty("DescribeLogStreams");
    let now = i64::try_from(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .as_millis(),
    )
    .expect("not too late");
    for (id, hours) in [("i-0fresh", 3), ("i-0stale", 30)] {
        let of = json!({"logGroupName": "/var/log/secure", "logStreamNamePrefix": id});
        let stream = json!({"logStreamName": id, "lastIngestionTime": now - hours * 3_600_000});
        logs.when("DescribeLogStreams", of, json!({"logStreams": [stream]}));
    }
    let ssm = aws.stub("ssm");
    ssm.page_size(1);
    ssm.fails("ListInventoryEntries", "InvalidInstanceId", 400);
    for (id, names) in [("i-0agent", ["bash", "Amazon-CloudWatch-Agent"]), ("i-0stale", ["a", "b"])]
    {
        let entries: Vec<Value> = names.iter().map(|name| json!({"Name": name})).collect();
        let answer = json!({"TypeName": "AWS:Application", "InstanceId": id, "Entries": entries});
        ssm.when("ListInventoryEntries", json!({"InstanceId": id}), answer);
    }

    aws.config().page(2);
    for item in [
        database("db-audited", "postgres", "audited", &["postgresql"]),
        database("db-audited-2", "postgres", "audited", &["postgresql"]),
        database("db-silent", "postgres", "silent", &[]),
        database("db-plugged", "mysql", "plugged", &["audit", "error", "slowquery"]),
        database("db-bare", "mariadb", "bare", &["audit", "error", "slowquery"]),
        cluster("cluster-audited", "audited"),
        cluster("cluster-eventless", "eventless"),
        instance("i-0fresh", "running"),
        instance("i-0stale", "running"),
        instance("i-0agent", "running"),
        instance("i-0alien", "running"),
        instance("i-0off", "stopped"),
    ] {
        aws.config().record(&item);
    }
}

#[test]
fn services_tell_what_items_do_not() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);

    // A change asks for its own resource only.
    for (item, expected) in [
        (distribution("EDELIVERED"), "COMPLIANT V2_LOGGING"),
        (distribution("EUNDELIVERED"), "NON_COMPLIANT CLOUDFRONT_LOG_OFF"),
        (distribution("ECONNECTIONS"), "NON_COMPLIANT CLOUDFRONT_LOG_OFF"),
        (distribution("EUNKNOWN"), "NON_COMPLIANT CLOUDFRONT_LOG_OFF"),
        (instance("i-0off", "stopped"), "NOT_APPLICABLE INSTANCE_NOT_RUNNING"),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert!(held(&aws, id).starts_with(expected), "{id}: {}", held(&aws, id));
    }
    assert!(aws.calls().iter().all(|call| ["config", "logs"].contains(&call.service.as_str())));

    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    for (id, expected) in [
        (ACCOUNT, "COMPLIANT"),
        ("db-audited", "COMPLIANT"),
        ("db-audited-2", "COMPLIANT"),
        ("db-silent", "NON_COMPLIANT DB_LOG_EXPORT_MISSING"),
        ("db-plugged", "COMPLIANT"),
        ("db-bare", "NON_COMPLIANT DB_AUDIT_DISABLED"),
        ("cluster-audited", "COMPLIANT"),
        ("cluster-eventless", "NON_COMPLIANT DB_AUDIT_DISABLED"),
        ("i-0fresh", "COMPLIANT"),
        ("i-0stale", "NON_COMPLIANT OS_LOGS_NOT_DELIVERED"),
        ("i-0agent", "COMPLIANT"),
        ("i-0alien", "NON_COMPLIANT OS_LOGS_NOT_DELIVERED"),
        // As their changes left them.
        ("i-0off", "NOT_APPLICABLE INSTANCE_NOT_RUNNING"),
        ("EDELIVERED", "COMPLIANT V2_LOGGING"),
    ] {
        assert!(held(&aws, id).starts_with(expected), "{id}: {}", held(&aws, id));
    }
    // A resource is judged as a whole.
    assert!(held(&aws, "db-silent").contains("DB_AUDIT_DISABLED"));
    assert!(held(&aws, "cluster-eventless").contains("server_audit_events"));
    // Two databases share a group: pgaudit.log is on its second page, and so are the libraries.
    let calls = aws.calls_of("DescribeDBParameters");
    let shared = calls.iter().filter(|call| call.body["DBParameterGroupName"] == "audited");
    assert_eq!(shared.count(), 4);
    assert_eq!(aws.calls_of("DescribeLogGroups").len(), 3);

    // Auditing may be left to the exports.
    let parameters = json!({"requireDbAudit": false});
    let large = database("db-large", "mariadb", "bare", &["audit", "error", "slowquery"]);
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &parameters)).unwrap();
    assert!(held(&aws, "db-large").starts_with("COMPLIANT"));
    // What is asked of classified data is in a test of its own.
    assert_eq!(aws.count("DescribeTrails"), 0);
    let mut called = actions_of(&aws.calls());
    called.extend(CLASSIFIED.map(str::to_owned));
    assert_all_needed(&CONTROL, &called);
}

#[test]
fn every_engine_is_asked_in_its_own_way() {
    let aws = aws_for(&CONTROL);
    let rds = aws.stub("rds");
    let group = |group: &str, settings: &[(&str, Option<&str>)]| {
        let parameters = settings.iter().map(|(name, value)| match value {
            Some(value) => json!({"ParameterName": name, "ParameterValue": value}),
            None => json!({"ParameterName": name}),
        });
        let parameters = json!({"Parameters": parameters.collect::<Vec<_>>()});
        if group.starts_with("c-") {
            let of = json!({"DBClusterParameterGroupName": group});
            rds.when("DescribeDBClusterParameters", of, parameters);
        } else {
            rds.when("DescribeDBParameters", json!({"DBParameterGroupName": group}), parameters);
        }
    };
    group("unloaded", &[("pgaudit.log", Some("all")), ("shared_preload_libraries", Some("a,b"))]);
    group("ora-on", &[("audit_trail", Some("db,extended"))]);
    group("ora-off", &[("audit_trail", None)]);
    group("ora-new", &[("sga_target", Some("1"))]);
    group("c-doc-on", &[("audit_logs", Some("ddl"))]);
    group("c-doc-off", &[("audit_logs", Some("disabled"))]);
    group("c-nep-on", &[("neptune_enable_audit_log", Some("1"))]);
    group("c-nep-off", &[("neptune_enable_audit_log", Some("0"))]);
    for (name, option) in [("sql-on", "SQLSERVER_AUDIT"), ("sql-off", "TDE")] {
        let options = json!([{"OptionName": option, "OptionSettings": []}]);
        let answer = json!({"OptionGroupsList": [{"OptionGroupName": name, "Options": options}]});
        rds.when("DescribeOptionGroups", json!({"OptionGroupName": name}), answer);
    }
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let oracle = ["alert", "audit", "listener", "trace"];
    let of_cluster = |engine: &str, group: &str| {
        let mut item = cluster(group, group);
        item["configuration"]["engine"] = json!(engine);
        item["configuration"]["enabledCloudwatchLogsExports"] = json!(["audit"]);
        item
    };
    let off = "NON_COMPLIANT DB_AUDIT_DISABLED";
    for (item, expected) in [
        (database("unloaded", "postgres", "unloaded", &["postgresql"]), off),
        (database("ora-on", "oracle-ee", "ora-on", &oracle), "COMPLIANT"),
        (database("ora-off", "oracle-se2", "ora-off", &oracle), off),
        (database("ora-new", "oracle-ee-cdb", "ora-new", &oracle), "COMPLIANT UNIFIED_AUDITING"),
        (of_cluster("docdb", "c-doc-on"), "COMPLIANT"),
        (of_cluster("docdb", "c-doc-off"), off),
        (of_cluster("neptune", "c-nep-on"), "COMPLIANT"),
        (of_cluster("neptune", "c-nep-off"), off),
        (database("sql-on", "sqlserver-se", "sql-on", &["error", "agent"]), "COMPLIANT"),
        (database("sql-off", "sqlserver-se", "sql-off", &["error", "agent"]), off),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert!(held(&aws, id).starts_with(expected), "{id}: {}", held(&aws, id));
    }
    // A family that has always had the parameter must tell it.
    group("odd", &[("a", Some("1"))]);
    let odd = database("odd", "postgres", "odd", &["postgresql"]);
    let error = lambda.invoke(events::change(&rule, &odd, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "UnexpectedAnswer", "{}", error.message);
    // An instance whose item names no group cannot be judged.
    let mut bare = database("bare", "postgres", "odd", &["postgresql"]);
    bare["configuration"]["dBParameterGroups"] = json!([]);
    let error = lambda.invoke(events::change(&rule, &bare, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "IncompleteItem", "{}", error.message);
}

#[test]
fn a_denied_call_fails_the_run_and_writes_nothing() {
    for (service, operation, action) in [
        ("rds", "DescribeDBParameters", "rds:DescribeDBParameters"),
        ("rds", "DescribeDBClusterParameters", "rds:DescribeDBClusterParameters"),
        ("rds", "DescribeOptionGroups", "rds:DescribeOptionGroups"),
        ("logs", "DescribeLogGroups", "logs:DescribeLogGroups"),
        ("logs", "DescribeLogStreams", "logs:DescribeLogStreams"),
        ("ssm", "ListInventoryEntries", "ssm:ListInventoryEntries"),
        ("ssm", "GetServiceSetting", "ssm:GetServiceSetting"),
        ("config", "SelectResourceConfig", "config:SelectResourceConfig"),
        ("logs", "DescribeDeliveries", "logs:DescribeDeliveries"),
        ("logs", "DescribeDeliverySources", "logs:DescribeDeliverySources"),
    ] {
        let aws = aws_for(&CONTROL);
        workload(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let event = if operation.contains("Deliver") {
            events::change(&rule, &distribution("EDELIVERED"), &Value::Null)
        } else {
            events::scheduled(&rule, &Value::Null)
        };
        let error = start(&aws).invoke(event).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
