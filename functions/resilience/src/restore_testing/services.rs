//! The clients, and what is asked of them for one resource or for all.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::drills::{self, DATABASE_CALLS, Database, Failover};
use super::{
    FAILOVER_NOT_TESTED, NOT_PROTECTED, RTO_TAG, TYPES, apps, in_scope, restores, tag_tells,
};

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        backup: aws_sdk_backup::Client::new(sdk),
        caches: aws_sdk_elasticache::Client::new(sdk),
        config: ConfigService::new(sdk),
        connect: fisc_services::DirectConnect::new(sdk),
        drs: aws_sdk_drs::Client::new(sdk),
        hub: aws_sdk_resiliencehub::Client::new(sdk),
        rds: aws_sdk_rds::Client::new(sdk),
        tags: aws_sdk_resourcegroupstagging::Client::new(sdk),
        trail: aws_sdk_cloudtrail::Client::new(sdk),
    })
}

pub(super) struct Services {
    pub(super) backup: aws_sdk_backup::Client,
    pub(super) caches: aws_sdk_elasticache::Client,
    pub(super) config: ConfigService,
    pub(super) connect: fisc_services::DirectConnect,
    pub(super) drs: aws_sdk_drs::Client,
    pub(super) hub: aws_sdk_resiliencehub::Client,
    pub(super) rds: aws_sdk_rds::Client,
    pub(super) tags: aws_sdk_resourcegroupstagging::Client,
    pub(super) trail: aws_sdk_cloudtrail::Client,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if is_app(item) {
            return apps::judge(&self.hub, arn(item)?, run).await;
        }
        let failovers =
            if awaits_failover(item, run)? { self.failovers(run).await? } else { Vec::new() };
        self.resource(item, &failovers, run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut items = Vec::new();
        for kind in TYPES.iter().filter(|kind| **kind != ResourceType::ACCOUNT) {
            for item in self.config.recorded_with_tags(*kind).await? {
                if in_scope(&item, run)? {
                    items.push(item);
                }
            }
        }
        let mut awaited = false;
        for item in &items {
            awaited |= awaits_failover(item, run)?;
        }
        let failovers = if awaited { self.failovers(run).await? } else { Vec::new() };
        let failovers = &failovers;
        let judged: Vec<Option<Evaluated>> = stream::iter(items)
            .map(|item| async move {
                let verdict = if is_app(&item) {
                    match apps::judge(&self.hub, arn(&item)?, run).await {
                        // It was deleted since it was recorded.
                        Err(Error::Service(error)) if error.is("ResourceNotFoundException") => {
                            return Ok(None);
                        }
                        answer => answer?,
                    }
                } else {
                    self.resource(&item, failovers, run).await?
                };
                let resource = Resource::from(&item);
                Ok::<_, Error>(Some(Evaluated { resource, verdict, at: run.now }))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let mut evaluated: Vec<Evaluated> = judged.into_iter().flatten().collect();
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.account(run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

impl Services {
    /// The failovers of databases that left a trace.
    async fn failovers(&self, run: &Run<'_>) -> Result<Vec<Failover>, Error> {
        let mut failovers = drills::completed(&self.rds, run).await?;
        failovers.extend(drills::called(&self.trail, &DATABASE_CALLS, run).await?);
        Ok(failovers)
    }

    /// Judges a critical resource.
    async fn resource(
        &self,
        item: &ConfigurationItem,
        failovers: &[Failover],
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let restores = restores::of(&self.backup, arn(item)?).await?;
        let database = Database::of(item)?;
        if restores.is_none() && database.is_none() {
            return Ok(Verdict::not_applicable(&NOT_PROTECTED));
        }
        let mut failures = Failures::new();
        let tags = item.all_tags()?;
        if let Some(restores) = restores {
            restores::judge(&restores, tags.get(RTO_TAG), run, &mut failures);
        }
        if database.is_some_and(|one| !tag_tells(&tags, run) && !one.failed_over(failovers)) {
            failures.add(&FAILOVER_NOT_TESTED);
        }
        Ok(failures.into_verdict())
    }
}

/// Whether events must be looked through for the resource: its tag does not say enough.
fn awaits_failover(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    Ok(Database::of(item)?.is_some() && !tag_tells(&item.all_tags()?, run))
}

fn is_app(item: &ConfigurationItem) -> bool {
    item.resource_type == ResourceType::RESILIENCE_HUB_APP.name
}

fn arn(item: &ConfigurationItem) -> Result<&str, ItemError> {
    item.arn.as_deref().ok_or_else(|| ItemError::Missing { field: "arn".to_owned() })
}
