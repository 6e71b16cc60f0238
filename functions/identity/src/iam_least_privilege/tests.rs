//! Verdicts on IAM policies and principals.

use fisc_shared::Parameters;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = "111122223333";
const NONE: [&str; 0] = [];

fn preview_of(item: &Value, parameters: &Value) -> Result<Option<Verdict>, Error> {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    };
    preview(&item, &run)
}

fn verdict_of(item: &Value, parameters: &Value) -> Verdict {
    preview_of(item, parameters).unwrap().expect("the item tells")
}

fn codes_of(item: &Value, parameters: &Value) -> Vec<&'static str> {
    verdict_of(item, parameters).reasons().iter().map(|one| one.code).collect()
}

/// A document as AWS Config records it.
fn encoded(document: &Value) -> Value {
    json!(document.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect::<String>())
}

fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn policy(statements: &Value) -> Value {
    let old = document(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/app");
    let mut item = events::item(
        "AWS::IAM::Policy",
        "ANPAVZ6WHMR4L5EXAMPLE",
        json!({
            "path": "/", "policyName": "app", "arn": arn, "defaultVersionId": "v2",
            "attachmentCount": 1, "permissionsBoundaryUsageCount": 0, "isAttachable": true,
            "policyVersionList": [
                {"document": encoded(&old), "versionId": "v1", "isDefaultVersion": false},
                {"document": encoded(&document(statements)), "versionId": "v2", "isDefaultVersion": true}
            ]
        }),
    );
    item["ARN"] = json!(arn);
    item["awsAccountId"] = json!(ACCOUNT);
    item
}

fn codes(statements: &Value) -> Vec<&'static str> {
    codes_of(&policy(statements), &json!({}))
}

fn allow(action: &Value, resource: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn allow_if(action: &Value, resource: &Value, condition: &Value) -> Value {
    let mut statement = allow(action, resource);
    statement["Condition"] = condition.clone();
    statement
}

fn deny(action: &Value, resource: &Value) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

fn all() -> Value {
    json!("*")
}

const FULL: [&str; 1] = ["FULL_ADMIN_ALLOWED"];

#[test]
fn everything_is_everything_however_it_is_written() {
    for statements in [
        json!(allow(&all(), &all())),
        json!([allow(&json!("*:*"), &all())]),
        json!([allow(&json!(["s3:GetObject", "**"]), &json!(["arn:aws:s3:::b", "*"]))]),
        json!([allow(&json!("?*"), &json!("arn:*"))]),
        json!([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]),
        json!([{"Effect": "Allow", "NotAction": "ec2:TerminateInstances", "NotResource": "arn:aws:s3:::b/*"}]),
        // Two halves.
        json!([{"Effect": "Allow", "NotAction": ["IAM:*"], "Resource": "*"}, allow(&json!("iam:*"), &all())]),
        json!([{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"},
               allow(&json!("iam:Put*"), &json!("arn:aws:iam::*:role/*"))]),
        // Conditions on the caller do not make it less.
        json!([allow_if(&all(), &all(), &json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}))]),
        json!([allow_if(&all(), &all(), &json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))]),
        json!([allow_if(
            &all(),
            &all(),
            &json!({"StringEquals": {"aws:RequestedRegion": "ap-northeast-1"}})
        )]),
        // Nor do a few exceptions.
        json!([allow(&all(), &all()), deny(&json!("cloudtrail:StopLogging"), &all())]),
        json!([allow(&all(), &all()), deny(&json!("*"), &json!("arn:aws:s3:::secret/*"))]),
        json!([allow(&all(), &all()), deny(&json!("iam:DeleteRolePermissionsBoundary"), &all())]),
        // Nor a Deny that may not apply.
        json!([allow(&all(), &all()),
               {"Effect": "Deny", "Action": "iam:*", "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]),
    ] {
        assert_eq!(codes(&statements), FULL, "{statements}");
    }
    for statements in [
        // PowerUserAccess.
        json!([{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
               allow(&json!(["iam:CreateServiceLinkedRole", "iam:ListRoles"]), &all())]),
        json!([allow(&all(), &all()), deny(&json!("iam:*"), &all())]),
        json!([allow(&json!("iam:*"), &all())]),
        json!([allow(&all(), &json!("arn:aws:s3:::*"))]),
        json!([allow_if(
            &all(),
            &all(),
            &json!({"StringEquals": {"aws:ResourceTag/team": "core"}})
        )]),
        json!([deny(&all(), &all())]),
        json!([allow(&all(), &all()), deny(&all(), &all())]),
    ] {
        assert!(!codes(&statements).contains(&"FULL_ADMIN_ALLOWED"), "{statements}");
    }
}

#[test]
fn a_wildcard_for_a_service_is_found_on_any_resource() {
    let service = "SERVICE_WILDCARD_ALLOWED";
    for statements in [
        json!([allow(&json!("s3:*"), &json!("arn:aws:s3:::b/*"))]),
        json!([allow(&json!("EC2:**"), &all())]),
        json!([allow(&json!("rds:?*"), &all())]),
        json!([allow(&json!("iam:*"), &json!("arn:aws:iam::111122223333:user/x"))]),
        json!([allow(&json!("ec2*:*"), &all())]),
        json!([allow(&all(), &json!("arn:aws:s3:::b/*"))]),
        json!([{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}]),
        json!([{"Effect": "Allow", "NotAction": ["s3:Delete*"], "Resource": "arn:aws:s3:::b/*"}]),
        json!([allow(&json!("sns:*"), &all()), deny(&json!("sns:Publish"), &all())]),
    ] {
        assert!(codes(&statements).contains(&service), "{statements}");
    }
    for statements in [
        json!([allow(&json!("s3:Get*"), &all())]),
        json!([allow(&json!(["s3:Get*", "s3:List*", "ec2:Describe*"]), &all())]),
        json!([allow(&json!("*:Describe*"), &all())]),
        json!([allow(&json!("sns:*"), &all()), deny(&json!("sns:*"), &all())]),
        json!([allow(&json!("sns:*"), &all()), {"Effect": "Deny", "NotAction": "sns:Publish", "Resource": "*"}]),
    ] {
        assert!(!codes(&statements).contains(&service), "{statements}");
    }
    let verdict =
        verdict_of(&policy(&json!([allow(&json!(["SNS:*", "sqs:*"]), &all())])), &json!({}));
    assert_eq!(verdict.reasons()[0].message.en, "Every action of a service: sns:*, sqs:*");
}

const RAISE: &str = "PRIVILEGE_ESCALATION_ALLOWED";

#[test]
fn rights_can_be_raised_by_a_set_that_is_held_as_a_whole() {
    let pass = |condition: Value| allow_if(&json!("iam:PassRole"), &all(), &condition);
    let to = |service: &str| json!({"StringEquals": {"iam:PassedToService": service}});
    let run = allow(&json!(["lambda:CreateFunction", "lambda:InvokeFunction"]), &all());
    let attach = json!(["iam:AttachRolePolicy"]);
    for statements in [
        json!([allow(&json!("iam:CreatePolicyVersion"), &all())]),
        json!([allow(&json!("iam:*Version"), &json!("arn:aws:iam::111122223333:policy/*"))]),
        json!([allow(&json!("IAM:putuserpolicy"), &json!("arn:aws:iam::*:user/*"))]),
        json!([allow(&json!("iam:CreateAccessKey"), &json!("arn:aws:iam::111122223333:*"))]),
        // On oneself: a policy is, whatever the name.
        json!([allow(
            &json!("iam:AttachUserPolicy"),
            &json!("arn:aws:iam::111122223333:user/${aws:username}")
        )]),
        // Completed by two statements, whose halves are on different resources.
        json!([
            allow(&json!("iam:PassRole"), &json!("arn:aws:iam::*:role/*")),
            allow(&json!("lambda:CreateFunction"), &all()),
            allow(&json!("lambda:Invoke*"), &json!("arn:aws:lambda:*:*:function:dev-*"))
        ]),
        // The condition lets through just the service of the way.
        json!([pass(to("lambda.amazonaws.com")), run]),
        json!([pass(json!({"StringLike": {"iam:PassedToService": "*.amazonaws.com"}})), run]),
        // A boundary of one's own making, or none at all.
        json!([allow_if(
            &attach,
            &all(),
            &json!({"StringLike": {"iam:PermissionsBoundary": "*"}})
        )]),
        json!([allow_if(
            &attach,
            &all(),
            &json!({"StringEqualsIfExists": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"}})
        )]),
        json!([allow_if(
            &attach,
            &all(),
            &json!({"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}})
        )]),
        json!([allow_if(
            &attach,
            &all(),
            &json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})
        )]),
        // All but one.
        json!([{"Effect": "Allow", "Action": "iam:AddUserToGroup", "NotResource": "arn:aws:iam::111122223333:group/admins"}]),
        json!([allow(&attach, &all()),
               {"Effect": "Deny", "Action": "iam:Attach*", "Resource": "*",
                "Condition": {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}}]),
    ] {
        assert!(codes(&statements).contains(&RAISE), "{statements}");
    }
    let boundary = "arn:aws:iam::111122223333:policy/b";
    for statements in [
        json!([run]),
        json!([allow(&json!("iam:PassRole"), &json!("arn:aws:iam::111122223333:role/app-*")), run]),
        // The role can be passed to another service only.
        json!([pass(to("ec2.amazonaws.com")), run]),
        // One's own keys and password.
        json!([allow(
            &json!(["iam:CreateAccessKey", "iam:UpdateLoginProfile"]),
            &json!("arn:aws:iam::*:user/${aws:username}")
        )]),
        json!([allow(
            &json!("iam:CreateAccessKey"),
            &json!("arn:aws:iam::111122223333:user/batch/*")
        )]),
        json!([allow(
            &json!("iam:CreatePolicyVersion"),
            &json!("arn:aws:iam::111122223333:policy/app-*")
        )]),
        // Delegated with a boundary: in the Allow, or by a Deny.
        json!([allow_if(
            &attach,
            &all(),
            &json!({"StringEquals": {"iam:PermissionsBoundary": boundary}})
        )]),
        json!([allow_if(
            &attach,
            &all(),
            &json!({"ArnLike": {"iam:PermissionsBoundary": "arn:aws:iam::${aws:PrincipalAccount}:policy/b"}})
        )]),
        json!([allow(&attach, &all()),
               {"Effect": "Deny", "Action": "iam:*", "Resource": "*",
                "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": boundary}}}]),
        // Only policies that are listed may be attached.
        json!([allow_if(
            &attach,
            &all(),
            &json!({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}})
        )]),
        json!([allow_if(
            &attach,
            &all(),
            &json!({"StringEquals": {"iam:ResourceTag/team": "core"}})
        )]),
        json!([
            allow(&json!("iam:Attach*"), &all()),
            deny(&json!("iam:AttachRolePolicy"), &all()),
            deny(&json!(["iam:AttachUserPolicy", "iam:AttachGroupPolicy"]), &all())
        ]),
        json!([allow(&json!(["iam:Get*", "iam:List*"]), &all())]),
    ] {
        assert!(!codes(&statements).contains(&RAISE), "{statements}");
    }
}

#[test]
fn further_ways_come_as_a_parameter() {
    let statements = json!([
        allow(&json!(["amplify:CreateApp", "amplify:StartJob"]), &all()),
        allow_if(
            &json!("iam:PassRole"),
            &all(),
            &json!({"StringLike": {"iam:PassedToService": "amplify.amazonaws.com"}})
        )
    ]);
    let own = json!({"escalationActionSets": "iam:PassRole+amplify:CreateApp+amplify:StartJob,iam:CreateUser"});
    assert_eq!(codes(&statements), NONE);
    assert_eq!(codes_of(&policy(&statements), &own), [RAISE]);
}

#[test]
fn passing_any_role_to_anything_is_found() {
    let pass = "PASSROLE_UNRESTRICTED";
    let with = |condition: Value| json!([allow_if(&json!("iam:PassRole"), &all(), &condition)]);
    for statements in [
        json!([allow(&json!("iam:PassRole"), &all())]),
        json!([allow(&json!("iam:Pass*"), &json!("arn:aws:iam::111122223333:role/*"))]),
        json!([{"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::111122223333:role/admin"}]),
        with(json!({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}})),
        with(json!({"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})),
        with(json!({"StringLike": {"IAM:passedtoservice": "*"}})),
        with(json!({"ForAllValues:StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})),
        with(json!({"StringEquals": {"aws:PrincipalTag/team": "core"}})),
    ] {
        assert_eq!(codes(&statements), [pass], "{statements}");
    }
    for statements in [
        json!([allow(&json!("iam:PassRole"), &json!("arn:aws:iam::111122223333:role/app"))]),
        json!([allow(&json!("iam:PassRole"), &json!("arn:aws:iam::*:role/service-role/*"))]),
        with(
            json!({"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}}),
        ),
        with(json!({"StringLike": {"iam:PassedToService": "ec2.amazonaws.com*"}})),
        with(json!({"StringEquals": {"iam:ResourceTag/team": "core"}})),
        json!([allow(&json!("iam:PassRole"), &all()), deny(&json!("iam:PassRole"), &all())]),
    ] {
        assert_eq!(codes(&statements), NONE, "{statements}");
    }
}

#[test]
fn decryption_with_all_keys_is_found() {
    let decrypt = |resource: Value| json!([allow(&json!("kms:Decrypt"), &resource)]);
    for statements in [
        decrypt(json!("*")),
        decrypt(json!("arn:aws:kms:*:*:key/*")),
        decrypt(json!("arn:aws-cn:kms:*:*:key/*")),
        decrypt(json!("arn:aws:kms:ap-northeast-1:111122223333:key/*")),
        // Every key of another Region, or of some.
        decrypt(json!("arn:aws:kms:us-east-1:111122223333:key/*")),
        decrypt(json!("arn:aws:kms:ap-*:*:key/*")),
        decrypt(json!("arn:aws:kms:*:444455556666:key/*")),
        decrypt(json!("arn:aws:kms:*:${aws:PrincipalAccount}:key/*")),
        decrypt(json!("arn:aws:kms:*:111122223333:alias/*")),
        decrypt(json!("arn:aws:kms:*")),
        json!([allow(&json!("kms:ReEncrypt*"), &all())]),
        json!([allow(&json!("KMS:De*"), &all())]),
        json!([{"Effect": "Allow", "NotAction": ["kms:ScheduleKeyDeletion", "iam:*", "cloud*:*", "kms:*CustomKeyStore"], "Resource": "*"}]),
        json!([{"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": "arn:aws:kms:ap-northeast-1:111122223333:key/1"}]),
        json!([
            allow(&json!("kms:Decrypt"), &all()),
            deny(&json!("kms:Decrypt"), &json!("arn:aws:kms:ap-northeast-1:111122223333:key/1"))
        ]),
        // Through one service, still with every key; only for some callers, likewise.
        json!([allow_if(
            &json!("kms:Decrypt"),
            &all(),
            &json!({"StringEquals": {"kms:ViaService": "s3.ap-northeast-1.amazonaws.com"}})
        )]),
        json!([allow_if(
            &json!("kms:Decrypt"),
            &all(),
            &json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})
        )]),
        json!([allow_if(
            &json!("kms:Decrypt"),
            &all(),
            &json!({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/*"}})
        )]),
    ] {
        assert!(codes(&statements).contains(&"KMS_DECRYPT_ALL_KEYS"), "{statements}");
    }
    for statements in [
        decrypt(json!(
            "arn:aws:kms:ap-northeast-1:111122223333:key/019f1265-7e22-4250-abd0-cc85ebbf01ec"
        )),
        decrypt(json!("arn:aws:kms:*:111122223333:key/mrk-*")),
        decrypt(json!("arn:aws:kms:*:*:alias/app-*")),
        json!([allow(
            &json!(["kms:Describe*", "kms:List*", "kms:Encrypt", "kms:GenerateDataKey*"]),
            &all()
        )]),
        json!([allow_if(
            &json!("kms:Decrypt"),
            &all(),
            &json!({"StringEquals": {"aws:ResourceTag/system": "core"}})
        )]),
        json!([allow_if(
            &json!("kms:Decrypt"),
            &all(),
            &json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}})
        )]),
        json!([
            allow(&json!("kms:Decrypt"), &all()),
            deny(&json!("kms:*"), &json!("arn:aws:kms:*:*:key/*")),
            deny(&json!("kms:*"), &json!("arn:aws:kms:*:*:alias/*"))
        ]),
    ] {
        assert_eq!(codes(&statements), NONE, "{statements}");
    }
}

#[test]
fn actions_for_administrators_only_are_found() {
    let restricted = ["RESTRICTED_ACTION_GRANTED"];
    for action in [
        "cloudtrail:StopLogging",
        "cloudtrail:Update*",
        "kms:ConnectCustomKeyStore",
        "cloudhsm:DescribeClusters",
        "CloudTrail:d*",
    ] {
        assert_eq!(codes(&json!([allow(&json!(action), &all())])), restricted, "{action}");
    }
    // Reading key stores is no administration, though its pattern overlaps `kms:*CustomKeyStore`.
    for action in ["kms:Describe*", "cloudtrail:Get*", "cloudtrail:LookupEvents"] {
        assert_eq!(codes(&json!([allow(&json!(action), &all())])), NONE, "{action}");
    }
    let statements = json!([allow(&json!("s3:Delete*"), &json!("arn:aws:s3:::trail/*"))]);
    assert_eq!(codes(&statements), NONE);
    let parameters = json!({"restrictedActions": "s3:DeleteObject*,s3:PutBucketPolicy"});
    assert_eq!(codes_of(&policy(&statements), &parameters), restricted);
}

#[test]
fn policies_that_nobody_has_are_left_aside() {
    let mut item = policy(&json!([allow(&all(), &all())]));
    assert_eq!(codes_of(&item, &json!({})), FULL);
    let arn = item["ARN"].clone();
    assert_eq!(codes_of(&item, &json!({"adminPolicyArns": arn})), ["ADMINISTRATORS_POLICY"]);
    item["configuration"]["attachmentCount"] = json!(0);
    assert_eq!(codes_of(&item, &json!({})), ["POLICY_NOT_ATTACHED"]);
    assert_eq!(codes_of(&item, &json!({"onlyAttached": false})), FULL);
    item["configuration"]["permissionsBoundaryUsageCount"] = json!(2);
    assert_eq!(codes_of(&item, &json!({})), ["BOUNDARY_ONLY"]);
    assert_eq!(codes_of(&item, &json!({"onlyAttached": false})), ["BOUNDARY_ONLY"]);
    assert_eq!(codes_of(&item, &json!({"excludeBoundaryPolicies": false})), FULL);
    // Attached as well: it grants.
    item["configuration"]["attachmentCount"] = json!(1);
    assert_eq!(codes_of(&item, &json!({})), FULL);
    item["ARN"] = json!("arn:aws:iam::aws:policy/AdministratorAccess");
    assert_eq!(codes_of(&item, &json!({})), ["AWS_MANAGED_POLICY"]);
}

#[test]
fn only_the_default_version_counts_in_whatever_form() {
    let mut item = policy(&json!([allow(&json!("s3:GetObject"), &all())]));
    assert_eq!(codes_of(&item, &json!({})), NONE);
    let wide = document(&json!([allow(&json!("sns:*"), &all())]));
    for form in [wide.clone(), json!([wide]), json!(wide.to_string()), encoded(&wide)] {
        item["configuration"]["policyVersionList"][1]["document"] = form;
        assert_eq!(codes_of(&item, &json!({})), ["SERVICE_WILDCARD_ALLOWED"]);
    }
    // The published schema has no documents: then IAM is asked.
    item["configuration"]["policyVersionList"][1]["document"] = Value::Null;
    assert_eq!(preview_of(&item, &json!({})).unwrap(), None);
    item["configuration"]["policyVersionList"] = json!([]);
    assert_eq!(preview_of(&item, &json!({})).unwrap(), None);
    item["configuration"]["attachmentCount"] = Value::Null;
    let error = preview_of(&item, &json!({})).unwrap_err().to_string();
    assert!(error.contains("attachmentCount"), "{error}");
}

fn principal(kind: &str, name: &str, inline: &[Value], managed: &[&str]) -> Value {
    let list = |n: usize, statements: &Value| json!({"policyName": format!("inline-{n}"), "policyDocument": encoded(&document(statements))});
    let inline: Vec<Value> = inline.iter().enumerate().map(|(n, one)| list(n, one)).collect();
    let attached: Vec<Value> = managed
        .iter()
        .map(|arn| json!({"policyName": arn.rsplit('/').next(), "policyArn": arn}))
        .collect();
    let lower = kind.to_lowercase();
    let arn = format!("arn:aws:iam::{ACCOUNT}:{lower}/{name}");
    let mut configuration = json!({"path": "/", "arn": arn, "attachedManagedPolicies": attached});
    configuration[format!("{lower}Name")] = json!(name);
    configuration[format!("{lower}PolicyList")] = json!(inline);
    if kind == "User" {
        configuration["groupList"] = json!(["operators"]);
    }
    if kind == "Role" {
        configuration["assumeRolePolicyDocument"] =
            trusting(&json!({"Service": "ec2.amazonaws.com"}));
    }
    let mut item =
        events::item(&format!("AWS::IAM::{kind}"), "AROAZXRGRNT35JEXAMPLE", configuration);
    item["ARN"] = json!(arn);
    item["awsAccountId"] = json!(ACCOUNT);
    item
}

fn trusting(principal: &Value) -> Value {
    encoded(&document(
        &json!([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]),
    ))
}

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

#[test]
fn inline_policies_of_a_principal_count_together() {
    let pass = json!(allow(&json!("iam:PassRole"), &all()));
    let run = json!(allow(&json!("ec2:RunInstances"), &all()));
    for kind in ["Group", "Role"] {
        let codes = |inline: &[Value]| codes_of(&principal(kind, "app", inline, &[]), &json!({}));
        assert_eq!(codes(&[]), NONE);
        assert_eq!(codes(&[pass.clone(), run.clone()]), [RAISE, "PASSROLE_UNRESTRICTED"], "{kind}");
        assert_eq!(codes(std::slice::from_ref(&pass)), ["PASSROLE_UNRESTRICTED"]);
        assert_eq!(codes(std::slice::from_ref(&run)), NONE);
        assert_eq!(codes(&[allow(&all(), &all())]), FULL);
        // A Deny in one takes from an Allow in another.
        assert_eq!(codes(&[pass.clone(), deny(&json!("iam:*"), &all())]), NONE);
    }
    // A role that may change its own policies.
    let own =
        json!(allow(&json!("iam:PutRolePolicy"), &json!("arn:aws:iam::111122223333:role/app")));
    assert_eq!(
        codes_of(&principal("Role", "app", std::slice::from_ref(&own), &[]), &json!({})),
        [RAISE]
    );
    assert_eq!(codes_of(&principal("Role", "other", &[own], &[]), &json!({})), NONE);
}

#[test]
fn managed_policies_are_known_by_their_arn() {
    let group = |arns: &[&str]| codes_of(&principal("Group", "ops", &[], arns), &json!({}));
    assert_eq!(group(&[ADMIN]), FULL);
    assert_eq!(group(&["arn:aws-us-gov:iam::aws:policy/AdministratorAccess"]), FULL);
    assert_eq!(group(&["arn:aws:iam::111122223333:policy/AdministratorAccess"]), NONE);
    assert_eq!(group(&["arn:aws:iam::aws:policy/AdministratorAccess-Amplify"]), NONE);
    assert_eq!(group(&["arn:aws:iam::aws:policy/ReadOnlyAccess"]), NONE);
    assert_eq!(group(&["arn:aws:iam::aws:policy/IAMFullAccess"]), [RAISE]);
    // Administrators may; nothing narrower is said of them either.
    let wide = json!(allow(&json!(["iam:*", "cloudtrail:*"]), &all()));
    let sso = principal(
        "Role",
        "AWSReservedSSO_Admin_0a1b2c",
        &[wide],
        &["arn:aws:iam::aws:policy/ReadOnlyAccess", ADMIN],
    );
    let mut sso = sso;
    sso["configuration"]["assumeRolePolicyDocument"] = trusting(&json!({"AWS": ACCOUNT}));
    let verdict = verdict_of(&sso, &json!({}));
    assert_eq!(verdict.compliance().as_str(), "COMPLIANT");
    assert_eq!(verdict.reasons()[0].code, "ADMINISTRATOR_PRINCIPAL");
    assert_eq!(codes_of(&sso, &json!({"adminPrincipalPatterns": "break-glass-?"})), FULL);
}

#[test]
fn workloads_do_not_run_as_administrators() {
    let too_broad = "WORKLOAD_ROLE_TOO_BROAD";
    let role = |service: Value, arn: &str| {
        let mut item = principal("Role", "app", &[], &[arn]);
        item["configuration"]["assumeRolePolicyDocument"] = trusting(&service);
        codes_of(&item, &json!({}))
    };
    let power = "arn:aws:iam::aws:policy/PowerUserAccess";
    for service in [
        "ec2.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "ec2.amazonaws.com.cn",
        "states.ap-northeast-1.amazonaws.com",
        "pods.eks.amazonaws.com",
    ] {
        assert_eq!(role(json!({"Service": ["config.amazonaws.com", service]}), power), [too_broad]);
    }
    assert_eq!(role(json!({"Service": "lambda.amazonaws.com"}), ADMIN), [FULL[0], too_broad]);
    assert_eq!(role(json!({"Service": "config.amazonaws.com"}), power), NONE);
    assert_eq!(role(json!({"AWS": "111122223333"}), power), NONE);
    assert_eq!(
        role(
            json!({"Service": "ec2.amazonaws.com"}),
            "arn:aws:iam::111122223333:policy/PowerUserAccess"
        ),
        NONE
    );
    let mut item = principal("Role", "app", &[], &[power]);
    assert_eq!(codes_of(&item, &json!({"computeServices": "lambda"})), NONE);
    item["configuration"]["assumeRolePolicyDocument"] = Value::Null;
    let error = preview_of(&item, &json!({})).unwrap_err().to_string();
    assert!(error.contains("configuration.assumeRolePolicyDocument"), "{error}");
    item["configuration"]["path"] = json!("/aws-service-role/autoscaling.amazonaws.com/");
    assert_eq!(codes_of(&item, &json!({})), ["SERVICE_LINKED_ROLE"]);
}

#[test]
fn users_get_rights_through_groups() {
    let direct = ["USER_HAS_DIRECT_POLICY"];
    let read = json!(allow(&json!("s3:GetObject"), &json!("arn:aws:s3:::b/*")));
    let user = |inline: &[Value], managed: &[&str]| {
        codes_of(&principal("User", "yamada", inline, managed), &json!({}))
    };
    assert_eq!(user(&[], &[]), NONE);
    assert_eq!(user(std::slice::from_ref(&read), &[]), direct);
    assert_eq!(user(&[], &["arn:aws:iam::aws:policy/ReadOnlyAccess"]), direct);
    assert_eq!(user(&[], &["arn:aws:iam::aws:policy/IAMUserChangePassword"]), NONE);
    assert_eq!(user(&[], &["arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"]), NONE);
    assert_eq!(user(&[], &["arn:aws:iam::111122223333:policy/IAMUserChangePassword"]), direct);
    assert_eq!(user(&[], &[ADMIN]), [FULL[0], direct[0]]);

    let strict = json!({"forbidInlinePolicies": true, "requireGroupMembership": true});
    let mut item = principal("User", "yamada", &[], &[]);
    assert_eq!(codes_of(&item, &strict), NONE);
    item["configuration"]["groupList"] = json!([]);
    assert_eq!(codes_of(&item, &strict), ["USER_NOT_IN_GROUP"]);
    assert_eq!(codes_of(&item, &json!({})), NONE);
    assert_eq!(
        codes_of(&principal("Group", "ops", &[read], &[]), &strict),
        ["INLINE_POLICY_PRESENT"]
    );
}

#[test]
fn what_an_item_lacks_is_an_error() {
    let read = json!(allow(&json!("s3:GetObject"), &all()));
    for (kind, field) in [
        ("User", "path"),
        ("User", "userName"),
        ("User", "userPolicyList"),
        ("Group", "groupPolicyList"),
        ("Role", "rolePolicyList"),
        ("Role", "attachedManagedPolicies"),
    ] {
        let mut item = principal(kind, "x", std::slice::from_ref(&read), &[]);
        item["configuration"][field] = Value::Null;
        let error = preview_of(&item, &json!({})).unwrap_err().to_string();
        assert!(error.contains(&format!("configuration.{field}")), "{error}");
    }
    let mut item = principal("Role", "x", &[read], &[]);
    item["configuration"]["rolePolicyList"][0]["policyDocument"] = Value::Null;
    let error = preview_of(&item, &json!({})).unwrap_err().to_string();
    assert!(error.contains("rolePolicyList[0].policyDocument"), "{error}");
}

/// The largest documents that AWS accepts are decided, and soon.
#[test]
fn long_policies_are_decided() {
    let actions: Vec<String> = (0..200).map(|n| format!("svc{n:03}:Get*Thing{n}")).collect();
    let buckets: Vec<String> = (0..150).map(|n| format!("arn:aws:s3:::bucket-{n:03}/*")).collect();
    let statements = json!([
        allow(&json!(actions), &json!(buckets)),
        deny(&json!(["iam:*User*", "kms:*Key*"]), &json!(buckets)),
        {"Effect": "Allow", "NotAction": ["iam:*", "kms:*", "cloud*:*"], "NotResource": buckets},
    ]);
    let start = std::time::Instant::now();
    assert_eq!(codes(&statements), ["SERVICE_WILDCARD_ALLOWED", RAISE]);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
