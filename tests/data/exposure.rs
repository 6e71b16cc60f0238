//! End-to-end: `public-exposure` in the real `data` binary, from the Config event to the
//! evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_data::public_exposure::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-public-exposure";
const MARKED: &str =
    "You can't perform this operation on the secret because it was marked for deletion.";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_data"), aws, &env)
}

fn item(kind: &str, id: &str, arn: &str, configuration: Value) -> Value {
    let mut item = events::item(kind, id, configuration);
    item["ARN"] = json!(format!("arn:aws:{arn}"));
    item
}

fn function(name: &str) -> Value {
    let arn = format!("lambda:{REGION}:{ACCOUNT}:function:{name}");
    item("AWS::Lambda::Function", name, &arn, json!({"functionName": name}))
}

fn queue(name: &str) -> Value {
    let url = format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}");
    let arn = format!("sqs:{REGION}:{ACCOUNT}:{name}");
    item("AWS::SQS::Queue", &url, &arn, json!({"QueueUrl": url, "QueueName": name}))
}

fn secret() -> Value {
    let arn = format!("secretsmanager:{REGION}:{ACCOUNT}:secret:db-a1b2c3");
    let id = format!("arn:aws:{arn}");
    item("AWS::SecretsManager::Secret", &id, &arn, json!({"Name": "db", "Deleted": false}))
}

fn repository() -> Value {
    let arn = format!("ecr:{REGION}:{ACCOUNT}:repository/app");
    item("AWS::ECR::Repository", "app", &arn, json!({"RepositoryName": "app"}))
}

fn bus(name: &str) -> Value {
    let arn = format!("events:{REGION}:{ACCOUNT}:event-bus/{name}");
    item("AWS::Events::EventBus", name, &arn, json!({ "Name": name }))
}

fn file_system() -> Value {
    let arn = format!("elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1");
    let configuration = json!({"FileSystemId": "fs-1", "FileSystemPolicy": {}});
    item("AWS::EFS::FileSystem", "fs-1", &arn, configuration)
}

fn document(name: &str) -> Value {
    let arn = format!("ssm:{REGION}:{ACCOUNT}:document/{name}");
    item("AWS::SSM::Document", name, &arn, json!({ "Name": name }))
}

/// The items of every type that a service is asked about.
fn asked() -> Vec<Value> {
    vec![
        function("f"),
        queue("q"),
        secret(),
        repository(),
        bus("orders"),
        file_system(),
        document("restart"),
    ]
}

fn open(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}]})
    .to_string()
}

/// An account in which nothing is public and everything is blocked.
fn closed(aws: &FakeAws) {
    aws.stub("ec2")
        .empty("DescribeSnapshots")
        .empty("DescribeImages")
        .returns("GetSnapshotBlockPublicAccessState", json!({"State": "block-all-sharing"}))
        .returns(
            "GetImageBlockPublicAccessState",
            json!({"ImageBlockPublicAccessState": "block-new-sharing"}),
        );
    emr(aws, true, 22);
    aws.stub("ssm")
        .returns("GetServiceSetting", json!({"ServiceSetting": {"SettingValue": "Disable"}}))
        .returns("DescribeDocumentPermission", json!({"AccountIds": ["444455556666"]}));
    aws.stub("lambda").returns("ListFunctionUrlConfigs", json!({"FunctionUrlConfigs": []})).fails(
        "GetPolicy",
        "ResourceNotFoundException",
        404,
    );
    aws.stub("sqs").returns("GetQueueAttributes", json!({}));
    aws.stub("secretsmanager").returns("GetResourcePolicy", json!({"Name": "db"}));
    aws.stub("ecr").fails("GetRepositoryPolicy", "RepositoryPolicyNotFoundException", 400);
    aws.stub("events").returns("DescribeEventBus", json!({"Name": "default"}));
    aws.stub("efs").fails("DescribeFileSystemPolicy", "PolicyNotFound", 404);
}

fn emr(aws: &FakeAws, on: bool, port: u16) {
    aws.stub("emr").returns(
        "GetBlockPublicAccessConfiguration",
        json!({
            "BlockPublicAccessConfiguration": {
                "BlockPublicSecurityGroupRules": on,
                "PermittedPublicSecurityGroupRuleRanges": [{"MinRange": port, "MaxRange": port}],
            },
            "BlockPublicAccessConfigurationMetadata":
                {"CreationDateTime": 0, "CreatedByArn": format!("arn:aws:iam::{ACCOUNT}:root")},
        }),
    );
}

/// Everything that can be asked about is public.
fn public(aws: &FakeAws) {
    let url = json!({
        "FunctionUrl": "https://a.lambda-url.ap-northeast-1.on.aws/", "AuthType": "NONE",
        "FunctionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"),
        "CreationTime": "2026-01-01T00:00:00Z", "LastModifiedTime": "2026-01-01T00:00:00Z",
    });
    let mut signed = url.clone();
    signed["AuthType"] = json!("AWS_IAM");
    aws.stub("lambda")
        .page_size(1)
        .returns("ListFunctionUrlConfigs", json!({"FunctionUrlConfigs": [signed, url]}))
        .returns("GetPolicy", json!({"Policy": open("lambda:InvokeFunction")}));
    aws.stub("sqs")
        .returns("GetQueueAttributes", json!({"Attributes": {"Policy": open("sqs:SendMessage")}}));
    aws.stub("secretsmanager").returns(
        "GetResourcePolicy",
        json!({"ResourcePolicy": open("secretsmanager:GetSecretValue")}),
    );
    aws.stub("ecr")
        .returns("GetRepositoryPolicy", json!({"policyText": open("ecr:BatchGetImage")}));
    aws.stub("events").returns("DescribeEventBus", json!({"Policy": open("events:PutEvents")}));
    aws.stub("efs").returns(
        "DescribeFileSystemPolicy",
        json!({"FileSystemId": "fs-1", "Policy": open("elasticfilesystem:ClientMount")}),
    );
    // The share with everybody is on the second page.
    aws.stub("ssm")
        .page_size(1)
        .returns("DescribeDocumentPermission", json!({"AccountIds": ["444455556666", "all"]}));
}

fn id(item: &Value) -> String {
    item["resourceId"].as_str().unwrap().to_owned()
}

/// Compliance and annotation that Config holds of a resource.
fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[test]
fn a_change_asks_for_the_policy_that_the_item_lacks() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    closed(&aws);
    for item in asked() {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_eq!(held(&aws, &id(&item)), ("COMPLIANT".to_owned(), String::new()), "{item}");
    }
    public(&aws);
    for item in asked() {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        let (compliance, annotation) = held(&aws, &id(&item));
        let code = match item["resourceType"].as_str().unwrap() {
            "AWS::SSM::Document" => "DOCUMENT_PUBLIC",
            _ => "PUBLIC_POLICY",
        };
        assert_eq!(compliance, "NON_COMPLIANT", "{item}");
        assert!(annotation.contains(code), "{annotation}");
    }
    assert!(held(&aws, "f").1.contains("PUBLIC_FUNCTION_URL"), "{}", held(&aws, "f").1);
}

#[test]
fn what_the_item_tells_is_not_asked() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:news");
    let mut intake = queue("intake");
    intake["configuration"]["Policy"] = json!(open("sqs:SendMessage"));
    let mut pulled = repository();
    pulled["configuration"]["RepositoryPolicyText"] = serde_json::from_str(&open("ecr:*")).unwrap();
    let database =
        events::item("AWS::RDS::DBInstance", "db-1", json!({"publiclyAccessible": true}));
    let mut snapshot = events::item("AWS::RDS::DBSnapshot", "s", json!({"snapshotType": "manual"}));
    snapshot["supplementaryConfiguration"]["DBSnapshotAttributes"] =
        json!([{"attributeName": "restore", "attributeValues": ["all"]}]);
    for (item, code) in [
        (
            events::item("AWS::SNS::Topic", &topic, json!({"Policy": open("sns:*")})),
            "PUBLIC_POLICY",
        ),
        (intake, "PUBLIC_POLICY"),
        (pulled, "PUBLIC_POLICY"),
        (database, "PUBLICLY_ACCESSIBLE"),
        (snapshot, "SNAPSHOT_PUBLIC"),
    ] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        let (compliance, annotation) = held(&aws, &id(&item));
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with(code), "{annotation}");
    }
    let approved =
        json!({"approvedPublicArns": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:f")});
    lambda.invoke(events::change(&rule, &function("f"), &approved)).unwrap();
    assert!(held(&aws, "f").1.starts_with("APPROVED_PUBLIC"));
    let called = actions_of(&aws.calls());
    assert_eq!(called.into_iter().collect::<Vec<_>>(), ["config:PutEvaluations"]);
}

/// Between the item and the call a resource may vanish: that is no failure of the run.
#[test]
fn what_is_gone_is_not_judged() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    aws.stub("lambda").fails("ListFunctionUrlConfigs", "ResourceNotFoundException", 404);
    aws.stub("sqs").fails("GetQueueAttributes", "QueueDoesNotExist", 400);
    aws.stub("secretsmanager").fails("GetResourcePolicy", "ResourceNotFoundException", 400);
    aws.stub("ecr").fails("GetRepositoryPolicy", "RepositoryNotFoundException", 400);
    aws.stub("events").fails("DescribeEventBus", "ResourceNotFoundException", 400);
    aws.stub("efs").fails("DescribeFileSystemPolicy", "FileSystemNotFound", 404);
    aws.stub("ssm").fails("DescribeDocumentPermission", "InvalidDocument", 400);
    for item in asked() {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        let (compliance, annotation) = held(&aws, &id(&item));
        assert_eq!(compliance, "NOT_APPLICABLE");
        assert!(annotation.starts_with("RESOURCE_GONE"), "{annotation}");
    }
    let marked = Fault::error(400, "InvalidRequestException", MARKED);
    aws.fault("secretsmanager", "GetResourcePolicy", marked);
    lambda.invoke(events::change(&rule, &secret(), &Value::Null)).unwrap();
    assert!(held(&aws, &id(&secret())).1.starts_with("SECRET_BEING_DELETED"));
    // Any other request that is invalid is an error.
    aws.clear_faults();
    let invalid = Fault::error(400, "InvalidRequestException", "Something else.");
    aws.fault("secretsmanager", "GetResourcePolicy", invalid);
    let error = lambda.invoke(events::change(&rule, &secret(), &Value::Null)).unwrap_err();
    assert!(error.message.contains("secretsmanager:GetResourcePolicy"), "{}", error.message);
}

#[test]
fn a_sweep_judges_the_account_and_what_changes_without_an_item() {
    let aws = aws_for(&CONTROL);
    aws.config().page(2);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    closed(&aws);
    let functions: Vec<Value> = (0..5).map(|n| function(&format!("f{n}"))).collect();
    functions.iter().chain(&asked()).for_each(|item| {
        aws.config().record(item);
    });
    aws.stub("lambda").when(
        "GetPolicy",
        json!({"FunctionName": "f3"}),
        json!({"Policy": open("lambda:*")}),
    );
    let answer = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    // Six functions, a queue, a secret, two buses, a file system, a document, the account.
    assert_eq!(
        answer,
        json!({"control": CONTROL.id, "compliant": 12, "nonCompliant": 1, "notApplicable": 0,
               "ruleGone": false})
    );
    assert!(held(&aws, "f3").1.starts_with("PUBLIC_POLICY"));
    assert_eq!(held(&aws, ACCOUNT), ("COMPLIANT".to_owned(), String::new()));
    assert_eq!(held(&aws, "default").0, "COMPLIANT");
    // Repositories and the rest are judged when they change.
    assert!(aws.config().result(RULE, "app").is_none());
    assert_eq!((aws.count("GetPolicy"), aws.count("GetRepositoryPolicy")), (6, 0));

    // A default bus that Config records is not judged twice.
    aws.config().record(&bus("default"));
    aws.take_calls();
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!(aws.count("DescribeEventBus"), 2);
}

#[test]
fn the_account_fails_by_each_of_its_openings() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    closed(&aws);
    let snapshot = |n: usize| {
        json!({"SnapshotId": format!("snap-{n}"), "State": "completed", "Encrypted": false,
               "StartTime": "2026-01-01T00:00:00Z", "VolumeId": "vol-1", "OwnerId": ACCOUNT})
    };
    let image = |id: &str, public: bool| {
        json!({"ImageId": id, "Public": public, "State": "available", "OwnerId": ACCOUNT,
               "CreationDate": "2026-01-01T00:00:00.000Z"})
    };
    let restorable = json!({"RestorableByUserIds": ["all"], "OwnerIds": ["self"]});
    let snapshots: Vec<Value> = (0..3).map(snapshot).collect();
    aws.stub("ec2")
        .page_size(2)
        .when("DescribeSnapshots", restorable, json!({ "Snapshots": snapshots }))
        .when(
            "DescribeImages",
            json!({"Owners": ["self"]}),
            json!({"Images": [image("ami-1", false), image("ami-2", true)]}),
        )
        .returns("GetSnapshotBlockPublicAccessState", json!({"State": "block-new-sharing"}))
        .returns(
            "GetImageBlockPublicAccessState",
            json!({"ImageBlockPublicAccessState": "unblocked"}),
        );
    emr(&aws, true, 8443);
    aws.stub("ssm")
        .returns("GetServiceSetting", json!({"ServiceSetting": {"SettingValue": "Enable"}}));
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    let (compliance, annotation) = held(&aws, ACCOUNT);
    assert_eq!(compliance, "NON_COMPLIANT");
    for part in [
        "SNAPSHOT_PUBLIC",
        "IMAGE_PUBLIC",
        "EMR_BLOCK_OFF",
        "SNAPSHOT_BLOCK_OFF",
        "IMAGE_BLOCK_OFF",
        "DOCUMENT_SHARING_NOT_BLOCKED",
        "EBS スナップショット 3 件が公開されています(snap-0 など)",
    ] {
        assert!(annotation.contains(part), "{annotation}");
    }
    assert!(annotation.chars().count() <= 256);
    // All snapshots are approved, and one of two images was never public.
    let arns = (0..3).map(|n| format!("arn:aws:ec2:{REGION}::snapshot/snap-{n}"));
    let approved = json!({ "approvedPublicArns": arns.collect::<Vec<_>>().join(",") });
    lambda.invoke(events::scheduled(&rule, &approved)).unwrap();
    let annotation = held(&aws, ACCOUNT).1;
    assert!(annotation.starts_with("IMAGE_PUBLIC"), "{annotation}");
    assert!(annotation.contains("AMI 1 件が公開されています(ami-2 など)"), "{annotation}");
    // Whatever the account allows, an answer that says neither is an error.
    aws.stub("ssm").returns("GetServiceSetting", json!({"ServiceSetting": {"SettingValue": "?"}}));
    let error = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
    assert!(error.message.contains("ssm:GetServiceSetting lacks"), "{}", error.message);
}

#[test]
fn one_denied_call_fails_the_whole_sweep() {
    for (service, operation) in [
        ("config", "ListDiscoveredResources"),
        ("config", "BatchGetResourceConfig"),
        ("lambda", "ListFunctionUrlConfigs"),
        ("lambda", "GetPolicy"),
        ("sqs", "GetQueueAttributes"),
        ("secretsmanager", "GetResourcePolicy"),
        ("events", "DescribeEventBus"),
        ("elasticfilesystem", "DescribeFileSystemPolicy"),
        ("ssm", "DescribeDocumentPermission"),
        ("ssm", "GetServiceSetting"),
        ("elasticmapreduce", "GetBlockPublicAccessConfiguration"),
        ("ec2", "DescribeSnapshots"),
        ("ec2", "GetSnapshotBlockPublicAccessState"),
        ("ec2", "DescribeImages"),
        ("ec2", "GetImageBlockPublicAccessState"),
    ] {
        let aws = aws_for(&CONTROL);
        let rule = aws.config().rule(RULE);
        closed(&aws);
        for item in asked() {
            aws.config().record(&item);
        }
        aws.fault(service, operation, Fault::Denied.times(1));
        let error = start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}");
        assert!(
            error.message.contains(&format!("{service}:{operation} failed")),
            "{}",
            error.message
        );
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn the_role_holds_exactly_what_is_called() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    closed(&aws);
    for item in asked() {
        aws.config().record(&item);
    }
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    lambda.invoke(events::change(&rule, &repository(), &Value::Null)).unwrap();
    aws.config().record(&repository());
    lambda.invoke(events::oversized(&rule, &repository(), &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}
