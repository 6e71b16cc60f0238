//! Reading fields of a configuration: absent and null are the same, a wrong type is an error
//! that names the path.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::ItemError;
use crate::parameter::json_type;
use crate::policy::{PolicyDocument, PolicyError};
use crate::text::brief;

/// A value inside a configuration, with its path for messages.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Fields<'a> {
    /// An object.
    pub(super) fn of(path: &str, value: &'a Value) -> Result<Self, ItemError> {
        let fields = Self { path: path.to_owned(), value };
        fields.object()?;
        Ok(fields)
    }

    /// Any value.
    pub(super) fn any(path: &str, value: &'a Value) -> Result<Self, ItemError> {
        Ok(Self { path: path.to_owned(), value })
    }

    /// The value itself.
    #[must_use]
    pub const fn value(&self) -> &'a Value {
        self.value
    }

    /// The policy document that the value is, in whatever form the item holds it.
    ///
    /// # Errors
    /// [`PolicyError`], which names the statement and the element.
    pub fn as_policy(&self) -> Result<PolicyDocument, PolicyError> {
        PolicyDocument::from_value(self.value)
    }

    /// The path of the value.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    fn object(&self) -> Result<&'a Map<String, Value>, ItemError> {
        self.value.as_object().ok_or_else(|| self.wrong_type(self.value, "an object", None))
    }

    fn wrong_type(&self, value: &Value, expected: &'static str, key: Option<&str>) -> ItemError {
        let field = brief(&self.path_of(key));
        ItemError::WrongType { field, expected, found: json_type(value) }
    }

    fn path_of(&self, key: Option<&str>) -> String {
        key.map_or_else(|| self.path.clone(), |key| format!("{}.{key}", self.path))
    }

    fn find(&self, key: &str) -> Result<Option<&'a Value>, ItemError> {
        Ok(self.object()?.get(key).filter(|value| !value.is_null()))
    }

    /// The error for a field that must be there.
    #[must_use]
    pub fn missing(&self, key: &str) -> ItemError {
        ItemError::Missing { field: brief(&self.path_of(Some(key))) }
    }

    /// An object or array below.
    ///
    /// # Errors
    /// When this value is not an object.
    pub fn at(&self, key: &str) -> Result<Option<Self>, ItemError> {
        Ok(self.find(key)?.map(|value| Self { path: self.path_of(Some(key)), value }))
    }

    /// A text below.
    ///
    /// # Errors
    /// When it is something else than text.
    pub fn text(&self, key: &str) -> Result<Option<&'a str>, ItemError> {
        self.find(key)?
            .map(|value| {
                value.as_str().ok_or_else(|| self.wrong_type(value, "a string", Some(key)))
            })
            .transpose()
    }

    /// The elements of a list below, each with its place in its path.
    ///
    /// # Errors
    /// When it is something else than a list.
    pub fn list(&self, key: &str) -> Result<Option<Vec<Self>>, ItemError> {
        let Some(value) = self.find(key)? else { return Ok(None) };
        let elements =
            value.as_array().ok_or_else(|| self.wrong_type(value, "an array", Some(key)))?;
        let path = self.path_of(Some(key));
        let element = |(place, value)| Self { path: format!("{path}[{place}]"), value };
        Ok(Some(elements.iter().enumerate().map(element).collect()))
    }

    /// This value as a text.
    ///
    /// # Errors
    /// When it is something else than text.
    pub fn as_text(&self) -> Result<&'a str, ItemError> {
        self.value.as_str().ok_or_else(|| self.wrong_type(self.value, "a string", None))
    }

    /// A whole number below.
    ///
    /// # Errors
    /// When it is something else than a whole number.
    pub fn integer(&self, key: &str) -> Result<Option<i64>, ItemError> {
        self.find(key)?
            .map(|value| {
                value.as_i64().ok_or_else(|| self.wrong_type(value, "a whole number", Some(key)))
            })
            .transpose()
    }

    /// A boolean below, which some dialects write as text.
    ///
    /// # Errors
    /// When it is something else than a boolean.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, ItemError> {
        self.find(key)?
            .map(|value| {
                as_flag(value).ok_or_else(|| self.wrong_type(value, "a boolean", Some(key)))
            })
            .transpose()
    }

    /// This value as a boolean.
    ///
    /// # Errors
    /// When it is something else than a boolean.
    pub fn as_flag(&self) -> Result<bool, ItemError> {
        as_flag(self.value).ok_or_else(|| self.wrong_type(self.value, "a boolean", None))
    }

    /// A time below: text, or milliseconds since the epoch, as Config records both.
    ///
    /// # Errors
    /// When it is neither.
    pub fn time(&self, key: &str) -> Result<Option<Timestamp>, ItemError> {
        let Some(value) = self.find(key)? else { return Ok(None) };
        let time = match value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => {
                number.as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok())
            }
            _ => None,
        };
        time.map(Some).ok_or_else(|| self.wrong_type(value, "a time", Some(key)))
    }
}

fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}
