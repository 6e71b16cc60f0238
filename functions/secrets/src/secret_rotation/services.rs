//! The calls, and who is asked what.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::types::Filter;
use aws_sdk_ssm::types::ParameterStringFilter;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use fisc_shared::verdict::remarks;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::database::{Database, Stores};
use super::secret::Secret;
use super::{
    DESCRIBE_CLUSTERS, DESCRIBE_INSTANCES, DESCRIBE_PARAMETERS, DESCRIBE_SECRET, EVIDENCE_TAG_KEY,
    LIST_SECRETS, LIST_VERSIONS,
};

/// The most values that one filter of DescribeParameters takes.
const FILTER_VALUES: usize = 50;

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        secrets: aws_sdk_secretsmanager::Client::new(sdk),
        rds: aws_sdk_rds::Client::new(sdk),
        ssm: aws_sdk_ssm::Client::new(sdk),
    })
}

struct Services {
    secrets: aws_sdk_secretsmanager::Client,
    rds: aws_sdk_rds::Client,
    ssm: aws_sdk_ssm::Client,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let id = item.resource_id.as_str();
        let kind = item.resource_type.as_str();
        if kind == ResourceType::SECRETS_MANAGER_SECRET.name {
            return match self.described(id).await? {
                Some(secret) => self.secret(secret, run).await,
                None => Ok(Verdict::not_applicable(&remarks::RESOURCE_DELETED)),
            };
        }
        let found = if kind == ResourceType::RDS_DB_INSTANCE.name {
            self.instances(Some(id), run).await?
        } else {
            self.clusters(Some(id), run).await?
        };
        let Some(database) = found.iter().find(|one| one.id == id) else {
            return Ok(Verdict::not_applicable(&remarks::RESOURCE_DELETED));
        };
        let secrets = if database.needs_evidence() { self.listed().await? } else { Vec::new() };
        let stores = self.stores(&secrets, &[database], run).await?;
        Ok(database.verdict(&stores, run))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let (secrets, mut databases, clusters) =
            tokio::try_join!(self.listed(), self.instances(None, run), self.clusters(None, run))?;
        databases.extend(clusters);
        let tagged: Vec<&Database> = databases.iter().filter(|one| one.needs_evidence()).collect();
        let stores = self.stores(&secrets, &tagged, run).await?;
        let mut evaluated: Vec<Evaluated> = stream::iter(secrets)
            .map(|secret| async move {
                let resource = Resource {
                    arn: Some(secret.arn.clone()),
                    ..resource(ResourceType::SECRETS_MANAGER_SECRET, &secret.arn, run)
                };
                let verdict = self.secret(secret, run).await?;
                Ok::<_, Error>(Evaluated { resource, verdict, at: run.now })
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        evaluated.extend(databases.iter().map(|database| Evaluated {
            resource: Resource {
                arn: database.arn.clone(),
                ..resource(database.kind, &database.id, run)
            },
            verdict: database.verdict(&stores, run),
            at: run.now,
        }));
        Ok(evaluated)
    }
}

fn resource(kind: ResourceType, id: &str, run: &Run<'_>) -> Resource {
    Resource::of(kind, id, run.account_id, run.region)
}

impl Services {
    /// A secret; `None` when it does not exist any more.
    async fn described(&self, arn: &str) -> Result<Option<Secret>, Error> {
        match self.secrets.describe_secret().secret_id(arn).send().await.call(DESCRIBE_SECRET) {
            Ok(answer) => Secret::described(&answer).map(Some),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All secrets that are not scheduled for deletion.
    async fn listed(&self) -> Result<Vec<Secret>, Error> {
        let mut pages = self.secrets.list_secrets().into_paginator().send();
        let mut secrets = Vec::new();
        while let Some(page) = pages.next().await {
            for entry in page.call(LIST_SECRETS)?.secret_list() {
                secrets.push(Secret::listed(entry)?);
            }
        }
        Ok(secrets)
    }

    /// The verdict on a secret. Of a secret that is rotated by hand the age of its current
    /// version is asked for, but only when it decides.
    async fn secret(&self, mut secret: Secret, run: &Run<'_>) -> Result<Verdict, Error> {
        if secret.may_be_younger(run) {
            let versions = self.secrets.list_secret_version_ids().secret_id(&secret.arn);
            let mut pages = versions.into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = match page.call(LIST_VERSIONS) {
                    Ok(page) => page,
                    // Deleted since it was listed.
                    Err(error) if error.is("ResourceNotFoundException") => {
                        return Ok(Verdict::not_applicable(&remarks::RESOURCE_DELETED));
                    }
                    Err(error) => return Err(error.into()),
                };
                page.versions().iter().for_each(|version| secret.has_version(version));
            }
        }
        Ok(secret.verdict(run))
    }

    async fn instances(&self, id: Option<&str>, run: &Run<'_>) -> Result<Vec<Database>, Error> {
        let keys = run.parameters.get(&EVIDENCE_TAG_KEY);
        let request = self.rds.describe_db_instances();
        let request = request.set_filters(by_id("dbi-resource-id", id));
        let mut instances = request.into_paginator().items().send();
        let mut databases = Vec::new();
        while let Some(instance) = instances.next().await {
            match instance.call(DESCRIBE_INSTANCES) {
                Ok(instance) => databases.push(Database::of_instance(&instance, &keys)?),
                Err(error) if id.is_some() && error.is("DBInstanceNotFound") => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(databases)
    }

    async fn clusters(&self, id: Option<&str>, run: &Run<'_>) -> Result<Vec<Database>, Error> {
        let keys = run.parameters.get(&EVIDENCE_TAG_KEY);
        let request = self.rds.describe_db_clusters();
        let request = request.set_filters(by_id("db-cluster-resource-id", id));
        let mut clusters = request.into_paginator().items().send();
        let mut databases = Vec::new();
        while let Some(cluster) = clusters.next().await {
            match cluster.call(DESCRIBE_CLUSTERS) {
                Ok(cluster) => databases.push(Database::of_cluster(&cluster, &keys)?),
                Err(error) if id.is_some() && error.is("DBClusterNotFoundFault") => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(databases)
    }

    /// The stores that tags of databases may name. Parameters are asked for by name, and only
    /// when a tag names something that is no secret.
    async fn stores(
        &self,
        secrets: &[Secret],
        tagged: &[&Database],
        run: &Run<'_>,
    ) -> Result<Stores, Error> {
        let mut stores = Stores::of(secrets);
        let names = stores.parameters_named(tagged, run);
        for names in names.chunks(FILTER_VALUES) {
            let filter = ParameterStringFilter::builder()
                .key("Name")
                .option("Equals")
                .set_values(Some(names.to_vec()))
                .build()
                .map_err(|error| Error::Control(error.to_string()))?;
            let request = self.ssm.describe_parameters().parameter_filters(filter);
            let mut pages = request.into_paginator().send();
            while let Some(page) = pages.next().await {
                page.call(DESCRIBE_PARAMETERS)?
                    .parameters()
                    .iter()
                    .for_each(|parameter| stores.add(parameter));
            }
        }
        Ok(stores)
    }
}

/// A filter for one database by the id that Config has of it: names of databases change.
fn by_id(name: &str, id: Option<&str>) -> Option<Vec<Filter>> {
    id.map(|id| vec![Filter::builder().name(name).values(id).build()])
}
