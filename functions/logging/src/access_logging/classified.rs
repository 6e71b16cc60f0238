//! Classified data: every read and write of it is recorded by CloudTrail data events.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::PerRun;
use fisc_shared::config_service::ConfigService;
use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::resource::partition;
use fisc_shared::verdict::Reason;
use fisc_shared::{
    ConfigurationItem, Error, Requirement, ResourceType, Run, Text, Verdict, message,
};
use tokio::sync::OnceCell;

use super::services::{Answer, Ask};
use super::{
    CLASSIFIED_DATA_ACCESS_NOT_LOGGED, DATA_EVENTS_RECORDED, NOT_CLASSIFIED, S3_ACCESS_LOG_OFF,
    SELECTORS_TRUSTED, name, supplementary, text,
};
use crate::recorders::{Recorder, record};
use crate::selectors::Events;
use crate::trails::CloudTrail;

pub(super) const CLASSIFIED_TAGS: Param<Vec<String>> = Param::list(
    "classifiedTags",
    &["fisc:data-class=personal", "fisc:data-class=sensitive", "fisc:data-role=backup"],
    Text::new(
        "Tags of buckets and tables whose reads and writes must be recorded, as KEY=VALUE, or KEY \
         for any value",
        "読み書きの記録を求めるバケットとテーブルのタグ(キー=値。キーだけの場合は任意の値)",
    ),
);

pub(super) const TRUSTED_TRAIL_ARNS: Param<Vec<String>> = Param::list(
    "trustedTrailArns",
    &[],
    Text::new(
        "ARNs of organization trails that record the data events of classified data, for members \
         that are denied their selectors",
        "分類されたデータのデータイベントを記録している組織の証跡の ARN(イベントセレクターの参照を\
         拒否されるメンバーアカウント用)",
    ),
);

pub(super) const LAKE_REGIONS: Param<Vec<String>> = Param::list(
    "lakeRegions",
    &[],
    Text::new(
        "Regions in which to look for event data stores (empty: the evaluated one)",
        "イベントデータストアを探すリージョン(空の場合は評価対象のリージョン)",
    ),
);

/// The types that can hold classified data.
const STORES: [ResourceType; 2] = [ResourceType::S3_BUCKET, ResourceType::DYNAMODB_TABLE];

/// Whether the tags of the resource say that its data is classified.
pub(super) fn asks(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    let wanted = run.parameters.get(&CLASSIFIED_TAGS);
    if wanted.is_empty() || STORES.iter().all(|kind| kind.name != item.resource_type) {
        return Ok(false);
    }
    let tags = item.all_tags()?;
    Ok(wanted.iter().any(|tag| match tag.split_once('=') {
        Some((key, value)) => tags.get(key.trim()).is_some_and(|own| own == value.trim()),
        None => tags.contains_key(tag.trim()),
    }))
}

/// Of a table nothing else is judged.
pub(super) fn table(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    text(&item.configuration()?, "tableArn")?;
    Ok(match asks(item, run)? {
        true => Verdict::compliant(),
        false => Verdict::not_applicable(&NOT_CLASSIFIED),
    })
}

/// Whether it is a bucket without server access logs, wherever to.
fn is_silent(item: &ConfigurationItem) -> Result<bool, ItemError> {
    if item.resource_type != ResourceType::S3_BUCKET.name {
        return Ok(false);
    }
    let logging = supplementary(item, "BucketLoggingConfiguration")?;
    Ok(name(&logging, "destinationBucketName")?.is_none())
}

/// All accesses to the data of a resource.
fn accesses(item: &ConfigurationItem) -> Result<Events, Error> {
    let partition = partition(&item.region);
    if item.resource_type == ResourceType::DYNAMODB_TABLE.name {
        let arn = item.configuration()?;
        return Ok(Events::data("AWS::DynamoDB::Table", partition).on(text(&arn, "tableArn")?));
    }
    let objects = format!("arn:{partition}:s3:::{}/", item.resource_id);
    Ok(Events::data("AWS::S3::Object", partition).under(&objects))
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn Ask> {
    Arc::new(Classified {
        cloudtrail: CloudTrail::new(sdk),
        config: ConfigService::new(sdk),
        recorders: PerRun::default(),
    })
}

struct Classified {
    cloudtrail: CloudTrail,
    config: ConfigService,
    recorders: PerRun<String, Arc<Recorders>>,
}

/// What records the events of a Region; the lake is asked only where trails are not enough.
struct Recorders {
    trails: Vec<Recorder>,
    stores: OnceCell<Vec<Recorder>>,
}

#[async_trait]
impl Ask for Classified {
    async fn refuted(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Vec<&'static Requirement>, Error> {
        // Logs in a bucket that is not allowed are not excused by others.
        let replaced = is_silent(item)? && self.found(item, run).await?.failures.is_empty();
        Ok(if replaced { vec![&S3_ACCESS_LOG_OFF] } else { Vec::new() })
    }

    async fn resource(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Answer, Error> {
        let mut answer = self.found(item, run).await?;
        if answer.failures.is_empty() && is_silent(item)? {
            answer.notes.push(DATA_EVENTS_RECORDED.reason());
        }
        Ok(answer)
    }

    async fn scheduled(&self, run: &Run<'_>) -> Result<Vec<ConfigurationItem>, Error> {
        let mut items = Vec::new();
        if run.parameters.get(&CLASSIFIED_TAGS).is_empty() {
            return Ok(items);
        }
        for kind in STORES {
            for item in self.config.recorded_with_tags(kind).await? {
                if asks(&item, run)? {
                    items.push(item);
                }
            }
        }
        Ok(items)
    }
}

impl Classified {
    async fn found(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Answer, Error> {
        let recorders = self
            .recorders
            .get(run, run.region.to_owned(), || async { Ok(Arc::new(self.trails(run).await?)) })
            .await?;
        let accesses = accesses(item)?;
        if record(&recorders.trails, &accesses).is_ok_and(|recorded| recorded) {
            return Ok(recorded(&recorders.trails));
        }
        let stores = recorders.stores.get_or_try_init(|| self.stores(run)).await?;
        judge(&recorders.trails, stores, &accesses)
    }

    /// The trails that log the events of the Region.
    async fn trails(&self, run: &Run<'_>) -> Result<Recorders, Error> {
        let trusted = run.parameters.get(&TRUSTED_TRAIL_ARNS);
        let mut trails = Vec::new();
        for trail in self.cloudtrail.trails().await? {
            let covers = trail.is_multi_region || trail.arn.home_region() == run.region;
            if covers && self.cloudtrail.status(&trail).await?.is_logging {
                trails.push(Recorder::trail(&self.cloudtrail, &trail, &trusted, run).await?);
            }
        }
        Ok(Recorders { trails, stores: OnceCell::new() })
    }

    /// The event data stores that take in the events of the Region.
    async fn stores(&self, run: &Run<'_>) -> Result<Vec<Recorder>, Error> {
        let regions = match run.parameters.get(&LAKE_REGIONS) {
            regions if regions.is_empty() => vec![run.region.to_owned()],
            regions => regions,
        };
        let stores = self.cloudtrail.event_data_stores(&regions).await?;
        let enabled = stores.iter().filter(|store| store.is_enabled).map(Recorder::from);
        Ok(enabled.filter(|store| store.covers(run.region)).collect())
    }
}

/// Judges one resource by all that records.
fn judge(trails: &[Recorder], stores: &[Recorder], accesses: &Events) -> Result<Answer, Error> {
    let all = || trails.iter().chain(stores);
    let reads = record(all(), &accesses.clone().reading(true))?;
    let writes = record(all(), &accesses.clone().reading(false))?;
    let message = match (reads, writes) {
        (true, true) => return Ok(recorded(trails)),
        (true, false) => message!(
            "Writes of classified data are not recorded by any trail or event data store",
            "分類されたデータへの書き込みが、証跡にもイベントデータストアにも記録されていません"
        ),
        (false, true) => message!(
            "Reads of classified data are not recorded by any trail or event data store",
            "分類されたデータの読み取りが、証跡にもイベントデータストアにも記録されていません"
        ),
        (false, false) => message!(
            "Neither reads nor writes of classified data are all recorded by trails or event data \
             stores",
            "分類されたデータの読み書きのすべては、証跡やイベントデータストアに記録されていません"
        ),
    };
    let code = CLASSIFIED_DATA_ACCESS_NOT_LOGGED.code;
    Ok(Answer { failures: vec![Reason { code, message }], notes: Vec::new() })
}

/// All accesses are recorded; perhaps on trust.
fn recorded(trails: &[Recorder]) -> Answer {
    let trusted = trails.iter().any(Recorder::is_trusted);
    let notes = trusted.then(|| SELECTORS_TRUSTED.reason());
    Answer { failures: Vec::new(), notes: notes.into_iter().collect() }
}

#[cfg(test)]
mod tests;
