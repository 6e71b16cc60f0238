//! Resources that outlived the day in their disposal tag, by the tagging API.

use aws_sdk_resourcegroupstagging::types::{Tag, TagFilter};
use aws_types::SdkConfig;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict, message};
use jiff::civil::Date;
use jiff::{Span, tz};

use super::{
    DISPOSAL_DATE_PASSED, DISPOSAL_GRACE_DAYS, DISPOSAL_TAG_KEY, NO_DISPOSAL_DATE, RETAIN_TAG_KEY,
    retains,
};

pub(super) const GET_RESOURCES: &str = "tag:GetResources";
pub(super) const DESCRIBE_KEY: &str = "kms:DescribeKey";

/// How many resources a message names.
const NAMED: usize = 5;

/// A resource with a disposal tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) arn: String,
    /// The value of the tag.
    pub(super) day: String,
    pub(super) retained: bool,
}

impl Planned {
    /// Whether the resource should be gone by now; a value that is no day tells no other day.
    pub(super) fn is_overdue(&self, run: &Run<'_>) -> bool {
        if self.retained {
            return false;
        }
        let text = self.day.trim();
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
        let Some(day) = day else { return true };
        let grace = run.parameters.get(&DISPOSAL_GRACE_DAYS);
        let last = day.saturating_add(Span::new().days(grace));
        tz::Offset::UTC.to_datetime(run.now).date() > last
    }

    /// The KMS key that the ARN is of.
    pub(super) fn key(&self) -> Option<&str> {
        let mut parts = self.arn.splitn(6, ':');
        (parts.nth(2) == Some("kms")).then(|| parts.nth(2)?.strip_prefix("key/")).flatten()
    }

    /// As a message names it: without the account, whose own result this is.
    fn name(&self) -> String {
        let mut parts = self.arn.splitn(6, ':');
        let service = parts.nth(2).unwrap_or_default();
        let name = parts.nth(2).unwrap_or_default();
        format!("{service} {name} ({})", self.day)
    }
}

/// The verdict on the account: `planned` are all resources with a disposal date, `overdue` those
/// that should be gone.
pub(super) fn decide(planned: usize, overdue: &[Planned]) -> Verdict {
    if planned == 0 {
        return Verdict::not_applicable(&NO_DISPOSAL_DATE);
    }
    let mut failures = Failures::new();
    if !overdue.is_empty() {
        let count = overdue.len();
        let names: Vec<String> = overdue.iter().take(NAMED).map(Planned::name).collect();
        let names = names.join(", ");
        failures.because(
            &DISPOSAL_DATE_PASSED,
            message!(
                "{count} resource(s) outlived their disposal date: {names}",
                "廃棄日を過ぎたリソースが {count} 件残っています: {names}"
            ),
        );
    }
    failures.into_verdict()
}

/// Asks which resources have a disposal date.
pub(super) struct Tagged {
    kms: aws_sdk_kms::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
}

impl Tagged {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            kms: aws_sdk_kms::Client::new(sdk),
            tagging: aws_sdk_resourcegroupstagging::Client::new(sdk),
        }
    }

    pub(super) async fn judge(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut planned = 0;
        let mut overdue = Vec::new();
        for key in run.parameters.get(&DISPOSAL_TAG_KEY) {
            for one in self.planned(&key, run).await? {
                planned += 1;
                if one.is_overdue(run) && !self.is_going(&one).await? {
                    overdue.push(one);
                }
            }
        }
        Ok(decide(planned, &overdue))
    }

    async fn planned(&self, key: &str, run: &Run<'_>) -> Result<Vec<Planned>, Error> {
        let retain = run.parameters.get(&RETAIN_TAG_KEY);
        let mut pages = self
            .tagging
            .get_resources()
            .tag_filters(TagFilter::builder().key(key).build())
            .into_paginator()
            .items()
            .send();
        let mut planned = Vec::new();
        while let Some(found) = pages.next().await {
            let found = found.call(GET_RESOURCES)?;
            let lacks = |field: &str| Error::Answer {
                action: GET_RESOURCES,
                field: format!("ResourceTagMappingList[].{field}"),
            };
            let arn = found.resource_arn().ok_or_else(|| lacks("ResourceARN"))?;
            let tag = found.tags().iter().find(|tag| tag.key() == key);
            let kept =
                |tag: &Tag| retain.iter().any(|one| one == tag.key()) && retains(tag.value());
            planned.push(Planned {
                arn: arn.to_owned(),
                day: tag.ok_or_else(|| lacks("Tags"))?.value().to_owned(),
                retained: found.tags().iter().any(kept),
            });
        }
        Ok(planned)
    }

    /// Whether the resource is a key whose deletion is under way, which takes a week at least.
    async fn is_going(&self, one: &Planned) -> Result<bool, Error> {
        let Some(id) = one.key() else { return Ok(false) };
        let answer = match self.kms.describe_key().key_id(id).send().await.call(DESCRIBE_KEY) {
            Ok(answer) => answer,
            Err(error) if ServiceError::is(&error, "NotFoundException") => return Ok(true),
            Err(error) => return Err(error.into()),
        };
        let state = answer.key_metadata().and_then(|metadata| metadata.key_state());
        let state = state.ok_or_else(|| Error::Answer {
            action: DESCRIBE_KEY,
            field: "KeyMetadata.KeyState".to_owned(),
        })?;
        Ok(matches!(state.as_str(), "PendingDeletion" | "PendingReplicaDeletion"))
    }
}
