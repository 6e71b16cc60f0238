//! `cross-region-recovery`: what is tagged for disaster recovery has a current copy in a second
//! Region.
//!
//! When a whole Region is lost, nothing in it can be restored from backups that are kept there.
//! Which resources need a second Region follows from their importance and from the disaster that
//! is assumed, so that the institution tags them; all others are not judged. A copy is live
//! replication of the service, or a recent copy of a backup. Where copies may be is the matter of
//! `data-residency`; here only the Regions of secrets and of images are judged, which that control
//! does not see.
//!
//! Criteria: 実39 5, 実43, 実71, 実73, 実74 and those from 実84 to 実88 and 実103 to 実106 that
//! speak of remote sites ask for it. To fix a resource, replicate it to a second Region, or let
//! its backup plan copy there.

mod copies;
mod requirements;
mod servers;
mod services;

use copies::Live;
use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark,
    Remedy, Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
};
use jiff::Timestamp;
use requirements::{
    AURORA_NO_GLOBAL_SECONDARY, COPY_STALE, DRS_LAG_OVER_RPO, DRS_NOT_REPLICATING,
    DYNAMODB_NO_REPLICA, ECR_NOT_REPLICATED, EFS_NOT_REPLICATED, RDS_NO_CROSS_REGION_COPY,
    REDSHIFT_SNAPSHOT_NOT_COPIED, S3_NOT_REPLICATED, SECRET_NOT_REPLICATED,
    TARGET_REGION_NOT_APPROVED,
};

use crate::scope::is_tagged;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "cross-region-recovery",
    domain: Domain::Resilience,
    severity: Severity::High,
    title: Text::new(
        "What is tagged for disaster recovery has a current copy in a second Region",
        "災害対策のタグを付けたリソースの最新の複製が、別のリージョンにある",
    ),
    why: Text::new(
        "Backups and replicas in the same Region are lost together with it. Only a copy in another \
         Region lets the institution resume its business after a disaster that takes out a whole \
         Region.",
        "同じリージョンにあるバックアップやレプリカは、そのリージョンとともに失われます。リージョン全体が\
         止まる災害のあとに業務を再開できるのは、別のリージョンに複製がある場合だけです。",
    ),
    fix: Text::new(
        "Replicate the resource on its own page: S3 Management > Replication rules, DynamoDB \
         Global tables, RDS Actions > Create read replica or Modify > Replication of backups, \
         Aurora Add AWS Region, EFS Replication, Secrets Manager Replicate secret, ECR Private \
         registry > Replication, Redshift Actions > Configure cross-region snapshot, Elastic \
         Disaster Recovery for instances; or add a copy to a vault in the second Region to the \
         backup plan (AWS Backup).",
        "各リソースの画面で別のリージョンへ複製します: S3 の「レプリケーションルール」、DynamoDB \
         の「グローバルテーブル」、RDS のリードレプリカまたは自動バックアップの複製、Aurora の「AWS \
         リージョンを追加」、EFS・シークレット・ECR の「レプリケーション」、Redshift の\
         スナップショットコピー、インスタンスは Elastic Disaster Recovery。または AWS Backup の\
         プランに、別リージョンのボールトへのコピーを追加します。",
    ),
    remedy: Remedy::new(
        include_str!("cross_region_recovery/remedy.sh"),
        include_str!("cross_region_recovery/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html",
    criteria: Criteria {
        explicit: &[
            "実39 5",
            "実43",
            "実71",
            "実73",
            "実73 8",
            "実74",
            "実74 4",
            "実84",
            "実85",
            "実86",
            "実87",
            "実88",
            "実103 (unnumbered row)",
            "実103 2",
            "実104",
            "実106",
        ],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(11)",
            "統20 3-(12)",
            "統24 1",
            "統24 2",
            "実39",
            "実72 9",
        ],
    },
    resources: &[
        ResourceType::S3_BUCKET,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::SECRETS_MANAGER_SECRET,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::EC2_INSTANCE,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(services::LIST_COPY_JOBS),
        Action::on(
            services::DESCRIBE_REPLICATION,
            "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system/*",
        ),
        Action::on(
            services::DESCRIBE_GLOBAL_CLUSTERS,
            "arn:${AWS::Partition}:rds::${AWS::AccountId}:global-cluster:*",
        ),
        Action::on(
            services::DESCRIBE_GLOBAL_TABLE,
            "arn:${AWS::Partition}:dynamodb::${AWS::AccountId}:global-table/*",
        ),
        Action::on(
            services::DESCRIBE_SECRET,
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*",
        ),
        Action::any(services::DESCRIBE_REGISTRY),
        Action::any(servers::DESCRIBE_SOURCE_SERVERS),
        SELECT_ACTION,
    ],
    parameters: &[
        DR_TAGS.spec,
        ACCEPT_BACKUP_COPY.spec,
        MAX_COPY_AGE_HOURS.spec,
        DRS_TAG.spec,
        DRS_REGIONS.spec,
        MAX_DRS_LAG_SECONDS.spec,
        ECR_PREFIXES.spec,
        APPROVED_DR_REGIONS.spec,
    ],
    requirements: requirements::ALL,
    remarks: &[
        &NOT_TAGGED,
        &COPY_ITSELF,
        &CLUSTER_MEMBER,
        &NO_REPOSITORY,
        &BACKUP_COPY,
        &PARTLY_REPLICATED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect: services::connect, swept: services::SWEPT },
};

const DR_TAGS: Param<Vec<String>> = Param::list(
    "drTags",
    &["fisc:dr", "fisc:data-role=config-docs"],
    Text::new(
        "Tags (a key, or key=value) of the resources that need a second Region",
        "別リージョンの複製が必要なリソースのタグ(キー、またはキー=値)",
    ),
);
const ACCEPT_BACKUP_COPY: Param<bool> = Param::flag(
    "acceptBackupCopy",
    true,
    Text::new(
        "A recent copy of a backup in another Region replaces live replication",
        "別リージョンにある最近のバックアップコピーを、レプリケーションの代わりに認める",
    ),
);
const MAX_COPY_AGE_HOURS: Param<i64> = Param::integer(
    "maxCopyAgeHours",
    48,
    1,
    720,
    Text::new(
        "Oldest accepted copy of a backup in hours",
        "認めるバックアップコピーの経過時間の上限(時間)",
    ),
);
const DRS_TAG: Param<String> = Param::text(
    "drsTag",
    "fisc:dr=drs",
    Text::new(
        "Tag of the instances that Elastic Disaster Recovery protects",
        "Elastic Disaster Recovery で保護するインスタンスのタグ",
    ),
);
const DRS_REGIONS: Param<Vec<String>> = Param::list(
    "drsRegions",
    &["ap-northeast-1", "ap-northeast-3"],
    Text::new(
        "Regions in which Elastic Disaster Recovery is asked for source servers, besides the \
         instance's own",
        "Elastic Disaster Recovery のソースサーバーを照会するリージョン(インスタンス自身のリージョンを除く)",
    ),
);
const MAX_DRS_LAG_SECONDS: Param<i64> = Param::integer(
    "maxDrsLagSeconds",
    60,
    1,
    86_400,
    Text::new(
        "Longest accepted replication lag of Elastic Disaster Recovery in seconds",
        "認める Elastic Disaster Recovery のレプリケーション遅延の上限(秒)",
    ),
);
const ECR_PREFIXES: Param<Vec<String>> = Param::list(
    "ecrPrefixes",
    &[],
    Text::new(
        "Repositories of ECR that must be replicated by how their names begin, besides those with \
         one of drTags",
        "drTags のあるリポジトリのほかに複製が必要な ECR リポジトリの名前の先頭部分",
    ),
);
const APPROVED_DR_REGIONS: Param<Vec<String>> = Param::list(
    "approvedDrRegions",
    &["ap-northeast-1", "ap-northeast-3"],
    Text::new(
        "Regions to which secrets and images may be replicated (of other resources, \
         data-residency judges it)",
        "シークレットとイメージの複製先として認めるリージョン(ほかのリソースは data-residency で評価)",
    ),
);

const NOT_TAGGED: Remark = Remark::new(
    "NOT_TAGGED_FOR_RECOVERY",
    "No tag says that the resource needs a second Region",
    "別リージョンの複製が必要であることを示すタグがありません",
);
const COPY_ITSELF: Remark = Remark::new(
    "COPY_ITSELF",
    "The resource is itself the copy of one in another Region",
    "別リージョンのリソースの複製そのものです",
);
const CLUSTER_MEMBER: Remark = Remark::new(
    "CLUSTER_MEMBER",
    "The instance belongs to a cluster, which is judged instead",
    "クラスターに属するインスタンスです(クラスターで評価)",
);
const NO_REPOSITORY: Remark = Remark::new(
    "NO_REPOSITORY_IN_SCOPE",
    "No repository of ECR needs a second Region, and none is replicated",
    "別リージョンの複製が必要な ECR リポジトリはなく、複製の設定もありません",
);
const BACKUP_COPY: Remark = Remark::new(
    "BACKUP_COPY",
    "A copy of a backup in another Region replaces live replication",
    "別リージョンのバックアップコピーがレプリケーションに代わります",
);
const PARTLY_REPLICATED: Remark = Remark::new(
    "PARTLY_REPLICATED",
    "No single rule covers the whole bucket: see that the rules' prefixes and tags cover all data",
    "バケット全体を対象とするルールはありません。各ルールのプレフィックスやタグが全データに及ぶことを確認してください",
);

/// A type that the control judges by its item.
struct Kind {
    resource: ResourceType,
    /// The live copies, or who knows of them.
    live: fn(&ConfigurationItem) -> Result<Live, ItemError>,
    /// What fails without any copy.
    missing: &'static Requirement,
    /// Whether AWS Backup copies it to other Regions.
    backed_up: bool,
}

const KINDS: &[Kind] = &[
    kind(ResourceType::S3_BUCKET, copies::bucket, &S3_NOT_REPLICATED),
    kind(ResourceType::DYNAMODB_TABLE, copies::table, &DYNAMODB_NO_REPLICA),
    kind(ResourceType::RDS_DB_INSTANCE, copies::db_instance, &RDS_NO_CROSS_REGION_COPY),
    kind(ResourceType::RDS_DB_CLUSTER, copies::db_cluster, &AURORA_NO_GLOBAL_SECONDARY),
    kind(ResourceType::EFS_FILE_SYSTEM, |_| Ok(Live::FileSystem), &EFS_NOT_REPLICATED),
    Kind {
        backed_up: false,
        ..kind(ResourceType::SECRETS_MANAGER_SECRET, |_| Ok(Live::Secret), &SECRET_NOT_REPLICATED)
    },
    Kind {
        backed_up: false,
        ..kind(ResourceType::REDSHIFT_CLUSTER, copies::redshift, &REDSHIFT_SNAPSHOT_NOT_COPIED)
    },
    Kind {
        backed_up: false,
        ..kind(ResourceType::EC2_INSTANCE, |_| Ok(Live::Server), &DRS_NOT_REPLICATING)
    },
];

/// A type of which AWS Backup keeps copies, too.
const fn kind(
    resource: ResourceType,
    live: fn(&ConfigurationItem) -> Result<Live, ItemError>,
    missing: &'static Requirement,
) -> Kind {
    Kind { resource, live, missing, backed_up: true }
}

impl Kind {
    fn of(item: &ConfigurationItem) -> Result<&'static Self, Error> {
        let unknown = || Error::Control(format!("{} is not judged by an item", item.resource_type));
        KINDS.iter().find(|kind| kind.resource.name == item.resource_type).ok_or_else(unknown)
    }

    /// Whether the resource is one that needs a second Region.
    fn in_scope(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, ItemError> {
        let tags = if self.resource == ResourceType::EC2_INSTANCE {
            Some(run.parameters.get(&DRS_TAG)).filter(|tag| !tag.is_empty()).into_iter().collect()
        } else {
            run.parameters.get(&DR_TAGS)
        };
        is_tagged(item, &tags)
    }

    /// Whether a copy of a backup counts.
    fn takes_backups(&self, run: &Run<'_>) -> bool {
        self.backed_up && run.parameters.get(&ACCEPT_BACKUP_COPY)
    }
}

/// The newest copy of a backup in another Region.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BackupCopy {
    region: String,
    at: Timestamp,
}

/// The Region that holds the resource.
fn own_region(item: &ConfigurationItem) -> Result<&str, ItemError> {
    if item.region.is_empty() {
        return Err(ItemError::Missing { field: "awsRegion".to_owned() });
    }
    Ok(&item.region)
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let kind = Kind::of(item)?;
    if !kind.in_scope(item, run)? {
        return Ok(Some(Verdict::not_applicable(&NOT_TAGGED)));
    }
    let own = own_region(item)?;
    Ok(match (kind.live)(item)? {
        Live::Exempt(remark) => Some(Verdict::not_applicable(remark)),
        Live::In(regions) if regions.iter().any(|region| region != own) => {
            Some(Verdict::compliant())
        }
        Live::In(_) if !kind.takes_backups(run) => Some(decide(kind, None, run)),
        _ => None,
    })
}

/// The verdict on a resource that is not replicated live.
fn decide(kind: &Kind, backup: Option<&BackupCopy>, run: &Run<'_>) -> Verdict {
    let mut failures = Failures::new();
    let Some(BackupCopy { region, at }) = backup else {
        failures.add(kind.missing);
        return failures.into_verdict();
    };
    let (limit, hours) =
        (run.parameters.get(&MAX_COPY_AGE_HOURS), run.now.duration_since(*at).as_hours());
    if run.now.duration_since(*at) > jiff::SignedDuration::from_hours(limit) {
        failures.because(
            &COPY_STALE,
            message!(
                "The newest backup copy in {region} is {hours} hours old; at most {limit} hours \
                 are accepted",
                "{region} の最新のバックアップコピーは {hours} 時間前のものです(上限 {limit} 時間)"
            ),
        );
    }
    let note = BACKUP_COPY.because(message!(
        "A backup copy in {region}, {hours} hours old, replaces live replication",
        "{region} の {hours} 時間前のバックアップコピーがレプリケーションに代わります"
    ));
    failures.into_verdict_with(vec![note])
}

#[cfg(test)]
mod tests;
