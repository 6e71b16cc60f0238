use aws_sdk_iam::types::RoleDetail;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fisc_shared::{Language, Parameters};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::credential_report::Row;

mod metadata;

const SAML: &str = "arn:aws:iam::111122223333:saml-provider/BankIdP";
const OIDC: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
const EKS: &str = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.ap-northeast-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";

const ENDING: &[u8] = include_bytes!("../../../../tests/fixtures/saml/ending.der");
const NEXT: &[u8] = include_bytes!("../../../../tests/fixtures/saml/next.der");
const EXPIRED: &[u8] = include_bytes!("../../../../tests/fixtures/saml/expired.der");
const FUTURE: &[u8] = include_bytes!("../../../../tests/fixtures/saml/future.der");
const ENDLESS: &[u8] = include_bytes!("../../../../tests/fixtures/saml/endless.der");
const ROOT: &[u8] = include_bytes!("../../../../tests/fixtures/saml/root.der");
const ISSUED: &[u8] = include_bytes!("../../../../tests/fixtures/saml/issued.der");

fn bars(parameters: Value) -> Bars {
    bars_at(parameters, "2026-11-01T00:00:00Z")
}

fn bars_at(parameters: Value, now: &str) -> Bars {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    Bars::new(&Run {
        parameters: &parameters,
        now: now.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
    .unwrap()
}

fn codes(verdict: &Verdict) -> (&'static str, Vec<&'static str>) {
    (verdict.compliance().as_str(), verdict.reasons().iter().map(|one| one.code).collect())
}

/// A KeyDescriptor with one X509Data per inner list.
fn key(usage: &str, data: &[&[&[u8]]]) -> String {
    let data: String = data
        .iter()
        .map(|certificates| {
            let certificates: String = certificates
                .iter()
                .map(|der| {
                    // Wrapped, as most providers write it.
                    let text = STANDARD.encode(der);
                    let (first, second) = text.split_at(64);
                    format!("<ds:X509Certificate>\n  {first}\n  {second}\n</ds:X509Certificate>")
                })
                .collect();
            format!("<ds:X509Data>{certificates}</ds:X509Data>")
        })
        .collect();
    format!("<md:KeyDescriptor{usage}><ds:KeyInfo>{data}</ds:KeyInfo></md:KeyDescriptor>")
}

fn signing(der: &[u8]) -> String {
    key(r#" use="signing""#, &[&[der]])
}

fn document(keys: &str) -> String {
    document_with(keys, "")
}

fn document_with(keys: &str, beside: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.bank.example/saml">
  {beside}
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    {keys}
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.bank.example/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"#
    )
}

fn provider(document: &str, valid_until: Option<&str>) -> SamlProvider {
    SamlProvider {
        arn: SAML.to_owned(),
        valid_until: valid_until.map(|time| time.parse().unwrap()),
        metadata: Some(Metadata::parse(document, "BankIdP").unwrap()),
    }
}

fn trusted(arns: &[&str]) -> Identities {
    Identities {
        trusted: arns.iter().map(|arn| (*arn).to_owned()).collect(),
        ..Identities::default()
    }
}

const EXPIRING: (&str, &[&str]) = ("NON_COMPLIANT", &["SAML_METADATA_EXPIRING"]);
const PASS: (&str, &[&str]) = ("COMPLIANT", &[]);

fn assert_verdict(verdict: &Verdict, expected: (&str, &[&str]), case: &str) {
    let (compliance, codes) = codes(verdict);
    assert_eq!((compliance, codes.as_slice()), expected, "{case}");
}

#[test]
fn one_signing_certificate_must_last() {
    let used = trusted(&[SAML]);
    for (name, keys, expected) in [
        ("new", signing(NEXT), PASS),
        ("ending", signing(ENDING), EXPIRING),
        ("expired", signing(EXPIRED), EXPIRING),
        ("rollover", signing(ENDING) + &signing(NEXT), PASS),
        ("rollover, the other way round", signing(NEXT) + &signing(EXPIRED), PASS),
        ("rollover in one key", key("", &[&[ENDING, NEXT]]), PASS),
        ("rollover in two parts of one key", key("", &[&[ENDING], &[NEXT]]), PASS),
        ("both end", signing(ENDING) + &signing(EXPIRED), EXPIRING),
        ("the next one is not valid yet", signing(ENDING) + &signing(FUTURE), EXPIRING),
        ("none is valid yet", signing(FUTURE), EXPIRING),
        ("no use is every use", key("", &[&[NEXT]]), PASS),
        ("encryption only", key(r#" use="encryption""#, &[&[NEXT]]), EXPIRING),
        (
            "encryption outlives signing",
            signing(ENDING) + &key(r#" use="encryption""#, &[&[NEXT]]),
            EXPIRING,
        ),
        ("the authority outlives what it issued", key("", &[&[ISSUED, ROOT]]), EXPIRING),
        ("the authority comes first", key("", &[&[ROOT, ISSUED]]), EXPIRING),
        ("no end", signing(ENDLESS), PASS),
        ("no certificate", String::new(), EXPIRING),
    ] {
        let verdict = provider(&document(&keys), None).decide(&used, &bars(json!({})));
        assert_verdict(&verdict, expected, name);
    }
}

#[test]
fn the_days_left_are_counted() {
    let used = trusted(&[SAML]);
    let judged = |valid_until: Option<&str>, days: i64, now: &str| {
        let bars = bars_at(json!({"minMetadataDays": days}), now);
        codes(&provider(&document(&signing(ENDING)), valid_until).decide(&used, &bars)).0
    };
    // The certificate ends on 2026-11-10 at 00:00.
    assert_eq!(judged(None, 9, "2026-11-01T00:00:00Z"), "COMPLIANT");
    assert_eq!(judged(None, 10, "2026-11-01T00:00:00Z"), "NON_COMPLIANT");
    assert_eq!(judged(None, 0, "2026-11-10T00:00:00Z"), "COMPLIANT");
    assert_eq!(judged(None, 0, "2026-11-10T00:00:01Z"), "NON_COMPLIANT");
    // So does the metadata, when it ends first.
    let now = "2026-10-01T00:00:00Z";
    assert_eq!(judged(Some("2026-10-31T00:00:00Z"), 30, now), "COMPLIANT");
    assert_eq!(judged(Some("2026-10-30T23:59:59Z"), 30, now), "NON_COMPLIANT");
    assert_eq!(judged(Some("2126-10-30T23:59:59Z"), 30, now), "COMPLIANT");
}

#[test]
fn messages_tell_what_ends_when() {
    let message = |keys: &str, valid_until: Option<&str>| {
        let verdict =
            provider(&document(keys), valid_until).decide(&trusted(&[SAML]), &bars(json!({})));
        verdict.reasons()[0].message.get(Language::En).to_owned()
    };
    assert_eq!(
        message(&(signing(ENDING) + &signing(EXPIRED)), None),
        "The last signing certificate ends on 2026-11-10; 30 days are required"
    );
    assert_eq!(
        message(&signing(NEXT), Some("2026-11-20T00:00:00Z")),
        "The metadata is valid until 2026-11-20; 30 days are required"
    );
    assert_eq!(message("", None), "The metadata has no signing certificate that is valid yet");
}

#[test]
fn a_provider_that_no_role_trusts_is_unused() {
    let saml = provider(&document(&signing(NEXT)), None);
    let oidc = |arn: &str| OidcProvider { arn: arn.to_owned() };
    let none = trusted(&[]);
    let unused: (&str, &[&str]) = ("NON_COMPLIANT", &["PROVIDER_UNUSED"]);
    assert_verdict(&saml.decide(&none, &bars(json!({}))), unused, "SAML");
    assert_verdict(&oidc(OIDC).decide(&none, &bars(json!({}))), unused, "OIDC");
    let other =
        trusted(&[&format!("{SAML}2"), &format!("{OIDC}/x"), "cognito-identity.amazonaws.com"]);
    assert_verdict(&saml.decide(&other, &bars(json!({}))), unused, "another SAML provider");
    assert_verdict(&oidc(OIDC).decide(&other, &bars(json!({}))), unused, "another issuer");
    let both = trusted(&[SAML, OIDC, EKS]);
    assert_verdict(&saml.decide(&both, &bars(json!({}))), PASS, "SAML in use");
    assert_verdict(&oidc(OIDC).decide(&both, &bars(json!({}))), PASS, "OIDC in use");
    assert_verdict(&oidc(EKS).decide(&both, &bars(json!({}))), PASS, "EKS in use");
    // Client VPN and Cognito use providers without any role.
    let otherwise: (&str, &[&str]) = ("COMPLIANT", &["USED_OTHERWISE"]);
    for names in
        [json!(["BankIdP", "https://token.actions.githubusercontent.com/"]), json!([SAML, OIDC])]
    {
        let bars = bars(json!({"otherwiseUsedProviders": names}));
        assert_verdict(&saml.decide(&none, &bars), otherwise, "SAML");
        assert_verdict(&oidc(OIDC).decide(&none, &bars), otherwise, "OIDC");
    }
    // EKS makes providers by itself.
    let eks: (&str, &[&str]) = ("NOT_APPLICABLE", &["EKS_CLUSTER_PROVIDER"]);
    assert_verdict(&oidc(EKS).decide(&none, &bars(json!({}))), eks, "EKS");
}

#[test]
fn providers_can_be_limited_to_approved_ones() {
    let saml = provider(&document(&signing(NEXT)), None);
    let oidc = |arn: &str| OidcProvider { arn: arn.to_owned() };
    let used = trusted(&[SAML, OIDC]);
    let stranger: (&str, &[&str]) = ("NON_COMPLIANT", &["PROVIDER_NOT_APPROVED"]);
    for (approved, expected) in [
        ("https://idp.bank.example/saml", PASS),
        ("https://idp.bank.example/*", PASS),
        ("https://idp.bank.example", stranger),
        ("https://IDP.bank.example/saml", stranger),
    ] {
        let bars = bars(json!({"approvedEntityIds": approved}));
        assert_verdict(&saml.decide(&used, &bars), expected, approved);
        // The list of the other kind says nothing.
        assert_verdict(&oidc(OIDC).decide(&used, &bars), PASS, approved);
    }
    for (approved, expected) in [
        ("https://token.actions.githubusercontent.com", PASS),
        ("token.actions.githubusercontent.com/", PASS),
        ("https://gitlab.com", stranger),
    ] {
        let bars = bars(json!({"approvedOidcIssuers": approved}));
        assert_verdict(&oidc(OIDC).decide(&used, &bars), expected, approved);
        assert_verdict(&saml.decide(&used, &bars), PASS, approved);
    }
    let bars_with = |issuer: &str| bars(json!({"approvedOidcIssuers": issuer}));
    let eks =
        oidc(EKS).decide(&used, &bars_with("https://oidc.eks.ap-northeast-1.amazonaws.com/id/*"));
    assert_verdict(&eks, ("COMPLIANT", &["EKS_CLUSTER_PROVIDER"]), "approved");
    let eks = oidc(EKS).decide(&used, &bars_with("https://gitlab.com"));
    assert_verdict(&eks, stranger, "not approved");
}

#[test]
fn identity_center_keeps_its_provider_itself() {
    let arn = "arn:aws:iam::111122223333:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE";
    let kept = SamlProvider { arn: arn.to_owned(), valid_until: None, metadata: None };
    assert!(kept.is_of_identity_center());
    let verdict = kept.decide(&trusted(&[]), &bars(json!({})));
    assert_verdict(&verdict, ("NOT_APPLICABLE", &["IDENTITY_CENTER_PROVIDER"]), "kept by AWS");
    let own = SamlProvider { arn: format!("{SAML}_DO_NOT_DELETE"), ..kept };
    assert!(!own.is_of_identity_center());
}

fn role(path: &str, trust: &Value) -> RoleDetail {
    // IAM encodes policies for URLs.
    let text: String = trust.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    RoleDetail::builder().path(path).assume_role_policy_document(text).build()
}

fn identities(roles: impl IntoIterator<Item = RoleDetail>) -> Result<Identities, Error> {
    let mut identities = Identities::default();
    for role in roles {
        identities.add_role(role)?;
    }
    Ok(identities)
}

fn trust(effect: &str, key: &str, principal: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, key: principal, "Action": "sts:AssumeRoleWithSAML"}]})
}

#[test]
fn roles_tell_which_providers_are_trusted() {
    let names = |trust: Value| {
        identities([role("/", &trust)]).unwrap().trusted.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(names(trust("Allow", "Principal", json!({"Federated": SAML}))), [SAML]);
    assert_eq!(
        names(trust("Allow", "Principal", json!({"Federated": [OIDC, SAML]}))),
        [OIDC, SAML]
    );
    for other in [
        trust("Deny", "Principal", json!({"Federated": SAML})),
        trust("Allow", "NotPrincipal", json!({"Federated": SAML})),
        trust("Allow", "Principal", json!({"AWS": SAML})),
        trust("Allow", "Principal", json!({"Service": "ec2.amazonaws.com"})),
    ] {
        assert_eq!(names(other.clone()), [""; 0], "{other}");
    }
    let error = identities([role("/", &json!("{"))]).unwrap_err();
    assert_eq!(error.kind(), "UnreadablePolicy");
    for (role, lacks) in [
        (RoleDetail::builder().path("/").build(), "AssumeRolePolicyDocument"),
        (RoleDetail::builder().assume_role_policy_document("{}").build(), "Path"),
    ] {
        assert_eq!(
            identities([role]).unwrap_err().to_string(),
            format!(
                "the answer of iam:GetAccountAuthorizationDetails lacks RoleDetailList[].{lacks}"
            )
        );
    }
}

#[test]
fn an_account_has_federation_by_identity_center_or_saml() {
    let service = trust("Allow", "Principal", json!({"Service": "ec2.amazonaws.com"}));
    let with = |path: &str| identities([role("/", &service), role(path, &service)]).unwrap();
    let missing: (&str, &[&str]) = ("NON_COMPLIANT", &["FEDERATION_MISSING"]);
    let reserved = "/aws-reserved/sso.amazonaws.com/ap-northeast-1/";
    assert_verdict(&judge::account(false, &with("/")), missing, "nothing");
    assert_verdict(&judge::account(false, &with("/aws-reserved/")), missing, "another path");
    assert_verdict(&judge::account(true, &with("/")), PASS, "a SAML provider");
    assert_verdict(&judge::account(false, &with(reserved)), PASS, "Identity Center");
}

fn user(name: &str) -> User {
    User {
        name: name.to_owned(),
        id: format!("AIDA{name}"),
        arn: format!("arn:aws:iam::111122223333:user/{name}"),
        created: Some("2020-04-01T00:00:00Z".parse().unwrap()),
    }
}

#[test]
fn users_are_judged_when_a_parameter_asks_for_it() {
    assert!(!bars(json!({})).judges_users());
    assert!(!bars(json!({"identityAccountId": "111122223333"})).judges_users());
    let judged = |parameters: Value, password| {
        let bars = bars(parameters);
        assert!(bars.judges_users());
        judge::user(&user("yamada"), password, &bars).map(|verdict| codes(&verdict))
    };
    let fails = |code| Some(("NON_COMPLIANT", vec![code]));
    let pass = Some(("COMPLIANT", vec![]));
    let forbid = json!({"forbidConsolePasswords": true});
    assert_eq!(judged(forbid.clone(), Some(true)), fails("CONSOLE_PASSWORD_PRESENT"));
    assert_eq!(judged(forbid.clone(), Some(false)), pass);
    // Newer than the report: nothing is known of its password.
    assert_eq!(judged(forbid, None), None);
    let outside = json!({"identityAccountId": "012345678901"});
    assert_eq!(judged(outside, None), fails("USER_OUTSIDE_IDENTITY_ACCOUNT"));
    let both = json!({"forbidConsolePasswords": true, "identityAccountId": "012345678901"});
    assert_eq!(
        judged(both.clone(), Some(true)),
        Some(("NON_COMPLIANT", vec!["CONSOLE_PASSWORD_PRESENT", "USER_OUTSIDE_IDENTITY_ACCOUNT"]))
    );
    assert_eq!(judged(both.clone(), None), fails("USER_OUTSIDE_IDENTITY_ACCOUNT"));
    let mut emergency = both;
    emergency["breakGlassUserNames"] = json!(["yamada"]);
    assert_eq!(judged(emergency, Some(true)), pass);
}

#[test]
fn passwords_are_those_of_the_users_that_there_are() {
    let rows = [
        ("yamada", "true"),
        ("sato", "false"),
        ("deleted", "true"),
        // An earlier user of the same name.
        ("again", "true"),
    ];
    let rows = rows.map(|(name, password)| Row::sample(name, &[("password_enabled", password)]));
    let generated = Some("2026-10-31T00:00:00Z".parse().unwrap());
    let report = CredentialReport::of(rows.to_vec(), generated);
    let again = User { created: Some("2026-10-31T00:00:01Z".parse().unwrap()), ..user("again") };
    let users = [user("yamada"), user("sato"), user("newcomer"), again];
    let expected = BTreeMap::from([("yamada".to_owned(), true), ("sato".to_owned(), false)]);
    assert_eq!(passwords(&report, &users).unwrap(), expected);

    let odd = Row::sample("yamada", &[("password_enabled", "not_supported")]);
    let report = CredentialReport::of(vec![odd], None);
    assert_eq!(
        passwords(&report, &users).unwrap_err().to_string(),
        "the answer of iam:GetCredentialReport lacks Content: password_enabled of user yamada"
    );
}
