//! End-to-end: the controls of kept logs in the real `logging` binary.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_logging::{log_archive_protection, log_retention};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Rule, Trail};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const OWNER: &str = "94822b8db52de59639cf5646d215c2b308373678aae695d9ca3ab0bf5e892b2f";
const ARCHIVE: &str = "444455556666";
const NONE: &Value = &Value::Null;

/// A control with its function, its rule, and an AWS that allows it what its role does.
struct Bench {
    control: &'static Control,
    aws: FakeAws,
    rule: Rule,
    lambda: Lambda,
}

impl Bench {
    fn new(control: &'static Control, home: bool) -> Self {
        let aws = aws_for(control);
        let rule = aws.config().rule(&format!("fisc-{}", control.id));
        let url = aws.prefixed_endpoint();
        let mut env = vec![
            ("FISC_CONTROL", control.id),
            ("AWS_MAX_ATTEMPTS", "2"),
            ("AWS_ENDPOINT_URL", url.as_str()),
        ];
        if !home {
            env.push(("FISC_HOME_REGION", "us-east-1"));
        }
        let lambda = Lambda::start(env!("CARGO_BIN_EXE_logging"), &aws, &env);
        Self { control, aws, rule, lambda }
    }

    fn change(&mut self, item: &Value, parameters: &Value) {
        self.lambda.invoke(events::change(&self.rule, item, parameters)).unwrap();
    }

    fn sweep(&mut self, parameters: &Value) {
        self.lambda.invoke(events::scheduled(&self.rule, parameters)).unwrap();
    }

    #[track_caller]
    fn held(&self, id: &str) -> (String, String) {
        let result = self.aws.config().result(&self.rule.name, id).expect("a result");
        (result.compliance, result.annotation.unwrap_or_default())
    }

    #[track_caller]
    fn assert_held(&self, id: &str, compliance: &str, says: &str) {
        let (held, annotation) = self.held(id);
        assert_eq!(held, compliance, "{id}: {annotation}");
        assert!(annotation.contains(says), "{id}: {annotation}");
    }

    /// Each of these calls, when denied, ends the run with an error and without a result.
    #[track_caller]
    fn assert_denials_are_errors(&mut self, event: &Value, calls: &[(&str, &str, &str)]) {
        let before = self.aws.count("PutEvaluations");
        for (service, operation, action) in calls {
            self.aws.clear_faults();
            self.aws.fault(service, operation, Fault::Denied);
            let error = self.lambda.invoke(event.clone()).unwrap_err();
            assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
            assert!(error.message.contains(action), "{operation}: {}", error.message);
        }
        self.aws.clear_faults();
        assert_eq!(self.aws.count("PutEvaluations"), before);
    }
}

mod protection {
    use super::*;

    const CONTROL: &Control = &log_archive_protection::CONTROL;

    fn block(on: bool) -> Value {
        json!({"blockPublicAcls": on, "ignorePublicAcls": on, "blockPublicPolicy": on,
               "restrictPublicBuckets": on})
    }

    /// A bucket in order that nothing but a trail or a delivery channel tells to hold logs; `parts`
    /// replace parts, null takes one away.
    fn bucket(name: &str, parts: &Value) -> Value {
        let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
        let acl = json!({
            "grantSet": null, "isRequesterCharged": false,
            "grantList": [{"grantee": {"id": OWNER, "displayName": null}, "permission": "FullControl"}],
            "owner": {"displayName": null, "id": OWNER},
        });
        item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
        item["supplementaryConfiguration"] = json!({
            "AccessControlList": acl.to_string(),
            "BucketLoggingConfiguration": {"destinationBucketName": "access-logs", "logFilePrefix": ""},
            "BucketPolicy": {"policyText": null},
            "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
            "ObjectLockConfiguration": {"objectLockEnabled": "Enabled", "rule": {"defaultRetention":
                {"mode": "COMPLIANCE", "days": null, "years": 7}}},
            "PublicAccessBlockConfiguration": block(true),
            "ServerSideEncryptionConfiguration": {"rules": [{"applyServerSideEncryptionByDefault":
                {"sseAlgorithm": "aws:kms", "kmsMasterKeyID": "arn:aws:kms:ap-northeast-1:111122223333:key/1"},
                "bucketKeyEnabled": true}]},
        });
        for (name, value) in parts.as_object().unwrap() {
            if value.is_null() {
                item["supplementaryConfiguration"].as_object_mut().unwrap().remove(name);
            } else {
                item["supplementaryConfiguration"][name] = value.clone();
            }
        }
        item
    }

    /// CloudTrail may write: the bucket itself says that it holds logs.
    fn written_by_cloudtrail(name: &str) -> Value {
        let statement = json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{name}/AWSLogs/*"),
            "Condition": {"StringEquals": {"aws:SourceArn":
                "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/bank"}}});
        json!({"policyText": json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()})
    }

    fn trail_item() -> Value {
        events::item(
            "AWS::CloudTrail::Trail",
            "bank",
            json!({
                "name": "bank", "s3BucketName": "trail-logs", "isMultiRegionTrail": true,
            "includeGlobalServiceEvents": true,
                "homeRegion": "ap-northeast-1", "logFileValidationEnabled": true,
                "trailARN": "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/bank",
            }),
        )
    }

    fn principal(kind: &str, id: &str, name: &str, parts: &Value) -> Value {
        let mut item = events::item(
            &format!("AWS::IAM::{kind}"),
            id,
            json!({
                "path": "/", "arn": format!("arn:aws:iam::{ACCOUNT}:{}/{name}", kind.to_lowercase()),
                "rolePolicyList": [], "userPolicyList": [], "groupList": [], "attachedManagedPolicies": [],
            }),
        );
        item["awsRegion"] = json!("global");
        for (name, value) in parts.as_object().unwrap() {
            item["configuration"][name] = value.clone();
        }
        item
    }

    fn attached(name: &str) -> Value {
        json!([{"policyName": name, "policyArn": policy_arn(name)}])
    }

    fn policy_arn(name: &str) -> String {
        format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
    }

    fn document(effect: &str, action: &str) -> String {
        let statement = json!({"Effect": effect, "Action": action, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    fn managed_policy(aws: &FakeAws, name: &str, version: &str, action: &str) {
        let arn = policy_arn(name);
        aws.stub("iam")
            .when(
                "GetPolicy",
                json!({"PolicyArn": arn}),
                json!({"Policy": {"PolicyName": name, "Arn": arn, "DefaultVersionId": version}}),
            )
            .when(
                "GetPolicyVersion",
                json!({"PolicyArn": arn, "VersionId": version}),
                json!({"PolicyVersion": {"Document": document("Allow", action), "VersionId": version,
                                         "IsDefaultVersion": true}}),
            );
    }

    /// Nothing else delivers, no account block.
    fn plain(aws: &FakeAws) {
        aws.stub("config")
            .empty("DescribeDeliveryChannels")
            .empty("DescribeRetentionConfigurations");
        aws.stub("s3control").fails(
            "GetPublicAccessBlock",
            "NoSuchPublicAccessBlockConfiguration",
            404,
        );
        aws.stub("s3").returns("ListBuckets", json!({"Buckets": [{"Name": "trail-logs"}]}));
    }

    fn channel(aws: &FakeAws, bucket: &str) {
        aws.stub("config").returns(
            "DescribeDeliveryChannels",
            json!({"DeliveryChannels": [{"name": "default", "s3BucketName": bucket}]}),
        );
    }

    #[test]
    fn buckets_are_judged_as_they_change_and_those_that_depend_on_others_daily() {
        let mut bench = Bench::new(CONTROL, false);
        plain(&bench.aws);
        // What the item tells is judged without a call.
        let told = bucket("told", &json!({"BucketPolicy": written_by_cloudtrail("told")}));
        bench.change(&told, NONE);
        bench.assert_held("told", "COMPLIANT", "");
        let called: Vec<String> = actions_of(&bench.aws.calls()).into_iter().collect();
        assert_eq!(called, ["config:PutEvaluations"]);
        // Others need the trails and the delivery channel.
        bench.change(&bucket("reports", &json!({})), NONE);
        bench.assert_held("reports", "NOT_APPLICABLE", "NO_LOG_BUCKET");
        bench
            .aws
            .cloudtrail()
            .add_trail(Trail { bucket: "trail-logs".to_owned(), ..Trail::new("bank") });
        channel(&bench.aws, "config-logs");
        let unversioned =
            json!({"BucketVersioningConfiguration": {"status": "Off", "isMfaDeleteEnabled": null}});
        let (by_trail, by_channel) =
            (bucket("trail-logs", &json!({})), bucket("config-logs", &unversioned));
        bench.change(&by_trail, NONE);
        bench.assert_held("trail-logs", "COMPLIANT", "");
        bench.change(&by_channel, NONE);
        bench.assert_held("config-logs", "NON_COMPLIANT", "VERSIONING_OFF");
        // The account's block holds for a bucket without one of its own.
        let open = bucket(
            "open",
            &json!({"BucketPolicy": written_by_cloudtrail("open"),
                                          "PublicAccessBlockConfiguration": null}),
        );
        bench.change(&open, NONE);
        bench.assert_held("open", "NON_COMPLIANT", "BUCKET_PUBLIC");

        for item in [&told, &by_trail, &by_channel, &open, &bucket("reports", &json!({}))] {
            bench.aws.config().record(item);
        }
        bench.aws.config().page(2);
        let on = json!({"BlockPublicAcls": true, "IgnorePublicAcls": true,
                        "BlockPublicPolicy": true, "RestrictPublicBuckets": true});
        bench
            .aws
            .stub("s3control")
            .returns("GetPublicAccessBlock", json!({"PublicAccessBlockConfiguration": on}));
        bench.aws.take_calls();
        bench.sweep(NONE);
        bench.assert_held("open", "COMPLIANT", "");
        bench.assert_held(ACCOUNT, "COMPLIANT", "ARCHIVE_NOT_DECLARED");
        // Only what depends on others is reported again: every evaluation costs.
        let put = bench.aws.calls_of("PutEvaluations");
        let ids = |call: &fisc_testkit::aws::Call| -> Vec<String> {
            let list = call.body["Evaluations"].as_array().unwrap().iter();
            list.map(|one| one["ComplianceResourceId"].as_str().unwrap().to_owned()).collect()
        };
        let mut reported: Vec<String> = put.iter().flat_map(ids).collect();
        reported.sort_unstable();
        assert_eq!(reported, [ACCOUNT, "config-logs", "open", "trail-logs"]);

        let sweep = events::scheduled(&bench.rule, NONE);
        bench.assert_denials_are_errors(
            &sweep,
            &[
                ("config", "DescribeDeliveryChannels", "config:DescribeDeliveryChannels"),
                ("config", "DescribeRetentionConfigurations", "DescribeRetentionConfigurations"),
                ("config", "BatchGetResourceConfig", "config:BatchGetResourceConfig"),
                ("cloudtrail", "DescribeTrails", "cloudtrail:DescribeTrails"),
                ("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
            ],
        );
    }

    #[test]
    fn trails_and_channels_deliver_to_the_log_archive_account() {
        let mut bench = Bench::new(CONTROL, false);
        plain(&bench.aws);
        channel(&bench.aws, "trail-logs");
        let declared = json!({"logArchiveAccountIds": ARCHIVE});
        bench.change(&trail_item(), NONE);
        bench.assert_held("bank", "NOT_APPLICABLE", "ARCHIVE_NOT_DECLARED");
        // The own account's bucket.
        bench.change(&trail_item(), &declared);
        bench.assert_held("bank", "NON_COMPLIANT", "TRAIL_BUCKET_NOT_CENTRAL");
        bench.sweep(&declared);
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "CONFIG_BUCKET_NOT_CENTRAL");

        // That of another account: there is none, S3 confirms the owner, or does not tell.
        bench
            .aws
            .stub("s3")
            .returns("ListBuckets", json!({"Buckets": [{"Name": "a"}, {"Name": "b"}]}));
        bench.change(&trail_item(), &declared);
        bench.assert_held("bank", "NON_COMPLIANT", "TRAIL_BUCKET_NOT_CENTRAL");
        bench.aws.s3().bucket("trail-logs", "ap-northeast-1");
        bench.change(&trail_item(), &declared);
        bench.assert_held("bank", "COMPLIANT", "");
        bench.aws.fault("s3", "HeadBucket", Fault::Denied);
        bench.change(&trail_item(), &declared);
        bench.assert_held("bank", "NON_COMPLIANT", "logBucketNames");
        let named = json!({"logArchiveAccountIds": ARCHIVE, "logBucketNames": "trail-logs"});
        bench.change(&trail_item(), &named);
        bench.assert_held("bank", "COMPLIANT", "");
        bench.sweep(&named);
        bench.assert_held(ACCOUNT, "COMPLIANT", "");
        // No answer is no verdict.
        bench.aws.clear_faults();
        bench.aws.fault("s3", "HeadBucket", Fault::ServerError);
        let event = events::change(&bench.rule, &trail_item(), &declared);
        let error = bench.lambda.invoke(event.clone()).unwrap_err();
        assert!(error.message.contains("s3:ListBucket"), "{}", error.message);
        bench.assert_denials_are_errors(&event, &[("s3", "ListBuckets", "s3:ListAllMyBuckets")]);
    }

    #[test]
    fn the_history_of_config_is_kept() {
        let mut bench = Bench::new(CONTROL, false);
        plain(&bench.aws);
        let keeps = |aws: &FakeAws, days: i64| {
            let one = json!({"Name": "default", "RetentionPeriodInDays": days});
            aws.stub("config").returns(
                "DescribeRetentionConfigurations",
                json!({"RetentionConfigurations": [one]}),
            );
        };
        bench.sweep(NONE);
        bench.assert_held(ACCOUNT, "COMPLIANT", "");
        keeps(&bench.aws, 365);
        bench.sweep(NONE);
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "CONFIG_HISTORY_TOO_SHORT");
        bench.sweep(&json!({"configMinHistoryDays": 365}));
        bench.assert_held(ACCOUNT, "COMPLIANT", "");
    }

    #[test]
    fn principals_are_judged_with_the_policies_that_they_only_name() {
        let mut bench = Bench::new(CONTROL, true);
        plain(&bench.aws);
        managed_policy(&bench.aws, "audit", "v2", "cloudtrail:*");
        managed_policy(&bench.aws, "reading", "v1", "cloudtrail:Get*");
        let role = principal(
            "Role",
            "AROAAUDIT",
            "audit",
            &json!({"attachedManagedPolicies": attached("audit")}),
        );
        bench.change(&role, NONE);
        bench.assert_held("AROAAUDIT", "NON_COMPLIANT", "TRAIL_ADMIN_UNRESTRICTED");
        bench.change(&role, &json!({"allowedAdminArns": "arn:aws:iam::*:role/audit"}));
        bench.assert_held("AROAAUDIT", "COMPLIANT", "LOG_ADMINISTRATOR");
        // Within a boundary that does not go as far.
        let bound = json!({"permissionsBoundaryType": "Policy", "permissionsBoundaryArn": policy_arn("reading")});
        let bounded = principal(
            "Role",
            "AROABOUND",
            "bound",
            &json!({"attachedManagedPolicies": attached("audit"), "permissionsBoundary": bound}),
        );
        bench.change(&bounded, NONE);
        bench.assert_held("AROABOUND", "COMPLIANT", "");
        // Through a group, by either kind of policy.
        let iam = bench.aws.stub("iam");
        iam.empty("ListGroupPolicies").empty("ListAttachedGroupPolicies");
        iam.when(
            "ListAttachedGroupPolicies",
            json!({"GroupName": "operators"}),
            json!({"AttachedPolicies": [
                {"PolicyName": "reading", "PolicyArn": policy_arn("reading")},
                {"PolicyName": "audit", "PolicyArn": policy_arn("audit")}]}),
        );
        iam.when(
            "ListGroupPolicies",
            json!({"GroupName": "stoppers"}),
            json!({"PolicyNames": ["read", "stop"]}),
        );
        for (name, action) in [("read", "cloudtrail:Get*"), ("stop", "cloudtrail:StopLogging")] {
            iam.when(
                "GetGroupPolicy",
                json!({"GroupName": "stoppers", "PolicyName": name}),
                json!({"GroupName": "stoppers", "PolicyName": name,
                       "PolicyDocument": document("Allow", action)}),
            );
        }
        iam.page_size(1);
        for (id, group, compliance) in [
            ("AIDAOPS", "operators", "NON_COMPLIANT"),
            ("AIDASTOP", "stoppers", "NON_COMPLIANT"),
            ("AIDAEMPTY", "nobody", "COMPLIANT"),
        ] {
            let user = principal("User", id, id, &json!({"groupList": [group]}));
            bench.change(&user, NONE);
            bench.assert_held(id, compliance, "");
            bench.aws.config().record(&user);
        }
        // Daily those are judged again whose policies change without them.
        for item in [&role, &bounded, &principal("Role", "AROAPLAIN", "plain", &json!({}))] {
            bench.aws.config().record(item);
        }
        bench.aws.config().page(2);
        managed_policy(&bench.aws, "audit", "v3", "cloudtrail:Describe*");
        bench.aws.stub("iam").when(
            "GetPolicy",
            json!({"PolicyArn": policy_arn("audit")}),
            json!({"Policy": {"PolicyName": "audit", "DefaultVersionId": "v3"}}),
        );
        bench.sweep(NONE);
        bench.assert_held("AROAAUDIT", "COMPLIANT", "");
        bench.assert_held("AIDAOPS", "COMPLIANT", "");
        bench.assert_held("AIDASTOP", "NON_COMPLIANT", "TRAIL_ADMIN_UNRESTRICTED");
        assert_eq!(bench.aws.config().result(&bench.rule.name, "AROAPLAIN"), None);
        let event = events::scheduled(&bench.rule, NONE);
        bench.assert_denials_are_errors(
            &event,
            &[
                ("iam", "GetPolicy", "iam:GetPolicy"),
                ("iam", "GetPolicyVersion", "iam:GetPolicyVersion"),
                ("iam", "GetGroupPolicy", "iam:GetGroupPolicy"),
                ("iam", "ListGroupPolicies", "iam:ListGroupPolicies"),
                ("iam", "ListAttachedGroupPolicies", "iam:ListAttachedGroupPolicies"),
            ],
        );
    }

    #[test]
    fn in_a_log_archive_account_nobody_else_deletes_logs() {
        let mut bench = Bench::new(CONTROL, true);
        plain(&bench.aws);
        bench.aws.stub("s3").returns(
            "ListBuckets",
            json!({"Buckets": [{"Name": "central"}, {"Name": "guarded"}, {"Name": "reports"}]}),
        );
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": ["arn:aws:s3:::guarded", "arn:aws:s3:::guarded/*"],
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/LogAdmin"}}});
        let guarded = json!({"policyText": json!({"Statement": [deny]}).to_string()});
        for item in [
            bucket("central", &json!({"BucketPolicy": written_by_cloudtrail("central")})),
            bucket("guarded", &json!({"BucketPolicy": guarded})),
            bucket("reports", &json!({})),
        ] {
            bench.aws.config().record(&item);
        }
        let parameters = json!({
            "logArchiveAccountIds": ACCOUNT, "logBucketNames": "guarded",
            "allowedAdminArns": "arn:aws:iam::111122223333:role/LogAdmin",
        });
        for (bucket, compliance, says) in [
            ("central", "NON_COMPLIANT", "LOG_ADMIN_UNRESTRICTED"),
            // Its own policy keeps everybody else out.
            ("guarded", "COMPLIANT", ""),
            ("reports", "COMPLIANT", ""),
        ] {
            let statement = json!({"Effect": "Allow", "Action": "s3:DeleteObject",
                                   "Resource": format!("arn:aws:s3:::{bucket}/*")});
            let inline = json!({"Statement": [statement]});
            let role = principal(
                "Role",
                "AROADELETE",
                "delete",
                &json!({"rolePolicyList": [{"policyName": "d", "policyDocument": inline}]}),
            );
            bench.change(&role, &parameters);
            bench.assert_held("AROADELETE", compliance, says);
        }
        assert!(bench.aws.count("ListBuckets") > 0);
    }

    #[test]
    fn the_role_holds_no_more_than_is_called() {
        let mut bench = Bench::new(CONTROL, true);
        plain(&bench.aws);
        channel(&bench.aws, "elsewhere");
        managed_policy(&bench.aws, "reading", "v1", "cloudtrail:Get*");
        let iam = bench.aws.stub("iam");
        iam.returns("ListGroupPolicies", json!({"PolicyNames": ["read"]}));
        iam.empty("ListAttachedGroupPolicies");
        iam.returns(
            "GetGroupPolicy",
            json!({"GroupName": "g", "PolicyName": "read",
                   "PolicyDocument": document("Allow", "cloudtrail:Get*")}),
        );
        let user = json!({"groupList": ["g"], "attachedManagedPolicies": attached("reading")});
        bench.aws.config().record(&principal("User", "AIDA1", "one", &user));
        let open = json!({"BucketPolicy": written_by_cloudtrail("open"),
                          "PublicAccessBlockConfiguration": null});
        bench.aws.config().record(&bucket("open", &open));
        bench.sweep(&json!({"logArchiveAccountIds": ARCHIVE}));
        // An item that is too large for its event.
        let told = bucket("told", &json!({"BucketPolicy": written_by_cloudtrail("told")}));
        bench.aws.config().record(&told);
        bench.lambda.invoke(events::oversized(&bench.rule, &told, NONE)).unwrap();
        bench.assert_held("told", "COMPLIANT", "");
        assert_all_needed(bench.control, &actions_of(&bench.aws.calls()));
        assert_eq!(bench.aws.take_unknown(), [""; 0]);
    }
}

mod retention {
    use super::*;

    const CONTROL: &Control = &log_retention::CONTROL;
    const FIREHOSE: &str = "arn:aws:firehose:ap-northeast-1:111122223333:deliverystream/logs";

    fn group(name: &str, days: Value) -> Value {
        let mut group =
            json!({"logGroupName": name, "storedBytes": 1024, "logGroupClass": "STANDARD"});
        if !days.is_null() {
            group["retentionInDays"] = days;
        }
        group
    }

    fn groups(aws: &FakeAws, groups: &[Value]) {
        aws.stub("logs").page_size(1).returns("DescribeLogGroups", json!({ "logGroups": groups }));
    }

    #[test]
    fn the_account_fails_with_the_groups_that_keep_logs_too_briefly() {
        let mut bench = Bench::new(CONTROL, false);
        groups(&bench.aws, &[]);
        bench.sweep(NONE);
        bench.assert_held(ACCOUNT, "NOT_APPLICABLE", "NO_LOG_GROUP");
        let good = [group("/app/a", json!(400)), group("/app/b", Value::Null)];
        groups(&bench.aws, &good);
        bench.sweep(NONE);
        bench.assert_held(ACCOUNT, "COMPLIANT", "");
        let bad = [group("/app/a", json!(400)), group("/aws/lambda/b", json!(14))];
        groups(&bench.aws, &bad);
        bench.sweep(NONE);
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "/aws/lambda/b (14)");
        bench.sweep(&json!({"excludedPatterns": "/aws/lambda/*"}));
        bench.assert_held(ACCOUNT, "COMPLIANT", "");
        // Nothing is asked about archiving unless some groups must be archived.
        assert_eq!(bench.aws.count("DescribeAccountPolicies"), 0);
        let sweep = events::scheduled(&bench.rule, NONE);
        bench.assert_denials_are_errors(
            &sweep,
            &[("logs", "DescribeLogGroups", "logs:DescribeLogGroups")],
        );
    }

    #[test]
    fn groups_are_archived_by_a_subscription_a_policy_or_an_export() {
        let mut bench = Bench::new(CONTROL, false);
        groups(&bench.aws, &[group("/pay/a", json!(400)), group("/app/b", json!(400))]);
        let logs = bench.aws.stub("logs");
        logs.empty("DescribeAccountPolicies")
            .empty("DescribeSubscriptionFilters")
            .empty("DescribeExportTasks");
        let parameters = json!({"archivePatterns": "/pay/*"});
        bench.sweep(&parameters);
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "/pay/a");
        let asked = bench.aws.calls_of("DescribeSubscriptionFilters");
        assert!(asked.iter().all(|call| call.body["logGroupName"] == "/pay/a"), "{asked:?}");

        // Part of the logs is not the logs.
        let filter = |pattern: &str| {
            json!({"filterName": pattern, "logGroupName": "/pay/a", "filterPattern": pattern,
                   "destinationArn": FIREHOSE})
        };
        let logs = bench.aws.stub("logs");
        logs.returns(
            "DescribeSubscriptionFilters",
            json!({"subscriptionFilters": [filter("ERROR")]}),
        );
        bench.sweep(&parameters);
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "NOT_ARCHIVED_TO_S3");
        let both = json!({"subscriptionFilters": [filter("ERROR"), filter("")]});
        bench.aws.stub("logs").returns("DescribeSubscriptionFilters", both);
        bench.sweep(&parameters);
        bench.assert_held(ACCOUNT, "COMPLIANT", "ARCHIVE_PRESUMED");

        let logs = bench.aws.stub("logs");
        logs.empty("DescribeSubscriptionFilters");
        let policy = |except: &str| {
            let document =
                json!({"DestinationArn": FIREHOSE, "FilterPattern": "", "Distribution": "Random"});
            json!({"accountPolicies": [{"policyName": except, "policyDocument": document.to_string(),
                "policyType": "SUBSCRIPTION_FILTER_POLICY",
                "selectionCriteria": format!("LogGroupName NOT IN [\"{except}\"]")}]})
        };
        logs.returns("DescribeAccountPolicies", policy("/pay/a"));
        bench.sweep(&parameters);
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "NOT_ARCHIVED_TO_S3");
        bench.aws.stub("logs").returns("DescribeAccountPolicies", policy("/app/b"));
        bench.sweep(&parameters);
        bench.assert_held(ACCOUNT, "COMPLIANT", "ARCHIVE_PRESUMED");
        assert!(bench.aws.count("DescribeExportTasks") > 0);

        let logs = bench.aws.stub("logs");
        logs.empty("DescribeAccountPolicies");
        let day = 86_400_000;
        let task = |group: &str, days: i64| {
            let completed = jiff::Timestamp::now().as_millisecond() - days * day;
            json!({"taskId": group, "logGroupName": group, "status": {"code": "COMPLETED"},
                   "executionInfo": {"creationTime": completed, "completionTime": completed}})
        };
        let old = json!({"exportTasks": [task("/pay/a", 40), task("/app/b", 1)]});
        logs.returns("DescribeExportTasks", old);
        bench.sweep(&parameters);
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "NOT_ARCHIVED_TO_S3");
        let recent = json!({"exportTasks": [task("/app/b", 1), task("/pay/a", 30)]});
        bench.aws.stub("logs").returns("DescribeExportTasks", recent);
        bench.sweep(&parameters);
        bench.assert_held(ACCOUNT, "COMPLIANT", "");
        let sweep = events::scheduled(&bench.rule, &parameters);
        bench.assert_denials_are_errors(
            &sweep,
            &[
                ("logs", "DescribeAccountPolicies", "logs:DescribeAccountPolicies"),
                ("logs", "DescribeSubscriptionFilters", "logs:DescribeSubscriptionFilters"),
                ("logs", "DescribeExportTasks", "logs:DescribeExportTasks"),
            ],
        );
        assert_all_needed(bench.control, &actions_of(&bench.aws.calls()));
    }
}
