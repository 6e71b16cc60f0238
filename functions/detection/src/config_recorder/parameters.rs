//! The parameters.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const ALL_REGIONS: Param<bool> = Param::flag(
    "allRegions",
    true,
    Text::new(
        "In the home Region, AWS Config must record in every other enabled Region too",
        "ホームリージョンで、有効な他のすべてのリージョンでの記録も評価する",
    ),
);

pub(super) const EXCLUDED_REGIONS: Param<Vec<String>> = Param::list(
    "excludedRegions",
    &[],
    Text::new("Regions in which AWS Config may be off", "AWS Config が無効でもよいリージョン"),
);

pub(super) const ALLOWED_EXCLUSIONS: Param<Vec<String>> = Param::list(
    "allowedExclusions",
    &[],
    Text::new(
        "Resource types that need not be recorded; a * at the end stands for the rest of the name",
        "記録しなくてもよいリソースタイプ(末尾の * は任意の文字列)",
    ),
);

pub(super) const NETWORK_TYPES: Param<Vec<String>> = Param::list(
    "networkTypes",
    &[
        "AWS::EC2::VPC",
        "AWS::EC2::Subnet",
        "AWS::EC2::RouteTable",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::NetworkAcl",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::NetworkInterface",
        "AWS::EC2::EIP",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::VPCPeeringConnection",
        "AWS::EC2::VPNConnection",
        "AWS::EC2::TransitGateway",
        "AWS::EC2::TransitGatewayAttachment",
        "AWS::EC2::FlowLog",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::NetworkFirewall::Firewall",
        "AWS::Route53::HostedZone",
        "AWS::CloudFront::Distribution",
    ],
    Text::new(
        "Network types that must be recorded, whatever may be left out otherwise",
        "他の除外設定にかかわらず記録が必須のネットワーク関連タイプ",
    ),
);

pub(super) const CONTINUOUS_TYPES: Param<Vec<String>> = Param::list(
    "continuousTypes",
    &[],
    Text::new(
        "Types that must be recorded continuously; empty: all",
        "継続的な記録が必須のタイプ(空の場合はすべて)",
    ),
);

pub(super) const ALLOWED_DAILY_TYPES: Param<Vec<String>> = Param::list(
    "allowedDailyTypes",
    &[],
    Text::new("Types that may be recorded once a day", "日次の記録でもよいタイプ"),
);

pub(super) const REQUIRE_SERVICE_LINKED_ROLE: Param<bool> = Param::flag(
    "requireServiceLinkedRole",
    false,
    Text::new(
        "The recorder must use the service-linked role AWSServiceRoleForConfig",
        "レコーダーにサービスリンクロール AWSServiceRoleForConfig の使用を必須とする",
    ),
);

pub(super) const MAX_DELIVERY_AGE_HOURS: Param<i64> = Param::integer(
    "maxDeliveryAgeHours",
    30,
    1,
    720,
    Text::new(
        "Longest accepted time in hours since a history or snapshot was delivered",
        "履歴またはスナップショットの最終配信からの経過時間の上限(時間)",
    ),
);

pub(super) const MAX_SNAPSHOT_FREQUENCY: Param<String> = Param::choice(
    "maxSnapshotFrequency",
    "TwentyFour_Hours",
    &["TwentyFour_Hours", "Twelve_Hours", "Six_Hours", "Three_Hours", "One_Hour"],
    Text::new("Longest accepted interval between snapshots", "スナップショットの配信間隔の上限"),
);

pub(super) const ACCEPTED_NOTIFICATION: Param<String> = Param::choice(
    "acceptedNotification",
    "any",
    &["any", "sns", "eventbridge"],
    Text::new("Which way of notification counts", "有効とみなす通知の経路"),
);

pub(super) const AGGREGATOR_ACCOUNT_ID: Param<String> = Param::text(
    "aggregatorAccountId",
    "",
    Text::new(
        "Account that must hold an aggregator; empty: none must",
        "アグリゲーターが必須のアカウント ID(空の場合は評価しない)",
    ),
);

pub(super) const AGGREGATED_ACCOUNT_IDS: Param<Vec<String>> = Param::list(
    "aggregatedAccountIds",
    &[],
    Text::new(
        "Accounts that an aggregator without an organization must cover; empty: only an \
         aggregator of the organization counts",
        "組織単位でないアグリゲーターが対象とすべきアカウント ID(空の場合は組織のアグリゲーターのみ有効)",
    ),
);

pub(super) const REQUIRED_RULES: Param<Vec<String>> = Param::list(
    "requiredRules",
    &[],
    Text::new(
        "Rules that must be active: names, or identifiers of managed rules",
        "有効でなければならないルール(ルール名またはマネージドルールの識別子)",
    ),
);

pub(super) const REQUIRED_CONFORMANCE_PACKS: Param<Vec<String>> = Param::list(
    "requiredConformancePacks",
    &[],
    Text::new(
        "Conformance packs that must be deployed, by name; packs of the organization by the name \
         they have there",
        "展開されていなければならない適合パックの名前(組織の適合パックは組織での名前)",
    ),
);

pub(super) const RULES_REQUIRING_REMEDIATION: Param<Vec<String>> = Param::list(
    "rulesRequiringRemediation",
    &[],
    Text::new(
        "Rules that must have a remediation: names, or identifiers of managed rules",
        "修復設定が必須のルール(ルール名またはマネージドルールの識別子)",
    ),
);

pub(super) const REQUIRE_AUTOMATIC_REMEDIATION: Param<bool> = Param::flag(
    "requireAutomaticRemediation",
    true,
    Text::new("The remediation must be automatic", "修復設定は自動でなければならない"),
);
