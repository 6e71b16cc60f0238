//! Databases, search domains and message brokers.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::ParameterError;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::{
    BEING_CREATED, BEING_DELETED, DB_LOG_EXPORT_MISSING, ENGINE_WITHOUT_EXPORTS, JUDGED_ON_CLUSTER,
    MQ_LOG_OFF, MSK_BROKER_LOG_OFF, OPENSEARCH_LOG_OFF, RDS_LOG_TYPES, REDSHIFT_AUDIT_LOG_OFF,
    SERVERLESS_EXPORTS, flag, is_allowed_destination, name, part, supplementary, text, unknown,
};

pub(super) fn instance(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let database = item.configuration()?;
    if name(&database, "dBClusterIdentifier")?.is_some() {
        return Ok(Verdict::not_applicable(&JUDGED_ON_CLUSTER));
    }
    exports(&database, "dBInstanceStatus", &[], run)
}

pub(super) fn cluster(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let database = item.configuration()?;
    if database.text("engineMode")? == Some("serverless") {
        return Ok(Verdict::not_applicable(&SERVERLESS_EXPORTS));
    }
    exports(&database, "status", &NOT_OF_CLUSTERS, run)
}

/// Engines and the log types that only their instances can export. Source: Amazon RDS API
/// reference, ModifyDBCluster CloudwatchLogsExportConfiguration (Multi-AZ DB clusters).
const NOT_OF_CLUSTERS: [(&str, &str); 1] = [("mysql", "audit")];

fn exports(
    database: &Fields<'_>,
    status: &str,
    impossible: &[(&str, &str)],
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    const EXPORTS: &str = "enabledCloudwatchLogsExports";
    match text(database, status)? {
        // Its settings are not there yet.
        "creating" => return Ok(Verdict::not_applicable(&BEING_CREATED)),
        "deleting" => return Ok(Verdict::not_applicable(&BEING_DELETED)),
        _ => {}
    }
    let engine = text(database, "engine")?;
    let mut wanted = log_types(run, engine)?;
    wanted.retain(|log| !impossible.contains(&(engine, log.as_str())));
    if wanted.is_empty() {
        return Ok(Verdict::not_applicable(&ENGINE_WITHOUT_EXPORTS));
    }
    let exported = texts(database.list(EXPORTS)?.ok_or_else(|| database.missing(EXPORTS))?)?;
    let missing: Vec<&str> =
        wanted.iter().map(String::as_str).filter(|one| !exported.contains(one)).collect();
    let mut failures = Failures::new();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        failures.because(
            &DB_LOG_EXPORT_MISSING,
            message!(
                "Logs of the {engine} database that are not exported: {missing}",
                "{engine} のデータベースで出力されていないログ: {missing}"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// The log types that the parameter demands of an engine: of the longest name that stands for it.
fn log_types(run: &Run<'_>, engine: &str) -> Result<Vec<String>, ParameterError> {
    let entries = run.parameters.get(&RDS_LOG_TYPES);
    let mut demanded: Vec<(&str, &str)> = Vec::new();
    for entry in &entries {
        let halves = entry.split_once(':').map(|(engine, log)| (engine.trim(), log.trim()));
        let whole = halves.filter(|(engine, log)| !engine.is_empty() && !log.is_empty());
        let (name, log) = whole.ok_or_else(|| {
            RDS_LOG_TYPES.spec.refuse("takes entries of the form ENGINE:TYPE", entry)
        })?;
        let rest = engine.strip_prefix(name);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) {
            demanded.push((name, log));
        }
    }
    let longest = demanded.iter().map(|(name, _)| name.len()).max();
    let of_longest = demanded.into_iter().filter(|(name, _)| Some(name.len()) == longest);
    Ok(of_longest.map(|(_, log)| log.to_owned()).collect())
}

fn texts(list: Vec<Fields<'_>>) -> Result<Vec<&str>, ItemError> {
    list.iter().map(Fields::as_text).collect()
}

pub(super) fn redshift(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    match text(&item.configuration()?, "clusterStatus")? {
        "creating" => return Ok(Verdict::not_applicable(&BEING_CREATED)),
        "deleting" | "final-snapshot" => return Ok(Verdict::not_applicable(&BEING_DELETED)),
        _ => {}
    }
    let logging = supplementary(item, "LoggingStatus")?;
    let mut failures = Failures::new();
    if !flag(&logging, "loggingEnabled")? {
        failures.add(&REDSHIFT_AUDIT_LOG_OFF);
    } else if let Some(bucket) = name(&logging, "bucketName")?
        && !is_allowed_destination(run, bucket)
    {
        failures.because(
            &REDSHIFT_AUDIT_LOG_OFF,
            message!(
                "Audit logs go to the bucket {bucket}, which is not allowed",
                "監査ログの保存先 {bucket} は認められていません"
            ),
        );
    }
    Ok(failures.into_verdict())
}

pub(super) fn open_search(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    let domain = item.configuration()?;
    let fine_grained = flag(&part(&domain, "AdvancedSecurityOptions")?, "Enabled")?;
    search_logs(Some(part(&domain, "LogPublishingOptions")?), "Enabled", fine_grained)
}

pub(super) fn elasticsearch(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    let domain = item.configuration()?;
    if domain.flag("deleted")? == Some(true) {
        return Ok(Verdict::not_applicable(&BEING_DELETED));
    }
    let fine_grained = flag(&part(&domain, "advancedSecurityOptions")?, "enabled")?;
    // Items of this type leave the options out where no log is published.
    search_logs(domain.at("logPublishingOptions")?, "enabled", fine_grained)
}

fn search_logs(
    options: Option<Fields<'_>>,
    enabled: &str,
    fine_grained: bool,
) -> Result<Verdict, Error> {
    let mut off = Vec::new();
    let audit = fine_grained.then_some("AUDIT_LOGS");
    for log in ["ES_APPLICATION_LOGS"].into_iter().chain(audit) {
        let option = match &options {
            Some(options) => options.at(log)?,
            None => None,
        };
        let published = match option {
            Some(option) => flag(&option, enabled)?,
            None => false,
        };
        if !published {
            off.push(log);
        }
    }
    let mut failures = Failures::new();
    if !off.is_empty() {
        let off = off.join(", ");
        failures.because(
            &OPENSEARCH_LOG_OFF,
            message!("Logs that are not published: {off}", "出力されていないログ: {off}"),
        );
    }
    Ok(failures.into_verdict())
}

pub(super) fn msk_cluster(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    let cluster = item.configuration()?;
    text(&cluster, "ClusterName")?;
    let mut failures = Failures::new();
    // Without LoggingInfo, brokers write no logs. Source: CloudFormation, AWS::MSK::Cluster.
    let logs = match cluster.at("LoggingInfo")? {
        Some(info) => Some(part(&info, "BrokerLogs")?),
        None => None,
    };
    let mut enabled = false;
    for sink in ["CloudWatchLogs", "Firehose", "S3"] {
        let sink = match &logs {
            Some(logs) => logs.at(sink)?,
            None => None,
        };
        if let Some(sink) = sink {
            enabled |= flag(&sink, "Enabled")?;
        }
    }
    if !enabled {
        failures.add(&MSK_BROKER_LOG_OFF);
    }
    Ok(failures.into_verdict())
}

pub(super) fn broker(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    const ENGINE: &str = "EngineType";
    let broker = item.configuration()?;
    let engine = text(&broker, ENGINE)?;
    let has_audit_logs = match engine.to_ascii_uppercase().as_str() {
        "ACTIVEMQ" => true,
        "RABBITMQ" => false,
        _ => return Err(unknown(&broker, ENGINE, engine).into()),
    };
    let logs = part(&broker, "Logs")?;
    let mut off = Vec::new();
    if !flag(&logs, "General")? {
        off.push("General");
    }
    if has_audit_logs && !flag(&logs, "Audit")? {
        off.push("Audit");
    }
    let mut failures = Failures::new();
    if !off.is_empty() {
        let off = off.join(", ");
        failures.because(
            &MQ_LOG_OFF,
            message!("Logs that are not enabled: {off}", "有効でないログ: {off}"),
        );
    }
    Ok(failures.into_verdict())
}
