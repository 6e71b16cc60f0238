//! `cost-visibility`: cost and usage data are kept by the hour, and budgets alert somebody.
//!
//! Opt-in: judged only in the account that `payerAccountId` names, since data of the whole
//! organization is there and every call of Cost Explorer is billed ($0.01). A run makes one such
//! call, or a few more with `requiredCostTags`.
//!
//! Cost Explorer has no call that tells whether hourly data is on: it is asked for the last two
//! days of it. A usage report counts in its old form (Cost and Usage Report) and as a data export.
//!
//! Criteria: 実47 3 asks for it. To fix a failure, enable hourly granularity in the preferences of
//! Cost Management, create a data export by the hour with resource ids, activate the tags, and
//! add a budget with an alert.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_shared::control::OfAccount;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, Requirement,
    ResourceType, ServiceCheck, Severity, Text, Trigger, no_item_tells,
};

use self::services::{
    DESCRIBE_REPORTS, GET_COST_AND_USAGE, GET_EXPORT, LIST_EXPORTS, LIST_TAGS, VIEW_BUDGET,
};

mod reports;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "cost-visibility",
    domain: Domain::Governance,
    severity: Severity::Low,
    title: Text::new(
        "Hourly cost and usage data is kept, and budgets alert somebody",
        "コストと使用量を時間単位で記録し、予算超過が通知される",
    ),
    why: Text::new(
        "What is used in a cloud is paid for, also by a thief of credentials or a loop that never \
         ends. Who looks at the bill of the month sees it weeks later, and without data by the \
         hour and by resource nobody can tell afterwards what it was.",
        "クラウドでは、認証情報の窃取や無限ループによる使用も課金されます。月次の請求だけを見ていると気付くのは数週間後で、時間別・リソース\
         別のデータがなければ、後から原因を特定することもできません。",
    ),
    fix: Text::new(
        "In the payer account's Billing and Cost Management: enable hourly granularity (Cost \
         Management preferences), create a CUR 2.0 export with hourly granularity and resource ids \
         (Data Exports), activate the tags (Cost allocation tags), and create a cost budget with an \
         alert that has a subscriber (Budgets).",
        "支払いアカウントの「請求とコスト管理」で、時間単位の粒度を有効にし(コスト管理の設定)、\
         時間単位でリソース ID を含む CUR 2.0 のエクスポートを作成します(データエクスポート)。\
         コスト配分タグを有効化し、通知先のあるアラートを設定したコスト予算を作成します(予算)。",
    ),
    remedy: Remedy::new(
        include_str!("cost_visibility/remedy.sh"),
        include_str!("cost_visibility/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/cost-management/latest/userguide/ce-hourly-granularity.html",
    criteria: Criteria { explicit: &["実47 3"], implied: &[] },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(GET_COST_AND_USAGE),
        Action::any(LIST_TAGS),
        Action::any(DESCRIBE_REPORTS),
        Action::any(LIST_EXPORTS),
        Action::on(
            GET_EXPORT,
            "arn:${AWS::Partition}:bcm-data-exports:*:${AWS::AccountId}:export/*",
        ),
        Action::on(VIEW_BUDGET, "arn:${AWS::Partition}:budgets::${AWS::AccountId}:budget/*"),
    ],
    parameters: &[
        PAYER_ACCOUNT_ID.spec,
        REQUIRE_HOURLY.spec,
        REQUIRE_RESOURCE_IDS.spec,
        REQUIRED_COST_TAGS.spec,
        REQUIRE_BUDGET_ALERT.spec,
    ],
    requirements: &[
        &HOURLY_COST_DATA_OFF,
        &USAGE_REPORT_MISSING,
        &COST_TAG_INACTIVE,
        &BUDGET_ALERT_MISSING,
    ],
    remarks: &[&COSTS_NOT_ASKED, &NOT_PAYER_ACCOUNT],
    limits: Limits::SMALL,
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const PAYER_ACCOUNT_ID: Param<String> = Param::text(
    "payerAccountId",
    "",
    Text::new(
        "The account that pays, the only one that is judged; empty: the control is off",
        "評価の対象とする支払いアカウント。空の場合はコントロール全体を評価しない",
    ),
);
const REQUIRE_HOURLY: Param<bool> = Param::flag(
    "requireHourly",
    true,
    Text::new(
        "Data by the hour is needed; otherwise data by the day is enough",
        "時間単位のデータを必須とする。false の場合は日単位でもよい",
    ),
);
const REQUIRE_RESOURCE_IDS: Param<bool> = Param::flag(
    "requireResourceIds",
    true,
    Text::new(
        "Reports and exports must hold resource ids",
        "レポートとエクスポートにリソース ID を必須とする",
    ),
);
const REQUIRED_COST_TAGS: Param<Vec<String>> = Param::list(
    "requiredCostTags",
    &[],
    Text::new(
        "Tags that must be active as cost allocation tags; empty: off",
        "コスト配分タグとして有効であるべきタグのキー。空の場合は評価しない",
    ),
);
const REQUIRE_BUDGET_ALERT: Param<bool> = Param::flag(
    "requireBudgetAlert",
    false,
    Text::new(
        "A cost budget with an alert that has a subscriber is needed",
        "通知先のあるアラートを設定したコスト予算を必須とする",
    ),
);

const HOURLY_COST_DATA_OFF: Requirement = Requirement::of_account(
    "HOURLY_COST_DATA_OFF",
    3,
    Text::new(
        "Cost Explorer has no data by the hour",
        "Cost Explorer に時間単位のデータがありません",
    ),
    Text::new(
        "With requireHourly: fails when Cost Explorer has no data by the hour for the last two \
         days, or answers that it is not available (GetCostAndUsage).",
        "requireHourly の場合: 直近 2 日間の時間単位のデータがないか、利用できないと Cost Explorer が応答したとき不適合です\
         (GetCostAndUsage)。",
    ),
);
const USAGE_REPORT_MISSING: Requirement = Requirement::of_account(
    "USAGE_REPORT_MISSING",
    3,
    Text::new(
        "No usage report or data export delivers what is needed",
        "必要な使用量レポートまたはデータエクスポートが配信されていません",
    ),
    Text::new(
        "Fails when no usage report and no data export of usage has the granularity of \
         requireHourly and the resource ids of requireResourceIds, and delivers without an error \
         (DescribeReportDefinitions, ListExports, GetExport).",
        "requireHourly の粒度と requireResourceIds のリソース ID を満たし、エラーなく配信されている使用量レポートまたはデータエクスポートが\
         ないとき不適合です(DescribeReportDefinitions、ListExports、GetExport)。",
    ),
);
const COST_TAG_INACTIVE: Requirement = Requirement::of_account(
    "COST_TAG_INACTIVE",
    3,
    Text::new(
        "Tags are not active as cost allocation tags",
        "コスト配分タグとして有効でないタグがあります",
    ),
    Text::new(
        "Fails when a tag of requiredCostTags is not an active cost allocation tag \
         (ListCostAllocationTags).",
        "requiredCostTags のタグが有効なコスト配分タグでないとき不適合です(ListCostAllocationTags)。",
    ),
);
const BUDGET_ALERT_MISSING: Requirement = Requirement::of_account(
    "BUDGET_ALERT_MISSING",
    3,
    Text::new("No cost budget alerts anybody", "通知先のあるコスト予算がありません"),
    Text::new(
        "With requireBudgetAlert: fails when no current cost budget has a notification with a \
         subscriber (DescribeBudgets, DescribeNotificationsForBudget, \
         DescribeSubscribersForNotification).",
        "requireBudgetAlert の場合: 有効期間内のコスト予算に、購読者のある通知がないとき不適合です(DescribeBudgets、\
         DescribeNotificationsForBudget、DescribeSubscribersForNotification)。",
    ),
);

const COSTS_NOT_ASKED: Remark = Remark::new(
    "COSTS_NOT_ASKED",
    "The control is opt-in and payerAccountId is empty",
    "任意のコントロールで、payerAccountId が設定されていません",
);
const NOT_PAYER_ACCOUNT: Remark = Remark::new(
    "NOT_PAYER_ACCOUNT",
    "Costs are judged in the account that payerAccountId names",
    "コストは payerAccountId のアカウントで評価されます",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(services::Services::new(sdk)))
}
