//! What the item alone decides: Lambda functions, Glue jobs, services on Fargate, replication
//! instances and data warehouses.

use std::cmp::Ordering;

use fisc_shared::item::required::{flag, part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Error, Verdict, message};

use super::requirements::{
    CONTAINER_IMAGE, FARGATE_PLATFORM_OLD, GLUE_VERSION_UNSUPPORTED, LAMBDA_RUNTIME_UNSUPPORTED,
    NOT_ON_FARGATE,
};
use super::support::{Judged, Life, Rules};

/// A Lambda function, by its runtime.
pub(super) fn function(item: &ConfigurationItem, rules: &Rules) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    if fields.text("packageType")? == Some("Image") {
        return Ok(Some(Verdict::not_applicable(&CONTAINER_IMAGE)));
    }
    let runtime = text(&fields, "runtime")?;
    let mut judged = Judged::by(rules);
    let life = rules.life("lambda", "lambda", runtime);
    judged.version(&LAMBDA_RUNTIME_UNSUPPORTED, "lambda", runtime, life);
    Ok(Some(judged.verdict()))
}

/// A Glue job, by its version; each type of job has support ends of its own.
pub(super) fn job(item: &ConfigurationItem, rules: &Rules) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let command = part(&fields, "Command")?;
    let product = match text(&command, "Name")? {
        "glueetl" | "gluestreaming" => "spark",
        other => other,
    };
    let mut judged = Judged::by(rules);
    match fields.text("GlueVersion")? {
        Some(version) => {
            let subject = format!("Glue {version} ({product})");
            let life = rules.life("glue", product, version);
            judged.version(&GLUE_VERSION_UNSUPPORTED, "glue", &subject, life);
        }
        // The default has changed over the years; the item does not say which one it was.
        None => judged.unknown(&GLUE_VERSION_UNSUPPORTED, &format!("Glue ({product})")),
    }
    Ok(Some(judged.verdict()))
}

/// An ECS service, by the platform version that it is pinned to.
pub(super) fn service(item: &ConfigurationItem, rules: &Rules) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let mut judged = Judged::by(rules);
    if !on_fargate(&fields)? {
        return Ok(Some(Verdict::not_applicable(&NOT_ON_FARGATE)));
    }
    match fields.text("PlatformVersion")?.filter(|version| !version.is_empty()) {
        // LATEST is the default.
        None | Some("LATEST") => judged.holds(),
        Some(version) => match platform(rules, version) {
            Platform::Current => judged.holds(),
            Platform::Old => judged.fails(
                &FARGATE_PLATFORM_OLD,
                message!(
                    "The service is pinned to Fargate platform version {version}",
                    "サービスが Fargate プラットフォームバージョン {version} に固定されています"
                ),
            ),
            Platform::Unknown => {
                judged.unknown(&FARGATE_PLATFORM_OLD, &format!("Fargate {version}"));
            }
        },
    }
    Ok(Some(judged.verdict()))
}

fn on_fargate(fields: &Fields<'_>) -> Result<bool, ItemError> {
    if fields.text("LaunchType")? == Some("FARGATE") {
        return Ok(true);
    }
    for strategy in fields.list("CapacityProviderStrategy")?.unwrap_or_default() {
        let provider = text(&strategy, "CapacityProvider")?;
        if matches!(provider, "FARGATE" | "FARGATE_SPOT") {
            return Ok(true);
        }
    }
    Ok(false)
}

enum Platform {
    Current,
    Old,
    Unknown,
}

/// A platform version by the table. Those of Linux and of Windows are counted separately, and the
/// item does not tell which one it is: what is current for either is not old.
fn platform(rules: &Rules, version: &str) -> Platform {
    let mut newest: Option<&str> = None;
    let mut found = None;
    for row in rules.table.of("fargate") {
        let current = Life::from(row) == Life::default();
        if row.version == version {
            found = Some(current || found == Some(true));
        }
        if newest.is_none_or(|newest| compare(row.version, newest) == Ordering::Greater) {
            newest = Some(row.version);
        }
    }
    match (found, newest) {
        (Some(true), _) => Platform::Current,
        (Some(false), _) => Platform::Old,
        (None, Some(newest)) if compare(version, newest) == Ordering::Less => Platform::Old,
        (None, _) => Platform::Unknown,
    }
}

/// Compares versions number by number; what is no number is as good as any.
fn compare(a: &str, b: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u32> {
        text.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect()
    };
    numbers(a).cmp(&numbers(b))
}

/// A replication instance of DMS.
pub(super) fn replication_instance(
    item: &ConfigurationItem,
    rules: &Rules,
) -> Result<Option<Verdict>, Error> {
    upgrades(item, rules, "AutoMinorVersionUpgrade")
}

/// A cluster of Redshift.
pub(super) fn warehouse(item: &ConfigurationItem, rules: &Rules) -> Result<Option<Verdict>, Error> {
    upgrades(item, rules, "allowVersionUpgrade")
}

fn upgrades(item: &ConfigurationItem, rules: &Rules, key: &str) -> Result<Option<Verdict>, Error> {
    let mut judged = Judged::by(rules);
    judged.minor_upgrades(flag(&item.configuration()?, key)?, item)?;
    Ok(Some(judged.verdict()))
}
