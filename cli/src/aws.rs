//! The account behind the credentials of the command line.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;

/// SDK settings whose Region and credentials are there.
#[derive(Debug)]
pub struct Account {
    /// The settings.
    pub sdk: SdkConfig,
    /// The Region.
    pub region: String,
}

/// Which credentials and Region to use instead of the defaults.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AwsArgs {
    /// Profile of the AWS configuration files (as AWS_PROFILE)
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Region to ask (as AWS_REGION)
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
}

/// Why AWS cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No Region is set.
    #[error("no Region is set: give --region, set AWS_REGION, or set one in the profile")]
    NoRegion,
    /// There are no credentials.
    #[error(
        "no usable AWS credentials: give --profile, run `aws sso login`, or set \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY ({0})"
    )]
    NoCredentials(String),
}

impl Account {
    /// Loads the settings, and makes sure that there are a Region and credentials: an error now
    /// says more than one of the first call.
    ///
    /// # Errors
    /// When there is no Region, or no credentials.
    pub async fn load(args: &AwsArgs) -> Result<Self, AccountError> {
        let sdk = load(args).await;
        let region = sdk.region().ok_or(AccountError::NoRegion)?.to_string();
        check_credentials(&sdk).await?;
        Ok(Self { sdk, region })
    }
}

/// Loads the settings as the AWS CLI does, for a command that can do without a Region.
///
/// # Errors
/// When there are no credentials.
pub async fn settings(args: &AwsArgs) -> Result<SdkConfig, AccountError> {
    let sdk = load(args).await;
    check_credentials(&sdk).await?;
    Ok(sdk)
}

async fn load(args: &AwsArgs) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(fisc_shared::aws::http_client())
        .retry_config(fisc_shared::aws::retries())
        .timeout_config(fisc_shared::aws::timeouts());
    if let Some(profile) = &args.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &args.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}

async fn check_credentials(sdk: &SdkConfig) -> Result<(), AccountError> {
    let none = || AccountError::NoCredentials("no provider is configured".to_owned());
    let provider = sdk.credentials_provider().ok_or_else(none)?;
    let found = provider.provide_credentials().await;
    found.map(drop).map_err(|error| AccountError::NoCredentials(reason(&error)))
}

/// The innermost cause: the outer ones only say that something went wrong.
fn reason(error: &CredentialsError) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
