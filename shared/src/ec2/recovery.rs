//! How instances recover: what their types support, and what is set on them.

use std::collections::BTreeMap;

use super::{Ec2, Ec2Call, Xml};
use crate::error::Error;

/// The IAM name of the call.
pub const DESCRIBE_INSTANCE_TYPES: &str = "ec2:DescribeInstanceTypes";

/// The most types, and instances, that one call takes.
const NAMED: usize = 100;

/// What an instance type supports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceType {
    /// Its name.
    pub name: String,
    /// Whether it is bare metal.
    pub bare_metal: bool,
    /// Whether it has volumes of the instance store.
    pub instance_store: bool,
    /// Whether EC2 can recover an instance of it on other hardware.
    pub auto_recovery: bool,
}

impl InstanceType {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            name: xml.required("instanceType")?.to_owned(),
            bare_metal: xml.required_flag("bareMetal")?,
            instance_store: xml.required_flag("instanceStorageSupported")?,
            auto_recovery: xml.required_flag("autoRecoverySupported")?,
        })
    }
}

impl Ec2 {
    /// Instance types by name.
    ///
    /// # Errors
    /// When a call fails, or its answer lacks a field.
    pub async fn instance_types(
        &self,
        names: &[&str],
    ) -> Result<BTreeMap<String, InstanceType>, Error> {
        let mut types = BTreeMap::new();
        for names in names.chunks(NAMED) {
            let call = Ec2Call::new(DESCRIBE_INSTANCE_TYPES).list("InstanceType", names);
            let found = self.list(&call, "instanceTypeSet", InstanceType::read).await?;
            types.extend(found.into_iter().map(|one| (one.name.clone(), one)));
        }
        Ok(types)
    }

    /// The setting of simplified automatic recovery of an instance (`default`, `disabled`); none
    /// for an instance that is gone.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks the setting.
    pub async fn auto_recovery(&self, instance: &str) -> Result<Option<String>, Error> {
        let call = Ec2Call::new(super::action::DESCRIBE_INSTANCES)
            .filters(&[("instance-id", &[instance])]);
        let read = |reservation: &Xml| {
            let list = reservation.at("instancesSet");
            let list = list.ok_or_else(|| reservation.missing("instancesSet"))?;
            let setting = |one: &Xml| {
                let options = one.at("maintenanceOptions");
                let options = options.ok_or_else(|| one.missing("maintenanceOptions"))?;
                Ok::<_, Error>(options.required("autoRecovery")?.to_owned())
            };
            list.items().iter().map(setting).collect::<Result<Vec<_>, _>>()
        };
        Ok(self.list(&call, "reservationSet", read).await?.into_iter().flatten().next())
    }
}
