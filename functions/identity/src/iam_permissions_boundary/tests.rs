//! Verdicts on the boundaries of principals.

use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;
use crate::testing::{parameters, run, summary};

const ACCOUNT: &str = "111122223333";
const CAP: &str = "arn:aws:iam::111122223333:policy/cap";
const OFF_ANSWER: &str = "NOT_APPLICABLE BOUNDARY_NOT_ASKED_FOR";
const NO_WRITER: &str = "NOT_APPLICABLE NO_IAM_WRITER";
const MISSING: &str = "NON_COMPLIANT BOUNDARY_MISSING";

fn principal(kind: &str, path: &str, name: &str, statements: &Value) -> Value {
    let lower = kind.to_lowercase();
    let arn = format!("arn:aws:iam::{ACCOUNT}:{lower}{path}{name}");
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document: String = document.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut configuration = json!({
        "path": path, "arn": arn, "attachedManagedPolicies": [], "permissionsBoundary": null,
    });
    configuration[format!("{lower}Name")] = json!(name);
    configuration[format!("{lower}PolicyList")] =
        json!([{"policyName": "inline", "policyDocument": document}]);
    if kind == "User" {
        configuration["groupList"] = json!([]);
    }
    let mut item =
        events::item(&format!("AWS::IAM::{kind}"), "AROAZXRGRNT35JEXAMPLE", configuration);
    item["ARN"] = json!(arn);
    item["awsAccountId"] = json!(ACCOUNT);
    item
}

fn previewed(item: &Value, given: &Value) -> Result<Option<String>, Error> {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let parameters = parameters(&CONTROL, given);
    let verdict = preview(&item, &run(&parameters))?;
    Ok(verdict.map(|verdict| summary(&CONTROL, &verdict)))
}

#[track_caller]
fn judged(item: &Value, given: &Value) -> String {
    previewed(item, given).unwrap().expect("the item tells")
}

fn writers() -> Value {
    json!({"scope": "iam-writers"})
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn deny(action: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": "*"})
}

/// The verdict on a role and on a user with these statements, which must be the same.
#[track_caller]
fn as_writer(statements: &Value) -> String {
    let [role, user] = ["Role", "User"]
        .map(|kind| judged(&principal(kind, "/", "yamada", statements), &writers()));
    assert_eq!(role, user, "{statements}");
    user
}

fn bounded(mut item: Value, arn: &str) -> Value {
    item["configuration"]["permissionsBoundary"] = json!({
        "permissionsBoundaryType": "PermissionsBoundaryPolicy", "permissionsBoundaryArn": arn
    });
    item
}

#[test]
fn nothing_is_judged_until_a_parameter_asks_for_it() {
    let item = principal("Role", "/", "app", &allow("*", "*"));
    assert_eq!(judged(&item, &json!({})), OFF_ANSWER);
    assert_eq!(judged(&item, &json!({"scope": "off"})), OFF_ANSWER);
    assert_eq!(judged(&bounded(item, CAP), &json!({"approvedBoundaryArns": CAP})), OFF_ANSWER);
}

#[test]
fn every_principal_has_a_boundary_that_is_approved() {
    let all = json!({"scope": "all"});
    let strict = json!({"scope": "all", "approvedBoundaryArns": [CAP]});
    for kind in ["Role", "User"] {
        let item = principal(kind, "/", "app", &json!([]));
        assert_eq!(judged(&item, &all), MISSING);
        assert_eq!(judged(&item, &strict), MISSING);
        let other = bounded(item.clone(), "arn:aws:iam::aws:policy/AdministratorAccess");
        assert_eq!(judged(&other, &all), "COMPLIANT");
        assert_eq!(judged(&other, &strict), "NON_COMPLIANT BOUNDARY_NOT_APPROVED");
        assert_eq!(judged(&bounded(item.clone(), CAP), &strict), "COMPLIANT");
        // Account ids differ where one rule is for an organization.
        let patterns = json!({"scope": "all", "approvedBoundaryArns": "arn:aws:iam::*:policy/cap"});
        assert_eq!(judged(&bounded(item.clone(), CAP), &patterns), "COMPLIANT");
        let wider = bounded(item, &format!("{CAP}-wide"));
        assert_eq!(judged(&wider, &patterns), "NON_COMPLIANT BOUNDARY_NOT_APPROVED");
    }
}

#[test]
fn entries_that_name_no_policy_are_refused() {
    let item = principal("Role", "/", "app", &json!([]));
    for entry in ["cap", "arn:aws:iam::111122223333:role/cap"] {
        let error = previewed(&item, &json!({"scope": "all", "approvedBoundaryArns": entry}));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("approvedBoundaryArns"), "{error}");
    }
}

#[test]
fn roles_of_aws_and_administrators_need_none() {
    let all = json!({"scope": "all"});
    let anything = allow("*", "*");
    for (kind, path, name, expected) in [
        ("Role", "/aws-service-role/ecs.amazonaws.com/", "x", "NOT_APPLICABLE SERVICE_LINKED_ROLE"),
        ("Role", "/aws-reserved/sso.amazonaws.com/", "x", "NOT_APPLICABLE RESERVED_ROLE"),
        ("Role", "/", "AWSReservedSSO_Admin_0a1b", "NOT_APPLICABLE EXCLUDED_PRINCIPAL"),
        ("Role", "/", "AWSControlTowerExecution", "NOT_APPLICABLE EXCLUDED_PRINCIPAL"),
        ("User", "/", "stacksets-exec-1", "NOT_APPLICABLE EXCLUDED_PRINCIPAL"),
        // The name counts, not the path, and the whole name.
        ("Role", "/stacksets-exec-1/", "app", MISSING),
        ("Role", "/", "my-AWSControlTowerExecution", MISSING),
        // A role of a service is no service-linked role, and a user has any path.
        ("Role", "/service-role/", "x", MISSING),
        ("User", "/aws-reserved/", "x", MISSING),
    ] {
        let item = principal(kind, path, name, &anything);
        assert_eq!(judged(&item, &all), expected, "{path}{name}");
        assert_eq!(judged(&item, &writers()), expected, "{path}{name}");
    }
    let item = principal("Role", "/", "break-glass", &anything);
    let excluded = json!({"scope": "all", "excludedNamePatterns": "break-*"});
    assert_eq!(judged(&item, &excluded), "NOT_APPLICABLE EXCLUDED_PRINCIPAL");
    let item = principal("Role", "/", "AWSReservedSSO_x", &anything);
    assert_eq!(judged(&item, &excluded), MISSING);
}

#[test]
fn whoever_changes_rights_manages_iam() {
    for statements in [
        json!(allow("*", "*")),
        json!([allow("iam:*", "*")]),
        json!([allow("IAM:create*", "*")]),
        json!([allow("iam:PassRole", "arn:aws:iam::111122223333:role/app-*")]),
        json!([allow("iam:PutRolePolicy", "arn:aws:iam::*:role/app")]),
        json!([allow("iam:TagRole", "*"), allow("iam:Delete*Boundary", "*")]),
        json!([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]),
        json!([{"Effect": "Allow", "Action": "iam:*", "NotResource": "arn:aws:s3:::b"}]),
        json!([allow("iam:UpdateAccountPasswordPolicy", "*")]),
        // Credentials of others.
        json!([allow("iam:CreateAccessKey", "*")]),
        json!([allow("iam:DeactivateMFADevice", "arn:aws:iam::111122223333:user/suzuki")]),
        json!([allow("iam:CreateLoginProfile", "arn:aws:iam::*:user/${aws:username}*")]),
        // One's own policies are no credentials.
        json!([allow("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}")]),
        // With a condition, on the new role's boundary or on the caller, it is still allowed.
        json!([{"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*",
                "Condition": {"StringEquals": {"iam:PermissionsBoundary": CAP}}}]),
        json!([{"Effect": "Allow", "Action": "iam:*", "Resource": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]),
        // Denies that leave something, or may not apply.
        json!([allow("*", "*"), deny("iam:Create*")]),
        json!([allow("*", "*"), {"Effect": "Deny", "Action": "iam:*", "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]),
    ] {
        assert_eq!(as_writer(&statements), MISSING, "{statements}");
    }
}

#[test]
fn reading_and_ones_own_credentials_are_no_management() {
    for statements in [
        json!([]),
        json!([allow("iam:Get*", "*"), allow("iam:List*", "*"), allow("iam:Simulate*", "*")]),
        // PowerUserAccess.
        json!([{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"],
                "Resource": "*"},
               allow("iam:CreateServiceLinkedRole", "*"), allow("iam:ListRoles", "*")]),
        json!([{"Effect": "Allow", "Resource": "arn:aws:iam::*:user/${aws:username}",
                "Action": ["iam:ChangePassword", "iam:*AccessKey*", "iam:*LoginProfile",
                           "iam:EnableMFADevice", "iam:*SSHPublicKey*"]},
               allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/*")]),
        json!([allow("iam:*AccessKey", "arn:aws:iam::*:user/*/${aws:username}")]),
        json!([allow("iam:*", "arn:aws:s3:::bucket/*")]),
        json!([allow("iam:PutRolePolicy", "arn:aws:iam::444455556666:role/app")]),
        json!([allow("iam:TagRole", "*"), allow("iam:UploadServerCertificate", "*")]),
        json!([allow("iam:*", "*"), deny("*")]),
        json!([allow("*", "*"), deny("iam:*")]),
    ] {
        assert_eq!(as_writer(&statements), NO_WRITER, "{statements}");
    }
    // Oneself by name, below a path.
    let own = allow("iam:*AccessKey", "arn:aws:iam::111122223333:user/ops/yamada");
    assert_eq!(judged(&principal("User", "/ops/", "yamada", &own), &writers()), NO_WRITER);
    assert_eq!(judged(&principal("User", "/ops/", "suzuki", &own), &writers()), MISSING);
}

#[test]
fn writers_alone_need_an_approved_boundary() {
    let given = json!({"scope": "iam-writers", "approvedBoundaryArns": CAP});
    let other = "arn:aws:iam::111122223333:policy/other";
    let writer = principal("Role", "/", "app", &allow("iam:PassRole", "*"));
    assert_eq!(judged(&bounded(writer.clone(), CAP), &given), "COMPLIANT");
    assert_eq!(judged(&bounded(writer, other), &given), "NON_COMPLIANT BOUNDARY_NOT_APPROVED");
    let reader = principal("Role", "/", "app", &allow("iam:Get*", "*"));
    assert_eq!(judged(&bounded(reader, other), &given), NO_WRITER);
}

#[test]
fn policies_that_the_item_only_names_are_asked_for() {
    let managed = json!([{"policyName": "p", "policyArn": "arn:aws:iam::111122223333:policy/p"}]);
    let mut role = principal("Role", "/", "app", &allow("iam:*", "*"));
    role["configuration"]["attachedManagedPolicies"] = managed;
    let mut user = principal("User", "/", "yamada", &json!([]));
    user["configuration"]["groupList"] = json!(["operators"]);
    for item in [role, user] {
        // A policy elsewhere may allow it, and may deny it.
        assert_eq!(previewed(&item, &writers()).unwrap(), None, "{item}");
        assert_eq!(judged(&item, &json!({"scope": "all"})), MISSING);
        assert_eq!(judged(&item, &json!({})), OFF_ANSWER);
    }
}

#[test]
fn what_an_item_lacks_is_an_error() {
    for (kind, field) in [
        ("Role", "path"),
        ("Role", "roleName"),
        ("Role", "rolePolicyList"),
        ("Role", "attachedManagedPolicies"),
        ("User", "userName"),
        ("User", "userPolicyList"),
        ("User", "groupList"),
    ] {
        let mut item = principal(kind, "/", "x", &json!([]));
        item["configuration"][field] = Value::Null;
        let error = previewed(&item, &writers()).unwrap_err().to_string();
        assert!(error.contains(&format!("configuration.{field}")), "{error}");
    }
    let mut item = principal("Role", "/", "x", &json!([]));
    item["configuration"]["permissionsBoundary"] = json!({});
    let error = previewed(&item, &json!({"scope": "all"})).unwrap_err().to_string();
    assert!(error.contains("permissionsBoundary.permissionsBoundaryArn"), "{error}");
}

/// The largest documents that AWS accepts are decided, and soon.
#[test]
fn long_policies_are_decided() {
    let actions: Vec<String> = (0..200).map(|n| format!("svc{n:03}:Get*Thing{n}")).collect();
    let buckets: Vec<String> = (0..150).map(|n| format!("arn:aws:s3:::bucket-{n:03}/*")).collect();
    let users: Vec<String> =
        (0..60).map(|n| format!("arn:aws:iam::*:user/*/team-{n:03}/${{aws:username}}")).collect();
    let statements = json!([
        {"Effect": "Allow", "Action": actions, "Resource": "*"},
        {"Effect": "Allow", "Action": ["iam:*AccessKey*", "iam:Get*"], "Resource": users},
        {"Effect": "Deny", "Action": ["iam:*Role*", "kms:*Key*"], "Resource": buckets},
        {"Effect": "Allow", "NotAction": ["iam:*", "kms:*"], "NotResource": buckets},
    ]);
    let start = std::time::Instant::now();
    assert_eq!(as_writer(&statements), NO_WRITER);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
