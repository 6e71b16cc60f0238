//! SDK settings: one HTTP client, adaptive retries, and in Lambda nothing that a function does
//! not need.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_config::config::BehaviorVersion;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::SharedHttpClient as SdkHttpClient;

use crate::error::Error;

/// How many requests to one service are under way at once. Reading APIs of AWS allow some ten
/// calls a second; more in flight only earns throttling.
pub const CONCURRENCY: usize = 8;

/// Tries of one call, the first one included.
const MAX_ATTEMPTS: u32 = 6;

/// The HTTP client of every SDK client: HTTP/1, TLS by rustls with ring, which starts ten times
/// faster than the SDK's default.
#[must_use]
pub fn http_client() -> SdkHttpClient {
    let client: SharedHttpClient = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    client
}

/// Retries in adaptive mode: a service that throttles is asked more slowly, not more often.
/// `AWS_MAX_ATTEMPTS` sets the number of tries and `AWS_RETRY_MODE` (`standard` or `adaptive`) the
/// mode, as for every AWS tool.
#[must_use]
pub fn retries() -> RetryConfig {
    let attempts = std::env::var("AWS_MAX_ATTEMPTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|attempts| *attempts > 0)
        .unwrap_or(MAX_ATTEMPTS);
    let mode = match std::env::var("AWS_RETRY_MODE").as_deref() {
        Ok("standard") => RetryConfig::standard(),
        _ => RetryConfig::adaptive(),
    };
    mode.with_max_attempts(attempts)
}

/// The same settings for a client that makes few calls: reporting to AWS Config, importing findings.
///
/// A throttled call is tried again after a second or two. The adaptive mode would wait some twenty:
/// after one refusal it takes the rate that it measured, of a client that was quiet, for the rate
/// that the service allows. For sweeps, which make hundreds of calls, that rate is right, and
/// without it their calls run out of tries.
#[must_use]
pub fn few_calls(sdk: &SdkConfig) -> SdkConfig {
    let attempts = retries().max_attempts();
    let standard = RetryConfig::standard().with_max_attempts(attempts);
    sdk.to_builder().retry_config(standard).build()
}

/// Time limits of one call.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(20))
        .operation_attempt_timeout(Duration::from_secs(30))
        .build()
}

/// Settings from the environment that Lambda gives a function. The general provider chain
/// (profiles, SSO, instance metadata) is left out on purpose: a function never uses it, and it
/// would be linked into every binary.
///
/// # Errors
/// When a variable that Lambda always sets is missing.
pub fn lambda_config() -> Result<SdkConfig, Error> {
    let region = variable("AWS_REGION")?;
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "lambda-environment",
    );
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .identity_cache(aws_sdk_config::config::IdentityCache::no_cache())
        .retry_config(retries())
        .timeout_config(timeouts());
    if let Ok(url) = std::env::var("AWS_ENDPOINT_URL") {
        builder = builder.endpoint_url(url);
    }
    if std::env::var("AWS_USE_FIPS_ENDPOINT").is_ok_and(|value| value == "true") {
        builder = builder.use_fips(true);
    }
    Ok(builder.build())
}

fn variable(name: &str) -> Result<String, Error> {
    std::env::var(name).map_err(|_| {
        Error::Environment(format!("the environment variable {name} is not set; Lambda sets it"))
    })
}
