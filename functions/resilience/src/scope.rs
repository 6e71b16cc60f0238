//! Which resources a control is about: those with certain tags.

use std::collections::BTreeMap;

use fisc_shared::ConfigurationItem;
use fisc_shared::item::ItemError;

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
    wanted.iter().any(|wanted| match wanted.split_once('=') {
        Some((key, value)) => tags.get(key).is_some_and(|given| given == value),
        None => tags.contains_key(wanted),
    })
}
