//! VPCs, whether they are in use, and which services their endpoints reach.

use std::collections::BTreeSet;

use super::answers::{owned, tags};
use super::{Ec2, Ec2Call, Filter, Tags, VpcEndpoint, Xml};
use crate::error::Error;

/// The IAM name of the call.
pub const DESCRIBE_VPCS: &str = "ec2:DescribeVpcs";

/// The largest page.
const PAGE: u16 = 1000;

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    /// Its id.
    pub id: String,
    /// The account that owns it: another one, when only subnets of it are shared.
    pub owner_id: Option<String>,
    /// Whether it is the Region's default VPC.
    pub is_default: bool,
    /// Its DHCP options; `default` when it has none.
    pub dhcp_options_id: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Vpc {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("vpcId")?.to_owned(),
            owner_id: owned(xml, "ownerId"),
            is_default: xml.required_flag("isDefault")?,
            dhcp_options_id: owned(xml, "dhcpOptionsId"),
            tags: tags(xml)?,
        })
    }
}

impl Ec2 {
    /// VPCs, by the filters `is-default` or `dhcp-options-id` for instance; also those of other
    /// accounts that share subnets with this one.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn vpcs(&self, filters: &[Filter<'_>]) -> Result<Vec<Vpc>, Error> {
        let call = Ec2Call::new(DESCRIBE_VPCS).filters(filters).page(PAGE);
        self.list(&call, "vpcSet", Vpc::read).await
    }

    /// The ids of the VPCs in which there is a network interface. Its action is
    /// [`DESCRIBE_NETWORK_INTERFACES`](super::action::DESCRIBE_NETWORK_INTERFACES).
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn vpcs_in_use(&self, filters: &[Filter<'_>]) -> Result<BTreeSet<String>, Error> {
        let interfaces = self.network_interfaces(filters).await?;
        Ok(interfaces.into_iter().filter_map(|interface| interface.vpc_id).collect())
    }
}

impl VpcEndpoint {
    /// Whether it is available and leads to a service in this Region: `s3`, `ecr.api`. What
    /// stands before the Region differs by partition.
    #[must_use]
    pub fn serves(&self, service: &str, region: &str) -> bool {
        let name = self.service.as_deref().unwrap_or_default();
        self.state == "available" && name.ends_with(&format!(".{region}.{service}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vpc_says_whose_it_is_and_whether_it_is_the_default_one() {
        let read =
            |text: &str| Vpc::read(&Xml::parse(DESCRIBE_VPCS, text.as_bytes()).expect("XML"));
        let vpc = read(
            "<item><vpcId>vpc-1</vpcId><ownerId>444455556666</ownerId><isDefault>true</isDefault>\
             <dhcpOptionsId>dopt-1</dhcpOptionsId><tagSet><item><key>a</key></item></tagSet></item>",
        );
        let expected = Vpc {
            id: "vpc-1".to_owned(),
            owner_id: Some("444455556666".to_owned()),
            is_default: true,
            dhcp_options_id: Some("dopt-1".to_owned()),
            tags: Tags::from([("a".to_owned(), String::new())]),
        };
        assert_eq!(vpc.expect("a VPC"), expected);
        assert!(matches!(read("<item><vpcId>vpc-1</vpcId></item>"), Err(Error::Answer { .. })));
    }

    #[test]
    fn an_endpoint_serves_the_service_that_its_name_ends_with() {
        let endpoint = |service: Option<&str>, state: &str| VpcEndpoint {
            id: "vpce-1".to_owned(),
            vpc_id: "vpc-1".to_owned(),
            service: service.map(str::to_owned),
            kind: "Interface".to_owned(),
            state: state.to_owned(),
            private_dns: true,
            route_tables: Vec::new(),
            subnets: Vec::new(),
        };
        for (name, service, region, serves) in [
            ("com.amazonaws.ap-northeast-1.s3", "s3", "ap-northeast-1", true),
            ("cn.com.amazonaws.cn-north-1.s3", "s3", "cn-north-1", true),
            ("com.amazonaws.ap-northeast-1.ecr.api", "ecr.api", "ap-northeast-1", true),
            ("com.amazonaws.ap-northeast-1.ecr.api", "api", "ap-northeast-1", false),
            ("com.amazonaws.ap-northeast-1.s3express", "s3", "ap-northeast-1", false),
            ("com.amazonaws.ap-northeast-1.ssmmessages", "ssm", "ap-northeast-1", false),
            // An endpoint to another Region.
            ("com.amazonaws.us-east-1.s3", "s3", "ap-northeast-1", false),
            ("com.amazonaws.vpce.ap-northeast-1.vpce-svc-0s3", "s3", "ap-northeast-1", false),
        ] {
            let found = endpoint(Some(name), "available").serves(service, region);
            assert_eq!(found, serves, "{name} {service}");
            assert!(!endpoint(Some(name), "pendingacceptance").serves(service, region));
        }
        assert!(!endpoint(None, "available").serves("s3", "ap-northeast-1"));
    }
}
