//! Events as AWS Health sends them, to ask rules with.
//!
//! An event of a Region arrives there, and a second time in the Region's backup Region; one that
//! is of no Region (IAM, an account) arrives in us-east-1. `region` is where it was delivered,
//! `detail.eventRegion` where it happened. Source: AWS Health User Guide, "Creating EventBridge
//! rules for AWS Region coverage" and the schema of its events, November 2026.

use serde_json::{Value, json};

/// The Region in which global events arrive.
pub(super) const GLOBAL: &str = "us-east-1";

/// The categories that AWS Health has.
pub(super) const CATEGORIES: [&str; 4] =
    ["issue", "scheduledChange", "accountNotification", "investigation"];

/// The category that the suite gives to reports of abuse, which have a detail type of their own.
pub(super) const ABUSE: &str = "abuse";

/// A service of which global events are.
const GLOBAL_SERVICE: &str = "IAM";

/// The Region to which AWS Health sends a copy of what it delivers in this one.
pub(super) fn backup_of(region: &str) -> Option<&'static str> {
    match region {
        "us-west-2" => Some("us-east-1"),
        "cn-north-1" => Some("cn-northwest-1"),
        "cn-northwest-1" => Some("cn-north-1"),
        other if ["us-gov-", "us-iso", "eusc-"].iter().any(|start| other.starts_with(start)) => {
            None
        }
        _ => Some("us-west-2"),
    }
}

/// An event that AWS Health may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sample {
    account: String,
    /// Where it happened: a Region or `global`.
    region: String,
    service: String,
    category: String,
    code: String,
}

impl Sample {
    /// The event as it is delivered in a Region.
    pub(super) fn delivered(&self, region: &str, backup: bool) -> Value {
        let Self { account, region: happened, service, category, code } = self;
        let is_abuse = category == ABUSE;
        let detail_type = if is_abuse { "AWS Health Abuse Event" } else { "AWS Health Event" };
        let status = if category == "scheduledChange" { "upcoming" } else { "open" };
        let scope = if category == "issue" { "PUBLIC" } else { "ACCOUNT_SPECIFIC" };
        let id = "00000000000000000000000000000000";
        json!({
            "version": "0",
            "id": "12345678-1234-1234-1234-123456789012",
            "detail-type": detail_type,
            "source": "aws.health",
            "account": account,
            "time": "2026-11-01T00:00:00Z",
            "region": region,
            "resources": [],
            "detail": {
                "eventArn": format!("arn:aws:health:{happened}::event/{service}/{code}/{id}"),
                "service": service,
                "eventTypeCode": code,
                "eventTypeCategory": if is_abuse { "issue" } else { category.as_str() },
                "eventScopeCode": scope,
                "communicationId": "0123456789abcdef",
                "startTime": "Sun, 15 Nov 2026 00:00:00 GMT",
                "lastUpdatedTime": "Sun, 1 Nov 2026 00:00:00 GMT",
                "statusCode": status,
                "eventRegion": happened,
                "eventDescription": [{"language": "en_US", "latestDescription": "An event."}],
                "affectedEntities": [],
                "affectedAccount": account,
                "page": "1",
                "totalPages": "1",
                "backupEvent": if backup { "true" } else { "false" },
            },
        })
    }
}

/// What AWS Health may send of a category in a Region, for the services; where global events
/// arrive, also one of those.
pub(super) fn samples(
    account: &str,
    region: &str,
    category: &str,
    services: &[String],
) -> Vec<Sample> {
    let kinds: &[&str] = match category {
        "issue" => &["OPERATIONAL_ISSUE"],
        "investigation" => &["INVESTIGATION"],
        "scheduledChange" => &["MAINTENANCE_SCHEDULED", "PLANNED_LIFECYCLE_EVENT"],
        ABUSE => &["REPORT"],
        _ => &["OPERATIONAL_NOTIFICATION"],
    };
    let abuse = ["ABUSE".to_owned()];
    let services = if category == ABUSE { &abuse } else { services };
    let sample = |happened: &str, service: &str, kind: &str| Sample {
        account: account.to_owned(),
        region: happened.to_owned(),
        service: service.to_owned(),
        category: category.to_owned(),
        code: format!("AWS_{service}_{kind}"),
    };
    let regional =
        services.iter().flat_map(|service| kinds.iter().map(|kind| sample(region, service, kind)));
    let global = kinds
        .iter()
        .filter(|_| region == GLOBAL && category != ABUSE)
        .map(|kind| sample("global", GLOBAL_SERVICE, kind));
    regional.chain(global).collect()
}
