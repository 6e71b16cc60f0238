//! The places to which transcripts go: whether they exist, and whether operators can reach them.

use aws_sdk_cloudwatchlogs::types::PolicyType;
use aws_types::SdkConfig;
use fisc_shared::error::{Call, Failure, ServiceError};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Reason, Run, message};
use serde::Deserialize;

use super::documents::Preferences;
use super::{
    ARCHIVE_ACCOUNT, DESTINATION_NOT_FOUND, DESTINATION_NOT_PROTECTED, LOG_ARCHIVE_ACCOUNT_IDS,
    LOG_ARCHIVE_DESTINATION_ARNS, OWNER_NOT_VERIFIED,
};

pub(super) const DESCRIBE_LOG_GROUPS: &str = "logs:DescribeLogGroups";
pub(super) const DESCRIBE_SUBSCRIPTION_FILTERS: &str = "logs:DescribeSubscriptionFilters";
pub(super) const DESCRIBE_ACCOUNT_POLICIES: &str = "logs:DescribeAccountPolicies";
pub(super) const LIST_BUCKETS: &str = "s3:ListAllMyBuckets";
/// The IAM action of HeadBucket.
pub(super) const HEAD_BUCKET: &str = "s3:ListBucket";

/// Without a page size S3 refuses accounts that may have very many buckets.
const MAX_BUCKETS: i32 = 1000;

/// A destination, and how well it keeps transcripts from the operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Name of the bucket or log group.
    pub(super) name: String,
    pub(super) keeping: Keeping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    /// There is no such bucket or log group.
    Missing,
    /// It is, or is forwarded, in the archive.
    Archived,
    /// It is in the hands of the operating account, or of one that is no archive.
    Exposed,
    /// The bucket belongs to another account; which, S3 does not tell.
    Elsewhere,
}

/// What counts as archive.
struct Archive {
    accounts: Vec<String>,
    destinations: Vec<String>,
}

impl Archive {
    fn of(run: &Run<'_>) -> Self {
        Self {
            accounts: run.parameters.get(&LOG_ARCHIVE_ACCOUNT_IDS),
            destinations: run.parameters.get(&LOG_ARCHIVE_DESTINATION_ARNS),
        }
    }

    fn is_demanded(&self) -> bool {
        !(self.accounts.is_empty() && self.destinations.is_empty())
    }

    fn is(&self, account: &str) -> bool {
        self.accounts.iter().any(|one| one.trim() == account)
    }

    /// Whether a subscription to this destination archives.
    fn takes(&self, destination: &str) -> bool {
        let account = destination.split(':').nth(4).unwrap_or_default();
        self.destinations.iter().any(|one| one.trim() == destination) || self.is(account)
    }
}

/// Adds what is wrong with the places; the result is what a pass has to say.
pub(super) fn by_places(places: &[Place], run: &Run<'_>, failures: &mut Failures) -> Vec<Reason> {
    let named = |keeping: Keeping| -> Vec<&str> {
        let of_kind = places.iter().filter(|place| place.keeping == keeping);
        of_kind.map(|place| place.name.as_str()).collect()
    };
    let missing = named(Keeping::Missing);
    if !missing.is_empty() {
        let Message { en, ja } = Message::named(&missing);
        failures.because(
            &DESTINATION_NOT_FOUND,
            message!("It does not exist: {en}", "存在しない出力先: {ja}"),
        );
    }
    let archive = Archive::of(run);
    if !archive.is_demanded() {
        return Vec::new();
    }
    if archive.is(run.account_id) {
        return vec![ARCHIVE_ACCOUNT.reason()];
    }
    let (exposed, elsewhere) = (named(Keeping::Exposed), named(Keeping::Elsewhere));
    if !named(Keeping::Archived).is_empty() {
        return Vec::new();
    }
    if !elsewhere.is_empty() {
        let Message { en, ja } = Message::named(&elsewhere);
        return vec![OWNER_NOT_VERIFIED.because(message!(
            "The bucket {en} belongs to another account; S3 does not tell this one which",
            "バケット {ja} は別のアカウントのものですが、所有者は確認できません"
        ))];
    }
    if !exposed.is_empty() {
        let Message { en, ja } = Message::named(&exposed);
        failures.because(
            &DESTINATION_NOT_PROTECTED,
            message!(
                "Transcripts stay in reach of the operating account: {en}",
                "操作ログが保管先のアカウントに送られていません: {ja}"
            ),
        );
    }
    Vec::new()
}

/// Asks S3 and CloudWatch Logs.
pub(super) struct Destinations {
    logs: aws_sdk_cloudwatchlogs::Client,
    s3: aws_sdk_s3::Client,
}

impl Destinations {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { logs: aws_sdk_cloudwatchlogs::Client::new(sdk), s3: aws_sdk_s3::Client::new(sdk) }
    }

    /// The places that preferences name.
    pub(super) async fn of(
        &self,
        preferences: &Preferences,
        run: &Run<'_>,
    ) -> Result<Vec<Place>, Error> {
        let archive = Archive::of(run);
        let mut places = Vec::new();
        if let Some(name) = preferences.bucket() {
            let keeping = self.bucket(name, &archive).await?;
            places.push(Place { name: name.to_owned(), keeping });
        }
        if let Some(name) = preferences.log_group() {
            let keeping = self.log_group(name, &archive).await?;
            places.push(Place { name: name.to_owned(), keeping });
        }
        Ok(places)
    }

    async fn bucket(&self, name: &str, archive: &Archive) -> Result<Keeping, Error> {
        // No account can name another's bucket as its own: what it lists exists and is its own.
        let mut own =
            self.s3.list_buckets().prefix(name).max_buckets(MAX_BUCKETS).into_paginator().send();
        while let Some(page) = own.next().await {
            let page = page.call(LIST_BUCKETS)?;
            if page.buckets().iter().any(|bucket| bucket.name() == Some(name)) {
                return Ok(Keeping::Exposed);
            }
        }
        match self.head(name, None).await? {
            Head::NoBucket => return Ok(Keeping::Missing),
            Head::Refused => return Ok(Keeping::Elsewhere),
            Head::Granted if archive.accounts.is_empty() => return Ok(Keeping::Elsewhere),
            Head::Granted => {}
        }
        // Whom S3 lets read the bucket it tells too whether the owner is the expected one.
        for account in &archive.accounts {
            match self.head(name, Some(account.trim())).await? {
                Head::Granted => return Ok(Keeping::Archived),
                Head::NoBucket => return Ok(Keeping::Missing),
                Head::Refused => {}
            }
        }
        Ok(Keeping::Exposed)
    }

    async fn head(&self, name: &str, owner: Option<&str>) -> Result<Head, Error> {
        let answer = self
            .s3
            .head_bucket()
            .bucket(name)
            .set_expected_bucket_owner(owner.map(str::to_owned))
            .send()
            .await;
        let error = match answer {
            Ok(_) => return Ok(Head::Granted),
            Err(error) => error,
        };
        let mut failed = ServiceError::new(HEAD_BUCKET, &error);
        failed.message = format!("HeadBucket of {name}: {}", failed.message);
        // An answer to HEAD has no body, and with it no error code.
        match error.raw_response().map(|response| response.status().as_u16()) {
            Some(404) => return Ok(Head::NoBucket),
            // That it exists S3 tells everybody, also those whom it sends to another Region.
            Some(301 | 307 | 400 | 403) => return Ok(Head::Refused),
            Some(429 | 503) => failed.failure = Failure::Throttled,
            Some(500..) => failed.failure = Failure::Refused,
            _ => {}
        }
        Err(failed.into())
    }

    async fn log_group(&self, name: &str, archive: &Archive) -> Result<Keeping, Error> {
        let mut pages = self
            .logs
            .describe_log_groups()
            .log_group_name_prefix(name)
            .into_paginator()
            .items()
            .send();
        let mut exists = false;
        while let Some(group) = pages.next().await {
            exists |= group.call(DESCRIBE_LOG_GROUPS)?.log_group_name() == Some(name);
            if exists {
                break;
            }
        }
        if !exists {
            return Ok(Keeping::Missing);
        }
        if !archive.is_demanded() {
            return Ok(Keeping::Exposed);
        }
        if self.is_subscribed(name, archive).await? || self.is_in_policy(name, archive).await? {
            return Ok(Keeping::Archived);
        }
        Ok(Keeping::Exposed)
    }

    /// Whether a subscription of the log group forwards everything to the archive.
    async fn is_subscribed(&self, name: &str, archive: &Archive) -> Result<bool, Error> {
        let mut pages = self
            .logs
            .describe_subscription_filters()
            .log_group_name(name)
            .into_paginator()
            .items()
            .send();
        while let Some(filter) = pages.next().await {
            let filter = filter.call(DESCRIBE_SUBSCRIPTION_FILTERS)?;
            let destination = filter.destination_arn.ok_or_else(|| Error::Answer {
                action: DESCRIBE_SUBSCRIPTION_FILTERS,
                field: "subscriptionFilters[].destinationArn".to_owned(),
            })?;
            if is_everything(filter.filter_pattern.as_deref()) && archive.takes(&destination) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a subscription of the whole account does.
    async fn is_in_policy(&self, name: &str, archive: &Archive) -> Result<bool, Error> {
        let mut token: Option<String> = None;
        // The SDK has no paginator for it.
        loop {
            let answer = self
                .logs
                .describe_account_policies()
                .policy_type(PolicyType::SubscriptionFilterPolicy)
                .set_next_token(token.take())
                .send()
                .await
                .call(DESCRIBE_ACCOUNT_POLICIES)?;
            for policy in answer.account_policies() {
                let document = AccountPolicy::parse(policy.policy_document())?;
                let criteria = policy.selection_criteria().unwrap_or_default();
                // A log group that the criteria mention may be one that they leave out.
                if is_everything(document.filter_pattern.as_deref())
                    && archive.takes(&document.destination_arn)
                    && !criteria.contains(&format!("\"{name}\""))
                {
                    return Ok(true);
                }
            }
            match answer.next_token {
                Some(next) => token = Some(next),
                None => return Ok(false),
            }
        }
    }
}

/// What S3 says of a bucket.
enum Head {
    NoBucket,
    Granted,
    Refused,
}

/// A filter that is empty forwards every event; others only those that match.
fn is_everything(pattern: Option<&str>) -> bool {
    pattern.is_none_or(|pattern| pattern.trim().is_empty())
}

/// The subscription of all log groups of an account. Source: CloudWatch Logs API reference,
/// PutAccountPolicy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountPolicy {
    destination_arn: String,
    #[serde(default)]
    filter_pattern: Option<String>,
}

impl AccountPolicy {
    fn parse(document: Option<&str>) -> Result<Self, Error> {
        let document = document.and_then(|text| serde_json::from_str(text).ok());
        document.ok_or_else(|| Error::Answer {
            action: DESCRIBE_ACCOUNT_POLICIES,
            field: "accountPolicies[].policyDocument with a DestinationArn".to_owned(),
        })
    }
}
