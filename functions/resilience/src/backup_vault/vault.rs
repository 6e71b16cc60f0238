//! The verdict on a vault.

use fisc_shared::policy::{Party, PolicyDocument, Universe};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Verdict, message};
use jiff::Timestamp;

use super::requirements::{
    JOB_NOTIFICATION_MISSING, MANUAL_DELETION_ALLOWED, VAULT_KEY_NOT_CUSTOMER_MANAGED,
    VAULT_NOT_LOCKED, VAULT_POLICY_MISSING, VAULT_POLICY_PUBLIC,
};
use super::{
    ACCEPT_VAULT_LOCK, ALLOW_AWS_MANAGED_KEY, DELETION_EXCEPTION_PRINCIPALS,
    LOCK_MIN_RETENTION_DAYS, LOCK_MODE, LOCK_REMOVABLE, policy,
};

/// A lock of a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lock {
    /// The shortest retention that it enforces in days.
    pub(super) min_days: Option<i64>,
    /// From when on nobody can remove it; a lock in governance mode has no such date.
    pub(super) date: Option<Timestamp>,
}

impl Lock {
    fn is_final(self, now: Timestamp) -> bool {
        self.date.is_some_and(|date| date <= now)
    }
}

/// What is known of the key of a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// The vault is of a kind whose key is not the customer's to choose.
    NotJudged,
    /// AWS owns it: there is none to ask about.
    AwsOwned,
    /// It does not exist any more.
    Gone,
    /// As KMS describes it.
    Known { customer: bool, state: String },
}

/// What was read of a vault.
#[derive(Debug)]
pub(super) struct Vault {
    pub(super) arn: String,
    pub(super) policy: Option<PolicyDocument>,
    pub(super) lock: Option<Lock>,
    pub(super) key: Key,
    /// It has the tag of vaults that must be locked.
    pub(super) critical: bool,
    /// The events of which nobody is told.
    pub(super) untold: Vec<String>,
}

pub(super) fn decide(vault: &Vault, run: &Run<'_>) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    let exceptions = run.parameters.get(&DELETION_EXCEPTION_PRINCIPALS);
    match &vault.policy {
        None => failures.add(&VAULT_POLICY_MISSING),
        Some(policy) => {
            if policy.admits(&Party::Stranger, &Universe::new("backup:?*", "*"))? {
                failures.add(&VAULT_POLICY_PUBLIC);
            }
        }
    }
    let shielded = vault.lock.is_some() && run.parameters.get(&ACCEPT_VAULT_LOCK);
    if !shielded {
        match &vault.policy {
            None => failures.add(&MANUAL_DELETION_ALLOWED),
            Some(policy) => {
                let allowed = policy::allowed(policy, &vault.arn, &exceptions)?;
                if !allowed.is_empty() {
                    let message = MANUAL_DELETION_ALLOWED.naming(&allowed);
                    failures.because(&MANUAL_DELETION_ALLOWED, message);
                }
            }
        }
    }
    if vault.critical
        && let Some(message) = unlocked(vault.lock, run)
    {
        failures.because(&VAULT_NOT_LOCKED, message);
    }
    key(&vault.key, run, &mut failures);
    if !vault.untold.is_empty() {
        let message = JOB_NOTIFICATION_MISSING.naming(&vault.untold);
        failures.because(&JOB_NOTIFICATION_MISSING, message);
    }
    let removable = vault.lock.is_some_and(|lock| !lock.is_final(run.now));
    Ok(failures.into_verdict_with(removable.then(|| LOCK_REMOVABLE.reason()).into_iter().collect()))
}

/// What is missing of the lock that a critical vault must have.
fn unlocked(lock: Option<Lock>, run: &Run<'_>) -> Option<Message> {
    let Some(lock) = lock else {
        return Some(message!(
            "The critical vault is not locked",
            "重要なボールトがロックされていません"
        ));
    };
    if run.parameters.get(&LOCK_MODE) == "compliance" && !lock.is_final(run.now) {
        return Some(message!(
            "The lock of the critical vault can still be removed",
            "重要なボールトのロックはまだ解除できます"
        ));
    }
    let limit = run.parameters.get(&LOCK_MIN_RETENTION_DAYS);
    // A lock without a shortest retention enforces none.
    let days = lock.min_days.unwrap_or(0);
    (days < limit).then(|| {
        message!(
            "The lock enforces a retention of {days} days; at least {limit} are asked for",
            "ロックが強制する保持日数は {days} 日です({limit} 日以上が必要)"
        )
    })
}

fn key(key: &Key, run: &Run<'_>, failures: &mut Failures) {
    let foreign = match key {
        Key::NotJudged => false,
        Key::AwsOwned => true,
        Key::Gone => {
            return failures.because(
                &VAULT_KEY_NOT_CUSTOMER_MANAGED,
                message!("The vault's key does not exist any more", "ボールトの鍵は存在しません"),
            );
        }
        Key::Known { state, .. } if state != "Enabled" => {
            return failures.because(
                &VAULT_KEY_NOT_CUSTOMER_MANAGED,
                message!(
                    "The vault's key is not enabled ({state})",
                    "ボールトの鍵は有効な状態ではありません({state})"
                ),
            );
        }
        Key::Known { customer, .. } => !customer,
    };
    if foreign && !run.parameters.get(&ALLOW_AWS_MANAGED_KEY) {
        failures.because(
            &VAULT_KEY_NOT_CUSTOMER_MANAGED,
            message!("AWS manages the vault's key", "ボールトの鍵は AWS が管理するキーです"),
        );
    }
}
