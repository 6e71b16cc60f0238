//! Verdicts on buckets, access points and the account.

use fisc_shared::Parameters;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;
use crate::buckets_sample::{ACCOUNT, acl, block, bucket, policy};

const OPEN: PublicAccessBlock = PublicAccessBlock {
    block_acls: false,
    ignore_acls: false,
    block_policy: false,
    restrict_buckets: false,
};
const CLOSED: PublicAccessBlock = PublicAccessBlock {
    block_acls: true,
    ignore_acls: true,
    block_policy: true,
    restrict_buckets: true,
};

fn with_run<T>(parameters: &Value, home: bool, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    judge(&Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: "ap-northeast-1",
        deadline: None,
        home,
        offline: false,
    })
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|one| one.code).collect()
}

/// What the item decides; `None` when the account's block must be asked for.
fn by_item(item: &ConfigurationItem, parameters: &Value) -> Option<Vec<&'static str>> {
    with_run(parameters, true, |run| preview(item, run)).unwrap().map(|verdict| codes(&verdict))
}

fn with_account(item: &ConfigurationItem, account: PublicAccessBlock) -> Vec<&'static str> {
    let bucket = Bucket::from_item(item).unwrap();
    with_run(&json!({}), true, |run| codes(&bucket.decide(account, run)))
}

fn public_policy() -> Value {
    policy(&json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::reports/*"}]))
}

const NONE: [&str; 0] = [];

#[test]
fn a_bucket_with_its_own_block_needs_no_call() {
    let strict = json!({"acceptAccountLevel": false});
    for parameters in [json!({}), strict.clone()] {
        assert_eq!(by_item(&bucket(&json!({})), &parameters), Some(vec![]));
        // Public in name, but without effect.
        let inert = bucket(&json!({
            "BucketPolicy": public_policy(), "AccessControlList": acl(&[json!("AllUsers")]),
        }));
        assert_eq!(by_item(&inert, &parameters), Some(vec![]));
    }
    let open = bucket(&json!({"PublicAccessBlockConfiguration": block(false)}));
    assert_eq!(by_item(&open, &json!({})), None);
    assert_eq!(by_item(&open, &strict), Some(vec!["BUCKET_BLOCK_INCOMPLETE"]));
    // What is public depends on the account's block in any case.
    let public = bucket(&json!({
        "PublicAccessBlockConfiguration": null, "BucketPolicy": public_policy(),
    }));
    assert_eq!(by_item(&public, &strict), None);
}

#[test]
fn every_flag_counts_and_the_account_may_stand_in() {
    for (flag, name) in [
        ("blockPublicAcls", "BlockPublicAcls"),
        ("ignorePublicAcls", "IgnorePublicAcls"),
        ("blockPublicPolicy", "BlockPublicPolicy"),
        ("restrictPublicBuckets", "RestrictPublicBuckets"),
    ] {
        let mut flags = block(true);
        flags[flag] = false.into();
        let item = bucket(&json!({"PublicAccessBlockConfiguration": flags}));
        let found = Bucket::from_item(&item).unwrap();
        let verdict = with_run(&json!({}), true, |run| found.decide(OPEN, run));
        assert_eq!(codes(&verdict), ["BUCKET_BLOCK_INCOMPLETE"]);
        assert_eq!(verdict.reasons()[0].message.en, format!("Off: {name}"));
        assert_eq!(with_account(&item, CLOSED), NONE, "{flag}");
    }
    let never = bucket(&json!({"PublicAccessBlockConfiguration": null}));
    assert_eq!(with_account(&never, OPEN), ["BUCKET_BLOCK_INCOMPLETE"]);
    assert_eq!(with_account(&never, CLOSED), NONE);
}

#[test]
fn public_policies_are_judged_by_what_they_mean() {
    let open = |policy: Value| {
        let item = bucket(&json!({"PublicAccessBlockConfiguration": null, "BucketPolicy": policy}));
        with_account(&item, OPEN)
    };
    let statement = |condition: Value| {
        policy(&json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::reports/*", "Condition": condition}]))
    };
    let public = ["BUCKET_BLOCK_INCOMPLETE", "PUBLIC_POLICY"];
    assert_eq!(open(statement(json!({}))), public);
    assert_eq!(open(statement(json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}))), public);
    assert_eq!(
        open(statement(json!({"StringLike": {"aws:Referer": "https://example.jp/*"}}))),
        public
    );
    let fixed = ["BUCKET_BLOCK_INCOMPLETE"];
    assert_eq!(open(statement(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))), fixed);
    assert_eq!(open(statement(json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}))), fixed);
    // Another account is no stranger (s3-data-protection judges it).
    let other = json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:*", "Resource": "*"}]);
    assert_eq!(open(policy(&other)), fixed);
    let restricted = PublicAccessBlock { restrict_buckets: true, ..OPEN };
    let item =
        bucket(&json!({"PublicAccessBlockConfiguration": null, "BucketPolicy": public_policy()}));
    assert_eq!(with_account(&item, restricted), fixed);
}

#[test]
fn public_access_control_lists() {
    let with = |grantee: Value, account: PublicAccessBlock| {
        with_account(
            &bucket(&json!({
                "PublicAccessBlockConfiguration": null, "AccessControlList": acl(&[grantee]),
            })),
            account,
        )
    };
    for group in [
        json!("AllUsers"),
        json!("AuthenticatedUsers"),
        json!("http://acs.amazonaws.com/groups/global/AllUsers"),
    ] {
        assert_eq!(with(group.clone(), OPEN), ["BUCKET_BLOCK_INCOMPLETE", "PUBLIC_ACL"], "{group}");
        let ignored = PublicAccessBlock { ignore_acls: true, ..OPEN };
        assert_eq!(with(group.clone(), ignored), ["BUCKET_BLOCK_INCOMPLETE"], "{group}");
        // Refusing new ones changes nothing about the one that is there.
        let blocked = PublicAccessBlock { block_acls: true, ..OPEN };
        assert_eq!(
            with(group.clone(), blocked),
            ["BUCKET_BLOCK_INCOMPLETE", "PUBLIC_ACL"],
            "{group}"
        );
    }
    assert_eq!(with(json!("LogDelivery"), OPEN), ["BUCKET_BLOCK_INCOMPLETE"]);
    assert_eq!(with(json!({"id": "someone"}), OPEN), ["BUCKET_BLOCK_INCOMPLETE"]);
}

#[test]
fn approved_buckets_match_by_exact_name() {
    let public =
        bucket(&json!({"PublicAccessBlockConfiguration": null, "BucketPolicy": public_policy()}));
    let approved = |names: &str| by_item(&public, &json!({ "approvedPublicBuckets": names }));
    assert_eq!(approved("press,reports"), Some(vec!["APPROVED_PUBLIC_BUCKET"]));
    assert_eq!(approved("report,reports2,REPORTS"), None);
}

#[test]
fn access_points_are_judged_by_their_items() {
    let point = |kind: &str, configuration: Value| {
        let item = events::item(kind, "ap-1", configuration);
        ConfigurationItem::from_json(&item.to_string()).unwrap()
    };
    let flags = |on: bool| {
        json!({"BlockPublicAcls": true, "IgnorePublicAcls": true,
                                  "BlockPublicPolicy": true, "RestrictPublicBuckets": on})
    };
    for kind in ["AWS::S3::AccessPoint", "AWS::S3::MultiRegionAccessPoint"] {
        let with = |flags: Value| {
            by_item(&point(kind, json!({"PublicAccessBlockConfiguration": flags})), &json!({}))
        };
        assert_eq!(with(flags(true)), Some(vec![]), "{kind}");
        assert_eq!(with(flags(false)), Some(vec!["ACCESS_POINT_BLOCK_INCOMPLETE"]), "{kind}");
    }
    let vpc = point(
        "AWS::S3::AccessPoint",
        json!({"NetworkOrigin": "VPC", "PublicAccessBlockConfiguration": flags(false)}),
    );
    assert_eq!(by_item(&vpc, &json!({})), Some(vec!["VPC_ORIGIN"]));
    let strict = json!({"acceptVpcOrigin": false});
    assert_eq!(by_item(&vpc, &strict), Some(vec!["ACCESS_POINT_BLOCK_INCOMPLETE"]));
    let internet = point("AWS::S3::AccessPoint", json!({"NetworkOrigin": "Internet"}));
    let error = with_run(&json!({}), true, |run| preview(&internet, run)).unwrap_err();
    assert!(
        error.to_string().ends_with("configuration.PublicAccessBlockConfiguration is missing"),
        "{error}"
    );
}

#[test]
fn the_account_is_judged_once() {
    let judged = |block: PublicAccessBlock, home: bool| {
        with_run(&json!({}), home, |run| codes(&account(block, run)))
    };
    assert_eq!(judged(CLOSED, true), NONE);
    let partly = PublicAccessBlock { restrict_buckets: false, ..CLOSED };
    assert_eq!(judged(partly, true), ["ACCOUNT_BLOCK_INCOMPLETE"]);
    assert_eq!(judged(OPEN, true), ["ACCOUNT_BLOCK_INCOMPLETE"]);
    assert_eq!(judged(OPEN, false), ["JUDGED_IN_HOME_REGION"]);
}

#[test]
fn an_item_that_does_not_tell_is_an_error() {
    for member in ["BucketPolicy", "AccessControlList"] {
        let item = bucket(&json!({ member: null }));
        let error = with_run(&json!({}), true, |run| preview(&item, run)).unwrap_err().to_string();
        assert!(
            error.contains(&format!("supplementaryConfiguration.{member} is missing")),
            "{error}"
        );
    }
}

/// The policy of the S3 user guide that grants read-only permission to anonymous users: public,
/// as Access Analyzer finds it.
#[test]
fn the_public_bucket_of_the_documentation() {
    let statement = json!({
        "Sid": "Read", "Effect": "Allow", "Principal": "*",
        "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": "arn:aws:s3:::reports/*",
    });
    let item = bucket(&json!({
        "PublicAccessBlockConfiguration": null, "BucketPolicy": policy(&json!([statement])),
    }));
    assert_eq!(with_account(&item, OPEN), ["BUCKET_BLOCK_INCOMPLETE", "PUBLIC_POLICY"]);
}
