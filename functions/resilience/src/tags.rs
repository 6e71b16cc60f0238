//! Tags that say what a control applies to.

use std::collections::BTreeMap;

/// Whether a resource has a tag that a parameter names: a key, or a key and its value. An empty
/// parameter names none.
pub(crate) fn has(tags: &BTreeMap<String, String>, wanted: &str) -> bool {
    match wanted.split_once('=') {
        _ if wanted.is_empty() => false,
        Some((key, value)) => tags.get(key).is_some_and(|is| is == value),
        None => tags.contains_key(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_named_by_its_key_or_with_its_value() {
        let tags = BTreeMap::from([("Environment".to_owned(), "development".to_owned())]);
        for (wanted, expected) in [
            ("", false),
            ("Environment", true),
            ("Environment=development", true),
            ("Environment=production", false),
            ("environment", false),
            ("Environment=", false),
        ] {
            assert_eq!(has(&tags, wanted), expected, "{wanted}");
        }
    }
}
