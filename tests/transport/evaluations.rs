//! End-to-end: the real `transport` binary, from the Config event to the evaluation and, through
//! the real `findings` binary, to the finding.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{Lambda, sibling};
use fisc_transport::cloudfront_tls;
use fisc_transport::s3_tls_only::CONTROL;
use serde_json::{Value, json};

const RULE: &str = "fisc-s3-tls-only";

fn start(aws: &FakeAws) -> Lambda {
    start_control(aws, &CONTROL)
}

fn start_control(aws: &FakeAws, control: &Control) -> Lambda {
    Lambda::start(env!("CARGO_BIN_EXE_transport"), aws, &[("FISC_CONTROL", control.id)])
}

fn bucket(name: &str, policy: &Value) -> Value {
    let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
    item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
    let text = if policy.is_null() { Value::Null } else { json!(policy.to_string()) };
    item["supplementaryConfiguration"] = json!({"BucketPolicy": {"policyText": text}});
    item
}

fn tls_only(condition: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": "*", "Condition": condition}]})
}

fn good() -> Value {
    tls_only(json!({"Bool": {"aws:SecureTransport": "false"}}))
}

#[test]
fn buckets_are_judged_by_their_item_alone() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let inverted = tls_only(json!({"Bool": {"aws:SecureTransport": "true"}}));
    for (name, policy, compliance, code) in [
        ("good", good(), "COMPLIANT", ""),
        ("none", Value::Null, "NON_COMPLIANT", "NO_BUCKET_POLICY"),
        ("inverted", inverted, "NON_COMPLIANT", "NO_TLS_DENY"),
    ] {
        lambda.invoke(events::change(&rule, &bucket(name, &policy), &Value::Null)).unwrap();
        let result = aws.config().result(RULE, name).unwrap();
        assert_eq!(result.compliance, compliance, "{name}");
        assert!(result.annotation.unwrap_or_default().starts_with(code), "{name}");
    }
    // What was judged is the state at the item's capture.
    let call = &aws.calls_of("PutEvaluations")[0];
    let ordering = call.body["Evaluations"][0]["OrderingTimestamp"].as_f64().unwrap();
    assert!((ordering - 1_793_496_994.043).abs() < 0.001, "{ordering}");

    let large = bucket("large", &good());
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_eq!(aws.config().result(RULE, "large").unwrap().compliance, "COMPLIANT");
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn what_cannot_be_judged_fails_the_run() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut bare = bucket("bare", &good());
    bare["supplementaryConfiguration"] = Value::Null;
    let mut broken = bucket("broken", &good());
    broken["supplementaryConfiguration"]["BucketPolicy"]["policyText"] = json!("{\"Statement\"");
    for (event, error_type, expected) in [
        (
            events::change(&rule, &bare, &Value::Null),
            "IncompleteItem",
            "supplementaryConfiguration",
        ),
        (events::change(&rule, &broken, &Value::Null), "UnreadablePolicy", "not JSON"),
    ] {
        let error = lambda.invoke(event).unwrap_err();
        assert_eq!(error.error_type, error_type, "{}", error.message);
        assert!(error.message.contains(expected), "{}", error.message);
    }
    assert_eq!(aws.count("PutEvaluations"), 0);
}

#[test]
fn a_type_beside_the_control_is_not_applicable() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let topic = events::item("AWS::SNS::Topic", "topic", json!({}));
    start(&aws).invoke(events::change(&rule, &topic, &Value::Null)).unwrap();
    assert_eq!(aws.config().result(RULE, "topic").unwrap().compliance, "NOT_APPLICABLE");
}

#[test]
fn a_result_becomes_a_finding_and_a_deleted_bucket_archives_it() {
    let aws = FakeAws::start();
    let rule = aws.config().rule(RULE);
    let mut control = start(&aws);
    let mut findings = Lambda::start(sibling("findings"), &aws, &[("FISC_RULE_PREFIX", "fisc")]);
    let mut forward = |aws: &FakeAws| {
        let events = aws.config().take_compliance_events();
        assert_eq!(events.len(), 1);
        let answer = findings.invoke(events::sqs_batch(&events)).unwrap();
        assert_eq!(answer, json!({"batchItemFailures": []}));
        let mut held = aws.securityhub().findings();
        assert_eq!(held.len(), 1, "one resource, one finding");
        held.remove(0)
    };

    let bad = bucket("customer-documents", &Value::Null);
    control.invoke(events::change(&rule, &bad, &Value::Null)).unwrap();
    let finding = forward(&aws);
    assert_eq!(finding["Compliance"]["Status"], "FAILED");
    assert_eq!(finding["RecordState"], "ACTIVE");
    assert_eq!(finding["AwsAccountId"], ACCOUNT);
    assert_eq!(finding["Resources"][0]["Type"], "AwsS3Bucket");
    assert_eq!(finding["Resources"][0]["Id"], "arn:aws:s3:::customer-documents");
    assert_eq!(finding["Resources"][0]["Region"], REGION);
    assert_eq!(finding["FindingProviderFields"]["Severity"]["Label"], "HIGH");
    let criteria = finding["Compliance"]["RelatedRequirements"].as_array().unwrap();
    assert!(criteria.contains(&json!("実4")), "{criteria:?}");
    assert!(finding["Description"].as_str().unwrap().contains("NO_BUCKET_POLICY"));

    let mut fixed = bucket("customer-documents", &good());
    fixed["configurationItemCaptureTime"] = json!("2026-11-02T00:00:00.000Z");
    control.invoke(events::change(&rule, &fixed, &Value::Null)).unwrap();
    assert_eq!(forward(&aws)["Compliance"]["Status"], "PASSED");

    let mut gone = fixed.clone();
    gone["configurationItemCaptureTime"] = json!("2026-11-03T00:00:00.000Z");
    control.invoke(events::deleted(&rule, &gone, &Value::Null)).unwrap();
    assert_eq!(forward(&aws)["RecordState"], "ARCHIVED");
}

/// A distribution in the shape in which Config records it, with one behaviour and one origin.
fn distribution(id: &str, viewers: &str, origin: &str) -> Value {
    let arn = format!("arn:aws:cloudfront::{ACCOUNT}:distribution/{id}");
    let config = json!({
        "enabled": true,
        "aliases": {"quantity": 0},
        "origins": {"quantity": 1, "items": [{
            "id": "app", "domainName": "app.ap-northeast-1.elb.amazonaws.com",
            "customOriginConfig": {
                "httpPort": 80, "httpsPort": 443, "originProtocolPolicy": origin,
                "originSslProtocols": {"quantity": 1, "items": ["TLSv1.2"]},
            },
        }]},
        "originGroups": {"quantity": 0},
        "defaultCacheBehavior": {"targetOriginId": "app", "viewerProtocolPolicy": viewers},
        "cacheBehaviors": {"quantity": 0},
        "viewerCertificate": {
            "cloudFrontDefaultCertificate": true, "minimumProtocolVersion": "TLSv1",
            "certificateSource": "cloudfront",
        },
    });
    let configuration = json!({"id": id, "arn": arn, "distributionConfig": config});
    let mut item = events::item("AWS::CloudFront::Distribution", id, configuration);
    item["ARN"] = json!(arn);
    item["resourceName"] = Value::Null;
    item["awsRegion"] = json!("global");
    item
}

#[test]
fn distributions_are_judged_by_their_item_alone() {
    let control = &cloudfront_tls::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule("fisc-cloudfront-tls");
    let mut lambda = start_control(&aws, control);
    let mut disabled = distribution("E4", "allow-all", "http-only");
    disabled["configuration"]["distributionConfig"]["enabled"] = json!(false);
    let match_viewer = distribution("E3", "https-only", "match-viewer");
    let strict = json!({"allowMatchViewer": false});
    for (item, parameters, compliance, codes) in [
        (distribution("E1", "https-only", "https-only"), &Value::Null, "COMPLIANT", vec![]),
        (
            distribution("E2", "allow-all", "match-viewer"),
            &Value::Null,
            "NON_COMPLIANT",
            vec!["VIEWER_HTTP_ALLOWED", "ORIGIN_NOT_HTTPS"],
        ),
        (match_viewer.clone(), &Value::Null, "COMPLIANT", vec![]),
        (match_viewer, &strict, "NON_COMPLIANT", vec!["ORIGIN_NOT_HTTPS"]),
        (disabled, &Value::Null, "NOT_APPLICABLE", vec!["DISTRIBUTION_DISABLED"]),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, parameters)).unwrap();
        let result = aws.config().result("fisc-cloudfront-tls", id).unwrap();
        assert_eq!(result.compliance, compliance, "{id}");
        let annotation = result.annotation.unwrap_or_default();
        assert!(codes.iter().all(|code| annotation.contains(code)), "{id}: {annotation}");
    }

    let large = distribution("E5", "allow-all", "https-only");
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    let result = aws.config().result("fisc-cloudfront-tls", "E5").unwrap();
    assert_eq!(result.compliance, "NON_COMPLIANT");
    assert_all_needed(control, &actions_of(&aws.calls()));

    let answered = aws.count("PutEvaluations");
    let mut bare = distribution("E6", "https-only", "https-only");
    bare["configuration"]["distributionConfig"]["origins"] = Value::Null;
    let error = lambda.invoke(events::change(&rule, &bare, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "IncompleteItem", "{}", error.message);
    assert!(error.message.contains("distributionConfig.origins is missing"), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), answered);
}

#[test]
fn a_distribution_becomes_a_finding_under_its_own_arn() {
    let aws = FakeAws::start();
    let rule = aws.config().rule("fisc-cloudfront-tls");
    let bad = distribution("E1EXAMPLE", "allow-all", "https-only");
    let mut control = start_control(&aws, &cloudfront_tls::CONTROL);
    control.invoke(events::change(&rule, &bad, &Value::Null)).unwrap();
    let mut findings = Lambda::start(sibling("findings"), &aws, &[("FISC_RULE_PREFIX", "fisc")]);
    let events = aws.config().take_compliance_events();
    findings.invoke(events::sqs_batch(&events)).unwrap();
    let held = aws.securityhub().findings();
    let resource = &held[0]["Resources"][0];
    assert_eq!(resource["Type"], "AwsCloudFrontDistribution");
    assert_eq!(resource["Id"], bad["ARN"]);
    assert_eq!(held[0]["Compliance"]["Status"], "FAILED");
}
