//! What a caller can watch while the verification runs.

use super::{ChainKind, Problem};

/// How far the work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Digests judged.
    pub digests: u64,
    /// Digests listed in the window: how many there will be, if none is missing.
    pub digests_listed: u64,
    /// Log files judged.
    pub logs: u64,
    /// Bytes read from log files, as stored.
    pub bytes: u64,
}

/// The kind of a judged file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A digest file.
    Digest,
    /// A log file.
    Log,
}

/// The judgement about one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus<'a> {
    /// Everything holds.
    Valid,
    /// Something does not hold; at least one problem.
    Invalid(&'a [Problem]),
    /// A digest whose signature is not to be had, or a log file that only such a digest names.
    Unverifiable,
}

/// Told about the work as it goes; every method does nothing by default.
pub trait Observer: Send + Sync {
    /// A file was judged. Called in the order of the chain.
    fn file(
        &self,
        _chain: ChainKind,
        _kind: FileKind,
        _bucket: &str,
        _key: &str,
        _status: FileStatus<'_>,
    ) {
    }

    /// The chain as a whole fails a requirement: a hole in time, a missing newest digest.
    fn chain(&self, _chain: ChainKind, _problem: &Problem) {}

    /// The work went on. Called often: keep it cheap.
    fn progress(&self, _progress: Progress) {}
}

impl Observer for () {}
