//! `config-recorder`: AWS Config records everything, delivers it, somebody is told, and the rules
//! that must be there are.
//!
//! Every other control of this suite, and much of what auditors ask for, rests on AWS Config's
//! record. Rules that run on changes fall silent when the recorder stops; this control runs on a
//! schedule, which AWS Config keeps to even then, and says so. Where several Regions are used, the
//! home Region also tells of enabled Regions in which nothing is recorded.
//!
//! The recorders of AWS services (service-linked recorders) are not the customer's and do not
//! count; the API lists them only on request. Without a recorder nothing is said of its delivery.
//!
//! Criteria: 統24 8, 実5, 実19, 実37, 実38, 実42, 実42 1, 実43, 実43 1, 実47, 実48 10, 実100 4 ask
//! for it. To fix a Region, record all types continuously, with a delivery channel, a daily
//! snapshot and an EventBridge rule that reaches somebody.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_services::alerts;
use fisc_services::recorder::DESCRIBE_RECORDERS;
use fisc_services::regions::LIST_REGIONS;
use fisc_shared::control::OfAccount;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, ResourceType,
    ServiceCheck, Severity, Text, Trigger, no_item_tells,
};

use self::parameters::{
    ACCEPTED_NOTIFICATION, AGGREGATED_ACCOUNT_IDS, AGGREGATOR_ACCOUNT_ID, ALL_REGIONS,
    ALLOWED_DAILY_TYPES, ALLOWED_EXCLUSIONS, CONTINUOUS_TYPES, EXCLUDED_REGIONS,
    MAX_DELIVERY_AGE_HOURS, MAX_SNAPSHOT_FREQUENCY, NETWORK_TYPES, REQUIRE_AUTOMATIC_REMEDIATION,
    REQUIRE_SERVICE_LINKED_ROLE, REQUIRED_CONFORMANCE_PACKS, REQUIRED_RULES,
    RULES_REQUIRING_REMEDIATION,
};
use self::requirements::{
    AGGREGATOR_MISSING, AGGREGATOR_SOURCE_FAILED, CHANGE_NOTIFICATION_MISSING, DELIVERY_UNHEALTHY,
    GLOBAL_TYPES_NOT_RECORDED, NETWORK_TYPES_NOT_RECORDED, NOT_CONTINUOUS,
    RECORDER_MISSING_OR_STOPPED, RECORDER_REGION_GAP, RECORDER_ROLE_NOT_SERVICE_LINKED,
    REMEDIATION_MISSING, REQUIRED_RULES_MISSING, SNAPSHOT_NOT_SCHEDULED, TYPES_NOT_RECORDED,
};

mod delivery;
mod deployed;
mod judge;
mod notification;
mod parameters;
mod recording;
mod requirements;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "config-recorder",
    domain: Domain::Detection,
    severity: Severity::High,
    title: Text::new(
        "AWS Config records all types in every Region, delivers, and its rules are deployed",
        "AWS Config が全リージョンで全タイプを記録・配信し、必要なルールが展開されている",
    ),
    why: Text::new(
        "What AWS Config does not record, no rule judges and no auditor can look up. Recorders \
         are stopped to save cost, never started in a new Region, or lose the bucket that they \
         deliver to, and nothing fails visibly: the results just stop changing.",
        "AWS Config が記録しないものは、ルールで評価できず、監査で確認することもできません。レコーダーは、\
         費用削減のための停止、新しいリージョンでの設定漏れ、配信先バケットの消失などで機能しなくなり\
         ますが、目に見える障害にはならず、評価結果が更新されなくなるだけです。",
    ),
    fix: Text::new(
        "In AWS Config > Settings > Edit, in every enabled Region: record all current and future \
         resource types continuously (global types in the home Region), with a delivery channel \
         that takes snapshots. Send events of source aws.config to a target that somebody reads \
         (EventBridge > Rules). Across an Organization use a StackSet, and an aggregator in the \
         security account.",
        "AWS Config の「設定」>「編集」で、有効なすべてのリージョンで全タイプを継続的に記録し\
         (ホームリージョンではグローバルタイプを含める)、スナップショットを配信するチャネルを\
         設定します。ソース aws.config のイベントは、担当者に届くターゲットに送ります(EventBridge >\
         「ルール」)。組織全体には StackSet とセキュリティアカウントのアグリゲータを使用します。",
    ),
    remedy: Remedy::new(
        include_str!("config_recorder/remedy.sh"),
        include_str!("config_recorder/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html",
    criteria: Criteria {
        explicit: &[
            "統24 8", "実5", "実19", "実37", "実38", "実42", "実42 1", "実43", "実43 1", "実47",
            "実48 10", "実100 4",
        ],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(6)",
            "統22 1",
            "統23 1, 2",
            "統24 1",
            "統24 2",
            "統24 3",
            "統24 4",
            "統24 5",
            "統24 7",
            "実21 2",
            "実48",
            "監1 1",
        ],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::on(LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
        Action::any(DESCRIBE_RECORDERS),
        Action::any(DESCRIBE_RECORDER_STATUS),
        Action::any(DESCRIBE_DELIVERY_CHANNELS),
        Action::any(DESCRIBE_DELIVERY_CHANNEL_STATUS),
        Action::any(DESCRIBE_RULES),
        Action::any(DESCRIBE_PACK_STATUS),
        Action::on(
            DESCRIBE_REMEDIATIONS,
            "arn:${AWS::Partition}:config:*:${AWS::AccountId}:remediation-configuration/*",
        ),
        Action::any(DESCRIBE_AGGREGATORS),
        Action::on(
            DESCRIBE_AGGREGATOR_SOURCES,
            "arn:${AWS::Partition}:config:*:${AWS::AccountId}:config-aggregator/*",
        ),
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[2],
        alerts::ACTIONS[3],
    ],
    parameters: &[
        ALL_REGIONS.spec,
        EXCLUDED_REGIONS.spec,
        ALLOWED_EXCLUSIONS.spec,
        NETWORK_TYPES.spec,
        CONTINUOUS_TYPES.spec,
        ALLOWED_DAILY_TYPES.spec,
        REQUIRE_SERVICE_LINKED_ROLE.spec,
        MAX_DELIVERY_AGE_HOURS.spec,
        MAX_SNAPSHOT_FREQUENCY.spec,
        ACCEPTED_NOTIFICATION.spec,
        AGGREGATOR_ACCOUNT_ID.spec,
        AGGREGATED_ACCOUNT_IDS.spec,
        REQUIRED_RULES.spec,
        REQUIRED_CONFORMANCE_PACKS.spec,
        RULES_REQUIRING_REMEDIATION.spec,
        REQUIRE_AUTOMATIC_REMEDIATION.spec,
    ],
    requirements: &[
        &RECORDER_MISSING_OR_STOPPED,
        &RECORDER_REGION_GAP,
        &TYPES_NOT_RECORDED,
        &NETWORK_TYPES_NOT_RECORDED,
        &GLOBAL_TYPES_NOT_RECORDED,
        &NOT_CONTINUOUS,
        &RECORDER_ROLE_NOT_SERVICE_LINKED,
        &DELIVERY_UNHEALTHY,
        &SNAPSHOT_NOT_SCHEDULED,
        &CHANGE_NOTIFICATION_MISSING,
        &AGGREGATOR_MISSING,
        &AGGREGATOR_SOURCE_FAILED,
        &REQUIRED_RULES_MISSING,
        &REMEDIATION_MISSING,
    ],
    remarks: &[&RECORDER_OFF, &NOTIFICATION_NOT_VISIBLE],
    limits: Limits::SWEEP,
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const DESCRIBE_RECORDER_STATUS: &str = "config:DescribeConfigurationRecorderStatus";
const DESCRIBE_DELIVERY_CHANNELS: &str = "config:DescribeDeliveryChannels";
const DESCRIBE_DELIVERY_CHANNEL_STATUS: &str = "config:DescribeDeliveryChannelStatus";
const DESCRIBE_RULES: &str = "config:DescribeConfigRules";
const DESCRIBE_PACK_STATUS: &str = "config:DescribeConformancePackStatus";
const DESCRIBE_REMEDIATIONS: &str = "config:DescribeRemediationConfigurations";
const DESCRIBE_AGGREGATORS: &str = "config:DescribeConfigurationAggregators";
const DESCRIBE_AGGREGATOR_SOURCES: &str = "config:DescribeConfigurationAggregatorSourcesStatus";

const RECORDER_OFF: Remark = Remark::new(
    "RECORDER_OFF",
    "The Region is in excludedRegions and AWS Config does not record there",
    "excludedRegions のリージョンで、AWS Config は記録していません",
);

const NOTIFICATION_NOT_VISIBLE: Remark = Remark::new(
    "NOTIFICATION_NOT_VISIBLE",
    "The delivery channel's topic is another account's; its subscriptions cannot be seen here",
    "配信チャネルのトピックは他アカウントのもので、サブスクリプションは確認できません",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(services::Services::new(sdk)))
}

#[cfg(test)]
mod tests;
