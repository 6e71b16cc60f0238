# QUOTA_NEARLY_USED, DR_QUOTA_LOWER
aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A \
  --desired-value 512
aws service-quotas request-service-quota-increase --region DR_REGION --service-code ec2 \
  --quota-code L-1216C47A --desired-value 512

# QUOTA_ALARM_MISSING
aws cloudwatch put-metric-alarm --alarm-name quota-ec2-vcpu --alarm-actions TOPIC_ARN \
  --threshold 80 --comparison-operator GreaterThanThreshold --evaluation-periods 1 --metrics '[
    {"Id": "used", "ReturnData": false, "MetricStat": {
      "Metric": {
        "Namespace": "AWS/Usage", "MetricName": "ResourceCount",
        "Dimensions": [
          {"Name": "Type", "Value": "Resource"}, {"Name": "Resource", "Value": "vCPU"},
          {"Name": "Service", "Value": "EC2"}, {"Name": "Class", "Value": "Standard/OnDemand"}
        ]
      },
      "Period": 300, "Stat": "Maximum"
    }},
    {"Id": "percent", "Expression": "used / SERVICE_QUOTA(used) * 100", "ReturnData": true}
  ]'

# ADVISOR_LIMIT_FLAGGED, ADVISOR_RED_CHECK
aws support describe-trusted-advisor-checks --region us-east-1 --language en
aws support describe-trusted-advisor-check-result --region us-east-1 --check-id CHECK_ID

# USAGE_PLAN_UNTHROTTLED, STAGE_UNTHROTTLED
aws apigateway update-usage-plan --usage-plan-id USAGE_PLAN_ID --patch-operations \
  op=replace,path=/throttle/rateLimit,value=100 op=replace,path=/throttle/burstLimit,value=200
aws apigateway update-stage --rest-api-id API_ID --stage-name STAGE --patch-operations \
  'op=replace,path=/*/*/throttling/rateLimit,value=100' \
  'op=replace,path=/*/*/throttling/burstLimit,value=200'
aws apigatewayv2 update-stage --api-id API_ID --stage-name STAGE \
  --default-route-settings ThrottlingRateLimit=100,ThrottlingBurstLimit=200

# STORAGE_AUTOSCALING_OFF, FREE_STORAGE_LOW
aws rds modify-db-instance --db-instance-identifier DB --max-allocated-storage 500 \
  --apply-immediately
aws rds modify-db-instance --db-instance-identifier DB --allocated-storage 200 --apply-immediately
