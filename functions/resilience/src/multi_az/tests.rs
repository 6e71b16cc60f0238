use fisc_shared::ConfigurationItem;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::kinds::{self, Ask, Told};
use super::*;
use crate::testing::{codes, preview, previewed, read, with_run};

mod related;

const NONE: Value = Value::Null;

fn item(kind: &str, configuration: Value) -> Value {
    events::item(kind, "res-1", configuration)
}

fn defaults() -> Value {
    json!({})
}

/// What decides an item for itself.
fn decided(kind: &str, configuration: Value, parameters: &Value) -> Vec<&'static str> {
    previewed(&CONTROL, &item(kind, configuration), parameters).expect("decided")
}

/// The subnets that decide an item, and the requirement.
fn subnets(kind: &str, configuration: Value) -> (&'static str, Vec<String>) {
    let item = item(kind, configuration);
    assert_eq!(previewed(&CONTROL, &item, &defaults()), None);
    with_run(&CONTROL, &defaults(), |run| match kinds::look(&read(&item), run).unwrap() {
        Told::InSubnets(requirement, subnets) => (requirement.code, subnets),
        other => panic!("{other:?}"),
    })
}

/// The error of an item, which names what is missing.
#[track_caller]
fn lacks(kind: &str, configuration: Value, field: &str) {
    let error = preview(&CONTROL, &item(kind, configuration), &defaults()).unwrap_err();
    assert!(error.to_string().contains(&format!("{field} is missing")), "{error}");
}

const ASG: &str = "AWS::AutoScaling::AutoScalingGroup";
const LB: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const CLB: &str = "AWS::ElasticLoadBalancing::LoadBalancer";
const INSTANCE: &str = "AWS::EC2::Instance";
const ECS: &str = "AWS::ECS::Service";
const EKS: &str = "AWS::EKS::Cluster";
const DB: &str = "AWS::RDS::DBInstance";
const DB_CLUSTER: &str = "AWS::RDS::DBCluster";
const FUNCTION: &str = "AWS::Lambda::Function";
const DOMAIN: &str = "AWS::OpenSearch::Domain";
const REDSHIFT: &str = "AWS::Redshift::Cluster";
const MSK: &str = "AWS::MSK::Cluster";
const MQ: &str = "AWS::AmazonMQ::Broker";
const DMS: &str = "AWS::DMS::ReplicationInstance";
const FIREWALL: &str = "AWS::NetworkFirewall::Firewall";
const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const VPC: &str = "AWS::EC2::VPC";
const ATTACHMENT: &str = "AWS::EC2::TransitGatewayAttachment";
const BUCKET: &str = "AWS::S3::Bucket";

#[test]
fn groups_and_balancers_tell_their_zones() {
    let (a, c) = ("ap-northeast-1a", "ap-northeast-1c");
    let zone = |name: &str| json!({"zoneName": name, "subnetId": format!("subnet-{name}")});
    for (kind, one, two, code) in [
        (ASG, json!([a]), json!([a, c]), "ASG_SINGLE_AZ"),
        (CLB, json!([c]), json!([a, c]), "LB_SINGLE_AZ"),
        (LB, json!([zone(a)]), json!([zone(a), zone(c)]), "LB_SINGLE_AZ"),
        // Two subnets of one zone are one zone.
        (LB, json!([zone(a), zone(a)]), json!([zone(a), zone(c)]), "LB_SINGLE_AZ"),
        (ASG, json!([]), json!([a, c]), "ASG_SINGLE_AZ"),
    ] {
        let configuration = |zones: &Value| json!({"availabilityZones": zones});
        assert_eq!(decided(kind, configuration(&one), &defaults()), [code], "{kind}");
        assert_eq!(decided(kind, configuration(&two), &defaults()), [""; 0], "{kind}");
        let three = json!({"minAvailabilityZones": 3});
        assert_eq!(decided(kind, configuration(&two), &three), [code], "{kind}");
        lacks(kind, json!({}), "configuration.availabilityZones");
    }
    lacks(LB, json!({"availabilityZones": [{"subnetId": "subnet-1"}]}), "zoneName");
    let group = item(ASG, json!({"availabilityZones": [a]}));
    let verdict = preview(&CONTROL, &group, &defaults()).unwrap().unwrap();
    assert_eq!(
        verdict.reasons()[0].message.en,
        "Only in ap-northeast-1a; 2 Availability Zones are asked for"
    );
}

#[test]
fn tags_leave_resources_out() {
    for (tags, parameters, code) in [
        (json!({}), json!({}), "ASG_SINGLE_AZ"),
        (json!({"Environment": "development"}), json!({}), "NOT_PRODUCTION"),
        (json!({"Environment": "production"}), json!({}), "ASG_SINGLE_AZ"),
        (json!({"Environment": "development"}), json!({"nonProductionTag": ""}), "ASG_SINGLE_AZ"),
        (json!({}), json!({"scopeTag": "fisc"}), "OUTSIDE_SCOPE_TAG"),
        (json!({"fisc": "yes"}), json!({"scopeTag": "fisc=no"}), "OUTSIDE_SCOPE_TAG"),
        (json!({"fisc": "yes"}), json!({"scopeTag": "fisc"}), "ASG_SINGLE_AZ"),
    ] {
        let mut group = item(ASG, json!({"availabilityZones": ["ap-northeast-1a"]}));
        group["tags"] = tags.clone();
        assert_eq!(previewed(&CONTROL, &group, &parameters).unwrap(), [code], "{tags}");
    }
    // Without tags in the item, nothing can be said of them, unless they do not matter: by the
    // parameters, or since the resource passes anyway.
    let mut group = item(ASG, json!({"availabilityZones": ["ap-northeast-1a"]}));
    group["tags"] = NONE;
    assert!(preview(&CONTROL, &group, &defaults()).is_err());
    let mut passes =
        item(ASG, json!({"availabilityZones": ["ap-northeast-1a", "ap-northeast-1c"]}));
    passes["tags"] = NONE;
    assert_eq!(previewed(&CONTROL, &passes, &defaults()).unwrap(), [""; 0]);
    let any = json!({"nonProductionTag": ""});
    assert_eq!(previewed(&CONTROL, &group, &any).unwrap(), ["ASG_SINGLE_AZ"]);
}

fn instance(id: &str, workload: &str, zone: &str, state: &str) -> Value {
    let mut item = events::item(
        INSTANCE,
        id,
        json!({"state": {"code": 16, "name": state}, "placement": {"availabilityZone": zone}}),
    );
    item["tags"] = json!({"fisc:workload": workload});
    item
}

#[test]
fn instances_of_no_workload_are_not_judged() {
    let mut member = instance("i-1", "teller", "ap-northeast-1a", "running");
    member["tags"]["aws:autoscaling:groupName"] = json!("web");
    let stopped = instance("i-1", "teller", "ap-northeast-1a", "stopped");
    let mut untagged = instance("i-1", "", "ap-northeast-1a", "running");
    assert_eq!(previewed(&CONTROL, &member, &defaults()).unwrap(), ["GROUP_MEMBER"]);
    assert_eq!(previewed(&CONTROL, &stopped, &defaults()).unwrap(), ["NOT_RUNNING"]);
    assert_eq!(previewed(&CONTROL, &untagged, &defaults()).unwrap(), ["NO_WORKLOAD_TAG"]);
    untagged["tags"] = json!({});
    assert_eq!(previewed(&CONTROL, &untagged, &defaults()).unwrap(), ["NO_WORKLOAD_TAG"]);
    let asked = instance("i-1", "teller", "ap-northeast-1a", "running");
    assert_eq!(previewed(&CONTROL, &asked, &defaults()), None);
    lacks(INSTANCE, json!({"placement": {"availabilityZone": "a"}}), "configuration.state");
    lacks(INSTANCE, json!({"state": {"name": "running"}, "placement": {}}), "availabilityZone");
}

#[test]
fn services_need_tasks_and_subnets() {
    let service = |changes: Value| {
        let mut service = json!({
            "ServiceName": "api", "SchedulingStrategy": "REPLICA", "DesiredCount": 2,
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-a", "subnet-c"]}},
        });
        for (key, value) in changes.as_object().unwrap() {
            service[key] = value.clone();
        }
        service
    };
    assert_eq!(
        subnets(ECS, service(json!({}))),
        ("ECS_SERVICE_SINGLE_AZ", vec!["subnet-a".to_owned(), "subnet-c".to_owned()])
    );
    for (changes, parameters, code) in [
        (json!({"DesiredCount": 1}), json!({}), "ECS_SERVICE_SINGLE_AZ"),
        (json!({}), json!({"minDesiredCount": 3}), "ECS_SERVICE_SINGLE_AZ"),
        (json!({"DesiredCount": 0}), json!({}), "NO_TASKS"),
        (
            json!({"SchedulingStrategy": "DAEMON", "DesiredCount": null}),
            json!({}),
            "DAEMON_SERVICE",
        ),
        (json!({"NetworkConfiguration": null}), json!({}), "NETWORK_OF_INSTANCES"),
    ] {
        assert_eq!(decided(ECS, service(changes.clone()), &parameters), [code], "{changes}");
    }
    lacks(ECS, service(json!({"DesiredCount": null})), "DesiredCount");
    let odd = item(ECS, service(json!({"SchedulingStrategy": "LUNAR"})));
    assert!(preview(&CONTROL, &odd, &defaults()).is_err());
}

#[test]
fn functions_and_paths_are_where_their_subnets_are() {
    let ids = || vec!["subnet-a".to_owned(), "subnet-c".to_owned()];
    let list = json!(["subnet-a", "subnet-c"]);
    let mappings = json!([{"subnetId": "subnet-a"}, {"subnetId": "subnet-c"}]);
    for (kind, configuration, code) in [
        (FUNCTION, json!({"vpcConfig": {"subnetIds": list}}), "LAMBDA_VPC_SINGLE_AZ"),
        (MSK, json!({"BrokerNodeGroupInfo": {"ClientSubnets": list}}), "BROKER_SINGLE_AZ"),
        (FIREWALL, json!({"firewall": {"subnetMappings": mappings}}), "NETWORK_PATH_SINGLE_AZ"),
        (
            ENDPOINT,
            json!({"vpcEndpointType": "Interface", "requesterManaged": false, "subnetIds": list}),
            "NETWORK_PATH_SINGLE_AZ",
        ),
        (ATTACHMENT, json!({"VpcId": "vpc-1", "SubnetIds": list}), "NETWORK_PATH_SINGLE_AZ"),
    ] {
        assert_eq!(subnets(kind, configuration), (code, ids()), "{kind}");
    }
    for (kind, configuration, code) in [
        (FUNCTION, json!({"functionName": "f"}), "OUTSIDE_VPC"),
        (FUNCTION, json!({"vpcConfig": {"subnetIds": []}}), "OUTSIDE_VPC"),
        (FUNCTION, json!({"vpcConfig": {}}), "OUTSIDE_VPC"),
        (ENDPOINT, json!({"vpcEndpointType": "Gateway", "subnetIds": []}), "GATEWAY_ENDPOINT"),
        (
            ENDPOINT,
            json!({"vpcEndpointType": "GatewayLoadBalancer", "subnetIds": ["subnet-a"]}),
            "ONE_SUBNET_BY_DESIGN",
        ),
        (
            ENDPOINT,
            json!({"vpcEndpointType": "Interface", "requesterManaged": true, "subnetIds": ["s"]}),
            "MANAGED_BY_AWS",
        ),
        (ATTACHMENT, json!({"TransitGatewayId": "tgw-1"}), "NOT_OF_A_VPC"),
        (VPC, json!({"vpcId": "vpc-1", "ownerId": "999900001111"}), "SHARED_VPC"),
    ] {
        assert_eq!(decided(kind, configuration.clone(), &defaults()), [code], "{configuration}");
    }
    // A firewall of a transit gateway is in zones.
    let zones = |zones: &[&str]| {
        let zones: Vec<Value> = zones.iter().map(|id| json!({"availabilityZone": id})).collect();
        json!({"firewall": {"subnetMappings": [], "availabilityZoneMappings": zones}})
    };
    assert_eq!(decided(FIREWALL, zones(&["apne1-az4"]), &defaults()), ["NETWORK_PATH_SINGLE_AZ"]);
    assert_eq!(decided(FIREWALL, zones(&["apne1-az4", "apne1-az1"]), &defaults()), [""; 0]);
    lacks(FIREWALL, json!({"firewall": {}}), "configuration.firewall.subnetMappings");
    lacks(MSK, json!({"ClusterName": "m"}), "configuration.BrokerNodeGroupInfo");
    lacks(ENDPOINT, json!({"subnetIds": []}), "configuration.vpcEndpointType");
    lacks(ENDPOINT, json!({"vpcEndpointType": "Interface"}), "configuration.subnetIds");
    lacks(ATTACHMENT, json!({"VpcId": "vpc-1"}), "configuration.SubnetIds");
}

#[test]
fn databases_and_brokers_say_so_themselves() {
    for (kind, configuration, expected) in [
        (DB, json!({"multiAZ": true}), vec![]),
        (DB, json!({"multiAZ": false}), vec!["RDS_SINGLE_AZ"]),
        // A member of a cluster has no standby of its own.
        (DB, json!({"multiAZ": false, "dBClusterIdentifier": "c"}), vec!["CLUSTER_MEMBER"]),
        (
            DB,
            json!({"multiAZ": false, "readReplicaSourceDBInstanceIdentifier": "core"}),
            vec!["READ_REPLICA"],
        ),
        (
            DB,
            json!({"multiAZ": false, "readReplicaSourceDBClusterIdentifier": "core"}),
            vec!["READ_REPLICA"],
        ),
        (DB_CLUSTER, json!({"engineMode": "serverless"}), vec!["SERVERLESS_CLUSTER"]),
        (
            DB_CLUSTER,
            json!({"engineMode": "provisioned", "dbclusterMembers": []}),
            vec!["NO_MEMBERS"],
        ),
        (MQ, json!({"DeploymentMode": "SINGLE_INSTANCE"}), vec!["BROKER_SINGLE_AZ"]),
        (MQ, json!({"DeploymentMode": "ACTIVE_STANDBY_MULTI_AZ"}), vec![]),
        (MQ, json!({"DeploymentMode": "CLUSTER_MULTI_AZ"}), vec![]),
        (DMS, json!({"MultiAZ": true}), vec![]),
        (DMS, json!({"MultiAZ": false}), vec!["DMS_SINGLE_AZ"]),
    ] {
        assert_eq!(decided(kind, configuration.clone(), &defaults()), expected, "{configuration}");
    }
    lacks(DB, json!({}), "configuration.multiAZ");
    lacks(DMS, json!({}), "configuration.MultiAZ");
    lacks(MQ, json!({}), "configuration.DeploymentMode");
    lacks(DB_CLUSTER, json!({}), "configuration.dbclusterMembers");
    lacks(EKS, json!({}), "configuration.Name");
    let odd = item(MQ, json!({"DeploymentMode": "LUNAR"}));
    assert!(preview(&CONTROL, &odd, &defaults()).is_err());
}

#[test]
fn a_domain_needs_zones_data_nodes_and_masters() {
    let domain = |changes: Value| {
        let mut cluster = json!({
            "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3},
            "InstanceCount": 3, "DedicatedMasterEnabled": true, "DedicatedMasterCount": 3,
        });
        for (key, value) in changes.as_object().unwrap() {
            cluster[key] = value.clone();
        }
        json!({"ClusterConfig": cluster})
    };
    let failed = vec!["SEARCH_SINGLE_AZ"];
    for (changes, parameters, expected) in [
        (json!({}), json!({}), vec![]),
        (json!({"ZoneAwarenessEnabled": false}), json!({}), failed.clone()),
        (json!({"InstanceCount": 2}), json!({}), failed.clone()),
        (json!({"InstanceCount": 2}), json!({"minDataNodes": 2}), vec![]),
        (json!({"DedicatedMasterCount": 2}), json!({}), failed.clone()),
        // The count of masters that are off says nothing.
        (json!({"DedicatedMasterEnabled": false}), json!({}), failed.clone()),
        // Two zones are the default.
        (json!({"ZoneAwarenessConfig": null}), json!({}), vec![]),
        (json!({"ZoneAwarenessConfig": null}), json!({"minAvailabilityZones": 3}), failed.clone()),
        // One code has one reason.
        (json!({"ZoneAwarenessEnabled": false, "InstanceCount": 1}), json!({}), failed),
    ] {
        assert_eq!(decided(DOMAIN, domain(changes.clone()), &parameters), expected, "{changes}");
    }
    for field in
        ["ZoneAwarenessEnabled", "InstanceCount", "DedicatedMasterEnabled", "DedicatedMasterCount"]
    {
        lacks(DOMAIN, domain(json!({field: null})), field);
    }
    lacks(DOMAIN, json!({}), "configuration.ClusterConfig");
}

#[test]
fn a_warehouse_has_a_second_zone_or_can_move() {
    let moves = json!({"acceptRedshiftRelocation": false});
    let cluster = |multi: Value, relocation: &str, node: &str| {
        json!({
            "multiAZ": multi, "availabilityZoneRelocationStatus": relocation, "nodeType": node,
            "availabilityZone": "ap-northeast-1a",
        })
    };
    let failed = vec!["REDSHIFT_SINGLE_AZ"];
    for (configuration, parameters, expected) in [
        (cluster(json!("Enabled"), "disabled", "ra3.4xlarge"), json!({}), vec![]),
        (cluster(json!(true), "disabled", "ra3.4xlarge"), json!({}), vec![]),
        (cluster(json!("Disabled"), "disabled", "ra3.4xlarge"), json!({}), failed.clone()),
        (cluster(json!(false), "enabled", "ra3.4xlarge"), json!({}), vec!["ZONE_RELOCATION"]),
        (cluster(NONE, "enabled", "ra3.4xlarge"), json!({}), vec!["ZONE_RELOCATION"]),
        (cluster(json!("Disabled"), "enabled", "ra3.4xlarge"), moves, failed.clone()),
        // Multi-AZ is for RA3 nodes only.
        (cluster(NONE, "disabled", "dc2.large"), json!({}), failed),
    ] {
        let found = decided(REDSHIFT, configuration.clone(), &parameters);
        assert_eq!(found, expected, "{configuration}");
    }
    lacks(REDSHIFT, cluster(NONE, "disabled", "ra3.xlplus"), "configuration.multiAZ");
    let odd = item(REDSHIFT, cluster(json!("Perhaps"), "disabled", "ra3.xlplus"));
    assert!(preview(&CONTROL, &odd, &defaults()).is_err());
}

#[test]
fn buckets_do_not_move_data_to_one_zone() {
    let rule = |status: &str, key: &str, class: &str| json!({"id": "r", "status": status, key: [{"days": 30, "storageClass": class}]});
    let bucket = |rules: Value, tags: Value| {
        let mut item = item(BUCKET, json!({"name": "hbg-ledger"}));
        item["supplementaryConfiguration"] =
            json!({"BucketLifecycleConfiguration": {"rules": rules}});
        item["tags"] = tags;
        item
    };
    let failed = vec!["BUCKET_SINGLE_AZ_CLASS"];
    for (rule, expected) in [
        (rule("Enabled", "transitions", "ONEZONE_IA"), failed.clone()),
        (rule("Enabled", "noncurrentVersionTransitions", "ONEZONE_IA"), failed.clone()),
        (rule("Enabled", "transitions", "OneZoneInfrequentAccess"), failed),
        (rule("Disabled", "transitions", "ONEZONE_IA"), vec![]),
        (rule("Enabled", "transitions", "STANDARD_IA"), vec![]),
        (json!({"id": "r", "status": "Enabled", "transitions": null}), vec![]),
    ] {
        let item = bucket(json!([rule]), json!({}));
        assert_eq!(previewed(&CONTROL, &item, &defaults()).unwrap(), expected, "{rule}");
    }
    let again = bucket(
        json!([rule("Enabled", "transitions", "ONEZONE_IA")]),
        json!({"fisc:reproducible": "true"}),
    );
    assert_eq!(previewed(&CONTROL, &again, &defaults()).unwrap(), ["REPRODUCIBLE"]);
    let none = item(BUCKET, json!({"name": "hbg-ledger"}));
    assert_eq!(previewed(&CONTROL, &none, &defaults()).unwrap(), [""; 0]);
    let mut unknown = none;
    unknown.as_object_mut().unwrap().remove("supplementaryConfiguration");
    assert!(preview(&CONTROL, &unknown, &defaults()).is_err());

    let mut directory = item(
        "AWS::S3Express::DirectoryBucket",
        json!({"DataRedundancy": "SingleAvailabilityZone"}),
    );
    assert_eq!(previewed(&CONTROL, &directory, &defaults()).unwrap(), ["BUCKET_SINGLE_AZ_CLASS"]);
    directory["tags"] = json!({"fisc:reproducible": ""});
    assert_eq!(previewed(&CONTROL, &directory, &defaults()).unwrap(), ["REPRODUCIBLE"]);
}
