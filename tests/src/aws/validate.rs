//! Checks of a request's members against the service's model.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::protocol::ApiError;

/// The members of a structure: required ones present, unknown ones refused.
pub(crate) fn members<'a>(
    value: &'a Value,
    at: &str,
    required: &[&str],
    optional: &[&str],
) -> Result<&'a Map<String, Value>, ApiError> {
    let Some(map) = value.as_object() else {
        return Err(ApiError::bad("SerializationException", format!("'{at}' must be a structure")));
    };
    for name in required {
        if map.get(*name).is_none_or(Value::is_null) {
            return Err(null(&dot(at, name)));
        }
    }
    for name in map.keys() {
        if !required.contains(&name.as_str()) && !optional.contains(&name.as_str()) {
            let path = dot(at, name);
            return Err(ApiError::validation(format!("Unknown member at '{path}'")));
        }
    }
    Ok(map)
}

fn dot(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn null(path: &str) -> ApiError {
    ApiError::validation(format!(
        "Value null at '{path}' failed to satisfy constraint: Member must not be null"
    ))
}

fn wrong_type(name: &str, expected: &str) -> ApiError {
    ApiError::bad("SerializationException", format!("'{name}' must be {expected}"))
}

/// A string member within a length counted in characters.
pub(crate) fn text<'a>(
    map: &'a Map<String, Value>,
    name: &str,
    min: usize,
    max: usize,
) -> Result<Option<&'a str>, ApiError> {
    let value = match map.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(_) => return Err(wrong_type(name, "a string")),
    };
    let length = value.chars().count();
    if length < min || length > max {
        let bound = if length < min {
            format!("greater than or equal to {min}")
        } else {
            format!("less than or equal to {max}")
        };
        return Err(ApiError::validation(format!(
            "Value '{value}' at '{name}' failed to satisfy constraint: Member must have length {bound}"
        )));
    }
    Ok(Some(value))
}

/// An integer member within a range.
pub(crate) fn integer(
    map: &Map<String, Value>,
    name: &str,
    min: i64,
    max: i64,
) -> Result<Option<usize>, ApiError> {
    let value = match map.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_i64().ok_or_else(|| wrong_type(name, "an integer"))?,
    };
    if value < min || value > max {
        return Err(ApiError::validation(format!(
            "Value '{value}' at '{name}' failed to satisfy constraint: Member must be between {min} and {max}"
        )));
    }
    Ok(usize::try_from(value).ok())
}

/// A list member within a length; absent is empty.
pub(crate) fn list<'a>(
    map: &'a Map<String, Value>,
    name: &str,
    max: usize,
) -> Result<&'a [Value], ApiError> {
    let items = match map.get(name) {
        None | Some(Value::Null) => return Ok(&[]),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(wrong_type(name, "a list")),
    };
    if items.len() > max {
        return Err(ApiError::validation(format!(
            "Value at '{name}' failed to satisfy constraint: Member must have length less than or equal to {max}"
        )));
    }
    Ok(items)
}

/// A boolean member; absent is `default`.
pub(crate) fn flag(map: &Map<String, Value>, name: &str, default: bool) -> Result<bool, ApiError> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(wrong_type(name, "a boolean")),
    }
}

/// A time member, in seconds since the epoch.
pub(crate) fn time(map: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, ApiError> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(seconds)) => {
            let millis = seconds.as_f64().map(|seconds| (seconds * 1000.0).round() as i64);
            millis
                .and_then(|millis| Timestamp::from_millisecond(millis).ok())
                .map(Some)
                .ok_or_else(|| wrong_type(name, "a time"))
        }
        Some(_) => Err(wrong_type(name, "a number of seconds since the epoch")),
    }
}

/// A value out of a fixed set.
pub(crate) fn one_of(name: &str, value: &str, set: &[&str]) -> Result<(), ApiError> {
    if set.contains(&value) {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        set.join(", ")
    )))
}
