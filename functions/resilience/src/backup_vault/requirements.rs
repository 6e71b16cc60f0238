//! The requirements of `backup-vault`.

use fisc_shared::{Requirement, ResourceType, Text};

/// A requirement of vaults.
const fn of_vaults(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::BACKUP_BACKUP_VAULT], title, rule }
}

/// A requirement of recovery points.
const fn of_points(code: &'static str, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave: 1, resources: &[ResourceType::BACKUP_RECOVERY_POINT], title, rule }
}

/// A requirement of buckets that hold backups.
const fn of_buckets(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::S3_BUCKET], title, rule }
}

pub(super) const VAULT_POLICY_MISSING: Requirement = of_vaults(
    "VAULT_POLICY_MISSING",
    1,
    Text::new("The vault has no access policy", "ボールトにアクセスポリシーがありません"),
    Text::new(
        "Fails when AWS Backup answers that the vault has no access policy.",
        "ボールトにアクセスポリシーがないと AWS Backup が回答したとき不適合です。",
    ),
);

pub(super) const VAULT_POLICY_PUBLIC: Requirement = of_vaults(
    "VAULT_POLICY_PUBLIC",
    1,
    Text::new(
        "The vault's policy lets strangers in",
        "ボールトのポリシーが不特定の相手に許可しています",
    ),
    Text::new(
        "Fails when an Allow of the access policy is for everybody, and neither a condition on the \
         organization, account or principal nor a Deny keeps strangers out.",
        "アクセスポリシーの Allow が全員を対象とし、組織・アカウント・プリンシパルの条件でも Deny でも\
         制限されていないとき不適合です。",
    ),
);

pub(super) const MANUAL_DELETION_ALLOWED: Requirement = of_vaults(
    "MANUAL_DELETION_ALLOWED",
    2,
    Text::new("Recovery points can be deleted by hand", "復旧ポイントを手動で削除できます"),
    Text::new(
        "Fails when the policy does not deny everybody to delete recovery points, to change their \
         lifecycle, and to replace and remove the policy, and the vault is not locked. Exceptions \
         (NotPrincipal, conditions on aws:PrincipalArn) count only for deletionExceptionPrincipals.",
        "復旧ポイントの削除、ライフサイクルの変更、ポリシーの置換と削除のいずれかがポリシーで全員に拒否されて\
         おらず、ボールトもロックされていないとき不適合です。例外(NotPrincipal、aws:PrincipalArn の条件)は \
         deletionExceptionPrincipals のみ認めます。",
    ),
);

pub(super) const VAULT_NOT_LOCKED: Requirement = of_vaults(
    "VAULT_NOT_LOCKED",
    2,
    Text::new(
        "The critical vault is not locked as asked for",
        "重要なボールトが求められた形でロックされていません",
    ),
    Text::new(
        "Fails when a vault with the tag criticalTag is not locked, its lock enforces less than \
         lockMinRetentionDays, or (lockMode compliance) its lock can still be removed.",
        "criticalTag のタグを持つボールトがロックされていないか、ロックの最短保持日数が lockMinRetentionDays \
         未満か、(lockMode が compliance の場合)まだ解除できるロックのとき不適合です。",
    ),
);

pub(super) const VAULT_KEY_NOT_CUSTOMER_MANAGED: Requirement = of_vaults(
    "VAULT_KEY_NOT_CUSTOMER_MANAGED",
    2,
    Text::new(
        "The vault's key is not an enabled customer managed key",
        "ボールトの鍵が有効なカスタマー管理キーではありません",
    ),
    Text::new(
        "Fails when the key of the vault is AWS managed or AWS owned (unless allowAwsManagedKey), is \
         not enabled, or does not exist any more; logically air-gapped vaults aside.",
        "ボールトの鍵が AWS マネージドまたは AWS 所有か(allowAwsManagedKey を除く)、有効でないか、存在しない\
         とき不適合です(論理エアギャップボールトを除く)。",
    ),
);

pub(super) const JOB_NOTIFICATION_MISSING: Requirement = of_vaults(
    "JOB_NOTIFICATION_MISSING",
    2,
    Text::new("Nobody is told of failed jobs", "失敗したジョブが誰にも通知されません"),
    Text::new(
        "Fails when one of requiredEvents is neither among the vault's notifications to a topic that \
         reaches somebody, nor caught by an enabled EventBridge rule on aws.backup whose target does.",
        "requiredEvents のいずれかが、届くトピックへのボールトの通知にも、届くターゲットを持つ aws.backup の\
         有効な EventBridge ルールにも含まれないとき不適合です。",
    ),
);

pub(super) const RECOVERY_POINT_UNENCRYPTED: Requirement = of_points(
    "RECOVERY_POINT_UNENCRYPTED",
    Text::new("The recovery point is not encrypted", "復旧ポイントが暗号化されていません"),
    Text::new(
        "Fails when the recovery point is not encrypted, or (requireCmkOnRecoveryPoints) not with a \
         customer managed key.",
        "復旧ポイントが暗号化されていないか、(requireCmkOnRecoveryPoints の場合)カスタマー管理キーで\
         暗号化されていないとき不適合です。",
    ),
);

pub(super) const RECOVERY_POINT_RETENTION_SHORT: Requirement = of_points(
    "RECOVERY_POINT_RETENTION_SHORT",
    Text::new("The recovery point expires too early", "復旧ポイントの保持期間が不足しています"),
    Text::new(
        "Fails when the recovery point expires, and sooner than requiredRetentionDays after its \
         creation. One that never expires passes.",
        "復旧ポイントに有効期限があり、作成から requiredRetentionDays より早く削除されるとき不適合です。\
         有効期限がなければ適合です。",
    ),
);

pub(super) const BACKUP_BUCKET_NOT_ARCHIVED: Requirement = of_buckets(
    "BACKUP_BUCKET_NOT_ARCHIVED",
    1,
    Text::new(
        "The backup bucket is not archived in time",
        "バックアップ用バケットがアーカイブに移行されません",
    ),
    Text::new(
        "Fails when no enabled lifecycle rule of a bucket with the tag backupBucketTag moves objects \
         to an archive class (Glacier, Deep Archive) within archiveWithinDays; rules for objects \
         with certain tags do not count.",
        "backupBucketTag のタグを持つバケットに、archiveWithinDays 以内にアーカイブ用クラス(Glacier、\
         Deep Archive)へ移行する有効なライフサイクルルールがないとき不適合です。特定のタグの\
         オブジェクトに限るルールは数えません。",
    ),
);

pub(super) const BACKUP_BUCKET_SINGLE_AZ_CLASS: Requirement = of_buckets(
    "BACKUP_BUCKET_SINGLE_AZ_CLASS",
    2,
    Text::new(
        "Backups go to a storage class with reduced redundancy",
        "冗長性の低いストレージクラスにバックアップを保存しています",
    ),
    Text::new(
        "Fails when an enabled lifecycle or replication rule of a bucket with the tag backupBucketTag \
         uses ONEZONE_IA, EXPRESS_ONEZONE or REDUCED_REDUNDANCY.",
        "backupBucketTag のタグを持つバケットの有効なライフサイクルルールかレプリケーションルールが \
         ONEZONE_IA、EXPRESS_ONEZONE、REDUCED_REDUNDANCY を使用するとき不適合です。",
    ),
);
