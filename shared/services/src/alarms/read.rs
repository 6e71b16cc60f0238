//! Reading alarms, and what composite alarms make of them.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{
    AlarmType, ComparisonOperator, CompositeAlarm, Dimension as SdkDimension, Metric as SdkMetric,
    MetricAlarm, StateValue,
};
use aws_types::SdkConfig;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::{Error, Message, message};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::query::asked;

/// The IAM action of the call.
pub const DESCRIBE_ALARMS: &str = "cloudwatch:DescribeAlarms";

/// A metric: its namespace, its name, and its dimensions in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Such as `AWS/EC2`.
    pub namespace: String,
    /// Such as `CPUUtilization`.
    pub name: String,
    /// What it is measured of.
    pub dimensions: Vec<Dimension>,
}

/// A dimension of a metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dimension {
    /// Such as `InstanceId`.
    pub name: String,
    /// The one that is measured.
    pub value: String,
}

impl Metric {
    /// Reads one of the SDK's; none without namespace or name.
    #[must_use]
    pub fn new(
        namespace: Option<&str>,
        name: Option<&str>,
        dimensions: &[SdkDimension],
    ) -> Option<Self> {
        let dimensions = dimensions.iter().map(|one| Dimension {
            name: one.name().unwrap_or_default().to_owned(),
            value: one.value().unwrap_or_default().to_owned(),
        });
        let mut dimensions: Vec<Dimension> = dimensions.collect();
        dimensions.sort_unstable();
        Some(Self { namespace: namespace?.to_owned(), name: name?.to_owned(), dimensions })
    }

    fn of(metric: &SdkMetric) -> Option<Self> {
        Self::new(metric.namespace(), metric.metric_name(), metric.dimensions())
    }

    /// Whether it is measured of this one.
    #[must_use]
    pub fn has(&self, dimension: &str, value: &str) -> bool {
        self.dimensions.iter().any(|one| one.name == dimension && one.value == value)
    }

    /// Whether it has these dimensions and no other.
    #[must_use]
    pub fn is_of(&self, dimensions: &[(&str, &str)]) -> bool {
        self.dimensions.len() == dimensions.len()
            && dimensions.iter().all(|(name, value)| self.has(name, value))
    }
}

/// A way to be told of metrics: an alarm, or a composite alarm through one that raises it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What it watches, by itself or through the alarm that raises it. Metrics of other accounts
    /// are left out.
    pub metrics: Vec<Metric>,
    /// The expressions that it computes: metric math, or a query of Metrics Insights.
    pub expressions: Vec<String>,
    /// It is raised when values are high: what a count of events needs.
    pub rises: bool,
    /// Its actions are switched on.
    pub enabled: bool,
    /// What it does when it is raised, by ARN.
    pub actions: Vec<String>,
    /// It is a composite alarm.
    pub composite: bool,
    /// A composite alarm looks at it.
    pub feeds: bool,
    /// Since when it lacks data.
    pub without_data_since: Option<Timestamp>,
    /// Missing data count as good.
    pub missing_is_good: bool,
}

impl Alarm {
    fn read(alarm: &MetricAlarm) -> Result<Self, Error> {
        let (name, arn) = named("MetricAlarms", alarm.alarm_name(), alarm.alarm_arn())?;
        let own = Metric::new(alarm.namespace(), alarm.metric_name(), alarm.dimensions());
        let account = arn.split(':').nth(4).unwrap_or_default();
        let queries = alarm.metrics().iter();
        let queries = queries.filter(|query| query.account_id().is_none_or(|one| one == account));
        let queried =
            queries.clone().filter_map(|query| Metric::of(query.metric_stat()?.metric()?));
        let expressions = queries.filter_map(|query| query.expression().map(str::to_owned));
        // Updates of the reason move the newer of the two.
        let since = alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp());
        let lacks_data = alarm.state_value() == Some(&StateValue::InsufficientData);
        Ok(Self {
            metrics: own.into_iter().chain(queried).collect(),
            expressions: expressions.collect(),
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
            composite: false,
            feeds: false,
            without_data_since: since.filter(|_| lacks_data).and_then(from_sdk),
            missing_is_good: alarm.treat_missing_data() == Some("notBreaching"),
            name,
            arn,
        })
    }

    /// Whether one of its metrics is this one, by itself or in an expression. `of` decides by the
    /// dimensions.
    pub fn watches(&self, namespace: &str, name: &str, of: impl Fn(&Metric) -> bool) -> bool {
        self.metrics.iter().any(|one| one.namespace == namespace && one.name == name && of(one))
    }

    /// Whether one of its queries asks for this metric: of all resources, or (`Some(false)`) of
    /// those that meet conditions.
    #[must_use]
    pub fn asks(&self, namespace: &str, name: &str) -> Option<bool> {
        let asked = self.expressions.iter().filter_map(|query| asked(query, namespace, name));
        asked.max()
    }

    /// Its Region.
    #[must_use]
    pub fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }

    /// The event that it sends when it is raised.
    #[must_use]
    pub fn raised(&self, account: &str) -> Value {
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
    #[must_use]
    pub fn mute(&self) -> Option<Message> {
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

/// The names of the metric alarms each of which alone raises a composite alarm. A composite may
/// be raised through others.
fn raisers<'a>(
    composite: &'a CompositeAlarm,
    composites: &'a [CompositeAlarm],
    seen: &mut BTreeSet<&'a str>,
) -> Vec<&'a str> {
    let mut found = Vec::new();
    for child in any_of(composite.alarm_rule().unwrap_or_default()) {
        let child = bare(child);
        match composites.iter().find(|one| one.alarm_name() == Some(child)) {
            Some(inner) if seen.insert(child) => found.extend(raisers(inner, composites, seen)),
            Some(_) => {}
            None => found.push(child),
        }
    }
    found
}

/// An alarm may be named by its ARN.
fn bare(name: &str) -> &str {
    match name.starts_with("arn:") {
        true => name.split_once(":alarm:").map_or(name, |(_, name)| name),
        false => name,
    }
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

/// The names of the alarms that a rule speaks of, whatever it says of them.
fn spoken_of(rule: &str) -> impl Iterator<Item = &str> {
    let after = ["ALARM(", "OK(", "INSUFFICIENT_DATA("];
    after.into_iter().flat_map(move |word| rule.split(word).skip(1)).filter_map(|rest| {
        let rest = rest.trim_start();
        let name = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest.get(1..)?.split(quote).next()?,
            _ => rest.split(')').next()?,
        };
        Some(bare(name.trim()))
    })
}

/// Puts the alarms of one Region together: each metric alarm, and each composite alarm once for
/// each metric alarm that is enough to raise it.
///
/// # Errors
/// When an alarm lacks its name or its ARN.
pub fn together(
    alarms: &[MetricAlarm],
    composites: &[CompositeAlarm],
) -> Result<Vec<Alarm>, Error> {
    let mut all = alarms.iter().map(Alarm::read).collect::<Result<Vec<_>, _>>()?;
    let rules = composites.iter().filter_map(CompositeAlarm::alarm_rule);
    let fed: BTreeSet<&str> = rules.flat_map(spoken_of).collect();
    for alarm in &mut all {
        alarm.feeds = fed.contains(alarm.name.as_str());
    }
    let mut composed = Vec::new();
    for composite in composites {
        let (name, arn) = named("CompositeAlarms", composite.alarm_name(), composite.alarm_arn())?;
        let raisers = raisers(composite, composites, &mut BTreeSet::from([name.as_str()]));
        let through = all.iter().filter(|alarm| raisers.contains(&alarm.name.as_str()));
        composed.extend(through.map(|alarm| Alarm {
            name: name.clone(),
            arn: arn.clone(),
            enabled: composite.actions_enabled().unwrap_or(false),
            actions: composite.alarm_actions().to_vec(),
            composite: true,
            feeds: fed.contains(name.as_str()),
            ..alarm.clone()
        }));
    }
    all.extend(composed);
    Ok(all)
}

/// All alarms of the Region.
///
/// # Errors
/// When a call fails, or an alarm lacks its name or its ARN.
pub async fn alarms(sdk: &SdkConfig) -> Result<Vec<Alarm>, Error> {
    let mut pages = aws_sdk_cloudwatch::Client::new(sdk)
        .describe_alarms()
        // Composite alarms come only when they are asked for.
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .into_paginator()
        .send();
    let (mut alarms, mut composites) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.call(DESCRIBE_ALARMS)?;
        alarms.extend(page.metric_alarms.unwrap_or_default());
        composites.extend(page.composite_alarms.unwrap_or_default());
    }
    together(&alarms, &composites)
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::{MetricDataQuery, MetricStat};

    use super::*;

    fn arn(name: &str) -> String {
        format!("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:{name}")
    }

    fn metric(name: &str) -> SdkMetric {
        let dimension =
            |name: &str, value: &str| SdkDimension::builder().name(name).value(value).build();
        SdkMetric::builder()
            .namespace("Trail")
            .metric_name(name)
            .dimensions(dimension("B", "1"))
            .dimensions(dimension("A", "2"))
            .build()
    }

    fn query(id: &str, name: &str) -> aws_sdk_cloudwatch::types::builders::MetricDataQueryBuilder {
        MetricDataQuery::builder()
            .id(id)
            .metric_stat(MetricStat::builder().metric(metric(name)).build())
    }

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
        let alarm = Alarm::read(
            &MetricAlarm::builder()
                .alarm_name("a")
                .alarm_arn(arn("a"))
                .metrics(query("m1", "root").build())
                .metrics(query("m2", "own").account_id("111122223333").build())
                // A monitoring account watches the metrics of others.
                .metrics(query("m3", "theirs").account_id("999988887777").build())
                .metrics(MetricDataQuery::builder().id("e1").expression("m1 * 2").build())
                .comparison_operator(ComparisonOperator::GreaterThanUpperThreshold)
                .actions_enabled(true)
                .build(),
        )
        .unwrap();
        Alarm::read(&MetricAlarm::builder().alarm_name("a").build()).unwrap_err();
        let names: Vec<&str> = alarm.metrics.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["root", "own"]);
        assert!(alarm.watches("Trail", "root", |one| one.is_of(&[("A", "2"), ("B", "1")])));
        for other in [&[("A", "2")][..], &[("A", "2"), ("B", "2")], &[]] {
            assert!(!alarm.watches("Trail", "root", |one| one.is_of(other)), "{other:?}");
        }
        assert!(alarm.watches("Trail", "own", |one| one.has("A", "2")));
        assert!(!alarm.watches("AWS/EC2", "own", |_| true));
        assert_eq!(alarm.expressions, ["m1 * 2"]);
        assert!(alarm.rises);
        assert_eq!(alarm.mute().unwrap().en, "alarm a has no action");
    }

    #[test]
    fn only_the_state_without_data_has_a_time() {
        let at = |value: StateValue| {
            let time = |text| {
                use aws_smithy_types::DateTime;
                DateTime::from_str(text, aws_smithy_types::date_time::Format::DateTime).unwrap()
            };
            MetricAlarm::builder()
                .alarm_name("a")
                .alarm_arn(arn("a"))
                .state_value(value)
                .state_transitioned_timestamp(time("2026-11-01T00:00:00Z"))
                .state_updated_timestamp(time("2026-11-20T00:00:00Z"))
                .build()
        };
        let since = |value| Alarm::read(&at(value)).unwrap().without_data_since;
        assert_eq!(since(StateValue::Ok), None);
        let expected = "2026-11-01T00:00:00Z".parse().unwrap();
        assert_eq!(since(StateValue::InsufficientData), Some(expected));
    }

    #[test]
    fn a_composite_acts_for_the_alarms_that_raise_it() {
        let one = MetricAlarm::builder().alarm_name("root").alarm_arn(arn("root")).build();
        let composite = |name: &str, rule: &str| {
            CompositeAlarm::builder()
                .alarm_name(name)
                .alarm_arn(arn(name))
                .alarm_rule(rule)
                .actions_enabled(true)
                .alarm_actions("arn:aws:sns:ap-northeast-1:111122223333:security")
                .build()
        };
        let of = |composites: &[CompositeAlarm]| {
            together(std::slice::from_ref(&one), composites).unwrap()
        };
        let by_arn = format!("ALARM({})", arn("root"));
        for rule in ["ALARM(root) OR ALARM(x)", &by_arn] {
            let alarms = of(&[composite("all", rule)]);
            assert_eq!(alarms.len(), 2, "{rule}");
            assert!(alarms[0].feeds && !alarms[0].composite);
            assert!(alarms[1].composite);
            assert_eq!(alarms[1].mute(), None);
        }
        assert_eq!(of(&[composite("all", "ALARM(x)")]).len(), 1);
        // One alarm of two does not raise it, but feeds it.
        let both = of(&[composite("all", "OK(\"x\") AND ALARM(\"root\")")]);
        assert_eq!((both.len(), both[0].feeds), (1, true));
        // Through another composite, and in a circle.
        let outer = composite("outer", "ALARM(inner)");
        let alarms = of(&[outer.clone(), composite("inner", "ALARM(root)")]);
        assert_eq!(alarms.len(), 3);
        assert!(alarms.iter().any(|alarm| alarm.name == "outer" && alarm.metrics.is_empty()));
        assert_eq!(of(&[outer, composite("inner", "ALARM(outer)")]).len(), 1);
    }
}
