//! The parameters, the requirements, and when the control does not apply.

use fisc_shared::parameter::Param;
use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const REQUIRE_SHIELD_ADVANCED: Param<bool> = Param::flag(
    "requireShieldAdvanced",
    false,
    Text::new(
        "Ask for Shield Advanced; Shield Standard protects without it",
        "Shield Advanced の利用を求める(Shield Standard は自動的に適用される)",
    ),
);
pub(super) const PROTECTED_RESOURCE_TYPES: Param<Vec<String>> = Param::list(
    "protectedResourceTypes",
    &["ALB", "CLB", "CLOUDFRONT", "GLOBAL_ACCELERATOR", "HOSTED_ZONE", "EIP"],
    Text::new(
        "Kinds of resources that must be protected",
        "保護対象に登録しなければならないリソースの種類",
    ),
);
pub(super) const SCOPE_TAG_KEY: Param<String> = Param::text(
    "scopeTagKey",
    "",
    Text::new(
        "When given, only resources with this tag must be protected",
        "指定した場合、このタグが付いたリソースだけに保護を求める",
    ),
);
pub(super) const REQUIRE_AUTO_RESPONSE: Param<bool> = Param::flag(
    "requireAutoResponse",
    false,
    Text::new(
        "Ask that protections of distributions and Application Load Balancers respond by themselves",
        "ディストリビューションと Application Load Balancer の保護に、アプリケーション層の自動対応を\
         求める",
    ),
);

pub(super) const SUBSCRIPTION_INACTIVE: Requirement = Requirement {
    code: "SUBSCRIPTION_INACTIVE",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("Shield Advanced is not subscribed", "Shield Advanced が契約されていません"),
    rule: Text::new(
        "With requireShieldAdvanced: fails when the subscription is not ACTIVE \
         (GetSubscriptionState); told once, in the home Region.",
        "requireShieldAdvanced を指定した場合: 契約が ACTIVE でないとき不適合です\
         (GetSubscriptionState)。ホームリージョンで 1 回だけ報告します。",
    ),
};
pub(super) const AUTO_RENEW_OFF: Requirement = Requirement {
    code: "AUTO_RENEW_OFF",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The Shield Advanced subscription does not renew",
        "Shield Advanced の契約が自動更新されません",
    ),
    rule: Text::new(
        "With requireShieldAdvanced: fails when the subscription is active, but AutoRenew is not \
         ENABLED (DescribeSubscription).",
        "requireShieldAdvanced を指定した場合: 契約は有効だが AutoRenew が ENABLED でないとき\
         不適合です(DescribeSubscription)。",
    ),
};
pub(super) const RESOURCE_NOT_PROTECTED: Requirement = Requirement {
    code: "RESOURCE_NOT_PROTECTED",
    wave: 3,
    resources: &[
        ResourceType::ELBV2_LOAD_BALANCER,
        ResourceType::ELB_LOAD_BALANCER,
        ResourceType::CLOUDFRONT_DISTRIBUTION,
        ResourceType::GLOBAL_ACCELERATOR_ACCELERATOR,
        ResourceType::ROUTE53_HOSTED_ZONE,
        ResourceType::EC2_EIP,
    ],
    title: Text::new(
        "Shield Advanced does not protect the resource",
        "リソースが Shield Advanced の保護対象に登録されていません",
    ),
    rule: Text::new(
        "With requireShieldAdvanced and an active subscription: fails when no protection has the \
         ARN of the resource (ListProtections). Asked of internet-facing Application and Classic \
         Load Balancers, enabled distributions and accelerators, public hosted zones, and addresses \
         that are in use by something else than a NAT gateway; others are not reported.",
        "requireShieldAdvanced を指定し、契約が有効な場合: リソースの ARN を持つ保護がないとき\
         不適合です(ListProtections)。対象は、インターネット向けの Application・Classic Load \
         Balancer、有効なディストリビューションとアクセラレーター、パブリックホストゾーン、NAT \
         ゲートウェイ以外で使用中の Elastic IP アドレスです。それ以外は報告しません。",
    ),
};
pub(super) const AUTO_RESPONSE_OFF: Requirement = Requirement {
    code: "AUTO_RESPONSE_OFF",
    wave: 3,
    resources: &[ResourceType::SHIELD_PROTECTION, ResourceType::SHIELD_REGIONAL_PROTECTION],
    title: Text::new(
        "The protection does not respond by itself",
        "アプリケーション層の自動対応が無効です",
    ),
    rule: Text::new(
        "With requireShieldAdvanced and requireAutoResponse: fails when the automatic \
         application-layer response of a distribution's or Application Load Balancer's protection \
         is not ENABLED (ListProtections).",
        "requireShieldAdvanced と requireAutoResponse を指定した場合: ディストリビューションまたは \
         Application Load Balancer の保護で、アプリケーション層の自動対応が ENABLED でないとき\
         不適合です(ListProtections)。",
    ),
};

pub(super) const NOT_OPTED_IN: Remark = Remark::new(
    "NOT_OPTED_IN",
    "Shield Advanced is not asked for (requireShieldAdvanced)",
    "Shield Advanced の利用を求めていません(requireShieldAdvanced)",
);
