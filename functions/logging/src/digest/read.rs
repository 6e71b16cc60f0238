//! Fetching one digest.

use futures::StreamExt;
use ring::digest::{SHA256, digest};

use super::{
    Cause, Error, Metadata, ObjectStore, StoreError, StoreErrorKind,
    document::{Document, Hash},
    inflate::Inflater,
};

/// How often a file is read anew when the transfer breaks off.
const ATTEMPTS: u32 = 3;

/// What is at a digest's key.
#[derive(Debug)]
pub(super) enum DigestRead {
    /// Nothing.
    Absent,
    /// Something that is no gzip file.
    Unreadable(Cause),
    /// A gzip file.
    File(Box<DigestFile>),
}

/// A digest file by itself, before it is held against its signature and its neighbours.
#[derive(Debug)]
pub(super) struct DigestFile {
    /// `None` in a store that keeps no metadata.
    pub(super) metadata: Option<Metadata>,
    pub(super) document: Result<Document, Cause>,
    /// Of the inflated bytes, exactly as they are.
    pub(super) sha256: Hash,
    /// Bytes follow the end of the gzip stream.
    pub(super) trailing: bool,
}

/// Fetches and parses a digest, with at most `limit` inflated bytes in memory.
pub(super) async fn read_digest(
    store: &dyn ObjectStore,
    bucket: &str,
    key: &str,
    limit: usize,
) -> Result<DigestRead, Error> {
    let read = with_retries(|| inflate_digest(store, bucket, key, limit)).await?;
    let (metadata, inflated) = match read {
        None => return Ok(DigestRead::Absent),
        Some((metadata, inflated)) => (metadata, inflated),
    };
    Ok(match inflated {
        Inflated::Oversized => {
            return Err(Error::DigestTooLarge {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
                limit,
            });
        }
        Inflated::Broken(cause) => DigestRead::Unreadable(cause),
        Inflated::Whole { bytes, trailing } => DigestRead::File(Box::new(DigestFile {
            metadata,
            sha256: sha256(&bytes),
            document: Document::parse(&bytes),
            trailing,
        })),
    })
}

enum Inflated {
    Whole { bytes: Vec<u8>, trailing: bool },
    Broken(Cause),
    Oversized,
}

async fn inflate_digest(
    store: &dyn ObjectStore,
    bucket: &str,
    key: &str,
    limit: usize,
) -> Result<Option<(Option<Metadata>, Inflated)>, StoreError> {
    let Some(mut object) = store.get(bucket, key).await? else {
        return Ok(None);
    };
    let mut inflater = Inflater::new();
    let mut bytes = Vec::new();
    let mut oversized = false;
    let mut broken = false;
    while let Some(chunk) = object.body.next().await {
        let pushed = inflater.push(&chunk?, |part| {
            oversized |= bytes.len() + part.len() > limit;
            if !oversized {
                bytes.extend_from_slice(part);
            }
            !oversized
        });
        broken |= pushed.is_err();
        if broken || oversized || inflater.trailing() {
            break;
        }
    }
    let inflated = if oversized {
        Inflated::Oversized
    } else if broken {
        Inflated::Broken(Cause::NotGzip)
    } else if !inflater.ended() {
        Inflated::Broken(Cause::Truncated)
    } else {
        let trailing = inflater.trailing();
        Inflated::Whole { bytes, trailing }
    };
    Ok(Some((object.metadata, inflated)))
}

/// Repeats reading a file whose transfer broke off.
pub(super) async fn with_retries<T, F>(mut read: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut attempt = 1;
    loop {
        match read().await {
            Err(error) if error.kind == StoreErrorKind::Interrupted && attempt < ATTEMPTS => {
                attempt += 1
            }
            answer => return answer,
        }
    }
}

fn sha256(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
