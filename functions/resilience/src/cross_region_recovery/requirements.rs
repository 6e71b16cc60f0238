//! What is required of each type.

use fisc_shared::{Requirement, ResourceType, Text};

/// All, in the order of the catalogue.
pub(super) const ALL: &[&Requirement] = &[
    &S3_NOT_REPLICATED,
    &DYNAMODB_NO_REPLICA,
    &RDS_NO_CROSS_REGION_COPY,
    &AURORA_NO_GLOBAL_SECONDARY,
    &EFS_NOT_REPLICATED,
    &SECRET_NOT_REPLICATED,
    &ECR_NOT_REPLICATED,
    &REDSHIFT_SNAPSHOT_NOT_COPIED,
    &DRS_NOT_REPLICATING,
    &DRS_LAG_OVER_RPO,
    &TARGET_REGION_NOT_APPROVED,
    &COPY_STALE,
];

pub(super) const S3_NOT_REPLICATED: Requirement = Requirement {
    code: "S3_NOT_REPLICATED",
    wave: 1,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "The bucket has no copy in another Region",
        "バケットの複製が別のリージョンにありません",
    ),
    rule: Text::new(
        "Fails when no enabled replication rule leads to an existing bucket in another Region \
         (HeadBucket tells the Region), and no accepted backup copy exists.",
        "有効なレプリケーションルールの宛先に別リージョンの実在するバケットがなく(リージョンは \
         HeadBucket で確認)、認められるバックアップコピーもないとき不適合です。",
    ),
};

pub(super) const DYNAMODB_NO_REPLICA: Requirement = Requirement {
    code: "DYNAMODB_NO_REPLICA",
    wave: 1,
    resources: &[ResourceType::DYNAMODB_TABLE],
    title: Text::new(
        "The table has no copy in another Region",
        "テーブルの複製が別のリージョンにありません",
    ),
    rule: Text::new(
        "Fails when no replica in another Region is ACTIVE or UPDATING, and no accepted backup \
         copy exists.",
        "別リージョンに ACTIVE または UPDATING のレプリカがなく、認められるバックアップコピーもないとき\
         不適合です。",
    ),
};

pub(super) const RDS_NO_CROSS_REGION_COPY: Requirement = Requirement {
    code: "RDS_NO_CROSS_REGION_COPY",
    wave: 1,
    resources: &[ResourceType::RDS_DB_INSTANCE],
    title: Text::new(
        "The DB instance has no copy in another Region",
        "DB インスタンスの複製が別のリージョンにありません",
    ),
    rule: Text::new(
        "Fails when there is neither a read replica nor a replicated automated backup in another \
         Region, and no accepted backup copy exists.",
        "別リージョンのリードレプリカも自動バックアップの複製もなく、認められるバックアップコピーもないとき\
         不適合です。",
    ),
};

pub(super) const AURORA_NO_GLOBAL_SECONDARY: Requirement = Requirement {
    code: "AURORA_NO_GLOBAL_SECONDARY",
    wave: 1,
    resources: &[ResourceType::RDS_DB_CLUSTER],
    title: Text::new(
        "The DB cluster has no copy in another Region",
        "DB クラスターの複製が別のリージョンにありません",
    ),
    rule: Text::new(
        "Fails when the cluster has neither a secondary cluster of a global database nor a read \
         replica in another Region, and no accepted backup copy exists.",
        "グローバルデータベースのセカンダリクラスターもリードレプリカも別リージョンになく、認められる\
         バックアップコピーもないとき不適合です。",
    ),
};

pub(super) const EFS_NOT_REPLICATED: Requirement = Requirement {
    code: "EFS_NOT_REPLICATED",
    wave: 1,
    resources: &[ResourceType::EFS_FILE_SYSTEM],
    title: Text::new(
        "The file system has no copy in another Region",
        "ファイルシステムの複製が別のリージョンにありません",
    ),
    rule: Text::new(
        "Fails when no destination in another Region is ENABLED, and no accepted backup copy \
         exists.",
        "別リージョンに状態が ENABLED のレプリケーション先がなく、認められるバックアップコピーもないとき\
         不適合です。",
    ),
};

pub(super) const SECRET_NOT_REPLICATED: Requirement = Requirement {
    code: "SECRET_NOT_REPLICATED",
    wave: 1,
    resources: &[ResourceType::SECRETS_MANAGER_SECRET],
    title: Text::new(
        "The secret has no replica in another Region",
        "シークレットのレプリカが別のリージョンにありません",
    ),
    rule: Text::new(
        "Fails when no replica in another Region is InSync.",
        "別リージョンに状態が InSync のレプリカがないとき不適合です。",
    ),
};

pub(super) const ECR_NOT_REPLICATED: Requirement = Requirement::of_account(
    "ECR_NOT_REPLICATED",
    1,
    Text::new(
        "Repositories without replication to another Region",
        "別リージョンへ複製されないリポジトリがあります",
    ),
    Text::new(
        "Fails when a repository with one of drTags, or whose name begins with one of ecrPrefixes, \
         is covered by no replication rule of the registry with a destination in another Region.",
        "drTags のいずれかのタグを持つか、名前が ecrPrefixes のいずれかで始まるリポジトリに、別リージョンを\
         宛先とするレジストリのレプリケーションルールが適用されないとき不適合です。",
    ),
);

pub(super) const REDSHIFT_SNAPSHOT_NOT_COPIED: Requirement = Requirement {
    code: "REDSHIFT_SNAPSHOT_NOT_COPIED",
    wave: 2,
    resources: &[ResourceType::REDSHIFT_CLUSTER],
    title: Text::new(
        "Snapshots of the cluster are not copied to another Region",
        "クラスターのスナップショットが別のリージョンへコピーされていません",
    ),
    rule: Text::new(
        "Fails when cross-Region snapshot copy is off.",
        "クロスリージョンのスナップショットコピーが無効のとき不適合です。",
    ),
};

pub(super) const DRS_NOT_REPLICATING: Requirement = Requirement {
    code: "DRS_NOT_REPLICATING",
    wave: 1,
    resources: &[ResourceType::EC2_INSTANCE],
    title: Text::new(
        "Elastic Disaster Recovery does not replicate the instance to another Region",
        "Elastic Disaster Recovery による別リージョンへの複製が行われていません",
    ),
    rule: Text::new(
        "Fails when an instance with drsTag is no source server in any of drsRegions, or its \
         replication has an error, is disconnected, stalled, stopped or paused, or its first copy \
         is not complete.",
        "drsTag のあるインスタンスが drsRegions のいずれのソースサーバーでもないとき、または複製がエラー・\
         切断・停滞・停止・一時停止の状態か、最初の複製が完了していないとき不適合です。",
    ),
};

pub(super) const DRS_LAG_OVER_RPO: Requirement = Requirement {
    code: "DRS_LAG_OVER_RPO",
    wave: 1,
    resources: &[ResourceType::EC2_INSTANCE],
    title: Text::new("The replication lags too far behind", "複製の遅延が大きすぎます"),
    rule: Text::new(
        "Fails when the lag that Elastic Disaster Recovery reports exceeds maxDrsLagSeconds.",
        "Elastic Disaster Recovery が報告する遅延が maxDrsLagSeconds を超えるとき不適合です。",
    ),
};

pub(super) const TARGET_REGION_NOT_APPROVED: Requirement = Requirement {
    code: "TARGET_REGION_NOT_APPROVED",
    wave: 1,
    resources: &[ResourceType::SECRETS_MANAGER_SECRET, ResourceType::ACCOUNT],
    title: Text::new(
        "Replication leads to a Region that is not approved",
        "承認されていないリージョンへ複製されています",
    ),
    rule: Text::new(
        "Fails when a tagged secret has a replica, or a replication rule of the ECR registry a \
         destination, outside approvedDrRegions. Of other types, data-residency judges it.",
        "タグの付いたシークレットのレプリカ、または ECR レジストリのレプリケーションルールの宛先が \
         approvedDrRegions の外にあるとき不適合です。ほかのタイプは data-residency で評価します。",
    ),
};

pub(super) const COPY_STALE: Requirement = Requirement {
    code: "COPY_STALE",
    wave: 2,
    resources: &[
        ResourceType::S3_BUCKET,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::EFS_FILE_SYSTEM,
    ],
    title: Text::new(
        "The backup copy in the other Region is too old",
        "別リージョンのバックアップコピーが古すぎます",
    ),
    rule: Text::new(
        "Fails when a resource without live replication has backup copies in another Region, but \
         the newest that completed is older than maxCopyAgeHours (ListCopyJobs, which keeps 30 \
         days).",
        "レプリケーションのないリソースについて、別リージョンに完了したバックアップコピーはあるものの、最新の\
         ものが maxCopyAgeHours より古いとき不適合です(過去 30 日分を保持する ListCopyJobs で確認)。",
    ),
};
