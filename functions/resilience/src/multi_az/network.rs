//! Load balancers, and what traffic passes on its way.

use fisc_shared::item::required::{part, text};
use fisc_shared::{ConfigurationItem, Error, Run};

use super::compute::texts;
use super::declared::{LB_SINGLE_AZ, NETWORK_PATH_SINGLE_AZ};
use super::kinds::{Ask, Told};
use super::remarks::{
    GATEWAY_ENDPOINT, MANAGED_BY_AWS, NOT_OF_A_VPC, ONE_SUBNET_BY_DESIGN, SHARED_VPC,
};
use super::spread::{self, Zones};

const ZONES: &str = "availabilityZones";

pub(super) fn balancer(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    let fields = item.configuration()?;
    let mut zones = Zones::new();
    for zone in fields.list(ZONES)?.ok_or_else(|| fields.missing(ZONES))? {
        zones.insert(text(&zone, "zoneName")?.to_owned());
    }
    Ok(Told::Decided(spread::verdict(&LB_SINGLE_AZ, &zones, Vec::new(), run)))
}

pub(super) fn classic(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    let zones: Zones = texts(&item.configuration()?, ZONES)?.into_iter().collect();
    Ok(Told::Decided(spread::verdict(&LB_SINGLE_AZ, &zones, Vec::new(), run)))
}

pub(super) fn firewall(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    const SUBNETS: &str = "subnetMappings";
    let firewall = part(&item.configuration()?, "firewall")?;
    let subnets = firewall.list(SUBNETS)?;
    // A firewall that is attached to a transit gateway is in zones, not in subnets.
    let zones = firewall.list("availabilityZoneMappings")?.unwrap_or_default();
    if !zones.is_empty() && subnets.as_ref().is_none_or(Vec::is_empty) {
        let zones = zones.iter().map(|zone| Ok(text(zone, "availabilityZone")?.to_owned()));
        let zones: Zones = zones.collect::<Result<_, Error>>()?;
        let verdict = spread::verdict(&NETWORK_PATH_SINGLE_AZ, &zones, Vec::new(), run);
        return Ok(Told::Decided(verdict));
    }
    let subnets = subnets.ok_or_else(|| firewall.missing(SUBNETS))?;
    let subnets = subnets.iter().map(|subnet| Ok(text(subnet, "subnetId")?.to_owned()));
    Ok(Told::InSubnets(&NETWORK_PATH_SINGLE_AZ, subnets.collect::<Result<_, Error>>()?))
}

pub(super) fn endpoint(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    let fields = item.configuration()?;
    match text(&fields, "vpcEndpointType")? {
        "Gateway" => return Ok(Told::left_out(&GATEWAY_ENDPOINT)),
        "GatewayLoadBalancer" => return Ok(Told::left_out(&ONE_SUBNET_BY_DESIGN)),
        _ => {}
    }
    if fields.flag("requesterManaged")? == Some(true) {
        return Ok(Told::left_out(&MANAGED_BY_AWS));
    }
    Ok(Told::InSubnets(&NETWORK_PATH_SINGLE_AZ, texts(&fields, "subnetIds")?))
}

pub(super) fn attachment(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    let fields = item.configuration()?;
    if fields.text("VpcId")?.is_none_or(str::is_empty) {
        return Ok(Told::left_out(&NOT_OF_A_VPC));
    }
    Ok(Told::InSubnets(&NETWORK_PATH_SINGLE_AZ, texts(&fields, "SubnetIds")?))
}

pub(super) fn vpc(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    let owner = item.configuration()?.text("ownerId")?;
    // Items from before VPCs could be shared name no owner.
    Ok(match owner.is_some_and(|owner| owner != run.account_id) {
        true => Told::left_out(&SHARED_VPC),
        false => Told::Ask(Ask::Egress),
    })
}
