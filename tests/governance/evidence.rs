//! `audit-evidence`.

use std::collections::BTreeSet;

use fisc_governance::audit_evidence::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::support::{assert_all_needed, aws_for};
use super::{account, called, sweep};

const US_EAST_1: &str = "us-east-1";
const SOC1: &str = "report-8DVWkBipC57MAEaz";

fn day(ago: i64) -> String {
    (Timestamp::now() - SignedDuration::from_hours(24 * ago)).strftime("%Y-%m-%d").to_string()
}

fn agreement(name: &str, state: &str, end: Option<&str>) -> Value {
    let mut agreement = json!({"name": name, "state": state, "awsAccountId": ACCOUNT});
    if let Some(end) = end {
        agreement["effectiveEnd"] = json!(end);
    }
    agreement
}

fn agreements(aws: &FakeAws, agreements: &[Value]) {
    aws.stub("artifact")
        .returns("ListCustomerAgreements", json!({"customerAgreements": agreements}));
}

fn fetched(aws: &FakeAws, source: &str, extra: &Value) {
    let mut record = json!({"eventSource": source, "eventName": "GetReport",
                            "requestParameters": {"reportId": SOC1, "reportVersion": 1}});
    record.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    aws.stub("cloudtrail").in_region(US_EAST_1).when(
        "LookupEvents",
        json!({"LookupAttributes": [
            {"AttributeKey": "EventName", "AttributeValue": "GetReport"},
        ]}),
        json!({"Events": [{"EventName": "GetReport", "EventSource": source,
                            "CloudTrailEvent": record.to_string()}]}),
    );
}

fn used(aws: &FakeAws, dimension: &str, names: &[&str]) {
    let groups: Vec<Value> = names
        .iter()
        .map(|name| {
            let amount = if *name == "Amazon Kendra" { "0" } else { "12.5" };
            json!({"Keys": [name],
                   "Metrics": {"UsageQuantity": {"Amount": amount, "Unit": "N/A"}}})
        })
        .collect();
    aws.stub("ce").in_region(US_EAST_1).when(
        "GetCostAndUsage",
        json!({"GroupBy": [{"Type": "DIMENSION", "Key": dimension}]}),
        json!({"ResultsByTime": [{"Groups": groups, "Estimated": true}]}),
    );
}

fn roles(aws: &FakeAws, policy: &str, names: &[&str]) {
    let roles: Vec<Value> =
        names.iter().map(|name| json!({"RoleName": name, "RoleId": "AROA1"})).collect();
    aws.stub("iam").when(
        "ListEntitiesForPolicy",
        json!({"PolicyArn": format!("arn:aws:iam::aws:policy/{policy}"),
               "PolicyUsageFilter": "PermissionsPolicy"}),
        json!({"PolicyRoles": roles, "PolicyGroups": [], "PolicyUsers": [], "IsTruncated": false}),
    );
}

fn attestation(aws: &FakeAws, value: &str) {
    aws.stub("ssm").returns(
        "GetParameter",
        json!({"Parameter": {"Name": "/fisc/audit", "Type": "String", "Value": value}}),
    );
}

fn well(aws: &FakeAws) {
    agreements(
        aws,
        &[
            agreement("AWS Customer Agreement Japan Addendum", "ACTIVE", None),
            agreement("AWS Nondisclosure Agreement", "ACTIVE", None),
        ],
    );
    let artifact = aws.stub("artifact");
    artifact.page_size(1);
    let report = |id: &str, name: &str| json!({"id": id, "name": name, "state": "PUBLISHED", "series": "SOC", "version": 1});
    artifact.returns(
        "ListReports",
        json!({"reports": [
            report("report-2", "Service Organization Controls (SOC) 2 Report"),
            report(SOC1, "Service Organization Controls (SOC) 1 Report"),
        ]}),
    );
    artifact.returns(
        "GetAccountSettings",
        json!({"accountSettings": {"notificationSubscriptionStatus": "NOT_SUBSCRIBED"}}),
    );
    fetched(aws, "artifact.amazonaws.com", &json!({}));
    used(aws, "SERVICE", &["AWS Lambda", "Amazon Kendra", "Tax"]);
    used(aws, "REGION", &["ap-northeast-1", "global"]);
    roles(aws, "AWSArtifactReportsReadOnlyAccess", &["auditor", "admin"]);
    roles(aws, "AdministratorAccess", &["admin"]);
    attestation(aws, &day(30));
    let topic = format!("arn:aws:sns:{US_EAST_1}:{ACCOUNT}:audit");
    let function = format!("arn:aws:lambda:{US_EAST_1}:{ACCOUNT}:function:audit");
    let events = aws.stub("events").in_region(US_EAST_1);
    events.returns(
        "ListRules",
        json!({"Rules": [{
            "Name": "reports", "State": "ENABLED", "EventBusName": "default",
            "Arn": format!("arn:aws:events:{US_EAST_1}:{ACCOUNT}:rule/reports"),
            "EventPattern": json!({"source": ["aws.artifact"]}).to_string(),
        }]}),
    );
    events.returns(
        "ListTargetsByRule",
        json!({"Targets": [{"Id": "a", "Arn": topic}, {"Id": "b", "Arn": function}]}),
    );
    aws.stub("sns").empty("ListSubscriptionsByTopic");
    aws.stub("lambda").returns(
        "GetFunctionConfiguration",
        json!({"FunctionName": "audit", "FunctionArn": function, "State": "Active"}),
    );
}

fn all_asked() -> Value {
    json!({
        "artifactAccounts": [ACCOUNT],
        "governingLawNames": ["japan"], "ndaNames": ["nondisclosure"],
        "requiredSeries": ["SOC 1"],
        "scopeServices": ["AWS Lambda"], "scopeRegions": ["ap-northeast-1"],
        "attestationParameter": "/fisc/audit",
        "requireAuditorAccess": true, "requireReportNotification": true,
    })
}

#[test]
fn evidence_that_is_there_passes() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let passed = ("COMPLIANT".to_owned(), String::new());
    assert_eq!(account(&CONTROL, &aws, &all_asked()), passed);
    let all: BTreeSet<String> = called(&aws);
    assert_all_needed(&CONTROL, &all);
    // A subscription is enough.
    aws.stub("artifact").returns(
        "GetAccountSettings",
        json!({"accountSettings": {"notificationSubscriptionStatus": "SUBSCRIBED"}}),
    );
    aws.stub("events").in_region(US_EAST_1).empty("ListRules");
    assert_eq!(account(&CONTROL, &aws, &all_asked()), passed);
}

#[test]
fn nothing_is_asked_unless_it_is_switched_on() {
    let aws = aws_for(&CONTROL);
    for (parameters, code) in [
        (json!({}), "EVIDENCE_NOT_ASKED"),
        (json!({"artifactAccounts": [ACCOUNT]}), "EVIDENCE_NOT_ASKED"),
        (json!({"artifactAccounts": ["999988887777"], "ndaNames": ["NDA"]}), "ARTIFACT_ELSEWHERE"),
    ] {
        let (compliance, annotation) = account(&CONTROL, &aws, &parameters);
        assert_eq!(compliance, "NOT_APPLICABLE");
        assert!(annotation.starts_with(code), "{annotation}");
    }
}

#[test]
fn agreements_are_active() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    agreements(
        &aws,
        &[
            agreement("AWS Customer Agreement Japan Addendum", "CUSTOMER_TERMINATED", None),
            agreement("AWS Nondisclosure Agreement", "ACTIVE", Some("2020-01-01T00:00:00Z")),
        ],
    );
    let (compliance, annotation) = account(&CONTROL, &aws, &all_asked());
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("GOVERNING_LAW_NOT_CONFIRMED"), "{annotation}");
    assert!(annotation.contains("NDA_NOT_ACCEPTED"), "{annotation}");
}

#[test]
fn what_is_missing_is_told() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let failing = |change: Value, part: &str| {
        let mut parameters = all_asked();
        parameters.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (compliance, annotation) = account(&CONTROL, &aws, &parameters);
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with(part), "{annotation}");
    };
    failing(
        json!({"requiredSeries": ["SOC 1", "SOC 2"]}),
        "REPORT_NOT_REVIEWED: Reports were not fetched for review: SOC 2",
    );
    // What was refused fetched nothing, and other services have reports too.
    fetched(&aws, "artifact.amazonaws.com", &json!({"errorCode": "AccessDenied"}));
    failing(json!({}), "REPORT_NOT_REVIEWED");
    fetched(&aws, "wellarchitected.amazonaws.com", &json!({}));
    failing(json!({}), "REPORT_NOT_REVIEWED");
    fetched(&aws, "artifact.amazonaws.com", &json!({}));

    failing(json!({"scopeServices": ["Amazon S3"]}), "SERVICE_OUTSIDE_REPORT_SCOPE");
    failing(json!({"scopeRegions": ["us-east-1"]}), "REGION_OUTSIDE_REPORT_SCOPE");
    failing(json!({"auditMaxAgeDays": 7}), "SECURITY_AUDIT_OVERDUE: The last security audit was");
    attestation(&aws, "done");
    failing(json!({}), "SECURITY_AUDIT_OVERDUE: Parameter /fisc/audit holds no day");
    aws.stub("ssm").fails("GetParameter", "ParameterNotFound", 400);
    failing(json!({}), "SECURITY_AUDIT_OVERDUE: Parameter /fisc/audit does not exist");
    attestation(&aws, &day(1));

    roles(&aws, "AWSArtifactReportsReadOnlyAccess", &["admin"]);
    failing(json!({}), "AUDITOR_ACCESS_MISSING");
    roles(&aws, "AWSArtifactReportsReadOnlyAccess", &["auditor"]);
    aws.stub("lambda").fails("GetFunctionConfiguration", "ResourceNotFoundException", 404);
    failing(json!({}), "REPORT_NOTIFICATION_OFF");
}

#[test]
fn without_data_of_cost_explorer_usage_is_not_judged() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let explorer = aws.stub("ce").in_region(US_EAST_1);
    for dimension in ["SERVICE", "REGION"] {
        explorer.fails_when(
            "GetCostAndUsage",
            json!({"GroupBy": [{"Type": "DIMENSION", "Key": dimension}]}),
            "DataUnavailableException",
            400,
        );
    }
    for (parameters, compliance) in
        [(all_asked(), "COMPLIANT"), (json!({"scopeServices": ["AWS Lambda"]}), "NOT_APPLICABLE")]
    {
        let (found, annotation) = account(&CONTROL, &aws, &parameters);
        assert_eq!(found, compliance);
        assert!(annotation.starts_with("USAGE_NOT_AVAILABLE"), "{annotation}");
    }
}

#[test]
fn other_parameters_are_not_read() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let error =
        sweep(&CONTROL, &aws, &json!({"attestationParameter": "/db/password"})).unwrap_err();
    assert_eq!(error.error_type, "WrongParameter");
    assert_eq!(aws.count("GetParameter"), 0);
}

#[test]
fn a_denied_call_is_no_verdict() {
    for (service, operation) in [
        ("artifact", "ListCustomerAgreements"),
        ("artifact", "ListReports"),
        ("cloudtrail", "LookupEvents"),
        ("ce", "GetCostAndUsage"),
        ("iam", "ListEntitiesForPolicy"),
        ("ssm", "GetParameter"),
        ("events", "ListRules"),
    ] {
        let aws = aws_for(&CONTROL);
        well(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(&CONTROL, &aws, &all_asked()).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
