//! The parameters, as the verdicts need them.

use fisc_shared::policy::{Case, Glob, Reading};
use fisc_shared::{Error, Run};
use jiff::{SignedDuration, Timestamp};

use super::{
    APPROVED_ENTITY_IDS, APPROVED_OIDC_ISSUERS, BREAK_GLASS_USER_NAMES, FORBID_CONSOLE_PASSWORDS,
    IDENTITY_ACCOUNT_ID, MIN_METADATA_DAYS, OTHERWISE_USED_PROVIDERS, REQUIRE_FEDERATION,
};

/// The parameters of a run, checked.
#[derive(Debug, Clone)]
pub(super) struct Bars {
    pub(super) now: Timestamp,
    /// What must still be valid then.
    pub(super) deadline: Timestamp,
    pub(super) min_days: i64,
    pub(super) federation_required: bool,
    pub(super) passwords_forbidden: bool,
    /// This account must not have users.
    pub(super) users_forbidden: bool,
    pub(super) break_glass: Vec<String>,
    pub(super) approved_entities: Vec<Glob>,
    pub(super) approved_issuers: Vec<Glob>,
    pub(super) otherwise_used: Vec<String>,
}

impl Bars {
    pub(super) fn new(run: &Run<'_>) -> Result<Self, Error> {
        let identity_account = run.parameters.account_id(&IDENTITY_ACCOUNT_ID)?;
        let min_days = run.parameters.get(&MIN_METADATA_DAYS);
        let deadline = run.now.checked_add(SignedDuration::from_hours(min_days * 24));
        Ok(Self {
            now: run.now,
            deadline: deadline.unwrap_or(Timestamp::MAX),
            min_days,
            federation_required: run.parameters.get(&REQUIRE_FEDERATION),
            passwords_forbidden: run.parameters.get(&FORBID_CONSOLE_PASSWORDS),
            users_forbidden: identity_account.is_some_and(|account| account != run.account_id),
            break_glass: run.parameters.get(&BREAK_GLASS_USER_NAMES),
            approved_entities: globs(run.parameters.get(&APPROVED_ENTITY_IDS)),
            approved_issuers: globs(
                run.parameters.get(&APPROVED_OIDC_ISSUERS).iter().map(|one| bare(one).to_owned()),
            ),
            otherwise_used: run.parameters.get(&OTHERWISE_USED_PROVIDERS),
        })
    }

    pub(super) const fn judges_users(&self) -> bool {
        self.passwords_forbidden || self.users_forbidden
    }
}

fn globs(patterns: impl IntoIterator<Item = String>) -> Vec<Glob> {
    let glob = |text: String| Glob::parse(&text, Case::Sensitive, Reading::Possibly);
    patterns.into_iter().filter_map(glob).collect()
}

/// An issuer as IAM writes it in a provider's ARN.
pub(super) fn bare(issuer: &str) -> &str {
    let issuer = issuer.strip_prefix("https://").unwrap_or(issuer);
    issuer.strip_suffix('/').unwrap_or(issuer)
}
