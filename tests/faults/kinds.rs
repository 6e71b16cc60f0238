//! The kinds of functions, the world in which each passes or fails, and the calls that it makes.

use std::fmt;
use std::path::PathBuf;

use fisc_testkit::aws::{ACCOUNT, Evaluation, FakeAws, Key, REGION, Rule, Trail};
use fisc_testkit::digests::Plan;
use fisc_testkit::events;
use fisc_testkit::runtime::sibling;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A kind of function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A control that decides by the item of a change.
    Change,
    /// The same, for an item that is too large for the event.
    Oversized,
    /// A control that asks a service about the changed item.
    ChangeAndService,
    /// A control that looks at every resource on a schedule, over several pages.
    Sweep,
    /// A control of the account.
    Account,
    /// A control that reads and verifies log files in S3.
    Logs,
    /// The findings function with messages of its queue.
    Queue,
    /// The findings function on its schedule, with findings that grow old.
    Refresh,
    /// The findings function on its schedule, with a result that Security Hub does not show.
    CatchUp,
}

/// A call that a kind makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.operation)
    }
}

impl Point {
    const fn new(service: &'static str, operation: &'static str) -> Self {
        Self { service, operation }
    }

    /// Whether the call itself changes what Config or Security Hub hold.
    pub(crate) fn reports(self) -> bool {
        self == PUT || self == IMPORT
    }
}

pub(crate) const PUT: Point = Point::new("config", "PutEvaluations");
const LIST: Point = Point::new("securityhub", "GetFindings");
pub(crate) const IMPORT: Point = Point::new("securityhub", "BatchImportFindings");

/// The keys that the sweep finds; pages hold fewer.
const KEYS: usize = 8;
const PAGE: usize = 3;
const BUCKET: &str = "audit-logs";
const HOURS: usize = 4;

impl Kind {
    pub(crate) const ALL: [Self; 9] = [
        Self::Change,
        Self::Oversized,
        Self::ChangeAndService,
        Self::Sweep,
        Self::Account,
        Self::Logs,
        Self::Queue,
        Self::Refresh,
        Self::CatchUp,
    ];

    /// Whether it is the findings function.
    pub(crate) const fn is_findings(self) -> bool {
        matches!(self, Self::Queue | Self::Refresh | Self::CatchUp)
    }

    /// The control whose results are looked at.
    pub(crate) const fn control(self) -> &'static str {
        match self {
            Self::Change | Self::Oversized => "kms-key-lifecycle",
            Self::ChangeAndService | Self::Sweep => "kms-key-rotation",
            Self::Account => "ebs-default-encryption",
            Self::Logs => "log-integrity",
            Self::Queue | Self::Refresh | Self::CatchUp => "s3-tls-only",
        }
    }

    /// The program of the control.
    pub(crate) fn program(self) -> PathBuf {
        sibling(if self == Self::Logs { "logging" } else { "encryption" })
    }

    /// The calls that it makes in a run.
    pub(crate) fn points(self) -> Vec<Point> {
        let details = Point::new("config", "GetComplianceDetailsByConfigRule");
        let rotation = Point::new("kms", "GetKeyRotationStatus");
        match self {
            Self::Change => vec![PUT],
            Self::Oversized => vec![Point::new("config", "GetResourceConfigHistory"), PUT],
            Self::ChangeAndService => vec![rotation, PUT],
            Self::Sweep => vec![
                Point::new("kms", "ListKeys"),
                Point::new("kms", "DescribeKey"),
                rotation,
                details,
                PUT,
            ],
            Self::Account => {
                vec![Point::new("ec2", "GetEbsEncryptionByDefault"), details, PUT]
            }
            Self::Logs => vec![
                Point::new("cloudtrail", "DescribeTrails"),
                Point::new("s3", "ListObjectsV2"),
                Point::new("s3", "GetObject"),
                PUT,
            ],
            Self::Queue => vec![IMPORT],
            Self::Refresh => vec![LIST, IMPORT],
            Self::CatchUp => vec![details, LIST, IMPORT],
        }
    }

    /// Type and id of the resource that fails.
    pub(crate) const fn subject(self) -> (&'static str, &'static str) {
        match self {
            Self::Account => ("AWS::::Account", ACCOUNT),
            Self::Logs => ("AWS::CloudTrail::Trail", "bank"),
            Self::Queue | Self::Refresh | Self::CatchUp => ("AWS::S3::Bucket", "ledger"),
            _ => ("AWS::KMS::Key", "key-4"),
        }
    }

    /// The reason for which it fails.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Change | Self::Oversized => "KEY_SPEC_NOT_APPROVED",
            Self::ChangeAndService | Self::Sweep => "ROTATION_DISABLED",
            Self::Account => "DEFAULT_ENCRYPTION_DISABLED",
            Self::Logs => "LOG_FILE_MISSING",
            Self::Queue | Self::Refresh | Self::CatchUp => "SOME_CODE",
        }
    }

    /// How many resources have a result.
    pub(crate) const fn results(self) -> usize {
        match self {
            Self::Sweep => KEYS,
            _ => 1,
        }
    }

    /// Makes the world one in which the subject passes, or fails.
    pub(crate) fn set(self, aws: &FakeAws, good: bool) {
        match self {
            Self::Oversized => {
                aws.config().record(&self.item(good));
            }
            Self::ChangeAndService | Self::Sweep => {
                aws.kms().page(PAGE);
                for n in 0..KEYS {
                    let key = Key::symmetric(&format!("key-{n}"));
                    let bad = !good && n == 4;
                    aws.kms().add_key(if bad { key } else { key.rotating(365) });
                }
            }
            Self::Account => {
                let answer = json!({"EbsEncryptionByDefault": good});
                aws.stub("ec2").returns("GetEbsEncryptionByDefault", answer);
            }
            Self::Logs if good => {
                let seconds = Timestamp::now().as_second();
                let hour = Timestamp::from_second(seconds - seconds % 3600).expect("a time");
                let hours = i64::try_from(HOURS).expect("small");
                let plan = Plan::new(hour - SignedDuration::from_hours(hours), HOURS);
                plan.build().put_into(aws);
                aws.cloudtrail().add_trail(trail());
            }
            Self::Logs => {
                let keys = aws.s3().keys(BUCKET);
                let log = keys.iter().rev().find(|key| key.contains("/CloudTrail/"));
                aws.s3().delete(BUCKET, log.expect("a log file"));
            }
            Self::CatchUp => {
                let (resource_type, id) = self.subject();
                let now = Timestamp::now();
                let result = Evaluation {
                    resource_type: resource_type.to_owned(),
                    resource_id: id.to_owned(),
                    compliance: if good { "COMPLIANT" } else { "NON_COMPLIANT" }.to_owned(),
                    annotation: (!good).then(|| format!("{}: it fails", self.reason())),
                    ordering: now,
                    recorded: now,
                };
                let rule = aws.config().rule(&format!("fisc-{}", self.control()));
                aws.config().report(&rule, result);
            }
            Self::Change | Self::Queue | Self::Refresh => {}
        }
    }

    /// The event of a state: a change, or a schedule that comes round now.
    pub(crate) fn event(self, rule: &Rule, good: bool) -> Value {
        let item = self.item(good);
        match self {
            Self::Change | Self::ChangeAndService => events::change(rule, &item, &Value::Null),
            Self::Oversized => events::oversized(rule, &item, &Value::Null),
            Self::Sweep | Self::Account | Self::Logs => events::scheduled(rule, &self.parameters()),
            Self::Queue | Self::Refresh | Self::CatchUp => {
                unreachable!("the findings function has no rule")
            }
        }
    }

    /// An event from before the one of the failure, that comes only now: of a change that passes,
    /// or of a schedule in a world that passes (again).
    pub(crate) fn late_event(self, aws: &FakeAws, rule: &Rule) -> Value {
        if matches!(self, Self::ChangeAndService | Self::Sweep | Self::Account) {
            self.set(aws, true);
        }
        if matches!(self, Self::Sweep | Self::Account | Self::Logs) {
            let time = format!("{:.3}", Timestamp::now() - SignedDuration::from_hours(1));
            return events::scheduled_at(rule, &time, &self.parameters());
        }
        self.event(rule, true)
    }

    fn parameters(self) -> Value {
        if self == Self::Logs { json!({"verificationHours": "2"}) } else { Value::Null }
    }

    fn item(self, good: bool) -> Value {
        let spec = match self {
            Self::Change | Self::Oversized if !good => "RSA_2048",
            _ => "SYMMETRIC_DEFAULT",
        };
        let id = "key-4";
        let mut item = events::item(
            "AWS::KMS::Key",
            id,
            json!({
                "keyId": id, "keyManager": "CUSTOMER", "keyState": "Enabled", "origin": "AWS_KMS",
                "keySpec": spec, "creationDate": 1_746_057_600_000_u64, "multiRegion": false,
                "enabled": true,
            }),
        );
        let second = if good { 1 } else { 2 };
        item["configurationItemCaptureTime"] = json!(format!("2026-11-01T00:00:0{second}.000Z"));
        item
    }

    /// The Id of the subject's finding.
    pub(crate) fn finding(self) -> String {
        let (kind, id) = self.subject();
        format!("fisc-config-rules/{ACCOUNT}/{REGION}/{}/{kind}/{id}", self.control())
    }
}

fn trail() -> Trail {
    let hours_ago = |hours| (Timestamp::now() - SignedDuration::from_hours(hours)).as_second();
    let mut trail = Trail::new("bank");
    trail.bucket = BUCKET.to_owned();
    trail.multi_region = false;
    trail.validation = true;
    trail.logging = true;
    trail.status = json!({
        "StartLoggingTime": hours_ago(1000), "LatestDigestDeliveryTime": hours_ago(1),
    });
    trail
}
