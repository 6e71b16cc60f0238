//! What is required of each type.

use fisc_shared::{Requirement, ResourceType, Text};

/// All, in the order of the catalogue.
pub(super) const ALL: &[&Requirement] = &[
    &NO_SCALING_POLICY,
    &SCALING_TARGET_UNSUITABLE,
    &ELB_HEALTH_CHECK_OFF,
    &CAPACITY_AT_LIMIT,
    &MIN_CAPACITY_LOW,
    &PREDICTIVE_SCALING_MISSING,
    &STATEFUL_REBALANCE_UNGUARDED,
    &ECS_SERVICE_NOT_SCALING,
    &CAPACITY_PROVIDER_UNMANAGED,
    &DYNAMODB_NOT_SCALING,
    &AURORA_REPLICAS_NOT_SCALING,
];

const GROUP: &[ResourceType] = &[ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP];

pub(super) const NO_SCALING_POLICY: Requirement = Requirement {
    code: "NO_SCALING_POLICY",
    wave: 1,
    resources: GROUP,
    title: Text::new("The group does not scale", "グループがスケールしません"),
    rule: Text::new(
        "Fails when the largest size is not above the smallest, AWS Config has recorded no enabled \
         policy of acceptedPolicyTypes for the group (a predictive one must also scale, not only \
         forecast), or the process Launch or AlarmNotification is suspended.",
        "最大サイズが最小サイズを超えないとき、acceptedPolicyTypes の有効なポリシー(予測スケーリングは\
         予測だけでなくスケールするもの)がグループについて AWS Config に記録されていないとき、または \
         Launch か AlarmNotification のプロセスが停止しているとき不適合です。",
    ),
};

pub(super) const SCALING_TARGET_UNSUITABLE: Requirement = Requirement {
    code: "SCALING_TARGET_UNSUITABLE",
    wave: 1,
    resources: &[ResourceType::AUTO_SCALING_SCALING_POLICY],
    title: Text::new("The target does not suit", "ターゲットの設定が適切ではありません"),
    rule: Text::new(
        "Fails when target tracking follows a predefined metric outside allowedMetrics (or one of \
         its own without acceptCustomMetrics), or a CPU utilisation above maxCpuTarget.",
        "ターゲット追跡が allowedMetrics にない定義済みメトリクス(acceptCustomMetrics が無効なときは独自の\
         メトリクスも)を使うか、CPU 使用率のターゲット値が maxCpuTarget を超えるとき不適合です。",
    ),
};

pub(super) const ELB_HEALTH_CHECK_OFF: Requirement = Requirement {
    code: "ELB_HEALTH_CHECK_OFF",
    wave: 1,
    resources: GROUP,
    title: Text::new(
        "Instances that fail the load balancer's health checks are not replaced",
        "ロードバランサーのヘルスチェックで異常になったインスタンスが置き換えられません",
    ),
    rule: Text::new(
        "Fails when a group with a load balancer or target group has a health check type without \
         ELB, or its process HealthCheck or ReplaceUnhealthy is suspended.",
        "ロードバランサーまたはターゲットグループのあるグループのヘルスチェックタイプに ELB が含まれないとき、\
         または HealthCheck か ReplaceUnhealthy のプロセスが停止しているとき不適合です。",
    ),
};

pub(super) const CAPACITY_AT_LIMIT: Requirement = Requirement {
    code: "CAPACITY_AT_LIMIT",
    wave: 2,
    resources: GROUP,
    title: Text::new(
        "The group has little room to grow",
        "グループに拡張の余地がほとんどありません",
    ),
    rule: Text::new(
        "Fails when the largest size is below the desired capacity plus headroomPercent.",
        "最大サイズが、希望容量に headroomPercent を加えた値を下回るとき不適合です。",
    ),
};

pub(super) const MIN_CAPACITY_LOW: Requirement = Requirement {
    code: "MIN_CAPACITY_LOW",
    wave: 2,
    resources: GROUP,
    title: Text::new("The group may become too small", "グループが小さくなりすぎます"),
    rule: Text::new(
        "Fails when the smallest size or the desired capacity, counted in instances, is below \
         minSize; not for groups whose size EKS, ECS or AWS Batch sets.",
        "インスタンス数で数えた最小サイズまたは希望容量が minSize を下回るとき不適合です(EKS、ECS、\
         AWS Batch が大きさを管理するグループを除く)。",
    ),
};

pub(super) const PREDICTIVE_SCALING_MISSING: Requirement = Requirement {
    code: "PREDICTIVE_SCALING_MISSING",
    wave: 3,
    resources: GROUP,
    title: Text::new("The group does not scale by forecast", "予測スケーリングが行われていません"),
    rule: Text::new(
        "Fails when a group with predictiveTagKey has no enabled predictive policy in the mode \
         ForecastAndScale.",
        "predictiveTagKey のタグがあるグループに、モードが ForecastAndScale の有効な予測スケーリング\
         ポリシーがないとき不適合です。",
    ),
};

pub(super) const STATEFUL_REBALANCE_UNGUARDED: Requirement = Requirement {
    code: "STATEFUL_REBALANCE_UNGUARDED",
    wave: 2,
    resources: GROUP,
    title: Text::new(
        "Rebalancing may end stateful instances",
        "状態を持つインスタンスが再配置で終了されるおそれがあります",
    ),
    rule: Text::new(
        "Fails when a group with statefulTagKey neither suspends AZRebalance nor protects new \
         instances from scale-in.",
        "statefulTagKey のタグがあるグループが、AZRebalance を停止しておらず、新しいインスタンスを\
         スケールインから保護してもいないとき不適合です。",
    ),
};

pub(super) const ECS_SERVICE_NOT_SCALING: Requirement = Requirement {
    code: "ECS_SERVICE_NOT_SCALING",
    wave: 1,
    resources: &[ResourceType::ECS_SERVICE],
    title: Text::new("The service does not scale", "サービスがスケールしません"),
    rule: Text::new(
        "Fails when Application Auto Scaling has no target for the number of tasks that may grow \
         and is not suspended, or no policy of acceptedPolicyTypes for it.",
        "タスク数について、拡張でき停止していないスケーラブルターゲットと、acceptedPolicyTypes のポリシーが \
         Application Auto Scaling にないとき不適合です。",
    ),
};

pub(super) const CAPACITY_PROVIDER_UNMANAGED: Requirement = Requirement {
    code: "CAPACITY_PROVIDER_UNMANAGED",
    wave: 2,
    resources: &[ResourceType::ECS_CAPACITY_PROVIDER],
    title: Text::new(
        "ECS does not scale the instances of the capacity provider",
        "キャパシティープロバイダーのマネージドスケーリングが無効です",
    ),
    rule: Text::new(
        "Fails when managed scaling of a provider with an Auto Scaling group is not ENABLED.",
        "Auto Scaling グループを使うプロバイダーのマネージドスケーリングが ENABLED でないとき不適合です。",
    ),
};

pub(super) const DYNAMODB_NOT_SCALING: Requirement = Requirement {
    code: "DYNAMODB_NOT_SCALING",
    wave: 2,
    resources: &[ResourceType::DYNAMODB_TABLE],
    title: Text::new(
        "Provisioned capacity that does not scale",
        "スケールしないプロビジョンドキャパシティがあります",
    ),
    rule: Text::new(
        "Fails when a provisioned table or one of its global secondary indexes lacks a scalable \
         target or a policy for reads or writes.",
        "プロビジョンドモードのテーブルまたはそのグローバルセカンダリインデックスに、読み込みまたは書き込みの\
         スケーラブルターゲットかポリシーがないとき不適合です。",
    ),
};

pub(super) const AURORA_REPLICAS_NOT_SCALING: Requirement = Requirement {
    code: "AURORA_REPLICAS_NOT_SCALING",
    wave: 2,
    resources: &[ResourceType::RDS_DB_CLUSTER],
    title: Text::new("The readers of the cluster do not scale", "リーダーの数が負荷に追従しません"),
    rule: Text::new(
        "Fails when an Aurora cluster has neither a scalable target with a policy for the number \
         of its readers nor Aurora Serverless with room to grow.",
        "Aurora クラスターに、リーダー数のスケーラブルターゲットとポリシーも、拡張できる Aurora Serverless も\
         ないとき不適合です。",
    ),
};
