//! The verdicts on VPCs and flow logs, from facts alone.

use std::collections::BTreeSet;

use fisc_shared::ec2::FlowLog;
use fisc_shared::ec2::action::DESCRIBE_FLOW_LOGS;
use fisc_shared::item::ItemError;
use fisc_shared::parameter::ParameterError;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::{
    ALL_DELIVERIES_FAILING, ALLOWED_DESTINATIONS, DELIVERY_FAILED, DESTINATION_MISSING,
    DESTINATION_TYPE_NOT_ALLOWED, FLOW_LOG_MISSING, TRAFFIC_TYPE_INSUFFICIENT, TRAFFIC_TYPES,
};

const LOG_GROUP: &str = "cloud-watch-logs";

/// What flow logs record of the traffic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    accepted: bool,
    rejected: bool,
}

impl Traffic {
    /// What a traffic type stands for.
    fn of(name: &str) -> Option<Self> {
        let (accepted, rejected) = match name {
            "ALL" => (true, true),
            "ACCEPT" => (true, false),
            "REJECT" => (false, true),
            _ => return None,
        };
        Some(Self { accepted, rejected })
    }

    const fn covers(self, wanted: Self) -> bool {
        (self.accepted || !wanted.accepted) && (self.rejected || !wanted.rejected)
    }

    /// The kinds of traffic of which one must be recorded.
    pub(super) fn wanted(run: &Run<'_>) -> Result<Vec<Self>, Error> {
        let given = run.parameters.get(&TRAFFIC_TYPES);
        let wanted: Option<Vec<Self>> = given.iter().map(|name| Self::of(name)).collect();
        let wanted = wanted.filter(|wanted| !wanted.is_empty());
        wanted.ok_or_else(|| {
            let given: String = given.join(",").chars().take(40).collect();
            Error::from(ParameterError::Invalid {
                name: TRAFFIC_TYPES.spec.name,
                problem: "takes ALL, ACCEPT and REJECT, at least one of them".to_owned(),
                got: format!("{given:?}"),
            })
        })
    }

    /// What the flow logs of a VPC record together. A type that is not known adds nothing.
    fn recorded(logs: &[&FlowLog]) -> Result<Self, Error> {
        let mut recorded = Self::default();
        for log in logs {
            let name = log.traffic_type.as_deref().ok_or_else(|| Error::Answer {
                action: DESCRIBE_FLOW_LOGS,
                field: format!("trafficType of {}", log.id),
            })?;
            let one = Self::of(name).unwrap_or_default();
            recorded.accepted |= one.accepted;
            recorded.rejected |= one.rejected;
        }
        Ok(recorded)
    }
}

/// The verdict on a VPC by the flow logs of the account, of which only its own count.
pub(super) fn vpc_verdict(vpc: &str, logs: &[FlowLog], run: &Run<'_>) -> Result<Verdict, Error> {
    let wanted = Traffic::wanted(run)?;
    let satisfied = |logs: &[&FlowLog]| {
        let recorded = Traffic::recorded(logs)?;
        Ok::<_, Error>(wanted.iter().any(|one| recorded.covers(*one)))
    };
    let active: Vec<&FlowLog> =
        logs.iter().filter(|log| log.resource_id == vpc && log.is_active()).collect();
    let mut failures = Failures::new();
    if active.is_empty() {
        failures.add(&FLOW_LOG_MISSING);
        return Ok(failures.into_verdict());
    }
    let delivered: Vec<&FlowLog> = active.iter().copied().filter(|log| !log.is_failing()).collect();
    let recorded = satisfied(&active)?;
    if !recorded {
        let types: BTreeSet<&str> =
            active.iter().filter_map(|log| log.traffic_type.as_deref()).collect();
        let Message { en, ja } = Message::named(&types.into_iter().collect::<Vec<_>>());
        failures.because(
            &TRAFFIC_TYPE_INSUFFICIENT,
            message!("Only {en} is recorded", "記録しているのは {ja} のみです"),
        );
    }
    if delivered.is_empty() || (recorded && !satisfied(&delivered)?) {
        let failing: Vec<&str> =
            active.iter().filter(|log| log.is_failing()).map(|log| log.id.as_str()).collect();
        let Message { en, ja } = Message::named(&failing);
        failures.because(
            &ALL_DELIVERIES_FAILING,
            message!("Delivery fails: {en}", "配信に失敗しています: {ja}"),
        );
    }
    Ok(failures.into_verdict())
}

/// The flow log of an item.
pub(super) fn of_item(item: &ConfigurationItem) -> Result<FlowLog, ItemError> {
    let fields = item.configuration()?;
    let owned = |key: &str| {
        let text = fields.text(key)?.filter(|text| !text.is_empty());
        Ok::<_, ItemError>(text.map(str::to_owned))
    };
    let log = FlowLog {
        id: item.resource_id.clone(),
        resource_id: owned("resourceId")?.unwrap_or_default(),
        status: owned("flowLogStatus")?.ok_or_else(|| fields.missing("flowLogStatus"))?,
        delivery: owned("deliverLogsStatus")?,
        delivery_error: owned("deliverLogsErrorMessage")?,
        destination_type: owned("logDestinationType")?,
        destination: owned("logDestination")?,
        log_group: owned("logGroupName")?,
        ..FlowLog::default()
    };
    if log.log_group.is_none() {
        match log.destination_type.as_deref() {
            None => return Err(fields.missing("logDestinationType")),
            Some(LOG_GROUP) if log.destination.is_none() => {
                return Err(fields.missing("logGroupName"));
            }
            Some(_) => {}
        }
    }
    Ok(log)
}

/// The type of a flow log's destination. Those from before there was a choice do not name it.
fn destination_type(log: &FlowLog) -> Result<&str, Error> {
    log.destination_type
        .as_deref()
        .or_else(|| log.log_group.is_some().then_some(LOG_GROUP))
        .ok_or_else(|| lacks(log, "logDestinationType"))
}

/// The log group of this account and Region to which a flow log goes, if it goes to one.
pub(super) fn own_log_group<'a>(log: &'a FlowLog, run: &Run<'_>) -> Result<Option<&'a str>, Error> {
    if destination_type(log)? != LOG_GROUP {
        return Ok(None);
    }
    // arn:aws:logs:REGION:ACCOUNT:log-group:NAME, with or without :* behind it.
    let arn: Vec<&str> =
        log.destination.iter().flat_map(|arn| arn.splitn(8, ':').skip(3).take(4)).collect();
    let named = match arn.as_slice() {
        [region, account, "log-group", name] => {
            if *region != run.region || *account != run.account_id {
                return Ok(None);
            }
            Some(*name)
        }
        _ => None,
    };
    let name = log.log_group.as_deref().or(named);
    name.map(Some).ok_or_else(|| lacks(log, "logGroupName"))
}

fn lacks(log: &FlowLog, field: &str) -> Error {
    Error::Answer { action: DESCRIBE_FLOW_LOGS, field: format!("{field} of {}", log.id) }
}

/// The verdict on a flow log; `groups` are the log groups that exist.
pub(super) fn flow_log_verdict(
    log: &FlowLog,
    groups: &BTreeSet<String>,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    if !log.is_active() {
        let status = &log.status;
        failures.because(
            &DELIVERY_FAILED,
            message!("The flow log is {status}", "フローログの状態が {status} です"),
        );
    } else if log.is_failing() {
        let why = log.delivery_error.as_deref().unwrap_or("FAILED");
        failures.because(
            &DELIVERY_FAILED,
            message!("The delivery fails: {why}", "配信に失敗しています: {why}"),
        );
    }
    if let Some(group) = own_log_group(log, run)?.filter(|group| !groups.contains(*group)) {
        failures.because(
            &DESTINATION_MISSING,
            message!("Log group {group} does not exist", "ロググループ {group} は存在しません"),
        );
    }
    let kind = destination_type(log)?;
    if !run.parameters.get(&ALLOWED_DESTINATIONS).iter().any(|allowed| allowed == kind) {
        failures.because(
            &DESTINATION_TYPE_NOT_ALLOWED,
            message!("The logs go to {kind}", "送信先の種類は {kind} です"),
        );
    }
    Ok(failures.into_verdict())
}
