//! What every declaration must fulfil; the compiler cannot say it.

use std::collections::BTreeSet;

use fisc_cli::registry;
use fisc_shared::{Control, Message, Text};

fn kebab(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn screaming(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && text.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Every text of a control, with a name for messages.
fn texts(control: &Control) -> Vec<(String, Text)> {
    let mut texts = vec![
        ("title".to_owned(), control.title),
        ("why".to_owned(), control.why),
        ("fix".to_owned(), control.fix),
    ];
    for requirement in control.requirements {
        texts.push((format!("{} title", requirement.code), requirement.title));
        texts.push((format!("{} rule", requirement.code), requirement.rule));
    }
    texts.extend(control.remarks.iter().map(|remark| (remark.code.to_owned(), remark.text)));
    texts.extend(control.parameters.iter().map(|spec| (spec.name.to_owned(), spec.meaning)));
    texts
}

#[test]
fn names_are_well_formed_and_unique() {
    let mut ids = BTreeSet::new();
    for control in registry::all() {
        assert!(kebab(control.id), "{}", control.id);
        assert!(ids.insert(control.id), "{} is declared twice", control.id);
        let mut codes = BTreeSet::new();
        let own = control.requirements.iter().map(|one| one.code);
        for code in own.chain(control.remarks.iter().map(|remark| remark.code)) {
            assert!(screaming(code), "{}: {code}", control.id);
            assert!(codes.insert(code), "{}: {code} is declared twice", control.id);
        }
        let mut names = BTreeSet::new();
        for spec in control.parameters {
            assert!(names.insert(spec.name), "{}: {} twice", control.id, spec.name);
        }
        for action in control.actions {
            assert!(
                action.name.contains(':'),
                "{}: {:?} is no IAM action",
                control.id,
                action.name
            );
        }
        let reference = control.reference;
        assert!(
            reference.starts_with("https://docs.aws.amazon.com/"),
            "{}: reference {reference:?} is no page of the AWS documentation",
            control.id
        );
        // A control may follow from the text without being asked for by it.
        assert!(control.criteria.all().next().is_some(), "{} speaks to no criterion", control.id);
        let criteria: BTreeSet<_> = control.criteria.all().collect();
        assert_eq!(criteria.len(), control.criteria.all().count(), "{}: twice", control.id);
    }
}

#[test]
fn requirements_are_about_types_that_the_control_judges() {
    for control in registry::all() {
        for requirement in control.requirements {
            assert!((1..=3).contains(&requirement.wave), "{}", requirement.code);
            assert!(!requirement.resources.is_empty(), "{}: about no type", requirement.code);
            assert!(
                requirement.resources.iter().all(|resource| control.judges(resource.name)),
                "{}: {}",
                control.id,
                requirement.code
            );
        }
    }
}

#[test]
fn texts_stand_in_both_languages_and_claim_no_conformity() {
    for control in registry::all() {
        for (name, text) in texts(control) {
            let Message { en, ja } = text.into();
            let place = format!("{}: {name}", control.id);
            assert!(!en.is_empty() && en.is_ascii(), "{place}: no English, or not ASCII: {en:?}");
            assert!(!ja.is_ascii(), "{place}: no Japanese: {ja:?}");
            for text in [&en, &ja] {
                assert!(!text.contains("  "), "{place}: double space");
                assert_eq!(text.trim(), text, "{place}");
                for claim in ["準拠", "certified", "compliant with FISC"] {
                    assert!(!text.contains(claim), "{place}: {claim}");
                }
            }
        }
    }
}
