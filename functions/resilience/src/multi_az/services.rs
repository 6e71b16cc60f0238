//! What items leave open: asked of Config's inventory and of the services.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::Ec2;
use fisc_shared::verdict::Compliance;
use fisc_shared::verdict::remarks::RESOURCE_GONE;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict, runner,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::account::Unrecorded;
use super::asked::Asked;
use super::declared::EKS_NODES_SINGLE_AZ;
use super::egress::{self, Egress, Places};
use super::kinds::{self, Ask, Told};
use super::remarks::NO_NODE_GROUPS;
use super::spread::{self, Zones};
use super::workloads::Workloads;
use super::{CONTROL, members, scope};

/// What changes without a change of the item.
pub(super) const SWEPT: &[ResourceType] = &[
    ResourceType::EC2_INSTANCE,
    ResourceType::EKS_CLUSTER,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::EFS_FILE_SYSTEM,
    ResourceType::EC2_VPC,
    ResourceType::ACCOUNT,
];

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let outside = scope::outside(item, run);
    if let Ok(Some(verdict)) = outside {
        return Ok(Some(verdict));
    }
    let told = kinds::look(item, run)?;
    match told {
        Told::Decided(verdict) if verdict.compliance() != Compliance::NonCompliant => {
            Ok(Some(verdict))
        }
        // Tags that the item lacks may leave out what fails, but not what passes.
        told => outside.map_err(Error::from).map(|_| match told {
            Told::Decided(verdict) => Some(verdict),
            Told::InSubnets(..) | Told::Ask(_) => None,
        }),
    }
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        config: ConfigService::new(sdk),
        ec2: Ec2::new(sdk),
        asked: Asked::new(sdk),
        unrecorded: Unrecorded::new(sdk),
    })
}

struct Services {
    config: ConfigService,
    ec2: Ec2,
    asked: Asked,
    unrecorded: Unrecorded,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let asked = match kinds::look(item, run)? {
            Told::Decided(verdict) => return Ok(verdict),
            Told::InSubnets(requirement, subnets) => {
                let subnets = subnets.into_iter().collect();
                let zones = self.zones(&subnets, &self.places().await?).await?;
                return Ok(spread::verdict(requirement, &zones, Vec::new(), run));
            }
            Told::Ask(asked) => asked,
        };
        if let Ask::Workload(workload) = &asked {
            let items = self.config.recorded_with_tags(ResourceType::EC2_INSTANCE).await?;
            let mut workloads = Workloads::read(&items, run)?;
            // The inventory may be behind the change that is judged.
            workloads.add(item, run)?;
            return Ok(workloads.judge(workload, run));
        }
        let places = match asked {
            Ask::Egress | Ask::NodeGroups(_) => self.places().await?,
            _ => Places::new(),
        };
        if asked == Ask::Egress {
            return self.egress(&places).await?.judge(&item.resource_id);
        }
        let verdict = self.ask(item, &asked, &places, run).await?;
        Ok(verdict.unwrap_or_else(|| Verdict::not_applicable(&RESOURCE_GONE)))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let places = self.places().await?;
        let mut evaluated = self.instances(run).await?;
        evaluated.extend(self.vpcs(&places, run).await?);
        for kind in
            [ResourceType::EKS_CLUSTER, ResourceType::RDS_DB_CLUSTER, ResourceType::EFS_FILE_SYSTEM]
        {
            let items = self.config.recorded_with_tags(kind).await?;
            let judged: Vec<Option<Evaluated>> = stream::iter(items)
                .map(|item| self.one(item, &places, run))
                .buffered(CONCURRENCY)
                .try_collect()
                .await?;
            evaluated.extend(judged.into_iter().flatten());
        }
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.unrecorded.judge(run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

impl Services {
    /// The instances that are part of a workload. Why the others are not judged was said when
    /// they changed.
    async fn instances(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let items = self.config.recorded_with_tags(ResourceType::EC2_INSTANCE).await?;
        let workloads = Workloads::read(&items, run)?;
        let mut evaluated = Vec::new();
        for item in &items {
            if runner::preview(&CONTROL, item, run)?.is_some() {
                continue;
            }
            if let Told::Ask(Ask::Workload(workload)) = kinds::look(item, run)? {
                evaluated.push(of(item, workloads.judge(&workload, run), run));
            }
        }
        Ok(evaluated)
    }

    async fn vpcs(&self, places: &Places, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let items = self.config.recorded_with_tags(ResourceType::EC2_VPC).await?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let egress = self.egress(places).await?;
        let judged = |item: &ConfigurationItem| {
            Ok(match runner::preview(&CONTROL, item, run)? {
                Some(verdict) => of(item, verdict, run),
                None => of(item, egress.judge(&item.resource_id)?, run),
            })
        };
        items.iter().map(judged).collect()
    }

    /// A resource of a sweep; `None` when it was deleted since it was recorded.
    async fn one(
        &self,
        item: ConfigurationItem,
        places: &Places,
        run: &Run<'_>,
    ) -> Result<Option<Evaluated>, Error> {
        if let Some(verdict) = runner::preview(&CONTROL, &item, run)? {
            return Ok(Some(of(&item, verdict, run)));
        }
        let Told::Ask(asked) = kinds::look(&item, run)? else { return Ok(None) };
        let verdict = self.ask(&item, &asked, places, run).await?;
        Ok(verdict.map(|verdict| of(&item, verdict, run)))
    }

    /// What a service tells of one resource; `None` when there is no such resource any more.
    async fn ask(
        &self,
        item: &ConfigurationItem,
        asked: &Ask,
        places: &Places,
        run: &Run<'_>,
    ) -> Result<Option<Verdict>, Error> {
        Ok(match asked {
            Ask::NodeGroups(cluster) => Some(match self.asked.node_subnets(cluster).await? {
                Some(subnets) => {
                    let zones = self.zones(&subnets, places).await?;
                    spread::verdict(&EKS_NODES_SINGLE_AZ, &zones, Vec::new(), run)
                }
                None => Verdict::not_applicable(&NO_NODE_GROUPS),
            }),
            Ask::Members(cluster) => {
                Some(members::judge(item, &self.asked.members(cluster).await?, run)?)
            }
            Ask::MountTargets => self.asked.file_system(&item.resource_id, run).await?,
            Ask::Workload(_) | Ask::Egress => None,
        })
    }

    /// The subnets of the inventory.
    async fn places(&self) -> Result<Places, Error> {
        egress::places(&self.config.recorded_with_tags(ResourceType::EC2_SUBNET).await?)
    }

    async fn egress<'a>(&self, places: &'a Places) -> Result<Egress<'a>, Error> {
        let tables = self.config.recorded_with_tags(ResourceType::EC2_ROUTE_TABLE).await?;
        let gateways = self.config.recorded_with_tags(ResourceType::EC2_NAT_GATEWAY).await?;
        Egress::read(&tables, &gateways, places)
    }

    /// The zones of subnets. The inventory has neither those that other accounts share nor the
    /// newest: EC2 knows them.
    async fn zones(&self, subnets: &BTreeSet<String>, places: &Places) -> Result<Zones, Error> {
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            subnets.iter().map(String::as_str).partition(|id| places.contains_key(*id));
        let mut zones: Zones =
            known.iter().filter_map(|id| places.get(*id)).map(|place| place.zone.clone()).collect();
        if !unknown.is_empty() {
            let asked = self.ec2.subnet_places(&unknown).await?;
            zones.extend(asked.into_iter().map(|place| place.zone));
        }
        Ok(zones)
    }
}

fn of(item: &ConfigurationItem, verdict: Verdict, run: &Run<'_>) -> Evaluated {
    Evaluated { resource: Resource::from(item), verdict, at: run.now }
}
