//! Quotas, and how much of them is used.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{Dimension, Metric};
use aws_sdk_servicequotas::types::{OptInStatus, PeriodUnit, QuotaPeriod, ServiceQuota};
use aws_types::SdkConfig;
use fisc_services::alarms::{Found, Teller, alarms};
use fisc_services::regions::in_region;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Reason, Run, message};

use super::Services;
use super::parameters::{DR_REGION, MAX_UTILIZATION_PERCENT, REQUIRE_QUOTA_ALARM, SERVICE_CODES};
use super::requirements::{
    DR_QUOTA_LOWER, QUOTA_ALARM_MISSING, QUOTA_NEARLY_USED, QUOTAS_WITHOUT_METRIC,
};
use super::usage::{Asked, extremes};

pub(super) const LIST_QUOTAS: &str = "servicequotas:ListServiceQuotas";
pub(super) const LIST_DEFAULTS: &str = "servicequotas:ListAWSDefaultServiceQuotas";
pub(super) const GET_AUTO_MANAGEMENT: &str = "servicequotas:GetAutoManagementConfiguration";

/// The period of metrics that count calls, in seconds.
const CALLS: i32 = 300;

/// The statistic of what is not counted over time.
const MAXIMUM: &str = "Maximum";

/// The Region of the metrics of global quotas.
const GLOBAL: &str = "us-east-1";

/// A quota.
#[derive(Debug, Clone)]
pub(super) struct Quota {
    name: String,
    value: f64,
    global: bool,
    /// What its use is measured by.
    used: Option<Asked>,
    /// How many of its periods a period of the metric has; 1 for what is not counted over time.
    periods: f64,
}

impl Quota {
    fn read(quota: ServiceQuota) -> Option<(String, Self)> {
        let value = quota.value?;
        let code = quota.quota_code?;
        let service = quota.service_code.unwrap_or_default();
        let name = format!("{service} {}", quota.quota_name.unwrap_or_else(|| code.clone()));
        let usage = quota.usage_metric;
        let statistic = usage.as_ref().and_then(|one| one.metric_statistic_recommendation.clone());
        let statistic = statistic.unwrap_or_else(|| MAXIMUM.to_owned());
        let counts = statistic != MAXIMUM;
        let counted = quota.period.as_ref().filter(|_| counts).and_then(seconds);
        // A count means nothing without the time in which it is limited.
        let used = usage.filter(|_| !counts || counted.is_some()).and_then(|usage| {
            let dimensions: BTreeMap<String, String> =
                usage.metric_dimensions.unwrap_or_default().into_iter().collect();
            let dimensions = dimensions
                .into_iter()
                .map(|(name, value)| Dimension::builder().name(name).value(value).build());
            Some(Asked {
                metric: Metric::builder()
                    .namespace(usage.metric_namespace?)
                    .metric_name(usage.metric_name?)
                    .set_dimensions(Some(dimensions.collect()))
                    .build(),
                statistic,
                period: counted.map(|_| CALLS),
            })
        });
        let periods = counted.map_or(1.0, |seconds| f64::from(CALLS) / seconds);
        Some((code, Self { name, value, global: quota.global_quota, used, periods }))
    }

    /// The use of the quota in percent.
    fn percent(&self, used: f64) -> f64 {
        used / (self.value * self.periods) * 100.0
    }
}

/// The length of the period over which a quota counts.
fn seconds(period: &QuotaPeriod) -> Option<f64> {
    let unit = match period.period_unit.as_ref()? {
        PeriodUnit::Microsecond => 1e-6,
        PeriodUnit::Millisecond => 1e-3,
        PeriodUnit::Second => 1.0,
        PeriodUnit::Minute => 60.0,
        PeriodUnit::Hour => 3600.0,
        PeriodUnit::Day => 86_400.0,
        PeriodUnit::Week => 604_800.0,
        _ => return None,
    };
    Some(f64::from(period.period_value?) * unit)
}

/// The quotas of a service by code: for some services only those that differ from the default
/// are listed as applied.
pub(super) async fn quotas(
    sdk: &SdkConfig,
    service: &str,
) -> Result<BTreeMap<String, Quota>, Error> {
    let client = aws_sdk_servicequotas::Client::new(sdk);
    let unknown = |error: ServiceError| -> Error {
        if error.is("NoSuchResourceException") {
            Error::Control(format!("serviceCodes: Service Quotas has no service {service:?}"))
        } else {
            error.into()
        }
    };
    let mut found = BTreeMap::new();
    let mut pages = client
        .list_aws_default_service_quotas()
        .service_code(service)
        .into_paginator()
        .items()
        .send();
    while let Some(quota) = pages.next().await {
        found.extend(Quota::read(quota.call(LIST_DEFAULTS).map_err(unknown)?));
    }
    let mut pages =
        client.list_service_quotas().service_code(service).into_paginator().items().send();
    while let Some(quota) = pages.next().await {
        found.extend(Quota::read(quota.call(LIST_QUOTAS).map_err(unknown)?));
    }
    Ok(found)
}

/// Judges the quotas of the watched services.
pub(super) async fn judge(
    services: &Services,
    run: &Run<'_>,
    failures: &mut Failures,
    notes: &mut Vec<Reason>,
) -> Result<(), Error> {
    let mut watched: Vec<Quota> = Vec::new();
    let mut lower = Vec::new();
    let other = run.parameters.get(&DR_REGION);
    for service in run.parameters.get(&SERVICE_CODES) {
        let here = quotas(&services.sdk, &service).await?;
        if !other.is_empty() && other != run.region {
            let there = quotas(&in_region(&services.sdk, &other), &service).await?;
            let less = here.iter().filter(|(code, quota)| {
                !quota.global && there.get(*code).is_some_and(|one| one.value < quota.value)
            });
            lower.extend(less.map(|(_, quota)| quota.name.clone()));
        }
        // Global quotas have one value for all Regions.
        watched.extend(here.into_values().filter(|quota| run.home || !quota.global));
    }
    let all = watched.len();
    watched.retain(|quota| quota.used.is_some() && quota.value > 0.0);
    let unmeasured = all.saturating_sub(watched.len());
    if unmeasured > 0 {
        notes.push(QUOTAS_WITHOUT_METRIC.because(message!(
            "{unmeasured} quota(s) have no usage metric and are not judged",
            "使用量メトリクスのないクォータ {unmeasured} 件は評価していません"
        )));
    }
    // The metrics of global quotas are in one Region.
    let (global, own): (Vec<Quota>, Vec<Quota>) = watched.into_iter().partition(|one| one.global);
    let asked = |quotas: &[Quota]| quotas.iter().filter_map(|one| one.used.clone()).collect();
    let (everywhere, here): (Vec<Asked>, Vec<Asked>) = (asked(&global), asked(&own));
    let mut used = extremes(&services.cloudwatch, &here, f64::max, run).await?;
    if !everywhere.is_empty() {
        let client = aws_sdk_cloudwatch::Client::new(&in_region(&services.sdk, GLOBAL));
        used.extend(extremes(&client, &everywhere, f64::max, run).await?);
    }
    let watched: Vec<Quota> = own.into_iter().chain(global).collect();
    let most = run.parameters.get(&MAX_UTILIZATION_PERCENT);
    #[expect(clippy::cast_precision_loss, reason = "a percentage")]
    let most = most as f64;
    let over = watched.iter().zip(used).filter_map(|(quota, used)| {
        let percent = quota.percent(used?);
        (percent > most).then(|| format!("{} ({percent:.0}%)", quota.name))
    });
    let over: Vec<String> = over.collect();
    if !over.is_empty() {
        failures.because(&QUOTA_NEARLY_USED, QUOTA_NEARLY_USED.naming(&over));
    }
    if !lower.is_empty() {
        failures.because(&DR_QUOTA_LOWER, DR_QUOTA_LOWER.naming(&lower));
    }
    if run.parameters.get(&REQUIRE_QUOTA_ALARM) && !alarmed(services, &watched, run).await? {
        failures.add(&QUOTA_ALARM_MISSING);
    }
    Ok(())
}

/// Whether somebody is told when quotas run short.
async fn alarmed(services: &Services, watched: &[Quota], run: &Run<'_>) -> Result<bool, Error> {
    let alarms = alarms(&services.sdk).await?;
    let compares = |query: &String| query.to_ascii_uppercase().contains("SERVICE_QUOTA(");
    let measures = |metric: &fisc_services::alarms::Metric| {
        let same = |asked: &Asked| {
            let one = &asked.metric;
            let own = fisc_services::alarms::Metric::new(
                one.namespace(),
                one.metric_name(),
                one.dimensions(),
            );
            own.as_ref() == Some(metric)
        };
        watched.iter().filter_map(|quota| quota.used.as_ref()).any(same)
    };
    let watching: Vec<_> = alarms
        .iter()
        .filter(|alarm| alarm.expressions.iter().any(compares))
        .filter(|alarm| alarm.metrics.iter().any(measures))
        .collect();
    let teller = Teller::new(&services.alerts, run.account_id, true);
    match teller.best(&watching).await? {
        Found::Undecided(why) => {
            return Err(Error::Control(format!(
                "it cannot be decided whether anybody is told of quotas: {why}"
            )));
        }
        found if found.alerts() => return Ok(true),
        _ => {}
    }
    let client = aws_sdk_servicequotas::Client::new(&services.sdk);
    match client.get_auto_management_configuration().send().await.call(GET_AUTO_MANAGEMENT) {
        Ok(answer) => Ok(answer.opt_in_status() == Some(&OptInStatus::Enabled)),
        // The account has never opted in.
        Err(error) if error.is("NoSuchResourceException") => Ok(false),
        Err(error) => Err(error.into()),
    }
}
