//! `security-alerting`: root use, failed sign-ins, threat findings, violated rules and changes of
//! the network reach somebody.
//!
//! An alert is judged by what it catches. Sample events, as AWS sends them, are held against the
//! patterns of EventBridge rules and of metric filters: an alert that is written in another way
//! than the benchmarks' counts, one that catches only some finding types, one severity or one
//! rule does not. The way is then followed to its end: a topic with a confirmed subscription, a
//! function that exists, an alarm whose actions are on, another bus of the account.
//!
//! Sign-ins and calls of the root user are recorded in us-east-1, where EventBridge has them; a
//! rule elsewhere never sees them. A multi-Region trail has them too, so that metric filters work
//! in its home Region. EventBridge gives reading calls only to rules that ask for them. Where a
//! pattern cannot be decided (regular expressions, operators that AWS added since) and nothing
//! else alerts, the run fails instead of guessing.
//!
//! Not seen: alarms of a monitoring account on metrics of this one, alarms on queries of logs, and
//! whether subscribers read what they get.
//!
//! Criteria: 実5, 実14 8, 実14 9, 実16, 実16 2, 実21 2, 実22 3, 実43, 実72, 実101 ask for it. To fix it,
//! send the events to an SNS topic with confirmed subscriptions.

mod classes;
mod evidence;
mod findings;
mod judge;
mod parameters;
mod requirements;
mod samples;
mod trails;
mod vpcs;

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::alarms::DESCRIBE_ALARMS;
use fisc_services::alerts::{self, Alerts};
use fisc_services::metric_filters::DESCRIBE_METRIC_FILTERS;
use fisc_shared::ec2::Ec2;
use fisc_shared::ec2::action::DESCRIBE_FLOW_LOGS;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
    no_item_tells,
};

use evidence::DESCRIBE_SUBSCRIPTION_FILTERS;
use findings::*;
use parameters::*;
use requirements::*;
use trails::DESCRIBE_TRAILS;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "security-alerting",
    domain: Domain::Detection,
    severity: Severity::High,
    title: Text::new(
        "Root use, failed sign-ins, threat findings, rule violations and network changes alert",
        "ルート利用・サインイン失敗・脅威検出・ルール違反・ネットワーク変更が通知先に届く",
    ),
    why: Text::new(
        "Records that nobody looks at stop no attack. Alerts that end in an unconfirmed \
         subscription or in a deleted function look as if they worked until the day they are \
         needed.",
        "誰も見ない記録では攻撃を止められません。未確認のサブスクリプションや削除済みの関数で終わる\
         アラートは、必要になるその日まで機能しているように見えてしまいます。",
    ),
    fix: Text::new(
        "In EventBridge > Rules create, in every Region, rules on GuardDuty findings, AWS Config \
         compliance changes and EC2 network changes with an SNS topic as target whose subscriptions \
         are confirmed. For sign-ins and the root user create a rule in us-east-1, or metric \
         filters with alarms (CloudWatch > Log groups) on the log group of a multi-Region trail.",
        "EventBridge の「ルール」で、各リージョンに GuardDuty の検出結果、AWS Config の\
         コンプライアンス変更、EC2 のネットワーク変更のルールを作成し、確認済み\
         サブスクリプションのある SNS トピックに送ります。サインインとルートユーザーは、us-east-1 \
         のルール、またはマルチリージョン証跡のロググループのメトリクスフィルターと\
         アラーム(CloudWatch >「ロググループ」)で検知します。",
    ),
    remedy: Remedy::new(
        include_str!("security_alerting/remedy.sh"),
        include_str!("security_alerting/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html",
    criteria: Criteria {
        explicit: &[
            "実5", "実14 8", "実14 9", "実16", "実16 2", "実21 2", "実22 3", "実43", "実72",
            "実101",
        ],
        implied: &["実9", "実42 4", "実46"],
    },
    resources: &[ResourceType::ACCOUNT, ResourceType::EC2_VPC],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(DESCRIBE_TRAILS),
        Action::on(DESCRIBE_METRIC_FILTERS, fisc_shared::grant::LOG_GROUPS),
        Action::on(DESCRIBE_SUBSCRIPTION_FILTERS, fisc_shared::grant::LOG_GROUPS),
        Action::any(DESCRIBE_ALARMS),
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[2],
        alerts::ACTIONS[3],
        Action::any(LIST_DETECTORS),
        Action::on(GET_DETECTOR, "arn:${AWS::Partition}:guardduty:*:${AWS::AccountId}:detector/*"),
        Action::any(GET_GUARDDUTY_ADMINISTRATOR),
        Action::on(DESCRIBE_HUB, fisc_shared::grant::HUB),
        Action::on(GET_HUB_ADMINISTRATOR, fisc_shared::grant::HUB),
        Action::on(LIST_ENABLED_PRODUCTS, fisc_shared::grant::HUB),
        Action::any(DESCRIBE_FLOW_LOGS),
    ],
    parameters: &[
        REQUIRED_EVENTS.spec,
        ACCEPT_CENTRAL.spec,
        ACCEPT_GUARDDUTY.spec,
        MIN_SEVERITY_COVERED.spec,
        REQUIRE_AUTO_RESPONSE.spec,
        AUTO_RESPONSE_MAX_SEVERITY.spec,
        NETWORK_CHANGE_CLASSES.spec,
        TRAFFIC_METRICS.spec,
        MONITORED_LOG_GROUPS.spec,
    ],
    requirements: &[
        &ROOT_USE_NOT_ALERTED,
        &SIGNIN_FAILURE_NOT_ALERTED,
        &SIGNIN_WITHOUT_MFA_NOT_ALERTED,
        &UNAUTHORIZED_CALLS_NOT_ALERTED,
        &GUARDDUTY_NOT_ALERTED,
        &GUARDDUTY_AUTO_RESPONSE_MISSING,
        &SECURITYHUB_NOT_FORWARDED,
        &CONFIG_NONCOMPLIANCE_NOT_ALERTED,
        &NETWORK_CHANGE_NOT_ALERTED,
        &TRAFFIC_ALARM_MISSING,
        &FLOW_LOG_ANOMALY_NOT_ALERTED,
        &LOG_GROUP_NOT_ALERTED,
        &TARGET_NOT_LIVE,
    ],
    remarks: &[
        &HOME_REGION_ONLY,
        &ALERTED_CENTRALLY,
        &GUARDDUTY_OFF,
        &SECURITY_HUB_OFF,
        &NOTHING_REQUIRED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: no_item_tells,
        connect,
        swept: &[ResourceType::ACCOUNT, ResourceType::EC2_VPC],
    },
};

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        sdk: sdk.clone(),
        alerts: Alerts::new(sdk),
        cloudtrail: aws_sdk_cloudtrail::Client::new(sdk),
        guardduty: aws_sdk_guardduty::Client::new(sdk),
        securityhub: aws_sdk_securityhub::Client::new(sdk),
        ec2: Ec2::new(sdk),
    })
}

/// The clients; those of CloudWatch are made for the Region of each trail's log group.
struct Services {
    sdk: SdkConfig,
    alerts: Alerts,
    cloudtrail: aws_sdk_cloudtrail::Client,
    guardduty: aws_sdk_guardduty::Client,
    securityhub: aws_sdk_securityhub::Client,
    ec2: Ec2,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let swept = self.sweep(run).await?.into_iter();
        let mut own = swept.filter(|one| {
            (&one.resource.resource_type, &one.resource.id)
                == (&item.resource_type, &item.resource_id)
        });
        Ok(own.next().map_or_else(|| Verdict::not_applicable(&NOTHING_REQUIRED), |one| one.verdict))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        judge::judge(self, run).await
    }
}

#[cfg(test)]
mod tests;
