//! Any change to any file of the chain is found.

use std::sync::LazyLock;

use flate2::bufread::GzDecoder;
use proptest::prelude::*;

use super::*;

static CHAIN: LazyLock<Chain> = LazyLock::new(|| {
    let mut plan = plan(6);
    plan.backfill = vec![2, 3];
    plan.build()
});

fn whole_window() -> Request {
    let mut request = request(&CHAIN.plan);
    request.start = CHAIN.plan.start;
    // So that the newest digest is evidence too.
    request.max_digest_age = SignedDuration::from_mins(50);
    request
}

fn verdict(chain: &Chain) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(run(chain, &whole_window()))
}

/// The content, if it is exactly one gzip member.
fn content(file: &[u8]) -> Option<Vec<u8>> {
    let mut rest = file;
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut GzDecoder::new(&mut rest), &mut content).ok()?;
    rest.is_empty().then_some(content)
}

#[test]
fn the_chain_itself_is_valid() {
    let report = verdict(&CHAIN);
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(report.digests().total() + report.logs().total(), CHAIN.files().count() as u64);
}

#[test]
fn removing_any_file_is_found() {
    for file in CHAIN.files() {
        let mut chain = CHAIN.clone();
        chain.remove_key(&file.key);
        let report = verdict(&chain);
        // Nothing names the newest backfill digest, and there need not be any.
        let newest_backfill = file.key == CHAIN.backfill(1).key;
        assert_eq!(report.is_valid(), newest_backfill, "{}", file.key);
    }
}

#[test]
fn exchanging_any_two_files_is_found() {
    let files: Vec<_> = CHAIN.files().collect();
    for (number, one) in files.iter().enumerate() {
        for other in &files[number + 1..] {
            let mut chain = CHAIN.clone();
            chain.change(&one.key, |file| file.bytes.clone_from(&other.bytes));
            chain.change(&other.key, |file| file.bytes.clone_from(&one.bytes));
            assert!(!verdict(&chain).is_valid(), "{} {}", one.key, other.key);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_flipped_bit_anywhere_is_found(
        file in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let mut chain = CHAIN.clone();
        let files: Vec<_> = CHAIN.files().collect();
        let original = file.get(&files);
        let mut same = false;
        chain.change(&original.key, |file| {
            let position = byte.index(file.bytes.len());
            file.bytes[position] ^= 1 << bit;
            // Time and system in the gzip header are no part of the content that was signed.
            same = content(&file.bytes) == content(&original.bytes);
        });
        prop_assert_eq!(verdict(&chain).is_valid(), same);
    }

    #[test]
    fn a_file_cut_or_extended_anywhere_is_found(
        file in any::<prop::sample::Index>(),
        length in any::<prop::sample::Index>(),
        more in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut chain = CHAIN.clone();
        let files: Vec<_> = CHAIN.files().collect();
        let original = file.get(&files);
        let mut same = false;
        chain.change(&original.key, |file| {
            file.bytes.truncate(length.index(file.bytes.len() + 1));
            file.bytes.extend(&more);
            same = content(&file.bytes) == content(&original.bytes);
        });
        prop_assert_eq!(verdict(&chain).is_valid(), same);
    }

    #[test]
    fn a_changed_signature_is_found(
        file in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        with in "[0-9a-zA-Z]",
    ) {
        let mut chain = CHAIN.clone();
        let digests: Vec<_> = CHAIN.files().filter(|file| !file.metadata.is_empty()).collect();
        let original = file.get(&digests);
        let mut same = false;
        chain.change(&original.key, |file| {
            let signature = file.metadata.get_mut("signature").unwrap();
            let place = place.index(signature.len());
            let before = signature.clone();
            signature.replace_range(place..=place, &with);
            same = signature.eq_ignore_ascii_case(&before);
        });
        prop_assert_eq!(verdict(&chain).is_valid(), same);
    }

    #[test]
    fn noise_for_a_digest_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..3000), zip: bool) {
        let mut chain = CHAIN.clone();
        let key = CHAIN.digest(3).key.clone();
        chain.change(&key, |file| {
            file.bytes = if zip { fisc_testkit::digests::gzip(&noise) } else { noise };
        });
        prop_assert!(!verdict(&chain).is_valid());
    }
}
