//! The real SDK reads what the stubs answer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use aws_sdk_s3control::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_s3control::error::ProvideErrorMetadata;
use aws_types::SdkConfig;
use fisc_testkit::aws::{ACCESS_KEY, ACCOUNT, FakeAws, REGION};
use serde_json::json;

fn sdk(aws: &FakeAws) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            ACCESS_KEY, "secret", None, None, "test",
        )))
        .http_client(fisc_shared::aws::http_client())
        .endpoint_url(aws.prefixed_endpoint())
        .build()
}

#[tokio::test]
async fn s3_and_s3_control() {
    let aws = FakeAws::start();
    aws.stub("s3control").returns(
        "GetPublicAccessBlock",
        json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": false}}),
    );
    let control = aws_sdk_s3control::Client::new(&sdk(&aws));
    let ask = || control.get_public_access_block().account_id(ACCOUNT).send();
    let block = ask().await.unwrap().public_access_block_configuration.unwrap();
    assert_eq!((block.block_public_acls, block.ignore_public_acls), (Some(true), Some(false)));
    assert_eq!(aws.calls()[0].body, json!({"AccountId": ACCOUNT}));
    aws.stub("s3control").fails(
        "GetPublicAccessBlock",
        "NoSuchPublicAccessBlockConfiguration",
        404,
    );
    let error = ask().await.unwrap_err().into_service_error();
    assert!(error.is_no_such_public_access_block_configuration(), "{error:?}");

    aws.stub("s3")
        .returns("ListBuckets", json!({"Buckets": [{"Name": "b", "CreationDate": 0}]}))
        .returns(
            "GetBucketOwnershipControls",
            json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}),
        )
        .returns(
            "GetBucketReplication",
            json!({"ReplicationConfiguration": {"Role": "r", "Rules": [
                {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::d"}},
            ]}}),
        );
    let s3 = aws_sdk_s3::Client::new(&sdk(&aws));
    assert_eq!(s3.list_buckets().send().await.unwrap().buckets()[0].name(), Some("b"));
    let owner = s3.get_bucket_ownership_controls().bucket("b").send().await.unwrap();
    let rule = &owner.ownership_controls.unwrap().rules[0];
    assert_eq!(rule.object_ownership.as_str(), "BucketOwnerEnforced");
    let copy = s3.get_bucket_replication().bucket("b").send().await.unwrap();
    assert_eq!(copy.replication_configuration.unwrap().rules[0].status.as_str(), "Enabled");
}

#[tokio::test]
async fn queues_file_systems_functions_and_databases() {
    let aws = FakeAws::start();
    let config = sdk(&aws);
    aws.stub("sqs").fails("GetQueueAttributes", "QueueDoesNotExist", 400);
    let sqs = aws_sdk_sqs::Client::new(&config);
    let error = sqs.get_queue_attributes().queue_url("q").send().await.unwrap_err();
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));

    aws.stub("efs").fails("DescribeFileSystemPolicy", "PolicyNotFound", 404);
    let efs = aws_sdk_efs::Client::new(&config);
    let error = efs.describe_file_system_policy().file_system_id("fs-1").send().await.unwrap_err();
    assert_eq!(error.code(), Some("PolicyNotFound"));

    let functions: Vec<_> = (0..3).map(|n| json!({"FunctionName": n.to_string()})).collect();
    aws.stub("lambda").returns("ListFunctions", json!({"Functions": functions})).page_size(2);
    let lambda = aws_sdk_lambda::Client::new(&config);
    let pages = lambda.list_functions().into_paginator().items().send();
    assert_eq!(pages.try_collect().await.unwrap().len(), 3);

    let instances: Vec<_> =
        (0..3).map(|n| json!({"DBInstanceIdentifier": n.to_string()})).collect();
    aws.stub("rds").returns("DescribeDBInstances", json!({"DBInstances": instances})).page_size(2);
    let rds = aws_sdk_rds::Client::new(&config);
    let filter = aws_sdk_rds::types::Filter::builder().name("engine").values("mysql").build();
    let pages = rds.describe_db_instances().filters(filter).into_paginator().items().send();
    assert_eq!(pages.try_collect().await.unwrap().len(), 3);

    let mappings: Vec<_> = (0..3).map(|n| json!({"ResourceARN": n.to_string()})).collect();
    aws.stub("tagging")
        .returns("GetResources", json!({"ResourceTagMappingList": mappings}))
        .page_size(2);
    let tagging = aws_sdk_resourcegroupstagging::Client::new(&config);
    let pages = tagging.get_resources().into_paginator().items().send();
    assert_eq!(pages.try_collect().await.unwrap().len(), 3);
}
