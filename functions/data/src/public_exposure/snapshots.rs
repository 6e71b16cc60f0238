//! With whom snapshots of databases are shared.

use std::collections::BTreeSet;

use fisc_shared::item::ItemError;
use fisc_shared::policy::Trust;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, ResourceType, Run, Verdict, message};
use serde_json::Value;

use super::owner;
use super::requirements::*;

/// A share with every account, in the list of accounts.
pub(super) const ALL: &str = "all";

pub(super) fn judge(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let fields = item.configuration()?;
    let kind = fields.text("snapshotType")?.ok_or_else(|| fields.missing("snapshotType"))?;
    if kind == "automated" {
        return Ok(Verdict::not_applicable(&AUTOMATED_SNAPSHOT));
    }
    let shares = shares(item)?;
    let mut failures = Failures::new();
    if shares.contains(ALL) {
        failures.add(&SNAPSHOT_PUBLIC);
    }
    let trusted = Trust::of(owner(item, run), run.parameters).accounts;
    let strange: Vec<&str> = shares
        .iter()
        .filter(|account| **account != ALL && !trusted.iter().any(|one| one == *account))
        .copied()
        .collect();
    if !strange.is_empty() {
        let Message { en, ja } = Message::named(&strange);
        failures.because(
            &SHARED_WITH_UNTRUSTED_ACCOUNT,
            message!(
                "The snapshot is shared with {en}",
                "スナップショットが {ja} と共有されています"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// The values of the attribute `restore`: account numbers, or `all`.
fn shares(item: &ConfigurationItem) -> Result<BTreeSet<&str>, ItemError> {
    let cluster = item.resource_type == ResourceType::RDS_DB_CLUSTER_SNAPSHOT.name;
    let part = if cluster { "DBClusterSnapshotAttributes" } else { "DBSnapshotAttributes" };
    let path = format!("supplementaryConfiguration.{part}");
    let wrong =
        |problem: &str| ItemError::Unreadable { field: path.clone(), problem: problem.to_owned() };
    // The list of attributes is always there; who may restore is not known without it.
    let attributes =
        item.supplementary(part)?.ok_or_else(|| ItemError::Missing { field: path.clone() })?;
    let attributes = attributes.value().as_array().ok_or_else(|| wrong("expected a list"))?;
    let mut shares = BTreeSet::new();
    for attribute in attributes {
        let name = attribute.get("attributeName").and_then(Value::as_str);
        if name.ok_or_else(|| wrong("an attribute without a name"))? != "restore" {
            continue;
        }
        let values = attribute.get("attributeValues").and_then(Value::as_array);
        for value in values.ok_or_else(|| wrong("restore without values"))? {
            shares.insert(value.as_str().ok_or_else(|| wrong("a value that is no text"))?);
        }
    }
    Ok(shares)
}
