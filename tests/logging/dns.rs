//! End-to-end: `dns-query-logging`, by changes of zones and VPCs and on a schedule.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_logging::dns_query_logging::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-dns-query-logging";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_logging"), aws, &env)
}

fn held(aws: &FakeAws, id: &str) -> String {
    let result = aws.config().result(RULE, id).expect(id);
    format!("{} {}", result.compliance, result.annotation.unwrap_or_default())
}

fn zone(id: &str, vpcs: &Value, logging: &Value) -> Value {
    events::item(
        "AWS::Route53::HostedZone",
        id,
        json!({"Id": id, "Name": "hbg.example.", "VPCs": vpcs, "QueryLoggingConfig": logging}),
    )
}

fn vpc(id: &str, owner: &str) -> Value {
    events::item(
        "AWS::EC2::VPC",
        id,
        json!({"vpcId": id, "isDefault": false, "ownerId": owner, "state": {"value": "available"}}),
    )
}

fn association(vpc: &str, config: &str, status: &str) -> Value {
    json!({"Id": format!("rqlca-{vpc}"), "ResolverQueryLogConfigId": config, "ResourceId": vpc,
           "Status": status, "Error": if status == "FAILED" { "ACCESS_DENIED" } else { "NONE" }})
}

/// Five VPCs, of which three have associations, with listings of two pages.
fn workload(aws: &FakeAws) {
    let associations = [
        association("vpc-core", "rqlc-central", "ACTIVE"),
        association("vpc-batch", "rqlc-own", "ACTIVE"),
        association("vpc-broken", "rqlc-own", "FAILED"),
    ];
    let resolver = aws.stub("route53resolver");
    resolver.page_size(2);
    const LIST: &str = "ListResolverQueryLogConfigAssociations";
    const PLACE: &str = "ResolverQueryLogConfigAssociations";
    resolver.returns(LIST, json!({ PLACE: associations }));
    for vpc in ["vpc-core", "vpc-batch", "vpc-broken", "vpc-bare", "vpc-empty"] {
        let own = associations.iter().filter(|one| one["ResourceId"] == vpc);
        let of = json!({"Filters": [{"Name": "ResourceId", "Values": [vpc]}]});
        resolver.when(LIST, of, json!({ PLACE: own.collect::<Vec<_>>() }));
    }
    let config = |id: &str, destination: &str| json!({"Id": id, "DestinationArn": destination});
    resolver.returns(
        "ListResolverQueryLogConfigs",
        json!({"ResolverQueryLogConfigs": [
            config("rqlc-own", "arn:aws:logs:ap-northeast-1:111122223333:log-group:/dns"),
            config("rqlc-other", "arn:aws:s3:::hbg-old"),
            config("rqlc-central", "arn:aws:s3:::hbg-dns-archive/tokyo"),
        ]}),
    );
    let interface = |vpc: &str| {
        json!({"NetworkInterfaceId": format!("eni-{vpc}"), "VpcId": vpc, "Status": "in-use",
               "RequesterManaged": false})
    };
    let ec2 = aws.stub("ec2");
    ec2.empty("DescribeNetworkInterfaces");
    for vpc in ["vpc-core", "vpc-batch", "vpc-broken", "vpc-bare"] {
        let of = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
        ec2.when("DescribeNetworkInterfaces", of, json!({"NetworkInterfaces": [interface(vpc)]}));
    }
    aws.config().page(2);
    for vpc in [
        vpc("vpc-core", ACCOUNT),
        vpc("vpc-batch", ACCOUNT),
        vpc("vpc-broken", ACCOUNT),
        vpc("vpc-bare", ACCOUNT),
        vpc("vpc-empty", ACCOUNT),
        vpc("vpc-hub", "444455556666"),
    ] {
        aws.config().record(&vpc);
    }
}

#[test]
fn zones_are_judged_by_changes_and_vpcs_by_the_schedule_too() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);

    let group =
        json!({"CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:111122223333:log-group:/dns"});
    for (item, expected) in [
        (zone("ZLOGGED", &json!([]), &group), "COMPLIANT"),
        (zone("ZSILENT", &json!([]), &Value::Null), "NON_COMPLIANT PUBLIC_ZONE_QUERY_LOG_OFF"),
        (
            zone("ZINSIDE", &json!([{"VPCId": "vpc-core"}]), &Value::Null),
            "NOT_APPLICABLE PRIVATE_ZONE",
        ),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert!(held(&aws, id).starts_with(expected), "{}", held(&aws, id));
    }
    // What items tell costs no call.
    assert!(aws.calls().iter().all(|call| call.service == "config"));

    // A changed VPC asks for its own associations only.
    let large = vpc("vpc-bare", ACCOUNT);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert!(held(&aws, "vpc-bare").starts_with("NON_COMPLIANT RESOLVER_QUERY_LOG_MISSING"));
    assert_eq!(aws.count("ListResolverQueryLogConfigAssociations"), 1);
    assert_eq!(aws.count("ListResolverQueryLogConfigs"), 0);

    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    for (id, expected) in [
        ("vpc-core", "COMPLIANT"),
        ("vpc-batch", "COMPLIANT"),
        ("vpc-broken", "NON_COMPLIANT RESOLVER_QUERY_LOG_UNHEALTHY"),
        ("vpc-bare", "NON_COMPLIANT RESOLVER_QUERY_LOG_MISSING"),
        ("vpc-empty", "NOT_APPLICABLE EMPTY_VPC"),
        ("vpc-hub", "NOT_APPLICABLE OTHER_OWNER"),
        // Zones stay as their last change left them.
        ("ZSILENT", "NON_COMPLIANT PUBLIC_ZONE_QUERY_LOG_OFF"),
    ] {
        assert!(held(&aws, id).starts_with(expected), "{}", held(&aws, id));
    }
    assert!(held(&aws, "vpc-broken").contains("FAILED: ACCESS_DENIED"));
    // Two pages, read once for all VPCs.
    assert_eq!(aws.count("ListResolverQueryLogConfigAssociations"), 3);

    // Where logs may go, whether empty VPCs count and who logs by a profile is for parameters.
    let parameters = json!({"allowedDestinations": "arn:aws:s3:::hbg-dns-archive",
        "ignoreEmptyVpc": false, "profileLoggedVpcs": "vpc-bare"});
    lambda.invoke(events::scheduled(&rule, &parameters)).unwrap();
    for (id, expected) in [
        ("vpc-core", "COMPLIANT"),
        ("vpc-batch", "NON_COMPLIANT DESTINATION_NOT_ALLOWED"),
        ("vpc-bare", "NOT_APPLICABLE LOGGED_BY_PROFILE"),
        ("vpc-empty", "NON_COMPLIANT RESOLVER_QUERY_LOG_MISSING"),
    ] {
        assert!(held(&aws, id).starts_with(expected), "{}", held(&aws, id));
    }
    assert_eq!(aws.count("ListResolverQueryLogConfigs"), 2);
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn a_denied_call_fails_the_schedule_and_writes_nothing() {
    for (service, operation, action) in [
        (
            "route53resolver",
            "ListResolverQueryLogConfigAssociations",
            "route53resolver:ListResolverQueryLogConfigAssociations",
        ),
        (
            "route53resolver",
            "ListResolverQueryLogConfigs",
            "route53resolver:ListResolverQueryLogConfigs",
        ),
        ("ec2", "DescribeNetworkInterfaces", "ec2:DescribeNetworkInterfaces"),
        ("config", "BatchGetResourceConfig", "config:BatchGetResourceConfig"),
    ] {
        let aws = aws_for(&CONTROL);
        workload(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let parameters = json!({"allowedDestinations": "arn:aws:s3:::hbg-dns-archive"});
        let error = start(&aws).invoke(events::scheduled(&rule, &parameters)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
