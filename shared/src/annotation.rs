//! The annotation of an evaluation: the reason codes and their values, in at most 256 characters.

use crate::exemption::SEPARATOR;
use crate::text::{Language, tame};
use crate::verdict::Verdict;

/// The longest annotation that PutEvaluations takes, in characters (not bytes).
pub const MAX_CHARACTERS: usize = 256;

/// The annotation of a verdict; `None` when there is nothing to say. Codes come first where the
/// whole does not fit: a reader can look codes up, but not guess them.
#[must_use]
pub fn annotation(verdict: &Verdict, language: Language) -> Option<String> {
    let reasons = verdict.reasons();
    if reasons.is_empty() {
        return None;
    }
    let full: Vec<String> = reasons
        .iter()
        .map(|reason| format!("{}: {}", reason.code, reason.message.get(language)))
        .collect();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
    if let (Verdict::Exempt(..), [exempt, ..], [_, failing @ ..]) = (verdict, &full[..], &codes[..])
    {
        // Who answers for it until when, which is read back from here, then what fails.
        return Some(fit(&format!("{exempt}{SEPARATOR}{}", failing.join(", "))));
    }
    let full = full.join(SEPARATOR);
    if full.chars().count() <= MAX_CHARACTERS || reasons.len() == 1 {
        return Some(fit(&full));
    }
    // Too long: every code, then as much of the first message as fits.
    let first = reasons.first().map_or("", |reason| reason.message.get(language));
    Some(fit(&format!("{} — {first}", codes.join(", "))))
}

/// One line of what an annotation takes: names of resources are in the hands of those who make them.
fn fit(text: &str) -> String {
    cut(&tame(text).replace('\n', " "), MAX_CHARACTERS)
}

/// At most `limit` characters of `text`; what is cut ends in an ellipsis.
#[must_use]
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Message;
    use crate::verdict::Reason;
    use proptest::prelude::*;

    fn failing(messages: &[&str]) -> Verdict {
        Verdict::NonCompliant(
            messages
                .iter()
                .map(|text| Reason {
                    code: "SOME_CODE",
                    message: Message { en: (*text).to_owned(), ja: "日".repeat(text.len()) },
                })
                .collect(),
        )
    }

    #[test]
    fn codes_and_values_stand_together() {
        assert_eq!(
            annotation(&failing(&["730 days", "off"]), Language::En).as_deref(),
            Some("SOME_CODE: 730 days / SOME_CODE: off")
        );
        assert_eq!(annotation(&Verdict::compliant(), Language::Ja), None);
    }

    #[test]
    fn every_code_survives_a_long_message() {
        let verdict = failing(&["x".repeat(300).as_str(), "y"]);
        let text = annotation(&verdict, Language::Ja).unwrap();
        assert_eq!(text.chars().count(), MAX_CHARACTERS);
        assert!(text.starts_with("SOME_CODE, SOME_CODE — 日"));
        assert!(text.ends_with('…'));
    }

    #[test]
    fn an_annotation_is_one_line_without_control_characters() {
        let text = annotation(&failing(&["k\u{1b}[31m\nx"]), Language::En).unwrap();
        assert!(text.ends_with("k\u{fffd}[31m x"), "{text}");
    }

    proptest! {
        #[test]
        fn never_longer_than_the_limit(texts in prop::collection::vec(".{0,400}", 0..5)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            for language in [Language::Ja, Language::En] {
                if let Some(text) = annotation(&failing(&texts), language) {
                    prop_assert!((1..=MAX_CHARACTERS).contains(&text.chars().count()));
                }
            }
        }
    }
}
