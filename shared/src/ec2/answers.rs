//! The calls that controls share, with what they read of the answers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::{Ec2, Ec2Call, Filter, Xml, action};
use crate::error::Error;

/// The largest page that most calls allow.
const PAGE: u16 = 1000;

/// The largest page of launch template versions.
const VERSIONS_PAGE: u16 = 200;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// An EBS snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id.
    pub id: String,
    /// The volume it was taken of; an arbitrary id for a copy of a snapshot.
    pub volume_id: Option<String>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// ARN of the key, of an encrypted one.
    pub kms_key_id: Option<String>,
    /// When it was started.
    pub started: Timestamp,
    /// `completed`, `pending` …
    pub state: String,
    /// What its maker says; tells those of AWS Backup and of images.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// An AMI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Whether every AWS account may launch it.
    pub public: bool,
    /// `available`, `pending` …
    pub state: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

/// With whom a snapshot or an image is shared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// With every AWS account.
    pub public: bool,
    /// Ids of accounts.
    pub accounts: Vec<String>,
    /// ARNs of organizations and organizational units.
    pub organizations: Vec<String>,
}

/// What public sharing a Region blocks, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockPublicAccess {
    /// Nothing.
    Unblocked,
    /// New sharing; what is public stays so.
    NewSharing,
    /// All, also what was made public before. Snapshots only.
    AllSharing,
}

/// User data of an instance, decoded. It may hold secrets: its debug form tells only its size.
#[derive(Clone, PartialEq, Eq)]
pub struct UserData(Vec<u8>);

/// A version of a launch template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchTemplateVersion {
    /// Id of the template.
    pub template_id: String,
    /// Name of the template.
    pub template_name: Option<String>,
    /// Number of the version.
    pub version: i64,
    /// Whether it is the default version.
    pub default: bool,
    /// Its user data, where it has some.
    pub user_data: Option<UserData>,
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpcEndpoint {
    /// Its id.
    pub id: String,
    /// Its VPC.
    pub vpc_id: String,
    /// The service, such as `com.amazonaws.ap-northeast-1.s3`; not every type has one.
    pub service: Option<String>,
    /// `Gateway`, `Interface` …
    pub kind: String,
    /// `available`, `pending` … EC2 writes it in either case; here it is lower case.
    pub state: String,
    /// Whether the service's own names lead to it.
    pub private_dns: bool,
    /// Route tables of a gateway endpoint.
    pub route_tables: Vec<String>,
    /// Subnets of an interface endpoint.
    pub subnets: Vec<String>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkInterface {
    /// Its id.
    pub id: String,
    /// Its VPC.
    pub vpc_id: Option<String>,
    /// Its subnet.
    pub subnet_id: Option<String>,
    /// `interface`, `nat_gateway`, `vpc_endpoint` …
    pub kind: Option<String>,
    /// `in-use`, `available` …
    pub status: String,
    /// Whether an AWS service manages it.
    pub requester_managed: bool,
    /// Its public address.
    pub public_ip: Option<String>,
    /// The instance it is attached to.
    pub instance_id: Option<String>,
    /// What its maker says.
    pub description: Option<String>,
    /// Its security groups.
    pub groups: Vec<String>,
}

/// A Site-to-Site VPN connection. Its pre-shared keys, which the answer holds, are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpnConnection {
    /// Its id.
    pub id: String,
    /// `available`, `pending` …
    pub state: String,
    /// The virtual private gateway.
    pub vpn_gateway_id: Option<String>,
    /// The transit gateway.
    pub transit_gateway_id: Option<String>,
    /// `PublicIpv4` or `PrivateIpv4`; the latter runs over Direct Connect.
    pub outside_ip_type: Option<String>,
    /// The Direct Connect attachment of the transit gateway that carries it.
    pub transport_attachment_id: Option<String>,
    /// How many of its tunnels are up.
    pub tunnels_up: usize,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Whether instances get a public address by default.
    pub public_ip_on_launch: bool,
}

/// An EBS volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its id.
    pub id: String,
    /// `in-use`, `available` …
    pub state: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// ARN of the key, of an encrypted one.
    pub kms_key_id: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The snapshot it was made of.
    pub snapshot_id: Option<String>,
    /// The instances it is attached to.
    pub instances: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

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

impl Snapshot {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("snapshotId")?.to_owned(),
            volume_id: owned(xml, "volumeId"),
            encrypted: xml.required_flag("encrypted")?,
            kms_key_id: owned(xml, "kmsKeyId"),
            started: xml.time("startTime")?.ok_or_else(|| xml.missing("startTime"))?,
            state: xml.required("status")?.to_owned(),
            description: owned(xml, "description"),
            tags: tags(xml)?,
        })
    }
}

impl Image {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("imageId")?.to_owned(),
            name: owned(xml, "name"),
            public: xml.required_flag("isPublic")?,
            state: xml.required("imageState")?.to_owned(),
            created: xml.time("creationDate")?,
            tags: tags(xml)?,
        })
    }
}

impl Sharing {
    fn read(answer: &Xml, list: &str) -> Result<Self, Error> {
        let grants = answer.at(list).ok_or_else(|| answer.missing(list))?;
        let mut sharing = Self::default();
        for grant in grants.items() {
            if let Some(account) = grant.text("userId") {
                sharing.accounts.push(account.to_owned());
            } else if let Some(arn) =
                grant.text("organizationArn").or_else(|| grant.text("organizationalUnitArn"))
            {
                sharing.organizations.push(arn.to_owned());
            } else if grant.text("group") == Some("all") {
                sharing.public = true;
            } else {
                // A grant that is not understood is not "nobody".
                return Err(grant.missing("a known grantee"));
            }
        }
        Ok(sharing)
    }

    /// Whether it is shared with anyone.
    #[must_use]
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

impl BlockPublicAccess {
    fn read(answer: &Xml, field: &str) -> Result<Self, Error> {
        match answer.required(field)? {
            "unblocked" => Ok(Self::Unblocked),
            "block-new-sharing" => Ok(Self::NewSharing),
            "block-all-sharing" => Ok(Self::AllSharing),
            _ => Err(answer.missing(&format!("{field} as a known state"))),
        }
    }
}

impl fmt::Debug for UserData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user data of {} bytes", self.0.len())
    }
}

impl UserData {
    fn read(xml: &Xml, field: &str) -> Result<Option<Self>, Error> {
        let Some(text) = xml.text(field) else { return Ok(None) };
        // EC2 hands back what it was given, line breaks included.
        let text: String = text.split_ascii_whitespace().collect();
        let bytes = aws_smithy_types::base64::decode(text)
            .map_err(|_| xml.missing(&format!("{field} as base64")))?;
        Ok(Some(Self(bytes)))
    }

    /// The data: a script, a cloud-init document, or either compressed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The data as text, with a replacement for what is none.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl LaunchTemplateVersion {
    fn read(xml: &Xml) -> Result<Self, Error> {
        let data = xml.at("launchTemplateData").ok_or_else(|| xml.missing("launchTemplateData"))?;
        Ok(Self {
            template_id: xml.required("launchTemplateId")?.to_owned(),
            template_name: owned(xml, "launchTemplateName"),
            version: xml.integer("versionNumber")?.ok_or_else(|| xml.missing("versionNumber"))?,
            default: xml.required_flag("defaultVersion")?,
            user_data: UserData::read(data, "userData")?,
        })
    }
}

impl VpcEndpoint {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("vpcEndpointId")?.to_owned(),
            vpc_id: xml.required("vpcId")?.to_owned(),
            service: owned(xml, "serviceName"),
            kind: xml.required("vpcEndpointType")?.to_owned(),
            state: xml.required("state")?.to_ascii_lowercase(),
            private_dns: xml.flag("privateDnsEnabled")?.unwrap_or(false),
            route_tables: xml.texts("routeTableIdSet"),
            subnets: xml.texts("subnetIdSet"),
        })
    }
}

impl NetworkInterface {
    fn read(xml: &Xml) -> Result<Self, Error> {
        let within = |name, field| xml.at(name).and_then(|inner| owned(inner, field));
        Ok(Self {
            id: xml.required("networkInterfaceId")?.to_owned(),
            vpc_id: owned(xml, "vpcId"),
            subnet_id: owned(xml, "subnetId"),
            kind: owned(xml, "interfaceType"),
            status: xml.required("status")?.to_owned(),
            requester_managed: xml.flag("requesterManaged")?.unwrap_or(false),
            public_ip: within("association", "publicIp"),
            instance_id: within("attachment", "instanceId"),
            description: owned(xml, "description"),
            groups: each(xml, "groupSet", "groupId"),
        })
    }
}

impl VpnConnection {
    fn read(xml: &Xml) -> Result<Self, Error> {
        let option = |field| xml.at("options").and_then(|options| owned(options, field));
        let telemetry = each(xml, "vgwTelemetry", "status");
        Ok(Self {
            id: xml.required("vpnConnectionId")?.to_owned(),
            state: xml.required("state")?.to_owned(),
            vpn_gateway_id: owned(xml, "vpnGatewayId"),
            transit_gateway_id: owned(xml, "transitGatewayId"),
            outside_ip_type: option("outsideIpAddressType"),
            transport_attachment_id: option("transportTransitGatewayAttachmentId"),
            tunnels_up: telemetry.iter().filter(|status| *status == "UP").count(),
        })
    }
}

impl Subnet {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("subnetId")?.to_owned(),
            vpc_id: xml.required("vpcId")?.to_owned(),
            public_ip_on_launch: xml.required_flag("mapPublicIpOnLaunch")?,
        })
    }
}

impl Volume {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("volumeId")?.to_owned(),
            state: xml.required("status")?.to_owned(),
            encrypted: xml.required_flag("encrypted")?,
            kms_key_id: owned(xml, "kmsKeyId"),
            created: xml.time("createTime")?,
            snapshot_id: owned(xml, "snapshotId"),
            instances: each(xml, "attachmentSet", "instanceId"),
            tags: tags(xml)?,
        })
    }
}

fn owned(xml: &Xml, field: &str) -> Option<String> {
    xml.text(field).map(str::to_owned)
}

/// A field of every element of a list.
fn each(xml: &Xml, list: &str, field: &str) -> Vec<String> {
    xml.list(list).iter().filter_map(|item| owned(item, field)).collect()
}

fn tags(xml: &Xml) -> Result<Tags, Error> {
    xml.list("tagSet")
        .iter()
        .map(|tag| {
            let value = tag.text("value").unwrap_or_default();
            Ok((tag.required("key")?.to_owned(), value.to_owned()))
        })
        .collect()
}
