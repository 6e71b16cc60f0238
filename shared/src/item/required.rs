//! Fields that an item must have, and values that must be known.

use super::{Fields, ItemError};

/// A part that is always there.
///
/// # Errors
/// When it is missing, or is neither an object nor a list.
pub fn part<'a>(fields: &Fields<'a>, key: &str) -> Result<Fields<'a>, ItemError> {
    fields.at(key)?.ok_or_else(|| fields.missing(key))
}

/// A text that is always there.
///
/// # Errors
/// When it is missing, empty or no text.
pub fn text<'a>(fields: &Fields<'a>, key: &str) -> Result<&'a str, ItemError> {
    fields.text(key)?.filter(|text| !text.is_empty()).ok_or_else(|| fields.missing(key))
}

/// A flag that is always there.
///
/// # Errors
/// When it is missing or no flag.
pub fn flag(fields: &Fields<'_>, key: &str) -> Result<bool, ItemError> {
    fields.flag(key)?.ok_or_else(|| fields.missing(key))
}

/// The error for a value that was not known when a control was written: it must pass neither for
/// a good nor for a bad one.
#[must_use]
pub fn unknown(fields: &Fields<'_>, key: &str, value: &str) -> ItemError {
    ItemError::Unreadable {
        field: format!("{}.{key}", fields.path()),
        problem: format!("unknown value {value:?}"),
    }
}
