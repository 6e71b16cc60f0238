//! Patterns with `*` and `?`, as actions and resources are written.

mod search;

pub(super) use search::{Work, signatures};

/// How letters compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `A` is `a`: actions, condition keys.
    Insensitive,
    /// `A` is not `a`: resources.
    Sensitive,
}

/// How a policy variable (`${aws:username}`) in a pattern is read: its value is only known when a
/// request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Only what matches for certain: a pattern with a variable matches nothing.
    Surely,
    /// What may match: a variable matches anything.
    Possibly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Token {
    /// This character.
    Just(char),
    /// `?`
    One,
    /// `*`
    Any,
}

/// A pattern: `*` matches any run of characters, `?` exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(Vec<Token>);

impl Glob {
    /// Reads a pattern; `None` when it holds a variable that, read like this, matches nothing.
    #[must_use]
    pub fn parse(text: &str, case: Case, reading: Reading) -> Option<Self> {
        let (glob, has_variable) = Self::read(text, case);
        (reading == Reading::Possibly || !has_variable).then_some(glob)
    }

    /// Everything that a pattern may match.
    pub(super) fn widest(text: &str, case: Case) -> Self {
        Self::read(text, case).0
    }

    /// Reads a pattern, a variable as `*`, and tells whether there was one.
    fn read(text: &str, case: Case) -> (Self, bool) {
        let mut tokens = Vec::with_capacity(text.len());
        let mut has_variable = false;
        let mut rest = text.chars().peekable();
        let mut push = |token: Token| {
            // `**` is `*`: fewer states, same meaning.
            if !(token == Token::Any && tokens.last() == Some(&Token::Any)) {
                tokens.push(token);
            }
        };
        while let Some(next) = rest.next() {
            match next {
                '*' => push(Token::Any),
                '?' => push(Token::One),
                '$' if rest.peek() == Some(&'{') => {
                    let variable: String =
                        rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    if matches!(variable.as_str(), "*" | "?" | "$") {
                        // `${*}`, `${?}` and `${$}` are the characters themselves.
                        variable.chars().for_each(|c| push(Token::Just(c)));
                    } else {
                        has_variable = true;
                        push(Token::Any);
                    }
                }
                other => match case {
                    Case::Sensitive => push(Token::Just(other)),
                    Case::Insensitive => other.to_lowercase().for_each(|c| push(Token::Just(c))),
                },
            }
        }
        (Self(tokens), has_variable)
    }

    /// Whether `text` matches. `text` must be in lower case for a pattern read without regard to
    /// case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (mut position, mut rest) = (0, text.chars());
        // Behind the last `*`, and the text with which that may go on: an earlier `*` never needs
        // another try, since the last one can take all that it could.
        let mut last = None;
        loop {
            let mut ahead = rest.clone();
            let fits = match (self.0.get(position), ahead.next()) {
                (Some(Token::Any), _) => {
                    position += 1;
                    last = Some((position, rest.clone()));
                    continue;
                }
                (None, None) => return true,
                (Some(Token::One), Some(_)) => true,
                (Some(Token::Just(expected)), Some(character)) => *expected == character,
                (Some(_), None) | (None, Some(_)) => false,
            };
            if fits {
                position += 1;
                rest = ahead;
                continue;
            }
            let Some((behind, from)) = &mut last else { return false };
            if from.next().is_none() {
                return false;
            }
            (position, rest) = (*behind, from.clone());
        }
    }

    /// A text that matches: the pattern itself where it has no `*` or `?`.
    pub(super) fn example(&self) -> String {
        let characters = self.0.iter().filter_map(|token| match token {
            Token::Just(character) => Some(*character),
            Token::One => Some('z'),
            Token::Any => None,
        });
        characters.collect()
    }

    /// Whether only one text matches.
    fn is_literal(&self) -> bool {
        self.0.iter().all(|token| matches!(token, Token::Just(_)))
    }

    /// Whether it is plain that everything that `other` matches is matched: it ends with its only
    /// `*`, and what stands before that is how `other` begins.
    fn plainly_covers(&self, other: &Self) -> bool {
        let Some((Token::Any, head)) = self.0.split_last() else { return false };
        head.iter().all(|token| matches!(token, Token::Just(_))) && other.0.starts_with(head)
    }

    /// Whether it is plain that no text matches both: they begin or end differently, or one is a
    /// text that the other does not match.
    fn is_plainly_apart(&self, other: &Self) -> bool {
        let differ = |(one, two): (&Token, &Token)| match (one, two) {
            (Token::Just(one), Token::Just(two)) => Some(one != two),
            _ => None,
        };
        let at_edge = |pairs: Pairs<'_>| loop {
            match pairs.next().map(differ) {
                Some(Some(false)) => {}
                Some(Some(true)) => return true,
                Some(None) | None => return false,
            }
        };
        at_edge(&mut self.0.iter().zip(&other.0))
            || at_edge(&mut self.0.iter().rev().zip(other.0.iter().rev()))
            || (self.is_literal() && !other.matches(&self.example()))
    }
}

/// Tokens of two patterns side by side.
type Pairs<'a> = &'a mut dyn Iterator<Item = (&'a Token, &'a Token)>;

/// A union of patterns, or everything but them (`NotAction`, `NotResource`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobSet {
    /// The patterns.
    pub globs: Vec<Glob>,
    /// Whether the set is what none of them matches.
    pub negated: bool,
}

impl GlobSet {
    /// Reads patterns. A variable in a negated set takes more away than it adds, so that there
    /// the reading is the other one.
    #[must_use]
    pub fn parse<'a>(
        patterns: impl IntoIterator<Item = &'a str>,
        negated: bool,
        case: Case,
        reading: Reading,
    ) -> Self {
        let reading = match (reading, negated) {
            (reading, false) => reading,
            (Reading::Surely, true) => Reading::Possibly,
            (Reading::Possibly, true) => Reading::Surely,
        };
        let globs = patterns.into_iter().filter_map(|text| Glob::parse(text, case, reading));
        Self { globs: globs.collect(), negated }
    }

    /// Whether `text` is in the set.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.globs.iter().any(|glob| glob.matches(text)) != self.negated
    }
}

/// Whether one of the patterns, as parameters give them, matches the whole name: `*` stands for
/// anything, `?` for one character.
#[must_use]
pub fn matches_any(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| {
        Glob::parse(pattern.trim(), Case::Sensitive, Reading::Surely)
            .is_some_and(|glob| glob.matches(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Glob {
        Glob::parse(text, Case::Sensitive, Reading::Surely).unwrap()
    }

    #[test]
    fn patterns_match_as_the_grammar_says() {
        assert!(glob("s3:Get*").matches("s3:GetObject"));
        assert!(!glob("s3:Get*").matches("s3:PutObject"));
        assert!(glob("a?c").matches("abc"));
        assert!(!glob("a?c").matches("ac"));
        assert!(glob("**").matches(""));
        assert!(glob("a${*}b").matches("a*b"));
        assert!(!glob("a${*}b").matches("axb"));
        let insensitive = Glob::parse("S3:GET*", Case::Insensitive, Reading::Surely).unwrap();
        assert!(insensitive.matches("s3:getobject"));
    }

    #[test]
    fn an_example_matches() {
        for text in ["", "*", "?", "a*b?c", "s3:Get*", "arn:aws:s3:::b/${aws:username}/*"] {
            let glob = Glob::parse(text, Case::Sensitive, Reading::Possibly).unwrap();
            assert!(glob.matches(&glob.example()), "{text}");
        }
        assert_eq!(glob("s3:GetObject").example(), "s3:GetObject");
    }

    #[test]
    fn a_variable_matches_nothing_for_certain_and_anything_possibly() {
        let text = "arn:aws:s3:::b/${aws:username}/*";
        assert!(Glob::parse(text, Case::Sensitive, Reading::Surely).is_none());
        let possibly = Glob::parse(text, Case::Sensitive, Reading::Possibly).unwrap();
        assert!(possibly.matches("arn:aws:s3:::b/anyone/x"));
        // What is surely outside of NotResource is what no reading of it matches.
        let not = GlobSet::parse([text], true, Case::Sensitive, Reading::Surely);
        assert!(!not.contains("arn:aws:s3:::b/anyone/x"));
        assert!(not.contains("arn:aws:s3:::other"));
    }

    #[test]
    fn patterns_of_parameters_match_as_a_whole() {
        let matches = |patterns: &[&str], name: &str| {
            matches_any(&patterns.iter().map(|&one| one.to_owned()).collect::<Vec<_>>(), name)
        };
        assert!(matches(&["*"], "/aws/lambda/a"));
        assert!(matches(&["other", " /aws/*/a "], "/aws/lambda/a"));
        assert!(!matches(&["/aws/"], "/aws/lambda/a"));
        assert!(!matches(&[], "a"));
    }
}
