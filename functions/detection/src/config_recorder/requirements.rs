//! The requirements.

use fisc_shared::{Requirement, Text};

pub(super) const RECORDER_MISSING_OR_STOPPED: Requirement = Requirement::of_account(
    "RECORDER_MISSING_OR_STOPPED",
    1,
    Text::new(
        "AWS Config does not record in this Region",
        "このリージョンで AWS Config の記録が行われていません",
    ),
    Text::new(
        "Fails when there is no recorder of the customer's own, it is stopped, or its last \
         status is a failure (DescribeConfigurationRecorders, \
         DescribeConfigurationRecorderStatus). Recorders of AWS services do not count.",
        "利用者のレコーダーがないか、停止しているか、最後の状態が失敗のとき不適合です(DescribeConfigurationRecorders、\
         DescribeConfigurationRecorderStatus)。AWS サービスのレコー\
         ダーは数えません。",
    ),
);

pub(super) const RECORDER_REGION_GAP: Requirement = Requirement::of_account(
    "RECORDER_REGION_GAP",
    1,
    Text::new(
        "AWS Config does not record in other enabled Regions",
        "有効な他のリージョンで AWS Config の記録が行われていません",
    ),
    Text::new(
        "In the home Region, with allRegions: fails when an enabled Region outside \
         excludedRegions has no recorder that records (ListRegions, \
         DescribeConfigurationRecorders and their status per Region).",
        "allRegions が有効な場合のホームリージョン: excludedRegions 以外の有\
         効なリージョンに記録中のレコーダーがないとき不適合です(ListRegions、リージョンごとの DescribeConfigurationRecorders と\
         状態)。",
    ),
);

pub(super) const TYPES_NOT_RECORDED: Requirement = Requirement::of_account(
    "TYPES_NOT_RECORDED",
    1,
    Text::new(
        "The recorder leaves resource types out",
        "記録の対象外となっているリソースタイプがあります",
    ),
    Text::new(
        "Fails when the recorder excludes types, or has a list of types, and a type that is \
         left out is not in allowedExclusions. A recorder with a list misses every type that \
         AWS adds.",
        "レコーダーがタイプを除外しているか、対象をリストで指定していて、対象外のタイプが allowedExclusions に\
         ないとき不適合です。リスト指定では、AWS が追加するタイプも記録されません。",
    ),
);

pub(super) const NETWORK_TYPES_NOT_RECORDED: Requirement = Requirement::of_account(
    "NETWORK_TYPES_NOT_RECORDED",
    1,
    Text::new(
        "The recorder leaves network types out",
        "ネットワーク関連のタイプが記録の対象外です",
    ),
    Text::new(
        "Fails when a type of networkTypes is not recorded. Types that AWS Config holds in \
         us-east-1 only are asked for there.",
        "networkTypes のタイプが記録されていないとき不適合です。us-east-1 でのみ記\
         録されるタイプは us-east-1 で評価します。",
    ),
);

pub(super) const GLOBAL_TYPES_NOT_RECORDED: Requirement = Requirement::of_account(
    "GLOBAL_TYPES_NOT_RECORDED",
    1,
    Text::new(
        "IAM users, groups, roles and policies are not recorded in the home Region",
        "ホームリージョンで IAM のユーザー・グループ・ロール・ポリシーが記録されていません",
    ),
    Text::new(
        "In the home Region: fails when a recorder of all types has \
         includeGlobalResourceTypes off, or the types are excluded or not listed. Elsewhere \
         they should be off.",
        "ホームリージョン: 全タイプのレコーダーで includeGlobalResourceTypes が\
         無効か、除外またはリストから漏れているとき不適合です。他のリージョンでは無効が適切です。",
    ),
);

pub(super) const NOT_CONTINUOUS: Requirement = Requirement::of_account(
    "NOT_CONTINUOUS",
    1,
    Text::new("Types are recorded once a day only", "日次でしか記録されないタイプがあります"),
    Text::new(
        "Fails when the recording frequency is DAILY, by default or by an override, for a \
         type of continuousTypes (for any type, when that is empty) that is not in \
         allowedDailyTypes.",
        "記録頻度が既定または上書きで DAILY のタイプのうち、continuousTypes(空の場\
         合は全タイプ)に該当し allowedDailyTypes にないものがあるとき不適合です。",
    ),
);

pub(super) const RECORDER_ROLE_NOT_SERVICE_LINKED: Requirement = Requirement::of_account(
    "RECORDER_ROLE_NOT_SERVICE_LINKED",
    3,
    Text::new(
        "The recorder does not use the service-linked role",
        "レコーダーがサービスリンクロールを使用していません",
    ),
    Text::new(
        "With requireServiceLinkedRole: fails when the recorder's role is not \
         AWSServiceRoleForConfig.",
        "requireServiceLinkedRole を指定した場合: レコーダーのロールが AWSServiceRoleForConfig で\
         ないとき不適合です。",
    ),
);

pub(super) const DELIVERY_UNHEALTHY: Requirement = Requirement::of_account(
    "DELIVERY_UNHEALTHY",
    1,
    Text::new(
        "The delivery of histories and snapshots does not work",
        "履歴・スナップショットの配信が機能していません",
    ),
    Text::new(
        "Fails when there is no delivery channel, the last delivery of a history or a \
         snapshot failed, or neither was delivered within maxDeliveryAgeHours \
         (DescribeDeliveryChannels, DescribeDeliveryChannelStatus). A recorder that was \
         started less than maxDeliveryAgeHours ago has time.",
        "配信チャネルがないか、履歴またはスナップショットの最後の配信が失敗したか、どちらも maxDeliveryAgeHours 以\
         内に配信されていないとき不適合です(DescribeDeliveryChannels、DescribeDeliveryChannelStatus)。\
         開始から maxDeliveryAgeHours 未満のレコーダーは猶予します。",
    ),
);

pub(super) const SNAPSHOT_NOT_SCHEDULED: Requirement = Requirement::of_account(
    "SNAPSHOT_NOT_SCHEDULED",
    1,
    Text::new(
        "Snapshots are not delivered, or not often enough",
        "スナップショットが配信されないか、頻度が不足しています",
    ),
    Text::new(
        "Fails when the delivery channel has no snapshot frequency, or a slower one than \
         maxSnapshotFrequency.",
        "配信チャネルにスナップショットの配信頻度がないか、maxSnapshotFrequency より\
         遅いとき不適合です。",
    ),
);

pub(super) const CHANGE_NOTIFICATION_MISSING: Requirement = Requirement::of_account(
    "CHANGE_NOTIFICATION_MISSING",
    1,
    Text::new("Nobody is told of changes and violations", "変更や違反が誰にも通知されません"),
    Text::new(
        "Fails when neither the delivery channel's SNS topic has a confirmed subscription nor \
         an enabled EventBridge rule with a live target matches a change of a resource or a \
         rule's violation. Subscriptions of another account's topic cannot be seen: such a \
         topic counts. The rule that brings this suite's results to Security Hub does not \
         count.",
        "配信チャネルの SNS トピックに確認済みのサブスクリプションがなく、リソースの変更またはルール\
         違反に一致して有効なターゲットを持つ EventBridge ルールもないとき不適合です。他アカ\
         ウントのトピックはサブスクリプションを確認できないため有効とみなします。本ツールの結果を Security Hub に\
         送るルールは数えません。",
    ),
);

pub(super) const AGGREGATOR_MISSING: Requirement = Requirement::of_account(
    "AGGREGATOR_MISSING",
    1,
    Text::new(
        "No aggregator covers the accounts in all Regions",
        "全アカウント・全リージョンを対象とするアグリゲーターがありません",
    ),
    Text::new(
        "In the home Region of aggregatorAccountId: fails when no aggregator takes all \
         Regions of the organization, or of all aggregatedAccountIds \
         (DescribeConfigurationAggregators).",
        "aggregatorAccountId のホームリージョン: 組織、または aggregatedAccountIds の\
         すべてを全リージョンで対象とするアグリゲーターがないとき不適合です(DescribeConfigurationAggregators)。",
    ),
);

pub(super) const AGGREGATOR_SOURCE_FAILED: Requirement = Requirement::of_account(
    "AGGREGATOR_SOURCE_FAILED",
    2,
    Text::new(
        "Sources of the aggregator fail or are outdated",
        "アグリゲーターのソースに失敗または更新の遅れがあります",
    ),
    Text::new(
        "There as well: fails when a source of such an aggregator has the status FAILED or \
         OUTDATED (DescribeConfigurationAggregatorSourcesStatus).",
        "同じく、そのアグリゲーターのソースの状態が FAILED または OUTDATED のとき不適合\
         です(DescribeConfigurationAggregatorSourcesStatus)。",
    ),
);

pub(super) const REQUIRED_RULES_MISSING: Requirement = Requirement::of_account(
    "REQUIRED_RULES_MISSING",
    1,
    Text::new(
        "Required rules or conformance packs are not deployed",
        "必要なルールまたは適合パックが展開されていません",
    ),
    Text::new(
        "Fails when an entry of requiredRules has no rule in state ACTIVE, or one of \
         requiredConformancePacks is not CREATE_COMPLETE; when both are empty, when no rule \
         at all is ACTIVE (DescribeConfigRules, DescribeConformancePackStatus). Rules that a \
         pack or the organization made are found by the name within theirs, managed ones by \
         their identifier.",
        "requiredRules に該当する ACTIVE のルールがないか、requiredConformancePacks の\
         適合パックが CREATE_COMPLETE でないとき不適合です。両方が空の場合は、ACTIVE の\
         ルールが 1 つもないとき不適合です(DescribeConfigRules、DescribeConformancePackStatus)。\
         適合パックや組織が作成したルールは名前に含まれる元の名前で、マネージドルールは識別子で照合します。",
    ),
);

pub(super) const REMEDIATION_MISSING: Requirement = Requirement::of_account(
    "REMEDIATION_MISSING",
    1,
    Text::new("Rules lack a remediation", "修復設定のないルールがあります"),
    Text::new(
        "Fails when a rule of rulesRequiringRemediation does not exist, has no remediation \
         configuration, or, with requireAutomaticRemediation, none that is automatic \
         (DescribeRemediationConfigurations).",
        "rulesRequiringRemediation のルールが存在しないか、修復設定がないか、requireAutomaticRemediation の\
         場合に自動の修復設定がないとき不適合です(DescribeRemediationConfigurations)。",
    ),
);
