//! The requirements, and when the control does not apply.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

const fn web_acl(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::WAFV2_WEB_ACL], title, rule }
}

pub(super) const ALB_WITHOUT_WEB_ACL: Requirement = Requirement::new(
    "ALB_WITHOUT_WEB_ACL",
    1,
    &[ResourceType::ELBV2_LOAD_BALANCER],
    Text::new(
        "The load balancer has no accepted web ACL",
        "ロードバランサーに有効な Web ACL が関連付けられていません",
    ),
    Text::new(
        "Fails when an internet-facing Application Load Balancer (type, scheme) has no web ACL, or \
         one outside allowedWebAclArns (GetWebACLForResource).",
        "インターネット向けの Application Load Balancer(type・scheme)に Web ACL がないとき、または \
         allowedWebAclArns にないものであるとき不適合です(GetWebACLForResource)。",
    ),
);
pub(super) const DISTRIBUTION_WITHOUT_WEB_ACL: Requirement = Requirement::new(
    "DISTRIBUTION_WITHOUT_WEB_ACL",
    1,
    &[ResourceType::CLOUDFRONT_DISTRIBUTION],
    Text::new(
        "The distribution has no accepted web ACL",
        "ディストリビューションに有効な Web ACL が関連付けられていません",
    ),
    Text::new(
        "Fails when an enabled distribution has an empty webACLId, the id of a WAF Classic web \
         ACL, or one outside allowedWebAclArns.",
        "有効なディストリビューションの webACLId が空のとき、WAF Classic の ID のとき、または \
         allowedWebAclArns にないものであるとき不適合です。",
    ),
);
pub(super) const API_STAGE_WITHOUT_WEB_ACL: Requirement = Requirement::new(
    "API_STAGE_WITHOUT_WEB_ACL",
    1,
    &[ResourceType::API_GATEWAY_STAGE],
    Text::new(
        "The API stage has no accepted web ACL",
        "API ステージに有効な Web ACL が関連付けられていません",
    ),
    Text::new(
        "Fails when a stage of a REST API that is not PRIVATE (endpointConfiguration.types of the \
         API) has no webAclArn, one of WAF Classic, or one outside allowedWebAclArns.",
        "PRIVATE ではない REST API(API の endpointConfiguration.types)のステージに webAclArn が\
         ないとき、WAF Classic のものであるとき、または allowedWebAclArns にないものであるとき\
         不適合です。",
    ),
);
pub(super) const GRAPHQL_API_WITHOUT_WEB_ACL: Requirement = Requirement::new(
    "GRAPHQL_API_WITHOUT_WEB_ACL",
    1,
    &[ResourceType::APPSYNC_GRAPHQL_API],
    Text::new(
        "The GraphQL API has no accepted web ACL",
        "GraphQL API に有効な Web ACL が関連付けられていません",
    ),
    Text::new(
        "Fails when an API whose Visibility is GLOBAL, which is the default where the item does \
         not tell it, has no web ACL, or one outside allowedWebAclArns (GetWebACLForResource).",
        "Visibility が GLOBAL(項目に記録がない場合は既定値の GLOBAL とみなす)の API に Web ACL が\
         ないとき、または allowedWebAclArns にないものであるとき不適合です\
         (GetWebACLForResource)。",
    ),
);
pub(super) const USER_POOL_WITHOUT_WEB_ACL: Requirement = Requirement::new(
    "USER_POOL_WITHOUT_WEB_ACL",
    2,
    &[ResourceType::COGNITO_USER_POOL],
    Text::new(
        "The user pool has no accepted web ACL",
        "ユーザープールに有効な Web ACL が関連付けられていません",
    ),
    Text::new(
        "Fails when a user pool, whose sign-in API always faces the internet, has no web ACL, or \
         one outside allowedWebAclArns (GetWebACLForResource).",
        "ユーザープール(サインイン用 API は常にインターネットに公開される)に Web ACL がないとき、\
         または allowedWebAclArns にないものであるとき不適合です(GetWebACLForResource)。",
    ),
);
pub(super) const WEB_ACL_EMPTY: Requirement = web_acl(
    "WEB_ACL_EMPTY",
    1,
    Text::new("The web ACL has no rule", "Web ACL にルールがありません"),
    Text::new(
        "Fails when the web ACL has neither a rule nor a rule group of Firewall Manager (GetWebACL: \
         Rules, PreProcess- and PostProcessFirewallManagerRuleGroups).",
        "Web ACL にルールも Firewall Manager のルールグループもないとき不適合です(GetWebACL の \
         Rules と PreProcess・PostProcessFirewallManagerRuleGroups)。",
    ),
);
pub(super) const MANAGED_RULES_MISSING: Requirement = web_acl(
    "MANAGED_RULES_MISSING",
    1,
    Text::new("Managed rules are not in force", "マネージドルールグループが有効になっていません"),
    Text::new(
        "Fails when no managed rule group, nor a group of Firewall Manager, is in force; with \
         acceptAnyManagedGroup false, when one of requiredManagedGroups is not. A group whose \
         override action is Count, or all of whose rules are overridden so that none blocks \
         (DescribeManagedRuleGroup), is not in force.",
        "マネージドルールグループも Firewall Manager のルールグループも有効でないとき不適合です。\
         acceptAnyManagedGroup が false の場合は、requiredManagedGroups のいずれかが有効でないとき\
         不適合です。オーバーライドが Count のグループと、すべてのルールが遮断しないように上書きされた\
         グループ(DescribeManagedRuleGroup)は有効とみなしません。",
    ),
);
pub(super) const RATE_RULE_MISSING: Requirement = web_acl(
    "RATE_RULE_MISSING",
    1,
    Text::new(
        "No rate-based rule limits requests",
        "リクエスト数を制限するレートベースルールがありません",
    ),
    Text::new(
        "Fails when no rate-based rule, of the web ACL or of a rule group in it (GetRuleGroup), \
         has Block, CAPTCHA or Challenge as its action in force, a limit of at most maxRateLimit \
         and a window of at most maxRateWindowSeconds.",
        "Web ACL とそのルールグループ(GetRuleGroup)に、実際に働くアクションが Block・CAPTCHA・\
         Challenge のいずれかで、上限値が maxRateLimit 以下、評価期間が maxRateWindowSeconds 以下の\
         レートベースルールがないとき不適合です。",
    ),
);
pub(super) const NOTHING_BLOCKS: Requirement = web_acl(
    "NOTHING_BLOCKS",
    2,
    Text::new("Nothing in the web ACL blocks", "Web ACL に遮断するルールがありません"),
    Text::new(
        "Fails when the default action is Allow and no rule or rule group blocks: all of them \
         count or allow.",
        "デフォルトアクションが Allow で、すべてのルールとルールグループがカウントまたは許可だけを\
         行うとき不適合です。",
    ),
);
pub(super) const WEB_ACL_LOGGING_DISABLED: Requirement = web_acl(
    "WEB_ACL_LOGGING_DISABLED",
    1,
    Text::new("The web ACL is not logged", "Web ACL のログが取得されていません"),
    Text::new(
        "Fails when the web ACL has no logging configuration of the customer or of a CloudWatch \
         telemetry rule (that of Security Lake alone does not count), no destination in it, or a \
         filter that keeps nothing (GetLoggingConfiguration).",
        "利用者または CloudWatch のテレメトリルールによるログ設定がないとき(Security Lake だけの設定は\
         含めない)、出力先がないとき、またはフィルターがすべてを破棄するとき不適合です\
         (GetLoggingConfiguration)。",
    ),
);
pub(super) const NOT_DEPLOYED_BY_IAC: Requirement = web_acl(
    "NOT_DEPLOYED_BY_IAC",
    3,
    Text::new(
        "The web ACL was not deployed by CloudFormation or Firewall Manager",
        "Web ACL が CloudFormation または Firewall Manager で作成されていません",
    ),
    Text::new(
        "With requireIac: fails when the web ACL has no tag aws:cloudformation:stack-name and \
         Firewall Manager does not manage it.",
        "requireIac を指定した場合: タグ aws:cloudformation:stack-name がなく、Firewall Manager の\
         管理下にもないとき不適合です。",
    ),
);

pub(super) const NOT_AN_ALB: Remark = Remark::new(
    "NOT_AN_ALB",
    "Network and Gateway Load Balancers take no web ACL",
    "Network Load Balancer と Gateway Load Balancer は Web ACL の対象外です",
);
pub(super) const INTERNAL_ENTRY_POINT: Remark = Remark::new(
    "INTERNAL_ENTRY_POINT",
    "The internet does not reach it",
    "インターネットには公開されていません",
);
pub(super) const DISTRIBUTION_DISABLED: Remark = Remark::new(
    "DISTRIBUTION_DISABLED",
    "The distribution is disabled",
    "ディストリビューションは無効です",
);
pub(super) const THIRD_PARTY_WAF: Remark = Remark::new(
    "THIRD_PARTY_WAF",
    "Its tag says that the WAF of another vendor protects it",
    "タグにより、他社の WAF で保護されているとされています",
);
pub(super) const WEB_ACL_NOT_ASSOCIATED: Remark = Remark::new(
    "WEB_ACL_NOT_ASSOCIATED",
    "The web ACL protects nothing",
    "Web ACL はどのリソースにも関連付けられていません",
);
