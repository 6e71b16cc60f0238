//! `load-balancer-resilience`: load balancers find healthy targets in several zones, and names,
//! accelerators and distributions find a healthy location.
//!
//! A load balancer only helps when it knows which targets work, has more than one of them, in more
//! than one zone, and may send traffic across zones. Health is a state, not a configuration: it is
//! read once a day, and targets that are still starting count as healthy, so that a deployment is
//! no finding. Target groups are not recorded by AWS Config; one verdict on the account has them.
//! The zones of instances come from Config's inventory, since a target's health does not tell them,
//! and a target whose zone nobody knows (an address outside the VPC) leaves the zones unjudged.
//!
//! Between locations, a failover record needs a partner and a health check that works, an
//! accelerator endpoints in several Regions. Config records hosted zones and distributions in
//! us-east-1 and accelerators in us-west-2, so that they are judged by the rules there. A record
//! may use a health check of another account; whether that one is disabled cannot be seen.
//!
//! Criteria: 実71 4, 実101 3, 実103 ask for it. To fix a finding, turn on health checks and
//! cross-zone balancing, register targets in a second zone, or give failover records their partner
//! and a health check.

use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remedy, ResourceType, Severity,
    Text, Trigger, ec2, inventory,
};

mod accelerators;
mod balancers;
mod declared;
mod records;
mod services;
mod targets;
#[cfg(test)]
mod tests;

use declared as d;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "load-balancer-resilience",
    domain: Domain::Resilience,
    severity: Severity::Medium,
    title: Text::new(
        "Traffic is balanced across zones, health-checked, and fails over between locations",
        "負荷分散のヘルスチェックと、ゾーン間・拠点間のフェイルオーバーが機能する構成になっている",
    ),
    why: Text::new(
        "Redundant servers and sites only help when traffic leaves the broken one by itself. \
         Without health checks, healthy targets or a failover record, users keep being sent to \
         what does not answer.",
        "冗長化したサーバーや拠点は、通信が障害箇所から自動的に切り替わって初めて役立ちます。ヘルス\
         チェック、正常なターゲット、フェイルオーバーレコードがないと、応答しない先に利用者を送り続けます。",
    ),
    fix: Text::new(
        "In EC2 > Target Groups enable health checks and register healthy targets in two zones; in \
         Load Balancers > Attributes enable cross-zone load balancing, give load balancers larger \
         subnets, and reserve capacity for known surges (Capacity). In Route 53 give failover \
         records both roles with a health check on the primary, accelerators an endpoint group in a \
         second Region, and distributions an origin group.",
        "EC2 の「ターゲットグループ」でヘルスチェックを有効にし、2 つのゾーンに正常なターゲットを\
         登録します。「ロードバランサー」の「属性」でクロスゾーン負荷分散を有効にし、サブネットを\
         広げ、予定された急増には「キャパシティ」で予約します。Route 53 の\
         フェイルオーバーレコードはプライマリとセカンダリを揃えてヘルスチェックを付け、\
         アクセラレーターには別リージョンのエンドポイントグループ、ディストリビューションには\
         オリジングループを設定します。",
    ),
    remedy: Remedy::new(
        include_str!("load_balancer_resilience/remedy.sh"),
        include_str!("load_balancer_resilience/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_failover2good.html",
    criteria: Criteria {
        explicit: &["実71 4", "実101 3", "実103 (unnumbered row)"],
        implied: &["実74 4", "実104", "実106"],
    },
    resources: &[
        ResourceType::ELB_LOAD_BALANCER,
        ResourceType::ELBV2_LOAD_BALANCER,
        ResourceType::ROUTE53_HOSTED_ZONE,
        ResourceType::GLOBAL_ACCELERATOR_ACCELERATOR,
        ResourceType::CLOUDFRONT_DISTRIBUTION,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(ec2::action::DESCRIBE_SUBNETS),
        Action::any(services::DESCRIBE_TARGET_GROUPS),
        Action::any(services::DESCRIBE_TARGET_HEALTH),
        Action::any(services::DESCRIBE_CAPACITY_RESERVATION),
        Action::on(services::LIST_RECORDS, "arn:${AWS::Partition}:route53:::hostedzone/*"),
        Action::any(services::LIST_HEALTH_CHECKS),
        Action::on(
            services::LIST_LISTENERS,
            "arn:${AWS::Partition}:globalaccelerator::${AWS::AccountId}:accelerator/*",
        ),
        Action::on(
            services::LIST_ENDPOINT_GROUPS,
            "arn:${AWS::Partition}:globalaccelerator::${AWS::AccountId}:accelerator/*",
        ),
    ],
    parameters: &[
        d::ZONAL_TAG_KEY.spec,
        d::MIN_HEALTHY_TARGETS.spec,
        d::MIN_AVAILABILITY_ZONES.spec,
        d::MIN_FREE_ADDRESSES.spec,
        d::SURGE_TAG_KEY.spec,
        d::DR_TAG.spec,
        d::FAILOVER_RECORD_NAMES.spec,
        d::MIN_REGIONS.spec,
    ],
    requirements: &[
        &d::TARGET_HEALTH_CHECK_OFF,
        &d::TARGETS_UNHEALTHY,
        &d::CROSS_ZONE_OFF,
        &d::FAILOVER_RECORD_UNCHECKED,
        &d::FAILOVER_ROUTING_MISSING,
        &d::ACCELERATOR_SINGLE_REGION,
        &d::LB_SUBNET_NEARLY_FULL,
        &d::SURGE_CAPACITY_NOT_RESERVED,
        &d::ORIGIN_FAILOVER_MISSING,
    ],
    remarks: &[
        &d::ZONAL_BY_DESIGN,
        &d::NO_TARGET_GROUP,
        &d::NO_FAILOVER_RECORD,
        &d::ACCELERATOR_DISABLED,
        &d::NO_LISTENER,
        &d::NOT_MARKED_FOR_FAILOVER,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: services::preview,
        connect: services::connect,
        swept: services::SWEPT,
    },
};
