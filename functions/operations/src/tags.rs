//! Tags by which people mark resources.

use std::collections::BTreeMap;

/// Whether tags hold a wanted one: a key, or `key=value`. An empty wish is always fulfilled.
pub(crate) fn has_tag(tags: &BTreeMap<String, String>, wanted: &str) -> bool {
    match wanted.split_once('=') {
        _ if wanted.is_empty() => true,
        Some((key, value)) => tags.get(key).is_some_and(|is| is == value),
        None => tags.contains_key(wanted),
    }
}
