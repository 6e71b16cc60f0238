use std::collections::BTreeSet;

use aws_sdk_cloudwatchlogs::types::{MetricFilter, MetricTransformation};
use fisc_services::metric_filters::Filter;
use fisc_shared::parameter::Parameters;
use fisc_shared::pattern::{EventPattern, FilterPattern, Match};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::samples::{Sample, Samples, network_classes};
use super::trails::{LogGroup, Trail};
use super::*;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "ap-northeast-1";

fn with_samples<T>(act: impl FnOnce(&Samples<'_>) -> T) -> T {
    let parameters = Parameters::default();
    act(&Samples::new(&Run {
        parameters: &parameters,
        now: Timestamp::UNIX_EPOCH,
        account_id: ACCOUNT,
        region: REGION,
        deadline: None,
        home: true,
        offline: false,
    }))
}

/// How many of the samples a metric filter counts; none may be undecided.
fn counted(filter: &str, samples: &[Sample]) -> usize {
    let pattern = FilterPattern::parse(filter).unwrap();
    let counts = |sample: &&Sample| match pattern.matches(&sample.record().unwrap()) {
        Match::Yes => true,
        Match::No => false,
        Match::Undecided(why) => panic!("{filter}: {}: {why}", sample.name),
    };
    samples.iter().filter(counts).count()
}

fn caught(pattern: &Value, samples: &[Sample]) -> usize {
    let pattern = EventPattern::parse(&pattern.to_string()).unwrap();
    samples.iter().filter(|sample| pattern.matches(&sample.event)).count()
}

#[test]
fn metric_filters_count_what_they_are_written_for() {
    with_samples(|samples| {
        let root = [samples.root_sign_ins(), samples.root_calls()].concat();
        for (filter, expected) in [
            // The wording of the CIS benchmark, and shorter ones.
            (
                r#"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#,
                5,
            ),
            ("{ $.userIdentity.type = Root }", 5),
            (r#"{ $.userIdentity.arn = "*:root" }"#, 5),
            (r#"{ ($.eventName = "ConsoleLogin") && ($.userIdentity.type = "Root") }"#, 2),
            (r#""\"type\":\"Root\"""#, 5),
            // One of the two ways to sign in, one call of many.
            (r#"{ $.userIdentity.type = "Root" && $.additionalEventData.MFAUsed = "No" }"#, 1),
            (r#"{ $.userIdentity.type = "Root" && $.eventName = "CreateUser" }"#, 1),
            (r#"{ $.userIdentity.type = "IAMUser" }"#, 0),
            (r#"{ $.useridentity.type = "Root" }"#, 0),
        ] {
            assert_eq!(counted(filter, &root), expected, "{filter}");
        }

        for (filter, expected) in [
            (r#"{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}"#, 2),
            (r#"{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = "Failure" }"#, 2),
            ("ConsoleLogin Failure", 2),
            (r#"{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = "Success" }"#, 0),
            (r#"{($.eventName=ConsoleLogin) && ($.errorMessage="Failed auth")}"#, 0),
        ] {
            assert_eq!(counted(filter, &samples.failed_sign_ins()), expected, "{filter}");
            assert_eq!(counted(filter, &samples.root_calls()), 0, "{filter}");
        }

        let cis = r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#;
        assert_eq!(counted(cis, &samples.sign_in_without_mfa()), 1);
        assert_eq!(counted(cis, &samples.failed_sign_ins()), 0);
        assert_eq!(counted(cis, &samples.root_sign_ins()), 0);

        for (filter, expected) in [
            (r#"{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}"#, 4),
            (
                r#"{(($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")) && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket")}"#,
                4,
            ),
            (r#"{ $.errorCode = "AccessDenied" }"#, 1),
            (r#"{ $.errorCode = "AccessDenied*" }"#, 2),
        ] {
            assert_eq!(counted(filter, &samples.denied_calls()), expected, "{filter}");
            assert_eq!(counted(filter, &samples.root_calls()), 0, "{filter}");
        }

        // Of the CIS benchmark, one for each kind of change.
        for (class, filter) in [
            (
                "security-group",
                "{($.eventName=AuthorizeSecurityGroupIngress) || ($.eventName=AuthorizeSecurityGroupEgress) || ($.eventName=RevokeSecurityGroupIngress) || ($.eventName=RevokeSecurityGroupEgress) || ($.eventName=CreateSecurityGroup) || ($.eventName=DeleteSecurityGroup)}",
            ),
            (
                "nacl",
                "{($.eventName=CreateNetworkAcl) || ($.eventName=CreateNetworkAclEntry) || ($.eventName=DeleteNetworkAcl) || ($.eventName=DeleteNetworkAclEntry) || ($.eventName=ReplaceNetworkAclEntry) || ($.eventName=ReplaceNetworkAclAssociation)}",
            ),
            (
                "gateway",
                "{($.eventName=CreateCustomerGateway) || ($.eventName=DeleteCustomerGateway) || ($.eventName=AttachInternetGateway) || ($.eventName=CreateInternetGateway) || ($.eventName=DeleteInternetGateway) || ($.eventName=DetachInternetGateway)}",
            ),
            (
                "route-table",
                "{($.eventSource=ec2.amazonaws.com) && (($.eventName=CreateRoute) || ($.eventName=CreateRouteTable) || ($.eventName=ReplaceRoute) || ($.eventName=ReplaceRouteTableAssociation) || ($.eventName=DeleteRouteTable) || ($.eventName=DeleteRoute) || ($.eventName=DisassociateRouteTable))}",
            ),
            (
                "vpc",
                "{($.eventName=CreateVpc) || ($.eventName=DeleteVpc) || ($.eventName=ModifyVpcAttribute) || ($.eventName=AcceptVpcPeeringConnection) || ($.eventName=CreateVpcPeeringConnection) || ($.eventName=DeleteVpcPeeringConnection) || ($.eventName=RejectVpcPeeringConnection) || ($.eventName=AttachClassicLinkVpc) || ($.eventName=DetachClassicLinkVpc) || ($.eventName=DisableVpcClassicLink) || ($.eventName=EnableVpcClassicLink)}",
            ),
        ] {
            for other in network_classes() {
                let calls = samples.network_calls(other);
                let expected = if other == class { calls.len() } else { 0 };
                assert_eq!(counted(filter, &calls), expected, "{class} {other}");
            }
        }
        let inbound = "{ $.eventName = AuthorizeSecurityGroupIngress }";
        assert_eq!(counted(inbound, &samples.network_calls("security-group")), 1);
    });
}

#[test]
fn rules_catch_what_they_are_written_for() {
    with_samples(|samples| {
        let sign_ins = samples.root_sign_ins();
        for (pattern, expected) in [
            (
                json!({"detail-type": ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"],
                       "detail": {"userIdentity": {"type": ["Root"]}}}),
                2,
            ),
            (
                json!({"source": ["aws.signin"], "detail": {"eventName": ["ConsoleLogin"],
                       "userIdentity": {"arn": [{"suffix": ":root"}]}}}),
                2,
            ),
            (
                json!({"detail-type": ["AWS Console Sign In via CloudTrail"],
                    "detail": {"additionalEventData": {"MFAUsed": ["No"]}}}),
                1,
            ),
            (json!({"detail": {"userIdentity": {"type": ["root"]}}}), 0),
            (json!({"region": [REGION], "source": ["aws.signin"]}), 0),
            (json!({"account": ["999999999999"]}), 0),
        ] {
            assert_eq!(caught(&pattern, &sign_ins), expected, "{pattern}");
        }

        let findings = samples.guard_duty_from(4);
        let all = findings.len();
        for (pattern, expected) in [
            (json!({"source": ["aws.guardduty"]}), all),
            (
                json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"],
                       "detail": {"severity": [{"numeric": [">=", 4]}]}}),
                all,
            ),
            (
                json!({"source": ["aws.guardduty"], "detail": {"severity": [4, 5, 6, 7, 8, 9, 10]}}),
                all,
            ),
            // The list of the older documentation ends below critical findings.
            (
                json!({"source": ["aws.guardduty"],
                    "detail": {"severity": [4, 4.0, 5, 5.0, 6, 6.0, 7, 7.0, 8, 8.0, 8.9]}}),
                all - 1,
            ),
            (
                json!({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}}),
                7,
            ),
            (
                json!({"source": ["aws.guardduty"], "detail": {"type": [{"prefix": "Recon:EC2"}]}}),
                5,
            ),
            (
                json!({"source": ["aws.guardduty"],
                    "detail": {"type": [{"anything-but": {"prefix": "Recon"}}]}}),
                all - 5,
            ),
            (json!({"source": ["aws.guardduty"], "detail": {"severity": ["8"]}}), 0),
        ] {
            assert_eq!(caught(&pattern, &findings), expected, "{pattern}");
        }
        // A finding on root use has a severity of its own.
        let root = samples.root_finding();
        assert_eq!(caught(&json!({"source": ["aws.guardduty"]}), &root), 1);
        let medium = json!({"detail": {"severity": [{"numeric": [">=", 4]}]}});
        assert_eq!(caught(&medium, &root), 0);

        let imported = samples.imported_guard_duty(4);
        let hub = |finding: Value| {
            json!({"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"],
                   "detail": {"findings": finding}})
        };
        for (pattern, of_guard_duty, of_controls, of_violations) in [
            (json!({"source": ["aws.securityhub"]}), 6, 2, 2),
            (hub(json!({"Workflow": {"Status": ["NEW"]}, "RecordState": ["ACTIVE"]})), 6, 2, 2),
            (hub(json!({"Severity": {"Label": ["HIGH", "CRITICAL"]}})), 4, 2, 0),
            (hub(json!({"Compliance": {"Status": ["FAILED"]}})), 0, 2, 2),
            (hub(json!({"ProductName": ["GuardDuty"]})), 6, 0, 0),
            (hub(json!({"ProductFields": {"aws/securityhub/ProductName": ["Config"]}})), 0, 0, 2),
            (
                json!({"source": ["aws.securityhub"],
                    "detail-type": ["Security Hub Findings - Custom Action"]}),
                0,
                0,
                0,
            ),
        ] {
            assert_eq!(caught(&pattern, &imported), of_guard_duty, "{pattern}");
            assert_eq!(caught(&pattern, &samples.failed_controls()), of_controls, "{pattern}");
            assert_eq!(
                caught(&pattern, &samples.imported_violations()),
                of_violations,
                "{pattern}"
            );
        }
        let v2 = json!({"detail-type": ["Findings Imported V2"],
                        "detail": {"findings": {"severity": ["High", "Critical"]}}});
        assert_eq!(caught(&v2, &samples.failed_controls_v2()), 2);

        for (pattern, expected) in [
            (
                json!({"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]}),
                2,
            ),
            (
                json!({"source": ["aws.config"], "detail": {
                    "messageType": ["ComplianceChangeNotification"],
                    "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]}}}),
                2,
            ),
            // Only what was compliant before; only the rules of one stack.
            (json!({"detail": {"oldEvaluationResult": {"complianceType": ["COMPLIANT"]}}}), 1),
            (json!({"detail": {"configRuleName": [{"prefix": "fisc-"}]}}), 0),
            (
                json!({"source": ["aws.config"], "detail-type": ["Config Configuration Item Change"]}),
                0,
            ),
        ] {
            assert_eq!(caught(&pattern, &samples.violations()), expected, "{pattern}");
        }

        let items = samples.network_items("security-group");
        let of_type = |kinds: Value| {
            json!({"source": ["aws.config"], "detail-type": ["Config Configuration Item Change"],
                   "detail": {"configurationItem": {"resourceType": kinds}}})
        };
        assert_eq!(caught(&of_type(json!([{"prefix": "AWS::EC2::"}])), &items), 3);
        assert_eq!(caught(&of_type(json!(["AWS::EC2::SecurityGroup"])), &items), 3);
        assert_eq!(caught(&of_type(json!(["AWS::EC2::VPC"])), &items), 0);
        let calls = samples.network_calls("route-table");
        let ec2 = json!({"source": ["aws.ec2"], "detail-type": ["AWS API Call via CloudTrail"],
                         "detail": {"eventName": [{"wildcard": "*Route*"}]}});
        assert_eq!(caught(&ec2, &calls), calls.len());
    });
}

#[test]
fn samples_are_of_the_account_and_the_region() {
    with_samples(|samples| {
        for sample in samples.root_sign_ins().iter().chain(&samples.root_calls()) {
            assert_eq!(sample.region, "us-east-1");
            assert_eq!(sample.event["detail"]["awsRegion"], "us-east-1");
        }
        for class in network_classes() {
            for sample in samples.network_calls(class).iter().chain(&samples.network_items(class)) {
                assert_eq!(sample.region, REGION);
                assert_eq!(sample.event["account"], ACCOUNT);
            }
            assert!(samples.network_calls(class).len() > 1, "{class}");
        }
        let names: BTreeSet<String> =
            samples.guard_duty_from(7).into_iter().map(|one| one.name).collect();
        let expected = ["GuardDuty severity 7", "GuardDuty severity 8", "GuardDuty severity 9"];
        assert_eq!(names, expected.map(str::to_owned).into());
    });
    assert_eq!(samples::global_region("cn-northwest-1"), "cn-north-1");
    assert_eq!(samples::global_region("us-gov-east-1"), "us-gov-west-1");
}

#[test]
fn a_trail_records_its_region_or_all() {
    let everywhere = Trail { region: None, log_group: None };
    assert!(everywhere.records("us-east-1") && everywhere.records(REGION));
    let here = Trail { region: Some(REGION.to_owned()), log_group: None };
    assert!(here.records(REGION) && !here.records("us-east-1"));
    let group = LogGroup {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        name: "aws/trail".to_owned(),
    };
    for arn in [
        "arn:aws:logs:ap-northeast-1:111122223333:log-group:aws/trail:*",
        "arn:aws:logs:ap-northeast-1:111122223333:log-group:aws/trail",
    ] {
        assert_eq!(LogGroup::of_arn(arn).as_ref(), Some(&group), "{arn}");
    }
    assert_eq!(LogGroup::of_arn("arn:aws:s3:::bucket"), None);
}

#[test]
fn a_filter_that_counts_nothing_or_cannot_be_decided_is_told_apart() {
    let filter = |pattern: &str, value: &str, transformed: bool| {
        let transformation = MetricTransformation::builder()
            .metric_namespace("Trail")
            .metric_name("root")
            .metric_value(value)
            .build()
            .unwrap();
        Filter::read(
            MetricFilter::builder()
                .filter_name("f")
                .filter_pattern(pattern)
                .metric_transformations(transformation)
                .apply_on_transformed_logs(transformed)
                .build(),
        )
    };
    let message = r#"{"a": "b"}"#;
    assert_eq!(filter("{ $.a = b }", "1", false).counts(message), Ok(true));
    assert_eq!(filter("{ $.a = c }", "1", false).counts(message), Ok(false));
    assert_eq!(filter("", "1", false).counts(message), Ok(true));
    filter("{ $.a = %b% }", "1", false).counts(message).unwrap_err();
    filter("{ $.a IS NOT NULL }", "1", false).counts(message).unwrap_err();
    filter("{ $.a = b }", "1", true).counts(message).unwrap_err();
    assert_eq!(filter("{ $.a = b }", "1", false).metrics.len(), 1);
    assert_eq!(filter("{ $.a = b }", "$.size", false).metrics.len(), 1);
    assert!(filter("{ $.a = b }", "0", false).metrics.is_empty());
}
