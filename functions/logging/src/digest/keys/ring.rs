//! The public keys that one chain needs.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::{KeySource, PublicKey};
use crate::digest::{Error, Request};

/// How far beyond the window the signing keys are asked for.
const SLACK: SignedDuration = SignedDuration::from_hours(2);

/// Around the time at which a backfill digest was written.
const BACKFILL_SLACK: SignedDuration = SignedDuration::from_hours(1);

/// The public keys of a chain, by fingerprint, fetched when first needed.
pub(in crate::digest) struct KeyRing<'a> {
    request: &'a Request,
    source: &'a dyn KeySource,
    known: HashMap<String, PublicKey>,
    standard_loaded: bool,
}

impl<'a> KeyRing<'a> {
    pub(in crate::digest) fn new(request: &'a Request, source: &'a dyn KeySource) -> Self {
        Self { request, source, known: HashMap::new(), standard_loaded: false }
    }

    /// The key of an hourly digest: among those used in the window.
    pub(in crate::digest) async fn standard(
        &mut self,
        fingerprint: &str,
    ) -> Result<Option<&PublicKey>, Error> {
        if !self.standard_loaded {
            let end = later(self.request.end, SLACK);
            self.load(self.request.start, end).await?;
            self.standard_loaded = true;
        }
        Ok(self.known.get(fingerprint))
    }

    /// The key of a backfill digest: among those used when it was written, or from its end on when
    /// that is not known.
    pub(in crate::digest) async fn backfill(
        &mut self,
        fingerprint: &str,
        written: Option<Timestamp>,
        end: Timestamp,
    ) -> Result<Option<&PublicKey>, Error> {
        if !self.known.contains_key(fingerprint) {
            let (from, to) = match written {
                Some(written) => (written, written),
                None => (end, self.request.now.max(end)),
            };
            let from = from.checked_sub(BACKFILL_SLACK).unwrap_or(from);
            self.load(from, later(to, BACKFILL_SLACK)).await?;
        }
        Ok(self.known.get(fingerprint))
    }

    async fn load(&mut self, start: Timestamp, end: Timestamp) -> Result<(), Error> {
        let region = &self.request.source_region;
        let keys = self.source.keys(region, start, end).await?;
        if keys.is_empty() {
            let region = region.clone();
            return Err(Error::NoPublicKeys { region, start, end });
        }
        self.known.extend(keys.into_iter().map(|key| (key.fingerprint.clone(), key)));
        Ok(())
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}
