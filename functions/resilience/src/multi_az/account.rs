//! What AWS Config does not record: ElastiCache replication groups and FSx file systems.

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::{AutomaticFailoverStatus, MultiAzStatus, ReplicationGroup};
use aws_sdk_fsx::types::FileSystem;
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict};

use super::declared::{CACHE_SINGLE_AZ, FILE_SYSTEM_SINGLE_AZ};
use super::remarks::NO_CACHE_OR_FILE_SYSTEM;
use super::scope;

pub(super) const DESCRIBE_REPLICATION_GROUPS: &str = "elasticache:DescribeReplicationGroups";
pub(super) const DESCRIBE_FSX_FILE_SYSTEMS: &str = "fsx:DescribeFileSystems";
pub(super) const GET_RESOURCES: &str = "tag:GetResources";

type Tags = BTreeMap<String, String>;

/// The clients.
pub(super) struct Unrecorded {
    caches: aws_sdk_elasticache::Client,
    file_systems: aws_sdk_fsx::Client,
    tags: aws_sdk_resourcegroupstagging::Client,
}

/// Something that Config does not record, and whether it stands or falls with a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) single: bool,
}

impl Unrecorded {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            caches: aws_sdk_elasticache::Client::new(sdk),
            file_systems: aws_sdk_fsx::Client::new(sdk),
            tags: aws_sdk_resourcegroupstagging::Client::new(sdk),
        }
    }

    /// The verdict on the account.
    pub(super) async fn judge(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        Ok(decide(&self.caches(run).await?, &self.file_systems(run).await?))
    }

    async fn caches(&self, run: &Run<'_>) -> Result<Vec<Unit>, Error> {
        let mut pages = self.caches.describe_replication_groups().into_paginator().items().send();
        let mut groups = Vec::new();
        while let Some(group) = pages.next().await {
            groups.push(group.call(DESCRIBE_REPLICATION_GROUPS)?);
        }
        // The groups do not tell their tags.
        let tags = match scope::matters(run) && !groups.is_empty() {
            true => self.cache_tags().await?,
            false => BTreeMap::new(),
        };
        let none = Tags::new();
        let mut units = Vec::new();
        for group in &groups {
            let tags = group.arn().and_then(|arn| tags.get(arn)).unwrap_or(&none);
            if scope::left_out(tags, run).is_none() {
                units.extend(cache(group)?);
            }
        }
        Ok(units)
    }

    async fn cache_tags(&self) -> Result<BTreeMap<String, Tags>, Error> {
        let call = self.tags.get_resources().resource_type_filters("elasticache:replicationgroup");
        let mut pages = call.into_paginator().items().send();
        let mut tags = BTreeMap::new();
        while let Some(resource) = pages.next().await {
            let resource = resource.call(GET_RESOURCES)?;
            let own = resource.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
            if let Some(arn) = resource.resource_arn {
                tags.insert(arn, own.collect());
            }
        }
        Ok(tags)
    }

    async fn file_systems(&self, run: &Run<'_>) -> Result<Vec<Unit>, Error> {
        let mut pages = self.file_systems.describe_file_systems().into_paginator().send();
        let mut units = Vec::new();
        while let Some(page) = pages.next().await {
            for system in page.call(DESCRIBE_FSX_FILE_SYSTEMS)?.file_systems() {
                let tags = system.tags().iter().map(|tag| {
                    let (key, value) = (tag.key(), tag.value());
                    (key.unwrap_or_default().to_owned(), value.unwrap_or_default().to_owned())
                });
                if scope::left_out(&tags.collect(), run).is_none() {
                    units.extend(file_system(system)?);
                }
            }
        }
        Ok(units)
    }
}

/// A replication group; none of one that is being deleted.
fn cache(group: &ReplicationGroup) -> Result<Option<Unit>, Error> {
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_REPLICATION_GROUPS,
        field: format!("ReplicationGroups[].{field}"),
    };
    if group.status() == Some("deleting") {
        return Ok(None);
    }
    let failover = group.automatic_failover().ok_or_else(|| lacks("AutomaticFailover"))?;
    let zones = group.multi_az().ok_or_else(|| lacks("MultiAZ"))?;
    let fails_over =
        matches!(failover, AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling);
    Ok(Some(Unit {
        name: group.replication_group_id().ok_or_else(|| lacks("ReplicationGroupId"))?.to_owned(),
        single: !fails_over || *zones != MultiAzStatus::Enabled,
    }))
}

/// A file system; none of a kind that has no second zone.
fn file_system(system: &FileSystem) -> Result<Option<Unit>, Error> {
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_FSX_FILE_SYSTEMS,
        field: format!("FileSystems[].{field}"),
    };
    let kind = system.file_system_type().ok_or_else(|| lacks("FileSystemType"))?;
    let deployment = match kind.as_str() {
        "LUSTRE" => return Ok(None),
        "WINDOWS" => {
            system.windows_configuration().and_then(|own| Some(own.deployment_type()?.as_str()))
        }
        "ONTAP" => {
            system.ontap_configuration().and_then(|own| Some(own.deployment_type()?.as_str()))
        }
        "OPENZFS" => {
            system.open_zfs_configuration().and_then(|own| Some(own.deployment_type()?.as_str()))
        }
        other => return Err(lacks(&format!("FileSystemType that is known, but {other}"))),
    };
    let single = match deployment {
        Some(word) if word.starts_with("SINGLE_AZ") => true,
        Some(word) if word.starts_with("MULTI_AZ") => false,
        _ => return Err(lacks("DeploymentType")),
    };
    let name = system.file_system_id().ok_or_else(|| lacks("FileSystemId"))?.to_owned();
    Ok(Some(Unit { name, single }))
}

/// The verdict on what is in scope.
fn decide(caches: &[Unit], file_systems: &[Unit]) -> Verdict {
    if caches.is_empty() && file_systems.is_empty() {
        return Verdict::not_applicable(&NO_CACHE_OR_FILE_SYSTEM);
    }
    let mut failures = Failures::new();
    for (requirement, units) in [(&CACHE_SINGLE_AZ, caches), (&FILE_SYSTEM_SINGLE_AZ, file_systems)]
    {
        let single: Vec<&str> =
            units.iter().filter(|unit| unit.single).map(|unit| unit.name.as_str()).collect();
        if !single.is_empty() {
            failures.because(requirement, requirement.naming(&single));
        }
    }
    failures.into_verdict()
}

#[cfg(test)]
mod tests {
    use aws_sdk_fsx::types::{
        FileSystemType, OntapDeploymentType, OntapFileSystemConfiguration, OpenZfsDeploymentType,
        OpenZfsFileSystemConfiguration, WindowsDeploymentType, WindowsFileSystemConfiguration,
    };

    use super::*;

    fn group(failover: &str, zones: &str) -> ReplicationGroup {
        ReplicationGroup::builder()
            .replication_group_id("sessions")
            .status("available")
            .automatic_failover(failover.into())
            .multi_az(zones.into())
            .build()
    }

    #[test]
    fn a_cache_needs_both_failover_and_zones() {
        for (failover, zones, single) in [
            ("enabled", "enabled", false),
            ("enabling", "enabled", false),
            ("enabled", "disabled", true),
            ("disabled", "enabled", true),
            ("disabling", "enabled", true),
            ("disabled", "disabled", true),
        ] {
            let unit = cache(&group(failover, zones)).unwrap().unwrap();
            assert_eq!(unit.single, single, "{failover} {zones}");
        }
        let deleting = ReplicationGroup::builder().status("deleting").build();
        assert_eq!(cache(&deleting).unwrap(), None);
        let odd = ReplicationGroup::builder().replication_group_id("x").build();
        assert!(cache(&odd).unwrap_err().to_string().contains("AutomaticFailover"));
    }

    #[test]
    fn each_kind_of_fsx_has_its_deployment_types() {
        let windows = |kind| {
            let own = WindowsFileSystemConfiguration::builder().deployment_type(kind).build();
            FileSystem::builder()
                .file_system_type(FileSystemType::Windows)
                .windows_configuration(own)
        };
        let ontap = |kind| {
            let own = OntapFileSystemConfiguration::builder().deployment_type(kind).build();
            FileSystem::builder().file_system_type(FileSystemType::Ontap).ontap_configuration(own)
        };
        let zfs = |kind| {
            let own = OpenZfsFileSystemConfiguration::builder().deployment_type(kind).build();
            FileSystem::builder()
                .file_system_type(FileSystemType::Openzfs)
                .open_zfs_configuration(own)
        };
        for (system, single) in [
            (windows(WindowsDeploymentType::MultiAz1), false),
            (windows(WindowsDeploymentType::SingleAz2), true),
            (ontap(OntapDeploymentType::MultiAz2), false),
            (ontap(OntapDeploymentType::SingleAz1), true),
            (zfs(OpenZfsDeploymentType::MultiAz1), false),
            (zfs(OpenZfsDeploymentType::SingleAzHa2), true),
        ] {
            let unit = file_system(&system.file_system_id("fs-1").build()).unwrap().unwrap();
            assert_eq!(unit.single, single);
        }
        let lustre = FileSystem::builder().file_system_type(FileSystemType::Lustre).build();
        assert_eq!(file_system(&lustre).unwrap(), None);
        let unknown = FileSystem::builder().file_system_type("NFS9".into()).build();
        assert!(file_system(&unknown).is_err());
        let odd = FileSystem::builder().file_system_type(FileSystemType::Windows).build();
        assert!(file_system(&odd).unwrap_err().to_string().contains("DeploymentType"));
    }

    #[test]
    fn the_account_is_judged_by_all_of_them() {
        let unit = |name: &str, single| Unit { name: name.to_owned(), single };
        let codes = |caches: &[Unit], systems: &[Unit]| -> Vec<&'static str> {
            decide(caches, systems).reasons().iter().map(|reason| reason.code).collect()
        };
        let (good, bad) = (unit("a", false), unit("b", true));
        assert_eq!(codes(&[], &[]), ["NO_CACHE_OR_FILE_SYSTEM"]);
        assert_eq!(codes(std::slice::from_ref(&good), &[]), [""; 0]);
        assert_eq!(codes(&[good.clone(), bad.clone()], &[]), ["CACHE_SINGLE_AZ"]);
        assert_eq!(codes(&[good], std::slice::from_ref(&bad)), ["FILE_SYSTEM_SINGLE_AZ"]);
        let verdict = decide(std::slice::from_ref(&bad), std::slice::from_ref(&bad));
        assert_eq!(verdict.reasons().len(), 2);
        assert!(verdict.reasons()[0].message.en.ends_with(": b"), "{verdict:?}");
    }
}
