//! Storage of databases.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric};
use fisc_shared::item::ItemError;
use fisc_shared::item::required::text;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::parameters::{MIN_FREE_STORAGE_PERCENT, STORAGE_HEADROOM_PERCENT};
use super::requirements::{
    CLUSTER_STORAGE, FREE_STORAGE_LOW, MAGNETIC_STORAGE, STORAGE_AUTOSCALING_OFF,
    STORAGE_GROWS_BY_ITSELF,
};
use super::usage::{Asked, extremes};

/// A database with storage of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Database {
    name: String,
    /// GiB.
    allocated: i64,
    /// GiB to which it grows by itself.
    most: Option<i64>,
}

/// Reads an item, or says why it does not apply.
pub(super) fn read(item: &ConfigurationItem) -> Result<Result<Database, Verdict>, ItemError> {
    let fields = item.configuration()?;
    let engine = text(&fields, "engine")?;
    if engine.starts_with("aurora") || matches!(engine, "docdb" | "neptune") {
        return Ok(Err(Verdict::not_applicable(&STORAGE_GROWS_BY_ITSELF)));
    }
    if fields.text("dBClusterIdentifier")?.is_some_and(|name| !name.is_empty()) {
        return Ok(Err(Verdict::not_applicable(&CLUSTER_STORAGE)));
    }
    if text(&fields, "storageType")? == "standard" {
        return Ok(Err(Verdict::not_applicable(&MAGNETIC_STORAGE)));
    }
    const ALLOCATED: &str = "allocatedStorage";
    Ok(Ok(Database {
        name: text(&fields, "dBInstanceIdentifier")?.to_owned(),
        allocated: fields.integer(ALLOCATED)?.ok_or_else(|| fields.missing(ALLOCATED))?,
        // Absent where the storage does not grow.
        most: fields.integer("maxAllocatedStorage")?,
    }))
}

/// Whether the storage cannot grow enough by itself.
fn stuck(database: &Database, run: &Run<'_>) -> bool {
    let headroom = run.parameters.get(&STORAGE_HEADROOM_PERCENT);
    let needed = database.allocated.saturating_mul(headroom.saturating_add(100));
    database.most.is_none_or(|most| most.saturating_mul(100) < needed)
}

/// What the item alone decides where nobody can be asked.
pub(super) fn preview(database: &Database, run: &Run<'_>) -> Option<Verdict> {
    (run.offline && stuck(database, run)).then(|| {
        let mut failures = Failures::new();
        failures.add(&STORAGE_AUTOSCALING_OFF);
        failures.into_verdict()
    })
}

/// Judges databases, by what they have free.
pub(super) async fn judge(
    client: &Client,
    databases: &[Database],
    run: &Run<'_>,
) -> Result<Vec<Verdict>, Error> {
    let asked: Vec<Asked> = databases
        .iter()
        .map(|database| Asked {
            metric: Metric::builder()
                .namespace("AWS/RDS")
                .metric_name("FreeStorageSpace")
                .dimensions(
                    Dimension::builder().name("DBInstanceIdentifier").value(&database.name).build(),
                )
                .build(),
            statistic: "Minimum".to_owned(),
            period: None,
        })
        .collect();
    let free = extremes(client, &asked, f64::min, run).await?;
    let least = run.parameters.get(&MIN_FREE_STORAGE_PERCENT);
    let judged = databases.iter().zip(free).map(|(database, free)| {
        let mut failures = Failures::new();
        if stuck(database, run) {
            failures.add(&STORAGE_AUTOSCALING_OFF);
        }
        // A database that is stopped sends no data.
        if let Some(free) = free {
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            let (all, least) = (database.allocated as f64 * 1024.0 * 1024.0 * 1024.0, least as f64);
            let percent = free / all * 100.0;
            if percent < least {
                failures.because(
                    &FREE_STORAGE_LOW,
                    message!("free storage: {percent:.0}%", "空き容量: {percent:.0}%"),
                );
            }
        }
        failures.into_verdict()
    });
    Ok(judged.collect())
}
