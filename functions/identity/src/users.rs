//! Users that both the credential report and IAM know: the report has the credentials, but names
//! only; AWS Config knows users by their ids.

use std::collections::BTreeMap;

use crate::account_details::User;
use crate::credential_report::{CredentialReport, Row};

/// The users of the report with what IAM says of them. A user that is in one of the two alone was
/// made or deleted since the report, and so was one that is newer than the report: its row is
/// about another user of the same name. Nothing is known of them.
pub(crate) fn known<'a>(
    report: &'a CredentialReport,
    users: &'a BTreeMap<String, User>,
) -> impl Iterator<Item = (&'a Row, &'a User)> {
    let newer = |user: &User| match (user.created, report.generated()) {
        (Some(created), Some(generated)) => created > generated,
        _ => false,
    };
    report
        .users()
        .filter_map(|row| Some((row, users.get(row.user())?)))
        .filter(move |(_, user)| !newer(user))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    use jiff::Timestamp;

    /// A user for tests, without tags, policies and groups.
    pub(crate) fn user(name: &str, created: &str) -> User {
        User {
            id: format!("AIDA-{name}"),
            created: Some(created.parse().unwrap()),
            tags: Vec::new(),
            policies: Vec::new(),
            groups: Vec::new(),
        }
    }

    fn account(names: &[&str], created: &str) -> BTreeMap<String, User> {
        names.iter().map(|name| ((*name).to_owned(), user(name, created))).collect()
    }

    fn ids(report: &CredentialReport, users: &BTreeMap<String, User>) -> Vec<String> {
        known(report, users).map(|(_, user)| user.id.clone()).collect()
    }

    #[test]
    fn only_users_of_both_answers_are_known() {
        let rows = ["<root_account>", "yamada", "deleted"].map(|name| Row::sample(name, &[]));
        let report = CredentialReport::of(rows.to_vec(), None);
        let users = account(&["yamada", "newcomer", "<root_account>"], "2020-04-01T00:00:00Z");
        assert_eq!(ids(&report, &users), ["AIDA-yamada"]);
        let (row, _) = known(&report, &users).next().unwrap();
        assert_eq!(row.arn(), "arn:aws:iam::111122223333:user/yamada");
    }

    #[test]
    fn a_row_is_not_about_a_later_user_of_the_same_name() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let rows = vec![Row::sample("yamada", &[])];
        let report = CredentialReport::of(rows, at("2026-11-21T00:00:00Z"));
        let made = |time| ids(&report, &account(&["yamada"], time));
        assert_eq!(made("2026-11-21T00:00:00Z"), ["AIDA-yamada"]);
        assert!(made("2026-11-21T00:00:01Z").is_empty());
    }
}
