use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = "444455556666";

fn full() -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
}

fn policy(statements: Value, targets: &[&str]) -> Policy {
    Policy {
        document: PolicyDocument::from_value(&json!({ "Statement": statements })).unwrap(),
        targets: targets.iter().map(|&one| one.to_owned()).collect(),
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&one| one.to_owned()).collect()
}

fn open_with(policies: &[Policy], protected: &[&str], iam: &[&str], admins: &[&str]) -> Open {
    let (protected, iam, admins) = (strings(protected), strings(iam), strings(admins));
    let asked =
        Asked { partition: "aws", protected: &protected, iam_actions: &iam, iam_admins: &admins };
    let member = Member { id: ACCOUNT.to_owned(), path: strings(&["r-1", "ou-1", "ou-2"]) };
    Guardrails::new(asked, policies).open(&member).unwrap()
}

/// FullAWSAccess everywhere, and one more policy with these statements.
fn with(statements: Value, target: &str) -> [Policy; 2] {
    [policy(full(), &["r-1", "ou-1", "ou-2", ACCOUNT]), policy(statements, &[target])]
}

fn unrestricted(policies: &[Policy]) -> bool {
    open_with(policies, &[], &[], &[]).unrestricted
}

fn audit(policies: &[Policy], action: &str) -> bool {
    open_with(policies, &[action], &[], &[]).audit.contains(action)
}

fn root_is_denied(policies: &[Policy]) -> bool {
    open_with(policies, &[], &[], &[]).root.is_empty()
}

fn deny(action: Value, condition: Value) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition})
}

#[test]
fn what_a_policy_says_counts_and_not_its_name() {
    assert!(unrestricted(&[]), "before policies are turned on");
    assert!(unrestricted(&with(json!([]), "r-1")));
    // A copy of FullAWSAccess restricts nothing, in whatever way it is written.
    assert!(unrestricted(&with(full(), "ou-1")));
    let halves = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
                        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]);
    assert!(unrestricted(&[policy(halves, &["r-1"]), policy(full(), &["ou-1", "ou-2", ACCOUNT]),]));
    // A Deny anywhere on the way restricts; one beside the way does not.
    let leave = json!([deny(json!("organizations:LeaveOrganization"), json!({}))]);
    for place in ["r-1", "ou-1", "ou-2", ACCOUNT] {
        assert!(!unrestricted(&with(leave.clone(), place)), "{place}");
    }
    assert!(unrestricted(&with(leave, "ou-3")));
    // A list of what is allowed in place of FullAWSAccess.
    let list = json!([{"Effect": "Allow", "Action": ["s3:*", "ec2:*"], "Resource": "*"}]);
    assert!(!unrestricted(&[policy(full(), &["r-1", "ou-1", ACCOUNT]), policy(list, &["ou-2"])]));
}

#[test]
fn an_audit_action_is_denied_by_any_place_and_any_form() {
    const STOP: &str = "cloudtrail:StopLogging";
    assert!(audit(&with(json!([]), "r-1"), STOP));
    let stop = |statement: Value| audit(&with(json!([statement]), "ou-1"), STOP);
    assert!(!stop(deny(json!("CloudTrail:Stop*"), json!({}))));
    assert!(stop(deny(json!("cloudtrail:DeleteTrail"), json!({}))));
    assert!(!stop(json!({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"})));
    // With an exception for a role, and for AWS services.
    assert!(!stop(deny(
        json!("cloudtrail:*"),
        json!({"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/AWSControlTowerExecution"]}})
    )));
    assert!(!stop(deny(
        json!("cloudtrail:*"),
        json!({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
               "StringNotEquals": {"aws:PrincipalTag/role": "audit"}})
    )));
    // An exception for every role is none.
    assert!(stop(deny(
        json!("cloudtrail:*"),
        json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})
    )));
    // An exception for an account opens that account, and no other.
    let except = |account: &str| {
        stop(deny(
            json!("cloudtrail:*"),
            json!({"StringNotEquals": {"aws:PrincipalAccount": account}}),
        ))
    };
    assert!(except(ACCOUNT));
    assert!(!except("777788889999"));
    // Denied in other Regions only, and without a second factor only.
    assert!(stop(deny(
        json!("*"),
        json!({"StringNotEquals": {"aws:RequestedRegion": ["ap-northeast-1"]}})
    )));
    assert!(stop(deny(
        json!("*"),
        json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    )));
    // The trails of a landing zone are those that matter.
    assert!(!stop(json!({"Effect": "Deny", "Action": "cloudtrail:StopLogging",
                         "Resource": "arn:*:cloudtrail:*:*:trail/aws-controltower-*"})));
    // What a list of allowed services leaves out is denied too.
    let list = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]);
    assert!(!audit(&[policy(full(), &["r-1", "ou-1", ACCOUNT]), policy(list, &["ou-2"])], STOP));
}

#[test]
fn the_root_user_is_denied_what_is_everyday() {
    let root = |action: Value, pattern: &str| {
        let condition = json!({"StringLike": {"aws:PrincipalArn": pattern}});
        root_is_denied(&with(json!([deny(action, condition)]), "ou-2"))
    };
    assert!(!root_is_denied(&with(json!([]), "r-1")));
    assert!(root(json!("*"), "arn:aws:iam::*:root"));
    assert!(root(json!("*"), "arn:*:iam::*:root"));
    assert!(root(json!("*"), "arn:aws:iam::444455556666:root"), "the account itself");
    assert!(!root(json!("*"), "arn:aws:iam::777788889999:root"), "another account");
    assert!(root(json!("*"), "arn:aws:iam::${aws:PrincipalAccount}:root"));
    assert!(!root(json!("*"), "arn:aws:iam::${aws:ResourceAccount}:root"), "not known");
    assert!(!root(json!("*"), "arn:aws:iam::*:role/*"));
    assert!(!root(json!("ec2:*"), "arn:aws:iam::*:root"));
    assert!(!root(json!("iam:*"), "arn:aws:iam::*:root"));
    // Tasks that only a root user can do may stay open.
    let rest = json!([{
        "Effect": "Deny", "NotAction": ["s3:DeleteBucketPolicy", "sqs:DeleteQueuePolicy"],
        "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
    }]);
    assert!(root_is_denied(&with(rest, "r-1")));
    // Sessions of the management account are left out by the form that AWS proposes.
    let sessions = json!([deny(
        json!("*"),
        json!({
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"},
            "Null": {"aws:AssumedRoot": "true"}
        })
    )]);
    assert!(root_is_denied(&with(sessions, "r-1")));
    // A Deny for everybody, of everything: also for root.
    assert!(root_is_denied(&with(json!([deny(json!("*"), json!({}))]), ACCOUNT)));
}

#[test]
fn iam_is_for_its_administrators_alone() {
    const ACTIONS: [&str; 2] = ["iam:CreateUser", "iam:AttachRolePolicy"];
    const ADMINS: &str = "arn:aws:iam::*:role/iam-admin";
    let open = |statements: Value, admins: &[&str]| {
        open_with(&with(statements, "r-1"), &[], &ACTIONS, admins).iam.len()
    };
    let except = |patterns: Value| {
        json!([deny(json!("iam:*"), json!({"ArnNotLike": {"aws:PrincipalArn": patterns}}))])
    };
    assert_eq!(open(json!([]), &[]), 0, "not asked");
    assert_eq!(open(json!([]), &[ADMINS]), 2);
    assert_eq!(open(except(json!(ADMINS)), &[ADMINS]), 0);
    assert_eq!(open(except(json!(ADMINS)), &["arn:aws:iam::*:role/iam-*"]), 0);
    // The exception is wider than the administrators, or for others too.
    assert_eq!(open(except(json!("arn:aws:iam::*:role/iam-*")), &[ADMINS]), 2);
    assert_eq!(open(except(json!([ADMINS, "arn:aws:iam::*:role/developers"])), &[ADMINS]), 2);
    // A Deny for one role only protects that role; one for every role is a whole one.
    let on = |resource: &str| json!([{"Effect": "Deny", "Action": "iam:AttachRolePolicy", "Resource": resource}]);
    assert_eq!(open(on("arn:aws:iam::*:role/aws-controltower-*"), &[ADMINS]), 2);
    assert_eq!(open(on("arn:aws:iam::*:role/*"), &[ADMINS]), 1);
}

#[test]
fn denies_of_several_places_add_up() {
    let policies = [
        policy(full(), &["r-1", "ou-1", "ou-2", ACCOUNT]),
        policy(json!([deny(json!("cloudtrail:*"), json!({}))]), &["r-1"]),
        policy(json!([deny(json!("config:*"), json!({}))]), &[ACCOUNT]),
    ];
    let open = open_with(
        &policies,
        &["cloudtrail:StopLogging", "config:DeleteDeliveryChannel", "guardduty:DeleteDetector"],
        &[],
        &[],
    );
    assert_eq!(open.audit, BTreeSet::from(["guardduty:DeleteDetector".to_owned()]));
}
