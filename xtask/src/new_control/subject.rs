//! What a control judges: its resource types, and an item of each to test with.

use std::path::Path;

use serde_json::Value;

use super::{Error, Kind};
use crate::events;

/// The file that declares the resource types.
pub(super) const TYPES: &str = "shared/src/resource/types.rs";

/// A resource type, and the first recorded item of it in the sample snapshot.
#[derive(Debug)]
pub(super) struct Subject {
    /// Its constant in [`TYPES`], such as `S3_BUCKET`.
    pub(super) constant: String,
    name: String,
    /// The account has no item.
    account: bool,
    sample: Option<Value>,
}

impl Subject {
    /// The name that AWS Config has for the type.
    pub(super) fn name(&self) -> String {
        self.name.clone()
    }

    pub(super) const fn needs_sample(&self) -> bool {
        self.sample.is_none() && !self.account
    }

    pub(super) const fn is_account(&self) -> bool {
        self.account
    }

    /// An item to test with, in the dialect of events, and what to say of it.
    pub(super) fn fixture(&self) -> (String, Value) {
        match &self.sample {
            Some(sample) => {
                ("As AWS Config records it: from the sample snapshot.".to_owned(), sample.clone())
            }
            None => (
                "TODO: give it what `aws configservice get-resource-config-history` answers."
                    .to_owned(),
                skeleton(&self.name),
            ),
        }
    }
}

/// An item of which everything but the resource itself is there.
fn skeleton(name: &str) -> Value {
    serde_json::json!({
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": "2026-11-18T06:00:00.000Z",
        "configurationStateId": 1_794_981_600_000_i64,
        "awsAccountId": "111122223333",
        "configurationItemStatus": "OK",
        "resourceType": name,
        "resourceId": "todo",
        "resourceName": "todo",
        "awsRegion": "ap-northeast-1",
        "availabilityZone": "Regional",
        "resourceCreationTime": "2024-04-01T00:00:00.000Z",
        "tags": {},
        "relatedEvents": [],
        "relationships": [],
        "configuration": {},
        "supplementaryConfiguration": {},
    })
}

/// The types that a control of this kind judges.
///
/// # Errors
/// When there are none, or a type is not known here.
pub(super) fn find(root: &Path, kind: Kind, names: &[String]) -> Result<Vec<Subject>, Error> {
    if kind == Kind::Account {
        let account = Subject {
            constant: "ACCOUNT".to_owned(),
            name: "AWS::::Account".to_owned(),
            account: true,
            sample: None,
        };
        return if names.is_empty() { Ok(vec![account]) } else { Err(Error::ResourceOfAccount) };
    }
    if names.is_empty() {
        return Err(Error::NoResource(kind.as_str()));
    }
    let read = |file: &str| {
        let path = root.join(file);
        std::fs::read_to_string(&path).map_err(|error| Error::File { path, error })
    };
    let (types, snapshot) = (read(TYPES)?, read(events::SNAPSHOT)?);
    let declared: Vec<(&str, &str)> = declared(&types).collect();
    let snapshot: Value = serde_json::from_str(&snapshot)?;
    let mut found: Vec<Subject> = Vec::new();
    for name in names {
        let Some((constant, _)) = declared.iter().find(|(_, known)| known == name) else {
            return Err(Error::Resource { given: name.clone(), near: near(name, &declared) });
        };
        if found.iter().all(|one| one.name != *name) {
            found.push(Subject {
                constant: (*constant).to_owned(),
                name: name.clone(),
                account: false,
                sample: events::first_of(&snapshot, |known| known == name).cloned(),
            });
        }
    }
    Ok(found)
}

/// The constants and names in the text of [`TYPES`].
fn declared(types: &str) -> impl Iterator<Item = (&str, &str)> {
    types.split("pub const ").skip(1).filter_map(|declaration| {
        let (constant, rest) = declaration.split_once(": Self =")?;
        let name = rest.split('"').nth(1)?;
        name.starts_with("AWS::").then_some((constant, name))
    })
}

/// The types that are called almost so, or are of the same service, for a hint.
fn near(given: &str, declared: &[(&str, &str)]) -> String {
    let plain = |name: &str| name.to_ascii_lowercase().replace("::", "");
    let service = |name: &str| name.split("::").nth(1).unwrap_or_default().to_ascii_lowercase();
    let names = || declared.iter().map(|(_, name)| *name).filter(|name| *name != "AWS::::Account");
    let last = given.split("::").last().unwrap_or_default().to_ascii_lowercase();
    let spelt: Vec<&str> = names()
        .filter(|name| plain(name) == plain(given) || plain(name).ends_with(&plain(given)))
        .chain(names().filter(|name| service(name) == service(given)))
        .chain(names().filter(|name| {
            !last.is_empty() && name.to_ascii_lowercase().ends_with(&format!("::{last}"))
        }))
        .take(5)
        .collect();
    if spelt.is_empty() { String::new() } else { format!(" (near: {})", spelt.join(", ")) }
}
