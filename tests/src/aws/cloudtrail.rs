//! CloudTrail: trails, their shadows, their status, and the public keys of digests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::protocol::{self, ApiError, Caller, epoch};
use super::validate as check;
use super::{ACCOUNT, FakeAws, REGION};

/// A trail, as its home Region keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    /// Its name.
    pub name: String,
    /// Its owner: for an organization trail the management account.
    pub account: String,
    /// Its home Region.
    pub home: String,
    /// The bucket that it delivers to.
    pub bucket: String,
    /// The prefix in the bucket.
    pub prefix: Option<String>,
    /// Whether it covers all Regions.
    pub multi_region: bool,
    /// The member accounts that see it, if it is an organization trail.
    pub members: Option<Vec<String>>,
    /// Whether log file validation is on.
    pub validation: bool,
    /// Whether global services are included.
    pub global: bool,
    /// The KMS key.
    pub kms_key: Option<String>,
    /// The CloudWatch Logs group.
    pub log_group: Option<String>,
    /// Whether it is logging now.
    pub logging: bool,
    /// Further members of the status, under their names in the API; times in epoch seconds.
    pub status: Value,
}

impl Trail {
    /// A multi-Region trail of the default account that is logging, with validation.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            account: ACCOUNT.to_owned(),
            home: REGION.to_owned(),
            bucket: "trail-bucket".to_owned(),
            prefix: None,
            multi_region: true,
            members: None,
            validation: true,
            global: true,
            kms_key: None,
            log_group: None,
            logging: true,
            status: json!({}),
        }
    }

    /// The same trail owned by an account, at home in a Region.
    #[must_use]
    pub fn at(self, account: &str, home: &str) -> Self {
        Self { account: account.to_owned(), home: home.to_owned(), ..self }
    }

    /// The same trail as an organization trail that these members see.
    #[must_use]
    pub fn organization(self, members: &[&str]) -> Self {
        Self { members: Some(members.iter().map(|&member| member.to_owned()).collect()), ..self }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:cloudtrail:{}:{}:trail/{}", self.home, self.account, self.name)
    }

    fn is_home(&self, caller: &Caller) -> bool {
        (&self.account, &self.home) == (&caller.account, &caller.region)
    }

    /// Whether a caller sees it at all, be it as a shadow.
    fn is_visible(&self, caller: &Caller) -> bool {
        let mine = self.account == caller.account
            || self.members.as_ref().is_some_and(|members| members.contains(&caller.account));
        mine && (self.multi_region || self.home == caller.region)
    }

    fn describe(&self) -> Value {
        let mut out = json!({
            "Name": self.name,
            "S3BucketName": self.bucket,
            "IncludeGlobalServiceEvents": self.global,
            "IsMultiRegionTrail": self.multi_region,
            "HomeRegion": self.home,
            "TrailARN": self.arn(),
            "LogFileValidationEnabled": self.validation,
            "HasCustomEventSelectors": false,
            "HasInsightSelectors": false,
            "IsOrganizationTrail": self.members.is_some(),
        });
        if let Some(prefix) = &self.prefix {
            out["S3KeyPrefix"] = json!(prefix);
        }
        if let Some(key) = &self.kms_key {
            out["KmsKeyId"] = json!(key);
        }
        if let Some(group) = &self.log_group {
            out["CloudWatchLogsLogGroupArn"] = json!(group);
            let role = format!("arn:aws:iam::{}:role/CloudTrail_CloudWatchLogs_Role", self.account);
            out["CloudWatchLogsRoleArn"] = json!(role);
        }
        out
    }
}

/// A public key of one Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// PKCS#1 DER.
    pub der: Vec<u8>,
    /// The fingerprint that digests name it by.
    pub fingerprint: String,
    /// From when on it signs.
    pub from: Timestamp,
    /// Until when it signs.
    pub to: Timestamp,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    trails: Vec<Trail>,
    keys: Vec<(String, PublicKey)>,
    page: Option<usize>,
}

/// What tests set of CloudTrail.
#[derive(Debug)]
pub struct CloudTrail<'a> {
    aws: &'a FakeAws,
}

impl<'a> CloudTrail<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws }
    }

    /// Adds a trail, or replaces the one with its ARN.
    pub fn add_trail(&self, trail: Trail) -> &Self {
        let mut state = self.aws.state();
        state.cloudtrail.trails.retain(|known| known.arn() != trail.arn());
        state.cloudtrail.trails.push(trail);
        drop(state);
        self
    }

    /// Adds a public key to a Region.
    pub fn add_public_key(&self, region: &str, key: PublicKey) -> &Self {
        self.aws.state().cloudtrail.keys.push((region.to_owned(), key));
        self
    }

    /// Lets listings return at most `size` entries a page.
    pub fn page(&self, size: usize) -> &Self {
        self.aws.state().cloudtrail.page = Some(size);
        self
    }
}

pub(crate) fn handle(
    state: &mut State,
    caller: &Caller,
    operation: &str,
    body: &Value,
) -> Result<Option<Value>, ApiError> {
    let output = match operation {
        "DescribeTrails" => describe(state, caller, body)?,
        "GetTrailStatus" => status(state, caller, body)?,
        "ListPublicKeys" => public_keys(state, caller, body)?,
        _ => return Ok(None),
    };
    Ok(Some(output))
}

fn describe(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &[], &["trailNameList", "includeShadowTrails"])?;
    let names = check::list(input, "trailNameList", usize::MAX)?;
    let shadows = check::flag(input, "includeShadowTrails", true)?;
    let trails: Vec<Value> = state
        .trails
        .iter()
        .filter(|trail| trail.is_visible(caller) && (shadows || trail.is_home(caller)))
        .filter(|trail| {
            // By its bare name a trail is found at home only.
            names.is_empty()
                || names.contains(&json!(trail.arn()))
                || (trail.is_home(caller) && names.contains(&json!(trail.name)))
        })
        .map(Trail::describe)
        .collect();
    Ok(json!({"trailList": trails}))
}

fn status(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &["Name"], &[])?;
    let name = check::text(input, "Name", 0, usize::MAX)?.unwrap_or_default();
    let trail = state.trails.iter().find(|trail| {
        trail.is_visible(caller)
            && (trail.arn() == name || (trail.is_home(caller) && trail.name == name))
    });
    let Some(trail) = trail else {
        let message = format!("Unknown trail: {name} for the user: {}", caller.account);
        return Err(ApiError::bad("TrailNotFoundException", message));
    };
    let mut out = json!({"IsLogging": trail.logging});
    for (name, value) in trail.status.as_object().into_iter().flatten() {
        out[name] = value.clone();
    }
    Ok(out)
}

fn public_keys(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &[], &["StartTime", "EndTime", "NextToken"])?;
    let now = Timestamp::now();
    let start = check::time(input, "StartTime")?;
    let end = check::time(input, "EndTime")?;
    let (from, to) = (start.unwrap_or(now), end.unwrap_or(now));
    if from > to {
        let message = "Start time must be before end time";
        return Err(ApiError::bad("InvalidTimeRangeException", message));
    }
    let keys: Vec<Value> = state
        .keys
        .iter()
        .filter(|(region, key)| *region == caller.region && key.from <= to && key.to >= from)
        .map(|(_, key)| {
            json!({
                "Value": BASE64.encode(&key.der),
                "ValidityStartTime": epoch(key.from),
                "ValidityEndTime": epoch(key.to),
                "Fingerprint": key.fingerprint,
            })
        })
        .collect();
    let token = check::text(input, "NextToken", 0, usize::MAX)?;
    let tag = format!("keys {start:?} {end:?}");
    let (keys, next) = protocol::page(&keys, token, state.page.unwrap_or(usize::MAX), &tag)
        .ok_or_else(|| ApiError::bad("InvalidTokenException", "Reserved for future use."))?;
    let mut output = json!({"PublicKeyList": keys});
    if let Some(next) = next {
        output["NextToken"] = json!(next);
    }
    Ok(output)
}
