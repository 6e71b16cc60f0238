//! End-to-end: `instance-recovery`, from the event to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_resilience::instance_recovery::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use serde_json::{Value, json};

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("FISC_LANGUAGE", "en"), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_resilience"), aws, &env)
}

fn sweep(aws: &FakeAws, parameters: &Value) -> Result<Value, FunctionError> {
    let rule = aws.config().rule(CONTROL.id);
    start(aws).invoke(events::scheduled(&rule, parameters))
}

/// The compliance, and the codes in the annotation.
#[track_caller]
fn held(aws: &FakeAws, id: &str) -> String {
    let result = aws.config().result(CONTROL.id, id).expect(id);
    let annotation = result.annotation.unwrap_or_default();
    let code =
        |word: &&str| word.len() > 4 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let words = annotation.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let codes: Vec<&str> = words.filter(code).collect();
    format!("{} {}", result.compliance, codes.join(" ")).trim().to_owned()
}

#[track_caller]
fn assert_held(aws: &FakeAws, expected: &[(&str, &str)]) {
    for (id, expected) in expected {
        assert_eq!(held(aws, id), *expected, "{id}");
    }
}

fn topic() -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:ops")
}

fn action(what: &str) -> String {
    format!("arn:aws:automate:{REGION}:ec2:{what}")
}

fn alarm(name: &str, check: &str, instance: &str, action: &str) -> Value {
    json!({
        "AlarmName": name, "AlarmArn": format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"),
        "Namespace": "AWS/EC2", "MetricName": check,
        "Dimensions": [{"Name": "InstanceId", "Value": instance}],
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0,
        "ActionsEnabled": true, "AlarmActions": [action],
    })
}

fn with(mut value: Value, members: Value) -> Value {
    for (name, member) in members.as_object().unwrap() {
        value[name] = member.clone();
    }
    value
}

fn instance(kind: &str, recovery: &str) -> Value {
    let mut configuration = json!({
        "instanceType": kind, "state": {"code": 16, "name": "running"},
        "placement": {"tenancy": "default"}, "launchTime": "2026-01-01T00:00:00.000Z",
    });
    if !recovery.is_empty() {
        configuration["maintenanceOptions"] = json!({"autoRecovery": recovery});
    }
    configuration
}

fn item(id: &str, configuration: Value, tags: Value) -> Value {
    let mut item = events::item("AWS::EC2::Instance", id, configuration);
    item["tags"] = tags;
    item
}

fn set(aws: &FakeAws, alarms: &[Value], rules: &[(&str, Value, &str)]) {
    aws.stub("cloudwatch").returns("DescribeAlarms", json!({"MetricAlarms": alarms}));
    aws.stub("cloudwatch").page_size(2);
    let events = aws.stub("events");
    let list = rules.iter().map(|(name, pattern, _)| {
        json!({"Name": name, "State": "ENABLED", "EventBusName": "default", "EventPattern": pattern.to_string()})
    });
    events.returns("ListRules", json!({"Rules": list.collect::<Vec<_>>()}));
    for (name, _, target) in rules {
        events.when(
            "ListTargetsByRule",
            json!({"Rule": name}),
            json!({"Targets": [{"Id": "1", "Arn": target}]}),
        );
    }
    aws.stub("sns").returns(
        "ListSubscriptionsByTopic",
        json!({"Subscriptions": [{"SubscriptionArn": format!("{}:5f1c", topic()), "Protocol": "email", "TopicArn": topic()}]}),
    );
    let lambda = aws.stub("lambda");
    lambda.fails("GetFunctionConfiguration", "ResourceNotFoundException", 404);
    lambda.when(
        "GetFunctionConfiguration",
        json!({"FunctionName": function("heal")}),
        json!({"FunctionName": "heal"}),
    );
    let kind = |name: &str, metal: bool, store: bool, recovery: bool| json!({"InstanceType": name, "BareMetal": metal, "InstanceStorageSupported": store, "AutoRecoverySupported": recovery});
    let ec2 = aws.stub("ec2");
    ec2.returns(
        "DescribeInstanceTypes",
        json!({"InstanceTypes": [
            kind("m7g.large", false, false, true), kind("m7g.metal", true, false, true),
            kind("i4i.large", false, true, true), kind("t1.micro", false, false, false),
        ]}),
    );
}

fn function(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

#[test]
fn instances_are_recovered_or_replaced_and_watched() {
    let aws = aws_for(&CONTROL);
    let any = "StatusCheckFailed";
    let (system, own) = ("StatusCheckFailed_System", "StatusCheckFailed_Instance");
    let ops = topic();
    let on_state = |id: &str| {
        json!({"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"],
                                     "detail": {"instance-id": [id]}})
    };
    let alarms = [
        alarm("good", any, "i-good", &ops),
        alarm("two-1", system, "i-two", &ops),
        alarm("two-2", own, "i-two", &ops),
        alarm("half", system, "i-half", &ops),
        alarm("recover", system, "i-recover", &action("recover")),
        alarm("own", own, "i-recover", &ops),
        // CloudWatch recovers only for the system's check.
        alarm("wrong", own, "i-wrong", &action("recover")),
        with(alarm("off", any, "i-off", &ops), json!({"ActionsEnabled": false})),
        // It is raised while all is well.
        with(alarm("low", any, "i-low", &ops), json!({"ComparisonOperator": "LessThanThreshold"})),
        alarm(
            "reboot",
            any,
            "i-reboot",
            &format!("arn:aws:swf:{REGION}:{ACCOUNT}:action/actions/AWS_EC2.InstanceId.Reboot/1.0"),
        ),
        alarm("heal", any, "i-heal", &function("heal")),
        alarm("gone", any, "i-gone", &function("gone")),
    ];
    let rules = [
        ("state", on_state("i-rule"), function("heal")),
        ("told", on_state("i-told"), ops.clone()),
        (
            "runbook",
            json!({"source": ["aws.cloudwatch"], "detail": {"alarmName": ["good-metal"]}}),
            format!("arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/restart:1"),
        ),
    ];
    let rules: Vec<(&str, Value, &str)> = rules
        .iter()
        .map(|(name, pattern, target)| (*name, pattern.clone(), target.as_str()))
        .collect();
    let mut all = alarms.to_vec();
    all.push(alarm("good-metal", any, "i-runbook", &ops));
    set(&aws, &all, &rules);
    let record = |id: &str, configuration: Value, tags: Value| {
        aws.config().record(&item(id, configuration, tags));
    };
    let on = || instance("m7g.large", "default");
    let off = || instance("m7g.large", "disabled");
    let group = json!({"aws:autoscaling:groupName": "web"});
    record("i-good", on(), json!({}));
    record("i-two", on(), json!({}));
    record("i-half", on(), json!({}));
    record("i-none", on(), json!({}));
    record("i-off", off(), json!({}));
    record("i-low", on(), json!({}));
    record("i-recover", off(), json!({}));
    record("i-wrong", off(), json!({}));
    record("i-reboot", off(), json!({}));
    record("i-heal", off(), json!({}));
    record("i-gone", off(), json!({}));
    record("i-rule", off(), json!({}));
    record("i-told", off(), json!({}));
    // The setting shows default where it does nothing.
    record("i-metal", instance("m7g.metal", "default"), json!({}));
    record("i-store", instance("i4i.large", "default"), json!({}));
    record("i-old", instance("t1.micro", "disabled"), json!({}));
    record("i-runbook", instance("m7g.metal", "default"), json!({}));
    record("i-member", off(), group);
    record("i-spot", with(off(), json!({"instanceLifecycle": "spot"})), json!({}));
    record("i-stopped", with(off(), json!({"state": {"name": "stopped"}})), json!({}));
    record("i-host", with(off(), json!({"placement": {"tenancy": "host"}})), json!({}));
    sweep(&aws, &json!({})).unwrap();
    let healing = "NON_COMPLIANT NO_SELF_HEALING STATUS_CHECK_ALARM_MISSING";
    assert_held(
        &aws,
        &[
            ("i-good", "COMPLIANT"),
            ("i-two", "COMPLIANT"),
            ("i-half", "NON_COMPLIANT STATUS_CHECK_ALARM_MISSING"),
            ("i-none", "NON_COMPLIANT STATUS_CHECK_ALARM_MISSING"),
            (
                "i-off",
                "NON_COMPLIANT AUTO_RECOVERY_DISABLED NO_SELF_HEALING STATUS_CHECK_ALARM_MISSING",
            ),
            ("i-low", "NON_COMPLIANT STATUS_CHECK_ALARM_MISSING"),
            ("i-recover", "COMPLIANT"),
            (
                "i-wrong",
                "NON_COMPLIANT AUTO_RECOVERY_DISABLED NO_SELF_HEALING STATUS_CHECK_ALARM_MISSING",
            ),
            ("i-reboot", "NON_COMPLIANT AUTO_RECOVERY_DISABLED"),
            ("i-heal", "NON_COMPLIANT AUTO_RECOVERY_DISABLED"),
            (
                "i-gone",
                "NON_COMPLIANT AUTO_RECOVERY_DISABLED NO_SELF_HEALING STATUS_CHECK_ALARM_MISSING",
            ),
            ("i-rule", "NON_COMPLIANT AUTO_RECOVERY_DISABLED STATUS_CHECK_ALARM_MISSING"),
            (
                "i-told",
                "NON_COMPLIANT AUTO_RECOVERY_DISABLED NO_SELF_HEALING STATUS_CHECK_ALARM_MISSING",
            ),
            ("i-metal", healing),
            ("i-store", healing),
            ("i-old", healing),
            ("i-runbook", "COMPLIANT TYPE_WITHOUT_RECOVERY"),
            ("i-member", "COMPLIANT GROUP_MEMBER"),
            ("i-spot", "NOT_APPLICABLE SPOT_INSTANCE"),
            ("i-stopped", "NOT_APPLICABLE NOT_RUNNING"),
            ("i-host", "NON_COMPLIANT STATUS_CHECK_ALARM_MISSING"),
        ],
    );

    let parameters =
        json!({"requireStatusAlarm": "false", "requireAsg": "true", "standaloneTagKey": "alone"});
    record("i-none", on(), json!({"alone": "approved"}));
    sweep(&aws, &parameters).unwrap();
    assert_held(
        &aws,
        &[
            ("i-none", "COMPLIANT"),
            ("i-half", "NON_COMPLIANT NOT_IN_AUTO_SCALING_GROUP"),
            ("i-member", "COMPLIANT GROUP_MEMBER"),
            ("i-host", "NON_COMPLIANT NOT_IN_AUTO_SCALING_GROUP"),
        ],
    );
}

#[test]
fn changes_are_judged_and_every_action_is_needed() {
    let aws = aws_for(&CONTROL);
    let query = json!([{"Id": "q", "Expression": "SELECT MAX(StatusCheckFailed) FROM SCHEMA(\"AWS/EC2\", InstanceId) WHERE tag.\"env\" = 'prod'"}]);
    let mut fleet = alarm("fleet", "x", "x", &topic());
    for member in ["Namespace", "MetricName", "Dimensions"] {
        fleet.as_object_mut().unwrap().remove(member);
    }
    fleet["Metrics"] = query;
    let rule_pattern = json!({"source": ["aws.ec2"], "detail": {"state": ["stopped"]}});
    let heal = function("heal");
    set(
        &aws,
        &[fleet.clone(), alarm("a", "StatusCheckFailed", "i-1", &topic())],
        &[("state", rule_pattern.clone(), &heal)],
    );
    let rule = aws.config().rule(CONTROL.id);
    let mut lambda = start(&aws);
    // Items of before the setting lack it.
    let old = item("i-1", instance("m7g.large", ""), json!({}));
    aws.config().record(&old);
    let answer = |recovery: &str| {
        json!({"Reservations": [{"Instances": [
        {"InstanceId": "i-1", "MaintenanceOptions": {"AutoRecovery": recovery}}]}]})
    };
    for (recovery, expected) in
        [("default", "COMPLIANT"), ("disabled", "NON_COMPLIANT AUTO_RECOVERY_DISABLED")]
    {
        aws.stub("ec2").returns("DescribeInstances", answer(recovery));
        lambda.invoke(events::change(&rule, &old, &json!({}))).unwrap();
        assert_held(&aws, &[("i-1", expected)]);
    }
    aws.stub("ec2").returns("DescribeInstances", json!({"Reservations": []}));
    lambda.invoke(events::change(&rule, &old, &json!({}))).unwrap();
    assert_held(&aws, &[("i-1", "NOT_APPLICABLE RESOURCE_GONE")]);
    // Whom the query of the fleet takes in, is not read.
    let new = item("i-2", instance("m7g.large", "default"), json!({}));
    lambda
        .invoke(events::oversized(
            &rule,
            &{
                aws.config().record(&new);
                new.clone()
            },
            &json!({}),
        ))
        .unwrap();
    assert_held(&aws, &[("i-2", "COMPLIANT QUERY_NOT_READ")]);
    fleet["Metrics"][0]["Expression"] =
        json!("SELECT MAX(StatusCheckFailed) FROM SCHEMA(\"AWS/EC2\", InstanceId)");
    set(&aws, &[fleet], &[("state", rule_pattern.clone(), &heal)]);
    lambda.invoke(events::change(&rule, &new, &json!({}))).unwrap();
    assert_held(&aws, &[("i-2", "COMPLIANT")]);
    aws.stub("ec2").returns("DescribeInstances", answer("default"));
    sweep(&aws, &json!({})).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));

    // Nothing is guessed: a missing field, an unreadable rule, a denied call.
    let results = aws.config().results(CONTROL.id).len();
    let mut without_type = instance("", "default");
    without_type.as_object_mut().unwrap().remove("instanceType");
    let error = lambda
        .invoke(events::change(&rule, &item("i-3", without_type, json!({})), &json!({})))
        .unwrap_err();
    assert!(error.message.contains("configuration.instanceType"), "{error:?}");
    set(&aws, &[], &[("odd", json!({"source": [{"sounds-like": "aws.ec2"}]}), &heal)]);
    let lost = item("i-4", instance("m7g.metal", "default"), json!({}));
    let error = lambda.invoke(events::change(&rule, &lost, &json!({}))).unwrap_err();
    assert!(error.message.contains("cannot be decided"), "{error:?}");
    aws.stub("cloudwatch").fails("DescribeAlarms", "AccessDenied", 403);
    let error = sweep(&aws, &json!({})).unwrap_err();
    assert!(error.message.contains("cloudwatch:DescribeAlarms"), "{error:?}");
    assert_eq!(aws.config().results(CONTROL.id).len(), results);
}
