//! End-to-end: `config-recorder`, from the schedule to the evaluation.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_detection::config_recorder::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RULE: &str = "fisc-config-recorder";

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("FISC_LANGUAGE", "en"), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_detection"), aws, &env)
}

fn sweep(aws: &FakeAws, parameters: &Value) -> Result<(String, String), FunctionError> {
    let rule = aws.config().rule(RULE);
    start(aws).invoke(events::scheduled(&rule, parameters))?;
    let result = aws.config().result(RULE, ACCOUNT).expect("a result of the account");
    Ok((result.compliance, result.annotation.unwrap_or_default()))
}

fn hours_ago(hours: i64) -> i64 {
    (Timestamp::now() - SignedDuration::from_hours(hours)).as_second()
}

fn recorder(aws: &FakeAws, region: &str, recording: bool) {
    let config = aws.stub("config").in_region(region);
    config.returns(
        "DescribeConfigurationRecorders",
        json!({"ConfigurationRecorders": [{
            "name": "default",
            "roleARN": format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"),
            "recordingGroup": {
                "allSupported": true, "includeGlobalResourceTypes": region == REGION,
                "resourceTypes": [],
                "exclusionByResourceTypes": {"resourceTypes": []},
                "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
            },
            "recordingMode": {"recordingFrequency": "CONTINUOUS"},
            "recordingScope": "PAID",
        }]}),
    );
    config.returns(
        "DescribeConfigurationRecorderStatus",
        json!({"ConfigurationRecordersStatus": [{
            "name": "default", "recording": recording, "lastStatus": "SUCCESS",
            "lastStartTime": hours_ago(1000), "lastStatusChangeTime": hours_ago(1),
        }]}),
    );
}

fn topic() -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:config-changes")
}

/// A Region in which all is well, in an account with two more.
fn well(aws: &FakeAws) {
    aws.account().set_regions(&[
        ("ap-northeast-1", "ENABLED_BY_DEFAULT"),
        ("eu-west-1", "ENABLED_BY_DEFAULT"),
        ("us-east-1", "ENABLED_BY_DEFAULT"),
        ("ap-east-1", "DISABLED"),
    ]);
    for region in ["ap-northeast-1", "eu-west-1", "us-east-1"] {
        recorder(aws, region, true);
    }
    let config = aws.stub("config");
    config.returns(
        "DescribeDeliveryChannels",
        json!({"DeliveryChannels": [{
            "name": "default", "s3BucketName": "config-history", "snsTopicARN": topic(),
            "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
        }]}),
    );
    config.returns(
        "DescribeDeliveryChannelStatus",
        json!({"DeliveryChannelsStatus": [{
            "name": "default",
            "configHistoryDeliveryInfo":
                {"lastStatus": "SUCCESS", "lastSuccessfulTime": hours_ago(3)},
            "configSnapshotDeliveryInfo":
                {"lastStatus": "SUCCESS", "lastSuccessfulTime": hours_ago(12)},
        }]}),
    );
    config.returns(
        "DescribeConfigRules",
        json!({"ConfigRules": [
            {"ConfigRuleName": "s3-tls", "ConfigRuleState": "ACTIVE",
             "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_SSL_REQUESTS_ONLY"}},
            {"ConfigRuleName": "OrgConfigRule-root-mfa-abcd1234", "ConfigRuleState": "ACTIVE",
             "Source": {"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"}},
            {"ConfigRuleName": "old", "ConfigRuleState": "DELETING",
             "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"}},
        ]}),
    );
    config.returns(
        "DescribeConformancePackStatus",
        json!({"ConformancePackStatusDetails": [{
            "ConformancePackName": "baseline", "ConformancePackId": "conformance-pack-1",
            "ConformancePackArn":
                format!("arn:aws:config:{REGION}:{ACCOUNT}:conformance-pack/baseline/1"),
            "ConformancePackState": "CREATE_COMPLETE",
            "StackArn": format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/awsconfigconforms/1"),
            "LastUpdateRequestedTime": hours_ago(500),
        }]}),
    );
    config.returns(
        "DescribeRemediationConfigurations",
        json!({"RemediationConfigurations": [{
            "ConfigRuleName": "s3-tls", "TargetType": "SSM_DOCUMENT", "TargetId": "Fix",
            "Automatic": true,
        }]}),
    );
    config.returns(
        "DescribeConfigurationAggregators",
        json!({"ConfigurationAggregators": [{
            "ConfigurationAggregatorName": "organization",
            "OrganizationAggregationSource":
                {"RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/aggregator"), "AllAwsRegions": true},
        }]}),
    );
    config.empty("DescribeConfigurationAggregatorSourcesStatus");
    aws.stub("sns").returns(
        "ListSubscriptionsByTopic",
        json!({"Subscriptions": [{
            "SubscriptionArn": "PendingConfirmation", "Owner": ACCOUNT, "Protocol": "email",
            "Endpoint": "soc@example.com", "TopicArn": topic(),
        }]}),
    );
    let events = aws.stub("events");
    events.returns(
        "ListRules",
        json!({"Rules": [{
            "Name": "config-changes", "State": "ENABLED", "EventBusName": "default",
            "Arn": format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/config-changes"),
            "EventPattern": json!({"source": ["aws.config"]}).to_string(),
        }]}),
    );
    events.returns(
        "ListTargetsByRule",
        json!({"Targets": [{
            "Id": "chat",
            "Arn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:to-chat"),
        }]}),
    );
    aws.stub("lambda").returns(
        "GetFunctionConfiguration",
        json!({
            "FunctionName": "to-chat", "State": "Active",
            "FunctionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:to-chat"),
        }),
    );
}

fn all_asked() -> Value {
    json!({
        "aggregatorAccountId": ACCOUNT,
        "requiredRules": ["root-mfa", "S3_BUCKET_SSL_REQUESTS_ONLY"],
        "requiredConformancePacks": ["baseline"],
        "rulesRequiringRemediation": ["s3-tls"],
    })
}

#[test]
fn everything_that_is_asked_for_is_found() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    assert_eq!(sweep(&aws, &all_asked()).unwrap(), ("COMPLIANT".to_owned(), String::new()));
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}

#[test]
fn regions_in_which_nothing_is_recorded_are_named() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    recorder(&aws, "eu-west-1", false);
    aws.stub("config").in_region("us-east-1").empty("DescribeConfigurationRecorderStatus");
    let (compliance, annotation) = sweep(&aws, &json!({})).unwrap();
    assert_eq!(compliance, "NON_COMPLIANT");
    assert_eq!(
        annotation,
        "RECORDER_REGION_GAP: AWS Config does not record in other enabled Regions: \
         eu-west-1, us-east-1"
    );
    let excluded = json!({"excludedRegions": ["eu-west-1", "us-east-1"]});
    assert_eq!(sweep(&aws, &excluded).unwrap().0, "COMPLIANT");
}

#[test]
fn an_account_without_a_recorder_fails() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let config = aws.stub("config").in_region(REGION);
    for operation in
        ["DescribeConfigurationRecorders", "DescribeDeliveryChannels", "DescribeConfigRules"]
    {
        config.empty(operation);
    }
    let (compliance, annotation) = sweep(&aws, &json!({"allRegions": false})).unwrap();
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("RECORDER_MISSING_OR_STOPPED"), "{annotation}");
    assert!(annotation.contains("There is no recorder"), "{annotation}");
    assert!(annotation.contains("REQUIRED_RULES_MISSING"), "{annotation}");
    // Nothing is asked that does not matter then.
    for operation in ["ListRules", "ListRegions", "DescribeDeliveryChannelStatus"] {
        assert_eq!(aws.count(operation), 0, "{operation}");
    }
}

#[test]
fn a_topic_without_subscribers_tells_nobody() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    // The suite's own rule takes only results of the suite's rules.
    aws.stub("events").returns(
        "ListRules",
        json!({"Rules": [{
            "Name": "fisc-findings", "State": "ENABLED", "EventBusName": "default",
            "Arn": format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/fisc-findings"),
            "EventPattern": json!({
                "source": ["aws.config"],
                "detail-type": ["Config Rules Compliance Change"],
                "detail": {"configRuleName": [{"prefix": "fisc-"}]},
            }).to_string(),
        }]}),
    );
    let (compliance, annotation) = sweep(&aws, &json!({})).unwrap();
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("CHANGE_NOTIFICATION_MISSING"), "{annotation}");
    // The topic of another account cannot be looked into.
    aws.stub("config").returns(
        "DescribeDeliveryChannels",
        json!({"DeliveryChannels": [{
            "name": "default", "s3BucketName": "config-history",
            "snsTopicARN": format!("arn:aws:sns:{REGION}:000000000009:central"),
            "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
        }]}),
    );
    let (compliance, annotation) = sweep(&aws, &json!({})).unwrap();
    assert_eq!(compliance, "COMPLIANT");
    assert!(annotation.starts_with("NOTIFICATION_NOT_VISIBLE"), "{annotation}");
}

#[test]
fn a_denied_call_is_no_verdict() {
    for (service, operation) in [
        ("config", "DescribeConfigurationRecorders"),
        ("config", "DescribeDeliveryChannelStatus"),
        ("config", "DescribeConfigRules"),
        ("account", "ListRegions"),
        ("events", "ListTargetsByRule"),
        ("config", "DescribeConfigurationAggregatorSourcesStatus"),
    ] {
        let aws = aws_for(&CONTROL);
        well(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(&aws, &all_asked()).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
