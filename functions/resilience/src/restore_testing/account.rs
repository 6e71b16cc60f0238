//! Exercises that are seen at the level of the account.

use std::collections::BTreeMap;

use aws_sdk_backup::types::RestoreTestingPlanForList;
use aws_sdk_directconnect::types::{VirtualInterfaceState, VirtualInterfaceTestHistory};
use aws_sdk_drs::types::{LastLaunchResult, LastLaunchType, LaunchStatus, SourceServer};
use aws_sdk_elasticache::types::AutomaticFailoverStatus;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use fisc_services::regions::offered;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict, message};
use jiff::Timestamp;

use super::drills::{self, CACHE_CALL, Failover};
use super::services::Services;
use super::{
    CACHE_FAILOVER_NOT_TESTED, DRS_DRILL_MAX_DAYS, DRS_DRILL_MISSING, DX_FAILOVER_NOT_TESTED,
    DX_TEST_MAX_DAYS, NOTHING_TO_TEST, REQUIRE_RESILIENCE_APP, REQUIRED_TEST_TYPES,
    RESILIENCE_APP_INCOMPLETE, RESTORE_TESTING_PLAN_MISSING, TESTING_PLAN_MAX_DAYS, apps,
    critical_tags, days_ago, tag_tells,
};

pub(super) const LIST_PROTECTED_RESOURCES: &str = "backup:ListProtectedResources";
pub(super) const LIST_PLANS: &str = "backup:ListRestoreTestingPlans";
pub(super) const LIST_SELECTIONS: &str = "backup:ListRestoreTestingSelections";
pub(super) const GET_RESOURCES: &str = "tag:GetResources";
pub(super) const DESCRIBE_REPLICATION_GROUPS: &str = "elasticache:DescribeReplicationGroups";
pub(super) const DESCRIBE_SOURCE_SERVERS: &str = "drs:DescribeSourceServers";
pub(super) const LIST_TEST_HISTORY: &str = "directconnect:ListVirtualInterfaceTestHistory";

impl Services {
    /// The verdict on the account.
    pub(super) async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        let mut applies = self.plans(run, &mut failures).await?;
        applies |= self.caches(run, &mut failures).await?;
        applies |= self.interfaces(run, &mut failures).await?;
        applies |= self.servers(run, &mut failures).await?;
        if run.parameters.get(&REQUIRE_RESILIENCE_APP)
            && let Some(exists) = apps::exist(&self.hub).await?
        {
            applies = true;
            if !exists {
                failures.because(
                    &RESILIENCE_APP_INCOMPLETE,
                    message!(
                        "There is no application of Resilience Hub in this Region",
                        "このリージョンに Resilience Hub のアプリケーションがありません"
                    ),
                );
            }
        }
        Ok(if applies {
            failures.into_verdict()
        } else {
            Verdict::not_applicable(&NOTHING_TO_TEST)
        })
    }

    /// Restore testing, where AWS Backup protects anything.
    async fn plans(&self, run: &Run<'_>, failures: &mut Failures) -> Result<bool, Error> {
        let mut pages = self.backup.list_protected_resources().into_paginator().items().send();
        if pages.next().await.transpose().call(LIST_PROTECTED_RESOURCES)?.is_none() {
            return Ok(false);
        }
        let since = days_ago(run.parameters.get(&TESTING_PLAN_MAX_DAYS), run);
        let mut pages = self.backup.list_restore_testing_plans().into_paginator().items().send();
        let mut tested = Vec::new();
        while let Some(plan) = pages.next().await {
            let plan = plan.call(LIST_PLANS)?;
            if ran_since(&plan, since) {
                tested.extend(self.selected(&plan.restore_testing_plan_name).await?);
            }
        }
        let required = run.parameters.get(&REQUIRED_TEST_TYPES);
        let missing: Vec<&String> = required
            .iter()
            .filter(|wanted| !tested.iter().any(|one| one.eq_ignore_ascii_case(wanted)))
            .collect();
        if !missing.is_empty() {
            failures.because(
                &RESTORE_TESTING_PLAN_MISSING,
                RESTORE_TESTING_PLAN_MISSING.naming(&missing),
            );
        } else if tested.is_empty() {
            failures.add(&RESTORE_TESTING_PLAN_MISSING);
        }
        Ok(true)
    }

    /// The resource types that a plan selects.
    async fn selected(&self, plan: &str) -> Result<Vec<String>, Error> {
        let ask = self.backup.list_restore_testing_selections().restore_testing_plan_name(plan);
        let mut pages = ask.into_paginator().items().send();
        let mut types = Vec::new();
        while let Some(selection) = pages.next().await {
            match selection.call(LIST_SELECTIONS) {
                Ok(selection) => types.push(selection.protected_resource_type),
                // The plan was deleted since it was listed.
                Err(error) if error.is("ResourceNotFoundException") => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(types)
    }

    /// Failover tests of critical caches.
    async fn caches(&self, run: &Run<'_>, failures: &mut Failures) -> Result<bool, Error> {
        let tagged = self.critical_caches(run).await?;
        if tagged.is_empty() {
            return Ok(false);
        }
        let mut pages = self.caches.describe_replication_groups().into_paginator().items().send();
        // Without a standby there is nothing to fail over to.
        let mut groups = Vec::new();
        while let Some(group) = pages.next().await {
            let group = group.call(DESCRIBE_REPLICATION_GROUPS)?;
            let tags = group.arn().and_then(|arn| tagged.get(arn));
            let id = group.replication_group_id().ok_or_else(|| Error::Answer {
                action: DESCRIBE_REPLICATION_GROUPS,
                field: "ReplicationGroups[].ReplicationGroupId".to_owned(),
            })?;
            if let Some(tags) = tags
                && group.automatic_failover() == Some(&AutomaticFailoverStatus::Enabled)
            {
                groups.push((id.to_owned(), tag_tells(tags, run)));
            }
        }
        let open: Vec<&String> =
            groups.iter().filter(|(_, told)| !told).map(|(id, _)| id).collect();
        if !open.is_empty() {
            let failovers = drills::called(&self.trail, &[CACHE_CALL], run).await?;
            let was_tested = |id: &str| {
                let id = id.to_lowercase();
                failovers.iter().any(|Failover { names }| names.contains(&id))
            };
            let untested: Vec<&String> = open.into_iter().filter(|id| !was_tested(id)).collect();
            if !untested.is_empty() {
                let message = CACHE_FAILOVER_NOT_TESTED.naming(&untested);
                failures.because(&CACHE_FAILOVER_NOT_TESTED, message);
            }
        }
        Ok(!groups.is_empty())
    }

    /// The critical replication groups by their ARNs, with their tags.
    async fn critical_caches(
        &self,
        run: &Run<'_>,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, Error> {
        let mut caches = BTreeMap::new();
        for wanted in critical_tags(run) {
            let filter = match wanted.split_once('=') {
                Some((key, value)) => TagFilter::builder().key(key).values(value),
                None => TagFilter::builder().key(wanted),
            };
            let ask = self
                .tags
                .get_resources()
                .tag_filters(filter.build())
                .resource_type_filters("elasticache:replicationgroup");
            let mut pages = ask.into_paginator().items().send();
            while let Some(cache) = pages.next().await {
                let cache = cache.call(GET_RESOURCES)?;
                let pairs = cache.tags().iter();
                let tags = pairs.map(|tag| (tag.key.clone(), tag.value.clone())).collect();
                caches.extend(cache.resource_arn.map(|arn| (arn, tags)));
            }
        }
        Ok(caches)
    }

    /// Failover tests of Direct Connect, where there is something to fail over to.
    async fn interfaces(&self, run: &Run<'_>, failures: &mut Failures) -> Result<bool, Error> {
        use VirtualInterfaceState::{Available, Down, Testing};
        let Some(interfaces) = offered(self.connect.interfaces().await)? else { return Ok(false) };
        let there = interfaces.into_iter().filter(|interface| {
            matches!(interface.virtual_interface_state(), Some(Available | Down | Testing))
        });
        let ids: Vec<String> =
            there.filter_map(|interface| interface.virtual_interface_id).collect();
        if ids.len() < 2 {
            return Ok(false);
        }
        let since = days_ago(run.parameters.get(&DX_TEST_MAX_DAYS), run);
        for id in &ids {
            if self.tested(id, since, run).await? {
                return Ok(true);
            }
        }
        failures.because(&DX_FAILOVER_NOT_TESTED, DX_FAILOVER_NOT_TESTED.naming(&ids));
        Ok(true)
    }

    /// Whether a test of a virtual interface ended since then.
    async fn tested(&self, id: &str, since: Timestamp, run: &Run<'_>) -> Result<bool, Error> {
        let mut token = None;
        loop {
            let ask = self
                .connect
                .client()
                .list_virtual_interface_test_history()
                .virtual_interface_id(id);
            let page = ask.set_next_token(token).send().await.call(LIST_TEST_HISTORY)?;
            if page.virtual_interface_test_history().iter().any(|test| ended(test, since, run.now))
            {
                return Ok(true);
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(false);
            }
        }
    }

    /// Drills of the source servers in this Region.
    async fn servers(&self, run: &Run<'_>, failures: &mut Failures) -> Result<bool, Error> {
        let since = days_ago(run.parameters.get(&DRS_DRILL_MAX_DAYS), run);
        let mut pages = self.drs.describe_source_servers().into_paginator().items().send();
        let (mut any, mut untested) = (false, Vec::new());
        while let Some(server) = pages.next().await {
            let server = match server.call(DESCRIBE_SOURCE_SERVERS) {
                // The service was never set up in this Region.
                Err(error) if error.is("UninitializedAccountException") => break,
                answer => match offered(answer.map_err(Error::from))? {
                    Some(server) => server,
                    None => break,
                },
            };
            any = true;
            if !drilled(&server, since)? {
                untested.push(server.source_server_id.unwrap_or_default());
            }
        }
        if !untested.is_empty() {
            failures.because(&DRS_DRILL_MISSING, DRS_DRILL_MISSING.naming(&untested));
        }
        Ok(any)
    }
}

/// Whether a plan has run since then; a new one has not.
fn ran_since(plan: &RestoreTestingPlanForList, since: Timestamp) -> bool {
    plan.last_execution_time().and_then(from_sdk).is_some_and(|at| at >= since)
}

/// Whether a test ended since then. What the API calls the states of tests is not documented: one
/// that failed would say so, and one that runs ends in the future.
pub(super) fn ended(test: &VirtualInterfaceTestHistory, since: Timestamp, now: Timestamp) -> bool {
    let failed = test.status().is_some_and(|status| status.to_lowercase().contains("fail"));
    let end = test.end_time().and_then(from_sdk);
    !failed && end.is_some_and(|end| end >= since && end <= now)
}

/// Whether a server was launched for a drill or a recovery since then.
pub(super) fn drilled(server: &SourceServer, since: Timestamp) -> Result<bool, Error> {
    let Some(launch) = server.life_cycle().and_then(|cycle| cycle.last_launch()) else {
        return Ok(false);
    };
    let launched = launch.status() == Some(&LaunchStatus::Launched)
        || server.last_launch_result() == Some(&LastLaunchResult::Succeeded);
    let Some(initiated) = launch.initiated() else { return Ok(false) };
    let kind = initiated.r#type();
    if !launched || !matches!(kind, Some(LastLaunchType::Drill | LastLaunchType::Recovery)) {
        return Ok(false);
    }
    let Some(at) = initiated.api_call_date_time().filter(|at| !at.is_empty()) else {
        return Ok(false);
    };
    let at: Timestamp = at.parse().map_err(|_| Error::Answer {
        action: DESCRIBE_SOURCE_SERVERS,
        field: "items[].lifeCycle.lastLaunch.initiated.apiCallDateTime".to_owned(),
    })?;
    Ok(at >= since)
}
