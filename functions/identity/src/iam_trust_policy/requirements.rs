//! The requirements and remarks of the control.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const ROLE: &[ResourceType] = &[ResourceType::IAM_ROLE];

pub(super) const PUBLIC_PRINCIPAL: Requirement = requirement(
    "PUBLIC_PRINCIPAL",
    2,
    Text::new("Anybody can assume the role", "だれでもロールを引き受けられます"),
    Text::new(
        "Fails when an Allow for every principal (or NotPrincipal) is neither tied to an \
         organization, an account, a source or a network by its condition nor taken back by a Deny.",
        "すべてのプリンシパル(または NotPrincipal)への許可が、条件によって組織・アカウント・\
         呼び出し元・ネットワークに限定されず、Deny でも取り消されていないとき不適合です。",
    ),
);

pub(super) const UNAPPROVED_ACCOUNT: Requirement = requirement(
    "UNAPPROVED_ACCOUNT",
    2,
    Text::new(
        "An account that is not approved can assume the role",
        "承認されていないアカウントがロールを引き受けられます",
    ),
    Text::new(
        "Fails when an account or an organization is admitted, by itself or through a service, \
         that is neither the own one nor in trustedAccountIds, orgId or vendorAccountIds.",
        "自アカウントでも trustedAccountIds・orgId・vendorAccountIds でもないアカウントや組織が、\
         直接またはサービスを通じて許可されているとき不適合です。",
    ),
);

pub(super) const EXTERNAL_ID_MISSING: Requirement = requirement(
    "EXTERNAL_ID_MISSING",
    2,
    Text::new(
        "No fixed external id is demanded of a vendor",
        "委託先に固定の外部 ID を求めていません",
    ),
    Text::new(
        "Fails when an account of vendorAccountIds is admitted without sts:ExternalId, or with one \
         that a pattern leaves open.",
        "vendorAccountIds のアカウントが、sts:ExternalId がない、またはパターンで任意の値を許す\
         条件で許可されているとき不適合です。",
    ),
);

pub(super) const THIRD_PARTY_ADMIN: Requirement = requirement(
    "THIRD_PARTY_ADMIN",
    2,
    Text::new(
        "A vendor can assume an administrator's role",
        "委託先が管理者のロールを引き受けられます",
    ),
    Text::new(
        "Fails when an account of vendorAccountIds is admitted to a role with AdministratorAccess.",
        "AdministratorAccess をアタッチしたロールに vendorAccountIds のアカウントが許可されている\
         とき不適合です。",
    ),
);

pub(super) const OIDC_SUBJECT_UNRESTRICTED: Requirement = requirement(
    "OIDC_SUBJECT_UNRESTRICTED",
    2,
    Text::new(
        "Tokens are not bound to an audience and a subject",
        "トークンの対象者(aud)またはサブジェクト(sub)が限定されていません",
    ),
    Text::new(
        "Fails when AssumeRoleWithWebIdentity accepts a token for another audience, or one of \
         another subject: the condition is missing, ...IfExists, ForAllValues, negated, or a \
         wildcard that leaves the organization (GitHub, GitLab, Terraform, Buildkite) or the \
         namespace (EKS) open. Claims that tie a token to its owner count like the subject.",
        "AssumeRoleWithWebIdentity が別の対象者や別のサブジェクトのトークンを受け入れるとき不適合\
         です。条件がない、...IfExists、ForAllValues、否定、または組織(GitHub、GitLab、Terraform、\
         Buildkite)や名前空間(EKS)を限定しないワイルドカードの場合です。所有者に結び付くほかの\
         クレームもサブジェクトと同様に扱います。",
    ),
);

pub(super) const UNAPPROVED_PROVIDER: Requirement = requirement(
    "UNAPPROVED_PROVIDER",
    3,
    Text::new(
        "An identity provider is not approved",
        "承認されていない ID プロバイダーを信頼しています",
    ),
    Text::new(
        "Fails when a provider is admitted that is not in approvedProviderArns; without that \
         parameter, when it is one of another account.",
        "approvedProviderArns にないプロバイダーが許可されているとき不適合です。指定がない場合は、\
         別のアカウントのプロバイダーが許可されているとき不適合です。",
    ),
);

pub(super) const MFA_CONDITION_MISSING: Requirement = requirement(
    "MFA_CONDITION_MISSING",
    3,
    Text::new("No MFA is demanded of people", "利用者に MFA を求めていません"),
    Text::new(
        "With requireMfaForPeople: fails when a user, or an account as a whole that is no vendor, \
         can assume the role without MFA (BoolIfExists lets access keys in).",
        "requireMfaForPeople を指定した場合: ユーザーまたは(委託先以外の)アカウント全体が MFA なし\
         でロールを引き受けられるとき不適合です(BoolIfExists はアクセスキーを許します)。",
    ),
);

const fn requirement(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: ROLE, title, rule }
}

pub(super) const AWS_OWNED_ROLE: Remark = Remark::new(
    "AWS_OWNED_ROLE",
    "AWS manages the role and its trust policy",
    "AWS が管理するロールです",
);
pub(super) const SERVICES_ONLY: Remark = Remark::new(
    "SERVICES_ONLY",
    "Only AWS services can assume the role",
    "ロールを引き受けられるのは AWS のサービスだけです",
);
