//! Ids of findings.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

use super::{MAX_ID, PRODUCT};

/// Hexadecimal digits of the hash that keeps a changed id unique: 128 bits.
const HASH_DIGITS: usize = 32;

/// The Id of the finding of a control for a resource: the same for every result, and another for
/// any other account, Region, control or resource.
///
/// Security Hub takes up to 512 characters. Ids that are longer, or that hold characters which
/// some consumers of findings trip over, are cut and made unique again by a hash of the whole.
#[must_use]
pub fn finding_id(
    account_id: &str,
    region: &str,
    control: &str,
    resource_type: &str,
    resource_id: &str,
) -> String {
    let whole = format!("{PRODUCT}/{account_id}/{region}/{control}/{resource_type}/{resource_id}");
    if whole.chars().all(is_plain) && whole.len() <= MAX_ID {
        return whole;
    }
    let plain = whole.chars().map(|c| if is_plain(c) { c } else { '-' });
    let mut id: String = plain.take(MAX_ID - HASH_DIGITS - 1).collect();
    id.push('-');
    for byte in digest(&SHA256, whole.as_bytes()).as_ref().iter().take(HASH_DIGITS / 2) {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.:/=+@".contains(c)
}
