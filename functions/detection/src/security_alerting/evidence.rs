//! How far a sample event gets: through rules of EventBridge, or through a metric filter on a
//! trail's log group and an alarm.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_services::alarms::{Alarm, Found, Teller, alarms};
use fisc_services::alerts::{Alerts, Routes};
use fisc_services::metric_filters::{Counted, Filter, filters};
use fisc_services::regions::in_region;
use fisc_shared::Error;
use fisc_shared::error::Call;
use tokio::sync::Mutex;

use super::samples::Sample;
use super::trails::{LogGroup, Trail};

/// The IAM action of the call.
pub(super) const DESCRIBE_SUBSCRIPTION_FILTERS: &str = "logs:DescribeSubscriptionFilters";

/// What is known of an account, each thing asked once.
pub(super) struct Evidence<'a> {
    sdk: &'a SdkConfig,
    account: &'a str,
    region: &'a str,
    /// Whether alerts of another account count.
    accept_central: bool,
    trails: Vec<Trail>,
    teller: Teller,
    alarms: Mutex<BTreeMap<String, Arc<Vec<Alarm>>>>,
    filters: Mutex<BTreeMap<LogGroup, Option<Arc<Vec<Filter>>>>>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(
        sdk: &'a SdkConfig,
        alerts: &Alerts,
        (account, region): (&'a str, &'a str),
        trails: Vec<Trail>,
        accept_central: bool,
    ) -> Self {
        Self {
            sdk,
            account,
            region,
            accept_central,
            trails,
            teller: Teller::new(alerts, account, accept_central),
            alarms: Mutex::default(),
            filters: Mutex::default(),
        }
    }

    /// Who tells how far an alarm gets.
    pub(super) const fn teller(&self) -> &Teller {
        &self.teller
    }

    /// The ways of events through EventBridge.
    pub(super) const fn routes(&self) -> &Routes {
        self.teller.routes()
    }

    /// How far an event gets.
    pub(super) async fn find(&self, sample: &Sample) -> Result<Found, Error> {
        let mut found = Found::Nothing;
        if let Some(record) = sample.record() {
            let mut recorded = false;
            for trail in self.trails.iter().filter(|trail| trail.records(&sample.region)) {
                recorded = true;
                match &trail.log_group {
                    Some(group) if group.account == self.account => {
                        found.improve(self.counted(group, &record).await?);
                    }
                    Some(_) if self.accept_central => found.improve(Found::Central),
                    _ => {}
                }
            }
            // EventBridge has CloudTrail's events from trails too. Where a filter alerts, the
            // rules of another Region need not be asked.
            if !recorded || found.alerts() {
                return Ok(found);
            }
        }
        found.improve(self.teller.reached(&sample.region, &sample.event).await?);
        Ok(found)
    }

    /// Whether a metric filter of the group counts a record, and an alarm tells.
    async fn counted(&self, group: &LogGroup, record: &str) -> Result<Found, Error> {
        let mut found = Found::Nothing;
        for filter in self.filters(group).await?.iter().flat_map(|filters| filters.iter()) {
            let counts = filter.counts(record);
            if counts == Ok(false) {
                continue;
            }
            // An alarm on one value of a dimension does not see all that the filter counts.
            let whole = filter.metrics.iter().filter(|metric| metric.dimensions.is_empty());
            let whole: Vec<&Counted> = whole.collect();
            let alarmed = self.alarmed(&group.region, &whole).await?;
            match counts {
                Ok(_) => found.improve(alarmed),
                Err(why) if alarmed.alerts() => {
                    let name = &filter.name;
                    found.improve(Found::Undecided(format!("metric filter {name}: {why}")));
                }
                Err(_) => {}
            }
        }
        Ok(found)
    }

    /// Whether an alarm on one of these metrics tells somebody when it rises.
    async fn alarmed(&self, region: &str, metrics: &[&Counted]) -> Result<Found, Error> {
        let mut found = Found::Nothing;
        for alarm in self.alarms(region).await?.iter().filter(|alarm| alarm.rises) {
            if metrics.iter().any(|metric| metric.watched_by(alarm)) {
                found.improve(self.teller.told(alarm).await?);
            }
        }
        Ok(found)
    }

    /// Whether anything in a log group of this Region raises an alarm; `None` when there is no
    /// such group.
    pub(super) async fn log_group(&self, name: &str) -> Result<Option<Found>, Error> {
        let group = LogGroup {
            account: self.account.to_owned(),
            region: self.region.to_owned(),
            name: name.to_owned(),
        };
        let Some(filters) = self.filters(&group).await? else { return Ok(None) };
        let metrics: Vec<&Counted> = filters.iter().flat_map(|filter| &filter.metrics).collect();
        self.alarmed(self.region, &metrics).await.map(Some)
    }

    /// Whether what arrives in a log group is passed on.
    pub(super) async fn passed_on(&self, name: &str) -> Result<bool, Error> {
        let client = aws_sdk_cloudwatchlogs::Client::new(self.sdk);
        let mut pages = client
            .describe_subscription_filters()
            .log_group_name(name)
            .into_paginator()
            .items()
            .send();
        match pages.next().await {
            Some(filter) => {
                filter.call(DESCRIBE_SUBSCRIPTION_FILTERS).map(|_| true).map_err(Into::into)
            }
            None => Ok(false),
        }
    }

    /// The alarms of a Region.
    pub(super) async fn alarms(&self, region: &str) -> Result<Arc<Vec<Alarm>>, Error> {
        let mut known = self.alarms.lock().await;
        if let Some(alarms) = known.get(region) {
            return Ok(Arc::clone(alarms));
        }
        let found = Arc::new(alarms(&in_region(self.sdk, region)).await?);
        known.insert(region.to_owned(), Arc::clone(&found));
        Ok(found)
    }

    async fn filters(&self, group: &LogGroup) -> Result<Option<Arc<Vec<Filter>>>, Error> {
        let mut known = self.filters.lock().await;
        if let Some(filters) = known.get(group) {
            return Ok(filters.clone());
        }
        let client = aws_sdk_cloudwatchlogs::Client::new(&in_region(self.sdk, &group.region));
        let found = filters(&client, &group.name).await?.map(Arc::new);
        known.insert(group.clone(), found.clone());
        Ok(found)
    }
}
