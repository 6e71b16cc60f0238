//! What AWS Config does not record: caches, EMR clusters and canaries; and the age of the version
//! table. All of it is judged once for the account and Region.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_emr::types::ClusterState;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Verdict, message};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::requirements::{OTHER_ENGINE_UNSUPPORTED, VERSION_TABLE_STALE, VERSION_UNKNOWN};
use super::support::{Life, Rules, day, days_between};

pub(super) const DESCRIBE_CACHE_CLUSTERS: &str = "elasticache:DescribeCacheClusters";
pub(super) const LIST_CLUSTERS: &str = "elasticmapreduce:ListClusters";
pub(super) const DESCRIBE_CLUSTER: &str = "elasticmapreduce:DescribeCluster";
pub(super) const DESCRIBE_CANARIES: &str = "synthetics:DescribeCanaries";
pub(super) const DESCRIBE_RUNTIME_VERSIONS: &str = "synthetics:DescribeRuntimeVersions";

/// The states in which an EMR cluster works.
const WORKING: [ClusterState; 4] = [
    ClusterState::Starting,
    ClusterState::Bootstrapping,
    ClusterState::Running,
    ClusterState::Waiting,
];

/// Something that runs a version of something.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Runner {
    kind: &'static str,
    name: String,
    product: String,
    version: String,
    /// The support of the version where the service itself tells it.
    told: Option<Life>,
}

/// The services.
pub(super) struct Account {
    pub caches: aws_sdk_elasticache::Client,
    pub emr: aws_sdk_emr::Client,
    pub synthetics: aws_sdk_synthetics::Client,
}

impl Account {
    /// The verdict on the account; `used` are the kinds of the table that its recorded resources
    /// were judged by.
    pub(super) async fn judge(
        &self,
        used: &BTreeSet<&'static str>,
        rules: &Rules,
    ) -> Result<Verdict, Error> {
        let mut runners = self.caches().await?;
        runners.extend(self.emr_clusters().await?);
        runners.extend(self.canaries().await?);
        let used = used.iter().copied().chain(runners.iter().map(|runner| runner.kind)).collect();
        Ok(verdict(&runners, &used, rules))
    }

    /// Caches, members of one replication group as one.
    async fn caches(&self) -> Result<Vec<Runner>, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_CACHE_CLUSTERS,
            field: format!("CacheClusters[].{field}"),
        };
        let mut pages = self.caches.describe_cache_clusters().into_paginator().items().send();
        let mut caches = BTreeMap::new();
        while let Some(cache) = pages.next().await {
            let cache = cache.call(DESCRIBE_CACHE_CLUSTERS)?;
            let name = cache.replication_group_id.or(cache.cache_cluster_id);
            let name = name.ok_or_else(|| lacks("CacheClusterId"))?;
            let product = cache.engine.ok_or_else(|| lacks("Engine"))?;
            let version = cache.engine_version.ok_or_else(|| lacks("EngineVersion"))?;
            let kind = "elasticache";
            caches.insert(name.clone(), Runner { kind, name, product, version, told: None });
        }
        Ok(caches.into_values().collect())
    }

    /// EMR clusters at work; the list does not tell their release.
    async fn emr_clusters(&self) -> Result<Vec<Runner>, Error> {
        let lacks = |action, field: &str| Error::Answer { action, field: field.to_owned() };
        let asked = self.emr.list_clusters().set_cluster_states(Some(WORKING.to_vec()));
        let mut pages = asked.into_paginator().items().send();
        let mut ids = Vec::new();
        while let Some(cluster) = pages.next().await {
            let id = cluster.call(LIST_CLUSTERS)?.id;
            ids.push(id.ok_or_else(|| lacks(LIST_CLUSTERS, "Clusters[].Id"))?);
        }
        stream::iter(ids)
            .map(|id| async move {
                let asked = self.emr.describe_cluster().cluster_id(&id);
                let answer = asked.send().await.call(DESCRIBE_CLUSTER)?;
                let cluster = answer.cluster.ok_or_else(|| lacks(DESCRIBE_CLUSTER, "Cluster"))?;
                // Clusters of the first years have no release but a version of their image.
                let release = cluster.release_label.or(cluster.running_ami_version);
                let release = release.ok_or_else(|| lacks(DESCRIBE_CLUSTER, "ReleaseLabel"))?;
                let version = release.strip_prefix("emr-").unwrap_or(&release).to_owned();
                let product = "emr".to_owned();
                Ok(Runner { kind: "emr", name: id, product, version, told: None })
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }

    /// Canaries, by the dates that the service gives their runtimes.
    async fn canaries(&self) -> Result<Vec<Runner>, Error> {
        let mut pages = self.synthetics.describe_canaries().into_paginator().send();
        let mut canaries = Vec::new();
        while let Some(page) = pages.next().await {
            for canary in page.call(DESCRIBE_CANARIES)?.canaries.unwrap_or_default() {
                let lacks = |field: &str| Error::Answer {
                    action: DESCRIBE_CANARIES,
                    field: format!("Canaries[].{field}"),
                };
                let name = canary.name.ok_or_else(|| lacks("Name"))?;
                let version = canary.runtime_version.ok_or_else(|| lacks("RuntimeVersion"))?;
                canaries.push((name, version));
            }
        }
        if canaries.is_empty() {
            return Ok(Vec::new());
        }
        let mut pages = self.synthetics.describe_runtime_versions().into_paginator().send();
        let mut lives = BTreeMap::new();
        while let Some(page) = pages.next().await {
            for runtime in page.call(DESCRIBE_RUNTIME_VERSIONS)?.runtime_versions() {
                // A runtime without a date is not to be deprecated yet.
                let standard = runtime.deprecation_date().and_then(from_sdk).map(day);
                if let Some(name) = runtime.version_name() {
                    lives.insert(name.to_owned(), Life { standard, extended: None });
                }
            }
        }
        let runner = |(name, version): (String, String)| Runner {
            kind: "synthetics",
            name,
            product: "canary".to_owned(),
            told: lives.get(&version).copied(),
            version,
        };
        Ok(canaries.into_iter().map(runner).collect())
    }
}

/// The verdict on all of them, and on the parts of the table that were used.
fn verdict(runners: &[Runner], used: &BTreeSet<&str>, rules: &Rules) -> Verdict {
    let mut ending = Vec::new();
    let mut unknown = Vec::new();
    for runner in runners {
        let Runner { kind, name, product, version, told } = runner;
        let subject = format!("{name} ({product} {version})");
        match told.or_else(|| rules.life(kind, product, version)) {
            None => unknown.push(subject),
            Some(life) if rules.ending(kind, version, life).is_some() => ending.push(subject),
            Some(_) => {}
        }
    }
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    if !ending.is_empty() {
        let message = OTHER_ENGINE_UNSUPPORTED.naming(&ending);
        failures.because(&OTHER_ENGINE_UNSUPPORTED, message);
    }
    if !unknown.is_empty() {
        let Message { en, ja } = Message::named(&unknown);
        let message = message!(
            "When support ends is not known: {en}",
            "サポート終了日を確認できません: {ja}"
        );
        if rules.unknown_fails {
            failures.because(&OTHER_ENGINE_UNSUPPORTED, message);
        } else {
            notes.push(VERSION_UNKNOWN.because(message));
        }
    }
    let stale: Vec<String> = used
        .iter()
        .filter_map(|kind| {
            let checked = rules.table.checked(kind)?;
            let old = days_between(checked, rules.today) > rules.max_table_age;
            old.then(|| format!("{kind} ({checked})"))
        })
        .collect();
    if !stale.is_empty() {
        failures.because(&VERSION_TABLE_STALE, VERSION_TABLE_STALE.naming(&stale));
    }
    failures.into_verdict_with(notes)
}

#[cfg(test)]
mod tests;
