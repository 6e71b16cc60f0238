//! What AWS Config sends: events, items, parameters.

use fisc_hostile::clear;
use serde_json::{Value, json};

use crate::event::{ConfigEvent, Message};
use crate::item::{ConfigurationItem, Fields};
use crate::parameter::{Param, Parameters, Spec};
use crate::text::Text;

/// The bytes as a whole event, as its `invokingEvent` and as its `ruleParameters`.
///
/// # Panics
/// When a property is broken.
pub fn event(data: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        read(value);
    }
    let text = String::from_utf8_lossy(data);
    read(json!({ "invokingEvent": text, "resultToken": "t", "accountId": "111122223333" }));
    read(json!({
        "invokingEvent": "{\"messageType\":\"ScheduledNotification\",\
            \"notificationCreationTime\":\"2026-11-01T00:00:00Z\"}",
        "ruleParameters": text, "resultToken": "t", "accountId": "111122223333",
    }));
}

fn read(value: Value) {
    let Some(event) = clear(ConfigEvent::from_value(value)) else { return };
    assert!(!event.result_token.is_empty(), "an event without a token");
    match &event.message {
        Message::Changed(item) => look_at(item),
        Message::Oversized(summary) => look_at(&summary.item),
        Message::Periodic { .. } => {}
    }
    clear(Parameters::parse("a-control", &specs(), event.rule_parameters.as_deref()));
}

/// The bytes as a configuration item in whatever dialect.
///
/// # Panics
/// When a property is broken.
pub fn item(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(item) = clear(ConfigurationItem::from_json(text)) {
        look_at(&item);
    }
}

/// Looks at everything that controls look at.
fn look_at(item: &ConfigurationItem) {
    assert!(!item.resource_type.is_empty() && !item.resource_id.is_empty(), "a nameless item");
    clear(item.all_tags());
    if let Some(fields) = clear(item.configuration()) {
        go_over(&fields);
    }
    for key in ["BucketPolicy", "Policy", "tags", "", "AccessControlList"] {
        if let Some(Some(fields)) = clear(item.supplementary(key)) {
            go_over(&fields);
        }
    }
    clear(crate::bucket::policy(item));
    clear(crate::bucket::access_control_list(item));
    clear(crate::bucket::lifecycle_rules(item));
    clear(crate::bucket::replication_destinations(item));
    clear(crate::bucket::default_retention(item));
    clear(crate::bucket::default_encryption(item));
}

/// Reads each key of a part as everything that it may be.
fn go_over(fields: &Fields<'_>) {
    clear(fields.as_text());
    clear(fields.as_flag());
    let names = fields.value().as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    for name in names.take(50).chain(["policy", "a.b", ""]) {
        clear(fields.text(name));
        clear(fields.integer(name));
        clear(fields.flag(name));
        clear(fields.time(name));
        clear(fields.list(name));
        clear(fields.at(name));
    }
}

/// The bytes as the parameters of a rule that has one of each kind.
///
/// # Panics
/// When a property is broken.
pub fn parameters(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some(read) = clear(Parameters::parse("a-control", &specs(), Some(&text))) else { return };
    let days = read.get(&DAYS);
    assert!((1..=365).contains(&days), "{days} days");
    assert!(["a", "b"].contains(&read.get(&CHOICE).as_str()), "no choice");
    let _ = (read.get(&FLAG), read.get(&DAY));
    clear(read.account_id(&ACCOUNT));
    clear(read.words(&WORDS, &["one", "two"]));
}

const NO_TEXT: Text = Text::new("", "");
const FLAG: Param<bool> = Param::flag("flag", false, NO_TEXT);
const DAYS: Param<i64> = Param::integer("days", 90, 1, 365, NO_TEXT);
const CHOICE: Param<String> = Param::choice("choice", "a", &["a", "b"], NO_TEXT);
const ACCOUNT: Param<String> = Param::text("account", "", NO_TEXT);
const WORDS: Param<Vec<String>> = Param::list("words", &[], NO_TEXT);
const DAY: Param<Option<jiff::civil::Date>> = Param::date("day", NO_TEXT);

const fn specs() -> [Spec; 6] {
    [FLAG.spec, DAYS.spec, CHOICE.spec, ACCOUNT.spec, WORDS.spec, DAY.spec]
}
