use super::*;
use aws_sdk_directconnect::types::{Connection, Lag};
use fisc_shared::Parameters;
use serde_json::{Value, json};

const NONE: [&str; 0] = [];
const ACCOUNT: &str = "111122223333";
const SECRET: &str = "zAhgKe2eN1_NeHr963E4r_bVj6Vu.SzE";

/// A tunnel as Config records it, with options of these values.
fn tunnel() -> Value {
    json!({
        "outsideIpAddress": "203.0.113.17", "tunnelInsideCidr": "169.254.44.240/30",
        "preSharedKey": SECRET,
        "ikeVersions": [{"value": "ikev2"}],
        "phase1EncryptionAlgorithms": [{"value": "AES256"}, {"value": "AES256-GCM-16"}],
        "phase2EncryptionAlgorithms": [{"value": "AES256-GCM-16"}],
        "phase1IntegrityAlgorithms": [{"value": "SHA2-256"}],
        "phase2IntegrityAlgorithms": [{"value": "SHA2-512"}],
        "phase1DHGroupNumbers": [{"value": 14}, {"value": 20}],
        "phase2DHGroupNumbers": [{"value": 19}],
    })
}

/// A VPN connection as Config records it.
fn vpn(tunnels: Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationStateId": 1_478_905_924_075_u64, "configurationItemStatus": "OK",
        "awsAccountId": ACCOUNT, "awsRegion": "ap-northeast-1", "tags": {},
        "resourceType": "AWS::EC2::VPNConnection", "resourceId": "vpn-205e4f41",
        "ARN": "arn:aws:ec2:ap-northeast-1:111122223333:vpn-connection/vpn-205e4f41",
        "supplementaryConfiguration": {},
        "configuration": {
            "vpnConnectionId": "vpn-205e4f41", "state": "available", "type": "ipsec.1",
            "customerGatewayConfiguration": format!("<pre_shared_key>{SECRET}</pre_shared_key>"),
            "customerGatewayId": "cgw-5699703f", "transitGatewayId": "tgw-1", "routes": [],
            "options": {"staticRoutesOnly": false, "tunnelOptions": tunnels},
            "vgwTelemetry": [{"outsideIpAddress": "203.0.113.17", "status": "UP"}],
        },
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut weak = tunnel();
    weak[key] = value;
    // One good tunnel beside it saves nothing.
    vpn(json!([tunnel(), weak]))
}

fn parse(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn with_run<T>(parameters: &Value, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    judge(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn codes_of(verdict: &Verdict) -> Vec<&'static str> {
    // Whatever is said, the key is not.
    assert!(!format!("{verdict:?}").contains(SECRET), "{verdict:?}");
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn codes_with(item: &Value, parameters: &Value) -> Vec<&'static str> {
    codes_of(&with_run(parameters, |run| preview(&parse(item), run)).unwrap().unwrap())
}

fn codes(item: &Value) -> Vec<&'static str> {
    codes_with(item, &json!({}))
}

fn problem(item: &Value) -> String {
    let error = with_run(&json!({}), |run| preview(&parse(item), run)).unwrap_err().to_string();
    assert!(!error.contains(SECRET), "{error}");
    error
}

#[test]
fn tunnels_admit_strong_cryptography_only() {
    assert_eq!(codes(&vpn(json!([tunnel(), tunnel()]))), NONE);
    for (key, value, code) in [
        ("ikeVersions", json!("ikev1"), "VPN_WEAK_IKE"),
        ("phase1EncryptionAlgorithms", json!("AES128"), "VPN_WEAK_CIPHER"),
        ("phase2EncryptionAlgorithms", json!("AES128-GCM-16"), "VPN_WEAK_CIPHER"),
        ("phase1IntegrityAlgorithms", json!("SHA1"), "VPN_WEAK_CIPHER"),
        ("phase2IntegrityAlgorithms", json!("SHA1"), "VPN_WEAK_CIPHER"),
        ("phase1DHGroupNumbers", json!(2), "VPN_WEAK_DH_GROUP"),
        ("phase2DHGroupNumbers", json!(5), "VPN_WEAK_DH_GROUP"),
    ] {
        // One weak value beside a good one is negotiable, and each dialect writes it its way.
        let good = tunnel()[key][0].clone();
        assert_eq!(codes(&with(key, json!([good, {"value": value}]))), [code], "{key}");
        assert_eq!(codes(&with(key, json!([value]))), [code], "{key}");
    }
    // Elliptic curves have high numbers.
    let curves = with("phase1DHGroupNumbers", json!([19, 20, 21, 24]));
    assert_eq!(codes(&curves), NONE);
    assert_eq!(codes_with(&curves, &json!({"minDhGroup": 20})), ["VPN_WEAK_DH_GROUP"]);
    assert_eq!(codes(&with("phase1DHGroupNumbers", json!(["2"]))), ["VPN_WEAK_DH_GROUP"]);
    let ikev1 = with("ikeVersions", json!(["IKEv1"]));
    assert_eq!(codes_with(&ikev1, &json!({"allowedIkeVersions": "ikev1,ikev2"})), NONE);
    let aes128 = with("phase1EncryptionAlgorithms", json!(["AES128"]));
    assert_eq!(
        codes_with(&aes128, &json!({"allowedEncryption": "AES128,AES256,AES256-GCM-16"})),
        NONE
    );
    let sha1 = with("phase1IntegrityAlgorithms", json!(["SHA1"]));
    let all = "SHA1,SHA2-256,SHA2-384,SHA2-512";
    assert_eq!(codes_with(&sha1, &json!({"allowedIntegrity": all})), NONE);
}

#[test]
fn messages_name_tunnel_and_value() {
    let item = with("phase1DHGroupNumbers", json!([{"value": 2}, {"value": 5}, {"value": 2}]));
    let verdict = with_run(&json!({}), |run| preview(&parse(&item), run)).unwrap().unwrap();
    assert!(verdict.reasons()[0].message.en.ends_with("by tunnel: 2: 2, 2: 5"));
}

#[test]
fn defaults_of_aws_fail_only_if_asked() {
    let strict = json!({"strictProposals": true});
    assert_eq!(codes_with(&vpn(json!([tunnel(), tunnel()])), &strict), NONE);
    for key in ["ikeVersions", "phase1EncryptionAlgorithms", "phase2DHGroupNumbers"] {
        for value in [Value::Null, json!([])] {
            assert_eq!(codes(&with(key, value.clone())), NONE, "{key}");
            assert_eq!(codes_with(&with(key, value), &strict), ["VPN_DEFAULT_PROPOSALS"], "{key}");
        }
    }
}

#[test]
fn a_deleted_vpn_is_not_applicable_in_either_dialect() {
    for state in [json!("deleting"), json!("deleted"), json!({"value": "deleted"})] {
        let mut item = with("ikeVersions", json!(["ikev1"]));
        item["configuration"]["state"] = state;
        assert_eq!(codes(&item), ["VPN_DELETED"]);
    }
    let mut item = with("ikeVersions", json!(["ikev1"]));
    item["configuration"]["state"] = json!({"value": "available"});
    assert_eq!(codes(&item), ["VPN_WEAK_IKE"]);
}

#[test]
fn what_is_missing_is_an_error_without_secrets() {
    for field in ["state", "options"] {
        let mut item = vpn(json!([tunnel()]));
        item["configuration"][field] = Value::Null;
        assert!(problem(&item).contains(&format!("configuration.{field} is missing")));
    }
    for tunnels in [Value::Null, json!([])] {
        assert!(problem(&vpn(tunnels)).contains("configuration.options.tunnelOptions is missing"));
    }
    let mut item = vpn(json!([tunnel()]));
    item["configuration"]["state"] = json!("new");
    assert!(problem(&item).contains("unknown value \"new\""));
    assert!(problem(&with("ikeVersions", json!([{}]))).contains("ikeVersions[0].value is missing"));
    assert!(problem(&with("ikeVersions", json!([true]))).contains("a boolean"));
}

fn connection(id: &str, mode: Option<&str>, port: Option<&str>) -> Connection {
    Connection::builder()
        .connection_id(id)
        .connection_state("available".into())
        .set_encryption_mode(mode.map(str::to_owned))
        .set_port_encryption_status(port.map(str::to_owned))
        .build()
}

fn member(id: &str, lag: &str, mode: Option<&str>, port: Option<&str>) -> Connection {
    Connection::builder()
        .lag_id(lag)
        .connection_id(id)
        .connection_state("available".into())
        .set_encryption_mode(mode.map(str::to_owned))
        .set_port_encryption_status(port.map(str::to_owned))
        .build()
}

fn lag(id: &str, state: &str, mode: Option<&str>) -> Lag {
    let mode = mode.map(str::to_owned);
    Lag::builder().lag_id(id).lag_state(state.into()).set_encryption_mode(mode).build()
}

fn interface(line: &str, kind: &str, state: &str, owner: &str) -> VirtualInterface {
    VirtualInterface::builder()
        .connection_id(line)
        .virtual_interface_type(kind)
        .virtual_interface_state(state.into())
        .owner_account(owner)
        .build()
}

const UP: Option<&str> = Some("Encryption Up");
const MUST: Option<&str> = Some("must_encrypt");

fn judge(
    connections: &[Connection],
    lags: &[Lag],
    overlay: Option<&Overlay>,
    parameters: &Value,
) -> Verdict {
    let lines = lines::lines(connections, lags).unwrap();
    with_run(parameters, |run| decide(&lines, overlay, run)).unwrap()
}

fn line_codes(connections: &[Connection], lags: &[Lag]) -> Vec<&'static str> {
    codes_of(&judge(connections, lags, None, &json!({})))
}

#[test]
fn a_line_must_encrypt() {
    assert_eq!(line_codes(&[], &[]), ["NO_DIRECT_CONNECT"]);
    assert_eq!(line_codes(&[connection("dxcon-1", MUST, UP)], &[]), NONE);
    // should_encrypt falls back to plain text; a hosted connection shows no mode at all.
    for mode in [Some("should_encrypt"), Some("no_encrypt"), None] {
        let verdict = judge(&[connection("dxcon-1", mode, UP)], &[], None, &json!({}));
        assert_eq!(codes_of(&verdict), ["DX_NOT_ENCRYPTED"]);
        assert!(verdict.reasons()[0].message.en.contains("dxcon-1"), "{verdict:?}");
    }
    // One good line does not hide a bad one.
    let both = [connection("dxcon-1", MUST, UP), connection("dxcon-2", None, None)];
    assert_eq!(line_codes(&both, &[]), ["DX_NOT_ENCRYPTED"]);
    let down = [connection("dxcon-1", MUST, Some("Encryption Down"))];
    assert_eq!(line_codes(&down, &[]), ["DX_MACSEC_DOWN"]);
    let error = lines::lines(&[connection("dxcon-1", MUST, None)], &[]).unwrap_err();
    assert!(error.to_string().contains("connections[].portEncryptionStatus"));
}

#[test]
fn only_lines_that_carry_traffic_count() {
    for state in ["ordering", "requested", "pending", "down", "deleting", "deleted", "rejected"] {
        let ordered =
            Connection::builder().connection_id("dxcon-1").connection_state(state.into()).build();
        assert_eq!(line_codes(&[ordered], &[]), ["NO_DIRECT_CONNECT"], "{state}");
    }
    let unknown =
        Connection::builder().connection_id("dxcon-1").connection_state("unknown".into()).build();
    assert_eq!(line_codes(&[unknown], &[]), ["DX_NOT_ENCRYPTED"]);
    let silent = Connection::builder().connection_id("dxcon-1").build();
    let error = lines::lines(&[silent], &[]).unwrap_err().to_string();
    assert!(error.contains("connections[].connectionState"), "{error}");
    let silent = Lag::builder().lag_id("dxlag-1").build();
    let error = lines::lines(&[], &[silent]).unwrap_err().to_string();
    assert!(error.contains("lags[].lagState"), "{error}");
}

#[test]
fn a_lag_is_one_line_with_its_connections() {
    let members = |mode, port| {
        [member("dxcon-1", "dxlag-1", mode, port), member("dxcon-2", "dxlag-1", mode, UP)]
    };
    let encrypted = [lag("dxlag-1", "available", MUST)];
    // Members may leave the mode to the LAG.
    assert_eq!(line_codes(&members(None, UP), &encrypted), NONE);
    assert_eq!(line_codes(&members(MUST, UP), &encrypted), NONE);
    let down = Some("Encryption Down");
    assert_eq!(line_codes(&members(None, down), &encrypted), ["DX_MACSEC_DOWN"]);
    let verdict = judge(&members(None, UP), &[lag("dxlag-1", "available", None)], None, &json!({}));
    assert_eq!(codes_of(&verdict), ["DX_NOT_ENCRYPTED"]);
    let message = &verdict.reasons()[0].message.en;
    assert!(
        message.contains("1 Direct Connect line(s)") && message.contains("dxlag-1"),
        "{message}"
    );
    // One connection that may speak plainly opens the bundle.
    let mixed = members(Some("should_encrypt"), UP);
    assert_eq!(line_codes(&mixed, &encrypted), ["DX_NOT_ENCRYPTED"]);
    let gone = [lag("dxlag-1", "deleting", None)];
    assert_eq!(line_codes(&members(None, UP), &gone), ["NO_DIRECT_CONNECT"]);
}

#[test]
fn lines_may_be_exempt() {
    let lines = [connection("dxcon-1", None, None), connection("dxcon-2", MUST, UP)];
    let exempt = json!({"exemptConnectionIds": "dxcon-1"});
    let verdict = judge(&lines, &[], None, &exempt);
    assert!(matches!(verdict, Verdict::Compliant(_)));
    assert_eq!(codes_of(&verdict), ["LINE_EXEMPT"]);
    let other = json!({"exemptConnectionIds": "dxcon-2"});
    assert_eq!(codes_of(&judge(&lines, &[], None, &other)), ["DX_NOT_ENCRYPTED"]);
}

#[test]
fn the_overlay_is_looked_for_only_where_it_decides() {
    let needs = |connections: &[Connection], parameters: Value| {
        let lines = lines::lines(connections, &[]).unwrap();
        with_run(&parameters, |run| needs_overlay(&lines, run))
    };
    let plain = [connection("dxcon-1", None, None)];
    assert!(needs(&plain, json!({})));
    assert!(!needs(&plain, json!({"acceptVpnOverlay": false})));
    assert!(!needs(&plain, json!({"exemptConnectionIds": "dxcon-1"})));
    assert!(!needs(&[connection("dxcon-1", MUST, UP)], json!({})));
    assert!(!needs(&[], json!({})));
}

#[test]
fn a_vpn_over_the_line_counts_as_encryption() {
    let public = || interface("dxcon-1", "public", "available", ACCOUNT);
    let transit = || interface("dxcon-1", "transit", "available", ACCOUNT);
    let fails = vec!["DX_NOT_ENCRYPTED"];
    let passes = vec!["VPN_OVERLAY"];
    for (name, interfaces, vpns, expected) in [
        ("public", vec![public()], vec![Outside::Public], passes.clone()),
        ("transit", vec![transit()], vec![Outside::Private], passes.clone()),
        (
            "both",
            vec![public(), transit()],
            vec![Outside::Private, Outside::Public],
            passes.clone(),
        ),
        ("no VPN", vec![public()], vec![], fails.clone()),
        ("the wrong kind of VPN", vec![transit()], vec![Outside::Public], fails.clone()),
        ("the other wrong kind", vec![public()], vec![Outside::Private], fails.clone()),
        ("one without", vec![public(), transit()], vec![Outside::Public], fails.clone()),
        ("no interface", vec![], vec![Outside::Public, Outside::Private], fails.clone()),
        (
            "a private interface",
            vec![public(), interface("dxcon-1", "private", "available", ACCOUNT)],
            vec![Outside::Public, Outside::Private],
            fails.clone(),
        ),
        (
            "one that is down comes back",
            vec![public(), interface("dxcon-1", "private", "down", ACCOUNT)],
            vec![Outside::Public],
            fails.clone(),
        ),
        (
            "one that is deleted does not",
            vec![public(), interface("dxcon-1", "private", "deleted", ACCOUNT)],
            vec![Outside::Public],
            passes,
        ),
        (
            "another account's interface",
            vec![public(), interface("dxcon-1", "public", "available", "444455556666")],
            vec![Outside::Public],
            fails.clone(),
        ),
        (
            "another line's interface",
            vec![interface("dxcon-2", "public", "available", ACCOUNT)],
            vec![Outside::Public],
            fails,
        ),
    ] {
        let overlay = Overlay { interfaces, vpns };
        let lines = [connection("dxcon-1", None, None)];
        let verdict = judge(&lines, &[], Some(&overlay), &json!({}));
        assert_eq!(codes_of(&verdict), expected, "{name}");
    }
    // The interfaces of a LAG name the LAG.
    let overlay = Overlay {
        interfaces: vec![interface("dxlag-1", "public", "available", ACCOUNT)],
        vpns: vec![Outside::Public],
    };
    let members = [member("dxcon-1", "dxlag-1", None, None)];
    let verdict = judge(&members, &[lag("dxlag-1", "available", None)], Some(&overlay), &json!({}));
    assert_eq!(codes_of(&verdict), ["VPN_OVERLAY"]);
    // MACsec that is down stays a failure beside it.
    let lines =
        [connection("dxcon-1", None, None), connection("dxcon-2", MUST, Some("Encryption Down"))];
    let overlay = Overlay { interfaces: vec![public()], vpns: vec![Outside::Public] };
    assert_eq!(codes_of(&judge(&lines, &[], Some(&overlay), &json!({}))), ["DX_MACSEC_DOWN"]);
}

#[test]
fn the_outside_of_a_vpn_is_in_its_addresses() {
    let outside = |address: &str, state: &str| {
        let mut tunnel = tunnel();
        tunnel["outsideIpAddress"] = json!(address);
        let mut item = vpn(json!([tunnel]));
        item["configuration"]["state"] = json!(state);
        vpn::outside(&parse(&item))
    };
    for (address, expected) in [
        ("203.0.113.17", Outside::Public),
        ("10.0.0.5", Outside::Private),
        ("172.16.4.1", Outside::Private),
        ("172.32.4.1", Outside::Public),
        ("192.168.7.7", Outside::Private),
        ("100.64.0.9", Outside::Private),
        ("100.128.0.9", Outside::Public),
        ("fd00::1", Outside::Private),
        ("2001:db8::1", Outside::Public),
    ] {
        assert_eq!(outside(address, "available").unwrap(), Some(expected), "{address}");
        assert_eq!(outside(address, "pending").unwrap(), None);
    }
    assert!(
        outside("somewhere", "available").unwrap_err().to_string().contains("outsideIpAddress")
    );
    // Old items have no options, but telemetry; new ones may have neither yet.
    let mut item = vpn(Value::Null);
    item["configuration"]["options"] = Value::Null;
    assert_eq!(vpn::outside(&parse(&item)).unwrap(), Some(Outside::Public));
    item["configuration"]["vgwTelemetry"] = json!([]);
    assert_eq!(vpn::outside(&parse(&item)).unwrap(), None);
}
