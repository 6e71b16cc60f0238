//! The table: from a resource type to what its item tells of zones.

use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Requirement, ResourceType, Run, Verdict};

use super::{compute, databases, messaging, network, storage};

/// What an item tells.
#[derive(Debug)]
pub(super) enum Told {
    /// Everything.
    Decided(Verdict),
    /// The resource is in the zones of these subnets, which decide the requirement.
    InSubnets(&'static Requirement, Vec<String>),
    /// Something that others have to complete.
    Ask(Ask),
}

/// What has to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// Where the running instances with this value of the workload tag are.
    Workload(String),
    /// The node groups of the EKS cluster of this name.
    NodeGroups(String),
    /// The members of the DB cluster of this name.
    Members(String),
    /// The class and the mount targets of an EFS file system.
    MountTargets,
    /// The routes of a VPC to NAT gateways.
    Egress,
}

impl Told {
    /// The resource fails in the requirement's own words, or passes.
    pub(super) fn fails_if(failed: bool, requirement: &Requirement) -> Self {
        let mut failures = Failures::new();
        if failed {
            failures.add(requirement);
        }
        Self::Decided(failures.into_verdict())
    }

    pub(super) fn left_out(remark: &fisc_shared::Remark) -> Self {
        Self::Decided(Verdict::not_applicable(remark))
    }
}

type Look = fn(&ConfigurationItem, &Run<'_>) -> Result<Told, Error>;

const TABLE: &[(ResourceType, Look)] = &[
    (ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP, compute::group),
    (ResourceType::EC2_INSTANCE, compute::instance),
    (ResourceType::ECS_SERVICE, compute::service),
    (ResourceType::EKS_CLUSTER, compute::cluster),
    (ResourceType::LAMBDA_FUNCTION, compute::function),
    (ResourceType::RDS_DB_INSTANCE, databases::instance),
    (ResourceType::RDS_DB_CLUSTER, databases::cluster),
    (ResourceType::OPENSEARCH_DOMAIN, databases::domain),
    (ResourceType::REDSHIFT_CLUSTER, databases::warehouse),
    (ResourceType::MSK_CLUSTER, messaging::kafka),
    (ResourceType::MQ_BROKER, messaging::broker),
    (ResourceType::DMS_REPLICATION_INSTANCE, messaging::replication),
    (ResourceType::ELBV2_LOAD_BALANCER, network::balancer),
    (ResourceType::ELB_LOAD_BALANCER, network::classic),
    (ResourceType::NETWORK_FIREWALL_FIREWALL, network::firewall),
    (ResourceType::EC2_VPC_ENDPOINT, network::endpoint),
    (ResourceType::EC2_VPC, network::vpc),
    (ResourceType::EC2_TRANSIT_GATEWAY_ATTACHMENT, network::attachment),
    (ResourceType::EFS_FILE_SYSTEM, storage::file_system),
    (ResourceType::S3_BUCKET, storage::bucket),
    (ResourceType::S3_DIRECTORY_BUCKET, storage::directory_bucket),
];

/// What the item of a resource tells.
pub(super) fn look(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    let (_, look) = TABLE
        .iter()
        .find(|(known, _)| known.name == item.resource_type)
        .ok_or_else(|| Error::Control(format!("{} is not judged", item.resource_type)))?;
    look(item, run)
}

#[cfg(test)]
mod tests {
    use super::super::CONTROL;
    use super::*;

    #[test]
    fn every_recorded_type_is_in_the_table_once() {
        let mut table: Vec<ResourceType> = TABLE.iter().map(|(known, _)| *known).collect();
        let mut declared: Vec<ResourceType> = CONTROL.changing().collect();
        table.sort_unstable();
        declared.sort_unstable();
        assert_eq!(table, declared);
    }
}
