//! The delivery of histories and snapshots, and who is told of changes.

use aws_sdk_config::types::{
    ConfigExportDeliveryInfo, DeliveryChannel, DeliveryChannelStatus, MaximumExecutionFrequency,
};
use fisc_shared::config_service::from_sdk;
use fisc_shared::{Message, Run, message};
use jiff::{SignedDuration, Timestamp};

use super::parameters::{MAX_DELIVERY_AGE_HOURS, MAX_SNAPSHOT_FREQUENCY};

/// The delivery channel of a Region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Delivery {
    /// There is a channel with a bucket.
    pub(super) bucket: bool,
    /// Hours between snapshots.
    pub(super) snapshot_hours: Option<i64>,
    /// The topic that is told of changes.
    pub(super) topic: Option<String>,
    /// What failed when it was last delivered: `history`, `snapshot`.
    pub(super) failed: Vec<&'static str>,
    /// When a history or a snapshot was last delivered.
    pub(super) delivered: Option<Timestamp>,
}

impl Delivery {
    pub(super) fn of(channel: &DeliveryChannel, status: Option<&DeliveryChannelStatus>) -> Self {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let exports = [
            ("history", status.and_then(|status| status.config_history_delivery_info())),
            ("snapshot", status.and_then(|status| status.config_snapshot_delivery_info())),
        ];
        let known = || exports.iter().filter_map(|(name, info)| Some((*name, (*info)?)));
        Self {
            bucket: text(channel.s3_bucket_name()).is_some(),
            snapshot_hours: channel
                .config_snapshot_delivery_properties()
                .and_then(|properties| properties.delivery_frequency())
                .and_then(hours),
            topic: text(channel.sns_topic_arn()),
            failed: known().filter(|(_, info)| failed(info)).map(|(name, _)| name).collect(),
            delivered: known().filter_map(|(_, info)| from_sdk(info.last_successful_time()?)).max(),
        }
    }

    /// What is wrong with it. `started`: when the recorder was last started.
    pub(super) fn problem(&self, started: Option<Timestamp>, run: &Run<'_>) -> Option<Message> {
        if !self.bucket {
            return Some(message!(
                "No delivery channel with a bucket",
                "S3 バケットを指定した配信チャネルがありません"
            ));
        }
        if !self.failed.is_empty() {
            let what = self.failed.join(", ");
            return Some(message!(
                "The last delivery failed: {what}",
                "最後の配信に失敗しています: {what}"
            ));
        }
        let hours = run.parameters.get(&MAX_DELIVERY_AGE_HOURS);
        let oldest = run.now - SignedDuration::from_hours(hours);
        // Nothing can have been delivered before the recorder recorded.
        let late = |time: Option<Timestamp>| time.is_none_or(|time| time < oldest);
        if !late(self.delivered) || !late(started) {
            return None;
        }
        Some(match self.delivered {
            Some(time) => {
                let day = time.strftime("%Y-%m-%d %H:%M UTC");
                message!(
                    "Nothing was delivered since {day} (limit {hours} hours)",
                    "{day} 以降配信されていません(上限 {hours} 時間)"
                )
            }
            None => message!(
                "Nothing was delivered yet, more than {hours} hours after the start",
                "開始から {hours} 時間を超えても一度も配信されていません"
            ),
        })
    }

    /// What is wrong with the snapshots.
    pub(super) fn snapshot_problem(&self, run: &Run<'_>) -> Option<Message> {
        let limit = run.parameters.get(&MAX_SNAPSHOT_FREQUENCY);
        let limit = hours(&MaximumExecutionFrequency::from(limit.as_str())).unwrap_or(24);
        match self.snapshot_hours {
            None => Some(message!(
                "Snapshots are not scheduled",
                "スナップショットの配信頻度が設定されていません"
            )),
            Some(hours) if hours > limit => Some(message!(
                "A snapshot every {hours} hours (limit {limit})",
                "スナップショットは {hours} 時間ごとです(上限 {limit} 時間)"
            )),
            Some(_) => None,
        }
    }
}

/// The API reference writes `Failure`, the SDK `FAILURE`.
fn failed(info: &ConfigExportDeliveryInfo) -> bool {
    info.last_status().is_some_and(|status| status.as_str().eq_ignore_ascii_case("failure"))
}

/// `None` for a frequency that AWS added since: a schedule of unknown length does not count.
fn hours(frequency: &MaximumExecutionFrequency) -> Option<i64> {
    Some(match frequency {
        MaximumExecutionFrequency::OneHour => 1,
        MaximumExecutionFrequency::ThreeHours => 3,
        MaximumExecutionFrequency::SixHours => 6,
        MaximumExecutionFrequency::TwelveHours => 12,
        MaximumExecutionFrequency::TwentyFourHours => 24,
        _ => return None,
    })
}
