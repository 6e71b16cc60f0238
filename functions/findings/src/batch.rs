//! A batch of messages: which findings it gives, and which messages go back to the queue.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_securityhub::Client;
use fisc_shared::Language;
use fisc_shared::asff::Finding;
use fisc_shared::text::brief;
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use crate::controls::{Controls, Rule};
use crate::error::Error;
use crate::import::import;
use crate::message::{Change, MessageError, Record};
use crate::owner::Owner;

/// The answer that SQS understands: only these messages come again. The queue's event source
/// mapping must have `ReportBatchItemFailures`; without it, SQS would take them for done.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    /// The messages that failed.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// A message that failed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// Its `messageId`.
    pub item_identifier: String,
}

/// The newest state of one finding within a batch.
#[derive(Debug)]
struct Pending {
    finding: Finding,
    recorded: Timestamp,
    /// Every message about this finding, the outdated ones too: a message is only done when its
    /// result or a newer one is in Security Hub.
    messages: Vec<String>,
}

/// Forwards a batch.
///
/// # Errors
/// When nothing of it went through, because of Security Hub as a whole. The messages come again
/// in either case; but only a failed invocation is counted in the function's metric `Errors`, and
/// makes Lambda's poller slow down, which a list of failures does not.
pub async fn forward(
    client: &Client,
    controls: &Controls,
    language: Language,
    owner: &Owner,
    records: &[Record],
    until: Instant,
) -> Result<BatchAnswer, Error> {
    let (pending, mut failed) = collect(controls, language, owner, records);
    let (findings, messages): (Vec<Finding>, BTreeMap<String, Vec<String>>) =
        pending.into_iter().map(|(id, pending)| (pending.finding, (id, pending.messages))).unzip();
    let report = import(client, &findings, until).await;
    for id in report.failed.keys() {
        failed.extend(messages.get(id).into_iter().flatten().cloned());
    }
    tracing::info!(
        messages = records.len(),
        findings = findings.len(),
        imported = report.imported,
        messages_failed = failed.len(),
        "forwarded"
    );
    if let Some(source) = report.error
        && records.iter().all(|record| failed.contains(&record.message_id))
    {
        return Err(Error::Import { count: findings.len(), source });
    }
    let batch_item_failures = records
        .iter()
        .filter(|record| failed.contains(&record.message_id))
        .map(|record| ItemFailure { item_identifier: record.message_id.clone() })
        .collect();
    Ok(BatchAnswer { batch_item_failures })
}

/// The newest state of every finding by its Id, and the messages that cannot be forwarded.
fn collect(
    controls: &Controls,
    language: Language,
    owner: &Owner,
    records: &[Record],
) -> (BTreeMap<String, Pending>, BTreeSet<String>) {
    let mut pending: BTreeMap<String, Pending> = BTreeMap::new();
    let mut failed = BTreeSet::new();
    for record in records {
        let message_id = record.message_id.clone();
        match read(controls, language, owner, record) {
            Ok(None) => {}
            Ok(Some((finding, recorded))) => match pending.get_mut(&finding.id) {
                None => {
                    let id = finding.id.clone();
                    let messages = vec![message_id];
                    pending.insert(id, Pending { finding, recorded, messages });
                }
                Some(known) => {
                    known.messages.push(message_id);
                    if recorded > known.recorded {
                        known.finding = finding;
                        known.recorded = recorded;
                    }
                }
            },
            Err(error) => {
                tracing::error!(message_id, %error, "the message cannot be forwarded");
                failed.insert(message_id);
            }
        }
    }
    (pending, failed)
}

/// The finding of a message and the time of its result; `None` where there is nothing to import.
fn read(
    controls: &Controls,
    language: Language,
    owner: &Owner,
    record: &Record,
) -> Result<Option<(Finding, Timestamp)>, MessageError> {
    let body = record.body.as_deref().ok_or(MessageError::Missing("body"))?;
    let change = Change::from_body(body)?;
    let facts = match controls.rule(&change.rule_name) {
        Rule::Control(facts) => facts,
        Rule::Unknown(control) => {
            let (rule, control) = (brief(&change.rule_name), brief(control));
            return Err(MessageError::UnknownControl { rule, control });
        }
        Rule::Foreign => {
            let message_id = &record.message_id;
            tracing::warn!(message_id, rule = change.rule_name, "not a rule of this stack");
            return Ok(None);
        }
    };
    owner.admit(&change)?;
    let Some(finding) = change.finding(facts, language) else {
        // No result yet, or results were deleted: the finding stays until the next result.
        tracing::info!(rule = change.rule_name, resource = change.resource_id, "no result");
        return Ok(None);
    };
    Ok(Some((finding, change.recorded)))
}

#[cfg(test)]
mod tests;
