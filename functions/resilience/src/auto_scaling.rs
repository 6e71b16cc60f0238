//! `auto-scaling`: capacity follows load, and unhealthy capacity is replaced.
//!
//! A system that keeps its size stops serving when the load outgrows it, and one that does not
//! notice sick instances serves errors. Groups of instances, services of ECS, provisioned tables
//! and the readers of Aurora can follow the load by themselves. Their policies are resources of
//! their own: attaching one does not change what it is attached to, so that a schedule looks at
//! it, too. Policies of groups are read as AWS Config recorded them; where it does not record
//! AWS::AutoScaling::ScalingPolicy, whether a group scales is not judged.
//!
//! Criteria: 実47 4, 実71 4, 実84, 実101 3, 実103, 実103 2, 実104, 実106 ask for it. To fix a
//! resource, attach a target tracking policy, give it room to grow, and let groups behind load
//! balancers use their health checks.

mod groups;
mod policies;
mod requirements;
mod scaled;
mod services;

use fisc_services::recorder::DESCRIBE_RECORDERS;
use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark,
    Remedy, ResourceType, Run, Severity, Text, Trigger, Verdict,
};
use policies::Policies;
use requirements::{
    AURORA_REPLICAS_NOT_SCALING, CAPACITY_AT_LIMIT, CAPACITY_PROVIDER_UNMANAGED,
    DYNAMODB_NOT_SCALING, ECS_SERVICE_NOT_SCALING, ELB_HEALTH_CHECK_OFF, MIN_CAPACITY_LOW,
    NO_SCALING_POLICY, PREDICTIVE_SCALING_MISSING, SCALING_TARGET_UNSUITABLE,
    STATEFUL_REBALANCE_UNGUARDED,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "auto-scaling",
    domain: Domain::Resilience,
    severity: Severity::Medium,
    title: Text::new(
        "Capacity follows load, and unhealthy capacity is replaced",
        "キャパシティが負荷に追従し、異常なインスタンスが置き換えられる",
    ),
    why: Text::new(
        "A system of fixed size stops serving when demand outgrows it, and instances that no \
         longer answer keep receiving requests until somebody replaces them.",
        "大きさの変わらないシステムは、需要が上回るとサービスを続けられません。また、応答しなくなった\
         インスタンスは、置き換えられるまでリクエストを受け取り続けます。",
    ),
    fix: Text::new(
        "In EC2 > Auto Scaling groups > the group > Automatic scaling create a target tracking \
         policy (for other services on their own page: ECS Service auto scaling, DynamoDB \
         Additional settings, RDS Logs & events), set the maximum above the usual size, and choose \
         ELB health checks for groups behind load balancers (Details > Health checks). Tag what is \
         meant to keep its size fisc:fixed-size.",
        "EC2 の「Auto Scaling グループ」>「自動スケーリング」でターゲット追跡ポリシーを作成します\
         (ほかのサービスは各画面: ECS の「サービスの自動スケーリング」、DynamoDB の「追加の\
         設定」など)。最大サイズは通常より大きくし、ロードバランサー配下のグループでは ELB の\
         ヘルスチェックを有効にします。意図して大きさを固定するものには fisc:fixed-size タグを\
         付けます。",
    ),
    remedy: Remedy::new(
        include_str!("auto_scaling/remedy.sh"),
        include_str!("auto_scaling/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scale-based-on-demand.html",
    criteria: Criteria {
        explicit: &[
            "実47 4",
            "実71 4",
            "実84",
            "実101 3",
            "実103 (unnumbered row)",
            "実103 2",
            "実104",
            "実106",
        ],
        implied: &[],
    },
    resources: &[
        ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP,
        ResourceType::AUTO_SCALING_SCALING_POLICY,
        ResourceType::ECS_SERVICE,
        ResourceType::ECS_CAPACITY_PROVIDER,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::RDS_DB_CLUSTER,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(services::DESCRIBE_SCALABLE_TARGETS),
        Action::any(services::DESCRIBE_SCALING_POLICIES),
        Action::any(DESCRIBE_RECORDERS),
        SELECT_ACTION,
    ],
    parameters: &[
        FIXED_SIZE_TAG_KEY.spec,
        ACCEPTED_POLICY_TYPES.spec,
        ALLOWED_METRICS.spec,
        ACCEPT_CUSTOM_METRICS.spec,
        MAX_CPU_TARGET.spec,
        HEADROOM_PERCENT.spec,
        MIN_SIZE.spec,
        PREDICTIVE_TAG_KEY.spec,
        STATEFUL_TAG_KEY.spec,
    ],
    requirements: requirements::ALL,
    remarks: &[
        &FIXED_SIZE,
        &EMPTY_GROUP,
        &MANAGED_ELSEWHERE,
        &POLICIES_NOT_RECORDED,
        &NOT_TARGET_TRACKING,
        &POLICY_DISABLED,
        &NOT_REPLICATED_SERVICE,
        &FARGATE_PROVIDER,
        &ON_DEMAND_TABLE,
        &NOT_AURORA,
        &NO_INSTANCE,
        &SERVERLESS_CLUSTER,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect: services::connect, swept: services::SWEPT },
};

const FIXED_SIZE_TAG_KEY: Param<String> = Param::text(
    "fixedSizeTagKey",
    "fisc:fixed-size",
    Text::new(
        "Tag key of what keeps its size on purpose (licences, batch)",
        "意図して大きさを固定するリソース(ライセンス、バッチなど)のタグキー",
    ),
);
const ACCEPTED_POLICY_TYPES: Param<Vec<String>> = Param::list(
    "acceptedPolicyTypes",
    &["TargetTrackingScaling", "StepScaling", "SimpleScaling", "PredictiveScaling"],
    Text::new("Types of scaling policies that count", "スケーリングポリシーとして認めるタイプ"),
);
const ALLOWED_METRICS: Param<Vec<String>> = Param::list(
    "allowedMetrics",
    &[
        "ASGAverageCPUUtilization",
        "ALBRequestCountPerTarget",
        "ASGAverageNetworkIn",
        "ASGAverageNetworkOut",
    ],
    Text::new(
        "Predefined metrics that a group's target tracking may follow",
        "グループのターゲット追跡に使える定義済みメトリクス",
    ),
);
const ACCEPT_CUSTOM_METRICS: Param<bool> = Param::flag(
    "acceptCustomMetrics",
    true,
    Text::new(
        "Target tracking may follow metrics of one's own",
        "ターゲット追跡に独自のメトリクスを認める",
    ),
);
const MAX_CPU_TARGET: Param<i64> = Param::integer(
    "maxCpuTarget",
    70,
    1,
    100,
    Text::new("Highest accepted CPU target in percent", "認める CPU 使用率のターゲット値の上限(%)"),
);
const HEADROOM_PERCENT: Param<i64> = Param::integer(
    "headroomPercent",
    25,
    0,
    1000,
    Text::new(
        "How far a group must be able to grow beyond its desired capacity, in percent",
        "グループが希望容量を超えて拡張できる余地の下限(%)",
    ),
);
const MIN_SIZE: Param<i64> = Param::integer(
    "minSize",
    2,
    0,
    1000,
    Text::new("Smallest accepted size of a group", "認めるグループの最小サイズ"),
);
const PREDICTIVE_TAG_KEY: Param<String> = Param::text(
    "predictiveTagKey",
    "fisc:predictive",
    Text::new("Tag key of groups that must forecast", "予測スケーリングが必要なグループのタグキー"),
);
const STATEFUL_TAG_KEY: Param<String> = Param::text(
    "statefulTagKey",
    "fisc:stateful",
    Text::new(
        "Tag key of groups whose instances must not be rebalanced freely",
        "インスタンスを自由に再配置してはならないグループのタグキー",
    ),
);

const FIXED_SIZE: Remark = Remark::new(
    "FIXED_SIZE",
    "A tag says that the size is fixed on purpose",
    "意図して大きさを固定していることを示すタグがあります",
);
const EMPTY_GROUP: Remark = Remark::new(
    "EMPTY_GROUP",
    "The group may hold no instance (maxSize 0)",
    "インスタンスを持たないグループです(最大サイズ 0)",
);
const MANAGED_ELSEWHERE: Remark = Remark::new(
    "MANAGED_ELSEWHERE",
    "EKS, ECS or AWS Batch sets the size of the group",
    "グループの大きさは EKS、ECS または AWS Batch が管理します",
);
const POLICIES_NOT_RECORDED: Remark = Remark::new(
    "POLICIES_NOT_RECORDED",
    "AWS Config does not record AWS::AutoScaling::ScalingPolicy, so that nobody knows whether the \
     group scales",
    "AWS Config が AWS::AutoScaling::ScalingPolicy を記録していないため、グループがスケールするかどうか\
     判断できません",
);
const NOT_TARGET_TRACKING: Remark = Remark::new(
    "NOT_TARGET_TRACKING",
    "The policy follows no target value",
    "ターゲット値を追跡するポリシーではありません",
);
const POLICY_DISABLED: Remark =
    Remark::new("POLICY_DISABLED", "The policy is disabled", "ポリシーは無効です");
const NOT_REPLICATED_SERVICE: Remark = Remark::new(
    "NOT_REPLICATED_SERVICE",
    "The service has no desired number of tasks (DAEMON), or it is 0",
    "タスク数を指定しないサービス(DAEMON)か、タスク数が 0 のサービスです",
);
const FARGATE_PROVIDER: Remark = Remark::new(
    "FARGATE_PROVIDER",
    "AWS manages the capacity; there is no Auto Scaling group",
    "Auto Scaling グループのないキャパシティープロバイダーで、AWS が容量を管理します",
);
const ON_DEMAND_TABLE: Remark = Remark::new(
    "ON_DEMAND_TABLE",
    "The table is on demand: DynamoDB follows the load",
    "オンデマンドのテーブルであり、DynamoDB が負荷に追従します",
);
const NOT_AURORA: Remark = Remark::new(
    "NOT_AURORA",
    "Only Aurora scales its readers",
    "Aurora のクラスターではありません",
);
const NO_INSTANCE: Remark = Remark::new(
    "NO_INSTANCE",
    "The cluster has no instance",
    "クラスターにインスタンスがありません",
);
const SERVERLESS_CLUSTER: Remark = Remark::new(
    "SERVERLESS_CLUSTER",
    "The capacity of the cluster follows the load (Aurora Serverless)",
    "クラスターの容量が負荷に追従します(Aurora Serverless)",
);

/// Whether a tag says that the resource keeps its size on purpose.
fn is_fixed(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    let key = run.parameters.get(&FIXED_SIZE_TAG_KEY);
    Ok(!key.is_empty() && item.all_tags()?.contains_key(&key))
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    match item.resource_type.as_str() {
        name if name == ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP.name => {
            groups::decide(item, Policies::NotAsked, run)
        }
        name if name == ResourceType::AUTO_SCALING_SCALING_POLICY.name => {
            policies::decide(item, run).map(Some)
        }
        name if name == ResourceType::ECS_CAPACITY_PROVIDER.name => {
            Ok(Some(scaled::capacity_provider(item)?))
        }
        _ if is_fixed(item, run)? => Ok(Some(Verdict::not_applicable(&FIXED_SIZE))),
        _ => Ok(scaled::Scaled::of(item)?.settled()),
    }
}

#[cfg(test)]
mod tests;
