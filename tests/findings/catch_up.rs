//! What Security Hub does not show as AWS Config holds it: lost events, and reasons that changed.

use fisc_testkit::aws::{ACCOUNT, Evaluation, FakeAws, Fault};
use fisc_testkit::events::{eventbridge_schedule, sqs_batch};
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{T1, bucket, bucket_finding, days_ago, imports, returned, start, status};

const DETAILS: &str = "GetComplianceDetailsByConfigRule";
const CONTROLS: usize = 81;
const EXEMPT: &str = "EXEMPT: until 2027-03-31, RISK-123, approved by ciso (tag fisc:exempt:s3-tls-only) / NO_BUCKET_POLICY";

/// A control reports on a bucket.
fn report(aws: &FakeAws, name: &str, compliance: &str, annotation: &str) {
    report_at(aws, name, compliance, annotation, Timestamp::now());
}

fn report_at(aws: &FakeAws, name: &str, compliance: &str, annotation: &str, at: Timestamp) {
    let rule = aws.config().rule("fisc-s3-tls-only");
    let result = Evaluation {
        resource_type: "AWS::S3::Bucket".to_owned(),
        resource_id: name.to_owned(),
        compliance: compliance.to_owned(),
        annotation: Some(annotation.to_owned()).filter(|text| !text.is_empty()),
        ordering: at,
        recorded: at,
    };
    aws.config().report(&rule, result);
}

/// The events that Config sent arrive.
fn forward(aws: &FakeAws, lambda: &mut Lambda) {
    let events = aws.config().take_compliance_events();
    assert!(returned(&lambda.invoke(sqs_batch(&events)).expect("success")).is_empty());
}

/// The events that Config sent get lost.
fn lose(aws: &FakeAws) -> Vec<Value> {
    aws.config().take_compliance_events()
}

fn schedule(lambda: &mut Lambda) -> Result<Value, FunctionError> {
    lambda.invoke(eventbridge_schedule("fisc-refresh"))
}

fn caught_up(lambda: &mut Lambda) -> u64 {
    let answer = schedule(lambda).expect("success");
    answer["caughtUp"].as_u64().expect("a number")
}

/// The findings of all imports since the last look, by their Id.
fn take_imported(aws: &FakeAws) -> Vec<Value> {
    let mut imported: Vec<Value> = aws
        .take_calls()
        .iter()
        .filter(|call| call.operation == "BatchImportFindings")
        .flat_map(|call| call.body["Findings"].as_array().cloned().unwrap_or_default())
        .collect();
    imported.sort_by_key(|finding| finding["Id"].to_string());
    imported
}

#[test]
fn a_lost_event_is_caught_up_on_as_if_it_had_come() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    for name in ["exempt", "gone", "mended"] {
        report(&aws, name, "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    }
    let account = Evaluation {
        resource_type: "AWS::::Account".to_owned(),
        resource_id: ACCOUNT.to_owned(),
        compliance: "NON_COMPLIANT".to_owned(),
        annotation: Some("ROOT_WITHOUT_MFA".to_owned()),
        ordering: Timestamp::now(),
        recorded: Timestamp::now(),
    };
    aws.config().report(&aws.config().rule("fisc-root-mfa"), account.clone());
    forward(&aws, &mut lambda);
    assert_eq!(hub.findings().len(), 4);

    // Whatever a result can become.
    std::thread::sleep(std::time::Duration::from_millis(2));
    report(&aws, "exempt", "NOT_APPLICABLE", EXEMPT);
    report(&aws, "gone", "NOT_APPLICABLE", "RESOURCE_DELETED: ResourceDeleted");
    report(&aws, "mended", "COMPLIANT", "");
    report(&aws, "new", "NON_COMPLIANT", "拒否されないリクエストがあります");
    let now = Timestamp::now();
    let mended =
        Evaluation { compliance: "COMPLIANT".to_owned(), ordering: now, recorded: now, ..account };
    aws.config().report(&aws.config().rule("fisc-root-mfa"), mended);
    let lost = lose(&aws);
    drop(aws.take_calls());

    assert_eq!(caught_up(&mut lambda), 5);
    let by_schedule = take_imported(&aws);
    let shown = hub.findings();
    assert_eq!(status(&hub, &bucket_finding("mended")), "PASSED");
    assert_eq!(status(&hub, &bucket_finding("new")), "FAILED");
    for name in ["exempt", "gone"] {
        let finding = hub.finding(&bucket_finding(name)).expect("stored");
        assert_eq!(finding["RecordState"], "ARCHIVED");
        assert_eq!(finding["Compliance"]["Status"], "NOT_AVAILABLE");
    }

    // The events come after all: the very same findings, which change nothing.
    assert!(returned(&lambda.invoke(sqs_batch(&lost)).expect("success")).is_empty());
    assert_eq!(by_schedule, take_imported(&aws));
    assert_eq!(hub.findings(), shown);
    assert_eq!(hub.ignored().len(), 5);
    assert_eq!(caught_up(&mut lambda), 0);
    assert!(take_imported(&aws).is_empty());
}

#[test]
fn a_changed_reason_is_caught_up_on_and_what_customers_did_stays() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    report(&aws, "ledger", "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    report(&aws, "other", "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    forward(&aws, &mut lambda);
    let id = bucket_finding("ledger");
    let note = json!({"Text": "accepted", "UpdatedBy": "risk", "UpdatedAt": T1});
    hub.change(&id, |finding| {
        finding["Workflow"] = json!({"Status": "NOTIFIED"});
        finding["Note"] = note.clone();
        finding["UserDefinedFields"] = json!({"ticket": "R-1"});
    });
    let before = hub.findings();

    // The same results once more: Config tells a later time, and nothing else is new.
    std::thread::sleep(std::time::Duration::from_millis(2));
    report(&aws, "ledger", "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    report(&aws, "other", "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    drop(aws.take_calls());
    assert_eq!(caught_up(&mut lambda), 0);
    assert!(take_imported(&aws).is_empty());
    assert_eq!(hub.findings(), before);

    report(&aws, "ledger", "NON_COMPLIANT", "HTTP_ALLOWED: s3:GetObject");
    assert!(lose(&aws).is_empty(), "Config tells nobody");
    assert_eq!(caught_up(&mut lambda), 1);
    let finding = hub.finding(&id).expect("stored");
    let description = finding["Description"].as_str().expect("text");
    assert!(description.contains("HTTP_ALLOWED: s3:GetObject"), "{description}");
    assert_eq!(finding["Workflow"]["Status"], "NOTIFIED");
    assert_eq!(finding["Note"], note);
    assert_eq!(finding["UserDefinedFields"], json!({"ticket": "R-1"}));
    let result = aws.config().result("fisc-s3-tls-only", "ledger").expect("held");
    assert_eq!(finding["UpdatedAt"], format!("{:.3}", result.recorded));

    drop(aws.take_calls());
    assert_eq!(caught_up(&mut lambda), 0);
    assert!(take_imported(&aws).is_empty());
}

#[test]
fn pages_of_both_sides_are_read_to_the_end() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    let name = |n: usize| format!("bucket-{n:03}");
    for n in 0..150 {
        report(&aws, &name(n), "COMPLIANT", "");
    }
    lose(&aws);
    drop(aws.take_calls());
    assert_eq!(caught_up(&mut lambda), 150);
    assert_eq!(aws.count(DETAILS), CONTROLS + 1, "two pages of one rule");
    assert_eq!(imports(&aws), [100, 50]);
    assert_eq!(hub.findings().len(), 150);

    // The first one and the last ones fail now.
    std::thread::sleep(std::time::Duration::from_millis(2));
    for n in [0, 148, 149] {
        report(&aws, &name(n), "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    }
    lose(&aws);
    drop(aws.take_calls());
    assert_eq!(caught_up(&mut lambda), 3);
    assert_eq!(aws.count("GetFindings"), 3, "one of the refresh, two pages");
    assert_eq!(imports(&aws), [3]);
    let failed =
        hub.findings().iter().filter(|one| one["Compliance"]["Status"] == "FAILED").count();
    assert_eq!(failed, 3);

    drop(aws.take_calls());
    assert_eq!(caught_up(&mut lambda), 0);
    assert!(imports(&aws).is_empty());
}

#[test]
fn an_older_state_never_overwrites_a_newer_one() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    let now = Timestamp::now();
    let ago = |days: i64| now - SignedDuration::from_hours(24 * days);
    // Config's answer is behind what came by event.
    report_at(&aws, "newer", "COMPLIANT", "", ago(2));
    lose(&aws);
    lambda.invoke(sqs_batch(&[bucket("newer", "NON_COMPLIANT", &days_ago(1))])).expect("success");
    drop(aws.take_calls());
    assert_eq!(caught_up(&mut lambda), 0);
    assert!(take_imported(&aws).is_empty());
    assert_eq!(status(&hub, &bucket_finding("newer")), "FAILED");

    // A finding that this run refreshes first, though a result since then was lost.
    lambda.invoke(sqs_batch(&[bucket("old", "NON_COMPLIANT", &days_ago(80))])).expect("success");
    report_at(&aws, "old", "COMPLIANT", "", ago(70));
    report_at(&aws, "unseen", "NON_COMPLIANT", "NO_BUCKET_POLICY: none", ago(100));
    lose(&aws);
    let answer = schedule(&mut lambda).expect("success");
    assert_eq!(answer, json!({"refreshed": 1, "expiring": 0, "caughtUp": 2}));
    for (name, wanted, days) in [("old", "PASSED", 70), ("unseen", "FAILED", 100)] {
        let finding = hub.finding(&bucket_finding(name)).expect("stored");
        assert_eq!(finding["Compliance"]["Status"], wanted);
        let evaluated = &finding["ProductFields"]["fisc/ResultRecordedTime"];
        assert_eq!(*evaluated, format!("{:.3}", ago(days)), "the time of the evaluation");
        // Young enough to stay, and older than anything that may wait in a queue.
        let updated: Timestamp =
            finding["UpdatedAt"].as_str().expect("text").parse().expect("time");
        let age = now.duration_since(updated).as_hours();
        assert!((14 * 24 + 1..30 * 24).contains(&age), "{age} hours");
    }
    assert!(hub.ignored().is_empty());
    let answer = schedule(&mut lambda).expect("success");
    assert_eq!(answer, json!({"refreshed": 0, "expiring": 0, "caughtUp": 0}));

    // A newer change that waited in the queue still counts.
    lambda.invoke(sqs_batch(&[bucket("old", "NON_COMPLIANT", &days_ago(13))])).expect("success");
    assert_eq!(status(&hub, &bucket_finding("old")), "FAILED");
}

#[test]
fn what_config_says_nothing_of_is_left_alone() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    // Not applicable and not shown; shown and without a result; of a rule that is not deployed.
    report(&aws, "ledger", "COMPLIANT", "");
    report(&aws, "gone", "NOT_APPLICABLE", "RESOURCE_DELETED: ResourceDeleted");
    lose(&aws);
    let key = fisc_testkit::events::compliance_change(
        "kms-key-rotation",
        "AWS::KMS::Key",
        "key",
        "NON_COMPLIANT",
        &days_ago(1),
    );
    let bodies = [bucket("without-result", "NON_COMPLIANT", &days_ago(1)), key];
    lambda.invoke(sqs_batch(&bodies)).expect("success");
    let before = hub.findings();
    assert_eq!(caught_up(&mut lambda), 1);
    assert_eq!(hub.findings().len(), 3);
    assert!(before.iter().all(|finding| hub.findings().contains(finding)));
    assert!(lambda.logs().contains("\"without_result\":1"), "{}", lambda.logs());
}

#[test]
fn a_denied_or_throttled_side_is_an_error_that_names_the_call() {
    let aws = FakeAws::start();
    let mut lambda = start(&aws);
    report(&aws, "ledger", "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    lose(&aws);
    aws.allow_only(&["securityhub:GetFindings", "securityhub:BatchImportFindings"]);
    let error = schedule(&mut lambda).expect_err("nothing was read");
    assert_eq!(error.error_type, "AccessDenied");
    for told in ["81 of 81 rule(s)", "config:GetComplianceDetailsByConfigRule", "0 of 0 finding(s)"]
    {
        assert!(error.message.contains(told), "{error}");
    }
    assert!(aws.securityhub().findings().is_empty());

    let all = [
        "config:GetComplianceDetailsByConfigRule",
        "securityhub:GetFindings",
        "securityhub:BatchImportFindings",
    ];
    aws.allow_only(&all);
    // The first listing is the refresh's.
    aws.fault("securityhub", "GetFindings", Fault::Throttled.after(1));
    let error = schedule(&mut lambda).expect_err("not compared");
    assert_eq!(error.error_type, "Throttled");
    assert!(error.message.contains("securityhub:GetFindings"), "{error}");
    assert_eq!(aws.count("BatchImportFindings"), 0);

    aws.clear_faults();
    aws.allow_only(&all[..2]);
    let error = schedule(&mut lambda).expect_err("not imported");
    assert_eq!(error.error_type, "AccessDenied");
    assert!(error.message.contains("1 of 1 finding(s) not be imported"), "{error}");
    assert!(error.message.contains("securityhub:BatchImportFindings"), "{error}");

    aws.allow_only(&all);
    assert_eq!(caught_up(&mut lambda), 1);
    assert_eq!(status(&aws.securityhub(), &bucket_finding("ledger")), "FAILED");
}

#[test]
fn one_rule_or_finding_that_fails_does_not_stop_the_others() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    for name in ["a", "b", "c"] {
        report(&aws, name, "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    }
    lose(&aws);
    hub.fail_finding(&bucket_finding("b"), 1);
    let error = schedule(&mut lambda).expect_err("one is missing");
    assert_eq!(error.error_type, "CatchUpIncomplete");
    assert!(error.message.contains("1 of 3 finding(s)"), "{error}");
    assert!(error.message.contains(&bucket_finding("b")), "{error}");
    assert_eq!(hub.findings().len(), 2);

    let unreadable = Fault::error(400, "InvalidParameterValueException", "No.");
    aws.fault("config", DETAILS, unreadable.times(1));
    // It is one of those that are not deployed: groups begin with others on every day.
    let error = schedule(&mut lambda).expect_err("one is not read");
    assert_eq!(error.error_type, "ServiceError");
    assert!(error.message.contains("1 of 81 rule(s)"), "{error}");
    assert!(error.message.contains("first one fisc-"), "{error}");
    assert_eq!(hub.findings().len(), 3, "the others are compared");
    assert_eq!(caught_up(&mut lambda), 0);
}

#[test]
fn what_there_is_no_time_for_is_told_and_done_the_next_day() {
    let aws = FakeAws::start();
    let mut lambda = start(&aws);
    report(&aws, "ledger", "NON_COMPLIANT", "NO_BUCKET_POLICY: none");
    lose(&aws);
    // After a group and a part of the next one, AWS Config answers too late.
    let slow = Fault::Hang(std::time::Duration::from_secs(8));
    aws.fault("config", DETAILS, slow.after(25));
    lambda.set_deadline(std::time::Duration::from_secs(5));
    let error = schedule(&mut lambda).expect_err("not all was compared");
    assert_eq!(error.error_type, "NoAnswer");
    assert!(error.message.contains("of 81 rule(s) could not be compared"), "{error}");
    assert!(error.message.contains("before the function's time limit"), "{error}");
    aws.clear_faults();
    lambda.set_deadline(std::time::Duration::from_secs(55));
    schedule(&mut lambda).expect("success");
    assert_eq!(status(&aws.securityhub(), &bucket_finding("ledger")), "FAILED");
}
