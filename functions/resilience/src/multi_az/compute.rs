//! Auto Scaling groups, instances, containers and functions.

use fisc_shared::item::required::{part, text, unknown};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::declared::{
    ASG_SINGLE_AZ, ECS_SERVICE_SINGLE_AZ, LAMBDA_VPC_SINGLE_AZ, MIN_DESIRED_COUNT,
};
use super::kinds::{Ask, Told};
use super::remarks::{
    DAEMON_SERVICE, GROUP_MEMBER, NETWORK_OF_INSTANCES, NO_TASKS, NO_WORKLOAD_TAG, NOT_RUNNING,
    OUTSIDE_VPC,
};
use super::spread::{self, Zones};
use super::workloads;

/// The texts of a list that is always there.
pub(super) fn texts(fields: &Fields<'_>, key: &str) -> Result<Vec<String>, ItemError> {
    let list = fields.list(key)?.ok_or_else(|| fields.missing(key))?;
    list.iter().map(|one| Ok(one.as_text()?.to_owned())).collect()
}

pub(super) fn group(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    let zones: Zones = texts(&item.configuration()?, "availabilityZones")?.into_iter().collect();
    Ok(Told::Decided(spread::verdict(&ASG_SINGLE_AZ, &zones, Vec::new(), run)))
}

pub(super) fn instance(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    if workloads::zone_if_running(item)?.is_none() {
        return Ok(Told::left_out(&NOT_RUNNING));
    }
    let tags = item.all_tags()?;
    if workloads::in_group(&tags) {
        return Ok(Told::left_out(&GROUP_MEMBER));
    }
    Ok(match workloads::of(&tags, run) {
        Some(workload) => Told::Ask(Ask::Workload(workload)),
        None => Told::left_out(&NO_WORKLOAD_TAG),
    })
}

pub(super) fn service(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    const STRATEGY: &str = "SchedulingStrategy";
    let fields = item.configuration()?;
    // REPLICA is the default.
    match fields.text(STRATEGY)? {
        Some("DAEMON") => return Ok(Told::left_out(&DAEMON_SERVICE)),
        Some("REPLICA") | None => {}
        Some(other) => return Err(unknown(&fields, STRATEGY, other).into()),
    }
    let count = fields.integer("DesiredCount")?.ok_or_else(|| fields.missing("DesiredCount"))?;
    if count == 0 {
        return Ok(Told::left_out(&NO_TASKS));
    }
    let wanted = run.parameters.get(&MIN_DESIRED_COUNT);
    if count < wanted {
        let mut failures = Failures::new();
        failures.because(
            &ECS_SERVICE_SINGLE_AZ,
            message!(
                "Runs {count} task(s); {wanted} are asked for",
                "タスク数が {count} です(必要数 {wanted})"
            ),
        );
        return Ok(Told::Decided(failures.into_verdict()));
    }
    let network = fields.at("NetworkConfiguration")?;
    let network = network.map(|network| network.at("AwsvpcConfiguration")).transpose()?.flatten();
    Ok(match network {
        Some(network) => Told::InSubnets(&ECS_SERVICE_SINGLE_AZ, texts(&network, "Subnets")?),
        // Tasks in bridge or host mode.
        None => Told::Decided(Verdict::Compliant(vec![NETWORK_OF_INSTANCES.reason()])),
    })
}

pub(super) fn cluster(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    Ok(Told::Ask(Ask::NodeGroups(text(&item.configuration()?, "Name")?.to_owned())))
}

pub(super) fn function(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    let fields = item.configuration()?;
    // A function outside of any VPC has no such part, or an empty one.
    if fields.at("vpcConfig")?.is_none() {
        return Ok(Told::left_out(&OUTSIDE_VPC));
    }
    let network = part(&fields, "vpcConfig")?;
    let subnets = match network.at("subnetIds")? {
        Some(_) => texts(&network, "subnetIds")?,
        None => Vec::new(),
    };
    Ok(match subnets.is_empty() {
        true => Told::left_out(&OUTSIDE_VPC),
        false => Told::InSubnets(&LAMBDA_VPC_SINGLE_AZ, subnets),
    })
}
