//! Trusted Advisor's checks.

use std::collections::BTreeMap;

use aws_types::SdkConfig;
use fisc_services::regions::in_region;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Reason, Run};

use super::parameters::{ADVISOR_CATEGORIES, ADVISOR_FAIL_ON_YELLOW};
use super::requirements::{ADVISOR_LIMIT_FLAGGED, ADVISOR_NOT_AVAILABLE, ADVISOR_RED_CHECK};

pub(super) const DESCRIBE_CHECKS: &str = "support:DescribeTrustedAdvisorChecks";
pub(super) const DESCRIBE_SUMMARIES: &str = "support:DescribeTrustedAdvisorCheckSummaries";
pub(super) const DESCRIBE_RESULT: &str = "support:DescribeTrustedAdvisorCheckResult";

/// The category of service limits.
const LIMITS: &str = "service_limits";

/// How many checks are asked of in one call.
const BATCH: usize = 50;

/// Judges the checks; whether anything was judged.
pub(super) async fn judge(
    sdk: &SdkConfig,
    run: &Run<'_>,
    failures: &mut Failures,
    notes: &mut Vec<Reason>,
) -> Result<bool, Error> {
    let categories = run.parameters.get(&ADVISOR_CATEGORIES);
    // The checks are those of the whole account.
    if categories.is_empty() || !run.home {
        return Ok(false);
    }
    // Support answers in one Region only.
    let client = aws_sdk_support::Client::new(&in_region(sdk, "us-east-1"));
    let checks = match client
        .describe_trusted_advisor_checks()
        .language("en")
        .send()
        .await
        .call(DESCRIBE_CHECKS)
    {
        Err(error) if needs_plan(&error) => {
            notes.push(ADVISOR_NOT_AVAILABLE.reason());
            return Ok(false);
        }
        checks => checks?.checks,
    };
    let checks: BTreeMap<String, (String, String)> = checks
        .into_iter()
        .filter(|check| categories.contains(&check.category))
        .map(|check| (check.id, (check.category, check.name)))
        .collect();
    let ids: Vec<&String> = checks.keys().collect();
    let (mut limits, mut others) = (Vec::new(), Vec::new());
    let yellow = run.parameters.get(&ADVISOR_FAIL_ON_YELLOW);
    for batch in ids.chunks(BATCH) {
        let ids = batch.iter().map(|id| Some((*id).clone())).collect();
        let answer =
            client.describe_trusted_advisor_check_summaries().set_check_ids(Some(ids)).send().await;
        for summary in answer.call(DESCRIBE_SUMMARIES)?.summaries {
            let Some((category, name)) = checks.get(&summary.check_id) else { continue };
            let fails = |status: &str| {
                status == "error" || status == "warning" && yellow.contains(category)
            };
            if fails(&summary.status) && flagged(&client, &summary.check_id, fails).await? {
                let list = if category == LIMITS { &mut limits } else { &mut others };
                list.push(name.as_str());
            }
        }
    }
    for (requirement, names) in [(&ADVISOR_LIMIT_FLAGGED, limits), (&ADVISOR_RED_CHECK, others)] {
        if !names.is_empty() {
            failures.because(requirement, requirement.naming(&names));
        }
    }
    Ok(true)
}

/// Whether a check flags a resource that nobody has excluded; one that flags no single resource
/// is about the account.
async fn flagged(
    client: &aws_sdk_support::Client,
    check: &str,
    fails: impl Fn(&str) -> bool,
) -> Result<bool, Error> {
    let answer = client.describe_trusted_advisor_check_result().check_id(check).send().await;
    let Some(result) = answer.call(DESCRIBE_RESULT)?.result else { return Ok(true) };
    let resources = &result.flagged_resources;
    Ok(resources.is_empty() || resources.iter().any(|one| !one.is_suppressed && fails(&one.status)))
}

/// Whether the support plan does not include the checks.
fn needs_plan(error: &ServiceError) -> bool {
    error.is("SubscriptionRequiredException")
}
