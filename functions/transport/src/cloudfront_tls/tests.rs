use super::*;
use fisc_shared::Parameters;
use serde_json::{Value, json};

const NONE: [&str; 0] = [];

/// A distribution as Config records it: one load balancer behind HTTPS, an ACM certificate.
fn distribution() -> Value {
    let config = json!({
        "enabled": true, "comment": "", "callerReference": "1549938451674",
        "priceClass": "PriceClass_200", "httpVersion": "http2", "webACLId": "",
        "aliases": {"quantity": 1, "items": ["www.bank.example"]},
        "origins": {"quantity": 1, "items": [load_balancer("app", "https-only")]},
        "originGroups": {"quantity": 0},
        "defaultCacheBehavior": behaviour("app", "redirect-to-https"),
        "cacheBehaviors": {"quantity": 0},
        "viewerCertificate": {
            "acmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/a53b",
            "certificate": "arn:aws:acm:us-east-1:111122223333:certificate/a53b",
            "certificateSource": "acm", "sslSupportMethod": "sni-only",
            "minimumProtocolVersion": "TLSv1.2_2021",
        },
    });
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationStateId": 1_549_938_453_663_u64, "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "global",
        "resourceType": "AWS::CloudFront::Distribution", "resourceId": "E1EXAMPLE",
        "resourceName": null, "tags": {}, "supplementaryConfiguration": {},
        "ARN": "arn:aws:cloudfront::111122223333:distribution/E1EXAMPLE",
        "configuration": {
            "id": "E1EXAMPLE", "domainName": "d111111abcdef8.cloudfront.net",
            "arn": "arn:aws:cloudfront::111122223333:distribution/E1EXAMPLE",
            "lastModifiedTime": "2026-09-30T00:00:00.000Z",
            "activeTrustedSigners": {"enabled": false, "quantity": 0},
            "distributionConfig": config,
        },
    })
}

fn load_balancer(id: &str, policy: &str) -> Value {
    json!({
        "id": id, "domainName": "app-24720373.ap-northeast-1.elb.amazonaws.com",
        "originPath": "", "customHeaders": {"quantity": 0},
        "customOriginConfig": {
            "httpPort": 80, "httpsPort": 443, "originProtocolPolicy": policy,
            "originSslProtocols": {"quantity": 1, "items": ["TLSv1.2"]},
            "originReadTimeout": 30, "originKeepaliveTimeout": 5,
        },
    })
}

fn s3_website(domain: &str) -> Value {
    let mut origin = load_balancer("site", "http-only");
    origin["domainName"] = json!(domain);
    // What CloudFront sets for an origin of which nobody said more.
    origin["customOriginConfig"]["originSslProtocols"] =
        json!({"quantity": 3, "items": ["TLSv1", "TLSv1.1", "TLSv1.2"]});
    origin
}

fn s3_rest(id: &str) -> Value {
    json!({
        "id": id, "domainName": "ib-contents.s3.ap-northeast-1.amazonaws.com", "originPath": "",
        "customHeaders": {"quantity": 0}, "s3OriginConfig": {"originAccessIdentity": ""},
        "originAccessControlId": "E2EXAMPLE",
    })
}

/// Config's schema has no vpcOriginConfig: nothing in the item tells the protocol.
fn vpc_origin(id: &str) -> Value {
    json!({
        "id": id, "domainName": "internal-app.ap-northeast-1.elb.amazonaws.com",
        "originPath": "", "customHeaders": {"quantity": 0},
    })
}

fn behaviour(origin: &str, policy: &str) -> Value {
    json!({
        "targetOriginId": origin, "viewerProtocolPolicy": policy, "compress": true,
        "trustedSigners": {"enabled": false, "quantity": 0}, "fieldLevelEncryptionId": "",
    })
}

fn ordered(path: &str, origin: &str, policy: &str) -> Value {
    let mut behaviour = behaviour(origin, policy);
    behaviour["pathPattern"] = json!(path);
    behaviour
}

fn list(items: &[Value]) -> Value {
    json!({"quantity": items.len(), "items": items})
}

fn default_certificate() -> Value {
    json!({
        "cloudFrontDefaultCertificate": true, "minimumProtocolVersion": "TLSv1",
        "certificateSource": "cloudfront",
    })
}

/// The distribution with parts of its distributionConfig replaced, by JSON pointer.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut item = distribution();
    let config = &mut item["configuration"]["distributionConfig"];
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        config.pointer_mut(parent).unwrap()[key] = value.clone();
    }
    item
}

fn evaluated(item: &Value, parameters: &Value) -> Result<Verdict, Error> {
    let item = ConfigurationItem::from_json(&item.to_string())?;
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters)?;
    let run = Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "us-east-1",
        deadline: None,
        home: true,
        offline: false,
    };
    evaluate(&item, &run)
}

/// The codes of the requirements that fail; the resource must be judged.
fn judge(item: &Value, parameters: &Value) -> Vec<&'static str> {
    let verdict = evaluated(item, parameters).unwrap();
    assert!(!matches!(verdict, Verdict::NotApplicable(_)), "{verdict:?}");
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn codes(changes: &[(&str, Value)]) -> Vec<&'static str> {
    judge(&with(changes), &json!({}))
}

fn messages(changes: &[(&str, Value)]) -> Vec<String> {
    let verdict = evaluated(&with(changes), &json!({})).unwrap();
    verdict.reasons().iter().map(|reason| reason.message.en.clone()).collect()
}

#[test]
fn https_on_both_ways_passes() {
    let many = list(&[ordered("/api/*", "app", "https-only"), ordered("/a", "app", "https-only")]);
    for (name, changes) in [
        ("as it is", vec![]),
        ("https-only", vec![("/defaultCacheBehavior/viewerProtocolPolicy", json!("https-only"))]),
        ("more behaviors", vec![("/cacheBehaviors", many)]),
        ("null like absent", vec![("/cacheBehaviors/items", Value::Null)]),
        ("an empty list", vec![("/cacheBehaviors/items", json!([]))]),
        ("unset like absent", vec![("/viewerCertificate/iamCertificateId", json!(""))]),
        ("ACM without an alias", vec![("/aliases", json!({"quantity": 0}))]),
        (
            "newer policies",
            vec![("/viewerCertificate/minimumProtocolVersion", json!("TLSv1.3_2025"))],
        ),
    ] {
        assert_eq!(codes(&changes), NONE, "{name}");
    }
}

#[test]
fn a_behavior_that_admits_http_fails() {
    let open = ("/defaultCacheBehavior/viewerProtocolPolicy", json!("allow-all"));
    assert_eq!(codes(std::slice::from_ref(&open)), ["VIEWER_HTTP_ALLOWED"]);
    let behaviors = list(&[
        ordered("/api/*", "app", "redirect-to-https"),
        ordered("/old/*", "app", "allow-all"),
        ordered("/img/*", "app", "allow-all"),
    ]);
    let behaviors = ("/cacheBehaviors", behaviors);
    assert_eq!(codes(std::slice::from_ref(&behaviors)), ["VIEWER_HTTP_ALLOWED"]);
    assert_eq!(
        messages(&[open, behaviors]),
        ["Viewers may use plain HTTP: Default (*), /old/*, /img/*"]
    );
}

#[test]
fn a_certificate_outside_acm_fails() {
    let iam = json!({
        "iamCertificateId": "ASCAEXAMPLE", "certificate": "ASCAEXAMPLE", "certificateSource": "iam",
        "sslSupportMethod": "sni-only", "minimumProtocolVersion": "TLSv1.2_2021",
    });
    let mut both = iam.clone();
    both["acmCertificateArn"] = json!("arn:aws:acm:us-east-1:111122223333:certificate/a53b");
    let no_alias = ("/aliases", json!({"quantity": 0}));
    let certificate = |value: &Value| ("/viewerCertificate", value.clone());
    for (name, changes, expected) in [
        ("IAM", vec![certificate(&iam)], "The certificate is stored in IAM, not in ACM"),
        (
            "IAM, no alias",
            vec![certificate(&iam), no_alias],
            "The certificate is stored in IAM, not in ACM",
        ),
        ("IAM and ACM", vec![certificate(&both)], "The certificate is stored in IAM, not in ACM"),
        (
            "the default one with an alias",
            vec![certificate(&default_certificate())],
            "Aliases are served with the default certificate of CloudFront",
        ),
    ] {
        assert_eq!(codes(&changes), ["NON_ACM_CERTIFICATE"], "{name}");
        assert_eq!(messages(&changes), [expected], "{name}");
    }
}

/// Its minimumProtocolVersion reads TLSv1 and cannot be changed.
#[test]
fn the_default_certificate_passes_without_aliases_unless_forbidden() {
    let item = with(&[
        ("/viewerCertificate", default_certificate()),
        ("/aliases", json!({"quantity": 0})),
    ]);
    assert_eq!(judge(&item, &json!({})), NONE);
    let strict = json!({"allowDefaultCertificate": "false"});
    assert_eq!(judge(&item, &strict), ["NON_ACM_CERTIFICATE"]);
    assert_eq!(judge(&distribution(), &strict), NONE, "only the default certificate is forbidden");
}

#[test]
fn an_old_security_policy_for_viewers_fails() {
    const POLICY: &str = "/viewerCertificate/minimumProtocolVersion";
    for policy in
        ["SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv9"]
    {
        assert_eq!(codes(&[(POLICY, json!(policy))]), ["VIEWER_TLS_TOO_OLD"], "{policy}");
    }
    for policy in ["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"] {
        assert_eq!(codes(&[(POLICY, json!(policy))]), NONE, "{policy}");
    }
    let older = with(&[(POLICY, json!("TLSv1.2_2019"))]);
    let wider = json!({"allowedViewerPolicies": "TLSv1.2_2019, TLSv1.2_2021"});
    assert_eq!(judge(&older, &wider), NONE);
    let narrower = json!({"allowedViewerPolicies": ["TLSv1.3_2025"]});
    assert_eq!(judge(&distribution(), &narrower), ["VIEWER_TLS_TOO_OLD"]);
    // A certificate of IAM is an own one too.
    let iam = json!({"iamCertificateId": "ASCAEXAMPLE", "minimumProtocolVersion": "TLSv1"});
    assert_eq!(
        codes(&[("/viewerCertificate", iam)]),
        ["NON_ACM_CERTIFICATE", "VIEWER_TLS_TOO_OLD"]
    );
}

#[test]
fn an_http_only_origin_fails() {
    let origins = list(&[load_balancer("app", "https-only"), load_balancer("old", "http-only")]);
    let changes = [("/origins", origins)];
    assert_eq!(codes(&changes), ["ORIGIN_NOT_HTTPS"]);
    assert_eq!(
        messages(&changes),
        ["Origins that may be reached over plain HTTP: old (http-only)"]
    );
    // Not an S3 website: the parameter does not help it.
    assert_eq!(
        judge(&with(&changes), &json!({"allowS3WebsiteOrigins": "true"})),
        ["ORIGIN_NOT_HTTPS"]
    );
}

#[test]
fn match_viewer_is_as_good_as_the_behaviors_that_lead_to_the_origin() {
    let origins = list(&[load_balancer("app", "match-viewer"), load_balancer("api", "https-only")]);
    let group = |members: [&str; 2]| {
        let members: Vec<Value> = members.iter().map(|id| json!({"originId": id})).collect();
        list(&[json!({
            "id": "both", "members": list(&members),
            "failoverCriteria": {"statusCodes": {"quantity": 1, "items": [500]}},
        })])
    };
    let first = ("/originGroups", group(["app", "api"]));
    let other = ("/originGroups", group(["api", "api"]));
    let open_to = |origin| ("/cacheBehaviors", list(&[ordered("/x", origin, "allow-all")]));
    let mixed = ordered("/y", "app", "https-only");
    for (name, changes, expected) in [
        ("every behavior forces HTTPS", vec![], vec![]),
        ("one of its behaviors is open", vec![open_to("app")], vec!["ORIGIN_NOT_HTTPS"]),
        (
            "mixed behaviors",
            vec![("/cacheBehaviors", list(&[mixed, ordered("/z", "app", "allow-all")]))],
            vec!["ORIGIN_NOT_HTTPS"],
        ),
        ("a behavior of another origin is open", vec![open_to("api")], vec![]),
        ("open through a group", vec![first, open_to("both")], vec!["ORIGIN_NOT_HTTPS"]),
        ("open through a group without it", vec![other, open_to("both")], vec![]),
    ] {
        let mut changes = changes;
        let open = changes.iter().any(|(_, value)| value.to_string().contains("allow-all"));
        changes.push(("/origins", origins.clone()));
        let mut all = if open { vec!["VIEWER_HTTP_ALLOWED"] } else { vec![] };
        all.extend(expected);
        assert_eq!(codes(&changes), all, "{name}");
    }
    let item = with(&[("/origins", origins)]);
    assert_eq!(judge(&item, &json!({"allowMatchViewer": "false"})), ["ORIGIN_NOT_HTTPS"]);
}

#[test]
fn s3_websites_pass_only_when_accepted() {
    let accepted = json!({"allowS3WebsiteOrigins": "true"});
    for (domain, website) in [
        ("ib-contents.s3-website-ap-northeast-1.amazonaws.com", true),
        ("ib-contents.s3-website.eu-central-1.amazonaws.com", true),
        ("www.bank.example.s3-website-ap-northeast-1.amazonaws.com", true),
        ("ib-contents.s3-website.cn-north-1.amazonaws.com.cn", true),
        ("ib-contents.s3-website-ap-northeast-1.bank.example", false),
        ("ib.s3-website-x.s3.ap-northeast-1.amazonaws.com", false),
        ("s3-website.ap-northeast-1.elb.amazonaws.com", false),
    ] {
        let site = list(&[s3_website(domain)]);
        let item =
            with(&[("/origins", site), ("/defaultCacheBehavior/targetOriginId", json!("site"))]);
        let failing = ["ORIGIN_NOT_HTTPS", "ORIGIN_OLD_TLS"];
        assert_eq!(judge(&item, &json!({})), failing, "{domain}");
        let relaxed = judge(&item, &accepted);
        assert_eq!(relaxed, if website { &NONE[..] } else { &failing[..] }, "{domain}");
    }
}

#[test]
fn an_origin_with_an_outdated_protocol_fails() {
    for old in ["SSLv3", "TLSv1", "TLSv1.1"] {
        let mut origin = load_balancer("app", "https-only");
        origin["customOriginConfig"]["originSslProtocols"] =
            json!({"quantity": 2, "items": ["TLSv1.2", old]});
        let changes = [("/origins", list(&[origin]))];
        assert_eq!(codes(&changes), ["ORIGIN_OLD_TLS"], "{old}");
        assert_eq!(
            messages(&changes),
            [format!("Origins that may be reached with an outdated TLS: app ({old})")]
        );
    }
}

/// An S3 REST origin follows the viewer; a VPC origin's protocol is in another resource.
#[test]
fn origins_without_a_custom_configuration_are_not_judged() {
    let s3 = ("/origins", list(&[s3_rest("app"), vpc_origin("vpc")]));
    assert_eq!(codes(std::slice::from_ref(&s3)), NONE);
    let open = ("/defaultCacheBehavior/viewerProtocolPolicy", json!("allow-all"));
    assert_eq!(codes(&[s3, open]), ["VIEWER_HTTP_ALLOWED"]);
    let beside = list(&[s3_rest("s3"), vpc_origin("vpc"), load_balancer("app", "http-only")]);
    assert_eq!(codes(&[("/origins", beside)]), ["ORIGIN_NOT_HTTPS"]);
    let mut null = s3_rest("app");
    null["customOriginConfig"] = Value::Null;
    assert_eq!(codes(&[("/origins", list(&[null]))]), NONE);
}

#[test]
fn every_failure_is_named() {
    let mut origin = load_balancer("app", "match-viewer");
    origin["customOriginConfig"]["originSslProtocols"] = json!({"quantity": 1, "items": ["SSLv3"]});
    assert_eq!(
        codes(&[
            ("/origins", list(&[origin])),
            ("/defaultCacheBehavior/viewerProtocolPolicy", json!("allow-all")),
            (
                "/viewerCertificate",
                json!({"iamCertificateId": "ASCAEXAMPLE", "minimumProtocolVersion": "TLSv1"})
            ),
        ]),
        CONTROL.requirements.iter().map(|requirement| requirement.code).collect::<Vec<_>>()
    );
}

#[test]
fn a_disabled_distribution_is_not_applicable() {
    let item = with(&[
        ("/enabled", json!(false)),
        ("/defaultCacheBehavior/viewerProtocolPolicy", json!("allow-all")),
    ]);
    let verdict = evaluated(&item, &json!({})).unwrap();
    assert_eq!(verdict, Verdict::not_applicable(&DISTRIBUTION_DISABLED));
}

#[test]
fn an_item_that_does_not_tell_is_an_error() {
    let open_match = [
        ("/origins", list(&[load_balancer("app", "match-viewer")])),
        ("/defaultCacheBehavior", behaviour("group", "allow-all")),
    ];
    let default = [("/viewerCertificate", default_certificate())];
    let website = [("/origins", list(&[s3_website("b.s3-website-x.amazonaws.com")]))];
    for (changes, field, reported) in [
        (&[][..], "/enabled", ".enabled"),
        (&[], "/defaultCacheBehavior", ".defaultCacheBehavior"),
        (
            &[],
            "/defaultCacheBehavior/viewerProtocolPolicy",
            ".defaultCacheBehavior.viewerProtocolPolicy",
        ),
        (&[], "/cacheBehaviors", ".cacheBehaviors"),
        (&[], "/cacheBehaviors/quantity", ".cacheBehaviors.items"),
        (&[], "/viewerCertificate", ".viewerCertificate"),
        (
            &[],
            "/viewerCertificate/acmCertificateArn",
            ".viewerCertificate.cloudFrontDefaultCertificate",
        ),
        (
            &[],
            "/viewerCertificate/minimumProtocolVersion",
            ".viewerCertificate.minimumProtocolVersion",
        ),
        (&default, "/aliases", ".aliases"),
        (&default, "/aliases/items", ".aliases.items"),
        (&[], "/origins", ".origins"),
        (&[], "/origins/items", ".origins.items"),
        (&[], "/origins/items/0/id", ".origins.items[0].id"),
        (&website, "/origins/items/0/domainName", ".origins.items[0].domainName"),
        (
            &[],
            "/origins/items/0/customOriginConfig/originProtocolPolicy",
            ".origins.items[0].customOriginConfig.originProtocolPolicy",
        ),
        (
            &[],
            "/origins/items/0/customOriginConfig/originSslProtocols",
            ".origins.items[0].customOriginConfig.originSslProtocols",
        ),
        (&open_match, "/originGroups", ".originGroups"),
        (
            &open_match,
            "/defaultCacheBehavior/targetOriginId",
            ".defaultCacheBehavior.targetOriginId",
        ),
    ] {
        let expected = format!(
            "the configuration item cannot be judged: \
             configuration.distributionConfig{reported} is missing"
        );
        let (parent, key) = field.rsplit_once('/').unwrap();
        for absent in [true, false] {
            let mut item = with(changes);
            let config = &mut item["configuration"]["distributionConfig"];
            let parent = config.pointer_mut(parent).unwrap();
            if absent {
                parent.as_object_mut().unwrap().remove(key).unwrap();
            } else {
                parent[key] = Value::Null;
            }
            let error = evaluated(&item, &json!({"allowS3WebsiteOrigins": true})).unwrap_err();
            assert_eq!(error.to_string(), expected, "{field}");
        }
    }
    let mut bare = distribution();
    bare["configuration"] = json!({"id": "E1EXAMPLE"});
    assert_eq!(
        evaluated(&bare, &json!({})).unwrap_err().to_string(),
        "the configuration item cannot be judged: configuration.distributionConfig is missing"
    );
}

#[test]
fn a_value_that_is_not_known_is_an_error() {
    for (pointer, reported) in [
        ("/defaultCacheBehavior/viewerProtocolPolicy", "defaultCacheBehavior.viewerProtocolPolicy"),
        (
            "/origins/items/0/customOriginConfig/originProtocolPolicy",
            "origins.items[0].customOriginConfig.originProtocolPolicy",
        ),
    ] {
        let error = evaluated(&with(&[(pointer, json!("other"))]), &json!({})).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the configuration item cannot be judged: configuration.distributionConfig.\
                 {reported} cannot be read: unknown value \"other\""
            )
        );
    }
    // A behavior that leads nowhere known: which origin it opens cannot be said.
    let nowhere = with(&[
        ("/origins", list(&[load_balancer("app", "match-viewer")])),
        ("/defaultCacheBehavior", behaviour("gone", "allow-all")),
    ]);
    let error = evaluated(&nowhere, &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("targetOriginId cannot be read: unknown value \"gone\""), "{error}");
}

/// The sample item of the Rule Development Kit, reduced to what is read.
#[test]
fn a_distribution_as_made_with_the_defaults_of_2019() {
    let mut origin = load_balancer("app", "http-only");
    origin["customOriginConfig"]["originSslProtocols"] =
        json!({"items": ["TLSv1", "TLSv1.1", "TLSv1.2"], "quantity": 3});
    assert_eq!(
        codes(&[
            ("/viewerCertificate", default_certificate()),
            ("/aliases", json!({"quantity": 0})),
            ("/defaultCacheBehavior/viewerProtocolPolicy", json!("allow-all")),
            ("/origins", list(&[origin])),
        ]),
        ["VIEWER_HTTP_ALLOWED", "ORIGIN_NOT_HTTPS", "ORIGIN_OLD_TLS"]
    );
}
