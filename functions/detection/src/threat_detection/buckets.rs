//! Buckets that take files from outside.

use std::collections::BTreeMap;

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::types::MalwareProtectionPlanStatus;
use fisc_services::regions::offered;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, Verdict};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::{PREFIXES_ONLY, UPLOAD_BUCKET_NOT_SCANNED, UPLOAD_BUCKET_TAG};
use crate::scope::{EXCLUDED_REGIONS, NOT_IN_REGION};

pub(super) const LIST_PLANS: &str = "guardduty:ListMalwareProtectionPlans";
pub(super) const GET_PLAN: &str = "guardduty:GetMalwareProtectionPlan";

/// The buckets that active plans scan, and whether the plan is limited to some prefixes.
pub(super) type Scanned = BTreeMap<String, bool>;

/// Judges the buckets of the Region that are tagged; the others cost nothing.
pub(super) async fn sweep(
    config: &ConfigService,
    client: &Client,
    run: &Run<'_>,
) -> Result<Vec<Evaluated>, Error> {
    let tag = run.parameters.get(&UPLOAD_BUCKET_TAG);
    let excluded = run.parameters.get(&EXCLUDED_REGIONS);
    if tag.is_empty() || excluded.iter().any(|region| region == run.region) {
        return Ok(Vec::new());
    }
    let mut tagged = Vec::new();
    for item in config.recorded_with_tags(ResourceType::S3_BUCKET).await? {
        if takes_uploads(&item, &tag)? {
            tagged.push(item);
        }
    }
    if tagged.is_empty() {
        return Ok(Vec::new());
    }
    let scanned = offered(scanned(client).await)?;
    let evaluated = |item: &ConfigurationItem| Evaluated {
        resource: Resource::from(item),
        verdict: decide(&item.resource_id, scanned.as_ref()),
        at: run.now,
    };
    Ok(tagged.iter().map(evaluated).collect())
}

pub(super) fn takes_uploads(item: &ConfigurationItem, tag: &str) -> Result<bool, Error> {
    let tags = item.all_tags()?;
    Ok(tags.get(tag).is_some_and(|value| !value.trim().eq_ignore_ascii_case("false")))
}

/// The verdict on a bucket; `scanned` is none where GuardDuty does not exist.
pub(super) fn decide(bucket: &str, scanned: Option<&Scanned>) -> Verdict {
    let Some(scanned) = scanned else { return Verdict::not_applicable(&NOT_IN_REGION) };
    let mut failures = Failures::new();
    match scanned.get(bucket) {
        None => failures.add(&UPLOAD_BUCKET_NOT_SCANNED),
        Some(false) => {}
        Some(true) => return Verdict::Compliant(vec![PREFIXES_ONLY.reason()]),
    }
    failures.into_verdict()
}

async fn scanned(client: &Client) -> Result<Scanned, Error> {
    let plans: Vec<Option<(String, bool)>> = stream::iter(plans(client).await?)
        .map(|id| plan(client, id))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    let mut scanned = Scanned::new();
    for (bucket, limited) in plans.into_iter().flatten() {
        // One plan without limits is enough.
        *scanned.entry(bucket).or_insert(true) &= limited;
    }
    Ok(scanned)
}

/// The ids of all plans of the Region. The SDK has no paginator for this listing.
async fn plans(client: &Client) -> Result<Vec<String>, Error> {
    let (mut ids, mut token) = (Vec::new(), None);
    loop {
        let request = client.list_malware_protection_plans().set_next_token(token);
        let page = request.send().await.call(LIST_PLANS)?;
        let plans = page.malware_protection_plans.unwrap_or_default();
        ids.extend(plans.into_iter().filter_map(|plan| plan.malware_protection_plan_id));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(ids);
        }
    }
}

/// The bucket of an active plan, and whether it is limited to some prefixes.
async fn plan(client: &Client, id: String) -> Result<Option<(String, bool)>, Error> {
    let answer = client.get_malware_protection_plan().malware_protection_plan_id(id).send().await;
    let answer = match answer.call(GET_PLAN) {
        // Deleted since the listing.
        Err(error) if error.is("ResourceNotFoundException") => return Ok(None),
        answer => answer?,
    };
    let status = answer
        .status
        .ok_or_else(|| Error::Answer { action: GET_PLAN, field: "Status".to_owned() })?;
    if status != MalwareProtectionPlanStatus::Active {
        return Ok(None);
    }
    let bucket = answer.protected_resource.and_then(|resource| resource.s3_bucket);
    Ok(bucket.and_then(|bucket| {
        let limited = !bucket.object_prefixes().is_empty();
        Some((bucket.bucket_name?, limited))
    }))
}
