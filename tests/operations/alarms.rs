//! End-to-end: `monitoring-alarms` and `service-quotas`, from the schedule to the evaluation.

use std::collections::BTreeSet;

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_operations::monitoring_alarms::CONTROL as ALARMS;
use fisc_operations::service_quotas::CONTROL as QUOTAS;
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use serde_json::{Value, json};

/// So long ago.
fn ago(minutes: i64) -> String {
    jiff::Timestamp::now()
        .saturating_sub(jiff::SignedDuration::from_mins(minutes))
        .unwrap()
        .to_string()
}

fn start(control: &Control, aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("FISC_LANGUAGE", "en"), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_operations"), aws, &env)
}

fn sweep(control: &Control, aws: &FakeAws, parameters: &Value) -> Result<Value, FunctionError> {
    let rule = aws.config().rule(control.id);
    start(control, aws).invoke(events::scheduled(&rule, parameters))
}

#[track_caller]
fn held(control: &Control, aws: &FakeAws, id: &str) -> String {
    let result = aws.config().result(control.id, id).expect(id);
    format!("{} {}", result.compliance, result.annotation.unwrap_or_default()).trim().to_owned()
}

#[track_caller]
fn assert_held(control: &Control, aws: &FakeAws, expected: &[(&str, &str)]) {
    for (id, start) in expected {
        let held = held(control, aws, id);
        let same = if start.contains(' ') { held.starts_with(start) } else { held == *start };
        assert!(same, "{id}: {held}\nexpected {start}");
    }
}

fn topic(name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}")
}

fn alarm_arn(name: &str) -> String {
    format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}")
}

/// An alarm on one metric; dimensions as `name=value`.
fn alarm(name: &str, metric: &str, dimensions: &[&str], action: &str) -> Value {
    let (namespace, metric) = metric.split_once(' ').unwrap();
    let dimensions = dimensions.iter().map(|one| {
        let (name, value) = one.split_once('=').unwrap();
        json!({"Name": name, "Value": value})
    });
    json!({
        "AlarmName": name, "AlarmArn": alarm_arn(name), "Namespace": namespace,
        "MetricName": metric, "Dimensions": dimensions.collect::<Vec<_>>(),
        "ComparisonOperator": "GreaterThanThreshold", "Threshold": 80.0, "StateValue": "OK",
        "ActionsEnabled": true, "AlarmActions": [action],
    })
}

fn with(mut alarm: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        alarm[name] = value.clone();
    }
    alarm
}

/// What everybody who asks about alarms needs.
fn set(aws: &FakeAws, alarms: &[Value], composites: &[Value]) {
    aws.stub("cloudwatch")
        .returns("DescribeAlarms", json!({"MetricAlarms": alarms, "CompositeAlarms": composites}));
    let events = aws.stub("events");
    events.returns(
        "ListRules",
        json!({"Rules": [{"Name": "ops", "State": "ENABLED", "EventBusName": "default",
            "EventPattern": json!({"source": ["aws.cloudwatch"], "resources": [alarm_arn("by-rule")]}).to_string()}]}),
    );
    let function = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:ops");
    events.returns("ListTargetsByRule", json!({"Targets": [{"Id": "1", "Arn": function}]}));
    aws.stub("lambda").returns("GetFunctionConfiguration", json!({"FunctionName": "ops"}));
    let sns = aws.stub("sns");
    sns.fails("ListSubscriptionsByTopic", "NotFound", 404);
    for (name, protocol, arn) in [
        ("ops", "email", format!("{}:5f1c", topic("ops"))),
        ("stream", "firehose", format!("{}:5f1c", topic("stream"))),
        ("pending", "email", "PendingConfirmation".to_owned()),
    ] {
        sns.when(
            "ListSubscriptionsByTopic",
            json!({"TopicArn": topic(name)}),
            json!({"Subscriptions": [{"SubscriptionArn": arn, "Protocol": protocol, "TopicArn": topic(name)}]}),
        );
    }
}

/// Nothing else to judge.
fn quiet(aws: &FakeAws) {
    aws.stub("cloudwatch").empty("ListMetrics");
    aws.stub("synthetics").empty("DescribeCanaries");
}

fn record(
    aws: &FakeAws,
    kind: &str,
    id: &str,
    configuration: Value,
    tags: &[(&str, &str)],
) -> Value {
    let mut item = events::item(kind, id, configuration);
    item["tags"] = tags.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    aws.config().record(&item);
    item
}

const CRITICAL: (&str, &str) = ("fisc:tier", "critical");

fn instance(launched: &str, monitoring: &str) -> Value {
    json!({"state": {"name": "running"}, "launchTime": launched, "monitoring": {"state": monitoring},
           "privateDnsName": "ip-10-0-0-5.ap-northeast-1.compute.internal"})
}

fn recorded_alarm(aws: &FakeAws, name: &str, actions: &[&str], enabled: bool) -> Value {
    let mut item = events::item(
        "AWS::CloudWatch::Alarm",
        name,
        json!({"alarmName": name, "alarmArn": alarm_arn(name), "actionsEnabled": enabled,
               "alarmActions": actions}),
    );
    item["ARN"] = json!(alarm_arn(name));
    aws.config().record(&item);
    item
}

#[test]
fn alarms_are_followed_to_their_end() {
    let aws = aws_for(&ALARMS);
    let cpu = "AWS/EC2 CPUUtilization";
    let ops = topic("ops");
    let recover = format!("arn:aws:automate:{REGION}:ec2:recover");
    let scale = format!(
        "arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:1:autoScalingGroupName/g:policyName/p"
    );
    let one = |name: &str, action: &str| alarm(name, cpu, &["InstanceId=i-1"], action);
    let quiet_since = |hours: i64| json!({"StateValue": "INSUFFICIENT_DATA", "StateTransitionedTimestamp": ago(hours * 60)});
    let alarms = [
        one("good", &ops),
        with(one("off", &ops), json!({"ActionsEnabled": false})),
        with(one("empty", &ops), json!({"AlarmActions": []})),
        with(one("by-rule", &ops), json!({"AlarmActions": []})),
        with(one("part", &ops), json!({"AlarmActions": []})),
        one("gone", &topic("gone")),
        one("pending", &topic("pending")),
        one("stream", &topic("stream")),
        with(one("either", &topic("gone")), json!({"AlarmActions": [topic("gone"), ops]})),
        one("central", &format!("arn:aws:sns:{REGION}:999988887777:ops")),
        one("recover", &recover),
        one(
            "swf",
            &format!("arn:aws:swf:{REGION}:{ACCOUNT}:action/actions/AWS_EC2.InstanceId.Reboot/1.0"),
        ),
        with(one("silent", &ops), quiet_since(72)),
        with(one("lately", &ops), quiet_since(6)),
        with(
            with(one("not-breaching", &ops), quiet_since(72)),
            json!({"TreatMissingData": "notBreaching"}),
        ),
    ];
    let composites = [json!({
        "AlarmName": "both", "AlarmArn": alarm_arn("both"), "ActionsEnabled": true,
        "AlarmRule": "ALARM(\"part\") AND ALARM(\"good\")", "AlarmActions": [ops],
    })];
    set(&aws, &alarms, &composites);
    quiet(&aws);
    aws.stub("cloudwatch").page_size(3);
    for one in &alarms {
        let name = one["AlarmName"].as_str().unwrap();
        recorded_alarm(&aws, name, &[&ops], name != "off");
    }
    let tracking = "TargetTracking-service/core/api-AlarmHigh";
    let scaling = [
        recorded_alarm(&aws, tracking, &[&ops], true),
        recorded_alarm(&aws, "step", &[&scale], true),
    ];
    recorded_alarm(&aws, "deleted", &[&ops], true);
    sweep(&ALARMS, &aws, &json!({})).unwrap();
    let expected = [
        ("good", "COMPLIANT"),
        ("off", "NON_COMPLIANT ALARM_WITHOUT_ACTION: actions of alarm off are off"),
        ("empty", "NON_COMPLIANT ALARM_WITHOUT_ACTION: alarm empty has no action"),
        ("by-rule", "COMPLIANT"),
        ("part", "NOT_APPLICABLE FEEDS_COMPOSITE"),
        ("gone", "NON_COMPLIANT ALARM_REACHES_NOBODY: alarm gone: SNS topic gone does not exist"),
        (
            "pending",
            "NON_COMPLIANT ALARM_REACHES_NOBODY: alarm pending: SNS topic pending has no confirmed",
        ),
        ("stream", "NON_COMPLIANT ALARM_REACHES_NOBODY"),
        ("either", "COMPLIANT"),
        ("central", "COMPLIANT ALERTED_CENTRALLY"),
        ("recover", "COMPLIANT ACTS_ONLY"),
        ("swf", "COMPLIANT ACTS_ONLY"),
        ("silent", "NON_COMPLIANT ALARM_INSUFFICIENT_DATA: no data for 72 hours"),
        ("lately", "COMPLIANT"),
        ("not-breaching", "COMPLIANT"),
        ("deleted", "NOT_APPLICABLE ALARM_NOT_LISTED"),
    ];
    assert_held(&ALARMS, &aws, &expected);
    assert_held(&ALARMS, &aws, &[(ACCOUNT, "NOT_APPLICABLE NOTHING_PUBLIC")]);
    let rule = aws.config().rule(ALARMS.id);
    let mut lambda = start(&ALARMS, &aws);
    for item in scaling {
        let name = item["resourceId"].as_str().unwrap();
        assert!(aws.config().result(ALARMS.id, name).is_none(), "there may be thousands of them");
        lambda.invoke(events::change(&rule, &item, &json!({}))).unwrap();
        assert_held(&ALARMS, &aws, &[(name, "NOT_APPLICABLE SCALING_ALARM")]);
    }
}

#[test]
fn critical_resources_need_alarms_that_tell() {
    let aws = aws_for(&ALARMS);
    let ops = topic("ops");
    let query = |sql: &str| json!([{"Id": "q1", "Expression": sql, "ReturnData": true}]);
    let math = json!([
        {"Id": "m1", "ReturnData": false, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {
            "Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [{"Name": "FunctionName", "Value": "pay"}]}}},
        {"Id": "e1", "Expression": "m1 * 100"},
    ]);
    let bare = |name: &str, metrics: Value| {
        json!({"AlarmName": name, "AlarmArn": alarm_arn(name), "ActionsEnabled": true,
               "AlarmActions": [ops], "Metrics": metrics, "ComparisonOperator": "GreaterThanThreshold"})
    };
    let alarms = [
        // By its group; by its cluster; by metric math; by a composite; by a query.
        alarm("web-cpu", "AWS/EC2 CPUUtilization", &["AutoScalingGroupName=web"], &ops),
        alarm("core-cpu", "AWS/ECS CPUUtilization", &["ClusterName=core"], &ops),
        alarm(
            "api-mem",
            "AWS/ECS MemoryUtilization",
            &["ClusterName=core", "ServiceName=api"],
            &ops,
        ),
        bare("pay-errors", math),
        with(
            alarm("pay-throttles", "AWS/Lambda Throttles", &["FunctionName=pay"], &ops),
            json!({"AlarmActions": []}),
        ),
        bare(
            "queues",
            query(r#"SELECT MAX(ApproximateAgeOfOldestMessage) FROM SCHEMA("AWS/SQS", QueueName)"#),
        ),
        bare(
            "tables",
            query(r#"SELECT SUM(ThrottledRequests) FROM "AWS/DynamoDB" WHERE TableName = 'x'"#),
        ),
        // Nobody is told.
        alarm("i-2-cpu", "AWS/EC2 CPUUtilization", &["InstanceId=i-2"], &topic("pending")),
        with(
            alarm("i-2-off", "AWS/EC2 CPUUtilization", &["InstanceId=i-2"], &ops),
            json!({"ActionsEnabled": false}),
        ),
        alarm("db-cpu", "AWS/RDS CPUUtilization", &["DBInstanceIdentifier=ledger-1"], &ops),
        alarm("db-cpu-2", "AWS/RDS CPUUtilization", &["DBInstanceIdentifier=ledger-2"], &ops),
        alarm("db-con", "AWS/RDS DatabaseConnections", &["DBClusterIdentifier=ledger"], &ops),
        alarm(
            "alb-5xx",
            "AWS/ApplicationELB HTTPCode_ELB_5XX_Count",
            &["LoadBalancer=app/in/0a"],
            &ops,
        ),
        alarm("proc", "CWAgent procstat_lookup pid_count", &["InstanceId=i-1", "exe=core"], &ops),
    ];
    let composites = [json!({
        "AlarmName": "pay", "AlarmArn": alarm_arn("pay"), "ActionsEnabled": true,
        "AlarmRule": "ALARM(\"pay-throttles\") OR ALARM(\"pay-errors\")", "AlarmActions": [ops],
    })];
    set(&aws, &alarms, &composites);
    quiet(&aws);
    let metric = |dimension: &str, value: &str| {
        json!({"Namespace": "CWAgent", "MetricName": "mem_used_percent",
        "Dimensions": [{"Name": dimension, "Value": value}]})
    };
    aws.stub("cloudwatch").when(
        "ListMetrics",
        json!({"Namespace": "CWAgent", "MetricName": "mem_used_percent", "RecentlyActive": "PT3H"}),
        json!({"Metrics": [metric("InstanceId", "i-1"), metric("InstanceId", "i-2"), metric("host", "ip-10-0-0-6")]}),
    );
    let ssm = aws.stub("ssm");
    ssm.fails("ListInventoryEntries", "InvalidInstanceId", 400);
    ssm.when(
        "ListInventoryEntries",
        json!({"InstanceId": "i-other-agent"}),
        json!({"TypeName": "AWS:Application", "InstanceId": "i-other-agent", "SchemaVersion": "1.1",
               "CaptureTime": "2026-11-23T00:00:00Z", "Entries": [{"Name": "mackerel-agent"}]}),
    );
    let old = "2026-01-01T00:00:00Z";
    let ec2 = "AWS::EC2::Instance";
    record(
        &aws,
        ec2,
        "i-1",
        instance(old, "enabled"),
        &[CRITICAL, ("aws:autoscaling:groupName", "web"), ("fisc:process-monitoring", "1")],
    );
    record(
        &aws,
        ec2,
        "i-2",
        instance(old, "disabled"),
        &[CRITICAL, ("fisc:process-monitoring", "1")],
    );
    record(&aws, ec2, "i-plain", instance(old, "disabled"), &[]);
    let mut by_host = instance(old, "disabled");
    by_host["privateDnsName"] = json!("ip-10-0-0-6.ap-northeast-1.compute.internal");
    record(&aws, ec2, "i-host", by_host, &[]);
    record(&aws, ec2, "i-new", instance(&ago(15), "disabled"), &[]);
    record(&aws, ec2, "i-other-agent", instance(old, "disabled"), &[]);
    let mut stopped = instance(old, "disabled");
    stopped["state"] = json!({"name": "stopped"});
    record(&aws, ec2, "i-stopped", stopped, &[CRITICAL]);
    let database = |name: &str, interval: i64| {
        json!({"dBInstanceIdentifier": name, "dBClusterIdentifier": "ledger", "engine": "aurora-postgresql",
               "monitoringInterval": interval, "performanceInsightsEnabled": false})
    };
    record(&aws, "AWS::RDS::DBInstance", "db-1", database("ledger-1", 60), &[CRITICAL]);
    record(&aws, "AWS::RDS::DBInstance", "db-3", database("ledger-3", 0), &[CRITICAL]);
    record(
        &aws,
        "AWS::RDS::DBCluster",
        "cluster-1",
        json!({"dbclusterIdentifier": "ledger", "engine": "aurora-postgresql",
        "dbclusterMembers": [{"dbinstanceIdentifier": "ledger-1"}, {"dbinstanceIdentifier": "ledger-2"}]}),
        &[CRITICAL],
    );
    let balancer = |name: &str, kind: &str| {
        json!({"type": kind, "scheme": "internal",
        "loadBalancerArn": format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/{name}")})
    };
    let lb = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    record(&aws, lb, "alb", balancer("app/in/0a", "application"), &[CRITICAL]);
    record(&aws, lb, "gwlb", balancer("gwy/in/0a", "gateway"), &[CRITICAL]);
    record(&aws, "AWS::Lambda::Function", "pay", json!({"functionName": "pay"}), &[CRITICAL]);
    record(&aws, "AWS::Lambda::Function", "report", json!({"functionName": "report"}), &[]);
    record(&aws, "AWS::DynamoDB::Table", "t", json!({"tableName": "t"}), &[CRITICAL]);
    record(
        &aws,
        "AWS::ECS::Service",
        "svc-api",
        json!({"ServiceName": "api", "Cluster": "core"}),
        &[CRITICAL],
    );
    record(
        &aws,
        "AWS::ECS::Service",
        "svc-web",
        json!({"ServiceName": "web", "Cluster": "core"}),
        &[CRITICAL],
    );
    record(&aws, "AWS::SQS::Queue", "q", json!({"QueueName": "orders"}), &[CRITICAL]);
    let group = |name: &str, members: &[(&str, &str)]| {
        let members =
            members.iter().map(|(id, state)| json!({"instanceId": id, "lifecycleState": state}));
        let configuration = json!({"instances": members.collect::<Vec<_>>()});
        record(&aws, "AWS::AutoScaling::AutoScalingGroup", name, configuration, &[]);
    };
    let service = "InService";
    group(
        "asg-good",
        &[("i-1", service), ("i-new", service), ("i-unrecorded", service), ("i-plain", "Standby")],
    );
    group("asg-bad", &[("i-1", service), ("i-plain", service)]);
    group("asg-empty", &[("i-plain", "Terminating")]);
    let parameters = json!({"acceptedAgents": "mackerel-agent"});
    sweep(&ALARMS, &aws, &parameters).unwrap();
    let missing = |names: &str| {
        format!(
            "NON_COMPLIANT METRIC_ALARM_MISSING: Metrics of a critical resource have no alarm that tells somebody: {names}"
        )
    };
    assert_held(
        &ALARMS,
        &aws,
        &[
            ("i-1", "COMPLIANT"),
            ("i-plain", "NON_COMPLIANT AGENT_NOT_REPORTING"),
            ("i-host", "COMPLIANT"),
            ("i-new", "COMPLIANT JUST_STARTED"),
            ("i-other-agent", "COMPLIANT"),
            ("i-stopped", "NOT_APPLICABLE NOT_RUNNING"),
            ("asg-good", "COMPLIANT"),
            (
                "asg-bad",
                "NON_COMPLIANT SCALED_OUT_INSTANCE_UNMONITORED: No monitoring agent reports from instances of the group: i-plain",
            ),
            ("asg-empty", "NOT_APPLICABLE NO_MEMBERS"),
            ("db-1", "COMPLIANT"),
            ("cluster-1", "COMPLIANT"),
            ("alb", &missing("UnHealthyHostCount|HealthyHostCount")),
            ("gwlb", "NOT_APPLICABLE NO_METRIC_NEEDED"),
            ("pay", "COMPLIANT"),
            ("t", "COMPLIANT QUERY_NOT_READ"),
            ("svc-api", "COMPLIANT"),
            ("svc-web", &missing("MemoryUtilization")),
            ("q", "COMPLIANT"),
        ],
    );
    let second = held(&ALARMS, &aws, "i-2");
    for code in ["DETAILED_MONITORING_OFF", "METRIC_ALARM_MISSING", "PROCESS_UNMONITORED"] {
        assert!(second.contains(code), "{second}");
    }
    assert!(!second.contains("AGENT_NOT_REPORTING"), "{second}");
    let third = held(&ALARMS, &aws, "db-3");
    assert!(
        third.contains("RDS_ENHANCED_MONITORING_OFF") && third.contains("CPUUtilization"),
        "{third}"
    );
    assert!(!third.contains("FreeStorageSpace") && !third.contains("INSIGHTS"), "{third}");
    assert!(
        aws.config().result(ALARMS.id, "report").is_none(),
        "what is not critical costs nothing"
    );

    // Every function and every database, and other metrics.
    let wide =
        json!({"criticalTag": "", "alarmMatrix": "AWS/Lambda Duration", "requireInsights": "true"});
    sweep(&ALARMS, &aws, &wide).unwrap();
    assert_held(
        &ALARMS,
        &aws,
        &[("report", &missing("Duration")), ("db-1", "NON_COMPLIANT RDS_INSIGHTS_OFF")],
    );
    let error = sweep(&ALARMS, &aws, &json!({"alarmMatrix": "CPUUtilization"})).unwrap_err();
    assert!(error.message.contains("alarmMatrix"), "{error:?}");
}

#[test]
fn accounts_need_canaries_and_log_alarms() {
    let aws = aws_for(&ALARMS);
    let mut called = BTreeSet::new();
    let ops = topic("ops");
    let alarms = [
        alarm("canary", "CloudWatchSynthetics SuccessPercent", &["CanaryName=login"], &ops),
        alarm("app-errors", "App errors", &[], &ops),
        alarm(
            "nat",
            "AWS/NATGateway BytesOutToDestination",
            &["NatGatewayId=nat-1"],
            &topic("gone"),
        ),
    ];
    set(&aws, &alarms, &[]);
    quiet(&aws);
    aws.account()
        .set_regions(&[(REGION, "ENABLED_BY_DEFAULT"), ("us-east-1", "ENABLED_BY_DEFAULT")]);
    let account = |parameters: &Value| {
        sweep(&ALARMS, &aws, parameters).unwrap();
        held(&ALARMS, &aws, ACCOUNT)
    };
    // Private endpoints need no canary.
    record(
        &aws,
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "in",
        json!({"scheme": "internal"}),
        &[],
    );
    record(
        &aws,
        "AWS::ApiGateway::RestApi",
        "api",
        json!({"endpointConfiguration": {"types": ["PRIVATE"]}}),
        &[],
    );
    assert!(account(&json!({})).starts_with("NOT_APPLICABLE NOTHING_PUBLIC"));
    record(
        &aws,
        "AWS::ApiGateway::RestApi",
        "front",
        json!({"endpointConfiguration": {"types": ["REGIONAL"]}}),
        &[],
    );
    let held = account(&json!({}));
    assert!(held.starts_with("NON_COMPLIANT CANARY_NOT_RUNNING"), "{held}");
    assert!(account(&json!({"requireCanary": "false"})).starts_with("NOT_APPLICABLE"));
    // One in another Region will do.
    let canary = |name: &str, state: &str| json!({"Name": name, "Status": {"State": state}});
    let elsewhere = aws.stub("synthetics").in_region("us-east-1");
    elsewhere.returns("DescribeCanaries", json!({"Canaries": [canary("far", "RUNNING")]}));
    assert_eq!(account(&json!({})), "COMPLIANT");
    elsewhere.empty("DescribeCanaries");
    let synthetics = aws.stub("synthetics");
    let with_canaries = |canaries: Value| {
        synthetics.returns("DescribeCanaries", json!({"Canaries": canaries}));
        account(&json!({}))
    };
    assert_eq!(with_canaries(json!([canary("login", "RUNNING")])), "COMPLIANT");
    for state in ["STOPPED", "ERROR"] {
        let held = with_canaries(json!([canary("login", "RUNNING"), canary("pay", state)]));
        assert!(held.starts_with("NON_COMPLIANT CANARY_NOT_RUNNING"), "{held}");
        assert!(held.ends_with(": pay"), "{held}");
    }
    let held = with_canaries(json!([canary("login", "RUNNING"), canary("pay", "RUNNING")]));
    assert!(held.starts_with("NON_COMPLIANT CANARY_WITHOUT_ALARM"), "{held}");
    with_canaries(json!([canary("login", "RUNNING")]));

    let logs = aws.stub("logs");
    logs.empty("DescribeLogGroups");
    logs.when(
        "DescribeLogGroups",
        json!({"logGroupNamePrefix": "/app/"}),
        json!({"logGroups": [{"logGroupName": "/app/pay"}, {"logGroupName": "/app/zero"}, {"logGroupName": "/app/bare"}]}),
    );
    let filter = |group: &str, value: &str| {
        json!({"metricFilters": [{
        "filterName": "errors", "logGroupName": group, "filterPattern": "ERROR",
        "metricTransformations": [{"metricName": "errors", "metricNamespace": "App", "metricValue": value}]}]})
    };
    logs.empty("DescribeMetricFilters");
    for (group, value) in [("/app/pay", "1"), ("/app/zero", "0")] {
        logs.when("DescribeMetricFilters", json!({"logGroupName": group}), filter(group, value));
    }
    let held = account(&json!({"monitoredLogGroupPrefixes": "/app/,/none/"}));
    assert!(held.starts_with("NON_COMPLIANT LOG_FILTER_ALARM_MISSING"), "{held}");
    assert!(held.ends_with(": /app/zero, /app/bare, /none/"), "{held}");

    let traffic = "AWS/NATGateway BytesOutToDestination";
    let held = account(&json!({"trafficMetrics": traffic}));
    assert!(
        held.starts_with("NON_COMPLIANT NETWORK_TRAFFIC_ALARM_MISSING: alarm nat: SNS topic gone"),
        "{held}"
    );
    aws.stub("cloudwatch")
        .returns("ListDashboards", json!({"DashboardEntries": [{"DashboardName": "core"}]}));
    let held = account(&json!({"minDashboards": "2"}));
    assert!(held.starts_with("NON_COMPLIANT DASHBOARD_MISSING: dashboards: 1 of 2"), "{held}");
    assert_eq!(
        account(
            &json!({"minDashboards": "1", "trafficMetrics": "CloudWatchSynthetics SuccessPercent"})
        ),
        "COMPLIANT"
    );

    // Clusters, on a change and on the schedule.
    let eks = aws.stub("eks");
    let addon = |status: &str| json!({"addon": {"addonName": "adot", "status": status}});
    eks.returns("ListAddons", json!({"addons": ["vpc-cni", "adot"]}));
    let core = record(&aws, "AWS::EKS::Cluster", "core", json!({"Name": "core"}), &[CRITICAL]);
    let rule = aws.config().rule(ALARMS.id);
    let mut lambda = start(&ALARMS, &aws);
    for (status, expected) in [
        ("CREATE_FAILED", "NON_COMPLIANT EKS_OBSERVABILITY_ADDON_MISSING"),
        ("ACTIVE", "COMPLIANT"),
    ] {
        eks.returns("DescribeAddon", addon(status));
        lambda.invoke(events::change(&rule, &core, &json!({}))).unwrap();
        assert_held(&ALARMS, &aws, &[("core", expected)]);
    }
    eks.returns("ListAddons", json!({"addons": ["vpc-cni"]}));
    account(&json!({}));
    assert_held(&ALARMS, &aws, &[("core", "NON_COMPLIANT EKS_OBSERVABILITY_ADDON_MISSING")]);
    let ecs = |settings: Value| {
        let mut item = events::item(
            "AWS::ECS::Cluster",
            "ecs",
            json!({"ClusterName": "ecs", "ClusterSettings": settings}),
        );
        item["tags"] = json!({"fisc:tier": "critical"});
        item
    };
    for (settings, expected) in [
        (json!([{"Name": "containerInsights", "Value": "enhanced"}]), "COMPLIANT"),
        (
            json!([{"Name": "containerInsights", "Value": "disabled"}]),
            "NON_COMPLIANT CONTAINER_INSIGHTS_OFF",
        ),
        (json!([]), "NON_COMPLIANT CONTAINER_INSIGHTS_OFF"),
    ] {
        lambda.invoke(events::change(&rule, &ecs(settings), &json!({}))).unwrap();
        assert_held(&ALARMS, &aws, &[("ecs", expected)]);
    }
    // A change of an alarm; an item that does not decide.
    let item = recorded_alarm(&aws, "canary", &[&ops], true);
    lambda.invoke(events::change(&rule, &item, &json!({}))).unwrap();
    assert_held(&ALARMS, &aws, &[("canary", "COMPLIANT")]);
    let ssm = aws.stub("ssm");
    ssm.empty("ListInventoryEntries");
    record(&aws, "AWS::EC2::Instance", "i-1", instance("2026-01-01T00:00:00Z", "enabled"), &[]);
    account(&json!({"acceptedAgents": "mackerel-agent"}));
    // An alarm that only a rule makes heard needs the rest of the role.
    set(&aws, &[with(alarm("by-rule", "A b", &[], &ops), json!({"AlarmActions": []}))], &[]);
    recorded_alarm(&aws, "by-rule", &[&ops], true);
    account(&json!({}));
    called.extend(actions_of(&aws.calls()));
    lambda.invoke(events::oversized(&rule, &core, &json!({}))).unwrap();
    called.extend(actions_of(&aws.calls()));
    assert_all_needed(&ALARMS, &called);

    // A denied call is no verdict.
    let results = aws.config().results(ALARMS.id).len();
    aws.stub("cloudwatch").fails("DescribeAlarms", "AccessDenied", 403);
    let error = sweep(&ALARMS, &aws, &json!({})).unwrap_err();
    assert!(error.message.contains("cloudwatch:DescribeAlarms"), "{error:?}");
    assert_eq!(aws.config().results(ALARMS.id).len(), results);
}

fn quota(code: &str, name: &str, value: f64, metric: Option<&str>) -> Value {
    let mut quota = json!({"ServiceCode": "ec2", "QuotaCode": code, "QuotaName": name, "Value": value, "GlobalQuota": false});
    if let Some(resource) = metric {
        quota["UsageMetric"] = json!({
            "MetricNamespace": "AWS/Usage", "MetricName": "ResourceCount", "MetricStatisticRecommendation": "Maximum",
            "MetricDimensions": {"Service": "EC2", "Resource": resource, "Type": "Resource", "Class": "None"}});
    }
    quota
}

/// What is used, in the order of the quotas' codes.
fn used(aws: &FakeAws, values: &[&[f64]]) {
    let results = values.iter().enumerate().map(|(place, values)| {
        json!({"Id": format!("q{place}"), "Label": "x", "StatusCode": "Complete", "Values": values,
               "Timestamps": values.iter().map(|_| "2026-11-23T00:00:00Z").collect::<Vec<_>>()})
    });
    aws.stub("cloudwatch")
        .returns("GetMetricData", json!({"MetricDataResults": results.collect::<Vec<_>>()}));
}

/// An account in which nothing runs short.
fn roomy() -> FakeAws {
    let aws = aws_for(&QUOTAS);
    let mut rate = quota("L-3", "Calls per second", 10.0, Some("calls"));
    rate["UsageMetric"]["MetricStatisticRecommendation"] = json!("Sum");
    rate["Period"] = json!({"PeriodValue": 1, "PeriodUnit": "SECOND"});
    let quotas = aws.stub("service-quotas");
    quotas.returns(
        "ListAWSDefaultServiceQuotas",
        json!({"Quotas": [
        quota("L-1", "vCPUs", 5.0, Some("vCPU")), quota("L-2", "Addresses", 5.0, Some("eip")),
        rate, quota("L-9", "Rules", 60.0, None)]}),
    );
    // Only what was changed.
    quotas.returns(
        "ListServiceQuotas",
        json!({"Quotas": [quota("L-1", "vCPUs", 100.0, Some("vCPU"))]}),
    );
    quotas.fails("GetAutoManagementConfiguration", "NoSuchResourceException", 400);
    quotas.page_size(2);
    used(&aws, &[&[79.0, 12.0], &[1.0], &[2000.0, 2400.0]]);
    let query = json!([
        {"Id": "m1", "MetricStat": {"Period": 300, "Stat": "Maximum", "Metric": {"Namespace": "AWS/Usage", "MetricName": "ResourceCount",
            "Dimensions": [{"Name": "Type", "Value": "Resource"}, {"Name": "Service", "Value": "EC2"},
                           {"Name": "Resource", "Value": "vCPU"}, {"Name": "Class", "Value": "None"}]}}},
        {"Id": "e1", "Expression": "m1/SERVICE_QUOTA(m1)*100"},
    ]);
    let alarm = json!({"AlarmName": "vcpu", "AlarmArn": alarm_arn("vcpu"), "ActionsEnabled": true,
        "AlarmActions": [topic("ops")], "Metrics": query, "ComparisonOperator": "GreaterThanThreshold"});
    set(&aws, &[alarm], &[]);
    aws.stub("apigateway").returns("GetUsagePlans", json!({"items": []}));
    let support = aws.stub("support").in_region("us-east-1");
    let check = |id: &str, category: &str| json!({"id": id, "name": format!("Check {id}"), "description": "", "category": category, "metadata": []});
    support.returns("DescribeTrustedAdvisorChecks", json!({"checks": [
        check("lim", "service_limits"), check("sec", "security"), check("cost", "cost_optimizing")]}));
    advise(&aws, "ok", "ok");
    aws
}

fn advise(aws: &FakeAws, limits: &str, security: &str) {
    let summary = |id: &str, status: &str| {
        json!({"checkId": id, "timestamp": "2026-11-23T00:00:00Z", "status": status,
        "resourcesSummary": {"resourcesProcessed": 1, "resourcesFlagged": 1, "resourcesIgnored": 0, "resourcesSuppressed": 0},
        "categorySpecificSummary": {}})
    };
    aws.stub("support").in_region("us-east-1").returns(
        "DescribeTrustedAdvisorCheckSummaries",
        json!({"summaries": [summary("lim", limits), summary("sec", security)]}),
    );
    flag(aws, limits, false);
}

fn flag(aws: &FakeAws, status: &str, suppressed: bool) {
    aws.stub("support").in_region("us-east-1").returns(
        "DescribeTrustedAdvisorCheckResult",
        json!({"result": {"checkId": "x", "timestamp": "2026-11-23T00:00:00Z", "status": status,
            "resourcesSummary": {"resourcesProcessed": 1, "resourcesFlagged": 1, "resourcesIgnored": 0, "resourcesSuppressed": 0},
            "categorySpecificSummary": {},
            "flaggedResources": [{"status": status, "resourceId": "r", "isSuppressed": suppressed, "metadata": []}]}}),
    );
}

const EC2: &str = "ec2";

#[test]
fn quotas_have_headroom_and_are_watched() {
    let aws = roomy();
    let account = |parameters: &Value| {
        let mut all = json!({"serviceCodes": EC2});
        for (name, value) in parameters.as_object().unwrap() {
            all[name] = value.clone();
        }
        sweep(&QUOTAS, &aws, &all).unwrap();
        held(&QUOTAS, &aws, ACCOUNT)
    };
    let plain = || account(&json!({}));
    let start = |held: String, start: &str| assert!(held.starts_with(start), "{held}");
    start(plain(), "COMPLIANT QUOTAS_WITHOUT_METRIC: 1 quota(s)");
    // The changed value counts, not the default; calls count against their time.
    used(&aws, &[&[81.0], &[1.0], &[]]);
    start(plain(), "NON_COMPLIANT QUOTA_NEARLY_USED: Quotas are nearly used up: ec2 vCPUs (81%)");
    start(account(&json!({"maxUtilizationPercent": "90"})), "COMPLIANT");
    used(&aws, &[&[1.0], &[1.0], &[2401.0, 300.0]]);
    start(
        plain(),
        "NON_COMPLIANT QUOTA_NEARLY_USED: Quotas are nearly used up: ec2 Calls per second (80%)",
    );
    used(&aws, &[]);
    start(plain(), "COMPLIANT");
    // Who is told.
    set(&aws, &[alarm("other", "AWS/Usage ResourceCount", &["Service=EC2"], &topic("ops"))], &[]);
    start(plain(), "NON_COMPLIANT QUOTA_ALARM_MISSING");
    start(account(&json!({"requireQuotaAlarm": "false"})), "COMPLIANT");
    let quotas = aws.stub("service-quotas");
    quotas.returns("GetAutoManagementConfiguration", json!({"OptInStatus": "DISABLED"}));
    start(plain(), "NON_COMPLIANT QUOTA_ALARM_MISSING");
    quotas.returns(
        "GetAutoManagementConfiguration",
        json!({"OptInStatus": "ENABLED", "OptInType": "NotifyOnly"}),
    );
    start(plain(), "COMPLIANT");
    // The Region for disaster recovery.
    let there = aws.stub("service-quotas").in_region("ap-northeast-3");
    there.returns("ListServiceQuotas", json!({"Quotas": [quota("L-1", "vCPUs", 100.0, None)]}));
    start(account(&json!({"drRegion": "ap-northeast-3"})), "COMPLIANT");
    there.returns("ListServiceQuotas", json!({"Quotas": []}));
    start(
        account(&json!({"drRegion": "ap-northeast-3"})),
        "NON_COMPLIANT DR_QUOTA_LOWER: Quotas are lower in the Region for disaster recovery: ec2 vCPUs",
    );
    // Global quotas are measured in one Region, and judged in the home Region.
    let mut global = quota("L-5", "Distributions", 10.0, Some("dist"));
    global["GlobalQuota"] = json!(true);
    quotas.returns("ListServiceQuotas", json!({"Quotas": [global]}));
    aws.stub("cloudwatch").in_region("us-east-1").returns(
        "GetMetricData",
        json!({"MetricDataResults": [{"Id": "q0", "StatusCode": "Complete", "Values": [9.0],
               "Timestamps": ["2026-11-23T00:00:00Z"]}]}),
    );
    start(
        plain(),
        "NON_COMPLIANT QUOTA_NEARLY_USED: Quotas are nearly used up: ec2 Distributions (90%)",
    );
    let rule = aws.config().rule(QUOTAS.id);
    let env =
        [("FISC_CONTROL", QUOTAS.id), ("FISC_LANGUAGE", "en"), ("FISC_HOME_REGION", "us-east-1")];
    Lambda::start(env!("CARGO_BIN_EXE_operations"), &aws, &env)
        .invoke(events::scheduled(&rule, &json!({"serviceCodes": EC2})))
        .unwrap();
    start(held(&QUOTAS, &aws, ACCOUNT), "COMPLIANT");
    quotas.returns("ListServiceQuotas", json!({"Quotas": []}));
    // Trusted Advisor.
    for (limits, security, expected) in [
        ("warning", "ok", "NON_COMPLIANT ADVISOR_LIMIT_FLAGGED"),
        ("error", "ok", "NON_COMPLIANT ADVISOR_LIMIT_FLAGGED"),
        ("ok", "warning", "COMPLIANT"),
        ("not_available", "ok", "COMPLIANT"),
    ] {
        advise(&aws, limits, security);
        start(plain(), expected);
    }
    advise(&aws, "ok", "error");
    flag(&aws, "error", false);
    start(plain(), "NON_COMPLIANT ADVISOR_RED_CHECK: Trusted Advisor recommends action: Check sec");
    start(account(&json!({"advisorCategories": "service_limits"})), "COMPLIANT");
    // What somebody has excluded.
    flag(&aws, "error", true);
    start(plain(), "COMPLIANT");
    let support = aws.stub("support").in_region("us-east-1");
    support.fails("DescribeTrustedAdvisorChecks", "SubscriptionRequiredException", 400);
    let held = plain();
    assert!(held.starts_with("COMPLIANT") && held.contains("ADVISOR_NOT_AVAILABLE"), "{held}");
    start(account(&json!({"serviceCodes": ""})), "NOT_APPLICABLE ADVISOR_NOT_AVAILABLE");
    start(
        account(&json!({"serviceCodes": "", "advisorCategories": ""})),
        "NOT_APPLICABLE NOTHING_REQUIRED",
    );

    // Neither an unknown service nor an unreadable metric nor a denied call is a verdict.
    let results = aws.config().results(QUOTAS.id).len();
    let fails = |what: &str| {
        let error = sweep(&QUOTAS, &aws, &json!({"serviceCodes": EC2})).unwrap_err();
        assert!(error.message.contains(what), "{error:?}");
    };
    aws.stub("cloudwatch").returns(
        "GetMetricData",
        json!({"MetricDataResults": [{"Id": "q0", "StatusCode": "Forbidden"}]}),
    );
    fails("StatusCode other than Forbidden");
    used(&aws, &[]);
    support.fails("DescribeTrustedAdvisorChecks", "AccessDeniedException", 400);
    fails("support:DescribeTrustedAdvisorChecks");
    quotas.fails("ListAWSDefaultServiceQuotas", "NoSuchResourceException", 400);
    fails("no service \"ec2\"");
    assert_eq!(aws.config().results(QUOTAS.id).len(), results);
}

#[test]
fn apis_are_throttled_and_storage_can_grow() {
    let aws = roomy();
    let apis = aws.stub("apigateway");
    let limit = json!({"rateLimit": 10.0, "burstLimit": 5});
    let plan = |name: &str, stage: &str, members: Value| {
        with(
            json!({"id": name, "name": name, "apiStages": [{"apiId": "a", "stage": stage}]}),
            members,
        )
    };
    apis.returns("GetUsagePlans", json!({"items": [
        plan("good", "planned", json!({"throttle": limit})),
        plan("quota", "quota", json!({"quota": {"limit": 1000, "period": "DAY"}})),
        plan("methods", "x", json!({"apiStages": [{"apiId": "b", "stage": "x", "throttle": {"/pay/POST": limit}}]})),
        plan("open", "plain", json!({})),
        plan("unused", "x", json!({"apiStages": []})),
    ]}));
    let stage = |name: &str, rate: f64, burst: i64| {
        json!({"stageName": name, "methodSettings": {"*/*": {
        "throttlingRateLimit": rate, "throttlingBurstLimit": burst}}})
    };
    apis.returns("GetStages", json!({"item": [
        stage("limited", 100.0, 50), stage("unset", -1.0, -1), {"stageName": "plain"}, {"stageName": "quota"},
        {"stageName": "path", "methodSettings": {"pay/POST": {"throttlingRateLimit": 1.0, "throttlingBurstLimit": 1}}}]}));
    let recorded = |name: &str| {
        let arn = format!("arn:aws:apigateway:{REGION}::/restapis/a/stages/{name}");
        let mut item = events::item("AWS::ApiGateway::Stage", &arn, json!({"stageName": name}));
        item["ARN"] = json!(arn);
        aws.config().record(&item);
        item
    };
    for name in ["limited", "unset", "plain", "quota", "path", "planned", "gone"] {
        recorded(name);
    }
    let database = |name: &str, members: Value| {
        let configuration = with(
            json!({"dBInstanceIdentifier": name, "engine": "postgres", "storageType": "gp3",
            "allocatedStorage": 100, "maxAllocatedStorage": 110}),
            members,
        );
        record(&aws, "AWS::RDS::DBInstance", name, configuration, &[])
    };
    database("db-1", json!({}));
    database("db-2", json!({"maxAllocatedStorage": null}));
    database("db-3", json!({"maxAllocatedStorage": 109}));
    database("db-aurora", json!({"engine": "aurora-mysql", "storageType": "aurora"}));
    database("db-cluster", json!({"dBClusterIdentifier": "c"}));
    database("db-magnetic", json!({"storageType": "standard"}));
    let gib = 1024.0 * 1024.0 * 1024.0;
    used(&aws, &[&[15.0 * gib, 90.0 * gib], &[90.0 * gib, 14.0 * gib], &[]]);
    sweep(&QUOTAS, &aws, &json!({"serviceCodes": ""})).unwrap();
    let arn = |name: &str| format!("arn:aws:apigateway:{REGION}::/restapis/a/stages/{name}");
    let open = "NON_COMPLIANT STAGE_UNTHROTTLED";
    for (name, expected) in [
        ("limited", "COMPLIANT"),
        ("unset", open),
        ("plain", open),
        ("quota", open),
        ("path", open),
        ("planned", "COMPLIANT"),
        ("gone", "NOT_APPLICABLE RESOURCE_GONE"),
    ] {
        assert_held(&QUOTAS, &aws, &[(&arn(name), expected)]);
        if expected == open {
            assert!(held(&QUOTAS, &aws, &arn(name)).starts_with(open));
        }
    }
    assert_held(
        &QUOTAS,
        &aws,
        &[
            (
                ACCOUNT,
                "NON_COMPLIANT USAGE_PLAN_UNTHROTTLED: Usage plans set neither throttling nor a quota: open",
            ),
            ("db-1", "COMPLIANT"),
            ("db-3", "NON_COMPLIANT STORAGE_AUTOSCALING_OFF"),
            ("db-aurora", "NOT_APPLICABLE STORAGE_GROWS_BY_ITSELF"),
            ("db-cluster", "NOT_APPLICABLE CLUSTER_STORAGE"),
            ("db-magnetic", "NOT_APPLICABLE MAGNETIC_STORAGE"),
        ],
    );
    let second = held(&QUOTAS, &aws, "db-2");
    assert!(
        second.contains("STORAGE_AUTOSCALING_OFF") && second.contains("free storage: 14%"),
        "{second}"
    );

    // On changes.
    let rule = aws.config().rule(QUOTAS.id);
    let mut lambda = start(&QUOTAS, &aws);
    let route = |settings: Value| {
        events::item(
            "AWS::ApiGatewayV2::Stage",
            "v2",
            json!({"stageName": "$default", "defaultRouteSettings": settings}),
        )
    };
    for (settings, expected) in [
        (json!({"throttlingRateLimit": 100.5, "throttlingBurstLimit": 10}), "COMPLIANT"),
        (json!({"throttlingRateLimit": 100.5}), open),
        (json!({"detailedMetricsEnabled": false}), open),
        (json!(null), open),
    ] {
        lambda.invoke(events::change(&rule, &route(settings), &json!({}))).unwrap();
        assert_held(&QUOTAS, &aws, &[("v2", expected)]);
    }
    lambda.invoke(events::change(&rule, &recorded("limited"), &json!({}))).unwrap();
    assert_held(&QUOTAS, &aws, &[(&arn("limited"), "COMPLIANT")]);
    let item = database("db-5", json!({}));
    used(&aws, &[&[1.0 * gib]]);
    lambda.invoke(events::change(&rule, &item, &json!({}))).unwrap();
    assert_held(&QUOTAS, &aws, &[("db-5", "NON_COMPLIANT FREE_STORAGE_LOW: free storage: 1%")]);
    let bad = database("db-4", json!({"allocatedStorage": null}));
    let error = lambda.invoke(events::change(&rule, &bad, &json!({}))).unwrap_err();
    assert!(error.message.contains("allocatedStorage"), "{error:?}");
}

#[test]
fn every_action_of_quotas_is_needed() {
    let aws = roomy();
    // Without an alarm of its own, a rule tells.
    let mut by_rule = alarm("by-rule", "x y", &[], &topic("ops"));
    by_rule["AlarmActions"] = json!([]);
    by_rule["Metrics"] = json!([
        {"Id": "m1", "MetricStat": {"Period": 300, "Stat": "Maximum", "Metric": {"Namespace": "AWS/Usage", "MetricName": "ResourceCount",
            "Dimensions": [{"Name": "Type", "Value": "Resource"}, {"Name": "Service", "Value": "EC2"},
                           {"Name": "Resource", "Value": "vCPU"}, {"Name": "Class", "Value": "None"}]}}},
        {"Id": "e1", "Expression": "m1/SERVICE_QUOTA(m1)*100"}]);
    advise(&aws, "warning", "ok");
    let parameters = json!({"serviceCodes": EC2});
    sweep(&QUOTAS, &aws, &parameters).unwrap();
    set(&aws, &[by_rule], &[]);
    sweep(&QUOTAS, &aws, &parameters).unwrap();
    set(&aws, &[], &[]);
    let rule = aws.config().rule(QUOTAS.id);
    start(&QUOTAS, &aws).invoke(events::scheduled(&rule, &parameters)).unwrap();
    let item = events::item("AWS::ApiGatewayV2::Stage", "v2", json!({"stageName": "$default"}));
    aws.config().record(&item);
    start(&QUOTAS, &aws).invoke(events::oversized(&rule, &item, &json!({}))).unwrap();
    assert_all_needed(&QUOTAS, &actions_of(&aws.calls()));
}
