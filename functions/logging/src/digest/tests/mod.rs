//! The engine against generated chains.

mod faults;
mod keys;
mod memory;
mod mutations;
mod s3;
mod verdicts;

use std::sync::{Arc, Mutex};

use fisc_testkit::digests::{Chain, Damage, Plan};
use jiff::{SignedDuration, Timestamp};

use super::*;
use memory::MemoryStore;

/// Digests end a minute and a half after the hour, as CloudTrail's do.
fn start() -> Timestamp {
    "2026-03-01T20:01:30Z".parse().unwrap()
}

fn plan(hours: usize) -> Plan {
    Plan::new(start(), hours)
}

/// A window that begins in the second hour of the chain and ends, now, shortly after the last.
fn request(plan: &Plan) -> Request {
    let trail = plan.arn().parse().unwrap();
    let from = plan.start + SignedDuration::from_mins(70);
    let mut request =
        Request::new(trail, &plan.bucket, from, plan.end() + SignedDuration::from_mins(40));
    request.prefix.clone_from(&plan.prefix);
    request.organization_id.clone_from(&plan.organization);
    request.account_id.clone_from(&plan.account);
    request.source_region.clone_from(&plan.region);
    request
}

fn file_keys(chain: &Chain) -> FileKeys {
    FileKeys::from_json(chain.public_keys_json().to_string().as_bytes()).unwrap()
}

async fn try_run(chain: &Chain, request: &Request) -> Result<Report, Error> {
    let store = Arc::new(MemoryStore::of(chain));
    verify(request, store, &file_keys(chain), &()).await
}

async fn run(chain: &Chain, request: &Request) -> Report {
    try_run(chain, request).await.unwrap()
}

async fn run_damaged(plan: Plan, damage: Damage) -> (Report, Report) {
    let mut request = request(&plan);
    let chain = plan.build().damaged(damage);
    let full = run(&chain, &request).await;
    request.strictness = Strictness::AwsCli;
    (full, run(&chain, &request).await)
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.problems().map(|problem| problem.code.as_str()).collect()
}

fn tally(valid: u64, invalid: u64) -> Tally {
    Tally { valid, invalid, unverifiable: 0 }
}

/// Notes everything it is told.
#[derive(Default)]
struct Notes {
    files: Mutex<Vec<(FileKind, String, bool)>>,
    last: Mutex<Progress>,
}

impl Observer for Notes {
    fn file(
        &self,
        _chain: ChainKind,
        kind: FileKind,
        _bucket: &str,
        key: &str,
        status: FileStatus<'_>,
    ) {
        let valid = status == FileStatus::Valid;
        self.files.lock().unwrap().push((kind, key.to_owned(), valid));
    }

    fn progress(&self, progress: Progress) {
        *self.last.lock().unwrap() = progress;
    }
}
