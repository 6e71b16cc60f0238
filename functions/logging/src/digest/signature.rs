//! CloudTrail's signature of a digest: RSASSA-PKCS1-v1_5 with SHA-256.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::{
    document::{Document, Hash, encode_hex},
    keys::PublicKey,
};

/// The only algorithm that CloudTrail has used, by its name in the metadata.
pub(super) const ALGORITHM: &str = "SHA256withRSA";

/// The text that CloudTrail signs: end, place, SHA-256 of the inflated file, and the signature of
/// the digest before (`null` for the first of a chain), a line each.
fn signed_text(document: &Document, sha256: &Hash) -> String {
    let Document { end_text, bucket, key, .. } = document;
    let previous = document.previous_signature.as_deref().unwrap_or("null");
    format!("{end_text}\n{bucket}/{key}\n{}\n{previous}", encode_hex(sha256))
}

/// Whether `signature` is the key's over the digest; `None` when the key is no RSA key.
pub(super) fn verifies(
    key: &PublicKey,
    document: &Document,
    sha256: &Hash,
    signature: &[u8],
) -> Option<bool> {
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pkcs1()?);
    Some(key.verify(signed_text(document, sha256).as_bytes(), signature).is_ok())
}
