use std::collections::BTreeSet;

use aws_sdk_directconnect::types::{
    AssociatedGateway, BgpPeer, BgpStatus, Connection, ConnectionState,
    DirectConnectGatewayAssociation, VirtualInterface, VirtualInterfaceState,
};
use fisc_shared::ConfigurationItem;
use fisc_shared::verdict::Failures;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::lines::{Behind, Lines, circuit};
use super::vpn::{self, Ends};
use super::{CONTROL, peering};
use crate::testing::{ACCOUNT, REGION, codes, preview, previewed, read, with_run};

fn defaults() -> Value {
    json!({})
}

fn item(kind: &str, id: &str, configuration: &Value) -> ConfigurationItem {
    read(&events::item(kind, id, configuration.clone()))
}

fn connection(state: &Value, telemetry: &Value) -> Value {
    let configuration = json!({
        "vpnConnectionId": "vpn-1", "state": state, "customerGatewayId": "cgw-1",
        "vpnGatewayId": "vgw-1", "vgwTelemetry": telemetry,
    });
    events::item("AWS::EC2::VPNConnection", "vpn-1", configuration)
}

#[test]
fn both_tunnels_must_be_up() {
    let tunnels = |statuses: &[&str]| {
        let tunnels: Vec<Value> = statuses.iter().map(|status| json!({"status": status})).collect();
        json!(tunnels)
    };
    let available = json!("available");
    for (state, telemetry, expected) in [
        (available.clone(), tunnels(&["UP", "UP"]), vec![]),
        (json!({"value": "available"}), tunnels(&["UP", "UP"]), vec![]),
        (available.clone(), tunnels(&["UP", "DOWN"]), vec!["VPN_TUNNEL_DOWN"]),
        (available.clone(), tunnels(&["DOWN", "DOWN"]), vec!["VPN_TUNNEL_DOWN"]),
        // A tunnel that is not there is not up.
        (available.clone(), tunnels(&["UP"]), vec!["VPN_TUNNEL_DOWN"]),
        (json!("pending"), Value::Null, vec!["VPN_NOT_AVAILABLE"]),
        (json!("deleted"), tunnels(&["DOWN", "DOWN"]), vec!["VPN_NOT_AVAILABLE"]),
    ] {
        let item = connection(&state, &telemetry);
        assert_eq!(previewed(&CONTROL, &item, &defaults()).unwrap(), expected, "{item}");
    }
    for (state, telemetry) in [
        (available, Value::Null),
        (Value::Null, tunnels(&["UP", "UP"])),
        (json!("available"), json!([{}])),
    ] {
        assert!(preview(&CONTROL, &connection(&state, &telemetry), &defaults()).is_err());
    }
    assert_eq!(codes(&CONTROL, &vpn::tunnels("available", 1)), ["VPN_TUNNEL_DOWN"]);
}

fn vpn_to(id: &str, gateway: &str, customer: &str, state: &str) -> ConfigurationItem {
    let key = if gateway.starts_with("tgw") { "transitGatewayId" } else { "vpnGatewayId" };
    let configuration = json!({"state": state, "customerGatewayId": customer, key: gateway});
    item("AWS::EC2::VPNConnection", id, &configuration)
}

fn customer(id: &str, address: &Value) -> ConfigurationItem {
    let configuration = json!({"customerGatewayId": id, "ipAddress": address});
    item("AWS::EC2::CustomerGateway", id, &configuration)
}

#[test]
fn vpn_connections_end_on_different_customer_gateways() {
    let customers = [
        customer("cgw-1", &json!("192.0.2.1")),
        customer("cgw-2", &json!("192.0.2.2")),
        // A second gateway of the same address is the same router.
        customer("cgw-same", &json!("192.0.2.1")),
        customer("cgw-cert", &Value::Null),
    ];
    for (connections, gateway, expected) in [
        (vec![], "vgw-1", "NO_VPN"),
        (vec![vpn_to("vpn-1", "vgw-2", "cgw-1", "available")], "vgw-1", "NO_VPN"),
        (vec![vpn_to("vpn-1", "vgw-1", "cgw-1", "available")], "vgw-1", "CUSTOMER_GATEWAY_SINGLE"),
        (
            vec![
                vpn_to("vpn-1", "vgw-1", "cgw-1", "available"),
                vpn_to("vpn-2", "vgw-1", "cgw-same", "available"),
            ],
            "vgw-1",
            "CUSTOMER_GATEWAY_SINGLE",
        ),
        (
            vec![
                vpn_to("vpn-1", "vgw-1", "cgw-1", "available"),
                vpn_to("vpn-2", "vgw-1", "cgw-2", "deleted"),
            ],
            "vgw-1",
            "CUSTOMER_GATEWAY_SINGLE",
        ),
        (
            vec![
                vpn_to("vpn-1", "tgw-1", "cgw-1", "available"),
                vpn_to("vpn-2", "tgw-1", "cgw-2", "available"),
            ],
            "tgw-1",
            "",
        ),
        (
            vec![
                vpn_to("vpn-1", "tgw-1", "cgw-1", "available"),
                vpn_to("vpn-2", "tgw-1", "cgw-cert", "available"),
            ],
            "tgw-1",
            "",
        ),
    ] {
        let ends = Ends::read(&connections, &customers).unwrap();
        with_run(&CONTROL, &defaults(), |run| {
            let found = codes(&CONTROL, &ends.judge(gateway, false, run));
            let expected: Vec<&str> =
                Some(expected).into_iter().filter(|code| !code.is_empty()).collect();
            assert_eq!(found, expected, "{connections:?}");
            let short = expected == ["CUSTOMER_GATEWAY_SINGLE"];
            assert_eq!(ends.is_short(gateway, run), short);
            if short {
                let backup = codes(&CONTROL, &ends.judge(gateway, true, run));
                assert_eq!(backup, ["BACKS_UP_DIRECT_CONNECT"]);
            }
        });
    }
    let connections = [vpn_to("vpn-1", "vgw-1", "cgw-9", "available")];
    let error = Ends::read(&connections, &customers).unwrap_err().to_string();
    assert!(error.contains("cgw-9"), "{error}");
    let ends = Ends::read(&[vpn_to("vpn-1", "vgw-1", "cgw-1", "available")], &customers).unwrap();
    with_run(&CONTROL, &json!({"minCustomerGateways": 1}), |run| {
        assert_eq!(codes(&CONTROL, &ends.judge("vgw-1", false, run)), [""; 0]);
    });
}

fn line(id: &str, device: Option<&str>, location: &str, state: ConnectionState) -> Connection {
    Connection::builder()
        .connection_id(id)
        .connection_state(state)
        .set_aws_logical_device_id(device.map(str::to_owned))
        .location(location)
        .build()
}

fn account_codes(
    lines: &Lines,
    backed_up: &BTreeSet<Behind>,
    parameters: &Value,
) -> Vec<&'static str> {
    with_run(&CONTROL, parameters, |run| {
        let mut failures = Failures::new();
        lines.judge(backed_up, run, &mut failures);
        codes(&CONTROL, &failures.into_verdict())
    })
}

#[test]
fn connections_end_on_different_devices_and_locations() {
    use ConnectionState::{Available, Down, Ordering};
    let (tokyo, osaka) = ("EqTY2", "EqOS1");
    for (connections, parameters, expected) in [
        (vec![], json!({}), vec![]),
        (
            vec![line("a", Some("d1"), tokyo, Available), line("b", Some("d2"), osaka, Available)],
            json!({}),
            vec![],
        ),
        (vec![line("a", Some("d1"), tokyo, Available)], json!({}), vec!["DX_CONNECTION_SINGLE"]),
        // Two connections of a LAG end on one device.
        (
            vec![line("a", Some("d1"), tokyo, Available), line("b", Some("d1"), tokyo, Available)],
            json!({"minLocations": 1}),
            vec!["DX_CONNECTION_SINGLE"],
        ),
        (
            vec![line("a", Some("d1"), tokyo, Available), line("b", Some("d2"), tokyo, Available)],
            json!({}),
            vec!["DX_CONNECTION_SINGLE"],
        ),
        (
            vec![line("a", Some("d1"), tokyo, Available), line("b", Some("d2"), tokyo, Available)],
            json!({"minLocations": 1}),
            vec![],
        ),
        (
            vec![line("a", Some("d1"), tokyo, Available), line("b", Some("d2"), osaka, Down)],
            json!({}),
            vec!["DX_CONNECTION_SINGLE"],
        ),
        // What is only ordered is no line yet.
        (vec![line("a", None, tokyo, Ordering)], json!({}), vec![]),
    ] {
        let circuits = connections.iter().filter_map(|one| circuit(one).unwrap()).collect();
        let lines = Lines { circuits, ..Lines::default() };
        let found = account_codes(&lines, &BTreeSet::new(), &parameters);
        assert_eq!(found, expected, "{connections:?}");
    }
    let hidden = line("a", None, tokyo, Available);
    let error = circuit(&hidden).unwrap_err().to_string();
    assert!(error.contains("awsLogicalDeviceId"), "{error}");
    // A partner's connection hides the device.
    let hosted = Connection::builder().connection_id("dxcon-1").partner_name("Partner");
    let hosted = hosted.connection_state(Available).location(tokyo).build();
    assert!(circuit(&hosted).unwrap().is_some());
}

fn interface(
    gateway: &str,
    line: &str,
    state: VirtualInterfaceState,
    bgp: BgpStatus,
) -> VirtualInterface {
    let down = BgpPeer::builder().bgp_status(BgpStatus::Down).build();
    let interface = VirtualInterface::builder()
        .owner_account(ACCOUNT)
        .virtual_interface_state(state)
        .connection_id(line)
        .bgp_peers(down)
        .bgp_peers(BgpPeer::builder().bgp_status(bgp).build());
    match gateway {
        "" => interface.build(),
        gateway if gateway.starts_with("vgw") => interface.virtual_gateway_id(gateway).build(),
        gateway => interface.direct_connect_gateway_id(gateway).virtual_gateway_id("").build(),
    }
}

fn association(gateway: &str, owner: &str) -> DirectConnectGatewayAssociation {
    let behind =
        AssociatedGateway::builder().id(gateway).owner_account(owner).region(REGION).build();
    DirectConnectGatewayAssociation::builder().associated_gateway(behind).build()
}

/// The lines of these interfaces, with `tgw-1` behind the Direct Connect gateway `dxgw`.
fn lines_of(interfaces: &[VirtualInterface]) -> Lines {
    let mut lines = Lines::default();
    with_run(&CONTROL, &defaults(), |run| {
        for interface in interfaces {
            lines.add(interface, REGION, run).unwrap();
        }
        if lines.gateways.keys().any(|gateway| format!("{gateway:?}").contains("dxgw")) {
            lines.associate("dxgw", &association("tgw-1", ACCOUNT), run).unwrap();
            lines.associate("dxgw", &association("tgw-other", "999900001111"), run).unwrap();
            let core = DirectConnectGatewayAssociation::builder().build();
            lines.associate("dxgw", &core, run).unwrap();
        }
        lines.complete();
    });
    lines
}

#[test]
fn gateways_are_reached_over_two_connections_or_a_vpn() {
    use BgpStatus::{Down as BgpDown, Up};
    use VirtualInterfaceState::{Available, Deleted, Down};
    let behind = |id: &str| Behind { id: id.to_owned(), region: REGION.to_owned() };
    let vpn = BTreeSet::from([behind("tgw-1")]);
    let none = BTreeSet::new();
    let two = || vec![interface("dxgw", "a", Available, Up), interface("dxgw", "b", Available, Up)];
    let both = vec!["DX_INTERFACE_SINGLE", "DX_WITHOUT_BACKUP_PATH"];
    let one = vec!["DX_INTERFACE_SINGLE"];
    for (interfaces, backed_up, parameters, expected) in [
        (two(), &none, json!({}), vec![]),
        (two(), &none, json!({"acceptDualDx": false}), vec!["DX_WITHOUT_BACKUP_PATH"]),
        (two(), &vpn, json!({"acceptDualDx": false}), vec![]),
        (vec![interface("dxgw", "a", Available, Up)], &none, json!({}), both.clone()),
        (vec![interface("dxgw", "a", Available, Up)], &vpn, json!({}), one.clone()),
        // Two interfaces of one connection fall together.
        (
            vec![interface("dxgw", "a", Available, Up), interface("dxgw", "a", Available, Up)],
            &none,
            json!({}),
            both.clone(),
        ),
        (
            vec![interface("dxgw", "a", Available, Up), interface("dxgw", "b", Available, BgpDown)],
            &none,
            json!({}),
            both.clone(),
        ),
        (
            vec![interface("dxgw", "a", Available, Up), interface("dxgw", "b", Down, Up)],
            &vpn,
            json!({}),
            one,
        ),
        (vec![interface("dxgw", "a", Deleted, BgpDown)], &none, json!({}), vec![]),
        // A public interface leads to no gateway.
        (vec![interface("", "a", Available, Up)], &none, json!({}), vec![]),
        (vec![interface("vgw-1", "a", Available, Up)], &none, json!({}), both),
        (
            vec![interface("vgw-1", "a", Available, Up), interface("vgw-1", "b", Available, Up)],
            &none,
            json!({}),
            vec![],
        ),
        (
            vec![interface("dxgw", "a", Available, Up)],
            &vpn,
            json!({"minVirtualInterfaces": 1}),
            vec![],
        ),
    ] {
        let lines = lines_of(&interfaces);
        let found = account_codes(&lines, backed_up, &parameters);
        assert_eq!(found, expected, "{:?} {parameters}", lines.gateways);
    }
    // Another account's interface on a connection of this one.
    let mut lines = Lines::default();
    let hosted = VirtualInterface::builder().owner_account("999900001111").build();
    with_run(&CONTROL, &defaults(), |run| lines.add(&hosted, REGION, run).unwrap());
    assert!(lines.gateways.is_empty());
    with_run(&CONTROL, &defaults(), |run| {
        let redundant =
            |interfaces: &[VirtualInterface]| lines_of(interfaces).is_redundant("tgw-1", run);
        assert!(redundant(&two()));
        assert!(!redundant(&[interface("dxgw", "a", Available, Up)]));
        assert!(!lines_of(&two()).is_redundant("tgw-other", run));
        let odd = VirtualInterface::builder().owner_account(ACCOUNT).build();
        assert!(Lines::default().add(&odd, REGION, run).is_err());
    });
}

#[test]
fn many_vpcs_meet_in_a_hub() {
    let vpc = |id: &str, owner: &str, default: bool| {
        item("AWS::EC2::VPC", id, &json!({"vpcId": id, "ownerId": owner, "isDefault": default}))
    };
    let side = |vpc: &str, owner: &str, region: &str| json!({"vpcId": vpc, "ownerId": owner, "region": region});
    let peer = |from: &str, to: Value, status: &Value| {
        item(
            "AWS::EC2::VPCPeeringConnection",
            &format!("pcx-{from}-{to}"),
            &json!({"status": status, "requesterVpcInfo": side(from, ACCOUNT, REGION),
                "accepterVpcInfo": to}),
        )
    };
    let active = json!({"code": "active", "message": "Active"});
    let own = |id: &str| side(id, ACCOUNT, REGION);
    let three = || ["vpc-1", "vpc-2", "vpc-3"].map(|id| vpc(id, ACCOUNT, false)).to_vec();
    let mesh = |status: &Value| {
        vec![
            peer("vpc-1", own("vpc-2"), status),
            peer("vpc-1", own("vpc-3"), status),
            peer("vpc-1", side("vpc-9", "999900001111", REGION), status),
        ]
    };
    let judged = |vpcs: &[ConfigurationItem], peerings: &[ConfigurationItem]| {
        with_run(&CONTROL, &defaults(), |run| {
            let mut failures = Failures::new();
            let judged = peering::judge(vpcs, peerings, run, &mut failures).unwrap();
            (judged, failures.into_verdict())
        })
    };
    let (some, verdict) = judged(&three(), &mesh(&active));
    assert!(some);
    assert_eq!(codes(&CONTROL, &verdict), ["VPC_PEERING_MESH"]);
    assert!(verdict.reasons()[0].message.en.ends_with(": vpc-1"), "{verdict:?}");
    for (vpcs, peerings, expected) in [
        (three(), mesh(&json!({"code": "deleted"})), true),
        (three(), mesh(&active)[..2].to_vec(), true),
        (three()[..2].to_vec(), mesh(&active), false),
        // Neither the default VPC nor a shared one makes a mesh.
        (
            vec![
                vpc("vpc-1", ACCOUNT, false),
                vpc("vpc-2", ACCOUNT, true),
                vpc("vpc-3", "999900001111", false),
            ],
            mesh(&active),
            false,
        ),
        // A VPC of the same account in another Region is counted there.
        (
            three(),
            ["a", "b", "c"]
                .map(|_| peer("vpc-1", side("vpc-7", ACCOUNT, "ap-northeast-3"), &active))[..2]
                .to_vec(),
            true,
        ),
    ] {
        let (some, verdict) = judged(&vpcs, &peerings);
        assert_eq!(some, expected);
        assert_eq!(codes(&CONTROL, &verdict), [""; 0]);
    }
    let (_, text) = judged(&three(), &mesh(&json!("active")));
    assert_eq!(codes(&CONTROL, &text), ["VPC_PEERING_MESH"]);
}
