use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::operation::describe_capacity_reservation::DescribeCapacityReservationOutput;
use aws_sdk_elasticloadbalancingv2::types::{
    CapacityReservationStateEnum, CapacityReservationStatus, MinimumLoadBalancerCapacity,
    ProtocolEnum, TargetDescription, TargetGroup, TargetHealth, TargetHealthDescription,
    TargetHealthStateEnum, TargetTypeEnum, ZonalCapacityReservationState,
};
use aws_sdk_globalaccelerator::types::{EndpointDescription, EndpointGroup, HealthState};
use aws_sdk_route53::types::{AliasTarget, ResourceRecordSet, ResourceRecordSetFailover, RrType};
use fisc_testkit::events;
use serde_json::{Value, json};

use super::balancers::{Balancer, is_reserved};
use super::targets::{self, Group, Zones};
use super::{CONTROL, accelerators, records};
use crate::testing::{codes, preview, previewed, read, with_run};

fn defaults() -> Value {
    json!({})
}

const CLASSIC: &str = "AWS::ElasticLoadBalancing::LoadBalancer";
const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const DISTRIBUTION: &str = "AWS::CloudFront::Distribution";
const ACCELERATOR: &str = "AWS::GlobalAccelerator::Accelerator";

#[test]
fn classic_balancers_cross_zones_unless_they_are_zonal_by_design() {
    let balancer = |on: Value, tags: Value| {
        let mut item = events::item(CLASSIC, "hbg-clb", json!({}));
        item["supplementaryConfiguration"] =
            json!({"LoadBalancerAttributes": {"crossZoneLoadBalancing": {"enabled": on}}});
        item["tags"] = tags;
        item
    };
    for (on, tags, expected) in [
        (true, json!({}), vec![]),
        (false, json!({}), vec!["CROSS_ZONE_OFF"]),
        (false, json!({"fisc:zonal": "true"}), vec!["ZONAL_BY_DESIGN"]),
        (true, json!({"fisc:zonal": "true"}), vec![]),
    ] {
        let item = balancer(json!(on), tags);
        assert_eq!(previewed(&CONTROL, &item, &defaults()).unwrap(), expected, "{item}");
    }
    let off = balancer(json!(false), json!({"fisc:zonal": ""}));
    let none = json!({"zonalTagKey": ""});
    assert_eq!(previewed(&CONTROL, &off, &none).unwrap(), ["CROSS_ZONE_OFF"]);
    let unknown = balancer(Value::Null, json!({}));
    assert!(preview(&CONTROL, &unknown, &defaults()).is_err());
    let mut bare = off;
    bare["supplementaryConfiguration"] = json!({});
    let error = preview(&CONTROL, &bare, &defaults()).unwrap_err().to_string();
    assert!(error.contains("LoadBalancerAttributes is missing"), "{error}");
}

fn balancer(kind: &str, cross_zone: Option<&str>, tags: Value) -> Value {
    let mut item = events::item(
        BALANCER,
        "arn:lb",
        json!({"loadBalancerArn": "arn:lb", "type": kind, "availabilityZones": [
            {"zoneName": "ap-northeast-1a", "subnetId": "subnet-a"},
            {"zoneName": "ap-northeast-1c", "subnetId": "subnet-c"},
        ]}),
    );
    let mut attributes = vec![json!({"key": "deletion_protection.enabled", "value": "true"})];
    attributes.extend(
        cross_zone.map(|value| json!({"key": "load_balancing.cross_zone.enabled", "value": value})),
    );
    item["supplementaryConfiguration"] = json!({"LoadBalancerAttributes": attributes});
    item["tags"] = tags;
    item
}

#[test]
fn each_kind_of_balancer_has_its_own_requirements() {
    for (item, off, subnets, surge) in [
        // An Application Load Balancer always crosses zones.
        (balancer("application", None, json!({})), false, 2, false),
        (balancer("network", Some("false"), json!({})), true, 2, false),
        (balancer("network", Some("true"), json!({})), false, 2, false),
        (balancer("network", Some("false"), json!({"fisc:zonal": ""})), false, 2, false),
        (balancer("gateway", Some("false"), json!({})), true, 0, false),
        (balancer("application", None, json!({"fisc:surge": "payday"})), false, 2, true),
    ] {
        assert_eq!(previewed(&CONTROL, &item, &defaults()), None);
        with_run(&CONTROL, &defaults(), |run| {
            let found = Balancer::read(&read(&item), run).unwrap();
            let facts = (found.cross_zone_off, found.subnets.len(), found.surge);
            assert_eq!(facts, (off, subnets, surge), "{item}");
        });
    }
    for item in [balancer("network", None, json!({})), balancer("lunar", Some("true"), json!({}))] {
        with_run(&CONTROL, &defaults(), |run| {
            assert!(Balancer::read(&read(&item), run).is_err(), "{item}");
        });
    }
}

#[test]
fn capacity_counts_when_it_is_there_in_every_zone() {
    use CapacityReservationStateEnum::{Failed, Provisioned};
    let answer = |units: Option<i32>, states: &[CapacityReservationStateEnum]| {
        let minimum =
            units.map(|units| MinimumLoadBalancerCapacity::builder().capacity_units(units).build());
        let mut answer = DescribeCapacityReservationOutput::builder()
            .set_minimum_load_balancer_capacity(minimum);
        for state in states {
            let state = CapacityReservationStatus::builder().code(state.clone()).build();
            let zone = ZonalCapacityReservationState::builder().state(state).build();
            answer = answer.capacity_reservation_state(zone);
        }
        answer.build()
    };
    assert!(is_reserved(&answer(Some(100), &[Provisioned, Provisioned])));
    assert!(!is_reserved(&answer(Some(100), &[Provisioned, Failed])));
    assert!(!is_reserved(&answer(None, &[])));
    assert!(!is_reserved(&answer(Some(0), &[])));
}

#[test]
fn marked_distributions_have_an_origin_group() {
    let distribution = |target: &str, members: i64, marked: bool| {
        let mut item = events::item(
            DISTRIBUTION,
            "E1",
            json!({"distributionConfig": {
                "defaultCacheBehavior": {"targetOriginId": target},
                "originGroups": {"quantity": 1, "items":
                    [{"id": "both", "members": {"quantity": members}}]},
            }}),
        );
        let tags = json!({"fisc:dr": "multi-region"});
        item["tags"] = if marked { tags } else { json!({}) };
        item
    };
    for (item, expected) in [
        (distribution("both", 2, true), vec![]),
        (distribution("both", 1, true), vec!["ORIGIN_FAILOVER_MISSING"]),
        // A group that only other behaviours use.
        (distribution("one", 2, true), vec!["ORIGIN_FAILOVER_MISSING"]),
        (distribution("one", 2, false), vec!["NOT_MARKED_FOR_FAILOVER"]),
    ] {
        assert_eq!(previewed(&CONTROL, &item, &defaults()).unwrap(), expected, "{item}");
    }
    let mut none = distribution("one", 2, true);
    none["configuration"]["distributionConfig"]["originGroups"] = Value::Null;
    assert_eq!(previewed(&CONTROL, &none, &defaults()).unwrap(), ["ORIGIN_FAILOVER_MISSING"]);
    none["configuration"]["distributionConfig"]["defaultCacheBehavior"] = Value::Null;
    assert!(preview(&CONTROL, &none, &defaults()).is_err());
}

fn group(kind: TargetTypeEnum, path: Option<&str>, enabled: bool) -> TargetGroup {
    TargetGroup::builder()
        .target_group_arn("arn:tg")
        .target_group_name("hbg-tg")
        .target_type(kind)
        .load_balancer_arns("arn:lb")
        .health_check_enabled(enabled)
        .health_check_protocol(ProtocolEnum::Http)
        .set_health_check_path(path.map(str::to_owned))
        .build()
}

fn target(id: &str, zone: Option<&str>, state: TargetHealthStateEnum) -> TargetHealthDescription {
    let target =
        TargetDescription::builder().id(id).set_availability_zone(zone.map(str::to_owned)).build();
    let health = TargetHealth::builder().state(state).build();
    TargetHealthDescription::builder().target(target).target_health(health).build()
}

#[test]
fn target_groups_are_checked() {
    use TargetTypeEnum::{Instance, Ip, Lambda};
    let judged = |group: &TargetGroup| {
        let group = Group::read(group).unwrap();
        codes(
            &CONTROL,
            &targets::decide(&group.map(|group| vec![(group, false)]).unwrap_or_default()),
        )
    };
    let mut tcp = group(Instance, None, true);
    tcp.health_check_protocol = Some(ProtocolEnum::Tcp);
    let mut idle = group(Ip, None, false);
    idle.load_balancer_arns = Some(Vec::new());
    for (group, expected) in [
        (group(Ip, Some("/health"), true), vec![]),
        (group(Ip, Some("/health"), false), vec!["TARGET_HEALTH_CHECK_OFF"]),
        (group(Ip, None, true), vec!["TARGET_HEALTH_CHECK_OFF"]),
        (tcp, vec![]),
        (group(Lambda, None, false), vec!["NO_TARGET_GROUP"]),
        (idle, vec!["NO_TARGET_GROUP"]),
    ] {
        assert_eq!(judged(&group), expected, "{group:?}");
    }
    let odd = TargetGroup::builder().target_type(Ip).load_balancer_arns("arn:lb").build();
    assert!(Group::read(&odd).unwrap_err().to_string().contains("HealthCheckEnabled"));
}

#[test]
fn targets_are_healthy_in_two_zones() {
    use TargetHealthStateEnum::{Draining, Healthy, Initial, Unhealthy, Unused};
    use TargetTypeEnum::{Alb, Instance, Ip};
    let (a, c) = (Some("ap-northeast-1a"), Some("ap-northeast-1c"));
    let instances = Zones::from([
        ("i-a".to_owned(), "ap-northeast-1a".to_owned()),
        ("i-a2".to_owned(), "ap-northeast-1a".to_owned()),
        ("i-c".to_owned(), "ap-northeast-1c".to_owned()),
    ]);
    for (kind, found, unhealthy) in [
        (Ip, vec![target("1", a, Healthy), target("2", c, Healthy)], false),
        (Ip, vec![target("1", a, Healthy), target("2", c, Unhealthy)], true),
        (Ip, vec![target("1", a, Healthy), target("2", a, Healthy)], true),
        // A target that a deployment has just brought.
        (Ip, vec![target("1", a, Healthy), target("2", c, Initial)], false),
        (Ip, vec![target("1", a, Healthy), target("2", c, Draining)], true),
        // An address outside the VPC is in no zone that is known.
        (Ip, vec![target("1", Some("all"), Healthy), target("2", Some("all"), Healthy)], false),
        (Ip, vec![target("1", Some("all"), Healthy)], true),
        // The idle half of a blue/green deployment.
        (Ip, vec![], false),
        (Ip, vec![target("1", a, Unused), target("2", c, Unused)], false),
        (Ip, vec![target("1", a, Draining)], false),
        (Ip, vec![target("1", a, Unhealthy)], true),
        // The zones of instances are not in the answer.
        (Instance, vec![target("i-a", None, Healthy), target("i-c", None, Healthy)], false),
        (Instance, vec![target("i-a", None, Healthy), target("i-a2", None, Healthy)], true),
        (Instance, vec![target("i-a", None, Healthy), target("i-new", None, Healthy)], false),
        // One load balancer is the only target of its group.
        (Alb, vec![target("arn:alb", None, Healthy)], false),
    ] {
        let group = Group::read(&group(kind, Some("/"), true)).unwrap().unwrap();
        with_run(&CONTROL, &defaults(), |run| {
            let judged = targets::is_unhealthy(&group, &found, &instances, run).unwrap();
            assert_eq!(judged, unhealthy, "{found:?}");
            let expected = if unhealthy { vec!["TARGETS_UNHEALTHY"] } else { vec![] };
            assert_eq!(codes(&CONTROL, &targets::decide(&[(group.clone(), judged)])), expected);
        });
        let lenient = json!({"minHealthyTargets": 1, "minAvailabilityZones": 1});
        with_run(&CONTROL, &lenient, |run| {
            let judged = targets::is_unhealthy(&group, &found, &instances, run).unwrap();
            assert!(
                !judged
                    || found
                        .iter()
                        .all(|one| { one.target_health().unwrap().state() == Some(&Unhealthy) })
            );
        });
    }
    let group = Group::read(&group(Ip, Some("/"), true)).unwrap().unwrap();
    let odd = TargetHealthDescription::builder().build();
    with_run(&CONTROL, &defaults(), |run| {
        assert!(targets::is_unhealthy(&group, &[odd], &instances, run).is_err());
    });
}

/// How a record answers.
#[derive(Clone, Copy)]
enum Leads<'a> {
    Check(&'a str),
    Alias(&'a str, bool),
    Plainly,
}

fn record(
    name: &str,
    role: Option<ResourceRecordSetFailover>,
    leads: Leads<'_>,
) -> ResourceRecordSet {
    let record = ResourceRecordSet::builder().name(name).r#type(RrType::A);
    let record = match &role {
        Some(role) => record.set_identifier(role.as_str()).failover(role.clone()),
        None => record,
    };
    match leads {
        Leads::Check(id) => record.health_check_id(id),
        Leads::Alias(target, evaluated) => record.alias_target(
            AliasTarget::builder()
                .hosted_zone_id("Z2")
                .dns_name(target)
                .evaluate_target_health(evaluated)
                .build()
                .unwrap(),
        ),
        Leads::Plainly => record,
    }
    .build()
    .unwrap()
}

fn judged(records: &[ResourceRecordSet], marked: bool, parameters: &Value) -> Vec<&'static str> {
    let disabled = BTreeSet::from(["off".to_owned()]);
    with_run(&CONTROL, parameters, |run| {
        codes(&CONTROL, &records::judge(records, marked, &disabled, run))
    })
}

#[test]
fn failover_records_have_a_partner_and_a_check() {
    use Leads::{Alias, Check, Plainly};
    use ResourceRecordSetFailover::{Primary, Secondary};
    let name = "api.hbg.example.";
    let primary = |leads| record(name, Some(Primary), leads);
    // The record of last resort needs no check.
    let secondary = || record(name, Some(Secondary), Plainly);
    let failed = vec!["FAILOVER_RECORD_UNCHECKED"];
    for (records, expected) in [
        (vec![primary(Check("on")), secondary()], vec![]),
        (vec![primary(Alias("lb.example.", true)), secondary()], vec![]),
        (vec![primary(Alias("lb.example.", false)), secondary()], failed.clone()),
        (vec![primary(Plainly), secondary()], failed.clone()),
        // Route 53 takes a disabled check for healthy.
        (vec![primary(Check("off")), secondary()], failed.clone()),
        (vec![primary(Check("on"))], failed.clone()),
        (vec![secondary()], failed.clone()),
        // The partner has another name.
        (vec![primary(Check("on")), record("www.hbg.example.", Some(Secondary), Plainly)], failed),
        (vec![record(name, None, Plainly)], vec!["NO_FAILOVER_RECORD"]),
        (vec![], vec!["NO_FAILOVER_RECORD"]),
    ] {
        assert_eq!(judged(&records, false, &defaults()), expected, "{records:?}");
    }
    // Another type of the same name needs its own pair.
    let mut six = primary(Check("on"));
    six.r#type = RrType::Aaaa;
    let records = [primary(Check("on")), secondary(), six];
    assert_eq!(judged(&records, false, &defaults()), ["FAILOVER_RECORD_UNCHECKED"]);
}

#[test]
fn records_that_must_fail_over_have_a_policy() {
    use Leads::{Alias, Check, Plainly};
    use ResourceRecordSetFailover::{Primary, Secondary};
    let name = "api.hbg.example.";
    let named = json!({"failoverRecordNames": ["API.hbg.example"]});
    let failed = vec!["FAILOVER_ROUTING_MISSING"];
    let pair = [
        record("lb.hbg.example.", Some(Primary), Check("on")),
        record("lb.hbg.example.", Some(Secondary), Plainly),
    ];
    let with_pair = |alias: &str| {
        let mut records = pair.to_vec();
        records.push(record(name, None, Alias(alias, true)));
        records
    };
    for (records, marked, parameters, expected) in [
        (vec![record(name, None, Plainly)], false, &named, failed.clone()),
        (vec![record(name, None, Plainly)], true, &defaults(), failed.clone()),
        (
            vec![record(name, None, Alias("lb-1.elb.amazonaws.com.", true))],
            true,
            &defaults(),
            failed,
        ),
        (vec![record(name, None, Alias("d1.cloudfront.net.", false))], true, &defaults(), vec![]),
        (
            vec![record(name, None, Alias("a1.awsglobalaccelerator.com.", false))],
            true,
            &defaults(),
            vec![],
        ),
        (with_pair("lb.hbg.example."), true, &defaults(), vec![]),
        (with_pair("lb.hbg.example."), false, &named, vec![]),
        // Names that only validate something.
        (
            vec![record("_acme.hbg.example.", None, Plainly)],
            true,
            &defaults(),
            vec!["NO_FAILOVER_RECORD"],
        ),
        // A name of another zone.
        (
            vec![record("www.hbg.example.", None, Plainly)],
            false,
            &named,
            vec!["NO_FAILOVER_RECORD"],
        ),
    ] {
        assert_eq!(judged(&records, marked, parameters), expected, "{records:?} {parameters}");
    }
    let mut text = record(name, None, Plainly);
    text.r#type = RrType::Txt;
    assert_eq!(judged(&[text], true, &defaults()), ["NO_FAILOVER_RECORD"]);
}

#[test]
fn accelerators_lead_to_two_regions() {
    use HealthState::{Healthy, Initial, Unhealthy};
    let group = |region: &str, dial: f32, states: &[HealthState]| {
        let mut group =
            EndpointGroup::builder().endpoint_group_region(region).traffic_dial_percentage(dial);
        for state in states {
            let endpoint = EndpointDescription::builder().health_state(state.clone()).build();
            group = group.endpoint_descriptions(endpoint);
        }
        group.build()
    };
    let (tokyo, osaka) = ("ap-northeast-1", "ap-northeast-3");
    let failed = vec!["ACCELERATOR_SINGLE_REGION"];
    let two = || vec![group(tokyo, 100.0, &[Healthy]), group(osaka, 100.0, &[Healthy])];
    for (listeners, expected) in [
        (vec![], vec!["NO_LISTENER"]),
        (vec![two()], vec![]),
        (vec![two(), vec![group(tokyo, 100.0, &[Healthy])]], failed.clone()),
        (vec![vec![]], failed.clone()),
        // A Region that gets no traffic takes none over.
        (
            vec![vec![group(tokyo, 100.0, &[Healthy]), group(osaka, 0.0, &[Healthy])]],
            failed.clone(),
        ),
        (vec![vec![group(tokyo, 100.0, &[Healthy]), group(osaka, 100.0, &[])]], failed.clone()),
        (vec![vec![group(tokyo, 100.0, &[Healthy]), group(osaka, 100.0, &[Unhealthy])]], failed),
        (
            vec![vec![group(tokyo, 100.0, &[Healthy]), group(osaka, 100.0, &[Unhealthy, Healthy])]],
            vec![],
        ),
        (vec![vec![group(tokyo, 100.0, &[Healthy]), group(osaka, 1.0, &[Initial])]], vec![]),
    ] {
        let verdict = with_run(&CONTROL, &defaults(), |run| accelerators::judge(&listeners, run));
        assert_eq!(codes(&CONTROL, &verdict.unwrap()), expected, "{listeners:?}");
    }
    let one = vec![vec![group(tokyo, 100.0, &[Healthy])]];
    let verdict =
        with_run(&CONTROL, &json!({"minRegions": 1}), |run| accelerators::judge(&one, run));
    assert_eq!(codes(&CONTROL, &verdict.unwrap()), [""; 0]);
    let odd = vec![vec![EndpointGroup::builder().build()]];
    assert!(with_run(&CONTROL, &defaults(), |run| accelerators::judge(&odd, run)).is_err());

    let item = |enabled: Value| {
        events::item(ACCELERATOR, "arn:ga", json!({"AcceleratorArn": "arn:ga", "Enabled": enabled}))
    };
    let off = item(json!(false));
    assert_eq!(previewed(&CONTROL, &off, &defaults()).unwrap(), ["ACCELERATOR_DISABLED"]);
    assert_eq!(previewed(&CONTROL, &item(json!(true)), &defaults()), None);
    assert!(preview(&CONTROL, &item(Value::Null), &defaults()).is_err());
}
