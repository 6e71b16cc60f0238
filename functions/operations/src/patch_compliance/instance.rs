//! The verdict on an instance.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Reason, Remark, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::parameters::Bars;
use super::requirements::{
    IMMUTABLE_FLEET, INSTANCE_NOT_RUNNING, INSTANCE_STARTING, INSTANCE_TERMINATED,
    INVENTORY_MISSING, NOT_MANAGED, PATCH_SCAN_STALE, PATCH_SCHEDULE_MISSING, SCHEDULE_NOT_DECIDED,
    SSM_EXEMPT,
};
use super::schedule::{Reach, Schedules};
use crate::machines::Machine;
use crate::nodes::{DESCRIBE_INSTANCE_INFORMATION, Node};

pub(super) const DESCRIBE_PATCH_STATES: &str = "ssm:DescribeInstancePatchStates";

/// The most instances that one request may name.
const BATCH: usize = 50;

/// What services tell of instances, by the instances' ids.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) nodes: BTreeMap<String, Node>,
    /// When their software was last taken stock of.
    pub(super) inventories: BTreeMap<String, Option<Timestamp>>,
    /// When their last patch operation ended.
    pub(super) patched: BTreeMap<String, Timestamp>,
    pub(super) schedules: Schedules,
}

/// Why nothing is asked of an instance.
pub(super) fn left_out(machine: &Machine, bars: &Bars) -> Option<&'static Remark> {
    if machine.is_terminated() {
        Some(&INSTANCE_TERMINATED)
    } else if !machine.is_running() {
        Some(&INSTANCE_NOT_RUNNING)
    } else if machine.has_tag(&bars.exempt_tag) {
        Some(&SSM_EXEMPT)
    } else {
        None
    }
}

pub(super) fn decide(
    machine: &Machine,
    facts: &Facts,
    bars: &Bars,
    now: Timestamp,
) -> Result<Verdict, Error> {
    if let Some(remark) = left_out(machine, bars) {
        return Ok(Verdict::not_applicable(remark));
    }
    let starting = now.duration_since(machine.launched) < bars.grace;
    let mut failures = Failures::new();
    if let Some(why) = unreached(facts.nodes.get(&machine.id), bars, now)? {
        if starting {
            return Ok(Verdict::not_applicable(&INSTANCE_STARTING));
        }
        failures.because(&NOT_MANAGED, why);
        return Ok(failures.into_verdict());
    }
    let inventory = facts.inventories.get(&machine.id).copied().flatten();
    if !starting {
        inventoried(inventory, bars, now, &mut failures);
    }
    let notes = patched(machine, facts, bars, now, &mut failures);
    Ok(failures.into_verdict_with(notes))
}

/// Why Systems Manager does not reach an instance, if it does not.
fn unreached(node: Option<&Node>, bars: &Bars, now: Timestamp) -> Result<Option<Message>, Error> {
    let Some(node) = node else {
        return Ok(Some(message!(
            "The instance is not registered with Systems Manager",
            "インスタンスが Systems Manager に登録されていません"
        )));
    };
    let last = node.last_ping.ok_or_else(|| Error::Answer {
        action: DESCRIBE_INSTANCE_INFORMATION,
        field: "InstanceInformationList[].LastPingDateTime".to_owned(),
    })?;
    let silent = now.duration_since(last);
    let (hours, limit, status) = (silent.as_hours(), bars.ping.as_hours(), &node.status);
    Ok((silent > bars.ping).then(|| {
        message!(
            "Systems Manager last heard of the instance {hours} hours ago ({status}); at most \
             {limit} hours are accepted",
            "Systems Manager との最後の通信から {hours} 時間が経過しています({status}。上限 {limit} \
             時間)"
        )
    }))
}

fn inventoried(captured: Option<Timestamp>, bars: &Bars, now: Timestamp, failures: &mut Failures) {
    let Some(captured) = captured else { return failures.add(&INVENTORY_MISSING) };
    let age = now.duration_since(captured);
    if age > bars.inventory {
        let (hours, limit) = (age.as_hours(), bars.inventory.as_hours());
        failures.because(
            &INVENTORY_MISSING,
            message!(
                "The last software inventory is {hours} hours old; at most {limit} hours are \
                 accepted",
                "最後のソフトウェアインベントリから {hours} 時間が経過しています(上限 {limit} 時間)"
            ),
        );
    }
}

fn patched(
    machine: &Machine,
    facts: &Facts,
    bars: &Bars,
    now: Timestamp,
    failures: &mut Failures,
) -> Vec<Reason> {
    if machine.has_tag(&bars.immutable_tag) {
        return vec![IMMUTABLE_FLEET.reason()];
    }
    let mut notes = Vec::new();
    let last = facts.patched.get(&machine.id).copied();
    // An instance that was just started again is patched when its schedule comes round.
    let starting = now.duration_since(machine.launched) < bars.grace;
    let days = |since: Timestamp| now.duration_since(since).as_hours() / 24;
    let overdue = |limit: i64| {
        let since = last.unwrap_or(machine.created);
        let over = now.duration_since(since) > SignedDuration::from_hours(limit * 24);
        over && !starting
    };
    match facts.schedules.reach(machine) {
        Reach::No => failures.add(&PATCH_SCHEDULE_MISSING),
        _ if overdue(bars.interval_days) => {
            let limit = bars.interval_days;
            failures.because(
                &PATCH_SCHEDULE_MISSING,
                match last.map(days) {
                    Some(days) => message!(
                        "The patch schedule does not run: the last patch operation was {days} days \
                         ago (at most {limit})",
                        "パッチのスケジュールが実行されていません: 最後のパッチ操作は {days} 日前です\
                         (上限 {limit} 日)"
                    ),
                    None => message!(
                        "The patch schedule has never run on the instance",
                        "パッチのスケジュールがこのインスタンスで一度も実行されていません"
                    ),
                },
            );
        }
        Reach::Undecided => notes.push(SCHEDULE_NOT_DECIDED.reason()),
        Reach::Yes => {}
    }
    if overdue(bars.scan_days) {
        let limit = bars.scan_days;
        failures.because(
            &PATCH_SCAN_STALE,
            match last.map(days) {
                Some(days) => message!(
                    "The last patch operation was {days} days ago; at most {limit} days are \
                     accepted",
                    "最後のパッチ操作から {days} 日が経過しています(上限 {limit} 日)"
                ),
                None => message!(
                    "No patch operation is known of the instance",
                    "このインスタンスのパッチ操作の記録がありません"
                ),
            },
        );
    }
    notes
}

/// When the last patch operation of each of these instances ended.
///
/// # Errors
/// When the call fails, or answers an impossible time.
pub(super) async fn operations(
    client: &Client,
    ids: &[String],
) -> Result<BTreeMap<String, Timestamp>, Error> {
    let mut ended = BTreeMap::new();
    for batch in ids.chunks(BATCH) {
        let mut states = client
            .describe_instance_patch_states()
            .set_instance_ids(Some(batch.to_vec()))
            .into_paginator()
            .items()
            .send();
        while let Some(state) = states.next().await {
            let state = state.call(DESCRIBE_PATCH_STATES)?;
            let end = from_sdk(&state.operation_end_time).ok_or_else(|| Error::Answer {
                action: DESCRIBE_PATCH_STATES,
                field: "InstancePatchStates[].OperationEndTime".to_owned(),
            })?;
            ended.insert(state.instance_id, end);
        }
    }
    Ok(ended)
}
