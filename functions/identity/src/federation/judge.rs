//! The verdicts on providers, users and the account.

use fisc_shared::verdict::Failures;
use fisc_shared::{Reason, Verdict, message};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::bars::{Bars, bare};
use super::identities::{Identities, User};
use super::saml::Metadata;
use super::{
    CONSOLE_PASSWORD_PRESENT, EKS_CLUSTER_PROVIDER, FEDERATION_MISSING, IDENTITY_CENTER_PROVIDER,
    PROVIDER_NOT_APPROVED, PROVIDER_UNUSED, SAML_METADATA_EXPIRING, USED_OTHERWISE,
    USER_OUTSIDE_IDENTITY_ACCOUNT,
};

/// A SAML provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SamlProvider {
    pub(super) arn: String,
    pub(super) valid_until: Option<Timestamp>,
    /// Not read of providers that AWS keeps.
    pub(super) metadata: Option<Metadata>,
}

/// An OpenID Connect provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OidcProvider {
    pub(super) arn: String,
}

/// What follows the kind of resource in an ARN: a SAML provider's name, an OIDC issuer.
fn after_kind(arn: &str) -> &str {
    arn.split_once('/').map_or(arn, |(_, name)| name)
}

/// How a provider is used.
enum Use {
    ByRole,
    Otherwise,
    Not,
}

fn usage(arn: &str, identities: &Identities, bars: &Bars) -> Use {
    let named = |listed: &String| listed == arn || bare(listed) == after_kind(arn);
    if identities.trusted.contains(arn) {
        Use::ByRole
    } else if bars.otherwise_used.iter().any(named) {
        Use::Otherwise
    } else {
        Use::Not
    }
}

impl SamlProvider {
    pub(super) fn name(&self) -> &str {
        after_kind(&self.arn)
    }

    /// Whether IAM Identity Center made it.
    pub(super) fn is_of_identity_center(&self) -> bool {
        self.name().starts_with("AWSSSO_") && self.name().ends_with("_DO_NOT_DELETE")
    }

    pub(super) fn decide(&self, identities: &Identities, bars: &Bars) -> Verdict {
        let Some(metadata) = &self.metadata else {
            return Verdict::not_applicable(&IDENTITY_CENTER_PROVIDER);
        };
        let mut failures = Failures::new();
        let mut notes = Vec::new();
        self.expiry(metadata, bars, &mut failures);
        match usage(&self.arn, identities, bars) {
            Use::ByRole => {}
            Use::Otherwise => notes.push(USED_OTHERWISE.reason()),
            Use::Not => failures.add(&PROVIDER_UNUSED),
        }
        let approved = |id: &&String| bars.approved_entities.iter().any(|glob| glob.matches(id));
        let stranger = metadata.entity_ids.iter().find(|id| !approved(id));
        if let Some(id) = stranger.filter(|_| !bars.approved_entities.is_empty()) {
            failures.because(
                &PROVIDER_NOT_APPROVED,
                message!(
                    "The issuer {id} is not in approvedEntityIds",
                    "発行者 {id} は approvedEntityIds にありません"
                ),
            );
        }
        failures.into_verdict_with(notes)
    }

    fn expiry(&self, metadata: &Metadata, bars: &Bars, failures: &mut Failures) {
        let days = bars.min_days;
        if let Some(until) = self.valid_until.filter(|until| *until < bars.deadline) {
            let until = day(until);
            failures.because(
                &SAML_METADATA_EXPIRING,
                message!(
                    "The metadata is valid until {until}; {days} days are required",
                    "メタデータの有効期限は {until} です({days} 日以上の残りが必要)"
                ),
            );
            return;
        }
        // A certificate that is not valid yet does not help those who sign in today.
        let usable = metadata.signing.iter().filter(|one| one.from <= bars.now);
        match usable.map(|one| one.until).max() {
            Some(until) if until >= bars.deadline => {}
            Some(until) => {
                let until = day(until);
                failures.because(
                    &SAML_METADATA_EXPIRING,
                    message!(
                        "The last signing certificate ends on {until}; {days} days are required",
                        "最後の署名証明書の有効期限は {until} です({days} 日以上の残りが必要)"
                    ),
                );
            }
            None => failures.because(
                &SAML_METADATA_EXPIRING,
                message!(
                    "The metadata has no signing certificate that is valid yet",
                    "メタデータに現在有効な署名証明書がありません"
                ),
            ),
        }
    }
}

fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).date().to_string()
}

impl OidcProvider {
    pub(super) fn decide(&self, identities: &Identities, bars: &Bars) -> Verdict {
        let issuer = after_kind(&self.arn);
        let mut failures = Failures::new();
        let mut notes: Vec<Reason> = Vec::new();
        let mut idle = false;
        match usage(&self.arn, identities, bars) {
            Use::ByRole => {}
            Use::Otherwise => notes.push(USED_OTHERWISE.reason()),
            // EKS makes one for each cluster; without a role it grants nothing.
            Use::Not if issuer.starts_with("oidc.eks.") => {
                idle = true;
                notes.push(EKS_CLUSTER_PROVIDER.reason());
            }
            Use::Not => failures.add(&PROVIDER_UNUSED),
        }
        if bars.approved_issuers.is_empty() {
            if idle {
                return Verdict::not_applicable(&EKS_CLUSTER_PROVIDER);
            }
        } else if !bars.approved_issuers.iter().any(|glob| glob.matches(issuer)) {
            failures.because(
                &PROVIDER_NOT_APPROVED,
                message!(
                    "The issuer {issuer} is not in approvedOidcIssuers",
                    "発行者 {issuer} は approvedOidcIssuers にありません"
                ),
            );
        }
        failures.into_verdict_with(notes)
    }
}

/// The account, when federation is required.
pub(super) fn account(has_saml_provider: bool, identities: &Identities) -> Verdict {
    let mut failures = Failures::new();
    if !has_saml_provider && !identities.identity_center {
        failures.add(&FEDERATION_MISSING);
    }
    failures.into_verdict()
}

/// A user; `None` when nothing can be said of it yet: it is newer than the credential report.
pub(super) fn user(user: &User, password: Option<bool>, bars: &Bars) -> Option<Verdict> {
    let name = &user.name;
    if bars.break_glass.contains(name) {
        return Some(Verdict::compliant());
    }
    let mut failures = Failures::new();
    if bars.passwords_forbidden && password == Some(true) {
        failures.because(
            &CONSOLE_PASSWORD_PRESENT,
            message!(
                "User {name} has a console password",
                "ユーザー {name} にコンソールのパスワードがあります"
            ),
        );
    }
    if bars.users_forbidden {
        failures.because(
            &USER_OUTSIDE_IDENTITY_ACCOUNT,
            message!(
                "User {name} is not in the identity account",
                "ユーザー {name} は ID 管理用アカウントのユーザーではありません"
            ),
        );
    } else if bars.passwords_forbidden && password.is_none() {
        return None;
    }
    Some(failures.into_verdict())
}
