//! The rule parameters of `log-archive-protection`.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const LOG_BUCKET_NAMES: Param<Vec<String>> = Param::list(
    "logBucketNames",
    &[],
    Text::new(
        "Buckets that hold logs, besides those that are tagged so or that trails and AWS Config \
         deliver to; * stands for anything",
        "タグや証跡・AWS Config の配信先からは分からない、ログを保管するバケットの名前(* は任意の\
         文字列)",
    ),
);

pub(super) const LOG_BUCKET_TAG: Param<String> = Param::text(
    "logBucketTag",
    "fisc:data-role=log",
    Text::new(
        "Tag of buckets that hold logs, as KEY=VALUE or KEY alone (empty: none)",
        "ログを保管するバケットのタグ(キー=値、またはキーのみ。空の場合は使用しない)",
    ),
);

pub(super) const MIN_RETENTION_DAYS: Param<i64> = Param::integer(
    "minRetentionDays",
    365,
    1,
    36500,
    Text::new("Days that logs must be kept", "ログを保存すべき日数"),
);

pub(super) const MAX_RETENTION_DAYS: Param<i64> = Param::integer(
    "maxRetentionDays",
    0,
    0,
    36500,
    Text::new(
        "Days after which logs must be gone at the latest (0: no limit)",
        "ログを保存してよい日数の上限(0 の場合は上限なし)",
    ),
);

pub(super) const REQUIRE_ARCHIVE_TRANSITION: Param<bool> = Param::flag(
    "requireArchiveTransition",
    false,
    Text::new(
        "Logs must move to an archive storage class (GLACIER, GLACIER_IR or DEEP_ARCHIVE)",
        "アーカイブ用ストレージクラス(GLACIER、GLACIER_IR、DEEP_ARCHIVE)への移行を求める",
    ),
);

pub(super) const ACCEPTED_PROTECTIONS: Param<Vec<String>> = Param::list(
    "acceptedProtections",
    &["object-lock", "mfa-delete", "deny-policy"],
    Text::new(
        "Any one of these protects the logs of a bucket",
        "いずれか一つで書き換え・削除から保護されているとみなす方法",
    ),
);

pub(super) const ALLOWED_LOCK_MODES: Param<Vec<String>> = Param::list(
    "allowedLockModes",
    &["COMPLIANCE", "GOVERNANCE"],
    Text::new("Accepted modes of object lock", "認めるオブジェクトロックのモード"),
);

pub(super) const ALLOWED_ADMIN_ARNS: Param<Vec<String>> = Param::list(
    "allowedAdminArns",
    &[],
    Text::new(
        "ARNs of the principals that may administer logs and trails; * stands for anything",
        "ログと証跡を管理してよいプリンシパルの ARN(* は任意の文字列)",
    ),
);

pub(super) const LOG_ARCHIVE_ACCOUNT_IDS: Param<Vec<String>> = Param::list(
    "logArchiveAccountIds",
    &[],
    Text::new(
        "Accounts that must own the buckets of trails and of AWS Config (empty: not judged)",
        "証跡と AWS Config の配信先バケットを所有すべきアカウントの ID(空の場合は評価しない)",
    ),
);

pub(super) const SSE_S3_ONLY_BUCKETS: Param<Vec<String>> = Param::list(
    "sseS3OnlyBuckets",
    &[],
    Text::new(
        "Buckets that can only be encrypted with keys of S3 (targets of load balancer and server \
         access logs), by exact name",
        "S3 管理の鍵でしか暗号化できないバケットの名前(ロードバランサーのログやサーバーアクセスログの\
         出力先。完全一致)",
    ),
);

pub(super) const CONFIG_MIN_HISTORY_DAYS: Param<i64> = Param::integer(
    "configMinHistoryDays",
    2557,
    30,
    2557,
    Text::new("Days that AWS Config must keep its history", "AWS Config が履歴を保存すべき日数"),
);

pub(super) const PROTECTED_ACTIONS: Param<Vec<String>> = Param::list(
    "protectedActions",
    &[
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
    ],
    Text::new(
        "Actions of CloudTrail that only principals of allowedAdminArns may hold",
        "allowedAdminArns のプリンシパルだけに認める CloudTrail のアクション",
    ),
);

pub(super) const AWS_SERVICE_ACCOUNT_IDS: Param<Vec<String>> = Param::list(
    "awsServiceAccountIds",
    // Elastic Load Balancing user guide, "Access logs", accounts of ap-northeast-1 and
    // ap-northeast-3 (November 2026).
    &["582318560864", "383597477331"],
    Text::new(
        "Accounts of AWS that deliver logs (by default load balancers in Tokyo and Osaka)",
        "ログを配信する AWS のアカウント(既定値は東京と大阪のロードバランサー)",
    ),
);
