//! The walk along a chain of digests, from the newest back.

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;

use super::{
    Cause, ChainKind, ChainReport, Error, KeySource, ObjectStore, Observer, Problem, ProblemCode,
    Report, Request,
    coverage::{Coverage, Span},
    document::Document,
    judge::{Judgement, Link, Place, Presence, judge},
    keys::KeyRing,
    listing::list,
    location::{DigestKey, end_in_key},
    logs::LogFile,
    pipeline::{JudgedDigest, Pipeline, Totals},
    prefetch::Prefetch,
};

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

struct Walk<'a> {
    request: &'a Request,
    kind: ChainKind,
    store: Arc<dyn ObjectStore>,
    keys: KeyRing<'a>,
    pipeline: Pipeline<'a>,
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
        let mut coverage = Coverage::new(request, self.kind);
        let mut visited = HashSet::new();
        let mut next = listed.pop().map(|key| Visit { key, link: None });
        let mut reached = next.as_ref().map(|visit| visit.key.end);

        while let Some(Visit { key, link }) = next.take().filter(|_| reached >= Some(request.start))
        {
            let read = prefetch.take(&key.key, key.end).await?;
            let place = Place { kind: self.kind, bucket: &bucket, key: &key.key };
            let judged = judge(request, &mut self.keys, &place, read, link.as_ref()).await?;
            let Judgement { presence, problems, unverifiable } = judged;
            visited.insert((bucket.clone(), key.key.clone()));
            self.pipeline.digest(JudgedDigest {
                bucket: bucket.clone(),
                key: key.key.clone(),
                problems,
                unverifiable,
            });
            match presence {
                Presence::Absent => next = unlinked(&mut listed, key.end, None),
                Presence::Untrusted(document) => {
                    let gap = coverage.add(Span::assumed(key.end), &bucket, &key.key);
                    self.pipeline.problems(gap);
                    next = unlinked(&mut listed, key.end, document.as_deref());
                }
                Presence::Trusted(document) => {
                    reached = Some(document.start);
                    self.extend_found(&document);
                    let gap = coverage.add(Span::of(&document, !unverifiable), &bucket, &key.key);
                    self.pipeline.problems(gap);
                    next = match self.follow(&document, &key, &visited) {
                        None => unlinked(&mut listed, key.end, None),
                        Some((other, visit)) => {
                            if other != bucket {
                                bucket = other;
                                let end = document.end;
                                let fresh = list(request, self.store.as_ref(), &bucket, end);
                                listed = fresh.await?.of(self.kind);
                                prefetch = self.prefetch(&bucket, &listed);
                            }
                            Some(visit)
                        }
                    };
                    self.read_logs(*document, unverifiable, &key.key).await?;
                }
            }
        }
        let (gap, gaps) = coverage.finish(reached);
        self.pipeline.problems(gap);
        self.pipeline.report_mut().gaps = gaps;
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
        self.pipeline.problems([Problem {
            code: ProblemCode::DigestMissing,
            bucket: self.request.bucket.clone(),
            key: None,
            cause,
        }]);
    }

    /// The digest that a trusted one names as its predecessor, and its bucket.
    fn follow(
        &mut self,
        document: &Document,
        key: &DigestKey,
        visited: &HashSet<(String, String)>,
    ) -> Option<(String, Visit)> {
        let previous = document.previous.clone()?;
        let link = Link {
            hash: previous.hash,
            signature: document.previous_signature.clone(),
            trusted: true,
        };
        let place = (previous.bucket, previous.key);
        if visited.contains(&place) {
            self.pipeline.problems([Problem {
                code: ProblemCode::DigestLinkMismatch,
                bucket: document.bucket.clone(),
                key: Some(key.key.clone()),
                cause: Cause::LinkCycle,
            }]);
            return None;
        }
        let end = end_in_key(&place.1).unwrap_or(document.start);
        let (bucket, key) = place;
        Some((bucket, Visit { key: DigestKey { key, end }, link: Some(link) }))
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
