//! `access-logging`: services that receive, process or store data write their access, audit or
//! execution logs.
//!
//! Whether a service writes logs is a setting of each resource, off by default for most of them,
//! and every type has a name of its own for it. A table holds one row a type; each row reads the
//! configuration item alone, so that a change is judged at once and no AWS call is made. What
//! items do not tell is asked by the parts in [`services`].
//!
//! Stores whose data is classified by a tag need more: CloudTrail data events of every read and
//! write. For them the trails and event data stores are asked. Services also tell whether a
//! database really audits, whether a distribution has standard logging v2, and whether an instance
//! delivers its logs.
//!
//! Buckets whose accesses CloudTrail data events record are said by a parameter. Whether the log
//! group of a function exists is not seen here.
//!
//! Criteria: 実5 3, 実10, 実10 参考2, 実14 9, 実19, 実22 3, 実39, 実72, 実99, 実102 3, 監1 1 ask
//! for it. To fix a resource, turn on the log that its failure names; see the rule of each
//! requirement.

use fisc_services::parameter_groups::{
    DESCRIBE_DB_CLUSTER_PARAMETERS, DESCRIBE_DB_PARAMETERS, DESCRIBE_OPTION_GROUPS,
};
use fisc_shared::inventory;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remedy,
    ResourceType, Run, Severity, Text, Trigger, Verdict,
};

use crate::{lake, trails};

mod apis;
mod audit;
mod automation;
mod buckets;
mod classified;
mod compute;
mod databases;
mod deliveries;
mod edge;
mod instances;
mod requirements;
mod services;

use requirements::{
    API_ACCESS_LOG_NOT_REQUIRED, API_ACCESS_LOG_OFF, API_EXECUTION_LOG_OFF, APPSYNC_LOG_OFF,
    BEANSTALK_LOG_STREAM_OFF, BEING_CREATED, BEING_DELETED, CLASSIFIED_DATA_ACCESS_NOT_LOGGED,
    CLIENT_IP_DROPPED, CLOUDFRONT_LOG_OFF, CODEBUILD_LOG_OFF, CONTAINER_LOG_MISSING,
    DATA_EVENTS_DECLARED, DATA_EVENTS_RECORDED, DATASYNC_LOG_OFF, DB_LOG_EXPORT_MISSING,
    DISTRIBUTION_DISABLED, EKS_CONTROL_PLANE_LOG_OFF, ENGINE_WITHOUT_EXPORTS, GLUE_JOB_LOG_OFF,
    JOB_ALWAYS_LOGS, JUDGED_ON_CLUSTER, LB_ACCESS_LOG_OFF, LOG_TARGET, MQ_LOG_OFF,
    MSK_BROKER_LOG_OFF, NLB_LISTENERS_UNKNOWN, NO_ACCESS_LOG_KIND, NOT_CLASSIFIED,
    OPENSEARCH_LOG_OFF, REALTIME_LOGS, REDSHIFT_AUDIT_LOG_OFF, S3_ACCESS_LOG_OFF,
    SELECTORS_TRUSTED, SERVERLESS_EXPORTS, SFN_LOG_OFF, TASK_DEFINITION_INACTIVE, TRANSFER_LOG_OFF,
    V2_LOGGING_DECLARED,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "access-logging",
    domain: Domain::Logging,
    severity: Severity::Medium,
    title: Text::new(
        "Services that receive, process or store data write their access, audit or execution logs",
        "データの受信・処理・保管を行う各サービスがアクセスログ・監査ログ・実行ログを出力している",
    ),
    why: Text::new(
        "After an intrusion or a wrong transfer, only logs tell who did what and which data was \
         touched. Most services write them only when asked to, and what was not written cannot \
         be had afterwards.",
        "不正アクセスや誤送金が起きたとき、誰が何を行い、どのデータに触れたかを示すのはログだけ\
         です。多くのサービスは設定しない限りログを出力せず、出力されなかったログは後から入手\
         できません。",
    ),
    fix: Text::new(
        "Turn on the logs that the failure names, on the resource's page: S3 Properties > Server \
         access logging; load balancer Attributes > Access logs; CloudFront Logging; API Gateway \
         Stages > Logs; AppSync Settings > Logging; RDS Modify > Log exports (and auditing in the \
         parameter or option group); ECS task definition > Log collection; EKS Observability. \
         Stores of classified data: let a trail record their data events, reads and writes.",
        "理由に示されたログを各リソースの画面で有効にします: S3 の「サーバーアクセスのログ記録」、\
         ロードバランサーの「属性」、CloudFront の「ログ記録」、API Gateway の「ステージ」>\
         「ログ」、AppSync の「設定」、RDS の「変更」>「ログのエクスポート」(監査は\
         パラメータグループやオプショングループでも有効化)、ECS タスク定義の「ログ収集」、EKS の\
         「オブザーバビリティ」など。分類されたデータのストアは、証跡で読み書き両方の\
         データイベントを記録します。",
    ),
    remedy: Remedy::new(
        include_str!("access_logging/remedy.sh"),
        include_str!("access_logging/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_detect_investigate_events_app_service_logging.html",
    criteria: Criteria {
        explicit: &[
            "実5 3",
            "実10",
            "実10 参考2",
            "実14 9",
            "実19",
            "実22 3",
            "実39",
            "実72",
            "実99",
            "実102 3",
            "監1 1",
        ],
        implied: &["統24 6", "実48 10", "実101 3", "監1 3"],
    },
    resources: &[
        ResourceType::S3_BUCKET,
        ResourceType::ELBV2_LOAD_BALANCER,
        ResourceType::ELB_LOAD_BALANCER,
        ResourceType::CLOUDFRONT_DISTRIBUTION,
        ResourceType::API_GATEWAY_STAGE,
        ResourceType::API_GATEWAY_V2_STAGE,
        ResourceType::APPSYNC_GRAPHQL_API,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::ECS_TASK_DEFINITION,
        ResourceType::EKS_CLUSTER,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::ELASTICSEARCH_DOMAIN,
        ResourceType::MSK_CLUSTER,
        ResourceType::MQ_BROKER,
        ResourceType::STEP_FUNCTIONS_STATE_MACHINE,
        ResourceType::CODEBUILD_PROJECT,
        ResourceType::DATASYNC_TASK,
        ResourceType::TRANSFER_CONNECTOR,
        ResourceType::BEANSTALK_ENVIRONMENT,
        ResourceType::GLUE_JOB,
        ResourceType::EC2_INSTANCE,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::on(
            DESCRIBE_DB_PARAMETERS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:pg:*",
        ),
        Action::on(
            DESCRIBE_DB_CLUSTER_PARAMETERS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster-pg:*",
        ),
        Action::on(
            DESCRIBE_OPTION_GROUPS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:og:*",
        ),
        Action::any(deliveries::DESCRIBE_DELIVERY_SOURCES),
        Action::any(deliveries::DESCRIBE_DELIVERIES),
        Action::any(instances::DESCRIBE_LOG_GROUPS),
        Action::on(instances::DESCRIBE_LOG_STREAMS, fisc_shared::grant::LOG_GROUPS),
        Action::any(instances::LIST_INVENTORY_ENTRIES),
        Action::on(automation::GET_SERVICE_SETTING, automation::SETTING_ARN),
        Action::any(trails::DESCRIBE_TRAILS),
        Action::any(trails::GET_TRAIL_STATUS),
        Action::any(trails::GET_EVENT_SELECTORS),
        Action::any(lake::LIST_EVENT_DATA_STORES),
        Action::any(lake::GET_EVENT_DATA_STORE),
    ],
    parameters: &[
        DATA_EVENT_BUCKETS.spec,
        LOG_BUCKET_NAMES.spec,
        ALLOWED_LOG_BUCKETS.spec,
        REQUIRE_NLB_ACCESS_LOG.spec,
        CLOUDFRONT_V2_DISTRIBUTIONS.spec,
        API_LOG_LEVELS.spec,
        REQUIRE_API_ACCESS_LOG.spec,
        RDS_LOG_TYPES.spec,
        EKS_LOG_TYPES.spec,
        ECS_LOG_DRIVERS.spec,
        SFN_MIN_LEVEL.spec,
        audit::REQUIRE_DB_AUDIT.spec,
        instances::OS_LOG_GROUP_PATTERNS.spec,
        instances::OS_LOG_AGENTS.spec,
        instances::OS_MAX_SILENCE_HOURS.spec,
        classified::CLASSIFIED_TAGS.spec,
        classified::TRUSTED_TRAIL_ARNS.spec,
        classified::LAKE_REGIONS.spec,
    ],
    requirements: &[
        &S3_ACCESS_LOG_OFF,
        &LB_ACCESS_LOG_OFF,
        &CLIENT_IP_DROPPED,
        &CLOUDFRONT_LOG_OFF,
        &API_EXECUTION_LOG_OFF,
        &API_ACCESS_LOG_OFF,
        &APPSYNC_LOG_OFF,
        &DB_LOG_EXPORT_MISSING,
        &CONTAINER_LOG_MISSING,
        &EKS_CONTROL_PLANE_LOG_OFF,
        &REDSHIFT_AUDIT_LOG_OFF,
        &OPENSEARCH_LOG_OFF,
        &MSK_BROKER_LOG_OFF,
        &MQ_LOG_OFF,
        &SFN_LOG_OFF,
        &CODEBUILD_LOG_OFF,
        &DATASYNC_LOG_OFF,
        &TRANSFER_LOG_OFF,
        &BEANSTALK_LOG_STREAM_OFF,
        &GLUE_JOB_LOG_OFF,
        &audit::DB_AUDIT_DISABLED,
        &instances::OS_LOGS_NOT_DELIVERED,
        &automation::AUTOMATION_LOG_OFF,
        &CLASSIFIED_DATA_ACCESS_NOT_LOGGED,
    ],
    remarks: &[
        &LOG_TARGET,
        &DATA_EVENTS_DECLARED,
        &NO_ACCESS_LOG_KIND,
        &NLB_LISTENERS_UNKNOWN,
        &DISTRIBUTION_DISABLED,
        &REALTIME_LOGS,
        &V2_LOGGING_DECLARED,
        &API_ACCESS_LOG_NOT_REQUIRED,
        &JUDGED_ON_CLUSTER,
        &ENGINE_WITHOUT_EXPORTS,
        &SERVERLESS_EXPORTS,
        &BEING_CREATED,
        &BEING_DELETED,
        &TASK_DEFINITION_INACTIVE,
        &JOB_ALWAYS_LOGS,
        &audit::UNIFIED_AUDITING,
        &deliveries::V2_LOGGING,
        &instances::INSTANCE_NOT_RUNNING,
        &instances::INSTANCE_JUST_LAUNCHED,
        &DATA_EVENTS_RECORDED,
        &NOT_CLASSIFIED,
        &SELECTORS_TRUSTED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: services::preview,
        connect: services::connect,
        // Items tell nearly everything, as they change; the schedule renews single resources.
        swept: &[ResourceType::ACCOUNT],
    },
};

const DATA_EVENT_BUCKETS: Param<Vec<String>> = Param::list(
    "dataEventBuckets",
    &[],
    Text::new(
        "Buckets whose object accesses CloudTrail data events record instead of server access \
         logs, by name; * at the end stands for anything",
        "サーバーアクセスログの代わりに CloudTrail のデータイベントで記録しているバケットの名前\
         (末尾の * は任意の文字列)",
    ),
);

const LOG_BUCKET_NAMES: Param<Vec<String>> = Param::list(
    "logBucketNames",
    &[],
    Text::new(
        "Buckets that access logs are delivered to although neither their policy nor their ACL \
         shows it; * at the end stands for anything",
        "ポリシーや ACL からは分からないが、アクセスログの保存先となっているバケットの名前\
         (末尾の * は任意の文字列)",
    ),
);

const ALLOWED_LOG_BUCKETS: Param<Vec<String>> = Param::list(
    "allowedLogBuckets",
    &[],
    Text::new(
        "Accepted destination buckets of S3, load balancer, CloudFront and Redshift logs (empty: \
         any); * at the end stands for anything",
        "S3、ロードバランサー、CloudFront、Redshift のログの保存先として認めるバケット(空の場合は\
         すべて。末尾の * は任意の文字列)",
    ),
);

const REQUIRE_NLB_ACCESS_LOG: Param<bool> = Param::flag(
    "requireNlbAccessLog",
    false,
    Text::new(
        "Demand access logs of every Network Load Balancer; only its TLS listeners write them",
        "すべての Network Load Balancer にアクセスログを求める(ログを出力するのは TLS リスナー\
         だけ)",
    ),
);

const CLOUDFRONT_V2_DISTRIBUTIONS: Param<Vec<String>> = Param::list(
    "cloudFrontV2Distributions",
    &[],
    Text::new(
        "Ids of the distributions with standard logging v2, for scans of recorded items only: \
         otherwise CloudWatch Logs is asked; * stands for all",
        "標準ログ記録 v2 を使用しているディストリビューションの ID(* はすべて)。記録済みの設定項目\
         だけを評価する場合に使用(それ以外では CloudWatch Logs に問い合わせる)",
    ),
);

const API_LOG_LEVELS: Param<Vec<String>> = Param::list(
    "apiLogLevels",
    &["ERROR", "INFO"],
    Text::new(
        "Accepted execution logging levels of REST API stages",
        "REST API のステージに認める実行ログのレベル",
    ),
);

const REQUIRE_API_ACCESS_LOG: Param<bool> = Param::flag(
    "requireApiAccessLog",
    true,
    Text::new(
        "Demand an access-log destination of API stages",
        "API のステージにアクセスログの出力先を求める",
    ),
);

const RDS_LOG_TYPES: Param<Vec<String>> = Param::list(
    "rdsLogTypes",
    // SQL Server Express has no agent. Source: Amazon RDS User Guide, "Publishing database logs
    // to Amazon CloudWatch Logs", and the developer guides of DocumentDB and Neptune.
    &[
        "mysql:error",
        "mysql:slowquery",
        "mysql:audit",
        "mariadb:error",
        "mariadb:slowquery",
        "mariadb:audit",
        "postgres:postgresql",
        "aurora-mysql:audit",
        "aurora-mysql:error",
        "aurora-postgresql:postgresql",
        "oracle:alert",
        "oracle:audit",
        "oracle:listener",
        "oracle:trace",
        "sqlserver:error",
        "sqlserver:agent",
        "sqlserver-ex:error",
        "docdb:audit",
        "neptune:audit",
    ],
    Text::new(
        "Log types to export, as ENGINE:TYPE; an engine stands for its editions too (oracle for \
         oracle-ee), unless these have entries of their own",
        "出力を求めるログタイプ(エンジン:ログタイプ)。エンジン名はそのエディションにも適用\
         (oracle は oracle-ee にも)。エディション専用の指定があればそちらを優先",
    ),
);

const EKS_LOG_TYPES: Param<Vec<String>> = Param::list(
    "eksLogTypes",
    &["audit", "authenticator"],
    Text::new(
        "Control plane log types of EKS clusters; api, controllerManager and scheduler may be \
         added",
        "EKS クラスターに求めるコントロールプレーンのログタイプ。api、controllerManager、\
         scheduler を加えることもできる",
    ),
);

const ECS_LOG_DRIVERS: Param<Vec<String>> = Param::list(
    "ecsLogDrivers",
    &["awslogs", "awsfirelens", "splunk"],
    Text::new("Accepted log drivers of containers", "コンテナに認めるログドライバー"),
);

const SFN_MIN_LEVEL: Param<String> = Param::choice(
    "sfnMinLevel",
    "ERROR",
    &["FATAL", "ERROR", "ALL"],
    Text::new(
        "Lowest accepted log level of state machines",
        "ステートマシンに認める最低のログレベル",
    ),
);

/// Judges one item.
type Judge = fn(&ConfigurationItem, &Run<'_>) -> Result<Verdict, Error>;

/// How each type is judged.
const TYPES: [(ResourceType, Judge); 24] = [
    (ResourceType::S3_BUCKET, buckets::bucket),
    (ResourceType::ELBV2_LOAD_BALANCER, edge::load_balancer),
    (ResourceType::ELB_LOAD_BALANCER, edge::classic_load_balancer),
    (ResourceType::CLOUDFRONT_DISTRIBUTION, edge::distribution),
    (ResourceType::API_GATEWAY_STAGE, apis::rest_stage),
    (ResourceType::API_GATEWAY_V2_STAGE, apis::v2_stage),
    (ResourceType::APPSYNC_GRAPHQL_API, apis::graphql_api),
    (ResourceType::RDS_DB_INSTANCE, databases::instance),
    (ResourceType::RDS_DB_CLUSTER, databases::cluster),
    (ResourceType::ECS_TASK_DEFINITION, compute::task_definition),
    (ResourceType::EKS_CLUSTER, compute::eks_cluster),
    (ResourceType::REDSHIFT_CLUSTER, databases::redshift),
    (ResourceType::OPENSEARCH_DOMAIN, databases::open_search),
    (ResourceType::ELASTICSEARCH_DOMAIN, databases::elasticsearch),
    (ResourceType::MSK_CLUSTER, databases::msk_cluster),
    (ResourceType::MQ_BROKER, databases::broker),
    (ResourceType::STEP_FUNCTIONS_STATE_MACHINE, compute::state_machine),
    (ResourceType::CODEBUILD_PROJECT, compute::build_project),
    (ResourceType::DATASYNC_TASK, compute::datasync_task),
    (ResourceType::TRANSFER_CONNECTOR, compute::connector),
    (ResourceType::BEANSTALK_ENVIRONMENT, compute::environment),
    (ResourceType::GLUE_JOB, compute::glue_job),
    (ResourceType::EC2_INSTANCE, instances::instance),
    (ResourceType::DYNAMODB_TABLE, classified::table),
];

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let judge = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    let (_, judge) = judge
        .ok_or_else(|| Error::Control(format!("{} is not judged here", item.resource_type)))?;
    judge(item, run)
}

/// A part that the item must have.
fn part<'a>(fields: &Fields<'a>, key: &str) -> Result<Fields<'a>, ItemError> {
    fields.at(key)?.ok_or_else(|| fields.missing(key))
}

/// A text that is not empty.
fn name<'a>(fields: &Fields<'a>, key: &str) -> Result<Option<&'a str>, ItemError> {
    Ok(fields.text(key)?.filter(|text| !text.trim().is_empty()))
}

/// A text that the item must have.
fn text<'a>(fields: &Fields<'a>, key: &str) -> Result<&'a str, ItemError> {
    name(fields, key)?.ok_or_else(|| fields.missing(key))
}

/// A flag that the item must have.
fn flag(fields: &Fields<'_>, key: &str) -> Result<bool, ItemError> {
    fields.flag(key)?.ok_or_else(|| fields.missing(key))
}

/// A part of the supplementary configuration that the item must have.
fn supplementary<'a>(item: &'a ConfigurationItem, key: &str) -> Result<Fields<'a>, ItemError> {
    item.supplementary(key)?
        .ok_or_else(|| ItemError::Missing { field: format!("supplementaryConfiguration.{key}") })
}

/// A value that was not known when this was written must not pass for a good or a bad one.
fn unknown(fields: &Fields<'_>, key: &str, value: &str) -> ItemError {
    ItemError::Unreadable {
        field: format!("{}.{key}", fields.path()),
        problem: format!("unknown value {value:?}"),
    }
}

/// Whether a list names it, literally or by what stands before a final `*`.
fn lists(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.trim().strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern.trim() == name,
    })
}

/// Whether logs may go to this bucket.
fn is_allowed_destination(run: &Run<'_>, bucket: &str) -> bool {
    let allowed = run.parameters.get(&ALLOWED_LOG_BUCKETS);
    allowed.is_empty() || lists(&allowed, bucket)
}

#[cfg(test)]
mod tests;
