//! Tags that set the scope of controls.

use fisc_shared::ConfigurationItem;
use fisc_shared::item::ItemError;

/// Whether a resource has a tag: a key, or a key and its value (`key=value`).
pub(crate) fn has_tag(item: &ConfigurationItem, wanted: &str) -> Result<bool, ItemError> {
    let tags = item.all_tags()?;
    Ok(match wanted.split_once('=') {
        Some((key, value)) => tags.get(key).is_some_and(|is| is == value),
        None => tags.contains_key(wanted),
    })
}
