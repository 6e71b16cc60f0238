//! EC2 instances, as far as their access is judged by.

use jiff::Timestamp;

use super::answers::{Tags, each, owned, tags};
use super::{Ec2, Ec2Call, Filter, Xml};
use crate::error::Error;

/// The IAM name of the call.
pub const DESCRIBE_INSTANCES: &str = "ec2:DescribeInstances";

/// The largest page.
const PAGE: u16 = 1000;

/// An EC2 instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// `pending`, `running`, `stopped` …
    pub state: String,
    /// When it was started last.
    pub launched: Timestamp,
    /// Its VPC; a terminated one has none any more.
    pub vpc_id: Option<String>,
    /// Its public IPv4 addresses, of all interfaces.
    pub public_ips: Vec<String>,
    /// ARN of its instance profile.
    pub profile: Option<String>,
    /// How it answers for its metadata.
    pub metadata: Option<MetadataOptions>,
    /// Its security groups, of all interfaces.
    pub groups: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// How an instance answers for its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataOptions {
    /// `required`: version 2 only; `optional`.
    pub tokens: String,
    /// `enabled` or `disabled`.
    pub endpoint: String,
}

impl Instance {
    fn read(xml: &Xml) -> Result<Self, Error> {
        let state = xml.at("instanceState").ok_or_else(|| xml.missing("instanceState"))?;
        let mut public_ips: Vec<String> = owned(xml, "ipAddress").into_iter().collect();
        let mut groups = each(xml, "groupSet", "groupId");
        let public_ip =
            |part: &Xml| part.at("association").and_then(|address| owned(address, "publicIp"));
        for interface in xml.list("networkInterfaceSet") {
            public_ips.extend(public_ip(interface));
            public_ips.extend(interface.list("privateIpAddressesSet").iter().filter_map(public_ip));
            groups.extend(each(interface, "groupSet", "groupId"));
        }
        for list in [&mut public_ips, &mut groups] {
            list.sort_unstable();
            list.dedup();
        }
        let metadata = |options: &Xml| {
            Ok::<_, Error>(MetadataOptions {
                tokens: options.required("httpTokens")?.to_owned(),
                endpoint: options.required("httpEndpoint")?.to_owned(),
            })
        };
        Ok(Self {
            id: xml.required("instanceId")?.to_owned(),
            state: state.required("name")?.to_owned(),
            launched: xml.time("launchTime")?.ok_or_else(|| xml.missing("launchTime"))?,
            vpc_id: owned(xml, "vpcId"),
            public_ips,
            profile: xml.at("iamInstanceProfile").and_then(|profile| owned(profile, "arn")),
            metadata: xml.at("metadataOptions").map(metadata).transpose()?,
            groups,
            tags: tags(xml)?,
        })
    }
}

impl Ec2 {
    /// Instances. EC2 keeps terminated ones for a while.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn instances(&self, filters: &[Filter<'_>]) -> Result<Vec<Instance>, Error> {
        let call = Ec2Call::new(DESCRIBE_INSTANCES).filters(filters).page(PAGE);
        let read = |reservation: &Xml| {
            let list = reservation.at("instancesSet");
            let list = list.ok_or_else(|| reservation.missing("instancesSet"))?;
            list.items().iter().map(Instance::read).collect::<Result<Vec<_>, Error>>()
        };
        Ok(self.list(&call, "reservationSet", read).await?.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(instance: &str) -> Result<Instance, Error> {
        let xml = format!(
            "<item><instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name>\
             </instanceState><launchTime>2026-11-01T00:00:00.000Z</launchTime>{instance}</item>"
        );
        Instance::read(&Xml::parse(DESCRIBE_INSTANCES, xml.as_bytes()).expect("XML"))
    }

    #[test]
    fn addresses_and_groups_are_those_of_every_interface() {
        let instance = read(
            "<vpcId>vpc-1</vpcId><ipAddress>203.0.113.1</ipAddress><groupSet><item><groupId>sg-1\
             </groupId><groupName>a</groupName></item></groupSet><networkInterfaceSet><item>\
             <association><publicIp>203.0.113.1</publicIp></association><groupSet><item><groupId>\
             sg-1</groupId></item></groupSet><privateIpAddressesSet><item><association><publicIp>\
             203.0.113.1</publicIp></association></item><item><association><publicIp>203.0.113.2\
             </publicIp></association></item></privateIpAddressesSet></item><item><groupSet><item>\
             <groupId>sg-2</groupId></item></groupSet></item></networkInterfaceSet>\
             <iamInstanceProfile><arn>arn:p</arn><id>AIPA</id></iamInstanceProfile>\
             <metadataOptions><httpTokens>required</httpTokens><httpEndpoint>enabled</httpEndpoint>\
             </metadataOptions><tagSet><item><key>Role</key><value>bastion</value></item></tagSet>",
        )
        .expect("an instance");
        assert_eq!(instance.state, "running");
        assert_eq!(instance.vpc_id.as_deref(), Some("vpc-1"));
        assert_eq!(instance.public_ips, ["203.0.113.1", "203.0.113.2"]);
        assert_eq!(instance.groups, ["sg-1", "sg-2"]);
        assert_eq!(instance.profile.as_deref(), Some("arn:p"));
        assert_eq!(instance.metadata.expect("options").tokens, "required");
        assert_eq!(instance.tags.get("Role").map(String::as_str), Some("bastion"));
    }

    #[test]
    fn what_is_not_there_is_none_or_an_error() {
        let bare = read("").expect("an instance");
        assert_eq!((bare.profile, bare.metadata, bare.vpc_id), (None, None, None));
        assert_eq!((bare.public_ips, bare.groups), (vec![], vec![]));
        let cut = read("<metadataOptions><httpTokens>required</httpTokens></metadataOptions>");
        assert!(matches!(cut, Err(Error::Answer { .. })));
        for text in ["<item><instanceId>i-1</instanceId></item>", "<item/>"] {
            let xml = Xml::parse(DESCRIBE_INSTANCES, text.as_bytes()).expect("XML");
            assert!(matches!(Instance::read(&xml), Err(Error::Answer { .. })), "{text}");
        }
    }
}
