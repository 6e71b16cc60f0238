//! The requirements.

use fisc_shared::{Requirement, Text};

pub(super) const GOVERNING_LAW_NOT_CONFIRMED: Requirement = Requirement::of_account(
    "GOVERNING_LAW_NOT_CONFIRMED",
    3,
    Text::new(
        "No active agreement on the governing law is found",
        "適用法に関する有効な契約が確認できません",
    ),
    Text::new(
        "In artifactAccounts, with governingLawNames: fails when no active agreement of AWS \
         Artifact has one of the words in its name (ListCustomerAgreements). Contracts outside of \
         AWS Artifact are not seen.",
        "artifactAccounts で governingLawNames を指定した場合: AWS Artifact の有効な契約の名称にいずれの語句も含まれないとき不適合です\
         (ListCustomerAgreements)。AWS Artifact 以外の契約は確認できません。",
    ),
);

pub(super) const NDA_NOT_ACCEPTED: Requirement = Requirement::of_account(
    "NDA_NOT_ACCEPTED",
    3,
    Text::new("No active nondisclosure agreement is found", "有効な秘密保持契約が確認できません"),
    Text::new(
        "In artifactAccounts, with ndaNames: fails when no active agreement of AWS Artifact has \
         one of the words in its name (ListCustomerAgreements).",
        "artifactAccounts で ndaNames を指定した場合: AWS Artifact の有効な契約の名称にいずれの語句も含まれないとき不適合です\
         (ListCustomerAgreements)。",
    ),
);

pub(super) const REPORT_NOT_REVIEWED: Requirement = Requirement::of_account(
    "REPORT_NOT_REVIEWED",
    3,
    Text::new(
        "Reports were not fetched for review",
        "確認のために取得されていないレポートがあります",
    ),
    Text::new(
        "In artifactAccounts, with requiredSeries: fails when no report of a series was fetched \
         within maxReviewAgeDays (ListReports, LookupEvents on GetReport). That it was fetched \
         does not prove that it was read.",
        "artifactAccounts で requiredSeries を指定した場合: シリーズのレポートが maxReviewAgeDays 以内に取得されていないとき不適合です\
         (ListReports、GetReport に対する LookupEvents)。取得は、内容が確認されたことの証明ではありません。",
    ),
);

pub(super) const SERVICE_OUTSIDE_REPORT_SCOPE: Requirement = Requirement::of_account(
    "SERVICE_OUTSIDE_REPORT_SCOPE",
    3,
    Text::new(
        "Services are used that are outside of the reports",
        "レポートの対象外のサービスが使用されています",
    ),
    Text::new(
        "With scopeServices: fails when Cost Explorer shows usage of another service in the last \
         30 days (GetCostAndUsage by SERVICE). Taxes and support do not count.",
        "scopeServices を指定した場合: 直近 30 日間に、Cost Explorer でほかのサービスの使用があるとき不適合です(SERVICE 別の \
         GetCostAndUsage)。税金とサポートは数えません。",
    ),
);

pub(super) const REGION_OUTSIDE_REPORT_SCOPE: Requirement = Requirement::of_account(
    "REGION_OUTSIDE_REPORT_SCOPE",
    3,
    Text::new(
        "Regions are used that are outside of the reports",
        "レポートの対象外のリージョンが使用されています",
    ),
    Text::new(
        "With scopeRegions: fails when Cost Explorer shows usage in another Region in the last 30 \
         days (GetCostAndUsage by REGION). What belongs to no Region does not count.",
        "scopeRegions を指定した場合: 直近 30 日間に、Cost Explorer でほかのリージョンの使用があるとき不適合です(REGION 別の \
         GetCostAndUsage)。リージョンに属さないものは数えません。",
    ),
);

pub(super) const SECURITY_AUDIT_OVERDUE: Requirement = Requirement::of_account(
    "SECURITY_AUDIT_OVERDUE",
    3,
    Text::new(
        "The last security audit is not attested, or too long ago",
        "直近のセキュリティ監査が記録されていないか、実施から長期間が経過しています",
    ),
    Text::new(
        "With attestationParameter: fails when the parameter does not exist, holds no day of the \
         past as 2026-11-30, or one more than auditMaxAgeDays ago (ssm:GetParameter).",
        "attestationParameter を指定した場合: パラメータが存在しないか、値が 2026-11-30 の形式の過去の日付でないか、auditMaxAgeDays \
         より前の日付のとき不適合です(ssm:GetParameter)。",
    ),
);

pub(super) const AUDITOR_ACCESS_MISSING: Requirement = Requirement::of_account(
    "AUDITOR_ACCESS_MISSING",
    3,
    Text::new(
        "No role other than administrators can read reports",
        "レポートを閲覧できる、管理者以外のロールがありません",
    ),
    Text::new(
        "In artifactAccounts, with requireAuditorAccess: fails when \
         AWSArtifactReportsReadOnlyAccess is attached to no role without AdministratorAccess \
         (ListEntitiesForPolicy).",
        "artifactAccounts で requireAuditorAccess を指定した場合: AdministratorAccess を持たないロールに \
         AWSArtifactReportsReadOnlyAccess がアタッチされていないとき不適合です(ListEntitiesForPolicy)。",
    ),
);

pub(super) const REPORT_NOTIFICATION_OFF: Requirement = Requirement::of_account(
    "REPORT_NOTIFICATION_OFF",
    3,
    Text::new("Nobody is told of new reports", "新しいレポートが誰にも通知されません"),
    Text::new(
        "In artifactAccounts, with requireReportNotification: fails when AWS Artifact's \
         notifications are not subscribed and no EventBridge rule in the Region of AWS Artifact \
         brings its report updates to somebody (GetAccountSettings, ListRules and targets).",
        "artifactAccounts で requireReportNotification を指定した場合: AWS Artifact の通知が購読されておらず、AWS Artifact のリージョンの \
         EventBridge ルールでもレポートの更新が通知されないとき不適合です(GetAccountSettings、ListRules とターゲット)。",
    ),
);
