//! `cost-visibility`.

use std::collections::BTreeSet;

use fisc_governance::cost_visibility::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault};
use serde_json::{Value, json};

use super::support::{assert_all_needed, aws_for};
use super::{account, called, sweep};

fn well(aws: &FakeAws) {
    let explorer = aws.stub("ce").in_region("us-east-1");
    explorer.returns(
        "GetCostAndUsage",
        json!({"ResultsByTime": [{
            "TimePeriod": {"Start": "2026-11-21T00:00:00Z", "End": "2026-11-21T01:00:00Z"},
            "Total": {"UnblendedCost": {"Amount": "1.5", "Unit": "USD"}},
            "Groups": [], "Estimated": true,
        }]}),
    );
    explorer.when(
        "ListCostAllocationTags",
        json!({"Status": "Active"}),
        json!({"CostAllocationTags": [
            {"TagKey": "system", "Type": "UserDefined", "Status": "Active"},
            {"TagKey": "cost-center", "Type": "UserDefined", "Status": "Active"},
        ]}),
    );
    report(aws, "HOURLY");
    let exports = aws.stub("bcm-data-exports");
    exports.returns(
        "ListExports",
        json!({"Exports": [{"ExportArn": export(), "ExportName": "usage",
                             "ExportStatus": {"StatusCode": "HEALTHY"}}]}),
    );
    exports.returns(
        "GetExport",
        json!({
            "Export": {
                "ExportArn": export(), "Name": "usage",
                "DataQuery": {
                    "QueryStatement": "SELECT line_item_resource_id FROM COST_AND_USAGE_REPORT",
                    "TableConfigurations": {"COST_AND_USAGE_REPORT":
                        {"TIME_GRANULARITY": "HOURLY", "INCLUDE_RESOURCES": "TRUE"}},
                },
                "DestinationConfigurations": {"S3Destination": {
                    "S3Bucket": "usage", "S3Prefix": "cur", "S3Region": "us-east-1",
                    "S3OutputConfigurations": {"OutputType": "CUSTOM", "Format": "PARQUET",
                        "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT"},
                }},
                "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
            },
            "ExportStatus": {"StatusCode": "HEALTHY"},
        }),
    );
    let budgets = aws.stub("budgets");
    budgets.returns(
        "DescribeBudgets",
        json!({"Budgets": [
            {"BudgetName": "hours", "BudgetType": "USAGE", "TimeUnit": "MONTHLY"},
            {"BudgetName": "all", "BudgetType": "COST", "TimeUnit": "MONTHLY"},
        ]}),
    );
    budgets.when(
        "DescribeNotificationsForBudget",
        json!({"BudgetName": "all"}),
        json!({"Notifications": [{"NotificationType": "ACTUAL", "Threshold": 80.0,
                                   "ComparisonOperator": "GREATER_THAN"}]}),
    );
    budgets.returns(
        "DescribeSubscribersForNotification",
        json!({"Subscribers": [{"SubscriptionType": "EMAIL", "Address": "finops@bank.example"}]}),
    );
}

fn export() -> String {
    format!("arn:aws:bcm-data-exports:us-east-1:{ACCOUNT}:export/usage-1")
}

fn report(aws: &FakeAws, unit: &str) {
    aws.stub("cur").returns(
        "DescribeReportDefinitions",
        json!({"ReportDefinitions": [{
            "ReportName": "usage", "TimeUnit": unit, "Format": "Parquet", "Compression": "Parquet",
            "AdditionalSchemaElements": ["RESOURCES"], "S3Bucket": "usage", "S3Prefix": "cur",
            "S3Region": "us-east-1", "ReportStatus": {"lastStatus": "SUCCESS"},
        }]}),
    );
}

fn all_asked() -> Value {
    json!({
        "payerAccountId": ACCOUNT, "requiredCostTags": ["system"], "requireBudgetAlert": true,
    })
}

#[test]
fn data_that_is_kept_passes() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let passed = ("COMPLIANT".to_owned(), String::new());
    assert_eq!(account(&CONTROL, &aws, &all_asked()), passed);
    assert_eq!(aws.count("GetCostAndUsage"), 1, "each call is billed");
    let mut all: BTreeSet<String> = called(&aws);
    // A report that is not enough, but an export that is.
    report(&aws, "DAILY");
    assert_eq!(account(&CONTROL, &aws, &all_asked()), passed);
    all.extend(called(&aws));
    assert_all_needed(&CONTROL, &all);
}

#[test]
fn nothing_is_asked_outside_of_the_payer_account() {
    let aws = aws_for(&CONTROL);
    for (parameters, code) in [
        (json!({}), "COSTS_NOT_ASKED"),
        (json!({"payerAccountId": "999988887777"}), "NOT_PAYER_ACCOUNT"),
    ] {
        let (compliance, annotation) = account(&CONTROL, &aws, &parameters);
        assert_eq!(compliance, "NOT_APPLICABLE");
        assert!(annotation.starts_with(code), "{annotation}");
    }
    assert_eq!(aws.count("GetCostAndUsage"), 0);
}

#[test]
fn what_is_missing_is_told() {
    let aws = aws_for(&CONTROL);
    well(&aws);
    let failing = |parameters: &Value, code: &str| {
        let (compliance, annotation) = account(&CONTROL, &aws, parameters);
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with(code), "{annotation}");
    };
    let tags = json!({"payerAccountId": ACCOUNT, "requiredCostTags": ["system", "team"]});
    failing(&tags, "COST_TAG_INACTIVE: Tags are not active as cost allocation tags: team");
    aws.stub("budgets").empty("DescribeSubscribersForNotification");
    failing(&all_asked(), "BUDGET_ALERT_MISSING");
    aws.stub("budgets").fails("DescribeBudgets", "NotFoundException", 400);
    failing(&all_asked(), "BUDGET_ALERT_MISSING");
    let payer = json!({"payerAccountId": ACCOUNT});
    report(&aws, "MONTHLY");
    aws.stub("bcm-data-exports").empty("ListExports");
    failing(&payer, "USAGE_REPORT_MISSING");
    report(&aws, "HOURLY");
    let explorer = aws.stub("ce").in_region("us-east-1");
    explorer.fails("GetCostAndUsage", "DataUnavailableException", 400);
    failing(&payer, "HOURLY_COST_DATA_OFF");
    explorer.returns("GetCostAndUsage", json!({"ResultsByTime": []}));
    failing(&payer, "HOURLY_COST_DATA_OFF");
    // Data by the day is enough where the institution says so.
    report(&aws, "DAILY");
    let daily = json!({"payerAccountId": ACCOUNT, "requireHourly": false});
    assert_eq!(account(&CONTROL, &aws, &daily).0, "COMPLIANT");
}

#[test]
fn a_denied_call_is_no_verdict() {
    for (service, operation) in [
        ("ce", "GetCostAndUsage"),
        ("cur", "DescribeReportDefinitions"),
        ("ce", "ListCostAllocationTags"),
        ("budgets", "DescribeBudgets"),
        ("budgets", "DescribeSubscribersForNotification"),
    ] {
        let aws = aws_for(&CONTROL);
        well(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(&CONTROL, &aws, &all_asked()).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
