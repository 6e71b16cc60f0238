//! Fetching digests ahead of the walk.

use std::{collections::VecDeque, sync::Arc};

use jiff::Timestamp;

use super::{
    Error, ObjectStore,
    location::DigestKey,
    read::{DigestRead, read_digest},
    task::Spawned,
};

/// Fetches the listed digests of one bucket from the newest back, a few at a time. The walk nearly
/// always asks for them in that order; what it asks for out of order is fetched then.
pub(super) struct Prefetch {
    store: Arc<dyn ObjectStore>,
    bucket: Arc<str>,
    /// Ascending.
    upcoming: Vec<DigestKey>,
    running: VecDeque<(DigestKey, Spawned<Result<DigestRead, Error>>)>,
    depth: usize,
    limit: usize,
}

impl Prefetch {
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        bucket: &str,
        listed: Vec<DigestKey>,
        depth: usize,
        limit: usize,
    ) -> Self {
        let mut prefetch = Self {
            store,
            bucket: bucket.into(),
            upcoming: listed,
            running: VecDeque::new(),
            depth: depth.max(1),
            limit,
        };
        prefetch.fill();
        prefetch
    }

    /// The digest at `key`, which ends at `end`.
    pub(super) async fn take(&mut self, key: &str, end: Timestamp) -> Result<DigestRead, Error> {
        // What lies after the wanted digest was skipped.
        self.running.retain(|(running, _)| running.end < end || running.key == key);
        self.upcoming.retain(|upcoming| upcoming.end <= end);
        self.fill();
        let position = self.running.iter().position(|(running, _)| running.key == key);
        match position.and_then(|position| self.running.remove(position)) {
            Some((_, task)) => {
                self.fill();
                task.await?
            }
            None => read_digest(self.store.as_ref(), &self.bucket, key, self.limit).await,
        }
    }

    fn fill(&mut self) {
        while self.running.len() < self.depth {
            let Some(next) = self.upcoming.pop() else { return };
            let (store, bucket) = (self.store.clone(), self.bucket.clone());
            let (key, limit) = (next.key.clone(), self.limit);
            let task =
                Spawned::new(
                    async move { read_digest(store.as_ref(), &bucket, &key, limit).await },
                );
            self.running.push_back((next, task));
        }
    }
}
