//! Asking AWS where a trail delivers.

use aws_sdk_cloudtrail::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_types::SdkConfig;

use super::{TrailArn, text::quote};

/// Where a trail delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTrail {
    /// Its bucket.
    pub bucket: String,
    /// Its key prefix.
    pub prefix: Option<String>,
    /// Its keys have the organization id, and it has a chain per member account.
    pub is_organization: bool,
}

/// A trail could not be looked up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrailError {
    /// A call was refused or failed.
    #[error("{action} failed: {message}")]
    Api {
        /// The IAM action.
        action: &'static str,
        /// The service's words.
        message: String,
    },
    /// The account and Region have no such trail.
    #[error("cloudtrail:DescribeTrails does not show the trail {0}")]
    NotFound(TrailArn),
}

/// Finds a trail among those that the account sees in the Region of `config`.
///
/// # Errors
/// When the call fails or does not show the trail.
pub async fn describe_trail(config: &SdkConfig, arn: &TrailArn) -> Result<FoundTrail, TrailError> {
    let client = aws_sdk_cloudtrail::Client::new(config);
    let answer = client.describe_trails().send().await;
    let answer = answer.map_err(|error| failure("cloudtrail:DescribeTrails", &error))?;
    let trails = answer.trail_list.unwrap_or_default();
    let trail = trails.into_iter().find(|trail| trail.trail_arn.as_deref() == Some(arn.as_str()));
    let found = trail.and_then(|trail| {
        Some(FoundTrail {
            bucket: trail.s3_bucket_name?,
            prefix: trail.s3_key_prefix.filter(|prefix| !prefix.is_empty()),
            is_organization: trail.is_organization_trail.unwrap_or_default(),
        })
    });
    found.ok_or_else(|| TrailError::NotFound(arn.clone()))
}

/// The id of the organization that the account is in.
///
/// # Errors
/// When the call fails, also because the account is in none.
pub async fn describe_organization_id(config: &SdkConfig) -> Result<String, TrailError> {
    let client = aws_sdk_organizations::Client::new(config);
    let answer = client.describe_organization().send().await;
    let answer = answer.map_err(|error| failure("organizations:DescribeOrganization", &error))?;
    let id = answer.organization.and_then(|organization| organization.id);
    id.ok_or(TrailError::Api {
        action: "organizations:DescribeOrganization",
        message: "the answer has no organization id".into(),
    })
}

fn failure<E, R>(action: &'static str, error: &SdkError<E, R>) -> TrailError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let message = match error.code() {
        Some(code) => quote(&format!("{code}: {}", error.message().unwrap_or_default())),
        None => quote(&DisplayErrorContext(error).to_string()),
    };
    TrailError::Api { action, message }
}
