//! The parameters of the control.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const ONLY_ATTACHED: Param<bool> = Param::flag(
    "onlyAttached",
    true,
    Text::new(
        "Leave aside policies that are neither attached nor used as a permissions boundary",
        "アタッチされておらず、アクセス許可の境界にも使われていないポリシーを対象外とする",
    ),
);

pub(super) const EXCLUDE_BOUNDARY_POLICIES: Param<bool> = Param::flag(
    "excludeBoundaryPolicies",
    true,
    Text::new(
        "Leave aside policies that are only used as a permissions boundary",
        "アクセス許可の境界としてだけ使われているポリシーを対象外とする",
    ),
);

pub(super) const ADMIN_PRINCIPAL_PATTERNS: Param<Vec<String>> = Param::list(
    "adminPrincipalPatterns",
    &[
        "AWSReservedSSO_*",
        "AWSControlTowerExecution",
        "OrganizationAccountAccessRole",
        "stacksets-exec-*",
    ],
    Text::new(
        "Names (with * and ?) of groups, roles and users that may be administrators",
        "管理者の権限を認めるグループ・ロール・ユーザーの名前(* と ? を使用可)",
    ),
);

pub(super) const ADMIN_POLICY_ARNS: Param<Vec<String>> = Param::list(
    "adminPolicyArns",
    &[],
    Text::new(
        "Customer managed policies, by ARN, that are meant for administrators",
        "管理者用のカスタマー管理ポリシーの ARN",
    ),
);

pub(super) const ESCALATION_ACTION_SETS: Param<Vec<String>> = Param::list(
    "escalationActionSets",
    &[],
    Text::new(
        "Further ways to raise one's own rights, as actions joined by + (the built-in list always counts)",
        "権限昇格とみなすアクションの組み合わせの追加(+ で連結。組み込みの一覧は常に評価する)",
    ),
);

pub(super) const BLOCKED_KMS_ACTIONS: Param<Vec<String>> = Param::list(
    "blockedKmsActions",
    &["kms:Decrypt", "kms:ReEncryptFrom"],
    Text::new(
        "KMS actions that may not be granted on all keys",
        "すべてのキーに対して許可してはならない KMS のアクション",
    ),
);

/// The actions on key stores one by one: `kms:*CustomKeyStore` would overlap `kms:Describe*`.
pub(super) const RESTRICTED_ACTIONS: Param<Vec<String>> = Param::list(
    "restrictedActions",
    &[
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
        "kms:ConnectCustomKeyStore",
        "kms:CreateCustomKeyStore",
        "kms:DeleteCustomKeyStore",
        "kms:DisconnectCustomKeyStore",
        "kms:UpdateCustomKeyStore",
        "cloudhsm:*",
    ],
    Text::new("Actions that only administrators may hold", "管理者だけに認めるアクション"),
);

pub(super) const COMPUTE_SERVICES: Param<Vec<String>> = Param::list(
    "computeServices",
    &["ec2", "lambda", "ecs-tasks", "eks", "codebuild", "states", "sagemaker"],
    Text::new(
        "Services (a part of the principal's name) whose roles run workloads",
        "ワークロードを実行するサービス(プリンシパル名の一部)",
    ),
);

pub(super) const FORBID_INLINE_POLICIES: Param<bool> = Param::flag(
    "forbidInlinePolicies",
    false,
    Text::new("No inline policies", "インラインポリシーを認めない"),
);

pub(super) const REQUIRE_GROUP_MEMBERSHIP: Param<bool> = Param::flag(
    "requireGroupMembership",
    false,
    Text::new("Every user belongs to a group", "すべてのユーザーにグループへの所属を求める"),
);
