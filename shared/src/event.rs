//! The event with which AWS Config starts a rule's function.
//!
//! `invokingEvent` and `ruleParameters` are JSON in strings. Source: AWS Config developer guide,
//! "Example events for AWS Config rules".

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::item::{ConfigurationItem, ItemError};
use crate::parameter::json_type;
use crate::text::{brief, json_problem};

/// The token that a test run carries: PutEvaluations must then be called in test mode.
const TEST_TOKEN: &str = "TESTMODE";

/// What is wrong with an event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The event, or a string in it, is not JSON of the expected shape.
    #[error("{field} is not what AWS Config sends: {problem}")]
    Malformed {
        /// Path of the field.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A field is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A message type that no rule gets.
    #[error(
        "invokingEvent.messageType {0:?} is unknown: expected ConfigurationItemChangeNotification, \
         OversizedConfigurationItemChangeNotification, ScheduledNotification or \
         ConfigurationSnapshotDeliveryCompleted"
    )]
    UnknownMessage(String),
    /// The item in the event is wrong.
    #[error("invokingEvent.configurationItem: {0}")]
    Item(#[source] ItemError),
    /// The control is not run by this kind of event.
    #[error(
        "{control} does not run on {message}: its rule needs the trigger types of the template"
    )]
    Trigger {
        /// The control.
        control: &'static str,
        /// The message type.
        message: &'static str,
    },
}

/// An event of AWS Config.
#[derive(Debug)]
pub struct ConfigEvent {
    /// Account of the rule.
    pub account_id: String,
    /// Name of the rule.
    pub rule_name: String,
    /// With this token PutEvaluations finds the rule.
    pub result_token: String,
    /// The resource left the scope of the rule.
    pub event_left_scope: bool,
    /// Rule parameters: JSON in a string.
    pub rule_parameters: Option<String>,
    /// What happened.
    pub message: Message,
    /// When Config sent the message.
    pub sent: Timestamp,
}

/// What happened, by `messageType`.
#[derive(Debug)]
pub enum Message {
    /// A resource changed; here is its item.
    Changed(Box<ConfigurationItem>),
    /// A resource changed, and the item is too large for an event.
    Oversized(Box<ItemSummary>),
    /// The schedule of the rule, or the delivery of a snapshot, asks for a look at everything.
    Periodic {
        /// `ScheduledNotification` or `ConfigurationSnapshotDeliveryCompleted`.
        message_type: &'static str,
    },
}

/// What an oversized notification tells of an item: enough to fetch it.
#[derive(Debug, Clone)]
pub struct ItemSummary {
    /// Type of the resource.
    pub resource_type: String,
    /// Id of the resource.
    pub resource_id: String,
    /// When the item was captured.
    pub captured: Timestamp,
    /// The summary itself reads as an item without configuration.
    pub item: ConfigurationItem,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEvent {
    #[serde(default)]
    invoking_event: Option<Value>,
    #[serde(default)]
    rule_parameters: Option<Value>,
    #[serde(default)]
    result_token: Option<String>,
    #[serde(default)]
    event_left_scope: bool,
    #[serde(default)]
    account_id: Option<String>,
    #[serde(default)]
    config_rule_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawInvokingEvent<'a> {
    message_type: String,
    #[serde(default)]
    notification_creation_time: Option<String>,
    #[serde(default, borrow)]
    configuration_item: Option<&'a RawValue>,
    #[serde(default, borrow)]
    configuration_item_summary: Option<&'a RawValue>,
}

impl ConfigEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// [`EventError`], which names the field that is missing or wrong.
    pub fn from_value(value: Value) -> Result<Self, EventError> {
        // Serde would also read a struct from a list, member by member.
        if !value.is_object() {
            let problem = format!("{}, expected an object", json_type(&value));
            return Err(EventError::Malformed { field: "the event", problem });
        }
        let raw: RawEvent = serde_json::from_value(value).map_err(|error| {
            EventError::Malformed { field: "the event", problem: json_problem(&error) }
        })?;
        let invoking = text("invokingEvent", raw.invoking_event)?
            .ok_or(EventError::Missing("invokingEvent"))?;
        let (message, sent) = read_invoking(&invoking)?;
        Ok(Self {
            account_id: raw.account_id.ok_or(EventError::Missing("accountId"))?,
            rule_name: raw.config_rule_name.unwrap_or_default(),
            result_token: raw
                .result_token
                .filter(|token| !token.is_empty())
                .ok_or(EventError::Missing("resultToken"))?,
            event_left_scope: raw.event_left_scope,
            rule_parameters: text("ruleParameters", raw.rule_parameters)?,
            message,
            sent,
        })
    }

    /// Whether evaluations are only checked, not stored.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.result_token == TEST_TOKEN
    }
}

/// A field that is JSON in a string. An object in its place is an event written by hand: say so
/// instead of guessing.
fn text(field: &'static str, value: Option<Value>) -> Result<Option<String>, EventError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(EventError::Malformed {
            field,
            problem: format!("{}, expected a string that holds JSON", json_type(&other)),
        }),
    }
}

fn read_invoking(text: &str) -> Result<(Message, Timestamp), EventError> {
    let raw: RawInvokingEvent<'_> = serde_json::from_str(text).map_err(|error| {
        EventError::Malformed { field: "invokingEvent", problem: json_problem(&error) }
    })?;
    let sent = || {
        const FIELD: &str = "invokingEvent.notificationCreationTime";
        raw.notification_creation_time
            .as_deref()
            .ok_or(EventError::Missing(FIELD))?
            .parse()
            .map_err(|error: jiff::Error| EventError::Malformed {
                field: FIELD,
                problem: brief(&error.to_string()),
            })
    };
    let item = |raw: Option<&RawValue>, field| {
        let raw = raw.filter(|raw| raw.get() != "null").ok_or(EventError::Missing(field))?;
        ConfigurationItem::from_json(raw.get()).map_err(EventError::Item)
    };
    match raw.message_type.as_str() {
        "ConfigurationItemChangeNotification" => {
            let item = item(raw.configuration_item, "invokingEvent.configurationItem")?;
            let sent = match item.captured {
                Some(captured) => captured,
                None => sent()?,
            };
            Ok((Message::Changed(Box::new(item)), sent))
        }
        "OversizedConfigurationItemChangeNotification" => {
            let item =
                item(raw.configuration_item_summary, "invokingEvent.configurationItemSummary")?;
            let captured = item.captured.ok_or(EventError::Missing(
                "invokingEvent.configurationItemSummary.configurationItemCaptureTime",
            ))?;
            let summary = ItemSummary {
                resource_type: item.resource_type.clone(),
                resource_id: item.resource_id.clone(),
                captured,
                item,
            };
            Ok((Message::Oversized(Box::new(summary)), captured))
        }
        "ScheduledNotification" => {
            Ok((Message::Periodic { message_type: "ScheduledNotification" }, sent()?))
        }
        "ConfigurationSnapshotDeliveryCompleted" => Ok((
            Message::Periodic { message_type: "ConfigurationSnapshotDeliveryCompleted" },
            sent()?,
        )),
        other => Err(EventError::UnknownMessage(brief(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn event(invoking: &Value) -> Value {
        json!({
            "version": "1.0", "invokingEvent": invoking.to_string(),
            "ruleParameters": "{\"days\":\"90\"}", "resultToken": "token",
            "eventLeftScope": false, "accountId": "111122223333",
            "executionRoleArn": "arn:aws:iam::111122223333:role/config",
            "configRuleArn": "arn:aws:config:ap-northeast-1:111122223333:config-rule/config-rule-a",
            "configRuleName": "fisc-kms-key-rotation", "configRuleId": "config-rule-a",
        })
    }

    fn item() -> Value {
        json!({
            "configurationItemCaptureTime": "2026-10-01T00:00:00.000Z",
            "configurationItemStatus": "OK", "resourceType": "AWS::KMS::Key",
            "resourceId": "k", "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        })
    }

    #[test]
    fn all_four_messages_are_read() {
        let changed = ConfigEvent::from_value(event(&json!({
            "messageType": "ConfigurationItemChangeNotification", "configurationItem": item(),
            "notificationCreationTime": "2026-10-01T00:00:01Z", "configurationItemDiff": null,
        })))
        .unwrap();
        assert!(matches!(changed.message, Message::Changed(_)));
        assert_eq!(changed.sent, "2026-10-01T00:00:00Z".parse().unwrap());
        assert_eq!(changed.rule_parameters.as_deref(), Some("{\"days\":\"90\"}"));

        let oversized = ConfigEvent::from_value(event(&json!({
            "messageType": "OversizedConfigurationItemChangeNotification",
            "configurationItemSummary": item(),
            "notificationCreationTime": "2026-10-01T00:00:01Z",
        })))
        .unwrap();
        let Message::Oversized(summary) = oversized.message else { panic!("oversized") };
        assert_eq!(summary.resource_id, "k");

        for message_type in ["ScheduledNotification", "ConfigurationSnapshotDeliveryCompleted"] {
            let scheduled = ConfigEvent::from_value(event(&json!({
                "messageType": message_type, "awsAccountId": "111122223333",
                "notificationCreationTime": "2026-10-01T00:00:01Z", "recordVersion": "1.0",
            })))
            .unwrap();
            assert!(matches!(scheduled.message, Message::Periodic { .. }));
            assert_eq!(scheduled.sent, "2026-10-01T00:00:01Z".parse().unwrap());
        }
    }

    #[test]
    fn parameters_may_be_missing_and_test_mode_is_known() {
        let mut value = event(&json!({
            "messageType": "ScheduledNotification",
            "notificationCreationTime": "2026-10-01T00:00:01Z",
        }));
        value.as_object_mut().unwrap().remove("ruleParameters");
        value["resultToken"] = json!("TESTMODE");
        let event = ConfigEvent::from_value(value).unwrap();
        assert!(event.rule_parameters.is_none());
        assert!(event.is_test());
    }

    #[test]
    fn every_damage_names_its_field() {
        let message = |value: Value| ConfigEvent::from_value(value).unwrap_err().to_string();
        let scheduled = json!({
            "messageType": "ScheduledNotification",
            "notificationCreationTime": "2026-10-01T00:00:01Z",
        });
        let without = |key: &str| {
            let mut value = event(&scheduled);
            value.as_object_mut().unwrap().remove(key);
            value
        };
        assert_eq!(message(without("invokingEvent")), "invokingEvent is missing");
        assert_eq!(message(without("resultToken")), "resultToken is missing");
        assert_eq!(message(without("accountId")), "accountId is missing");
        assert!(message(json!([])).starts_with("the event is not what AWS Config sends: an array"));
        assert!(message(json!("x")).starts_with("the event is not what AWS Config sends"));

        let mut value = event(&scheduled);
        value["invokingEvent"] = scheduled.clone();
        assert_eq!(
            message(value),
            "invokingEvent is not what AWS Config sends: an object, expected a string that holds JSON"
        );
        let mut value = event(&scheduled);
        value["invokingEvent"] = json!("{\"messageType\":\"Sched");
        assert!(message(value).starts_with("invokingEvent is not what AWS Config sends: EOF"));

        assert_eq!(
            message(event(&json!({"messageType": "ConfigurationItemChangeNotification"}))),
            "invokingEvent.configurationItem is missing"
        );
        assert_eq!(
            message(event(&json!({"messageType": "ScheduledNotification"}))),
            "invokingEvent.notificationCreationTime is missing"
        );
        assert!(message(event(&json!({"messageType": "Other"}))).contains("\"Other\" is unknown"));
        assert_eq!(
            message(event(&json!({
                "messageType": "ConfigurationItemChangeNotification",
                "configurationItem": {"resourceType": "AWS::KMS::Key"},
            }))),
            "invokingEvent.configurationItem: resourceId is missing"
        );
    }

    proptest! {
        #[test]
        fn reading_never_panics(invoking in ".{0,120}", parameters in ".{0,40}") {
            let _ = ConfigEvent::from_value(json!({
                "invokingEvent": invoking, "ruleParameters": parameters,
                "resultToken": "t", "accountId": "1",
            }));
        }
    }
}
