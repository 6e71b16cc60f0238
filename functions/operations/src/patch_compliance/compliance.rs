//! What Systems Manager reports of a node's patches and associations.
//!
//! AWS publishes no schema of these items. Where they were seen they hold, under
//! `AWS:ComplianceItem`, what the inventory of the same name holds: by the type of compliance its
//! entries, and among them a summary. Whatever of it is not as expected, the service is asked.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{ComplianceQueryOperatorType, ComplianceStatus, ComplianceStringFilter};
use fisc_shared::error::Call;
use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, ResourceType, Verdict, message};
use serde_json::Value;

use super::parameters::{Bars, SEVERITIES};
use super::requirements::{ASSOCIATION_NON_COMPLIANT, LESSER_PATCHES_MISSING, PATCH_NON_COMPLIANT};

pub(super) const LIST_COMPLIANCE_ITEMS: &str = "ssm:ListComplianceItems";

/// What is complied with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Patch,
    Association,
}

impl Kind {
    /// The kind of an item of compliance; `None` for another item.
    pub(super) fn of(item: &ConfigurationItem) -> Option<Self> {
        [
            (ResourceType::SSM_PATCH_COMPLIANCE, Self::Patch),
            (ResourceType::SSM_ASSOCIATION_COMPLIANCE, Self::Association),
        ]
        .into_iter()
        .find_map(|(kind, of)| (kind.name == item.resource_type).then_some(of))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Patch => "Patch",
            Self::Association => "Association",
        }
    }
}

/// How many entries are not compliant, by severity.
pub(super) type Counts = BTreeMap<String, i64>;

/// The node that an item of compliance is of; its id is
/// `AWS::SSM::ManagedInstanceInventory/<node>`.
pub(super) fn node_id(item: &ConfigurationItem) -> Result<&str, ItemError> {
    let id = item.resource_id.rsplit('/').next().unwrap_or_default();
    let digits = id.strip_prefix("i-").or_else(|| id.strip_prefix("mi-"));
    let is_node = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    digits.filter(|digits| !digits.is_empty() && is_node(digits)).map(|_| id).ok_or_else(|| {
        ItemError::Unreadable {
            field: "resourceId".to_owned(),
            problem: "it names no managed node".to_owned(),
        }
    })
}

/// What the item itself tells; `None` where it does not, or contradicts itself.
pub(super) fn recorded(item: &ConfigurationItem, kind: Kind) -> Option<Counts> {
    let fields = item.configuration().ok()?;
    let part = fields.value().get("AWS:ComplianceItem")?.get("Content")?.get(kind.name())?;
    let summary = part.get("ComplianceSummary")?;
    let status = summary.get("Status")?.as_str()?;
    let mut counts = Counts::new();
    for severity in SEVERITIES {
        let count = number(summary.get(format!("NonCompliant{}Count", title_case(severity)))?)?;
        if count > 0 {
            counts.insert(severity.to_owned(), count);
        }
    }
    let consistent = match status {
        "COMPLIANT" => counts.is_empty(),
        "NON_COMPLIANT" => !counts.is_empty(),
        _ => false,
    };
    consistent.then_some(counts)
}

/// `CRITICAL` as `Critical`.
fn title_case(severity: &str) -> String {
    let mut letters = severity.chars();
    letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect()
}

/// The inventory writes numbers as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|count| *count >= 0)
}

/// What the service tells; `None` when it holds nothing of the node.
pub(super) async fn asked(
    client: &Client,
    node: &str,
    kind: Kind,
) -> Result<Option<Counts>, Error> {
    let filter = ComplianceStringFilter::builder()
        .key("ComplianceType")
        .values(kind.name())
        .r#type(ComplianceQueryOperatorType::Equal)
        .build();
    let mut items = client
        .list_compliance_items()
        .resource_ids(node)
        .resource_types("ManagedInstance")
        .filters(filter)
        .into_paginator()
        .items()
        .send();
    let mut counts = None;
    while let Some(item) = items.next().await {
        let item = item.call(LIST_COMPLIANCE_ITEMS)?;
        if item.compliance_type.as_ref().is_some_and(|of| of != kind.name()) {
            continue;
        }
        let counts: &mut Counts = counts.get_or_insert_default();
        let status = item.status.ok_or_else(|| Error::Answer {
            action: LIST_COMPLIANCE_ITEMS,
            field: "ComplianceItems[].Status".to_owned(),
        })?;
        if status != ComplianceStatus::Compliant {
            let severity =
                item.severity.map_or("UNSPECIFIED".to_owned(), |one| one.as_str().to_owned());
            *counts.entry(severity).or_default() += 1;
        }
    }
    Ok(counts)
}

/// The verdict on a node by what is not compliant.
pub(super) fn judge(counts: &Counts, kind: Kind, bars: &Bars) -> Verdict {
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    match kind {
        Kind::Patch => {
            // A severity that is new is not passed over.
            let counted = |severity: &String| {
                bars.severities.contains(severity) || !SEVERITIES.contains(&severity.as_str())
            };
            let failing: Vec<String> = counts
                .iter()
                .filter(|(severity, _)| counted(severity))
                .map(|(severity, count)| format!("{severity} {count}"))
                .collect();
            if !failing.is_empty() {
                let listed = failing.join(", ");
                failures.because(
                    &PATCH_NON_COMPLIANT,
                    Message {
                        en: format!("{}: {listed}", PATCH_NON_COMPLIANT.title.en),
                        ja: format!("{}: {listed}", PATCH_NON_COMPLIANT.title.ja),
                    },
                );
            } else if !counts.is_empty() {
                notes.push(LESSER_PATCHES_MISSING.reason());
            }
        }
        Kind::Association => {
            let count: i64 = counts.values().sum();
            if count > 0 {
                failures.because(
                    &ASSOCIATION_NON_COMPLIANT,
                    message!(
                        "{count} State Manager association(s) of the node are not in effect",
                        "ノードに適用されていない State Manager の関連付けが {count} 件あります"
                    ),
                );
            }
        }
    }
    failures.into_verdict_with(notes)
}
