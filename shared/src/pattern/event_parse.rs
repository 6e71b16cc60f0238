//! Reads event patterns of EventBridge.

use ipnet::IpNet;
use serde_json::{Map, Value};

use super::event::{Case, EventPattern, Field, Fields, Matcher, Range};
use super::wildcard::Wildcard;
use crate::parameter::json_type;
use crate::text::{brief, json_problem};

/// The largest number that EventBridge compares by size.
const LARGEST: f64 = 5.0e9;

/// Why a text is no event pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventPatternError {
    /// It is not JSON.
    #[error("the event pattern is not JSON: {0}")]
    Json(String),
    /// Something in it is not what EventBridge takes.
    #[error("the event pattern cannot be read at {path:?}: {problem}")]
    Malformed {
        /// Where, as names with dots between them.
        path: String,
        /// What is wrong.
        problem: String,
    },
}

impl EventPattern {
    /// Reads a pattern as a rule has it.
    ///
    /// # Errors
    /// [`EventPatternError`], which names the place.
    pub fn parse(text: &str) -> Result<Self, EventPatternError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| EventPatternError::Json(json_problem(&error)))?;
        let Value::Object(map) = value else {
            return Err(Place::root().wrong(format!("takes an object, not {}", json_type(&value))));
        };
        fields(&map, &Place::root()).map(Self)
    }
}

/// Where the reader is.
struct Place<'a> {
    above: Option<&'a Place<'a>>,
    name: &'a str,
}

impl<'a> Place<'a> {
    const fn root() -> Self {
        Self { above: None, name: "" }
    }

    const fn at(&'a self, name: &'a str) -> Self {
        Self { above: Some(self), name }
    }

    fn path(&self) -> String {
        match self.above.map(Self::path) {
            Some(above) if !above.is_empty() => format!("{above}.{}", self.name),
            _ => self.name.to_owned(),
        }
    }

    fn wrong(&self, problem: impl Into<String>) -> EventPatternError {
        EventPatternError::Malformed { path: brief(&self.path()), problem: problem.into() }
    }
}

fn fields(map: &Map<String, Value>, place: &Place<'_>) -> Result<Fields, EventPatternError> {
    if map.is_empty() {
        return Err(place.wrong("an object without fields"));
    }
    let mut fields = Fields::default();
    for (name, value) in map {
        let place = place.at(name);
        match value {
            Value::Array(entries) if name == "$or" && is_or(entries) => {
                let entries = entries.iter().filter_map(Value::as_object);
                let or = entries.map(|entry| self::fields(entry, &place));
                fields.alternatives.push(or.collect::<Result<_, _>>()?);
            }
            Value::Object(inner) => {
                fields.named.push((name.clone(), Field::Object(self::fields(inner, &place)?)));
            }
            Value::Array(entries) if entries.is_empty() => {
                return Err(place.wrong("an empty list"));
            }
            Value::Array(entries) => {
                let matchers = entries.iter().map(|entry| matcher(entry, &place));
                fields
                    .named
                    .push((name.clone(), Field::Values(matchers.collect::<Result<_, _>>()?)));
            }
            other => {
                let problem = format!("takes an object or a list, not {}", json_type(other));
                return Err(place.wrong(problem));
            }
        }
    }
    Ok(fields)
}

/// Whether the list of a field named `$or` holds alternatives: two objects or more, none of
/// which is a matcher. An old pattern may have a field of this name.
fn is_or(entries: &[Value]) -> bool {
    const MATCHERS: [&str; 10] = [
        "exactly",
        "exists",
        "prefix",
        "suffix",
        "equals-ignore-case",
        "wildcard",
        "numeric",
        "cidr",
        "anything-but",
        "anything-but-ignore-case",
    ];
    let alternative = |entry: &Value| {
        entry.as_object().is_some_and(|map| map.keys().all(|key| !MATCHERS.contains(&key.as_str())))
    };
    entries.len() > 1 && entries.iter().all(alternative)
}

fn matcher(value: &Value, place: &Place<'_>) -> Result<Matcher, EventPatternError> {
    match value {
        Value::Null => Ok(Matcher::Null),
        Value::Bool(flag) => Ok(Matcher::Flag(*flag)),
        Value::Number(_) => number(value, place).map(Matcher::Number),
        Value::String(text) => Ok(Matcher::Text(text.clone())),
        Value::Array(_) => Err(place.wrong("a list in a list")),
        Value::Object(map) => {
            let (operator, operand) = only(map, place)?;
            operation(operator, operand, &place.at(operator))
        }
    }
}

/// The one entry of a matcher object.
fn only<'a>(
    map: &'a Map<String, Value>,
    place: &Place<'_>,
) -> Result<(&'a String, &'a Value), EventPatternError> {
    let mut entries = map.iter();
    match (entries.next(), entries.next()) {
        (Some(entry), None) => Ok(entry),
        _ => Err(place.wrong("a matcher has exactly one operator")),
    }
}

fn operation(
    operator: &str,
    operand: &Value,
    place: &Place<'_>,
) -> Result<Matcher, EventPatternError> {
    match operator {
        "exists" => match operand {
            Value::Bool(wanted) => Ok(Matcher::Exists(*wanted)),
            other => Err(place.wrong(format!("takes true or false, not {}", json_type(other)))),
        },
        "numeric" => range(operand, place).map(Matcher::Range),
        "cidr" => cidr(operand, place).map(Matcher::Cidr),
        "anything-but" => anything_but(operand, place).map(Matcher::AnythingBut),
        "prefix" | "suffix" | "equals-ignore-case" | "wildcard" => {
            by_text(operator, operand, place)
        }
        _ => Err(place.wrong("an unknown operator")),
    }
}

/// The operators that compare text.
fn by_text(
    operator: &str,
    operand: &Value,
    place: &Place<'_>,
) -> Result<Matcher, EventPatternError> {
    let (text, case) = match operand {
        Value::String(text) => (text, Case::Counts),
        Value::Object(map) if matches!(operator, "prefix" | "suffix") => match only(map, place)? {
            (inner, Value::String(text)) if inner == "equals-ignore-case" => (text, Case::Ignored),
            _ => return Err(place.wrong("takes a text, or equals-ignore-case and a text")),
        },
        other => return Err(place.wrong(format!("takes a text, not {}", json_type(other)))),
    };
    Ok(match operator {
        "prefix" => Matcher::Prefix(text.clone(), case),
        "suffix" => Matcher::Suffix(text.clone(), case),
        "equals-ignore-case" => Matcher::IgnoringCase(text.clone()),
        _ => Matcher::Wildcard(Wildcard::escaped(text).map_err(|problem| place.wrong(problem))?),
    })
}

fn anything_but(operand: &Value, place: &Place<'_>) -> Result<Vec<Matcher>, EventPatternError> {
    if let Value::Object(map) = operand {
        let (operator, operand) = only(map, place)?;
        if !matches!(operator.as_str(), "prefix" | "suffix" | "equals-ignore-case" | "wildcard") {
            return Err(place.at(operator).wrong("an unknown operator"));
        }
        let place = place.at(operator);
        return match operand {
            Value::Array(list) if list.is_empty() => Err(place.wrong("an empty list")),
            Value::Array(list) => list.iter().map(|one| by_text(operator, one, &place)).collect(),
            one => Ok(vec![by_text(operator, one, &place)?]),
        };
    }
    let list = match operand {
        Value::Array(list) if list.is_empty() => return Err(place.wrong("an empty list")),
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    if !list.iter().all(Value::is_string) && !list.iter().all(Value::is_number) {
        return Err(place.wrong("takes texts only or numbers only"));
    }
    list.iter().map(|one| matcher(one, place)).collect()
}

fn range(operand: &Value, place: &Place<'_>) -> Result<Range, EventPatternError> {
    let terms = operand.as_array().map(Vec::as_slice).unwrap_or_default();
    let bound = |operator: &Value, value: &Value| -> Result<(String, f64), EventPatternError> {
        let operator = operator.as_str().unwrap_or_default().to_owned();
        let number = number(value, place)?;
        if number.abs() > LARGEST {
            return Err(place.wrong("a number beyond five billion"));
        }
        Ok((operator, number))
    };
    let wrong = || place.wrong("takes an operator and a number, or a range of two of them");
    let mut range = Range { low: None, high: None };
    match terms {
        [operator, value] => {
            let (operator, number) = bound(operator, value)?;
            match operator.as_str() {
                "=" => range = Range { low: Some((number, true)), high: Some((number, true)) },
                ">" => range.low = Some((number, false)),
                ">=" => range.low = Some((number, true)),
                "<" => range.high = Some((number, false)),
                "<=" => range.high = Some((number, true)),
                _ => return Err(wrong()),
            }
        }
        [above, low, below, high] => {
            let (above, low) = bound(above, low)?;
            let (below, high) = bound(below, high)?;
            match (above.as_str(), below.as_str()) {
                (">" | ">=", "<" | "<=") if low < high => {
                    range.low = Some((low, above == ">="));
                    range.high = Some((high, below == "<="));
                }
                (">" | ">=", "<" | "<=") => {
                    return Err(place.wrong("the lower bound is not below the upper one"));
                }
                _ => return Err(wrong()),
            }
        }
        _ => return Err(wrong()),
    }
    Ok(range)
}

fn cidr(operand: &Value, place: &Place<'_>) -> Result<IpNet, EventPatternError> {
    operand
        .as_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| place.wrong("takes a range of addresses such as 10.0.0.0/24"))
}

fn number(value: &Value, place: &Place<'_>) -> Result<f64, EventPatternError> {
    value.as_f64().ok_or_else(|| place.wrong("takes a number"))
}
