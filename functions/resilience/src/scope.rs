//! Which resources a control is about: those with certain tags.

use std::collections::BTreeMap;

use fisc_shared::ConfigurationItem;
use fisc_shared::item::{ItemError, has_tag};

/// Whether the resource has one of these tags, each written as a key or as `key=value`.
///
/// # Errors
/// As [`ConfigurationItem::all_tags`]; not when no tag is wanted.
pub(crate) fn is_tagged(item: &ConfigurationItem, wanted: &[String]) -> Result<bool, ItemError> {
    if wanted.is_empty() {
        return Ok(false);
    }
    Ok(any_of(&item.all_tags()?, wanted))
}

/// Whether one of the wanted tags is among these.
pub(crate) fn any_of(tags: &BTreeMap<String, String>, wanted: &[String]) -> bool {
    wanted.iter().any(|wanted| has_tag(tags, wanted))
}
