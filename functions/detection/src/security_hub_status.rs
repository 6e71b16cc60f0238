//! `security-hub-status`: Security Hub is on with its standards and integrations, sees all Regions
//! in one, and is run by the delegated administrator for all accounts.
//!
//! Security Hub is where the findings of all services, Regions and accounts meet. Each Region
//! answers for itself, unless allRegions is set; the aggregation of Regions is judged once, in the
//! home Region of the administrator (or of an account in no organization). Only the two answers
//! that mean "not enabled" are a verdict; a denied call is an error. What follows from Security
//! Hub being off is not told twice.
//!
//! Criteria: 統24 8, 実5, 実19, 実21, 実21 2, 実37, 実38, 実46, 実47, 実100 4 ask for it. To fix
//! an account, enable Security Hub from the delegated administrator, best by a configuration
//! policy for the whole organization.

use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, Requirement,
    ResourceType, Severity, Text, Trigger, no_item_tells,
};

use crate::scope::{self, EXCLUDED_REGIONS, JUDGED_IN_HOME_REGION, NOT_IN_REGION, REGION_EXCLUDED};

mod judge;
mod organization;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "security-hub-status",
    domain: Domain::Detection,
    severity: Severity::Medium,
    title: Text::new(
        "Security Hub is on with its standards and sees all Regions and accounts",
        "Security Hub を有効化し、全リージョンと全アカウントを一元管理する",
    ),
    why: Text::new(
        "Findings that lie scattered over services, Regions and accounts are found by nobody. \
         Security Hub collects them and checks the account against standards, as far as it is on, \
         connected and knows all accounts.",
        "サービス、リージョン、アカウントごとに分散した検出結果は見落とされます。Security Hub はそれらを\
         集約し、標準に照らしてアカウントを点検しますが、有効化と統合、全アカウントの登録が前提です。",
    ),
    fix: Text::new(
        "In the delegated administrator account open Security Hub CSPM > Settings > Configuration: \
         turn on central configuration, assign a policy that enables Security Hub and the standards \
         to the organization's root, and link the Regions. A single account enables Security Hub \
         and its standards under Settings in every Region, and the products under Integrations.",
        "委任管理者アカウントの Security Hub CSPM の「設定」で中央設定を有効にし、Security Hub と\
         標準を有効化するポリシーを組織のルートに関連付け、リージョンをリンクします。単独の\
         アカウントでは、各リージョンで Security Hub と標準を、「統合」で製品を有効化します。",
    ),
    remedy: Remedy::new(
        include_str!("security_hub_status/remedy.sh"),
        include_str!("security_hub_status/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-intro.html",
    criteria: Criteria {
        explicit: &[
            "統24 8", "実5", "実19", "実21", "実21 2", "実37", "実38", "実46", "実47", "実100 4",
        ],
        implied: &["実27"],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::on(fisc_services::regions::LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
        Action::any(fisc_services::organization::DESCRIBE_ORGANIZATION),
        Action::any(organization::LIST_ACCOUNTS),
        Action::on(services::DESCRIBE_HUB, fisc_shared::grant::HUB),
        Action::any(services::DESCRIBE_SECURITY_HUB_V2),
        Action::on(services::GET_ENABLED_STANDARDS, fisc_shared::grant::HUB),
        Action::on(services::LIST_ENABLED_PRODUCTS, fisc_shared::grant::HUB),
        Action::any(services::LIST_FINDING_AGGREGATORS),
        Action::on(services::GET_FINDING_AGGREGATOR, AGGREGATORS),
        Action::on(organization::GET_ADMINISTRATOR_ACCOUNT, fisc_shared::grant::HUB),
        Action::on(organization::LIST_ORGANIZATION_ADMIN_ACCOUNTS, fisc_shared::grant::HUB),
        Action::on(organization::DESCRIBE_ORGANIZATION_CONFIGURATION, fisc_shared::grant::HUB),
        Action::on(organization::LIST_MEMBERS, fisc_shared::grant::HUB),
    ],
    parameters: &[
        ALL_REGIONS.spec,
        EXCLUDED_REGIONS.spec,
        REQUIRED_STANDARDS.spec,
        REQUIRED_PRODUCTS.spec,
        REQUIRE_AGGREGATOR.spec,
        AGGREGATION_REGIONS.spec,
        SECURITY_ACCOUNT_ID.spec,
        REQUIRE_ALL_MEMBERS.spec,
        ACCEPT_V2.spec,
    ],
    requirements: &[
        &HUB_DISABLED,
        &STANDARD_MISSING,
        &INTEGRATION_MISSING,
        &AGGREGATION_MISSING,
        &ADMINISTRATOR_MISSING,
        &AUTO_ENABLE_OFF,
        &MEMBER_NOT_ENABLED,
    ],
    remarks: &[
        &JUDGED_IN_HOME_REGION,
        &REGION_EXCLUDED,
        &NOT_IN_REGION,
        &STAND_ALONE_ACCOUNT,
        &STANDARD_PENDING,
        &NEWER_HUB,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: no_item_tells,
        connect: services::connect,
        swept: &[ResourceType::ACCOUNT],
    },
};

const AGGREGATORS: &str =
    "arn:${AWS::Partition}:securityhub:*:${AWS::AccountId}:finding-aggregator/*";

const ALL_REGIONS: Param<bool> = scope::all_regions(false);

const REQUIRED_STANDARDS: Param<Vec<String>> = Param::list(
    "requiredStandards",
    &["aws-foundational-security-best-practices"],
    Text::new(
        "Standards that must be enabled: the name in the ARN, with or without its version",
        "有効であるべき標準(ARN 中の名称。バージョンは省略可)",
    ),
);

const REQUIRED_PRODUCTS: Param<Vec<String>> = Param::list(
    "requiredProducts",
    &["aws/guardduty", "aws/inspector", "aws/config", "aws/macie"],
    Text::new(
        "Integrations that must be enabled, such as aws/ssm-patch-manager or \
         aws/firewall-manager",
        "有効であるべき統合。ほかに aws/ssm-patch-manager、aws/firewall-manager などを指定できる",
    ),
);

const REQUIRE_AGGREGATOR: Param<bool> = Param::flag(
    "requireAggregator",
    true,
    Text::new("Findings of several Regions must be aggregated", "クロスリージョン集約を必須とする"),
);

const AGGREGATION_REGIONS: Param<Vec<String>> = Param::list(
    "aggregationRegions",
    &["ap-northeast-1", "ap-northeast-3"],
    Text::new("Regions that the aggregation must cover", "集約の対象とすべきリージョン"),
);

const SECURITY_ACCOUNT_ID: Param<String> = Param::text(
    "securityAccountId",
    "",
    Text::new(
        "Account that must be the delegated administrator; empty: any",
        "委任管理者であるべきアカウントの ID(空の場合は問わない)",
    ),
);

const REQUIRE_ALL_MEMBERS: Param<bool> = Param::flag(
    "requireAllMembers",
    true,
    Text::new(
        "In the administrator account every active account of the organization must be an enabled \
         member",
        "管理者アカウントで、組織の有効な全アカウントがメンバーとして有効であることを必須とする",
    ),
);

const ACCEPT_V2: Param<bool> = Param::flag(
    "acceptV2",
    false,
    Text::new(
        "The newer Security Hub alone is enough; standards, integrations and members, which only \
         Security Hub CSPM has, are then not judged",
        "新しい Security Hub だけでも可とする。その場合、Security Hub CSPM の標準、統合、メンバーは\
         評価しない",
    ),
);

const HUB_DISABLED: Requirement = Requirement {
    code: "HUB_DISABLED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("Security Hub is not enabled", "Security Hub が有効ではありません"),
    rule: Text::new(
        "Fails when DescribeHub answers InvalidAccessException or ResourceNotFoundException; with \
         acceptV2 only if DescribeSecurityHubV2 answers ResourceNotFoundException too.",
        "DescribeHub が InvalidAccessException または ResourceNotFoundException を返すとき不適合です。\
         acceptV2 を指定した場合は、DescribeSecurityHubV2 も ResourceNotFoundException を返すときに\
         限ります。",
    ),
};

const STANDARD_MISSING: Requirement = Requirement {
    code: "STANDARD_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("A required standard is not in force", "必須の標準が有効に機能していません"),
    rule: Text::new(
        "Fails when a standard of requiredStandards is not subscribed or its status is FAILED, \
         DELETING or INCOMPLETE (GetEnabledStandards); INCOMPLETE is accepted on the first day of \
         Security Hub, and PENDING.",
        "requiredStandards の標準が登録されていないか、状態が FAILED、DELETING、INCOMPLETE のとき不適合\
         です(GetEnabledStandards)。PENDING と、Security Hub 有効化当日の INCOMPLETE は許容します。",
    ),
};

const INTEGRATION_MISSING: Requirement = Requirement {
    code: "INTEGRATION_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("A required integration is not enabled", "必須の統合が有効ではありません"),
    rule: Text::new(
        "Fails when a product of requiredProducts has no subscription \
         (ListEnabledProductsForImport).",
        "requiredProducts の製品の登録がないとき不適合です(ListEnabledProductsForImport)。",
    ),
};

const AGGREGATION_MISSING: Requirement = Requirement {
    code: "AGGREGATION_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Findings of these Regions are not aggregated",
        "検出結果が集約されていないリージョンがあります",
    ),
    rule: Text::new(
        "In the home Region of the administrator account, or of an account in no organization: \
         fails when no finding aggregator covers all aggregationRegions \
         (ListFindingAggregators, GetFindingAggregator).",
        "管理者アカウントまたは組織に属さないアカウントのホームリージョン: aggregationRegions のすべてを\
         対象とする集約がないとき不適合です(ListFindingAggregators、GetFindingAggregator)。",
    ),
};

const ADMINISTRATOR_MISSING: Requirement = Requirement {
    code: "ADMINISTRATOR_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Security Hub is not under the organization's administrator",
        "Security Hub が組織の管理者アカウントで管理されていません",
    ),
    rule: Text::new(
        "Fails for a member of an organization that has no administrator, another one than \
         securityAccountId, or a status that is not Enabled (GetAdministratorAccount); for the \
         management account when it named no delegated administrator \
         (ListOrganizationAdminAccounts).",
        "組織のメンバーに管理者がない、securityAccountId と異なる、または状態が Enabled でないとき不適合\
         です(GetAdministratorAccount)。管理アカウントでは、委任管理者を指定していないとき不適合です\
         (ListOrganizationAdminAccounts)。",
    ),
};

const AUTO_ENABLE_OFF: Requirement = Requirement {
    code: "AUTO_ENABLE_OFF",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "New accounts do not get Security Hub and its standards automatically",
        "新規アカウントで Security Hub と標準が自動的に有効化されません",
    ),
    rule: Text::new(
        "In the administrator account without central configuration: fails when AutoEnable is \
         false or AutoEnableStandards is NONE (DescribeOrganizationConfiguration).",
        "中央設定を使わない管理者アカウント: AutoEnable が false か AutoEnableStandards が NONE のとき\
         不適合です(DescribeOrganizationConfiguration)。",
    ),
};

const MEMBER_NOT_ENABLED: Requirement = Requirement {
    code: "MEMBER_NOT_ENABLED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Accounts of the organization are no enabled members",
        "有効なメンバーでない組織のアカウントがあります",
    ),
    rule: Text::new(
        "In the administrator account: fails when an account of the organization whose state is \
         ACTIVE (ListAccounts) is not an Enabled member (ListMembers).",
        "管理者アカウント: 組織の ACTIVE なアカウント(ListAccounts)が Enabled のメンバーでないとき不適合\
         です(ListMembers)。",
    ),
};

const STAND_ALONE_ACCOUNT: Remark = Remark::new(
    "STAND_ALONE_ACCOUNT",
    "The account is in no organization; it needs no administrator",
    "アカウントは組織に属していないため、管理者は不要です",
);
const STANDARD_PENDING: Remark = Remark::new(
    "STANDARD_PENDING",
    "A required standard is just being enabled",
    "必須の標準は有効化の処理中です",
);
const NEWER_HUB: Remark = Remark::new(
    "NEWER_HUB",
    "Only the newer Security Hub is enabled",
    "新しい Security Hub だけが有効です",
);

#[cfg(test)]
mod tests;
