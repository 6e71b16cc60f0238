//! SelectResourceConfig: as much of its query language as selects whole resources.
//!
//! `SELECT a, b.c WHERE x = 'y' AND z IN ('u', 'v') OR w = 't'`; anything else is refused.

use serde_json::{Map, Value, json};

use super::super::protocol::{self, ApiError, Caller};
use super::super::validate as check;
use super::State;
use super::resources;

/// What `SELECT *` means: the scalar members at the top.
const STAR: [&str; 10] = [
    "accountId",
    "arn",
    "availabilityZone",
    "awsRegion",
    "configurationItemCaptureTime",
    "resourceCreationTime",
    "resourceId",
    "resourceName",
    "resourceType",
    "version",
];

fn invalid(message: impl std::fmt::Display) -> ApiError {
    ApiError::bad(
        "InvalidExpressionException",
        format!("The syntax of the query is invalid: {message}"),
    )
}

pub(crate) fn select(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &["Expression"], &["Limit", "NextToken"])?;
    let expression = check::text(input, "Expression", 1, 4096)?.unwrap_or_default();
    let limit = check::integer(input, "Limit", 0, 100)?;
    let query = parse(expression)?;
    let results: Vec<Value> = resources::latest(state, caller)
        .into_values()
        .filter(|item| {
            !resources::text(item, "configurationItemStatus").starts_with("ResourceDeleted")
        })
        // Most queries are for a type: the others need not be copied.
        .filter(|item| {
            let of_type = |(path, values): &(String, Vec<String>)| {
                path != "resourceType"
                    || values.iter().any(|value| value == resources::text(item, "resourceType"))
            };
            query.alternatives.is_empty()
                || query.alternatives.iter().any(|conditions| conditions.iter().all(of_type))
        })
        .map(dialect)
        .filter(|item| {
            let holds = |(path, values): &(String, Vec<String>)| {
                let found = leaves(item, path);
                values.iter().any(|value| found.contains(&value.as_str()))
            };
            query.alternatives.is_empty()
                || query.alternatives.iter().any(|conditions| conditions.iter().all(holds))
        })
        .map(|item| {
            let mut row = Value::Object(Map::new());
            for field in &query.fields {
                if let Some(value) = pick(&item, field) {
                    put(&mut row, field, value.clone());
                }
            }
            json!(row.to_string())
        })
        .collect();
    let token = check::text(input, "NextToken", 0, usize::MAX)?;
    let tag = format!("select {expression}");
    let (results, next) = protocol::page(&results, token, state.page_size(limit, 25), &tag)
        .ok_or_else(|| {
            ApiError::bad("InvalidNextTokenException", "The specified next token is invalid.")
        })?;
    let fields: Vec<Value> = query.fields.iter().map(|name| json!({"Name": name})).collect();
    let mut output = json!({"Results": results, "QueryInfo": {"SelectFields": fields}});
    if let Some(next) = next {
        output["NextToken"] = json!(next);
    }
    Ok(output)
}

/// An item as queries see it: objects stay objects, times text, tags a list.
fn dialect(item: &Value) -> Value {
    let mut out = Map::new();
    for (name, value) in item.as_object().into_iter().flatten() {
        let name = match name.as_str() {
            "configurationItemVersion" => "version",
            "awsAccountId" => "accountId",
            "ARN" => "arn",
            other => other,
        };
        let value = match (name, value) {
            ("tags", Value::Object(tags)) => tags
                .iter()
                .map(|(key, value)| {
                    let text = value.as_str().unwrap_or_default();
                    json!({"key": key, "value": text, "tag": format!("{key}={text}")})
                })
                .collect(),
            _ => value.clone(),
        };
        out.insert(name.to_owned(), value);
    }
    Value::Object(out)
}

fn pick<'a>(item: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(item, |value, name| value.get(name))
}

/// The texts at a path, which leads into every element of the arrays on its way.
fn leaves<'a>(item: &'a Value, path: &str) -> Vec<&'a str> {
    let mut found = vec![item];
    for name in path.split('.') {
        let opened = found.into_iter().flat_map(|value| match value {
            Value::Array(elements) => elements.iter().collect(),
            other => vec![other],
        });
        found = opened.filter_map(|value| value.get(name)).collect();
    }
    found.into_iter().filter_map(Value::as_str).collect()
}

fn put(row: &mut Value, path: &str, value: Value) {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    if rest.is_empty() {
        row[head] = value;
    } else {
        if row.get(head).is_none() {
            row[head] = json!({});
        }
        put(&mut row[head], rest, value);
    }
}

#[derive(Debug)]
struct Query {
    fields: Vec<String>,
    /// One of these must hold, with all its conditions.
    alternatives: Vec<Vec<(String, Vec<String>)>>,
}

fn parse(expression: &str) -> Result<Query, ApiError> {
    let tokens = tokens(expression)?;
    let mut tokens = tokens.iter().peekable();
    let word = |token: Option<&Token>, expected: &str| match token {
        Some(Token::Word(word)) if word.eq_ignore_ascii_case(expected) => Ok(()),
        other => Err(invalid(format!("expected {expected}, found {other:?}"))),
    };
    word(tokens.next(), "SELECT")?;
    let mut fields = Vec::new();
    loop {
        match tokens.next() {
            Some(Token::Word(name)) if name == "*" => fields.extend(STAR.map(str::to_owned)),
            Some(Token::Word(name)) => fields.push(name.clone()),
            other => return Err(invalid(format!("expected a field, found {other:?}"))),
        }
        if tokens.next_if(|token| **token == Token::Mark(',')).is_none() {
            break;
        }
    }
    let mut alternatives = Vec::new();
    if tokens.peek().is_some() {
        word(tokens.next(), "WHERE")?;
        let mut conditions = Vec::new();
        loop {
            let Some(Token::Word(path)) = tokens.next() else {
                return Err(invalid("expected a property"));
            };
            let mut values = Vec::new();
            match tokens.next() {
                Some(Token::Mark('=')) => match tokens.next() {
                    Some(Token::Text(value)) => values.push(value.clone()),
                    other => return Err(invalid(format!("expected a value, found {other:?}"))),
                },
                other => {
                    word(other, "IN")?;
                    let mut open = tokens.next() == Some(&Token::Mark('('));
                    while open {
                        match (tokens.next(), tokens.next()) {
                            (Some(Token::Text(value)), Some(Token::Mark(mark @ (',' | ')')))) => {
                                values.push(value.clone());
                                open = *mark == ',';
                            }
                            other => {
                                return Err(invalid(format!("expected a list, found {other:?}")));
                            }
                        }
                    }
                }
            }
            conditions.push((path.clone(), values));
            match tokens.next() {
                None => break,
                or if word(or, "OR").is_ok() => {
                    alternatives.push(std::mem::take(&mut conditions));
                }
                other => word(other, "AND")?,
            }
        }
        alternatives.push(conditions);
    }
    Ok(Query { fields, alternatives })
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

fn tokens(expression: &str) -> Result<Vec<Token>, ApiError> {
    let mut out = Vec::new();
    let mut chars = expression.chars().peekable();
    while let Some(character) = chars.next() {
        match character {
            _ if character.is_whitespace() => {}
            ',' | '=' | '(' | ')' => out.push(Token::Mark(character)),
            '\'' | '"' => {
                let text: String = chars.by_ref().take_while(|&next| next != character).collect();
                out.push(Token::Text(text));
            }
            _ if character.is_alphanumeric() || character == '*' => {
                let mut word = String::from(character);
                while let Some(next) =
                    chars.next_if(|next| next.is_alphanumeric() || "._-:".contains(*next))
                {
                    word.push(next);
                }
                out.push(Token::Word(word));
            }
            _ => return Err(invalid(format!("unexpected {character}"))),
        }
    }
    Ok(out)
}
