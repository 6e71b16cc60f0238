//! The time zone of databases.
//!
//! An engine's default is UTC: a parameter without a value, an option group without the option and
//! an empty property mean it. Sources: RDS User Guide ("Local time zone for MySQL DB instances",
//! "Oracle time zone", "Local time zone for SQL Server DB instances", "Local time zone for RDS for
//! Db2"), Aurora User Guide (parameters of clusters), RDS API reference (DBInstance.Timezone: SQL
//! Server and Db2 only), November 2026.

use aws_sdk_rds::types::OptionGroup;
use fisc_services::parameter_groups::{
    DESCRIBE_OPTION_GROUPS, Groups, ParameterGroup, Setting, option_groups,
};
use fisc_shared::item::ItemError;
use fisc_shared::item::required::{text, unknown};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, ResourceType, Run, Verdict, message};

use super::{
    ALLOWED_ZONES, CLUSTER_TIMEZONE_NOT_UTC, DATABASE_NOT_AVAILABLE, DB_TIMEZONE_NOT_UTC,
    ENGINE_NOT_JUDGED, JUDGED_ON_CLUSTER, LOCAL_ZONE_APPROVED, LOCAL_ZONE_TAG_KEY, NO_ZONE_SETTING,
    REBOOT_PENDING,
};

/// The option by which Oracle leaves UTC, and its one setting.
const TIMEZONE: &str = "Timezone";
const TIME_ZONE: &str = "TIME_ZONE";

/// The states of a database that is not there yet, no longer, or not working. The others, such as
/// `backing-up` or `modifying`, pass by while it works.
const UNAVAILABLE: [&str; 8] = [
    "creating",
    "deleting",
    "delete-precheck",
    "failed",
    "insufficient-capacity",
    "restore-error",
    "stopped",
    "stopping",
];
const UNAVAILABLE_KINDS: [&str; 2] = ["inaccessible-", "incompatible-"];

/// What the item tells.
#[derive(Debug)]
pub(super) enum Told {
    Verdict(Verdict),
    /// The zone is a parameter of this group.
    Ask(Question),
    /// The zone is an option of these groups.
    AskOptions(Vec<String>),
}

/// The parameter that holds a database's zone.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) group: ParameterGroup,
    pub(super) parameter: &'static str,
    /// Whether the database waits for a reboot to follow its group.
    pub(super) pending: bool,
}

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    Ok(match read(item, run)? {
        Told::Verdict(verdict) => Some(verdict),
        Told::Ask(_) | Told::AskOptions(_) => None,
    })
}

pub(super) async fn judge(
    groups: &Groups<'_>,
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    match read(item, run)? {
        Told::Verdict(verdict) => Ok(verdict),
        Told::Ask(question) => {
            let setting = groups.setting(&question.group, question.parameter).await?;
            by_parameter(item, &question, setting.as_ref(), run)
        }
        Told::AskOptions(names) => {
            let mut all = Vec::with_capacity(names.len());
            for name in names {
                all.push(groups.options(&name).await?);
            }
            by_options(item, &all, run)
        }
    }
}

pub(super) fn read(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    const ENGINE: &str = "engine";
    let database = item.configuration()?;
    let of_cluster = item.resource_type == ResourceType::RDS_DB_CLUSTER.name;
    let no = |remark| Ok(Told::Verdict(Verdict::not_applicable(remark)));
    let name = text(&database, ENGINE)?;
    let engine = name.to_ascii_lowercase();
    if !of_cluster {
        let cluster = database.text("dBClusterIdentifier")?;
        if cluster.is_some_and(|cluster| !cluster.is_empty()) {
            return no(&JUDGED_ON_CLUSTER);
        }
        // These engines live in clusters only; the group of an instance lacks their parameter.
        if engine.starts_with("aurora") {
            return Err(database.missing("dBClusterIdentifier").into());
        }
    }
    let status = database.text(if of_cluster { "status" } else { "dBInstanceStatus" })?;
    if let Some(status) = status.map(str::to_ascii_lowercase)
        && (UNAVAILABLE.contains(&status.as_str())
            || UNAVAILABLE_KINDS.iter().any(|kind| status.starts_with(kind)))
    {
        let reason = DATABASE_NOT_AVAILABLE.because(message!(
            "The database is not available ({status})",
            "データベースは利用可能な状態ではありません({status})"
        ));
        return Ok(Told::Verdict(Verdict::NotApplicable(reason)));
    }
    let parameter = match engine.as_str() {
        "mysql" | "mariadb" | "aurora-mysql" | "aurora" => "time_zone",
        "postgres" | "aurora-postgresql" => "timezone",
        "docdb" | "neptune" => return no(&NO_ZONE_SETTING),
        other if other.starts_with("custom-") => return no(&ENGINE_NOT_JUDGED),
        oracle if oracle.starts_with("oracle-") => {
            return Ok(Told::AskOptions(option_groups(&database)?));
        }
        // The zone is a property of the instance, empty unless it was made with one.
        other if ["sqlserver-", "db2-"].iter().any(|kind| other.starts_with(kind)) => {
            let zone = database.text("timezone")?.unwrap_or_default();
            let local = is_local(zone, run)
                .then(|| message!("The time zone is {zone}", "タイムゾーンが {zone} です"));
            return Ok(Told::Verdict(verdict(item, local.into_iter().collect(), false, run)?));
        }
        _ => return Err(unknown(&database, ENGINE, name).into()),
    };
    let (group, pending) = ParameterGroup::of(item)?;
    Ok(Told::Ask(Question { group, parameter, pending }))
}

/// Whether a zone is another one than UTC; an empty one is the engine's default.
fn is_local(zone: &str, run: &Run<'_>) -> bool {
    let zone = zone.trim();
    let allowed = run.parameters.get(&ALLOWED_ZONES);
    !zone.is_empty() && !allowed.iter().any(|allowed| allowed.trim().eq_ignore_ascii_case(zone))
}

/// The verdict by the value of a parameter.
pub(super) fn by_parameter(
    item: &ConfigurationItem,
    question: &Question,
    setting: Option<&Setting>,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let Question { group, parameter, pending } = question;
    let name = &group.name;
    // Every family of these engines has the parameter.
    let setting = setting.ok_or_else(|| Error::Answer {
        action: group.action(),
        field: format!("{parameter} of {name}"),
    })?;
    let zone = setting.value.as_deref().unwrap_or_default();
    let local = is_local(zone, run).then(|| {
        message!(
            "{parameter} is {zone} in the parameter group {name}",
            "パラメータグループ {name} の {parameter} が {zone} です"
        )
    });
    verdict(item, local.into_iter().collect(), *pending, run)
}

/// The verdict by the options of Oracle; two groups while an instance moves between them.
pub(super) fn by_options(
    item: &ConfigurationItem,
    groups: &[OptionGroup],
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let mut local = Vec::new();
    for group in groups {
        let name = group.option_group_name().unwrap_or_default();
        let named = |option: &&aws_sdk_rds::types::Option| {
            option.option_name().is_some_and(|name| name.eq_ignore_ascii_case(TIMEZONE))
        };
        let Some(option) = group.options().iter().find(named) else { continue };
        let mut settings = option.option_settings().iter();
        let setting = settings.find(|setting| setting.name() == Some(TIME_ZONE));
        let zone = setting.and_then(|setting| setting.value().or_else(|| setting.default_value()));
        let zone = zone.ok_or_else(|| Error::Answer {
            action: DESCRIBE_OPTION_GROUPS,
            field: format!("{TIME_ZONE} of {TIMEZONE} in {name}"),
        })?;
        if is_local(zone, run) {
            local.push(message!(
                "{TIME_ZONE} is {zone} in the option group {name}",
                "オプショングループ {name} の {TIME_ZONE} が {zone} です"
            ));
        }
    }
    verdict(item, local, false, run)
}

fn verdict(
    item: &ConfigurationItem,
    local: Vec<Message>,
    pending: bool,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    if !local.is_empty() && is_approved(item, run)? {
        return Ok(Verdict::not_applicable(&LOCAL_ZONE_APPROVED));
    }
    let requirement = if item.resource_type == ResourceType::RDS_DB_CLUSTER.name {
        &CLUSTER_TIMEZONE_NOT_UTC
    } else {
        &DB_TIMEZONE_NOT_UTC
    };
    let mut failures = Failures::new();
    for mut message in local {
        if pending {
            message.en.push_str("; the database waits for a reboot (pending-reboot)");
            message.ja.push_str("。再起動待ちです(pending-reboot)");
        }
        failures.because(requirement, message);
    }
    Ok(failures.into_verdict_with(pending.then(|| REBOOT_PENDING.reason()).into_iter().collect()))
}

fn is_approved(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, ItemError> {
    let key = run.parameters.get(&LOCAL_ZONE_TAG_KEY);
    if key.is_empty() {
        return Ok(false);
    }
    let tags = item.all_tags()?;
    Ok(tags.get(&key).is_some_and(|value| !value.trim().eq_ignore_ascii_case("false")))
}
