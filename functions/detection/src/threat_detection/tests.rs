use std::collections::BTreeMap;

use fisc_shared::Run;
use fisc_shared::parameter::Parameters;
use serde_json::{Value, json};

use super::CONTROL;
use super::judge::{Bars, Detector, Feature, Role, Told, decide};

const ACCOUNT: &str = "111122223333";
const SECURITY: &str = "444455556666";
const TOKYO: &str = "ap-northeast-1";
const OSAKA: &str = "ap-northeast-3";

pub(super) fn run(parameters: &Parameters, home: bool) -> Run<'_> {
    Run {
        parameters,
        now: "2026-11-23T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: TOKYO,
        deadline: None,
        home,
        offline: false,
    }
}

fn bars(given: &Value) -> Bars {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, given).unwrap();
    Bars::new(&run(&parameters, true)).unwrap()
}

fn detector(on: &[&str], off: &[&str]) -> Detector {
    let mut features: BTreeMap<String, Feature> = BTreeMap::new();
    for (names, enabled) in [(on, true), (off, false)] {
        for name in names {
            let feature = Feature { enabled, ..Feature::default() };
            features.insert((*name).to_owned(), feature);
        }
    }
    for name in ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"] {
        let feature = Feature { enabled: true, ..Feature::default() };
        features.entry(name.to_owned()).or_insert(feature);
    }
    Detector { enabled: true, publishing: "SIX_HOURS".to_owned(), features, overdue: 0 }
}

fn good() -> Detector {
    detector(&["S3_DATA_EVENTS"], &[])
}

fn member() -> Role {
    Role::Member { administrator: SECURITY.to_owned(), status: "Enabled".to_owned() }
}

fn told(detector: Option<Detector>) -> Told {
    Told { detector, role: member(), auto_enable: None }
}

/// The codes with the English messages.
fn judged(regions: &[(&str, Option<Told>)], given: &Value) -> (&'static str, Vec<String>) {
    let told = regions.iter().map(|(region, told)| ((*region).to_owned(), told.clone()));
    let verdict = decide(&told.collect(), &bars(given));
    let reasons = verdict.reasons().iter();
    let reasons = reasons.map(|one| format!("{}: {}", one.code, one.message.en));
    (verdict.compliance().as_str(), reasons.collect())
}

/// The codes of one Region, with what is in brackets after the Region.
fn codes(told: Told, given: &Value) -> Vec<String> {
    let (_, reasons) = judged(&[(TOKYO, Some(told))], given);
    let short = reasons.iter().map(|reason| {
        let code = reason.split(':').next().unwrap();
        let what: Vec<&str> = reason.split(&format!("{TOKYO} ")).skip(1).collect();
        format!("{code} {}", what.join("")).trim().to_owned()
    });
    short.collect()
}

#[test]
fn the_regions_that_fail_are_named_and_counted() {
    let regions = [
        (TOKYO, Some(told(Some(good())))),
        (OSAKA, Some(told(None))),
        ("eu-west-1", Some(told(None))),
        ("us-east-1", Some(told(None))),
        ("us-west-2", Some(told(None))),
    ];
    let (compliance, reasons) = judged(&regions, &json!({}));
    assert_eq!(compliance, "NON_COMPLIANT");
    assert_eq!(
        reasons,
        ["DETECTOR_MISSING: GuardDuty is not enabled in some Regions: ap-northeast-3, eu-west-1, \
          us-east-1 and 1 more"]
    );
    let (compliance, reasons) = judged(&regions[..1], &json!({}));
    assert_eq!((compliance, reasons.len()), ("COMPLIANT", 0));
}

#[test]
fn a_region_without_guardduty_neither_fails_nor_passes() {
    let regions = [(TOKYO, Some(told(Some(good())))), ("mx-central-1", None)];
    let (compliance, reasons) = judged(&regions, &json!({}));
    assert_eq!(compliance, "COMPLIANT");
    assert_eq!(
        reasons,
        ["NOT_IN_REGION: AWS does not offer the service in the Region: mx-central-1"]
    );
    let (compliance, reasons) = judged(&regions[1..], &json!({}));
    assert_eq!(compliance, "NOT_APPLICABLE");
    assert!(reasons[0].starts_with("NOT_IN_REGION"));
    let (compliance, _) = judged(&[(OSAKA, Some(told(None))), regions[1].clone()], &json!({}));
    assert_eq!(compliance, "NON_COMPLIANT");
}

#[test]
fn detectors() {
    let suspended = Detector { enabled: false, ..detector(&[], &["S3_DATA_EVENTS"]) };
    let frequency = |name: &str| Detector { publishing: name.to_owned(), ..good() };
    let fast = json!({"maxPublishingFrequency": "ONE_HOUR"});
    for (detector, given, expected) in [
        // What a suspended detector has switched off besides is not told.
        (suspended, json!({}), &["DETECTOR_SUSPENDED"][..]),
        (
            detector(&["S3_DATA_EVENTS"], &["DNS_LOGS"]),
            json!({}),
            &["DETECTOR_SUSPENDED (DNS_LOGS)"],
        ),
        // The malware scan is of another control.
        (
            detector(&[], &["S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION"]),
            json!({}),
            &["S3_PROTECTION_OFF"],
        ),
        // Who names it here all the same, as for Regions without a stack, is told.
        (
            detector(&[], &["EBS_MALWARE_PROTECTION"]),
            json!({"requiredFeatures": "EBS_MALWARE_PROTECTION"}),
            &["PROTECTION_PLAN_OFF (EBS_MALWARE_PROTECTION)"],
        ),
        (detector(&[], &["S3_DATA_EVENTS"]), json!({"requiredFeatures": ""}), &[]),
        // A plan that the Region does not know is no failure, but is told.
        (
            detector(&["RDS_LOGIN_EVENTS"], &[]),
            json!({}),
            &["FEATURE_NOT_IN_REGION (S3_DATA_EVENTS)"],
        ),
        (
            detector(&["EKS_AUDIT_LOGS"], &["RDS_LOGIN_EVENTS"]),
            json!({"requiredFeatures": "EKS_AUDIT_LOGS,RDS_LOGIN_EVENTS"}),
            &["PROTECTION_PLAN_OFF (RDS_LOGIN_EVENTS)"],
        ),
        (frequency("SIX_HOURS"), json!({}), &[]),
        (frequency("SIX_HOURS"), fast.clone(), &["PUBLISHING_TOO_SLOW (SIX_HOURS)"]),
        (frequency("ONE_HOUR"), fast.clone(), &[]),
        (frequency("FIFTEEN_MINUTES"), fast, &[]),
        (Detector { overdue: 3, ..good() }, json!({}), &["FINDINGS_NOT_HANDLED (3)"]),
    ] {
        assert_eq!(codes(told(Some(detector.clone())), &given), expected, "{detector:?} {given}");
    }
}

#[test]
fn runtime_monitoring_has_an_old_and_a_new_name() {
    let eks = json!({"requiredFeatures": "EKS_RUNTIME_MONITORING"});
    let new = json!({"requiredFeatures": "RUNTIME_MONITORING"});
    const OLD: &str = "EKS_RUNTIME_MONITORING";
    const NEW: &str = "RUNTIME_MONITORING";
    for (on, off, given, fails) in [
        (&[OLD][..], &[NEW][..], &eks, false),
        (&[NEW], &[OLD], &eks, false),
        (&[NEW], &[], &eks, false),
        (&[], &[OLD, NEW], &eks, true),
        (&[], &[OLD], &eks, true),
        // The old one watches EKS only.
        (&[OLD], &[NEW], &new, true),
        (&[NEW], &[OLD], &new, false),
    ] {
        let found = codes(told(Some(detector(on, off))), given);
        let failed = found.iter().any(|code| code.starts_with("PROTECTION_PLAN_OFF"));
        assert_eq!((failed, found.len()), (fails, usize::from(fails)), "{on:?} {off:?} {found:?}");
    }
}

#[test]
fn agents_of_runtime_monitoring() {
    let runtime = |enabled, agents: &[(&str, bool)]| {
        let mut detector = good();
        let agents = agents.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect();
        let feature = Feature { enabled, agents };
        detector.features.insert("RUNTIME_MONITORING".to_owned(), feature);
        told(Some(detector))
    };
    const EC2: &str = "EC2_AGENT_MANAGEMENT";
    let wanted = json!({"requiredAgents": EC2, "requiredFeatures": "RUNTIME_MONITORING"});
    let off = ["RUNTIME_AGENT_OFF (EC2_AGENT_MANAGEMENT)"];
    assert_eq!(codes(runtime(true, &[(EC2, true)]), &wanted), [""; 0]);
    assert_eq!(codes(runtime(true, &[(EC2, false)]), &wanted), off);
    assert_eq!(codes(runtime(true, &[("EKS_ADDON_MANAGEMENT", true)]), &wanted), off);
    assert_eq!(codes(runtime(true, &[(EC2, false)]), &json!({})), [""; 0]);
    // The plan is off: told once, by the requirement that asks for it.
    assert_eq!(
        codes(runtime(false, &[(EC2, true)]), &wanted),
        ["PROTECTION_PLAN_OFF (RUNTIME_MONITORING)"]
    );
    assert_eq!(codes(runtime(false, &[(EC2, true)]), &json!({"requiredAgents": EC2})), off);
    assert_eq!(
        codes(told(Some(good())), &json!({"requiredAgents": EC2})),
        ["FEATURE_NOT_IN_REGION (RUNTIME_MONITORING)"]
    );
}

#[test]
fn the_administrator_must_be_the_right_one() {
    let is = |administrator: &str, status: &str| Role::Member {
        administrator: administrator.to_owned(),
        status: status.to_owned(),
    };
    let management =
        |names: &[&str]| Role::Management(names.iter().map(|&name| name.to_owned()).collect());
    let any = json!({});
    let security = json!({"securityAccountId": SECURITY});
    let itself = json!({"securityAccountId": ACCOUNT});
    for (role, given, missing) in [
        (is(SECURITY, "Enabled"), &any, false),
        (is(SECURITY, "Enabled"), &security, false),
        (is("777788889999", "Enabled"), &security, true),
        (is(SECURITY, "Removed"), &any, true),
        (is(SECURITY, ""), &any, true),
        (Role::Nobody, &any, true),
        (Role::Administrator, &any, false),
        (Role::Administrator, &itself, false),
        // Somebody else should be it.
        (Role::Administrator, &security, true),
        (management(&[]), &any, true),
        (management(&[SECURITY]), &any, false),
        (management(&[SECURITY]), &security, false),
        (management(&["777788889999"]), &security, true),
        (Role::Unknown, &security, false),
    ] {
        let told = Told { role: role.clone(), ..told(Some(good())) };
        let expected: &[&str] = if missing { &["ADMINISTRATOR_MISSING"] } else { &[] };
        assert_eq!(codes(told, given), expected, "{role:?} {given}");
    }
    // Nobody administers an account that stands alone.
    let alone = Told { role: Role::Alone, ..told(Some(good())) };
    assert_eq!(codes(alone.clone(), &security), ["STAND_ALONE_ACCOUNT"]);
    let (compliance, reasons) = judged(&[(TOKYO, Some(alone))], &any);
    assert_eq!(compliance, "COMPLIANT");
    assert!(!reasons[0].contains(TOKYO), "{reasons:?}");
}

#[test]
fn new_accounts_are_enabled_automatically() {
    for (auto_enable, given, fails) in [
        (Some("NONE"), json!({}), true),
        (Some("NEW"), json!({}), false),
        (Some("ALL"), json!({}), false),
        (None, json!({}), false),
        (Some("NONE"), json!({"requireAutoEnable": false}), false),
    ] {
        let auto_enable = auto_enable.map(str::to_owned);
        let told = Told { role: Role::Administrator, auto_enable, ..told(Some(good())) };
        let expected: &[&str] = if fails { &["AUTO_ENABLE_OFF"] } else { &[] };
        assert_eq!(codes(told, &given), expected);
    }
}

#[test]
fn misspelt_parameters_are_errors() {
    for (given, name) in [
        (json!({"requiredFeatures": "S3_DATA_EVENT"}), "requiredFeatures"),
        (json!({"requiredFeatures": "s3_data_events"}), "requiredFeatures"),
        (json!({"requiredAgents": "EC2"}), "requiredAgents"),
        (json!({"securityAccountId": "44445555666"}), "securityAccountId"),
        (json!({"securityAccountId": "44445555666x"}), "securityAccountId"),
    ] {
        let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &given).unwrap();
        let error = Bars::new(&run(&parameters, true)).unwrap_err().to_string();
        assert!(error.contains(&format!("{name:?}")), "{error}");
    }
}
