use std::collections::BTreeMap;

use fisc_shared::Run;
use fisc_shared::parameter::Parameters;
use serde_json::{Value, json};

use super::CONTROL;
use super::judge::{Bars, Detective, Macie, Region, Scans, Told, decide};

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
const TOKYO: &str = "ap-northeast-1";
const OSAKA: &str = "ap-northeast-3";

fn run(parameters: &Parameters) -> Run<'_> {
    Run {
        parameters,
        now: "2026-11-23T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: TOKYO,
        deadline: None,
        home: true,
        offline: false,
    }
}

fn bars(given: &Value) -> Bars {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, given).unwrap();
    Bars::new(&run(&parameters)).unwrap()
}

fn scans(states: &[(&'static str, &str)]) -> Told<Scans> {
    Told::State(states.iter().map(|(name, state)| (*name, (*state).to_owned())).collect())
}

fn macie(status: &str, discovery: Option<&str>) -> Told<Macie> {
    let discovery = discovery.map(str::to_owned);
    Told::State(Macie::On { status: status.to_owned(), discovery })
}

fn good() -> Region {
    Region {
        inspector: scans(&[("EC2", "ENABLED"), ("ECR", "ENABLED"), ("LAMBDA", "ENABLED")]),
        detective: Told::State(Detective::Member),
        macie: macie("ENABLED", None),
    }
}

fn judged(regions: &[(&str, Region)], given: &Value) -> (&'static str, Vec<String>) {
    let told: BTreeMap<String, Region> =
        regions.iter().map(|(name, region)| ((*name).to_owned(), region.clone())).collect();
    let verdict = decide(&told, &bars(given));
    let reasons = verdict.reasons().iter();
    let reasons = reasons.map(|one| {
        let place = one.message.en.rsplit(": ").next().unwrap_or_default();
        format!("{}: {place}", one.code)
    });
    (verdict.compliance().as_str(), reasons.collect())
}

fn one(region: Region, given: &Value) -> (&'static str, Vec<String>) {
    judged(&[(TOKYO, region)], given)
}

#[test]
fn inspector_scans_what_is_required() {
    for (states, given, compliance, reasons) in [
        (
            &[("EC2", "ENABLED"), ("ECR", "ENABLED"), ("LAMBDA", "ENABLED")][..],
            json!({}),
            "COMPLIANT",
            &[][..],
        ),
        (
            &[("EC2", "DISABLED"), ("ECR", "ENABLED"), ("LAMBDA", "SUSPENDED")],
            json!({}),
            "NON_COMPLIANT",
            &["INSPECTOR_DISABLED: ap-northeast-1 (EC2), ap-northeast-1 (LAMBDA)"],
        ),
        (
            &[("EC2", "ENABLED"), ("ECR", "DISABLED")],
            json!({"requiredScanTypes": "EC2"}),
            "COMPLIANT",
            &[],
        ),
        (
            &[("EC2", "ENABLING")],
            json!({"requiredScanTypes": "EC2"}),
            "COMPLIANT",
            &["INSPECTOR_ENABLING: ap-northeast-1 (EC2)"],
        ),
        (
            &[("EC2", "DISABLING")],
            json!({"requiredScanTypes": "EC2"}),
            "NON_COMPLIANT",
            &["INSPECTOR_DISABLED: ap-northeast-1 (EC2)"],
        ),
        (
            &[("EC2", "ENABLED")],
            json!({"requiredScanTypes": "EC2,LAMBDA_CODE"}),
            "COMPLIANT",
            &["NOT_IN_REGION: ap-northeast-1 (LAMBDA_CODE)"],
        ),
    ] {
        let found = one(Region { inspector: scans(states), ..good() }, &given);
        assert_eq!(
            found,
            (compliance, reasons.iter().map(|&one| one.to_owned()).collect()),
            "{states:?}"
        );
    }
}

#[test]
fn detective_has_a_graph_or_a_membership() {
    let graph = |core: Option<&str>, idle: &[&str]| Detective::Graph {
        core: core.map(str::to_owned),
        idle: idle.iter().map(|&account| account.to_owned()).collect(),
    };
    let off = |guardduty_is_new| Detective::Off { guardduty_is_new };
    let owner = json!({"detectiveAdminAccountId": ACCOUNT});
    for (told, given, expected) in [
        (Detective::Member, json!({}), ""),
        (graph(Some("STARTED"), &[]), json!({}), ""),
        (graph(Some("STARTED"), &[]), owner.clone(), ""),
        (graph(Some("STOPPED"), &[]), json!({}), "DETECTIVE_CORE_STOPPED: ap-northeast-1"),
        (graph(None, &[]), json!({}), "DETECTIVE_CORE_STOPPED: ap-northeast-1"),
        (
            graph(Some("STARTED"), &[OTHER]),
            json!({}),
            "DETECTIVE_MEMBER_MISSING: ap-northeast-1 (444455556666)",
        ),
        (off(false), json!({}), "DETECTIVE_DISABLED: ap-northeast-1"),
        (off(true), json!({}), "DETECTIVE_MAY_WAIT: ap-northeast-1"),
        // The account that should hold the graph is somebody's member instead.
        (Detective::Member, owner, "DETECTIVE_DISABLED: ap-northeast-1"),
    ] {
        let (compliance, reasons) =
            one(Region { detective: Told::State(told.clone()), ..good() }, &given);
        assert_eq!(reasons.join(" "), expected, "{told:?} {given}");
        let passes = expected.is_empty() || expected.starts_with("DETECTIVE_MAY_WAIT");
        assert_eq!(compliance == "COMPLIANT", passes, "{told:?}");
    }
}

#[test]
fn members_leave_detective_to_their_administrator() {
    let given = json!({"detectiveAdminAccountId": OTHER});
    let covered = bars(&given);
    assert!(!covered.detective && covered.covered);
    let region = Region { detective: Told::NotRequired, ..good() };
    let (compliance, reasons) = one(region, &given);
    assert_eq!(compliance, "COMPLIANT");
    assert!(reasons[0].starts_with("COVERED_BY_ADMINISTRATOR"), "{reasons:?}");
    // Whether Detective is required at all is asked first.
    let off = json!({"detectiveAdminAccountId": OTHER, "requireDetective": false});
    assert!(!bars(&off).covered);
}

#[test]
fn macie_is_active() {
    for (told, given, expected) in [
        (macie("ENABLED", None), json!({}), ""),
        (macie("PAUSED", None), json!({}), "MACIE_DISABLED: ap-northeast-1 (PAUSED)"),
        (Told::State(Macie::Off), json!({}), "MACIE_DISABLED: ap-northeast-1"),
        (macie("ENABLED", Some("ENABLED")), json!({}), ""),
        (macie("ENABLED", Some("DISABLED")), json!({}), "MACIE_DISCOVERY_OFF: ap-northeast-1"),
    ] {
        let (compliance, reasons) = one(Region { macie: told.clone(), ..good() }, &given);
        assert_eq!(reasons.join(" "), expected, "{told:?}");
        assert_eq!(compliance == "COMPLIANT", expected.is_empty(), "{told:?}");
    }
}

#[test]
fn a_service_that_a_region_does_not_have_neither_fails_nor_passes() {
    let none = Region {
        inspector: Told::NotOffered,
        detective: Told::NotOffered,
        macie: Told::NotOffered,
    };
    let (compliance, reasons) = one(none.clone(), &json!({}));
    assert_eq!((compliance, reasons.len()), ("NOT_APPLICABLE", 1));
    assert!(reasons[0].starts_with("NOT_IN_REGION"));
    let some = Region { detective: Told::NotOffered, ..good() };
    assert_eq!(
        one(some, &json!({})),
        ("COMPLIANT", vec!["NOT_IN_REGION: ap-northeast-1 (Detective)".to_owned()])
    );
    // One Region without any of them, and one in which Macie is off.
    let off = Region { macie: Told::State(Macie::Off), ..good() };
    assert_eq!(
        judged(&[(TOKYO, none), (OSAKA, off)], &json!({})),
        ("NON_COMPLIANT", vec!["MACIE_DISABLED: ap-northeast-3".to_owned()])
    );
}

#[test]
fn nothing_is_asked_where_nothing_is_required() {
    let code = |given: Value| bars(&given).nothing().map(|verdict| verdict.reasons()[0].code);
    let off = json!({"requiredScanTypes": "", "requireDetective": false, "requireMacie": false});
    assert_eq!(code(off), Some("NOTHING_REQUIRED"));
    let elsewhere = json!({
        "requiredScanTypes": "", "requireMacie": false, "detectiveAdminAccountId": OTHER,
    });
    assert_eq!(code(elsewhere), Some("COVERED_BY_ADMINISTRATOR"));
    assert_eq!(code(json!({"requiredScanTypes": "", "requireDetective": false})), None);
    assert_eq!(code(json!({})), None);
}

#[test]
fn misspelt_parameters_are_errors() {
    for (given, name) in [
        (json!({"requiredScanTypes": "ec2"}), "requiredScanTypes"),
        (json!({"detectiveAdminAccountId": "1"}), "detectiveAdminAccountId"),
    ] {
        let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &given).unwrap();
        let error = Bars::new(&run(&parameters)).unwrap_err().to_string();
        assert!(error.contains(&format!("{name:?}")), "{error}");
    }
}
