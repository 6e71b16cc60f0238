//! The requirements and remarks of the control.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

const ALARM: &[ResourceType] = &[ResourceType::CLOUDWATCH_ALARM];
const INSTANCE: &[ResourceType] = &[ResourceType::EC2_INSTANCE];
const DATABASES: &[ResourceType] = &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER];

pub(super) const ALARM_WITHOUT_ACTION: Requirement = Requirement {
    code: "ALARM_WITHOUT_ACTION",
    wave: 1,
    resources: ALARM,
    title: Text::new(
        "The alarm does nothing when it is raised",
        "アラームにアクションがありません",
    ),
    rule: Text::new(
        "Fails when actionsEnabled is false or alarmActions is empty, unless an EventBridge rule on \
         the alarm's state changes reaches somebody. Alarms that only feed a composite alarm or a \
         scaling policy are not judged.",
        "actionsEnabled が false、または alarmActions が空のとき不適合です。アラームの状態変化を捕捉する \
         EventBridge ルールが通知先に届く場合は適合です。複合アラームの入力やスケーリングのためだけの\
         アラームは対象外です。",
    ),
};

pub(super) const ALARM_REACHES_NOBODY: Requirement = Requirement {
    code: "ALARM_REACHES_NOBODY",
    wave: 1,
    resources: ALARM,
    title: Text::new("The alarm's actions reach nobody", "アラームのアクションが誰にも届きません"),
    rule: Text::new(
        "Fails when the alarm notifies only topics that do not exist or have no confirmed \
         subscription of a protocol in personProtocols, or functions that do not exist. Topics of \
         other accounts count, with a note.",
        "アラームの通知先が、存在しないトピック、personProtocols のプロトコルの確認済みサブスクリプションが\
         ないトピック、存在しない関数だけのとき不適合です。他アカウントのトピックは注記付きで適合とします。",
    ),
};

pub(super) const ALARM_INSUFFICIENT_DATA: Requirement = Requirement {
    code: "ALARM_INSUFFICIENT_DATA",
    wave: 2,
    resources: ALARM,
    title: Text::new("The alarm has had no data for long", "アラームのデータ不足が続いています"),
    rule: Text::new(
        "Fails when the alarm is in the state INSUFFICIENT_DATA for more than \
         maxInsufficientDataHours; alarms that take missing data for good are not judged.",
        "INSUFFICIENT_DATA の状態が maxInsufficientDataHours を超えて続くとき不適合です。欠落データを正常と\
         みなすアラームは評価しません。",
    ),
};

pub(super) const METRIC_ALARM_MISSING: Requirement = Requirement {
    code: "METRIC_ALARM_MISSING",
    wave: 1,
    resources: &[
        ResourceType::EC2_INSTANCE,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::ELBV2_LOAD_BALANCER,
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::ECS_SERVICE,
        ResourceType::SQS_QUEUE,
    ],
    title: Text::new(
        "Metrics of a critical resource have no alarm that tells somebody",
        "重要リソースのメトリクスに、通知先へ届くアラームがありません",
    ),
    rule: Text::new(
        "Fails when for a metric of alarmMatrix no alarm that tells somebody watches the critical \
         resource, its Auto Scaling group or its cluster; metric math, queries and composite alarms \
         joined by OR count. Bundled: EC2 CPUUtilization; RDS CPUUtilization, FreeStorageSpace (not \
         Aurora), DatabaseConnections; ALB HTTPCode_ELB_5XX_Count; ALB and NLB UnHealthyHostCount or \
         HealthyHostCount; Lambda Errors, Throttles; DynamoDB ThrottledRequests or throttle events; \
         ECS CPUUtilization, MemoryUtilization; SQS ApproximateAgeOfOldestMessage.",
        "alarmMatrix のメトリクスについて、重要リソース自体、その Auto Scaling グループまたはクラスターを\
         監視し通知先へ届くアラームがないとき不適合です(Metric Math、クエリ、OR で結ばれた複合アラームを\
         含む)。既定: EC2 CPUUtilization、RDS CPUUtilization・FreeStorageSpace(Aurora を除く)・\
         DatabaseConnections、ALB HTTPCode_ELB_5XX_Count、ALB・NLB UnHealthyHostCount または \
         HealthyHostCount、Lambda Errors・Throttles、DynamoDB ThrottledRequests またはスロットルイベント、\
         ECS CPUUtilization・MemoryUtilization、SQS ApproximateAgeOfOldestMessage。",
    ),
};

pub(super) const AGENT_NOT_REPORTING: Requirement = Requirement {
    code: "AGENT_NOT_REPORTING",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "No monitoring agent reports from the instance",
        "インスタンスの監視エージェントからデータが届いていません",
    ),
    rule: Text::new(
        "Fails when a running instance, started more than 30 minutes ago, showed none of \
         agentMetrics in the last three hours (by its InstanceId, or by its host name) and the \
         inventory of Systems Manager shows none of acceptedAgents.",
        "起動から 30 分を超えた実行中のインスタンスで、直近 3 時間に agentMetrics のいずれも届かず\
         (InstanceId またはホスト名で照合)、Systems Manager のインベントリに acceptedAgents もないとき\
         不適合です。",
    ),
};

pub(super) const SCALED_OUT_INSTANCE_UNMONITORED: Requirement = Requirement {
    code: "SCALED_OUT_INSTANCE_UNMONITORED",
    wave: 2,
    resources: &[ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP],
    title: Text::new(
        "No monitoring agent reports from instances of the group",
        "グループのインスタンスの監視エージェントからデータが届いていません",
    ),
    rule: Text::new(
        "Fails when for an instance in service, started more than 30 minutes ago, \
         AGENT_NOT_REPORTING fails: its launch template does not install the agent.",
        "起動から 30 分を超えた InService のインスタンスで AGENT_NOT_REPORTING が不適合となるとき不適合です\
         (起動テンプレートでエージェントが導入されていません)。",
    ),
};

pub(super) const PROCESS_UNMONITORED: Requirement = Requirement {
    code: "PROCESS_UNMONITORED",
    wave: 3,
    resources: INSTANCE,
    title: Text::new(
        "No alarm watches the processes of the instance",
        "インスタンスのプロセスを監視するアラームがありません",
    ),
    rule: Text::new(
        "Fails when an instance with the tag fisc:process-monitoring has no alarm that tells \
         somebody on a procstat metric of the agent.",
        "タグ fisc:process-monitoring のあるインスタンスで、エージェントの procstat メトリクスに通知先へ届く\
         アラームがないとき不適合です。",
    ),
};

pub(super) const DETAILED_MONITORING_OFF: Requirement = Requirement {
    code: "DETAILED_MONITORING_OFF",
    wave: 2,
    resources: INSTANCE,
    title: Text::new("Detailed monitoring is off", "詳細モニタリングが無効です"),
    rule: Text::new(
        "Fails when a critical instance has basic monitoring only (configuration.monitoring.state).",
        "重要なインスタンスが基本モニタリングのみのとき不適合です(configuration.monitoring.state)。",
    ),
};

pub(super) const CONTAINER_INSIGHTS_OFF: Requirement = Requirement {
    code: "CONTAINER_INSIGHTS_OFF",
    wave: 2,
    resources: &[ResourceType::ECS_CLUSTER],
    title: Text::new("Container Insights is off", "Container Insights が無効です"),
    rule: Text::new(
        "Fails when the setting containerInsights of a critical cluster is neither enabled nor \
         enhanced (configuration.ClusterSettings; off is the default).",
        "重要なクラスターの containerInsights の設定が enabled でも enhanced でもないとき不適合です\
         (configuration.ClusterSettings。既定は無効)。",
    ),
};

pub(super) const EKS_OBSERVABILITY_ADDON_MISSING: Requirement = Requirement {
    code: "EKS_OBSERVABILITY_ADDON_MISSING",
    wave: 2,
    resources: &[ResourceType::EKS_CLUSTER],
    title: Text::new(
        "The cluster has no active observability add-on",
        "クラスターに有効な可観測性アドオンがありません",
    ),
    rule: Text::new(
        "Fails when a critical cluster has neither amazon-cloudwatch-observability nor adot as an \
         add-on in the state ACTIVE.",
        "重要なクラスターに、状態が ACTIVE の amazon-cloudwatch-observability または adot のアドオンが\
         ないとき不適合です。",
    ),
};

pub(super) const RDS_ENHANCED_MONITORING_OFF: Requirement = Requirement {
    code: "RDS_ENHANCED_MONITORING_OFF",
    wave: 2,
    resources: DATABASES,
    title: Text::new(
        "Enhanced monitoring is off or too coarse",
        "拡張モニタリングが無効、または間隔が長すぎます",
    ),
    rule: Text::new(
        "Fails when the interval of a critical database instance or Multi-AZ DB cluster is 0 or \
         more than 60 seconds (configuration.monitoringInterval). The instances of Aurora clusters \
         carry the setting themselves; Neptune and DocumentDB have none.",
        "重要な DB インスタンスまたはマルチ AZ DB クラスターの間隔が 0 または 60 秒を超えるとき不適合です\
         (configuration.monitoringInterval)。Aurora はインスタンスごとの設定で評価し、Neptune と \
         DocumentDB にはこの設定がありません。",
    ),
};

pub(super) const RDS_INSIGHTS_OFF: Requirement = Requirement {
    code: "RDS_INSIGHTS_OFF",
    wave: 3,
    resources: DATABASES,
    title: Text::new("Performance Insights is off", "Performance Insights が無効です"),
    rule: Text::new(
        "With requireInsights: fails when a critical database instance or Multi-AZ DB cluster has \
         Performance Insights off (configuration.performanceInsightsEnabled).",
        "requireInsights を指定した場合: 重要な DB インスタンスまたはマルチ AZ DB クラスターの \
         Performance Insights が無効のとき不適合です(configuration.performanceInsightsEnabled)。",
    ),
};

pub(super) const CANARY_NOT_RUNNING: Requirement = Requirement::of_account(
    "CANARY_NOT_RUNNING",
    1,
    Text::new(
        "No canary tests the public endpoints, or one has stopped",
        "公開エンドポイントを監視する Canary がない、または停止しています",
    ),
    Text::new(
        "Fails when a load balancer, an API or a CloudFront distribution is public and no canary \
         runs in any Region, or when a canary of this Region is stopped or in error.",
        "ロードバランサー・API・CloudFront ディストリビューションのいずれかが公開されているのに、どの\
         リージョンでも Canary が実行されていないとき、またはこのリージョンに停止中・エラーの Canary が\
         あるとき不適合です。",
    ),
);

pub(super) const CANARY_WITHOUT_ALARM: Requirement = Requirement::of_account(
    "CANARY_WITHOUT_ALARM",
    2,
    Text::new("A running canary has no alarm", "実行中の Canary にアラームがありません"),
    Text::new(
        "Fails when no alarm that tells somebody watches a metric of a running canary \
         (CloudWatchSynthetics, dimension CanaryName).",
        "実行中の Canary のメトリクス(CloudWatchSynthetics、ディメンション CanaryName)に、通知先へ届く\
         アラームがないとき不適合です。",
    ),
);

pub(super) const LOG_FILTER_ALARM_MISSING: Requirement = Requirement::of_account(
    "LOG_FILTER_ALARM_MISSING",
    1,
    Text::new(
        "A monitored log group raises no alarm",
        "監視対象のロググループにアラームがありません",
    ),
    Text::new(
        "With monitoredLogGroupPrefixes: fails when a log group whose name begins so has no metric \
         filter whose metric has an alarm that tells somebody, or when there is no such log group.",
        "monitoredLogGroupPrefixes を指定した場合: 名前が前方一致するロググループに、通知先へ届くアラームの\
         あるメトリクスフィルターがないとき、または該当するロググループがないとき不適合です。",
    ),
);

pub(super) const NETWORK_TRAFFIC_ALARM_MISSING: Requirement = Requirement::of_account(
    "NETWORK_TRAFFIC_ALARM_MISSING",
    1,
    Text::new(
        "No alarm watches network traffic",
        "ネットワークトラフィックを監視するアラームがありません",
    ),
    Text::new(
        "With trafficMetrics: fails when no alarm, by threshold or by anomaly, on any of these \
         metrics tells somebody.",
        "trafficMetrics を指定した場合: いずれのメトリクスにも、通知先へ届くアラーム(しきい値または異常検出)が\
         ないとき不適合です。",
    ),
);

pub(super) const DASHBOARD_MISSING: Requirement = Requirement::of_account(
    "DASHBOARD_MISSING",
    3,
    Text::new("There are too few dashboards", "ダッシュボードが不足しています"),
    Text::new(
        "With minDashboards: fails when CloudWatch has fewer dashboards.",
        "minDashboards を指定した場合: CloudWatch のダッシュボードがその数に満たないとき不適合です。",
    ),
);

pub(super) const NOT_CRITICAL: Remark = Remark::new(
    "NOT_CRITICAL",
    "The resource does not carry the tag of criticalTag",
    "criticalTag のタグが付いていません",
);

pub(super) const NOT_RUNNING: Remark =
    Remark::new("NOT_RUNNING", "The instance does not run", "インスタンスは実行されていません");

pub(super) const JUST_STARTED: Remark = Remark::new(
    "JUST_STARTED",
    "The instance was started so lately that its agent may not have reported yet",
    "インスタンスは起動直後のため、エージェントのデータがまだ届いていない可能性があります",
);

pub(super) const SCALING_ALARM: Remark = Remark::new(
    "SCALING_ALARM",
    "The alarm serves a scaling policy",
    "スケーリングポリシーのためのアラームです",
);

pub(super) const FEEDS_COMPOSITE: Remark = Remark::new(
    "FEEDS_COMPOSITE",
    "The alarm only feeds a composite alarm",
    "複合アラームの入力のためだけのアラームです",
);

pub(super) const ACTS_ONLY: Remark = Remark::new(
    "ACTS_ONLY",
    "The alarm acts on the resource by itself and notifies nobody",
    "アラームはリソースへの自動処理だけを行い、通知は行いません",
);

pub(super) const ALARM_NOT_LISTED: Remark = Remark::new(
    "ALARM_NOT_LISTED",
    "CloudWatch lists no such alarm on metrics any more",
    "CloudWatch に該当するメトリクスのアラームがありません",
);

pub(super) const ALERTED_CENTRALLY: Remark = Remark::new(
    "ALERTED_CENTRALLY",
    "The topic is another account's; its subscriptions are to be checked there",
    "トピックは他アカウントのもので、サブスクリプションはそのアカウントで確認が必要です",
);

pub(super) const QUERY_NOT_READ: Remark = Remark::new(
    "QUERY_NOT_READ",
    "An alarm's query has conditions; whether they take this resource in is to be checked",
    "アラームのクエリに条件があります。このリソースが含まれるかどうかは確認が必要です",
);

pub(super) const NO_METRIC_NEEDED: Remark = Remark::new(
    "NO_METRIC_NEEDED",
    "alarmMatrix has no metric for this kind of resource",
    "この種類のリソースのメトリクスは alarmMatrix にありません",
);

pub(super) const NO_MEMBERS: Remark = Remark::new(
    "NO_MEMBERS",
    "The group has no instance in service whose agent is judged",
    "エージェントを評価する InService のインスタンスがグループにありません",
);

pub(super) const NOTHING_PUBLIC: Remark = Remark::new(
    "NOTHING_PUBLIC",
    "There is no public endpoint, and the parameters require nothing else of the account",
    "公開エンドポイントはなく、アカウントに必須とするものがパラメータにありません",
);
