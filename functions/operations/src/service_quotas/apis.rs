//! Usage plans and stages of API Gateway.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{ApiStage, Stage, UsagePlan};
use fisc_shared::error::Call;
use fisc_shared::item::ItemError;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{ConfigurationItem, Error, Verdict};

use super::requirements::{STAGE_UNTHROTTLED, USAGE_PLAN_UNTHROTTLED};

pub(super) const GET: &str = "apigateway:GET";

pub(super) async fn usage_plans(client: &Client) -> Result<Vec<UsagePlan>, Error> {
    let mut pages = client.get_usage_plans().into_paginator().items().send();
    let mut plans = Vec::new();
    while let Some(plan) = pages.next().await {
        plans.push(plan.call(GET)?);
    }
    Ok(plans)
}

/// Whether methods of the stage are throttled for this plan.
fn methods(stage: &ApiStage) -> bool {
    stage.throttle().is_some_and(|methods| !methods.is_empty())
}

/// Judges the plans; whether there is any that is used.
pub(super) fn judge_plans(plans: &[UsagePlan], failures: &mut Failures) -> bool {
    let used: Vec<&UsagePlan> = plans.iter().filter(|plan| !plan.api_stages().is_empty()).collect();
    let open = |plan: &&&UsagePlan| {
        plan.throttle().is_none()
            && plan.quota().is_none()
            && !plan.api_stages().iter().all(methods)
    };
    let open: Vec<&str> = used
        .iter()
        .filter(open)
        .map(|plan| plan.name().or(plan.id()).unwrap_or_default())
        .collect();
    if !open.is_empty() {
        failures.because(&USAGE_PLAN_UNTHROTTLED, USAGE_PLAN_UNTHROTTLED.naming(&open));
    }
    !used.is_empty()
}

/// A stage of an HTTP or WebSocket API. Usage plans are for REST APIs only.
pub(super) fn judge_v2(item: &ConfigurationItem) -> Result<Verdict, ItemError> {
    let fields = item.configuration()?;
    let limited = match fields.at("defaultRouteSettings")? {
        None => false,
        Some(settings) => {
            let set = |key: &str| {
                let value = settings.at(key)?;
                Ok::<_, ItemError>(value.is_some_and(|one| {
                    one.value().as_f64().is_some_and(|limit| limit > 0.0)
                        || one.value().as_str().is_some_and(|limit| {
                            limit.parse::<f64>().is_ok_and(|limit| limit > 0.0)
                        })
                }))
            };
            set("throttlingRateLimit")? && set("throttlingBurstLimit")?
        }
    };
    let mut failures = Failures::new();
    if !limited {
        failures.add(&STAGE_UNTHROTTLED);
    }
    Ok(failures.into_verdict())
}

/// The API and the name of a stage: `arn:aws:apigateway:REGION::/restapis/API/stages/STAGE`.
fn place(item: &ConfigurationItem) -> Result<(&str, &str), ItemError> {
    let arn = item.arn.as_deref().unwrap_or(&item.resource_id);
    let rest = arn.split_once("/restapis/").and_then(|(_, rest)| rest.split_once("/stages/"));
    rest.ok_or_else(|| ItemError::Missing { field: "arn of a stage".to_owned() })
}

/// A stage of a REST API.
pub(super) async fn judge_stage(
    client: &Client,
    item: &ConfigurationItem,
    plans: &[UsagePlan],
) -> Result<Verdict, Error> {
    let (api, name) = place(item)?;
    let planned = |plan: &UsagePlan| {
        let of = |stage: &&ApiStage| stage.api_id() == Some(api) && stage.stage() == Some(name);
        plan.api_stages()
            .iter()
            .find(of)
            .is_some_and(|one| plan.throttle().is_some() || methods(one))
    };
    if plans.iter().any(planned) {
        return Ok(Verdict::compliant());
    }
    let answer = client.get_stages().rest_api_id(api).send().await.call(GET);
    let stages = match answer {
        Err(error) if error.is("NotFoundException") => {
            return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
        }
        stages => stages?.item.unwrap_or_default(),
    };
    let Some(stage) = stages.iter().find(|stage| stage.stage_name() == Some(name)) else {
        return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
    };
    let mut failures = Failures::new();
    if !limited(stage) {
        failures.add(&STAGE_UNTHROTTLED);
    }
    Ok(failures.into_verdict())
}

/// Whether all methods have a limit of their own; -1 stands for none.
fn limited(stage: &Stage) -> bool {
    stage
        .method_settings()
        .and_then(|settings| settings.get("*/*"))
        .is_some_and(|all| all.throttling_rate_limit() > 0.0 && all.throttling_burst_limit() > 0)
}
