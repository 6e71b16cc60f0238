use super::*;
use aws_sdk_acmpca::types::CertificateAuthority;
use aws_sdk_rds::types::CertificateDetails;
use fisc_shared::Parameters;
use fisc_shared::config_service::to_sdk;
use serde_json::{Value, json};

const NONE: [&str; 0] = [];

/// A certificate of ACM as Config records it: issued by Amazon, in use, half its life to go.
fn certificate() -> Value {
    let arn = "arn:aws:acm:ap-northeast-1:111122223333:certificate/a53b";
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationStateId": 1_587_582_797_718_u64, "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::ACM::Certificate", "resourceId": arn, "ARN": arn, "tags": {},
        "supplementaryConfiguration": {"Tags": []},
        "configuration": {
            "certificateArn": arn, "domainName": "www.bank.example",
            "subjectAlternativeNames": ["www.bank.example"],
            "domainValidationOptions": [{
                "domainName": "www.bank.example", "validationDomain": "www.bank.example",
                "validationStatus": "SUCCESS", "validationMethod": "DNS",
            }],
            "subject": "CN=www.bank.example", "issuer": "Amazon", "status": "ISSUED",
            "createdAt": "2026-08-01T00:00:00.000Z", "notBefore": "2026-08-01T00:00:00.000Z",
            "notAfter": "2027-02-14T23:59:59.000Z", "keyAlgorithm": "RSA-2048",
            "signatureAlgorithm": "SHA256WITHRSA", "type": "AMAZON_ISSUED",
            "inUseBy": ["arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/ib/1"],
            "keyUsages": [], "extendedKeyUsages": [], "renewalEligibility": "ELIGIBLE",
            "options": {"certificateTransparencyLoggingPreference": "ENABLED"},
        },
    })
}

fn changed(fields: &[(&str, Value)]) -> Value {
    let mut item = certificate();
    for (field, value) in fields {
        item["configuration"][field] = value.clone();
    }
    item
}

fn parse(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

const NOW: &str = "2026-11-01T00:00:00Z";

fn with_run<T>(parameters: &Value, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    judge(&Run {
        parameters: &parameters,
        now: NOW.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn codes_of(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn codes_with(item: &Value, parameters: &Value) -> Vec<&'static str> {
    let verdict = with_run(parameters, |run| preview(&parse(item), run)).unwrap();
    codes_of(&verdict.expect("the item decides"))
}

fn codes(item: &Value) -> Vec<&'static str> {
    codes_with(item, &json!({}))
}

fn problem(item: &Value) -> String {
    with_run(&json!({}), |run| preview(&parse(item), run)).unwrap_err().to_string()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_end_counts_at_the_time_of_the_run() {
    assert_eq!(codes(&certificate()), NONE);
    for (end, expected) in [
        ("2026-12-01T00:00:01.000Z", vec![]),
        ("2026-12-01T00:00:00.000Z", vec!["CERTIFICATE_EXPIRING"]),
        ("2026-11-02T00:00:00.000Z", vec!["CERTIFICATE_EXPIRING"]),
        // Config still says ISSUED of a certificate that nobody renewed.
        ("2026-10-02T00:00:00.000Z", vec!["CERTIFICATE_EXPIRING"]),
    ] {
        assert_eq!(codes(&changed(&[("notAfter", json!(end))])), expected, "{end}");
    }
    // In some items times are milliseconds.
    let item = changed(&[("notAfter", json!(at("2026-11-02T00:00:00Z").as_millisecond()))]);
    assert_eq!(codes(&item), ["CERTIFICATE_EXPIRING"]);
    let item = changed(&[("notAfter", json!("2026-11-20T00:00:00.000Z"))]);
    assert_eq!(codes_with(&item, &json!({"daysToExpiration": 14})), NONE);
    // The renewal is under way, and the end is farther than the window: not red.
    let item = changed(&[
        ("notAfter", json!("2026-12-10T00:00:00.000Z")),
        ("renewalSummary", json!({"renewalStatus": "PENDING_AUTO_RENEWAL"})),
    ]);
    assert_eq!(codes(&item), NONE);
}

#[test]
fn messages_say_when() {
    with_run(&json!({}), |run| {
        let soon = when("It", "それ", at("2026-11-13T12:00:00Z"), run);
        assert_eq!(soon.en, "It ends on 2026-11-13, in 12 days");
        assert_eq!(soon.ja, "それの有効期限は 2026-11-13 です(残り 12 日)");
        let past = when("It", "それ", at(NOW), run);
        assert_eq!(past.en, "It ended on 2026-11-01");
    });
}

#[test]
fn what_is_not_issued_is_invalid_or_not_applicable() {
    for status in ["EXPIRED", "REVOKED", "FAILED", "VALIDATION_TIMED_OUT"] {
        let item = changed(&[
            ("status", json!(status)),
            ("notAfter", Value::Null),
            ("renewalEligibility", json!("INELIGIBLE")),
        ]);
        assert_eq!(codes(&item), ["CERTIFICATE_INVALID"], "{status}");
    }
    for status in ["PENDING_VALIDATION", "INACTIVE"] {
        let item = changed(&[("status", json!(status)), ("notAfter", Value::Null)]);
        assert_eq!(codes(&item), ["CERTIFICATE_NOT_ISSUED"], "{status}");
    }
    assert!(problem(&changed(&[("status", json!("NEW"))])).contains("unknown value \"NEW\""));
}

#[test]
fn renewals_must_succeed() {
    for (status, expected) in [
        ("SUCCESS", vec![]),
        ("PENDING_AUTO_RENEWAL", vec![]),
        ("PENDING_VALIDATION", vec!["RENEWAL_NOT_SUCCEEDING"]),
        ("FAILED", vec!["RENEWAL_NOT_SUCCEEDING"]),
    ] {
        let summary = json!({"renewalStatus": status, "renewalStatusReason": "CAA_ERROR"});
        assert_eq!(codes(&changed(&[("renewalSummary", summary)])), expected, "{status}");
    }
    let item = changed(&[("renewalSummary", json!({"renewalStatus": "SKIPPED"}))]);
    assert!(problem(&item).contains("renewalSummary.renewalStatus"));
    let item = changed(&[("renewalSummary", json!({}))]);
    assert!(problem(&item).contains("renewalSummary.renewalStatus is missing"));
}

#[test]
fn acm_renews_what_it_issued_and_somebody_uses() {
    let ineligible = ("renewalEligibility", json!("INELIGIBLE"));
    assert_eq!(codes(&changed(std::slice::from_ref(&ineligible))), ["NO_MANAGED_RENEWAL"]);
    // Nobody uses it: ineligible by design.
    let unused = changed(&[ineligible.clone(), ("inUseBy", json!([]))]);
    assert_eq!(codes(&unused), NONE);
    let imported =
        [("type", json!("IMPORTED")), ("domainValidationOptions", Value::Null), ineligible.clone()];
    assert_eq!(codes(&changed(&imported)), ["NO_MANAGED_RENEWAL"]);
    // Imported certificates are ineligible, too: the parameter must still accept them.
    assert_eq!(codes_with(&changed(&imported), &json!({"allowImported": true})), NONE);
    let private = [("type", json!("PRIVATE")), ("domainValidationOptions", Value::Null)];
    assert_eq!(codes(&changed(&private)), NONE);
    let private = [private[0].clone(), private[1].clone(), ineligible];
    assert_eq!(codes(&changed(&private)), ["NO_MANAGED_RENEWAL"]);
}

#[test]
fn only_certificates_in_use_if_asked() {
    let used = json!({"onlyInUse": true});
    let expired = [("status", json!("EXPIRED"))];
    assert_eq!(codes_with(&changed(&expired), &used), ["CERTIFICATE_INVALID"]);
    let unused = [expired[0].clone(), ("inUseBy", json!([]))];
    assert_eq!(codes_with(&changed(&unused), &used), ["CERTIFICATE_NOT_USED"]);
    assert_eq!(codes(&changed(&unused)), ["CERTIFICATE_INVALID"]);
}

#[test]
fn domains_are_validated_by_dns() {
    let options = |methods: &[Value]| {
        let option = |method| json!({"domainName": "www.bank.example", "validationMethod": method});
        changed(&[("domainValidationOptions", methods.iter().map(option).collect())])
    };
    assert_eq!(codes(&options(&[json!("DNS"), json!("EMAIL")])), ["EMAIL_VALIDATION"]);
    assert_eq!(codes(&options(&[json!("DNS"), json!("HTTP")])), NONE);
    let email = options(&[json!("EMAIL")]);
    assert_eq!(codes_with(&email, &json!({"requireDnsValidation": false})), NONE);
    let old = json!([{"domainName": "bank.example", "validationEmails": ["admin@bank.example"]}]);
    assert_eq!(codes(&changed(&[("domainValidationOptions", old)])), ["EMAIL_VALIDATION"]);
    let silent = json!([{"domainName": "bank.example", "validationEmails": []}]);
    assert_eq!(codes(&changed(&[("domainValidationOptions", silent)])), NONE);
}

#[test]
fn keys_are_long_enough_in_either_spelling() {
    for (algorithm, expected) in [
        ("RSA-1024", vec!["WEAK_KEY"]),
        ("RSA_1024", vec!["WEAK_KEY"]),
        ("RSA-2048", vec![]),
        ("RSA_2048", vec![]),
        ("RSA_3072", vec![]),
        ("EC-prime256v1", vec![]),
        ("EC_secp384r1", vec![]),
    ] {
        assert_eq!(codes(&changed(&[("keyAlgorithm", json!(algorithm))])), expected);
    }
    assert_eq!(codes_with(&certificate(), &json!({"minRsaBits": 3072})), ["WEAK_KEY"]);
    let item = changed(&[("keyAlgorithm", json!("RSA-PSS"))]);
    assert!(problem(&item).contains("configuration.keyAlgorithm"));
}

#[test]
fn every_failure_is_named() {
    let item = changed(&[
        ("notAfter", json!("2026-11-02T00:00:00.000Z")),
        ("renewalSummary", json!({"renewalStatus": "FAILED"})),
        ("renewalEligibility", json!("INELIGIBLE")),
        ("domainValidationOptions", json!([{"domainName": "a", "validationMethod": "EMAIL"}])),
        ("keyAlgorithm", json!("RSA-1024")),
    ]);
    assert_eq!(
        codes(&item),
        [
            "CERTIFICATE_EXPIRING",
            "RENEWAL_NOT_SUCCEEDING",
            "NO_MANAGED_RENEWAL",
            "EMAIL_VALIDATION",
            "WEAK_KEY"
        ]
    );
}

#[test]
fn missing_fields_are_errors() {
    for field in [
        "status",
        "type",
        "notAfter",
        "renewalEligibility",
        "domainValidationOptions",
        "keyAlgorithm",
    ] {
        let item = changed(&[(field, Value::Null)]);
        assert!(problem(&item).contains(&format!("configuration.{field} is missing")), "{field}");
    }
    let item = changed(&[("inUseBy", Value::Null), ("renewalEligibility", json!("INELIGIBLE"))]);
    assert!(problem(&item).contains("configuration.inUseBy is missing"));
    assert!(problem(&changed(&[("type", json!("NEW"))])).contains("unknown value \"NEW\""));
    assert!(
        problem(&changed(&[("renewalEligibility", json!("MAYBE"))])).contains("renewalEligibility")
    );
}

fn server_certificate(end: Option<&str>) -> ServerCertificateMetadata {
    ServerCertificateMetadata::builder()
        .path("/")
        .server_certificate_name("legacy")
        .server_certificate_id("ASCAEXAMPLE")
        .arn("arn:aws:iam::111122223333:server-certificate/legacy")
        .set_expiration(end.map(|end| to_sdk(at(end))))
        .build()
        .unwrap()
}

#[test]
fn server_certificates_of_iam_end_too() {
    let judge = |end: &str, parameters: &Value| {
        with_run(parameters, |run| {
            codes_of(&services::server_certificate(&server_certificate(Some(end)), run).unwrap())
        })
    };
    let (far, near) = ("2027-11-01T00:00:00Z", "2026-11-30T00:00:00Z");
    assert_eq!(judge(far, &json!({})), NONE);
    assert_eq!(judge(near, &json!({})), ["SERVER_CERTIFICATE_EXPIRING"]);
    assert_eq!(judge(near, &json!({"daysToExpiration": 7})), NONE);
    let none = json!({"allowIamServerCertificates": false});
    assert_eq!(judge(far, &none), ["SERVER_CERTIFICATE_PRESENT"]);
    assert_eq!(judge(near, &none), ["SERVER_CERTIFICATE_EXPIRING", "SERVER_CERTIFICATE_PRESENT"]);
    let error =
        with_run(&json!({}), |run| services::server_certificate(&server_certificate(None), run));
    assert!(error.unwrap_err().to_string().contains("Expiration"));
}

#[test]
fn iam_is_judged_in_the_home_region_only() {
    let mut item = certificate();
    item["resourceType"] = json!("AWS::IAM::ServerCertificate");
    let elsewhere =
        with_run(&json!({}), |run| preview(&parse(&item), &Run { home: false, ..*run }));
    let elsewhere = elsewhere.unwrap().expect("decided");
    assert_eq!(elsewhere.reasons()[0].code, "NOT_HOME_REGION");
    let here = with_run(&json!({}), |run| preview(&parse(&item), run)).unwrap();
    assert_eq!(here, None, "the item has no date: IAM is asked");
}

fn instance(details: Option<(&str, &str)>, name: Option<&str>) -> DbInstance {
    let details = details.map(|(authority, end)| {
        CertificateDetails::builder().ca_identifier(authority).valid_till(to_sdk(at(end))).build()
    });
    DbInstance::builder()
        .db_instance_identifier("ledger")
        .dbi_resource_id("db-LEDGER")
        .set_ca_certificate_identifier(name.map(str::to_owned))
        .set_certificate_details(details)
        .build()
}

#[test]
fn db_instances_are_judged_by_their_authority() {
    let authorities = Authorities::from([
        ("rds-ca-2019".to_owned(), at("2027-02-01T00:00:00Z")),
        ("rds-ca-old".to_owned(), at("2061-05-01T00:00:00Z")),
        ("rds-ca-rsa2048-g1".to_owned(), at("2061-05-19T00:00:00Z")),
    ]);
    let (near, far, past) =
        ("2026-12-01T00:00:00Z", "2030-01-01T00:00:00Z", "2026-10-31T00:00:00Z");
    let fails = vec!["DB_CA_EXPIRING"];
    for (details, name, expected) in [
        // The authority ends within 180 days, whatever the server certificate says.
        (None, Some("rds-ca-2019"), fails.clone()),
        (Some(("rds-ca-2019", far)), Some("rds-ca-2019"), fails.clone()),
        // RDS renews yearly certificates of the newer authorities: a near end is healthy.
        (Some(("rds-ca-rsa2048-g1", near)), Some("rds-ca-rsa2048-g1"), vec![]),
        (None, Some("rds-ca-rsa2048-g1"), vec![]),
        // ... but one that has ended was not renewed.
        (Some(("rds-ca-rsa2048-g1", past)), Some("rds-ca-rsa2048-g1"), fails.clone()),
        // Elsewhere nobody renews it.
        (Some(("rds-ca-old", near)), Some("rds-ca-old"), fails.clone()),
        (Some(("rds-ca-old", far)), Some("rds-ca-old"), vec![]),
        // What the instance shows today counts, not the authority it will move to.
        (Some(("rds-ca-2019", far)), Some("rds-ca-rsa2048-g1"), fails.clone()),
        // RDS no longer lists the authority: the certificate's own date decides.
        (Some(("rds-ca-2015", past)), Some("rds-ca-2015"), fails.clone()),
        (Some(("rds-ca-gone-g1", near)), None, fails),
        (Some(("rds-ca-2015", far)), Some("rds-ca-2015"), vec![]),
        (None, None, vec!["NO_DB_CERTIFICATE"]),
        (None, Some(""), vec!["NO_DB_CERTIFICATE"]),
    ] {
        let instance = instance(details, name);
        let verdict =
            with_run(&json!({}), |run| services::database(&instance, &authorities, run)).unwrap();
        assert_eq!(codes_of(&verdict), expected, "{details:?} {name:?}");
    }
    let window = json!({"rdsCaDaysToExpiration": 30});
    let old = instance(None, Some("rds-ca-2019"));
    let verdict = with_run(&window, |run| services::database(&old, &authorities, run)).unwrap();
    assert_eq!(codes_of(&verdict), NONE);
    // Neither the authority nor the certificate has an end: nothing can be said.
    let unknown = instance(None, Some("rds-ca-2015"));
    let error = with_run(&json!({}), |run| services::database(&unknown, &authorities, run));
    assert!(error.unwrap_err().to_string().contains("rds-ca-2015"));
}

#[test]
fn newer_authorities_of_rds_renew_by_themselves() {
    for name in ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1", "rds-ca-rsa4096-g2"]
    {
        assert!(services::is_rotated(name), "{name}");
    }
    for name in ["rds-ca-2019", "rds-ca-2015", "rds-ca-global", "custom-g1", "rds-ca-x-gx", ""] {
        assert!(!services::is_rotated(name), "{name}");
    }
}

#[test]
fn private_cas_are_warned_of_early_and_stay_red_when_they_end() {
    let judge = |status: &str, end: Option<&str>, parameters: &Value| {
        let authority = CertificateAuthority::builder()
            .status(status.into())
            .set_not_after(end.map(|end| to_sdk(at(end))))
            .build();
        with_run(parameters, |run| services::private_ca(&authority, run))
    };
    let codes =
        |status: &str, end: Option<&str>| codes_of(&judge(status, end, &json!({})).unwrap());
    assert_eq!(codes("ACTIVE", Some("2027-11-02T00:00:00Z")), NONE);
    assert_eq!(codes("ACTIVE", Some("2027-10-31T00:00:00Z")), ["PRIVATE_CA_EXPIRING"]);
    let short = json!({"caDaysToExpiration": 90});
    let verdict = judge("ACTIVE", Some("2027-10-31T00:00:00Z"), &short).unwrap();
    assert_eq!(codes_of(&verdict), NONE);
    assert_eq!(codes("EXPIRED", Some("2026-10-31T00:00:00Z")), ["PRIVATE_CA_EXPIRING"]);
    for status in ["CREATING", "PENDING_CERTIFICATE", "DISABLED", "DELETED", "FAILED"] {
        assert_eq!(codes(status, None), ["CA_NOT_ACTIVE"], "{status}");
    }
    assert!(judge("ACTIVE", None, &json!({})).unwrap_err().to_string().contains("NotAfter"));
    assert!(judge("NEW", None, &json!({})).unwrap_err().to_string().contains("NEW"));
}
