//! The requirements of `backup-coverage`.

use fisc_shared::{Requirement, ResourceType, Text};

pub(super) const NOT_IN_BACKUP_PLAN: Requirement = Requirement {
    code: "NOT_IN_BACKUP_PLAN",
    wave: 1,
    resources: &[
        ResourceType::EC2_INSTANCE,
        ResourceType::EC2_VOLUME,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::EFS_FILE_SYSTEM,
    ],
    title: Text::new("Nothing backs the resource up", "バックアップの対象になっていません"),
    rule: Text::new(
        "Fails when no backup plan selects the resource (ARN patterns, tags, conditions, \
         exclusions, and the types that the Region has opted in), no enabled lifecycle policy takes \
         it (instances and volumes, also through the instance that a volume is attached to), and the \
         service's own backups are off.",
        "バックアップ計画で選択されず(ARN パターン、タグ、条件、除外、リージョンのオプトインを評価)、有効な\
         ライフサイクルポリシーの対象でもなく(インスタンスとボリューム。ボリュームは接続先のインスタンス経由も\
         含む)、サービス自身のバックアップも無効のとき不適合です。",
    ),
};

pub(super) const RECOVERY_POINT_TOO_OLD: Requirement = Requirement {
    code: "RECOVERY_POINT_TOO_OLD",
    wave: 1,
    resources: &[
        ResourceType::EC2_INSTANCE,
        ResourceType::EC2_VOLUME,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::S3_BUCKET,
        ResourceType::ACCOUNT,
    ],
    title: Text::new("There is no recovery point within the RPO", "RPO 内の復旧時点がありません"),
    rule: Text::new(
        "Fails when the newest recovery point is older than rpoHours, or none exists: the last \
         backup by AWS Backup (ListProtectedResources), the newest completed snapshot of a volume \
         (of all volumes of an instance), the latest restorable time of a database or table. Of \
         buckets only those that a plan selects; of FSx only file systems without backups of \
         their own.",
        "最新の復旧時点が rpoHours より古いか存在しないとき不適合です。AWS Backup の最終バックアップ\
         (ListProtectedResources)、ボリュームの完了済みスナップショット(インスタンスは全ボリューム)、\
         データベースやテーブルの最新の復元可能時刻を見ます。バケットは計画の対象のみ、FSx は自身の\
         バックアップがないもののみ評価します。",
    ),
};

pub(super) const RDS_BACKUP_OFF: Requirement = Requirement {
    code: "RDS_BACKUP_OFF",
    wave: 1,
    resources: &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    title: Text::new(
        "Automated backups are off or kept too short",
        "自動バックアップが無効か、保持期間が不足しています",
    ),
    rule: Text::new(
        "Fails when the retention of automated backups is 0 or below minRetentionDays.",
        "自動バックアップの保持日数が 0、または minRetentionDays 未満のとき不適合です。",
    ),
};

pub(super) const RESTORABLE_TIME_LAGS: Requirement = Requirement {
    code: "RESTORABLE_TIME_LAGS",
    wave: 1,
    resources: &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    title: Text::new("The latest restorable time lags behind", "最新の復元可能時刻が遅れています"),
    rule: Text::new(
        "Fails when automated backups are on but the latest restorable time that RDS answers is \
         older than maxRestorableLagMinutes, or absent.",
        "自動バックアップが有効なのに、RDS が回答する最新の復元可能時刻が maxRestorableLagMinutes より\
         古いか、存在しないとき不適合です。",
    ),
};

pub(super) const DYNAMODB_PITR_OFF: Requirement = Requirement {
    code: "DYNAMODB_PITR_OFF",
    wave: 1,
    resources: &[ResourceType::DYNAMODB_TABLE],
    title: Text::new(
        "Point-in-time recovery is off or reaches back too little",
        "ポイントインタイムリカバリが無効か、期間が不足しています",
    ),
    rule: Text::new(
        "Fails when point-in-time recovery is not ENABLED, or its recovery period is below \
         minPitrDays (DescribeContinuousBackups; without a period of its own it is 35 days).",
        "ポイントインタイムリカバリが ENABLED でないか、復旧期間が minPitrDays 未満のとき不適合です\
         (DescribeContinuousBackups。期間の指定がなければ 35 日)。",
    ),
};

pub(super) const S3_NOT_PROTECTED: Requirement = Requirement {
    code: "S3_NOT_PROTECTED",
    wave: 1,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "The bucket is neither backed up nor versioned",
        "バケットがバックアップもバージョニングもされていません",
    ),
    rule: Text::new(
        "Fails when no backup plan selects a bucket with the tag bucketScopeTag and its versioning \
         is not enabled.",
        "bucketScopeTag のタグを持つバケットがバックアップ計画で選択されず、バージョニングも有効でないとき\
         不適合です。",
    ),
};

pub(super) const EXEMPTION_WITHOUT_SOURCE: Requirement = Requirement {
    code: "EXEMPTION_WITHOUT_SOURCE",
    wave: 1,
    resources: super::SWEPT,
    title: Text::new(
        "The exemption names no source that exists",
        "除外タグの値が示す元データが存在しません",
    ),
    rule: Text::new(
        "Fails when the exempt tag is empty or names a bucket (s3://name or an ARN) that the account \
         does not have. Of databases and ElastiCache replication groups, the value must name a \
         replica or member of it, or a bucket of the account.",
        "除外タグの値が空か、アカウントに存在しないバケット(s3://名前 または ARN)を示すとき不適合です。\
         データベースと ElastiCache レプリケーショングループでは、値は自身のレプリカかメンバー、または\
         アカウントのバケットを示す必要があります。",
    ),
};

pub(super) const REDSHIFT_SNAPSHOT_SHORT: Requirement = Requirement {
    code: "REDSHIFT_SNAPSHOT_SHORT",
    wave: 2,
    resources: &[ResourceType::REDSHIFT_CLUSTER],
    title: Text::new(
        "Automated snapshots are kept too short",
        "自動スナップショットの保持期間が不足しています",
    ),
    rule: Text::new(
        "Fails when the retention of automated snapshots is below minRetentionDays.",
        "自動スナップショットの保持日数が minRetentionDays 未満のとき不適合です。",
    ),
};

pub(super) const FSX_BACKUP_OFF: Requirement = Requirement::of_account(
    "FSX_BACKUP_OFF",
    2,
    Text::new("FSx file systems are not backed up", "バックアップのない FSx ファイルシステム"),
    Text::new(
        "Fails when automatic backups of an FSx file system are off or kept for less than \
         minRetentionDays, and no backup plan selects it; scratch file systems of Lustre aside.",
        "FSx ファイルシステムの自動バックアップが無効か minRetentionDays 未満で、バックアップ計画の対象でも\
         ないとき不適合です(Lustre のスクラッチを除く)。",
    ),
);

pub(super) const CACHE_BACKUP_OFF: Requirement = Requirement::of_account(
    "CACHE_BACKUP_OFF",
    2,
    Text::new(
        "ElastiCache replication groups keep too few snapshots",
        "スナップショットの保持が不足する ElastiCache レプリケーショングループ",
    ),
    Text::new(
        "Fails when the snapshot retention of an ElastiCache replication group is below \
         cacheMinRetentionDays.",
        "ElastiCache レプリケーショングループのスナップショット保持日数が cacheMinRetentionDays 未満の\
         とき不適合です。",
    ),
);
