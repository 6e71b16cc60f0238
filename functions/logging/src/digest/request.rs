//! What to verify, and within which limits.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::{Error, TrailArn};

/// How much is asked of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Strictness {
    /// All requirements: besides signatures and log hashes also the hash links, holes in time,
    /// restarts, missing newest digests, and gzip streams that end early.
    #[default]
    Full,
    /// What `aws cloudtrail validate-logs` asks (version 1.46), with the same counts on the same
    /// files.
    AwsCli,
}

/// Bounds on work and memory.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most log files to read. When the window names more, the answer is an error.
    pub max_log_files: u64,
    /// Largest accepted digest document, inflated, in bytes.
    pub max_digest_bytes: usize,
    /// Digests fetched ahead of the walk.
    pub concurrent_digests: usize,
    /// Log files in flight; each takes a few hundred kilobytes, whatever its size.
    pub concurrent_logs: usize,
    /// When to give up, with an error. `None`: never.
    pub deadline: Option<Instant>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_log_files: u64::MAX,
            max_digest_bytes: 32 << 20,
            concurrent_digests: 8,
            concurrent_logs: 32,
            deadline: None,
        }
    }
}

/// One account and one source Region of one trail, over one window of time.
#[derive(Clone, Debug)]
pub struct Request {
    /// The trail; names the home Region, the owner and the trail name.
    pub trail: TrailArn,
    /// Bucket in which the newest digests are.
    pub bucket: String,
    /// Key prefix of the trail in that bucket, without the slash that follows it.
    pub prefix: Option<String>,
    /// Account whose activity is verified (a member, for an organization trail).
    pub account_id: String,
    /// `o-…` for an organization trail: its keys have this component.
    pub organization_id: Option<String>,
    /// Region whose activity is verified; public keys are Regional too.
    pub source_region: String,
    /// Start of the window.
    pub start: Timestamp,
    /// End of the window. Digests up to one hour later are read too, because a log file that was
    /// delivered late is in the next one.
    pub end: Timestamp,
    /// The clock by which the newest digest is old.
    pub now: Timestamp,
    /// Slack between the start of a digest and the end of the one before.
    pub gap_tolerance: SignedDuration,
    /// Oldest accepted end of the newest digest, before `now` or before `end`, whichever is first.
    pub max_digest_age: SignedDuration,
    /// Accept a starting digest inside the window (validation or logging was off for a while).
    pub allow_chain_restart: bool,
    /// How much is asked.
    pub strictness: Strictness,
    /// Bounds on work and memory.
    pub limits: Limits,
}

impl Request {
    /// A request for the trail's own account and home Region, with the defaults of the control:
    /// five minutes of tolerance, three hours of age, no restart.
    pub fn new(
        trail: TrailArn,
        bucket: impl Into<String>,
        start: Timestamp,
        end: Timestamp,
    ) -> Self {
        Self {
            bucket: bucket.into(),
            prefix: None,
            account_id: trail.account_id().to_owned(),
            organization_id: None,
            source_region: trail.home_region().to_owned(),
            trail,
            start,
            end,
            now: end,
            gap_tolerance: SignedDuration::from_mins(5),
            max_digest_age: SignedDuration::from_hours(3),
            allow_chain_restart: false,
            strictness: Strictness::Full,
            limits: Limits::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.start > self.end {
            return Err(Error::InvalidRange { start: self.start, end: self.end });
        }
        Ok(())
    }

    pub(super) fn is_full(&self) -> bool {
        self.strictness == Strictness::Full
    }

    /// The time before which the newest digest of the window must not end.
    pub(super) fn newest_due(&self) -> Timestamp {
        self.now.min(self.end).checked_sub(self.max_digest_age).unwrap_or(Timestamp::MIN)
    }
}
