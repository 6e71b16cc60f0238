//! Whom `backup-coverage` asks.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::{ConfigService, from_sdk};
use fisc_shared::ec2::Ec2;
use fisc_shared::error::Call;
use fisc_shared::verdict::remarks;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::judge::{self, Live, Recovery, Source};
use super::reading::{self, Data, Own, Reading};
use super::remarks::NOT_AVAILABLE;
use super::world::World;
use super::{SWEPT, account};
use crate::backups::Backups;
use crate::backups::lifecycle::Lifecycle;
use crate::backups::selection::Tags;

pub(super) const DESCRIBE_DB_INSTANCES: &str = "rds:DescribeDBInstances";
pub(super) const DESCRIBE_DB_CLUSTERS: &str = "rds:DescribeDBClusters";
pub(super) const DESCRIBE_CONTINUOUS_BACKUPS: &str = "dynamodb:DescribeContinuousBackups";
pub(super) const DESCRIBE_FILE_SYSTEMS: &str = "fsx:DescribeFileSystems";
pub(super) const DESCRIBE_REPLICATION_GROUPS: &str = "elasticache:DescribeReplicationGroups";
pub(super) const LIST_CACHE_TAGS: &str = "elasticache:ListTagsForResource";
pub(super) const LIST_BUCKETS: &str = "s3:ListAllMyBuckets";

/// The clients.
pub(super) struct Services {
    pub(super) config: ConfigService,
    pub(super) backups: Backups,
    pub(super) lifecycle: Lifecycle,
    pub(super) ec2: Ec2,
    pub(super) fsx: aws_sdk_fsx::Client,
    pub(super) elasticache: aws_sdk_elasticache::Client,
    rds: aws_sdk_rds::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    s3: aws_sdk_s3::Client,
}

/// A database as RDS answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Database {
    status: String,
    retention: Option<i32>,
    latest: Option<Timestamp>,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        World::read(self).await?.judge(item, run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let world = World::read(self).await?;
        let mut evaluated = Vec::new();
        for kind in SWEPT.iter().filter(|kind| **kind != ResourceType::ACCOUNT) {
            let items = self.config.recorded_with_tags(*kind).await?;
            let judged: Vec<Evaluated> = stream::iter(items)
                .map(|item| {
                    let world = &world;
                    async move {
                        let verdict = match judge::preview(&item, run)? {
                            Some(verdict) => verdict,
                            None => world.judge(&item, run).await?,
                        };
                        let resource = Resource::from(&item);
                        Ok::<_, Error>(Evaluated { resource, verdict, at: run.now })
                    }
                })
                .buffered(CONCURRENCY)
                .try_collect()
                .await?;
            evaluated.extend(judged);
        }
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: account::judge(&world, run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

impl World<'_> {
    /// Judges a resource of which the item alone did not decide.
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let data = match reading::read(item)? {
            Reading::NotJudged(remark) => return Ok(Verdict::not_applicable(remark)),
            Reading::Data(data) => data,
        };
        let tags = item.all_tags()?;
        if let Some(source) = judge::exemption(&data, &tags, run) {
            let source = self.verified(source).await?;
            return Ok(judge::exempt(&source, &tags, run));
        }
        if let Some(remark) = self.set_aside(&data).await? {
            return Ok(Verdict::not_applicable(remark));
        }
        let live = match self.live(&data).await? {
            Ok(live) => live,
            Err(verdict) => return Ok(verdict),
        };
        let coverage = self.coverage(&data, &tags, run).await?;
        let (_, since) = judge::since(&tags, run);
        let newest = self.newest(&data, since, run).await?;
        Ok(judge::decide(&data, &tags, &coverage, newest, live, run))
    }

    /// A source, or none when it is a bucket that the account does not have.
    pub(super) async fn verified(&self, source: Source) -> Result<Source, Error> {
        match source {
            Source::Bucket(name) if !self.buckets().await?.contains(&name) => Ok(Source::Nothing),
            source => Ok(source),
        }
    }

    /// What the service says of its own backups; or the verdict, when the resource is gone or not
    /// in service by now.
    async fn live(&self, data: &Data) -> Result<Result<Live, Verdict>, Error> {
        match &data.own {
            Own::Database { retention, .. } => {
                let clusters = data.arn.contains(":cluster:");
                let databases = self.databases(clusters).await?;
                let Some(database) = databases.get(&data.arn) else {
                    return Ok(Err(Verdict::not_applicable(&remarks::RESOURCE_GONE)));
                };
                if !reading::in_service(&database.status) {
                    return Ok(Err(Verdict::not_applicable(&NOT_AVAILABLE)));
                }
                let retention = database.retention.map_or(*retention, i64::from);
                Ok(Ok(Live::Database { retention, latest: database.latest }))
            }
            Own::Table { name, .. } => match self.services.recovery(name).await? {
                Some(recovery) => Ok(Ok(Live::Table(recovery))),
                None => Ok(Err(Verdict::not_applicable(&remarks::RESOURCE_GONE))),
            },
            _ => Ok(Ok(Live::Unasked)),
        }
    }
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            config: ConfigService::new(sdk),
            backups: Backups::new(sdk),
            lifecycle: Lifecycle::new(sdk),
            ec2: Ec2::new(sdk),
            fsx: aws_sdk_fsx::Client::new(sdk),
            elasticache: aws_sdk_elasticache::Client::new(sdk),
            rds: aws_sdk_rds::Client::new(sdk),
            dynamodb: aws_sdk_dynamodb::Client::new(sdk),
            s3: aws_sdk_s3::Client::new(sdk),
        }
    }

    /// Point-in-time recovery of a table; the outer `None` when there is no such table.
    async fn recovery(&self, table: &str) -> Result<Option<Option<Recovery>>, Error> {
        let answer = self.dynamodb.describe_continuous_backups().table_name(table).send().await;
        let answer = match answer.call(DESCRIBE_CONTINUOUS_BACKUPS) {
            Ok(answer) => answer,
            Err(error) if error.is("TableNotFoundException") => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let missing = |field: &str| Error::Answer {
            action: DESCRIBE_CONTINUOUS_BACKUPS,
            field: format!("ContinuousBackupsDescription{field}"),
        };
        let backups = answer.continuous_backups_description.ok_or_else(|| missing(""))?;
        // Without a description, continuous backups are off altogether.
        let Some(description) = backups.point_in_time_recovery_description else {
            return Ok(Some(None));
        };
        let status = description
            .point_in_time_recovery_status()
            .ok_or_else(|| missing(".PointInTimeRecoveryStatus"))?;
        Ok(Some((status.as_str() == "ENABLED").then(|| Recovery {
            days: description.recovery_period_in_days(),
            latest: description.latest_restorable_date_time().and_then(from_sdk),
        })))
    }

    /// All DB instances, by their ARNs.
    pub(super) async fn db_instances(&self) -> Result<BTreeMap<String, Database>, Error> {
        let mut pages = self.rds.describe_db_instances().into_paginator().items().send();
        let mut databases = BTreeMap::new();
        while let Some(one) = pages.next().await {
            let one = one.call(DESCRIBE_DB_INSTANCES)?;
            let latest = one.latest_restorable_time().and_then(from_sdk);
            let (Some(arn), Some(status)) = (one.db_instance_arn, one.db_instance_status) else {
                continue;
            };
            let database = Database { status, retention: one.backup_retention_period, latest };
            databases.insert(arn, database);
        }
        Ok(databases)
    }

    /// All DB clusters, by their ARNs.
    pub(super) async fn db_clusters(&self) -> Result<BTreeMap<String, Database>, Error> {
        let mut pages = self.rds.describe_db_clusters().into_paginator().items().send();
        let mut databases = BTreeMap::new();
        while let Some(one) = pages.next().await {
            let one = one.call(DESCRIBE_DB_CLUSTERS)?;
            let latest = one.latest_restorable_time().and_then(from_sdk);
            let (Some(arn), Some(status)) = (one.db_cluster_arn, one.status) else { continue };
            let database = Database { status, retention: one.backup_retention_period, latest };
            databases.insert(arn, database);
        }
        Ok(databases)
    }

    /// The names of all buckets of the account.
    pub(super) async fn buckets(&self) -> Result<BTreeSet<String>, Error> {
        let mut pages = self.s3.list_buckets().into_paginator().items().send();
        let mut names = BTreeSet::new();
        while let Some(bucket) = pages.next().await {
            names.extend(bucket.call(LIST_BUCKETS)?.name);
        }
        Ok(names)
    }

    /// The tags of a replication group.
    pub(super) async fn cache_tags(&self, arn: &str) -> Result<Tags, Error> {
        let answer = self.elasticache.list_tags_for_resource().resource_name(arn).send().await;
        let tags = answer.call(LIST_CACHE_TAGS)?.tag_list.unwrap_or_default();
        Ok(tags
            .into_iter()
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
            .collect())
    }
}
