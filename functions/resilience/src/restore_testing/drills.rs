//! Failovers of databases and caches: who can fail over, and who did.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_sdk_rds::types::SourceType;
use fisc_shared::config_service::{from_sdk, to_sdk};
use fisc_shared::error::Call;
use fisc_shared::item::ItemError;
use fisc_shared::item::required::{flag, text};
use fisc_shared::{ConfigurationItem, Error, ResourceType, Run};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{self, TimeZone};
use serde_json::Value;

use super::{FAILOVER_MAX_DAYS, days_ago};

pub(super) const LOOKUP_EVENTS: &str = "cloudtrail:LookupEvents";
pub(super) const DESCRIBE_EVENTS: &str = "rds:DescribeEvents";

/// How far the events of RDS reach.
const FORTNIGHT_MINUTES: i32 = 14 * 24 * 60;
/// The calls that fail a database over.
pub(super) const DATABASE_CALLS: [&str; 4] =
    ["FailoverDBCluster", "RebootDBInstance", "SwitchoverGlobalCluster", "FailoverGlobalCluster"];
/// The call that fails a cache over.
pub(super) const CACHE_CALL: &str = "TestFailover";

/// A database that can fail over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Database {
    /// The name and the ARN by which events know it.
    names: BTreeSet<String>,
}

impl Database {
    /// The database, if the item is one that has a standby.
    pub(super) fn of(item: &ConfigurationItem) -> Result<Option<Self>, ItemError> {
        let name = match item.resource_type.as_str() {
            name if name == ResourceType::RDS_DB_INSTANCE.name => {
                let fields = item.configuration()?;
                // A member of a cluster fails over with it.
                let member =
                    fields.text("dBClusterIdentifier")?.is_some_and(|name| !name.is_empty());
                if member || !flag(&fields, "multiAZ")? {
                    return Ok(None);
                }
                text(&fields, "dBInstanceIdentifier")?
            }
            name if name == ResourceType::RDS_DB_CLUSTER.name => {
                let fields = item.configuration()?;
                let members = fields
                    .list("dbclusterMembers")?
                    .ok_or_else(|| fields.missing("dbclusterMembers"))?;
                if members.len() < 2 {
                    return Ok(None);
                }
                text(&fields, "dbclusterIdentifier")?
            }
            _ => return Ok(None),
        };
        let names = std::iter::once(name).chain(item.arn.as_deref());
        Ok(Some(Self { names: names.map(str::to_lowercase).collect() }))
    }

    /// Whether one of the failovers was of this database.
    pub(super) fn failed_over(&self, failovers: &[Failover]) -> bool {
        failovers.iter().any(|failover| !self.names.is_disjoint(&failover.names))
    }
}

/// A failover that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failover {
    /// The names and ARNs of what took part, in lower case.
    pub(super) names: BTreeSet<String>,
}

/// The failover that an event of CloudTrail tells, unless the call failed or did something else.
pub(super) fn of_event(event: &Value) -> Option<Failover> {
    if event.get("errorCode").is_some_and(|code| !code.is_null()) {
        return None;
    }
    let request = event.get("requestParameters")?;
    let given = |key: &str| request.get(key).and_then(Value::as_str);
    let mut names = BTreeSet::new();
    match event.get("eventName")?.as_str()? {
        // Without the flag it is a reboot in place.
        "RebootDBInstance" => {
            let forced = request.get("forceFailover")?;
            if forced.as_bool() == Some(true) || forced.as_str() == Some("true") {
                names.extend(given("dBInstanceIdentifier"));
            }
        }
        "FailoverDBCluster" => names.extend(given("dBClusterIdentifier")),
        "SwitchoverGlobalCluster" | "FailoverGlobalCluster" => {
            names.extend(given("targetDbClusterIdentifier"));
            let members = event.pointer("/responseElements/globalClusterMembers");
            for member in members.and_then(Value::as_array).into_iter().flatten() {
                names.extend(member.get("dBClusterArn").and_then(Value::as_str));
            }
        }
        CACHE_CALL => names.extend(given("replicationGroupId")),
        _ => {}
    }
    let names: BTreeSet<String> = names.into_iter().map(str::to_lowercase).collect();
    (!names.is_empty()).then_some(Failover { names })
}

/// The failovers that these calls began within the accepted time, by the event history.
///
/// CloudTrail answers two such questions a second: the SDK waits and asks again.
pub(super) async fn called(
    client: &aws_sdk_cloudtrail::Client,
    calls: &[&str],
    run: &Run<'_>,
) -> Result<Vec<Failover>, Error> {
    let lacks = |field: String| Error::Answer { action: LOOKUP_EVENTS, field };
    let since = days_ago(run.parameters.get(&FAILOVER_MAX_DAYS), run);
    let mut failovers = Vec::new();
    for call in calls {
        let by_name = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::EventName)
            .attribute_value(*call)
            .build()
            .map_err(|error| Error::Control(error.to_string()))?;
        let ask = client.lookup_events().lookup_attributes(by_name).start_time(to_sdk(since));
        let mut pages = ask.into_paginator().items().send();
        while let Some(event) = pages.next().await {
            let event = event.call(LOOKUP_EVENTS)?;
            let text = event
                .cloud_trail_event()
                .ok_or_else(|| lacks("Events[].CloudTrailEvent".to_owned()))?;
            let event: Value = serde_json::from_str(text)
                .map_err(|error| lacks(format!("Events[].CloudTrailEvent: {error}")))?;
            failovers.extend(of_event(&event));
        }
    }
    Ok(failovers)
}

/// The failovers that RDS completed in the last fortnight, planned or not.
pub(super) async fn completed(
    client: &aws_sdk_rds::Client,
    run: &Run<'_>,
) -> Result<Vec<Failover>, Error> {
    let since = days_ago(run.parameters.get(&FAILOVER_MAX_DAYS), run);
    let mut failovers = Vec::new();
    for source in [SourceType::DbInstance, SourceType::DbCluster] {
        let ask = client
            .describe_events()
            .source_type(source)
            .event_categories("failover")
            .duration(FORTNIGHT_MINUTES);
        let mut pages = ask.into_paginator().items().send();
        while let Some(event) = pages.next().await {
            let event = event.call(DESCRIBE_EVENTS)?;
            let at = event.date().and_then(from_sdk).ok_or_else(|| Error::Answer {
                action: DESCRIBE_EVENTS,
                field: "Events[].Date".to_owned(),
            })?;
            // The same category also tells that one began, or failed.
            let ended = event.message().is_some_and(|text| text.to_lowercase().contains("complet"));
            if ended && at >= since {
                let names = event.source_identifier().into_iter().chain(event.source_arn());
                failovers.push(Failover { names: names.map(str::to_lowercase).collect() });
            }
        }
    }
    Ok(failovers)
}

/// The moment that a tag tells: a date, as people in Japan count days, or an instant.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let japan = TimeZone::fixed(tz::offset(9));
    let midnight = |date: Date| date.to_zoned(japan).ok();
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| text.parse::<Date>().ok().and_then(midnight).map(|zoned| zoned.timestamp()))
}
