//! Databases: the end of support of the major version, the status of the exact one, and minor
//! upgrades. Each engine and each version is asked about once.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbMajorEngineVersion, LifecycleSupportName};
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::item::required::{flag, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Error, ResourceType, Verdict, message};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::Judge;
use super::requirements::{JUDGED_ON_CLUSTER, RDS_ENGINE_DEPRECATED, RDS_MAJOR_UNSUPPORTED};
use super::support::{Judged, Life, Rules, day};
use super::table::begins;

pub(super) const DESCRIBE_MAJOR_VERSIONS: &str = "rds:DescribeDBMajorEngineVersions";
pub(super) const DESCRIBE_VERSIONS: &str = "rds:DescribeDBEngineVersions";

/// What an item tells of a database.
struct Database<'a> {
    engine: &'a str,
    version: &'a str,
    /// Whether it is an instance of a cluster.
    member: bool,
    cluster: bool,
}

impl<'a> Database<'a> {
    fn read(item: &ConfigurationItem, fields: &Fields<'a>) -> Result<Self, ItemError> {
        let cluster = item.resource_type == ResourceType::RDS_DB_CLUSTER.name;
        let member = fields.text("dBClusterIdentifier")?.filter(|name| !name.is_empty());
        Ok(Self {
            engine: text(fields, "engine")?,
            version: text(fields, "engineVersion")?,
            member: !cluster && member.is_some(),
            cluster,
        })
    }

    fn subject(&self) -> String {
        format!("{} {}", self.engine, self.version)
    }

    /// Whether RDS keeps lists of major versions of the engine. It refuses the names of the
    /// others, which only share its API, and of engines that the customer brings.
    fn has_major_versions(&self) -> bool {
        !matches!(self.engine, "docdb" | "neptune" | "aurora")
            && !self.engine.starts_with("custom-")
    }

    /// Whether minor upgrades are a setting of this resource: of instances, and of Multi-AZ DB
    /// clusters, whose members have none of their own.
    fn has_minor_upgrades(&self) -> bool {
        let of_instances = self.engine.starts_with("aurora") || self.engine == "neptune";
        let none = self.engine == "docdb" || self.engine.starts_with("custom-");
        !none && if self.cluster { !of_instances } else { of_instances || !self.member }
    }
}

/// Members of clusters have their cluster's version. Of the others, what the table and the item
/// tell may be enough for a failure, where RDS cannot be asked.
pub(super) fn preview(item: &ConfigurationItem, rules: &Rules) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let database = Database::read(item, &fields)?;
    let mut judged = Judged::by(rules);
    if !database.member {
        if rules.offline {
            let life = rules.life("rds", database.engine, database.version);
            judged.version(&RDS_MAJOR_UNSUPPORTED, "rds", &database.subject(), life);
            upgrades(&mut judged, &database, &fields, item)?;
        }
        return Ok(judged.failed());
    }
    judged.note(&JUDGED_ON_CLUSTER);
    upgrades(&mut judged, &database, &fields, item)?;
    Ok(Some(judged.verdict()))
}

fn upgrades(
    judged: &mut Judged<'_>,
    database: &Database<'_>,
    fields: &Fields<'_>,
    item: &ConfigurationItem,
) -> Result<(), ItemError> {
    if database.has_minor_upgrades() {
        judged.minor_upgrades(flag(fields, "autoMinorVersionUpgrade")?, item)?;
    }
    Ok(())
}

/// Databases, by what RDS tells of their versions.
pub(super) struct Rds(pub Client);

#[async_trait]
impl Judge for Rds {
    async fn judge(
        &self,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error> {
        let mut engines = BTreeSet::new();
        let mut versions = BTreeSet::new();
        for item in items {
            let fields = item.configuration()?;
            let database = Database::read(item, &fields)?;
            if database.has_major_versions() {
                engines.insert(database.engine.to_owned());
            }
            versions.insert((database.engine.to_owned(), database.version.to_owned()));
        }
        let majors: BTreeMap<String, Majors> = stream::iter(engines)
            .map(|engine| async move {
                let majors = self.majors(&engine).await?;
                Ok::<_, Error>((engine, majors))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let statuses: BTreeMap<(String, String), Option<String>> = stream::iter(versions)
            .map(|version| async move {
                let status = self.status(&version.0, &version.1).await?;
                Ok::<_, Error>((version, status))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        items.iter().map(|item| judge(item, &majors, &statuses, rules)).collect()
    }
}

/// The support of an engine's major versions.
type Majors = BTreeMap<String, Life>;

fn judge(
    item: &ConfigurationItem,
    majors: &BTreeMap<String, Majors>,
    statuses: &BTreeMap<(String, String), Option<String>>,
    rules: &Rules,
) -> Result<Verdict, Error> {
    let fields = item.configuration()?;
    let database = Database::read(item, &fields)?;
    let (engine, version) = (database.engine, database.version);
    let subject = database.subject();
    let mut judged = Judged::by(rules);
    let life = majors
        .get(engine)
        .and_then(|majors| major(majors, version))
        .or_else(|| rules.life("rds", engine, version));
    judged.version(&RDS_MAJOR_UNSUPPORTED, "rds", &subject, life);
    let status = statuses.get(&(engine.to_owned(), version.to_owned()));
    match status.and_then(|status| status.as_deref()) {
        Some("available") => judged.holds(),
        Some(status) => judged.fails(
            &RDS_ENGINE_DEPRECATED,
            message!("{subject} is {status}", "{subject} の状態は {status} です"),
        ),
        None => judged.fails(
            &RDS_ENGINE_DEPRECATED,
            message!("{subject} is not listed any more", "{subject} は提供されていません"),
        ),
    }
    upgrades(&mut judged, &database, &fields, item)?;
    Ok(judged.verdict())
}

/// The support of the major version that a version belongs to: 8.0 for
/// `8.0.mysql_aurora.3.05.2`, 16 for 16.4.
fn major(majors: &Majors, version: &str) -> Option<Life> {
    let of = majors.iter().filter(|(major, _)| begins(version, major));
    of.max_by_key(|(major, _)| major.len()).map(|(_, life)| *life)
}

/// The support of a major version; `None` where RDS gives no date.
fn life(version: &DbMajorEngineVersion) -> Option<Life> {
    let end = |name: &LifecycleSupportName| {
        let mut cycles = version.supported_engine_lifecycles().iter();
        let cycle = cycles.find(|cycle| cycle.lifecycle_support_name() == Some(name))?;
        cycle.lifecycle_support_end_date().and_then(from_sdk).map(day)
    };
    let standard = end(&LifecycleSupportName::OpenSourceRdsStandardSupport)?;
    let extended = end(&LifecycleSupportName::OpenSourceRdsExtendedSupport);
    Some(Life { standard: Some(standard), extended })
}

impl Rds {
    async fn majors(&self, engine: &str) -> Result<Majors, Error> {
        let asked = self.0.describe_db_major_engine_versions().engine(engine);
        let mut pages = asked.into_paginator().items().send();
        let mut majors = Majors::new();
        while let Some(version) = pages.next().await {
            let version = version.call(DESCRIBE_MAJOR_VERSIONS)?;
            if let (Some(major), Some(life)) = (version.major_engine_version(), life(&version)) {
                majors.insert(major.to_owned(), life);
            }
        }
        Ok(majors)
    }

    /// The status of a version; `None` when it is not listed at all.
    async fn status(&self, engine: &str, version: &str) -> Result<Option<String>, Error> {
        let asked = self
            .0
            .describe_db_engine_versions()
            .engine(engine)
            .engine_version(version)
            .include_all(true);
        let mut pages = asked.into_paginator().items().send();
        let mut status = None;
        while let Some(found) = pages.next().await {
            let found = found.call(DESCRIBE_VERSIONS)?;
            // A short version also finds those below it.
            if found.engine_version() == Some(version) {
                let is = found.status.ok_or_else(|| Error::Answer {
                    action: DESCRIBE_VERSIONS,
                    field: format!("DBEngineVersions[].Status of {engine} {version}"),
                })?;
                status = Some(is);
            }
        }
        Ok(status)
    }
}

#[cfg(test)]
mod tests {
    use fisc_testkit::events;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_belongs_to_the_longest_major_version_that_it_begins_with() {
        let date = |text: &str| Life { standard: Some(text.parse().unwrap()), extended: None };
        let majors: Majors = [
            ("8.0", "2026-07-31"),
            ("8.4", "2029-07-31"),
            ("1", "2020-01-01"),
            ("11", "2024-02-29"),
            ("9.6", "2022-04-30"),
        ]
        .map(|(major, end)| (major.to_owned(), date(end)))
        .into();
        for (version, end) in [
            ("8.0.36", Some("2026-07-31")),
            ("8.4.3", Some("2029-07-31")),
            ("8.0.mysql_aurora.3.05.2", Some("2026-07-31")),
            ("11.22", Some("2024-02-29")),
            ("9.6.24", Some("2022-04-30")),
            ("110.1", None),
            ("16.4", None),
        ] {
            assert_eq!(major(&majors, version), end.map(date), "{version}");
        }
    }

    #[test]
    fn minor_upgrades_are_a_setting_of_instances_or_of_their_cluster() {
        for (kind, engine, cluster, setting) in [
            ("AWS::RDS::DBInstance", "postgres", None, true),
            ("AWS::RDS::DBInstance", "aurora-mysql", Some("core"), true),
            ("AWS::RDS::DBInstance", "neptune", Some("graph"), true),
            // A member of a Multi-AZ DB cluster.
            ("AWS::RDS::DBInstance", "mysql", Some("core"), false),
            ("AWS::RDS::DBInstance", "docdb", Some("docs"), false),
            ("AWS::RDS::DBInstance", "custom-oracle-ee", None, false),
            ("AWS::RDS::DBCluster", "aurora-postgresql", None, false),
            ("AWS::RDS::DBCluster", "postgres", None, true),
            ("AWS::RDS::DBCluster", "docdb", None, false),
            ("AWS::RDS::DBCluster", "neptune", None, false),
        ] {
            let configuration =
                json!({"engine": engine, "engineVersion": "1", "dBClusterIdentifier": cluster});
            let item = events::item(kind, "db", configuration).to_string();
            let item = ConfigurationItem::from_json(&item).unwrap();
            let fields = item.configuration().unwrap();
            let database = Database::read(&item, &fields).unwrap();
            assert_eq!(database.has_minor_upgrades(), setting, "{kind} {engine}");
        }
    }

    #[test]
    fn only_standard_support_counts_as_standard() {
        use aws_sdk_rds::types::SupportedEngineLifecycle;
        let cycle = |name: LifecycleSupportName, end: i64| {
            let end = aws_smithy_types::DateTime::from_secs(end * 86_400);
            SupportedEngineLifecycle::builder()
                .lifecycle_support_name(name)
                .lifecycle_support_end_date(end)
                .build()
        };
        let extended = cycle(LifecycleSupportName::OpenSourceRdsExtendedSupport, 2);
        let standard = cycle(LifecycleSupportName::OpenSourceRdsStandardSupport, 1);
        let version = DbMajorEngineVersion::builder().supported_engine_lifecycles(extended);
        assert_eq!(life(&version.clone().build()), None);
        let whole = life(&version.supported_engine_lifecycles(standard).build()).unwrap();
        assert_eq!(whole.standard.unwrap().to_string(), "1970-01-02");
        assert_eq!(whole.extended.unwrap().to_string(), "1970-01-03");
    }
}
