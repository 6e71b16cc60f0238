//! Metrics over the window.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Metric, MetricDataQuery, MetricStat, StatusCode};
use fisc_shared::error::Call;
use fisc_shared::{Error, Run};

use super::parameters::WINDOW_HOURS;

pub(super) const GET_METRIC_DATA: &str = "cloudwatch:GetMetricData";

/// The most queries of one call.
const BATCH: usize = 500;

/// What is asked of a metric.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) metric: Metric,
    pub(super) statistic: String,
    /// Seconds; none: the whole window.
    pub(super) period: Option<i32>,
}

/// Folds two values into one.
pub(super) type Fold = fn(f64, f64) -> f64;

/// The extreme of each metric within the window; none without data.
pub(super) async fn extremes(
    client: &Client,
    asked: &[Asked],
    fold: Fold,
    run: &Run<'_>,
) -> Result<Vec<Option<f64>>, Error> {
    let hours = run.parameters.get(&WINDOW_HOURS);
    let seconds = hours.saturating_mul(3600);
    let end = run.now.as_second();
    let start = DateTime::from_secs(end.saturating_sub(seconds));
    let mut extremes = Vec::with_capacity(asked.len());
    for batch in asked.chunks(BATCH) {
        let queries = batch.iter().enumerate().map(|(place, one)| {
            let period = one.period.unwrap_or_else(|| i32::try_from(seconds).unwrap_or(i32::MAX));
            let stat = MetricStat::builder()
                .metric(one.metric.clone())
                .period(period)
                .stat(&one.statistic)
                .build();
            MetricDataQuery::builder().id(format!("q{place}")).metric_stat(stat).build()
        });
        let mut pages = client
            .get_metric_data()
            .set_metric_data_queries(Some(queries.collect()))
            .start_time(start)
            .end_time(DateTime::from_secs(end))
            .into_paginator()
            .send();
        let mut found: Vec<Option<f64>> = vec![None; batch.len()];
        while let Some(page) = pages.next().await {
            for result in page.call(GET_METRIC_DATA)?.metric_data_results() {
                let lacks = |field: &str| Error::Answer {
                    action: GET_METRIC_DATA,
                    field: format!("MetricDataResults[].{field}"),
                };
                let place = result.id().and_then(|id| id.strip_prefix('q')?.parse::<usize>().ok());
                let slot = place.and_then(|place| found.get_mut(place));
                let slot = slot.ok_or_else(|| lacks("Id of a query"))?;
                match result.status_code() {
                    Some(StatusCode::Complete | StatusCode::PartialData) => {}
                    other => {
                        let what = other.map_or("none", StatusCode::as_str);
                        return Err(lacks(&format!("StatusCode other than {what}")));
                    }
                }
                *slot = result.values().iter().copied().chain(*slot).reduce(fold);
            }
        }
        extremes.extend(found);
    }
    Ok(extremes)
}
