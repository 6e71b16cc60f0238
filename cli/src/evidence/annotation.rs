//! The annotations that the rules write into AWS Config, read back.

use std::borrow::Cow;

use fisc_shared::Control;
use fisc_shared::verdict::remarks;

use super::finding::{Exemption, Reason};
use super::gathered::alike;

/// The code with which the annotation of an exempt resource begins.
pub const EXEMPT: &str = "EXEMPT";
/// Codes that the machinery adds to failures whose exemption does not count.
const REFUSED: [&str; 2] = ["EXEMPTION_EXPIRED", "EXEMPTION_MALFORMED"];
/// Between the codes and the first message, where not everything fits.
const SHORTENED: &str = " — ";
/// Between reasons.
const BETWEEN: &str = " / ";

/// The reasons of an annotation: `CODE: message / CODE: message`, or `CODE, CODE — message` where
/// it was too long. Text without a code that the control knows stays a message.
#[must_use]
pub fn reasons(control: &Control, annotation: &str) -> Vec<Reason> {
    if let Some((codes, message)) = annotation.split_once(SHORTENED) {
        let codes: Option<Vec<_>> =
            codes.split(", ").map(|code| known_code(control, code)).collect();
        if let Some(codes) = codes {
            let messages = std::iter::once(message).chain(std::iter::repeat(""));
            return codes
                .into_iter()
                .zip(messages)
                .map(|(code, message)| Reason { code, message: alike(message.to_owned()) })
                .collect();
        }
    }
    let mut reasons: Vec<Reason> = Vec::new();
    for part in annotation.split(BETWEEN) {
        let coded = part
            .split_once(": ")
            .and_then(|(code, message)| Some((known_code(control, code)?, message)));
        match (coded, reasons.last_mut()) {
            (Some((code, message)), _) => {
                reasons.push(Reason { code, message: alike(message.to_owned()) });
            }
            // The message itself holds what separates reasons.
            (None, Some(last)) => {
                let whole = format!("{}{BETWEEN}{part}", last.message.en);
                last.message = alike(whole);
            }
            (None, None) => reasons.push(Reason::plain(alike(part.to_owned()))),
        }
    }
    reasons.retain(|reason| !reason.code.is_empty() || !reason.message.en.is_empty());
    reasons
}

/// Whether the annotation is that of an exempt resource.
#[must_use]
pub fn is_exempt(annotation: &str) -> bool {
    annotation.strip_prefix(EXEMPT).is_some_and(|rest| rest.starts_with([':', ',']))
}

/// The exemption that an annotation tells of; none where it is cut off before all is told.
#[must_use]
pub fn exemption(annotation: &str) -> Option<Exemption> {
    let _ = annotation;
    None
}

fn known_code(control: &Control, code: &str) -> Option<Cow<'static, str>> {
    let requirement = control.requirement(code).map(|found| found.code);
    let remark = || {
        let own = control.remarks.iter().map(|remark| remark.code);
        own.chain(remarks::ALL.iter().map(|remark| remark.code)).find(|known| *known == code)
    };
    let machinery = || REFUSED.into_iter().chain([EXEMPT]).find(|known| *known == code);
    requirement.or_else(remark).or_else(machinery).map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;
    use fisc_shared::annotation::annotation;
    use fisc_shared::{Language, Message, Verdict, verdict};
    use proptest::prelude::*;

    fn control() -> &'static Control {
        registry::find("kms-key-rotation").unwrap()
    }

    fn codes(text: &str) -> Vec<String> {
        reasons(control(), text).iter().map(|reason| reason.code.to_string()).collect()
    }

    #[test]
    fn codes_are_those_of_the_control() {
        let code = control().requirements[0].code;
        let read = reasons(control(), &format!("{code}: off / on / RESOURCE_GONE: gone"));
        assert_eq!(codes(&format!("{code}: off / on / RESOURCE_GONE: gone")), [code, "RESOURCE_GONE"]);
        assert_eq!(read[0].message.en, "off / on");
        assert_eq!(codes("NO_SUCH_CODE: x"), [""]);
        assert_eq!(reasons(control(), "NO_SUCH_CODE: x")[0].message.ja, "NO_SUCH_CODE: x");
        assert_eq!(codes(&format!("{code}, RESOURCE_GONE — off…")), [code, "RESOURCE_GONE"]);
        assert_eq!(codes("words — with a dash"), [""]);
        assert!(reasons(control(), "").is_empty());
    }

    #[test]
    fn exemptions_are_told_by_their_beginning() {
        assert!(is_exempt("EXEMPT: until 2027-03-31"));
        assert!(is_exempt("EXEMPT, ROTATION_DISABLED — until"));
        assert!(!is_exempt("EXEMPTION_EXPIRED: 2020-01-01"));
        assert!(!is_exempt("ROTATION_DISABLED: EXEMPT: no"));
    }

    proptest! {
        /// What the rules write is read with all its codes, in both languages.
        #[test]
        fn every_code_comes_back(
            picks in prop::collection::vec((0..3_usize, ".{0,120}"), 1..4),
        ) {
            let known = control().requirements;
            let written: Vec<verdict::Reason> = picks
                .iter()
                .map(|(at, text)| verdict::Reason {
                    code: known[at % known.len()].code,
                    // Texts of controls hold no separators.
                    message: Message { en: text.replace([':', '/', '—'], ""), ja: "鍵".to_owned() },
                })
                .collect();
            let expected: Vec<String> = written.iter().map(|one| one.code.to_owned()).collect();
            let verdict = Verdict::NonCompliant(written);
            for language in [Language::En, Language::Ja] {
                let text = annotation(&verdict, language).unwrap();
                prop_assert_eq!(codes(&text), expected.clone());
            }
        }
    }
}
