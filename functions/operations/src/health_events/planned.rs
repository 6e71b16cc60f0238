//! The AWS Health API: planned changes, and the organizational view.

use std::collections::BTreeSet;

use aws_sdk_health::Client;
use aws_sdk_health::types::{
    DateTimeRange, EntityFilter, EntityStatusCode, EventFilter, EventStatusCode, EventTypeCategory,
};
use aws_types::SdkConfig;
use fisc_services::regions::in_region;
use fisc_shared::config_service::to_sdk;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::{Error, Run};

use super::judge::{Answer, horizon};
use super::samples::GLOBAL;
use super::{DESCRIBE_ENTITIES, DESCRIBE_EVENTS, DESCRIBE_VIEW};

/// What AWS Health answers without a support plan that includes its API.
const NO_PLAN: &str = "SubscriptionRequiredException";

/// Events that one call for entities may name.
const EVENT_PAGE: usize = 10;

pub(super) struct Planned {
    health: Client,
}

impl Planned {
    /// The API is a global one; its home is us-east-1.
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        let outside = sdk.region().is_some_and(|region| {
            ["cn-", "us-gov-"].iter().any(|start| region.as_ref().starts_with(start))
        });
        let sdk = if outside { sdk.clone() } else { in_region(sdk, GLOBAL) };
        Self { health: Client::new(&sdk) }
    }

    /// The codes of the near changes for which resources wait.
    pub(super) async fn unhandled(&self, run: &Run<'_>) -> Result<Answer<Vec<String>>, Error> {
        let filter = EventFilter::builder()
            .event_type_categories(EventTypeCategory::ScheduledChange)
            .event_status_codes(EventStatusCode::Open)
            .event_status_codes(EventStatusCode::Upcoming)
            .start_times(DateTimeRange::builder().to(to_sdk(horizon(run))).build())
            .build();
        let mut pages =
            self.health.describe_events().filter(filter).into_paginator().items().send();
        let mut arns = Vec::new();
        while let Some(event) = pages.next().await {
            let event = match event.call(DESCRIBE_EVENTS) {
                Err(error) if error.is(NO_PLAN) => return Ok(Answer::NoPlan),
                other => other?,
            };
            arns.push(event.arn.ok_or_else(|| Error::Answer {
                action: DESCRIBE_EVENTS,
                field: "events[].arn".to_owned(),
            })?);
        }
        let mut waiting = BTreeSet::new();
        for arns in arns.chunks(EVENT_PAGE) {
            waiting.extend(self.waiting(arns).await?);
        }
        // arn:aws:health:region::event/SERVICE/CODE/id
        let code = |arn: &String| arn.rsplit('/').nth(1).unwrap_or(arn).to_owned();
        let codes: BTreeSet<String> = waiting.iter().map(code).collect();
        Ok(Answer::Told(codes.into_iter().collect()))
    }

    /// The events, of these, for which a resource waits.
    async fn waiting(&self, events: &[String]) -> Result<Vec<String>, Error> {
        let filter = EntityFilter::builder()
            .set_event_arns(Some(events.to_vec()))
            .status_codes(EntityStatusCode::Pending)
            .status_codes(EntityStatusCode::Impaired)
            .build()
            .map_err(|error| Error::Control(error.to_string()))?;
        let request = self.health.describe_affected_entities().filter(filter);
        let mut entities = request.into_paginator().items().send();
        let mut waiting = Vec::new();
        while let Some(entity) = entities.next().await {
            let entity = entity.call(DESCRIBE_ENTITIES)?;
            waiting.push(entity.event_arn.ok_or_else(|| Error::Answer {
                action: DESCRIBE_ENTITIES,
                field: "entities[].eventArn".to_owned(),
            })?);
        }
        Ok(waiting)
    }

    /// Whether the organizational view is on.
    pub(super) async fn view(&self) -> Result<Answer<bool>, Error> {
        let answer = self.health.describe_health_service_status_for_organization().send().await;
        let answer: Result<_, ServiceError> = answer.call(DESCRIBE_VIEW);
        let status = match answer {
            Err(error) if error.is(NO_PLAN) => return Ok(Answer::NoPlan),
            other => other?.health_service_access_status_for_organization,
        };
        let status = status.ok_or_else(|| Error::Answer {
            action: DESCRIBE_VIEW,
            field: "healthServiceAccessStatusForOrganization".to_owned(),
        })?;
        Ok(Answer::Told(status == "ENABLED"))
    }
}
