use aws_sdk_cognitoidentity::operation::describe_identity_pool::DescribeIdentityPoolOutput;
use aws_sdk_cognitoidentity::operation::get_identity_pool_roles::GetIdentityPoolRolesOutput;
use aws_sdk_cognitoidentity::types::{
    CognitoIdentityProvider, MappingRule, MappingRuleMatchType, RoleMapping, RoleMappingType,
    RulesConfigurationType,
};
use fisc_shared::policy::PolicyDocument;
use fisc_shared::{Language, Parameters, runner};
use serde_json::{Value, json};

use super::identity_pool::{IdentityPool, Role, Roles, Settings};
use super::trust::{Holes, Kind, holes};
use super::*;

mod user_pools;

const POOL: &str = "ap-northeast-1:12345678-dead-beef-cafe-123456790ab1";
const OTHER: &str = "ap-northeast-1:87654321-dead-beef-cafe-123456790ab1";
const AUD: &str = "cognito-identity.amazonaws.com:aud";
const AMR: &str = "cognito-identity.amazonaws.com:amr";

fn with_run<T>(parameters: Value, offline: bool, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn codes(verdict: &Verdict) -> (&'static str, Vec<&'static str>) {
    (verdict.compliance().as_str(), verdict.reasons().iter().map(|one| one.code).collect())
}

fn item(kind: &str, configuration: Value) -> ConfigurationItem {
    let item = json!({
        "configurationItemCaptureTime": "2026-10-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": kind, "resourceId": "some-id",
        "configuration": configuration, "supplementaryConfiguration": {},
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn statement(condition: Value) -> Value {
    json!({
        "Sid": "", "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
    })
}

fn document(statements: Value) -> PolicyDocument {
    let value = json!({"Version": "2012-10-17", "Statement": statements});
    PolicyDocument::from_value(&value).unwrap()
}

/// What the trust of an authenticated role with this condition lets in: (other pools, guests).
fn open(condition: Value) -> (bool, bool) {
    open_with(json!([statement(condition)]))
}

fn open_with(statements: Value) -> (bool, bool) {
    let Holes { other_pools, other_kind } = holes(&document(statements), POOL, Kind::Authenticated);
    (other_pools, other_kind)
}

fn pinned(kind: &str) -> Value {
    json!({"StringEquals": {AUD: POOL}, "ForAnyValue:StringLike": {AMR: kind}})
}

const CLOSED: (bool, bool) = (false, false);

#[test]
fn what_pins_a_role_passes() {
    for condition in [
        pinned("authenticated"),
        json!({"StringEquals": {AUD: [POOL]}, "ForAnyValue:StringEquals": {AMR: ["authenticated"]}}),
        json!({"StringLike": {AUD: POOL}, "StringEquals": {AMR: "authenticated"}}),
        // Users of one provider are signed-in users.
        json!({"StringEquals": {AUD: POOL}, "ForAnyValue:StringLike": {AMR: "cognito-idp.ap-northeast-1.amazonaws.com/*"}}),
        json!({"stringequals": {AUD.to_uppercase(): POOL}, "foranyvalue:stringlike": {AMR: "authenticated"}}),
        // A second test narrows further.
        json!({"StringEquals": {AUD: POOL}, "StringLike": {AUD: "ap-northeast-1:*"}, "ForAnyValue:StringLike": {AMR: "authenticated"}}),
        json!({"StringEquals": {AUD: POOL, "aws:RequestedRegion": "x"}, "ForAnyValue:StringLike": {AMR: "authenticated"}}),
        // The set operator lets an absent key pass, but another test demands it.
        json!({"ForAllValues:StringEquals": {AMR: "authenticated"}, "Null": {AMR: "false"}, "StringEquals": {AUD: POOL}}),
    ] {
        assert_eq!(open(condition.clone()), CLOSED, "{condition}");
    }
}

#[test]
fn what_does_not_name_this_pool_alone_is_open_to_others() {
    let amr = json!({AMR: "authenticated"});
    for (operator, value) in [
        ("StringLike", json!("ap-northeast-1:*")),
        ("StringLike", json!("*")),
        ("StringLike", json!("ap-northeast-1:12345678-dead-beef-cafe-123456790ab?")),
        ("StringLike", json!(["ap-northeast-1:12345678-*"])),
        ("StringEquals", json!([POOL, OTHER])),
        ("StringEquals", json!(OTHER)),
        ("StringEqualsIfExists", json!(POOL)),
        ("ForAllValues:StringEquals", json!(POOL)),
        ("StringNotEquals", json!(OTHER)),
        ("StringEquals", json!("${aws:PrincipalTag/pool}")),
        ("Null", json!("false")),
        ("BinaryEquals", json!(POOL)),
    ] {
        let condition = json!({operator: {AUD: value}, "ForAnyValue:StringLike": amr});
        assert_eq!(open(condition.clone()), (true, false), "{condition}");
    }
    // Another key says nothing of the pool.
    for key in ["accounts.google.com:aud", "cognito-identity.amazonaws.com:sub"] {
        let condition = json!({"StringEquals": {key: POOL}, "ForAnyValue:StringLike": amr});
        assert_eq!(open(condition), (true, false), "{key}");
    }
}

#[test]
fn what_does_not_ask_for_a_signed_in_user_is_open_to_guests() {
    for test in [
        json!({}),
        json!({"ForAnyValue:StringLike": {AMR: "unauthenticated"}}),
        json!({"ForAnyValue:StringLike": {AMR: "*authenticated"}}),
        json!({"ForAnyValue:StringLike": {AMR: ["authenticated", "unauthenticated"]}}),
        json!({"ForAllValues:StringLike": {AMR: "authenticated"}}),
        json!({"StringLikeIfExists": {AMR: "authenticated"}}),
        json!({"StringNotEquals": {AMR: "unauthenticated"}}),
        json!({"Null": {AMR: "false"}}),
    ] {
        let mut condition = test.clone();
        condition["StringEquals"] = json!({AUD: POOL});
        assert_eq!(open(condition), (false, true), "{test}");
    }
    assert_eq!(open(json!({})), (true, true));
}

#[test]
fn statements_together_decide() {
    let good = statement(pinned("authenticated"));
    let of = |key: &str, value: Value| {
        let mut statement = statement(json!({}));
        statement[key] = value;
        statement
    };
    // One open statement beside a good one opens the role.
    assert_eq!(open_with(json!([good, statement(json!({}))])), (true, true));
    for statement in [
        of("Action", json!("sts:*")),
        of("Action", json!(["sts:TagSession", "STS:assumeRoleWithWebIdentity"])),
        of("Principal", json!("*")),
        of("Principal", json!({"AWS": "*"})),
        of(
            "Principal",
            json!({"Federated": ["graph.facebook.com", "cognito-identity.amazonaws.com"]}),
        ),
    ] {
        assert_eq!(open_with(json!([good, statement])), (true, true), "{statement}");
    }
    // These are not about identities of Cognito.
    for statement in [
        of("Action", json!("sts:TagSession")),
        of("Action", json!("sts:AssumeRole")),
        of("Principal", json!({"Federated": "accounts.google.com"})),
        of("Principal", json!({"AWS": "arn:aws:iam::111122223333:root"})),
        of("Principal", json!({"Service": "lambda.amazonaws.com"})),
        of("Effect", json!("Deny")),
    ] {
        assert_eq!(open_with(json!([good, statement])), CLOSED, "{statement}");
    }
    // A denial of all others pins as well; one of a single other pool does not.
    let deny = |condition: Value| {
        let mut statement = statement(condition);
        statement["Effect"] = json!("Deny");
        statement
    };
    let any_pool = statement(json!({"ForAnyValue:StringLike": {AMR: "authenticated"}}));
    let others = deny(json!({"StringNotEquals": {AUD: POOL}}));
    assert_eq!(open_with(json!([any_pool, others])), CLOSED);
    let one = deny(json!({"StringEquals": {AUD: OTHER}}));
    assert_eq!(open_with(json!([any_pool, one])), (true, false));
    // What is denied only under a further condition is not denied for certain.
    let sometimes =
        deny(json!({"StringNotEquals": {AUD: POOL}, "Bool": {"aws:SecureTransport": "false"}}));
    assert_eq!(open_with(json!([any_pool, sometimes])), (true, false));
    // Nobody of Cognito gets in at all: nothing to pin.
    assert_eq!(open_with(json!([])), CLOSED);
}

#[test]
fn other_partitions_have_their_own_provider() {
    let name = "cognito-identity-us-gov.amazonaws.com";
    let of = |aud: String| {
        json!([{
            "Effect": "Allow", "Principal": {"Federated": name},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {aud: POOL}, "ForAnyValue:StringLike": {format!("{name}:amr"): "authenticated"}},
        }])
    };
    assert_eq!(open_with(of(format!("{name}:aud"))), CLOSED);
    assert_eq!(open_with(of(AUD.to_owned())), (true, false));
}

#[test]
fn the_guest_role_is_for_guests() {
    let guest =
        |condition: Value| holes(&document(json!([statement(condition)])), POOL, Kind::Guest);
    assert_eq!(guest(pinned("unauthenticated")), Holes::default());
    assert_eq!(guest(pinned("authenticated")), Holes { other_pools: false, other_kind: true });
}

fn role(name: &str, kind: Kind, trust: Value) -> Role {
    Role {
        name: name.to_owned(),
        kinds: vec![kind],
        trust: Some(document(json!([statement(trust)]))),
    }
}

const CLOSED_POOL: Settings = Settings { provider: true, guests: false, classic_flow: false };

fn identity_pool(roles: Vec<Role>) -> IdentityPool {
    IdentityPool { settings: CLOSED_POOL, roles, by_token: false }
}

fn decided(pool: &IdentityPool, parameters: Value) -> (&'static str, Vec<&'static str>) {
    codes(&with_run(parameters, false, |run| pool.decide(POOL, run)))
}

fn good_role() -> Role {
    role("app-users", Kind::Authenticated, pinned("authenticated"))
}

#[test]
fn each_requirement_of_an_identity_pool_fails_by_itself() {
    let good = identity_pool(vec![good_role()]);
    assert_eq!(decided(&good, json!({})), ("COMPLIANT", vec![]));
    let with = |settings: Settings| IdentityPool { settings, ..good.clone() };

    let guests = with(Settings { guests: true, ..CLOSED_POOL });
    assert_eq!(decided(&guests, json!({})), ("NON_COMPLIANT", vec!["UNAUTHENTICATED_ALLOWED"]));

    let classic = with(Settings { classic_flow: true, ..CLOSED_POOL });
    assert_eq!(decided(&classic, json!({})), ("NON_COMPLIANT", vec!["CLASSIC_FLOW_ALLOWED"]));
    assert_eq!(decided(&classic, json!({"allowClassicFlow": true})), ("COMPLIANT", vec![]));

    let open = identity_pool(vec![role("app-users", Kind::Authenticated, json!({}))]);
    assert_eq!(decided(&open, json!({})), ("NON_COMPLIANT", vec!["ROLE_TRUST_NOT_PINNED"]));
}

#[test]
fn a_pool_with_providers_needs_a_role_for_their_users() {
    let missing = ("NON_COMPLIANT", vec!["AUTHENTICATED_ROLE_MISSING"]);
    let guest = role("guests", Kind::Guest, pinned("unauthenticated"));
    assert_eq!(decided(&identity_pool(vec![]), json!({})), missing);
    assert_eq!(decided(&identity_pool(vec![guest.clone()]), json!({})), missing);
    // A role that does not exist gives nothing, and trusts nobody.
    let gone = Role { trust: None, ..good_role() };
    assert_eq!(decided(&identity_pool(vec![gone.clone()]), json!({})), missing);
    assert_eq!(decided(&identity_pool(vec![gone, good_role()]), json!({})), ("COMPLIANT", vec![]));
    let by_token = IdentityPool { by_token: true, ..identity_pool(vec![]) };
    assert_eq!(decided(&by_token, json!({})), ("COMPLIANT", vec!["GROUP_ROLES_NOT_READ"]));
}

#[test]
fn a_pool_without_provider_needs_no_role_but_an_open_one_is_still_open() {
    let settings = Settings { provider: false, ..CLOSED_POOL };
    let without = |roles| IdentityPool { settings, ..identity_pool(roles) };
    assert_eq!(decided(&without(vec![]), json!({})), ("COMPLIANT", vec!["NO_IDENTITY_PROVIDER"]));
    let open = role("app-users", Kind::Authenticated, json!({}));
    assert_eq!(
        decided(&without(vec![open]), json!({})),
        ("NON_COMPLIANT", vec!["ROLE_TRUST_NOT_PINNED"])
    );
}

#[test]
fn messages_name_the_first_few_roles() {
    let message = |roles: Vec<Role>| {
        let verdict = with_run(json!({}), false, |run| identity_pool(roles).decide(POOL, run));
        verdict.reasons()[0].message.get(Language::En).to_owned()
    };
    let no_aud = json!({"ForAnyValue:StringLike": {AMR: "authenticated"}});
    let no_amr = json!({"StringEquals": {AUD: POOL}});
    let roles = |names: &[&str], trust: &Value| -> Vec<Role> {
        names.iter().map(|name| role(name, Kind::Authenticated, trust.clone())).collect()
    };
    assert_eq!(
        message(roles(&["a", "b", "c", "d", "e"], &no_aud)),
        "Open to identities of other pools (aud): a, b, c (+2)"
    );
    assert_eq!(
        message(roles(&["a"], &no_amr)),
        "Not limited to authenticated or guest identities (amr): a"
    );
    assert_eq!(
        message([roles(&["a"], &no_aud), roles(&["b"], &no_amr)].concat()),
        "Open to identities of other pools (aud): a; not limited to authenticated or guest identities (amr): b"
    );
}

#[test]
fn answers_are_read_in_full() {
    let arn = |name: &str| format!("arn:aws:iam::111122223333:role/service-role/{name}");
    let rule = MappingRule::builder()
        .claim("custom:branch")
        .match_type(MappingRuleMatchType::Equals)
        .value("1")
        .role_arn(arn("mapped"))
        .build()
        .unwrap();
    let rules = RoleMapping::builder()
        .r#type(RoleMappingType::Rules)
        .rules_configuration(RulesConfigurationType::builder().rules(rule).build().unwrap())
        .build()
        .unwrap();
    let token = RoleMapping::builder().r#type(RoleMappingType::Token).build().unwrap();
    let answer = |mapping: RoleMapping| {
        GetIdentityPoolRolesOutput::builder()
            .roles("authenticated", arn("users"))
            .roles("unauthenticated", arn("guests"))
            .role_mappings("cognito-idp.ap-northeast-1.amazonaws.com/p:c", mapping)
            .build()
    };
    let roles = Roles::read(&answer(rules));
    assert!(!roles.by_token);
    assert_eq!(roles.given[&arn("users")], [Kind::Authenticated]);
    assert_eq!(roles.given[&arn("guests")], [Kind::Guest]);
    assert_eq!(roles.given[&arn("mapped")], [Kind::Authenticated]);
    assert!(Roles::read(&answer(token)).by_token);
    assert_eq!(Roles::read(&GetIdentityPoolRolesOutput::builder().build()), Roles::default());

    let pool = || {
        DescribeIdentityPoolOutput::builder()
            .identity_pool_id(POOL)
            .identity_pool_name("app")
            .allow_unauthenticated_identities(false)
    };
    let read = |pool: DescribeIdentityPoolOutput| Settings::read(&pool);
    assert_eq!(read(pool().build().unwrap()), Settings { provider: false, ..CLOSED_POOL });
    let user_pool = CognitoIdentityProvider::builder().client_id("c").build();
    for pool in [
        pool().supported_login_providers("graph.facebook.com", "1"),
        pool().developer_provider_name("login.bank"),
        pool().saml_provider_arns("arn:aws:iam::111122223333:saml-provider/idp"),
        pool().open_id_connect_provider_arns("arn:aws:iam::111122223333:oidc-provider/idp"),
        pool().cognito_identity_providers(user_pool),
    ] {
        assert_eq!(read(pool.build().unwrap()), CLOSED_POOL);
    }
}

#[test]
fn a_role_of_another_account_is_not_taken_for_an_own_one() {
    let name = |arn| identity_pool::role_name(arn, "111122223333");
    assert_eq!(name("arn:aws:iam::111122223333:role/service-role/app").unwrap(), "app");
    for arn in ["arn:aws:iam::444455556666:role/app", "arn:aws:iam::111122223333:app", "app"] {
        assert_eq!(
            name(arn).unwrap_err().to_string(),
            format!(
                "the answer of cognito-identity:GetIdentityPoolRoles lacks a role of this account, but names {arn}"
            )
        );
    }
}

#[test]
fn app_clients_are_judged_by_their_items() {
    let client = |configuration: Value, parameters: Value| {
        let item = item("AWS::Cognito::UserPoolClient", configuration);
        with_run(parameters, false, |run| runner::preview(&CONTROL, &item, run).unwrap().unwrap())
    };
    let hide = json!({"hideUserExistence": true});
    let with = |value: &str| json!({"ClientId": "c", "PreventUserExistenceErrors": value});
    assert_eq!(codes(&client(with("ENABLED"), hide.clone())), ("COMPLIANT", vec![]));
    let revealed = ("NON_COMPLIANT", vec!["USER_EXISTENCE_REVEALED"]);
    assert_eq!(codes(&client(with("LEGACY"), hide.clone())), revealed);
    // LEGACY is the documented default.
    assert_eq!(codes(&client(json!({"ClientId": "c"}), hide)), revealed);
    assert_eq!(
        codes(&client(with("LEGACY"), json!({}))),
        ("NOT_APPLICABLE", vec!["CLIENT_NOT_JUDGED"])
    );
}

#[test]
fn items_of_pools_never_pass_by_themselves() {
    let previewed = |kind: &str, configuration: Value, offline: bool| {
        with_run(json!({}), offline, |run| {
            runner::preview(&CONTROL, &item(kind, configuration), run)
                .map(|verdict| verdict.map(|verdict| codes(&verdict)))
        })
    };
    let pool = "AWS::Cognito::IdentityPool";
    let open = json!({"AllowUnauthenticatedIdentities": true, "AllowClassicFlow": true});
    let both = ("NON_COMPLIANT", vec!["UNAUTHENTICATED_ALLOWED", "CLASSIC_FLOW_ALLOWED"]);
    assert_eq!(previewed(pool, open.clone(), false).unwrap(), None);
    assert_eq!(previewed(pool, open, true).unwrap(), Some(both));
    let closed = json!({"AllowUnauthenticatedIdentities": false});
    assert_eq!(previewed(pool, closed, true).unwrap(), None);
    assert_eq!(
        previewed(pool, json!({}), true).unwrap_err().to_string(),
        "the configuration item cannot be judged: configuration.AllowUnauthenticatedIdentities is missing"
    );
    assert_eq!(previewed("AWS::Cognito::UserPool", json!({}), true).unwrap(), None);
}
