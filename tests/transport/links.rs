//! End-to-end: the real `transport` binary on load balancers, certificates and network links,
//! from the Config event to the evaluation.

use std::collections::BTreeSet;

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use fisc_transport::{certificate_expiry, load_balancer_tls, network_link_encryption};
use serde_json::{Value, json};

const RULE: &str = "fisc-rule";

fn start(aws: &FakeAws, control: &Control) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_transport"), aws, &env)
}

/// Compliance and annotation that Config holds of a resource.
fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result for the resource");
    (result.compliance, result.annotation.unwrap_or_default())
}

/// A resource is held so, with an annotation that starts with the code.
#[track_caller]
fn assert_held(aws: &FakeAws, id: &str, compliance: &str, code: &str) {
    let (found, annotation) = held(aws, id);
    assert_eq!(found, compliance, "{id}: {annotation}");
    assert!(annotation.starts_with(code), "{id}: {annotation}");
}

/// A denied call ends the run with an error that names it, and nothing is reported.
#[track_caller]
fn assert_denied(
    aws: &FakeAws,
    lambda: &mut Lambda,
    event: Value,
    service: &str,
    operation: &str,
    action: &str,
) {
    aws.take_calls();
    aws.fault(service, operation, Fault::Denied);
    let error = lambda.invoke(event).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
    assert!(error.message.contains(action), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    aws.clear_faults();
}

fn elb(kind: &str, rest: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{kind}/{rest}")
}

/// A listener as Config records it, of the load balancer `ib` of a kind (app, net, gwy).
fn listener(kind: &str, id: &str, protocol: &str) -> Value {
    let arn = elb("listener", &format!("{kind}/ib/1/{id}"));
    let mut item = events::item(
        "AWS::ElasticLoadBalancingV2::Listener",
        &arn,
        json!({
            "LoadBalancerArn": elb("loadbalancer", &format!("{kind}/ib/1")), "ListenerArn": arn,
            "Port": 443, "Protocol": protocol, "AlpnPolicy": [], "Certificates": [],
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": elb("targetgroup", "ib/1")}],
        }),
    );
    item["ARN"] = json!(arn);
    item["resourceName"] = Value::Null;
    item
}

fn https(id: &str, policy: &str) -> Value {
    let mut item = listener("app", id, "HTTPS");
    item["configuration"]["SslPolicy"] = json!(policy);
    item["configuration"]["Certificates"] = json!([{"CertificateArn": acm("default")}]);
    item
}

fn redirecting(id: &str) -> Value {
    let mut item = listener("app", id, "HTTP");
    item["configuration"]["DefaultActions"] = json!([redirect()]);
    item
}

fn redirect() -> Value {
    json!({"Type": "redirect", "RedirectConfig": {
        "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301",
    }})
}

fn rule_of(priority: &str, action: Value) -> Value {
    json!({"Priority": priority, "IsDefault": priority == "default", "Actions": [action]})
}

fn acm(id: &str) -> String {
    format!("arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{id}")
}

fn id_of(item: &Value) -> &str {
    item["resourceId"].as_str().unwrap()
}

const GOOD: &str = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";

/// A Classic Load Balancer as Config records it, with one listener.
fn classic(name: &str, protocol: &str) -> Value {
    let mut item = events::item(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        name,
        json!({"loadBalancerName": name, "listenerDescriptions": [{
            "listener": {"protocol": protocol, "loadBalancerPort": 443,
                "instanceProtocol": "HTTP", "instancePort": 80,
                "sslcertificateId": acm("classic")},
            "policyNames": ["tls"],
        }]}),
    );
    item["supplementaryConfiguration"] = json!({"LoadBalancerPolicies": [{
        "policyName": "tls", "policyTypeName": "SSLNegotiationPolicyType",
        "policyAttributeDescriptions": [{
            "attributeName": "Reference-Security-Policy",
            "attributeValue": "ELBSecurityPolicy-TLS-1-2-2017-01",
        }],
    }]});
    item
}

#[test]
fn load_balancers_are_judged_with_what_only_their_service_tells() {
    let control = &load_balancer_tls::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(RULE);
    let (good, open) = (redirecting("good"), redirecting("open"));
    let (plain, tagged) = (listener("net", "plain", "TCP"), listener("net", "tagged", "TCP"));
    let (web, sni, gone) = (https("web", GOOD), https("sni", GOOD), https("gone", GOOD));
    let gateway = listener("gwy", "fw", "GENEVE");
    let mut all = vec![&good, &open, &plain, &tagged, &web, &sni, &gone, &gateway];
    let weak = https("weak", "ELBSecurityPolicy-2016-08");
    all.push(&weak);
    let forward = json!({"Type": "forward", "TargetGroupArn": elb("targetgroup", "ib/1")});
    let elbv2 = aws.stub("elbv2");
    let certificates = json!({"Certificates": [
        {"CertificateArn": acm("default"), "IsDefault": true},
        {"CertificateArn": acm("other"), "IsDefault": false},
    ]});
    let foreign = json!({"Certificates": [
        {"CertificateArn": acm("default"), "IsDefault": true},
        {"CertificateArn": acm("other"), "IsDefault": false},
        {"CertificateArn": format!("arn:aws:iam::{ACCOUNT}:server-certificate/legacy")},
    ]});
    let of = |item: &Value| json!({"ListenerArn": id_of(item)});
    let tags = |key: &str| {
        json!({"TagDescriptions": [{"ResourceArn": elb("loadbalancer", "net/ib/1"),
            "Tags": [{"Key": key, "Value": "yes"}]}]})
    };
    elbv2
        .page_size(2)
        .when(
            "DescribeRules",
            of(&good),
            json!({"Rules": [
                rule_of("1", redirect()), rule_of("2", redirect()), rule_of("default", redirect()),
            ]}),
        )
        // The rule that forwards is on the second page.
        .when(
            "DescribeRules",
            of(&open),
            json!({"Rules": [
                rule_of("1", redirect()), rule_of("2", redirect()), rule_of("30", forward),
                rule_of("default", redirect()),
            ]}),
        )
        .when("DescribeListenerCertificates", of(&web), certificates.clone())
        .when("DescribeListenerCertificates", of(&weak), certificates)
        .when("DescribeListenerCertificates", of(&sni), foreign)
        .fails_when("DescribeListenerCertificates", of(&gone), "ListenerNotFound", 400)
        .returns("DescribeTags", tags("team"))
        .when(
            "DescribeTags",
            json!({"ResourceArns": [id_of(&tagged), elb("loadbalancer", "net/ib/1")]}),
            tags("fisc:tls-on-target"),
        );
    let expected = [
        (&good, "COMPLIANT", ""),
        (&open, "NON_COMPLIANT", "HTTP_NOT_REDIRECTED"),
        (&plain, "NON_COMPLIANT", "PLAINTEXT_LISTENER"),
        (&tagged, "COMPLIANT", ""),
        (&web, "COMPLIANT", ""),
        (&sni, "NON_COMPLIANT", "NON_ACM_CERTIFICATE"),
        (&gone, "NOT_APPLICABLE", "RESOURCE_GONE"),
        (&gateway, "NOT_APPLICABLE", "GATEWAY_LISTENER"),
        (&weak, "NON_COMPLIANT", "WEAK_TLS_POLICY"),
    ];
    let mut lambda = start(&aws, control);
    for (item, compliance, code) in &expected {
        lambda.invoke(events::change(&rule, item, &Value::Null)).unwrap();
        assert_held(&aws, id_of(item), compliance, code);
    }
    assert!(held(&aws, id_of(&open)).1.contains("30"), "the rule is named by its priority");
    // A Classic Load Balancer's item tells everything, and no schedule touches its result.
    aws.take_calls();
    lambda.invoke(events::change(&rule, &classic("branch", "HTTP"), &Value::Null)).unwrap();
    assert_held(&aws, "branch", "NON_COMPLIANT", "PLAINTEXT_LISTENER");
    lambda.invoke(events::change(&rule, &classic("loans", "HTTPS"), &Value::Null)).unwrap();
    assert_held(&aws, "loans", "COMPLIANT", "");
    assert_eq!(actions_of(&aws.take_calls()), BTreeSet::from(["config:PutEvaluations".to_owned()]));

    // The schedule reads all listeners again, in pages.
    aws.config().page(4);
    all.iter().for_each(|item| {
        aws.config().record(item);
    });
    let answer = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(3), &json!(4)));
    for (item, compliance, code) in &expected {
        assert_held(&aws, id_of(item), compliance, code);
    }
    assert_held(&aws, "branch", "NON_COMPLIANT", "PLAINTEXT_LISTENER");
    assert!(aws.count("ListDiscoveredResources") > 1);

    // A rule that changed has no item: the next pass sees it.
    elbv2.when("DescribeRules", of(&open), json!({"Rules": [rule_of("default", redirect())]}));
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, id_of(&open), "COMPLIANT", "");

    let large = https("large", "ELBSecurityPolicy-2016-08");
    elbv2.when("DescribeListenerCertificates", of(&large), json!({"Certificates": []}));
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_held(&aws, id_of(&large), "NON_COMPLIANT", "WEAK_TLS_POLICY");
    assert_all_needed(control, &actions_of(&aws.calls()));
    for operation in ["DescribeRules", "DescribeListenerCertificates", "DescribeTags"] {
        let event = events::scheduled(&rule, &Value::Null);
        let action = format!("elasticloadbalancing:{operation} failed");
        assert_denied(&aws, &mut lambda, event, "elbv2", operation, &action);
    }
}

/// An ACM certificate as Config records it.
fn certificate(id: &str, not_after: &str) -> Value {
    let mut item = events::item(
        "AWS::ACM::Certificate",
        &acm(id),
        json!({
            "certificateArn": acm(id), "domainName": "www.bank.example", "status": "ISSUED",
            "notAfter": not_after, "keyAlgorithm": "RSA-2048", "type": "AMAZON_ISSUED",
            "inUseBy": [elb("loadbalancer", "app/ib/1")], "renewalEligibility": "ELIGIBLE",
            "domainValidationOptions": [{"domainName": "www.bank.example",
                "validationStatus": "SUCCESS", "validationMethod": "DNS"}],
        }),
    );
    item["ARN"] = json!(acm(id));
    item["resourceName"] = Value::Null;
    item
}

fn server_certificate(name: &str, expiration: &str) -> Value {
    json!({
        "Path": "/", "ServerCertificateName": name,
        "ServerCertificateId": format!("ASCAEXAMPLE{}", name.to_uppercase()),
        "Arn": format!("arn:aws:iam::{ACCOUNT}:server-certificate/{name}"),
        "UploadDate": "2024-01-01T00:00:00Z", "Expiration": expiration,
    })
}

/// A server certificate as Config records it: without any date.
fn recorded_server_certificate(id: &str, name: &str) -> Value {
    let arn = format!("arn:aws:iam::{ACCOUNT}:server-certificate/{name}");
    let configuration = json!({"Arn": arn, "Path": "/", "ServerCertificateName": name});
    let mut item = events::item("AWS::IAM::ServerCertificate", id, configuration);
    item["ARN"] = json!(arn);
    item["awsRegion"] = json!("global");
    item
}

fn db_instance(name: &str, ca: &str) -> Value {
    json!({
        "DBInstanceIdentifier": name, "DbiResourceId": format!("db-{}", name.to_uppercase()),
        "DBInstanceArn": format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}"),
        "CACertificateIdentifier": ca,
        // RDS renews it every year by itself.
        "CertificateDetails": {"CAIdentifier": ca, "ValidTill": "2126-12-01T00:00:00Z"},
    })
}

fn recorded_db_instance(name: &str) -> Value {
    let id = format!("db-{}", name.to_uppercase());
    let configuration = json!({"dBInstanceIdentifier": name, "dbiResourceId": id});
    events::item("AWS::RDS::DBInstance", &id, configuration)
}

fn private_ca(id: &str, status: &str, not_after: &str) -> Value {
    let arn = format!("arn:aws:acm-pca:{REGION}:{ACCOUNT}:certificate-authority/{id}");
    json!({"Arn": arn, "Status": status, "NotAfter": not_after})
}

const FAR: &str = "2126-01-01T00:00:00Z";
const PAST: &str = "2026-01-01T00:00:00Z";

/// An account with a good and a bad one of each kind of certificate.
fn account_of_certificates() -> FakeAws {
    let aws = aws_for(&certificate_expiry::CONTROL);
    aws.config().record(&certificate("good", FAR)).record(&certificate("bad", PAST));
    aws.config().record(&recorded_server_certificate("ASCAEXAMPLEGOOD", "good"));
    aws.stub("iam").page_size(1).returns(
        "ListServerCertificates",
        json!({"ServerCertificateMetadataList": [
            server_certificate("good", FAR), server_certificate("bad", PAST),
        ]}),
    );
    let rds = aws.stub("rds");
    let instances = [db_instance("good", "rds-ca-rsa2048-g1"), db_instance("bad", "rds-ca-2019")];
    rds.page_size(1).returns("DescribeDBInstances", json!({"DBInstances": instances})).returns(
        "DescribeCertificates",
        json!({"Certificates": [
            {"CertificateIdentifier": "rds-ca-rsa2048-g1", "ValidTill": FAR},
            {"CertificateIdentifier": "rds-ca-2019", "ValidTill": PAST},
        ]}),
    );
    for instance in instances {
        let name = json!({"DBInstanceIdentifier": instance["DBInstanceIdentifier"]});
        rds.when("DescribeDBInstances", name, json!({"DBInstances": [instance]}));
    }
    let gone = json!({"DBInstanceIdentifier": "gone"});
    rds.fails_when("DescribeDBInstances", gone, "DBInstanceNotFound", 404);
    let authorities = [private_ca("good", "ACTIVE", FAR), private_ca("bad", "EXPIRED", PAST)];
    let pca = aws.stub("acm-pca");
    pca.page_size(1)
        .returns("ListCertificateAuthorities", json!({"CertificateAuthorities": authorities}))
        .fails("DescribeCertificateAuthority", "ResourceNotFoundException", 400);
    for authority in authorities {
        let arn = json!({"CertificateAuthorityArn": authority["Arn"]});
        let answer = json!({"CertificateAuthority": authority});
        pca.when("DescribeCertificateAuthority", arn, answer);
    }
    aws
}

#[test]
fn certificates_of_every_kind_are_judged_daily() {
    let control = &certificate_expiry::CONTROL;
    let aws = account_of_certificates();
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    let answer = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(4), &json!(4)));
    let ca = |id: &str| private_ca(id, "", "")["Arn"].as_str().unwrap().to_owned();
    // Config knows the one server certificate by its own id; the other it does not record.
    for (good, bad, code) in [
        (acm("good"), acm("bad"), "CERTIFICATE_EXPIRING"),
        ("ASCAEXAMPLEGOOD".to_owned(), "bad".to_owned(), "SERVER_CERTIFICATE_EXPIRING"),
        ("db-GOOD".to_owned(), "db-BAD".to_owned(), "DB_CA_EXPIRING"),
        (ca("good"), ca("bad"), "PRIVATE_CA_EXPIRING"),
    ] {
        assert_held(&aws, &good, "COMPLIANT", "");
        assert_held(&aws, &bad, "NON_COMPLIANT", code);
    }
    for (service, operation, action) in [
        ("config", "ListDiscoveredResources", "config:ListDiscoveredResources"),
        ("config", "BatchGetResourceConfig", "config:BatchGetResourceConfig"),
        ("iam", "ListServerCertificates", "iam:ListServerCertificates"),
        ("rds", "DescribeDBInstances", "rds:DescribeDBInstances"),
        ("rds", "DescribeCertificates", "rds:DescribeCertificates"),
        ("acm-pca", "ListCertificateAuthorities", "acm-pca:ListCertificateAuthorities"),
    ] {
        let event = events::scheduled(&rule, &Value::Null);
        assert_denied(&aws, &mut lambda, event, service, operation, action);
    }
    // Elsewhere IAM is not asked: its earlier results are gone.
    aws.take_calls();
    let env = [("FISC_CONTROL", control.id), ("FISC_HOME_REGION", "us-east-1")];
    let mut elsewhere = Lambda::start(env!("CARGO_BIN_EXE_transport"), &aws, &env);
    elsewhere.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!(aws.count("ListServerCertificates"), 0);
    assert_held(&aws, "bad", "NOT_APPLICABLE", "RESOURCE_GONE");
}

#[test]
fn a_changed_certificate_is_judged_at_once() {
    let control = &certificate_expiry::CONTROL;
    let aws = account_of_certificates();
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    let ca = |id: &str| {
        let arn = private_ca(id, "", "")["Arn"].clone();
        events::item(
            "AWS::ACMPCA::CertificateAuthority",
            arn.as_str().unwrap(),
            json!({"Arn": arn}),
        )
    };
    let reused = {
        let mut item = recorded_db_instance("good");
        item["resourceId"] = json!("db-BEFORE");
        item
    };
    for (item, compliance, code) in [
        (certificate("good", FAR), "COMPLIANT", ""),
        (certificate("bad", PAST), "NON_COMPLIANT", "CERTIFICATE_EXPIRING"),
        (recorded_server_certificate("ASCAEXAMPLEGOOD", "good"), "COMPLIANT", ""),
        (recorded_server_certificate("bad", "bad"), "NON_COMPLIANT", "SERVER_CERTIFICATE_EXPIRING"),
        (recorded_server_certificate("gone", "gone"), "NOT_APPLICABLE", "RESOURCE_GONE"),
        (recorded_db_instance("good"), "COMPLIANT", ""),
        (recorded_db_instance("bad"), "NON_COMPLIANT", "DB_CA_EXPIRING"),
        (recorded_db_instance("gone"), "NOT_APPLICABLE", "RESOURCE_GONE"),
        // Another instance took over the name.
        (reused, "NOT_APPLICABLE", "RESOURCE_GONE"),
        (ca("good"), "COMPLIANT", ""),
        (ca("bad"), "NON_COMPLIANT", "PRIVATE_CA_EXPIRING"),
        (ca("gone"), "NOT_APPLICABLE", "RESOURCE_GONE"),
    ] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, id_of(&item), compliance, code);
    }
    let event = || events::change(&rule, &ca("good"), &Value::Null);
    let operation = "DescribeCertificateAuthority";
    let action = "acm-pca:DescribeCertificateAuthority";
    assert_denied(&aws, &mut lambda, event(), "acm-pca", operation, action);

    lambda.invoke(event()).unwrap();
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    let large = certificate("large", PAST);
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_held(&aws, id_of(&large), "NON_COMPLIANT", "CERTIFICATE_EXPIRING");
    assert_all_needed(control, &actions_of(&aws.calls()));
}

#[test]
fn an_account_without_certificates_says_so() {
    let aws = aws_for(&certificate_expiry::CONTROL);
    aws.stub("iam").empty("ListServerCertificates");
    aws.stub("rds").empty("DescribeDBInstances");
    aws.stub("acm-pca").empty("ListCertificateAuthorities");
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, &certificate_expiry::CONTROL);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, ACCOUNT, "NOT_APPLICABLE", "NOTHING_IN_SCOPE");
    // Nothing depends on the authorities of RDS.
    assert_eq!(aws.count("DescribeCertificates"), 0);
}

const SECRET: &str = "zAhgKe2eN1_NeHr963E4r_bVj6Vu.SzE";

/// A VPN connection as Config records it, pre-shared key and all.
fn vpn(id: &str, address: &str, ike: &str) -> Value {
    let tunnel = json!({
        "outsideIpAddress": address, "preSharedKey": SECRET, "ikeVersions": [{"value": ike}],
        "phase1EncryptionAlgorithms": [{"value": "AES256"}],
        "phase1DHGroupNumbers": [{"value": 14}],
    });
    events::item(
        "AWS::EC2::VPNConnection",
        id,
        json!({
            "vpnConnectionId": id, "state": "available", "type": "ipsec.1",
            "options": {"tunnelOptions": [tunnel]},
            "customerGatewayConfiguration": format!("<pre_shared_key>{SECRET}"),
        }),
    )
}

fn dx(id: &str, mode: &str) -> Value {
    json!({"connectionId": id, "connectionState": "available", "encryptionMode": mode,
        "portEncryptionStatus": "Encryption Up"})
}

#[test]
fn lines_are_judged_daily_and_tunnels_on_change() {
    let control = &network_link_encryption::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    let direct = aws.stub("directconnect");
    direct.page_size(1).empty("DescribeConnections").empty("DescribeLags");
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, ACCOUNT, "NOT_APPLICABLE", "NO_DIRECT_CONNECT");

    // A tunnel's result is that of its last change; the schedule does not touch it.
    for (item, compliance, code) in [
        (vpn("vpn-good", "10.9.0.1", "ikev2"), "COMPLIANT", ""),
        (vpn("vpn-weak", "203.0.113.17", "ikev1"), "NON_COMPLIANT", "VPN_WEAK_IKE"),
    ] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, id_of(&item), compliance, code);
    }
    // The line without MACsec is on the second page; nobody asks further while all encrypt.
    direct.returns("DescribeConnections", json!({"connections": [dx("dxcon-1", "must_encrypt")]}));
    aws.take_calls();
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, ACCOUNT, "COMPLIANT", "");
    assert_eq!(aws.count("DescribeVirtualInterfaces"), 0);

    let lines = [dx("dxcon-1", "must_encrypt"), dx("dxcon-2", "should_encrypt")];
    direct.returns("DescribeConnections", json!({"connections": lines}));
    let interfaces = [
        json!({"virtualInterfaceId": "dxvif-1", "connectionId": "dxcon-1",
            "virtualInterfaceType": "private", "virtualInterfaceState": "available",
            "ownerAccount": ACCOUNT}),
        json!({"virtualInterfaceId": "dxvif-2", "connectionId": "dxcon-2",
            "virtualInterfaceType": "transit", "virtualInterfaceState": "available",
            "ownerAccount": ACCOUNT}),
    ];
    direct.returns("DescribeVirtualInterfaces", json!({"virtualInterfaces": interfaces}));
    aws.config().record(&vpn("vpn-weak", "203.0.113.17", "ikev1"));
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, ACCOUNT, "NON_COMPLIANT", "DX_NOT_ENCRYPTED");
    assert!(held(&aws, ACCOUNT).1.contains("dxcon-2 (should_encrypt)"));
    assert_held(&aws, "vpn-weak", "NON_COMPLIANT", "VPN_WEAK_IKE");

    // A private IP VPN over the transit interface.
    aws.config().record(&vpn("vpn-good", "10.9.0.1", "ikev2"));
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, ACCOUNT, "COMPLIANT", "VPN_OVERLAY");
    let strict = json!({"acceptVpnOverlay": false});
    lambda.invoke(events::scheduled(&rule, &strict)).unwrap();
    assert_held(&aws, ACCOUNT, "NON_COMPLIANT", "DX_NOT_ENCRYPTED");

    // A LAG on the second page, and a port on which MACsec is down.
    direct.returns(
        "DescribeLags",
        json!({"lags": [
            {"lagId": "dxlag-1", "lagState": "deleted"},
            {"lagId": "dxlag-2", "lagState": "available", "encryptionMode": "no_encrypt"},
        ]}),
    );
    let mut down = dx("dxcon-1", "must_encrypt");
    down["portEncryptionStatus"] = json!("Encryption Down");
    direct.returns("DescribeConnections", json!({"connections": [down]}));
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    let (compliance, annotation) = held(&aws, ACCOUNT);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(
        annotation.contains("dxlag-2") && annotation.contains("DX_MACSEC_DOWN"),
        "{annotation}"
    );

    let large = vpn("vpn-large", "203.0.113.17", "ikev1");
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_held(&aws, "vpn-large", "NON_COMPLIANT", "VPN_WEAK_IKE");
    let calls = aws.calls();
    assert_all_needed(control, &actions_of(&calls));
    assert!(calls.iter().all(|call| !call.body.to_string().contains(SECRET)));

    for operation in ["DescribeConnections", "DescribeLags", "DescribeVirtualInterfaces"] {
        let event = events::scheduled(&rule, &Value::Null);
        let action = format!("directconnect:{operation} failed");
        assert_denied(&aws, &mut lambda, event, "directconnect", operation, &action);
    }
    let event = events::scheduled(&rule, &Value::Null);
    let operation = "BatchGetResourceConfig";
    assert_denied(&aws, &mut lambda, event, "config", operation, "config:BatchGetResourceConfig");
}

#[test]
fn what_a_vpn_item_lacks_fails_the_run_without_its_secrets() {
    let control = &network_link_encryption::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws, control);
    let mut bare = vpn("vpn-bare", "203.0.113.17", "ikev2");
    bare["configuration"]["state"] = Value::Null;
    let error = lambda.invoke(events::change(&rule, &bare, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "IncompleteItem", "{}", error.message);
    assert!(error.message.contains("configuration.state is missing"), "{}", error.message);
    assert!(!error.message.contains(SECRET));
    assert_eq!(aws.count("PutEvaluations"), 0);
}
