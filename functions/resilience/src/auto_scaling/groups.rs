//! Auto Scaling groups.
//!
//! Source of the field names: the published item schema and a sample item, November 2026.

use std::collections::BTreeMap;

use fisc_shared::item::required::text;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::policies::{Policies, Policy};
use super::{
    CAPACITY_AT_LIMIT, ELB_HEALTH_CHECK_OFF, EMPTY_GROUP, FIXED_SIZE, HEADROOM_PERCENT,
    MANAGED_ELSEWHERE, MIN_CAPACITY_LOW, MIN_SIZE, NO_SCALING_POLICY, POLICIES_NOT_RECORDED,
    PREDICTIVE_SCALING_MISSING, PREDICTIVE_TAG_KEY, STATEFUL_REBALANCE_UNGUARDED, STATEFUL_TAG_KEY,
    is_fixed,
};

/// How the keys of tags begin that EKS, the cluster autoscaler, capacity providers of ECS and AWS
/// Batch put on groups whose size they set.
const MANAGERS: [&str; 6] = [
    "eks:cluster-name",
    "eks:nodegroup-name",
    "kubernetes.io/cluster/",
    "k8s.io/cluster-autoscaler/",
    "AmazonECSManaged",
    "AWSBatchServiceTag",
];

/// The verdict on a group; none when it takes the policies, and they are not known yet. Offline,
/// where nobody can tell them, a group that fails without them has failed.
pub(super) fn decide(
    item: &ConfigurationItem,
    policies: Policies<'_>,
    run: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let size = |key: &str| fields.integer(key)?.ok_or_else(|| fields.missing(key));
    let (min, max, desired) = (size("minSize")?, size("maxSize")?, size("desiredCapacity")?);
    if max == 0 {
        return Ok(Some(Verdict::not_applicable(&EMPTY_GROUP)));
    }
    let tags = item.all_tags()?;
    let fixed = is_fixed(item, run)?;
    let managed = tags.keys().any(|key| MANAGERS.iter().any(|one| key.starts_with(one)));
    let predictive = has(&tags, &run.parameters.get(&PREDICTIVE_TAG_KEY));
    let scales = !fixed && !managed;
    let needed = scales || predictive;
    let (all, open) = match policies {
        Policies::All(all) => (all, false),
        Policies::NotAsked if needed && !run.offline => return Ok(None),
        Policies::NotAsked | Policies::NotRecorded => (&[][..], needed),
    };
    let name = text(&fields, "autoScalingGroupName")?;
    let own: Vec<&Policy> = all.iter().filter(|policy| policy.group == name).collect();
    let suspended = suspended(&fields)?;
    let stopped =
        |names: [&'static str; 2]| names.into_iter().find(|name| suspended.contains(name));

    let mut failures = Failures::new();
    if scales {
        if max <= min {
            failures.because(
                &NO_SCALING_POLICY,
                message!(
                    "The group cannot grow: both its smallest and its largest size are {max}",
                    "最小サイズと最大サイズがともに {max} で、拡張できません"
                ),
            );
        } else if !open && !own.iter().any(|policy| policy.acts(run)) {
            failures.add(&NO_SCALING_POLICY);
        } else if let Some(process) = stopped(["Launch", "AlarmNotification"]) {
            failures.because(
                &NO_SCALING_POLICY,
                message!(
                    "The process {process} is suspended, so that no policy acts",
                    "プロセス {process} が停止しており、ポリシーが機能しません"
                ),
            );
        }
    }
    health(&fields, &stopped(["HealthCheck", "ReplaceUnhealthy"]), &mut failures)?;
    if !fixed && max * 100 < desired * (100 + run.parameters.get(&HEADROOM_PERCENT)) {
        failures.because(
            &CAPACITY_AT_LIMIT,
            message!(
                "The desired capacity is {desired}, the largest size {max}",
                "希望容量 {desired} に対して最大サイズが {max} です"
            ),
        );
    }
    // Capacity may also be counted in processors or memory.
    let instances = fields.text("desiredCapacityType")?.is_none_or(|unit| unit == "units");
    let (least, limit) = (min.min(desired), run.parameters.get(&MIN_SIZE));
    if scales && instances && least < limit {
        failures.because(
            &MIN_CAPACITY_LOW,
            message!(
                "The smallest size or the desired capacity is {least}; at least {limit} is asked for",
                "最小サイズまたは希望容量が {least} です(下限 {limit})"
            ),
        );
    }
    if predictive && !open && !own.iter().any(|policy| policy.predicts()) {
        failures.add(&PREDICTIVE_SCALING_MISSING);
    }
    if has(&tags, &run.parameters.get(&STATEFUL_TAG_KEY))
        && !suspended.contains(&"AZRebalance")
        && fields.flag("newInstancesProtectedFromScaleIn")? != Some(true)
    {
        failures.add(&STATEFUL_REBALANCE_UNGUARDED);
    }
    let notes = if managed { vec![MANAGED_ELSEWHERE.reason()] } else { Vec::new() };
    Ok(match failures.into_verdict_with(notes) {
        Verdict::Compliant(_) if open => match policies {
            Policies::NotRecorded => Some(Verdict::not_applicable(&POLICIES_NOT_RECORDED)),
            _ => None,
        },
        Verdict::Compliant(_) if fixed => Some(Verdict::not_applicable(&FIXED_SIZE)),
        verdict => Some(verdict),
    })
}

/// Whether instances that fail the checks of a load balancer are replaced.
fn health(
    fields: &Fields<'_>,
    stopped: &Option<&'static str>,
    failures: &mut Failures,
) -> Result<(), ItemError> {
    let balanced =
        |key: &str| Ok::<_, ItemError>(fields.list(key)?.is_some_and(|all| !all.is_empty()));
    if !balanced("targetGroupARNs")? && !balanced("loadBalancerNames")? {
        return Ok(());
    }
    // A list with commas.
    let kind = text(fields, "healthCheckType")?;
    if !kind.split(',').any(|kind| kind.trim() == "ELB") {
        failures.because(
            &ELB_HEALTH_CHECK_OFF,
            message!(
                "A load balancer is attached, but the health check type is {kind}",
                "ロードバランサーがあるのに、ヘルスチェックタイプが {kind} です"
            ),
        );
    } else if let Some(process) = stopped {
        failures.because(
            &ELB_HEALTH_CHECK_OFF,
            message!("The process {process} is suspended", "プロセス {process} が停止しています"),
        );
    }
    Ok(())
}

/// The processes that are suspended.
fn suspended<'a>(fields: &Fields<'a>) -> Result<Vec<&'a str>, ItemError> {
    let processes = fields.list("suspendedProcesses")?.unwrap_or_default();
    processes.iter().map(|process| text(process, "processName")).collect()
}

fn has(tags: &BTreeMap<String, String>, key: &str) -> bool {
    !key.is_empty() && tags.contains_key(key)
}
