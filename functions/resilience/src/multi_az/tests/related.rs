//! What is judged together with others: instances of a workload, members of a cluster, subnets
//! behind NAT gateways.

use std::collections::BTreeMap;

use fisc_shared::Verdict;

use super::super::egress::{self, Egress};
use super::super::members::{self, Member};
use super::super::workloads::Workloads;
use super::*;

#[test]
fn instances_stand_in_for_those_of_the_same_workload() {
    let items: Vec<ConfigurationItem> = [
        instance("i-1", "teller", "ap-northeast-1a", "running"),
        instance("i-2", "teller", "ap-northeast-1a", "running"),
        // Neither a stopped instance nor one of a group helps.
        instance("i-3", "teller", "ap-northeast-1c", "stopped"),
        {
            let mut member = instance("i-4", "teller", "ap-northeast-1c", "running");
            member["tags"]["aws:autoscaling:groupName"] = json!("web");
            member
        },
        instance("i-5", "batch", "ap-northeast-1a", "running"),
        instance("i-6", "batch", "ap-northeast-1c", "running"),
        instance("i-7", "alone", "ap-northeast-1d", "running"),
    ]
    .iter()
    .map(read)
    .collect();
    with_run(&CONTROL, &defaults(), |run| {
        let mut workloads = Workloads::read(&items, run).unwrap();
        let judged =
            |workloads: &Workloads, name: &str| codes(&CONTROL, &workloads.judge(name, run));
        assert_eq!(judged(&workloads, "teller"), ["WORKLOAD_SINGLE_AZ"]);
        assert_eq!(judged(&workloads, "batch"), [""; 0]);
        assert_eq!(judged(&workloads, "alone"), ["WORKLOAD_SINGLE_AZ"]);
        // A newer state of an instance replaces what the inventory has.
        let started = instance("i-3", "teller", "ap-northeast-1c", "running");
        workloads.add(&read(&started), run).unwrap();
        assert_eq!(judged(&workloads, "teller"), [""; 0]);
        let moved = instance("i-6", "other", "ap-northeast-1c", "running");
        workloads.add(&read(&moved), run).unwrap();
        assert_eq!(judged(&workloads, "batch"), ["WORKLOAD_SINGLE_AZ"]);
    });
}

#[test]
fn a_cluster_is_where_its_members_are() {
    let member = |class: &str, zone: Option<&str>| Member {
        class: class.to_owned(),
        zone: zone.map(str::to_owned),
    };
    let (a, c) = (Some("ap-northeast-1a"), Some("ap-northeast-1c"));
    let judged = |writer: Member, reader: Option<(Member, i64)>| {
        // The storage is in three zones, whatever runs.
        let mut list = vec![json!({"dbinstanceIdentifier": "w", "clusterWriter": true,
            "isClusterWriter": true, "promotionTier": 1})];
        let mut members = BTreeMap::from([("w".to_owned(), writer)]);
        if let Some((reader, tier)) = reader {
            list.push(json!({"dbinstanceIdentifier": "r", "clusterWriter": false,
                "isClusterWriter": false, "promotionTier": tier}));
            members.insert("r".to_owned(), reader);
        }
        let item = item(
            DB_CLUSTER,
            json!({"dbclusterIdentifier": "core", "engineMode": "provisioned",
                "availabilityZones": ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"],
                "dbclusterMembers": list}),
        );
        assert_eq!(previewed(&CONTROL, &item, &defaults()), None);
        with_run(&CONTROL, &defaults(), |run| {
            codes(&CONTROL, &members::judge(&read(&item), &members, run).unwrap())
        })
    };
    let large = "db.r6g.large";
    for (writer, reader, expected) in [
        (member(large, a), None, vec!["RDS_SINGLE_AZ"]),
        (member(large, a), Some((member(large, a), 1)), vec!["RDS_SINGLE_AZ"]),
        (member(large, a), Some((member(large, c), 1)), vec![]),
        // A member that is being made is nowhere yet.
        (member(large, a), Some((member(large, None), 1)), vec!["RDS_SINGLE_AZ"]),
        (member("db.r6g.2xlarge", a), Some((member(large, c), 1)), vec!["FAILOVER_TARGET_SMALLER"]),
        // Readers of lower tiers take over only when the others are gone.
        (member("db.r6g.2xlarge", a), Some((member(large, c), 2)), vec![]),
        (member(large, a), Some((member("db.r6g.2xlarge", c), 0)), vec![]),
        (member(large, a), Some((member("db.t4g.large", c), 0)), vec!["FAILOVER_TARGET_SMALLER"]),
        (member("db.serverless", a), Some((member(large, c), 0)), vec![]),
        (
            member("db.r6g.2xlarge", a),
            Some((member(large, a), 0)),
            vec!["RDS_SINGLE_AZ", "FAILOVER_TARGET_SMALLER"],
        ),
    ] {
        let case = format!("{writer:?} {reader:?}");
        assert_eq!(judged(writer, reader), expected, "{case}");
    }
    let item = read(&item(DB_CLUSTER, json!({"dbclusterMembers": []})));
    let verdict =
        with_run(&CONTROL, &defaults(), |run| members::judge(&item, &BTreeMap::new(), run));
    assert_eq!(codes(&CONTROL, &verdict.unwrap()), ["NO_MEMBERS"]);
}

fn at(kind: &str, id: &str, configuration: Value) -> ConfigurationItem {
    read(&events::item(kind, id, configuration))
}

fn subnet(id: &str, vpc: &str, zone: &str) -> ConfigurationItem {
    at("AWS::EC2::Subnet", id, json!({"vpcId": vpc, "availabilityZone": zone}))
}

/// A route table of `vpc-1` with a route to a NAT gateway; without subnets it is the main one.
fn table(id: &str, subnets: &[&str], gateway: &str, state: &str) -> ConfigurationItem {
    let mut associations: Vec<Value> =
        subnets.iter().map(|id| json!({"main": false, "subnetId": id})).collect();
    if subnets.is_empty() {
        associations.push(json!({"main": true}));
    }
    at(
        "AWS::EC2::RouteTable",
        id,
        json!({
            "vpcId": "vpc-1", "associations": associations,
            "routes": [
                {"destinationCidrBlock": "10.0.0.0/16", "gatewayId": "local", "state": "active"},
                {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": gateway, "state": state},
            ],
        }),
    )
}

fn egress_of(tables: &[ConfigurationItem]) -> Result<Verdict, fisc_shared::Error> {
    let nat = |id: &str, subnet: Value| {
        at("AWS::EC2::NatGateway", id, json!({"natGatewayId": id, "subnetId": subnet}))
    };
    let gateways =
        [nat("nat-a", json!("public-a")), nat("nat-c", json!("public-c")), nat("nat-r", NONE)];
    let subnets = [
        subnet("app-a", "vpc-1", "ap-northeast-1a"),
        subnet("app-c", "vpc-1", "ap-northeast-1c"),
        subnet("db-a", "vpc-1", "ap-northeast-1a"),
        subnet("other-d", "vpc-2", "ap-northeast-1d"),
    ];
    let places = egress::places(&subnets).unwrap();
    Egress::read(tables, &gateways, &places)?.judge("vpc-1")
}

#[test]
fn zones_do_not_share_a_zonal_nat_gateway() {
    let failed = vec!["NAT_SHARED_ACROSS_AZ"];
    for (tables, expected) in [
        (vec![], vec!["NO_NAT_GATEWAY"]),
        (
            vec![
                table("rtb-a", &["app-a"], "nat-a", "active"),
                table("rtb-c", &["app-c"], "nat-c", "active"),
            ],
            vec![],
        ),
        (vec![table("rtb-1", &["app-a", "app-c"], "nat-a", "active")], failed.clone()),
        // Two tables, one gateway.
        (
            vec![
                table("rtb-a", &["app-a"], "nat-a", "active"),
                table("rtb-c", &["app-c"], "nat-a", "active"),
            ],
            failed.clone(),
        ),
        // Subnets without a table of their own use the main one.
        (vec![table("rtb-m", &[], "nat-a", "active")], failed),
        (
            vec![
                table("rtb-m", &[], "nat-a", "active"),
                table("rtb-c", &["app-c"], "nat-c", "active"),
            ],
            vec![],
        ),
        // Two subnets of the gateway's zone.
        (vec![table("rtb-1", &["app-a", "db-a"], "nat-a", "active")], vec![]),
        (vec![table("rtb-1", &["app-a", "app-c"], "nat-r", "active")], vec![]),
        (
            vec![table("rtb-1", &["app-a", "app-c"], "nat-gone", "blackhole")],
            vec!["NO_NAT_GATEWAY"],
        ),
    ] {
        let case = format!("{tables:?}");
        assert_eq!(codes(&CONTROL, &egress_of(&tables).unwrap()), expected, "{case}");
    }
    let shared = egress_of(&[table("rtb-1", &["app-a", "app-c"], "nat-a", "active")]).unwrap();
    assert!(
        shared.reasons()[0].message.en.ends_with("nat-a (ap-northeast-1a, ap-northeast-1c)"),
        "{shared:?}"
    );
    for (tables, id) in [
        (table("rtb-1", &["app-a", "app-c"], "nat-new", "active"), "nat-new"),
        (table("rtb-1", &["app-new"], "nat-a", "active"), "app-new"),
    ] {
        let error = egress_of(&[tables]).unwrap_err().to_string();
        assert!(error.contains(id), "{error}");
    }
}

#[test]
fn what_must_be_asked_is_named() {
    for (kind, configuration, asked) in [
        (EKS, json!({"Name": "core"}), Ask::NodeGroups("core".to_owned())),
        (
            DB_CLUSTER,
            json!({"dbclusterIdentifier": "core", "dbclusterMembers": [{}]}),
            Ask::Members("core".to_owned()),
        ),
        ("AWS::EFS::FileSystem", json!({"FileSystemId": "fs-1"}), Ask::MountTargets),
        (VPC, json!({"vpcId": "vpc-1", "ownerId": "111122223333"}), Ask::Egress),
        (VPC, json!({"vpcId": "vpc-1"}), Ask::Egress),
    ] {
        with_run(&CONTROL, &defaults(), |run| {
            let item = read(&item(kind, configuration));
            match kinds::look(&item, run).unwrap() {
                Told::Ask(found) => assert_eq!(found, asked),
                other => panic!("{other:?}"),
            }
        });
    }
}
