//! Public keys in their forms and ranges.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use fisc_testkit::digests::SigningKey;
use serde_json::{Value, json};

use super::*;

fn listing(der: &[u8]) -> Value {
    json!({"PublicKeyList": [{
        "Value": BASE64_STANDARD.encode(der),
        "Fingerprint": SigningKey::First.fingerprint(),
        "ValidityStartTime": "2026-01-01T00:00:00+09:00",
        "ValidityEndTime": 1.0e9,
    }], "NextToken": null})
}

#[tokio::test]
async fn both_encodings() {
    let plan = plan(4);
    let request = request(&plan);
    let chain = plan.build();
    for der in [SigningKey::First.pkcs1(), SigningKey::First.spki()] {
        let keys = FileKeys::from_json(listing(&der).to_string().as_bytes()).unwrap();
        let store = Arc::new(MemoryStore::of(&chain));
        assert!(verify(&request, store, &keys, &()).await.unwrap().is_valid());
    }
    // Another key under the name of the right one.
    let keys = FileKeys::from_json(listing(&SigningKey::Second.pkcs1()).to_string().as_bytes());
    let store = Arc::new(MemoryStore::of(&chain));
    let report = verify(&request, store, &keys.unwrap(), &()).await.unwrap();
    assert_eq!(codes(&report), ["DIGEST_SIGNATURE_INVALID"; 3]);
}

#[test]
fn unusable_files() {
    let ec = BASE64_STANDARD.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAAAA").unwrap();
    let mut padded = SigningKey::First.pkcs1();
    padded.push(0);
    for bad in [
        json!([]),
        json!({"PublicKeyList": []}),
        json!({"PublicKeyList": [{"Fingerprint": "x"}]}),
        json!({"PublicKeyList": [{"Fingerprint": "x", "Value": "%%%"}]}),
        listing(b""),
        listing(b"0"),
        listing(&ec),
        listing(&padded),
        listing(&SigningKey::First.pkcs1()[..100]),
    ] {
        let error = FileKeys::from_json(bad.to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, KeyError::File(_)), "{bad}");
    }
}

/// Answers like the API, and remembers the ranges.
#[derive(Default)]
struct Ranges {
    asked: Mutex<Vec<(String, Timestamp, Timestamp)>>,
    keys: Vec<PublicKey>,
}

#[async_trait]
impl KeySource for Ranges {
    async fn keys(
        &self,
        region: &str,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<PublicKey>, KeyError> {
        self.asked.lock().unwrap().push((region.into(), start, end));
        Ok(self.keys.clone())
    }
}

#[tokio::test]
async fn ranges_are_those_of_the_aws_cli() {
    let mut plan = plan(4);
    plan.region = "eu-west-1".into();
    plan.backfill = vec![2];
    let request = request(&plan);
    let written = plan.hour(3) + SignedDuration::from_hours(24);
    let chain = plan.build();
    let der = SigningKey::First.pkcs1();
    let source = Ranges {
        keys: vec![PublicKey { fingerprint: SigningKey::First.fingerprint().into(), der }],
        ..Ranges::default()
    };
    let store = Arc::new(MemoryStore::of(&chain));
    assert!(verify(&request, store, &source, &()).await.unwrap().is_valid());
    let hour = SignedDuration::from_hours(1);
    let region = || "eu-west-1".to_owned();
    let expected = [
        (region(), request.start, request.end + hour * 2),
        (region(), written - hour, written + hour),
    ];
    assert_eq!(*source.asked.lock().unwrap(), expected);
}

#[tokio::test]
async fn no_key_at_all_is_an_error() {
    let plan = plan(4);
    let request = request(&plan);
    let store = Arc::new(MemoryStore::of(&plan.build()));
    let error = verify(&request, store, &Ranges::default(), &()).await.unwrap_err();
    assert!(matches!(error, Error::NoPublicKeys { .. }), "{error}");
}

#[tokio::test]
async fn a_listed_key_that_is_no_rsa_key_is_an_error() {
    let plan = plan(4);
    let request = request(&plan);
    let store = Arc::new(MemoryStore::of(&plan.build()));
    let key = PublicKey { fingerprint: SigningKey::First.fingerprint().into(), der: vec![1, 2, 3] };
    let source = Ranges { keys: vec![key], ..Ranges::default() };
    let error = verify(&request, store, &source, &()).await.unwrap_err();
    assert!(matches!(error, Error::UnusableKey { .. }), "{error}");
}
