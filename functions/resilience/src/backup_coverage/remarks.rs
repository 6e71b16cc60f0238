//! When `backup-coverage` does not apply, and what covers a resource that passes.

use fisc_shared::Remark;

pub(super) const NOT_IN_SCOPE: Remark = Remark::new(
    "NOT_IN_SCOPE",
    "The resource does not have the tag that the control looks for",
    "評価対象を示すタグがありません",
);
pub(super) const NEWLY_CREATED: Remark = Remark::new(
    "NEWLY_CREATED",
    "The resource is younger than graceHours",
    "作成から graceHours が経過していません",
);
pub(super) const EXEMPT: Remark = Remark::new(
    "EXEMPT",
    "The resource is exempt: its data can be rebuilt from another source",
    "除外タグがあり、別の元データから再作成できます",
);
pub(super) const NOT_AVAILABLE: Remark = Remark::new(
    "NOT_AVAILABLE",
    "The resource is not in service: it is being created or deleted, or is stopped",
    "作成中・削除中・停止中など、稼働していないリソースです",
);
pub(super) const VOLUME_NOT_ATTACHED: Remark = Remark::new(
    "VOLUME_NOT_ATTACHED",
    "The volume is not attached to an instance",
    "インスタンスに接続されていないボリュームです",
);
pub(super) const NO_VOLUME: Remark = Remark::new(
    "NO_VOLUME",
    "The instance has no EBS volume that could be backed up",
    "バックアップできる EBS ボリュームがないインスタンスです",
);
pub(super) const AUTO_SCALING_MEMBER: Remark = Remark::new(
    "AUTO_SCALING_MEMBER",
    "An Auto Scaling group makes and replaces the instance",
    "Auto Scaling グループが作成・置換するインスタンスです",
);
pub(super) const CLUSTER_MEMBER: Remark = Remark::new(
    "CLUSTER_MEMBER",
    "The cluster is judged instead of its members",
    "メンバーではなくクラスターを評価します",
);
pub(super) const READ_REPLICA: Remark = Remark::new(
    "READ_REPLICA",
    "The source is judged instead of its read replica",
    "リードレプリカではなくソースを評価します",
);
pub(super) const NOTHING_OF_ACCOUNT: Remark = Remark::new(
    "NOTHING_OF_ACCOUNT",
    "There is no FSx file system and no ElastiCache replication group to judge",
    "評価対象の FSx ファイルシステムと ElastiCache レプリケーショングループはありません",
);
pub(super) const BY_PLAN: Remark =
    Remark::new("BY_PLAN", "A backup plan covers it", "バックアップ計画の対象です");
pub(super) const BY_SERVICE: Remark = Remark::new(
    "BY_SERVICE",
    "The service's own backups cover it",
    "サービス自身のバックアップの対象です",
);
pub(super) const BY_LIFECYCLE_POLICY: Remark = Remark::new(
    "BY_LIFECYCLE_POLICY",
    "A policy of Data Lifecycle Manager covers it",
    "Data Lifecycle Manager のポリシーの対象です",
);
pub(super) const VERSIONED_ONLY: Remark = Remark::new(
    "VERSIONED_ONLY",
    "No plan selects the bucket; its versions are its only protection",
    "バックアップ計画の対象ではなく、バージョニングのみで保護されています",
);
