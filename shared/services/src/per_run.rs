//! Answers that many resources share, asked for once within a run.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use fisc_shared::{Error, Run};
use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell};

type Cells<K, T> = HashMap<K, Arc<OnceCell<T>>>;

/// What was answered in the run under way; a later run asks anew.
#[derive(Debug)]
pub struct PerRun<K, T>(Mutex<(Option<Timestamp>, Cells<K, T>)>);

impl<K, T> Default for PerRun<K, T> {
    fn default() -> Self {
        Self(Mutex::new((None, HashMap::new())))
    }
}

impl<K: Eq + Hash, T: Clone> PerRun<K, T> {
    /// The answer to `key`, by `ask` when nobody asked before. The lock is held for the look into
    /// the map only: those who ask the same wait for the one answer, others do not.
    ///
    /// # Errors
    /// Those of `ask`; the next one asks again.
    pub async fn get<F: Future<Output = Result<T, Error>>>(
        &self,
        run: &Run<'_>,
        key: K,
        ask: impl FnOnce() -> F,
    ) -> Result<T, Error> {
        let cell = {
            let mut known = self.0.lock().await;
            if known.0 != Some(run.now) {
                *known = (Some(run.now), HashMap::new());
            }
            Arc::clone(known.1.entry(key).or_default())
        };
        cell.get_or_try_init(ask).await.cloned()
    }
}
