# PUBLIC_ZONE_QUERY_LOG_OFF: the log group must be in us-east-1
aws logs create-log-group --region us-east-1 --log-group-name /aws/route53/ZONE
aws logs put-resource-policy --region us-east-1 --policy-name route53-query-logs \
  --policy-document '{
    "Version": "2012-10-17",
    "Statement": [{
      "Effect": "Allow",
      "Principal": {"Service": "route53.amazonaws.com"},
      "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
      "Resource": "arn:aws:logs:us-east-1:ACCOUNT_ID:log-group:/aws/route53/*",
      "Condition": {"StringEquals": {"aws:SourceAccount": "ACCOUNT_ID"}}
    }]
  }'
aws route53 create-query-logging-config --hosted-zone-id HOSTED_ZONE_ID \
  --cloud-watch-logs-log-group-arn arn:aws:logs:us-east-1:ACCOUNT_ID:log-group:/aws/route53/ZONE

# RESOLVER_QUERY_LOG_MISSING, DESTINATION_NOT_ALLOWED
aws route53resolver create-resolver-query-log-config --name queries \
  --destination-arn DESTINATION_ARN --creator-request-id queries-1
aws route53resolver associate-resolver-query-log-config \
  --resolver-query-log-config-id QUERY_LOG_CONFIG_ID --resource-id VPC_ID

# RESOLVER_QUERY_LOG_UNHEALTHY: shows the error; mend the policy of the destination
aws route53resolver list-resolver-query-log-config-associations \
  --filters Name=ResourceId,Values=VPC_ID
