use aws_sdk_cognitoidentityprovider::operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput;
use aws_sdk_cognitoidentityprovider::operation::get_user_pool_mfa_config::builders::GetUserPoolMfaConfigOutputBuilder;
use aws_sdk_cognitoidentityprovider::types::builders::{
    PasswordPolicyTypeBuilder, UserPoolTypeBuilder,
};
use aws_sdk_cognitoidentityprovider::types::{
    AdminCreateUserConfigType, AdvancedSecurityModeType, AuthFactorType, EmailMfaConfigType,
    PasswordPolicyType, SignInPolicyType, SmsConfigurationType, SmsMfaConfigType,
    SoftwareTokenMfaConfigType, UserPoolAddOnsType, UserPoolMfaType, UserPoolPolicyType,
    UserPoolTierType, UserPoolType, WebAuthnConfigurationType, WebAuthnFactorConfigurationType,
};
use fisc_shared::{Error, Language, Verdict};
use serde_json::{Value, json};

use super::super::user_pool::UserPool;
use super::{codes, with_run};

fn strong() -> PasswordPolicyTypeBuilder {
    PasswordPolicyType::builder()
        .minimum_length(12)
        .require_uppercase(true)
        .require_lowercase(true)
        .require_numbers(true)
        .require_symbols(true)
        .temporary_password_validity_days(7)
}

fn pool(passwords: PasswordPolicyTypeBuilder, factors: &[&str]) -> UserPoolTypeBuilder {
    let sign_in = (!factors.is_empty()).then(|| {
        let factors = factors.iter().map(|name| AuthFactorType::from(*name)).collect();
        SignInPolicyType::builder().set_allowed_first_auth_factors(Some(factors)).build()
    });
    let policies = UserPoolPolicyType::builder()
        .password_policy(passwords.build())
        .set_sign_in_policy(sign_in)
        .build();
    UserPoolType::builder().policies(policies).user_pool_tier(UserPoolTierType::Essentials)
}

fn mfa(state: &str) -> GetUserPoolMfaConfigOutputBuilder {
    GetUserPoolMfaConfigOutput::builder().mfa_configuration(UserPoolMfaType::from(state))
}

fn token(enabled: bool) -> SoftwareTokenMfaConfigType {
    SoftwareTokenMfaConfigType::builder().enabled(enabled).build()
}

fn with_token(state: &str) -> GetUserPoolMfaConfigOutputBuilder {
    mfa(state).software_token_mfa_configuration(token(true))
}

fn verdict(
    pool: UserPoolTypeBuilder,
    mfa: GetUserPoolMfaConfigOutputBuilder,
    parameters: Value,
) -> Verdict {
    let pool = UserPool::read(&pool.build(), &mfa.build()).unwrap();
    with_run(parameters, false, |run| pool.decide(run))
}

fn judged(
    pool: UserPoolTypeBuilder,
    mfa: GetUserPoolMfaConfigOutputBuilder,
    parameters: Value,
) -> (&'static str, Vec<&'static str>) {
    codes(&verdict(pool, mfa, parameters))
}

const PASS: (&str, Vec<&str>) = ("COMPLIANT", vec![]);

#[test]
fn mfa_must_be_required_and_possible() {
    let fails = ("NON_COMPLIANT", vec!["MFA_NOT_REQUIRED"]);
    let good = || pool(strong(), &[]);
    let optional = || json!({"allowOptionalMfa": true});
    assert_eq!(judged(good(), with_token("ON"), json!({})), PASS);
    assert_eq!(judged(good(), with_token("OFF"), json!({})), fails);
    assert_eq!(judged(good(), with_token("OFF"), optional()), fails);
    assert_eq!(judged(good(), with_token("OPTIONAL"), json!({})), fails);
    assert_eq!(judged(good(), with_token("OPTIONAL"), optional()), PASS);
    // No factor is configured.
    assert_eq!(judged(good(), mfa("ON"), json!({})), fails);
    assert_eq!(judged(good(), mfa("OPTIONAL"), optional()), fails);

    let passkey = |kind: &str| {
        let kind = WebAuthnFactorConfigurationType::from(kind);
        WebAuthnConfigurationType::builder().factor_configuration(kind).build()
    };
    let sender = SmsConfigurationType::builder().sns_caller_arn("arn:aws:iam::1:role/sms").build();
    let sms = SmsMfaConfigType::builder().sms_configuration(sender).build();
    for (mfa, counts) in [
        (mfa("ON").software_token_mfa_configuration(token(false)), false),
        (mfa("ON").sms_mfa_configuration(sms), true),
        (mfa("ON").sms_mfa_configuration(SmsMfaConfigType::builder().build()), false),
        (mfa("ON").email_mfa_configuration(EmailMfaConfigType::builder().build()), true),
        (mfa("ON").web_authn_configuration(passkey("MULTI_FACTOR_WITH_USER_VERIFICATION")), true),
        (mfa("ON").web_authn_configuration(passkey("SINGLE_FACTOR")), false),
    ] {
        let expected = if counts { PASS } else { fails.clone() };
        assert_eq!(judged(good(), mfa.clone(), json!({})), expected, "{mfa:?}");
    }
}

#[test]
fn weak_password_policies_fail() {
    let fails = ("NON_COMPLIANT", vec!["PASSWORD_POLICY_WEAK"]);
    for (passwords, parameters, passes) in [
        (strong().minimum_length(8), json!({}), true),
        (strong().minimum_length(7), json!({}), false),
        (strong().minimum_length(11), json!({"minPasswordLength": 12}), false),
        (strong().require_uppercase(false), json!({}), false),
        (strong().require_lowercase(false), json!({}), false),
        (strong().require_numbers(false), json!({}), false),
        (strong().require_symbols(false), json!({}), false),
        (strong().require_symbols(false), json!({"requireAllCharacterClasses": false}), true),
        (strong().temporary_password_validity_days(8), json!({}), false),
        (
            strong().temporary_password_validity_days(8),
            json!({"maxTemporaryPasswordDays": 10}),
            true,
        ),
        // Not set means seven days.
        (strong().temporary_password_validity_days(0), json!({}), true),
        (
            strong().temporary_password_validity_days(0),
            json!({"maxTemporaryPasswordDays": 3}),
            false,
        ),
    ] {
        let expected = if passes { PASS } else { fails.clone() };
        let judged = judged(pool(passwords.clone(), &[]), with_token("ON"), parameters.clone());
        assert_eq!(judged, expected, "{passwords:?} {parameters}");
    }
    // Old pools have the limit elsewhere.
    let legacy = AdminCreateUserConfigType::builder().unused_account_validity_days(90).build();
    let old = |passwords| pool(passwords, &[]).admin_create_user_config(legacy.clone());
    let unset = strong().temporary_password_validity_days(0);
    assert_eq!(judged(old(unset), with_token("ON"), json!({})), fails);
    assert_eq!(judged(old(strong()), with_token("ON"), json!({})), PASS);

    let weak = PasswordPolicyType::builder()
        .minimum_length(6)
        .require_numbers(true)
        .require_lowercase(true)
        .temporary_password_validity_days(30);
    let verdict = verdict(pool(weak, &[]), with_token("ON"), json!({}));
    assert_eq!(
        verdict.reasons()[0].message.get(Language::En),
        "Weak password policy: length 6 (at least 8), upper case not required, \
         symbols not required, temporary passwords valid 30 days (at most 7)"
    );
}

#[test]
fn threat_protection_of_the_plus_tier_must_act() {
    let fails = ("NON_COMPLIANT", vec!["THREAT_PROTECTION_OFF"]);
    let with = |tier: Option<&str>, mode: Option<&str>| {
        let add_ons = mode.map(|mode| {
            let mode = AdvancedSecurityModeType::from(mode);
            UserPoolAddOnsType::builder().advanced_security_mode(mode).build().unwrap()
        });
        pool(strong(), &[])
            .set_user_pool_tier(tier.map(UserPoolTierType::from))
            .set_user_pool_add_ons(add_ons)
    };
    let plus = || json!({"requirePlusTier": true});
    for (tier, mode, passes, passes_with_plus) in [
        (Some("PLUS"), Some("ENFORCED"), true, true),
        (Some("PLUS"), Some("AUDIT"), false, false),
        (Some("PLUS"), Some("OFF"), false, false),
        (Some("PLUS"), None, false, false),
        (Some("ESSENTIALS"), None, true, false),
        (Some("LITE"), Some("OFF"), true, false),
        (None, None, true, false),
    ] {
        for (passes, parameters) in [(passes, json!({})), (passes_with_plus, plus())] {
            let expected = if passes { PASS } else { fails.clone() };
            let judged = judged(with(tier, mode), with_token("ON"), parameters);
            assert_eq!(judged, expected, "{tier:?} {mode:?}");
        }
    }
}

#[test]
fn a_pool_without_passwords_is_not_judged_by_them() {
    let weak = || PasswordPolicyType::builder().minimum_length(6);
    let remark = vec!["PASSWORDLESS_SIGN_IN"];
    let passkeys = || pool(weak(), &["WEB_AUTHN", "EMAIL_OTP"]);
    assert_eq!(judged(passkeys(), mfa("OFF"), json!({})), ("NOT_APPLICABLE", remark.clone()));
    // Beside a password, other ways do not help.
    let both = pool(weak(), &["WEB_AUTHN", "PASSWORD"]);
    assert_eq!(
        judged(both, mfa("OFF"), json!({})),
        ("NON_COMPLIANT", vec!["MFA_NOT_REQUIRED", "PASSWORD_POLICY_WEAK"])
    );
    // Threat protection is judged all the same.
    let plus = || passkeys().user_pool_tier(UserPoolTierType::Plus);
    assert_eq!(
        judged(plus(), mfa("OFF"), json!({})),
        ("NON_COMPLIANT", vec!["THREAT_PROTECTION_OFF"])
    );
    let enforced = UserPoolAddOnsType::builder()
        .advanced_security_mode(AdvancedSecurityModeType::Enforced)
        .build()
        .unwrap();
    assert_eq!(
        judged(plus().user_pool_add_ons(enforced), mfa("OFF"), json!({})),
        ("COMPLIANT", remark)
    );
}

#[test]
fn what_the_answers_must_carry_is_not_guessed() {
    let error = |pool: UserPoolTypeBuilder, mfa: GetUserPoolMfaConfigOutputBuilder| {
        let error: Error = UserPool::read(&pool.build(), &mfa.build()).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        error(pool(strong(), &[]), GetUserPoolMfaConfigOutput::builder()),
        "the answer of cognito-idp:GetUserPoolMfaConfig lacks MfaConfiguration"
    );
    let lacks = "the answer of cognito-idp:DescribeUserPool lacks UserPool.Policies.PasswordPolicy.MinimumLength";
    assert_eq!(error(UserPoolType::builder(), mfa("ON")), lacks);
    assert_eq!(error(pool(PasswordPolicyType::builder(), &[]), mfa("ON")), lacks);
}
