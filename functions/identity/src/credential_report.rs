//! IAM's credential report: made asynchronously, up to four hours old, one row per user and one
//! for the root user. Source: IAM user guide, "Getting credential reports for your AWS account".

use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_credential_report::GetCredentialReportError;
use fisc_shared::Error;
use fisc_shared::error::{Call, ServiceError};
use serde::Deserialize;

pub(crate) const GENERATE: &str = "iam:GenerateCredentialReport";
pub(crate) const GET: &str = "iam:GetCredentialReport";

/// The user name of the root user's row.
const ROOT: &str = "<root_account>";
/// How often to look whether the report is ready: it usually is within seconds.
const POLLS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(500);

/// A credential report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CredentialReport {
    rows: Vec<Row>,
}

/// One row, with the columns that controls read. Columns that do not apply hold `N/A`,
/// `no_information` or `not_supported`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Row {
    user: String,
    password_enabled: String,
    access_key_1_active: String,
    access_key_2_active: String,
}

impl Row {
    /// Whether the user has a password; `None` where the report does not tell.
    pub(crate) fn has_password(&self) -> Option<bool> {
        flag(&self.password_enabled)
    }

    /// Whether some access key is active.
    pub(crate) fn has_active_key(&self) -> bool {
        [&self.access_key_1_active, &self.access_key_2_active]
            .into_iter()
            .any(|column| flag(column) == Some(true))
    }
}

fn flag(column: &str) -> Option<bool> {
    match column.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

impl CredentialReport {
    /// The report of the account, made anew when there is none that is young enough.
    pub(crate) async fn fetch(client: &Client) -> Result<Self, Error> {
        for poll in 0..POLLS {
            match client.get_credential_report().send().await {
                Ok(answer) => {
                    let content = answer.content.ok_or_else(|| Error::Answer {
                        action: GET,
                        field: "Content".to_owned(),
                    })?;
                    return Self::parse(content.as_ref());
                }
                Err(error) => match error.as_service_error() {
                    // Asking again while the report is under way starts nothing anew.
                    Some(
                        GetCredentialReportError::CredentialReportNotReadyException(_)
                        | GetCredentialReportError::CredentialReportNotPresentException(_)
                        | GetCredentialReportError::CredentialReportExpiredException(_),
                    ) => {
                        client.generate_credential_report().send().await.call(GENERATE)?;
                    }
                    _ => return Err(ServiceError::new(GET, &error).into()),
                },
            }
            if poll + 1 < POLLS {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Err(Error::Control(format!(
            "the credential report was not ready after {} seconds ({GET}); the next run tries again",
            (PAUSE * POLLS).as_secs()
        )))
    }

    fn parse(content: &[u8]) -> Result<Self, Error> {
        let rows = csv::Reader::from_reader(content)
            .deserialize()
            .collect::<Result<Vec<Row>, csv::Error>>()
            .map_err(|error| Error::Answer { action: GET, field: format!("Content: {error}") })?;
        Ok(Self { rows })
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
        CredentialReport::parse(text.as_bytes()).unwrap().root().unwrap().clone()
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
    fn a_report_without_the_columns_is_an_error() {
        let error = CredentialReport::parse(b"user,arn\n<root_account>,a\n").unwrap_err();
        assert!(error.to_string().contains("iam:GetCredentialReport lacks Content"), "{error}");
        assert!(CredentialReport::parse(b"").unwrap().root().is_none());
    }

    proptest! {
        #[test]
        fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = CredentialReport::parse(&bytes);
        }
    }
}
