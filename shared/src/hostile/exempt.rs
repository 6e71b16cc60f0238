//! Exemptions: a file that people edit, and tags that anybody who may tag can write.

use std::collections::BTreeMap;

use fisc_hostile::clear;
use jiff::Timestamp;

use crate::annotation::{MAX_CHARACTERS, annotation};
use crate::control::{
    Check, Control, Criteria, Domain, Limits, Placement, Requirement, Severity, Trigger,
};
use crate::error::Error;
use crate::exemption::{Exemptions, Reviewed, in_annotation, today};
use crate::item::ConfigurationItem;
use crate::resource::{Resource, ResourceType};
use crate::runner::Run;
use crate::text::{Language, Text};
use crate::verdict::{Reason, Verdict};

const NO_TEXT: Text = Text::new("", "");
const OFF: Requirement =
    Requirement::new("SOMETHING_OFF", 1, &[ResourceType::S3_BUCKET], NO_TEXT, NO_TEXT);

fn never(_: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    Err(Error::Control("not run here".to_owned()))
}

static CONTROL: Control = Control {
    id: "s3-tls-only",
    domain: Domain::Transport,
    severity: Severity::High,
    title: NO_TEXT,
    why: NO_TEXT,
    fix: NO_TEXT,
    remedy: crate::control::Remedy::NONE,
    reference: "",
    criteria: Criteria { explicit: &[], implied: &[] },
    resources: &[ResourceType::S3_BUCKET],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[],
    requirements: &[&OFF],
    remarks: &[],
    limits: Limits::SMALL,
    check: Check::Item(never),
};

/// The bytes as the reviewed file, as the value of a tag, and as an annotation.
///
/// # Panics
/// When a property is broken.
pub fn exemptions(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let tags = BTreeMap::from([("fisc:exempt:s3-tls-only".to_owned(), text.to_string())]);
    judge(&Exemptions { reviewed: Reviewed::default(), tags: true }, &tags);
    if let Some(reviewed) = clear(Reviewed::parse(&text)) {
        for problem in reviewed.problems(&[&CONTROL]) {
            clear::<(), _>(Err(problem));
        }
        judge(&Exemptions { reviewed, tags: false }, &tags);
    }
    let _ = in_annotation(&text);
    let _ = in_annotation(&format!("EXEMPT: {text}"));
}

/// A resource that fails stays failing, or is exempt to the letter.
fn judge(exemptions: &Exemptions, tags: &BTreeMap<String, String>) {
    let now = Timestamp::UNIX_EPOCH;
    let resource =
        Resource::of(ResourceType::S3_BUCKET, "ledger", "111122223333", "ap-northeast-1");
    let failing = Verdict::NonCompliant(vec![Reason { code: OFF.code, message: NO_TEXT.into() }]);
    let verdict = exemptions.apply(&CONTROL, &resource, tags, failing, now);
    match &verdict {
        Verdict::NonCompliant(failures) => assert_eq!(failures[0].code, OFF.code),
        Verdict::Exempt(exemption, _) => {
            assert!(exemption.until >= today(now), "exempt for ever");
            assert!(!exemption.reason.trim().is_empty(), "exempt for no reason");
            assert!(!exemption.by.trim().is_empty(), "exempt by nobody");
        }
        other => panic!("a failing resource became {other:?}"),
    }
    for language in [Language::Ja, Language::En] {
        let text = annotation(&verdict, language).unwrap_or_default();
        assert!(text.chars().count() <= MAX_CHARACTERS, "a long annotation");
        assert!(!text.contains(char::is_control), "control characters in {text:?}");
    }
}
