//! Metric filters of CloudWatch Logs.

use aws_sdk_cloudwatchlogs::types::MetricFilter;
use fisc_shared::Error;
use fisc_shared::error::Call;
use fisc_shared::pattern::{FilterPattern, FilterPatternError, Match};

use crate::alarms::Alarm;

/// The IAM action of the call.
pub const DESCRIBE_METRIC_FILTERS: &str = "logs:DescribeMetricFilters";

/// A metric that a filter counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The names of its dimensions in order; the values are those of each event.
    pub dimensions: Vec<String>,
}

impl Counted {
    /// Whether an alarm watches it. With dimensions it watches one value of each.
    #[must_use]
    pub fn watched_by(&self, alarm: &Alarm) -> bool {
        alarm.watches(&self.namespace, &self.name, |metric| {
            metric.dimensions.iter().map(|one| &one.name).eq(&self.dimensions)
        })
    }
}

/// A metric filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Its name.
    pub name: String,
    /// What it counts; it cannot be told when it looks at transformed events.
    pub pattern: Result<FilterPattern, String>,
    /// What it counts in.
    pub metrics: Vec<Counted>,
}

impl Filter {
    /// Reads what CloudWatch Logs answers.
    #[must_use]
    pub fn read(filter: MetricFilter) -> Self {
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
                Counted { namespace: one.metric_namespace, name: one.metric_name, dimensions }
            });
        Self { name: filter.filter_name.unwrap_or_default(), pattern, metrics: metrics.collect() }
    }

    /// Whether it counts an event.
    ///
    /// # Errors
    /// When that cannot be told: why.
    pub fn counts(&self, message: &str) -> Result<bool, String> {
        match self.pattern.as_ref().map_err(Clone::clone)?.matches(message) {
            Match::Yes => Ok(true),
            Match::No => Ok(false),
            Match::Undecided(why) => Err(why.to_string()),
        }
    }
}

/// The metric filters of a log group; `None` when there is no such group.
///
/// # Errors
/// When the call fails.
pub async fn filters(
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
