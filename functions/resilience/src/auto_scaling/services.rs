//! The policies of groups, asked of AWS Config, and all others, asked of Application Auto Scaling.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{
    PolicyType, ScalableTarget, ScalingPolicy, ServiceNamespace,
};
use aws_types::SdkConfig;
use fisc_services::Recorders;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};

use super::policies::{FORECAST_AND_SCALE, Policies, Policy};
use super::scaled::Scaled;
use super::{ACCEPT_CUSTOM_METRICS, ACCEPTED_POLICY_TYPES, groups, preview};

pub(super) const DESCRIBE_SCALABLE_TARGETS: &str =
    "application-autoscaling:DescribeScalableTargets";
pub(super) const DESCRIBE_SCALING_POLICIES: &str =
    "application-autoscaling:DescribeScalingPolicies";

/// Types that a policy does not change.
pub(super) const SWEPT: &[ResourceType] = &[
    ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP,
    ResourceType::ECS_SERVICE,
    ResourceType::DYNAMODB_TABLE,
    ResourceType::RDS_DB_CLUSTER,
];

/// The most resources that one DescribeScalableTargets takes.
const BATCH: usize = 50;

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        config: ConfigService::new(sdk),
        recorders: Recorders::new(sdk),
        scaling: Client::new(sdk),
    })
}

struct Services {
    config: ConfigService,
    recorders: Recorders,
    scaling: Client,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP.name {
            let policies = self.policies().await?;
            return group(item, known(policies.as_deref()), run);
        }
        let scaled = Scaled::of(item)?;
        let Scaled::By { namespace, wanted, .. } = &scaled else {
            return Ok(scaled.decide(&BTreeSet::new()));
        };
        let ids: BTreeSet<&str> = wanted.iter().map(|(id, _)| id.as_str()).collect();
        let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
        let mut targets = Vec::new();
        for batch in ids.chunks(BATCH) {
            targets.extend(self.targets(namespace, Some(batch.to_vec())).await?);
        }
        let mut policies = Vec::new();
        // Without a target there is no policy to ask for.
        let registered = |id: &String| targets.iter().any(|target| target.resource_id == *id);
        for id in ids.iter().filter(|id| registered(id)) {
            policies.extend(self.scaling_policies(namespace, Some(id)).await?);
        }
        Ok(scaled.decide(&scaling(&targets, &policies, run)))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = Vec::new();
        for kind in SWEPT {
            let mut open = Vec::new();
            for item in self.config.recorded_with_tags(*kind).await? {
                match preview(&item, run)? {
                    Some(verdict) => evaluated.push(one(&item, verdict, run)),
                    None => open.push(item),
                }
            }
            if open.is_empty() {
                continue;
            }
            if *kind == ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP {
                let policies = self.policies().await?;
                for item in &open {
                    evaluated.push(one(item, group(item, known(policies.as_deref()), run)?, run));
                }
                continue;
            }
            let mut scaled = Vec::new();
            for item in &open {
                scaled.push((item, Scaled::of(item)?));
            }
            // All of a type are of one namespace, which is asked once.
            let Some(namespace) = scaled.iter().find_map(|(_, scaled)| match scaled {
                Scaled::By { namespace, .. } => Some(namespace.clone()),
                Scaled::Settled(_) => None,
            }) else {
                continue;
            };
            let targets = self.targets(&namespace, None).await?;
            let policies = self.scaling_policies(&namespace, None).await?;
            let scaling = scaling(&targets, &policies, run);
            for (item, scaled) in scaled {
                evaluated.push(one(item, scaled.decide(&scaling), run));
            }
        }
        Ok(evaluated)
    }
}

fn one(item: &ConfigurationItem, verdict: Verdict, run: &Run<'_>) -> Evaluated {
    Evaluated { resource: Resource::from(item), verdict, at: run.now }
}

fn known(policies: Option<&[Policy]>) -> Policies<'_> {
    policies.map_or(Policies::NotRecorded, Policies::All)
}

fn group(
    item: &ConfigurationItem,
    policies: Policies<'_>,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    groups::decide(item, policies, run)?
        .ok_or_else(|| Error::Control("the policies decided nothing".to_owned()))
}

impl Services {
    /// The policies of all groups; none when AWS Config does not record them.
    async fn policies(&self) -> Result<Option<Vec<Policy>>, Error> {
        let kind = ResourceType::AUTO_SCALING_SCALING_POLICY;
        let items = self.config.recorded_with_tags(kind).await?;
        // That there is none may also mean that nobody looks.
        if items.is_empty() && !self.recorders.record(kind.name).await? {
            return Ok(None);
        }
        items.iter().map(|item| Ok(Policy::of(item)?)).collect::<Result<_, Error>>().map(Some)
    }

    async fn targets(
        &self,
        namespace: &ServiceNamespace,
        ids: Option<Vec<String>>,
    ) -> Result<Vec<ScalableTarget>, Error> {
        let ask = self.scaling.describe_scalable_targets().service_namespace(namespace.clone());
        let mut pages = ask.set_resource_ids(ids).into_paginator().items().send();
        let mut targets = Vec::new();
        while let Some(target) = pages.next().await {
            targets.push(target.call(DESCRIBE_SCALABLE_TARGETS)?);
        }
        Ok(targets)
    }

    async fn scaling_policies(
        &self,
        namespace: &ServiceNamespace,
        id: Option<&String>,
    ) -> Result<Vec<ScalingPolicy>, Error> {
        let ask = self.scaling.describe_scaling_policies().service_namespace(namespace.clone());
        let mut pages = ask.set_resource_id(id.cloned()).into_paginator().items().send();
        let mut policies = Vec::new();
        while let Some(policy) = pages.next().await {
            policies.push(policy.call(DESCRIBE_SCALING_POLICIES)?);
        }
        Ok(policies)
    }
}

/// The resources and dimensions that scale: with room to grow, not suspended, and with a policy.
fn scaling(
    targets: &[ScalableTarget],
    policies: &[ScalingPolicy],
    run: &Run<'_>,
) -> BTreeSet<(String, String)> {
    let held: BTreeSet<(&str, &str)> = policies
        .iter()
        .filter(|policy| counts(policy, run))
        .map(|policy| (policy.resource_id(), policy.scalable_dimension().as_str()))
        .collect();
    targets
        .iter()
        .filter(|target| {
            let suspended = target.suspended_state();
            target.max_capacity() > target.min_capacity()
                && suspended.and_then(|state| state.dynamic_scaling_out_suspended()) != Some(true)
                && held.contains(&(target.resource_id(), target.scalable_dimension().as_str()))
        })
        .map(|target| (target.resource_id.clone(), target.scalable_dimension.to_string()))
        .collect()
}

/// Whether a policy makes its target follow the load.
fn counts(policy: &ScalingPolicy, run: &Run<'_>) -> bool {
    let accepted = run.parameters.get(&ACCEPTED_POLICY_TYPES);
    if !accepted.iter().any(|one| one == policy.policy_type().as_str()) {
        return false;
    }
    match policy.policy_type() {
        PolicyType::TargetTrackingScaling => {
            let tracking = policy.target_tracking_scaling_policy_configuration();
            run.parameters.get(&ACCEPT_CUSTOM_METRICS)
                || tracking.is_some_and(|it| it.predefined_metric_specification().is_some())
        }
        PolicyType::PredictiveScaling => policy
            .predictive_scaling_policy_configuration()
            .and_then(|predictive| predictive.mode())
            .is_some_and(|mode| mode.as_str() == FORECAST_AND_SCALE),
        _ => true,
    }
}
