//! The walk along a chain of digests, from the newest back.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures::TryStreamExt;
use jiff::{SignedDuration, Timestamp};

use super::{
    Cause, ChainKind, ChainReport, Error, KeySource, Metadata, ObjectStore, Observer, Problem,
    ProblemCode, PublicKey, Report, Request, TimeGap,
    document::Document,
    judge::{Judgement, Link, Place, Presence, judge},
    location::{DigestKey, Layout, end_in_key},
    logs::LogFile,
    pipeline::{JudgedDigest, Pipeline, Totals},
    prefetch::Prefetch,
    read::{DigestRead, read_digest},
};

/// The time that one digest covers.
const PERIOD: SignedDuration = SignedDuration::from_hours(1);

/// A log file delivered at the end of the window may be named by the next digest.
const SPILL: SignedDuration = SignedDuration::from_hours(1);

/// How far beyond the window the signing keys are asked for.
const KEY_SLACK: SignedDuration = SignedDuration::from_hours(2);

/// Around the time at which a backfill digest was written.
const BACKFILL_KEY_SLACK: SignedDuration = SignedDuration::from_hours(1);

impl Metadata {
    pub(super) fn backfill_time(&self) -> Option<Timestamp> {
        self.backfill_generation.as_deref()?.trim().parse().ok()
    }
}

/// Verifies both chains of a window.
pub(super) async fn verify_window(
    request: &Request,
    store: Arc<dyn ObjectStore>,
    keys: &dyn KeySource,
    observer: &dyn Observer,
) -> Result<Report, Error> {
    let listed = list(request, store.as_ref(), &request.bucket, request.end).await?;
    let mut totals = Totals::default();
    totals.progress.digests_listed = (listed.standard.len() + listed.backfill.len()) as u64;
    observer.progress(totals.progress);
    let mut chains = Vec::with_capacity(2);
    for (kind, listed) in
        [(ChainKind::Standard, listed.standard), (ChainKind::Backfill, listed.backfill)]
    {
        let report = ChainReport::new(kind);
        let walk = Walk {
            request,
            kind,
            store: store.clone(),
            keys: KeyRing::new(request, keys),
            pipeline: Pipeline::new(report, store.clone(), request, observer, &mut totals),
        };
        chains.push(walk.run(listed).await?);
    }
    let mut chains = chains.into_iter();
    let mut next = |kind| chains.next().unwrap_or_else(|| ChainReport::new(kind));
    Ok(Report {
        start: request.start,
        end: request.end,
        standard: next(ChainKind::Standard),
        backfill: next(ChainKind::Backfill),
        bytes: totals.bytes(),
    })
}

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

#[derive(Default)]
struct Listed {
    standard: Vec<DigestKey>,
    backfill: Vec<DigestKey>,
}

/// The digests that end in the window, ascending.
async fn list(
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

/// The public keys of a chain, by fingerprint, fetched when first needed.
pub(super) struct KeyRing<'a> {
    request: &'a Request,
    source: &'a dyn KeySource,
    known: HashMap<String, PublicKey>,
    standard_loaded: bool,
}

impl<'a> KeyRing<'a> {
    fn new(request: &'a Request, source: &'a dyn KeySource) -> Self {
        Self { request, source, known: HashMap::new(), standard_loaded: false }
    }

    /// The key of an hourly digest: among those used in the window.
    pub(super) async fn standard(
        &mut self,
        fingerprint: &str,
    ) -> Result<Option<&PublicKey>, Error> {
        if !self.standard_loaded {
            let end = later(self.request.end, KEY_SLACK);
            self.load(self.request.start, end).await?;
            self.standard_loaded = true;
        }
        Ok(self.known.get(fingerprint))
    }

    /// The key of a backfill digest: among those used when it was written, or from its end on when
    /// that is not known.
    pub(super) async fn backfill(
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
            let from = from.checked_sub(BACKFILL_KEY_SLACK).unwrap_or(from);
            self.load(from, later(to, BACKFILL_KEY_SLACK)).await?;
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

struct Walk<'a> {
    request: &'a Request,
    kind: ChainKind,
    store: Arc<dyn ObjectStore>,
    keys: KeyRing<'a>,
    pipeline: Pipeline<'a>,
}

/// Where the covered time begins, as far as the walk has come.
struct Edge {
    start: Timestamp,
    bucket: String,
    key: String,
    /// The digest there has no predecessor.
    restart: bool,
}

/// The digest to visit next.
struct Visit {
    key: DigestKey,
    link: Option<Link>,
}

impl Walk<'_> {
    async fn run(mut self, mut listed: Vec<DigestKey>) -> Result<ChainReport, Error> {
        let request = self.request;
        let mut bucket = request.bucket.clone();
        self.check_newest(&listed);
        let mut prefetch = self.prefetch(&bucket, &listed);
        let mut visited = HashSet::new();
        let mut edge: Option<Edge> = None;
        let mut next = listed.pop().map(|key| Visit { key, link: None });
        let mut reached = next.as_ref().map(|visit| visit.key.end);

        while let Some(Visit { key, link }) = next.take().filter(|_| reached >= Some(request.start))
        {
            let read = prefetch.take(&key.key, key.end).await?;
            let place = Place { kind: self.kind, bucket: &bucket, key: &key.key };
            let judged = judge(request, &mut self.keys, &place, read, link.as_ref()).await?;
            let Judgement { presence, problems, unverifiable } = judged;
            self.pipeline.digest(JudgedDigest {
                bucket: bucket.clone(),
                key: key.key.clone(),
                problems,
                unverifiable,
            });
            visited.insert((bucket.clone(), key.key.clone()));

            match presence {
                Presence::Absent => next = unlinked(&mut listed, key.end, None),
                Presence::Untrusted(document) => {
                    // Its own times prove nothing; that there was a digest of that hour does.
                    self.cover(&mut edge, &bucket, &key, key.end, earlier(key.end, PERIOD), false);
                    next = unlinked(&mut listed, key.end, document.as_deref());
                }
                Presence::Trusted(document) => {
                    reached = Some(document.start);
                    self.extend_found(&document);
                    let restart = document.previous.is_none();
                    self.cover(&mut edge, &bucket, &key, document.end, document.start, restart);
                    next = match self.follow(&document, &key, &visited) {
                        None => unlinked(&mut listed, key.end, None),
                        Some(visit) => {
                            let previous =
                                document.previous.as_ref().map(|previous| &previous.bucket);
                            if let Some(other) = previous.filter(|other| **other != bucket) {
                                bucket.clone_from(other);
                                let fresh =
                                    list(request, self.store.as_ref(), &bucket, document.end)
                                        .await?;
                                listed = match self.kind {
                                    ChainKind::Standard => fresh.standard,
                                    ChainKind::Backfill => fresh.backfill,
                                };
                                prefetch = self.prefetch(&bucket, &listed);
                            }
                            Some(visit)
                        }
                    };
                    self.read_logs(*document, unverifiable, &key.key).await?;
                }
            }
        }
        self.check_oldest(edge, reached);
        self.pipeline.finish().await
    }

    fn prefetch(&self, bucket: &str, listed: &[DigestKey]) -> Prefetch {
        let limits = &self.request.limits;
        let (depth, limit) = (limits.concurrent_digests, limits.max_digest_bytes);
        Prefetch::new(self.store.clone(), bucket, listed.to_vec(), depth, limit)
    }

    /// The newest digest must be there, and be new enough.
    fn check_newest(&mut self, listed: &[DigestKey]) {
        if self.kind != ChainKind::Standard || !self.request.is_full() {
            return;
        }
        let due = self.request.newest_due();
        let cause = match listed.last() {
            // A short window may not have any digest yet.
            None if due >= self.request.start => Cause::NoneInWindow,
            Some(newest) if newest.end < due => Cause::NewestTooOld { newest: newest.end, due },
            _ => return,
        };
        self.pipeline.problem(Problem {
            code: ProblemCode::DigestMissing,
            bucket: self.request.bucket.clone(),
            key: None,
            cause,
        });
    }

    /// The chain must reach back to the start of the window.
    fn check_oldest(&mut self, edge: Option<Edge>, reached: Option<Timestamp>) {
        let start = self.request.start;
        if let Some(edge) = edge
            && (edge.restart || reached > Some(start))
        {
            self.gap(&edge, start);
        }
    }

    /// Adds a digest that covers `start` to `end` to the covered time.
    fn cover(
        &mut self,
        edge: &mut Option<Edge>,
        bucket: &str,
        key: &DigestKey,
        end: Timestamp,
        start: Timestamp,
        restart: bool,
    ) {
        if let Some(edge) = edge.as_ref() {
            self.gap(edge, end);
        }
        *edge = Some(Edge { start, bucket: bucket.to_owned(), key: key.key.clone(), restart });
    }

    /// Judges the time between `from` and the digest at the edge.
    fn gap(&mut self, edge: &Edge, from: Timestamp) {
        // Backfill digests come only when there is need.
        if self.kind != ChainKind::Standard {
            return;
        }
        let (to, restart) = (edge.start, edge.restart);
        let long = to.duration_since(from) > self.request.gap_tolerance;
        if long {
            self.pipeline.report_mut().gaps.push(TimeGap { from, to, restart });
        }
        let inside = to > self.request.start;
        let cause = match restart {
            true if inside && !self.request.allow_chain_restart => {
                Cause::Restart { from: from.min(to), to }
            }
            false if long => Cause::Hole { from, to },
            _ => return,
        };
        if self.request.is_full() {
            self.pipeline.problem(Problem {
                code: ProblemCode::DigestChainGap,
                bucket: edge.bucket.clone(),
                key: Some(edge.key.clone()),
                cause,
            });
        }
    }

    /// The digest that a trusted one names as its predecessor.
    fn follow(
        &mut self,
        document: &Document,
        key: &DigestKey,
        visited: &HashSet<(String, String)>,
    ) -> Option<Visit> {
        let previous = document.previous.clone()?;
        let link = Link {
            hash: previous.hash,
            signature: document.previous_signature.clone(),
            trusted: true,
        };
        let place = (previous.bucket, previous.key);
        if visited.contains(&place) {
            self.pipeline.problem(Problem {
                code: ProblemCode::DigestLinkMismatch,
                bucket: document.bucket.clone(),
                key: Some(key.key.clone()),
                cause: Cause::LinkCycle,
            });
            return None;
        }
        let end = end_in_key(&place.1).unwrap_or(document.start);
        Some(Visit { key: DigestKey { key: place.1, end }, link: Some(link) })
    }

    fn extend_found(&mut self, document: &Document) {
        let from = document.start.max(self.request.start);
        let to = document.end.min(self.request.end);
        let found = &mut self.pipeline.report_mut().found;
        *found = Some(match *found {
            None => (from, to),
            Some((first, last)) => (first.min(from), last.max(to)),
        });
    }

    async fn read_logs(
        &mut self,
        document: Document,
        unverifiable: bool,
        key: &str,
    ) -> Result<(), Error> {
        let bucket: Arc<str> = document.bucket.into();
        if let Some(algorithm) = document.unknown_algorithm {
            return Err(Error::UnknownHashAlgorithm {
                bucket: bucket.to_string(),
                key: key.to_owned(),
                algorithm,
            });
        }
        for log in document.logs {
            let file = LogFile {
                bucket: log.bucket.map_or_else(|| bucket.clone(), Arc::from),
                key: log.key,
                hash: log.hash,
            };
            self.pipeline.log(file, !unverifiable).await?;
        }
        Ok(())
    }
}

fn earlier(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// The next listed digest that ends before `end`, when no trusted digest names it. If the one after
/// it says something about it, that is a hint for a store without signatures.
fn unlinked(
    listed: &mut Vec<DigestKey>,
    end: Timestamp,
    after: Option<&Document>,
) -> Option<Visit> {
    while let Some(key) = listed.pop() {
        if key.end < end {
            let named = after.filter(|after| {
                after.previous.as_ref().is_some_and(|previous| previous.key == key.key)
            });
            let link = named.map(|after| Link {
                hash: None,
                signature: after.previous_signature.clone(),
                trusted: false,
            });
            return Some(Visit { key, link });
        }
    }
    None
}
