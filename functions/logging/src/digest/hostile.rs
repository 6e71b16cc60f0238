//! What reading a digest file must stand: whoever can write to the bucket can write one.

use fisc_hostile::clear;

use super::document::Document;
use super::inflate::Inflater;

/// How much of an inflated file is kept here: the product's own limit is in its requests.
const KEPT: usize = 1 << 20;

/// The bytes as a digest, and as a gzip file of one that arrives in small pieces.
///
/// # Panics
/// When a property is broken.
pub fn digest(data: &[u8]) {
    read(data);
    let mut inflater = Inflater::new();
    let mut content = Vec::new();
    for chunk in data.chunks(113) {
        let pushed = inflater.push(chunk, |part| {
            content.extend_from_slice(part);
            content.len() < KEPT
        });
        if pushed.is_err() || content.len() >= KEPT {
            return;
        }
    }
    if inflater.ended() {
        read(&content);
    }
}

fn read(json: &[u8]) {
    let Some(document) = clear(Document::parse(json)) else { return };
    assert!(document.logs.len() <= json.len(), "more logs than bytes");
}

#[cfg(test)]
mod tests {
    use fisc_hostile::{Bytes, attack, bounded, inputs};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digests_stand_monsters() {
        attack("digest", digest);
    }

    proptest! {
        #[test]
        fn bent_digests_are_read_or_refused(Bytes(input) in inputs("digest")) {
            bounded(&input, digest);
        }
    }
}
