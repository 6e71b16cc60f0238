//! `backup-plan`: backup plans run often enough, keep backups long enough, age them out, and copy
//! what is critical to another Region; lifecycle policies of EBS work where no plan does.
//!
//! How often a plan runs is what its schedule makes of a year: `cron(0 5 ? * MON-FRI *)` is no daily
//! backup, since it leaves out weekends. A retention that is not set keeps backups for ever. To which
//! Regions a plan may copy is judged by data-residency; here a copy must exist, and work.
//!
//! Plans that a backup policy of the organization made are judged like others, but are changed in
//! the policy, not in the member account.
//!
//! Criteria: 統20 3-(11), 実39, 実39 5, 実43, 実73, 実73 8, 実74, 実74 4, 実84, 実106 ask for it. To
//! fix a plan, change its rules with aws backup update-backup-plan.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, ResourceType,
    ServiceCheck, Severity, Text, Trigger,
};

use self::requirements::{
    CONTINUOUS_BACKUP_OFF, COPY_JOB_FAILING, CROSS_REGION_COPY_MISSING, DLM_COPY_NOT_ALLOWED,
    DLM_POLICY_INEFFECTIVE, FREQUENCY_OR_RETENTION_SHORT, LIFECYCLE_MISSING,
};
use crate::backups::{PLAN_ACTIONS, lifecycle};

mod account;
mod judge;
mod plan;
mod requirements;
mod schedule;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "backup-plan",
    domain: Domain::Resilience,
    severity: Severity::Medium,
    title: Text::new(
        "Backup plans meet frequency, retention, lifecycle and cross-Region copy rules",
        "バックアップ計画が頻度・保持期間・ライフサイクル・リージョン間コピーの基準を満たす",
    ),
    why: Text::new(
        "A plan that runs too rarely loses the work of days, one that keeps too little cannot go \
         back before an intrusion that was found late, and one that keeps everything in one Region \
         does not survive the loss of that Region.",
        "実行間隔が長い計画では数日分の更新が失われ、保持期間が短い計画では発見の遅れた侵入より前に戻せません。\
         すべてを一つのリージョンに置く計画は、そのリージョンの障害に耐えられません。",
    ),
    fix: Text::new(
        "In AWS Backup > Backup plans > the plan > the rule > Edit set a schedule within \
         requiredFrequencyHours, a retention of at least requiredRetentionDays and, for critical \
         plans, a copy to a vault in another Region and continuous backup. Find failed copies under \
         Jobs > Copy jobs; repair EBS policies in EC2 > Lifecycle Manager. A plan that a backup \
         policy of the organization made is changed in that policy.",
        "AWS Backup の「バックアッププラン」>「ルール」>「編集」で、requiredFrequencyHours 以内の\
         スケジュールと requiredRetentionDays 以上の保持期間を設定し、重要なプランでは\
         別リージョンのボールトへのコピーと継続的バックアップを有効にします。失敗したコピーは\
         「ジョブ」で確認し、EBS のポリシーは EC2 の「ライフサイクルマネージャー」で修復します。\
         組織のバックアップポリシーが作成したプランは、そのポリシーで変更します。",
    ),
    remedy: Remedy::new(
        include_str!("backup_plan/remedy.sh"),
        include_str!("backup_plan/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/aws-backup/latest/devguide/about-backup-plans.html",
    criteria: Criteria {
        explicit: &[
            "統20 3-(11)",
            "実39",
            "実39 5",
            "実43",
            "実73",
            "実73 8",
            "実74",
            "実74 4",
            "実84",
            "実106",
        ],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(6)",
            "統20 3-(12)",
            "統24 1",
            "統24 2",
            "実71",
        ],
    },
    resources: SWEPT,
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        SELECT_ACTION,
        PLAN_ACTIONS[0],
        PLAN_ACTIONS[1],
        PLAN_ACTIONS[2],
        PLAN_ACTIONS[3],
        PLAN_ACTIONS[4],
        Action::any(services::LIST_COPY_JOBS),
        lifecycle::ACTIONS[0],
        lifecycle::ACTIONS[1],
    ],
    parameters: &[
        REQUIRED_FREQUENCY_HOURS.spec,
        REQUIRED_RETENTION_DAYS.spec,
        RULE_MATCH.spec,
        REQUIRE_COLD_STORAGE.spec,
        CRITICAL_TAG.spec,
        EXEMPT_TAG_KEY.spec,
        ALLOWED_COPY_REGIONS.spec,
        COPY_WINDOW_DAYS.spec,
        ACCEPT_AWS_BACKUP_FOR_EBS.spec,
    ],
    requirements: &[
        &FREQUENCY_OR_RETENTION_SHORT,
        &LIFECYCLE_MISSING,
        &CROSS_REGION_COPY_MISSING,
        &COPY_JOB_FAILING,
        &CONTINUOUS_BACKUP_OFF,
        &DLM_POLICY_INEFFECTIVE,
        &DLM_COPY_NOT_ALLOWED,
    ],
    remarks: &[&EXEMPT, &NO_VOLUMES, &VOLUMES_COVERED],
    limits: Limits::SWEEP,
    check: Check::Service { preview: judge::preview, connect, swept: SWEPT },
};

/// Copies fail, and volumes appear, without a change of the plan.
const SWEPT: &[ResourceType] = &[ResourceType::BACKUP_BACKUP_PLAN, ResourceType::ACCOUNT];

const REQUIRED_FREQUENCY_HOURS: Param<i64> = Param::integer(
    "requiredFrequencyHours",
    24,
    1,
    8784,
    Text::new(
        "Longest accepted time between two backups in hours",
        "バックアップの間隔の上限(時間)",
    ),
);

const REQUIRED_RETENTION_DAYS: Param<i64> = Param::integer(
    "requiredRetentionDays",
    35,
    1,
    36500,
    Text::new("Shortest accepted retention in days", "バックアップの最短保持日数"),
);

const RULE_MATCH: Param<String> = Param::choice(
    "ruleMatch",
    "any",
    &["any", "all"],
    Text::new(
        "any: one rule must satisfy frequency and retention; all: every rule must",
        "any: いずれかのルールが頻度と保持期間を満たせばよい。all: すべてのルールに求める",
    ),
);

const REQUIRE_COLD_STORAGE: Param<bool> = Param::flag(
    "requireColdStorage",
    false,
    Text::new(
        "Lifecycles must also move backups to cold storage",
        "ライフサイクルにコールドストレージへの移行も求める",
    ),
);

const CRITICAL_TAG: Param<String> = Param::text(
    "criticalTag",
    "fisc:tier=critical",
    Text::new(
        "Tag of plans that need a copy in another Region: key or key=value (empty: all)",
        "別リージョンへのコピーを求める計画のタグ(キー、またはキー=値。空の場合はすべて)",
    ),
);

const EXEMPT_TAG_KEY: Param<String> = Param::text(
    "exemptTagKey",
    "fisc:backup-exempt",
    Text::new(
        "Tag of plans and volumes that are not judged",
        "評価しない計画とボリュームに付けるタグのキー",
    ),
);

const ALLOWED_COPY_REGIONS: Param<Vec<String>> = Param::list(
    "allowedCopyRegions",
    &["ap-northeast-1", "ap-northeast-3"],
    Text::new(
        "Regions that lifecycle policies may copy to",
        "ライフサイクルポリシーのコピー先として認めるリージョン",
    ),
);

const COPY_WINDOW_DAYS: Param<i64> = Param::integer(
    "copyWindowDays",
    7,
    1,
    30,
    Text::new(
        "Days within which a copy job must have completed",
        "コピージョブが成功しているべき期間(日)",
    ),
);

const ACCEPT_AWS_BACKUP_FOR_EBS: Param<bool> = Param::flag(
    "acceptAwsBackupForEbs",
    true,
    Text::new(
        "Volumes that a backup plan covers need no lifecycle policy",
        "バックアップ計画の対象のボリュームにはライフサイクルポリシーを求めない",
    ),
);

const EXEMPT: Remark =
    Remark::new("EXEMPT", "The plan has the exempt tag", "計画に除外タグがあります");
const NO_VOLUMES: Remark = Remark::new(
    "NO_VOLUMES",
    "There is no EBS volume to back up in this account and Region",
    "このアカウントとリージョンにバックアップすべき EBS ボリュームはありません",
);
const VOLUMES_COVERED: Remark = Remark::new(
    "VOLUMES_COVERED",
    "Backup plans cover all EBS volumes; no lifecycle policy is needed",
    "すべての EBS ボリュームがバックアップ計画の対象であり、ライフサイクルポリシーは不要です",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(services::Services::new(sdk))
}

#[cfg(test)]
mod tests;
