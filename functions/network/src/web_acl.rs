//! `web-acl`: what serves HTTP to the internet stands behind a web ACL that has managed rules and
//! a rate limit, blocks, and is logged.
//!
//! Two halves. Entry points (Application Load Balancers, CloudFront distributions, stages of REST
//! APIs, GraphQL APIs, Cognito user pools) must have a web ACL: distributions and stages tell it
//! in their items, for the others WAF is asked, since an association changes nothing that AWS
//! Config records of them. And every web ACL that protects something must be worth the name: its
//! rules are not in its item, nor is its logging, so WAF is asked for both.
//!
//! Criteria: 実14, 実14 8, 実14 9, 実15, 実19, 実20 3 and 実72 ask for it. To fix it, associate a
//! web ACL with the resource, add managed rule groups and a rate-based rule, take rules out of
//! Count once they are tuned, and send the log to a destination of your own.

mod entry;
mod parameters;
mod requirements;
mod rules;
mod services;

use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remedy, ResourceType, Severity,
    Text, Trigger,
};

use parameters::{
    ACCEPT_ANY_MANAGED_GROUP, ALLOWED_WEB_ACL_ARNS, INCLUDE_INTERNAL, MAX_RATE_LIMIT,
    MAX_RATE_WINDOW_SECONDS, ONLY_ASSOCIATED_ACL, REQUIRE_IAC, REQUIRED_MANAGED_GROUPS,
    THIRD_PARTY_WAF_TAG_KEY, VOUCHED_RULE_GROUPS,
};
use requirements::{
    ALB_WITHOUT_WEB_ACL, API_STAGE_WITHOUT_WEB_ACL, DISTRIBUTION_DISABLED,
    DISTRIBUTION_WITHOUT_WEB_ACL, GRAPHQL_API_WITHOUT_WEB_ACL, INTERNAL_ENTRY_POINT,
    MANAGED_RULES_MISSING, NOT_AN_ALB, NOT_DEPLOYED_BY_IAC, NOTHING_BLOCKS, RATE_RULE_MISSING,
    THIRD_PARTY_WAF, USER_POOL_WITHOUT_WEB_ACL, WEB_ACL_EMPTY, WEB_ACL_LOGGING_DISABLED,
    WEB_ACL_NOT_ASSOCIATED,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "web-acl",
    domain: Domain::Network,
    severity: Severity::High,
    title: Text::new(
        "Internet-facing HTTP entry points have a web ACL that blocks, limits rates and is logged",
        "インターネットに公開した HTTP の入口が、遮断・レート制限・ログ取得を行う Web ACL で\
         保護されている",
    ),
    why: Text::new(
        "Attacks on web applications (injection, known exploits, floods of requests) come over the \
         port that has to stay open. A web ACL inspects the requests themselves, but only if it is \
         associated, has rules that block rather than count, and leaves a log to investigate by.",
        "Web アプリケーションへの攻撃(インジェクション、既知の脆弱性の悪用、大量のリクエスト)は、\
         開けておかなければならないポートから届きます。Web ACL はリクエストの中身を検査しますが、\
         関連付けられ、カウントではなく遮断するルールを持ち、調査に使えるログを残していなければ\
         役に立ちません。",
    ),
    fix: Text::new(
        "In WAF & Shield > Web ACLs associate a web ACL with the resource (Associated AWS \
         resources). Give it managed rule groups (for example AWSManagedRulesCommonRuleSet) and a \
         rate-based rule with the action Block, set the groups' override to None once they are \
         tuned, and turn on logging to CloudWatch Logs, S3 or Firehose (names start with \
         aws-waf-logs-).",
        "「WAF & Shield」の「Web ACL」でリソースに Web ACL を関連付けます。\
         マネージドルールグループ(AWSManagedRulesCommonRuleSet など)とアクションが Block の\
         レートベースルールを追加し、調整が終わったらグループのオーバーライドを None にします。\
         CloudWatch Logs・S3・Firehose(名前は aws-waf-logs- で始まる)へのログ出力を有効にします。",
    ),
    remedy: Remedy::new(include_str!("web_acl/remedy.sh"), include_str!("web_acl/remedy.yaml")),
    reference: "https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html",
    criteria: Criteria {
        explicit: &["実14", "実14 8", "実14 9", "実15", "実19", "実20 3", "実72"],
        implied: &["実9", "実10"],
    },
    resources: &[
        ResourceType::ELBV2_LOAD_BALANCER,
        ResourceType::CLOUDFRONT_DISTRIBUTION,
        ResourceType::API_GATEWAY_STAGE,
        ResourceType::APPSYNC_GRAPHQL_API,
        ResourceType::COGNITO_USER_POOL,
        ResourceType::WAFV2_WEB_ACL,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(services::GET_WEB_ACL_FOR_RESOURCE),
        Action::on(services::GET_WEB_ACL, WEB_ACLS),
        Action::on(services::GET_LOGGING_CONFIGURATION, WEB_ACLS),
        Action::any(services::LIST_RESOURCES),
        // Firewall Manager and resource sharing bring rule groups of other accounts.
        Action::on(
            services::GET_RULE_GROUP,
            "arn:${AWS::Partition}:wafv2:${AWS::Region}:*:*/rulegroup/*/*",
        ),
        Action::any(services::DESCRIBE_MANAGED_RULE_GROUP),
        // WAF asks the service that a resource is of, with the caller's rights. Source: the AWS
        // managed policy AWSWAFReadOnlyAccess, version 13.
        Action::on(
            "elasticloadbalancing:GetLoadBalancerWebACL",
            "arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:loadbalancer/app/*/*",
        ),
        Action::on(
            "appsync:GetWebACLForResource",
            "arn:${AWS::Partition}:appsync:${AWS::Region}:${AWS::AccountId}:apis/*",
        ),
        Action::on(
            "cognito-idp:GetWebACLForResource",
            "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/*",
        ),
        Action::any("elasticloadbalancing:DescribeWebACLAssociation"),
        Action::any("appsync:ListResourcesForWebACL"),
        Action::any("cognito-idp:ListResourcesForWebACL"),
        Action::any("apprunner:ListAssociatedServicesForWebAcl"),
        Action::any("ec2:DescribeVerifiedAccessInstanceWebAclAssociations"),
        Action::any("bedrock-agentcore:GatewayListResourcesForWebACL"),
        Action::any("amplify:ListResourcesForWebACL"),
        SELECT_ACTION,
    ],
    parameters: &[
        INCLUDE_INTERNAL.spec,
        ALLOWED_WEB_ACL_ARNS.spec,
        THIRD_PARTY_WAF_TAG_KEY.spec,
        ONLY_ASSOCIATED_ACL.spec,
        REQUIRED_MANAGED_GROUPS.spec,
        ACCEPT_ANY_MANAGED_GROUP.spec,
        MAX_RATE_LIMIT.spec,
        MAX_RATE_WINDOW_SECONDS.spec,
        VOUCHED_RULE_GROUPS.spec,
        REQUIRE_IAC.spec,
    ],
    requirements: &[
        &ALB_WITHOUT_WEB_ACL,
        &DISTRIBUTION_WITHOUT_WEB_ACL,
        &API_STAGE_WITHOUT_WEB_ACL,
        &GRAPHQL_API_WITHOUT_WEB_ACL,
        &USER_POOL_WITHOUT_WEB_ACL,
        &WEB_ACL_EMPTY,
        &MANAGED_RULES_MISSING,
        &RATE_RULE_MISSING,
        &NOTHING_BLOCKS,
        &WEB_ACL_LOGGING_DISABLED,
        &NOT_DEPLOYED_BY_IAC,
    ],
    remarks: &[
        &NOT_AN_ALB,
        &INTERNAL_ENTRY_POINT,
        &DISTRIBUTION_DISABLED,
        &THIRD_PARTY_WAF,
        &WEB_ACL_NOT_ASSOCIATED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: services::preview,
        connect: services::connect,
        // Distributions and stages tell their web ACL themselves, whenever it changes.
        swept: services::SWEPT,
    },
};

const WEB_ACLS: &str = "arn:${AWS::Partition}:wafv2:${AWS::Region}:${AWS::AccountId}:*/webacl/*/*";

#[cfg(test)]
mod tests;
