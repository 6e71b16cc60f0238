//! The results of an Organization, read from its AWS Config aggregator.
//!
//! The aggregator answers per rule, account and Region, with annotations, whatever the accounts
//! record. It hands out results that say compliant or non-compliant only: what does not apply,
//! and with it what is exempt, stays in the accounts.

use aws_sdk_config::types::AggregatedSourceType;
use jiff::Timestamp;

use crate::config_service::{ConfigService, from_sdk};
use crate::error::{Call, ServiceError};

const SOURCES: &str = "config:DescribeConfigurationAggregatorSourcesStatus";
const RULES: &str = "config:DescribeAggregateComplianceByConfigRules";
const DETAILS: &str = "config:GetAggregateComplianceDetailsByConfigRule";

/// The IAM actions that reading an aggregator takes.
pub const ACTIONS: [&str; 3] = [SOURCES, RULES, DETAILS];

/// What one source of the aggregator delivered last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateSource {
    /// The account, or the Organization's id.
    pub id: String,
    /// Whether it is an Organization.
    pub organization: bool,
    /// The Region; empty where AWS does not tell.
    pub region: String,
    /// `SUCCEEDED`, `FAILED` or `OUTDATED`.
    pub status: String,
    /// When it delivered last.
    pub updated: Option<Timestamp>,
    /// What went wrong, where something did.
    pub error: Option<String>,
}

/// A rule of one account and Region that has results.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AggregateRule {
    /// Its name.
    pub name: String,
    /// The account.
    pub account_id: String,
    /// The Region.
    pub region: String,
    /// The rule's state: `COMPLIANT`, `NON_COMPLIANT`, `INSUFFICIENT_DATA` …; empty where AWS
    /// does not tell.
    pub compliance: String,
}

/// The result of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateResult {
    /// Type of the resource.
    pub resource_type: String,
    /// Id of the resource.
    pub resource_id: String,
    /// `COMPLIANT`, `NON_COMPLIANT` …
    pub compliance: String,
    /// What the rule wrote.
    pub annotation: Option<String>,
    /// When the result was recorded.
    pub at: Option<Timestamp>,
}

impl ConfigService {
    /// Whether the accounts and Regions of an aggregator deliver.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn aggregate_sources(
        &self,
        name: &str,
    ) -> Result<Vec<AggregateSource>, ServiceError> {
        let mut pages = self
            .client()
            .describe_configuration_aggregator_sources_status()
            .configuration_aggregator_name(name)
            .into_paginator()
            .send();
        let mut sources = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.call(SOURCES)?;
            for source in page.aggregated_source_status_list() {
                let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
                sources.push(AggregateSource {
                    id: text(source.source_id()),
                    organization: source.source_type() == Some(&AggregatedSourceType::Organization),
                    region: text(source.aws_region()),
                    status: text(source.last_update_status().map(|status| status.as_str())),
                    updated: source.last_update_time().and_then(from_sdk),
                    error: source
                        .last_error_message()
                        .or_else(|| source.last_error_code())
                        .map(str::to_owned),
                });
            }
        }
        Ok(sources)
    }

    /// The rules of all accounts and Regions of an aggregator that have results, the rules of
    /// others too.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn aggregate_rules(&self, name: &str) -> Result<Vec<AggregateRule>, ServiceError> {
        let mut pages = self
            .client()
            .describe_aggregate_compliance_by_config_rules()
            .configuration_aggregator_name(name)
            .into_paginator()
            .send();
        let mut rules = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.call(RULES)?;
            for rule in page.aggregate_compliance_by_config_rules() {
                let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
                let compliance = rule.compliance().and_then(|found| found.compliance_type());
                rules.push(AggregateRule {
                    name: text(rule.config_rule_name()),
                    account_id: text(rule.account_id()),
                    region: text(rule.aws_region()),
                    compliance: text(compliance.map(|found| found.as_str())),
                });
            }
        }
        Ok(rules)
    }

    /// The results of a rule in one account and Region.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn aggregate_results(
        &self,
        name: &str,
        rule: &AggregateRule,
    ) -> Result<Vec<AggregateResult>, ServiceError> {
        let mut pages = self
            .client()
            .get_aggregate_compliance_details_by_config_rule()
            .configuration_aggregator_name(name)
            .config_rule_name(&rule.name)
            .account_id(&rule.account_id)
            .aws_region(&rule.region)
            .limit(100)
            .into_paginator()
            .send();
        let mut results = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.call(DETAILS)?;
            for result in page.aggregate_evaluation_results() {
                let qualifier = result
                    .evaluation_result_identifier()
                    .and_then(|id| id.evaluation_result_qualifier());
                let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
                results.push(AggregateResult {
                    resource_type: text(qualifier.and_then(|one| one.resource_type())),
                    resource_id: text(qualifier.and_then(|one| one.resource_id())),
                    compliance: text(result.compliance_type().map(|found| found.as_str())),
                    annotation: result.annotation().map(str::to_owned),
                    at: result.result_recorded_time().and_then(from_sdk),
                });
            }
        }
        Ok(results)
    }
}
