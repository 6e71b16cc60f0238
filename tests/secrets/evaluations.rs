//! End-to-end: the real `secrets` binary, from the Config event to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fisc_secrets::plaintext_secrets::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-plaintext-secrets";
const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";
/// What must never show, and what a script around it looks like.
const VALUE: &str = "s3cr3t-of-the-tests";
const SCRIPT: &str = "#!/bin/bash\nexport DB_PASSWORD=s3cr3t-of-the-tests\n";

fn start(aws: &FakeAws) -> Lambda {
    start_with(aws, "info")
}

fn start_with(aws: &FakeAws, level: &str) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2"), ("RUST_LOG", level)];
    Lambda::start(env!("CARGO_BIN_EXE_secrets"), aws, &env)
}

/// Compliance and annotation that Config holds of a resource.
fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[track_caller]
fn assert_held(aws: &FakeAws, id: &str, compliance: &str, start: &str) {
    let (found, annotation) = held(aws, id);
    assert_eq!(found, compliance, "{annotation}");
    assert!(annotation.starts_with(start), "{annotation}");
    assert!(!annotation.contains(VALUE), "the value must not show: {annotation}");
}

fn revision(number: u32) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/app:{number}")
}

fn task_definition(number: u32, variable: &Value) -> Value {
    let arn = revision(number);
    let configuration = json!({
        "TaskDefinitionArn": arn, "Family": "app", "Status": "ACTIVE", "NetworkMode": "awsvpc",
        "ContainerDefinitions": [{
            "Name": "app", "Image": "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/app:2.4.1",
            "Environment": [variable],
            "Secrets": [{"Name": "API_TOKEN", "ValueFrom":
                "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:app/api-9172fe"}],
        }],
    });
    let mut item = events::item(TASK_DEFINITION, &arn, configuration);
    item["ARN"] = json!(arn);
    item
}

fn harmless() -> Value {
    json!({"Name": "APP_ENV", "Value": "production"})
}

fn password() -> Value {
    json!({"Name": "DB_PASSWORD", "Value": VALUE})
}

/// A function as Config records it: without its environment.
fn function(name: &str) -> Value {
    let mut item = events::item(
        "AWS::Lambda::Function",
        name,
        json!({"functionName": name, "runtime": "provided.al2023"}),
    );
    item["ARN"] = json!(function_arn(name));
    item
}

fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

fn answer_function(aws: &FakeAws, name: &str, environment: Value) {
    aws.stub("lambda").when(
        "GetFunctionConfiguration",
        json!({"FunctionName": function_arn(name)}),
        json!({"FunctionName": name, "Environment": environment}),
    );
}

fn instance(id: &str) -> Value {
    let state = json!({"code": 16, "name": "running"});
    events::item("AWS::EC2::Instance", id, json!({"instanceId": id, "state": state}))
}

fn template(id: &str) -> Value {
    events::item(
        "AWS::EC2::LaunchTemplate",
        id,
        json!({"LaunchTemplateId": id, "DefaultVersionNumber": "1", "LatestVersionNumber": "2"}),
    )
}

fn version(id: &str, number: i64, user_data: Option<&str>) -> Value {
    let mut data = json!({"InstanceType": "m7i.large"});
    if let Some(script) = user_data {
        data["UserData"] = json!(STANDARD.encode(script));
    }
    json!({"LaunchTemplateId": id, "LaunchTemplateName": id, "VersionNumber": number,
           "DefaultVersion": number == 1, "LaunchTemplateData": data})
}

#[test]
fn task_definitions_are_judged_by_their_item_alone() {
    let aws = aws_for(&CONTROL);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let mut judge = |item: &Value| {
        lambda.invoke(events::change(&rule, item, &Value::Null)).unwrap();
    };
    judge(&task_definition(1, &password()));
    assert_held(&aws, &revision(1), "NON_COMPLIANT", "TASKDEF_ENV_SECRET: DB_PASSWORD");
    judge(&task_definition(2, &harmless()));
    assert_held(&aws, &revision(2), "COMPLIANT", "");
    let mut inactive = task_definition(3, &password());
    inactive["configuration"]["Status"] = json!("INACTIVE");
    judge(&inactive);
    assert_held(&aws, &revision(3), "NOT_APPLICABLE", "TASK_DEFINITION_INACTIVE");
    let called: Vec<String> = actions_of(&aws.calls()).into_iter().collect();
    assert_eq!(called, ["config:PutEvaluations"]);

    let mut bare = task_definition(4, &harmless());
    bare["configuration"]["ContainerDefinitions"] = Value::Null;
    let error = lambda.invoke(events::change(&rule, &bare, &Value::Null)).unwrap_err();
    assert_eq!(error.error_type, "IncompleteItem");
    assert!(error.message.contains("ContainerDefinitions is missing"), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 3);
}

#[test]
fn functions_are_asked_for_their_environment() {
    let aws = aws_for(&CONTROL);
    answer_function(
        &aws,
        "bad",
        json!({"Variables": {"DB_PASSWORD": VALUE, "PASSWORD_MIN_LENGTH": "12"}}),
    );
    answer_function(&aws, "good", json!({"Variables": {"DB_SECRET_ARN": "arn:aws:x"}}));
    answer_function(&aws, "empty", json!({"Variables": {}}));
    aws.stub("lambda").when(
        "GetFunctionConfiguration",
        json!({"FunctionName": function_arn("bare")}),
        json!({"FunctionName": "bare"}),
    );
    aws.stub("lambda").fails_when(
        "GetFunctionConfiguration",
        json!({"FunctionName": function_arn("gone")}),
        "ResourceNotFoundException",
        404,
    );
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for (name, compliance, code) in [
        ("bad", "NON_COMPLIANT", "LAMBDA_ENV_SECRET: DB_PASSWORD"),
        ("good", "COMPLIANT", ""),
        ("empty", "NOT_APPLICABLE", "NOTHING_SET"),
        ("bare", "NOT_APPLICABLE", "NOTHING_SET"),
        ("gone", "NOT_APPLICABLE", "RESOURCE_DELETED"),
    ] {
        lambda.invoke(events::change(&rule, &function(name), &Value::Null)).unwrap();
        assert_held(&aws, name, compliance, code);
    }
    assert!(!held(&aws, "bad").1.contains("MIN_LENGTH"), "a name that is about a secret is none");
    assert_eq!(aws.count("GetFunctionConfiguration"), 5);
}

#[test]
fn an_environment_that_cannot_be_read_is_no_verdict() {
    let aws = aws_for(&CONTROL);
    answer_function(
        &aws,
        "sealed",
        json!({"Error": {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"}}),
    );
    answer_function(&aws, "denied", json!({"Variables": {}}));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let event = events::change(&rule, &function("sealed"), &Value::Null);
    let error = lambda.invoke(event).unwrap_err();
    assert_eq!(error.error_type, "ControlFailed", "{}", error.message);
    assert!(error.message.contains("AccessDeniedException"), "{}", error.message);
    assert!(error.message.contains("kms:Decrypt"), "{}", error.message);

    aws.fault("lambda", "GetFunctionConfiguration", Fault::Denied);
    let event = events::change(&rule, &function("denied"), &Value::Null);
    let error = lambda.invoke(event).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
    assert!(error.message.contains("lambda:GetFunctionConfiguration failed"), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}

#[test]
fn instances_are_asked_for_their_user_data() {
    let aws = aws_for(&CONTROL);
    let answer = |id: &str, script: Option<&str>| {
        let mut attribute = json!({"InstanceId": id});
        if let Some(script) = script {
            attribute["UserData"] = json!({"Value": STANDARD.encode(script)});
        }
        aws.stub("ec2").when(
            "DescribeInstanceAttribute",
            json!({"InstanceId": id, "Attribute": "userData"}),
            attribute,
        );
    };
    answer("i-bad", Some(SCRIPT));
    answer("i-good", Some("#!/bin/bash\nexport DB_PASSWORD=$(aws secretsmanager get)\n"));
    answer("i-none", None);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for (id, compliance, code) in [
        ("i-bad", "NON_COMPLIANT", "USERDATA_SECRET: DB_PASSWORD"),
        ("i-good", "COMPLIANT", ""),
        ("i-none", "NOT_APPLICABLE", "NOTHING_SET"),
    ] {
        lambda.invoke(events::change(&rule, &instance(id), &Value::Null)).unwrap();
        assert_held(&aws, id, compliance, code);
    }

    // An instance that ended since, and one whose item says so.
    aws.fault(
        "ec2",
        "DescribeInstanceAttribute",
        Fault::error(400, "InvalidInstanceID.NotFound", "The instance ID does not exist").times(1),
    );
    lambda.invoke(events::change(&rule, &instance("i-gone"), &Value::Null)).unwrap();
    assert_held(&aws, "i-gone", "NOT_APPLICABLE", "INSTANCE_TERMINATED");
    let asked = aws.count("DescribeInstanceAttribute");
    let mut ended = instance("i-ended");
    ended["configuration"]["state"] = json!({"code": 48, "name": "terminated"});
    lambda.invoke(events::change(&rule, &ended, &Value::Null)).unwrap();
    assert_held(&aws, "i-ended", "NOT_APPLICABLE", "INSTANCE_TERMINATED");
    assert_eq!(aws.count("DescribeInstanceAttribute"), asked);

    let answered = aws.count("PutEvaluations");
    aws.fault("ec2", "DescribeInstanceAttribute", Fault::Denied);
    let event = events::change(&rule, &instance("i-good"), &Value::Null);
    let error = lambda.invoke(event).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), answered);
}

#[test]
fn launch_templates_are_judged_by_the_versions_in_use() {
    let aws = aws_for(&CONTROL);
    let answer = |id: &str, versions: Value| {
        aws.stub("ec2").when(
            "DescribeLaunchTemplateVersions",
            json!({"LaunchTemplateId": id}),
            json!({"LaunchTemplateVersions": versions}),
        );
    };
    let latest_bad = [version("lt-1", 1, Some("#!/bin/sh\n")), version("lt-1", 2, Some(SCRIPT))];
    answer("lt-1", json!(latest_bad));
    // The default version is the latest one too.
    let good = version("lt-2", 1, Some("#!/bin/sh\n"));
    answer("lt-2", json!([good.clone(), good]));
    answer("lt-3", json!([version("lt-3", 1, None)]));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for (id, compliance, code) in [
        ("lt-1", "NON_COMPLIANT", "USERDATA_SECRET: DB_PASSWORD"),
        ("lt-2", "COMPLIANT", ""),
        ("lt-3", "NOT_APPLICABLE", "NOTHING_SET"),
    ] {
        lambda.invoke(events::change(&rule, &template(id), &Value::Null)).unwrap();
        assert_held(&aws, id, compliance, code);
    }
    let asked = &aws.calls_of("DescribeLaunchTemplateVersions")[0].body;
    assert_eq!(asked["Versions"], json!(["$Default", "$Latest"]));

    aws.fault(
        "ec2",
        "DescribeLaunchTemplateVersions",
        Fault::error(400, "InvalidLaunchTemplateId.NotFound", "It does not exist").times(1),
    );
    lambda.invoke(events::change(&rule, &template("lt-gone"), &Value::Null)).unwrap();
    assert_held(&aws, "lt-gone", "NOT_APPLICABLE", "RESOURCE_DELETED");
}

/// Parameters in the order in which Systems Manager lists them.
fn parameters(aws: &FakeAws) {
    aws.stub("ssm").page_size(2).returns(
        "DescribeParameters",
        json!({"Parameters": [
            {"Name": "/app/db/host", "Type": "String"},
            {"Name": "/app/db/password", "Type": "SecureString", "KeyId": "alias/aws/ssm"},
            {"Name": "/app/token_ttl", "Type": "String"},
            {"Name": "/app/api-key", "Type": "String"},
            {"Name": "/batch/token", "Type": "StringList"},
        ]}),
    );
}

#[test]
fn a_sweep_judges_parameters_and_retires_superseded_revisions() {
    let aws = aws_for(&CONTROL);
    parameters(&aws);
    aws.config().page(1);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for item in [
        task_definition(9, &password()),
        task_definition(10, &harmless()),
        task_definition(11, &password()),
    ] {
        aws.config().record(&item);
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    // Of types that the schedule does not judge nothing is forgotten.
    answer_function(&aws, "bad", json!({"Variables": {"DB_PASSWORD": VALUE}}));
    lambda.invoke(events::change(&rule, &function("bad"), &Value::Null)).unwrap();

    let answer = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!(
        (&answer["compliant"], &answer["nonCompliant"], &answer["notApplicable"]),
        (&json!(0), &json!(1), &json!(1)),
        "{answer}"
    );
    assert_eq!(aws.count("DescribeParameters"), 3);
    assert_held(&aws, ACCOUNT, "NON_COMPLIANT", "PARAMETER_NOT_SECURESTRING");
    let annotation = held(&aws, ACCOUNT).1;
    assert!(annotation.contains("/app/api-key、/batch/token"), "{annotation}");
    assert_held(&aws, &revision(9), "NOT_APPLICABLE", "TASK_DEFINITION_SUPERSEDED");
    assert_held(&aws, &revision(10), "COMPLIANT", "");
    assert_held(&aws, &revision(11), "NON_COMPLIANT", "TASKDEF_ENV_SECRET");
    assert_held(&aws, "bad", "NON_COMPLIANT", "LAMBDA_ENV_SECRET");

    // Every revision counts: nothing is asked of Config, and the account alone is reported.
    aws.take_calls();
    let every = json!({"latestTaskDefinitionOnly": false, "requireCustomerManagedKey": true});
    lambda.invoke(events::scheduled(&rule, &every)).unwrap();
    assert_eq!(aws.count("ListDiscoveredResources"), 0);
    let annotation = held(&aws, ACCOUNT).1;
    assert!(annotation.contains("PARAMETER_KEY_NOT_CUSTOMER"), "{annotation}");
    assert!(annotation.contains("/app/db/password"), "{annotation}");
}

#[test]
fn an_account_without_secret_parameters_says_so() {
    let aws = aws_for(&CONTROL);
    aws.stub("ssm").empty("DescribeParameters");
    let rule = aws.config().rule(RULE);
    start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, ACCOUNT, "NOT_APPLICABLE", "NO_SECRET_PARAMETER");
}

#[test]
fn one_denied_call_fails_the_whole_sweep() {
    for (service, operation, action) in [
        ("ssm", "DescribeParameters", "ssm:DescribeParameters"),
        ("config", "ListDiscoveredResources", "config:ListDiscoveredResources"),
        ("config", "BatchGetResourceConfig", "config:BatchGetResourceConfig"),
    ] {
        let aws = aws_for(&CONTROL);
        parameters(&aws);
        aws.config().record(&task_definition(1, &harmless()));
        let rule = aws.config().rule(RULE);
        // The second page of parameters; the other calls at once.
        let first = usize::from(service == "ssm");
        aws.fault(service, operation, Fault::Denied.after(first));
        let error = start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

/// Whatever is logged, at any level. The Lambda runtime's own trace is left out: it writes down
/// every event as it comes.
#[test]
fn no_value_shows_in_the_logs() {
    let aws = aws_for(&CONTROL);
    answer_function(&aws, "bad", json!({"Variables": {"DB_PASSWORD": VALUE}}));
    aws.stub("ec2").returns(
        "DescribeInstanceAttribute",
        json!({"InstanceId": "i-bad", "UserData": {"Value": STANDARD.encode(SCRIPT)}}),
    );
    aws.stub("ec2").returns(
        "DescribeLaunchTemplateVersions",
        json!({"LaunchTemplateVersions": [version("lt-bad", 1, Some(SCRIPT))]}),
    );
    let rule = aws.config().rule(RULE);
    let mut lambda = start_with(&aws, "trace,lambda_runtime=debug");
    for item in
        [task_definition(1, &password()), function("bad"), instance("i-bad"), template("lt-bad")]
    {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        let id = item["resourceId"].as_str().unwrap();
        assert_eq!(held(&aws, id).0, "NON_COMPLIANT", "{id}");
    }
    // A run that fails shows nothing either.
    let mut broken = task_definition(2, &password());
    broken["configuration"]["Status"] = json!(1);
    lambda.invoke(events::change(&rule, &broken, &Value::Null)).unwrap_err();
    let logs = lambda.logs();
    assert!(logs.contains("TRACE"), "{} bytes of logs", logs.len());
    for shown in [VALUE.to_owned(), STANDARD.encode(SCRIPT)] {
        let at = logs.lines().find(|line| line.contains(&shown));
        let at = at.map(|line| line.chars().take(300).collect::<String>());
        assert_eq!(at, None, "the value shows");
    }
}

#[test]
fn the_role_holds_exactly_what_is_called() {
    let aws = aws_for(&CONTROL);
    parameters(&aws);
    answer_function(&aws, "good", json!({"Variables": {}}));
    aws.stub("ec2").returns("DescribeInstanceAttribute", json!({"InstanceId": "i-good"}));
    aws.stub("ec2").returns(
        "DescribeLaunchTemplateVersions",
        json!({"LaunchTemplateVersions": [version("lt-good", 1, None)]}),
    );
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for item in [function("good"), instance("i-good"), template("lt-good")] {
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    }
    let large = task_definition(1, &harmless());
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_held(&aws, &revision(1), "COMPLIANT", "");
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}
