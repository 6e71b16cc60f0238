//! End-to-end: `change-control`, `health-events` and `automation-quality`, from the event to the
//! evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_operations::{automation_quality, change_control, health_events};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn start(control: &Control, aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("FISC_LANGUAGE", "en"), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_operations"), aws, &env)
}

fn rule_of(control: &Control) -> String {
    format!("fisc-{}", control.id)
}

fn sweep(control: &Control, aws: &FakeAws, parameters: &Value) -> Result<(), FunctionError> {
    let rule = aws.config().rule(&rule_of(control));
    start(control, aws).invoke(events::scheduled(&rule, parameters)).map(drop)
}

fn change(
    control: &Control,
    aws: &FakeAws,
    item: &Value,
    parameters: &Value,
) -> Result<(), FunctionError> {
    let rule = aws.config().rule(&rule_of(control));
    start(control, aws).invoke(events::change(&rule, item, parameters)).map(drop)
}

fn oversized(control: &Control, aws: &FakeAws, item: &Value, parameters: &Value) {
    aws.config().record(item);
    let rule = aws.config().rule(&rule_of(control));
    start(control, aws).invoke(events::oversized(&rule, item, parameters)).unwrap();
}

/// The result of a resource, with its annotation.
fn result(control: &Control, aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(&rule_of(control), id);
    let result = result.expect(id);
    let annotation = result.annotation.unwrap_or_default();
    (result.compliance, annotation)
}

#[track_caller]
fn assert_result(control: &Control, aws: &FakeAws, id: &str, compliance: &str, start: &str) {
    let (is, annotation) = result(control, aws, id);
    assert_eq!(is, compliance, "{id}: {annotation}");
    assert!(annotation.starts_with(start), "{id}: {annotation}");
    assert_eq!(annotation.is_empty(), start.is_empty(), "{id}: {annotation}");
}

fn in_hours(hours: i64) -> i64 {
    (Timestamp::now() + SignedDuration::from_hours(hours)).as_second()
}

fn documents(names: &[&str]) -> Value {
    let documents = names.iter().map(|name| json!({"Name": name, "Owner": ACCOUNT}));
    json!({"DocumentIdentifiers": documents.collect::<Vec<_>>()})
}

fn stack(name: &str, drift: &str, hours_ago: i64) -> Value {
    json!({
        "StackId": stack_id(name), "StackName": name, "StackStatus": "UPDATE_COMPLETE",
        "CreationTime": in_hours(-10_000),
        "DriftInformation":
            {"StackDriftStatus": drift, "LastCheckTimestamp": in_hours(-hours_ago)},
        "Tags": [{"Key": "Environment", "Value": "production"}],
        "NotificationARNs": [format!("arn:aws:sns:{REGION}:{ACCOUNT}:changes")],
    })
}

fn stack_id(name: &str) -> String {
    format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/1")
}

/// An account whose changes are under control, in listings of two pages.
fn controlled(aws: &FakeAws) {
    let ssm = aws.stub("ssm");
    ssm.page_size(1);
    ssm.empty("ListDocuments");
    let own = json!({"Filters": [{"Key": "Owner", "Values": ["Self"]}]});
    ssm.when("ListDocuments", own, documents(&["freeze", "year-end"]));
    ssm.returns("GetCalendarState", json!({"State": "OPEN"}));
    ssm.when(
        "DescribeDocumentPermission",
        json!({"Name": "freeze"}),
        json!({"AccountIds": ["000000000004", "000000000005"]}),
    );
    ssm.when(
        "DescribeDocumentPermission",
        json!({"Name": "year-end"}),
        json!({"AccountIds": ["000000000004"]}),
    );
    ssm.returns(
        "ListAssociations",
        json!({"Associations": [
            {"Name": "AWS-GatherSoftwareInventory", "AssociationId": association(0)},
            {"Name": "AWS-RunPatchBaseline", "AssociationId": association(1)},
            {"Name": "RestartFleet", "AssociationId": association(2)},
            {"Name": "Gone", "AssociationId": association(3)},
        ]}),
    );
    let document = |kind: &str| json!({"Document": {"DocumentType": kind}});
    for name in ["AWS-RunPatchBaseline", "AWS-GatherSoftwareInventory"] {
        ssm.when("DescribeDocument", json!({"Name": name}), document("Command"));
    }
    ssm.when("DescribeDocument", json!({"Name": "RestartFleet"}), document("Automation"));
    ssm.fails_when("DescribeDocument", json!({"Name": "Gone"}), "InvalidDocument", 400);
    ssm.when(
        "DescribeAssociation",
        json!({"AssociationId": association(2)}),
        json!({"AssociationDescription": {"CalendarNames": ["freeze"]}}),
    );
    ssm.returns(
        "DescribeMaintenanceWindows",
        json!({"WindowIdentities": [
            {"WindowId": "mw-0123456789abcdef0", "Name": "off", "Enabled": false},
            {"WindowId": "mw-0123456789abcdef1", "Name": "idle", "Enabled": true},
            {"WindowId": "mw-0123456789abcdef2", "Name": "patching", "Enabled": true,
             "NextExecutionTime": "2026-12-01T02:00+09:00"},
        ]}),
    );
    ssm.empty("DescribeMaintenanceWindowTasks");
    ssm.when(
        "DescribeMaintenanceWindowTasks",
        json!({"WindowId": "mw-0123456789abcdef2"}),
        json!({"Tasks": [{"WindowTaskId": "00000000-0000-0000-0000-000000000001"}]}),
    );
    runs(aws, &[("FAILED", 400), ("SUCCESS", 100), ("IN_PROGRESS", 1)]);
    aws.stub("cloudformation").page_size(1).returns(
        "DescribeStacks",
        json!({"Stacks": [
            stack("core", "IN_SYNC", 10),
            stack("old", "IN_SYNC", 200),
            stack("changed", "DRIFTED", 10),
        ]}),
    );
}

fn association(number: i64) -> String {
    format!("00000000-0000-0000-0000-00000000000{number}")
}

/// How the maintenance window ran, and how many hours ago.
fn runs(aws: &FakeAws, runs: &[(&str, i64)]) {
    let runs = runs.iter().map(|(status, hours)| {
        json!({"WindowId": "mw-0123456789abcdef2", "Status": status, "StartTime": in_hours(-hours)})
    });
    aws.stub("ssm").returns(
        "DescribeMaintenanceWindowExecutions",
        json!({"WindowExecutions": runs.collect::<Vec<_>>()}),
    );
}

fn shared() -> Value {
    json!({"calendarRequiredAccounts": "000000000004,000000000005"})
}

fn environment() -> Value {
    let alarm = format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:errors");
    events::item(
        "AWS::AppConfig::Environment",
        "app|env",
        json!({"ApplicationId": "app", "Id": "env", "Name": "production",
               "Monitors": [{"AlarmArn": alarm}]}),
    )
}

#[test]
fn changes_under_control_pass() {
    let control = &change_control::CONTROL;
    let aws = aws_for(control);
    controlled(&aws);
    sweep(control, &aws, &shared()).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    assert_result(control, &aws, &stack_id("core"), "COMPLIANT", "");
    let old = "STACK_DRIFTED: Drift was last looked for 200 hours ago";
    assert_result(control, &aws, &stack_id("old"), "NON_COMPLIANT", old);
    assert_result(control, &aws, &stack_id("changed"), "NON_COMPLIANT", "STACK_DRIFTED");
    assert_result(control, &aws, "freeze", "COMPLIANT", "");
    let missing = "CHANGE_CALENDAR_SHARING: The change calendar is not shared with every account \
                   that needs it: 000000000005";
    assert_result(control, &aws, "year-end", "NON_COMPLIANT", missing);
    // On a change, the alarms of an environment are asked for.
    let cloudwatch = aws.stub("cloudwatch");
    cloudwatch.empty("DescribeAlarms");
    change(control, &aws, &environment(), &json!({})).unwrap();
    assert_result(control, &aws, "app|env", "NON_COMPLIANT", "APPCONFIG_UNGUARDED");
    cloudwatch.returns("DescribeAlarms", json!({"CompositeAlarms": [{"AlarmName": "errors"}]}));
    change(control, &aws, &environment(), &json!({})).unwrap();
    assert_result(control, &aws, "app|env", "COMPLIANT", "");
    // An item too large for the event is fetched.
    oversized(control, &aws, &environment(), &json!({}));
    assert_result(control, &aws, "app|env", "COMPLIANT", "");
    assert_all_needed(control, &actions_of(&aws.calls()));
}

#[test]
fn changes_out_of_control_are_named() {
    let control = &change_control::CONTROL;
    let aws = aws_for(control);
    controlled(&aws);
    let ssm = aws.stub("ssm");
    let by_association = json!({"AssociationId": association(2)});
    let bare = json!({"AssociationDescription": {"CalendarNames": []}});
    ssm.when("DescribeAssociation", by_association, bare);
    sweep(control, &aws, &json!({})).unwrap();
    let ungated = "AUTOMATION_NOT_GATED: Associations run automation without a change calendar: \
                   RestartFleet";
    assert_result(control, &aws, ACCOUNT, "NON_COMPLIANT", ungated);
    assert_eq!(aws.count("DescribeDocumentPermission"), 0);
    let exempt = json!({"exemptDocuments": ["RestartFleet"]});
    sweep(control, &aws, &exempt).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    // A calendar that is there but cannot be read is none; one of another account counts.
    let state = json!({"CalendarNames": ["freeze"]});
    ssm.fails_when("GetCalendarState", state, "InvalidDocument", 400);
    sweep(control, &aws, &exempt).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    let both = json!({"exemptDocuments": ["RestartFleet"], "requiredCalendars": "freeze,year-end"});
    sweep(control, &aws, &both).unwrap();
    let unreadable = "CHANGE_CALENDAR_MISSING: No readable change calendar says when changes may \
                      run: freeze";
    assert_result(control, &aws, ACCOUNT, "NON_COMPLIANT", unreadable);
    ssm.fails("GetCalendarState", "UnsupportedCalendarException", 400);
    sweep(control, &aws, &exempt).unwrap();
    assert_result(control, &aws, ACCOUNT, "NON_COMPLIANT", "CHANGE_CALENDAR_MISSING");
    ssm.returns("GetCalendarState", json!({"State": "CLOSED"}));
    runs(&aws, &[("SUCCESS", 400), ("TIMED_OUT", 100)]);
    sweep(control, &aws, &both).unwrap();
    let (_, annotation) = result(control, &aws, ACCOUNT);
    assert!(annotation.contains("MAINTENANCE_WINDOW_MISSING"), "{annotation}");
}

#[test]
fn a_changed_stack_is_judged_by_all_that_is_asked() {
    let control = &change_control::CONTROL;
    let aws = aws_for(control);
    aws.stub("cloudformation").when(
        "DescribeStacks",
        json!({"StackName": stack_id("core")}),
        json!({"Stacks": [stack("core", "IN_SYNC", 200)]}),
    );
    let mut item = events::item(
        "AWS::CloudFormation::Stack",
        &stack_id("core"),
        json!({
            "stackName": "core", "stackStatus": "UPDATE_COMPLETE", "notificationARNs": ["arn:t"],
            "enableTerminationProtection": "false",
            "driftInformation": {"stackDriftStatus": "IN_SYNC"},
        }),
    );
    item["tags"] = json!({"Environment": "production"});
    change(control, &aws, &item, &json!({})).unwrap();
    assert_result(control, &aws, &stack_id("core"), "NON_COMPLIANT", "STACK_DRIFTED");
    change(control, &aws, &item, &json!({"maxDriftCheckAgeHours": 0})).unwrap();
    assert_result(control, &aws, &stack_id("core"), "COMPLIANT", "");
}

#[test]
fn a_denied_call_of_change_control_is_no_verdict() {
    let control = &change_control::CONTROL;
    for (service, operation) in [
        ("ssm", "ListDocuments"),
        ("ssm", "GetCalendarState"),
        ("ssm", "DescribeAssociation"),
        ("ssm", "DescribeMaintenanceWindowExecutions"),
        ("cloudformation", "DescribeStacks"),
        ("ssm", "DescribeDocumentPermission"),
    ] {
        let aws = aws_for(control);
        controlled(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(control, &aws, &shared()).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

fn health_rule(pattern: &Value) -> Value {
    json!({"Rules": [{
        "Name": "health", "State": "ENABLED", "EventBusName": "default",
        "EventPattern": pattern.to_string(),
    }]})
}

fn targets(arns: &[String]) -> Value {
    let targets = arns.iter().map(|arn| json!({"Id": "target", "Arn": arn}));
    json!({"Targets": targets.collect::<Vec<_>>()})
}

fn topic(region: &str) -> String {
    format!("arn:aws:sns:{region}:{ACCOUNT}:health")
}

fn log_group(region: &str) -> String {
    format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:/aws/events/health")
}

/// An account to which AWS Health is told in both Regions, with nothing planned.
fn told(aws: &FakeAws) {
    for region in [REGION, "us-east-1", "us-west-2"] {
        let events = aws.stub("events").in_region(region);
        events.empty("ListRules").empty("ListArchives");
        let everything = json!({"source": ["aws.health"]});
        if region != "us-west-2" {
            events.returns("ListRules", health_rule(&everything));
        }
        events.returns("ListTargetsByRule", targets(&[topic(region), log_group(region)]));
    }
    aws.stub("sns").returns(
        "ListSubscriptionsByTopic",
        json!({"Subscriptions": [{
            "SubscriptionArn": format!("{}:0a1b", topic(REGION)), "Owner": ACCOUNT,
            "Protocol": "email", "Endpoint": "ops@example.com", "TopicArn": topic(REGION),
        }]}),
    );
    aws.stub("lambda").fails("GetFunctionConfiguration", "ResourceNotFoundException", 404);
    aws.stub("notifications").empty("ListNotificationConfigurations");
    let health = aws.stub("health").in_region("us-east-1");
    health.empty("DescribeEvents").empty("DescribeAffectedEntities");
    health.returns(
        "DescribeHealthServiceStatusForOrganization",
        json!({"healthServiceAccessStatusForOrganization": "ENABLED"}),
    );
    aws.stub("ec2").empty("DescribeInstanceStatus");
    aws.stub("rds").empty("DescribePendingMaintenanceActions");
}

fn instance(id: &str, state: &str, event: Option<(&str, i64)>) -> Value {
    let events = event.map(|(description, hours)| {
        json!({"Code": "instance-retirement", "Description": description,
               "NotBefore": in_hours(hours)})
    });
    json!({"InstanceId": id, "InstanceState": {"Code": 16, "Name": state},
           "Events": events.into_iter().collect::<Vec<_>>()})
}

fn database(name: &str) -> Value {
    let mut item = events::item(
        "AWS::RDS::DBInstance",
        &format!("db-{}", name.to_uppercase()),
        json!({"dBInstanceIdentifier": name}),
    );
    item["ARN"] = database_arn(name).into();
    item
}

fn database_arn(name: &str) -> String {
    format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}")
}

fn pending(name: &str, hours: i64) -> Value {
    json!({
        "ResourceIdentifier": database_arn(name),
        "PendingMaintenanceActionDetails":
            [{"Action": "db-upgrade", "CurrentApplyDate": in_hours(hours)}],
    })
}

#[test]
fn what_aws_health_tells_is_heard_kept_and_dealt_with() {
    let control = &health_events::CONTROL;
    let aws = aws_for(control);
    told(&aws);
    aws.organizations().join(ACCOUNT);
    aws.stub("ec2").page_size(2).returns(
        "DescribeInstanceStatus",
        json!({"InstanceStatuses": [
            instance("i-quiet", "running", None),
            instance("i-done", "running", Some(("[Completed] Retired", 24))),
            instance("i-near", "stopped", Some(("The hardware is degraded", 24))),
            instance("i-late", "running", Some(("The hardware is degraded", 24 * 20))),
            instance("i-dead", "terminated", Some(("The hardware is degraded", 24))),
        ]}),
    );
    for name in ["core", "report"] {
        aws.config().record(&database(name));
    }
    aws.stub("rds").page_size(1).returns(
        "DescribePendingMaintenanceActions",
        json!({"PendingMaintenanceActions":
            [pending("core", 24), pending("report", -24 * 30), pending("unrecorded", 24)]}),
    );
    sweep(control, &aws, &json!({})).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    for id in ["i-quiet", "i-done", "i-late", "db-CORE"] {
        assert_result(control, &aws, id, "COMPLIANT", "");
    }
    let near = "EC2_MAINTENANCE_OPEN: instance-retirement is planned for";
    assert_result(control, &aws, "i-near", "NON_COMPLIANT", near);
    let overdue = "RDS_MAINTENANCE_OVERDUE";
    assert_result(control, &aws, "db-REPORT", "NON_COMPLIANT", overdue);
    assert!(aws.config().result(&rule_of(control), "i-dead").is_none());
    let list = json!({"PendingMaintenanceActions": [pending("unrecorded", -24 * 30)]});
    aws.stub("rds").returns("DescribePendingMaintenanceActions", list);
    sweep(control, &aws, &json!({})).unwrap();
    let named = "RDS_MAINTENANCE_OVERDUE: Maintenance of the database is overdue: unrecorded";
    assert_result(control, &aws, ACCOUNT, "NON_COMPLIANT", named);
}

#[test]
fn rules_are_asked_in_every_region_that_matters() {
    let control = &health_events::CONTROL;
    let aws = aws_for(control);
    told(&aws);
    let east = aws.stub("events").in_region("us-east-1");
    let empty = json!({"Rules": []});
    east.returns("ListRules", empty.clone());
    sweep(control, &aws, &json!({})).unwrap();
    let (compliance, annotation) = result(control, &aws, ACCOUNT);
    assert_eq!(compliance, "NON_COMPLIANT", "{annotation}");
    assert!(annotation.contains("HEALTH_NOTIFICATION_MISSING"), "{annotation}");
    assert!(annotation.contains("HEALTH_EVENTS_NOT_KEPT"), "{annotation}");
    assert!(annotation.contains("issue (us-east-1)"), "{annotation}");
    assert!(!annotation.contains(REGION), "{annotation}");
    sweep(control, &aws, &json!({"requiredRegions": ""})).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    // The backup Region gets a copy of everything, unless the rule there leaves copies out.
    let west = aws.stub("events").in_region("us-west-2");
    west.returns("ListRules", health_rule(&json!({"source": ["aws.health"]})));
    sweep(control, &aws, &json!({})).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "BACKUP_REGION_ONLY");
    sweep(control, &aws, &json!({"acceptBackupRegion": false})).unwrap();
    assert_eq!(result(control, &aws, ACCOUNT).0, "NON_COMPLIANT");
    let own = json!({"source": ["aws.health"], "detail": {"backupEvent": ["false"]}});
    west.returns("ListRules", health_rule(&own));
    sweep(control, &aws, &json!({})).unwrap();
    assert_eq!(result(control, &aws, ACCOUNT).0, "NON_COMPLIANT");
    // A central account hears for this one; the central account itself does not.
    let central = |id: &str| json!({"acceptOrganizationView": true, "healthAdminAccountId": id});
    sweep(control, &aws, &central("000000000009")).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "CENTRAL_RECEIVES");
    for id in [ACCOUNT, ""] {
        sweep(control, &aws, &central(id)).unwrap();
        assert_eq!(result(control, &aws, ACCOUNT).0, "NON_COMPLIANT", "{id}");
    }
}

#[test]
fn events_are_followed_to_other_buses_and_accounts() {
    let control = &health_events::CONTROL;
    let aws = aws_for(control);
    told(&aws);
    let home = json!({"requiredRegions": ""});
    let events = aws.stub("events").in_region(REGION);
    let bus = |account: &str| format!("arn:aws:events:{REGION}:{account}:event-bus/health");
    events.returns("ListTargetsByRule", targets(&[bus(ACCOUNT)]));
    let on_bus = json!({"EventBusName": "health"});
    events.when("ListRules", on_bus.clone(), health_rule(&json!({"source": ["aws.health"]})));
    events.when("ListTargetsByRule", on_bus.clone(), targets(&[topic(REGION), log_group(REGION)]));
    sweep(control, &aws, &home).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    // A bus whose rules let nothing of it through.
    events.when("ListRules", on_bus, health_rule(&json!({"source": ["aws.ec2"]})));
    sweep(control, &aws, &home).unwrap();
    let (compliance, annotation) = result(control, &aws, ACCOUNT);
    assert_eq!(compliance, "NON_COMPLIANT", "{annotation}");
    assert!(annotation.contains("HEALTH_EVENTS_NOT_KEPT"), "{annotation}");
    // What another account does with them, it alone can tell.
    events.returns("ListTargetsByRule", targets(&[bus("000000000009")]));
    sweep(control, &aws, &home).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "SENT_TO_OTHER_ACCOUNT");
}

#[test]
fn user_notifications_and_archives_serve_too() {
    let control = &health_events::CONTROL;
    let aws = aws_for(control);
    told(&aws);
    aws.organizations().join(ACCOUNT);
    // A rule that only stores, and one that only tells a function that is gone.
    let stored = targets(&[format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:gone")]);
    aws.stub("events").in_region(REGION).returns("ListTargetsByRule", stored);
    let stores = json!({"storeTargets": "logs"});
    sweep(control, &aws, &stores).unwrap();
    let (_, annotation) = result(control, &aws, ACCOUNT);
    assert!(annotation.contains("HEALTH_NOTIFICATION_MISSING"), "{annotation}");
    assert!(annotation.contains("HEALTH_EVENTS_NOT_KEPT"), "{annotation}");
    let arn = format!("arn:aws:notifications::{ACCOUNT}:configuration/health");
    let notifications = aws.stub("notifications").in_region("us-east-1");
    let configured = |status: &str| {
        json!({"notificationConfigurations": [{
            "arn": arn, "name": "health", "description": "AWS Health", "status": status,
            "creationTime": "2026-01-01T00:00:00Z",
        }]})
    };
    notifications.returns("ListNotificationConfigurations", configured("ACTIVE"));
    let rule = |pattern: &str, regions: &[&str]| {
        let active =
            |region: &&str| (region.to_string(), json!({"status": "ACTIVE", "reason": ""}));
        json!({"eventRules": [{
            "arn": format!("{arn}/rule/1"), "notificationConfigurationArn": arn,
            "creationTime": "2026-01-01T00:00:00Z", "source": "aws.health",
            "eventType": "AWS Health Event", "eventPattern": pattern, "regions": regions,
            "managedRules": [],
            "statusSummaryByRegion": regions.iter().map(active).collect::<serde_json::Map<_, _>>(),
        }]})
    };
    notifications.returns("ListEventRules", rule("", &[REGION]));
    notifications.returns("ListChannels", json!({"channels": ["arn:aws:chatbot::c"]}));
    let events = aws.stub("events").in_region(REGION);
    events.returns(
        "ListArchives",
        json!({"Archives": [
            {"ArchiveName": "off", "State": "DISABLED"},
            {"ArchiveName": "health", "State": "ENABLED"},
        ]}),
    );
    let health = json!({"source": ["aws.health"]}).to_string();
    let archived = |pattern: &str| json!({"ArchiveName": "health", "EventPattern": pattern});
    let by_name = json!({"ArchiveName": "health"});
    events.when("DescribeArchive", by_name.clone(), archived(&health));
    sweep(control, &aws, &stores).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    let mut called = actions_of(&aws.calls());
    // What narrows them down, or turns them off, makes a gap again.
    for (configuration, pattern, regions, channels) in [
        ("INACTIVE", "", [REGION], json!(["arn:c"])),
        ("ACTIVE", r#"{"detail": {"service": ["EC2"]}}"#, [REGION], json!(["arn:c"])),
        ("ACTIVE", "", ["eu-west-1"], json!(["arn:c"])),
        ("ACTIVE", "", [REGION], json!([])),
    ] {
        notifications.returns("ListNotificationConfigurations", configured(configuration));
        notifications.returns("ListEventRules", rule(pattern, &regions));
        notifications.returns("ListChannels", json!({"channels": channels}));
        sweep(control, &aws, &stores).unwrap();
        let (_, annotation) = result(control, &aws, ACCOUNT);
        assert!(annotation.starts_with("HEALTH_NOTIFICATION_MISSING: "), "{annotation}");
    }
    notifications.returns("ListEventRules", rule("", &[REGION]));
    notifications.returns("ListChannels", json!({"channels": ["arn:c"]}));
    let other = json!({"source": ["aws.ec2"]}).to_string();
    events.when("DescribeArchive", by_name.clone(), archived(&other));
    sweep(control, &aws, &stores).unwrap();
    let (_, annotation) = result(control, &aws, ACCOUNT);
    assert!(annotation.starts_with("HEALTH_EVENTS_NOT_KEPT: "), "{annotation}");
    // An archive that nobody can read is no answer.
    events.when("DescribeArchive", by_name, archived(r#"{"source": [{"sounds-like": "a"}]}"#));
    let error = sweep(control, &aws, &stores).unwrap_err();
    assert_eq!(error.error_type, "ControlFailed", "{}", error.message);
    let near = json!({"events": [{"arn": EVENT, "eventTypeCategory": "scheduledChange"}]});
    aws.stub("health").in_region("us-east-1").returns("DescribeEvents", near);
    events.when("DescribeArchive", json!({"ArchiveName": "health"}), archived(&health));
    sweep(control, &aws, &stores).unwrap();
    called.extend(actions_of(&aws.calls()));
    // Somebody has a database.
    aws.config().record(&database("core"));
    sweep(control, &aws, &stores).unwrap();
    called.extend(actions_of(&aws.calls()));
    assert_all_needed(control, &called);
}

const EVENT: &str =
    "arn:aws:health:ap-northeast-1::event/RDS/AWS_RDS_PLANNED_LIFECYCLE_EVENT/AWS_RDS_1";

#[test]
fn planned_changes_wait_for_nobody() {
    let control = &health_events::CONTROL;
    let aws = aws_for(control);
    told(&aws);
    let health = aws.stub("health").in_region("us-east-1");
    let near = json!({"events": [{"arn": EVENT, "eventTypeCategory": "scheduledChange"}]});
    health.returns("DescribeEvents", near);
    sweep(control, &aws, &json!({})).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    health.returns(
        "DescribeAffectedEntities",
        json!({"entities": [{"eventArn": EVENT, "entityValue": "core", "statusCode": "PENDING"}]}),
    );
    sweep(control, &aws, &json!({})).unwrap();
    let (compliance, annotation) = result(control, &aws, ACCOUNT);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("HEALTH_EVENT_UNHANDLED"), "{annotation}");
    assert!(annotation.ends_with("AWS_RDS_PLANNED_LIFECYCLE_EVENT"), "{annotation}");
    // A member does not see the organizational view; the one that manages does.
    assert_eq!(aws.count("DescribeHealthServiceStatusForOrganization"), 0);
    aws.organizations().join("000000000001");
    health.returns("DescribeEvents", json!({"events": []}));
    sweep(control, &aws, &json!({})).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    assert_eq!(aws.count("DescribeHealthServiceStatusForOrganization"), 0);
    health.returns(
        "DescribeHealthServiceStatusForOrganization",
        json!({"healthServiceAccessStatusForOrganization": "DISABLED"}),
    );
    sweep(control, &aws, &json!({"healthAdminAccountId": ACCOUNT})).unwrap();
    assert_result(control, &aws, ACCOUNT, "NON_COMPLIANT", "ORGANIZATION_VIEW_OFF");
    // Without a support plan nothing of this is judged, and the result says so.
    health.fails("DescribeEvents", "SubscriptionRequiredException", 400);
    health.fails(
        "DescribeHealthServiceStatusForOrganization",
        "SubscriptionRequiredException",
        400,
    );
    sweep(control, &aws, &json!({"healthAdminAccountId": ACCOUNT})).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "HEALTH_API_NEEDS_SUPPORT_PLAN");
}

#[test]
fn a_denied_call_of_health_events_is_no_verdict() {
    let control = &health_events::CONTROL;
    for (service, operation) in [
        ("events", "ListRules"),
        ("sns", "ListSubscriptionsByTopic"),
        ("health", "DescribeEvents"),
        ("organizations", "DescribeOrganization"),
        ("ec2", "DescribeInstanceStatus"),
        ("rds", "DescribePendingMaintenanceActions"),
    ] {
        let aws = aws_for(control);
        told(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(control, &aws, &json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn misspelt_parameters_are_refused() {
    let control = &health_events::CONTROL;
    let aws = aws_for(control);
    told(&aws);
    for parameters in
        [json!({"requiredCategories": "issues"}), json!({"healthAdminAccountId": "1234"})]
    {
        let error = sweep(control, &aws, &parameters).unwrap_err();
        assert_eq!(error.error_type, "WrongParameter", "{}", error.message);
    }
    assert_eq!(aws.count("PutEvaluations"), 0);
}

#[test]
fn a_region_that_may_not_be_asked_is_named() {
    let control = &health_events::CONTROL;
    let aws = aws_for(control);
    told(&aws);
    aws.stub("events").in_region("us-east-1").fails("ListRules", "AccessDeniedException", 400);
    let error = sweep(control, &aws, &json!({})).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
    assert!(error.message.contains("in us-east-1: "), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}

fn machine(name: &str) -> Value {
    let arn = machine_arn(name);
    events::item(
        "AWS::StepFunctions::StateMachine",
        &arn,
        json!({"Arn": arn, "StateMachineName": name, "StateMachineType": "STANDARD"}),
    )
}

fn machine_arn(name: &str) -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}")
}

fn described(aws: &FakeAws, name: &str, task: &Value) {
    let definition = json!({"StartAt": "Debit", "States": {"Debit": task}});
    aws.stub("stepfunctions").when(
        "DescribeStateMachine",
        json!({"stateMachineArn": machine_arn(name)}),
        json!({
            "stateMachineArn": machine_arn(name), "name": name, "type": "STANDARD",
            "definition": definition.to_string(), "creationDate": in_hours(-100),
            "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/settle"),
        }),
    );
}

#[test]
fn automation_is_judged_when_somebody_asks() {
    let control = &automation_quality::CONTROL;
    let aws = aws_for(control);
    sweep(control, &aws, &json!({})).unwrap();
    assert_result(control, &aws, ACCOUNT, "NOT_APPLICABLE", "NOT_ENABLED");
    let on = json!({"enabled": true});
    let catch = json!([{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]);
    described(&aws, "good", &json!({"Type": "Task", "Catch": catch}));
    described(&aws, "bad", &json!({"Type": "Task", "End": true}));
    for name in ["good", "bad"] {
        aws.config().record(&machine(name));
    }
    aws.config().page(1);
    aws.stub("ssm").empty("ListDocuments");
    sweep(control, &aws, &on).unwrap();
    assert_result(control, &aws, ACCOUNT, "NON_COMPLIANT", "RUNBOOK_MISSING");
    assert_result(control, &aws, &machine_arn("good"), "COMPLIANT", "");
    let code = "STATE_MACHINE_NO_ERROR_HANDLING: States do not handle their errors: Debit";
    assert_result(control, &aws, &machine_arn("bad"), "NON_COMPLIANT", code);
    aws.stub("ssm").returns("ListDocuments", documents(&["RestartFleet"]));
    let retry = json!({"enabled": true, "requireRetry": true});
    sweep(control, &aws, &retry).unwrap();
    assert_result(control, &aws, ACCOUNT, "COMPLIANT", "");
    assert_result(control, &aws, &machine_arn("good"), "NON_COMPLIANT", "STATE_MACHINE_NO_ERROR");
    // Whose a rule is that fails, EventBridge tells.
    let rule = |name: &str| {
        let configuration = json!({"Name": name, "EventBusName": "default", "State": "ENABLED",
            "Targets": [{"Id": "t", "Arn": "arn:t"}]});
        events::item("AWS::Events::Rule", name, configuration)
    };
    let rules = aws.stub("events");
    rules.when("DescribeRule", json!({"Name": "own"}), json!({"Name": "own"}));
    let managed = json!({"Name": "managed", "ManagedBy": "autoscaling.amazonaws.com"});
    rules.when("DescribeRule", json!({"Name": "managed"}), managed);
    for (name, compliance, start) in [
        ("own", "NON_COMPLIANT", "RULE_NOT_DELIVERABLE: Targets without"),
        ("managed", "NOT_APPLICABLE", "RULE_OF_SERVICE"),
    ] {
        change(control, &aws, &rule(name), &on).unwrap();
        assert_result(control, &aws, name, compliance, start);
    }
    oversized(control, &aws, &rule("managed"), &on);
    assert_all_needed(control, &actions_of(&aws.calls()));
    aws.fault("stepfunctions", "DescribeStateMachine", Fault::Denied);
    let before = aws.count("PutEvaluations");
    let error = sweep(control, &aws, &on).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), before);
}
