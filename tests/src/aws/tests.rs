//! The strictness that the other tests rely on, over raw HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;

/// Sends one signed request; the status, the head and the body of the answer. Status 0: none.
pub(super) fn send(
    aws: &FakeAws,
    service: &str,
    method: &str,
    path: &str,
    head: &str,
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(aws.server.address()).unwrap();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20261101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: kit\r\nConnection: close\r\nAuthorization: {authorization}\r\n{head}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, head.to_owned(), body.to_owned())
}

/// Calls an `awsJson1.1` operation: the output, or the error's code.
fn json_call(aws: &FakeAws, service: &str, target: &str, input: &Value) -> Result<Value, String> {
    let head = format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}\r\n");
    let (status, _, body) = send(aws, service, "POST", "/", &head, &input.to_string());
    let body: Value = serde_json::from_str(&body).unwrap();
    if status == 200 { Ok(body) } else { Err(body["__type"].as_str().unwrap().to_owned()) }
}

fn config(aws: &FakeAws, operation: &str, input: &Value) -> Result<Value, String> {
    json_call(aws, "config", &format!("StarlingDoveService.{operation}"), input)
}

fn evaluation(id: &str, compliance: &str, time: i64) -> Value {
    json!({
        "ComplianceResourceType": "AWS::S3::Bucket",
        "ComplianceResourceId": id,
        "ComplianceType": compliance,
        "OrderingTimestamp": time,
    })
}

fn put(aws: &FakeAws, token: &str, evaluations: &[Value]) -> Result<Value, String> {
    config(aws, "PutEvaluations", &json!({"ResultToken": token, "Evaluations": evaluations}))
}

/// One evaluation, with one member set to another value.
fn put_with(aws: &FakeAws, token: &str, member: &str, value: Value) -> Result<Value, String> {
    let mut one = evaluation("a", "COMPLIANT", 1);
    one[member] = value;
    put(aws, token, &[one])
}

#[test]
fn put_evaluations_keeps_its_limits() {
    let aws = FakeAws::start();
    let token = aws.config().rule("r").token;
    let many = |count: usize| {
        (0..count).map(|n| evaluation(&n.to_string(), "COMPLIANT", 1)).collect::<Vec<_>>()
    };
    assert!(put(&aws, &token, &many(100)).is_ok());
    assert_eq!(put(&aws, &token, &many(101)).unwrap_err(), "ValidationException");

    let of = |member: &str, value: Value| put_with(&aws, &token, member, value);
    assert!(of("Annotation", json!("あ".repeat(256))).is_ok());
    for (member, value, error) in [
        ("Annotation", json!("あ".repeat(257)), "ValidationException"),
        ("Annotation", json!(""), "ValidationException"),
        ("ComplianceType", json!("INSUFFICIENT_DATA"), "InvalidParameterValueException"),
        ("ComplianceType", json!("PASSED"), "ValidationException"),
        ("ComplianceResourceId", json!("x".repeat(769)), "ValidationException"),
        ("ComplianceResourceType", json!("x".repeat(257)), "ValidationException"),
        ("OrderingTimestamp", Value::Null, "ValidationException"),
        ("OrderingTimestamp", json!("2026-11-01"), "SerializationException"),
        ("Reason", json!("x"), "ValidationException"),
    ] {
        assert_eq!(of(member, value).unwrap_err(), error, "{member}");
    }
}

#[test]
fn results_need_an_issued_token_of_a_living_rule() {
    let aws = FakeAws::start();
    let rule = aws.config().rule("r");
    let one = [evaluation("a", "COMPLIANT", 1)];
    assert_eq!(put(&aws, "made-up", &one).unwrap_err(), "InvalidResultTokenException");
    let elsewhere = aws.config().at("444455556666", REGION).rule("r").token;
    assert_eq!(put(&aws, &elsewhere, &one).unwrap_err(), "InvalidResultTokenException");

    assert!(put(&aws, &rule.dry_run().token, &one).is_ok());
    let dry = json!({"ResultToken": rule.token, "Evaluations": one, "TestMode": true});
    assert!(config(&aws, "PutEvaluations", &dry).is_ok());
    assert_eq!(aws.config().results("r"), []);

    assert!(put(&aws, &rule.token, &one).is_ok());
    assert_eq!(aws.config().results("r").len(), 1);
    aws.config().delete_rule("r");
    assert_eq!(put(&aws, &rule.token, &one).unwrap_err(), "NoSuchConfigRuleException");
}

#[test]
fn the_newer_result_wins_and_changes_are_announced() {
    let aws = FakeAws::start();
    let token = aws.config().rule("r").token;
    let send = |compliance: &str, time: i64| {
        put(&aws, &token, &[evaluation("a", compliance, time)]).unwrap()
    };
    send("NON_COMPLIANT", 20);
    send("COMPLIANT", 10);
    assert_eq!(aws.config().result("r", "a").unwrap().compliance, "NON_COMPLIANT");
    let first = aws.config().take_compliance_events();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0]["detail-type"], "Config Rules Compliance Change");
    assert_eq!(first[0]["detail"]["messageType"], "ComplianceChangeNotification");
    assert!(first[0]["detail"].get("oldEvaluationResult").is_none());

    send("NON_COMPLIANT", 30);
    assert!(aws.config().take_compliance_events().is_empty());
    send("NOT_APPLICABLE", 40);
    let change = &aws.config().take_compliance_events()[0]["detail"];
    assert_eq!(change["newEvaluationResult"]["complianceType"], "NOT_APPLICABLE");
    assert_eq!(change["oldEvaluationResult"]["complianceType"], "NON_COMPLIANT");
}

#[test]
fn chosen_evaluations_fail_as_often_as_told() {
    let aws = FakeAws::start();
    let token = aws.config().rule("r").token;
    aws.config().fail_evaluation("AWS::S3::Bucket", "a", 1);
    let both = [evaluation("a", "COMPLIANT", 1), evaluation("b", "COMPLIANT", 1)];
    assert_eq!(put(&aws, &token, &both).unwrap()["FailedEvaluations"], json!([both[0]]));
    assert_eq!(aws.config().results("r").len(), 1);
    assert_eq!(put(&aws, &token, &both[..1]).unwrap()["FailedEvaluations"], json!([]));
}

#[test]
fn details_come_in_pages_and_by_type() {
    let aws = FakeAws::start();
    let token = aws.config().rule("r").token;
    let all: Vec<Value> = (0..5)
        .map(|n| evaluation(&n.to_string(), if n == 0 { "NOT_APPLICABLE" } else { "COMPLIANT" }, 1))
        .collect();
    put(&aws, &token, &all).unwrap();
    let mut input = json!({"ConfigRuleName": "r", "ComplianceTypes": ["COMPLIANT"], "Limit": 3});
    let page = config(&aws, "GetComplianceDetailsByConfigRule", &input).unwrap();
    assert_eq!(page["EvaluationResults"].as_array().unwrap().len(), 3);
    input["NextToken"] = page["NextToken"].clone();
    let page = config(&aws, "GetComplianceDetailsByConfigRule", &input).unwrap();
    assert_eq!(page["EvaluationResults"].as_array().unwrap().len(), 1);
    assert!(page.get("NextToken").is_none());
    // A token is good for the query only that it came from.
    input["ComplianceTypes"] = json!(["NOT_APPLICABLE"]);
    let error = config(&aws, "GetComplianceDetailsByConfigRule", &input).unwrap_err();
    assert_eq!(error, "InvalidNextTokenException");
}

#[test]
fn the_history_speaks_its_own_dialect() {
    let aws = FakeAws::start();
    let mut item = crate::events::item("AWS::S3::Bucket", "b", json!({"name": "b"}));
    item["supplementaryConfiguration"] =
        json!({"BucketPolicy": {"policyText": null}, "Text": "{}"});
    aws.config().record(&item);
    item["configurationItemCaptureTime"] = json!("2026-11-02T00:00:00Z");
    aws.config().record(&item);
    let captured = 1_793_496_994.043;
    let input = json!({"resourceType": "AWS::S3::Bucket", "resourceId": "b", "laterTime": captured, "limit": 1});
    let items = &config(&aws, "GetResourceConfigHistory", &input).unwrap()["configurationItems"];
    assert_eq!(items[0]["configurationItemCaptureTime"], captured);
    assert_eq!(items[0]["accountId"], ACCOUNT);
    assert_eq!(items[0]["configuration"], "{\"name\":\"b\"}");
    assert_eq!(
        items[0]["supplementaryConfiguration"],
        json!({"BucketPolicy": "{\"policyText\":null}", "Text": "{}"})
    );
    assert!(items[0].get("ARN").is_none() && items.as_array().unwrap().len() == 1);
    let unknown = json!({"resourceType": "AWS::S3::Bucket", "resourceId": "c"});
    assert_eq!(
        config(&aws, "GetResourceConfigHistory", &unknown).unwrap_err(),
        "ResourceNotDiscoveredException"
    );
}

#[test]
fn queries_select_by_type_and_refuse_what_they_do_not_understand() {
    let aws = FakeAws::start();
    for kind in ["AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SNS::Topic"] {
        aws.config().record(&crate::events::item(kind, "x", json!({"deep": {"er": 1}})));
    }
    let select = |text: &str| config(&aws, "SelectResourceConfig", &json!({"Expression": text}));
    let found = select("SELECT resourceType, configuration.deep.er WHERE resourceType IN ('AWS::S3::Bucket', 'AWS::KMS::Key')").unwrap();
    assert_eq!(found["Results"].as_array().unwrap().len(), 2);
    assert_eq!(
        found["Results"][0],
        "{\"configuration\":{\"deep\":{\"er\":1}},\"resourceType\":\"AWS::KMS::Key\"}"
    );
    assert_eq!(
        select("SELECT * WHERE resourceType LIKE 'AWS%'").unwrap_err(),
        "InvalidExpressionException"
    );
}

#[test]
fn keys_come_in_pages_and_only_some_rotate() {
    let aws = FakeAws::start();
    for n in 0..3 {
        aws.kms().add_key(Key::symmetric(&n.to_string()).rotating(90));
    }
    aws.kms().add_key(Key::symmetric("rsa").spec("RSA_2048", "SIGN_VERIFY")).page(2);
    let call = |operation: &str, input: Value| {
        json_call(&aws, "kms", &format!("TrentService.{operation}"), &input)
    };
    let page = call("ListKeys", json!({})).unwrap();
    assert_eq!((page["Keys"].as_array().unwrap().len(), &page["Truncated"]), (2, &json!(true)));
    let page = call("ListKeys", json!({"Marker": page["NextMarker"]})).unwrap();
    assert_eq!((page["Keys"].as_array().unwrap().len(), &page["Truncated"]), (2, &json!(false)));
    assert_eq!(call("ListKeys", json!({"Limit": 1001})).unwrap_err(), "ValidationException");
    let status = call("GetKeyRotationStatus", json!({"KeyId": aws.kms().arn("1")})).unwrap();
    assert_eq!(status["RotationPeriodInDays"], 90);
    assert_eq!(
        call("GetKeyRotationStatus", json!({"KeyId": "rsa"})).unwrap_err(),
        "UnsupportedOperationException"
    );
    assert_eq!(
        call("GetKeyRotationStatus", json!({"KeyId": "none"})).unwrap_err(),
        "NotFoundException"
    );
}

#[test]
fn the_credential_report_takes_its_time() {
    let aws = FakeAws::start();
    aws.iam().report_takes(1).set_report(&[CredentialUser::root().set("mfa_active", "true")]);
    let call = |operation: &str| {
        let body = format!("Action={operation}&Version=2010-05-08");
        let (status, _, body) = send(
            &aws,
            "iam",
            "POST",
            "/",
            "Content-Type: application/x-www-form-urlencoded\r\n",
            &body,
        );
        (status, body)
    };
    let (status, body) = call("GetCredentialReport");
    assert!(status == 410 && body.contains("<Code>ReportNotPresent</Code>"), "{body}");
    assert!(call("GenerateCredentialReport").1.contains("<State>STARTED</State>"));
    assert!(call("GetCredentialReport").1.contains("<Code>ReportInProgress</Code>"));
    assert!(call("GenerateCredentialReport").1.contains("<State>COMPLETE</State>"));
    assert_eq!(call("GetCredentialReport").0, 200);
}

#[test]
fn identities_of_all_kinds_share_the_pages() {
    let aws = FakeAws::start();
    let time = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    aws.iam().set_users(&[UserDetail::new("yamada", "AIDATESTKIT000000001")
        .group("ops")
        .policy("arn:aws:iam::aws:policy/ReadOnlyAccess")]);
    aws.iam().set_groups(&[GroupDetail::new("ops", "AGPATESTKIT000000001").path("/it/")]);
    aws.iam().set_roles(&[
        RoleDetail::new("idle", "AROATESTKIT000000001"),
        RoleDetail::new("used", "AROATESTKIT000000002").last_used(time("2026-11-01T09:00:00Z")),
    ]);
    aws.iam().set_policies(&[PolicyDetail::new("bound", "ANPATESTKIT000000001")
        .attached(2)
        .bounds(1)
        .updated(time("2026-10-01T09:00:00Z"))]);
    let call = |parameters: &str| {
        let action = "Action=GetAccountAuthorizationDetails&Version=2010-05-08";
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        send(&aws, "iam", "POST", "/", form, &format!("{action}{parameters}")).2
    };
    let all = call("");
    for part in [
        "<UserDetailList><member><Path>/</Path><UserName>yamada</UserName>",
        "<GroupList><member>ops</member></GroupList>",
        "<PolicyName>ReadOnlyAccess</PolicyName>",
        "<GroupId>AGPATESTKIT000000001</GroupId><Arn>arn:aws:iam::111122223333:group/it/ops</Arn>",
        "<RoleLastUsed></RoleLastUsed>",
        "<RoleLastUsed><LastUsedDate>2026-11-01T09:00:00Z</LastUsedDate>",
        "<AttachmentCount>2</AttachmentCount><PermissionsBoundaryUsageCount>1<",
        "<UpdateDate>2026-10-01T09:00:00Z</UpdateDate>",
        "<IsTruncated>false</IsTruncated>",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    aws.iam().page(2);
    let first = call("&Filter.member.1=Group&Filter.member.2=Role");
    assert!(first.contains("<GroupName>ops") && first.contains("<RoleName>idle"), "{first}");
    assert!(!first.contains("<UserName>") && !first.contains("<RoleName>used"), "{first}");
    assert!(first.contains("<IsTruncated>true</IsTruncated>"), "{first}");
}

#[test]
fn the_password_policy_and_login_profiles_may_be_absent() {
    let aws = FakeAws::start();
    let call = |action: &str| {
        let body = format!("Action={action}&Version=2010-05-08");
        let (status, _, body) = send(&aws, "iam", "POST", "/", "", &body);
        (status, body)
    };
    for action in ["GetAccountPasswordPolicy", "GetLoginProfile&UserName=yamada"] {
        let (status, body) = call(action);
        assert!(status == 404 && body.contains("<Code>NoSuchEntity</Code>"), "{body}");
    }
    aws.iam().set_password_policy(Some(&[("MinimumPasswordLength", "14")]));
    aws.iam().set_login_profile("yamada", jiff::Timestamp::UNIX_EPOCH, true);
    let policy = "<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength>";
    assert!(call("GetAccountPasswordPolicy").1.contains(policy));
    let profile = call("GetLoginProfile&UserName=yamada").1;
    assert!(profile.contains("<CreateDate>1970-01-01T00:00:00.000Z</CreateDate>"), "{profile}");
    assert!(profile.contains("<PasswordResetRequired>true</PasswordResetRequired>"), "{profile}");
    assert_eq!(call("GetLoginProfile&UserName=suzuki").0, 404);
}

#[test]
fn users_come_in_pages_by_filter() {
    let aws = FakeAws::start();
    let user = |name: &str| UserDetail::new(name, &format!("AIDATESTKIT{name:0>9}"));
    aws.iam().set_users(&[user("one").path("/ops/").tag("team", "a&b"), user("two"), user("3")]);
    aws.iam().page(2);
    let call = |parameters: &str| {
        let action = "Action=GetAccountAuthorizationDetails&Version=2010-05-08";
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        let (status, _, body) =
            send(&aws, "iam", "POST", "/", form, &format!("{action}{parameters}"));
        (status, body)
    };
    let (_, first) = call("&Filter.member.1=User");
    assert!(first.contains("<Arn>arn:aws:iam::111122223333:user/ops/one</Arn>"), "{first}");
    assert!(first.contains("<Key>team</Key><Value>a&amp;b</Value>"), "{first}");
    let (_, rest) = first.split_once("<Marker>").unwrap();
    let marker = rest.split_once('<').unwrap().0.replace('=', "%3D");
    let (_, last) = call(&format!("&Filter.member.1=User&Marker={marker}"));
    assert!(last.contains("<UserName>3</UserName>") && !last.contains("<Marker>"), "{last}");
    assert!(last.contains("<IsTruncated>false</IsTruncated>"), "{last}");
    assert!(!call("&Filter.member.1=Role").1.contains("<UserName>"));
    for wrong in [
        "&Filter.member.1=Users",
        "&Filter.member.2=User",
        "&Filter.1=User",
        "&MaxItems=0",
        "&Marker=x",
        &format!("&Filter.member.1=Role&Marker={marker}"),
    ] {
        let (status, body) = call(wrong);
        assert!(status == 400 && body.contains("<Code>ValidationError</Code>"), "{wrong}: {body}");
    }
}

#[test]
fn trails_cast_shadows() {
    let aws = FakeAws::start();
    aws.cloudtrail().add_trail(Trail::new("own"));
    aws.cloudtrail()
        .add_trail(Trail::new("org").at("444455556666", "us-east-1").organization(&[ACCOUNT]));
    let names = |prefix: &str, input: Value| {
        let trails =
            json_call(&aws, "cloudtrail", &format!("{prefix}.DescribeTrails"), &input).unwrap();
        trails["trailList"]
            .as_array()
            .unwrap()
            .iter()
            .map(|trail| trail["Name"].clone())
            .collect::<Vec<_>>()
    };
    let long = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
    assert_eq!(names(long, json!({})), ["own", "org"]);
    assert_eq!(names("CloudTrail_20131101", json!({"includeShadowTrails": false})), ["own"]);
    assert!(names(long, json!({"trailNameList": ["org"]})).is_empty());
}

#[test]
fn objects_are_listed_in_pages_and_read_with_their_metadata() {
    let aws = FakeAws::start();
    for key in ["a/1", "a/2", "b & <c>/1", "d"] {
        aws.s3().put("bucket", key, "body", &[("signature", "00ff")]);
    }
    aws.s3().page(2);
    let get = |path: &str| send(&aws, "s3", "GET", path, "", "");
    let (_, _, first) = get("/bucket?list-type=2&delimiter=%2F");
    assert!(
        first.contains("<Prefix>a/</Prefix>")
            && first.contains("<Prefix>b &amp; &lt;c&gt;/</Prefix>"),
        "{first}"
    );
    let token = first
        .split("<NextContinuationToken>")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap();
    let (_, _, second) =
        get(&format!("/bucket?list-type=2&delimiter=%2F&continuation-token={token}"));
    assert!(
        second.contains("<Key>d</Key>") && second.contains("<IsTruncated>false</IsTruncated>"),
        "{second}"
    );
    let (_, _, old) = get("/bucket?marker=a%2F2&prefix=");
    assert!(!old.contains("<Key>a/2</Key>") && old.contains("<Key>d</Key>"), "{old}");
    let (status, head, body) = get("/bucket/b%20%26%20%3Cc%3E/1");
    assert!(
        status == 200 && body == "body" && head.contains("x-amz-meta-signature: 00ff"),
        "{head}"
    );
    assert!(get("/bucket/none").2.contains("<Code>NoSuchKey</Code>"));
    assert!(get("/none?location").2.contains("<Code>NoSuchBucket</Code>"));
}

fn finding(id: &str) -> Value {
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": id,
        "ProductArn": format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"),
        "GeneratorId": "generator",
        "AwsAccountId": ACCOUNT,
        "CreatedAt": "2026-11-01T00:00:00Z",
        "UpdatedAt": "2026-11-01T00:00:00Z",
        "Title": "title",
        "Description": "description",
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::b"}],
        "Compliance": {"Status": "FAILED", "RelatedRequirements": ["FISC 実4"]},
        "FindingProviderFields": {
            "Severity": {"Label": "HIGH"},
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards/FISC Controls (Japan)"],
        },
    })
}

fn import(aws: &FakeAws, findings: &[Value]) -> (u16, Value) {
    let body = json!({"Findings": findings}).to_string();
    let (status, _, body) = send(aws, "securityhub", "POST", "/findings/import", "", &body);
    (status, serde_json::from_str(&body).unwrap())
}

#[test]
fn findings_must_follow_the_format() {
    let aws = FakeAws::start();
    let mut good = finding("good");
    good["Title"] = json!("あ".repeat(256));
    assert_eq!(import(&aws, &[good]).1["SuccessCount"], 1);
    for (pointer, value) in [
        ("/Title", json!("あ".repeat(257))),
        ("/Description", json!("x".repeat(1025))),
        ("/UpdatedAt", json!("2026-11-01")),
        ("/Resources", json!([])),
        ("/Compliance/Status", json!("COMPLIANT")),
        ("/Compliance/RelatedRequirements", json!(vec!["x"; 33])),
        ("/Compliance/RelatedRequirements", json!(["x".repeat(65)])),
        ("/FindingProviderFields/Severity/Label", json!("high")),
        ("/FindingProviderFields/Types", json!(["FISC/Controls"])),
    ] {
        let mut bad = finding("bad");
        *bad.pointer_mut(pointer).unwrap() = value;
        let (_, answer) = import(&aws, &[bad]);
        assert_eq!(answer["FailedFindings"][0]["ErrorCode"], "InvalidInput", "{pointer}: {answer}");
    }
    assert_eq!(import(&aws, &vec![finding("many"); 101]).0, 400);
    assert_eq!(import(&aws, &[]).0, 400);
    let mut foreign = finding("foreign");
    foreign["AwsAccountId"] = json!("444455556666");
    assert_eq!(import(&aws, &[foreign]).0, 403);
    aws.securityhub().disable();
    assert_eq!(import(&aws, &[finding("late")]).0, 401);
}

#[test]
fn updates_must_be_newer_and_leave_the_customers_fields() {
    let aws = FakeAws::start();
    import(&aws, &[finding("a")]);
    aws.securityhub().change("a", |finding| finding["Workflow"]["Status"] = json!("SUPPRESSED"));
    let mut same = finding("a");
    same["Title"] = json!("other");
    assert_eq!(import(&aws, &[same.clone()]).1["SuccessCount"], 1);
    assert_eq!(aws.securityhub().finding("a").unwrap()["Title"], "title");
    assert_eq!(aws.securityhub().ignored(), ["a"]);
    same["UpdatedAt"] = json!("2026-11-01T00:00:00.001Z");
    import(&aws, &[same]);
    let stored = aws.securityhub().finding("a").unwrap();
    assert_eq!(
        (&stored["Title"], &stored["Workflow"]["Status"]),
        (&json!("other"), &json!("SUPPRESSED"))
    );
}

#[test]
fn faults_strike_in_the_shape_of_the_service() {
    let aws = FakeAws::start();
    let list = || json_call(&aws, "kms", "TrentService.ListKeys", &json!({}));
    aws.fault("kms", "ListKeys", Fault::Throttled.after(1).times(1));
    assert!(list().is_ok());
    assert_eq!(list().unwrap_err(), "ThrottlingException");
    assert!(list().is_ok());

    aws.fault("iam", "*", Fault::Denied);
    let (status, _, body) =
        send(&aws, "iam", "POST", "/", "", "Action=GetAccountSummary&Version=2010-05-08");
    assert!(status == 403 && body.contains("<Code>AccessDenied</Code>"), "{body}");
    aws.fault("account", "ListRegions", Fault::error(429, "TooManyRequestsException", "slow"));
    let (status, head, _) = send(&aws, "account", "POST", "/listRegions", "", "{}");
    assert!(status == 429 && head.contains("x-amzn-errortype: TooManyRequestsException"), "{head}");

    aws.fault("s3", "*", Fault::Reset.times(1));
    assert_eq!(send(&aws, "s3", "GET", "/bucket?list-type=2", "", "").0, 0);
    aws.fault("s3", "*", Fault::Hang(Duration::from_millis(80)).times(1));
    let start = Instant::now();
    assert_eq!(send(&aws, "s3", "GET", "/bucket?list-type=2", "", "").0, 404);
    assert!(start.elapsed() >= Duration::from_millis(80));

    let rule = aws.config().rule("r");
    aws.fault("config", "PutEvaluations", Fault::LostAnswer.times(1));
    let body = json!({"ResultToken": rule.token, "Evaluations": [evaluation("a", "COMPLIANT", 1)]});
    let head = "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: StarlingDoveService.PutEvaluations\r\n";
    assert_eq!(send(&aws, "config", "POST", "/", head, &body.to_string()).0, 0);
    assert_eq!(aws.config().results("r").len(), 1);
}

#[test]
fn only_allowed_actions_go_through_and_all_calls_are_on_record() {
    let aws = FakeAws::start();
    aws.s3().put("bucket", "key", "", &[]);
    aws.allow_only(&["s3:ListBucket", "kms:*"]);
    assert_eq!(send(&aws, "s3", "GET", "/bucket?list-type=2", "", "").0, 200);
    let (status, _, body) = send(&aws, "s3", "GET", "/bucket/key", "", "");
    assert!(status == 403 && body.contains("is not authorized to perform: s3:GetObject"), "{body}");
    assert!(json_call(&aws, "kms", "TrentService.ListKeys", &json!({})).is_ok());
    assert_eq!(put(&aws, "token", &[]).unwrap_err(), "AccessDeniedException");
    assert_eq!((aws.count("ListObjectsV2"), aws.calls().len()), (1, 4));
    let last = aws.calls().pop().unwrap();
    assert_eq!(
        (last.service.as_str(), last.region.as_str(), last.account.as_str()),
        ("config", REGION, ACCOUNT)
    );
    assert_eq!((last.status, last.error.as_deref()), (400, Some("AccessDeniedException")));
}

#[test]
fn unknown_calls_fail_the_test_by_name() {
    let aws = FakeAws::start();
    assert_eq!(
        json_call(&aws, "kms", "TrentService.ListAliases", &json!({})).unwrap_err(),
        "NotEmulated"
    );
    assert_eq!(json_call(&aws, "kms", "Other.ListKeys", &json!({})).unwrap_err(), "NotEmulated");
    assert_eq!(aws.take_unknown(), ["kms: ListAliases", "kms: Other.ListKeys"]);
    let panic = std::panic::catch_unwind(|| {
        let aws = FakeAws::start();
        send(&aws, "sqs", "POST", "/", "", "");
    });
    let message = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("sqs: POST /"), "{message}");
}
