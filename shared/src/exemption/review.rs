//! The daily look at exemptions that only a change would look at otherwise: one that ended, one
//! that was taken back, one that was granted since.

use futures::stream::{self, StreamExt, TryStreamExt};

use super::Exemptions;
use crate::aws::CONCURRENCY;
use crate::config_service::{ConfigService, Reported};
use crate::control::Control;
use crate::error::Error;
use crate::event::ConfigEvent;
use crate::resource::Resource;
use crate::runner::{Connected, Run};
use crate::verdict::{Compliance, Evaluated, Verdict, remarks};

/// Judges again what `reported` holds of types that no schedule judges, where an exemption may
/// have come, ended or gone; the results that differ from what AWS Config holds. An evaluation
/// costs: what stays as it is, is not reported again.
///
/// # Errors
/// When AWS Config does not answer or a resource cannot be judged.
pub async fn review(
    connected: &Connected,
    exemptions: &Exemptions,
    config: &ConfigService,
    event: &ConfigEvent,
    run: &Run<'_>,
    reported: &[Reported],
) -> Result<Vec<Evaluated>, Error> {
    let control = connected.control;
    let doubtful: Vec<&Reported> = reported
        .iter()
        .filter(|one| !control.swept().iter().any(|kind| kind.name == one.resource_type))
        .filter(|one| is_doubtful(one, control, exemptions, run))
        .collect();
    let judged: Vec<Option<Evaluated>> = stream::iter(doubtful)
        .map(|known| again(connected, exemptions, config, event, run, known))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    Ok(judged.into_iter().flatten().collect())
}

/// A resource as it is now; `None` when AWS Config holds the same of it.
async fn again(
    connected: &Connected,
    exemptions: &Exemptions,
    config: &ConfigService,
    event: &ConfigEvent,
    run: &Run<'_>,
    known: &Reported,
) -> Result<Option<Evaluated>, Error> {
    let Reported { resource_type, resource_id, .. } = known;
    let item = config.item_before(resource_type, resource_id, event.sent).await?;
    let Some(item) = item else {
        let resource = of_result(known, run, run.region);
        let verdict = Verdict::not_applicable(&remarks::RESOURCE_GONE);
        return Ok(Some(Evaluated { resource, verdict, at: event.sent }));
    };
    let verdict = connected.judge(&item, run).await?;
    let one = Evaluated { resource: Resource::from(&item), verdict, at: event.sent };
    let one = exemptions.apply_to_item(connected.control, &item, one, run.now);
    let same = Some(one.verdict.compliance()) == known.compliance
        && one.verdict.exemption() == known.exemption().as_ref();
    Ok((!same).then_some(one))
}

/// Whether an exemption may have changed a result.
fn is_doubtful(one: &Reported, control: &Control, exemptions: &Exemptions, run: &Run<'_>) -> bool {
    if one.exemption().is_some() {
        return true;
    }
    // Config's results do not tell whether a resource is a global one.
    one.compliance == Some(Compliance::NonCompliant)
        && [run.region, "global"]
            .iter()
            .any(|region| exemptions.reviewed.names(control.id, &of_result(one, run, region)))
}

fn of_result(one: &Reported, run: &Run<'_>, region: &str) -> Resource {
    Resource {
        resource_type: one.resource_type.clone(),
        id: one.resource_id.clone(),
        arn: None,
        account_id: run.account_id.to_owned(),
        region: region.to_owned(),
    }
}
