//! End-to-end: `session-logging`, by changes of documents and policies and on a schedule.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_logging::session_logging::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-session-logging";
const PREFERENCES: &str = "SSM-SessionManagerRunShell";
const ARCHIVE: &str = "arn:aws:logs:ap-northeast-1:444455556666:destination:archive";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_logging"), aws, &env)
}

fn held(aws: &FakeAws, id: &str) -> String {
    let result = aws.config().result(RULE, id).expect(id);
    format!("{} {}", result.compliance, result.annotation.unwrap_or_default())
}

fn content(bucket: &str, group: &str, encrypted: bool) -> String {
    json!({
        "schemaVersion": "1.0", "description": "Document to hold regional settings",
        "sessionType": "Standard_Stream",
        "inputs": {
            "s3BucketName": bucket, "s3KeyPrefix": "", "s3EncryptionEnabled": encrypted,
            "cloudWatchLogGroupName": group, "cloudWatchEncryptionEnabled": encrypted,
        },
    })
    .to_string()
}

/// Session documents of an account, each with its content; listings come in two pages.
fn documents(aws: &FakeAws, documents: &[(&str, String)]) {
    let ssm = aws.stub("ssm");
    ssm.page_size(2);
    let listed: Vec<Value> = documents
        .iter()
        .map(|(name, _)| json!({"Name": name, "Owner": ACCOUNT, "DocumentType": "Session"}))
        .collect();
    let of = json!({"Filters": [{"Key": "Owner", "Values": ["Self"]},
                                {"Key": "DocumentType", "Values": ["Session"]}]});
    ssm.when("ListDocuments", of, json!({"DocumentIdentifiers": listed}));
    ssm.fails("GetDocument", "InvalidDocument", 400);
    for (name, content) in documents {
        let of = json!({"Name": name, "DocumentVersion": "$LATEST", "DocumentFormat": "JSON"});
        let answer = json!({"Name": name, "Content": content, "DocumentType": "Session",
                            "DocumentFormat": "JSON"});
        ssm.when("GetDocument", of, answer);
    }
}

fn nodes(aws: &FakeAws, ids: &[&str]) {
    let nodes: Vec<Value> = ids.iter().map(|id| json!({"InstanceId": id})).collect();
    let answer = json!({"InstanceInformationList": nodes});
    aws.stub("ssm").returns("DescribeInstanceInformation", answer);
}

/// An account with nodes, an own bucket, and log groups of which one is forwarded.
fn workload(aws: &FakeAws) {
    nodes(aws, &["i-1", "i-2", "i-3"]);
    let port = json!({"schemaVersion": "1.0", "sessionType": "Port"}).to_string();
    documents(
        aws,
        &[
            (PREFERENCES, content("hbg-sessions", "/ssm/forwarded", true)),
            ("HBG-Local", content("hbg-sessions", "/ssm/local", true)),
            ("HBG-Archive", content("hbg-archive", "", true)),
            ("HBG-Plain", content("", "/ssm/forwarded", false)),
            ("HBG-Lost", content("hbg-lost", "/ssm/lost", true)),
            ("HBG-Silent", content("", "", true)),
            ("HBG-Port", port),
        ],
    );
    aws.s3().bucket("hbg-sessions", REGION).bucket("hbg-archive", REGION);
    let s3 = aws.stub("s3");
    s3.empty("ListBuckets");
    s3.when(
        "ListBuckets",
        json!({"Prefix": "hbg-sessions"}),
        json!({"Buckets": [{"Name": "hbg-sessions-old"}, {"Name": "hbg-sessions"}]}),
    );
    let logs = aws.stub("logs");
    logs.page_size(1);
    let groups = |names: &[&str]| {
        let groups: Vec<Value> = names.iter().map(|name| json!({"logGroupName": name})).collect();
        json!({"logGroups": groups})
    };
    for (prefix, found) in [
        ("/ssm/forwarded", &["/ssm/forwarded"][..]),
        ("/ssm/local", &["/ssm/local", "/ssm/local-2"]),
        // Only one that begins like it.
        ("/ssm/lost", &["/ssm/lost-and-found"]),
    ] {
        logs.when("DescribeLogGroups", json!({"logGroupNamePrefix": prefix}), groups(found));
    }
    let filter = |name: &str, pattern: &str, destination: &str| json!({"filterName": name, "filterPattern": pattern, "destinationArn": destination});
    let firehose = "arn:aws:firehose:ap-northeast-1:111122223333:deliverystream/sessions";
    for (group, filters) in [
        ("/ssm/forwarded", vec![filter("local", "", firehose), filter("all", "", ARCHIVE)]),
        // Neither a part of the events nor another destination is an archive.
        ("/ssm/local", vec![filter("local", "", firehose), filter("some", "sudo", ARCHIVE)]),
    ] {
        let answer = json!({ "subscriptionFilters": filters });
        logs.when("DescribeSubscriptionFilters", json!({"logGroupName": group}), answer);
    }
    logs.empty("DescribeAccountPolicies");
}

fn archived() -> Value {
    json!({"logArchiveAccountIds": "444455556666"})
}

#[test]
fn the_schedule_judges_preferences_and_session_documents() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::scheduled(&rule, &archived())).unwrap();
    for (id, expected) in [
        (ACCOUNT, "COMPLIANT"),
        (PREFERENCES, "COMPLIANT"),
        ("HBG-Local", "NON_COMPLIANT DESTINATION_NOT_PROTECTED"),
        // The emulator lets everybody read it, and looks at no owner.
        ("HBG-Archive", "COMPLIANT"),
        ("HBG-Plain", "NON_COMPLIANT LOG_NOT_ENCRYPTED"),
        ("HBG-Lost", "NON_COMPLIANT DESTINATION_NOT_FOUND"),
        ("HBG-Silent", "NON_COMPLIANT NO_LOG_DESTINATION"),
        ("HBG-Port", "NOT_APPLICABLE NO_TRANSCRIPT_KIND"),
    ] {
        assert!(held(&aws, id).starts_with(expected), "{id}: {}", held(&aws, id));
    }
    assert!(held(&aws, "HBG-Lost").contains("hbg-lost"));
    assert!(held(&aws, "HBG-Lost").contains("/ssm/lost"));
    assert_eq!(aws.count("ListDocuments"), 4);
    assert_eq!(aws.count("DescribeInstanceInformation"), 1);

    // A subscription of the whole account forwards all log groups but those that it names.
    let account_policy = |criteria: Value| {
        let document = json!({"DestinationArn": ARCHIVE, "FilterPattern": ""}).to_string();
        json!({"accountPolicies": [{"policyName": "archive", "policyDocument": document,
                                    "selectionCriteria": criteria}]})
    };
    let left_out = r#"LogGroupName NOT IN ["/ssm/local"]"#;
    for (criteria, expected) in [
        (json!(left_out), "NON_COMPLIANT DESTINATION_NOT_PROTECTED"),
        (json!(r#"LogGroupName NOT IN ["/loud"]"#), "COMPLIANT"),
    ] {
        aws.stub("logs").returns("DescribeAccountPolicies", account_policy(criteria));
        lambda.invoke(events::scheduled(&rule, &archived())).unwrap();
        assert!(held(&aws, "HBG-Local").starts_with(expected), "{}", held(&aws, "HBG-Local"));
    }

    // A change of a document with much around it says no more than its name.
    let item = events::item(
        "AWS::SSM::Document",
        "HBG-Silent",
        json!({"Name": "HBG-Silent", "DocumentType": "Session"}),
    );
    aws.config().record(&item);
    lambda.invoke(events::oversized(&rule, &item, &archived())).unwrap();
    assert!(held(&aws, "HBG-Silent").starts_with("NON_COMPLIANT NO_LOG_DESTINATION"));
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn nodes_without_preferences_fail_and_no_nodes_need_none() {
    let aws = aws_for(&CONTROL);
    nodes(&aws, &["i-1"]);
    documents(&aws, &[]);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert!(held(&aws, ACCOUNT).starts_with("NON_COMPLIANT PREFERENCES_MISSING"));

    // Another document is no preference of the Region, unless it is declared so.
    documents(&aws, &[("HBG-Shell", content("", "", true))]);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert!(held(&aws, ACCOUNT).starts_with("NON_COMPLIANT PREFERENCES_MISSING"));
    let named = json!({"preferencesDocument": "HBG-Shell"});
    lambda.invoke(events::scheduled(&rule, &named)).unwrap();
    assert!(held(&aws, ACCOUNT).starts_with("COMPLIANT"));

    nodes(&aws, &[]);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert!(held(&aws, ACCOUNT).starts_with("NOT_APPLICABLE NO_MANAGED_NODE"));
    assert!(held(&aws, "HBG-Shell").starts_with("NOT_APPLICABLE NO_MANAGED_NODE"));
}

#[test]
fn changes_of_documents_and_policies_are_judged_at_once() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let document = |name: &str, kind: &str| {
        events::item("AWS::SSM::Document", name, json!({"Name": name, "DocumentType": kind}))
    };
    let policy = |id: &str, resource: &str| {
        let statement =
            json!({"Effect": "Allow", "Action": "ssm:StartSession", "Resource": resource});
        let document = json!([{"Version": "2012-10-17", "Statement": [statement]}]);
        events::item(
            "AWS::IAM::Policy",
            id,
            json!({"arn": format!("arn:aws:iam::{ACCOUNT}:policy/{id}"), "attachmentCount": 2,
                   "policyVersionList": [
                       {"versionId": "v1", "isDefaultVersion": true, "document": document}]}),
        )
    };
    for (item, expected) in [
        (document("HBG-Setup", "Command"), "NOT_APPLICABLE NOT_A_SESSION_DOCUMENT"),
        (policy("ANPAALL", "*"), "NON_COMPLIANT UNLOGGED_SESSION_ALLOWED"),
        (policy("ANPANODES", "arn:aws:ec2:*:*:instance/*"), "COMPLIANT"),
    ] {
        let id = item["resourceId"].as_str().unwrap();
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert!(held(&aws, id).starts_with(expected), "{}", held(&aws, id));
    }
    assert!(aws.calls().iter().all(|call| call.service == "config"));
    for (name, expected) in [
        (PREFERENCES, "COMPLIANT"),
        ("HBG-Silent", "NON_COMPLIANT NO_LOG_DESTINATION"),
        ("HBG-Gone", "NOT_APPLICABLE RESOURCE_GONE"),
    ] {
        let item = document(name, "Session");
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert!(held(&aws, name).starts_with(expected), "{}", held(&aws, name));
    }
    // No archive is named: nobody looks for subscriptions.
    assert_eq!(aws.count("DescribeSubscriptionFilters"), 0);
}

#[test]
fn a_bucket_that_s3_keeps_from_us_exists_and_is_elsewhere() {
    let aws = aws_for(&CONTROL);
    workload(&aws);
    aws.fault("s3", "HeadBucket", Fault::Denied);
    let rule = aws.config().rule(RULE);
    let item = events::item(
        "AWS::SSM::Document",
        "HBG-Archive",
        json!({"Name": "HBG-Archive", "DocumentType": "Session"}),
    );
    start(&aws).invoke(events::change(&rule, &item, &archived())).unwrap();
    assert!(held(&aws, "HBG-Archive").starts_with("COMPLIANT OWNER_NOT_VERIFIED"));
}

#[test]
fn a_denied_call_fails_the_schedule_and_writes_nothing() {
    for (service, operation, action) in [
        ("ssm", "ListDocuments", "ssm:ListDocuments"),
        ("ssm", "GetDocument", "ssm:GetDocument"),
        ("ssm", "DescribeInstanceInformation", "ssm:DescribeInstanceInformation"),
        ("logs", "DescribeLogGroups", "logs:DescribeLogGroups"),
        ("logs", "DescribeSubscriptionFilters", "logs:DescribeSubscriptionFilters"),
        ("logs", "DescribeAccountPolicies", "logs:DescribeAccountPolicies"),
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
    ] {
        let aws = aws_for(&CONTROL);
        workload(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let error = start(&aws).invoke(events::scheduled(&rule, &archived())).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
