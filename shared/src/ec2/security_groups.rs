//! Security groups, with what they let in.

use super::answers::{each, owned};
use super::{Ec2, Ec2Call, Filter, Xml};
use crate::error::Error;
use crate::network::{ALL_PORTS, Protocol, Rule, parse_network};

/// The IAM name of the call.
pub const DESCRIBE_SECURITY_GROUPS: &str = "ec2:DescribeSecurityGroups";

/// The largest page.
const PAGE: u16 = 1000;

/// A security group.
#[derive(Debug, Clone)]
pub struct SecurityGroup {
    /// Its id.
    pub id: String,
    /// Its name; `default` is that of the one group that every VPC comes with.
    pub name: String,
    /// Its VPC.
    pub vpc_id: Option<String>,
    /// Its inbound rules, as far as they name address ranges.
    pub inbound: Vec<Rule>,
    /// The prefix lists that inbound rules name.
    pub prefix_lists: Vec<String>,
    /// The security groups that inbound rules name.
    pub peers: Vec<String>,
}

impl SecurityGroup {
    fn read(xml: &Xml) -> Result<Self, Error> {
        const RULES: &str = "ipPermissions";
        let rules = xml.at(RULES).ok_or_else(|| xml.missing(RULES))?.items();
        let of_all = |list: &str, field: &str| {
            let mut ids: Vec<String> =
                rules.iter().flat_map(|rule| each(rule, list, field)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        Ok(Self {
            id: xml.required("groupId")?.to_owned(),
            name: xml.required("groupName")?.to_owned(),
            vpc_id: owned(xml, "vpcId"),
            inbound: rules.iter().map(rule).collect::<Result<_, _>>()?,
            prefix_lists: of_all("prefixListIds", "prefixListId"),
            peers: of_all("groups", "groupId"),
        })
    }
}

fn rule(xml: &Xml) -> Result<Rule, Error> {
    const PROTOCOL: &str = "ipProtocol";
    let protocol = Protocol::parse(xml.required(PROTOCOL)?)
        .ok_or_else(|| xml.missing("ipProtocol as a known protocol"))?;
    let port = |name: &str, open: u16| match xml.integer(name)? {
        None => Err(xml.missing(name)),
        Some(-1) => Ok(open),
        Some(port) => u16::try_from(port).map_err(|_| xml.missing(&format!("{name} as a port"))),
    };
    let ports = if protocol.has_ports() {
        (port("fromPort", ALL_PORTS.0)?, port("toPort", ALL_PORTS.1)?)
    } else {
        ALL_PORTS
    };
    let mut networks = Vec::new();
    for (list, field) in [("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6")] {
        for range in xml.list(list) {
            let text = range.required(field)?;
            let network = parse_network(text);
            networks.push(network.ok_or_else(|| range.missing("an address range"))?);
        }
    }
    Ok(Rule::new(protocol, ports, networks))
}

impl Ec2 {
    /// Security groups, by the filter `group-id` for instance: an id that does not exist is then
    /// absent from the answer.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn security_groups(
        &self,
        filters: &[Filter<'_>],
    ) -> Result<Vec<SecurityGroup>, Error> {
        let call = Ec2Call::new(DESCRIBE_SECURITY_GROUPS).filters(filters).page(PAGE);
        self.list(&call, "securityGroupInfo", SecurityGroup::read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Permissions;

    fn read(rules: &str) -> Result<SecurityGroup, Error> {
        let xml = format!(
            "<item><groupId>sg-1</groupId><groupName>app</groupName><vpcId>vpc-1</vpcId>{rules}\
             </item>"
        );
        SecurityGroup::read(&Xml::parse(DESCRIBE_SECURITY_GROUPS, xml.as_bytes()).expect("XML"))
    }

    fn one(rule: &str) -> Result<SecurityGroup, Error> {
        read(&format!("<ipPermissions><item>{rule}</item></ipPermissions>"))
    }

    #[test]
    fn rules_are_read_with_every_kind_of_source() {
        let group = read(
            "<ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>23\
             </toPort><groups><item><groupId>sg-2</groupId></item></groups><ipRanges><item><cidrIp>\
             10.0.0.0/8</cidrIp></item></ipRanges><ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6>\
             </item></ipv6Ranges><prefixListIds><item><prefixListId>pl-1</prefixListId></item>\
             </prefixListIds></item><item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>\
             192.0.2.0/24</cidrIp></item></ipRanges></item></ipPermissions>",
        )
        .expect("a group");
        assert_eq!((group.prefix_lists, group.peers), (vec!["pl-1".into()], vec!["sg-2".into()]));
        let rules = Permissions::of(group.inbound);
        let from = |port, address: &str| {
            rules.addresses(6, port).contains(address.parse().expect("an address"))
        };
        assert!(from(22, "10.1.1.1") && from(23, "2001:db8::1") && from(443, "192.0.2.9"));
        assert!(!from(24, "10.1.1.1") && !from(22, "203.0.113.1"));
        let closed = read("<ipPermissions/>").expect("a group");
        assert!(closed.inbound.is_empty() && closed.peers.is_empty());
    }

    #[test]
    fn icmp_has_no_ports_and_what_is_cut_is_an_error() {
        let ping =
            one("<ipProtocol>icmp</ipProtocol><fromPort>8</fromPort><toPort>-1</toPort><ipRanges>\
             <item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>");
        let ping = Permissions::of(ping.expect("a group").inbound);
        assert!(ping.addresses(6, 8).is_empty());
        for rule in [
            "<fromPort>22</fromPort><toPort>22</toPort>",
            "<ipProtocol>tcp</ipProtocol><fromPort>22</fromPort>",
            "<ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>70000</toPort>",
            "<ipProtocol>magic</ipProtocol>",
            "<ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>office</cidrIp></item></ipRanges>",
        ] {
            assert!(matches!(one(rule), Err(Error::Answer { .. })), "{rule}");
        }
        assert!(matches!(read(""), Err(Error::Answer { .. })), "no list of rules is not no rules");
    }
}
