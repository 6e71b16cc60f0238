//! The VPCs that have flow logs.

use std::collections::BTreeMap;

use fisc_services::alarms::Found;
use fisc_shared::ec2::FlowLog;
use fisc_shared::verdict::{Evaluated, Failures};
use fisc_shared::{Error, Resource, ResourceType, Run};

use super::classes::{Class, Outcome};
use super::evidence::Evidence;
use super::judge::prefixed;
use super::parameters::ACCEPT_GUARDDUTY;
use super::requirements::{ALERTED_CENTRALLY, FLOW_LOG_ANOMALY_NOT_ALERTED};
use super::samples::Samples;

/// Judges them.
pub(super) async fn vpcs(
    logs: &[FlowLog],
    run: &Run<'_>,
    samples: &Samples<'_>,
    findings_class: &Class,
    evidence: &Evidence<'_>,
) -> Result<Vec<Evaluated>, Error> {
    let mut by_vpc: BTreeMap<&str, Vec<&FlowLog>> = BTreeMap::new();
    for log in logs.iter().filter(|log| log.is_active() && log.resource_id.starts_with("vpc-")) {
        by_vpc.entry(&log.resource_id).or_default().push(log);
    }
    if by_vpc.is_empty() {
        return Ok(Vec::new());
    }
    // GuardDuty reads the traffic of every VPC by itself.
    let by_findings = if run.parameters.get(&ACCEPT_GUARDDUTY) {
        Some(findings_class.judge(evidence).await?)
    } else {
        None
    };
    let mut evaluated = Vec::new();
    for (vpc, logs) in by_vpc {
        let mut found = match by_findings {
            Some(Outcome::Alerted { central: true }) => Found::Central,
            Some(Outcome::Alerted { central: false }) => Found::Live,
            _ => Found::Nothing,
        };
        for log in logs {
            if !found.alerts() {
                found.improve(watched(log, samples, evidence).await?);
            }
        }
        let mut failures = Failures::new();
        let mut notes = Vec::new();
        match found {
            Found::Live => {}
            Found::Central => notes.push(ALERTED_CENTRALLY.reason()),
            Found::Undecided(why) => {
                let problem = format!("it cannot be decided whether flow logs alert: {why}");
                return Err(Error::Control(problem));
            }
            Found::Dead(why) => failures.because(
                &FLOW_LOG_ANOMALY_NOT_ALERTED,
                prefixed(&FLOW_LOG_ANOMALY_NOT_ALERTED.title.into(), &why),
            ),
            Found::Nothing => failures.add(&FLOW_LOG_ANOMALY_NOT_ALERTED),
        }
        evaluated.push(Evaluated {
            resource: Resource::of(ResourceType::EC2_VPC, vpc, run.account_id, run.region),
            verdict: failures.into_verdict_with(notes),
            at: run.now,
        });
    }
    Ok(evaluated)
}

/// Whether somebody is told of what arrives at a flow log's destination.
async fn watched(
    log: &FlowLog,
    samples: &Samples<'_>,
    evidence: &Evidence<'_>,
) -> Result<Found, Error> {
    match (log.destination_type.as_deref(), &log.log_group, &log.destination) {
        (Some("cloud-watch-logs") | None, Some(group), _) => {
            Ok(evidence.log_group(group).await?.unwrap_or(Found::Nothing))
        }
        (Some("s3"), _, Some(arn)) => {
            // arn:aws:s3:::BUCKET/PREFIX
            let path = arn.splitn(6, ':').nth(5).unwrap_or_default();
            let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
            let prefix = match prefix.trim_end_matches('/') {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            };
            evidence.find(&samples.object_created(bucket, &prefix)).await
        }
        _ => Ok(Found::Nothing),
    }
}
