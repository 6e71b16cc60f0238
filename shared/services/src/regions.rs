//! The Regions of an account.

use std::collections::BTreeMap;
use std::future::Future;

use aws_sdk_account::types::RegionOptStatus::{self, Enabled, EnabledByDefault, Enabling};
use aws_types::SdkConfig;
use aws_types::region::Region;
use fisc_shared::Error;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::{Call, Failure, ServiceError};
use futures::stream::{self, StreamExt};

use crate::global::global;

/// The IAM action of the call.
pub const LIST_REGIONS: &str = "account:ListRegions";

/// Asks which Regions the account has. `ec2:DescribeRegions` tells the same, at the price of the
/// largest of all SDK crates.
#[derive(Debug, Clone)]
pub struct Regions {
    account: aws_sdk_account::Client,
}

impl Regions {
    /// A client with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { account: aws_sdk_account::Client::new(&global(sdk)) }
    }

    /// The Regions in which the account can act, by name.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn enabled(&self) -> Result<Vec<String>, Error> {
        self.with_status(&[Enabled, EnabledByDefault]).await
    }

    /// The Regions that somebody switched on, or is switching on: those that are not there by
    /// default.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn opted_in(&self) -> Result<Vec<String>, Error> {
        self.with_status(&[Enabled, Enabling]).await
    }

    async fn with_status(&self, statuses: &[RegionOptStatus]) -> Result<Vec<String>, Error> {
        let mut pages = self
            .account
            .list_regions()
            .set_region_opt_status_contains(Some(statuses.to_vec()))
            .into_paginator()
            .items()
            .send();
        let mut names = Vec::new();
        while let Some(region) = pages.next().await {
            names.push(region.call(LIST_REGIONS)?.region_name.ok_or_else(|| Error::Answer {
                action: LIST_REGIONS,
                field: "Regions[].RegionName".to_owned(),
            })?);
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// The settings for another Region. Clients made of it share the connection pool.
#[must_use]
pub fn in_region(sdk: &SdkConfig, region: &str) -> SdkConfig {
    sdk.to_builder().region(Region::new(region.to_owned())).build()
}

/// Asks the same in several Regions, a few at a time. `ask` gets the settings of one Region, and
/// wraps in [`offered`] what is asked of services that not every Region has.
///
/// # Errors
/// When it fails in any Region, which the error names: no part is ever taken for the whole.
pub async fn each<T, F, A>(
    sdk: &SdkConfig,
    regions: Vec<String>,
    ask: F,
) -> Result<BTreeMap<String, T>, Error>
where
    F: Fn(SdkConfig) -> A,
    A: Future<Output = Result<T, Error>>,
{
    let mut asked = stream::iter(regions)
        .map(|region| {
            // A service's future is large.
            let answer = Box::pin(ask(in_region(sdk, &region)));
            async move { (region, answer.await) }
        })
        .buffered(CONCURRENCY);
    let mut answers = BTreeMap::new();
    while let Some((region, answer)) = asked.next().await {
        let answer = answer.map_err(|error| named(error, &region))?;
        answers.insert(region, answer);
    }
    Ok(answers)
}

/// The answer of a service that is not in every Region: none where it has no endpoint.
///
/// # Errors
/// Those of the answer. What keeps a function from reaching an endpoint that exists (no route, no
/// answer, a name server that is silent) stays an error.
pub fn offered<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Err(Error::Service(error)) if has_no_endpoint(&error) => Ok(None),
        answer => answer.map(Some),
    }
}

/// How a resolver says that there is no such name (NXDOMAIN): glibc, musl, macOS, Windows. A
/// failure that may pass has another text ("Temporary failure in name resolution").
const UNKNOWN_NAME: [&str; 4] = [
    "Name or service not known",
    "Name does not resolve",
    "nodename nor servname provided, or not known",
    "No such host is known",
];

/// Whether the endpoint's name does not exist: the domain name system knows no name for a service
/// that the Region does not have.
fn has_no_endpoint(error: &ServiceError) -> bool {
    error.failure == Failure::NoAnswer
        && UNKNOWN_NAME.iter().any(|text| error.message.contains(text))
}

/// The error, with the Region in which it happened.
#[must_use]
pub fn named(error: Error, region: &str) -> Error {
    match error {
        Error::Service(error) => {
            let message = format!("in {region}: {}", error.message);
            ServiceError { message, ..error }.into()
        }
        Error::Answer { action, field } => {
            Error::Answer { action, field: format!("{field} in {region}") }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::atomic::{AtomicUsize, Ordering};

    fn failed(failure: Failure, message: &str) -> Error {
        let message = message.to_owned();
        ServiceError { action: "a:Call", failure, code: None, message }.into()
    }

    fn regions(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[tokio::test]
    async fn every_region_is_asked_with_its_own_settings_and_few_at_a_time() {
        let sdk = SdkConfig::builder().region(Region::new("ap-northeast-1")).build();
        let names: Vec<String> = (0..3 * CONCURRENCY).map(|n| format!("region-{n:02}")).collect();
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let answers = each(&sdk, names.clone(), |sdk| {
            let (now, most) = (&now, &most);
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(sdk.region().unwrap().to_string())
            }
        });
        let answers = answers.await.unwrap();
        assert_eq!(answers.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
        assert!(answers.iter().all(|(name, answer)| name == answer), "{answers:?}");
        assert_eq!(most.into_inner(), CONCURRENCY);
    }

    #[tokio::test]
    async fn one_region_that_fails_fails_all_and_is_named() {
        let sdk = SdkConfig::builder().build();
        let names = regions(&["ap-northeast-1", "ap-northeast-3", "us-east-1"]);
        let answer = each(&sdk, names, |sdk| async move {
            match sdk.region().unwrap().as_ref() {
                "ap-northeast-3" => Err(failed(Failure::Denied, "not authorized")),
                _ => Ok(()),
            }
        });
        let error = answer.await.unwrap_err();
        assert_eq!(error.kind(), "AccessDenied");
        assert!(error.to_string().contains("in ap-northeast-3: not authorized"), "{error}");
        let lacks = Error::Answer { action: "a:Call", field: "Status".to_owned() };
        assert_eq!(
            named(lacks, "us-east-1").to_string(),
            "the answer of a:Call lacks Status in us-east-1"
        );
    }

    #[tokio::test]
    async fn the_resolver_is_heard_through_the_sdk() {
        use aws_sdk_account::config::{BehaviorVersion, Credentials, SharedCredentialsProvider};
        use std::net::ToSocketAddrs;

        // A name that never exists (RFC 6761); without a name server there is no answer at all.
        const HOST: &str = "no-such-host.invalid";
        let text = (HOST, 443).to_socket_addrs().map(|_| ()).unwrap_err().to_string();
        let credentials = Credentials::new("AKIDEXAMPLE", "example", None, None, "test");
        let sdk = SdkConfig::builder()
            .region(Region::new("ap-northeast-1"))
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(fisc_shared::aws::http_client())
            .endpoint_url(format!("http://{HOST}"))
            .build();
        let answer = Regions::new(&sdk).enabled().await;
        let Err(Error::Service(error)) = &answer else { panic!("{answer:?}") };
        assert_eq!(error.failure, Failure::NoAnswer);
        assert!(error.message.contains(&text), "{}: {text}", error.message);
        assert_eq!(offered(answer).is_ok(), UNKNOWN_NAME.iter().any(|one| text.contains(one)));
    }

    #[test]
    fn only_a_name_that_does_not_exist_means_that_the_service_is_not_offered() {
        let answer = |failure, message| offered::<()>(Err(failed(failure, message)));
        let unknown = "dispatch failure: io error: client error (Connect): dns error: failed to \
                       lookup address information: Name or service not known";
        assert!(matches!(answer(Failure::NoAnswer, unknown), Ok(None)));
        for (failure, message) in [
            (
                Failure::NoAnswer,
                "dns error: failed to lookup address information: Temporary failure in name resolution",
            ),
            (Failure::NoAnswer, "client error (Connect): tcp connect error: Connection refused"),
            (Failure::NoAnswer, "request has timed out"),
            // What a service says is no word of the resolver.
            (Failure::Refused, unknown),
            (Failure::Denied, "not authorized"),
        ] {
            assert!(answer(failure, message).is_err(), "{message}");
        }
        assert_eq!(offered(Ok(1)).unwrap(), Some(1));
    }
}
