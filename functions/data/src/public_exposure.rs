//! `public-exposure`: databases, snapshots, images, functions, queues and managed endpoints are
//! not open to the public.
//!
//! What one setting or one policy opens to the internet, or to every AWS account, is judged here
//! for everything but S3 and KMS keys, which have controls of their own: public endpoints and
//! flags, snapshots and images that anybody may restore, and policies of resources that admit
//! strangers, accounts that are not trusted, or AWS services that act for anybody. A public flag
//! counts also in a private subnet: whether a network leads there is another control's question.
//!
//! What the item tells is judged when it changes. Policies of functions, secrets, event buses and
//! file systems, and shares of documents, may be edited without a new item: those types are judged
//! once a day besides. Vaults of AWS Backup are the business of `backup-vault`. What Config does
//! not record (EBS snapshots, images, settings of the account) is one verdict on the account, once
//! a day. Of a Lambda function the policy of the unqualified function is judged; its versions and
//! aliases have policies of their own, which are not looked at. Running in every account and
//! Region, this control is itself the automatic inspection that the criteria describe.
//!
//! Criteria: 統24 6, 統24 8, 実15, 実15 3, 実39, 実100 4 ask for it. To fix a resource, take the
//! public setting away or name the permitted accounts; what must be public goes on the list of
//! approved ARNs.

mod account;
mod documents;
mod items;
mod policies;
mod requirements;
mod snapshots;

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::inventory::{self, sweep_recorded};
use fisc_shared::policy::{ORG_ID, TRUSTED_ACCOUNT_IDS};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
};
use requirements::*;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "public-exposure",
    domain: Domain::Data,
    severity: Severity::Critical,
    title: Text::new(
        "Databases, snapshots, images, functions, queues and managed endpoints are not public",
        "データベース、スナップショット、AMI、関数、キュー、マネージドサービスのエンドポイントを公開しない",
    ),
    why: Text::new(
        "One setting or one statement of a policy is enough to open a database, a copy of its data \
         or a queue to everybody. Such openings are found by scanners within hours, whatever the \
         networks around them look like.",
        "データベースやその複製、キューは、設定一つ、ポリシーのステートメント一つで誰にでも公開\
         されます。このような公開は、周囲のネットワークの構成にかかわらず、数時間のうちにスキャンで\
         見つけられます。",
    ),
    fix: Text::new(
        "Turn the public flag or endpoint off on the resource's page (RDS: Modify > Connectivity; \
         EKS: Networking), take Public out of a snapshot's, image's or document's permissions, and \
         name the permitted accounts in policies or tie them to aws:PrincipalOrgID or \
         aws:SourceAccount. Turn on the account's blocks (EC2 > Account attributes; EMR > Block \
         public access; Systems Manager > Documents > Preferences). List what is public on purpose \
         in approvedPublicArns.",
        "各リソースの画面(RDS は「変更」>「接続」、EKS は「ネットワーキング」)でパブリックの設定を\
         無効にし、スナップショット・AMI・ドキュメントの許可から「パブリック」を外します。\
         ポリシーは許可するアカウントを指定するか、aws:PrincipalOrgID や aws:SourceAccount で\
         限定します。アカウントのブロック(EC2 の「アカウントの属性」、EMR、Systems Manager の\
         ドキュメントの設定)も有効にし、意図した公開は approvedPublicArns に登録します。",
    ),
    remedy: Remedy::new(
        include_str!("public_exposure/remedy.sh"),
        include_str!("public_exposure/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html",
    criteria: Criteria {
        explicit: &["統24 6", "統24 8", "実15", "実15 3", "実39", "実100 4"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統24 1",
            "統24 2",
            "実5 3",
            "実25",
            "実27 4",
            "実76 3",
        ],
    },
    resources: &[
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::RDS_DB_SNAPSHOT,
        ResourceType::RDS_DB_CLUSTER_SNAPSHOT,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::ELASTICSEARCH_DOMAIN,
        ResourceType::DMS_REPLICATION_INSTANCE,
        ResourceType::EKS_CLUSTER,
        ResourceType::MSK_CLUSTER,
        ResourceType::MQ_BROKER,
        ResourceType::SAGEMAKER_NOTEBOOK_INSTANCE,
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::SNS_TOPIC,
        ResourceType::SQS_QUEUE,
        ResourceType::SECRETS_MANAGER_SECRET,
        ResourceType::ECR_REPOSITORY,
        ResourceType::EVENTS_EVENT_BUS,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::SSM_DOCUMENT,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
        Action::on(
            policies::GET_FUNCTION_POLICY,
            "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*",
        ),
        Action::on(
            policies::LIST_FUNCTION_URLS,
            "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*",
        ),
        Action::on(
            policies::GET_QUEUE_ATTRIBUTES,
            "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:*",
        ),
        Action::on(
            policies::GET_SECRET_POLICY,
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*",
        ),
        Action::on(
            policies::GET_REPOSITORY_POLICY,
            "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/*",
        ),
        Action::on(
            policies::DESCRIBE_EVENT_BUS,
            "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/*",
        ),
        Action::on(
            policies::DESCRIBE_FILE_SYSTEM_POLICY,
            "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system/*",
        ),
        Action::on(
            documents::DESCRIBE_PERMISSION,
            "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:document/*",
        ),
        Action::on(
            account::GET_SERVICE_SETTING,
            "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:servicesetting/ssm/documents/*",
        ),
        Action::any(account::GET_EMR_BLOCK),
        Action::any(fisc_shared::ec2::action::DESCRIBE_SNAPSHOTS),
        Action::any(fisc_shared::ec2::action::GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE),
        Action::any(fisc_shared::ec2::action::DESCRIBE_IMAGES),
        Action::any(fisc_shared::ec2::action::GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE),
    ],
    parameters: &[
        APPROVED_PUBLIC_ARNS.spec,
        TRUSTED_ACCOUNT_IDS.spec,
        ORG_ID.spec,
        EKS_ALLOW_RESTRICTED_CIDRS.spec,
        REQUIRE_SNAPSHOT_BLOCK.spec,
        REQUIRE_IMAGE_BLOCK.spec,
    ],
    requirements: &[
        &PUBLICLY_ACCESSIBLE,
        &SNAPSHOT_PUBLIC,
        &SHARED_WITH_UNTRUSTED_ACCOUNT,
        &SNAPSHOT_BLOCK_OFF,
        &IMAGE_PUBLIC,
        &IMAGE_BLOCK_OFF,
        &NOT_IN_VPC,
        &PUBLIC_ENDPOINT,
        &DIRECT_INTERNET_ACCESS,
        &PUBLIC_POLICY,
        &PUBLIC_FUNCTION_URL,
        &UNTRUSTED_PRINCIPAL,
        &DOCUMENT_PUBLIC,
        &DOCUMENT_SHARING_NOT_BLOCKED,
        &EMR_BLOCK_OFF,
    ],
    remarks: &[
        &APPROVED_PUBLIC,
        &AUTOMATED_SNAPSHOT,
        &JUDGED_BY_INSTANCES,
        &SECRET_BEING_DELETED,
        &AWS_OWNED_DOCUMENT,
    ],
    // Two calls for every Lambda function, at the pace that Lambda's API allows.
    limits: Limits { timeout_seconds: 900, memory_mb: 256 },
    check: Check::Service {
        preview,
        connect,
        swept: &[
            ResourceType::ACCOUNT,
            ResourceType::LAMBDA_FUNCTION,
            ResourceType::SQS_QUEUE,
            ResourceType::SECRETS_MANAGER_SECRET,
            ResourceType::EVENTS_EVENT_BUS,
            ResourceType::EFS_FILE_SYSTEM,
            ResourceType::SSM_DOCUMENT,
        ],
    },
};

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.arn.as_deref().is_some_and(|arn| approved(arn, run)) {
        return Ok(Some(Verdict::not_applicable(&APPROVED_PUBLIC)));
    }
    if let Some(judge) = items::judge_of(&item.resource_type) {
        return judge(item, run).map(Some);
    }
    if item.resource_type == ResourceType::SSM_DOCUMENT.name {
        return documents::preview(item);
    }
    policies::preview(item, run)
}

/// Whether the ARN may be public.
fn approved(arn: &str, run: &Run<'_>) -> bool {
    run.parameters.get(&APPROVED_PUBLIC_ARNS).iter().any(|one| one == arn)
}

/// The account that holds the item; the results of some queries lack it.
fn owner<'a>(item: &'a ConfigurationItem, run: &'a Run<'_>) -> &'a str {
    if item.account_id.is_empty() { run.account_id } else { &item.account_id }
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        config: ConfigService::new(sdk),
        policies: policies::Clients::new(sdk),
        account: account::Clients::new(sdk),
        ssm: aws_sdk_ssm::Client::new(sdk),
    })
}

struct Services {
    config: ConfigService,
    policies: policies::Clients,
    account: account::Clients,
    ssm: aws_sdk_ssm::Client,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::SSM_DOCUMENT.name {
            return documents::judge(&self.ssm, item).await;
        }
        self.policies.judge(item, run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let facts = self.account.facts(&self.ssm).await?;
        let mut evaluated = vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: account::decide(&facts, run),
            at: run.now,
        }];
        let swept = CONTROL.swept().iter().copied();
        let recorded: Vec<_> = swept.filter(|one| *one != ResourceType::ACCOUNT).collect();
        evaluated.extend(sweep_recorded(&self.config, &recorded, &CONTROL, self, run).await?);
        // Every account has it, whether Config records it or not.
        let default_bus = policies::default_bus(run);
        let known = |one: &Evaluated| {
            one.resource.resource_type == default_bus.resource_type
                && (one.resource.id == default_bus.id || one.resource.arn == default_bus.arn)
        };
        if !evaluated.iter().any(known) {
            let verdict = self.policies.default_bus(&default_bus, run).await?;
            evaluated.push(Evaluated { resource: default_bus, verdict, at: run.now });
        }
        Ok(evaluated)
    }
}

#[cfg(test)]
mod tests;
