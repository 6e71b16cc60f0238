//! What is asked, and of what.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::regions::in_region;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use fisc_shared::{ConfigurationItem, Error, Evaluated, Resource, Run, ServiceCheck, Verdict};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::account::{self, Facts, Seen};
use super::retention::{self, Buckets, Kept};
use super::trail::{self, Details, Key};
use super::{
    JUDGED_IN_HOME_REGION, LAKE_REGIONS, REQUIRE_INSIGHTS, REQUIRE_ORGANIZATION_TRAIL,
    REQUIRED_TRAIL_ARN,
};
use crate::recorders::Recorder;
use crate::trails::{CloudTrail, Trail, parse_arn};

pub(super) const DESCRIBE_KEY: &str = "kms:DescribeKey";
/// Keys of this account; that of a trail is in the Region of its bucket.
pub(super) const KEYS: &str = "arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*";

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(AuditTrail {
        cloudtrail: CloudTrail::new(sdk),
        buckets: Buckets::new(sdk),
        sdk: sdk.clone(),
    })
}

struct AuditTrail {
    cloudtrail: CloudTrail,
    buckets: Buckets,
    sdk: SdkConfig,
}

#[async_trait]
impl ServiceCheck for AuditTrail {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let trail = Trail::from_item(item)?;
        match trail::by_owner(&trail, run) {
            Some(verdict) => Ok(verdict),
            None => self.trail(&self.seen(trail, run).await?, run).await,
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let required = run.parameters.get(&REQUIRED_TRAIL_ARN);
        if !required.is_empty() {
            parse_arn("parameter \"requiredTrailArn\"", &required)?;
        }
        let trails = self.cloudtrail.trails().await?;
        // Copies in other Regions are judged at home; elsewhere only trails of the Region count.
        let (foreign, own): (Vec<Trail>, Vec<Trail>) =
            trails.into_iter().partition(|trail| trail.arn.account_id() != run.account_id);
        let at_home = |trail: &Trail| trail.arn.home_region() == run.region;
        let mut evaluated = Vec::new();
        for trail in foreign.iter().filter(|trail| at_home(trail)) {
            if let Some(verdict) = trail::by_owner(trail, run) {
                evaluated.push(Evaluated { resource: trail.resource(run), verdict, at: run.now });
            }
        }
        let wanted = own.into_iter().chain(foreign.into_iter().filter(|_| run.home));
        let seen: Vec<Seen> = stream::iter(wanted.filter(|trail| run.home || at_home(trail)))
            .map(|trail| self.seen(trail, run))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        for one in seen.iter().filter(|one| at_home(&one.trail)) {
            if one.trail.arn.account_id() == run.account_id {
                let resource = one.trail.resource(run);
                let verdict = self.trail(one, run).await?;
                evaluated.push(Evaluated { resource, verdict, at: run.now });
            }
        }
        let verdict = match run.home {
            true => account::judge(&self.facts(seen, run).await?, run)?,
            false => Verdict::not_applicable(&JUDGED_IN_HOME_REGION),
        };
        let resource = Resource::account(run.account_id, run.region);
        evaluated.push(Evaluated { resource, verdict, at: run.now });
        Ok(evaluated)
    }
}

impl AuditTrail {
    /// How a trail is doing, and what it records.
    async fn seen(&self, trail: Trail, run: &Run<'_>) -> Result<Seen, Error> {
        let status = self.cloudtrail.status(&trail).await?;
        let trusted = [run.parameters.get(&REQUIRED_TRAIL_ARN)];
        let recorder = match status.is_logging {
            true => Some(Recorder::trail(&self.cloudtrail, &trail, &trusted, run).await?),
            false => None,
        };
        Ok(Seen { trail, status, recorder })
    }

    /// A trail of this account.
    async fn trail(&self, seen: &Seen, run: &Run<'_>) -> Result<Verdict, Error> {
        let insights = run.parameters.get(&REQUIRE_INSIGHTS) && trail::records_management(seen);
        let details = Details {
            key: self.key(&seen.trail, run).await?,
            insights: match insights {
                true => Some(self.cloudtrail.insights(&seen.trail).await?),
                false => None,
            },
        };
        Ok(trail::judge(seen, &details, run))
    }

    async fn key(&self, trail: &Trail, run: &Run<'_>) -> Result<Key, Error> {
        let Some(key) = &trail.kms_key else { return Ok(Key::None) };
        // An ARN; it tells Region and account.
        let mut parts = key.split(':').skip(3);
        let region = parts.next().unwrap_or(run.region);
        if parts.next().is_some_and(|account| account != run.account_id) {
            return Ok(Key::Foreign);
        }
        let client = aws_sdk_kms::Client::new(&in_region(&self.sdk, region));
        let answer = match client.describe_key().key_id(key).send().await.call(DESCRIBE_KEY) {
            Err(error) if error.is("NotFoundException") => return Ok(Key::Gone),
            other => other?,
        };
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_KEY,
            field: format!("KeyMetadata.{field}"),
        };
        let metadata = answer.key_metadata().ok_or_else(|| lacks("KeyState"))?;
        let manager = metadata.key_manager().ok_or_else(|| lacks("KeyManager"))?;
        let state = metadata.key_state().ok_or_else(|| lacks("KeyState"))?;
        Ok(Key::Known { by_aws: manager.as_str() == "AWS", state: state.as_str().to_owned() })
    }

    /// What decides of the account as a whole.
    async fn facts(&self, trails: Vec<Seen>, run: &Run<'_>) -> Result<Facts, Error> {
        let regions = match run.parameters.get(&LAKE_REGIONS) {
            regions if regions.is_empty() => vec![run.region.to_owned()],
            regions => regions,
        };
        let stores = self.cloudtrail.event_data_stores(&regions).await?;
        let in_organization = match run.parameters.get(&REQUIRE_ORGANIZATION_TRAIL).as_str() {
            "true" => true,
            "false" => false,
            _ => self.cloudtrail.organization().await?.is_some(),
        };
        let mut facts = Facts { trails, stores, in_organization, kept: Kept::LongEnough };
        if retention::longest(&facts.complete_stores(run)) < retention::demanded(run) {
            let trails = facts.covering().map(|one| &one.trail);
            facts.kept = self.buckets.kept(trails, run).await?;
        }
        Ok(facts)
    }
}
