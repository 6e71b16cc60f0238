use aws_sdk_cloudformation::types as cfn;
use aws_smithy_types::DateTime;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

use super::account::{Calendars, Facts, Window, decide};
use super::*;

const NOW: &str = "2026-11-21T00:00:00Z";

fn with_run<T>(parameters: &Value, offline: bool, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    judge(&Run {
        parameters: &parameters,
        now: NOW.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn codes(verdict: &Verdict) -> (&'static str, Vec<&'static str>) {
    let codes = verdict.reasons().iter().map(|reason| reason.code).collect();
    (verdict.compliance().as_str(), codes)
}

fn item(kind: ResourceType, configuration: Value, tags: Value) -> Value {
    let mut item = fisc_testkit::events::item(kind.name, "res-1", configuration);
    item["tags"] = tags;
    item
}

fn judged(item: &Value, parameters: Value) -> (&'static str, Vec<&'static str>) {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let verdict = with_run(&parameters, true, |run| runner::preview(&CONTROL, &item, run));
    codes(&verdict.unwrap().expect("decided by the item"))
}

fn fails(item: &Value, parameters: Value, code: &'static str) {
    assert_eq!(judged(item, parameters), ("NON_COMPLIANT", vec![code]), "{item}");
}

fn passes(item: &Value, parameters: Value) {
    assert_eq!(judged(item, parameters), ("COMPLIANT", vec![]), "{item}");
}

fn is_left_out(item: &Value, parameters: Value, code: &'static str) {
    assert_eq!(judged(item, parameters), ("NOT_APPLICABLE", vec![code]), "{item}");
}

fn error(item: &Value) -> String {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    with_run(&json!({}), true, |run| runner::preview(&CONTROL, &item, run)).unwrap_err().to_string()
}

/// Whether a change of the item leads to a call.
fn asks(item: &Value, parameters: Value) -> bool {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    with_run(&parameters, false, |run| runner::preview(&CONTROL, &item, run)).unwrap().is_none()
}

fn stack(change: Value) -> Value {
    let mut configuration = json!({
        "stackId": "arn:aws:cloudformation:ap-northeast-1:111122223333:stack/core/1",
        "stackName": "core", "stackStatus": "UPDATE_COMPLETE", "disableRollback": "false",
        "notificationARNs": ["arn:aws:sns:ap-northeast-1:111122223333:changes"],
        "enableTerminationProtection": "true",
        "driftInformation": {"stackDriftStatus": "IN_SYNC"}, "tags": [],
    });
    for (key, value) in change.as_object().unwrap() {
        configuration[key] = value.clone();
    }
    item(ResourceType::CLOUDFORMATION_STACK, configuration, json!({"Environment": "production"}))
}

#[test]
fn stacks_are_judged_by_state_drift_and_topic() {
    passes(&stack(json!({})), json!({}));
    for status in [
        "CREATE_FAILED",
        "ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
        "IMPORT_ROLLBACK_COMPLETE",
    ] {
        fails(&stack(json!({"stackStatus": status})), json!({}), "STACK_FAILED");
    }
    let drift = |status: &str| stack(json!({"driftInformation": {"stackDriftStatus": status}}));
    fails(&drift("DRIFTED"), json!({}), "STACK_DRIFTED");
    fails(&drift("DRIFTED"), json!({"maxDriftCheckAgeHours": 0}), "STACK_DRIFTED");
    fails(&drift("NOT_CHECKED"), json!({}), "STACK_DRIFTED");
    passes(&drift("NOT_CHECKED"), json!({"maxDriftCheckAgeHours": 0}));
    assert_eq!(judged(&drift("UNKNOWN"), json!({})), ("COMPLIANT", vec!["DRIFT_UNKNOWN"]));
    assert!(error(&drift("NEW")).contains("not NEW"));
    fails(&stack(json!({"notificationARNs": []})), json!({}), "STACK_NOTIFICATION_MISSING");
    let open = stack(json!({"enableTerminationProtection": "false"}));
    passes(&open, json!({}));
    let required = json!({"requireTerminationProtection": true});
    fails(&open, required.clone(), "STACK_TERMINATION_UNPROTECTED");
    // Only production stacks need a topic and protection.
    let mut test = stack(json!({"notificationARNs": [], "enableTerminationProtection": "false"}));
    test["tags"] = json!({"Environment": "test"});
    passes(&test, required);
    fails(&test, json!({"productionTag": ""}), "STACK_NOTIFICATION_MISSING");
}

#[test]
fn stacks_that_are_nested_or_being_changed_are_left_out() {
    let nested =
        stack(json!({"parentId": "arn:aws:cloudformation:x", "stackStatus": "CREATE_FAILED",
        "enableTerminationProtection": null, "driftInformation": null, "notificationARNs": null}));
    is_left_out(&nested, json!({}), "NESTED_STACK");
    for status in [
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "DELETE_FAILED",
        "REVIEW_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    ] {
        is_left_out(&stack(json!({"stackStatus": status})), json!({}), "STACK_IN_TRANSITION");
    }
    let instance =
        stack(json!({"stackName": "StackSet-baseline-1", "stackStatus": "CREATE_FAILED"}));
    is_left_out(&instance, json!({"skipStackSetInstances": true}), "STACK_SET_INSTANCE");
    fails(&instance, json!({}), "STACK_FAILED");
}

#[test]
fn a_stack_must_tell_what_it_is_judged_by() {
    for (field, path) in [
        ("stackStatus", "configuration.stackStatus"),
        ("driftInformation", "configuration.driftInformation"),
        ("notificationARNs", "configuration.notificationARNs"),
        ("enableTerminationProtection", "configuration.enableTerminationProtection"),
    ] {
        let error = error(&stack(json!({field: null})));
        assert!(error.contains(&format!("{path} is missing")), "{error}");
    }
}

#[test]
fn cloudformation_is_asked_for_the_last_check() {
    assert!(asks(&stack(json!({})), json!({})));
    assert!(!asks(&stack(json!({})), json!({"maxDriftCheckAgeHours": 0})));
    assert!(!asks(&stack(json!({"stackStatus": "DELETE_IN_PROGRESS"})), json!({})));
    let now: jiff::Timestamp = NOW.parse().unwrap();
    let of = |status: cfn::StackDriftStatus, hours: Option<i64>| {
        let checked = hours.map(|hours| DateTime::from_secs(now.as_second() - hours * 3600));
        let drift = cfn::StackDriftInformation::builder()
            .stack_drift_status(status)
            .set_last_check_timestamp(checked)
            .build();
        let stack = cfn::Stack::builder()
            .stack_name("core")
            .stack_status(cfn::StackStatus::CreateComplete)
            .drift_information(drift)
            .tags(cfn::Tag::builder().key("Environment").value("production").build())
            .notification_arns("arn:aws:sns:ap-northeast-1:111122223333:changes")
            .build();
        with_run(&json!({}), false, |run| Stack::of_sdk(&stack, run)?.verdict(run))
    };
    let in_sync = cfn::StackDriftStatus::InSync;
    assert_eq!(codes(&of(in_sync.clone(), Some(168)).unwrap()), ("COMPLIANT", vec![]));
    let late = ("NON_COMPLIANT", vec!["STACK_DRIFTED"]);
    assert_eq!(codes(&of(in_sync.clone(), Some(169)).unwrap()), late);
    assert_eq!(codes(&of(cfn::StackDriftStatus::NotChecked, None).unwrap()), late);
    assert_eq!(codes(&of(cfn::StackDriftStatus::Drifted, Some(1)).unwrap()), late);
    // A check without a time is no check of now.
    let error = of(in_sync, None).unwrap_err().to_string();
    assert!(error.contains("cloudformation:DescribeStacks"), "{error}");
}

fn action(name: &str, category: &str, provider: &str, order: i64) -> Value {
    json!({"name": name, "runOrder": order, "configuration": {},
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"}})
}

fn pipeline_of(stages: &[Vec<Value>]) -> Value {
    let stages: Vec<Value> =
        stages.iter().map(|actions| json!({"name": "Stage", "actions": actions})).collect();
    let configuration = json!({
        "pipeline": {"name": "release", "stages": stages, "version": 2},
        "metadata": {"pipelineArn": "arn:aws:codepipeline:ap-northeast-1:111122223333:release"},
    });
    let tags = json!({"Environment": "production"});
    item(ResourceType::CODEPIPELINE_PIPELINE, configuration, tags)
}

#[test]
fn pipelines_begin_in_a_versioned_source() {
    for (sources, good) in [
        (vec!["CodeStarSourceConnection"], true),
        (vec!["CodeCommit"], true),
        (vec!["S3", "GitHub"], true),
        (vec!["S3"], false),
        (vec!["ECR"], false),
        (vec![], false),
    ] {
        let first: Vec<Value> =
            sources.iter().map(|source| action("Source", "Source", source, 1)).collect();
        // A source in a later stage, or another action in the first one, is none.
        let build = action("Build", "Build", "CodeCommit", 1);
        let pipeline = pipeline_of(&[first, vec![build]]);
        if good {
            passes(&pipeline, json!({}));
        } else {
            fails(&pipeline, json!({}), "PIPELINE_SOURCE_UNVERSIONED");
        }
    }
    let own = pipeline_of(&[vec![action("Source", "Source", "GitLabSelfManaged", 1)]]);
    passes(&own, json!({"versionedSources": "GitLabSelfManaged"}));
}

#[test]
fn somebody_approves_before_production() {
    let source = || vec![action("Source", "Source", "CodeCommit", 1)];
    let approval = |order| action("Approve", "Approval", "Manual", order);
    let deploy = |order| action("Deploy", "Deploy", "CodeDeploy", order);
    for (stages, good) in [
        (vec![source(), vec![approval(1)], vec![deploy(1)]], true),
        (vec![source(), vec![approval(1), deploy(2)]], true),
        // The order of the list does not count, the number does.
        (vec![source(), vec![deploy(2), approval(1)]], true),
        (vec![source(), vec![deploy(1)]], false),
        (vec![source(), vec![deploy(1)], vec![approval(1)]], false),
        (vec![source(), vec![deploy(1), approval(2)]], false),
        // Side by side, nobody waits.
        (vec![source(), vec![deploy(1), approval(1)]], false),
        (vec![source(), vec![deploy(1)], vec![approval(1)], vec![deploy(1)]], false),
        (vec![source(), vec![action("Build", "Build", "CodeBuild", 1)]], true),
    ] {
        let pipeline = pipeline_of(&stages);
        if good {
            passes(&pipeline, json!({}));
        } else {
            fails(&pipeline, json!({}), "PIPELINE_WITHOUT_APPROVAL");
        }
    }
    let mut test = pipeline_of(&[source(), vec![deploy(1)]]);
    test["tags"] = json!({});
    passes(&test, json!({}));
    fails(&test, json!({"productionTag": ""}), "PIPELINE_WITHOUT_APPROVAL");
    let bare = item(ResourceType::CODEPIPELINE_PIPELINE, json!({"metadata": {}}), json!({}));
    assert!(error(&bare).contains("configuration.pipeline is missing"));
}

#[test]
fn a_failed_deployment_rolls_back() {
    let group = |rollback: Value| {
        item(
            ResourceType::CODEDEPLOY_DEPLOYMENT_GROUP,
            json!({"deploymentGroupName": "web", "computePlatform": "Server",
                   "autoRollbackConfiguration": rollback}),
            json!({}),
        )
    };
    passes(&group(json!({"enabled": true, "events": ["DEPLOYMENT_FAILURE"]})), json!({}));
    for rollback in [
        json!(null),
        json!({"enabled": false, "events": ["DEPLOYMENT_FAILURE"]}),
        json!({"enabled": true, "events": ["DEPLOYMENT_STOP_ON_ALARM"]}),
        json!({"enabled": true, "events": []}),
    ] {
        fails(&group(rollback), json!({}), "DEPLOY_ROLLBACK_OFF");
    }
    assert!(error(&group(json!({"events": []}))).contains("enabled is missing"));
}

#[test]
fn appconfig_watches_and_validates() {
    let environment = |monitors: Value| {
        let configuration = json!({"ApplicationId": "a", "Id": "e", "Name": "prod",
            "Monitors": monitors});
        item(ResourceType::APPCONFIG_ENVIRONMENT, configuration, json!({}))
    };
    let arn = "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:errors";
    let watched = environment(json!([{"AlarmArn": arn, "AlarmRoleArn": "arn:r"}]));
    passes(&watched, json!({}));
    // Whether the alarm exists, CloudWatch tells.
    assert!(asks(&watched, json!({})));
    for none in [json!(null), json!([])] {
        fails(&environment(none), json!({}), "APPCONFIG_UNGUARDED");
    }
    let profile = |kind: Value, validators: Value| {
        let configuration = json!({"ApplicationId": "a", "Id": "p", "Name": "limits",
            "LocationUri": "hosted", "Type": kind, "Validators": validators});
        item(ResourceType::APPCONFIG_CONFIGURATION_PROFILE, configuration, json!({}))
    };
    passes(&profile(json!("AWS.Freeform"), json!([{"Type": "LAMBDA"}])), json!({}));
    fails(&profile(json!("AWS.Freeform"), json!([])), json!({}), "APPCONFIG_UNGUARDED");
    fails(&profile(json!(null), json!(null)), json!({}), "APPCONFIG_UNGUARDED");
    let flags = profile(json!("AWS.AppConfig.FeatureFlags"), json!([]));
    is_left_out(&flags, json!({}), "FEATURE_FLAGS");
    let strategy = |id: &str, growth: f64, minutes: i64, bake: Value| {
        let configuration = json!({"Id": id, "Name": "slow", "GrowthFactor": growth,
            "DeploymentDurationInMinutes": minutes, "FinalBakeTimeInMinutes": bake});
        item(ResourceType::APPCONFIG_DEPLOYMENT_STRATEGY, configuration, json!({}))
    };
    passes(&strategy("abc1234", 20.0, 30, json!(10)), json!({}));
    fails(&strategy("abc1234", 20.0, 30, json!(9)), json!({}), "APPCONFIG_UNGUARDED");
    fails(&strategy("abc1234", 20.0, 30, json!(null)), json!({}), "APPCONFIG_UNGUARDED");
    fails(&strategy("abc1234", 100.0, 30, json!(10)), json!({}), "APPCONFIG_UNGUARDED");
    fails(&strategy("abc1234", 20.0, 0, json!(10)), json!({}), "APPCONFIG_UNGUARDED");
    let predefined = strategy("AppConfig.AllAtOnce", 100.0, 0, json!(10));
    is_left_out(&predefined, json!({}), "PREDEFINED_STRATEGY");
}

#[test]
fn tags_tell_what_code_manages() {
    for kind in requirements::NOT_MANAGED_BY_IAC.resources {
        let with = |tags: Value| item(*kind, json!({}), tags);
        passes(&with(json!({"aws:cloudformation:stack-name": "core"})), json!({}));
        passes(&with(json!({"fisc:iac": "terraform"})), json!({}));
        fails(&with(json!({"Name": "a"})), json!({}), "NOT_MANAGED_BY_IAC");
        passes(&with(json!({"tool": "cdk"})), json!({"iacTagKeys": "tool"}));
        for key in ["aws:autoscaling:groupName", "eks:nodegroup-name", "kubernetes.io/cluster/core"]
        {
            is_left_out(&with(json!({key: "x"})), json!({}), "MADE_BY_SERVICE");
        }
        // Code that manages a member proves it all the same.
        passes(&with(json!({"fisc:iac": "x", "eks:cluster-name": "x"})), json!({}));
        let mut unknown = with(json!({}));
        unknown.as_object_mut().unwrap().remove("tags");
        assert!(error(&unknown).contains("tags"), "{kind:?}");
    }
    let mut templates = item(ResourceType::S3_BUCKET, json!({}), json!({}));
    templates["resourceName"] = json!("cf-templates-1a2b3c-ap-northeast-1");
    is_left_out(&templates, json!({}), "MADE_BY_SERVICE");
    let mut replica = item(ResourceType::LAMBDA_FUNCTION, json!({}), json!({}));
    replica["resourceName"] = json!("us-east-1.auth-at-edge");
    is_left_out(&replica, json!({}), "MADE_BY_SERVICE");
    // The name of another type says nothing.
    replica["resourceType"] = json!("AWS::DynamoDB::Table");
    fails(&replica, json!({}), "NOT_MANAGED_BY_IAC");
}

#[test]
fn only_calendars_that_must_be_shared_are_asked_for() {
    let document = |kind: &str| {
        let configuration = json!({"Name": "freeze", "DocumentType": kind});
        item(ResourceType::SSM_DOCUMENT, configuration, json!({}))
    };
    is_left_out(&document("Automation"), json!({}), "NOT_A_CALENDAR");
    passes(&document("ChangeCalendar"), json!({}));
    let shared = json!({"calendarRequiredAccounts": "444455556666"});
    assert!(asks(&document("ChangeCalendar"), shared));
    let bare = item(ResourceType::SSM_DOCUMENT, json!({"Name": "x"}), json!({}));
    assert!(error(&bare).contains("configuration.DocumentType is missing"));
}

fn window(last: Option<(i64, bool)>, next: Option<i64>) -> Window {
    let now: jiff::Timestamp = NOW.parse().unwrap();
    let days = |days: i64| now + jiff::SignedDuration::from_hours(days * 24);
    Window {
        name: "patching".to_owned(),
        last: last.map(|(ago, failed)| (days(-ago), failed)),
        next: next.map(days),
    }
}

fn account(facts: &Facts, parameters: &Value) -> (&'static str, Vec<&'static str>) {
    codes(&with_run(parameters, false, |run| decide(facts, run)))
}

fn well() -> Facts {
    Facts {
        calendars: Calendars::Readable,
        ungated: vec![],
        windows: vec![window(Some((7, false)), Some(7))],
    }
}

#[test]
fn the_account_has_calendars_that_gate_automation() {
    assert_eq!(account(&well(), &json!({})), ("COMPLIANT", vec![]));
    for calendars in [Calendars::None, Calendars::Unreadable(vec!["freeze".to_owned()])] {
        let facts = Facts { calendars, ..well() };
        let expected = ("NON_COMPLIANT", vec!["CHANGE_CALENDAR_MISSING"]);
        assert_eq!(account(&facts, &json!({})), expected);
    }
    let facts = Facts { ungated: vec!["restart".to_owned()], ..well() };
    assert_eq!(account(&facts, &json!({})), ("NON_COMPLIANT", vec!["AUTOMATION_NOT_GATED"]));
}

#[test]
fn maintenance_windows_run_and_succeed() {
    for (windows, good) in [
        (vec![], false),
        (vec![window(Some((35, false)), Some(1))], true),
        (vec![window(Some((36, false)), Some(1))], false),
        (vec![window(Some((1, true)), Some(1))], false),
        // Another window's failure is not hidden by a good one, but a rare one is no failure.
        (vec![window(Some((1, false)), None), window(Some((1, true)), None)], false),
        (vec![window(Some((1, false)), None), window(None, Some(300))], true),
        // New, or its runs are forgotten.
        (vec![window(None, Some(20))], true),
        (vec![window(None, Some(36))], false),
        (vec![window(None, None)], false),
    ] {
        let facts = Facts { windows, ..well() };
        let expected = if good {
            ("COMPLIANT", vec![])
        } else {
            ("NON_COMPLIANT", vec!["MAINTENANCE_WINDOW_MISSING"])
        };
        assert_eq!(account(&facts, &json!({})), expected, "{facts:?}");
    }
    let rare = Facts { windows: vec![window(Some((36, false)), None)], ..well() };
    assert_eq!(account(&rare, &json!({"maxDaysSinceWindowRun": 100})).0, "COMPLIANT");
}
