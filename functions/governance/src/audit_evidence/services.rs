//! What AWS Artifact, CloudTrail, Cost Explorer, IAM and Systems Manager tell.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_artifact::types::{
    CustomerAgreementState, NotificationSubscriptionStatus, PublishedState,
};
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_sdk_costexplorer::types::{
    DateInterval, Granularity, GroupDefinition, GroupDefinitionType,
};
use aws_sdk_iam::types::PolicyUsageType;
use aws_types::SdkConfig;
use fisc_services::Alerts;
use fisc_services::alerts::Reach;
use fisc_shared::config_service::{from_sdk, to_sdk};
use fisc_shared::error::Call;
use fisc_shared::resource::partition;
use fisc_shared::verdict::Failures;
use fisc_shared::{AccountCheck, Error, Reason, Requirement, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use fisc_services::global::global;

use super::judge::{Attested, attested, is_of_series, names, regions_outside, services_outside};
use super::parameters::{
    ARTIFACT_ACCOUNTS, ATTESTATION_PARAMETER, AUDIT_MAX_AGE_DAYS, GOVERNING_LAW_NAMES,
    MAX_REVIEW_AGE_DAYS, NDA_NAMES, REQUIRE_AUDITOR_ACCESS, REQUIRE_REPORT_NOTIFICATION,
    REQUIRED_SERIES, SCOPE_REGIONS, SCOPE_SERVICES,
};
use super::requirements::{
    AUDITOR_ACCESS_MISSING, GOVERNING_LAW_NOT_CONFIRMED, NDA_NOT_ACCEPTED,
    REGION_OUTSIDE_REPORT_SCOPE, REPORT_NOT_REVIEWED, REPORT_NOTIFICATION_OFF,
    SECURITY_AUDIT_OVERDUE, SERVICE_OUTSIDE_REPORT_SCOPE,
};
use super::{ARTIFACT_ELSEWHERE, EVIDENCE_NOT_ASKED, USAGE_NOT_AVAILABLE};

pub(super) const LIST_AGREEMENTS: &str = "artifact:ListCustomerAgreements";
pub(super) const LIST_REPORTS: &str = "artifact:ListReports";
pub(super) const GET_SETTINGS: &str = "artifact:GetAccountSettings";
pub(super) const LOOKUP_EVENTS: &str = "cloudtrail:LookupEvents";
pub(super) const GET_COST_AND_USAGE: &str = "ce:GetCostAndUsage";
pub(super) const LIST_ENTITIES: &str = "iam:ListEntitiesForPolicy";
pub(super) const GET_PARAMETER: &str = "ssm:GetParameter";

/// The path that the role may read.
const ATTESTATIONS: &str = "/fisc/";

/// Asks for evidence.
pub(super) struct Services {
    artifact: aws_sdk_artifact::Client,
    cloudtrail: aws_sdk_cloudtrail::Client,
    explorer: aws_sdk_costexplorer::Client,
    iam: aws_sdk_iam::Client,
    ssm: aws_sdk_ssm::Client,
    alerts: Alerts,
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        let global = global(sdk);
        Self {
            artifact: aws_sdk_artifact::Client::new(&global),
            // Where AWS Artifact is, CloudTrail records its events.
            cloudtrail: aws_sdk_cloudtrail::Client::new(&global),
            explorer: aws_sdk_costexplorer::Client::new(&global),
            iam: aws_sdk_iam::Client::new(sdk),
            ssm: aws_sdk_ssm::Client::new(sdk),
            alerts: Alerts::new(&global),
        }
    }

    /// The names of the agreements that are active.
    async fn agreements(&self, now: Timestamp) -> Result<Vec<String>, Error> {
        let mut pages = self.artifact.list_customer_agreements().into_paginator().items().send();
        let mut names = Vec::new();
        while let Some(agreement) = pages.next().await {
            let agreement = agreement.call(LIST_AGREEMENTS)?;
            let end = agreement.effective_end.as_ref().and_then(from_sdk);
            let active = agreement.state == Some(CustomerAgreementState::Active);
            if active && end.is_none_or(|end| end > now) {
                names.extend(agreement.name);
            }
        }
        Ok(names)
    }

    /// The series of which no report was fetched.
    async fn not_fetched(
        &self,
        series: Vec<String>,
        days: i64,
        now: Timestamp,
    ) -> Result<Vec<String>, Error> {
        let mut reports: Vec<(String, String)> = Vec::new();
        let mut pages = self.artifact.list_reports().into_paginator().items().send();
        while let Some(report) = pages.next().await {
            let report = report.call(LIST_REPORTS)?;
            if report.state == Some(PublishedState::Unpublished) {
                continue;
            }
            let id = report.id.ok_or_else(|| Error::Answer {
                action: LIST_REPORTS,
                field: "reports[].id".to_owned(),
            })?;
            let title = [report.series, report.name].into_iter().flatten().collect::<Vec<_>>();
            reports.push((id, title.join(" / ")));
        }
        let fetched = self.fetched(days, now).await?;
        let was_fetched = |series: &String| {
            reports.iter().any(|(id, title)| {
                is_of_series(title, series) && fetched.iter().any(|event| event.contains(id))
            })
        };
        Ok(series.into_iter().filter(|one| !was_fetched(one)).collect())
    }

    /// The records of reports that were fetched.
    async fn fetched(&self, days: i64, now: Timestamp) -> Result<Vec<String>, Error> {
        let by_name = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::EventName)
            .attribute_value("GetReport")
            .build()
            .map_err(|error| Error::Control(error.to_string()))?;
        let mut pages = self
            .cloudtrail
            .lookup_events()
            .lookup_attributes(by_name)
            .start_time(to_sdk(now - SignedDuration::from_hours(24 * days)))
            .end_time(to_sdk(now))
            .into_paginator()
            .items()
            .send();
        let mut records = Vec::new();
        while let Some(event) = pages.next().await {
            let event = event.call(LOOKUP_EVENTS)?;
            // What was refused fetched nothing.
            let record = event.cloud_trail_event.unwrap_or_default();
            if event.event_source.as_deref() == Some("artifact.amazonaws.com")
                && !record.contains("\"errorCode\"")
            {
                records.push(record);
            }
        }
        Ok(records)
    }

    /// What was used in the last 30 days, by a dimension of Cost Explorer; `None` when it has no
    /// data.
    async fn used(
        &self,
        dimension: &str,
        now: Timestamp,
    ) -> Result<Option<BTreeSet<String>>, Error> {
        let day = |ago: i64| {
            (now - SignedDuration::from_hours(24 * ago)).strftime("%Y-%m-%d").to_string()
        };
        let month = DateInterval::builder().start(day(30)).end(day(0)).build();
        let month = month.map_err(|error| Error::Control(error.to_string()))?;
        let mut used = BTreeSet::new();
        let mut token: Option<String> = None;
        loop {
            let group =
                GroupDefinition::builder().r#type(GroupDefinitionType::Dimension).key(dimension);
            let answer = self
                .explorer
                .get_cost_and_usage()
                .granularity(Granularity::Monthly)
                .time_period(month.clone())
                .metrics("UsageQuantity")
                .group_by(group.build())
                .set_next_page_token(token.clone())
                .send()
                .await;
            let answer = match answer.call(GET_COST_AND_USAGE) {
                Err(error) if error.is("DataUnavailableException") => return Ok(None),
                answer => answer?,
            };
            for group in answer.results_by_time().iter().flat_map(|result| result.groups()) {
                let amount = group.metrics.as_ref().and_then(|all| all.get("UsageQuantity"));
                let amount = amount.and_then(|metric| metric.amount.as_deref());
                if amount.and_then(|text| text.parse::<f64>().ok()).is_none_or(|it| it != 0.0) {
                    used.extend(group.keys().iter().cloned());
                }
            }
            // The SDK has no paginator for it.
            match answer.next_page_token {
                Some(next) if token.as_ref() == Some(&next) => {
                    return Err(Error::Answer {
                        action: GET_COST_AND_USAGE,
                        field: "NextPageToken other than the last one".to_owned(),
                    });
                }
                Some(next) => token = Some(next),
                None => return Ok(Some(used)),
            }
        }
    }

    /// The text of the attestation; `None` without one.
    async fn attestation(&self, name: &str) -> Result<Option<String>, Error> {
        match self.ssm.get_parameter().name(name).send().await.call(GET_PARAMETER) {
            Ok(answer) => Ok(Some(answer.parameter.and_then(|one| one.value).unwrap_or_default())),
            Err(error) if error.is("ParameterNotFound") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The roles that a managed policy of AWS is attached to.
    async fn roles_with(&self, policy: &str, region: &str) -> Result<BTreeSet<String>, Error> {
        let arn = format!("arn:{}:iam::aws:policy/{policy}", partition(region));
        let request = self
            .iam
            .list_entities_for_policy()
            .policy_arn(arn)
            .policy_usage_filter(PolicyUsageType::PermissionsPolicy);
        let mut pages = request.into_paginator().send();
        let mut roles = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.call(LIST_ENTITIES)?.policy_roles.unwrap_or_default();
            roles.extend(page.into_iter().filter_map(|role| role.role_name));
        }
        Ok(roles)
    }

    /// Whether somebody is told of new reports.
    async fn is_notified(&self, account: &str) -> Result<bool, Error> {
        let settings = self.artifact.get_account_settings().send().await.call(GET_SETTINGS)?;
        let status = settings.account_settings.and_then(|it| it.notification_subscription_status);
        if status == Some(NotificationSubscriptionStatus::Subscribed) {
            return Ok(true);
        }
        let update = json!({
            "version": "0",
            "id": "12345678-1234-1234-1234-123456789012",
            "source": "aws.artifact",
            "detail-type": "AWS Artifact Report Update",
            "account": account,
            "time": "2026-11-02T03:04:05Z",
            "region": self.alerts.region(),
            "resources": [],
            "detail": {},
        });
        match self.alerts.routes(account).reach(&update).await? {
            Reach::Live { .. } | Reach::Central { .. } => Ok(true),
            Reach::Dead { .. } | Reach::Uncaught => Ok(false),
            Reach::Undecided { rule, why } => Err(Error::Control(format!(
                "the pattern of the EventBridge rule {rule} cannot be judged: {why}"
            ))),
        }
    }

    /// Judges what AWS Artifact is asked for; tells whether anything was asked.
    async fn artifact(&self, run: &Run<'_>, failures: &mut Failures) -> Result<bool, Error> {
        let law = run.parameters.get(&GOVERNING_LAW_NAMES);
        let nda = run.parameters.get(&NDA_NAMES);
        let mut asked = false;
        if !law.is_empty() || !nda.is_empty() {
            asked = true;
            let agreements = self.agreements(run.now).await?;
            let mut check = |requirement: &Requirement, phrases: &[String]| {
                if !phrases.is_empty() && !agreements.iter().any(|name| names(name, phrases)) {
                    failures.add(requirement);
                }
            };
            check(&GOVERNING_LAW_NOT_CONFIRMED, &law);
            check(&NDA_NOT_ACCEPTED, &nda);
        }
        let series = run.parameters.get(&REQUIRED_SERIES);
        if !series.is_empty() {
            asked = true;
            let days = run.parameters.get(&MAX_REVIEW_AGE_DAYS);
            let missing = self.not_fetched(series, days, run.now).await?;
            if !missing.is_empty() {
                failures.because(&REPORT_NOT_REVIEWED, REPORT_NOT_REVIEWED.naming(&missing));
            }
        }
        if run.parameters.get(&REQUIRE_AUDITOR_ACCESS) {
            asked = true;
            let readers = self.roles_with("AWSArtifactReportsReadOnlyAccess", run.region).await?;
            let admins = self.roles_with("AdministratorAccess", run.region).await?;
            if readers.is_subset(&admins) {
                failures.add(&AUDITOR_ACCESS_MISSING);
            }
        }
        if run.parameters.get(&REQUIRE_REPORT_NOTIFICATION) {
            asked = true;
            if !self.is_notified(run.account_id).await? {
                failures.add(&REPORT_NOTIFICATION_OFF);
            }
        }
        Ok(asked)
    }

    /// Judges what is used; tells whether anything could be judged, and notes what could not.
    async fn scopes(
        &self,
        run: &Run<'_>,
        failures: &mut Failures,
        notes: &mut Vec<Reason>,
    ) -> Result<bool, Error> {
        type Outside = fn(&BTreeSet<String>, &[String]) -> Vec<String>;
        let scopes: [(_, _, Outside, _); 2] = [
            (&SCOPE_SERVICES, "SERVICE", services_outside, &SERVICE_OUTSIDE_REPORT_SCOPE),
            (&SCOPE_REGIONS, "REGION", regions_outside, &REGION_OUTSIDE_REPORT_SCOPE),
        ];
        let mut judged = false;
        for (parameter, dimension, outside, requirement) in scopes {
            let scope = run.parameters.get(parameter);
            if scope.is_empty() {
                continue;
            }
            let Some(used) = self.used(dimension, run.now).await? else {
                notes.push(USAGE_NOT_AVAILABLE.reason());
                break;
            };
            judged = true;
            let outside = outside(&used, &scope);
            if !outside.is_empty() {
                failures.because(requirement, requirement.naming(&outside));
            }
        }
        Ok(judged)
    }

    async fn audited(
        &self,
        name: &str,
        run: &Run<'_>,
        failures: &mut Failures,
    ) -> Result<(), Error> {
        if !name.starts_with(ATTESTATIONS) {
            let problem = "takes a parameter below /fisc/, which alone the role may read";
            return Err(ATTESTATION_PARAMETER.spec.refuse(problem, name).into());
        }
        let max = run.parameters.get(&AUDIT_MAX_AGE_DAYS);
        let problem = match self.attestation(name).await? {
            None => message!("Parameter {name} does not exist", "パラメータ {name} が存在しません"),
            Some(text) => match attested(&text, max, run.now) {
                Attested::Current => return Ok(()),
                Attested::NoDay => message!(
                    "Parameter {name} holds no day such as 2026-11-30",
                    "パラメータ {name} の値が 2026-11-30 の形式の日付ではありません"
                ),
                Attested::Future => message!(
                    "Parameter {name} holds a day that is yet to come",
                    "パラメータ {name} の値が未来の日付です"
                ),
                Attested::Old(day) => message!(
                    "The last security audit was on {day}, more than {max} days ago",
                    "直近のセキュリティ監査は {day} で、{max} 日を超えています"
                ),
            },
        };
        failures.because(&SECURITY_AUDIT_OVERDUE, problem);
        Ok(())
    }
}

#[async_trait]
impl AccountCheck for Services {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        let accounts = run.parameters.get(&ARTIFACT_ACCOUNTS);
        let here = accounts.iter().any(|account| account == run.account_id);
        let mut notes = Vec::new();
        let mut asked = here && self.artifact(run, &mut failures).await?;
        asked |= self.scopes(run, &mut failures, &mut notes).await?;
        let attestation = run.parameters.get(&ATTESTATION_PARAMETER);
        if !attestation.is_empty() {
            asked = true;
            self.audited(&attestation, run, &mut failures).await?;
        }
        if asked {
            return Ok(failures.into_verdict_with(notes));
        }
        Ok(match notes.pop() {
            Some(note) => Verdict::NotApplicable(note),
            None if !accounts.is_empty() && !here => Verdict::not_applicable(&ARTIFACT_ELSEWHERE),
            None => Verdict::not_applicable(&EVIDENCE_NOT_ASKED),
        })
    }
}
