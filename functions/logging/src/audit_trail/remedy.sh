# NO_MULTI_REGION_TRAIL, ORGANIZATION_TRAIL_MISSING: in the management account; leave
# --is-organization-trail out in an account without an organization
aws cloudtrail create-trail --name TRAIL --s3-bucket-name BUCKET --kms-key-id KEY_ARN \
  --is-multi-region-trail --is-organization-trail --enable-log-file-validation \
  --cloud-watch-logs-log-group-arn arn:aws:logs:REGION:ACCOUNT_ID:log-group:LOG_GROUP:* \
  --cloud-watch-logs-role-arn ROLE_ARN
# TRAIL_NOT_LOGGING
aws cloudtrail start-logging --name TRAIL

# TRAIL_NOT_KMS_ENCRYPTED, TRAIL_KEY_UNUSABLE, CLOUDWATCH_LOGS_NOT_INTEGRATED
aws cloudtrail update-trail --name TRAIL --kms-key-id KEY_ARN --is-multi-region-trail \
  --cloud-watch-logs-log-group-arn arn:aws:logs:REGION:ACCOUNT_ID:log-group:LOG_GROUP:* \
  --cloud-watch-logs-role-arn ROLE_ARN

# MANAGEMENT_EVENTS_INCOMPLETE, KMS_EVENTS_EXCLUDED, DATA_EVENTS_MISSING
aws cloudtrail put-event-selectors --trail-name TRAIL --advanced-event-selectors '[
  {"Name": "management",
   "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
  {"Name": "objects",
   "FieldSelectors": [
     {"Field": "eventCategory", "Equals": ["Data"]},
     {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}
   ]}
]'

# DELIVERY_UNHEALTHY, CLOUDWATCH_DELIVERY_UNHEALTHY: the error tells whose policy to mend
aws cloudtrail get-trail-status --name TRAIL \
  --query '[LatestDeliveryError, LatestCloudWatchLogsDeliveryError]'

# INSIGHTS_DISABLED
aws cloudtrail put-insight-selectors --trail-name TRAIL --insight-selectors \
  InsightType=ApiCallRateInsight InsightType=ApiErrorRateInsight

# LOG_QUERY_MISSING, LONG_TERM_RETENTION_MISSING: queries over the log group, or CloudTrail Lake
aws logs put-retention-policy --log-group-name LOG_GROUP --retention-in-days 400
