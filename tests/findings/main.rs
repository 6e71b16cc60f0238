//! End-to-end tests of the findings function: the real binary between a queue and Security Hub.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod catch_up;

use std::collections::BTreeSet;

use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION, SecurityHub};
use fisc_testkit::events::{
    compliance_change as change, eventbridge_schedule, message_id, sqs_batch, sqs_batch_raw,
};
use fisc_testkit::runtime::Lambda;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const FUNCTION: &str = env!("CARGO_BIN_EXE_findings");
const OTHER_ACCOUNT: &str = "444455556666";
const TAXONOMY: &str =
    "Software and Configuration Checks/Industry and Regulatory Standards/FISC Controls (Japan)";

fn start(aws: &FakeAws) -> Lambda {
    start_with(aws, &[])
}

/// Two tries instead of six: the pauses between them are real.
fn start_with(aws: &FakeAws, env: &[(&str, &str)]) -> Lambda {
    let mut all = vec![("FISC_RULE_PREFIX", "fisc"), ("AWS_MAX_ATTEMPTS", "2")];
    all.extend_from_slice(env);
    Lambda::start(FUNCTION, aws, &all)
}

fn bucket(name: &str, result: &str, recorded: &str) -> Value {
    change("s3-tls-only", "AWS::S3::Bucket", name, result, recorded)
}

fn bucket_finding(name: &str) -> String {
    format!("fisc-config-rules/{ACCOUNT}/{REGION}/s3-tls-only/AWS::S3::Bucket/{name}")
}

const T1: &str = "2026-11-01T00:00:01.000Z";
const T2: &str = "2026-11-01T00:00:02.000Z";
const T3: &str = "2026-11-01T00:00:03.000Z";

/// The messages that SQS gets back.
fn returned(answer: &Value) -> Vec<String> {
    answer["batchItemFailures"]
        .as_array()
        .unwrap_or_else(|| panic!("no batchItemFailures: {answer}"))
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().expect("an id").to_owned())
        .collect()
}

fn ids(positions: &[usize]) -> Vec<String> {
    positions.iter().copied().map(message_id).collect()
}

fn status(hub: &SecurityHub<'_>, id: &str) -> String {
    let finding = hub.finding(id).unwrap_or_else(|| panic!("no finding {id}"));
    finding["Compliance"]["Status"].as_str().unwrap_or_default().to_owned()
}

/// The requests to Security Hub: how many findings each carried.
fn imports(aws: &FakeAws) -> Vec<usize> {
    aws.calls_of("BatchImportFindings")
        .iter()
        .map(|call| call.body["Findings"].as_array().map_or(0, Vec::len))
        .collect()
}

#[test]
fn a_large_batch_goes_out_in_calls_of_at_most_100() {
    let aws = FakeAws::start();
    let bodies: Vec<Value> = (0..250)
        .map(|n| {
            let result = if n % 2 == 0 { "COMPLIANT" } else { "NON_COMPLIANT" };
            bucket(&format!("bucket-{n}"), result, T1)
        })
        .collect();
    let answer = start(&aws).invoke(sqs_batch(&bodies)).expect("success");
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(imports(&aws), [100, 100, 50]);
    let findings = aws.securityhub().findings();
    let stored: BTreeSet<&str> =
        findings.iter().filter_map(|finding| finding["Id"].as_str()).collect();
    let wanted: Vec<String> = (0..250).map(|n| bucket_finding(&format!("bucket-{n}"))).collect();
    assert_eq!(stored, wanted.iter().map(String::as_str).collect());
    assert!(aws.securityhub().ignored().is_empty(), "nothing is imported twice");
    assert_eq!(status(&aws.securityhub(), &wanted[0]), "PASSED");
    assert_eq!(status(&aws.securityhub(), &wanted[249]), "FAILED");
}

#[test]
fn results_become_findings() {
    let aws = FakeAws::start();
    let key = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let answer = start(&aws)
        .invoke(sqs_batch(&[
            bucket("ledger", "NON_COMPLIANT", T1),
            change("root-mfa", "AWS::::Account", ACCOUNT, "COMPLIANT", T2),
            change("kms-key-rotation", "AWS::KMS::Key", key, "NOT_APPLICABLE", T3),
            change("log-integrity", "AWS::CloudTrail::Trail", "main", "NON_COMPLIANT", T3),
        ]))
        .expect("success");
    assert!(returned(&answer).is_empty());
    let hub = aws.securityhub();

    let failed = hub.finding(&bucket_finding("ledger")).expect("stored");
    for (pointer, value) in [
        ("/SchemaVersion", json!("2018-10-08")),
        (
            "/ProductArn",
            json!(format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default")),
        ),
        ("/ProductName", json!("fisc-config-rules")),
        ("/GeneratorId", json!("fisc-config-rules/s3-tls-only")),
        ("/AwsAccountId", json!(ACCOUNT)),
        ("/Types", json!([TAXONOMY])),
        ("/CreatedAt", json!(T1)),
        ("/UpdatedAt", json!(T1)),
        ("/Compliance/Status", json!("FAILED")),
        ("/RecordState", json!("ACTIVE")),
        ("/Severity", json!({"Label": "HIGH", "Original": "HIGH"})),
        ("/FindingProviderFields/Severity", json!({"Label": "HIGH", "Original": "HIGH"})),
        ("/FindingProviderFields/Types", json!([TAXONOMY])),
        (
            "/Resources",
            json!([{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::ledger", "Partition": "aws", "Region": REGION}]),
        ),
        ("/ProductFields/fisc~1Control", json!("s3-tls-only")),
        ("/ProductFields/fisc~1ConfigRuleName", json!("fisc-s3-tls-only")),
        ("/ProductFields/fisc~1ResourceType", json!("AWS::S3::Bucket")),
        ("/ProductFields/fisc~1ResourceId", json!("ledger")),
        ("/ProductFields/fisc~1ResultRecordedTime", json!(T1)),
    ] {
        assert_eq!(failed.pointer(pointer), Some(&value), "{pointer}");
    }
    let requirements = failed["Compliance"]["RelatedRequirements"].as_array().expect("a list");
    assert_eq!(requirements[..2], [json!("実4"), json!("実39")]);
    assert!(failed["Remediation"]["Recommendation"]["Url"].is_string());

    let find = |control: &str| {
        let found = hub.findings();
        let generator = format!("fisc-config-rules/{control}");
        found.into_iter().find(|finding| finding["GeneratorId"] == generator).expect("stored")
    };
    let passed = find("root-mfa");
    assert_eq!(passed["Compliance"]["Status"], "PASSED");
    assert_eq!(passed["RecordState"], "ACTIVE");
    assert_eq!(passed["Severity"], json!({"Label": "INFORMATIONAL", "Original": "CRITICAL"}));
    assert_eq!(passed["Resources"][0]["Type"], "AwsAccount");
    assert_eq!(passed["Resources"][0]["Id"], format!("AWS::::Account:{ACCOUNT}"));

    let archived = find("kms-key-rotation");
    assert_eq!(archived["Compliance"]["Status"], "NOT_AVAILABLE");
    assert_eq!(archived["RecordState"], "ARCHIVED");
    let arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}");
    assert_eq!(archived["Resources"][0]["Id"], arn);

    let trail = format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main");
    assert_eq!(find("log-integrity")["Resources"][0]["Id"], trail);
}

#[test]
fn texts_are_in_the_language_of_the_stack() {
    let describe = |language: &str| {
        let aws = FakeAws::start();
        let mut lambda = start_with(&aws, &[("FISC_LANGUAGE", language)]);
        lambda.invoke(sqs_batch(&[bucket("ledger", "NON_COMPLIANT", T1)])).expect("success");
        let finding = aws.securityhub().finding(&bucket_finding("ledger")).expect("stored");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let recommendation = &finding["Remediation"]["Recommendation"]["Text"];
        (text(&finding["Title"]), text(&finding["Description"]), text(recommendation))
    };
    let (title, description, fix) = describe("ja");
    assert_eq!(
        title,
        "[s3-tls-only] S3 バケットポリシーが TLS を使わないリクエストをすべて拒否している"
    );
    assert!(description.starts_with("要件を満たしていません（SOME_CODE: NON_COMPLIANT）。"));
    assert!(description.contains("2023年7月") && description.contains("第2版（2024年8月）"));
    assert!(!description.contains("準拠"));
    assert!(fix.contains("バケットポリシー"));

    let (title, description, fix) = describe("en");
    assert_eq!(
        title,
        "[s3-tls-only] S3 bucket policies refuse every request that does not use TLS"
    );
    assert!(description.starts_with("The requirement fails (SOME_CODE: NON_COMPLIANT). Control: "));
    assert!(description.contains("July 2023") && description.contains("August 2024"));
    assert!(fix.contains("Bucket policy"));
    for text in [title, description, fix] {
        assert!(text.is_ascii(), "{text}");
    }
}

#[test]
fn only_the_messages_of_refused_findings_come_again() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    hub.fail_finding(&bucket_finding("b"), 1);
    let mut lambda = start(&aws);
    // Both messages about `b` come again: neither its result nor a newer one was stored.
    let bodies = [
        bucket("a", "COMPLIANT", T1),
        bucket("b", "COMPLIANT", T1),
        bucket("c", "COMPLIANT", T1),
        bucket("b", "NON_COMPLIANT", T2),
    ];
    let answer = lambda.invoke(sqs_batch(&bodies)).expect("a partial failure");
    assert_eq!(returned(&answer), ids(&[1, 3]));
    assert!(hub.finding(&bucket_finding("b")).is_none());
    assert!(lambda.logs().contains("securityhub:BatchImportFindings refused a finding"));

    let again = [bodies[1].clone(), bodies[3].clone()];
    let answer = lambda.invoke(sqs_batch(&again)).expect("success");
    assert!(returned(&answer).is_empty());
    assert_eq!(status(&hub, &bucket_finding("b")), "FAILED");
    assert_eq!(hub.findings().len(), 3);
}

#[test]
fn duplicates_and_late_messages_change_nothing() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    // Within a batch only the newest result is imported, once.
    let answer = lambda
        .invoke(sqs_batch(&[
            bucket("a", "COMPLIANT", T1),
            bucket("a", "NON_COMPLIANT", T3),
            bucket("a", "COMPLIANT", T2),
            bucket("a", "NON_COMPLIANT", T3),
        ]))
        .expect("success");
    assert!(returned(&answer).is_empty());
    assert_eq!(imports(&aws), [1]);
    let stored = hub.finding(&bucket_finding("a")).expect("stored");
    assert_eq!(stored["UpdatedAt"], T3);
    assert_eq!(stored["Compliance"]["Status"], "FAILED");

    // Over batches Security Hub itself ignores what is not newer; the messages are done.
    let late = [bucket("a", "COMPLIANT", T2), bucket("a", "NON_COMPLIANT", T3)];
    for message in late {
        let answer = lambda.invoke(sqs_batch(&[message])).expect("success");
        assert!(returned(&answer).is_empty());
    }
    assert_eq!(hub.finding(&bucket_finding("a")), Some(stored));
    assert_eq!(hub.ignored().len(), 2);
    assert_eq!(hub.findings().len(), 1);
}

#[test]
fn what_cannot_be_read_does_not_block_the_rest() {
    let aws = FakeAws::start();
    let good = bucket("a", "COMPLIANT", T1).to_string();
    let unknown = change("no-such-control", "AWS::S3::Bucket", "a", "COMPLIANT", T1).to_string();
    let mut nameless = bucket("b", "COMPLIANT", T1);
    nameless["detail"]["resourceId"] = Value::Null;
    let nameless = nameless.to_string();
    let mut other_rule = bucket("c", "COMPLIANT", T1);
    other_rule["detail"]["configRuleName"] = json!("somebody-elses-rule");
    let other_rule = other_rule.to_string();
    let mut lambda = start(&aws);
    let bodies = ["not JSON", &good, &unknown, &nameless, &other_rule, "", "[]"];
    let answer = lambda.invoke(sqs_batch_raw(&bodies)).expect("a partial failure");
    assert_eq!(returned(&answer), ids(&[0, 2, 3, 5, 6]));
    assert_eq!(aws.securityhub().findings().len(), 1);
    let logs = lambda.logs();
    for told in [
        "the message's body is not JSON",
        "detail.resourceId is missing",
        "the rule fisc-no-such-control names no control that this function knows",
        "not a rule of this stack",
    ] {
        assert!(logs.contains(told), "{told} is not in {logs}");
    }

    // A batch of nothing but such messages is a partial failure too, without any call.
    drop(aws.take_calls());
    let answer = lambda.invoke(sqs_batch_raw(&["not JSON"])).expect("a partial failure");
    assert_eq!(returned(&answer), ids(&[0]));
    assert!(aws.calls().is_empty());
}

#[test]
fn events_of_other_accounts_and_regions_are_never_imported() {
    let aws = FakeAws::start();
    let mut account = bucket("a", "NON_COMPLIANT", T1);
    account["account"] = json!(OTHER_ACCOUNT);
    account["detail"]["awsAccountId"] = json!(OTHER_ACCOUNT);
    let mut region = bucket("a", "NON_COMPLIANT", T1);
    region["region"] = json!("us-east-1");
    region["detail"]["awsRegion"] = json!("us-east-1");
    let mut mixed = bucket("a", "NON_COMPLIANT", T1);
    mixed["account"] = json!(OTHER_ACCOUNT);
    let mut lambda = start(&aws);
    let bodies = [account, region, mixed, bucket("own", "COMPLIANT", T1)];
    let answer = lambda.invoke(sqs_batch(&bodies)).expect("a partial failure");
    assert_eq!(returned(&answer), ids(&[0, 1, 2]));
    assert_eq!(imports(&aws), [1]);
    assert!(lambda.logs().contains("findings are imported where they arise"));
}

#[test]
fn security_hub_switched_off_fails_the_invocation() {
    let aws = FakeAws::start();
    aws.securityhub().disable();
    let mut lambda = start(&aws);
    let bodies: Vec<Value> = (0..150).map(|n| bucket(&n.to_string(), "COMPLIANT", T1)).collect();
    let error = lambda.invoke(sqs_batch(&bodies)).expect_err("nothing went through");
    assert_eq!(error.error_type, "SecurityHubDisabled");
    for told in ["securityhub:BatchImportFindings", "InvalidAccessException", "enable Security Hub"]
    {
        assert!(error.message.contains(told), "{error}");
    }
    assert_eq!(aws.count("BatchImportFindings"), 1, "a second call would get the same answer");
    let error = lambda.invoke(eventbridge_schedule("fisc-refresh")).expect_err("no listing");
    assert_eq!(error.error_type, "SecurityHubDisabled");
    assert!(error.message.contains("securityhub:GetFindings"), "{error}");
}

#[test]
fn denied_calls_name_the_action() {
    let aws = FakeAws::start();
    aws.allow_only(&["securityhub:GetFindings"]);
    let mut lambda = start(&aws);
    let bodies = [bucket("a", "COMPLIANT", T1), bucket("b", "COMPLIANT", T1)];
    let error = lambda.invoke(sqs_batch(&bodies)).expect_err("nothing went through");
    assert_eq!(error.error_type, "AccessDenied");
    assert!(error.message.contains("securityhub:BatchImportFindings"), "{error}");
    assert!(lambda.logs().contains("a call of securityhub:BatchImportFindings failed"));
    assert!(!lambda.logs().contains("not-a-secret"));

    // With the right again, the same messages go through.
    aws.allow_only(&["securityhub:BatchImportFindings"]);
    assert!(returned(&lambda.invoke(sqs_batch(&bodies)).expect("success")).is_empty());
    assert_eq!(aws.securityhub().findings().len(), 2);
    let error = lambda.invoke(eventbridge_schedule("fisc-refresh")).expect_err("no listing");
    assert_eq!(error.error_type, "AccessDenied");
    assert!(error.message.contains("securityhub:GetFindings"), "{error}");
}

#[test]
fn throttling_is_waited_for_but_not_for_ever() {
    let aws = FakeAws::start();
    aws.fault("securityhub", "BatchImportFindings", Fault::Throttled.times(1));
    let mut lambda = start(&aws);
    let bodies = [bucket("a", "COMPLIANT", T1), bucket("b", "COMPLIANT", T1)];
    assert!(returned(&lambda.invoke(sqs_batch(&bodies)).expect("success")).is_empty());
    assert_eq!(aws.count("BatchImportFindings"), 2);
    assert_eq!(aws.securityhub().findings().len(), 2);

    aws.fault("securityhub", "BatchImportFindings", Fault::Throttled);
    let more = [bucket("c", "COMPLIANT", T1)];
    let error = lambda.invoke(sqs_batch(&more)).expect_err("nothing went through");
    assert_eq!(error.error_type, "Throttled");
    assert_eq!(aws.securityhub().findings().len(), 2);
}

#[test]
fn a_failed_call_returns_its_own_messages_only() {
    let aws = FakeAws::start();
    aws.fault("securityhub", "BatchImportFindings", Fault::ServerError.after(1).times(2));
    let bodies: Vec<Value> =
        (0..250).map(|n| bucket(&format!("{n:03}"), "COMPLIANT", T1)).collect();
    let mut lambda = start(&aws);
    let answer = lambda.invoke(sqs_batch(&bodies)).expect("a partial failure");
    // The second of three calls, tried twice.
    assert_eq!(imports(&aws), [100, 100, 100, 50]);
    assert_eq!(returned(&answer), ids(&(100..200).collect::<Vec<_>>()));
    assert_eq!(aws.securityhub().findings().len(), 150);

    let again: Vec<Value> = bodies[100..200].to_vec();
    assert!(returned(&lambda.invoke(sqs_batch(&again)).expect("success")).is_empty());
    assert_eq!(aws.securityhub().findings().len(), 250);
    assert!(aws.securityhub().ignored().is_empty());
}

#[test]
fn a_lost_answer_neither_loses_nor_doubles() {
    let aws = FakeAws::start();
    aws.fault("securityhub", "BatchImportFindings", Fault::LostAnswer.times(1));
    let answer = start(&aws).invoke(sqs_batch(&[bucket("a", "COMPLIANT", T1)])).expect("success");
    assert!(returned(&answer).is_empty());
    assert_eq!(aws.count("BatchImportFindings"), 2);
    assert_eq!(aws.securityhub().findings().len(), 1);
}

#[test]
fn a_call_that_is_refused_for_one_finding_is_cut_in_parts() {
    let aws = FakeAws::start();
    let invalid = Fault::error(400, "InvalidInputException", "Invalid parameter 'Findings'.");
    // Of 8 findings: all, the first 4, the first 2, the first one.
    aws.fault("securityhub", "BatchImportFindings", invalid.times(4));
    let bodies: Vec<Value> = (0..8).map(|n| bucket(&n.to_string(), "COMPLIANT", T1)).collect();
    let answer = start(&aws).invoke(sqs_batch(&bodies)).expect("a partial failure");
    assert_eq!(imports(&aws), [8, 4, 2, 1, 1, 2, 4]);
    assert_eq!(returned(&answer), ids(&[0]));
    assert_eq!(aws.securityhub().findings().len(), 7);
}

#[test]
fn what_is_not_done_in_time_comes_again() {
    let aws = FakeAws::start();
    let late = Fault::Hang(std::time::Duration::from_secs(8));
    aws.fault("securityhub", "BatchImportFindings", late.after(1).times(1));
    let bodies: Vec<Value> =
        (0..101).map(|n| bucket(&format!("{n:03}"), "COMPLIANT", T1)).collect();
    let mut lambda = start(&aws);
    lambda.set_deadline(std::time::Duration::from_secs(5));
    let answer = lambda.invoke(sqs_batch(&bodies)).expect("a partial failure");
    assert_eq!(returned(&answer), ids(&[100]));
}

#[test]
fn a_result_that_was_withdrawn_leaves_the_finding_alone() {
    let aws = FakeAws::start();
    let mut lambda = start(&aws);
    lambda.invoke(sqs_batch(&[bucket("a", "NON_COMPLIANT", T1)])).expect("success");
    let bodies = [bucket("a", "INSUFFICIENT_DATA", T2)];
    assert!(returned(&lambda.invoke(sqs_batch(&bodies)).expect("success")).is_empty());
    assert_eq!(imports(&aws), [1]);
    assert_eq!(status(&aws.securityhub(), &bucket_finding("a")), "FAILED");
}

/// A time this many days ago.
fn days_ago(days: i64) -> String {
    format!("{:.3}", Timestamp::now() - SignedDuration::from_hours(24 * days))
}

#[test]
fn old_open_findings_are_refreshed_and_nothing_else() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    let mut bodies: Vec<Value> = (0..150)
        .map(|n| {
            let result = if n % 2 == 0 { "COMPLIANT" } else { "NON_COMPLIANT" };
            bucket(&format!("old-{n:03}"), result, &days_ago(80))
        })
        .collect();
    bodies.push(bucket("young", "NON_COMPLIANT", &days_ago(29)));
    bodies.push(bucket("gone", "NOT_APPLICABLE", &days_ago(80)));
    bodies.push(change("root-mfa", "AWS::::Account", ACCOUNT, "COMPLIANT", &days_ago(80)));
    lambda.invoke(sqs_batch(&bodies)).expect("success");
    // What is of another product, or of a control that this release no longer has.
    let retired = format!("fisc-config-rules/{ACCOUNT}/{REGION}/root-mfa/AWS::::Account/{ACCOUNT}");
    hub.change(&retired, |finding| {
        finding["GeneratorId"] = json!("fisc-config-rules/retired");
        finding["ProductFields"]["fisc/Control"] = json!("retired");
    });
    hub.change(&bucket_finding("old-149"), |finding| {
        finding["GeneratorId"] = json!("another-tool/s3-tls-only");
    });
    // What a customer did meanwhile.
    let edited = bucket_finding("old-001");
    hub.change(&edited, |finding| {
        finding["Workflow"] = json!({"Status": "SUPPRESSED"});
        finding["Note"] = json!({"Text": "accepted", "UpdatedBy": "risk", "UpdatedAt": T1});
        finding["UserDefinedFields"] = json!({"ticket": "R-1"});
        finding["Severity"] = json!({"Label": "LOW", "Normalized": 1});
        finding["ProductFields"]["aws/securityhub/ProductName"] = json!("fisc-config-rules");
    });
    let before = hub.findings();
    drop(aws.take_calls());

    let answer = lambda.invoke(eventbridge_schedule("fisc-refresh")).expect("success");
    assert_eq!(answer, json!({"refreshed": 149, "expiring": 1, "caughtUp": 0}));
    assert_eq!(aws.count("GetFindings"), 2, "two pages");
    assert_eq!(imports(&aws), [100, 49]);
    let mut refreshed = 0;
    for (old, new) in before.iter().zip(hub.findings()) {
        let id = new["Id"].as_str().expect("an id");
        if old["UpdatedAt"] == new["UpdatedAt"] {
            assert_eq!(*old, new);
            continue;
        }
        refreshed += 1;
        assert!(id.contains("/old-"), "{id}");
        // Later than before, but before anything that may still wait in a queue.
        let updated: Timestamp = new["UpdatedAt"].as_str().expect("text").parse().expect("time");
        let age = Timestamp::now().duration_since(updated).as_hours();
        assert!((14 * 24 + 1..30 * 24).contains(&age), "{age} hours");
        for same in [
            "Compliance",
            "CreatedAt",
            "Description",
            "FindingProviderFields",
            "GeneratorId",
            "Note",
            "RecordState",
            "Remediation",
            "Resources",
            "Title",
            "UserDefinedFields",
            "Workflow",
        ] {
            assert_eq!(old[same], new[same], "{same} of {id}");
        }
        if id != edited {
            assert_eq!(old["ProductFields"], new["ProductFields"]);
        }
    }
    assert_eq!(refreshed, 149);
    // The customer's severity is not sent back as if it were the provider's.
    for call in aws.calls_of("BatchImportFindings") {
        for finding in call.body["Findings"].as_array().expect("a list") {
            assert_eq!((finding.get("Severity"), finding.get("Note")), (None, None));
            assert_eq!(finding["FindingProviderFields"]["Types"], json!([TAXONOMY]));
            assert!(finding["ProductFields"].get("aws/securityhub/ProductName").is_none());
        }
    }

    // At once again there is nothing to do.
    drop(aws.take_calls());
    let answer = lambda.invoke(eventbridge_schedule("fisc-refresh")).expect("success");
    assert_eq!(answer, json!({"refreshed": 0, "expiring": 1, "caughtUp": 0}));
    assert_eq!(aws.count("BatchImportFindings"), 0);

    // A change that waited in the queue while its finding was refreshed still counts.
    let waited = bucket("old-000", "NON_COMPLIANT", &days_ago(13));
    lambda.invoke(sqs_batch(&[waited])).expect("success");
    assert_eq!(status(&hub, &bucket_finding("old-000")), "FAILED");
}

#[test]
fn a_refresh_tells_what_it_could_not_do() {
    let aws = FakeAws::start();
    let hub = aws.securityhub();
    let mut lambda = start(&aws);
    let bodies = ["a", "b", "c"].map(|name| bucket(name, "NON_COMPLIANT", &days_ago(80)));
    lambda.invoke(sqs_batch(&bodies)).expect("success");
    hub.fail_finding(&bucket_finding("b"), 1);
    let error = lambda.invoke(eventbridge_schedule("fisc-refresh")).expect_err("incomplete");
    assert_eq!(error.error_type, "RefreshIncomplete");
    assert!(error.message.contains("1 of 3 finding(s)"), "{error}");
    assert!(error.message.contains(&bucket_finding("b")), "{error}");
    // The next schedule finds just that one due.
    let answer = lambda.invoke(eventbridge_schedule("fisc-refresh")).expect("success");
    assert_eq!(answer, json!({"refreshed": 1, "expiring": 0, "caughtUp": 0}));
}

#[test]
fn other_events_and_incomplete_environments_are_errors() {
    let aws = FakeAws::start();
    let error = start(&aws).invoke(bucket("a", "COMPLIANT", T1)).expect_err("not a batch");
    assert_eq!(error.error_type, "MalformedEvent");
    assert!(error.message.contains("expected a batch of an SQS queue"), "{error}");
    let answer = start(&aws).invoke(json!({"Records": []})).expect("nothing to do");
    assert_eq!(answer, json!({"batchItemFailures": []}));

    for env in [[("FISC_RULE_PREFIX", "")], [("FISC_LANGUAGE", "de")]] {
        let mut lambda = start_with(&aws, &env);
        let error = lambda.wait_ready().expect_err("cannot start");
        assert!(error.message.contains(env[0].0), "{error}");
    }
    assert!(aws.calls().is_empty());
}
