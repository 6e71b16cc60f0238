//! Policy documents, in whatever form a service stores them.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::PolicyError;
use super::condition::Conditions;
use super::glob::{Case, GlobSet, Reading};
use super::principal::Principals;
use crate::parameter::json_type;
use crate::text::{brief, json_problem};

/// The largest document that is analysed, in bytes of its names and texts. AWS stores 100 KiB at
/// most (access policies of OpenSearch domains); of most services a fifth of that.
const MAX_BYTES: usize = 256 << 10;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// `Allow` or `Deny`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The statement allows.
    Allow,
    /// The statement denies, whatever others allow.
    Deny,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Allow or deny.
    pub effect: Effect,
    /// Whom it is about; `None` in identity policies.
    pub principals: Option<Principals>,
    /// `Action` or `NotAction`.
    pub actions: Element,
    /// `Resource` or `NotResource`; `None` in trust policies.
    pub resources: Option<Element>,
    /// When it applies.
    pub conditions: Conditions,
}

/// A list of patterns, or everything but them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Whether it is the `Not…` form.
    pub negated: bool,
    /// The patterns as written.
    pub patterns: Vec<String>,
}

impl Element {
    /// The set of actions: compared without regard to case.
    #[must_use]
    pub fn actions(&self, reading: Reading) -> GlobSet {
        self.set(Case::Insensitive, reading)
    }

    /// The set of resources: compared with regard to case, in whatever partition.
    #[must_use]
    pub fn resources(&self, reading: Reading) -> GlobSet {
        self.set(Case::Sensitive, reading)
    }

    fn set(&self, case: Case, reading: Reading) -> GlobSet {
        let patterns = self.patterns.iter().map(String::as_str);
        GlobSet::parse(patterns, self.negated, case, reading)
    }
}

/// Where in a document something is, for messages.
#[derive(Debug, Clone)]
pub(super) struct Place(String);

impl Place {
    pub(super) fn inside(&self, element: &str) -> Self {
        Self(brief(&format!("{}.{element}", self.0)))
    }

    pub(super) fn grammar(&self, problem: impl Into<String>) -> PolicyError {
        PolicyError::Grammar { place: self.0.clone(), problem: problem.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PolicyDocument {
    /// Reads a document from text: JSON, or URL-encoded JSON as IAM's API gives it.
    ///
    /// # Errors
    /// [`PolicyError`], which names the statement and the element.
    pub fn from_text(text: &str) -> Result<Self, PolicyError> {
        let decoded;
        let text = if text.trim_start().starts_with('%') {
            decoded = percent_decode_str(text).decode_utf8_lossy();
            decoded.as_ref()
        } else {
            text
        };
        let value: Value = serde_json::from_str(text)
            .map_err(|error| PolicyError::NotJson(json_problem(&error)))?;
        Self::from_value(&value)
    }

    /// Reads a document from JSON: an object, a list that holds the one object (as some items
    /// record it), or a string with either.
    ///
    /// # Errors
    /// [`PolicyError`], which names the statement and the element.
    pub fn from_value(value: &Value) -> Result<Self, PolicyError> {
        match value {
            Value::String(text) => Self::from_text(text),
            Value::Array(list) if list.len() == 1 => {
                list.first().map_or(Ok(Self { statements: Vec::new() }), Self::from_value)
            }
            Value::Object(document) => Self::from_object(document),
            other => Err(Place("the document".to_owned())
                .grammar(format!("it is {}, expected an object", json_type(other)))),
        }
    }

    fn from_object(document: &Map<String, Value>) -> Result<Self, PolicyError> {
        if document.iter().map(|(name, value)| name.len() + bytes(value)).sum::<usize>() > MAX_BYTES
        {
            return Err(PolicyError::TooLarge);
        }
        let place = Place("Statement".to_owned());
        let statements = match find(document, "Statement") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            Some(_) => return Err(place.grammar("expected an object or a list of them")),
            None => return Err(place.grammar("it is missing")),
        };
        let statements = statements
            .into_iter()
            .enumerate()
            .map(|(index, value)| Statement::parse(value, &Place(format!("Statement[{index}]"))))
            .collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }

    /// The statements with this effect.
    pub fn with_effect(&self, effect: Effect) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |statement| statement.effect == effect)
    }
}

/// What a value holds of names and texts.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(|value| 1 + bytes(value)).sum(),
        Value::Object(map) => map.iter().map(|(name, value)| 1 + name.len() + bytes(value)).sum(),
        _ => 1,
    }
}

impl Statement {
    fn parse(value: &Value, place: &Place) -> Result<Self, PolicyError> {
        let Value::Object(map) = value else {
            return Err(place.grammar(format!("it is {}, expected an object", json_type(value))));
        };
        let effect = match find(map, "Effect") {
            Some(Value::String(text)) if text == "Allow" => Effect::Allow,
            Some(Value::String(text)) if text == "Deny" => Effect::Deny,
            _ => return Err(place.inside("Effect").grammar("expected \"Allow\" or \"Deny\"")),
        };
        let principals = one_of(map, "Principal", "NotPrincipal", place)?
            .map(|(value, negated)| {
                Principals::parse(value, negated, &place.inside(name("Principal", negated)))
            })
            .transpose()?;
        let actions = element(map, "Action", "NotAction", place)?
            .ok_or_else(|| place.inside("Action").grammar("it is missing"))?;
        Ok(Self {
            effect,
            principals,
            actions,
            resources: element(map, "Resource", "NotResource", place)?,
            conditions: find(map, "Condition")
                .map(|value| Conditions::parse(value, &place.inside("Condition")))
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

fn name(element: &'static str, negated: bool) -> &'static str {
    match (element, negated) {
        ("Principal", true) => "NotPrincipal",
        (other, _) => other,
    }
}

/// Element names compare without regard to case: IAM accepts `effect` and stores what it got.
fn find<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name)
        .or_else(|| {
            map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        })
        .filter(|value| !value.is_null())
}

fn one_of<'a>(
    map: &'a Map<String, Value>,
    positive: &str,
    negative: &str,
    place: &Place,
) -> Result<Option<(&'a Value, bool)>, PolicyError> {
    match (find(map, positive), find(map, negative)) {
        (Some(_), Some(_)) => {
            Err(place.grammar(format!("{positive} and {negative} exclude each other")))
        }
        (Some(value), None) => Ok(Some((value, false))),
        (None, Some(value)) => Ok(Some((value, true))),
        (None, None) => Ok(None),
    }
}

fn element(
    map: &Map<String, Value>,
    positive: &str,
    negative: &str,
    place: &Place,
) -> Result<Option<Element>, PolicyError> {
    one_of(map, positive, negative, place)?
        .map(|(value, negated)| {
            let name = if negated { negative } else { positive };
            Ok(Element { negated, patterns: texts(value, &place.inside(name))? })
        })
        .transpose()
}

/// One text, or a list of them.
pub(super) fn texts(value: &Value, place: &Place) -> Result<Vec<String>, PolicyError> {
    let wrong = || place.grammar("expected a text or a list of texts");
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(list) => {
            list.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy() -> Value {
        json!({
            "Version": "2012-10-17",
            "Statement": {"Effect": "Deny", "Principal": {"AWS": ["*"]}, "NotAction": "s3:Get*",
                          "Resource": ["a", "b"],
                          "Condition": {"Bool": {"aws:SecureTransport": false}}}
        })
    }

    #[test]
    fn every_form_reads_the_same() {
        let object = PolicyDocument::from_value(&policy()).unwrap();
        let encoded: String =
            policy().to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        for value in [
            json!([policy()]),
            json!(policy().to_string()),
            json!([policy().to_string()]),
            json!(encoded),
        ] {
            assert_eq!(PolicyDocument::from_value(&value).unwrap(), object);
        }
        let statement = &object.statements[0];
        assert_eq!(statement.effect, Effect::Deny);
        assert!(statement.principals.as_ref().unwrap().is_everyone());
        assert!(statement.actions.negated);
        assert_eq!(statement.resources.as_ref().unwrap().patterns, ["a", "b"]);
    }

    #[test]
    fn what_is_larger_than_any_policy_is_refused() {
        let of = |count: usize| {
            let actions: Vec<String> = (0..count).map(|n| format!("s3:Get{n:04}")).collect();
            json!({"Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}})
        };
        assert!(PolicyDocument::from_value(&of(10_000)).is_ok());
        assert_eq!(PolicyDocument::from_value(&of(30_000)), Err(PolicyError::TooLarge));
        assert_eq!(PolicyDocument::from_text(&of(30_000).to_string()), Err(PolicyError::TooLarge));
    }

    #[test]
    fn errors_name_the_place_and_not_the_text() {
        let error = |value: Value| PolicyDocument::from_value(&value).unwrap_err().to_string();
        assert!(error(json!("{\"Version\"")).starts_with("it is not JSON: EOF"));
        assert_eq!(error(json!({})), "Statement: it is missing");
        assert_eq!(error(json!([1, 2])), "the document: it is an array, expected an object");
        assert_eq!(
            error(json!({"Statement": [1]})),
            "Statement[0]: it is a number, expected an object"
        );
        assert_eq!(
            error(json!({"Statement": [{"Effect": "Maybe"}]})),
            "Statement[0].Effect: expected \"Allow\" or \"Deny\""
        );
        assert_eq!(
            error(json!({"Statement": {"Effect": "Deny", "Action": 1}})),
            "Statement[0].Action: expected a text or a list of texts"
        );
        assert_eq!(
            error(json!({"Statement": {"Effect": "Deny", "Action": "*", "NotAction": "*"}})),
            "Statement[0]: Action and NotAction exclude each other"
        );
        assert_eq!(
            error(json!({"Statement": {"Effect": "Deny", "Action": "*", "Principal": "me"}})),
            "Statement[0].Principal: expected \"*\" or an object"
        );
    }
}
