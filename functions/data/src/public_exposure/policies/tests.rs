//! Verdicts on policies.

use serde_json::{Value, json};

use super::super::tests::{ACCOUNT, NONE, codes_of, codes_with, item, running};
use super::*;

const TOPIC: &str = "arn:aws:sns:ap-northeast-1:111122223333:alerts";
const QUEUE: &str = "arn:aws:sqs:ap-northeast-1:111122223333:queue1";

fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn topic(statements: &Value) -> Vec<&'static str> {
    topic_with(statements, &json!({}))
}

fn topic_with(statements: &Value, parameters: &Value) -> Vec<&'static str> {
    let configuration = json!({"TopicArn": TOPIC, "Policy": document(statements)});
    codes_with(&item("AWS::SNS::Topic", &configuration), parameters)
}

fn queue(statements: &Value) -> Vec<&'static str> {
    let configuration = json!({"QueueUrl": "q", "QueueArn": QUEUE, "Policy": document(statements)});
    codes_with(&item("AWS::SQS::Queue", &configuration), &json!({}))
}

fn judged(kind: ResourceType, statements: &Value) -> Vec<&'static str> {
    let policy = PolicyDocument::from_text(&document(statements)).unwrap();
    let kind = Kind::of(kind.name).unwrap();
    running(&json!({}), false, |run| codes_of(&kind.judge(Some(&policy), ACCOUNT, run).unwrap()))
}

/// The examples of the SQS developer guide, "Basic examples of Amazon SQS policies".
#[test]
fn examples_of_the_sqs_guide() {
    let all_users = json!([{
        "Sid": "Queue1_AnonymousAccess_ReceiveMessage", "Effect": "Allow", "Principal": "*",
        "Action": "sqs:ReceiveMessage", "Resource": "arn:aws:sqs:*:111122223333:queue1"
    }]);
    assert_eq!(queue(&all_users), ["PUBLIC_POLICY"]);
    let for_a_time = json!([{
        "Sid": "Queue1_AnonymousAccess_ReceiveMessage_TimeLimit", "Effect": "Allow",
        "Principal": "*", "Action": "sqs:ReceiveMessage",
        "Resource": "arn:aws:sqs:*:111122223333:queue1",
        "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2009-01-31T12:00Z"},
                      "DateLessThan": {"aws:CurrentTime": "2009-01-31T15:00Z"}}
    }]);
    assert_eq!(queue(&for_a_time), ["PUBLIC_POLICY"]);
    let from_a_network = json!([{
        "Sid": "Queue1_AnonymousAccess_AllActions_AllowlistIP", "Effect": "Allow",
        "Principal": "*", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:111122223333:queue1",
        "Condition": {"IpAddress": {"aws:SourceIp": "192.168.143.0/24"}}
    }]);
    assert_eq!(queue(&from_a_network), NONE);
    let two_accounts = json!([{
        "Sid": "Queue1_AllActions", "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::444455556666:role/role1", ACCOUNT]},
        "Action": "sqs:*", "Resource": QUEUE
    }]);
    assert_eq!(queue(&two_accounts), ["UNTRUSTED_PRINCIPAL"]);
    let own = json!([{
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "SQS:*", "Resource": QUEUE
    }]);
    assert_eq!(queue(&own), NONE);
}

/// The policy that SNS gives every new topic, and what its console adds for "Everyone".
#[test]
fn the_default_policy_of_a_topic_is_not_public() {
    let default = |key: &str| {
        json!({
            "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
            "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission",
                       "SNS:RemovePermission", "SNS:DeleteTopic", "SNS:Subscribe",
                       "SNS:ListSubscriptionsByTopic", "SNS:Publish"],
            "Resource": TOPIC, "Condition": {"StringEquals": {key: ACCOUNT}}
        })
    };
    for key in ["AWS:SourceOwner", "aws:SourceAccount", "aws:PrincipalAccount"] {
        assert_eq!(topic(&json!([default(key)])), NONE, "{key}");
    }
    let everyone = json!({
        "Sid": "__console_pub_0", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": "SNS:Publish", "Resource": TOPIC
    });
    assert_eq!(topic(&json!([default("AWS:SourceOwner"), everyone])), ["PUBLIC_POLICY"]);
}

#[test]
fn what_ties_everybody_down_and_what_does_not() {
    let with = |condition: Value| {
        topic(&json!([{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish",
                       "Resource": TOPIC, "Condition": condition}]))
    };
    for tied in [
        json!({"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}),
        json!({"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::reports"}}),
        json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{ACCOUNT}:role/*")}}),
        json!({"StringEquals": {"aws:SourceAccount": [ACCOUNT]}}),
    ] {
        assert_eq!(with(tied.clone()), NONE, "{tied}");
    }
    for open in [
        json!({"StringLike": {"aws:SourceAccount": "*"}}),
        json!({"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}),
        json!({"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}}),
        json!({"StringLike": {"aws:UserAgent": "hbg-batch"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
        json!({"StringEquals": {"sns:Protocol": "https"}}),
    ] {
        assert!(with(open.clone()).contains(&"PUBLIC_POLICY"), "{open}");
    }
    // Everybody of an organization is not everybody; whether it is trusted is another question.
    let organization = json!([{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish",
        "Resource": TOPIC, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]);
    assert_eq!(topic(&organization), ["UNTRUSTED_PRINCIPAL"]);
    assert_eq!(topic_with(&organization, &json!({"orgId": "o-a1b2c3d4e5"})), NONE);
    // A Deny takes back what an Allow gives.
    let taken_back = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": TOPIC},
        {"Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": TOPIC,
         "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}},
    ]);
    assert_eq!(topic(&taken_back), NONE);
    // Everybody but one.
    let but_one = json!([{"Effect": "Allow", "NotPrincipal": {"AWS": "444455556666"},
                          "Action": "sns:Publish", "Resource": TOPIC}]);
    assert!(topic(&but_one).contains(&"PUBLIC_POLICY"));
}

#[test]
fn services_and_accounts_are_named_or_trusted() {
    let service = |condition: Value| {
        topic(&json!([{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
                       "Action": "sns:Publish", "Resource": TOPIC, "Condition": condition}]))
    };
    assert_eq!(service(json!({})), ["UNTRUSTED_PRINCIPAL"]);
    assert_eq!(service(json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}})), NONE);
    let rule = "arn:aws:events:ap-northeast-1:111122223333:rule/nightly";
    assert_eq!(service(json!({"ArnEquals": {"aws:SourceArn": rule}})), NONE);
    let partner = json!({"StringEquals": {"aws:SourceAccount": "444455556666"}});
    assert_eq!(service(partner), ["UNTRUSTED_PRINCIPAL"]);

    // Rules of EventBridge send no context when they publish: a condition keeps them out.
    let rules = |action: &str| {
        json!([{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                "Action": action, "Resource": "*"}])
    };
    assert_eq!(topic(&rules("sns:Publish")), NONE);
    assert_eq!(topic(&rules("sns:*")), ["UNTRUSTED_PRINCIPAL"]);
    assert_eq!(topic(&rules("sns:Subscribe")), ["UNTRUSTED_PRINCIPAL"]);
    assert_eq!(queue(&rules("sqs:SendMessage")), ["UNTRUSTED_PRINCIPAL"]);

    let accounts = json!([{"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC,
        "Principal": {"AWS": ["arn:aws:iam::444455556666:root", "AIDAEXAMPLEEXAMPLEEX"]}}]);
    let partner = json!({"trustedAccountIds": "444455556666"});
    assert_eq!(topic(&accounts), ["UNTRUSTED_PRINCIPAL"]);
    assert_eq!(topic_with(&accounts, &partner), NONE);

    // One verdict, both codes, and no id of a deleted principal.
    let both = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE},
        {"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": QUEUE,
         "Principal": {"AWS": ["444455556666", "AIDAEXAMPLEEXAMPLEEX"]}},
    ]);
    assert_eq!(queue(&both), ["PUBLIC_POLICY", "UNTRUSTED_PRINCIPAL"]);
    let policy = PolicyDocument::from_text(&document(&both)).unwrap();
    let kind = Kind::of("AWS::SQS::Queue").unwrap();
    let verdict =
        running(&json!({}), false, |run| kind.judge(Some(&policy), ACCOUNT, run).unwrap());
    assert_eq!(verdict.reasons()[1].message.en, "The policy admits 444455556666");
}

#[test]
fn each_type_by_its_own_actions() {
    let everybody = |action: &str| json!([{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}]);
    let partner = |action: &str| {
        json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": action,
                "Resource": "*"}])
    };
    for (kind, action, others) in [
        (ResourceType::LAMBDA_FUNCTION, "lambda:InvokeFunction", true),
        (ResourceType::SNS_TOPIC, "SNS:Subscribe", true),
        (ResourceType::SQS_QUEUE, "SQS:SendMessage", true),
        (ResourceType::SECRETS_MANAGER_SECRET, "secretsmanager:GetSecretValue", true),
        (ResourceType::ECR_REPOSITORY, "ecr:BatchGetImage", true),
        (ResourceType::EVENTS_EVENT_BUS, "events:PutEvents", false),
        (ResourceType::EFS_FILE_SYSTEM, "elasticfilesystem:ClientMount", false),
    ] {
        assert_eq!(judged(kind, &everybody(action)), ["PUBLIC_POLICY"], "{kind:?}");
        assert_eq!(judged(kind, &everybody("*")), ["PUBLIC_POLICY"], "{kind:?}");
        let expected: &[&str] = if others { &["UNTRUSTED_PRINCIPAL"] } else { &[] };
        assert_eq!(judged(kind, &partner(action)), expected, "{kind:?}");
        let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}]);
        assert_eq!(judged(kind, &deny), NONE, "{kind:?}");
    }
}

/// The policy that the console of EFS writes: whoever comes through a mount target is in the VPC.
#[test]
fn file_systems_are_reached_through_mount_targets() {
    let mount = |condition: Value| {
        judged(
            ResourceType::EFS_FILE_SYSTEM,
            &json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Condition": condition,
                     "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]}]),
        )
    };
    let through = json!({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}});
    assert_eq!(mount(through), NONE);
    assert_eq!(mount(json!({"Bool": {"aws:SecureTransport": "true"}})), ["PUBLIC_POLICY"]);
}

#[test]
fn policies_in_items_and_their_absence() {
    let preview_of = |kind: &str, configuration: Value, offline: bool| {
        running(&json!({}), offline, |run| preview(&item(kind, &configuration), run))
            .map(|verdict| verdict.map(|one| codes_of(&one)))
    };
    let none = || Some(Vec::<&str>::new());
    let open = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    let public = || Some(vec!["PUBLIC_POLICY"]);

    // Every topic has a policy.
    let bare = preview_of("AWS::SNS::Topic", json!({"TopicArn": TOPIC}), false).unwrap_err();
    assert!(bare.to_string().contains("configuration.Policy is missing"));
    // Repositories: an object, empty where there is none.
    let repository = |policy: Value| {
        preview_of("AWS::ECR::Repository", json!({"RepositoryPolicyText": policy}), false).unwrap()
    };
    assert_eq!(repository(json!({})), none());
    assert_eq!(repository(json!("")), none());
    assert_eq!(repository(open.clone()), public());
    assert_eq!(repository(json!(open.to_string())), public());
    assert_eq!(repository(json!(null)), None);
    assert!(
        preview_of("AWS::ECR::Repository", json!({"RepositoryPolicyText": "{"}), false).is_err()
    );
    // A queue whose item holds no policy is asked about.
    assert_eq!(preview_of("AWS::SQS::Queue", json!({"QueueUrl": "q"}), false).unwrap(), None);
    // Whether an edit of these makes an item is not known: they are asked about, if possible.
    for (kind, key) in
        [("AWS::EFS::FileSystem", "FileSystemPolicy"), ("AWS::Events::EventBus", "Policy")]
    {
        let of = |policy: &Value, offline| preview_of(kind, json!({key: policy}), offline).unwrap();
        assert_eq!(of(&open, false), None, "{kind}");
        assert_eq!(of(&open, true), public(), "{kind}");
        assert_eq!(of(&json!({}), true), none(), "{kind}");
        assert_eq!(of(&json!(null), true), None, "{kind}");
    }
    for kind in ["AWS::Lambda::Function", "AWS::SecretsManager::Secret"] {
        assert_eq!(preview_of(kind, json!({ "Policy": open }), true).unwrap(), None, "{kind}");
    }
    let deleted = preview_of("AWS::SecretsManager::Secret", json!({"Deleted": true}), false);
    assert_eq!(deleted.unwrap(), Some(vec!["SECRET_BEING_DELETED"]));
}

fn function(open_url: bool, statements: &Value) -> Vec<&'static str> {
    let policy = Some(PolicyDocument::from_text(&document(statements)).unwrap());
    let function = Function { policy, open_url };
    running(&json!({}), false, |run| codes_of(&function.judge(ACCOUNT, run).unwrap()))
}

#[test]
fn a_url_without_authentication_is_reported_once() {
    // What the console writes with a URL of the type NONE.
    let through_url = json!([
        {"Sid": "FunctionURLAllowPublicAccess", "Effect": "Allow", "Principal": "*",
         "Action": "lambda:InvokeFunctionUrl", "Resource": "*",
         "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}},
        {"Sid": "FunctionURLInvokeAllowPublicAccess", "Effect": "Allow", "Principal": "*",
         "Action": "lambda:InvokeFunction", "Resource": "*",
         "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}},
    ]);
    assert_eq!(function(true, &through_url), ["PUBLIC_FUNCTION_URL"]);
    // Without such a URL they stay in wait for one: the policy is public.
    assert_eq!(function(false, &through_url), ["PUBLIC_POLICY"]);
    // Other openings count besides.
    let direct = json!([{"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction",
                         "Resource": "*"}]);
    assert_eq!(function(true, &direct), ["PUBLIC_POLICY", "PUBLIC_FUNCTION_URL"]);
    // A URL that takes the credentials of any account.
    let signed = json!([{"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl",
        "Resource": "*", "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}}]);
    assert_eq!(function(false, &signed), ["PUBLIC_POLICY"]);
    assert_eq!(function(true, &signed), ["PUBLIC_POLICY", "PUBLIC_FUNCTION_URL"]);
    let partner = json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"},
        "Action": "lambda:InvokeFunctionUrl", "Resource": "*",
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}}]);
    assert_eq!(function(true, &partner), ["UNTRUSTED_PRINCIPAL", "PUBLIC_FUNCTION_URL"]);
    let bare = Function { policy: None, open_url: true };
    let bare = running(&json!({}), false, |run| codes_of(&bare.judge(ACCOUNT, run).unwrap()));
    assert_eq!(bare, ["PUBLIC_FUNCTION_URL"]);
}

/// Triggers as AWS's consoles write them.
#[test]
fn triggers_of_functions() {
    let trigger = |service: &str, condition: Value| {
        function(
            false,
            &json!([{"Effect": "Allow", "Principal": {"Service": service},
                     "Action": "lambda:InvokeFunction", "Resource": "*", "Condition": condition}]),
        )
    };
    let bucket = json!({"StringEquals": {"AWS:SourceAccount": ACCOUNT},
                        "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::reports"}});
    assert_eq!(trigger("s3.amazonaws.com", bucket), NONE);
    let api = "arn:aws:execute-api:ap-northeast-1:111122223333:a1b2c3d4/*/POST/orders";
    assert_eq!(
        trigger("apigateway.amazonaws.com", json!({"ArnLike": {"AWS:SourceArn": api}})),
        NONE
    );
    assert_eq!(trigger("logs.amazonaws.com", json!({})), ["UNTRUSTED_PRINCIPAL"]);
}

/// What Lambda and S3 have written into policies of other services.
#[test]
fn statements_that_services_write() {
    // Lambda, into the repository of a function's image.
    let retrieval = json!([{
        "Sid": "LambdaECRImageRetrievalPolicy", "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Condition": {"StringLike": {
            "aws:sourceArn": "arn:aws:lambda:ap-northeast-1:111122223333:function:*"}}
    }]);
    assert_eq!(judged(ResourceType::ECR_REPOSITORY, &retrieval), NONE);
    // The S3 user guide, for event notifications.
    let notification = json!([{
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "SQS:SendMessage", "Resource": QUEUE,
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:reports"},
                      "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    }]);
    assert_eq!(queue(&notification), NONE);
}
