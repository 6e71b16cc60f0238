//! Each protocol over raw HTTP, and what is common to all of them.

use serde_json::{Value, json};

use crate::aws::tests::send;
use crate::aws::{FakeAws, Fault, REGION};

fn json_call(aws: &FakeAws, service: &str, target: &str, input: &Value) -> (u16, Value) {
    let head = format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}\r\n");
    let (status, _, body) = send(aws, service, "POST", "/", &head, &input.to_string());
    (status, serde_json::from_str(&body).unwrap())
}

fn parameters(aws: &FakeAws, input: &Value) -> (u16, Value) {
    json_call(aws, "ssm", "AmazonSSM.DescribeParameters", input)
}

fn query(aws: &FakeAws, service: &str, form: &str) -> (u16, String) {
    let head = "Content-Type: application/x-www-form-urlencoded\r\n";
    let (status, _, body) = send(aws, service, "POST", "/", head, form);
    (status, body)
}

const RDS: &str = "Version=2014-10-31";
const EC2: &str = "Version=2016-11-15";

#[test]
fn json_answers_by_the_model() {
    let aws = FakeAws::start();
    aws.stub("acm-pca").returns(
        "DescribeCertificateAuthority",
        json!({"CertificateAuthority": {"Arn": "arn:a", "NotAfter": "2030-01-02T00:00:00Z"}}),
    );
    let arn = "arn:aws:acm-pca:ap-northeast-1:111122223333:certificate-authority/a";
    let ask = |input: Value| {
        json_call(&aws, "acm-pca", "ACMPrivateCA.DescribeCertificateAuthority", &input)
    };
    let (status, body) = ask(json!({"CertificateAuthorityArn": arn}));
    assert_eq!(status, 200);
    let expected = json!({"CertificateAuthority": {"Arn": "arn:a", "NotAfter": 1_893_542_400}});
    assert_eq!(body, expected);
    for (input, message) in [
        (json!({}), "Value null at 'CertificateAuthorityArn'"),
        (json!({"CertificateAuthorityArn": 1}), "must be a string"),
        (json!({"CertificateAuthorityArn": "arn"}), "length greater than or equal to 5"),
        (json!({"CertificateAuthorityArn": arn, "X": 1}), "Unknown member at 'X'"),
    ] {
        let (status, body) = ask(input);
        assert_eq!((status, &body["__type"]), (400, &json!("ValidationException")));
        assert!(body["message"].as_str().unwrap().contains(message), "{body}: {message}");
    }
    let calls = aws.calls_of("DescribeCertificateAuthority");
    assert_eq!(calls[0].body, json!({"CertificateAuthorityArn": arn}));
    assert_eq!(calls[0].action, "acm-pca:DescribeCertificateAuthority");
    assert_eq!(calls[1].error.as_deref(), Some("ValidationException"));
}

#[test]
fn enums_and_sizes_of_inputs_are_checked_in_depth() {
    let aws = FakeAws::start();
    aws.stub("ssm").empty("DescribeParameters");
    assert_eq!(parameters(&aws, &json!({"MaxResults": 50})).0, 200);
    assert_eq!(parameters(&aws, &json!({"MaxResults": 51})).0, 400);
    assert_eq!(parameters(&aws, &json!({"Filters": [{"Key": "Type", "Values": ["a"]}]})).0, 200);
    let (status, body) = parameters(&aws, &json!({"Filters": [{"Key": "Kind", "Values": ["a"]}]}));
    assert_eq!(status, 400);
    assert!(body["message"].as_str().unwrap().contains("'Filters.1.member.Key'"), "{body}");
}

#[test]
fn listings_come_in_pages_with_tokens_of_their_own() {
    let aws = FakeAws::start();
    let all: Vec<Value> = (0..5).map(|n| json!({"Name": n.to_string()})).collect();
    aws.stub("ssm").returns("DescribeParameters", json!({"Parameters": all})).page_size(2);
    let mut seen = Vec::new();
    let mut input = json!({"MaxResults": 50});
    loop {
        let (_, body) = parameters(&aws, &input);
        seen.extend(body["Parameters"].as_array().unwrap().clone());
        let Some(token) = body.get("NextToken") else { break };
        input["NextToken"] = token.clone();
    }
    assert_eq!(seen, all);
    assert_eq!(aws.count("DescribeParameters"), 3);

    let (status, body) = parameters(&aws, &json!({"NextToken": "made-up"}));
    assert_eq!((status, &body["__type"]), (400, &json!("InvalidNextToken")));
    // A token is good for the question only that it was given for.
    input["Shared"] = json!(true);
    assert_eq!(parameters(&aws, &input).0, 400);

    let (_, body) = parameters(&aws, &json!({"MaxResults": 1}));
    assert_eq!(body["Parameters"].as_array().unwrap().len(), 1);
}

#[test]
fn the_closest_and_latest_answer_is_taken() {
    let aws = FakeAws::start();
    let stub = aws.stub("secretsmanager");
    let answer = |name: &str| json!({"Name": name});
    stub.when("DescribeSecret", json!({"SecretId": "a"}), answer("a"))
        .returns("DescribeSecret", answer("old"))
        .returns("DescribeSecret", answer("any"))
        .fails_when(
            "DescribeSecret",
            json!({"SecretId": "gone"}),
            "ResourceNotFoundException",
            400,
        );
    aws.stub("secretsmanager").in_region("us-east-1").returns("DescribeSecret", answer("there"));
    aws.stub("secretsmanager")
        .at("444455556666", REGION)
        .returns("DescribeSecret", answer("theirs"));
    let ask = |id: &str| {
        json_call(&aws, "secretsmanager", "secretsmanager.DescribeSecret", &json!({"SecretId": id}))
    };
    assert_eq!(ask("a"), (200, answer("a")));
    assert_eq!(ask("b"), (200, answer("any")));
    let (status, body) = ask("gone");
    assert_eq!((status, &body["__type"]), (400, &json!("ResourceNotFoundException")));
    aws.stub("secretsmanager").in_region(REGION).returns("DescribeSecret", answer("here"));
    assert_eq!(ask("b"), (200, answer("here")));
}

#[test]
fn rest_json_binds_path_query_and_names() {
    let aws = FakeAws::start();
    aws.stub("apigateway").returns("GetDomainNames", json!({"items": [{"domainName": "v1"}]}));
    aws.stub("apigatewayv2")
        .returns("GetDomainNames", json!({"Items": [{"DomainName": "v2"}, {"DomainName": "v2b"}]}));
    let get = |path: &str| send(&aws, "apigateway", "GET", path, "", "");
    assert_eq!(get("/domainnames?limit=5").2, r#"{"item":[{"domainName":"v1"}]}"#);
    let (_, _, body) = get("/v2/domainnames?maxResults=1");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["items"], json!([{"domainName": "v2"}]));
    let token = body["nextToken"].as_str().unwrap().replace('=', "%3D");
    let (status, _, body) = get(&format!("/v2/domainnames?maxResults=1&nextToken={token}"));
    assert_eq!((status, body.as_str()), (200, r#"{"items":[{"domainName":"v2b"}]}"#));

    let (status, head, _) = get("/domainnames?limit=x");
    assert_eq!(status, 400);
    assert!(head.contains("x-amzn-errortype: BadRequestException"), "{head}");
    assert_eq!(get("/domainnames?max=1").0, 400);
    let calls = aws.calls();
    assert_eq!((calls[0].api.as_str(), calls[0].action.as_str()), ("apigateway", "apigateway:GET"));
    assert_eq!(calls[1].api, "apigatewayv2");
    assert_eq!(calls[1].body, json!({"MaxResults": "1"}));

    aws.stub("lambda").when(
        "GetPolicy",
        json!({"FunctionName": "a/b", "Qualifier": "1"}),
        json!({"Policy": "{}"}),
    );
    let path = "/2015-03-31/functions/a%2Fb/policy?Qualifier=1";
    assert_eq!(send(&aws, "lambda", "GET", path, "", "").2, r#"{"Policy":"{}"}"#);

    aws.stub("accessanalyzer").returns(
        "ListFindingsV2",
        json!({"findings": [{"id": "f", "createdAt": 0, "resource": "r"}]}),
    );
    let arn = "arn:aws:access-analyzer:ap-northeast-1:111122223333:analyzer/a";
    let body = json!({"analyzerArn": arn, "maxResults": 10}).to_string();
    let (status, _, body) = send(&aws, "access-analyzer", "POST", "/findingv2", "", &body);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, &body["findings"][0]["createdAt"]),
        (200, &json!("1970-01-01T00:00:00.000Z"))
    );
}

#[test]
fn query_reads_forms_and_answers_xml() {
    let aws = FakeAws::start();
    aws.stub("rds")
        .returns(
            "DescribeDBInstances",
            json!({"DBInstances": [{
                "DBInstanceIdentifier": "a & b",
                "Endpoint": {"Port": 5432},
                "StorageEncrypted": true,
                "InstanceCreateTime": 0,
                "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
            }]}),
        )
        .fails("DescribeOptionGroups", "OptionGroupNotFoundFault", 404);
    let ask = |form: &str| query(&aws, "rds", &format!("Action=DescribeDBInstances&{RDS}{form}"));
    let (status, body) = ask("&Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=mysql");
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("<DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>a &amp; b</DBInstanceIdentifier>"), "{body}");
    assert!(
        body.contains("<VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1<"),
        "{body}"
    );
    assert!(body.contains("<InstanceCreateTime>1970-01-01T00:00:00.000Z<"), "{body}");
    let filters = json!({"Filters": [{"Name": "engine", "Values": ["mysql"]}]});
    assert_eq!(aws.calls()[0].body, filters);

    for wrong in ["&X=1", "&MaxRecords=1", "&MaxRecords=x", "&Filters.Filter.2.Name=a"] {
        let (status, body) = ask(wrong);
        assert_eq!(status, 400, "{wrong}");
        assert!(body.contains("<Code>ValidationError</Code>"), "{body}");
    }
    // The wire has the code, which is not the name of the shape.
    let (status, body) = query(&aws, "rds", &format!("Action=DescribeOptionGroups&{RDS}"));
    assert_eq!(status, 404);
    assert!(body.contains("<Type>Sender</Type><Code>OptionGroupNotFoundFault</Code>"), "{body}");

    aws.stub("sns").returns("GetTopicAttributes", json!({"Attributes": {"Policy": "{}"}}));
    let (_, body) = query(&aws, "sns", "Action=GetTopicAttributes&Version=2010-03-31&TopicArn=t");
    assert!(
        body.contains("<Attributes><entry><key>Policy</key><value>{}</value></entry></Attributes>"),
        "{body}"
    );
}

#[test]
fn ec2_has_its_own_names_lists_and_errors() {
    let aws = FakeAws::start();
    aws.stub("ec2")
        .returns(
            "DescribeSnapshots",
            json!({"Snapshots": [{"SnapshotId": "s1"}, {"SnapshotId": "s2"}]}),
        )
        .fails("DescribeImages", "InvalidAMIID.NotFound", 400)
        .page_size(1);
    let ask = |form: &str| query(&aws, "ec2", &format!("{EC2}&Action={form}"));
    let (status, body) = ask("DescribeSnapshots&Owner.1=self&Filter.1.Name=n&Filter.1.Value.1=v");
    assert_eq!(status, 200, "{body}");
    assert!(
        body.contains("<snapshotSet><item><snapshotId>s1</snapshotId></item></snapshotSet>"),
        "{body}"
    );
    let input = json!({"OwnerIds": ["self"], "Filters": [{"Name": "n", "Values": ["v"]}]});
    assert_eq!(aws.calls()[0].body, input);
    let (_, token) = body.split_once("<nextToken>").unwrap();
    let token = token.split_once('<').unwrap().0.replace('=', "%3D");
    let next = format!(
        "DescribeSnapshots&Owner.1=self&Filter.1.Name=n&Filter.1.Value.1=v&NextToken={token}"
    );
    assert!(ask(&next).1.contains("s2"));

    let (status, body) = ask("DescribeImages");
    assert_eq!(status, 400);
    assert!(body.contains("<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code>"), "{body}");
    assert!(ask("DescribeSnapshots&Owners.1=self").1.contains("InvalidParameterValue"));
}

#[test]
fn rest_xml_serves_s3_and_s3_control() {
    let aws = FakeAws::start();
    aws.s3().bucket("b", REGION);
    aws.stub("s3")
        .returns("ListBuckets", json!({"Buckets": [{"Name": "b"}]}))
        .returns(
            "GetBucketOwnershipControls",
            json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}),
        )
        .fails("GetBucketReplication", "ReplicationConfigurationNotFoundError", 404);
    aws.stub("s3control").returns(
        "GetPublicAccessBlock",
        json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}),
    );
    let get = |path: &str, head: &str| send(&aws, "s3", "GET", path, head, "");
    assert!(
        get("/?x-id=ListBuckets", "")
            .2
            .contains("<Buckets><Bucket><Name>b</Name></Bucket></Buckets>")
    );
    let (status, _, body) = get("/b?ownershipControls", "");
    assert_eq!(status, 200);
    assert!(body.contains("<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>"), "{body}");
    let (status, _, body) = get("/b?replication", "");
    assert_eq!(status, 404);
    assert!(body.contains("<Error><Code>ReplicationConfigurationNotFoundError<"), "{body}");
    let path = "/v20180820/configuration/publicAccessBlock";
    let (status, _, body) = get(path, "x-amz-account-id: 111122223333\r\n");
    assert_eq!(status, 200);
    assert!(
        body.contains("<BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"),
        "{body}"
    );
    assert_eq!(get(path, "").0, 400);
    // The hand-written part is there as before.
    assert_eq!(get("/b?location", "").0, 200);
    let actions: Vec<String> = aws.calls().into_iter().map(|call| call.action).collect();
    assert_eq!(actions[0], "s3:ListAllMyBuckets");
    assert_eq!(actions[2], "s3:GetReplicationConfiguration");
    assert_eq!(actions[3], "s3:GetAccountPublicAccessBlock");
}

#[test]
fn what_hand_written_services_do_not_know_goes_to_stubs() {
    let aws = FakeAws::start();
    aws.stub("iam").fails("GetAccountPasswordPolicy", "NoSuchEntity", 404).returns(
        "ListServerCertificates",
        json!({"ServerCertificateMetadataList": [{"ServerCertificateName": "c"}]}),
    );
    let ask = |action: &str| query(&aws, "iam", &format!("Action={action}&Version=2010-05-08"));
    assert_eq!(ask("GetAccountSummary").0, 200);
    let (_, body) = ask("ListServerCertificates");
    assert!(body.contains("<IsTruncated>false</IsTruncated>"), "{body}");
    let (status, body) = ask("GetAccountPasswordPolicy");
    assert_eq!(status, 404);
    assert!(body.contains("<Code>NoSuchEntity</Code>"));
    aws.stub("kms").empty("ListAliases");
    assert_eq!(json_call(&aws, "kms", "TrentService.ListAliases", &json!({})).0, 200);
    assert_eq!(json_call(&aws, "kms", "TrentService.ListKeys", &json!({})).0, 200);
}

#[test]
fn queues_need_a_limit_for_a_token_and_keep_their_old_codes() {
    let aws = FakeAws::start();
    let urls: Vec<String> = (0..3).map(|n| format!("https://q/{n}")).collect();
    aws.stub("sqs")
        .returns("ListQueues", json!({"QueueUrls": urls}))
        .fails("GetQueueAttributes", "QueueDoesNotExist", 400)
        .page_size(2);
    let ask = |operation: &str, input: Value| {
        let head = format!(
            "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{operation}\r\n"
        );
        send(&aws, "sqs", "POST", "/", &head, &input.to_string())
    };
    assert!(!ask("ListQueues", json!({})).2.contains("NextToken"));
    assert!(ask("ListQueues", json!({"MaxResults": 10})).2.contains("NextToken"));
    let (_, head, body) = ask("GetQueueAttributes", json!({"QueueUrl": "q"}));
    assert!(
        head.contains("x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender"),
        "{head}"
    );
    assert!(body.contains(r#""__type":"QueueDoesNotExist""#), "{body}");
}

#[test]
fn faults_and_permissions_hold_for_stubs_too() {
    let aws = FakeAws::start();
    aws.stub("accessanalyzer").empty("ListFindingsV2").empty("ListAnalyzers");
    aws.stub("rds").empty("DescribeDBInstances");
    aws.stub("ec2").empty("DescribeSnapshots");
    aws.allow_only(&["access-analyzer:ListFindings", "ec2:DescribeSnapshots"]);
    let arn = "arn:aws:access-analyzer:ap-northeast-1:111122223333:analyzer/a";
    let body = json!({"analyzerArn": arn}).to_string();
    assert_eq!(send(&aws, "access-analyzer", "POST", "/findingv2", "", &body).0, 200);
    let (status, head, body) = send(&aws, "access-analyzer", "GET", "/analyzer", "", "");
    assert_eq!(status, 403);
    assert!(head.contains("x-amzn-errortype: AccessDeniedException"), "{head}");
    assert!(body.contains("access-analyzer:ListAnalyzers"));
    let (status, body) = query(&aws, "rds", &format!("{RDS}&Action=DescribeDBInstances"));
    assert_eq!((status, body.contains("<Code>AccessDenied</Code>")), (403, true));

    let snapshots = || query(&aws, "ec2", &format!("{EC2}&Action=DescribeSnapshots"));
    aws.fault("ec2", "DescribeSnapshots", Fault::Denied.times(1));
    assert!(snapshots().1.contains("UnauthorizedOperation"));
    assert_eq!(snapshots().0, 200);
    aws.fault("ec2", "*", Fault::Throttled);
    assert!(snapshots().1.contains("RequestLimitExceeded"));
    aws.fault("ec2", "*", Fault::MalformedBody);
    assert!(snapshots().1.contains("<Cut>"));
}

#[test]
fn what_no_stub_answers_fails_the_test() {
    let aws = FakeAws::start();
    aws.stub("rds").in_region("us-east-1").empty("DescribeDBInstances");
    let (status, body) = query(&aws, "rds", &format!("{RDS}&Action=DescribeDBInstances"));
    assert_eq!((status, body.contains("<Code>NotEmulated</Code>")), (501, true));
    query(&aws, "rds", &format!("{RDS}&Action=DeleteDBInstance"));
    query(&aws, "rds", "Version=2012-01-01&Action=DescribeDBInstances");
    assert_eq!(
        aws.take_unknown(),
        ["rds: DescribeDBInstances", "rds: DeleteDBInstance", "rds: DescribeDBInstances"]
    );
}

#[test]
fn mistakes_of_a_test_are_told_where_they_are_made() {
    let fails = |set: fn(&FakeAws)| {
        let aws = FakeAws::start();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| set(&aws)));
        *result.expect_err("a panic").downcast::<String>().expect("a message")
    };
    for (set, message) in [
        (
            (|aws| {
                aws.stub("rds").returns("DescribeDBInstances", json!({"DbInstances": []}));
            }) as fn(&FakeAws),
            "no member 'DbInstances'",
        ),
        (
            |aws| {
                let answer = json!({"DBInstances": [{"Encrypted": true}]});
                aws.stub("rds").returns("DescribeDBInstances", answer);
            },
            "no member 'DBInstances.Encrypted'",
        ),
        (
            |aws| {
                aws.stub("rds").returns("DescribeDBInstances", json!({"Marker": "x"}));
            },
            "tokens are the emulator's",
        ),
        (
            |aws| {
                aws.stub("rds").when("DescribeDBInstances", json!({"Name": "x"}), json!({}));
            },
            "no member 'Name'",
        ),
        (
            |aws| {
                aws.stub("rds").fails("DescribeDBInstances", "NotFound", 404);
            },
            "has no error \"NotFound\"",
        ),
        (
            |aws| {
                aws.stub("rds").empty("DescribeEverything");
            },
            "no model of rds DescribeEverything",
        ),
        (
            |aws| {
                let _ = aws.stub("rdss");
            },
            "no model of \"rdss\"",
        ),
    ] {
        let told = fails(set);
        assert!(told.contains(message), "{told}");
    }
}
