//! Which time the digests of a chain cover.

use jiff::{SignedDuration, Timestamp};

use super::{Cause, ChainKind, Problem, ProblemCode, Request, TimeGap, document::Document};

/// The time that one digest covers.
const PERIOD: SignedDuration = SignedDuration::from_hours(1);

/// Time covered by one digest.
pub(super) struct Span {
    start: Timestamp,
    end: Timestamp,
    /// It has no predecessor.
    first: bool,
    /// Its signature was verified.
    proven: bool,
}

impl Span {
    pub(super) fn of(document: &Document, proven: bool) -> Self {
        let Document { start, end, .. } = *document;
        Self { start, end, first: document.previous.is_none(), proven }
    }

    /// Of a digest that cannot be believed. Its own times prove nothing; that there was a digest
    /// of that hour does, and it is reported anyway.
    pub(super) fn assumed(end: Timestamp) -> Self {
        let start = end.checked_sub(PERIOD).unwrap_or(Timestamp::MIN);
        Self { start, end, first: false, proven: false }
    }
}

/// The covered time, growing from the newest digest back.
pub(super) struct Coverage<'a> {
    request: &'a Request,
    kind: ChainKind,
    oldest: Option<(Span, String, String)>,
    gaps: Vec<TimeGap>,
}

impl<'a> Coverage<'a> {
    pub(super) fn new(request: &'a Request, kind: ChainKind) -> Self {
        Self { request, kind, oldest: None, gaps: Vec::new() }
    }

    /// Adds the next older digest; a problem when time is left between it and the one before.
    pub(super) fn add(&mut self, span: Span, bucket: &str, key: &str) -> Option<Problem> {
        let problem = self.close(span.end);
        self.oldest = Some((span, bucket.to_owned(), key.to_owned()));
        problem
    }

    /// The walk came to its end at `reached`; a problem when that is inside the window.
    pub(super) fn finish(&mut self, reached: Option<Timestamp>) -> (Option<Problem>, Vec<TimeGap>) {
        let start = self.request.start;
        let first = self.oldest.as_ref().is_some_and(|(span, ..)| span.first);
        let problem = if first || reached > Some(start) { self.close(start) } else { None };
        (problem, std::mem::take(&mut self.gaps))
    }

    /// Judges the time between `from` and the oldest digest so far.
    fn close(&mut self, from: Timestamp) -> Option<Problem> {
        // Backfill digests come only when there is need.
        let standard = self.kind == ChainKind::Standard;
        let (span, bucket, key) = self.oldest.take().filter(|_| standard)?;
        let (to, restart) = (span.start, span.first);
        let long = to.duration_since(from) > self.request.gap_tolerance;
        if long {
            self.gaps.push(TimeGap { from, to, restart });
        }
        // Who can write to the bucket can write an unsigned digest without predecessor.
        let accepted = self.request.allow_chain_restart && span.proven;
        let cause = match restart {
            true if to > self.request.start && !accepted => {
                Cause::Restart { from: from.min(to), to }
            }
            false if long => Cause::Hole { from, to },
            _ => return None,
        };
        let code = ProblemCode::DigestChainGap;
        self.request.is_full().then_some(Problem { code, bucket, key: Some(key), cause })
    }
}
