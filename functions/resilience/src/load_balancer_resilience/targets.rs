//! Target groups, and the health of their targets.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types::{
    ProtocolEnum, TargetGroup, TargetHealthDescription, TargetHealthStateEnum, TargetTypeEnum,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict};

use super::declared::{
    MIN_AVAILABILITY_ZONES, MIN_HEALTHY_TARGETS, NO_TARGET_GROUP, TARGET_HEALTH_CHECK_OFF,
    TARGETS_UNHEALTHY,
};
use super::services::{DESCRIBE_TARGET_GROUPS, DESCRIBE_TARGET_HEALTH};

/// The zones of instances, by id.
pub(super) type Zones = BTreeMap<String, String>;

/// A target group that a load balancer uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) arn: String,
    pub(super) name: String,
    checked: bool,
    /// Whether several targets are expected: one load balancer is the only target of its group.
    pub(super) several: bool,
    pub(super) instances: bool,
}

impl Group {
    /// Reads a group; none of one that no load balancer uses, or that leads to a function.
    pub(super) fn read(group: &TargetGroup) -> Result<Option<Self>, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_TARGET_GROUPS,
            field: format!("TargetGroups[].{field}"),
        };
        let kind = group.target_type().ok_or_else(|| lacks("TargetType"))?;
        if group.load_balancer_arns().is_empty() || *kind == TargetTypeEnum::Lambda {
            return Ok(None);
        }
        let enabled = group.health_check_enabled().ok_or_else(|| lacks("HealthCheckEnabled"))?;
        let http =
            matches!(group.health_check_protocol(), Some(ProtocolEnum::Http | ProtocolEnum::Https));
        let path = group.health_check_path().is_some_and(|path| !path.is_empty());
        Ok(Some(Self {
            arn: group.target_group_arn().ok_or_else(|| lacks("TargetGroupArn"))?.to_owned(),
            name: group.target_group_name().ok_or_else(|| lacks("TargetGroupName"))?.to_owned(),
            checked: enabled && (!http || path),
            several: *kind != TargetTypeEnum::Alb,
            instances: *kind == TargetTypeEnum::Instance,
        }))
    }
}

/// Whether a group has too few targets that work, or in too few zones.
pub(super) fn is_unhealthy(
    group: &Group,
    targets: &[TargetHealthDescription],
    instances: &Zones,
    run: &Run<'_>,
) -> Result<bool, Error> {
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_TARGET_HEALTH,
        field: format!("TargetHealthDescriptions[].{field}"),
    };
    let mut zones = BTreeSet::new();
    let (mut used, mut healthy, mut everywhere) = (false, 0_i64, false);
    for one in targets {
        let state = one.target_health().and_then(|health| health.state());
        match state.ok_or_else(|| lacks("TargetHealth.State"))? {
            // A group without traffic, or that loses it, such as the idle half of a blue/green
            // deployment.
            TargetHealthStateEnum::Unused
            | TargetHealthStateEnum::Draining
            | TargetHealthStateEnum::UnhealthyDraining => continue,
            // `initial` is a target that a deployment has just brought.
            TargetHealthStateEnum::Healthy | TargetHealthStateEnum::Initial => {}
            // Health checks of the group are off.
            TargetHealthStateEnum::Unavailable if !group.checked => {}
            _ => {
                used = true;
                continue;
            }
        }
        (used, healthy) = (true, healthy + 1);
        let target = one.target().ok_or_else(|| lacks("Target"))?;
        let id = target.id().ok_or_else(|| lacks("Target.Id"))?;
        let zone = match group.instances {
            true => instances.get(id).map(String::as_str),
            false => target.availability_zone().filter(|zone| *zone != "all"),
        };
        match zone {
            Some(zone) => {
                zones.insert(zone);
            }
            None => everywhere = true,
        }
    }
    if !used || !group.several {
        return Ok(false);
    }
    let wanted = run.parameters.get(&MIN_AVAILABILITY_ZONES);
    let enough_zones = everywhere || i64::try_from(zones.len()).is_ok_and(|zones| zones >= wanted);
    Ok(healthy < run.parameters.get(&MIN_HEALTHY_TARGETS) || !enough_zones)
}

/// The verdict on all groups that are used, each with whether it is unhealthy.
pub(super) fn decide(groups: &[(Group, bool)]) -> Verdict {
    if groups.is_empty() {
        return Verdict::not_applicable(&NO_TARGET_GROUP);
    }
    let mut failures = Failures::new();
    let names = |failed: fn(&(Group, bool)) -> bool| -> Vec<&str> {
        let failed = groups.iter().filter(|one| failed(one));
        failed.map(|(group, _)| group.name.as_str()).collect()
    };
    let unchecked = names(|(group, _)| !group.checked);
    if !unchecked.is_empty() {
        failures.because(&TARGET_HEALTH_CHECK_OFF, TARGET_HEALTH_CHECK_OFF.naming(&unchecked));
    }
    let unhealthy = names(|(_, unhealthy)| *unhealthy);
    if !unhealthy.is_empty() {
        failures.because(&TARGETS_UNHEALTHY, TARGETS_UNHEALTHY.naming(&unhealthy));
    }
    failures.into_verdict()
}
