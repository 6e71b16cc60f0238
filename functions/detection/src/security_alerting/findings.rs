//! Whether GuardDuty and Security Hub find anything here, and who else sees it.

use aws_sdk_guardduty::types::DetectorStatus;
use fisc_shared::Error;
use fisc_shared::error::{Call, Failure};

/// The IAM actions of the calls.
pub(super) const LIST_DETECTORS: &str = "guardduty:ListDetectors";
pub(super) const GET_DETECTOR: &str = "guardduty:GetDetector";
pub(super) const GET_GUARDDUTY_ADMINISTRATOR: &str = "guardduty:GetAdministratorAccount";
pub(super) const DESCRIBE_HUB: &str = "securityhub:DescribeHub";
pub(super) const GET_HUB_ADMINISTRATOR: &str = "securityhub:GetAdministratorAccount";
pub(super) const LIST_ENABLED_PRODUCTS: &str = "securityhub:ListEnabledProductsForImport";

/// GuardDuty in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct GuardDuty {
    pub(super) on: bool,
    /// The other account that sees the findings too.
    pub(super) administrator: Option<String>,
}

/// Security Hub in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Hub {
    pub(super) on: bool,
    /// The other account that sees the findings too.
    pub(super) administrator: Option<String>,
    /// It imports what GuardDuty finds.
    pub(super) guard_duty: bool,
    /// It imports what rules of AWS Config find.
    pub(super) config: bool,
}

pub(super) async fn guard_duty(client: &aws_sdk_guardduty::Client) -> Result<GuardDuty, Error> {
    let mut pages = client.list_detectors().into_paginator().items().send();
    let mut found = GuardDuty::default();
    while let Some(id) = pages.next().await {
        let id = id.call(LIST_DETECTORS)?;
        let detector = client.get_detector().detector_id(&id).send().await.call(GET_DETECTOR)?;
        if detector.status != Some(DetectorStatus::Enabled) {
            continue;
        }
        found.on = true;
        let answer = client.get_administrator_account().detector_id(&id).send().await;
        let administrator = answer.call(GET_GUARDDUTY_ADMINISTRATOR)?.administrator;
        found.administrator = administrator
            .filter(|one| one.relationship_status().is_some_and(|it| it == "Enabled"))
            .and_then(|one| one.account_id);
    }
    Ok(found)
}

pub(super) async fn hub(client: &aws_sdk_securityhub::Client) -> Result<Hub, Error> {
    match client.describe_hub().send().await.call(DESCRIBE_HUB) {
        // So it answers when it is off.
        Err(error)
            if error.failure == Failure::Refused
                && (error.is("InvalidAccessException")
                    || error.is("ResourceNotFoundException")) =>
        {
            return Ok(Hub::default());
        }
        answer => answer?,
    };
    let answer = client.get_administrator_account().send().await.call(GET_HUB_ADMINISTRATOR)?;
    let mut hub = Hub {
        on: true,
        administrator: answer
            .administrator
            .filter(|one| one.member_status().is_some_and(|it| it.eq_ignore_ascii_case("enabled")))
            .and_then(|one| one.account_id),
        ..Hub::default()
    };
    let mut pages = client.list_enabled_products_for_import().into_paginator().items().send();
    while let Some(product) = pages.next().await {
        let product = product.call(LIST_ENABLED_PRODUCTS)?;
        hub.guard_duty |= product.ends_with("/aws/guardduty");
        hub.config |= product.ends_with("/aws/config");
    }
    Ok(hub)
}
