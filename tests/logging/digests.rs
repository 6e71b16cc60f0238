//! End-to-end: the real `logging` binary verifies digest chains in an emulated S3.

use std::time::Duration;

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_logging::log_integrity::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION, Trail};
use fisc_testkit::digests::{Damage, Plan};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RULE: &str = "fisc-log-integrity";
const TRAIL: &str = "bank";
/// The organization of the emulated AWS.
const ORGANIZATION: &str = "o-testkit0001";
/// More than the 24 hours that are verified, so that the chain reaches over the window's start.
const HOURS: usize = 28;

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_logging"), aws, &env)
}

/// A chain whose newest digest ended with the last full hour.
fn plan() -> Plan {
    let seconds = Timestamp::now().as_second();
    let hour = Timestamp::from_second(seconds - seconds % 3600).unwrap();
    Plan::new(hour - SignedDuration::from_hours(i64::try_from(HOURS).unwrap()), HOURS)
}

/// In epoch seconds, as the API's JSON has times.
fn hours_ago(hours: i64) -> i64 {
    (Timestamp::now() - SignedDuration::from_hours(hours)).as_second()
}

/// A healthy single-Region trail.
fn trail() -> Trail {
    let mut trail = Trail::new(TRAIL);
    trail.bucket = "audit-logs".to_owned();
    trail.multi_region = false;
    trail.validation = true;
    trail.logging = true;
    trail.status = json!({
        "StartLoggingTime": hours_ago(1000), "LatestDigestDeliveryTime": hours_ago(1),
    });
    trail
}

fn aws_with(plan: Plan, damage: Option<Damage>) -> FakeAws {
    let aws = aws_for(&CONTROL);
    let chain = plan.build();
    let chain = match damage {
        Some(damage) => chain.damaged(damage),
        None => chain,
    };
    chain.put_into(&aws);
    aws
}

fn run(aws: &FakeAws, parameters: &Value) -> Result<Value, FunctionError> {
    let rule = aws.config().rule(RULE);
    start(aws).invoke(events::scheduled(&rule, parameters))
}

fn held(aws: &FakeAws) -> (String, String) {
    let result = aws.config().result(RULE, TRAIL).expect("a result for the trail");
    assert_eq!(result.resource_type, "AWS::CloudTrail::Trail");
    (result.compliance, result.annotation.unwrap_or_default())
}

/// The trail as Config records it.
fn item() -> Value {
    events::item(
        "AWS::CloudTrail::Trail",
        TRAIL,
        json!({
            "name": TRAIL, "s3BucketName": "audit-logs", "includeGlobalServiceEvents": true,
            "isMultiRegionTrail": false, "homeRegion": REGION, "isOrganizationTrail": false,
            "trailARN": format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{TRAIL}"),
            "logFileValidationEnabled": true,
        }),
    )
}

#[test]
fn a_chain_that_verifies_passes_and_each_damage_is_named() {
    let newest = HOURS - 1;
    for (damage, code) in [
        (None, ""),
        (Some(Damage::LogChanged { hour: newest - 3, log: 0 }), "LOG_FILE_ALTERED"),
        (Some(Damage::LogRemoved { hour: newest - 3, log: 1 }), "LOG_FILE_MISSING"),
        (Some(Damage::DigestRemoved { hour: newest - 5 }), "DIGEST_MISSING"),
        (Some(Damage::SignatureChanged { hour: newest - 4 }), "DIGEST_SIGNATURE_INVALID"),
        (Some(Damage::UnknownKey { hour: newest }), "DIGEST_SIGNATURE_INVALID"),
        (Some(Damage::DigestsSwapped { hour: newest - 6, with: newest - 2 }), "DIGEST_MALFORMED"),
    ] {
        let aws = aws_with(plan(), damage);
        aws.cloudtrail().add_trail(trail());
        run(&aws, &json!({})).unwrap();
        let (compliance, annotation) = held(&aws);
        let expected = if code.is_empty() { "COMPLIANT" } else { "NON_COMPLIANT" };
        assert_eq!(compliance, expected, "{damage:?}: {annotation}");
        assert!(annotation.contains(code), "{damage:?}: {annotation}");
    }
}

#[test]
fn digests_that_stopped_coming_are_missing_and_undelivered() {
    let mut old = plan();
    old.hours -= 5;
    let aws = aws_with(old, None);
    let mut late = trail();
    late.status["LatestDigestDeliveryTime"] = json!(hours_ago(6));
    aws.cloudtrail().add_trail(late);
    run(&aws, &json!({})).unwrap();
    let (compliance, annotation) = held(&aws);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.contains("DIGEST_DELIVERY_FAILED"), "{annotation}");
    assert!(annotation.contains("DIGEST_MISSING"), "{annotation}");
}

#[test]
fn a_break_in_validation_is_a_gap_unless_it_is_allowed() {
    let mut broken = plan();
    broken.off = vec![HOURS - 8, HOURS - 7];
    let aws = aws_with(broken, None);
    aws.cloudtrail().add_trail(trail());
    run(&aws, &json!({})).unwrap();
    assert!(held(&aws).1.starts_with("DIGEST_CHAIN_GAP"), "{}", held(&aws).1);
    run(&aws, &json!({"allowChainRestart": true})).unwrap();
    assert_eq!(held(&aws).0, "COMPLIANT", "{}", held(&aws).1);
}

#[test]
fn the_configuration_alone_decides_without_reading_a_file() {
    let aws = aws_for(&CONTROL);
    let mut off = trail();
    off.validation = false;
    aws.cloudtrail().add_trail(off);
    run(&aws, &json!({})).unwrap();
    assert_eq!(held(&aws).0, "NON_COMPLIANT");
    assert!(held(&aws).1.starts_with("VALIDATION_DISABLED"));
    assert_eq!(aws.calls().iter().filter(|call| call.service == "s3").count(), 0);

    for parameters in [json!({"verifyChain": "false"}), json!({"verificationHours": "0"})] {
        let aws = aws_for(&CONTROL);
        aws.cloudtrail().add_trail(trail());
        run(&aws, &parameters).unwrap();
        assert_eq!(held(&aws).0, "COMPLIANT");
        assert!(held(&aws).1.starts_with("CHAIN_NOT_VERIFIED"));
        assert_eq!(aws.calls().iter().filter(|call| call.service == "s3").count(), 0);
    }

    let aws = aws_for(&CONTROL);
    let mut new = trail();
    new.status = json!({"StartLoggingTime": hours_ago(1)});
    aws.cloudtrail().add_trail(new);
    run(&aws, &json!({})).unwrap();
    assert!(held(&aws).1.starts_with("LOGGING_JUST_STARTED"));
}

#[test]
fn a_change_runs_the_full_pass() {
    let aws = aws_with(plan(), Some(Damage::LogChanged { hour: HOURS - 4, log: 0 }));
    aws.cloudtrail().add_trail(trail());
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    // A change of tags must not hide the altered file.
    lambda.invoke(events::change(&rule, &item(), &Value::Null)).unwrap();
    assert!(held(&aws).1.contains("LOG_FILE_ALTERED"));

    let mut off = item();
    off["configuration"]["logFileValidationEnabled"] = json!(false);
    off["configurationItemCaptureTime"] = json!("2026-11-02T00:00:00.000Z");
    lambda.invoke(events::change(&rule, &off, &Value::Null)).unwrap();
    assert!(held(&aws).1.starts_with("VALIDATION_DISABLED"));
}

#[test]
fn every_enabled_region_has_its_chain() {
    let aws = aws_for(&CONTROL);
    aws.account().set_regions(&[
        (REGION, "ENABLED_BY_DEFAULT"),
        ("us-east-1", "ENABLED_BY_DEFAULT"),
        ("ap-east-1", "DISABLED"),
    ]);
    let mut multi = trail();
    multi.multi_region = true;
    aws.cloudtrail().add_trail(multi);
    plan().build().put_into(&aws);
    run(&aws, &json!({})).unwrap();
    assert!(held(&aws).1.starts_with("DIGEST_MISSING"), "{}", held(&aws).1);

    let mut other = plan();
    other.region = "us-east-1".to_owned();
    other.build().put_into(&aws);
    run(&aws, &json!({})).unwrap();
    assert_eq!(held(&aws).0, "COMPLIANT", "{}", held(&aws).1);
}

#[test]
fn an_organization_trail_is_judged_by_its_owner() {
    let member = "444455556666";
    let mut files = plan();
    files.organization = Some(ORGANIZATION.to_owned());
    files.account = member.to_owned();
    let aws = aws_with(files, None);
    aws.organizations().join(ACCOUNT);
    aws.cloudtrail().add_trail(trail().organization(&[member]));
    run(&aws, &json!({"accountIds": member})).unwrap();
    assert_eq!(held(&aws).0, "COMPLIANT", "{}", held(&aws).1);

    // The same trail seen from another account.
    let aws = aws_for(&CONTROL);
    aws.cloudtrail().add_trail(trail().at("999988887777", REGION).organization(&[ACCOUNT]));
    run(&aws, &json!({})).unwrap();
    assert_eq!(held(&aws).0, "NOT_APPLICABLE");
    assert!(held(&aws).1.contains("999988887777"));
}

#[test]
fn an_archived_trail_is_verified_where_its_files_are_kept() {
    let mut files = plan();
    files.account = "444455556666".to_owned();
    files.owner = "444455556666".to_owned();
    files.prefix = Some("members".to_owned());
    let arn = files.arn();
    let aws = aws_with(files, Some(Damage::LogRemoved { hour: HOURS - 4, log: 0 }));
    run(&aws, &json!({"archivedTrails": format!("{arn}|audit-logs|members|")})).unwrap();
    let result = aws.config().result(RULE, &arn).unwrap();
    assert_eq!(result.compliance, "NON_COMPLIANT");
    assert!(result.annotation.unwrap().starts_with("LOG_FILE_MISSING"));
}

#[test]
fn whatever_keeps_a_file_from_being_read_fails_the_run() {
    for (service, operation, action) in [
        ("cloudtrail", "DescribeTrails", "cloudtrail:DescribeTrails"),
        ("cloudtrail", "GetTrailStatus", "cloudtrail:GetTrailStatus"),
        ("cloudtrail", "ListPublicKeys", "cloudtrail:ListPublicKeys"),
        ("s3", "GetBucketLocation", "s3:GetBucketLocation"),
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "GetObject", "s3:GetObject"),
    ] {
        let aws = aws_with(plan(), None);
        aws.cloudtrail().add_trail(trail());
        aws.fault(service, operation, Fault::Denied);
        let error = run(&aws, &json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(action), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
    }
    for (fault, expected) in [
        (Fault::error(403, "InvalidObjectState", "restore it first"), "InvalidObjectState"),
        (Fault::error(404, "NoSuchBucket", "no such bucket"), "NoSuchBucket"),
    ] {
        let aws = aws_with(plan(), None);
        aws.cloudtrail().add_trail(trail());
        aws.fault("s3", "GetObject", fault);
        let error = run(&aws, &json!({})).unwrap_err();
        assert!(error.message.contains("s3:GetObject"), "{expected}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}

#[test]
fn limits_end_the_run_with_an_error_not_with_a_part() {
    let aws = aws_with(plan(), None);
    aws.cloudtrail().add_trail(trail());
    let error = run(&aws, &json!({"maxLogFiles": "10"})).unwrap_err();
    assert!(error.message.contains("maxLogFiles"), "{}", error.message);

    aws.fault("s3", "GetObject", Fault::Hang(Duration::from_secs(30)).after(20));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.set_deadline(Duration::from_secs(18));
    let error = lambda.invoke(events::scheduled(&rule, &json!({}))).unwrap_err();
    assert_eq!(error.error_type, "DeadlineNear", "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}

#[test]
fn the_role_holds_exactly_what_is_called() {
    let mut files = plan();
    files.organization = Some(ORGANIZATION.to_owned());
    let aws = aws_with(files, None);
    aws.organizations().join(ACCOUNT);
    aws.account().set_regions(&[(REGION, "ENABLED_BY_DEFAULT")]);
    let mut organization = trail().organization(&[]);
    organization.multi_region = true;
    aws.cloudtrail().add_trail(organization);
    run(&aws, &json!({})).unwrap();
    aws.config().record(&item());
    let rule = aws.config().rule(RULE);
    start(&aws).invoke(events::oversized(&rule, &item(), &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}
