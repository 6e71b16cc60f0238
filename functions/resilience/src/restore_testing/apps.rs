//! Applications of Resilience Hub.

use aws_sdk_resiliencehub::Client;
use aws_sdk_resiliencehub::types::{
    App, AppAssessmentScheduleType, AppComplianceStatusType, AppDriftStatusType, AppStatusType,
};
use fisc_services::regions::offered;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::{
    APP_NOT_ACTIVE, ASSESSMENT_MAX_DAYS, RESILIENCE_APP_INCOMPLETE, RESILIENCE_POLICY_BREACHED,
    days_ago,
};

pub(super) const LIST_APPS: &str = "resiliencehub:ListApps";
pub(super) const DESCRIBE_APP: &str = "resiliencehub:DescribeApp";

/// Whether there is an application in this Region; none where there is no Resilience Hub.
pub(super) async fn exist(client: &Client) -> Result<Option<bool>, Error> {
    let mut pages = client.list_apps().into_paginator().send();
    while let Some(page) = pages.next().await {
        match offered(page.call(LIST_APPS).map_err(Error::from))? {
            Some(page) if page.app_summaries().is_empty() => {}
            Some(_) => return Ok(Some(true)),
            None => return Ok(None),
        }
    }
    Ok(Some(false))
}

/// The failure that the item of an application tells by itself.
pub(super) fn preview(item: &ConfigurationItem) -> Result<Option<Verdict>, ItemError> {
    let fields = item.configuration()?;
    let mut failures = Failures::new();
    if fields.text("ResiliencyPolicyArn")?.is_none_or(str::is_empty) {
        no_policy(&mut failures);
    } else if fields.text("AppAssessmentSchedule")? == Some("Disabled") {
        no_assessment(&mut failures);
    }
    Ok(match failures.into_verdict() {
        Verdict::Compliant(_) => None,
        failed => Some(failed),
    })
}

fn no_policy(failures: &mut Failures) {
    failures.because(
        &RESILIENCE_APP_INCOMPLETE,
        message!("No resiliency policy is attached", "耐障害性ポリシーが設定されていません"),
    );
}

fn no_assessment(failures: &mut Failures) {
    failures.because(
        &RESILIENCE_APP_INCOMPLETE,
        message!("There is no daily assessment", "毎日の評価が設定されていません"),
    );
}

/// The verdict on an application.
pub(super) async fn judge(client: &Client, arn: &str, run: &Run<'_>) -> Result<Verdict, Error> {
    let answer = client.describe_app().app_arn(arn).send().await.call(DESCRIBE_APP)?;
    let app = answer.app.ok_or_else(|| lacks(""))?;
    decide(&app, run)
}

fn lacks(field: &str) -> Error {
    Error::Answer { action: DESCRIBE_APP, field: format!("app.{field}") }
}

/// The verdict on what Resilience Hub tells of an application.
pub(super) fn decide(app: &App, run: &Run<'_>) -> Result<Verdict, Error> {
    if *app.status().ok_or_else(|| lacks("status"))? != AppStatusType::Active {
        return Ok(Verdict::not_applicable(&APP_NOT_ACTIVE));
    }
    let mut failures = Failures::new();
    let assessed = app.assessment_schedule() == Some(&AppAssessmentScheduleType::Daily);
    // Without a policy there is nothing to meet.
    if app.policy_arn().is_none_or(str::is_empty) {
        no_policy(&mut failures);
        return Ok(failures.into_verdict());
    }
    if !assessed {
        no_assessment(&mut failures);
    }
    let status = app.compliance_status().ok_or_else(|| lacks("complianceStatus"))?;
    let limit = run.parameters.get(&ASSESSMENT_MAX_DAYS);
    let last = app.last_app_compliance_evaluation_time().and_then(from_sdk);
    if *status != AppComplianceStatusType::PolicyMet {
        failures.because(
            &RESILIENCE_POLICY_BREACHED,
            message!("The compliance status is {status}", "状態が {status} です"),
        );
    } else if last.is_none_or(|last| last < days_ago(limit, run)) {
        failures.because(
            &RESILIENCE_POLICY_BREACHED,
            message!(
                "No assessment in the last {limit} days",
                "過去 {limit} 日以内に評価が行われていません"
            ),
        );
    } else if app.drift_status() == Some(&AppDriftStatusType::Detected) {
        failures.because(
            &RESILIENCE_POLICY_BREACHED,
            message!("Drift was detected", "ドリフトが検出されました"),
        );
    }
    Ok(failures.into_verdict())
}
