//! Verdicts on key policies.

use fisc_shared::Parameters;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = "111122223333";
const ID: &str = "019f1265-7e22-4250-abd0-cc85ebbf01ec";

fn item_of(configuration: &Value, supplementary: &Value) -> ConfigurationItem {
    let mut item = events::item("AWS::KMS::Key", ID, configuration.clone());
    item["supplementaryConfiguration"] = supplementary.clone();
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn key() -> Value {
    json!({"keyId": ID, "keyManager": "CUSTOMER", "keyState": "Enabled", "origin": "AWS_KMS"})
}

fn preview_with(item: &ConfigurationItem, parameters: &Value) -> Result<Option<Verdict>, Error> {
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
    preview(item, &run)
}

fn codes_with(statements: &Value, parameters: &Value) -> Vec<&'static str> {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let item = item_of(&key(), &json!({ "Policy": policy }));
    let verdict = preview_with(&item, parameters).unwrap().expect("the item carries the policy");
    verdict.reasons().iter().map(|one| one.code).collect()
}

fn codes(statements: &Value) -> Vec<&'static str> {
    codes_with(statements, &json!({}))
}

fn allow(principal: &Value, action: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"})
}

fn allow_if(principal: &Value, action: &Value, condition: &Value) -> Value {
    let mut statement = allow(principal, action);
    statement["Condition"] = condition.clone();
    statement
}

fn root() -> Value {
    allow(&json!({"AWS": "arn:aws:iam::111122223333:root"}), &json!("kms:*"))
}

fn role(name: &str) -> Value {
    json!({"AWS": format!("arn:aws:iam::111122223333:role/{name}")})
}

const NONE: [&str; 0] = [];

#[test]
fn the_policies_that_the_console_writes_pass() {
    assert_eq!(codes(&json!([root()])), NONE);
    // Administrators, users, and the users' services, as the console writes them.
    let console = json!([
        root(),
        allow(
            &role("KeyAdmin"),
            &json!([
                "kms:Create*",
                "kms:Describe*",
                "kms:Enable*",
                "kms:List*",
                "kms:Put*",
                "kms:Update*",
                "kms:Revoke*",
                "kms:Disable*",
                "kms:Get*",
                "kms:Delete*",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:ScheduleKeyDeletion",
                "kms:CancelKeyDeletion",
                "kms:RotateKeyOnDemand",
            ])
        ),
        allow(
            &role("App"),
            &json!([
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
            ])
        ),
        allow_if(
            &role("App"),
            &json!(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]),
            &json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        ),
    ]);
    assert_eq!(codes(&console), NONE);
    // Services, tied to the account.
    let logs = allow_if(
        &json!({"Service": "cloudtrail.amazonaws.com"}),
        &json!("kms:GenerateDataKey*"),
        &json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
    );
    assert_eq!(codes(&json!([root(), logs])), NONE);
}

/// The shape of AWS managed keys' policies: not public, since the account of the caller is tied.
#[test]
fn everybody_of_the_account_through_a_service_is_not_public() {
    let statement = allow_if(
        &json!({"AWS": "*"}),
        &json!(["kms:Encrypt", "kms:Decrypt", "kms:CreateGrant"]),
        &json!({"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "ec2.ap-northeast-1.amazonaws.com"}}),
    );
    let found = codes_with(&json!([root(), statement]), &json!({"enforceSeparation": false}));
    assert_eq!(found, NONE);
}

#[test]
fn strangers_are_found_in_every_shape() {
    for principal in [json!("*"), json!({"AWS": "*"}), json!({"AWS": [ACCOUNT, "*"]})] {
        let statement = allow(&principal, &json!("kms:Decrypt"));
        assert_eq!(codes(&json!([root(), statement])), ["PUBLIC_PRINCIPAL"], "{principal}");
    }
    let all_but = json!({"Effect": "Allow", "NotPrincipal": {"AWS": "999900001111"},
                         "Action": "kms:Decrypt", "Resource": "*"});
    assert_eq!(codes(&json!([root(), all_but])), ["PUBLIC_PRINCIPAL"]);
    let through = |condition: Value| {
        codes(&json!([root(), allow_if(&json!("*"), &json!("kms:Decrypt"), &condition)]))
    };
    assert_eq!(
        through(json!({"StringEquals": {"kms:ViaService": "s3.ap-northeast-1.amazonaws.com"}})),
        ["PUBLIC_PRINCIPAL"]
    );
    assert_eq!(through(json!({"StringLike": {"kms:CallerAccount": "*"}})), ["PUBLIC_PRINCIPAL"]);
    // The organization that the condition names gets in as well, and is not trusted here.
    assert_eq!(
        through(json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"}})),
        ["PUBLIC_PRINCIPAL", "UNTRUSTED_ACCOUNT"]
    );
    assert_eq!(through(json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}})), NONE);
    assert_eq!(through(json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})), NONE);
}

#[test]
fn other_accounts_need_trust() {
    let to = |principal: &str| {
        json!([root(), allow(&json!({ "AWS": principal }), &json!("kms:Decrypt"))])
    };
    for principal in [
        "444455556666",
        "arn:aws:iam::444455556666:root",
        "arn:aws:iam::444455556666:role/batch",
        "arn:aws-cn:iam::444455556666:user/batch",
    ] {
        assert_eq!(codes(&to(principal)), ["UNTRUSTED_ACCOUNT"], "{principal}");
        let trusted = json!({"trustedAccountIds": "222233334444,444455556666"});
        assert_eq!(codes_with(&to(principal), &trusted), NONE, "{principal}");
    }
    // A principal that was deleted is nobody.
    assert_eq!(codes(&to("AIDAEXAMPLEEXAMPLE")), NONE);
    let members = |organization: &str| {
        json!([
            root(),
            allow_if(
                &json!("*"),
                &json!("kms:Decrypt"),
                &json!({"StringEquals": {"aws:PrincipalOrgID": organization}})
            )
        ])
    };
    assert_eq!(codes(&members("o-ours")), ["UNTRUSTED_ACCOUNT"]);
    assert_eq!(codes_with(&members("o-ours"), &json!({"orgId": "o-ours"})), NONE);
    assert_eq!(
        codes_with(&members("o-theirs"), &json!({"orgId": "o-ours"})),
        ["UNTRUSTED_ACCOUNT"]
    );
    let bound = json!([
        root(),
        allow_if(
            &json!({"AWS": "444455556666"}),
            &json!("kms:Decrypt"),
            &json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}})
        )
    ]);
    assert_eq!(codes_with(&bound, &json!({"orgId": "o-ours"})), NONE);
}

#[test]
fn full_access_is_found_by_what_it_grants() {
    let with = |statements: &[Value]| {
        let mut all = vec![root()];
        all.extend_from_slice(statements);
        codes(&json!(all))
    };
    let app = role("App");
    for action in [json!("kms:*"), json!("*"), json!("KMS:*"), json!(["kms:Decrypt", "kms:*"])] {
        assert_eq!(with(&[allow(&app, &action)]), ["FULL_ACCESS_GRANTED"], "{action}");
    }
    let not = json!({"Effect": "Allow", "Principal": app, "NotAction": "s3:*", "Resource": "*"});
    assert_eq!(with(&[not]), ["FULL_ACCESS_GRANTED"]);
    // Over two statements.
    let decrypt = allow(&app, &json!("kms:Decrypt"));
    let rest =
        json!({"Effect": "Allow", "Principal": app, "NotAction": "kms:Decrypt", "Resource": "*"});
    assert_eq!(with(&[decrypt.clone(), rest]), ["FULL_ACCESS_GRANTED"]);
    // Taken back in part: still both sides, but not everything.
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"});
    assert_eq!(with(&[allow(&app, &json!("kms:*")), deny]), ["ADMIN_AND_USER_NOT_SEPARATED"]);
    let service = allow_if(
        &json!({"Service": "sns.amazonaws.com"}),
        &json!("kms:*"),
        &json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
    );
    assert_eq!(with(&[service]), ["FULL_ACCESS_GRANTED"]);
    // The own root, in each of its forms, only when it may.
    for form in
        ["111122223333", "arn:aws:iam::111122223333:root", "arn:aws-cn:iam::111122223333:root"]
    {
        let statements = json!([allow(&json!({ "AWS": form }), &json!("kms:*"))]);
        assert_eq!(codes(&statements), NONE, "{form}");
        let strict = json!({"allowRootDelegation": false});
        assert_eq!(codes_with(&statements, &strict), ["FULL_ACCESS_GRANTED"], "{form}");
    }
}

#[test]
fn administrators_may_not_use_the_key() {
    let with = |actions: &[Value], parameters: Value| {
        let mut all = vec![root()];
        all.extend(actions.iter().map(|action| allow(&role("App"), action)));
        codes_with(&json!(all), &parameters)
    };
    let both = ["ADMIN_AND_USER_NOT_SEPARATED"];
    assert_eq!(with(&[json!(["kms:Decrypt", "kms:PutKeyPolicy"])], json!({})), both);
    // Over two statements, and by wildcards.
    assert_eq!(with(&[json!("kms:Encrypt"), json!("kms:Schedule*")], json!({})), both);
    assert_eq!(with(&[json!("kms:*Key*")], json!({})), both);
    assert_eq!(with(&[json!("kms:Sign"), json!("kms:CreateGrant")], json!({})), both);
    assert_eq!(
        with(&[json!(["kms:Decrypt", "kms:DescribeKey", "kms:List*", "kms:Get*"])], json!({})),
        NONE
    );
    assert_eq!(with(&[json!("kms:PutKeyPolicy")], json!({})), NONE);
    let mixed = [json!(["kms:Decrypt", "kms:PutKeyPolicy"])];
    assert_eq!(with(&mixed, json!({"enforceSeparation": false})), NONE);
    let exempt = json!({"exemptPrincipalArns": "arn:aws:iam::111122223333:role/App"});
    assert_eq!(with(&mixed, exempt), NONE);
    let near = json!({"exemptPrincipalArns": "arn:aws:iam::111122223333:role/Ap"});
    assert_eq!(with(&mixed, near), both);
    // Two principals, one on each side.
    let apart = json!([
        root(),
        allow(&role("Admin"), &json!("kms:Put*")),
        allow(&role("App"), &json!("kms:Decrypt"))
    ]);
    assert_eq!(codes(&apart), NONE);
}

#[test]
fn services_are_scoped_on_request() {
    let strict = json!({"requireSourceScope": true});
    let service = |condition: &Value| {
        json!([
            root(),
            allow_if(&json!({"Service": "sns.amazonaws.com"}), &json!("kms:Decrypt"), condition)
        ])
    };
    assert_eq!(codes_with(&service(&json!({})), &strict), ["SERVICE_PRINCIPAL_UNSCOPED"]);
    assert_eq!(codes(&service(&json!({}))), NONE);
    for condition in [
        json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"StringEquals": {"kms:ViaService": "sqs.ap-northeast-1.amazonaws.com"}}),
    ] {
        assert_eq!(codes_with(&service(&condition), &strict), NONE, "{condition}");
    }
}

#[test]
fn one_policy_may_fail_in_several_ways() {
    let statements = json!([
        allow(&json!("*"), &json!("kms:Decrypt")),
        allow(&json!({"AWS": "444455556666"}), &json!("kms:*")),
        allow(&role("App"), &json!(["kms:Decrypt", "kms:PutKeyPolicy"])),
    ]);
    assert_eq!(
        codes(&statements),
        [
            "PUBLIC_PRINCIPAL",
            "UNTRUSTED_ACCOUNT",
            "FULL_ACCESS_GRANTED",
            "ADMIN_AND_USER_NOT_SEPARATED"
        ]
    );
}

#[test]
fn some_keys_are_not_judged() {
    let public = json!({"Statement": allow(&json!("*"), &json!("kms:*"))}).to_string();
    let remark = |member: &str, value: &str| {
        let mut configuration = key();
        configuration[member] = json!(value);
        let item = item_of(&configuration, &json!({ "Policy": public }));
        let verdict = preview_with(&item, &json!({})).unwrap().unwrap();
        (verdict.compliance().as_str(), verdict.reasons()[0].code)
    };
    assert_eq!(remark("keyManager", "AWS"), ("NOT_APPLICABLE", "AWS_MANAGED_KEY"));
    for state in ["PendingDeletion", "PendingReplicaDeletion"] {
        assert_eq!(remark("keyState", state), ("NOT_APPLICABLE", "BEING_DELETED"));
    }
    for state in ["Enabled", "Disabled", "PendingImport"] {
        assert_eq!(remark("keyState", state).0, "NON_COMPLIANT");
    }
}

#[test]
fn what_the_item_lacks_is_asked_or_an_error() {
    let ask = |supplementary: Value| preview_with(&item_of(&key(), &supplementary), &json!({}));
    assert_eq!(ask(json!({})).unwrap(), None);
    assert_eq!(ask(json!({"Policy": null})).unwrap(), None);
    let error = ask(json!({"Policy": "{\"Statement\": 1}"})).unwrap_err().to_string();
    assert_eq!(
        error,
        "the policy cannot be judged: Statement: expected an object or a list of them"
    );
    let error = ask(json!({"Policy": "Decrypt everything"})).unwrap_err().to_string();
    assert!(!error.contains("Decrypt"), "{error}");
    let item = item_of(&json!({"keyState": "Enabled"}), &json!({}));
    let error = preview_with(&item, &json!({})).unwrap_err().to_string();
    assert_eq!(
        error,
        "the configuration item cannot be judged: configuration.keyManager is missing"
    );
}

/// What the KMS developer guide warns of, a key policy with an asterisk as its principal and no
/// condition: public, as Access Analyzer finds it. With the condition on the caller's account that
/// the guide shows, it is not.
#[test]
fn the_public_key_of_the_documentation() {
    let everybody =
        allow(&json!({"AWS": "*"}), &json!(["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]));
    assert_eq!(codes(&json!([root(), everybody])), ["PUBLIC_PRINCIPAL"]);
    let mut tied = everybody;
    tied["Condition"] = json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}});
    assert_eq!(codes(&json!([root(), tied])), NONE);
}
