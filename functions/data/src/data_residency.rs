//! `data-residency`: data, its replicas and its backup copies stay in the approved Regions.
//!
//! Once a copy lies in another country it is subject to that country's law and out of reach of
//! the institution's contingency plans. What a resource copies elsewhere is in its configuration
//! item, except where a bucket that replicas go to is (S3 tells), what an EFS file system
//! replicates to and which members a global database has (both are asked, on a schedule too).
//! The Region is judged, never the account: a copy into another account of the same Region is
//! what guards against ransomware.
//!
//! A change rule sees only the Regions where it and a recorder run: deploy it everywhere, and
//! close the other Regions. Cross-Region inference, content delivery and support data are beyond
//! what AWS Config shows.
//!
//! Criteria: 実39, 実74 4 ask for it. To fix a failure, remove the copy or move the resource, or
//! have the transfer approved and tag the resource with the approval.

mod copies;
mod services;

use fisc_services::regions::LIST_REGIONS;
use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Reason,
    Remark, Remedy, Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
};

use copies::{Copies, Copy};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "data-residency",
    domain: Domain::Data,
    severity: Severity::High,
    title: Text::new(
        "Data, replicas and backup copies stay in approved Regions",
        "データ、レプリカ、バックアップコピーが承認済みリージョンに置かれている",
    ),
    why: Text::new(
        "Data in another country falls under that country's law, and authorities and courts there \
         may reach it. A replica or a backup copy is set up with one line and then moves \
         everything, now and in future, without anybody looking at it again.",
        "国外に置いたデータにはその国の法令が適用され、現地の当局や裁判所の権限が及ぶことがあります。\
         レプリカやバックアップコピーは 1 行の設定で作成され、その後はだれの目にも触れないまま、\
         すべてのデータが移り続けます。",
    ),
    fix: Text::new(
        "Remove the replica or the copy rule on the resource's own page (S3: Management > \
         Replication rules; AWS Backup: the plan's rule), or point it to an approved Region, and \
         move resources out of other Regions. Disable opt-in Regions that nobody needs (Account > \
         AWS Regions) and deny the rest by a service control policy on aws:RequestedRegion. Tag an \
         approved transfer fisc:region-exception with its number.",
        "レプリカやコピールールを各リソースの画面(S3 は「管理」>「レプリケーションルール」、AWS \
         Backup はプランのルール)で削除するか、承認済みリージョンに変更し、ほかのリージョンの\
         リソースは移動します。不要なオプトインリージョンは「アカウント」>「AWS リージョン」で\
         無効にし、その他は SCP の aws:RequestedRegion で拒否します。承認済みの移転には \
         fisc:region-exception タグに承認番号を設定します。",
    ),
    remedy: Remedy::new(
        include_str!("data_residency/remedy.sh"),
        include_str!("data_residency/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
    criteria: Criteria {
        explicit: &["実39", "実74 4"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(11)",
            "統20 3-(12)",
            "統24 1",
            "統24 2",
            "実28",
            "実39 5",
            "実73 8",
            "実74",
        ],
    },
    resources: &[
        ResourceType::BACKUP_BACKUP_PLAN,
        ResourceType::S3_BUCKET,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::RDS_GLOBAL_CLUSTER,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::EC2_VOLUME,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::KINESIS_STREAM,
        ResourceType::SQS_QUEUE,
        ResourceType::SNS_TOPIC,
        ResourceType::SECRETS_MANAGER_SECRET,
        ResourceType::ECR_REPOSITORY,
        ResourceType::BACKUP_BACKUP_VAULT,
        ResourceType::KMS_KEY,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    // Where a bucket is, S3 tells everybody who asks with HeadBucket: that call needs no right.
    actions: &[
        Action::on(LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
        Action::on(
            services::DESCRIBE_REPLICATION,
            "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system/*",
        ),
        Action::on(
            services::DESCRIBE_GLOBAL_CLUSTERS,
            "arn:${AWS::Partition}:rds::${AWS::AccountId}:global-cluster:*",
        ),
        SELECT_ACTION,
    ],
    parameters: &[
        ALLOWED_REGIONS.spec,
        GLOBAL_SERVICE_REGIONS.spec,
        REGION_EXCEPTION_TAG_KEY.spec,
        ALLOWED_DESTINATION_BUCKETS.spec,
    ],
    requirements: &[
        &BACKUP_COPY_REGION,
        &REPLICATION_REGION,
        &RESOURCE_REGION,
        &UNAPPROVED_REGION_ENABLED,
    ],
    remarks: &[&EXCEPTION_APPROVED, &AWS_MANAGED_KEY, &NO_COPY],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect: services::connect, swept: services::SWEPT },
};

const ALLOWED_REGIONS: Param<Vec<String>> = Param::list(
    "allowedRegions",
    // The Regions in Japan. The reference names none: it asks the institution to know and to
    // approve where its data is.
    &["ap-northeast-1", "ap-northeast-3"],
    Text::new("Approved Regions", "承認済みリージョン"),
);

const GLOBAL_SERVICE_REGIONS: Param<Vec<String>> = Param::list(
    "globalServiceRegions",
    &["us-east-1"],
    Text::new(
        "Regions where SNS topics are accepted besides, since global services (CloudFront, Route \
         53, Health) only notify there",
        "グローバルサービス(CloudFront、Route 53、Health)の通知先として、SNS トピックに限り認める\
         リージョン",
    ),
);

const REGION_EXCEPTION_TAG_KEY: Param<Vec<String>> = Param::list(
    "regionExceptionTagKey",
    &["fisc:region-exception"],
    Text::new(
        "Key of the tag that marks an approved transfer; its value is the approval number (of \
         several, any one; empty: no exceptions)",
        "承認済みの移転を示すタグのキー。値は承認番号(複数の場合はいずれか。空の場合は例外なし)",
    ),
);

const ALLOWED_DESTINATION_BUCKETS: Param<Vec<String>> = Param::list(
    "allowedDestinationBuckets",
    &[],
    Text::new(
        "Names of replication targets that are accepted when their Region cannot be read",
        "リージョンを確認できない場合に認めるレプリケーション先のバケット名",
    ),
);

const BACKUP_COPY_REGION: Requirement = Requirement {
    code: "BACKUP_COPY_REGION",
    wave: 1,
    resources: &[ResourceType::BACKUP_BACKUP_PLAN],
    title: Text::new(
        "Backups are copied to a Region that is not approved",
        "承認していないリージョンにバックアップがコピーされます",
    ),
    rule: Text::new(
        "Fails when a copy action of the backup plan leads to a vault in a Region that is not \
         among allowedRegions.",
        "バックアッププランのコピーアクションの宛先ボールトが allowedRegions 以外のリージョンに\
         あるとき不適合です。",
    ),
};

const REPLICATION_REGION: Requirement = Requirement {
    code: "REPLICATION_REGION",
    wave: 1,
    resources: &[
        ResourceType::S3_BUCKET,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::RDS_GLOBAL_CLUSTER,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::KMS_KEY,
    ],
    title: Text::new(
        "Data is replicated to a Region that is not approved",
        "承認していないリージョンにデータが複製されます",
    ),
    rule: Text::new(
        "Fails when one of these is in a Region that is not among allowedRegions: the target of an \
         enabled S3 replication rule (also when there is no such bucket, unless it is among \
         allowedDestinationBuckets), a cross-Region read replica or replicated automated backup \
         of RDS, a member of a global database, a replica of a DynamoDB table, the destination of \
         an EFS replication or of Redshift snapshot copies, a key of a multi-Region KMS key.",
        "次のいずれかが allowedRegions 以外のリージョンにあるとき不適合です: 有効な S3 \
         レプリケーションルールの宛先(バケットが存在せず allowedDestinationBuckets にもない場合を\
         含む)、RDS のクロスリージョンリードレプリカと自動バックアップの複製先、グローバル\
         データベースのメンバー、DynamoDB テーブルのレプリカ、EFS のレプリケーション先、Redshift \
         のスナップショットのコピー先、マルチリージョン KMS キー。",
    ),
};

const RESOURCE_REGION: Requirement = Requirement {
    code: "RESOURCE_REGION",
    wave: 2,
    resources: &[
        ResourceType::S3_BUCKET,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::EC2_VOLUME,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::KINESIS_STREAM,
        ResourceType::SQS_QUEUE,
        ResourceType::SNS_TOPIC,
        ResourceType::SECRETS_MANAGER_SECRET,
        ResourceType::ECR_REPOSITORY,
        ResourceType::BACKUP_BACKUP_VAULT,
        ResourceType::KMS_KEY,
    ],
    title: Text::new(
        "The resource is in a Region that is not approved",
        "承認していないリージョンにリソースがあります",
    ),
    rule: Text::new(
        "Fails when the Region of the resource is not among allowedRegions; an SNS topic may also \
         be in one of globalServiceRegions.",
        "リソースのリージョンが allowedRegions に含まれないとき不適合です(SNS トピックは \
         globalServiceRegions でもよい)。",
    ),
};

const UNAPPROVED_REGION_ENABLED: Requirement = Requirement {
    code: "UNAPPROVED_REGION_ENABLED",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "An opt-in Region that is not approved is enabled",
        "承認していないオプトインリージョンが有効です",
    ),
    rule: Text::new(
        "Fails when a Region that has to be enabled first is ENABLED or ENABLING in the account \
         and not among allowedRegions (ListRegions). Regions that are always enabled are not \
         judged: close them with a service control policy.",
        "オプトインが必要なリージョンがアカウントで有効(ENABLED または ENABLING)であり、\
         allowedRegions に含まれないとき不適合です(ListRegions)。常に有効なリージョンは評価しません\
         (サービスコントロールポリシーで制限してください)。",
    ),
};

const EXCEPTION_APPROVED: Remark = Remark::new(
    "EXCEPTION_APPROVED",
    "The transfer is approved by the exception tag of the resource",
    "例外タグにより移転が承認されています",
);
const AWS_MANAGED_KEY: Remark = Remark::new(
    "AWS_MANAGED_KEY",
    "AWS makes and manages the key; it cannot be deleted",
    "AWS が作成し管理する AWS マネージドキーであり、削除できません",
);
const NO_COPY: Remark =
    Remark::new("NO_COPY", "Nothing is copied anywhere", "コピー先の設定がありません");

/// A type that the control judges.
struct Kind {
    resource: ResourceType,
    /// What the resource copies, and where to.
    copies: fn(&ConfigurationItem) -> Result<Copies, ItemError>,
    /// The requirement that copies elsewhere fail.
    copied: &'static Requirement,
    /// Whether the resource itself holds data, so that its own Region counts.
    holds_data: bool,
}

const KINDS: &[Kind] = &[
    Kind {
        copied: &BACKUP_COPY_REGION,
        holds_data: false,
        ..kind(ResourceType::BACKUP_BACKUP_PLAN, copies::backup_plan)
    },
    kind(ResourceType::S3_BUCKET, copies::bucket),
    kind(ResourceType::RDS_DB_INSTANCE, copies::db_instance),
    kind(ResourceType::RDS_DB_CLUSTER, copies::db_cluster),
    Kind {
        holds_data: false,
        ..kind(ResourceType::RDS_GLOBAL_CLUSTER, |_| Ok(Copies::GlobalMembers))
    },
    kind(ResourceType::DYNAMODB_TABLE, copies::table),
    kind(ResourceType::EC2_VOLUME, copies::none),
    kind(ResourceType::EFS_FILE_SYSTEM, |_| Ok(Copies::FileSystemReplicas)),
    kind(ResourceType::REDSHIFT_CLUSTER, copies::redshift),
    kind(ResourceType::OPENSEARCH_DOMAIN, copies::none),
    kind(ResourceType::KINESIS_STREAM, copies::none),
    kind(ResourceType::SQS_QUEUE, copies::none),
    kind(ResourceType::SNS_TOPIC, copies::none),
    kind(ResourceType::SECRETS_MANAGER_SECRET, copies::none),
    kind(ResourceType::ECR_REPOSITORY, copies::none),
    kind(ResourceType::BACKUP_BACKUP_VAULT, copies::none),
    kind(ResourceType::KMS_KEY, copies::key),
];

/// A type that holds data.
const fn kind(
    resource: ResourceType,
    copies: fn(&ConfigurationItem) -> Result<Copies, ItemError>,
) -> Kind {
    Kind { resource, copies, copied: &REPLICATION_REGION, holds_data: true }
}

/// The type of an item.
fn kind_of(item: &ConfigurationItem) -> Result<&'static Kind, Error> {
    KINDS
        .iter()
        .find(|kind| kind.resource.name == item.resource_type)
        .ok_or_else(|| Error::Control(format!("{} is not judged by an item", item.resource_type)))
}

/// The approved Regions.
fn allowed_regions(run: &Run<'_>) -> Result<Vec<String>, Error> {
    let allowed = run.parameters.get(&ALLOWED_REGIONS);
    if allowed.is_empty() {
        return Err(Error::Parameter(ParameterError::Invalid {
            name: ALLOWED_REGIONS.spec.name,
            problem: "takes at least one Region".to_owned(),
            got: "an empty list".to_owned(),
        }));
    }
    Ok(allowed)
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let kind = kind_of(item)?;
    if kind.resource == ResourceType::KMS_KEY && is_aws_managed(&item.configuration()?)? {
        return Ok(Some(Verdict::not_applicable(&AWS_MANAGED_KEY)));
    }
    match (kind.copies)(item)? {
        Copies::Known(copies) => decide(item, kind, &copies, run).map(Some),
        _ => Ok(None),
    }
}

fn is_aws_managed(key: &Fields<'_>) -> Result<bool, ItemError> {
    Ok(key.text("keyManager")?.ok_or_else(|| key.missing("keyManager"))? == "AWS")
}

/// The verdict on a resource of which all copies are known.
fn decide(
    item: &ConfigurationItem,
    kind: &Kind,
    copies: &[Copy],
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let allowed = allowed_regions(run)?;
    let approved = |region: &str| allowed.iter().any(|one| one == region);
    if !kind.holds_data && copies.is_empty() {
        return Ok(Verdict::not_applicable(&NO_COPY));
    }
    let mut failures = Failures::new();
    let abroad: Vec<String> =
        copies.iter().filter(|copy| !copy.stays_in(approved)).map(Copy::to_string).collect();
    if !abroad.is_empty() {
        let abroad = abroad.join(", ");
        failures.because(
            kind.copied,
            message!(
                "Copies that leave the approved Regions: {abroad}",
                "承認済みリージョン外へのコピー: {abroad}"
            ),
        );
    }
    if kind.holds_data {
        let region = own_region(item)?;
        let global = run.parameters.get(&GLOBAL_SERVICE_REGIONS);
        let tolerated =
            kind.resource == ResourceType::SNS_TOPIC && global.iter().any(|one| one == region);
        if !approved(region) && !tolerated {
            failures.because(
                &RESOURCE_REGION,
                message!("The resource is in {region}", "リソースが {region} にあります"),
            );
        }
    }
    match failures.into_verdict() {
        Verdict::NonCompliant(reasons) => Ok(match exception(item, run)? {
            Some(reason) => Verdict::NotApplicable(reason),
            None => Verdict::NonCompliant(reasons),
        }),
        verdict => Ok(verdict),
    }
}

fn own_region(item: &ConfigurationItem) -> Result<&str, ItemError> {
    if item.region.is_empty() {
        return Err(ItemError::Missing { field: "awsRegion".to_owned() });
    }
    Ok(&item.region)
}

/// The approval that the resource's tag names; a tag without a number approves nothing.
fn exception(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Reason>, Error> {
    let keys = run.parameters.get(&REGION_EXCEPTION_TAG_KEY);
    if keys.is_empty() {
        return Ok(None);
    }
    let tags = item.all_tags()?;
    let number = keys.iter().find_map(|key| tags.get(key).map(|value| value.trim()));
    Ok(number.filter(|number| !number.is_empty()).map(|number| {
        EXCEPTION_APPROVED.because(message!(
            "The transfer is approved: {number}",
            "移転が承認されています(承認番号 {number})"
        ))
    }))
}

/// The verdict on the account, from the opt-in Regions that are enabled.
fn decide_account(enabled: &[String], run: &Run<'_>) -> Result<Verdict, Error> {
    let allowed = allowed_regions(run)?;
    let mut failures = Failures::new();
    let unapproved: Vec<&str> =
        enabled.iter().filter(|region| !allowed.contains(region)).map(String::as_str).collect();
    if !unapproved.is_empty() {
        let unapproved = unapproved.join(", ");
        failures.because(
            &UNAPPROVED_REGION_ENABLED,
            message!(
                "Opt-in Regions that are enabled: {unapproved}",
                "有効になっているオプトインリージョン: {unapproved}"
            ),
        );
    }
    Ok(failures.into_verdict())
}

#[cfg(test)]
mod tests;
