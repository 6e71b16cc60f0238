//! API Gateway and AppSync.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::{
    API_ACCESS_LOG_NOT_REQUIRED, API_ACCESS_LOG_OFF, API_EXECUTION_LOG_OFF, API_LOG_LEVELS,
    APPSYNC_LOG_OFF, REQUIRE_API_ACCESS_LOG, name, part, text,
};

pub(super) fn rest_stage(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let stage = item.configuration()?;
    let mut failures = Failures::new();
    execution_logs(&part(&stage, "methodSettings")?, run, &mut failures)?;
    if run.parameters.get(&REQUIRE_API_ACCESS_LOG) && !writes_access_logs(&stage)? {
        failures.add(&API_ACCESS_LOG_OFF);
    }
    Ok(failures.into_verdict())
}

/// `settings` are those of all methods under `*/*`, and those of single methods that override
/// them; a stage on which nothing was set has none, and logs nothing.
fn execution_logs(
    settings: &Fields<'_>,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), ItemError> {
    const ALL: &str = "*/*";
    const LEVEL: &str = "loggingLevel";
    let accepted = run.parameters.get(&API_LOG_LEVELS);
    let accepts = |level: &str| accepted.iter().any(|one| one.eq_ignore_ascii_case(level));
    let of_all = match settings.at(ALL)? {
        Some(all) => name(&all, LEVEL)?,
        None => None,
    };
    let of_all = of_all.unwrap_or("OFF");
    if !accepts(of_all) {
        failures.because(
            &API_EXECUTION_LOG_OFF,
            message!(
                "The logging level of all methods is {of_all}",
                "全メソッドのログレベルが {of_all} です"
            ),
        );
        return Ok(());
    }
    let mut quiet = Vec::new();
    let methods = settings.value().as_object().into_iter().flatten();
    for (method, _) in methods.filter(|(method, _)| *method != ALL) {
        // What an override without a level means is not documented.
        if !accepts(text(&part(settings, method)?, LEVEL)?) {
            // Slashes of the path are written ~1.
            quiet.push(method.replace("~1", "/"));
        }
    }
    if !quiet.is_empty() {
        let Message { en, ja } = Message::named(&quiet);
        failures.because(
            &API_EXECUTION_LOG_OFF,
            Message {
                en: format!("Methods override the logging level: {en}"),
                ja: format!("ログレベルを上書きしているメソッドがあります: {ja}"),
            },
        );
    }
    Ok(())
}

/// A stage without access logs has no settings of them.
fn writes_access_logs(stage: &Fields<'_>) -> Result<bool, ItemError> {
    match stage.at("accessLogSettings")? {
        Some(settings) => Ok(name(&settings, "destinationArn")?.is_some()),
        None => Ok(false),
    }
}

/// Execution logs exist for WebSocket APIs only, and the item does not tell which kind it is.
pub(super) fn v2_stage(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    if !run.parameters.get(&REQUIRE_API_ACCESS_LOG) {
        return Ok(Verdict::not_applicable(&API_ACCESS_LOG_NOT_REQUIRED));
    }
    let stage = item.configuration()?;
    // The absence of what comes next has a meaning only in an item that is whole.
    text(&stage, "stageName")?;
    let mut failures = Failures::new();
    if !writes_access_logs(&stage)? {
        failures.add(&API_ACCESS_LOG_OFF);
    }
    Ok(failures.into_verdict())
}

pub(super) fn graphql_api(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    let api = item.configuration()?;
    text(&api, "ApiId")?;
    let mut failures = Failures::new();
    // An API without logs has no LogConfig.
    let (level, role) = match api.at("LogConfig")? {
        Some(config) => (name(&config, "FieldLogLevel")?, name(&config, "CloudWatchLogsRoleArn")?),
        None => (None, None),
    };
    match (level, role) {
        (None | Some("NONE"), _) => failures.add(&APPSYNC_LOG_OFF),
        (Some(_), None) => failures.because(
            &APPSYNC_LOG_OFF,
            message!(
                "There is no role to write logs with",
                "ログを書き込むためのロールがありません"
            ),
        ),
        (Some(_), Some(_)) => {}
    }
    Ok(failures.into_verdict())
}
