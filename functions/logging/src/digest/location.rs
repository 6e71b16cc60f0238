//! Where CloudTrail puts digest files.
//!
//! `[PREFIX/]AWSLogs/[o-ID/]ACCOUNT/CloudTrail-Digest/REGION/YYYY/MM/DD/`
//! `ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOME-REGION_YYYYMMDDTHHMMSSZ[_backfill].json.gz`,
//! the time being the end of the digest.

use fisc_shared::resource::is_account_id;
use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use super::{ChainKind, Request, text::quote};

/// The ARN of a trail: `arn:PARTITION:cloudtrail:REGION:ACCOUNT:trail/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailArn {
    text: String,
    region: String,
    account_id: String,
    name: String,
}

/// The text is not the ARN of a trail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the ARN of a trail: {0}")]
pub struct TrailArnError(String);

impl TrailArn {
    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The trail's home Region.
    pub fn home_region(&self) -> &str {
        &self.region
    }

    /// The account that owns the trail.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The trail's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for TrailArn {
    type Err = TrailArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || TrailArnError(quote(text));
        let mut parts = text.splitn(6, ':');
        let mut part = || parts.next().filter(|part| !part.is_empty()).ok_or_else(error);
        let (arn, _partition, service) = (part()?, part()?, part()?);
        let (region, account_id, resource) = (part()?, part()?, part()?);
        let name = resource.strip_prefix("trail/").ok_or_else(error)?;
        // The name becomes part of object keys.
        if arn != "arn"
            || service != "cloudtrail"
            || !is_account_id(account_id)
            || name.is_empty()
            || name.contains('/')
        {
            return Err(error());
        }
        Ok(Self {
            text: text.to_owned(),
            region: region.to_owned(),
            account_id: account_id.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for TrailArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A digest's key with what its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DigestKey {
    pub(super) key: String,
    /// End of the digest, by the name.
    pub(super) end: Timestamp,
}

/// The names of one account's and Region's digests.
pub(super) struct Layout {
    folder: String,
    stem: String,
}

impl Layout {
    pub(super) fn of(request: &Request) -> Self {
        let account = &request.account_id;
        let region = &request.source_region;
        let mut folder = String::new();
        if let Some(prefix) = request.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
            folder.push_str(prefix);
            folder.push('/');
        }
        folder.push_str("AWSLogs/");
        if let Some(organization) = &request.organization_id {
            folder.push_str(organization);
            folder.push('/');
        }
        folder.push_str(&format!("{account}/CloudTrail-Digest/{region}/"));
        let (name, home) = (request.trail.name(), request.trail.home_region());
        Self { folder, stem: format!("{account}_CloudTrail-Digest_{region}_{name}_{home}_") }
    }

    /// The common prefix of all keys.
    pub(super) fn prefix(&self) -> &str {
        &self.folder
    }

    /// A key after which all digests lie that end at `start` or later. It need not exist.
    pub(super) fn start_after(&self, start: Timestamp) -> String {
        let before = start.checked_sub(SignedDuration::from_mins(1)).unwrap_or(start);
        let (day, time) = (before.strftime("%Y/%m/%d"), before.strftime("%Y%m%dT%H%M%SZ"));
        format!("{}{day}/{}{time}.json.gz", self.folder, self.stem)
    }

    /// Reads a listed key; `None` when it is not a digest of this trail.
    pub(super) fn parse(&self, key: &str) -> Option<(ChainKind, DigestKey)> {
        let rest = key.strip_prefix(&self.folder)?;
        let mut parts = rest.splitn(4, '/');
        for _ in 0..3 {
            let part = parts.next()?;
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
        }
        let time = parts.next()?.strip_prefix(&self.stem)?;
        let (kind, end) = parse_tail(time)?;
        let key = key.to_owned();
        Some((kind, DigestKey { key, end }))
    }
}

/// The time in a digest's key, whatever trail it is of.
pub(super) fn end_in_key(key: &str) -> Option<Timestamp> {
    let stem = key.strip_suffix("_backfill.json.gz");
    let stem = stem.or_else(|| key.strip_suffix(".json.gz"))?;
    parse_time(stem.rsplit_once('_')?.1)
}

fn parse_tail(tail: &str) -> Option<(ChainKind, Timestamp)> {
    let (kind, time) = match tail.strip_suffix("_backfill.json.gz") {
        Some(time) => (ChainKind::Backfill, time),
        None => (ChainKind::Standard, tail.strip_suffix(".json.gz")?),
    };
    Some((kind, parse_time(time)?))
}

fn parse_time(time: &str) -> Option<Timestamp> {
    // Fixed width first: the parser would also take fewer digits.
    if time.len() != 16 {
        return None;
    }
    let time = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", time).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/bank".parse().unwrap();
        let at = |text: &str| text.parse().unwrap();
        Request::new(trail, "logs", at("2026-01-01T00:00:30Z"), at("2026-01-02T00:00:00Z"))
    }

    #[test]
    fn arn_parts() {
        let arn: TrailArn =
            "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/a-b_c.d".parse().unwrap();
        assert_eq!(arn.home_region(), "us-gov-west-1");
        assert_eq!(arn.account_id(), "111122223333");
        assert_eq!(arn.name(), "a-b_c.d");
        for bad in [
            "",
            "arn:aws:s3:::bucket",
            "arn:aws:cloudtrail:us-east-1:1111:trail/x",
            "arn:aws:cloudtrail:us-east-1:111122223333:trail/",
            "arn:aws:cloudtrail:us-east-1:111122223333:channel/x",
            "arn:aws:cloudtrail:us-east-1:111122223333:trail/a/../b",
        ] {
            assert!(bad.parse::<TrailArn>().is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_of_other_trails_and_regions_are_not_taken() {
        let layout = Layout::of(&request());
        let folder = "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/01/01/";
        let own = format!(
            "{folder}111122223333_CloudTrail-Digest_us-east-1_bank_us-east-1_20260101T050130Z.json.gz"
        );
        let (kind, key) = layout.parse(&own).unwrap();
        assert_eq!(kind, ChainKind::Standard);
        assert_eq!(key.end.to_string(), "2026-01-01T05:01:30Z");
        let backfill = own.replace(".json.gz", "_backfill.json.gz");
        assert_eq!(layout.parse(&backfill).unwrap().0, ChainKind::Backfill);
        assert_eq!(end_in_key(&own), end_in_key(&backfill));
        for other in [
            own.replace("_bank_", "_bank2_"),
            own.replace("_bank_", "_bank_us-east-1_x_"),
            own.replace("050130Z", "junk"),
            own.replace("050130Z", "995130Z"),
            own.replace("2026/01/01", "2026/01"),
            own.replace(".json.gz", ".json.gz.bak"),
            format!("x/{own}"),
        ] {
            assert!(layout.parse(&other).is_none(), "{other}");
        }
    }

    #[test]
    fn prefix_and_organization_are_part_of_the_key() {
        let mut request = request();
        request.prefix = Some("a/b".into());
        request.organization_id = Some("o-abc".into());
        let layout = Layout::of(&request);
        assert_eq!(layout.prefix(), "a/b/AWSLogs/o-abc/111122223333/CloudTrail-Digest/us-east-1/");
        // One minute earlier, and so the day before.
        assert!(layout.start_after(request.start).contains("/2025/12/31/"));
    }
}
