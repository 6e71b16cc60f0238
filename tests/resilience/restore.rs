//! End-to-end: exercises of restores, failovers and drills, through the real `resilience` binary.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_resilience::restore_testing::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RULE: &str = "fisc-restore-testing";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_resilience"), aws, &env)
}

/// Compliance and the codes of the annotation that Config holds of a resource.
fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id);
    assert!(result.is_some(), "no result for {id}");
    let result = result.unwrap();
    (result.compliance, result.annotation.unwrap_or_default())
}

#[track_caller]
fn expect(aws: &FakeAws, expected: &[(&str, &str, &[&str])]) {
    for (id, compliance, codes) in expected {
        let (found, annotation) = held(aws, id);
        assert_eq!(found, *compliance, "{id}: {annotation}");
        assert_eq!(annotation.is_empty(), codes.is_empty(), "{id}: {annotation}");
        assert!(codes.iter().all(|code| annotation.contains(code)), "{id}: {annotation}");
    }
}

fn days_ago(days: i64) -> String {
    (Timestamp::now() - SignedDuration::from_hours(24 * days)).to_string()
}

/// The date some days ago, as people write it into a tag.
fn date(days: i64) -> String {
    days_ago(days).split('T').next().unwrap().to_owned()
}

fn critical(resource_type: &str, id: &str, arn: &str, configuration: Value) -> Value {
    let mut item = events::item(resource_type, id, configuration);
    item["tags"] = json!({"fisc:tier": "critical"});
    item["ARN"] = json!(arn);
    item
}

fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

fn table(name: &str) -> Value {
    critical("AWS::DynamoDB::Table", name, &table_arn(name), json!({"tableName": name}))
}

fn database_arn(name: &str) -> String {
    format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}")
}

fn database(name: &str) -> Value {
    let configuration = json!({"dBInstanceIdentifier": name, "multiAZ": true});
    critical("AWS::RDS::DBInstance", &format!("db-{name}"), &database_arn(name), configuration)
}

fn app_arn(name: &str) -> String {
    format!("arn:aws:resiliencehub:{REGION}:{ACCOUNT}:app/{name}")
}

fn app(name: &str) -> Value {
    let arn = app_arn(name);
    let mut item = events::item("AWS::ResilienceHub::App", name, json!({"AppArn": arn}));
    item["ARN"] = json!(arn);
    item
}

fn app_answer(name: &str, status: &str) -> Value {
    json!({"app": {
        "appArn": app_arn(name), "name": name, "creationTime": days_ago(90), "status": "Active",
        "policyArn": "arn:aws:resiliencehub:x", "assessmentSchedule": "Daily",
        "complianceStatus": status, "driftStatus": "NotDetected",
        "lastAppComplianceEvaluationTime": days_ago(1),
    }})
}

fn restore_job(days: i64, status: &str, validation: &str) -> Value {
    json!({"RestoreJobId": "j", "Status": status, "ValidationStatus": validation,
        "CreationDate": days_ago(days), "CompletionDate": days_ago(days)})
}

/// An event of CloudTrail as LookupEvents answers it.
fn event(name: &str, request: Value) -> Value {
    let text = json!({"eventName": name, "requestParameters": request}).to_string();
    json!({"EventName": name, "EventTime": days_ago(10), "CloudTrailEvent": text})
}

fn by_name(name: &str) -> Value {
    json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}]})
}

/// Tells AWS Backup what was restored of a resource.
fn protect(aws: &FakeAws, arn: &str, minutes: Option<i64>, jobs: Value) {
    let mut known = json!({"ResourceArn": arn});
    if let Some(minutes) = minutes {
        known["LatestRestoreExecutionTimeMinutes"] = json!(minutes);
        known["LatestRestoreJobCreationDate"] = json!(days_ago(3));
    }
    aws.stub("backup").when("DescribeProtectedResource", json!({"ResourceArn": arn}), known).when(
        "ListRestoreJobsByProtectedResource",
        json!({"ResourceArn": arn}),
        json!({"RestoreJobs": jobs}),
    );
}

/// A bank that practises some things and not others.
fn bank(aws: &FakeAws) -> Vec<Value> {
    aws.stub("backup").page_size(1).fails(
        "DescribeProtectedResource",
        "ResourceNotFoundException",
        400,
    );
    let good = || restore_job(3, "COMPLETED", "SUCCESSFUL");
    protect(aws, &table_arn("good"), Some(20), json!([restore_job(2, "FAILED", "FAILED"), good()]));
    protect(aws, &table_arn("never"), None, json!([]));
    protect(aws, &table_arn("invalid"), Some(20), json!([restore_job(3, "COMPLETED", "FAILED")]));
    protect(aws, &table_arn("slow"), Some(600), json!([good()]));
    protect(aws, &database_arn("booted"), Some(20), json!([good()]));
    aws.stub("cloudtrail")
        .page_size(1)
        .empty("LookupEvents")
        .when(
            "LookupEvents",
            by_name("RebootDBInstance"),
            json!({"Events": [
                event("RebootDBInstance", json!({"dBInstanceIdentifier": "plain", "forceFailover": false})),
                event("RebootDBInstance", json!({"dBInstanceIdentifier": "booted", "forceFailover": true})),
            ]}),
        )
        .when(
            "LookupEvents",
            by_name("TestFailover"),
            json!({"Events": [event("TestFailover", json!({"replicationGroupId": "sessions"}))]}),
        );
    let failover = |name: &str, message: &str| {
        json!({"SourceIdentifier": name, "SourceType": "db-instance", "Message": message,
            "EventCategories": ["failover"], "Date": days_ago(2), "SourceArn": database_arn(name)})
    };
    aws.stub("rds").empty("DescribeEvents").when(
        "DescribeEvents",
        json!({"SourceType": "db-instance", "EventCategories": ["failover"], "Duration": 20160}),
        json!({"Events": [
            failover("plain", "Multi-AZ instance failover started."),
            failover("moved", "Multi-AZ instance failover completed"),
        ]}),
    );
    for (name, status) in [("met", "PolicyMet"), ("breached", "PolicyBreached")] {
        aws.stub("resiliencehub").when(
            "DescribeApp",
            json!({"appArn": app_arn(name)}),
            app_answer(name, status),
        );
    }
    let mut dated = database("dated");
    dated["tags"]["fisc:last-failover-test"] = json!(date(200));
    let mut single = database("single");
    single["configuration"]["multiAZ"] = json!(false);
    vec![
        table("good"),
        table("never"),
        table("invalid"),
        table("slow"),
        table("bare"),
        database("booted"),
        database("moved"),
        database("plain"),
        dated,
        single,
        app("met"),
        app("breached"),
    ]
}

const EXPECTED: &[(&str, &str, &[&str])] = &[
    ("good", "COMPLIANT", &[]),
    ("never", "NON_COMPLIANT", &["RESTORE_NOT_TESTED"]),
    ("invalid", "NON_COMPLIANT", &["RESTORE_NOT_TESTED"]),
    ("slow", "NON_COMPLIANT", &["RESTORE_TIME_OVER_RTO"]),
    ("bare", "NOT_APPLICABLE", &["NOT_PROTECTED"]),
    ("db-booted", "COMPLIANT", &[]),
    ("db-moved", "COMPLIANT", &[]),
    ("db-plain", "NON_COMPLIANT", &["FAILOVER_NOT_TESTED"]),
    ("db-dated", "COMPLIANT", &[]),
    ("db-single", "NOT_APPLICABLE", &["NOT_PROTECTED"]),
    ("met", "COMPLIANT", &[]),
    ("breached", "NON_COMPLIANT", &["RESILIENCE_POLICY_BREACHED"]),
];

#[test]
fn a_change_tells_what_was_practised_with_the_resource() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for item in bank(&aws) {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    expect(&aws, EXPECTED);
    // What is not critical costs no call.
    aws.take_calls();
    let mut plain = table("plain");
    plain["tags"] = json!({"owner": "core"});
    lambda.invoke(events::change(&rule, &plain, &Value::Null)).unwrap();
    expect(&aws, &[("plain", "NOT_APPLICABLE", &["NOT_CRITICAL"])]);
    assert!(aws.calls().iter().all(|call| call.operation == "PutEvaluations"));
}

fn interface(id: &str, state: &str) -> Value {
    json!({"virtualInterfaceId": id, "virtualInterfaceState": state})
}

fn plan(name: &str, ran: Option<i64>) -> Value {
    let mut plan = json!({
        "RestoreTestingPlanName": name, "RestoreTestingPlanArn": "arn:aws:backup:x",
        "CreationTime": days_ago(400), "ScheduleExpression": "cron(0 1 1 * ? *)",
    });
    if let Some(days) = ran {
        plan["LastExecutionTime"] = json!(days_ago(days));
    }
    plan
}

fn selection(plan: &str, kind: &str) -> Value {
    json!({"RestoreTestingPlanName": plan, "RestoreTestingSelectionName": "s",
        "ProtectedResourceType": kind, "CreationTime": days_ago(400),
        "IamRoleArn": "arn:aws:iam::111122223333:role/backup"})
}

fn cache(name: &str, tags: Value) -> Value {
    let arn = format!("arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup:{name}");
    json!({"ResourceARN": arn, "Tags": tags})
}

fn replication_group(name: &str, failover: &str) -> Value {
    let arn = format!("arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup:{name}");
    json!({"ReplicationGroupId": name, "ARN": arn, "AutomaticFailover": failover})
}

fn source_server(id: &str, days: i64) -> Value {
    json!({"sourceServerID": id, "lifeCycle": {"lastLaunch": {"status": "LAUNCHED",
        "initiated": {"type": "DRILL", "apiCallDateTime": days_ago(days)}}}})
}

/// What the services answer at the level of an account that practises all.
fn practised(aws: &FakeAws) {
    let backup = aws.stub("backup");
    backup
        .returns("ListProtectedResources", json!({"Results": [{"ResourceArn": "a"}, {"ResourceArn": "b"}]}))
        .returns(
            "ListRestoreTestingPlans",
            json!({"RestoreTestingPlans": [plan("new", None), plan("old", Some(200)), plan("monthly", Some(20))]}),
        )
        .when(
            "ListRestoreTestingSelections",
            json!({"RestoreTestingPlanName": "monthly"}),
            json!({"RestoreTestingSelections": [selection("monthly", "EC2"), selection("monthly", "RDS")]}),
        );
    let tags = json!([{"Key": "fisc:tier", "Value": "critical"}]);
    let dated = json!([{"Key": "fisc:tier", "Value": "critical"},
        {"Key": "fisc:last-failover-test", "Value": date(100)}]);
    aws.stub("resourcegroupstaggingapi").page_size(1).when(
        "GetResources",
        json!({"TagFilters": [{"Key": "fisc:tier", "Values": ["critical"]}],
            "ResourceTypeFilters": ["elasticache:replicationgroup"]}),
        json!({"ResourceTagMappingList":
            [cache("sessions", tags.clone()), cache("dated", dated), cache("single", tags)]}),
    );
    aws.stub("elasticache").returns(
        "DescribeReplicationGroups",
        json!({"ReplicationGroups": [
            replication_group("sessions", "enabled"),
            replication_group("dated", "enabled"),
            replication_group("single", "disabled"),
            replication_group("not-critical", "enabled"),
        ]}),
    );
    aws.stub("drs").page_size(1).returns(
        "DescribeSourceServers",
        json!({"items": [source_server("s-1", 30), source_server("s-2", 100)]}),
    );
    aws.stub("directconnect")
        .page_size(1)
        .returns(
            "DescribeVirtualInterfaces",
            json!({"virtualInterfaces": [interface("dxvif-1", "available"), interface("dxvif-2", "down")]}),
        )
        .empty("ListVirtualInterfaceTestHistory")
        .when(
            "ListVirtualInterfaceTestHistory",
            json!({"virtualInterfaceId": "dxvif-2"}),
            json!({"virtualInterfaceTestHistory": [
                {"testId": "t1", "status": "COMPLETED", "endTime": days_ago(900)},
                {"testId": "t2", "status": "COMPLETED", "endTime": days_ago(90)},
            ]}),
        );
    aws.stub("resiliencehub").empty("ListApps");
}

#[test]
fn a_sweep_sees_exercises_that_change_no_item() {
    let aws = aws_for(&CONTROL);
    for item in bank(&aws) {
        aws.config().record(&item);
    }
    practised(&aws);
    let mut plain = table("plain");
    plain["tags"] = json!({});
    aws.config().record(&plain).page(2);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(&aws, EXPECTED);
    expect(&aws, &[(ACCOUNT, "COMPLIANT", &[])]);
    assert!(aws.config().result(RULE, "plain").is_none());
    // Once for all databases: two of the four calls' answers are empty, one has two pages.
    assert_eq!(aws.count("LookupEvents"), 6);

    let required = json!({"requireResilienceApp": true, "requiredTestTypes": "ec2, DynamoDB"});
    lambda.invoke(events::scheduled(&rule, &required)).unwrap();
    let codes = &["RESTORE_TESTING_PLAN_MISSING", "DynamoDB", "RESILIENCE_APP_INCOMPLETE"];
    expect(&aws, &[(ACCOUNT, "NON_COMPLIANT", codes)]);

    lambda.invoke(events::oversized(&rule, &table("good"), &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn an_account_that_does_not_practise_fails_each_part() {
    for (part, code) in [
        ("plans", "RESTORE_TESTING_PLAN_MISSING"),
        ("selections", "RESTORE_TESTING_PLAN_MISSING"),
        ("old plans", "RESTORE_TESTING_PLAN_MISSING"),
        ("caches", "CACHE_FAILOVER_NOT_TESTED"),
        ("interfaces", "DX_FAILOVER_NOT_TESTED"),
        ("servers", "DRS_DRILL_MISSING"),
    ] {
        let aws = aws_for(&CONTROL);
        bank(&aws);
        practised(&aws);
        match part {
            "plans" => _ = aws.stub("backup").empty("ListRestoreTestingPlans"),
            "selections" => {
                let of = json!({"RestoreTestingPlanName": "monthly"});
                let none = json!({"RestoreTestingSelections": []});
                aws.stub("backup").when("ListRestoreTestingSelections", of, none);
            }
            "old plans" => {
                let plans =
                    json!({"RestoreTestingPlans": [plan("monthly", Some(93)), plan("new", None)]});
                aws.stub("backup").returns("ListRestoreTestingPlans", plans);
            }
            "caches" => {
                let none = json!({"Events": []});
                aws.stub("cloudtrail").when("LookupEvents", by_name("TestFailover"), none);
            }
            "interfaces" => {
                let of = json!({"virtualInterfaceId": "dxvif-2"});
                let none = json!({"virtualInterfaceTestHistory": []});
                aws.stub("directconnect").when("ListVirtualInterfaceTestHistory", of, none);
            }
            _ => {
                let servers =
                    json!({"items": [source_server("s-1", 30), source_server("s-2", 400)]});
                aws.stub("drs").returns("DescribeSourceServers", servers);
            }
        }
        let rule = aws.config().rule(RULE);
        start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
        expect(&aws, &[(ACCOUNT, "NON_COMPLIANT", &[code])]);
        let name = match part {
            "caches" => "sessions",
            "interfaces" => "dxvif-1、dxvif-2",
            "servers" => "s-2",
            _ => "",
        };
        assert!(held(&aws, ACCOUNT).1.contains(name), "{part}");
    }
}

#[test]
fn an_account_without_anything_to_practise_is_not_judged() {
    let aws = aws_for(&CONTROL);
    aws.stub("backup").empty("ListProtectedResources");
    aws.stub("resourcegroupstaggingapi").empty("GetResources");
    aws.stub("drs").fails("DescribeSourceServers", "UninitializedAccountException", 400);
    // One interface has nothing to fail over to, and one that is deleted is none.
    aws.stub("directconnect").returns(
        "DescribeVirtualInterfaces",
        json!({"virtualInterfaces": [interface("dxvif-1", "available"), interface("dxvif-2", "deleted")]}),
    );
    let rule = aws.config().rule(RULE);
    start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    expect(&aws, &[(ACCOUNT, "NOT_APPLICABLE", &["NOTHING_TO_TEST"])]);
}

#[test]
fn a_call_about_exercises_that_fails_is_no_verdict() {
    for (service, operation) in [
        ("config", "SelectResourceConfig"),
        ("backup", "DescribeProtectedResource"),
        ("backup", "ListRestoreJobsByProtectedResource"),
        ("backup", "ListProtectedResources"),
        ("backup", "ListRestoreTestingPlans"),
        ("backup", "ListRestoreTestingSelections"),
        ("cloudtrail", "LookupEvents"),
        ("rds", "DescribeEvents"),
        ("tagging", "GetResources"),
        ("elasticache", "DescribeReplicationGroups"),
        ("drs", "DescribeSourceServers"),
        ("directconnect", "DescribeVirtualInterfaces"),
        ("directconnect", "ListVirtualInterfaceTestHistory"),
        ("resiliencehub", "DescribeApp"),
        ("resiliencehub", "ListApps"),
    ] {
        let aws = aws_for(&CONTROL);
        for item in bank(&aws) {
            aws.config().record(&item);
        }
        practised(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let parameters = json!({"requireResilienceApp": "true"});
        let answer = start(&aws).invoke(events::scheduled(&rule, &parameters));
        let error = answer.expect_err(operation);
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
