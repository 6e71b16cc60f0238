//! What has no configuration item: FSx file systems and ElastiCache replication groups.

use aws_sdk_elasticache::types::ReplicationGroup;
use aws_sdk_fsx::types::FileSystem;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::item::in_scope;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict};

use super::judge::{Source, exempt_value, is_young, since, source};
use super::remarks::NOTHING_OF_ACCOUNT;
use super::requirements::{
    CACHE_BACKUP_OFF, EXEMPTION_WITHOUT_SOURCE, FSX_BACKUP_OFF, RECOVERY_POINT_TOO_OLD,
};
use super::services::{DESCRIBE_FILE_SYSTEMS, DESCRIBE_REPLICATION_GROUPS};
use super::world::World;
use super::{CACHE_MIN_RETENTION_DAYS, MIN_RETENTION_DAYS, SCOPE_TAG};
use crate::backups::selection::{Service, Subject, Tags};

/// What was found, by the names of the resources.
#[derive(Debug, Default)]
struct Found {
    judged: usize,
    unplanned: Vec<String>,
    old: Vec<String>,
    short: Vec<String>,
    without_source: Vec<String>,
}

pub(super) async fn judge(world: &World<'_>, run: &Run<'_>) -> Result<Verdict, Error> {
    let mut found = Found::default();
    let mut pages = world.services.fsx.describe_file_systems().into_paginator().send();
    while let Some(page) = pages.next().await {
        for system in page.call(DESCRIBE_FILE_SYSTEMS)?.file_systems() {
            file_system(world, system, &mut found, run).await?;
        }
    }
    let groups = world.services.elasticache.describe_replication_groups();
    let mut pages = groups.into_paginator().items().send();
    while let Some(group) = pages.next().await {
        cache(world, &group.call(DESCRIBE_REPLICATION_GROUPS)?, &mut found, run).await?;
    }
    if found.judged == 0 {
        return Ok(Verdict::not_applicable(&NOTHING_OF_ACCOUNT));
    }
    let mut failures = Failures::new();
    for (requirement, names) in [
        (&RECOVERY_POINT_TOO_OLD, &found.old),
        (&EXEMPTION_WITHOUT_SOURCE, &found.without_source),
        (&FSX_BACKUP_OFF, &found.unplanned),
        (&CACHE_BACKUP_OFF, &found.short),
    ] {
        if !names.is_empty() {
            failures.because(requirement, requirement.naming(names));
        }
    }
    Ok(failures.into_verdict())
}

/// How long a file system keeps its automatic backups; `None` for one that keeps nothing for
/// long by its nature.
fn retention(system: &FileSystem) -> Option<i32> {
    if let Some(lustre) = system.lustre_configuration() {
        let scratch =
            lustre.deployment_type().is_some_and(|kind| kind.as_str().starts_with("SCRATCH"));
        return (!scratch).then(|| lustre.automatic_backup_retention_days().unwrap_or(0));
    }
    let days = system
        .windows_configuration()
        .and_then(|windows| windows.automatic_backup_retention_days())
        .or_else(|| system.ontap_configuration()?.automatic_backup_retention_days())
        .or_else(|| system.open_zfs_configuration()?.automatic_backup_retention_days());
    // 0 turns them off; a file system without the setting has none.
    Some(days.unwrap_or(0))
}

async fn file_system(
    world: &World<'_>,
    system: &FileSystem,
    found: &mut Found,
    run: &Run<'_>,
) -> Result<(), Error> {
    let missing = |field: &str| Error::Answer {
        action: DESCRIBE_FILE_SYSTEMS,
        field: format!("FileSystems[].{field}"),
    };
    let state = system.lifecycle().ok_or_else(|| missing("Lifecycle"))?;
    let young =
        system.creation_time().and_then(from_sdk).is_some_and(|created| is_young(created, run));
    if matches!(state.as_str(), "CREATING" | "DELETING" | "FAILED") || young {
        return Ok(());
    }
    let Some(days) = retention(system) else { return Ok(()) };
    let id = system.file_system_id().ok_or_else(|| missing("FileSystemId"))?;
    let arn = system.resource_arn().ok_or_else(|| missing("ResourceARN"))?;
    let tags: Tags = system
        .tags()
        .iter()
        .map(|tag| {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            (text(tag.key()), text(tag.value()))
        })
        .collect();
    if !in_scope(&tags, &run.parameters.get(&SCOPE_TAG)) {
        return Ok(());
    }
    if let Some(value) = exempt_value(&tags, run) {
        return exempted(world, id, source(value, None), found).await;
    }
    found.judged += 1;
    if i64::from(days) >= run.parameters.get(&MIN_RETENTION_DAYS) {
        return Ok(());
    }
    // Of ONTAP the volumes are backed up, one by one: the newest counts.
    let volumes = format!(":volume/{id}/");
    let of_volumes = world.last.iter().filter(|(arn, _)| arn.contains(&volumes));
    let newest = of_volumes.map(|(_, time)| *time).chain(world.last.get(arn).copied()).max();
    let ontap = system.ontap_configuration().is_some();
    let subject = Subject { service: Service::Fsx, arn, tags: &tags };
    let planned = !world.plans.selecting(&subject).is_empty() || (ontap && newest.is_some());
    if !planned {
        found.unplanned.push(id.to_owned());
    } else if newest.is_none_or(|newest| newest < since(&tags, run).1) {
        found.old.push(id.to_owned());
    }
    Ok(())
}

async fn cache(
    world: &World<'_>,
    group: &ReplicationGroup,
    found: &mut Found,
    run: &Run<'_>,
) -> Result<(), Error> {
    let missing = |field: &str| Error::Answer {
        action: DESCRIBE_REPLICATION_GROUPS,
        field: format!("ReplicationGroups[].{field}"),
    };
    let created = group.replication_group_create_time().and_then(from_sdk);
    let young = created.is_some_and(|created| is_young(created, run));
    if matches!(group.status(), Some("creating" | "deleting" | "create-failed")) || young {
        return Ok(());
    }
    let id = group.replication_group_id().ok_or_else(|| missing("ReplicationGroupId"))?;
    let limit = run.parameters.get(&CACHE_MIN_RETENTION_DAYS);
    let scope = run.parameters.get(&SCOPE_TAG);
    // 0, and absent, turn automatic snapshots off.
    let short = i64::from(group.snapshot_retention_limit().unwrap_or(0)) < limit;
    if !short && scope.is_empty() {
        found.judged += 1;
        return Ok(());
    }
    let arn = group.arn().ok_or_else(|| missing("ARN"))?;
    let tags = world.services.cache_tags(arn).await?;
    if !in_scope(&tags, &scope) {
        return Ok(());
    }
    if let Some(value) = exempt_value(&tags, run) {
        // A group of one node has nothing to be rebuilt from.
        let members = if group.member_clusters().len() > 1 { group.member_clusters() } else { &[] };
        return exempted(world, id, source(value, Some(members)), found).await;
    }
    found.judged += 1;
    if short {
        found.short.push(id.to_owned());
    }
    Ok(())
}

/// Counts an exemption, if it does not hold.
async fn exempted(
    world: &World<'_>,
    id: &str,
    source: Source,
    found: &mut Found,
) -> Result<(), Error> {
    if world.verified(source).await? == Source::Nothing {
        found.judged += 1;
        found.without_source.push(id.to_owned());
    }
    Ok(())
}
