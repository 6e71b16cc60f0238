//! The verdict on the account: canaries, log groups, network traffic, dashboards.

use std::collections::BTreeSet;

use aws_sdk_synthetics::types::CanaryState;
use aws_types::SdkConfig;
use fisc_services::alarms::{Alarm, Found, Teller};
use fisc_services::metric_filters::filters;
use fisc_services::regions::{each, offered};
use fisc_shared::error::Call;
use fisc_shared::item::required::{flag, part};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, ResourceType, Run, Verdict, message};

use super::parameters::{MIN_DASHBOARDS, MONITORED_LOG_GROUP_PREFIXES, REQUIRE_CANARY, traffic};
use super::requirements::{
    ALERTED_CENTRALLY, CANARY_NOT_RUNNING, CANARY_WITHOUT_ALARM, DASHBOARD_MISSING,
    LOG_FILTER_ALARM_MISSING, NETWORK_TRAFFIC_ALARM_MISSING, NOTHING_PUBLIC,
};
use super::subjects::decided;
use super::{Facts, Services};

pub(super) const DESCRIBE_CANARIES: &str = "synthetics:DescribeCanaries";
pub(super) const DESCRIBE_LOG_GROUPS: &str = "logs:DescribeLogGroups";
pub(super) const LIST_DASHBOARDS: &str = "cloudwatch:ListDashboards";

/// What was found of the account.
#[derive(Default)]
struct Account {
    failures: Failures,
    judged: bool,
    central: bool,
}

impl Account {
    /// Whether somebody is told.
    fn told(&mut self, found: &Found) -> bool {
        self.central |= *found == Found::Central;
        found.alerts()
    }
}

pub(super) async fn judge(facts: &Facts<'_>, run: &Run<'_>) -> Result<Verdict, Error> {
    let Facts { services, teller, .. } = facts;
    let alarms = facts.alarms().await?;
    let mut account = Account::default();
    if run.parameters.get(&REQUIRE_CANARY) {
        canaries(facts, alarms, run, &mut account).await?;
    }
    log_groups(services, alarms, teller, run, &mut account).await?;
    let metrics = traffic(run)?;
    if !metrics.is_empty() {
        account.judged = true;
        let watches = |alarm: &&Alarm| {
            metrics.iter().any(|one| {
                one.names.iter().any(|name| alarm.watches(&one.namespace, name, |_| true))
            })
        };
        let found =
            decided(teller.best(&alarms.iter().filter(watches).collect::<Vec<_>>()).await?)?;
        if !account.told(&found) {
            match found {
                Found::Dead(why) => account.failures.because(&NETWORK_TRAFFIC_ALARM_MISSING, why),
                _ => account.failures.add(&NETWORK_TRAFFIC_ALARM_MISSING),
            }
        }
    }
    let least = run.parameters.get(&MIN_DASHBOARDS);
    if least > 0 {
        account.judged = true;
        let there = dashboards(&services.cloudwatch).await?;
        if there < least {
            let why = message!(
                "dashboards: {there} of {least}",
                "ダッシュボード: {least} 件中 {there} 件"
            );
            account.failures.because(&DASHBOARD_MISSING, why);
        }
    }
    if !account.judged {
        return Ok(Verdict::not_applicable(&NOTHING_PUBLIC));
    }
    let notes = account.central.then(|| ALERTED_CENTRALLY.reason());
    Ok(account.failures.into_verdict_with(notes.into_iter().collect()))
}

/// A canary, as far as it is judged.
struct Canary {
    name: String,
    state: CanaryState,
}

async fn describe(sdk: &SdkConfig) -> Result<Vec<Canary>, Error> {
    let client = aws_sdk_synthetics::Client::new(sdk);
    let mut pages = client.describe_canaries().into_paginator().send();
    let mut canaries = Vec::new();
    while let Some(page) = pages.next().await {
        let page = match page.call(DESCRIBE_CANARIES).map_err(Error::from) {
            // The service is not in every Region.
            page @ Err(_) => match offered(page)? {
                None => return Ok(Vec::new()),
                Some(page) => page,
            },
            Ok(page) => page,
        };
        for canary in page.canaries.unwrap_or_default() {
            let lacks = |field: &str| Error::Answer {
                action: DESCRIBE_CANARIES,
                field: format!("Canaries[].{field}"),
            };
            let state = canary.status.and_then(|status| status.state);
            canaries.push(Canary {
                name: canary.name.ok_or_else(|| lacks("Name"))?,
                state: state.ok_or_else(|| lacks("Status.State"))?,
            });
        }
    }
    Ok(canaries)
}

fn running(canary: &&Canary) -> bool {
    canary.state == CanaryState::Running
}

async fn canaries(
    facts: &Facts<'_>,
    alarms: &[Alarm],
    run: &Run<'_>,
    account: &mut Account,
) -> Result<(), Error> {
    let Facts { services, teller, .. } = facts;
    let here = describe(&services.sdk).await?;
    let idle = |canary: &&Canary| matches!(canary.state, CanaryState::Stopped | CanaryState::Error);
    let stopped: Vec<&str> = here.iter().filter(idle).map(|one| one.name.as_str()).collect();
    account.judged |= !here.is_empty();
    if !stopped.is_empty() {
        account.failures.because(&CANARY_NOT_RUNNING, CANARY_NOT_RUNNING.naming(&stopped));
    }
    if !here.iter().any(|one| running(&one)) {
        let public = public_endpoints(facts, run).await?;
        account.judged |= !public.is_empty();
        // The endpoint may be tested from anywhere.
        if !public.is_empty() && stopped.is_empty() && !elsewhere(services, run).await? {
            account.failures.because(&CANARY_NOT_RUNNING, CANARY_NOT_RUNNING.naming(&public));
        }
    }
    let mut silent = Vec::new();
    for canary in here.iter().filter(running) {
        let name = canary.name.as_str();
        let on = |metric: &fisc_services::alarms::Metric| {
            metric.namespace == "CloudWatchSynthetics" && metric.has("CanaryName", name)
        };
        let watching: Vec<_> = alarms.iter().filter(|alarm| alarm.metrics.iter().any(on)).collect();
        if !account.told(&decided(teller.best(&watching).await?)?) {
            silent.push(name);
        }
    }
    if !silent.is_empty() {
        account.failures.because(&CANARY_WITHOUT_ALARM, CANARY_WITHOUT_ALARM.naming(&silent));
    }
    Ok(())
}

async fn elsewhere(services: &Services, run: &Run<'_>) -> Result<bool, Error> {
    let mut regions = services.regions.enabled().await?;
    regions.retain(|region| region != run.region);
    let found = each(&services.sdk, regions, |sdk| async move { describe(&sdk).await }).await?;
    Ok(found.values().flatten().any(|one| running(&one)))
}

type Public = fn(&ConfigurationItem) -> Result<bool, Error>;

/// The kinds of endpoints, and which of them are public.
const PUBLIC: [(ResourceType, Public); 5] = [
    (ResourceType::ELBV2_LOAD_BALANCER, faces_internet),
    (ResourceType::ELB_LOAD_BALANCER, faces_internet),
    (ResourceType::API_GATEWAY_REST_API, |item| {
        let fields = item.configuration()?;
        let types = part(&fields, "endpointConfiguration")?.list("types")?.unwrap_or_default();
        let types = types.iter().map(|one| one.as_text().map_err(Error::from));
        Ok(types.collect::<Result<BTreeSet<_>, _>>()?.iter().any(|&one| one != "PRIVATE"))
    }),
    (ResourceType::API_GATEWAY_V2_API, |_| Ok(true)),
    (ResourceType::CLOUDFRONT_DISTRIBUTION, |item| {
        Ok(flag(&part(&item.configuration()?, "distributionConfig")?, "enabled")?)
    }),
];

/// A Gateway Load Balancer has no scheme.
fn faces_internet(item: &ConfigurationItem) -> Result<bool, Error> {
    Ok(item.configuration()?.text("scheme")? == Some("internet-facing"))
}

/// The names of the public endpoints that are recorded here.
async fn public_endpoints(facts: &Facts<'_>, run: &Run<'_>) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for (kind, public) in PUBLIC {
        for item in facts.recorded.of(kind, run).await?.iter() {
            if public(item)? {
                names.push(item.resource_name.clone().unwrap_or_else(|| item.resource_id.clone()));
            }
        }
    }
    Ok(names)
}

async fn log_groups(
    services: &Services,
    alarms: &[Alarm],
    teller: &Teller,
    run: &Run<'_>,
    account: &mut Account,
) -> Result<(), Error> {
    let mut missing = Vec::new();
    for prefix in run.parameters.get(&MONITORED_LOG_GROUP_PREFIXES) {
        account.judged = true;
        let mut pages = services
            .logs
            .describe_log_groups()
            .log_group_name_prefix(&prefix)
            .into_paginator()
            .items()
            .send();
        let mut groups = Vec::new();
        while let Some(group) = pages.next().await {
            groups.extend(group.call(DESCRIBE_LOG_GROUPS)?.log_group_name);
        }
        if groups.is_empty() {
            missing.push(prefix);
        }
        for group in groups {
            let counted: Vec<_> = filters(&services.logs, &group)
                .await?
                .unwrap_or_default()
                .into_iter()
                .flat_map(|filter| filter.metrics)
                .collect();
            let watched = |alarm: &&Alarm| counted.iter().any(|one| one.watched_by(alarm));
            let watching: Vec<_> = alarms.iter().filter(watched).collect();
            if !account.told(&decided(teller.best(&watching).await?)?) {
                missing.push(group);
            }
        }
    }
    if !missing.is_empty() {
        account
            .failures
            .because(&LOG_FILTER_ALARM_MISSING, LOG_FILTER_ALARM_MISSING.naming(&missing));
    }
    Ok(())
}

async fn dashboards(client: &aws_sdk_cloudwatch::Client) -> Result<i64, Error> {
    let mut pages = client.list_dashboards().into_paginator().send();
    let mut count: i64 = 0;
    while let Some(page) = pages.next().await {
        let page = page.call(LIST_DASHBOARDS)?;
        count =
            count.saturating_add(i64::try_from(page.dashboard_entries().len()).unwrap_or(i64::MAX));
    }
    Ok(count)
}
