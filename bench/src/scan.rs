//! Measurement 3: scanning snapshots.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Peers;
use crate::error::{Error, at};
use crate::measure::{Job, Median, in_turns};
use crate::sample;

/// The controls that `peers/rules.guard` states too.
const COMPARED: [&str; 6] = [
    "s3-public-access",
    "security-group-ingress",
    "encryption-at-rest",
    "iam-least-privilege",
    "multi-az",
    "load-balancer-tls",
];

/// One row: a tool over one snapshot.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// What ran.
    pub(crate) what: String,
    /// Items in the snapshot.
    pub(crate) items: usize,
    /// Bytes of the snapshot.
    pub(crate) bytes: u64,
    /// Processors it had.
    pub(crate) cores: usize,
    /// What it took.
    pub(crate) took: Median,
}

/// All rows, by size and then in the order in which they ran.
///
/// # Errors
/// When a tool fails.
pub(crate) fn measure(
    fisc: &Path,
    peers: &Peers,
    sizes: &[usize],
    rounds: usize,
) -> Result<Vec<Row>, Error> {
    let own = std::env::current_exe().map_err(at(&"this program"))?;
    let place = tempfile::tempdir().map_err(at(&"a temporary folder"))?;
    let rules = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/rules.guard"));
    let mut rows = Vec::new();
    for &items in sizes {
        let file = place.path().join(format!("{items}.json"));
        sample::write(&file, items)?;
        let bytes = file.metadata().map_err(at(&file.display()))?.len();
        let name = file.display().to_string();
        let out = place.path().join("out").display().to_string();
        // The clock is fixed: the sample's ages do not change from run to run.
        let at_time = ["--at", "2026-11-01T00:00:00Z"];
        // 1: there are failures, 2: the sample has items that cannot be judged.
        let scan = |format: &str| {
            let words = ["scan", &name, "--format", format, "--output", &out];
            Job::new(fisc).args(words).args(at_time).or_codes(&[1, 2])
        };
        let mut jobs: Vec<(String, usize, Job)> = Vec::new();
        let mut add = |what: &str, cores: usize, job: Job| {
            jobs.push((what.to_owned(), cores, job.on_cores(cores)));
        };
        let floor = |how: &str| Job::new(&own).args(["floor-json", &name, "--how", how]);
        add("serde_json, into values", 1, floor("values"));
        add("serde_json, syntax only", 1, floor("syntax"));
        for cores in [1, 2] {
            add("fisc scan, all controls, CSV", cores, scan("csv"));
            add("fisc scan, all controls, JSON", cores, scan("json"));
        }
        if let Some(guard) = peers.cfn_guard.as_ref().filter(|_| items <= peers.guard_most) {
            let some = COMPARED.iter().flat_map(|control| ["--control", control]);
            add("fisc scan, the compared controls, JSON", 1, scan("json").args(some));
            let rules = rules.display().to_string();
            let words = ["validate", "--rules", &rules, "--data", &name];
            // 19: a rule fails.
            let job = Job::new(guard)
                .args(words)
                .args(["--show-summary", "none", "--output-format", "json", "--structured"])
                .or_codes(&[19]);
            add("cfn-guard, the compared controls", 1, job);
        }
        let all: Vec<Job> = jobs.iter().map(|(_, _, job)| job.clone()).collect();
        // A million items take minutes: the median of three is as good as of seven.
        let rounds = if items > 100_000 { rounds.min(3) } else { rounds };
        for ((what, cores, _), took) in jobs.into_iter().zip(in_turns(&all, rounds)?) {
            rows.push(Row { what, items, bytes, cores, took });
        }
        std::fs::remove_file(&file).map_err(at(&file.display()))?;
    }
    Ok(rows)
}
