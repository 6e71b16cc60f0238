//! IAM's credential report: made asynchronously, up to four hours old, one row per user and one
//! for the root user. Source: IAM user guide, "Getting credential reports for your AWS account".

// A fuzzer reads reports and fetches none.
#[cfg(not(fuzzing))]
mod fetch;
// With its path, because the fuzz targets compile this file from elsewhere.
#[cfg(any(test, fuzzing))]
#[path = "credential_report/hostile.rs"]
pub(crate) mod hostile;

use fisc_shared::Error;
use fisc_shared::text::brief;
use jiff::Timestamp;
use serde::Deserialize;

pub(crate) const GENERATE: &str = "iam:GenerateCredentialReport";
pub(crate) const GET: &str = "iam:GetCredentialReport";

/// The user name of the root user's row.
const ROOT: &str = "<root_account>";

/// A credential report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CredentialReport {
    rows: Vec<Row>,
    generated: Option<Timestamp>,
}

/// One row, with the columns that controls read. Columns that do not apply hold `N/A`,
/// `no_information` or `not_supported`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Row {
    user: String,
    arn: String,
    user_creation_time: String,
    password_enabled: String,
    password_last_used: String,
    password_last_changed: String,
    mfa_active: String,
    access_key_1_active: String,
    access_key_1_last_rotated: String,
    access_key_1_last_used_date: String,
    access_key_2_active: String,
    access_key_2_last_rotated: String,
    access_key_2_last_used_date: String,
}

/// The password of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Password {
    /// When it was set.
    pub(crate) changed: Option<Timestamp>,
    /// The last sign-in with it or, if it was not used since it was set, with an earlier one.
    pub(crate) last_used: Option<Timestamp>,
}

/// An active access key of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ActiveKey {
    /// 1 or 2; the report has no key ids.
    pub(crate) number: u8,
    /// When it was made, or last activated.
    pub(crate) rotated: Option<Timestamp>,
    pub(crate) last_used: Option<Timestamp>,
}

impl Row {
    /// The user's name.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// The user's ARN.
    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    /// Whether the user has an MFA device; `None` where the report does not tell.
    pub(crate) fn has_mfa(&self) -> Option<bool> {
        flag(&self.mfa_active)
    }

    /// Whether the user has a password; `None` where the report does not tell.
    pub(crate) fn has_password(&self) -> Option<bool> {
        flag(&self.password_enabled)
    }

    /// The password, if the user has one.
    pub(crate) fn password(&self) -> Result<Option<Password>, Error> {
        let enabled = self.told("password_enabled", &self.password_enabled)?;
        enabled
            .then(|| {
                Ok(Password {
                    changed: date("password_last_changed", &self.password_last_changed)?,
                    last_used: date("password_last_used", &self.password_last_used)?,
                })
            })
            .transpose()
    }

    /// The access keys that are active. What the report says of an inactive key is of no weight.
    pub(crate) fn active_keys(&self) -> Result<Vec<ActiveKey>, Error> {
        let slots = [
            (
                1,
                &self.access_key_1_active,
                &self.access_key_1_last_rotated,
                &self.access_key_1_last_used_date,
            ),
            (
                2,
                &self.access_key_2_active,
                &self.access_key_2_last_rotated,
                &self.access_key_2_last_used_date,
            ),
        ];
        let mut keys = Vec::new();
        for (number, active, rotated, last_used) in slots {
            if self.told(&format!("access_key_{number}_active"), active)? {
                let date = |column, text| date(&format!("access_key_{number}_{column}"), text);
                let rotated = date("last_rotated", rotated)?;
                let last_used = date("last_used_date", last_used)?;
                keys.push(ActiveKey { number, rotated, last_used });
            }
        }
        Ok(keys)
    }

    /// The error that this user's row lacks a column that it must have.
    pub(crate) fn missing(&self, column: &str) -> Error {
        let user = brief(&self.user);
        Error::Answer { action: GET, field: format!("Content: {column} of user {user}") }
    }

    fn told(&self, column: &str, value: &str) -> Result<bool, Error> {
        flag(value).ok_or_else(|| self.missing(column))
    }

    /// Whether some access key is active.
    pub(crate) fn has_active_key(&self) -> bool {
        [&self.access_key_1_active, &self.access_key_2_active]
            .into_iter()
            .any(|column| flag(column) == Some(true))
    }

    /// When the user was made; for the root user, the account.
    pub(crate) fn created(&self) -> Result<Option<Timestamp>, Error> {
        date("user_creation_time", &self.user_creation_time)
    }

    /// When the password or one of the keys was last used, whichever is later.
    pub(crate) fn last_used(&self) -> Result<Option<Timestamp>, Error> {
        let dates = [
            date("password_last_used", &self.password_last_used)?,
            date("access_key_1_last_used_date", &self.access_key_1_last_used_date)?,
            date("access_key_2_last_used_date", &self.access_key_2_last_used_date)?,
        ];
        Ok(dates.into_iter().flatten().max())
    }

    /// A row for tests: a user without credentials, and what the columns hold instead.
    #[cfg(test)]
    pub(crate) fn sample(user: &str, columns: &[(&str, &str)]) -> Self {
        let mut row = serde_json::json!({
            "user": user, "arn": format!("arn:aws:iam::111122223333:user/{user}"),
            "mfa_active": "false", "user_creation_time": "2020-04-01T00:00:00+00:00",
            "password_enabled": "false", "password_last_used": "N/A",
            "password_last_changed": "N/A",
            "access_key_1_active": "false", "access_key_1_last_rotated": "N/A",
            "access_key_1_last_used_date": "N/A",
            "access_key_2_active": "false", "access_key_2_last_rotated": "N/A",
            "access_key_2_last_used_date": "N/A",
        });
        for (column, value) in columns {
            assert!(row.get(column).is_some(), "no control reads {column}");
            row[column] = (*value).into();
        }
        serde_json::from_value(row).unwrap()
    }
}

/// A date, or `None` where the report has none. Other text is an error: a use that is not
/// understood is not "never used".
fn date(column: &str, text: &str) -> Result<Option<Timestamp>, Error> {
    if ["N/A", "no_information", "not_supported"].iter().any(|word| word.eq_ignore_ascii_case(text))
    {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| Error::Answer { action: GET, field: format!("Content: a date in {column}") })
}

fn flag(column: &str) -> Option<bool> {
    match column.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

impl CredentialReport {
    fn parse(content: &[u8], generated: Option<Timestamp>) -> Result<Self, Error> {
        let rows = csv::Reader::from_reader(content)
            .deserialize()
            .collect::<Result<Vec<Row>, csv::Error>>()
            .map_err(|error| Error::Answer {
                action: GET,
                field: format!("Content: {}", brief(&error.to_string())),
            })?;
        Ok(Self { rows, generated })
    }

    /// A report for tests.
    #[cfg(test)]
    pub(crate) const fn of(rows: Vec<Row>, generated: Option<Timestamp>) -> Self {
        Self { rows, generated }
    }

    /// When the report was made.
    pub(crate) const fn generated(&self) -> Option<Timestamp> {
        self.generated
    }

    /// The rows of users, without the root user's.
    pub(crate) fn users(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.user != ROOT)
    }

    /// The root user's row.
    pub(crate) fn root(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.user == ROOT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
        password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
        access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
        access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
        access_key_2_last_used_date,access_key_2_last_used_region,\
        access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,\
        cert_2_last_rotated";

    fn root(password: &str, key_1: &str, key_2: &str) -> Row {
        let text = format!(
            "{HEADER}\n<root_account>,arn:aws:iam::111122223333:root,2015-11-11T00:00:00+00:00,\
             {password},no_information,not_supported,not_supported,false,{key_1},N/A,N/A,N/A,N/A,\
             {key_2},N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
        );
        CredentialReport::parse(text.as_bytes(), None).unwrap().root().unwrap().clone()
    }

    #[test]
    fn the_root_row_is_found_and_read() {
        assert_eq!(root("true", "false", "false").has_password(), Some(true));
        assert_eq!(root("FALSE", "false", "false").has_password(), Some(false));
        assert_eq!(root("not_supported", "N/A", "N/A").has_password(), None);
        assert!(root("false", "false", "true").has_active_key());
        assert!(!root("true", "false", "N/A").has_active_key());
    }

    #[test]
    fn the_latest_of_the_three_dates_counts() {
        let (early, late) = ("2026-01-01T00:00:00+00:00", "2026-11-20T09:00:00+00:00");
        let used = |columns: &[(&str, &str)]| Row::sample("<root_account>", columns).last_used();
        for column in
            ["password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"]
        {
            let mut columns = vec![
                ("password_last_used", early),
                ("access_key_1_last_used_date", early),
                ("access_key_2_last_used_date", early),
            ];
            columns.push((column, late));
            assert_eq!(used(&columns).unwrap(), Some(late.parse().unwrap()), "{column}");
            let error = used(&[(column, "yesterday")]).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the answer of iam:GetCredentialReport lacks Content: a date in {column}")
            );
        }
        for word in ["N/A", "no_information", "not_supported", "NOT_SUPPORTED"] {
            assert_eq!(used(&[("password_last_used", word)]).unwrap(), None);
            assert_eq!(
                used(&[("password_last_used", word), ("access_key_2_last_used_date", late)])
                    .unwrap(),
                Some(late.parse().unwrap())
            );
        }
        assert!(used(&[("password_last_used", "")]).is_err());
    }

    #[test]
    fn the_credentials_of_a_user_are_read() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (early, late) = ("2026-01-01T00:00:00+00:00", "2026-11-20T09:00:00Z");
        let row = |columns: &[(&str, &str)]| Row::sample("yamada", columns);
        let none = row(&[]);
        assert_eq!((none.password().unwrap(), none.active_keys().unwrap()), (None, vec![]));

        let fresh = row(&[
            ("password_enabled", "true"),
            ("password_last_changed", early),
            ("password_last_used", "no_information"),
        ]);
        let password = Password { changed: at(early), last_used: None };
        assert_eq!(fresh.password().unwrap(), Some(password));

        // Inactive keys keep their dates in the report.
        let second = row(&[
            ("access_key_1_active", "false"),
            ("access_key_1_last_rotated", "unreadable"),
            ("access_key_2_active", "TRUE"),
            ("access_key_2_last_rotated", early),
            ("access_key_2_last_used_date", late),
        ]);
        let key = ActiveKey { number: 2, rotated: at(early), last_used: at(late) };
        assert_eq!(second.active_keys().unwrap(), [key]);

        let lacks = |error: Error| error.to_string().split_once("Content: ").unwrap().1.to_owned();
        for column in ["access_key_1_active", "access_key_2_active"] {
            let error = row(&[(column, "not_supported")]).active_keys().unwrap_err();
            assert_eq!(lacks(error), format!("{column} of user yamada"));
        }
        let error = row(&[("password_enabled", "N/A")]).password().unwrap_err();
        assert_eq!(lacks(error), "password_enabled of user yamada");
        for column in ["access_key_1_last_rotated", "access_key_1_last_used_date"] {
            let error = row(&[("access_key_1_active", "true"), (column, "")]).active_keys();
            assert_eq!(lacks(error.unwrap_err()), format!("a date in {column}"));
        }
    }

    #[test]
    fn a_report_without_the_columns_is_an_error() {
        let error = CredentialReport::parse(b"user,arn\n<root_account>,a\n", None).unwrap_err();
        assert!(error.to_string().contains("iam:GetCredentialReport lacks Content"), "{error}");
        assert!(CredentialReport::parse(b"", None).unwrap().root().is_none());
    }

    proptest! {
        #[test]
        fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = CredentialReport::parse(&bytes, None);
        }
    }
}
