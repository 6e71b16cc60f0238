use super::*;
use fisc_shared::Parameters;
use serde_json::{Value, json};

const NONE: [&str; 0] = [];
const ACM: &str = "arn:aws:acm:ap-northeast-1:111122223333:certificate/a53b";
const IAM: &str = "arn:aws:iam::111122223333:server-certificate/www-bank-example";
const GOOD: &str = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";
const PREFIX: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333";

/// A listener as Config records it; `kind` is app, net or gwy.
fn listener(kind: &str, protocol: &str) -> Value {
    let arn = format!("{PREFIX}:listener/{kind}/ib/50dc6c495c0c9188/f2f7dc8efc522ab2");
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationStateId": 1_689_959_212_345_u64, "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::ElasticLoadBalancingV2::Listener", "resourceId": arn, "ARN": arn,
        "tags": {}, "relationships": [], "supplementaryConfiguration": {},
        "configuration": {
            "LoadBalancerArn": format!("{PREFIX}:loadbalancer/{kind}/ib/50dc6c495c0c9188"),
            "ListenerArn": arn, "Port": 443, "Protocol": protocol, "AlpnPolicy": [],
            "Certificates": [],
            "DefaultActions": [{
                "Type": "forward",
                "TargetGroupArn": format!("{PREFIX}:targetgroup/ib/73e2d6bc24d8a067"),
            }],
        },
    })
}

fn tls(kind: &str, policy: &str, certificate: &str) -> Value {
    let mut item = listener(kind, if kind == "app" { "HTTPS" } else { "TLS" });
    item["configuration"]["SslPolicy"] = json!(policy);
    item["configuration"]["Certificates"] = json!([{"CertificateArn": certificate}]);
    item
}

fn http(actions: Value) -> Value {
    let mut item = listener("app", "HTTP");
    item["configuration"]["DefaultActions"] = actions;
    item
}

fn redirect(protocol: Value) -> Value {
    json!({"Type": "redirect", "Order": 1, "RedirectConfig": {
        "Protocol": protocol, "Port": "443", "Host": "#{host}", "Path": "/#{path}",
        "Query": "#{query}", "StatusCode": "HTTP_301",
    }})
}

/// A Classic Load Balancer as Config records it, with one description per listener.
fn classic(listeners: Value, policies: Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationStateId": 1_536_307_071_564_u64, "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::ElasticLoadBalancing::LoadBalancer", "resourceId": "branch",
        "ARN": format!("{PREFIX}:loadbalancer/branch"), "tags": {}, "relationships": [],
        "configuration": {
            "loadBalancerName": "branch", "scheme": "internal", "listenerDescriptions": listeners,
            "policies": {
                "appCookieStickinessPolicies": [],
                "lbcookieStickinessPolicies": [{"policyName": "sticky"}],
                "otherPolicies": ["tls"],
            },
        },
        "supplementaryConfiguration": {"LoadBalancerPolicies": policies},
    })
}

fn port(protocol: &str, certificate: Value, policies: Value) -> Value {
    json!({
        "listener": {
            "protocol": protocol, "loadBalancerPort": 443, "instanceProtocol": "HTTP",
            "instancePort": 80, "sslcertificateId": certificate,
        },
        "policyNames": policies,
    })
}

fn policy(name: &str, attributes: &[(&str, &str)]) -> Value {
    let attributes: Vec<Value> = attributes
        .iter()
        .map(|(name, value)| json!({"attributeName": name, "attributeValue": value}))
        .collect();
    json!({"policyName": name, "policyTypeName": "SSLNegotiationPolicyType",
           "policyAttributeDescriptions": attributes})
}

fn parse(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn with_run<T>(parameters: &Value, offline: bool, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    judge(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn previewed(item: &Value, parameters: &Value) -> Option<Verdict> {
    with_run(parameters, false, |run| preview(&parse(item), run)).unwrap()
}

/// Codes of the verdict that the item alone gives.
fn codes_with(item: &Value, parameters: &Value) -> Vec<&'static str> {
    let verdict = previewed(item, parameters).expect("the item decides");
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn codes(item: &Value) -> Vec<&'static str> {
    codes_with(item, &json!({}))
}

/// What is left to ask, and the codes of what failed so far.
fn question(item: &Value, parameters: &Value) -> (Vec<&'static str>, Question) {
    assert_eq!(previewed(item, parameters), None, "{item}");
    match with_run(parameters, false, |run| listener::read(&parse(item), run)).unwrap() {
        Told::Part(failures, question) => {
            let verdict = failures.into_verdict();
            (verdict.reasons().iter().map(|reason| reason.code).collect(), question)
        }
        Told::All(verdict) => panic!("decided: {verdict:?}"),
    }
}

fn problem(item: &Value) -> String {
    with_run(&json!({}), false, |run| preview(&parse(item), run)).unwrap_err().to_string()
}

#[test]
fn the_type_of_the_load_balancer_is_in_its_arn() {
    // TCP on a network load balancer is pass-through; the protocol alone does not tell.
    let (_, asked) = question(&listener("net", "TCP"), &json!({}));
    assert!(matches!(asked, Question::Tags { .. }));
    assert_eq!(codes(&listener("gwy", "GENEVE")), ["GATEWAY_LISTENER"]);
    // A gateway listener's protocol may be absent.
    let mut silent = listener("gwy", "GENEVE");
    silent["configuration"]["Protocol"] = Value::Null;
    assert_eq!(codes(&silent), ["GATEWAY_LISTENER"]);
    // A name like a type is still a name.
    let mut named = listener("net", "TCP");
    named["configuration"]["LoadBalancerArn"] = json!(format!("{PREFIX}:loadbalancer/gwy/net/1"));
    assert_eq!(codes(&named), ["GATEWAY_LISTENER"]);
}

#[test]
fn pass_through_needs_to_be_accepted() {
    for protocol in ["TCP", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"] {
        let item = listener("net", protocol);
        let (_, asked) = question(&item, &json!({}));
        let load_balancer = format!("{PREFIX}:loadbalancer/net/ib/50dc6c495c0c9188");
        assert_eq!(asked, Question::Tags { load_balancer, protocol: protocol.to_owned() });
        let accept = json!({"allowTcpPassthrough": true});
        assert_eq!(codes_with(&item, &accept), ["PASS_THROUGH_ACCEPTED"]);
        let verdict = listener::pass_through(false, protocol);
        assert_eq!(verdict.reasons()[0].code, "PLAINTEXT_LISTENER");
        assert!(verdict.reasons()[0].message.en.contains(protocol));
    }
    let mut tagged = listener("net", "TCP");
    tagged["tags"] = json!({"fisc:tls-on-target": ""});
    assert_eq!(codes(&tagged), ["PASS_THROUGH_ACCEPTED"]);
    // The tag has another name here, so that the usual one accepts nothing.
    question(&tagged, &json!({"tlsTerminatedOnTargetTagKey": "tls-at"}));
    question(&tagged, &json!({"tlsTerminatedOnTargetTagKey": ""}));
    // A tag does not excuse plain HTTP on an Application Load Balancer.
    let mut forwards = listener("app", "HTTP");
    forwards["tags"] = json!({"fisc:tls-on-target": ""});
    assert_eq!(codes(&forwards), ["HTTP_NOT_REDIRECTED"]);
}

#[test]
fn http_may_only_redirect_to_https() {
    let fixed = json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}});
    for actions in [
        json!([{"Type": "forward", "TargetGroupArn": "arn:aws:…:targetgroup/ib/1"}]),
        json!([fixed]),
        json!([redirect(json!("HTTP"))]),
        json!([redirect(json!("#{protocol}"))]),
        // Without a protocol that of the request stays.
        json!([redirect(Value::Null)]),
        json!([{"Type": "redirect"}]),
    ] {
        assert_eq!(codes(&http(actions.clone())), ["HTTP_NOT_REDIRECTED"], "{actions}");
    }
    // A redirect to HTTPS is only the default action: the other rules are not in the item.
    let (failed, asked) = question(&http(json!([redirect(json!("HTTPS"))])), &json!({}));
    assert_eq!((failed, asked), (vec![], Question::Rules));
}

#[test]
fn certificates_come_from_acm() {
    for kind in ["app", "net"] {
        assert_eq!(codes(&tls(kind, GOOD, IAM)), ["NON_ACM_CERTIFICATE"]);
        // The default certificate passes; those chosen by server name are not in the item.
        let (failed, asked) = question(&tls(kind, GOOD, ACM), &json!({}));
        assert_eq!((failed, asked), (vec![], Question::Certificates));
        let any = json!({"requireAcm": false});
        assert_eq!(codes_with(&tls(kind, GOOD, IAM), &any), NONE);
    }
    let china = ACM.replace("arn:aws:", "arn:aws-cn:");
    question(&tls("app", GOOD, &china), &json!({}));
    let lookalike = "arn:aws:iam::111122223333:server-certificate/acm";
    assert_eq!(codes(&tls("app", GOOD, lookalike)), ["NON_ACM_CERTIFICATE"]);
}

#[test]
fn security_policies_are_a_list_not_a_pattern() {
    for policy in [
        "ELBSecurityPolicy-2016-08",
        "ELBSecurityPolicy-TLS13-1-0-2021-06",
        "ELBSecurityPolicy-TLS13-1-1-2021-06",
        "ELBSecurityPolicy-TLS13-1-0-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
        "ELBSecurityPolicy-FS-2018-06",
        "ELBSecurityPolicy-TLS-1-1-2017-01",
        "ELBSecurityPolicy-NOT-KNOWN-YET",
    ] {
        for kind in ["app", "net"] {
            let (failed, _) = question(&tls(kind, policy, ACM), &json!({}));
            assert_eq!(failed, ["WEAK_TLS_POLICY"], "{policy}");
        }
        let both = codes(&tls("app", policy, IAM));
        assert_eq!(both, ["NON_ACM_CERTIFICATE", "WEAK_TLS_POLICY"]);
    }
    for policy in policies::ELBV2 {
        let any = json!({"requireAcm": false});
        assert_eq!(codes_with(&tls("net", policy, ACM), &any), NONE, "{policy}");
        assert!(!policy.contains("-1-0-") && !policy.contains("-1-1-"), "{policy}");
    }
    let added = json!({
        "requireAcm": false, "allowedElbv2Policies": "ELBSecurityPolicy-FS-1-2-Res-2020-10",
    });
    assert_eq!(codes_with(&tls("app", GOOD, ACM), &added), ["WEAK_TLS_POLICY"]);
    let item = tls("app", "ELBSecurityPolicy-FS-1-2-Res-2020-10", ACM);
    assert_eq!(codes_with(&item, &added), NONE);
}

#[test]
fn offline_a_failure_counts_and_a_pass_is_left_open() {
    let offline = |item: &Value| {
        with_run(&json!({}), true, |run| preview(&parse(item), run))
            .unwrap()
            .map(|verdict| verdict.reasons().iter().map(|one| one.code).collect::<Vec<_>>())
    };
    assert_eq!(offline(&tls("app", GOOD, ACM)), None);
    assert_eq!(offline(&http(json!([redirect(json!("HTTPS"))]))), None);
    let weak = tls("app", "ELBSecurityPolicy-2016-08", ACM);
    assert_eq!(offline(&weak), Some(vec!["WEAK_TLS_POLICY"]));
    assert_eq!(offline(&listener("net", "TCP")), Some(vec!["PLAINTEXT_LISTENER"]));
}

#[test]
fn classic_load_balancers_are_judged_by_their_item() {
    let strict = policy(
        "tls",
        &[
            ("Reference-Security-Policy", "ELBSecurityPolicy-TLS-1-2-2017-01"),
            ("Protocol-TLSv1.2", "true"),
        ],
    );
    let sticky = json!({"policyName": "sticky", "policyTypeName": "LBCookieStickinessPolicyType",
        "policyAttributeDescriptions": []});
    let good = port("HTTPS", json!(ACM), json!(["tls", "sticky"]));
    let all = json!([strict, sticky]);
    assert_eq!(codes(&classic(json!([good]), all.clone())), NONE);
    assert_eq!(codes(&classic(json!([]), json!([]))), ["NO_LISTENER"]);
    for protocol in ["HTTP", "TCP", "http"] {
        let plain = port(protocol, Value::Null, json!([]));
        let item = classic(json!([good, plain]), all.clone());
        assert_eq!(codes(&item), ["PLAINTEXT_LISTENER"], "{protocol}");
    }
    for protocol in ["HTTPS", "SSL"] {
        let item = classic(json!([port(protocol, json!(IAM), json!(["tls"]))]), all.clone());
        assert_eq!(codes(&item), ["NON_ACM_CERTIFICATE"]);
        assert_eq!(codes_with(&item, &json!({"requireAcm": false})), NONE);
    }
}

#[test]
fn classic_policies_may_be_predefined_or_custom() {
    let reference =
        |name| policy("tls", &[("Protocol-TLSv1", "false"), ("Reference-Security-Policy", name)]);
    let custom = |old: &str, value| policy("tls", &[(old, value), ("Protocol-TLSv1.2", "true")]);
    let item = |policy: Value| {
        classic(json!([port("HTTPS", json!(ACM), json!(["tls"]))]), json!([policy]))
    };
    for weak in [
        reference("ELBSecurityPolicy-2016-08"),
        reference("ELBSecurityPolicy-TLS-1-1-2017-01"),
        custom("Protocol-SSLv3", "true"),
        custom("Protocol-TLSv1", "true"),
        custom("Protocol-TLSv1.1", "true"),
        policy("tls", &[("Protocol-TLSv1", "true")]),
    ] {
        assert_eq!(codes(&item(weak.clone())), ["WEAK_TLS_POLICY"], "{weak}");
    }
    for good in
        [reference("ELBSecurityPolicy-TLS-1-2-2017-01"), custom("Protocol-TLSv1.1", "false")]
    {
        assert_eq!(codes(&item(good.clone())), NONE, "{good}");
    }
    let accept = json!({"allowedClbPolicies": "ELBSecurityPolicy-2016-08"});
    assert_eq!(codes_with(&item(reference("ELBSecurityPolicy-2016-08")), &accept), NONE);
    // The default policy, attached under its own name and without a description.
    let bare = |name: &str| classic(json!([port("HTTPS", json!(ACM), json!([name]))]), json!([]));
    assert_eq!(codes(&bare("ELBSecurityPolicy-2016-08")), ["WEAK_TLS_POLICY"]);
    assert_eq!(codes(&bare("ELBSecurityPolicy-TLS-1-2-2017-01")), NONE);
    // Two policies of one load balancer: only the one that the listener uses counts.
    let weak = policy("old", &[("Protocol-TLSv1", "true")]);
    let two = classic(
        json!([port("HTTPS", json!(ACM), json!(["tls"]))]),
        json!([weak, custom("Protocol-TLSv1", "false")]),
    );
    assert_eq!(codes(&two), NONE);
}

#[test]
fn what_is_missing_or_unknown_is_an_error() {
    for field in ["LoadBalancerArn", "Protocol", "SslPolicy", "Certificates"] {
        let mut item = tls("app", GOOD, ACM);
        item["configuration"][field] = Value::Null;
        assert!(problem(&item).contains(&format!("configuration.{field} is missing")), "{field}");
    }
    let mut item = tls("app", GOOD, ACM);
    item["configuration"]["Certificates"] = json!([]);
    assert!(problem(&item).contains("configuration.Certificates is missing"));
    assert!(problem(&http(json!([]))).contains("configuration.DefaultActions is missing"));
    assert!(problem(&listener("app", "TCP")).contains("unknown value \"TCP\""));
    assert!(problem(&listener("net", "HTTP")).contains("unknown value \"HTTP\""));
    assert!(problem(&listener("new", "TLS")).contains("configuration.LoadBalancerArn"));

    let https = |policies: Value| json!([port("HTTPS", json!(ACM), policies)]);
    let mut item = classic(https(json!(["tls"])), json!([]));
    assert!(problem(&item).contains("no description of the policy \"tls\""));
    item["supplementaryConfiguration"] = Value::Null;
    assert!(problem(&item).contains("supplementaryConfiguration is missing"));
    item["supplementaryConfiguration"] = json!({});
    assert!(problem(&item).contains("supplementaryConfiguration.LoadBalancerPolicies is missing"));
    // Only stickiness: nothing tells the TLS.
    let item = classic(https(json!(["sticky"])), json!([]));
    assert!(problem(&item).contains("policyNames is missing"));
    let item = classic(https(json!(["tls"])), json!([policy("tls", &[("ECDHE-RSA", "true")])]));
    assert!(problem(&item).contains("names no protocol"));
    let mut item = classic(https(json!(["tls"])), json!([policy("tls", &[])]));
    item["configuration"]["listenerDescriptions"] = Value::Null;
    assert!(problem(&item).contains("configuration.listenerDescriptions is missing"));
    let item = classic(json!([port("HTTPS", Value::Null, json!([]))]), json!([]));
    assert!(problem(&item).contains("sslcertificateId is missing"));
}
