//! Gets the report from IAM, which makes it asynchronously.

use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_credential_report::GetCredentialReportError;
use fisc_shared::Error;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::{Call, ServiceError};

use super::{CredentialReport, GENERATE, GET};

/// How often to look whether the report is ready: it usually is within seconds.
const POLLS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(500);

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
                    let generated = answer.generated_time.as_ref().and_then(from_sdk);
                    return Self::parse(content.as_ref(), generated);
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
}
