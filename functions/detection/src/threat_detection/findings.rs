//! Findings that wait too long.

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::types::{Condition, Finding, FindingCriteria};
use fisc_shared::error::Call;
use fisc_shared::{Error, Run};
use jiff::{SignedDuration, Timestamp};

use super::judge::Ages;

pub(super) const LIST_FINDINGS: &str = "guardduty:ListFindings";
pub(super) const GET_FINDINGS: &str = "guardduty:GetFindings";

/// The most that one ListFindings tells and one GetFindings takes.
const PAGE: usize = 50;

/// How many findings about the account are older than their severity allows.
pub(super) async fn overdue(
    client: &Client,
    detector: &str,
    ages: Ages,
    run: &Run<'_>,
) -> Result<usize, Error> {
    let ids = waiting(client, detector, run.account_id).await?;
    let mut count = 0;
    for ids in ids.chunks(PAGE) {
        let request = client.get_findings().detector_id(detector);
        let answer = request.set_finding_ids(Some(ids.to_vec())).send().await.call(GET_FINDINGS)?;
        for finding in answer.findings() {
            count += usize::from(is_overdue(finding, ages, run.now)?);
        }
    }
    Ok(count)
}

/// The ids of the findings about the account that are not archived. An administrator also sees
/// those of its members, who answer for them themselves.
async fn waiting(client: &Client, detector: &str, account: &str) -> Result<Vec<String>, Error> {
    let equals = |value: &str| Condition::builder().equals(value).build();
    let criteria = FindingCriteria::builder()
        .criterion("service.archived", equals("false"))
        .criterion("accountId", equals(account))
        .build();
    let mut pages = client
        .list_findings()
        .detector_id(detector)
        .finding_criteria(criteria)
        .into_paginator()
        .page_size(50)
        .items()
        .send();
    let mut ids = Vec::new();
    while let Some(id) = pages.next().await {
        ids.push(id.call(LIST_FINDINGS)?);
    }
    Ok(ids)
}

/// The age counts from the first occurrence: a finding that goes on is updated all the time, and
/// would never grow old by its last one.
fn is_overdue(finding: &Finding, ages: Ages, now: Timestamp) -> Result<bool, Error> {
    let lacks =
        |field: &str| Error::Answer { action: GET_FINDINGS, field: format!("Findings[].{field}") };
    if is_sample(finding) {
        return Ok(false);
    }
    let created = finding.created_at().and_then(|time| time.parse::<Timestamp>().ok());
    let created = created.ok_or_else(|| lacks("CreatedAt"))?;
    let severity = finding.severity().ok_or_else(|| lacks("Severity"))?;
    let limit = SignedDuration::from_hours(24 * ages.limit(severity));
    Ok(now.duration_since(created) > limit)
}

/// Whether somebody made the finding by CreateSampleFindings.
fn is_sample(finding: &Finding) -> bool {
    let info = finding.service().and_then(|service| service.additional_info());
    let info = info.and_then(|info| info.value()).unwrap_or_default();
    let info: serde_json::Value = serde_json::from_str(info).unwrap_or_default();
    info.get("sample").and_then(serde_json::Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    use aws_sdk_guardduty::types::{Service, ServiceAdditionalInfo};
    use fisc_shared::parameter::Parameters;
    use serde_json::json;

    use crate::threat_detection::CONTROL;
    use crate::threat_detection::judge::Bars;
    use crate::threat_detection::tests::run;

    const NOW: &str = "2026-11-23T00:00:00Z";

    fn ages() -> Ages {
        let given = json!({"judgeFindings": true});
        let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &given).unwrap();
        Bars::new(&run(&parameters, true)).unwrap().ages.unwrap()
    }

    fn judged(severity: f64, created: &str, info: &str) -> bool {
        let info = ServiceAdditionalInfo::builder().value(info).build();
        let finding = Finding::builder()
            .severity(severity)
            .created_at(created)
            // Seen again just now.
            .updated_at(NOW)
            .service(Service::builder().additional_info(info).build())
            .build();
        is_overdue(&finding, ages(), NOW.parse().unwrap()).unwrap()
    }

    #[test]
    fn each_severity_has_its_days_from_the_first_occurrence() {
        for (severity, created, overdue) in [
            (9.5, "2026-11-21T23:59:59.999Z", true),
            (7.0, "2026-11-21T23:59:59Z", true),
            (7.0, "2026-11-22T00:00:00Z", false),
            (6.9, "2026-11-21T23:59:59Z", false),
            (4.0, "2026-11-15T23:59:59Z", true),
            (4.0, "2026-11-16T00:00:00Z", false),
            (3.9, "2026-11-15T23:59:59Z", false),
            (1.0, "2026-10-23T23:59:59Z", true),
        ] {
            assert_eq!(judged(severity, created, "{}"), overdue, "{severity} {created}");
        }
    }

    #[test]
    fn samples_do_not_count() {
        const OLD: &str = "2026-01-01T00:00:00Z";
        assert!(!judged(8.0, OLD, r#"{"type":"default","sample":true}"#));
        assert!(judged(8.0, OLD, r#"{"type":"default","sample":false}"#));
        assert!(judged(8.0, OLD, "not JSON"));
    }

    #[test]
    fn a_finding_without_time_or_severity_is_an_error() {
        let now = NOW.parse().unwrap();
        let finding = Finding::builder().severity(8.0).build();
        let error = is_overdue(&finding, ages(), now).unwrap_err().to_string();
        assert_eq!(error, "the answer of guardduty:GetFindings lacks Findings[].CreatedAt");
        let finding = Finding::builder().created_at(NOW).build();
        let error = is_overdue(&finding, ages(), now).unwrap_err().to_string();
        assert_eq!(error, "the answer of guardduty:GetFindings lacks Findings[].Severity");
    }
}
