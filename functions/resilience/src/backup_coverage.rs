//! `backup-coverage`: what holds data is backed up, and its newest recovery point is recent enough.
//!
//! A backup comes from one of three sources: a plan of AWS Backup that selects the resource (by
//! ARN, tag or condition), the service itself (automated backups of RDS, point-in-time recovery of
//! DynamoDB, automatic backups of EFS and FSx, snapshots of Redshift and ElastiCache), or a policy
//! of Data Lifecycle Manager. The control knows all three and says which one covers a resource.
//! Whether something can be restored is judged by what exists, not by what is planned: a plan that
//! selects a resource may have failed every night.
//!
//! FSx file systems and ElastiCache replication groups have no configuration item and are reported
//! on the account. MemoryDB, Keyspaces and Storage Gateway are not judged: neither does AWS Config
//! record them, nor are they asked here.
//!
//! Criteria: 実19, 実22, 実39, 実39 5, 実43, 実84 to 実88, 実103 2, 実106 ask for it. To fix a
//! resource, let a backup plan select it (best by tag), turn on the service's own backups, and look
//! at failed jobs.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remedy, ResourceType,
    ServiceCheck, Severity, Text, Trigger,
};

use self::remarks::{
    AUTO_SCALING_MEMBER, BY_LIFECYCLE_POLICY, BY_PLAN, BY_SERVICE, CLUSTER_MEMBER, EXEMPT,
    NEWLY_CREATED, NO_VOLUME, NOT_AVAILABLE, NOT_IN_SCOPE, NOTHING_OF_ACCOUNT, READ_REPLICA,
    VERSIONED_ONLY, VOLUME_NOT_ATTACHED,
};
use self::requirements::{
    CACHE_BACKUP_OFF, DYNAMODB_PITR_OFF, EXEMPTION_WITHOUT_SOURCE, FSX_BACKUP_OFF,
    NOT_IN_BACKUP_PLAN, RDS_BACKUP_OFF, RECOVERY_POINT_TOO_OLD, REDSHIFT_SNAPSHOT_SHORT,
    RESTORABLE_TIME_LAGS, S3_NOT_PROTECTED,
};
use crate::backups::{PLAN_ACTIONS, PROTECTED_ACTION, lifecycle};

mod account;
mod judge;
mod reading;
mod remarks;
mod requirements;
mod services;
mod world;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "backup-coverage",
    domain: Domain::Resilience,
    severity: Severity::High,
    title: Text::new(
        "Data resources are backed up and their newest recovery point is inside the RPO",
        "データリソースがバックアップされ、最新の復旧時点が RPO 内にある",
    ),
    why: Text::new(
        "Data that nothing backs up is lost with the first mistake, fault or ransomware. New \
         resources are left out of tag-based plans without anybody noticing, and a plan that \
         fails every night looks the same as one that works.",
        "バックアップのないデータは、一度の誤操作・障害・ランサムウェアで失われます。タグで対象を選ぶ計画では\
         新しいリソースが気づかれないまま対象から漏れ、毎晩失敗している計画も正常な計画と見分けがつきません。",
    ),
    fix: Text::new(
        "Give the resource the tag that a backup plan selects, or add its ARN to the plan (AWS \
         Backup > Backup plans > Assign resources), and opt its type in (Settings > Service \
         opt-in). Turn on the service's own backups (RDS Modify > Backup; DynamoDB Backups > \
         Point-in-time recovery). Find failed jobs under Jobs. What can be rebuilt gets the exempt \
         tag with the name of its source.",
        "バックアッププランが選択するタグをリソースに付けるか、プランに ARN を追加し(AWS Backup >\
         「バックアッププラン」>「リソースの割り当て」)、「設定」でリソースタイプを\
         オプトインします。サービス自身のバックアップも有効にし(RDS は「変更」、DynamoDB は\
         「バックアップ」>「ポイントインタイムリカバリ」)、失敗は「ジョブ」で確認します。\
         再作成できるデータには、元データの名前を値とする除外タグを付けます。",
    ),
    remedy: Remedy::new(
        include_str!("backup_coverage/remedy.sh"),
        include_str!("backup_coverage/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html",
    criteria: Criteria {
        explicit: &[
            "実19", "実22", "実39", "実39 5", "実43", "実84", "実85", "実86", "実87", "実88",
            "実103 2", "実106",
        ],
        implied: &["統20 3-(6)", "統20 3-(11)", "実34", "実71"],
    },
    resources: SWEPT,
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        SELECT_ACTION,
        PLAN_ACTIONS[0],
        PLAN_ACTIONS[1],
        PLAN_ACTIONS[2],
        PLAN_ACTIONS[3],
        PLAN_ACTIONS[4],
        PROTECTED_ACTION,
        lifecycle::ACTIONS[0],
        lifecycle::ACTIONS[1],
        Action::any(fisc_shared::ec2::action::DESCRIBE_SNAPSHOTS),
        Action::on(
            services::DESCRIBE_DB_INSTANCES,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*",
        ),
        Action::on(
            services::DESCRIBE_DB_CLUSTERS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster:*",
        ),
        Action::on(
            services::DESCRIBE_CONTINUOUS_BACKUPS,
            "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/*",
        ),
        Action::any(services::DESCRIBE_FILE_SYSTEMS),
        Action::any(services::DESCRIBE_REPLICATION_GROUPS),
        Action::on(
            services::LIST_CACHE_TAGS,
            "arn:${AWS::Partition}:elasticache:${AWS::Region}:${AWS::AccountId}:replicationgroup:*",
        ),
        Action::any(services::LIST_BUCKETS),
    ],
    parameters: &[
        SCOPE_TAG.spec,
        BUCKET_SCOPE_TAG.spec,
        EXEMPT_TAG_KEY.spec,
        RPO_HOURS.spec,
        GRACE_HOURS.spec,
        ONLY_ATTACHED_VOLUMES.spec,
        MIN_RETENTION_DAYS.spec,
        MIN_PITR_DAYS.spec,
        MAX_RESTORABLE_LAG_MINUTES.spec,
        CACHE_MIN_RETENTION_DAYS.spec,
    ],
    requirements: &[
        &NOT_IN_BACKUP_PLAN,
        &RECOVERY_POINT_TOO_OLD,
        &RDS_BACKUP_OFF,
        &RESTORABLE_TIME_LAGS,
        &DYNAMODB_PITR_OFF,
        &S3_NOT_PROTECTED,
        &EXEMPTION_WITHOUT_SOURCE,
        &REDSHIFT_SNAPSHOT_SHORT,
        &FSX_BACKUP_OFF,
        &CACHE_BACKUP_OFF,
    ],
    remarks: &[
        &NOT_IN_SCOPE,
        &NEWLY_CREATED,
        &EXEMPT,
        &NOT_AVAILABLE,
        &VOLUME_NOT_ATTACHED,
        &NO_VOLUME,
        &AUTO_SCALING_MEMBER,
        &CLUSTER_MEMBER,
        &READ_REPLICA,
        &NOTHING_OF_ACCOUNT,
        &BY_PLAN,
        &BY_SERVICE,
        &BY_LIFECYCLE_POLICY,
        &VERSIONED_ONLY,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview: judge::preview, connect, swept: SWEPT },
};

/// A plan, a job or the clock may change the verdict on any of them without a change of its item.
const SWEPT: &[ResourceType] = &[
    ResourceType::EC2_INSTANCE,
    ResourceType::EC2_VOLUME,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::DYNAMODB_TABLE,
    ResourceType::EFS_FILE_SYSTEM,
    ResourceType::S3_BUCKET,
    ResourceType::REDSHIFT_CLUSTER,
    ResourceType::ACCOUNT,
];

const SCOPE_TAG: Param<String> = Param::text(
    "scopeTag",
    "",
    Text::new(
        "Judge only resources with this tag: key or key=value (empty: all)",
        "このタグ(キー、またはキー=値)を持つリソースのみ評価する(空の場合はすべて)",
    ),
);

const BUCKET_SCOPE_TAG: Param<String> = Param::text(
    "bucketScopeTag",
    "fisc:data-role=source",
    Text::new(
        "Judge only buckets with this tag, since most buckets hold copies or logs (empty: all)",
        "このタグを持つバケットのみ評価する(多くのバケットは複製やログのため。空の場合はすべて)",
    ),
);

const EXEMPT_TAG_KEY: Param<String> = Param::text(
    "exemptTagKey",
    "fisc:backup-exempt",
    Text::new(
        "Tag that exempts a resource; its value names the source that the data is rebuilt from",
        "評価を除外するタグのキー(値は、データを再作成できる元データの名前)",
    ),
);

const RPO_HOURS: Param<i64> = Param::integer(
    "rpoHours",
    24,
    1,
    8760,
    Text::new(
        "Oldest accepted newest recovery point in hours; the tag fisc:rpo-hours overrides it",
        "最新の復旧時点からの経過時間の上限(タグ fisc:rpo-hours で上書きできる)",
    ),
);

const GRACE_HOURS: Param<i64> = Param::integer(
    "graceHours",
    24,
    0,
    720,
    Text::new("New resources are not judged before", "作成後、評価を始めるまでの時間"),
);

const ONLY_ATTACHED_VOLUMES: Param<bool> = Param::flag(
    "onlyAttachedVolumes",
    true,
    Text::new(
        "Judge only volumes that are attached to an instance",
        "インスタンスに接続されたボリュームのみ評価する",
    ),
);

const MIN_RETENTION_DAYS: Param<i64> = Param::integer(
    "minRetentionDays",
    7,
    1,
    90,
    Text::new(
        "Shortest retention in days of automated backups of RDS, Aurora, Redshift and FSx",
        "RDS、Aurora、Redshift、FSx の自動バックアップの最短保持日数",
    ),
);

const MIN_PITR_DAYS: Param<i64> = Param::integer(
    "minPitrDays",
    7,
    1,
    35,
    Text::new(
        "Shortest period of point-in-time recovery of DynamoDB in days",
        "DynamoDB のポイントインタイムリカバリの最短日数",
    ),
);

const MAX_RESTORABLE_LAG_MINUTES: Param<i64> = Param::integer(
    "maxRestorableLagMinutes",
    15,
    5,
    1440,
    Text::new(
        "Oldest accepted latest restorable time of a database in minutes",
        "データベースの最新の復元可能時刻からの経過時間の上限(分)",
    ),
);

const CACHE_MIN_RETENTION_DAYS: Param<i64> = Param::integer(
    "cacheMinRetentionDays",
    1,
    1,
    35,
    Text::new(
        "Shortest retention of automatic snapshots of ElastiCache in days",
        "ElastiCache の自動スナップショットの最短保持日数",
    ),
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(services::Services::new(sdk))
}

#[cfg(test)]
mod tests;
