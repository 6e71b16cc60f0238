//! EC2's API, as far as controls read it.
//!
//! The SDK's crate for EC2 holds 700 operations and takes minutes and gigabytes to compile. This
//! client holds the few read-only calls that controls make. All that matters is still the SDK's:
//! credentials, signature, retries, time limits and endpoint settings.
//!
//! The calls that controls share are methods with typed answers; [`Ec2::list`] and [`Ec2::get`]
//! make any other call:
//!
//! ```no_run
//! # async fn example(sdk: &aws_types::SdkConfig) -> Result<(), fisc_shared::Error> {
//! use fisc_shared::ec2::{Ec2, Ec2Call};
//!
//! let ec2 = Ec2::new(sdk);
//! for snapshot in ec2.snapshots().await? {
//!     println!("{} {}", snapshot.id, snapshot.encrypted);
//! }
//! let call = Ec2Call::new("ec2:DescribeVpcs").page(100);
//! let vpcs = ec2.list(&call, "vpcSet", |vpc| Ok(vpc.required("vpcId")?.to_owned())).await?;
//! # drop(vpcs); Ok(())
//! # }
//! ```

mod answers;
mod call;
mod calls;
mod client;
mod endpoint;
mod flow_logs;
mod instance_status;
mod instances;
mod recovery;
mod security_groups;
mod subnet_places;
#[cfg(test)]
mod tests;
mod vpcs;
mod xml;

pub use answers::{
    BlockPublicAccess, Image, LaunchTemplateVersion, NetworkInterface, Sharing, Snapshot, Subnet,
    Tags, UserData, Volume, VpcEndpoint, VpnConnection,
};
pub use call::{Ec2Call, Filter};
pub use flow_logs::FlowLog;
pub use instance_status::{InstanceStatus, ScheduledEvent};
pub use instances::{Instance, MetadataOptions};
pub use recovery::InstanceType;
pub use security_groups::SecurityGroup;
pub use subnet_places::SubnetPlace;
pub use vpcs::Vpc;
pub use xml::Xml;

use std::fmt;

use aws_types::SdkConfig;

use crate::error::{Call, Error};

/// The IAM names of the calls, for declarations.
pub mod action {
    pub use super::flow_logs::DESCRIBE_FLOW_LOGS;
    pub use super::instance_status::DESCRIBE_INSTANCE_STATUS;
    pub use super::instances::DESCRIBE_INSTANCES;
    pub use super::recovery::DESCRIBE_INSTANCE_TYPES;
    pub use super::security_groups::DESCRIBE_SECURITY_GROUPS;
    pub use super::vpcs::DESCRIBE_VPCS;

    /// [`Ec2::snapshots`](super::Ec2::snapshots) and
    /// [`Ec2::public_snapshots`](super::Ec2::public_snapshots).
    pub const DESCRIBE_SNAPSHOTS: &str = "ec2:DescribeSnapshots";
    /// [`Ec2::snapshot_sharing`](super::Ec2::snapshot_sharing).
    pub const DESCRIBE_SNAPSHOT_ATTRIBUTE: &str = "ec2:DescribeSnapshotAttribute";
    /// [`Ec2::snapshot_block`](super::Ec2::snapshot_block).
    pub const GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE: &str =
        "ec2:GetSnapshotBlockPublicAccessState";
    /// [`Ec2::images`](super::Ec2::images).
    pub const DESCRIBE_IMAGES: &str = "ec2:DescribeImages";
    /// [`Ec2::image_sharing`](super::Ec2::image_sharing).
    pub const DESCRIBE_IMAGE_ATTRIBUTE: &str = "ec2:DescribeImageAttribute";
    /// [`Ec2::image_block`](super::Ec2::image_block).
    pub const GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE: &str = "ec2:GetImageBlockPublicAccessState";
    /// [`Ec2::ebs_encryption_by_default`](super::Ec2::ebs_encryption_by_default).
    pub const GET_EBS_ENCRYPTION_BY_DEFAULT: &str = "ec2:GetEbsEncryptionByDefault";
    /// [`Ec2::ebs_default_key`](super::Ec2::ebs_default_key).
    pub const GET_EBS_DEFAULT_KMS_KEY_ID: &str = "ec2:GetEbsDefaultKmsKeyId";
    /// [`Ec2::user_data`](super::Ec2::user_data).
    pub const DESCRIBE_INSTANCE_ATTRIBUTE: &str = "ec2:DescribeInstanceAttribute";
    /// [`Ec2::launch_template_versions`](super::Ec2::launch_template_versions).
    pub const DESCRIBE_LAUNCH_TEMPLATE_VERSIONS: &str = "ec2:DescribeLaunchTemplateVersions";
    /// [`Ec2::vpc_endpoints`](super::Ec2::vpc_endpoints).
    pub const DESCRIBE_VPC_ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";
    /// [`Ec2::network_interfaces`](super::Ec2::network_interfaces).
    pub const DESCRIBE_NETWORK_INTERFACES: &str = "ec2:DescribeNetworkInterfaces";
    /// [`Ec2::vpn_connections`](super::Ec2::vpn_connections).
    pub const DESCRIBE_VPN_CONNECTIONS: &str = "ec2:DescribeVpnConnections";
    /// [`Ec2::subnets`](super::Ec2::subnets).
    pub const DESCRIBE_SUBNETS: &str = "ec2:DescribeSubnets";
    /// [`Ec2::volumes`](super::Ec2::volumes).
    pub const DESCRIBE_VOLUMES: &str = "ec2:DescribeVolumes";
}

/// A client of EC2. Cheap to clone.
#[derive(Clone)]
pub struct Ec2 {
    query: Option<client::Query>,
}

/// Without the SDK's pages of settings.
impl fmt::Debug for Ec2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ec2")
    }
}

impl Ec2 {
    /// A client by the SDK's settings. Settings without Region or HTTP client show at the first
    /// call.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { query: client::query(config) }
    }

    /// The answer of one call.
    ///
    /// # Errors
    /// When the call fails, after all retries, or its answer is no XML.
    pub async fn get(&self, call: &Ec2Call) -> Result<Xml, Error> {
        self.page(call, None).await
    }

    /// What `read` makes of every element of the list `set`, over all pages.
    ///
    /// # Errors
    /// When a call fails, after all retries, its answer lacks the list, or `read` fails.
    pub async fn list<T>(
        &self,
        call: &Ec2Call,
        set: &str,
        read: impl Fn(&Xml) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut elements = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = self.page(call, token.as_deref()).await?;
            // A page that is not what was asked for must not look like an empty list.
            let list = page.at(set).ok_or_else(|| page.missing(set))?;
            for element in list.items() {
                elements.push(read(element)?);
            }
            let next = page.text("nextToken");
            if next.is_some() && next == token.as_deref() {
                return Err(page.missing("nextToken other than the last one"));
            }
            let Some(next) = next else { return Ok(elements) };
            token = Some(next.to_owned());
        }
    }

    async fn page(&self, call: &Ec2Call, token: Option<&str>) -> Result<Xml, Error> {
        let query = self.query.as_ref().ok_or_else(|| {
            Error::Environment("the AWS settings lack a Region or an HTTP client".to_owned())
        })?;
        let answer = query.invoke(call.form(token)).await.call(call.action())?;
        Ok(Xml::parse(call.action(), &answer.0)?)
    }
}
