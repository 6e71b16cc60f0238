# HOURLY_COST_DATA_OFF: only in the console, under Cost Management preferences.
# USAGE_REPORT_MISSING: the bucket's policy must let bcm-data-exports.amazonaws.com write
aws bcm-data-exports create-export --region us-east-1 --export '{
  "Name": "usage",
  "DataQuery": {
    "QueryStatement": "SELECT line_item_usage_account_id, line_item_usage_start_date, line_item_product_code, line_item_resource_id, line_item_usage_amount, line_item_unblended_cost FROM COST_AND_USAGE_REPORT",
    "TableConfigurations": {
      "COST_AND_USAGE_REPORT": {"TIME_GRANULARITY": "HOURLY", "INCLUDE_RESOURCES": "TRUE"}
    }
  },
  "DestinationConfigurations": {
    "S3Destination": {
      "S3Bucket": "BUCKET", "S3Prefix": "usage", "S3Region": "ap-northeast-1",
      "S3OutputConfigurations": {
        "OutputType": "CUSTOM", "Format": "PARQUET", "Compression": "PARQUET",
        "Overwrite": "OVERWRITE_REPORT"
      }
    }
  },
  "RefreshCadence": {"Frequency": "SYNCHRONOUS"}
}'

# COST_TAG_INACTIVE
aws ce update-cost-allocation-tags-status \
  --cost-allocation-tags-status TagKey=TAG_KEY,Status=Active

# BUDGET_ALERT_MISSING
aws budgets create-budget --account-id ACCOUNT_ID --budget '{
  "BudgetName": "monthly",
  "BudgetType": "COST",
  "TimeUnit": "MONTHLY",
  "BudgetLimit": {"Amount": "1000", "Unit": "USD"}
}' --notifications-with-subscribers '[{
  "Notification": {
    "NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN",
    "Threshold": 100, "ThresholdType": "PERCENTAGE"
  },
  "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "costs@example.com"}]
}]'
