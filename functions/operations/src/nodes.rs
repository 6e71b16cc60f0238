//! Managed nodes: what Systems Manager knows of instances, and of the software on them.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::list_inventory_entries::ListInventoryEntriesOutput;
use aws_sdk_ssm::types::{InstanceInformation, InstanceInformationStringFilter};
use aws_types::SdkConfig;
use fisc_shared::Error;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

/// The IAM action of [`Nodes::all`] and [`Nodes::one`].
pub const DESCRIBE_INSTANCE_INFORMATION: &str = "ssm:DescribeInstanceInformation";
/// The IAM action of the inventory.
pub const LIST_INVENTORY_ENTRIES: &str = "ssm:ListInventoryEntries";

/// The inventory type of installed software.
const APPLICATION: &str = "AWS:Application";

/// The error code for a node that Systems Manager does not know, and for several other causes.
const INVALID_INSTANCE: &str = "InvalidInstanceId";

/// The largest page of the inventory.
const PAGE: i32 = 50;

/// A node that is registered with Systems Manager: an EC2 instance (`i-…`) or another machine
/// (`mi-…`). Nodes stay in the list for a while after their instance is terminated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// `Online`, `ConnectionLost` or `Inactive`.
    pub status: String,
    /// When its agent was last heard of.
    pub last_ping: Option<Timestamp>,
    /// `Linux`, `Windows` or `MacOS`.
    pub platform_type: Option<String>,
    /// The operating system, such as `Amazon Linux` or `Microsoft Windows Server 2022 Datacenter`.
    pub platform_name: Option<String>,
    /// Its version, such as `2023` or `10.0.20348`.
    pub platform_version: Option<String>,
}

impl Node {
    fn read(node: InstanceInformation) -> Result<Self, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_INSTANCE_INFORMATION,
            field: format!("InstanceInformationList[].{field}"),
        };
        Ok(Self {
            id: node.instance_id.ok_or_else(|| lacks("InstanceId"))?,
            status: node.ping_status.ok_or_else(|| lacks("PingStatus"))?.as_str().to_owned(),
            last_ping: node.last_ping_date_time.as_ref().and_then(from_sdk),
            platform_type: node.platform_type.map(|kind| kind.as_str().to_owned()),
            platform_name: node.platform_name,
            platform_version: node.platform_version,
        })
    }
}

/// The inventory of a node's software.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inventory {
    /// When it was taken; `None` when none ever was.
    pub captured: Option<Timestamp>,
    /// The installed software.
    pub applications: Vec<Application>,
}

/// A piece of installed software.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its name, as its package or installer has it.
    pub name: String,
    /// Its version; some installers leave none.
    pub version: Option<String>,
}

/// The client.
#[derive(Debug, Clone)]
pub struct Nodes {
    client: Client,
}

impl Nodes {
    /// A client with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// All nodes of the Region, by their ids.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn all(&self) -> Result<BTreeMap<String, Node>, Error> {
        self.listed(None).await
    }

    /// One node; `None` when Systems Manager does not know it.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub async fn one(&self, id: &str) -> Result<Option<Node>, Error> {
        let listed = match self.listed(Some(id)).await {
            // Of the causes of this code, one is a node that is not registered: the list of all
            // tells.
            Err(Error::Service(error)) if error.is(INVALID_INSTANCE) => self.listed(None).await,
            answer => answer,
        };
        Ok(listed?.remove(id))
    }

    async fn listed(&self, id: Option<&str>) -> Result<BTreeMap<String, Node>, Error> {
        let filter = id.map(|id| {
            InstanceInformationStringFilter::builder().key("InstanceIds").values(id).build()
        });
        let filter = filter.transpose().map_err(|error| Error::Control(error.to_string()))?;
        let mut pages = self
            .client
            .describe_instance_information()
            .set_filters(filter.map(|filter| vec![filter]))
            .into_paginator()
            .items()
            .send();
        let mut nodes = BTreeMap::new();
        while let Some(node) = pages.next().await {
            let node = Node::read(node.call(DESCRIBE_INSTANCE_INFORMATION)?)?;
            nodes.insert(node.id.clone(), node);
        }
        Ok(nodes)
    }

    /// When the software of each of these nodes was last taken stock of; `None` where it never
    /// was.
    ///
    /// # Errors
    /// When a call fails, or an answer cannot be read.
    pub async fn captured<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, Option<Timestamp>>, Error> {
        let ids: Vec<&str> = ids.into_iter().collect();
        stream::iter(ids)
            .map(|id| async move {
                // The first page tells the time.
                let page = self.page(id, 1, None).await?;
                Ok::<_, Error>((id.to_owned(), captured(&page)?))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }

    /// The software of each of these nodes.
    ///
    /// # Errors
    /// As [`Self::captured`].
    pub async fn software<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, Inventory>, Error> {
        let ids: Vec<&str> = ids.into_iter().collect();
        stream::iter(ids)
            .map(|id| async move { Ok((id.to_owned(), self.inventory(id).await?)) })
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }

    /// The software of one node.
    ///
    /// # Errors
    /// As [`Self::captured`].
    pub async fn inventory(&self, id: &str) -> Result<Inventory, Error> {
        let mut inventory = Inventory::default();
        let mut token = None;
        loop {
            let page = self.page(id, PAGE, token.clone()).await?;
            inventory.captured = inventory.captured.max(captured(&page)?);
            for mut entry in page.entries.unwrap_or_default() {
                let name = entry.remove("Name").ok_or_else(|| lacks("Entries[].Name", id))?;
                let version = entry.remove("Version").filter(|version| !version.is_empty());
                inventory.applications.push(Application { name, version });
            }
            let next = page.next_token.filter(|next| !next.is_empty());
            if next.is_none() {
                return Ok(inventory);
            }
            if next == token {
                return Err(lacks("a new NextToken", id));
            }
            token = next;
        }
    }

    /// One page; the SDK has no paginator for it.
    async fn page(
        &self,
        id: &str,
        size: i32,
        token: Option<String>,
    ) -> Result<ListInventoryEntriesOutput, Error> {
        let asked = self
            .client
            .list_inventory_entries()
            .instance_id(id)
            .type_name(APPLICATION)
            .max_results(size)
            .set_next_token(token);
        Ok(asked.send().await.call(LIST_INVENTORY_ENTRIES)?)
    }
}

fn captured(page: &ListInventoryEntriesOutput) -> Result<Option<Timestamp>, Error> {
    let Some(text) = page.capture_time().filter(|text| !text.is_empty()) else { return Ok(None) };
    let time = text
        .parse()
        .map_err(|_| lacks("a CaptureTime that is a time", page.instance_id().unwrap_or("a node")));
    time.map(Some)
}

fn lacks(field: &str, id: &str) -> Error {
    Error::Answer { action: LIST_INVENTORY_ENTRIES, field: format!("{field} of {id}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_inventory_are_read_or_refused() {
        let at = |text: Option<&str>| {
            let page = ListInventoryEntriesOutput::builder();
            captured(&page.set_capture_time(text.map(str::to_owned)).build())
        };
        let time = "2026-11-20T10:30:00Z";
        assert_eq!(at(Some(time)).unwrap(), Some(time.parse().unwrap()));
        assert_eq!(at(None).unwrap(), None);
        assert_eq!(at(Some("")).unwrap(), None);
        assert!(matches!(at(Some("yesterday")), Err(Error::Answer { .. })));
    }

    #[test]
    fn a_node_has_an_id_and_a_status() {
        let node = InstanceInformation::builder().instance_id("i-1").ping_status("Online".into());
        let read = Node::read(node.build()).unwrap();
        assert_eq!((read.id.as_str(), read.status.as_str()), ("i-1", "Online"));
        assert_eq!((read.last_ping, read.platform_name), (None, None));
        for cut in [
            InstanceInformation::builder().instance_id("i-1").build(),
            InstanceInformation::builder().ping_status("Online".into()).build(),
        ] {
            assert!(matches!(Node::read(cut), Err(Error::Answer { .. })));
        }
    }
}
