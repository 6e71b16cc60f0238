# FLOW_LOG_MISSING, TRAFFIC_TYPE_INSUFFICIENT, DESTINATION_TYPE_NOT_ALLOWED: to the log archive ...
aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC_ID --traffic-type ALL \
  --log-destination-type s3 --log-destination arn:aws:s3:::LOG_BUCKET/flow-logs/
# ... or to a log group
aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC_ID --traffic-type ALL \
  --log-destination-type cloud-watch-logs --log-group-name LOG_GROUP \
  --deliver-logs-permission-arn ROLE_ARN

# DESTINATION_MISSING
aws logs create-log-group --log-group-name LOG_GROUP

# ALL_DELIVERIES_FAILING, DELIVERY_FAILED: shows the error; mend the role or the bucket's policy,
# and make a new flow log, since an old one cannot be changed
aws ec2 describe-flow-logs --filter Name=deliver-log-status,Values=FAILED \
  --query 'FlowLogs[].[FlowLogId, DeliverLogsErrorMessage]'
aws ec2 delete-flow-logs --flow-log-ids FLOW_LOG_ID
