//! Values that may be JSON, or JSON in a string, or JSON in a string in a string.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;
use serde_json::value::RawValue;

use super::ItemError;
use crate::text::json_problem;

/// How many layers of strings are opened: a bucket policy in a history item is a string in a
/// string, and nothing that AWS sends goes deeper.
const MAX_LAYERS: usize = 3;

/// A JSON value that is parsed when it is first looked at.
#[derive(Debug, Clone)]
pub struct Document {
    text: Box<str>,
    value: OnceLock<Result<Value, String>>,
}

impl Document {
    pub(super) fn new(raw: &RawValue) -> Self {
        Self { text: raw.get().into(), value: OnceLock::new() }
    }

    /// The value, with strings that hold a JSON object or array opened.
    pub(super) fn value(&self, path: &str) -> Result<&Value, ItemError> {
        self.value.get_or_init(|| open(&self.text)).as_ref().map_err(|problem| {
            ItemError::Unreadable { field: path.to_owned(), problem: problem.clone() }
        })
    }
}

/// Parses `text`; where the result is a string that holds an object or array, that instead.
fn open(text: &str) -> Result<Value, String> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| json_problem(&error))?;
    for _ in 0..MAX_LAYERS {
        let Value::String(inner) = &value else { break };
        if !inner.trim_start().starts_with(['{', '[', '"']) {
            break;
        }
        value = serde_json::from_str(inner)
            .map_err(|error| format!("a string that is not JSON: {}", json_problem(&error)))?;
    }
    Ok(value)
}

/// The parts of a supplementary configuration, which is an object, JSON of one in a string, or
/// null.
pub(super) fn parts(raw: &RawValue) -> Result<Option<BTreeMap<String, Document>>, ItemError> {
    let unreadable = |error: serde_json::Error| ItemError::Unreadable {
        field: "supplementaryConfiguration".to_owned(),
        problem: json_problem(&error),
    };
    let inner: String;
    let text = if raw.get().starts_with('"') {
        inner = serde_json::from_str(raw.get()).map_err(unreadable)?;
        inner.as_str()
    } else {
        raw.get()
    };
    let parts: Option<BTreeMap<String, &RawValue>> =
        serde_json::from_str(text).map_err(unreadable)?;
    Ok(parts.map(|parts| parts.into_iter().map(|(key, raw)| (key, Document::new(raw))).collect()))
}
