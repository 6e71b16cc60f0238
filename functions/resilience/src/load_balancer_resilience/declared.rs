//! The parameters, the requirements, and when the control does not apply.

use fisc_shared::parameter::Param;
use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const ZONAL_TAG_KEY: Param<String> = Param::text(
    "zonalTagKey",
    "fisc:zonal",
    Text::new(
        "Tag of load balancers that keep traffic in its zone by design",
        "設計上、通信をゾーン内に留めるロードバランサーのタグのキー",
    ),
);
pub(super) const MIN_HEALTHY_TARGETS: Param<i64> = Param::integer(
    "minHealthyTargets",
    2,
    1,
    100,
    Text::new("Healthy targets that a group must have", "グループに必要な正常なターゲットの数"),
);
pub(super) const MIN_AVAILABILITY_ZONES: Param<i64> = Param::integer(
    "minAvailabilityZones",
    2,
    1,
    6,
    Text::new("Zones that must have a healthy target", "正常なターゲットが必要なゾーンの数"),
);
pub(super) const MIN_FREE_ADDRESSES: Param<i64> = Param::integer(
    "minFreeAddresses",
    8,
    1,
    1000,
    Text::new(
        "Free addresses that each subnet of a load balancer must have",
        "ロードバランサーの各サブネットに必要な空き IP アドレスの数",
    ),
);
pub(super) const SURGE_TAG_KEY: Param<String> = Param::text(
    "surgeTagKey",
    "fisc:surge",
    Text::new(
        "Tag of load balancers that expect a surge and need reserved capacity",
        "急増が見込まれ、キャパシティの予約が必要なロードバランサーのタグのキー",
    ),
);
pub(super) const DR_TAG: Param<String> = Param::text(
    "drTag",
    "fisc:dr=multi-region",
    Text::new(
        "Tag of zones and distributions that must fail over: a key, or key=value",
        "フェイルオーバーが必要なホストゾーンとディストリビューションのタグ(キー、またはキー=値)",
    ),
);
pub(super) const FAILOVER_RECORD_NAMES: Param<Vec<String>> = Param::list(
    "failoverRecordNames",
    &[],
    Text::new(
        "Names of records that must have a routing policy",
        "ルーティングポリシーが必要なレコードの名前",
    ),
);
pub(super) const MIN_REGIONS: Param<i64> = Param::integer(
    "minRegions",
    2,
    1,
    10,
    Text::new(
        "Regions that each listener of an accelerator must lead to",
        "アクセラレーターの各リスナーに必要なリージョンの数",
    ),
);

pub(super) const TARGET_HEALTH_CHECK_OFF: Requirement = Requirement::of_account(
    "TARGET_HEALTH_CHECK_OFF",
    1,
    Text::new(
        "Target groups without health checks",
        "ヘルスチェックが機能しないターゲットグループがあります",
    ),
    Text::new(
        "Fails when a target group of a load balancer has health checks disabled, or checks over \
         HTTP without a path (DescribeTargetGroups).",
        "ロードバランサーのターゲットグループのヘルスチェックが無効、または HTTP(S) でパスがないとき\
         不適合です(DescribeTargetGroups)。",
    ),
);
pub(super) const TARGETS_UNHEALTHY: Requirement = Requirement::of_account(
    "TARGETS_UNHEALTHY",
    1,
    Text::new(
        "Target groups with too few healthy targets or zones",
        "正常なターゲットまたはそのゾーンが不足するターゲットグループがあります",
    ),
    Text::new(
        "Fails when a target group in use has fewer than minHealthyTargets targets that are \
         healthy or starting, or they are in fewer than minAvailabilityZones zones \
         (DescribeTargetHealth; zones of instances from Config's inventory).",
        "使用中のターゲットグループで、正常または起動中のターゲットが minHealthyTargets に満たないとき、\
         またはそのゾーン数が minAvailabilityZones に満たないとき不適合です(DescribeTargetHealth。\
         インスタンスのゾーンは Config のインベントリによります)。",
    ),
);
pub(super) const CROSS_ZONE_OFF: Requirement = Requirement {
    code: "CROSS_ZONE_OFF",
    wave: 2,
    resources: &[ResourceType::ELB_LOAD_BALANCER, ResourceType::ELBV2_LOAD_BALANCER],
    title: Text::new("Cross-zone load balancing is off", "クロスゾーン負荷分散が無効です"),
    rule: Text::new(
        "Fails when a Classic, Network or Gateway Load Balancer has cross-zone load balancing \
         disabled (LoadBalancerAttributes); for Application Load Balancers it is always on.",
        "Classic、Network、Gateway Load Balancer のクロスゾーン負荷分散が無効のとき不適合です\
         (LoadBalancerAttributes)。Application Load Balancer では常に有効です。",
    ),
};
pub(super) const FAILOVER_RECORD_UNCHECKED: Requirement = Requirement {
    code: "FAILOVER_RECORD_UNCHECKED",
    wave: 1,
    resources: &[ResourceType::ROUTE53_HOSTED_ZONE],
    title: Text::new(
        "Failover records do not fail over",
        "フェイルオーバーが機能しないレコードがあります",
    ),
    rule: Text::new(
        "Fails when failover records of a name lack their primary or secondary, or the primary \
         has neither a health check that is enabled nor evaluation of its alias target \
         (ListResourceRecordSets, ListHealthChecks).",
        "フェイルオーバーレコードのプライマリまたはセカンダリが欠けているとき、プライマリに有効な\
         ヘルスチェックもエイリアスターゲットの評価もないとき不適合です(ListResourceRecordSets、\
         ListHealthChecks)。",
    ),
};
pub(super) const FAILOVER_ROUTING_MISSING: Requirement = Requirement {
    code: "FAILOVER_ROUTING_MISSING",
    wave: 1,
    resources: &[ResourceType::ROUTE53_HOSTED_ZONE],
    title: Text::new(
        "Records that must fail over have no routing policy",
        "フェイルオーバーが必要なレコードにルーティングポリシーがありません",
    ),
    rule: Text::new(
        "Fails when an A, AAAA or CNAME record named in failoverRecordNames, or any such record of \
         a zone with drTag, is a single simple record, and no alias of a distribution, an \
         accelerator or a record with a routing policy.",
        "failoverRecordNames の A・AAAA・CNAME レコード(drTag のあるゾーンではすべて)が単一の\
         シンプルレコードで、ディストリビューション、アクセラレーター、ルーティングポリシーのあるレコードの\
         エイリアスでもないとき不適合です。",
    ),
};
pub(super) const ACCELERATOR_SINGLE_REGION: Requirement = Requirement {
    code: "ACCELERATOR_SINGLE_REGION",
    wave: 1,
    resources: &[ResourceType::GLOBAL_ACCELERATOR_ACCELERATOR],
    title: Text::new(
        "The accelerator cannot fail over to another Region",
        "アクセラレーターが別リージョンへフェイルオーバーできません",
    ),
    rule: Text::new(
        "Fails when a listener has endpoint groups with endpoints and a traffic dial above 0 in \
         fewer than minRegions Regions, or one of those Regions has no healthy endpoint \
         (ListEndpointGroups); endpoints whose first check is under way count as healthy.",
        "リスナーのエンドポイントグループ(エンドポイントがあり、トラフィックダイヤルが 0 より大きいもの)の\
         リージョン数が minRegions に満たないとき、またはそのリージョンに正常なエンドポイントがないとき\
         不適合です(ListEndpointGroups)。初回チェック中のエンドポイントは正常とみなします。",
    ),
};
pub(super) const LB_SUBNET_NEARLY_FULL: Requirement = Requirement {
    code: "LB_SUBNET_NEARLY_FULL",
    wave: 2,
    resources: &[ResourceType::ELBV2_LOAD_BALANCER],
    title: Text::new(
        "A subnet of the load balancer is nearly full",
        "ロードバランサーのサブネットの空き IP アドレスが不足しています",
    ),
    rule: Text::new(
        "Fails when a subnet of an Application or Network Load Balancer has fewer than \
         minFreeAddresses free addresses (DescribeSubnets).",
        "Application または Network Load Balancer のサブネットの空き IP アドレスが minFreeAddresses に\
         満たないとき不適合です(DescribeSubnets)。",
    ),
};
pub(super) const SURGE_CAPACITY_NOT_RESERVED: Requirement = Requirement {
    code: "SURGE_CAPACITY_NOT_RESERVED",
    wave: 3,
    resources: &[ResourceType::ELBV2_LOAD_BALANCER],
    title: Text::new(
        "No capacity is reserved for the surge",
        "急増に備えたキャパシティが予約されていません",
    ),
    rule: Text::new(
        "Fails when a load balancer with the surgeTagKey tag has no capacity reservation, or one \
         that is not provisioned in every zone (DescribeCapacityReservation).",
        "surgeTagKey のタグがあるロードバランサーにキャパシティの予約がないとき、または全ゾーンで確保\
         されていないとき不適合です(DescribeCapacityReservation)。",
    ),
};
pub(super) const ORIGIN_FAILOVER_MISSING: Requirement = Requirement {
    code: "ORIGIN_FAILOVER_MISSING",
    wave: 3,
    resources: &[ResourceType::CLOUDFRONT_DISTRIBUTION],
    title: Text::new(
        "The distribution has no second origin",
        "ディストリビューションにフェイルオーバー先のオリジンがありません",
    ),
    rule: Text::new(
        "Fails when the default behaviour of a distribution with drTag does not lead to an origin \
         group of two members.",
        "drTag のあるディストリビューションのデフォルトビヘイビアが、2 つのオリジンからなるオリジン\
         グループを使っていないとき不適合です。",
    ),
};

pub(super) const ZONAL_BY_DESIGN: Remark = Remark::new(
    "ZONAL_BY_DESIGN",
    "A tag says that the load balancer keeps traffic in its zone by design",
    "設計上ゾーン内に通信を留めることがタグで示されています",
);
pub(super) const NO_TARGET_GROUP: Remark = Remark::new(
    "NO_TARGET_GROUP",
    "No load balancer uses a target group that can be judged",
    "ロードバランサーで使用中の評価対象のターゲットグループがありません",
);
pub(super) const NO_FAILOVER_RECORD: Remark = Remark::new(
    "NO_FAILOVER_RECORD",
    "The zone has no failover record, and none that must have one",
    "フェイルオーバーレコードも、それが必要なレコードもありません",
);
pub(super) const ACCELERATOR_DISABLED: Remark = Remark::new(
    "ACCELERATOR_DISABLED",
    "The accelerator is disabled",
    "アクセラレーターは無効です",
);
pub(super) const NO_LISTENER: Remark = Remark::new(
    "NO_LISTENER",
    "The accelerator has no standard listener",
    "アクセラレーターに標準のリスナーがありません",
);
pub(super) const NOT_MARKED_FOR_FAILOVER: Remark = Remark::new(
    "NOT_MARKED_FOR_FAILOVER",
    "The distribution does not carry the tag of drTag",
    "drTag のタグが付いていません",
);
