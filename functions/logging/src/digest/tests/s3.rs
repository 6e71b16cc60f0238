//! Against an emulated S3 and CloudTrail.

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use fisc_testkit::aws::{ACCESS_KEY, FakeAws, REGION};

use super::*;

fn sdk(aws: &FakeAws) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, "not-a-secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(aws.endpoint())
        .http_client(fisc_shared::aws::http_client())
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .sleep_impl(aws_sdk_s3::config::SharedAsyncSleep::new(
            aws_smithy_async::rt::sleep::TokioSleep::new(),
        ))
        .build()
}

async fn verify_in(aws: &FakeAws, request: &Request) -> Result<Report, Error> {
    let config = sdk(aws);
    let store = Arc::new(S3Store::new(&config));
    verify(request, store, &ApiKeys::new(&config), &()).await
}

#[tokio::test]
async fn pages_regions_metadata_and_keys() {
    let aws = FakeAws::start();
    let mut plan = plan(12);
    plan.region = "eu-west-1".into();
    plan.rotated_at = Some(6);
    plan.backfill = vec![3];
    let request = request(&plan);
    let chain = plan.build();
    aws.s3().bucket(&request.bucket, "eu-central-1").page(5);
    aws.cloudtrail().page(1);
    chain.put_into(&aws);
    let report = verify_in(&aws, &request).await.unwrap();
    assert!(report.is_valid(), "{:?}", codes(&report));
    assert_eq!((report.standard.digests, report.backfill.digests), (tally(11, 0), tally(1, 0)));

    let calls = aws.calls();
    let regions = |operation: &str| -> Vec<&str> {
        let of = calls.iter().filter(|call| call.operation == operation);
        of.map(|call| call.region.as_str()).collect()
    };
    assert_eq!(regions("GetBucketLocation"), [REGION], "asked once");
    assert!(regions("GetObject").iter().all(|region| *region == "eu-central-1"));
    assert!(regions("ListObjectsV2").len() > 2);
    // Two pages for the window, two around the backfill digest.
    assert_eq!(regions("ListPublicKeys"), ["eu-west-1"; 4]);
}

#[tokio::test]
async fn no_such_key_is_absent() {
    let aws = FakeAws::start();
    let plan = plan(6);
    let request = request(&plan);
    plan.build().damaged(Damage::LogRemoved { hour: 3, log: 0 }).put_into(&aws);
    let report = verify_in(&aws, &request).await.unwrap();
    assert_eq!(codes(&report), ["LOG_FILE_MISSING"]);
}

#[tokio::test]
async fn refusals_name_the_action() {
    let plan = plan(4);
    let request = request(&plan);
    let chain = plan.build();
    for (allowed, missing) in [
        (&["s3:ListBucket"][..], "s3:GetBucketLocation"),
        (&["s3:GetBucketLocation"], "s3:ListBucket"),
        (&["s3:GetBucketLocation", "s3:ListBucket"], "s3:GetObject"),
        (&["s3:*"], "cloudtrail:ListPublicKeys"),
    ] {
        let aws = FakeAws::start();
        chain.put_into(&aws);
        aws.allow_only(allowed);
        let error = verify_in(&aws, &request).await.unwrap_err().to_string();
        assert!(error.starts_with(missing) && error.contains("AccessDenied"), "{missing}: {error}");
    }
}

#[tokio::test]
async fn archived_objects_denied_keys_and_absent_buckets() {
    let plan = plan(4);
    let request = request(&plan);
    let chain = plan.build();
    let key = chain.digest(2).key.clone();

    let aws = FakeAws::start();
    chain.put_into(&aws);
    aws.s3().change(&request.bucket, &key, |object| object.storage_class = "GLACIER".into());
    let error = verify_in(&aws, &request).await.unwrap_err();
    assert!(
        matches!(&error, Error::Store(error) if error.kind == StoreErrorKind::Archived),
        "{error}"
    );
    assert!(error.to_string().contains(&key));

    let aws = FakeAws::start();
    chain.put_into(&aws);
    aws.s3().deny(&request.bucket, &key);
    let error = verify_in(&aws, &request).await.unwrap_err();
    assert!(
        matches!(&error, Error::Store(error) if error.kind == StoreErrorKind::AccessDenied),
        "{error}"
    );

    let aws = FakeAws::start();
    let error = verify_in(&aws, &request).await.unwrap_err();
    assert!(
        matches!(&error, Error::Store(error) if error.kind == StoreErrorKind::NoSuchBucket),
        "{error}"
    );
}

#[tokio::test]
async fn no_public_key_in_the_range_is_an_error() {
    let aws = FakeAws::start();
    let plan = plan(4);
    let mut request = request(&plan);
    plan.build().put_into(&aws);
    let error = {
        // The keys are of another Region.
        let mut elsewhere = super::plan(4);
        elsewhere.region = "us-west-2".into();
        let other = super::request(&elsewhere);
        let chain = elsewhere.build();
        for file in chain.files() {
            let metadata: Vec<_> =
                file.metadata.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            aws.s3().put(&file.bucket, &file.key, file.bytes.clone(), &metadata);
        }
        request.source_region = other.source_region;
        verify_in(&aws, &request).await.unwrap_err()
    };
    assert!(matches!(error, Error::NoPublicKeys { .. }), "{error}");
}
