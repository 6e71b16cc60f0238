//! `data-service-tls`: databases, search domains, file systems, streams and API domains require
//! TLS of their clients.
//!
//! Most data services speak TLS but also accept clients that do not. Whether they insist is a
//! setting of each service: a parameter of a parameter group, a flag of the item, a Deny in a
//! resource policy. Parameter groups and policies change without a configuration item of the
//! resource, and Config does not record API domains: databases, file systems and the account are
//! also judged on a schedule.
//!
//! Criteria: 実4 5, 実7 2, 実15 3 ask for it. To fix a resource, set the parameter or flag that
//! its failure names; see the rule of each requirement.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::parameter_groups::{self, Groups};
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::inventory;
use fisc_shared::item::required::{flag, part, text, unknown};
use fisc_shared::parameter::Param;
use fisc_shared::runner;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

mod databases;
mod domains;
mod efs;
mod items;
mod requirements;

use requirements::{
    API_DOMAIN_TLS, CLIENT_CERT_NOT_VERIFIED, DB_TLS_NOT_FORCED, DMS_SSL_OFF, EFS_TLS_NOT_ENFORCED,
    ENGINE_ALWAYS_TLS, ENGINE_NOT_JUDGED, HTTPS_NOT_ENFORCED, JUDGED_ON_CLUSTER,
    MSK_PLAINTEXT_ALLOWED, NO_API_DOMAIN, NO_PLAINTEXT_GRANT, NO_SSL_MODE, NO_TLS_SWITCH,
    NODE_ENCRYPTION_OFF, POLICY_NOT_JUDGED, POLICY_NOT_RECORDED, POLICY_TLS_NOT_ENFORCED,
    REBOOT_PENDING, TLS_OFFERED, WEAK_TLS_POLICY,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "data-service-tls",
    domain: Domain::Transport,
    severity: Severity::High,
    title: Text::new(
        "Databases, search domains, file systems, streams and API domains require TLS",
        "データベース・検索ドメイン・ファイルシステム・ストリーム・API ドメインが TLS 接続を\
         必須としている",
    ),
    why: Text::new(
        "A service that also accepts plaintext leaves the choice to every client. One driver with \
         an old default is enough to send passwords and customer records in the clear, and nobody \
         notices, since everything works.",
        "平文も受け付けるサービスでは、暗号化するかどうかがクライアント任せになります。古い既定値の\
         ドライバーが一つあるだけで、パスワードや顧客データが平文で流れ、しかも正常に動作するため\
         誰も気付きません。",
    ),
    fix: Text::new(
        "Databases: in a parameter group of your own (RDS > Parameter groups) set rds.force_ssl=1 \
         (PostgreSQL, SQL Server), require_secure_transport=1 (MySQL, MariaDB) or tls=enabled \
         (DocumentDB); for Oracle add NATIVE_NETWORK_ENCRYPTION to the option group. OpenSearch: \
         require HTTPS with a TLS 1.2 policy and node-to-node encryption (Security configuration). \
         EFS: enforce TLS in the file system policy. MSK, DMS, API domains: choose TLS.",
        "データベースは独自のパラメータグループ(RDS >「パラメータグループ」)で \
         rds.force_ssl=1(PostgreSQL、SQL Server)、require_secure_transport=1(MySQL、MariaDB)、\
         tls=enabled(DocumentDB)とし、Oracle はオプショングループに NATIVE_NETWORK_ENCRYPTION を\
         追加します。OpenSearch は「セキュリティ設定」で HTTPS、TLS 1.2 のポリシー、ノード間の\
         暗号化を有効にし、EFS はファイルシステムポリシーで TLS を必須にし、MSK・DMS・API の\
         ドメインも TLS を選択します。",
    ),
    remedy: Remedy::new(
        include_str!("data_service_tls/remedy.sh"),
        include_str!("data_service_tls/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html",
    criteria: Criteria {
        explicit: &["実4 5", "実7 2", "実15 3"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(11)",
            "統20 3-(12)",
            "統24 1",
            "統24 2",
            "実4",
        ],
    },
    resources: &[
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::ELASTICSEARCH_DOMAIN,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::SQS_QUEUE,
        ResourceType::SNS_TOPIC,
        ResourceType::DMS_ENDPOINT,
        ResourceType::MSK_CLUSTER,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
        Action::on(
            parameter_groups::DESCRIBE_DB_PARAMETERS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:pg:*",
        ),
        Action::on(
            parameter_groups::DESCRIBE_DB_CLUSTER_PARAMETERS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster-pg:*",
        ),
        Action::on(
            parameter_groups::DESCRIBE_OPTION_GROUPS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:og:*",
        ),
        Action::on(
            efs::DESCRIBE_FILE_SYSTEM_POLICY,
            "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system/*",
        ),
        // Versions 1 and 2 of API Gateway share the action and the resource.
        Action::on(domains::GET, "arn:${AWS::Partition}:apigateway:${AWS::Region}::/domainnames"),
    ],
    parameters: &[
        ALLOWED_OPEN_SEARCH_TLS_POLICIES.spec,
        ALLOWED_API_GATEWAY_POLICIES.spec,
        REQUIRE_POLICY_TLS.spec,
        CLIENT_CERT_TAG_KEY.spec,
    ],
    requirements: &[
        &DB_TLS_NOT_FORCED,
        &HTTPS_NOT_ENFORCED,
        &WEAK_TLS_POLICY,
        &NODE_ENCRYPTION_OFF,
        &EFS_TLS_NOT_ENFORCED,
        &POLICY_TLS_NOT_ENFORCED,
        &DMS_SSL_OFF,
        &MSK_PLAINTEXT_ALLOWED,
        &API_DOMAIN_TLS,
        &CLIENT_CERT_NOT_VERIFIED,
    ],
    remarks: &[
        &JUDGED_ON_CLUSTER,
        &NO_TLS_SWITCH,
        &ENGINE_NOT_JUDGED,
        &ENGINE_ALWAYS_TLS,
        &REBOOT_PENDING,
        &TLS_OFFERED,
        &NO_PLAINTEXT_GRANT,
        &POLICY_NOT_JUDGED,
        &POLICY_NOT_RECORDED,
        &NO_SSL_MODE,
        &NO_API_DOMAIN,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &SWEPT },
};

const ALLOWED_OPEN_SEARCH_TLS_POLICIES: Param<Vec<String>> = Param::list(
    "allowedOpenSearchTlsPolicies",
    &[
        "Policy-Min-TLS-1-2-2019-07",
        "Policy-Min-TLS-1-2-PFS-2023-10",
        "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
        "Policy-Min-TLS-1-2-FIPS-PQ-2026-10",
    ],
    Text::new(
        "Accepted TLS policies of OpenSearch and Elasticsearch domains",
        "OpenSearch と Elasticsearch のドメインに認める TLS ポリシー",
    ),
);

const ALLOWED_API_GATEWAY_POLICIES: Param<Vec<String>> = Param::list(
    "allowedApiGatewayPolicies",
    // The second number after TLS13 is the oldest version that the policy admits. Source: API
    // Gateway Developer Guide, "Supported security policies", November 2026.
    &[
        "TLS_1_2",
        "SecurityPolicy_TLS12_*",
        "SecurityPolicy_TLS13_1_2_*",
        "SecurityPolicy_TLS13_1_3_*",
        "SecurityPolicy_TLS13_2025_EDGE",
    ],
    Text::new(
        "Accepted security policies of API Gateway custom domains; * at the end stands for \
         anything",
        "API Gateway のカスタムドメインに認めるセキュリティポリシー(末尾の * は任意の文字列)",
    ),
);

const REQUIRE_POLICY_TLS: Param<bool> = Param::flag(
    "requirePolicyTls",
    false,
    Text::new(
        "Judge the resource policies of SNS topics and SQS queues too",
        "SNS トピックと SQS キューのリソースポリシーも評価する",
    ),
);

const CLIENT_CERT_TAG_KEY: Param<Vec<String>> = Param::list(
    "clientCertTagKey",
    &["fisc:client-cert-required"],
    Text::new(
        "Tag keys of the API domains that must use mutual TLS (a value of false opts out)",
        "相互 TLS を必須とする API ドメインのタグキー(値が false のものを除く)",
    ),
);

/// What the item alone decides of a resource; `None` where a service must be asked.
type Judge = fn(&ConfigurationItem, &Run<'_>) -> Result<Option<Verdict>, Error>;

/// How each recorded type is judged.
const TYPES: [(ResourceType, Judge); 9] = [
    (ResourceType::RDS_DB_INSTANCE, databases::preview),
    (ResourceType::RDS_DB_CLUSTER, databases::preview),
    (ResourceType::OPENSEARCH_DOMAIN, items::open_search),
    (ResourceType::ELASTICSEARCH_DOMAIN, items::elasticsearch),
    (ResourceType::EFS_FILE_SYSTEM, efs::preview),
    (ResourceType::SQS_QUEUE, items::queue),
    (ResourceType::SNS_TOPIC, items::topic),
    (ResourceType::DMS_ENDPOINT, items::dms_endpoint),
    (ResourceType::MSK_CLUSTER, items::msk_cluster),
];

/// The types of which a change does not tell everything, the account last.
const SWEPT: [ResourceType; 4] = [
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::EFS_FILE_SYSTEM,
    ResourceType::ACCOUNT,
];

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let judge = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    let (_, judge) = judge
        .ok_or_else(|| Error::Control(format!("{} is not judged here", item.resource_type)))?;
    judge(item, run)
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        rds: aws_sdk_rds::Client::new(sdk),
        efs: aws_sdk_efs::Client::new(sdk),
        apis: domains::Apis::new(sdk),
        config: ConfigService::new(sdk),
    })
}

struct Services {
    rds: aws_sdk_rds::Client,
    efs: aws_sdk_efs::Client,
    apis: domains::Apis,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
        Asking::new(self).judge(item).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let asking = Asking::new(self);
        let mut evaluated = Vec::new();
        for kind in SWEPT.into_iter().filter(|kind| *kind != ResourceType::ACCOUNT) {
            let items = self.config.recorded(kind.name).await?;
            let judged: Vec<Evaluated> = stream::iter(items)
                .map(|item| asking.one(item, run))
                .buffered(CONCURRENCY)
                .try_collect()
                .await?;
            evaluated.extend(judged);
        }
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.apis.judge(run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

/// The services within one run, in which a parameter group that many databases share is asked
/// about once.
struct Asking<'a> {
    services: &'a Services,
    groups: Groups<'a>,
}

impl<'a> Asking<'a> {
    fn new(services: &'a Services) -> Self {
        Self { services, groups: Groups::new(&services.rds) }
    }

    async fn judge(&self, item: &ConfigurationItem) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::EFS_FILE_SYSTEM.name {
            efs::judge(&self.services.efs, item).await
        } else {
            databases::judge(&self.groups, item).await
        }
    }

    /// One resource of a sweep, judged as a change of it.
    async fn one(&self, item: ConfigurationItem, run: &Run<'_>) -> Result<Evaluated, Error> {
        let verdict = match runner::preview(&CONTROL, &item, run)? {
            Some(verdict) => verdict,
            None => self.judge(&item).await?,
        };
        Ok(Evaluated { resource: Resource::from(&item), verdict, at: run.now })
    }
}

/// Whether one of these tags is there; a value of false says that it is not meant.
fn is_tagged<'a>(keys: &[String], value_of: impl Fn(&str) -> Option<&'a String>) -> bool {
    keys.iter()
        .filter_map(|key| value_of(key))
        .any(|value| !value.trim().eq_ignore_ascii_case("false"))
}

#[cfg(test)]
mod tests;
