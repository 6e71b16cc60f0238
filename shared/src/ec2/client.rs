//! The SDK's operation that sends the calls: credentials, signature, retries, time limits and
//! endpoint are the SDK's, only the form and the answer are ours.

use std::fmt;

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{
    DisableClockSkewCorrection, ServiceClockSkewClassifier, ServiceClockSkewInterceptor,
};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime::client::stalled_stream_protection::StalledStreamProtectionInterceptor;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::orchestrator::{
    HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{FrozenLayer, Layer};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::{Region, SigningRegion};
use aws_types::{SdkConfig, SigningName};

use super::call::VERSION;
use super::endpoint;
use super::xml::Xml;

/// A form that is sent, and the answer to it.
pub(super) type Query = Operation<String, Answer, ErrorMetadata>;

/// The body of an answer.
pub(super) struct Answer(pub(super) Vec<u8>);

/// Without the content: the SDK logs what operations give.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answer of {} bytes", self.0.len())
    }
}

/// The operation by the settings; none when they lack a Region or an HTTP client.
pub(super) fn query(config: &SdkConfig) -> Option<Query> {
    let region = config.region()?;
    let mut builder = Operation::builder()
        .service_name("EC2")
        .operation_name("Query")
        .http_client(config.http_client()?)
        .endpoint_url(&endpoint::url(config, region))
        .standard_retry(&config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
        .retry_classifier(ServiceClockSkewClassifier::<ErrorMetadata>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled))
        .with_connection_poisoning()
        .interceptor(StalledStreamProtectionInterceptor::default())
        .interceptor(ServiceClockSkewInterceptor::new())
        .interceptor(RequestInfoInterceptor::new())
        .interceptor(UserAgentInterceptor::new())
        .interceptor(InvocationIdInterceptor::new())
        .runtime_plugin(
            StaticRuntimePlugin::new()
                .with_config(settings(config, region))
                .with_runtime_components(signer(config)),
        );
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        builder = builder.time_source(time);
    }
    if let Some(protection) = config.stalled_stream_protection() {
        builder = builder.stalled_stream_protection(protection);
    }
    Some(builder.serializer(request).deserializer(answer).build())
}

fn settings(config: &SdkConfig, region: &Region) -> FrozenLayer {
    let mut layer = Layer::new("ec2");
    // Answers hold user data: the SDK does not log them.
    layer.store_put(SensitiveOutput);
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(region.clone())),
        name: Some(SigningName::from_static("ec2")),
        ..SigV4OperationSigningConfig::default()
    });
    // What one Region throttles does not slow down another.
    layer.store_put(RetryPartition::new(format!("ec2-{region}")));
    layer.store_put(ApiMetadata::new("ec2", VERSION));
    layer.store_or_unset(config.app_name().cloned());
    for framework in config.framework_metadata() {
        layer.store_append(framework.clone());
    }
    layer.store_or_unset(
        config.disable_clock_skew_correction().map(DisableClockSkewCorrection::from),
    );
    layer.freeze()
}

fn signer(config: &SdkConfig) -> RuntimeComponentsBuilder {
    let mut components = RuntimeComponentsBuilder::new("ec2");
    components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
    components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
        StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
    )));
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, credentials);
    }
    if let Some(cache) = config.identity_cache() {
        components.set_identity_cache(Some(cache));
    }
    components
}

fn request(form: String) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(form));
    request.set_method("POST")?;
    request.set_uri("/")?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<Answer, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        Ok(Answer(body.to_vec()))
    } else {
        Err(OrchestratorError::operation(refusal(response.status().as_u16(), body)))
    }
}

/// The error that EC2 names; only the status where a proxy answered in its place.
fn refusal(status: u16, body: &[u8]) -> ErrorMetadata {
    let error =
        Xml::parse("ec2", body).ok().and_then(|answer| answer.at("Errors")?.at("Error").cloned());
    let text = |name| error.as_ref().and_then(|error| error.text(name));
    let mut refusal = ErrorMetadata::builder();
    if let Some(code) = text("Code") {
        refusal = refusal.code(code);
    }
    let message = text("Message").map_or_else(|| format!("HTTP status {status}"), shorten);
    refusal.message(message).build()
}

/// The message without the kilobytes that only `sts:DecodeAuthorizationMessage` reads.
fn shorten(message: &str) -> String {
    let end = message.find(" Encoded authorization failure message").unwrap_or(message.len());
    message.get(..end).unwrap_or(message).to_owned()
}
