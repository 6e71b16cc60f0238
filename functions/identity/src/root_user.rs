//! What IAM's account summary says of the root user, for all controls about it.

use std::collections::HashMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::SummaryKeyType;
use fisc_shared::error::Call;
use fisc_shared::{Error, Remark};

use crate::credential_report::Row;

pub(crate) const GET_ACCOUNT_SUMMARY: &str = "iam:GetAccountSummary";

const MFA: &str = "AccountMFAEnabled";
const PASSWORD: &str = "AccountPasswordPresent";
const KEYS: &str = "AccountAccessKeysPresent";

pub(crate) const ROOT_CREDENTIALS_REMOVED: Remark = Remark::new(
    "ROOT_CREDENTIALS_REMOVED",
    "The root user has neither a password nor access keys: there is nothing to sign in with",
    "ルートユーザーにはパスワードもアクセスキーもなく、サインインできません",
);

/// What the account summary says; `None` where it has no such entry, which is not "no".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    mfa: Option<bool>,
    password: Option<bool>,
    keys: Option<bool>,
}

impl Summary {
    pub(crate) async fn fetch(client: &Client) -> Result<Self, Error> {
        let answer = client.get_account_summary().send().await.call(GET_ACCOUNT_SUMMARY)?;
        Ok(Self::read(&answer.summary_map.unwrap_or_default()))
    }

    pub(crate) fn read(map: &HashMap<SummaryKeyType, i32>) -> Self {
        let entry = |name: &str| map.get(&SummaryKeyType::from(name)).map(|count| *count > 0);
        Self { mfa: entry(MFA), password: entry(PASSWORD), keys: entry(KEYS) }
    }

    /// Whether root has an MFA device, of whatever kind.
    pub(crate) fn has_mfa(self) -> Result<bool, Error> {
        self.mfa.ok_or_else(|| missing(MFA))
    }

    /// Whether root has an access key, active or not.
    pub(crate) fn has_keys(self) -> Result<bool, Error> {
        self.keys.ok_or_else(|| missing(KEYS))
    }

    /// Whether the summary shows credentials; then the report need not be asked for them.
    pub(crate) fn shows_credentials(self) -> bool {
        self.password == Some(true) || self.keys == Some(true)
    }

    /// Whether root's credentials are gone for certain: nothing shows any, and something says
    /// that there is no password. A root user has one unless it was taken away, so that silence
    /// (`not_supported` in the report, no entry in the summary) means that it is there.
    pub(crate) fn credentials_removed(self, row: Option<&Row>) -> bool {
        let reported_password = row.and_then(Row::has_password);
        !self.shows_credentials()
            && reported_password != Some(true)
            && !row.is_some_and(Row::has_active_key)
            && (self.password == Some(false) || reported_password == Some(false))
    }
}

fn missing(entry: &str) -> Error {
    Error::Answer { action: GET_ACCOUNT_SUMMARY, field: format!("SummaryMap.{entry}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(entries: &[(&str, i32)]) -> Summary {
        let map = entries.iter().map(|(name, count)| (SummaryKeyType::from(*name), *count));
        Summary::read(&map.collect())
    }

    fn row(password: &str, key: &str) -> Row {
        Row::sample(
            "<root_account>",
            &[("password_enabled", password), ("access_key_1_active", key)],
        )
    }

    #[test]
    fn removed_credentials_need_proof() {
        let silent = [(MFA, 0), (KEYS, 0)];
        let gone = [(MFA, 0), (KEYS, 0), (PASSWORD, 0)];
        for (entries, row, removed) in [
            // An absent entry is not a zero.
            (&silent[..], None, false),
            (&silent[..], Some(row("not_supported", "false")), false),
            (&silent[..], Some(row("N/A", "N/A")), false),
            (&silent[..], Some(row("true", "false")), false),
            (&silent[..], Some(row("false", "true")), false),
            (&silent[..], Some(row("false", "false")), true),
            (&gone[..], None, true),
            (&gone[..], Some(row("not_supported", "false")), true),
            (&gone[..], Some(row("false", "false")), true),
            // The two disagree: what may still be there counts as there.
            (&gone[..], Some(row("true", "false")), false),
            (&gone[..], Some(row("false", "true")), false),
        ] {
            let summary = summary(entries);
            assert!(!summary.shows_credentials());
            assert_eq!(summary.credentials_removed(row.as_ref()), removed, "{entries:?} {row:?}");
        }
    }

    #[test]
    fn a_key_or_a_password_alone_is_a_credential() {
        for name in [PASSWORD, KEYS] {
            let summary = summary(&[(MFA, 0), (name, 1)]);
            assert!(summary.shows_credentials(), "{name}");
            assert!(!summary.credentials_removed(Some(&row("false", "false"))), "{name}");
        }
    }

    #[test]
    fn a_summary_without_the_entry_is_an_error() {
        assert_eq!(
            summary(&[(PASSWORD, 1)]).has_mfa().unwrap_err().to_string(),
            "the answer of iam:GetAccountSummary lacks SummaryMap.AccountMFAEnabled"
        );
        assert_eq!(
            summary(&[(PASSWORD, 1)]).has_keys().unwrap_err().to_string(),
            "the answer of iam:GetAccountSummary lacks SummaryMap.AccountAccessKeysPresent"
        );
    }
}
