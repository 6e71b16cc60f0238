//! Texts in which `*` stands for any run of characters.

/// A text with `*`: the pieces between them. Matching takes one pass over the text for each
/// piece, however many `*` there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wildcard {
    first: String,
    rest: Vec<String>,
}

impl Wildcard {
    /// Reads a text in which every `*` is a wildcard.
    pub(super) fn plain(text: &str) -> Self {
        let mut pieces = text.split('*').map(str::to_owned);
        Self { first: pieces.next().unwrap_or_default(), rest: pieces.collect() }
    }

    /// Reads a text in which `\*` and `\\` are the characters themselves; the error says what is
    /// wrong with it.
    pub(super) fn escaped(text: &str) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        let mut after_star = false;
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '*' if after_star => return Err("has two * in a row"),
                '*' => pieces.push(std::mem::take(&mut piece)),
                '\\' => match characters.next() {
                    Some(next @ ('*' | '\\')) => piece.push(next),
                    _ => return Err("has a backslash before something else than * or \\"),
                },
                other => piece.push(other),
            }
            after_star = character == '*';
        }
        pieces.push(piece);
        let mut pieces = pieces.into_iter();
        Ok(Self { first: pieces.next().unwrap_or_default(), rest: pieces.collect() })
    }

    /// Whether the whole of `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((last, middle)) = self.rest.split_last() else { return text == self.first };
        let Some(mut left) = text.strip_prefix(self.first.as_str()) else { return false };
        for piece in middle {
            // The earliest place leaves the most to the pieces that follow.
            let Some((_, after)) = left.split_once(piece.as_str()) else { return false };
            left = after;
        }
        left.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_match_any_run() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a*c", "ac", true),
            ("a*c", "abbc", true),
            ("a*c", "acb", false),
            // The suffix may not use what the prefix used.
            ("ab*ba", "aba", false),
            ("*ab*ab", "ab", false),
            ("*ab*ab", "abab", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "ba", false),
            ("**", "x", true),
            ("東*京", "東の京", true),
        ] {
            assert_eq!(Wildcard::plain(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn escapes_are_the_characters() {
        let matches = |pattern: &str, text: &str| Wildcard::escaped(pattern).unwrap().matches(text);
        assert!(matches(r"a\*b", "a*b"));
        assert!(!matches(r"a\*b", "axb"));
        assert!(matches(r"a\\*b", r"a\xxb"));
        assert!(matches(r"*\**", "1*2"));
        for wrong in [r"a\b", r"a\", "a**b"] {
            Wildcard::escaped(wrong).unwrap_err();
        }
    }

    #[test]
    fn many_stars_take_no_longer_than_few() {
        let pattern = Wildcard::plain(&"*a".repeat(2_000));
        let text = format!("{}b", "a".repeat(20_000));
        let start = Instant::now();
        assert!(!pattern.matches(&text));
        assert!(start.elapsed() < Duration::from_secs(2));
    }

    /// By its definition, slow.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('*', left)), None) => naive(left, text),
            (Some(('*', left)), Some((_, rest))) => naive(left, text) || naive(pattern, rest),
            (Some((want, left)), Some((have, rest))) => want == have && naive(left, rest),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn it_is_the_definition(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(
                Wildcard::plain(&pattern).matches(&text),
                naive(&characters(&pattern), &characters(&text))
            );
        }
    }
}
