//! The verdict on the account.

use fisc_shared::ec2::BlockPublicAccess;
use serde_json::{Value, json};

use super::super::account::{EmrBlock, Facts, decide};
use super::{ACCOUNT, NONE, codes_of, running};

/// Everything is blocked and nothing is public.
fn closed() -> Facts {
    Facts {
        public_snapshots: Vec::new(),
        snapshot_block: BlockPublicAccess::AllSharing,
        public_images: Vec::new(),
        image_block: BlockPublicAccess::NewSharing,
        emr: EmrBlock { on: true, excepted: vec![(22, 22)] },
        documents_shareable: false,
    }
}

fn codes(facts: &Facts, parameters: &Value) -> Vec<&'static str> {
    running(parameters, false, |run| codes_of(&decide(facts, run)))
}

#[test]
fn each_opening_is_a_failure_of_its_own() {
    let default = json!({});
    assert_eq!(codes(&closed(), &default), NONE);
    let with = |change: fn(&mut Facts)| {
        let mut facts = closed();
        change(&mut facts);
        codes(&facts, &json!({}))
    };
    assert_eq!(with(|one| one.public_snapshots = vec!["snap-1".into()]), ["SNAPSHOT_PUBLIC"]);
    assert_eq!(with(|one| one.public_images = vec!["ami-1".into()]), ["IMAGE_PUBLIC"]);
    assert_eq!(with(|one| one.image_block = BlockPublicAccess::Unblocked), ["IMAGE_BLOCK_OFF"]);
    assert_eq!(with(|one| one.documents_shareable = true), ["DOCUMENT_SHARING_NOT_BLOCKED"]);
    assert_eq!(with(|one| one.emr.on = false), ["EMR_BLOCK_OFF"]);
    assert_eq!(with(|one| one.emr.excepted.clear()), NONE);
    for excepted in [vec![(22, 22), (8443, 8443)], vec![(22, 23)], vec![(0, 65535)]] {
        let facts = Facts { emr: EmrBlock { on: true, excepted }, ..closed() };
        assert_eq!(codes(&facts, &default), ["EMR_BLOCK_OFF"]);
    }
}

#[test]
fn the_block_of_snapshots_is_as_strong_as_required() {
    use BlockPublicAccess::{AllSharing, NewSharing, Unblocked};
    for (required, state, ok) in [
        ("block-all-sharing", AllSharing, true),
        ("block-all-sharing", NewSharing, false),
        ("block-all-sharing", Unblocked, false),
        ("block-new-sharing", AllSharing, true),
        ("block-new-sharing", NewSharing, true),
        ("block-new-sharing", Unblocked, false),
        ("", Unblocked, true),
    ] {
        let facts = Facts { snapshot_block: state, ..closed() };
        let found = codes(&facts, &json!({ "requireSnapshotBlock": required }));
        let expected: &[&str] = if ok { &[] } else { &["SNAPSHOT_BLOCK_OFF"] };
        assert_eq!(found, expected, "{required} {state:?}");
    }
    let facts = Facts { image_block: Unblocked, ..closed() };
    assert_eq!(codes(&facts, &json!({"requireImageBlock": false})), NONE);
}

#[test]
fn approved_snapshots_and_images_do_not_count() {
    let facts = Facts {
        public_snapshots: vec!["snap-1".into(), "snap-2".into()],
        public_images: vec!["ami-1".into()],
        ..closed()
    };
    // EC2's ARNs of snapshots and images are written in both forms.
    let without =
        "arn:aws:ec2:ap-northeast-1::snapshot/snap-1,arn:aws:ec2:ap-northeast-1::image/ami-1";
    assert_eq!(codes(&facts, &json!({ "approvedPublicArns": without })), ["SNAPSHOT_PUBLIC"]);
    let with = format!("{without},arn:aws:ec2:ap-northeast-1:{ACCOUNT}:snapshot/snap-2");
    assert_eq!(codes(&facts, &json!({ "approvedPublicArns": with })), NONE);
    // Another Region's, another kind's.
    let other = "arn:aws:ec2:ap-northeast-3::image/ami-1,arn:aws:ec2:ap-northeast-1::image/snap-1";
    let found = codes(&facts, &json!({ "approvedPublicArns": other }));
    assert_eq!(found, ["SNAPSHOT_PUBLIC", "IMAGE_PUBLIC"]);
}

#[test]
fn the_message_names_one_and_counts() {
    let public_snapshots = (0..500).map(|n| format!("snap-{n:017x}")).collect();
    let facts = Facts { public_snapshots, ..closed() };
    let verdict = running(&json!({}), false, |run| decide(&facts, run));
    let message = &verdict.reasons()[0].message;
    assert_eq!(message.en, "500 EBS snapshot(s) are public, such as snap-00000000000000000");
    assert!(message.ja.contains("500 件"), "{}", message.ja);
    let emr = EmrBlock { on: true, excepted: vec![(22, 22), (8088, 8090), (443, 443)] };
    let verdict = running(&json!({}), false, |run| decide(&Facts { emr, ..closed() }, run));
    let message = &verdict.reasons()[0].message.en;
    assert_eq!(message, "The block of public access to EMR permits port 8088-8090, 443");
}
