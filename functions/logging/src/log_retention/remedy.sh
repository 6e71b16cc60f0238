# RETENTION_TOO_SHORT, RETENTION_UNDEFINED, RETENTION_TOO_LONG
aws logs put-retention-policy --log-group-name LOG_GROUP --retention-in-days 400

# NOT_ARCHIVED_TO_S3: one group ...
aws logs put-subscription-filter --log-group-name LOG_GROUP --filter-name archive \
  --filter-pattern '' --destination-arn STREAM_ARN --role-arn ROLE_ARN
# ... or all groups of the Region
aws logs put-account-policy --policy-name archive --policy-type SUBSCRIPTION_FILTER_POLICY \
  --scope ALL --policy-document \
  '{"DestinationArn": "STREAM_ARN", "RoleArn": "ROLE_ARN", "FilterPattern": "", "Distribution": "Random"}'
