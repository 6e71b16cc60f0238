//! Where subnets are, and how much room they have.

use super::{Ec2, Ec2Call, Xml, action};
use crate::error::Error;

/// The most values of one filter.
const VALUES: usize = 200;

/// The largest page.
const PAGE: u16 = 1000;

/// A subnet's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetPlace {
    /// The subnet's id.
    pub id: String,
    /// Its Availability Zone, by the name that this account has for it.
    pub zone: String,
    /// How many of its IPv4 addresses are free.
    pub free_addresses: i64,
}

impl SubnetPlace {
    fn read(xml: &Xml) -> Result<Self, Error> {
        const FREE: &str = "availableIpAddressCount";
        let free = xml.required(FREE)?.parse().map_err(|_| xml.missing(FREE))?;
        Ok(Self {
            id: xml.required("subnetId")?.to_owned(),
            zone: xml.required("availabilityZone")?.to_owned(),
            free_addresses: free,
        })
    }
}

impl Ec2 {
    /// The places of these subnets, also of those that other accounts share with this one. Its
    /// action is [`action::DESCRIBE_SUBNETS`].
    ///
    /// # Errors
    /// When a call fails, its answer lacks a field, or EC2 knows no such subnet.
    pub async fn subnet_places(&self, ids: &[&str]) -> Result<Vec<SubnetPlace>, Error> {
        let mut places = Vec::new();
        for ids in ids.chunks(VALUES) {
            let filter: [super::Filter<'_>; 1] = [("subnet-id", ids)];
            let call = Ec2Call::new(action::DESCRIBE_SUBNETS).filters(&filter).page(PAGE);
            places.extend(self.list(&call, "subnetSet", SubnetPlace::read).await?);
        }
        match ids.iter().find(|id| !places.iter().any(|place| place.id == **id)) {
            Some(id) => Err(Error::Answer {
                action: action::DESCRIBE_SUBNETS,
                field: format!("the subnet {id}"),
            }),
            None => Ok(places),
        }
    }
}
