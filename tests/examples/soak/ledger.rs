//! The books: what was delivered, what arrived, and what does not add up.

use std::collections::BTreeMap;

use fisc_testkit::aws::{Call, FakeAws, REGION};
use serde_json::Value;

use crate::load::{self, Change, Load};

const ACCOUNT: &str = fisc_testkit::aws::ACCOUNT;

/// What became of one change.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Invocations with it, repeated ones too.
    delivered: u32,
    /// Evaluations of it that Config stored.
    stored: u32,
}

/// The books.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    /// The newest change of each bucket.
    newest: BTreeMap<u32, Change>,
    /// Evaluations stored again because their answer was lost.
    pub(crate) answers_lost: u64,
    /// Successful PutEvaluations and BatchImportFindings.
    pub(crate) puts: u64,
    pub(crate) imports: u64,
    /// Calls that failed on purpose.
    pub(crate) faults: u64,
    /// Findings in successful imports.
    pub(crate) findings_sent: u64,
}

/// What does not add up; all zero: every event is accounted for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// Changes of which Config never got an evaluation.
    pub(crate) lost: u64,
    /// Evaluations beyond the deliveries (and answers that were lost).
    pub(crate) doubled: u64,
    /// Buckets whose result in Config is not that of the newest change.
    pub(crate) wrong_results: u64,
    /// Buckets whose finding is missing, or is not what Config holds.
    pub(crate) wrong_findings: u64,
    /// Findings or results of what never changed.
    pub(crate) strangers: u64,
}

impl Ledger {
    pub(crate) fn delivered(&mut self, change: Change) {
        let place = usize::try_from(change.serial).expect("small");
        if self.entries.len() <= place {
            self.entries.resize(place + 1, Entry::default());
        }
        self.entries[place].delivered += 1;
        let newest = self.newest.entry(change.bucket).or_insert(change);
        if change.serial > newest.serial {
            *newest = change;
        }
    }

    /// Books calls that arrived at the emulated AWS.
    pub(crate) fn book(&mut self, load: &Load, calls: &[Call]) {
        for call in calls {
            if call.status != 200 {
                self.faults += 1;
                continue;
            }
            let list = |name: &str| call.body[name].as_array().cloned().unwrap_or_default();
            if call.operation == "BatchImportFindings" {
                self.imports += 1;
                self.findings_sent += list("Findings").len() as u64;
                continue;
            }
            self.puts += 1;
            for evaluation in list("Evaluations") {
                let ordering = evaluation["OrderingTimestamp"].as_f64().unwrap_or_default();
                let place = usize::try_from(load.serial(ordering)).expect("small");
                if let Some(entry) = self.entries.get_mut(place) {
                    entry.stored += 1;
                }
            }
        }
    }

    pub(crate) fn changes(&self) -> u64 {
        self.entries.iter().filter(|entry| entry.delivered > 0).count() as u64
    }

    pub(crate) fn deliveries(&self) -> u64 {
        self.entries.iter().map(|entry| u64::from(entry.delivered)).sum()
    }

    pub(crate) fn buckets(&self) -> usize {
        self.newest.len()
    }

    /// Compares the books with what Config and Security Hub hold.
    pub(crate) fn gaps(&self, aws: &FakeAws, rule: &str) -> Gaps {
        let mut gaps = Gaps::default();
        let mut beyond = 0;
        for entry in self.entries.iter().filter(|entry| entry.delivered > 0) {
            gaps.lost += u64::from(entry.stored == 0);
            beyond += u64::from(entry.stored.saturating_sub(entry.delivered));
        }
        gaps.doubled = beyond.saturating_sub(self.answers_lost);
        let results = aws.config().results(rule);
        let findings: BTreeMap<String, Value> = aws
            .securityhub()
            .findings()
            .into_iter()
            .map(|finding| (finding["Id"].as_str().unwrap_or_default().to_owned(), finding))
            .collect();
        let excess = |held: usize| held.saturating_sub(self.newest.len()) as u64;
        gaps.strangers = excess(results.len()) + excess(findings.len());
        let results: BTreeMap<&str, _> =
            results.iter().map(|result| (result.resource_id.as_str(), result)).collect();
        for (&bucket, newest) in &self.newest {
            let name = load::name(bucket);
            let (compliance, status) =
                if newest.good { ("COMPLIANT", "PASSED") } else { ("NON_COMPLIANT", "FAILED") };
            let held = results.get(name.as_str());
            gaps.wrong_results += u64::from(held.is_none_or(|held| held.compliance != compliance));
            let id =
                format!("fisc-config-rules/{ACCOUNT}/{REGION}/s3-tls-only/AWS::S3::Bucket/{name}");
            let finding = findings.get(&id);
            gaps.wrong_findings +=
                u64::from(finding.is_none_or(|one| one["Compliance"]["Status"] != status));
        }
        gaps
    }
}
