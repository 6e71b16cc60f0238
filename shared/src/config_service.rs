//! The calls to AWS Config. Nothing else in the project talks to it.

use aws_sdk_config::Client;
use aws_sdk_config::types::{
    ComplianceType, ConfigurationItem as SdkItem, Evaluation, EvaluationResult,
    ResourceType as SdkResourceType,
};
use aws_smithy_types::DateTime;
use aws_types::SdkConfig;
use jiff::{Timestamp, Unit};
use serde_json::json;

use crate::error::{Call, Error, ServiceError};
use crate::event::ItemSummary;
use crate::exemption::{Exemption, in_annotation};
use crate::item::ConfigurationItem;
use crate::verdict::Compliance;

/// IAM actions of the rule machinery.
pub mod actions {
    use crate::control::{Action, Trigger};

    /// Every control reports.
    pub const PUT_EVALUATIONS: &str = "config:PutEvaluations";
    /// Controls that run on changes fetch oversized items.
    pub const GET_RESOURCE_CONFIG_HISTORY: &str = "config:GetResourceConfigHistory";
    /// On a schedule, results of resources that are gone, and of exemptions that ended, are found.
    pub const GET_COMPLIANCE_DETAILS: &str = "config:GetComplianceDetailsByConfigRule";

    /// Every rule of the account and Region.
    pub const RULES: &str =
        "arn:${AWS::Partition}:config:${AWS::Region}:${AWS::AccountId}:config-rule/*";

    /// What the machinery calls for a control with this trigger; its role grants these besides
    /// the control's own actions.
    #[must_use]
    pub fn of(trigger: Trigger) -> Vec<Action> {
        let mut actions =
            vec![Action::any(PUT_EVALUATIONS), Action::on(GET_COMPLIANCE_DETAILS, RULES)];
        if trigger.on_change() {
            actions.insert(1, Action::any(GET_RESOURCE_CONFIG_HISTORY));
        }
        actions
    }
}

/// The error code for a rule that does not exist.
const NO_SUCH_RULE: &str = "NoSuchConfigRuleException";
/// The error code for a resource that Config does not know (any more).
const NOT_DISCOVERED: &str = "ResourceNotDiscoveredException";

/// A client of AWS Config.
#[derive(Debug, Clone)]
pub struct ConfigService {
    client: Client,
}

/// What PutEvaluations said.
#[derive(Debug)]
pub enum Put {
    /// Stored, except these.
    Stored {
        /// The evaluations that Config did not take.
        failed: Vec<Evaluation>,
    },
    /// The rule was deleted while the run was under way.
    RuleGone,
}

/// A result that Config holds of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// Type of the resource.
    pub resource_type: String,
    /// Id of the resource.
    pub resource_id: String,
    /// When the result was recorded, in milliseconds as in AWS Config's events.
    pub recorded: Option<Timestamp>,
    /// What the result says.
    pub compliance: Option<Compliance>,
    /// What the control said about it.
    pub annotation: Option<String>,
}

impl Reported {
    /// The exemption of which the result tells.
    #[must_use]
    pub fn exemption(&self) -> Option<Exemption> {
        in_annotation(self.annotation.as_deref()?)
    }
}

impl ConfigService {
    /// A client with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// The underlying client, for the inventory.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// The item that an oversized notification announced.
    ///
    /// # Errors
    /// When the call fails, or Config has no such item (yet).
    pub async fn item_at(&self, summary: &ItemSummary) -> Result<ConfigurationItem, Error> {
        let ItemSummary { resource_type, resource_id, captured, .. } = summary;
        let item = self.item_before(resource_type, resource_id, *captured).await?;
        item.ok_or_else(|| Error::Answer {
            action: actions::GET_RESOURCE_CONFIG_HISTORY,
            field: format!("the item of {resource_id} at {captured}"),
        })
    }

    /// The newest item of a resource that Config recorded until `time`; `None` when there is none.
    ///
    /// # Errors
    /// When the call fails, or the item cannot be read.
    pub async fn item_before(
        &self,
        resource_type: &str,
        resource_id: &str,
        time: Timestamp,
    ) -> Result<Option<ConfigurationItem>, Error> {
        let answer = self
            .client
            .get_resource_config_history()
            .resource_type(SdkResourceType::from(resource_type))
            .resource_id(resource_id)
            .later_time(to_sdk(time))
            .limit(1)
            .send()
            .await
            .call(actions::GET_RESOURCE_CONFIG_HISTORY);
        match answer {
            Ok(answer) => answer.configuration_items().first().map(from_history).transpose(),
            Err(error) if error.is(NOT_DISCOVERED) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts at most 100 evaluations.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn put(
        &self,
        token: &str,
        test: bool,
        evaluations: Vec<Evaluation>,
    ) -> Result<Put, ServiceError> {
        let sent = self
            .client
            .put_evaluations()
            .result_token(token)
            .test_mode(test)
            .set_evaluations(Some(evaluations))
            .send()
            .await;
        match sent.call(actions::PUT_EVALUATIONS) {
            Ok(answer) => Ok(Put::Stored { failed: answer.failed_evaluations.unwrap_or_default() }),
            Err(error) if error.is(NO_SUCH_RULE) => Ok(Put::RuleGone),
            Err(error) => Err(error),
        }
    }

    /// The results that Config holds of a rule; `None` when the rule was deleted.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn reported(&self, rule_name: &str) -> Result<Option<Vec<Reported>>, ServiceError> {
        let mut pages = self
            .client
            .get_compliance_details_by_config_rule()
            .config_rule_name(rule_name)
            .compliance_types(ComplianceType::Compliant)
            .compliance_types(ComplianceType::NonCompliant)
            .compliance_types(ComplianceType::NotApplicable)
            .limit(100)
            .into_paginator()
            .items()
            .send();
        let mut reported = Vec::new();
        while let Some(result) = pages.next().await {
            match result.call(actions::GET_COMPLIANCE_DETAILS) {
                Ok(result) => reported.extend(read_reported(result)),
                Err(error) if error.is(NO_SUCH_RULE) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(reported))
    }
}

fn read_reported(result: EvaluationResult) -> Option<Reported> {
    // The API tells it as a fraction of a second, which misses the millisecond by a little.
    let recorded = result.result_recorded_time().and_then(from_sdk);
    let recorded = recorded.and_then(|time| time.round(Unit::Millisecond).ok());
    let compliance = match result.compliance_type() {
        Some(ComplianceType::Compliant) => Some(Compliance::Compliant),
        Some(ComplianceType::NonCompliant) => Some(Compliance::NonCompliant),
        Some(ComplianceType::NotApplicable) => Some(Compliance::NotApplicable),
        _ => None,
    };
    let annotation = result.annotation;
    let qualifier = result.evaluation_result_identifier?.evaluation_result_qualifier?;
    Some(Reported {
        resource_type: qualifier.resource_type?,
        resource_id: qualifier.resource_id?,
        recorded,
        compliance,
        annotation,
    })
}

/// The members that the SDK's two types of items share, in the dialect of the API.
macro_rules! item_json {
    ($item:expr) => {
        serde_json::json!({
            "accountId": $item.account_id(),
            "awsRegion": $item.aws_region(),
            "arn": $item.arn(),
            "resourceType": $item.resource_type().map(|name| name.as_str()),
            "resourceId": $item.resource_id(),
            "resourceName": $item.resource_name(),
            "configurationItemStatus": $item.configuration_item_status().map(|name| name.as_str()),
            "configurationItemCaptureTime":
                $item.configuration_item_capture_time().and_then($crate::config_service::from_sdk),
            "resourceCreationTime":
                $item.resource_creation_time().and_then($crate::config_service::from_sdk),
            "configuration": $item.configuration(),
            "supplementaryConfiguration": $item.supplementary_configuration(),
        })
    };
}
pub(crate) use item_json;

/// An item as the history API answers it, through the same reading as every other dialect.
fn from_history(item: &SdkItem) -> Result<ConfigurationItem, Error> {
    let relationships: Vec<_> = item
        .relationships()
        .iter()
        .map(|related| {
            json!({
                "resourceType": related.resource_type().map(SdkResourceType::as_str),
                "resourceId": related.resource_id(),
                "resourceName": related.resource_name(),
                "relationshipName": related.relationship_name(),
            })
        })
        .collect();
    let mut value = item_json!(item);
    if let Some(members) = value.as_object_mut() {
        members.insert("tags".to_owned(), json!(item.tags()));
        members.insert("relationships".to_owned(), json!(relationships));
    }
    Ok(ConfigurationItem::from_json(&value.to_string())?)
}

/// A time as the SDK takes it.
#[must_use]
pub fn to_sdk(time: Timestamp) -> DateTime {
    DateTime::from_secs_and_nanos(
        time.as_second(),
        u32::try_from(time.subsec_nanosecond()).unwrap_or_default(),
    )
}

/// A time from the SDK; `None` for one beyond the calendar.
#[must_use]
pub fn from_sdk(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::{EvaluationResultIdentifier, EvaluationResultQualifier};

    #[test]
    fn results_are_recorded_at_the_millisecond_that_events_tell() {
        let qualifier = EvaluationResultQualifier::builder()
            .resource_type("AWS::S3::Bucket")
            .resource_id("ledger")
            .build();
        let identifier =
            EvaluationResultIdentifier::builder().evaluation_result_qualifier(qualifier).build();
        let told = ["2026-11-01T01:36:34.043Z", "2026-11-01T01:36:34.999Z", "2026-11-01T01:36:35Z"];
        for told in told.map(|told| told.parse::<Timestamp>().unwrap()) {
            // As the SDK reads it: the fraction is cut to whole nanoseconds.
            #[expect(clippy::cast_precision_loss, reason = "the API's own loss")]
            let seconds = told.as_millisecond() as f64 / 1000.0;
            let result = EvaluationResult::builder()
                .evaluation_result_identifier(identifier.clone())
                .result_recorded_time(DateTime::from_secs_f64(seconds))
                .build();
            assert_eq!(read_reported(result).and_then(|one| one.recorded), Some(told));
        }
    }
}
