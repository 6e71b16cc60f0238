//! Reporting to AWS Config: batches, refused evaluations, results of resources that are gone.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_config::types::{ComplianceType, Evaluation};
use jiff::Timestamp;
use serde::Serialize;

use crate::annotation::annotation;
use crate::config_service::{ConfigService, Put, Reported, to_sdk};
use crate::control::Control;
use crate::error::Error;
use crate::event::ConfigEvent;
use crate::resource::{Resource, ResourceType};
use crate::runner::Surroundings;
use crate::text::Language;
use crate::verdict::{Compliance, Evaluated, Verdict, remarks};

/// The most evaluations that one PutEvaluations takes.
const BATCH: usize = 100;
/// How often evaluations that Config did not take are put again.
const ATTEMPTS: u32 = 4;
/// Pause before they are put again; it grows with each attempt.
const PAUSE: Duration = Duration::from_millis(200);

/// What a run reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Resources that pass.
    pub compliant: usize,
    /// Resources that fail.
    pub non_compliant: usize,
    /// Resources that the control does not apply to.
    pub not_applicable: usize,
    /// The rule was deleted while the run was under way; nothing was stored.
    pub rule_gone: bool,
}

/// Takes out of what Config holds the results of resources that were judged now.
pub(crate) fn leave_present(reported: &mut Vec<Reported>, evaluated: &[Evaluated]) {
    let present: BTreeSet<(&str, &str)> = evaluated
        .iter()
        .map(|one| (one.resource.resource_type.as_str(), one.resource.id.as_str()))
        .collect();
    reported
        .retain(|one| !present.contains(&(one.resource_type.as_str(), one.resource_id.as_str())));
}

/// Reports the results of a periodic run, and NOT_APPLICABLE for resources that were reported
/// before (`reported`) and are gone.
///
/// # Errors
/// See [`report`].
pub(crate) async fn report_sweep(
    config: &ConfigService,
    control: &Control,
    event: &ConfigEvent,
    surroundings: &Surroundings,
    mut reported: Vec<Reported>,
    mut evaluated: Vec<Evaluated>,
) -> Result<Report, Error> {
    // What only changes are judged of keeps its result.
    reported.retain(|one| {
        let account = one.resource_type == ResourceType::ACCOUNT.name;
        (account && control.trigger.on_schedule())
            || control.swept().iter().any(|kind| kind.name == one.resource_type)
    });
    evaluated.extend(gone(reported, event, surroundings));
    tracing::info!(control = control.id, evaluations = evaluated.len(), "sweep judged");
    report(config, event, surroundings.language, &evaluated).await
}

/// NOT_APPLICABLE for what was reported before and is not among the results now. A result that
/// is newer than the notification is of a resource that appeared during the run: it stays.
fn gone(
    reported: Vec<Reported>,
    event: &ConfigEvent,
    surroundings: &Surroundings,
) -> Vec<Evaluated> {
    let newer = |recorded: Option<Timestamp>| recorded.is_some_and(|time| time >= event.sent);
    let told = |one: &Reported| {
        one.compliance == Some(Compliance::NotApplicable) && one.exemption().is_none()
    };
    reported
        .into_iter()
        .filter(|one| !newer(one.recorded) && !told(one))
        .map(|one| Evaluated {
            resource: Resource {
                resource_type: one.resource_type,
                id: one.resource_id,
                arn: None,
                account_id: event.account_id.clone(),
                region: surroundings.region.clone(),
            },
            verdict: Verdict::not_applicable(&remarks::RESOURCE_GONE),
            at: event.sent,
        })
        .collect()
}

/// The rule was deleted while the run was under way: nobody waits for its results.
pub(crate) fn rule_gone(event: &ConfigEvent) -> Report {
    tracing::warn!(rule = event.rule_name, "the rule was deleted during the run");
    Report { rule_gone: true, ..Report::default() }
}

/// Puts all evaluations, in batches; those that Config does not take are put again.
///
/// # Errors
/// When a call fails, or Config keeps refusing an evaluation.
pub async fn report(
    config: &ConfigService,
    event: &ConfigEvent,
    language: Language,
    evaluated: &[Evaluated],
) -> Result<Report, Error> {
    let mut report = Report::default();
    for batch in evaluated.chunks(BATCH) {
        let mut evaluations =
            batch.iter().map(|one| evaluation(one, language)).collect::<Result<Vec<_>, _>>()?;
        for attempt in 1.. {
            match config.put(&event.result_token, event.is_test(), evaluations).await? {
                Put::RuleGone => return Ok(rule_gone(event)),
                Put::Stored { failed } => evaluations = failed,
            }
            let Some(first) = evaluations.first() else { break };
            tracing::warn!(attempt, refused = evaluations.len(), "Config refused evaluations");
            if attempt == ATTEMPTS {
                return Err(Error::Refused {
                    count: evaluations.len(),
                    resource_type: first.compliance_resource_type.clone(),
                    resource_id: first.compliance_resource_id.clone(),
                });
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
        for one in batch {
            match one.verdict.compliance() {
                Compliance::Compliant => report.compliant += 1,
                Compliance::NonCompliant => report.non_compliant += 1,
                Compliance::NotApplicable => report.not_applicable += 1,
            }
        }
    }
    Ok(report)
}

fn evaluation(one: &Evaluated, language: Language) -> Result<Evaluation, Error> {
    let compliance = match one.verdict.compliance() {
        Compliance::Compliant => ComplianceType::Compliant,
        Compliance::NonCompliant => ComplianceType::NonCompliant,
        Compliance::NotApplicable => ComplianceType::NotApplicable,
    };
    Evaluation::builder()
        .compliance_resource_type(&one.resource.resource_type)
        .compliance_resource_id(&one.resource.id)
        .compliance_type(compliance)
        .set_annotation(annotation(&one.verdict, language))
        .ordering_timestamp(to_sdk(one.at))
        .build()
        .map_err(|error| Error::Control(error.to_string()))
}
