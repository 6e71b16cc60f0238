//! `incident-response`.

use std::collections::BTreeSet;

use fisc_governance::incident_response::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::support::{assert_all_needed, aws_for};
use super::{account, called, result, sweep, sweep_in};

const SECURITY: &str = "999988887777";

fn days_ago(days: i64) -> i64 {
    (Timestamp::now() - SignedDuration::from_hours(24 * days)).as_second()
}

fn rule(aws: &FakeAws, pattern: &Value) {
    aws.stub("events").returns(
        "ListRules",
        json!({"Rules": [{
            "Name": "respond", "State": "ENABLED", "EventBusName": "default",
            "Arn": format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/respond"),
            "EventPattern": pattern.to_string(),
        }]}),
    );
}

fn target(aws: &FakeAws, arn: &str) {
    aws.stub("events").returns("ListTargetsByRule", json!({"Targets": [{"Id": "t", "Arn": arn}]}));
}

fn function() -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:contain")
}

fn workflow() -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:contain")
}

fn findings() -> Value {
    json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"],
           "detail": {"severity": [{"numeric": [">=", 7]}]}})
}

/// A Region in which all is prepared.
fn well(aws: &FakeAws) {
    aws.stub("guardduty").returns("ListDetectors", json!({"DetectorIds": ["d1"]})).returns(
        "GetDetector",
        json!({"Status": "ENABLED", "ServiceRole": "arn:aws:iam::111122223333:role/r"}),
    );
    rule(aws, &findings());
    target(aws, &function());
    aws.stub("lambda").returns(
        "GetFunctionConfiguration",
        json!({"FunctionName": "contain", "FunctionArn": function(), "State": "Active"}),
    );
    aws.stub("stepfunctions").returns(
        "DescribeStateMachine",
        json!({"stateMachineArn": workflow(), "name": "contain", "status": "ACTIVE",
               "definition": "{}", "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/r"),
               "type": "STANDARD", "creationDate": 1}),
    );
    let ec2 = aws.stub("ec2");
    ec2.returns(
        "DescribeVpcs",
        json!({"Vpcs": [
            {"VpcId": "vpc-used", "OwnerId": ACCOUNT, "IsDefault": false, "Tags": []},
            {"VpcId": "vpc-empty", "OwnerId": ACCOUNT, "IsDefault": true, "Tags": []},
            {"VpcId": "vpc-shared", "OwnerId": SECURITY, "IsDefault": false, "Tags": []},
        ]}),
    );
    let instance = |id: &str, vpc: &str, state: &str| {
        json!({"InstanceId": id, "VpcId": vpc, "State": {"Code": 16, "Name": state},
               "LaunchTime": "2026-11-01T00:00:00Z"})
    };
    ec2.returns(
        "DescribeInstances",
        json!({"Reservations": [
            {"ReservationId": "r-1", "Instances": [instance("i-1", "vpc-used", "running")]},
            {"ReservationId": "r-2", "Instances": [instance("i-2", "vpc-empty", "terminated")]},
            {"ReservationId": "r-3", "Instances": [instance("i-3", "vpc-shared", "running")]},
        ]}),
    );
    groups(aws, &json!([]));
    aws.stub("iam").when(
        "GetRole",
        json!({"RoleName": "responder"}),
        json!({"Role": {
            "Path": "/", "RoleName": "responder", "RoleId": "AROAEXAMPLEEXAMPLE123",
            "Arn": format!("arn:aws:iam::{ACCOUNT}:role/responder"),
            "CreateDate": "2026-01-01T00:00:00Z",
            "AssumeRolePolicyDocument": json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole",
                 "Principal": {"AWS": format!("arn:aws:iam::{SECURITY}:root")}},
            ]}).to_string(),
        }}),
    );
    let ssm = aws.stub("ssm");
    ssm.page_size(1);
    ssm.returns(
        "ListDocuments",
        json!({"DocumentIdentifiers": [{"Name": "old"}, {"Name": "isolate"}]}),
    );
    for (name, age) in [("old", 900), ("isolate", 30)] {
        ssm.when(
            "DescribeDocument",
            json!({"Name": name}),
            json!({"Document": {"Name": name, "CreatedDate": days_ago(age)}}),
        );
    }
    ssm.returns(
        "DescribeOpsItems",
        json!({"OpsItemSummaries": [
            {"OpsItemId": "oi-1", "Severity": "1", "Status": "Open", "CreatedTime": days_ago(2)},
        ]}),
    );
}

/// The tagged security group, with these outbound rules.
fn groups(aws: &FakeAws, egress: &Value) {
    aws.stub("ec2").when(
        "DescribeSecurityGroups",
        json!({"Filters": [{"Name": "tag-key", "Values": ["fisc:quarantine"]}]}),
        json!({"SecurityGroups": [{
            "GroupId": "sg-quarantine", "GroupName": "quarantine", "VpcId": "vpc-used",
            "OwnerId": ACCOUNT, "IpPermissions": [], "IpPermissionsEgress": egress,
            "Tags": [{"Key": "fisc:quarantine", "Value": "true"}],
        }]}),
    );
}

fn all_asked() -> Value {
    json!({
        "responseRoleName": "responder", "securityAccountId": SECURITY,
        "runbookTags": ["fisc:role=incident-response"], "opsItemMaxDays": 7,
    })
}

#[test]
fn what_is_prepared_passes() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    assert_eq!(account(&CONTROL, &aws, &all_asked()), ("COMPLIANT".to_owned(), String::new()));
    assert_eq!(result(&CONTROL, &aws, "vpc-used").0, "COMPLIANT");
    let (compliance, annotation) = result(&CONTROL, &aws, "vpc-empty");
    assert_eq!(compliance, "NOT_APPLICABLE");
    assert!(annotation.starts_with("NO_INSTANCES"), "{annotation}");
    assert!(aws.config().result("fisc-incident-response", "vpc-shared").is_none());
    let mut all: BTreeSet<String> = called(&aws);

    target(&aws, &workflow());
    assert_eq!(account(&CONTROL, &aws, &json!({})).0, "COMPLIANT");
    all.extend(called(&aws));
    assert_all_needed(&CONTROL, &all);

    let automation =
        format!("arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/isolate:$DEFAULT");
    target(&aws, &automation);
    assert_eq!(account(&CONTROL, &aws, &json!({})).0, "COMPLIANT");
    // Documents of AWS belong to no account.
    target(&aws, &format!("arn:aws:ssm:{REGION}::automation-definition/old:1"));
    assert_eq!(account(&CONTROL, &aws, &json!({})).0, "COMPLIANT");
}

#[test]
fn what_only_notifies_or_is_gone_does_not_respond() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let failing = |part: &str| {
        let (compliance, annotation) = account(&CONTROL, &aws, &json!({}));
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with("AUTO_RESPONSE_MISSING"), "{annotation}");
        assert!(annotation.contains(part), "{annotation}");
    };
    for arn in [
        format!("arn:aws:sns:{REGION}:{ACCOUNT}:soc"),
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:soc"),
        format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/soc"),
        format!("arn:aws:ssm:{REGION}:{ACCOUNT}:opsitem"),
    ] {
        target(&aws, &arn);
        failing("starts nothing");
    }
    target(&aws, &function());
    aws.stub("lambda").fails("GetFunctionConfiguration", "ResourceNotFoundException", 404);
    failing("Rule respond");
    target(&aws, &workflow());
    aws.stub("stepfunctions").fails("DescribeStateMachine", "StateMachineDoesNotExist", 400);
    failing("Rule respond");
    target(&aws, &format!("arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/gone:1"));
    aws.stub("ssm").fails("DescribeDocument", "InvalidDocument", 400);
    failing("Rule respond");
    // A rule for findings above the threshold.
    rule(
        &aws,
        &json!({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 8]}]}}),
    );
    failing("severity 7");
    // Another account, which alone can tell.
    rule(&aws, &findings());
    target(&aws, &format!("arn:aws:events:{REGION}:{SECURITY}:event-bus/soc"));
    let (compliance, annotation) = account(&CONTROL, &aws, &json!({}));
    assert_eq!(compliance, "COMPLIANT");
    assert!(annotation.starts_with("RESPONSE_ELSEWHERE"), "{annotation}");
    assert!(annotation.contains(SECURITY), "{annotation}");
}

#[test]
fn a_response_behind_another_bus_is_found() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    target(&aws, &format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/security"));
    aws.stub("events").when(
        "ListTargetsByRule",
        json!({"EventBusName": "security"}),
        json!({"Targets": [{"Id": "t", "Arn": function()}]}),
    );
    assert_eq!(account(&CONTROL, &aws, &json!({})).0, "COMPLIANT");
}

#[test]
fn without_findings_there_is_nothing_to_respond_to() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    aws.stub("guardduty").returns(
        "GetDetector",
        json!({"Status": "DISABLED", "ServiceRole": "arn:aws:iam::111122223333:role/r"}),
    );
    let (compliance, annotation) = account(&CONTROL, &aws, &json!({}));
    assert_eq!(compliance, "NOT_APPLICABLE");
    assert!(annotation.starts_with("GUARDDUTY_OFF"), "{annotation}");
    let central = json!({"centralised": true});
    assert!(account(&CONTROL, &aws, &central).1.starts_with("RESPONSE_CENTRALISED"));
    // The security account answers itself.
    let own = json!({"centralised": true, "securityAccountId": ACCOUNT});
    assert!(account(&CONTROL, &aws, &own).1.starts_with("GUARDDUTY_OFF"));
    // What else is asked for is judged all the same, in the home Region.
    assert_eq!(account(&CONTROL, &aws, &all_asked()).0, "COMPLIANT");
    let away = json!({"responseRoleName": "gone"});
    aws.stub("iam").fails("GetRole", "NoSuchEntity", 404);
    sweep_in(&CONTROL, &aws, &away, "us-east-1").expect("a verdict");
    assert_eq!(result(&CONTROL, &aws, ACCOUNT).0, "NOT_APPLICABLE");
    assert!(account(&CONTROL, &aws, &away).1.starts_with("RESPONSE_ROLE_MISSING"));
}

#[test]
fn roles_runbooks_and_work_lists_are_current() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let failing = |parameters: Value, code: &str| {
        let (compliance, annotation) = account(&CONTROL, &aws, &parameters);
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with(code), "{annotation}");
    };
    failing(
        json!({"responseRoleName": "responder", "securityAccountId": "123456789012"}),
        "RESPONSE_ROLE_MISSING",
    );
    let runbooks = json!({"runbookTags": ["fisc:role=dr"], "runbookMaxAgeDays": 10});
    failing(runbooks, "RESPONSE_RUNBOOK_MISSING");
    failing(json!({"opsItemMaxDays": 1}), "OPSITEM_OVERDUE: OpsItems of severity 1 or 2");
    aws.stub("ssm").empty("ListDocuments");
    failing(json!({"runbookTags": ["fisc:role=dr"]}), "RESPONSE_RUNBOOK_MISSING");
}

#[test]
fn a_group_with_the_default_outbound_rule_isolates_nothing() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    groups(&aws, &json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]));
    sweep(&CONTROL, &aws, &json!({})).expect("verdicts");
    let (compliance, annotation) = result(&CONTROL, &aws, "vpc-used");
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("QUARANTINE_GROUP_MISSING"), "{annotation}");
    groups(&aws, &json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.9.0.0/28"}]}]));
    sweep(&CONTROL, &aws, &json!({"forensicCidrs": ["10.9.0.0/24"]})).expect("verdicts");
    assert_eq!(result(&CONTROL, &aws, "vpc-used").0, "COMPLIANT");
}

#[test]
fn a_denied_call_is_no_verdict() {
    for (service, operation) in [
        ("guardduty", "GetDetector"),
        ("events", "ListRules"),
        ("lambda", "GetFunctionConfiguration"),
        ("ec2", "DescribeSecurityGroups"),
        ("iam", "GetRole"),
        ("ssm", "DescribeDocument"),
        ("ssm", "DescribeOpsItems"),
    ] {
        let aws = aws_for(&CONTROL);
        well(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(&CONTROL, &aws, &all_asked()).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
