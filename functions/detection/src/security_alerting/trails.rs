//! What CloudTrail records where.

use fisc_shared::Error;
use fisc_shared::error::Call;

/// The IAM action of the call.
pub(super) const DESCRIBE_TRAILS: &str = "cloudtrail:DescribeTrails";

/// A trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trail {
    /// The Region that it records; all of them without one.
    pub(super) region: Option<String>,
    pub(super) log_group: Option<LogGroup>,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LogGroup {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) name: String,
}

impl LogGroup {
    /// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`
    pub(super) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(7, ':').skip(3);
        let (region, account) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        (parts.next()? == "log-group").then_some(())?;
        let name = parts.next()?;
        let name = name.strip_suffix(":*").unwrap_or(name).to_owned();
        Some(Self { account, region, name })
    }
}

impl Trail {
    /// Whether it records what happens in a Region.
    pub(super) fn records(&self, region: &str) -> bool {
        self.region.as_ref().is_none_or(|own| own == region)
    }
}

/// All trails that record something of the Region or of all Regions, those of the organization
/// included.
pub(super) async fn trails(client: &aws_sdk_cloudtrail::Client) -> Result<Vec<Trail>, Error> {
    let answer = client.describe_trails().include_shadow_trails(true).send().await;
    let answer = answer.call(DESCRIBE_TRAILS)?;
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_TRAILS,
        field: format!("trailList[].{field}"),
    };
    let read = |trail: &aws_sdk_cloudtrail::types::Trail| {
        let everywhere =
            trail.is_multi_region_trail().ok_or_else(|| lacks("IsMultiRegionTrail"))?;
        let home = trail.home_region().ok_or_else(|| lacks("HomeRegion"))?;
        let log_group = match trail.cloud_watch_logs_log_group_arn().filter(|arn| !arn.is_empty()) {
            Some(arn) => Some(
                LogGroup::of_arn(arn).ok_or_else(|| lacks("CloudWatchLogsLogGroupArn as ARN"))?,
            ),
            None => None,
        };
        Ok(Trail { region: (!everywhere).then(|| home.to_owned()), log_group })
    };
    answer.trail_list().iter().map(read).collect()
}
