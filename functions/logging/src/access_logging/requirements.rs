//! What can fail, and when the control does not apply.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const S3_ACCESS_LOG_OFF: Requirement = Requirement::new(
    "S3_ACCESS_LOG_OFF",
    1,
    &[ResourceType::S3_BUCKET],
    Text::new(
        "The bucket writes no server access logs",
        "バケットのサーバーアクセスログが出力されていません",
    ),
    Text::new(
        "Fails when the bucket has no destination for server access logs \
         (BucketLoggingConfiguration), or one that is not among allowedLogBuckets (if any). A \
         bucket without logs that receives logs itself, by its policy, its ACL or logBucketNames, \
         is left out, and so are those of dataEventBuckets, and those with a tag of classifiedTags \
         whose accesses data events are found to record.",
        "サーバーアクセスログの保存先(BucketLoggingConfiguration)がないとき、または保存先が \
         allowedLogBuckets(指定した場合)に含まれないとき不適合です。ログを出力していなくても、\
         ポリシー、ACL、logBucketNames によりログの保存先と分かるバケットと、dataEventBuckets に\
         含まれるバケット、classifiedTags のタグを持ちデータイベントでの記録を確認できたバケットは\
         除きます。",
    ),
);

pub(super) const LB_ACCESS_LOG_OFF: Requirement = Requirement::new(
    "LB_ACCESS_LOG_OFF",
    1,
    &[ResourceType::ELBV2_LOAD_BALANCER, ResourceType::ELB_LOAD_BALANCER],
    Text::new(
        "The load balancer writes no access logs",
        "ロードバランサーのアクセスログが出力されていません",
    ),
    Text::new(
        "Fails when access_logs.s3.enabled (Classic: accessLog.enabled) is not true, or the \
         destination bucket of an Application or Network Load Balancer is not among \
         allowedLogBuckets (if any). A Network Load Balancer without access logs fails only with \
         requireNlbAccessLog, since only TLS listeners write them and its item does not list them.",
        "access_logs.s3.enabled(Classic では accessLog.enabled)が true でないとき、または \
         Application / Network Load Balancer の保存先バケットが allowedLogBuckets(指定した場合)に\
         含まれないとき不適合です。アクセスログのない Network Load Balancer は requireNlbAccessLog を\
         指定した場合だけ不適合とします。ログを出力するのは TLS リスナーだけで、その有無は設定項目に\
         記録されないためです。",
    ),
);

pub(super) const CLIENT_IP_DROPPED: Requirement = Requirement::new(
    "CLIENT_IP_DROPPED",
    2,
    &[ResourceType::ELBV2_LOAD_BALANCER],
    Text::new(
        "The load balancer removes the address of the client",
        "ロードバランサーがクライアントの IP アドレスを削除しています",
    ),
    Text::new(
        "Fails when the attribute routing.http.xff_header_processing.mode of an Application Load \
         Balancer is remove, so that logs behind it cannot tell where a request came from. Where \
         the attribute is not recorded, its default (append) holds.",
        "Application Load Balancer の属性 routing.http.xff_header_processing.mode が remove のとき\
         不適合です。後段のログからリクエスト元が分からなくなるためです。属性が記録されていない場合は\
         デフォルト(append)とみなします。",
    ),
);

pub(super) const CLOUDFRONT_LOG_OFF: Requirement = Requirement::new(
    "CLOUDFRONT_LOG_OFF",
    1,
    &[ResourceType::CLOUDFRONT_DISTRIBUTION],
    Text::new(
        "The distribution writes no access logs",
        "ディストリビューションのアクセスログが出力されていません",
    ),
    Text::new(
        "Fails when standard logging (legacy) is off and not every cache behavior has a real-time \
         log configuration, or when the bucket of standard logging is not among allowedLogBuckets \
         (if any). Standard logging v2 is not part of the item: distributions of \
         cloudFrontV2Distributions are left out.",
        "標準ログ記録(レガシー)が無効で、リアルタイムログの設定のないキャッシュビヘイビアがある\
         とき不適合です。標準ログの保存先バケットが allowedLogBuckets(指定した場合)に含まれない\
         場合も不適合です。標準ログ記録 v2 は設定項目に記録されないため、\
         cloudFrontV2Distributions のディストリビューションは除きます。",
    ),
);

pub(super) const API_EXECUTION_LOG_OFF: Requirement = Requirement::new(
    "API_EXECUTION_LOG_OFF",
    1,
    &[ResourceType::API_GATEWAY_STAGE],
    Text::new(
        "Methods of the stage write no execution logs",
        "ステージに実行ログを出力しないメソッドがあります",
    ),
    Text::new(
        "Fails when the logging level of all methods (*/*), or the level that a method overrides \
         it with, is not among apiLogLevels. No level means that nothing is logged.",
        "全メソッド(*/*)のログレベル、または個別のメソッドで上書きしたログレベルが apiLogLevels に\
         含まれないとき不適合です。レベルの設定がなければ出力されません。",
    ),
);

pub(super) const API_ACCESS_LOG_OFF: Requirement = Requirement::new(
    "API_ACCESS_LOG_OFF",
    1,
    &[ResourceType::API_GATEWAY_STAGE, ResourceType::API_GATEWAY_V2_STAGE],
    Text::new("The stage writes no access logs", "ステージのアクセスログが出力されていません"),
    Text::new(
        "Fails when accessLogSettings name no destination, unless requireApiAccessLog is false.",
        "accessLogSettings に出力先がないとき不適合です(requireApiAccessLog が false の場合を除く)。",
    ),
);

pub(super) const APPSYNC_LOG_OFF: Requirement = Requirement::new(
    "APPSYNC_LOG_OFF",
    1,
    &[ResourceType::APPSYNC_GRAPHQL_API],
    Text::new(
        "The GraphQL API does not log its field resolvers",
        "GraphQL API のフィールドレベルのログが出力されていません",
    ),
    Text::new(
        "Fails when there is no LogConfig, its FieldLogLevel is absent or NONE, or it has no \
         CloudWatchLogsRoleArn.",
        "LogConfig がないとき、FieldLogLevel がないか NONE のとき、CloudWatchLogsRoleArn がないとき\
         不適合です。",
    ),
);

pub(super) const DB_LOG_EXPORT_MISSING: Requirement = Requirement::new(
    "DB_LOG_EXPORT_MISSING",
    1,
    &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    Text::new(
        "Logs of the database are not exported",
        "データベースのログが CloudWatch Logs に出力されていません",
    ),
    Text::new(
        "Fails when a type that rdsLogTypes lists for the engine is missing among \
         enabledCloudwatchLogsExports. Instances of a cluster are judged there; a Multi-AZ DB \
         cluster of MySQL cannot export audit logs. That an audit log is exported does not mean that the engine writes one.",
        "rdsLogTypes がエンジンに求めるログタイプが enabledCloudwatchLogsExports にないとき\
         不適合です。クラスターのインスタンスはクラスターで評価します。MySQL のマルチ AZ DB クラスターは\
         監査ログを出力できないため、求めません。監査ログの出力を設定しても、\
         エンジンが監査ログを書き込んでいるとは限りません。",
    ),
);

pub(super) const CONTAINER_LOG_MISSING: Requirement = Requirement::new(
    "CONTAINER_LOG_MISSING",
    1,
    &[ResourceType::ECS_TASK_DEFINITION],
    Text::new(
        "A container has no accepted log driver",
        "認められたログドライバーのないコンテナがあります",
    ),
    Text::new(
        "Fails when a container of an active revision has no log configuration, or a driver that \
         is not among ecsLogDrivers. The FireLens log router itself needs none.",
        "有効なリビジョンに、ログ設定のないコンテナ、またはドライバーが ecsLogDrivers に含まれない\
         コンテナがあるとき不適合です。FireLens のログルーター自体には求めません。",
    ),
);

pub(super) const EKS_CONTROL_PLANE_LOG_OFF: Requirement = Requirement::new(
    "EKS_CONTROL_PLANE_LOG_OFF",
    1,
    &[ResourceType::EKS_CLUSTER],
    Text::new(
        "Control plane logs of the cluster are off",
        "クラスターのコントロールプレーンのログが無効です",
    ),
    Text::new(
        "Fails when a type of eksLogTypes is not among the enabled types of the cluster's \
         control plane logs.",
        "eksLogTypes のログタイプが、クラスターで有効なコントロールプレーンのログタイプにないとき\
         不適合です。",
    ),
);

pub(super) const REDSHIFT_AUDIT_LOG_OFF: Requirement = Requirement::new(
    "REDSHIFT_AUDIT_LOG_OFF",
    1,
    &[ResourceType::REDSHIFT_CLUSTER],
    Text::new("Audit logs of the cluster are off", "クラスターの監査ログが無効です"),
    Text::new(
        "Fails when LoggingStatus.loggingEnabled is false, or the destination bucket is not among \
         allowedLogBuckets (if any).",
        "LoggingStatus.loggingEnabled が false のとき、または保存先バケットが allowedLogBuckets\
         (指定した場合)に含まれないとき不適合です。",
    ),
);

pub(super) const OPENSEARCH_LOG_OFF: Requirement = Requirement::new(
    "OPENSEARCH_LOG_OFF",
    1,
    &[ResourceType::OPENSEARCH_DOMAIN, ResourceType::ELASTICSEARCH_DOMAIN],
    Text::new(
        "Logs of the domain are not published",
        "ドメインのログが CloudWatch Logs に出力されていません",
    ),
    Text::new(
        "Fails when ES_APPLICATION_LOGS, or AUDIT_LOGS of a domain with fine-grained access \
         control, are not enabled. Without fine-grained access control there are no audit logs.",
        "ES_APPLICATION_LOGS が無効のとき、またはきめ細かなアクセスコントロールが有効なドメインで \
         AUDIT_LOGS が無効のとき不適合です。きめ細かなアクセスコントロールがなければ監査ログは\
         出力できません。",
    ),
);

pub(super) const MSK_BROKER_LOG_OFF: Requirement = Requirement::new(
    "MSK_BROKER_LOG_OFF",
    1,
    &[ResourceType::MSK_CLUSTER],
    Text::new("The brokers write no logs", "ブローカーのログが出力されていません"),
    Text::new(
        "Fails when none of CloudWatch Logs, Firehose and S3 is enabled in LoggingInfo.BrokerLogs.",
        "LoggingInfo.BrokerLogs で CloudWatch Logs、Firehose、S3 のいずれも有効でないとき不適合です。",
    ),
);

pub(super) const MQ_LOG_OFF: Requirement = Requirement::new(
    "MQ_LOG_OFF",
    1,
    &[ResourceType::MQ_BROKER],
    Text::new("Logs of the broker are off", "ブローカーのログが無効です"),
    Text::new(
        "Fails when the general logs, or the audit logs of an ActiveMQ broker, are not enabled. \
         RabbitMQ has no audit logs.",
        "全般ログが無効のとき、または ActiveMQ のブローカーで監査ログが無効のとき不適合です。\
         RabbitMQ に監査ログはありません。",
    ),
);

pub(super) const SFN_LOG_OFF: Requirement = Requirement::new(
    "SFN_LOG_OFF",
    1,
    &[ResourceType::STEP_FUNCTIONS_STATE_MACHINE],
    Text::new(
        "Executions of the state machine are not logged",
        "ステートマシンの実行ログが出力されていません",
    ),
    Text::new(
        "Fails when the log level is OFF or below sfnMinLevel (FATAL, ERROR, ALL), or when there \
         is no log group.",
        "ログレベルが OFF または sfnMinLevel 未満(FATAL、ERROR、ALL の順)のとき、またはロググループが\
         ないとき不適合です。",
    ),
);

pub(super) const CODEBUILD_LOG_OFF: Requirement = Requirement::new(
    "CODEBUILD_LOG_OFF",
    2,
    &[ResourceType::CODEBUILD_PROJECT],
    Text::new(
        "Builds of the project are not logged",
        "プロジェクトのビルドログが出力されていません",
    ),
    Text::new(
        "Fails when neither CloudWatch Logs nor S3 logs are enabled. CloudWatch Logs are enabled \
         by default, S3 logs are not.",
        "CloudWatch Logs と S3 のどちらのログも有効でないとき不適合です。デフォルトでは \
         CloudWatch Logs が有効、S3 が無効です。",
    ),
);

pub(super) const DATASYNC_LOG_OFF: Requirement = Requirement::new(
    "DATASYNC_LOG_OFF",
    2,
    &[ResourceType::DATASYNC_TASK],
    Text::new("Transfers of the task are not logged", "タスクの転送ログが出力されていません"),
    Text::new(
        "Fails when the task has no log group, or its LogLevel is OFF.",
        "タスクにロググループがないとき、または LogLevel が OFF のとき不適合です。",
    ),
);

pub(super) const TRANSFER_LOG_OFF: Requirement = Requirement::new(
    "TRANSFER_LOG_OFF",
    2,
    &[ResourceType::TRANSFER_CONNECTOR],
    Text::new(
        "Transfers of the connector are not logged",
        "コネクタの転送ログが出力されていません",
    ),
    Text::new(
        "Fails when the connector has no LoggingRole.",
        "コネクタに LoggingRole がないとき不適合です。",
    ),
);

pub(super) const BEANSTALK_LOG_STREAM_OFF: Requirement = Requirement::new(
    "BEANSTALK_LOG_STREAM_OFF",
    1,
    &[ResourceType::BEANSTALK_ENVIRONMENT],
    Text::new(
        "Logs of the environment's instances are not streamed",
        "環境のインスタンスログが CloudWatch Logs にストリーミングされていません",
    ),
    Text::new(
        "Fails when the option StreamLogs of aws:elasticbeanstalk:cloudwatch:logs is not true; \
         its default is false.",
        "aws:elasticbeanstalk:cloudwatch:logs の StreamLogs が true でないとき不適合です\
         (デフォルトは false)。",
    ),
);

pub(super) const GLUE_JOB_LOG_OFF: Requirement = Requirement::new(
    "GLUE_JOB_LOG_OFF",
    1,
    &[ResourceType::GLUE_JOB],
    Text::new("Runs of the job are not logged continuously", "ジョブの継続的なログ記録が無効です"),
    Text::new(
        "Fails when the default argument --enable-continuous-cloudwatch-log of a Spark job of \
         Glue 4.0 or older is not true. Since Glue 5.0 every job logs, and Python shell and Ray \
         jobs have no such argument.",
        "Glue 4.0 以前の Spark ジョブで、デフォルト引数 --enable-continuous-cloudwatch-log が true で\
         ないとき不適合です。Glue 5.0 以降はすべてのジョブがログを出力し、Python シェルと Ray の\
         ジョブにはこの引数がありません。",
    ),
);

pub(super) const CLASSIFIED_DATA_ACCESS_NOT_LOGGED: Requirement = Requirement::new(
    "CLASSIFIED_DATA_ACCESS_NOT_LOGGED",
    1,
    &[ResourceType::S3_BUCKET, ResourceType::DYNAMODB_TABLE],
    Text::new(
        "Reads or writes of classified data are not recorded",
        "分類されたデータの読み取りまたは書き込みが記録されていません",
    ),
    Text::new(
        "Of a bucket or table with a tag of classifiedTags: fails when the logging trails and \
         enabled event data stores that cover its Region do not together record the data events \
         of all its objects or items, reads and writes (GetEventSelectors, GetEventDataStore).",
        "classifiedTags のいずれかのタグを持つバケットまたはテーブルで、そのリージョンを対象とする\
         記録中の証跡と有効なイベントデータストアを合わせても、すべてのオブジェクトまたは項目の\
         読み取りと書き込みのデータイベントが記録されていないとき不適合です(GetEventSelectors、\
         GetEventDataStore)。",
    ),
);

pub(super) const LOG_TARGET: Remark = Remark::new(
    "LOG_TARGET",
    "Access logs are delivered to this bucket: logging its accesses too would make logs of logs",
    "バケット自体がアクセスログの保存先です。そのアクセスも記録するとログのログが増え続けます",
);
pub(super) const DATA_EVENTS_DECLARED: Remark = Remark::new(
    "DATA_EVENTS_DECLARED",
    "By dataEventBuckets, CloudTrail data events record the accesses",
    "dataEventBuckets により、CloudTrail のデータイベントで記録しているとされています",
);
pub(super) const NO_ACCESS_LOG_KIND: Remark = Remark::new(
    "NO_ACCESS_LOG_KIND",
    "Gateway Load Balancers have no access logs",
    "Gateway Load Balancer にアクセスログはありません",
);
pub(super) const NLB_LISTENERS_UNKNOWN: Remark = Remark::new(
    "NLB_LISTENERS_UNKNOWN",
    "Only TLS listeners of a Network Load Balancer write access logs, and its item does not list \
     them",
    "Network Load Balancer では TLS リスナーだけがアクセスログを出力しますが、その有無は設定項目に\
     記録されません",
);
pub(super) const DISTRIBUTION_DISABLED: Remark = Remark::new(
    "DISTRIBUTION_DISABLED",
    "The distribution is disabled and serves nobody",
    "ディストリビューションは無効化されており、配信していません",
);
pub(super) const REALTIME_LOGS: Remark = Remark::new(
    "REALTIME_LOGS",
    "Every cache behavior writes real-time logs",
    "すべてのキャッシュビヘイビアがリアルタイムログを出力しています",
);
pub(super) const V2_LOGGING_DECLARED: Remark = Remark::new(
    "V2_LOGGING_DECLARED",
    "By cloudFrontV2Distributions, the distribution has standard logging v2",
    "cloudFrontV2Distributions により、標準ログ記録 v2 を使用しているとされています",
);
pub(super) const API_ACCESS_LOG_NOT_REQUIRED: Remark = Remark::new(
    "API_ACCESS_LOG_NOT_REQUIRED",
    "By requireApiAccessLog, no access logs are demanded of API stages",
    "requireApiAccessLog により、API のステージにアクセスログを求めません",
);
pub(super) const JUDGED_ON_CLUSTER: Remark = Remark::new(
    "JUDGED_ON_CLUSTER",
    "The logs of the instance are exported by its cluster, where they are judged",
    "インスタンスのログはクラスターの設定で出力されるため、クラスターで評価します",
);
pub(super) const ENGINE_WITHOUT_EXPORTS: Remark = Remark::new(
    "ENGINE_WITHOUT_EXPORTS",
    "rdsLogTypes demands no log type of this engine",
    "rdsLogTypes に、このエンジンのログタイプはありません",
);
pub(super) const SERVERLESS_EXPORTS: Remark = Remark::new(
    "SERVERLESS_EXPORTS",
    "Aurora Serverless v1 exports what its parameter group turns on; it has no setting of its own",
    "Aurora Serverless v1 のログはパラメータグループの設定に従って出力され、個別の設定はありません",
);
pub(super) const BEING_CREATED: Remark =
    Remark::new("BEING_CREATED", "The resource is being created", "リソースは作成中です");
pub(super) const BEING_DELETED: Remark =
    Remark::new("BEING_DELETED", "The resource is being deleted", "リソースは削除中です");
pub(super) const TASK_DEFINITION_INACTIVE: Remark = Remark::new(
    "TASK_DEFINITION_INACTIVE",
    "The revision is not active: no new task starts from it",
    "リビジョンは有効でないため、新しいタスクは起動しません",
);
pub(super) const JOB_ALWAYS_LOGS: Remark = Remark::new(
    "JOB_ALWAYS_LOGS",
    "Jobs of this kind or version always log to CloudWatch Logs",
    "この種類またはバージョンのジョブは常に CloudWatch Logs にログを出力します",
);
pub(super) const DATA_EVENTS_RECORDED: Remark = Remark::new(
    "DATA_EVENTS_RECORDED",
    "CloudTrail data events record all accesses, in place of server access logs",
    "サーバーアクセスログの代わりに、CloudTrail のデータイベントですべてのアクセスを記録しています",
);
pub(super) const NOT_CLASSIFIED: Remark = Remark::new(
    "NOT_CLASSIFIED",
    "The table has no tag of classifiedTags",
    "テーブルに classifiedTags のタグがありません",
);
pub(super) const SELECTORS_TRUSTED: Remark = Remark::new(
    "SELECTORS_TRUSTED",
    "An organization trail covers it, and what that selects is seen and judged by its owner only",
    "組織の証跡の対象であり、その証跡のイベントセレクターは所有アカウントでのみ参照・評価できます",
);
