//! End-to-end: the real `operations` binary, managed nodes and what is installed on them.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_operations::{malware_protection, patch_compliance, vulnerability_scanning};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn start(aws: &FakeAws, control: &Control) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_operations"), aws, &env)
}

/// What Config holds: `COMPLIANCE annotation`.
fn held(aws: &FakeAws, rule: &str, id: &str) -> String {
    let result = aws.config().result(rule, id).expect(id);
    format!("{} {}", result.compliance, result.annotation.unwrap_or_default())
}

fn assert_held(aws: &FakeAws, rule: &str, id: &str, expected: &[&str]) {
    let held = held(aws, rule, id);
    assert!(expected.iter().all(|one| held.contains(one)), "{id}: {held}");
}

fn hours_ago(hours: i64) -> String {
    (Timestamp::now() - SignedDuration::from_hours(hours)).to_string()
}

/// An instance as Config records it.
fn instance(id: &str, state: &str, tags: Value) -> Value {
    let mut item = events::item(
        "AWS::EC2::Instance",
        id,
        json!({
            "instanceId": id, "state": {"code": 16, "name": state}, "platform": null,
            "launchTime": "2026-08-01T00:00:00.000Z", "vpcId": "vpc-1",
            "blockDeviceMappings": [{"deviceName": "/dev/xvda",
                "ebs": {"volumeId": "vol-1", "attachTime": "2026-08-01T00:00:01.000Z"}}],
            "networkInterfaces": [],
        }),
    );
    item["ARN"] = json!(format!("arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{id}"));
    item["tags"] = tags;
    item
}

fn compliance(kind: &str, id: &str, configuration: Value) -> Value {
    events::item(
        &format!("AWS::SSM::{kind}Compliance"),
        &format!("AWS::SSM::ManagedInstanceInventory/{id}"),
        configuration,
    )
}

/// What the inventory says of a node's patches.
fn patches(status: &str, critical: i64) -> Value {
    json!({"AWS:ComplianceItem": {"SchemaVersion": "1.1", "Content": {"Patch": {
        "ComplianceSummary": {
            "Status": status, "NonCompliantCriticalCount": critical, "NonCompliantHighCount": 0,
            "NonCompliantMediumCount": 0, "NonCompliantLowCount": 0,
            "NonCompliantInformationalCount": 0, "NonCompliantUnspecifiedCount": 0,
        },
    }}}})
}

fn node(id: &str, platform: (&str, &str, &str), ping_hours: i64) -> Value {
    let (kind, name, version) = platform;
    json!({
        "InstanceId": id, "PingStatus": "Online", "LastPingDateTime": hours_ago(ping_hours),
        "PlatformType": kind, "PlatformName": name, "PlatformVersion": version,
    })
}

const AMAZON_LINUX: (&str, &str, &str) = ("Linux", "Amazon Linux", "2023");
const WINDOWS: (&str, &str, &str) =
    ("Windows", "Microsoft Windows Server 2022 Datacenter", "10.0.20348");

/// The software of a node; three pages of it in listings of two entries.
fn software(aws: &FakeAws, id: &str, age_hours: i64, names: &[&str]) {
    let entries: Vec<Value> =
        names.iter().map(|name| json!({"Name": name, "Version": "6.2.1"})).collect();
    let answer = json!({
        "TypeName": "AWS:Application", "InstanceId": id, "SchemaVersion": "1.1",
        "CaptureTime": hours_ago(age_hours), "Entries": entries,
    });
    aws.stub("ssm").when("ListInventoryEntries", json!({"InstanceId": id}), answer);
}

/// Instances in and out of the hands of Systems Manager, in listings of two pages.
fn fleet(aws: &FakeAws) {
    for item in [
        instance("i-good", "running", json!({"Role": "web"})),
        instance("i-batch", "running", json!({"Role": "batch"})),
        instance("i-lost", "running", json!({"Role": "web"})),
        instance("i-alien", "running", json!({})),
        instance("i-off", "stopped", json!({})),
        instance("i-over", "terminated", json!({})),
        instance("i-gold", "running", json!({"fisc:immutable": "true"})),
    ] {
        aws.config().record(&item);
    }
    // Its instance is gone.
    let mut past = node("i-past", ("Linux", "CentOS Linux", "7"), 90);
    past["PingStatus"] = json!("ConnectionLost");
    let ssm = aws.stub("ssm");
    ssm.page_size(2).returns(
        "DescribeInstanceInformation",
        json!({"InstanceInformationList": [
            node("i-good", AMAZON_LINUX, 0),
            node("i-batch", WINDOWS, 1),
            node("i-lost", AMAZON_LINUX, 30),
            node("i-gold", AMAZON_LINUX, 0),
            // Not EC2, and in use.
            node("mi-0123456789abcdef0", ("Linux", "Ubuntu", "22.04"), 0),
            past,
        ]}),
    );
    let names = ["kernel", "glibc", "openssl", "aide", "ssm-agent"];
    software(aws, "i-good", 10, &names);
    software(aws, "i-lost", 10, &names);
    software(aws, "i-gold", 10, &names[..2]);
    ssm.when("ListInventoryEntries", json!({"InstanceId": "i-batch"}), json!({"Entries": []}));
}

/// What patches the web servers, and does not patch the others.
fn schedules(aws: &FakeAws) {
    let ssm = aws.stub("ssm");
    let association = |id: &str, name: &str| {
        json!({
            "AssociationId": id, "Name": name, "ScheduleExpression": "rate(1 day)",
            "Targets": [{"Key": "InstanceIds", "Values": ["*"]}],
        })
    };
    let ids = [
        "11111111-1111-1111-1111-111111111111",
        "22222222-2222-2222-2222-222222222222",
        "33333333-3333-3333-3333-333333333333",
    ];
    ssm.returns(
        "ListAssociations",
        json!({"Associations": [
            association(ids[0], "AWS-RunPatchBaseline"),
            association(ids[1], "AWS-GatherSoftwareInventory"),
            association(ids[2], "AWS-RunPatchBaseline"),
        ]}),
    );
    // It scans every node and installs nothing.
    ssm.when(
        "DescribeAssociation",
        json!({"AssociationId": ids[0]}),
        json!({"AssociationDescription": {
            "Name": "AWS-RunPatchBaseline", "AssociationId": ids[0],
            "Parameters": {"Operation": ["Scan"]},
            "Targets": [{"Key": "InstanceIds", "Values": ["*"]}],
        }}),
    );
    ssm.fails_when(
        "DescribeAssociation",
        json!({"AssociationId": ids[2]}),
        "AssociationDoesNotExist",
        400,
    );
    let window = |id: &str, end: &str| {
        json!({"WindowId": id, "Name": id, "Enabled": true, "Duration": 3, "Cutoff": 1,
            "Schedule": "cron(0 2 ? * SUN *)", "EndDate": end})
    };
    ssm.returns(
        "DescribeMaintenanceWindows",
        json!({"WindowIdentities": [
            window("mw-0c50858d01EXAMPLE", "2099-01-01T00:00:00Z"),
            window("mw-1c50858d01EXAMPLE", "2020-01-01T00:00:00Z"),
        ]}),
    );
    let of = json!({"WindowId": "mw-0c50858d01EXAMPLE"});
    let task = |id: &str, arn: &str| {
        json!({
            "WindowId": "mw-0c50858d01EXAMPLE", "WindowTaskId": id, "TaskArn": arn,
            "Type": "RUN_COMMAND",
            "Targets": [{"Key": "WindowTargetIds", "Values": ["23639a0b-ddbc-4bca-9e72-78d96EXAMPLE"]}],
        })
    };
    ssm.when(
        "DescribeMaintenanceWindowTasks",
        of.clone(),
        json!({"Tasks": [
            task("4f7ca192-7e9a-40fe-9192-5cb15EXAMPLE", "AWS-RunPatchBaseline"),
            task("5f7ca192-7e9a-40fe-9192-5cb15EXAMPLE", "AWS-RunShellScript"),
        ]}),
    );
    ssm.when(
        "GetMaintenanceWindowTask",
        json!({"WindowTaskId": "4f7ca192-7e9a-40fe-9192-5cb15EXAMPLE"}),
        json!({
            "TaskArn": "AWS-RunPatchBaseline",
            "TaskInvocationParameters": {"RunCommand": {"Parameters": {"Operation": ["Install"]}}},
        }),
    );
    ssm.when(
        "DescribeMaintenanceWindowTargets",
        of,
        json!({"Targets": [
            {"WindowTargetId": "13639a0b-ddbc-4bca-9e72-78d96EXAMPLE",
                "Targets": [{"Key": "InstanceIds", "Values": ["i-batch"]}]},
            {"WindowTargetId": "23639a0b-ddbc-4bca-9e72-78d96EXAMPLE",
                "Targets": [{"Key": "tag:Role", "Values": ["web"]}]},
        ]}),
    );
    let state = |id: &str, days: i64| {
        json!({
            "InstanceId": id, "PatchGroup": "", "BaselineId": "pb-0123456789abcdef0",
            "OperationStartTime": hours_ago(24 * days + 1),
            "OperationEndTime": hours_ago(24 * days), "Operation": "Scan",
        })
    };
    ssm.returns(
        "DescribeInstancePatchStates",
        json!({"InstancePatchStates": [state("i-good", 1), state("i-batch", 9), state("i-lost", 1)]}),
    );
}

fn baselines(aws: &FakeAws) {
    let ssm = aws.stub("ssm");
    for (system, id, days) in [
        ("AMAZON_LINUX_2023", "pb-0amazonlinux20230", 7),
        ("WINDOWS", "pb-0windows000000000", 30),
        ("UBUNTU", "pb-0ubuntu0000000000", 14),
    ] {
        let of = json!({"OperatingSystem": system});
        let answer = json!({"BaselineId": id, "OperatingSystem": system});
        ssm.when("GetDefaultPatchBaseline", of, answer);
        let answer = json!({
            "BaselineId": id, "Name": format!("hbg-{system}"), "OperatingSystem": system,
            "ApprovalRules": {"PatchRules": [
                {"PatchFilterGroup": {"PatchFilters": []}, "ApproveAfterDays": days},
            ]},
        });
        ssm.when("GetPatchBaseline", json!({"BaselineId": id}), answer);
    }
    let group = |name: &str, system: &str, id: &str| {
        json!({"PatchGroup": name, "BaselineIdentity": {
            "BaselineId": id, "BaselineName": name, "OperatingSystem": system}})
    };
    ssm.returns(
        "DescribePatchGroups",
        json!({"Mappings": [
            group("web", "AMAZON_LINUX_2023", "pb-0frozen0000000000"),
            // Nothing here runs it.
            group("old", "CENTOS", "pb-0centos0000000000"),
            group("more", "AMAZON_LINUX_2023", "pb-0amazonlinux20230"),
        ]}),
    );
    ssm.when(
        "GetPatchBaseline",
        json!({"BaselineId": "pb-0frozen0000000000"}),
        json!({"BaselineId": "pb-0frozen0000000000", "Name": "frozen", "ApprovedPatches": []}),
    );
}

const PATCH_RULE: &str = "fisc-patch-compliance";

#[test]
fn the_schedule_judges_instances_and_baselines() {
    let control = &patch_compliance::CONTROL;
    let aws = aws_for(control);
    fleet(&aws);
    schedules(&aws);
    baselines(&aws);
    for id in ["i-good", "i-gone"] {
        aws.config().record(&compliance("Patch", id, patches("NON_COMPLIANT", 1)));
    }
    let rule = aws.config().rule(PATCH_RULE);
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    for (id, expected) in [
        ("i-good", vec!["COMPLIANT "]),
        (
            "i-batch",
            vec![
                "NON_COMPLIANT INVENTORY_MISSING",
                "PATCH_SCHEDULE_MISSING",
                "PATCH_SCAN_STALE",
                "9 日",
            ],
        ),
        ("i-lost", vec!["NON_COMPLIANT NOT_MANAGED", "30 時間"]),
        ("i-alien", vec!["NON_COMPLIANT NOT_MANAGED", "登録されていません"]),
        ("i-off", vec!["NOT_APPLICABLE INSTANCE_NOT_RUNNING"]),
        ("i-gold", vec!["COMPLIANT IMMUTABLE_FLEET"]),
        (ACCOUNT, vec!["NON_COMPLIANT PATCH_BASELINE_WEAK", "hbg-WINDOWS(30 日)", "frozen"]),
        ("AWS::SSM::ManagedInstanceInventory/i-gone", vec!["NOT_APPLICABLE NODE_NOT_REGISTERED"]),
    ] {
        assert_held(&aws, PATCH_RULE, id, &expected);
    }
    // Nothing was reported on what is over, or on what a change tells.
    for id in ["i-over", "AWS::SSM::ManagedInstanceInventory/i-good"] {
        assert!(aws.config().result(PATCH_RULE, id).is_none(), "{id}");
    }
    assert_eq!(aws.count("DescribeInstanceInformation"), 3, "pages");
    assert_eq!(aws.count("ListInventoryEntries"), 4, "one page tells the time");
    assert_eq!(aws.count("DescribeInstances"), 0, "the inventory of Config tells them");
    // For the rest of the role's actions.
    let empty = compliance("Patch", "i-good", json!({}));
    aws.stub("ssm").empty("ListComplianceItems");
    lambda.invoke(events::change(&rule, &empty, &Value::Null)).unwrap();
    lambda
        .invoke(events::oversized(&rule, &instance("i-good", "running", json!({})), &Value::Null))
        .unwrap();
    assert_all_needed(control, &actions_of(&aws.calls()));
}

#[test]
fn changes_of_compliance_and_of_instances_are_judged() {
    let control = &patch_compliance::CONTROL;
    let aws = aws_for(control);
    fleet(&aws);
    schedules(&aws);
    let rule = aws.config().rule(PATCH_RULE);
    let mut lambda = start(&aws, control);
    let listed = |id: &str, kind: &str, statuses: &[&str]| {
        let item = |status: &&str| {
            json!({"ComplianceType": kind, "ResourceType": "ManagedInstance", "ResourceId": id,
                "Id": "KB1", "Status": status, "Severity": "CRITICAL"})
        };
        let mut items: Vec<Value> = statuses.iter().map(item).collect();
        // What the customer reports himself is no business of this control.
        items.push(json!({"ComplianceType": "Custom:Hardening", "ResourceId": id,
            "ResourceType": "ManagedInstance", "Id": "1", "Status": "NON_COMPLIANT"}));
        let filter =
            json!({"ResourceIds": [id], "Filters": [{"Key": "ComplianceType", "Values": [kind]}]});
        aws.stub("ssm").when("ListComplianceItems", filter, json!({"ComplianceItems": items}));
    };
    listed("i-good", "Association", &["COMPLIANT", "NON_COMPLIANT", "COMPLIANT"]);
    listed("i-batch", "Association", &["COMPLIANT"]);
    listed("i-lost", "Association", &[]);
    let filter = json!({"Filters": [{"Key": "InstanceIds", "Values": ["i-unknown"]}]});
    aws.stub("ssm").fails_when("DescribeInstanceInformation", filter, "InvalidInstanceId", 400);
    for (kind, id, configuration, expected) in [
        ("Patch", "i-good", patches("COMPLIANT", 0), "COMPLIANT "),
        ("Patch", "i-batch", patches("NON_COMPLIANT", 2), "NON_COMPLIANT PATCH_NON_COMPLIANT"),
        ("Patch", "i-gold", patches("NON_COMPLIANT", 2), "NOT_APPLICABLE IMMUTABLE_FLEET"),
        ("Patch", "i-unknown", patches("NON_COMPLIANT", 2), "NOT_APPLICABLE NODE_NOT_REGISTERED"),
        ("Association", "i-good", json!({}), "NON_COMPLIANT ASSOCIATION_NON_COMPLIANT"),
        ("Association", "i-batch", json!({}), "COMPLIANT "),
        ("Association", "i-lost", json!({}), "NOT_APPLICABLE NO_COMPLIANCE_DATA"),
    ] {
        let item = compliance(kind, id, configuration);
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        let results = aws.config().results(PATCH_RULE);
        let result = results
            .iter()
            .find(|one| one.resource_type.contains(kind) && one.resource_id.ends_with(id))
            .expect(id);
        let annotation = result.annotation.clone().unwrap_or_default();
        let held = format!("{} {annotation}", result.compliance);
        assert!(held.starts_with(expected), "{kind} {id}: {held}");
    }
    for (item, expected) in [
        (instance("i-good", "running", json!({"Role": "web"})), "COMPLIANT "),
        (instance("i-unknown", "running", json!({})), "NON_COMPLIANT NOT_MANAGED"),
        (instance("i-off", "stopped", json!({})), "NOT_APPLICABLE INSTANCE_NOT_RUNNING"),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, PATCH_RULE, id, &[expected]);
    }
}

#[test]
fn a_denied_call_fails_the_run_and_writes_nothing() {
    for (service, operation) in [
        ("config", "SelectResourceConfig"),
        ("ssm", "DescribeInstanceInformation"),
        ("ssm", "ListInventoryEntries"),
        ("ssm", "DescribeInstancePatchStates"),
        ("ssm", "ListAssociations"),
        ("ssm", "DescribeAssociation"),
        ("ssm", "DescribeMaintenanceWindowTasks"),
        ("ssm", "GetMaintenanceWindowTask"),
        ("ssm", "DescribeMaintenanceWindowTargets"),
        ("ssm", "GetDefaultPatchBaseline"),
        ("ssm", "DescribePatchGroups"),
        ("ssm", "GetPatchBaseline"),
    ] {
        let control = &patch_compliance::CONTROL;
        let aws = aws_for(control);
        fleet(&aws);
        schedules(&aws);
        baselines(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(PATCH_RULE);
        let error =
            start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(
            error.message.contains(&format!("{service}:{operation} failed")),
            "{}",
            error.message
        );
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

const MALWARE_RULE: &str = "fisc-malware-protection";
const DETECTOR: &str = "12abc34d567e8fa901bc2d34e56789f0";

/// A Region with GuardDuty, products on hosts, and buckets that take files from outside.
fn protection(aws: &FakeAws, malware: &str) {
    fleet(aws);
    let guardduty = aws.stub("guardduty");
    guardduty.page_size(2).returns("ListDetectors", json!({"DetectorIds": [DETECTOR]}));
    guardduty.returns(
        "GetDetector",
        json!({
            "Status": "ENABLED", "ServiceRole": "role",
            "Features": [
                {"Name": "CLOUD_TRAIL", "Status": "ENABLED"},
                {"Name": "EBS_MALWARE_PROTECTION", "Status": malware},
            ],
        }),
    );
    guardduty.returns(
        "GetAdministratorAccount",
        json!({"Administrator": {"AccountId": "999988887777", "RelationshipStatus": "Enabled"}}),
    );
    let resource = |id: &str, status: &str| {
        json!({"ResourceId": id, "CoverageStatus": status,
            "ResourceDetails": {"Ec2InstanceDetails": {"InstanceId": id}, "ResourceType": "EC2"}})
    };
    guardduty.returns(
        "ListCoverage",
        json!({"Resources": [
            resource("i-other", "HEALTHY"), resource("i-else", "HEALTHY"),
            resource("i-batch", "HEALTHY"),
        ]}),
    );
    guardduty.returns(
        "ListMalwareProtectionPlans",
        json!({"MalwareProtectionPlans": [
            {"MalwareProtectionPlanId": "p-good"}, {"MalwareProtectionPlanId": "p-error"},
            {"MalwareProtectionPlanId": "p-part"}, {"MalwareProtectionPlanId": "p-gone"},
        ]}),
    );
    for (id, status, bucket, prefixes) in [
        ("p-good", "ACTIVE", "hbg-upload", json!([])),
        ("p-error", "ERROR", "hbg-broken", json!([])),
        ("p-part", "ACTIVE", "hbg-part", json!(["in/"])),
    ] {
        guardduty.when(
            "GetMalwareProtectionPlan",
            json!({"MalwareProtectionPlanId": id}),
            json!({"Status": status, "ProtectedResource":
                {"S3Bucket": {"BucketName": bucket, "ObjectPrefixes": prefixes}}}),
        );
    }
    let gone = json!({"MalwareProtectionPlanId": "p-gone"});
    guardduty.fails_when("GetMalwareProtectionPlan", gone, "ResourceNotFoundException", 404);
    for (name, tags) in [
        ("hbg-upload", json!({"fisc:untrusted-upload": "true"})),
        ("hbg-broken", json!({"fisc:untrusted-upload": "true"})),
        ("hbg-part", json!({"fisc:untrusted-upload": "true"})),
        ("hbg-av", json!({"fisc:untrusted-upload": "true", "fisc:third-party-av": "true"})),
        ("hbg-internal", json!({})),
    ] {
        let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
        item["tags"] = tags;
        aws.config().record(&item);
    }
}

#[test]
fn the_schedule_judges_the_account_hosts_and_buckets() {
    let control = &malware_protection::CONTROL;
    let aws = aws_for(control);
    protection(&aws, "DISABLED");
    let rule = aws.config().rule(MALWARE_RULE);
    let parameters = json!({"requiredApplications": "falcon*", "acceptGuardDutyRuntime": true});
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &parameters)).unwrap();
    for (id, expected) in [
        (ACCOUNT, vec!["NON_COMPLIANT GUARDDUTY_MALWARE_SCAN_OFF", "999988887777"]),
        ("i-good", vec!["NON_COMPLIANT HOST_AGENT_MISSING"]),
        ("i-gold", vec!["NON_COMPLIANT HOST_AGENT_MISSING", "FILE_INTEGRITY_TOOL_MISSING"]),
        // Windows, and covered.
        ("i-batch", vec!["COMPLIANT COVERED_BY_GUARDDUTY"]),
        ("i-alien", vec!["NOT_APPLICABLE NODE_NOT_REGISTERED"]),
        ("i-off", vec!["NOT_APPLICABLE INSTANCE_NOT_RUNNING"]),
        ("hbg-upload", vec!["COMPLIANT "]),
        ("hbg-broken", vec!["NON_COMPLIANT BUCKET_MALWARE_PLAN_MISSING"]),
        ("hbg-part", vec!["COMPLIANT PREFIXES_ONLY"]),
        ("hbg-av", vec!["COMPLIANT OTHER_SCANNER"]),
    ] {
        assert_held(&aws, MALWARE_RULE, id, &expected);
    }
    assert!(aws.config().result(MALWARE_RULE, "hbg-internal").is_none());
    assert_eq!(aws.count("ListCoverage"), 2, "pages");
    assert_eq!(aws.count("ListMalwareProtectionPlans"), 2, "pages");
    let of = |id: &str| {
        let calls = aws.calls_of("ListInventoryEntries");
        calls.iter().filter(|call| call.body["InstanceId"] == id).count()
    };
    assert_eq!((of("i-good"), of("i-batch"), of("i-off")), (3, 0, 0), "pages of what is needed");
    assert_all_needed(control, &actions_of(&aws.calls()));
    // By default a tool for file integrity is asked for, and no product.
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, MALWARE_RULE, "i-good", &["COMPLIANT ONLY_LISTED"]);
    assert_held(&aws, MALWARE_RULE, "i-batch", &["NOT_APPLICABLE NOTHING_REQUIRED"]);
}

#[test]
fn an_account_with_malware_scans_passes_and_one_without_guardduty_fails() {
    let control = &malware_protection::CONTROL;
    let aws = aws_for(control);
    protection(&aws, "ENABLED");
    let rule = aws.config().rule(MALWARE_RULE);
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, MALWARE_RULE, ACCOUNT, &["COMPLIANT "]);
    assert_eq!(aws.count("GetAdministratorAccount"), 0);
    aws.stub("guardduty").empty("ListDetectors");
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, MALWARE_RULE, ACCOUNT, &["NON_COMPLIANT GUARDDUTY_MALWARE_SCAN_OFF"]);
}

#[test]
fn malware_protection_writes_nothing_when_it_is_denied_something() {
    for (service, operation) in [
        ("guardduty", "ListDetectors"),
        ("guardduty", "GetDetector"),
        ("guardduty", "GetAdministratorAccount"),
        ("guardduty", "ListMalwareProtectionPlans"),
        ("guardduty", "GetMalwareProtectionPlan"),
        ("ssm", "DescribeInstanceInformation"),
        ("ssm", "ListInventoryEntries"),
        ("config", "SelectResourceConfig"),
    ] {
        let control = &malware_protection::CONTROL;
        let aws = aws_for(control);
        protection(&aws, "DISABLED");
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(MALWARE_RULE);
        let error =
            start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

const SCAN_RULE: &str = "fisc-vulnerability-scanning";

fn repository(name: &str, on_push: bool) -> Value {
    events::item(
        "AWS::ECR::Repository",
        name,
        json!({"RepositoryName": name, "ImageScanningConfiguration": {"ScanOnPush": on_push}}),
    )
}

fn registry(aws: &FakeAws, kind: &str, filters: &[&str]) {
    let filters: Vec<Value> =
        filters.iter().map(|filter| json!({"filter": filter, "filterType": "WILDCARD"})).collect();
    aws.stub("ecr").returns(
        "GetRegistryScanningConfiguration",
        json!({"registryId": ACCOUNT, "scanningConfiguration": {"scanType": kind, "rules":
            [{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": filters}]}}),
    );
}

fn status(ec2: &str, lambda: &str) -> Value {
    let state = |status: &str| json!({"status": status, "errorCode": "", "errorMessage": ""});
    json!({"accounts": [{
        "accountId": ACCOUNT, "state": state("ENABLED"),
        "resourceState": {"ec2": state(ec2), "ecr": state("ENABLED"), "lambda": state(lambda)},
    }]})
}

fn finding(severity: &str, resource: &str, days: i64) -> Value {
    json!({
        "findingArn": format!("arn:aws:inspector2:{REGION}:{ACCOUNT}:finding/{resource}"),
        "awsAccountId": ACCOUNT, "type": "PACKAGE_VULNERABILITY", "description": "CVE",
        "remediation": {}, "severity": severity, "status": "ACTIVE",
        "firstObservedAt": hours_ago(24 * days), "lastObservedAt": hours_ago(1),
        "resources": [{"type": "AWS_EC2_INSTANCE", "id": resource}],
    })
}

#[test]
fn the_schedule_judges_scans_findings_and_repositories() {
    let control = &vulnerability_scanning::CONTROL;
    let aws = aws_for(control);
    let inspector = aws.stub("inspector2");
    inspector.page_size(2).returns("BatchGetAccountStatus", status("ENABLED", "DISABLED"));
    let of = |severity: &str| json!({"filterCriteria": {"severity": [{"comparison": "EQUALS", "value": severity}]}});
    inspector.when(
        "ListFindings",
        of("CRITICAL"),
        json!({"findings": [
            finding("CRITICAL", "i-old", 20), finding("CRITICAL", "i-older", 25),
            finding("CRITICAL", "i-young", 9),
        ]}),
    );
    inspector.when("ListFindings", of("HIGH"), json!({"findings": []}));
    registry(&aws, "ENHANCED", &["hbg/*"]);
    for item in [repository("hbg/transfer", false), repository("sandbox/x", true)] {
        aws.config().record(&item);
    }
    let rule = aws.config().rule(SCAN_RULE);
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(
        &aws,
        SCAN_RULE,
        ACCOUNT,
        &[
            "NON_COMPLIANT SCAN_TYPE_OFF",
            "LAMBDA (DISABLED)",
            "FINDINGS_OVERDUE",
            "3 件",
            "25 日",
            "i-older",
        ],
    );
    assert_held(&aws, SCAN_RULE, "hbg/transfer", &["COMPLIANT "]);
    assert_held(&aws, SCAN_RULE, "sandbox/x", &["NON_COMPLIANT IMAGE_SCAN_OFF"]);
    let calls = aws.calls_of("ListFindings");
    assert_eq!(calls.len(), 3, "two pages, and one");
    let criteria = &calls[0].body["filterCriteria"];
    assert_eq!(criteria["awsAccountId"][0]["value"], ACCOUNT);
    assert_eq!(criteria["findingStatus"][0]["value"], "ACTIVE");
    assert!(criteria["firstObservedAt"][0]["endInclusive"].is_number(), "{criteria}");
    let old = repository("hbg/old", false);
    aws.config().record(&old);
    lambda.invoke(events::oversized(&rule, &old, &Value::Null)).unwrap();
    assert_held(&aws, SCAN_RULE, "hbg/old", &["COMPLIANT "]);
    assert_all_needed(control, &actions_of(&aws.calls()));
    // Without functions, none need be scanned.
    let parameters = json!({"skipUnusedTypes": true, "requiredScanTypes": "LAMBDA"});
    lambda.invoke(events::scheduled(&rule, &parameters)).unwrap();
    assert_held(&aws, SCAN_RULE, ACCOUNT, &["NOT_APPLICABLE NOTHING_REQUIRED"]);
    // Code is in no recorded resource, and is asked for all the same; the Region does not scan it.
    let parameters = json!({"skipUnusedTypes": true, "requiredScanTypes": "CODE_REPOSITORY"});
    lambda.invoke(events::scheduled(&rule, &parameters)).unwrap();
    assert_held(&aws, SCAN_RULE, ACCOUNT, &["NON_COMPLIANT FINDINGS_OVERDUE"]);
    let mut off = status("ENABLED", "ENABLED");
    off["accounts"][0]["resourceState"]["codeRepository"] =
        json!({"status": "DISABLED", "errorCode": "", "errorMessage": ""});
    aws.stub("inspector2").returns("BatchGetAccountStatus", off);
    lambda.invoke(events::scheduled(&rule, &parameters)).unwrap();
    assert_held(&aws, SCAN_RULE, ACCOUNT, &["NON_COMPLIANT SCAN_TYPE_OFF", "CODE_REPOSITORY"]);
}

#[test]
fn an_account_without_inspector_is_not_asked_for_findings() {
    let control = &vulnerability_scanning::CONTROL;
    let aws = aws_for(control);
    let state = json!({"status": "DISABLED", "errorCode": "", "errorMessage": ""});
    let off = json!({"accounts": [{"accountId": ACCOUNT, "state": state, "resourceState":
        {"ec2": state, "ecr": state, "lambda": state}}]});
    aws.stub("inspector2").returns("BatchGetAccountStatus", off);
    let rule = aws.config().rule(SCAN_RULE);
    let mut lambda = start(&aws, control);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, SCAN_RULE, ACCOUNT, &["NON_COMPLIANT SCAN_TYPE_OFF"]);
    assert_eq!(aws.count("ListFindings"), 0);
    registry(&aws, "BASIC", &[]);
    for (on_push, expected) in [(true, "COMPLIANT "), (false, "NON_COMPLIANT IMAGE_SCAN_OFF")] {
        let name = format!("hbg/{on_push}");
        lambda.invoke(events::change(&rule, &repository(&name, on_push), &Value::Null)).unwrap();
        assert_held(&aws, SCAN_RULE, &name, &[expected]);
    }
}

#[test]
fn vulnerability_scanning_writes_nothing_when_it_is_denied_something() {
    for (service, operation) in [
        ("inspector2", "BatchGetAccountStatus"),
        ("inspector2", "ListFindings"),
        ("ecr", "GetRegistryScanningConfiguration"),
        ("config", "SelectResourceConfig"),
    ] {
        let control = &vulnerability_scanning::CONTROL;
        let aws = aws_for(control);
        aws.stub("inspector2").returns("BatchGetAccountStatus", status("ENABLED", "ENABLED"));
        aws.stub("inspector2").empty("ListFindings");
        registry(&aws, "BASIC", &["*"]);
        aws.config().record(&repository("hbg/transfer", false));
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(SCAN_RULE);
        let error =
            start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
    // Inspector has a second way of refusing.
    let control = &vulnerability_scanning::CONTROL;
    let aws = aws_for(control);
    let failed = json!({"accountId": ACCOUNT, "errorCode": "ACCESS_DENIED", "errorMessage": "no"});
    aws.stub("inspector2")
        .returns("BatchGetAccountStatus", json!({"accounts": [], "failedAccounts": [failed]}));
    let rule = aws.config().rule(SCAN_RULE);
    let error = start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}
