//! `ddos-protection`: where the institution opts in, Shield Advanced is subscribed, renews, and
//! protects what faces the internet.
//!
//! Shield Standard protects everybody by itself and needs no check. Shield Advanced is a paid
//! subscription that is worth nothing for resources that nobody registered: this control compares
//! the protections with the recorded resources that the internet reaches. It only runs on a
//! schedule: changes of every load balancer and address would cost an evaluation each, to no
//! gain where the institution did not opt in.
//!
//! Criteria: 実19 and 実20 3 name it. To fix it, subscribe with automatic renewal and add a
//! protection for each resource.

mod declared;
mod exposed;
mod services;

use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remedy, ResourceType, Severity,
    Text, Trigger, no_item_tells,
};

use declared::{
    AUTO_RENEW_OFF, AUTO_RESPONSE_OFF, NOT_OPTED_IN, PROTECTED_RESOURCE_TYPES,
    REQUIRE_AUTO_RESPONSE, REQUIRE_SHIELD_ADVANCED, RESOURCE_NOT_PROTECTED, SCOPE_TAG_KEY,
    SUBSCRIPTION_INACTIVE,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "ddos-protection",
    domain: Domain::Network,
    severity: Severity::Medium,
    title: Text::new(
        "Where opted in, Shield Advanced is subscribed, renews and protects what faces the internet",
        "利用を選択した場合、Shield Advanced が契約・自動更新され、公開リソースを保護している",
    ),
    why: Text::new(
        "A flood of traffic takes a service off the net without breaking into it. Shield Advanced \
         adds detection per resource, help during an attack and cost protection, but only for the \
         resources that are registered, and only as long as the subscription runs.",
        "大量の通信を送りつける攻撃は、侵入しなくてもサービスを停止させます。Shield Advanced は\
         リソースごとの検知、攻撃時の支援、費用の保護を加えますが、登録したリソースだけが対象で、契約が\
         続いている間に限られます。",
    ),
    fix: Text::new(
        "In WAF & Shield > AWS Shield > Getting started subscribe to Shield Advanced with \
         automatic renewal, and add each resource under Protected resources, or let a Firewall \
         Manager policy do so. For distributions and Application Load Balancers turn on the \
         automatic application layer DDoS mitigation there.",
        "「WAF & Shield」の「AWS Shield」で Shield Advanced を契約して自動更新を有効にし、\
         「保護されたリソース」に各リソースを追加します(Firewall Manager のポリシーで\
         一括登録することもできます)。ディストリビューションと Application Load Balancer では、\
         アプリケーション層の自動緩和も有効にします。",
    ),
    remedy: Remedy::new(
        include_str!("ddos_protection/remedy.sh"),
        include_str!("ddos_protection/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/waf/latest/developerguide/ddos-advanced-summary.html",
    criteria: Criteria { explicit: &["実19", "実20 3"], implied: &["実14 9", "実16"] },
    resources: SUBJECTS,
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(services::GET_SUBSCRIPTION_STATE),
        Action::any(services::DESCRIBE_SUBSCRIPTION),
        Action::any(services::LIST_PROTECTIONS),
        SELECT_ACTION,
    ],
    parameters: &[
        REQUIRE_SHIELD_ADVANCED.spec,
        PROTECTED_RESOURCE_TYPES.spec,
        SCOPE_TAG_KEY.spec,
        REQUIRE_AUTO_RESPONSE.spec,
    ],
    requirements: &[
        &SUBSCRIPTION_INACTIVE,
        &AUTO_RENEW_OFF,
        &RESOURCE_NOT_PROTECTED,
        &AUTO_RESPONSE_OFF,
    ],
    remarks: &[&NOT_OPTED_IN],
    limits: Limits::SWEEP,
    check: Check::Service { preview: no_item_tells, connect: services::connect, swept: SUBJECTS },
};

const SUBJECTS: &[ResourceType] = &[
    ResourceType::ACCOUNT,
    ResourceType::ELBV2_LOAD_BALANCER,
    ResourceType::ELB_LOAD_BALANCER,
    ResourceType::CLOUDFRONT_DISTRIBUTION,
    ResourceType::GLOBAL_ACCELERATOR_ACCELERATOR,
    ResourceType::ROUTE53_HOSTED_ZONE,
    ResourceType::EC2_EIP,
    ResourceType::SHIELD_PROTECTION,
    ResourceType::SHIELD_REGIONAL_PROTECTION,
];

#[cfg(test)]
mod tests;
