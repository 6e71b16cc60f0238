//! What can fail, and when the control does not apply.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const NO_MULTI_REGION_TRAIL: Requirement = account(
    "NO_MULTI_REGION_TRAIL",
    Text::new("No multi-Region trail is logging", "記録中のマルチリージョンの証跡がありません"),
    Text::new(
        "Fails when no trail, of the account or of its organization, covers all Regions and global \
         services and is logging (DescribeTrails, GetTrailStatus).",
        "アカウントまたは組織の証跡のうち、全リージョンとグローバルサービスを対象とし、かつ記録中の\
         ものがないとき不適合です(DescribeTrails、GetTrailStatus)。",
    ),
);

pub(super) const MANAGEMENT_EVENTS_INCOMPLETE: Requirement = account(
    "MANAGEMENT_EVENTS_INCOMPLETE",
    Text::new(
        "Management events are not recorded completely",
        "管理イベントの一部が記録されていません",
    ),
    Text::new(
        "Fails when the multi-Region trails together do not select every management event that \
         writes and, with requireReadEvents, every one that reads. Left out may be the sources of \
         allowedExcludedEventSources, and kms.amazonaws.com, which KMS_EVENTS_EXCLUDED judges \
         (GetEventSelectors).",
        "マルチリージョンの証跡を合わせても、書き込みの管理イベント(requireReadEvents の場合は\
         読み取りも)のすべてが選択されていないとき不適合です。allowedExcludedEventSources の\
         イベントソースと、KMS_EVENTS_EXCLUDED で評価する kms.amazonaws.com は除きます\
         (GetEventSelectors)。",
    ),
);

pub(super) const KMS_EVENTS_EXCLUDED: Requirement = account(
    "KMS_EVENTS_EXCLUDED",
    Text::new("Events of AWS KMS are excluded", "AWS KMS のイベントが除外されています"),
    Text::new(
        "Fails when management events are recorded, but those of kms.amazonaws.com by no \
         multi-Region trail and by no enabled event data store, and it is not among \
         allowedExcludedEventSources.",
        "管理イベントは記録されているが、kms.amazonaws.com のイベントがマルチリージョンの証跡にも\
         有効なイベントデータストアにも記録されておらず、allowedExcludedEventSources にも含まれない\
         とき不適合です。",
    ),
);

pub(super) const ORGANIZATION_TRAIL_MISSING: Requirement = account(
    "ORGANIZATION_TRAIL_MISSING",
    Text::new(
        "No organization trail covers the account",
        "アカウントを対象とする組織の証跡がありません",
    ),
    Text::new(
        "Fails when requireOrganizationTrail demands one (auto: the account is in an \
         organization) and no multi-Region organization trail, or not the one of \
         requiredTrailArn, is logging.",
        "requireOrganizationTrail により必要とされ(auto の場合は組織に属するとき)、記録中の\
         マルチリージョンの組織の証跡(requiredTrailArn を指定した場合はその証跡)がないとき不適合です。",
    ),
);

pub(super) const DATA_EVENTS_MISSING: Requirement = account(
    "DATA_EVENTS_MISSING",
    Text::new("Required data events are not recorded", "必要なデータイベントが記録されていません"),
    Text::new(
        "Fails when the reads or the writes of a type of requiredDataTypes are not recorded for \
         all resources, those of unrecordedDataResources excepted, by the logging multi-Region \
         trails and the enabled multi-Region event data stores together.",
        "requiredDataTypes のいずれかについて、記録中のマルチリージョンの証跡と有効なマルチ\
         リージョンのイベントデータストアを合わせても、すべてのリソース(unrecordedDataResources を\
         除く)の読み取りまたは書き込みが記録されていないとき不適合です。",
    ),
);

pub(super) const LOG_QUERY_MISSING: Requirement = account(
    "LOG_QUERY_MISSING",
    Text::new(
        "Events cannot be queried beyond the event history",
        "イベント履歴のほかにイベントを検索する手段がありません",
    ),
    Text::new(
        "Fails when there is no enabled multi-Region event data store with management events and, \
         unless requireLake, no logging multi-Region trail that delivers to CloudWatch Logs.",
        "管理イベントを記録する有効なマルチリージョンのイベントデータストアがなく、(requireLake で\
         ない場合)CloudWatch Logs に配信する記録中のマルチリージョンの証跡もないとき不適合です。",
    ),
);

pub(super) const LONG_TERM_RETENTION_MISSING: Requirement = account(
    "LONG_TERM_RETENTION_MISSING",
    Text::new("Events are not kept long enough", "イベントの保存期間が不足しています"),
    Text::new(
        "Fails when neither an enabled multi-Region event data store with management events nor, \
         unless requireLake, the bucket of a logging multi-Region trail keeps events for \
         minRetentionDays: a lifecycle rule of the bucket expires the trail's files sooner. A \
         bucket of another account is judged there, by log-archive-protection.",
        "管理イベントを記録する有効なマルチリージョンのイベントデータストアも、(requireLake でない\
         場合)記録中のマルチリージョンの証跡のバケットも、minRetentionDays の間イベントを保持しない\
         とき不適合です(バケットのライフサイクルルールが先にファイルを失効させる場合)。他のアカウントの\
         バケットは、そのアカウントの log-archive-protection で評価します。",
    ),
);

pub(super) const TRAIL_NOT_LOGGING: Requirement = trail(
    "TRAIL_NOT_LOGGING",
    1,
    Text::new("The trail is stopped", "証跡の記録が停止しています"),
    Text::new(
        "Fails when IsLogging is false (GetTrailStatus).",
        "IsLogging が false のとき不適合です(GetTrailStatus)。",
    ),
);

pub(super) const DELIVERY_UNHEALTHY: Requirement = trail(
    "DELIVERY_UNHEALTHY",
    1,
    Text::new("Log files are not delivered", "ログファイルが配信されていません"),
    Text::new(
        "Fails when CloudTrail reports an error of delivery to S3, or the trail logs and the \
         latest delivery is absent or older than maxDeliveryAgeHours. Age is not judged in the \
         first hour of logging, nor of a trail that leaves out so much that it may have nothing to \
         deliver.",
        "S3 への配信エラーが報告されているとき、または記録中なのに最新の配信がないか \
         maxDeliveryAgeHours より古いとき不適合です。記録開始から 1 時間以内の場合と、選択する\
         イベントが少なく配信するものがないこともある証跡では、経過時間を評価しません。",
    ),
);

pub(super) const TRAIL_NOT_KMS_ENCRYPTED: Requirement = trail(
    "TRAIL_NOT_KMS_ENCRYPTED",
    1,
    Text::new(
        "Log files are not encrypted with a KMS key",
        "ログファイルが KMS キーで暗号化されていません",
    ),
    Text::new(
        "Fails when the trail has no KmsKeyId (DescribeTrails).",
        "証跡に KmsKeyId がないとき不適合です(DescribeTrails)。",
    ),
);

pub(super) const TRAIL_KEY_UNUSABLE: Requirement = trail(
    "TRAIL_KEY_UNUSABLE",
    2,
    Text::new("The trail's KMS key is not fit", "証跡の KMS キーに問題があります"),
    Text::new(
        "Fails when the key is managed by AWS and requireCustomerManagedKey is set, or when it is \
         disabled, waits for deletion, or does not exist (kms:DescribeKey). A key of another \
         account is not asked for.",
        "requireCustomerManagedKey の場合にキーが AWS マネージドキーであるとき、またはキーが無効、\
         削除待ち、存在しない状態のとき不適合です(kms:DescribeKey)。他のアカウントのキーは参照\
         しません。",
    ),
);

pub(super) const CLOUDWATCH_LOGS_NOT_INTEGRATED: Requirement = trail(
    "CLOUDWATCH_LOGS_NOT_INTEGRATED",
    1,
    Text::new(
        "The trail does not deliver to CloudWatch Logs",
        "証跡が CloudWatch Logs に配信していません",
    ),
    Text::new(
        "With requireCloudWatchLogs: fails when the trail has no log group (DescribeTrails).",
        "requireCloudWatchLogs の場合: 証跡にロググループが設定されていないとき不適合です\
         (DescribeTrails)。",
    ),
);

pub(super) const CLOUDWATCH_DELIVERY_UNHEALTHY: Requirement = trail(
    "CLOUDWATCH_DELIVERY_UNHEALTHY",
    1,
    Text::new("Events do not reach CloudWatch Logs", "イベントが CloudWatch Logs に届いていません"),
    Text::new(
        "Of a trail with a log group: fails when CloudTrail reports an error of delivery to \
         CloudWatch Logs, or the latest delivery is absent or older than maxDeliveryAgeHours, as \
         in DELIVERY_UNHEALTHY.",
        "ロググループが設定された証跡で、CloudWatch Logs への配信エラーが報告されているとき、または\
         最新の配信がないか maxDeliveryAgeHours より古いとき不適合です(経過時間の扱いは \
         DELIVERY_UNHEALTHY と同じ)。",
    ),
);

pub(super) const INSIGHTS_DISABLED: Requirement = trail(
    "INSIGHTS_DISABLED",
    3,
    Text::new("Insights events are not recorded", "Insights イベントが記録されていません"),
    Text::new(
        "With requireInsights: fails when a trail with management events lacks \
         ApiCallRateInsight or ApiErrorRateInsight (GetInsightSelectors).",
        "requireInsights の場合: 管理イベントを記録する証跡で ApiCallRateInsight または \
         ApiErrorRateInsight が無効のとき不適合です(GetInsightSelectors)。",
    ),
);

const fn account(code: &'static str, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave: 1, resources: &[ResourceType::ACCOUNT], title, rule }
}

const fn trail(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::CLOUDTRAIL_TRAIL], title, rule }
}

pub(super) const OTHER_OWNER: Remark = Remark::new(
    "OTHER_OWNER",
    "An organization trail of another account, where it is judged",
    "他のアカウントが所有する組織の証跡です(所有アカウントで評価)",
);
pub(super) const JUDGED_IN_HOME_REGION: Remark = Remark::new(
    "JUDGED_IN_HOME_REGION",
    "The account as a whole is judged in its home Region",
    "アカウント全体はホームリージョンで評価します",
);
pub(super) const SELECTORS_TRUSTED: Remark = Remark::new(
    "SELECTORS_TRUSTED",
    "CloudTrail does not tell members what the organization trail selects; its owner is judged by \
     it",
    "組織の証跡のイベントセレクターはメンバーアカウントから参照できないため、所有アカウントで評価します",
);
pub(super) const RETENTION_ELSEWHERE: Remark = Remark::new(
    "RETENTION_ELSEWHERE",
    "The trail's bucket is in another account, where its retention is judged",
    "証跡のバケットは他のアカウントにあり、保存期間はそちらで評価します",
);
pub(super) const LOGGING_JUST_STARTED: Remark = Remark::new(
    "LOGGING_JUST_STARTED",
    "Logging started less than an hour ago; no delivery is due yet",
    "記録の開始から 1 時間未満のため、まだ配信の時期に達していません",
);
pub(super) const FEW_EVENTS: Remark = Remark::new(
    "FEW_EVENTS",
    "The trail selects few events; that nothing was delivered lately says nothing",
    "証跡が選択するイベントが少ないため、最近の配信がなくても異常とはみなしません",
);
pub(super) const KEY_OF_OTHER_ACCOUNT: Remark = Remark::new(
    "KEY_OF_OTHER_ACCOUNT",
    "The KMS key belongs to another account; its state is not seen from here",
    "KMS キーは他のアカウントのもので、状態はここから参照できません",
);
