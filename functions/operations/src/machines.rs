//! EC2 instances as AWS Config records them, as far as their management is judged by.

use std::collections::BTreeMap;

use fisc_shared::config_service::ConfigService;
use fisc_shared::item::is_marked;
use fisc_shared::item::required::part;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::policy::{Case, Glob, Reading};
use fisc_shared::{ConfigurationItem, Error, ResourceType};
use jiff::Timestamp;

/// An EC2 instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its id.
    pub id: String,
    /// `pending`, `running`, `stopped` … `terminated`.
    pub state: String,
    /// When it was started last.
    pub launched: Timestamp,
    /// When it was launched first: no later than its oldest volume and interface.
    pub created: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Machine {
    /// Reads the item of an instance.
    ///
    /// # Errors
    /// When the item lacks what every instance has.
    pub fn read(item: &ConfigurationItem) -> Result<Self, ItemError> {
        let fields = item.configuration()?;
        let launched = fields.time("launchTime")?.ok_or_else(|| fields.missing("launchTime"))?;
        // A start after a stop sets the launch time anew, but attaches nothing.
        let mut created = launched;
        for (list, part) in [("blockDeviceMappings", "ebs"), ("networkInterfaces", "attachment")] {
            for one in fields.list(list)?.unwrap_or_default() {
                let attached = one.at(part)?.map(|part| part.time("attachTime")).transpose()?;
                created = attached.flatten().map_or(created, |time| created.min(time));
            }
        }
        Ok(Self {
            id: item.resource_id.clone(),
            state: state(&fields)?.to_owned(),
            launched,
            created,
            tags: item.all_tags()?,
        })
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == "running"
    }

    /// Whether it is gone, or on its way.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        is_over(&self.state)
    }

    /// Whether it has the tag; a value of false says that it is not meant.
    #[must_use]
    pub fn has_tag(&self, key: &str) -> bool {
        is_marked(&self.tags, key)
    }
}

/// Whether the instance of an item is gone, or on its way; the item then lacks most of its fields.
///
/// # Errors
/// When the item has no state.
pub fn is_terminated(item: &ConfigurationItem) -> Result<bool, ItemError> {
    Ok(is_over(state(&item.configuration()?)?))
}

fn is_over(state: &str) -> bool {
    matches!(state, "terminated" | "shutting-down")
}

/// The state is an object with its name; query results may have it as `value`, or as a text.
fn state<'a>(fields: &Fields<'a>) -> Result<&'a str, ItemError> {
    let state = part(fields, "state")?;
    if state.value().is_string() {
        return state.as_text();
    }
    match state.text("name")? {
        Some(name) => Ok(name),
        None => state.text("value")?.ok_or_else(|| state.missing("name")),
    }
}

/// The recorded instances that are not terminated.
///
/// # Errors
/// When the inventory cannot be read.
pub async fn recorded(config: &ConfigService) -> Result<Vec<Machine>, Error> {
    let items = config.recorded_with_tags(ResourceType::EC2_INSTANCE).await?;
    let mut machines = Vec::with_capacity(items.len());
    for item in &items {
        if !is_terminated(item)? {
            machines.push(Machine::read(item)?);
        }
    }
    Ok(machines)
}

/// Whether a text is like one of these patterns (`*`, `?`), without regard to case.
#[must_use]
pub fn is_like(text: &str, patterns: &[String]) -> bool {
    let text = text.to_lowercase();
    patterns.iter().any(|pattern| {
        Glob::parse(pattern, Case::Insensitive, Reading::Possibly)
            .is_some_and(|glob| glob.matches(&text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fisc_testkit::events;
    use serde_json::{Value, json};

    fn read(configuration: Value) -> Result<Machine, ItemError> {
        let mut item = events::item("AWS::EC2::Instance", "i-1", configuration);
        item["tags"] = json!({"fisc:immutable": "true", "off": "False"});
        Machine::read(&ConfigurationItem::from_json(&item.to_string()).expect("an item"))
    }

    #[test]
    fn a_restart_does_not_make_an_instance_young() {
        let launched = "2026-11-20T00:00:00.000Z";
        let machine = read(json!({
            "state": {"code": 16, "name": "running"}, "launchTime": launched,
            "blockDeviceMappings": [
                {"deviceName": "/dev/xvda", "ebs": {"attachTime": "2026-10-02T00:00:00.000Z"}},
                {"deviceName": "/dev/sdb", "ebs": {"attachTime": "2026-11-22T00:00:00.000Z"}},
            ],
            "networkInterfaces": [
                {"attachment": {"attachTime": "2026-10-01T00:00:00.000Z"}}, {"attachment": null},
            ],
        }));
        let machine = machine.unwrap();
        assert_eq!(machine.launched, launched.parse().unwrap());
        assert_eq!(machine.created, "2026-10-01T00:00:00Z".parse().unwrap());
        assert!(machine.is_running() && !machine.is_terminated());
        assert!(machine.has_tag("fisc:immutable"));
        assert!(!machine.has_tag("off") && !machine.has_tag("") && !machine.has_tag("else"));
        let bare = read(json!({"state": "stopped", "launchTime": launched})).unwrap();
        assert_eq!((bare.created, bare.state.as_str()), (bare.launched, "stopped"));
    }

    #[test]
    fn what_the_item_lacks_is_an_error() {
        let error = |configuration| read(configuration).unwrap_err().to_string();
        assert!(error(json!({"state": {"name": "running"}})).ends_with("launchTime is missing"));
        let launched = json!({"launchTime": "2026-11-20T00:00:00.000Z"});
        assert!(error(launched).ends_with("state is missing"));
    }

    #[test]
    fn patterns_have_no_case() {
        let patterns = ["tripwire*".to_owned(), "AIDE".to_owned()];
        assert!(is_like("Tripwire Agent", &patterns) && is_like("aide", &patterns));
        assert!(!is_like("aide-common", &patterns) && !is_like("aide", &[]));
    }
}
