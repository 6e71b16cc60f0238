//! End-to-end: the real `transport` binary and the controls of data services: by their items, and
//! by what RDS, EFS and API Gateway answer.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use fisc_transport::{data_service_tls, transfer_integrity};
use serde_json::{Value, json};

const TLS_RULE: &str = "fisc-data-service-tls";
const INTEGRITY_RULE: &str = "fisc-transfer-integrity";

fn start(aws: &FakeAws, control: &Control) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_transport"), aws, &env)
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

fn task(name: &str, options: &Value) -> Value {
    let arn = format!("arn:aws:datasync:{REGION}:{ACCOUNT}:task/{name}");
    let mut item = events::item(
        "AWS::DataSync::Task",
        name,
        json!({"TaskArn": arn, "Name": name, "Status": "AVAILABLE", "Options": options}),
    );
    item["ARN"] = json!(arn);
    item
}

#[test]
fn transfers_are_judged_by_their_items_alone() {
    let control = &transfer_integrity::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule(INTEGRITY_RULE);
    let mut lambda = start(&aws, control);
    let off = json!({"VerifyMode": "NONE", "LogLevel": "OFF"});
    let logged = json!({"requireTaskLogging": true});
    let mut bucket = events::item("AWS::S3::Bucket", "files", json!({"name": "files"}));
    bucket["supplementaryConfiguration"] = json!({"BucketPolicy": {"policyText": null}});
    let mut tagged = bucket.clone();
    tagged["resourceId"] = json!("signed-files");
    tagged["tags"] = json!({"fisc:integrity-required": "true"});
    for (item, parameters, expected) in [
        (
            task("task-good", &json!({"VerifyMode": "ONLY_FILES_TRANSFERRED"})),
            &Value::Null,
            vec!["COMPLIANT"],
        ),
        (task("task-default", &json!({})), &Value::Null, vec!["COMPLIANT"]),
        (task("task-off", &off), &Value::Null, vec!["NON_COMPLIANT VERIFICATION_OFF"]),
        (task("task-silent", &off), &logged, vec!["VERIFICATION_OFF", "TASK_LOGGING_OFF"]),
        (bucket, &Value::Null, vec!["NOT_APPLICABLE INTEGRITY_NOT_REQUIRED"]),
        (tagged, &Value::Null, vec!["NON_COMPLIANT UNSIGNED_PAYLOAD_ALLOWED"]),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, parameters)).unwrap();
        assert_held(&aws, INTEGRITY_RULE, id, &expected);
    }
    let large = task("task-large", &off);
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_held(&aws, INTEGRITY_RULE, "task-large", &["NON_COMPLIANT VERIFICATION_OFF"]);
    assert_all_needed(control, &actions_of(&aws.calls()));
}

fn open_search(name: &str, secure: bool) -> Value {
    let policy = if secure { "Policy-Min-TLS-1-2-2019-07" } else { "Policy-Min-TLS-1-0-2019-07" };
    events::item(
        "AWS::OpenSearch::Domain",
        name,
        json!({
            "DomainName": name,
            "DomainEndpointOptions": {"EnforceHTTPS": secure, "TLSSecurityPolicy": policy},
            "NodeToNodeEncryptionOptions": {"Enabled": secure},
        }),
    )
}

fn instance(id: &str, engine: &str, group: &str) -> Value {
    events::item(
        "AWS::RDS::DBInstance",
        id,
        json!({
            "dBInstanceIdentifier": id, "engine": engine, "engineVersion": "16.4",
            "dBParameterGroups": [
                {"dBParameterGroupName": group, "parameterApplyStatus": "in-sync"}
            ],
        }),
    )
}

fn oracle(id: &str) -> Value {
    let mut item = instance(id, "oracle-ee", "default.oracle-ee-19");
    item["configuration"]["optionGroupMemberships"] =
        json!([{"optionGroupName": "ledger", "status": "in-sync"}]);
    item
}

fn cluster(id: &str, engine: &str, group: &str) -> Value {
    events::item(
        "AWS::RDS::DBCluster",
        id,
        json!({
            "dbclusterIdentifier": id, "engine": engine, "engineVersion": "5.0.0",
            "dbclusterParameterGroup": group,
            "dbclusterMembers": [{
                "dbinstanceIdentifier": format!("{id}-1"),
                "dbclusterParameterGroupStatus": "pending-reboot",
            }],
        }),
    )
}

fn file_system(id: &str) -> Value {
    let arn = format!("arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{id}");
    let mut item = events::item(
        "AWS::EFS::FileSystem",
        id,
        json!({"FileSystemId": id, "Arn": arn, "FileSystemPolicy": {}}),
    );
    item["ARN"] = json!(arn);
    item
}

/// The policy that the EFS console makes.
fn mount_policy(with_deny: bool) -> Value {
    let mut statements = vec![json!({
        "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": ["elasticfilesystem:ClientRootAccess", "elasticfilesystem:ClientWrite",
                   "elasticfilesystem:ClientMount"],
        "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
    })];
    if with_deny {
        statements.push(json!({
            "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn parameters(name: &str, value: &str) -> Value {
    let parameter = |name: &str, value: &str| {
        json!({"ParameterName": name, "ParameterValue": value, "Source": "system",
               "ApplyType": "dynamic", "DataType": "boolean", "IsModifiable": true})
    };
    json!({"Parameters": [parameter("a", "1"), parameter("b", "1"), parameter(name, value)]})
}

/// Databases, file systems and API domains, good and bad ones, with listings of two pages.
fn workload(aws: &FakeAws) {
    let rds = aws.stub("rds");
    rds.page_size(2);
    for (group, value) in [("core-if", "1"), ("legacy", "0")] {
        let of = json!({"DBParameterGroupName": group});
        rds.when("DescribeDBParameters", of, parameters("rds.force_ssl", value));
    }
    let of = json!({"DBClusterParameterGroupName": "documents"});
    rds.when("DescribeDBClusterParameters", of, parameters("tls", "enabled"));

    let options = json!({"OptionGroupsList": [{
        "OptionGroupName": "ledger", "EngineName": "oracle-ee", "MajorEngineVersion": "19",
        "Options": [{
            "OptionName": "NATIVE_NETWORK_ENCRYPTION",
            "OptionSettings": [{"Name": "SQLNET.ENCRYPTION_SERVER", "Value": "REQUIRED"}],
        }],
    }]});
    rds.when("DescribeOptionGroups", json!({"OptionGroupName": "ledger"}), options);

    let efs = aws.stub("efs");
    for (id, with_deny) in [("fs-tls", true), ("fs-open", false)] {
        let policy = mount_policy(with_deny).to_string();
        let answer = json!({"FileSystemId": id, "Policy": policy});
        efs.when("DescribeFileSystemPolicy", json!({"FileSystemId": id}), answer);
    }
    let of = json!({"FileSystemId": "fs-bare"});
    efs.fails_when("DescribeFileSystemPolicy", of, "PolicyNotFound", 404);

    let domain = |name: &str, policy: &str| {
        json!({
            "domainName": name, "securityPolicy": policy,
            "regionalCertificateArn": "arn:aws:acm:ap-northeast-1:111122223333:certificate/1",
            "endpointConfiguration": {"types": ["REGIONAL"]},
        })
    };
    aws.stub("apigateway").page_size(1).returns(
        "GetDomainNames",
        json!({"items": [
            domain("api.hbg.example", "SecurityPolicy_TLS13_1_2_2021_06"),
            domain("old.hbg.example", "TLS_1_0"),
        ]}),
    );
    let http = |name: &str, policy: &str| {
        json!({
            "DomainName": name, "ApiMappingSelectionExpression": "$request.basepath",
            "DomainNameConfigurations": [{
                "SecurityPolicy": policy, "EndpointType": "REGIONAL",
                "CertificateArn": "arn:aws:acm:ap-northeast-1:111122223333:certificate/1",
            }],
        })
    };
    aws.stub("apigatewayv2").page_size(1).returns(
        "GetDomainNames",
        json!({"Items": [
            // Version 1 told better of this one.
            http("api.hbg.example", "TLS_1_0"),
            http("http.hbg.example", "TLS_1_0"),
        ]}),
    );

    aws.config().page(2);
    for item in [
        instance("db-core", "postgres", "core-if"),
        instance("db-batch", "postgres", "core-if"),
        instance("db-report", "postgres", "core-if"),
        instance("db-legacy", "sqlserver-se", "legacy"),
        oracle("db-ledger"),
        oracle("db-ledger-copy"),
        cluster("cluster-documents", "docdb", "documents"),
        file_system("fs-tls"),
        file_system("fs-open"),
        file_system("fs-bare"),
        // Judged when it changes, not by the schedule.
        open_search("logs", false),
    ] {
        aws.config().record(&item);
    }
}

#[test]
fn changes_and_the_schedule_judge_data_services() {
    let control = &data_service_tls::CONTROL;
    let aws = aws_for(control);
    workload(&aws);
    let rule = aws.config().rule(TLS_RULE);
    let mut lambda = start(&aws, control);

    // What the item tells costs no call.
    for (name, secure, expected) in [
        ("search", true, vec!["COMPLIANT"]),
        (
            "open-search",
            false,
            vec!["NON_COMPLIANT", "HTTPS_NOT_ENFORCED", "WEAK_TLS_POLICY", "NODE_ENCRYPTION_OFF"],
        ),
    ] {
        let item = open_search(name, secure);
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, TLS_RULE, name, &expected);
    }
    let asked = |aws: &FakeAws| aws.calls().iter().filter(|one| one.service != "config").count();
    assert_eq!(asked(&aws), 0);

    // A changed database asks for its parameter group only.
    let large = instance("db-legacy", "sqlserver-se", "legacy");
    lambda.invoke(events::oversized(&rule, &large, &Value::Null)).unwrap();
    assert_held(&aws, TLS_RULE, "db-legacy", &["NON_COMPLIANT DB_TLS_NOT_FORCED", "legacy"]);
    assert_eq!((asked(&aws), aws.count("DescribeDBParameters")), (2, 2));

    let answer = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(7), &json!(4)), "{answer}");
    for (id, expected) in [
        ("db-core", vec!["COMPLIANT"]),
        ("db-batch", vec!["COMPLIANT"]),
        ("db-report", vec!["COMPLIANT"]),
        ("db-legacy", vec!["NON_COMPLIANT DB_TLS_NOT_FORCED", "rds.force_ssl"]),
        ("db-ledger", vec!["COMPLIANT"]),
        ("db-ledger-copy", vec!["COMPLIANT"]),
        ("cluster-documents", vec!["COMPLIANT REBOOT_PENDING"]),
        ("fs-tls", vec!["COMPLIANT"]),
        ("fs-open", vec!["NON_COMPLIANT EFS_TLS_NOT_ENFORCED", "ClientMount"]),
        ("fs-bare", vec!["NON_COMPLIANT EFS_TLS_NOT_ENFORCED"]),
        (
            ACCOUNT,
            vec!["NON_COMPLIANT API_DOMAIN_TLS", "2 件", "http.hbg.example", "old.hbg.example"],
        ),
    ] {
        assert_held(&aws, TLS_RULE, id, &expected);
    }
    assert!(!held(&aws, TLS_RULE, ACCOUNT).contains("api.hbg.example"));
    // The search domain was not judged again, nor taken for gone.
    assert!(aws.config().result(TLS_RULE, "logs").is_none());
    assert_held(&aws, TLS_RULE, "open-search", &["NON_COMPLIANT"]);
    // Three databases share a group: its two pages were read once.
    let of_group = |group: &str| {
        let calls = aws.calls_of("DescribeDBParameters");
        calls.iter().filter(|call| call.body["DBParameterGroupName"] == group).count()
    };
    assert_eq!((of_group("core-if"), of_group("legacy")), (2, 4));
    assert_eq!(aws.count("DescribeOptionGroups"), 1);
    let calls = aws.calls();
    let pages = |api: &str| calls.iter().filter(|call| call.api == api).count();
    assert_eq!((pages("apigateway"), pages("apigatewayv2")), (2, 2));
    assert_all_needed(control, &actions_of(&calls));
}

#[test]
fn a_denied_call_fails_the_schedule_and_writes_nothing() {
    let control = &data_service_tls::CONTROL;
    for (service, operation, action) in [
        ("rds", "DescribeDBParameters", "rds:DescribeDBParameters"),
        ("rds", "DescribeDBClusterParameters", "rds:DescribeDBClusterParameters"),
        ("rds", "DescribeOptionGroups", "rds:DescribeOptionGroups"),
        ("efs", "DescribeFileSystemPolicy", "elasticfilesystem:DescribeFileSystemPolicy"),
        ("apigateway", "GetDomainNames", "apigateway:GET"),
        ("apigatewayv2", "GetDomainNames", "apigateway:GET"),
        ("config", "BatchGetResourceConfig", "config:BatchGetResourceConfig"),
    ] {
        let aws = aws_for(control);
        workload(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(TLS_RULE);
        let error =
            start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{service} {operation}");
    }
}

#[test]
fn what_a_service_leaves_out_is_no_verdict() {
    let control = &data_service_tls::CONTROL;
    let aws = aws_for(control);
    workload(&aws);
    let rule = aws.config().rule(TLS_RULE);
    let mut lambda = start(&aws, control);
    let none = json!({"Parameters": [{"ParameterName": "a", "ParameterValue": "1"}]});
    let of = json!({"DBParameterGroupName": "odd"});
    aws.stub("rds").when("DescribeDBParameters", of, none);
    let of = json!({"DBParameterGroupName": "gone"});
    aws.stub("rds").fails_when("DescribeDBParameters", of, "DBParameterGroupNotFound", 404);
    for (item, error_type, expected) in [
        (instance("db-odd", "postgres", "odd"), "UnexpectedAnswer", "rds.force_ssl of odd"),
        (instance("db-gone", "postgres", "gone"), "ServiceError", "DBParameterGroupNotFound"),
        (instance("db-new", "novadb", "odd"), "IncompleteItem", "configuration.engine"),
    ] {
        let error = lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, error_type, "{}", error.message);
        assert!(error.message.contains(expected), "{}", error.message);
    }
    assert_eq!(aws.count("PutEvaluations"), 0);

    // A file system that is gone since it was recorded is none, and no failure.
    let of = json!({"FileSystemId": "fs-gone"});
    aws.stub("efs").fails_when("DescribeFileSystemPolicy", of, "FileSystemNotFound", 404);
    lambda.invoke(events::change(&rule, &file_system("fs-gone"), &Value::Null)).unwrap();
    assert_held(&aws, TLS_RULE, "fs-gone", &["NOT_APPLICABLE RESOURCE_GONE"]);
}

#[test]
fn an_account_without_anything_has_its_one_result() {
    let control = &data_service_tls::CONTROL;
    let aws = aws_for(control);
    aws.stub("apigateway").empty("GetDomainNames");
    aws.stub("apigatewayv2").empty("GetDomainNames");
    let rule = aws.config().rule(TLS_RULE);
    start(&aws, control).invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_held(&aws, TLS_RULE, ACCOUNT, &["NOT_APPLICABLE NO_API_DOMAIN"]);
    assert_eq!(aws.config().results(TLS_RULE).len(), 1);
}
