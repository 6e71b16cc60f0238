//! Whom `backup-plan` asks.

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::config_service::{ConfigService, from_sdk, to_sdk};
use fisc_shared::error::Call;
use fisc_shared::item::required::text;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};
use jiff::SignedDuration;
use tokio::sync::OnceCell;

use super::account::{self, Volume};
use super::judge::{CopyJob, Facts, Judged};
use super::{COPY_WINDOW_DAYS, EXEMPT};
use crate::backups::Backups;
use crate::backups::lifecycle::Lifecycle;
use crate::backups::selection::{OptIn, Service, Subject, Tags};

pub(super) const LIST_COPY_JOBS: &str = "backup:ListCopyJobs";

/// The clients.
pub(super) struct Services {
    config: ConfigService,
    backups: Backups,
    lifecycle: Lifecycle,
}

/// Something that can be backed up continuously.
#[derive(Debug)]
struct Store {
    service: Service,
    arn: String,
    tags: Tags,
}

/// What one run reads when the first plan needs it.
#[derive(Default)]
struct World {
    jobs: OnceCell<Vec<CopyJob>>,
    stores: OnceCell<Vec<Store>>,
    opted_in: OnceCell<OptIn>,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        self.plan(item, &World::default(), run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let world = World::default();
        let mut evaluated = Vec::new();
        for item in self.config.recorded_with_tags(ResourceType::BACKUP_BACKUP_PLAN).await? {
            let verdict = self.plan(&item, &world, run).await?;
            evaluated.push(Evaluated { resource: Resource::from(&item), verdict, at: run.now });
        }
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.account(run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            config: ConfigService::new(sdk),
            backups: Backups::new(sdk),
            lifecycle: Lifecycle::new(sdk),
        }
    }

    async fn plan(
        &self,
        item: &ConfigurationItem,
        world: &World,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let Some(judged) = Judged::read(item, run)? else {
            return Ok(Verdict::not_applicable(&EXEMPT));
        };
        let jobs = if judged.copies() {
            Some(world.jobs.get_or_try_init(|| self.copy_jobs(run)).await?.as_slice())
        } else {
            None
        };
        let selects_continuous =
            judged.needs_selections() && self.selects_store(&judged.plan.id, world).await?;
        Ok(judged.decide(Facts { jobs, selects_continuous }, run))
    }

    /// Whether the plan selects something that can be backed up continuously.
    async fn selects_store(&self, plan: &str, world: &World) -> Result<bool, Error> {
        let selections = self.backups.selections(plan).await?;
        if selections.is_empty() {
            return Ok(false);
        }
        let opted_in = world.opted_in.get_or_try_init(|| self.backups.opted_in()).await?;
        let stores = world.stores.get_or_try_init(|| self.stores()).await?;
        Ok(stores.iter().any(|store| {
            let Store { service, arn, tags } = store;
            let subject = Subject { service: *service, arn, tags };
            selections.iter().any(|selection| selection.selects(&subject, opted_in))
        }))
    }

    /// The RDS instances, Aurora clusters and buckets.
    async fn stores(&self) -> Result<Vec<Store>, Error> {
        let mut stores = Vec::new();
        for kind in
            [ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER, ResourceType::S3_BUCKET]
        {
            for item in self.config.recorded_with_tags(kind).await? {
                let service = match kind {
                    ResourceType::S3_BUCKET => Service::S3,
                    ResourceType::RDS_DB_CLUSTER => {
                        Service::of_cluster(text(&item.configuration()?, "engine")?)
                    }
                    _ => Service::Rds,
                };
                let member = kind == ResourceType::RDS_DB_INSTANCE
                    && item.configuration()?.text("dBClusterIdentifier")?.is_some();
                if member || matches!(service, Service::DocumentDb | Service::Neptune) {
                    continue;
                }
                let tags = item.all_tags()?;
                if let Some(arn) = item.arn {
                    stores.push(Store { service, arn, tags });
                }
            }
        }
        Ok(stores)
    }

    /// The copy jobs of the window that plans started.
    async fn copy_jobs(&self, run: &Run<'_>) -> Result<Vec<CopyJob>, Error> {
        let window = SignedDuration::from_hours(24 * run.parameters.get(&COPY_WINDOW_DAYS));
        let since = run.now.saturating_sub(window).unwrap_or(run.now);
        let request = self.backups.client.list_copy_jobs().by_created_after(to_sdk(since));
        let mut pages = request.into_paginator().items().send();
        let mut jobs = Vec::new();
        while let Some(job) = pages.next().await {
            let job = job.call(LIST_COPY_JOBS)?;
            let plan = job.created_by().and_then(|creator| creator.backup_plan_id());
            let (Some(plan), Some(created), Some(state)) =
                (plan, job.creation_date().and_then(from_sdk), job.state())
            else {
                continue;
            };
            jobs.push(CopyJob { plan: plan.to_owned(), created, state: state.as_str().to_owned() });
        }
        Ok(jobs)
    }

    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let policies = self.lifecycle.policies().await?;
        let items = self.config.recorded_with_tags(ResourceType::EC2_VOLUME).await?;
        let mut volumes: Vec<Volume> = items.iter().map(Volume::read).collect::<Result<_, _>>()?;
        let mut uncovered = Vec::new();
        if !volumes.is_empty() {
            let plans = self.backups.plans().await?;
            let tags = self.config.recorded_tags(ResourceType::EC2_INSTANCE.name).await?;
            let of = |id: &str| tags.get(id).cloned().unwrap_or_default();
            volumes.retain(|volume| !volume.is_set_aside(of, run));
            let left = volumes.iter().filter(|volume| !volume.is_covered(&plans, of, run));
            uncovered = left.map(|volume| volume.id.clone()).collect();
        }
        Ok(account::decide(&policies, volumes.len(), &uncovered, run))
    }
}
