//! Where the files come from.

mod dir;
mod s3;

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;

pub use dir::DirStore;
pub use s3::S3Store;

/// The metadata of a digest's object (`x-amz-meta-…`) that CloudTrail writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `signature`: the RSA signature, hexadecimal.
    pub signature: Option<String>,
    /// `signature-algorithm`: `SHA256withRSA`.
    pub signature_algorithm: Option<String>,
    /// `backfill-generation-timestamp`: when a backfill digest was written.
    pub backfill_generation: Option<String>,
}

impl Metadata {
    /// When a backfill digest was written; `None` when that is absent or no time.
    pub(super) fn backfill_time(&self) -> Option<Timestamp> {
        self.backfill_generation.as_deref()?.trim().parse().ok()
    }
}

/// The bytes of an object, in pieces.
pub type Chunks = BoxStream<'static, Result<Vec<u8>, StoreError>>;

/// Keys in ascending order, in pages.
pub type Pages = BoxStream<'static, Result<Vec<String>, StoreError>>;

/// An object that exists.
pub struct StoredObject {
    /// Its metadata; `None` in a store that keeps none.
    pub metadata: Option<Metadata>,
    /// Its content.
    pub body: Chunks,
}

/// A place with buckets.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// The keys that start with `prefix` and come after `start_after`, ascending.
    fn list(&self, bucket: &str, prefix: &str, start_after: &str) -> Pages;

    /// Opens an object; `None` when there is none of that key. Everything else that keeps it from
    /// being read is an error.
    ///
    /// # Errors
    /// [`StoreError`], also when the bucket does not exist.
    async fn get(&self, bucket: &str, key: &str) -> Result<Option<StoredObject>, StoreError>;
}

/// What kind of failure kept a store from answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The permission is missing.
    AccessDenied,
    /// Too many requests, also after retries.
    Throttled,
    /// The object is in an archive class and must be restored first.
    Archived,
    /// The bucket does not exist.
    NoSuchBucket,
    /// The key cannot name a file (it would leave the directory).
    InvalidKey,
    /// The directory copy holds another bucket.
    OtherBucket,
    /// The transfer broke off.
    Interrupted,
    /// No answer came: connection, time-out.
    NoAnswer,
    /// The answer could not be read.
    Malformed,
    /// Anything else.
    Other,
}

/// A file or a listing could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{action} on {resource} failed: {message}")]
pub struct StoreError {
    /// The IAM action that is needed, such as `s3:GetObject`.
    pub action: &'static str,
    /// `s3://bucket/key`, or the path.
    pub resource: String,
    /// What kind of failure.
    pub kind: StoreErrorKind,
    /// The service's words.
    pub message: String,
}
