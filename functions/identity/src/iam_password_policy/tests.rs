use super::*;

use aws_sdk_iam::types::builders::PasswordPolicyBuilder;
use serde_json::{Value, json};

use super::initial::Profile;
use crate::credential_report::Row;
use crate::testing;

fn with<T>(given: &Value, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = testing::parameters(&CONTROL, given);
    judge(&testing::run(&parameters))
}

/// A policy that is just strong enough.
fn strong() -> PasswordPolicyBuilder {
    PasswordPolicy::builder()
        .minimum_password_length(14)
        .require_uppercase_characters(true)
        .require_lowercase_characters(true)
        .require_numbers(true)
        .require_symbols(true)
        .expire_passwords(true)
        .max_password_age(90)
        .password_reuse_prevention(24)
        .allow_users_to_change_password(true)
}

fn account(policy: PasswordPolicyBuilder, given: &Value) -> String {
    let policy = policy.build();
    let verdict = with(given, |run| policy::decide(Some(&policy), run)).unwrap();
    testing::summary(&CONTROL, &verdict)
}

#[test]
fn each_weakness_of_the_policy_is_a_failure() {
    let open = json!({});
    assert_eq!(account(strong(), &open), "COMPLIANT");
    for (policy, code) in [
        (strong().minimum_password_length(13), "PASSWORD_TOO_SHORT"),
        (strong().require_uppercase_characters(false), "CHARACTER_CLASS_NOT_REQUIRED"),
        (strong().require_lowercase_characters(false), "CHARACTER_CLASS_NOT_REQUIRED"),
        (strong().require_numbers(false), "CHARACTER_CLASS_NOT_REQUIRED"),
        (strong().require_symbols(false), "CHARACTER_CLASS_NOT_REQUIRED"),
        (strong().max_password_age(91), "PASSWORD_EXPIRY_WEAK"),
        (strong().max_password_age(0), "PASSWORD_EXPIRY_WEAK"),
        (strong().set_max_password_age(None), "PASSWORD_EXPIRY_WEAK"),
        (strong().expire_passwords(false), "PASSWORD_EXPIRY_WEAK"),
        (strong().password_reuse_prevention(23), "PASSWORD_REUSE_ALLOWED"),
        (strong().set_password_reuse_prevention(None), "PASSWORD_REUSE_ALLOWED"),
        (strong().allow_users_to_change_password(false), "SELF_CHANGE_DISALLOWED"),
    ] {
        let shown = format!("{policy:?}");
        assert_eq!(account(policy, &open), format!("NON_COMPLIANT {code}"), "{shown}");
    }
    let none = with(&open, |run| policy::decide(None, run)).unwrap();
    assert_eq!(testing::summary(&CONTROL, &none), "NON_COMPLIANT PASSWORD_POLICY_MISSING");
    let weakest = PasswordPolicy::builder().minimum_password_length(6);
    assert_eq!(
        account(weakest, &open),
        "NON_COMPLIANT PASSWORD_TOO_SHORT CHARACTER_CLASS_NOT_REQUIRED PASSWORD_EXPIRY_WEAK \
         PASSWORD_REUSE_ALLOWED SELF_CHANGE_DISALLOWED"
    );
}

#[test]
fn the_parameters_set_what_is_strong() {
    for (policy, given, expected) in [
        (strong().minimum_password_length(8), json!({"minPasswordLength": 8}), "COMPLIANT"),
        (strong(), json!({"minPasswordLength": 15}), "NON_COMPLIANT PASSWORD_TOO_SHORT"),
        (
            strong().require_uppercase_characters(false),
            json!({"requireUppercase": false}),
            "COMPLIANT",
        ),
        (
            strong().require_lowercase_characters(false),
            json!({"requireLowercase": false}),
            "COMPLIANT",
        ),
        (strong().require_numbers(false), json!({"requireNumbers": false}), "COMPLIANT"),
        (strong().require_symbols(false), json!({"requireSymbols": false}), "COMPLIANT"),
        (strong().max_password_age(365), json!({"maxPasswordAgeDays": 365}), "COMPLIANT"),
        (
            strong().expire_passwords(false).set_max_password_age(None),
            json!({"maxPasswordAgeDays": 0}),
            "COMPLIANT",
        ),
        (strong().max_password_age(1095), json!({"maxPasswordAgeDays": 0}), "COMPLIANT"),
        (strong().password_reuse_prevention(5), json!({"minReusePrevention": 5}), "COMPLIANT"),
    ] {
        assert_eq!(account(policy, &given), expected, "{given}");
    }
    let below = json!({"minPasswordLength": 7});
    let parsed =
        fisc_shared::parameter::Parameters::from_value(CONTROL.id, CONTROL.parameters, &below);
    assert!(parsed.unwrap_err().to_string().contains("from 8 to 128"));
}

#[test]
fn the_missing_classes_are_named() {
    let policy = strong().require_numbers(false).require_symbols(false).build();
    let verdict =
        with(&json!({"requireSymbols": "true"}), |run| policy::decide(Some(&policy), run));
    let verdict = verdict.unwrap();
    let [reason] = verdict.reasons() else { panic!("{verdict:?}") };
    assert_eq!(reason.message.en, "Not demanded of passwords: digits, symbols");
    assert_eq!(reason.message.ja, "パスワードに必須とされていません: 数字・記号");
}

#[test]
fn a_policy_without_a_length_is_an_error() {
    let policy = strong().set_minimum_password_length(None).build();
    let error = with(&json!({}), |run| policy::decide(Some(&policy), run)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the answer of iam:GetAccountPasswordPolicy lacks PasswordPolicy.MinimumPasswordLength"
    );
}

#[test]
fn only_passwords_of_users_make_console_users() {
    let report = |password: &str| {
        let root = Row::sample("<root_account>", &[("password_enabled", "true")]);
        let user = Row::sample("yamada", &[("password_enabled", password)]);
        CredentialReport::of(vec![root, user], None)
    };
    assert!(!policy::concerns_anybody(&report("false")).unwrap());
    assert!(policy::concerns_anybody(&report("true")).unwrap());
    assert!(policy::concerns_anybody(&report("not_supported")).is_err());
}

/// The verdict on a user whose password was issued and last changed at these times.
fn user(issued: &str, changed: &str, reset_required: bool, hours: i64) -> String {
    let columns = [("password_enabled", "true"), ("password_last_changed", changed)];
    let row = Row::sample("yamada", &columns);
    let password = row.password().unwrap().unwrap();
    let profile = Profile { issued: issued.parse().unwrap(), reset_required };
    let given = json!({"initialPasswordGraceHours": hours});
    let verdict = with(&given, |run| initial::decide(&row, password, Some(profile), run));
    testing::summary(&CONTROL, &verdict.unwrap())
}

#[test]
fn an_issued_password_must_be_replaced_in_time() {
    const FAILS: &str = "NON_COMPLIANT INITIAL_PASSWORD_NOT_CHANGED";
    const LATELY: &str = "COMPLIANT PASSWORD_ISSUED_LATELY";
    let issued = "2026-11-01T00:00:00Z";
    for (issued, changed, reset, hours, expected) in [
        (issued, "2026-11-01T00:00:00+00:00", false, 24, FAILS),
        // The two clocks of an issue need not agree to the second.
        (issued, "2026-11-01T00:00:10+00:00", false, 24, FAILS),
        (issued, "2026-10-31T23:59:58+00:00", false, 24, FAILS),
        (issued, "2026-11-01T00:00:11+00:00", false, 24, "COMPLIANT"),
        (issued, "2026-11-20T08:00:00+00:00", false, 24, "COMPLIANT"),
        (issued, "2026-11-01T00:00:00+00:00", true, 24, "COMPLIANT PASSWORD_RESET_REQUIRED"),
        (issued, "2026-11-01T00:00:00+00:00", false, 480, LATELY),
        (issued, "2026-11-01T00:00:00+00:00", false, 479, FAILS),
        ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00+00:00", false, 24, LATELY),
        ("2026-11-19T23:59:59Z", "2026-11-19T23:59:59+00:00", false, 24, FAILS),
        // Issued anew after the report was made, which tells of the password before.
        ("2026-11-20T21:00:00Z", "2026-01-01T00:00:00+00:00", false, 4, LATELY),
    ] {
        assert_eq!(user(issued, changed, reset, hours), expected, "{issued} {changed} {hours}");
    }
}

#[test]
fn a_password_that_is_gone_is_not_judged_and_an_undated_one_is_an_error() {
    let row = Row::sample("yamada", &[("password_enabled", "true")]);
    let password = row.password().unwrap().unwrap();
    let decided = |profile| with(&json!({}), |run| initial::decide(&row, password, profile, run));
    let gone = decided(None).unwrap();
    assert_eq!(testing::summary(&CONTROL, &gone), "NOT_APPLICABLE NO_CONSOLE_PASSWORD");
    let issued = "2026-11-01T00:00:00Z".parse().unwrap();
    let error = decided(Some(Profile { issued, reset_required: false })).unwrap_err();
    assert!(error.to_string().ends_with("password_last_changed of user yamada"), "{error}");
}
