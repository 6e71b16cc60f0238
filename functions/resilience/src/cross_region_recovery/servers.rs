//! Source servers of Elastic Disaster Recovery, which are kept in the Region of recovery.

use aws_sdk_drs::types::{DataReplicationState, SourceServer};
use aws_types::SdkConfig;
use fisc_services::regions::{in_region, offered};
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict, message};
use jiff::{Span, SpanRelativeTo, Unit};

use super::{DRS_LAG_OVER_RPO, DRS_NOT_REPLICATING, DRS_REGIONS, MAX_DRS_LAG_SECONDS};

pub(super) const DESCRIBE_SOURCE_SERVERS: &str = "drs:DescribeSourceServers";

/// How an instance is replicated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) instance: String,
    pub(super) region: String,
    /// The state, when no recovery point follows the instance in it.
    pub(super) broken: Option<String>,
    pub(super) lag_seconds: i64,
}

/// The source servers in the Regions of recovery.
pub(super) async fn all(sdk: &SdkConfig, run: &Run<'_>) -> Result<Vec<Server>, Error> {
    let mut servers = Vec::new();
    for region in run.parameters.get(&DRS_REGIONS) {
        if region == run.region {
            continue;
        }
        let client = aws_sdk_drs::Client::new(&in_region(sdk, &region));
        let mut pages = client.describe_source_servers().into_paginator().items().send();
        while let Some(server) = pages.next().await {
            let answer = match server.call(DESCRIBE_SOURCE_SERVERS) {
                // The service was never set up in this Region.
                Err(error) if error.is("UninitializedAccountException") => break,
                answer => answer.map_err(|error| {
                    let message = format!("in {region}: {}", error.message);
                    Error::from(ServiceError { message, ..error })
                }),
            };
            match offered(answer)? {
                Some(server) => servers.extend(read(&server, &region)?),
                None => break,
            }
        }
    }
    Ok(servers)
}

/// A source server that is an instance; none for a server elsewhere.
fn read(server: &SourceServer, region: &str) -> Result<Option<Server>, Error> {
    let hints = server.source_properties().and_then(|source| source.identification_hints());
    let Some(instance) =
        hints.and_then(|hints| hints.aws_instance_id()).filter(|id| !id.is_empty())
    else {
        return Ok(None);
    };
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_SOURCE_SERVERS,
        field: format!("items[].dataReplicationInfo.{field}"),
    };
    let info = server.data_replication_info().ok_or_else(|| lacks(""))?;
    let state = info.data_replication_state().ok_or_else(|| lacks("dataReplicationState"))?;
    let error = info.data_replication_error().and_then(|error| error.error());
    let broken = match (state, error) {
        (_, Some(error)) => Some(format!("{state}, {error}")),
        (
            DataReplicationState::Backlog
            | DataReplicationState::Continuous
            | DataReplicationState::CreatingSnapshot
            | DataReplicationState::Rescan,
            None,
        ) => None,
        (
            DataReplicationState::Disconnected
            | DataReplicationState::InitialSync
            | DataReplicationState::Initiating
            | DataReplicationState::Paused
            | DataReplicationState::Stalled
            | DataReplicationState::Stopped,
            None,
        ) => Some(state.to_string()),
        _ => return Err(lacks(&format!("dataReplicationState: {state}"))),
    };
    // Absent when nothing lags.
    let lag_seconds = match info.lag_duration().filter(|lag| !lag.is_empty()) {
        Some(lag) => seconds(lag).ok_or_else(|| lacks("lagDuration"))?,
        None => 0,
    };
    Ok(Some(Server {
        instance: instance.to_owned(),
        region: region.to_owned(),
        broken,
        lag_seconds,
    }))
}

/// The seconds of an ISO 8601 duration, the last one as if it was over.
pub(super) fn seconds(duration: &str) -> Option<i64> {
    let span: Span = duration.parse().ok()?;
    let total = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours())).ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "a float converts saturating")]
    let seconds = total.ceil() as i64;
    Some(seconds)
}

/// The verdict on an instance.
pub(super) fn decide(instance: &str, servers: &[Server], run: &Run<'_>) -> Verdict {
    let mut failures = Failures::new();
    let mut own = servers.iter().filter(|server| server.instance == instance).peekable();
    if own.peek().is_none() {
        failures.add(&DRS_NOT_REPLICATING);
        return failures.into_verdict();
    }
    let limit = run.parameters.get(&MAX_DRS_LAG_SECONDS);
    // One Region in which it can be recovered is enough.
    let mut best: Option<Failures> = None;
    for Server { region, broken, lag_seconds, .. } in own {
        let mut failures = Failures::new();
        if let Some(state) = broken {
            failures.because(
                &DRS_NOT_REPLICATING,
                message!(
                    "The replication to {region} does not run ({state})",
                    "{region} への複製が行われていません({state})"
                ),
            );
        }
        if *lag_seconds > limit {
            failures.because(
                &DRS_LAG_OVER_RPO,
                message!(
                    "The replication to {region} lags {lag_seconds} seconds; at most {limit} \
                     seconds are accepted",
                    "{region} への複製が {lag_seconds} 秒遅れています(上限 {limit} 秒)"
                ),
            );
        }
        if broken.is_none() && *lag_seconds <= limit {
            return Verdict::compliant();
        }
        best.get_or_insert(failures);
    }
    best.unwrap_or_default().into_verdict()
}
