//! Measurement 4: verifying a day of CloudTrail logs.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use fisc_testkit::aws::{FakeAws, REGION, Trail};
use fisc_testkit::digests::Plan;
use flate2::read::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp, Unit};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::Peers;
use crate::error::{Error, at};
use crate::measure::{Job, Median, in_turns};

/// What was verified, and what it took.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Log files.
    pub(crate) files: usize,
    /// Their bytes as they lie in S3.
    pub(crate) packed: u64,
    /// Their bytes inflated.
    pub(crate) inflated: u64,
    /// Digests.
    pub(crate) digests: usize,
    /// Which tool, on how many processors, and what it took.
    pub(crate) rows: Vec<(String, usize, Median)>,
}

/// Hours of the generated day; the first digest has no window of its own, since verification
/// begins at its end.
const HOURS: usize = 24;

/// Measures `fisc verify-logs`, the AWS CLI and the floor.
///
/// # Errors
/// When a tool fails, or finds damage, of which there is none.
pub(crate) fn measure(
    fisc: &Path,
    peers: &Peers,
    logs_an_hour: usize,
    payload: usize,
    rounds: usize,
) -> Result<Figures, Error> {
    let now = Timestamp::now().round(Unit::Second).unwrap_or_else(|_| Timestamp::now());
    let start = now - SignedDuration::from_hours(24) - SignedDuration::from_mins(20);
    let mut plan = Plan::new(start, HOURS);
    (plan.logs, plan.payload) = (logs_an_hour, payload);
    let chain = plan.build();
    let plan = &chain.plan;
    let place = tempfile::tempdir().map_err(at(&"a temporary folder"))?;
    let folder = place.path().join("bucket");
    chain.write_to(&folder);
    let aws = FakeAws::start();
    chain.put_into(&aws);
    let mut trail = Trail::new(&plan.trail).at(&plan.owner, &plan.home);
    trail.bucket.clone_from(&plan.bucket);
    aws.cloudtrail().add_trail(trail);
    let keys = place.path().join("keys.json");
    fs::write(&keys, chain.public_keys_json().to_string()).map_err(at(&keys.display()))?;

    let digests = chain.files().filter(|file| file.key.contains("CloudTrail-Digest")).count();
    let logs = chain.files().filter(|file| !file.key.contains("CloudTrail-Digest"));
    let (mut files, mut packed, mut inflated) = (0, 0, 0);
    for file in logs {
        files += 1;
        packed += file.bytes.len() as u64;
        let mut sink = Vec::new();
        MultiGzDecoder::new(file.bytes.as_slice()).read_to_end(&mut sink).map_err(at(&file.key))?;
        inflated += sink.len() as u64;
    }

    let own = std::env::current_exe().map_err(at(&"this program"))?;
    let nowhere = place.path().join("no-aws-configuration").display().to_string();
    let env: Vec<(String, String)> = aws
        .env()
        .into_iter()
        .chain([
            ("AWS_CONFIG_FILE".to_owned(), nowhere.clone()),
            ("AWS_SHARED_CREDENTIALS_FILE".to_owned(), nowhere),
        ])
        .collect();
    let (arn, start) = (plan.arn(), plan.start.to_string());
    let options = ["--trail-arn", &arn, "--start-time", &start];
    let s3 = |cores| {
        Job::new(fisc).args(["verify-logs"]).args(options).envs(env.clone()).on_cores(cores)
    };
    let dir = |cores| {
        let (folder, keys) = (folder.display().to_string(), keys.display().to_string());
        let words = ["verify-logs", "--dir", &folder, "--public-keys", &keys];
        Job::new(fisc).args(words).args(options).on_cores(cores)
    };
    let floor =
        Job::new(own).args(["floor-logs".to_owned(), folder.display().to_string()]).on_cores(1);
    let mut jobs = vec![
        ("gunzip and SHA-256 of the same files", 1, floor),
        ("fisc verify-logs, from S3", 1, s3(1)),
        ("fisc verify-logs, from S3", 2, s3(2)),
        ("fisc verify-logs, from a folder", 1, dir(1)),
        ("fisc verify-logs, from a folder", 2, dir(2)),
    ];
    if let Some(cli) = &peers.aws {
        let endpoint = aws.endpoint();
        let words =
            ["cloudtrail", "validate-logs", "--endpoint-url", &endpoint, "--region", REGION];
        let job = Job::new(cli).args(words).args(options).envs(env.clone());
        jobs.push(("aws cloudtrail validate-logs, from S3", 1, job.clone().on_cores(1)));
        jobs.push(("aws cloudtrail validate-logs, from S3", 2, job.on_cores(2)));
    }
    let all: Vec<Job> = jobs.iter().map(|(_, _, job)| job.clone()).collect();
    let medians = in_turns(&all, rounds)?;
    let rows = jobs
        .into_iter()
        .zip(medians)
        .map(|((what, cores, _), took)| (what.to_owned(), cores, took))
        .collect();
    Ok(Figures { files, packed, inflated, digests, rows })
}

/// The floor: reads every file of a folder, inflates it and takes its hash.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn floor(folder: &Path) -> Result<ExitCode, Error> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(at(&folder.display()))? {
            let path = entry.map_err(at(&folder.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "gz") {
                files.push(path);
            }
        }
    }
    let mut buffer = vec![0; 128 * 1024];
    for path in files {
        let bytes = fs::read(&path).map_err(at(&path.display()))?;
        let mut input = MultiGzDecoder::new(bytes.as_slice());
        let mut hash = Context::new(&SHA256);
        loop {
            let length = input.read(&mut buffer).map_err(at(&path.display()))?;
            match buffer.get(..length) {
                Some(part) if length > 0 => hash.update(part),
                _ => break,
            }
        }
        std::hint::black_box(hash.finish());
    }
    Ok(ExitCode::SUCCESS)
}
