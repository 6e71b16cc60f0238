//! What one run knows of backups: read once, or when the first resource needs it.

use std::collections::{BTreeMap, BTreeSet};

use fisc_shared::{Error, Remark, ResourceType, Run};
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::judge::Coverage;
use super::reading::{Data, Own};
use super::remarks::AUTO_SCALING_MEMBER;
use super::services::{Database, Services};
use crate::backups::Plans;
use crate::backups::lifecycle::{Policy, Volume};
use crate::backups::selection::{Service, Subject, Tags, scales};

type TagsById = BTreeMap<String, Tags>;
type Databases = BTreeMap<String, Database>;

/// What one run knows.
pub(super) struct World<'a> {
    pub(super) services: &'a Services,
    pub(super) plans: Plans,
    /// When AWS Backup last backed a resource up, by its ARN.
    pub(super) last: BTreeMap<String, Timestamp>,
    policies: OnceCell<Vec<Policy>>,
    instance_tags: OnceCell<TagsById>,
    volume_tags: OnceCell<TagsById>,
    /// The newest completed snapshot of each volume.
    snapshots: OnceCell<BTreeMap<String, Timestamp>>,
    db_instances: OnceCell<Databases>,
    db_clusters: OnceCell<Databases>,
    buckets: OnceCell<BTreeSet<String>>,
}

/// The ARN of an instance or a volume of this run's account and Region.
fn arn(kind: ResourceType, id: &str, run: &Run<'_>) -> String {
    kind.arn_of(id, run.account_id, run.region).unwrap_or_default()
}

impl<'a> World<'a> {
    pub(super) async fn read(services: &'a Services) -> Result<Self, Error> {
        Ok(Self {
            services,
            plans: services.backups.plans().await?,
            last: services.backups.last_backups().await?,
            policies: OnceCell::new(),
            instance_tags: OnceCell::new(),
            volume_tags: OnceCell::new(),
            snapshots: OnceCell::new(),
            db_instances: OnceCell::new(),
            db_clusters: OnceCell::new(),
            buckets: OnceCell::new(),
        })
    }

    async fn policies(&self) -> Result<&[Policy], Error> {
        let policies = self.policies.get_or_try_init(|| self.services.lifecycle.policies());
        Ok(policies.await?)
    }

    async fn instance_tags(&self) -> Result<&TagsById, Error> {
        let read = || self.services.config.recorded_tags(ResourceType::EC2_INSTANCE.name);
        self.instance_tags.get_or_try_init(read).await
    }

    async fn volume_tags(&self) -> Result<&TagsById, Error> {
        let read = || self.services.config.recorded_tags(ResourceType::EC2_VOLUME.name);
        self.volume_tags.get_or_try_init(read).await
    }

    pub(super) async fn databases(&self, clusters: bool) -> Result<&Databases, Error> {
        if clusters {
            self.db_clusters.get_or_try_init(|| self.services.db_clusters()).await
        } else {
            self.db_instances.get_or_try_init(|| self.services.db_instances()).await
        }
    }

    pub(super) async fn buckets(&self) -> Result<&BTreeSet<String>, Error> {
        self.buckets.get_or_try_init(|| self.services.buckets()).await
    }

    async fn snapshots(&self) -> Result<&BTreeMap<String, Timestamp>, Error> {
        let read = || async {
            let mut newest: BTreeMap<String, Timestamp> = BTreeMap::new();
            for snapshot in self.services.ec2.snapshots().await? {
                let Some(volume) = snapshot.volume_id else { continue };
                if snapshot.state == "completed" {
                    let time = newest.entry(volume).or_insert(snapshot.started);
                    *time = snapshot.started.max(*time);
                }
            }
            Ok(newest)
        };
        self.snapshots.get_or_try_init(read).await
    }

    /// Why a volume is not judged: an Auto Scaling group made its instance, and makes a new one
    /// with a new volume.
    pub(super) async fn set_aside(&self, data: &Data) -> Result<Option<&'static Remark>, Error> {
        let Own::Volume { instances, .. } = &data.own else { return Ok(None) };
        if instances.is_empty() {
            return Ok(None);
        }
        let tags = self.instance_tags().await?;
        let scales = instances.iter().any(|id| tags.get(id).is_some_and(scales));
        Ok(scales.then_some(&AUTO_SCALING_MEMBER))
    }

    /// What covers a resource.
    pub(super) async fn coverage(
        &self,
        data: &Data,
        tags: &Tags,
        run: &Run<'_>,
    ) -> Result<Coverage, Error> {
        let mut coverage = self.selected(data.service, &data.arn, tags);
        match &data.own {
            Own::Instance { volumes } => {
                let policies = self.policies().await?;
                let policy = policies.iter().find(|policy| policy.takes_instance(tags));
                coverage.policy = policy.map(|policy| policy.id.clone());
                if coverage == Coverage::default() {
                    coverage = self.through_volumes(volumes, run).await?;
                }
            }
            Own::Volume { instances, kind, boot, .. } => {
                let volume = Volume { tags, kind, boot: *boot };
                let policies = self.policies().await?;
                let policy = policies.iter().find(|policy| policy.takes_volume(&volume));
                coverage.policy = policy.map(|policy| policy.id.clone());
                if coverage == Coverage::default() {
                    coverage = self.through_instances(instances, &volume, run).await?;
                }
            }
            _ => {}
        }
        Ok(coverage)
    }

    fn selected(&self, service: Service, arn: &str, tags: &Tags) -> Coverage {
        let plans = self.plans.selecting(&Subject { service, arn, tags });
        Coverage {
            continuous: plans.iter().any(|plan| plan.continuous),
            plans: plans.into_iter().map(|plan| plan.name.clone()).collect(),
            policy: None,
        }
    }

    /// What covers all volumes of an instance: its data is safe though the instance is not
    /// selected.
    async fn through_volumes(&self, volumes: &[String], run: &Run<'_>) -> Result<Coverage, Error> {
        let known = self.volume_tags().await?;
        let policies = self.policies().await?;
        let mut all = Coverage::default();
        for id in volumes {
            let none = Tags::new();
            let tags = known.get(id).unwrap_or(&none);
            let arn = arn(ResourceType::EC2_VOLUME, id, run);
            let mut one = self.selected(Service::Ebs, &arn, tags);
            // The volume's own type is not known here.
            let volume = Volume { tags, kind: "", boot: false };
            let policy = policies.iter().find(|policy| policy.takes_volume(&volume));
            one.policy = policy.map(|policy| policy.id.clone());
            if one == Coverage::default() {
                return Ok(one);
            }
            all = one;
        }
        Ok(all)
    }

    /// What covers an instance that the volume is attached to, with its volumes.
    async fn through_instances(
        &self,
        instances: &[String],
        volume: &Volume<'_>,
        run: &Run<'_>,
    ) -> Result<Coverage, Error> {
        let known = self.instance_tags().await?;
        let policies = self.policies().await?;
        for id in instances {
            let none = Tags::new();
            let tags = known.get(id).unwrap_or(&none);
            let arn = arn(ResourceType::EC2_INSTANCE, id, run);
            let mut one = self.selected(Service::Ec2, &arn, tags);
            let takes =
                |policy: &&Policy| policy.takes_instance(tags) && policy.takes_along(volume);
            one.policy = policies.iter().find(takes).map(|policy| policy.id.clone());
            if one != Coverage::default() {
                return Ok(one);
            }
        }
        Ok(Coverage::default())
    }

    /// The newest recovery point that exists of a resource. Snapshots are only looked at when
    /// AWS Backup made none since `since`.
    pub(super) async fn newest(
        &self,
        data: &Data,
        since: Timestamp,
        run: &Run<'_>,
    ) -> Result<Option<Timestamp>, Error> {
        let last = |arn: &str| self.last.get(arn).copied();
        let mut newest = last(&data.arn);
        let recent = |newest: Option<Timestamp>| newest.is_some_and(|newest| newest >= since);
        match &data.own {
            Own::Instance { volumes } if !recent(newest) => {
                let of_volume = |id: &String| last(&arn(ResourceType::EC2_VOLUME, id, run));
                let snapshots = if volumes.iter().all(|id| recent(of_volume(id))) {
                    &BTreeMap::new()
                } else {
                    self.snapshots().await?
                };
                // As old as the oldest of its volumes; none, when one of them has none.
                let all: Option<Vec<Timestamp>> = volumes
                    .iter()
                    .map(|id| of_volume(id).max(snapshots.get(id).copied()))
                    .collect();
                newest = newest.max(all.and_then(|all| all.into_iter().min()));
            }
            Own::Volume { id, instances, .. } => {
                for instance in instances {
                    newest = newest.max(last(&arn(ResourceType::EC2_INSTANCE, instance, run)));
                }
                if !recent(newest) {
                    newest = newest.max(self.snapshots().await?.get(id).copied());
                }
            }
            _ => {}
        }
        Ok(newest)
    }
}
