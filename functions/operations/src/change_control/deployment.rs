//! Deployments of CodeDeploy and AppConfig: what stops or undoes a bad one.

use fisc_shared::item::required::{flag, part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::parameters::MIN_BAKE_MINUTES;
use super::requirements::{APPCONFIG_UNGUARDED, DEPLOY_ROLLBACK_OFF};
use super::{FEATURE_FLAGS, PREDEFINED_STRATEGY};

pub(super) fn group(item: &ConfigurationItem, _: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    // Every group has one; without it the item is no deployment group's.
    text(&fields, "deploymentGroupName")?;
    let mut failures = Failures::new();
    match fields.at("autoRollbackConfiguration")? {
        Some(rollback) if flag(&rollback, "enabled")? => {
            let events = rollback.list("events")?.unwrap_or_default();
            let mut on_failure = false;
            for event in events {
                on_failure |= event.as_text()? == "DEPLOYMENT_FAILURE";
            }
            if !on_failure {
                failures.because(
                    &DEPLOY_ROLLBACK_OFF,
                    message!(
                        "The rollback events lack DEPLOYMENT_FAILURE",
                        "ロールバックのイベントに DEPLOYMENT_FAILURE がありません"
                    ),
                );
            }
        }
        _ => failures.add(&DEPLOY_ROLLBACK_OFF),
    }
    Ok(Some(failures.into_verdict()))
}

/// Decided here when there is no monitor at all, and where nobody can be asked for the alarms.
pub(super) fn environment(
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    Ok(match alarms(item)?.as_slice() {
        [] => Some(without_alarm()),
        _ if run.offline => Some(Verdict::compliant()),
        _ => None,
    })
}

/// The alarms that an environment monitors.
pub(super) fn alarms(item: &ConfigurationItem) -> Result<Vec<String>, ItemError> {
    let fields = item.configuration()?;
    text(&fields, "Name")?;
    let monitors = fields.list("Monitors")?.unwrap_or_default();
    monitors.iter().map(|monitor| Ok(text(monitor, "AlarmArn")?.to_owned())).collect()
}

pub(super) fn without_alarm() -> Verdict {
    unguarded(message!(
        "The environment monitors no alarm that exists",
        "環境のモニターに存在するアラームがありません"
    ))
}

fn unguarded(message: Message) -> Verdict {
    let mut failures = Failures::new();
    failures.because(&APPCONFIG_UNGUARDED, message);
    failures.into_verdict()
}

pub(super) fn profile(item: &ConfigurationItem, _: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    text(&fields, "Name")?;
    // By the API reference, a profile without a type is free-form.
    if fields.text("Type")?.is_some_and(|kind| kind == "AWS.AppConfig.FeatureFlags") {
        return Ok(Some(Verdict::not_applicable(&FEATURE_FLAGS)));
    }
    let validators = fields.list("Validators")?.unwrap_or_default();
    Ok(Some(if validators.is_empty() {
        unguarded(message!(
            "The profile has no validator",
            "プロファイルにバリデーターがありません"
        ))
    } else {
        Verdict::compliant()
    }))
}

pub(super) fn strategy(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    if text(&fields, "Id")?.starts_with("AppConfig.") {
        return Ok(Some(Verdict::not_applicable(&PREDEFINED_STRATEGY)));
    }
    let growth = number(&part(&fields, "GrowthFactor")?)?;
    let duration = fields
        .integer("DeploymentDurationInMinutes")?
        .ok_or_else(|| fields.missing("DeploymentDurationInMinutes"))?;
    // By the API reference, nothing is watched by default.
    let baking = fields.integer("FinalBakeTimeInMinutes")?.unwrap_or(0);
    let least = run.parameters.get(&MIN_BAKE_MINUTES);
    Ok(Some(if growth >= 100.0 || duration == 0 {
        unguarded(message!(
            "The strategy deploys to all targets at once",
            "すべてのターゲットに一括でデプロイする戦略です"
        ))
    } else if baking < least {
        unguarded(message!(
            "The strategy watches for {baking} minutes, fewer than {least}",
            "デプロイ後の監視時間が {baking} 分です(下限 {least} 分)"
        ))
    } else {
        Verdict::compliant()
    }))
}

fn number(fields: &Fields<'_>) -> Result<f64, ItemError> {
    fields.value().as_f64().ok_or_else(|| ItemError::Unreadable {
        field: fields.path().to_owned(),
        problem: "not a number".to_owned(),
    })
}
