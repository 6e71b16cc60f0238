use super::archive::{AccountSubscription, filter_archives};
use super::*;
use aws_sdk_cloudwatchlogs::types::SubscriptionFilter;
use fisc_shared::Parameters;
use serde_json::{Value, json};

fn with_run<T>(parameters: &Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn group(name: &str, retention: Option<i64>) -> LogGroup {
    LogGroup { name: name.to_owned(), retention, is_empty: false, is_delivery: false }
}

fn judged(groups: &[LogGroup], parameters: &Value) -> Vec<(&'static str, String)> {
    with_run(parameters, |run| {
        let mut failures = Failures::new();
        retention(groups, run, &mut failures);
        let verdict = failures.into_verdict();
        verdict.reasons().iter().map(|reason| (reason.code, reason.message.en.clone())).collect()
    })
}

fn codes(retention: Option<i64>, parameters: &Value) -> Vec<&'static str> {
    judged(&[group("g", retention)], parameters).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn logs_are_kept_long_enough() {
    let none: [&str; 0] = [];
    assert_eq!(codes(Some(30), &json!({})), ["RETENTION_TOO_SHORT"]);
    assert_eq!(codes(Some(364), &json!({})), ["RETENTION_TOO_SHORT"]);
    assert_eq!(codes(Some(365), &json!({})), none);
    assert_eq!(codes(Some(30), &json!({"minRetentionDays": 30})), none);
    // A group without a retention keeps logs for ever.
    assert_eq!(codes(None, &json!({})), none);
    assert_eq!(codes(None, &json!({"allowNeverExpire": false})), ["RETENTION_UNDEFINED"]);
    let limited = json!({"maxRetentionDays": 400});
    assert_eq!(codes(Some(400), &limited), none);
    assert_eq!(codes(Some(731), &limited), ["RETENTION_TOO_LONG"]);
    assert_eq!(codes(None, &limited), ["RETENTION_TOO_LONG"]);
}

#[test]
fn a_failure_names_the_first_groups_and_their_number() {
    let groups: Vec<LogGroup> = (1..=5).map(|n| group(&format!("/app/{n}"), Some(7))).collect();
    let reasons = judged(&groups, &json!({}));
    let expected = "5 log group(s) keep logs for less than 365 days: /app/1 (7), /app/2 (7), \
                    /app/3 (7) and 2 more";
    assert_eq!(reasons, [("RETENTION_TOO_SHORT", expected.to_owned())]);
}

#[test]
fn patterns_and_what_a_group_is_decide_whether_it_is_judged() {
    let in_scope =
        |group: &LogGroup, parameters: Value| with_run(&parameters, |run| group.is_in_scope(run));
    let app = group("/app/web", Some(7));
    assert!(in_scope(&app, json!({})));
    assert!(!in_scope(&app, json!({"logGroupPatterns": "/aws/*"})));
    assert!(!in_scope(&app, json!({"excludedPatterns": "/app/*"})));
    // Groups with audit logs are judged in any case.
    let audit = json!({"excludedPatterns": "*", "securityGroupPatterns": "/app/*"});
    assert!(in_scope(&app, audit.clone()));
    let empty = LogGroup { is_empty: true, ..app.clone() };
    assert!(!in_scope(&empty, json!({})));
    assert!(in_scope(&empty, json!({"ignoreEmpty": false})));
    assert!(in_scope(&empty, audit.clone()));
    let delivery = LogGroup { is_delivery: true, ..app };
    assert!(!in_scope(&delivery, audit));
}

#[test]
fn groups_are_read_as_the_api_tells_them() {
    let sdk = || SdkLogGroup::builder().log_group_name("g");
    let read = |group: SdkLogGroup| LogGroup::read(group).unwrap();
    assert_eq!(read(sdk().stored_bytes(1).build()), group("g", None));
    // Not told is not empty.
    assert_eq!(read(sdk().retention_in_days(30).build()), group("g", Some(30)));
    assert!(read(sdk().stored_bytes(0).build()).is_empty);
    assert!(read(sdk().log_group_class(LogGroupClass::Delivery).build()).is_delivery);
    assert!(!read(sdk().log_group_class(LogGroupClass::InfrequentAccess).build()).is_delivery);
    let error = LogGroup::read(SdkLogGroup::builder().build()).unwrap_err().to_string();
    assert_eq!(error, "the answer of logs:DescribeLogGroups lacks logGroups[].logGroupName");
}

const FIREHOSE: &str = "arn:aws:firehose:ap-northeast-1:111122223333:deliverystream/logs";

#[test]
fn a_subscription_archives_when_it_hands_everything_on() {
    let filter = |arn: &str| SubscriptionFilter::builder().destination_arn(arn);
    for arn in [
        FIREHOSE,
        "arn:aws:kinesis:ap-northeast-1:111122223333:stream/logs",
        "arn:aws:lambda:ap-northeast-1:111122223333:function:logs",
        "arn:aws:logs:ap-northeast-1:444455556666:destination:central",
    ] {
        assert!(filter_archives(&filter(arn).build()), "{arn}");
        assert!(filter_archives(&filter(arn).filter_pattern(" ").build()), "{arn}");
        assert!(!filter_archives(&filter(arn).filter_pattern("ERROR").build()), "{arn}");
        let narrowed = filter(arn).field_selection_criteria("@aws.region = \"us-east-1\"").build();
        assert!(!filter_archives(&narrowed), "{arn}");
    }
    assert!(!filter_archives(&filter("arn:aws:es:ap-northeast-1:111122223333:domain/d").build()));
    assert!(!filter_archives(&SubscriptionFilter::builder().build()));
}

#[test]
fn policies_of_the_account_are_read_with_whom_they_leave_out() {
    let document = |pattern: &str| {
        json!({"DestinationArn": FIREHOSE, "FilterPattern": pattern, "Distribution": "Random"})
            .to_string()
    };
    let read =
        |document: &str, criteria: Option<&str>| AccountSubscription::read(document, criteria);
    let all = read(&document(""), None).unwrap();
    assert_eq!(all, read(&document(""), Some("")).unwrap());
    let some = read(&document(""), Some("LogGroupName NOT IN [\"/app/a\", \"/app/b\"]")).unwrap();
    assert_ne!(all, some);
    assert_ne!(all, read(&document("ERROR"), None).unwrap());
    for (document, criteria) in [
        ("{", None),
        ("{}", None),
        (document("").as_str(), Some("LogGroupNamePrefix IN [\"/app\"]")),
    ] {
        let error = read(document, criteria).unwrap_err().to_string();
        assert!(error.starts_with("the answer of logs:DescribeAccountPolicies"), "{error}");
    }
}
