//! What the items do not tell, asked of the services.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_backup::types::CopyJobState;
use aws_sdk_dynamodb::types::ReplicaStatus;
use aws_sdk_efs::types::ReplicationStatus;
use aws_sdk_secretsmanager::types::StatusType;
use aws_types::SdkConfig;
use fisc_services::Buckets;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::bucket::Destination;
use fisc_shared::config_service::{ConfigService, from_sdk};
use fisc_shared::error::Call;
use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Message, Resource, ResourceType, Run, ServiceCheck,
    Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::copies::{Live, region_of};
use super::servers::{self, Server};
use super::{
    APPROVED_DR_REGIONS, BackupCopy, COPY_ITSELF, DR_TAGS, ECR_NOT_REPLICATED, ECR_PREFIXES, KINDS,
    Kind, NO_REPOSITORY, PARTLY_REPLICATED, SECRET_NOT_REPLICATED, TARGET_REGION_NOT_APPROVED,
    decide, own_region, preview,
};
use crate::scope::any_of;

pub(super) const LIST_COPY_JOBS: &str = "backup:ListCopyJobs";
pub(super) const DESCRIBE_REPLICATION: &str = "elasticfilesystem:DescribeReplicationConfigurations";
pub(super) const DESCRIBE_GLOBAL_CLUSTERS: &str = "rds:DescribeGlobalClusters";
pub(super) const DESCRIBE_GLOBAL_TABLE: &str = "dynamodb:DescribeGlobalTable";
pub(super) const DESCRIBE_SECRET: &str = "secretsmanager:DescribeSecret";
pub(super) const DESCRIBE_REGISTRY: &str = "ecr:DescribeRegistry";

/// What time or another service changes; of these, the tagged ones are judged.
pub(super) const SWEPT: &[ResourceType] = &[
    ResourceType::S3_BUCKET,
    ResourceType::DYNAMODB_TABLE,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::EFS_FILE_SYSTEM,
    ResourceType::SECRETS_MANAGER_SECRET,
    ResourceType::EC2_INSTANCE,
    ResourceType::ACCOUNT,
];

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        backup: aws_sdk_backup::Client::new(sdk),
        buckets: Buckets::new(sdk),
        config: ConfigService::new(sdk),
        ecr: aws_sdk_ecr::Client::new(sdk),
        efs: aws_sdk_efs::Client::new(sdk),
        rds: aws_sdk_rds::Client::new(sdk),
        secrets: aws_sdk_secretsmanager::Client::new(sdk),
        tables: aws_sdk_dynamodb::Client::new(sdk),
        sdk: sdk.clone(),
    })
}

struct Services {
    backup: aws_sdk_backup::Client,
    buckets: Buckets,
    config: ConfigService,
    ecr: aws_sdk_ecr::Client,
    efs: aws_sdk_efs::Client,
    rds: aws_sdk_rds::Client,
    secrets: aws_sdk_secretsmanager::Client,
    tables: aws_sdk_dynamodb::Client,
    sdk: SdkConfig,
}

/// What the services tell of live copies.
enum Told {
    /// There is one in another Region.
    Elsewhere,
    /// There is none.
    Nowhere,
    /// They tell all there is to know.
    Verdict(Verdict),
}

impl Told {
    const fn of(elsewhere: bool) -> Self {
        if elsewhere { Self::Elsewhere } else { Self::Nowhere }
    }
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let servers = match (Kind::of(item)?.live)(item)? {
            Live::Server => servers::all(&self.sdk, run).await?,
            _ => Vec::new(),
        };
        self.ask(item, &servers, run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = Vec::new();
        for kind in KINDS.iter().filter(|kind| SWEPT.contains(&kind.resource)) {
            let mut items = Vec::new();
            for item in self.config.recorded_with_tags(kind.resource).await? {
                if kind.in_scope(&item, run)? {
                    items.push(item);
                }
            }
            let servers = if kind.resource == ResourceType::EC2_INSTANCE && !items.is_empty() {
                servers::all(&self.sdk, run).await?
            } else {
                Vec::new()
            };
            let servers = &servers;
            let judged: Vec<Option<Evaluated>> = stream::iter(items)
                .map(|item| async move {
                    let verdict = match preview(&item, run)? {
                        Some(verdict) => verdict,
                        None => match self.ask(&item, servers, run).await {
                            Err(Error::Service(error))
                                if GONE.iter().any(|code| error.is(code)) =>
                            {
                                return Ok(None);
                            }
                            answer => answer?,
                        },
                    };
                    let resource = Resource::from(&item);
                    Ok::<_, Error>(Some(Evaluated { resource, verdict, at: run.now }))
                })
                .buffered(CONCURRENCY)
                .try_collect()
                .await?;
            evaluated.extend(judged.into_iter().flatten());
        }
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.registry(run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

/// How Secrets Manager and EFS say that a resource was deleted since it was recorded.
const GONE: [&str; 2] = ["ResourceNotFoundException", "FileSystemNotFound"];

impl Services {
    /// Judges a resource in scope that its item does not decide.
    async fn ask(
        &self,
        item: &ConfigurationItem,
        servers: &[Server],
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let kind = Kind::of(item)?;
        let told = match (kind.live)(item)? {
            Live::In(regions) => {
                let own = own_region(item)?;
                Told::of(regions.iter().any(|region| region != own))
            }
            Live::Buckets(destinations) => self.buckets(destinations, own_region(item)?).await?,
            Live::FileSystem => self.file_system(&item.resource_id, own_region(item)?).await?,
            Live::OldGlobalTable => self.global_table(&item.resource_id, own_region(item)?).await?,
            Live::Global => self.global(arn(item)?, own_region(item)?).await?,
            Live::Secret => self.secret(arn(item)?, own_region(item)?, run).await?,
            Live::Server => Told::Verdict(servers::decide(&item.resource_id, servers, run)),
            Live::Exempt(remark) => Told::Verdict(Verdict::not_applicable(remark)),
        };
        match told {
            Told::Verdict(verdict) => Ok(verdict),
            Told::Elsewhere => Ok(Verdict::compliant()),
            Told::Nowhere if kind.takes_backups(run) => {
                let copy = self.backup_copy(arn(item)?, own_region(item)?).await?;
                Ok(decide(kind, copy.as_ref(), run))
            }
            Told::Nowhere => Ok(decide(kind, None, run)),
        }
    }

    /// Whether one of these buckets is in another Region.
    async fn buckets(&self, destinations: Vec<Destination>, own: &str) -> Result<Told, Error> {
        let mut found = false;
        let found_at: Vec<(bool, Option<String>)> = stream::iter(destinations)
            .map(|one| async move {
                Ok::<_, Error>((one.whole, self.buckets.region(&one.bucket).await?))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        // A bucket that does not exist takes no copies.
        for (whole, region) in found_at {
            if region.is_some_and(|region| region != own) {
                if whole {
                    return Ok(Told::Elsewhere);
                }
                found = true;
            }
        }
        Ok(if found {
            Told::Verdict(Verdict::Compliant(vec![PARTLY_REPLICATED.reason()]))
        } else {
            Told::Nowhere
        })
    }

    async fn file_system(&self, id: &str, own: &str) -> Result<Told, Error> {
        let pages = self.efs.describe_replication_configurations().file_system_id(id);
        let mut pages = pages.into_paginator().items().send();
        let mut elsewhere = false;
        while let Some(replication) = pages.next().await {
            let replication = match replication.call(DESCRIBE_REPLICATION) {
                Ok(replication) => replication,
                // Asked of a file system that is not replicated, EFS answers with this error.
                Err(error) if error.is("ReplicationNotFound") => break,
                Err(error) => return Err(error.into()),
            };
            // The answer for a file system is also the one of which it is the destination.
            if replication.source_file_system_id != id {
                if replication.source_file_system_region == own {
                    continue;
                }
                return Ok(Told::Verdict(Verdict::not_applicable(&COPY_ITSELF)));
            }
            elsewhere |= replication.destinations.iter().any(|destination| {
                destination.status == ReplicationStatus::Enabled
                    && !destination.region.is_empty()
                    && destination.region != own
            });
        }
        Ok(Told::of(elsewhere))
    }

    /// Whether a global table of the first version is in another Region, too.
    async fn global_table(&self, name: &str, own: &str) -> Result<Told, Error> {
        let answer = self.tables.describe_global_table().global_table_name(name).send().await;
        let answer = match answer.call(DESCRIBE_GLOBAL_TABLE) {
            Ok(answer) => answer,
            Err(error) if error.is("GlobalTableNotFoundException") => return Ok(Told::Nowhere),
            Err(error) => return Err(error.into()),
        };
        let replicas = answer.global_table_description().map(|table| table.replication_group());
        // The first version tells the Regions, and mostly no states.
        Ok(Told::of(replicas.unwrap_or_default().iter().any(|replica| {
            let active = replica.replica_status().is_none_or(|status| {
                matches!(status, ReplicaStatus::Active | ReplicaStatus::Updating)
            });
            active && replica.region_name().is_some_and(|region| region != own)
        })))
    }

    /// Whether a global database has the cluster and another one elsewhere.
    async fn global(&self, arn: &str, own: &str) -> Result<Told, Error> {
        const ARN: &str = "GlobalClusters[].GlobalClusterMembers[].DBClusterArn";
        let lacks = || Error::Answer { action: DESCRIBE_GLOBAL_CLUSTERS, field: ARN.to_owned() };
        let mut pages = self.rds.describe_global_clusters().into_paginator().items().send();
        while let Some(cluster) = pages.next().await {
            let cluster = cluster.call(DESCRIBE_GLOBAL_CLUSTERS)?;
            let members = cluster.global_cluster_members();
            let Some(member) = members.iter().find(|one| one.db_cluster_arn() == Some(arn)) else {
                continue;
            };
            if member.is_writer() == Some(false) {
                return Ok(Told::Verdict(Verdict::not_applicable(&COPY_ITSELF)));
            }
            for other in members {
                let other = other.db_cluster_arn().ok_or_else(lacks)?;
                if region_of(ARN, other).map_err(|_| lacks())? != own {
                    return Ok(Told::Elsewhere);
                }
            }
        }
        Ok(Told::Nowhere)
    }

    async fn secret(&self, arn: &str, own: &str, run: &Run<'_>) -> Result<Told, Error> {
        let secret =
            self.secrets.describe_secret().secret_id(arn).send().await.call(DESCRIBE_SECRET)?;
        if secret.primary_region().is_some_and(|primary| primary != own) {
            return Ok(Told::Verdict(Verdict::not_applicable(&COPY_ITSELF)));
        }
        let mut failures = Failures::new();
        let replicas = secret.replication_status();
        let in_sync = |region: &str, status: Option<&StatusType>| {
            region != own && status == Some(&StatusType::InSync)
        };
        let mut copied = false;
        let mut regions = Vec::new();
        for replica in replicas {
            let region = replica.region().ok_or_else(|| Error::Answer {
                action: DESCRIBE_SECRET,
                field: "ReplicationStatus[].Region".to_owned(),
            })?;
            copied |= in_sync(region, replica.status());
            regions.push(region);
        }
        if !copied {
            failures.add(&SECRET_NOT_REPLICATED);
        }
        not_approved(&mut failures, regions, run);
        Ok(Told::Verdict(failures.into_verdict()))
    }

    /// The newest copy of a backup of the resource in another Region.
    async fn backup_copy(&self, arn: &str, own: &str) -> Result<Option<BackupCopy>, Error> {
        let lacks = |field: &str| Error::Answer {
            action: LIST_COPY_JOBS,
            field: format!("CopyJobs[].{field}"),
        };
        let jobs =
            self.backup.list_copy_jobs().by_resource_arn(arn).by_state(CopyJobState::Completed);
        let mut pages = jobs.into_paginator().items().send();
        let mut newest: Option<BackupCopy> = None;
        while let Some(job) = pages.next().await {
            let job = job.call(LIST_COPY_JOBS)?;
            if job.state() != Some(&CopyJobState::Completed) {
                continue;
            }
            let vault = job.destination_backup_vault_arn().unwrap_or_default();
            let region = region_of("DestinationBackupVaultArn", vault)
                .map_err(|_| lacks("DestinationBackupVaultArn"))?;
            // The content is of before the job began, however long the job took.
            let at = job.creation_date().and_then(from_sdk).ok_or_else(|| lacks("CreationDate"))?;
            if region != own && newest.as_ref().is_none_or(|newest| newest.at < at) {
                newest = Some(BackupCopy { region, at });
            }
        }
        Ok(newest)
    }

    /// Judges the replication of the registry of ECR.
    async fn registry(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let tags = run.parameters.get(&DR_TAGS);
        let prefixes = run.parameters.get(&ECR_PREFIXES);
        let repositories = self.config.recorded_with_tags(ResourceType::ECR_REPOSITORY).await?;
        if repositories.is_empty() {
            return Ok(Verdict::not_applicable(&NO_REPOSITORY));
        }
        let answer = self.ecr.describe_registry().send().await.call(DESCRIBE_REGISTRY)?;
        let rules = answer.replication_configuration().map_or(&[][..], |all| all.rules());
        let regions = || {
            let destinations = rules.iter().flat_map(|rule| rule.destinations());
            destinations.map(|destination| destination.region())
        };
        let covered = |name: &str| {
            rules.iter().any(|rule| {
                let filters = rule.repository_filters();
                rule.destinations().iter().any(|one| one.region() != run.region)
                    && (filters.is_empty()
                        || filters.iter().any(|filter| name.starts_with(filter.filter())))
            })
        };
        let mut in_scope = false;
        let mut missed = Vec::new();
        for repository in &repositories {
            let name = &repository.resource_id;
            let wanted = prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()));
            if wanted || any_of(&repository.all_tags()?, &tags) {
                in_scope = true;
                if !covered(name) {
                    missed.push(name);
                }
            }
        }
        if !in_scope && regions().next().is_none() {
            return Ok(Verdict::not_applicable(&NO_REPOSITORY));
        }
        let mut failures = Failures::new();
        if !missed.is_empty() {
            failures.because(&ECR_NOT_REPLICATED, ECR_NOT_REPLICATED.naming(&missed));
        }
        not_approved(&mut failures, regions().collect(), run);
        Ok(failures.into_verdict())
    }
}

/// Notes the Regions that are not approved.
fn not_approved(failures: &mut Failures, mut regions: Vec<&str>, run: &Run<'_>) {
    let approved = run.parameters.get(&APPROVED_DR_REGIONS);
    regions.retain(|region| !approved.iter().any(|one| one == region));
    regions.sort_unstable();
    regions.dedup();
    if !regions.is_empty() {
        let message: Message = TARGET_REGION_NOT_APPROVED.naming(&regions);
        failures.because(&TARGET_REGION_NOT_APPROVED, message);
    }
}

fn arn(item: &ConfigurationItem) -> Result<&str, ItemError> {
    item.arn.as_deref().ok_or_else(|| ItemError::Missing { field: "arn".to_owned() })
}
