//! What a verification found.

use jiff::Timestamp;

use super::Problem;

/// CloudTrail keeps two chains per account and Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChainKind {
    /// The hourly digests.
    Standard,
    /// Digests written later for log files that the hourly ones missed; only now and then.
    Backfill,
}

/// Files by judgement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Everything holds.
    pub valid: u64,
    /// Something does not hold.
    pub invalid: u64,
    /// Neither could be shown: see [`ChainReport::unverifiable_digests`].
    pub unverifiable: u64,
}

impl Tally {
    /// All files counted.
    pub fn total(self) -> u64 {
        self.valid + self.invalid + self.unverifiable
    }
}

impl std::ops::Add for Tally {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            valid: self.valid + other.valid,
            invalid: self.invalid + other.invalid,
            unverifiable: self.unverifiable + other.unverifiable,
        }
    }
}

/// Time between two neighbouring digests that neither covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeGap {
    /// End of the earlier digest, or the start of the window.
    pub from: Timestamp,
    /// Start of the later digest.
    pub to: Timestamp,
    /// The later digest is the first of a new chain: validation or logging was off. Otherwise
    /// digests are missing.
    pub restart: bool,
}

/// What was found in one chain.
#[derive(Clone, Debug)]
pub struct ChainReport {
    /// Which chain.
    pub kind: ChainKind,
    /// Its digests. A missing digest counts as invalid; consecutive missing ones count once,
    /// because only the first is known by name.
    pub digests: Tally,
    /// The log files that its digests name.
    pub logs: Tally,
    /// What is wrong, from the newest digest back.
    pub problems: Vec<Problem>,
    /// The covered part of the window: from the earliest start to the latest end of its digests.
    pub found: Option<(Timestamp, Timestamp)>,
    /// Holes in the standard chain, from the newest back.
    pub gaps: Vec<TimeGap>,
    /// Keys of digests without a successor to read the signature from, in a store without object
    /// metadata. Their content, and so their list of log files, is not proven.
    pub unverifiable_digests: Vec<String>,
}

impl ChainReport {
    pub(super) fn new(kind: ChainKind) -> Self {
        Self {
            kind,
            digests: Tally::default(),
            logs: Tally::default(),
            problems: Vec::new(),
            found: None,
            gaps: Vec::new(),
            unverifiable_digests: Vec::new(),
        }
    }
}

/// What was found in the window.
#[derive(Clone, Debug)]
pub struct Report {
    /// Start of the window.
    pub start: Timestamp,
    /// End of the window.
    pub end: Timestamp,
    /// The hourly digests.
    pub standard: ChainReport,
    /// The backfill digests.
    pub backfill: ChainReport,
    /// Bytes read from log files, as stored.
    pub bytes: u64,
}

impl Report {
    /// Both chains.
    pub fn chains(&self) -> [&ChainReport; 2] {
        [&self.standard, &self.backfill]
    }

    /// All problems: the standard chain's, then the backfill chain's.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.standard.problems.iter().chain(&self.backfill.problems)
    }

    /// No problem was found.
    pub fn is_valid(&self) -> bool {
        self.problems().next().is_none()
    }

    /// No digest was found, nor was one due.
    pub fn is_empty(&self) -> bool {
        self.is_valid() && self.digests().total() == 0
    }

    /// The digests of both chains.
    pub fn digests(&self) -> Tally {
        self.standard.digests + self.backfill.digests
    }

    /// The log files of both chains.
    pub fn logs(&self) -> Tally {
        self.standard.logs + self.backfill.logs
    }

    /// The covered part of the window, by both chains.
    pub fn found(&self) -> Option<(Timestamp, Timestamp)> {
        let ranges = || self.chains().into_iter().filter_map(|chain| chain.found);
        let from = ranges().map(|range| range.0).min()?;
        let to = ranges().map(|range| range.1).max()?;
        Some((from, to))
    }
}
