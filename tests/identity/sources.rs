//! End-to-end: from where people may use AWS.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_identity::iam_source_restriction::CONTROL;
use fisc_testkit::aws::{
    ACCOUNT, CredentialUser, FakeAws, Fault, GroupDetail, PolicyDetail, RoleDetail, UserDetail,
};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use serde_json::{Value, json};

const RULE: &str = "fisc-iam-source-restriction";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("FISC_LANGUAGE", "en"), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_identity"), aws, &env)
}

fn run(aws: &FakeAws, lambda: &mut Lambda, parameters: &Value) -> Result<Value, FunctionError> {
    lambda.invoke(events::scheduled(&aws.config().rule(RULE), parameters))
}

fn sources() -> Value {
    json!({"allowedCidrs": "203.0.113.0/24,2001:db8:1::/48", "allowedVpcIds": "vpc-0a1b2c3d"})
}

fn id(prefix: &str, name: &str) -> String {
    format!("{prefix}TESTKIT{name:0>10}")
}

fn user(name: &str) -> UserDetail {
    UserDetail::new(name, &id("AIDA", name))
}

fn role(name: &str, principal: Value) -> RoleDetail {
    RoleDetail::new(name, &id("AROA", name)).trust(json!({"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}}))
}

fn document(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn everything() -> Value {
    document(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))
}

fn offices(range: &str) -> Value {
    document(json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {
        "NotIpAddressIfExists": {"aws:SourceIp": range},
        "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-0a1b2c3d"},
        "BoolIfExists": {"aws:ViaAWSService": "false"},
    }}))
}

const OFFICES: &str = "arn:aws:iam::111122223333:policy/offices";

fn set(aws: &FakeAws) {
    let password = |name: &str| CredentialUser::user(name).set("password_enabled", "true");
    aws.iam().set_report(&[
        CredentialUser::root().set("access_key_1_active", "true"),
        password("own"),
        password("member"),
        password("bounded"),
        CredentialUser::user("open").set("access_key_2_active", "true"),
        password("wide"),
        CredentialUser::user("gone"),
    ]);
    let all = "arn:aws:iam::aws:policy/AdministratorAccess";
    aws.iam().set_users(&[
        user("own").inline("all", everything()).policy(OFFICES),
        user("member").inline("all", everything()).group("ops"),
        user("bounded").policy(all).boundary(OFFICES),
        user("open").policy(all),
        user("wide").policy(all).inline("offices", offices("203.0.112.0/22")),
        user("gone").policy(all),
        user("newcomer").policy(all),
    ]);
    aws.iam().set_groups(&[GroupDetail::new("ops", &id("AGPA", "ops")).policy(OFFICES)]);
    let root = || json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    aws.iam().set_roles(&[
        role("operators", root()).inline("all", everything()),
        role("auditors", root()).inline("all", everything()).policy(OFFICES),
        role("batch", json!({"Service": "ec2.amazonaws.com"})).inline("all", everything()),
        role("sso", root()).path("/aws-reserved/sso.amazonaws.com/"),
    ]);
    let policy = PolicyDetail::new("offices", &id("ANPA", "offices")).attached(3).bounds(1);
    aws.iam().set_policies(&[policy.document(offices("203.0.113.0/24"))]);
}

fn assert_held(aws: &FakeAws, id: &str, expected: [&str; 3]) {
    let result = aws.config().result(RULE, id).expect("a result");
    let annotation = result.annotation.unwrap_or_default();
    assert_eq!([result.resource_type.as_str(), &result.compliance], expected[..2], "{annotation}");
    let start = expected[2];
    let fits = if start.is_empty() { annotation.is_empty() } else { annotation.starts_with(start) };
    assert!(fits, "{id}: {annotation}");
}

#[test]
fn nothing_is_asked_until_sources_are_approved() {
    let aws = aws_for(&CONTROL);
    set(&aws);
    run(&aws, &mut start(&aws), &json!({})).unwrap();
    assert_held(&aws, ACCOUNT, ["AWS::::Account", "NOT_APPLICABLE", "NO_SOURCES_GIVEN"]);
    assert_eq!(aws.config().results(RULE).len(), 1);
    for call in
        ["GetCredentialReport", "GenerateCredentialReport", "GetAccountAuthorizationDetails"]
    {
        assert_eq!(aws.count(call), 0, "{call}");
    }
}

#[test]
fn users_and_roles_reach_config() {
    const OPEN: &str = "SOURCE_NOT_RESTRICTED";
    let aws = aws_for(&CONTROL);
    let mut lambda = start(&aws);
    set(&aws);
    aws.iam().page(3);
    run(&aws, &mut lambda, &sources()).unwrap();
    for (name, compliance, annotation) in [
        ("own", "COMPLIANT", ""),
        ("member", "COMPLIANT", ""),
        ("open", "NON_COMPLIANT", OPEN),
        ("wide", "NON_COMPLIANT", "SOURCE_RANGE_TOO_WIDE: Not approved: 203.0.112.0/22"),
        ("gone", "NOT_APPLICABLE", "NO_CREDENTIALS"),
        // A Deny in the boundary stops what the policies give; the boundary itself gives nothing.
        ("bounded", "COMPLIANT", ""),
    ] {
        assert_held(&aws, &id("AIDA", name), ["AWS::IAM::User", compliance, annotation]);
    }
    for (name, compliance, annotation) in [
        ("operators", "NON_COMPLIANT", OPEN),
        ("auditors", "COMPLIANT", ""),
        ("batch", "NOT_APPLICABLE", "NOT_FOR_PEOPLE"),
        ("sso", "NOT_APPLICABLE", "AWS_OWNED_ROLE"),
    ] {
        assert_held(&aws, &id("AROA", name), ["AWS::IAM::Role", compliance, annotation]);
    }
    // Neither the root user, nor the user that the report does not know.
    assert_eq!(aws.config().results(RULE).len(), 10);
    // One listing, in pages.
    let calls = aws.calls_of("GetAccountAuthorizationDetails");
    assert_eq!(calls.len(), 5);
    assert_eq!(calls.iter().filter(|call| call.body.get("Marker").is_none()).count(), 1);
    assert_all_needed(&CONTROL, &actions_of(&aws.take_calls()));

    let mut by_scp = sources();
    by_scp["enforcedByScp"] = json!("true");
    run(&aws, &mut lambda, &by_scp).unwrap();
    let expected = ["AWS::IAM::User", "COMPLIANT", "RESTRICTED_BY_SCP"];
    assert_held(&aws, &id("AIDA", "open"), expected);
}

#[test]
fn what_cannot_be_read_fails_the_run_and_writes_nothing() {
    for action in
        ["GenerateCredentialReport", "GetCredentialReport", "GetAccountAuthorizationDetails"]
    {
        let aws = aws_for(&CONTROL);
        set(&aws);
        aws.fault("iam", action, Fault::Denied);
        let error = run(&aws, &mut start(&aws), &sources()).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{action}");
        assert_eq!(aws.count("PutEvaluations"), 0, "{action}");
    }
    let aws = aws_for(&CONTROL);
    set(&aws);
    // The second page is denied: the first alone is no result.
    aws.iam().page(5);
    aws.fault("iam", "GetAccountAuthorizationDetails", Fault::Denied.after(1));
    let mut lambda = start(&aws);
    assert_eq!(run(&aws, &mut lambda, &sources()).unwrap_err().error_type, "AccessDenied");
    aws.clear_faults();
    let wrong = json!({"allowedCidrs": "the office"});
    let error = run(&aws, &mut lambda, &wrong).unwrap_err();
    assert_eq!(error.error_type, "WrongParameter");
    // A policy that IAM does not show may hold the Deny, or anything else.
    aws.iam().set_policies(&[]);
    let error = run(&aws, &mut lambda, &sources()).unwrap_err();
    assert!(error.message.contains("policy/offices"), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}
