//! The verdict on an alarm.

use fisc_services::alarms::{Alarm, Found, Teller};
use fisc_shared::item::required::flag;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::parameters::MAX_INSUFFICIENT_DATA_HOURS;
use super::requirements::{
    ACTS_ONLY, ALARM_INSUFFICIENT_DATA, ALARM_NOT_LISTED, ALARM_REACHES_NOBODY,
    ALARM_WITHOUT_ACTION, ALERTED_CENTRALLY, FEEDS_COMPOSITE, SCALING_ALARM,
};
use super::subjects::decided;

/// What the item alone decides.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let actions = fields.list("alarmActions")?.unwrap_or_default();
    let actions = actions.iter().map(fisc_shared::item::Fields::as_text);
    let actions = actions.collect::<Result<Vec<_>, _>>()?;
    let name = fields.text("alarmName")?.or(item.resource_name.as_deref()).unwrap_or_default();
    if serves_scaling(name, &actions) {
        return Ok(Some(Verdict::not_applicable(&SCALING_ALARM)));
    }
    let enabled = flag(&fields, "actionsEnabled")?;
    // Where nobody can be asked about composite alarms and rules, the item is all there is.
    Ok((run.offline && (!enabled || actions.is_empty())).then(|| {
        let mut failures = Failures::new();
        failures.add(&ALARM_WITHOUT_ACTION);
        failures.into_verdict()
    }))
}

/// Alarms of target tracking have a name of their own; those of step scaling only its action.
fn serves_scaling(name: &str, actions: &[&str]) -> bool {
    let scales = |action: &&str| action.split(':').nth(2) == Some("autoscaling");
    name.starts_with("TargetTracking-") || !actions.is_empty() && actions.iter().all(scales)
}

/// Whether an action works on a resource instead of telling somebody.
fn works(action: &str) -> bool {
    matches!(action.split(':').nth(2), Some("automate" | "swf" | "autoscaling"))
}

/// Judges an alarm by what CloudWatch lists.
pub(super) async fn judge(
    arn: &str,
    alarms: &[Alarm],
    teller: &Teller,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let Some(alarm) = alarms.iter().find(|one| one.arn == arn) else {
        return Ok(Verdict::not_applicable(&ALARM_NOT_LISTED));
    };
    let mute = alarm.mute();
    if mute.is_some() && alarm.feeds {
        return Ok(Verdict::not_applicable(&FEEDS_COMPOSITE));
    }
    let (mut failures, mut notes) = (Failures::new(), Vec::new());
    let told = decided(teller.told(alarm).await?)?;
    if told == Found::Central {
        notes.push(ALERTED_CENTRALLY.reason());
    } else if !told.alerts() {
        match mute {
            Some(why) => failures.because(&ALARM_WITHOUT_ACTION, why),
            None if alarm.actions.iter().all(|action| works(action)) => {
                notes.push(ACTS_ONLY.reason());
            }
            None => {
                let title = Message::from(ALARM_REACHES_NOBODY.title);
                let why = if let Found::Dead(why) = told { why } else { title };
                failures.because(&ALARM_REACHES_NOBODY, why);
            }
        }
    }
    let since = alarm.without_data_since.filter(|_| !alarm.missing_is_good && !alarm.composite);
    if let Some(since) = since {
        let hours = run.now.duration_since(since).as_hours();
        if hours >= run.parameters.get(&MAX_INSUFFICIENT_DATA_HOURS) {
            failures.because(
                &ALARM_INSUFFICIENT_DATA,
                message!("no data for {hours} hours", "{hours} 時間データがありません"),
            );
        }
    }
    Ok(failures.into_verdict_with(notes))
}
