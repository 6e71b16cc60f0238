//! The parameters. Each requirement is off until its own is set.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const ARTIFACT_ACCOUNTS: Param<Vec<String>> = Param::list(
    "artifactAccounts",
    &[],
    Text::new(
        "Accounts in which agreements are made and reports are read; empty: the requirements on \
         AWS Artifact are off",
        "契約の締結とレポートの閲覧を行うアカウント。空の場合は AWS Artifact の要件を評価しない",
    ),
);

pub(super) const GOVERNING_LAW_NAMES: Param<Vec<String>> = Param::list(
    "governingLawNames",
    &[],
    Text::new(
        "Words in the name of the agreement on the governing law, such as Japan; one must be \
         found; empty: off",
        "契約の適用法に関する契約の名称に含まれる語句(例: Japan)。いずれかに一致すればよい。空の場合は評価しない",
    ),
);

pub(super) const NDA_NAMES: Param<Vec<String>> = Param::list(
    "ndaNames",
    &[],
    Text::new(
        "Words in the name of the nondisclosure agreement, such as Nondisclosure; one must be \
         found; empty: off",
        "秘密保持契約の名称に含まれる語句(例: Nondisclosure)。いずれかに一致すればよい。空の場合は評価しない",
    ),
);

pub(super) const REQUIRED_SERIES: Param<Vec<String>> = Param::list(
    "requiredSeries",
    &[],
    Text::new(
        "Reports that must be fetched, by words of their series or name, such as SOC 1; empty: off",
        "取得が必要なレポート。シリーズまたは名称の語句で指定する(例: SOC 1)。空の場合は評価しない",
    ),
);

pub(super) const MAX_REVIEW_AGE_DAYS: Param<i64> = Param::integer(
    "maxReviewAgeDays",
    90,
    1,
    90,
    Text::new(
        "Days within which they must have been fetched; the event history goes back 90 days",
        "レポートが取得されているべき期間(日)。イベント履歴で確認できるのは 90 日まで",
    ),
);

pub(super) const SCOPE_SERVICES: Param<Vec<String>> = Param::list(
    "scopeServices",
    &[],
    Text::new(
        "Services inside of the reports, by the names of Cost Explorer; empty: off",
        "レポートの対象サービス(Cost Explorer での名称)。空の場合は評価しない",
    ),
);

pub(super) const SCOPE_REGIONS: Param<Vec<String>> = Param::list(
    "scopeRegions",
    &[],
    Text::new(
        "Regions inside of the reports; empty: off",
        "レポートの対象リージョン。空の場合は評価しない",
    ),
);

pub(super) const ATTESTATION_PARAMETER: Param<String> = Param::text(
    "attestationParameter",
    "",
    Text::new(
        "Parameter of Systems Manager below /fisc/ that holds the day of the last security audit, \
         such as /fisc/security-audit/last-completed; empty: off",
        "直近のセキュリティ監査の実施日を保持する Systems Manager パラメータ(/fisc/ 配下、例: \
         /fisc/security-audit/last-completed)。空の場合は評価しない",
    ),
);

pub(super) const AUDIT_MAX_AGE_DAYS: Param<i64> = Param::integer(
    "auditMaxAgeDays",
    365,
    1,
    3650,
    Text::new(
        "Days within which the last audit must have been completed",
        "監査が完了しているべき期間(日)",
    ),
);

pub(super) const REQUIRE_AUDITOR_ACCESS: Param<bool> = Param::flag(
    "requireAuditorAccess",
    false,
    Text::new(
        "A role that is no administrator must be able to read reports",
        "管理者以外のロールによるレポートの閲覧を必須とする",
    ),
);

pub(super) const REQUIRE_REPORT_NOTIFICATION: Param<bool> = Param::flag(
    "requireReportNotification",
    false,
    Text::new("Somebody must be told of new reports", "新しいレポートの通知を必須とする"),
);
