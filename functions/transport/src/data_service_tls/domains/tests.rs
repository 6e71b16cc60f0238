use super::*;
use crate::data_service_tls::tests::{parameters, run_with, told};
use aws_sdk_apigateway::types::{
    EndpointConfiguration, EndpointType, MutualTlsAuthentication, SecurityPolicy,
};
use aws_sdk_apigatewayv2::types::{DomainNameConfiguration, SecurityPolicy as HttpSecurityPolicy};
use serde_json::{Value, json};

const CERTIFICATE: &str = "arn:aws:acm:ap-northeast-1:111122223333:certificate/1";

fn regional(name: &str, policy: &str) -> DomainName {
    DomainName::builder()
        .domain_name(name)
        .regional_certificate_arn(CERTIFICATE)
        .security_policy(SecurityPolicy::from(policy))
        .endpoint_configuration(endpoints(&["REGIONAL"]))
        .build()
}

fn endpoints(kinds: &[&str]) -> EndpointConfiguration {
    let kinds = kinds.iter().map(|kind| EndpointType::from(*kind)).collect();
    EndpointConfiguration::builder().set_types(Some(kinds)).build()
}

fn verdict(domains: &[DomainName], given: &Value) -> Verdict {
    let domains: Vec<Domain> =
        domains.iter().map(|domain| Domain::try_from(domain).unwrap()).collect();
    let given = parameters(given);
    decide(&domains, &run_with(&given, false))
}

fn reasons(domains: &[DomainName], given: &Value) -> Vec<String> {
    told(&verdict(domains, given))
}

const NONE: [&str; 0] = [];

fn weak(detail: &str) -> [String; 1] {
    [format!(
        "API_DOMAIN_TLS: 1 API domain(s) with an outdated TLS or without ACM certificate: \
         api.hbg.example ({detail})"
    )]
}

#[test]
fn policies_are_judged_by_what_they_admit() {
    for policy in [
        "TLS_1_2",
        "SecurityPolicy_TLS12_2018_EDGE",
        "SecurityPolicy_TLS13_1_2_2021_06",
        "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
        "SecurityPolicy_TLS13_2025_EDGE",
    ] {
        assert_eq!(reasons(&[regional("api.hbg.example", policy)], &json!({})), NONE, "{policy}");
    }
    for policy in [
        "TLS_1_0",
        // A policy that is called after TLS 1.3 may admit older versions.
        "SecurityPolicy_TLS13_1_0_2030_01",
        "SecurityPolicy_TLS10_2030_01",
        "TLS_1_2_OLD",
    ] {
        assert_eq!(reasons(&[regional("api.hbg.example", policy)], &json!({})), weak(policy));
    }
    let strict = json!({"allowedApiGatewayPolicies": "SecurityPolicy_TLS13_1_3_*"});
    assert_eq!(reasons(&[regional("api.hbg.example", "TLS_1_2")], &strict), weak("TLS_1_2"));
}

#[test]
fn every_endpoint_needs_a_certificate_of_acm() {
    let with = |kinds: &[&str], own: bool, regional: bool| {
        DomainName::builder()
            .domain_name("api.hbg.example")
            .security_policy(SecurityPolicy::Tls12)
            .endpoint_configuration(endpoints(kinds))
            .certificate_name("uploaded-2016")
            .set_certificate_arn(own.then(|| CERTIFICATE.to_owned()))
            .set_regional_certificate_arn(regional.then(|| CERTIFICATE.to_owned()))
            .build()
    };
    for (kinds, own, regional, good) in [
        (&["REGIONAL"][..], false, true, true),
        (&["REGIONAL"], true, false, false),
        (&["EDGE"], true, false, true),
        (&["EDGE"], false, true, false),
        (&["PRIVATE"], true, false, true),
        (&["EDGE", "REGIONAL"], true, false, false),
        (&["EDGE", "REGIONAL"], true, true, true),
        (&[], false, true, true),
        (&[], false, false, false),
    ] {
        let found = reasons(&[with(kinds, own, regional)], &json!({}));
        let case = format!("{kinds:?} {own} {regional}");
        if good {
            assert_eq!(found, NONE, "{case}");
        } else {
            assert_eq!(found, weak("no ACM certificate"), "{case}");
        }
    }
}

#[test]
fn the_first_few_domains_are_named() {
    let domains: Vec<DomainName> =
        (1..=5).map(|n| regional(&format!("api{n}.hbg.example"), "TLS_1_0")).collect();
    let verdict = verdict(&domains, &json!({}));
    assert_eq!(
        told(&verdict),
        ["API_DOMAIN_TLS: 5 API domain(s) with an outdated TLS or without ACM certificate: \
          api1.hbg.example (TLS_1_0), api2.hbg.example (TLS_1_0), api3.hbg.example (TLS_1_0), ..."]
    );
    assert!(verdict.reasons()[0].message.ja.contains("5 件"));
    let both = DomainName::builder()
        .domain_name("api.hbg.example")
        .security_policy(SecurityPolicy::Tls10)
        .build();
    let ja =
        &decide(&[Domain::try_from(&both).unwrap()], &run_with(&parameters(&json!({})), false));
    let ja = &ja.reasons()[0].message.ja;
    assert!(ja.ends_with("api.hbg.example (TLS_1_0, ACM の証明書なし)"), "{ja}");
}

#[test]
fn tagged_domains_verify_clients() {
    let tagged = |store: Option<&str>, value: &str| {
        let mutual =
            store.map(|uri| MutualTlsAuthentication::builder().truststore_uri(uri).build());
        let mut domain = regional("api.hbg.example", "TLS_1_2");
        domain.tags =
            Some(HashMap::from([("fisc:client-cert-required".to_owned(), value.to_owned())]));
        domain.mutual_tls_authentication = mutual;
        domain
    };
    let failing = ["CLIENT_CERT_NOT_VERIFIED: 1 API domain(s) do not verify client certificates: \
                    api.hbg.example"];
    assert_eq!(reasons(&[tagged(None, "true")], &json!({})), failing);
    assert_eq!(reasons(&[tagged(Some(""), "")], &json!({})), failing);
    assert_eq!(reasons(&[tagged(Some("s3://trust/ca.pem"), "true")], &json!({})), NONE);
    assert_eq!(reasons(&[tagged(None, "false")], &json!({})), NONE);
    assert_eq!(reasons(&[tagged(None, "true")], &json!({"clientCertTagKey": ""})), NONE);
    assert_eq!(reasons(&[tagged(None, "true")], &json!({"clientCertTagKey": "mtls"})), NONE);
}

#[test]
fn version_2_tells_the_same() {
    let endpoint = |policy: &str, certificate: Option<&str>| {
        DomainNameConfiguration::builder()
            .security_policy(HttpSecurityPolicy::from(policy))
            .set_certificate_arn(certificate.map(str::to_owned))
            .build()
    };
    let domain = |endpoints: Vec<DomainNameConfiguration>| {
        HttpDomainName::builder()
            .domain_name("api.hbg.example")
            .set_domain_name_configurations(Some(endpoints))
            .build()
    };
    let given = parameters(&json!({}));
    let run = run_with(&given, false);
    for (endpoints, expected) in [
        (vec![endpoint("TLS_1_2", Some(CERTIFICATE))], ""),
        (vec![endpoint("TLS_1_0", Some(CERTIFICATE))], "TLS_1_0"),
        (vec![endpoint("TLS_1_2", None)], "no ACM certificate"),
        (
            vec![endpoint("TLS_1_2", Some(CERTIFICATE)), endpoint("TLS_1_0", Some(CERTIFICATE))],
            "TLS_1_0",
        ),
    ] {
        let found = told(&decide(&[Domain::try_from(&domain(endpoints)).unwrap()], &run));
        if expected.is_empty() {
            assert_eq!(found, NONE);
        } else {
            assert_eq!(found, weak(expected));
        }
    }
    for endpoints in [vec![], vec![DomainNameConfiguration::builder().build()]] {
        let error = Domain::try_from(&domain(endpoints)).unwrap_err().to_string();
        assert!(error.contains("apigateway:GET lacks Items[].DomainName"), "{error}");
    }
}

#[test]
fn what_the_answer_leaves_out_is_an_error() {
    let nameless = DomainName::builder().build();
    assert!(Domain::try_from(&nameless).is_err());
    let bare = DomainName::builder().domain_name("api.hbg.example").build();
    let error = Domain::try_from(&bare).unwrap_err().to_string();
    assert!(error.ends_with("items[].securityPolicy of api.hbg.example"), "{error}");
}

#[test]
fn without_domains_there_is_nothing_to_judge() {
    let verdict = verdict(&[], &json!({}));
    assert_eq!(told(&verdict), ["NO_API_DOMAIN: API Gateway has no custom domain here"]);
    assert!(matches!(verdict, Verdict::NotApplicable(_)));
}
