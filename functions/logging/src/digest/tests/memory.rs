//! A store in memory.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use fisc_testkit::digests::Chain;
use futures::{StreamExt, stream};

use crate::digest::{Metadata, ObjectStore, Pages, StoreError, StoreErrorKind, StoredObject};

#[derive(Default)]
pub(super) struct MemoryStore {
    objects: BTreeMap<(String, String), (Vec<u8>, Metadata)>,
    /// Errors by key.
    pub(super) errors: HashMap<String, StoreErrorKind>,
    /// Answers only after this, so that order and limits can be watched.
    pub(super) delay: Option<std::time::Duration>,
    pub(super) without_metadata: bool,
    /// Bytes in one piece of a body; 0 for all.
    pub(super) chunk: usize,
}

impl MemoryStore {
    pub(super) fn of(chain: &Chain) -> Self {
        let objects = chain.files().map(|file| {
            let metadata = Metadata {
                signature: file.metadata.get("signature").cloned(),
                signature_algorithm: file.metadata.get("signature-algorithm").cloned(),
                backfill_generation: file.metadata.get("backfill-generation-timestamp").cloned(),
            };
            ((file.bucket.clone(), file.key.clone()), (file.bytes.clone(), metadata))
        });
        Self { objects: objects.collect(), chunk: 1000, ..Self::default() }
    }
}

#[async_trait]
impl ObjectStore for MemoryStore {
    fn list(&self, bucket: &str, prefix: &str, start_after: &str) -> Pages {
        let keys: Vec<String> = self
            .objects
            .keys()
            .filter(|(of, key)| of == bucket && key.starts_with(prefix))
            .map(|(_, key)| key.clone())
            .filter(|key| key.as_str() > start_after)
            .collect();
        let pages: Vec<_> = keys.chunks(3).map(|page| Ok(page.to_vec())).collect();
        stream::iter(pages).boxed()
    }

    async fn get(&self, bucket: &str, key: &str) -> Result<Option<StoredObject>, StoreError> {
        if let Some(delay) = self.delay {
            tokio::time::sleep(delay).await;
        }
        if let Some(kind) = self.errors.get(key) {
            return Err(StoreError {
                action: "s3:GetObject",
                resource: format!("s3://{bucket}/{key}"),
                kind: *kind,
                message: "refused".into(),
            });
        }
        let found = self.objects.get(&(bucket.to_owned(), key.to_owned()));
        Ok(found.map(|(bytes, metadata)| {
            let size = if self.chunk == 0 { bytes.len().max(1) } else { self.chunk };
            let chunks: Vec<_> = bytes.chunks(size).map(|chunk| Ok(chunk.to_vec())).collect();
            StoredObject {
                metadata: (!self.without_metadata).then(|| metadata.clone()),
                body: stream::iter(chunks).boxed(),
            }
        }))
    }
}

impl MemoryStore {
    pub(super) fn and(mut self, chain: &Chain) -> Self {
        self.objects.extend(Self::of(chain).objects);
        self
    }

    pub(super) fn and_file(mut self, bucket: &str, key: &str, bytes: &[u8]) -> Self {
        let place = (bucket.to_owned(), key.to_owned());
        self.objects.insert(place, (bytes.to_vec(), Metadata::default()));
        self
    }
}
