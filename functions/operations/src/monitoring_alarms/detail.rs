//! Detailed monitoring, as items tell it.

use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, ResourceType, Run, message};

use super::parameters::REQUIRE_INSIGHTS;
use super::requirements::{
    CONTAINER_INSIGHTS_OFF, DETAILED_MONITORING_OFF, RDS_ENHANCED_MONITORING_OFF, RDS_INSIGHTS_OFF,
};

/// The largest interval of enhanced monitoring, in seconds.
const MAX_INTERVAL: i64 = 60;

/// What the item of a critical resource fails by itself.
pub(super) fn detail(
    item: &ConfigurationItem,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), ItemError> {
    let fields = item.configuration()?;
    let kind = item.resource_type.as_str();
    if kind == ResourceType::EC2_INSTANCE.name {
        // On its way on, it counts.
        if !matches!(text(&part(&fields, "monitoring")?, "state")?, "enabled" | "pending") {
            failures.add(&DETAILED_MONITORING_OFF);
        }
    } else if kind == ResourceType::RDS_DB_INSTANCE.name {
        if !monitors_otherwise(text(&fields, "engine")?) {
            database(&fields, run, failures)?;
        }
    } else if kind == ResourceType::RDS_DB_CLUSTER.name {
        // Only a Multi-AZ DB cluster has a class; the instances of others carry the settings.
        let engine = text(&fields, "engine")?;
        let multi_az = fields.text("dbclusterInstanceClass")?.is_some_and(|one| !one.is_empty());
        if multi_az && !engine.starts_with("aurora") && !monitors_otherwise(engine) {
            database(&fields, run, failures)?;
        }
    } else if kind == ResourceType::ECS_CLUSTER.name && !insights(&fields)? {
        failures.add(&CONTAINER_INSIGHTS_OFF);
    }
    Ok(())
}

/// Engines without enhanced monitoring.
fn monitors_otherwise(engine: &str) -> bool {
    matches!(engine, "docdb" | "neptune")
}

fn database(fields: &Fields<'_>, run: &Run<'_>, failures: &mut Failures) -> Result<(), ItemError> {
    const INTERVAL: &str = "monitoringInterval";
    let seconds = fields.integer(INTERVAL)?.ok_or_else(|| fields.missing(INTERVAL))?;
    if !(1..=MAX_INTERVAL).contains(&seconds) {
        failures.because(
            &RDS_ENHANCED_MONITORING_OFF,
            message!(
                "interval of enhanced monitoring: {seconds} s",
                "拡張モニタリングの間隔: {seconds} 秒"
            ),
        );
    }
    const INSIGHTS: &str = "performanceInsightsEnabled";
    if run.parameters.get(&REQUIRE_INSIGHTS)
        && !fields.flag(INSIGHTS)?.ok_or_else(|| fields.missing(INSIGHTS))?
    {
        failures.add(&RDS_INSIGHTS_OFF);
    }
    Ok(())
}

/// Settings that were never set are off, the default.
fn insights(fields: &Fields<'_>) -> Result<bool, ItemError> {
    for setting in fields.list("ClusterSettings")?.unwrap_or_default() {
        if text(&setting, "Name")? == "containerInsights" {
            return Ok(matches!(text(&setting, "Value")?, "enabled" | "enhanced"));
        }
    }
    Ok(false)
}
