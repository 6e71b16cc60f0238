use fisc_shared::{Parameters, Run};
use serde_json::{Value, json};

use super::*;

fn runner(kind: &'static str, product: &str, version: &str, told: Option<Life>) -> Runner {
    let name = format!("{product}-1");
    Runner { kind, name, product: product.to_owned(), version: version.to_owned(), told }
}

fn judged(runners: &[Runner], used: &[&str], parameters: &Value, now: &str) -> String {
    let control = &super::super::CONTROL;
    let parameters = Parameters::from_value(control.id, control.parameters, parameters).unwrap();
    let run = Run {
        parameters: &parameters,
        now: now.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    };
    let verdict = verdict(runners, &used.iter().copied().collect(), &Rules::of(&run).unwrap());
    let reasons = verdict.reasons().iter();
    let reasons: Vec<_> = reasons.map(|one| format!("{} {}", one.code, one.message.en)).collect();
    format!("{} {}", verdict.compliance().as_str(), reasons.join("; ")).trim().to_owned()
}

const NOW: &str = "2026-11-23T03:00:00Z";

#[test]
fn what_leaves_support_is_named() {
    let none = json!({});
    let ended = Life { standard: Some("2026-10-08".parse().unwrap()), extended: None };
    for (runner, code) in [
        (runner("elasticache", "redis", "7.1.0", None), ""),
        (runner("elasticache", "redis", "5.0.6", None), "redis-1 (redis 5.0.6)"),
        // Ends on 2027-01-31, in 69 days.
        (runner("elasticache", "redis", "6.2.6", None), "redis-1 (redis 6.2.6)"),
        (runner("emr", "emr", "7.5.0", None), "emr-1 (emr 7.5.0)"),
        (runner("emr", "emr", "7.14.0", None), ""),
        (
            runner("synthetics", "canary", "syn-nodejs-puppeteer-7.0", Some(ended)),
            "canary-1 (canary syn-nodejs-puppeteer-7.0)",
        ),
        (runner("synthetics", "canary", "syn-python-9.0", Some(Life::default())), ""),
    ] {
        let is = judged(std::slice::from_ref(&runner), &[], &none, NOW);
        if code.is_empty() {
            assert_eq!(is, "COMPLIANT", "{runner:?}");
        } else {
            assert!(is.starts_with("NON_COMPLIANT OTHER_ENGINE_UNSUPPORTED"), "{is}");
            assert!(is.contains(code), "{is}");
        }
    }
    let paid = json!({"acceptExtendedSupport": true});
    let cache = [runner("elasticache", "redis", "5.0.6", None)];
    assert_eq!(judged(&cache, &[], &paid, NOW), "COMPLIANT");
    assert_eq!(judged(&[], &[], &none, NOW), "COMPLIANT");
}

#[test]
fn what_nobody_knows_is_noted_or_fails() {
    let unknown = [
        runner("elasticache", "memcached", "1.6.22", None),
        runner("synthetics", "canary", "syn-java-1.0", None),
    ];
    let noted = judged(&unknown, &[], &json!({}), NOW);
    assert!(noted.starts_with("COMPLIANT VERSION_UNKNOWN"), "{noted}");
    assert!(noted.contains("memcached-1 (memcached 1.6.22), canary-1"), "{noted}");
    let strict = json!({"unknownVersion": "NON_COMPLIANT"});
    let failed = judged(&unknown, &[], &strict, NOW);
    assert!(failed.starts_with("NON_COMPLIANT OTHER_ENGINE_UNSUPPORTED"), "{failed}");
}

#[test]
fn the_parts_of_the_table_that_are_used_grow_old() {
    let none = json!({});
    let later = "2028-01-01T00:00:00Z";
    let old = judged(&[], &["lambda", "os"], &none, later);
    assert!(old.starts_with("NON_COMPLIANT VERSION_TABLE_STALE"), "{old}");
    assert!(old.contains("lambda (20") && old.contains("os (20"), "{old}");
    assert_eq!(judged(&[], &["lambda", "os"], &none, NOW), "COMPLIANT");
    // Nothing is used, or what is used is no part of the table.
    assert_eq!(judged(&[], &[], &none, later), "COMPLIANT");
    assert_eq!(judged(&[], &["synthetics"], &none, later), "COMPLIANT");
    let patient = json!({"maxTableAgeDays": 3650});
    assert_eq!(judged(&[], &["lambda"], &patient, later), "COMPLIANT");
}
