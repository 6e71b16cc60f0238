//! Whom the owner of a resource trusts: what the controls of policies have as parameters.

use super::party::Party;
use crate::parameter::{Param, Parameters};
use crate::text::{Message, Text};

/// Accounts besides the own one.
pub const TRUSTED_ACCOUNT_IDS: Param<Vec<String>> = Param::list(
    "trustedAccountIds",
    &[],
    Text::new(
        "Accounts besides the own one that may be admitted",
        "自アカウントのほかに許可してよいアカウントの ID",
    ),
);

/// The own organization.
pub const ORG_ID: Param<Vec<String>> = Param::list(
    "orgId",
    &[],
    Text::new(
        "Organization id (o-...) that is accepted in conditions such as aws:PrincipalOrgID",
        "aws:PrincipalOrgID などの条件で認める組織の ID(o-...)",
    ),
);

/// Whom the owner of a resource trusts.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Accounts by their numbers, that of the resource among them.
    pub accounts: Vec<String>,
    /// Organizations by their ids (`o-…`).
    pub organizations: Vec<String>,
}

impl Trust {
    /// Trust in the account that holds the resource, and in whom the parameters
    /// [`TRUSTED_ACCOUNT_IDS`] and [`ORG_ID`] name.
    #[must_use]
    pub fn of(own: &str, parameters: &Parameters) -> Self {
        let mut accounts = parameters.get(&TRUSTED_ACCOUNT_IDS);
        accounts.push(own.to_owned());
        Self { accounts, organizations: parameters.get(&ORG_ID) }
    }

    /// Whether the party is trusted.
    #[must_use]
    pub fn covers(&self, party: &Party) -> bool {
        match party {
            Party::Account(account) => self.accounts.contains(account),
            Party::Organization(organization) => self.organizations.contains(organization),
            _ => false,
        }
    }
}

impl Party {
    /// The accounts and organizations among `parties`, for a message; `None` when there are none.
    #[must_use]
    pub fn accounts_named(parties: &[Self]) -> Option<Message> {
        let names: Vec<&str> = parties
            .iter()
            .filter_map(|party| match party {
                Self::Account(id) | Self::Organization(id) => Some(id.as_str()),
                _ => None,
            })
            .collect();
        (!names.is_empty()).then(|| Message::named(&names))
    }
}
