//! `threat-detection`: GuardDuty watches every enabled Region with its protection plans, under one
//! administrator, and what it finds does not pile up.
//!
//! GuardDuty is regional: an intruder with stolen credentials works in the Region in which nobody
//! looks. The home Region therefore asks all enabled Regions and names those that fail. In an
//! organization a delegated administrator must hold the accounts together and take in new ones.
//! On request, findings that wait too long fail. Whether GuardDuty scans volumes and buckets for
//! malware is judged by `malware-protection`.
//!
//! Criteria: 実14 8, 実14 9, 実16, 実19, 実21, 実37, 実38, 実46, 実47 and others ask for it. To fix
//! an account, enable GuardDuty in the Regions that are named, best from the delegated
//! administrator with automatic enabling for all accounts.

use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, Requirement,
    ResourceType, Severity, Text, Trigger, no_item_tells,
};

use crate::scope::{self, EXCLUDED_REGIONS, JUDGED_IN_HOME_REGION, NOT_IN_REGION, REGION_EXCLUDED};

mod findings;
mod judge;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "threat-detection",
    domain: Domain::Detection,
    severity: Severity::High,
    title: Text::new(
        "GuardDuty watches every Region and is centrally administered",
        "全リージョンで GuardDuty を有効化し、一元管理する",
    ),
    why: Text::new(
        "Stolen credentials, malware and strange traffic show in logs that nobody reads by hand. \
         GuardDuty reads them, but only in the Regions where it is on, and it helps only if one \
         place sees the findings of all accounts.",
        "盗まれた認証情報の使用、マルウェア、不審な通信はログに現れますが、人手では読み切れません。GuardDuty \
         は有効なリージョンのログだけを分析します。また、全アカウントの検出結果を一か所で確認できなければ\
         効果がありません。",
    ),
    fix: Text::new(
        "In the management account name a delegated administrator under GuardDuty > Settings in \
         every Region; there, under Accounts, enable GuardDuty and the protection plans for all \
         accounts, new ones included. A single account is enabled under GuardDuty > Get started in \
         each Region, and its plans under Protection plans.",
        "管理アカウントの GuardDuty の「設定」で全リージョンに委任管理者を指定し、\
         委任管理者アカウントの「アカウント」で、新規を含む全アカウントに GuardDuty と保護プランを\
         有効化します。単独のアカウントでは、各リージョンの「開始方法」で GuardDuty を、\
         「保護プラン」で保護プランを有効化します。",
    ),
    remedy: Remedy::new(
        include_str!("threat_detection/remedy.sh"),
        include_str!("threat_detection/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html",
    criteria: Criteria {
        explicit: &[
            "実10 参考2",
            "実14 8",
            "実14 9",
            "実14 参考5",
            "実16",
            "実16 2",
            "実19",
            "実19 3",
            "実21",
            "実21 2",
            "実37",
            "実38",
            "実46",
            "実47",
        ],
        implied: &["統14 参考", "統24 6", "実20 3", "実22 3", "実34", "実71"],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::on(fisc_services::regions::LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
        Action::any(fisc_services::organization::DESCRIBE_ORGANIZATION),
        Action::any(services::LIST_DETECTORS),
        Action::on(services::GET_DETECTOR, DETECTORS),
        Action::any(services::GET_ADMINISTRATOR_ACCOUNT),
        Action::any(services::LIST_ORGANIZATION_ADMIN_ACCOUNTS),
        Action::any(services::DESCRIBE_ORGANIZATION_CONFIGURATION),
        Action::any(findings::LIST_FINDINGS),
        Action::any(findings::GET_FINDINGS),
    ],
    parameters: &[
        ALL_REGIONS.spec,
        EXCLUDED_REGIONS.spec,
        REQUIRED_FEATURES.spec,
        REQUIRED_AGENTS.spec,
        MAX_PUBLISHING_FREQUENCY.spec,
        SECURITY_ACCOUNT_ID.spec,
        REQUIRE_AUTO_ENABLE.spec,
        JUDGE_FINDINGS.spec,
        MAX_HIGH_FINDING_AGE_DAYS.spec,
        MAX_MEDIUM_FINDING_AGE_DAYS.spec,
        MAX_LOW_FINDING_AGE_DAYS.spec,
    ],
    requirements: &[
        &DETECTOR_MISSING,
        &DETECTOR_SUSPENDED,
        &PUBLISHING_TOO_SLOW,
        &S3_PROTECTION_OFF,
        &PROTECTION_PLAN_OFF,
        &RUNTIME_AGENT_OFF,
        &ADMINISTRATOR_MISSING,
        &AUTO_ENABLE_OFF,
        &FINDINGS_NOT_HANDLED,
    ],
    remarks: &[
        &JUDGED_IN_HOME_REGION,
        &REGION_EXCLUDED,
        &NOT_IN_REGION,
        &FEATURE_NOT_IN_REGION,
        &STAND_ALONE_ACCOUNT,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: no_item_tells,
        connect: services::connect,
        swept: &[ResourceType::ACCOUNT],
    },
};

const DETECTORS: &str = "arn:${AWS::Partition}:guardduty:*:${AWS::AccountId}:detector/*";

const ALL_REGIONS: Param<bool> = scope::all_regions(true);

const REQUIRED_FEATURES: Param<Vec<String>> = Param::list(
    "requiredFeatures",
    &["S3_DATA_EVENTS"],
    Text::new(
        "Protection plans that must be on, by their names in the API: also EKS_AUDIT_LOGS, \
         RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS, RUNTIME_MONITORING (EBS_MALWARE_PROTECTION is \
         left to malware-protection)",
        "有効であるべき保護プラン(API での名称)。ほかに EKS_AUDIT_LOGS、RDS_LOGIN_EVENTS、\
         LAMBDA_NETWORK_LOGS、RUNTIME_MONITORING を指定できる(EBS_MALWARE_PROTECTION は \
         malware-protection で評価する)",
    ),
);

const REQUIRED_AGENTS: Param<Vec<String>> = Param::list(
    "requiredAgents",
    &[],
    Text::new(
        "Agents that Runtime Monitoring must manage: EKS_ADDON_MANAGEMENT, \
         ECS_FARGATE_AGENT_MANAGEMENT, EC2_AGENT_MANAGEMENT",
        "ランタイムモニタリングに自動管理させるエージェント: EKS_ADDON_MANAGEMENT、\
         ECS_FARGATE_AGENT_MANAGEMENT、EC2_AGENT_MANAGEMENT",
    ),
);

const SIX_HOURS: &str = "SIX_HOURS";
/// From the fastest to the slowest.
const FREQUENCIES: &[&str] = &["FIFTEEN_MINUTES", "ONE_HOUR", SIX_HOURS];

const MAX_PUBLISHING_FREQUENCY: Param<String> = Param::choice(
    "maxPublishingFrequency",
    SIX_HOURS,
    FREQUENCIES,
    Text::new(
        "Slowest accepted frequency with which updated findings are published",
        "更新された検出結果の発行頻度として認める最も遅い値",
    ),
);

const SECURITY_ACCOUNT_ID: Param<String> = Param::text(
    "securityAccountId",
    "",
    Text::new(
        "Account that must be the administrator; empty: any",
        "管理者であるべきアカウントの ID(空の場合は問わない)",
    ),
);

const REQUIRE_AUTO_ENABLE: Param<bool> = Param::flag(
    "requireAutoEnable",
    true,
    Text::new(
        "The administrator must enable GuardDuty in new accounts automatically",
        "管理者アカウントで、新規アカウントの自動有効化を必須とする",
    ),
);

const JUDGE_FINDINGS: Param<bool> = Param::flag(
    "judgeFindings",
    false,
    Text::new(
        "Findings that are not archived may not grow older than the limits below",
        "アーカイブされていない検出結果の経過日数を評価する",
    ),
);

const MAX_HIGH_FINDING_AGE_DAYS: Param<i64> = Param::integer(
    "maxHighFindingAgeDays",
    1,
    0,
    90,
    Text::new(
        "Days that a finding of severity high or critical (7.0 and more) may wait",
        "重要度「高」「重大」(7.0 以上)の検出結果に認める経過日数",
    ),
);
const MAX_MEDIUM_FINDING_AGE_DAYS: Param<i64> = Param::integer(
    "maxMediumFindingAgeDays",
    7,
    0,
    90,
    Text::new(
        "Days that a finding of severity medium (4.0 to 6.9) may wait",
        "重要度「中」(4.0 から 6.9)の検出結果に認める経過日数",
    ),
);
const MAX_LOW_FINDING_AGE_DAYS: Param<i64> = Param::integer(
    "maxLowFindingAgeDays",
    30,
    0,
    90,
    Text::new(
        "Days that a finding of severity low (below 4.0) may wait",
        "重要度「低」(4.0 未満)の検出結果に認める経過日数",
    ),
);

const DETECTOR_MISSING: Requirement = Requirement {
    code: "DETECTOR_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "GuardDuty is not enabled in some Regions",
        "GuardDuty が有効になっていないリージョンがあります",
    ),
    rule: Text::new(
        "Fails when an enabled Region in which GuardDuty exists has no detector (ListRegions, \
         ListDetectors).",
        "GuardDuty が提供されている有効なリージョンにディテクターがないとき不適合です(ListRegions、\
         ListDetectors)。",
    ),
};

const DETECTOR_SUSPENDED: Requirement = Requirement {
    code: "DETECTOR_SUSPENDED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "GuardDuty is suspended or a basic data source is off",
        "GuardDuty が一時停止中か、基本データソースが無効です",
    ),
    rule: Text::new(
        "Fails when the detector's Status is not ENABLED, or CLOUD_TRAIL, FLOW_LOGS or DNS_LOGS \
         is DISABLED (GetDetector).",
        "ディテクターの Status が ENABLED でないか、CLOUD_TRAIL、FLOW_LOGS、DNS_LOGS のいずれかが \
         DISABLED のとき不適合です(GetDetector)。",
    ),
};

const PUBLISHING_TOO_SLOW: Requirement = Requirement {
    code: "PUBLISHING_TOO_SLOW",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Updated findings are published too seldom",
        "検出結果の更新の発行頻度が遅すぎます",
    ),
    rule: Text::new(
        "Fails when FindingPublishingFrequency is slower than maxPublishingFrequency \
         (GetDetector).",
        "FindingPublishingFrequency が maxPublishingFrequency より遅いとき不適合です(GetDetector)。",
    ),
};

const S3_PROTECTION_OFF: Requirement = Requirement {
    code: "S3_PROTECTION_OFF",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("S3 Protection is off", "S3 保護が無効です"),
    rule: Text::new(
        "Fails when S3_DATA_EVENTS is required and DISABLED (GetDetector).",
        "S3_DATA_EVENTS が必須で DISABLED のとき不適合です(GetDetector)。",
    ),
};

const PROTECTION_PLAN_OFF: Requirement = Requirement {
    code: "PROTECTION_PLAN_OFF",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("A required protection plan is off", "必須の保護プランが無効です"),
    rule: Text::new(
        "Fails when another feature of requiredFeatures is DISABLED (GetDetector); for \
         EKS_RUNTIME_MONITORING its successor RUNTIME_MONITORING counts too.",
        "requiredFeatures のその他の機能が DISABLED のとき不適合です(GetDetector)。\
         EKS_RUNTIME_MONITORING は後継の RUNTIME_MONITORING でも満たされます。",
    ),
};

const RUNTIME_AGENT_OFF: Requirement = Requirement {
    code: "RUNTIME_AGENT_OFF",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Runtime Monitoring does not manage a required agent",
        "ランタイムモニタリングが必須のエージェントを管理していません",
    ),
    rule: Text::new(
        "Fails when an agent of requiredAgents is not ENABLED in the additional configuration of \
         RUNTIME_MONITORING (GetDetector).",
        "requiredAgents のエージェントが RUNTIME_MONITORING の追加設定で ENABLED でないとき不適合です\
         (GetDetector)。",
    ),
};

const ADMINISTRATOR_MISSING: Requirement = Requirement {
    code: "ADMINISTRATOR_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "GuardDuty is not under the organization's administrator",
        "GuardDuty が組織の管理者アカウントで管理されていません",
    ),
    rule: Text::new(
        "Fails for a member of an organization that has no administrator, another one than \
         securityAccountId, or a relationship that is not Enabled (GetAdministratorAccount); for \
         the management account when it named no delegated administrator \
         (ListOrganizationAdminAccounts).",
        "組織のメンバーに管理者がない、securityAccountId と異なる、または関係が Enabled でないとき\
         不適合です(GetAdministratorAccount)。管理アカウントでは、委任管理者を指定していないとき不適合\
         です(ListOrganizationAdminAccounts)。",
    ),
};

const AUTO_ENABLE_OFF: Requirement = Requirement {
    code: "AUTO_ENABLE_OFF",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "New accounts of the organization are not enabled automatically",
        "組織の新規アカウントが自動的に有効化されません",
    ),
    rule: Text::new(
        "In the administrator account: fails when AutoEnableOrganizationMembers is NONE \
         (DescribeOrganizationConfiguration).",
        "管理者アカウント: AutoEnableOrganizationMembers が NONE のとき不適合です\
         (DescribeOrganizationConfiguration)。",
    ),
};

const FINDINGS_NOT_HANDLED: Requirement = Requirement {
    code: "FINDINGS_NOT_HANDLED",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Findings wait longer than accepted",
        "期限を過ぎた未処置の検出結果があります",
    ),
    rule: Text::new(
        "With judgeFindings: fails when a finding about this account that is not archived was \
         made longer ago than its severity allows (ListFindings, GetFindings). Sample findings \
         do not count.",
        "judgeFindings を指定した場合: このアカウントの検出結果がアーカイブされないまま、作成から重要度\
         ごとの日数を超えたとき不適合です(ListFindings、GetFindings)。サンプルの検出結果は除きます。",
    ),
};

const FEATURE_NOT_IN_REGION: Remark = Remark::new(
    "FEATURE_NOT_IN_REGION",
    "GuardDuty does not offer a required plan there",
    "必須の保護プランが提供されていないリージョンがあります",
);
const STAND_ALONE_ACCOUNT: Remark = Remark::new(
    "STAND_ALONE_ACCOUNT",
    "The account is in no organization; it needs no administrator",
    "アカウントは組織に属していないため、管理者は不要です",
);

#[cfg(test)]
mod tests;
