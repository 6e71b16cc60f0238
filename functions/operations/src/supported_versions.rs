//! `supported-versions`: runtimes, engines, platforms and operating systems are inside their
//! vendors' support.
//!
//! What is out of support gets no security fixes. Support ends on a date, without any change of
//! the resource: the schedule judges everything again. Where a service tells the dates or the
//! state of its versions (EKS, RDS, MSK, MQ, Elastic Beanstalk, Synthetics), it is asked, once for
//! all resources; everything else is in a table of data, `versions.tsv`, in which every date has
//! its source and the day on which it was checked. The age of that table is judged too.
//!
//! Criteria: 実48 asks for it. To fix a resource, upgrade it; to know of the next dates in time,
//! raise `warnDays`.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::{self, Ec2};
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
    inventory, runner,
};

use crate::nodes::{self, Nodes};

mod account;
mod clusters;
mod databases;
mod instances;
mod items;
mod requirements;
mod support;
mod table;

use requirements::{
    AMI_DEPRECATED, AUTO_MINOR_UPGRADE_OFF, BEANSTALK_PLATFORM_RETIRED, CONNECTED_CLUSTER,
    CONTAINER_IMAGE, CUSTOM_PLATFORM, EKS_VERSION_UNSUPPORTED, FARGATE_PLATFORM_OLD,
    GLUE_VERSION_UNSUPPORTED, INSTANCE_NOT_MANAGED, INSTANCE_TERMINATED, JUDGED_ON_CLUSTER,
    KAFKA_VERSION_DEPRECATED, LAMBDA_RUNTIME_UNSUPPORTED, MANAGED_PATCHING, MQ_ENGINE_UNSUPPORTED,
    NOT_ON_FARGATE, OPENSEARCH_OUTDATED, OS_UNSUPPORTED, OTHER_ENGINE_UNSUPPORTED,
    RDS_ENGINE_DEPRECATED, RDS_MAJOR_UNSUPPORTED, VERSION_TABLE_STALE, VERSION_UNKNOWN,
};
use support::Rules;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "supported-versions",
    domain: Domain::Operations,
    severity: Severity::High,
    title: Text::new(
        "Runtimes, engines, platforms and operating systems are inside vendor support",
        "ランタイム・エンジン・プラットフォーム・OS がサポート期間内のバージョンである",
    ),
    why: Text::new(
        "A version without support gets no security fixes: every weakness that becomes known \
         stays open, and when it breaks nobody helps. The end is announced years before, and \
         passes without any change of the system, so that it is easily overlooked.",
        "サポートの終了したバージョンにはセキュリティ修正が提供されず、公表された脆弱性が残り続け、\
         障害時の支援も受けられません。終了日は何年も前に公表されますが、システムに変更がないまま\
         過ぎるため、見落とされがちです。",
    ),
    fix: Text::new(
        "Upgrade what the failure names on the resource's page: the function's runtime (Lambda > \
         Runtime settings), the cluster or engine version (EKS, RDS > Modify), the platform branch, \
         the Glue version or the image, and turn automatic minor upgrades on. Where upgrades are \
         planned through change management, set the tag of managedPatchingTag. A stale version \
         table comes up to date with a newer release.",
        "指摘された対象を各リソースの画面でアップグレードし(Lambda の「ランタイム設定」、EKS や \
         RDS の「変更」などで、ランタイム、クラスターやエンジンのバージョン、\
         プラットフォームブランチ、Glue のバージョン、AMI)、マイナーバージョンの\
         自動アップグレードも有効にします。変更管理で計画的に適用する場合は managedPatchingTag の\
         タグを付けます。バージョン表が古い場合は、新しいリリースに更新します。",
    ),
    remedy: Remedy::new(
        include_str!("supported_versions/remedy.sh"),
        include_str!("supported_versions/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    criteria: Criteria { explicit: &["実48"], implied: &[] },
    resources: &[
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::EKS_CLUSTER,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::MQ_BROKER,
        ResourceType::MSK_CLUSTER,
        ResourceType::BEANSTALK_ENVIRONMENT,
        ResourceType::GLUE_JOB,
        ResourceType::ECS_SERVICE,
        ResourceType::EC2_INSTANCE,
        ResourceType::DMS_REPLICATION_INSTANCE,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(clusters::DESCRIBE_CLUSTER_VERSIONS),
        Action::any(databases::DESCRIBE_MAJOR_VERSIONS),
        Action::any(databases::DESCRIBE_VERSIONS),
        Action::any(clusters::LIST_VERSIONS),
        Action::any(clusters::DESCRIBE_BROKER_ENGINE_TYPES),
        Action::any(clusters::LIST_KAFKA_VERSIONS),
        Action::on(
            clusters::DESCRIBE_PLATFORM_VERSION,
            "arn:${AWS::Partition}:elasticbeanstalk:${AWS::Region}::platform/*",
        ),
        Action::on(
            account::DESCRIBE_CACHE_CLUSTERS,
            "arn:${AWS::Partition}:elasticache:${AWS::Region}:${AWS::AccountId}:cluster:*",
        ),
        Action::any(account::LIST_CLUSTERS),
        Action::on(
            account::DESCRIBE_CLUSTER,
            "arn:${AWS::Partition}:elasticmapreduce:${AWS::Region}:${AWS::AccountId}:cluster/*",
        ),
        Action::any(account::DESCRIBE_CANARIES),
        Action::any(account::DESCRIBE_RUNTIME_VERSIONS),
        Action::any(ec2::action::DESCRIBE_IMAGES),
        Action::any(nodes::DESCRIBE_INSTANCE_INFORMATION),
    ],
    parameters: &[
        WARN_DAYS.spec,
        WARN_DAYS_BY_KIND.spec,
        ACCEPT_EXTENDED_SUPPORT.spec,
        UNKNOWN_VERSION.spec,
        MANAGED_PATCHING_TAG.spec,
        SERVICE_SOFTWARE_GRACE_DAYS.spec,
        MAX_TABLE_AGE_DAYS.spec,
    ],
    requirements: &[
        &LAMBDA_RUNTIME_UNSUPPORTED,
        &EKS_VERSION_UNSUPPORTED,
        &RDS_MAJOR_UNSUPPORTED,
        &RDS_ENGINE_DEPRECATED,
        &OPENSEARCH_OUTDATED,
        &MQ_ENGINE_UNSUPPORTED,
        &KAFKA_VERSION_DEPRECATED,
        &BEANSTALK_PLATFORM_RETIRED,
        &GLUE_VERSION_UNSUPPORTED,
        &FARGATE_PLATFORM_OLD,
        &OTHER_ENGINE_UNSUPPORTED,
        &OS_UNSUPPORTED,
        &AMI_DEPRECATED,
        &AUTO_MINOR_UPGRADE_OFF,
        &VERSION_TABLE_STALE,
    ],
    remarks: &[
        &VERSION_UNKNOWN,
        &MANAGED_PATCHING,
        &CONTAINER_IMAGE,
        &CONNECTED_CLUSTER,
        &JUDGED_ON_CLUSTER,
        &CUSTOM_PLATFORM,
        &NOT_ON_FARGATE,
        &INSTANCE_TERMINATED,
        &INSTANCE_NOT_MANAGED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &SWEPT },
};

const WARN_DAYS: Param<i64> = Param::integer(
    "warnDays",
    90,
    0,
    3650,
    Text::new(
        "A version fails this many days before its support ends",
        "サポート終了の何日前から不適合とするか",
    ),
);

const WARN_DAYS_BY_KIND: Param<Vec<String>> = Param::list(
    "warnDaysByKind",
    &[],
    Text::new(
        "Other numbers of days for single kinds, such as os=180 (lambda, eks, rds, opensearch, \
         glue, elasticache, emr, synthetics, os)",
        "種類ごとの日数。例: os=180(lambda、eks、rds、opensearch、glue、elasticache、emr、\
         synthetics、os)",
    ),
);

const ACCEPT_EXTENDED_SUPPORT: Param<bool> = Param::flag(
    "acceptExtendedSupport",
    false,
    Text::new(
        "Paid extended support counts as support",
        "有償の延長サポートをサポート期間に含める",
    ),
);

const UNKNOWN_VERSION: Param<String> = Param::choice(
    "unknownVersion",
    "NOT_APPLICABLE",
    &["NOT_APPLICABLE", "NON_COMPLIANT"],
    Text::new(
        "What a version is that neither the table nor the service knows",
        "バージョン表にもサービスにも情報がないバージョンの評価結果",
    ),
);

const MANAGED_PATCHING_TAG: Param<String> = Param::text(
    "managedPatchingTag",
    "fisc:patching=managed",
    Text::new(
        "Tag of resources whose minor upgrades are planned through change management: a key, or \
         key=value",
        "マイナーアップグレードを変更管理で計画的に行うリソースのタグ(キー、またはキー=値)",
    ),
);

const SERVICE_SOFTWARE_GRACE_DAYS: Param<i64> = Param::integer(
    "serviceSoftwareGraceDays",
    30,
    0,
    365,
    Text::new(
        "How many days a required software update of an OpenSearch domain may wait",
        "OpenSearch の必須ソフトウェア更新の猶予日数",
    ),
);

const MAX_TABLE_AGE_DAYS: Param<i64> = Param::integer(
    "maxTableAgeDays",
    120,
    1,
    3650,
    Text::new(
        "How many days ago the version table may have been checked",
        "バージョン表の最終確認日からの許容日数",
    ),
);

/// The kinds of versions, as the table and `warnDaysByKind` name them.
const KINDS: [&str; 9] =
    ["lambda", "eks", "rds", "opensearch", "glue", "elasticache", "emr", "synthetics", "os"];

/// What the item alone decides of a resource; `None` where a service must be asked.
type Preview = fn(&ConfigurationItem, &Rules) -> Result<Option<Verdict>, Error>;

/// How a recorded type is judged.
struct Kind {
    resource: ResourceType,
    preview: Preview,
    /// The part of the table that it is judged by; empty: none.
    table: &'static str,
}

const fn kind(resource: ResourceType, table: &'static str, preview: Preview) -> Kind {
    Kind { resource, preview, table }
}

const TYPES: [Kind; 13] = [
    kind(ResourceType::LAMBDA_FUNCTION, "lambda", items::function),
    kind(ResourceType::EKS_CLUSTER, "", clusters::eks_preview),
    kind(ResourceType::RDS_DB_INSTANCE, "rds", databases::preview),
    kind(ResourceType::RDS_DB_CLUSTER, "rds", databases::preview),
    kind(ResourceType::OPENSEARCH_DOMAIN, "opensearch", clusters::search_preview),
    kind(ResourceType::MQ_BROKER, "", clusters::mq_preview),
    kind(ResourceType::MSK_CLUSTER, "", undecided),
    kind(ResourceType::BEANSTALK_ENVIRONMENT, "", clusters::beanstalk_preview),
    kind(ResourceType::GLUE_JOB, "glue", items::job),
    kind(ResourceType::ECS_SERVICE, "fargate", items::service),
    kind(ResourceType::EC2_INSTANCE, "os", instances::preview),
    kind(ResourceType::DMS_REPLICATION_INSTANCE, "", items::replication_instance),
    kind(ResourceType::REDSHIFT_CLUSTER, "", items::warehouse),
];

/// The types whose verdict changes with time or with what a service says; of the other two, a
/// change tells everything.
const SWEPT: [ResourceType; 12] = [
    ResourceType::LAMBDA_FUNCTION,
    ResourceType::EKS_CLUSTER,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::OPENSEARCH_DOMAIN,
    ResourceType::MQ_BROKER,
    ResourceType::MSK_CLUSTER,
    ResourceType::BEANSTALK_ENVIRONMENT,
    ResourceType::GLUE_JOB,
    ResourceType::ECS_SERVICE,
    ResourceType::EC2_INSTANCE,
    ResourceType::ACCOUNT,
];

fn undecided(_: &ConfigurationItem, _: &Rules) -> Result<Option<Verdict>, Error> {
    Ok(None)
}

fn kind_of(resource_type: &str) -> Result<&'static Kind, Error> {
    const { &TYPES }
        .iter()
        .find(|kind| kind.resource.name == resource_type)
        .ok_or_else(|| Error::Control(format!("{resource_type} is not judged here")))
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    (kind_of(&item.resource_type)?.preview)(item, &Rules::of(run)?)
}

/// Judges resources of one type by what their service tells, asked once for all of them.
#[async_trait]
trait Judge: Send + Sync {
    async fn judge(
        &self,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error>;
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        config: ConfigService::new(sdk),
        eks: clusters::Eks(aws_sdk_eks::Client::new(sdk)),
        rds: databases::Rds(aws_sdk_rds::Client::new(sdk)),
        search: clusters::OpenSearch(aws_sdk_opensearch::Client::new(sdk)),
        mq: clusters::Mq(aws_sdk_mq::Client::new(sdk)),
        kafka: clusters::Kafka(aws_sdk_kafka::Client::new(sdk)),
        beanstalk: clusters::Beanstalk(aws_sdk_elasticbeanstalk::Client::new(sdk)),
        instances: instances::Instances { nodes: Nodes::new(sdk), ec2: Ec2::new(sdk) },
        account: account::Account {
            caches: aws_sdk_elasticache::Client::new(sdk),
            emr: aws_sdk_emr::Client::new(sdk),
            synthetics: aws_sdk_synthetics::Client::new(sdk),
        },
    })
}

struct Services {
    config: ConfigService,
    eks: clusters::Eks,
    rds: databases::Rds,
    search: clusters::OpenSearch,
    mq: clusters::Mq,
    kafka: clusters::Kafka,
    beanstalk: clusters::Beanstalk,
    instances: instances::Instances,
    account: account::Account,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let kind = kind_of(&item.resource_type)?;
        let verdicts = self.ask(kind.resource, &[item], &Rules::of(run)?).await?;
        let verdict = verdicts.into_iter().next();
        verdict.ok_or_else(|| Error::Control(format!("{} was not judged", item.resource_id)))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let rules = Rules::of(run)?;
        let mut used = BTreeSet::new();
        let mut evaluated = Vec::new();
        for kind in TYPES.iter().filter(|kind| SWEPT.contains(&kind.resource)) {
            let items = self.config.recorded_with_tags(kind.resource).await?;
            if !items.is_empty() && !kind.table.is_empty() {
                used.insert(kind.table);
            }
            evaluated.extend(self.kind(kind, &items, &rules, run).await?);
        }
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.account.judge(&used, &rules).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

impl Services {
    /// Judges all recorded resources of a type, as changes of them would be judged.
    async fn kind(
        &self,
        kind: &Kind,
        items: &[ConfigurationItem],
        rules: &Rules,
        run: &Run<'_>,
    ) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = Vec::with_capacity(items.len());
        let mut open = Vec::new();
        let of = |item: &ConfigurationItem, verdict| Evaluated {
            resource: Resource::from(item),
            verdict,
            at: run.now,
        };
        for item in items {
            match runner::preview(&CONTROL, item, run)? {
                Some(verdict) => evaluated.push(of(item, verdict)),
                None => open.push(item),
            }
        }
        if !open.is_empty() {
            let verdicts = self.ask(kind.resource, &open, rules).await?;
            evaluated.extend(open.into_iter().zip(verdicts).map(|(item, one)| of(item, one)));
        }
        Ok(evaluated)
    }

    async fn ask(
        &self,
        resource: ResourceType,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error> {
        let judge: &dyn Judge = match resource {
            ResourceType::EKS_CLUSTER => &self.eks,
            ResourceType::RDS_DB_INSTANCE | ResourceType::RDS_DB_CLUSTER => &self.rds,
            ResourceType::OPENSEARCH_DOMAIN => &self.search,
            ResourceType::MQ_BROKER => &self.mq,
            ResourceType::MSK_CLUSTER => &self.kafka,
            ResourceType::BEANSTALK_ENVIRONMENT => &self.beanstalk,
            ResourceType::EC2_INSTANCE => &self.instances,
            other => return Err(Error::Control(format!("{} has no service", other.name))),
        };
        judge.judge(items, rules).await
    }
}

#[cfg(test)]
mod tests;
