//! End-to-end: the real `logging` binary and what hosts and databases take for the time.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_logging::time_sync::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-time-sync";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_logging"), aws, &env)
}

fn assert_held(aws: &FakeAws, id: &str, expected: &str) {
    let result = aws.config().result(RULE, id).expect(id);
    let held = format!("{} {}", result.compliance, result.annotation.unwrap_or_default());
    assert!(held.contains(expected), "{id}: {held}");
}

fn options(id: &str, servers: &[&str]) -> Value {
    let mut item = events::item(
        "AWS::EC2::DHCPOptions",
        id,
        json!({"DhcpOptionsId": id, "DomainNameServers": ["AmazonProvidedDNS"],
            "NtpServers": servers}),
    );
    item["ARN"] = json!(format!("arn:aws:ec2:{REGION}:{ACCOUNT}:dhcp-options/{id}"));
    item
}

fn instance(id: &str, engine: &str, group: &str) -> Value {
    events::item(
        "AWS::RDS::DBInstance",
        id,
        json!({
            "dBInstanceIdentifier": id, "engine": engine, "dBInstanceStatus": "available",
            "dBParameterGroups": [
                {"dBParameterGroupName": group, "parameterApplyStatus": "in-sync"}
            ],
            "optionGroupMemberships": [{"optionGroupName": group, "status": "in-sync"}],
        }),
    )
}

fn cluster(id: &str) -> Value {
    events::item(
        "AWS::RDS::DBCluster",
        id,
        json!({
            "dbclusterIdentifier": id, "engine": "aurora-mysql", "status": "available",
            "dbclusterParameterGroup": "ib", "dbclusterMembers": [],
        }),
    )
}

fn parameters(name: &str, value: Option<&str>) -> Value {
    let mut zone = json!({"ParameterName": name, "Source": "user"});
    if let Some(value) = value {
        zone["ParameterValue"] = json!(value);
    }
    let other = |name: &str| json!({"ParameterName": name, "ParameterValue": "1"});
    json!({"Parameters": [other("a"), other("b"), zone]})
}

/// DHCP options and databases, good and bad ones, in listings of two pages.
fn workload(aws: &FakeAws) {
    let ec2 = aws.stub("ec2");
    ec2.page_size(1);
    let vpc = |id: &str, options: &str| json!({"VpcId": id, "OwnerId": ACCOUNT, "IsDefault": false, "DhcpOptionsId": options});
    let (main, branch) = (vpc("vpc-1", "dopt-good"), vpc("vpc-2", "dopt-office"));
    ec2.returns("DescribeVpcs", json!({"Vpcs": [main, branch]}));
    for (id, vpcs) in [("dopt-office", json!([branch])), ("dopt-unused", json!([]))] {
        let filters = json!({"Filters": [{"Name": "dhcp-options-id", "Values": [id]}]});
        ec2.when("DescribeVpcs", filters, json!({"Vpcs": vpcs}));
    }

    let rds = aws.stub("rds");
    rds.page_size(2);
    for (group, answer) in [
        ("core", parameters("timezone", Some("UTC"))),
        ("tokyo", parameters("time_zone", Some("Asia/Tokyo"))),
    ] {
        rds.when("DescribeDBParameters", json!({"DBParameterGroupName": group}), answer);
    }
    let of = json!({"DBClusterParameterGroupName": "ib"});
    rds.when("DescribeDBClusterParameters", of, parameters("time_zone", None));
    let ledger = json!({"OptionGroupsList": [{
        "OptionGroupName": "ledger", "EngineName": "oracle-se2",
        "Options": [{
            "OptionName": "Timezone",
            "OptionSettings": [{"Name": "TIME_ZONE", "Value": "Asia/Tokyo"}],
        }],
    }]});
    rds.when("DescribeOptionGroups", json!({"OptionGroupName": "ledger"}), ledger);
    let overview = |status: &str| json!({"Status": status, "DetailedStatus": status});
    aws.stub("ssm").page_size(1).returns(
        "ListAssociations",
        json!({"Associations": [
            {"AssociationId": "assoc-1", "Name": "Hbg-Chrony", "Overview": overview("Success")},
            {"AssociationId": "assoc-2", "Name": "Hbg-Chrony", "Overview": overview("Failed")},
        ]}),
    );

    aws.config().page(2);
    let mut approved = instance("db-approved", "mysql", "tokyo");
    approved["tags"] = json!({"fisc:db-local-timezone-approved": "RITM0012"});
    for item in [
        options("dopt-good", &["169.254.169.123"]),
        options("dopt-office", &["203.0.113.7"]),
        options("dopt-unused", &["203.0.113.7"]),
        instance("db-core", "postgres", "core"),
        instance("db-batch", "postgres", "core"),
        instance("db-mart", "mysql", "tokyo"),
        approved,
        instance("db-ledger", "oracle-se2", "ledger"),
        cluster("cluster-ib"),
    ] {
        aws.config().record(&item);
    }
}

#[test]
fn changes_and_the_schedule_judge_the_time() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for (item, expected) in [
        (options("dopt-office", &["203.0.113.7"]), "NON_COMPLIANT NTP_SERVER_NOT_APPROVED"),
        (options("dopt-unused", &["203.0.113.7"]), "NOT_APPLICABLE OPTIONS_NOT_USED"),
        (instance("db-mart", "mysql", "tokyo"), "NON_COMPLIANT DB_TIMEZONE_NOT_UTC"),
        (cluster("cluster-ib"), "COMPLIANT"),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, id, expected);
    }
    // What the item tells costs no call.
    aws.take_calls();
    let mut server = instance("db-server", "sqlserver-se", "core");
    server["configuration"]["timezone"] = json!("Tokyo Standard Time");
    aws.config().record(&server);
    lambda.invoke(events::change(&rule, &server, &Value::Null)).unwrap();
    assert_held(&aws, "db-server", "NON_COMPLIANT DB_TIMEZONE_NOT_UTC");
    assert!(aws.take_calls().iter().all(|call| call.service == "config"));

    let document = json!({"associationDocumentName": "Hbg-Chrony"});
    let answer = lambda.invoke(events::scheduled(&rule, &document)).unwrap();
    assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(4), &json!(5)), "{answer}");
    for (id, expected) in [
        ("dopt-good", "COMPLIANT"),
        ("dopt-office", "NON_COMPLIANT NTP_SERVER_NOT_APPROVED"),
        ("dopt-unused", "NOT_APPLICABLE OPTIONS_NOT_USED"),
        ("db-core", "COMPLIANT"),
        ("db-batch", "COMPLIANT"),
        ("db-mart", "NON_COMPLIANT DB_TIMEZONE_NOT_UTC"),
        ("db-approved", "NOT_APPLICABLE LOCAL_ZONE_APPROVED"),
        ("db-ledger", "NON_COMPLIANT DB_TIMEZONE_NOT_UTC"),
        ("db-server", "NON_COMPLIANT DB_TIMEZONE_NOT_UTC"),
        ("cluster-ib", "COMPLIANT"),
        (ACCOUNT, "NON_COMPLIANT TIME_ASSOCIATION_NON_COMPLIANT"),
    ] {
        assert_held(&aws, id, expected);
    }
    let calls = aws.calls();
    let pages = |operation: &str| calls.iter().filter(|one| one.operation == operation).count();
    // Databases that share a group ask for its two pages once.
    assert_eq!((pages("DescribeDBParameters"), pages("DescribeDBClusterParameters")), (4, 2));
    assert_eq!((pages("DescribeVpcs"), pages("ListAssociations")), (2, 2));
    lambda.invoke(events::oversized(&rule, &server, &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn a_denied_call_fails_the_schedule_and_writes_nothing() {
    for (service, operation, action) in [
        ("config", "SelectResourceConfig", "config:SelectResourceConfig"),
        ("ec2", "DescribeVpcs", "ec2:DescribeVpcs"),
        ("rds", "DescribeDBParameters", "rds:DescribeDBParameters"),
        ("rds", "DescribeDBClusterParameters", "rds:DescribeDBClusterParameters"),
        ("rds", "DescribeOptionGroups", "rds:DescribeOptionGroups"),
        ("ssm", "ListAssociations", "ssm:ListAssociations"),
    ] {
        let aws = aws_for(&CONTROL);
        workload(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let document = json!({"associationDocumentName": "Hbg-Chrony"});
        let error = start(&aws).invoke(events::scheduled(&rule, &document)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{service} {operation}");
    }
}

#[test]
fn what_a_service_leaves_out_is_no_verdict() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let of = json!({"DBParameterGroupName": "gone"});
    aws.stub("rds").fails_when("DescribeDBParameters", of, "DBParameterGroupNotFound", 404);
    let mut cut = options("dopt-cut", &[]);
    cut["configuration"] = json!({});
    for (item, error_type, expected) in [
        (instance("db-odd", "mysql", "core"), "UnexpectedAnswer", "time_zone of core"),
        (instance("db-gone", "mysql", "gone"), "ServiceError", "DBParameterGroupNotFound"),
        (cut, "IncompleteItem", "DhcpOptionsId is missing"),
    ] {
        let error = lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, error_type, "{}", error.message);
        assert!(error.message.contains(expected), "{}", error.message);
    }
    assert_eq!(aws.count("PutEvaluations"), 0);
}

#[test]
fn a_region_without_hosts_and_databases_has_nothing_in_scope() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, ACCOUNT, "NOT_APPLICABLE NOTHING_IN_SCOPE");
    assert_eq!(aws.config().results(RULE).len(), 1);
}
