//! End-to-end: the real `identity` binary judges policies and roles, from the Config event to the
//! evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_identity::{iam_least_privilege, iam_permissions_boundary, iam_trust_policy};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

fn start(control: &Control, aws: &FakeAws) -> Lambda {
    Lambda::start(
        env!("CARGO_BIN_EXE_identity"),
        aws,
        &[("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2")],
    )
}

/// A document as IAM and AWS Config hold it: URL-encoded.
fn encoded(statement: &Value) -> String {
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    document.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn allow(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

fn policy(id: &str, document: Option<&str>) -> Value {
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/app");
    let mut version = json!({"versionId": "v3", "isDefaultVersion": true});
    if let Some(document) = document {
        version["document"] = json!(document);
    }
    let mut item = events::item(
        "AWS::IAM::Policy",
        id,
        json!({
            "path": "/", "policyName": "app", "arn": arn, "defaultVersionId": "v3",
            "attachmentCount": 1, "permissionsBoundaryUsageCount": 0,
            "policyVersionList": [version]
        }),
    );
    item["ARN"] = json!(arn);
    item
}

fn role(id: &str, trust: Option<&str>) -> Value {
    let mut configuration = json!({
        "path": "/", "roleName": "partner", "roleId": id, "rolePolicyList": [],
        "attachedManagedPolicies": []
    });
    if let Some(trust) = trust {
        configuration["assumeRolePolicyDocument"] = json!(trust);
    }
    let mut item = events::item("AWS::IAM::Role", id, configuration);
    item["ARN"] = json!(format!("arn:aws:iam::{ACCOUNT}:role/partner"));
    item
}

#[test]
fn policies_are_judged_by_the_item_and_asked_for_without_it() {
    let control = &iam_least_privilege::CONTROL;
    let rule_name = "fisc-iam-least-privilege";
    let aws = aws_for(control);
    let rule = aws.config().rule(rule_name);
    let mut lambda = start(control, &aws);
    let mut judge = |item: Value| {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        let result = aws.config().result(rule_name, item["resourceId"].as_str().unwrap()).unwrap();
        (result.compliance, result.annotation.unwrap_or_default())
    };

    let (compliance, annotation) =
        judge(policy("ANPAGOODPOLICY", Some(&encoded(&allow("s3:GetObject")))));
    assert_eq!((compliance.as_str(), annotation.as_str()), ("COMPLIANT", ""));
    let (compliance, annotation) = judge(policy("ANPABADPOLICY0", Some(&encoded(&allow("*")))));
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("FULL_ADMIN_ALLOWED: "), "{annotation}");
    assert_eq!(aws.count("GetPolicyVersion"), 0, "the item tells");

    aws.stub("iam").when(
        "GetPolicyVersion",
        json!({"PolicyArn": format!("arn:aws:iam::{ACCOUNT}:policy/app"), "VersionId": "v3"}),
        json!({"PolicyVersion": {"Document": encoded(&allow("kms:Decrypt")), "VersionId": "v3",
                                 "IsDefaultVersion": true}}),
    );
    let (compliance, annotation) = judge(policy("ANPABAREPOLICY", None));
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("KMS_DECRYPT_ALL_KEYS"), "{annotation}");

    let (compliance, annotation) = judge(role("AROAPARTNER000", None));
    assert_eq!((compliance.as_str(), annotation.as_str()), ("COMPLIANT", ""));

    let large = policy("ANPALARGEPOLIC", Some(&encoded(&allow("*"))));
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    let result = aws.config().result(rule_name, "ANPALARGEPOLIC").unwrap();
    assert_eq!(result.compliance, "NON_COMPLIANT");
    assert_all_needed(control, &actions_of(&aws.calls()));
}

#[test]
fn trust_policies_are_judged_by_the_item_and_asked_for_without_it() {
    let control = &iam_trust_policy::CONTROL;
    let rule_name = "fisc-iam-trust-policy";
    let aws = aws_for(control);
    let rule = aws.config().rule(rule_name);
    let mut lambda = start(control, &aws);
    let mut judge = |item: Value, parameters: &Value| {
        lambda.invoke(events::change(&rule, &item, parameters)).unwrap();
        let result = aws.config().result(rule_name, item["resourceId"].as_str().unwrap()).unwrap();
        (result.compliance, result.annotation.unwrap_or_default())
    };
    let trust = |principal: Value| {
        encoded(&json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}))
    };
    let partner = json!({"AWS": "arn:aws:iam::444455556666:root"});

    let item = role("AROAPARTNER000", Some(&trust(partner.clone())));
    let (compliance, annotation) = judge(item.clone(), &Value::Null);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("UNAPPROVED_ACCOUNT: 444455556666"), "{annotation}");
    let approved = json!({"trustedAccountIds": "444455556666"});
    assert_eq!(judge(item, &approved).0, "COMPLIANT");
    let service = trust(json!({"Service": "lambda.amazonaws.com"}));
    assert_eq!(judge(role("AROASERVICE000", Some(&service)), &Value::Null).0, "NOT_APPLICABLE");
    assert_eq!(aws.count("GetRole"), 0, "the item tells");

    aws.stub("iam").when(
        "GetRole",
        json!({"RoleName": "partner"}),
        json!({"Role": {"Path": "/", "RoleName": "partner", "RoleId": "AROAPARTNER0000000",
                        "Arn": format!("arn:aws:iam::{ACCOUNT}:role/partner"),
                        "CreateDate": "2021-07-08T03:00:00Z",
                        "AssumeRolePolicyDocument": trust(json!({"AWS": "*"}))}}),
    );
    let (compliance, annotation) = judge(role("AROABARE000000", None), &Value::Null);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("PUBLIC_PRINCIPAL"), "{annotation}");

    let large = role("AROALARGE00000", Some(&service));
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    let result = aws.config().result(rule_name, "AROALARGE00000").unwrap();
    assert_eq!(result.compliance, "NOT_APPLICABLE");
    assert_all_needed(control, &actions_of(&aws.calls()));
}

/// A user in two groups, with a managed policy of its own.
fn user(id: &str) -> Value {
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/yamada");
    let mut item = events::item(
        "AWS::IAM::User",
        id,
        json!({
            "path": "/", "userName": "yamada", "userId": id, "arn": arn, "userPolicyList": [],
            "groupList": ["readers", "operators"],
            "attachedManagedPolicies": [{"policyName": "ReadOnlyAccess",
                                         "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
        }),
    );
    item["ARN"] = json!(arn);
    item
}

#[test]
fn who_manages_iam_through_a_group_needs_a_boundary() {
    let control = &iam_permissions_boundary::CONTROL;
    let rule_name = "fisc-iam-permissions-boundary";
    let aws = aws_for(control);
    let rule = aws.config().rule(rule_name);
    let mut lambda = start(control, &aws);
    let writers =
        json!({"scope": "iam-writers", "approvedBoundaryArns": "arn:aws:iam::*:policy/cap"});
    let mut judge = |item: &Value, parameters: &Value| {
        lambda.invoke(events::change(&rule, item, parameters)).unwrap();
        let result = aws.config().result(rule_name, item["resourceId"].as_str().unwrap()).unwrap();
        (result.compliance, result.annotation.unwrap_or_default())
    };
    let mut item = user("AIDAYAMADA0000");
    let (compliance, annotation) = judge(&item, &Value::Null);
    assert_eq!(compliance, "NOT_APPLICABLE");
    assert!(annotation.starts_with("BOUNDARY_NOT_ASKED_FOR"), "{annotation}");
    assert_eq!(judge(&item, &json!({"scope": "all"})).0, "NON_COMPLIANT");
    assert_eq!(aws.count("GetPolicy"), 0, "the item tells");

    let iam = aws.stub("iam");
    iam.empty("ListGroupPolicies").empty("ListAttachedGroupPolicies").page_size(1);
    for (name, version, action) in [
        ("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned(), "v9", "iam:Get*"),
        (format!("arn:aws:iam::{ACCOUNT}:policy/operate"), "v3", "ec2:Describe*"),
        (format!("arn:aws:iam::{ACCOUNT}:policy/deploy"), "v2", "iam:PassRole"),
    ] {
        iam.when(
            "GetPolicy",
            json!({"PolicyArn": name}),
            json!({"Policy": {"DefaultVersionId": version}}),
        );
        iam.when(
            "GetPolicyVersion",
            json!({"PolicyArn": name, "VersionId": version}),
            json!({"PolicyVersion": {"Document": encoded(&allow(action))}}),
        );
    }
    iam.when(
        "ListGroupPolicies",
        json!({"GroupName": "readers"}),
        json!({"PolicyNames": ["read"]}),
    );
    iam.when(
        "GetGroupPolicy",
        json!({"GroupName": "readers", "PolicyName": "read"}),
        json!({"GroupName": "readers", "PolicyName": "read",
               "PolicyDocument": encoded(&allow("iam:List*"))}),
    );
    let attached = |names: &[&str]| {
        let one = |name: &&str| json!({"PolicyName": name, "PolicyArn": format!("arn:aws:iam::{ACCOUNT}:policy/{name}")});
        json!({"AttachedPolicies": names.iter().map(one).collect::<Vec<_>>()})
    };
    let operators = json!({"GroupName": "operators"});
    iam.when("ListAttachedGroupPolicies", operators.clone(), attached(&["operate"]));
    let (compliance, annotation) = judge(&item, &writers);
    assert_eq!(compliance, "NOT_APPLICABLE");
    assert!(annotation.starts_with("NO_IAM_WRITER"), "{annotation}");
    // The second of two policies of the second group, on the second page.
    iam.when("ListAttachedGroupPolicies", operators, attached(&["operate", "deploy"]));
    let (compliance, annotation) = judge(&item, &writers);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(
        annotation.starts_with("BOUNDARY_MISSING") && annotation.contains("iam:PassRole"),
        "{annotation}"
    );
    let boundary = |name: &str| {
        json!({"permissionsBoundaryType": "PermissionsBoundaryPolicy",
               "permissionsBoundaryArn": format!("arn:aws:iam::{ACCOUNT}:policy/{name}")})
    };
    item["configuration"]["permissionsBoundary"] = boundary("other");
    let (compliance, annotation) = judge(&item, &writers);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("BOUNDARY_NOT_APPROVED"), "{annotation}");
    item["configuration"]["permissionsBoundary"] = boundary("cap");
    assert_eq!(judge(&item, &writers), ("COMPLIANT".to_owned(), String::new()));

    let large = user("AIDALARGE00000");
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &writers)).unwrap();
    assert_eq!(
        aws.config().result(rule_name, "AIDALARGE00000").unwrap().compliance,
        "NON_COMPLIANT"
    );
    assert_all_needed(control, &actions_of(&aws.calls()));

    let before = aws.count("PutEvaluations");
    for operation in [
        "GetPolicyVersion",
        "GetPolicy",
        "GetGroupPolicy",
        "ListGroupPolicies",
        "ListAttachedGroupPolicies",
    ] {
        aws.clear_faults();
        aws.fault("iam", operation, Fault::Denied);
        let error = lambda.invoke(events::change(&rule, &item, &writers)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("iam:{operation} failed")), "{}", error.message);
    }
    assert_eq!(aws.count("PutEvaluations"), before);
}

#[test]
fn what_cannot_be_judged_fails_the_run_and_writes_nothing() {
    for (control, operation, item) in [
        (&iam_least_privilege::CONTROL, "GetPolicyVersion", policy("ANPABAREPOLICY", None)),
        (&iam_trust_policy::CONTROL, "GetRole", role("AROABARE000000", None)),
    ] {
        let aws = aws_for(control);
        let rule = aws.config().rule("fisc-rule");
        let mut lambda = start(control, &aws);
        aws.stub("iam").fails(operation, "AccessDenied", 403);
        let error = lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("iam:{operation} failed")), "{}", error.message);
        // A schedule only looks at exemptions, of which there are none.
        lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
    let control = &iam_least_privilege::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule("fisc-rule");
    let broken = policy("ANPABROKENPOLI", Some("%7B%22Version%22"));
    let error =
        start(control, &aws).invoke(events::change(&rule, &broken, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "UnreadablePolicy", "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}
