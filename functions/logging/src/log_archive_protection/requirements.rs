//! The requirements and remarks of `log-archive-protection`.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

const BUCKET: &[ResourceType] = &[ResourceType::S3_BUCKET];
const TRAIL: &[ResourceType] = &[ResourceType::CLOUDTRAIL_TRAIL];
const ACCOUNT: &[ResourceType] = &[ResourceType::ACCOUNT];
const PRINCIPAL: &[ResourceType] = &[ResourceType::IAM_ROLE, ResourceType::IAM_USER];

pub(super) const BUCKET_PUBLIC: Requirement = Requirement::new(
    "BUCKET_PUBLIC",
    1,
    BUCKET,
    Text::new("The log bucket is not closed to the public", "ログバケットの公開が防がれていません"),
    Text::new(
        "Fails when one of the four settings of block public access is off for both the bucket and \
         the account, or the bucket policy admits everybody, or the access control list grants to \
         AllUsers or AuthenticatedUsers.",
        "ブロックパブリックアクセスの 4 つの設定のいずれかがバケットでもアカウントでも無効なとき、\
         バケットポリシーがすべての相手に許可しているとき、または ACL が AllUsers か \
         AuthenticatedUsers に許可しているとき不適合です。",
    ),
);

pub(super) const VERSIONING_OFF: Requirement = Requirement::new(
    "VERSIONING_OFF",
    2,
    BUCKET,
    Text::new(
        "The log bucket is not versioned",
        "ログバケットのバージョニングが有効ではありません",
    ),
    Text::new(
        "Fails when versioning was never enabled or is suspended.",
        "バージョニングが一度も有効になっていない、または停止されているとき不適合です。",
    ),
);

pub(super) const NOT_WRITE_PROTECTED: Requirement = Requirement::new(
    "NOT_WRITE_PROTECTED",
    1,
    BUCKET,
    Text::new(
        "Nothing keeps the logs from being deleted or overwritten",
        "ログが削除・書き換えから保護されていません",
    ),
    Text::new(
        "Fails when none of acceptedProtections holds. object-lock: a default retention of at \
         least minRetentionDays in one of allowedLockModes. mfa-delete: versions are deleted with \
         MFA only. deny-policy: the bucket policy denies s3:DeleteObject, s3:DeleteObjectVersion, \
         s3:PutBucketPolicy and s3:PutLifecycleConfiguration to everybody but allowedAdminArns, \
         without any other condition.",
        "acceptedProtections のいずれも満たさないとき不適合です。object-lock: allowedLockModes の\
         モードで minRetentionDays 以上のデフォルト保持。mfa-delete: バージョンの削除に MFA が必要。\
         deny-policy: バケットポリシーが s3:DeleteObject、s3:DeleteObjectVersion、\
         s3:PutBucketPolicy、s3:PutLifecycleConfiguration を、allowedAdminArns 以外のすべての相手に\
         無条件で拒否している。",
    ),
);

pub(super) const WRITER_NOT_RESTRICTED: Requirement = Requirement::new(
    "WRITER_NOT_RESTRICTED",
    2,
    BUCKET,
    Text::new(
        "Others than the log services may write to the log bucket",
        "ログ配信サービス以外がログバケットに書き込めます",
    ),
    Text::new(
        "Fails when the bucket policy lets somebody write objects (s3:PutObject) who is neither a \
         service that delivers logs nor an account of trustedAccountIds, logArchiveAccountIds, \
         awsServiceAccountIds or the own one; or such a service without a condition on \
         aws:SourceArn, aws:SourceAccount or the organization.",
        "バケットポリシーが、ログ配信サービスでも、自アカウント・trustedAccountIds・\
         logArchiveAccountIds・awsServiceAccountIds のアカウントでもない相手に s3:PutObject を許可\
         しているとき、またはログ配信サービスへの許可に aws:SourceArn・aws:SourceAccount・組織の条件が\
         ないとき不適合です。",
    ),
);

pub(super) const RETENTION_TOO_SHORT: Requirement = Requirement::new(
    "RETENTION_TOO_SHORT",
    1,
    BUCKET,
    Text::new(
        "Lifecycle rules do not keep logs for the required time",
        "ライフサイクルルールによるログの保存期間が要件を満たしません",
    ),
    Text::new(
        "Fails when an enabled lifecycle rule that may be about logs expires objects or noncurrent \
         versions before minRetentionDays, or on a date; or, with maxRetentionDays, expires objects \
         later than that. Logs are under the prefixes that the bucket policy lets log services \
         write to; without any, everywhere.",
        "ログに適用され得る有効なライフサイクルルールが、minRetentionDays より前に、または日付指定で、\
         オブジェクトか非現行バージョンを失効させるとき不適合です。maxRetentionDays を指定した場合は、\
         それより後に失効させるときも不適合です。ログの場所は、バケットポリシーがログ配信サービスに\
         書き込みを許可したプレフィックス(なければバケット全体)とします。",
    ),
);

pub(super) const LIFECYCLE_MISSING: Requirement = Requirement::new(
    "LIFECYCLE_MISSING",
    1,
    BUCKET,
    Text::new(
        "No lifecycle rule archives or expires the logs",
        "ログをアーカイブまたは失効させるライフサイクルルールがありません",
    ),
    Text::new(
        "For buckets with the tag logBucketTag: fails when no enabled rule that covers all logs, \
         whatever their tags and sizes, expires or moves objects. With requireArchiveTransition: \
         fails for every log bucket when no such rule moves them to an archive storage class.",
        "logBucketTag のタグをもつバケット: すべてのログを(タグやサイズで限定せずに)対象として失効または\
         移行させる有効なルールがないとき不適合です。requireArchiveTransition を指定した場合: すべての\
         ログバケットについて、アーカイブ用ストレージクラスへ移行させるルールがないとき不適合です。",
    ),
);

pub(super) const ACCESS_LOGGING_OFF: Requirement = Requirement::new(
    "ACCESS_LOGGING_OFF",
    2,
    BUCKET,
    Text::new(
        "Access to the log bucket is not logged",
        "ログバケットへのアクセスが記録されていません",
    ),
    Text::new(
        "Fails when the bucket has no destination for server access logs and is not such a \
         destination itself.",
        "サーバーアクセスログの出力先がなく、自らもその出力先ではないとき不適合です。",
    ),
);

pub(super) const NOT_KMS_ENCRYPTED: Requirement = Requirement::new(
    "NOT_KMS_ENCRYPTED",
    1,
    BUCKET,
    Text::new(
        "The log bucket is not encrypted with KMS",
        "ログバケットが KMS で暗号化されていません",
    ),
    Text::new(
        "Fails when default encryption is neither aws:kms nor aws:kms:dsse; buckets of \
         sseS3OnlyBuckets are left out.",
        "デフォルト暗号化が aws:kms でも aws:kms:dsse でもないとき不適合です(sseS3OnlyBuckets の\
         バケットを除く)。",
    ),
);

pub(super) const TRAIL_BUCKET_NOT_CENTRAL: Requirement = Requirement::new(
    "TRAIL_BUCKET_NOT_CENTRAL",
    1,
    TRAIL,
    Text::new(
        "The trail does not deliver to the log archive account",
        "証跡の配信先がログ集約アカウントのバケットではありません",
    ),
    Text::new(
        "With logArchiveAccountIds: fails when the bucket of the trail belongs to the own account \
         (ListBuckets), does not exist, or cannot be shown to belong to one of those accounts: \
         HeadBucket with that owner is refused, and logBucketNames does not list it.",
        "logArchiveAccountIds を指定した場合: 証跡のバケットが自アカウントにあるとき(ListBuckets)、\
         存在しないとき、またはログ集約アカウントの所有と確認できないとき(所有者を指定した HeadBucket \
         が拒否され、logBucketNames にも記載がない)不適合です。",
    ),
);

pub(super) const CONFIG_BUCKET_NOT_CENTRAL: Requirement = Requirement::new(
    "CONFIG_BUCKET_NOT_CENTRAL",
    2,
    ACCOUNT,
    Text::new(
        "AWS Config does not deliver to the log archive account",
        "AWS Config の配信先がログ集約アカウントのバケットではありません",
    ),
    Text::new(
        "With logArchiveAccountIds: fails when the same is true of the bucket of a delivery \
         channel of AWS Config (DescribeDeliveryChannels).",
        "logArchiveAccountIds を指定した場合: AWS Config の配信チャネルのバケットについて同じ条件に\
         当たるとき不適合です(DescribeDeliveryChannels)。",
    ),
);

pub(super) const CONFIG_HISTORY_TOO_SHORT: Requirement = Requirement::new(
    "CONFIG_HISTORY_TOO_SHORT",
    2,
    ACCOUNT,
    Text::new(
        "AWS Config keeps its history too briefly",
        "AWS Config の履歴の保存期間が短すぎます",
    ),
    Text::new(
        "Fails when a retention configuration is below configMinHistoryDays. Without any, AWS \
         Config keeps its history for 2557 days.",
        "保持設定が configMinHistoryDays を下回るとき不適合です。保持設定がない場合、履歴は 2557 日間\
         保存されます。",
    ),
);

pub(super) const TRAIL_ADMIN_UNRESTRICTED: Requirement = Requirement::new(
    "TRAIL_ADMIN_UNRESTRICTED",
    2,
    PRINCIPAL,
    Text::new(
        "Somebody who is no administrator of logs may stop or change trails",
        "ログの管理者ではないプリンシパルが証跡を停止・変更できます",
    ),
    Text::new(
        "Fails when the policies of the role or user, and of the user's groups, within the \
         permissions boundary, allow an action of protectedActions on some trail and its \
         ARN is not in allowedAdminArns. Service control policies are not seen here.",
        "ロールまたはユーザー(グループを含む)のポリシーが、アクセス許可の境界の範囲で protectedActions \
         のアクションを許可しており、ARN が allowedAdminArns にないとき不適合です。\
         SCP は考慮しません。",
    ),
);

pub(super) const LOG_ADMIN_UNRESTRICTED: Requirement = Requirement::new(
    "LOG_ADMIN_UNRESTRICTED",
    2,
    PRINCIPAL,
    Text::new(
        "Somebody who is no administrator of logs may delete them",
        "ログの管理者ではないプリンシパルがログを削除できます",
    ),
    Text::new(
        "In an account of logArchiveAccountIds: fails when those policies allow s3:DeleteObject, \
         s3:DeleteObjectVersion, s3:PutBucketPolicy or s3:PutLifecycleConfiguration on a log \
         bucket whose own policy does not deny it to all but allowedAdminArns, and the ARN is not \
         in allowedAdminArns.",
        "logArchiveAccountIds のアカウント: それらのポリシーが、ログバケット(バケットポリシーで \
         allowedAdminArns 以外に拒否しているものを除く)に対する s3:DeleteObject、\
         s3:DeleteObjectVersion、s3:PutBucketPolicy、s3:PutLifecycleConfiguration を許可しており、ARN が \
         allowedAdminArns にないとき不適合です。",
    ),
);

pub(super) const NO_LOG_BUCKET: Remark = Remark::new(
    "NO_LOG_BUCKET",
    "Nothing says that the bucket holds logs",
    "ログを保管するバケットではありません",
);
pub(super) const SHADOW_TRAIL: Remark = Remark::new(
    "SHADOW_TRAIL",
    "A copy of a multi-Region trail; it is judged in its home Region",
    "マルチリージョンの証跡の複製です(ホームリージョンで評価)",
);
pub(super) const OTHER_OWNER: Remark = Remark::new(
    "OTHER_OWNER",
    "An organization trail of another account, where it is judged",
    "他のアカウントが所有する組織の証跡です(所有アカウントで評価)",
);
pub(super) const ARCHIVE_NOT_DECLARED: Remark = Remark::new(
    "ARCHIVE_NOT_DECLARED",
    "logArchiveAccountIds is empty: who owns the buckets is not judged",
    "logArchiveAccountIds が空のため、バケットの所有アカウントは評価していません",
);
pub(super) const IS_LOG_ARCHIVE: Remark = Remark::new(
    "IS_LOG_ARCHIVE",
    "This is a log archive account itself",
    "このアカウント自体がログ集約アカウントです",
);
pub(super) const JUDGED_IN_HOME_REGION: Remark = Remark::new(
    "JUDGED_IN_HOME_REGION",
    "Roles and users are global and judged in the home Region",
    "ロールとユーザーは全リージョン共通であり、ホームリージョンで評価します",
);
pub(super) const SERVICE_LINKED_ROLE: Remark = Remark::new(
    "SERVICE_LINKED_ROLE",
    "AWS sets the policies of service-linked roles",
    "サービスにリンクされたロールであり、ポリシーは AWS が定めます",
);
pub(super) const LOG_ADMINISTRATOR: Remark = Remark::new(
    "LOG_ADMINISTRATOR",
    "allowedAdminArns names the principal",
    "allowedAdminArns で認められたプリンシパルです",
);
