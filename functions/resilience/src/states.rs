//! States, which items write as a word or as an object around it.

use fisc_shared::item::{Fields, ItemError};

/// The state under `key`: text, or the text `value` or `code` of an object.
pub(crate) fn word<'a>(fields: &Fields<'a>, key: &str) -> Result<&'a str, ItemError> {
    let state = fields.at(key)?.ok_or_else(|| fields.missing(key))?;
    if !state.value().is_object() {
        return state.as_text();
    }
    match state.text("value")? {
        Some(word) => Ok(word),
        None => state.text("code")?.ok_or_else(|| state.missing("code")),
    }
}
