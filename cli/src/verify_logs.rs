//! `fisc verify-logs`: the digest chain of a CloudTrail trail, as `aws cloudtrail validate-logs`
//! checks it and further; also without AWS, from a copy of the bucket.

mod json;
mod plan;
mod screen;
mod text;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use aws_types::SdkConfig;
use clap::Args;
use fisc_logging::digest::{
    self, ApiKeys, FileKeys, KeySource, Report, S3Store, StoreError, TrailArn,
};
use fisc_shared::Language;

use plan::Plan;
use screen::Screen;

/// Everything holds.
const VALID: u8 = 0;
/// Something does not.
const DAMAGED: u8 = 1;
/// There was nothing to verify.
const NOT_VERIFIED: u8 = 2;

/// The options; those of `aws cloudtrail validate-logs` have its names.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// ARN of the trail
    #[arg(long, value_name = "ARN")]
    pub trail_arn: TrailArn,

    /// Verify log files delivered at this UTC time or later: 2026-01-08T05:21:42Z
    #[arg(long, value_name = "TIME", value_parser = plan::parse_time)]
    pub start_time: jiff::Timestamp,

    /// Verify log files delivered until this UTC time [default: now]
    #[arg(long, value_name = "TIME", value_parser = plan::parse_time)]
    pub end_time: Option<jiff::Timestamp>,

    /// Bucket of the digests [default: the trail's]
    #[arg(long, value_name = "BUCKET")]
    pub s3_bucket: Option<String>,

    /// Key prefix of the digests [default: the trail's]
    #[arg(long, value_name = "PREFIX")]
    pub s3_prefix: Option<String>,

    /// Account whose logs are verified; needed for an organization trail [default: the trail's]
    #[arg(long, value_name = "ACCOUNT")]
    pub account_id: Option<String>,

    /// Organization whose trail it is, if it cannot be asked for: o-a1b2c3d4e5
    #[arg(long, value_name = "ID")]
    pub organization_id: Option<String>,

    /// Show every file, not only the invalid ones
    #[arg(long)]
    pub verbose: bool,

    /// Public keys as `aws cloudtrail list-public-keys` prints them, instead of asking CloudTrail
    #[arg(long, value_name = "FILE")]
    pub public_keys: Option<PathBuf>,

    /// A local copy of the bucket, instead of S3
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Judge only what `aws cloudtrail validate-logs` judges
    #[arg(long)]
    pub like_aws_cli: bool,
}

impl Options {
    /// Whether AWS is asked at all.
    #[must_use]
    pub fn needs_aws(&self) -> bool {
        self.dir.is_none() || self.public_keys.is_none()
    }
}

/// What the global options say.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Language of the output.
    pub language: Language,
    /// One JSON object instead of a table.
    pub json: bool,
    /// Region whose activity is verified (`--region`). Without it the one of the AWS
    /// configuration, and without that the trail's home Region.
    pub region: Option<&'a str>,
}

/// Nothing could be verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// AWS is needed, but there is no configuration for it.
    #[error("no AWS configuration; without AWS both --dir and --public-keys are needed")]
    NoAws,
    /// An organization trail has a chain for each account.
    #[error("--account-id is needed for an organization trail")]
    NoAccount,
    /// The file of public keys cannot be read.
    #[error("{path}: {source}")]
    PublicKeys {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The trail could not be looked up.
    #[error(transparent)]
    Trail(#[from] fisc_shared::Error),
    /// The account and Region have no such trail.
    #[error("cloudtrail:DescribeTrails does not show the trail {0}")]
    NoTrail(TrailArn),
    /// The files could not be verified.
    #[error(transparent)]
    Digest(#[from] digest::Error),
    /// The result could not be written.
    #[error("cannot write the result: {0}")]
    Output(#[from] std::io::Error),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Digest(error.into())
    }
}

impl From<digest::KeyError> for Error {
    fn from(error: digest::KeyError) -> Self {
        Self::Digest(error.into())
    }
}

/// Verifies and shows the result. The exit code is 0 when all is valid, 1 when damage was found, 2
/// when there was nothing to verify; an error also means 2.
///
/// # Errors
/// When anything keeps the files from being verified.
pub async fn run(
    options: &Options,
    settings: Settings<'_>,
    aws: Option<&SdkConfig>,
) -> Result<u8, Error> {
    let keys: Box<dyn KeySource> = match &options.public_keys {
        Some(path) => {
            let json = fs::read(path)
                .map_err(|source| Error::PublicKeys { path: path.clone(), source })?;
            Box::new(FileKeys::from_json(&json)?)
        }
        None => Box::new(ApiKeys::new(aws.ok_or(Error::NoAws)?)),
    };
    let Plan { request, dir } = plan::make(options, &settings, aws).await?;
    let store: Arc<dyn digest::ObjectStore> = match dir {
        Some(dir) => Arc::new(dir),
        None => Arc::new(S3Store::new(aws.ok_or(Error::NoAws)?)),
    };
    let screen = match settings.json {
        true => Screen::silent(settings.language),
        false => Screen::new(settings.language, options.verbose),
    };
    listened(screen.header(&request))?;
    let report = digest::verify(&request, store, keys.as_ref(), &screen).await?;
    screen.finish();
    listened(match settings.json {
        true => json::write(&mut anstream::stdout(), &request, &report, settings.language),
        false => screen.summary(&report),
    })?;
    Ok(exit_code(&report))
}

/// Who stopped reading, such as `head`, still gets the exit code.
fn listened(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })
}

fn exit_code(report: &Report) -> u8 {
    if !report.is_valid() {
        DAMAGED
    } else if report.digests().valid == 0 {
        NOT_VERIFIED
    } else {
        VALID
    }
}
