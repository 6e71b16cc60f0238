//! Releases against an emulated AWS: S3 with conditional writes and checksums, and a stack.

mod rollouts;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read as _;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::BehaviorVersion;
use aws_types::region::Region;
use clap::Parser;
use fisc_testkit::aws::{ACCESS_KEY, FakeAws, Fault, REGION};

use super::binaries::{Binary, prebuilt};
use super::bucket::Found;
use super::digest::Sha256;
use super::manifest::Origin;
use super::release::{MANIFEST, SBOM, TEMPLATE, check_id, functions};
use super::*;

const PREFIX: &str = "fisc-artifacts-111122223333";
const STACK: &str = "fisc-organization";
const OTHER_REGION: &str = "ap-northeast-3";

thread_local! {
    static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn note(line: &str) {
    SAID.with_borrow_mut(|said| said.push(line.to_owned()));
}

fn said() -> String {
    SAID.with_borrow_mut(std::mem::take).join("\n")
}

fn sdk(aws: &FakeAws) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            ACCESS_KEY, "secret", None, None, "test",
        )))
        .http_client(fisc_shared::aws::http_client())
        .endpoint_url(aws.endpoint())
        .build()
}

/// The smallest thing that says of itself that it is a program for an architecture.
fn program(architecture: Architecture, text: &str) -> Vec<u8> {
    let mut bytes = b"\x7fELF".to_vec();
    bytes.resize(18, 0);
    bytes.push(if architecture == Architecture::Arm64 { 0xb7 } else { 0x3e });
    bytes.push(0);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

fn origin(commit: &str) -> Origin {
    Origin {
        id: "as told".to_owned(),
        commit: Some(commit.to_owned()),
        modified: Some(false),
        toolchain: None,
    }
}

fn release_of(text: &str, commit: &str) -> Release {
    let binaries: Vec<Binary> = functions()
        .into_iter()
        .map(|name| Binary {
            name,
            architecture: Architecture::Arm64,
            bytes: program(Architecture::Arm64, &format!("{name} {text}")),
        })
        .collect();
    let template = b"Resources: {}\n".to_vec();
    Release::assemble(&binaries, template, b"{}\n".to_vec(), origin(commit)).unwrap()
}

fn release(text: &str) -> Release {
    release_of(text, "0123abcd")
}

fn regions() -> Vec<String> {
    vec![REGION.to_owned(), OTHER_REGION.to_owned()]
}

fn bucket(region: &str) -> String {
    format!("{PREFIX}-{region}")
}

fn aws() -> FakeAws {
    let aws = FakeAws::start();
    for region in regions() {
        aws.s3().bucket(&bucket(&region), &region);
    }
    aws.cloudformation().stack(
        STACK,
        &[
            ("Release", ""),
            ("Architecture", "arm64"),
            // Empty: fisc-artifacts- and the stack's account.
            ("ArtifactBucketPrefix", ""),
            ("Regions", "ap-northeast-1,ap-northeast-3"),
            ("OrganizationId", "o-a1b2c3d4e5"),
        ],
    );
    aws
}

fn buckets(aws: &FakeAws) -> Buckets {
    Buckets::new(&sdk(aws), PREFIX, &regions())
}

/// The rollout's command line.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: RolloutArgs,
}

fn line(args: &[&str]) -> RolloutArgs {
    let fixed = ["rollout", "--stack", STACK, "--pause-seconds", "0"];
    Line::try_parse_from(fixed.iter().chain(args)).unwrap().args
}

async fn roll(aws: &FakeAws, args: &[&str]) -> Result<(), String> {
    rollout::run(&sdk(aws), &line(args), note).await.map_err(|error| error.to_string())
}

fn current(aws: &FakeAws) -> String {
    aws.cloudformation().parameter(STACK, "Release").unwrap()
}

#[test]
fn the_id_follows_from_the_files_as_sha256sum_says() {
    let one = release("a");
    let mut listing = String::new();
    let sorted: BTreeMap<_, _> = one.files.iter().map(|(name, bytes)| (name, bytes)).collect();
    for (name, bytes) in sorted.into_iter().filter(|(name, _)| *name != MANIFEST) {
        listing += &format!("{}  {name}\n", Sha256::of(bytes));
    }
    let digest = Sha256::of(listing.as_bytes()).to_string();
    assert_eq!(one.manifest.release, format!("{}-{digest:.12}", env!("CARGO_PKG_VERSION")));
    check_id(&one.manifest.release).unwrap();
    assert_eq!(release_of("a", "another").manifest.release, one.manifest.release);
    assert_ne!(release("b").manifest.release, one.manifest.release);
    for wrong in
        ["", "0.1.0", "0.1.0-abc", "0.1.0-0123456789AB", "../x-0123456789ab", "-0123456789ab"]
    {
        assert!(check_id(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_same_input_gives_the_same_files_and_a_manifest_that_is_true_of_them() {
    let one = release("a");
    assert_eq!(one.files, release("a").files);
    let files: BTreeMap<_, _> = one.files.iter().cloned().collect();
    let manifest: serde_json::Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
    assert_eq!(manifest["architectures"], serde_json::json!(["arm64"]));
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    let artifacts = manifest["artifacts"].as_array().unwrap();
    assert_eq!(artifacts.len(), 12, "eleven domains and findings");
    let named: Vec<&serde_json::Value> =
        artifacts.iter().chain([&manifest["template"], &manifest["sbom"]]).collect();
    assert_eq!(named.len() + 1, files.len(), "nothing but the manifest is left out");
    for file in named {
        let bytes = &files[file["file"].as_str().unwrap()];
        assert_eq!(file["size"], bytes.len());
        assert_eq!(file["sha256"], Sha256::of(bytes).to_string());
        assert_eq!(file["codeSha256"], Sha256::of(bytes).base64());
    }
    let secrets = artifacts.iter().find(|one| one["function"] == "secrets").unwrap();
    assert_eq!(
        (&secrets["file"], &secrets["architecture"]),
        (&"secrets-arm64.zip".into(), &"arm64".into())
    );
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&files["secrets-arm64.zip"])).unwrap();
    let mut inside = Vec::new();
    zip.by_name("bootstrap").unwrap().read_to_end(&mut inside).unwrap();
    assert_eq!(inside, program(Architecture::Arm64, "secrets a"));
    assert_eq!(secrets["binarySha256"], Sha256::of(&inside).to_string());
}

#[test]
fn prebuilt_programs_are_taken_from_both_layouts_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, bytes: &[u8]| error::write(&folder.path().join(path), bytes).unwrap();
    let all = functions();
    for name in &all {
        put(&format!("{name}/bootstrap"), &program(Architecture::X86_64, name));
    }
    let taken = prebuilt(folder.path(), &[Architecture::X86_64]).unwrap();
    assert_eq!(taken.iter().map(|one| one.name).collect::<Vec<_>>(), all);
    let error = |architectures: &[Architecture]| {
        prebuilt(folder.path(), architectures).err().unwrap().to_string()
    };
    let wrong = error(&[Architecture::Arm64]);
    assert!(wrong.contains("is for x86_64, not for arm64"), "{wrong}");
    put("data/bootstrap", b"#!/bin/sh\n");
    let wrong = error(&[Architecture::X86_64]);
    assert!(wrong.contains("no Linux at all"), "{wrong}");
    std::fs::remove_file(folder.path().join("data/bootstrap")).unwrap();
    let wrong = error(&[Architecture::X86_64]);
    assert!(wrong.contains("is missing"), "{wrong}");
    let several = tempfile::tempdir().unwrap();
    for architecture in [Architecture::Arm64, Architecture::X86_64] {
        for name in &all {
            let path = several.path().join(architecture.as_str()).join(name);
            error::write(&path, &program(architecture, name)).unwrap();
        }
    }
    let both = prebuilt(several.path(), &[Architecture::Arm64, Architecture::X86_64]).unwrap();
    assert_eq!(both.len(), 24);
}

#[test]
fn a_release_in_a_folder_is_taken_only_if_it_is_what_it_says() {
    let output = tempfile::tempdir().unwrap();
    let one = release("a");
    let folder = one.write(output.path()).unwrap();
    let again = Release::read(&folder).unwrap();
    assert_eq!((&again.manifest, &again.files), (&one.manifest, &one.files));
    let error = || Release::read(&folder).err().unwrap().to_string();

    let zip = folder.join("identity-arm64.zip");
    let other = release("b").files.into_iter().find(|(name, _)| name == "identity-arm64.zip");
    error::write(&zip, &other.unwrap().1).unwrap();
    assert!(error().contains("its SHA-256 is"), "{}", error());
    // Nor if the manifest is changed along with the file.
    let mut forged = release("a").manifest;
    let bytes = error::read(&zip).unwrap();
    let changed = forged.artifacts.iter_mut().find(|one| one.function == "identity").unwrap();
    changed.file = manifest::File::of("identity-arm64.zip", &bytes);
    error::write(&folder.join(MANIFEST), &forged.to_json().unwrap()).unwrap();
    assert!(error().contains("its files are release"), "{}", error());
    changed_name(&mut forged, "../other/identity-arm64.zip");
    error::write(&folder.join(MANIFEST), &forged.to_json().unwrap()).unwrap();
    assert!(error().contains("is no file's name"), "{}", error());
    changed_name(&mut forged, "identity-arm64.zip");
    error::write(&folder.join(MANIFEST), &forged.to_json().unwrap()).unwrap();
    std::fs::remove_file(&zip).unwrap();
    assert!(error().contains("identity-arm64.zip"), "{}", error());
}

fn changed_name(manifest: &mut Manifest, name: &str) {
    let found = manifest.artifacts.iter_mut().find(|one| one.function == "identity").unwrap();
    name.clone_into(&mut found.file.name);
}

#[test]
fn the_table_tells_the_goal_and_only_max_size_fails() {
    let mut manifest = release("a").manifest;
    manifest.artifacts[0].file.size = 3_400_000;
    let text = table::render(&manifest);
    assert!(text.contains("missed by 0.40 MB") && text.contains("  met"), "{text}");
    table::check(&manifest, 3.4).unwrap();
    let error = table::check(&manifest, 3.39).unwrap_err().to_string();
    assert!(
        error.contains(&manifest.artifacts[0].file.name) && error.contains("3.40 MB"),
        "{error}"
    );
}

#[tokio::test]
async fn an_upload_reaches_every_region_and_a_second_one_writes_nothing() {
    let aws = aws();
    let release = release("a");
    buckets(&aws).upload(&release, note).await.unwrap();
    let id = &release.manifest.release;
    for region in regions() {
        let keys = aws.s3().keys(&bucket(&region));
        let mut wanted: Vec<String> =
            release.files.iter().map(|(name, _)| format!("{id}/{name}")).collect();
        wanted.sort();
        assert_eq!(keys, wanted, "{region}");
        let zip = aws.s3().get(&bucket(&region), &format!("{id}/findings-arm64.zip")).unwrap();
        assert!(zip.sha256, "S3 got the checksum");
    }
    let puts = aws.calls_of("PutObject");
    assert_eq!(puts.len(), release.files.len() * 2);
    let last: Vec<&str> =
        puts[puts.len() - 2..].iter().filter_map(|call| call.body["path"].as_str()).collect();
    assert!(last.iter().all(|path| path.ends_with(MANIFEST)), "the manifest is the last: {last:?}");
    assert!(said().contains("15/15 manifest.json"));

    // Built again from another commit with the same result: all is there, nothing is written.
    let before = aws.s3().get(&bucket(REGION), &format!("{id}/{MANIFEST}")).unwrap();
    buckets(&aws).upload(&release_of("a", "ffff"), note).await.unwrap();
    assert_eq!(aws.s3().get(&bucket(REGION), &format!("{id}/{MANIFEST}")).unwrap(), before);
    assert!(said().contains("1/15 data-arm64.zip (was there)"));
    assert_eq!(buckets(&aws).verify(id).await.unwrap(), release.manifest);
}

#[tokio::test]
async fn what_is_there_with_other_bytes_is_never_overwritten() {
    for with_checksum in [true, false] {
        let aws = aws();
        let release = release("a");
        let key = format!("{}/secrets-arm64.zip", release.manifest.release);
        aws.s3().put(&bucket(OTHER_REGION), &key, "something else", &[]);
        aws.s3().change(&bucket(OTHER_REGION), &key, |object| object.sha256 = with_checksum);
        let error = buckets(&aws).upload(&release, note).await.unwrap_err().to_string();
        assert!(error.contains(&key) && error.contains("other bytes"), "{error}");
        let there = Sha256::of(b"something else").to_string();
        assert!(error.contains(&there), "{error}");
        assert_eq!(aws.s3().get(&bucket(OTHER_REGION), &key).unwrap().bytes, b"something else");
        let complete = aws.s3().keys(&bucket(REGION)).iter().any(|key| key.ends_with(MANIFEST));
        assert!(!complete, "a release that did not get through has no manifest");
    }
}

#[tokio::test]
async fn an_upload_without_an_answer_is_tried_again_and_is_there_once() {
    let aws = aws();
    aws.fault("s3", "PutObject", Fault::LostAnswer.times(1));
    let release = release("a");
    buckets(&aws).upload(&release, note).await.unwrap();
    buckets(&aws).verify(&release.manifest.release).await.unwrap();
}

#[tokio::test]
async fn a_refused_upload_names_the_call_and_the_way_on() {
    let release = release("a");
    let refused = aws();
    refused.allow_only(&["s3:GetObject"]);
    let error = buckets(&refused).upload(&release, note).await.unwrap_err().to_string();
    assert!(error.contains("storing s3://") && error.contains("AccessDenied"), "{error}");
    assert!(error.contains("deployment role"), "{error}");

    let bare = FakeAws::start();
    let error = buckets(&bare).upload(&release, note).await.unwrap_err().to_string();
    assert!(error.contains("NoSuchBucket") && error.contains("creates the buckets"), "{error}");

    // Writing is allowed, but not finding out what is there.
    let blind = aws();
    blind.s3().put(
        &bucket(REGION),
        &format!("{}/data-arm64.zip", release.manifest.release),
        "x",
        &[],
    );
    blind.allow_only(&["s3:PutObject"]);
    let error = buckets(&blind).upload(&release, note).await.unwrap_err().to_string();
    assert!(error.contains("looking at s3://") && error.contains("AccessDenied"), "{error}");
}

/// The files have the names that the members' template asks for.
#[test]
fn names_are_those_of_the_contract() {
    let names: Vec<String> = release("a").files.into_iter().map(|(name, _)| name).collect();
    for function in functions() {
        assert!(names.contains(&format!("{function}-arm64.zip")), "{function}");
    }
    for name in [TEMPLATE, SBOM, MANIFEST] {
        assert!(names.contains(&name.to_owned()), "{name}");
    }
}
