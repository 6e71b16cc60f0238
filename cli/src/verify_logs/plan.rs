//! From options to a request: what is not given is asked for.

use std::path::Path;

use aws_types::SdkConfig;
use fisc_logging::digest::{DirStore, Limits, Request, Strictness, bucket_named_by_newest_digest};
use fisc_logging::trails::CloudTrail;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Error, Options, Settings};

/// Log files in flight: enough to fill a fast line to S3.
const CONCURRENT_LOGS: usize = 64;

/// What to verify, and where.
pub(super) struct Plan {
    pub(super) request: Request,
    /// The copy of the bucket, if it is not S3.
    pub(super) dir: Option<DirStore>,
}

pub(super) async fn make(
    options: &Options,
    settings: &Settings<'_>,
    aws: Option<&SdkConfig>,
) -> Result<Plan, Error> {
    let now = Timestamp::now();
    let mut request = Request::new(
        options.trail_arn.clone(),
        options.s3_bucket.clone().unwrap_or_default(),
        options.start_time,
        options.end_time.unwrap_or(now),
    );
    request.now = now;
    request.prefix = options.s3_prefix.clone().filter(|prefix| !prefix.is_empty());
    request.organization_id.clone_from(&options.organization_id);
    // Times when validation was off are told, as the AWS CLI does, but are no damage.
    request.allow_chain_restart = true;
    if options.like_aws_cli {
        request.strictness = Strictness::AwsCli;
    }
    request.limits = Limits { concurrent_logs: CONCURRENT_LOGS, ..Limits::default() };
    if let Some(account) = &options.account_id {
        request.account_id.clone_from(account);
    }
    let configured = aws.and_then(|aws| aws.region()).map(AsRef::as_ref);
    if let Some(region) = settings.region.or(configured) {
        region.clone_into(&mut request.source_region);
    }
    let dir = match &options.dir {
        Some(dir) => Some(in_directory(dir, options, &mut request).await?),
        None => {
            if options.s3_bucket.is_none() {
                look_up(options, aws.ok_or(Error::NoAws)?, &mut request).await?;
            }
            None
        }
    };
    Ok(Plan { request, dir })
}

/// The trail knows its bucket.
async fn look_up(options: &Options, aws: &SdkConfig, request: &mut Request) -> Result<(), Error> {
    let cloudtrail = CloudTrail::new(aws);
    let trails = cloudtrail.trails().await?;
    let trail = trails
        .into_iter()
        .find(|trail| trail.arn == options.trail_arn)
        .ok_or_else(|| Error::NoTrail(options.trail_arn.clone()))?;
    request.bucket = trail.bucket;
    if request.prefix.is_none() {
        request.prefix = trail.prefix;
    }
    if trail.is_organization && request.organization_id.is_none() {
        if options.account_id.is_none() {
            return Err(Error::NoAccount);
        }
        request.organization_id = Some(cloudtrail.organization_id().await?);
    }
    Ok(())
}

/// The files of a copy know their bucket, and its folders the organization.
async fn in_directory(
    dir: &Path,
    options: &Options,
    request: &mut Request,
) -> Result<DirStore, Error> {
    let store = DirStore::open(dir, options.s3_bucket.clone())?;
    if request.organization_id.is_none() {
        request.organization_id = organization_in(dir, request);
    }
    if options.s3_bucket.is_some() {
        return Ok(store);
    }
    if let Some(bucket) = bucket_named_by_newest_digest(&store, request).await? {
        request.bucket.clone_from(&bucket);
        return Ok(DirStore::open(dir, Some(bucket))?);
    }
    Ok(store)
}

/// The organization in whose folder the account's logs are, if they are in one.
fn organization_in(dir: &Path, request: &Request) -> Option<String> {
    let logs = request.prefix.iter().fold(dir.to_owned(), |path, prefix| path.join(prefix));
    let logs = logs.join("AWSLogs");
    if logs.join(&request.account_id).exists() {
        return None;
    }
    let mut found = logs
        .read_dir()
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            name.starts_with("o-") && logs.join(name).join(&request.account_id).exists()
        });
    found.next().filter(|_| found.next().is_none())
}

/// A UTC time, with or without the `Z`; a date is its midnight.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).map(|time| time.timestamp());
    text.parse::<Timestamp>()
        .or_else(|_| text.parse::<DateTime>().and_then(utc))
        .or_else(|_| {
            text.parse::<Date>()
                .and_then(|date| utc(date.to_datetime(jiff::civil::Time::midnight())))
        })
        .map_err(|_| "not a time like 2026-01-08T05:21:42Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_the_aws_cli_takes() {
        for (text, expected) in [
            ("2015-01-08T05:21:42Z", "2015-01-08T05:21:42Z"),
            ("2015-01-08T05:21:42", "2015-01-08T05:21:42Z"),
            ("2015-01-08 05:21:42", "2015-01-08T05:21:42Z"),
            ("20160129T19:00:00Z", "2016-01-29T19:00:00Z"),
            ("20160129T190000Z", "2016-01-29T19:00:00Z"),
            ("2015-01-08", "2015-01-08T00:00:00Z"),
            ("2015-01-08T05:21:42.5+09:00", "2015-01-07T20:21:42.5Z"),
        ] {
            assert_eq!(
                parse_time(text).map(|time| time.to_string()).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
        assert!(parse_time("yesterday").is_err());
    }
}
