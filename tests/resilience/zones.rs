//! End-to-end: the real `resilience` binary and the controls of zones and connections.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_resilience::{multi_az, network_redundancy};
use fisc_shared::Control;
use fisc_testkit::aws::{FakeAws, Fault, Rule};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const NONE: &Value = &Value::Null;
const A: &str = "ap-northeast-1a";
const C: &str = "ap-northeast-1c";

/// A control with its function, its rule, and an AWS that allows it what its role does.
struct Bench {
    control: &'static Control,
    aws: FakeAws,
    rule: Rule,
    lambda: Lambda,
}

impl Bench {
    fn new(control: &'static Control) -> Self {
        let aws = aws_for(control);
        let rule = aws.config().rule(&format!("fisc-{}", control.id));
        let env = [("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2")];
        let lambda = Lambda::start(env!("CARGO_BIN_EXE_resilience"), &aws, &env);
        Self { control, aws, rule, lambda }
    }

    fn record(&self, items: &[Value]) {
        for item in items {
            self.aws.config().record(item);
        }
    }

    #[track_caller]
    fn changed(&mut self, item: &Value, compliance: &str, start: &str) {
        self.lambda.invoke(events::change(&self.rule, item, NONE)).unwrap();
        self.assert_held(item["resourceId"].as_str().unwrap(), compliance, start);
    }

    /// Sweeps; how many are compliant, non-compliant and not applicable.
    fn sweep(&mut self, parameters: &Value) -> [u64; 3] {
        let answer = self.lambda.invoke(events::scheduled(&self.rule, parameters)).unwrap();
        ["compliant", "nonCompliant", "notApplicable"].map(|name| answer[name].as_u64().unwrap())
    }

    #[track_caller]
    fn assert_held(&self, id: &str, compliance: &str, start: &str) {
        let result = self.aws.config().result(&self.rule.name, id).expect(id);
        let annotation = result.annotation.unwrap_or_default();
        assert_eq!(result.compliance, compliance, "{id}: {annotation}");
        assert!(annotation.starts_with(start), "{id}: {annotation}");
    }

    /// A sweep must fail because an operation is denied, and report nothing.
    #[track_caller]
    fn assert_denied(&mut self, service: &str, operation: &str, action: &str) {
        self.aws.fault(service, operation, Fault::Denied);
        let reported = self.aws.count("PutEvaluations");
        let error = self.lambda.invoke(events::scheduled(&self.rule, NONE)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(self.aws.count("PutEvaluations"), reported, "{action}");
        self.aws.clear_faults();
    }

    /// Everything that the role grants was needed, an oversized item included.
    fn assert_all_needed(&mut self, item: &Value) {
        self.aws.config().record(item);
        self.lambda.invoke(events::oversized(&self.rule, item, NONE)).unwrap();
        assert_all_needed(self.control, &actions_of(&self.aws.calls()));
    }
}

fn subnet(id: &str, zone: &str) -> Value {
    let configuration = json!({"subnetId": id, "vpcId": "vpc-1", "availabilityZone": zone});
    events::item("AWS::EC2::Subnet", id, configuration)
}

mod spread {
    use super::*;

    const CONTROL: &Control = &multi_az::CONTROL;

    fn function(id: &str, subnets: &[&str]) -> Value {
        let network = json!({"subnetIds": subnets, "securityGroupIds": ["sg-1"]});
        events::item("AWS::Lambda::Function", id, json!({"functionName": id, "vpcConfig": network}))
    }

    fn instance(id: &str, workload: &str, zone: &str) -> Value {
        let configuration = json!({"instanceId": id, "state": {"code": 16, "name": "running"},
            "placement": {"availabilityZone": zone}});
        let mut item = events::item("AWS::EC2::Instance", id, configuration);
        item["tags"] = json!({"fisc:workload": workload});
        item
    }

    fn place(id: &str, zone: &str) -> Value {
        json!({"SubnetId": id, "AvailabilityZone": zone, "AvailableIpAddressCount": 200,
            "VpcId": "vpc-shared"})
    }

    #[test]
    fn changed_resources_are_judged_by_their_items_and_the_inventory() {
        let mut bench = Bench::new(CONTROL);
        bench.record(&[subnet("subnet-a", A), subnet("subnet-a2", A), subnet("subnet-c", C)]);
        let group = |zones: &[&str]| {
            let id = format!("asg-{}", zones.len());
            let zones = json!({"availabilityZones": zones, "minSize": 2, "maxSize": 4});
            events::item("AWS::AutoScaling::AutoScalingGroup", &id, zones)
        };
        bench.changed(&group(&[A, C]), "COMPLIANT", "");
        bench.changed(&group(&[A]), "NON_COMPLIANT", "ASG_SINGLE_AZ");
        let called: Vec<String> = actions_of(&bench.aws.calls()).into_iter().collect();
        assert_eq!(called, ["config:PutEvaluations"]);

        bench.changed(&function("good", &["subnet-a", "subnet-c"]), "COMPLIANT", "");
        let one = function("bad", &["subnet-a", "subnet-a2"]);
        bench.changed(&one, "NON_COMPLIANT", "LAMBDA_VPC_SINGLE_AZ");
        assert_eq!(bench.aws.count("DescribeSubnets"), 0);
        // Subnets that another account shares are not in the inventory.
        let shared = json!({"Subnets": [place("subnet-shared", C)]});
        bench.aws.stub("ec2").returns("DescribeSubnets", shared);
        bench.changed(&function("mixed", &["subnet-a", "subnet-shared"]), "COMPLIANT", "");
        let same = function("same", &["subnet-c", "subnet-shared"]);
        bench.changed(&same, "NON_COMPLIANT", "LAMBDA_VPC_SINGLE_AZ");
        // One that nobody knows is no reason for a verdict.
        let lost = function("lost", &["subnet-lost"]);
        let error = bench.lambda.invoke(events::change(&bench.rule, &lost, NONE)).unwrap_err();
        assert_eq!(error.error_type, "UnexpectedAnswer", "{}", error.message);
        assert!(bench.aws.config().result(&bench.rule.name, "lost").is_none());

        // The change is newer than the inventory.
        bench.record(&[instance("i-1", "teller", A)]);
        bench.changed(&instance("i-2", "teller", A), "NON_COMPLIANT", "WORKLOAD_SINGLE_AZ");
        bench.changed(&instance("i-2", "teller", C), "COMPLIANT", "");
    }

    /// A workload of two instances in one zone and one of two, a VPC with one NAT gateway for two
    /// zones, an EKS cluster, two DB clusters, three file systems.
    fn region(bench: &Bench) {
        let vpc = |id: &str| {
            let owner = fisc_testkit::aws::ACCOUNT;
            events::item("AWS::EC2::VPC", id, json!({"vpcId": id, "ownerId": owner}))
        };
        let table = json!({
            "vpcId": "vpc-1",
            "associations": [{"main": true}],
            "routes": [{"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1",
                "state": "active"}],
        });
        let member = |name: &str, writer: bool| json!({"dbinstanceIdentifier": name, "promotionTier": 1, "clusterWriter": writer});
        let cluster = |name: &str, members: &[Value]| {
            let configuration = json!({"dbclusterIdentifier": name, "engineMode": "provisioned",
                "dbclusterMembers": members});
            events::item("AWS::RDS::DBCluster", &format!("cluster-{name}"), configuration)
        };
        let system = |id: &str| {
            events::item("AWS::EFS::FileSystem", id, json!({"FileSystemId": id, "Encrypted": true}))
        };
        let nat = json!({"natGatewayId": "nat-1", "subnetId": "subnet-a"});
        bench.record(&[
            subnet("subnet-a", A),
            subnet("subnet-c", C),
            instance("i-1", "teller", A),
            instance("i-2", "teller", A),
            instance("i-3", "batch", A),
            instance("i-4", "batch", C),
            instance("i-5", "", A),
            vpc("vpc-1"),
            vpc("vpc-2"),
            events::item("AWS::EC2::NatGateway", "nat-1", nat),
            events::item("AWS::EC2::RouteTable", "rtb-1", table),
            events::item("AWS::EKS::Cluster", "apps", json!({"Name": "apps"})),
            cluster("core", &[member("core-1", true), member("core-2", false)]),
            cluster("card", &[member("card-1", true)]),
            system("fs-regional"),
            system("fs-onezone"),
            system("fs-narrow"),
            system("fs-gone"),
        ]);
        let eks = bench.aws.stub("eks");
        eks.returns("ListNodegroups", json!({"nodegroups": ["blue", "green", "gone"]}));
        for (name, subnet) in [("blue", "subnet-a"), ("green", "subnet-c")] {
            let group = json!({"nodegroup": {"nodegroupName": name, "subnets": [subnet]}});
            eks.when("DescribeNodegroup", json!({"nodegroupName": name}), group);
        }
        let gone = json!({"nodegroupName": "gone"});
        eks.fails_when("DescribeNodegroup", gone, "ResourceNotFoundException", 404);
        eks.page_size(2);
        let rds = bench.aws.stub("rds");
        let db = |name: &str, zone: &str, class: &str| {
            json!({"DBInstanceIdentifier": name, "AvailabilityZone": zone,
                "DBInstanceClass": class, "DBInstanceStatus": "available"})
        };
        for (name, instances) in [
            ("core", json!([db("core-1", A, "db.r6g.2xlarge"), db("core-2", C, "db.r6g.large")])),
            ("card", json!([db("card-1", C, "db.r6g.large")])),
        ] {
            let filter = json!({"Filters": [{"Name": "db-cluster-id", "Values": [name]}]});
            rds.when("DescribeDBInstances", filter, json!({"DBInstances": instances}));
        }
        let efs = bench.aws.stub("efs");
        for (id, zone) in
            [("fs-regional", Value::Null), ("fs-onezone", json!(A)), ("fs-narrow", Value::Null)]
        {
            let mut system = json!({"FileSystemId": id, "OwnerId": "1", "CreationToken": "t",
                "CreationTime": 1_700_000_000, "LifeCycleState": "available",
                "NumberOfMountTargets": 1, "SizeInBytes": {"Value": 1},
                "PerformanceMode": "generalPurpose", "Tags": []});
            if !zone.is_null() {
                system["AvailabilityZoneName"] = zone;
            }
            let systems = json!({"FileSystems": [system]});
            efs.when("DescribeFileSystems", json!({"FileSystemId": id}), systems);
        }
        let lost = json!({"FileSystemId": "fs-gone"});
        efs.fails_when("DescribeFileSystems", lost, "FileSystemNotFound", 404);
        let target = |zone: &str| {
            json!({"MountTargetId": format!("fsmt-{zone}"), "FileSystemId": "fs", "SubnetId": "s",
                "LifeCycleState": "available", "AvailabilityZoneName": zone})
        };
        for (id, targets) in
            [("fs-regional", json!([target(A), target(C)])), ("fs-narrow", json!([target(A)]))]
        {
            let targets = json!({"MountTargets": targets});
            efs.when("DescribeMountTargets", json!({"FileSystemId": id}), targets);
        }
        efs.page_size(1);
    }

    fn unrecorded(bench: &Bench) {
        let arn = |name: &str| {
            format!("arn:aws:elasticache:ap-northeast-1:111122223333:replicationgroup:{name}")
        };
        let group = |name: &str, zones: &str| {
            json!({"ReplicationGroupId": name, "Status": "available", "AutomaticFailover": zones,
                "MultiAZ": zones, "ARN": arn(name)})
        };
        let groups =
            json!([group("good", "enabled"), group("dev", "disabled"), group("bad", "disabled")]);
        let caches = bench.aws.stub("elasticache");
        caches.returns("DescribeReplicationGroups", json!({"ReplicationGroups": groups}));
        let tagged = json!([{"ResourceARN": arn("dev"),
            "Tags": [{"Key": "Environment", "Value": "development"}]}]);
        let tags = bench.aws.stub("resourcegroupstaggingapi");
        tags.returns("GetResources", json!({"ResourceTagMappingList": tagged}));
        let system = |id: &str, kind: &str| {
            json!({"FileSystemId": id, "FileSystemType": "WINDOWS",
                "WindowsConfiguration": {"DeploymentType": kind}})
        };
        let systems = json!([system("fs-1", "SINGLE_AZ_2"), system("fs-2", "MULTI_AZ_1")]);
        bench.aws.stub("fsx").returns("DescribeFileSystems", json!({"FileSystems": systems}));
        bench.aws.stub("fsx").page_size(1);
        caches.page_size(20);
    }

    #[test]
    fn a_sweep_judges_what_changes_without_an_item() {
        let mut bench = Bench::new(CONTROL);
        region(&bench);
        unrecorded(&bench);
        assert_eq!(bench.sweep(NONE), [4, 8, 1]);
        for (id, compliance, start) in [
            ("i-1", "NON_COMPLIANT", "WORKLOAD_SINGLE_AZ"),
            ("i-2", "NON_COMPLIANT", "WORKLOAD_SINGLE_AZ"),
            ("i-3", "COMPLIANT", ""),
            ("i-4", "COMPLIANT", ""),
            ("vpc-1", "NON_COMPLIANT", "NAT_SHARED_ACROSS_AZ"),
            ("vpc-2", "NOT_APPLICABLE", "NO_NAT_GATEWAY"),
            ("apps", "COMPLIANT", ""),
            ("cluster-core", "NON_COMPLIANT", "FAILOVER_TARGET_SMALLER"),
            ("cluster-card", "NON_COMPLIANT", "RDS_SINGLE_AZ"),
            ("fs-regional", "COMPLIANT", ""),
            ("fs-onezone", "NON_COMPLIANT", "FILE_SYSTEM_SINGLE_AZ"),
            ("fs-narrow", "NON_COMPLIANT", "FILE_SYSTEM_SINGLE_AZ"),
            ("111122223333", "NON_COMPLIANT", "CACHE_SINGLE_AZ"),
        ] {
            bench.assert_held(id, compliance, start);
        }
        let account = bench.aws.config().result(&bench.rule.name, "111122223333").unwrap();
        let annotation = account.annotation.unwrap();
        assert!(annotation.contains("bad") && annotation.contains("fs-1"), "{annotation}");
        assert!(!annotation.contains("dev"), "{annotation}");
        assert!(annotation.contains("FILE_SYSTEM_SINGLE_AZ"), "{annotation}");
        // Instances that are part of no workload are not reported daily, nor what is gone.
        for id in ["i-5", "fs-gone"] {
            assert!(bench.aws.config().result(&bench.rule.name, id).is_none(), "{id}");
        }
        // Tags that do not matter are not asked for.
        bench.aws.take_calls();
        bench.sweep(&json!({"nonProductionTag": ""}));
        assert_eq!(bench.aws.count("GetResources"), 0);
        bench.sweep(NONE);

        // A subnet that only EC2 knows.
        let shared = json!({"Subnets": [place("subnet-shared", C)]});
        bench.aws.stub("ec2").returns("DescribeSubnets", shared);
        bench.changed(&function("mixed", &["subnet-a", "subnet-shared"]), "COMPLIANT", "");
        // Changes of what the schedule judges too.
        for (kind, id, configuration, compliance) in [
            ("AWS::EKS::Cluster", "apps", json!({"Name": "apps"}), "COMPLIANT"),
            ("AWS::EFS::FileSystem", "fs-narrow", json!({}), "NON_COMPLIANT"),
            ("AWS::EFS::FileSystem", "fs-gone", json!({}), "NOT_APPLICABLE"),
            ("AWS::EC2::VPC", "vpc-1", json!({"vpcId": "vpc-1"}), "NON_COMPLIANT"),
        ] {
            bench.changed(&events::item(kind, id, configuration), compliance, "");
        }
        bench.assert_all_needed(&function("good", &["subnet-a", "subnet-c"]));
    }

    #[test]
    fn one_denied_call_fails_the_whole_sweep() {
        let mut bench = Bench::new(CONTROL);
        region(&bench);
        unrecorded(&bench);
        for (service, operation, action) in [
            ("eks", "DescribeNodegroup", "eks:DescribeNodegroup"),
            ("rds", "DescribeDBInstances", "rds:DescribeDBInstances"),
            ("efs", "DescribeMountTargets", "elasticfilesystem:DescribeMountTargets"),
            ("elasticache", "DescribeReplicationGroups", "elasticache:DescribeReplicationGroups"),
            ("resourcegroupstaggingapi", "GetResources", "tag:GetResources"),
            ("fsx", "DescribeFileSystems", "fsx:DescribeFileSystems"),
            ("config", "SelectResourceConfig", "config:SelectResourceConfig"),
        ] {
            bench.assert_denied(service, operation, action);
        }
    }
}

mod connections {
    use super::*;
    use fisc_testkit::aws::{ACCOUNT, REGION};

    const CONTROL: &Control = &network_redundancy::CONTROL;
    const OSAKA: &str = "ap-northeast-3";

    fn vpn(id: &str, gateway: &str, customer: &str, statuses: &[&str]) -> Value {
        let telemetry: Vec<Value> = statuses.iter().map(|one| json!({"status": one})).collect();
        let key = if gateway.starts_with("tgw") { "transitGatewayId" } else { "vpnGatewayId" };
        let configuration = json!({"vpnConnectionId": id, "state": "available",
            "customerGatewayId": customer, key: gateway, "vgwTelemetry": telemetry});
        events::item("AWS::EC2::VPNConnection", id, configuration)
    }

    fn gateway(kind: &str, id: &str) -> Value {
        events::item(&format!("AWS::EC2::{kind}"), id, json!({"state": "available"}))
    }

    fn customer(id: &str, address: &str) -> Value {
        let configuration = json!({"customerGatewayId": id, "ipAddress": address});
        events::item("AWS::EC2::CustomerGateway", id, configuration)
    }

    fn line(id: &str, device: &str, location: &str) -> Value {
        json!({"connectionId": id, "connectionState": "available", "location": location,
            "awsLogicalDeviceId": device, "ownerAccount": ACCOUNT})
    }

    fn interface(id: &str, line: &str) -> Value {
        json!({"virtualInterfaceId": id, "connectionId": line, "ownerAccount": ACCOUNT,
            "virtualInterfaceState": "available", "virtualInterfaceType": "transit",
            "directConnectGatewayId": "dxgw", "bgpPeers": [{"bgpStatus": "up"}]})
    }

    /// Two VPN connections of a transit gateway to one router, one of them with a tunnel down, a
    /// virtual private gateway with two routers; Direct Connect in Tokyo, and in Osaka if `second`.
    fn network(bench: &Bench, second: bool) {
        bench.aws.account().set_regions(&[
            (REGION, "ENABLED_BY_DEFAULT"),
            (OSAKA, "ENABLED_BY_DEFAULT"),
            ("ap-east-1", "DISABLED"),
        ]);
        bench.record(&[
            customer("cgw-1", "192.0.2.1"),
            customer("cgw-2", "192.0.2.2"),
            vpn("vpn-1", "tgw-1", "cgw-1", &["UP", "UP"]),
            vpn("vpn-2", "tgw-1", "cgw-1", &["UP", "UP"]),
            vpn("vpn-3", "vgw-1", "cgw-1", &["UP", "UP"]),
            vpn("vpn-4", "vgw-1", "cgw-2", &["UP", "UP"]),
            vpn("vpn-gone", "vgw-1", "cgw-2", &["UP", "UP"]),
            gateway("TransitGateway", "tgw-1"),
            gateway("VPNGateway", "vgw-1"),
            gateway("VPNGateway", "vgw-idle"),
        ]);
        let now = |id: &str, gateway: &str, down: bool| {
            let key = if gateway.starts_with("tgw") { "TransitGatewayId" } else { "VpnGatewayId" };
            json!({"VpnConnectionId": id, "State": "available", key: gateway, "VgwTelemetry":
                [{"Status": "UP"}, {"Status": if down { "DOWN" } else { "UP" }}]})
        };
        let connections = json!([
            now("vpn-1", "tgw-1", false),
            now("vpn-2", "tgw-1", true),
            now("vpn-3", "vgw-1", false),
            now("vpn-4", "vgw-1", false)
        ]);
        let ec2 = bench.aws.stub("ec2").in_region(REGION);
        ec2.returns("DescribeVpnConnections", json!({"VpnConnections": connections}));

        let tokyo = bench.aws.stub("directconnect").in_region(REGION);
        let lines = json!({"connections": [line("dxcon-1", "d1", "EqTY2"),
            line("dxcon-1b", "d1", "EqTY2")]});
        tokyo.returns("DescribeConnections", lines);
        tokyo.page_size(1);
        let interfaces = json!({"virtualInterfaces": [interface("dxvif-1", "dxcon-1")]});
        tokyo.returns("DescribeVirtualInterfaces", interfaces);
        let behind = |id: &str| {
            json!({"directConnectGatewayId": "dxgw", "associationState": "associated",
                "associatedGateway": {"id": id, "ownerAccount": ACCOUNT, "region": REGION}})
        };
        let behind = json!([behind("tgw-1"), behind("vgw-idle")]);
        let behind = json!({"directConnectGatewayAssociations": behind});
        tokyo.returns("DescribeDirectConnectGatewayAssociations", behind);
        let osaka = bench.aws.stub("directconnect").in_region(OSAKA);
        if second {
            let lines = json!({"connections": [line("dxcon-2", "d2", "EqOS1")]});
            osaka.returns("DescribeConnections", lines);
            let interfaces = json!({"virtualInterfaces": [interface("dxvif-2", "dxcon-2")]});
            osaka.returns("DescribeVirtualInterfaces", interfaces);
        } else {
            osaka.empty("DescribeConnections").empty("DescribeVirtualInterfaces");
        }
    }

    #[test]
    fn a_sweep_judges_tunnels_gateways_and_lines() {
        let mut bench = Bench::new(CONTROL);
        network(&bench, false);
        assert_eq!(bench.sweep(NONE), [4, 3, 1]);
        for (id, compliance, start) in [
            ("vpn-1", "COMPLIANT", ""),
            ("vpn-2", "NON_COMPLIANT", "VPN_TUNNEL_DOWN"),
            ("vpn-3", "COMPLIANT", ""),
            ("tgw-1", "NON_COMPLIANT", "CUSTOMER_GATEWAY_SINGLE"),
            ("vgw-1", "COMPLIANT", ""),
            ("vgw-idle", "NOT_APPLICABLE", "NO_VPN"),
            (ACCOUNT, "NON_COMPLIANT", "DX_CONNECTION_SINGLE"),
        ] {
            bench.assert_held(id, compliance, start);
        }
        let account = bench.aws.config().result(&bench.rule.name, ACCOUNT).unwrap();
        let annotation = account.annotation.unwrap();
        assert!(annotation.contains("DX_INTERFACE_SINGLE"), "{annotation}");
        // The transit gateway has a VPN; the virtual private gateway has none.
        assert!(annotation.contains("DX_WITHOUT_BACKUP_PATH"), "{annotation}");
        assert!(annotation.contains("vgw-idle") && !annotation.contains("tgw-1"), "{annotation}");
        assert!(bench.aws.config().result(&bench.rule.name, "vpn-gone").is_none());
    }

    #[test]
    fn a_second_line_in_another_region_counts() {
        let mut bench = Bench::new(CONTROL);
        network(&bench, true);
        // Whose VPN is redundant by itself needs no look at Direct Connect.
        bench.changed(&gateway("VPNGateway", "vgw-1"), "COMPLIANT", "");
        assert_eq!(bench.aws.count("DescribeConnections"), 0);
        // The VPN to a single router backs up a redundant Direct Connect.
        bench.changed(&gateway("TransitGateway", "tgw-1"), "COMPLIANT", "BACKS_UP_DIRECT_CONNECT");
        bench.changed(&vpn("vpn-1", "tgw-1", "cgw-1", &["UP", "DOWN"]), "NON_COMPLIANT", "VPN_TUN");
        assert_eq!(bench.sweep(NONE), [6, 1, 1]);
        bench.assert_held(ACCOUNT, "COMPLIANT", "");
        bench.assert_held("tgw-1", "COMPLIANT", "BACKS_UP_DIRECT_CONNECT");
        bench.assert_held("vpn-1", "COMPLIANT", "");
        // Without Osaka, the second line is not seen.
        bench.sweep(&json!({"directConnectRegions": REGION}));
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "DX_CONNECTION_SINGLE");
        bench.assert_all_needed(&gateway("TransitGateway", "tgw-1"));
    }

    #[test]
    fn one_denied_call_fails_the_whole_sweep() {
        let mut bench = Bench::new(CONTROL);
        network(&bench, true);
        for (service, operation, action) in [
            ("ec2", "DescribeVpnConnections", "ec2:DescribeVpnConnections"),
            ("directconnect", "DescribeConnections", "directconnect:DescribeConnections"),
            (
                "directconnect",
                "DescribeVirtualInterfaces",
                "directconnect:DescribeVirtualInterfaces",
            ),
            (
                "directconnect",
                "DescribeDirectConnectGatewayAssociations",
                "directconnect:DescribeDirectConnectGatewayAssociations",
            ),
            ("account", "ListRegions", "account:ListRegions"),
        ] {
            bench.assert_denied(service, operation, action);
        }
    }
}
