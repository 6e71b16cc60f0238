//! Whether a database insists on TLS: by a parameter of its parameter group.
//!
//! RDS answers the effective value, be it set by the customer (Source `user`), by RDS (`system`)
//! or by the engine (`engine-default`), so that the default of a family need not be known here:
//! PostgreSQL 15 and Aurora PostgreSQL 17 turned it on. Only an engine default may come without a
//! value; then the engine's own documentation tells it, or nobody does. Sources: RDS and Aurora
//! User Guides (SSL/TLS of each engine), MySQL and MariaDB reference manuals
//! (`require_secure_transport`, OFF by default), DocumentDB Developer Guide (`tls`), Neptune User
//! Guide ("Connecting using SSL/HTTPS"), November 2026.

use fisc_services::parameter_groups::{Groups, ParameterGroup, Setting, option_groups};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Reason, ResourceType, Run, Verdict, message};

use super::{
    DB_TLS_NOT_FORCED, ENGINE_ALWAYS_TLS, ENGINE_NOT_JUDGED, JUDGED_ON_CLUSTER, NO_TLS_SWITCH,
    REBOOT_PENDING, text, unknown,
};

mod oracle;

/// The parameter by which an engine insists on TLS.
#[derive(Debug, Clone, Copy)]
struct Switch {
    parameter: &'static str,
    /// What a value means; `None` for one that is not known here.
    is_on: fn(&str) -> Option<bool>,
    /// What holds when RDS answers no value.
    default: Option<bool>,
    /// Whether there are versions of the engine without the parameter.
    optional: bool,
}

const FORCE_SSL: Switch =
    Switch { parameter: "rds.force_ssl", is_on: boolean, default: None, optional: false };
const SECURE_TRANSPORT: Switch = Switch {
    parameter: "require_secure_transport",
    is_on: boolean,
    default: Some(false),
    optional: true,
};
const DOCUMENT_DB: Switch =
    Switch { parameter: "tls", is_on: document_db, default: None, optional: false };
const NEPTUNE: Switch =
    Switch { parameter: "neptune_enforce_ssl", is_on: boolean, default: None, optional: false };

/// From this version on Neptune accepts nothing but HTTPS, whatever its parameter says.
const NEPTUNE_ALWAYS_TLS: [u32; 3] = [1, 0, 4];

fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "on" | "true" => Some(true),
        "0" | "off" | "false" => Some(false),
        _ => None,
    }
}

fn document_db(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        // The last ones also restrict versions or ciphers.
        "enabled" | "tls1.2+" | "tls1.3+" | "fips-140-3" => Some(true),
        "disabled" => Some(false),
        _ => None,
    }
}

/// What must be asked to judge a database.
#[derive(Debug)]
struct Question {
    group: ParameterGroup,
    switch: Switch,
    /// Whether some part of the database waits for a reboot to follow its group.
    pending: bool,
}

/// What the item tells.
enum Told {
    Verdict(Verdict),
    Ask(Question),
    /// Oracle encrypts by options of these option groups.
    AskOptions(Vec<String>),
}

pub(super) fn preview(item: &ConfigurationItem, _: &Run<'_>) -> Result<Option<Verdict>, Error> {
    Ok(match read(item)? {
        Told::Verdict(verdict) => Some(verdict),
        Told::Ask(_) | Told::AskOptions(_) => None,
    })
}

pub(super) async fn judge(groups: &Groups<'_>, item: &ConfigurationItem) -> Result<Verdict, Error> {
    match read(item)? {
        Told::Verdict(verdict) => Ok(verdict),
        Told::Ask(question) => {
            let setting = groups.setting(&question.group, question.switch.parameter).await?;
            decide(&question, setting.as_ref())
        }
        Told::AskOptions(names) => {
            let mut all = Vec::with_capacity(names.len());
            for name in names {
                let options = groups.options(&name).await?;
                all.push((name, oracle::encryption(&options)));
            }
            Ok(oracle::decide(&all))
        }
    }
}

fn read(item: &ConfigurationItem) -> Result<Told, ItemError> {
    const ENGINE: &str = "engine";
    let database = item.configuration()?;
    let of_cluster = item.resource_type == ResourceType::RDS_DB_CLUSTER.name;
    let name = text(&database, ENGINE)?;
    let engine = name.to_ascii_lowercase();
    if !of_cluster {
        let cluster = database.text("dBClusterIdentifier")?;
        if cluster.is_some_and(|cluster| !cluster.is_empty()) {
            return Ok(Told::Verdict(Verdict::not_applicable(&JUDGED_ON_CLUSTER)));
        }
        // These engines live in clusters only; the group of an instance lacks their parameter.
        if engine.starts_with("aurora") || matches!(engine.as_str(), "docdb" | "neptune") {
            return Err(database.missing("dBClusterIdentifier"));
        }
    }
    let switch = match engine.as_str() {
        "postgres" | "aurora-postgresql" => FORCE_SSL,
        "mysql" | "mariadb" | "aurora-mysql" | "aurora" => SECURE_TRANSPORT,
        "docdb" => DOCUMENT_DB,
        "neptune" if version(&database)? >= NEPTUNE_ALWAYS_TLS.to_vec() => {
            return Ok(Told::Verdict(Verdict::Compliant(vec![ENGINE_ALWAYS_TLS.reason()])));
        }
        "neptune" => NEPTUNE,
        sql_server if sql_server.starts_with("sqlserver-") => FORCE_SSL,
        oracle if oracle.starts_with("oracle-") => {
            return Ok(Told::AskOptions(option_groups(&database)?));
        }
        // Db2 is set by registry variables, RDS Custom inside the machine.
        other if ["db2-", "custom-"].iter().any(|kind| other.starts_with(kind)) => {
            let reason = ENGINE_NOT_JUDGED.because(message!(
                "TLS of {other} is not judged: look at its options and listeners",
                "{other} の TLS は評価していません。オプションとリスナーの設定を確認してください"
            ));
            return Ok(Told::Verdict(Verdict::NotApplicable(reason)));
        }
        _ => return Err(unknown(&database, ENGINE, name)),
    };
    let (group, pending) = ParameterGroup::of(item)?;
    Ok(Told::Ask(Question { group, switch, pending }))
}

/// The parts of the engine version that are numbers: `1.2.0.0.R5` gives 1, 2, 0, 0.
fn version(database: &Fields<'_>) -> Result<Vec<u32>, ItemError> {
    const VERSION: &str = "engineVersion";
    let version = text(database, VERSION)?;
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    if numbers.is_empty() { Err(unknown(database, VERSION, version)) } else { Ok(numbers) }
}

fn decide(question: &Question, setting: Option<&Setting>) -> Result<Verdict, Error> {
    let Question { group, switch, pending } = question;
    let name = &group.name;
    let parameter = switch.parameter;
    let answer = |field: String| Error::Answer { action: group.action(), field };
    let Some(setting) = setting else {
        return if switch.optional {
            Ok(Verdict::not_applicable(&NO_TLS_SWITCH))
        } else {
            Err(answer(format!("{parameter} of {name}")))
        };
    };
    let value = setting.value.as_deref().filter(|value| !value.is_empty());
    let is_on = match value {
        Some(value) => (switch.is_on)(value).ok_or_else(|| {
            answer(format!("a known value of {parameter} in {name}: it is {value:?}"))
        })?,
        None => switch
            .default
            .ok_or_else(|| answer(format!("ParameterValue of {parameter} in {name}")))?,
    };
    if is_on {
        return Ok(Verdict::Compliant(if *pending { vec![reboot(name)] } else { Vec::new() }));
    }
    let mut failures = Failures::new();
    failures.because(&DB_TLS_NOT_FORCED, off(parameter, value, name, *pending));
    Ok(failures.into_verdict())
}

fn reboot(group: &str) -> Reason {
    REBOOT_PENDING.because(message!(
        "The parameter group {group} is set, but waits for a reboot (pending-reboot)",
        "パラメータグループ {group} は設定済みですが、再起動待ちです(pending-reboot)"
    ))
}

fn off(parameter: &str, value: Option<&str>, group: &str, pending: bool) -> Message {
    let (en, ja) = match value {
        Some(value) => (value, value),
        None => ("not set, which is off", "未設定(既定ではオフ)"),
    };
    let (waits, waits_ja) = if pending {
        ("; the database waits for a reboot (pending-reboot)", "。再起動待ちです(pending-reboot)")
    } else {
        ("", "")
    };
    message!(
        "{parameter} is {en} in the parameter group {group}{waits}",
        "パラメータグループ {group} の {parameter} が {ja} です{waits_ja}"
    )
}

#[cfg(test)]
pub(super) mod tests;
