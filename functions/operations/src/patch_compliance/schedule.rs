//! What installs patches by itself: associations of State Manager (those of Quick Setup's patch
//! policies among them) and maintenance windows.
//!
//! A list of either tells neither its parameters nor, of windows, its targets. An operation Scan
//! looks for missing patches and installs none; an association without schedule runs once.

use std::collections::HashMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{Association, MaintenanceWindowIdentity, MaintenanceWindowTask, Target};
use fisc_shared::Error;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::machines::{Machine, is_like};

pub(super) const LIST_ASSOCIATIONS: &str = "ssm:ListAssociations";
pub(super) const DESCRIBE_ASSOCIATION: &str = "ssm:DescribeAssociation";
pub(super) const DESCRIBE_WINDOWS: &str = "ssm:DescribeMaintenanceWindows";
pub(super) const DESCRIBE_TASKS: &str = "ssm:DescribeMaintenanceWindowTasks";
pub(super) const DESCRIBE_TARGETS: &str = "ssm:DescribeMaintenanceWindowTargets";
pub(super) const GET_TASK: &str = "ssm:GetMaintenanceWindowTask";

/// How the names of associations of Quick Setup's patch policies begin.
const PATCH_POLICY: &str = "AWS-QuickSetup-PatchPolicy";

/// The error codes for an association that was deleted since it was listed.
const NO_ASSOCIATION: &str = "AssociationDoesNotExist";

/// The targets of everything that installs patches; an instance is reached when it is among those
/// of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Schedules(pub(super) Vec<Vec<Aim>>);

/// One of the conditions on a target, all of which must hold: a key such as `InstanceIds` or
/// `tag:Role`, and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aim {
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

/// Whether a schedule reaches an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    No,
    /// By a resource group, the members of which are not looked up.
    Undecided,
    Yes,
}

impl Schedules {
    pub(super) fn reach(&self, machine: &Machine) -> Reach {
        self.0.iter().map(|aims| all(aims, machine)).max().unwrap_or(Reach::No)
    }

    /// # Errors
    /// When a call fails, or its answer lacks a field.
    pub(super) async fn load(
        client: &Client,
        documents: &[String],
        now: Timestamp,
    ) -> Result<Self, Error> {
        let mut schedules = associations(client, documents).await?;
        schedules.extend(windows(client, documents, now).await?);
        Ok(Self(schedules))
    }
}

fn all(aims: &[Aim], machine: &Machine) -> Reach {
    aims.iter().map(|aim| one(aim, machine)).min().unwrap_or(Reach::No)
}

fn one(Aim { key, values }: &Aim, machine: &Machine) -> Reach {
    let yes = |holds: bool| if holds { Reach::Yes } else { Reach::No };
    let has = |value: &str| values.iter().any(|one| one == value);
    if let Some(tag) = key.strip_prefix("tag:") {
        return yes(machine.tags.get(tag).is_some_and(|value| has(value)));
    }
    match key.as_str() {
        "InstanceIds" => yes(has(&machine.id) || has("*")),
        "tag-key" => yes(machine.tags.keys().any(|key| has(key))),
        _ => Reach::Undecided,
    }
}

fn aims(targets: Option<&[Target]>) -> Vec<Aim> {
    let aims = targets.unwrap_or_default().iter();
    aims.map(|target| Aim {
        key: target.key().unwrap_or_default().to_owned(),
        values: target.values().to_vec(),
    })
    .collect()
}

/// Whether a document, which may be named by its ARN, is one that patches.
fn patches(document: Option<&str>, documents: &[String]) -> bool {
    let name = document.unwrap_or_default().rsplit('/').next().unwrap_or_default();
    is_like(name, documents)
}

/// Whether the parameters say that patches are only looked for.
fn only_scans(parameters: Option<&HashMap<String, Vec<String>>>) -> bool {
    let operation = parameters.and_then(|parameters| parameters.get("Operation"));
    operation.is_some_and(|values| values.iter().any(|value| value.eq_ignore_ascii_case("Scan")))
}

async fn associations(client: &Client, documents: &[String]) -> Result<Vec<Vec<Aim>>, Error> {
    let mut listed = client.list_associations().into_paginator().items().send();
    let mut ids = Vec::new();
    while let Some(association) = listed.next().await {
        let association = association.call(LIST_ASSOCIATIONS)?;
        if may_patch(&association, documents) {
            ids.push(association.association_id.ok_or_else(|| Error::Answer {
                action: LIST_ASSOCIATIONS,
                field: "Associations[].AssociationId".to_owned(),
            })?);
        }
    }
    let found: Vec<Option<Vec<Aim>>> = stream::iter(ids)
        .map(|id| association(client, id))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    Ok(found.into_iter().flatten().collect())
}

fn may_patch(association: &Association, documents: &[String]) -> bool {
    let of_policy =
        association.association_name().is_some_and(|name| name.starts_with(PATCH_POLICY));
    let scheduled = association.schedule_expression().is_some_and(|text| !text.is_empty());
    scheduled && (of_policy || patches(association.name(), documents))
}

/// The targets of an association, unless it only scans.
async fn association(client: &Client, id: String) -> Result<Option<Vec<Aim>>, Error> {
    let asked = client.describe_association().association_id(id).send().await;
    let answer = match asked.call(DESCRIBE_ASSOCIATION) {
        Err(error) if error.is(NO_ASSOCIATION) => return Ok(None),
        answer => answer?,
    };
    let described = answer.association_description.ok_or_else(|| Error::Answer {
        action: DESCRIBE_ASSOCIATION,
        field: "AssociationDescription".to_owned(),
    })?;
    if only_scans(described.parameters.as_ref()) {
        return Ok(None);
    }
    let mut targets = aims(described.targets.as_deref());
    if let Some(id) = described.instance_id.filter(|_| targets.is_empty()) {
        // Associations of before 2017 name one instance.
        targets.push(Aim { key: "InstanceIds".to_owned(), values: vec![id] });
    }
    Ok(Some(targets))
}

async fn windows(
    client: &Client,
    documents: &[String],
    now: Timestamp,
) -> Result<Vec<Vec<Aim>>, Error> {
    let mut listed = client.describe_maintenance_windows().into_paginator().items().send();
    let mut ids = Vec::new();
    while let Some(window) = listed.next().await {
        let window = window.call(DESCRIBE_WINDOWS)?;
        if is_open(&window, now) {
            ids.push(window.window_id.ok_or_else(|| Error::Answer {
                action: DESCRIBE_WINDOWS,
                field: "WindowIdentities[].WindowId".to_owned(),
            })?);
        }
    }
    let found: Vec<Vec<Vec<Aim>>> = stream::iter(ids)
        .map(|id| window(client, id, documents))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Whether a window is on and has not ended.
fn is_open(window: &MaintenanceWindowIdentity, now: Timestamp) -> bool {
    let ended = window.end_date().and_then(|text| text.parse::<Timestamp>().ok());
    window.enabled() && ended.is_none_or(|end| end > now)
}

/// The targets of the tasks of a window that install patches.
async fn window(client: &Client, id: String, documents: &[String]) -> Result<Vec<Vec<Aim>>, Error> {
    let mut tasks =
        client.describe_maintenance_window_tasks().window_id(&id).into_paginator().items().send();
    let mut aims_of_tasks = Vec::new();
    while let Some(task) = tasks.next().await {
        let task = task.call(DESCRIBE_TASKS)?;
        if patches(task.task_arn(), documents) && installs(client, &id, &task).await? {
            aims_of_tasks.extend(aims(task.targets.as_deref()));
        }
    }
    let mut found = Vec::new();
    let (named, direct): (Vec<Aim>, Vec<Aim>) =
        aims_of_tasks.into_iter().partition(|aim| aim.key == "WindowTargetIds");
    // Each of the targets of a task is one by itself.
    found.extend(direct.into_iter().map(|aim| vec![aim]));
    if !named.is_empty() {
        let mut targets = client
            .describe_maintenance_window_targets()
            .window_id(&id)
            .into_paginator()
            .items()
            .send();
        while let Some(target) = targets.next().await {
            let target = target.call(DESCRIBE_TARGETS)?;
            let id = target.window_target_id.unwrap_or_default();
            if named.iter().any(|aim| aim.values.contains(&id)) {
                found.push(aims(target.targets.as_deref()));
            }
        }
    }
    Ok(found)
}

async fn installs(
    client: &Client,
    window: &str,
    task: &MaintenanceWindowTask,
) -> Result<bool, Error> {
    let task = client
        .get_maintenance_window_task()
        .window_id(window)
        .set_window_task_id(task.window_task_id.clone())
        .send()
        .await
        .call(GET_TASK)?;
    let parameters = task.task_invocation_parameters;
    let command = parameters.as_ref().and_then(|parameters| parameters.run_command.as_ref());
    let automation = parameters.as_ref().and_then(|parameters| parameters.automation.as_ref());
    let old = task.task_parameters.as_ref().and_then(|parameters| parameters.get("Operation"));
    let old_scan = old.is_some_and(|old| old.values().iter().any(|value| value == "Scan"));
    Ok(!(old_scan
        || only_scans(command.and_then(|command| command.parameters.as_ref()))
        || only_scans(automation.and_then(|automation| automation.parameters.as_ref()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aim(key: &str, values: &[&str]) -> Aim {
        Aim { key: key.to_owned(), values: values.iter().map(|&value| value.to_owned()).collect() }
    }

    fn machine() -> Machine {
        let start: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        Machine {
            id: "i-1".to_owned(),
            state: "running".to_owned(),
            launched: start,
            created: start,
            tags: [("Role".to_owned(), "web".to_owned())].into(),
        }
    }

    fn reach(schedules: &[Vec<Aim>]) -> Reach {
        Schedules(schedules.to_vec()).reach(&machine())
    }

    #[test]
    fn targets_are_ids_tags_and_groups() {
        for (schedules, expected) in [
            (vec![], Reach::No),
            (vec![vec![]], Reach::No),
            (vec![vec![aim("InstanceIds", &["i-1"])]], Reach::Yes),
            (vec![vec![aim("InstanceIds", &["*"])]], Reach::Yes),
            (vec![vec![aim("InstanceIds", &["i-10"])]], Reach::No),
            (vec![vec![aim("tag:Role", &["db", "web"])]], Reach::Yes),
            (vec![vec![aim("tag:Role", &["Web"])]], Reach::No),
            (vec![vec![aim("tag-key", &["Role"])]], Reach::Yes),
            // All keys of one target must hold, and one of several targets is enough.
            (vec![vec![aim("tag:Role", &["web"]), aim("tag:Env", &["prod"])]], Reach::No),
            (vec![vec![aim("tag:Env", &["prod"])], vec![aim("tag:Role", &["web"])]], Reach::Yes),
            (vec![vec![aim("resource-groups:Name", &["all"])]], Reach::Undecided),
            (
                vec![vec![aim("resource-groups:Name", &["all"]), aim("tag:Env", &["prod"])]],
                Reach::No,
            ),
        ] {
            assert_eq!(reach(&schedules), expected, "{schedules:?}");
        }
    }

    #[test]
    fn a_schedule_runs_a_document_that_patches_again_and_again() {
        let documents = ["AWS-RunPatchBaseline*".to_owned()];
        let association = |document: &str, name: &str, schedule: Option<&str>| {
            let association = Association::builder().name(document).association_name(name);
            let association = association.set_schedule_expression(schedule.map(str::to_owned));
            may_patch(&association.build(), &documents)
        };
        let weekly = Some("rate(7 days)");
        assert!(association("AWS-RunPatchBaseline", "weekly", weekly));
        assert!(association("AWS-RunPatchBaselineWithHooks", "weekly", weekly));
        assert!(association("AWSQuickSetup", "AWS-QuickSetup-PatchPolicy-Install-1", weekly));
        let arn = "arn:aws:ssm:ap-northeast-1:111122223333:document/AWS-RunPatchBaseline";
        assert!(association(arn, "weekly", weekly));
        assert!(!association("AWS-RunPatchBaseline", "once", None));
        assert!(!association("AWS-RunPatchBaseline", "once", Some("")));
        assert!(!association("AWS-GatherSoftwareInventory", "inventory", weekly));
    }

    #[test]
    fn looking_for_patches_installs_none() {
        let of = |value: &str| {
            only_scans(Some(&[("Operation".to_owned(), vec![value.to_owned()])].into()))
        };
        assert!(of("Scan") && !of("Install"));
        assert!(!only_scans(None) && !only_scans(Some(&HashMap::new())));
    }

    #[test]
    fn windows_that_are_off_or_over_do_nothing() {
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let window = |enabled: bool, end: Option<&str>| {
            let window = MaintenanceWindowIdentity::builder().enabled(enabled);
            is_open(&window.set_end_date(end.map(str::to_owned)).build(), now)
        };
        assert!(window(true, None) && window(true, Some("2027-01-01T00:00:00Z")));
        assert!(!window(false, None) && !window(true, Some("2026-01-01T00:00:00Z")));
    }
}
