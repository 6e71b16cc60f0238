//! `encryption-at-rest`: what keeps data encrypts it, with a customer managed key where that is
//! required.
//!
//! A disk or a snapshot that gets out is readable unless it is encrypted; and a key that the
//! institution manages itself can be taken away from whoever should no longer read the data.
//! Each resource type tells of its encryption in words of its own: a table holds them
//! (`encryption_at_rest/types.rs`). Most verdicts come from the item alone; KMS is asked only
//! about a key that must be customer managed and whose name does not tell. EBS snapshots are not
//! recorded by AWS Config: EC2 is asked for them once a day, with one verdict on the account.
//!
//! Some services encrypt always (DynamoDB, Secrets Manager, S3 since January 2023): of them only the
//! key, and of a bucket the algorithm, is judged. Recovery points and vaults of AWS Backup are the
//! business of `backup-vault`.
//!
//! Criteria: 実3, 実13 4, 実13 5, 実19, 実25, 実28, 実39 ask for it. To fix a resource, copy or
//! restore it encrypted: most services cannot encrypt in place.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::ec2::{Ec2, Snapshot, action};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict,
};

use crate::customer_key::{self, ALLOWED_KMS_KEY_ARNS, KeyService};
use assess::{Assessment, assess};

mod assess;
mod types;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "encryption-at-rest",
    domain: Domain::Encryption,
    severity: Severity::High,
    title: Text::new(
        "Data stores, snapshots and queues are encrypted at rest, with a customer managed key where \
         required",
        "データストア・スナップショット・キューが保管時に暗号化され、必要な場合はカスタマー管理キーを\
         使用している",
    ),
    why: Text::new(
        "Whoever gets hold of an unencrypted disk or snapshot reads the customer data in it. A \
         customer managed key adds a second lock: its policy decides who may read, each use is \
         logged, and it can be withdrawn.",
        "暗号化されていないディスクやスナップショットを入手した者は、その中の顧客データをそのまま\
         読めます。カスタマー管理キーを使用すると、キーポリシーで利用者を限定し、使用を記録し、必要な\
         ときに利用を停止できます。",
    ),
    fix: Text::new(
        "Buckets, topics, queues, streams, tables, secrets and domains: turn encryption on, or \
         choose the customer managed key, under the Encryption or Properties tab of the resource. \
         Volumes, DB instances, file systems: copy the snapshot with encryption (Actions > Copy \
         snapshot), restore from the copy and switch over. Turn on EBS encryption by default too \
         (EC2 > Account attributes).",
        "バケット、トピック、キュー、ストリーム、テーブル、シークレット、ドメインは、各リソースの\
         「暗号化」または「プロパティ」の画面で暗号化を有効にするか、カスタマー管理キーを\
         選択します。ボリューム、DB インスタンスなどは、スナップショットを暗号化してコピーし\
         (「アクション」>「スナップショットをコピー」)、復元して切り替えます。EC2 の「アカウントの\
         属性」で EBS のデフォルト暗号化も有効にします。",
    ),
    remedy: Remedy::new(
        include_str!("encryption_at_rest/remedy.sh"),
        include_str!("encryption_at_rest/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/prescriptive-guidance/latest/encryption-best-practices/welcome.html",
    criteria: Criteria {
        explicit: &["実3", "実13 4", "実13 5", "実19", "実25", "実28", "実39"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(6)",
            "統20 3-(11)",
            "統20 3-(12)",
            "統24 1",
            "統24 2",
            "実3 8",
            "実3 参考3",
            "実4",
            "実30 4",
            "実39 5",
        ],
    },
    resources: &[
        ResourceType::EC2_VOLUME,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::RDS_DB_SNAPSHOT,
        ResourceType::RDS_DB_CLUSTER_SNAPSHOT,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::S3_BUCKET,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::REDSHIFT_CLUSTER_SNAPSHOT,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::ELASTICSEARCH_DOMAIN,
        ResourceType::SNS_TOPIC,
        ResourceType::SQS_QUEUE,
        ResourceType::KINESIS_STREAM,
        ResourceType::SECRETS_MANAGER_SECRET,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[Action::any(action::DESCRIBE_SNAPSHOTS), customer_key::ACTION],
    parameters: &[
        REQUIRE_CUSTOMER_MANAGED_KEY.spec,
        CUSTOMER_KEY_RESOURCE_TYPES.spec,
        DATA_CLASS_TAG_KEY.spec,
        CUSTOMER_KEY_DATA_CLASSES.spec,
        DATA_ROLE_TAG_KEY.spec,
        KMS_DATA_ROLES.spec,
        LOG_BUCKET_NAMES.spec,
        SSE_S3_ONLY_BUCKETS.spec,
        ALLOWED_S3_ALGORITHMS.spec,
        ALLOWED_KMS_KEY_ARNS.spec,
    ],
    requirements: &[
        &NOT_ENCRYPTED,
        &KMS_ENCRYPTION_REQUIRED,
        &SNAPSHOT_NOT_ENCRYPTED,
        &CUSTOMER_KEY_REQUIRED,
    ],
    remarks: &[
        &CLUSTER_MEMBER,
        &BEING_DELETED,
        &CLIENT_SIDE_ENCRYPTED,
        &SSE_S3_ONLY,
        &OTHER_ACCOUNT_KEY,
        &NO_SNAPSHOT,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &[ResourceType::ACCOUNT] },
};

const REQUIRE_CUSTOMER_MANAGED_KEY: Param<bool> = Param::flag(
    "requireCustomerManagedKey",
    false,
    Text::new(
        "Demand a customer managed key of every resource, whatever its tags",
        "タグにかかわらず、すべてのリソースにカスタマー管理キーを求める",
    ),
);

const CUSTOMER_KEY_RESOURCE_TYPES: Param<Vec<String>> = Param::list(
    "customerKeyResourceTypes",
    &[],
    Text::new(
        "Resource types of which a customer managed key is demanded (empty: all)",
        "カスタマー管理キーを求めるリソースタイプ(空の場合はすべて)",
    ),
);

const DATA_CLASS_TAG_KEY: Param<Vec<String>> = Param::list(
    "dataClassTagKey",
    &["fisc:data-class"],
    Text::new("Tag that tells how sensitive the data is", "データの機密区分を示すタグ"),
);

const CUSTOMER_KEY_DATA_CLASSES: Param<Vec<String>> = Param::list(
    "customerKeyDataClasses",
    &["confidential", "restricted", "personal"],
    Text::new(
        "Values of that tag that demand a customer managed key, also without \
         requireCustomerManagedKey",
        "requireCustomerManagedKey が false でもカスタマー管理キーを求める機密区分",
    ),
);

const DATA_ROLE_TAG_KEY: Param<Vec<String>> = Param::list(
    "dataRoleTagKey",
    &["fisc:data-role"],
    Text::new(
        "Tag that marks backup and log buckets",
        "バックアップ用・ログ用のバケットを示すタグ",
    ),
);

const KMS_DATA_ROLES: Param<Vec<String>> = Param::list(
    "kmsDataRoles",
    &["backup", "log"],
    Text::new(
        "Values of that tag that demand SSE-KMS of a bucket",
        "バケットに SSE-KMS を求めるタグの値",
    ),
);

const LOG_BUCKET_NAMES: Param<Vec<String>> = Param::list(
    "logBucketNames",
    &[],
    Text::new("Log buckets that carry no tag", "タグのないログ用バケットの名前"),
);

const SSE_S3_ONLY_BUCKETS: Param<Vec<String>> = Param::list(
    "sseS3OnlyBuckets",
    &[],
    Text::new(
        "Buckets that can have SSE-S3 only, such as targets of load balancer access logs",
        "SSE-S3 だけを使用できるバケット(ロードバランサーのアクセスログの保存先など)",
    ),
);

const ALLOWED_S3_ALGORITHMS: Param<Vec<String>> = Param::list(
    "allowedS3Algorithms",
    &["AES256", "aws:kms", "aws:kms:dsse"],
    Text::new(
        "Accepted algorithms of a bucket's default encryption",
        "バケットのデフォルト暗号化で認めるアルゴリズム",
    ),
);

const NOT_ENCRYPTED: Requirement = Requirement {
    code: "NOT_ENCRYPTED",
    wave: 1,
    resources: &[
        ResourceType::EC2_VOLUME,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::RDS_DB_SNAPSHOT,
        ResourceType::RDS_DB_CLUSTER_SNAPSHOT,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::S3_BUCKET,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::REDSHIFT_CLUSTER_SNAPSHOT,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::ELASTICSEARCH_DOMAIN,
        ResourceType::SNS_TOPIC,
        ResourceType::SQS_QUEUE,
        ResourceType::KINESIS_STREAM,
    ],
    title: Text::new("Data at rest is not encrypted", "保管時に暗号化されていません"),
    rule: Text::new(
        "Fails when the item says that the data is not encrypted. A topic without a KMS key, a \
         queue with neither a KMS key nor SSE-SQS and a stream whose encryption type is not KMS \
         are not encrypted. A bucket fails without a rule of default encryption (only items of \
         before 2023 lack it), or when its algorithm is not among allowedS3Algorithms.",
        "暗号化されていないと記録されているとき不適合です。KMS キーのないトピック、KMS キーも \
         SSE-SQS もないキュー、暗号化タイプが KMS でないストリームも該当します。バケットは、デフォルト\
         暗号化のルールがない場合(2023 年より前の記録に限られます)、またはアルゴリズムが \
         allowedS3Algorithms に含まれない場合に不適合です。",
    ),
};

const KMS_ENCRYPTION_REQUIRED: Requirement = Requirement {
    code: "KMS_ENCRYPTION_REQUIRED",
    wave: 1,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "A backup or log bucket is not encrypted with SSE-KMS",
        "バックアップ用またはログ用のバケットが SSE-KMS で暗号化されていません",
    ),
    rule: Text::new(
        "Fails when the default encryption of a bucket whose dataRoleTagKey tag is among \
         kmsDataRoles, or whose name is among logBucketNames, is neither aws:kms nor \
         aws:kms:dsse. Buckets among sseS3OnlyBuckets are left out.",
        "dataRoleTagKey のタグの値が kmsDataRoles に含まれるバケット、または logBucketNames に\
         含まれるバケットで、デフォルト暗号化が aws:kms と aws:kms:dsse のどちらでもないとき\
         不適合です。sseS3OnlyBuckets に含まれるバケットは除きます。",
    ),
};

const SNAPSHOT_NOT_ENCRYPTED: Requirement = Requirement {
    code: "SNAPSHOT_NOT_ENCRYPTED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "EBS snapshots are not encrypted",
        "暗号化されていない EBS スナップショットがあります",
    ),
    rule: Text::new(
        "Fails when the account owns an EBS snapshot that is not encrypted (DescribeSnapshots; \
         AWS Config does not record snapshots). One verdict on the account in each Region.",
        "アカウントが所有する EBS スナップショットに暗号化されていないものがあるとき不適合です\
         (DescribeSnapshots。AWS Config はスナップショットを記録しません)。リージョンごとに\
         アカウント単位で評価します。",
    ),
};

const CUSTOMER_KEY_REQUIRED: Requirement = Requirement {
    code: "CUSTOMER_KEY_REQUIRED",
    wave: 1,
    resources: &[
        ResourceType::EC2_VOLUME,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::RDS_DB_SNAPSHOT,
        ResourceType::RDS_DB_CLUSTER_SNAPSHOT,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::S3_BUCKET,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::REDSHIFT_CLUSTER_SNAPSHOT,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::ELASTICSEARCH_DOMAIN,
        ResourceType::SNS_TOPIC,
        ResourceType::SQS_QUEUE,
        ResourceType::KINESIS_STREAM,
        ResourceType::SECRETS_MANAGER_SECRET,
    ],
    title: Text::new(
        "The data is not protected by an accepted customer managed key",
        "認められたカスタマー管理キーで暗号化されていません",
    ),
    rule: Text::new(
        "Judged where requireCustomerManagedKey is set, or the dataClassTagKey tag is among \
         customerKeyDataClasses, and the type is among customerKeyResourceTypes (if any). Fails \
         without a KMS key, with a key that AWS owns or manages, with a customer managed key that \
         is not enabled or was deleted (DescribeKey), and with one that is not among \
         allowedKmsKeyArns (if any). A key of another account is always customer managed. Buckets \
         among sseS3OnlyBuckets are left out.",
        "requireCustomerManagedKey を指定した場合、または dataClassTagKey のタグの値が \
         customerKeyDataClasses に含まれる場合に評価します(customerKeyResourceTypes を指定した\
         ときはそのタイプに限る)。KMS キーがない、AWS 所有または AWS マネージドのキーである、カスタマー\
         管理キーが有効でないか削除されている(DescribeKey)、allowedKmsKeyArns(指定した場合)に\
         含まれない、のいずれかで不適合です。他のアカウントのキーは常にカスタマー管理です。\
         sseS3OnlyBuckets に含まれるバケットは除きます。",
    ),
};

const CLUSTER_MEMBER: Remark = Remark::new(
    "CLUSTER_MEMBER",
    "The instance stores its data in its DB cluster, where it is judged",
    "インスタンスのデータは DB クラスターにあり、クラスターで評価します",
);
const BEING_DELETED: Remark =
    Remark::new("BEING_DELETED", "The resource is being deleted", "リソースは削除中です");
const CLIENT_SIDE_ENCRYPTED: Remark = Remark::new(
    "CLIENT_SIDE_ENCRYPTED",
    "By its tag, the bucket holds objects that are encrypted before they are uploaded",
    "タグにより、アップロード前に暗号化したオブジェクトを保存するバケットとされています",
);
const SSE_S3_ONLY: Remark = Remark::new(
    "SSE_S3_ONLY",
    "By sseS3OnlyBuckets, no KMS key is demanded of the bucket",
    "sseS3OnlyBuckets に含まれるため、KMS キーは求めません",
);
const OTHER_ACCOUNT_KEY: Remark = Remark::new(
    "OTHER_ACCOUNT_KEY",
    "The key belongs to another account: it is customer managed, and its state is not known here",
    "別のアカウントのキーのためカスタマー管理です。キーの状態は確認していません",
);
const NO_SNAPSHOT: Remark = Remark::new(
    "NO_SNAPSHOT",
    "The account owns no EBS snapshot in this Region",
    "このリージョンにアカウントが所有する EBS スナップショットはありません",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    match assess(item, run)? {
        Assessment::Decided(verdict) => Ok(Some(verdict)),
        // Without anybody to ask, what fails anyway counts.
        Assessment::Open { failures, .. } if run.offline => {
            let verdict = failures.into_verdict();
            Ok(Some(verdict).filter(|one| matches!(one, Verdict::NonCompliant(_))))
        }
        Assessment::Open { .. } => Ok(None),
    }
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(AtRest { keys: KeyService::new(aws_sdk_kms::Client::new(sdk)), ec2: Ec2::new(sdk) })
}

struct AtRest {
    keys: KeyService,
    ec2: Ec2,
}

#[async_trait]
impl ServiceCheck for AtRest {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        match assess(item, run)? {
            Assessment::Decided(verdict) => Ok(verdict),
            Assessment::Open { mut failures, question } => {
                let allowed = customer_key::allowed(run)?;
                if let Some(message) = self.keys.refusal(&question, &allowed).await? {
                    failures.because(&CUSTOMER_KEY_REQUIRED, message);
                }
                Ok(failures.into_verdict())
            }
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        Ok(vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: snapshots(&self.ec2.snapshots().await?),
            at: run.now,
        }])
    }
}

/// The verdict on the EBS snapshots of the account in the Region.
fn snapshots(snapshots: &[Snapshot]) -> Verdict {
    // What failed to be made holds no data.
    let mut live = snapshots.iter().filter(|one| one.state != "error").peekable();
    if live.peek().is_none() {
        return Verdict::not_applicable(&NO_SNAPSHOT);
    }
    let mut failures = Failures::new();
    let plain: Vec<&str> = live.filter(|one| !one.encrypted).map(|one| one.id.as_str()).collect();
    if !plain.is_empty() {
        let (count, named) = (plain.len(), Message::named(&plain));
        failures.because(
            &SNAPSHOT_NOT_ENCRYPTED,
            Message {
                en: format!("{count} EBS snapshot(s) are not encrypted: {}", named.en),
                ja: format!(
                    "暗号化されていない EBS スナップショットが {count} 個あります: {}",
                    named.ja
                ),
            },
        );
    }
    failures.into_verdict()
}

#[cfg(test)]
mod tests;
