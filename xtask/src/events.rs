//! One sample event per control, in the shape in which AWS Config sends it. The item is the first
//! of its type in the sample snapshot. The token makes PutEvaluations check without storing.

use fisc_shared::{Control, Placement};
use serde_json::{Value, json};

use crate::files::{Error, File, root};

/// The sample snapshot.
pub(crate) const SNAPSHOT: &str = "events/config-snapshot.json";

pub(crate) fn render(controls: &[&'static Control]) -> Result<Vec<File>, Error> {
    let path = root().join(SNAPSHOT);
    let text = std::fs::read_to_string(&path).map_err(|error| Error::File { path, error })?;
    let snapshot: Value = serde_json::from_str(&text)?;
    controls
        .iter()
        .map(|control| {
            let event = event(control, &snapshot)?;
            Ok(File {
                path: format!("events/{}.json", control.id).into(),
                text: serde_json::to_string_pretty(&event)? + "\n",
            })
        })
        .collect()
}

fn event(control: &Control, snapshot: &Value) -> Result<Value, Error> {
    let sent = "2026-11-21T00:00:00.000Z";
    let account = "111122223333";
    let invoking = if control.trigger.on_change() {
        let item = sample(control, snapshot)?;
        json!({
            "configurationItemDiff": {"changedProperties": {}, "changeType": "UPDATE"},
            "configurationItem": item,
            "notificationCreationTime": sent,
            "messageType": "ConfigurationItemChangeNotification",
            "recordVersion": "1.3",
        })
    } else {
        json!({
            "awsAccountId": account,
            "notificationCreationTime": sent,
            "messageType": "ScheduledNotification",
            "recordVersion": "1.0",
        })
    };
    let region = match control.placement {
        Placement::UsEast1 => "us-east-1",
        Placement::HomeRegion | Placement::EveryRegion => "ap-northeast-1",
    };
    let id = control.id;
    Ok(json!({
        "version": "1.0",
        "invokingEvent": invoking.to_string(),
        "ruleParameters": "{}",
        "resultToken": "TESTMODE",
        "eventLeftScope": false,
        "executionRoleArn": format!("arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"),
        "configRuleArn": format!("arn:aws:config:{region}:{account}:config-rule/config-rule-{id}"),
        "configRuleName": format!("fisc-{id}"),
        "configRuleId": format!("config-rule-{id}"),
        "accountId": account,
    }))
}

fn sample<'a>(control: &Control, snapshot: &'a Value) -> Result<&'a Value, Error> {
    first_of(snapshot, |name| control.changing().any(|one| one.name == name)).ok_or_else(|| {
        Error::Declaration(format!(
            "{SNAPSHOT} holds no item that {} judges: add a good and a bad one, and the verdicts \
             to events/samples/expected.json",
            control.id
        ))
    })
}

/// The first item of the snapshot that describes an existing resource of a wanted type.
pub(crate) fn first_of(snapshot: &Value, wanted: impl Fn(&str) -> bool) -> Option<&Value> {
    let items = snapshot.get("configurationItems").and_then(Value::as_array);
    items.into_iter().flatten().find(|item| {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        text("configurationItemStatus") == Some("OK") && text("resourceType").is_some_and(&wanted)
    })
}
