//! `audit-trail`: a multi-Region trail records all management events and the required data
//! events, delivers them, is encrypted, and reaches CloudWatch Logs.
//!
//! CloudTrail is the one record of who did what in an account. That a trail exists says little:
//! it may be stopped, record writes only, leave out services, or fail to deliver for months. This
//! control reads what trails select, their own and those of the organization, and how they are
//! doing. The account as a whole is judged once, in the home Region; each trail where it is at
//! home.
//!
//! An organization trail satisfies the members that it covers. What it selects, CloudTrail does
//! not tell members: they take it on trust, and the account that owns it is judged by it. Where
//! the call is denied by policy, `requiredTrailArn` names the trail to trust. Event data stores of
//! the organization are seen by their owner only.
//!
//! Criteria: 統24 6, 実5 3, 実10, 実10 8, 実10 参考2, 実13, 実13 4, 実16, 実19, 実25, 実25 3, 実37,
//! 実37 5, 実38, 実39, 実42 4, 実43 1, 実72 ask for it. To fix an account, create an organization
//! trail for all Regions; to fix a trail, correct what its failure names.

mod account;
mod requirements;
mod retention;
mod services;
mod trail;

use fisc_services::organization::DESCRIBE_ORGANIZATION;
use fisc_shared::control::no_item_tells;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remedy, ResourceType, Severity,
    Text, Trigger,
};

use crate::{lake, trails};
use requirements::{
    CLOUDWATCH_DELIVERY_UNHEALTHY, CLOUDWATCH_LOGS_NOT_INTEGRATED, DATA_EVENTS_MISSING,
    DELIVERY_UNHEALTHY, FEW_EVENTS, INSIGHTS_DISABLED, JUDGED_IN_HOME_REGION, KEY_OF_OTHER_ACCOUNT,
    KMS_EVENTS_EXCLUDED, LOG_QUERY_MISSING, LOGGING_JUST_STARTED, LONG_TERM_RETENTION_MISSING,
    MANAGEMENT_EVENTS_INCOMPLETE, NO_MULTI_REGION_TRAIL, ORGANIZATION_TRAIL_MISSING, OTHER_OWNER,
    RETENTION_ELSEWHERE, SELECTORS_TRUSTED, TRAIL_KEY_UNUSABLE, TRAIL_NOT_KMS_ENCRYPTED,
    TRAIL_NOT_LOGGING,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "audit-trail",
    domain: Domain::Logging,
    severity: Severity::High,
    title: Text::new(
        "A multi-Region trail records management and required data events, delivers them \
         encrypted, and reaches CloudWatch Logs",
        "マルチリージョンの証跡が管理イベントと必要なデータイベントを記録し、暗号化して配信し、\
         CloudWatch Logs と連携している",
    ),
    why: Text::new(
        "After an incident the trail is often the only record of who did what. A trail that is \
         stopped, records only writes, leaves out services or Regions, or has not delivered for \
         weeks is found out about when it is needed, which is too late.",
        "インシデントの後、誰が何を行ったかを示す記録は証跡だけということが少なくありません。停止した\
         証跡、書き込みだけの証跡、サービスやリージョンが漏れた証跡、何週間も配信されていない証跡は、\
         必要になって初めて気付いても手遅れです。",
    ),
    fix: Text::new(
        "In the management account (or the delegated administrator) create an organization trail \
         under CloudTrail > Trails > Create trail: for all accounts and Regions, encrypted with a \
         customer managed key, with CloudWatch Logs, all management events without exclusions and \
         the data events of the required types. For delivery errors correct the policies of bucket, \
         key and role; start a stopped trail with Start logging.",
        "管理アカウント(または委任管理者)の CloudTrail の「証跡」>「証跡の作成」で、全アカウント・\
         全リージョンを対象とし、カスタマー管理キーで暗号化し、CloudWatch Logs に送る組織の証跡を\
         作成します。管理イベントは読み書きとも除外なしで、データイベントは必要な種類を記録します。\
         配信エラーの場合はバケット、キー、ロールのポリシーを直し、停止した証跡は「ログ記録の\
         開始」で再開します。",
    ),
    remedy: Remedy::new(
        include_str!("audit_trail/remedy.sh"),
        include_str!("audit_trail/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    criteria: Criteria {
        explicit: &[
            "統24 6",
            "実5 3",
            "実10",
            "実10 8",
            "実10 参考2",
            "実13",
            "実13 4",
            "実16",
            "実19",
            "実25",
            "実25 3",
            "実37",
            "実37 5",
            "実38",
            "実39",
            "実42 4",
            "実43 1",
            "実72",
        ],
        implied: &[
            "統1 参考",
            "統20 3-(11)",
            "統20 3-(12)",
            "統20 3-(3)",
            "統20 3-(6)",
            "統24 1",
            "統24 2",
            "実21",
            "実48",
            "実82",
            "実83",
            "実102 3",
            "監1 1",
        ],
    },
    resources: &[ResourceType::ACCOUNT, ResourceType::CLOUDTRAIL_TRAIL],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(trails::DESCRIBE_TRAILS),
        Action::any(trails::GET_TRAIL_STATUS),
        Action::any(trails::GET_EVENT_SELECTORS),
        Action::any(trails::GET_INSIGHT_SELECTORS),
        Action::any(lake::LIST_EVENT_DATA_STORES),
        Action::any(lake::GET_EVENT_DATA_STORE),
        Action::any(DESCRIBE_ORGANIZATION),
        Action::on(services::DESCRIBE_KEY, services::KEYS),
        Action::any(retention::LIST_BUCKETS),
        Action::on(retention::GET_LIFECYCLE, fisc_shared::grant::BUCKETS),
    ],
    parameters: &[
        REQUIRE_READ_EVENTS.spec,
        ALLOWED_EXCLUDED_EVENT_SOURCES.spec,
        MAX_DELIVERY_AGE_HOURS.spec,
        REQUIRE_CUSTOMER_MANAGED_KEY.spec,
        REQUIRE_CLOUDWATCH_LOGS.spec,
        REQUIRE_ORGANIZATION_TRAIL.spec,
        REQUIRED_TRAIL_ARN.spec,
        REQUIRED_DATA_TYPES.spec,
        UNRECORDED_DATA_RESOURCES.spec,
        REQUIRE_INSIGHTS.spec,
        REQUIRE_LAKE.spec,
        LAKE_REGIONS.spec,
        MIN_RETENTION_DAYS.spec,
    ],
    requirements: &[
        &NO_MULTI_REGION_TRAIL,
        &MANAGEMENT_EVENTS_INCOMPLETE,
        &KMS_EVENTS_EXCLUDED,
        &ORGANIZATION_TRAIL_MISSING,
        &DATA_EVENTS_MISSING,
        &LOG_QUERY_MISSING,
        &LONG_TERM_RETENTION_MISSING,
        &TRAIL_NOT_LOGGING,
        &DELIVERY_UNHEALTHY,
        &TRAIL_NOT_KMS_ENCRYPTED,
        &TRAIL_KEY_UNUSABLE,
        &CLOUDWATCH_LOGS_NOT_INTEGRATED,
        &CLOUDWATCH_DELIVERY_UNHEALTHY,
        &INSIGHTS_DISABLED,
    ],
    remarks: &[
        &OTHER_OWNER,
        &JUDGED_IN_HOME_REGION,
        &SELECTORS_TRUSTED,
        &RETENTION_ELSEWHERE,
        &LOGGING_JUST_STARTED,
        &FEW_EVENTS,
        &KEY_OF_OTHER_ACCOUNT,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: no_item_tells,
        connect: services::connect,
        swept: &[ResourceType::ACCOUNT, ResourceType::CLOUDTRAIL_TRAIL],
    },
};

const REQUIRE_READ_EVENTS: Param<bool> = Param::flag(
    "requireReadEvents",
    true,
    Text::new(
        "Demand management events that read, besides those that write",
        "書き込みに加えて、読み取りの管理イベントの記録も求める",
    ),
);
const ALLOWED_EXCLUDED_EVENT_SOURCES: Param<Vec<String>> = Param::list(
    "allowedExcludedEventSources",
    &["rdsdata.amazonaws.com"],
    Text::new(
        "Sources whose management events need not be recorded; kms.amazonaws.com is not among \
         them, since the use of keys is to be watched",
        "管理イベントを記録しなくてよいイベントソース。鍵の使用は監視すべきものなので、\
         kms.amazonaws.com は含めていない",
    ),
);
const MAX_DELIVERY_AGE_HOURS: Param<i64> = Param::integer(
    "maxDeliveryAgeHours",
    24,
    1,
    24 * 31,
    Text::new(
        "Oldest accepted delivery to S3 and to CloudWatch Logs in hours",
        "S3 と CloudWatch Logs への最新の配信からの経過時間の上限(時間)",
    ),
);
const REQUIRE_CUSTOMER_MANAGED_KEY: Param<bool> = Param::flag(
    "requireCustomerManagedKey",
    true,
    Text::new(
        "Do not accept a KMS key that AWS manages",
        "AWS マネージドキーによる暗号化を認めない",
    ),
);
const REQUIRE_CLOUDWATCH_LOGS: Param<bool> = Param::flag(
    "requireCloudWatchLogs",
    true,
    Text::new(
        "Demand that trails deliver to CloudWatch Logs too",
        "証跡に CloudWatch Logs への配信も求める",
    ),
);
const REQUIRE_ORGANIZATION_TRAIL: Param<String> = Param::choice(
    "requireOrganizationTrail",
    "auto",
    &["auto", "true", "false"],
    Text::new(
        "Demand an organization trail; auto: of accounts that are in an organization",
        "組織の証跡を求める(auto: 組織に属するアカウントにのみ求める)",
    ),
);
const REQUIRED_TRAIL_ARN: Param<String> = Param::text(
    "requiredTrailArn",
    "",
    Text::new(
        "ARN of the organization trail that must cover the account (empty: any); a member that is \
         denied its selectors trusts it",
        "アカウントを対象とすべき組織の証跡の ARN(空の場合は任意)。イベントセレクターの参照を\
         拒否されたメンバーアカウントは、この証跡の設定を正しいものとみなす",
    ),
);
const REQUIRED_DATA_TYPES: Param<Vec<String>> = Param::list(
    "requiredDataTypes",
    &["AWS::S3::Object"],
    Text::new(
        "Resource types whose data events must be recorded for all resources, such as \
         AWS::Lambda::Function or AWS::DynamoDB::Table",
        "すべてのリソースについてデータイベントの記録を求めるリソースタイプ\
         (AWS::Lambda::Function や AWS::DynamoDB::Table も指定できる)",
    ),
);
const UNRECORDED_DATA_RESOURCES: Param<Vec<String>> = Param::list(
    "unrecordedDataResources",
    &[],
    Text::new(
        "Beginnings of ARNs of resources whose data events need not be recorded, such as the \
         trail's own bucket: arn:aws:s3:::trail-logs/",
        "データイベントを記録しなくてよいリソースの ARN の先頭部分(証跡自身のバケットなど。例: \
         arn:aws:s3:::trail-logs/)",
    ),
);
const REQUIRE_INSIGHTS: Param<bool> = Param::flag(
    "requireInsights",
    false,
    Text::new(
        "Demand Insights events of both call and error rates",
        "API コール率と API エラー率の両方の Insights イベントを求める",
    ),
);
const REQUIRE_LAKE: Param<bool> = Param::flag(
    "requireLake",
    false,
    Text::new(
        "Only an event data store counts for queries and retention, not a log group or a bucket",
        "検索と長期保存の手段として、ロググループやバケットではなくイベントデータストアを求める",
    ),
);
const LAKE_REGIONS: Param<Vec<String>> = Param::list(
    "lakeRegions",
    &[],
    Text::new(
        "Regions in which to look for event data stores (empty: the evaluated one)",
        "イベントデータストアを探すリージョン(空の場合は評価対象のリージョン)",
    ),
);
const MIN_RETENTION_DAYS: Param<i64> = Param::integer(
    "minRetentionDays",
    365,
    91,
    3653,
    Text::new(
        "Days for which events must be kept, beyond the 90 days of the event history",
        "イベントを保持すべき日数(イベント履歴の 90 日を超える保存)",
    ),
);

#[cfg(test)]
mod tests;
