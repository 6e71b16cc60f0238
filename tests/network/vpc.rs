//! End-to-end: the real `network` binary and the controls of VPCs: flow logs, routes, endpoints.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_network::{private_routing, vpc_endpoints, vpc_flow_logs};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION, Rule};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const NONE: &Value = &Value::Null;
const OTHER: &str = "999900001111";

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
        let lambda = Lambda::start(env!("CARGO_BIN_EXE_network"), &aws, &env);
        Self { control, aws, rule, lambda }
    }

    fn change(&mut self, item: &Value, parameters: &Value) {
        self.lambda.invoke(events::change(&self.rule, item, parameters)).unwrap();
    }

    #[track_caller]
    fn changed(&mut self, item: &Value, parameters: &Value, compliance: &str, start: &str) {
        self.change(item, parameters);
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

    /// A run must fail because this operation is denied, and report nothing.
    #[track_caller]
    fn assert_denied(&mut self, event: Value, action: &str) {
        let reported = self.aws.count("PutEvaluations");
        let error = self.lambda.invoke(event).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(self.aws.count("PutEvaluations"), reported, "{action}");
    }

    /// Everything that the role grants was needed, an oversized item included.
    fn assert_all_needed(&mut self, item: &Value) {
        self.aws.config().record(item);
        self.lambda.invoke(events::oversized(&self.rule, item, NONE)).unwrap();
        assert_all_needed(self.control, &actions_of(&self.aws.calls()));
    }
}

fn item(kind: &str, id: &str, configuration: &Value) -> Value {
    let mut configuration = configuration.clone();
    configuration["tags"] = json!([]);
    events::item(&format!("AWS::EC2::{kind}"), id, configuration)
}

fn vpc_item(id: &str, owner: &str) -> Value {
    item("VPC", id, &json!({"vpcId": id, "ownerId": owner, "state": "available"}))
}

fn vpc(id: &str, owner: &str, tag: Option<&str>) -> Value {
    let tags: Vec<Value> = tag.iter().map(|key| json!({"Key": key, "Value": "true"})).collect();
    json!({"VpcId": id, "OwnerId": owner, "IsDefault": false, "Tags": tags, "State": "available"})
}

fn interface(vpc: &str) -> Value {
    json!({"NetworkInterfaceId": format!("eni-{vpc}"), "VpcId": vpc, "Status": "in-use"})
}

mod flow_logs {
    use super::*;

    const CONTROL: &Control = &vpc_flow_logs::CONTROL;

    fn log(id: &str, resource: &str, traffic: &str) -> Value {
        json!({
            "FlowLogId": id, "ResourceId": resource, "FlowLogStatus": "ACTIVE",
            "TrafficType": traffic, "DeliverLogsStatus": "SUCCESS", "LogDestinationType": "s3",
            "LogDestination": "arn:aws:s3:::hbg-log-archive/vpc/",
        })
    }

    fn log_item(id: &str, changes: &Value) -> Value {
        let mut configuration = json!({
            "flowLogId": id, "resourceId": "vpc-1", "flowLogStatus": "ACTIVE",
            "trafficType": "ALL", "deliverLogsStatus": "SUCCESS",
            "logDestinationType": "cloud-watch-logs", "logGroupName": "/hbg/vpc",
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            configuration[name] = value.clone();
        }
        item("FlowLog", id, &configuration)
    }

    /// The log group `/hbg/vpc-dev`, which begins like the one that is gone, and `/hbg/vpc`.
    fn groups(aws: &FakeAws) {
        let logs = aws.stub("logs");
        logs.empty("DescribeLogGroups");
        logs.when(
            "DescribeLogGroups",
            json!({"logGroupNamePrefix": "/hbg/vpc"}),
            json!({"logGroups": [{"logGroupName": "/hbg/vpc"}, {"logGroupName": "/hbg/vpc-dev"}]}),
        );
        logs.when(
            "DescribeLogGroups",
            json!({"logGroupNamePrefix": "/hbg/vp"}),
            json!({"logGroups": [{"logGroupName": "/hbg/vpc"}, {"logGroupName": "/hbg/vpc-dev"}]}),
        );
    }

    #[test]
    fn a_changed_vpc_is_asked_about_alone() {
        let mut bench = Bench::new(CONTROL);
        let ec2 = bench.aws.stub("ec2");
        ec2.empty("DescribeFlowLogs").empty("DescribeNetworkInterfaces").empty("DescribeVpcs");
        for (id, traffic) in [("vpc-good", "ALL"), ("vpc-half", "REJECT")] {
            let filter = json!({"Filter": [{"Name": "resource-id", "Values": [id]}]});
            ec2.when("DescribeFlowLogs", filter, json!({"FlowLogs": [log("fl-1", id, traffic)]}));
        }
        let old = json!({"Filters": [{"Name": "vpc-id", "Values": ["vpc-old"]}]});
        ec2.when("DescribeVpcs", old, json!({"Vpcs": [vpc("vpc-old", OTHER, None)]}));

        bench.changed(&vpc_item("vpc-good", ACCOUNT), NONE, "COMPLIANT", "");
        bench.changed(&vpc_item("vpc-bad", ACCOUNT), NONE, "NON_COMPLIANT", "FLOW_LOG_MISSING");
        let half = vpc_item("vpc-half", ACCOUNT);
        bench.changed(&half, NONE, "NON_COMPLIANT", "TRAFFIC_TYPE_INSUFFICIENT");
        bench.changed(&half, &json!({"trafficTypes": "REJECT"}), "COMPLIANT", "");
        let empty = json!({"ignoreEmptyVpc": true});
        bench.changed(&vpc_item("vpc-bad", ACCOUNT), &empty, "NOT_APPLICABLE", "UNUSED_VPC");
        bench.changed(&vpc_item("vpc-shared", OTHER), NONE, "NOT_APPLICABLE", "SHARED_VPC");
        assert_eq!(bench.aws.count("DescribeVpcs"), 0, "the items tell whose the VPCs are");

        // An item from before VPCs could be shared.
        for (id, start) in [("vpc-old", "SHARED_VPC"), ("vpc-gone", "RESOURCE_GONE")] {
            let mut old = vpc_item(id, ACCOUNT);
            old["configuration"].as_object_mut().unwrap().remove("ownerId");
            bench.changed(&old, NONE, "NOT_APPLICABLE", start);
        }
        let event = events::change(&bench.rule, &vpc_item("vpc-good", ACCOUNT), NONE);
        bench.aws.fault("ec2", "DescribeFlowLogs", Fault::Denied);
        bench.assert_denied(event, "ec2:DescribeFlowLogs");
    }

    #[test]
    fn a_changed_flow_log_is_judged_by_its_item_and_its_log_group() {
        let mut bench = Bench::new(CONTROL);
        let to_s3 = json!({"logDestinationType": "s3", "logGroupName": null});
        bench.changed(&log_item("fl-s3", &to_s3), NONE, "COMPLIANT", "");
        let mut failed = to_s3;
        failed["deliverLogsStatus"] = json!("FAILED");
        bench.changed(&log_item("fl-lost", &failed), NONE, "NON_COMPLIANT", "DELIVERY_FAILED");
        let called: Vec<String> = actions_of(&bench.aws.calls()).into_iter().collect();
        assert_eq!(called, ["config:PutEvaluations"]);

        groups(&bench.aws);
        bench.changed(&log_item("fl-group", &json!({})), NONE, "COMPLIANT", "");
        let gone = log_item("fl-gone", &json!({"logGroupName": "/hbg/vp"}));
        bench.changed(&gone, NONE, "NON_COMPLIANT", "DESTINATION_MISSING");
        let only_s3 = json!({"allowedDestinations": "s3"});
        let item = log_item("fl-group", &json!({}));
        bench.changed(&item, &only_s3, "NON_COMPLIANT", "DESTINATION_TYPE_NOT_ALLOWED");
        bench.aws.fault("logs", "DescribeLogGroups", Fault::Denied);
        let event = events::change(&bench.rule, &item, NONE);
        bench.assert_denied(event, "logs:DescribeLogGroups");
    }

    /// 250 VPCs, of which every tenth has no flow log of its own, and flow logs on three pages,
    /// in the opposite order.
    fn landing_zone(aws: &FakeAws) {
        let vpcs: Vec<Value> = (0..250).map(|n| vpc(&format!("vpc-{n}"), ACCOUNT, None)).collect();
        let mut logs: Vec<Value> = (0..250)
            .rev()
            .map(|n| {
                // The flow log of some subnet does not count for a VPC.
                let kind = if n % 10 == 0 { "subnet" } else { "vpc" };
                log(&format!("fl-{n}"), &format!("{kind}-{n}"), "ALL")
            })
            .collect();
        logs[249]["DeliverLogsStatus"] = json!("FAILED");
        logs[248]["DeliverLogsStatus"] = json!("FAILED");
        let ec2 = aws.stub("ec2");
        ec2.returns("DescribeVpcs", json!({"Vpcs": vpcs}));
        ec2.returns("DescribeFlowLogs", json!({"FlowLogs": logs}));
        ec2.page_size(100);
    }

    #[test]
    fn a_sweep_judges_250_vpcs_over_all_pages() {
        let mut bench = Bench::new(CONTROL);
        landing_zone(&bench.aws);
        // Without one VPC for want of a flow log: 25; one is not delivered; two flow logs fail.
        assert_eq!(bench.sweep(NONE), [500 - 28, 28, 0]);
        for (id, compliance, start) in [
            ("vpc-0", "NON_COMPLIANT", "FLOW_LOG_MISSING"),
            ("vpc-240", "NON_COMPLIANT", "FLOW_LOG_MISSING"),
            ("vpc-1", "NON_COMPLIANT", "ALL_DELIVERIES_FAILING"),
            ("vpc-2", "COMPLIANT", ""),
            ("vpc-249", "COMPLIANT", ""),
            ("fl-0", "NON_COMPLIANT", "DELIVERY_FAILED"),
            ("fl-1", "NON_COMPLIANT", "DELIVERY_FAILED"),
            ("fl-249", "COMPLIANT", ""),
        ] {
            bench.assert_held(id, compliance, start);
        }
        assert_eq!(bench.aws.count("DescribeVpcs"), 3);
        assert_eq!(bench.aws.count("DescribeFlowLogs"), 3);
        assert_eq!(bench.aws.count("PutEvaluations"), 5);
        assert_eq!(bench.aws.count("DescribeNetworkInterfaces"), 0);
    }

    #[test]
    fn one_denied_page_of_250_vpcs_fails_the_whole_sweep() {
        for operation in ["DescribeVpcs", "DescribeFlowLogs"] {
            let mut bench = Bench::new(CONTROL);
            landing_zone(&bench.aws);
            bench.aws.fault("ec2", operation, Fault::Denied.after(2));
            let event = events::scheduled(&bench.rule, NONE);
            bench.assert_denied(event, &format!("ec2:{operation}"));
            assert_eq!(bench.aws.count(operation), 3);
        }
    }

    #[test]
    fn a_sweep_knows_whose_vpcs_are_used_and_which_log_groups_exist() {
        let mut bench = Bench::new(CONTROL);
        groups(&bench.aws);
        let to_group = |id: &str, group: &str| {
            let mut log = log(id, "vpc-used", "ALL");
            log["LogDestinationType"] = json!("cloud-watch-logs");
            log["LogGroupName"] = json!(group);
            log.as_object_mut().unwrap().remove("LogDestination");
            log
        };
        let mut transit = log("fl-tgw", "tgw-1", "ALL");
        transit.as_object_mut().unwrap().remove("TrafficType");
        let logs = json!({"FlowLogs": [
            to_group("fl-1", "/hbg/vpc"), to_group("fl-2", "/hbg/vp"),
            to_group("fl-3", "/hbg/vpc"), transit,
        ]});
        let ec2 = bench.aws.stub("ec2");
        ec2.returns(
            "DescribeVpcs",
            json!({"Vpcs": [vpc("vpc-used", ACCOUNT, None), vpc("vpc-empty", ACCOUNT, None),
                            vpc("vpc-shared", OTHER, None)]}),
        );
        ec2.returns("DescribeFlowLogs", logs);
        ec2.returns(
            "DescribeNetworkInterfaces",
            json!({"NetworkInterfaces": [interface("vpc-used"), interface("vpc-shared")]}),
        );
        ec2.page_size(1);
        bench.change(&log_item("fl-old", &json!({"logGroupName": "/hbg/vp"})), NONE);
        bench.assert_held("fl-old", "NON_COMPLIANT", "DESTINATION_MISSING");
        bench.aws.take_calls();

        bench.sweep(&json!({"ignoreEmptyVpc": true}));
        for (id, compliance, start) in [
            ("vpc-used", "COMPLIANT", ""),
            ("vpc-empty", "NOT_APPLICABLE", "UNUSED_VPC"),
            ("vpc-shared", "NOT_APPLICABLE", "SHARED_VPC"),
            ("fl-1", "COMPLIANT", ""),
            ("fl-2", "NON_COMPLIANT", "DESTINATION_MISSING"),
            ("fl-3", "COMPLIANT", ""),
            ("fl-tgw", "COMPLIANT", ""),
            ("fl-old", "NOT_APPLICABLE", "RESOURCE_GONE"),
        ] {
            bench.assert_held(id, compliance, start);
        }
        assert_eq!(bench.aws.count("DescribeLogGroups"), 2, "each log group is asked for once");
        bench.sweep(NONE);
        bench.assert_held("vpc-empty", "NON_COMPLIANT", "FLOW_LOG_MISSING");
        bench.assert_all_needed(&log_item("fl-large", &json!({})));

        bench.aws.fault("ec2", "DescribeNetworkInterfaces", Fault::Denied);
        let event = events::scheduled(&bench.rule, &json!({"ignoreEmptyVpc": true}));
        bench.assert_denied(event, "ec2:DescribeNetworkInterfaces");
        bench.aws.fault("logs", "DescribeLogGroups", Fault::Denied.after(1));
        let event = events::scheduled(&bench.rule, NONE);
        bench.assert_denied(event, "logs:DescribeLogGroups");
    }

    #[test]
    fn a_wrong_parameter_is_told_before_anything_is_asked() {
        let mut bench = Bench::new(CONTROL);
        let event = events::scheduled(&bench.rule, &json!({"trafficTypes": "EVERYTHING"}));
        let error = bench.lambda.invoke(event).unwrap_err();
        assert_eq!(error.error_type, "WrongParameter", "{}", error.message);
        assert!(bench.aws.calls().is_empty());
    }
}

mod routing {
    use super::*;

    const CONTROL: &Control = &private_routing::CONTROL;

    fn gateway(id: &str, vpc: &str) -> Value {
        let configuration = json!({
            "internetGatewayId": id, "ownerId": ACCOUNT,
            "attachments": [{"vpcId": vpc, "state": "available"}],
        });
        item("InternetGateway", id, &configuration)
    }

    /// A route table of `vpc-1`: whom it serves (`main` or a subnet), and its default route.
    fn table(id: &str, users: &[&str], target: &str) -> Value {
        let associations: Vec<Value> = users
            .iter()
            .map(|user| {
                let mut one = json!({"routeTableId": id, "main": *user == "main",
                                     "associationState": {"state": "associated"}});
                if *user != "main" {
                    one["subnetId"] = json!(user);
                }
                one
            })
            .collect();
        let key = if target.starts_with("nat-") { "natGatewayId" } else { "gatewayId" };
        let configuration = json!({
            "routeTableId": id, "vpcId": "vpc-1", "ownerId": ACCOUNT,
            "associations": associations, "propagatingVgws": [],
            "routes": [
                {"destinationCidrBlock": "10.0.0.0/16", "gatewayId": "local", "state": "active"},
                {"destinationCidrBlock": "0.0.0.0/0", key: target, "state": "active"},
            ],
        });
        item("RouteTable", id, &configuration)
    }

    fn subnet_item(id: &str, public_ip: bool) -> Value {
        let configuration = json!({
            "subnetId": id, "vpcId": "vpc-1", "ownerId": ACCOUNT, "mapPublicIpOnLaunch": public_ip,
        });
        item("Subnet", id, &configuration)
    }

    fn subnet(id: &str, vpc: &str, tier: &str) -> Value {
        json!({"SubnetId": id, "VpcId": vpc, "MapPublicIpOnLaunch": false,
               "Tags": [{"Key": "Tier", "Value": tier}],
               "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"}})
    }

    const WEB: Option<&str> = Some("fisc:internet-facing");

    fn network(aws: &FakeAws) {
        let ec2 = aws.stub("ec2");
        ec2.returns(
            "DescribeVpcs",
            json!({"Vpcs": [vpc("vpc-1", ACCOUNT, WEB), vpc("vpc-2", ACCOUNT, None)]}),
        );
        ec2.returns(
            "DescribeSubnets",
            json!({"Subnets": [
                subnet("subnet-web", "vpc-1", "public"), subnet("subnet-app", "vpc-1", "private"),
                subnet("subnet-new", "vpc-1", "private"), subnet("subnet-2", "vpc-2", "private"),
            ]}),
        );
        ec2.page_size(1);
    }

    #[test]
    fn subnets_and_approved_gateways_need_no_call() {
        let mut bench = Bench::new(CONTROL);
        let open = subnet_item("subnet-1", true);
        bench.changed(&open, NONE, "NON_COMPLIANT", "SUBNET_AUTO_PUBLIC_IP");
        bench.changed(&subnet_item("subnet-2", false), NONE, "COMPLIANT", "");
        let mut approved = open;
        approved["tags"] = json!({"fisc:public-approved": "2026-10"});
        bench.changed(&approved, NONE, "COMPLIANT", "PUBLIC_IP_APPROVED");
        let listed = json!({"authorizedVpcIds": "vpc-1", "internetFacingTagKey": ""});
        bench.changed(&gateway("igw-1", "vpc-1"), &listed, "COMPLIANT", "");
        let other = gateway("igw-2", "vpc-2");
        bench.changed(&other, &listed, "NON_COMPLIANT", "IGW_VPC_NOT_AUTHORIZED");
        let private = table("rtb-nat", &["subnet-app"], "nat-1");
        bench.changed(&private, NONE, "COMPLIANT", "");
        let called: Vec<String> = actions_of(&bench.aws.calls()).into_iter().collect();
        assert_eq!(called, ["config:PutEvaluations"]);
    }

    #[test]
    fn changed_gateways_and_tables_are_asked_about_alone() {
        let mut bench = Bench::new(CONTROL);
        network(&bench.aws);
        bench.changed(&gateway("igw-1", "vpc-1"), NONE, "COMPLIANT", "");
        let other = gateway("igw-2", "vpc-2");
        bench.changed(&other, NONE, "NON_COMPLIANT", "IGW_VPC_NOT_AUTHORIZED");
        let web = table("rtb-web", &["subnet-web"], "igw-1");
        bench.changed(&web, NONE, "COMPLIANT", "PUBLIC_SUBNETS_ONLY");
        let app = table("rtb-app", &["subnet-web", "subnet-app"], "igw-1");
        bench.changed(&app, NONE, "NON_COMPLIANT", "PRIVATE_ROUTE_TO_IGW");
        let nat = table("rtb-nat", &["subnet-app"], "nat-1");
        let forbid = json!({"forbidNat": true});
        bench.changed(&nat, &forbid, "NON_COMPLIANT", "PRIVATE_ROUTE_TO_NAT");
        assert_eq!(bench.aws.count("ListDiscoveredResources"), 0);
        for (operation, id) in [("DescribeVpcs", "vpc-2"), ("DescribeSubnets", "vpc-1")] {
            let call = bench.aws.calls_of(operation).pop().unwrap();
            let filters = json!([{"Name": "vpc-id", "Values": [id]}]);
            assert_eq!(call.body["Filters"], filters, "{operation}");
        }
        // Only of a main table it matters what else there is.
        let main = table("rtb-main", &["main"], "igw-1");
        for one in [&main, &nat, &table("rtb-web", &["subnet-web", "subnet-new"], "igw-1")] {
            bench.aws.config().record(one);
        }
        bench.changed(&main, NONE, "NON_COMPLIANT", "MAIN_TABLE_PUBLIC");
        for (operation, item, action) in [
            ("DescribeVpcs", &other, "ec2:DescribeVpcs"),
            ("DescribeSubnets", &web, "ec2:DescribeSubnets"),
        ] {
            bench.aws.fault("ec2", operation, Fault::Denied);
            let event = events::change(&bench.rule, item, NONE);
            bench.assert_denied(event, action);
        }
    }

    #[test]
    fn a_sweep_sees_what_changed_around_gateways_and_tables() {
        let mut bench = Bench::new(CONTROL);
        network(&bench.aws);
        bench.change(&subnet_item("subnet-1", true), NONE);
        for one in [
            gateway("igw-1", "vpc-1"),
            gateway("igw-2", "vpc-2"),
            table("rtb-main", &["main"], "igw-1"),
            table("rtb-web", &["subnet-web"], "igw-1"),
            table("rtb-app", &["subnet-app"], "nat-1"),
            table("rtb-none", &[], "igw-1"),
            subnet_item("subnet-1", true),
        ] {
            bench.aws.config().record(&one);
        }
        bench.aws.config().page(2);
        assert_eq!(bench.sweep(NONE), [3, 2, 1]);
        for (id, compliance, start) in [
            ("igw-1", "COMPLIANT", ""),
            ("igw-2", "NON_COMPLIANT", "IGW_VPC_NOT_AUTHORIZED"),
            // subnet-new is the one that nobody associated.
            ("rtb-main", "NON_COMPLIANT", "PRIVATE_ROUTE_TO_IGW"),
            ("rtb-web", "COMPLIANT", "PUBLIC_SUBNETS_ONLY"),
            ("rtb-app", "COMPLIANT", ""),
            ("rtb-none", "NOT_APPLICABLE", "NOT_ASSOCIATED"),
            ("subnet-1", "NON_COMPLIANT", "SUBNET_AUTO_PUBLIC_IP"),
        ] {
            bench.assert_held(id, compliance, start);
        }
        assert_eq!(bench.aws.count("DescribeVpcs"), 2);
        assert_eq!(bench.aws.count("DescribeSubnets"), 4);
        bench.assert_all_needed(&subnet_item("subnet-large", false));
        for action in ["ec2:DescribeVpcs", "ec2:DescribeSubnets", "config:BatchGetResourceConfig"] {
            let (service, operation) = action.split_once(':').unwrap();
            bench.aws.fault(service, operation, Fault::Denied.after(1));
            let event = events::scheduled(&bench.rule, NONE);
            bench.assert_denied(event, action);
            bench.aws.clear_faults();
        }
    }
}

mod endpoints {
    use super::*;

    const CONTROL: &Control = &vpc_endpoints::CONTROL;
    const ONE: &str = "kms";

    fn endpoint(vpc: &str, kind: &str, service: &str) -> Value {
        json!({
            "VpcEndpointId": format!("vpce-{vpc}-{service}"), "VpcId": vpc,
            "VpcEndpointType": kind, "State": "Available", "PrivateDnsEnabled": kind == "Interface",
            "ServiceName": format!("com.amazonaws.{REGION}.{service}"),
            "RouteTableIds": if kind == "Gateway" { json!(["rtb-1"]) } else { json!([]) },
        })
    }

    fn network(aws: &FakeAws) {
        let mut unused = endpoint("vpc-unrouted", "Gateway", "s3");
        unused["RouteTableIds"] = json!([]);
        let mut no_dns = endpoint("vpc-no-dns", "Interface", ONE);
        no_dns["PrivateDnsEnabled"] = json!(false);
        let ids = ["vpc-good", "vpc-bad", "vpc-unrouted", "vpc-no-dns", "vpc-empty"];
        let mut vpcs: Vec<Value> = ids.iter().map(|id| vpc(id, ACCOUNT, None)).collect();
        vpcs.push(vpc("vpc-spoke", ACCOUNT, Some("fisc:central-endpoints")));
        vpcs.push(vpc("vpc-shared", OTHER, None));
        let used = ["vpc-good", "vpc-bad", "vpc-unrouted", "vpc-no-dns", "vpc-spoke"];
        let interfaces: Vec<Value> = used.iter().map(|id| interface(id)).collect();
        let ec2 = aws.stub("ec2");
        ec2.returns("DescribeVpcs", json!({"Vpcs": vpcs}));
        ec2.returns("DescribeNetworkInterfaces", json!({"NetworkInterfaces": interfaces}));
        ec2.returns(
            "DescribeVpcEndpoints",
            json!({"VpcEndpoints": [
                endpoint("vpc-bad", "Gateway", "dynamodb"),
                unused, endpoint("vpc-unrouted", "Interface", ONE),
                no_dns, endpoint("vpc-no-dns", "Interface", "s3"),
                endpoint("vpc-good", "Gateway", "s3"), endpoint("vpc-good", "Interface", ONE),
            ]}),
        );
        ec2.page_size(2);
    }

    fn bucket(name: &str, class: &str, tied: bool) -> Value {
        let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
        item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
        item["tags"] = json!({"DataClassification": class});
        let policy = json!({"Statement": {
            "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": format!("arn:aws:s3:::{name}/*"),
            "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        }});
        let text = if tied { json!(policy.to_string()) } else { Value::Null };
        item["supplementaryConfiguration"] = json!({"BucketPolicy": {"policyText": text}});
        item
    }

    #[test]
    fn buckets_are_judged_by_their_item_alone() {
        let mut bench = Bench::new(CONTROL);
        let tied = bucket("tied", "CRITICAL", true);
        bench.changed(&tied, NONE, "COMPLIANT", "");
        bench.changed(&tied, &json!({"allowedSources": "vpce-1,vpce-2"}), "COMPLIANT", "");
        let code = "BUCKET_NOT_NETWORK_RESTRICTED";
        bench.changed(&tied, &json!({"allowedSources": "vpce-2"}), "NON_COMPLIANT", code);
        bench.changed(&bucket("open", "CRITICAL", false), NONE, "NON_COMPLIANT", code);
        bench.changed(&bucket("site", "PUBLIC", false), NONE, "NOT_APPLICABLE", "NOT_SENSITIVE");
        let called: Vec<String> = actions_of(&bench.aws.calls()).into_iter().collect();
        assert_eq!(called, ["config:PutEvaluations"]);
    }

    #[test]
    fn a_changed_vpc_is_asked_about_alone() {
        let mut bench = Bench::new(CONTROL);
        network(&bench.aws);
        let parameters = json!({"interfaceServices": ONE});
        bench.changed(&vpc_item("vpc-good", ACCOUNT), &parameters, "COMPLIANT", "");
        let bad = vpc_item("vpc-bad", ACCOUNT);
        bench.changed(&bad, &parameters, "NON_COMPLIANT", "S3_ENDPOINT_MISSING");
        bench.changed(&vpc_item("vpc-shared", OTHER), NONE, "NOT_APPLICABLE", "SHARED_VPC");
        let mut spoke = vpc_item("vpc-spoke", ACCOUNT);
        spoke["tags"] = json!({"fisc:central-endpoints": "hub"});
        bench.changed(&spoke, NONE, "NOT_APPLICABLE", "CENTRALLY_SERVED");
        assert_eq!(bench.aws.count("DescribeVpcs"), 0);
        for operation in ["DescribeVpcEndpoints", "DescribeNetworkInterfaces"] {
            let calls = bench.aws.calls_of(operation);
            assert!(calls.iter().all(|call| call.body["Filters"][0]["Name"] == "vpc-id"));
        }
        bench.aws.fault("ec2", "DescribeVpcEndpoints", Fault::Denied);
        let event = events::change(&bench.rule, &bad, NONE);
        bench.assert_denied(event, "ec2:DescribeVpcEndpoints");
    }

    #[test]
    fn a_sweep_judges_every_vpc() {
        let mut bench = Bench::new(CONTROL);
        network(&bench.aws);
        let parameters = json!({"interfaceServices": ONE});
        assert_eq!(bench.sweep(&parameters), [1, 3, 3]);
        for (id, compliance, start) in [
            ("vpc-good", "COMPLIANT", ""),
            ("vpc-bad", "NON_COMPLIANT", "S3_ENDPOINT_MISSING"),
            ("vpc-unrouted", "NON_COMPLIANT", "GATEWAY_ENDPOINT_NO_ROUTE_TABLE"),
            ("vpc-no-dns", "NON_COMPLIANT", "PRIVATE_DNS_DISABLED"),
            ("vpc-empty", "NOT_APPLICABLE", "UNUSED_VPC"),
            ("vpc-spoke", "NOT_APPLICABLE", "CENTRALLY_SERVED"),
            ("vpc-shared", "NOT_APPLICABLE", "SHARED_VPC"),
        ] {
            bench.assert_held(id, compliance, start);
        }
        bench.sweep(NONE);
        bench.assert_held("vpc-good", "NON_COMPLIANT", "INTERFACE_ENDPOINT_MISSING");
        bench.assert_all_needed(&bucket("large", "PUBLIC", false));
        for operation in ["DescribeVpcs", "DescribeVpcEndpoints", "DescribeNetworkInterfaces"] {
            bench.aws.fault("ec2", operation, Fault::Denied.after(1));
            let event = events::scheduled(&bench.rule, NONE);
            bench.assert_denied(event, &format!("ec2:{operation}"));
            bench.aws.clear_faults();
        }
    }

    #[test]
    fn a_region_without_vpcs_says_so() {
        let mut bench = Bench::new(CONTROL);
        bench.aws.stub("ec2").empty("DescribeVpcs");
        bench.sweep(NONE);
        bench.assert_held(ACCOUNT, "NOT_APPLICABLE", "NOTHING_ON_SCHEDULE");
    }
}
