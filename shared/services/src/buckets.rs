//! The Regions of buckets, of any account.

use aws_sdk_s3::Client;
use aws_types::SdkConfig;
use fisc_shared::error::{Failure, ServiceError};

/// What HeadBucket is called in IAM; the role does not need it.
const HEAD_BUCKET: &str = "s3:ListBucket";

/// Asks S3 where buckets are. It takes no permission.
#[derive(Debug, Clone)]
pub struct Buckets {
    s3: Client,
}

impl Buckets {
    /// A client with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        // A name like bucket.localhost does not resolve.
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .force_path_style(sdk.endpoint_url().is_some())
            .build();
        Self { s3: Client::from_conf(s3) }
    }

    /// The Region of a bucket; none when there is no such bucket.
    ///
    /// S3 tells the Region in a header of its answer even to those whom it denies the bucket or
    /// whom it sends to another Region, so that no right is needed, and none of the bucket's
    /// owner. Other refusals (by an endpoint's policy, say) have no such header: an error.
    ///
    /// # Errors
    /// When the call fails, or its answer tells no Region.
    pub async fn region(&self, name: &str) -> Result<Option<String>, ServiceError> {
        const REGION: &str = "x-amz-bucket-region";
        let error = match self.s3.head_bucket().bucket(name).send().await {
            Ok(answer) if answer.bucket_region.is_some() => return Ok(answer.bucket_region),
            Ok(_) => {
                return Err(ServiceError {
                    action: HEAD_BUCKET,
                    failure: Failure::Malformed,
                    code: None,
                    message: format!("the answer for {name} names no Region"),
                });
            }
            Err(error) => error,
        };
        let mut failed = ServiceError::new(HEAD_BUCKET, &error);
        failed.message = format!("HeadBucket of {name} told no Region: {}", failed.message);
        if let Some(response) = error.raw_response() {
            let region = response.headers().get(REGION).filter(|region| !region.is_empty());
            // An answer to HEAD has no body, and with it no error code.
            match (response.status().as_u16(), region) {
                (404, _) => return Ok(None),
                (301 | 307 | 400 | 403, Some(region)) => return Ok(Some(region.to_owned())),
                (403, None) => failed.failure = Failure::Denied,
                (429 | 503, _) => failed.failure = Failure::Throttled,
                (500.., _) => failed.failure = Failure::Refused,
                _ => {}
            }
        }
        Err(failed)
    }
}
