use aws_sdk_accessanalyzer::types::{AnalyzerStatus, AnalyzerSummary, Type};
use aws_smithy_types::DateTime;
use fisc_shared::{Language, Parameters};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;

const OWN: &str = "111122223333";
const SECURITY: &str = "012345678901";

fn with_run<T>(parameters: Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: OWN,
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn analyzer(kind: &str, status: &str) -> Analyzer {
    let summary = AnalyzerSummary::builder()
        .arn(format!("arn:aws:access-analyzer:ap-northeast-1:{OWN}:analyzer/{kind}"))
        .name(kind.to_lowercase())
        .r#type(Type::from(kind))
        .created_at(DateTime::from_secs(1_746_057_600))
        .status(AnalyzerStatus::from(status))
        .build()
        .unwrap();
    Analyzer::new(summary)
}

fn facts(analyzers: &[(&str, &str)]) -> Facts {
    let analyzers = analyzers.iter().map(|(kind, status)| analyzer(kind, status)).collect();
    Facts { analyzers, ..Facts::default() }
}

/// Compliance and codes.
fn judged(facts: &Facts, parameters: Value) -> (&'static str, Vec<&'static str>) {
    let verdict = with_run(parameters, |run| decide(facts, &Bars::new(run).unwrap(), run.region));
    let verdict = verdict.unwrap();
    (verdict.compliance().as_str(), verdict.reasons().iter().map(|one| one.code).collect())
}

#[test]
fn only_an_active_external_analyzer_counts() {
    for (analyzers, passes) in [
        (&[][..], false),
        (&[("ACCOUNT", "ACTIVE")], true),
        (&[("ORGANIZATION", "ACTIVE")], true),
        (&[("ACCOUNT", "DISABLED")], false),
        (&[("ORGANIZATION", "FAILED")], false),
        (&[("ACCOUNT", "CREATING")], false),
        (&[("ACCOUNT", "DISABLED"), ("ORGANIZATION", "ACTIVE")], true),
        // The other classes look for something else.
        (&[("ACCOUNT_UNUSED_ACCESS", "ACTIVE")], false),
        (&[("ORGANIZATION_UNUSED_ACCESS", "ACTIVE")], false),
        (&[("ORGANIZATION_INTERNAL_ACCESS", "ACTIVE")], false),
        (&[("ACCOUNT_INTERNAL_ACCESS", "ACTIVE")], false),
        (&[("SOMETHING_NEW", "ACTIVE")], false),
    ] {
        let expected = if passes {
            ("COMPLIANT", vec![])
        } else {
            ("NON_COMPLIANT", vec!["EXTERNAL_ANALYZER_MISSING"])
        };
        assert_eq!(judged(&facts(analyzers), json!({})), expected, "{analyzers:?}");
    }
}

#[test]
fn messages_tell_what_there_is() {
    let message = |analyzers: &[(&str, &str)], parameters: Value| {
        let verdict = with_run(parameters, |run| {
            decide(&facts(analyzers), &Bars::new(run).unwrap(), run.region).unwrap()
        });
        verdict.reasons()[0].message.get(Language::En).to_owned()
    };
    assert_eq!(message(&[], json!({})), "There is no external access analyzer in ap-northeast-1");
    assert_eq!(
        message(&[("ACCOUNT", "DISABLED")], json!({})),
        "Analyzer account in ap-northeast-1 is not active (DISABLED)"
    );
    assert_eq!(
        message(&[("ACCOUNT", "ACTIVE")], json!({"organizationAnalyzerAccountId": OWN})),
        "There is no organization analyzer in ap-northeast-1, on which other accounts rely"
    );
}

#[test]
fn members_rely_on_the_analyzer_of_another_account() {
    let relied = json!({"organizationAnalyzerAccountId": SECURITY});
    let covered = vec!["COVERED_BY_ORGANIZATION"];
    // The organization analyzer is not listed here; an own one that is off is not needed.
    assert_eq!(judged(&facts(&[]), relied.clone()), ("NOT_APPLICABLE", covered.clone()));
    let off = facts(&[("ACCOUNT", "DISABLED")]);
    assert_eq!(judged(&off, relied.clone()), ("NOT_APPLICABLE", covered.clone()));
    // Findings of an own one are judged.
    let mut own = facts(&[("ACCOUNT", "ACTIVE")]);
    assert_eq!(judged(&own, relied.clone()), ("COMPLIANT", covered));
    own.overdue = Overdue { count: 1, oldest_days: 31 };
    assert_eq!(judged(&own, relied.clone()), ("NON_COMPLIANT", vec!["FINDING_OVERDUE"]));
    // The organization analyzer says nothing of unused access.
    let mut both = relied;
    both["requireUnusedAccessAnalyzer"] = json!(true);
    assert_eq!(judged(&facts(&[]), both), ("NON_COMPLIANT", vec!["UNUSED_ANALYZER_MISSING"]));
}

#[test]
fn the_account_that_others_rely_on_needs_an_organization_analyzer() {
    let here = json!({"organizationAnalyzerAccountId": OWN});
    let missing = ("NON_COMPLIANT", vec!["EXTERNAL_ANALYZER_MISSING"]);
    assert_eq!(judged(&facts(&[("ACCOUNT", "ACTIVE")]), here.clone()), missing);
    assert_eq!(judged(&facts(&[("ORGANIZATION", "DISABLED")]), here.clone()), missing);
    assert_eq!(judged(&facts(&[("ORGANIZATION", "ACTIVE")]), here), ("COMPLIANT", vec![]));
}

#[test]
fn the_tracking_period_of_an_unused_access_analyzer_counts() {
    let required = json!({"requireUnusedAccessAnalyzer": true});
    let with = |ages: &[Option<i32>]| Facts {
        unused_ages: ages.to_vec(),
        ..facts(&[("ACCOUNT", "ACTIVE"), ("ACCOUNT_UNUSED_ACCESS", "ACTIVE")])
    };
    let missing = ("NON_COMPLIANT", vec!["UNUSED_ANALYZER_MISSING"]);
    assert_eq!(judged(&with(&[]), required.clone()), missing);
    assert_eq!(judged(&with(&[Some(91)]), required.clone()), missing);
    assert_eq!(judged(&with(&[Some(90)]), required.clone()), ("COMPLIANT", vec![]));
    assert_eq!(judged(&with(&[Some(180), Some(30)]), required.clone()), ("COMPLIANT", vec![]));
    assert_eq!(judged(&with(&[None, Some(30)]), required.clone()), ("COMPLIANT", vec![]));
    let longer = json!({"requireUnusedAccessAnalyzer": true, "maxUnusedAccessAgeDays": 180});
    assert_eq!(judged(&with(&[Some(180)]), longer), ("COMPLIANT", vec![]));
    // Off until the parameter is set, and in every other Region.
    assert_eq!(judged(&with(&[]), json!({})), ("COMPLIANT", vec![]));

    let elsewhere = with_run(required.clone(), |run| {
        Bars::new(&Run { home: false, ..*run }).unwrap().unused_required
    });
    assert!(!elsewhere);

    let error = with_run(required, |run| {
        decide(&with(&[None, Some(180)]), &Bars::new(run).unwrap(), run.region).unwrap_err()
    });
    assert_eq!(
        error.to_string(),
        "the answer of access-analyzer:GetAnalyzer lacks analyzer.configuration.unusedAccess.unusedAccessAge"
    );
}

#[test]
fn findings_are_counted_by_their_age() {
    let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let mut overdue = Overdue::default();
    overdue.add("2026-10-02T00:00:00Z".parse().unwrap(), now, 30);
    assert_eq!(overdue, Overdue::default());
    overdue.add("2026-10-01T23:59:59Z".parse().unwrap(), now, 30);
    overdue.add("2026-01-01T00:00:00Z".parse().unwrap(), now, 30);
    overdue.add("2026-09-01T00:00:00Z".parse().unwrap(), now, 30);
    assert_eq!(overdue, Overdue { count: 3, oldest_days: 304 });

    let facts = Facts { overdue, ..facts(&[("ACCOUNT", "ACTIVE")]) };
    assert_eq!(judged(&facts, json!({})), ("NON_COMPLIANT", vec!["FINDING_OVERDUE"]));
    let verdict =
        with_run(json!({}), |run| decide(&facts, &Bars::new(run).unwrap(), run.region).unwrap());
    assert_eq!(
        verdict.reasons()[0].message.get(Language::En),
        "3 active finding(s) are older than 30 days, the oldest 304 days"
    );
}

#[test]
fn findings_are_read_from_active_analyzers_of_the_judged_types() {
    let judges = |parameters: Value, kind: &str, status: &str| {
        with_run(parameters, |run| Bars::new(run).unwrap().judges(&analyzer(kind, status)))
    };
    assert!(judges(json!({}), "ACCOUNT", "ACTIVE"));
    assert!(judges(json!({}), "ORGANIZATION", "ACTIVE"));
    assert!(!judges(json!({}), "ACCOUNT", "DISABLED"));
    assert!(!judges(json!({}), "ACCOUNT_UNUSED_ACCESS", "ACTIVE"));
    assert!(!judges(json!({}), "SOMETHING_NEW", "ACTIVE"));
    let types = json!({"findingTypes": "UnusedIAMRole,InternalAccess"});
    assert!(judges(types.clone(), "ORGANIZATION_UNUSED_ACCESS", "ACTIVE"));
    assert!(judges(types.clone(), "ACCOUNT_INTERNAL_ACCESS", "ACTIVE"));
    assert!(!judges(types, "ACCOUNT", "ACTIVE"));
}

#[test]
fn a_parameter_that_names_nothing_is_an_error() {
    for (parameters, expected) in [
        (json!({"findingTypes": "ExternalAcess"}), "\"findingTypes\": takes finding types"),
        (
            json!({"organizationAnalyzerAccountId": "12345678901"}),
            "\"organizationAnalyzerAccountId\": takes an account id of 12 digits",
        ),
        (
            json!({"organizationAnalyzerAccountId": format!("{OWN},{SECURITY}")}),
            "\"organizationAnalyzerAccountId\": takes an account id of 12 digits",
        ),
    ] {
        let error = with_run(parameters, |run| Bars::new(run).unwrap_err().to_string());
        assert!(error.contains(expected), "{error}");
    }
}
