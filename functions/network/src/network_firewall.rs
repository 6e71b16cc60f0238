//! `network-firewall`: firewalls log, their policies inspect, and, where it is asked for, the
//! traffic of VPCs passes one.
//!
//! Security groups look at addresses and ports; an intrusion inside allowed traffic is only seen
//! by what inspects it. Policies are judged by their items. Whether a firewall logs is not in its
//! item: Network Firewall is asked. That VPCs have an inspection endpoint at all, one of Network
//! Firewall or of a Gateway Load Balancer, and that their routes lead through it, is asked for by
//! parameter only: the text names it beside other means, and a hub may inspect for all.
//!
//! Criteria: 実19, 実20 3 and 実72 ask for it. To fix it, add stateful rule groups to the policy,
//! forward everything to them, log alerts and flows, and route through the endpoints.

mod declared;
mod inspection;
mod policy;
mod services;

use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remedy, ResourceType, Severity,
    Text, Trigger,
};

use declared::{
    ACCEPT_GATEWAY_LOAD_BALANCER, ALERT_ONLY_OVERRIDE, DEFAULT_ACTION_PASSES, ENDPOINT_NOT_IN_PATH,
    EXEMPT_TAG_KEY, FIREWALL_LOGGING_INCOMPLETE, INSPECTED_ELSEWHERE, INSPECTION_NOT_REQUIRED,
    NO_INSPECTION_ENDPOINT, NO_STATEFUL_INSPECTION, ONLY_ASSOCIATED_POLICY, POLICY_NOT_USED,
    REQUIRE_INSPECTION, REQUIRED_LOG_TYPES, REQUIRED_VPC_IDS,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "network-firewall",
    domain: Domain::Network,
    severity: Severity::Medium,
    title: Text::new(
        "Network firewalls inspect and log, and traffic that must be inspected passes one",
        "ネットワークファイアウォールが検査とログ取得を行い、検査が必要な通信が経由している",
    ),
    why: Text::new(
        "Attacks hide in traffic that security groups have to let through. A network firewall that \
         passes packets without stateful inspection, only raises alerts, or keeps no log neither \
         stops nor shows them.",
        "攻撃は、セキュリティグループが許可せざるを得ない通信に紛れて行われます。ステートフルな検査を\
         せずに通すファイアウォールや、警告だけを出すもの、ログを残さないものでは、攻撃を止めることも\
         見つけることもできません。",
    ),
    fix: Text::new(
        "In VPC > Network Firewall > Firewall policies add stateful rule groups, set the stateless \
         default actions to forward to stateful rule groups, and take managed groups out of alert \
         mode once tuned. On each firewall turn on ALERT and FLOW logs (Firewall details > \
         Logging). Where inspection is required, route the subnets and the internet gateway through \
         the firewall's endpoints (Route tables).",
        "VPC の「Network Firewall」>「ファイアウォールポリシー」でステートフルルールグループを\
         追加し、ステートレスのデフォルトアクションをステートフルルールグループへの転送にし、調整が\
         終わったマネージドルールグループはアラートモードから外します。各ファイアウォールで ALERT \
         と FLOW のログを有効にします。検査が必要な VPC では、サブネットと\
         インターネットゲートウェイのルートをファイアウォールのエンドポイントに向けます。",
    ),
    remedy: Remedy::new(
        include_str!("network_firewall/remedy.sh"),
        include_str!("network_firewall/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/network-firewall/latest/developerguide/what-is-aws-network-firewall.html",
    criteria: Criteria { explicit: &["実19", "実20 3", "実72"], implied: &["実16"] },
    resources: &[
        ResourceType::EC2_VPC,
        ResourceType::NETWORK_FIREWALL_FIREWALL_POLICY,
        ResourceType::NETWORK_FIREWALL_FIREWALL,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::on(
            services::DESCRIBE_LOGGING_CONFIGURATION,
            "arn:${AWS::Partition}:network-firewall:${AWS::Region}:${AWS::AccountId}:firewall/*",
        ),
        SELECT_ACTION,
    ],
    parameters: &[
        REQUIRE_INSPECTION.spec,
        REQUIRED_VPC_IDS.spec,
        ACCEPT_GATEWAY_LOAD_BALANCER.spec,
        EXEMPT_TAG_KEY.spec,
        REQUIRED_LOG_TYPES.spec,
        ONLY_ASSOCIATED_POLICY.spec,
    ],
    requirements: &[
        &NO_INSPECTION_ENDPOINT,
        &ENDPOINT_NOT_IN_PATH,
        &NO_STATEFUL_INSPECTION,
        &DEFAULT_ACTION_PASSES,
        &ALERT_ONLY_OVERRIDE,
        &FIREWALL_LOGGING_INCOMPLETE,
    ],
    remarks: &[&INSPECTION_NOT_REQUIRED, &INSPECTED_ELSEWHERE, &POLICY_NOT_USED],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: services::preview,
        connect: services::connect,
        // A policy tells everything when it changes.
        swept: &[ResourceType::EC2_VPC, ResourceType::NETWORK_FIREWALL_FIREWALL],
    },
};

#[cfg(test)]
mod tests;
