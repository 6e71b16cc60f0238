//! NAT gateways, and the subnets that depend on them.

use std::collections::{BTreeMap, BTreeSet};

use fisc_shared::item::required::text;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Verdict};

use super::declared::NAT_SHARED_ACROSS_AZ;
use super::remarks::NO_NAT_GATEWAY;

/// A subnet: its VPC and its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    vpc: String,
    pub(super) zone: String,
}

/// The subnets of Config's inventory, by id.
pub(super) type Places = BTreeMap<String, Place>;

/// Reads the subnets of the inventory.
pub(super) fn places(items: &[ConfigurationItem]) -> Result<Places, Error> {
    let place = |item: &ConfigurationItem| {
        let fields = item.configuration()?;
        let (vpc, zone) = (text(&fields, "vpcId")?, text(&fields, "availabilityZone")?);
        Ok((item.resource_id.clone(), Place { vpc: vpc.to_owned(), zone: zone.to_owned() }))
    };
    items.iter().map(place).collect()
}

/// A route table that leads to NAT gateways, or may be used instead of one.
#[derive(Debug)]
struct Table {
    vpc: String,
    main: bool,
    subnets: Vec<String>,
    gateways: BTreeSet<String>,
}

impl Table {
    fn read(item: &ConfigurationItem) -> Result<Self, Error> {
        let fields = item.configuration()?;
        let list = |key: &str| fields.list(key)?.ok_or_else(|| fields.missing(key));
        let mut table = Self {
            vpc: text(&fields, "vpcId")?.to_owned(),
            main: false,
            subnets: Vec::new(),
            gateways: BTreeSet::new(),
        };
        for association in list("associations")? {
            table.main |= association.flag("main")?.unwrap_or(false);
            table.subnets.extend(association.text("subnetId")?.map(str::to_owned));
        }
        for route in list("routes")? {
            let Some(gateway) = route.text("natGatewayId")? else { continue };
            // A route to a gateway that is gone carries nothing.
            if text(&route, "state")? == "active" {
                table.gateways.insert(gateway.to_owned());
            }
        }
        Ok(table)
    }
}

/// The routes of all VPCs.
#[derive(Debug)]
pub(super) struct Egress<'a> {
    tables: Vec<Table>,
    /// Whether a NAT gateway is in one zone.
    zonal: BTreeMap<String, bool>,
    places: &'a Places,
}

impl<'a> Egress<'a> {
    /// From the items of all route tables, NAT gateways and subnets.
    pub(super) fn read(
        tables: &[ConfigurationItem],
        gateways: &[ConfigurationItem],
        places: &'a Places,
    ) -> Result<Self, Error> {
        let zonal = |item: &ConfigurationItem| {
            // Only a regional gateway has no subnet.
            let subnet = item.configuration()?.text("subnetId")?;
            Ok((item.resource_id.clone(), subnet.is_some_and(|subnet| !subnet.is_empty())))
        };
        Ok(Self {
            tables: tables.iter().map(Table::read).collect::<Result<_, _>>()?,
            zonal: gateways.iter().map(zonal).collect::<Result<_, Error>>()?,
            places,
        })
    }

    /// The verdict on a VPC.
    pub(super) fn judge(&self, vpc: &str) -> Result<Verdict, Error> {
        let tables = || self.tables.iter().filter(|table| table.vpc == vpc);
        let associated: BTreeSet<&str> =
            tables().flat_map(|table| &table.subnets).map(String::as_str).collect();
        let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for table in tables().filter(|table| !table.gateways.is_empty()) {
            let mut zones = BTreeSet::new();
            for subnet in &table.subnets {
                zones.insert(self.zone(subnet)?);
            }
            if table.main {
                let rest = self
                    .places
                    .iter()
                    .filter(|(id, place)| place.vpc == vpc && !associated.contains(id.as_str()));
                zones.extend(rest.map(|(_, place)| place.zone.as_str()));
            }
            for gateway in &table.gateways {
                users.entry(gateway).or_default().extend(&zones);
            }
        }
        users.retain(|_, zones| !zones.is_empty());
        if users.is_empty() {
            return Ok(Verdict::not_applicable(&NO_NAT_GATEWAY));
        }
        let mut shared = Vec::new();
        for (gateway, zones) in users {
            if *self.zonal.get(gateway).ok_or_else(|| lacks(gateway))? && zones.len() > 1 {
                let zones: Vec<&str> = zones.into_iter().collect();
                shared.push(format!("{gateway} ({})", zones.join(", ")));
            }
        }
        let mut failures = Failures::new();
        if !shared.is_empty() {
            failures.because(&NAT_SHARED_ACROSS_AZ, NAT_SHARED_ACROSS_AZ.naming(&shared));
        }
        Ok(failures.into_verdict())
    }

    fn zone(&self, subnet: &str) -> Result<&str, Error> {
        Ok(self.places.get(subnet).ok_or_else(|| lacks(subnet))?.zone.as_str())
    }
}

/// The inventory may be behind what an item already names.
fn lacks(id: &str) -> Error {
    Error::Answer { action: "config:SelectResourceConfig", field: format!("the item of {id}") }
}
