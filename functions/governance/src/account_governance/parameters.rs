//! The parameters.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const EXPECTED_MANAGEMENT_ACCOUNT_ID: Param<String> = Param::text(
    "expectedManagementAccountId",
    "",
    Text::new(
        "The account that manages the organization; empty: any",
        "組織の管理アカウント。空の場合は限定しない",
    ),
);

pub(super) const ORGANIZATION_ACCOUNT_ID: Param<String> = Param::text(
    "organizationAccountId",
    "",
    Text::new(
        "A delegated administrator that judges the organization as a whole; empty: the management \
         account does",
        "組織全体の要件を評価する委任管理者アカウント。空の場合は管理アカウント",
    ),
);

pub(super) const PROTECTED_ACTIONS: Param<Vec<String>> = Param::list(
    "protectedActions",
    &[
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
        "config:StopConfigurationRecorder",
        "config:DeleteConfigurationRecorder",
        "config:DeleteDeliveryChannel",
        "guardduty:DeleteDetector",
        "guardduty:DisassociateFromAdministratorAccount",
        "securityhub:DisableSecurityHub",
        "organizations:LeaveOrganization",
    ],
    Text::new(
        "Actions that service control policies must deny in every member account; empty: off",
        "全メンバーアカウントで SCP により拒否すべきアクション。空の場合は評価しない",
    ),
);

pub(super) const DENIED_IAM_ACTIONS: Param<Vec<String>> = Param::list(
    "deniedIamActions",
    &[
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:AttachRolePolicy",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
    ],
    Text::new(
        "IAM administration that only the principals of iamAdminPatterns may do",
        "iamAdminPatterns のプリンシパルだけに許す IAM の管理アクション",
    ),
);

pub(super) const IAM_ADMIN_PATTERNS: Param<Vec<String>> = Param::list(
    "iamAdminPatterns",
    &[],
    Text::new(
        "ARN patterns of the principals that administer IAM, such as \
         arn:aws:iam::*:role/iam-admin; empty: off",
        "IAM を管理するプリンシパルの ARN パターン(例: arn:aws:iam::*:role/iam-admin)。空の場合は評価しない",
    ),
);

pub(super) const ENVIRONMENT_TAG_KEY: Param<String> = Param::text(
    "environmentTagKey",
    "Environment",
    Text::new(
        "Tag of accounts and resources with their environment; empty: off",
        "アカウントとリソースの環境を示すタグのキー。空の場合は評価しない",
    ),
);

pub(super) const PRODUCTION_VALUES: Param<Vec<String>> = Param::list(
    "productionValues",
    &["production", "prod", "prd"],
    Text::new(
        "Values of that tag that mean production, in any case",
        "本番環境を示すタグの値(大文字と小文字は区別しない)",
    ),
);

pub(super) const ACCOUNT_ENVIRONMENT: Param<String> = Param::text(
    "accountEnvironment",
    "",
    Text::new(
        "Environment of this account; empty: its account tag, which only the account that judges \
         the organization can read",
        "このアカウントの環境。空の場合はアカウントのタグ(組織全体を評価するアカウントだけが読み取れる)",
    ),
);

pub(super) const ALLOWED_OU_IDS: Param<Vec<String>> = Param::list(
    "allowedOuIds",
    &[],
    Text::new(
        "Organizational units in or below which accounts must be; empty: any",
        "アカウントを置いてよい組織単位(その配下を含む)。空の場合は限定しない",
    ),
);

pub(super) const ALLOWED_MANAGEMENT_TYPES: Param<Vec<String>> = Param::list(
    "allowedManagementTypes",
    &[],
    Text::new(
        "Resource types of compute and databases that may be in the management account",
        "管理アカウントに置いてよい、コンピューティングとデータベースのリソースタイプ",
    ),
);

pub(super) const DELEGATED_ADMINS: Param<Vec<String>> = Param::list(
    "delegatedAdmins",
    &[],
    Text::new(
        "Services that need a delegated administrator, as guardduty.amazonaws.com or, with its \
         account, guardduty.amazonaws.com=111122223333; empty: off",
        "委任管理者が必要なサービス。guardduty.amazonaws.com、またはアカウントを指定して \
         guardduty.amazonaws.com=111122223333 と書く。空の場合は評価しない",
    ),
);

pub(super) const REQUIRED_CONTACTS: Param<Vec<String>> = Param::list(
    "requiredContacts",
    &["SECURITY", "OPERATIONS", "BILLING"],
    Text::new(
        "Alternate contacts that must be set; empty: off",
        "設定が必要な代替連絡先。空の場合は評価しない",
    ),
);

pub(super) const ALLOWED_CONTACT_DOMAINS: Param<Vec<String>> = Param::list(
    "allowedContactDomains",
    &[],
    Text::new(
        "Mail domains that alternate contacts must have; empty: any",
        "代替連絡先に許すメールドメイン。空の場合は限定しない",
    ),
);

pub(super) const MIN_SEVERITY_CODE: Param<String> = Param::choice(
    "minSeverityCode",
    "urgent",
    &["", "low", "normal", "high", "urgent", "critical"],
    Text::new(
        "Severity of support cases that the support plan must offer; empty: off, for sandboxes",
        "サポートプランで利用できるべきケースの重要度。空の場合は評価しない(サンドボックス向け)",
    ),
);

pub(super) const CONTROL_TOWER: &str = "CONTROL_TOWER";

pub(super) const GOVERNANCE_TOOL: Param<String> = Param::choice(
    "governanceTool",
    "",
    &["", CONTROL_TOWER],
    Text::new(
        "CONTROL_TOWER: the management account must have a healthy landing zone; empty: off",
        "CONTROL_TOWER を指定すると、管理アカウントのランディングゾーンを評価する。空の場合は評価しない",
    ),
);

pub(super) const CONTROL_TOWER_REGION: Param<String> = Param::text(
    "controlTowerRegion",
    "",
    Text::new(
        "Home Region of AWS Control Tower; empty: the Region of this rule",
        "AWS Control Tower のホームリージョン。空の場合はこのルールのリージョン",
    ),
);

pub(super) const EXCLUDED_REGIONS: Param<Vec<String>> = Param::list(
    "excludedRegions",
    &[],
    Text::new(
        "Regions that are not looked at, such as those in which a service control policy denies \
         every call",
        "評価しないリージョン(SCP ですべての呼び出しを拒否しているリージョンなど)",
    ),
);
