//! Texts in the two languages of the product.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::annotation::cut;
use crate::message;

/// The language of annotations, findings and output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Japanese, the default: those who read the results are Japanese institutions.
    #[default]
    Ja,
    /// English.
    En,
}

impl Language {
    /// The value as it is written in parameters and options: `ja` or `en`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is neither `ja` nor `en`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown language {0:?}: write \"ja\" or \"en\"")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "ja" => Ok(Self::Ja),
            "en" => Ok(Self::En),
            other => Err(UnknownLanguage(other.to_owned())),
        }
    }
}

/// Text from outside, fit for a terminal and a log: characters that steer a terminal, or turn the
/// direction of writing, become U+FFFD. Line ends stay.
#[must_use]
pub fn tame(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => c,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// What messages quote at most of a text from outside, in characters.
const QUOTED: usize = 200;

/// Text from outside for an error message: tame, on one line, and short.
#[must_use]
pub fn brief(text: &str) -> String {
    cut(&tame(text).replace('\n', " "), QUOTED)
}

/// What is wrong with JSON, for an error message. Where serde repeats a text that it found in the
/// place of something else, that text is left out: it may be a secret.
#[must_use]
pub fn json_problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match (text.find("string \""), text.rfind("\", expected")) {
        (Some(start), Some(end)) if start < end => {
            let (before, after) = (text.get(..start), text.get(end + 1..));
            brief(&format!("{}a string{}", before.unwrap_or_default(), after.unwrap_or_default()))
        }
        _ => brief(&text),
    }
}

/// A fixed text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Japanese.
    pub ja: &'static str,
}

impl Text {
    /// A text from its English and its Japanese form.
    #[must_use]
    pub const fn new(en: &'static str, ja: &'static str) -> Self {
        Self { en, ja }
    }

    /// The form in `language`.
    #[must_use]
    pub const fn get(&self, language: Language) -> &'static str {
        match language {
            Language::Ja => self.ja,
            Language::En => self.en,
        }
    }
}

/// A text with values in it, in both languages. Made by [`message!`](crate::message).
///
/// Values are facts about a resource (a number of days, a state); never a secret, an access key
/// id or the text of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Message {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

impl Message {
    /// The form in `language`.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

/// How many names a message spells out: an annotation has 256 characters.
const NAMED: usize = 3;

impl Message {
    /// The first few of `names`, and how many more there are.
    #[must_use]
    pub fn named<T: AsRef<str>>(names: &[T]) -> Self {
        let first: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
        let (en, ja) = (first.join(", "), first.join("、"));
        match names.len().saturating_sub(NAMED) {
            0 => Self { en, ja },
            more => message!("{en} and {more} more", "{ja} ほか {more} 件"),
        }
    }
}

impl From<Text> for Message {
    fn from(text: Text) -> Self {
        Self { en: text.en.to_owned(), ja: text.ja.to_owned() }
    }
}

/// Formats a [`Message`](crate::Message): the English form, then the Japanese one, both with the
/// inline captures of `format!`.
#[macro_export]
macro_rules! message {
    ($en:literal, $ja:literal $(,)?) => {
        $crate::Message { en: format!($en), ja: format!($ja) }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_captures_values_in_both_languages() {
        let days = 730;
        let message = message!("{days} days", "{days} 日");
        assert_eq!(message.get(Language::En), "730 days");
        assert_eq!(message.get(Language::Ja), "730 日");
    }

    #[test]
    fn what_steers_a_terminal_is_replaced() {
        let hostile = "k\u{1b}[31m\u{7}\u{9b}1m\u{202e}\r\0台帳\n";
        assert_eq!(tame(hostile), "k\u{fffd}[31m\u{fffd}\u{fffd}1m\u{fffd}\u{fffd}\u{fffd}台帳\n");
    }

    #[test]
    fn what_is_wrong_with_json_is_told_without_its_text() {
        let problem =
            |json: &str| json_problem(&serde_json::from_str::<Vec<u8>>(json).unwrap_err());
        assert_eq!(
            problem("\"hunter2\\\", expected \""),
            "invalid type: a string, expected a sequence at line 1 column 22"
        );
        assert_eq!(problem("[1,"), "EOF while parsing a value at line 1 column 3");
    }

    #[test]
    fn long_lists_are_counted() {
        let named = |names: &[&str]| Message::named(names);
        assert_eq!(named(&["a", "b"]).en, "a, b");
        assert_eq!(
            named(&["a", "b", "c", "d", "e"]),
            message!("a, b, c and 2 more", "a、b、c ほか 2 件")
        );
    }

    #[test]
    fn only_the_two_languages_parse() {
        assert_eq!("ja".parse(), Ok(Language::Ja));
        assert_eq!("en".parse(), Ok(Language::En));
        assert!("JA".parse::<Language>().is_err());
    }
}
