# ALARM_WITHOUT_ACTION, METRIC_ALARM_MISSING, NETWORK_TRAFFIC_ALARM_MISSING: one per metric
aws cloudwatch put-metric-alarm --alarm-name cpu-INSTANCE_ID --alarm-actions TOPIC_ARN \
  --namespace AWS/EC2 --metric-name CPUUtilization --statistic Average \
  --dimensions Name=InstanceId,Value=INSTANCE_ID --period 300 --evaluation-periods 3 \
  --threshold 80 --comparison-operator GreaterThanThreshold
aws cloudwatch enable-alarm-actions --alarm-names ALARM
# ALARM_REACHES_NOBODY: somebody must confirm the mail
aws sns subscribe --topic-arn TOPIC_ARN --protocol email --notification-endpoint MAIL_ADDRESS
# ALARM_INSUFFICIENT_DATA: nothing sends the metric any more
aws cloudwatch delete-alarms --alarm-names ALARM

# AGENT_NOT_REPORTING, SCALED_OUT_INSTANCE_UNMONITORED, PROCESS_UNMONITORED
aws ssm put-parameter --name AmazonCloudWatch-linux --type String --overwrite --value '{
  "metrics": {
    "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
    "metrics_collected": {
      "mem": {"measurement": ["mem_used_percent"]},
      "disk": {"measurement": ["used_percent"], "resources": ["/"]},
      "procstat": [{"exe": "PROCESS", "measurement": ["pid_count"]}]
    }
  }
}'
aws ssm create-association --name AmazonCloudWatch-ManageAgent --targets Key=tag:KEY,Values=VALUE \
  --schedule-expression "rate(1 day)" --parameters \
  action=configure,mode=ec2,optionalConfigurationSource=ssm,optionalConfigurationLocation=AmazonCloudWatch-linux,optionalRestart=yes

# CANARY_NOT_RUNNING, CANARY_WITHOUT_ALARM
aws synthetics start-canary --name canary
aws cloudwatch put-metric-alarm --alarm-name canary --alarm-actions TOPIC_ARN \
  --namespace CloudWatchSynthetics --metric-name SuccessPercent --statistic Average \
  --dimensions Name=CanaryName,Value=canary --period 300 --evaluation-periods 2 \
  --threshold 90 --comparison-operator LessThanThreshold --treat-missing-data breaching

# LOG_FILTER_ALARM_MISSING
aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name errors --filter-pattern ERROR \
  --metric-transformations metricName=Errors,metricNamespace=Application,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name log-errors --alarm-actions TOPIC_ARN \
  --namespace Application --metric-name Errors --statistic Sum --period 300 \
  --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold \
  --treat-missing-data notBreaching

# DETAILED_MONITORING_OFF, CONTAINER_INSIGHTS_OFF, EKS_OBSERVABILITY_ADDON_MISSING
aws ec2 monitor-instances --instance-ids INSTANCE_ID
aws ecs update-cluster-settings --cluster CLUSTER --settings name=containerInsights,value=enhanced
aws eks create-addon --cluster-name CLUSTER --addon-name amazon-cloudwatch-observability
# RDS_ENHANCED_MONITORING_OFF, RDS_INSIGHTS_OFF
aws rds modify-db-instance --db-instance-identifier DB --monitoring-interval 60 \
  --monitoring-role-arn ROLE_ARN --enable-performance-insights --apply-immediately
# DASHBOARD_MISSING
aws cloudwatch put-dashboard --dashboard-name overview --dashboard-body file://dashboard.json
