//! CloudWatch alarms: which metrics they watch, and what they do.

use aws_sdk_cloudwatch::types::{
    AlarmType, ComparisonOperator, CompositeAlarm, Metric as SdkMetric, MetricAlarm,
};
use fisc_shared::error::Call;
use fisc_shared::{Error, Message, message};
use serde_json::{Value, json};

/// The IAM action of the call.
pub(super) const DESCRIBE_ALARMS: &str = "cloudwatch:DescribeAlarms";

/// A metric: its namespace, its name, and the names of its dimensions in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: Vec<String>,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alarm {
    pub(super) name: String,
    pub(super) arn: String,
    /// What it watches, by itself or through the alarms that it is composed of.
    pub(super) metrics: Vec<Metric>,
    /// It is raised when values are high: what a count of events needs.
    pub(super) rises: bool,
    /// Its actions are switched on.
    pub(super) enabled: bool,
    /// What it does when it is raised, by ARN.
    pub(super) actions: Vec<String>,
}

impl Alarm {
    fn read(alarm: &MetricAlarm) -> Result<Self, Error> {
        let (name, arn) = named("MetricAlarms", alarm.alarm_name(), alarm.alarm_arn())?;
        let metric = |namespace: Option<&str>, name: Option<&str>, dimensions: Vec<String>| {
            let mut dimensions = dimensions;
            dimensions.sort_unstable();
            Some(Metric { namespace: namespace?.to_owned(), name: name?.to_owned(), dimensions })
        };
        let of = |one: &SdkMetric| {
            let dimensions = one.dimensions().iter();
            let names = dimensions.filter_map(|one| one.name().map(str::to_owned));
            metric(one.namespace(), one.metric_name(), names.collect())
        };
        let names = alarm.dimensions().iter().filter_map(|one| one.name().map(str::to_owned));
        let own = metric(alarm.namespace(), alarm.metric_name(), names.collect());
        let queried =
            alarm.metrics().iter().filter_map(|query| of(query.metric_stat()?.metric()?));
        Ok(Self {
            name,
            arn,
            metrics: own.into_iter().chain(queried).collect(),
            rises: !matches!(
                alarm.comparison_operator(),
                Some(
                    ComparisonOperator::LessThanThreshold
                        | ComparisonOperator::LessThanOrEqualToThreshold
                        | ComparisonOperator::LessThanLowerThreshold
                )
            ),
            enabled: alarm.actions_enabled().unwrap_or(false),
            actions: alarm.alarm_actions().to_vec(),
        })
    }

    /// Its Region.
    pub(super) fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }

    /// The event that it sends when it is raised.
    pub(super) fn raised(&self, account: &str) -> Value {
        let state = |value: &str| {
            json!({
                "value": value,
                "reason": "Threshold Crossed",
                "reasonData": "{}",
                "timestamp": "2026-11-02T03:04:05.678+0000"
            })
        };
        json!({
            "version": "0",
            "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
            "detail-type": "CloudWatch Alarm State Change",
            "source": "aws.cloudwatch",
            "account": account,
            "time": "2026-11-02T03:04:05Z",
            "region": self.region(),
            "resources": [self.arn],
            "detail": {
                "alarmName": self.name,
                "state": state("ALARM"),
                "previousState": state("OK"),
                "configuration": {"metrics": []}
            }
        })
    }

    /// What is wrong with its actions before anybody is asked about them.
    pub(super) fn mute(&self) -> Option<Message> {
        let name = &self.name;
        if self.actions.is_empty() {
            Some(message!("alarm {name} has no action", "アラーム {name} にアクションがありません"))
        } else if self.enabled {
            None
        } else {
            Some(message!(
                "actions of alarm {name} are off",
                "アラーム {name} のアクションが無効です"
            ))
        }
    }
}

/// The name and the ARN of an alarm.
fn named(list: &str, name: Option<&str>, arn: Option<&str>) -> Result<(String, String), Error> {
    let lacks =
        |field: &str| Error::Answer { action: DESCRIBE_ALARMS, field: format!("{list}[].{field}") };
    let name = name.ok_or_else(|| lacks("AlarmName"))?.to_owned();
    Ok((name, arn.ok_or_else(|| lacks("AlarmArn"))?.to_owned()))
}

/// A composite alarm, once for each alarm that is enough to raise it.
fn through(composite: &CompositeAlarm, alarms: &[Alarm]) -> Result<Vec<Alarm>, Error> {
    let (name, arn) = named("CompositeAlarms", composite.alarm_name(), composite.alarm_arn())?;
    let children = any_of(composite.alarm_rule().unwrap_or_default());
    let child = |alarm: &&Alarm| {
        children.iter().any(|child| {
            // By name, or by ARN.
            *child == alarm.name
                || child.rsplit_once(":alarm:").is_some_and(|(_, one)| one == alarm.name)
        })
    };
    let raised = |alarm: &Alarm| Alarm {
        name: name.clone(),
        arn: arn.clone(),
        enabled: composite.actions_enabled().unwrap_or(false),
        actions: composite.alarm_actions().to_vec(),
        ..alarm.clone()
    };
    Ok(alarms.iter().filter(child).map(raised).collect())
}

/// The alarms each of which alone raises a composite alarm: those that its rule joins by OR. Of
/// other rules none.
fn any_of(rule: &str) -> Vec<&str> {
    let each = rule.split(" OR ").map(|part| {
        let part = part.trim().trim_start_matches('(').trim_end_matches(')').trim();
        let name = part.strip_prefix("ALARM(")?.trim().trim_matches(['"', '\'']);
        (!name.contains(['(', ')', '"'])).then_some(name)
    });
    each.collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// All alarms of a Region.
pub(super) async fn alarms(client: &aws_sdk_cloudwatch::Client) -> Result<Vec<Alarm>, Error> {
    let mut pages = client
        .describe_alarms()
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .into_paginator()
        .send();
    let mut alarms = Vec::new();
    let mut composites = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.call(DESCRIBE_ALARMS)?;
        for alarm in page.metric_alarms() {
            alarms.push(Alarm::read(alarm)?);
        }
        composites.extend(page.composite_alarms.unwrap_or_default());
    }
    let mut composed = Vec::new();
    for composite in &composites {
        composed.extend(through(composite, &alarms)?);
    }
    alarms.extend(composed);
    Ok(alarms)
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::{Dimension, MetricDataQuery, MetricStat};

    use super::*;

    #[test]
    fn only_an_or_lets_one_alarm_raise_a_composite() {
        for (rule, expected) in [
            ("ALARM(a)", vec!["a"]),
            ("ALARM(a) OR ALARM(\"b c\")", vec!["a", "b c"]),
            ("(ALARM(a) OR ALARM(b)) OR ALARM(c)", vec!["a", "b", "c"]),
            ("ALARM(a) AND ALARM(b)", vec![]),
            ("ALARM(a) OR NOT ALARM(b)", vec![]),
            ("ALARM(a) OR (ALARM(b) AND OK(c))", vec![]),
            ("OK(a)", vec![]),
            ("TRUE", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(any_of(rule), expected, "{rule}");
        }
    }

    #[test]
    fn metrics_are_read_wherever_they_stand() {
        let metric = |name: &str| {
            SdkMetric::builder()
                .namespace("Trail")
                .metric_name(name)
                .dimensions(Dimension::builder().name("B").value("1").build())
                .dimensions(Dimension::builder().name("A").value("1").build())
                .build()
        };
        let query = MetricDataQuery::builder()
            .id("m1")
            .metric_stat(MetricStat::builder().metric(metric("root")).build())
            .build();
        let alarm = Alarm::read(
            &MetricAlarm::builder()
                .alarm_name("a")
                .alarm_arn("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:a")
                .metrics(query)
                .metrics(MetricDataQuery::builder().id("e1").expression("m1 * 2").build())
                .comparison_operator(ComparisonOperator::GreaterThanUpperThreshold)
                .actions_enabled(true)
                .build(),
        )
        .unwrap();
        Alarm::read(&MetricAlarm::builder().alarm_name("a").build()).unwrap_err();
        let expected = Metric {
            namespace: "Trail".to_owned(),
            name: "root".to_owned(),
            dimensions: vec!["A".to_owned(), "B".to_owned()],
        };
        assert_eq!(alarm.metrics, [expected]);
        assert!(alarm.rises);
        assert_eq!(alarm.mute().unwrap().en, "alarm a has no action");
    }

    #[test]
    fn a_composite_acts_for_the_alarms_that_it_names() {
        let alarm = Alarm {
            name: "root".to_owned(),
            arn: "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:root".to_owned(),
            metrics: Vec::new(),
            rises: true,
            enabled: false,
            actions: Vec::new(),
        };
        let composite = |rule: &str| {
            CompositeAlarm::builder()
                .alarm_name("all")
                .alarm_arn("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:all")
                .alarm_rule(rule)
                .actions_enabled(true)
                .alarm_actions("arn:aws:sns:ap-northeast-1:111122223333:security")
                .build()
        };
        let alarms = [alarm];
        let by_arn = "ALARM(arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:root)";
        for rule in ["ALARM(root) OR ALARM(x)", by_arn] {
            let through = through(&composite(rule), &alarms).unwrap();
            assert_eq!(through.len(), 1, "{rule}");
            assert_eq!(through[0].mute(), None);
        }
        assert!(through(&composite("ALARM(x)"), &alarms).unwrap().is_empty());
    }
}
