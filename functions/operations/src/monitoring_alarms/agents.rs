//! Which instances a monitoring agent reports from.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::RecentlyActive;
use aws_sdk_ssm::types::{InventoryFilter, InventoryQueryOperatorType};
use fisc_shared::error::Call;
use fisc_shared::item::Fields;
use fisc_shared::item::required::{part, text};
use fisc_shared::{ConfigurationItem, Error, Run};
use jiff::SignedDuration;
use tokio::sync::OnceCell;

use super::parameters::{ACCEPTED_AGENTS, AGENT_METRICS, AGENT_NAMESPACE};

pub(super) const LIST_METRICS: &str = "cloudwatch:ListMetrics";
pub(super) const LIST_INVENTORY_ENTRIES: &str = "ssm:ListInventoryEntries";

/// How long the agent may take to report after a start.
const GRACE: SignedDuration = SignedDuration::from_mins(30);

/// Whether an agent reports from an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agent {
    Reports,
    Starting,
    Silent,
}

/// What the agents' metrics were seen of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) instances: BTreeSet<String>,
    /// An agent that does not add the instance's id reports its host name.
    pub(super) hosts: BTreeSet<String>,
}

/// Asks about agents, once for all instances.
pub(super) struct Agents<'a> {
    pub(super) cloudwatch: &'a aws_sdk_cloudwatch::Client,
    pub(super) ssm: &'a aws_sdk_ssm::Client,
    pub(super) seen: OnceCell<Seen>,
}

impl Agents<'_> {
    pub(super) async fn of(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Agent, Error> {
        let fields = item.configuration()?;
        let seen = self.seen.get_or_try_init(|| self.look(run)).await?;
        if seen.instances.contains(&item.resource_id) || host(&fields, &seen.hosts)? {
            return Ok(Agent::Reports);
        }
        let launched = fields.time("launchTime")?.ok_or_else(|| fields.missing("launchTime"))?;
        if run.now.duration_since(launched) < GRACE {
            return Ok(Agent::Starting);
        }
        let accepted = run.parameters.get(&ACCEPTED_AGENTS);
        let other = !accepted.is_empty() && self.installed(&item.resource_id, &accepted).await?;
        Ok(if other { Agent::Reports } else { Agent::Silent })
    }

    async fn look(&self, run: &Run<'_>) -> Result<Seen, Error> {
        let mut seen = Seen::default();
        for name in run.parameters.get(&AGENT_METRICS) {
            let mut pages = self
                .cloudwatch
                .list_metrics()
                .namespace(run.parameters.get(&AGENT_NAMESPACE))
                .metric_name(name)
                .recently_active(RecentlyActive::Pt3H)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.call(LIST_METRICS)?;
                for dimension in page.metrics().iter().flat_map(|metric| metric.dimensions()) {
                    let set = match dimension.name() {
                        Some("InstanceId") => &mut seen.instances,
                        Some("host") => &mut seen.hosts,
                        _ => continue,
                    };
                    set.extend(dimension.value().map(str::to_owned));
                }
            }
        }
        Ok(seen)
    }

    /// Whether the inventory of Systems Manager has one of these applications.
    async fn installed(&self, instance: &str, accepted: &[String]) -> Result<bool, Error> {
        let filter = InventoryFilter::builder()
            .key("AWS:Application.Name")
            .set_values(Some(accepted.to_vec()))
            .r#type(InventoryQueryOperatorType::Equal)
            .build()
            .map_err(|error| Error::Control(error.to_string()))?;
        let mut token: Option<String> = None;
        // The SDK has no paginator here.
        loop {
            let answer = self
                .ssm
                .list_inventory_entries()
                .instance_id(instance)
                .type_name("AWS:Application")
                .filters(filter.clone())
                .set_next_token(token.clone())
                .send()
                .await
                .call(LIST_INVENTORY_ENTRIES);
            let answer = match answer {
                // Systems Manager does not know the instance.
                Err(error) if error.is("InvalidInstanceId") => return Ok(false),
                answer => answer?,
            };
            let named = |entry: &std::collections::HashMap<String, String>| {
                entry.get("Name").is_some_and(|name| accepted.contains(name))
            };
            if answer.entries().iter().any(named) {
                return Ok(true);
            }
            let next = answer.next_token.filter(|next| !next.is_empty());
            if next.is_none() || next == token {
                return Ok(false);
            }
            token = next;
        }
    }
}

/// Whether a host of this instance's private name was seen, with or without its domain.
fn host(fields: &Fields<'_>, hosts: &BTreeSet<String>) -> Result<bool, Error> {
    let Some(name) = fields.text("privateDnsName")?.filter(|name| !name.is_empty()) else {
        return Ok(false);
    };
    let short = name.split('.').next().unwrap_or(name);
    Ok(hosts.contains(name) || hosts.contains(short))
}

/// The state of an instance is an object with its name; query results may have it as `value`, or
/// as a text.
pub(super) fn runs(item: &ConfigurationItem) -> Result<bool, Error> {
    let fields = item.configuration()?;
    let state = part(&fields, "state")?;
    let name = if state.value().is_string() {
        state.as_text()?
    } else {
        match state.text("name")? {
            Some(name) => name,
            None => text(&state, "value")?,
        }
    };
    Ok(name == "running")
}
