//! Walks through the text of a pattern, and reads the values that patterns compare with.

use super::{FilterPatternError, Match, Undecided};
use crate::pattern::wildcard::Wildcard;

/// A position in a pattern.
pub(super) struct Cursor<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { whole: text, rest: text }
    }

    pub(super) fn wrong(&self, problem: &'static str) -> FilterPatternError {
        let left = self.rest.chars().count();
        FilterPatternError { at: self.whole.chars().count().saturating_sub(left) + 1, problem }
    }

    pub(super) fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Skips blanks, and takes `token` if it comes next.
    pub(super) fn take(&mut self, token: &str) -> bool {
        self.skip_blanks();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn expect(
        &mut self,
        token: &str,
        problem: &'static str,
    ) -> Result<(), FilterPatternError> {
        if self.take(token) { Ok(()) } else { Err(self.wrong(problem)) }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) const fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes the characters before the first one that `ends`.
    pub(super) fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = match self.rest.find(ends) {
            Some(end) => self.rest.split_at(end),
            None => (self.rest, ""),
        };
        self.rest = rest;
        taken
    }

    /// Takes a text in double quotes, with `\"` and `\\` in it.
    pub(super) fn quoted(&mut self) -> Result<String, FilterPatternError> {
        self.expect("\"", "a quotation mark is missing")?;
        let mut text = String::new();
        let mut characters = self.rest.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => {
                    self.rest = characters.as_str();
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some(next @ ('"' | '\\')) => text.push(next),
                    Some(next) => text.extend(['\\', next]),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err(self.wrong("the quotation is not closed"))
    }

    /// Takes a regular expression between percent signs.
    pub(super) fn regex(&mut self) -> Result<(), FilterPatternError> {
        self.expect("%", "a percent sign is missing")?;
        self.take_until(|character| character == '%');
        if self.at_end() {
            return Err(self.wrong("the regular expression is not closed"));
        }
        self.expect("%", "a percent sign is missing")
    }

    pub(super) fn operator(&mut self) -> Result<Operator, FilterPatternError> {
        for (token, operator) in [
            ("!=", Operator::Unequal),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("=", Operator::Equal),
            ("<", Operator::Below),
            (">", Operator::Above),
        ] {
            if self.take(token) {
                return Ok(operator);
            }
        }
        Err(self.wrong("a comparison is missing"))
    }

    /// Takes what a comparison compares with; a bare one ends at a blank or where `ends` says.
    pub(super) fn operand(
        &mut self,
        operator: Operator,
        ends: impl Fn(char) -> bool,
    ) -> Result<Operand, FilterPatternError> {
        self.skip_blanks();
        let operand = match self.peek() {
            Some('"') => Operand::Text(Wildcard::plain(&self.quoted()?)),
            Some('%') => {
                self.regex()?;
                Operand::Regex
            }
            _ => {
                let bare = self
                    .take_until(|one| one.is_whitespace() || matches!(one, '&' | '|') || ends(one));
                match bare.parse::<f64>() {
                    _ if bare.is_empty() => return Err(self.wrong("a value is missing")),
                    Ok(number) if number.is_finite() => Operand::Number(number, bare.to_owned()),
                    _ => Operand::Text(Wildcard::plain(bare)),
                }
            }
        };
        match (operator, &operand) {
            (Operator::Equal | Operator::Unequal, _) | (_, Operand::Number(..)) => Ok(operand),
            _ => Err(self.wrong("less and more compare with a number")),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Operator {
    /// How a number compares with the one in the pattern.
    pub(super) fn compare(self, have: f64, want: f64) -> bool {
        match self {
            Self::Equal => have == want,
            Self::Unequal => have != want,
            Self::Below => have < want,
            Self::AtMost => have <= want,
            Self::Above => have > want,
            Self::AtLeast => have >= want,
        }
    }
}

/// What a comparison compares with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    /// Text, in which `*` is a wildcard.
    Text(Wildcard),
    /// A number that is not in quotes, and how it is written.
    Number(f64, String),
    Regex,
}

impl Operand {
    pub(super) fn equals_text(&self, text: &str) -> Match {
        match self {
            Self::Text(wildcard) => wildcard.matches(text).into(),
            Self::Number(_, written) => (written == text).into(),
            Self::Regex => Match::Undecided(Undecided::Regex),
        }
    }
}
