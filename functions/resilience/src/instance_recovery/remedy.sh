# AUTO_RECOVERY_DISABLED
aws ec2 modify-instance-maintenance-options --instance-id INSTANCE_ID --auto-recovery default

# NO_SELF_HEALING: types without automatic recovery are rebooted
aws cloudwatch put-metric-alarm --alarm-name reboot-INSTANCE_ID \
  --namespace AWS/EC2 --metric-name StatusCheckFailed_Instance --statistic Maximum \
  --dimensions Name=InstanceId,Value=INSTANCE_ID --period 60 --evaluation-periods 3 \
  --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold \
  --alarm-actions arn:aws:automate:REGION:ec2:reboot TOPIC_ARN

# STATUS_CHECK_ALARM_MISSING
aws cloudwatch put-metric-alarm --alarm-name status-INSTANCE_ID \
  --namespace AWS/EC2 --metric-name StatusCheckFailed --statistic Maximum \
  --dimensions Name=InstanceId,Value=INSTANCE_ID --period 60 --evaluation-periods 2 \
  --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC_ARN

# NOT_IN_AUTO_SCALING_GROUP: or tag what stands alone on purpose
aws autoscaling attach-instances --auto-scaling-group-name AUTO_SCALING_GROUP \
  --instance-ids INSTANCE_ID
aws ec2 create-tags --resources INSTANCE_ID --tags Key=fisc:standalone,Value=REASON
