//! VPCs.

use super::answers::owned;
use super::{Ec2, Ec2Call, Filter, Xml};
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
    /// Whether it is the Region's default VPC.
    pub is_default: bool,
    /// Its DHCP options; `default` when it has none.
    pub dhcp_options_id: Option<String>,
}

impl Vpc {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("vpcId")?.to_owned(),
            is_default: xml.required_flag("isDefault")?,
            dhcp_options_id: owned(xml, "dhcpOptionsId"),
        })
    }
}

impl Ec2 {
    /// VPCs, by the filters `is-default` or `dhcp-options-id` for instance.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn vpcs(&self, filters: &[Filter<'_>]) -> Result<Vec<Vpc>, Error> {
        let call = Ec2Call::new(DESCRIBE_VPCS).filters(filters).page(PAGE);
        self.list(&call, "vpcSet", Vpc::read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vpc_says_whether_it_is_the_default_one() {
        let read =
            |text: &str| Vpc::read(&Xml::parse(DESCRIBE_VPCS, text.as_bytes()).expect("XML"));
        let vpc = read(
            "<item><vpcId>vpc-1</vpcId><isDefault>true</isDefault><dhcpOptionsId>dopt-1\
             </dhcpOptionsId></item>",
        );
        let expected = Vpc {
            id: "vpc-1".to_owned(),
            is_default: true,
            dhcp_options_id: Some("dopt-1".to_owned()),
        };
        assert_eq!(vpc.expect("a VPC"), expected);
        assert!(matches!(read("<item><vpcId>vpc-1</vpcId></item>"), Err(Error::Answer { .. })));
    }
}
