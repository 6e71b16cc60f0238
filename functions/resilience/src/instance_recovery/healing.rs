//! What watches the status checks of an instance, and what it starts.

use fisc_services::alarms::{Alarm, Found, Teller};
use fisc_services::alerts::Liveness;
use fisc_shared::{Error, Run};
use serde_json::{Value, json};

use super::instance::Instance;

const NAMESPACE: &str = "AWS/EC2";
const ANY: &str = "StatusCheckFailed";
const SYSTEM: &str = "StatusCheckFailed_System";
const OWN: &str = "StatusCheckFailed_Instance";

/// What alarms and rules do for an instance.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Healing {
    /// An alarm recovers it when its hardware fails.
    pub(super) recovers: bool,
    /// An alarm reboots it, or something else is started.
    pub(super) otherwise: bool,
    /// An alarm on its status checks tells somebody or acts.
    pub(super) alarmed: bool,
    /// A query with conditions may take it in.
    pub(super) unread: bool,
}

impl Healing {
    /// `needed`: whether it matters what is started.
    pub(super) async fn of(
        instance: &Instance,
        alarms: &[Alarm],
        teller: &Teller,
        run: &Run<'_>,
        needed: bool,
    ) -> Result<Self, Error> {
        let on = |check: &str| -> Vec<&Alarm> {
            let watches = |alarm: &&Alarm| {
                alarm.rises
                    && (alarm.watches(NAMESPACE, check, |one| one.has("InstanceId", &instance.id))
                        || alarm.asks(NAMESPACE, check) == Some(true))
            };
            alarms.iter().filter(watches).collect()
        };
        let (any, system, own) = (on(ANY), on(SYSTEM), on(OWN));
        let some = |alarm: &Alarm| alarm.asks(NAMESPACE, ANY) == Some(false);
        let mut healing = Self {
            // CloudWatch takes this action only for this check.
            recovers: system.iter().any(|alarm| acts(alarm, "recover")),
            unread: alarms.iter().any(|alarm| alarm.rises && some(alarm) && alarm.mute().is_none()),
            ..Self::default()
        };
        healing.alarmed = heard(&any, teller).await?
            || heard(&system, teller).await? && heard(&own, teller).await?;
        if needed {
            let all: Vec<&Alarm> = any.into_iter().chain(system).chain(own).collect();
            healing.otherwise = all.iter().any(|alarm| acts(alarm, "reboot"))
                || started(instance, &all, teller, run).await?;
        }
        Ok(healing)
    }
}

/// Whether an alarm does this to the instance: `arn:aws:automate:REGION:ec2:recover`, or
/// `arn:aws:swf:REGION:ACCOUNT:action/actions/AWS_EC2.InstanceId.Recover/1.0`.
fn acts(alarm: &Alarm, what: &str) -> bool {
    let does = |action: &String| {
        let action = action.to_ascii_lowercase();
        match action.split(':').nth(2) {
            Some("automate") => action.ends_with(&format!(":ec2:{what}")),
            Some("swf") => action.contains(&format!("aws_ec2.instanceid.{what}/")),
            _ => false,
        }
    };
    alarm.enabled && alarm.actions.iter().any(does)
}

/// Whether one of these alarms tells somebody, or acts on the instance.
async fn heard(alarms: &[&Alarm], teller: &Teller) -> Result<bool, Error> {
    let by_itself = |alarm: &&&Alarm| {
        ["recover", "reboot", "stop", "terminate"].iter().any(|what| acts(alarm, what))
    };
    if alarms.iter().any(|alarm| by_itself(&alarm)) {
        return Ok(true);
    }
    match teller.best(alarms).await? {
        Found::Undecided(why) => Err(undecided(&why)),
        found => Ok(found.alerts()),
    }
}

fn undecided(why: &str) -> Error {
    Error::Control(format!("it cannot be decided what the alarms of an instance start: {why}"))
}

/// Whether one of these alarms, or a rule on their events or on the instance's state, starts
/// something that can act.
async fn started(
    instance: &Instance,
    alarms: &[&Alarm],
    teller: &Teller,
    run: &Run<'_>,
) -> Result<bool, Error> {
    for action in alarms.iter().filter(|alarm| alarm.enabled).flat_map(|alarm| &alarm.actions) {
        if can_act(action, teller).await? {
            return Ok(true);
        }
    }
    let mut events = vec![stopped(instance, run)];
    events.extend(alarms.iter().map(|alarm| alarm.raised(run.account_id)));
    let mut unknown = None;
    for rule in teller.routes().default_rules().await?.iter() {
        let mut catches = false;
        for event in &events {
            match rule.catches(event) {
                Ok(caught) => catches |= caught,
                Err(why) => unknown = Some(format!("rule {}: {why}", rule.name)),
            }
        }
        for target in rule.targets.iter().filter(|_| catches) {
            if can_act(&target.arn, teller).await? {
                return Ok(true);
            }
        }
    }
    unknown.map_or(Ok(false), |why| Err(undecided(&why)))
}

/// Whether what is invoked can act, and is there.
async fn can_act(arn: &str, teller: &Teller) -> Result<bool, Error> {
    let acts = match arn.split(':').nth(2) {
        Some("lambda" | "states") => true,
        Some("ssm") => arn.contains(":automation-definition/"),
        _ => false,
    };
    Ok(acts && matches!(teller.routes().live(arn).await?, Liveness::Live | Liveness::Assumed))
}

/// The event that EC2 sends when the instance stopped.
fn stopped(instance: &Instance, run: &Run<'_>) -> Value {
    let (id, region, account) = (&instance.id, run.region, run.account_id);
    json!({
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": account,
        "time": "2026-11-02T03:04:05Z",
        "region": region,
        "resources": [format!("arn:aws:ec2:{region}:{account}:instance/{id}")],
        "detail": {"instance-id": id, "state": "stopped"}
    })
}
