//! Getting results: from files, the account, or an aggregator.

use fisc_shared::config_service::ConfigService;
use fisc_shared::error::ServiceError;
use jiff::Timestamp;

use super::aggregator::{self, Wanted};
use super::gathered::{Gathered, Origin};
use super::results::{self, Kind, ResultsError};
use crate::CommandError;
use crate::args::ReportArgs;
use crate::aws::{Account, AwsArgs};
use crate::progress;
use crate::scan::Room;

/// Why an evidence report cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Results cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The aggregator does not answer.
    #[error("the aggregator cannot be read: {0}")]
    Aggregator(#[from] ServiceError),
    /// An option that results leave no room for.
    #[error(
        "{0} is for evaluating; the files hold results of an earlier scan. Give it to `fisc scan`, \
         or give the configuration items"
    )]
    Judged(&'static str),
}

/// Gets what the options ask for.
///
/// # Errors
/// When nothing could be got at all. What could not be evaluated is part of the answer.
pub fn gather(args: &ReportArgs, now: Timestamp) -> Result<Gathered, CommandError> {
    let chosen = crate::chosen(&args.controls);
    if let Some(name) = &args.aggregator {
        let wanted = Wanted { name, prefix: &args.prefix, controls: &chosen, at: now };
        return crate::runtime()?.block_on(from_aggregator(&aws(args), wanted));
    }
    if !args.live && results::kind_of(&args.files).map_err(SourceError::from)? == Kind::Results {
        for (option, given) in [
            ("--parameters", args.parameters.is_some()),
            ("--at", args.at.is_some()),
            ("--exemptions", args.exemptions.exemptions.is_some()),
            ("--exemption-tags", args.exemptions.exemption_tags),
        ] {
            if given {
                return Err(SourceError::Judged(option).into());
            }
        }
        let mut gathered = results::read(&args.files).map_err(SourceError::from)?;
        if !args.controls.is_empty() {
            gathered.keep(&chosen);
        }
        return Ok(gathered);
    }
    let report = crate::evaluate(&crate::Evaluating {
        files: &args.files,
        live: args.live,
        aws: aws(args),
        account_id: args.account_id.as_deref(),
        controls: &args.controls,
        parameters: args.parameters.as_deref(),
        exemptions: &args.exemptions,
        at: Some(args.at.unwrap_or(now)),
        // A report holds every finding anyway, and shares what they have in common.
        room: Room::unlimited(),
    })?;
    Ok(Gathered::of_scan(report, if args.live { Origin::Live } else { Origin::Items })?)
}

fn aws(args: &ReportArgs) -> AwsArgs {
    AwsArgs { profile: args.profile.clone(), region: args.region.clone() }
}

async fn from_aggregator(aws: &AwsArgs, wanted: Wanted<'_>) -> Result<Gathered, CommandError> {
    let account = Account::load(aws).await?;
    let bar = progress::counter();
    let gathered = aggregator::gather(&ConfigService::new(&account.sdk), wanted, &bar).await;
    bar.finish_and_clear();
    Ok(gathered.map_err(SourceError::from)?)
}
