use super::*;

use crate::annotation::{MAX_CHARACTERS, annotation};
use crate::control::{Check, Criteria, Domain, Limits, Placement, Requirement, Severity, Trigger};
use crate::text::{Language, Text};
use crate::verdict::{Compliance, Failures};
use proptest::prelude::*;
use serde_json::{Value, json};

const OFF: Requirement = Requirement::new(
    "SOMETHING_OFF",
    1,
    &[ResourceType::S3_BUCKET],
    Text::new("Something is off", "何かが無効です"),
    Text::new("", ""),
);
const OPEN: Requirement = Requirement { code: "SOMETHING_OPEN", ..OFF };

const CONTROL: Control = Control {
    id: "s3-tls-only",
    domain: Domain::Transport,
    severity: Severity::High,
    title: Text::new("", ""),
    why: Text::new("", ""),
    fix: Text::new("", ""),
    remedy: crate::control::Remedy::NONE,
    reference: "",
    criteria: Criteria { explicit: &[], implied: &[] },
    resources: &[ResourceType::S3_BUCKET],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[],
    requirements: &[&OFF, &OPEN],
    remarks: &[],
    limits: Limits::SMALL,
    check: Check::Item(|_, _| Ok(Verdict::compliant())),
};

fn bucket() -> Resource {
    Resource::of(ResourceType::S3_BUCKET, "ledger-logs", "111122223333", "ap-northeast-1")
}

fn failing(requirements: &[&Requirement]) -> Verdict {
    let mut failures = Failures::new();
    for requirement in requirements {
        failures.add(requirement);
    }
    failures.into_verdict()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

const NOW: &str = "2026-11-23T00:00:00Z";

fn by_tag(value: &str, now: &str) -> Verdict {
    let tags = BTreeMap::from([(format!("{TAG_PREFIX}s3-tls-only"), value.to_owned())]);
    let exemptions = Exemptions { tags: true, ..Exemptions::default() };
    exemptions.apply(&CONTROL, &bucket(), &tags, failing(&[&OFF]), at(now))
}

fn entry(change: Value) -> Value {
    let mut entry = json!({
        "control": "s3-tls-only",
        "account": "111122223333",
        "region": "ap-northeast-1",
        "resourceType": "AWS::S3::Bucket",
        "resource": "ledger-logs",
        "until": "2027-03-31",
        "reason": "RISK-123",
        "by": "ciso@bank.example",
    });
    for (name, value) in change.as_object().unwrap() {
        if value.is_null() {
            entry.as_object_mut().unwrap().remove(name);
        } else {
            entry[name] = value.clone();
        }
    }
    entry
}

fn reviewed(entries: &[Value]) -> Reviewed {
    Reviewed::parse(&json!({"exemptions": entries}).to_string()).unwrap()
}

fn by_file(change: Value, failures: &[&Requirement]) -> Verdict {
    let exemptions = Exemptions { reviewed: reviewed(&[entry(change)]), tags: false };
    exemptions.apply(&CONTROL, &bucket(), &BTreeMap::new(), failing(failures), at(NOW))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

#[test]
fn a_tag_exempts_in_both_spellings() {
    for value in [
        "until=2027-03-31;reason=RISK-123;by=ciso@bank.example",
        "reason=RISK-123; by=ciso@bank.example; until=2027-03-31",
        "until=2027-03-31 reason=RISK-123 by=ciso@bank.example",
        " by=ciso@bank.example  until=2027-03-31 reason=RISK-123 ",
    ] {
        let verdict = by_tag(value, NOW);
        assert_eq!(verdict.compliance(), Compliance::NotApplicable, "{value}");
        assert_eq!(codes(&verdict), ["EXEMPT", "SOMETHING_OFF"], "{value}");
        let exemption = verdict.exemption().unwrap();
        assert_eq!(exemption.until.to_string(), "2027-03-31");
        assert_eq!((&*exemption.reason, &*exemption.by), ("RISK-123", "ciso@bank.example"));
        assert_eq!(
            annotation(&verdict, Language::En).unwrap(),
            "EXEMPT: exempt until 2027-03-31 by ciso@bank.example (tag), reason RISK-123 / \
             SOMETHING_OFF"
        );
    }
}

#[test]
fn values_keep_their_spaces_between_semicolons_only() {
    let verdict = by_tag("until=2027-03-31;reason=accepted by the board;by=Taro Yamada", NOW);
    assert_eq!(verdict.exemption().unwrap().by, "Taro Yamada");
    let verdict = by_tag("until=2027-03-31 reason=accepted by the board by=Taro", NOW);
    assert_eq!(codes(&verdict), ["SOMETHING_OFF", "EXEMPTION_MALFORMED"]);
}

#[test]
fn the_last_day_is_a_day_of_japan() {
    let value = "until=2027-03-31;reason=R;by=B";
    // 23:59 in Japan.
    let last = by_tag(value, "2027-03-31T14:59:59Z");
    assert_eq!(last.compliance(), Compliance::NotApplicable);
    let over = by_tag(value, "2027-03-31T15:00:00Z");
    assert_eq!(over.compliance(), Compliance::NonCompliant);
    assert_eq!(codes(&over), ["SOMETHING_OFF", "EXEMPTION_EXPIRED"]);
    assert!(annotation(&over, Language::En).unwrap().contains("by B ended on 2027-03-31"));
    assert!(annotation(&over, Language::Ja).unwrap().contains("2027-03-31 で終了"));
}

#[test]
fn every_malformed_tag_counts_as_none_and_says_so() {
    let long = |name: &str, length: usize| {
        let text = "x".repeat(length);
        match name {
            "reason" => format!("until=2027-03-31;reason={text};by=B"),
            _ => format!("until=2027-03-31;reason=R;by={text}"),
        }
    };
    for (value, problem) in [
        ("", "must read"),
        ("   ", "must read"),
        ("true", "must read"),
        ("2027-03-31", "must read"),
        ("until=2027-03-31;reason=R;by=B;", "must read"),
        ("until=2027-03-31;;reason=R;by=B", "must read"),
        ("reason=R;by=B", "until is missing"),
        ("until=;reason=R;by=B", "until is missing"),
        ("until=2027-03-31;by=B", "reason is missing"),
        ("until=2027-03-31;reason=;by=B", "reason is missing"),
        ("until=2027-03-31;reason= ;by=B", "reason is missing"),
        ("until=2027-03-31;reason=R", "by is missing"),
        ("until=2027-03-31;reason=R;by=", "by is missing"),
        ("until=2027-03-31;until=2028-03-31;reason=R;by=B", "until stands there twice"),
        ("until=2027-03-31;reason=R;by=B;note=x", "only until"),
        ("Until=2027-03-31;reason=R;by=B", "only until"),
        ("until =2027-03-31;reason=R;by=B", "only until"),
        ("until=2027-02-29;reason=R;by=B", "must be a day"),
        ("until=2027-3-31;reason=R;by=B", "must be a day"),
        ("until=20270331;reason=R;by=B", "must be a day"),
        ("until=2027-03-31T00:00:00;reason=R;by=B", "must be a day"),
        ("until=31.03.2027;reason=R;by=B", "must be a day"),
        ("until=never;reason=R;by=B", "must be a day"),
        ("until= 2027-03-31;reason=R;by=B", "must be a day"),
        ("until=2027-03-31;reason=a\u{7}b;by=B", "reason holds a character"),
        ("until=2027-03-31;reason=R;by=B (deputy)", "by holds a character"),
        ("until=2027-03-31;reason=R;by=B, C", "by holds a character"),
        (&long("reason", 101), "reason is longer than 100"),
        (&long("by", 65), "by is longer than 64"),
    ] {
        let verdict = by_tag(value, NOW);
        assert_eq!(codes(&verdict), ["SOMETHING_OFF", "EXEMPTION_MALFORMED"], "{value}");
        let said = annotation(&verdict, Language::En).unwrap();
        assert!(said.contains(problem), "{value}: {said}");
        let said = annotation(&verdict, Language::Ja).unwrap();
        assert!(said.contains("タグの適用除外は無効です"), "{value}: {said}");
    }
    assert_eq!(by_tag(&long("reason", 100), NOW).compliance(), Compliance::NotApplicable);
    assert_eq!(by_tag(&long("by", 64), NOW).compliance(), Compliance::NotApplicable);
}

#[test]
fn tags_count_only_where_they_are_allowed_and_name_the_control() {
    let value = "until=2027-03-31;reason=R;by=B".to_owned();
    let apply = |key: &str, tags: bool| {
        let tags_of = BTreeMap::from([(key.to_owned(), value.clone())]);
        let exemptions = Exemptions { tags, ..Exemptions::default() };
        exemptions.apply(&CONTROL, &bucket(), &tags_of, failing(&[&OFF]), at(NOW))
    };
    assert!(apply("fisc:exempt:s3-tls-only", true).exemption().is_some());
    for (key, tags) in [
        ("fisc:exempt:s3-tls-only", false),
        ("fisc:exempt:s3-tls-onl", true),
        ("fisc:exempt:s3-tls-only2", true),
        ("fisc:exempt:*", true),
        ("fisc:exempt:", true),
        ("Fisc:Exempt:s3-tls-only", true),
    ] {
        assert_eq!(codes(&apply(key, tags)), ["SOMETHING_OFF"], "{key}");
    }
}

#[test]
fn only_failures_are_exempted() {
    let tags = BTreeMap::from([(
        "fisc:exempt:s3-tls-only".to_owned(),
        "until=2027-03-31;reason=R;by=B".to_owned(),
    )]);
    let exemptions = Exemptions { tags: true, ..Exemptions::default() };
    for verdict in [Verdict::compliant(), Verdict::not_applicable(&remarks::RESOURCE_DELETED)] {
        let applied = exemptions.apply(&CONTROL, &bucket(), &tags, verdict.clone(), at(NOW));
        assert_eq!(applied, verdict);
    }
}

#[test]
fn an_entry_of_the_file_exempts_what_it_names_and_nothing_else() {
    for exact in [
        json!({}),
        json!({"resource": "ledger-*"}),
        json!({"region": "*"}),
        json!({"codes": ["SOMETHING_OFF", "SOMETHING_OPEN"]}),
    ] {
        let verdict = by_file(exact.clone(), &[&OFF, &OPEN]);
        assert_eq!(codes(&verdict), ["EXEMPT", "SOMETHING_OFF", "SOMETHING_OPEN"], "{exact}");
        assert_eq!(verdict.exemption().unwrap().source, Source::File);
    }
    for other in [
        json!({"control": "s3-public-access"}),
        json!({"account": "444455556666"}),
        json!({"region": "ap-northeast-3"}),
        json!({"resourceType": "AWS::S3::AccessPoint"}),
        json!({"resource": "ledger-log"}),
        json!({"resource": "edger-logs"}),
        json!({"resource": "Ledger-logs"}),
        json!({"resource": "logs-*"}),
        // Not even readable as a scope.
        json!({"resource": "*"}),
        json!({"resource": "le*"}),
        json!({"resource": "*-logs"}),
        json!({"resource": "led*logs"}),
        json!({"resource": "ledger**"}),
        json!({"resource": ""}),
        json!({"account": "*"}),
        json!({"account": "111122223333 "}),
        json!({"region": ""}),
        json!({"region": "ap-*"}),
        json!({"control": "s3-*"}),
        json!({"resourceType": "AWS::S3::*"}),
        json!({"account": null}),
        json!({"resource": null}),
    ] {
        let verdict = by_file(other.clone(), &[&OFF]);
        assert_eq!(codes(&verdict), ["SOMETHING_OFF"], "{other}");
    }
}

#[test]
fn what_an_entry_does_not_cover_stays_a_failure() {
    let verdict = by_file(json!({"codes": ["SOMETHING_OFF"]}), &[&OFF, &OPEN]);
    assert_eq!(codes(&verdict), ["SOMETHING_OFF", "SOMETHING_OPEN", "EXEMPTION_NOT_COVERING"]);
    let said = annotation(&verdict, Language::En).unwrap();
    assert!(said.ends_with("in the file does not cover SOMETHING_OPEN"), "{said}");
}

#[test]
fn a_wrong_entry_counts_as_none_and_says_so() {
    for (change, problem) in [
        (json!({"until": null}), "missing field `until`"),
        (json!({"until": ""}), "until is missing"),
        (json!({"until": 20270331}), "wrong type"),
        (json!({"reason": null}), "missing field `reason`"),
        (json!({"reason": " "}), "reason is missing"),
        (json!({"by": null}), "missing field `by`"),
        (json!({"by": ["a"]}), "wrong type"),
        (json!({"note": "x"}), "unknown field `note`"),
        (json!({"codes": []}), "codes is empty"),
        (json!({"codes": "SOMETHING_OFF"}), "wrong type"),
        (json!({"until": "2027-02-30"}), "must be a day"),
    ] {
        let verdict = by_file(change.clone(), &[&OFF]);
        assert_eq!(codes(&verdict), ["SOMETHING_OFF", "EXEMPTION_MALFORMED"], "{change}");
        let said = annotation(&verdict, Language::En).unwrap();
        assert!(said.contains(problem), "{change}: {said}");
        let problems = reviewed(&[entry(json!({})), entry(change)]).problems(&[&CONTROL]);
        let [one] = &problems[..] else { panic!("{problems:?}") };
        assert_eq!(one.number, 2);
        assert!(one.problem.contains(problem), "{one}");
    }
    let over = by_file(json!({"until": "2026-11-22"}), &[&OFF]);
    assert_eq!(codes(&over), ["SOMETHING_OFF", "EXEMPTION_EXPIRED"]);
}

#[test]
fn of_several_the_longest_counts() {
    let exemptions = Exemptions {
        reviewed: reviewed(&[
            entry(json!({"until": "2026-01-01"})),
            entry(json!({"until": "2027-01-01", "reason": "short"})),
            entry(json!({"until": "2028-01-01", "reason": "long"})),
            entry(json!({"until": "x"})),
        ]),
        tags: true,
    };
    let tags = BTreeMap::from([("fisc:exempt:s3-tls-only".to_owned(), "nonsense".to_owned())]);
    let verdict = exemptions.apply(&CONTROL, &bucket(), &tags, failing(&[&OFF]), at(NOW));
    assert_eq!(verdict.exemption().unwrap().reason, "long");
}

#[test]
fn a_file_that_is_none_is_refused() {
    for text in [
        "",
        "[]",
        "{}",
        "null",
        "{\"exemptions\": {}}",
        "{\"exemptions\": [}",
        "{\"exemptions\": [], \"other\": 1}",
        "{\"exemptions\": [], \"exemptions\": []}",
    ] {
        let error = Reviewed::parse(text).unwrap_err().to_string();
        assert!(error.contains("the file of exemptions cannot be read"), "{text}: {error}");
    }
    for lost in [json!("x"), json!(null), json!([]), json!({}), json!({"control": 1})] {
        let file = reviewed(&[lost.clone(), entry(json!({}))]);
        assert_eq!(file.problems(&[&CONTROL]).len(), 1, "{lost}");
    }
    assert!(Reviewed::parse("\u{feff}{\"exemptions\": []}").unwrap().is_empty());
}

#[test]
fn names_that_do_not_exist_are_told() {
    let file = reviewed(&[
        entry(json!({"control": "s3-tls"})),
        entry(json!({"resourceType": "AWS::KMS::Key"})),
        entry(json!({"codes": ["SOMETHING_ELSE"]})),
    ]);
    let told: Vec<String> = file.problems(&[&CONTROL]).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "exemption 1: no control is called \"s3-tls\"",
            "exemption 2: s3-tls-only does not judge \"AWS::KMS::Key\"",
            "exemption 3: s3-tls-only has no reason code \"SOMETHING_ELSE\"",
        ]
    );
    assert_eq!(file.problems_of(&CONTROL).count(), 2);
}

fn exemption() -> impl Strategy<Value = Exemption> {
    let day = (2020_i16..2100, 1_i8..=12, 1_i8..=28);
    let texts = ("[\\w一-龠 _.:/=+@,()（）/-]{1,100}", "[\\w一-龠 _.:/=+@-]{1,64}");
    (day, texts, any::<bool>()).prop_filter_map("blank", |((y, m, d), (reason, by), tag)| {
        let source = if tag { Source::Tag } else { Source::File };
        let until = format!("{y:04}-{m:02}-{d:02}");
        grant::of_fields(&until, &reason, &by, source).ok()
    })
}

proptest! {
    #[test]
    fn what_is_told_in_an_annotation_is_read_back(
        exemption in exemption(), failures in 1_usize..40, ja in any::<bool>(),
    ) {
        let mut reasons = vec![remarks::EXEMPT.because(told::granted(&exemption))];
        let long = Reason { code: "A_RATHER_LONG_REASON_CODE", message: OFF.title.into() };
        reasons.extend(std::iter::repeat_n(long, failures));
        let language = if ja { Language::Ja } else { Language::En };
        let text = annotation(&Verdict::Exempt(exemption.clone(), reasons), language).unwrap();
        prop_assert!(text.chars().count() <= MAX_CHARACTERS);
        prop_assert_eq!(in_annotation(&text), Some(exemption));
    }

    #[test]
    fn a_tag_is_what_its_fields_say_or_nothing(exemption in exemption(), order in 0_usize..6) {
        let Exemption { until, reason, by, .. } = &exemption;
        let fields = [format!("until={until}"), format!("reason={reason}"), format!("by={by}")];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let value = orders[order].map(|field| fields[field].clone()).join(";");
        let read = grant::in_tag(&value).unwrap();
        prop_assert_eq!(&read, &Exemption { source: Source::Tag, ..exemption.clone() });
        // Whatever is cut off or put in: the same exemption, or none; never a longer one.
        for cut in (0..value.len()).filter(|cut| value.is_char_boundary(*cut)) {
            let (head, tail) = value.split_at(cut);
            for mutated in [head.to_owned(), tail.to_owned(), format!("{head};{tail}")] {
                if let Ok(found) = grant::in_tag(&mutated) {
                    prop_assert!(found.until <= exemption.until, "{}", mutated);
                }
            }
        }
    }

    #[test]
    fn no_text_is_taken_by_accident(value in "\\PC{0,80}") {
        if let Ok(found) = grant::in_tag(&value) {
            for field in grant::FIELDS {
                prop_assert_eq!(value.matches(&format!("{field}=")).count(), 1);
            }
            prop_assert!(!found.reason.is_empty() && !found.by.is_empty());
        }
        prop_assert_eq!(in_annotation(&value), None);
    }

    #[test]
    fn no_file_panics(text in "\\PC{0,200}", change in "\\PC{0,20}", place in 0_usize..8) {
        drop(Reviewed::parse(&text));
        let names = [
            "control", "account", "region", "resourceType", "resource", "until", "reason", "by",
        ];
        let mut raw = entry(json!({}));
        raw[names[place]] = json!(change);
        let file = reviewed(&[raw]);
        drop(file.problems(&[&CONTROL]));
    }
}
