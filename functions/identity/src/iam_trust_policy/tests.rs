//! Verdicts on trust policies.

use fisc_shared::Parameters;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = "111122223333";
const VENDOR: &str = "444455556666";
const NONE: [&str; 0] = [];

/// A role as AWS Config records it, its document URL-encoded.
fn role(statements: &Value) -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let encoded: String = document.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut item = events::item(
        "AWS::IAM::Role",
        "AROAXPRFC2427CEXAMPLE",
        json!({
            "path": "/", "roleName": "partner", "roleId": "AROAXPRFC2427CEXAMPLE",
            "assumeRolePolicyDocument": encoded, "rolePolicyList": [],
            "attachedManagedPolicies": [
                {"policyName": "ReadOnlyAccess", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
            ]
        }),
    );
    item["awsAccountId"] = json!(ACCOUNT);
    item
}

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

fn codes_of(item: &Value, parameters: &Value) -> Vec<&'static str> {
    let verdict = preview_of(item, parameters).unwrap().expect("the item tells");
    verdict.reasons().iter().map(|one| one.code).collect()
}

fn codes_with(statements: &Value, parameters: &Value) -> Vec<&'static str> {
    codes_of(&role(statements), parameters)
}

fn codes(statements: &Value) -> Vec<&'static str> {
    codes_with(statements, &json!({}))
}

fn allow(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
}

fn allow_if(principal: &Value, condition: &Value) -> Value {
    let mut statement = allow(principal);
    statement["Condition"] = condition.clone();
    statement
}

fn account(id: &str) -> Value {
    json!({"AWS": format!("arn:aws:iam::{id}:root")})
}

/// IAM user guide, "Delegate access across AWS accounts using IAM roles": the trust policy of the
/// tutorial, and that of "Access to AWS accounts owned by third parties" with its external id.
/// Access Analyzer's finding on either: external access for another account, not public.
#[test]
fn the_examples_of_the_user_guide_are_external_but_not_public() {
    let tutorial = json!([{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"}]);
    let third_party = json!({"Effect": "Allow", "Principal": {"AWS": VENDOR},
        "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "12345"}}});
    for policy in [&tutorial, &third_party] {
        assert_eq!(codes(policy), ["UNAPPROVED_ACCOUNT"], "external, not public: {policy}");
        assert_eq!(codes_with(policy, &json!({"trustedAccountIds": VENDOR})), NONE);
    }
    let vendor = json!({"vendorAccountIds": VENDOR});
    assert_eq!(codes_with(&third_party, &vendor), NONE);
    assert_eq!(codes_with(&tutorial, &vendor), ["EXTERNAL_ID_MISSING"]);
}

#[test]
fn anybody_is_found_behind_every_form() {
    for statements in [
        json!([allow(&json!("*"))]),
        json!([allow(&json!({"AWS": "*"}))]),
        json!([allow(&json!({"AWS": [ACCOUNT, "*"]}))]),
        // Who knows the external id is not who was meant.
        json!([allow_if(&json!("*"), &json!({"StringEquals": {"sts:ExternalId": "12345"}}))]),
        json!([allow_if(
            &json!("*"),
            &json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
        )]),
        json!([allow_if(
            &json!("*"),
            &json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}})
        )]),
        json!([allow_if(&json!("*"), &json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}))]),
        json!([{"Effect": "Allow", "NotPrincipal": {"AWS": "444455556666"}, "Action": "sts:*"}]),
    ] {
        assert!(codes(&statements).contains(&"PUBLIC_PRINCIPAL"), "{statements}");
    }
    let own = json!({"orgId": "o-a1b2c3d4e5"});
    for statements in [
        json!([allow(&account(ACCOUNT))]),
        json!([allow(&json!({"AWS": ACCOUNT}))]),
        json!([allow_if(
            &json!("*"),
            &json!({"StringEquals": {"AWS:principalorgid": "o-a1b2c3d4e5"}})
        )]),
        json!([allow_if(&json!("*"), &json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}))]),
        json!([allow(&json!("*")), {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole*",
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]),
        // Tags of a session admit nobody by themselves.
        json!([{"Effect": "Allow", "Principal": "*", "Action": "sts:TagSession"}]),
    ] {
        assert_eq!(codes_with(&statements, &own), NONE, "{statements}");
    }
}

#[test]
fn accounts_must_be_approved() {
    let unapproved = ["UNAPPROVED_ACCOUNT"];
    for statements in [
        json!([allow(&json!({"AWS": VENDOR}))]),
        json!([allow(&json!({"AWS": [ACCOUNT, "arn:aws:iam::444455556666:user/x"]}))]),
        json!([allow(&json!({"AWS": "arn:aws-cn:iam::444455556666:role/x"}))]),
        json!([allow_if(&json!("*"), &json!({"StringEquals": {"aws:PrincipalAccount": VENDOR}}))]),
        json!([allow_if(
            &json!("*"),
            &json!({"StringEquals": {"aws:PrincipalOrgID": "o-theirs0000"}})
        )]),
        json!([
            allow_if(
                &account(VENDOR),
                &json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
            ),
            allow(&account(VENDOR))
        ]),
        // A service that works for somebody else's resource.
        json!([allow_if(
            &json!({"Service": "cloudtrail.amazonaws.com"}),
            &json!({"StringEquals": {"aws:SourceAccount": VENDOR}})
        )]),
        json!([allow(&account(VENDOR)), {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::444455556666:role/x"}, "Action": "sts:*"}]),
    ] {
        assert_eq!(
            codes_with(&statements, &json!({"orgId": "o-a1b2c3d4e5"})),
            unapproved,
            "{statements}"
        );
    }
    for statements in [
        // What is left of a principal that was deleted is no account.
        json!([allow(&json!({"AWS": [ACCOUNT, "AIDAR37ILCC5PDEXAMPLE"]}))]),
        json!([allow_if(
            &account(VENDOR),
            &json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
        )]),
        json!([allow_if(
            &json!("*"),
            &json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}})
        )]),
        json!([allow(&account(ACCOUNT)), allow(&account(VENDOR)),
               {"Effect": "Deny", "Principal": {"AWS": VENDOR}, "Action": "sts:AssumeRole"}]),
    ] {
        assert_eq!(
            codes_with(&statements, &json!({"orgId": "o-a1b2c3d4e5"})),
            NONE,
            "{statements}"
        );
    }
}

#[test]
fn vendors_come_with_a_fixed_external_id() {
    let vendor = json!({"vendorAccountIds": VENDOR});
    let id = |operator: &str, value: Value| {
        json!([allow_if(&account(VENDOR), &json!({ operator: {"sts:ExternalId": value} }))])
    };
    for statements in [
        json!([allow(&account(VENDOR))]),
        json!([allow(&json!({"AWS": "arn:aws:iam::444455556666:role/agent"}))]),
        id("StringEqualsIfExists", json!("hbg")),
        id("ForAllValues:StringEquals", json!("hbg")),
        id("StringLike", json!("*")),
        id("StringNotEquals", json!("hbg")),
        id("Null", json!("false")),
        json!([allow_if(
            &account(VENDOR),
            &json!({"StringEquals": {"aws:PrincipalTag/ExternalId": "hbg"}})
        )]),
        // One statement demands it, another does not.
        json!([
            allow_if(&account(VENDOR), &json!({"StringEquals": {"sts:ExternalId": "hbg"}})),
            allow(&account(VENDOR))
        ]),
        json!([allow(&account(VENDOR)), {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
            "Condition": {"StringNotEqualsIfExists": {"sts:ExternalId": "hbg"}, "Bool": {"aws:SecureTransport": "false"}}}]),
    ] {
        assert_eq!(codes_with(&statements, &vendor), ["EXTERNAL_ID_MISSING"], "{statements}");
    }
    for statements in [
        id("StringEquals", json!("hbg")),
        id("StringEquals", json!(["hbg", "hbg-2"])),
        id("StringLike", json!("hbg")),
        id("stringequals", json!("hbg")),
        json!([allow(&account(VENDOR)), {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
            "Condition": {"StringNotEquals": {"sts:ExternalId": "hbg"}}}]),
        json!([allow(&account(ACCOUNT))]),
    ] {
        assert_eq!(codes_with(&statements, &vendor), NONE, "{statements}");
    }
}

#[test]
fn vendors_are_no_administrators() {
    let vendor = json!({"vendorAccountIds": VENDOR});
    let statements =
        json!([allow_if(&account(VENDOR), &json!({"StringEquals": {"sts:ExternalId": "hbg"}}))]);
    let mut item = role(&statements);
    let policy = &mut item["configuration"]["attachedManagedPolicies"][0];
    policy["policyArn"] = json!("arn:aws:iam::111122223333:policy/AdministratorAccess");
    assert_eq!(codes_of(&item, &vendor), NONE);
    let policy = &mut item["configuration"]["attachedManagedPolicies"][0];
    policy["policyArn"] = json!("arn:aws:iam::aws:policy/AdministratorAccess");
    assert_eq!(codes_of(&item, &vendor), ["THIRD_PARTY_ADMIN"]);
    assert_eq!(codes_of(&item, &json!({"trustedAccountIds": VENDOR})), NONE);
    item["configuration"]["attachedManagedPolicies"] = Value::Null;
    assert!(
        preview_of(&item, &vendor).unwrap_err().to_string().contains("attachedManagedPolicies")
    );
}

const GITHUB: &str = "token.actions.githubusercontent.com";
const EKS: &str = "oidc.eks.ap-northeast-1.amazonaws.com/id/0A1B2C3D4E5F";

fn web(provider: &str, condition: &Value) -> Value {
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}");
    let provider = if provider.contains("oidc")
        || provider.starts_with("token")
        || provider.contains("app.")
    {
        arn
    } else {
        provider.to_owned()
    };
    json!({"Effect": "Allow", "Principal": {"Federated": provider},
           "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"], "Condition": condition})
}

fn github(operator: &str, sub: &Value) -> Value {
    let mut condition = json!({"StringEquals": {format!("{GITHUB}:aud"): "sts.amazonaws.com"}});
    condition[operator][format!("{GITHUB}:sub")] = sub.clone();
    json!([web(GITHUB, &condition)])
}

const OPEN: [&str; 1] = ["OIDC_SUBJECT_UNRESTRICTED"];

#[test]
fn strangers_repositories_stay_out() {
    for sub in [
        "*",
        "repo:*",
        "repo:*/*",
        "re*",
        "repo:*/hbg-app:*",
        "repo:hbg*",
        "repo:hbg-?/app:*",
        "*:ref:refs/heads/main",
        "repo:*:ref:refs/heads/main",
        "?*",
    ] {
        assert_eq!(codes(&github("StringLike", &json!(sub))), OPEN, "{sub}");
        let mixed = json!(["repo:hbg/app:*", sub]);
        assert_eq!(codes(&github("StringLike", &mixed)), OPEN, "{sub}");
    }
    // As wide as the organization, and narrower.
    for sub in [
        "repo:hbg/*",
        "repo:hbg/app:*",
        "repo:hbg/app:environment:prod",
        "repository_owner_id:12345:*",
    ] {
        assert_eq!(codes(&github("StringLike", &json!(sub))), NONE, "{sub}");
        for open in ["StringLikeIfExists", "ForAllValues:StringLike", "StringNotLike"] {
            assert_eq!(codes(&github(open, &json!(sub))), OPEN, "{open} {sub}");
        }
    }
    // StringEquals knows no wildcards: this admits nobody.
    assert_eq!(codes(&github("StringEquals", &json!("repo:hbg/app:ref:refs/heads/main"))), NONE);
    assert_eq!(codes(&github("ForAnyValue:StringLike", &json!("repo:hbg/app:*"))), NONE);
}

#[test]
fn a_token_needs_both_audience_and_subject() {
    let with = |tests: Value| codes(&json!([web(GITHUB, &tests)]));
    let (aud, sub) = (format!("{GITHUB}:aud"), format!("{GITHUB}:sub"));
    assert_eq!(with(json!({})), OPEN);
    assert_eq!(with(json!({"StringEquals": {&aud: "sts.amazonaws.com"}})), OPEN);
    assert_eq!(with(json!({"StringLike": {&sub: "repo:hbg/app:*"}})), OPEN);
    assert_eq!(with(json!({"StringLike": {&aud: "*", &sub: "repo:hbg/app:*"}})), OPEN);
    assert_eq!(
        with(
            json!({"StringEqualsIfExists": {&aud: "sts.amazonaws.com"}, "StringLike": {&sub: "repo:hbg/app:*"}})
        ),
        OPEN
    );
    // A key of another provider tests nothing here.
    assert_eq!(
        with(json!({"StringEquals": {&aud: "sts.amazonaws.com", format!("{EKS}:sub"): "x"}})),
        NONE,
        "such a key is never there, so that nobody gets in"
    );
    // Claims that belong to the owner, and claims that everybody can have.
    let claim = |claim: &str, value: &str| {
        with(
            json!({"StringEquals": {&aud: "sts.amazonaws.com", format!("{GITHUB}:{claim}"): value}}),
        )
    };
    assert_eq!(claim("repository_owner_id", "12345"), NONE);
    assert_eq!(claim("repository", "hbg/app"), NONE);
    assert_eq!(claim("ref", "refs/heads/main"), OPEN);
    assert_eq!(claim("environment", "prod"), OPEN);
    // Keys compare without regard to case.
    assert_eq!(
        with(
            json!({"StringEquals": {aud.to_uppercase(): "sts.amazonaws.com", sub.to_uppercase(): "repo:hbg/app:x"}})
        ),
        NONE
    );
    // A Deny may do it.
    let mut deny = web(GITHUB, &json!({"StringNotLike": {&sub: "repo:hbg/*"}}));
    deny["Effect"] = json!("Deny");
    let open = web(GITHUB, &json!({"StringEquals": {&aud: "sts.amazonaws.com"}}));
    assert_eq!(codes(&json!([open, deny])), NONE);
}

#[test]
fn other_providers_have_their_own_subjects() {
    let both = |provider: &str, aud: &str, sub: &str| {
        codes(&json!([web(
            provider,
            &json!({
                "StringEquals": {format!("{provider}:aud"): aud},
                "StringLike": {format!("{provider}:sub"): sub},
            })
        )]))
    };
    // Pods: a service account, or those of a namespace, not all of the cluster.
    assert_eq!(both(EKS, "sts.amazonaws.com", "system:serviceaccount:core:batch"), NONE);
    assert_eq!(both(EKS, "sts.amazonaws.com", "system:serviceaccount:core:*"), NONE);
    assert_eq!(both(EKS, "sts.amazonaws.com", "system:serviceaccount:*"), OPEN);
    assert_eq!(both(EKS, "sts.amazonaws.com", "system:serviceaccount:*:batch"), OPEN);
    let no_audience = json!([web(
        EKS,
        &json!({"StringEquals": {format!("{EKS}:sub"): "system:serviceaccount:core:batch"}})
    )]);
    assert_eq!(codes(&no_audience), OPEN);
    assert_eq!(
        both("app.terraform.io", "aws.workload.identity", "organization:hbg:project:*"),
        NONE
    );
    assert_eq!(
        both("app.terraform.io", "aws.workload.identity", "organization:*:workspace:hbg"),
        OPEN
    );
    assert_eq!(both("oidc.example.com", "app", "auth0|*"), NONE);
    assert_eq!(both("oidc.example.com", "app", "*"), OPEN);
    assert_eq!(both("accounts.google.com", "client", "112233445566778899"), NONE);
    // Cognito: the pool, and whether its guests are meant.
    let pool = "ap-northeast-1:019f1265-7e22-4250-abd0-cc85ebbf01ec";
    let key = |claim: &str| format!("cognito-identity.amazonaws.com:{claim}");
    let cognito =
        |condition: Value| codes(&json!([web("cognito-identity.amazonaws.com", &condition)]));
    assert_eq!(
        cognito(json!({"StringEquals": {key("aud"): pool},
        "ForAnyValue:StringLike": {key("amr"): "authenticated"}})),
        NONE
    );
    assert_eq!(cognito(json!({"StringEquals": {key("aud"): pool}})), OPEN);
    assert_eq!(cognito(json!({"ForAnyValue:StringLike": {key("amr"): "authenticated"}})), OPEN);
    assert_eq!(
        cognito(json!({"StringEquals": {key("aud"): pool},
        "ForAllValues:StringLike": {key("amr"): "authenticated"}})),
        OPEN
    );
}

#[test]
fn assertions_of_saml_are_no_tokens() {
    let saml = |account: &str| {
        json!([{"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
            "Principal": {"Federated": format!("arn:aws:iam::{account}:saml-provider/idp")},
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}])
    };
    assert_eq!(codes(&saml(ACCOUNT)), NONE);
    // A provider of another account.
    assert_eq!(codes(&saml(VENDOR)), ["UNAPPROVED_PROVIDER"]);
    let list = |arn: &str| json!({"approvedProviderArns": arn});
    assert_eq!(
        codes_with(&saml(ACCOUNT), &list("arn:aws:iam::111122223333:saml-provider/idp")),
        NONE
    );
    assert_eq!(
        codes_with(&saml(ACCOUNT), &list("arn:aws:iam::111122223333:saml-provider/other")),
        ["UNAPPROVED_PROVIDER"]
    );
}

#[test]
fn people_come_with_mfa_when_that_is_asked() {
    let strict = json!({"requireMfaForPeople": true, "vendorAccountIds": VENDOR});
    let missing = ["MFA_CONDITION_MISSING"];
    let mfa = |operator: &str, value: &str| {
        json!([allow_if(
            &account(ACCOUNT),
            &json!({ operator: {"aws:MultiFactorAuthPresent": value} })
        )])
    };
    assert_eq!(codes_with(&mfa("Bool", "true"), &strict), NONE);
    assert_eq!(codes_with(&mfa("BoolIfExists", "true"), &strict), missing);
    assert_eq!(codes_with(&mfa("Bool", "false"), &strict), missing);
    assert_eq!(codes_with(&mfa("Null", "false"), &strict), missing);
    let age = json!([allow_if(
        &account(ACCOUNT),
        &json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})
    )]);
    assert_eq!(codes_with(&age, &strict), NONE);
    let user = json!([allow(&json!({"AWS": "arn:aws:iam::111122223333:user/yamada"}))]);
    assert_eq!(codes_with(&user, &strict), missing);
    assert_eq!(codes(&user), NONE);
    let machine = json!([allow(&json!({"AWS": "arn:aws:iam::111122223333:role/batch"}))]);
    assert_eq!(codes_with(&machine, &strict), NONE);
    let vendor =
        json!([allow_if(&account(VENDOR), &json!({"StringEquals": {"sts:ExternalId": "hbg"}}))]);
    assert_eq!(codes_with(&vendor, &strict), NONE);
    let deny = json!([allow(&account(ACCOUNT)), {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]);
    assert_eq!(codes_with(&deny, &strict), NONE);
}

#[test]
fn roles_of_aws_and_of_services_are_left_aside() {
    let mut item = role(&json!([allow(&json!("*"))]));
    for path in ["/aws-service-role/rds.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"] {
        item["configuration"]["path"] = json!(path);
        assert_eq!(codes_of(&item, &json!({})), ["AWS_OWNED_ROLE"]);
    }
    item["configuration"]["path"] = json!("/service-role/");
    assert_eq!(codes_of(&item, &json!({})), ["PUBLIC_PRINCIPAL"]);
    let services =
        json!([allow(&json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}))]);
    assert_eq!(codes(&services), ["SERVICES_ONLY"]);
}

#[test]
fn what_an_item_lacks_is_asked_for_or_an_error() {
    let mut item = role(&json!([allow(&json!("*"))]));
    item["configuration"]["assumeRolePolicyDocument"] = Value::Null;
    assert_eq!(preview_of(&item, &json!({})).unwrap(), None);
    item["configuration"]["path"] = Value::Null;
    let error = preview_of(&item, &json!({})).unwrap_err().to_string();
    assert!(error.contains("configuration.path"), "{error}");
}
