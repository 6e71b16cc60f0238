//! What an event pattern of EventBridge matches.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::wildcard::Wildcard;

/// An event pattern: every field that it names must match, and of the values of a field one.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPattern(pub(super) Fields);

/// The fields of one object.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fields {
    pub(super) named: Vec<(String, Field)>,
    /// Each `$or`: one of its alternatives must match.
    pub(super) alternatives: Vec<Vec<Fields>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Object(Fields),
    Values(Vec<Matcher>),
}

/// One entry in the list of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Matcher {
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
    Exists(bool),
    Prefix(String, Case),
    Suffix(String, Case),
    IgnoringCase(String),
    Wildcard(Wildcard),
    Range(Range),
    Cidr(IpNet),
    AnythingBut(Vec<Matcher>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Counts,
    Ignored,
}

/// Numbers between two bounds; each with whether the bound itself is in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) low: Option<(f64, bool)>,
    pub(super) high: Option<(f64, bool)>,
}

impl EventPattern {
    /// Whether the pattern lets an event through.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(Some(event))
    }
}

impl Fields {
    fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            // Of a list of objects one must have everything: fields of different elements are
            // not taken together.
            Some(Value::Array(elements)) if !elements.is_empty() => {
                elements.iter().any(|element| self.matches(Some(element)))
            }
            value => {
                let field = |name: &str| value.and_then(|value| value.get(name));
                self.named.iter().all(|(name, wanted)| wanted.matches(field(name)))
                    && self
                        .alternatives
                        .iter()
                        .all(|or| or.iter().any(|fields| fields.matches(value)))
            }
        }
    }
}

impl Field {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Object(fields) => fields.matches(value),
            Self::Values(matchers) => {
                let mut leaves = Vec::new();
                if let Some(value) = value {
                    collect(value, &mut leaves);
                }
                matchers.iter().any(|matcher| match matcher {
                    Matcher::Exists(wanted) => *wanted != leaves.is_empty(),
                    matcher => leaves.iter().any(|leaf| matcher.matches(leaf)),
                })
            }
        }
    }
}

/// The values of a field: itself, or the elements of its list. An object is no value.
fn collect<'a>(value: &'a Value, leaves: &mut Vec<&'a Value>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|one| collect(one, leaves)),
        Value::Object(_) => {}
        leaf => leaves.push(leaf),
    }
}

impl Matcher {
    fn matches(&self, leaf: &Value) -> bool {
        let text = leaf.as_str();
        match self {
            Self::Null => leaf.is_null(),
            Self::Flag(wanted) => leaf.as_bool() == Some(*wanted),
            Self::Number(wanted) => leaf.as_f64() == Some(*wanted),
            Self::Text(wanted) => text == Some(wanted),
            Self::Exists(wanted) => *wanted,
            Self::Prefix(wanted, case) => text.is_some_and(|text| case.starts(text, wanted)),
            Self::Suffix(wanted, case) => text.is_some_and(|text| case.ends(text, wanted)),
            Self::IgnoringCase(wanted) => {
                text.is_some_and(|text| text.to_lowercase() == wanted.to_lowercase())
            }
            Self::Wildcard(wanted) => text.is_some_and(|text| wanted.matches(text)),
            Self::Range(range) => leaf.as_f64().is_some_and(|number| range.contains(number)),
            Self::Cidr(net) => text
                .and_then(|text| text.parse::<IpAddr>().ok())
                .is_some_and(|address| net.contains(&address)),
            Self::AnythingBut(excluded) => !excluded.iter().any(|one| one.matches(leaf)),
        }
    }
}

impl Case {
    fn starts(self, text: &str, prefix: &str) -> bool {
        match self {
            Self::Counts => text.starts_with(prefix),
            Self::Ignored => text.to_lowercase().starts_with(&prefix.to_lowercase()),
        }
    }

    fn ends(self, text: &str, suffix: &str) -> bool {
        match self {
            Self::Counts => text.ends_with(suffix),
            Self::Ignored => text.to_lowercase().ends_with(&suffix.to_lowercase()),
        }
    }
}

impl Range {
    fn contains(&self, number: f64) -> bool {
        self.low.is_none_or(|(low, included)| number > low || included && number == low)
            && self.high.is_none_or(|(high, included)| number < high || included && number == high)
    }
}
