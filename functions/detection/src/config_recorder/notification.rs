//! Who is told of changes and violations.

use aws_types::SdkConfig;
use fisc_services::alerts::{Alerts, Liveness, Reach};
use fisc_shared::{Error, Run};
use serde_json::{Value, json};

use super::judge::Told;
use super::parameters::ACCEPTED_NOTIFICATION;

/// Resource types of the sample changes. A rule that is interested in some types only is likely
/// to name one of them.
const CHANGED: [(&str, &str); 6] = [
    ("AWS::EC2::SecurityGroup", "sg-0123456789abcdef0"),
    ("AWS::EC2::Instance", "i-0123456789abcdef0"),
    ("AWS::EC2::VPC", "vpc-0123456789abcdef0"),
    ("AWS::IAM::Role", "AROAEXAMPLEEXAMPLE000"),
    ("AWS::IAM::Policy", "ANPAEXAMPLEEXAMPLE000"),
    ("AWS::S3::Bucket", "example-bucket"),
];

pub(super) struct Notification {
    alerts: Alerts,
}

impl Notification {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { alerts: Alerts::new(sdk) }
    }

    /// Who is told, by the delivery channel's topic or by a rule of EventBridge.
    pub(super) async fn told(&self, topic: Option<&str>, run: &Run<'_>) -> Result<Told, Error> {
        let accepted = run.parameters.get(&ACCEPTED_NOTIFICATION);
        let mut told = Told::Nobody;
        if let Some(topic) = topic.filter(|_| accepted != "eventbridge") {
            match self.alerts.live(topic, run.account_id).await? {
                Liveness::Live | Liveness::Assumed => return Ok(Told::Somebody),
                Liveness::Elsewhere { .. } => told = Told::ElsewhereBySns,
                Liveness::Bus { .. } | Liveness::Dead(_) => {}
            }
        }
        if accepted == "sns" || told == Told::ElsewhereBySns {
            return Ok(told);
        }
        let routes = self.alerts.routes(run.account_id);
        let mut undecided = None;
        for event in events(run) {
            match routes.reach(&event).await? {
                Reach::Live { .. } | Reach::Central { .. } => return Ok(Told::Somebody),
                Reach::Undecided { rule, why } => undecided = Some((rule, why)),
                Reach::Dead { .. } | Reach::Uncaught => {}
            }
        }
        match undecided {
            // Nobody can tell what this rule catches, and no other catches anything.
            Some((rule, why)) => Err(Error::Control(format!(
                "the pattern of the EventBridge rule {rule} cannot be judged: {why}"
            ))),
            None => Ok(told),
        }
    }
}

/// Changes of resources, and a violation of a rule that is not of this suite, as AWS Config sends
/// them to EventBridge.
fn events(run: &Run<'_>) -> impl Iterator<Item = Value> {
    let (account, region) = (run.account_id.to_owned(), run.region.to_owned());
    let event = move |detail_type: &str, arn: String, detail: Value| {
        json!({
            "version": "0",
            "id": "12345678-1234-1234-1234-123456789012",
            "detail-type": detail_type,
            "source": "aws.config",
            "account": account,
            "time": "2026-11-01T00:00:00Z",
            "region": region,
            "resources": [arn],
            "detail": detail,
        })
    };
    let (account, region) = (run.account_id.to_owned(), run.region.to_owned());
    let violation = event(
        "Config Rules Compliance Change",
        format!("arn:aws:config:{region}:{account}:config-rule/config-rule-abc123"),
        json!({
            "resourceId": "sg-0123456789abcdef0",
            "awsRegion": region,
            "awsAccountId": account,
            "configRuleName": "restricted-ssh",
            "configRuleARN":
                format!("arn:aws:config:{region}:{account}:config-rule/config-rule-abc123"),
            "recordVersion": "1.0",
            "messageType": "ComplianceChangeNotification",
            "resourceType": "AWS::EC2::SecurityGroup",
            "notificationCreationTime": "2026-11-01T00:00:00.000Z",
            "newEvaluationResult": {"complianceType": "NON_COMPLIANT"},
            "oldEvaluationResult": {"complianceType": "COMPLIANT"},
        }),
    );
    let changes = CHANGED.into_iter().map(move |(kind, id)| {
        event(
            "Config Configuration Item Change",
            format!("arn:aws:config:{region}:{account}:{kind}/{id}"),
            json!({
                "recordVersion": "1.3",
                "messageType": "ConfigurationItemChangeNotification",
                "notificationCreationTime": "2026-11-01T00:00:00.000Z",
                "configurationItemDiff": {"changeType": "UPDATE", "changedProperties": {}},
                "configurationItem": {
                    "resourceType": kind,
                    "resourceId": id,
                    "awsRegion": region,
                    "awsAccountId": account,
                    "configurationItemStatus": "OK",
                },
            }),
        )
    });
    std::iter::once(violation).chain(changes)
}
