//! Versions that the service itself knows: EKS and MSK clusters, MQ brokers, OpenSearch domains
//! and Elastic Beanstalk environments. Each service is asked once for all its resources.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_kafka::types::KafkaVersionStatus;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::item::required::{flag, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Error, Verdict, message};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::Judge;
use super::requirements::{
    BEANSTALK_PLATFORM_RETIRED, CONNECTED_CLUSTER, CUSTOM_PLATFORM, EKS_VERSION_UNSUPPORTED,
    KAFKA_VERSION_DEPRECATED, MQ_ENGINE_UNSUPPORTED, OPENSEARCH_OUTDATED,
};
use super::support::{Judged, Life, Rules, day};
use super::table::begins;

pub(super) const DESCRIBE_CLUSTER_VERSIONS: &str = "eks:DescribeClusterVersions";
pub(super) const LIST_VERSIONS: &str = "es:ListVersions";
pub(super) const DESCRIBE_BROKER_ENGINE_TYPES: &str = "mq:DescribeBrokerEngineTypes";
pub(super) const LIST_KAFKA_VERSIONS: &str = "kafka:ListKafkaVersions";
pub(super) const DESCRIBE_PLATFORM_VERSION: &str = "elasticbeanstalk:DescribePlatformVersion";

/// EKS clusters, by the end of standard support of their version.
pub(super) struct Eks(pub aws_sdk_eks::Client);

/// Clusters that are only connected run elsewhere, and have no version of EKS. Without the service
/// the table tells.
pub(super) fn eks_preview(
    item: &ConfigurationItem,
    rules: &Rules,
) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    if fields.at("ConnectorConfig")?.is_some() {
        return Ok(Some(Verdict::not_applicable(&CONNECTED_CLUSTER)));
    }
    let version = text(&fields, "Version")?;
    let life = if rules.offline { rules.life("eks", "kubernetes", version) } else { None };
    Ok(life.map(|life| kubernetes(version, Some(life), rules)))
}

fn kubernetes(version: &str, life: Option<Life>, rules: &Rules) -> Verdict {
    let mut judged = Judged::by(rules);
    judged.version(&EKS_VERSION_UNSUPPORTED, "eks", &format!("Kubernetes {version}"), life);
    judged.verdict()
}

#[async_trait]
impl Judge for Eks {
    async fn judge(
        &self,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error> {
        let mut pages =
            self.0.describe_cluster_versions().include_all(true).into_paginator().items().send();
        let mut lives = BTreeMap::new();
        while let Some(version) = pages.next().await {
            let version = version.call(DESCRIBE_CLUSTER_VERSIONS)?;
            // Local clusters on Outposts are listed as a type of their own.
            let ordinary = version.cluster_type().is_none_or(|kind| kind == "eks");
            let (Some(name), true) = (version.cluster_version(), ordinary) else { continue };
            let standard = version.end_of_standard_support_date().and_then(from_sdk).map(day);
            let extended = version.end_of_extended_support_date().and_then(from_sdk).map(day);
            // Without a date there is no verdict on it.
            if standard.is_some() {
                lives.insert(name.to_owned(), Life { standard, extended });
            }
        }
        each(items, |item| {
            let fields = item.configuration()?;
            let version = text(&fields, "Version")?;
            Ok(kubernetes(version, lives.get(version).copied(), rules))
        })
    }
}

/// OpenSearch domains, by what is offered, by the table, and by updates that wait.
pub(super) struct OpenSearch(pub aws_sdk_opensearch::Client);

/// Without the service, what the table and the item tell may be enough for a failure.
pub(super) fn search_preview(
    item: &ConfigurationItem,
    rules: &Rules,
) -> Result<Option<Verdict>, Error> {
    let mut judged = Judged::by(rules);
    if rules.offline {
        search(&mut judged, item, rules)?;
    }
    Ok(judged.failed())
}

/// What the table and the item tell of a domain.
fn search(
    judged: &mut Judged<'_>,
    item: &ConfigurationItem,
    rules: &Rules,
) -> Result<(), ItemError> {
    let fields = item.configuration()?;
    let engine = text(&fields, "EngineVersion")?;
    let (name, version) = engine.split_once('_').unwrap_or(("", engine));
    let life = rules.life("opensearch", name, version);
    judged.version(&OPENSEARCH_OUTDATED, "opensearch", &engine.replace('_', " "), life);
    let software = fields.at("ServiceSoftwareOptions")?;
    let late = software.map(|software| update_is_late(item, &software, rules));
    if late.transpose()? == Some(true) {
        let message = message!(
            "A required service software update is overdue",
            "必須のサービスソフトウェア更新が適用されていません"
        );
        judged.fails(&OPENSEARCH_OUTDATED, message);
    }
    Ok(())
}

#[async_trait]
impl Judge for OpenSearch {
    async fn judge(
        &self,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error> {
        let mut pages = self.0.list_versions().into_paginator().send();
        let mut offered = BTreeSet::new();
        while let Some(page) = pages.next().await {
            offered.extend(page.call(LIST_VERSIONS)?.versions.unwrap_or_default());
        }
        if offered.is_empty() {
            return Err(lacks(LIST_VERSIONS, "Versions"));
        }
        each(items, |item| {
            let fields = item.configuration()?;
            let engine = text(&fields, "EngineVersion")?;
            let subject = engine.replace('_', " ");
            let mut judged = Judged::by(rules);
            if offered.contains(engine) {
                judged.holds();
            } else {
                let message =
                    message!("{subject} is not offered any more", "{subject} は提供されていません");
                judged.fails(&OPENSEARCH_OUTDATED, message);
            }
            search(&mut judged, item, rules)?;
            Ok(judged.verdict())
        })
    }
}

/// Whether a required update waits for too long: past its date, or since the item was recorded,
/// which already told of it. What is not there is as the API has it: no update.
fn update_is_late(
    item: &ConfigurationItem,
    software: &Fields<'_>,
    rules: &Rules,
) -> Result<bool, ItemError> {
    let available = software.flag("UpdateAvailable")? == Some(true);
    let optional = software.flag("OptionalDeployment")? == Some(true);
    let under_way = software.text("UpdateStatus")? == Some("IN_PROGRESS");
    if !available || optional || under_way {
        return Ok(false);
    }
    // An update without a date has 1970 there.
    let date = software.time("AutomatedUpdateDate")?.filter(|date| date.as_second() > 0);
    let waiting = item.captured.is_some_and(|seen| rules.now.duration_since(seen) > rules.grace);
    Ok(waiting || date.is_some_and(|date| date < rules.now))
}

/// MQ brokers, by what a new broker may be.
pub(super) struct Mq(pub aws_sdk_mq::Client);

/// Without the service, the item may be enough for a failure.
pub(super) fn mq_preview(
    item: &ConfigurationItem,
    rules: &Rules,
) -> Result<Option<Verdict>, Error> {
    let mut judged = Judged::by(rules);
    if rules.offline {
        let fields = item.configuration()?;
        judged.minor_upgrades(flag(&fields, "AutoMinorVersionUpgrade")?, item)?;
    }
    Ok(judged.failed())
}

#[async_trait]
impl Judge for Mq {
    async fn judge(
        &self,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error> {
        let offered = self.offered().await?;
        each(items, |item| {
            let fields = item.configuration()?;
            let engine = text(&fields, "EngineType")?.to_ascii_uppercase();
            let version = text(&fields, "EngineVersion")?;
            let versions = offered.get(&engine).ok_or_else(|| {
                lacks(DESCRIBE_BROKER_ENGINE_TYPES, &format!("BrokerEngineTypes of {engine}"))
            })?;
            let mut judged = Judged::by(rules);
            // Newer engines are offered as 5.18 and report 5.18.4, or the other way round.
            if versions.iter().any(|one| begins(version, one) || begins(one, version)) {
                judged.holds();
            } else {
                let message = message!(
                    "{engine} {version} is not offered any more",
                    "{engine} {version} は提供されていません"
                );
                judged.fails(&MQ_ENGINE_UNSUPPORTED, message);
            }
            judged.minor_upgrades(flag(&fields, "AutoMinorVersionUpgrade")?, item)?;
            Ok(judged.verdict())
        })
    }
}

impl Mq {
    /// The versions by engine. The SDK has no paginator for this call.
    async fn offered(&self) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
        let mut offered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut token: Option<String> = None;
        loop {
            let asked = self.0.describe_broker_engine_types().set_next_token(token.clone());
            let page = asked.send().await.call(DESCRIBE_BROKER_ENGINE_TYPES)?;
            for engine in page.broker_engine_types() {
                let Some(kind) = engine.engine_type() else { continue };
                let versions = engine.engine_versions().iter();
                let names = versions.filter_map(|version| version.name().map(str::to_owned));
                offered.entry(kind.as_str().to_owned()).or_default().extend(names);
            }
            let next = page.next_token.filter(|next| !next.is_empty());
            if next.is_none() {
                return Ok(offered);
            }
            if next == token {
                return Err(lacks(DESCRIBE_BROKER_ENGINE_TYPES, "a new NextToken"));
            }
            token = next;
        }
    }
}

/// MSK clusters, by the status of their Kafka version.
pub(super) struct Kafka(pub aws_sdk_kafka::Client);

#[async_trait]
impl Judge for Kafka {
    async fn judge(
        &self,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error> {
        let mut pages = self.0.list_kafka_versions().into_paginator().items().send();
        let mut statuses = BTreeMap::new();
        while let Some(version) = pages.next().await {
            let version = version.call(LIST_KAFKA_VERSIONS)?;
            if let (Some(name), Some(status)) = (version.version, version.status) {
                statuses.insert(name, status);
            }
        }
        each(items, |item| {
            let fields = item.configuration()?;
            let version = text(&fields, "KafkaVersion")?;
            let mut judged = Judged::by(rules);
            match statuses.get(version) {
                Some(KafkaVersionStatus::Active) => judged.holds(),
                Some(status) => {
                    let status = status.as_str();
                    let message = message!(
                        "Kafka {version} is {status}",
                        "Kafka {version} の状態は {status} です"
                    );
                    judged.fails(&KAFKA_VERSION_DEPRECATED, message);
                }
                None => judged.unknown(&KAFKA_VERSION_DEPRECATED, &format!("Kafka {version}")),
            }
            Ok(judged.verdict())
        })
    }
}

/// Elastic Beanstalk environments, by the state of their platform's branch.
pub(super) struct Beanstalk(pub aws_sdk_elasticbeanstalk::Client);

/// Platforms of AWS have no account in their ARN; those of an account are custom ones.
pub(super) fn beanstalk_preview(
    item: &ConfigurationItem,
    _: &Rules,
) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let arn = text(&fields, "platformArn")?;
    let custom = arn.split(':').nth(4).is_some_and(|account| !account.is_empty());
    Ok(custom.then(|| Verdict::not_applicable(&CUSTOM_PLATFORM)))
}

#[async_trait]
impl Judge for Beanstalk {
    async fn judge(
        &self,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error> {
        let mut platforms = BTreeSet::new();
        for item in items {
            platforms.insert(text(&item.configuration()?, "platformArn")?.to_owned());
        }
        let states: BTreeMap<String, Vec<String>> = stream::iter(platforms)
            .map(|arn| async move {
                let states = self.states(&arn).await?;
                Ok::<_, Error>((arn, states))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        each(items, |item| {
            let fields = item.configuration()?;
            let arn = text(&fields, "platformArn")?;
            let platform = arn.split_once("platform/").map_or(arn, |(_, name)| name);
            let mut judged = Judged::by(rules);
            let over = |state: &&String| {
                ["deprecated", "retired"].contains(&state.to_ascii_lowercase().as_str())
            };
            match states.get(arn).and_then(|states| states.iter().find(over)) {
                Some(state) => judged.fails(
                    &BEANSTALK_PLATFORM_RETIRED,
                    message!(
                        "The branch of {platform} is {state}",
                        "{platform} のブランチの状態は {state} です"
                    ),
                ),
                None => judged.holds(),
            }
            Ok(judged.verdict())
        })
    }
}

impl Beanstalk {
    /// The states of a platform and its branch. A platform that is not the recommended one has
    /// no state; every branch has one.
    async fn states(&self, arn: &str) -> Result<Vec<String>, Error> {
        let asked = self.0.describe_platform_version().platform_arn(arn);
        let answer = asked.send().await.call(DESCRIBE_PLATFORM_VERSION)?;
        let platform = answer
            .platform_description
            .ok_or_else(|| lacks(DESCRIBE_PLATFORM_VERSION, "PlatformDescription"))?;
        let branch = platform
            .platform_branch_lifecycle_state
            .ok_or_else(|| lacks(DESCRIBE_PLATFORM_VERSION, "PlatformBranchLifecycleState"))?;
        Ok(platform.platform_lifecycle_state.into_iter().chain([branch]).collect())
    }
}

fn lacks(action: &'static str, field: &str) -> Error {
    Error::Answer { action, field: field.to_owned() }
}

/// Judges every item.
fn each(
    items: &[&ConfigurationItem],
    judge: impl Fn(&ConfigurationItem) -> Result<Verdict, Error>,
) -> Result<Vec<Verdict>, Error> {
    items.iter().map(|item| judge(item)).collect()
}

#[cfg(test)]
mod tests {
    use fisc_shared::{Parameters, Run};
    use fisc_testkit::events;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_required_update_is_late_after_its_date_or_after_long_waiting() {
        let control = &super::super::CONTROL;
        let parameters = json!({"serviceSoftwareGraceDays": 30});
        let parameters =
            Parameters::from_value(control.id, control.parameters, &parameters).unwrap();
        let run = Run {
            parameters: &parameters,
            now: "2026-11-23T00:00:00Z".parse().unwrap(),
            account_id: "111122223333",
            region: "ap-northeast-1",
            deadline: None,
            home: true,
            offline: false,
        };
        let rules = Rules::of(&run).unwrap();
        let late = |seen: &str, software: Value| {
            let configuration = json!({"EngineVersion": "OpenSearch_3.1", "S": software});
            let mut item = events::item("AWS::OpenSearch::Domain", "d", configuration);
            item["configurationItemCaptureTime"] = json!(seen);
            let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
            let software = item.configuration().unwrap().at("S").unwrap().unwrap();
            update_is_late(&item, &software, &rules).unwrap()
        };
        let recent = "2026-10-24T01:00:00Z";
        let long_ago = "2026-10-23T23:00:00Z";
        let update = |date: &str| {
            json!({"UpdateAvailable": true, "OptionalDeployment": false,
            "UpdateStatus": "PENDING_UPDATE", "AutomatedUpdateDate": date})
        };
        let (none, past) = ("1970-01-01T00:00:00Z", "2026-11-22T00:00:00Z");
        assert!(!late(recent, update("2026-12-01T00:00:00Z")));
        assert!(late(recent, update(past)));
        assert!(!late(recent, update(none)), "no date is no past one");
        assert!(late(long_ago, update(none)));
        for (name, value) in [
            ("UpdateAvailable", json!(false)),
            ("OptionalDeployment", json!(true)),
            ("UpdateStatus", json!("IN_PROGRESS")),
        ] {
            let mut other = update(past);
            other[name] = value;
            assert!(!late(long_ago, other), "{name}");
        }
        assert!(!late(long_ago, json!({})));
    }
}
