//! JSON patterns: `{ ($.a.b = "x*") && ($.c NOT EXISTS) }`.

use serde_json::Value;

use super::cursor::{Cursor, Operand, Operator};
use super::{FilterPatternError, Match, Undecided};

/// How deep parentheses may be nested.
const DEEPEST: usize = 64;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    Test(Selector, Test),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Compare(Operator, Operand),
    /// `IS NULL`, `IS TRUE`, `IS FALSE`
    Is(Value),
    NotExists,
}

/// The way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector(pub(super) Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
    /// `[*]`
    Each,
}

pub(super) fn parse(text: &str) -> Result<Expression, FilterPatternError> {
    let mut cursor = Cursor::new(text);
    cursor.expect("{", "an opening brace is missing")?;
    let expression = any(&mut cursor, 0)?;
    cursor.expect("}", "an operator or the closing brace is missing")?;
    cursor.skip_blanks();
    if cursor.at_end() {
        Ok(expression)
    } else {
        Err(cursor.wrong("there is more after the closing brace"))
    }
}

fn any(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expression, FilterPatternError> {
    let mut each = vec![all(cursor, depth)?];
    while cursor.take("||") {
        each.push(all(cursor, depth)?);
    }
    Ok(joined(each, Expression::Any))
}

fn all(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expression, FilterPatternError> {
    let mut each = vec![one(cursor, depth)?];
    while cursor.take("&&") {
        each.push(one(cursor, depth)?);
    }
    Ok(joined(each, Expression::All))
}

/// One expression is itself.
fn joined(mut each: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match (each.pop(), each.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            each.extend(last);
            join(each)
        }
    }
}

fn one(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expression, FilterPatternError> {
    if cursor.take("(") {
        if depth == DEEPEST {
            return Err(cursor.wrong("the parentheses are nested too deep"));
        }
        let inner = any(cursor, depth + 1)?;
        cursor.expect(")", "a closing parenthesis is missing")?;
        return Ok(inner);
    }
    let selector = selector(cursor)?;
    cursor.skip_blanks();
    let test = match cursor.peek() {
        Some(first) if first.is_ascii_alphabetic() => {
            let word = |cursor: &mut Cursor<'_>| {
                cursor.skip_blanks();
                cursor.take_until(|one| !one.is_ascii_alphabetic()).to_ascii_uppercase()
            };
            let first = word(cursor);
            match (first.as_str(), word(cursor).as_str()) {
                ("NOT", "EXISTS") => Test::NotExists,
                ("IS", "NULL") => Test::Is(Value::Null),
                ("IS", "TRUE") => Test::Is(Value::Bool(true)),
                ("IS", "FALSE") => Test::Is(Value::Bool(false)),
                _ => return Err(cursor.wrong("an unknown test")),
            }
        }
        _ => {
            let operator = cursor.operator()?;
            Test::Compare(operator, cursor.operand(operator, |one| matches!(one, ')' | '}'))?)
        }
    };
    Ok(Expression::Test(selector, test))
}

fn selector(cursor: &mut Cursor<'_>) -> Result<Selector, FilterPatternError> {
    cursor.expect("$", "a property is missing")?;
    let mut steps = Vec::new();
    loop {
        let step = match cursor.peek() {
            Some('.') => {
                cursor.expect(".", "a dot is missing")?;
                match cursor.peek() {
                    Some('[') => continue,
                    Some('"') => Step::Name(cursor.quoted()?),
                    _ => {
                        let name = cursor.take_until(|one| {
                            one.is_whitespace() || "=!<>()[]{}.&|\"".contains(one)
                        });
                        if name.is_empty() {
                            return Err(cursor.wrong("the name of a property is missing"));
                        }
                        Step::Name(name.to_owned())
                    }
                }
            }
            Some('[') => bracket(cursor)?,
            _ if steps.is_empty() => return Err(cursor.wrong("the name of a property is missing")),
            _ => return Ok(Selector(steps)),
        };
        steps.push(step);
    }
}

fn bracket(cursor: &mut Cursor<'_>) -> Result<Step, FilterPatternError> {
    cursor.expect("[", "an opening bracket is missing")?;
    cursor.skip_blanks();
    let step = match cursor.peek() {
        Some('"') => Step::Name(cursor.quoted()?),
        Some('\'') => {
            cursor.expect("'", "a quotation mark is missing")?;
            let name = cursor.take_until(|one| one == '\'').to_owned();
            cursor.expect("'", "the quotation is not closed")?;
            Step::Name(name)
        }
        Some('*') => {
            cursor.expect("*", "an asterisk is missing")?;
            Step::Each
        }
        _ => {
            let digits = cursor.take_until(|one| !one.is_ascii_digit());
            match digits.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => return Err(cursor.wrong("an index is missing")),
            }
        }
    };
    cursor.expect("]", "a closing bracket is missing")?;
    Ok(step)
}

impl Selector {
    /// The values that it leads to: one at most, without `[*]`.
    fn values<'a>(&self, event: &'a Value) -> Vec<&'a Value> {
        let mut values = vec![event];
        for step in &self.0 {
            let next = values.into_iter().flat_map(|value| -> Vec<&Value> {
                match step {
                    Step::Name(name) => value.get(name).into_iter().collect(),
                    Step::Index(index) => value.get(index).into_iter().collect(),
                    Step::Each => value.as_array().into_iter().flatten().collect(),
                }
            });
            values = next.collect();
        }
        values
    }
}

impl Expression {
    pub(super) fn matches(&self, event: &Value) -> Match {
        match self {
            Self::Any(each) => Match::any(each.iter().map(|one| one.matches(event))),
            Self::All(each) => Match::all(each.iter().map(|one| one.matches(event))),
            Self::Test(selector, test) => test.matches(&selector.values(event)),
        }
    }
}

impl Test {
    fn matches(&self, values: &[&Value]) -> Match {
        match self {
            Self::NotExists => values.is_empty().into(),
            Self::Is(wanted) => values.contains(&wanted).into(),
            Self::Compare(Operator::Unequal, _) if values.is_empty() => {
                Match::Undecided(Undecided::Undocumented)
            }
            Self::Compare(Operator::Unequal, operand) => {
                let mut each = values.iter().map(|value| unequal(value, operand));
                let first = each.next().unwrap_or(Match::No);
                // Of several values some of which are equal: nothing says which way it goes.
                if each.all(|other| other == first) {
                    first
                } else {
                    Match::Undecided(Undecided::Undocumented)
                }
            }
            Self::Compare(operator, operand) => {
                Match::any(values.iter().map(|value| compare(value, *operator, operand)))
            }
        }
    }
}

fn unequal(value: &Value, operand: &Operand) -> Match {
    match value {
        // A property that leads to a list or an object never matches.
        Value::Array(_) | Value::Object(_) => Match::No,
        Value::Null => Match::Undecided(Undecided::Undocumented),
        value => !compare(value, Operator::Equal, operand),
    }
}

fn compare(value: &Value, operator: Operator, operand: &Operand) -> Match {
    match (value, operand) {
        (Value::Array(_) | Value::Object(_), _) => Match::No,
        (_, Operand::Regex) => Match::Undecided(Undecided::Regex),
        (Value::Number(number), Operand::Number(want, _)) => {
            number.as_f64().is_some_and(|have| operator.compare(have, *want)).into()
        }
        (Value::String(text), operand) if operator == Operator::Equal => operand.equals_text(text),
        // A text that looks like a number may or may not be compared as one.
        (Value::String(text), _) if text.parse::<f64>().is_ok() => {
            Match::Undecided(Undecided::Undocumented)
        }
        (Value::String(_), _) => Match::No,
        (Value::Number(number), operand) => operand.equals_text(&number.to_string()),
        (value, operand) => match operand.equals_text(&value.to_string()) {
            Match::No => Match::No,
            _ => Match::Undecided(Undecided::Undocumented),
        },
    }
}
