//! Filter patterns of CloudWatch Logs.

mod cursor;
mod fields;
mod json;
mod terms;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Not;

/// A filter pattern in one of its three forms.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterPattern(Form);

#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// `{ $.errorCode = "AccessDenied*" }`
    Json(json::Expression),
    /// `[ip, user, status = 4*]`
    Fields(fields::Fields),
    /// `ERROR -exit`; without any term everything matches.
    Terms(terms::Terms),
}

/// Why a text is no filter pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the filter pattern cannot be read at character {at}: {problem}")]
pub struct FilterPatternError {
    /// The place, counted in characters from one.
    pub at: usize,
    /// What is wrong.
    pub problem: &'static str,
}

/// Whether a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// This cannot be told, and must not be guessed.
    Undecided(Undecided),
}

/// Why it cannot be told whether a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// A regular expression decides.
    Regex,
    /// The documentation does not say how the two compare: "unequal" where the event has no such
    /// field, or text and a value that is neither text nor number.
    Undocumented,
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Regex => "a regular expression decides",
            Self::Undocumented => "it is not documented how the values compare",
        })
    }
}

impl From<bool> for Match {
    fn from(matches: bool) -> Self {
        if matches { Self::Yes } else { Self::No }
    }
}

impl Not for Match {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            undecided @ Self::Undecided(_) => undecided,
        }
    }
}

impl Match {
    /// Whether both match: one that does not settles it.
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            undecided @ Self::Undecided(_) => match other() {
                Self::No => Self::No,
                _ => undecided,
            },
        }
    }

    /// Whether one of two matches: one that does settles it.
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        !(!self).and(|| !other())
    }

    fn all(each: impl Iterator<Item = Self>) -> Self {
        each.fold(Self::Yes, |all, one| all.and(|| one))
    }

    fn any(each: impl Iterator<Item = Self>) -> Self {
        each.fold(Self::No, |any, one| any.or(|| one))
    }
}

impl FilterPattern {
    /// Reads a pattern as a metric filter or a subscription filter has it.
    ///
    /// # Errors
    /// [`FilterPatternError`], which names the place.
    pub fn parse(text: &str) -> Result<Self, FilterPatternError> {
        let trimmed = text.trim();
        let form = if trimmed.starts_with('{') {
            json::parse(text).map(Form::Json)
        } else if trimmed.starts_with('[') {
            fields::parse(text).map(Form::Fields)
        } else {
            terms::parse(text).map(Form::Terms)
        };
        form.map(Self)
    }

    /// Whether the pattern matches a log event, given as the service has it: CloudTrail's are
    /// JSON on one line.
    #[must_use]
    pub fn matches(&self, message: &str) -> Match {
        match &self.0 {
            Form::Json(expression) => match serde_json::from_str(message) {
                Ok(value) => expression.matches(&value),
                Err(_) => Match::No,
            },
            Form::Fields(fields) => fields.matches(message),
            Form::Terms(terms) => terms.matches(message),
        }
    }
}
