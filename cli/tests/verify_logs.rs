//! `fisc verify-logs` as a process: from a copy of the bucket without AWS, and in an emulated AWS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Output};

use fisc_testkit::aws::{ACCOUNT, FakeAws, Trail};
use fisc_testkit::digests::{Chain, Damage, Plan};
use serde_json::Value;
use tempfile::TempDir;

const MEMBER: &str = "444455556666";

fn plan(hours: usize) -> Plan {
    Plan::new("2026-03-01T20:01:30Z".parse().unwrap(), hours)
}

/// The command with its usual options, as far as `more` does not have them.
fn fisc(plan: &Plan, more: &[&str]) -> Command {
    let (start, end) = (plan.start.to_string(), plan.end().to_string());
    let mut command = Command::new(env!("CARGO_BIN_EXE_fisc"));
    command.env_clear().arg("verify-logs").args(more);
    let usual = [
        ("--trail-arn", plan.arn()),
        ("--lang", "en".to_owned()),
        ("--start-time", start),
        ("--end-time", end),
    ];
    for (name, value) in usual.iter().filter(|(name, _)| !more.contains(name)) {
        command.args([name, value.as_str()]);
    }
    command
}

/// A copy of the bucket and the public keys, without anything of AWS in the environment.
fn offline(chain: &Chain, more: &[&str]) -> Output {
    let dir = TempDir::new().unwrap();
    let bucket = dir.path().join("bucket");
    std::fs::create_dir(&bucket).unwrap();
    chain.write_to(&bucket);
    let keys = dir.path().join("keys.json");
    std::fs::write(&keys, chain.public_keys_json().to_string()).unwrap();
    in_directory(&chain.plan, &bucket, &keys, more)
}

fn in_directory(plan: &Plan, dir: &Path, keys: &Path, more: &[&str]) -> Output {
    let mut command = fisc(plan, more);
    command.arg("--dir").arg(dir).arg("--public-keys").arg(keys).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("no JSON, but {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_whole_copy() {
    let output = offline(&plan(5).build(), &[]);
    assert_eq!(output.status.code(), Some(0));
    let text = text(&output);
    assert!(text.contains("Digest files: 4/5 valid, 1/5 unverifiable\n"), "{text}");
    assert!(text.contains("Log files: 8/10 valid, 2/10 unverifiable\n"), "{text}");
    assert!(text.contains("it is in the digest after it"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours where no terminal is");
    assert!(output.stderr.is_empty(), "no bar where no terminal is");
}

#[test]
fn an_organization_in_a_copy_is_found() {
    let mut plan = plan(3);
    plan.organization = Some("o-a1b2c3d4e5".to_owned());
    plan.account = MEMBER.to_owned();
    plan.prefix = Some("all/trails".to_owned());
    let chain = plan.build();
    let more = ["--account-id", MEMBER, "--s3-prefix", "all/trails", "--format", "json"];
    let output = offline(&chain, &more);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(json(&output)["organizationId"], "o-a1b2c3d4e5");
    assert_eq!(json(&output)["bucket"], "audit-logs");
}

#[test]
fn damage_in_a_copy() {
    let chain = plan(6).build().damaged(Damage::LogChanged { hour: 2, log: 1 });
    let chain = chain.damaged(Damage::LogUnlisted { hour: 4 });
    let output = offline(&chain, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let json = json(&output);
    let codes: Vec<_> = json["problems"].as_array().unwrap().iter().map(|p| &p["code"]).collect();
    assert_eq!(codes, ["DIGEST_SIGNATURE_INVALID", "DIGEST_LINK_MISMATCH", "LOG_FILE_ALTERED"]);
    assert_eq!(json["valid"], false);
    assert_eq!(json["digests"], serde_json::json!({"valid": 4, "invalid": 1, "unverifiable": 1}));

    let output = offline(&chain, &["--verbose"]);
    let text = text(&output);
    assert!(text.contains("INVALID: the hash differs from the digest's [LOG_FILE_ALTERED]"));
    assert_eq!(text.matches("\nLog file s3://").count(), 10, "{text}");

    let japanese = offline(&chain, &["--lang", "ja"]);
    let text = String::from_utf8(japanese.stdout).unwrap();
    assert!(text.contains("ハッシュがダイジェストの記録と一致しません"), "{text}");
}

#[test]
fn what_cannot_be_verified() {
    let plan = plan(3);
    let dir = TempDir::new().unwrap();
    let keys = dir.path().join("keys.json");
    let error = |output: Output, text: &str| {
        assert_eq!(output.status.code(), Some(2), "{text}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(text), "{message}");
    };
    error(in_directory(&plan, dir.path(), &keys, &[]), "keys.json");
    std::fs::write(&keys, "{\"PublicKeyList\": []}").unwrap();
    error(in_directory(&plan, dir.path(), &keys, &[]), "PublicKeyList is empty");
    std::fs::write(&keys, plan.clone().build().public_keys_json().to_string()).unwrap();
    error(in_directory(&plan, &dir.path().join("none"), &keys, &[]), "none");
    error(in_directory(&plan, dir.path(), &keys, &["--start-time", "soon"]), "--start-time");
    let late = in_directory(&plan, dir.path(), &keys, &["--trail-arn", "arn:aws:s3:::x"]);
    error(late, "--trail-arn");
    // Of one digest alone nothing can be shown.
    let one = Plan { hours: 1, ..plan };
    assert_eq!(offline(&one.build(), &[]).status.code(), Some(2));
}

#[test]
fn the_trail_knows_bucket_prefix_and_organization() {
    let aws = FakeAws::start();
    let mut plan = plan(4);
    plan.prefix = Some("central".to_owned());
    plan.organization = Some("o-testkit0001".to_owned());
    plan.account = MEMBER.to_owned();
    let mut trail = Trail::new(&plan.trail).organization(&[MEMBER]);
    trail.bucket.clone_from(&plan.bucket);
    trail.prefix.clone_from(&plan.prefix);
    aws.cloudtrail().add_trail(trail);
    aws.organizations().join(ACCOUNT);
    let chain = plan.build();
    chain.put_into(&aws);

    let run = |more: &[&str]| fisc(&chain.plan, more).envs(aws.env()).output().unwrap();
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--account-id"));

    let output = run(&["--account-id", MEMBER, "--format", "json"]);
    let json = json(&output);
    assert_eq!(output.status.code(), Some(0), "{json:#}");
    assert_eq!(json["prefix"], "central");
    assert_eq!(json["digests"]["valid"], 4);

    let output = run(&["--trail-arn", &chain.plan.arn().replace("bank", "other")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cloudtrail:DescribeTrails"));
}
