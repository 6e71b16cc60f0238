use std::collections::BTreeMap;

use fisc_shared::Run;
use fisc_shared::parameter::Parameters;
use serde_json::{Value, json};

use super::CONTROL;
use super::judge::{Administration, Aggregator, Bars, Hub, Role, Standard, Told, Whole, decide};

const ACCOUNT: &str = "111122223333";
const SECURITY: &str = "444455556666";
const TOKYO: &str = "ap-northeast-1";
const OSAKA: &str = "ap-northeast-3";
const FSBP: &str = "arn:aws:securityhub:ap-northeast-1::standards/aws-foundational-security-best-practices/v/1.0.0";
const CIS_1_2: &str = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0";
const CIS_3: &str =
    "arn:aws:securityhub:ap-northeast-1::standards/cis-aws-foundations-benchmark/v/3.0.0";

fn bars_of(given: &Value, home: bool) -> Result<Bars, fisc_shared::Error> {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, given).unwrap();
    Bars::new(&Run {
        parameters: &parameters,
        now: "2026-11-23T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: TOKYO,
        deadline: None,
        home,
        offline: false,
    })
}

fn standard(arn: &str, status: &str) -> Standard {
    Standard { arn: arn.to_owned(), status: status.to_owned() }
}

fn product(name: &str) -> String {
    format!("arn:aws:securityhub:ap-northeast-1:{ACCOUNT}:product-subscription/{name}")
}

fn member() -> Role {
    Role::Member { administrator: SECURITY.to_owned(), status: "Enabled".to_owned() }
}

fn good() -> Hub {
    let products = ["aws/guardduty", "aws/inspector", "aws/config", "aws/macie"];
    Hub {
        is_new: false,
        standards: vec![standard(FSBP, "READY")],
        products: products.map(product).to_vec(),
        role: member(),
    }
}

fn judged(regions: &[(&str, Told)], whole: &Whole, given: &Value) -> (&'static str, Vec<String>) {
    let told: BTreeMap<String, Told> =
        regions.iter().map(|(name, told)| ((*name).to_owned(), told.clone())).collect();
    let verdict = decide(&told, whole, &bars_of(given, true).unwrap());
    let reasons = verdict.reasons().iter();
    let reasons = reasons.map(|one| {
        let place = one.message.en.split_once(": ").map_or("", |(_, place)| place);
        format!("{}: {place}", one.code)
    });
    (verdict.compliance().as_str(), reasons.collect())
}

fn one(hub: Hub, given: &Value) -> String {
    let (compliance, reasons) = judged(&[(TOKYO, Told::On(hub))], &Whole::default(), given);
    let notes = ["STAND_ALONE_ACCOUNT", "STANDARD_PENDING"];
    let fails = !reasons.is_empty() && !notes.iter().any(|note| reasons[0].starts_with(note));
    assert_eq!(compliance, if fails { "NON_COMPLIANT" } else { "COMPLIANT" });
    reasons.join(" / ")
}

#[test]
fn a_hub_that_is_off_fails_once() {
    let regions =
        [(TOKYO, Told::On(good())), (OSAKA, Told::Off), ("mx-central-1", Told::NotOffered)];
    let (compliance, reasons) = judged(&regions, &Whole::default(), &json!({}));
    assert_eq!((compliance, reasons), ("NON_COMPLIANT", vec![format!("HUB_DISABLED: {OSAKA}")]));
    let (compliance, reasons) = judged(&regions[2..], &Whole::default(), &json!({}));
    assert_eq!((compliance, reasons.len()), ("NOT_APPLICABLE", 1));
    let (compliance, reasons) =
        judged(&[regions[0].clone(), regions[2].clone()], &Whole::default(), &json!({}));
    assert_eq!(
        (compliance, reasons),
        ("COMPLIANT", vec!["NOT_IN_REGION: mx-central-1".to_owned()])
    );
}

#[test]
fn the_newer_hub_passes_with_a_note() {
    let (compliance, reasons) = judged(&[(TOKYO, Told::Newer)], &Whole::default(), &json!({}));
    assert_eq!((compliance, reasons), ("COMPLIANT", vec![format!("NEWER_HUB: {TOKYO}")]));
    assert!(!bars_of(&json!({}), true).unwrap().accept_v2);
}

#[test]
fn standards_are_in_force() {
    const MISSING: &str =
        "STANDARD_MISSING: ap-northeast-1 (aws-foundational-security-best-practices";
    const PENDING: &str =
        "STANDARD_PENDING: ap-northeast-1 (aws-foundational-security-best-practices)";
    for (status, is_new, expected) in [
        ("READY", false, String::new()),
        ("PENDING", false, PENDING.to_owned()),
        ("INCOMPLETE", true, PENDING.to_owned()),
        ("INCOMPLETE", false, format!("{MISSING}: INCOMPLETE)")),
        ("FAILED", false, format!("{MISSING}: FAILED)")),
        ("FAILED", true, format!("{MISSING}: FAILED)")),
        ("DELETING", false, format!("{MISSING}: DELETING)")),
    ] {
        let hub = Hub { is_new, standards: vec![standard(FSBP, status)], ..good() };
        assert_eq!(one(hub, &json!({})), expected, "{status}");
    }
    let hub = Hub { standards: vec![standard(CIS_3, "READY")], ..good() };
    assert_eq!(one(hub, &json!({})), format!("{MISSING})"));
}

#[test]
fn a_standard_is_known_by_its_name_or_its_version() {
    let cis =
        Hub { standards: vec![standard(CIS_1_2, "FAILED"), standard(CIS_3, "READY")], ..good() };
    for (wanted, passes) in [
        // One version in force is enough.
        ("cis-aws-foundations-benchmark", true),
        ("cis-aws-foundations-benchmark/v/3.0.0", true),
        ("cis-aws-foundations-benchmark/v/1.2.0", false),
        ("cis-aws-foundations-benchmark/v/1.4.0", false),
        (CIS_3, true),
        // No part of a name.
        ("cis-aws-foundations", false),
        ("aws-foundations-benchmark", false),
    ] {
        let found = one(cis.clone(), &json!({"requiredStandards": [wanted]}));
        assert_eq!(found.is_empty(), passes, "{wanted}: {found}");
    }
}

#[test]
fn integrations_are_compared_as_a_whole() {
    let hub = Hub {
        products: vec![
            product("aws/guardduty"),
            product("aws/inspector-classic"),
            product("someone/aws/config"),
        ],
        ..good()
    };
    assert_eq!(
        one(hub, &json!({})),
        "INTEGRATION_MISSING: ap-northeast-1 (aws/inspector), ap-northeast-1 (aws/config), \
         ap-northeast-1 (aws/macie)"
    );
    let hub = Hub { products: Vec::new(), ..good() };
    assert_eq!(one(hub, &json!({"requiredProducts": ""})), "");
}

#[test]
fn the_administrator_must_be_the_right_one() {
    let is = |administrator: &str, status: &str| Role::Member {
        administrator: administrator.to_owned(),
        status: status.to_owned(),
    };
    let management =
        |names: &[&str]| Role::Management(names.iter().map(|&name| name.to_owned()).collect());
    let administrator =
        || Role::Administrator(Administration { central: true, ..Administration::default() });
    let any = json!({});
    let security = json!({"securityAccountId": SECURITY});
    for (role, given, missing) in [
        (is(SECURITY, "Enabled"), &any, false),
        (is(SECURITY, "ENABLED"), &security, false),
        (is("777788889999", "Enabled"), &security, true),
        (is(SECURITY, "Invited"), &any, true),
        (Role::Nobody, &any, true),
        (administrator(), &any, false),
        (administrator(), &json!({"securityAccountId": ACCOUNT}), false),
        (administrator(), &security, true),
        (management(&[]), &any, true),
        (management(&[SECURITY]), &security, false),
        (management(&["777788889999"]), &security, true),
    ] {
        let expected = if missing { "ADMINISTRATOR_MISSING: ap-northeast-1" } else { "" };
        assert_eq!(one(Hub { role: role.clone(), ..good() }, given), expected, "{role:?} {given}");
    }
    assert_eq!(one(Hub { role: Role::Alone, ..good() }, &security), "STAND_ALONE_ACCOUNT: ");
    assert!(bars_of(&json!({"securityAccountId": "x"}), true).is_err());
}

#[test]
fn new_accounts_are_enabled_with_their_standards() {
    for (central, auto_enable, standards, fails) in [
        (false, true, true, false),
        (false, false, true, true),
        (false, true, false, true),
        // A configuration policy does it, and the two switches are off then.
        (true, false, false, false),
    ] {
        let seen = Administration { central, auto_enable, standards, ..Administration::default() };
        let expected = if fails { "AUTO_ENABLE_OFF: ap-northeast-1" } else { "" };
        assert_eq!(one(Hub { role: Role::Administrator(seen), ..good() }, &json!({})), expected);
    }
}

#[test]
fn every_account_is_a_member() {
    let seen = Administration {
        central: true,
        members: ["222222222222".to_owned()].into(),
        ..Administration::default()
    };
    let hub = Told::On(Hub { role: Role::Administrator(seen), ..good() });
    let accounts = [ACCOUNT, "222222222222", "333333333333"].map(str::to_owned).to_vec();
    let whole = Whole { accounts, ..Whole::default() };
    let (_, reasons) = judged(&[(TOKYO, hub.clone())], &whole, &json!({}));
    // The administrator is no member of itself.
    assert_eq!(reasons, ["MEMBER_NOT_ENABLED: ap-northeast-1 (333333333333)"]);
    let (_, reasons) = judged(&[(TOKYO, hub)], &whole, &json!({"requireAllMembers": false}));
    assert_eq!(reasons, [""; 0]);
}

#[test]
fn aggregation_covers_the_regions() {
    let aggregator = |mode: &str, regions: &[&str]| Aggregator {
        region: TOKYO.to_owned(),
        mode: mode.to_owned(),
        regions: regions.iter().map(|&region| region.to_owned()).collect(),
    };
    let missing = |region: &str| format!("AGGREGATION_MISSING: {region}");
    for (aggregators, given, expected) in [
        (vec![], json!({}), format!("{}, {OSAKA}", missing(TOKYO))),
        (vec![], json!({"aggregationRegions": ""}), missing(TOKYO)),
        (vec![aggregator("ALL_REGIONS", &[])], json!({}), String::new()),
        (vec![aggregator("SPECIFIED_REGIONS", &[OSAKA])], json!({}), String::new()),
        (vec![aggregator("SPECIFIED_REGIONS", &["us-east-1"])], json!({}), missing(OSAKA)),
        (vec![aggregator("ALL_REGIONS_EXCEPT_SPECIFIED", &[OSAKA])], json!({}), missing(OSAKA)),
        (
            vec![aggregator("ALL_REGIONS_EXCEPT_SPECIFIED", &["us-east-1"])],
            json!({}),
            String::new(),
        ),
        (vec![aggregator("NO_REGIONS", &[])], json!({}), missing(OSAKA)),
        (vec![aggregator("NO_REGIONS", &[])], json!({"aggregationRegions": TOKYO}), String::new()),
        (vec![aggregator("SOME_NEW_MODE", &[OSAKA])], json!({}), missing(OSAKA)),
    ] {
        let whole = Whole { aggregators: Some(aggregators), ..Whole::default() };
        let (_, reasons) = judged(&[(TOKYO, Told::On(good()))], &whole, &given);
        assert_eq!(reasons.join(" / "), expected, "{whole:?} {given}");
    }
    // It is the same from every Region: asked for at home only.
    assert!(bars_of(&json!({}), true).unwrap().aggregator);
    assert!(!bars_of(&json!({}), false).unwrap().aggregator);
    assert!(!bars_of(&json!({"requireAggregator": false}), true).unwrap().aggregator);
}
