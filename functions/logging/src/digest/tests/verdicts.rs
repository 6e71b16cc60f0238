//! What is found, and how it is counted.

use fisc_testkit::digests::SigningKey;
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_whole_chain_is_valid() {
    let mut plan = plan(12);
    plan.empty = vec![5, 6];
    plan.rotated_at = Some(7);
    let request = request(&plan);
    let chain = plan.build();
    let report = run(&chain, &request).await;
    assert_eq!(codes(&report), [""; 0]);
    // The first hour ends before the window begins.
    assert_eq!(report.standard.digests, tally(11, 0));
    assert_eq!(report.logs(), tally(18, 0));
    assert_eq!(report.backfill.digests, Tally::default());
    assert_eq!(report.found(), Some((request.start, chain.plan.end())));
    assert!(report.is_valid() && !report.is_empty());
    assert!(report.standard.gaps.is_empty());
}

#[tokio::test]
async fn prefix_organization_member_and_region() {
    let mut plan = plan(4);
    plan.prefix = Some("trails/all".into());
    plan.organization = Some("o-a1b2c3d4e5".into());
    plan.account = "444455556666".into();
    plan.region = "eu-west-1".into();
    let request = request(&plan);
    let report = run(&plan.build(), &request).await;
    assert_eq!((codes(&report), report.digests()), (vec![], tally(3, 0)));
}

#[tokio::test]
async fn damaged_logs() {
    use Damage::*;
    for (damage, code, cli_sees) in [
        (LogChanged { hour: 3, log: 1 }, "LOG_FILE_ALTERED", true),
        (LogNotGzip { hour: 3, log: 0 }, "LOG_FILE_ALTERED", true),
        (LogAppended { hour: 3, log: 0 }, "LOG_FILE_ALTERED", true),
        (LogTruncated { hour: 3, log: 0 }, "LOG_FILE_ALTERED", false),
        (LogRemoved { hour: 3, log: 0 }, "LOG_FILE_MISSING", true),
    ] {
        let (full, cli) = run_damaged(plan(8), damage).await;
        assert_eq!(codes(&full), [code], "{damage:?}");
        assert_eq!(full.digests(), tally(7, 0), "{damage:?}");
        assert_eq!(full.logs(), tally(13, 1), "{damage:?}");
        let expected = if cli_sees { tally(13, 1) } else { tally(14, 0) };
        assert_eq!(cli.logs(), expected, "{damage:?}");
    }
}

#[tokio::test]
async fn damaged_digests() {
    use Damage::*;
    let signature = "DIGEST_SIGNATURE_INVALID";
    let malformed = "DIGEST_MALFORMED";
    let link = "DIGEST_LINK_MISMATCH";
    for (damage, expected, cli_sees) in [
        (DigestRemoved { hour: 3 }, vec!["DIGEST_MISSING", "DIGEST_CHAIN_GAP"], true),
        (SignatureChanged { hour: 3 }, vec![signature, link], true),
        (MetadataRemoved { hour: 3 }, vec![signature], true),
        (AlgorithmChanged { hour: 3 }, vec![signature], false),
        (UnknownKey { hour: 3 }, vec![signature, link], true),
        (LogUnlisted { hour: 3 }, vec![signature, link], true),
        (DigestNotJson { hour: 3 }, vec![malformed], true),
        (DigestNotGzip { hour: 3 }, vec![malformed], true),
    ] {
        let (full, cli) = run_damaged(plan(8), damage).await;
        assert_eq!(codes(&full), expected, "{damage:?}");
        assert_eq!(full.digests(), tally(6, 1), "{damage:?}");
        // The log files of a digest that cannot be believed are not read.
        assert_eq!(full.logs(), tally(12, 0), "{damage:?}");
        let valid = if cli_sees { tally(6, 1) } else { tally(7, 0) };
        assert_eq!(cli.digests(), valid, "{damage:?}");
        assert_eq!(cli.problems().count() as u64, valid.invalid, "{damage:?}");
    }
}

#[tokio::test]
async fn swapped_digests() {
    let (full, cli) = run_damaged(plan(8), Damage::DigestsSwapped { hour: 2, with: 5 }).await;
    let malformed = "DIGEST_MALFORMED";
    assert_eq!(
        codes(&full),
        [malformed, "DIGEST_LINK_MISMATCH", malformed, "DIGEST_LINK_MISMATCH"]
    );
    assert_eq!(full.digests(), tally(5, 2));
    assert_eq!(cli.digests(), tally(5, 2));
    assert_eq!(cli.logs(), tally(10, 0));
}

#[tokio::test]
async fn consecutive_missing_digests_count_once_but_the_gap_is_whole() {
    let plan = plan(10);
    let request = request(&plan);
    let (from, to) = (plan.hour(3), plan.hour(6));
    let chain = plan
        .build()
        .damaged(Damage::DigestRemoved { hour: 3 })
        .damaged(Damage::DigestRemoved { hour: 4 })
        .damaged(Damage::DigestRemoved { hour: 5 });
    let report = run(&chain, &request).await;
    assert_eq!(codes(&report), ["DIGEST_MISSING", "DIGEST_CHAIN_GAP"]);
    assert_eq!(report.digests(), tally(6, 1));
    assert_eq!(report.standard.gaps, [TimeGap { from, to, restart: false }]);
}

#[tokio::test]
async fn the_oldest_digests_gone() {
    let plan = plan(10);
    let request = request(&plan);
    let mut chain = plan.build();
    for hour in 0..4 {
        chain = chain.damaged(Damage::DigestRemoved { hour });
    }
    let report = run(&chain, &request).await;
    assert_eq!(codes(&report), ["DIGEST_MISSING", "DIGEST_CHAIN_GAP"]);
    let gap = TimeGap { from: request.start, to: chain.plan.hour(4), restart: false };
    assert_eq!(report.standard.gaps, [gap]);
}

#[tokio::test]
async fn newest_digests_gone() {
    for (count, missing) in [(1, false), (2, false), (3, true), (5, true), (8, true)] {
        let (full, cli) = run_damaged(plan(8), Damage::NewestRemoved { count }).await;
        let expected: &[&str] = if missing { &["DIGEST_MISSING"] } else { &[] };
        assert_eq!(codes(&full), expected, "{count}");
        assert_eq!(codes(&cli), [""; 0], "the AWS CLI does not notice");
        assert!(full.digests().invalid == 0);
    }
}

#[tokio::test]
async fn no_digest_in_a_window_too_short_for_one_is_no_damage() {
    let plan = plan(8);
    let mut request = request(&plan);
    request.start = plan.end() + SignedDuration::from_mins(10);
    let report = run(&plan.build(), &request).await;
    assert!(report.is_empty());
    assert_eq!(report.found(), None);
}

#[tokio::test]
async fn a_past_window_is_judged_by_its_own_end() {
    let plan = plan(30);
    let mut request = request(&plan);
    request.end = plan.hour(10);
    let chain = plan.build();
    let report = run(&chain, &request).await;
    // One more hour than asked, for log files that were late.
    assert_eq!((codes(&report), report.digests()), (vec![], tally(10, 0)));
    assert_eq!(report.found(), Some((request.start, request.end)));
    let damaged = (6..12).fold(chain, |chain, hour| chain.damaged(Damage::DigestRemoved { hour }));
    assert_eq!(codes(&run(&damaged, &request).await), ["DIGEST_MISSING"]);
}

#[tokio::test]
async fn a_chain_that_starts_anew() {
    let mut plan = plan(12);
    plan.off = vec![5, 6, 7];
    let mut request = request(&plan);
    let (from, to) = (plan.hour(5), plan.hour(8));
    let chain = plan.build();
    let report = run(&chain, &request).await;
    assert_eq!(codes(&report), ["DIGEST_CHAIN_GAP"]);
    assert_eq!(report.standard.gaps, [TimeGap { from, to, restart: true }]);
    assert_eq!(report.digests(), tally(8, 0));
    request.allow_chain_restart = true;
    let report = run(&chain, &request).await;
    assert!(report.is_valid());
    assert_eq!(report.standard.gaps.len(), 1);
}

#[tokio::test]
async fn the_first_digest_of_a_trail() {
    let plan = plan(6);
    let mut request = request(&plan);
    request.start = plan.start - SignedDuration::from_hours(2);
    let chain = plan.build();
    assert_eq!(codes(&run(&chain, &request).await), ["DIGEST_CHAIN_GAP"]);
    request.allow_chain_restart = true;
    assert!(run(&chain, &request).await.is_valid());
    request.allow_chain_restart = false;
    request.start = chain.plan.start;
    assert!(run(&chain, &request).await.is_valid());
}

#[tokio::test]
async fn a_hole_between_linked_digests() {
    let mut plan = plan(8);
    plan.edits = vec![(4, |document| {
        document["digestStartTime"] = json!("2026-03-02T00:08:30Z");
    })];
    let mut request = request(&plan);
    let chain = plan.build();
    assert_eq!(codes(&run(&chain, &request).await), ["DIGEST_CHAIN_GAP"]);
    request.gap_tolerance = SignedDuration::from_mins(7);
    assert!(run(&chain, &request).await.is_valid());
}

#[tokio::test]
async fn links_that_do_not_fit() {
    for edit in [
        (|document| document["previousDigestHashValue"] = json!("00".repeat(32)))
            as fisc_testkit::digests::Edit,
        |document| document["previousDigestHashValue"] = json!(null),
        |document| document["previousDigestHashValue"] = json!("zz"),
        |document| document["previousDigestSignature"] = json!("00".repeat(256)),
    ] {
        let mut plan = plan(8);
        plan.edits = vec![(4, edit)];
        let mut request = request(&plan);
        let chain = plan.build();
        let report = run(&chain, &request).await;
        assert_eq!(codes(&report), ["DIGEST_LINK_MISMATCH"]);
        assert_eq!(report.standard.problems[0].key.as_deref(), Some(chain.digest(3).key.as_str()));
        // Its own signature is good, so its log files are read, and the walk goes on.
        assert_eq!(report.logs(), tally(14, 0));
        request.strictness = Strictness::AwsCli;
        assert!(run(&chain, &request).await.is_valid());
    }
}

#[tokio::test]
async fn a_link_in_a_circle_ends() {
    let mut plan = plan(4);
    plan.edits = vec![(2, |document| {
        document["previousDigestS3Object"] = document["digestS3Object"].clone();
    })];
    let request = request(&plan);
    let report = run(&plan.build(), &request).await;
    assert!(codes(&report).contains(&"DIGEST_LINK_MISMATCH"));
}

#[tokio::test]
async fn malformed_documents() {
    let edits: [fisc_testkit::digests::Edit; 12] = [
        |d| drop(d.as_object_mut().unwrap().remove("digestStartTime")),
        |d| drop(d.as_object_mut().unwrap().remove("digestPublicKeyFingerprint")),
        |d| drop(d.as_object_mut().unwrap().remove("previousDigestSignature")),
        |d| drop(d.as_object_mut().unwrap().remove("logFiles")),
        |d| d["digestEndTime"] = json!(1e300),
        |d| d["digestStartTime"] = json!("yesterday"),
        |d| d["digestStartTime"] = json!("-999999-01-01T00:00:00Z"),
        |d| d["digestS3Object"] = json!({"deep": [[[[]]]]}),
        |d| d["logFiles"] = json!("none"),
        |d| d["logFiles"] = json!([{"s3Bucket": 1}]),
        |d| d["digestS3Bucket"] = json!("other"),
        |d| *d = json!([1, 2, 3]),
    ];
    for (number, edit) in edits.into_iter().enumerate() {
        let mut plan = plan(4);
        // The newest, because the generator links to the signature of what it edits.
        plan.edits = vec![(3, edit)];
        let request = request(&plan);
        let report = run(&plan.build(), &request).await;
        assert_eq!(codes(&report), ["DIGEST_MALFORMED"], "edit {number}");
        assert_eq!(report.digests(), tally(2, 1), "edit {number}");
    }
}

#[tokio::test]
async fn an_empty_list_may_be_null() {
    let mut plan = plan(4);
    plan.edits = vec![(3, |document| document["logFiles"] = json!(null))];
    let request = request(&plan);
    assert!(run(&plan.build(), &request).await.is_valid());
}

#[tokio::test]
async fn deep_json_neither_overflows_nor_counts() {
    for bomb in ["[".repeat(1 << 20), "{\"a\":".repeat(1 << 20)] {
        let plan = plan(4);
        let request = request(&plan);
        let mut chain = plan.build();
        let key = chain.digest(3).key.clone();
        let bytes = fisc_testkit::digests::gzip(format!("{{\"x\":{bomb}").as_bytes());
        chain.change(&key, |file| file.bytes = bytes);
        assert_eq!(codes(&run(&chain, &request).await), ["DIGEST_MALFORMED"]);
    }
}

#[tokio::test]
async fn log_hashes_of_another_form() {
    let mut plan = plan(4);
    plan.edits = vec![(3, |document| document["logFiles"][0]["hashValue"] = json!("abc"))];
    let request = request(&plan);
    assert_eq!(codes(&run(&plan.build(), &request).await), ["LOG_FILE_ALTERED"]);
}

#[tokio::test]
async fn backfill_digests_are_a_chain_of_their_own() {
    let mut plan = plan(8);
    plan.backfill = vec![2, 4, 6];
    let request = request(&plan);
    let chain = plan.build();
    let report = run(&chain, &request).await;
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(report.standard.digests, tally(7, 0));
    assert_eq!(report.backfill.digests, tally(3, 0));
    assert_eq!(report.backfill.logs, tally(3, 0));

    let damaged = chain.clone().damaged(Damage::BackfillRemoved { number: 1 });
    let report = run(&damaged, &request).await;
    // Holes are nothing special among backfill digests.
    assert_eq!(codes(&report), ["DIGEST_MISSING"]);
    assert_eq!(report.backfill.digests, tally(2, 1));

    let damaged = chain.clone().damaged(Damage::BackfillTimeRemoved { number: 1 });
    let report = run(&damaged, &request).await;
    assert_eq!(codes(&report), ["DIGEST_MALFORMED"]);

    let mut damaged = chain;
    let key = damaged.backfill(1).key.clone();
    damaged.change(&key, |file| {
        file.metadata.insert("backfill-generation-timestamp".into(), "soon".into());
    });
    assert_eq!(codes(&run(&damaged, &request).await), ["DIGEST_MALFORMED"]);
}

#[tokio::test]
async fn unlisted_files_are_no_evidence() {
    let plan = plan(4);
    let request = request(&plan);
    let other = {
        let mut other = super::plan(4);
        other.trail = "other".into();
        other.build().damaged(Damage::DigestNotGzip { hour: 2 })
    };
    let chain = plan.build();
    let store = MemoryStore::of(&chain).and(&other).and_file("audit-logs", "AWSLogs/x", b"junk");
    let report = verify(&request, Arc::new(store), &file_keys(&chain), &()).await.unwrap();
    assert!(report.is_valid());
}

#[tokio::test]
async fn a_store_without_metadata_takes_signatures_from_the_successor() {
    let plan = plan(6);
    let request = request(&plan);
    let chain = plan.build();
    let without = |chain: &Chain| {
        let mut store = MemoryStore::of(chain);
        store.without_metadata = true;
        Arc::new(store)
    };
    let report = verify(&request, without(&chain), &file_keys(&chain), &()).await.unwrap();
    assert!(report.is_valid());
    assert_eq!(report.digests(), Tally { valid: 4, invalid: 0, unverifiable: 1 });
    assert_eq!(report.logs(), Tally { valid: 8, invalid: 0, unverifiable: 2 });
    assert_eq!(report.standard.unverifiable_digests, [chain.digest(5).key.clone()]);

    for (damage, expected, unverifiable) in [
        (
            Damage::LogUnlisted { hour: 3 },
            vec!["DIGEST_SIGNATURE_INVALID", "DIGEST_LINK_MISMATCH"],
            1,
        ),
        (
            Damage::DigestsSwapped { hour: 2, with: 3 },
            vec!["DIGEST_MALFORMED", "DIGEST_LINK_MISMATCH", "DIGEST_MALFORMED"],
            2,
        ),
        (Damage::DigestNotGzip { hour: 3 }, vec!["DIGEST_MALFORMED"], 2),
        (Damage::DigestRemoved { hour: 3 }, vec!["DIGEST_MISSING", "DIGEST_CHAIN_GAP"], 2),
        (Damage::LogChanged { hour: 5, log: 0 }, vec!["LOG_FILE_ALTERED"], 1),
    ] {
        let damaged = chain.clone().damaged(damage);
        let report = verify(&request, without(&damaged), &file_keys(&chain), &()).await.unwrap();
        assert_eq!(codes(&report), expected, "{damage:?}");
        assert_eq!(report.digests().unverifiable, unverifiable, "{damage:?}");
    }
}

#[tokio::test]
async fn unknown_key_among_known_ones() {
    let mut plan = plan(6);
    plan.rotated_at = Some(4);
    let request = request(&plan);
    let chain = plan.build();
    let json = json!({"PublicKeyList": [chain.public_keys_json()["PublicKeyList"][0]]});
    let keys = FileKeys::from_json(json.to_string().as_bytes()).unwrap();
    let report = verify(&request, Arc::new(MemoryStore::of(&chain)), &keys, &()).await.unwrap();
    assert_eq!(codes(&report), ["DIGEST_SIGNATURE_INVALID"; 2]);
    let known = Cause::UnknownKey(SigningKey::Second.fingerprint().into());
    assert_eq!(report.standard.problems[0].cause, known);
}

#[tokio::test]
async fn order_does_not_depend_on_concurrency() {
    let plan = plan(10);
    let mut request = request(&plan);
    let chain = plan
        .build()
        .damaged(Damage::LogChanged { hour: 8, log: 0 })
        .damaged(Damage::LogRemoved { hour: 8, log: 1 })
        .damaged(Damage::SignatureChanged { hour: 6 })
        .damaged(Damage::LogRemoved { hour: 4, log: 0 });
    let mut seen = Vec::new();
    for concurrency in [1, 2, 50] {
        request.limits.concurrent_digests = concurrency;
        request.limits.concurrent_logs = concurrency;
        let notes = Notes::default();
        let store = Arc::new(MemoryStore::of(&chain));
        let report = verify(&request, store, &file_keys(&chain), &notes).await.unwrap();
        let last = *notes.last.lock().unwrap();
        assert_eq!((last.digests, last.digests_listed, last.logs), (9, 9, 16));
        assert!(last.bytes > 0 && last.bytes == report.bytes);
        seen.push((
            report.problems().cloned().collect::<Vec<_>>(),
            notes.files.into_inner().unwrap(),
        ));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(seen[0].0.len(), 5);
}

#[tokio::test]
async fn an_unsigned_digest_cannot_excuse_a_restart() {
    let mut plan = plan(6);
    plan.edits = vec![(5, |document| {
        for field in ["S3Bucket", "S3Object", "HashValue", "Signature"] {
            document[format!("previousDigest{field}")] = json!(null);
        }
    })];
    let mut request = request(&plan);
    request.allow_chain_restart = true;
    let chain = plan.build();
    let mut store = MemoryStore::of(&chain);
    assert!(run(&chain, &request).await.is_valid());
    store.without_metadata = true;
    let report = verify(&request, Arc::new(store), &file_keys(&chain), &()).await.unwrap();
    assert_eq!(codes(&report), ["DIGEST_CHAIN_GAP"]);
}
