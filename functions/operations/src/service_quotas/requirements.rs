//! The requirements and remarks of the control.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

const DATABASE: &[ResourceType] = &[ResourceType::RDS_DB_INSTANCE];

pub(super) const QUOTA_NEARLY_USED: Requirement = Requirement::of_account(
    "QUOTA_NEARLY_USED",
    1,
    Text::new("Quotas are nearly used up", "クォータの上限に近づいています"),
    Text::new(
        "Fails when the peak use of a quota of serviceCodes within windowHours exceeds \
         maxUtilizationPercent (its usage metric in CloudWatch against its applied or default \
         value). Quotas without usage metric cannot be judged; global ones are judged in the home \
         Region.",
        "serviceCodes のクォータの windowHours 内の最大使用率が maxUtilizationPercent を超えるとき不適合です\
         (CloudWatch の使用量メトリクスを適用値または既定値と比較)。使用量メトリクスのないクォータは評価\
         できません。グローバルなクォータはホームリージョンで評価します。",
    ),
);

pub(super) const QUOTA_ALARM_MISSING: Requirement = Requirement::of_account(
    "QUOTA_ALARM_MISSING",
    2,
    Text::new("Nobody is told when quotas run short", "クォータの逼迫が通知されません"),
    Text::new(
        "Fails when no alarm that tells somebody compares a usage metric of the watched services \
         with SERVICE_QUOTA(), and automatic management of Service Quotas is off.",
        "監視対象サービスの使用量メトリクスを SERVICE_QUOTA() と比較し通知先へ届くアラームがなく、\
         Service Quotas の自動管理も無効のとき不適合です。",
    ),
);

pub(super) const ADVISOR_LIMIT_FLAGGED: Requirement = Requirement::of_account(
    "ADVISOR_LIMIT_FLAGGED",
    1,
    Text::new(
        "Trusted Advisor warns of service limits",
        "Trusted Advisor がサービスの制限を警告しています",
    ),
    Text::new(
        "In the home Region, with service_limits in advisorCategories: fails when a check of \
         service limits is red, or yellow if advisorFailOnYellow has the category, for a resource \
         that is not excluded.",
        "ホームリージョンで、advisorCategories に service_limits を含む場合: サービスの制限のチェックが、\
         除外されていないリソースについて赤(advisorFailOnYellow に含む場合は黄も)のとき不適合です。",
    ),
);

pub(super) const ADVISOR_RED_CHECK: Requirement = Requirement::of_account(
    "ADVISOR_RED_CHECK",
    1,
    Text::new("Trusted Advisor recommends action", "Trusted Advisor が対応を推奨しています"),
    Text::new(
        "In the home Region: fails when a check of another category in advisorCategories is red \
         (or yellow, by advisorFailOnYellow) for a resource that is not excluded.",
        "ホームリージョンで評価します。advisorCategories のその他のカテゴリのチェックが、除外されていない\
         リソースについて赤(advisorFailOnYellow に含む場合は黄も)のとき不適合です。",
    ),
);

pub(super) const USAGE_PLAN_UNTHROTTLED: Requirement = Requirement::of_account(
    "USAGE_PLAN_UNTHROTTLED",
    1,
    Text::new(
        "Usage plans set neither throttling nor a quota",
        "使用量プランにスロットリングもクォータも設定されていません",
    ),
    Text::new(
        "Fails when a usage plan with stages has no throttle and no quota, and not all of its \
         stages have throttled methods.",
        "ステージのある使用量プランに、スロットリングもクォータもなく、すべてのステージにメソッドの\
         スロットリングがあるわけでもないとき不適合です。",
    ),
);

pub(super) const STAGE_UNTHROTTLED: Requirement = Requirement {
    code: "STAGE_UNTHROTTLED",
    wave: 2,
    resources: &[ResourceType::API_GATEWAY_STAGE, ResourceType::API_GATEWAY_V2_STAGE],
    title: Text::new("The stage is not throttled", "ステージにスロットリングが設定されていません"),
    rule: Text::new(
        "Fails when the stage has no rate and burst limit for all methods (REST: methodSettings \
         */*; HTTP and WebSocket: configuration.defaultRouteSettings) and no throttled usage plan \
         has it.",
        "ステージ全体のレートとバーストの制限がなく(REST: methodSettings の */*、HTTP・WebSocket: \
         configuration.defaultRouteSettings)、スロットリングのある使用量プランにも含まれないとき不適合です。",
    ),
};

pub(super) const STORAGE_AUTOSCALING_OFF: Requirement = Requirement {
    code: "STORAGE_AUTOSCALING_OFF",
    wave: 2,
    resources: DATABASE,
    title: Text::new(
        "The database's storage cannot grow by itself",
        "データベースのストレージの自動スケーリングに余裕がありません",
    ),
    rule: Text::new(
        "Fails when maxAllocatedStorage is not set, or exceeds allocatedStorage by less than \
         storageHeadroomPercent.",
        "maxAllocatedStorage が未設定、または allocatedStorage に対する余地が storageHeadroomPercent に\
         満たないとき不適合です。",
    ),
};

pub(super) const FREE_STORAGE_LOW: Requirement = Requirement {
    code: "FREE_STORAGE_LOW",
    wave: 2,
    resources: DATABASE,
    title: Text::new(
        "The database's storage is nearly full",
        "データベースの空き容量が不足しています",
    ),
    rule: Text::new(
        "Fails when the lowest FreeStorageSpace within windowHours is below minFreeStoragePercent \
         of allocatedStorage.",
        "windowHours 内の FreeStorageSpace の最小値が、allocatedStorage の minFreeStoragePercent を下回る\
         とき不適合です。",
    ),
};

pub(super) const DR_QUOTA_LOWER: Requirement = Requirement::of_account(
    "DR_QUOTA_LOWER",
    3,
    Text::new(
        "Quotas are lower in the Region for disaster recovery",
        "災害対策用リージョンのクォータが低くなっています",
    ),
    Text::new(
        "With drRegion: fails when a quota of serviceCodes is lower there than here.",
        "drRegion を指定した場合: serviceCodes のクォータがそのリージョンで低いとき不適合です。",
    ),
);

pub(super) const ADVISOR_NOT_AVAILABLE: Remark = Remark::new(
    "ADVISOR_NOT_AVAILABLE",
    "The support plan does not include Trusted Advisor's checks",
    "サポートプランに Trusted Advisor のチェックが含まれていません",
);

pub(super) const QUOTAS_WITHOUT_METRIC: Remark = Remark::new(
    "QUOTAS_WITHOUT_METRIC",
    "Some quotas have no usage metric and are not judged",
    "使用量メトリクスのないクォータは評価していません",
);

pub(super) const STORAGE_GROWS_BY_ITSELF: Remark = Remark::new(
    "STORAGE_GROWS_BY_ITSELF",
    "The engine's storage grows by itself",
    "ストレージが自動的に拡張されるエンジンです",
);

pub(super) const CLUSTER_STORAGE: Remark = Remark::new(
    "CLUSTER_STORAGE",
    "The storage is that of a Multi-AZ DB cluster",
    "ストレージはマルチ AZ DB クラスターで管理されています",
);

pub(super) const MAGNETIC_STORAGE: Remark = Remark::new(
    "MAGNETIC_STORAGE",
    "Magnetic storage cannot be scaled automatically",
    "マグネティックストレージは自動スケーリングに対応していません",
);

pub(super) const NOTHING_REQUIRED: Remark = Remark::new(
    "NOTHING_REQUIRED",
    "The parameters require nothing here",
    "ここで必須とするものがパラメータにありません",
);
