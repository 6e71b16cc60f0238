//! Verification of CloudTrail's digest chain: that every digest file of a window is there, signed
//! by CloudTrail and linked to its predecessor, and that every log file they name is unchanged.
//!
//! Each hour CloudTrail writes a digest file per account and Region. It holds the SHA-256 of every
//! log file delivered in that hour and the hash and signature of the digest before it; its own
//! signature is in the metadata of its S3 object. [`verify`] walks that chain from the newest
//! digest of the window back to its start, as `aws cloudtrail validate-logs` does, and adds what
//! that command leaves out: the hash links, holes in time, and newest digests that are gone.
//!
//! | file | holds |
//! |---|---|
//! | `request`, `report`, `problem`, `error`, `observe` | what goes in and what comes out |
//! | `location`, `trail` | where CloudTrail puts digests: trail ARN, key names, the API's answer |
//! | `store`, `keys` | where files and public keys come from: S3, a directory; the API, a file |
//! | `inflate`, `document`, `signature` | one file: gzip, JSON, RSA |
//! | `read`, `logs` | one object fetched and judged by itself |
//! | `judge`, `listing`, `coverage`, `chain` | a digest among its neighbours, and the walk |
//! | `prefetch`, `pipeline`, `task` | doing many at once with bounded memory |
//!
//! Facts about the format: the CloudTrail user guide, "Digest file structure" and "Custom
//! implementations of log file integrity validation".

mod chain;
mod coverage;
mod document;
mod error;
#[cfg(test)]
#[allow(unreachable_pub, reason = "the fuzz target has the module too")]
mod hostile;
mod inflate;
mod judge;
mod keys;
mod listing;
mod location;
mod logs;
mod observe;
mod pipeline;
mod prefetch;
mod problem;
mod read;
mod report;
mod request;
mod signature;
mod store;
mod task;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::sync::Arc;

pub use error::Error;
pub use keys::{ApiKeys, FileKeys, KeyError, KeySource, PublicKey};
pub use listing::bucket_named_by_newest_digest;
pub use location::{TrailArn, TrailArnError};
pub use observe::{FileKind, FileStatus, Observer, Progress};
pub use problem::{Cause, Problem, ProblemCode};
pub use report::{ChainKind, ChainReport, Report, Tally, TimeGap};
pub use request::{Limits, Request, Strictness};
pub use store::{
    Chunks, DirStore, Metadata, ObjectStore, Pages, S3Store, StoreError, StoreErrorKind,
    StoredObject,
};

/// Verifies one account's digests of one Region, and every log file they name.
///
/// The answer is a report about the whole window, or an error: whatever keeps a file from being
/// read, an unusable public key, a limit or the deadline means that nothing was verified. Dropping
/// the future stops all work.
///
/// # Errors
/// See [`Error`].
pub async fn verify(
    request: &Request,
    store: Arc<dyn ObjectStore>,
    keys: &dyn KeySource,
    observer: &dyn Observer,
) -> Result<Report, Error> {
    request.check()?;
    let work = chain::verify_window(request, store, keys, observer);
    match request.limits.deadline {
        None => work.await,
        Some(deadline) => tokio::time::timeout_at(deadline.into(), work)
            .await
            .map_err(|_| Error::DeadlineReached)?,
    }
}
