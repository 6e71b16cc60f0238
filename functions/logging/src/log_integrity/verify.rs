//! Runs the verification of digest chains for a control: one chain per account and Region.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_types::SdkConfig;
use fisc_shared::error::{Failure, ServiceError};
use fisc_shared::{Error, Run};
use jiff::{SignedDuration, Timestamp};

use super::{ALLOW_CHAIN_RESTART, GAP_TOLERANCE_MINUTES, MAX_DIGEST_AGE_HOURS, MAX_LOG_FILES};
use crate::digest::{
    self, ApiKeys, KeyError, ObjectStore, Problem, Request, S3Store, StoreErrorKind, TrailArn,
};

/// Time that is kept back for reporting the result.
const RESERVE: Duration = Duration::from_secs(15);

/// The time to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) now: Timestamp,
}

/// The files of a trail.
pub(super) struct Files<'a> {
    pub(super) arn: &'a TrailArn,
    pub(super) bucket: &'a str,
    pub(super) prefix: Option<&'a str>,
    pub(super) organization_id: Option<&'a str>,
    pub(super) accounts: &'a [String],
    pub(super) regions: &'a [String],
}

/// Verifies chains, with clients that live as long as the function.
pub(super) struct Verifier {
    sdk: SdkConfig,
    store: Arc<dyn ObjectStore>,
}

impl Verifier {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { sdk: sdk.clone(), store: Arc::new(S3Store::new(sdk)) }
    }

    /// Verifies every chain of the files; what is wrong with any, or an error.
    pub(super) async fn verify(
        &self,
        files: &Files<'_>,
        window: Window,
        run: &Run<'_>,
    ) -> Result<Vec<Problem>, Error> {
        let deadline = run.deadline.map(instant);
        let parameter = |value: i64| u64::try_from(value).unwrap_or_default();
        let mut files_left = parameter(run.parameters.get(&MAX_LOG_FILES));
        // Keys are remembered for one run only: a warm function must learn of new ones.
        let keys = ApiKeys::new(&self.sdk);
        let mut problems = Vec::new();
        for account_id in files.accounts {
            for region in files.regions {
                let mut request =
                    Request::new(files.arn.clone(), files.bucket, window.start, window.end);
                request.prefix = files.prefix.map(str::to_owned);
                request.organization_id = files.organization_id.map(str::to_owned);
                request.account_id.clone_from(account_id);
                request.source_region.clone_from(region);
                request.now = window.now;
                request.gap_tolerance =
                    SignedDuration::from_mins(run.parameters.get(&GAP_TOLERANCE_MINUTES));
                request.max_digest_age =
                    SignedDuration::from_hours(run.parameters.get(&MAX_DIGEST_AGE_HOURS));
                request.allow_chain_restart = run.parameters.get(&ALLOW_CHAIN_RESTART);
                request.limits.max_log_files = files_left;
                request.limits.deadline = deadline;
                let report = digest::verify(&request, Arc::clone(&self.store), &keys, &())
                    .await
                    .map_err(|error| failed(error, account_id, region))?;
                files_left = files_left.saturating_sub(report.logs().total());
                tracing::info!(
                    account_id,
                    source_region = region,
                    digests = report.digests().total(),
                    log_files = report.logs().total(),
                    bytes = report.bytes,
                    problems = report.problems().count(),
                    "chain verified"
                );
                problems.extend(report.problems().cloned());
            }
        }
        Ok(problems)
    }
}

/// The deadline on the clock that does not jump.
fn instant(deadline: Timestamp) -> Instant {
    let left = Duration::try_from(deadline.duration_since(Timestamp::now())).unwrap_or_default();
    Instant::now() + left.saturating_sub(RESERVE)
}

fn failed(error: digest::Error, account_id: &str, region: &str) -> Error {
    match error {
        digest::Error::Store(error) => Error::Service(ServiceError {
            action: error.action,
            failure: match error.kind {
                StoreErrorKind::AccessDenied => Failure::Denied,
                StoreErrorKind::Throttled => Failure::Throttled,
                StoreErrorKind::Interrupted | StoreErrorKind::NoAnswer => Failure::NoAnswer,
                StoreErrorKind::Malformed => Failure::Malformed,
                _ => Failure::Refused,
            },
            code: None,
            message: format!("{}: {}", error.resource, error.message),
        }),
        digest::Error::Keys(KeyError::Api { error, .. }) => Error::Service(error),
        digest::Error::DeadlineReached => Error::Deadline {
            what: format!("the digest chain of account {account_id} in {region} was not verified"),
        },
        digest::Error::TooManyLogFiles { .. } => Error::Control(format!(
            "the window holds more log files than parameter \"maxLogFiles\" allows (stopped at \
             account {account_id}, {region}); raise it, or lower verificationHours"
        )),
        other => Error::Control(format!(
            "the digest chain of account {account_id} in {region} cannot be verified: {other}"
        )),
    }
}
