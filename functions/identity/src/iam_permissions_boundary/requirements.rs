//! The requirements and remarks of the control.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const PRINCIPALS: &[ResourceType] = &[ResourceType::IAM_ROLE, ResourceType::IAM_USER];

pub(super) const BOUNDARY_MISSING: Requirement = Requirement::new(
    "BOUNDARY_MISSING",
    3,
    PRINCIPALS,
    Text::new(
        "The principal has no permissions boundary",
        "アクセス許可の境界が設定されていません",
    ),
    Text::new(
        "Fails when a role or user in scope has no permissions boundary. With scope iam-writers \
         those are in scope whose policies together (inline, managed, those of groups) allow, less \
         certain Denies, iam:PassRole or an action that makes, changes or deletes users, groups, \
         roles, policies, boundaries, identity providers or the credentials of others. A changed group or \
         managed policy shows with the next change of its holder.",
        "対象のロールまたはユーザーにアクセス許可の境界がないとき不適合です。scope が iam-writers の\
         ときの対象は、インライン・管理・グループのポリシーを合わせて、確実に適用される Deny を差し引いても、\
         iam:PassRole か、ユーザー・グループ・ロール・ポリシー・境界・ID プロバイダー・他者の認証情報を\
         作成・変更・削除するアクションが許可されているものです。グループや管理ポリシーの変更は、それを\
         使うプリンシパルの次の変更時に反映されます。",
    ),
);

pub(super) const BOUNDARY_NOT_APPROVED: Requirement = Requirement::new(
    "BOUNDARY_NOT_APPROVED",
    3,
    PRINCIPALS,
    Text::new("The permissions boundary is not approved", "アクセス許可の境界が承認されていません"),
    Text::new(
        "Fails when the boundary of a role or user in scope is none of approvedBoundaryArns; not \
         judged while that list is empty.",
        "対象のロールまたはユーザーの境界が approvedBoundaryArns のいずれでもないとき不適合です。\
         一覧が空の間は評価しません。",
    ),
);

pub(super) const BOUNDARY_NOT_ASKED_FOR: Remark = Remark::new(
    "BOUNDARY_NOT_ASKED_FOR",
    "The parameter scope is off: no permissions boundary is asked for",
    "パラメータ scope が off のため、アクセス許可の境界を求めていません",
);

pub(super) const SERVICE_LINKED_ROLE: Remark = Remark::new(
    "SERVICE_LINKED_ROLE",
    "A service-linked role cannot have a permissions boundary",
    "サービスにリンクされたロールにはアクセス許可の境界を設定できません",
);

pub(super) const RESERVED_ROLE: Remark = Remark::new(
    "RESERVED_ROLE",
    "AWS manages the role; the boundary of an Identity Center role is set in its permission set",
    "AWS が管理するロールです(IAM Identity Center のロールの境界は許可セットで設定します)",
);

pub(super) const EXCLUDED_PRINCIPAL: Remark = Remark::new(
    "EXCLUDED_PRINCIPAL",
    "The name is among excludedNamePatterns",
    "名前が excludedNamePatterns に該当します",
);

pub(super) const NO_IAM_WRITER: Remark = Remark::new(
    "NO_IAM_WRITER",
    "No policy of the principal allows to change rights in IAM",
    "IAM の権限を変更するアクションは、どのポリシーでも許可されていません",
);
