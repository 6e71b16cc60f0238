//! Whether a database really audits: an exported audit log is empty while the engine writes none.
//!
//! What decides is in parameter groups and option groups, which change without a configuration
//! item of the database: the schedule asks too. RDS answers effective values; where the engine's
//! default comes without one, auditing is off, as it is by default in all of these engines.
//! Sources: Aurora User Guide ("Using Advanced Auditing"), RDS User Guide ("MariaDB Audit Plugin
//! support", "Using pgAudit", "Oracle database log files", "SQL Server Audit"), `DocumentDB`
//! Developer Guide ("Auditing events"), Neptune User Guide ("Enabling audit logs"), November 2026.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::types::OptionGroup;
use aws_types::SdkConfig;
use fisc_services::PerRun;
use fisc_services::parameter_groups::{Groups, ParameterGroup, Setting, option_groups};
use fisc_shared::config_service::ConfigService;
use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Reason;
use fisc_shared::{
    ConfigurationItem, Error, Message, Remark, Requirement, ResourceType, Run, Text, message,
};

use super::services::{Answer, Ask};
use super::{name, text};

pub(super) const REQUIRE_DB_AUDIT: Param<bool> = Param::flag(
    "requireDbAudit",
    true,
    Text::new(
        "Demand that databases really audit, not only that they export audit logs",
        "監査ログの出力設定だけでなく、データベースの監査が実際に有効であることを求める",
    ),
);

pub(super) const DB_AUDIT_DISABLED: Requirement = Requirement {
    code: "DB_AUDIT_DISABLED",
    wave: 1,
    resources: &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    title: Text::new("The database does not audit", "データベースの監査が有効になっていません"),
    rule: Text::new(
        "With requireDbAudit: fails when no activity stream is started and auditing is off in the \
         parameter group (server_audit_logging and server_audit_events of Aurora MySQL, \
         pgaudit.log and shared_preload_libraries of PostgreSQL, audit_trail of Oracle, \
         audit_logs of DocumentDB, neptune_enable_audit_log) or missing in the option group \
         (MARIADB_AUDIT_PLUGIN, SQLSERVER_AUDIT).",
        "requireDbAudit を指定した場合: アクティビティストリームが開始されておらず、パラメータグループ\
         (Aurora MySQL の server_audit_logging と server_audit_events、PostgreSQL の pgaudit.log と \
         shared_preload_libraries、Oracle の audit_trail、DocumentDB の audit_logs、\
         neptune_enable_audit_log)で監査が無効であるか、オプショングループに MARIADB_AUDIT_PLUGIN \
         または SQLSERVER_AUDIT がないとき不適合です。",
    ),
};

pub(super) const UNIFIED_AUDITING: Remark = Remark::new(
    "UNIFIED_AUDITING",
    "This version of Oracle has no audit_trail: unified audit policies, which are not seen from \
     outside, decide what it audits",
    "このバージョンの Oracle に audit_trail はなく、統合監査のポリシー(外部からは確認できない)に\
     従って監査されます",
);

/// What tells whether a database audits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Question {
    Switch(ParameterGroup, Switch),
    /// An option that these groups must have: two while the instance moves to another one.
    Option(Vec<String>, &'static str),
}

/// How an engine is told to audit by parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Switch {
    AuroraMySql,
    PgAudit,
    Oracle,
    DocumentDb,
    Neptune,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    On,
    Off(Message),
    /// The version has no such parameter: its policies decide, which nobody sees from outside.
    NoSwitch,
}

pub(super) fn asks(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    Ok(run.parameters.get(&REQUIRE_DB_AUDIT) && demand(item)?.is_some())
}

/// What an engine needs to audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    Switch(Switch),
    Option(&'static str),
}

/// What is demanded of a database; `None` where the item decides, or nothing can be asked.
fn demand(item: &ConfigurationItem) -> Result<Option<Demand>, ItemError> {
    let of_cluster = item.resource_type == ResourceType::RDS_DB_CLUSTER.name;
    if !of_cluster && item.resource_type != ResourceType::RDS_DB_INSTANCE.name {
        return Ok(None);
    }
    let database = item.configuration()?;
    // A member of a cluster is judged there.
    if !of_cluster && name(&database, "dBClusterIdentifier")?.is_some() {
        return Ok(None);
    }
    let status = text(&database, if of_cluster { "status" } else { "dBInstanceStatus" })?;
    // A database activity stream records what an audit log would.
    let streams = database.text("activityStreamStatus")? == Some("started");
    if matches!(status, "creating" | "deleting") || streams {
        return Ok(None);
    }
    Ok(Some(match text(&database, "engine")? {
        // Multi-AZ DB clusters have no option groups, and with them no plug-in.
        "mysql" | "mariadb" if of_cluster => return Ok(None),
        "mysql" | "mariadb" => Demand::Option("MARIADB_AUDIT_PLUGIN"),
        engine if engine.starts_with("sqlserver-") => Demand::Option("SQLSERVER_AUDIT"),
        engine if engine.starts_with("oracle-") => Demand::Switch(Switch::Oracle),
        "aurora-mysql" => Demand::Switch(Switch::AuroraMySql),
        "postgres" | "aurora-postgresql" => Demand::Switch(Switch::PgAudit),
        "docdb" => Demand::Switch(Switch::DocumentDb),
        "neptune" => Demand::Switch(Switch::Neptune),
        _ => return Ok(None),
    }))
}

/// What to ask of a database, if anything.
fn question(item: &ConfigurationItem) -> Result<Option<Question>, ItemError> {
    Ok(match demand(item)? {
        None => None,
        Some(Demand::Switch(switch)) => Some(Question::Switch(ParameterGroup::of(item)?.0, switch)),
        Some(Demand::Option(name)) => {
            Some(Question::Option(option_groups(&item.configuration()?)?, name))
        }
    })
}

/// The value of a parameter that the engine must have.
fn value(
    group: &ParameterGroup,
    parameter: &str,
    setting: Option<Setting>,
) -> Result<String, Error> {
    let setting = setting.ok_or_else(|| Error::Answer {
        action: group.action(),
        field: format!("{parameter} of {}", group.name),
    })?;
    Ok(setting.value.unwrap_or_default())
}

fn is_off(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    matches!(value.as_str(), "" | "0" | "off" | "false" | "none" | "disabled")
}

fn off(group: &ParameterGroup, parameter: &str, value: &str) -> Found {
    let name = &group.name;
    let (en, ja) = match value.trim() {
        "" => ("not set", "未設定"),
        value => (value, value),
    };
    Found::Off(message!(
        "{parameter} is {en} in the parameter group {name}",
        "パラメータグループ {name} の {parameter} が {ja} です"
    ))
}

/// Whether an option group turns auditing on.
fn by_option(group: &OptionGroup, name: &str, option: &str) -> Found {
    let found = group.options().iter().find(|one| one.option_name() == Some(option));
    let Some(found) = found else {
        return Found::Off(message!(
            "The option group {name} has no {option}",
            "オプショングループ {name} に {option} がありません"
        ));
    };
    let mut settings = found.option_settings().iter();
    let logging = settings.find(|setting| setting.name() == Some("SERVER_AUDIT_LOGGING"));
    let value = logging.and_then(|setting| setting.value()).unwrap_or("ON");
    if is_off(value) {
        return Found::Off(message!(
            "SERVER_AUDIT_LOGGING of the option group {name} is {value}",
            "オプショングループ {name} の SERVER_AUDIT_LOGGING が {value} です"
        ));
    }
    Found::On
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn Ask> {
    Arc::new(Audit {
        rds: aws_sdk_rds::Client::new(sdk),
        config: ConfigService::new(sdk),
        known: PerRun::default(),
    })
}

struct Audit {
    rds: aws_sdk_rds::Client,
    config: ConfigService,
    known: PerRun<Question, Found>,
}

#[async_trait]
impl Ask for Audit {
    async fn resource(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Answer, Error> {
        let mut answer = Answer::default();
        let Some(question) = question(item)? else { return Ok(answer) };
        match self.known.get(run, question.clone(), || self.ask(&question)).await? {
            Found::On => {}
            Found::Off(message) => {
                answer.failures.push(Reason { code: DB_AUDIT_DISABLED.code, message });
            }
            Found::NoSwitch => answer.notes.push(UNIFIED_AUDITING.reason()),
        }
        Ok(answer)
    }

    async fn scheduled(&self, run: &Run<'_>) -> Result<Vec<ConfigurationItem>, Error> {
        let mut items = Vec::new();
        if !run.parameters.get(&REQUIRE_DB_AUDIT) {
            return Ok(items);
        }
        for kind in [ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER] {
            for item in self.config.recorded_with_tags(kind).await? {
                if demand(&item)?.is_some() {
                    items.push(item);
                }
            }
        }
        Ok(items)
    }
}

impl Audit {
    async fn ask(&self, question: &Question) -> Result<Found, Error> {
        let groups = Groups::new(&self.rds);
        match question {
            Question::Switch(group, switch) => by_switch(&groups, group, *switch).await,
            Question::Option(names, option) => {
                for name in names {
                    let found = by_option(&groups.options(name).await?, name, option);
                    if found != Found::On {
                        return Ok(found);
                    }
                }
                Ok(Found::On)
            }
        }
    }
}

async fn by_switch(
    groups: &Groups<'_>,
    group: &ParameterGroup,
    switch: Switch,
) -> Result<Found, Error> {
    let needed: &[&'static str] = match switch {
        // What is logged is none by default.
        Switch::AuroraMySql => &["server_audit_logging", "server_audit_events"],
        Switch::PgAudit => &["pgaudit.log", "shared_preload_libraries"],
        Switch::Oracle => &["audit_trail"],
        Switch::DocumentDb => &["audit_logs"],
        Switch::Neptune => &["neptune_enable_audit_log"],
    };
    for parameter in needed {
        let setting = groups.setting(group, parameter).await?;
        if setting.is_none() && switch == Switch::Oracle {
            return Ok(Found::NoSwitch);
        }
        let value = value(group, parameter, setting)?;
        let fails = match *parameter {
            "shared_preload_libraries" => !value.split(',').any(|one| one.trim() == "pgaudit"),
            _ => is_off(&value),
        };
        if fails {
            return Ok(off(group, parameter, &value));
        }
    }
    Ok(Found::On)
}

#[cfg(test)]
mod tests;
