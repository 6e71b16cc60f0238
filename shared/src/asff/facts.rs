//! What a finding says of its control. The Lambda that forwards findings reads it from a
//! generated table, since it must not link the controls with their SDKs.

use serde::{Deserialize, Serialize};

use super::{Label, PRODUCT};
use crate::control::Control;
use crate::resource::{self, ResourceType};
use crate::text::Message;

/// The facts about a control that go into its findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facts {
    /// The control's id.
    pub id: String,
    /// What a failure weighs.
    pub severity: Label,
    /// What holds when the control passes.
    pub title: Message,
    /// How to fix a failure.
    pub fix: Message,
    /// Where to read on.
    pub reference: String,
    /// The criteria that it speaks to.
    pub criteria: FactsCriteria,
    /// The resource types that it judges.
    pub resources: Vec<FactsResource>,
}

/// The criteria of a control, by their printed numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactsCriteria {
    /// The text asks for it.
    pub explicit: Vec<String>,
    /// It follows from the text.
    pub implied: Vec<String>,
}

/// A resource type, as [`ResourceType`] declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactsResource {
    /// The name in AWS Config.
    pub name: String,
    /// The name in the finding format.
    pub asff: String,
    /// How the ARN follows from the id; empty where it does not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arn: String,
}

impl Facts {
    /// The GeneratorId of the control's findings.
    #[must_use]
    pub fn generator_id(&self) -> String {
        format!("{PRODUCT}/{}", self.id)
    }

    /// All criteria, the explicit ones first.
    pub fn criteria(&self) -> impl Iterator<Item = &str> {
        self.criteria.explicit.iter().chain(&self.criteria.implied).map(String::as_str)
    }

    /// The type's name in the finding format and the canonical id of a resource: its ARN where
    /// it follows from the type and the id.
    pub(super) fn resource(
        &self,
        resource_type: &str,
        id: &str,
        account_id: &str,
        region: &str,
    ) -> (String, String) {
        // Every control may answer for the account: when nothing is in scope, and for types
        // that AWS Config takes no results of.
        let account = || {
            (resource_type == ResourceType::ACCOUNT.name)
                .then(|| FactsResource::from(ResourceType::ACCOUNT))
        };
        let known = self.resources.iter().find(|known| known.name == resource_type);
        let Some(known) = known.cloned().or_else(account) else {
            return ("Other".to_owned(), id.to_owned());
        };
        // Some controls report under the ARN, such as trails of other Regions.
        let arn = if id.starts_with("arn:") {
            None
        } else {
            resource::arn(&known.arn, id, account_id, region)
        };
        (known.asff, arn.unwrap_or_else(|| id.to_owned()))
    }
}

impl From<&Control> for Facts {
    fn from(control: &Control) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            id: control.id.to_owned(),
            severity: control.severity.into(),
            title: control.title.into(),
            fix: control.fix.into(),
            reference: control.reference.to_owned(),
            criteria: FactsCriteria {
                explicit: owned(control.criteria.explicit),
                implied: owned(control.criteria.implied),
            },
            resources: control.resources.iter().copied().map(FactsResource::from).collect(),
        }
    }
}

impl From<ResourceType> for FactsResource {
    fn from(resource_type: ResourceType) -> Self {
        Self {
            name: resource_type.name.to_owned(),
            asff: resource_type.asff.to_owned(),
            arn: resource_type.arn.to_owned(),
        }
    }
}
