//! Brokers and replication instances.

use fisc_shared::item::required::{flag, part, text, unknown};
use fisc_shared::{ConfigurationItem, Error, Run};

use super::compute::texts;
use super::declared::{BROKER_SINGLE_AZ, DMS_SINGLE_AZ};
use super::kinds::Told;

pub(super) fn kafka(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    let nodes = part(&item.configuration()?, "BrokerNodeGroupInfo")?;
    Ok(Told::InSubnets(&BROKER_SINGLE_AZ, texts(&nodes, "ClientSubnets")?))
}

pub(super) fn broker(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    const MODE: &str = "DeploymentMode";
    let fields = item.configuration()?;
    let single = match text(&fields, MODE)? {
        "SINGLE_INSTANCE" => true,
        "ACTIVE_STANDBY_MULTI_AZ" | "CLUSTER_MULTI_AZ" => false,
        other => return Err(unknown(&fields, MODE, other).into()),
    };
    Ok(Told::fails_if(single, &BROKER_SINGLE_AZ))
}

pub(super) fn replication(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    Ok(Told::fails_if(!flag(&item.configuration()?, "MultiAZ")?, &DMS_SINGLE_AZ))
}
