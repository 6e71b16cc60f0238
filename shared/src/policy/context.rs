//! What a party outside can make of a request: for every context key the values that it may have.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Conditions, Known, Truth};

/// For each context key the values among which a request has one. Of keys that are not here
/// nothing is known: whoever asks may choose them (a user agent, a referer, a tag of its own).
#[derive(Debug, Clone, Default)]
pub struct Context(BTreeMap<String, Vec<Known>>);

impl Context {
    /// A context of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same context, in which `key` has one of these values.
    #[must_use]
    pub fn with(mut self, key: &str, options: &[Known]) -> Self {
        self.0.insert(key.to_lowercase(), options.to_vec());
        self
    }
}

impl Conditions {
    /// Whether some request of this context can meet the condition: what an Allow needs to let it
    /// in.
    #[must_use]
    pub fn admit(&self, context: &Context) -> bool {
        self.by_key().all(|(key, tests)| {
            context.0.get(key).is_none_or(|options| {
                options
                    .iter()
                    .any(|known| tests.iter().all(|test| test.given(known) != Truth::False))
            })
        })
    }

    /// Whether every request of this context meets the condition: what a Deny needs to keep it
    /// out.
    #[must_use]
    pub fn surely_hold(&self, context: &Context) -> bool {
        self.by_key().all(|(key, tests)| {
            context.0.get(key).is_some_and(|options| {
                options
                    .iter()
                    .all(|known| tests.iter().all(|test| test.given(known) == Truth::True))
            })
        })
    }

    /// The tests of each key: they are about the same value.
    fn by_key(&self) -> impl Iterator<Item = (&str, Vec<&super::Test>)> {
        let keys: BTreeSet<&str> = self.tests.iter().map(|test| test.key.as_str()).collect();
        keys.into_iter()
            .map(|key| (key, self.tests.iter().filter(|test| test.key == key).collect()))
    }
}
