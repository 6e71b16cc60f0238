//! Why nothing could be verified.

use jiff::Timestamp;

use super::{KeyError, StoreError};

/// The verification could not be done. Never a statement about the files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The window ends before it starts.
    #[error("the start {start} is after the end {end}")]
    InvalidRange {
        /// Start of the window.
        start: Timestamp,
        /// End of the window.
        end: Timestamp,
    },
    /// A file or a listing could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The public keys could not be read.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// There is no public key at all for the time asked about.
    #[error("CloudTrail lists no public key in {region} between {start} and {end}")]
    NoPublicKeys {
        /// The Region asked.
        region: String,
        /// Start of the time asked about.
        start: Timestamp,
        /// End of the time asked about.
        end: Timestamp,
    },
    /// A listed key is neither PKCS#1 nor SubjectPublicKeyInfo with RSA.
    #[error("the public key {fingerprint} is no RSA key")]
    UnusableKey {
        /// Its fingerprint.
        fingerprint: String,
    },
    /// A digest is larger than the limit.
    #[error("the digest s3://{bucket}/{key} holds more than {limit} bytes")]
    DigestTooLarge {
        /// Bucket of the digest.
        bucket: String,
        /// Key of the digest.
        key: String,
        /// The limit, in bytes after inflation.
        limit: usize,
    },
    /// The window names more log files than may be read.
    #[error("the window holds more than {limit} log files")]
    TooManyLogFiles {
        /// The limit.
        limit: u64,
    },
    /// A valid digest uses a hash algorithm that this version does not know.
    #[error("s3://{bucket}/{key} uses the unknown hash algorithm {algorithm}")]
    UnknownHashAlgorithm {
        /// Bucket of the digest.
        bucket: String,
        /// Key of the digest.
        key: String,
        /// The algorithm's name.
        algorithm: String,
    },
    /// The deadline passed.
    #[error("the deadline passed before the verification was done")]
    DeadlineReached,
    /// A task of the verification died.
    #[error("a verification task failed: {0}")]
    Task(#[from] tokio::task::JoinError),
}
