//! The calls that controls share.

use super::answers::{
    BlockPublicAccess, Image, LaunchTemplateVersion, NetworkInterface, Sharing, Snapshot, Subnet,
    UserData, Volume, VpcEndpoint, VpnConnection,
};
use super::{Ec2, Ec2Call, Filter, action};
use crate::error::Error;

/// The largest page that most calls allow.
const PAGE: u16 = 1000;

/// The largest page of launch template versions.
const VERSIONS_PAGE: u16 = 200;

impl Ec2 {
    /// The account's own snapshots.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn snapshots(&self) -> Result<Vec<Snapshot>, Error> {
        self.own_snapshots(&[]).await
    }

    /// The account's own snapshots that every AWS account may restore.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn public_snapshots(&self) -> Result<Vec<Snapshot>, Error> {
        self.own_snapshots(&["all"]).await
    }

    async fn own_snapshots(&self, restorable_by: &[&str]) -> Result<Vec<Snapshot>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_SNAPSHOTS)
            .list("Owner", &["self"])
            .list("RestorableBy", restorable_by)
            .page(PAGE);
        self.list(&call, "snapshotSet", Snapshot::read).await
    }

    /// With whom a snapshot is shared.
    ///
    /// # Errors
    /// When the call fails (`InvalidSnapshot.NotFound` where there is none), or its answer has
    /// another shape.
    pub async fn snapshot_sharing(&self, snapshot_id: &str) -> Result<Sharing, Error> {
        let call = Ec2Call::new(action::DESCRIBE_SNAPSHOT_ATTRIBUTE)
            .with("SnapshotId", snapshot_id)
            .with("Attribute", "createVolumePermission");
        Sharing::read(&self.get(&call).await?, "createVolumePermission")
    }

    /// What public sharing of snapshots the Region blocks.
    ///
    /// # Errors
    /// When the call fails, or its answer names no state that is known.
    pub async fn snapshot_block(&self) -> Result<BlockPublicAccess, Error> {
        let call = Ec2Call::new(action::GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE);
        BlockPublicAccess::read(&self.get(&call).await?, "state")
    }

    /// The account's own images, the deprecated ones included. Disabled images, which nobody can
    /// launch, are not among them.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn images(&self) -> Result<Vec<Image>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_IMAGES).list("Owner", &["self"]).page(PAGE);
        self.list(&call, "imagesSet", Image::read).await
    }

    /// With whom an image is shared.
    ///
    /// # Errors
    /// When the call fails (`InvalidAMIID.NotFound` or `InvalidAMIID.Unavailable` where there is
    /// none), or its answer has another shape.
    pub async fn image_sharing(&self, image_id: &str) -> Result<Sharing, Error> {
        let call = Ec2Call::new(action::DESCRIBE_IMAGE_ATTRIBUTE)
            .with("ImageId", image_id)
            .with("Attribute", "launchPermission");
        Sharing::read(&self.get(&call).await?, "launchPermission")
    }

    /// What public sharing of images the Region blocks.
    ///
    /// # Errors
    /// When the call fails, or its answer names no state that is known.
    pub async fn image_block(&self) -> Result<BlockPublicAccess, Error> {
        let call = Ec2Call::new(action::GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE);
        BlockPublicAccess::read(&self.get(&call).await?, "imageBlockPublicAccessState")
    }

    /// Whether the Region encrypts new volumes by itself.
    ///
    /// # Errors
    /// When the call fails, or its answer does not say.
    pub async fn ebs_encryption_by_default(&self) -> Result<bool, Error> {
        let call = Ec2Call::new(action::GET_EBS_ENCRYPTION_BY_DEFAULT);
        self.get(&call).await?.required_flag("ebsEncryptionByDefault")
    }

    /// The key by which the Region encrypts volumes for which none is named: an alias, an id or
    /// an ARN.
    ///
    /// # Errors
    /// When the call fails, or its answer names none.
    pub async fn ebs_default_key(&self) -> Result<String, Error> {
        let call = Ec2Call::new(action::GET_EBS_DEFAULT_KMS_KEY_ID);
        Ok(self.get(&call).await?.required("kmsKeyId")?.to_owned())
    }

    /// The user data of an instance, where it has some.
    ///
    /// # Errors
    /// When the call fails (`InvalidInstanceID.NotFound` where there is none), or the answer is
    /// of another instance.
    pub async fn user_data(&self, instance_id: &str) -> Result<Option<UserData>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_INSTANCE_ATTRIBUTE)
            .with("InstanceId", instance_id)
            .with("Attribute", "userData");
        let answer = self.get(&call).await?;
        if answer.required("instanceId")? != instance_id {
            return Err(answer.missing("instanceId as asked for"));
        }
        answer.at("userData").map_or(Ok(None), |data| UserData::read(data, "value"))
    }

    /// The default and the latest version of a launch template, or of all.
    ///
    /// # Errors
    /// When the call fails (`InvalidLaunchTemplateId.NotFound` where there is none), or its
    /// answer lacks a field.
    pub async fn launch_template_versions(
        &self,
        template_id: Option<&str>,
    ) -> Result<Vec<LaunchTemplateVersion>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_LAUNCH_TEMPLATE_VERSIONS)
            .list("LaunchTemplateVersion", &["$Default", "$Latest"]);
        let call = match template_id {
            Some(id) => call.with("LaunchTemplateId", id),
            None => call.page(VERSIONS_PAGE),
        };
        let mut versions =
            self.list(&call, "launchTemplateVersionSet", LaunchTemplateVersion::read).await?;
        // The default version may be the latest one too.
        let key = |version: &LaunchTemplateVersion| (version.template_id.clone(), version.version);
        versions.sort_by_key(key);
        versions.dedup_by_key(|version| key(version));
        Ok(versions)
    }

    /// VPC endpoints.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn vpc_endpoints(&self, filters: &[Filter<'_>]) -> Result<Vec<VpcEndpoint>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_VPC_ENDPOINTS).filters(filters).page(PAGE);
        self.list(&call, "vpcEndpointSet", VpcEndpoint::read).await
    }

    /// Network interfaces.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn network_interfaces(
        &self,
        filters: &[Filter<'_>],
    ) -> Result<Vec<NetworkInterface>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_NETWORK_INTERFACES).filters(filters).page(PAGE);
        self.list(&call, "networkInterfaceSet", NetworkInterface::read).await
    }

    /// Site-to-Site VPN connections. EC2 keeps deleted ones for a while.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn vpn_connections(
        &self,
        filters: &[Filter<'_>],
    ) -> Result<Vec<VpnConnection>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_VPN_CONNECTIONS).filters(filters);
        self.list(&call, "vpnConnectionSet", VpnConnection::read).await
    }

    /// Subnets, by the filter `subnet-id` for instance: an id that does not exist is then absent
    /// from the answer.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn subnets(&self, filters: &[Filter<'_>]) -> Result<Vec<Subnet>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_SUBNETS).filters(filters).page(PAGE);
        self.list(&call, "subnetSet", Subnet::read).await
    }

    /// Volumes.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn volumes(&self, filters: &[Filter<'_>]) -> Result<Vec<Volume>, Error> {
        let call = Ec2Call::new(action::DESCRIBE_VOLUMES).filters(filters).page(PAGE);
        self.list(&call, "volumeSet", Volume::read).await
    }
}
