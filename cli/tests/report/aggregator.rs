//! `fisc report --aggregator` against an emulated AWS.

use fisc_testkit::aws::{ACCOUNT, FakeAws, REGION};
use serde_json::{Value, json};

use crate::common::{Said, fisc};

/// A second account of the Organization.
const OTHER: &str = "444455556666";

fn rule(name: &str, account: &str, region: &str, compliance: &str) -> Value {
    json!({
        "ConfigRuleName": name, "AccountId": account, "AwsRegion": region,
        "Compliance": {"ComplianceType": compliance},
    })
}

fn result(id: &str, compliance: &str, annotation: Option<&str>) -> Value {
    let mut result = json!({
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": {
            "ConfigRuleName": "fisc-s3-tls-only", "ResourceType": "AWS::S3::Bucket",
            "ResourceId": id,
        }},
        "ComplianceType": compliance,
    });
    if let Some(annotation) = annotation {
        result["Annotation"] = json!(annotation);
    }
    result
}

fn organization(aws: &FakeAws) {
    let source = |account: &str, status: &str| {
        json!({"SourceId": account, "SourceType": "ACCOUNT", "AwsRegion": REGION,
               "LastUpdateStatus": status})
    };
    let config = aws.stub("config");
    config
        .page_size(2)
        .returns(
            "DescribeConfigurationAggregatorSourcesStatus",
            json!({"AggregatedSourceStatusList": [
                source(ACCOUNT, "SUCCEEDED"), source(OTHER, "SUCCEEDED"),
                source("777788889999", "OUTDATED"),
            ]}),
        )
        .returns(
            "DescribeAggregateComplianceByConfigRules",
            json!({"AggregateComplianceByConfigRules": [
                rule("fisc-s3-tls-only", ACCOUNT, REGION, "NON_COMPLIANT"),
                rule("somebody-elses", ACCOUNT, REGION, "NON_COMPLIANT"),
                rule("fisc-s3-tls-only", OTHER, REGION, "COMPLIANT"),
                rule("fisc-kms-key-rotation", OTHER, REGION, "COMPLIANT"),
            ]}),
        );
    let details = |rule: &str, account: &str, results: Value| {
        config.when(
            "GetAggregateComplianceDetailsByConfigRule",
            json!({"ConfigurationAggregatorName": "org", "ConfigRuleName": rule,
                   "AccountId": account, "AwsRegion": REGION}),
            json!({"AggregateEvaluationResults": results}),
        );
    };
    details(
        "fisc-s3-tls-only",
        ACCOUNT,
        json!([
            result("a", "NON_COMPLIANT", Some("NO_BUCKET_POLICY: ポリシーがありません")),
            result("b", "COMPLIANT", None),
            result(
                "c",
                "NOT_APPLICABLE",
                Some(
                    "EXEMPT: 適用除外 期限 2027-03-31、承認者 ciso (タグ)、理由 RISK-9 / NO_BUCKET_POLICY"
                )
            ),
        ]),
    );
    details("fisc-s3-tls-only", OTHER, json!([result("a", "COMPLIANT", None)]));
    details("fisc-kms-key-rotation", OTHER, json!([]));
}

fn aggregated(aws: &FakeAws, more: &[&str]) -> Said {
    let arguments = [
        "report",
        "--aggregator",
        "org",
        "--format",
        "json",
        "--control",
        "s3-tls-only",
        "--control",
        "kms-key-rotation",
        "--control",
        "root-mfa",
    ];
    let mut command = fisc(&[&arguments[..], more].concat());
    command.envs(aws.env()).env("AWS_MAX_ATTEMPTS", "1");
    command.output().unwrap().into()
}

#[test]
fn an_aggregator_tells_of_every_account() {
    let aws = FakeAws::start();
    organization(&aws);
    let said = aggregated(&aws, &[]);
    assert_eq!(said.code, 1, "{}", said.err);
    let json = said.json();
    assert_eq!(json["report"]["accounts"], json!([ACCOUNT, OTHER, "777788889999"]));
    assert_eq!(json["report"]["aggregator"], "org");
    let mut found: Vec<(&str, &str, &str)> = json["evaluations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            (text("accountId"), text("resourceId"), text("compliance"))
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (ACCOUNT, "a", "NON_COMPLIANT"),
            (ACCOUNT, "b", "COMPLIANT"),
            (ACCOUNT, "c", "NOT_APPLICABLE"),
            (OTHER, "a", "COMPLIANT"),
        ]
    );
    let row = |id: &str| {
        json["evaluations"].as_array().unwrap().iter().find(|row| row["resourceId"] == id).unwrap()
    };
    assert_eq!(row("a")["reasons"][0]["code"], "NO_BUCKET_POLICY");
    assert_eq!(row("c")["exemption"]["reason"], "RISK-9");
    assert_eq!(row("c")["reasons"][1]["code"], "NO_BUCKET_POLICY");
    // Rules that said nothing: the key rule in all accounts (an empty answer is none), root-mfa in
    // every account, the bucket rule in the third.
    let mut open: Vec<(&str, &str)> = json["notEvaluated"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["control"].as_str().unwrap(), row["accountId"].as_str().unwrap()))
        .collect();
    open.sort_unstable();
    let third = "777788889999";
    assert_eq!(
        open,
        [
            ("kms-key-rotation", ACCOUNT),
            ("kms-key-rotation", OTHER),
            ("kms-key-rotation", third),
            ("root-mfa", ACCOUNT),
            ("root-mfa", OTHER),
            ("root-mfa", third),
            ("s3-tls-only", third),
        ]
    );
    assert!(said.err.contains("outdated"), "{}", said.err);
    // Pages were turned: four rules and three results, two a page.
    assert_eq!(aws.count("DescribeAggregateComplianceByConfigRules"), 2);
    assert_eq!(aws.count("DescribeConfigurationAggregatorSourcesStatus"), 2);
    assert_eq!(aws.count("GetAggregateComplianceDetailsByConfigRule"), 4);
}

#[test]
fn a_denied_call_is_an_error_and_never_a_verdict() {
    let aws = FakeAws::start();
    organization(&aws);
    aws.stub("config").fails_when(
        "GetAggregateComplianceDetailsByConfigRule",
        json!({"ConfigurationAggregatorName": "org", "ConfigRuleName": "fisc-s3-tls-only",
               "AccountId": ACCOUNT, "AwsRegion": REGION}),
        "AccessDeniedException",
        400,
    );
    let said = aggregated(&aws, &[]);
    assert_eq!(said.code, 2);
    let json = said.json();
    let message = json["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains(ACCOUNT)
            && message.contains("config:GetAggregateComplianceDetailsByConfigRule failed"),
        "{message}"
    );
    assert_eq!(json["summary"]["errors"], 1);
    assert!(json["evaluations"].as_array().unwrap().iter().all(|row| row["accountId"] == OTHER));
    let tls =
        json["criteria"].as_array().unwrap().iter().find(|one| one["number"] == "実4").unwrap();
    assert_eq!(tls["conclusion"], "incomplete");

    let aws = FakeAws::start();
    organization(&aws);
    aws.stub("config").fails(
        "DescribeAggregateComplianceByConfigRules",
        "AccessDeniedException",
        400,
    );
    let said = aggregated(&aws, &[]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(
        said.err.contains(
            "the aggregator cannot be read: config:DescribeAggregateComplianceByConfigRules"
        ),
        "{}",
        said.err
    );
}

#[test]
fn rules_are_found_by_their_prefix() {
    let aws = FakeAws::start();
    organization(&aws);
    let said = aggregated(&aws, &["--prefix", "bank"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let json = said.json();
    assert_eq!(json["evaluations"], json!([]));
    assert!(said.err.contains("is the prefix right"), "{}", said.err);
    assert!(
        json["criteria"].as_array().unwrap().iter().all(|one| one["conclusion"] != "noFailure")
    );
}
