//! The security group that isolates an instance.

use fisc_shared::ec2::{Ec2, Ec2Call, Xml, action};
use fisc_shared::network::parse_network;
use fisc_shared::{Error, Message, message};

use super::parameters::FORENSIC_CIDRS;

/// A security group that carries the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) vpc: String,
    /// It lets something in.
    pub(super) ingress: bool,
    /// The address ranges that it lets out to.
    pub(super) egress: Vec<String>,
    /// It lets out to prefix lists or other groups.
    pub(super) egress_elsewhere: bool,
}

impl Group {
    fn read(xml: &Xml) -> Result<Self, Error> {
        const IN: &str = "ipPermissions";
        const OUT: &str = "ipPermissionsEgress";
        let ingress = xml.at(IN).ok_or_else(|| xml.missing(IN))?.items();
        let out = xml.at(OUT).ok_or_else(|| xml.missing(OUT))?.items();
        let mut egress = Vec::new();
        let mut egress_elsewhere = false;
        for rule in out {
            for (list, field) in [("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6")] {
                for range in rule.list(list) {
                    egress.push(range.required(field)?.to_owned());
                }
            }
            egress_elsewhere |=
                !rule.list("prefixListIds").is_empty() || !rule.list("groups").is_empty();
        }
        Ok(Self {
            id: xml.required("groupId")?.to_owned(),
            vpc: xml.text("vpcId").unwrap_or_default().to_owned(),
            ingress: !ingress.is_empty(),
            egress,
            egress_elsewhere,
        })
    }

    /// What keeps the group from isolating an instance.
    fn hole(&self, forensic: &[String]) -> Option<Message> {
        let id = &self.id;
        if self.ingress {
            return Some(message!("{id} has inbound rules", "{id} にインバウンドルールがあります"));
        }
        let open = self.egress.iter().find(|range| !is_within(range, forensic));
        match open {
            Some(range) => Some(message!(
                "{id} lets out to {range}",
                "{id} から {range} へのアウトバウンドが許可されています"
            )),
            None if self.egress_elsewhere => Some(message!(
                "{id} lets out to other groups or prefix lists",
                "{id} からほかのグループまたはプレフィックスリストへのアウトバウンドが許可されています"
            )),
            None => None,
        }
    }
}

fn is_within(range: &str, allowed: &[String]) -> bool {
    parse_network(range).is_some_and(|range| {
        allowed.iter().filter_map(|one| parse_network(one)).any(|allowed| allowed.contains(&range))
    })
}

/// Why no group of the VPC isolates an instance; `None` when one does.
pub(super) fn gap(vpc: &str, groups: &[Group], forensic: &[String]) -> Option<Message> {
    let own: Vec<&Group> = groups.iter().filter(|group| group.vpc == vpc).collect();
    let holes: Option<Vec<Message>> = own.iter().map(|group| group.hole(forensic)).collect();
    // One that isolates is enough.
    let holes = holes?;
    Some(holes.into_iter().next().unwrap_or_else(|| {
        message!(
            "The VPC has instances but no tagged security group",
            "インスタンスのある VPC に、タグの付いたセキュリティグループがありません"
        )
    }))
}

/// The security groups that carry the tag.
pub(super) async fn groups(ec2: &Ec2, key: &str) -> Result<Vec<Group>, Error> {
    let call = Ec2Call::new(action::DESCRIBE_SECURITY_GROUPS).filters(&[("tag-key", &[key])]);
    ec2.list(&call.page(1000), "securityGroupInfo", Group::read).await
}

/// The ranges of the parameter.
///
/// # Errors
/// When one is no range of addresses.
pub(super) fn checked(ranges: Vec<String>) -> Result<Vec<String>, Error> {
    match ranges.iter().find(|range| parse_network(range).is_none()) {
        Some(wrong) => {
            Err(FORENSIC_CIDRS.spec.refuse("takes address ranges in CIDR form", wrong).into())
        }
        None => Ok(ranges),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rules: &str) -> Result<Group, Error> {
        let xml = format!("<item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId>{rules}</item>");
        Group::read(&Xml::parse(action::DESCRIBE_SECURITY_GROUPS, xml.as_bytes()).unwrap())
    }

    fn out(range: &str) -> String {
        format!(
            "<ipPermissions/><ipPermissionsEgress><item><ipProtocol>-1</ipProtocol>{range}</item>\
             </ipPermissionsEgress>"
        )
    }

    fn v4(range: &str) -> String {
        out(&format!("<ipRanges><item><cidrIp>{range}</cidrIp></item></ipRanges>"))
    }

    fn isolates(rules: &str, forensic: &[&str]) -> bool {
        let forensic: Vec<String> = forensic.iter().map(|&one| one.to_owned()).collect();
        gap("vpc-1", &[read(rules).unwrap()], &forensic).is_none()
    }

    #[test]
    fn a_group_isolates_when_nothing_passes_but_forensics() {
        assert!(isolates("<ipPermissions/><ipPermissionsEgress/>", &[]));
        // The rule that every new group has.
        assert!(!isolates(&v4("0.0.0.0/0"), &[]));
        assert!(!isolates(&v4("0.0.0.0/0"), &["10.9.0.0/24"]));
        assert!(isolates(&v4("10.9.0.7/32"), &["192.0.2.0/24", "10.9.0.0/24"]));
        assert!(!isolates(&v4("10.9.0.0/16"), &["10.9.0.0/24"]), "wider than forensics");
        let ipv6 = "<ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges>";
        assert!(!isolates(&out(ipv6), &["10.9.0.0/24"]));
        let peer = "<groups><item><groupId>sg-2</groupId></item></groups>";
        assert!(!isolates(&out(peer), &["10.9.0.0/24"]));
        let list = "<prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds>";
        assert!(!isolates(&out(list), &["10.9.0.0/24"]));
        let ingress = "<ipPermissions><item><ipProtocol>-1</ipProtocol></item></ipPermissions>\
                       <ipPermissionsEgress/>";
        assert!(!isolates(ingress, &[]));
    }

    #[test]
    fn one_group_in_the_same_vpc_is_enough() {
        let good = read("<ipPermissions/><ipPermissionsEgress/>").unwrap();
        let bad = Group { ingress: true, ..good.clone() };
        let other = Group { vpc: "vpc-2".to_owned(), ..good.clone() };
        assert!(gap("vpc-1", &[bad.clone(), good], &[]).is_none());
        let en = |groups: &[Group]| gap("vpc-1", groups, &[]).unwrap().en;
        assert!(en(&[bad, other.clone()]).contains("inbound"));
        assert!(en(&[other]).contains("no tagged"));
    }

    #[test]
    fn what_is_cut_is_an_error() {
        assert!(matches!(read("<ipPermissions/>"), Err(Error::Answer { .. })));
        assert!(matches!(read("<ipPermissionsEgress/>"), Err(Error::Answer { .. })));
        assert!(checked(vec!["office".to_owned()]).is_err());
    }
}
