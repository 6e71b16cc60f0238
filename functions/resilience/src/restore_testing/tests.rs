use aws_sdk_directconnect::types::VirtualInterfaceTestHistory;
use aws_sdk_drs::types::{
    LastLaunchType, LaunchStatus, LifeCycle, LifeCycleLastLaunch, LifeCycleLastLaunchInitiated,
    SourceServer,
};
use aws_sdk_resiliencehub::types::{
    App, AppAssessmentScheduleType, AppComplianceStatusType, AppDriftStatusType, AppStatusType,
};
use fisc_shared::config_service::to_sdk;
use fisc_shared::verdict::Failures;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

use super::drills::Failover;
use super::restores::{Job, Restores};
use super::*;

const NOW: &str = "2026-11-01T00:00:00Z";

/// A critical item as Config delivers it.
fn item(resource: ResourceType, configuration: Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": resource.name, "resourceId": "r",
        "resourceName": "r", "ARN": "arn:aws:rds:ap-northeast-1:111122223333:db:Core",
        "tags": {"fisc:tier": "critical"}, "configuration": configuration,
        "supplementaryConfiguration": {},
    })
}

fn read(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn with_run<T>(parameters: &Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: time(NOW),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        offline: false,
        home: true,
    })
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn previewed(item: &Value, parameters: &Value) -> Result<Option<Verdict>, Error> {
    with_run(parameters, |run| runner::preview(&CONTROL, &read(item), run))
}

#[test]
fn only_critical_resources_and_applications_are_asked_about() {
    let tags = |tags: Value| {
        let mut item = item(ResourceType::DYNAMODB_TABLE, json!({}));
        item["tags"] = tags;
        item
    };
    let asked = |item: &Value, parameters: Value| previewed(item, &parameters).unwrap().is_none();
    assert!(asked(&tags(json!({"fisc:tier": "critical"})), json!({})));
    assert!(!asked(&tags(json!({"fisc:tier": "low"})), json!({})));
    assert!(!asked(&tags(json!({})), json!({})));
    assert!(asked(&tags(json!({"gold": ""})), json!({"criticalTag": "gold"})));
    assert!(!asked(&tags(json!({"fisc:tier": "critical"})), json!({"criticalTag": ""})));
    let mut app = item(ResourceType::RESILIENCE_HUB_APP, json!({}));
    app["tags"] = json!({});
    assert!(asked(&app, json!({})));
    let mut untold = tags(json!({}));
    untold["tags"] = Value::Null;
    previewed(&untold, &json!({})).unwrap_err();
}

#[test]
fn the_item_of_an_application_tells_what_is_not_set_up() {
    let told = |configuration: Value| {
        let item = read(&item(ResourceType::RESILIENCE_HUB_APP, configuration));
        apps::preview(&item).unwrap().map(|verdict| codes(&verdict))
    };
    let incomplete = Some(vec!["RESILIENCE_APP_INCOMPLETE"]);
    assert_eq!(told(json!({"AppArn": "a"})), incomplete);
    assert_eq!(
        told(json!({"ResiliencyPolicyArn": "p", "AppAssessmentSchedule": "Disabled"})),
        incomplete
    );
    assert_eq!(told(json!({"ResiliencyPolicyArn": "p", "AppAssessmentSchedule": "Daily"})), None);
    assert_eq!(told(json!({"ResiliencyPolicyArn": "p"})), None);
}

#[test]
fn databases_with_a_standby_must_fail_over() {
    use ResourceType as Type;
    let members = |count: usize| json!({"dbclusterIdentifier": "core", "dbclusterMembers": vec![json!({}); count]});
    for (resource, configuration, expected) in [
        (Type::RDS_DB_INSTANCE, json!({"multiAZ": true, "dBInstanceIdentifier": "core"}), true),
        (Type::RDS_DB_INSTANCE, json!({"multiAZ": false, "dBInstanceIdentifier": "core"}), false),
        (
            Type::RDS_DB_INSTANCE,
            json!({"multiAZ": true, "dBInstanceIdentifier": "core", "dBClusterIdentifier": "c"}),
            false,
        ),
        (Type::RDS_DB_CLUSTER, members(2), true),
        (Type::RDS_DB_CLUSTER, members(1), false),
        (Type::RDS_DB_CLUSTER, members(0), false),
        (Type::DYNAMODB_TABLE, json!({}), false),
    ] {
        let item = item(resource, configuration);
        assert_eq!(Database::of(&read(&item)).unwrap().is_some(), expected, "{item}");
    }
    for (resource, configuration, missing) in [
        (Type::RDS_DB_INSTANCE, json!({"dBInstanceIdentifier": "core"}), "multiAZ"),
        (Type::RDS_DB_INSTANCE, json!({"multiAZ": true}), "dBInstanceIdentifier"),
        (Type::RDS_DB_CLUSTER, json!({"dbclusterIdentifier": "core"}), "dbclusterMembers"),
        (Type::RDS_DB_CLUSTER, json!({"dbclusterMembers": [{}, {}]}), "dbclusterIdentifier"),
    ] {
        let error = previewed(&item(resource, configuration), &json!({})).unwrap_err().to_string();
        assert!(error.contains(missing), "{error}");
    }
}

#[test]
fn events_tell_which_database_failed_over() {
    let core = read(&item(
        ResourceType::RDS_DB_INSTANCE,
        json!({"multiAZ": true, "dBInstanceIdentifier": "core"}),
    ));
    let core = Database::of(&core).unwrap().unwrap();
    let reboot =
        |request: Value| json!({"eventName": "RebootDBInstance", "requestParameters": request});
    let arn = "arn:aws:rds:ap-northeast-1:111122223333:db:core";
    for (event, expected) in [
        (reboot(json!({"dBInstanceIdentifier": "core", "forceFailover": true})), true),
        (reboot(json!({"dBInstanceIdentifier": "Core", "forceFailover": "true"})), true),
        (reboot(json!({"dBInstanceIdentifier": arn, "forceFailover": true})), true),
        // A reboot in place is no failover.
        (reboot(json!({"dBInstanceIdentifier": "core", "forceFailover": false})), false),
        (reboot(json!({"dBInstanceIdentifier": "core"})), false),
        (reboot(json!({"dBInstanceIdentifier": "core-2", "forceFailover": true})), false),
        (reboot(Value::Null), false),
        (
            json!({"eventName": "FailoverDBCluster", "requestParameters": {"dBClusterIdentifier": "core"}}),
            true,
        ),
        // What was refused did not happen.
        (
            json!({"eventName": "FailoverDBCluster", "errorCode": "AccessDenied",
                "requestParameters": {"dBClusterIdentifier": "core"}}),
            false,
        ),
        (
            json!({"eventName": "SwitchoverGlobalCluster",
                "requestParameters": {"globalClusterIdentifier": "g", "targetDbClusterIdentifier": "x"},
                "responseElements": {"globalClusterMembers": [{"dBClusterArn": arn}]}}),
            true,
        ),
        (
            json!({"eventName": "FailoverGlobalCluster",
                "requestParameters": {"targetDbClusterIdentifier": arn}}),
            true,
        ),
        (
            json!({"eventName": "TestFailover", "requestParameters": {"replicationGroupId": "other"}}),
            false,
        ),
        (
            json!({"eventName": "StopDBInstance", "requestParameters": {"dBInstanceIdentifier": "core"}}),
            false,
        ),
        (json!({}), false),
    ] {
        let failovers: Vec<Failover> = drills::of_event(&event).into_iter().collect();
        assert_eq!(core.failed_over(&failovers), expected, "{event}");
    }
}

#[test]
fn a_dated_tag_stands_for_a_test() {
    let tells = |text: &str, parameters: Value| {
        let tags = BTreeMap::from([(LAST_FAILOVER_TAG.to_owned(), text.to_owned())]);
        with_run(&parameters, |run| tag_tells(&tags, run))
    };
    for (text, expected) in [
        ("2026-10-31", true),
        // Today in Japan has begun before it has in Greenwich.
        ("2026-11-01", true),
        ("2026-11-02", false),
        ("2025-11-02", true),
        ("2025-10-31", false),
        (" 2026-05-01T10:00:00+09:00 ", true),
        ("last summer", false),
        ("", false),
    ] {
        assert_eq!(tells(text, json!({})), expected, "{text}");
    }
    assert!(!tells("2026-09-01", json!({"restoreMaxDays": 30})));
    assert!(!with_run(&json!({}), |run| tag_tells(&BTreeMap::new(), run)));
}

fn job(began: &str, minutes: Option<i64>, good: bool) -> Job {
    let began = time(began);
    Job { began, ended: minutes.map(|one| began + SignedDuration::from_mins(one)), good }
}

fn judged(restores: &Restores, tag: Option<&str>, parameters: Value) -> Vec<&'static str> {
    let tag = tag.map(str::to_owned);
    codes(&with_run(&parameters, |run| {
        let mut failures = Failures::new();
        restores::judge(restores, tag.as_ref(), run, &mut failures);
        failures.into_verdict()
    }))
}

#[test]
fn a_restore_must_have_succeeded_lately() {
    let listed = |jobs: &[Job]| Restores { latest: None, minutes: None, jobs: jobs.to_vec() };
    let after = |latest: &str, jobs: &[Job]| Restores {
        latest: Some(time(latest)),
        minutes: None,
        jobs: jobs.to_vec(),
    };
    let default = || json!({});
    let good = job("2026-10-20T00:00:00Z", Some(30), true);
    let bad = job("2026-10-25T00:00:00Z", Some(30), false);
    let running = job("2026-10-31T00:00:00Z", None, false);
    let old = job("2025-10-01T00:00:00Z", Some(30), true);
    let not = ["RESTORE_NOT_TESTED"];
    assert_eq!(judged(&listed(std::slice::from_ref(&good)), None, default()), [""; 0]);
    assert_eq!(judged(&listed(&[bad.clone(), good.clone()]), None, default()), [""; 0]);
    assert_eq!(judged(&listed(&[bad.clone(), running.clone()]), None, default()), not);
    assert_eq!(judged(&listed(&[old]), None, default()), not);
    assert_eq!(judged(&listed(&[good]), None, json!({"restoreMaxDays": 7})), not);
    assert_eq!(judged(&listed(&[]), None, default()), not);
    // The date counts when the job has left the list, not when the list tells that it failed.
    assert_eq!(judged(&after("2026-06-01T00:00:00Z", &[]), None, default()), [""; 0]);
    assert_eq!(judged(&after("2025-06-01T00:00:00Z", &[]), None, default()), not);
    assert_eq!(judged(&after("2026-10-25T00:00:00Z", &[bad]), None, default()), not);
    assert_eq!(judged(&after("2026-10-31T00:00:00Z", &[running]), None, default()), not);
}

#[test]
fn a_restore_must_be_fast_enough() {
    let took = |minutes: i64| Restores {
        latest: Some(time("2026-10-20T00:00:00Z")),
        minutes: Some(minutes),
        jobs: Vec::new(),
    };
    let slow = ["RESTORE_TIME_OVER_RTO"];
    assert_eq!(judged(&took(240), None, json!({})), [""; 0]);
    assert_eq!(judged(&took(241), None, json!({})), slow);
    assert_eq!(judged(&took(241), Some("300"), json!({})), [""; 0]);
    assert_eq!(judged(&took(61), Some(" 60 "), json!({})), slow);
    assert_eq!(judged(&took(61), None, json!({"rtoMinutes": 60})), slow);
    // A tag without a number says nothing.
    assert_eq!(judged(&took(241), Some("fast"), json!({})), slow);
    assert_eq!(judged(&took(1), Some("0"), json!({})), [""; 0]);
    // What AWS Backup does not sum up follows from the newest good job.
    let measured = |minutes| Restores {
        latest: None,
        minutes: None,
        jobs: vec![
            job("2026-10-01T00:00:00Z", Some(500), true),
            job("2026-10-20T00:00:00Z", Some(minutes), true),
            job("2026-10-25T00:00:00Z", Some(900), false),
        ],
    };
    assert_eq!(judged(&measured(240), None, json!({})), [""; 0]);
    assert_eq!(judged(&measured(241), None, json!({})), slow);
}

#[test]
fn tests_of_direct_connect_count_when_they_have_ended() {
    let since = time("2025-11-01T00:00:00Z");
    let test = |status: &str, end: Option<&str>| {
        let end = end.map(|end| to_sdk(time(end)));
        let test = VirtualInterfaceTestHistory::builder().status(status).set_end_time(end).build();
        account::ended(&test, since, time(NOW))
    };
    assert!(test("COMPLETED", Some("2026-05-01T00:00:00Z")));
    assert!(test("DONE", Some("2026-05-01T00:00:00Z")));
    assert!(!test("COMPLETED", Some("2025-05-01T00:00:00Z")));
    assert!(!test("IN_PROGRESS", Some("2026-11-01T03:00:00Z")));
    assert!(!test("IN_PROGRESS", None));
    assert!(!test("FAILED", Some("2026-05-01T00:00:00Z")));
}

#[test]
fn drills_count_when_they_launched() {
    let since = time("2025-11-01T00:00:00Z");
    let server = |kind: Option<LastLaunchType>, status: LaunchStatus, at: &str| {
        let initiated =
            LifeCycleLastLaunchInitiated::builder().set_type(kind).api_call_date_time(at);
        let launch = LifeCycleLastLaunch::builder().initiated(initiated.build()).status(status);
        let cycle = LifeCycle::builder().last_launch(launch.build()).build();
        SourceServer::builder().life_cycle(cycle).build()
    };
    let drilled = |server: &SourceServer| account::drilled(server, since);
    let lately = "2026-05-01T00:00:00.000000+00:00";
    let drill = || Some(LastLaunchType::Drill);
    assert!(drilled(&server(drill(), LaunchStatus::Launched, lately)).unwrap());
    assert!(
        drilled(&server(Some(LastLaunchType::Recovery), LaunchStatus::Launched, lately)).unwrap()
    );
    assert!(!drilled(&server(drill(), LaunchStatus::Failed, lately)).unwrap());
    assert!(!drilled(&server(None, LaunchStatus::Launched, lately)).unwrap());
    assert!(!drilled(&server(drill(), LaunchStatus::Launched, "2025-05-01T00:00:00Z")).unwrap());
    assert!(!drilled(&SourceServer::builder().build()).unwrap());
    drilled(&server(drill(), LaunchStatus::Launched, "yesterday")).unwrap_err();
}

#[test]
fn applications_have_a_policy_and_meet_it() {
    let app = || {
        App::builder()
            .app_arn("arn:aws:resiliencehub:x")
            .name("core")
            .creation_time(to_sdk(time("2026-01-01T00:00:00Z")))
            .status(AppStatusType::Active)
            .policy_arn("arn:aws:resiliencehub:policy")
            .assessment_schedule(AppAssessmentScheduleType::Daily)
            .compliance_status(AppComplianceStatusType::PolicyMet)
            .drift_status(AppDriftStatusType::NotDetected)
            .last_app_compliance_evaluation_time(to_sdk(time("2026-10-31T00:00:00Z")))
    };
    let old = to_sdk(time("2026-09-01T00:00:00Z"));
    let breached = "RESILIENCE_POLICY_BREACHED";
    let incomplete = "RESILIENCE_APP_INCOMPLETE";
    for (app, parameters, expected) in [
        (app(), json!({}), vec![]),
        (app().set_policy_arn(None), json!({}), vec![incomplete]),
        // Without a policy its status says nothing.
        (
            app().set_policy_arn(None).compliance_status(AppComplianceStatusType::MissingPolicy),
            json!({}),
            vec![incomplete],
        ),
        (
            app().assessment_schedule(AppAssessmentScheduleType::Disabled),
            json!({}),
            vec![incomplete],
        ),
        (app().set_assessment_schedule(None), json!({}), vec![incomplete]),
        (
            app().compliance_status(AppComplianceStatusType::PolicyBreached),
            json!({}),
            vec![breached],
        ),
        (app().compliance_status(AppComplianceStatusType::NotAssessed), json!({}), vec![breached]),
        (
            app().compliance_status(AppComplianceStatusType::ChangesDetected),
            json!({}),
            vec![breached],
        ),
        (app().last_app_compliance_evaluation_time(old), json!({}), vec![breached]),
        (app().last_app_compliance_evaluation_time(old), json!({"assessmentMaxDays": 90}), vec![]),
        (app().set_last_app_compliance_evaluation_time(None), json!({}), vec![breached]),
        (app().drift_status(AppDriftStatusType::Detected), json!({}), vec![breached]),
        (app().drift_status(AppDriftStatusType::NotChecked), json!({}), vec![]),
        (app().status(AppStatusType::Deleting), json!({}), vec!["APP_NOT_ACTIVE"]),
    ] {
        let app = app.build().unwrap();
        let verdict = with_run(&parameters, |run| apps::decide(&app, run).unwrap());
        assert_eq!(codes(&verdict), expected, "{app:?}");
    }
    for app in [app().set_status(None), app().set_compliance_status(None)] {
        with_run(&json!({}), |run| apps::decide(&app.build().unwrap(), run).map(|_| ()))
            .unwrap_err();
    }
}
