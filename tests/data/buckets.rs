//! End-to-end: the controls of S3 buckets in the real `data` binary.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_data::{s3_data_protection, s3_network_restriction, s3_public_access};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, Rule};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const OWNER: &str = "94822b8db52de59639cf5646d215c2b308373678aae695d9ca3ab0bf5e892b2f";
const NONE: &Value = &Value::Null;

/// A control with its function, its rule, and an AWS that allows it what its role does.
struct Bench {
    control: &'static Control,
    aws: FakeAws,
    rule: Rule,
    lambda: Lambda,
}

impl Bench {
    fn new(control: &'static Control) -> Self {
        Self::with(control, &[])
    }

    fn with(control: &'static Control, env: &[(&str, &str)]) -> Self {
        let aws = aws_for(control);
        let rule = aws.config().rule(&format!("fisc-{}", control.id));
        let url = aws.prefixed_endpoint();
        let mut all = vec![
            ("FISC_CONTROL", control.id),
            ("AWS_MAX_ATTEMPTS", "2"),
            ("AWS_ENDPOINT_URL", url.as_str()),
        ];
        all.extend(env);
        let lambda = Lambda::start(env!("CARGO_BIN_EXE_data"), &aws, &all);
        Self { control, aws, rule, lambda }
    }

    fn change(&mut self, item: &Value, parameters: &Value) {
        self.lambda.invoke(events::change(&self.rule, item, parameters)).unwrap();
    }

    fn sweep(&mut self) -> Value {
        self.lambda.invoke(events::scheduled(&self.rule, NONE)).unwrap()
    }

    /// Judges an item after a change, and as an oversized one.
    fn oversized(&mut self, item: &Value) {
        self.aws.config().record(item);
        self.lambda.invoke(events::oversized(&self.rule, item, NONE)).unwrap();
    }

    #[track_caller]
    fn assert_held(&self, id: &str, compliance: &str, start: &str) {
        let result = self.aws.config().result(&self.rule.name, id).expect("a result");
        let annotation = result.annotation.unwrap_or_default();
        assert_eq!(result.compliance, compliance, "{id}: {annotation}");
        assert!(annotation.starts_with(start), "{id}: {annotation}");
    }

    #[track_caller]
    fn assert_only_reported(&self) {
        let called: Vec<String> = actions_of(&self.aws.calls()).into_iter().collect();
        assert_eq!(called, ["config:PutEvaluations"]);
    }

    /// Changes of items that the item decides, without any call.
    fn by_item(&mut self, cases: &[(Value, &Value, &str, &str)]) {
        for (item, parameters, compliance, code) in cases {
            self.change(item, parameters);
            self.assert_held(item["resourceId"].as_str().unwrap(), compliance, code);
        }
        self.assert_only_reported();
    }
}

/// A bucket with everything in order; `parts` replace parts of its supplementary configuration,
/// null takes one away.
fn bucket(name: &str, parts: &Value) -> Value {
    let mut item = events::item("AWS::S3::Bucket", name, json!({"name": name}));
    item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
    let mut supplementary = json!({
        "AccessControlList": acl(&json!({"id": OWNER, "displayName": null})),
        "BucketPolicy": {"policyText": null},
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
        "PublicAccessBlockConfiguration": block(true),
    });
    for (name, value) in parts.as_object().into_iter().flatten() {
        if value.is_null() {
            supplementary.as_object_mut().unwrap().remove(name);
        } else {
            supplementary[name] = value.clone();
        }
    }
    item["supplementaryConfiguration"] = supplementary;
    item
}

fn acl(grantee: &Value) -> Value {
    let list = json!({
        "grantSet": null, "isRequesterCharged": false,
        "grantList": [{"grantee": grantee, "permission": "Read"}],
        "owner": {"displayName": null, "id": OWNER},
    });
    json!(list.to_string())
}

fn block(on: bool) -> Value {
    json!({"blockPublicAcls": on, "ignorePublicAcls": on, "blockPublicPolicy": on,
           "restrictPublicBuckets": on})
}

fn policy(statement: &Value) -> Value {
    json!({"policyText": json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()})
}

fn admit(principal: &Value) -> Value {
    policy(&json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
                   "Resource": "arn:aws:s3:::reports/*"}))
}

mod public_access {
    use super::*;

    const CONTROL: &Control = &s3_public_access::CONTROL;

    fn answer_block(aws: &FakeAws, on: bool) {
        let block = json!({"BlockPublicAcls": on, "IgnorePublicAcls": on,
                           "BlockPublicPolicy": on, "RestrictPublicBuckets": on});
        aws.stub("s3control")
            .returns("GetPublicAccessBlock", json!({"PublicAccessBlockConfiguration": block}));
    }

    fn no_block(aws: &FakeAws) {
        aws.stub("s3control").fails(
            "GetPublicAccessBlock",
            "NoSuchPublicAccessBlockConfiguration",
            404,
        );
    }

    /// A bucket that depends on the account's block.
    fn open(name: &str) -> Value {
        bucket(name, &json!({"PublicAccessBlockConfiguration": null}))
    }

    fn access_point(name: &str, on: bool, origin: &str) -> Value {
        let configuration = json!({
            "Name": name, "Bucket": "reports", "NetworkOrigin": origin,
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": on, "IgnorePublicAcls": on,
                "BlockPublicPolicy": on, "RestrictPublicBuckets": on,
            },
        });
        events::item("AWS::S3::AccessPoint", name, configuration)
    }

    #[test]
    fn what_the_item_decides_asks_nothing() {
        let mut bench = Bench::new(CONTROL);
        let strict = json!({"acceptAccountLevel": false});
        let approved = json!({"approvedPublicBuckets": "site"});
        bench.by_item(&[
            (bucket("closed", &json!({})), NONE, "COMPLIANT", ""),
            // A public policy behind the bucket's own block has no effect.
            (
                bucket("reports", &json!({"BucketPolicy": admit(&json!("*"))})),
                NONE,
                "COMPLIANT",
                "",
            ),
            (open("strict"), &strict, "NON_COMPLIANT", "BUCKET_BLOCK_INCOMPLETE"),
            (open("site"), &approved, "NOT_APPLICABLE", "APPROVED_PUBLIC_BUCKET"),
            (access_point("good", true, "Internet"), NONE, "COMPLIANT", ""),
            (
                access_point("bad", false, "Internet"),
                NONE,
                "NON_COMPLIANT",
                "ACCESS_POINT_BLOCK_INCOMPLETE",
            ),
            (access_point("vpc", false, "VPC"), NONE, "NOT_APPLICABLE", "VPC_ORIGIN"),
        ]);
    }

    #[test]
    fn the_account_stands_in_for_what_a_bucket_leaves_open() {
        let mut bench = Bench::new(CONTROL);
        let public = bucket(
            "reports",
            &json!({"PublicAccessBlockConfiguration": null, "BucketPolicy": admit(&json!("*"))}),
        );
        let listed = bucket(
            "listed",
            &json!({"PublicAccessBlockConfiguration": block(false), "AccessControlList": acl(&json!("AllUsers"))}),
        );
        answer_block(&bench.aws, true);
        for item in [open("plain"), public.clone(), listed.clone()] {
            bench.change(&item, NONE);
            bench.assert_held(item["resourceId"].as_str().unwrap(), "COMPLIANT", "");
        }
        answer_block(&bench.aws, false);
        bench.change(&open("plain"), NONE);
        bench.assert_held("plain", "NON_COMPLIANT", "BUCKET_BLOCK_INCOMPLETE");

        // An account that never made a block: an answer, and no error.
        no_block(&bench.aws);
        for (item, code) in [
            (open("plain"), "BUCKET_BLOCK_INCOMPLETE"),
            (public, "PUBLIC_POLICY"),
            (listed, "PUBLIC_ACL"),
        ] {
            bench.change(&item, NONE);
            let id = item["resourceId"].as_str().unwrap();
            bench.assert_held(id, "NON_COMPLIANT", "BUCKET_BLOCK_INCOMPLETE");
            let result = bench.aws.config().result(&bench.rule.name, id).unwrap();
            assert!(result.annotation.unwrap().contains(code), "{id}");
        }
        let calls = bench.aws.calls_of("GetPublicAccessBlock");
        assert!(calls.iter().all(|call| call.body["AccountId"] == ACCOUNT), "{calls:?}");
    }

    #[test]
    fn a_denied_call_is_no_missing_block() {
        let mut bench = Bench::new(CONTROL);
        answer_block(&bench.aws, true);
        bench.aws.fault("s3control", "GetPublicAccessBlock", Fault::Denied);
        for event in [
            events::change(&bench.rule, &open("plain"), NONE),
            events::scheduled(&bench.rule, NONE),
        ] {
            let error = bench.lambda.invoke(event).unwrap_err();
            assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
            let action = "s3:GetAccountPublicAccessBlock failed";
            assert!(error.message.contains(action), "{}", error.message);
        }
        assert_eq!(bench.aws.count("PutEvaluations"), 0);
    }

    #[test]
    fn a_sweep_judges_the_account_and_the_buckets_that_depend_on_it() {
        let mut bench = Bench::new(CONTROL);
        answer_block(&bench.aws, true);
        bench.aws.config().page(1);
        let strange = access_point("point", true, "Internet");
        for item in [bucket("closed", &json!({})), open("plain"), open("gone"), strange] {
            bench.change(&item, NONE);
            if item["resourceId"] != "gone" {
                bench.aws.config().record(&item);
            }
        }
        no_block(&bench.aws);
        bench.aws.take_calls();
        let answer = bench.sweep();
        assert_eq!(answer["nonCompliant"], 2, "{answer}");
        assert_eq!((&answer["compliant"], &answer["notApplicable"]), (&json!(0), &json!(0)));
        bench.assert_held(ACCOUNT, "NON_COMPLIANT", "ACCOUNT_BLOCK_INCOMPLETE");
        bench.assert_held("plain", "NON_COMPLIANT", "BUCKET_BLOCK_INCOMPLETE");
        // What the schedule does not judge stays as its last change left it.
        for id in ["closed", "gone", "point"] {
            bench.assert_held(id, "COMPLIANT", "");
        }
        assert_eq!(bench.aws.count("GetPublicAccessBlock"), 1);
        assert_eq!(bench.aws.count("ListDiscoveredResources"), 2);

        answer_block(&bench.aws, true);
        bench.sweep();
        bench.assert_held(ACCOUNT, "COMPLIANT", "");
        bench.assert_held("plain", "COMPLIANT", "");
        bench.oversized(&open("large"));
        assert_all_needed(bench.control, &actions_of(&bench.aws.calls()));
    }

    #[test]
    fn the_account_is_judged_in_its_home_region() {
        let mut bench = Bench::with(CONTROL, &[("FISC_HOME_REGION", "us-east-1")]);
        no_block(&bench.aws);
        bench.aws.config().record(&open("plain"));
        bench.sweep();
        bench.assert_held(ACCOUNT, "NOT_APPLICABLE", "JUDGED_IN_HOME_REGION");
        bench.assert_held("plain", "NON_COMPLIANT", "BUCKET_BLOCK_INCOMPLETE");
        let mut home = Bench::with(CONTROL, &[("FISC_HOME_REGION", "ap-northeast-1")]);
        no_block(&home.aws);
        home.sweep();
        home.assert_held(ACCOUNT, "NON_COMPLIANT", "ACCOUNT_BLOCK_INCOMPLETE");
    }
}

mod data_protection {
    use super::*;

    #[test]
    fn buckets_are_judged_by_their_item_alone() {
        let mut bench = Bench::new(&s3_data_protection::CONTROL);
        let off = json!({"BucketVersioningConfiguration": {"status": "Off"}});
        let partner = json!({"BucketPolicy": admit(&json!({"AWS": "999900001111"}))});
        let trusted = json!({"trustedAccountIds": "999900001111"});
        let other = json!({"AccessControlList": acl(&json!({"id": "other"}))});
        let mut reproducible = bucket("cache", &off);
        reproducible["tags"] = json!({"fisc:reproducible": "true"});
        let locked = json!({"lockDataRoles": "log", "minLockDays": 365});
        let mut log = bucket("log", &json!({}));
        log["tags"] = json!({"fisc:data-role": "log"});
        bench.by_item(&[
            (bucket("good", &json!({})), NONE, "COMPLIANT", ""),
            (bucket("off", &off), NONE, "NON_COMPLIANT", "VERSIONING_DISABLED"),
            (reproducible, NONE, "COMPLIANT", "VERSIONING_NOT_NEEDED"),
            (bucket("shared", &partner), NONE, "NON_COMPLIANT", "UNTRUSTED_PRINCIPAL"),
            (bucket("partner", &partner), &trusted, "COMPLIANT", ""),
            (bucket("granted", &other), NONE, "NON_COMPLIANT", "UNTRUSTED_ACL_GRANT"),
            (log, &locked, "NON_COMPLIANT", "OBJECT_LOCK_MISSING"),
        ]);
        bench.oversized(&bucket("large", &off));
        bench.assert_held("large", "NON_COMPLIANT", "VERSIONING_DISABLED");
        assert_all_needed(bench.control, &actions_of(&bench.aws.calls()));
    }

    #[test]
    fn an_item_that_does_not_tell_fails_the_run() {
        let mut bench = Bench::new(&s3_data_protection::CONTROL);
        for part in ["BucketPolicy", "AccessControlList"] {
            let item = bucket("bare", &json!({part: null}));
            let error = bench.lambda.invoke(events::change(&bench.rule, &item, NONE)).unwrap_err();
            assert_eq!(error.error_type, "IncompleteItem", "{}", error.message);
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert_eq!(bench.aws.count("PutEvaluations"), 0);
    }
}

mod network_restriction {
    use super::*;

    const CONTROL: &Control = &s3_network_restriction::CONTROL;

    fn vpc(id: &str, owner: &str) -> Value {
        events::item(
            "AWS::EC2::VPC",
            id,
            json!({"vpcId": id, "ownerId": owner, "state": {"value": "available"}}),
        )
    }

    fn endpoint(id: &str, vpc: &str, service: &str, state: &str) -> Value {
        json!({"VpcEndpointId": id, "VpcId": vpc, "VpcEndpointType": "Gateway", "State": state,
               "ServiceName": format!("com.amazonaws.ap-northeast-1.{service}")})
    }

    fn interface(id: &str, vpc: &str) -> Value {
        json!({"NetworkInterfaceId": id, "VpcId": vpc, "Status": "in-use"})
    }

    /// What the account has: a VPC with an endpoint for S3, one with others, an unused one, and
    /// one that another account shares.
    fn account(aws: &FakeAws) {
        let ec2 = aws.stub("ec2");
        ec2.returns(
            "DescribeVpcs",
            json!({"Vpcs": [
                {"VpcId": "vpc-good", "OwnerId": ACCOUNT, "IsDefault": false}, {"VpcId": "vpc-bad", "OwnerId": ACCOUNT, "IsDefault": false},
                {"VpcId": "vpc-unused", "OwnerId": ACCOUNT, "IsDefault": false},
                {"VpcId": "vpc-shared", "OwnerId": "999900001111", "IsDefault": false},
            ]}),
        );
        ec2.returns(
            "DescribeVpcEndpoints",
            json!({"VpcEndpoints": [
                endpoint("vpce-1", "vpc-bad", "dynamodb", "available"),
                endpoint("vpce-2", "vpc-bad", "s3", "deleting"),
                endpoint("vpce-3", "vpc-bad", "s3express", "available"),
                endpoint("vpce-4", "vpc-good", "s3", "Available"),
            ]}),
        );
        ec2.returns(
            "DescribeNetworkInterfaces",
            json!({"NetworkInterfaces": [
                interface("eni-1", "vpc-good"), interface("eni-2", "vpc-shared"),
                interface("eni-3", "vpc-bad"),
            ]}),
        );
        ec2.page_size(2);
    }

    #[test]
    fn buckets_are_judged_by_their_item_alone() {
        let mut bench = Bench::new(CONTROL);
        let tagged = |name: &str, parts: &Value| {
            let mut item = bucket(name, parts);
            item["tags"] = json!({"fisc:data-class": "personal"});
            item
        };
        let deny = |name: &str| {
            policy(&json!({
                "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
                "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
            }))
        };
        let other = json!({"allowedVpceIds": "vpce-2"});
        bench.by_item(&[
            (bucket("plain", &json!({})), NONE, "NOT_APPLICABLE", "NOT_RESTRICTED_CLASS"),
            (tagged("open", &json!({})), NONE, "NON_COMPLIANT", "NETWORK_DENY_MISSING"),
            (tagged("tied", &json!({"BucketPolicy": deny("tied")})), NONE, "COMPLIANT", ""),
            (
                tagged("wide", &json!({"BucketPolicy": deny("wide")})),
                &other,
                "NON_COMPLIANT",
                "NETWORK_DENY_TOO_WIDE",
            ),
            (vpc("vpc-shared", "999900001111"), NONE, "NOT_APPLICABLE", "SHARED_VPC"),
        ]);
    }

    #[test]
    fn a_changed_vpc_is_asked_about_alone() {
        let mut bench = Bench::new(CONTROL);
        let of = |id: &str| json!({"Filters": [{"Name": "vpc-id", "Values": [id]}]});
        let ec2 = bench.aws.stub("ec2");
        ec2.empty("DescribeVpcEndpoints").empty("DescribeNetworkInterfaces");
        ec2.when(
            "DescribeVpcEndpoints",
            of("vpc-good"),
            json!({"VpcEndpoints": [endpoint("vpce-1", "vpc-good", "s3", "available")]}),
        );
        for id in ["vpc-good", "vpc-bad"] {
            ec2.when(
                "DescribeNetworkInterfaces",
                of(id),
                json!({"NetworkInterfaces": [interface("eni-1", id)]}),
            );
        }
        for (id, compliance, code) in [
            ("vpc-good", "COMPLIANT", ""),
            ("vpc-bad", "NON_COMPLIANT", "S3_ENDPOINT_MISSING"),
            ("vpc-unused", "NOT_APPLICABLE", "UNUSED_VPC"),
        ] {
            bench.change(&vpc(id, ACCOUNT), NONE);
            bench.assert_held(id, compliance, code);
        }
        bench.change(&vpc("vpc-unused", ACCOUNT), &json!({"ignoreUnusedVpc": false}));
        bench.assert_held("vpc-unused", "NON_COMPLIANT", "S3_ENDPOINT_MISSING");
        assert_eq!(bench.aws.count("DescribeNetworkInterfaces"), 3);
        assert_eq!(bench.aws.count("DescribeVpcs"), 0);
    }

    #[test]
    fn a_sweep_judges_every_vpc_and_no_bucket() {
        let mut bench = Bench::new(CONTROL);
        account(&bench.aws);
        bench.change(&bucket("plain", &json!({})), NONE);
        bench.change(&vpc("vpc-gone", ACCOUNT), &json!({"ignoreUnusedVpc": false}));
        bench.assert_held("vpc-gone", "NON_COMPLIANT", "S3_ENDPOINT_MISSING");
        let answer = bench.sweep();
        assert_eq!(
            (&answer["compliant"], &answer["nonCompliant"], &answer["notApplicable"]),
            (&json!(1), &json!(1), &json!(3)),
            "{answer}"
        );
        for (id, compliance, code) in [
            ("vpc-good", "COMPLIANT", ""),
            ("vpc-bad", "NON_COMPLIANT", "S3_ENDPOINT_MISSING"),
            ("vpc-unused", "NOT_APPLICABLE", "UNUSED_VPC"),
            ("vpc-shared", "NOT_APPLICABLE", "SHARED_VPC"),
            ("vpc-gone", "NOT_APPLICABLE", "RESOURCE_GONE"),
            ("plain", "NOT_APPLICABLE", "NOT_RESTRICTED_CLASS"),
        ] {
            bench.assert_held(id, compliance, code);
        }
        assert_eq!(bench.aws.count("DescribeVpcs"), 2);
        bench.oversized(&bucket("large", &json!({})));
        assert_all_needed(bench.control, &actions_of(&bench.aws.calls()));
    }

    #[test]
    fn a_region_without_vpcs_says_so() {
        let mut bench = Bench::new(CONTROL);
        bench.aws.stub("ec2").empty("DescribeVpcs");
        bench.sweep();
        bench.assert_held(ACCOUNT, "NOT_APPLICABLE", "NOTHING_ON_SCHEDULE");
    }

    #[test]
    fn one_denied_page_fails_the_whole_sweep() {
        for operation in ["DescribeVpcs", "DescribeVpcEndpoints", "DescribeNetworkInterfaces"] {
            let mut bench = Bench::new(CONTROL);
            account(&bench.aws);
            bench.aws.fault("ec2", operation, Fault::Denied.after(1));
            let event = events::scheduled(&bench.rule, NONE);
            let error = bench.lambda.invoke(event).unwrap_err();
            assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
            let action = format!("ec2:{operation} failed");
            assert!(error.message.contains(&action), "{}", error.message);
            assert_eq!(bench.aws.count("PutEvaluations"), 0, "{operation}");
        }
    }
}
