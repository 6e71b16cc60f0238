//! What EKS, RDS and EFS tell.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::Filter;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::{Error, Run, Verdict};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::declared::FILE_SYSTEM_SINGLE_AZ;
use super::members::Member;
use super::remarks::NOT_MOUNTED;
use super::spread::{self, Zones};

pub(super) const LIST_NODEGROUPS: &str = "eks:ListNodegroups";
pub(super) const DESCRIBE_NODEGROUP: &str = "eks:DescribeNodegroup";
pub(super) const DESCRIBE_DB_INSTANCES: &str = "rds:DescribeDBInstances";
pub(super) const DESCRIBE_FILE_SYSTEMS: &str = "elasticfilesystem:DescribeFileSystems";
pub(super) const DESCRIBE_MOUNT_TARGETS: &str = "elasticfilesystem:DescribeMountTargets";

/// The clients.
pub(super) struct Asked {
    eks: aws_sdk_eks::Client,
    rds: aws_sdk_rds::Client,
    efs: aws_sdk_efs::Client,
}

impl Asked {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            eks: aws_sdk_eks::Client::new(sdk),
            rds: aws_sdk_rds::Client::new(sdk),
            efs: aws_sdk_efs::Client::new(sdk),
        }
    }

    /// The subnets of a cluster's managed node groups; `None` without any group, or cluster.
    pub(super) async fn node_subnets(
        &self,
        cluster: &str,
    ) -> Result<Option<BTreeSet<String>>, Error> {
        let mut pages =
            self.eks.list_nodegroups().cluster_name(cluster).into_paginator().items().send();
        let mut names = Vec::new();
        while let Some(name) = pages.next().await {
            match name.call(LIST_NODEGROUPS) {
                Ok(name) => names.push(name),
                Err(error) if gone(&error) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        let groups: Vec<Option<Vec<String>>> = stream::iter(names)
            .map(|name| self.group_subnets(cluster, name))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let groups: Vec<Vec<String>> = groups.into_iter().flatten().collect();
        Ok((!groups.is_empty()).then(|| groups.into_iter().flatten().collect()))
    }

    /// The subnets of a node group; `None` when it was deleted since it was listed.
    async fn group_subnets(
        &self,
        cluster: &str,
        name: String,
    ) -> Result<Option<Vec<String>>, Error> {
        let answer = self.eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(name);
        let answer = match answer.send().await.call(DESCRIBE_NODEGROUP) {
            Ok(answer) => answer,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let subnets = answer.nodegroup.and_then(|group| group.subnets);
        subnets.map(Some).ok_or_else(|| Error::Answer {
            action: DESCRIBE_NODEGROUP,
            field: "nodegroup.subnets".to_owned(),
        })
    }

    /// The members of a DB cluster, by name.
    pub(super) async fn members(&self, cluster: &str) -> Result<BTreeMap<String, Member>, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_DB_INSTANCES,
            field: format!("DBInstances[].{field}"),
        };
        let filter = Filter::builder().name("db-cluster-id").values(cluster).build();
        let call = self.rds.describe_db_instances().filters(filter);
        let mut pages = call.into_paginator().items().send();
        let mut members = BTreeMap::new();
        while let Some(instance) = pages.next().await {
            let instance = instance.call(DESCRIBE_DB_INSTANCES)?;
            let name = instance.db_instance_identifier.ok_or_else(|| lacks("Identifier"))?;
            let class = instance.db_instance_class.ok_or_else(|| lacks("DBInstanceClass"))?;
            let creating = instance.db_instance_status.as_deref() == Some("creating");
            if instance.availability_zone.is_none() && !creating {
                return Err(lacks("AvailabilityZone"));
            }
            members.insert(name, Member { class, zone: instance.availability_zone });
        }
        Ok(members)
    }

    /// The verdict on an EFS file system; `None` when there is none of this id.
    pub(super) async fn file_system(
        &self,
        id: &str,
        run: &Run<'_>,
    ) -> Result<Option<Verdict>, Error> {
        let missing = |error: &ServiceError| error.is("FileSystemNotFound");
        let call = self.efs.describe_file_systems().file_system_id(id);
        let mut pages = call.into_paginator().items().send();
        let mut one_zone = None;
        while let Some(system) = pages.next().await {
            match system.call(DESCRIBE_FILE_SYSTEMS) {
                Ok(system) => one_zone = Some(system.availability_zone_name),
                Err(error) if missing(&error) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        let Some(one_zone) = one_zone else { return Ok(None) };
        if let Some(zone) = one_zone {
            let zones = Zones::from([zone]);
            return Ok(Some(spread::verdict(&FILE_SYSTEM_SINGLE_AZ, &zones, Vec::new(), run)));
        }
        let call = self.efs.describe_mount_targets().file_system_id(id);
        let mut pages = call.into_paginator().items().send();
        let mut zones = Zones::new();
        while let Some(target) = pages.next().await {
            match target.call(DESCRIBE_MOUNT_TARGETS) {
                Ok(target) => {
                    zones.insert(target.availability_zone_name.ok_or_else(|| Error::Answer {
                        action: DESCRIBE_MOUNT_TARGETS,
                        field: "MountTargets[].AvailabilityZoneName".to_owned(),
                    })?);
                }
                Err(error) if missing(&error) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(match zones.is_empty() {
            true => Verdict::Compliant(vec![NOT_MOUNTED.reason()]),
            false => spread::verdict(&FILE_SYSTEM_SINGLE_AZ, &zones, Vec::new(), run),
        }))
    }
}

fn gone(error: &ServiceError) -> bool {
    error.is("ResourceNotFoundException")
}
