//! `backup-vault`: backup vaults, the recovery points in them and buckets that hold backups cannot
//! be emptied, read by strangers, or lost too early.
//!
//! Whoever can delete backups can make an attack on the data final. A vault is protected by its
//! access policy (nobody deletes by hand) and by a lock (nobody can, for a time); neither is in the
//! recorded item, so that AWS Backup is asked. Recovery points are judged by their items: how they
//! are encrypted follows their source for several types, not the vault.
//!
//! Criteria: 統24 8, 実39, 実39 5 ask for it. To fix a vault, put an access policy that denies manual
//! deletion, lock the vault, give it a customer managed key, and send failed jobs to somebody.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_services::alerts;
use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, ResourceType,
    ServiceCheck, Severity, Text, Trigger,
};

use self::requirements::{
    BACKUP_BUCKET_NOT_ARCHIVED, BACKUP_BUCKET_SINGLE_AZ_CLASS, JOB_NOTIFICATION_MISSING,
    MANUAL_DELETION_ALLOWED, RECOVERY_POINT_RETENTION_SHORT, RECOVERY_POINT_UNENCRYPTED,
    VAULT_KEY_NOT_CUSTOMER_MANAGED, VAULT_NOT_LOCKED, VAULT_POLICY_MISSING, VAULT_POLICY_PUBLIC,
};

mod buckets;
mod notification;
mod points;
mod policy;
mod requirements;
mod services;
mod vault;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "backup-vault",
    domain: Domain::Resilience,
    severity: Severity::High,
    title: Text::new(
        "Backup vaults, recovery points and backup buckets are protected and retained",
        "バックアップボールト・復旧ポイント・バックアップ用バケットが保護・保持されている",
    ),
    why: Text::new(
        "Ransomware and malicious insiders delete the backups first. A vault without a policy or \
         lock is emptied by anyone with the right permissions in the account, and nobody hears of \
         backup jobs that fail.",
        "ランサムウェアや内部の攻撃者は、まずバックアップを削除します。ポリシーもロックもないボールトは、\
         アカウント内の権限だけで空にできます。失敗したバックアップジョブも、通知がなければ気づかれません。",
    ),
    fix: Text::new(
        "In AWS Backup > Vaults > the vault deny backup:DeleteRecoveryPoint, \
         backup:UpdateRecoveryPointLifecycle and changes of the vault's policy to everybody (Access \
         policy), or lock it (Vault lock); create vaults with a customer managed key. Send events \
         of source aws.backup to a target that somebody reads (EventBridge > Rules). Move objects \
         of backup buckets to an archive class by a lifecycle rule (S3 > Management).",
        "AWS Backup の「ボールト」のアクセスポリシーで backup:DeleteRecoveryPoint、\
         backup:UpdateRecoveryPointLifecycle、ボールトのポリシーの変更を全員に対して拒否するか、\
         「ボールトロック」でロックします。ボールトはカスタマー管理キーで作成し、ソース aws.backup \
         のイベントは担当者に届くターゲットに送ります。バックアップ用バケットのオブジェクトは、S3 \
         の「管理」のライフサイクルルールでアーカイブ用のクラスに移行します。",
    ),
    remedy: Remedy::new(
        include_str!("backup_vault/remedy.sh"),
        include_str!("backup_vault/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/aws-backup/latest/devguide/vaults.html",
    criteria: Criteria {
        explicit: &["統24 8", "実39", "実39 5"],
        implied: &["統20 3-(6)", "統20 3-(11)", "実3", "実106"],
    },
    resources: &[
        ResourceType::BACKUP_BACKUP_VAULT,
        ResourceType::BACKUP_RECOVERY_POINT,
        ResourceType::S3_BUCKET,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        SELECT_ACTION,
        Action::on(services::DESCRIBE_VAULT, VAULTS),
        Action::on(services::GET_VAULT_POLICY, VAULTS),
        Action::on(services::DESCRIBE_KEY, "arn:${AWS::Partition}:kms:${AWS::Region}:*:key/*"),
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[2],
        alerts::ACTIONS[3],
    ],
    parameters: &[
        ALLOW_AWS_MANAGED_KEY.spec,
        REQUIRE_CMK_ON_RECOVERY_POINTS.spec,
        REQUIRED_RETENTION_DAYS.spec,
        DELETION_EXCEPTION_PRINCIPALS.spec,
        ACCEPT_VAULT_LOCK.spec,
        CRITICAL_TAG.spec,
        LOCK_MODE.spec,
        LOCK_MIN_RETENTION_DAYS.spec,
        REQUIRED_EVENTS.spec,
        BACKUP_BUCKET_TAG.spec,
        ARCHIVE_WITHIN_DAYS.spec,
    ],
    requirements: &[
        &VAULT_POLICY_MISSING,
        &VAULT_POLICY_PUBLIC,
        &MANUAL_DELETION_ALLOWED,
        &VAULT_NOT_LOCKED,
        &VAULT_KEY_NOT_CUSTOMER_MANAGED,
        &JOB_NOTIFICATION_MISSING,
        &RECOVERY_POINT_UNENCRYPTED,
        &RECOVERY_POINT_RETENTION_SHORT,
        &BACKUP_BUCKET_NOT_ARCHIVED,
        &BACKUP_BUCKET_SINGLE_AZ_CLASS,
    ],
    remarks: &[
        &VAULT_EMPTY,
        &LOCK_REMOVABLE,
        &RECOVERY_POINT_NOT_COMPLETED,
        &CONTINUOUS_BACKUP,
        &NOT_A_BACKUP_BUCKET,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: services::preview,
        connect,
        swept: &[ResourceType::BACKUP_BACKUP_VAULT],
    },
};

const VAULTS: &str = "arn:${AWS::Partition}:backup:${AWS::Region}:${AWS::AccountId}:backup-vault:*";

const ALLOW_AWS_MANAGED_KEY: Param<bool> = Param::flag(
    "allowAwsManagedKey",
    false,
    Text::new(
        "Accept a key that AWS manages on vaults",
        "ボールトに AWS マネージドキーの使用を認める",
    ),
);

const REQUIRE_CMK_ON_RECOVERY_POINTS: Param<bool> = Param::flag(
    "requireCmkOnRecoveryPoints",
    false,
    Text::new(
        "Recovery points, too, need a customer managed key",
        "復旧ポイントにもカスタマー管理キーを求める",
    ),
);

const REQUIRED_RETENTION_DAYS: Param<i64> = Param::integer(
    "requiredRetentionDays",
    35,
    1,
    36500,
    Text::new("Shortest retention of a recovery point in days", "復旧ポイントの最短保持日数"),
);

const DELETION_EXCEPTION_PRINCIPALS: Param<Vec<String>> = Param::list(
    "deletionExceptionPrincipals",
    &[],
    Text::new(
        "ARNs of principals that may still delete recovery points by hand",
        "復旧ポイントの手動削除を引き続き認めるプリンシパルの ARN",
    ),
);

const ACCEPT_VAULT_LOCK: Param<bool> = Param::flag(
    "acceptVaultLock",
    true,
    Text::new(
        "A locked vault needs no deny statement",
        "ロックされたボールトには拒否ステートメントを求めない",
    ),
);

const CRITICAL_TAG: Param<String> = Param::text(
    "criticalTag",
    "fisc:tier=critical",
    Text::new(
        "Tag of vaults that must be locked: key or key=value (empty: all)",
        "ロックを求めるボールトのタグ(キー、またはキー=値。空の場合はすべて)",
    ),
);

const LOCK_MODE: Param<String> = Param::choice(
    "lockMode",
    "governance",
    &["governance", "compliance"],
    Text::new(
        "compliance: the lock must be one that nobody can remove any more",
        "compliance: 誰も解除できない状態のロックを求める",
    ),
);

const LOCK_MIN_RETENTION_DAYS: Param<i64> = Param::integer(
    "lockMinRetentionDays",
    1,
    0,
    36500,
    Text::new(
        "Shortest retention that the lock must enforce, in days",
        "ロックが強制すべき最短保持日数",
    ),
);

const REQUIRED_EVENTS: Param<Vec<String>> = Param::list(
    "requiredEvents",
    &["BACKUP_JOB_FAILED", "COPY_JOB_FAILED", "RESTORE_JOB_FAILED"],
    Text::new(
        "Events of a vault of which somebody must be told (BACKUP_JOB_COMPLETED and \
         RESTORE_JOB_COMPLETED tell of failures, too)",
        "通知を求めるボールトのイベント(BACKUP_JOB_COMPLETED と RESTORE_JOB_COMPLETED は失敗も通知する)",
    ),
);

const BACKUP_BUCKET_TAG: Param<String> = Param::text(
    "backupBucketTag",
    "fisc:data-role=backup",
    Text::new(
        "Tag of buckets that hold backups: key or key=value",
        "バックアップを保存するバケットのタグ(キー、またはキー=値)",
    ),
);

const ARCHIVE_WITHIN_DAYS: Param<i64> = Param::integer(
    "archiveWithinDays",
    365,
    1,
    3650,
    Text::new(
        "Days within which objects of backup buckets move to an archive class",
        "バックアップ用バケットのオブジェクトをアーカイブ用クラスに移行するまでの日数の上限",
    ),
);

const VAULT_EMPTY: Remark = Remark::new(
    "VAULT_EMPTY",
    "The vault holds no recovery point",
    "ボールトに復旧ポイントはありません",
);
const LOCK_REMOVABLE: Remark = Remark::new(
    "LOCK_REMOVABLE",
    "The vault is locked, but principals with the permission can still remove the lock",
    "ボールトはロックされていますが、権限のあるプリンシパルはまだロックを解除できます",
);
const RECOVERY_POINT_NOT_COMPLETED: Remark = Remark::new(
    "RECOVERY_POINT_NOT_COMPLETED",
    "The recovery point is not complete, or is being deleted",
    "完了していないか、削除中の復旧ポイントです",
);
const CONTINUOUS_BACKUP: Remark = Remark::new(
    "CONTINUOUS_BACKUP",
    "AWS Backup keeps a continuous backup for 35 days at most; its retention is not judged",
    "継続的バックアップの保持は最長 35 日のため、保持期間は評価しません",
);
const NOT_A_BACKUP_BUCKET: Remark = Remark::new(
    "NOT_A_BACKUP_BUCKET",
    "The bucket does not have the tag of backup buckets",
    "バックアップ用バケットのタグがありません",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(services::Services::new(sdk))
}

#[cfg(test)]
mod tests;
