//! The annotations that the rules write into AWS Config, read back.

use std::borrow::Cow;

use fisc_shared::verdict::remarks;
use fisc_shared::{Control, Message};

use super::finding::Reason;
use super::gathered::alike;

/// Between the codes and the first message, where not everything fits.
const SHORTENED: &str = " — ";
/// Between reasons.
const BETWEEN: &str = " / ";

/// The reasons of an annotation: `CODE: message / CODE: message`, or `CODE, CODE — message` where
/// it was too long. Text without a code that the control knows stays a message.
#[must_use]
pub fn reasons(control: &Control, annotation: &str) -> Vec<Reason> {
    if let Some((codes, message)) = annotation.split_once(SHORTENED)
        && let Some(codes) = codes_of(control, codes)
    {
        let messages = std::iter::once(message).chain(std::iter::repeat(""));
        return codes
            .into_iter()
            .zip(messages)
            .map(|(code, message)| Reason { code, message: alike(message.to_owned()) })
            .collect();
    }
    let mut reasons: Vec<Reason> = Vec::new();
    let exempt = is_exempt(annotation);
    for part in annotation.split(BETWEEN) {
        // What an exempt resource fails follows as codes alone.
        if let Some(codes) = codes_of(control, part).filter(|_| exempt) {
            let bare = |code| Reason { code, message: Message::default() };
            reasons.extend(codes.into_iter().map(bare));
            continue;
        }
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
    annotation.strip_prefix(remarks::EXEMPT.code).is_some_and(|rest| rest.starts_with(": "))
}

/// The codes of a list of nothing but codes.
fn codes_of(control: &Control, text: &str) -> Option<Vec<Cow<'static, str>>> {
    text.split(", ").map(|code| known_code(control, code)).collect()
}

fn known_code(control: &Control, code: &str) -> Option<Cow<'static, str>> {
    let requirement = control.requirement(code).map(|found| found.code);
    let remark = || {
        let own = control.remarks.iter().map(|remark| remark.code);
        own.chain(remarks::ALL.iter().map(|remark| remark.code)).find(|known| *known == code)
    };
    requirement.or_else(remark).map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;
    use fisc_shared::annotation::annotation;
    use fisc_shared::{Language, Message, Verdict, exemption, message, verdict};
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
        assert_eq!(
            codes(&format!("{code}: off / on / RESOURCE_GONE: gone")),
            [code, "RESOURCE_GONE"]
        );
        assert_eq!(read[0].message.en, "off / on");
        assert_eq!(codes("NO_SUCH_CODE: x"), [""]);
        assert_eq!(reasons(control(), "NO_SUCH_CODE: x")[0].message.ja, "NO_SUCH_CODE: x");
        assert_eq!(codes(&format!("{code}, RESOURCE_GONE — off…")), [code, "RESOURCE_GONE"]);
        assert_eq!(codes("words — with a dash"), [""]);
        assert!(reasons(control(), "").is_empty());
    }

    #[test]
    fn exemptions_come_back_with_what_fails() {
        let until = "2027-03-31".parse().unwrap();
        let exemption = exemption::Exemption {
            until,
            reason: "RISK-123".to_owned(),
            by: "ciso@bank.example".to_owned(),
            source: exemption::Source::Tag,
        };
        let told = message!(
            "exempt until {until} by ciso@bank.example (tag), reason RISK-123",
            "適用除外 期限 {until}、承認者 ciso@bank.example (タグ)、理由 RISK-123"
        );
        let code = control().requirements[0].code;
        let failing = verdict::Reason { code, message: Message::default() };
        let reasons = vec![remarks::EXEMPT.because(told), failing];
        let verdict = Verdict::Exempt(exemption.clone(), reasons);
        for language in [Language::En, Language::Ja] {
            let text = annotation(&verdict, language).unwrap();
            assert!(is_exempt(&text));
            assert_eq!(exemption::in_annotation(&text).as_ref(), Some(&exemption));
            assert_eq!(codes(&text), ["EXEMPT", code]);
        }
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
