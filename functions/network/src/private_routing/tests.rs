use super::*;

use fisc_shared::ec2::Tags;
use fisc_testkit::events;
use serde_json::{Value, json};

use crate::vpcs;
use crate::vpcs::testing::{ACCOUNT, codes, preview as preview_of, previewed, with_run};

fn with(mut configuration: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        configuration[name] = value.clone();
    }
    configuration
}

fn subnet_item(changes: &Value, tags: &Value) -> Value {
    let configuration = json!({
        "subnetId": "subnet-1", "vpcId": "vpc-1", "ownerId": ACCOUNT, "state": "available",
        "cidrBlock": "10.0.0.0/24", "mapPublicIpOnLaunch": true, "defaultForAz": false, "tags": [],
    });
    let mut item = events::item("AWS::EC2::Subnet", "subnet-1", with(configuration, changes));
    item["tags"] = tags.clone();
    item
}

#[test]
fn subnets_assign_no_public_addresses() {
    let none = json!({});
    let no_tag = json!({"exceptionTagKey": ""});
    let own_tag = json!({"exceptionTagKey": "web"});
    let approved = json!({"fisc:public-approved": "2026-10"});
    for (changes, tags, parameters, expected) in [
        (json!({}), &none, &none, &["SUBNET_AUTO_PUBLIC_IP"][..]),
        (json!({"mapPublicIpOnLaunch": false}), &none, &none, &[]),
        (json!({}), &approved, &none, &["PUBLIC_IP_APPROVED"]),
        (json!({}), &approved, &no_tag, &["SUBNET_AUTO_PUBLIC_IP"]),
        (json!({}), &approved, &own_tag, &["SUBNET_AUTO_PUBLIC_IP"]),
        (json!({}), &json!({"web": ""}), &own_tag, &["PUBLIC_IP_APPROVED"]),
        // The tag of public subnets is about routes, not about addresses.
        (json!({}), &json!({"Tier": "public"}), &none, &["SUBNET_AUTO_PUBLIC_IP"]),
        (json!({"ownerId": "444455556666"}), &none, &none, &["SHARED_NETWORK"]),
    ] {
        let codes = previewed(&CONTROL, &subnet_item(&changes, tags), parameters).unwrap();
        assert_eq!(codes, expected, "{changes} {tags} {parameters}");
    }
    let bare = subnet_item(&json!({"mapPublicIpOnLaunch": null}), &none);
    let error = preview_of(&CONTROL, &bare, &none).unwrap_err().to_string();
    assert!(error.ends_with("configuration.mapPublicIpOnLaunch is missing"), "{error}");
}

fn gateway_item(attachments: &Value) -> Value {
    let configuration = json!({
        "internetGatewayId": "igw-1", "ownerId": ACCOUNT, "attachments": attachments, "tags": [],
    });
    events::item("AWS::EC2::InternetGateway", "igw-1", configuration)
}

fn attached_to(vpc: &str) -> Value {
    json!([{"vpcId": vpc, "state": "available"}])
}

#[test]
fn a_gateway_may_be_decided_by_its_item() {
    let listed = json!({"authorizedVpcIds": "vpc-1,vpc-2"});
    let only_list = json!({"authorizedVpcIds": "vpc-1", "internetFacingTagKey": ""});
    let neither = json!({"internetFacingTagKey": ""});
    for (attachments, parameters, expected) in [
        (json!([]), &listed, Some(&["GATEWAY_DETACHED"][..])),
        (json!([{"vpcId": "vpc-9", "state": "detached"}]), &listed, Some(&["GATEWAY_DETACHED"])),
        (attached_to("vpc-1"), &neither, Some(&["NO_AUTHORIZATION_SET"])),
        (attached_to("vpc-2"), &listed, Some(&[])),
        (attached_to("vpc-2"), &only_list, Some(&["IGW_VPC_NOT_AUTHORIZED"])),
        (
            json!([{"vpcId": "vpc-2", "state": "attaching"}]),
            &only_list,
            Some(&["IGW_VPC_NOT_AUTHORIZED"]),
        ),
        (attached_to("vpc-9"), &listed, None),
        (attached_to("vpc-1"), &json!({}), None),
    ] {
        let codes = previewed(&CONTROL, &gateway_item(&attachments), parameters);
        assert_eq!(codes.as_deref(), expected, "{attachments} {parameters}");
    }
    for (attachments, field) in [
        (Value::Null, "configuration.attachments"),
        (json!([{"vpcId": "vpc-1"}]), "configuration.attachments[0].state"),
        (json!([{"state": "available"}]), "configuration.attachments[0].vpcId"),
    ] {
        let item = gateway_item(&attachments);
        let error = preview_of(&CONTROL, &item, &json!({})).unwrap_err().to_string();
        assert!(error.ends_with(&format!("{field} is missing")), "{error}");
    }
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn vpc(id: &str, pairs: &[(&str, &str)]) -> Vpc {
    vpcs::testing::vpc(id, ACCOUNT, pairs)
}

#[test]
fn a_gateway_may_be_decided_by_the_tag_of_its_vpc() {
    let facing = "fisc:internet-facing";
    let none = json!({});
    for (vpcs, parameters, expected) in [
        (vec![vpc("vpc-1", &[(facing, "true")])], &none, &[][..]),
        (vec![vpc("vpc-1", &[(facing, "True")])], &none, &[]),
        (vec![vpc("vpc-1", &[(facing, "false")])], &none, &["IGW_VPC_NOT_AUTHORIZED"]),
        (vec![vpc("vpc-1", &[])], &none, &["IGW_VPC_NOT_AUTHORIZED"]),
        // The tag of another VPC does not help.
        (
            vec![vpc("vpc-1", &[]), vpc("vpc-2", &[(facing, "true")])],
            &none,
            &["IGW_VPC_NOT_AUTHORIZED"],
        ),
        (vec![vpc("vpc-1", &[])], &json!({"authorizedVpcIds": "vpc-1"}), &[]),
        (vec![vpc("vpc-1", &[("web", "true")])], &json!({"internetFacingTagKey": "web"}), &[]),
        // It was detached and the VPC deleted meanwhile.
        (vec![], &none, &["GATEWAY_DETACHED"]),
    ] {
        let item = gateway_item(&attached_to("vpc-1")).to_string();
        let item = ConfigurationItem::from_json(&item).unwrap();
        let verdict = with_run(&CONTROL, parameters, |run| gateway::decide(&item, &vpcs, run));
        assert_eq!(codes(&CONTROL, &verdict.unwrap()), expected, "{vpcs:?}");
    }
}

fn to(destination: &str, target: &str, id: &str) -> Value {
    let key = if destination.starts_with("pl-") {
        "destinationPrefixListId"
    } else if destination.contains(':') {
        "destinationIpv6CidrBlock"
    } else {
        "destinationCidrBlock"
    };
    json!({ key: destination, target: id, "state": "active", "origin": "CreateRoute" })
}

fn igw(destination: &str) -> Value {
    to(destination, "gatewayId", "igw-1")
}

fn nat(destination: &str) -> Value {
    to(destination, "natGatewayId", "nat-1")
}

fn association(subnet: Option<&str>) -> Value {
    let mut one = json!({
        "routeTableAssociationId": "rtbassoc-1", "routeTableId": "rtb-1",
        "main": subnet.is_none(), "associationState": {"state": "associated"},
    });
    if let Some(subnet) = subnet {
        one["subnetId"] = json!(subnet);
    }
    one
}

/// The item of a route table with these associations (`main` or a subnet) and routes.
fn table(associations: &[&str], routes: &[Value]) -> Value {
    let associations: Vec<Value> =
        associations.iter().map(|name| association((*name != "main").then_some(name))).collect();
    let mut all = vec![to("10.0.0.0/16", "gatewayId", "local")];
    all.extend(routes.iter().cloned());
    let configuration = json!({
        "routeTableId": "rtb-1", "vpcId": "vpc-1", "ownerId": ACCOUNT, "tags": [],
        "propagatingVgws": [], "associations": associations, "routes": all,
    });
    events::item("AWS::EC2::RouteTable", "rtb-1", configuration)
}

/// What becomes of a table in a VPC with a private subnet, `a`, and a public one, `p`; those that
/// another table is associated with are named.
fn judged(item: &Value, elsewhere: &[&str], parameters: &Value) -> Vec<&'static str> {
    if let Some(codes) = previewed(&CONTROL, item, parameters) {
        return codes;
    }
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let subnets = [
        subnet("a", "vpc-1", &[]),
        subnet("p", "vpc-1", &[("Tier", "public")]),
        subnet("x", "vpc-2", &[]),
    ];
    let mut all = associated(std::slice::from_ref(&item)).unwrap();
    all.extend(elsewhere.iter().map(|id| (*id).to_owned()));
    let verdict = with_run(&CONTROL, parameters, |run| {
        route_table::decide(&item, &subnets, &all, run).unwrap()
    });
    codes(&CONTROL, &verdict)
}

fn subnet(id: &str, vpc: &str, pairs: &[(&str, &str)]) -> Subnet {
    Subnet {
        id: id.to_owned(),
        vpc_id: vpc.to_owned(),
        public_ip_on_launch: false,
        block_public_access: None,
        tags: tags(pairs),
    }
}

const OPEN: &[&str] = &["PRIVATE_ROUTE_TO_IGW"];

#[test]
fn private_subnets_have_no_way_to_the_internet_gateway() {
    let blackhole = |mut route: Value| {
        route["state"] = json!("blackhole");
        route
    };
    for (routes, expected) in [
        (vec![], &[][..]),
        (vec![igw("0.0.0.0/0")], OPEN),
        (vec![igw("::/0")], OPEN),
        (vec![igw("2000::/3")], OPEN),
        // Cut in two it is the same.
        (vec![igw("0.0.0.0/1"), igw("128.0.0.0/1")], OPEN),
        (vec![igw("0.0.0.0/1")], OPEN),
        (vec![nat("0.0.0.0/0")], &[]),
        (vec![nat("0.0.0.0/0"), igw("::/0")], OPEN),
        (vec![to("0.0.0.0/0", "gatewayId", "vgw-1")], &[]),
        (vec![to("0.0.0.0/0", "transitGatewayId", "tgw-1")], &[]),
        (vec![to("0.0.0.0/0", "gatewayId", "vpce-1")], &[]),
        (vec![blackhole(igw("0.0.0.0/0"))], &[]),
        // Some service on the internet, and nothing else.
        (vec![igw("203.0.113.0/24")], &[]),
        (vec![igw("10.0.0.0/8")], &[]),
        (vec![igw("pl-1")], &["PREFIX_LIST_ROUTE"]),
    ] {
        let item = table(&["a"], &routes);
        assert_eq!(judged(&item, &[], &json!({})), expected, "{routes:?}");
    }
}

#[test]
fn what_uses_the_table_decides() {
    let routes = [igw("0.0.0.0/0")];
    let main_and_open: &[&str] = &["PRIVATE_ROUTE_TO_IGW", "MAIN_TABLE_PUBLIC"];
    for (associations, elsewhere, parameters, expected) in [
        (&["p"][..], &[][..], json!({}), &["PUBLIC_SUBNETS_ONLY"][..]),
        (&["p", "a"], &[], json!({}), OPEN),
        // A table of another VPC's subnet, or of one that was deleted.
        (&["x"], &[], json!({}), &["PUBLIC_SUBNETS_ONLY"]),
        (&[], &[], json!({}), &["NOT_ASSOCIATED"]),
        // Whoever has no association uses the main table.
        (&["main"], &[], json!({}), main_and_open),
        (&["main"], &["p"], json!({}), main_and_open),
        (&["main"], &["a"], json!({}), &["MAIN_TABLE_PUBLIC"]),
        (&["main", "a"], &["p"], json!({}), main_and_open),
        (&["main", "p"], &["a"], json!({}), &["MAIN_TABLE_PUBLIC"]),
        (&["a"], &[], json!({"allowedRouteTableIds": "rtb-1"}), &["ROUTE_TABLE_ALLOWED"]),
        (&["main"], &[], json!({"allowedRouteTableIds": "rtb-1"}), &["ROUTE_TABLE_ALLOWED"]),
        (&["a"], &[], json!({"allowedRouteTableIds": "rtb-2"}), OPEN),
        (&["p"], &[], json!({"publicSubnetTagKey": "Zone"}), OPEN),
        (&["p"], &[], json!({"publicSubnetTagKey": ""}), OPEN),
        (&["p"], &[], json!({"publicSubnetTagValue": "Public"}), OPEN),
    ] {
        let item = table(associations, &routes);
        let codes = judged(&item, elsewhere, &parameters);
        assert_eq!(codes, expected, "{associations:?} {elsewhere:?} {parameters}");
    }
}

#[test]
fn only_working_associations_with_subnets_count() {
    let mut gone = table(&["a", "p"], &[igw("0.0.0.0/0")]);
    gone["configuration"]["associations"][0]["associationState"]["state"] = json!("disassociated");
    assert_eq!(judged(&gone, &[], &json!({})), ["PUBLIC_SUBNETS_ONLY"]);
    // Samples of older items tell no state.
    let mut old = table(&["a"], &[igw("0.0.0.0/0")]);
    old["configuration"]["associations"][0]["associationState"] = Value::Null;
    assert_eq!(judged(&old, &[], &json!({})), OPEN);
    // The table of a gateway.
    let mut edge = table(&[], &[igw("0.0.0.0/0")]);
    edge["configuration"]["associations"] =
        json!([{"gatewayId": "igw-1", "main": false, "associationState": {"state": "associated"}}]);
    assert_eq!(judged(&edge, &[], &json!({})), ["NOT_ASSOCIATED"]);
    let mut shared = table(&["a"], &[igw("0.0.0.0/0")]);
    shared["configuration"]["ownerId"] = json!("444455556666");
    assert_eq!(judged(&shared, &[], &json!({})), ["SHARED_NETWORK"]);
}

#[test]
fn nat_may_be_forbidden_too() {
    let forbid = json!({"forbidNat": true});
    let egress_only = to("::/0", "egressOnlyInternetGatewayId", "eigw-1");
    for (routes, expected) in [
        (vec![nat("0.0.0.0/0")], &["PRIVATE_ROUTE_TO_NAT"][..]),
        (vec![egress_only.clone()], &["PRIVATE_ROUTE_TO_NAT"]),
        (vec![nat("203.0.113.0/24")], &[]),
        (vec![nat("pl-1")], &[]),
        (vec![igw("0.0.0.0/0"), egress_only], &["PRIVATE_ROUTE_TO_IGW", "PRIVATE_ROUTE_TO_NAT"]),
    ] {
        assert_eq!(judged(&table(&["a"], &routes), &[], &forbid), expected, "{routes:?}");
    }
    assert_eq!(judged(&table(&["main", "p"], &[nat("0.0.0.0/0")]), &["a"], &forbid), [""; 0]);
}

#[test]
fn a_block_of_public_access_is_told_but_changes_nothing() {
    let item = table(&["a", "b"], &[igw("0.0.0.0/0")]);
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let message = |modes: [Option<&str>; 2]| {
        let subnets = [("a", modes[0]), ("b", modes[1])].map(|(id, mode)| Subnet {
            block_public_access: mode.map(str::to_owned),
            ..subnet(id, "vpc-1", &[])
        });
        let verdict = with_run(&CONTROL, &json!({}), |run| {
            route_table::decide(&item, &subnets, &BTreeSet::new(), run).unwrap()
        });
        assert_eq!(codes(&CONTROL, &verdict), OPEN);
        verdict.reasons()[0].message.en.clone()
    };
    let both = Some("block-bidirectional");
    let blocked = "Used by a, b; VPC Block Public Access stops it for now";
    assert_eq!(message([both, Some("block-ingress")]), blocked);
    for modes in [[both, Some("off")], [both, None], [None, None]] {
        assert_eq!(message(modes), "Used by a, b", "{modes:?}");
    }
}

#[test]
fn a_route_table_that_does_not_tell_is_an_error() {
    let changed = |path: &str, value: Value| {
        let mut item = table(&["a"], &[igw("0.0.0.0/0")]);
        *item.pointer_mut(&format!("/configuration{path}")).unwrap() = value;
        preview_of(&CONTROL, &item, &json!({})).unwrap_err().to_string()
    };
    for (path, field) in [
        ("/vpcId", "configuration.vpcId is missing"),
        ("/routes", "configuration.routes is missing"),
        ("/associations", "configuration.associations is missing"),
        ("/routes/1/state", "configuration.routes[1].state is missing"),
        (
            "/routes/1/destinationCidrBlock",
            "configuration.routes[1].destinationCidrBlock is missing",
        ),
    ] {
        let error = changed(path, Value::Null);
        assert!(error.ends_with(field), "{error}");
    }
    let error = changed("/routes/1/destinationCidrBlock", json!("everywhere"));
    assert!(error.contains("not a range of addresses"), "{error}");
}
