//! Rollouts: forward, back, and refused.

use super::*;

#[tokio::test]
async fn a_rollout_goes_forward_and_back_and_changes_nothing_else() {
    let aws = aws();
    let (old, new) = (release("old"), release("new"));
    for release in [&old, &new] {
        buckets(&aws).upload(release, note).await.unwrap();
        roll(&aws, &["--release", &release.manifest.release]).await.unwrap();
        assert_eq!(current(&aws), release.manifest.release);
    }
    let told = said();
    assert!(told.contains("goes from none to"), "{told}");
    assert!(told.contains("UPDATE_IN_PROGRESS"), "{told}");
    roll(&aws, &["--release", &old.manifest.release]).await.unwrap();
    assert_eq!(current(&aws), old.manifest.release);
    let update = aws.calls_of("UpdateStack").pop().unwrap().body;
    assert_eq!(update["UsePreviousTemplate"], "true");
    let text = update.to_string();
    assert_eq!(text.matches("UsePreviousValue\":\"true\"").count(), 4, "{text}");
    assert!(!text.contains("o-a1b2c3d4e5") && !text.contains("Tags"), "{text}");
    assert!(text.contains("CAPABILITY_NAMED_IAM"), "{text}");

    // Once more the same: CloudFormation has nothing to do, which is no failure.
    roll(&aws, &["--release", &old.manifest.release]).await.unwrap();
    assert!(said().contains("already"));
}

#[tokio::test]
async fn releases_are_listed_with_the_one_that_runs() {
    let aws = aws();
    let (old, new) = (release("old"), release("new"));
    buckets(&aws).upload(&old, note).await.unwrap();
    roll(&aws, &["--release", &old.manifest.release]).await.unwrap();
    let key = format!("{}/{TEMPLATE}", new.manifest.release);
    aws.s3().put(&bucket(REGION), &key, "broke off", &[]).put(
        &bucket(REGION),
        "notes.txt",
        "",
        &[],
    );
    aws.s3().page(3);
    let found = buckets(&aws).list().await.unwrap();
    let ids: Vec<&str> = found.iter().map(|one| one.release.as_str()).collect();
    assert_eq!(ids, [&old.manifest.release, &new.manifest.release]);
    assert!(matches!(&found[..], [Found { stored: Some(_), .. }, Found { stored: None, .. }]));
    said();
    roll(&aws, &["--list"]).await.unwrap();
    let told = said();
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with(&old.manifest.release) && lines[0].ends_with("<- the stack's"));
    assert!(lines[1].ends_with("not complete"), "{told}");
}

#[tokio::test]
async fn a_release_that_is_not_whole_everywhere_is_not_rolled_out() {
    let aws = aws();
    let release = release("a");
    let id = &release.manifest.release;
    buckets(&aws).upload(&release, note).await.unwrap();
    let args = ["--release", id.as_str()];

    let (key, other) = (format!("{id}/network-arm64.zip"), bucket(OTHER_REGION));
    let zip = aws.s3().get(&other, &key).unwrap();
    aws.s3().delete(&other, &key);
    let error = roll(&aws, &args).await.unwrap_err();
    assert!(error.contains(&format!("s3://{other}/{key} is missing")), "{error}");

    aws.s3().put(&other, &key, "replaced", &[]);
    let error = roll(&aws, &args).await.unwrap_err();
    assert!(error.contains("is there with other bytes"), "{error}");
    aws.s3().put(&other, &key, zip.bytes, &[]);

    let manifest = format!("{id}/{MANIFEST}");
    let stored = aws.s3().get(&other, &manifest).unwrap();
    aws.s3().put(&other, &manifest, "{}", &[]);
    let error = roll(&aws, &args).await.unwrap_err();
    assert!(error.contains("is not the manifest"), "{error}");
    let forged =
        String::from_utf8(stored.bytes.clone()).unwrap().replace("secrets-arm64", "data-arm64");
    aws.s3().put(&other, &manifest, forged, &[]);
    assert!(roll(&aws, &args).await.is_err());
    aws.s3().delete(&other, &manifest);
    let error = roll(&aws, &args).await.unwrap_err();
    assert!(error.contains("no such release in this Region"), "{error}");

    let error = roll(&aws, &["--release", "1.0.0-000000000000"]).await.unwrap_err();
    assert!(error.contains("is missing"), "{error}");
    let error = roll(&aws, &["--release", "latest"]).await.unwrap_err();
    assert!(error.contains("no release id"), "{error}");
    assert_eq!((current(&aws).as_str(), aws.count("UpdateStack")), ("", 0));

    aws.s3().put(&other, &manifest, stored.bytes, &[]);
    roll(&aws, &args).await.unwrap();
    assert_eq!(&current(&aws), id);
}

#[tokio::test]
async fn a_failed_update_is_told_with_its_reason() {
    let aws = aws();
    let (old, new) = (release("old"), release("new"));
    for release in [&old, &new] {
        buckets(&aws).upload(release, note).await.unwrap();
    }
    roll(&aws, &["--release", &old.manifest.release]).await.unwrap();
    aws.cloudformation().fail_update(STACK, "Members", "2 of 200 accounts failed, 1 tolerated");
    let error = roll(&aws, &["--release", &new.manifest.release]).await.unwrap_err();
    assert!(error.contains("UPDATE_ROLLBACK_COMPLETE"), "{error}");
    assert!(error.contains("Members: UPDATE_FAILED: 2 of 200 accounts failed"), "{error}");
    assert!(error.contains(&format!("its Release is {} again", old.manifest.release)), "{error}");
    assert_eq!(current(&aws), old.manifest.release);
}

#[tokio::test]
async fn updates_that_cannot_begin_or_do_not_end_are_told() {
    let aws = aws();
    let release = release("a");
    let id = release.manifest.release.as_str();
    buckets(&aws).upload(&release, note).await.unwrap();

    aws.cloudformation().set_status(STACK, "UPDATE_IN_PROGRESS");
    let error = roll(&aws, &["--release", id]).await.unwrap_err();
    assert!(error.contains("wait until it is done"), "{error}");
    aws.cloudformation().set_status(STACK, "UPDATE_COMPLETE").set_looks(STACK, 1_000_000);
    let error = roll(&aws, &["--release", id, "--timeout-minutes", "0"]).await.unwrap_err();
    assert!(error.contains("still UPDATE_IN_PROGRESS") && error.contains("goes on"), "{error}");

    let refused = self::aws();
    buckets(&refused).upload(&release, note).await.unwrap();
    refused.allow_only(&["s3:*", "cloudformation:DescribeStacks"]);
    let error = roll(&refused, &["--release", id]).await.unwrap_err();
    assert!(error.contains("updating the stack") && error.contains("AccessDenied"), "{error}");

    refused.cloudformation().stack("other", &[("Release", "")]);
    let of = |name: &str| {
        let mut args = line(&["--release", id]);
        args.stack = name.to_owned();
        args
    };
    let run = async |name| rollout::run(&sdk(&refused), &of(name), note).await;
    let error = run("other").await.unwrap_err().to_string();
    assert!(error.contains("no parameter ArtifactBucketPrefix"), "{error}");
    let error = run("elsewhere").await.unwrap_err().to_string();
    assert!(error.contains("elsewhere is not there"), "{error}");
}

#[tokio::test]
async fn a_release_for_another_architecture_is_refused() {
    let aws = aws();
    aws.cloudformation().stack(
        STACK,
        &[
            ("Release", ""),
            ("Architecture", "x86_64"),
            ("ArtifactBucketPrefix", PREFIX),
            ("Regions", REGION),
        ],
    );
    let release = release("a");
    buckets(&aws).upload(&release, note).await.unwrap();
    let error = roll(&aws, &["--release", &release.manifest.release]).await.unwrap_err();
    assert!(error.contains("no artifacts for x86_64"), "{error}");
    assert_eq!(aws.count("UpdateStack"), 0);
}
