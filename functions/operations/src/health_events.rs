//! `health-events`: what AWS Health tells reaches somebody, is kept, and is acted on in time.
//!
//! AWS announces through Health what fails, what it will change and what an account must do. The
//! events are on every account's dashboard, where nobody looks; what AWS sends by itself to the
//! account's contacts (managed notifications) leaves out public events and does not count. A rule
//! of EventBridge or a configuration of User Notifications brings them to those who act.
//!
//! Events of a Region arrive in that Region, those of no Region in us-east-1; AWS Health sends a
//! copy of each to a backup Region (us-west-2, for us-west-2 itself us-east-1), so that a rule
//! there hears them as well. Rules are asked with sample events of several services: one that
//! takes a single event code passes for none of the others.
//!
//! The AWS Health API belongs to support plans above the basic ones; without one, what it would
//! tell is not judged, and the result says so. A pending RDS action has no date of its own
//! creation: only those with an apply date can be overdue.
//!
//! Criteria: 実47, 実51, 実71 4, 実72, 実72 8, 実102, 実102 3, 実103, 実103 2 ask for it. To fix a
//! Region, send events of source aws.health to a topic with subscribers and to a log group.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_services::alerts;
use fisc_services::organization::DESCRIBE_ORGANIZATION;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, ResourceType,
    ServiceCheck, Severity, Text, Trigger, ec2, inventory, no_item_tells,
};

use self::parameters::{
    ACCEPT_BACKUP_REGION, ACCEPT_ORGANIZATION_VIEW, HEALTH_ADMIN_ACCOUNT_ID, LEAD_DAYS,
    MAX_PENDING_MAINTENANCE_DAYS, REQUIRE_ABUSE, REQUIRED_CATEGORIES, REQUIRED_REGIONS,
    REQUIRED_SERVICES, STORE_TARGETS,
};
use self::requirements::{
    EC2_MAINTENANCE_OPEN, HEALTH_EVENT_UNHANDLED, HEALTH_EVENTS_NOT_KEPT,
    HEALTH_NOTIFICATION_MISSING, ORGANIZATION_VIEW_OFF, RDS_MAINTENANCE_OVERDUE,
};

mod judge;
mod parameters;
mod planned;
mod requirements;
mod routing;
mod samples;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "health-events",
    domain: Domain::Operations,
    severity: Severity::Medium,
    title: Text::new(
        "AWS Health events are delivered, kept and acted on before their deadline",
        "AWS Health イベントが通知・記録され、計画メンテナンスに期限前に対応している",
    ),
    why: Text::new(
        "AWS announces outages, maintenance and the end of versions through AWS Health. What \
         nobody receives is found out when the instance restarts during business hours or the \
         database upgrades itself.",
        "AWS は、障害・メンテナンス・サポート終了を AWS Health で通知します。受け取る担当者がいなければ、\
         営業時間中のインスタンス再起動やデータベースの自動更新によって初めて気付くことになります。",
    ),
    fix: Text::new(
        "In every Region in use and in us-east-1, create an EventBridge rule for source aws.health \
         with an SNS topic that people subscribe to and a log group as targets (or an archive of \
         the bus); or configure AWS User Notifications for AWS Health. Deal with planned events \
         early: see AWS Health > Your account health, reschedule or restart EC2 instances, apply \
         pending RDS maintenance in your own window (RDS > Maintenance).",
        "利用する各リージョンと us-east-1 で、ソース aws.health の EventBridge ルールを作成し、\
         担当者がサブスクライブする SNS トピックとロググループ(またはバスのアーカイブ)に送ります。\
         AWS User Notifications で設定する方法もあります。計画イベントには「AWS Health」を確認して\
         早めに対応します(EC2 の日程変更・再起動、RDS の「メンテナンス」での計画的な適用)。",
    ),
    remedy: Remedy::new(
        include_str!("health_events/remedy.sh"),
        include_str!("health_events/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/health/latest/ug/choosing-a-region.html",
    criteria: Criteria {
        explicit: &[
            "実47", "実51", "実71 4", "実72", "実72 8", "実102", "実102 3", "実103", "実103 2",
        ],
        implied: &[
            "統20 3-(3)",
            "統24 8",
            "実46",
            "実48",
            "実48 11",
            "実70",
            "実72 9",
            "実73",
            "実104",
            "実106",
        ],
    },
    resources: &[
        ResourceType::ACCOUNT,
        ResourceType::EC2_INSTANCE,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
    ],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[2],
        alerts::ACTIONS[3],
        Action::any(LIST_ARCHIVES),
        Action::on(DESCRIBE_ARCHIVE, "arn:${AWS::Partition}:events:*:${AWS::AccountId}:archive/*"),
        Action::any(LIST_CONFIGURATIONS),
        Action::any(LIST_EVENT_RULES),
        Action::on(
            LIST_CHANNELS,
            "arn:${AWS::Partition}:notifications::${AWS::AccountId}:configuration/*",
        ),
        Action::any(DESCRIBE_EVENTS),
        Action::on(DESCRIBE_ENTITIES, "arn:${AWS::Partition}:health:*::event/*"),
        Action::any(DESCRIBE_VIEW),
        Action::any(DESCRIBE_ORGANIZATION),
        Action::any(ec2::action::DESCRIBE_INSTANCE_STATUS),
        Action::any(DESCRIBE_PENDING),
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
    ],
    parameters: &[
        REQUIRED_CATEGORIES.spec,
        REQUIRE_ABUSE.spec,
        REQUIRED_SERVICES.spec,
        REQUIRED_REGIONS.spec,
        ACCEPT_BACKUP_REGION.spec,
        ACCEPT_ORGANIZATION_VIEW.spec,
        HEALTH_ADMIN_ACCOUNT_ID.spec,
        STORE_TARGETS.spec,
        LEAD_DAYS.spec,
        MAX_PENDING_MAINTENANCE_DAYS.spec,
    ],
    requirements: &[
        &HEALTH_NOTIFICATION_MISSING,
        &HEALTH_EVENTS_NOT_KEPT,
        &HEALTH_EVENT_UNHANDLED,
        &ORGANIZATION_VIEW_OFF,
        &EC2_MAINTENANCE_OPEN,
        &RDS_MAINTENANCE_OVERDUE,
    ],
    remarks: &[
        &CENTRAL_RECEIVES,
        &SENT_TO_OTHER_ACCOUNT,
        &BACKUP_REGION_ONLY,
        &HEALTH_API_NEEDS_SUPPORT_PLAN,
        &MAINTENANCE_WITHOUT_DATE,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: no_item_tells,
        connect,
        swept: &[
            ResourceType::ACCOUNT,
            ResourceType::EC2_INSTANCE,
            ResourceType::RDS_DB_INSTANCE,
            ResourceType::RDS_DB_CLUSTER,
        ],
    },
};

const LIST_ARCHIVES: &str = "events:ListArchives";
const DESCRIBE_ARCHIVE: &str = "events:DescribeArchive";
const LIST_CONFIGURATIONS: &str = "notifications:ListNotificationConfigurations";
const LIST_EVENT_RULES: &str = "notifications:ListEventRules";
const LIST_CHANNELS: &str = "notifications:ListChannels";
const DESCRIBE_EVENTS: &str = "health:DescribeEvents";
const DESCRIBE_ENTITIES: &str = "health:DescribeAffectedEntities";
const DESCRIBE_VIEW: &str = "health:DescribeHealthServiceStatusForOrganization";
const DESCRIBE_PENDING: &str = "rds:DescribePendingMaintenanceActions";

const CENTRAL_RECEIVES: Remark = Remark::new(
    "CENTRAL_RECEIVES",
    "The organization's central account receives and keeps the events",
    "組織の中央アカウントがイベントを受信・記録します",
);
const SENT_TO_OTHER_ACCOUNT: Remark = Remark::new(
    "SENT_TO_OTHER_ACCOUNT",
    "A rule sends the events to another account, which cannot be looked into here",
    "ルールが他アカウントにイベントを送信しています(送信先は確認できません)",
);
const BACKUP_REGION_ONLY: Remark = Remark::new(
    "BACKUP_REGION_ONLY",
    "Only the copies that AWS Health sends to the backup Region reach somebody or are kept",
    "AWS Health がバックアップリージョンに送るコピーだけが通知・記録されています",
);
const HEALTH_API_NEEDS_SUPPORT_PLAN: Remark = Remark::new(
    "HEALTH_API_NEEDS_SUPPORT_PLAN",
    "The account's support plan does not include the AWS Health API: planned events and the \
     organizational view are not judged",
    "サポートプランに AWS Health API が含まれないため、計画イベントと組織ビューは評価していません",
);
const MAINTENANCE_WITHOUT_DATE: Remark = Remark::new(
    "MAINTENANCE_WITHOUT_DATE",
    "A maintenance action is available; AWS set no date for it",
    "適用日の定められていないメンテナンスがあります",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(services::Services::new(sdk))
}

#[cfg(test)]
mod tests;
