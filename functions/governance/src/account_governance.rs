//! `account-governance`: accounts sit in a governed organization with guardrails, separated
//! environments, contacts and support.
//!
//! What concerns the organization as a whole is judged once: in its management account, or in the
//! delegated administrator that `organizationAccountId` names. A member cannot read the policies
//! that bind it; in members only what they see of themselves is judged, and a pass says so. Which
//! account this is follows from DescribeOrganization and the parameter, never from a denied call,
//! which stays an error.
//!
//! Service control policies are judged by what they deny, over the whole way from the root to the
//! account, and not by their names. They never bind the management account. Support plans are
//! judged by the severities that they offer: their names and prices change.
//!
//! Criteria: 統20 3-(3), 統20 3-(9), 統24 8, 実5, 実21 2, 実27, 実27 4, 実70, 実71, 実72, 実76 3,
//! 実100 4 ask for it. To fix a failure, move the account into an organizational unit with the
//! policies that are missing, tag it, and register its contacts and a support plan.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_services::organization::DESCRIBE_ORGANIZATION;
use fisc_services::regions::LIST_REGIONS;
use fisc_shared::control::OfAccount;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, ResourceType,
    ServiceCheck, Severity, Text, Trigger, no_item_tells,
};

use self::organization::{
    DESCRIBE_POLICY, LIST_ACCOUNTS, LIST_DELEGATES, LIST_POLICIES, LIST_ROOTS, LIST_TAGS,
    LIST_TARGETS, LIST_UNITS,
};
use self::parameters::{
    ACCOUNT_ENVIRONMENT, ALLOWED_CONTACT_DOMAINS, ALLOWED_MANAGEMENT_TYPES, ALLOWED_OU_IDS,
    CONTROL_TOWER_REGION, DELEGATED_ADMINS, DENIED_IAM_ACTIONS, ENVIRONMENT_TAG_KEY,
    EXCLUDED_REGIONS, EXPECTED_MANAGEMENT_ACCOUNT_ID, GOVERNANCE_TOOL, IAM_ADMIN_PATTERNS,
    MIN_SEVERITY_CODE, ORGANIZATION_ACCOUNT_ID, PRODUCTION_VALUES, PROTECTED_ACTIONS,
    REQUIRED_CONTACTS,
};
use self::requirements::{
    ACCOUNT_MIXES_ENVIRONMENTS, ACCOUNT_OUTSIDE_OU, AUDIT_SERVICES_UNPROTECTED, CONTACT_MISSING,
    DELEGATED_ADMIN_MISSING, ENVIRONMENTS_NOT_SEPARATED, IAM_ADMIN_NOT_DENIED,
    LANDING_ZONE_UNHEALTHY, MANAGEMENT_ACCOUNT_WORKLOAD, NOT_IN_ORGANIZATION,
    ORGANIZATION_FEATURES_LIMITED, ROOT_USER_NOT_DENIED, SCP_NOT_ATTACHED,
    SUPPORT_PLAN_INSUFFICIENT, SUPPORT_ROLE_MISSING,
};
use self::services::{
    DESCRIBE_SEVERITY_LEVELS, GET_ALTERNATE_CONTACT, GET_COUNTS, GET_LANDING_ZONE, GET_RESOURCES,
    LIST_ENTITIES_FOR_POLICY, LIST_LANDING_ZONES,
};

mod guardrails;
mod judge;
mod organization;
mod parameters;
mod requirements;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "account-governance",
    domain: Domain::Governance,
    severity: Severity::High,
    title: Text::new(
        "Accounts are in an organization with guardrails, separation, contacts and support",
        "アカウントが組織で統制されている(SCP、環境の分離、連絡先、サポート)",
    ),
    why: Text::new(
        "The boundary of an account is the strongest that AWS has, and the organization above it \
         the only place from which an administrator of the account can be stopped. Without \
         guardrails, whoever takes over one account turns off the record of what he does; without \
         contacts and support, nobody is reached when AWS sees it first.",
        "アカウントの境界は AWS で最も強い境界であり、アカウントの管理者を制限できるのは上位の組織だけです。\
         統制がなければ、1 つのアカウントを奪った攻撃者が記録を停止できます。連絡先とサポートがなければ、\
         AWS が先に異常に気付いても担当者に連絡が届きません。",
    ),
    fix: Text::new(
        "In AWS Organizations invite the account, move it into an organizational unit of its \
         environment and tag it; under Policies enable service control policies and attach those \
         that deny the root user and the actions that stop audit services. Register the alternate \
         contacts (Account > Alternate contacts), choose a support plan (Support Center), and \
         attach AWSSupportAccess to the operators' role (IAM > Roles).",
        "AWS Organizations でアカウントを招待し、環境ごとの組織単位に移動してタグを付けます。\
         「ポリシー」でサービスコントロールポリシーを有効にし、ルートユーザーと監査サービスの停止を\
         拒否するポリシーをアタッチします。「アカウント」で代替連絡先を登録し、サポートセンターで\
         サポートプランを選び、IAM で AWSSupportAccess を運用担当者のロールにアタッチします。",
    ),
    remedy: Remedy::new(
        include_str!("account_governance/remedy.sh"),
        include_str!("account_governance/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
    criteria: Criteria {
        explicit: &[
            "統20 3-(3)",
            "統20 3-(9)",
            "統24 8",
            "実5",
            "実21 2",
            "実27",
            "実27 4",
            "実70",
            "実71",
            "実72",
            "実76 3",
            "実100 4",
        ],
        implied: &["統2 参考", "実9 2", "実19", "実32", "実47 3", "実102 3", "実103 2"],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(DESCRIBE_ORGANIZATION),
        Action::any(LIST_ROOTS),
        Action::any(LIST_UNITS),
        Action::any(LIST_ACCOUNTS),
        Action::any(LIST_POLICIES),
        Action::any(LIST_TARGETS),
        Action::any(DESCRIBE_POLICY),
        Action::any(LIST_TAGS),
        Action::any(LIST_DELEGATES),
        Action::on(LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
        Action::any(GET_RESOURCES),
        Action::any(GET_COUNTS),
        Action::any(LIST_LANDING_ZONES),
        Action::on(
            GET_LANDING_ZONE,
            "arn:${AWS::Partition}:controltower:*:${AWS::AccountId}:landingzone/*",
        ),
        Action::on(GET_ALTERNATE_CONTACT, fisc_shared::grant::OWN_ACCOUNT),
        Action::any(DESCRIBE_SEVERITY_LEVELS),
        Action::on(
            LIST_ENTITIES_FOR_POLICY,
            "arn:${AWS::Partition}:iam::aws:policy/AWSSupportAccess",
        ),
    ],
    parameters: &[
        EXPECTED_MANAGEMENT_ACCOUNT_ID.spec,
        ORGANIZATION_ACCOUNT_ID.spec,
        PROTECTED_ACTIONS.spec,
        DENIED_IAM_ACTIONS.spec,
        IAM_ADMIN_PATTERNS.spec,
        ENVIRONMENT_TAG_KEY.spec,
        PRODUCTION_VALUES.spec,
        ACCOUNT_ENVIRONMENT.spec,
        ALLOWED_OU_IDS.spec,
        ALLOWED_MANAGEMENT_TYPES.spec,
        DELEGATED_ADMINS.spec,
        REQUIRED_CONTACTS.spec,
        ALLOWED_CONTACT_DOMAINS.spec,
        MIN_SEVERITY_CODE.spec,
        GOVERNANCE_TOOL.spec,
        CONTROL_TOWER_REGION.spec,
        EXCLUDED_REGIONS.spec,
    ],
    requirements: &[
        &NOT_IN_ORGANIZATION,
        &ORGANIZATION_FEATURES_LIMITED,
        &SCP_NOT_ATTACHED,
        &AUDIT_SERVICES_UNPROTECTED,
        &ROOT_USER_NOT_DENIED,
        &IAM_ADMIN_NOT_DENIED,
        &ENVIRONMENTS_NOT_SEPARATED,
        &ACCOUNT_MIXES_ENVIRONMENTS,
        &ACCOUNT_OUTSIDE_OU,
        &MANAGEMENT_ACCOUNT_WORKLOAD,
        &DELEGATED_ADMIN_MISSING,
        &LANDING_ZONE_UNHEALTHY,
        &CONTACT_MISSING,
        &SUPPORT_PLAN_INSUFFICIENT,
        &SUPPORT_ROLE_MISSING,
    ],
    remarks: &[&ORGANIZATION_JUDGED_ELSEWHERE, &ENVIRONMENT_NOT_KNOWN],
    // A large organization has hundreds of accounts, and AWS Organizations answers slowly.
    limits: Limits { timeout_seconds: 900, memory_mb: 256 },
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const ORGANIZATION_JUDGED_ELSEWHERE: Remark = Remark::new(
    "ORGANIZATION_JUDGED_ELSEWHERE",
    "Requirements of the whole organization do not apply here: its management account or \
     organizationAccountId is judged for them",
    "組織全体の要件はこのアカウントでは対象外です(管理アカウントまたは organizationAccountId で評価します)",
);

const ENVIRONMENT_NOT_KNOWN: Remark = Remark::new(
    "ENVIRONMENT_NOT_KNOWN",
    "The environment of the account is not known (accountEnvironment): its resources are not \
     compared with it",
    "アカウントの環境が不明なため(accountEnvironment)、リソースの環境との比較は対象外です",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(services::Services::new(sdk)))
}

#[cfg(test)]
mod tests;
