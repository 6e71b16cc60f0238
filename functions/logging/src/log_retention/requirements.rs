//! The parameters, requirements and remarks of `log-retention`.

use fisc_shared::parameter::Param;
use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const MIN_RETENTION_DAYS: Param<i64> = Param::integer(
    "minRetentionDays",
    365,
    1,
    3653,
    Text::new("Shortest accepted retention in days", "保存期間の下限(日)"),
);

pub(super) const ALLOW_NEVER_EXPIRE: Param<bool> = Param::flag(
    "allowNeverExpire",
    true,
    Text::new(
        "Accept log groups without a retention, which keep logs for ever",
        "保存期間が未設定(無期限)のロググループを認める",
    ),
);

pub(super) const MAX_RETENTION_DAYS: Param<i64> = Param::integer(
    "maxRetentionDays",
    0,
    0,
    3653,
    Text::new(
        "Longest accepted retention in days, where logs must move to S3 (0: no limit)",
        "保存期間の上限(日)。ログを S3 へ移す場合に使用(0 の場合は上限なし)",
    ),
);

pub(super) const LOG_GROUP_PATTERNS: Param<Vec<String>> = Param::list(
    "logGroupPatterns",
    &["*"],
    Text::new(
        "Names of the log groups that are judged; * stands for anything",
        "評価するロググループの名前(* は任意の文字列)",
    ),
);

pub(super) const EXCLUDED_PATTERNS: Param<Vec<String>> = Param::list(
    "excludedPatterns",
    &[],
    Text::new(
        "Names of log groups that are not judged; * stands for anything",
        "評価しないロググループの名前(* は任意の文字列)",
    ),
);

pub(super) const SECURITY_GROUP_PATTERNS: Param<Vec<String>> = Param::list(
    "securityGroupPatterns",
    &[],
    Text::new(
        "Names of log groups with audit, flow, DNS, WAF or database logs, which are judged in any \
         case; * stands for anything",
        "監査・フロー・DNS・WAF・データベースのログなど、常に評価するロググループの名前(* は任意の\
         文字列)",
    ),
);

pub(super) const ARCHIVE_PATTERNS: Param<Vec<String>> = Param::list(
    "archivePatterns",
    &[],
    Text::new(
        "Names of log groups that must be archived to S3; * stands for anything",
        "S3 への保管を求めるロググループの名前(* は任意の文字列)",
    ),
);

pub(super) const IGNORE_EMPTY: Param<bool> = Param::flag(
    "ignoreEmpty",
    true,
    Text::new("Leave out log groups that hold nothing", "空のロググループを評価しない"),
);

pub(super) const MAX_EXPORT_AGE_DAYS: Param<i64> = Param::integer(
    "maxExportAgeDays",
    31,
    1,
    3653,
    Text::new(
        "Age in days up to which an export to S3 counts as archiving",
        "S3 へのエクスポートを保管とみなす経過日数の上限",
    ),
);

pub(super) const RETENTION_TOO_SHORT: Requirement = requirement(
    "RETENTION_TOO_SHORT",
    1,
    Text::new("Log groups keep logs too briefly", "保存期間が短すぎるロググループがあります"),
    Text::new(
        "Fails when a log group in scope has a retention below minRetentionDays \
         (DescribeLogGroups).",
        "対象のロググループの保存期間が minRetentionDays を下回るとき不適合です\
         (DescribeLogGroups)。",
    ),
);

pub(super) const RETENTION_UNDEFINED: Requirement = requirement(
    "RETENTION_UNDEFINED",
    2,
    Text::new("Log groups have no retention", "保存期間が未設定のロググループがあります"),
    Text::new(
        "With allowNeverExpire false: fails when a log group in scope has no retention.",
        "allowNeverExpire が false の場合: 対象のロググループに保存期間が設定されていないとき\
         不適合です。",
    ),
);

pub(super) const RETENTION_TOO_LONG: Requirement = requirement(
    "RETENTION_TOO_LONG",
    3,
    Text::new("Log groups keep logs too long", "保存期間が長すぎるロググループがあります"),
    Text::new(
        "With maxRetentionDays: fails when a log group in scope keeps logs longer than that, or \
         for ever.",
        "maxRetentionDays を指定した場合: 対象のロググループの保存期間がそれを超えるとき、または無期限の\
         とき不適合です。",
    ),
);

pub(super) const NOT_ARCHIVED_TO_S3: Requirement = requirement(
    "NOT_ARCHIVED_TO_S3",
    1,
    Text::new("Log groups are not archived to S3", "S3 へ保管されていないロググループがあります"),
    Text::new(
        "Fails when a log group of archivePatterns has no subscription without a filter pattern, \
         of its own or by an account policy, to Firehose, Kinesis, Lambda or a destination of \
         another account, and no completed export task of the last maxExportAgeDays.",
        "archivePatterns のロググループに、Firehose・Kinesis・Lambda・他アカウントの送信先への\
         フィルターパターンのないサブスクリプション(グループまたはアカウントポリシー)も、\
         maxExportAgeDays 以内に完了したエクスポートタスクもないとき不適合です。",
    ),
);

const fn requirement(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::ACCOUNT], title, rule }
}

pub(super) const NO_LOG_GROUP: Remark = Remark::new(
    "NO_LOG_GROUP",
    "No log group of this Region is in scope",
    "このリージョンに評価対象のロググループはありません",
);
pub(super) const ARCHIVE_PRESUMED: Remark = Remark::new(
    "ARCHIVE_PRESUMED",
    "That what the subscriptions feed writes to S3 is presumed",
    "サブスクリプションの送信先が S3 へ保管していることは推定です",
);
