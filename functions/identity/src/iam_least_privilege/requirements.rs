//! The requirements and remarks of the control.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const ALL: &[ResourceType] = &[
    ResourceType::IAM_POLICY,
    ResourceType::IAM_GROUP,
    ResourceType::IAM_ROLE,
    ResourceType::IAM_USER,
];
const PRINCIPALS: &[ResourceType] =
    &[ResourceType::IAM_GROUP, ResourceType::IAM_ROLE, ResourceType::IAM_USER];
const ROLE: &[ResourceType] = &[ResourceType::IAM_ROLE];
const USER: &[ResourceType] = &[ResourceType::IAM_USER];

pub(super) const FULL_ADMIN_ALLOWED: Requirement = Requirement {
    code: "FULL_ADMIN_ALLOWED",
    wave: 1,
    resources: ALL,
    title: Text::new("Everything is allowed", "すべての操作を許可しています"),
    rule: Text::new(
        "Fails when the statements together, whatever their conditions on the caller, allow \
         actions of services that they do not name on all resources and leave a way to raise one's \
         rights through IAM (*, *:*, NotAction without iam:*), or when AdministratorAccess is \
         attached outside adminPrincipalPatterns. The narrower failures are then not repeated.",
        "呼び出し元に関する条件の有無によらず、ステートメントを合わせると、名前を挙げていないサービス\
         のアクションがすべてのリソースに許可され、IAM による権限昇格も可能なとき(*、*:*、iam:* を\
         除かない NotAction)、または AdministratorAccess が adminPrincipalPatterns 以外に\
         アタッチされているとき不適合です。このとき、より狭い不適合は重ねて報告しません。",
    ),
};

pub(super) const SERVICE_WILDCARD_ALLOWED: Requirement = Requirement {
    code: "SERVICE_WILDCARD_ALLOWED",
    wave: 2,
    resources: ALL,
    title: Text::new(
        "Every action of a service is allowed",
        "サービスの全アクションを許可しています",
    ),
    rule: Text::new(
        "Fails when every action of a service but those denied by name is allowed on any resource \
         (service:*, or NotAction).",
        "あるサービスのアクションが、名前を挙げて拒否したものを除いてすべて、いずれかのリソースに\
         許可されているとき不適合です(service:* または NotAction)。",
    ),
};

pub(super) const PRIVILEGE_ESCALATION_ALLOWED: Requirement = Requirement {
    code: "PRIVILEGE_ESCALATION_ALLOWED",
    wave: 2,
    resources: ALL,
    title: Text::new("Own rights can be raised", "自身の権限を広げられます"),
    rule: Text::new(
        "Fails when the statements together, less certain Denies, allow all actions of a known way \
         to raise one's rights on all resources (or, for policies, on oneself), without a condition \
         on iam:PermissionsBoundary, iam:PolicyARN or a passed-to service that rules it out; or \
         when IAMFullAccess is attached.",
        "確実に適用される Deny を差し引いた許可を合わせると、既知の権限昇格の手順に必要なアクションが\
         すべてのリソース(ポリシーの付与では自分自身も)に許可され、iam:PermissionsBoundary・\
         iam:PolicyARN・ロールを渡すサービスの条件でも防がれていないとき、または IAMFullAccess が\
         アタッチされているとき不適合です。",
    ),
};

pub(super) const PASSROLE_UNRESTRICTED: Requirement = Requirement {
    code: "PASSROLE_UNRESTRICTED",
    wave: 2,
    resources: ALL,
    title: Text::new(
        "Every role may be passed to any service",
        "すべてのロールを任意のサービスに渡せます",
    ),
    rule: Text::new(
        "Fails when iam:PassRole is allowed on all roles without a condition that holds it to \
         services by iam:PassedToService (...IfExists does not: requests may lack the key).",
        "iam:PassRole がすべてのロールに許可され、iam:PassedToService の条件でサービスが限定されて\
         いないとき不適合です(...IfExists はキーのない要求を許すため限定になりません)。",
    ),
};

pub(super) const KMS_DECRYPT_ALL_KEYS: Requirement = Requirement {
    code: "KMS_DECRYPT_ALL_KEYS",
    wave: 1,
    resources: ALL,
    title: Text::new(
        "Decryption is allowed with all keys",
        "すべてのキーによる復号を許可しています",
    ),
    rule: Text::new(
        "Fails when an action of blockedKmsActions is allowed on every key or alias of a Region \
         (*, key/*, alias/*). A condition on the key (aws:ResourceTag, kms:ResourceAliases) \
         narrows it; one on the caller or on kms:ViaService does not.",
        "blockedKmsActions のアクションが、あるリージョンのすべてのキーまたはエイリアスに許可されて\
         いるとき不適合です(*、key/*、alias/*)。キーに関する条件(aws:ResourceTag、\
         kms:ResourceAliases)は限定とみなし、呼び出し元や kms:ViaService の条件は限定とみなしません。",
    ),
};

pub(super) const RESTRICTED_ACTION_GRANTED: Requirement = Requirement {
    code: "RESTRICTED_ACTION_GRANTED",
    wave: 2,
    resources: ALL,
    title: Text::new(
        "An action reserved for administrators is allowed",
        "管理者に限るアクションを許可しています",
    ),
    rule: Text::new(
        "Fails when an action of restrictedActions is allowed on any resource outside \
         adminPrincipalPatterns and adminPolicyArns.",
        "adminPrincipalPatterns・adminPolicyArns 以外で、restrictedActions のアクションがいずれかの\
         リソースに許可されているとき不適合です。",
    ),
};

pub(super) const WORKLOAD_ROLE_TOO_BROAD: Requirement = Requirement {
    code: "WORKLOAD_ROLE_TOO_BROAD",
    wave: 2,
    resources: ROLE,
    title: Text::new(
        "A workload runs with an administrator's policy",
        "ワークロードが管理者用のポリシーで動作しています",
    ),
    rule: Text::new(
        "Fails when a service of computeServices may assume the role and AdministratorAccess, \
         PowerUserAccess or IAMFullAccess is attached.",
        "computeServices のサービスがロールを引き受けられ、AdministratorAccess・PowerUserAccess・\
         IAMFullAccess のいずれかがアタッチされているとき不適合です。",
    ),
};

pub(super) const USER_HAS_DIRECT_POLICY: Requirement = Requirement {
    code: "USER_HAS_DIRECT_POLICY",
    wave: 2,
    resources: USER,
    title: Text::new(
        "The user has policies of its own",
        "ユーザーに直接付与されたポリシーがあります",
    ),
    rule: Text::new(
        "Fails when a user has an inline policy, or a managed policy attached, other than \
         IAMUserChangePassword and AWSCompromisedKeyQuarantine*.",
        "IAMUserChangePassword と AWSCompromisedKeyQuarantine* 以外のポリシーが、インラインまたは\
         アタッチによりユーザーに直接付与されているとき不適合です。",
    ),
};

pub(super) const INLINE_POLICY_PRESENT: Requirement = Requirement {
    code: "INLINE_POLICY_PRESENT",
    wave: 3,
    resources: PRINCIPALS,
    title: Text::new("There are inline policies", "インラインポリシーがあります"),
    rule: Text::new(
        "With forbidInlinePolicies: fails when the group, role or user has an inline policy.",
        "forbidInlinePolicies を指定した場合: グループ・ロール・ユーザーにインラインポリシーが\
         あるとき不適合です。",
    ),
};

pub(super) const USER_NOT_IN_GROUP: Requirement = Requirement {
    code: "USER_NOT_IN_GROUP",
    wave: 3,
    resources: USER,
    title: Text::new("The user belongs to no group", "ユーザーがグループに所属していません"),
    rule: Text::new(
        "With requireGroupMembership: fails when the user belongs to no group.",
        "requireGroupMembership を指定した場合: ユーザーがどのグループにも所属していないとき\
         不適合です。",
    ),
};

pub(super) const SERVICE_LINKED_ROLE: Remark = Remark::new(
    "SERVICE_LINKED_ROLE",
    "AWS manages the rights of the service-linked role",
    "サービスにリンクされたロールであり、権限は AWS が管理します",
);
pub(super) const AWS_MANAGED_POLICY: Remark = Remark::new(
    "AWS_MANAGED_POLICY",
    "AWS manages the policy; it is judged where it is attached",
    "AWS 管理ポリシーであり、アタッチ先で評価します",
);
pub(super) const POLICY_NOT_ATTACHED: Remark = Remark::new(
    "POLICY_NOT_ATTACHED",
    "The policy is attached to nobody",
    "ポリシーはどこにもアタッチされていません",
);
pub(super) const BOUNDARY_ONLY: Remark = Remark::new(
    "BOUNDARY_ONLY",
    "The policy is only used as a permissions boundary, which grants nothing",
    "ポリシーはアクセス許可の境界としてだけ使われており、権限を付与しません",
);
pub(super) const ADMINISTRATORS_POLICY: Remark = Remark::new(
    "ADMINISTRATORS_POLICY",
    "The policy is meant for administrators (adminPolicyArns)",
    "管理者用のポリシーです(adminPolicyArns)",
);
pub(super) const ADMINISTRATOR_PRINCIPAL: Remark = Remark::new(
    "ADMINISTRATOR_PRINCIPAL",
    "The principal may be an administrator (adminPrincipalPatterns)",
    "管理者の権限を認めたプリンシパルです(adminPrincipalPatterns)",
);
