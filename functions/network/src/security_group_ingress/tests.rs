use fisc_shared::verdict::Compliance;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing;
use crate::testing::{group, rule, tcp};

const ANY: &[&str] = &["0.0.0.0/0"];
const NONE: [&str; 0] = [];
const OPEN: [&str; 2] = ["HIGH_RISK_PORT_OPEN", "UNAUTHORIZED_PUBLIC_PORT"];

fn verdict(rules: &Value, parameters: &Value) -> Verdict {
    testing::judge(&CONTROL, &group(rules, &json!([])), parameters).unwrap()
}

fn codes_with(rules: &Value, parameters: &Value) -> Vec<&'static str> {
    testing::codes(&CONTROL, &group(rules, &json!([])), parameters)
}

fn codes(rules: &Value) -> Vec<&'static str> {
    codes_with(rules, &json!({}))
}

fn error(rules: &Value, parameters: &Value) -> String {
    testing::judge(&CONTROL, &group(rules, &json!([])), parameters).unwrap_err().to_string()
}

#[test]
fn what_may_face_the_internet() {
    assert_eq!(codes(&json!([])), NONE, "no rule lets nothing in");
    assert_eq!(codes(&json!([tcp(443, &["0.0.0.0/0", "::/0"])])), NONE);
    assert_eq!(codes(&json!([tcp(8443, &["203.0.113.0/24", "10.0.0.0/8"])])), NONE);
    assert_eq!(codes(&json!([tcp(22, &["10.20.0.0/16", "fd00::/8"])])), NONE);
    assert_eq!(codes(&json!([tcp(8443, ANY)])), ["UNAUTHORIZED_PUBLIC_PORT"]);
    assert_eq!(codes(&json!([rule("udp", Some((443, 443)), ANY)])), ["UNAUTHORIZED_PUBLIC_PORT"]);
    let own = json!({"authorizedTcpPorts": "443,8000-8100", "authorizedUdpPorts": "443", "blockedPorts": ""});
    assert_eq!(
        codes_with(&json!([tcp(8080, ANY), rule("udp", Some((443, 443)), ANY)]), &own),
        NONE
    );
}

#[test]
fn a_range_is_more_than_its_ends() {
    // 3389 is inside, at neither end; IPv6 alone is the internet too.
    let rdp = json!([rule("tcp", Some((3380, 3400)), &["::/0"]), tcp(3389, &["203.0.113.0/24"])]);
    assert_eq!(codes(&rdp), ["ADMIN_PORT_OPEN", OPEN[0], OPEN[1]]);
    // The office is not what makes it the internet.
    let message = verdict(&rdp, &json!({})).reasons()[1].message.clone();
    assert_eq!(message.en, "High-risk ports are open to the internet: TCP 3389 from ::/0");
    let beside = json!([rule("tcp", Some((3390, 4332)), ANY)]);
    assert_eq!(codes(&beside), ["UNAUTHORIZED_PUBLIC_PORT"]);
    // 442 and 444 are not approved with 443.
    let around = verdict(&json!([rule("tcp", Some((442, 444)), ANY)]), &json!({}));
    let reason = &around.reasons()[0];
    assert_eq!(reason.code, "UNAUTHORIZED_PUBLIC_PORT");
    assert!(reason.message.en.ends_with(": TCP 442, TCP 444 from 0.0.0.0/0"), "{reason:?}");
}

#[test]
fn the_internet_in_parts_is_the_internet() {
    let halves = &["0.0.0.0/1", "128.0.0.0/1"][..];
    assert_eq!(codes(&json!([tcp(3306, halves)])), OPEN);
    // In two rules, of which one is for more ports and the other for more protocols.
    let apart =
        json!([rule("tcp", Some((3000, 3400)), &["4.0.0.0/8"]), rule("-1", None, &["5.0.0.0/8"])]);
    let found = codes(&apart);
    assert!(
        found.contains(&"ADMIN_PORT_OPEN") && !found.contains(&"ALL_TRAFFIC_FROM_INTERNET"),
        "{found:?}"
    );
    // Rules for different ports do not add up.
    let other = json!([tcp(3306, &["0.0.0.0/9"]), tcp(5432, &["128.0.0.0/9"])]);
    assert_eq!(codes(&other), NONE);
    assert_eq!(codes(&json!([tcp(3306, &["::/1", "8000::/1"])])), OPEN);
    assert_eq!(codes(&json!([tcp(3306, &["8.0.0.0/8"])])), NONE);
    assert_eq!(
        codes_with(&json!([tcp(3306, &["8.0.0.0/8"])]), &json!({"broadestPrefixV4": 9})),
        OPEN
    );
}

#[test]
fn all_traffic() {
    let everything =
        ["ALL_TRAFFIC_FROM_INTERNET", "ADMIN_PORT_OPEN", OPEN[0], OPEN[1], "PLAINTEXT_PORT_OPEN"];
    for rules in [
        json!([rule("-1", None, ANY)]),
        json!([rule("-1", Some((-1, -1)), &["::/0"])]),
        json!([rule("tcp", Some((0, 65535)), ANY)]),
        json!([rule("6", Some((0, 65535)), ANY)]),
        json!([rule("udp", Some((0, 65535)), ANY)]),
        json!([rule("tcp", Some((1, 65535)), ANY)]),
        json!([rule("tcp", Some((0, 1023)), ANY), rule("tcp", Some((1024, 65535)), ANY)]),
        json!([rule("-1", None, &["0.0.0.0/1"]), rule("tcp", Some((0, 65535)), &["128.0.0.0/1"])]),
    ] {
        assert_eq!(codes(&rules), everything, "{rules}");
    }
    let most = codes(&json!([rule("tcp", Some((0, 65534)), ANY)]));
    assert_eq!(most, everything[1..]);
    let from_within = json!([rule("-1", None, &["10.0.0.0/8", "fc00::/7"])]);
    assert_eq!(codes(&from_within), NONE);
    let message = |rules: Value| verdict(&rules, &json!({})).reasons()[0].message.clone();
    assert_eq!(
        message(json!([rule("-1", None, ANY)])).en,
        "Open to the internet, all protocols: TCP 0-65535, UDP 0-65535 from 0.0.0.0/0"
    );
    assert!(
        message(json!([rule("tcp", Some((0, 65535)), ANY)]))
            .en
            .contains("a whole protocol: TCP 0-65535 from")
    );
}

#[test]
fn icmp_has_no_ports() {
    for protocol in ["icmp", "1", "icmpv6", "58"] {
        // Echo requests; type 22; all types.
        for (kind, code) in [(8, 0), (22, -1), (-1, -1), (3, 3389)] {
            assert_eq!(
                codes(&json!([rule(protocol, Some((kind, code)), &["0.0.0.0/0", "::/0"])])),
                NONE
            );
        }
    }
    assert_eq!(codes(&json!([rule("50", None, ANY)])), NONE, "ESP of a VPN");
}

#[test]
fn administration_from_named_ranges_only() {
    let allowed = json!({"adminAllowedCidrs": "203.0.113.0/24, 10.20.0.0/16"});
    let codes = |networks: &[&str]| codes_with(&json!([tcp(22, networks)]), &allowed);
    assert_eq!(codes(&["203.0.113.128/25", "10.20.3.4/32"]), NONE);
    assert_eq!(codes(&["203.0.113.0/25", "203.0.113.128/25"]), NONE);
    assert_eq!(codes(&["203.0.112.0/23"]), ["ADMIN_PORT_OPEN"]);
    assert_eq!(codes(&["10.0.0.0/8"]), ["ADMIN_PORT_OPEN"], "private, and not in the list");
    assert_eq!(codes(&["2001:db8::/64"]), ["ADMIN_PORT_OPEN"]);
    let named = verdict(&json!([tcp(22, &["203.0.113.0/24", "198.51.100.9/32"])]), &allowed);
    assert_eq!(
        named.reasons()[0].message.en,
        "Administration ports are open to sources that must not reach them: TCP 22 from 198.51.100.9/32"
    );
    // Nobody may allow the internet.
    let wide =
        json!({"adminAllowedCidrs": "0.0.0.0/0", "blockedPorts": "", "authorizedTcpPorts": "22"});
    let wide = verdict(&json!([tcp(22, ANY)]), &wide);
    assert_eq!(wide.reasons().len(), 1);
    assert!(wide.reasons()[0].message.en.ends_with("TCP 22 from 0.0.0.0/0"));
    // Without the list, a partner's range is accepted.
    assert_eq!(self::codes(&json!([tcp(22, &["203.0.113.0/24"])])), NONE);
}

#[test]
fn cleartext_from_public_addresses() {
    assert_eq!(codes(&json!([tcp(23, &["203.0.113.7/32"])])), ["PLAINTEXT_PORT_OPEN"]);
    assert_eq!(
        codes(&json!([rule("udp", Some((69, 69)), &["203.0.113.7/32"])])),
        ["PLAINTEXT_PORT_OPEN"]
    );
    assert_eq!(
        codes(&json!([rule("tcp", Some((100, 120)), &["2001:db8::1/128"])])),
        ["PLAINTEXT_PORT_OPEN"]
    );
    assert_eq!(
        codes(&json!([tcp(23, &["10.1.0.0/16", "172.31.0.0/16", "192.168.9.0/24", "fd12::/16"])])),
        NONE
    );
    // 172.32 is public.
    assert_eq!(codes(&json!([tcp(23, &["172.32.0.0/16"])])), ["PLAINTEXT_PORT_OPEN"]);
    let trusted = json!({"trustedCidrs": "203.0.113.0/24"});
    assert_eq!(codes_with(&json!([tcp(23, &["203.0.113.7/32"])]), &trusted), NONE);
    assert_eq!(
        codes_with(&json!([tcp(23, &["203.0.112.0/23"])]), &trusted),
        ["PLAINTEXT_PORT_OPEN"]
    );
}

#[test]
fn port_80_of_a_redirect() {
    let redirect = json!([tcp(80, ANY), tcp(443, ANY)]);
    assert_eq!(codes(&redirect), ["UNAUTHORIZED_PUBLIC_PORT", "PLAINTEXT_PORT_OPEN"]);
    let approved =
        |allowed: bool| json!({"authorizedTcpPorts": "80,443", "redirectPort80Allowed": allowed});
    assert_eq!(codes_with(&redirect, &approved(true)), NONE);
    assert_eq!(codes_with(&redirect, &approved(false)), ["PLAINTEXT_PORT_OPEN"]);
}

#[test]
fn groups_and_prefix_lists_are_no_address_ranges() {
    let mut rule = tcp(22, &[]);
    rule["userIdGroupPairs"] =
        json!([{"groupId": "sg-1", "userId": "444455556666", "vpcId": "vpc-2"}]);
    assert_eq!(codes(&json!([rule])), NONE);
    rule["prefixListIds"] = json!([{"prefixListId": "pl-58a04531"}]);
    let listed = verdict(&json!([rule]), &json!({}));
    assert_eq!(listed.compliance(), Compliance::Compliant);
    assert_eq!(listed.reasons()[0].code, "PREFIX_LIST_NOT_JUDGED");
    assert!(listed.reasons()[0].message.ja.ends_with(": pl-58a04531"));
}

#[test]
fn only_what_is_judged_is_a_verdict() {
    let missing = json!([{"ipProtocol": "tcp", "ipRanges": ["0.0.0.0/0"]}]);
    assert!(error(&missing, &json!({})).contains("ipPermissions[0].fromPort is missing"));
    let mut bare = group(&json!([]), &json!([]));
    bare["configuration"].as_object_mut().unwrap().remove("ipPermissions");
    let error_of =
        |item: &Value| testing::judge(&CONTROL, item, &json!({})).unwrap_err().to_string();
    assert!(error_of(&bare).contains("configuration.ipPermissions is missing"));
    for (name, value) in [
        ("blockedPorts", "ssh"),
        ("adminPorts", "22-"),
        ("plaintextPorts", "70000"),
        ("authorizedUdpPorts", "-1"),
        ("trustedCidrs", "10.0.0.0/33"),
        ("adminAllowedCidrs", "head office"),
    ] {
        let error = error(&json!([]), &json!({name: value}));
        assert!(error.contains(&format!("parameter {name:?}: takes")), "{error}");
    }
}

/// A rule: protocol, ports, and a range of addresses by its family, first block of 4 bits and
/// prefix length.
type Written = (&'static str, (u16, u16), (bool, u8, u8));

fn written() -> impl Strategy<Value = Vec<Written>> {
    let port = prop::sample::select(&[0, 1, 21, 22, 23, 80, 442, 443, 444, 3389, 8080, 65535][..]);
    let ports =
        (port.clone(), port).prop_map(|(one, two): (u16, u16)| (one.min(two), one.max(two)));
    let protocol = prop::sample::select(&["-1", "tcp", "udp", "icmp"][..]);
    prop::collection::vec((protocol, ports, (any::<bool>(), 0..16_u8, 0..12_u8)), 0..6)
}

/// Shorter prefixes leave bits of a host behind them.
fn network((v6, block, length): (bool, u8, u8)) -> String {
    if v6 { format!("{block:x}000::/{length}") } else { format!("{}.0.0.0/{length}", block << 4) }
}

/// The two halves of a range.
fn halves((v6, block, length): (bool, u8, u8)) -> [String; 2] {
    // Addresses as 32 bits: the upper ones of an IPv6 address.
    let half = 0x8000_0000_u32 >> length;
    let first = (u32::from(block) << 28) & !(u32::MAX >> length);
    [first, first | half].map(|bits| {
        let length = length + 1;
        if v6 {
            format!("{:x}:{:x}::/{length}", bits >> 16, bits & 0xffff)
        } else {
            format!("{}/{length}", std::net::Ipv4Addr::from_bits(bits))
        }
    })
}

fn rules_of(written: &[Written]) -> Vec<Value> {
    let one = |(protocol, ports, range): &Written| {
        rule(protocol, Some((ports.0.into(), ports.1.into())), &[&network(*range)])
    };
    written.iter().map(one).collect()
}

/// The same, of twice as many ranges of addresses and of ports, in the other order.
fn rules_apart(written: &[Written]) -> Vec<Value> {
    let mut apart = Vec::new();
    for (protocol, (first, last), range) in written.iter().rev() {
        let middle = first + (last - first) / 2;
        let upper = (middle < *last).then(|| (middle + 1, *last));
        for (from, to) in [Some((*first, middle)), upper].into_iter().flatten() {
            for half in halves(*range) {
                apart.push(rule(protocol, Some((from.into(), to.into())), &[&half]));
            }
        }
    }
    apart
}

proptest! {
    #[test]
    fn how_rules_are_written_does_not_matter(rules in written()) {
        prop_assert_eq!(codes(&json!(rules_of(&rules))), codes(&json!(rules_apart(&rules))));
    }

    #[test]
    fn a_further_rule_never_helps(rules in written(), more in written()) {
        let with_more = codes(&json!(rules_of(&[rules.clone(), more].concat())));
        let without = codes(&json!(rules_of(&rules)));
        prop_assert!(without.iter().all(|code| with_more.contains(code)));
    }
}
