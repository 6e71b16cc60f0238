//! Accelerators: the Regions that their listeners lead to.

use std::collections::BTreeSet;

use aws_sdk_globalaccelerator::types::{EndpointGroup, HealthState};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Verdict, message};

use super::declared::{ACCELERATOR_SINGLE_REGION, MIN_REGIONS, NO_LISTENER};
use super::services::LIST_ENDPOINT_GROUPS;

/// The verdict on the endpoint groups of each listener.
pub(super) fn judge(listeners: &[Vec<EndpointGroup>], run: &Run<'_>) -> Result<Verdict, Error> {
    if listeners.is_empty() {
        return Ok(Verdict::not_applicable(&NO_LISTENER));
    }
    let wanted = run.parameters.get(&MIN_REGIONS);
    let mut failures = Failures::new();
    for groups in listeners {
        let mut regions = BTreeSet::new();
        let mut dead = BTreeSet::new();
        for group in groups {
            let region = group.endpoint_group_region().ok_or_else(|| Error::Answer {
                action: LIST_ENDPOINT_GROUPS,
                field: "EndpointGroups[].EndpointGroupRegion".to_owned(),
            })?;
            // The dial is at 100 unless somebody turned it.
            let dial = group.traffic_dial_percentage().unwrap_or(100.0);
            let endpoints = group.endpoint_descriptions();
            if endpoints.is_empty() || dial <= 0.0 {
                continue;
            }
            regions.insert(region);
            if endpoints.iter().all(|one| one.health_state() == Some(&HealthState::Unhealthy)) {
                dead.insert(region);
            }
        }
        let found = regions.len();
        if i64::try_from(found).is_ok_and(|found| found < wanted) {
            failures.because(
                &ACCELERATOR_SINGLE_REGION,
                message!(
                    "A listener leads to {found} Region(s); {wanted} are asked for",
                    "リスナーのリージョン数が {found} です(必要数 {wanted})"
                ),
            );
        } else if !dead.is_empty() {
            let dead: Vec<&str> = dead.into_iter().collect();
            let Message { en, ja } = Message::named(&dead);
            failures.because(
                &ACCELERATOR_SINGLE_REGION,
                message!(
                    "No healthy endpoint in {en}",
                    "正常なエンドポイントがないリージョン: {ja}"
                ),
            );
        } else {
            continue;
        }
        // One reason for the one code.
        break;
    }
    Ok(failures.into_verdict())
}
