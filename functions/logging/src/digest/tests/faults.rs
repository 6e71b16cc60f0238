//! What keeps the engine from verifying is an error, never a verdict.

use std::time::{Duration, Instant};

use fisc_testkit::digests::gzip;
use serde_json::json;

use super::*;

#[tokio::test]
async fn unreadable_objects() {
    let plan = plan(6);
    let request = request(&plan);
    let chain = plan.build();
    for key in [chain.digest(3).key.clone(), chain.logs(3)[0].key.clone()] {
        for kind in [
            StoreErrorKind::AccessDenied,
            StoreErrorKind::Throttled,
            StoreErrorKind::Archived,
            StoreErrorKind::NoSuchBucket,
            StoreErrorKind::Interrupted,
        ] {
            let mut store = MemoryStore::of(&chain);
            store.errors.insert(key.clone(), kind);
            let error =
                verify(&request, Arc::new(store), &file_keys(&chain), &()).await.unwrap_err();
            assert!(matches!(&error, Error::Store(error) if error.kind == kind), "{error}");
            let text = error.to_string();
            assert!(text.contains("s3:GetObject") && text.contains(&key), "{text}");
        }
    }
}

#[tokio::test]
async fn too_many_log_files() {
    let plan = plan(6);
    let mut request = request(&plan);
    let chain = plan.build();
    request.limits.max_log_files = 10;
    assert!(run(&chain, &request).await.is_valid());
    request.limits.max_log_files = 9;
    let error = try_run(&chain, &request).await.unwrap_err();
    assert!(matches!(error, Error::TooManyLogFiles { limit: 9 }));
}

#[tokio::test]
async fn a_digest_that_is_too_large() {
    let plan = plan(6);
    let mut request = request(&plan);
    request.limits.max_digest_bytes = 1 << 20;
    let mut chain = plan.build();
    let key = chain.digest(3).key.clone();
    chain.change(&key, |file| file.bytes = gzip(&vec![b' '; 100 << 20]));
    let error = try_run(&chain, &request).await.unwrap_err();
    assert!(matches!(&error, Error::DigestTooLarge { key: large, .. } if *large == key), "{error}");
}

#[tokio::test]
async fn the_deadline() {
    let plan = plan(6);
    let mut request = request(&plan);
    let chain = plan.build();
    let mut store = MemoryStore::of(&chain);
    store.delay = Some(Duration::from_secs(60));
    request.limits.deadline = Some(Instant::now() + Duration::from_millis(50));
    let error = verify(&request, Arc::new(store), &file_keys(&chain), &()).await.unwrap_err();
    assert!(matches!(error, Error::DeadlineReached));
}

#[tokio::test]
async fn a_window_that_ends_before_it_starts() {
    let plan = plan(2);
    let mut request = request(&plan);
    std::mem::swap(&mut request.start, &mut request.end);
    assert!(matches!(try_run(&plan.build(), &request).await, Err(Error::InvalidRange { .. })));
}

#[tokio::test]
async fn an_unknown_hash_algorithm_in_a_genuine_digest() {
    let mut plan = plan(6);
    plan.edits = vec![(3, |document| document["logFiles"][0]["hashAlgorithm"] = json!("SHA-512"))];
    let request = request(&plan);
    let error = try_run(&plan.build(), &request).await.unwrap_err();
    assert!(matches!(error, Error::UnknownHashAlgorithm { .. }), "{error}");
}

#[tokio::test]
async fn dropping_the_future_stops_the_tasks() {
    let plan = plan(6);
    let request = request(&plan);
    let chain = plan.build();
    let mut store = MemoryStore::of(&chain);
    store.delay = Some(Duration::from_millis(20));
    let store = Arc::new(store);
    let keys = file_keys(&chain);
    let work = verify(&request, store.clone(), &keys, &());
    assert!(tokio::time::timeout(Duration::from_millis(30), work).await.is_err());
    tokio::time::sleep(Duration::from_millis(50)).await;
    // Only this test holds the store now.
    assert_eq!(Arc::strong_count(&store), 1);
}
