//! The parameters.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const REQUIRED_CALENDARS: Param<Vec<String>> = Param::list(
    "requiredCalendars",
    &[],
    Text::new(
        "Change calendars (names, or ARNs of shared ones) that must be readable; empty: any one",
        "読み取り可能であるべき変更カレンダー(名前。共有されたものは ARN)。空の場合はいずれか 1 つ",
    ),
);
pub(super) const CALENDAR_REQUIRED_ACCOUNTS: Param<Vec<String>> = Param::list(
    "calendarRequiredAccounts",
    &[],
    Text::new(
        "Accounts with which the account's own calendars must be shared",
        "自アカウントの変更カレンダーの共有先となるべきアカウント",
    ),
);
pub(super) const GATED_DOCUMENT_TYPES: Param<Vec<String>> = Param::list(
    "gatedDocumentTypes",
    &["Automation"],
    Text::new(
        "Associations that run documents of these types must name a calendar",
        "変更カレンダーの指定を求める関連付けのドキュメントタイプ",
    ),
);
pub(super) const EXEMPT_DOCUMENTS: Param<Vec<String>> = Param::list(
    "exemptDocuments",
    &["AWS-GatherSoftwareInventory"],
    Text::new(
        "Documents that change nothing and need no calendar",
        "変更を行わないため変更カレンダーが不要なドキュメント",
    ),
);
pub(super) const MAX_DAYS_SINCE_WINDOW_RUN: Param<i64> = Param::integer(
    "maxDaysSinceWindowRun",
    35,
    1,
    400,
    Text::new(
        "Days within which a maintenance window must have run",
        "メンテナンスウィンドウが実行されているべき期間(日)",
    ),
);
pub(super) const MAX_DRIFT_CHECK_AGE_HOURS: Param<i64> = Param::integer(
    "maxDriftCheckAgeHours",
    168,
    0,
    8760,
    Text::new(
        "Accepted age of a stack's last drift check in hours; 0: not judged",
        "スタックの最後のドリフト検出からの許容経過時間(0 の場合は評価しない)",
    ),
);
pub(super) const SKIP_STACK_SET_INSTANCES: Param<bool> = Param::flag(
    "skipStackSetInstances",
    false,
    Text::new(
        "Leave out the instances of stack sets (StackSet-...)",
        "スタックセットのインスタンス(StackSet-...)を評価対象から除く",
    ),
);
pub(super) const REQUIRE_TERMINATION_PROTECTION: Param<bool> = Param::flag(
    "requireTerminationProtection",
    false,
    Text::new(
        "Production root stacks need termination protection",
        "本番のルートスタックに削除保護を求める",
    ),
);
pub(super) const PRODUCTION_TAG: Param<String> = Param::text(
    "productionTag",
    "Environment=production",
    Text::new(
        "Tag of production stacks and pipelines: a key, or key=value; empty: all are production",
        "本番のスタックとパイプラインを示すタグ(キー、またはキー=値。空の場合はすべて本番)",
    ),
);
pub(super) const VERSIONED_SOURCES: Param<Vec<String>> = Param::list(
    "versionedSources",
    &["CodeStarSourceConnection", "CodeCommit", "GitHub"],
    Text::new(
        "Providers of source actions that are under version control",
        "バージョン管理されたソースとみなすソースアクションのプロバイダー",
    ),
);
pub(super) const IAC_TAG_KEYS: Param<Vec<String>> = Param::list(
    "iacTagKeys",
    &["aws:cloudformation:stack-id", "aws:cloudformation:stack-name", "fisc:iac"],
    Text::new(
        "Tag keys of which one proves that code manages the resource",
        "コードで管理されていることを示すタグのキー(いずれか 1 つ)",
    ),
);
pub(super) const MIN_BAKE_MINUTES: Param<i64> = Param::integer(
    "minBakeMinutes",
    10,
    0,
    1440,
    Text::new(
        "Minutes for which an AppConfig deployment must be watched at its end",
        "AppConfig のデプロイ完了後に監視を続けるべき最短時間(分)",
    ),
);
