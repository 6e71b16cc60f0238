//! What the items do not tell, asked of S3, EFS, RDS and account management.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::{Buckets, Regions};
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::copies::{Copies, Copy, Place, at_arn};
use super::{ALLOWED_DESTINATION_BUCKETS, decide, decide_account, kind_of};

pub(super) const DESCRIBE_REPLICATION: &str = "elasticfilesystem:DescribeReplicationConfigurations";
pub(super) const DESCRIBE_GLOBAL_CLUSTERS: &str = "rds:DescribeGlobalClusters";

/// What changes without a change of the item, besides the account.
pub(super) const SWEPT: &[ResourceType] =
    &[ResourceType::EFS_FILE_SYSTEM, ResourceType::RDS_GLOBAL_CLUSTER, ResourceType::ACCOUNT];

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        regions: Regions::new(sdk),
        config: ConfigService::new(sdk),
        efs: aws_sdk_efs::Client::new(sdk),
        rds: aws_sdk_rds::Client::new(sdk),
        buckets: Buckets::new(sdk),
    })
}

struct Services {
    regions: Regions,
    config: ConfigService,
    efs: aws_sdk_efs::Client,
    rds: aws_sdk_rds::Client,
    buckets: Buckets,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let kind = kind_of(item)?;
        let id = &item.resource_id;
        let copies = match (kind.copies)(item)? {
            Copies::Known(copies) => copies,
            Copies::Buckets(buckets) => self.buckets(buckets, run).await?,
            Copies::FileSystemReplicas => {
                self.file_systems(Some(id)).await?.remove(id).unwrap_or_default()
            }
            Copies::GlobalMembers => {
                let mut members = self.global_clusters(Some(id)).await?;
                members.remove(id).ok_or_else(|| lacks(DESCRIBE_GLOBAL_CLUSTERS, id))?
            }
        };
        decide(item, kind, &copies, run)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = Vec::new();
        let judged = |item: &ConfigurationItem, copies: &[Copy]| {
            let verdict = decide(item, kind_of(item)?, copies, run)?;
            Ok::<_, Error>(Evaluated { resource: Resource::from(item), verdict, at: run.now })
        };
        let systems = self.config.recorded_with_tags(ResourceType::EFS_FILE_SYSTEM).await?;
        if !systems.is_empty() {
            let replicas = self.file_systems(None).await?;
            for item in &systems {
                let own = replicas.get(&item.resource_id).map_or(&[][..], Vec::as_slice);
                evaluated.push(judged(item, own)?);
            }
        }
        let clusters = self.config.recorded_with_tags(ResourceType::RDS_GLOBAL_CLUSTER).await?;
        if !clusters.is_empty() {
            let members = self.global_clusters(None).await?;
            for item in &clusters {
                // One that RDS does not know any more was deleted since.
                let Some(own) = members.get(&item.resource_id) else { continue };
                evaluated.push(judged(item, own)?);
            }
        }
        // Which Regions are enabled is the same from everywhere: told once.
        if run.home {
            evaluated.push(Evaluated {
                resource: Resource::account(run.account_id, run.region),
                verdict: decide_account(&self.regions.opted_in().await?, run)?,
                at: run.now,
            });
        }
        Ok(evaluated)
    }
}

impl Services {
    /// Where these buckets are.
    async fn buckets(&self, names: Vec<String>, run: &Run<'_>) -> Result<Vec<Copy>, Error> {
        let vouched = run.parameters.get(&ALLOWED_DESTINATION_BUCKETS);
        stream::iter(names)
            .map(|name| {
                let vouched = vouched.contains(&name);
                async move {
                    let place = match self.buckets.region(&name).await {
                        Ok(Some(region)) => Place::Region(region),
                        Ok(None) | Err(_) if vouched => Place::Vouched,
                        Ok(None) => Place::NoBucket,
                        Err(error) => return Err(error.into()),
                    };
                    Ok(Copy { name, place })
                }
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }

    /// The destinations of the file systems that are replicated, of one or of all.
    async fn file_systems(&self, id: Option<&str>) -> Result<BTreeMap<String, Vec<Copy>>, Error> {
        let mut pages = self
            .efs
            .describe_replication_configurations()
            .set_file_system_id(id.map(str::to_owned))
            .into_paginator()
            .items()
            .send();
        let mut copies: BTreeMap<String, Vec<Copy>> = BTreeMap::new();
        while let Some(replication) = pages.next().await {
            let replication = match replication.call(DESCRIBE_REPLICATION) {
                Ok(replication) => replication,
                // Asked of a file system that is not replicated, EFS answers with this error.
                Err(error) if error.is("ReplicationNotFound") => break,
                Err(error) => return Err(error.into()),
            };
            // The answer for a file system is also the one of which it is the destination.
            let own = copies.entry(replication.source_file_system_id).or_default();
            for destination in replication.destinations {
                if destination.region.is_empty() {
                    return Err(lacks(DESCRIBE_REPLICATION, "Destinations[].Region"));
                }
                own.push(Copy::in_region(destination.file_system_id, destination.region));
            }
        }
        Ok(copies)
    }

    /// The members of the global databases, of one or of all.
    async fn global_clusters(
        &self,
        id: Option<&str>,
    ) -> Result<BTreeMap<String, Vec<Copy>>, Error> {
        let mut pages = self
            .rds
            .describe_global_clusters()
            .set_global_cluster_identifier(id.map(str::to_owned))
            .into_paginator()
            .items()
            .send();
        let mut members = BTreeMap::new();
        while let Some(cluster) = pages.next().await {
            let cluster = cluster.call(DESCRIBE_GLOBAL_CLUSTERS)?;
            let name = cluster
                .global_cluster_identifier()
                .ok_or_else(|| lacks(DESCRIBE_GLOBAL_CLUSTERS, "GlobalClusterIdentifier"))?;
            let mut own = Vec::new();
            for member in cluster.global_cluster_members() {
                const ARN: &str = "GlobalClusterMembers[].DBClusterArn";
                let arn = member.db_cluster_arn().unwrap_or_default();
                own.push(at_arn(ARN, arn).map_err(|_| lacks(DESCRIBE_GLOBAL_CLUSTERS, ARN))?);
            }
            members.insert(name.to_owned(), own);
        }
        Ok(members)
    }
}

fn lacks(action: &'static str, field: &str) -> Error {
    Error::Answer { action, field: field.to_owned() }
}
