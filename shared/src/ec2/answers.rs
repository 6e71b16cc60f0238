//! What the shared calls read of EC2's answers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::Xml;
use crate::error::Error;

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
    /// What VPC Block Public Access stops here: `block-bidirectional`, `block-ingress`; `off` or
    /// absent: nothing.
    pub block_public_access: Option<String>,
    /// Its tags.
    pub tags: Tags,
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

impl Snapshot {
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
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
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
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
    pub(super) fn read(answer: &Xml, list: &str) -> Result<Self, Error> {
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
    pub(super) fn read(answer: &Xml, field: &str) -> Result<Self, Error> {
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
    pub(super) fn read(xml: &Xml, field: &str) -> Result<Option<Self>, Error> {
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
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
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
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
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
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
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
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
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
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("subnetId")?.to_owned(),
            vpc_id: xml.required("vpcId")?.to_owned(),
            public_ip_on_launch: xml.required_flag("mapPublicIpOnLaunch")?,
            block_public_access: xml
                .at("blockPublicAccessStates")
                .and_then(|states| owned(states, "internetGatewayBlockMode")),
            tags: tags(xml)?,
        })
    }
}

impl Volume {
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
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

pub(super) fn owned(xml: &Xml, field: &str) -> Option<String> {
    xml.text(field).map(str::to_owned)
}

/// A field of every element of a list.
pub(super) fn each(xml: &Xml, list: &str, field: &str) -> Vec<String> {
    xml.list(list).iter().filter_map(|item| owned(item, field)).collect()
}

pub(super) fn tags(xml: &Xml) -> Result<Tags, Error> {
    xml.list("tagSet")
        .iter()
        .map(|tag| {
            let value = tag.text("value").unwrap_or_default();
            Ok((tag.required("key")?.to_owned(), value.to_owned()))
        })
        .collect()
}
