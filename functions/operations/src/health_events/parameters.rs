//! The parameters.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const REQUIRED_CATEGORIES: Param<Vec<String>> = Param::list(
    "requiredCategories",
    &["issue", "scheduledChange", "accountNotification"],
    Text::new(
        "Categories of events that must be delivered and kept (also: investigation)",
        "通知と記録の対象となるべきイベントカテゴリ(他に investigation)",
    ),
);
pub(super) const REQUIRE_ABUSE: Param<bool> = Param::flag(
    "requireAbuse",
    false,
    Text::new("Reports of abuse must be delivered and kept too", "不正使用の通知も対象に含める"),
);
pub(super) const REQUIRED_SERVICES: Param<Vec<String>> = Param::list(
    "requiredServices",
    &["EC2", "RDS"],
    Text::new(
        "Services, as AWS Health names them, whose events a narrow rule must let through",
        "絞り込まれたルールでも通過すべきイベントのサービス(AWS Health での名称)",
    ),
);
pub(super) const REQUIRED_REGIONS: Param<Vec<String>> = Param::list(
    "requiredRegions",
    &["us-east-1"],
    Text::new(
        "Regions that the home Region judges besides itself: global events arrive in us-east-1",
        "ホームリージョンで併せて評価するリージョン(グローバルイベントは us-east-1 に届く)",
    ),
);
pub(super) const ACCEPT_BACKUP_REGION: Param<bool> = Param::flag(
    "acceptBackupRegion",
    true,
    Text::new(
        "A rule in the Region to which AWS Health sends copies (us-west-2) is enough",
        "AWS Health がコピーを送るバックアップリージョン(us-west-2)のルールでも可とする",
    ),
);
pub(super) const ACCEPT_ORGANIZATION_VIEW: Param<bool> = Param::flag(
    "acceptOrganizationView",
    false,
    Text::new(
        "The central account of healthAdminAccountId receives the events of this one",
        "healthAdminAccountId の中央アカウントが本アカウントのイベントを受信する",
    ),
);
pub(super) const HEALTH_ADMIN_ACCOUNT_ID: Param<String> = Param::text(
    "healthAdminAccountId",
    "",
    Text::new(
        "Account that administers AWS Health for the organization",
        "組織の AWS Health を管理するアカウント",
    ),
);
pub(super) const STORE_TARGETS: Param<Vec<String>> = Param::list(
    "storeTargets",
    &["logs", "firehose", "lambda", "sqs"],
    Text::new(
        "Services that keep a record of events that a rule sends to them",
        "ルールのターゲットとして記録を残すとみなすサービス",
    ),
);
pub(super) const LEAD_DAYS: Param<i64> = Param::integer(
    "leadDays",
    14,
    0,
    365,
    Text::new(
        "Days before their beginning by which planned events must be dealt with",
        "計画イベントへの対応を開始前に終えているべき日数",
    ),
);
pub(super) const MAX_PENDING_MAINTENANCE_DAYS: Param<i64> = Param::integer(
    "maxPendingMaintenanceDays",
    30,
    0,
    365,
    Text::new(
        "Days for which an RDS action may stay pending after the date of its automatic start",
        "RDS の保留中メンテナンスが自動適用開始日を過ぎて残ってよい日数",
    ),
);
