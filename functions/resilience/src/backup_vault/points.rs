//! The verdict on a recovery point, from its item.

use fisc_shared::item::ItemError;
use fisc_shared::item::required::{flag, text, unknown};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Reason, Run, Verdict, message};
use jiff::SignedDuration;

use super::requirements::{RECOVERY_POINT_RETENTION_SHORT, RECOVERY_POINT_UNENCRYPTED};
use super::{CONTINUOUS_BACKUP, RECOVERY_POINT_NOT_COMPLETED, REQUIRED_RETENTION_DAYS};

/// What an item tells of a recovery point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) encrypted: bool,
    pub(super) key: Option<String>,
    /// It is a backup that goes on, which AWS Backup keeps for 35 days at most.
    continuous: bool,
    /// How many days it is kept; `None`: for ever.
    days: Option<i64>,
}

/// Reads an item; `None` when the recovery point is not complete.
pub(super) fn read(item: &ConfigurationItem) -> Result<Option<Point>, ItemError> {
    const STATUS: &str = "Status";
    const DAYS: &str = "DeleteAfterDays";
    let fields = item.configuration()?;
    let continuous = match text(&fields, STATUS)? {
        "COMPLETED" => text(&fields, "RecoveryPointArn")?.contains(":continuous:"),
        // The states of a continuous backup that holds data.
        "AVAILABLE" | "STOPPED" => true,
        "CREATING" | "PARTIAL" | "DELETING" | "EXPIRED" => return Ok(None),
        other => return Err(unknown(&fields, STATUS, other)),
    };
    let lifecycle = fields.at("Lifecycle")?;
    let set = lifecycle.map(|one| one.integer(DAYS)).transpose()?.flatten();
    // -1 stands for: never.
    let mut days = set.filter(|days| *days > 0);
    if days.is_none()
        && let Some(calculated) = fields.at("CalculatedLifecycle")?
        && let Some(delete) = calculated.time("DeleteAt")?
    {
        const CREATED: &str = "CreationDate";
        let created = fields.time(CREATED)?.ok_or_else(|| fields.missing(CREATED))?;
        // Deletion is planned to the hour: half a day is no difference.
        let kept = delete.duration_since(created) + SignedDuration::from_hours(12);
        days = Some(kept.as_hours() / 24);
    }
    Ok(Some(Point {
        encrypted: flag(&fields, "IsEncrypted")?,
        key: fields.text("EncryptionKeyArn")?.filter(|key| !key.is_empty()).map(str::to_owned),
        continuous,
        days,
    }))
}

/// The verdict; `customer`: whether its key is customer managed, where that is asked for.
pub(super) fn decide(point: Option<&Point>, customer: Option<bool>, run: &Run<'_>) -> Verdict {
    let Some(point) = point else { return Verdict::not_applicable(&RECOVERY_POINT_NOT_COMPLETED) };
    let mut failures = Failures::new();
    if !point.encrypted {
        failures.add(&RECOVERY_POINT_UNENCRYPTED);
    } else if customer == Some(false) {
        failures.because(
            &RECOVERY_POINT_UNENCRYPTED,
            message!(
                "The recovery point is not encrypted with a customer managed key",
                "復旧ポイントがカスタマー管理キーで暗号化されていません"
            ),
        );
    }
    let limit = run.parameters.get(&REQUIRED_RETENTION_DAYS);
    if let Some(days) = point.days.filter(|days| !point.continuous && *days < limit) {
        failures.because(
            &RECOVERY_POINT_RETENTION_SHORT,
            message!(
                "The recovery point is kept for {days} days; at least {limit} are asked for",
                "復旧ポイントの保持は {days} 日です({limit} 日以上が必要)"
            ),
        );
    }
    let notes: Vec<Reason> =
        point.continuous.then(|| CONTINUOUS_BACKUP.reason()).into_iter().collect();
    failures.into_verdict_with(notes)
}
