//! Load balancers and distributions, as far as their items tell.

use aws_sdk_elasticloadbalancingv2::operation::describe_capacity_reservation::DescribeCapacityReservationOutput;
use aws_sdk_elasticloadbalancingv2::types::CapacityReservationStateEnum;
use fisc_shared::item::required::{flag, part, text, unknown};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict};

use super::declared::{
    CROSS_ZONE_OFF, DR_TAG, NOT_MARKED_FOR_FAILOVER, ORIGIN_FAILOVER_MISSING, SURGE_TAG_KEY,
    ZONAL_BY_DESIGN, ZONAL_TAG_KEY,
};
use fisc_shared::item::has_tag;

const ATTRIBUTES: &str = "LoadBalancerAttributes";

/// Whether a load balancer carries the tag under this parameter's key.
fn marked(item: &ConfigurationItem, key: &str) -> Result<bool, Error> {
    Ok(has_tag(&item.all_tags()?, key))
}

pub(super) fn classic(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let attributes = item.supplementary(ATTRIBUTES)?;
    let attributes = attributes.ok_or_else(|| missing(ATTRIBUTES))?;
    let on = flag(&part(&attributes, "crossZoneLoadBalancing")?, "enabled")?;
    if !on && marked(item, &run.parameters.get(&ZONAL_TAG_KEY))? {
        return Ok(Verdict::not_applicable(&ZONAL_BY_DESIGN));
    }
    let mut failures = Failures::new();
    if !on {
        failures.add(&CROSS_ZONE_OFF);
    }
    Ok(failures.into_verdict())
}

fn missing(part: &str) -> Error {
    fisc_shared::item::ItemError::Missing { field: format!("supplementaryConfiguration.{part}") }
        .into()
}

/// An Application, Network or Gateway Load Balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Balancer {
    pub(super) arn: String,
    /// Cross-zone balancing is off, and nobody says that it should be.
    pub(super) cross_zone_off: bool,
    /// The subnets in which it needs addresses to grow.
    pub(super) subnets: Vec<String>,
    pub(super) surge: bool,
}

impl Balancer {
    pub(super) fn read(item: &ConfigurationItem, run: &Run<'_>) -> Result<Self, Error> {
        const ZONES: &str = "availabilityZones";
        let fields = item.configuration()?;
        let (grows, always_across) = match text(&fields, "type")? {
            "application" => (true, true),
            "network" => (true, false),
            "gateway" => (false, false),
            other => return Err(unknown(&fields, "type", other).into()),
        };
        let cross_zone_off = !always_across
            && !crosses_zones(item)?
            && !marked(item, &run.parameters.get(&ZONAL_TAG_KEY))?;
        let mut subnets = Vec::new();
        for zone in fields.list(ZONES)?.ok_or_else(|| fields.missing(ZONES))? {
            // On an Outpost, addresses are the customer's own.
            if grows && zone.text("outpostId")?.is_none_or(str::is_empty) {
                subnets.push(text(&zone, "subnetId")?.to_owned());
            }
        }
        Ok(Self {
            arn: text(&fields, "loadBalancerArn")?.to_owned(),
            cross_zone_off,
            subnets,
            surge: grows && marked(item, &run.parameters.get(&SURGE_TAG_KEY))?,
        })
    }
}

/// Whether a Network or Gateway Load Balancer sends traffic to other zones.
fn crosses_zones(item: &ConfigurationItem) -> Result<bool, Error> {
    const KEY: &str = "load_balancing.cross_zone.enabled";
    let attributes = item.supplementary(ATTRIBUTES)?.ok_or_else(|| missing(ATTRIBUTES))?;
    let list = attributes.value().as_array().into_iter().flatten();
    let value = list
        .filter(|one| one.get("key").and_then(|key| key.as_str()) == Some(KEY))
        .find_map(|one| one.get("value").and_then(|value| value.as_str()));
    match value {
        Some(value) => Ok(value.eq_ignore_ascii_case("true")),
        None => Err(missing(&format!("{ATTRIBUTES}[{KEY}]"))),
    }
}

/// Whether capacity is reserved, and there.
pub(super) fn is_reserved(answer: &DescribeCapacityReservationOutput) -> bool {
    let units = answer.minimum_load_balancer_capacity().and_then(|minimum| minimum.capacity_units);
    units.is_some_and(|units| units > 0)
        && answer.capacity_reservation_state().iter().all(|zone| {
            zone.state().and_then(|state| state.code())
                == Some(&CapacityReservationStateEnum::Provisioned)
        })
}

pub(super) fn distribution(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    if !marked(item, &run.parameters.get(&DR_TAG))? {
        return Ok(Verdict::not_applicable(&NOT_MARKED_FOR_FAILOVER));
    }
    let config = part(&item.configuration()?, "distributionConfig")?;
    let origin = part(&config, "defaultCacheBehavior")?;
    let origin = text(&origin, "targetOriginId")?;
    let groups = config.at("originGroups")?;
    let groups = groups.map(|groups| groups.list("items")).transpose()?.flatten();
    let mut found = false;
    for group in groups.unwrap_or_default() {
        if text(&group, "id")? == origin {
            let members = part(&group, "members")?;
            let count = members.integer("quantity")?.ok_or_else(|| members.missing("quantity"))?;
            found |= count >= 2;
        }
    }
    let mut failures = Failures::new();
    if !found {
        failures.add(&ORIGIN_FAILOVER_MISSING);
    }
    Ok(failures.into_verdict())
}
