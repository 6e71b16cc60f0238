//! The verdict on the account: its password policy.

use aws_sdk_iam::types::PasswordPolicy;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Verdict, message};

use super::{
    CHARACTER_CLASS_NOT_REQUIRED, GET_ACCOUNT_PASSWORD_POLICY, MAX_PASSWORD_AGE_DAYS,
    MIN_PASSWORD_LENGTH, MIN_REUSE_PREVENTION, PASSWORD_EXPIRY_WEAK, PASSWORD_POLICY_MISSING,
    PASSWORD_REUSE_ALLOWED, PASSWORD_TOO_SHORT, REQUIRE_LOWERCASE, REQUIRE_NUMBERS,
    REQUIRE_SYMBOLS, REQUIRE_UPPERCASE, SELF_CHANGE_DISALLOWED,
};
use crate::credential_report::CredentialReport;

/// Whether some user has a password at all.
pub(super) fn concerns_anybody(report: &CredentialReport) -> Result<bool, Error> {
    for row in report.users() {
        if row.has_password().ok_or_else(|| row.missing("password_enabled"))? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn decide(policy: Option<&PasswordPolicy>, run: &Run<'_>) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    let Some(policy) = policy else {
        failures.add(&PASSWORD_POLICY_MISSING);
        return Ok(failures.into_verdict());
    };
    length(policy, run, &mut failures)?;
    classes(policy, run, &mut failures);
    expiry(policy, run, &mut failures);
    reuse(policy, run, &mut failures);
    if !policy.allow_users_to_change_password {
        failures.add(&SELF_CHANGE_DISALLOWED);
    }
    Ok(failures.into_verdict())
}

fn length(policy: &PasswordPolicy, run: &Run<'_>, failures: &mut Failures) -> Result<(), Error> {
    let length = policy.minimum_password_length.map(i64::from).ok_or_else(|| Error::Answer {
        action: GET_ACCOUNT_PASSWORD_POLICY,
        field: "PasswordPolicy.MinimumPasswordLength".to_owned(),
    })?;
    let limit = run.parameters.get(&MIN_PASSWORD_LENGTH);
    if length < limit {
        failures.because(
            &PASSWORD_TOO_SHORT,
            message!(
                "Passwords of {length} characters are accepted; at least {limit} are demanded",
                "パスワードの最小文字数が {length} 文字です({limit} 文字以上が必要)"
            ),
        );
    }
    Ok(())
}

fn classes(policy: &PasswordPolicy, run: &Run<'_>, failures: &mut Failures) {
    let missing: Vec<Message> = [
        (&REQUIRE_UPPERCASE, policy.require_uppercase_characters, "upper case", "大文字"),
        (&REQUIRE_LOWERCASE, policy.require_lowercase_characters, "lower case", "小文字"),
        (&REQUIRE_NUMBERS, policy.require_numbers, "digits", "数字"),
        (&REQUIRE_SYMBOLS, policy.require_symbols, "symbols", "記号"),
    ]
    .into_iter()
    .filter(|(wanted, enforced, ..)| run.parameters.get(wanted) && !enforced)
    .map(|(_, _, en, ja)| message!("{en}", "{ja}"))
    .collect();
    if !missing.is_empty() {
        let en = missing.iter().map(|one| one.en.as_str()).collect::<Vec<_>>().join(", ");
        let ja = missing.iter().map(|one| one.ja.as_str()).collect::<Vec<_>>().join("・");
        failures.because(
            &CHARACTER_CLASS_NOT_REQUIRED,
            message!("Not demanded of passwords: {en}", "パスワードに必須とされていません: {ja}"),
        );
    }
}

/// Zero, and no number at all, mean that passwords do not expire.
fn expiry(policy: &PasswordPolicy, run: &Run<'_>, failures: &mut Failures) {
    let limit = run.parameters.get(&MAX_PASSWORD_AGE_DAYS);
    let age = policy.max_password_age.map(i64::from).filter(|age| *age > 0);
    let message = match age.filter(|_| policy.expire_passwords) {
        _ if limit == 0 => return,
        Some(age) if age <= limit => return,
        Some(age) => message!(
            "Passwords live {age} days; at most {limit} days are accepted",
            "パスワードの有効期間が {age} 日です(上限 {limit} 日)"
        ),
        None => message!(
            "Passwords do not expire; at most {limit} days are accepted",
            "パスワードに有効期限がありません(上限 {limit} 日)"
        ),
    };
    failures.because(&PASSWORD_EXPIRY_WEAK, message);
}

/// The number is absent when passwords may be reused at once.
fn reuse(policy: &PasswordPolicy, run: &Run<'_>, failures: &mut Failures) {
    let limit = run.parameters.get(&MIN_REUSE_PREVENTION);
    let remembered = policy.password_reuse_prevention.map_or(0, i64::from);
    if remembered < limit {
        failures.because(
            &PASSWORD_REUSE_ALLOWED,
            message!(
                "{remembered} earlier passwords are remembered; at least {limit} are demanded",
                "再利用を禁止する過去のパスワードは {remembered} 個です({limit} 個以上が必要)"
            ),
        );
    }
}
