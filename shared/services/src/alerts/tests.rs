use fisc_shared::pattern::EventPattern;
use serde_json::json;

use super::*;

fn rule(state: State) -> Rule {
    Rule {
        name: "api-calls".to_owned(),
        state,
        pattern: EventPattern::parse(r#"{"detail-type": ["AWS API Call via CloudTrail"]}"#),
        targets: Vec::new(),
    }
}

#[test]
fn reading_calls_come_only_to_rules_that_ask_for_them() {
    let call = |read_only: bool| json!({"detail-type": "AWS API Call via CloudTrail", "detail": {"readOnly": read_only}});
    for (state, write, read) in [
        (State::Enabled, true, false),
        (State::EnabledForReads, true, true),
        (State::Disabled, false, false),
    ] {
        assert_eq!(rule(state).catches(&call(false)), Ok(write), "{state:?}");
        assert_eq!(rule(state).catches(&call(true)), Ok(read), "{state:?}");
    }
}

#[test]
fn a_pattern_that_cannot_be_read_is_no_answer() {
    let pattern = EventPattern::parse(r#"{"source": [{"sounds-like": "aws"}]}"#);
    let unreadable = Rule { pattern, ..rule(State::Enabled) };
    unreadable.catches(&json!({})).unwrap_err();
    let off = Rule { state: State::Disabled, ..unreadable };
    assert_eq!(off.catches(&json!({})), Ok(false));
}

#[test]
fn a_dead_target_is_named() {
    for (arn, why, en) in [
        (
            "arn:aws:sns:ap-northeast-1:111122223333:security",
            Dead::NotSubscribed,
            "SNS topic security has no confirmed subscription",
        ),
        (
            "arn:aws:lambda:ap-northeast-1:111122223333:function:notify",
            Dead::FunctionGone,
            "function notify does not exist",
        ),
        (
            "arn:aws:logs:ap-northeast-1:111122223333:log-group:/aws/events/all:*",
            Dead::TellsNobody,
            "target all notifies nobody",
        ),
    ] {
        assert_eq!(why.message(arn).en, en);
    }
}
