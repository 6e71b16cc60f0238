use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::pattern::EventPatternError;

/// The event that EventBridge's documentation works with.
fn sample() -> Value {
    json!({
        "version": "0",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "123456789012",
        "time": "2017-10-02T16:24:49Z",
        "region": "us-east-1",
        "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
        "detail": {
            "c-count": 5,
            "d-count": 3,
            "x-limit": 301.8,
            "source-ip": "10.0.0.33",
            "source-ip6": "2001:db8::1",
            "instance-id": "i-000000aaaaaa00000",
            "state": "running",
            "responseElements": null,
            "empty": "",
            "none": [],
            "flag": true,
            "FileName": "invoice.PNG",
            "list": ["a", ["b", 7]],
            "items": [{"kind": "car", "size": 1}, {"kind": "bus", "size": 2}]
        }
    })
}

fn matches(pattern: &Value, event: &Value) -> bool {
    EventPattern::parse(&pattern.to_string()).unwrap().matches(event)
}

#[test]
fn every_documented_way_to_match() {
    let detail = |name: &str, values: Value| json!({"detail": {name: values}});
    for (pattern, expected) in [
        (json!({"source": ["aws.ec2"]}), true),
        (json!({"source": ["aws.s3", "aws.ec2"]}), true),
        (json!({"source": ["aws.s3"]}), false),
        (json!({"source": ["aws.ec2"], "region": ["eu-west-1"]}), false),
        (json!({"source": ["AWS.EC2"]}), false),
        // A list in the event: one of its elements is enough.
        (detail("list", json!(["a"])), true),
        (detail("list", json!([7])), true),
        (detail("list", json!(["c"])), false),
        (detail("none", json!(["c"])), false),
        // Null, the empty text and nothing at all are three things.
        (detail("responseElements", json!([null])), true),
        (detail("empty", json!([""])), true),
        (detail("empty", json!([null])), false),
        (detail("absent", json!([null])), false),
        (detail("flag", json!([true])), true),
        (detail("flag", json!(["true"])), false),
        (detail("c-count", json!([5])), true),
        (detail("c-count", json!([5.0])), true),
        (detail("c-count", json!(["5"])), false),
        (detail("c-count", json!([{"exists": true}])), true),
        (detail("c-count", json!([{"exists": false}])), false),
        (detail("absent", json!([{"exists": true}])), false),
        (detail("absent", json!([{"exists": false}])), true),
        (detail("responseElements", json!([{"exists": true}])), true),
        // Only a value exists, an object does not.
        (json!({"detail": [{"exists": false}]}), true),
        (json!({"detail": [{"exists": true}]}), false),
        (json!({"absent": {"below": [{"exists": false}]}}), true),
        (json!({"absent": {"below": ["a"]}}), false),
        (json!({"source": {"below": ["a"]}}), false),
        (json!({"time": [{"prefix": "2017-10-02"}]}), true),
        (json!({"time": [{"prefix": "2018"}]}), false),
        (json!({"source": [{"prefix": ""}]}), true),
        (detail("c-count", json!([{"prefix": "5"}])), false),
        (json!({"source": [{"prefix": {"equals-ignore-case": "AWS."}}]}), true),
        (detail("FileName", json!([{"suffix": ".PNG"}])), true),
        (detail("FileName", json!([{"suffix": ".png"}])), false),
        (detail("FileName", json!([{"suffix": {"equals-ignore-case": ".png"}}])), true),
        (detail("FileName", json!([{"equals-ignore-case": "INVOICE.png"}])), true),
        (detail("FileName", json!([{"equals-ignore-case": "INVOICE"}])), false),
        (detail("FileName", json!([{"wildcard": "in*ce.*"}])), true),
        (detail("FileName", json!([{"wildcard": "in*ce"}])), false),
        (detail("state", json!([{"anything-but": "initializing"}])), true),
        (detail("state", json!([{"anything-but": "running"}])), false),
        (detail("state", json!([{"anything-but": ["stopped", "overloaded"]}])), true),
        (detail("state", json!([{"anything-but": ["stopped", "running"]}])), false),
        (detail("x-limit", json!([{"anything-but": [100, 200, 300]}])), true),
        (detail("c-count", json!([{"anything-but": 5}])), false),
        (detail("state", json!([{"anything-but": {"prefix": "init"}}])), true),
        (detail("state", json!([{"anything-but": {"prefix": "run"}}])), false),
        (detail("state", json!([{"anything-but": {"prefix": ["a", "run"]}}])), false),
        (detail("state", json!([{"anything-but": {"suffix": "ning"}}])), false),
        (detail("state", json!([{"anything-but": {"suffix": "ned"}}])), true),
        (detail("state", json!([{"anything-but": {"wildcard": "r*g"}}])), false),
        (detail("state", json!([{"anything-but": {"wildcard": ["s*", "t*"]}}])), true),
        (detail("state", json!([{"anything-but": {"equals-ignore-case": "RUNNING"}}])), false),
        (detail("state", json!([{"anything-but": {"equals-ignore-case": ["A", "B"]}}])), true),
        // It excludes values; it does not make them optional.
        (detail("absent", json!([{"anything-but": "running"}])), false),
        (detail("list", json!([{"anything-but": "a"}])), true),
        (detail("c-count", json!([{"numeric": [">", 0, "<=", 5]}])), true),
        (detail("c-count", json!([{"numeric": [">", 0, "<", 5]}])), false),
        (detail("c-count", json!([{"numeric": [">", 5]}])), false),
        (detail("c-count", json!([{"numeric": [">=", 5]}])), true),
        (detail("d-count", json!([{"numeric": ["<", 10]}])), true),
        (detail("d-count", json!([{"numeric": ["<=", 2.9]}])), false),
        (detail("x-limit", json!([{"numeric": ["=", 3.018e2]}])), true),
        (detail("state", json!([{"numeric": [">", 0]}])), false),
        (detail("source-ip", json!([{"cidr": "10.0.0.0/24"}])), true),
        (detail("source-ip", json!([{"cidr": "10.0.1.0/24"}])), false),
        (detail("source-ip6", json!([{"cidr": "2001:db8::/32"}])), true),
        (detail("source-ip6", json!([{"cidr": "0.0.0.0/0"}])), false),
        (detail("state", json!([{"cidr": "0.0.0.0/0"}])), false),
        // A mixed list of values.
        (detail("state", json!([null, {"prefix": "x"}, "running"])), true),
        // Fields of one element, not of two.
        (json!({"detail": {"items": {"kind": ["car"], "size": [1]}}}), true),
        (json!({"detail": {"items": {"kind": ["car"], "size": [2]}}}), false),
        (json!({"detail": {"items": {"kind": [{"anything-but": "car"}], "size": [2]}}}), true),
        (json!({"detail": {"items": {"colour": [{"exists": false}], "size": [2]}}}), true),
        (json!({"$or": [{"source": ["aws.s3"]}, {"region": ["us-east-1"]}]}), true),
        (json!({"$or": [{"source": ["aws.s3"]}, {"region": ["eu-west-1"]}]}), false),
        (
            json!({"source": ["aws.ec2"], "detail": {"$or": [
                {"c-count": [{"numeric": [">", 9]}]},
                {"d-count": [3], "$or": [{"state": ["x"]}, {"flag": [true]}]}
            ]}}),
            true,
        ),
        (
            json!({"source": ["aws.s3"], "$or": [{"region": ["us-east-1"]}, {"account": ["1"]}]}),
            false,
        ),
    ] {
        assert_eq!(matches(&pattern, &sample()), expected, "{pattern}");
    }
}

#[test]
fn a_field_may_be_called_or() {
    let event = json!({"$or": "a", "source": "b"});
    assert!(matches(&json!({"$or": ["a"], "source": ["b"]}), &event));
    assert!(!matches(&json!({"$or": [{"prefix": "b"}, {"suffix": "b"}]}), &event));
}

#[test]
fn severities_as_a_list_and_as_a_range() {
    let finding = |severity: Value| json!({"detail": {"severity": severity}});
    let range = json!({"detail": {"severity": [{"numeric": [">=", 7]}]}});
    let list = json!({"detail": {"severity": [7, 7.0, 7.1, 8, 8.0, 8.9]}});
    for (severity, by_range, by_list) in [
        (json!(6.9), false, false),
        (json!(7), true, true),
        (json!(8.0), true, true),
        // What the list forgot.
        (json!(9), true, false),
        // A text is no number.
        (json!("8"), false, false),
    ] {
        assert_eq!(matches(&range, &finding(severity.clone())), by_range, "{severity}");
        assert_eq!(matches(&list, &finding(severity.clone())), by_list, "{severity}");
    }
}

#[test]
fn what_eventbridge_refuses_is_an_error_that_names_the_place() {
    for (pattern, path) in [
        (json!([]), ""),
        (json!({}), ""),
        (json!({"source": "aws.ec2"}), "source"),
        (json!({"source": []}), "source"),
        (json!({"detail": {}}), "detail"),
        (json!({"detail": {"state": 5}}), "detail.state"),
        (json!({"detail": {"state": [["a"]]}}), "detail.state"),
        (json!({"a": [{}]}), "a"),
        (json!({"a": [{"prefix": "a", "suffix": "b"}]}), "a"),
        (json!({"a": [{"sounds-like": "b"}]}), "a.sounds-like"),
        (json!({"a": [{"prefix": 5}]}), "a.prefix"),
        (json!({"a": [{"prefix": {"suffix": "x"}}]}), "a.prefix"),
        (json!({"a": [{"wildcard": "a**b"}]}), "a.wildcard"),
        (json!({"a": [{"wildcard": "a\\b"}]}), "a.wildcard"),
        (json!({"a": [{"exists": "true"}]}), "a.exists"),
        (json!({"a": [{"cidr": "10.0.0.0/33"}]}), "a.cidr"),
        (json!({"a": [{"anything-but": []}]}), "a.anything-but"),
        (json!({"a": [{"anything-but": ["x", 1]}]}), "a.anything-but"),
        (json!({"a": [{"anything-but": true}]}), "a.anything-but"),
        (json!({"a": [{"anything-but": {"numeric": ["=", 1]}}]}), "a.anything-but.numeric"),
        (json!({"a": [{"anything-but": {"prefix": []}}]}), "a.anything-but.prefix"),
        (json!({"a": [{"numeric": []}]}), "a.numeric"),
        (json!({"a": [{"numeric": [">"]}]}), "a.numeric"),
        (json!({"a": [{"numeric": ["!=", 3]}]}), "a.numeric"),
        (json!({"a": [{"numeric": [">", "3"]}]}), "a.numeric"),
        (json!({"a": [{"numeric": ["<", 3, ">", 1]}]}), "a.numeric"),
        (json!({"a": [{"numeric": [">", 5, "<", 5]}]}), "a.numeric"),
        (json!({"a": [{"numeric": [">", 5, "<", 4]}]}), "a.numeric"),
        (json!({"a": [{"numeric": ["<", 5.1e9]}]}), "a.numeric"),
        (json!({"$or": [{"a": ["x"]}, {}]}), "$or"),
    ] {
        let error = EventPattern::parse(&pattern.to_string()).unwrap_err();
        let EventPatternError::Malformed { path: at, .. } = &error else {
            panic!("{pattern}: {error}")
        };
        assert_eq!(at, path, "{pattern}: {error}");
    }
    let error = EventPattern::parse("{").unwrap_err();
    assert!(matches!(error, EventPatternError::Json(_)), "{error}");
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9i64..9).prop_map(Value::from),
        "[ab*]{0,3}".prop_map(Value::from),
    ]
}

fn event() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[xyz]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The pattern that names every value of an event.
fn exact(event: &Value) -> Option<Value> {
    match event {
        Value::Object(map) => {
            let fields = map.iter().filter_map(|(name, value)| Some((name.clone(), exact(value)?)));
            let fields: serde_json::Map<String, Value> = fields.collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        Value::Array(_) => None,
        scalar => Some(json!([scalar])),
    }
}

proptest! {
    #[test]
    fn an_event_matches_the_pattern_that_repeats_it(event in event()) {
        if let Some(pattern @ Value::Object(_)) = exact(&event) {
            prop_assert!(matches(&pattern, &event), "{pattern}");
        }
    }

    #[test]
    fn a_field_that_is_excluded_or_equal_is_there(value in scalar(), text in "[ab*]{0,3}") {
        let event = json!({"f": value});
        let equal = matches(&json!({"f": [text]}), &event);
        let other = matches(&json!({"f": [{"anything-but": text}]}), &event);
        prop_assert!(equal != other);
        let missing = matches(&json!({"f": [{"exists": false}]}), &event);
        prop_assert!(!missing);
    }

    #[test]
    fn a_wider_list_matches_more(event in event(), values in prop::collection::vec(scalar(), 1..4)) {
        let event = json!({"f": event});
        let each = values.iter().any(|value| matches(&json!({"f": [value]}), &event));
        prop_assert_eq!(matches(&json!({"f": values}), &event), each);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = EventPattern::parse(&text);
    }

    #[test]
    fn no_json_makes_the_reader_panic(pattern in event(), event in event()) {
        if let Ok(pattern) = EventPattern::parse(&pattern.to_string()) {
            let _ = pattern.matches(&event);
        }
    }
}
