//! End-to-end: `security-alerting`, from the schedule to the evaluation.

use std::collections::BTreeSet;

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_detection::security_alerting::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION, Trail};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use serde_json::{Value, json};

const RULE: &str = "fisc-security-alerting";
const HOME: &str = "FISC_HOME_REGION";
const CENTRAL: &str = "999988887777";

/// A filter on the trail's log group.
fn filter(name: &str, pattern: &str) -> Value {
    json!({
        "filterName": name, "filterPattern": pattern, "logGroupName": "trail",
        "metricTransformations": [{"metricName": name, "metricNamespace": "Trail", "metricValue": "1"}],
    })
}

fn topic(name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}")
}

fn function(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

fn alarm(metric: &str, action: &str) -> Value {
    json!({
        "AlarmName": format!("on-{metric}"),
        "AlarmArn": format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:on-{metric}"), "Namespace": "Trail", "MetricName": metric,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0,
        "ActionsEnabled": true, "AlarmActions": [action],
    })
}

fn rule(name: &str, pattern: &Value) -> Value {
    json!({"Name": name, "State": "ENABLED", "EventBusName": "default",
           "EventPattern": pattern.to_string()})
}

const NETWORK: &str = "{ $.eventSource = ec2.amazonaws.com && ($.eventName = *Vpc* || $.eventName = *Route* || $.eventName = *InternetGateway || $.eventName = *NetworkAcl* || $.eventName = *SecurityGroup*) }";

/// What an account has.
struct World {
    trails: Vec<Trail>,
    filters: Vec<Value>,
    alarms: Vec<Value>,
    composites: Vec<Value>,
    rules: Vec<Value>,
    /// Rules in us-east-1.
    global_rules: Vec<Value>,
    /// By rule, the ARNs.
    targets: Vec<(&'static str, Vec<String>)>,
    guard_duty: bool,
    guard_duty_administrator: bool,
    hub: Option<&'static [&'static str]>,
    hub_administrator: bool,
    flow_logs: Vec<Value>,
}

impl World {
    /// All is well.
    fn well() -> Self {
        let mut trail = Trail::new("audit");
        trail.log_group = Some(format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*"));
        let sns = topic("security");
        Self {
            trails: vec![trail],
            filters: vec![
                filter("root", r#"{ $.userIdentity.type = "Root" }"#),
                filter(
                    "sign-in",
                    "{ $.eventName = ConsoleLogin && $.errorMessage = \"Failed authentication\" }",
                ),
                filter("network", NETWORK),
                filter("other", "{ $.eventName = DeleteTrail }"),
            ],
            alarms: vec![
                alarm("root", &sns),
                alarm("sign-in", &sns),
                alarm("network", &sns),
                json!({
                    "AlarmName": "traffic",
                    "AlarmArn": format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:traffic"),
                    "ActionsEnabled": true, "AlarmActions": [sns],
                    "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
                    "Metrics": [
                        {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "AWS/NATGateway",
                            "MetricName": "BytesOutToDestination"}, "Period": 300, "Stat": "Sum"}},
                        {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1)"},
                    ],
                }),
            ],
            composites: Vec::new(),
            rules: vec![
                rule("schedule-less", &json!({"source": ["aws.health"]})),
                rule(
                    "findings",
                    &json!({"source": ["aws.guardduty"],
                    "detail": {"severity": [{"numeric": [">=", 4]}]}}),
                ),
                rule(
                    "violations",
                    &json!({"source": ["aws.config"],
                    "detail": {"newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]}}}),
                ),
            ],
            global_rules: Vec::new(),
            targets: vec![
                ("findings", vec![function("notify")]),
                ("violations", vec![topic("security")]),
            ],
            guard_duty: true,
            guard_duty_administrator: false,
            hub: None,
            hub_administrator: false,
            flow_logs: vec![
                json!({"FlowLogId": "fl-1", "FlowLogStatus": "ACTIVE", "ResourceId": "vpc-1",
                       "LogDestinationType": "cloud-watch-logs", "LogGroupName": "flow"}),
                json!({"FlowLogId": "fl-2", "FlowLogStatus": "ACTIVE", "ResourceId": "subnet-1",
                       "LogDestinationType": "cloud-watch-logs", "LogGroupName": "flow"}),
            ],
        }
    }
}

impl World {
    fn without_rules(mut self, names: &[&str]) -> Self {
        self.rules.retain(|rule| !names.iter().any(|name| rule["Name"] == **name));
        self
    }

    fn without_filters(mut self, names: &[&str]) -> Self {
        self.filters.retain(|filter| !names.iter().any(|name| filter["filterName"] == **name));
        self
    }

    fn rule(mut self, name: &'static str, pattern: &Value, target: &str) -> Self {
        self.rules.push(rule(name, pattern));
        self.targets.push((name, vec![target.to_owned()]));
        self
    }

    fn into_aws(self) -> FakeAws {
        let aws = aws_for(&CONTROL);
        self.set(&aws);
        aws
    }

    fn set(&self, aws: &FakeAws) {
        for trail in &self.trails {
            aws.cloudtrail().add_trail(trail.clone());
        }
        let logs = aws.stub("logs");
        logs.fails("DescribeMetricFilters", "ResourceNotFoundException", 400);
        logs.when(
            "DescribeMetricFilters",
            json!({"logGroupName": "trail"}),
            json!({"metricFilters": self.filters}),
        );
        logs.empty("DescribeSubscriptionFilters");
        aws.stub("cloudwatch").returns(
            "DescribeAlarms",
            json!({"MetricAlarms": self.alarms, "CompositeAlarms": self.composites}),
        );
        let events = aws.stub("events");
        events.returns("ListRules", json!({"Rules": self.rules}));
        events.empty("ListTargetsByRule");
        aws.stub("events")
            .in_region("us-east-1")
            .returns("ListRules", json!({"Rules": self.global_rules}));
        for (rule, arns) in &self.targets {
            let targets = arns.iter().enumerate();
            let targets = targets.map(|(id, arn)| json!({"Id": id.to_string(), "Arn": arn}));
            events.when(
                "ListTargetsByRule",
                json!({"Rule": rule}),
                json!({"Targets": targets.collect::<Vec<_>>()}),
            );
        }
        let sns = aws.stub("sns");
        sns.fails("ListSubscriptionsByTopic", "NotFound", 404);
        let subscription = |name: &str, arn: &str| {
            let arn = if arn.is_empty() { format!("{}:5f1c", topic(name)) } else { arn.to_owned() };
            json!({"SubscriptionArn": arn, "Owner": ACCOUNT, "Protocol": "email",
                   "Endpoint": "soc@example.com", "TopicArn": topic(name)})
        };
        for (name, subscriptions) in [
            (
                "security",
                vec![subscription("security", "PendingConfirmation"), subscription("security", "")],
            ),
            (
                "pending",
                vec![
                    subscription("pending", "PendingConfirmation"),
                    subscription("pending", "Deleted"),
                ],
            ),
            ("empty", vec![]),
        ] {
            sns.when(
                "ListSubscriptionsByTopic",
                json!({"TopicArn": topic(name)}),
                json!({"Subscriptions": subscriptions}),
            );
        }
        sns.page_size(1);
        let lambda = aws.stub("lambda");
        lambda.fails("GetFunctionConfiguration", "ResourceNotFoundException", 404);
        lambda.when(
            "GetFunctionConfiguration",
            json!({"FunctionName": function("notify")}),
            json!({"FunctionName": "notify", "FunctionArn": function("notify")}),
        );
        let guard_duty = aws.stub("guardduty");
        guard_duty.returns("ListDetectors", json!({"DetectorIds": ["d1"]}));
        let status = if self.guard_duty { "ENABLED" } else { "DISABLED" };
        guard_duty.returns(
            "GetDetector",
            json!({"ServiceRole": "arn:aws:iam::111122223333:role/g", "Status": status}),
        );
        let administrator =
            json!({"Administrator": {"AccountId": CENTRAL, "RelationshipStatus": "Enabled"}});
        let own = |own: bool, answer: Value| if own { answer } else { json!({}) };
        let none = json!({"Administrator": {}});
        guard_duty.returns(
            "GetAdministratorAccount",
            if self.guard_duty_administrator { administrator } else { none },
        );
        let hub = aws.stub("securityhub");
        match self.hub {
            None => {
                hub.fails("DescribeHub", "InvalidAccessException", 401);
            }
            Some(products) => {
                hub.returns(
                    "DescribeHub",
                    json!({"HubArn": format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default")}),
                );
                let administrator =
                    json!({"Administrator": {"AccountId": CENTRAL, "MemberStatus": "ENABLED"}});
                hub.returns("GetAdministratorAccount", own(self.hub_administrator, administrator));
                let products = products.iter().map(|product| {
                    format!(
                        "arn:aws:securityhub:{REGION}:{ACCOUNT}:product-subscription/aws/{product}"
                    )
                });
                hub.returns(
                    "ListEnabledProductsForImport",
                    json!({"ProductSubscriptions": products.collect::<Vec<_>>()}),
                );
            }
        }
        aws.stub("ec2").returns("DescribeFlowLogs", json!({"FlowLogs": self.flow_logs}));
    }
}

fn start_with(aws: &FakeAws, env: &[(&str, &str)]) -> Lambda {
    let mut all =
        vec![("FISC_CONTROL", CONTROL.id), ("FISC_LANGUAGE", "en"), ("AWS_MAX_ATTEMPTS", "2")];
    all.extend(env);
    Lambda::start(env!("CARGO_BIN_EXE_detection"), aws, &all)
}

fn sweep(aws: &FakeAws, parameters: &Value) -> Result<Value, FunctionError> {
    let rule = aws.config().rule(RULE);
    start_with(aws, &[]).invoke(events::scheduled(&rule, parameters))
}

fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

/// The annotation of the account: empty when all is well.
fn account_with(world: World, parameters: &Value) -> String {
    let aws = world.into_aws();
    sweep(&aws, parameters).unwrap();
    let (compliance, annotation) = held(&aws, ACCOUNT);
    let failed = annotation.contains("_NOT_") || annotation.contains("_MISSING");
    assert_eq!(compliance == "NON_COMPLIANT", failed, "{compliance} {annotation}");
    annotation
}

fn account(world: World) -> String {
    account_with(world, &json!({}))
}

#[track_caller]
fn assert_starts(annotation: &str, start: &str) {
    assert!(annotation.starts_with(start), "{annotation}");
}

#[test]
fn all_is_well_and_every_action_is_needed() {
    let mut world = World::well();
    world.hub = Some(&["guardduty", "config"]);
    world.rules[0]["State"] = json!("DISABLED");
    world
        .rules
        .push(json!({"Name": "nightly", "State": "ENABLED", "ScheduleExpression": "rate(1 day)"}));
    let aws = world.into_aws();
    aws.stub("events").page_size(1);
    aws.stub("logs").page_size(1).returns("DescribeMetricFilters", json!({"metricFilters": []}));
    aws.stub("cloudwatch").page_size(2);
    let parameters = json!({"monitoredLogGroups": ["app"]});
    aws.stub("logs").when(
        "DescribeSubscriptionFilters",
        json!({"logGroupName": "app"}),
        json!({"subscriptionFilters": [{"filterName": "siem", "logGroupName": "app"}]}),
    );
    sweep(&aws, &parameters).unwrap();
    assert_eq!(held(&aws, ACCOUNT), ("COMPLIANT".to_owned(), String::new()));
    assert_eq!(held(&aws, "vpc-1"), ("COMPLIANT".to_owned(), String::new()));
    assert!(aws.config().result(RULE, "subnet-1").is_none());
    let calls = aws.take_calls();
    // A rule that is off and one on a schedule need no targets; each thing is asked once.
    let asked = calls.iter().filter(|call| call.operation == "ListTargetsByRule").count();
    assert_eq!(asked, 2);
    // A filter alerts: us-east-1 is not asked.
    assert!(calls.iter().all(|call| call.region != "us-east-1"));
    let topics = calls.iter().filter(|call| call.operation == "ListSubscriptionsByTopic").count();
    assert_eq!(topics, 2, "two pages, once");
    assert_all_needed(&CONTROL, &actions_of(&calls));
}

#[test]
fn each_class_that_nobody_is_told_of_fails() {
    let cases: [(World, Value, &str); 8] = [
        (
            World::well().without_filters(&["root"]),
            json!({}),
            "ROOT_USE_NOT_ALERTED: Use of the root user alerts nobody: root sign-in, root sign-in with MFA",
        ),
        (World::well().without_filters(&["sign-in"]), json!({}), "SIGNIN_FAILURE_NOT_ALERTED"),
        (
            World::well(),
            json!({"requiredEvents": ["signin-without-mfa"]}),
            "SIGNIN_WITHOUT_MFA_NOT_ALERTED",
        ),
        (
            World::well(),
            json!({"requiredEvents": ["unauthorized-calls"]}),
            "UNAUTHORIZED_CALLS_NOT_ALERTED",
        ),
        (World::well().without_rules(&["findings"]), json!({}), "GUARDDUTY_NOT_ALERTED"),
        (
            World::well(),
            json!({"minSeverityCovered": 2}),
            "GUARDDUTY_NOT_ALERTED: GuardDuty findings alert nobody: GuardDuty severity 2, GuardDuty severity 3",
        ),
        (
            World::well().without_rules(&["violations"]),
            json!({}),
            "CONFIG_NONCOMPLIANCE_NOT_ALERTED",
        ),
        (
            World::well().without_filters(&["network"]),
            json!({}),
            "NETWORK_CHANGE_NOT_ALERTED: Changes of the network alert nobody: vpc, route-table, gateway and 2 more",
        ),
    ];
    for (world, parameters, start) in cases {
        assert_starts(&account_with(world, &parameters), start);
    }
    let mut hub = World::well();
    hub.hub = Some(&[]);
    let required = json!({"requiredEvents": ["securityhub"]});
    assert_starts(&account_with(hub, &required), "SECURITYHUB_NOT_FORWARDED");
    assert_starts(&account_with(World::well(), &required), "SECURITY_HUB_OFF");
    let mut off = World::well();
    off.guard_duty = false;
    assert_starts(&account(off), "GUARDDUTY_OFF");
}

#[test]
fn other_ways_to_be_told_count() {
    // Root use and failed sign-ins by rules in us-east-1, which forward to the home Region.
    let bus = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default");
    let sign_ins = json!({"source": ["aws.signin"]});
    let mut world = World::well().without_filters(&["root", "sign-in"]);
    world.global_rules = vec![rule("forward", &sign_ins)];
    world.targets.push(("forward", vec![bus]));
    let world = world.rule("sign-ins", &sign_ins, &topic("security"));
    assert_eq!(account(world), "");
    // The rule at home alone sees nothing of them.
    let world = World::well().without_filters(&["root", "sign-in"]).rule(
        "sign-ins",
        &sign_ins,
        &topic("security"),
    );
    let annotation = account(world);
    assert!(annotation.contains("ROOT_USE_NOT_ALERTED"), "{annotation}");
    assert!(annotation.contains("SIGNIN_FAILURE_NOT_ALERTED"), "{annotation}");

    // GuardDuty's finding on root use, for which the severity must be low enough.
    let all_findings = || {
        let findings = json!({"source": ["aws.guardduty"]});
        World::well().without_filters(&["root"]).rule("all", &findings, &topic("security"))
    };
    assert_eq!(account(all_findings()), "");
    let strict = json!({"acceptGuardDuty": false});
    assert_starts(&account_with(all_findings(), &strict), "ROOT_USE_NOT_ALERTED");

    // Findings and violations through Security Hub, if it imports them.
    for (products, start) in [
        (&["guardduty", "config"][..], ""),
        (&["guardduty"][..], "CONFIG_NONCOMPLIANCE_NOT_ALERTED"),
        (&["config"][..], "GUARDDUTY_NOT_ALERTED"),
    ] {
        let mut world = World::well().without_rules(&["findings", "violations"]).rule(
            "hub",
            &json!({"source": ["aws.securityhub"]}),
            &topic("security"),
        );
        world.hub = Some(products);
        let annotation = account(world);
        assert_starts(&annotation, start);
        assert_eq!(annotation.is_empty(), start.is_empty(), "{annotation}");
    }
    let mut world =
        World::well().rule("hub", &json!({"source": ["aws.securityhub"]}), &topic("security"));
    world.hub = Some(&[]);
    assert_eq!(account_with(world, &json!({"requiredEvents": ["securityhub"]})), "");

    // Two rules that share the severities.
    let severity = |range: Value| json!({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": range}]}});
    let world = World::well()
        .without_rules(&["findings"])
        .rule("high", &severity(json!([">=", 7])), &topic("security"))
        .rule("medium", &severity(json!([">=", 4, "<", 7])), &function("notify"));
    assert_eq!(account(world), "");

    // Network changes by AWS Config's item changes; four of five kinds are not all.
    let items = |kinds: Value| {
        json!({"source": ["aws.config"], "detail-type": ["Config Configuration Item Change"],
               "detail": {"configurationItem": {"resourceType": kinds}}})
    };
    let network = |kinds: Value| {
        World::well().without_filters(&["network"]).rule("items", &items(kinds), &topic("security"))
    };
    assert_eq!(account(network(json!([{"prefix": "AWS::EC2::"}]))), "");
    assert_starts(
        &account(network(json!([{"anything-but": "AWS::EC2::NetworkAcl"}]))),
        "NETWORK_CHANGE_NOT_ALERTED: Changes of the network alert nobody: nacl",
    );

    // Denied calls: an ordinary rule does not see the reading ones.
    let denied = json!({"detail": {"errorCode": [{"prefix": "AccessDenied"}, {"suffix": "UnauthorizedOperation"}]}});
    let required = json!({"requiredEvents": ["unauthorized-calls"]});
    let world = World::well().rule("denied", &denied, &topic("security"));
    assert_starts(
        &account_with(world, &required),
        "UNAUTHORIZED_CALLS_NOT_ALERTED: Denied calls alert nobody: DescribeInstances",
    );
    let mut world = World::well().rule("denied", &denied, &topic("security"));
    world.rules.last_mut().unwrap()["State"] =
        json!("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
    assert_eq!(account_with(world, &required), "");

    // A rule picks up what an alarm without actions says.
    let states = |name: &str| {
        json!({"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"],
               "detail": {"alarmName": [{"prefix": name}], "state": {"value": ["ALARM"]}}})
    };
    for (name, expected) in [("on-", ""), ("off-", "TARGET_NOT_LIVE")] {
        let mut world = World::well().rule("alarms", &states(name), &topic("security"));
        world.alarms[0]["AlarmActions"] = json!([]);
        let annotation = account(world);
        assert_starts(&annotation, expected);
        assert_eq!(annotation.is_empty(), expected.is_empty(), "{annotation}");
    }

    // A composite alarm acts for one without actions.
    let mut world = World::well();
    world.alarms[0]["AlarmActions"] = json!([]);
    world.composites = vec![json!({"AlarmName": "any",
        "AlarmArn": format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:any"), "AlarmRule": "ALARM(on-root) OR ALARM(x)",
        "ActionsEnabled": true, "AlarmActions": [topic("security")]})];
    assert_eq!(account(world), "");
}

#[test]
fn a_way_that_ends_nowhere_is_no_alert() {
    let dead = |rule: &'static str, target: &str| {
        let mut world = World::well();
        world.targets.retain(|(name, _)| *name != rule);
        if !target.is_empty() {
            world.targets.push((rule, vec![target.to_owned()]));
        }
        account(world)
    };
    let log_group = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/all");
    for (target, why) in [
        (topic("pending"), "SNS topic pending has no confirmed subscription"),
        (topic("empty"), "SNS topic empty has no confirmed subscription"),
        (topic("gone"), "SNS topic gone does not exist"),
        (function("gone"), "function gone does not exist"),
        (log_group, "target all notifies nobody"),
    ] {
        let expected = format!("TARGET_NOT_LIVE: AWS Config rules: rule violations: {why}");
        assert_eq!(dead("violations", &target), expected);
    }
    assert_starts(
        &dead("findings", ""),
        "TARGET_NOT_LIVE: GuardDuty: rule findings has no target that reaches anybody",
    );
    // A queue is taken to be read.
    assert_eq!(dead("findings", &format!("arn:aws:sqs:{REGION}:{ACCOUNT}:siem")), "");

    for (change, why) in [
        (json!({"ActionsEnabled": false}), "actions of alarm on-sign-in are off"),
        (json!({"AlarmActions": []}), "alarm on-sign-in has no action"),
        (
            json!({"AlarmActions": [topic("pending")]}),
            "alarm on-sign-in: SNS topic pending has no confirmed subscription",
        ),
        (
            json!({"AlarmActions": ["arn:aws:automate:ap-northeast-1:ec2:stop"]}),
            "alarm on-sign-in: target stop notifies nobody",
        ),
    ] {
        let mut world = World::well();
        for (key, value) in change.as_object().unwrap() {
            world.alarms[1][key] = value.clone();
        }
        assert_eq!(account(world), format!("TARGET_NOT_LIVE: failed sign-ins: {why}"));
    }

    // An alarm on low values, on another metric, on one value of a dimension: no alert at all.
    for change in [
        json!({"ComparisonOperator": "LessThanThreshold"}),
        json!({"MetricName": "signin"}),
        json!({"Dimensions": [{"Name": "user", "Value": "operator"}]}),
    ] {
        let mut world = World::well();
        for (key, value) in change.as_object().unwrap() {
            world.alarms[1][key] = value.clone();
        }
        assert_starts(&account(world), "SIGNIN_FAILURE_NOT_ALERTED");
    }

    // Nor is one on a value of a dimension that the filter fills.
    let mut world = World::well();
    world.filters[1]["metricTransformations"][0]["dimensions"] =
        json!({"user": "$.userIdentity.userName"});
    world.alarms[1]["Dimensions"] = json!([{"Name": "user", "Value": "operator"}]);
    assert_starts(&account(world), "SIGNIN_FAILURE_NOT_ALERTED");

    // A service's own rule tells the service, nobody else.
    let mut world = World::well();
    world.rules[1]["ManagedBy"] = json!("inspector2.amazonaws.com");
    assert_starts(&account(world), "GUARDDUTY_NOT_ALERTED");

    // Without a trail EventBridge has no calls either.
    let mut world =
        World::well().rule("calls", &json!({"source": ["aws.ec2"]}), &topic("security"));
    world.trails.clear();
    let annotation = account(world);
    assert!(annotation.contains("NETWORK_CHANGE_NOT_ALERTED"), "{annotation}");
    // A trail of another Region alone has neither.
    let mut world = World::well();
    world.trails[0].multi_region = false;
    let annotation = account(world);
    assert!(annotation.contains("ROOT_USE_NOT_ALERTED"), "{annotation}");
    assert!(!annotation.contains("NETWORK_CHANGE"), "{annotation}");
}

#[test]
fn another_account_counts_if_it_may() {
    let strict = json!({"acceptCentral": false, "acceptGuardDuty": false});
    // The trail delivers to the log archive account.
    let central_trail = || {
        let mut world = World::well();
        world.trails[0].log_group =
            Some(format!("arn:aws:logs:{REGION}:{CENTRAL}:log-group:trail:*"));
        world
    };
    assert_starts(&account(central_trail()), "ALERTED_CENTRALLY");
    assert_starts(&account_with(central_trail(), &strict), "ROOT_USE_NOT_ALERTED");

    // Rules that forward to the bus of another account.
    let forwarded = || {
        let bus = format!("arn:aws:events:{REGION}:{CENTRAL}:event-bus/security");
        let mut world = World::well();
        world.targets = vec![("findings", vec![bus.clone()]), ("violations", vec![bus])];
        world
    };
    assert_starts(&account(forwarded()), "ALERTED_CENTRALLY");
    assert_starts(&account_with(forwarded(), &strict), "GUARDDUTY_NOT_ALERTED");

    // The topic of another account, which an alarm here may use.
    let shared_topic = || {
        let mut world = World::well();
        let topic = format!("arn:aws:sns:{REGION}:{CENTRAL}:security");
        world.alarms[1]["AlarmActions"] = json!([topic]);
        world
    };
    assert_starts(&account(shared_topic()), "ALERTED_CENTRALLY");
    assert_starts(&account_with(shared_topic(), &strict), "SIGNIN_FAILURE_NOT_ALERTED");

    // Administrators of GuardDuty and of Security Hub.
    let member = || {
        let mut world = World::well().without_rules(&["findings", "violations"]);
        world.guard_duty_administrator = true;
        world.hub = Some(&["config"]);
        world.hub_administrator = true;
        world
    };
    assert_starts(&account(member()), "ALERTED_CENTRALLY");
    let mut without_config = member();
    without_config.hub = Some(&["guardduty"]);
    assert_starts(&account(without_config), "CONFIG_NONCOMPLIANCE_NOT_ALERTED");
    let annotation = account_with(member(), &strict);
    assert!(annotation.contains("GUARDDUTY_NOT_ALERTED"), "{annotation}");
    assert!(annotation.contains("CONFIG_NONCOMPLIANCE_NOT_ALERTED"), "{annotation}");
}

#[test]
fn traffic_responses_and_log_groups() {
    let mut world = World::well();
    world.alarms.pop();
    assert_eq!(account(world), "TRAFFIC_ALARM_MISSING: No alarm watches network traffic");
    let mut world = World::well();
    world.alarms[3]["ActionsEnabled"] = json!(false);
    assert_eq!(
        account(world),
        "TRAFFIC_ALARM_MISSING: No alarm watches network traffic: actions of alarm traffic are off"
    );
    let mut world = World::well();
    world.alarms.pop();
    assert_eq!(account_with(world, &json!({"trafficMetrics": ""})), "");

    let response = json!({"requireAutoResponse": true});
    assert_eq!(account_with(World::well(), &response), "");
    for (targets, severity) in [
        (vec![topic("security")], ""),
        (vec![topic("security"), function("gone")], ""),
        (vec![function("notify")], "high"),
    ] {
        let mut world = World::well();
        world.targets[0].1 = targets;
        let parameters = match severity {
            "" => response.clone(),
            _ => json!({"requireAutoResponse": true, "autoResponseMaxSeverity": 3}),
        };
        assert_starts(
            &account_with(world, &parameters),
            "GUARDDUTY_AUTO_RESPONSE_MISSING: GuardDuty findings start no automatic response",
        );
    }
    let mut world = World::well();
    let automation =
        format!("arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/Isolate:$DEFAULT");
    world.targets[0].1 = vec![topic("security"), automation];
    assert_eq!(account_with(world, &response), "");

    let monitored = json!({"monitoredLogGroups": ["app", "gone"]});
    let aws = World::well().into_aws();
    aws.stub("logs").when(
        "DescribeMetricFilters",
        json!({"logGroupName": "app"}),
        json!({"metricFilters": [filter("root", "ERROR")]}),
    );
    sweep(&aws, &monitored).unwrap();
    assert_eq!(
        held(&aws, ACCOUNT).1,
        "LOG_GROUP_NOT_ALERTED: A monitored log group raises no alarm: gone"
    );
    aws.stub("logs").when(
        "DescribeMetricFilters",
        json!({"logGroupName": "app"}),
        json!({"metricFilters": [filter("nobody-watches", "ERROR")]}),
    );
    sweep(&aws, &monitored).unwrap();
    assert_eq!(
        held(&aws, ACCOUNT).1,
        "LOG_GROUP_NOT_ALERTED: A monitored log group raises no alarm: app, gone"
    );
}

#[test]
fn flow_logs_are_watched_by_an_alarm_a_rule_or_guard_duty() {
    let strict = json!({"acceptGuardDuty": false});
    let run = |world: World, parameters: &Value| {
        let aws = world.into_aws();
        aws.stub("logs").when(
            "DescribeMetricFilters",
            json!({"logGroupName": "watched"}),
            json!({"metricFilters": [filter("root", "[..., action=REJECT, status]")]}),
        );
        sweep(&aws, parameters).unwrap();
        held(&aws, "vpc-1")
    };
    let failed = (
        "NON_COMPLIANT".to_owned(),
        "FLOW_LOG_ANOMALY_NOT_ALERTED: Anomalies in the flow logs alert nobody".to_owned(),
    );
    let well = ("COMPLIANT".to_owned(), String::new());
    assert_eq!(run(World::well(), &json!({})), well);
    assert_eq!(run(World::well(), &strict), failed);
    let mut off = World::well();
    off.guard_duty = false;
    assert_eq!(run(off, &json!({})), failed);

    // A VPC whose flow log is gone is no longer judged here.
    let mut gone = World::well();
    gone.flow_logs[0]["FlowLogStatus"] = json!("DELETED");
    let aws = gone.into_aws();
    sweep(&aws, &strict).unwrap();
    assert!(aws.config().result(RULE, "vpc-1").is_none());

    let mut watched = World::well();
    watched.flow_logs[0]["LogGroupName"] = json!("watched");
    assert_eq!(run(watched, &strict), well);
    let mut muted = World::well();
    muted.flow_logs[0]["LogGroupName"] = json!("watched");
    muted.alarms[0]["ActionsEnabled"] = json!(false);
    let (compliance, annotation) = run(muted, &strict);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.ends_with("actions of alarm on-root are off"), "{annotation}");

    let stored = |bucket: &str| {
        let arrives = json!({"source": ["aws.s3"], "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": ["flow-logs"]}, "object": {"key": [{"prefix": "vpc/AWSLogs/"}]}}});
        let mut world = World::well().rule("files", &arrives, &function("notify"));
        world.flow_logs[0] = json!({"FlowLogId": "fl-1", "FlowLogStatus": "ACTIVE",
            "ResourceId": "vpc-1", "LogDestinationType": "s3",
            "LogDestination": format!("arn:aws:s3:::{bucket}/vpc/")});
        world
    };
    assert_eq!(run(stored("flow-logs"), &strict), well);
    assert_eq!(run(stored("other"), &strict), failed);
}

#[test]
fn outside_the_home_region_what_is_global_is_left_out() {
    let aws = World::well().without_filters(&["root", "sign-in"]).into_aws();
    let rule = aws.config().rule(RULE);
    let mut lambda = start_with(&aws, &[(HOME, "ap-northeast-3")]);
    lambda.invoke(events::scheduled(&rule, &json!({}))).unwrap();
    let (compliance, annotation) = held(&aws, ACCOUNT);
    assert_eq!(compliance, "COMPLIANT");
    assert_starts(&annotation, "HOME_REGION_ONLY");
    // The log groups of an application are where it runs.
    let parameters = json!({"requiredEvents": "root-use", "monitoredLogGroups": "app"});
    lambda.invoke(events::scheduled(&rule, &parameters)).unwrap();
    assert_eq!(held(&aws, ACCOUNT).0, "NOT_APPLICABLE");
}

#[test]
fn what_cannot_be_decided_is_an_error_unless_something_else_alerts() {
    let regex = "{ $.eventName = %Console.*% && $.errorMessage = \"Failed authentication\" }";
    let mut world = World::well();
    world.filters[1]["filterPattern"] = json!(regex);
    let error = sweep(&world.into_aws(), &json!({})).unwrap_err();
    assert_eq!(error.error_type, "ControlFailed");
    assert_eq!(
        error.message,
        "it cannot be decided whether anybody is told of failed sign-ins: metric filter sign-in: a \
         regular expression decides"
    );
    // Without an alarm it does not matter, nor beside a filter that can be read.
    let mut world = World::well();
    world.filters[1]["filterPattern"] = json!(regex);
    world.alarms[1]["MetricName"] = json!("none");
    assert_starts(&account(world), "SIGNIN_FAILURE_NOT_ALERTED");
    let mut world = World::well();
    world.filters.push(json!({"filterName": "regex", "filterPattern": regex, "logGroupName": "trail",
        "metricTransformations": [{"metricName": "root", "metricNamespace": "Trail", "metricValue": "1"}]}));
    assert_eq!(account(world), "");

    let unknown = json!({"source": [{"sounds-like": "aws.guardduty"}]});
    let world = World::well().rule("new", &unknown, &topic("security"));
    assert_eq!(account(world), "");
    let world =
        World::well().without_rules(&["findings"]).rule("new", &unknown, &topic("security"));
    let error = sweep(&world.into_aws(), &json!({})).unwrap_err();
    assert!(
        error
            .message
            .contains("rule new: the event pattern cannot be read at \"source.sounds-like\""),
        "{}",
        error.message
    );
}

#[test]
fn a_denied_call_fails_the_run_and_writes_nothing() {
    let mut world = World::well().without_filters(&["root"]);
    world.hub = Some(&["config"]);
    let aws = world.into_aws();
    let parameters = json!({"monitoredLogGroups": ["trail"], "trafficMetrics": "A B"});
    aws.stub("logs").when(
        "DescribeMetricFilters",
        json!({"logGroupName": "app"}),
        json!({"metricFilters": []}),
    );
    let parameters_app = json!({"monitoredLogGroups": ["app"]});
    let rule = aws.config().rule(RULE);
    let mut lambda = start_with(&aws, &[]);
    for (service, operation) in [
        ("cloudtrail", "DescribeTrails"),
        ("logs", "DescribeMetricFilters"),
        ("logs", "DescribeSubscriptionFilters"),
        ("cloudwatch", "DescribeAlarms"),
        ("events", "ListRules"),
        ("events", "ListTargetsByRule"),
        ("sns", "ListSubscriptionsByTopic"),
        ("lambda", "GetFunctionConfiguration"),
        ("guardduty", "ListDetectors"),
        ("guardduty", "GetDetector"),
        ("guardduty", "GetAdministratorAccount"),
        ("securityhub", "DescribeHub"),
        ("securityhub", "GetAdministratorAccount"),
        ("securityhub", "ListEnabledProductsForImport"),
        ("ec2", "DescribeFlowLogs"),
    ] {
        aws.fault(service, operation, Fault::Denied);
        let given =
            if operation == "DescribeSubscriptionFilters" { &parameters_app } else { &parameters };
        let error = lambda.invoke(events::scheduled(&rule, given)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert!(error.message.contains(&format!(":{operation} failed")), "{}", error.message);
        aws.clear_faults();
    }
    assert_eq!(aws.count("PutEvaluations"), 0);

    for (parameters, name) in [
        (json!({"requiredEvents": ["root"]}), "requiredEvents"),
        (json!({"networkChangeClasses": ["acl"]}), "networkChangeClasses"),
    ] {
        let error = lambda.invoke(events::scheduled(&rule, &parameters)).unwrap_err();
        assert_eq!(error.error_type, "WrongParameter");
        assert!(error.message.contains(name), "{}", error.message);
    }
    let called: BTreeSet<String> = actions_of(&aws.take_calls());
    assert!(!called.contains("config:PutEvaluations"));
}
