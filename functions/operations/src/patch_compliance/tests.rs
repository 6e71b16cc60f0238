use fisc_shared::Parameters;
use fisc_testkit::events;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::schedule::Aim;
use super::*;

const ID: &str = "i-0a1b2c3d4e5f60718";
const NOW: &str = "2026-11-21T00:00:00Z";
const NONE: [&str; 0] = [];

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn running<T>(parameters: &Value, offline: bool, work: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    work(&Run {
        parameters: &parameters,
        now: time(NOW),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn machine() -> Machine {
    Machine {
        id: ID.to_owned(),
        state: "running".to_owned(),
        launched: time("2026-10-01T00:00:00Z"),
        created: time("2026-10-01T00:00:00Z"),
        tags: BTreeMap::new(),
    }
}

fn tagged(key: &str) -> Machine {
    Machine { tags: [(key.to_owned(), "true".to_owned())].into(), ..machine() }
}

/// A machine that was started some minutes ago.
fn started(minutes: i64) -> Machine {
    let launched = time(NOW) - jiff::SignedDuration::from_mins(minutes);
    Machine { launched, ..machine() }
}

fn node(last: Option<&str>) -> Node {
    Node {
        id: ID.to_owned(),
        status: "ConnectionLost".to_owned(),
        last_ping: last.map(time),
        platform_type: Some("Linux".to_owned()),
        platform_name: Some("Amazon Linux".to_owned()),
        platform_version: Some("2023".to_owned()),
    }
}

fn everywhere() -> Schedules {
    Schedules(vec![vec![Aim { key: "InstanceIds".to_owned(), values: vec!["*".to_owned()] }]])
}

/// A node that is inventoried, and patched by a schedule.
fn facts() -> Facts {
    Facts {
        nodes: [(ID.to_owned(), node(Some("2026-11-20T00:00:00Z")))].into(),
        inventories: [(ID.to_owned(), Some(time("2026-11-19T00:00:00Z")))].into(),
        patched: [(ID.to_owned(), time("2026-11-14T00:00:00Z"))].into(),
        schedules: everywhere(),
    }
}

fn judged(machine: &Machine, facts: &Facts, parameters: &Value) -> Verdict {
    running(parameters, false, |run| {
        instance::decide(machine, facts, &Bars::of(run).unwrap(), run.now).unwrap()
    })
}

fn codes_with(machine: &Machine, facts: &Facts, parameters: &Value) -> Vec<&'static str> {
    judged(machine, facts, parameters).reasons().iter().map(|reason| reason.code).collect()
}

fn codes(machine: &Machine, facts: &Facts) -> Vec<&'static str> {
    codes_with(machine, facts, &json!({}))
}

#[test]
fn an_instance_in_good_hands_passes() {
    assert_eq!(judged(&machine(), &facts(), &json!({})), Verdict::compliant());
}

#[test]
fn systems_manager_reaches_what_runs() {
    let unknown = Facts { nodes: BTreeMap::new(), ..facts() };
    assert_eq!(codes(&machine(), &unknown), ["NOT_MANAGED"], "and nothing else is asked");
    // A short break is none, whatever the status says.
    let last = |text: &str| {
        let node = node(Some(text));
        Facts { nodes: [(ID.to_owned(), node)].into(), ..facts() }
    };
    assert_eq!(codes(&machine(), &last("2026-11-20T00:00:00Z")), NONE);
    let lost = last("2026-11-19T23:59:59Z");
    assert_eq!(codes(&machine(), &lost), ["NOT_MANAGED"]);
    assert!(judged(&machine(), &lost, &json!({})).reasons()[0].message.en.contains("24 hours ago"));
    assert_eq!(codes_with(&machine(), &lost, &json!({"maxPingAgeHours": "25"})), NONE);
    let never = Facts { nodes: [(ID.to_owned(), node(None))].into(), ..facts() };
    let error = running(&json!({}), false, |run| {
        instance::decide(&machine(), &never, &Bars::of(run).unwrap(), run.now).unwrap_err()
    });
    assert!(error.to_string().contains("LastPingDateTime"), "{error}");
}

#[test]
fn a_fresh_instance_has_some_time() {
    let unknown = Facts { nodes: BTreeMap::new(), ..facts() };
    assert_eq!(codes(&started(59), &unknown), ["INSTANCE_STARTING"]);
    assert_eq!(judged(&started(59), &unknown, &json!({})).compliance().as_str(), "NOT_APPLICABLE");
    assert_eq!(codes(&started(60), &unknown), ["NOT_MANAGED"]);
    let strict = json!({"launchGraceMinutes": "0"});
    assert_eq!(codes_with(&started(1), &unknown, &strict), ["NOT_MANAGED"]);
    // Its agent is there already, the rest is not.
    let bare = Facts { inventories: BTreeMap::new(), patched: BTreeMap::new(), ..facts() };
    assert_eq!(codes(&started(5), &bare), NONE);
    // Without a schedule nothing will come.
    let idle = Facts { schedules: Schedules::default(), ..bare };
    assert_eq!(codes(&started(5), &idle), ["PATCH_SCHEDULE_MISSING"]);
}

#[test]
fn what_does_not_run_or_is_exempt_is_not_asked() {
    let unknown = Facts::default();
    for (state, expected) in [
        ("stopped", "INSTANCE_NOT_RUNNING"),
        ("pending", "INSTANCE_NOT_RUNNING"),
        ("terminated", "INSTANCE_TERMINATED"),
        ("shutting-down", "INSTANCE_TERMINATED"),
    ] {
        let machine = Machine { state: state.to_owned(), ..machine() };
        assert_eq!(codes(&machine, &unknown), [expected], "{state}");
    }
    assert_eq!(codes(&tagged("fisc:ssm-exempt"), &unknown), ["SSM_EXEMPT"]);
    let none = json!({"ssmExemptTagKey": ""});
    assert_eq!(codes_with(&tagged("fisc:ssm-exempt"), &unknown, &none), ["NOT_MANAGED"]);
}

#[test]
fn the_inventory_is_young() {
    let taken = |text: Option<&str>| {
        let inventories = [(ID.to_owned(), text.map(time))].into();
        codes(&machine(), &Facts { inventories, ..facts() })
    };
    assert_eq!(taken(Some("2026-11-19T00:00:00Z")), NONE);
    assert_eq!(taken(Some("2026-11-18T23:59:59Z")), ["INVENTORY_MISSING"]);
    assert_eq!(taken(None), ["INVENTORY_MISSING"]);
}

#[test]
fn patches_come_by_a_schedule_that_runs() {
    let idle = Facts { schedules: Schedules::default(), ..facts() };
    assert_eq!(codes(&machine(), &idle), ["PATCH_SCHEDULE_MISSING"]);
    let patched = |text: &str| Facts { patched: [(ID.to_owned(), time(text))].into(), ..facts() };
    assert_eq!(codes(&machine(), &patched("2026-11-14T00:00:00Z")), NONE);
    assert_eq!(codes(&machine(), &patched("2026-11-13T23:59:59Z")), ["PATCH_SCAN_STALE"]);
    let both = ["PATCH_SCHEDULE_MISSING", "PATCH_SCAN_STALE"];
    assert_eq!(codes(&machine(), &patched("2026-10-20T23:59:59Z")), both);
    let patient = json!({"maxScanAgeDays": 40, "maxPatchIntervalDays": 40});
    assert_eq!(codes_with(&machine(), &patched("2026-10-20T23:59:59Z"), &patient), NONE);
    // No operation is known: the age of the instance counts, not that of its last start.
    let never = Facts { patched: BTreeMap::new(), ..facts() };
    assert_eq!(codes(&machine(), &never), both);
    assert_eq!(codes(&started(90), &never), both);
    let week_old = Machine { created: time("2026-11-15T00:00:00Z"), ..started(90) };
    assert_eq!(codes(&week_old, &never), NONE);
    let groups = Aim { key: "resource-groups:Name".to_owned(), values: vec!["all".to_owned()] };
    let group = Facts { schedules: Schedules(vec![vec![groups]]), ..facts() };
    assert_eq!(codes(&machine(), &group), ["SCHEDULE_NOT_DECIDED"]);
}

#[test]
fn fleets_that_are_replaced_are_managed_and_inventoried_only() {
    let bare = Facts { patched: BTreeMap::new(), schedules: Schedules::default(), ..facts() };
    assert_eq!(codes(&tagged("fisc:immutable"), &bare), ["IMMUTABLE_FLEET"]);
    assert_eq!(
        judged(&tagged("fisc:immutable"), &bare, &json!({})).compliance().as_str(),
        "COMPLIANT"
    );
    let blank = Facts { inventories: BTreeMap::new(), ..bare };
    assert_eq!(codes(&tagged("fisc:immutable"), &blank), ["INVENTORY_MISSING"]);
    assert_eq!(codes(&tagged("fisc:immutable"), &Facts::default()), ["NOT_MANAGED"]);
}

fn compliance_item(resource_type: &str, configuration: Value) -> ConfigurationItem {
    let id = format!("AWS::SSM::ManagedInstanceInventory/{ID}");
    let item = events::item(resource_type, &id, configuration);
    ConfigurationItem::from_json(&item.to_string()).expect("an item")
}

fn summary(kind: &str, status: &str, counts: Value) -> Value {
    let mut summary = json!({
        "Status": status, "ComplianceType": kind, "OverallSeverity": "UNSPECIFIED",
        "NonCompliantCriticalCount": 0, "NonCompliantHighCount": 0, "NonCompliantMediumCount": 0,
        "NonCompliantLowCount": 0, "NonCompliantInformationalCount": 0,
        "NonCompliantUnspecifiedCount": 0,
    });
    for (name, value) in counts.as_object().into_iter().flatten() {
        summary[name] = value.clone();
    }
    let mut content = json!({});
    content[kind] = json!({"ComplianceSummary": summary, "KB1": {"Id": "KB1"}});
    json!({"AWS:ComplianceItem": {"SchemaVersion": "1.0", "Content": content}})
}

fn previewed(item: &ConfigurationItem, parameters: &Value, offline: bool) -> Option<Verdict> {
    running(parameters, offline, |run| preview(item, run).unwrap())
}

const PATCH: &str = "AWS::SSM::PatchCompliance";
const ASSOCIATION: &str = "AWS::SSM::AssociationCompliance";

#[test]
fn missing_patches_fail_by_their_severity() {
    let of = |counts: Value, parameters: Value| {
        let item = compliance_item(PATCH, summary("Patch", "NON_COMPLIANT", counts));
        let verdict = previewed(&item, &parameters, true).expect("a verdict");
        verdict.reasons().iter().map(|reason| reason.code).collect::<Vec<_>>()
    };
    let default = || json!({});
    for name in ["Critical", "High", "Unspecified"] {
        let mut counts = json!({});
        counts[format!("NonCompliant{name}Count")] = json!("2");
        assert_eq!(of(counts.clone(), default()), ["PATCH_NON_COMPLIANT"], "{name}");
        assert_eq!(of(counts, json!({"patchSeverities": "LOW"})), ["LESSER_PATCHES_MISSING"]);
    }
    let medium = json!({"NonCompliantMediumCount": 1});
    assert_eq!(of(medium.clone(), default()), ["LESSER_PATCHES_MISSING"]);
    assert_eq!(of(medium, json!({"patchSeverities": ""})), ["PATCH_NON_COMPLIANT"]);
    let fine = compliance_item(PATCH, summary("Patch", "COMPLIANT", json!({})));
    assert_eq!(previewed(&fine, &json!({}), false), Some(Verdict::compliant()));
    let wrong = json!({"patchSeverities": "SEVERE"});
    let error = running(&wrong, true, |run| preview(&fine, run).unwrap_err());
    assert!(error.to_string().contains("patchSeverities"), "{error}");
    // A severity that this code does not know is not passed over.
    let counts = [("APOCALYPTIC".to_owned(), 1)].into();
    let verdict = running(&json!({}), true, |run| {
        compliance::judge(&counts, Kind::Patch, &Bars::of(run).unwrap())
    });
    assert_eq!(verdict.reasons()[0].code, "PATCH_NON_COMPLIANT");
}

#[test]
fn associations_fail_whatever_their_severity() {
    let counts = json!({"NonCompliantUnspecifiedCount": 2});
    let item = compliance_item(ASSOCIATION, summary("Association", "NON_COMPLIANT", counts));
    let verdict = previewed(&item, &json!({"patchSeverities": "CRITICAL"}), true).unwrap();
    assert_eq!(verdict.reasons()[0].code, "ASSOCIATION_NON_COMPLIANT");
    assert!(verdict.reasons()[0].message.en.starts_with("2 State Manager"));
    // Before it fails for good, its node is asked for.
    assert_eq!(previewed(&item, &json!({}), false), None);
}

#[test]
fn an_item_of_another_shape_is_not_read() {
    let mut unfinished = summary("Patch", "NON_COMPLIANT", json!({"NonCompliantHighCount": 1}));
    unfinished["AWS:ComplianceItem"]["Content"]["Patch"]["ComplianceSummary"]
        .as_object_mut()
        .unwrap()
        .remove("NonCompliantLowCount");
    for configuration in [
        json!({}),
        json!({"AWS:ComplianceItem": {"Content": {}}}),
        json!({"AWS:ComplianceItem": {"Content": {"Patch": {"KB1": {"Status": "COMPLIANT"}}}}}),
        unfinished,
        summary("Patch", "PENDING", json!({})),
        // Contradictions.
        summary("Patch", "COMPLIANT", json!({"NonCompliantHighCount": 1})),
        summary("Patch", "NON_COMPLIANT", json!({})),
        summary("Patch", "NON_COMPLIANT", json!({"NonCompliantHighCount": -1})),
        // Another kind of compliance.
        summary("Association", "COMPLIANT", json!({})),
    ] {
        let item = compliance_item(PATCH, configuration);
        assert_eq!(compliance::recorded(&item, Kind::Patch), None);
        assert_eq!(previewed(&item, &json!({}), true), None);
    }
}

#[test]
fn compliance_is_of_a_node() {
    let item = |id: &str| {
        let item = events::item(PATCH, id, json!({}));
        ConfigurationItem::from_json(&item.to_string()).expect("an item")
    };
    for id in ["i-0a1b", "mi-0a1b", "AWS::SSM::ManagedInstanceInventory/i-0a1b"] {
        assert!(compliance::node_id(&item(id)).unwrap().ends_with("i-0a1b"));
    }
    for id in ["node", "i-", "AWS::SSM::ManagedInstanceInventory/x' OR resourceId = 'i-1", "i-1'"] {
        assert!(compliance::node_id(&item(id)).is_err(), "{id}");
    }
}

#[test]
fn the_item_of_an_instance_settles_what_it_can() {
    let item = |configuration: Value, tags: Value| {
        let mut item = events::item("AWS::EC2::Instance", ID, configuration);
        item["tags"] = tags;
        ConfigurationItem::from_json(&item.to_string()).expect("an item")
    };
    let launched = "2026-10-01T00:00:00.000Z";
    let code = |item: &ConfigurationItem| {
        previewed(item, &json!({}), false).map(|verdict| verdict.reasons()[0].code)
    };
    // A terminated instance has no parts left.
    let gone = item(json!({"state": {"name": "terminated"}}), Value::Null);
    assert_eq!(code(&gone), Some("INSTANCE_TERMINATED"));
    let of = |state: &str| json!({"state": {"name": state}, "launchTime": launched});
    assert_eq!(code(&item(of("stopped"), json!({}))), Some("INSTANCE_NOT_RUNNING"));
    let exempt = item(of("running"), json!({"fisc:ssm-exempt": "appliance"}));
    assert_eq!(code(&exempt), Some("SSM_EXEMPT"));
    assert_eq!(code(&item(of("running"), json!({}))), None);
}
