//! What parameter groups and option groups of databases hold.
//!
//! RDS answers the effective value of a parameter, be it set by the customer, by RDS or by the
//! engine; only an engine default may come without one. A group that many databases share is
//! asked about once within a run.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{OptionGroup, Parameter};
use fisc_shared::error::Call;
use fisc_shared::item::required::text;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Error, ResourceType};
use tokio::sync::{Mutex, OnceCell};

/// The IAM action for a parameter of a group of instances.
pub const DESCRIBE_DB_PARAMETERS: &str = "rds:DescribeDBParameters";
/// The IAM action for a parameter of a group of clusters.
pub const DESCRIBE_DB_CLUSTER_PARAMETERS: &str = "rds:DescribeDBClusterParameters";
/// The IAM action for an option group.
pub const DESCRIBE_OPTION_GROUPS: &str = "rds:DescribeOptionGroups";

/// The status of a group that takes effect with the next reboot.
const PENDING: &str = "pending-reboot";

/// A parameter group, of instances or of clusters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ParameterGroup {
    /// Whether it is a group of clusters.
    pub of_cluster: bool,
    /// Its name.
    pub name: String,
}

impl ParameterGroup {
    /// The parameter group in the item of a DB instance or DB cluster, and whether some part of
    /// the database waits for a reboot to follow it.
    ///
    /// # Errors
    /// When the item names none.
    pub fn of(item: &ConfigurationItem) -> Result<(Self, bool), ItemError> {
        let database = item.configuration()?;
        let of_cluster = item.resource_type == ResourceType::RDS_DB_CLUSTER.name;
        let (name, pending) = if of_cluster { cluster(&database)? } else { instance(&database)? };
        Ok((Self { of_cluster, name: name.to_owned() }, pending))
    }

    /// The IAM action that answers for it.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        if self.of_cluster { DESCRIBE_DB_CLUSTER_PARAMETERS } else { DESCRIBE_DB_PARAMETERS }
    }
}

fn instance<'a>(database: &Fields<'a>) -> Result<(&'a str, bool), ItemError> {
    const GROUPS: &str = "dBParameterGroups";
    let groups = database.list(GROUPS)?.ok_or_else(|| database.missing(GROUPS))?;
    let group = groups.first().ok_or_else(|| database.missing(GROUPS))?;
    let pending = group.text("parameterApplyStatus")? == Some(PENDING);
    Ok((text(group, "dBParameterGroupName")?, pending))
}

fn cluster<'a>(database: &Fields<'a>) -> Result<(&'a str, bool), ItemError> {
    let mut pending = false;
    for member in database.list("dbclusterMembers")?.unwrap_or_default() {
        pending |= member.text("dbclusterParameterGroupStatus")? == Some(PENDING);
    }
    Ok((text(database, "dbclusterParameterGroup")?, pending))
}

/// The option groups of an instance: two while it moves from one to the other.
///
/// # Errors
/// When the item names none.
pub fn option_groups(database: &Fields<'_>) -> Result<Vec<String>, ItemError> {
    const GROUPS: &str = "optionGroupMemberships";
    let groups = database.list(GROUPS)?.unwrap_or_default();
    if groups.is_empty() {
        return Err(database.missing(GROUPS));
    }
    groups.iter().map(|group| text(group, "optionGroupName").map(str::to_owned)).collect()
}

/// A parameter as RDS answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its value; an engine default may have none.
    pub value: Option<String>,
}

type Answers<K, T> = Mutex<HashMap<K, Arc<OnceCell<T>>>>;

/// What RDS answered about parameter groups and option groups within one run.
#[derive(Debug)]
pub struct Groups<'a> {
    client: &'a Client,
    settings: Answers<(ParameterGroup, &'static str), Option<Setting>>,
    options: Answers<String, OptionGroup>,
}

impl<'a> Groups<'a> {
    /// Nothing asked yet.
    #[must_use]
    pub fn new(client: &'a Client) -> Self {
        Self { client, settings: Mutex::default(), options: Mutex::default() }
    }

    /// A parameter of a group; `None` where the group's family has no such parameter.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn setting(
        &self,
        group: &ParameterGroup,
        parameter: &'static str,
    ) -> Result<Option<Setting>, Error> {
        let answer = cell(&self.settings, (group.clone(), parameter)).await;
        answer.get_or_try_init(|| self.ask(group, parameter)).await.cloned()
    }

    /// An option group with its options.
    ///
    /// # Errors
    /// When a call fails, or RDS does not answer the group.
    pub async fn options(&self, name: &str) -> Result<OptionGroup, Error> {
        let answer = cell(&self.options, name.to_owned()).await;
        answer.get_or_try_init(|| self.ask_options(name)).await.cloned()
    }

    async fn ask(&self, group: &ParameterGroup, parameter: &str) -> Result<Option<Setting>, Error> {
        if group.of_cluster {
            let mut pages = self
                .client
                .describe_db_cluster_parameters()
                .db_cluster_parameter_group_name(&group.name)
                .into_paginator()
                .items()
                .send();
            while let Some(found) = pages.next().await {
                let found = found.call(DESCRIBE_DB_CLUSTER_PARAMETERS)?;
                if is_named(&found, parameter) {
                    return Ok(Some(Setting { value: found.parameter_value }));
                }
            }
        } else {
            let mut pages = self
                .client
                .describe_db_parameters()
                .db_parameter_group_name(&group.name)
                .into_paginator()
                .items()
                .send();
            while let Some(found) = pages.next().await {
                let found = found.call(DESCRIBE_DB_PARAMETERS)?;
                if is_named(&found, parameter) {
                    return Ok(Some(Setting { value: found.parameter_value }));
                }
            }
        }
        Ok(None)
    }

    async fn ask_options(&self, name: &str) -> Result<OptionGroup, Error> {
        let mut pages = self
            .client
            .describe_option_groups()
            .option_group_name(name)
            .into_paginator()
            .items()
            .send();
        while let Some(group) = pages.next().await {
            let group = group.call(DESCRIBE_OPTION_GROUPS)?;
            if group.option_group_name() == Some(name) {
                return Ok(group);
            }
        }
        let field = format!("the option group {name}");
        Err(Error::Answer { action: DESCRIBE_OPTION_GROUPS, field })
    }
}

/// Engines spell some names in more than one way (`TimeZone`).
fn is_named(found: &Parameter, name: &str) -> bool {
    found.parameter_name().is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// The place of an answer. The lock is held for the look into the map only: those who ask the same
/// wait for the one answer, others do not.
async fn cell<K: Eq + Hash, T>(answers: &Answers<K, T>, key: K) -> Arc<OnceCell<T>> {
    Arc::clone(answers.lock().await.entry(key).or_default())
}
