//! Rule parameters: declared with type, default and meaning; parsed strictly.
//!
//! AWS Config hands parameters over as one JSON object in a string, every value of it usually a
//! string. A parameter that is not declared, or has the wrong type or an impossible value, is an
//! error that names it: a misspelt parameter that is silently ignored judges by the wrong bar.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use jiff::civil::Date;
use serde_json::Value;

use crate::resource::is_account_id;
use crate::text::{Text, brief, json_problem};

/// The declaration of a parameter, without its Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Name in camelCase, as in the rule's InputParameters.
    pub name: &'static str,
    /// Type, default and allowed values.
    pub kind: Kind,
    /// What it means.
    pub meaning: Text,
}

/// Type, default and allowed values of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag {
        /// Value when it is not given.
        default: bool,
    },
    /// A whole number.
    Integer {
        /// Value when it is not given.
        default: i64,
        /// Smallest allowed value.
        min: i64,
        /// Largest allowed value.
        max: i64,
    },
    /// One of a few words; the empty word, where allowed, switches off.
    Choice {
        /// Value when it is not given.
        default: &'static str,
        /// The allowed words.
        options: &'static [&'static str],
    },
    /// Any text, such as the key of a tag; empty: none.
    Text {
        /// Value when it is not given.
        default: &'static str,
    },
    /// A list, given as a JSON array or as text with commas.
    List {
        /// Value when it is not given.
        default: &'static [&'static str],
    },
    /// A day, written 2026-11-30; not given, or empty, there is none.
    Date,
}

impl Kind {
    /// The default as text, as a stack parameter takes it.
    #[must_use]
    pub fn default_text(&self) -> String {
        match *self {
            Self::Flag { default } => default.to_string(),
            Self::Integer { default, .. } => default.to_string(),
            Self::Choice { default, .. } | Self::Text { default } => default.to_owned(),
            Self::List { default } => default.join(","),
            Self::Date => String::new(),
        }
    }

    /// The type's name, for messages and listings.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Flag { .. } => "boolean",
            Self::Integer { .. } => "integer",
            Self::Choice { .. } => "choice",
            Self::Text { .. } => "text",
            Self::List { .. } => "list",
            Self::Date => "date",
        }
    }
}

/// A declared parameter with the Rust type of its value.
#[derive(Debug, Clone, Copy)]
pub struct Param<T> {
    /// The declaration, for the control's list.
    pub spec: Spec,
    value: PhantomData<fn() -> T>,
}

impl<T> Param<T> {
    const fn of(name: &'static str, kind: Kind, meaning: Text) -> Self {
        Self { spec: Spec { name, kind, meaning }, value: PhantomData }
    }
}

impl Param<bool> {
    /// A parameter that is `true` or `false`.
    #[must_use]
    pub const fn flag(name: &'static str, default: bool, meaning: Text) -> Self {
        Self::of(name, Kind::Flag { default }, meaning)
    }
}

impl Param<i64> {
    /// A whole number between `min` and `max`.
    #[must_use]
    pub const fn integer(
        name: &'static str,
        default: i64,
        min: i64,
        max: i64,
        meaning: Text,
    ) -> Self {
        Self::of(name, Kind::Integer { default, min, max }, meaning)
    }
}

impl Param<String> {
    /// One of a few words.
    #[must_use]
    pub const fn choice(
        name: &'static str,
        default: &'static str,
        options: &'static [&'static str],
        meaning: Text,
    ) -> Self {
        Self::of(name, Kind::Choice { default, options }, meaning)
    }
}

impl Param<String> {
    /// Any text; empty: none.
    #[must_use]
    pub const fn text(name: &'static str, default: &'static str, meaning: Text) -> Self {
        Self::of(name, Kind::Text { default }, meaning)
    }
}

impl Param<Vec<String>> {
    /// A list of texts.
    #[must_use]
    pub const fn list(name: &'static str, default: &'static [&'static str], meaning: Text) -> Self {
        Self::of(name, Kind::List { default }, meaning)
    }
}

impl Param<Option<Date>> {
    /// A day, or none.
    #[must_use]
    pub const fn date(name: &'static str, meaning: Text) -> Self {
        Self::of(name, Kind::Date, meaning)
    }
}

/// What is wrong with the parameters of a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The text is not a JSON object.
    #[error("ruleParameters is not a JSON object: {0}")]
    NotAnObject(String),
    /// No such parameter.
    #[error("unknown parameter {name:?}: {control} has {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// The control.
        control: String,
        /// The names that it has.
        known: String,
    },
    /// The value does not fit the declaration.
    #[error("parameter {name:?}: {problem}, got {got}")]
    Invalid {
        /// The parameter.
        name: &'static str,
        /// What it takes.
        problem: String,
        /// The JSON type or value that was given.
        got: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Parsed {
    Flag(bool),
    Integer(i64),
    Text(String),
    List(Vec<String>),
    Date(Option<Date>),
}

/// The parameters of one run, all of them valid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<&'static str, Parsed>);

impl Parameters {
    /// Parses `ruleParameters` as an event carries it: JSON in a string, or nothing.
    ///
    /// # Errors
    /// [`ParameterError`], which names the parameter.
    pub fn parse(
        control: &str,
        specs: &[Spec],
        text: Option<&str>,
    ) -> Result<Self, ParameterError> {
        let text = text.map(str::trim).filter(|text| !text.is_empty() && *text != "null");
        let Some(text) = text else { return Ok(Self::default()) };
        let value: Value = serde_json::from_str(text)
            .map_err(|error| ParameterError::NotAnObject(json_problem(&error)))?;
        Self::from_value(control, specs, &value)
    }

    /// Takes parameters from a JSON object.
    ///
    /// # Errors
    /// [`ParameterError`], which names the parameter.
    pub fn from_value(
        control: &str,
        specs: &[Spec],
        value: &Value,
    ) -> Result<Self, ParameterError> {
        let Value::Object(given) = value else {
            return Err(ParameterError::NotAnObject(json_type(value).to_owned()));
        };
        let mut parsed = BTreeMap::new();
        for (name, value) in given {
            let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
                let known: Vec<_> = specs.iter().map(|spec| spec.name).collect();
                let known =
                    if known.is_empty() { "no parameters".to_owned() } else { known.join(", ") };
                return Err(ParameterError::Unknown {
                    name: brief(name),
                    control: control.to_owned(),
                    known,
                });
            };
            parsed.insert(spec.name, spec.parse(value)?);
        }
        Ok(Self(parsed))
    }

    /// The value of a parameter, or its default.
    #[must_use]
    pub fn get<T: FromParsed>(&self, param: &Param<T>) -> T {
        T::from_parsed(self.0.get(param.spec.name), &param.spec.kind)
    }

    /// A list of which only some words make sense: a misspelt one would leave out what was asked
    /// for.
    ///
    /// # Errors
    /// When a word is none of the `known` ones.
    pub fn words(
        &self,
        param: &Param<Vec<String>>,
        known: &[&str],
    ) -> Result<Vec<String>, ParameterError> {
        let words = self.get(param);
        match words.iter().find(|word| !known.contains(&word.as_str())) {
            None => Ok(words),
            Some(other) => {
                let problem = format!("takes some of {}", known.join(", "));
                Err(param.spec.refuse(problem, other))
            }
        }
    }

    /// The id of an account; none when the parameter is empty.
    ///
    /// # Errors
    /// When it is no account id.
    pub fn account_id(&self, param: &Param<String>) -> Result<Option<String>, ParameterError> {
        let id = self.get(param);
        if id.is_empty() {
            return Ok(None);
        }
        if is_account_id(&id) {
            return Ok(Some(id));
        }
        Err(param.spec.refuse("takes an account id of 12 digits, or nothing", &id))
    }
}

/// The Rust types of parameter values. Parsing made sure that a stored value has the declared
/// type, so that reading one cannot fail.
pub trait FromParsed: sealed::Sealed {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "sealed: only this module implements it")]
    fn from_parsed(value: Option<&Parsed>, kind: &Kind) -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for bool {}
    impl Sealed for i64 {}
    impl Sealed for String {}
    impl Sealed for Vec<String> {}
    impl Sealed for Option<jiff::civil::Date> {}
}

macro_rules! from_parsed {
    ($type:ty, $stored:pat => $value:expr, $declared:pat => $default:expr) => {
        impl FromParsed for $type {
            #[expect(private_interfaces, reason = "sealed: only this module implements it")]
            fn from_parsed(value: Option<&Parsed>, kind: &Kind) -> Self {
                match (value, kind) {
                    (Some($stored), _) => $value,
                    (_, $declared) => $default,
                    _ => Self::default(),
                }
            }
        }
    };
}

from_parsed!(bool, Parsed::Flag(value) => *value, Kind::Flag { default } => *default);
from_parsed!(i64, Parsed::Integer(value) => *value, Kind::Integer { default, .. } => *default);
from_parsed!(String, Parsed::Text(value) => value.clone(), Kind::Choice { default, .. } | Kind::Text { default } => (*default).to_owned());
from_parsed!(Vec<String>, Parsed::List(value) => value.clone(), Kind::List { default } => default.iter().map(|&item| item.to_owned()).collect());
from_parsed!(Option<Date>, Parsed::Date(value) => *value, Kind::Date => None);

impl Spec {
    /// The error of a value that has the right type and still makes no sense: what the parameter
    /// takes, and what was given.
    #[must_use]
    pub fn refuse(&self, takes: impl Into<String>, given: &str) -> ParameterError {
        self.invalid(takes, &Value::from(given))
    }

    fn parse(&self, value: &Value) -> Result<Parsed, ParameterError> {
        match self.kind {
            Kind::Flag { .. } => match value {
                Value::Bool(flag) => Ok(Parsed::Flag(*flag)),
                Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                    "true" => Ok(Parsed::Flag(true)),
                    "false" => Ok(Parsed::Flag(false)),
                    _ => Err(self.invalid("takes true or false", value)),
                },
                _ => Err(self.invalid("takes true or false", value)),
            },
            Kind::Integer { min, max, .. } => {
                let number = match value {
                    Value::Number(number) => number.as_i64(),
                    Value::String(text) => text.trim().parse().ok(),
                    _ => None,
                };
                match number {
                    Some(number) if (min..=max).contains(&number) => Ok(Parsed::Integer(number)),
                    _ => {
                        Err(self
                            .invalid(format!("takes a whole number from {min} to {max}"), value))
                    }
                }
            }
            Kind::Choice { options, .. } => match value.as_str().map(str::trim) {
                Some(word) if options.contains(&word) => Ok(Parsed::Text(word.to_owned())),
                _ => Err(self.invalid(format!("takes one of {options:?}"), value)),
            },
            Kind::Text { .. } => match value.as_str().map(str::trim) {
                Some(text) => Ok(Parsed::Text(text.to_owned())),
                None => Err(self.invalid("takes a text", value)),
            },
            Kind::List { .. } => {
                let list = match value {
                    Value::String(text) if text.trim_start().starts_with('[') => {
                        serde_json::from_str::<Vec<String>>(text).ok()
                    }
                    Value::String(text) => Some(
                        text.split(',')
                            .map(str::trim)
                            .filter(|part| !part.is_empty())
                            .map(str::to_owned)
                            .collect(),
                    ),
                    Value::Array(items) => {
                        items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
                    }
                    _ => None,
                };
                list.map(Parsed::List).ok_or_else(|| {
                    self.invalid("takes a list of texts, or text with commas", value)
                })
            }
            Kind::Date => match value.as_str().map(str::trim) {
                Some("") => Ok(Parsed::Date(None)),
                Some(text) => match text.parse::<Date>() {
                    // Other ways to write a day, and instants, parse too: one way is enough.
                    Ok(date) if date.to_string() == text => Ok(Parsed::Date(Some(date))),
                    _ => Err(self.invalid("takes a date such as 2026-11-30", value)),
                },
                None => Err(self.invalid("takes a date such as 2026-11-30", value)),
            },
        }
    }

    fn invalid(&self, problem: impl Into<String>, value: &Value) -> ParameterError {
        ParameterError::Invalid {
            name: self.name,
            problem: problem.into(),
            got: match value {
                Value::String(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                other => json_type(other).to_owned(),
            },
        }
    }
}

/// The JSON type of a value, with its article, for messages.
#[must_use]
pub const fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NONE: Text = Text::new("", "");
    const FLAG: Param<bool> = Param::flag("flag", false, NONE);
    const DAYS: Param<i64> = Param::integer("days", 365, 1, 2560, NONE);
    const TLS: Param<String> = Param::choice("tls", "", &["", "1.2", "1.3"], NONE);
    const NAMES: Param<Vec<String>> = Param::list("names", &["a"], NONE);
    const UNTIL: Param<Option<Date>> = Param::date("until", NONE);
    const SPECS: &[Spec] = &[FLAG.spec, DAYS.spec, TLS.spec, NAMES.spec, UNTIL.spec];

    fn parse(text: &str) -> Result<Parameters, ParameterError> {
        Parameters::parse("some-control", SPECS, Some(text))
    }

    #[test]
    fn missing_parameters_take_their_defaults() {
        for text in [None, Some(""), Some("null"), Some("{}")] {
            let parameters = Parameters::parse("some-control", SPECS, text).unwrap();
            assert!(!parameters.get(&FLAG));
            assert_eq!(parameters.get(&DAYS), 365);
            assert_eq!(parameters.get(&TLS), "");
            assert_eq!(parameters.get(&NAMES), ["a"]);
            assert_eq!(parameters.get(&UNTIL), None);
        }
    }

    #[test]
    fn values_come_as_text_or_as_themselves() {
        for text in [
            r#"{"flag":"true","days":"90","tls":"1.2","names":"x, y"}"#,
            r#"{"flag":true,"days":90,"tls":"1.2","names":["x","y"]}"#,
            r#"{"flag":"True","days":" 90 ","tls":" 1.2","names":"[\"x\",\"y\"]"}"#,
        ] {
            let parameters = parse(text).unwrap();
            assert!(parameters.get(&FLAG));
            assert_eq!(parameters.get(&DAYS), 90);
            assert_eq!(parameters.get(&TLS), "1.2");
            assert_eq!(parameters.get(&NAMES), ["x", "y"]);
        }
    }

    #[test]
    fn an_unknown_parameter_is_named_with_the_known_ones() {
        let error = parse(r#"{"Days":"90"}"#).unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown parameter \"Days\": some-control has flag, days, tls, names, until"
        );
    }

    #[test]
    fn a_date_is_written_in_one_way() {
        let until = |text: &str| {
            Parameters::from_value("c", SPECS, &json!({"until": text}))
                .map(|parameters| parameters.get(&UNTIL))
        };
        assert_eq!(until("2026-11-30"), Ok(Some(jiff::civil::date(2026, 11, 30))));
        assert_eq!(until(" 2026-11-30 "), Ok(Some(jiff::civil::date(2026, 11, 30))));
        assert_eq!(until(""), Ok(None));
        for wrong in ["2026-02-30", "20261130", "2026-11", "30/11/2026", "2026-11-30T00:00:00Z"] {
            assert_eq!(
                until(wrong).unwrap_err().to_string(),
                format!("parameter \"until\": takes a date such as 2026-11-30, got {wrong:?}")
            );
        }
    }

    #[test]
    fn wrong_values_are_named() {
        for (value, name) in [
            (json!({"flag": "yes"}), "flag"),
            (json!({"flag": 1}), "flag"),
            (json!({"days": "ninety"}), "days"),
            (json!({"days": 0}), "days"),
            (json!({"days": 1.5}), "days"),
            (json!({"days": 99_999_999_999_999_999_999_f64}), "days"),
            (json!({"tls": "1.1"}), "tls"),
            (json!({"names": {"a": 1}}), "names"),
            (json!({"names": [1]}), "names"),
            (json!({"until": 20_261_130}), "until"),
            (json!({"until": null}), "until"),
        ] {
            let error = Parameters::from_value("c", SPECS, &value).unwrap_err();
            assert!(
                matches!(&error, ParameterError::Invalid { name: found, .. } if *found == name),
                "{value}: {error}"
            );
        }
        assert!(matches!(parse("[]"), Err(ParameterError::NotAnObject(_))));
        assert!(matches!(parse("{"), Err(ParameterError::NotAnObject(_))));
    }
}
