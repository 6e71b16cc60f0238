//! Scaling policies of groups, as AWS Config recorded them.
//!
//! Source of the field names: the published item schema and a sample item, November 2026.

use fisc_shared::item::required::{flag, part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::{
    ACCEPT_CUSTOM_METRICS, ACCEPTED_POLICY_TYPES, ALLOWED_METRICS, MAX_CPU_TARGET,
    NOT_TARGET_TRACKING, POLICY_DISABLED, SCALING_TARGET_UNSUITABLE,
};

const TARGET_TRACKING: &str = "TargetTrackingScaling";
const PREDICTIVE: &str = "PredictiveScaling";
/// The mode of predictive policies in which they also act.
pub(super) const FORECAST_AND_SCALE: &str = "ForecastAndScale";
const CPU: &str = "ASGAverageCPUUtilization";

/// What is known of the policies of groups.
#[derive(Debug, Clone, Copy)]
pub(super) enum Policies<'a> {
    /// All of them.
    All(&'a [Policy]),
    /// Nothing: AWS Config does not record them.
    NotRecorded,
    /// Nothing yet.
    NotAsked,
}

/// A policy of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) group: String,
    kind: String,
    enabled: bool,
    /// Of a predictive policy: whether it only forecasts.
    only_forecasts: bool,
}

impl Policy {
    pub(super) fn of(item: &ConfigurationItem) -> Result<Self, ItemError> {
        let fields = item.configuration()?;
        let kind = text(&fields, "policyType")?;
        let only_forecasts = kind == PREDICTIVE
            && text(&part(&fields, "predictiveScalingConfiguration")?, "mode")?
                != FORECAST_AND_SCALE;
        Ok(Self {
            group: text(&fields, "autoScalingGroupName")?.to_owned(),
            kind: kind.to_owned(),
            enabled: flag(&fields, "enabled")?,
            only_forecasts,
        })
    }

    /// Whether it changes the size of the group.
    pub(super) fn acts(&self, run: &Run<'_>) -> bool {
        let accepted = run.parameters.get(&ACCEPTED_POLICY_TYPES);
        self.enabled && !self.only_forecasts && accepted.contains(&self.kind)
    }

    /// Whether it scales by forecast.
    pub(super) fn predicts(&self) -> bool {
        self.enabled && !self.only_forecasts && self.kind == PREDICTIVE
    }
}

/// The verdict on a policy.
pub(super) fn decide(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let fields = item.configuration()?;
    if text(&fields, "policyType")? != TARGET_TRACKING {
        return Ok(Verdict::not_applicable(&NOT_TARGET_TRACKING));
    }
    if !flag(&fields, "enabled")? {
        return Ok(Verdict::not_applicable(&POLICY_DISABLED));
    }
    let tracking = part(&fields, "targetTrackingConfiguration")?;
    let mut failures = Failures::new();
    let cpu = match tracking.at("predefinedMetricSpecification")? {
        Some(metric) => {
            let metric = text(&metric, "predefinedMetricType")?;
            if !run.parameters.get(&ALLOWED_METRICS).iter().any(|one| one == metric) {
                failures.because(
                    &SCALING_TARGET_UNSUITABLE,
                    message!("The metric is {metric}", "メトリクスが {metric} です"),
                );
            }
            metric == CPU
        }
        None => {
            let metric = part(&tracking, "customizedMetricSpecification")?;
            if !run.parameters.get(&ACCEPT_CUSTOM_METRICS) {
                failures.because(
                    &SCALING_TARGET_UNSUITABLE,
                    message!("The metric is one of one's own", "独自のメトリクスです"),
                );
            }
            // The same metric under its own name.
            metric.text("namespace")? == Some("AWS/EC2")
                && metric.text("metricName")? == Some("CPUUtilization")
        }
    };
    if cpu {
        let target = number(&tracking, "targetValue")?;
        let limit = run.parameters.get(&MAX_CPU_TARGET);
        #[expect(clippy::cast_precision_loss, reason = "a percentage")]
        if target > limit as f64 {
            failures.because(
                &SCALING_TARGET_UNSUITABLE,
                message!(
                    "The CPU target is {target} %; at most {limit} % is accepted",
                    "CPU 使用率のターゲット値が {target} % です(上限 {limit} %)"
                ),
            );
        }
    }
    Ok(failures.into_verdict())
}

/// A number that is always there.
pub(super) fn number(fields: &Fields<'_>, key: &str) -> Result<f64, ItemError> {
    let value = fields.at(key)?.ok_or_else(|| fields.missing(key))?;
    value.value().as_f64().ok_or_else(|| ItemError::Unreadable {
        field: value.path().to_owned(),
        problem: "not a number".to_owned(),
    })
}
