//! Patterns for unstructured text: `ERROR "could not" -retry`.

use super::cursor::Cursor;
use super::{FilterPatternError, Match, Undecided};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Terms {
    /// All of them must be there.
    pub(super) all: Vec<Term>,
    /// One of them must be there.
    pub(super) any: Vec<Term>,
    /// None of them may be there.
    pub(super) none: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    Text(String),
    Regex,
}

pub(super) fn parse(text: &str) -> Result<Terms, FilterPatternError> {
    let mut cursor = Cursor::new(text);
    let mut terms = Terms::default();
    loop {
        cursor.skip_blanks();
        if cursor.at_end() {
            break;
        }
        let list = if cursor.take("-") {
            &mut terms.none
        } else if cursor.take("?") {
            &mut terms.any
        } else {
            &mut terms.all
        };
        list.push(match cursor.peek() {
            Some('"') => Term::Text(cursor.quoted()?),
            Some('%') => {
                cursor.regex()?;
                Term::Regex
            }
            _ => match cursor.take_until(char::is_whitespace) {
                "" => return Err(cursor.wrong("a term is missing")),
                term => Term::Text(term.to_owned()),
            },
        });
    }
    // Beside other terms those with a question mark have no effect.
    if !terms.all.is_empty() || !terms.none.is_empty() {
        terms.any.clear();
    }
    Ok(terms)
}

impl Term {
    fn is_in(&self, message: &str) -> Match {
        match self {
            // A quotation of nothing but blanks is the way to write "everything".
            Self::Text(text) => (text.trim().is_empty() || message.contains(text)).into(),
            Self::Regex => Match::Undecided(Undecided::Regex),
        }
    }
}

impl Terms {
    pub(super) fn matches(&self, message: &str) -> Match {
        let each = |terms: &[Term]| -> Vec<Match> {
            terms.iter().map(|term| term.is_in(message)).collect()
        };
        let any =
            if self.any.is_empty() { Match::Yes } else { Match::any(each(&self.any).into_iter()) };
        Match::all(each(&self.all).into_iter())
            .and(|| any)
            .and(|| !Match::any(each(&self.none).into_iter()))
    }
}
