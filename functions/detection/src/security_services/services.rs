//! What Inspector and Macie answer, and all of it Region by Region.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_inspector2::types::{ResourceState, State, Status};
use aws_types::SdkConfig;
use fisc_services::Regions;
use fisc_services::regions::{each, offered};
use fisc_shared::control::{AccountCheck, OfAccount};
use fisc_shared::error::{Call, Failure, ServiceError};
use fisc_shared::{Error, Run, ServiceCheck, Verdict};

use super::ALL_REGIONS;
use super::detective;
use super::judge::{Bars, Macie, Region, Scans, Told, decide};
use crate::scope::Scope;

pub(super) const BATCH_GET_ACCOUNT_STATUS: &str = "inspector2:BatchGetAccountStatus";
pub(super) const GET_MACIE_SESSION: &str = "macie2:GetMacieSession";
pub(super) const GET_AUTOMATED_DISCOVERY: &str = "macie2:GetAutomatedDiscoveryConfiguration";

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(Services { sdk: sdk.clone(), regions: Regions::new(sdk) }))
}

struct Services {
    /// Of which the settings of each Region are made.
    sdk: SdkConfig,
    regions: Regions,
}

#[async_trait]
impl AccountCheck for Services {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let bars = Bars::new(run)?;
        if let Some(verdict) = bars.nothing() {
            return Ok(verdict);
        }
        let regions = match Scope::of(run, &ALL_REGIONS, &self.regions).await? {
            Scope::Regions(regions) => regions,
            Scope::Nothing(why) => return Ok(Verdict::not_applicable(why)),
        };
        let bars = &bars;
        let told = each(&self.sdk, regions, |sdk| async move { ask(&sdk, bars, run).await });
        Ok(decide(&told.await?, bars))
    }
}

/// All that one Region tells. Each of the services may be missing there.
async fn ask(sdk: &SdkConfig, bars: &Bars, run: &Run<'_>) -> Result<Region, Error> {
    Ok(Region {
        inspector: match bars.scans.is_empty() {
            true => Told::NotRequired,
            false => told(inspector(sdk, run.account_id).await)?,
        },
        detective: match bars.detective {
            true => told(detective::ask(sdk, bars.grace_hours, run.now).await)?,
            false => Told::NotRequired,
        },
        macie: match bars.macie {
            true => told(macie(sdk, bars.discovery).await)?,
            false => Told::NotRequired,
        },
    })
}

fn told<T>(answer: Result<T, Error>) -> Result<Told<T>, Error> {
    Ok(offered(answer)?.map_or(Told::NotOffered, Told::State))
}

/// The states of the scans. An account without Inspector gets an answer too, with all states
/// DISABLED: https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchGetAccountStatus.html
async fn inspector(sdk: &SdkConfig, account: &str) -> Result<Scans, Error> {
    let client = aws_sdk_inspector2::Client::new(sdk);
    let request = client.batch_get_account_status().account_ids(account);
    let answer = request.send().await.call(BATCH_GET_ACCOUNT_STATUS)?;
    if let Some(failed) = answer.failed_accounts().iter().find(|one| one.account_id() == account) {
        let code = failed.error_code().as_str();
        let denied = code == "ACCESS_DENIED";
        return Err(ServiceError {
            action: BATCH_GET_ACCOUNT_STATUS,
            failure: if denied { Failure::Denied } else { Failure::Refused },
            code: Some(code.to_owned()),
            message: failed.error_message().to_owned(),
        }
        .into());
    }
    let own = answer.accounts().iter().find(|one| one.account_id() == account);
    let states = own.and_then(|own| own.resource_state());
    scans(states.ok_or_else(|| lacks("accounts[].resourceState"))?)
}

fn scans(states: &ResourceState) -> Result<Scans, Error> {
    // What is no state that AWS names is what the SDK makes of none at all.
    let status = |state: &State| {
        let status = state.status().as_str();
        Status::values().contains(&status).then(|| status.to_owned())
    };
    let mut scans = Scans::new();
    for (name, state) in [
        ("EC2", states.ec2()),
        ("ECR", states.ecr()),
        ("LAMBDA", states.lambda()),
        ("LAMBDA_CODE", states.lambda_code()),
        ("CODE_REPOSITORY", states.code_repository()),
    ] {
        match state.map(status) {
            Some(Some(status)) => {
                scans.insert(name, status);
            }
            // Not every Region has these two.
            None if matches!(name, "LAMBDA_CODE" | "CODE_REPOSITORY") => {}
            _ => return Err(lacks(&format!("the status of {name}"))),
        }
    }
    Ok(scans)
}

fn lacks(field: &str) -> Error {
    Error::Answer { action: BATCH_GET_ACCOUNT_STATUS, field: field.to_owned() }
}

async fn macie(sdk: &SdkConfig, discovery: bool) -> Result<Macie, Error> {
    let client = aws_sdk_macie2::Client::new(sdk);
    let session = match client.get_macie_session().send().await.call(GET_MACIE_SESSION) {
        Err(error) if is_off(&error) => return Ok(Macie::Off),
        session => session?,
    };
    let status = session
        .status
        .ok_or_else(|| Error::Answer { action: GET_MACIE_SESSION, field: "status".to_owned() })?;
    let discovery = match discovery {
        true => {
            let request = client.get_automated_discovery_configuration();
            let answer = request.send().await.call(GET_AUTOMATED_DISCOVERY)?;
            Some(answer.status.ok_or_else(|| Error::Answer {
                action: GET_AUTOMATED_DISCOVERY,
                field: "status".to_owned(),
            })?)
        }
        false => None,
    };
    let discovery = discovery.map(|status| status.as_str().to_owned());
    Ok(Macie::On { status: status.as_str().to_owned(), discovery })
}

/// Whether Macie said that it is off. It does so by AccessDeniedException with the message "Macie
/// is not enabled" (https://github.com/prowler-cloud/prowler/issues/1279), the code with which IAM
/// denies too, there with "User: … is not authorized to perform: …".
fn is_off(error: &ServiceError) -> bool {
    error.is("AccessDeniedException")
        && error.message.to_ascii_lowercase().contains("macie is not enabled")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str, message: &str) -> ServiceError {
        ServiceError {
            action: GET_MACIE_SESSION,
            failure: Failure::of_code(code),
            code: Some(code.to_owned()),
            message: message.to_owned(),
        }
    }

    #[test]
    fn off_and_denied_have_the_same_code_and_other_words() {
        const DENIED: &str = "User: arn:aws:sts::111122223333:assumed-role/fisc/fisc is not \
                              authorized to perform: macie2:GetMacieSession";
        assert!(is_off(&refused("AccessDeniedException", "Macie is not enabled.")));
        assert!(!is_off(&refused("AccessDeniedException", DENIED)));
        assert!(!is_off(&refused("AccessDeniedException", "Access denied")));
        assert!(!is_off(&refused("InternalServerException", "Macie is not enabled")));
    }

    #[test]
    fn a_state_that_is_missing_is_no_verdict() {
        let state = |status: &str| {
            let state = State::builder().status(status.into());
            state.error_code("ALREADY_ENABLED".into()).error_message("").build().unwrap()
        };
        let all = ResourceState::builder().ec2(state("ENABLED")).ecr(state("DISABLED"));
        let missing = scans(&all.clone().build()).unwrap_err().to_string();
        assert_eq!(
            missing,
            "the answer of inspector2:BatchGetAccountStatus lacks the status of LAMBDA"
        );
        let scans = scans(&all.lambda(state("ENABLING")).build()).unwrap();
        assert_eq!(scans.into_keys().collect::<Vec<_>>(), ["EC2", "ECR", "LAMBDA"]);
    }
}
