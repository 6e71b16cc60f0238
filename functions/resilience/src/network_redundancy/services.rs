//! What is asked of EC2, Direct Connect and Config's inventory.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::regions::{each, in_region, offered};
use fisc_services::{DirectConnect, Regions};
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::{Ec2, VpnConnection};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};

use super::declared::{ACCEPT_VPN_AS_DX_BACKUP, DIRECT_CONNECT_REGIONS, NO_LINES};
use super::lines::{Behind, Gateway, Lines, circuit};
use super::vpn::Ends;
use super::{peering, vpn};

/// Everything changes without an item of its own.
pub(super) const SWEPT: &[ResourceType] = &[
    ResourceType::EC2_VPN_CONNECTION,
    ResourceType::EC2_VPN_GATEWAY,
    ResourceType::EC2_TRANSIT_GATEWAY,
    ResourceType::ACCOUNT,
];

pub(super) fn preview(item: &ConfigurationItem, _: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type == ResourceType::EC2_VPN_CONNECTION.name {
        return vpn::judge(item).map(Some);
    }
    Ok(None)
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        config: ConfigService::new(sdk),
        regions: Regions::new(sdk),
        direct_connect: DirectConnect::new(sdk),
        ec2: Ec2::new(sdk),
        sdk: sdk.clone(),
    })
}

struct Services {
    config: ConfigService,
    regions: Regions,
    direct_connect: DirectConnect,
    ec2: Ec2,
    sdk: SdkConfig,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let gateway = item.resource_id.as_str();
        let ends = self.ends().await?;
        let backup = run.parameters.get(&ACCEPT_VPN_AS_DX_BACKUP)
            && ends.is_short(gateway, run)
            && self.lines(run).await?.is_redundant(gateway, run);
        Ok(ends.judge(gateway, backup, run))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let of = |item: &ConfigurationItem, verdict: Verdict| Evaluated {
            resource: Resource::from(item),
            verdict,
            at: run.now,
        };
        let connections = self.config.recorded_with_tags(ResourceType::EC2_VPN_CONNECTION).await?;
        let mut evaluated = Vec::new();
        let now = match connections.is_empty() {
            true => Vec::new(),
            false => self.ec2.vpn_connections(&[]).await?,
        };
        for item in &connections {
            // One that EC2 does not know any more was deleted since.
            if let Some(found) = now.iter().find(|one| one.id == item.resource_id) {
                evaluated.push(of(item, vpn::tunnels(&found.state, found.tunnels_up)));
            }
        }

        let mut gateways = self.config.recorded_with_tags(ResourceType::EC2_VPN_GATEWAY).await?;
        gateways.extend(self.config.recorded_with_tags(ResourceType::EC2_TRANSIT_GATEWAY).await?);
        let ends = match gateways.is_empty() {
            true => Ends::default(),
            false => Ends::read(&connections, &self.customers().await?)?,
        };
        let accept = run.parameters.get(&ACCEPT_VPN_AS_DX_BACKUP);
        let short = accept && gateways.iter().any(|item| ends.is_short(&item.resource_id, run));
        let lines = match run.home || short {
            true => self.lines(run).await?,
            false => Lines::default(),
        };
        for item in &gateways {
            let gateway = item.resource_id.as_str();
            let backup = accept && lines.is_redundant(gateway, run);
            evaluated.push(of(item, ends.judge(gateway, backup, run)));
        }

        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.account(&lines, run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

impl Services {
    async fn account(&self, lines: &Lines, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        let mut judged = false;
        // Direct Connect is told once for the account.
        if run.home {
            let backed_up = self.backed_up(lines, run).await?;
            judged |= lines.judge(&backed_up, run, &mut failures);
        }
        let vpcs = self.config.recorded_with_tags(ResourceType::EC2_VPC).await?;
        let peerings =
            self.config.recorded_with_tags(ResourceType::EC2_VPC_PEERING_CONNECTION).await?;
        judged |= peering::judge(&vpcs, &peerings, run, &mut failures)?;
        Ok(match judged {
            true => failures.into_verdict(),
            false => Verdict::not_applicable(&NO_LINES),
        })
    }

    async fn ends(&self) -> Result<Ends, Error> {
        let connections = self.config.recorded_with_tags(ResourceType::EC2_VPN_CONNECTION).await?;
        Ends::read(&connections, &self.customers().await?)
    }

    async fn customers(&self) -> Result<Vec<ConfigurationItem>, Error> {
        self.config.recorded_with_tags(ResourceType::EC2_CUSTOMER_GATEWAY).await
    }

    /// Direct Connect in all Regions: a circuit may be listed in another one than what it leads to.
    async fn lines(&self, run: &Run<'_>) -> Result<Lines, Error> {
        let regions = match run.parameters.get(&DIRECT_CONNECT_REGIONS) {
            given if !given.is_empty() => given,
            _ => self.regions.enabled().await?,
        };
        let asked = each(&self.sdk, regions, |sdk| async move {
            let client = DirectConnect::new(&sdk);
            let connections = async { client.connections().await };
            let Some(connections) = offered(connections.await)? else { return Ok(None) };
            Ok(Some((connections, client.interfaces().await?)))
        });
        let mut lines = Lines::default();
        for (region, found) in asked.await? {
            let Some((connections, interfaces)) = found else { continue };
            for connection in &connections {
                lines.circuits.extend(circuit(connection)?);
            }
            for interface in &interfaces {
                lines.add(interface, &region, run)?;
            }
        }
        let direct = lines.gateways.keys().filter_map(|gateway| match gateway {
            Gateway::Direct(id) => Some(id.clone()),
            Gateway::Private(..) => None,
        });
        for gateway in direct.collect::<Vec<String>>() {
            for association in self.direct_connect.associations(&gateway).await? {
                lines.associate(&gateway, &association, run)?;
            }
        }
        lines.complete();
        Ok(lines)
    }

    /// The gateways behind a single Direct Connect path that have a VPN with a tunnel up.
    async fn backed_up(&self, lines: &Lines, run: &Run<'_>) -> Result<BTreeSet<Behind>, Error> {
        let gateways: BTreeSet<Behind> = lines.without_second_path(run).cloned().collect();
        let regions: BTreeSet<String> = gateways.iter().map(|one| one.region.clone()).collect();
        let mut backed_up = BTreeSet::new();
        for region in regions {
            let ec2 = Ec2::new(&in_region(&self.sdk, &region));
            for connection in ec2.vpn_connections(&[]).await? {
                if is_up(&connection) {
                    let ends = [connection.vpn_gateway_id, connection.transit_gateway_id];
                    let behind = |id| Behind { id, region: region.clone() };
                    backed_up.extend(ends.into_iter().flatten().map(behind));
                }
            }
        }
        Ok(backed_up)
    }
}

fn is_up(connection: &VpnConnection) -> bool {
    connection.state == "available" && connection.tunnels_up > 0
}
