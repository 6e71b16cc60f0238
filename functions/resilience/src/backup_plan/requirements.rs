//! The requirements of `backup-plan`.

use fisc_shared::{Requirement, ResourceType, Text};

/// A requirement of plans.
const fn of_plans(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::BACKUP_BACKUP_PLAN], title, rule }
}

pub(super) const FREQUENCY_OR_RETENTION_SHORT: Requirement = of_plans(
    "FREQUENCY_OR_RETENTION_SHORT",
    1,
    Text::new(
        "The plan runs too rarely or keeps backups too short",
        "計画の実行間隔が長いか、保持期間が不足しています",
    ),
    Text::new(
        "Fails when no rule (ruleMatch all: not every rule) runs at least every \
         requiredFrequencyHours all year round and keeps backups for ever or for at least \
         requiredRetentionDays.",
        "一年を通じて requiredFrequencyHours 以内の間隔で実行され、かつ無期限または requiredRetentionDays 以上\
         保持するルールがない(ruleMatch が all の場合は満たさないルールがある)とき不適合です。",
    ),
);

pub(super) const LIFECYCLE_MISSING: Requirement = of_plans(
    "LIFECYCLE_MISSING",
    1,
    Text::new(
        "Rules or copies have no lifecycle",
        "ライフサイクルのないルールまたはコピーがあります",
    ),
    Text::new(
        "Fails when a rule or one of its copy actions neither expires backups nor moves them to cold \
         storage, or (requireColdStorage) does not move them.",
        "有効期限もコールドストレージへの移行も設定されていないルールかコピーがあるとき、または\
         (requireColdStorage の場合)移行が設定されていないとき不適合です。",
    ),
);

pub(super) const CROSS_REGION_COPY_MISSING: Requirement = of_plans(
    "CROSS_REGION_COPY_MISSING",
    1,
    Text::new(
        "The critical plan copies to no other Region",
        "重要な計画に別リージョンへのコピーがありません",
    ),
    Text::new(
        "Fails when no rule of a plan with the tag criticalTag copies to a vault in another Region; a \
         copy to another account in the same Region is none.",
        "criticalTag のタグを持つ計画に、別リージョンのボールトへのコピーを行うルールがないとき不適合です。\
         同じリージョンの別アカウントへのコピーは数えません。",
    ),
);

pub(super) const COPY_JOB_FAILING: Requirement = of_plans(
    "COPY_JOB_FAILING",
    2,
    Text::new("The copies of the plan do not succeed", "計画のコピーが成功していません"),
    Text::new(
        "Fails when a plan with copy actions has no completed copy job within copyWindowDays, or its \
         newest finished one did not complete. A plan that is younger and has no job yet passes.",
        "コピーを行う計画に copyWindowDays 以内に完了したコピージョブがないか、終了した最新のジョブが完了して\
         いないとき不適合です。作成後間もなく、まだジョブのない計画は適合とします。",
    ),
);

pub(super) const CONTINUOUS_BACKUP_OFF: Requirement = of_plans(
    "CONTINUOUS_BACKUP_OFF",
    2,
    Text::new(
        "The critical plan makes no continuous backups",
        "重要な計画で継続的バックアップが無効です",
    ),
    Text::new(
        "Fails when a plan with the tag criticalTag selects a recorded RDS instance, Aurora cluster or \
         bucket, and no rule of it has continuous backup enabled.",
        "criticalTag のタグを持つ計画が、記録された RDS インスタンス、Aurora クラスター、バケットのいずれかを\
         選択し、継続的バックアップを有効にしたルールがないとき不適合です。",
    ),
);

pub(super) const DLM_POLICY_INEFFECTIVE: Requirement = Requirement::of_account(
    "DLM_POLICY_INEFFECTIVE",
    1,
    Text::new(
        "Lifecycle policies of EBS do not work",
        "EBS のライフサイクルポリシーが機能していません",
    ),
    Text::new(
        "Fails when a lifecycle policy is in the state ERROR, or when volumes that no backup plan \
         covers (acceptAwsBackupForEbs) exist and no enabled policy has a schedule and a retention; \
         volumes of Auto Scaling instances and exempt ones aside.",
        "ERROR 状態のライフサイクルポリシーがあるとき、またはバックアップ計画の対象でないボリューム\
         (acceptAwsBackupForEbs)があり、スケジュールと保持を持つ有効なポリシーがないとき不適合です。\
         Auto Scaling のインスタンスのボリュームと除外タグのあるボリュームは数えません。",
    ),
);

pub(super) const DLM_COPY_NOT_ALLOWED: Requirement = Requirement::of_account(
    "DLM_COPY_NOT_ALLOWED",
    2,
    Text::new(
        "Lifecycle policies copy unencrypted or to Regions that are not allowed",
        "暗号化されないか、認められないリージョンへのコピーを行うライフサイクルポリシー",
    ),
    Text::new(
        "Fails when a policy that is not disabled copies to a Region outside allowedCopyRegions, or \
         without encryption.",
        "無効でないポリシーが allowedCopyRegions 以外のリージョンへ、または暗号化せずにコピーするとき\
         不適合です。",
    ),
);
