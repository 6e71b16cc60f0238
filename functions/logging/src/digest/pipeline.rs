//! Judgements in the order of the chain, while log files are read many at a time.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    ChainReport, Error, FileKind, FileStatus, ObjectStore, Observer, Problem, Progress, StoreError,
    logs::{LogFile, check_log},
    task::Spawned,
};

/// Takes judged digests and unjudged log files, and puts all judgements into the report in the
/// order in which they came. At most `limit` log files wait or run, so that memory stays bounded
/// whatever the number of files.
pub(super) struct Pipeline<'a> {
    store: Arc<dyn ObjectStore>,
    observer: &'a dyn Observer,
    report: ChainReport,
    queue: VecDeque<Step>,
    running: usize,
    limit: usize,
    max_log_files: u64,
    full: bool,
    totals: &'a mut Totals,
}

/// What counts across the chains.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) progress: Progress,
    started_logs: u64,
    bytes: Arc<AtomicU64>,
}

impl Totals {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// A judged digest.
pub(super) struct JudgedDigest {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) problems: Vec<Problem>,
    /// There is no signature to verify.
    pub(super) unverifiable: bool,
}

enum Step {
    Digest(JudgedDigest),
    Problem(Problem),
    Log {
        file: LogFile,
        /// Its digest is proven.
        proven: bool,
        task: Spawned<Result<Option<Problem>, StoreError>>,
    },
}

impl<'a> Pipeline<'a> {
    pub(super) fn new(
        report: ChainReport,
        store: Arc<dyn ObjectStore>,
        request: &super::Request,
        observer: &'a dyn Observer,
        totals: &'a mut Totals,
    ) -> Self {
        Self {
            store,
            observer,
            report,
            queue: VecDeque::new(),
            running: 0,
            limit: request.limits.concurrent_logs.max(1),
            max_log_files: request.limits.max_log_files,
            full: request.is_full(),
            totals,
        }
    }

    /// What the chain as a whole shows.
    pub(super) fn report_mut(&mut self) -> &mut ChainReport {
        &mut self.report
    }

    pub(super) fn digest(&mut self, digest: JudgedDigest) {
        self.queue.push_back(Step::Digest(digest));
    }

    /// Problems of the chain as a whole.
    pub(super) fn problems(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.queue.extend(problems.into_iter().map(Step::Problem));
    }

    /// Starts reading a log file; waits for the oldest first when too many are under way.
    pub(super) async fn log(&mut self, file: LogFile, proven: bool) -> Result<(), Error> {
        if self.totals.started_logs >= self.max_log_files {
            let limit = self.max_log_files;
            return Err(Error::TooManyLogFiles { limit });
        }
        self.totals.started_logs += 1;
        while self.running >= self.limit {
            self.settle_first().await?;
        }
        let (store, full) = (self.store.clone(), self.full);
        let (task_file, bytes) = (file.clone(), self.totals.bytes.clone());
        let task =
            Spawned::new(async move { check_log(store.as_ref(), &task_file, full, &bytes).await });
        self.running += 1;
        self.queue.push_back(Step::Log { file, proven, task });
        Ok(())
    }

    /// Waits for everything.
    pub(super) async fn finish(mut self) -> Result<ChainReport, Error> {
        while !self.queue.is_empty() {
            self.settle_first().await?;
        }
        Ok(self.report)
    }

    async fn settle_first(&mut self) -> Result<(), Error> {
        match self.queue.pop_front() {
            None => return Ok(()),
            Some(Step::Problem(problem)) => {
                self.observer.chain(self.report.kind, &problem);
                self.report.problems.push(problem);
            }
            Some(Step::Digest(digest)) => self.settle_digest(digest),
            Some(Step::Log { file, proven, task }) => {
                let problem = task.await??;
                self.running -= 1;
                self.settle_log(&file, proven, problem);
            }
        }
        self.totals.progress.bytes = self.totals.bytes();
        self.observer.progress(self.totals.progress);
        Ok(())
    }

    fn settle_digest(&mut self, digest: JudgedDigest) {
        let JudgedDigest { bucket, key, problems, unverifiable } = digest;
        self.totals.progress.digests += 1;
        let tally = &mut self.report.digests;
        let status = if !problems.is_empty() {
            tally.invalid += 1;
            FileStatus::Invalid(&problems)
        } else if unverifiable {
            tally.unverifiable += 1;
            FileStatus::Unverifiable
        } else {
            tally.valid += 1;
            FileStatus::Valid
        };
        self.observer.file(self.report.kind, FileKind::Digest, &bucket, &key, status);
        if unverifiable {
            self.report.unverifiable_digests.push(key);
        }
        self.report.problems.extend(problems);
    }

    fn settle_log(&mut self, file: &LogFile, proven: bool, problem: Option<Problem>) {
        self.totals.progress.logs += 1;
        let tally = &mut self.report.logs;
        let status = if let Some(problem) = &problem {
            tally.invalid += 1;
            FileStatus::Invalid(std::slice::from_ref(problem))
        } else if proven {
            tally.valid += 1;
            FileStatus::Valid
        } else {
            tally.unverifiable += 1;
            FileStatus::Unverifiable
        };
        self.observer.file(self.report.kind, FileKind::Log, &file.bucket, &file.key, status);
        self.report.problems.extend(problem);
    }
}
