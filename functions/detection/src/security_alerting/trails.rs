//! What CloudTrail records where, and the metric filters on it.

use aws_sdk_cloudwatchlogs::types::MetricFilter;
use fisc_shared::Error;
use fisc_shared::error::Call;
use fisc_shared::pattern::{FilterPattern, FilterPatternError, Match};

use super::alarms::Metric;

/// The IAM action of the call.
pub(super) const DESCRIBE_TRAILS: &str = "cloudtrail:DescribeTrails";
/// The IAM action of the call.
pub(super) const DESCRIBE_METRIC_FILTERS: &str = "logs:DescribeMetricFilters";

/// A trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trail {
    /// The Region that it records; all of them without one.
    pub(super) region: Option<String>,
    pub(super) log_group: Option<LogGroup>,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LogGroup {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) name: String,
}

impl LogGroup {
    /// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`
    pub(super) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(7, ':').skip(3);
        let (region, account) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        (parts.next()? == "log-group").then_some(())?;
        let name = parts.next()?;
        let name = name.strip_suffix(":*").unwrap_or(name).to_owned();
        Some(Self { account, region, name })
    }
}

impl Trail {
    /// Whether it records what happens in a Region.
    pub(super) fn records(&self, region: &str) -> bool {
        self.region.as_ref().is_none_or(|own| own == region)
    }
}

/// All trails that record something of the Region or of all Regions, those of the organization
/// included.
pub(super) async fn trails(client: &aws_sdk_cloudtrail::Client) -> Result<Vec<Trail>, Error> {
    let answer = client.describe_trails().include_shadow_trails(true).send().await;
    let answer = answer.call(DESCRIBE_TRAILS)?;
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_TRAILS,
        field: format!("trailList[].{field}"),
    };
    let read = |trail: &aws_sdk_cloudtrail::types::Trail| {
        let everywhere =
            trail.is_multi_region_trail().ok_or_else(|| lacks("IsMultiRegionTrail"))?;
        let home = trail.home_region().ok_or_else(|| lacks("HomeRegion"))?;
        let log_group = match trail.cloud_watch_logs_log_group_arn().filter(|arn| !arn.is_empty()) {
            Some(arn) => Some(
                LogGroup::of_arn(arn).ok_or_else(|| lacks("CloudWatchLogsLogGroupArn as ARN"))?,
            ),
            None => None,
        };
        Ok(Trail { region: (!everywhere).then(|| home.to_owned()), log_group })
    };
    answer.trail_list().iter().map(read).collect()
}

/// A metric filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter {
    pub(super) name: String,
    /// What it counts; it cannot be told when it looks at transformed events.
    pub(super) pattern: Result<FilterPattern, String>,
    pub(super) metrics: Vec<Metric>,
}

impl Filter {
    pub(super) fn read(filter: MetricFilter) -> Self {
        let text = filter.filter_pattern.unwrap_or_default();
        let pattern = if filter.apply_on_transformed_logs {
            Err("it filters transformed events".to_owned())
        } else {
            FilterPattern::parse(&text).map_err(|error: FilterPatternError| error.to_string())
        };
        let transformations = filter.metric_transformations.unwrap_or_default().into_iter();
        let metrics = transformations
            // A count of nothing raises no alarm.
            .filter(|one| one.metric_value.parse::<f64>().ok() != Some(0.0))
            .map(|one| {
                let mut dimensions: Vec<String> =
                    one.dimensions.unwrap_or_default().into_keys().collect();
                dimensions.sort_unstable();
                Metric { namespace: one.metric_namespace, name: one.metric_name, dimensions }
            });
        Self { name: filter.filter_name.unwrap_or_default(), pattern, metrics: metrics.collect() }
    }

    /// Whether it counts an event.
    pub(super) fn counts(&self, message: &str) -> Result<bool, String> {
        match self.pattern.as_ref().map_err(Clone::clone)?.matches(message) {
            Match::Yes => Ok(true),
            Match::No => Ok(false),
            Match::Undecided(why) => Err(why.to_string()),
        }
    }
}

/// The metric filters of a log group; `None` when there is no such group.
pub(super) async fn filters(
    client: &aws_sdk_cloudwatchlogs::Client,
    group: &str,
) -> Result<Option<Vec<Filter>>, Error> {
    let mut pages =
        client.describe_metric_filters().log_group_name(group).into_paginator().items().send();
    let mut filters = Vec::new();
    while let Some(filter) = pages.next().await {
        match filter.call(DESCRIBE_METRIC_FILTERS) {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(None),
            filter => filters.push(Filter::read(filter?)),
        }
    }
    Ok(Some(filters))
}
