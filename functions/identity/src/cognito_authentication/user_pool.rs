//! User pools: MFA, password policy, threat protection.

use aws_sdk_cognitoidentityprovider::operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput;
use aws_sdk_cognitoidentityprovider::types::{PasswordPolicyType, UserPoolType};
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Verdict, message};

use super::{
    ALLOW_OPTIONAL_MFA, Cognito, MAX_TEMPORARY_PASSWORD_DAYS, MFA_NOT_REQUIRED,
    MIN_PASSWORD_LENGTH, PASSWORD_POLICY_WEAK, PASSWORDLESS_SIGN_IN, REQUIRE_ALL_CHARACTER_CLASSES,
    REQUIRE_PLUS_TIER, THREAT_PROTECTION_OFF,
};

pub(super) const LIST_USER_POOLS: &str = "cognito-idp:ListUserPools";
pub(super) const DESCRIBE_USER_POOL: &str = "cognito-idp:DescribeUserPool";
pub(super) const GET_USER_POOL_MFA_CONFIG: &str = "cognito-idp:GetUserPoolMfaConfig";

/// The most that one page may hold.
const PAGE: i32 = 60;
/// The validity of temporary passwords where none is set.
const TEMPORARY_DAYS: i32 = 7;
/// The tier of a pool where none is set.
const DEFAULT_TIER: &str = "ESSENTIALS";

/// What decides about a user pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UserPool {
    /// OFF, OPTIONAL or ON.
    pub(super) mfa: String,
    /// Some second factor is configured.
    pub(super) factor: bool,
    pub(super) passwords: Passwords,
    /// Users can sign in, but none with a password.
    pub(super) passwordless: bool,
    /// LITE, ESSENTIALS or PLUS.
    pub(super) tier: String,
    /// OFF, AUDIT or ENFORCED.
    pub(super) threat_protection: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passwords {
    pub(super) length: i32,
    /// Upper case, lower case, digits, symbols.
    pub(super) classes: [bool; 4],
    pub(super) temporary_days: i32,
}

impl Passwords {
    fn read(policy: &PasswordPolicyType, legacy_days: i32) -> Result<Self, Error> {
        let length = policy.minimum_length.ok_or_else(|| missing("MinimumLength"))?;
        // Zero is "not set"; old pools have the limit elsewhere.
        let days = [policy.temporary_password_validity_days, legacy_days];
        Ok(Self {
            length,
            classes: [
                policy.require_uppercase,
                policy.require_lowercase,
                policy.require_numbers,
                policy.require_symbols,
            ],
            temporary_days: days.into_iter().find(|days| *days > 0).unwrap_or(TEMPORARY_DAYS),
        })
    }

    /// What misses the parameters.
    fn weakness(&self, run: &Run<'_>) -> Option<Message> {
        let Self { length, temporary_days, .. } = *self;
        let (mut en, mut ja) = (Vec::new(), Vec::new());
        let least = run.parameters.get(&MIN_PASSWORD_LENGTH);
        if i64::from(length) < least {
            en.push(format!("length {length} (at least {least})"));
            ja.push(format!("最小長 {length}(下限 {least})"));
        }
        if run.parameters.get(&REQUIRE_ALL_CHARACTER_CLASSES) {
            let names = [
                ("upper case", "英大文字"),
                ("lower case", "英小文字"),
                ("digits", "数字"),
                ("symbols", "記号"),
            ];
            for ((name, name_ja), required) in names.into_iter().zip(self.classes) {
                if !required {
                    en.push(format!("{name} not required"));
                    ja.push(format!("{name_ja}が必須でない"));
                }
            }
        }
        let most = run.parameters.get(&MAX_TEMPORARY_PASSWORD_DAYS);
        if i64::from(temporary_days) > most {
            en.push(format!("temporary passwords valid {temporary_days} days (at most {most})"));
            ja.push(format!("仮パスワードの有効期間 {temporary_days} 日(上限 {most} 日)"));
        }
        if en.is_empty() {
            return None;
        }
        let (en, ja) = (en.join(", "), ja.join("、"));
        Some(message!("Weak password policy: {en}", "パスワードポリシーが弱い設定です: {ja}"))
    }
}

fn missing(field: &str) -> Error {
    Error::Answer {
        action: DESCRIBE_USER_POOL,
        field: format!("UserPool.Policies.PasswordPolicy.{field}"),
    }
}

impl UserPool {
    pub(super) fn read(
        pool: &UserPoolType,
        mfa: &GetUserPoolMfaConfigOutput,
    ) -> Result<Self, Error> {
        let state = mfa.mfa_configuration().ok_or_else(|| Error::Answer {
            action: GET_USER_POOL_MFA_CONFIG,
            field: "MfaConfiguration".to_owned(),
        })?;
        let policies = pool.policies();
        let passwords = policies
            .and_then(|policies| policies.password_policy())
            .ok_or_else(|| missing("MinimumLength"))?;
        let legacy_days =
            pool.admin_create_user_config().map_or(0, |config| config.unused_account_validity_days);
        let first_factors = policies
            .and_then(|policies| policies.sign_in_policy())
            .map(|policy| policy.allowed_first_auth_factors())
            .unwrap_or_default();
        let protection = pool.user_pool_add_ons();
        Ok(Self {
            mfa: state.as_str().to_owned(),
            factor: has_factor(mfa),
            passwords: Passwords::read(passwords, legacy_days)?,
            passwordless: !first_factors.is_empty()
                && !first_factors.iter().any(|factor| factor.as_str() == "PASSWORD"),
            tier: pool.user_pool_tier().map_or(DEFAULT_TIER, |tier| tier.as_str()).to_owned(),
            threat_protection: protection
                .map_or("OFF", |add_ons| add_ons.advanced_security_mode().as_str())
                .to_owned(),
        })
    }

    pub(super) fn decide(&self, run: &Run<'_>) -> Verdict {
        let mut failures = Failures::new();
        if !self.passwordless {
            self.mfa(run.parameters.get(&ALLOW_OPTIONAL_MFA), &mut failures);
            if let Some(weakness) = self.passwords.weakness(run) {
                failures.because(&PASSWORD_POLICY_WEAK, weakness);
            }
        }
        let Self { tier, threat_protection, .. } = self;
        let protectable = tier == "PLUS" || run.parameters.get(&REQUIRE_PLUS_TIER);
        if protectable && threat_protection != "ENFORCED" {
            failures.because(
                &THREAT_PROTECTION_OFF,
                message!(
                    "Threat protection is {threat_protection} (tier {tier}), not ENFORCED",
                    "脅威保護が {threat_protection} です({tier} ティア、ENFORCED ではない)"
                ),
            );
        }
        match (self.passwordless, protectable) {
            (false, _) => failures.into_verdict(),
            (true, true) => failures.into_verdict_with(vec![PASSWORDLESS_SIGN_IN.reason()]),
            (true, false) => Verdict::not_applicable(&PASSWORDLESS_SIGN_IN),
        }
    }

    fn mfa(&self, optional_allowed: bool, failures: &mut Failures) {
        match self.mfa.as_str() {
            "ON" if self.factor => {}
            "OPTIONAL" if self.factor && optional_allowed => {}
            "OPTIONAL" if !optional_allowed => failures.because(
                &MFA_NOT_REQUIRED,
                message!(
                    "MFA is OPTIONAL: users may sign in with a password alone",
                    "MFA が OPTIONAL で、パスワードだけでサインインできます"
                ),
            ),
            "ON" | "OPTIONAL" => failures.because(
                &MFA_NOT_REQUIRED,
                message!("No MFA factor is configured", "MFA の要素が設定されていません"),
            ),
            _ => failures.because(&MFA_NOT_REQUIRED, message!("MFA is off", "MFA がオフです")),
        }
    }
}

/// Whether some second factor is configured. A passkey counts only where it is set to stand for
/// two factors.
fn has_factor(mfa: &GetUserPoolMfaConfigOutput) -> bool {
    let passkey = mfa.web_authn_configuration().and_then(|one| one.factor_configuration());
    mfa.software_token_mfa_configuration().is_some_and(|token| token.enabled)
        || mfa.sms_mfa_configuration().is_some_and(|sms| sms.sms_configuration().is_some())
        || mfa.email_mfa_configuration().is_some()
        || passkey.is_some_and(|one| one.as_str() == "MULTI_FACTOR_WITH_USER_VERIFICATION")
}

impl Cognito {
    pub(super) async fn list_user_pools(&self) -> Result<Vec<String>, Error> {
        let mut pages =
            self.user_pools.list_user_pools().max_results(PAGE).into_paginator().items().send();
        let mut ids = Vec::new();
        while let Some(pool) = pages.next().await {
            ids.push(pool.call(LIST_USER_POOLS)?.id.ok_or_else(|| Error::Answer {
                action: LIST_USER_POOLS,
                field: "UserPools[].Id".to_owned(),
            })?);
        }
        Ok(ids)
    }

    pub(super) async fn user_pool(&self, id: &str) -> Result<UserPool, Error> {
        let pool = self.user_pools.describe_user_pool().user_pool_id(id).send();
        let pool = pool.await.call(DESCRIBE_USER_POOL)?.user_pool;
        let pool = pool.ok_or_else(|| Error::Answer {
            action: DESCRIBE_USER_POOL,
            field: "UserPool".to_owned(),
        })?;
        let mfa = self.user_pools.get_user_pool_mfa_config().user_pool_id(id).send();
        let mfa: Result<_, ServiceError> = mfa.await.call(GET_USER_POOL_MFA_CONFIG);
        UserPool::read(&pool, &mfa?)
    }
}
