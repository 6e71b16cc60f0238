use fisc_shared::verdict::Compliance;
use serde_json::{Value, json};

use super::*;
use crate::testing;
use crate::testing::{group, rule, tcp};

const ANY: &[&str] = &["0.0.0.0/0"];
const NONE: [&str; 0] = [];
const ALL: [&str; 1] = ["EGRESS_ALL_TRAFFIC"];

fn codes_with(rules: &Value, parameters: &Value) -> Vec<&'static str> {
    testing::codes(&CONTROL, &group(&json!([]), rules), parameters)
}

fn codes(rules: &Value) -> Vec<&'static str> {
    codes_with(rules, &json!({}))
}

fn default_group(inbound: &Value, outbound: &Value) -> Value {
    let mut item = group(inbound, outbound);
    item["configuration"]["groupName"] = json!("default");
    item
}

#[test]
fn a_default_group_has_no_rules() {
    let codes = |item: &Value, parameters: &Value| testing::codes(&CONTROL, item, parameters);
    let mut own = rule("-1", None, &[]);
    own["userIdGroupPairs"] =
        json!([{"groupId": "sg-0f1e2d3c4b5a69788", "userId": "111122223333"}]);
    let all = rule("-1", None, ANY);
    let none = json!({});
    assert_eq!(codes(&default_group(&json!([]), &json!([])), &none), NONE);
    assert_eq!(
        codes(&default_group(&json!([own]), &json!([])), &none),
        ["DEFAULT_GROUP_NOT_CLOSED"]
    );
    let shipped = default_group(&json!([own]), &json!([all]));
    assert_eq!(codes(&shipped, &none), ["DEFAULT_GROUP_NOT_CLOSED", "EGRESS_ALL_TRAFFIC"]);
    assert_eq!(codes(&shipped, &json!({"checkEgress": false})), ["DEFAULT_GROUP_NOT_CLOSED"]);
    let message = testing::judge(&CONTROL, &shipped, &none).unwrap().reasons()[0].message.clone();
    assert_eq!(message.en, "The default security group has rules: 1 inbound, 1 outbound");
    // The tag is about what goes out, not about the default group.
    let mut tagged = shipped.clone();
    tagged["tags"] = json!({"fisc:egress-reviewed": "2026-10-01"});
    assert_eq!(codes(&tagged, &none), ["DEFAULT_GROUP_NOT_CLOSED"]);
    let closed = testing::judge(
        &CONTROL,
        &default_group(&json!([]), &json!([])),
        &json!({"checkEgress": false}),
    );
    assert_eq!(closed.unwrap(), Verdict::compliant());
    // Rules of other groups are theirs.
    assert_eq!(codes(&group(&json!([own]), &json!([])), &none), NONE);
}

#[test]
fn everything_to_everywhere() {
    for rules in [
        json!([rule("-1", None, ANY)]),
        json!([rule("-1", None, &["::/0"])]),
        json!([rule("-1", None, &["0.0.0.0/1", "128.0.0.0/1"])]),
        json!([rule("tcp", Some((0, 65535)), ANY)]),
        json!([tcp(443, ANY), rule("-1", None, ANY)]),
    ] {
        assert_eq!(codes(&rules), ALL, "{rules}");
    }
    for rules in [
        json!([]),
        json!([tcp(443, ANY)]),
        json!([tcp(8443, ANY)]),
        json!([rule("-1", None, &["10.0.0.0/8", "203.0.113.0/24", "fd00::/8"])]),
        json!([rule("icmp", Some((-1, -1)), ANY)]),
    ] {
        assert_eq!(codes(&rules), NONE, "{rules}");
    }
    let mut endpoint = rule("-1", None, &[]);
    endpoint["prefixListIds"] = json!([{"prefixListId": "pl-61a54008"}]);
    assert_eq!(codes(&json!([endpoint])), NONE, "a gateway endpoint");
    let verdict =
        testing::judge(&CONTROL, &group(&json!([]), &json!([rule("-1", None, ANY)])), &json!({}));
    assert_eq!(
        verdict.unwrap().reasons()[0].message.en,
        "All traffic may go out to the internet: TCP 0-65535, UDP 0-65535 to 0.0.0.0/0"
    );
}

#[test]
fn reviewed_groups_pass_with_a_note() {
    let mut item = group(&json!([]), &json!([rule("-1", None, ANY)]));
    item["tags"] = json!({"fisc:egress-reviewed": ""});
    let judge =
        |item: &Value, parameters: Value| testing::judge(&CONTROL, item, &parameters).unwrap();
    let verdict = judge(&item, json!({}));
    assert_eq!(verdict.compliance(), Compliance::Compliant);
    assert_eq!(verdict.reasons()[0].code, "EGRESS_REVIEWED");
    for parameters in [json!({"reviewedTagKey": "proxy"}), json!({"reviewedTagKey": ""})] {
        assert_eq!(judge(&item, parameters).compliance(), Compliance::NonCompliant);
    }
    item["configuration"]["ipPermissionsEgress"] = json!([]);
    assert_eq!(judge(&item, json!({})), Verdict::compliant());
}

#[test]
fn single_ports_on_request() {
    let ports = json!({"checkEgressPorts": true});
    let codes = |rules: &Value| codes_with(rules, &ports);
    assert_eq!(codes(&json!([tcp(443, ANY), rule("udp", Some((443, 443)), ANY)])), NONE);
    assert_eq!(codes(&json!([tcp(25, ANY)])), ["EGRESS_PORT_UNRESTRICTED"]);
    assert_eq!(codes(&json!([rule("tcp", Some((443, 444)), ANY)])), ["EGRESS_PORT_UNRESTRICTED"]);
    assert_eq!(codes(&json!([tcp(25, &["203.0.113.0/24"])])), NONE);
    assert_eq!(
        codes(&json!([rule("-1", None, ANY)])),
        ["EGRESS_ALL_TRAFFIC", "EGRESS_PORT_UNRESTRICTED"]
    );
    let off = json!({"checkEgressPorts": true, "checkEgress": false});
    assert_eq!(codes_with(&json!([tcp(25, ANY)]), &off), ["EGRESS_NOT_CHECKED"]);
    let mail = json!({"checkEgressPorts": true, "allowedEgressPorts": "25,443"});
    assert_eq!(codes_with(&json!([tcp(25, ANY)]), &mail), NONE);
}

#[test]
fn accepted_destinations_do_not_count() {
    let wide = json!([rule("-1", None, &["20.0.0.0/7"])]);
    assert_eq!(codes(&wide), ALL);
    assert_eq!(codes_with(&wide, &json!({"allowedEgressCidrs": "20.0.0.0/8"})), NONE);
    assert_eq!(
        codes_with(&json!([rule("-1", None, ANY)]), &json!({"allowedEgressCidrs": "20.0.0.0/8"})),
        ALL
    );
}

#[test]
fn what_is_missing_is_an_error() {
    let error = |item: &Value, parameters: Value| {
        testing::judge(&CONTROL, item, &parameters).unwrap_err().to_string()
    };
    for key in ["groupName", "ipPermissionsEgress"] {
        let mut item = group(&json!([]), &json!([]));
        item["configuration"].as_object_mut().unwrap().remove(key);
        assert!(error(&item, json!({})).contains(&format!("configuration.{key} is missing")));
    }
    let mut item = default_group(&json!([]), &json!([]));
    item["configuration"].as_object_mut().unwrap().remove("ipPermissions");
    assert!(error(&item, json!({})).contains("configuration.ipPermissions is missing"));
    let item = group(&json!([]), &json!([]));
    assert!(error(&item, json!({"allowedEgressPorts": "https"})).contains("allowedEgressPorts"));
    assert!(error(&item, json!({"allowedEgressCidrs": "proxy"})).contains("allowedEgressCidrs"));
}
