//! Whom a statement is about.

use super::PolicyError;
use super::document::{Place, texts};
use serde_json::Value;

/// The principals of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// `NotPrincipal`: everyone but these.
    pub negated: bool,
    /// `AWS`: ARNs, account ids, or `*`. A bare `"Principal": "*"` stands here too.
    pub aws: Vec<String>,
    /// `Service`: service principals.
    pub service: Vec<String>,
    /// `Federated`: identity providers.
    pub federated: Vec<String>,
    /// `CanonicalUser`: canonical user ids of S3.
    pub canonical: Vec<String>,
}

impl Principals {
    pub(super) fn parse(value: &Value, negated: bool, place: &Place) -> Result<Self, PolicyError> {
        let mut principals = Self {
            negated,
            aws: Vec::new(),
            service: Vec::new(),
            federated: Vec::new(),
            canonical: Vec::new(),
        };
        match value {
            Value::String(text) if text == "*" => principals.aws.push(text.clone()),
            Value::Object(kinds) => {
                for (kind, value) in kinds {
                    let list = match kind.as_str() {
                        "AWS" => &mut principals.aws,
                        "Service" => &mut principals.service,
                        "Federated" => &mut principals.federated,
                        "CanonicalUser" => &mut principals.canonical,
                        _ => return Err(place.grammar("an unknown kind of principal")),
                    };
                    list.extend(texts(value, &place.inside(kind))?);
                }
            }
            _ => return Err(place.grammar("expected \"*\" or an object")),
        }
        Ok(principals)
    }

    /// Whether these are all principals, anonymous ones included. `NotPrincipal` never is: it
    /// always leaves out whom it names.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        !self.negated && self.aws.iter().any(|principal| principal == "*")
    }
}
