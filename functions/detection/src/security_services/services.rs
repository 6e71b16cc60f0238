//! What Macie answers, and all of it Region by Region.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::Regions;
use fisc_services::regions::{each, offered};
use fisc_shared::control::{AccountCheck, OfAccount};
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::{Error, Run, ServiceCheck, Verdict};
use jiff::Timestamp;

use super::ALL_REGIONS;
use super::detective;
use super::judge::{Bars, Macie, Region, Told, decide};
use crate::scope::Scope;

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
        let told = each(&self.sdk, regions, |sdk| async move { ask(&sdk, bars, run.now).await });
        Ok(decide(&told.await?, bars))
    }
}

/// All that one Region tells. Each of the services may be missing there.
async fn ask(sdk: &SdkConfig, bars: &Bars, now: Timestamp) -> Result<Region, Error> {
    Ok(Region {
        detective: match bars.detective {
            true => told(detective::ask(sdk, bars.grace_hours, now).await)?,
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
    use fisc_shared::error::Failure;

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
}
