use std::collections::BTreeSet;

use super::policies::{Policies, Policy};
use super::scaled::Scaled;
use super::*;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

/// An item as Config delivers it.
fn item(resource: ResourceType, tags: &[&str], configuration: Value) -> Value {
    let tags: serde_json::Map<_, _> =
        tags.iter().map(|key| ((*key).to_owned(), json!("true"))).collect();
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": resource.name, "resourceId": "r",
        "resourceName": "r", "tags": tags, "configuration": configuration,
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
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        offline: false,
        home: true,
    })
}

fn previewed(item: &Value, parameters: &Value) -> Result<Option<Verdict>, Error> {
    with_run(parameters, |run| runner::preview(&CONTROL, &read(item), run))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

/// The compliance and the codes of what the item decides; `ask` when it does not.
fn told(item: &Value, parameters: &Value) -> String {
    match previewed(item, parameters).unwrap() {
        Some(verdict) => in_words(&verdict),
        None => "ask".to_owned(),
    }
}

fn in_words(verdict: &Verdict) -> String {
    format!("{} {}", verdict.compliance().as_str(), codes(verdict).join(" "))
}

fn policy(kind: &str, more: Value) -> Value {
    let mut configuration = json!({"autoScalingGroupName": "web", "policyName": "p",
        "policyType": kind, "enabled": true, "alarms": []});
    for (key, value) in more.as_object().unwrap() {
        configuration[key] = value.clone();
    }
    item(ResourceType::AUTO_SCALING_SCALING_POLICY, &[], configuration)
}

fn cpu(target: Value) -> Value {
    policy(
        "TargetTrackingScaling",
        json!({"targetTrackingConfiguration": {"targetValue": target, "disableScaleIn": false,
            "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"}}}),
    )
}

fn predictive(mode: &str) -> Value {
    policy("PredictiveScaling", json!({"predictiveScalingConfiguration": {"mode": mode}}))
}

/// A good group, with some members set otherwise.
fn group(tags: &[&str], more: Value) -> Value {
    let mut configuration = json!({
        "autoScalingGroupName": "web", "minSize": 2, "maxSize": 6, "desiredCapacity": 2,
        "healthCheckType": "ELB", "targetGroupARNs": ["arn:aws:elasticloadbalancing:x"],
        "loadBalancerNames": [], "suspendedProcesses": [], "instances": [],
        "newInstancesProtectedFromScaleIn": false,
    });
    for (key, value) in more.as_object().unwrap() {
        configuration[key] = value.clone();
    }
    item(ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP, tags, configuration)
}

/// The verdict on a group with these policies, in words.
fn judged(group: &Value, policies: &[Value], parameters: &Value) -> String {
    let policies: Vec<Policy> =
        policies.iter().map(|one| Policy::of(&read(one)).unwrap()).collect();
    with_run(parameters, |run| {
        in_words(&groups::decide(&read(group), Policies::All(&policies), run).unwrap().unwrap())
    })
}

#[test]
fn a_group_needs_a_policy_that_acts() {
    let default = json!({});
    let suspended = |names: &[&str]| {
        let all: Vec<_> = names.iter().map(|name| json!({"processName": name})).collect();
        group(&[], json!({"suspendedProcesses": all}))
    };
    let mut elsewhere = cpu(json!(50));
    elsewhere["configuration"]["autoScalingGroupName"] = json!("batch");
    let mut disabled = cpu(json!(50));
    disabled["configuration"]["enabled"] = json!(false);
    let tracking = || vec![cpu(json!(50))];
    let (good, fails) = ("COMPLIANT ", "NON_COMPLIANT NO_SCALING_POLICY");
    let plain = group(&[], json!({}));
    for (group, policies, parameters, expected) in [
        (&plain, tracking(), &default, good),
        (&plain, vec![policy("StepScaling", json!({}))], &default, good),
        (
            &plain,
            vec![policy("StepScaling", json!({}))],
            &json!({"acceptedPolicyTypes": "TargetTrackingScaling"}),
            fails,
        ),
        (&plain, vec![predictive("ForecastAndScale")], &default, good),
        (&plain, vec![predictive("ForecastOnly")], &default, fails),
        (&plain, vec![], &default, fails),
        (&plain, vec![elsewhere], &default, fails),
        (&plain, vec![disabled], &default, fails),
        (&suspended(&["AlarmNotification"]), tracking(), &default, fails),
        (&suspended(&["AZRebalance", "Launch"]), tracking(), &default, fails),
        (&suspended(&["ScheduledActions"]), tracking(), &default, good),
        (
            &self::group(&[], json!({"minSize": 4, "maxSize": 4, "desiredCapacity": 4})),
            tracking(),
            &default,
            "NON_COMPLIANT NO_SCALING_POLICY CAPACITY_AT_LIMIT",
        ),
    ] {
        assert_eq!(judged(group, &policies, parameters), expected, "{group}");
    }
    // Without the policies nothing is said.
    assert_eq!(told(&plain, &default), "ask");
}

#[test]
fn sizes_that_others_set_or_that_are_fixed_need_no_policy() {
    let small = json!({"minSize": 0, "desiredCapacity": 1, "maxSize": 10});
    for tag in [
        "eks:cluster-name",
        "kubernetes.io/cluster/core",
        "k8s.io/cluster-autoscaler/enabled",
        "AmazonECSManaged",
        "AWSBatchServiceTag",
    ] {
        assert_eq!(told(&group(&[tag], small.clone()), &json!({})), "COMPLIANT MANAGED_ELSEWHERE");
    }
    assert_eq!(
        told(&group(&["fisc:fixed-size"], small.clone()), &json!({})),
        "NOT_APPLICABLE FIXED_SIZE"
    );
    assert_eq!(
        told(&group(&["fixed"], small), &json!({"fixedSizeTagKey": "fixed"})),
        "NOT_APPLICABLE FIXED_SIZE"
    );
    // What is sick must be replaced all the same.
    let sick = json!({"healthCheckType": "EC2"});
    for tag in ["eks:cluster-name", "fisc:fixed-size"] {
        assert_eq!(
            told(&group(&[tag], sick.clone()), &json!({})),
            "NON_COMPLIANT ELB_HEALTH_CHECK_OFF"
        );
    }
    let empty = json!({"minSize": 0, "maxSize": 0, "desiredCapacity": 0});
    assert_eq!(told(&group(&[], empty), &json!({})), "NOT_APPLICABLE EMPTY_GROUP");
    // Groups have their tags inside, and none at the top.
    let mut inside = group(&[], json!({"minSize": 1, "maxSize": 1, "desiredCapacity": 1}));
    inside["configuration"]["tags"] = json!([{"resourceId": "web", "key": "fisc:fixed-size",
        "value": "licence", "propagateAtLaunch": true}]);
    assert_eq!(told(&inside, &json!({})), "NOT_APPLICABLE FIXED_SIZE");
}

#[test]
fn offline_a_group_that_fails_without_its_policies_has_failed() {
    let parameters = Parameters::default();
    let offline = |item: &Value| {
        let run = Run {
            parameters: &parameters,
            now: "2026-11-01T00:00:00Z".parse().unwrap(),
            account_id: "111122223333",
            region: "ap-northeast-1",
            deadline: None,
            offline: true,
            home: true,
        };
        let verdict = runner::preview(&CONTROL, &read(item), &run).unwrap();
        verdict.map(|verdict| in_words(&verdict))
    };
    assert_eq!(offline(&group(&[], json!({}))), None);
    assert_eq!(offline(&group(&["fisc:predictive"], json!({}))), None);
    let sick = group(&[], json!({"healthCheckType": "EC2"}));
    assert_eq!(offline(&sick).unwrap(), "NON_COMPLIANT ELB_HEALTH_CHECK_OFF");
    let stuck = group(&[], json!({"minSize": 4, "maxSize": 4}));
    assert_eq!(offline(&stuck).unwrap(), "NON_COMPLIANT NO_SCALING_POLICY");
    // Where the policies can be asked for, they are.
    assert_eq!(told(&sick, &json!({})), "ask");
}

#[test]
fn policies_that_are_not_recorded_are_not_missing() {
    let judged = |group: &Value| {
        with_run(&json!({}), |run| {
            in_words(&groups::decide(&read(group), Policies::NotRecorded, run).unwrap().unwrap())
        })
    };
    let unknown = "NOT_APPLICABLE POLICIES_NOT_RECORDED";
    assert_eq!(judged(&group(&[], json!({}))), unknown);
    assert_eq!(judged(&group(&["fisc:predictive", "eks:cluster-name"], json!({}))), unknown);
    // What the group tells by itself is judged all the same.
    let sick = group(&[], json!({"healthCheckType": "EC2"}));
    assert_eq!(judged(&sick), "NON_COMPLIANT ELB_HEALTH_CHECK_OFF");
}

#[test]
fn health_checks_of_load_balancers_count() {
    let classic = json!(["web"]);
    for (more, fails) in [
        (json!({"healthCheckType": "EC2"}), true),
        (json!({"healthCheckType": "EC2,ELB,VPC_LATTICE"}), false),
        (json!({"healthCheckType": "EC2, EBS"}), true),
        (json!({"healthCheckType": "EC2", "targetGroupARNs": []}), false),
        (
            json!({"healthCheckType": "EC2", "targetGroupARNs": [], "loadBalancerNames": classic}),
            true,
        ),
        (json!({"suspendedProcesses": [{"processName": "ReplaceUnhealthy"}]}), true),
        (json!({"suspendedProcesses": [{"processName": "HealthCheck"}]}), true),
    ] {
        let expected = if fails { "NON_COMPLIANT ELB_HEALTH_CHECK_OFF" } else { "COMPLIANT " };
        assert_eq!(
            judged(&group(&[], more.clone()), &[cpu(json!(50))], &json!({})),
            expected,
            "{more}"
        );
    }
}

#[test]
fn groups_have_room_and_a_floor() {
    let default = json!({});
    let sizes = |min: i64, desired: i64, max: i64| json!({"minSize": min, "desiredCapacity": desired, "maxSize": max});
    let mut cores = sizes(1, 1, 4);
    cores["desiredCapacityType"] = json!("vcpu");
    for (more, parameters, expected) in [
        (sizes(2, 8, 10), &default, "COMPLIANT "),
        (sizes(2, 9, 10), &default, "NON_COMPLIANT CAPACITY_AT_LIMIT"),
        (sizes(2, 9, 10), &json!({"headroomPercent": 10}), "COMPLIANT "),
        (sizes(1, 2, 10), &default, "NON_COMPLIANT MIN_CAPACITY_LOW"),
        (sizes(1, 2, 10), &json!({"minSize": 1}), "COMPLIANT "),
        (cores, &default, "COMPLIANT "),
    ] {
        assert_eq!(
            judged(&group(&[], more.clone()), &[cpu(json!(50))], parameters),
            expected,
            "{more}"
        );
    }
}

#[test]
fn tags_ask_for_forecasts_and_guarded_state() {
    let default = json!({});
    let tracking = cpu(json!(50));
    let tagged = group(&["fisc:predictive"], json!({}));
    let missing = "NON_COMPLIANT PREDICTIVE_SCALING_MISSING";
    assert_eq!(judged(&tagged, &[tracking.clone(), predictive("ForecastOnly")], &default), missing);
    assert_eq!(judged(&tagged, &[predictive("ForecastAndScale")], &default), "COMPLIANT ");
    // A fixed size does not answer it without the policies.
    assert_eq!(told(&group(&["fisc:predictive", "fisc:fixed-size"], json!({})), &default), "ask");
    for (more, expected) in [
        (json!({}), "NON_COMPLIANT STATEFUL_REBALANCE_UNGUARDED"),
        (json!({"newInstancesProtectedFromScaleIn": true}), "COMPLIANT "),
        (json!({"suspendedProcesses": [{"processName": "AZRebalance"}]}), "COMPLIANT "),
    ] {
        let group = group(&["fisc:stateful"], more);
        assert_eq!(judged(&group, std::slice::from_ref(&tracking), &default), expected);
    }
}

#[test]
fn targets_of_policies_suit() {
    let default = json!({});
    let tracking = |metric: Value| {
        policy("TargetTrackingScaling", json!({"targetTrackingConfiguration": metric}))
    };
    let predefined = |metric: &str| {
        tracking(json!({"targetValue": 900.0,
            "predefinedMetricSpecification": {"predefinedMetricType": metric}}))
    };
    let own = |namespace: &str, name: &str| {
        tracking(json!({"targetValue": 90, "customizedMetricSpecification":
            {"namespace": namespace, "metricName": name, "statistic": "Average"}}))
    };
    let mut disabled = cpu(json!(90));
    disabled["configuration"]["enabled"] = json!(false);
    let (good, fails) = ("COMPLIANT ", "NON_COMPLIANT SCALING_TARGET_UNSUITABLE");
    for (policy, parameters, expected) in [
        (cpu(json!(50)), &default, good),
        (cpu(json!(70.0)), &default, good),
        (cpu(json!(70.5)), &default, fails),
        (cpu(json!(80)), &json!({"maxCpuTarget": 80}), good),
        (predefined("ALBRequestCountPerTarget"), &default, good),
        (
            predefined("ALBRequestCountPerTarget"),
            &json!({"allowedMetrics": "ASGAverageCPUUtilization"}),
            fails,
        ),
        (own("Bank/Queue", "Backlog"), &default, good),
        (own("Bank/Queue", "Backlog"), &json!({"acceptCustomMetrics": false}), fails),
        // The same metric by its own name.
        (own("AWS/EC2", "CPUUtilization"), &default, fails),
        (policy("StepScaling", json!({})), &default, "NOT_APPLICABLE NOT_TARGET_TRACKING"),
        (disabled, &default, "NOT_APPLICABLE POLICY_DISABLED"),
    ] {
        assert_eq!(told(&policy, parameters), expected, "{policy}");
    }
}

/// What must scale of an item, in words.
fn wanted(item: &Value) -> Vec<String> {
    match Scaled::of(&read(item)).unwrap() {
        Scaled::By { wanted, .. } => {
            wanted.into_iter().map(|(id, dimension)| format!("{id} {dimension}")).collect()
        }
        Scaled::Settled(verdict) => vec![in_words(&verdict)],
    }
}

fn service(more: Value) -> Value {
    let mut configuration = json!({"ServiceArn": "arn:aws:ecs:ap-northeast-1:111122223333:service/core/api",
        "ServiceName": "api", "Cluster": "arn:aws:ecs:ap-northeast-1:111122223333:cluster/core",
        "DesiredCount": 2, "SchedulingStrategy": "REPLICA"});
    for (key, value) in more.as_object().unwrap() {
        configuration[key] = value.clone();
    }
    item(ResourceType::ECS_SERVICE, &[], configuration)
}

#[test]
fn services_are_known_by_cluster_and_name() {
    let api = ["service/core/api ecs:service:DesiredCount"];
    assert_eq!(wanted(&service(json!({}))), api);
    let old = json!({"ServiceArn": "arn:aws:ecs:ap-northeast-1:111122223333:service/api"});
    assert_eq!(wanted(&service(old.clone())), api);
    let mut named = service(old);
    named["configuration"]["Cluster"] = json!("core");
    assert_eq!(wanted(&named), api);
    let not = ["NOT_APPLICABLE NOT_REPLICATED_SERVICE"];
    assert_eq!(wanted(&service(json!({"SchedulingStrategy": "DAEMON"}))), not);
    assert_eq!(wanted(&service(json!({"DesiredCount": 0}))), not);
    assert_eq!(wanted(&service(json!({"SchedulingStrategy": null}))), api);
    let mut fixed = service(json!({}));
    fixed["tags"] = json!({"fisc:fixed-size": "licence"});
    assert_eq!(told(&fixed, &json!({})), "NOT_APPLICABLE FIXED_SIZE");
    assert_eq!(told(&service(json!({})), &json!({})), "ask");
}

#[test]
fn provisioned_tables_scale_with_their_indexes() {
    let table = |configuration: Value| item(ResourceType::DYNAMODB_TABLE, &[], configuration);
    let mode = |mode: &str| json!({"tableName": "t", "billingModeSummary": {"billingMode": mode}});
    assert_eq!(wanted(&table(mode("PAY_PER_REQUEST"))), ["NOT_APPLICABLE ON_DEMAND_TABLE"]);
    let own =
        ["table/t dynamodb:table:ReadCapacityUnits", "table/t dynamodb:table:WriteCapacityUnits"];
    assert_eq!(wanted(&table(mode("PROVISIONED"))), own);
    // Without a summary the table was never on demand.
    assert_eq!(wanted(&table(json!({"tableName": "t"}))), own);
    let indexed = json!({"tableName": "t", "globalSecondaryIndexes": [{"indexName": "i"}]});
    let all = [
        own[0],
        own[1],
        "table/t/index/i dynamodb:index:ReadCapacityUnits",
        "table/t/index/i dynamodb:index:WriteCapacityUnits",
    ];
    assert_eq!(wanted(&table(indexed.clone())), all);
    let scaling = |count: usize| -> BTreeSet<(String, String)> {
        let pairs = all.iter().take(count).filter_map(|one| one.split_once(' '));
        pairs.map(|(id, dimension)| (id.to_owned(), dimension.to_owned())).collect()
    };
    let judged =
        |count| Scaled::of(&read(&table(indexed.clone()))).unwrap().decide(&scaling(count));
    assert_eq!(judged(4), Verdict::compliant());
    let verdict = judged(3);
    assert_eq!(codes(&verdict), ["DYNAMODB_NOT_SCALING"]);
    assert!(verdict.reasons()[0].message.en.ends_with(": table/t/index/i (WriteCapacityUnits)"));
}

#[test]
fn clusters_of_aurora_scale_their_readers_or_themselves() {
    let cluster = |more: Value| {
        let mut configuration = json!({"dbclusterIdentifier": "c", "engine": "aurora-mysql",
            "engineMode": "provisioned", "dbclusterMembers": [{"dbinstanceIdentifier": "c-1"}]});
        for (key, value) in more.as_object().unwrap() {
            configuration[key] = value.clone();
        }
        item(ResourceType::RDS_DB_CLUSTER, &[], configuration)
    };
    let range = |min: f64, max: f64| json!({"serverlessV2ScalingConfiguration": {"minCapacity": min, "maxCapacity": max}});
    let readers = "cluster:c rds:cluster:ReadReplicaCount";
    for (more, expected) in [
        (json!({}), readers),
        (json!({"engine": "mysql"}), "NOT_APPLICABLE NOT_AURORA"),
        (json!({"engine": "docdb"}), "NOT_APPLICABLE NOT_AURORA"),
        (json!({"engineMode": "serverless"}), "COMPLIANT SERVERLESS_CLUSTER"),
        (range(0.5, 8.0), "COMPLIANT SERVERLESS_CLUSTER"),
        // A range without room does not follow anything.
        (range(8.0, 8.0), readers),
        (json!({"dbclusterMembers": []}), "NOT_APPLICABLE NO_INSTANCE"),
    ] {
        assert_eq!(wanted(&cluster(more.clone())), [expected], "{more}");
    }
    let verdict = Scaled::of(&read(&cluster(json!({})))).unwrap().decide(&BTreeSet::new());
    assert_eq!(codes(&verdict), ["AURORA_REPLICAS_NOT_SCALING"]);
}

#[test]
fn capacity_providers_are_managed() {
    let provider =
        |configuration: Value| item(ResourceType::ECS_CAPACITY_PROVIDER, &[], configuration);
    let managed = |status: &str| {
        provider(json!({"Name": "p", "AutoScalingGroupProvider":
            {"AutoScalingGroupArn": "arn", "ManagedScaling": {"Status": status}}}))
    };
    let default = json!({});
    assert_eq!(told(&managed("ENABLED"), &default), "COMPLIANT ");
    assert_eq!(told(&managed("DISABLED"), &default), "NON_COMPLIANT CAPACITY_PROVIDER_UNMANAGED");
    assert_eq!(
        told(&provider(json!({"Name": "FARGATE"})), &default),
        "NOT_APPLICABLE FARGATE_PROVIDER"
    );
}

#[test]
fn what_an_item_must_tell_and_does_not_is_an_error() {
    let without = |item: &Value, key: &str| {
        let mut item = item.clone();
        item["configuration"].as_object_mut().unwrap().remove(key);
        previewed(&item, &json!({})).map(|verdict| verdict.is_none()).unwrap_err().to_string()
    };
    let unmanaged = item(
        ResourceType::ECS_CAPACITY_PROVIDER,
        &[],
        json!({"AutoScalingGroupProvider": {"AutoScalingGroupArn": "arn"}}),
    );
    let aurora = item(
        ResourceType::RDS_DB_CLUSTER,
        &[],
        json!({"dbclusterIdentifier": "c", "engine": "aurora-mysql", "dbclusterMembers": [{}]}),
    );
    let managed = group(&["eks:cluster-name"], json!({}));
    for (item, key) in [
        (&managed, "minSize"),
        (&managed, "maxSize"),
        (&managed, "desiredCapacity"),
        (&managed, "healthCheckType"),
        (&cpu(json!(50)), "enabled"),
        (&cpu(json!(50)), "policyType"),
        (&cpu(json!(50)), "targetTrackingConfiguration"),
        (&aurora, "engine"),
        (&aurora, "dbclusterMembers"),
        (&aurora, "dbclusterIdentifier"),
        (&service(json!({})), "ServiceArn"),
    ] {
        let error = without(item, key);
        assert!(error.contains(&format!("{key} is missing")), "{key}: {error}");
    }
    let error = previewed(&unmanaged, &json!({})).unwrap_err().to_string();
    assert!(error.contains("ManagedScaling is missing"), "{error}");
    previewed(&cpu(json!("high")), &json!({})).unwrap_err();
}
