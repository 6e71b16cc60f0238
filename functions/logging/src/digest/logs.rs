//! Judging one log file.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use futures::StreamExt;
use ring::digest::{Context, SHA256};

use super::{
    Cause, ObjectStore, Problem, ProblemCode, StoreError, document::Hash, inflate::Inflater,
    read::with_retries,
};

/// A log file that a digest names.
#[derive(Clone, Debug)]
pub(super) struct LogFile {
    pub(super) bucket: Arc<str>,
    pub(super) key: Box<str>,
    pub(super) hash: Option<Hash>,
}

/// Reads a log file through inflation into the hash; in memory is one chunk at a time. `None` when
/// it is the recorded file.
pub(super) async fn check_log(
    store: &dyn ObjectStore,
    file: &LogFile,
    full: bool,
    bytes: &AtomicU64,
) -> Result<Option<Problem>, StoreError> {
    let found = with_retries(|| check(store, file, full, bytes)).await?;
    Ok(found.map(|cause| Problem {
        code: match cause {
            Cause::NotFound => ProblemCode::LogFileMissing,
            _ => ProblemCode::LogFileAltered,
        },
        bucket: file.bucket.to_string(),
        key: Some(file.key.to_string()),
        cause,
    }))
}

async fn check(
    store: &dyn ObjectStore,
    file: &LogFile,
    full: bool,
    bytes: &AtomicU64,
) -> Result<Option<Cause>, StoreError> {
    let Some(mut object) = store.get(&file.bucket, &file.key).await? else {
        return Ok(Some(Cause::NotFound));
    };
    let Some(recorded) = file.hash else {
        return Ok(Some(Cause::HashFormat));
    };
    let mut inflater = Inflater::new();
    let mut hash = Context::new(&SHA256);
    while let Some(chunk) = object.body.next().await {
        let chunk = chunk?;
        bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        let pushed = inflater.push(&chunk, |part| {
            hash.update(part);
            true
        });
        if pushed.is_err() {
            return Ok(Some(Cause::NotGzip));
        }
        if inflater.trailing() {
            break;
        }
    }
    // The AWS CLI hashes whatever came out, also of a stream that ends early.
    if full && !inflater.ended() {
        return Ok(Some(Cause::Truncated));
    }
    if hash.finish().as_ref() != recorded {
        return Ok(Some(Cause::HashMismatch));
    }
    Ok(inflater.trailing().then_some(Cause::TrailingBytes))
}
