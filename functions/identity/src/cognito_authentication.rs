//! `cognito-authentication`: Cognito user pools authenticate strongly, and identity pools give
//! access only through roles that trust nobody else.
//!
//! A user pool signs in the customers of an application: with a second factor, a password policy
//! and, in the Plus tier, threat protection that acts. An identity pool trades a sign-in for AWS
//! credentials of a role; the role's trust policy must name the pool and the kind of identity, or
//! any identity pool of any account, and any guest, gets them too. The item of a user pool is not
//! published and that of an identity pool lacks the roles: Cognito is asked, after changes and on
//! a schedule, since roles change without the pool. Roles of user pool groups (role mappings by
//! token) are not read: Cognito tells them per group only. Pools whose app clients offer nothing
//! but an outside provider, or serve machines only, look like others: keep them out of scope.
//!
//! Criteria: 統20 3-(3), 実1, 実8, 実8 7, 実9 ask for it. To fix a user pool, require MFA and
//! strengthen the password policy; for an identity pool, turn off guests and the classic flow, and
//! test `aud` and `amr` in the trust policies.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cognitoidentity::Client as IdentityClient;
use aws_sdk_cognitoidentityprovider::Client as UserPoolClient;
use aws_sdk_iam::Client as IamClient;
use aws_types::SdkConfig;
use fisc_services::PerRun;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::parameter::Param;
use fisc_shared::policy::PolicyDocument;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use self::identity_pool::{DESCRIBE_IDENTITY_POOL, GET_IDENTITY_POOL_ROLES, LIST_IDENTITY_POOLS};
use self::user_pool::{DESCRIBE_USER_POOL, GET_USER_POOL_MFA_CONFIG, LIST_USER_POOLS};

mod identity_pool;
mod trust;
mod user_pool;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "cognito-authentication",
    domain: Domain::Identity,
    severity: Severity::High,
    title: Text::new(
        "Cognito user pools authenticate strongly and identity pools use pinned roles",
        "Cognito ユーザープールの認証を強化し、ID プールは固定したロールのみを使う",
    ),
    why: Text::new(
        "Customers reach their accounts through these pools. A password alone can be guessed or \
         phished; a role that does not test which identity pool and which kind of identity asks \
         gives AWS credentials to strangers.",
        "顧客はこれらのプールを通じて自分の口座に到達します。パスワードだけでは推測やフィッシングに\
         耐えません。また、どの ID プールのどの種類の ID かを確認しないロールは、見知らぬ相手に AWS の\
         認証情報を渡してしまいます。",
    ),
    fix: Text::new(
        "In the Cognito console open the user pool: under Sign-in require MFA with authenticator \
         apps; under Authentication methods set a long password policy with all character classes; \
         under Threat protection (Plus plan) choose full function. In the identity pool turn off \
         guest access and the basic flow, set an authenticated role, and test its aud and amr \
         (cognito-identity.amazonaws.com:aud, :amr) in the role's trust policy.",
        "Cognito コンソールでユーザープールを開き、「サインイン」で認証アプリによる MFA を\
         必須にし、「認証方法」で全文字種を含む長いパスワードを要求し、Plus プランでは\
         「脅威保護」をフル機能にします。ID プールではゲストアクセスと基本(クラシック)フローを\
         無効にし、認証済みロールを設定して、その信頼ポリシーで cognito-identity.amazonaws.com:aud \
         と :amr を条件にします。",
    ),
    remedy: Remedy::new(
        include_str!("cognito_authentication/remedy.sh"),
        include_str!("cognito_authentication/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html",
    criteria: Criteria {
        explicit: &["統20 3-(3)", "実1", "実8", "実8 7", "実9"],
        implied: &["統24 6"],
    },
    resources: &[
        ResourceType::COGNITO_USER_POOL,
        ResourceType::COGNITO_USER_POOL_CLIENT,
        ResourceType::COGNITO_IDENTITY_POOL,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(LIST_USER_POOLS),
        Action::on(DESCRIBE_USER_POOL, USER_POOLS),
        Action::on(GET_USER_POOL_MFA_CONFIG, USER_POOLS),
        Action::any(LIST_IDENTITY_POOLS),
        Action::on(DESCRIBE_IDENTITY_POOL, IDENTITY_POOLS),
        Action::on(GET_IDENTITY_POOL_ROLES, IDENTITY_POOLS),
        Action::on(GET_ROLE, ROLES),
    ],
    parameters: &[
        ALLOW_OPTIONAL_MFA.spec,
        MIN_PASSWORD_LENGTH.spec,
        REQUIRE_ALL_CHARACTER_CLASSES.spec,
        MAX_TEMPORARY_PASSWORD_DAYS.spec,
        REQUIRE_PLUS_TIER.spec,
        ALLOW_CLASSIC_FLOW.spec,
        HIDE_USER_EXISTENCE.spec,
    ],
    requirements: &[
        &MFA_NOT_REQUIRED,
        &PASSWORD_POLICY_WEAK,
        &THREAT_PROTECTION_OFF,
        &USER_EXISTENCE_REVEALED,
        &UNAUTHENTICATED_ALLOWED,
        &CLASSIC_FLOW_ALLOWED,
        &AUTHENTICATED_ROLE_MISSING,
        &ROLE_TRUST_NOT_PINNED,
    ],
    remarks: &[
        &PASSWORDLESS_SIGN_IN,
        &NO_IDENTITY_PROVIDER,
        &GROUP_ROLES_NOT_READ,
        &CLIENT_NOT_JUDGED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: SWEPT },
};

/// App clients are judged by their items alone.
const SWEPT: &[ResourceType] =
    &[ResourceType::COGNITO_USER_POOL, ResourceType::COGNITO_IDENTITY_POOL];

const GET_ROLE: &str = "iam:GetRole";
const ROLES: &str = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*";
const USER_POOLS: &str =
    "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/*";
const IDENTITY_POOLS: &str =
    "arn:${AWS::Partition}:cognito-identity:${AWS::Region}:${AWS::AccountId}:identitypool/*";

const ALLOW_OPTIONAL_MFA: Param<bool> = Param::flag(
    "allowOptionalMfa",
    false,
    Text::new(
        "Accept MFA that each user may turn on, when a factor is configured",
        "要素が設定されていれば、利用者が任意で有効にする MFA を認める",
    ),
);

const MIN_PASSWORD_LENGTH: Param<i64> = Param::integer(
    "minPasswordLength",
    8,
    6,
    99,
    Text::new(
        "Smallest accepted password length (12 or more is advised)",
        "認めるパスワード長の下限(12 以上を推奨)",
    ),
);

const REQUIRE_ALL_CHARACTER_CLASSES: Param<bool> = Param::flag(
    "requireAllCharacterClasses",
    true,
    Text::new(
        "Passwords need upper case, lower case, digits and symbols",
        "パスワードに英大文字、英小文字、数字、記号を必須とする",
    ),
);

const MAX_TEMPORARY_PASSWORD_DAYS: Param<i64> = Param::integer(
    "maxTemporaryPasswordDays",
    7,
    1,
    365,
    Text::new(
        "Longest accepted validity of temporary passwords in days",
        "認める仮パスワードの有効期間の上限(日)",
    ),
);

const REQUIRE_PLUS_TIER: Param<bool> = Param::flag(
    "requirePlusTier",
    false,
    Text::new(
        "Pools of lower tiers, which have no threat protection, fail too",
        "脅威保護のない下位ティアのプールも不適合とする",
    ),
);

const ALLOW_CLASSIC_FLOW: Param<bool> = Param::flag(
    "allowClassicFlow",
    false,
    Text::new(
        "Accept the basic (classic) flow of identity pools",
        "ID プールの基本(クラシック)フローを認める",
    ),
);

const HIDE_USER_EXISTENCE: Param<bool> = Param::flag(
    "hideUserExistence",
    false,
    Text::new(
        "App clients must not reveal whether a user exists",
        "アプリクライアントが利用者の存在を明かさないことを求める",
    ),
);

const MFA_NOT_REQUIRED: Requirement = Requirement {
    code: "MFA_NOT_REQUIRED",
    wave: 1,
    resources: &[ResourceType::COGNITO_USER_POOL],
    title: Text::new("The user pool does not require MFA", "MFA が必須になっていません"),
    rule: Text::new(
        "Fails when MFA is OFF, or OPTIONAL without allowOptionalMfa, or no factor is configured: \
         software token, SMS, email, or passkey with user verification (GetUserPoolMfaConfig).",
        "MFA が OFF のとき、allowOptionalMfa の指定なしに OPTIONAL のとき、または要素(ソフトウェア\
         トークン、SMS、E メール、ユーザー検証付きパスキー)が設定されていないとき不適合です\
         (GetUserPoolMfaConfig)。",
    ),
};

const PASSWORD_POLICY_WEAK: Requirement = Requirement {
    code: "PASSWORD_POLICY_WEAK",
    wave: 1,
    resources: &[ResourceType::COGNITO_USER_POOL],
    title: Text::new("The password policy is weak", "パスワードポリシーが弱い設定です"),
    rule: Text::new(
        "Fails when passwords may be shorter than minPasswordLength, a character class is not \
         required, or temporary passwords are valid longer than maxTemporaryPasswordDays \
         (DescribeUserPool).",
        "パスワードの最小長が minPasswordLength 未満、必須でない文字種がある、または仮パスワードの\
         有効期間が maxTemporaryPasswordDays を超えるとき不適合です(DescribeUserPool)。",
    ),
};

const THREAT_PROTECTION_OFF: Requirement = Requirement {
    code: "THREAT_PROTECTION_OFF",
    wave: 2,
    resources: &[ResourceType::COGNITO_USER_POOL],
    title: Text::new("Threat protection is not enforced", "脅威保護が強制されていません"),
    rule: Text::new(
        "Fails when threat protection of a Plus tier pool (with requirePlusTier: of any pool) is \
         off or only audits (DescribeUserPool).",
        "Plus ティアのプール(requirePlusTier を指定した場合はすべてのプール)の脅威保護がオフまたは\
         監査のみのとき不適合です(DescribeUserPool)。",
    ),
};

const USER_EXISTENCE_REVEALED: Requirement = Requirement {
    code: "USER_EXISTENCE_REVEALED",
    wave: 3,
    resources: &[ResourceType::COGNITO_USER_POOL_CLIENT],
    title: Text::new(
        "The app client reveals whether a user exists",
        "アプリクライアントが利用者の存在を明かします",
    ),
    rule: Text::new(
        "With hideUserExistence: fails when PreventUserExistenceErrors is not ENABLED; LEGACY is \
         the default (the configuration item).",
        "hideUserExistence を指定した場合: PreventUserExistenceErrors が ENABLED でないとき不適合です。\
         未設定は LEGACY とみなします(設定項目)。",
    ),
};

const UNAUTHENTICATED_ALLOWED: Requirement = Requirement {
    code: "UNAUTHENTICATED_ALLOWED",
    wave: 2,
    resources: &[ResourceType::COGNITO_IDENTITY_POOL],
    title: Text::new("Guests get identities", "未認証のゲストに ID が発行されます"),
    rule: Text::new(
        "Fails when the identity pool allows unauthenticated identities (DescribeIdentityPool).",
        "ID プールが未認証の ID を許可しているとき不適合です(DescribeIdentityPool)。",
    ),
};

const CLASSIC_FLOW_ALLOWED: Requirement = Requirement {
    code: "CLASSIC_FLOW_ALLOWED",
    wave: 3,
    resources: &[ResourceType::COGNITO_IDENTITY_POOL],
    title: Text::new(
        "The basic (classic) flow is allowed",
        "基本(クラシック)フローが許可されています",
    ),
    rule: Text::new(
        "Without allowClassicFlow: fails when the basic (classic) flow is on, in which the \
         application chooses the role (DescribeIdentityPool).",
        "allowClassicFlow を指定しない場合: アプリケーションがロールを選べる基本(クラシック)フローが\
         有効なとき不適合です(DescribeIdentityPool)。",
    ),
};

const AUTHENTICATED_ROLE_MISSING: Requirement = Requirement {
    code: "AUTHENTICATED_ROLE_MISSING",
    wave: 1,
    resources: &[ResourceType::COGNITO_IDENTITY_POOL],
    title: Text::new(
        "No role is set for authenticated identities",
        "認証済み ID のロールが設定されていません",
    ),
    rule: Text::new(
        "Fails when the pool has identity providers, but neither an authenticated role nor a role \
         mapping, or the roles that it names do not exist (GetIdentityPoolRoles, GetRole).",
        "ID プロバイダーがあるのに、認証済みロールもロールマッピングもないとき、または指定された\
         ロールが存在しないとき不適合です(GetIdentityPoolRoles、GetRole)。",
    ),
};

const ROLE_TRUST_NOT_PINNED: Requirement = Requirement {
    code: "ROLE_TRUST_NOT_PINNED",
    wave: 1,
    resources: &[ResourceType::COGNITO_IDENTITY_POOL],
    title: Text::new(
        "A role of the identity pool trusts other identities too",
        "ID プールのロールが他の ID も信頼しています",
    ),
    rule: Text::new(
        "Fails when the trust policy of a role of the pool admits a token whose aud is missing or \
         names another pool, or whose amr is missing or of the other kind: guests for \
         authenticated and mapped roles, signed-in users for the guest role (GetRole).",
        "プールのロールの信頼ポリシーが、aud がないか別のプールを示すトークン、または amr がないか別の\
         種類のトークン(認証済みロールとマッピングのロールではゲスト、ゲスト用ロールでは認証済み利用者)を\
         受け入れるとき不適合です(GetRole)。",
    ),
};

const PASSWORDLESS_SIGN_IN: Remark = Remark::new(
    "PASSWORDLESS_SIGN_IN",
    "The user pool offers no sign-in by password: MFA and the password policy are not judged",
    "パスワードによるサインインがないため、MFA とパスワードポリシーは評価しません",
);
const NO_IDENTITY_PROVIDER: Remark = Remark::new(
    "NO_IDENTITY_PROVIDER",
    "The identity pool has no identity provider and needs no authenticated role",
    "ID プロバイダーがないため、認証済みロールは不要です",
);
const GROUP_ROLES_NOT_READ: Remark = Remark::new(
    "GROUP_ROLES_NOT_READ",
    "Users of the identity pool also get the roles of their user pool groups, which are not read",
    "利用者にはユーザープールのグループのロールも割り当てられますが、それらは評価していません",
);
const CLIENT_NOT_JUDGED: Remark = Remark::new(
    "CLIENT_NOT_JUDGED",
    "App clients are judged only with hideUserExistence",
    "アプリクライアントは hideUserExistence を指定した場合のみ評価します",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type == ResourceType::COGNITO_USER_POOL_CLIENT.name {
        return client(item, run).map(Some);
    }
    // The item of an identity pool shows some failures, but never that there is none.
    if run.offline && item.resource_type == ResourceType::COGNITO_IDENTITY_POOL.name {
        let verdict = identity_pool::recorded(item, run)?.into_verdict();
        return Ok(matches!(verdict, Verdict::NonCompliant(_)).then_some(verdict));
    }
    Ok(None)
}

fn client(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    if !run.parameters.get(&HIDE_USER_EXISTENCE) {
        return Ok(Verdict::not_applicable(&CLIENT_NOT_JUDGED));
    }
    let mut failures = Failures::new();
    if item.configuration()?.text("PreventUserExistenceErrors")? != Some("ENABLED") {
        failures.add(&USER_EXISTENCE_REVEALED);
    }
    Ok(failures.into_verdict())
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Cognito {
        user_pools: UserPoolClient::new(sdk),
        identity_pools: IdentityClient::new(sdk),
        iam: IamClient::new(sdk),
        trusts: PerRun::default(),
    })
}

struct Cognito {
    user_pools: UserPoolClient,
    identity_pools: IdentityClient,
    iam: IamClient,
    /// The trust policies of roles, by name: pools share roles. `None` where there is no such role.
    trusts: PerRun<String, Option<PolicyDocument>>,
}

/// The error code of both services for a pool that does not exist.
const NOT_FOUND: &str = "ResourceNotFoundException";

#[async_trait]
impl ServiceCheck for Cognito {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let id = &item.resource_id;
        if item.resource_type == ResourceType::COGNITO_USER_POOL.name {
            return Ok(self.user_pool(id).await?.decide(run));
        }
        Ok(self.identity_pool(id, run).await?.decide(id, run))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let pools = self.list_user_pools().await?.into_iter();
        let pools = pools.map(|id| (ResourceType::COGNITO_USER_POOL, id));
        let identities = self.list_identity_pools().await?.into_iter();
        let identities = identities.map(|id| (ResourceType::COGNITO_IDENTITY_POOL, id));
        let evaluated: Vec<Option<Evaluated>> = stream::iter(pools.chain(identities))
            .map(|(kind, id)| self.one(kind, id, run))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(evaluated.into_iter().flatten().collect())
    }
}

impl Cognito {
    /// One pool of a sweep; `None` when it was deleted since it was listed.
    async fn one(
        &self,
        kind: ResourceType,
        id: String,
        run: &Run<'_>,
    ) -> Result<Option<Evaluated>, Error> {
        let (judged, pattern) = if kind == ResourceType::COGNITO_USER_POOL {
            let judged = self.user_pool(&id).await.map(|pool| pool.decide(run));
            (judged, "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}")
        } else {
            let judged = self.identity_pool(&id, run).await.map(|pool| pool.decide(&id, run));
            (judged, "arn:{partition}:cognito-identity:{region}:{account}:identitypool/{id}")
        };
        match judged {
            Ok(verdict) => Ok(Some(Evaluated {
                resource: Resource {
                    arn: fisc_shared::resource::arn(pattern, &id, run.account_id, run.region),
                    ..Resource::of(kind, &id, run.account_id, run.region)
                },
                verdict,
                at: run.now,
            })),
            Err(Error::Service(error)) if error.is(NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
