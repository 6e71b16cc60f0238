//! Route tables: who gets to the internet through them.

use std::collections::BTreeSet;

use fisc_shared::ec2::Subnet;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::network::{AddressSet, Breadth, parse_network};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Reason, Run, Verdict, message};

use super::{
    ALLOWED_ROUTE_TABLE_IDS, FORBID_NAT, MAIN_TABLE_PUBLIC, NOT_ASSOCIATED, PREFIX_LIST_ROUTE,
    PRIVATE_ROUTE_TO_IGW, PRIVATE_ROUTE_TO_NAT, PUBLIC_SUBNET_TAG_KEY, PUBLIC_SUBNET_TAG_VALUE,
    PUBLIC_SUBNETS_ONLY, ROUTE_TABLE_ALLOWED, SHARED_NETWORK,
};
use crate::vpcs;

/// States of an association that is none any more.
const GONE: [&str; 3] = ["disassociated", "disassociating", "failed"];

/// A route table.
#[derive(Debug)]
pub(super) struct RouteTable {
    pub(super) vpc_id: String,
    /// Whether subnets without an association use it.
    pub(super) main: bool,
    /// The subnets that it is associated with.
    pub(super) subnets: Vec<String>,
    /// Whether the internet is reached through an internet gateway.
    to_internet: bool,
    /// Whether it is reached through NAT or egress-only gateways.
    to_nat: bool,
    /// Whether a prefix list is reached through an internet gateway.
    by_prefix_list: bool,
}

impl RouteTable {
    pub(super) fn read(item: &ConfigurationItem) -> Result<Self, ItemError> {
        let table = item.configuration()?;
        let vpc_id = table.text("vpcId")?.ok_or_else(|| table.missing("vpcId"))?;
        let (mut main, mut subnets) = (false, Vec::new());
        for one in table.list("associations")?.ok_or_else(|| table.missing("associations"))? {
            let state = one.at("associationState")?;
            let state = state.map(|state| state.text("state")).transpose()?.flatten();
            if state.is_some_and(|state| GONE.contains(&state)) {
                continue;
            }
            main |= one.flag("main")?.unwrap_or(false);
            subnets.extend(one.text("subnetId")?.map(str::to_owned));
        }
        let (mut internet, mut nat, mut by_prefix_list) = (Vec::new(), Vec::new(), false);
        for route in table.list("routes")?.ok_or_else(|| table.missing("routes"))? {
            let gateway = route.text("gatewayId")?.is_some_and(|id| id.starts_with("igw-"));
            let translated = route.text("natGatewayId")?.is_some()
                || route.text("egressOnlyInternetGatewayId")?.is_some();
            if !(gateway || translated) || !is_active(&route)? {
                continue;
            }
            match destination(&route)? {
                Some(network) if gateway => internet.push(network),
                Some(network) => nat.push(network),
                None => by_prefix_list |= gateway,
            }
        }
        let reaches = |networks: Vec<AddressSet>| {
            AddressSet::union_of(networks.iter()).is_internet(Breadth::default())
        };
        Ok(Self {
            vpc_id: vpc_id.to_owned(),
            main,
            subnets,
            to_internet: reaches(internet),
            to_nat: reaches(nat),
            by_prefix_list,
        })
    }

    /// Why it passes although it may look as if it should not.
    fn notes(&self) -> Vec<Reason> {
        let mut notes = Vec::new();
        if self.to_internet {
            notes.push(PUBLIC_SUBNETS_ONLY.reason());
        }
        if self.by_prefix_list {
            notes.push(PREFIX_LIST_ROUTE.reason());
        }
        notes
    }
}

/// A route whose target is gone is a black hole.
fn is_active(route: &Fields<'_>) -> Result<bool, ItemError> {
    let state = route.text("state")?.ok_or_else(|| route.missing("state"))?;
    Ok(state == "active")
}

/// Where a route leads to; `None` for a prefix list.
fn destination(route: &Fields<'_>) -> Result<Option<AddressSet>, ItemError> {
    for key in ["destinationCidrBlock", "destinationIpv6CidrBlock"] {
        if let Some(text) = route.text(key)?.filter(|text| !text.is_empty()) {
            let network = parse_network(text).ok_or_else(|| ItemError::Unreadable {
                field: format!("{}.{key}", route.path()),
                problem: "not a range of addresses".to_owned(),
            })?;
            return Ok(Some([network].into_iter().collect()));
        }
    }
    match route.text("destinationPrefixListId")? {
        Some(_) => Ok(None),
        None => Err(route.missing("destinationCidrBlock")),
    }
}

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if vpcs::is_shared(item)? {
        return Ok(Some(Verdict::not_applicable(&SHARED_NETWORK)));
    }
    let table = RouteTable::read(item)?;
    if !table.main && table.subnets.is_empty() {
        return Ok(Some(Verdict::not_applicable(&NOT_ASSOCIATED)));
    }
    if run.parameters.get(&ALLOWED_ROUTE_TABLE_IDS).contains(&item.resource_id) {
        return Ok(Some(Verdict::Compliant(vec![ROUTE_TABLE_ALLOWED.reason()])));
    }
    let open = table.to_internet || (table.to_nat && run.parameters.get(&FORBID_NAT));
    Ok((!open).then(|| Verdict::Compliant(table.notes())))
}

/// The verdict by the subnets of the VPC (or of all VPCs), and those of them that have an
/// association with whatever table.
pub(super) fn decide(
    item: &ConfigurationItem,
    subnets: &[Subnet],
    associated: &BTreeSet<String>,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let table = RouteTable::read(item)?;
    let key = run.parameters.get(&PUBLIC_SUBNET_TAG_KEY);
    let value = run.parameters.get(&PUBLIC_SUBNET_TAG_VALUE);
    let private: Vec<&Subnet> = subnets
        .iter()
        .filter(|subnet| subnet.vpc_id == table.vpc_id)
        .filter(|subnet| {
            let own = table.subnets.contains(&subnet.id);
            own || (table.main && !associated.contains(&subnet.id))
        })
        .filter(|subnet| key.is_empty() || subnet.tags.get(&key) != Some(&value))
        .collect();
    let mut failures = Failures::new();
    if table.to_internet && !private.is_empty() {
        failures.because(&PRIVATE_ROUTE_TO_IGW, named(&private));
    }
    if table.to_nat && run.parameters.get(&FORBID_NAT) && !private.is_empty() {
        failures.because(&PRIVATE_ROUTE_TO_NAT, named(&private));
    }
    if table.to_internet && table.main {
        failures.add(&MAIN_TABLE_PUBLIC);
    }
    Ok(failures.into_verdict_with(table.notes()))
}

/// The private subnets, and whether something else than the route keeps the internet away.
fn named(private: &[&Subnet]) -> Message {
    let ids: Vec<&str> = private.iter().map(|subnet| subnet.id.as_str()).collect();
    let Message { en, ja } = Message::named(&ids);
    let mut message = message!("Used by {en}", "このテーブルを使うサブネット: {ja}");
    let is_blocked =
        |subnet: &&Subnet| subnet.block_public_access.as_deref().is_some_and(|mode| mode != "off");
    if private.iter().all(is_blocked) {
        message.en.push_str("; VPC Block Public Access stops it for now");
        message.ja.push_str("(現在は VPC のパブリックアクセスブロックが遮断しています)");
    }
    message
}
