//! VPCs whose traffic must be inspected, by what Config recorded around them.

use std::collections::BTreeSet;

use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Run, Verdict};

use super::declared::{
    ACCEPT_GATEWAY_LOAD_BALANCER, ENDPOINT_NOT_IN_PATH, EXEMPT_TAG_KEY, INSPECTED_ELSEWHERE,
    INSPECTION_NOT_REQUIRED, NO_INSPECTION_ENDPOINT, REQUIRE_INSPECTION, REQUIRED_VPC_IDS,
};

/// The tag of the endpoints that Network Firewall makes.
const OF_NETWORK_FIREWALL: &str = "AWSNetworkFirewallManaged";

/// An endpoint that hands packets to an appliance.
#[derive(Debug, PartialEq, Eq)]
struct Endpoint {
    id: String,
    vpc: String,
    network_firewall: bool,
}

/// What surrounds the VPCs of a Region.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// VPCs with an internet gateway.
    online: BTreeSet<String>,
    endpoints: Vec<Endpoint>,
    /// VPCs, and the gateways of the active routes in use there.
    routes: BTreeSet<(String, String)>,
}

impl Surroundings {
    /// Reads recorded internet gateways, VPC endpoints and route tables.
    pub(super) fn read(
        gateways: &[ConfigurationItem],
        endpoints: &[ConfigurationItem],
        tables: &[ConfigurationItem],
    ) -> Result<Self, ItemError> {
        let mut all = Self::default();
        for item in gateways {
            let fields = item.configuration()?;
            for attachment in fields.list("attachments")?.unwrap_or_default() {
                all.online.extend(attachment.text("vpcId")?.map(str::to_owned));
            }
        }
        for item in endpoints {
            all.endpoints.extend(endpoint(item)?);
        }
        for item in tables {
            let fields = item.configuration()?;
            let vpc = fields.text("vpcId")?.ok_or_else(|| fields.missing("vpcId"))?;
            // A table of no subnet and no gateway leads nobody anywhere.
            if fields.list("associations")?.unwrap_or_default().is_empty() {
                continue;
            }
            for route in fields.list("routes")?.unwrap_or_default() {
                if let (Some(gateway), Some("active")) =
                    (route.text("gatewayId")?, route.text("state")?)
                {
                    all.routes.insert((vpc.to_owned(), gateway.to_owned()));
                }
            }
        }
        Ok(all)
    }

    /// Judges a VPC that may have to be inspected.
    pub(super) fn judge(&self, vpc: &str, run: &Run<'_>) -> Verdict {
        let required = run.parameters.get(&REQUIRED_VPC_IDS);
        if required.is_empty() && !self.online.contains(vpc) {
            return Verdict::not_applicable(&INSPECTION_NOT_REQUIRED);
        }
        let any = run.parameters.get(&ACCEPT_GATEWAY_LOAD_BALANCER);
        let own = |one: &&Endpoint| one.vpc == vpc && (any || one.network_firewall);
        let endpoints: Vec<&Endpoint> = self.endpoints.iter().filter(own).collect();
        let mut failures = Failures::new();
        let on_route = |one: &&Endpoint| self.routes.contains(&(vpc.to_owned(), one.id.clone()));
        if endpoints.is_empty() {
            failures.add(&NO_INSPECTION_ENDPOINT);
        } else if !endpoints.iter().any(on_route) {
            failures.add(&ENDPOINT_NOT_IN_PATH);
        }
        failures.into_verdict()
    }
}

/// An endpoint of a Gateway Load Balancer or a firewall, when it is available.
fn endpoint(item: &ConfigurationItem) -> Result<Option<Endpoint>, ItemError> {
    let fields = item.configuration()?;
    let text = |key: &str| fields.text(key)?.ok_or_else(|| fields.missing(key));
    if text("vpcEndpointType")? != "GatewayLoadBalancer" {
        return Ok(None);
    }
    // Both forms are recorded: a word, and an object around it.
    let state = fields.at("state")?.ok_or_else(|| fields.missing("state"))?;
    let state = if state.value().is_object() {
        state.text("value")?.ok_or_else(|| state.missing("value"))?
    } else {
        state.as_text()?
    };
    if !state.eq_ignore_ascii_case("available") {
        return Ok(None);
    }
    Ok(Some(Endpoint {
        id: item.resource_id.clone(),
        vpc: text("vpcId")?.to_owned(),
        network_firewall: item.all_tags()?.contains_key(OF_NETWORK_FIREWALL),
    }))
}

/// What a VPC alone tells: why it needs no inspection, if it does not.
pub(super) fn preview(
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Option<Verdict>, ItemError> {
    let required = run.parameters.get(&REQUIRED_VPC_IDS);
    if !run.parameters.get(&REQUIRE_INSPECTION)
        || !(required.is_empty() || required.contains(&item.resource_id))
    {
        return Ok(Some(Verdict::not_applicable(&INSPECTION_NOT_REQUIRED)));
    }
    let tag = run.parameters.get(&EXEMPT_TAG_KEY);
    if !tag.is_empty() && item.all_tags()?.contains_key(&tag) {
        return Ok(Some(Verdict::not_applicable(&INSPECTED_ELSEWHERE)));
    }
    Ok(None)
}
