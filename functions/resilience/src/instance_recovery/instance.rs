//! What the item of an instance tells.

use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Error};

/// The tag that Auto Scaling gives to its instances. Nobody else can: its prefix is reserved.
const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// How an instance is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    NotRunning,
    Spot,
    /// In an Auto Scaling group.
    Member,
    /// By itself.
    Alone,
}

pub(super) fn kind(item: &ConfigurationItem) -> Result<Kind, Error> {
    let fields = item.configuration()?;
    Ok(if state(&fields)? != "running" {
        Kind::NotRunning
    } else if fields.text("instanceLifecycle")? == Some("spot") {
        // On-Demand Instances have no lifecycle.
        Kind::Spot
    } else if item.all_tags()?.contains_key(GROUP_TAG) {
        Kind::Member
    } else {
        Kind::Alone
    })
}

/// The state of an instance is an object with its name; query results may have it as `value`, or
/// as a text.
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

/// An instance that is by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) instance_type: String,
    /// On a Dedicated Host.
    pub(super) on_host: bool,
    /// `default` or `disabled`; items of before the setting lack it.
    pub(super) auto_recovery: Option<String>,
}

impl Instance {
    pub(super) fn read(item: &ConfigurationItem) -> Result<Self, ItemError> {
        let fields = item.configuration()?;
        let options = fields.at("maintenanceOptions")?;
        let setting = options.map(|options| options.text("autoRecovery")).transpose()?.flatten();
        Ok(Self {
            id: item.resource_id.clone(),
            instance_type: text(&fields, "instanceType")?.to_owned(),
            on_host: text(&part(&fields, "placement")?, "tenancy")? == "host",
            auto_recovery: setting.filter(|one| !one.is_empty()).map(str::to_owned),
        })
    }
}
