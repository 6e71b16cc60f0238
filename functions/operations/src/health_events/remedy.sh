# HEALTH_NOTIFICATION_MISSING, HEALTH_EVENTS_NOT_KEPT: in every Region in use, and in us-east-1; the
# topic and the log group must let EventBridge write
aws events put-rule --region REGION --name health --event-pattern '{"source": ["aws.health"]}'
aws events put-targets --region REGION --rule health --targets Id=people,Arn=TOPIC_ARN \
  Id=record,Arn=arn:aws:logs:REGION:ACCOUNT_ID:log-group:/aws/events/health
aws events create-archive --region REGION --archive-name health --event-pattern \
  '{"source": ["aws.health"]}' --event-source-arn arn:aws:events:REGION:ACCOUNT_ID:event-bus/default

# HEALTH_EVENT_UNHANDLED: what is planned, and whom it touches
aws health describe-events --region us-east-1 \
  --filter eventTypeCategories=scheduledChange,eventStatusCodes=open,upcoming
aws health describe-affected-entities --region us-east-1 --filter eventArns=EVENT_ARN

# EC2_MAINTENANCE_OPEN: a time of your own, or at once by stopping and starting
aws ec2 modify-instance-event-start-time --instance-id INSTANCE_ID \
  --instance-event-id INSTANCE_EVENT_ID --not-before 2026-12-05T17:00:00Z
# RDS_MAINTENANCE_OVERDUE
aws rds apply-pending-maintenance-action --resource-identifier DB_ARN \
  --apply-action system-update --opt-in-type next-maintenance

# ORGANIZATION_VIEW_OFF: in the management account
aws health enable-health-service-access-for-organization --region us-east-1
