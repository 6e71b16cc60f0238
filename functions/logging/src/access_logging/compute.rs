//! What runs code and moves files.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::{
    BEANSTALK_LOG_STREAM_OFF, BEING_DELETED, CODEBUILD_LOG_OFF, CONTAINER_LOG_MISSING,
    DATASYNC_LOG_OFF, ECS_LOG_DRIVERS, EKS_CONTROL_PLANE_LOG_OFF, EKS_LOG_TYPES, GLUE_JOB_LOG_OFF,
    JOB_ALWAYS_LOGS, SFN_LOG_OFF, SFN_MIN_LEVEL, TASK_DEFINITION_INACTIVE, TRANSFER_LOG_OFF, flag,
    name, part, text, unknown,
};

pub(super) fn task_definition(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    const STATUS: &str = "Status";
    const CONTAINERS: &str = "ContainerDefinitions";
    let task = item.configuration()?;
    match text(&task, STATUS)? {
        "ACTIVE" => {}
        "INACTIVE" | "DELETE_IN_PROGRESS" => {
            return Ok(Verdict::not_applicable(&TASK_DEFINITION_INACTIVE));
        }
        other => return Err(unknown(&task, STATUS, other).into()),
    }
    let drivers = run.parameters.get(&ECS_LOG_DRIVERS);
    let mut silent = Vec::new();
    for container in task.list(CONTAINERS)?.ok_or_else(|| task.missing(CONTAINERS))? {
        let container_name = text(&container, "Name")?;
        match container.at("LogConfiguration")? {
            Some(log) => {
                let driver = text(&log, "LogDriver")?;
                if !drivers.iter().any(|one| one == driver) {
                    silent.push(format!("{container_name} ({driver})"));
                }
            }
            // The router takes the logs of the others.
            None if container.at("FirelensConfiguration")?.is_some() => {}
            None => silent.push(container_name.to_owned()),
        }
    }
    let mut failures = Failures::new();
    if !silent.is_empty() {
        let Message { en, ja } = Message::named(&silent);
        failures.because(
            &CONTAINER_LOG_MISSING,
            Message {
                en: format!("Containers without an accepted log driver: {en}"),
                ja: format!("認められたログドライバーのないコンテナ: {ja}"),
            },
        );
    }
    Ok(failures.into_verdict())
}

pub(super) fn eks_cluster(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let cluster = item.configuration()?;
    text(&cluster, "Name")?;
    let enabled = enabled_types(&cluster)?;
    let wanted = run.parameters.get(&EKS_LOG_TYPES);
    let missing: Vec<&str> =
        wanted.iter().map(String::as_str).filter(|one| !enabled.contains(one)).collect();
    let mut failures = Failures::new();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        failures.because(
            &EKS_CONTROL_PLANE_LOG_OFF,
            message!(
                "Control plane logs that are off: {missing}",
                "無効なコントロールプレーンのログ: {missing}"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// A cluster that logs nothing, as by default, has no Logging. Source: CloudFormation,
/// AWS::EKS::Cluster Logging.
fn enabled_types<'a>(cluster: &Fields<'a>) -> Result<Vec<&'a str>, ItemError> {
    let Some(logging) = cluster.at("Logging")? else { return Ok(Vec::new()) };
    let Some(logging) = logging.at("ClusterLogging")? else { return Ok(Vec::new()) };
    let types = logging.list("EnabledTypes")?.unwrap_or_default();
    types.iter().map(|one| text(one, "Type")).collect()
}

/// The levels, from the one that logs least. OFF is below all of them.
const LEVELS: [&str; 3] = ["FATAL", "ERROR", "ALL"];

pub(super) fn state_machine(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    const LEVEL: &str = "Level";
    let machine = item.configuration()?;
    text(&machine, "StateMachineName")?;
    let mut failures = Failures::new();
    // The default level is OFF. Source: CloudFormation, AWS::StepFunctions::StateMachine
    // LoggingConfiguration.
    let Some(logging) = machine.at("LoggingConfiguration")? else {
        failures.add(&SFN_LOG_OFF);
        return Ok(failures.into_verdict());
    };
    let level = text(&logging, LEVEL)?;
    let rank = |level: &str| LEVELS.iter().position(|one| *one == level);
    if level != "OFF" && rank(level).is_none() {
        return Err(unknown(&logging, LEVEL, level).into());
    }
    // A level that is not there ranks below any.
    if rank(level) < rank(&run.parameters.get(&SFN_MIN_LEVEL)) {
        failures.because(
            &SFN_LOG_OFF,
            message!("The log level is {level}", "ログレベルが {level} です"),
        );
    } else if logging.list("Destinations")?.unwrap_or_default().is_empty() {
        failures.because(
            &SFN_LOG_OFF,
            message!("There is no log group to write to", "出力先のロググループがありません"),
        );
    }
    Ok(failures.into_verdict())
}

pub(super) fn build_project(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    let project = item.configuration()?;
    text(&project, "name")?;
    let config = project.at("logsConfig")?;
    let enabled = |key: &str, default: bool| -> Result<bool, ItemError> {
        const STATUS: &str = "status";
        let sink = match &config {
            Some(config) => config.at(key)?,
            None => None,
        };
        let Some(sink) = sink else { return Ok(default) };
        match text(&sink, STATUS)? {
            "ENABLED" => Ok(true),
            "DISABLED" => Ok(false),
            other => Err(unknown(&sink, STATUS, other)),
        }
    };
    // Source of the defaults: CodeBuild API reference, LogsConfig.
    let (to_cloudwatch, to_s3) = (enabled("cloudWatchLogs", true)?, enabled("s3Logs", false)?);
    let mut failures = Failures::new();
    if !to_cloudwatch && !to_s3 {
        failures.add(&CODEBUILD_LOG_OFF);
    }
    Ok(failures.into_verdict())
}

pub(super) fn datasync_task(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    const LEVEL: &str = "LogLevel";
    let task = item.configuration()?;
    let options = part(&task, "Options")?;
    let mut failures = Failures::new();
    let logs = match text(&options, LEVEL)? {
        "BASIC" | "TRANSFER" => true,
        "OFF" => false,
        other => return Err(unknown(&options, LEVEL, other).into()),
    };
    if !logs {
        failures
            .because(&DATASYNC_LOG_OFF, message!("The log level is OFF", "ログレベルが OFF です"));
    } else if name(&task, "CloudWatchLogGroupArn")?.is_none() {
        failures.because(
            &DATASYNC_LOG_OFF,
            message!("There is no log group to write to", "出力先のロググループがありません"),
        );
    }
    Ok(failures.into_verdict())
}

/// A connector without a role to write logs with writes none.
pub(super) fn connector(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    let connector = item.configuration()?;
    text(&connector, "ConnectorId")?;
    let mut failures = Failures::new();
    if name(&connector, "LoggingRole")?.is_none() {
        failures.add(&TRANSFER_LOG_OFF);
    }
    Ok(failures.into_verdict())
}

pub(super) fn environment(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    const LOGS: &str = "aws:elasticbeanstalk:cloudwatch:logs";
    let environment = item.configuration()?;
    if matches!(text(&environment, "status")?, "Terminating" | "Terminated") {
        return Ok(Verdict::not_applicable(&BEING_DELETED));
    }
    let options = part(&environment, "optionSettings")?;
    let option = match options.at(LOGS)? {
        Some(logs) => logs.at("StreamLogs")?,
        None => None,
    };
    // Not set, logs are not streamed. Source: Elastic Beanstalk Developer Guide, "General options".
    let streams = match option {
        Some(option) => flag(&option, "value")?,
        None => false,
    };
    let mut failures = Failures::new();
    if !streams {
        failures.add(&BEANSTALK_LOG_STREAM_OFF);
    }
    Ok(failures.into_verdict())
}

pub(super) fn glue_job(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    const KIND: &str = "Name";
    const ARGUMENT: &str = "--enable-continuous-cloudwatch-log";
    let job = item.configuration()?;
    let command = part(&job, "Command")?;
    let logs_anyway = match text(&command, KIND)? {
        "glueetl" | "gluestreaming" => always_logs(&job)?,
        "pythonshell" | "glueray" => true,
        other => return Err(unknown(&command, KIND, other).into()),
    };
    if logs_anyway {
        return Ok(Verdict::Compliant(vec![JOB_ALWAYS_LOGS.reason()]));
    }
    let argument = match job.at("DefaultArguments")? {
        Some(arguments) => arguments.text(ARGUMENT)?,
        None => None,
    };
    let mut failures = Failures::new();
    if !argument.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        failures.add(&GLUE_JOB_LOG_OFF);
    }
    Ok(failures.into_verdict())
}

/// Since version 5.0, Spark jobs log without being told. Source: AWS Glue User Guide, "Logging for
/// AWS Glue jobs".
fn always_logs(job: &Fields<'_>) -> Result<bool, ItemError> {
    const VERSION: &str = "GlueVersion";
    let version = text(job, VERSION)?;
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    major.map(|major| major >= 5).ok_or_else(|| unknown(job, VERSION, version))
}
