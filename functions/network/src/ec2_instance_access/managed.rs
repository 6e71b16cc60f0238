//! Whether Systems Manager reaches an instance: the way to a bastion without inbound rules.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{InstanceInformationStringFilter, PingStatus};
use fisc_shared::config_service::from_sdk;
use fisc_shared::ec2::Instance;
use fisc_shared::error::Call;
use fisc_shared::{Error, Run};
use jiff::{SignedDuration, Timestamp};

use super::parameters::Bars;

pub(super) const DESCRIBE_INSTANCE_INFORMATION: &str = "ssm:DescribeInstanceInformation";

/// How long the agent may take to report after a start.
const GRACE: SignedDuration = SignedDuration::from_mins(15);

/// What Systems Manager knows of an instance's agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contact {
    /// `Online`, `ConnectionLost` or `Inactive`.
    pub(super) status: String,
    pub(super) last: Option<Timestamp>,
}

/// The contacts of instances, by their ids.
pub(super) type Contacts = BTreeMap<String, Contact>;

/// Whether an instance that runs, and not only since some minutes, is out of reach.
pub(super) fn is_lost(
    instance: &Instance,
    contacts: &Contacts,
    bars: &Bars,
    run: &Run<'_>,
) -> Result<bool, Error> {
    if instance.state != "running" || run.now.duration_since(instance.launched) < GRACE {
        return Ok(false);
    }
    let Some(Contact { status, last }) = contacts.get(&instance.id) else { return Ok(true) };
    if status != PingStatus::Online.as_str() {
        return Ok(true);
    }
    let last = last.ok_or_else(|| lacks("LastPingDateTime"))?;
    Ok(run.now.duration_since(last) > SignedDuration::from_hours(bars.max_ping_hours))
}

fn lacks(field: &str) -> Error {
    Error::Answer {
        action: DESCRIBE_INSTANCE_INFORMATION,
        field: format!("InstanceInformationList[].{field}"),
    }
}

/// Asks Systems Manager about one instance, or about all.
pub(super) async fn contacts(client: &Client, id: Option<&str>) -> Result<Contacts, Error> {
    match listed(client, id).await {
        // The code has several causes, of which one is an instance that is not registered: the
        // list of all tells.
        Err(Error::Service(error)) if id.is_some() && error.is("InvalidInstanceId") => {
            listed(client, None).await
        }
        answer => answer,
    }
}

async fn listed(client: &Client, id: Option<&str>) -> Result<Contacts, Error> {
    let filter = id
        .map(|id| InstanceInformationStringFilter::builder().key("InstanceIds").values(id).build());
    let filter = filter.transpose().map_err(|error| Error::Control(error.to_string()))?;
    let mut pages = client
        .describe_instance_information()
        .set_filters(filter.map(|filter| vec![filter]))
        .into_paginator()
        .items()
        .send();
    let mut contacts = Contacts::new();
    while let Some(node) = pages.next().await {
        let node = node.call(DESCRIBE_INSTANCE_INFORMATION)?;
        let status = node.ping_status.ok_or_else(|| lacks("PingStatus"))?;
        let contact = Contact {
            status: status.as_str().to_owned(),
            last: node.last_ping_date_time.as_ref().and_then(from_sdk),
        };
        contacts.insert(node.instance_id.ok_or_else(|| lacks("InstanceId"))?, contact);
    }
    Ok(contacts)
}
