//! The ways of events to people and to records: EventBridge and User Notifications.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_eventbridge::types::ArchiveState;
use aws_sdk_notifications::types::{EventRuleStatus, NotificationConfigurationStatus};
use aws_types::SdkConfig;
use fisc_services::Alerts;
use fisc_services::alerts::{Reach, Routes};
use fisc_services::regions::{in_region, named};
use fisc_shared::error::Call;
use fisc_shared::pattern::EventPattern;
use fisc_shared::resource::partition;
use fisc_shared::{Error, Run};
use serde_json::Value;

use super::parameters::{
    ACCEPT_BACKUP_REGION, REQUIRE_ABUSE, REQUIRED_CATEGORIES, REQUIRED_REGIONS, REQUIRED_SERVICES,
    STORE_TARGETS,
};
use super::samples::{ABUSE, CATEGORIES, GLOBAL, Sample, backup_of, samples};
use super::{
    DESCRIBE_ARCHIVE, LIST_ARCHIVES, LIST_CHANNELS, LIST_CONFIGURATIONS, LIST_EVENT_RULES,
};

/// How far the sample events got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Routed {
    /// Region and category of those that reach nobody.
    pub(super) unheard: Vec<String>,
    /// Region and category of those that are not kept.
    pub(super) unkept: Vec<String>,
    /// Whether some only get to another account.
    pub(super) elsewhere: bool,
    /// Whether of some only the copy in the backup Region gets anywhere.
    pub(super) backup_only: bool,
}

/// How far one sample got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Got {
    There,
    Elsewhere,
    ByBackup,
    Nowhere,
}

/// What an archive takes up, or a configuration of User Notifications: all, or what a pattern
/// matches.
type Filter = Result<Option<EventPattern>, String>;

fn filter(pattern: Option<&str>) -> Filter {
    let pattern = pattern.filter(|text| !text.trim().is_empty());
    pattern.map(EventPattern::parse).transpose().map_err(|error| error.to_string())
}

/// Whether a filter lets an event through; an unreadable one leaves its reason behind.
fn lets_through(filter: &Filter, event: &Value, undecided: &mut Option<String>) -> bool {
    match filter {
        Ok(None) => true,
        Ok(Some(pattern)) => pattern.matches(event),
        Err(why) => {
            *undecided = Some(why.clone());
            false
        }
    }
}

/// A rule of an active User Notifications configuration that has a channel.
struct Notifier {
    detail_type: String,
    regions: BTreeSet<String>,
    filter: Filter,
}

/// The ways of one run; each is asked for once.
pub(super) struct Ways<'a> {
    sdk: &'a SdkConfig,
    run: &'a Run<'a>,
    routes: Routes,
    archives: BTreeMap<String, Vec<Filter>>,
    notifiers: Option<Vec<Notifier>>,
    /// Why it cannot be told of some rule whether it catches an event.
    undecided: Option<String>,
}

impl<'a> Ways<'a> {
    pub(super) fn new(sdk: &'a SdkConfig, alerts: &Alerts, run: &'a Run<'a>) -> Self {
        Self {
            sdk,
            run,
            routes: alerts.routes(run.account_id),
            archives: BTreeMap::new(),
            notifiers: None,
            undecided: None,
        }
    }

    pub(super) async fn routed(mut self) -> Result<Routed, Error> {
        let parameters = self.run.parameters;
        let services = parameters.get(&REQUIRED_SERVICES);
        let mut categories = parameters.words(&REQUIRED_CATEGORIES, &CATEGORIES)?;
        if parameters.get(&REQUIRE_ABUSE) {
            categories.push(ABUSE.to_owned());
        }
        let mut routed = Routed::default();
        for region in self.regions() {
            for category in &categories {
                let samples = samples(self.run.account_id, &region, category, &services);
                let (mut heard, mut kept) = (true, true);
                for sample in samples {
                    for (all, got) in [
                        (&mut heard, self.heard(&region, &sample).await?),
                        (&mut kept, self.kept(&region, &sample).await?),
                    ] {
                        *all &= got != Got::Nowhere;
                        routed.elsewhere |= got == Got::Elsewhere;
                        routed.backup_only |= got == Got::ByBackup;
                    }
                }
                let name = format!("{category} ({region})");
                if !heard {
                    routed.unheard.push(name.clone());
                }
                if !kept {
                    routed.unkept.push(name);
                }
            }
        }
        Ok(routed)
    }

    /// The Region of the run; at home also those of which somebody must hear besides.
    fn regions(&self) -> Vec<String> {
        let mut regions = vec![self.run.region.to_owned()];
        if self.run.home {
            let own = partition(self.run.region);
            let more = self.run.parameters.get(&REQUIRED_REGIONS).into_iter();
            regions.extend(more.filter(|one| one != self.run.region && partition(one) == own));
        }
        regions
    }

    /// The Region to which copies go, if a rule there is enough.
    fn backup(&self, region: &str) -> Option<&'static str> {
        backup_of(region).filter(|_| self.run.parameters.get(&ACCEPT_BACKUP_REGION))
    }

    /// How far an event gets. An organization may forbid Regions that nobody uses: the error says
    /// which it was.
    async fn reach(&self, region: &str, event: &Value) -> Result<Reach, Error> {
        let reach = self.routes.reach_in(region, event).await;
        reach.map_err(|error| named(error, region))
    }

    async fn heard(&mut self, region: &str, sample: &Sample) -> Result<Got, Error> {
        let event = sample.delivered(region, false);
        self.undecided = None;
        match self.reach(region, &event).await? {
            Reach::Live { .. } => return Ok(Got::There),
            Reach::Central { .. } => return Ok(Got::Elsewhere),
            Reach::Undecided { rule, why } => self.undecided = Some(format!("{rule}: {why}")),
            Reach::Dead { .. } | Reach::Uncaught => {}
        }
        if self.notified(region, &event).await? {
            return Ok(Got::There);
        }
        if let Some(backup) = self.backup(region) {
            let copy = sample.delivered(backup, true);
            match self.reach(backup, &copy).await? {
                Reach::Live { .. } | Reach::Central { .. } => return Ok(Got::ByBackup),
                Reach::Undecided { rule, why } => self.undecided = Some(format!("{rule}: {why}")),
                Reach::Dead { .. } | Reach::Uncaught => {}
            }
        }
        self.nowhere()
    }

    async fn kept(&mut self, region: &str, sample: &Sample) -> Result<Got, Error> {
        self.undecided = None;
        let got = self.kept_in(region, &sample.delivered(region, false)).await?;
        if got != Got::Nowhere {
            return Ok(got);
        }
        if let Some(backup) = self.backup(region)
            && self.kept_in(backup, &sample.delivered(backup, true)).await? != Got::Nowhere
        {
            return Ok(Got::ByBackup);
        }
        self.nowhere()
    }

    /// Nobody can tell what an unreadable rule catches, and no other catches anything.
    fn nowhere(&mut self) -> Result<Got, Error> {
        match self.undecided.take() {
            Some(why) => Err(Error::Control(format!("an event pattern cannot be judged: {why}"))),
            None => Ok(Got::Nowhere),
        }
    }

    async fn kept_in(&mut self, region: &str, event: &Value) -> Result<Got, Error> {
        let found = self.routes.destinations_in(region, event).await;
        let found = found.map_err(|error| named(error, region))?;
        if let Some((rule, why)) = found.undecided {
            self.undecided = Some(format!("{rule}: {why}"));
        }
        let stores = self.run.parameters.get(&STORE_TARGETS);
        let stores = |arn: &&String| {
            arn.split(':').nth(2).is_some_and(|service| stores.iter().any(|one| one == service))
        };
        if found.targets.iter().any(|arn| stores(&arn)) || self.archived(region, event).await? {
            return Ok(Got::There);
        }
        // What is left of buses is other accounts'.
        let elsewhere = found.targets.iter().any(|arn| arn.contains(":event-bus/"));
        Ok(if elsewhere { Got::Elsewhere } else { Got::Nowhere })
    }

    async fn archived(&mut self, region: &str, event: &Value) -> Result<bool, Error> {
        if !self.archives.contains_key(region) {
            let archives = self.archives_in(region).await;
            let archives = archives.map_err(|error| named(error, region))?;
            self.archives.insert(region.to_owned(), archives);
        }
        let mut archives = self.archives.get(region).into_iter().flatten();
        let mut undecided = None;
        let is_kept = archives.any(|archive| lets_through(archive, event, &mut undecided));
        self.undecided = undecided.or_else(|| self.undecided.take());
        Ok(is_kept)
    }

    /// What the archives of a Region's default bus take up.
    async fn archives_in(&self, region: &str) -> Result<Vec<Filter>, Error> {
        let client = aws_sdk_eventbridge::Client::new(&in_region(self.sdk, region));
        let (partition, account) = (partition(region), self.run.account_id);
        let bus = format!("arn:{partition}:events:{region}:{account}:event-bus/default");
        let mut names = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let request = client.list_archives().event_source_arn(&bus);
            let page = request.set_next_token(token.clone()).send().await.call(LIST_ARCHIVES)?;
            for archive in page.archives.unwrap_or_default() {
                let on = matches!(
                    archive.state,
                    Some(
                        ArchiveState::Enabled | ArchiveState::Updating | ArchiveState::UpdateFailed
                    )
                );
                names.extend(archive.archive_name.filter(|_| on));
            }
            match page.next_token.filter(|next| !next.is_empty()) {
                Some(next) if token.as_ref() == Some(&next) => {
                    return Err(Error::Answer {
                        action: LIST_ARCHIVES,
                        field: "NextToken other than the last one".to_owned(),
                    });
                }
                Some(next) => token = Some(next),
                None => break,
            }
        }
        let mut archives = Vec::new();
        for name in names {
            let archive = client.describe_archive().archive_name(&name).send().await;
            match archive.call(DESCRIBE_ARCHIVE) {
                // Deleted since it was listed.
                Err(error) if error.is("ResourceNotFoundException") => {}
                other => archives.push(filter(other?.event_pattern.as_deref())),
            }
        }
        Ok(archives)
    }

    /// Whether User Notifications brings an event of the Region to somebody.
    async fn notified(&mut self, region: &str, event: &Value) -> Result<bool, Error> {
        // The service is in no other partition.
        if partition(region) != "aws" {
            return Ok(false);
        }
        if self.notifiers.is_none() {
            let notifiers = self.notifiers().await;
            self.notifiers = Some(notifiers.map_err(|error| named(error, GLOBAL))?);
        }
        let notifiers = self.notifiers.iter().flatten();
        let detail_type = event.get("detail-type").and_then(Value::as_str).unwrap_or_default();
        let mut undecided = None;
        let told = notifiers
            .filter(|one| one.detail_type == detail_type && one.regions.contains(region))
            .any(|one| lets_through(&one.filter, event, &mut undecided));
        self.undecided = undecided.or_else(|| self.undecided.take());
        Ok(told)
    }

    async fn notifiers(&self) -> Result<Vec<Notifier>, Error> {
        let client = aws_sdk_notifications::Client::new(&in_region(self.sdk, GLOBAL));
        let mut pages = client
            .list_notification_configurations()
            .event_rule_source(SOURCE)
            .into_paginator()
            .items()
            .send();
        let mut notifiers = Vec::new();
        while let Some(configuration) = pages.next().await {
            let configuration = configuration.call(LIST_CONFIGURATIONS)?;
            let on = matches!(
                configuration.status,
                NotificationConfigurationStatus::Active
                    | NotificationConfigurationStatus::PartiallyActive
            );
            let arn = configuration.arn;
            if !on || !has_channel(&client, &arn).await? {
                continue;
            }
            let rules = client.list_event_rules().notification_configuration_arn(&arn);
            let mut rules = rules.into_paginator().items().send();
            while let Some(rule) = rules.next().await {
                let rule = rule.call(LIST_EVENT_RULES)?;
                let active = |region: &String| {
                    let status = rule.status_summary_by_region.get(region);
                    status.is_some_and(|status| status.status == EventRuleStatus::Active)
                };
                if rule.source == SOURCE {
                    notifiers.push(Notifier {
                        regions: rule.regions.iter().filter(|one| active(one)).cloned().collect(),
                        filter: filter(Some(&rule.event_pattern)),
                        detail_type: rule.event_type,
                    });
                }
            }
        }
        Ok(notifiers)
    }
}

/// The source of the events of AWS Health.
const SOURCE: &str = "aws.health";

async fn has_channel(
    client: &aws_sdk_notifications::Client,
    configuration: &str,
) -> Result<bool, Error> {
    let channels = client.list_channels().notification_configuration_arn(configuration);
    let mut channels = channels.into_paginator().items().send();
    Ok(channels.next().await.transpose().call(LIST_CHANNELS)?.is_some())
}
