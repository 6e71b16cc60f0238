//! The parameters, the requirements, and when the control does not apply.

use fisc_shared::parameter::Param;
use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const REQUIRE_INSPECTION: Param<bool> = Param::flag(
    "requireInspection",
    false,
    Text::new(
        "Ask that the traffic of VPCs passes an inspection endpoint",
        "VPC の通信が検査用のエンドポイントを経由することを求める",
    ),
);
pub(super) const REQUIRED_VPC_IDS: Param<Vec<String>> = Param::list(
    "requiredVpcIds",
    &[],
    Text::new(
        "VPCs to inspect; empty: every VPC with an internet gateway (with requireInspection)",
        "検査が必要な VPC の ID。空の場合はインターネットゲートウェイのある VPC すべて\
         (requireInspection のとき)",
    ),
);
pub(super) const ACCEPT_GATEWAY_LOAD_BALANCER: Param<bool> = Param::flag(
    "acceptGatewayLoadBalancer",
    true,
    Text::new(
        "An endpoint of a Gateway Load Balancer, with a partner's appliance behind it, counts too",
        "Gateway Load Balancer のエンドポイント(パートナー製品による検査)も認める",
    ),
);
pub(super) const EXEMPT_TAG_KEY: Param<String> = Param::text(
    "exemptTagKey",
    "fisc:no-inspection",
    Text::new(
        "Key of the tag of VPCs whose traffic is inspected elsewhere",
        "別の場所で通信を検査している VPC に付けるタグのキー",
    ),
);
pub(super) const REQUIRED_LOG_TYPES: Param<Vec<String>> = Param::list(
    "requiredLogTypes",
    &["ALERT", "FLOW"],
    Text::new(
        "Types of logs that each firewall must deliver: ALERT, FLOW, TLS",
        "各ファイアウォールが出力しなければならないログの種類(ALERT・FLOW・TLS)",
    ),
);
pub(super) const ONLY_ASSOCIATED_POLICY: Param<bool> = Param::flag(
    "onlyAssociatedPolicy",
    true,
    Text::new(
        "Judge only policies that a firewall uses",
        "ファイアウォールで使われているポリシーだけを評価する",
    ),
);

pub(super) const NO_INSPECTION_ENDPOINT: Requirement = Requirement {
    code: "NO_INSPECTION_ENDPOINT",
    wave: 3,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "The VPC has no inspection endpoint",
        "VPC に検査用のエンドポイントがありません",
    ),
    rule: Text::new(
        "With requireInspection: fails when a VPC of requiredVpcIds, or without that list one with \
         an internet gateway, has no available endpoint of type GatewayLoadBalancer; with \
         acceptGatewayLoadBalancer false, none that carries Network Firewall's tag.",
        "requireInspection を指定した場合: requiredVpcIds の VPC(指定がなければインターネット\
         ゲートウェイのある VPC)に、利用可能な GatewayLoadBalancer タイプのエンドポイントがないとき\
         不適合です。acceptGatewayLoadBalancer が false の場合は、Network Firewall のタグが付いた\
         エンドポイントを求めます。",
    ),
};
pub(super) const ENDPOINT_NOT_IN_PATH: Requirement = Requirement {
    code: "ENDPOINT_NOT_IN_PATH",
    wave: 3,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "No route leads through the inspection endpoint",
        "検査用のエンドポイントを経由するルートがありません",
    ),
    rule: Text::new(
        "With requireInspection: fails when the VPC has an endpoint, but no route table that is \
         associated with a subnet or a gateway has an active route to it.",
        "requireInspection を指定した場合: エンドポイントはあるが、サブネットまたはゲートウェイに\
         関連付けられたルートテーブルに、エンドポイントへの有効なルートがないとき不適合です。",
    ),
};
pub(super) const NO_STATEFUL_INSPECTION: Requirement = policy(
    "NO_STATEFUL_INSPECTION",
    2,
    Text::new(
        "The policy has no stateful rule group",
        "ポリシーにステートフルルールグループがありません",
    ),
    Text::new(
        "Fails when statefulRuleGroupReferences is empty or absent.",
        "statefulRuleGroupReferences が空か、ないとき不適合です。",
    ),
);
pub(super) const DEFAULT_ACTION_PASSES: Requirement = policy(
    "DEFAULT_ACTION_PASSES",
    2,
    Text::new(
        "Packets pass without stateful inspection by default",
        "デフォルトでパケットがステートフルな検査なしに通過します",
    ),
    Text::new(
        "Fails when statelessDefaultActions or statelessFragmentDefaultActions contains aws:pass.",
        "statelessDefaultActions または statelessFragmentDefaultActions に aws:pass が含まれるとき\
         不適合です。",
    ),
);
pub(super) const ALERT_ONLY_OVERRIDE: Requirement = policy(
    "ALERT_ONLY_OVERRIDE",
    3,
    Text::new("The stateful rule groups only alert", "ステートフルルールグループが警告のみです"),
    Text::new(
        "Fails when the override of every stateful rule group is DROP_TO_ALERT, so that none drops \
         anything.",
        "すべてのステートフルルールグループが DROP_TO_ALERT で上書きされ、何も遮断しないとき\
         不適合です。",
    ),
);
pub(super) const FIREWALL_LOGGING_INCOMPLETE: Requirement = Requirement {
    code: "FIREWALL_LOGGING_INCOMPLETE",
    wave: 1,
    resources: &[ResourceType::NETWORK_FIREWALL_FIREWALL],
    title: Text::new(
        "The firewall does not deliver all logs",
        "ファイアウォールのログが一部取得されていません",
    ),
    rule: Text::new(
        "Fails when a type of requiredLogTypes has no destination (DescribeLoggingConfiguration).",
        "requiredLogTypes のログに出力先がないとき不適合です(DescribeLoggingConfiguration)。",
    ),
};

const fn policy(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    let resources = &[ResourceType::NETWORK_FIREWALL_FIREWALL_POLICY];
    Requirement { code, wave, resources, title, rule }
}

pub(super) const INSPECTION_NOT_REQUIRED: Remark = Remark::new(
    "INSPECTION_NOT_REQUIRED",
    "No inspection is asked for of the VPC",
    "この VPC には検査を求めていません",
);
pub(super) const INSPECTED_ELSEWHERE: Remark = Remark::new(
    "INSPECTED_ELSEWHERE",
    "Its tag says that the traffic is inspected elsewhere",
    "タグにより、通信は別の場所で検査しているとされています",
);
pub(super) const POLICY_NOT_USED: Remark = Remark::new(
    "POLICY_NOT_USED",
    "No firewall uses the policy",
    "ポリシーはどのファイアウォールでも使われていません",
);
