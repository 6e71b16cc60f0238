//! BatchImportFindings: as few calls as the limits allow, and what became of every finding.
//!
//! Limits (Security Hub user guide, "BatchImportFindings for finding providers"): 100 findings
//! and 6 MB a call, 240 KB a finding, 10 calls a second with bursts of 30. Calls go one after
//! the other, and the SDK's retries wait where that is still too fast.

use std::collections::{BTreeMap, VecDeque};

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::operation::batch_import_findings::BatchImportFindingsOutput;
use fisc_shared::asff::{Finding, MAX_CALL_BYTES, MAX_FINDINGS};
use fisc_shared::error::{Call, Failure, ServiceError};
use tokio::time::Instant;

use crate::convert::to_sdk;
use crate::error::{Advice, is_disabled, is_hopeless, late};

const ACTION: &str = "securityhub:BatchImportFindings";

/// What became of the findings.
#[derive(Debug, Default)]
pub struct Report {
    /// How many were imported.
    pub imported: usize,
    /// Ids of those that were not, and why.
    pub failed: BTreeMap<String, String>,
    /// The first call that failed as a whole.
    pub error: Option<ServiceError>,
}

/// Imports the findings, each Id once; what is not done at `until` counts as failed.
pub async fn import(client: &Client, findings: &[Finding], until: Instant) -> Report {
    let mut report = Report::default();
    let mut calls: VecDeque<&[Finding]> = calls(findings, MAX_CALL_BYTES).into();
    while let Some(call) = calls.pop_front() {
        match send(client, call, until).await {
            Ok(output) => report.take(call, &output),
            // One finding that the API refuses must not take the others along.
            Err(error) if call.len() > 1 && is_about_content(&error) => {
                let (first, second) = call.split_at(call.len() / 2);
                calls.push_front(second);
                calls.push_front(first);
            }
            Err(error) => {
                tracing::error!(
                    %error,
                    findings = call.len(),
                    "a call of {ACTION} failed{}",
                    Advice(&error)
                );
                report.fail(call, &error.to_string());
                // These answers would be the same for every further call.
                if is_hopeless(&error) || Instant::now() >= until {
                    for call in calls.drain(..) {
                        report.fail(call, "not tried, since an earlier call failed");
                    }
                }
                report.error.get_or_insert(error);
            }
        }
    }
    report
}

impl Report {
    fn fail(&mut self, call: &[Finding], problem: &str) {
        self.failed.extend(call.iter().map(|finding| (finding.id.clone(), problem.to_owned())));
    }

    fn take(&mut self, call: &[Finding], output: &BatchImportFindingsOutput) {
        let mut unnamed = 0;
        let mut failed = BTreeMap::new();
        for refused in output.failed_findings() {
            let id = refused.id().unwrap_or_default();
            let code = refused.error_code().unwrap_or_default();
            let message = refused.error_message().unwrap_or_default();
            tracing::error!(finding = id, code, message, "{ACTION} refused a finding");
            if call.iter().any(|finding| finding.id == id) {
                failed.insert(id.to_owned(), format!("{code}: {message}"));
            } else {
                unnamed += 1;
            }
            // So Security Hub says, for each finding, that it is off.
            let error = ServiceError {
                action: ACTION,
                failure: Failure::Refused,
                code: Some(code.to_owned()),
                message: message.to_owned(),
            };
            if is_disabled(&error) {
                self.error.get_or_insert(error);
            }
        }
        let counted = usize::try_from(output.failed_count().unwrap_or_default()).unwrap_or(0);
        if unnamed > 0 || counted > output.failed_findings().len() {
            // Which ones failed is not known: trying all again does no harm, losing one does.
            self.fail(call, "the call reported a failure without naming the finding");
            return;
        }
        self.imported += call.len() - failed.len();
        self.failed.append(&mut failed);
    }
}

async fn send(
    client: &Client,
    findings: &[Finding],
    until: Instant,
) -> Result<BatchImportFindingsOutput, ServiceError> {
    let findings = findings.iter().map(to_sdk).collect();
    let call = client.batch_import_findings().set_findings(Some(findings)).send();
    match tokio::time::timeout_at(until, Box::pin(call)).await {
        Ok(answer) => answer.call(ACTION),
        Err(_) => Err(late(ACTION)),
    }
}

/// Whether a call failed for what it carries, so that a part of it may go through.
fn is_about_content(error: &ServiceError) -> bool {
    error.is("InvalidInputException")
        || error.is("ValidationException")
        || error.is("RequestEntityTooLargeException")
}

/// Cuts the findings into calls that keep the limits.
fn calls(findings: &[Finding], max_bytes: usize) -> Vec<&[Finding]> {
    let mut calls = Vec::new();
    let mut rest = findings;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest
            .iter()
            .take(MAX_FINDINGS)
            .take_while(|finding| {
                bytes += size(finding);
                bytes <= max_bytes
            })
            .count()
            // A finding that is too large by itself is left to the API's answer.
            .max(1);
        let (call, others) = rest.split_at(fitting);
        calls.push(call);
        rest = others;
    }
    calls
}

/// Bytes of a finding in a request, with the comma behind it.
fn size(finding: &Finding) -> usize {
    serde_json::to_vec(finding).map_or(usize::MAX / 2, |json| json.len() + 1)
}

#[cfg(test)]
mod tests;
