//! `fisc verify-logs` against `aws cloudtrail validate-logs`, on the same files in the same
//! emulated AWS. Needs the AWS CLI: `cargo test --workspace --test verify_logs_peer -- --ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::process::Command;

use fisc_testkit::aws::{FakeAws, REGION, Trail};
use fisc_testkit::digests::{Chain, Damage, Plan};
use jiff::{SignedDuration, Timestamp, Unit};
use serde_json::Value;

/// Valid and invalid files, and the exit code.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    digests: (u64, u64),
    backfill: (u64, u64),
    logs: (u64, u64),
    code: Option<i32>,
}

/// An emulated AWS with a trail, its files, and its keys.
struct Scene {
    aws: FakeAws,
    arguments: Vec<String>,
}

fn plan(hours: usize) -> Plan {
    let now = Timestamp::now().round(Unit::Second).unwrap();
    let hours_ago = SignedDuration::from_hours(i64::try_from(hours).unwrap());
    Plan::new(now - hours_ago - SignedDuration::from_mins(20), hours)
}

impl Scene {
    fn new(chain: &Chain) -> Self {
        let plan = &chain.plan;
        let aws = FakeAws::start();
        chain.put_into(&aws);
        let mut trail = Trail::new(&plan.trail).at(&plan.owner, &plan.home);
        trail.bucket.clone_from(&plan.bucket);
        trail.prefix.clone_from(&plan.prefix);
        aws.cloudtrail().add_trail(trail);
        let start = plan.start + SignedDuration::from_mins(70);
        let arguments = vec![
            "--trail-arn".to_owned(),
            plan.arn(),
            "--start-time".to_owned(),
            start.to_string(),
        ];
        Self { aws, arguments }
    }

    fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).args(&self.arguments).envs(self.aws.env());
        // No settings of whoever runs the test.
        let nowhere = std::env::temp_dir().join("fisc-no-aws-configuration");
        command.env("AWS_CONFIG_FILE", &nowhere).env("AWS_SHARED_CREDENTIALS_FILE", &nowhere);
        command.env_remove("AWS_PROFILE");
        command
    }

    fn aws_cli(&self) -> Outcome {
        let endpoint = self.aws.endpoint();
        let words =
            ["cloudtrail", "validate-logs", "--endpoint-url", &endpoint, "--region", REGION];
        let output = self.command("aws", &words).output().expect("the AWS CLI is installed");
        let text = String::from_utf8(output.stdout).unwrap();
        let count = |kind: &str, word: &str| -> u64 {
            let tail = format!(" {kind} files {word}");
            let mut parts = text.lines().flat_map(|line| line.split(", "));
            let part =
                parts.find_map(|part| part.strip_suffix(&tail).filter(|head| !head.contains(' ')));
            part.map_or(0, |part| part.split('/').next().unwrap().parse().unwrap())
        };
        let counts = |kind| (count(kind, "valid"), count(kind, "INVALID"));
        Outcome {
            digests: counts("digest"),
            backfill: counts("backfill digest"),
            logs: counts("log"),
            code: output.status.code(),
        }
    }

    fn fisc(&self, more: &[&str]) -> (Outcome, Vec<String>) {
        let mut command = self.command(env!("CARGO_BIN_EXE_fisc"), &["verify-logs"]);
        let output = command.args(["--format", "json"]).args(more).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        let json: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("no JSON, but {error}"));
        let counts = |class: &str| {
            let count = |word: &str| json[class][word].as_u64().unwrap();
            (count("valid"), count("invalid"))
        };
        let problems = json["problems"].as_array().unwrap();
        let codes = problems.iter().map(|problem| problem["code"].as_str().unwrap().to_owned());
        let outcome = Outcome {
            digests: counts("digests"),
            backfill: counts("backfillDigests"),
            logs: counts("logs"),
            code: output.status.code(),
        };
        (outcome, codes.collect())
    }
}

/// Both tools count the same, and end the same.
fn same(chain: &Chain, expected: Outcome) {
    let scene = Scene::new(chain);
    assert_eq!(scene.aws_cli(), expected, "the AWS CLI");
    assert_eq!(scene.fisc(&[]).0, expected, "fisc");
    assert_eq!(scene.fisc(&["--like-aws-cli"]).0, expected, "fisc --like-aws-cli");
}

/// The AWS CLI sees nothing, `fisc` a problem; asked to judge like the AWS CLI, nothing either.
fn only_fisc_sees(chain: &Chain, code: &str) {
    let scene = Scene::new(chain);
    let theirs = scene.aws_cli();
    assert_eq!(theirs.code, Some(0), "the AWS CLI finds it by now: {theirs:?}");
    let (ours, codes) = scene.fisc(&[]);
    assert_eq!(ours.code, Some(1));
    assert!(codes.iter().any(|found| found == code), "{codes:?}");
    assert_eq!(scene.fisc(&["--like-aws-cli"]).0, theirs);
}

fn outcome(digests: (u64, u64), logs: (u64, u64)) -> Outcome {
    let code = i32::from(digests.1 + logs.1 > 0);
    Outcome { digests, backfill: (0, 0), logs, code: Some(code) }
}

#[test]
#[ignore = "needs the AWS CLI"]
fn valid() {
    let mut plan = plan(8);
    plan.prefix = Some("trails".to_owned());
    plan.empty = vec![4];
    plan.rotated_at = Some(6);
    same(&plan.build(), outcome((7, 0), (12, 0)));
}

#[test]
#[ignore = "needs the AWS CLI"]
fn valid_with_a_restart() {
    let mut plan = plan(10);
    plan.off = vec![4, 5];
    same(&plan.build(), outcome((7, 0), (14, 0)));
}

#[test]
#[ignore = "needs the AWS CLI"]
fn damaged_logs() {
    let chain = plan(6).build();
    for damage in [
        Damage::LogChanged { hour: 3, log: 0 },
        Damage::LogRemoved { hour: 3, log: 1 },
        Damage::LogNotGzip { hour: 3, log: 0 },
        Damage::LogAppended { hour: 3, log: 0 },
    ] {
        same(&chain.clone().damaged(damage), outcome((5, 0), (9, 1)));
    }
}

#[test]
#[ignore = "needs the AWS CLI"]
fn damaged_digests() {
    let chain = plan(6).build();
    for damage in [
        Damage::DigestRemoved { hour: 3 },
        Damage::SignatureChanged { hour: 3 },
        Damage::MetadataRemoved { hour: 3 },
        Damage::UnknownKey { hour: 3 },
        Damage::LogUnlisted { hour: 3 },
        Damage::DigestNotJson { hour: 3 },
        Damage::DigestNotGzip { hour: 3 },
    ] {
        same(&chain.clone().damaged(damage), outcome((4, 1), (8, 0)));
    }
    let swapped = chain.damaged(Damage::DigestsSwapped { hour: 2, with: 4 });
    same(&swapped, outcome((3, 2), (6, 0)));
}

#[test]
#[ignore = "needs the AWS CLI"]
fn consecutive_missing_digests_count_once() {
    let chain = plan(8).build();
    let chain = (3..6).fold(chain, |chain, hour| chain.damaged(Damage::DigestRemoved { hour }));
    same(&chain, outcome((4, 1), (8, 0)));
}

#[test]
#[ignore = "needs the AWS CLI"]
fn backfill_digests() {
    let mut plan = plan(6);
    plan.backfill = vec![2, 3, 4];
    let chain = plan.build();
    let with = |backfill, logs| Outcome { backfill, ..outcome((5, 0), logs) };
    same(&chain, with((3, 0), (13, 0)));
    let one_bad = Outcome { code: Some(1), ..with((2, 1), (12, 0)) };
    for damage in [Damage::BackfillRemoved { number: 1 }, Damage::BackfillTimeRemoved { number: 1 }]
    {
        same(&chain.clone().damaged(damage), Outcome { ..one_bad });
    }
}

#[test]
#[ignore = "needs the AWS CLI"]
fn what_only_fisc_sees() {
    let chain = plan(8).build();
    for (damage, code) in [
        (Damage::LogTruncated { hour: 3, log: 0 }, "LOG_FILE_ALTERED"),
        (Damage::NewestRemoved { count: 4 }, "DIGEST_MISSING"),
        (Damage::AlgorithmChanged { hour: 3 }, "DIGEST_SIGNATURE_INVALID"),
    ] {
        only_fisc_sees(&chain.clone().damaged(damage), code);
    }
}

#[test]
#[ignore = "needs the AWS CLI"]
fn refused_reads_fail_both() {
    let scene = Scene::new(&plan(4).build());
    scene.aws.allow_only(&["cloudtrail:*", "s3:GetBucketLocation", "s3:ListBucket"]);
    let theirs = scene.aws_cli();
    assert!(theirs.code > Some(1), "{theirs:?}");
    let mut command = scene.command(env!("CARGO_BIN_EXE_fisc"), &["verify-logs"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("s3:GetObject"));
}
