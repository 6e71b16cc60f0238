//! The parameters.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const INCLUDE_INTERNAL: Param<bool> = Param::flag(
    "includeInternal",
    false,
    Text::new(
        "Also require a web ACL of internal load balancers and private APIs",
        "内部向けのロードバランサーとプライベート API にも Web ACL を求める",
    ),
);
pub(super) const ALLOWED_WEB_ACL_ARNS: Param<Vec<String>> = Param::list(
    "allowedWebAclArns",
    &[],
    Text::new(
        "When given, only these web ACLs count for entry points",
        "指定した場合、公開リソースの保護とみなすのはこの ARN の Web ACL だけとする",
    ),
);
pub(super) const THIRD_PARTY_WAF_TAG_KEY: Param<String> = Param::text(
    "thirdPartyWafTagKey",
    "fisc:third-party-waf",
    Text::new(
        "Key of the tag of entry points that the WAF of another vendor protects",
        "他社の WAF で保護している公開リソースに付けるタグのキー",
    ),
);
pub(super) const ONLY_ASSOCIATED_ACL: Param<bool> = Param::flag(
    "onlyAssociatedAcl",
    true,
    Text::new(
        "Judge only web ACLs that protect something",
        "リソースに関連付けられた Web ACL だけを評価する",
    ),
);
pub(super) const REQUIRED_MANAGED_GROUPS: Param<Vec<String>> = Param::list(
    "requiredManagedGroups",
    &["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"],
    Text::new(
        "Managed rule groups that must be in force (with acceptAnyManagedGroup false)",
        "有効でなければならないマネージドルールグループ(acceptAnyManagedGroup が false のとき)",
    ),
);
pub(super) const ACCEPT_ANY_MANAGED_GROUP: Param<bool> = Param::flag(
    "acceptAnyManagedGroup",
    true,
    Text::new(
        "One managed group of AWS or the Marketplace, or one group of Firewall Manager, is enough",
        "AWS・Marketplace のマネージドルールグループ、または Firewall Manager のルールグループが \
         1 つあればよいとする",
    ),
);
pub(super) const MAX_RATE_LIMIT: Param<i64> = Param::integer(
    "maxRateLimit",
    10_000,
    10,
    2_000_000_000,
    Text::new(
        "Highest accepted limit of the rate-based rule, in requests per window",
        "レートベースルールの上限値として認める最大のリクエスト数(評価期間あたり)",
    ),
);
pub(super) const MAX_RATE_WINDOW_SECONDS: Param<i64> = Param::integer(
    "maxRateWindowSeconds",
    300,
    60,
    600,
    Text::new(
        "Longest accepted evaluation window of the rate-based rule in seconds",
        "レートベースルールの評価期間として認める最大の秒数",
    ),
);
pub(super) const VOUCHED_RULE_GROUPS: Param<Vec<String>> = Param::list(
    "vouchedRuleGroups",
    &[],
    Text::new(
        "ARNs of rule groups that are known to hold a blocking rate-based rule and are not read, \
         such as those of Firewall Manager's account that this account may not read",
        "遮断するレートベースルールを含むことを確認済みで、内容を読み取らないルールグループの ARN\
         (Firewall Manager の管理アカウントが所有し、このアカウントから読めないものなど)",
    ),
);
pub(super) const REQUIRE_IAC: Param<bool> = Param::flag(
    "requireIac",
    false,
    Text::new(
        "Ask that web ACLs are deployed by CloudFormation or Firewall Manager",
        "Web ACL を CloudFormation または Firewall Manager で作成することを求める",
    ),
);
