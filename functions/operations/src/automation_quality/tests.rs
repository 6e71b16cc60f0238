use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

use super::definition::{State, states};
use super::*;

fn preview_of(
    item: &Value,
    mut parameters: Value,
    offline: bool,
) -> Result<Option<Verdict>, Error> {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    if parameters.get("enabled").is_none() {
        parameters["enabled"] = json!(true);
    }
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    };
    runner::preview(&CONTROL, &item, &run)
}

/// The code of a failure that the item alone tells; empty for a pass, `?` where it does not tell.
fn code(item: &Value, parameters: Value) -> &'static str {
    match preview_of(item, parameters, true).unwrap() {
        None => "?",
        Some(verdict) => verdict.reasons().first().map_or("", |reason| reason.code),
    }
}

fn machine(kind: &str) -> Value {
    fisc_testkit::events::item(
        "AWS::StepFunctions::StateMachine",
        "arn:aws:states:ap-northeast-1:111122223333:stateMachine:settle",
        json!({
            "Arn": "arn:aws:states:ap-northeast-1:111122223333:stateMachine:settle",
            "StateMachineName": "settle", "StateMachineType": kind,
        }),
    )
}

fn rule(state: &str, targets: Value) -> Value {
    fisc_testkit::events::item(
        "AWS::Events::Rule",
        "arn:aws:events:ap-northeast-1:111122223333:rule/nightly",
        json!({"Name": "nightly", "EventBusName": "default", "State": state, "Targets": targets}),
    )
}

#[test]
fn nothing_is_judged_until_it_is_asked_for() {
    for item in [machine("STANDARD"), rule("DISABLED", json!([]))] {
        assert_eq!(code(&item, json!({"enabled": false})), "NOT_ENABLED");
    }
}

#[test]
fn only_of_express_state_machines_the_item_tells_all() {
    assert_eq!(code(&machine("EXPRESS"), json!({})), "EXPRESS_STATE_MACHINE");
    for offline in [true, false] {
        assert!(preview_of(&machine("STANDARD"), json!({}), offline).unwrap().is_none());
    }
}

#[test]
fn rules_deliver_or_somebody_is_asked_whose_they_are() {
    let queue = json!({"Id": "a", "Arn": "arn:t", "DeadLetterConfig": {"Arn": "arn:q"}});
    let retry = json!({"Id": "a", "Arn": "arn:t", "RetryPolicy": {"MaximumRetryAttempts": 9}});
    let bare = json!({"Id": "b", "Arn": "arn:t"});
    let cloudtrail = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    for (state, targets, parameters, expected) in [
        ("ENABLED", json!([queue]), json!({}), ""),
        ("ENABLED", json!([retry]), json!({}), ""),
        (cloudtrail, json!([queue, retry]), json!({}), ""),
        ("ENABLED", json!([queue, bare]), json!({}), "?"),
        ("ENABLED", json!([bare]), json!({"requireDlq": false}), ""),
        ("ENABLED", json!([]), json!({"requireDlq": false}), "?"),
        ("ENABLED", json!(null), json!({}), "?"),
        ("DISABLED", json!([queue]), json!({}), "?"),
    ] {
        assert_eq!(code(&rule(state, targets.clone()), parameters), expected, "{state} {targets}");
    }
    preview_of(&rule("PAUSED", json!([queue])), json!({}), true).unwrap_err();
    preview_of(&rule("ENABLED", json!([{"Arn": "arn:t"}])), json!({}), true).unwrap_err();
}

fn found(definition: Value) -> Vec<State> {
    states(&definition.to_string()).unwrap()
}

fn state(name: &str, caught: bool, lacks_retry: bool) -> State {
    State { name: name.to_owned(), caught, lacks_retry }
}

#[test]
fn errors_are_caught_by_the_state_or_around_it() {
    let catch = json!([{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]);
    let retry = json!([{"ErrorEquals": ["States.TaskFailed"]}]);
    let definition = json!({
        "StartAt": "Read",
        "QueryLanguage": "JSONata",
        "States": {
            "Read": {"Type": "Task", "Retry": retry, "Catch": catch, "Next": "Choose"},
            "Choose": {"Type": "Choice", "Choices": [], "Default": "Both"},
            "Both": {"Type": "Parallel", "Catch": catch, "Next": "Each", "Branches": [
                {"StartAt": "Debit", "States": {"Debit": {"Type": "Task", "End": true}}},
                {"StartAt": "Credit", "States": {"Credit": {"Type": "Task", "Catch": []}}},
            ]},
            "Each": {"Type": "Map", "Next": "Old", "ItemProcessor":
                {"StartAt": "One", "States": {"One": {"Type": "Task", "Catch": catch}}}},
            "Old": {"Type": "Map", "Catch": catch, "Iterator":
                {"StartAt": "Two", "States": {"Two": {"Type": "Task", "Retry": retry}}}},
            "Failed": {"Type": "Fail"},
        },
    });
    let mut all = found(definition);
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(
        all,
        [
            state("Both", true, false),
            state("Credit", true, true),
            state("Debit", true, true),
            state("Each", false, false),
            state("Old", true, false),
            state("One", true, true),
            state("Read", true, false),
            state("Two", true, false),
        ]
    );
    assert!(found(json!({"States": {"Wait": {"Type": "Wait", "Seconds": 1}}})).is_empty());
}

#[test]
fn a_definition_that_is_none_is_no_answer() {
    for bad in ["", "{}", r#"{"States": []}"#, r#"{"States": {"A": {}}}"#] {
        states(bad).unwrap_err();
    }
    let deep = "{\"States\":{\"A\":{\"Type\":\"Map\",\"ItemProcessor\":".repeat(100);
    states(&format!("{deep}{{}}{}", "}}}".repeat(100))).unwrap_err();
}
