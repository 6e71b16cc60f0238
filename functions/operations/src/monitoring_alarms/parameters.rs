//! The parameters of the control, and what they say together.

use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::{Error, Run, Text};

pub(super) const CRITICAL_TAG: Param<String> = Param::text(
    "criticalTag",
    "fisc:tier=critical",
    Text::new(
        "Tag (key, or key=value) of the resources whose metric alarms and detailed monitoring are \
         judged; empty: all",
        "メトリクスアラームと詳細な監視の評価対象を示すタグ(キー、またはキー=値。空の場合はすべて)",
    ),
);

pub(super) const ALARM_MATRIX: Param<Vec<String>> = Param::list(
    "alarmMatrix",
    &[],
    Text::new(
        "Metrics that need an alarm (namespace, space, name; alternatives joined by |); empty: the \
         bundled ones, which METRIC_ALARM_MISSING lists",
        "アラームが必要なメトリクス(名前空間、空白、名前。| で代替を指定)。空の場合は \
         METRIC_ALARM_MISSING に記載の既定の一覧",
    ),
);

pub(super) const PERSON_PROTOCOLS: Param<Vec<String>> = Param::list(
    "personProtocols",
    &["email", "email-json", "sms", "https", "lambda", "sqs", "application"],
    Text::new(
        "Protocols of SNS subscriptions that reach somebody; empty: all",
        "通知先に届くとみなす SNS サブスクリプションのプロトコル(空の場合はすべて)",
    ),
);

pub(super) const MAX_INSUFFICIENT_DATA_HOURS: Param<i64> = Param::integer(
    "maxInsufficientDataHours",
    24,
    1,
    8760,
    Text::new("Tolerated hours without data", "データ不足を許容する時間数"),
);

pub(super) const AGENT_NAMESPACE: Param<String> = Param::text(
    "agentNamespace",
    "CWAgent",
    Text::new("Namespace of the agent's metrics", "エージェントのメトリクスの名前空間"),
);

pub(super) const AGENT_METRICS: Param<Vec<String>> = Param::list(
    "agentMetrics",
    &[
        "mem_used_percent",
        "disk_used_percent",
        "Memory % Committed Bytes In Use",
        "LogicalDisk % Free Space",
    ],
    Text::new(
        "Metrics of the agent of which one must have been seen in the last three hours; empty: \
         agents are not judged",
        "直近 3 時間にいずれかが必要なエージェントのメトリクス(空の場合は評価しない)",
    ),
);

pub(super) const ACCEPTED_AGENTS: Param<Vec<String>> = Param::list(
    "acceptedAgents",
    &[],
    Text::new(
        "Other monitoring agents that count, by their names in the inventory of Systems Manager",
        "代わりに認める監視エージェント(Systems Manager のインベントリでの名前)",
    ),
);

pub(super) const REQUIRE_CANARY: Param<bool> = Param::flag(
    "requireCanary",
    true,
    Text::new(
        "With a public endpoint, a canary must run",
        "公開エンドポイントがある場合、Canary の実行を必須とする",
    ),
);

pub(super) const MONITORED_LOG_GROUP_PREFIXES: Param<Vec<String>> = Param::list(
    "monitoredLogGroupPrefixes",
    &[],
    Text::new(
        "Names, or their beginnings, of log groups that need a metric filter with an alarm",
        "メトリクスフィルターとアラームが必要なロググループの名前(前方一致)",
    ),
);

pub(super) const TRAFFIC_METRICS: Param<Vec<String>> = Param::list(
    "trafficMetrics",
    &[],
    Text::new(
        "Metrics of network traffic of which one must have an alarm (namespace, space, name); \
         empty: not judged",
        "いずれかにアラームが必要なネットワークトラフィックのメトリクス(名前空間、空白、名前)。空の場合は \
         評価しない",
    ),
);

pub(super) const REQUIRE_INSIGHTS: Param<bool> = Param::flag(
    "requireInsights",
    false,
    Text::new(
        "Critical databases need Performance Insights (Database Insights)",
        "重要なデータベースに Performance Insights(Database Insights)を必須とする",
    ),
);

pub(super) const MIN_DASHBOARDS: Param<i64> = Param::integer(
    "minDashboards",
    0,
    0,
    500,
    Text::new(
        "Dashboards that must exist; 0: not judged",
        "必要なダッシュボードの数(0 は評価しない)",
    ),
);

/// A metric that needs an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needed {
    pub(super) namespace: String,
    /// Any of these will do.
    pub(super) names: Vec<String>,
}

/// What is bundled.
const BUNDLED: &[&str] = &[
    "AWS/EC2 CPUUtilization",
    "AWS/RDS CPUUtilization",
    "AWS/RDS FreeStorageSpace",
    "AWS/RDS DatabaseConnections",
    "AWS/ApplicationELB HTTPCode_ELB_5XX_Count",
    "AWS/ApplicationELB UnHealthyHostCount|HealthyHostCount",
    "AWS/NetworkELB UnHealthyHostCount|HealthyHostCount",
    "AWS/Lambda Errors",
    "AWS/Lambda Throttles",
    "AWS/DynamoDB ThrottledRequests|ReadThrottleEvents|WriteThrottleEvents",
    "AWS/ECS CPUUtilization",
    "AWS/ECS MemoryUtilization",
    "AWS/SQS ApproximateAgeOfOldestMessage",
];

/// The metrics that need an alarm.
pub(super) fn matrix(run: &Run<'_>) -> Result<Vec<Needed>, Error> {
    let given = run.parameters.get(&ALARM_MATRIX);
    match given.is_empty() {
        true => BUNDLED.iter().map(|entry| needed(&ALARM_MATRIX, entry)).collect(),
        false => given.iter().map(|entry| needed(&ALARM_MATRIX, entry)).collect(),
    }
}

/// The metrics of network traffic.
pub(super) fn traffic(run: &Run<'_>) -> Result<Vec<Needed>, Error> {
    let given = run.parameters.get(&TRAFFIC_METRICS);
    given.iter().map(|entry| needed(&TRAFFIC_METRICS, entry)).collect()
}

fn needed(param: &Param<Vec<String>>, entry: &str) -> Result<Needed, Error> {
    let read = || {
        let (namespace, names) = entry.split_once(' ')?;
        let names: Vec<String> = names.split('|').map(|name| name.trim().to_owned()).collect();
        let there = !namespace.is_empty() && names.iter().all(|name| !name.is_empty());
        there.then(|| Needed { namespace: namespace.to_owned(), names })
    };
    read().ok_or_else(|| {
        ParameterError::Invalid {
            name: param.spec.name,
            problem: "takes metrics such as \"AWS/EC2 CPUUtilization\"".to_owned(),
            got: format!("{entry:?}"),
        }
        .into()
    })
}
