//! Restores of one resource, by AWS Backup.

use aws_sdk_backup::Client;
use aws_sdk_backup::operation::describe_protected_resource::DescribeProtectedResourceOutput;
use aws_sdk_backup::types::{RestoreJobStatus, RestoreJobsListMember, RestoreValidationStatus};
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, message};
use jiff::Timestamp;

use super::{RESTORE_MAX_DAYS, RESTORE_NOT_TESTED, RESTORE_TIME_OVER_RTO, RTO_MINUTES, days_ago};

pub(super) const DESCRIBE_PROTECTED_RESOURCE: &str = "backup:DescribeProtectedResource";
pub(super) const LIST_RESTORE_JOBS: &str = "backup:ListRestoreJobsByProtectedResource";

/// What AWS Backup knows of the restores of a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Restores {
    /// When the newest job began, whatever became of it.
    pub(super) latest: Option<Timestamp>,
    /// How long the newest job that ended took.
    pub(super) minutes: Option<i64>,
    /// The jobs that AWS Backup still lists.
    pub(super) jobs: Vec<Job>,
}

/// A restore job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) began: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// It completed, and no validation failed.
    pub(super) good: bool,
}

/// The restores of a resource; none when AWS Backup does not protect it.
pub(super) async fn of(client: &Client, arn: &str) -> Result<Option<Restores>, Error> {
    let answer = client.describe_protected_resource().resource_arn(arn).send().await;
    let known: DescribeProtectedResourceOutput = match answer.call(DESCRIBE_PROTECTED_RESOURCE) {
        Ok(known) => known,
        Err(error) if error.is("ResourceNotFoundException") => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let ask = client.list_restore_jobs_by_protected_resource().resource_arn(arn);
    let mut pages = ask.into_paginator().items().send();
    let mut jobs = Vec::new();
    while let Some(job) = pages.next().await {
        match job.call(LIST_RESTORE_JOBS) {
            Ok(job) => jobs.push(read(&job)?),
            // Nothing was ever restored of it.
            Err(error) if error.is("ResourceNotFoundException") => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(Restores {
        latest: known.latest_restore_job_creation_date().and_then(from_sdk),
        minutes: known.latest_restore_execution_time_minutes(),
        jobs,
    }))
}

fn read(job: &RestoreJobsListMember) -> Result<Job, Error> {
    let lacks = |field: &str| Error::Answer {
        action: LIST_RESTORE_JOBS,
        field: format!("RestoreJobs[].{field}"),
    };
    let status = job.status().ok_or_else(|| lacks("Status"))?;
    let failed = matches!(
        job.validation_status(),
        Some(RestoreValidationStatus::Failed | RestoreValidationStatus::TimedOut)
    );
    Ok(Job {
        began: job.creation_date().and_then(from_sdk).ok_or_else(|| lacks("CreationDate"))?,
        ended: job.completion_date().and_then(from_sdk),
        good: *status == RestoreJobStatus::Completed && !failed,
    })
}

impl Restores {
    /// Whether a restore succeeded within the accepted time.
    fn tested(&self, run: &Run<'_>) -> bool {
        let since = days_ago(run.parameters.get(&RESTORE_MAX_DAYS), run);
        if self.jobs.iter().any(|job| job.good && job.began >= since) {
            return true;
        }
        // Jobs leave the list after some time; of one that is still there, the end is known.
        self.latest
            .is_some_and(|latest| latest >= since && self.jobs.iter().all(|job| job.began < latest))
    }

    /// How long the last restore took.
    fn measured(&self) -> Option<i64> {
        self.minutes.or_else(|| {
            let newest = self.jobs.iter().filter(|job| job.good).max_by_key(|job| job.began)?;
            let took = newest.ended?.duration_since(newest.began);
            // A minute that has begun counts.
            Some((took.as_secs() + 59) / 60)
        })
    }
}

/// Notes what fails of the restores of a resource; its tag may tell its own objective.
pub(super) fn judge(
    restores: &Restores,
    rto_tag: Option<&String>,
    run: &Run<'_>,
    failures: &mut Failures,
) {
    if !restores.tested(run) {
        let days = run.parameters.get(&RESTORE_MAX_DAYS);
        failures.because(
            &RESTORE_NOT_TESTED,
            message!(
                "No restore succeeded in the last {days} days",
                "過去 {days} 日以内に成功したリストアがありません"
            ),
        );
    }
    let own = rto_tag.and_then(|text| text.trim().parse().ok()).filter(|minutes| *minutes > 0);
    let limit: i64 = own.unwrap_or_else(|| run.parameters.get(&RTO_MINUTES));
    if let Some(minutes) = restores.measured().filter(|minutes| *minutes > limit) {
        failures.because(
            &RESTORE_TIME_OVER_RTO,
            message!(
                "The last restore took {minutes} minutes; at most {limit} are accepted",
                "直近のリストアに {minutes} 分かかりました(上限 {limit} 分)"
            ),
        );
    }
}
