//! End-to-end: the real `network` binary and instances with all that surrounds them: security
//! groups, Systems Manager, VPCs and what they are launched from.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_network::ec2_instance_access::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RULE: &str = "fisc-ec2-instance-access";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_network"), aws, &env)
}

/// What Config holds: `COMPLIANCE annotation`.
fn held(aws: &FakeAws, id: &str) -> String {
    let result = aws.config().result(RULE, id).expect(id);
    format!("{} {}", result.compliance, result.annotation.unwrap_or_default())
}

fn assert_held(aws: &FakeAws, id: &str, expected: &[&str]) {
    let held = held(aws, id);
    assert!(expected.iter().all(|one| held.contains(one)), "{id}: {held}");
}

/// An instance as Config records it, in one security group.
fn item(id: &str, group: &str) -> Value {
    let groups = json!([{"groupName": group, "groupId": group}]);
    let mut item = events::item(
        "AWS::EC2::Instance",
        id,
        json!({
            "instanceId": id, "state": {"code": 16, "name": "running"},
            "metadataOptions": {"state": "applied", "httpTokens": "required",
                "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"},
            "launchTime": "2026-11-01T00:00:00.000Z", "vpcId": "vpc-1", "publicIpAddress": null,
            "securityGroups": groups, "tags": [],
            "networkInterfaces": [{"networkInterfaceId": format!("eni-{id}"), "groups": groups,
                "privateIpAddresses": [{"primary": true, "privateIpAddress": "10.20.10.21"}]}],
            "iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/hbg-app",
                "id": "AIPAEXAMPLE"},
        }),
    );
    item["ARN"] = json!(format!("arn:aws:ec2:{REGION}:111122223333:instance/{id}"));
    item
}

/// An instance as EC2 describes it.
fn described(id: &str, group: &str, vpc: &str, state: &str) -> Value {
    let groups = json!([{"GroupName": group, "GroupId": group}]);
    json!({"Instances": [{
        "InstanceId": id, "State": {"Code": 16, "Name": state}, "VpcId": vpc,
        "LaunchTime": "2026-11-01T00:00:00Z", "SecurityGroups": groups,
        "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpEndpoint": "enabled"},
        "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/hbg-app"},
        "NetworkInterfaces": [{"NetworkInterfaceId": format!("eni-{id}"), "Groups": groups}],
        "Tags": [],
    }]})
}

/// A bastion that nothing reaches but Systems Manager, as Config records it.
fn bastion(id: &str) -> Value {
    let mut item = item(id, "sg-closed");
    item["tags"] = json!({"Role": "bastion"});
    item
}

/// The same as EC2 describes it.
fn described_bastion(id: &str) -> Value {
    let mut reservation = described(id, "sg-closed", "vpc-1", "running");
    reservation["Instances"][0]["Tags"] = json!([{"Key": "Role", "Value": "bastion"}]);
    reservation
}

fn group(id: &str, port: u16, network: &str) -> Value {
    json!({
        "GroupId": id, "GroupName": id, "VpcId": "vpc-1", "Description": "hbg",
        "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
            "IpRanges": [{"CidrIp": network}], "UserIdGroupPairs": [], "PrefixListIds": [],
        }],
    })
}

fn node(id: &str, status: &str) -> Value {
    let last = Timestamp::now() - SignedDuration::from_mins(3);
    json!({"InstanceId": id, "PingStatus": status, "LastPingDateTime": last.to_string()})
}

fn template(id: &str) -> Value {
    events::item(
        "AWS::EC2::LaunchTemplate",
        id,
        json!({
            "LaunchTemplateName": id, "Id": id, "DefaultVersionNumber": "1",
            "LatestVersionNumber": "2", "LaunchTemplateData": {"ImageId": "ami-1"},
        }),
    )
}

fn version(id: &str, number: i64, public: bool) -> Value {
    json!({
        "LaunchTemplateId": id, "LaunchTemplateName": id, "VersionNumber": number,
        "DefaultVersion": number == 1,
        "LaunchTemplateData": {
            "ImageId": "ami-1", "MetadataOptions": {"HttpTokens": "required"},
            "NetworkInterfaces": [{
                "DeviceIndex": 0, "AssociatePublicIpAddress": public, "Groups": ["sg-app"],
            }],
        },
    })
}

/// A Region with instances and templates, good and bad ones, in listings of two pages.
fn workload(aws: &FakeAws) {
    let ec2 = aws.stub("ec2");
    ec2.page_size(2);
    ec2.returns(
        "DescribeInstances",
        json!({"Reservations": [
            described("i-good", "sg-app", "vpc-1", "running"),
            described("i-ssh", "sg-ssh", "vpc-1", "running"),
            described("i-lost", "sg-app", "vpc-default", "running"),
            described("i-stopped", "sg-app", "vpc-1", "stopped"),
            described_bastion("i-bastion"),
        ]}),
    );
    ec2.returns(
        "DescribeSecurityGroups",
        json!({"SecurityGroups": [
            group("sg-app", 443, "10.20.0.0/16"),
            group("sg-web", 443, "0.0.0.0/0"),
            group("sg-ssh", 22, "203.0.113.0/24"),
            json!({"GroupId": "sg-closed", "GroupName": "closed", "VpcId": "vpc-1",
                "Description": "hbg", "IpPermissions": []}),
        ]}),
    );
    ec2.returns(
        "DescribeVpcs",
        json!({"Vpcs": [{"VpcId": "vpc-default", "OwnerId": ACCOUNT, "IsDefault": true}]}),
    );
    ec2.returns(
        "DescribeLaunchTemplateVersions",
        json!({"LaunchTemplateVersions": [
            version("lt-good", 1, false),
            version("lt-good", 2, false),
            version("lt-public", 1, false),
            version("lt-public", 2, true),
        ]}),
    );
    aws.stub("ssm").page_size(2).returns(
        "DescribeInstanceInformation",
        json!({"InstanceInformationList": [
            node("i-other", "Online"), node("i-lost", "ConnectionLost"), node("i-ssh", "Online"),
            node("i-good", "Online"),
        ]}),
    );
    for id in ["lt-good", "lt-public", "lt-gone"] {
        aws.config().record(&template(id));
    }
}

#[test]
fn a_changed_instance_is_judged_with_what_surrounds_it() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut bad = item("i-bad", "sg-ssh");
    bad["configuration"]["publicIpAddress"] = json!("203.0.113.45");
    bad["configuration"]["metadataOptions"]["httpTokens"] = json!("optional");
    let mut terminated = item("i-terminated", "sg-app");
    terminated["configuration"]["state"] = json!({"code": 48, "name": "terminated"});
    for (item, expected) in [
        (item("i-good", "sg-app"), vec!["COMPLIANT"]),
        (item("i-ssh", "sg-ssh"), vec!["NON_COMPLIANT INBOUND_ADMIN_PORT", "203.0.113.0/24"]),
        (
            bad,
            // The message is cut at 256 characters.
            vec!["NON_COMPLIANT PUBLIC_IP_ASSIGNED", "IMDSV1_ALLOWED", "INBOUND_ADMIN_PORT"],
        ),
        (terminated, vec!["NOT_APPLICABLE INSTANCE_TERMINATED"]),
        (bastion("i-other"), vec!["COMPLIANT"]),
        (bastion("i-bastion"), vec!["NON_COMPLIANT BASTION_PATH_TOO_WIDE"]),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, id, &expected);
    }
    let calls = aws.calls_of("DescribeSecurityGroups");
    let filter = json!([{"Name": "group-id", "Values": ["sg-app"]}]);
    assert_eq!(calls[0].body["Filters"], filter, "only the groups of the instance are asked for");
    let filter = json!([{"Key": "InstanceIds", "Values": ["i-other"]}]);
    let calls = aws.calls_of("DescribeInstanceInformation");
    assert_eq!(calls[0].body["Filters"], filter, "bastions alone are asked for");
    assert_eq!(aws.count("DescribeInstances"), 0, "the item tells it");

    // An old item has no metadata options: EC2 tells them.
    let mut old = item("i-good", "sg-app");
    old["configuration"]["metadataOptions"] = Value::Null;
    aws.config().record(&old);
    lambda.invoke(events::oversized(&rule, &old, &Value::Null)).unwrap();
    assert_held(&aws, "i-good", &["COMPLIANT"]);
    assert_eq!(
        aws.calls_of("DescribeInstances")[0].body["Filters"][0]["Values"],
        json!(["i-good"])
    );
    let mut gone = item("i-gone", "sg-app");
    gone["configuration"]["metadataOptions"] = Value::Null;
    lambda.invoke(events::change(&rule, &gone, &Value::Null)).unwrap();
    assert_held(&aws, "i-gone", &["NOT_APPLICABLE RESOURCE_GONE"]);

    // A group that is gone: the instance has moved to another one, or is gone with it.
    for (id, expected) in
        [("i-lost", "NON_COMPLIANT IN_DEFAULT_VPC"), ("i-brief", "NOT_APPLICABLE RESOURCE_GONE")]
    {
        let moved = item(id, "sg-packer");
        lambda.invoke(events::change(&rule, &moved, &Value::Null)).unwrap();
        assert_held(&aws, id, &[expected]);
    }

    // Systems Manager may refuse to be asked about an instance that it does not know.
    let filters = json!({"Filters": [{"Key": "InstanceIds", "Values": ["i-new"]}]});
    aws.stub("ssm").fails_when("DescribeInstanceInformation", filters, "InvalidInstanceId", 400);
    lambda.invoke(events::change(&rule, &bastion("i-new"), &Value::Null)).unwrap();
    assert_held(&aws, "i-new", &["NON_COMPLIANT BASTION_PATH_TOO_WIDE"]);
}

#[test]
fn what_instances_are_launched_from_is_judged_on_change() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let ec2 = aws.stub("ec2");
    for id in ["lt-good", "lt-public"] {
        let versions = json!([version(id, 1, false), version(id, 2, id == "lt-public")]);
        let answer = json!({"LaunchTemplateVersions": versions});
        ec2.when("DescribeLaunchTemplateVersions", json!({"LaunchTemplateId": id}), answer);
    }
    let of = json!({"LaunchTemplateId": "lt-gone"});
    let code = "InvalidLaunchTemplateId.NotFound";
    ec2.fails_when("DescribeLaunchTemplateVersions", of, code, 400);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let scaling =
        |id: &str, parts: Value| events::item("AWS::AutoScaling::AutoScalingGroup", id, parts);
    let old = events::item(
        "AWS::AutoScaling::LaunchConfiguration",
        "lc-old",
        json!({"launchConfigurationName": "old", "associatePublicIpAddress": true}),
    );
    let from = json!({"launchTemplate": {"launchTemplateId": "lt-good", "version": "2"}});
    for (item, expected) in [
        (template("lt-good"), "COMPLIANT"),
        (template("lt-public"), "NON_COMPLIANT TEMPLATE_PUBLIC_IP"),
        (template("lt-gone"), "NOT_APPLICABLE RESOURCE_GONE"),
        (scaling("asg-good", from), "COMPLIANT"),
        (
            scaling("asg-old", json!({"launchConfigurationName": "old"})),
            "NON_COMPLIANT ASG_USES_LAUNCH_CONFIGURATION",
        ),
        (old, "NON_COMPLIANT TEMPLATE_PUBLIC_IP"),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, id, &[expected]);
    }
    let off = json!({"checkLaunchTemplates": false});
    let mut public = template("lt-public");
    public["configurationItemCaptureTime"] = json!("2026-11-02T01:36:34.043Z");
    lambda.invoke(events::change(&rule, &public, &off)).unwrap();
    assert_held(&aws, "lt-public", &["NOT_APPLICABLE TEMPLATES_NOT_CHECKED"]);
}

#[test]
fn the_schedule_judges_instances_and_templates() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let answer = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(3), &json!(4)), "{answer}");
    for (id, expected) in [
        ("i-good", vec!["COMPLIANT"]),
        ("i-ssh", vec!["NON_COMPLIANT INBOUND_ADMIN_PORT", "sg-ssh"]),
        ("i-lost", vec!["NON_COMPLIANT IN_DEFAULT_VPC"]),
        ("i-stopped", vec!["COMPLIANT"]),
        ("i-bastion", vec!["NON_COMPLIANT BASTION_PATH_TOO_WIDE"]),
        ("lt-good", vec!["COMPLIANT"]),
        ("lt-public", vec!["NON_COMPLIANT TEMPLATE_PUBLIC_IP"]),
    ] {
        assert_held(&aws, id, &expected);
    }
    // A template that EC2 no longer knows is none.
    assert!(aws.config().result(RULE, "lt-gone").is_none());
    for (operation, pages) in [
        ("DescribeInstances", 3),
        ("DescribeSecurityGroups", 2),
        ("DescribeInstanceInformation", 2),
        ("DescribeLaunchTemplateVersions", 2),
    ] {
        assert_eq!(aws.count(operation), pages, "{operation}");
    }
    lambda.invoke(events::oversized(&rule, &template("lt-good"), &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn a_denied_call_fails_the_schedule_and_writes_nothing() {
    for (service, operation, action) in [
        ("ec2", "DescribeInstances", "ec2:DescribeInstances"),
        ("ec2", "DescribeSecurityGroups", "ec2:DescribeSecurityGroups"),
        ("ec2", "DescribeVpcs", "ec2:DescribeVpcs"),
        ("ec2", "DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplateVersions"),
        ("ssm", "DescribeInstanceInformation", "ssm:DescribeInstanceInformation"),
        ("config", "SelectResourceConfig", "config:SelectResourceConfig"),
    ] {
        let aws = aws_for(&CONTROL);
        workload(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let error = start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{service} {operation}");
    }
}

#[test]
fn an_unknown_security_group_and_a_cut_item_are_no_verdict() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut cut = item("i-cut", "sg-app");
    cut["configuration"]["networkInterfaces"] = Value::Null;
    let odd = described("i-odd", "sg-shared", "vpc-1", "running");
    aws.stub("ec2").returns("DescribeInstances", json!({"Reservations": [odd]}));
    for (item, error_type, expected) in [
        (item("i-odd", "sg-shared"), "UnexpectedAnswer", "the security group sg-shared"),
        (cut, "IncompleteItem", "networkInterfaces is missing"),
    ] {
        let error = lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, error_type, "{}", error.message);
        assert!(error.message.contains(expected), "{}", error.message);
    }
    assert_eq!(aws.count("PutEvaluations"), 0);
}

#[test]
fn a_region_without_instances_has_nothing_in_scope() {
    let aws = aws_for(&CONTROL);
    aws.stub("ec2").empty("DescribeInstances");
    let rule = aws.config().rule(RULE);
    start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    let results = aws.config().results(RULE);
    assert_eq!(results.len(), 1);
    assert_held(&aws, "111122223333", &["NOT_APPLICABLE NOTHING_ON_SCHEDULE"]);
}
