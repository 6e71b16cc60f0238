//! End-to-end: two member accounts of an Organization, each with its own functions, credentials
//! and Security Hub, and nothing that crosses between them.
//!
//! The real binaries run: `transport` and `encryption` report to each account's AWS Config, and
//! `findings` takes what AWS Config tells on EventBridge to each account's Security Hub. The
//! emulated AWS knows the account by the access key that signed the call, as AWS does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use fisc_testkit::aws::{Evaluation, FakeAws, Key, REGION, Rule};
use fisc_testkit::events;
use fisc_testkit::runtime::{Lambda, sibling};
use serde_json::{Value, json};

const BUCKETS: &str = "fisc-s3-tls-only";
const KEYS: &str = "fisc-kms-key-rotation";
/// The same id in both accounts: names say nothing about whose a resource is.
const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// A member account.
struct Member<'a> {
    aws: &'a FakeAws,
    id: &'static str,
    access_key: &'static str,
}

impl<'a> Member<'a> {
    fn both(aws: &'a FakeAws) -> [Self; 2] {
        let members =
            [("222233334444", "ASIAMEMBERONE0000000"), ("444455556666", "ASIAMEMBERTWO0000000")];
        members.map(|(id, access_key)| {
            aws.add_account(access_key, id);
            Self { aws, id, access_key }
        })
    }

    fn function(&self, program: &str, env: &[(&str, &str)]) -> Lambda {
        let mut all = vec![("AWS_ACCESS_KEY_ID", self.access_key), ("AWS_MAX_ATTEMPTS", "2")];
        all.extend_from_slice(env);
        Lambda::start(sibling(program), self.aws, &all)
    }

    fn control(&self, program: &str, control: &str) -> Lambda {
        self.function(program, &[("FISC_CONTROL", control)])
    }

    fn findings(&self) -> Lambda {
        self.function("findings", &[("FISC_RULE_PREFIX", "fisc")])
    }

    fn rule(&self, name: &str) -> Rule {
        self.aws.config().at(self.id, REGION).rule(name)
    }

    fn results(&self, rule: &str) -> Vec<Evaluation> {
        self.aws.config().at(self.id, REGION).results(rule)
    }

    /// What its Security Hub holds.
    fn held(&self) -> Vec<Value> {
        self.aws.securityhub().at(self.id, REGION).findings()
    }

    /// A bucket as its AWS Config records it; without a policy unless told otherwise.
    fn bucket(&self, name: &str, policy: &Value) -> Value {
        let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
        item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
        item["awsAccountId"] = json!(self.id);
        let text = if policy.is_null() { Value::Null } else { json!(policy.to_string()) };
        item["supplementaryConfiguration"] = json!({"BucketPolicy": {"policyText": text}});
        item
    }
}

fn tls_only() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]})
}

/// The events of compliance changes by the account that they are of.
fn told(aws: &FakeAws, account: &str) -> (Vec<Value>, Vec<Value>) {
    let events = aws.config().take_compliance_events();
    events.into_iter().partition(|event| event["detail"]["awsAccountId"] == account)
}

fn compliance(results: &[Evaluation]) -> Vec<(&str, &str)> {
    results.iter().map(|one| (one.resource_id.as_str(), one.compliance.as_str())).collect()
}

#[test]
fn evaluations_and_findings_carry_the_account_that_they_are_of() {
    let aws = FakeAws::start();
    let [one, two] = Member::both(&aws);

    // A bucket of each account, judged by its item, and a key of each, by what its KMS says.
    for (member, name, policy) in
        [(&one, "ledger-one", Value::Null), (&two, "ledger-two", tls_only())]
    {
        let event =
            events::change(&member.rule(BUCKETS), &member.bucket(name, &policy), &Value::Null);
        member.control("transport", "s3-tls-only").invoke(event).unwrap();
    }
    aws.kms().at(one.id, REGION).add_key(Key::symmetric(KEY).rotating(365));
    aws.kms().at(two.id, REGION).add_key(Key::symmetric(KEY));
    for member in [&one, &two] {
        let event = events::scheduled(&member.rule(KEYS), &Value::Null);
        member.control("encryption", "kms-key-rotation").invoke(event).unwrap();
    }

    assert_eq!(compliance(&one.results(BUCKETS)), [("ledger-one", "NON_COMPLIANT")]);
    assert_eq!(compliance(&two.results(BUCKETS)), [("ledger-two", "COMPLIANT")]);
    assert_eq!(compliance(&one.results(KEYS)), [(KEY, "COMPLIANT")]);
    assert_eq!(compliance(&two.results(KEYS)), [(KEY, "NON_COMPLIANT")]);
    assert!(aws.config().results(BUCKETS).is_empty(), "nothing in the administrator's account");

    // Each account's EventBridge has its own events only.
    let (of_one, of_two) = told(&aws, one.id);
    assert_eq!((of_one.len(), of_two.len()), (2, 2));
    one.findings().invoke(events::sqs_batch(&of_one)).unwrap();
    two.findings().invoke(events::sqs_batch(&of_two)).unwrap();

    let mut ids = BTreeSet::new();
    for (member, other, bucket, statuses) in [
        (&one, &two, "ledger-one", [("s3-tls-only", "FAILED"), ("kms-key-rotation", "PASSED")]),
        (&two, &one, "ledger-two", [("s3-tls-only", "PASSED"), ("kms-key-rotation", "FAILED")]),
    ] {
        let held = member.held();
        assert_eq!(held.len(), 2);
        for (control, status) in statuses {
            let generator = format!("fisc-config-rules/{control}");
            let finding = held.iter().find(|one| one["GeneratorId"] == generator).unwrap();
            assert_eq!(finding["Compliance"]["Status"], status, "{} {control}", member.id);
            assert_eq!(finding["AwsAccountId"], member.id);
            let product =
                format!("arn:aws:securityhub:{REGION}:{0}:product/{0}/default", member.id);
            assert_eq!(finding["ProductArn"], product);
            ids.insert(finding["Id"].as_str().unwrap().to_owned());
            let text = finding.to_string();
            assert!(!text.contains(other.id), "{text}");
        }
        assert!(held.iter().any(|one| one["Id"].as_str().unwrap().ends_with(bucket)));
    }
    assert_eq!(ids.len(), 4, "the same key id in two accounts is two findings");
    assert!(aws.securityhub().findings().is_empty(), "nothing in the administrator's account");

    // No call was signed for an account other than the function's own, or about another.
    let accounts: BTreeSet<String> = aws.calls().into_iter().map(|call| call.account).collect();
    assert_eq!(accounts, BTreeSet::from([one.id.to_owned(), two.id.to_owned()]));
    for call in aws.calls() {
        let other = if call.account == one.id { two.id } else { one.id };
        assert!(!call.body.to_string().contains(other), "{} {}", call.operation, call.body);
    }
}

/// If EventBridge or a queue's policy were set wrongly, events could reach the wrong function.
#[test]
fn another_accounts_change_is_never_imported_and_stays_in_the_queue() {
    let aws = FakeAws::start();
    let [one, two] = Member::both(&aws);
    for member in [&one, &two] {
        // The same name in both: only the account tells them apart.
        let event = events::change(
            &member.rule(BUCKETS),
            &member.bucket("ledger", &Value::Null),
            &Value::Null,
        );
        member.control("transport", "s3-tls-only").invoke(event).unwrap();
    }
    let (own, foreign) = told(&aws, one.id);
    let mut findings = one.findings();
    let answer = findings
        .invoke(events::sqs_batch(&[foreign[0].clone(), own[0].clone()]))
        .expect("a partial failure");
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": events::message_id(0)}]}),
        "the foreign one goes back to the queue, and to the dead-letter queue in the end"
    );
    let held = one.held();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["AwsAccountId"], one.id);
    assert!(two.held().is_empty());
    let logs = findings.logs();
    assert!(
        logs.contains(two.id) && logs.contains("findings are imported where they arise"),
        "{logs}"
    );
    assert!(aws.calls_of("BatchImportFindings").iter().all(|call| call.account == one.id));
}

/// A function that got another account's event has no credentials for that account: AWS Config
/// refuses the token of a change, knows no such rule on a schedule, and no account has a result.
#[test]
fn another_accounts_event_reports_nothing() {
    let aws = FakeAws::start();
    let [one, two] = Member::both(&aws);
    let event =
        events::change(&two.rule(BUCKETS), &two.bucket("ledger", &Value::Null), &Value::Null);
    let error = one.control("transport", "s3-tls-only").invoke(event).unwrap_err();
    assert!(error.message.contains("PutEvaluations"), "{error}");

    aws.kms().at(one.id, REGION).add_key(Key::symmetric(KEY).rotating(365));
    let event = events::scheduled(&two.rule(KEYS), &Value::Null);
    let answer = one.control("encryption", "kms-key-rotation").invoke(event).unwrap();
    assert_eq!(answer["ruleGone"], true, "{answer}");

    for member in [&one, &two] {
        assert!(member.results(BUCKETS).is_empty() && member.results(KEYS).is_empty());
    }
    assert!(aws.config().take_compliance_events().is_empty());
    assert!(aws.calls().iter().all(|call| call.account == one.id), "only its own credentials");
}
