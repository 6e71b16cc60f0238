use std::collections::BTreeMap;

use fisc_shared::Run;
use fisc_shared::parameter::Parameters;
use serde_json::{Value, json};

use super::CONTROL;
use super::judge::{Bars, Detective, Macie, Region, Told, decide};

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

fn macie(status: &str, discovery: Option<&str>) -> Told<Macie> {
    let discovery = discovery.map(str::to_owned);
    Told::State(Macie::On { status: status.to_owned(), discovery })
}

fn good() -> Region {
    Region { detective: Told::State(Detective::Member), macie: macie("ENABLED", None) }
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
    let none = Region { detective: Told::NotOffered, macie: Told::NotOffered };
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
    let off = json!({"requireDetective": false, "requireMacie": false});
    assert_eq!(code(off), Some("NOTHING_REQUIRED"));
    let elsewhere = json!({"requireMacie": false, "detectiveAdminAccountId": OTHER});
    assert_eq!(code(elsewhere), Some("COVERED_BY_ADMINISTRATOR"));
    assert_eq!(code(json!({"requireDetective": false})), None);
    assert_eq!(code(json!({})), None);
}

#[test]
fn a_misspelt_account_is_an_error() {
    let given = json!({"detectiveAdminAccountId": "1"});
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &given).unwrap();
    let error = Bars::new(&run(&parameters)).unwrap_err().to_string();
    assert!(error.contains("\"detectiveAdminAccountId\""), "{error}");
}
