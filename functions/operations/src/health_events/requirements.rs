//! The requirements.

use fisc_shared::{Requirement, ResourceType, Text};

pub(super) const HEALTH_NOTIFICATION_MISSING: Requirement = Requirement::of_account(
    "HEALTH_NOTIFICATION_MISSING",
    1,
    Text::new("Events of AWS Health reach nobody", "AWS Health のイベントが誰にも通知されません"),
    Text::new(
        "Fails when a sample event of requiredCategories, in the Region or in one of \
         requiredRegions, reaches nobody: neither by an enabled EventBridge rule with a live \
         target (ListRules, ListTargetsByRule), there or in the backup Region, nor by an active \
         User Notifications configuration with a channel (ListEventRules, ListChannels).",
        "当該リージョンまたは requiredRegions における requiredCategories のサンプルイベントが、有効な\
         ターゲットを持つ EventBridge ルール(バックアップリージョンを含む。ListRules、\
         ListTargetsByRule)でも、チャネルを持つ有効な User Notifications の設定(ListEventRules、\
         ListChannels)でも届かないとき不適合です。",
    ),
);

pub(super) const HEALTH_EVENTS_NOT_KEPT: Requirement = Requirement::of_account(
    "HEALTH_EVENTS_NOT_KEPT",
    1,
    Text::new("Events of AWS Health are not kept", "AWS Health のイベントが記録されていません"),
    Text::new(
        "Fails when neither an archive of the default bus takes up a sample event (ListArchives, \
         DescribeArchive: EventPattern) nor a rule sends it to a service of storeTargets \
         (ListTargetsByRule).",
        "サンプルイベントが、デフォルトバスのアーカイブ(ListArchives、DescribeArchive の EventPattern)\
         にも、storeTargets のサービスに送るルール(ListTargetsByRule)にも該当しないとき不適合です。",
    ),
);

pub(super) const HEALTH_EVENT_UNHANDLED: Requirement = Requirement::of_account(
    "HEALTH_EVENT_UNHANDLED",
    2,
    Text::new(
        "Planned changes are near and resources still wait for action",
        "計画変更が迫っていますが、未対応のリソースがあります",
    ),
    Text::new(
        "Fails when an open or upcoming scheduled change begins within leadDays and has affected \
         entities that are PENDING or IMPAIRED (DescribeEvents, DescribeAffectedEntities; judged \
         in the home Region). The AWS Health API needs a support plan that includes it.",
        "開始まで leadDays 以内の計画変更に PENDING または IMPAIRED の影響リソースがあるとき不適合です\
         (DescribeEvents、DescribeAffectedEntities。ホームリージョンで評価)。AWS Health API には対応する\
         サポートプランが必要です。",
    ),
);

pub(super) const ORGANIZATION_VIEW_OFF: Requirement = Requirement::of_account(
    "ORGANIZATION_VIEW_OFF",
    2,
    Text::new("The organizational view of AWS Health is off", "AWS Health の組織ビューが無効です"),
    Text::new(
        "Fails in the management account and in healthAdminAccountId when the view is not ENABLED \
         (DescribeHealthServiceStatusForOrganization; judged in the home Region).",
        "管理アカウントおよび healthAdminAccountId で、組織ビューが ENABLED でないとき不適合です\
         (DescribeHealthServiceStatusForOrganization。ホームリージョンで評価)。",
    ),
);

pub(super) const EC2_MAINTENANCE_OPEN: Requirement = Requirement {
    code: "EC2_MAINTENANCE_OPEN",
    wave: 1,
    resources: &[ResourceType::EC2_INSTANCE],
    title: Text::new(
        "A planned EC2 event is near and nobody dealt with it",
        "EC2 の計画イベントが迫っていますが、未対応です",
    ),
    rule: Text::new(
        "Fails when a reboot, maintenance, retirement or stop of the instance is planned within \
         leadDays and neither done nor cancelled (DescribeInstanceStatus: Events).",
        "インスタンスの再起動・メンテナンス・リタイア・停止が leadDays 以内に予定され、完了も取り消しも\
         されていないとき不適合です(DescribeInstanceStatus の Events)。",
    ),
};

pub(super) const RDS_MAINTENANCE_OVERDUE: Requirement = Requirement {
    code: "RDS_MAINTENANCE_OVERDUE",
    wave: 2,
    resources: &[
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::ACCOUNT,
    ],
    title: Text::new(
        "Maintenance of the database is overdue",
        "データベースの保留中メンテナンスが期限を過ぎています",
    ),
    rule: Text::new(
        "Fails when a pending action is past its apply date or its forced date by more than the \
         week in which a maintenance window recurs, or past the date of its automatic start by \
         more than maxPendingMaintenanceDays (DescribePendingMaintenanceActions). Databases that \
         AWS Config does not record are named on the account.",
        "保留中のアクションが適用日または強制適用日から 1 週間(メンテナンスウィンドウの周期)を超えて\
         残っているとき、または自動適用開始日から maxPendingMaintenanceDays を超えて残っているとき不適合です\
         (DescribePendingMaintenanceActions)。AWS Config が記録していないデータベースはアカウントの\
         結果に示します。",
    ),
};
