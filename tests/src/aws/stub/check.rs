//! Inputs against the model, as the services check them; and answers, as tests write them.

use serde_json::{Map, Value};

use super::model::{Kind, Model, Operation, Shape};
use crate::aws::protocol::{ApiError, Protocol};

const VALIDATION: [&str; 8] = [
    "ValidationException",
    "InvalidParameterException",
    "InvalidParameterValueException",
    "InvalidInputException",
    "InvalidArgsException",
    "InvalidRequestException",
    "BadRequestException",
    "BadRequest",
];

/// The service's error for a request that it cannot accept.
pub(crate) fn refusal(
    model: &Model,
    operation: &Operation,
    message: impl Into<String>,
) -> ApiError {
    let modelled = VALIDATION
        .iter()
        .find_map(|name| operation.errors.iter().find(|error| error == name))
        .map(|name| model.errors[name].clone());
    let (code, status) = modelled.unwrap_or_else(|| {
        let code = match model.protocol {
            Protocol::Json | Protocol::Cbor | Protocol::RestJson => "ValidationException",
            Protocol::Query => "ValidationError",
            Protocol::Ec2 => "InvalidParameterValue",
            Protocol::RestXml => "InvalidArgument",
        };
        (code.to_owned(), 400)
    });
    ApiError::new(status, &code, format!("1 validation error detected: {}", message.into()))
}

/// The service's error for a token that it did not give out.
pub(crate) fn wrong_token(model: &Model, operation: &Operation, name: &str) -> ApiError {
    let modelled = operation.errors.iter().find(|error| {
        error.starts_with("Invalid") && ["Token", "Marker"].iter().any(|word| error.contains(word))
    });
    match modelled.map(|name| &model.errors[name]) {
        Some((code, status)) => ApiError::new(*status, code, format!("Invalid {name}")),
        None => {
            refusal(model, operation, format!("Value at '{name}' is not a token of this listing"))
        }
    }
}

/// Checks an input; the message says where it fails.
pub(crate) fn input(model: &Model, operation: &Operation, value: &Value) -> Result<(), ApiError> {
    let refuse = |message: String| refusal(model, operation, message);
    match &operation.input {
        Some(name) => constrained(model, model.shape(name), value, "").map_err(refuse)?,
        None if value.as_object().is_some_and(|map| !map.is_empty()) => {
            return Err(refuse("Unknown member: the operation has no input".to_owned()));
        }
        None => {}
    }
    if let Some((paging, (min, max))) =
        operation.paging.as_ref().and_then(|paging| Some((paging, paging.range?)))
    {
        let name = paging.limit.as_deref().unwrap_or_default();
        if let Some(limit) = value[name].as_i64().filter(|limit| !(min..=max).contains(limit)) {
            return Err(refuse(format!(
                "Value '{limit}' at '{name}' failed to satisfy constraint: Member must be between {min} and {max}"
            )));
        }
    }
    Ok(())
}

fn dot(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn constrained(model: &Model, shape: &Shape, value: &Value, at: &str) -> Result<(), String> {
    let fails = |what: String| {
        Err(format!("Value at '{at}' failed to satisfy constraint: Member must {what}"))
    };
    typed(shape, value, at)?;
    let size = match (&shape.kind, value) {
        (Kind::Structure { required, .. }, Value::Object(map)) => {
            if let Some(name) =
                required.iter().find(|name| map.get(*name).is_none_or(Value::is_null))
            {
                let path = dot(at, name);
                return Err(format!(
                    "Value null at '{path}' failed to satisfy constraint: Member must not be null"
                ));
            }
            for (name, value) in map {
                let member = shape
                    .member(name)
                    .ok_or_else(|| format!("Unknown member at '{}'", dot(at, name)))?;
                if !value.is_null() {
                    constrained(model, model.shape(&member.shape), value, &dot(at, name))?;
                }
            }
            return Ok(());
        }
        (Kind::List { member, .. }, Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                let at = format!("{at}.{}.member", index + 1);
                constrained(model, model.shape(member), item, &at)?;
            }
            Some(items.len() as f64)
        }
        (Kind::Map { value: of, .. }, Value::Object(map)) => {
            for (key, value) in map {
                constrained(model, model.shape(of), value, &dot(at, key))?;
            }
            Some(map.len() as f64)
        }
        (Kind::Text, Value::String(text)) => {
            if !shape.allowed.is_empty() && !shape.allowed.contains(text) {
                let set = shape.allowed.join(", ");
                return fails(format!("satisfy enum value set: [{set}]"));
            }
            Some(text.chars().count() as f64)
        }
        (Kind::Integer | Kind::Number, Value::Number(number)) => number.as_f64(),
        _ => None,
    };
    let of = if matches!(shape.kind, Kind::Integer | Kind::Number) {
        "have value"
    } else {
        "have length"
    };
    match (size, shape.min, shape.max) {
        (Some(size), Some(min), _) if size < min => {
            fails(format!("{of} greater than or equal to {min}"))
        }
        (Some(size), _, Some(max)) if size > max => {
            fails(format!("{of} less than or equal to {max}"))
        }
        _ => Ok(()),
    }
}

/// Whether a value has the type of its shape.
fn typed(shape: &Shape, value: &Value, at: &str) -> Result<(), String> {
    let (fits, expected) = match shape.kind {
        Kind::Structure { .. } => (value.is_object(), "a structure"),
        Kind::Map { .. } => (value.is_object(), "a map"),
        Kind::List { .. } => (value.is_array(), "a list"),
        Kind::Text => (value.is_string(), "a string"),
        Kind::Integer => (value.is_i64() || value.is_u64(), "an integer"),
        Kind::Number => (value.is_number(), "a number"),
        Kind::Flag => (value.is_boolean(), "a boolean"),
        Kind::Time => (
            value.is_number()
                || value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            "a time: seconds since the epoch, or ISO 8601 text",
        ),
    };
    if fits { Ok(()) } else { Err(format!("'{at}' must be {expected}, and is {value}")) }
}

/// Checks names and types of what a test wrote: an answer, or a part of an input.
pub(crate) fn written(model: &Model, shape: &Shape, value: &Value, at: &str) -> Result<(), String> {
    typed(shape, value, at)?;
    match (&shape.kind, value) {
        (Kind::Structure { .. }, Value::Object(map)) => members(model, shape, map, at),
        (Kind::List { member, .. }, Value::Array(items)) => {
            items.iter().try_for_each(|item| written(model, model.shape(member), item, at))
        }
        (Kind::Map { value: of, .. }, Value::Object(map)) => map
            .iter()
            .try_for_each(|(key, value)| written(model, model.shape(of), value, &dot(at, key))),
        _ => Ok(()),
    }
}

fn members(model: &Model, shape: &Shape, map: &Map<String, Value>, at: &str) -> Result<(), String> {
    map.iter().try_for_each(|(name, value)| match shape.member(name) {
        Some(member) => written(model, model.shape(&member.shape), value, &dot(at, name)),
        None => {
            let known: Vec<&str> =
                shape.members().iter().map(|member| member.name.as_str()).collect();
            let path = dot(at, name);
            Err(format!("no member '{path}'; {} has: {}", shape.name, known.join(", ")))
        }
    })
}
