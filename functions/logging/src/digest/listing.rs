//! Which digests of a window there are.

use futures::TryStreamExt;
use jiff::{SignedDuration, Timestamp};

use super::{
    ChainKind, Error, ObjectStore, Request,
    location::{DigestKey, Layout},
    read::{DigestRead, read_digest},
};

/// A log file delivered at the end of the window may be named by the next digest.
const SPILL: SignedDuration = SignedDuration::from_hours(1);

/// The bucket that the newest digest of the window says it belongs to. For a copy of a bucket whose
/// name is not known; a wrong answer makes the signatures fail.
///
/// # Errors
/// When the digests cannot be listed or read.
pub async fn bucket_named_by_newest_digest(
    store: &dyn ObjectStore,
    request: &Request,
) -> Result<Option<String>, Error> {
    let listed = list(request, store, &request.bucket, request.end).await?;
    let limit = request.limits.max_digest_bytes;
    for digest in listed.standard.iter().chain(&listed.backfill).rev() {
        let read = read_digest(store, &request.bucket, &digest.key, limit).await?;
        if let DigestRead::File(file) = read
            && let Ok(document) = file.document
        {
            return Ok(Some(document.bucket));
        }
    }
    Ok(None)
}

/// The digests of both chains, each ascending.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) standard: Vec<DigestKey>,
    pub(super) backfill: Vec<DigestKey>,
}

impl Listed {
    pub(super) fn of(self, kind: ChainKind) -> Vec<DigestKey> {
        match kind {
            ChainKind::Standard => self.standard,
            ChainKind::Backfill => self.backfill,
        }
    }
}

/// The digests that end in the window, ascending.
pub(super) async fn list(
    request: &Request,
    store: &dyn ObjectStore,
    bucket: &str,
    end: Timestamp,
) -> Result<Listed, Error> {
    let layout = Layout::of(request);
    // Keys have whole seconds.
    let start = request.start.as_second();
    let last = end.checked_add(SPILL).unwrap_or(Timestamp::MAX);
    let mut pages = store.list(bucket, layout.prefix(), &layout.start_after(request.start));
    let mut listed = Listed::default();
    'pages: while let Some(page) = pages.try_next().await? {
        for key in page {
            let Some((kind, digest)) = layout.parse(&key) else { continue };
            if digest.end > last {
                break 'pages;
            }
            if digest.end.as_second() >= start {
                match kind {
                    ChainKind::Standard => listed.standard.push(digest),
                    ChainKind::Backfill => listed.backfill.push(digest),
                }
            }
        }
    }
    Ok(listed)
}
