//! End-to-end: the real `resilience` binary and the control of load balancers and failover.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_resilience::load_balancer_resilience;
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Rule};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const CONTROL: &Control = &load_balancer_resilience::CONTROL;
const NONE: &Value = &Value::Null;
const ARN: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333";

/// The control with its function, its rule, and an AWS that allows it what its role does.
struct Bench {
    aws: FakeAws,
    rule: Rule,
    lambda: Lambda,
}

impl Bench {
    fn new() -> Self {
        let aws = aws_for(CONTROL);
        let rule = aws.config().rule("fisc-load-balancer-resilience");
        let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
        let lambda = Lambda::start(env!("CARGO_BIN_EXE_resilience"), &aws, &env);
        Self { aws, rule, lambda }
    }

    #[track_caller]
    fn changed(&mut self, item: &Value, compliance: &str, start: &str) {
        self.lambda.invoke(events::change(&self.rule, item, NONE)).unwrap();
        self.assert_held(item["resourceId"].as_str().unwrap(), compliance, start);
    }

    /// Sweeps; how many are compliant, non-compliant and not applicable.
    fn sweep(&mut self) -> [u64; 3] {
        let answer = self.lambda.invoke(events::scheduled(&self.rule, NONE)).unwrap();
        ["compliant", "nonCompliant", "notApplicable"].map(|name| answer[name].as_u64().unwrap())
    }

    #[track_caller]
    fn assert_held(&self, id: &str, compliance: &str, start: &str) -> String {
        let result = self.aws.config().result(&self.rule.name, id).expect(id);
        let annotation = result.annotation.unwrap_or_default();
        assert_eq!(result.compliance, compliance, "{id}: {annotation}");
        assert!(annotation.starts_with(start), "{id}: {annotation}");
        annotation
    }
}

fn balancer(name: &str, kind: &str, subnets: &[&str], tags: Value) -> Value {
    let arn = format!("{ARN}:loadbalancer/{kind}/{name}");
    let zones: Vec<Value> = subnets
        .iter()
        .map(|id| json!({"zoneName": format!("zone-of-{id}"), "subnetId": id}))
        .collect();
    let configuration = json!({"loadBalancerArn": arn, "type": kind, "availabilityZones": zones});
    let mut item = events::item("AWS::ElasticLoadBalancingV2::LoadBalancer", &arn, configuration);
    item["supplementaryConfiguration"] = json!({"LoadBalancerAttributes":
        [{"key": "load_balancing.cross_zone.enabled", "value": (name != "narrow").to_string()}]});
    item["tags"] = tags;
    item
}

fn zone(id: &str) -> Value {
    events::item("AWS::Route53::HostedZone", id, json!({"Id": id, "Name": "hbg.example."}))
}

fn accelerator(id: &str) -> Value {
    let configuration = json!({"AcceleratorArn": id, "Enabled": true});
    events::item("AWS::GlobalAccelerator::Accelerator", id, configuration)
}

fn record(name: &str, role: &str, check: Option<&str>) -> Value {
    let mut record = json!({"Name": name, "Type": "A", "SetIdentifier": role, "Failover": role,
        "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]});
    if let Some(check) = check {
        record["HealthCheckId"] = check.into();
    }
    record
}

const GROUPS: [(&str, &str); 4] =
    [("good", "ip"), ("narrow", "instance"), ("sick", "ip"), ("function", "lambda")];

/// Two load balancers, three target groups, two zones of which one has two pages of records, and
/// two accelerators.
fn region(aws: &FakeAws) {
    let config = aws.config();
    for item in [
        balancer("wide", "application", &["subnet-a", "subnet-c"], json!({"fisc:surge": "payday"})),
        balancer("narrow", "network", &["subnet-a", "subnet-full"], json!({})),
        zone("Z-GOOD"),
        zone("Z-BAD"),
        zone("Z-GONE"),
        accelerator("arn:ga:two"),
        accelerator("arn:ga:one"),
        accelerator("arn:ga:gone"),
    ] {
        config.record(&item);
    }
    for id in ["i-1", "i-2"] {
        let place = json!({"placement": {"availabilityZone": "ap-northeast-1a"}});
        config.record(&events::item("AWS::EC2::Instance", id, place));
    }
    let place = |id: &str, free: i64| {
        json!({"SubnetId": id, "VpcId": "vpc-1", "AvailabilityZone": "ap-northeast-1a",
            "AvailableIpAddressCount": free})
    };
    let places = [place("subnet-a", 200), place("subnet-c", 8), place("subnet-full", 7)];
    aws.stub("ec2").returns("DescribeSubnets", json!({"Subnets": places}));

    let elb = aws.stub("elbv2");
    let reserved = json!({"MinimumLoadBalancerCapacity": {"CapacityUnits": 500},
        "CapacityReservationState": [{"State": {"Code": "provisioned"}}]});
    elb.returns("DescribeCapacityReservation", reserved);
    let groups: Vec<Value> = GROUPS
        .iter()
        .map(|(name, kind)| {
            json!({"TargetGroupArn": format!("{ARN}:targetgroup/{name}/1"),
                "TargetGroupName": name, "TargetType": kind, "HealthCheckEnabled": true,
                "HealthCheckProtocol": "HTTP", "HealthCheckPath": "/",
                "LoadBalancerArns": [format!("{ARN}:loadbalancer/app/wide/1")]})
        })
        .collect();
    elb.returns("DescribeTargetGroups", json!({"TargetGroups": groups}));
    elb.page_size(3);
    let target = |id: &str, zone: Option<&str>, state: &str| {
        let mut target = json!({"Id": id, "Port": 443});
        if let Some(zone) = zone {
            target["AvailabilityZone"] = zone.into();
        }
        json!({"Target": target, "TargetHealth": {"State": state}})
    };
    let (a, c) = (Some("ap-northeast-1a"), Some("ap-northeast-1c"));
    for (name, targets) in [
        ("good", [target("10.0.0.1", a, "healthy"), target("10.0.1.1", c, "healthy")]),
        ("narrow", [target("i-1", None, "healthy"), target("i-2", None, "healthy")]),
        ("sick", [target("10.0.0.1", a, "healthy"), target("10.0.1.1", c, "unhealthy")]),
    ] {
        let arn = json!({"TargetGroupArn": format!("{ARN}:targetgroup/{name}/1")});
        elb.when("DescribeTargetHealth", arn, json!({"TargetHealthDescriptions": targets}));
    }
    names(aws);

    let accelerators = aws.stub("globalaccelerator").in_region("us-west-2");
    let endpoints = |region: &str| {
        json!({"EndpointGroupArn": format!("arn:eg:{region}"), "EndpointGroupRegion": region,
            "TrafficDialPercentage": 100.0,
            "EndpointDescriptions": [{"EndpointId": "arn:lb", "HealthState": "HEALTHY"}]})
    };
    for (name, regions) in
        [("two", &["ap-northeast-1", "ap-northeast-3"][..]), ("one", &["ap-northeast-1"][..])]
    {
        let (arn, listener) = (format!("arn:ga:{name}"), format!("arn:listener:{name}"));
        let listeners = json!({"Listeners": [{"ListenerArn": listener}]});
        accelerators.when("ListListeners", json!({"AcceleratorArn": arn}), listeners);
        let groups: Vec<Value> = regions.iter().map(|region| endpoints(region)).collect();
        let groups = json!({"EndpointGroups": groups});
        accelerators.when("ListEndpointGroups", json!({"ListenerArn": listener}), groups);
    }
    let gone = json!({"AcceleratorArn": "arn:ga:gone"});
    accelerators.fails_when("ListListeners", gone, "AcceleratorNotFoundException", 400);
    accelerators.page_size(1);
}

fn names(aws: &FakeAws) {
    let names = aws.stub("route53");
    let last = |records: Value| json!({"ResourceRecordSets": records, "IsTruncated": false, "MaxItems": "300"});
    let (api, www) = ("api.hbg.example.", "www.hbg.example.");
    let pair = |name: &str, check: &str| {
        vec![record(name, "PRIMARY", Some(check)), record(name, "SECONDARY", None)]
    };
    names.when(
        "ListResourceRecordSets",
        json!({"HostedZoneId": "Z-GOOD"}),
        last(json!(pair(api, "on"))),
    );
    // The second page begins within the records of a name.
    let first = json!({"ResourceRecordSets": [record(api, "PRIMARY", Some("on"))],
        "IsTruncated": true, "MaxItems": "1", "NextRecordName": api, "NextRecordType": "A",
        "NextRecordIdentifier": "SECONDARY"});
    names.when("ListResourceRecordSets", json!({"HostedZoneId": "Z-BAD"}), first);
    let next = json!({"HostedZoneId": "Z-BAD", "StartRecordName": api, "StartRecordType": "A",
        "StartRecordIdentifier": "SECONDARY"});
    let mut rest = vec![record(api, "SECONDARY", None)];
    rest.extend(pair(www, "off"));
    names.when("ListResourceRecordSets", next, last(json!(rest)));
    let gone = json!({"HostedZoneId": "Z-GONE"});
    names.fails_when("ListResourceRecordSets", gone, "NoSuchHostedZone", 404);
    let check = |id: &str, disabled: bool| {
        json!({"Id": id, "CallerReference": id, "HealthCheckVersion": 1,
            "HealthCheckConfig": {"Type": "HTTPS", "Disabled": disabled}})
    };
    let checks = json!({"HealthChecks": [check("on", false), check("off", true)], "Marker": "",
        "IsTruncated": false, "MaxItems": "100"});
    names.returns("ListHealthChecks", checks);
}

#[test]
fn changed_load_balancers_and_distributions_are_judged() {
    let mut bench = Bench::new();
    let mut classic = events::item("AWS::ElasticLoadBalancing::LoadBalancer", "clb", json!({}));
    classic["supplementaryConfiguration"] =
        json!({"LoadBalancerAttributes": {"crossZoneLoadBalancing": {"enabled": false}}});
    bench.changed(&classic, "NON_COMPLIANT", "CROSS_ZONE_OFF");
    let distribution = json!({"distributionConfig": {}});
    let distribution = events::item("AWS::CloudFront::Distribution", "E1", distribution);
    bench.changed(&distribution, "NOT_APPLICABLE", "NOT_MARKED_FOR_FAILOVER");
    let called: Vec<String> = actions_of(&bench.aws.calls()).into_iter().collect();
    assert_eq!(called, ["config:PutEvaluations"]);

    region(&bench.aws);
    let wide = balancer("wide", "application", &["subnet-a", "subnet-c"], json!({}));
    bench.changed(&wide, "COMPLIANT", "");
    let narrow = balancer("narrow", "network", &["subnet-a", "subnet-full"], json!({}));
    bench.changed(&narrow, "NON_COMPLIANT", "CROSS_ZONE_OFF");
    assert_eq!(bench.aws.count("DescribeCapacityReservation"), 0);
    bench.changed(&zone("Z-GOOD"), "COMPLIANT", "");
    bench.changed(&zone("Z-GONE"), "NOT_APPLICABLE", "RESOURCE_GONE");
    bench.changed(&accelerator("arn:ga:one"), "NON_COMPLIANT", "ACCELERATOR_SINGLE_REGION");
}

#[test]
fn a_sweep_judges_targets_records_and_regions() {
    let mut bench = Bench::new();
    region(&bench.aws);
    assert_eq!(bench.sweep(), [3, 4, 0]);
    bench.assert_held(&format!("{ARN}:loadbalancer/application/wide"), "COMPLIANT", "");
    let narrow = format!("{ARN}:loadbalancer/network/narrow");
    let annotation = bench.assert_held(&narrow, "NON_COMPLIANT", "CROSS_ZONE_OFF");
    assert!(annotation.contains("subnet-full (7)"), "{annotation}");
    assert!(!annotation.contains("subnet-a"), "{annotation}");
    bench.assert_held("Z-GOOD", "COMPLIANT", "");
    let annotation = bench.assert_held("Z-BAD", "NON_COMPLIANT", "FAILOVER_RECORD_UNCHECKED");
    assert!(annotation.contains("www.hbg.example"), "{annotation}");
    // The partner of this one is on the second page.
    assert!(!annotation.contains("api.hbg.example"), "{annotation}");
    bench.assert_held("arn:ga:two", "COMPLIANT", "");
    bench.assert_held("arn:ga:one", "NON_COMPLIANT", "ACCELERATOR_SINGLE_REGION");
    let annotation = bench.assert_held(ACCOUNT, "NON_COMPLIANT", "TARGETS_UNHEALTHY");
    assert!(annotation.contains("narrow") && annotation.contains("sick"), "{annotation}");
    assert!(!annotation.contains("good"), "{annotation}");
    for id in ["Z-GONE", "arn:ga:gone"] {
        assert!(bench.aws.config().result(&bench.rule.name, id).is_none(), "{id}");
    }
    // Whoever expects a surge needs capacity.
    bench.aws.stub("elbv2").empty("DescribeCapacityReservation");
    assert_eq!(bench.sweep(), [2, 5, 0]);
    let wide = format!("{ARN}:loadbalancer/application/wide");
    bench.assert_held(&wide, "NON_COMPLIANT", "SURGE_CAPACITY_NOT_RESERVED");

    let item = zone("Z-GOOD");
    bench.lambda.invoke(events::oversized(&bench.rule, &item, NONE)).unwrap();
    assert_all_needed(CONTROL, &actions_of(&bench.aws.calls()));
}

#[test]
fn one_denied_call_fails_the_whole_sweep() {
    let mut bench = Bench::new();
    region(&bench.aws);
    for (service, operation, action) in [
        ("elbv2", "DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroups"),
        ("elbv2", "DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth"),
        (
            "elbv2",
            "DescribeCapacityReservation",
            "elasticloadbalancing:DescribeCapacityReservation",
        ),
        ("ec2", "DescribeSubnets", "ec2:DescribeSubnets"),
        ("route53", "ListResourceRecordSets", "route53:ListResourceRecordSets"),
        ("route53", "ListHealthChecks", "route53:ListHealthChecks"),
        ("globalaccelerator", "ListEndpointGroups", "globalaccelerator:ListEndpointGroups"),
    ] {
        bench.aws.fault(service, operation, Fault::Denied);
        let error = bench.lambda.invoke(events::scheduled(&bench.rule, NONE)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(bench.aws.count("PutEvaluations"), 0, "{action}");
        bench.aws.clear_faults();
    }
}
